//! What a plan says of disks: which declared disk is which one of the prior state, what becomes of the others, and for what the
//! machine has to be off.
use super::super::effects::Effects;
use super::super::model::{DiskModel, VirtualMachineModel as M};
use super::controllers::{self, Sharing};
use super::convert::{self, disks, fate, of_state, state_address};
use super::held::{self, Held};
use super::planner::{self, Change, Fit, There, Wanted, cold_bus, cold_edit};
use super::{application, placement};
use crate::fault::capital;
use tf_framework::{AttributePath, Diagnostics, Value};
use vsphere_client::device::Bus;

/// Completes the planned disks with the values of the prior state, and returns the effects of the plan. The plan rule
/// pairs blocks by their labels alone; here a disk is found again when its label changes, too.
pub(in super::super) fn plan(prior: Option<&M>, config: &M, planned: &mut M, held: &Held) -> Effects {
    let mut effects = Effects { diagnostics: placement::plan(prior, config, planned), ..Effects::default() };
    effects.diagnostics.merge(application::planned(prior, config, planned));
    keep_controllers(prior, config, planned, &mut effects);
    let Some(blocks) = config.disk.known() else { return effects };
    if blocks.is_empty() {
        keep_undeclared(prior, config, planned);
        return effects;
    }
    if let Value::Known(list) = &mut planned.disk {
        list.iter_mut().zip(blocks).for_each(|(d, c)| application_defaults(d, c));
    }
    let past = prior.map_or(&[][..], disks);
    let there = of_prior(prior);
    let wanted: Vec<Wanted> = match &planned.disk {
        Value::Known(list) if list.len() == blocks.len() => {
            list.iter().zip(blocks).map(|(d, c)| declared(d, c)).collect()
        }
        _ => return effects,
    };
    // A foreign disk of an old state can be declared, and is then found by its address like any other.
    let (w, t): (Vec<_>, Vec<_>) =
        (wanted.iter().map(|w| w.traits.clone()).collect(), there.iter().map(|t| t.traits.clone()).collect());
    let mut partners = planner::pair(&w, &t, Fit::Same);
    let open = blocks.iter().any(|c| undecided(c) || c.size.is_unknown() || c.label.is_unknown());
    if open {
        leave_open(blocks, &w, &t, &mut partners);
    }
    let setting = Setting {
        prior,
        config,
        datastore: &planned.datastore_id.clone(),
        cluster: moved_cluster(prior, planned),
    };
    if let Value::Known(list) = &mut planned.disk {
        let past_all = past;
        for (i, d) in list.iter_mut().enumerate() {
            let past = partners[i].map(|p| &past[p]);
            setting.settle(d, &blocks[i], past, open);
            if let Some(p) = partners[i] {
                keep_as_it_is(d, &blocks[i], &past_all[p], p == i);
            } else if from_source(config) && prior.is_none() && !d.attach.get() {
                // The template decides, if the disk is one of its.
                for (to, configured) in [
                    (&mut d.thin_provisioned, &blocks[i].thin_provisioned),
                    (&mut d.eagerly_scrub, &blocks[i].eagerly_scrub),
                ] {
                    if configured.is_null() {
                        *to = Value::Unknown;
                    }
                }
            }
        }
    }
    if !open {
        effects.diagnostics.merge(unused_paths(past, blocks, &partners));
        effects.diagnostics.merge(discarding(past, disks(planned), &partners));
        tell(prior, blocks, planned, &wanted, &there, &partners, held, &mut effects);
    }
    effects
}

/// Gives a planned disk the mode and the sharing that its application needs, where nothing else is configured.
fn application_defaults(d: &mut DiskModel, c: &DiskModel) {
    let values = match &c.application_type {
        Value::Null => return,
        Value::Unknown => None,
        Value::Known(name) => application::of(name),
    };
    for (to, configured, value) in [
        (&mut d.disk_mode, &c.disk_mode, values.map(|v| v.mode)),
        (&mut d.disk_sharing, &c.disk_sharing, values.map(|v| v.disk)),
    ] {
        if configured.is_null() {
            *to = value.map_or(Value::Unknown, Value::from);
        }
    }
}

