//! `vsphere_virtual_machine_class`
pub mod data_source;
use crate::common::adopt::create_or_adopt_named;
use crate::fault::Doing;
use crate::run_notes::{NamedKind, RunNotes};
use crate::vsphere::Vsphere;
use tf_framework::{AttributePath, Cx, Diagnostics, Model, Plan, PlanCx, Resource, Result, Value};
use vsphere_client::supervisor::{Devices, Vgpu, VmClass};

/// Manages a virtual machine class, which defines the size, reservations and vGPUs of virtual machines in the
/// namespaces of a Supervisor.
///
/// Requires vSphere 7.0 Update 3 or later.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_virtual_machine_class", category = "Workload Management")]
pub struct VirtualMachineClassModel {
    /// The name of the virtual machine class.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the virtual machine class, such as `best-effort-large`. Changing this forces a new resource.
    #[tf(required, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// The number of virtual CPUs.
    #[tf(required, at_least = 1)]
    pub cpus: Value<i64>,
    /// The memory size, in MiB.
    #[tf(required, at_least = 1)]
    pub memory: Value<i64>,
    /// The percentage of CPU to reserve.
    #[tf(optional, range(0, 100))]
    pub cpu_reservation: Value<i64>,
    /// The percentage of memory to reserve. Must be `100` if `vgpu_devices` is set.
    #[tf(optional, range(0, 100))]
    pub memory_reservation: Value<i64>,
    /// The names of the vGPU profiles, such as `grid_v100-4q`.
    #[tf(optional)]
    pub vgpu_devices: Value<Vec<String>>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct VirtualMachineClass;

type M = VirtualMachineClassModel;

impl M {
    /// A sentence part.
    fn title(&self) -> String {
        format!("the virtual machine class {:?}", self.name.as_str())
    }

    /// What is wanted. Devices that the provider has no argument for stay.
    fn wanted(&self, now: Option<VmClass>) -> VmClass {
        let profiles = self.vgpu_devices.get();
        VmClass {
            id: self.name.as_str().to_owned(),
            cpu_count: self.cpus.get(),
            memory_mb: self.memory.get(),
            cpu_reservation: self.cpu_reservation.get(),
            memory_reservation: self.memory_reservation.get(),
            devices: Devices {
                vgpu_devices: profiles.into_iter().map(|profile_name| Vgpu { profile_name }).collect(),
                ..now.map(|n| n.devices).unwrap_or_default()
            },
            ..VmClass::default()
        }
    }

    fn observed(self, class: VmClass) -> Self {
        let profiles: Vec<String> = class.devices.vgpu_devices.into_iter().map(|d| d.profile_name).collect();
        Self {
            id: class.id.clone().into(),
            name: class.id.into(),
            cpus: class.cpu_count.into(),
            memory: class.memory_mb.into(),
            cpu_reservation: class.cpu_reservation.into(),
            memory_reservation: class.memory_reservation.into(),
            vgpu_devices: if profiles.is_empty() { Value::Null } else { Value::Known(profiles) },
        }
    }
}

impl Resource for VirtualMachineClass {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the name";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        // vSphere has no call that renames a class: the official provider sends the new name, and nothing changes.
        if cx.prior.is_some_and(|p| p.name != planned.name) {
            cx.replace.push(M::NAME.into());
        }
        if let (Some(vsphere), Some(name)) = (cx.client, planned.name.known()) {
            vsphere.run::<RunNotes>().makes(NamedKind::VmClass, name);
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let api = &cx.client().api;
        let (name, wanted) = (plan.name.as_str(), plan.wanted(None));
        let look = || async {
            match api.supervisors().vm_class(name).await {
                Err(e) if e.is_not_found() => Ok(None),
                other => other.map(|_| Some(())),
            }
        };
        let make = async { api.supervisors().create_vm_class(&wanted).await };
        create_or_adopt_named(cx, &plan.title(), look, make)
            .await
            .doing(format!("create {}", plan.title()))?;
        Ok(M { id: plan.name.clone(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        match cx.client().api.supervisors().vm_class(state.id.as_str()).await {
            Err(e) if e.is_not_found() => Ok(None),
            other => Ok(Some(state.observed(other.doing("read the virtual machine class")?))),
        }
    }

    async fn update(&self, cx: &Cx<'_, Self>, _prior: M, plan: M) -> Result<M> {
        let api = cx.client().api.supervisors();
        let doing = || format!("update {}", plan.title());
        let now = api.vm_class(plan.name.as_str()).await.doing(doing())?;
        api.update_vm_class(&plan.wanted(Some(now))).await.doing(doing())?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        match cx.client().api.supervisors().delete_vm_class(state.id.as_str()).await {
            Err(e) if e.is_not_found() => Ok(()),
            other => other.doing(format!("delete {}", state.title())),
        }
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        match cx.client().api.supervisors().vm_class(id).await {
            Err(e) if e.is_not_found() => Err(not_found(id, AttributePath::root())),
            other => Ok(M::default().observed(other.doing("read the virtual machine class")?)),
        }
    }
}

/// What is reported of a class that does not exist.
fn not_found(name: &str, at: impl Into<AttributePath>) -> Diagnostics {
    let detail = "vCenter does not have a virtual machine class of this name.";
    Diagnostics::error(at, format!("Virtual machine class {name:?} not found"), detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_is_seen_again_and_other_devices_stay() {
        let asked = M {
            id: "gpu".into(),
            name: "gpu".into(),
            cpus: 4.into(),
            memory: 4096.into(),
            cpu_reservation: 50.into(),
            memory_reservation: 100.into(),
            vgpu_devices: Value::Known(vec!["grid_m60-8q".to_owned()]),
        };
        assert_eq!(M::default().observed(asked.wanted(None)), asked);
        let now = VmClass {
            devices: Devices { direct_path_io_devices: vec![Default::default()], ..Devices::default() },
            ..VmClass::default()
        };
        let wanted = asked.wanted(Some(now));
        assert_eq!((wanted.devices.direct_path_io_devices.len(), wanted.devices.vgpu_devices.len()), (1, 1));
        let plain = M { vgpu_devices: Value::Null, ..asked };
        assert_eq!(M::default().observed(plain.wanted(None)), plain);
    }
}
