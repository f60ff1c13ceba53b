//! CD-ROM drives.
mod plan;

use super::VirtualMachineModel as M;
use super::assembly::Assembly;
use super::effects::Effects;
use super::matching::Partner;
use super::model::CdromModel;
use super::place::datastore_names;
use crate::common::moid::{Datastore, MoId};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use plan::{Drive, Medium, Place, Step, Switches, Wanted};
use std::collections::{BTreeMap, BTreeSet};
use tf_framework::{AttributePath, Diagnostics, Field, Result, Value};
use vsphere_client::MoRef;
use vsphere_client::device::{self, Address, Bus, DatastorePath, Devices, Files, device_mut, new_cdrom};
use vsphere_client::vim::types::{VirtualDevice, VirtualDeviceKind};
use vsphere_client::virtual_machine::VirtualMachine;

/// How many places IDE has for drives and disks.
const IDE_PLACES: usize = 4;
const ADDING: &str = "a drive on IDE is only added to a virtual machine that is off";
const REMOVING: &str = "a drive on IDE is only removed from a virtual machine that is off";

/// The names of datastores by their ids.
pub(super) type Datastores = BTreeMap<String, String>;

fn at(block: usize) -> AttributePath {
    M::CDROM.index(block)
}

fn blocks(model: &M) -> &[CdromModel] {
    model.cdrom.known().map_or(&[], Vec::as_slice)
}

/// What is wrong whatever the machine is like.
pub(super) fn validate(config: &M) -> Diagnostics {
    let mut out = Diagnostics::default();
    for (i, drive) in blocks(config).iter().enumerate() {
        one(i, drive, &mut out);
    }
    places(blocks(config), &mut out);
    out
}

/// What is wrong with the address of a drive, and with names.
fn places(all: &[CdromModel], out: &mut Diagnostics) {
    let (ty, bus, unit) =
        (CdromModel::CONTROLLER_TYPE, CdromModel::CONTROLLER_BUS_NUMBER, CdromModel::CONTROLLER_UNIT_NUMBER);
    let mut refuse = |i: usize, field: Field, detail: String| {
        out.merge(Diagnostics::error(at(i).field(field), "Invalid CD-ROM drive address", detail));
    };
    for (i, d) in all.iter().enumerate() {
        if d.controller_bus_number.known().is_some() && d.controller_type.is_null() {
            refuse(
                i,
                ty,
                "`controller_bus_number` requires `controller_type`: \"ide\" or \"sata\".".to_owned(),
            );
        }
        if d.controller_unit_number.known().is_some() && d.controller_bus_number.is_null() {
            refuse(i, bus, "`controller_unit_number` requires `controller_bus_number`.".to_owned());
        }
        if d.controller_type.known().is_some_and(|t| t == "ide") {
            for (field, v) in [(bus, &d.controller_bus_number), (unit, &d.controller_unit_number)] {
                if let Some(n) = v.known().filter(|n| **n > 1) {
                    refuse(
                        i,
                        field,
                        format!("IDE has the controllers 0 and 1, with the units 0 and 1, got {n}."),
                    );
                }
            }
        }
        let exact = |d: &CdromModel| place_of(d).exact();
        if let Some(k) = (0..i).find(|&k| exact(d).is_some() && exact(&all[k]) == exact(d)) {
            let detail = format!("The CD-ROM drive {} is declared at the same address.", k + 1);
            refuse(i, unit, detail);
        }
    }
    for (i, d) in all.iter().enumerate() {
        let named = d.name.non_empty();
        if let Some(k) = (0..i).find(|&k| named.is_some() && all[k].name.known() == named) {
            let detail = format!(
                "The CD-ROM drive {} has the same name. Names are unique in a virtual machine.",
                k + 1
            );
            let at = at(i).field(CdromModel::NAME);
            out.merge(Diagnostics::error(at, "Two CD-ROM drives of one name", detail));
        }
    }
}

