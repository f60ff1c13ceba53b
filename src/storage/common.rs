//! Folders of datastores, and datastore clusters as what rules and overrides belong to.
use crate::common::cluster_config::Owner;
use crate::common::cluster_config::import_id::Form;
use crate::common::folders;
use crate::vsphere::Vsphere;
use std::sync::Arc;
use std::time::Duration;
use tf_framework::{Diagnostics, Field, Result};
use tokio_util::sync::CancellationToken;
use vsphere_client::cluster::Update;
use vsphere_client::storage_pod::{Change, Pod};
use vsphere_client::vim::types::ClusterRuleInfoKind;
use vsphere_client::{Area, MoRef};

/// The folder at a path below the folder of datastores in a datacenter; an empty path is that folder itself.
///
/// # Errors
/// There is no such folder, with the nearest name.
pub(crate) async fn folder(vsphere: &Vsphere, datacenter: &MoRef, path: &str, at: Field) -> Result<MoRef> {
    let found = folders::find(vsphere, datacenter, Area::Datastore, path, at).await?;
    if &*found.ty == "StoragePod" {
        let detail = "A datastore is moved into a datastore cluster with `datastore_cluster_id`, and a datastore cluster does \
                      not contain other datastore clusters.";
        return Err(Diagnostics::error(at, format!("{path:?} is a datastore cluster"), detail));
    }
    Ok(found)
}

impl Owner for Pod {
    type Change = Change;
    const NOUN: &'static str = "datastore cluster";
    const ATTRIBUTE: Field = Field("datastore_cluster_id");
    const DATA_SOURCE: &'static str = "vsphere_datastore_cluster";
    const TYPE: &'static str = "StoragePod";
    const FORM: Form = Form { path: "datastore_cluster_path", prefix: "group-p" };
    const UNIQUE: &'static str = "The names of rules are unique in a datastore cluster.";

    fn name(&self) -> &str {
        &self.name
    }

    fn apply(&mut self, change: &Change) {
        Pod::apply(self, change);
    }

    fn join(changes: &mut Vec<Change>, change: Change) {
        changes.push(change);
    }

    fn rules(&self) -> &[ClusterRuleInfoKind] {
        &self.drs.pod_config.rule
    }

    fn change_rule(update: Update<ClusterRuleInfoKind, i32>) -> Change {
        Change::Rule(update)
    }

    /// Every change names one rule or one virtual machine, and vSphere keeps all others.
    fn is_whole(_: &Change) -> bool {
        false
    }

    async fn get(vsphere: &Vsphere, object: &MoRef) -> vsphere_client::Result<Arc<Self>> {
        vsphere.api.storage_pods().get(object).await
    }

    async fn get_now(vsphere: &Vsphere, object: &MoRef) -> vsphere_client::Result<Arc<Self>> {
        vsphere.api.storage_pods().get_now(object).await
    }

    async fn is_busy(vsphere: &Vsphere, object: &MoRef) -> vsphere_client::Result<bool> {
        vsphere.api.storage_pods().is_busy(object).await
    }

    async fn reconfigure(
        vsphere: &Vsphere,
        object: &MoRef,
        changes: Vec<Change>,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> vsphere_client::Result<()> {
        vsphere.api.storage_pods().change(object, changes, timeout, cancel).await
    }
}
