//! Storage policies: looked up before they are given, and read back where the state has any. Nothing is asked about a machine
//! without a declared policy.
use super::VirtualMachine;
use super::identity::Found;
use super::model::{DiskModel, VirtualMachineModel as M, title};
use crate::common::policies;
use crate::fault::Doing;
use crate::nearest::nearest;
use crate::vsphere::Vsphere;
use std::collections::{BTreeMap, BTreeSet};
use tf_framework::{AttributePath, Cx, Diagnostics, Result, Value};
use vsphere_client::MoRef;
use vsphere_client::policy::{Policy, ProfileRef};

/// The policies of a model that are said, with their attributes.
fn said(m: &M) -> Vec<(AttributePath, &str)> {
    let disks = m.disk.known().map_or(&[][..], Vec::as_slice).iter().enumerate();
    let disks = disks
        .map(|(i, d)| (M::DISK.index(i).field(DiskModel::STORAGE_POLICY_ID), d.storage_policy_id.as_str()));
    let home = (AttributePath::from(M::STORAGE_POLICY_ID), m.storage_policy_id.as_str());
    std::iter::once(home).chain(disks).filter(|(_, id)| !id.is_empty()).collect()
}

/// Whether the policies exist that a plan assigns.
///
/// # Errors
/// One that is not, with the one that may be meant.
pub(super) async fn check(vsphere: &Vsphere, prior: Option<&M>, plan: &M) -> Result<()> {
    let before: BTreeSet<&str> = prior.map(said).unwrap_or_default().into_iter().map(|(_, id)| id).collect();
    let new: Vec<_> = said(plan).into_iter().filter(|(_, id)| !before.contains(id)).collect();
    if new.is_empty() {
        return Ok(());
    }
    // Who may not list them may still give them: then vCenter says what is wrong.
    let missing = |all: &[Policy], id: &str| !all.iter().any(|p| p.id == id);
    let enough = |all: &[Policy]| !new.iter().any(|(_, id)| missing(all, id));
    let Ok(all) = policies::all_with(vsphere, enough).await else { return Ok(()) };
    let mut problems = Diagnostics::default();
    for (at, id) in new {
        if missing(&all, id) {
            problems.merge(unknown(at, id, &all));
        }
    }
    problems.into_result(())
}

/// What is said of an id that no policy has. Pure.
fn unknown(at: AttributePath, id: &str, all: &[Policy]) -> Diagnostics {
    let named = |name: &str| all.iter().find(|p| p.name == name);
    let hint = match (named(id), nearest(id, all.iter().map(|p| p.name.as_str())).and_then(named)) {
        (Some(p), _) => format!(" {id:?} is a name: the ID of that policy is {:?}.", p.id),
        (None, Some(p)) => format!(" Do you mean {:?}? Its ID is {:?}.", p.name, p.id),
        (None, None) => match nearest(id, all.iter().map(|p| p.id.as_str())) {
            Some(near) => {
                let name = all.iter().find(|p| p.id == near).map_or("", |p| p.name.as_str());
                format!(" Do you mean {near:?}, which is {name:?}?")
            }
            None if all.is_empty() => " There is none at all.".to_owned(),
            None => {
                let names: Vec<String> =
                    all.iter().take(10).map(|p| format!("{:?} ({})", p.name, p.id)).collect();
                format!(" There are {}.", names.join(", "))
            }
        },
    };
    let detail =
        format!("The vCenter has no storage policy of that ID, or the user lacks `System.View` on it.{hint}");
    Diagnostics::error(at, format!("There is no storage policy {id:?}"), detail)
}

/// What is asked about: what the state has a policy of; of a machine that is imported, all. Pure.
fn asked(object: &MoRef, imported: bool, seen: &M) -> Vec<ProfileRef> {
    let wanted = |v: &Value<String>| imported || !v.as_str().is_empty();
    let disks = seen.disk.known().map_or(&[][..], Vec::as_slice).iter();
    let disks = disks.filter(|d| wanted(&d.storage_policy_id));
    let keys = disks.filter_map(|d| i32::try_from(*d.key.known()?).ok());
    let mut out: Vec<_> = keys.map(|key| ProfileRef::Disk(object.clone(), key)).collect();
    if wanted(&seen.storage_policy_id) {
        out.push(ProfileRef::Home(object.clone()));
    }
    out
}