/// Warns about each disk that is new or changes its mode, and whose contents do not outlast a power-off.
fn discarding(past: &[DiskModel], planned: &[DiskModel], partners: &[Option<usize>]) -> Diagnostics {
    let discards =
        |d: &DiskModel| ["nonpersistent", "independent_nonpersistent"].contains(&d.disk_mode.as_str());
    let mut out = Diagnostics::default();
    for (i, d) in planned.iter().enumerate().filter(|(_, d)| discards(d)) {
        if partners[i].is_some_and(|p| past[p].disk_mode == d.disk_mode) {
            continue;
        }
        let detail = format!(
            "With `disk_mode = {:?}`, everything that the guest writes to the disk is discarded when the virtual machine is \
             powered off, also by an update that requires it. To keep it, set \"persistent\" or \"independent_persistent\".",
            d.disk_mode.as_str()
        );
        let summary = format!("The contents of {} will not be kept", words(d));
        out.merge(Diagnostics::warning(M::DISK.index(i).field(DiskModel::DISK_MODE), summary, detail));
    }
    out
}

/// The disks of the prior state.
fn of_prior(prior: Option<&M>) -> Vec<There> {
    let Some(prior) = prior else { return vec![] };
    let imported = prior.imported.get();
    let one = |(i, d): (usize, &DiskModel)| {
        let mut there = of_state(d);
        let label = d.label.known().filter(|l| !(imported && super::observe::is_made_up(l, i)));
        there.traits.label = label.cloned();
        if imported {
            // What an import has found and no configuration has declared yet is left alone.
            there.fate = planner::Fate::Stays;
        }
        there
    };
    disks(prior).iter().enumerate().map(one).collect()
}

/// Takes back the pairs that are not certain while something is unknown that could tell disks apart. Certain is a disk that
/// has its label and its address, and one at its address whose label no declared disk has or can have.
fn leave_open(
    blocks: &[DiskModel],
    wanted: &[planner::Traits],
    there: &[planner::Traits],
    partners: &mut [Option<usize>],
) {
    let labels_known = blocks.iter().all(|c| !c.label.is_unknown());
    let declared = |label: &Option<String>| wanted.iter().any(|w| w.label.is_some() && w.label == *label);
    let present = |label: &Option<String>| there.iter().any(|t| t.label.is_some() && t.label == *label);
    for (i, partner) in partners.iter_mut().enumerate() {
        let Some(t) = partner.map(|p| &there[p]) else { continue };
        let w = &wanted[i];
        let at_home = w.address.is_some() && w.address == t.address;
        let same_label = w.label.is_some() && w.label == t.label;
        let nobodys = labels_known && !declared(&t.label) && !present(&w.label);
        if undecided(&blocks[i]) || !at_home || !(same_label || nobodys) {
            *partner = None;
        }
    }
}

/// Plans the disks of a machine whose configuration declares none. Those of a template or package are listed once they are
/// there, and go where the machine goes.
fn keep_undeclared(prior: Option<&M>, config: &M, planned: &mut M) {
    let Some(prior) = prior else {
        if from_source(config) {
            planned.disk = Value::Unknown;
        }
        return;
    };
    let setting = Setting {
        prior: Some(prior),
        config,
        datastore: &planned.datastore_id.clone(),
        cluster: moved_cluster(Some(prior), planned),
    };
    let Value::Known(list) = &mut planned.disk else { return };
    for d in list.iter_mut().filter(|d| !super::own::is_foreign_block(d)) {
        let to = setting.datastore_of(d);
        if to != d.datastore_id {
            (d.datastore_id, d.path) = (to, Value::Unknown);
        }
    }
}

