//! The place of a new virtual machine that vSphere selects.
use super::super::model::{PlacementModel, VirtualMachineModel as M};
use crate::vm::virtual_machine_placement::{self as recommended, VirtualMachinePlacementModel as Asked};
use crate::vsphere::Vsphere;
use tf_framework::{AttributePath, Diagnostics, Field, Model as _, Result, Value};

/// Whether vSphere selects the place, or may.
pub(super) fn given(m: &M) -> bool {
    m.placement.is_unknown() || m.placement.first().is_some()
}

fn at() -> AttributePath {
    M::PLACEMENT.index(0)
}

/// What is asked of vSphere: a virtual machine of the declared size. Pure.
fn asked(m: &M, from: &PlacementModel) -> Asked {
    let disks = m.disk.known().into_iter().flatten();
    let sizes: Vec<i64> = disks.filter_map(|d| d.size.known().copied()).filter(|gib| *gib > 0).collect();
    Asked {
        name: m.name.clone(),
        compute_cluster_ids: from.compute_cluster_ids.clone(),
        host_system_ids: from.host_system_ids.clone(),
        datastore_ids: from.datastore_ids.clone(),
        num_cpus: m.num_cpus,
        memory: m.memory,
        guest_id: m.guest_id.clone(),
        storage_policy_id: m.storage_policy_id.clone(),
        disk_sizes: sizes.into(),
        ..Asked::null()
    }
}

/// What does not go together. Pure.
pub(super) fn validate(config: &M) -> Diagnostics {
    let Some(from) = config.placement.first() else { return Diagnostics::default() };
    let mut out = recommended::problems(&asked(config, from), &at());
    let set = |v: &Value<String>| v.known().is_some_and(|id| !id.is_empty());
    let mut excluded = |field: Field, is_set: bool, instead: &str| {
        if is_set {
            let detail =
                format!("vSphere selects the place. Remove `{}`{instead}, or remove `placement`.", field.0);
            out.merge(Diagnostics::error(field, "Conflicting placement arguments", detail));
        }
    };
    let host = ", and set `host_system_ids` in `placement`";
    let datastore = ", and set `datastore_ids` in `placement`";
    excluded(M::HOST_SYSTEM_ID, set(&config.host_system_id), host);
    excluded(M::DATASTORE_ID, set(&config.datastore_id), datastore);
    excluded(M::DATASTORE_CLUSTER_ID, set(&config.datastore_cluster_id), "");
    out
}

/// The plan of a new virtual machine with the place that vSphere recommends for it, in one request. Nothing is reserved.
///
/// # Errors
/// vSphere recommends no place, with its reasons.
pub(in super::super) async fn selected(vsphere: &Vsphere, plan: M) -> Result<M> {
    let Some(from) = plan.placement.first() else { return Ok(plan) };
    let best = recommended::best(vsphere, &asked(&plan, from), at()).await?;
    if best.resource_pool_id.is_null() || best.datastore_id.is_null() {
        let detail = "vCenter recommends a place without a resource pool or without a datastore. Remove `placement`, and set \
                      `resource_pool_id` and `datastore_id`.";
        return Err(Diagnostics::error(at(), "Placement not found", detail));
    }
    tracing::info!(
        name = plan.name.as_str(),
        pool = best.resource_pool_id.as_str(),
        host = best.host_system_id.as_str(),
        datastore = best.datastore_id.as_str(),
        reason = best.reason.as_str(),
        "vSphere has selected a place"
    );
    Ok(M {
        resource_pool_id: best.resource_pool_id,
        host_system_id: best.host_system_id,
        datastore_id: best.datastore_id,
        ..plan
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::model::DiskModel;
    use super::*;
    use std::collections::BTreeSet;

    fn ids(all: &[&str]) -> Value<BTreeSet<String>> {
        all.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<_>>().into()
    }

    fn placed(clusters: &[&str]) -> M {
        let block = PlacementModel { compute_cluster_ids: ids(clusters), ..PlacementModel::null() };
        M { name: "web".into(), placement: vec![block].into(), ..M::null() }
    }

    #[test]
    fn arguments_that_name_the_place_are_rejected() {
        let paths = |m: M| validate(&m).0.iter().map(|d| d.at.to_string()).collect::<Vec<_>>();
        assert_eq!(paths(M { host_system_id: "host-1".into(), ..M::null() }), [""; 0]);
        assert_eq!(paths(placed(&["domain-c1", "domain-c2"])), [""; 0]);
        assert_eq!(
            paths(M { host_system_id: "host-1".into(), datastore_id: "".into(), ..placed(&["domain-c1"]) }),
            ["host_system_id"]
        );
        assert_eq!(paths(M { datastore_id: Value::Unknown, ..placed(&["domain-c1"]) }), [""; 0]);
        assert_eq!(
            paths(M { datastore_cluster_id: "group-p1".into(), ..placed(&["domain-c1"]) }),
            ["datastore_cluster_id"]
        );
        let mut two = placed(&["domain-c1", "domain-c2"]);
        if let Value::Known(blocks) = &mut two.placement {
            blocks[0].datastore_ids = ids(&["datastore-1"]);
        }
        assert_eq!(paths(two), ["placement[0].datastore_ids"]);
    }

    #[test]
    fn the_declared_size_is_asked_for() {
        let disk = |size: Value<i64>| DiskModel { size, ..DiskModel::default() };
        let m = M {
            num_cpus: 4.into(),
            memory: 8192.into(),
            disk: vec![disk(20.into()), disk(Value::Null), disk(Value::Unknown), disk(5.into())].into(),
            ..placed(&["domain-c1"])
        };
        let asked = asked(&m, &m.placement.get()[0]);
        assert_eq!(
            (asked.num_cpus, asked.memory, asked.disk_sizes.get()),
            (4.into(), 8192.into(), vec![20, 5])
        );
        assert_eq!(asked.compute_cluster_ids, ids(&["domain-c1"]));
    }
}
