//! From plain changes to devices: what a creation, clone or reconfiguration is asked to do with disks and controllers.
use super::super::assembly::Assembly;
use super::super::effects::Effects;
use super::super::model::{DiskModel, VirtualMachineModel as M};
use super::controllers;
use super::convert::{self, datastore, disks, of_device, uuid, wire_sharing};
use super::own::Own;
use super::planned::{exchanging, growing, shrinking, words};
use super::planner::{self, Aspect, Change, Fit, There, Wanted, cold_bus, cold_edit};
use crate::fault::capital;
use std::collections::{BTreeMap, BTreeSet};
use tf_framework::{AttributePath, Diagnostics, Value};
use vsphere_client::MoRef;
use vsphere_client::device::{
    Address, Controller, DatastorePath, Devices, Files, controller_key, device_mut, key,
};
use vsphere_client::vim::types::VirtualDeviceKind;

/// Where the devices come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Origin {
    /// From nothing.
    New,
    /// From a template; `linked` when the disks are differences to the template's.
    Clone { linked: bool },
    /// It is a machine already.
    Machine,
}

/// What is known of the machine besides its devices.
#[derive(Debug)]
pub(in super::super) struct Scene<'a> {
    /// Where the devices come from.
    pub(in super::super) origin: Origin,
    /// The datastore and folder of the machine.
    pub(in super::super) home: Option<DatastorePath>,
    /// The disks that the resource has made.
    pub(in super::super) own: &'a Own,
    /// The name of a snapshot that the machine has.
    pub(in super::super) snapshot: Option<String>,
    /// The names of datastores by their ids; see [`datastores`].
    pub(in super::super) names: &'a BTreeMap<String, String>,
}

/// The ids of the datastores whose names are needed for the files of new and attached disks.
pub(in super::super) fn datastores(plan: &M) -> BTreeSet<String> {
    let of_disks = disks(plan).iter().map(|d| &d.datastore_id);
    let all = of_disks.chain(std::iter::once(&plan.datastore_id));
    all.filter_map(|id| id.known()).filter(|id| !id.is_empty()).cloned().collect()
}

/// The folder on a datastore that vSphere is to choose a file name in: the machine's own when none is named.
pub(super) fn folder(id: Option<&str>, names: &BTreeMap<String, String>) -> String {
    id.and_then(|id| names.get(id)).map_or_else(String::new, |name| format!("[{name}]"))
}

/// Puts the changes of disks and controllers into `out`, whose devices are those of the machine or template.
pub(in super::super) fn assemble(
    prior: Option<&M>,
    plan: &M,
    scene: &Scene<'_>,
    out: &mut Assembly,
) -> Effects {
    let mut effects = Effects::default();
    let mut edits = Edits::default();
    arrange_controllers(plan, scene, out, &mut edits, &mut effects);
    // Without any block, the disks are those that came with the virtual machine, and no other is declared.
    if !disks(plan).is_empty() {
        arrange_disks(prior, plan, scene, out, &mut edits, &mut effects);
    }
    edits.send(out);
    effects
}

/// Devices that change, in the order in which they are sent: each once, whatever changes about it.
#[derive(Default)]
struct Edits(Vec<(i32, Edit)>);

struct Edit {
    at: AttributePath,
    about: String,
    device: VirtualDeviceKind,
    policy: Option<usize>,
    blocks: Vec<DiskModel>,
}

impl Edits {
    /// The device to change, as it is by now.
    fn of(&mut self, at: AttributePath, about: String, device: &VirtualDeviceKind) -> &mut Edit {
        let fresh = || Edit {
            at: at.clone(),
            about: about.clone(),
            device: device.clone(),
            policy: None,
            blocks: vec![],
        };
        let place = self.0.iter().position(|(k, _)| *k == key(device)).unwrap_or_else(|| {
            self.0.push((key(device), fresh()));
            self.0.len() - 1
        });
        let edit = &mut self.0[place].1;
        (edit.at, edit.about) = (at, about);
        edit
    }

    /// Puts a device behind all others.
    fn last(&mut self, key: i32) {
        if let Some(place) = self.0.iter().position(|(k, _)| *k == key) {
            let edit = self.0.remove(place);
            self.0.push(edit);
        }
    }

    fn forget(&mut self, key: i32) {
        self.0.retain(|(k, _)| *k != key);
    }

