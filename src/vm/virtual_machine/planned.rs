//! What a configuration may say, and what a plan adds to what the schema can know.
use super::VirtualMachine;
use super::destroy;
use super::effects::Effects;
use super::model::VirtualMachineModel as M;
use super::transition::Power;
use super::{
    bootstrap, cdrom, clone, customize, disks, encryption, evc, extra_config, guest_networks, network, ovf,
    pci, place, power, power_state, resize, settings, status, uuids, vapp, video_card, vtpm,
};
use serde_json::Value as Json;
use tf_framework::{AttributePath, Diagnostics, Model as _, PlanCx, Result, Value};

/// Checks that need no server.
pub(super) fn validate(config: &M) -> Diagnostics {
    let mut out = Diagnostics::default();
    for more in [
        settings::validate(config),
        disks::validate(config),
        network::validate(config),
        cdrom::validate(config),
        pci::validate(config),
        vtpm::validate(config),
        clone::instant::validate(config),
        customize::validate(config),
        ovf::validate(config),
        ovf::unused(config),
        place::validate(config),
        evc::validate(config),
        power_state::validate(config),
        bootstrap::validate(config),
    ] {
        out.merge(more);
    }
    out
}

/// Finishes a plan: what each family adds, what it does to a running machine, what it deletes, and what is refused.
pub(super) fn finish(cx: &mut PlanCx<'_, VirtualMachine>, planned: &mut M) -> Result<()> {
    let config = cx.config;
    let adopted = cx.prior.and_then(|p| in_its_cluster(p, planned, cx.private(place::CLUSTER)));
    let prior = adopted.as_ref().or(cx.prior);
    if prior.is_some_and(|p| p.imported.get() && p.replace_trigger.is_null()) {
        // An import cannot know what was written there.
        cx.replace.retain(|at| *at != AttributePath::from(M::REPLACE_TRIGGER));
    }
    if cx.is_replacement() {
        // Terraform plans it once more, as a creation.
        cx.warnings.merge(match prior {
            Some(prior) => destroy::allowed(prior, &disks::Held::read(cx.private(disks::HELD)))?,
            None => Diagnostics::default(),
        });
        return Ok(());
    }
    let mut all = Effects::default();
    let waiting = resize::plan(prior, config, planned, cx.private(settings::HOT_MEMORY));
    all.diagnostics.merge(waiting.diagnostics);
    *cx.keeps_undeclared |= waiting.keeps_null;
    for more in [
        place::plan(prior, config, planned),
        settings::plan(prior, config, planned, cx.private(settings::HOT_MEMORY)),
        extra_config::plan(
            prior,
            &planned.clone().with_words_of(Some(config)),
            cx.private(extra_config::SEEN),
        ),
        vapp::plan(prior, config, planned),
        bootstrap::plan(prior, config, planned),
        ovf::plan(prior, config, planned, ovf::unverified_by_environment()),
        disks::plan(prior, config, planned, &disks::Held::read(cx.private(disks::HELD))),
        network::plan(prior, config, planned),
        cdrom::plan(prior, config, planned),
        pci::plan(prior, planned),
        vtpm::plan(prior, planned),
        video_card::plan(prior, planned, cx.private(video_card::FOUND)),
        evc::plan(prior, planned),
        encryption::plan(prior, planned),
    ] {
        all.merge(more);
    }
    // Terraform compares the number of blocks, and undeclared blocks are added here.
    *cx.keeps_undeclared |= planned.disk.is_unknown() && !config.disk.is_unknown();
    if let (Some(prior), Some(stored)) = (prior, cx.prior) {
        let as_imported = AsImported {
            keys: extra_config::as_imported(cx.private(extra_config::SEEN), planned),
            card: video_card::as_imported(cx.private(video_card::FOUND), planned),
        };
        if (&planned.guest_id, &planned.alternate_guest_name)
            != (&prior.guest_id, &prior.alternate_guest_name)
        {
            planned.guest_full_name = Value::Unknown;
        }
        let applied = cx.private(power_state::APPLIED);
        all.diagnostics.merge(power_state::keep(prior, config, planned, applied));
        let rest = rest(prior, planned, as_imported);
        let words = rest == Rest::ButWords;
        match rest {
            Rest::No => {}
            Rest::All | Rest::ButWords => *planned = stored.clone(),
        }
        let rests = *planned == *stored;
        // The words are in the configuration and not in the plan: core would not have it otherwise.
        *cx.keeps_undeclared |= rests && (adopted.is_some() || words);
        all.diagnostics.merge(uuids::plan(Some(prior), planned));
        all.diagnostics.merge(clone::warn_if_changed(prior, config));
        all.diagnostics.merge(ovf::warn_if_changed(prior, config));
        all.diagnostics.merge(power::losses(planned, &all));
        let cycles = !rests && power::reboots(prior, &all);
        let goal = power_state::goal(Some(config), planned);
        // A machine that is to be off is not turned on again.
        let reboots = cycles && goal != Some(Power::Off);
        if reboots && resize::waits(config) {
            all.diagnostics.merge(resize::refused(&all));
        } else if reboots {
            let now = M { power_state: prior.power_state.clone(), ..planned.clone() };
            all.diagnostics.merge(power::announce(&now.with_words_of(Some(config)), &all, goal));
        }
        let due = power::Due::read(cx.private(power::TURN_ON));
        all.diagnostics.merge(power_state::plan(Some(prior), config, planned, cycles, due));
        if !rests {
            status::plan(prior, planned, cycles);
            guest_networks::plan(prior, planned);
            encryption::complete(prior, planned);
            planned.reboot_required = reboots.into();
            if prior.imported.get() {
                // From this apply on the state has what the configuration says, labels of disks included.
                planned.imported = false.into();
            }
        }
        if reboots && prior.power_state.as_str() == power::SUSPENDED && config.power_state.is_null() {
            planned.power_state = Value::Unknown;
        }
        all.diagnostics.merge(power::resume(prior, config, planned, cx.private(power::TURN_ON)));
    } else {
        all.diagnostics.merge(customize::plan(config));
        all.diagnostics.merge(power_state::plan(None, config, planned, false, power::Due::No));
        planned.reboot_required = false.into();
        planned.imported = Value::Null;
    }
    if all.diagnostics.has_errors() {
        return Err(all.diagnostics);
    }
    cx.warnings.merge(all.diagnostics);
    Ok(())
}