fn one(i: usize, drive: &CdromModel, out: &mut Diagnostics) {
    let set = |v: &Value<String>| v.known().is_some_and(|t| !t.is_empty());
    let maybe = |v: &Value<String>| v.is_unknown() || set(v);
    let (path, datastore) = (&drive.path, &drive.datastore_id);
    if drive.client_device.get() {
        for (field, v) in [(CdromModel::PATH, path), (CdromModel::DATASTORE_ID, datastore)] {
            if set(v) {
                let detail = "With `client_device`, the drive is that of the client that has the console open. Remove one of the two.";
                let summary = format!("`{}` does not go with `client_device`", field.0);
                out.merge(Diagnostics::error(at(i).field(field), summary, detail));
            }
        }
        return;
    }
    if drive.client_device.is_unknown() {
        return;
    }
    // Neither is a drive as it is; what is unknown may turn out to be either.
    match (path.non_empty(), maybe(datastore)) {
        (Some(p), false) if !on_host(p) => {
            let detail = "`datastore_id` is the datastore that contains the image: the data source `vsphere_datastore` returns it.";
            out.merge(Diagnostics::error(
                at(i).field(CdromModel::DATASTORE_ID),
                "`datastore_id` is needed",
                detail,
            ));
        }
        (None, _) if set(datastore) && !maybe(path) => {
            let detail = "`path` says which file on the datastore is the image, such as \"iso/setup.iso\".";
            out.merge(Diagnostics::error(at(i).field(CdromModel::PATH), "`path` is needed", detail));
        }
        _ => {}
    }
    if let Some(text) = path.known()
        && text.starts_with('[')
    {
        let detail = format!(
            "{text:?} names a datastore. Expected the path on the datastore that `datastore_id` says, such as \
             \"iso/setup.iso\"."
        );
        out.merge(Diagnostics::error(
            at(i).field(CdromModel::PATH),
            "`path` begins with a datastore",
            detail,
        ));
    }
}

/// The path as vSphere writes it.
fn plain_path(path: &str) -> String {
    if on_host(path) { path.to_owned() } else { path.trim_start_matches('/').to_owned() }
}

/// Whether a path is that of an image on the host, such as that of guest tools.
fn on_host(path: &str) -> bool {
    path.starts_with("/vmimages/")
}

fn place_of(block: &CdromModel) -> Place {
    Place {
        bus: block.controller_type.non_empty().cloned(),
        controller: block.controller_bus_number.known().copied(),
        unit: block.controller_unit_number.known().copied(),
    }
}

fn switches_of(block: &CdromModel) -> Switches {
    let connected = block.connected.known().copied();
    let at_start = block.start_connected.known().copied();
    // A drive that is connected stays so when the machine is turned off and on.
    Switches {
        connected,
        at_start: at_start.or(connected.filter(|_| block.start_connected.is_null())),
        guest: block.allow_guest_control.known().copied(),
    }
}

/// What is declared.
fn declared(block: &CdromModel) -> Wanted {
    Wanted {
        medium: wanted(block),
        name: block.name.get(),
        place: place_of(block),
        switches: switches_of(block),
    }
}

fn wanted(block: &CdromModel) -> Option<Medium> {
    match &block.client_device {
        Value::Unknown => None,
        Value::Known(true) => Some(Medium::Console),
        _ => match (&block.datastore_id, &block.path) {
            (Value::Unknown, _) | (_, Value::Unknown) => None,
            (_, path) if path.as_str().is_empty() => Some(Medium::Other),
            (datastore, path) => Some(Medium::Image {
                datastore: datastore.non_empty().cloned(),
                path: plain_path(path.as_str()),
            }),
        },
    }
}

fn known(state: &M) -> Vec<Drive> {
    let drive = |b: &CdromModel| Drive {
        key: b.key.get(),
        address: b.device_address.get(),
        medium: wanted(b).unwrap_or(Medium::Other),
        name: b.name.get(),
        switches: switches_of(b),
    };
    blocks(state).iter().map(drive).collect()
}

/// `is_on`: while the machine is off, no drive is connected, and what counts is whether it is going to be.
fn seen(devices: &Devices, is_on: bool) -> Vec<Drive> {
    devices
        .cdroms()
        .into_iter()
        .map(|(address, cdrom)| Drive {
            key: i64::from(cdrom.key()),
            address: address.map(|a| a.to_string()).unwrap_or_default(),
            medium: match cdrom.medium() {
                device::Medium::Client { .. } => Medium::Console,
                device::Medium::Iso { file, datastore } => image(&file, datastore),
                _ => Medium::Other,
            },
            name: String::new(),
            switches: cdrom.device.connectable.as_deref().map_or_else(Switches::default, |c| Switches {
                connected: Some(if is_on { c.connected } else { c.start_connected }),
                at_start: Some(c.start_connected),
                guest: Some(c.allow_guest_control),
            }),
        })
        .collect()
}

