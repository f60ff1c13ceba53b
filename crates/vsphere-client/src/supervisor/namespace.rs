//! Namespaces of Supervisors.

use std::collections::BTreeMap;

use futures_util::FutureExt as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::status::{Ended, Message, Seen, Until, settled};
use super::{Supervisors, or_none};
use crate::core::rest::{Call, null_is_empty};
use crate::error::Result;
use crate::virtual_machine::Wait;

const NAMESPACES: &str = "vcenter/namespaces/instances";
/// The namespaces by Supervisor, from vSphere 8.0 on.
const BY_SUPERVISOR: &str = "vcenter/namespaces/instances/v2";

/// A storage policy that a namespace can use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorageSpec {
    /// The ID of the policy.
    pub policy: String,
    /// The storage that can be used with it, in MiB; nothing for no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
}

/// What the VM Service of a namespace can use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VmService {
    /// The IDs of content libraries.
    #[serde(deserialize_with = "null_is_empty")]
    pub content_libraries: Vec<String>,
    /// The names of classes of virtual machines.
    #[serde(deserialize_with = "null_is_empty")]
    pub vm_classes: Vec<String>,
}

/// What a namespace is to have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamespaceSpec {
    /// The storage policies; nothing leaves those that it has.
    pub storage: Option<Vec<StorageSpec>>,
    /// The VM Service; nothing leaves what it has.
    pub vm_service: Option<VmService>,
}

/// The resources that the pods of a namespace have reserved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Of the processors, in MHz.
    pub cpu_used: i64,
    /// Of the memory, in MiB.
    pub memory_used: i64,
    /// Of the storage, in MiB.
    pub storage_used: i64,
}

/// A namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Namespace {
    /// The ID of its Supervisor; empty in an answer of the calls by cluster.
    pub supervisor: String,
    /// The managed object ID of its cluster; empty in an answer of the calls by Supervisor.
    pub cluster: String,
    /// `CONFIGURING`, `RUNNING`, `REMOVING` or `ERROR`.
    pub config_status: String,
    /// What the server says about its configuration.
    #[serde(deserialize_with = "null_is_empty")]
    pub messages: Vec<Message>,
    /// What it uses.
    pub stats: Usage,
    /// The storage policies.
    #[serde(deserialize_with = "null_is_empty")]
    pub storage_specs: Vec<StorageSpec>,
    /// The VM Service.
    #[serde(deserialize_with = "null_is_empty")]
    pub vm_service_spec: VmService,
}

impl NamespaceSpec {
    fn body(&self) -> BTreeMap<&'static str, Value> {
        let mut out = BTreeMap::new();
        if let Some(storage) = &self.storage {
            out.insert("storage_specs", json!(storage));
        }
        if let Some(service) = &self.vm_service {
            out.insert("vm_service_spec", json!(service));
        }
        out
    }
}

impl Supervisors<'_> {
    /// The namespace of that name, or nothing: one that is being removed exists until then. Needs vSphere 8.0.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn namespace(&self, name: &str) -> Result<Option<Namespace>> {
        or_none(self.client.core().rest(Call::get(BY_SUPERVISOR).id(name)).await)
    }

    /// The namespace of that name, without the ID of its Supervisor: for vSphere 7.
    ///
    /// # Errors
    /// As [`namespace`](Self::namespace).
    pub async fn namespace_of_cluster(&self, name: &str) -> Result<Option<Namespace>> {
        or_none(self.client.core().rest(Call::get(NAMESPACES).id(name)).await)
    }

    /// Begins to create a namespace on a Supervisor. Needs `Namespaces.Configure`, and vSphere 8.0.
    ///
    /// # Errors
    /// [`Error::Rest`](crate::Error::Rest) for a name that is taken, and those of any call.
    pub async fn create_namespace(&self, name: &str, supervisor: &str, spec: &NamespaceSpec) -> Result<()> {
        self.begin_namespace(BY_SUPERVISOR, name, ("supervisor", supervisor), spec).await
    }

    /// Begins to create a namespace on the Supervisor of a cluster. Needs `Namespaces.Configure`.
    ///
    /// # Errors
    /// As [`create_namespace`](Self::create_namespace).
    pub async fn create_namespace_on_cluster(
        &self,
        name: &str,
        cluster: &str,
        spec: &NamespaceSpec,
    ) -> Result<()> {
        self.begin_namespace(NAMESPACES, name, ("cluster", cluster), spec).await
    }

    async fn begin_namespace(
        &self,
        service: &str,
        name: &str,
        (kind, of): (&'static str, &str),
        spec: &NamespaceSpec,
    ) -> Result<()> {
        let mut body = spec.body();
        body.insert("namespace", name.into());
        body.insert(kind, of.into());
        self.client.core().rest(Call::post(service).parameters(json!(body))).await
    }

    /// Changes a namespace: what the specification does not have stays. Needs `Namespaces.Configure`.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn update_namespace(&self, name: &str, spec: &NamespaceSpec) -> Result<()> {
        self.client.core().rest(Call::patch(NAMESPACES, name).parameters(json!(spec.body()))).await
    }

    /// Begins to delete a namespace with everything in it. Needs `Namespaces.Configure`.
    ///
    /// # Errors
    /// [`Error::Rest`](crate::Error::Rest) with 404 when there is none, and those of any call.
    pub async fn delete_namespace(&self, name: &str) -> Result<()> {
        self.client.core().rest(Call::delete(NAMESPACES, name)).await
    }

    /// Waits until a namespace is configured.
    ///
    /// # Errors
    /// [`Error::Cancelled`](crate::Error::Cancelled), and those of any call.
    pub async fn namespace_runs(&self, name: &str, wait: Wait<'_>) -> Result<Ended> {
        self.namespace_settled(name, Until::Running, wait).await
    }

    /// Waits until a namespace is deleted.
    ///
    /// # Errors
    /// [`Error::Cancelled`](crate::Error::Cancelled), and those of any call.
    pub async fn namespace_ends(&self, name: &str, wait: Wait<'_>) -> Result<Ended> {
        self.namespace_settled(name, Until::Absent, wait).await
    }

    async fn namespace_settled(&self, name: &str, until: Until, wait: Wait<'_>) -> Result<Ended> {
        let look = || {
            async move {
                let found = self.namespace_of_cluster(name).await?;
                Ok(found.map(|n| Seen { status: n.config_status, messages: n.messages }))
            }
            .boxed()
        };
        settled(&format!("namespace {name}"), until, wait, &look).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_is_not_sent() {
        assert_eq!(json!(NamespaceSpec::default().body()), json!({}));
        let storage = Some(vec![StorageSpec { policy: "a".into(), limit: None }]);
        let spec = NamespaceSpec { storage, vm_service: Some(VmService::default()) };
        assert_eq!(
            json!(spec.body()),
            json!({"storage_specs": [{"policy": "a"}], "vm_service_spec": {"content_libraries": [], "vm_classes": []}})
        );
    }

    #[test]
    fn what_is_absent_is_empty() {
        let found: Namespace = serde_json::from_str(
            r#"{"config_status": "RUNNING", "vm_service_spec": null, "stats": {"cpu_used": 5}}"#,
        )
        .unwrap();
        assert_eq!((found.vm_service_spec, found.stats.cpu_used), (VmService::default(), 5));
    }
}