/// The prior state of a machine that was imported, and of which the configuration says the datastore cluster that it was
/// found in: an import cannot know that it is meant.
fn in_its_cluster(prior: &M, planned: &M, found: Option<&Json>) -> Option<M> {
    let said = planned.datastore_cluster_id.non_empty()?;
    let meant = prior.imported.get()
        && prior.datastore_cluster_id.as_str().is_empty()
        && found.and_then(Json::as_str) == Some(said);
    meant.then(|| M { datastore_cluster_id: planned.datastore_cluster_id.clone(), ..prior.clone() })
}

/// What a plan comes to, once every family has looked at it.
#[derive(Debug, PartialEq, Eq)]
enum Rest {
    /// It changes something.
    No,
    /// It changes nothing.
    All,
    /// It changes nothing, but the configuration has words that an import cannot know, or lists disks in another order.
    ButWords,
}

/// What a plan wants that an imported machine has, though its state does not say so.
#[derive(Clone, Copy, Default)]
struct AsImported {
    /// All keys of the extra configuration.
    keys: bool,
    /// The video card.
    card: bool,
}

/// Whether a plan changes anything. What changes with every other change does not count by itself; and of a machine that
/// was imported neither do the words that only say how it was made, nor the order in which the import has listed devices.
fn rest(prior: &M, planned: &M, as_imported: AsImported) -> Rest {
    let still = |m: &M| M { change_version: Value::Null, disk: Value::Null, ..m.clone() };
    let (mut before, mut after) = (still(prior), still(planned));
    if !disks::alike(prior, planned) {
        return Rest::No;
    }
    if before == after {
        return if prior.disk == planned.disk { Rest::All } else { Rest::ButWords };
    }
    if prior.imported.get() {
        // What is only said for a run, an import has not said.
        (before, after) = (before.clone().with_words_of(Some(&before)), after.with_words_of(Some(&before)));
        if prior.clone.known().is_none_or(Vec::is_empty) {
            after.clone = before.clone.clone();
        }
        if prior.customize.known().is_none_or(Vec::is_empty) {
            after.customize = before.customize.clone();
        }
        if prior.ovf_deploy.known().is_none_or(Vec::is_empty) {
            after.ovf_deploy = before.ovf_deploy.clone();
        }
        if prior.placement.known().is_none_or(Vec::is_empty) {
            after.placement = before.placement.clone();
        }
        if prior.datastore_path.is_null() {
            after.datastore_path = Value::Null;
        }
        if prior.replace_trigger.is_null() {
            after.replace_trigger = Value::Null;
        }
        after = settings::with_found(&before, after);
        if disks::has_controllers(prior, planned) {
            after.scsi_controller_count = before.scsi_controller_count;
            after.sata_controller_count = before.sata_controller_count;
            after.nvme_controller_count = before.nvme_controller_count;
            after.ide_controller_count = before.ide_controller_count;
        }
        if network::rests_after_import(prior, planned) {
            after.network_interface = before.network_interface.clone();
        }
        if let Some(drives) = cdrom::with_undeclared(prior, planned) {
            after.cdrom = drives.into();
        }
        if prior.extra_config.is_null() && as_imported.keys {
            after.extra_config = Value::Null;
        }
        if encryption::rests_after_import(prior, planned) {
            after.encryption = before.encryption.clone();
        }
        if prior.video_card.known().is_none_or(Vec::is_empty) && as_imported.card {
            after.video_card = before.video_card.clone();
        }
    }
    // As values: no blocks and a list of none are one there.
    if before.write() == after.write() { Rest::ButWords } else { Rest::No }
}

