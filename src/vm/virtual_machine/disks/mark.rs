//! The mark of a change that adds disks. A state that was not written, because the run was killed, does not know them: so the
//! change writes on the machine what it adds, in the same call, and neither is there without the other. The next refresh
//! knows the disks by it, once: which marks a state has taken in is kept beside it.
use super::super::extra_config;
use super::super::model::VirtualMachineModel as M;
use super::convert::{declared_address, disks, gib, own_file, size, uuid};
use super::own::{Own, is_volume, named, sign};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use vsphere_client::device::{Address, DatastorePath, Disk};
use vsphere_client::vim::types::{
    OptionValue, VirtualDeviceConfigSpec, VirtualDeviceConfigSpecFileOperation, VirtualDeviceKind,
};
use vsphere_client::vim::xml::Any;
use vsphere_client::virtual_machine::VirtualMachine;

/// The key of a machine's extra configuration that has the mark.
pub(in super::super) const MARK: &str = "vsphere-rs.added_disks";
/// The member of the private data for the number of the last mark whose disks the state knows.
pub(in super::super) const SETTLED: &str = "settled_mark";

/// What a change has added.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mark {
    /// Marks of one machine are counted: a snapshot brings back an old one.
    pub(super) number: u64,
    /// The instance UUID of the machine: a copy has the mark of its source.
    machine: String,
    /// The disks, by their addresses.
    disks: BTreeMap<Address, Asked>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq)]
struct Asked {
    gib: i64,
    /// The id of its datastore, where that is declared.
    datastore: Option<String>,
}

impl Mark {
    /// The mark of a machine; nothing where it has none of its own.
    pub(super) fn of(vm: &VirtualMachine) -> Option<Self> {
        let text = text_of(vm)?;
        let mark = Self::read(&serde_json::from_str(&text).ok()?)?;
        (mark.machine == machine(vm)).then_some(mark)
    }

    fn read(json: &Json) -> Option<Self> {
        let asked = |d: &Json| {
            let gib = d.get("gib")?.as_i64()?;
            Some(Asked { gib, datastore: d.get("datastore").and_then(Json::as_str).map(str::to_owned) })
        };
        Some(Self {
            number: json.get("number")?.as_u64()?,
            machine: json.get("machine")?.as_str()?.to_owned(),
            disks: (json.get("disks")?.as_object()?.iter())
                .map(|(at, d)| Some((at.parse().ok()?, asked(d)?)))
                .collect::<Option<_>>()?,
        })
    }

    fn write(&self) -> Json {
        let asked = |d: &Asked| match &d.datastore {
            Some(datastore) => json!({ "gib": d.gib, "datastore": datastore }),
            None => json!({ "gib": d.gib }),
        };
        let disks: serde_json::Map<String, Json> =
            self.disks.iter().map(|(at, d)| (at.to_string(), asked(d))).collect();
        json!({ "number": self.number, "machine": self.machine, "disks": disks })
    }

    fn option(&self) -> OptionValue {
        option(&self.write().to_string())
    }
}

fn option(text: &str) -> OptionValue {
    OptionValue { key: MARK.to_owned(), value: Some(Any::String(text.to_owned())) }
}

fn text_of(vm: &VirtualMachine) -> Option<String> {
    let options = vm.config.as_deref().map_or(&[][..], |c| &c.extra_config);
    extra_config::of_machine(options).remove(MARK).filter(|text| !text.is_empty())
}

fn machine(vm: &VirtualMachine) -> &str {
    vm.instance_uuid().unwrap_or_default()
}

/// Which mark a state has taken in.
fn settled(kept: Option<&Json>) -> u64 {
    kept.and_then(Json::as_u64).unwrap_or_default()
}

/// What is kept of the mark of a machine whose disks the state knows; nothing where it has none.
pub(in super::super) fn settle(vm: &VirtualMachine) -> Option<Json> {
    Mark::of(vm).map(|m| m.number.into())
}

