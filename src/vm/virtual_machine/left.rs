//! What a state says after an update that failed: what is there, so that the next plan has all that is still to be done.
use super::VirtualMachine;
use super::identity::Found;
use super::model::VirtualMachineModel as M;
use super::observe::{self, Early};
use tf_framework::{AttributePath, Cx, Dynamic, Model, Result};

/// Lists of blocks, and the attribute that identifies a block.
const BLOCKS: &[(&str, &str)] = &[("disk", "uuid"), ("network_interface", "key"), ("cdrom", "key")];
/// Maps and lists of which each side knows its own part.
const COLLECTIONS: &[&str] =
    &["extra_config", "custom_attributes", "pci_device_id", "vgpu_profiles", "device_groups"];

/// The state of a virtual machine after an update with an unknown outcome: the values of the prior state, and what the
/// plan has added to it since.
///
/// # Errors
/// It cannot be read.
pub(super) async fn behind(cx: &Cx<'_, VirtualMachine>, found: &Found, prior: M, plan: M) -> Result<M> {
    let before = observe::state(cx, found, false, prior, Early::none()).await?;
    let after = observe::state(cx, found, false, plan, Early::none()).await?;
    Ok(united(before, &after))
}

/// What was read in the words of the prior state, with what was read in those of the plan added. Both are what is there:
/// the prior state does not know what was added, and the plan not what it removes. Pure.
fn united(before: M, after: &M) -> M {
    let (Dynamic::Map(mut all), plan) = (before.write(), after.write()) else { return before };
    for (name, was) in &mut all {
        let is = plan.get(name);
        if is.has_unknown() && !BLOCKS.iter().any(|(block, _)| block == name) {
            continue;
        }
        if let Some((_, key)) = BLOCKS.iter().find(|(block, _)| block == name) {
            let new: Vec<Dynamic> = (is.items().iter())
                .filter(|b| !b.get(key).is_null() && !b.has_unknown())
                .filter(|b| !was.items().iter().any(|w| w.get(key) == b.get(key)))
                .cloned()
                .collect();
            extend(was, new);
        } else if COLLECTIONS.contains(&name.as_str()) {
            match (&mut *was, is) {
                (Dynamic::Map(was), Dynamic::Map(is)) => {
                    for (k, v) in is {
                        was.entry(k.clone()).or_insert_with(|| v.clone());
                    }
                }
                (Dynamic::List(_), Dynamic::List(is)) => {
                    let mut left = was.items().to_vec();
                    let new = (is.iter())
                        .filter(|v| match left.iter().position(|l| l == *v) {
                            Some(i) => {
                                left.remove(i);
                                false
                            }
                            None => true,
                        })
                        .cloned()
                        .collect();
                    extend(was, new);
                }
                (Dynamic::Null, is) => *was = is.clone(),
                _ => {}
            }
        } else if was.is_null() && name != M::RESTART_TRIGGER.0 {
            *was = is.clone();
        }
    }
    M::read(&Dynamic::Map(all), &AttributePath::root()).unwrap_or(before)
}

fn extend(list: &mut Dynamic, new: Vec<Dynamic>) {
    if new.is_empty() {
        return;
    }
    let mut all = list.items().to_vec();
    all.extend(new);
    *list = Dynamic::List(all);
}

#[cfg(test)]
mod tests {
    use super::super::model::DiskModel;
    use super::*;
    use tf_framework::Value;

    fn disk(label: &str, uuid: Value<String>) -> DiskModel {
        DiskModel { label: label.into(), uuid, ..Default::default() }
    }

    fn keys(of: &[(&str, &str)]) -> Value<std::collections::BTreeMap<String, String>> {
        Value::Known(of.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn what_is_to_go_stays_known_and_what_came_is_known_already() {
        let before = M {
            name: "web".into(),
            num_cpus: 2.into(),
            disk: vec![disk("system", "a".into()), disk("goes", "b".into())].into(),
            extra_config: keys(&[("goes", "1"), ("stays", "1")]),
            vgpu_profiles: vec!["p".to_owned()].into(),
            ..M::default()
        };
        let after = M {
            num_cpus: 2.into(),
            annotation: "new".into(),
            disk: vec![disk("system", "a".into()), disk("new", "c".into()), disk("not made", Value::Null)]
                .into(),
            extra_config: keys(&[("stays", "1"), ("new", "1")]),
            vgpu_profiles: vec!["p".to_owned(), "p".to_owned()].into(),
            ..M::default()
        };
        let state = united(before, &after);
        let labels: Vec<_> = state.disk.get().iter().map(|d| d.label.get()).collect();
        assert_eq!(labels, ["system", "goes", "new"]);
        assert_eq!(state.extra_config, keys(&[("goes", "1"), ("new", "1"), ("stays", "1")]));
        assert_eq!(state.vgpu_profiles.get().len(), 2);
        assert_eq!((state.name.as_str(), state.annotation.as_str()), ("web", "new"));
    }
}
