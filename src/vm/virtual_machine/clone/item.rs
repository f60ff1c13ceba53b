//! Machines from items of content libraries: vCenter makes them, and what the configuration declares differently is changed
//! afterwards.
use super::super::model::{CloneModel, VirtualMachineModel as M, title};
use super::super::{place, power};
use super::at;
use crate::common::machine::is_uuid;
use crate::fault::{Doing, in_words};
use crate::vsphere::Vsphere;
use std::sync::Arc;
use tf_framework::{Cx, Diagnostics, Resource, Result, Value};
use vsphere_client::content_library::{Deployment, LibraryItem};
use vsphere_client::virtual_machine::Wait;
use vsphere_client::{Error, MoRef};

/// The type of an item that is an OVF package.
const PACKAGE: &str = "ovf";
/// The type of an item that is a template in the inventory, too.
const TEMPLATE: &str = "vm-template";

/// The item of that ID; `None` if the ID is not that of an item.
pub(super) async fn find(vsphere: &Vsphere, id: &str) -> Option<Arc<LibraryItem>> {
    if !is_uuid(id) {
        return None;
    }
    vsphere.api.content_libraries().item(id).await.ok()
}

/// What does not go with an item. Pure.
pub(in super::super) fn check(from: &CloneModel, item: &LibraryItem) -> Diagnostics {
    let mut out = Diagnostics::default();
    if ![PACKAGE, TEMPLATE].contains(&item.ty.as_str()) {
        let detail = format!(
            "The item {:?} has the type {:?}. A virtual machine is made of an item of the type \"ovf\" or \"vm-template\".",
            item.name, item.ty
        );
        let path = at().field(CloneModel::TEMPLATE_UUID);
        out.merge(Diagnostics::error(path, "Invalid type of a content library item", detail));
    }
    if from.instant_clone.get() {
        let detail = format!(
            "{:?} is an item of a content library. An instant clone is created from a virtual machine that is powered on. Set \
             `template_uuid` to one, or remove `instant_clone`.",
            item.name
        );
        let path = at().field(CloneModel::TEMPLATE_UUID);
        out.merge(Diagnostics::error(path, "Invalid source of an instant clone", detail));
    }
    let unused = [
        (CloneModel::LINKED_CLONE, from.linked_clone.get()),
        (CloneModel::PROMOTE_DISKS, from.promote_disks.get()),
        (CloneModel::SNAPSHOT_ID, !from.snapshot_id.as_str().is_empty()),
    ];
    for (field, _) in unused.into_iter().filter(|(_, set)| *set) {
        let detail = format!(
            "{:?} is an item of a content library, which has no snapshots. Remove `{}`.",
            item.name, field.0
        );
        out.merge(Diagnostics::warning(at().field(field), "The argument has no effect", detail));
    }
    out
}

/// Has vCenter make the machine, which stays powered off. `plan` has the place that was chosen.
///
/// # Errors
/// vCenter's reasons.
pub(in super::super) async fn deploy<R: Resource<Client = Vsphere>>(
    cx: &Cx<'_, R>,
    plan: &M,
    from: &CloneModel,
    item: &LibraryItem,
    folder: &MoRef,
) -> Result<MoRef> {
    let libraries = cx.client().api.content_libraries();
    let spec = deployment(plan, from, folder);
    let wait = Wait::new(power::minutes(&from.timeout, 30), cx.cancel());
    let made = match item.ty.as_str() {
        TEMPLATE => libraries.deploy_template(&item.id, &spec, wait).await,
        _ => libraries.deploy_ovf(&item.id, &spec, wait).await,
    };
    let doing = format!("deploy the content library item {:?} as {}", item.name, title(plan));
    if let Err(e @ Error::Library(_)) = &made {
        let path = at().field(CloneModel::TEMPLATE_UUID);
        return Err(Diagnostics::error(path, format!("Unable to {doing}"), in_words(e)));
    }
    made.doing(doing)
}

