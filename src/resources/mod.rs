//! Managed resources: one file each.
mod custom_attribute;
mod entity_permission;
mod entity_permissions;
mod role;
mod tag;
mod tag_attachment;
pub(crate) mod tag_category;

pub use custom_attribute::CustomAttribute;
pub use entity_permission::EntityPermission;
pub use entity_permissions::EntityPermissions;
pub use role::Role;
pub use tag::Tag;
pub use tag_attachment::TagAttachment;
pub use tag_category::TagCategory;
