//! Supervisors and what they offer to their namespaces (REST): namespaces, classes of virtual machines, and zones.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::client::Client;
use crate::core::rest::{Call, escape};
use crate::device::AdapterType;
use crate::error::{Error, Result};

mod cluster;
mod enable;
mod namespace;
pub mod spec;
mod status;

pub use cluster::{
    AddressRange, Cidr, ClusterInfo, Condition, ContentLibrary, FileVolumes, Hidden, ImageStorage, IpRange,
    LoadBalancer, ManagementNetwork, NsxNetworks, NsxSpec, Proxy, Settings,
};
pub use enable::{Summary, SupervisorZone};
pub use namespace::{Namespace, NamespaceSpec, StorageSpec, VmService};
pub use status::{Ended, Message, Seen};

const CLASSES: &str = "vcenter/namespace-management/virtual-machine-classes";
const ZONES: &str = "vcenter/consumption-domains/zones";

/// A class of virtual machines.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct VmClass {
    /// The name.
    pub id: String,
    /// The number of processors.
    pub cpu_count: i64,
    /// The memory, in MiB.
    #[serde(rename = "memory_MB", alias = "memory_mb")]
    pub memory_mb: i64,
    /// The part of the processors that is reserved, in percent.
    pub cpu_reservation: i64,
    /// The part of the memory that is reserved, in percent.
    pub memory_reservation: i64,
    /// The devices.
    pub devices: Devices,
    /// The `VirtualMachineConfigSpec` of the class, as JSON; vSphere 8.0 and later. It is only read.
    pub config_spec: serde_json::Value,
}

/// The devices of a class of virtual machines.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct Devices {
    /// Devices that are passed through.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub direct_path_io_devices: Vec<serde_json::Value>,
    /// Virtual GPUs.
    pub vgpu_devices: Vec<Vgpu>,
}

/// A virtual GPU.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Vgpu {
    /// The name of its profile.
    pub profile_name: String,
}

impl VmClass {
    /// The network adapters that the class adds, in order.
    pub fn network_adapters(&self) -> Vec<AdapterType> {
        let changes = self.config_spec.get("deviceChange").and_then(serde_json::Value::as_array);
        let added = changes
            .into_iter()
            .flatten()
            .filter(|c| c.get("operation").and_then(serde_json::Value::as_str).is_none_or(|o| o == "add"));
        added.filter_map(|c| AdapterType::from_type(c.get("device")?.get("_typeName")?.as_str()?)).collect()
    }

    fn spec(&self) -> serde_json::Value {
        json!({
            "id": self.id,
            "cpu_count": self.cpu_count,
            "memory_MB": self.memory_mb,
            "cpu_reservation": self.cpu_reservation,
            "memory_reservation": self.memory_reservation,
            "devices": self.devices,
        })
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ZoneInfo {
    description: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Status {
    success: bool,
}

/// A zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Zone {
    /// The description.
    pub description: String,
    /// The managed object IDs of its clusters.
    pub clusters: BTreeSet<String>,
}

/// Supervisors; from [`Client::supervisors`].
pub struct Supervisors<'a> {
    client: &'a Client,
}

impl Client {
    /// Supervisors and what they offer.
    pub fn supervisors(&self) -> Supervisors<'_> {
        Supervisors { client: self }
    }
}

