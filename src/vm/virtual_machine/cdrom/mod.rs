//! CD-ROM drives.
mod model;
mod plan;

use super::VirtualMachineModel as M;
use super::assembly::Assembly;
use super::effects::Effects;
use super::matching::Partner;
use super::place::datastore_names;
use crate::common::moid::{Datastore, MoId};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use plan::{Drive, Medium, Step};
use std::collections::{BTreeMap, BTreeSet};
use tf_framework::{AttributePath, Diagnostics, Result, Value};
use vsphere_client::MoRef;
use vsphere_client::device::{self, Address, Bus, DatastorePath, Devices, Files, device_mut, new_cdrom};
use vsphere_client::virtual_machine::VirtualMachine;

pub(super) use model::CdromModel;

/// How many places IDE has for drives and disks.
const IDE_PLACES: usize = 4;
const ADDING: &str = "a drive on IDE is only added to a machine that is off";
const REMOVING: &str = "a drive on IDE is only removed from a machine that is off";

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
    out
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
    match (path.known().filter(|p| !p.is_empty()), maybe(datastore)) {
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

fn wanted(block: &CdromModel) -> Option<Medium> {
    match &block.client_device {
        Value::Unknown => None,
        Value::Known(true) => Some(Medium::Console),
        _ => match (&block.datastore_id, &block.path) {
            (Value::Unknown, _) | (_, Value::Unknown) => None,
            (_, path) if path.as_str().is_empty() => Some(Medium::Other),
            (datastore, path) => Some(Medium::Image {
                datastore: datastore.known().filter(|d| !d.is_empty()).cloned(),
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
    };
    blocks(state).iter().map(drive).collect()
}

fn seen(devices: &Devices) -> Vec<Drive> {
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

/// Completes the planned blocks with the values of their partners in the state, and returns the changes that require powering off.
pub(super) fn plan(prior: Option<&M>, _config: &M, planned: &mut M) -> Effects {
    let mut effects = Effects::default();
    if planned.cdrom.is_unknown() {
        return effects;
    }
    let wanted: Vec<Option<Medium>> = blocks(planned).iter().map(wanted).collect();
    let before = prior.map(blocks).unwrap_or_default();
    let there = prior.map(known).unwrap_or_default();
    let partners = plan::pair(&wanted, &there);
    if let Value::Known(blocks) = &mut planned.cdrom {
        for (block, partner) in blocks.iter_mut().zip(&partners) {
            let partner = partner.index().map(|j| &before[j]);
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
    for step in plan::steps(&wanted, &there, &to, |_| !prior.imported.get()) {
        match step {
            Step::Remove { drive } if there[drive].cold() => {
                ide.remove(&there[drive].address);
                effects
                    .power_off(M::CDROM, format!("the CD-ROM drive at {}: {REMOVING}", there[drive].address));
            }
            // The drive goes where `place` puts it: on IDE, as long as there is room.
            Step::Add { block } if ide.len() < IDE_PLACES => {
                ide.insert(format!("new {block}"));
                effects.power_off(at(block), format!("{}: {ADDING}", words(block, wanted[block].as_ref())));
            }
            _ => {}
        }
    }
    effects
}

/// The places on IDE that are known to be taken, once disks are as planned.
fn ide_places(prior: &M, planned: &M) -> BTreeSet<String> {
    let disks = planned.disk.known().map_or(&[][..], Vec::as_slice).iter().map(|d| &d.device_address);
    let drives = blocks(prior).iter().map(|d| &d.device_address);
    disks.chain(drives).map(|a| a.get()).filter(|a| a.starts_with("ide:")).collect()
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

/// A free place: on IDE, then on SATA.
fn place(out: &Assembly) -> Option<Address> {
    [Bus::Ide, Bus::Sata]
        .into_iter()
        .find_map(|bus| out.devices.free_addresses(bus, out.hardware).first().copied())
}

/// Brings the devices to what is planned. Drives that the state does not know are left alone; those of a template are taken
/// over one after the other, and where it is `bare`, the others go.
pub(super) fn assemble(
    prior: Option<&M>,
    plan: &M,
    datastores: &Datastores,
    bare: bool,
    out: &mut Assembly,
) -> Effects {
    let mut effects = Effects::default();
    let there = seen(&out.devices);
    let wanted: Vec<Option<Medium>> = blocks(plan).iter().map(wanted).collect();
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
    for step in plan::steps(&wanted, &there, &to, |d| ours.contains(&Some(d))) {
        let of = |drive: usize, out: &Assembly| {
            out.devices.by_key(i32::try_from(there[drive].key).unwrap_or_default()).cloned()
        };
        match step {
            Step::Remove { drive } => {
                let words = format!("the CD-ROM drive at {}", there[drive].address);
                if there[drive].cold() {
                    effects.power_off(M::CDROM, format!("{words}: {REMOVING}"));
                }
                if let Some(d) = of(drive, out) {
                    out.remove(M::CDROM.into(), words, d, Files::Keep);
                }
            }
            Step::Change { block, drive } => {
                let new = new_cdrom(0, 0, 0, &medium(wanted[block].as_ref(), datastores));
                if let (Some(mut d), Some(new)) = (of(drive, out), new.base())
                    && let Some(base) = device_mut(&mut d)
                {
                    base.backing = new.backing.clone();
                    base.connectable = new.connectable.clone();
                    out.edit(at(block), words(block, wanted[block].as_ref()), d);
                }
            }
            Step::Add { block } => add(block, wanted[block].as_ref(), datastores, out, &mut effects),
        }
    }
    effects
}

fn add(
    block: usize,
    wanted: Option<&Medium>,
    datastores: &Datastores,
    out: &mut Assembly,
    effects: &mut Effects,
) {
    let words = words(block, wanted);
    let place = place(out);
    let Some((address, controller)) = place.and_then(|a| Some((a, out.controller(a.bus, a.controller)?)))
    else {
        let detail = "All places on the IDE and SATA controllers of the machine are taken. Raise `sata_controller_count`.";
        effects.diagnostics.merge(Diagnostics::error(
            at(block),
            "There is no place for the CD-ROM drive",
            detail,
        ));
        return;
    };
    if address.bus == Bus::Ide {
        effects.power_off(at(block), format!("{words}: {ADDING}"));
    }
    let device = new_cdrom(0, controller.key, address.unit, &medium(wanted, datastores));
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
    wanted(b) == Some(Medium::Other) || (wanted(a) == wanted(b) && wanted(a).is_some())
}

/// The blocks of the state with the values of the virtual machine: removed drives are left out, and so are those that the state does not contain,
/// unless it is `imported`.
pub(super) fn observed(vm: &VirtualMachine, state: &M, imported: bool) -> Vec<CdromModel> {
    let there = seen(&vm.devices());
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
        return CdromModel {
            key: drive.key.into(),
            device_address: drive.address.clone().into(),
            ..b.clone()
        };
    }
    let client = drive.medium == Medium::Console;
    CdromModel {
        client_device: match before.map(|b| &b.client_device) {
            Some(Value::Null) if !client => Value::Null,
            _ => client.into(),
        },
        datastore_id,
        path,
        key: drive.key.into(),
        device_address: drive.address.clone().into(),
    }
}

#[cfg(test)]
mod tests;
