//! `data.vsphere_namespace`
use super::not_found;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Model, Result, Value};

/// Finds a vSphere Namespace by name.
///
/// Requires vSphere 8.0 or later.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_namespace", category = "Workload Management")]
pub struct NamespaceData {
    /// The name of the namespace.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the namespace.
    #[tf(required)]
    pub name: Value<String>,
    /// The configuration status of the namespace: `CONFIGURING`, `RUNNING`, `REMOVING` or `ERROR`.
    #[tf(computed)]
    pub config_status: Value<String>,
    /// The ID of the Supervisor that runs the namespace.
    #[tf(computed)]
    pub supervisor: Value<String>,
    /// The CPU that the pods in the namespace reserve, in MHz.
    #[tf(computed)]
    pub cpu_usage: Value<i64>,
    /// The memory that the pods in the namespace reserve, in MiB.
    #[tf(computed)]
    pub memory_usage: Value<i64>,
    /// The storage that the pods in the namespace reserve, in MiB.
    #[tf(computed)]
    pub storage_usage: Value<i64>,
    /// The resources that VM Service can use in the namespace.
    #[tf(computed)]
    pub vm_service: Value<Vec<VmServiceData>>,
    /// The IDs of the storage policies.
    #[tf(computed)]
    pub storage_policies: Value<Vec<String>>,
}

/// The resources that VM Service can use in a namespace.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VmServiceData {
    /// The IDs of the content libraries.
    #[tf(computed)]
    pub content_libraries: Value<Vec<String>>,
    /// The names of the virtual machine classes.
    #[tf(computed)]
    pub vm_classes: Value<Vec<String>>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct Namespace;

type M = NamespaceData;

impl DataSource for Namespace {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let name = config.name.as_str();
        let found = cx.client.api.supervisors().namespace(name).await;
        let Some(found) = found.doing(format!("read the namespace `{name}`"))? else {
            return Err(not_found(name, M::NAME));
        };
        let service = VmServiceData {
            content_libraries: found.vm_service_spec.content_libraries.into(),
            vm_classes: found.vm_service_spec.vm_classes.into(),
        };
        Ok(M {
            id: config.name.clone(),
            config_status: found.config_status.into(),
            supervisor: found.supervisor.into(),
            cpu_usage: found.stats.cpu_used.into(),
            memory_usage: found.stats.memory_used.into(),
            storage_usage: found.stats.storage_used.into(),
            vm_service: vec![service].into(),
            storage_policies: found.storage_specs.into_iter().map(|s| s.policy).collect::<Vec<_>>().into(),
            ..config
        })
    }
}
