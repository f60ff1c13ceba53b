//! What a state says of the disks and controllers that a machine has.
use super::super::model::{ControllerModel, DiskModel, VirtualMachineModel as M};
use super::convert::{self, disks, gib, own_file, plain_path, state_address, uuid};
use super::own::{Own, is_foreign_block};
use super::planner::{self, Fit, Shares};
use super::{address, controllers};
use std::collections::BTreeSet;
use tf_framework::Value;
use vsphere_client::device::{Address, Bus, Controller, Devices, Disk};
use vsphere_client::virtual_machine::VirtualMachine;

/// Puts what a machine has into `into`, in the words and the order of `state`. A disk that does not exist any more is left
/// out, and so is one that is not the resource's.
pub(in super::super) fn observed(vm: &VirtualMachine, state: &M, own: &Own, imported: bool, into: &mut M) {
    let devices = vm.devices();
    let home = vm.home();
    let there = devices.disks();
    let listed: Vec<&DiskModel> = disks(state).iter().filter(|d| !is_foreign_block(d)).collect();
    let wanted: Vec<planner::Traits> = listed
        .iter()
        .map(|d| {
            let mut traits = convert::wanted(d, uuid(d)).traits;
            traits.address = state_address(d);
            traits
        })
        .collect();
    let uuids: BTreeSet<String> = listed.iter().filter_map(|d| uuid(d)).collect();
    // A foreign disk in the place of one of ours is not ours.
    let ours = |d: &Disk<'_>| {
        d.uuid().is_some_and(|u| uuids.contains(&u)) || own.knows(d, Some(state), home.as_ref())
    };
    let attached_path = |d: &Disk<'_>| {
        let file = d.backing().and_then(|b| plain_path(own_file(&b)));
        wanted.iter().any(|w| w.attached && w.file.is_some() && w.file == file)
    };
    let candidates: Vec<&(Option<Address>, Disk<'_>)> =
        there.iter().filter(|(_, d)| ours(d) || attached_path(d)).collect();
    let traits: Vec<planner::Traits> =
        candidates.iter().map(|(at, d)| convert::of_device(*at, d, None).traits).collect();
    let partners = planner::pair(&wanted, &traits, Fit::Same);
    let mut list: Vec<DiskModel> = listed
        .iter()
        .zip(&partners)
        .filter_map(|(d, p)| p.map(|p| of_disk(candidates[p].0, &candidates[p].1, d)))
        .collect();
    // Nothing is listed: a machine whose disks the configuration leaves to its template.
    if imported || listed.is_empty() {
        let more = candidates.iter().enumerate().filter(|(i, _)| !partners.contains(&Some(*i)));
        for (n, (_, (at, disk))) in more.enumerate() {
            let label = format!("disk{}", list.len());
            debug_assert!(list.len() >= n);
            list.push(of_disk(*at, disk, &DiskModel { label: label.into(), ..DiskModel::default() }));
        }
    }
    into.disk = list.into();
    observe_controllers(&devices, state, imported, into);
}

/// Whether a label is one that an import gave to the disk at that place of the list. The official provider takes the device's
/// label in vSphere, or `disk-<controller>-<unit>`.
pub(super) fn is_made_up(label: &str, place: usize) -> bool {
    let numbers =
        |text: &str| text.split('-').all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let official = ["Hard disk ", "disk-"].into_iter().filter_map(|p| label.strip_prefix(p)).any(numbers);
    label == format!("disk{place}") || official
}

