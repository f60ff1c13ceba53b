//! `data.vsphere_virtual_machine_class`
use super::{VirtualMachineClassModel, not_found};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Model, Result, Value};
use vsphere_client::supervisor::VmClass;

/// Finds a virtual machine class by name. Requires vSphere 7.0 Update 3 or later.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_virtual_machine_class", category = "Workload Management")]
pub struct VirtualMachineClassData {
    /// The name of the virtual machine class.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the virtual machine class, such as `best-effort-large`.
    #[tf(required)]
    pub name: Value<String>,
    /// The number of virtual CPUs.
    #[tf(computed)]
    pub cpus: Value<i64>,
    /// The memory size, in MiB.
    #[tf(computed)]
    pub memory: Value<i64>,
    /// The percentage of CPU that is reserved.
    #[tf(computed)]
    pub cpu_reservation: Value<i64>,
    /// The percentage of memory that is reserved.
    #[tf(computed)]
    pub memory_reservation: Value<i64>,
    /// The names of the vGPU profiles.
    #[tf(computed)]
    pub vgpu_devices: Value<Vec<String>>,
    /// The `VirtualMachineConfigSpec` of the class as JSON, such as its `deviceGroups`. Null if vCenter does not report one.
    /// Requires vSphere 8.0 or later.
    #[tf(computed)]
    pub config_spec: Value<String>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct VirtualMachineClass;

type M = VirtualMachineClassData;

impl M {
    fn of(class: VmClass) -> Self {
        let spec = (!class.config_spec.is_null()).then(|| class.config_spec.to_string());
        let seen = VirtualMachineClassModel::default().observed(class);
        Self {
            id: seen.id,
            name: seen.name,
            cpus: seen.cpus,
            memory: seen.memory,
            cpu_reservation: seen.cpu_reservation,
            memory_reservation: seen.memory_reservation,
            vgpu_devices: seen.vgpu_devices.get().into(),
            config_spec: spec.into(),
        }
    }
}

impl DataSource for VirtualMachineClass {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let name = config.name.as_str();
        match cx.client.api.supervisors().vm_class(name).await {
            Err(e) if e.is_not_found() => Err(not_found(name, M::NAME)),
            other => Ok(M::of(other.doing(format!("read the virtual machine class {name:?}"))?)),
        }
    }
}

/// Lists all virtual machine classes. Requires vSphere 7.0 Update 3 or later.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_virtual_machine_classes", category = "Workload Management")]
pub struct VirtualMachineClassesData {
    /// Always `virtual-machine-classes`.
    #[tf(computed)]
    pub id: Value<String>,
    /// The virtual machine classes, sorted by name.
    #[tf(computed)]
    pub classes: Value<Vec<VirtualMachineClassData>>,
}

/// The data source of all classes.
#[derive(Debug, Default)]
pub struct VirtualMachineClasses;

impl DataSource for VirtualMachineClasses {
    type Model = VirtualMachineClassesData;
    type Client = Vsphere;

    async fn read(
        &self,
        cx: &DataCx<'_, Vsphere>,
        _: VirtualMachineClassesData,
    ) -> Result<VirtualMachineClassesData> {
        let read = cx.client.api.supervisors().vm_classes().await;
        let mut classes = read.doing("read the virtual machine classes")?;
        classes.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(VirtualMachineClassesData {
            id: "virtual-machine-classes".into(),
            classes: classes.into_iter().map(M::of).collect::<Vec<_>>().into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vsphere_client::supervisor::{Devices, Vgpu};

    #[test]
    fn a_class_is_listed_with_its_devices() {
        let vgpu = Vgpu { profile_name: "grid_m60-8q".to_owned() };
        for profiles in [vec![], vec![vgpu]] {
            let names: Vec<String> = profiles.iter().map(|v: &Vgpu| v.profile_name.clone()).collect();
            let class = VmClass {
                id: "gpu".to_owned(),
                cpu_count: 4,
                memory_mb: 4096,
                cpu_reservation: 50,
                memory_reservation: 100,
                devices: Devices { vgpu_devices: profiles, ..Devices::default() },
                ..VmClass::default()
            };
            let expected = M {
                id: "gpu".into(),
                name: "gpu".into(),
                cpus: 4.into(),
                memory: 4096.into(),
                cpu_reservation: 50.into(),
                memory_reservation: 100.into(),
                vgpu_devices: Value::Known(names),
                config_spec: Value::Null,
            };
            assert_eq!(M::of(class.clone()), expected);
            let config_spec = serde_json::json!({ "numCPUs": 4 });
            let seen = M::of(VmClass { config_spec, ..class });
            assert_eq!(seen.config_spec.as_str(), r#"{"numCPUs":4}"#);
        }
    }
}