    fn send(self, out: &mut Assembly) {
        for (_, edit) in self.0 {
            out.edit(edit.at, edit.about, edit.device);
            if let Some(d) = edit.policy.and_then(|i| edit.blocks.get(i)) {
                out.with_profiles(convert::profile(d));
            }
        }
    }
}

fn arrange_controllers(
    plan: &M,
    scene: &Scene<'_>,
    out: &mut Assembly,
    edits: &mut Edits,
    effects: &mut Effects,
) {
    let present = convert::present_controllers(&out.devices);
    for change in controllers::changes(&present, &convert::wanted_controllers(plan)) {
        if scene.origin == Origin::Machine
            && let Some(why) = controllers::cold(&change)
        {
            effects.power_off(convert::reason(plan, &change), why);
        }
        let at = convert::reason(plan, &change);
        match change {
            controllers::Change::Add { ty, number, sharing } => {
                let about = format!("the controller {}:{number} ({ty})", ty.bus());
                out.add(at, about, ty.device(0, number, wire_sharing(sharing)));
            }
            controllers::Change::Share { key, bus, number, sharing } => {
                let Some(device) = out.devices.by_key(key).cloned() else { continue };
                let about = format!("the controller {bus}:{number}");
                let edit = edits.of(at, about, &device);
                share(&mut edit.device, sharing);
            }
            controllers::Change::Replace { key: old, number, from, to, sharing } => {
                let Some(device) = out.devices.by_key(old).cloned() else { continue };
                let about = format!("the controller scsi:{number} ({from})");
                out.remove(at.clone(), about, device, Files::Keep);
                let about = format!("the controller scsi:{number} ({to})");
                let new = out.add(at.clone(), about, to.device(0, number, wire_sharing(sharing)));
                hang_over(&at, out, old, new, edits, effects);
            }
        }
    }
}

fn share(device: &mut VirtualDeviceKind, sharing: controllers::Sharing) {
    use VirtualDeviceKind as D;
    let to = wire_sharing(sharing);
    match device {
        D::ParaVirtualSCSIController(c) => c.base.shared_bus = to,
        D::VirtualLsiLogicController(c) => c.base.shared_bus = to,
        D::VirtualLsiLogicSASController(c) => c.base.shared_bus = to,
        D::VirtualBusLogicController(c) => c.base.shared_bus = to,
        D::VirtualNVMEController(c) => c.shared_bus = Some(to.as_str().to_owned()),
        _ => {}
    }
}

/// Hangs all devices of one controller, whosever they are, on another, at the same units. `at` is what asks for it.
fn hang_over(
    at: &AttributePath,
    out: &mut Assembly,
    old: i32,
    new: i32,
    edits: &mut Edits,
    effects: &mut Effects,
) {
    let devices = std::mem::take(&mut out.devices).into_inner();
    let described = Devices::new(devices.clone());
    let mut kept = vec![];
    for mut device in devices {
        if controller_key(&device) == Some(old) {
            match device_mut(&mut device) {
                Some(base) => {
                    base.controller_key = Some(new);
                    let edit = edits.of(at.clone(), described.describe(&device), &device);
                    edit.device.clone_from(&device);
                }
                None => {
                    let detail = format!(
                        "{} hangs on a controller of another type, and this provider does not know that kind of device. \
                         Move it to another controller outside Terraform, or set `scsi_type` to the existing type.",
                        described.describe(&device)
                    );
                    let summary = "A SCSI controller cannot be replaced";
                    effects.diagnostics.merge(Diagnostics::error(at.clone(), summary, detail));
                }
            }
        }
        kept.push(device);
    }
    out.devices = Devices::new(kept);
}