fn of_disk(at: Option<Address>, disk: &Disk<'_>, state: &DiskModel) -> DiskModel {
    let there = convert::of_device(at, disk, None);
    let backing = disk.backing();
    let known = backing.as_ref();
    let mut d = state.clone();
    d.uuid = disk.uuid().into();
    d.key = i64::from(disk.key()).into();
    d.size = gib(disk.capacity()).into();
    if let Some(at) = at {
        d.device_address = at.to_string().into();
        place(&mut d, at);
    }
    if let Some(path) = known.and_then(|b| plain_path(own_file(b))) {
        let same = plain_path(state.path.as_str()).as_ref() == Some(&path);
        if !same {
            d.path = path.into();
        }
    }
    if let Some(datastore) = known.and_then(|b| b.datastore) {
        d.datastore_id = datastore.id.to_string().into();
    }
    let s = there.settings;
    observe(&mut d.disk_mode, s.mode, "persistent");
    observe(&mut d.disk_sharing, s.sharing, "sharingNone");
    if s.write_through.is_some() || d.write_through.known().is_none() {
        d.write_through = s.write_through.unwrap_or_default().into();
    }
    let limit = s.limit.unwrap_or(-1);
    if d.io_limit.known().is_none_or(|was| *was != limit && !(*was == 0 && limit == -1)) {
        d.io_limit = limit.into();
    }
    d.io_reservation = s.reservation.unwrap_or_default().into();
    let (level, count) = match s.shares.unwrap_or(Shares::Normal) {
        Shares::Low => ("low", None),
        Shares::Normal => ("normal", None),
        Shares::High => ("high", None),
        Shares::Custom(n) => ("custom", Some(n)),
    };
    observe(&mut d.io_share_level, Some(level.to_owned()), "normal");
    // A level has a number of its own, which is not declared.
    if let Some(n) = count {
        d.io_share_count = n.into();
    } else if d.io_share_count.known().is_none() {
        d.io_share_count = 0.into();
    }
    // How a disk takes its space; a delta disk reports its own, not that of the disk.
    let whole = known.is_some_and(|b| b.parents.is_empty());
    for (to, found) in [
        (&mut d.thin_provisioned, known.and_then(|b| b.thin)),
        (&mut d.eagerly_scrub, known.and_then(|b| b.eagerly_scrub)),
    ] {
        if to.known().is_none() || (whole && found.is_some()) {
            *to = found.unwrap_or_default().into();
        }
    }
    for to in [&mut d.attach, &mut d.keep_on_remove] {
        if to.known().is_none() {
            *to = false.into();
        }
    }
    if d.storage_policy_id.known().is_none() {
        d.storage_policy_id = String::new().into();
    }
    d
}

/// Keeps the state's form if it means the same: an empty text is the default.
fn observe(to: &mut Value<String>, found: Option<String>, default: &str) {
    let found = found.unwrap_or_else(|| default.to_owned());
    let was = to.known().map(String::as_str);
    let same = was == Some(&found) || (was == Some("") && found == default);
    if !same {
        *to = found.into();
    }
}

/// Says where a disk is in the way in which it was declared.
fn place(d: &mut DiskModel, at: Address) {
    if d.controller_type.known().is_none_or(|t| address::bus(t) != Some(at.bus)) {
        d.controller_type = at.bus.name().into();
    }
    let explicit = d.controller_bus_number.known().is_some() || address::to_flat(at).is_none();
    if explicit {
        d.controller_bus_number = i64::from(at.controller).into();
        d.controller_unit_number = i64::from(at.unit).into();
        if d.unit_number.known().is_none() {
            d.unit_number = 0.into();
        }
    } else if let Some(number) = address::to_flat(at) {
        d.unit_number = number.into();
    }
}

/// The sharing of a controller.
fn sharing(controller: &Controller) -> &str {
    controller.sharing.as_ref().map_or("noSharing", |s| s.as_str())
}

/// Whether the counts of controllers that are planned for an imported machine change nothing: it has that many or more,
/// and none is removed.
pub(in super::super) fn has_controllers(prior: &M, planned: &M) -> bool {
    let counts = |m: &M| {
        [m.scsi_controller_count, m.sata_controller_count, m.nvme_controller_count, m.ide_controller_count]
    };
    counts(prior).iter().zip(counts(planned)).all(|(before, after)| {
        matches!((before.known(), after.known()), (Some(before), Some(after)) if after <= before)
    })
}

