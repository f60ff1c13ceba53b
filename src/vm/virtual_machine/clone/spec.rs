//! What vSphere takes for a clone: place, customization, and of the hardware what is known to be taken. The clone is left
//! off: what is still to be done follows when it was read.
use super::super::disks::CloneDisk;
use super::super::model::VirtualMachineModel as M;
use super::super::place;
use super::Source;
use crate::common::moid::{Datastore, Host, MoId};
use vsphere_client::device::DatastorePath;
use vsphere_client::vim::types::{
    CustomizationSpec, VirtualMachineCloneSpec, VirtualMachineConfigSpec, VirtualMachineFileInfo,
    VirtualMachineRelocateSpec, VirtualMachineRelocateSpecDiskLocator,
};

/// The disks of a linked clone are differences to a snapshot's; those of a template without one, which can have none, are
/// shared as far as they are read-only; those of others are the clone's own, with the files of no other.
const LINKED: &str = "createNewChildDiskBacking";
const SHARED: &str = "moveAllDiskBackingsAndAllowSharing";
const FULL: &str = "moveAllDiskBackingsAndDisallowSharing";

/// What a clone is to be besides its place.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Wanted {
    /// The hardware, with the changes of devices.
    pub(in super::super) config: VirtualMachineConfigSpec,
    /// How its guest is set up.
    pub(in super::super) customization: Option<CustomizationSpec>,
    /// The disks that do not go where the machine goes, or take their space in another way than in the source.
    pub(in super::super) disks: Vec<CloneDisk>,
    /// The name of the machine's datastore.
    pub(in super::super) datastore: Option<String>,
}

/// What vSphere takes for a clone. Pure.
pub(in super::super) fn spec(plan: &M, source: &Source, wanted: Wanted) -> VirtualMachineCloneSpec {
    let how = match (source.linked, &source.snapshot) {
        (true, Some(_)) => LINKED,
        (true, None) => SHARED,
        (false, _) => FULL,
    };
    let how = Some(how.to_owned());
    let mut config = wanted.config;
    let folder = plan.datastore_path.as_str().trim().trim_matches('/');
    if let (false, Some(name)) = (folder.is_empty(), wanted.datastore) {
        let home = format!("{}/", DatastorePath::new(name, folder));
        config.files =
            Some(Box::new(VirtualMachineFileInfo { vm_path_name: Some(home), ..Default::default() }));
    }
    // In a datastore cluster Storage DRS chooses; otherwise a clone stays where its source is.
    let datastore = match plan.datastore_cluster_id.as_str() {
        "" => plan.datastore_id.non_empty(),
        _ => None,
    };
    let disk = wanted.disks.into_iter().filter_map(|d| {
        // A locator has to name a datastore; where Storage DRS chooses there is none to name.
        let id = d.datastore.or_else(|| datastore.cloned())?;
        Some(VirtualMachineRelocateSpecDiskLocator {
            disk_id: d.key,
            datastore: MoId::<Datastore>::object(id),
            disk_move_type: how.clone(),
            disk_backing_info: d.backing.map(Box::new),
            profile: d.profile,
            ..Default::default()
        })
    });
    let host = plan.host_system_id.non_empty();
    let location = VirtualMachineRelocateSpec {
        pool: Some(place::pool(plan.resource_pool_id.as_str())),
        host: host.map(MoId::<Host>::object),
        datastore: datastore.map(MoId::<Datastore>::object),
        disk: disk.collect(),
        disk_move_type: how.clone(),
        profile: config.vm_profile.clone(),
        ..Default::default()
    };
    VirtualMachineCloneSpec {
        location,
        config: Some(Box::new(config)),
        customization: wanted.customization.map(Box::new),
        power_on: false,
        template: false,
        snapshot: source.snapshot.clone(),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tf_framework::Value;
    use vsphere_client::MoRef;

    #[test]
    fn a_clone_goes_where_it_is_planned() {
        let source = |linked: bool| Source {
            object: MoRef::new("VirtualMachine", "vm-7"),
            vm: Arc::default(),
            snapshot: linked.then(|| MoRef::new("VirtualMachineSnapshot", "snapshot-1")),
            linked,
        };
        let plan = M {
            resource_pool_id: "resgroup-v9".into(),
            host_system_id: Value::Unknown,
            datastore_id: "datastore-1".into(),
            ..M::default()
        };
        let wanted = Wanted {
            disks: vec![CloneDisk {
                key: 2001,
                datastore: Some("datastore-2".into()),
                backing: None,
                profile: vec![],
            }],
            datastore: Some("ssd".to_owned()),
            ..Default::default()
        };
        let full = spec(&plan, &source(false), wanted.clone());
        assert_eq!(full.location.pool, Some(MoRef::new("VirtualApp", "resgroup-v9")));
        assert_eq!(
            (full.location.host, full.snapshot, full.template, full.power_on),
            (None, None, false, false)
        );
        assert_eq!(full.config.and_then(|c| c.files), None);
        let below = M { datastore_path: "/team/a/".into(), ..plan.clone() };
        let files = spec(&below, &source(false), wanted.clone()).config.and_then(|c| c.files);
        assert_eq!(files.and_then(|f| f.vm_path_name).as_deref(), Some("[ssd] team/a/"));
        assert_eq!(full.location.datastore, Some(MoRef::new("Datastore", "datastore-1")));
        assert_eq!(full.location.disk_move_type.as_deref(), Some(FULL));
        let disk = &full.location.disk[0];
        assert_eq!((disk.disk_id, &*disk.datastore.id), (2001, "datastore-2"));
        assert_eq!(disk.disk_move_type.as_deref(), Some(FULL));
        let plan = M { datastore_cluster_id: "group-p5".into(), host_system_id: "host-1".into(), ..plan };
        let template = Source { linked: true, ..source(false) };
        let shared = spec(&plan, &template, wanted.clone());
        assert_eq!((shared.location.disk_move_type.as_deref(), shared.snapshot), (Some(SHARED), None));
        let linked = spec(&plan, &source(true), wanted);
        assert_eq!(linked.location.disk_move_type.as_deref(), Some(LINKED));
        assert_eq!(linked.location.datastore, None);
        assert_eq!(linked.location.host, Some(MoRef::new("HostSystem", "host-1")));
        assert_eq!(linked.snapshot.map(|s| s.id), Some("snapshot-1".into()));
    }
}
