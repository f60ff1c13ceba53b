//! `data.vsphere_ovf_vm_template`
use super::virtual_machine::ovf::{Asked, unverified_by_environment};
use super::virtual_machine::parts::OvfDeployModel;
use crate::common::moid::{self, MoId};
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Diagnostics, Model, Result, Value};
use vsphere_client::MoRef;
use vsphere_client::device::{Bus, Controller, ControllerType};
use vsphere_client::vim::types::VirtualMachineConfigSpec;

/// Returns the hardware configuration of the virtual machine that vCenter would create from an OVF package. Nothing is
/// created.
///
/// The attributes have the same names as the arguments of `vsphere_virtual_machine`, and can be used to deploy the same
/// package with an `ovf_deploy` block.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_ovf_vm_template", category = "Virtual Machine")]
pub struct OvfVmTemplateModel {
    /// The value of `name`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the virtual machine.
    #[tf(required)]
    pub name: Value<String>,
    /// The managed object ID of the resource pool or vApp for the virtual machine, such as `resgroup-8`.
    #[tf(required, form = MoId::<moid::ResourcePool>::any_form)]
    pub resource_pool_id: Value<String>,
    /// The managed object ID of the host for the virtual machine, such as `host-12`. The host must support the networks
    /// and hardware of the package. To let vCenter select a host, set it to an
    /// empty string.
    #[tf(required, form = MoId::<moid::Host>::any_form)]
    pub host_system_id: Value<String>,
    /// The managed object ID of the datastore for the virtual machine, such as `datastore-14`. Required, although the
    /// schema marks it as optional for compatibility with the official provider.
    #[tf(optional, form = MoId::<moid::Datastore>::any_form)]
    pub datastore_id: Value<String>,
    /// The folder for the virtual machine. Does not affect the returned attributes.
    #[tf(optional)]
    pub folder: Value<String>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub package: OvfDeployModel,
    /// The total number of virtual CPUs.
    #[tf(computed)]
    pub num_cpus: Value<i64>,
    /// The number of cores per socket, or 0 if the package does not set it.
    #[tf(computed)]
    pub num_cores_per_socket: Value<i64>,
    /// Whether virtual CPUs can be added while the virtual machine is powered on.
    #[tf(computed)]
    pub cpu_hot_add_enabled: Value<bool>,
    /// Whether virtual CPUs can be removed while the virtual machine is powered on.
    #[tf(computed)]
    pub cpu_hot_remove_enabled: Value<bool>,
    /// Whether hardware-assisted virtualization is exposed to the guest.
    #[tf(computed)]
    pub nested_hv_enabled: Value<bool>,
    /// Whether virtualized CPU performance counters are enabled in the guest. Null if the package does not set it.
    #[tf(computed)]
    pub cpu_performance_counters_enabled: Value<bool>,
    /// The memory size, in MiB.
    #[tf(computed)]
    pub memory: Value<i64>,
    /// Whether memory can be added while the virtual machine is powered on.
    #[tf(computed)]
    pub memory_hot_add_enabled: Value<bool>,
    /// The swap file location: `inherit`, `hostLocal` or `vmDirectory`. Empty if the package does not set it.
    #[tf(computed)]
    pub swap_placement_policy: Value<String>,
    /// The notes of the virtual machine.
    #[tf(computed)]
    pub annotation: Value<String>,
    /// The ID of the guest operating system, such as `ubuntu64Guest`.
    #[tf(computed)]
    pub guest_id: Value<String>,
    /// The name of the guest operating system, if `guest_id` is `otherGuest` or `otherGuest64`.
    #[tf(computed)]
    pub alternate_guest_name: Value<String>,
    /// The firmware: `bios` or `efi`. Empty if the package does not set it.
    #[tf(computed)]
    pub firmware: Value<String>,
    /// The type of the SCSI controllers: `lsilogic`, `lsilogic-sas`, `pvscsi` or `buslogic`. Empty if the package has
    /// no SCSI controllers. If the SCSI controllers have different types, the type of the first controller is returned.
    #[tf(computed)]
    pub scsi_type: Value<String>,
    /// The number of SCSI controllers.
    #[tf(computed)]
    pub scsi_controller_count: Value<i64>,
    /// The number of SATA controllers.
    #[tf(computed)]
    pub sata_controller_count: Value<i64>,
    /// The number of IDE controllers.
    #[tf(computed)]
    pub ide_controller_count: Value<i64>,
}

type M = OvfVmTemplateModel;

/// The data source.
#[derive(Debug, Default)]
pub struct OvfVmTemplate;