fn observe_controllers(devices: &Devices, state: &M, imported: bool, into: &mut M) {
    let controllers = devices.controllers();
    let of = |bus: Bus| controllers.iter().filter(move |c| c.ty.bus() == bus);
    // What an import finds: the controllers without a gap from the first one on, and as many as the disks need.
    let found = |bus: Bus| {
        let without_gap = (0..).take_while(|n| of(bus).any(|c| c.number == *n)).count();
        let disks = devices.disks();
        let used = disks.iter().filter_map(|(at, _)| *at).filter(|a| a.bus == bus).map(|a| a.controller + 1);
        let used = i64::from(used.max().unwrap_or_default());
        let all = used.max(i64::try_from(without_gap).unwrap_or_default());
        // One type and one sharing are declared for all SCSI controllers: empty ones of another kind are not counted.
        let counted = || of(bus).filter(|c| i64::from(c.number) < all);
        let alike = controllers::agreed(counted().map(|c| c.ty.name())) != Some(controllers::MIXED)
            && controllers::agreed(counted().map(sharing)) != Some(controllers::MIXED);
        if bus != Bus::Scsi || alike { all } else { used }
    };
    let count = |state: &Value<i64>, bus: Bus, least: i64| match state.known() {
        Some(n) if !imported => *n,
        _ if bus == Bus::Ide => least,
        _ => found(bus).max(least),
    };
    into.scsi_controller_count = count(&state.scsi_controller_count, Bus::Scsi, 1).into();
    into.sata_controller_count = count(&state.sata_controller_count, Bus::Sata, 0).into();
    into.nvme_controller_count = count(&state.nvme_controller_count, Bus::Nvme, 0).into();
    into.ide_controller_count = count(&state.ide_controller_count, Bus::Ide, 2).into();
    let counted = into.scsi_controller_count.get();
    into.controller = observed_blocks(&controllers, state);
    // Those that have a block of their own are not among what is declared for all.
    let has_block = |c: &Controller| {
        convert::blocks(state).iter().any(|b| convert::block_place(b) == Some((c.ty.bus(), c.number)))
    };
    let scsi: Vec<&Controller> =
        of(Bus::Scsi).filter(|c| i64::from(c.number) < counted && !has_block(c)).collect();
    let ty = controllers::agreed(scsi.iter().map(|c| c.ty.name()));
    let kept = |v: &Value<String>, default: &str| v.known().cloned().unwrap_or_else(|| default.to_owned());
    // "mixed" declares nothing: it remains true of controllers that happen to agree.
    let declared = |v: &Value<String>| imported || v.as_str() != controllers::MIXED;
    let ty = ty.filter(|_| declared(&state.scsi_type));
    into.scsi_type = ty.map_or_else(|| kept(&state.scsi_type, "pvscsi"), str::to_owned).into();
    let sharing = controllers::agreed(scsi.iter().map(|c| sharing(c)));
    let sharing = sharing.filter(|_| declared(&state.scsi_bus_sharing));
    into.scsi_bus_sharing =
        sharing.map_or_else(|| kept(&state.scsi_bus_sharing, "noSharing"), str::to_owned).into();
}

/// The blocks of the state, with the type and the sharing that their controllers have where those are declared. A block
/// whose controller does not exist is left out.
fn observed_blocks(controllers: &[Controller], state: &M) -> Value<Vec<ControllerModel>> {
    let Value::Known(blocks) = &state.controller else { return state.controller.clone() };
    let one = |b: &ControllerModel| {
        let at = convert::block_place(b)?;
        let there = controllers.iter().find(|c| (c.ty.bus(), c.number) == at)?;
        let mut b = b.clone();
        if b.scsi_type.known().is_some() {
            b.scsi_type = there.ty.name().into();
        }
        if b.sharing.known().is_some() {
            b.sharing = sharing(there).into();
        }
        Some(b)
    };
    blocks.iter().filter_map(one).collect::<Vec<_>>().into()
}