fn arrange_disks(
    prior: Option<&M>,
    plan: &M,
    scene: &Scene<'_>,
    out: &mut Assembly,
    edits: &mut Edits,
    effects: &mut Effects,
) {
    let blocks = disks(plan);
    let past = prior.map_or(&[][..], disks);
    let devices = out.devices.clone();
    let all = devices.disks();
    let of_past = |u: Option<String>| past.iter().find(|d| uuid(d).is_some() && uuid(d) == u);
    let of_plan = |u: Option<String>| blocks.iter().find(|d| uuid(d).is_some() && uuid(d) == u);
    let mut there: Vec<There> =
        all.iter().map(|(at, disk)| of_device(*at, disk, of_past(disk.uuid()))).collect();
    if prior.is_some_and(|p| p.imported.get()) {
        // As in the plan: what an import has found and no configuration has declared yet is left alone.
        there.iter_mut().for_each(|t| t.fate = planner::Fate::Stays);
    }
    let wanted: Vec<Wanted> = blocks.iter().map(|d| convert::wanted(d, uuid(d))).collect();
    let machine = scene.origin == Origin::Machine;
    let partners = {
        // A disk that is in the state but not in the plan is being removed; one that is in neither is foreign.
        let free = |i: usize| {
            let disk = &all[i].1;
            if of_plan(disk.uuid()).is_some() {
                return true;
            }
            if !machine {
                // A disk that was attached to the copy outside Terraform is not a part of it.
                return scene.own.0.is_none() || scene.own.knows(disk, None, scene.home.as_ref());
            }
            let attached = |w: &Wanted| w.traits.attached && w.traits.file == there[i].traits.file;
            // One that the state does not list was added by a run that did not end. The plan has not said that it moves.
            let declared = |w: &Wanted| {
                w.traits.uuid.is_none()
                    && w.traits.address.is_some()
                    && w.traits.address == there[i].traits.address
            };
            of_past(disk.uuid()).is_none()
                && (wanted.iter().any(attached)
                    || wanted.iter().any(declared) && scene.own.knows(disk, prior, scene.home.as_ref()))
        };
        let candidates: Vec<usize> = (0..all.len()).filter(|i| free(*i)).collect();
        let w: Vec<_> = wanted.iter().map(|w| w.traits.clone()).collect();
        let t: Vec<_> = candidates.iter().map(|i| there[*i].traits.clone()).collect();
        let fit = if machine { Fit::Same } else { Fit::All };
        let pairs = planner::pair(&w, &t, fit);
        pairs.into_iter().map(|p| p.map(|p| candidates[p])).collect::<Vec<_>>()
    };
    if !machine && !blocks.is_empty() {
        let left: Vec<String> = (0..all.len())
            .filter(|i| !partners.contains(&Some(*i)))
            .filter(|i| scene.own.0.is_none() || scene.own.knows(&all[*i].1, None, scene.home.as_ref()))
            .map(|i| template_words(all[i].0, there[i].traits.gib))
            .collect();
        if !left.is_empty() {
            let detail = format!(
                "The template has {} disks, and the configuration {}. Without a block: {}. Declare a `disk` for each of them with \
                 its `unit_number` and at least its size; or none at all, and they are taken as they are.",
                all.len(),
                if blocks.len() == 1 {
                    "declares one".to_owned()
                } else {
                    format!("declares {}", blocks.len())
                },
                left.join(", ")
            );
            effects.diagnostics.merge(Diagnostics::error(
                M::DISK,
                "A disk of the template has no block",
                detail,
            ));
        }
    }
    let (changes, shrinks) = planner::changes(&wanted, &there, &partners);
    let (changes, stuck) = planner::in_order(changes, &there);
    if machine && !stuck.is_empty() {
        effects.diagnostics.merge(exchanging(blocks, &stuck));
        return;
    }
    for s in shrinks {
        let at = M::DISK.index(s.wanted).field(DiskModel::SIZE);
        let about = words(&blocks[s.wanted]);
        let about = if machine { about } else { format!("{about}, which is the template's,") };
        effects.diagnostics.merge(shrinking(at, &about, s.from, s.to));
    }
    let bus = |at: Option<Address>| at.map(|a| a.bus);
    // Disks are removed before others are added in their place.
    for change in &changes {
        let (t, files) = match change {
            // A file that is another's too is not deleted.
            Change::Delete(t) if scene.own.spares(&all[*t].1).is_some() => (*t, Files::Keep),
            Change::Delete(t) => (*t, Files::Destroy),
            Change::Detach(t) => (*t, Files::Keep),
            _ => continue,
        };
        let Some(device) = devices.by_key(all[t].1.key()) else { continue };
        let about = of_past(all[t].1.uuid()).map_or_else(|| devices.describe(device), words);
        if let (true, Files::Keep, Some(snapshot)) = (all[t].1.is_held(), files, &scene.snapshot) {
            let detail =
                super::held::detail(&capital(&about), &super::held::in_words(std::slice::from_ref(snapshot)));
            effects.diagnostics.merge(Diagnostics::error(M::DISK, super::held::CANNOT_DETACH, detail));
        }
        if files == Files::Destroy {
            effects.destroys(M::DISK, format!("{} is deleted with what is on it", devices.describe(device)));
        }
        if machine && cold_bus(bus(all[t].0)) {
            effects.power_off(M::DISK, format!("{about} is removed from an IDE controller"));
        }
        edits.forget(key(device));
        out.remove(M::DISK.into(), about, device.clone(), files);
    }
    for change in changes {
        match change {
            Change::Create(w) | Change::Attach(w) => {
                add(w, plan, scene, out, effects);
                if machine && cold_bus(bus(wanted[w].traits.address)) {
                    let why = format!("{} is added to an IDE controller", words(&blocks[w]));
                    effects.power_off(M::DISK.index(w), why);
                }
            }
            Change::Edit { wanted: w, there: t, aspects } => {
                if machine {
                    for why in aspects.iter().filter_map(|a| cold_edit(a, bus(all[t].0))) {
                        effects.power_off(M::DISK.index(w), format!("{}: {why}", words(&blocks[w])));
                    }
                }
                let Some(device) = out.devices.by_key(all[t].1.key()).cloned() else { continue };
                change_disk(&blocks[w], w, &device, &aspects, scene, out, edits, effects);
            }
            Change::Delete(_) | Change::Detach(_) => {}
        }
    }
}