/// Whether the machine is made from something that has disks already.
fn from_source(config: &M) -> bool {
    config.clone.known().is_some_and(|c| !c.is_empty())
        || config.ovf_deploy.known().is_some_and(|c| !c.is_empty())
}

/// A declared disk: what is configured, with the defaults that the plan gave it.
fn declared(planned: &DiskModel, config: &DiskModel) -> Wanted {
    let d = DiskModel {
        // What is computed may be that of another disk of the same label.
        size: config.size,
        path: config.path.clone(),
        storage_policy_id: config.storage_policy_id.clone(),
        ..planned.clone()
    };
    let mut wanted = convert::wanted(&d, None);
    wanted.traits.label = config.label.known().cloned();
    wanted
}

/// Whether it is unknown where a disk is to hang, or which file it is.
fn undecided(c: &DiskModel) -> bool {
    [&c.unit_number, &c.controller_bus_number, &c.controller_unit_number].iter().any(|v| v.is_unknown())
        || c.controller_type.is_unknown()
        || c.attach.is_unknown()
        || c.path.is_unknown()
}

/// Whether the datastore cluster changes, so that the datastores of the disks are unknown.
fn moved_cluster(prior: Option<&M>, planned: &M) -> bool {
    let cluster = &planned.datastore_cluster_id;
    cluster.is_unknown()
        || cluster
            .known()
            .is_some_and(|c| !c.is_empty() && prior.is_some_and(|p| p.datastore_cluster_id.as_str() != c))
}

/// What decides where disks are.
struct Setting<'a> {
    prior: Option<&'a M>,
    config: &'a M,
    /// The planned datastore of the machine.
    datastore: &'a Value<String>,
    /// Whether vSphere is about to choose again.
    cluster: bool,
}

impl Setting<'_> {
    /// Gives a planned disk what is computed, from the disk of the prior state that it is.
    fn settle(&self, d: &mut DiskModel, c: &DiskModel, past: Option<&DiskModel>, open: bool) {
        let address = convert::declared_address(d);
        let Some(p) = past else {
            d.uuid = Value::Unknown;
            d.key = Value::Unknown;
            d.device_address = match address {
                Some(a) if !open => a.to_string().into(),
                _ => Value::Unknown,
            };
            for (to, configured) in [
                (&mut d.datastore_id, &c.datastore_id),
                (&mut d.path, &c.path),
                (&mut d.storage_policy_id, &c.storage_policy_id),
            ] {
                if configured.is_null() {
                    *to = Value::Unknown;
                }
            }
            if c.size.is_null() {
                d.size = Value::Unknown;
            }
            return;
        };
        let stays = address.is_none() || address == state_address(p);
        d.uuid = p.uuid.clone();
        d.key = if stays { p.key } else { Value::Unknown };
        d.device_address = match address {
            Some(a) if !stays => a.to_string().into(),
            _ => p.device_address.clone(),
        };
        if c.size.is_null() {
            d.size = p.size;
        }
        if c.storage_policy_id.is_null() {
            d.storage_policy_id = p.storage_policy_id.clone();
        }
        if c.datastore_id.is_null() {
            d.datastore_id = self.datastore_of(p);
        }
        if c.path.is_null() {
            // Where it goes, vSphere may give its file another name.
            d.path = if d.datastore_id == p.datastore_id { p.path.clone() } else { Value::Unknown };
        }
    }

    /// The datastore of a disk that declares none: it goes where the machine goes.
    fn datastore_of(&self, p: &DiskModel) -> Value<String> {
        let from = self.prior.map_or(Value::Null, |m| m.datastore_id.clone());
        if p.attach.get() {
            return p.datastore_id.clone();
        }
        if self.cluster {
            return Value::Unknown;
        }
        if self.config.datastore_id.is_null() || *self.datastore == from {
            return p.datastore_id.clone();
        }
        self.datastore.clone()
    }
}

