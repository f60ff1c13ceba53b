//! ESXi hosts, their devices, and the depots of their software.
#![allow(clippy::module_inception, reason = "the family and the type have one name")]
pub mod host;
pub mod host_base_images;
pub mod host_configuration;
pub mod host_pci_device;
pub mod host_thumbprint;
pub mod host_vgpu_profile;
pub mod offline_software_depot;

types! {
    resource host::Host,
    resource host_configuration::HostConfiguration,
    resource offline_software_depot::OfflineSoftwareDepot,
    data_source host::data_source::Host,
    data_source host_base_images::HostBaseImages,
    data_source host_pci_device::HostPciDevice,
    data_source host_thumbprint::HostThumbprint,
    data_source host_vgpu_profile::HostVgpuProfile,
}
