//! Supervisors: namespaces, classes of virtual machines, and zones.
#![allow(clippy::module_inception, reason = "the family and the type have one name")]
mod common;
pub mod namespace;
pub mod supervisor;
pub mod supervisor_v2;
pub mod virtual_machine_class;
pub mod zone;

types! {
    resource namespace::Namespace,
    resource supervisor::Supervisor,
    resource supervisor_v2::SupervisorV2,
    resource virtual_machine_class::VirtualMachineClass,
    resource zone::Zone,
    data_source namespace::data_source::Namespace,
    data_source virtual_machine_class::data_source::VirtualMachineClass,
    data_source virtual_machine_class::data_source::VirtualMachineClasses,
    data_source zone::data_source::Zone,
}
