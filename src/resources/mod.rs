//! Managed resources: one file each.
mod custom_attribute;
mod datacenter;
mod entity_permission;
mod entity_permissions;
mod folder;
mod guest_os_customization;
mod resource_pool;
mod role;
mod tag;
mod tag_attachment;
pub(crate) mod tag_category;
mod virtual_disk;
mod virtual_disk_attachment;
#[allow(dead_code, unused_imports, reason = "in the making")]
mod virtual_machine;
mod virtual_machine_snapshot;

pub use custom_attribute::CustomAttribute;
pub use datacenter::Datacenter;
pub use entity_permission::EntityPermission;
pub use entity_permissions::EntityPermissions;
pub use folder::Folder;
pub use guest_os_customization::GuestOsCustomization;
pub use resource_pool::ResourcePool;
pub use role::Role;
pub use tag::Tag;
pub use tag_attachment::TagAttachment;
pub use tag_category::TagCategory;
pub use virtual_disk::VirtualDisk;
pub use virtual_disk_attachment::VirtualDiskAttachment;
pub use virtual_machine::VirtualMachineModel;
pub use virtual_machine_snapshot::VirtualMachineSnapshot;