/// Plans controllers as they are where nothing is declared, and says what becomes of them.
fn keep_controllers(prior: Option<&M>, config: &M, planned: &mut M, effects: &mut Effects) {
    let Some(prior) = prior else {
        // The controllers that the template's guest boots from.
        if config.scsi_type.is_null() && from_source(config) {
            planned.scsi_type = Value::Unknown;
        }
        return;
    };
    let present = convert::stated_controllers(prior);
    let counted: Vec<&controllers::Present> = (present.iter())
        .filter(|c| c.ty.bus() == Bus::Scsi && i64::from(c.number) < planned.scsi_controller_count.get())
        .filter(|c| convert::block_of(planned, Bus::Scsi, c.number).is_none())
        .collect();
    if config.scsi_type.is_null() && !prior.scsi_type.as_str().is_empty() {
        let is = controllers::agreed(counted.iter().map(|c| c.ty.name()));
        planned.scsi_type = is.unwrap_or(prior.scsi_type.as_str()).into();
    }
    if config.scsi_bus_sharing.is_null() {
        let shared_by_block = |c: &&controllers::Present| {
            c.sharing.unwrap_or_default() != Sharing::None
                && convert::block_of(prior, Bus::Scsi, c.number).is_some()
        };
        if prior.scsi_bus_sharing.as_str() == controllers::MIXED || counted.iter().any(shared_by_block) {
            planned.scsi_bus_sharing = controllers::MIXED.into();
        }
    }
    let changes = controllers::changes(&present, &convert::wanted_controllers(planned));
    for change in &changes {
        if let Some(why) = controllers::cold(change) {
            effects.power_off(convert::reason(planned, change), why);
        }
    }
    effects.diagnostics.merge(left_controllers(prior, config, planned, &present));
}

/// Says which controllers nothing declares any more because their blocks are removed.
fn left_controllers(prior: &M, config: &M, planned: &M, present: &[controllers::Present]) -> Diagnostics {
    let places: Option<Vec<_>> = convert::blocks(planned).iter().map(convert::block_place).collect();
    let Some(places) = places.filter(|_| !planned.controller.is_unknown()) else {
        return Diagnostics::default();
    };
    let by_attributes = |(bus, number): (Bus, i32)| {
        let count = match bus {
            Bus::Scsi => planned.scsi_controller_count,
            Bus::Sata => planned.sata_controller_count,
            _ => planned.nvme_controller_count,
        };
        super::validate::for_all(config, bus).iter().any(|(_, set)| *set) && i64::from(number) < count.get()
    };
    let words = |c: &controllers::Present| {
        let sharing = c.sharing.map_or_else(String::new, |s| format!(", {}", s.name()));
        format!("- {}:{} ({}{sharing})", c.ty.bus(), c.number, c.ty)
    };
    let left: Vec<String> = (convert::blocks(prior).iter().filter_map(convert::block_place))
        .filter(|place| !places.contains(place) && !by_attributes(*place))
        .filter_map(|place| present.iter().find(|c| (c.ty.bus(), c.number) == place).map(words))
        .collect();
    if left.is_empty() {
        return Diagnostics::default();
    }
    let detail = format!(
        "The configuration no longer declares these controllers:\n{}\nThey remain in the virtual machine with their devices \
         and as they are, and their types and sharing modes are no longer managed.",
        left.join("\n")
    );
    Diagnostics::warning(M::CONTROLLER, "Controllers are kept", detail)
}