fn template_words(at: Option<Address>, gib: Option<i64>) -> String {
    let at = at.map_or_else(|| "a disk".to_owned(), |a| a.to_string());
    gib.map_or_else(|| at.clone(), |gib| format!("{at} ({gib} GiB)"))
}

#[allow(clippy::too_many_arguments, reason = "one step of a loop, with all that it reads and writes")]
fn change_disk(
    d: &DiskModel,
    w: usize,
    device: &VirtualDeviceKind,
    aspects: &[Aspect],
    scene: &Scene<'_>,
    out: &mut Assembly,
    edits: &mut Edits,
    effects: &mut Effects,
) {
    let at = M::DISK.index(w);
    let about = words(d);
    let grows = aspects.iter().find_map(|a| match a {
        Aspect::Grow { from, to } => Some((*from, *to)),
        _ => None,
    });
    if let Some((from, to)) = grows {
        let size = at.clone().field(DiskModel::SIZE);
        if let (Origin::Machine, Some(snapshot)) = (scene.origin, &scene.snapshot) {
            let names = super::held::in_words(std::slice::from_ref(snapshot));
            effects.diagnostics.merge(growing(size, &about, from, to, &names));
        } else if scene.origin == (Origin::Clone { linked: true }) {
            let detail = format!(
                "{about} is a difference to the template's disk, which has {from} GiB; {to} GiB are declared. Declare {from}, or \
                 leave `size` out, or clone without `linked_clone` and `instant_clone`."
            );
            effects.diagnostics.merge(Diagnostics::error(
                size,
                "A disk of a linked clone has the template's size",
                detail,
            ));
        }
    }
    let target = aspects.iter().find_map(|a| match a {
        Aspect::Move { to, .. } => Some(*to),
        _ => None,
    });
    let place = match target {
        Some(to) => match free_place(to, w, d, Some(key(device)), out, effects) {
            Some(controller) => Some((controller.key, to.unit)),
            None => return,
        },
        None => None,
    };
    let edit = edits.of(at, about, device);
    if let VirtualDeviceKind::VirtualDisk(disk) = &mut edit.device {
        convert::edit(disk, d, grows.is_some(), aspects.contains(&Aspect::Io));
        if let Some((controller, unit)) = place {
            disk.base.controller_key = Some(controller);
            disk.base.unit_number = Some(unit);
        }
    }
    if aspects.iter().any(|a| matches!(a, Aspect::Policy { .. })) {
        edit.policy = Some(edit.blocks.len());
        edit.blocks.push(d.clone());
    }
    if place.is_some() {
        let moved = edit.device.clone();
        edits.last(key(device));
        let rest = std::mem::take(&mut out.devices).into_inner();
        let rest = rest.into_iter().map(|d| if key(&d) == key(&moved) { moved.clone() } else { d });
        out.devices = Devices::new(rest.collect());
    }
}

