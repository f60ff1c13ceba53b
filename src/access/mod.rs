//! Who may do what: roles, permissions, privileges.
pub mod entity_permission;
pub mod entity_permissions;
pub mod global_permission;
pub mod grants;
pub mod key_provider;
pub mod permissions;
pub mod privileges;
pub mod role;
pub mod sso;
pub mod sso_group;
pub mod sso_group_member;
pub mod sso_user;
pub mod user_privileges;

types! {
    resource role::Role,
    resource entity_permission::EntityPermission,
    resource entity_permissions::EntityPermissions,
    resource global_permission::GlobalPermission,
    resource key_provider::KeyProvider,
    resource sso_group::SsoGroup,
    resource sso_group_member::SsoGroupMember,
    resource sso_user::SsoUser,
    data_source key_provider::data_source::KeyProvider,
    data_source role::data_source::Role,
    data_source entity_permissions::data_source::EntityPermissions,
    data_source privileges::Privileges,
    data_source sso_group::data_source::SsoGroup,
    data_source sso_user::data_source::SsoUser,
    data_source user_privileges::UserPrivileges,
}