/// Puts what was answered into the state. What was not asked about keeps its word, and has none where it is new. Pure.
fn answer(object: &MoRef, found: &BTreeMap<ProfileRef, Vec<String>>, into: &mut M) {
    let tell = |to: &mut Value<String>, of: ProfileRef| {
        if let Some(ids) = found.get(&of) {
            let kept = ids.iter().find(|id| *id == to.as_str()).or(ids.first());
            *to = kept.cloned().unwrap_or_default().into();
        } else if to.is_unknown() {
            *to = String::new().into();
        }
    };
    tell(&mut into.storage_policy_id, ProfileRef::Home(object.clone()));
    if let Value::Known(disks) = &mut into.disk {
        for d in disks {
            let key = d.key.known().and_then(|key| i32::try_from(*key).ok()).unwrap_or_default();
            tell(&mut d.storage_policy_id, ProfileRef::Disk(object.clone(), key));
        }
    }
}

/// Reads the policies of a machine, together with those of all machines that are read at the same time. Where that fails the
/// state keeps what it had.
pub(super) async fn observe(cx: &Cx<'_, VirtualMachine>, found: &Found, imported: bool, into: &mut M) {
    let (vsphere, object) = (cx.client(), &found.object);
    let asked = asked(object, imported, into);
    let read = vsphere.api.policies().associated(&asked).await;
    let doing = || format!("read the storage policies of {}", title(into));
    match read.doing(doing()) {
        Ok(all) => answer(object, &all, into),
        Err(problems) => {
            answer(object, &BTreeMap::new(), into);
            for p in problems.0 {
                let detail = format!("{}\nThe state keeps the policies that it had.", p.detail);
                cx.warn(M::STORAGE_POLICY_ID, p.summary, detail);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk(key: i64, policy: &str) -> DiskModel {
        DiskModel { key: key.into(), storage_policy_id: policy.into(), ..DiskModel::default() }
    }

    #[test]
    fn only_what_has_a_policy_is_asked_about() {
        let vm = MoRef::new("VirtualMachine", "vm-1");
        let none = M { disk: vec![disk(2000, "")].into(), ..M::default() };
        assert_eq!(asked(&vm, false, &none), []);
        assert_eq!(asked(&vm, true, &none).len(), 2);
        let mut some = M { disk: vec![disk(2000, ""), disk(2001, "gold")].into(), ..M::default() };
        some.storage_policy_id = Value::Unknown;
        assert_eq!(asked(&vm, false, &some), [ProfileRef::Disk(vm.clone(), 2001)]);
        // By hand it was taken away; of the others nothing is known, and nothing is made up.
        let removed = BTreeMap::from([(ProfileRef::Disk(vm.clone(), 2001), vec![])]);
        answer(&vm, &removed, &mut some);
        let disks = some.disk.known().unwrap_or(&vec![]).clone();
        assert_eq!((disks[0].storage_policy_id.as_str(), disks[1].storage_policy_id.as_str()), ("", ""));
        assert_eq!(some.storage_policy_id, "".into());
        let other = BTreeMap::from([(ProfileRef::Home(vm.clone()), vec!["a".to_owned(), "b".to_owned()])]);
        for (was, is) in [("b", "b"), ("c", "a")] {
            let mut m = M { storage_policy_id: was.into(), ..M::default() };
            answer(&vm, &other, &mut m);
            assert_eq!(m.storage_policy_id.as_str(), is);
        }
    }

    #[test]
    fn an_unknown_policy_names_the_nearest() {
        let all = [Policy::new("6f8c", "Gold"), Policy::new("aa11", "Silver")];
        for (id, hint) in [
            ("Gold", "\"Gold\" is a name: the ID of that policy is \"6f8c\""),
            ("gold", "Do you mean \"Gold\"? Its ID is \"6f8c\""),
            ("6f8d", "Do you mean \"6f8c\", which is \"Gold\"?"),
            ("00000000-0000", "There are \"Gold\" (6f8c), \"Silver\" (aa11)."),
        ] {
            let message = unknown(M::STORAGE_POLICY_ID.into(), id, &all).to_string();
            assert!(message.contains(hint), "{message}");
        }
    }
}