/// An image in a drive. `[]` is none, and what follows it is on the host.
fn image(file: &str, datastore: Option<MoRef>) -> Medium {
    let path = match file.strip_prefix("[]") {
        Some(rest) => rest.trim().to_owned(),
        None => file.parse::<DatastorePath>().map_or_else(|_| file.to_owned(), |p| plain_path(&p.path)),
    };
    if path.is_empty() {
        return Medium::Other;
    }
    Medium::Image { datastore: datastore.map(|d| d.id.to_string()), path }
}

fn words(block: usize, medium: Option<&Medium>) -> String {
    let what = match medium {
        Some(Medium::Image { path, .. }) => path.as_str(),
        Some(Medium::Console) => "the client's",
        Some(Medium::Other) => "empty",
        None => "not known yet",
    };
    format!("the CD-ROM drive {} ({what})", block + 1)
}

/// Declares what is `false` or 0 where the state has nothing: of these attributes, that is another value than none.
fn say_zeros(config: &M, planned: &mut M) {
    let Value::Known(blocks) = &mut planned.cdrom else { return };
    let mut said = false;
    for (block, declared) in blocks.iter_mut().zip(self::blocks(config)) {
        let flags = [
            (&mut block.connected, declared.connected),
            (&mut block.start_connected, declared.start_connected),
            (&mut block.allow_guest_control, declared.allow_guest_control),
        ];
        for (planned, declared) in flags {
            if planned.is_null() && !declared.is_null() {
                (*planned, said) = (declared, true);
            }
        }
        let numbers = [
            (&mut block.controller_bus_number, declared.controller_bus_number),
            (&mut block.controller_unit_number, declared.controller_unit_number),
        ];
        for (planned, declared) in numbers {
            if planned.is_null() && !declared.is_null() {
                (*planned, said) = (declared, true);
            }
        }
    }
    if said {
        // It changes with every change.
        planned.change_version = Value::Unknown;
    }
}

/// Completes the planned blocks with the values of their partners in the state, and returns the changes that require powering off.
pub(super) fn plan(prior: Option<&M>, config: &M, planned: &mut M) -> Effects {
    let mut effects = Effects::default();
    if planned.cdrom.is_unknown() {
        return effects;
    }
    say_zeros(config, planned);
    let wanted: Vec<Wanted> = blocks(planned).iter().map(declared).collect();
    for (first, second) in plan::twice(&wanted) {
        let detail = format!(
            "The CD-ROM drive {} has the same image. Each drive must have an image of its own.",
            first + 1
        );
        let at = at(second).field(CdromModel::PATH);
        effects.diagnostics.merge(Diagnostics::error(at, "Two CD-ROM drives with one image", detail));
    }
    let disks: BTreeSet<String> = disk_addresses(planned).collect();
    let before = prior.map(blocks).unwrap_or_default();
    let there = prior.map(known).unwrap_or_default();
    let partners = plan::pair(&wanted, &there);
    let moves =
        |block: usize| partners[block].index().is_some_and(|j| !wanted[block].place.fits(&there[j].address));
    for (block, w) in wanted.iter().enumerate() {
        let taken = w.place.exact().filter(|a| disks.contains(a));
        if let Some(address) = taken.filter(|_| moves(block) || partners[block].index().is_none()) {
            let detail = format!("A disk is at {address}. Choose another `controller_unit_number`.");
            let at = at(block).field(CdromModel::CONTROLLER_UNIT_NUMBER);
            effects.diagnostics.merge(Diagnostics::error(at, "Invalid CD-ROM drive address", detail));
        }
    }
    if let Value::Known(blocks) = &mut planned.cdrom {
        for (i, (block, partner)) in blocks.iter_mut().zip(&partners).enumerate() {
            let partner = partner.index().filter(|_| !moves(i)).map(|j| &before[j]);
            block.key = partner.map_or(Value::Unknown, |p| p.key);
            block.device_address = partner.map_or(Value::Unknown, |p| p.device_address.clone());
        }
    }
    let Some(prior) = prior else { return effects };
    if partners.contains(&Partner::Open) {
        return effects;
    }
    let to: Vec<Option<usize>> = partners.iter().map(|p| p.index()).collect();
    let mut ide = ide_places(prior, planned);
    // What an import has found and the configuration does not declare is left alone.
    let steps = plan::steps(&wanted, &there, &to, |_| !prior.imported.get());
    for step in &steps {
        if let Step::Remove { drive } | Step::Move { drive, .. } = *step
            && there[drive].cold()
        {
            ide.remove(&there[drive].address);
            effects.power_off(M::CDROM, format!("the CD-ROM drive at {}: {REMOVING}", there[drive].address));
        }
    }
    for step in steps {
        let (Step::Add { block } | Step::Move { block, .. }) = step else { continue };
        // Without a controller, the drive goes where `place` puts it: on IDE, as long as there is room.
        let on_ide = wanted[block].place.bus.as_deref().map_or(ide.len() < IDE_PLACES, |bus| bus == "ide");
        if on_ide {
            ide.insert(format!("new {block}"));
            let words = words(block, wanted[block].medium.as_ref());
            effects.power_off(at(block), format!("{words}: {ADDING}"));
        }
    }
    effects
}

