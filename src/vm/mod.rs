//! Virtual machines, their snapshots, disks and customization.
pub mod customization;
pub mod guest_os_customization;
pub mod guest_os_descriptors;
pub mod ovf_vm_template;
pub mod virtual_disk_attachment;
pub mod virtual_machine;
pub mod virtual_machine_group;
pub mod virtual_machine_placement;
pub mod virtual_machine_snapshot;
pub mod virtual_machine_template;

types! {
    resource guest_os_customization::GuestOsCustomization,
    resource virtual_disk_attachment::VirtualDiskAttachment,
    resource virtual_machine::VirtualMachine,
    resource virtual_machine_group::VirtualMachineGroup,
    resource virtual_machine_snapshot::VirtualMachineSnapshot,
    resource virtual_machine_template::VirtualMachineTemplate,
    data_source guest_os_customization::data_source::GuestOsCustomization,
    data_source guest_os_descriptors::GuestOsDescriptors,
    data_source ovf_vm_template::OvfVmTemplate,
    data_source virtual_machine::data_source::VirtualMachine,
    data_source virtual_machine_placement::VirtualMachinePlacement,
    data_source virtual_machine_template::data_source::VirtualMachineTemplate,
    data_source virtual_machine_template::list::VirtualMachineTemplates,
}