/// What vCenter makes of an item. A datastore cluster is named in the place of a datastore, as by the official provider. Pure.
fn deployment(plan: &M, from: &CloneModel, folder: &MoRef) -> Deployment {
    let set = |v: &Value<String>| v.non_empty().cloned();
    let pool = place::pool(plan.resource_pool_id.as_str());
    let mut networks = from.ovf_network_map.get();
    for nic in plan.network_interface.known().map(Vec::as_slice).unwrap_or_default() {
        if let (Some(name), Some(id)) = (set(&nic.ovf_mapping), set(&nic.network_id)) {
            networks.insert(name, id);
        }
    }
    let disk = plan.disk.first();
    let provisioning = disk.map(|d| {
        let is = |v: &Value<bool>, default: bool| v.known().copied().unwrap_or(default);
        match (is(&d.thin_provisioned, true), is(&d.eagerly_scrub, false)) {
            (true, _) => "thin",
            (false, true) => "eagerZeroedThick",
            (false, false) => "thick",
        }
    });
    let vapp = plan.vapp.first();
    Deployment {
        name: plan.name.get(),
        annotation: plan.annotation.get(),
        // A vApp holds its machines itself.
        folder: (&*pool.ty != "VirtualApp").then(|| folder.clone()),
        pool: Some(pool),
        host: set(&plan.host_system_id).map(|id| MoRef::new("HostSystem", id)),
        datastore: set(&plan.datastore_cluster_id).or_else(|| set(&plan.datastore_id)),
        storage_policy: set(&plan.storage_policy_id),
        provisioning: provisioning.map(str::to_owned),
        networks,
        storage_groups: from.ovf_storage_map.get(),
        properties: vapp.map(|v| v.properties.get()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::model::{DiskModel, NicModel};
    use super::*;

    fn item(ty: &str) -> LibraryItem {
        LibraryItem { name: "golden".to_owned(), ty: ty.to_owned(), ..Default::default() }
    }

    #[test]
    fn item_is_a_package_or_a_template() {
        let from = CloneModel::default();
        for (ty, fits) in [("ovf", true), ("vm-template", true), ("iso", false), ("", false)] {
            assert_eq!(check(&from, &item(ty)).0.is_empty(), fits, "{ty}");
        }
        let linked = CloneModel { linked_clone: true.into(), ..from };
        let found = check(&linked, &item("ovf"));
        assert!(!found.has_errors() && found.to_string().contains("Remove `linked_clone`"), "{found}");
    }

    #[test]
    fn deployment_has_the_planned_place() {
        let nic =
            NicModel { ovf_mapping: "nat".into(), network_id: "network-7".into(), ..Default::default() };
        let disk = |thin: bool, eager: bool| DiskModel {
            thin_provisioned: thin.into(),
            eagerly_scrub: eager.into(),
            ..Default::default()
        };
        let plan = M {
            name: "web".into(),
            resource_pool_id: "resgroup-1".into(),
            host_system_id: Value::Unknown,
            datastore_id: "datastore-1".into(),
            network_interface: vec![nic].into(),
            disk: vec![disk(false, false)].into(),
            ..M::default()
        };
        let folder = MoRef::new("Folder", "group-v3");
        let from = CloneModel::default();
        let spec = deployment(&plan, &from, &folder);
        assert_eq!((spec.datastore.as_deref(), spec.host), (Some("datastore-1"), None));
        assert_eq!(spec.networks.get("nat").map(String::as_str), Some("network-7"));
        assert_eq!((spec.folder, spec.provisioning.as_deref()), (Some(folder.clone()), Some("thick")));
        let in_vapp = M {
            resource_pool_id: "resgroup-v1".into(),
            datastore_cluster_id: "group-p5".into(),
            disk: vec![disk(true, true)].into(),
            ..plan
        };
        let spec = deployment(&in_vapp, &from, &folder);
        assert_eq!((spec.folder, spec.datastore.as_deref()), (None, Some("group-p5")));
        assert_eq!(spec.provisioning.as_deref(), Some("thin"));
    }
}