/// What of an existing disk does not follow its block: how it takes its space, and the number of shares if the level
/// implies one. `in_place`: whether its block has the same index as before; only then can a plan keep what is configured
/// otherwise.
fn keep_as_it_is(d: &mut DiskModel, c: &DiskModel, p: &DiskModel, in_place: bool) {
    for (to, configured, was) in [
        (&mut d.thin_provisioned, &c.thin_provisioned, &p.thin_provisioned),
        (&mut d.eagerly_scrub, &c.eagerly_scrub, &p.eagerly_scrub),
    ] {
        if was.known().is_some() && !configured.is_unknown() && (configured.is_null() || in_place) {
            *to = *was;
        }
    }
    let level = d.io_share_level.known().map(String::as_str);
    if level.is_some_and(|l| l != CUSTOM)
        && p.io_share_level.as_str() != CUSTOM
        && p.io_share_count.known().is_some()
        && (c.io_share_count.is_null() || in_place)
    {
        d.io_share_count = p.io_share_count;
    }
}

/// The level that goes with a number of shares.
const CUSTOM: &str = "custom";

/// Says what happens to which disk.
#[allow(clippy::too_many_arguments, reason = "one step of a plan, with all that it reads and writes")]
fn tell(
    prior: Option<&M>,
    blocks: &[DiskModel],
    planned: &M,
    wanted: &[Wanted],
    there: &[There],
    partners: &[Option<usize>],
    held: &Held,
    effects: &mut Effects,
) {
    let past = prior.map_or(&[][..], disks);
    let (changes, shrinks) = planner::changes(wanted, there, partners);
    for s in shrinks {
        let at = M::DISK.index(s.wanted).field(DiskModel::SIZE);
        effects.diagnostics.merge(shrinking(at, &words(&past[s.there]), s.from, s.to));
    }
    let (changes, stuck) = planner::in_order(changes, there);
    if !stuck.is_empty() {
        effects.diagnostics.merge(exchanging(disks(planned), &stuck));
    }
    effects.diagnostics.merge(unbootable(past, there, &changes));
    for change in changes {
        match change {
            Change::Create(w) | Change::Attach(w) => {
                let bus = wanted[w].traits.address.map(|a| a.bus);
                if prior.is_some() && cold_bus(bus) {
                    let d = &disks(planned)[w];
                    effects
                        .power_off(M::DISK.index(w), format!("{} is added to an IDE controller", words(d)));
                }
            }
            Change::Edit { wanted: w, there: t, aspects } => {
                let bus = there[t].traits.address.map(|a| a.bus);
                if let (true, Some((from, to))) = (held.holds(&past[t]), grows(&aspects)) {
                    let at = M::DISK.index(w).field(DiskModel::SIZE);
                    effects.diagnostics.merge(growing(at, &words(&past[t]), from, to, &held.words()));
                }
                for reason in aspects.iter().filter_map(|a| cold_edit(a, bus)) {
                    effects.power_off(M::DISK.index(w), format!("{}: {reason}", words(&past[t])));
                }
            }
            Change::Delete(t) => {
                let d = &past[t];
                if let Some(w) = blocks.iter().position(|c| c.label.known().is_some() && c.label == d.label) {
                    effects.diagnostics.merge(still_declared(w, d));
                }
                effects.destroys(M::DISK, format!("{} is deleted with what is on it", full_words(d)));
                cold_removal(d, &there[t], effects);
            }
            Change::Detach(t) => {
                if held.holds(&past[t]) {
                    let detail = held::detail(&capital(&full_words(&past[t])), &held.words());
                    effects.diagnostics.merge(Diagnostics::error(M::DISK, held::CANNOT_DETACH, detail));
                }
                if fate(&past[t]) == planner::Fate::Deleted {
                    let file = past[t].path.as_str();
                    let detail = format!(
                        "{} makes room for another one at its address. It is detached: its file {file:?} stays on the \
                         datastore, and nothing looks after it any more.",
                        full_words(&past[t]),
                    );
                    effects.diagnostics.merge(Diagnostics::warning(
                        M::DISK,
                        "A disk is detached, not deleted",
                        detail,
                    ));
                }
                cold_removal(&past[t], &there[t], effects);
            }
        }
    }
    if prior.is_some_and(|p| p.imported.get()) {
        let left: Vec<String> = (0..past.len())
            .filter(|t| !partners.contains(&Some(*t)) && fate(&past[*t]) != planner::Fate::Stays)
            .map(|t| format!("- {}", full_words(&past[t])))
            .collect();
        if !left.is_empty() {
            let detail = format!(
                "The import found them, and the configuration does not declare them:\n{}\nThey stay attached and are no \
                 longer managed by this resource. To manage them, declare a `disk` block for each at its address.",
                left.join("\n")
            );
            let summary = "Disks of the imported virtual machine are not declared";
            effects.diagnostics.merge(Diagnostics::warning(M::DISK, summary, detail));
        }
    }
    for (w, (c, partner)) in blocks.iter().zip(partners).enumerate() {
        let Some(p) = partner.map(|p| &past[p]) else { continue };
        for (field, new, old) in [
            (DiskModel::THIN_PROVISIONED, &c.thin_provisioned, &p.thin_provisioned),
            (DiskModel::EAGERLY_SCRUB, &c.eagerly_scrub, &p.eagerly_scrub),
        ] {
            if let (Some(new), Some(old)) = (new.known(), old.known())
                && new != old
                && !p.attach.get()
            {
                let detail = format!(
                    "{} has `{} = {old}`, which is decided when a disk is created, and {new} is configured. It stays as it \
                     is, and the state keeps {old}; a migration with another disk format is the way to change it.",
                    capital(&words(p)),
                    field.0,
                );
                let summary = "How an existing disk takes its space does not change";
                let at = M::DISK.index(w).field(field);
                effects.diagnostics.merge(Diagnostics::warning(at, summary, detail));
            }
        }
    }
}

