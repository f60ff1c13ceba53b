//! What is wrong with declared disks whatever the server says. What is not known yet passes.
use super::super::model::{ControllerModel, DiskModel, VirtualMachineModel as M};
use super::controllers;
use super::convert::{block_of, block_place, blocks, disks, size};
use super::own::ORPHANED;
use super::placement::{self, Ask};
use super::{address, application};
use crate::common::shares;
use std::collections::{BTreeMap, BTreeSet};
use tf_framework::{AttributePath, Diagnostics, Field, Value};
use vsphere_client::ApiVersion;
use vsphere_client::device::{Bus, SCSI_CONTROLLER_UNIT};

/// The hardware version from which a paravirtual SCSI controller has 64 units.
const MANY_SCSI_UNITS: i64 = 14;
/// The hardware version from which an NVMe controller has 64 units.
const MANY_NVME_UNITS: i64 = 21;

/// Checks the disks of a configuration.
pub(in super::super) fn validate(config: &M) -> Diagnostics {
    let mut out = declared_controllers(config);
    let (mut labels, mut places) = (BTreeMap::new(), BTreeMap::new());
    for (i, d) in disks(config).iter().enumerate() {
        let mut say = Say { out: &mut out, at: M::DISK.index(i) };
        label(d, i, &mut labels, &mut say);
        place(config, d, &mut say);
        // A disk without an address gets one that is free.
        if let Ask::Declared(Some(at)) = placement::ask(d)
            && let Some(other) = places.insert(at, i)
        {
            let name = disks(config)[other].label.as_str();
            let detail = format!(
                "{at} is where the disk {name:?} is. Give each disk an address (`unit_number`) of its own."
            );
            say.error(place_field(d), "Two disks at one address", detail);
        }
        origin(config, d, &mut say);
        let unfit = application::check(config, d, &say.at);
        say.out.merge(unfit);
        operations(d, &mut say);
    }
    out
}

/// Says what is wrong with one disk.
struct Say<'a> {
    out: &'a mut Diagnostics,
    at: AttributePath,
}

impl Say<'_> {
    fn error(&mut self, field: Field, summary: &str, detail: String) {
        self.out.merge(Diagnostics::error(self.at.clone().field(field), summary, detail));
    }

    fn warning(&mut self, field: Field, summary: &str, detail: String) {
        self.out.merge(Diagnostics::warning(self.at.clone().field(field), summary, detail));
    }
}

fn label(d: &DiskModel, i: usize, labels: &mut BTreeMap<String, usize>, say: &mut Say<'_>) {
    let Some(label) = d.label.known() else { return };
    if label.starts_with(ORPHANED) {
        let detail = format!("Labels that begin with {ORPHANED:?} are of foreign disks in old states.");
        say.error(DiskModel::LABEL, "A reserved label", detail);
    }
    if let Some(other) = labels.insert(label.clone(), i) {
        let detail = format!(
            "The disks {other} and {i} (counted from 0) are both called {label:?}. Give each a label of its own."
        );
        say.error(DiskModel::LABEL, "Two disks of one label", detail);
    }
}

/// The attribute that says where a disk is.
fn place_field(d: &DiskModel) -> Field {
    if d.controller_unit_number.is_null() {
        DiskModel::UNIT_NUMBER
    } else {
        DiskModel::CONTROLLER_UNIT_NUMBER
    }
}

fn place(config: &M, d: &DiskModel, say: &mut Say<'_>) {
    let bus = match &d.controller_type {
        Value::Unknown => return,
        known => address::bus(known.as_str()).unwrap_or(Bus::Scsi),
    };
    match (&d.controller_bus_number, &d.controller_unit_number) {
        (Value::Null, Value::Null) => flat(config, bus, d, say),
        (Value::Null, Value::Known(_)) => {
            let detail = "`controller_unit_number` is the unit of one controller: set `controller_bus_number` too, or \
                          `unit_number` alone.";
            say.error(DiskModel::CONTROLLER_BUS_NUMBER, "Half an address", detail.to_owned());
        }
        (Value::Known(_), Value::Null) if d.unit_number.known().is_some() => {
            let detail = "`unit_number` counts across all controllers. With `controller_bus_number`, set \
                          `controller_unit_number` instead, or no unit for the first one that is free.";
            say.error(DiskModel::UNIT_NUMBER, "Half an address", detail.to_owned());
        }
        (Value::Known(c), Value::Null) => explicit(config, bus, *c, 0, say),
        (Value::Known(c), Value::Known(u)) => explicit(config, bus, *c, *u, say),
        _ => {}
    }
}

