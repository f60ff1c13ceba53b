//! What a configuration may say, and what a plan adds to what the schema can know.
use super::VirtualMachine;
use super::destroy;
use super::effects::Effects;
use super::model::VirtualMachineModel as M;
use super::{
    cdrom, clone, disks, extra_config, network, ovf, pci, place, power, settings, vapp, video_card, vtpm,
};
use crate::common::labels::Labels;
use tf_framework::{Diagnostics, PlanCx, Result, Value};

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
        clone::validate(config),
        ovf::validate(config),
        place::validate(config),
    ] {
        out.merge(more);
    }
    out
}

/// Finishes a plan: what each family adds, what it does to a running machine, what it deletes, and what is refused.
pub(super) fn finish(cx: &mut PlanCx<'_, VirtualMachine>, planned: &mut M) -> Result<()> {
    Labels::plan(&cx.config.labels, cx.prior.is_none(), &mut planned.labels);
    let (prior, config) = (cx.prior, cx.config);
    if cx.is_replacement() {
        // Terraform plans it once more, as a creation.
        let gone = prior.map(destroy::announce).unwrap_or_default();
        let warnings = gone.into_result(Diagnostics::default());
        cx.warnings.merge(prior.map(destroy::announce).unwrap_or_default());
        return warnings.map(drop);
    }
    let mut all = Effects::default();
    for more in [
        place::plan(prior, config, planned),
        settings::plan(prior, config, planned),
        extra_config::plan(prior, &planned.clone().with_words_of(Some(config))),
        vapp::plan(prior, planned),
        disks::plan(prior, config, planned),
        network::plan(prior, config, planned),
        cdrom::plan(prior, config, planned),
        pci::plan(prior, planned),
        vtpm::plan(prior, planned),
        video_card::plan(prior, planned),
    ] {
        all.merge(more);
    }
    if let Some(prior) = prior {
        if rests(prior, planned) {
            // A family has found that nothing differs after all.
            *planned = prior.clone();
        }
        all.diagnostics.merge(clone::warn_if_changed(prior, config));
        all.diagnostics.merge(ovf::warn_if_changed(prior, config));
        all.diagnostics.merge(power::losses(planned, &all));
        let reboots = power::reboots(prior, &all);
        if reboots {
            all.diagnostics.merge(power::announce(&planned.clone().with_words_of(Some(config)), &all));
        }
        if *planned != *prior {
            planned.reboot_required = reboots.into();
        }
    } else {
        planned.reboot_required = false.into();
        planned.imported = Value::Null;
    }
    if all.diagnostics.has_errors() {
        return Err(all.diagnostics);
    }
    cx.warnings.merge(all.diagnostics);
    Ok(())
}

/// Whether the plan is what there is: all but what changes with every other change, and the labels that an import gave
/// to disks.
fn rests(prior: &M, planned: &M) -> bool {
    let asleep = |m: &M| M { change_version: Value::Null, disk: Value::Null, ..m.clone() };
    asleep(prior) == asleep(planned) && disks::rest(prior, planned)
}