fn disk_addresses(planned: &M) -> impl Iterator<Item = String> {
    planned.disk.known().map_or(&[][..], Vec::as_slice).iter().map(|d| d.device_address.get())
}

/// The places on IDE that are known to be taken, once disks are as planned.
fn ide_places(prior: &M, planned: &M) -> BTreeSet<String> {
    let drives = blocks(prior).iter().map(|d| d.device_address.get());
    disk_addresses(planned).chain(drives).filter(|a| a.starts_with("ide:")).collect()
}

/// The names of the datastores that the plan names.
///
/// # Errors
/// A datastore that does not exist, and those of any call.
pub(super) async fn resolve(vsphere: &Vsphere, plan: &M) -> Result<Datastores> {
    let ids: BTreeMap<String, usize> = (blocks(plan).iter().enumerate().rev())
        .filter_map(|(i, b)| Some((b.datastore_id.known()?.clone(), i)))
        .filter(|(id, _)| !id.is_empty())
        .collect();
    let mut names = Datastores::new();
    let mut problems = Diagnostics::default();
    for (id, name) in datastore_names(vsphere, ids.keys().cloned()).await {
        match name {
            Ok(name) => drop(names.insert(id, name)),
            Err(e) if e.is_not_found() => {
                let at = at(ids[&id]).field(CdromModel::DATASTORE_ID);
                problems.merge(MoId::<Datastore>::not_found(&id, at));
            }
            Err(e) => {
                let failed: vsphere_client::Result<()> = Err(e);
                let said = failed.doing(format!("look up {}", MoRef::new("Datastore", id.as_str())));
                problems.merge(said.err().unwrap_or_default());
            }
        }
    }
    problems.into_result(names)
}

fn medium(wanted: Option<&Medium>, datastores: &Datastores) -> device::Medium {
    match wanted {
        Some(Medium::Image { datastore: Some(id), path }) => {
            let name = datastores.get(id).map_or("", String::as_str);
            device::Medium::Iso {
                file: format!("[{name}] {path}"),
                datastore: Some(MoId::<Datastore>::object(id.as_str())),
            }
        }
        Some(Medium::Image { datastore: None, path }) if on_host(path) => {
            device::Medium::Iso { file: format!("[] {path}"), datastore: None }
        }
        _ => device::Medium::Client { passthrough: true, device: String::new() },
    }
}

/// A free place: where it is declared; otherwise on IDE, then on SATA.
fn place(out: &Assembly, declared: &Place) -> Option<Address> {
    [Bus::Ide, Bus::Sata].into_iter().find_map(|bus| {
        let free = out.devices.free_addresses(bus, out.hardware);
        free.into_iter().find(|a| declared.fits(&a.to_string()))
    })
}

