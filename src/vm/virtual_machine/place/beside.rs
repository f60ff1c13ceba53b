//! What other machines have on the datastores of one: a file that another uses is not deleted with it.
use super::super::disks;
use super::super::identity::Found;
use crate::common::once::Once;
use crate::vsphere::Vsphere;
use std::collections::BTreeMap;
use std::sync::Arc;
use vsphere_client::MoRef;
use vsphere_client::device::DatastorePath;
use vsphere_client::virtual_machine::Neighbor;

/// The virtual machines that have files on datastores, by the ids of those.
#[derive(Default)]
struct Neighbors(Once<Vec<String>, Arc<Vec<(MoRef, Neighbor)>>>);

/// The machines that have files on datastores; read once in a run, for many are destroyed together.
///
/// # Errors
/// Those of any call.
pub(in super::super) async fn neighbors(
    vsphere: &Vsphere,
    datastores: &[MoRef],
) -> vsphere_client::Result<Arc<Vec<(MoRef, Neighbor)>>> {
    let mut ids: Vec<String> = datastores.iter().map(|d| d.id.to_string()).collect();
    ids.sort();
    let look = async { Ok(Arc::new(vsphere.api.virtual_machines().on_datastores(datastores).await?)) };
    vsphere.run::<Neighbors>().0.get(ids, look).await
}

/// Which of `files` another machine uses, or has in its folder, with a description. A file that cannot be read is not included.
pub(in super::super) async fn used_by_others(
    vsphere: &Vsphere,
    found: &Found,
    files: &[String],
) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    if files.is_empty() {
        return out;
    }
    let Ok(all) = neighbors(vsphere, &found.vm.datastores).await else { return out };
    let home = found.vm.home();
    for (object, n) in all.iter().filter(|(object, _)| *object != found.object) {
        let why = uses(n, files, home.as_ref());
        if why.is_empty() {
            continue;
        }
        // It may be deleted since: this run destroys virtual machines.
        let Ok(now) = vsphere.api.virtual_machines().get(object).await else { continue };
        let now = Neighbor {
            name: n.name.clone(),
            home: now.home(),
            disks: disks::newest_files(&now),
            parents: vec![],
        };
        out.extend(uses(&now, files, home.as_ref()));
    }
    out
}

/// Which files a machine uses, or has in its folder. Pure.
fn uses(n: &Neighbor, files: &[String], home: Option<&DatastorePath>) -> BTreeMap<String, String> {
    let place = |p: &DatastorePath| (p.datastore.clone(), p.folder().to_owned());
    let theirs =
        n.home.as_ref().map(place).filter(|p| !p.1.is_empty() && Some(p) != home.map(place).as_ref());
    let mut out = BTreeMap::new();
    for file in files {
        if n.disks.contains(file) {
            out.insert(file.clone(), format!("the virtual machine {:?} uses it", n.name));
        } else if theirs.is_some() && file.parse::<DatastorePath>().ok().as_ref().map(place) == theirs {
            out.insert(file.clone(), format!("it is in the folder of the virtual machine {:?}", n.name));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_uses_or_keeps_is_found() {
        let home: DatastorePath = "[ds] web/web.vmx".parse().unwrap();
        let files = ["[ds] web/web.vmdk", "[ds] web/shared.vmdk", "[ds] other/x.vmdk"].map(str::to_owned);
        let other = Neighbor {
            name: "other".to_owned(),
            home: "[ds] other/other.vmx".parse().ok(),
            disks: vec!["[ds] web/shared.vmdk".to_owned()],
            parents: vec![],
        };
        let found: Vec<String> = uses(&other, &files, Some(&home)).into_keys().collect();
        assert_eq!(found, ["[ds] other/x.vmdk", "[ds] web/shared.vmdk"]);
        // Two machines in one folder: it is as much the one's as the other's.
        let beside = Neighbor { home: "[ds] web/second.vmx".parse().ok(), disks: vec![], ..other };
        assert!(uses(&beside, &files, Some(&home)).is_empty());
    }
}
