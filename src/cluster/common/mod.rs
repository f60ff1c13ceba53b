//! What the types about clusters share: the cluster, and the attributes of groups, rules and overrides.
pub mod groups;
pub mod overrides;
pub mod rules;
pub mod tagged;
pub mod vm_rules;

use crate::common::cluster_config::Owner;
use crate::common::cluster_config::import_id::Form;
use crate::common::machine::Machine;
use crate::common::moid::{self, MoId};
use crate::vsphere::Vsphere;
use std::sync::Arc;
use std::time::Duration;
use tf_framework::{Dynamic, Field, Result};
use tokio_util::sync::CancellationToken;
use vsphere_client::MoRef;
use vsphere_client::cluster::{self, Change, Cluster, Update};
use vsphere_client::vim::types::ClusterRuleInfoKind;

impl Owner for Cluster {
    type Change = Change;
    const NOUN: &'static str = "cluster";
    const ATTRIBUTE: Field = Field("compute_cluster_id");
    const DATA_SOURCE: &'static str = "vsphere_compute_cluster";
    const TYPE: &'static str = "ClusterComputeResource";
    const FORM: Form = Form { path: "compute_cluster_path", prefix: "domain-c" };
    const UNIQUE: &'static str = "The names of groups are unique in a cluster, and so are those of rules.";

    fn name(&self) -> &str {
        &self.name
    }

    fn apply(&mut self, change: &Change) {
        Cluster::apply(self, change);
    }

    fn join(changes: &mut Vec<Change>, change: Change) {
        cluster::join(changes, change);
    }

    fn rules(&self) -> &[ClusterRuleInfoKind] {
        &self.rules
    }

    fn change_rule(update: Update<ClusterRuleInfoKind, i32>) -> Change {
        Change::Rule(update)
    }

    fn is_whole(change: &Change) -> bool {
        change.is_whole()
    }

    async fn get(vsphere: &Vsphere, object: &MoRef) -> vsphere_client::Result<Arc<Self>> {
        vsphere.api.clusters().get(object).await
    }

    async fn get_now(vsphere: &Vsphere, object: &MoRef) -> vsphere_client::Result<Arc<Self>> {
        vsphere.api.clusters().get_now(object).await
    }

    async fn is_busy(vsphere: &Vsphere, object: &MoRef) -> vsphere_client::Result<bool> {
        vsphere.api.clusters().is_busy(object).await
    }

    async fn tagged(vsphere: &Vsphere, id: &str, tag: &str, at: Field) -> Result<Vec<Machine>> {
        tagged::machines(vsphere, id, tag, at).await
    }

    async fn reconfigure(
        vsphere: &Vsphere,
        object: &MoRef,
        changes: Vec<Change>,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> vsphere_client::Result<()> {
        vsphere.api.clusters().reconfigure(object, changes, timeout, cancel).await
    }
}

/// A check for attributes that take the id of a cluster.
///
/// # Errors
/// What it seems to be instead.
pub fn id(v: &Dynamic) -> std::result::Result<(), String> {
    MoId::<moid::Cluster>::form(v)
}