/// Brings the devices to what is planned. Drives that the state does not know are left alone; those of a template are taken
/// over one after the other, and where it is `bare`, the others go.
pub(super) fn assemble(
    prior: Option<&M>,
    plan: &M,
    datastores: &Datastores,
    (bare, is_on): (bool, bool),
    out: &mut Assembly,
) -> Effects {
    let mut effects = Effects::default();
    let there = seen(&out.devices, is_on);
    let wanted: Vec<Wanted> = blocks(plan).iter().map(declared).collect();
    let (to, ours) = match prior {
        None => {
            let all = if bare { (0..there.len()).map(Some).collect() } else { vec![] };
            (plan::pair_in_order(wanted.len(), there.len()), all)
        }
        Some(prior) => {
            let known = known(prior);
            let found = plan::locate(&known, &there);
            let partners = plan::pair(&wanted, &known);
            let to = partners.iter().map(|p| found[p.index()?]).collect();
            (to, if prior.imported.get() { vec![] } else { found })
        }
    };
    let steps = plan::steps(&wanted, &there, &to, |d| ours.contains(&Some(d)));
    let device = |drive: usize, out: &Assembly| {
        out.devices.by_key(i32::try_from(there[drive].key).unwrap_or_default()).cloned()
    };
    let mut new: Vec<(usize, Option<VirtualDeviceKind>)> = vec![];
    for step in steps {
        match step {
            Step::Remove { drive } | Step::Move { drive, .. } => {
                let words = format!("the CD-ROM drive at {}", there[drive].address);
                if there[drive].cold() {
                    effects.power_off(M::CDROM, format!("{words}: {REMOVING}"));
                }
                let old = device(drive, out);
                if let Some(d) = old.clone() {
                    out.remove(M::CDROM.into(), words, d, Files::Keep);
                }
                if let Step::Move { block, drive } = step {
                    let keeps = !plan::has_other(&wanted[block], &there[drive]);
                    new.push((block, old.filter(|_| keeps)));
                }
            }
            Step::Change { block, drive } => {
                let w = &wanted[block];
                let fresh = new_cdrom(0, 0, 0, &medium(w.medium.as_ref(), datastores));
                if let (Some(mut d), Some(fresh)) = (device(drive, out), fresh.base())
                    && let Some(base) = device_mut(&mut d)
                {
                    if plan::has_other(w, &there[drive]) {
                        base.backing = fresh.backing.clone();
                        base.connectable = fresh.connectable.clone();
                    }
                    switch(base, w.switches);
                    out.edit(at(block), words(block, w.medium.as_ref()), d);
                }
            }
            Step::Add { block } => new.push((block, None)),
        }
    }
    // Those that may go anywhere take what the others leave.
    new.sort_by_key(|(block, _)| {
        let place = &wanted[*block].place;
        (place.unit.is_none(), place.controller.is_none(), place.bus.is_none())
    });
    for (block, old) in new {
        add(block, &wanted[block], old, datastores, out, &mut effects);
    }
    effects
}

/// Connects a drive as it is declared.
fn switch(base: &mut VirtualDevice, wanted: Switches) {
    if wanted == Switches::default() {
        return;
    }
    let info = base.connectable.get_or_insert_default();
    info.connected = wanted.connected.unwrap_or(info.connected);
    info.start_connected = wanted.at_start.unwrap_or(info.start_connected);
    info.allow_guest_control = wanted.guest.unwrap_or(info.allow_guest_control);
}

/// Adds a drive; `old` is one that moves with its medium.
fn add(
    block: usize,
    wanted: &Wanted,
    old: Option<VirtualDeviceKind>,
    datastores: &Datastores,
    out: &mut Assembly,
    effects: &mut Effects,
) {
    let words = words(block, wanted.medium.as_ref());
    let place = place(out, &wanted.place);
    let Some((address, controller)) = place.and_then(|a| Some((a, out.controller(a.bus, a.controller)?)))
    else {
        let (at, detail) = if wanted.place == Place::default() {
            let detail = "All units of the IDE and SATA controllers of the virtual machine are in use. Increase \
                          `sata_controller_count`.";
            (at(block), detail)
        } else {
            let detail = "The unit is in use, or the virtual machine does not have the controller. Set another unit, or \
                          increase `sata_controller_count`.";
            (at(block).field(CdromModel::CONTROLLER_TYPE), detail)
        };
        let summary = "No unit is free for the CD-ROM drive";
        effects.diagnostics.merge(Diagnostics::error(at, summary, detail));
        return;
    };
    if address.bus == Bus::Ide {
        effects.power_off(at(block), format!("{words}: {ADDING}"));
    }
    let mut device = new_cdrom(0, controller.key, address.unit, &medium(wanted.medium.as_ref(), datastores));
    if let Some(base) = device_mut(&mut device) {
        if let Some(old) = old.as_ref().and_then(|d| d.base()) {
            base.backing = old.backing.clone();
            base.connectable = old.connectable.clone();
        }
        switch(base, wanted.switches);
    }
    out.add(at(block), words, device);
}

