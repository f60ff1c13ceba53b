//! Where a machine is: folder, pool, host, datastore, datastore cluster.
mod beside;
mod host;
mod lookups;
mod moves;
mod placement;
mod relocation;

use super::effects::Effects;
use super::model::VirtualMachineModel as M;
use crate::common::moid::{Datastore, MoId};
use crate::vsphere::Vsphere;
use tf_framework::{Diagnostics, Value};
use vsphere_client::unescape;

pub(super) use beside::{neighbors, used_by_others};
pub(super) use host::placed;
pub(super) use lookups::{Asked, Ground, check, compute, explain, folder, ground, pool};
pub(super) use placement::selected;
pub(super) use relocation::{
    Relocation, clone_to, cluster_of, create, detach, move_to_folder, reconfigure, relocate, relocation,
};

/// What is kept beside the state after an import: the datastore cluster that the machine is in.
pub(super) const CLUSTER: &str = "datastore_cluster";

vsphere_client::properties! {
    struct Named of "Datastore" {
        name: String = "name",
    }
}

/// The names of datastores, by their ids, in one batch of reads.
pub(super) async fn datastore_names(
    vsphere: &Vsphere,
    ids: impl IntoIterator<Item = String>,
) -> Vec<(String, vsphere_client::Result<String>)> {
    let reads = ids.into_iter().map(|id| async move {
        let read = vsphere.api.properties().get::<Named>(&MoId::<Datastore>::object(id.as_str())).await;
        (id, read.map(|found| unescape(&found.name).into_owned()))
    });
    futures_util::future::join_all(reads).await
}

/// What is wrong with a place, as far as no server is needed.
pub(super) fn validate(config: &M) -> Diagnostics {
    let mut out = placement::validate(config);
    let cluster = !config.datastore_cluster_id.as_str().is_empty();
    if cluster && !config.datastore_path.as_str().is_empty() {
        let detail = "Storage DRS chooses the datastore, and vSphere the folder on it: leave `datastore_path` out, or name \
                      the datastore with `datastore_id`.";
        let summary = "A folder on a datastore that is not known yet";
        out.merge(Diagnostics::error(M::DATASTORE_PATH, summary, detail));
    }
    out
}

/// Whether two values differ, where an empty text is what is not set.
fn differs(a: &Value<String>, b: &Value<String>) -> bool {
    a.is_unknown() || b.is_unknown() || a.as_str() != b.as_str()
}

/// What a clone does not take: a folder without a datastore.
fn not_taken(config: &M) -> Diagnostics {
    let mut out = Diagnostics::default();
    if config.clone.known().is_none_or(Vec::is_empty) {
        return out;
    }
    let set = |v: &Value<String>| v.known().is_some_and(|t| !t.is_empty());
    if set(&config.datastore_path) && config.datastore_id.is_null() {
        let detail = "It is a folder on the datastore that `datastore_id` names, and there is none: vSphere chooses the folder.";
        out.merge(Diagnostics::warning(M::DATASTORE_PATH, "`datastore_path` has no effect", detail));
    }
    out
}

/// Whether a new virtual machine has a datastore: by name, from a datastore cluster, or where vSphere selects one. Values
/// that are unknown may be one.
pub(super) fn has_datastore(config: &M) -> bool {
    let given = |v: &Value<String>| v.is_unknown() || !v.as_str().is_empty();
    given(&config.datastore_id) || given(&config.datastore_cluster_id) || placement::given(config)
}

