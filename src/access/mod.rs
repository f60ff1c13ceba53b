//! Who may do what: roles, permissions, privileges.
pub mod entity_permission;
pub mod entity_permissions;
pub mod grants;
pub mod permissions;
pub mod privileges;
pub mod role;
pub mod user_privileges;

types! {
    resource role::Role,
    resource entity_permission::EntityPermission,
    resource entity_permissions::EntityPermissions,
    data_source role::data_source::Role,
    data_source entity_permissions::data_source::EntityPermissions,
    data_source privileges::Privileges,
    data_source user_privileges::UserPrivileges,
}
