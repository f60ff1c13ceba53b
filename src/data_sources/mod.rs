//! Data sources: one file each.
mod about;
mod entity_permissions;
mod privileges;
mod role;
mod user_privileges;

pub use about::About;
pub use entity_permissions::EntityPermissions;
pub use privileges::Privileges;
pub use role::Role;
pub use user_privileges::UserPrivileges;