/// What a plan cannot know of the place: the host after another pool, the datastore after another datastore cluster.
pub(super) fn plan(prior: Option<&M>, config: &M, planned: &mut M) -> Effects {
    let mut out = Effects::default();
    let Some(prior) = prior else {
        out.diagnostics.merge(not_taken(config));
        let cloned = config.clone.is_unknown() || config.clone.known().is_some_and(|c| !c.is_empty());
        if !cloned && !has_datastore(config) {
            let detail = "A new virtual machine requires `datastore_id` or `datastore_cluster_id`. Only for a clone, both can be omitted: \
                          it is created on the datastore of its source.";
            let summary = "Missing datastore";
            out.diagnostics.merge(Diagnostics::error(M::DATASTORE_ID, summary, detail));
        }
        return out;
    };
    let unset = |v: &Value<String>| v.known().is_some_and(String::is_empty) || v.is_null();
    if unset(&config.host_system_id) && differs(&prior.resource_pool_id, &planned.resource_pool_id) {
        planned.host_system_id = Value::Unknown;
    }
    let cluster = &planned.datastore_cluster_id;
    let into_cluster = !unset(cluster) && differs(&prior.datastore_cluster_id, cluster);
    if unset(&config.datastore_id) && into_cluster {
        planned.datastore_id = Value::Unknown;
    }
    if differs(&prior.datastore_id, &planned.datastore_id) {
        // A folder of the machine's present name is made there.
        planned.vmx_path = Value::Unknown;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::model::{CloneModel, PlacementModel};
    use super::*;

    fn state() -> M {
        M {
            resource_pool_id: "resgroup-8".into(),
            host_system_id: "host-12".into(),
            datastore_id: "datastore-14".into(),
            vmx_path: "web/web.vmx".into(),
            ..M::default()
        }
    }

    /// The planned host, datastore and file, when the configuration changes the state so.
    fn planned(prior: &M, config: &M) -> [Value<String>; 3] {
        let or = |a: &Value<String>, b: &Value<String>| if a.is_null() { b.clone() } else { a.clone() };
        // What the rule of plans has done before.
        let mut planned = M {
            resource_pool_id: or(&config.resource_pool_id, &prior.resource_pool_id),
            host_system_id: or(&config.host_system_id, &prior.host_system_id),
            datastore_id: or(&config.datastore_id, &prior.datastore_id),
            datastore_cluster_id: config.datastore_cluster_id.clone(),
            ..prior.clone()
        };
        assert!(plan(Some(prior), config, &mut planned).diagnostics.is_empty());
        [planned.host_system_id, planned.datastore_id, planned.vmx_path]
    }

    #[test]
    fn what_a_move_leaves_open_is_not_known() {
        let (host, datastore, file) = (state().host_system_id, state().datastore_id, state().vmx_path);
        let unknown = || Value::<String>::Unknown;
        let pool = |id: &str| M { resource_pool_id: id.into(), ..M::default() };
        let in_cluster = M { datastore_cluster_id: "group-p5".into(), ..state() };
        for (n, (prior, config, expected)) in [
            (state(), pool("resgroup-8"), [host.clone(), datastore.clone(), file.clone()]),
            (state(), pool("resgroup-9"), [unknown(), datastore.clone(), file.clone()]),
            (
                state(),
                M { host_system_id: "host-13".into(), ..pool("resgroup-9") },
                ["host-13".into(), datastore.clone(), file.clone()],
            ),
            (
                state(),
                M { host_system_id: "".into(), ..pool("resgroup-9") },
                [unknown(), datastore.clone(), file.clone()],
            ),
            (
                state(),
                M { datastore_id: "datastore-15".into(), ..pool("resgroup-8") },
                [host.clone(), "datastore-15".into(), unknown()],
            ),
            (
                state(),
                M { datastore_cluster_id: "group-p5".into(), ..pool("resgroup-8") },
                [host.clone(), unknown(), unknown()],
            ),
            // In the cluster by now, whatever datastore it is on.
            (
                in_cluster.clone(),
                M { datastore_cluster_id: "group-p5".into(), ..pool("resgroup-8") },
                [host.clone(), datastore.clone(), file.clone()],
            ),
            (
                in_cluster.clone(),
                M { datastore_cluster_id: "group-p6".into(), ..pool("resgroup-8") },
                [host.clone(), unknown(), unknown()],
            ),
            // Out of the cluster's care, and staying where it is.
            (in_cluster, pool("resgroup-8"), [host, datastore, file]),
        ]
        .into_iter()
        .enumerate()
        {
            assert_eq!(planned(&prior, &config), expected, "case {n}");
        }
    }

    #[test]
    fn a_new_machine_needs_a_datastore() {
        let clone = Value::Known(vec![CloneModel::default()]);
        for (config, right) in [
            (M::default(), false),
            (M { datastore_id: "".into(), ..M::default() }, false),
            (M { datastore_id: "datastore-14".into(), ..M::default() }, true),
            (M { datastore_id: Value::Unknown, ..M::default() }, true),
            (M { datastore_cluster_id: "group-p5".into(), ..M::default() }, true),
            (M { clone, ..M::default() }, true),
            (M { placement: vec![PlacementModel::default()].into(), ..M::default() }, true),
            (M { placement: Value::Unknown, ..M::default() }, true),
        ] {
            let out = plan(None, &config, &mut config.clone());
            assert_eq!(out.diagnostics.is_empty(), right, "{config:?}");
        }
    }
}
