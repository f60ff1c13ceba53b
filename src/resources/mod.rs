//! Managed resources: one file each.
mod datacenter;
mod entity_permission;
mod entity_permissions;
mod folder;
mod resource_pool;
mod role;

pub use datacenter::Datacenter;
pub use entity_permission::EntityPermission;
pub use entity_permissions::EntityPermissions;
pub use folder::Folder;
pub use resource_pool::ResourcePool;
pub use role::Role;
