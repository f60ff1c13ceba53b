//! Supervisors: classes of virtual machines, and zones.
pub mod virtual_machine_class;
pub mod zone;

types! {
    resource virtual_machine_class::VirtualMachineClass,
    resource zone::Zone,
    data_source zone::data_source::Zone,
}