impl Supervisors<'_> {
    /// The class of virtual machines of that name.
    ///
    /// # Errors
    /// [`Error::Rest`] with 404 when there is none, and those of any call.
    pub async fn vm_class(&self, id: &str) -> Result<VmClass> {
        self.client.core().rest(Call::get(CLASSES).id(id)).await
    }

    /// All classes of virtual machines.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn vm_classes(&self) -> Result<Vec<VmClass>> {
        self.client.core().rest(Call::get(CLASSES)).await
    }

    /// Creates a class of virtual machines. Needs `VirtualMachineClasses.Manage`.
    ///
    /// # Errors
    /// [`Error::Rest`] for a name that is taken, and those of any call.
    pub async fn create_vm_class(&self, class: &VmClass) -> Result<()> {
        self.client.core().rest(Call::post(CLASSES).parameters(class.spec())).await
    }

    /// Changes a class of virtual machines. Needs `VirtualMachineClasses.Manage`.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn update_vm_class(&self, class: &VmClass) -> Result<()> {
        self.client.core().rest(Call::patch(CLASSES, &class.id).parameters(class.spec())).await
    }

    /// Deletes a class of virtual machines. Needs `VirtualMachineClasses.Manage`.
    ///
    /// # Errors
    /// [`Error::Rest`] with 404 when there is none, and those of any call.
    pub async fn delete_vm_class(&self, id: &str) -> Result<()> {
        self.client.core().rest(Call::delete(CLASSES, id)).await
    }

    /// The zone of that name.
    ///
    /// # Errors
    /// [`Error::Rest`] with 404 when there is none, and those of any call.
    pub async fn zone(&self, id: &str) -> Result<Zone> {
        let core = self.client.core();
        let path = associations(id);
        let info = core.rest::<ZoneInfo>(Call::get(ZONES).id(id));
        let (info, clusters) = futures_util::join!(info, core.rest(Call::get(&path)));
        Ok(Zone { description: info?.description, clusters: clusters? })
    }

    /// Creates a zone without clusters. Needs `Zone.Create`.
    ///
    /// # Errors
    /// [`Error::Rest`] for a name that is taken, and those of any call.
    pub async fn create_zone(&self, id: &str, description: &str) -> Result<()> {
        let body = json!({ "zone": id, "description": description });
        self.client.core().rest::<serde_json::Value>(Call::post(ZONES).parameters(body)).await.map(drop)
    }

    /// Deletes a zone, which has no clusters. Needs `Zone.Delete`.
    ///
    /// # Errors
    /// [`Error::Rest`] with 404 when there is none, and those of any call.
    pub async fn delete_zone(&self, id: &str) -> Result<()> {
        self.client.core().rest(Call::delete(ZONES, id)).await
    }

    /// Adds a cluster to a zone. Needs `Zone.ObjectAttachable`.
    ///
    /// # Errors
    /// [`Error::Rest`], also where the server answers without an error that it has not added the cluster.
    pub async fn add_to_zone(&self, id: &str, cluster: &str) -> Result<()> {
        let path = associations(id);
        let call = Call::post(&path).action("add").parameters(json!([cluster]));
        let status: Status = self.client.core().rest(call).await?;
        if status.success {
            return Ok(());
        }
        let messages = vec!["The server does not add the cluster, and does not say why.".to_owned()];
        Err(Error::Rest { method: "POST", path, status: 200, kind: "NOT_ADDED".to_owned(), messages })
    }

    /// Removes a cluster from a zone. Needs `Zone.ObjectAttachable`.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn remove_from_zone(&self, id: &str, cluster: &str) -> Result<()> {
        let path = associations(id);
        let call = Call::post(&path).action("remove").parameters(json!([cluster]));
        self.client.core().rest::<serde_json::Value>(call).await.map(drop)
    }
}

/// Nothing for what does not exist.
fn or_none<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Err(e) if e.is_not_found() => Ok(None),
        other => other.map(Some),
    }
}

/// The service of the clusters of a zone.
fn associations(zone: &str) -> String {
    format!("{ZONES}/cluster/{}/associations", escape(zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_read_in_both_spellings_and_written_in_one() {
        for name in ["memory_MB", "memory_mb"] {
            let text = format!(r#"{{"id": "small", "cpu_count": 2, "{name}": 4096, "namespaces": []}}"#);
            let class: VmClass = serde_json::from_str(&text).unwrap_or_default();
            assert_eq!((class.cpu_count, class.memory_mb), (2, 4096));
            assert_eq!(class.spec()["memory_MB"], 4096);
        }
    }
}