/// Makes or attaches a disk.
fn add(w: usize, plan: &M, scene: &Scene<'_>, out: &mut Assembly, effects: &mut Effects) {
    let d = &disks(plan)[w];
    let at = M::DISK.index(w);
    let Some(to) = convert::declared_address(d) else { return };
    let Some(controller) = free_place(to, w, d, None, out, effects) else { return };
    let own = d.datastore_id.non_empty();
    let id = own.or(plan.datastore_id.non_empty()).map(String::as_str);
    let file = if d.attach.get() {
        let path = d.path.as_str();
        let plain = convert::plain_path(path).unwrap_or_default();
        let name = id.and_then(|id| scene.names.get(id)).cloned();
        // A path with the name of its datastore stands for itself.
        let name = name.or_else(|| path.parse::<DatastorePath>().ok().map(|p| p.datastore));
        let name = name.or_else(|| scene.home.as_ref().map(|h| h.datastore.clone()));
        DatastorePath::new(name.unwrap_or_default(), plain).to_string()
    } else {
        if convert::size(&d.size).is_none() {
            let detail = format!("{} is new: say how large it is to be, in GiB.", words(d));
            let at = at.field(DiskModel::SIZE);
            effects.diagnostics.merge(Diagnostics::error(at, "A new disk needs a size", detail));
            return;
        }
        folder(own.map(String::as_str), scene.names)
    };
    let mut device = convert::device(d, controller.key, to.unit, file);
    if let (Some(id), Some(backing)) = (id, device.base.backing.as_deref_mut()) {
        on_datastore(backing, datastore(id));
    }
    let about = words(&DiskModel { device_address: to.to_string().into(), ..d.clone() });
    if d.attach.get() {
        out.add(at, about, device.into());
    } else {
        out.create(at, about, device.into());
    }
    let profile = convert::profile(d);
    if !profile.is_empty() {
        out.with_profiles(profile);
    }
}

fn on_datastore(backing: &mut vsphere_client::vim::types::VirtualDeviceBackingInfoKind, id: MoRef) {
    if let vsphere_client::vim::types::VirtualDeviceBackingInfoKind::VirtualDiskFlatVer2BackingInfo(b) =
        backing
    {
        b.base.datastore = Some(id);
    }
}

/// The controller of an address that is free; otherwise an error says what is there. `who` is the disk that moves there.
fn free_place(
    to: Address,
    w: usize,
    d: &DiskModel,
    who: Option<i32>,
    out: &Assembly,
    effects: &mut Effects,
) -> Option<Controller> {
    let explicit = matches!(d.controller_bus_number, Value::Known(_));
    let at = M::DISK.index(w).field(if explicit {
        DiskModel::CONTROLLER_UNIT_NUMBER
    } else {
        DiskModel::UNIT_NUMBER
    });
    let mut error = |summary: &str, detail: String| {
        effects.diagnostics.merge(Diagnostics::error(at.clone(), summary, detail));
    };
    let Some(controller) = out.controller(to.bus, to.controller) else {
        let detail = format!(
            "{} is declared at {to}, and there is no controller {}:{}.",
            words(d),
            to.bus,
            to.controller
        );
        error("A disk has no controller", detail);
        return None;
    };
    let mut units = controller.ty.units(out.hardware);
    if !units.clone().any(|unit| unit == to.unit) {
        let highest = units.clone().last().unwrap_or_default();
        let first = units.next().unwrap_or_default();
        let detail = format!(
            "{} is declared at {to}. The controller {}:{} ({}) has the units {first} to {highest} with hardware version {}.",
            words(d),
            to.bus,
            to.controller,
            controller.ty,
            out.hardware.0
        );
        error("A disk is out of range", detail);
        return None;
    }
    if let Some(taken) = out.devices.at(to).filter(|device| Some(key(device)) != who) {
        let free = out.devices.free_units(&controller, out.hardware);
        let free: Vec<String> = free.iter().take(3).map(ToString::to_string).collect();
        let free = if free.is_empty() { "none".to_owned() } else { free.join(", ") };
        let detail = format!(
            "{} is declared at {to}, where there is {} already, which this resource does not manage. Free on this controller: \
             {free}.",
            words(d),
            out.devices.describe(taken),
        );
        error("The address of a disk is taken", detail);
        return None;
    }
    Some(controller)
}