/// How many controllers of a bus are declared, and by which attribute.
fn count(config: &M, bus: Bus) -> (Field, Option<i64>) {
    let (field, value, default) = match bus {
        Bus::Sata => (M::SATA_CONTROLLER_COUNT, &config.sata_controller_count, 0),
        Bus::Nvme => (M::NVME_CONTROLLER_COUNT, &config.nvme_controller_count, 0),
        Bus::Ide => (M::IDE_CONTROLLER_COUNT, &config.ide_controller_count, 2),
        _ => (M::SCSI_CONTROLLER_COUNT, &config.scsi_controller_count, 1),
    };
    // A block of a controller counts it in, and those before it are added with a disk.
    let blocks = blocks(config).iter();
    let open = blocks.clone().any(|c| block_place(c).is_none());
    let highest = blocks.filter_map(block_place).filter(|(b, _)| *b == bus).map(|(_, n)| i64::from(n) + 1);
    let highest = highest.max().unwrap_or_default();
    match value {
        _ if open || config.controller.is_unknown() => (field, None),
        Value::Known(n) => (field, Some((*n).max(highest))),
        Value::Null => (field, Some(default.max(highest))),
        Value::Unknown => (field, None),
    }
}

fn flat(config: &M, bus: Bus, d: &DiskModel, say: &mut Say<'_>) {
    let number = match d.unit_number {
        Value::Unknown => return,
        _ => d.unit_number.get(),
    };
    let per = address::flat_units(bus);
    let (field, count) = count(config, bus);
    let most = i64::from(bus.controllers());
    let have = count.unwrap_or(most).min(most);
    if (0..have * per).contains(&number) {
        return;
    }
    let detail = if number < most * per {
        let need = number / per + 1;
        let range = match have {
            0 => format!("there is no {bus} controller"),
            1 => format!("one {bus} controller has the numbers 0 to {}", per - 1),
            n => format!("{n} {bus} controllers have the numbers 0 to {}", n * per - 1),
        };
        let advice = if blocks(config).iter().any(|c| address::bus(c.r#type.as_str()) == Some(bus)) {
            format!("Add a `controller` block with `type = \"{bus}\"` and `bus_number = {}`.", need - 1)
        } else {
            format!("Set `{} = {need}`.", field.0)
        };
        format!("{number} is on the controller {bus}:{}, but {range}. {advice}", need - 1)
    } else {
        format!(
            "{number} is beyond all {most} {bus} controllers that a virtual machine can have: 0 to {}.",
            most * per - 1
        )
    };
    say.error(DiskModel::UNIT_NUMBER, "A disk is out of range", detail);
}

/// The type of a SCSI controller: of its block, else of all.
fn scsi_type(config: &M, number: i64) -> &str {
    let block = i32::try_from(number).ok().and_then(|n| block_of(config, Bus::Scsi, n));
    block.map_or(config.scsi_type.as_str(), |(_, c)| c.scsi_type.as_str())
}

/// What is wrong with the blocks of controllers.
fn declared_controllers(config: &M) -> Diagnostics {
    let mut out = Diagnostics::default();
    let mut places = BTreeMap::new();
    let mut buses = BTreeSet::new();
    for (i, c) in blocks(config).iter().enumerate() {
        let mut say = Say { out: &mut out, at: M::CONTROLLER.index(i) };
        let Some(bus) = c.r#type.known().and_then(|name| address::bus(name)) else { continue };
        if let Some((_, number)) = block_place(c)
            && let Some(other) = places.insert((bus, number), i)
        {
            let detail = format!(
                "The blocks {other} and {i} (counted from 0) are both for the controller {bus}:{number}. Give each a \
                 `bus_number` of its own."
            );
            say.error(ControllerModel::BUS_NUMBER, "Two blocks for one controller", detail);
        }
        if bus != Bus::Scsi && c.scsi_type.known().is_some() {
            let detail = format!(
                "Only SCSI controllers have a `scsi_type`; the type of this one is \"{bus}\". Omit it."
            );
            say.error(ControllerModel::SCSI_TYPE, "`scsi_type` requires a SCSI controller", detail);
        }
        match (bus, c.sharing.as_str()) {
            (Bus::Sata, mode) if !mode.is_empty() => {
                let detail = "SATA controllers cannot be shared between virtual machines. Omit `sharing`, or use a SCSI or NVMe \
                              controller.";
                say.error(
                    ControllerModel::SHARING,
                    "SATA controllers have no sharing mode",
                    detail.to_owned(),
                );
            }
            (Bus::Nvme, "virtualSharing") => {
                let detail = "NVMe controllers support `noSharing` and `physicalSharing`. For `virtualSharing`, use a SCSI \
                              controller.";
                say.error(ControllerModel::SHARING, "An unsupported sharing mode", detail.to_owned());
            }
            _ => {}
        }
        if buses.insert(bus) {
            for (field, set) in for_all(config, bus) {
                if set {
                    let detail = format!(
                        "The {bus} controllers are declared by `controller` blocks, which have a type and a sharing mode each. \
                         Omit `{0}`, or declare all {bus} controllers by `{0}` and no block.",
                        field.0
                    );
                    let summary = format!("`{}` conflicts with `controller`", field.0);
                    out.merge(Diagnostics::error(field, &summary, detail));
                }
            }
        }
    }
    out
}

/// What this vCenter is too old for.
pub(in super::super) fn needs(plan: &M, server: ApiVersion) -> Diagnostics {
    let mut out = Diagnostics::default();
    let new = |c: &ControllerModel| {
        c.r#type.as_str() == Bus::Nvme.name() && c.sharing.as_str() == "physicalSharing"
    };
    if server < ApiVersion::new([8, 0, 2, 0])
        && let Some(i) = blocks(plan).iter().position(new)
    {
        let detail = "vSphere shares NVMe controllers from 8.0 Update 2 on, and this vCenter is older. Use a SCSI controller, or \
                      omit `sharing`.";
        let at = M::CONTROLLER.index(i).field(ControllerModel::SHARING);
        let summary = "NVMe controllers cannot be shared on this vCenter";
        out.merge(Diagnostics::error(at, summary, detail.to_owned()));
    }
    out
}

/// What is declared for all controllers of a bus, and whether it is.
pub(super) fn for_all(config: &M, bus: Bus) -> Vec<(Field, bool)> {
    let number = |v: &Value<i64>| v.known().is_some();
    let text = |v: &Value<String>| v.known().is_some_and(|v| v != controllers::MIXED);
    match bus {
        Bus::Scsi => vec![
            (M::SCSI_CONTROLLER_COUNT, number(&config.scsi_controller_count)),
            (M::SCSI_TYPE, text(&config.scsi_type)),
            (M::SCSI_BUS_SHARING, text(&config.scsi_bus_sharing)),
        ],
        Bus::Sata => vec![(M::SATA_CONTROLLER_COUNT, number(&config.sata_controller_count))],
        Bus::Nvme => vec![(M::NVME_CONTROLLER_COUNT, number(&config.nvme_controller_count))],
        _ => vec![],
    }
}

fn explicit(config: &M, bus: Bus, controller: i64, unit: i64, say: &mut Say<'_>) {
    let most = i64::from(bus.controllers());
    if !(0..most).contains(&controller) {
        let detail = format!("{bus} controllers are numbered 0 to {}.", most - 1);
        say.error(DiskModel::CONTROLLER_BUS_NUMBER, "A disk is out of range", detail);
    }
    let hardware = config.hardware_version.known().copied().filter(|v| *v > 0);
    let (highest, why) = match bus {
        Bus::Scsi => match (scsi_type(config, controller), hardware) {
            (ty @ ("lsilogic" | "lsilogic-sas" | "buslogic"), _) => (15, format!(" of the type {ty}")),
            (_, Some(v)) if v < MANY_SCSI_UNITS => (15, format!(" with hardware version {v}")),
            _ => (64, String::new()),
        },
        Bus::Nvme => match hardware {
            Some(v) if v < MANY_NVME_UNITS => (14, format!(" with hardware version {v}")),
            _ => (63, String::new()),
        },
        other => (i64::from(other.highest_unit()), String::new()),
    };
    if !(0..=highest).contains(&unit) {
        let detail = format!("A {bus} controller{why} has the units 0 to {highest}; {unit} is none of them.");
        say.error(DiskModel::CONTROLLER_UNIT_NUMBER, "A disk is out of range", detail);
    } else if bus == Bus::Scsi && unit == i64::from(SCSI_CONTROLLER_UNIT) {
        let detail =
            "Unit 7 of a SCSI controller is the controller itself: 0 to 6 and from 8 on are for disks.";
        say.error(DiskModel::CONTROLLER_UNIT_NUMBER, "A disk is out of range", detail.to_owned());
    }
}

fn origin(config: &M, d: &DiskModel, say: &mut Say<'_>) {
    if d.attach.is_unknown() {
        return;
    }
    let cluster = config.datastore_cluster_id.known().is_some_and(|c| !c.is_empty());
    let thin = d.thin_provisioned.known().copied().unwrap_or(true);
    let thin = thin && !d.thin_provisioned.is_unknown();
    if d.attach.get() {
        if d.path.is_null() || d.path.known().is_some_and(String::is_empty) {
            let detail = "With `attach = true`, `path` names the existing file, such as \"data/data.vmdk\".";
            say.error(DiskModel::PATH, "`path` is needed", detail.to_owned());
        }
        for (field, set) in [
            (DiskModel::SIZE, size(&d.size).is_some()),
            (DiskModel::KEEP_ON_REMOVE, d.keep_on_remove.get()),
            (DiskModel::EAGERLY_SCRUB, d.eagerly_scrub.get()),
        ] {
            if set {
                let detail = format!(
                    "An attached disk is as it is, and its file is never deleted: leave `{}` out.",
                    field.0
                );
                say.error(field, &format!("`{}` does not go with `attach`", field.0), detail);
            }
        }
        if cluster {
            let detail = "The file is where it is, and `datastore_cluster_id` leaves the choice to vSphere. Set `datastore_id` of the \
                          machine instead, or attach the disk to another machine.";
            say.error(
                DiskModel::ATTACH,
                "`attach` does not go with `datastore_cluster_id`",
                detail.to_owned(),
            );
        }
        return;
    }
    if cluster && d.datastore_id.known().is_some_and(|id| !id.is_empty()) {
        let detail = "With `datastore_cluster_id` of the virtual machine, vSphere chooses the datastore of each disk: leave it out, or the \
                      cluster.";
        let summary = "`datastore_id` does not go with `datastore_cluster_id`";
        say.error(DiskModel::DATASTORE_ID, summary, detail.to_owned());
    }
    fn absent<T>(v: &Value<Vec<T>>) -> bool {
        v.known().map_or(v.is_null(), Vec::is_empty)
    }
    let from_nothing = absent(&config.clone) && absent(&config.ovf_deploy);
    if from_nothing && (d.size.is_null() || d.size.known() == Some(&0)) {
        let detail = "A new disk needs a size, in GiB. Only a disk of a template and one that is attached have one already.";
        say.error(DiskModel::SIZE, "`size` is needed", detail.to_owned());
    }
    if thin && d.eagerly_scrub.get() {
        let detail = "Space that is taken only when it is needed cannot be zeroed before. Set `thin_provisioned = false`, or leave \
                      `eagerly_scrub` out.";
        say.error(DiskModel::EAGERLY_SCRUB, "`eagerly_scrub` needs a thick disk", detail.to_owned());
    }
    let by_default =
        d.application_type.known().and_then(|name| application::of(name)).map(|needs| needs.disk);
    let (field, sharing) = match d.disk_sharing.non_empty() {
        Some(sharing) => (DiskModel::DISK_SHARING, Some(sharing.as_str())),
        None if d.disk_sharing.is_unknown() => return,
        None => (DiskModel::APPLICATION_TYPE, by_default),
    };
    if sharing == Some(application::MULTI_WRITER) && !d.eagerly_scrub.get() && !d.eagerly_scrub.is_unknown() {
        // VMware knowledge base articles 1033570 (VMFS) and 2121181 (vSAN).
        let detail = "Outside vSAN, vSphere lets machines share only disks that are thick and zeroed in advance: \
                      `thin_provisioned = false` and `eagerly_scrub = true`.";
        say.warning(field, "A shared disk should be zeroed in advance", detail.to_owned());
    }
}

fn operations(d: &DiskModel, say: &mut Say<'_>) {
    let level = (&d.io_share_level, DiskModel::IO_SHARE_LEVEL);
    say.out.merge(shares::check(&say.at, level, (&d.io_share_count, DiskModel::IO_SHARE_COUNT)));
    limits(d, say);
}

fn limits(d: &DiskModel, say: &mut Say<'_>) {
    if let (Some(reserved), Some(limit)) = (d.io_reservation.known(), d.io_limit.known())
        && *limit > 0
        && reserved > limit
    {
        let detail =
            format!("{reserved} operations cannot be kept for a disk that may do {limit} (`io_limit`).");
        say.error(DiskModel::IO_RESERVATION, "The reservation is above the limit", detail);
    }
}