/// What a change writes of the disks that it adds, with the number of the mark; or the removal of a mark that has served.
/// `kept` is which one the state has taken in. Nothing else than the change itself may be the reason to write it.
pub(in super::super) fn next(
    vm: &VirtualMachine,
    plan: &M,
    changes: &[VirtualDeviceConfigSpec],
    kept: Option<&Json>,
) -> Option<(OptionValue, Option<u64>)> {
    let (last, settled) = (Mark::of(vm), settled(kept));
    let open = last.as_ref().filter(|m| m.number > settled);
    let creates = |c: &VirtualDeviceConfigSpec| {
        c.file_operation == Some(VirtualDeviceConfigSpecFileOperation::Create)
            && matches!(c.device, VirtualDeviceKind::VirtualDisk(_))
    };
    if !changes.iter().any(creates) {
        // One that is open is needed until the state that knows its disks has been written.
        return (open.is_none() && text_of(vm).is_some()).then(|| (option(""), None));
    }
    let mut all = open.map(|m| m.disks.clone()).unwrap_or_default();
    for d in disks(plan).iter().filter(|d| !d.attach.get() && uuid(d).is_none()) {
        if let (Some(at), Some(gib)) = (declared_address(d), size(&d.size)) {
            let datastore = d.datastore_id.non_empty().cloned();
            all.insert(at, Asked { gib, datastore });
        }
    }
    let number = last.map_or(0, |m| m.number).max(settled) + 1;
    let mark = Mark { number, machine: machine(vm).to_owned(), disks: all };
    Some((mark.option(), Some(number)))
}

/// What a refresh finds of a mark.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) enum Left {
    /// There is none, or it has been taken in, or what it is about is not there.
    Nothing,
    /// The state knows all that it is about: what is to be kept of it.
    Known(Json),
    /// Disks of a run that did not end: what the resource owns with them, and the disks in words.
    Disks(Own, Vec<String>),
}

/// What a run that did not end has added to a machine: the disks that its mark names, as they were asked for, and of which
/// neither the state nor its list knows.
pub(in super::super) fn left(vm: &VirtualMachine, state: &M, own: &Own, kept: Option<&Json>) -> Left {
    let Some(mark) = Mark::of(vm).filter(|m| m.number > settled(kept)) else { return Left::Nothing };
    let home = vm.home();
    let devices = vm.devices();
    let all = devices.disks();
    let at = |address: &Address| all.iter().find(|(at, _)| at.as_ref() == Some(address)).map(|(_, d)| d);
    let (mut new, mut words, mut complete) = (vec![], vec![], true);
    for (address, asked) in &mark.disks {
        let Some(disk) = at(address) else {
            // It was taken off since.
            complete = false;
            continue;
        };
        if !own.knows(disk, Some(state), home.as_ref())
            && asked.is(disk, home.as_ref())
            && let Some(uuid) = disk.uuid()
        {
            new.push(uuid);
            words.push(named(Some(*address), disk));
        }
    }
    match new.as_slice() {
        [] if complete => Left::Known(mark.number.into()),
        [] => Left::Nothing,
        _ => Left::Disks(own.clone().with(new), words),
    }
}

impl Asked {
    /// Whether a disk is as requested, without a sign that it is foreign.
    fn is(&self, disk: &Disk<'_>, home: Option<&DatastorePath>) -> bool {
        let Some(backing) = disk.backing() else { return false };
        let Ok(file) = own_file(&backing).parse::<DatastorePath>() else { return false };
        let on = |id: &String| backing.datastore.is_some_and(|d| *d.id == **id);
        gib(disk.capacity()) == self.gib
            && self.datastore.as_ref().is_none_or(on)
            && match home {
                // On another datastore vSphere chooses the folder.
                Some(home) if home.datastore != file.datastore => !is_volume(disk),
                home => sign(disk, home).is_none(),
            }
    }
}