fn cold_removal(d: &DiskModel, there: &There, effects: &mut Effects) {
    if cold_bus(there.traits.address.map(|a| a.bus)) {
        effects.power_off(M::DISK, format!("{} is removed from an IDE controller", words(d)));
    }
}

fn grows(aspects: &[planner::Aspect]) -> Option<(i64, i64)> {
    aspects.iter().find_map(|a| match a {
        planner::Aspect::Grow { from, to } => Some((*from, *to)),
        _ => None,
    })
}

/// The error for a disk that is to grow while a snapshot holds it.
pub(super) fn growing(at: AttributePath, about: &str, from: i64, to: i64, snapshots: &str) -> Diagnostics {
    let detail = format!(
        "{} is to grow from {from} to {to} GiB, and the virtual machine has {snapshots}: vSphere does not change the size of \
         a disk that a snapshot holds. Remove the snapshots first.",
        capital(about)
    );
    Diagnostics::error(at, "A disk cannot grow while there is a snapshot", detail)
}

/// The error for a disk that would be deleted although its label is declared.
fn still_declared(w: usize, d: &DiskModel) -> Diagnostics {
    let detail = format!(
        "{} would be deleted with its data, because the block with its label describes another disk (`attach`, `path`). Give \
         that block a label of its own; or set `keep_on_remove = true` for the existing disk and apply that first.",
        capital(&full_words(d))
    );
    Diagnostics::error(
        M::DISK.index(w).field(DiskModel::LABEL),
        "A disk whose label is declared would be deleted",
        detail,
    )
}

/// The error for disks that are to take each other's addresses, which is more than one change of a machine can do.
pub(super) fn exchanging(blocks: &[DiskModel], stuck: &[usize]) -> Diagnostics {
    let all: Vec<String> = stuck.iter().map(|w| format!("{:?}", blocks[*w].label.as_str())).collect();
    let detail = format!(
        "The disks {} are declared at each other's addresses, and every address is taken until its disk has moved. Move one \
         of them to a free `unit_number` and apply that first. If only the names are to change, keep the size with the \
         address.",
        all.join(", ")
    );
    let at = M::DISK.index(stuck[0]).field(DiskModel::UNIT_NUMBER);
    Diagnostics::error(at, "Disks cannot exchange their addresses in one step", detail)
}

