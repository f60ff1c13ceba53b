//! ESXi hosts and their devices.
#![allow(clippy::module_inception, reason = "the family and the type have one name")]
pub mod host;
pub mod host_pci_device;
pub mod host_thumbprint;
pub mod host_vgpu_profile;

types! {
    resource host::Host,
    data_source host::data_source::Host,
    data_source host_pci_device::HostPciDevice,
    data_source host_thumbprint::HostThumbprint,
    data_source host_vgpu_profile::HostVgpuProfile,
}