#[cfg(test)]
mod tests {
    use super::super::model::{CloneModel, VideoCardModel};
    use super::*;

    fn imported() -> M {
        M {
            name: "web".into(),
            imported: true.into(),
            clone: vec![].into(),
            change_version: "1".into(),
            ..M::default()
        }
    }

    #[test]
    fn words_about_how_an_imported_machine_was_made_change_nothing() {
        let words = M {
            clone: vec![CloneModel::default()].into(),
            replace_trigger: "x".into(),
            change_version: Value::Unknown,
            ..imported()
        };
        assert_eq!(rest(&imported(), &words, AsImported::default()), Rest::ButWords);
        let made = M { imported: Value::Null, ..imported() };
        assert_eq!(
            rest(&made, &M { imported: Value::Null, ..words.clone() }, AsImported::default()),
            Rest::No
        );
        let more = M { num_cpus: 2.into(), ..words };
        assert_eq!(rest(&imported(), &more, AsImported::default()), Rest::No);
        let volatile = M { change_version: Value::Unknown, ..imported() };
        assert_eq!(rest(&imported(), &volatile, AsImported::default()), Rest::All);
    }

    #[test]
    fn settings_that_an_import_found_and_the_configuration_does_not_declare_change_nothing() {
        let found = M { enable_disk_uuid: true.into(), ..imported() };
        assert_eq!(rest(&found, &imported(), AsImported::default()), Rest::ButWords);
        let off = M { enable_disk_uuid: false.into(), ..imported() };
        assert_eq!(rest(&found, &off, AsImported::default()), Rest::No);
        let removed = M { imported: Value::Null, ..found };
        assert_eq!(
            rest(&removed, &M { imported: Value::Null, ..imported() }, AsImported::default()),
            Rest::No
        );
    }

    #[test]
    fn existing_controllers_of_an_import_change_nothing() {
        let counts = |sata: i64| M {
            scsi_controller_count: 1.into(),
            sata_controller_count: sata.into(),
            nvme_controller_count: 0.into(),
            ide_controller_count: 2.into(),
            ..imported()
        };
        let plan = |before: &M, after: &M| rest(before, after, AsImported::default());
        assert_eq!(plan(&counts(1), &counts(1)), Rest::All);
        assert_eq!(plan(&counts(1), &counts(0)), Rest::ButWords);
        assert_eq!(plan(&counts(0), &counts(1)), Rest::No);
        let made = |sata| M { imported: Value::Null, ..counts(sata) };
        assert_eq!(plan(&made(1), &made(0)), Rest::No);
    }

    #[test]
    fn values_of_an_imported_machine_are_not_a_change() {
        let keys = M { extra_config: Value::Known([("a".to_owned(), "1".to_owned())].into()), ..imported() };
        assert_eq!(
            rest(&imported(), &keys, AsImported { keys: true, ..AsImported::default() }),
            Rest::ButWords
        );
        assert_eq!(rest(&imported(), &keys, AsImported::default()), Rest::No);
        let card = M { video_card: vec![VideoCardModel::default()].into(), ..imported() };
        assert_eq!(
            rest(&imported(), &card, AsImported { card: true, ..AsImported::default() }),
            Rest::ButWords
        );
        assert_eq!(rest(&imported(), &card, AsImported::default()), Rest::No);
    }
}