impl M {
    fn asked(&self) -> Asked<'_> {
        let (pool, host) = (self.resource_pool_id.as_str(), self.host_system_id.as_str());
        Asked::at_root(&self.package, self.name.as_str(), pool, host)
    }

    /// With the hardware of the virtual machine. Pure.
    fn observed(self, machine: VirtualMachineConfigSpec) -> Self {
        let controllers = controllers(&machine);
        let count = |bus: Bus| {
            let of_bus = controllers.iter().filter(|ty| ty.bus() == bus).count();
            Value::from(i64::try_from(of_bus).unwrap_or_default())
        };
        let flag = |v: Option<bool>| Value::from(v.unwrap_or_default());
        let text = |v: Option<String>| Value::from(v.unwrap_or_default());
        let number = |v: Option<i32>| Value::from(i64::from(v.unwrap_or_default()));
        Self {
            id: self.name.clone(),
            scsi_type: scsi_types(&controllers).first().copied().unwrap_or_default().into(),
            scsi_controller_count: count(Bus::Scsi),
            sata_controller_count: count(Bus::Sata),
            ide_controller_count: count(Bus::Ide),
            num_cpus: number(machine.num_cpus),
            num_cores_per_socket: number(machine.num_cores_per_socket),
            cpu_hot_add_enabled: flag(machine.cpu_hot_add_enabled),
            cpu_hot_remove_enabled: flag(machine.cpu_hot_remove_enabled),
            nested_hv_enabled: flag(machine.nested_hv_enabled),
            cpu_performance_counters_enabled: machine.v_pmc_enabled.into(),
            memory: machine.memory_mb.unwrap_or_default().into(),
            memory_hot_add_enabled: flag(machine.memory_hot_add_enabled),
            swap_placement_policy: text(machine.swap_placement),
            annotation: text(machine.annotation),
            guest_id: text(machine.guest_id),
            alternate_guest_name: text(machine.alternate_guest_name),
            firmware: text(machine.firmware),
            ..self
        }
    }
}

/// The types of the controllers that the virtual machine gets.
fn controllers(machine: &VirtualMachineConfigSpec) -> Vec<ControllerType> {
    machine.device_change.iter().filter_map(|c| Controller::of(&c.device)).map(|c| c.ty).collect()
}

/// The different types of SCSI controllers, in order.
fn scsi_types(controllers: &[ControllerType]) -> Vec<&'static str> {
    let mut out = vec![];
    for ty in controllers.iter().filter(|ty| ty.bus() == Bus::Scsi) {
        if !out.contains(&ty.name()) {
            out.push(ty.name());
        }
    }
    out
}

impl DataSource for OvfVmTemplate {
    type Model = M;
    type Client = Vsphere;

    fn validate(&self, config: &M) -> Diagnostics {
        let asked = config.asked();
        let mut out = asked.validate_source().with(asked.validate_networks());
        if !config.datastore_id.is_unknown() && config.datastore_id.as_str().is_empty() {
            let detail = "vCenter reads a package for a certain datastore. Set `datastore_id` to the `id` of the data source \
                          `vsphere_datastore`.";
            out.merge(Diagnostics::error(M::DATASTORE_ID, "Missing datastore", detail));
        }
        out
    }

    async fn read(&self, cx: &DataCx<'_, Vsphere>, mut config: M) -> Result<M> {
        let package = &mut config.package;
        if package.allow_unverified_ssl_cert.is_null() {
            package.allow_unverified_ssl_cert = unverified_by_environment().into();
        }
        if package.enable_hidden_properties.is_null() {
            package.enable_hidden_properties = false.into();
        }
        let asked = config.asked();
        let package = asked.open(cx.client).await?;
        let datastore = MoRef::new("Datastore", config.datastore_id.as_str());
        let mut ready = asked.prepare(cx.client, &package, &datastore).await?;
        for w in asked.warnings(&ready) {
            cx.warn(w.at, w.summary, w.detail);
        }
        let machine = ready.machine().clone();
        let types = scsi_types(&controllers(&machine));
        if types.len() > 1 {
            let detail = format!(
                "The package has SCSI controllers of the types {}. `scsi_type` is the type of the first one.",
                types.join(", ")
            );
            cx.warn(M::SCSI_TYPE, "SCSI controllers of different types", detail);
        }
        Ok(config.observed(machine))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vsphere_client::vim::types::{VirtualDeviceConfigSpec, VirtualSCSISharing};

    fn machine(controllers: &[ControllerType]) -> VirtualMachineConfigSpec {
        let device = |(n, ty): (usize, &ControllerType)| VirtualDeviceConfigSpec {
            device: ty.device(-1 - i32::try_from(n).unwrap(), 0, VirtualSCSISharing::NoSharing),
            ..Default::default()
        };
        VirtualMachineConfigSpec {
            num_cpus: Some(2),
            memory_mb: Some(64),
            cpu_hot_add_enabled: Some(true),
            device_change: controllers.iter().enumerate().map(device).collect(),
            ..Default::default()
        }
    }

    #[test]
    fn controllers_are_counted_by_bus() {
        use ControllerType::{Ahci, Ide, LsiLogicSas, ParaVirtual};
        for (controllers, ty, counts) in [
            (&[][..], "", [0, 0, 0]),
            (&[LsiLogicSas, Ide, Ide, LsiLogicSas], "lsilogic-sas", [2, 0, 2]),
            (&[Ahci, ParaVirtual], "pvscsi", [1, 1, 0]),
            (&[ParaVirtual, LsiLogicSas], "pvscsi", [2, 0, 0]),
        ] {
            let found = M { name: "web".into(), ..M::default() }.observed(machine(controllers));
            assert_eq!(found.scsi_type.as_str(), ty);
            let counted =
                [&found.scsi_controller_count, &found.sata_controller_count, &found.ide_controller_count];
            assert_eq!(counted.map(Value::get), counts);
        }
    }

    #[test]
    fn what_the_package_does_not_set_is_empty_or_null() {
        let found = M { name: "web".into(), ..M::default() }.observed(machine(&[]));
        assert_eq!((found.id.as_str(), found.num_cpus.get(), found.memory.get()), ("web", 2, 64));
        assert_eq!(found.cpu_hot_add_enabled, true.into());
        assert_eq!(found.nested_hv_enabled, false.into());
        assert_eq!(found.cpu_performance_counters_enabled, Value::Null);
        assert_eq!(found.firmware.as_str(), "");
    }
}
