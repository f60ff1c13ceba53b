//! Where disks are to be: for a machine that is moved, and for a clone.
use super::super::model::{DiskModel, VirtualMachineModel as M};
use super::convert::{datastore, disks, uuid, wanted};
use super::planner::{self, Fit};
use super::{assemble, convert};
use std::collections::BTreeMap;
use vsphere_client::device::{Devices, DiskBacking};
use vsphere_client::vim::types::{
    VirtualDeviceBackingInfoKind, VirtualDiskFlatVer2BackingInfo, VirtualMachineProfileSpecKind,
};

/// The datastore that a disk is to be on once its machine has moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Move {
    /// The key of the disk.
    pub(in super::super) key: i32,
    /// The id of the datastore.
    pub(in super::super) datastore: String,
    /// Whether that is another one than now.
    pub(in super::super) moves: bool,
}

/// Where each disk of a machine is to be. Those that are not known to the state stay where they are: a move has to name them,
/// for vSphere takes along what is not named. A disk that is not in the list goes where vSphere puts it, which is what a
/// datastore cluster is for.
pub(in super::super) fn moves(plan: &M, devices: &Devices) -> Vec<Move> {
    let planned = |uuid_: &str| disks(plan).iter().find(|d| uuid(d).as_deref() == Some(uuid_));
    let place = |disk: vsphere_client::device::Disk<'_>| {
        let now = disk.backing().and_then(|b| b.datastore.map(|d| d.id.to_string()))?;
        let to = match disk.uuid().and_then(|u| planned(&u)) {
            Some(d) if d.datastore_id.is_unknown() => return None,
            Some(d) if !d.datastore_id.as_str().is_empty() => d.datastore_id.as_str().to_owned(),
            _ => now.clone(),
        };
        Some(Move { key: disk.key(), moves: to != now, datastore: to })
    };
    devices.disks().into_iter().filter_map(|(_, disk)| place(disk)).collect()
}

/// How a disk of a template is to be in the clone.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct CloneDisk {
    /// The key of the template's disk.
    pub(in super::super) key: i32,
    /// The id of the datastore that its block declares.
    pub(in super::super) datastore: Option<String>,
    /// The backing, if it is declared to differ from the template's: `diskBackingInfo`.
    pub(in super::super) backing: Option<VirtualDeviceBackingInfoKind>,
    /// The storage policy that its block declares.
    pub(in super::super) profile: Vec<VirtualMachineProfileSpecKind>,
}

/// The disks of a template that are to be on a datastore of their own in the clone, or to take their space in another way than the
/// template's: what the configuration says, not what defaults say. `names` are those of datastores by their ids. Not for
/// linked clones, whose disks are differences to those of the template.
pub(in super::super) fn clone_backings(
    config: &M,
    plan: &M,
    devices: &Devices,
    names: &BTreeMap<String, String>,
) -> Vec<CloneDisk> {
    let there = devices.disks();
    let blocks: Vec<planner::Traits> = disks(plan).iter().map(|d| wanted(d, None).traits).collect();
    let present: Vec<planner::Traits> =
        there.iter().map(|(at, d)| convert::of_device(*at, d, None).traits).collect();
    let partners = planner::pair(&blocks, &present, Fit::All);
    let mut out = vec![];
    for (i, partner) in partners.into_iter().enumerate() {
        let (Some(p), Some(c)) = (partner, disks(config).get(i)) else { continue };
        let disk = &there[p].1;
        let own = c.datastore_id.non_empty().cloned();
        let backing = disk.backing().and_then(|b| reformed(c, &b, own.as_deref(), names));
        let profile = convert::profile(c);
        if own.is_some() || backing.is_some() || !profile.is_empty() {
            out.push(CloneDisk { key: disk.key(), datastore: own, backing, profile });
        }
    }
    out
}

fn reformed(
    c: &DiskModel,
    b: &DiskBacking<'_>,
    own: Option<&str>,
    names: &BTreeMap<String, String>,
) -> Option<VirtualDeviceBackingInfoKind> {
    let (thin, eager) = (c.thin_provisioned.known().copied(), c.eagerly_scrub.known().copied());
    let other = |to: Option<bool>, is: Option<bool>| to.is_some_and(|to| to != is.unwrap_or_default());
    if !other(thin, b.thin) && !other(eager, b.eagerly_scrub) {
        return None;
    }
    let mut backing = VirtualDiskFlatVer2BackingInfo {
        disk_mode: b.mode.unwrap_or("persistent").to_owned(),
        thin_provisioned: thin.or(b.thin),
        eagerly_scrub: eager.or(b.eagerly_scrub),
        ..Default::default()
    };
    backing.base.file_name = assemble::folder(own, names);
    backing.base.datastore = own.map(datastore);
    Some(backing.into())
}
