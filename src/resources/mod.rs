//! Managed resources: one file each.
mod entity_permission;
mod entity_permissions;
mod role;

pub use entity_permission::EntityPermission;
pub use entity_permissions::EntityPermissions;
pub use role::Role;
