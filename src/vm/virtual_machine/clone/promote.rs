//! Making the disks of a linked clone its own.
use super::super::VirtualMachine;
use super::super::model::{CloneModel, VirtualMachineModel as M, title};
use super::super::power;
use super::at;
use crate::fault::Doing;
use tf_framework::{Cx, Result};
use vsphere_client::MoRef;
use vsphere_client::virtual_machine::Wait;

/// The source of a linked clone whose disks are promoted now: after it was made, or because the configuration says so since.
/// Pure.
fn due<'a>(prior: Option<&M>, plan: &'a M) -> Option<&'a CloneModel> {
    let source = |m: &'a M| m.clone.first().filter(|c| c.shares_disks() && c.promote_disks.get());
    let before = prior.and_then(|p| p.clone.first()).is_some_and(|c| c.promote_disks.get());
    source(plan).filter(|_| !before)
}

/// Promotes the disks of a virtual machine, if that is due. `prior` is the state of one that exists.
///
/// # Errors
/// vCenter's reasons.
pub(in super::super) async fn promote(
    cx: &Cx<'_, VirtualMachine>,
    prior: Option<&M>,
    plan: &M,
    object: &MoRef,
) -> Result<()> {
    let Some(source) = due(prior, plan) else { return Ok(()) };
    let wait = Wait::new(power::minutes(&source.timeout, 30), cx.cancel());
    let done = cx.client().api.virtual_machines().promote_disks(object, wait).await;
    let path = || at().field(CloneModel::PROMOTE_DISKS);
    done.doing(format!("promote the disks of {}", title(plan))).map_err(|mut e| {
        e.0.iter_mut().for_each(|d| d.at = path());
        e
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tf_framework::Value;

    fn machine(linked: Value<bool>, promote: Value<bool>) -> M {
        let clone = CloneModel { linked_clone: linked, promote_disks: promote, ..CloneModel::default() };
        M { clone: vec![clone].into(), ..M::default() }
    }

    #[test]
    fn disks_are_promoted_once() {
        let (yes, no) = (Value::Known(true), Value::Known(false));
        let wanted = machine(yes, yes);
        for (prior, plan, expected) in [
            (None, &wanted, true),
            (None, &machine(yes, no), false),
            (None, &machine(no, yes), false),
            (None, &M::default(), false),
            (Some(machine(yes, Value::Null)), &wanted, true),
            (Some(wanted.clone()), &wanted, false),
            (Some(wanted.clone()), &machine(yes, Value::Null), false),
        ] {
            assert_eq!(due(prior.as_ref(), plan).is_some(), expected, "{plan:?}");
        }
    }
}
