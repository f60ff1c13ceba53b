//! Data sources: one file each.
mod about;
mod custom_attribute;
mod entity_permissions;
mod privileges;
mod role;
mod tag;
mod tag_category;
mod user_privileges;

pub use about::About;
pub use custom_attribute::CustomAttribute;
pub use entity_permissions::EntityPermissions;
pub use privileges::Privileges;
pub use role::Role;
pub use tag::Tag;
pub use tag_category::TagCategory;
pub use user_privileges::UserPrivileges;
