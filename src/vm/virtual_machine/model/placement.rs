//! The placement of a new virtual machine.
use crate::common::moid::{Cluster, Datastore, Host, MoId};
use std::collections::BTreeSet;
use tf_framework::{Model, Value};

/// What vSphere selects the place of a new virtual machine from.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct PlacementModel {
    /// The managed object IDs of the clusters to choose from, such as the `cluster_ids` of the data source `vsphere_zone`.
    /// Several clusters require vSphere 8.0 or later.
    #[tf(required, count(1, usize::MAX), each(form = MoId::<Cluster>::form))]
    pub compute_cluster_ids: Value<BTreeSet<String>>,
    /// The managed object IDs of the hosts to choose from. Requires exactly one cluster. Defaults to all hosts of the
    /// cluster.
    #[tf(optional, each(form = MoId::<Host>::form))]
    pub host_system_ids: Value<BTreeSet<String>>,
    /// The managed object IDs of the datastores to choose from. Requires exactly one cluster. Defaults to all datastores
    /// of the cluster.
    #[tf(optional, each(form = MoId::<Datastore>::form))]
    pub datastore_ids: Value<BTreeSet<String>>,
}