/// The blocks that are planned, with those of an import that the configuration does not declare and that stay as they are:
/// nothing where another changes.
pub(super) fn with_undeclared(prior: &M, planned: &M) -> Option<Vec<CdromModel>> {
    let before = blocks(prior);
    let stays = |b: &CdromModel| before.iter().any(|p| p.key == b.key && same_drive(p, b));
    (!planned.cdrom.is_unknown() && blocks(planned).iter().all(stays)).then(|| before.to_vec())
}

fn same_drive(a: &CdromModel, b: &CdromModel) -> bool {
    // An import has not said these, so that a plan that declares them is not without changes.
    let said = |d: &CdromModel| (d.name.get(), place_of(d), switches_of(d));
    if said(b) != said(&CdromModel::default()) && said(a) != said(b) {
        return false;
    }
    wanted(b) == Some(Medium::Other) || (wanted(a) == wanted(b) && wanted(a).is_some())
}

/// The blocks of the state with the values of the virtual machine: removed drives are left out, and so are those that the state does not contain,
/// unless it is `imported`.
pub(super) fn observed(vm: &VirtualMachine, state: &M, imported: bool) -> Vec<CdromModel> {
    let there = seen(&vm.devices(), is_on(vm));
    let found = plan::locate(&known(state), &there);
    let mut out: Vec<CdromModel> = (found.iter().zip(blocks(state)))
        .filter_map(|(drive, before)| Some(model(&there[(*drive)?], Some(before))))
        .collect();
    if imported {
        let new = (0..there.len()).filter(|d| !found.contains(&Some(*d)));
        out.extend(new.map(|d| model(&there[d], None)));
    }
    out
}

/// Whether the machine is on.
pub(super) fn is_on(vm: &VirtualMachine) -> bool {
    vm.power_state.as_str() == "poweredOn"
}

/// The values of a block for what it declares, beside the medium.
fn details(drive: &Drive, before: &CdromModel) -> CdromModel {
    let place = drive.address.parse().ok().map_or_else(Place::default, Place::of);
    let flag = |said: &Value<bool>, is: Option<bool>| match said {
        Value::Null => Value::Null,
        said => is.map_or(*said, Value::Known),
    };
    let part = |said: &Value<i64>, is: Option<i64>| if said.is_null() { Value::Null } else { is.into() };
    CdromModel {
        connected: flag(&before.connected, drive.switches.connected),
        start_connected: flag(&before.start_connected, drive.switches.at_start),
        allow_guest_control: flag(&before.allow_guest_control, drive.switches.guest),
        controller_type: if before.controller_type.is_null() { Value::Null } else { place.bus.into() },
        controller_bus_number: part(&before.controller_bus_number, place.controller),
        controller_unit_number: part(&before.controller_unit_number, place.unit),
        key: drive.key.into(),
        device_address: drive.address.clone().into(),
        ..before.clone()
    }
}

fn model(drive: &Drive, before: Option<&CdromModel>) -> CdromModel {
    let (datastore_id, path) = match &drive.medium {
        Medium::Image { datastore, path } => {
            let words = before.map(|b| &b.path).filter(|p| plain_path(p.as_str()) == *path);
            let current = datastore.clone().map(Value::Known);
            let id = current.or_else(|| before.map(|b| b.datastore_id.clone())).unwrap_or_default();
            (id, words.cloned().unwrap_or_else(|| path.clone().into()))
        }
        _ => Default::default(),
    };
    if let Some(b) = before
        && wanted(b) == Some(Medium::Other)
    {
        // The drive is declared without a medium: its medium is not a part of the declaration.
        return details(drive, b);
    }
    let client = drive.medium == Medium::Console;
    CdromModel {
        client_device: match before.map(|b| &b.client_device) {
            Some(Value::Null) if !client => Value::Null,
            _ => client.into(),
        },
        datastore_id,
        path,
        ..details(drive, before.unwrap_or(&CdromModel::default()))
    }
}

#[cfg(test)]
mod tests;