/// The error for a disk that is to be smaller than it is.
pub(super) fn shrinking(at: AttributePath, words: &str, from: i64, to: i64) -> Diagnostics {
    let detail = format!(
        "{} has {from} GiB, and {to} GiB are declared. vSphere cannot make a disk smaller. Declare at least {from}. If \
         another disk is meant, keep the `unit_number` that it has.",
        capital(words)
    );
    Diagnostics::error(at, "A disk cannot be shrunk", detail)
}

/// A disk in words: `The disk "data" (scsi:0:1)`.
pub(super) fn words(d: &DiskModel) -> String {
    let at = state_address(d).map_or_else(String::new, |a| format!(" ({a})"));
    format!("the disk {:?}{at}", d.label.as_str())
}

/// Warns about a path that is not that of the disk, and not used either. A configuration that is generated after an import has
/// that of the disk.
fn unused_paths(past: &[DiskModel], blocks: &[DiskModel], partners: &[Option<usize>]) -> Diagnostics {
    let plain = |d: &DiskModel| d.path.known().and_then(|p| convert::plain_path(p));
    let mut out = Diagnostics::default();
    for (i, c) in blocks.iter().enumerate() {
        let is = partners[i].and_then(|p| plain(&past[p]));
        if c.attach.get() || plain(c).is_none_or(|path| is == Some(path)) {
            continue;
        }
        let detail = "vSphere selects the file of a disk that is not attached. Omit `path`, or set `attach = true` if the file \
                      exists.";
        let at = M::DISK.index(i).field(DiskModel::PATH);
        out.merge(Diagnostics::warning(at, "`path` requires `attach`", detail));
    }
    out
}

/// Warns about the removal of the first disk, from which a guest usually boots.
fn unbootable(past: &[DiskModel], there: &[There], changes: &[Change]) -> Diagnostics {
    let first = (0..there.len())
        .filter_map(|t| Some((there[t].traits.address?, t)))
        .min_by_key(|(address, _)| *address);
    let is_removed =
        |t: usize| changes.iter().any(|c| matches!(c, Change::Delete(d) | Change::Detach(d) if *d == t));
    match first {
        Some((_, t)) if is_removed(t) => {
            let detail = format!(
                "{} is the first disk, from which a virtual machine usually boots. If that is not meant, declare it again.",
                capital(&full_words(&past[t]))
            );
            Diagnostics::warning(M::DISK, "The first disk is removed", detail)
        }
        _ => Diagnostics::default(),
    }
}

fn full_words(d: &DiskModel) -> String {
    let mut about: Vec<String> = state_address(d).map(|a| a.to_string()).into_iter().collect();
    about.extend(convert::size(&d.size).map(|n| format!("{n} GiB")));
    about.extend(d.path.non_empty().cloned());
    let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
    format!("the disk {:?}{about}", d.label.as_str())
}

/// Whether the planned disks are those of the state, if in another order: an import lists them by address, and the official
/// provider sorts them by unit.
pub(in super::super) fn alike(prior: &M, planned: &M) -> bool {
    let (before, after) = (disks(prior), disks(planned));
    let sorted = |mut all: Vec<DiskModel>| {
        all.sort_by(|a, b| a.device_address.as_str().cmp(b.device_address.as_str()));
        all
    };
    let by_address = |all: &[DiskModel]| {
        sorted(all.iter().map(|d| DiskModel { label: Value::Null, ..d.clone() }).collect())
    };
    let made_up = |(n, d): (usize, &DiskModel)| super::observe::is_made_up(d.label.as_str(), n);
    sorted(before.to_vec()) == sorted(after.to_vec())
        || (prior.imported.get()
            && before.iter().enumerate().all(made_up)
            && by_address(before) == by_address(after))
}
