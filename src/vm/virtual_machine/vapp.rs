//! vApp properties.
use super::bootstrap;
use super::effects::Effects;
use super::model::{VappModel, VirtualMachineModel as M};
use crate::nearest::did_you_mean;
use std::collections::BTreeMap;
use tf_framework::{AttributePath, Diagnostics, Result, Value};
use vsphere_client::vim::types::{
    ArrayUpdateOperation, ArrayUpdateSpec, VAppPropertyInfo, VAppPropertySpec, VmConfigInfo, VmConfigSpec,
};
use vsphere_client::vim::xml::Secret;

/// How cloud-init gets properties, where nothing else is declared.
const TOOLS: &str = "com.vmware.guestInfo";

/// One property of a machine, as a plain value.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Property {
    id: String,
    value: String,
    default: String,
}

/// What has to be written, by the ids: what is wanted with another value; and what is wanted no more goes back to its
/// default. Ids that the machine does not have are named.
fn changes(
    current: &[Property],
    prior: &BTreeMap<String, String>,
    wanted: &BTreeMap<String, String>,
) -> std::result::Result<BTreeMap<String, String>, Vec<String>> {
    let unknown: Vec<String> =
        wanted.keys().filter(|id| !current.iter().any(|p| p.id == **id)).cloned().collect();
    if !unknown.is_empty() {
        return Err(unknown);
    }
    Ok(current
        .iter()
        .filter_map(|p| {
            let to = match (wanted.get(&p.id), prior.get(&p.id)) {
                (Some(v), _) => v,
                (None, Some(_)) => &p.default,
                (None, None) => return None,
            };
            (*to != p.value).then(|| (p.id.clone(), to.clone()))
        })
        .collect())
}

fn properties(m: &M) -> BTreeMap<String, String> {
    m.vapp.first().map(|v| v.properties.get()).unwrap_or_default()
}

/// The properties of the state; those that the plan has cloud-init for are not given up with the block.
fn before(prior: Option<&M>, plan: &M) -> BTreeMap<String, String> {
    let mut all = prior.map(properties).unwrap_or_default();
    all.retain(|id, _| !bootstrap::is_property(plan, id));
    all
}

fn wanted_transport(m: &M) -> Option<&Vec<String>> {
    m.vapp.first().and_then(|v| v.transport.known())
}

/// The transports that are to be; nothing where they stay.
fn new_transport(has: &[String], prior: Option<&M>, plan: &M) -> Option<Vec<String>> {
    let wanted = wanted_transport(plan);
    match wanted {
        Some(wanted) if prior.is_none_or(|p| wanted_transport(p) != Some(wanted)) && wanted != has => {
            Some(wanted.clone())
        }
        None if bootstrap::uses_properties(plan) && has.is_empty() => Some(vec![TOOLS.to_owned()]),
        _ => None,
    }
}

/// Transports as they are sent: an empty list would change nothing.
fn sent(transport: Vec<String>) -> Vec<String> {
    if transport.is_empty() { vec![String::new()] } else { transport }
}

/// The values of all properties, by their ids.
pub(super) fn values(config: Option<&VmConfigInfo>) -> BTreeMap<String, String> {
    plain(config).into_iter().map(|p| (p.id, p.value)).collect()
}

fn at() -> AttributePath {
    AttributePath::root().field(M::VAPP).index(0).field(VappModel::PROPERTIES)
}

fn infos(config: Option<&VmConfigInfo>) -> &[VAppPropertyInfo] {
    config.map_or(&[], |c| &c.property)
}

fn plain(config: Option<&VmConfigInfo>) -> Vec<Property> {
    infos(config)
        .iter()
        .filter_map(|p| {
            let text = |s: &Option<Secret>| s.as_ref().map(|s| s.expose().to_owned()).unwrap_or_default();
            let (value, default) = (text(&p.value), text(&p.default_value));
            // A property without a value has its default.
            let value = if p.value.is_none() { default.clone() } else { value };
            Some(Property { id: p.id.clone()?, value, default })
        })
        .collect()
}

/// The changes to send; nothing where there are none. `config` is what the machine, or the template, has.
///
/// # Errors
/// Properties that it does not have.
pub(super) fn spec(
    config: Option<&VmConfigInfo>,
    prior: Option<&M>,
    plan: &M,
    more: BTreeMap<String, String>,
) -> Result<Option<Box<VmConfigSpec>>> {
    let before = before(prior, plan);
    let current = plain(config);
    let wanted = properties(plan);
    let mut to = changes(&current, &before, &wanted).map_err(|ids| missing(&ids, &current))?;
    // What the plan did not show is for the next one.
    to.retain(|id, _| before.get(id) != wanted.get(id));
    to.extend(more);
    let transport = new_transport(config.map_or(&[], |c| &c.ovf_environment_transport), prior, plan);
    if to.is_empty() && transport.is_none() {
        return Ok(None);
    }
    let mut property: Vec<VAppPropertySpec> = infos(config)
        .iter()
        .filter_map(|p| {
            let value = to.get(p.id.as_ref()?)?;
            let info = VAppPropertyInfo {
                value: Some(Secret::new(value.clone())),
                // vSphere only takes values of properties that a user may set.
                user_configurable: Some(true),
                ..p.clone()
            };
            let base = ArrayUpdateSpec { operation: ArrayUpdateOperation::Edit, ..Default::default() };
            Some(VAppPropertySpec { base, info: Some(Box::new(info)) })
        })
        .collect();
    // Those of cloud-init need not be defined before.
    let first = infos(config).iter().map(|p| p.key).max().map_or(0, |k| k + 1);
    let new = to.iter().filter(|(id, v)| !v.is_empty() && !current.iter().any(|p| p.id == **id));
    property.extend((first..).zip(new).map(|(key, (id, value))| {
        let info = VAppPropertyInfo {
            key,
            id: Some(id.clone()),
            category: Some("cloud-init".to_owned()),
            r#type: Some("string".to_owned()),
            user_configurable: Some(true),
            value: Some(Secret::new(value.clone())),
            ..VAppPropertyInfo::default()
        };
        let base = ArrayUpdateSpec { operation: ArrayUpdateOperation::Add, ..Default::default() };
        VAppPropertySpec { base, info: Some(Box::new(info)) }
    }));
    let ovf_environment_transport = transport.map(sent).unwrap_or_default();
    Ok(Some(Box::new(VmConfigSpec { property, ovf_environment_transport, ..Default::default() })))
}

fn missing(ids: &[String], current: &[Property]) -> Diagnostics {
    let mut out = Diagnostics::default();
    for id in ids {
        let has: Vec<&str> = current.iter().map(|p| p.id.as_str()).collect();
        let detail = if has.is_empty() {
            "The virtual machine does not have vApp properties. They come from an OVF package, or from a template that was deployed from one."
                .to_owned()
        } else {
            format!("It has {}.{}", has.join(", "), did_you_mean(id, has.iter().copied()))
        };
        out.merge(Diagnostics::error(
            at().key(id),
            format!("The virtual machine does not have the vApp property {id:?}"),
            detail,
        ));
    }
    out
}

/// The message of a plan: the guest gets properties when it is powered on.
pub(super) fn plan(prior: Option<&M>, config: &M, planned: &mut M) -> Effects {
    let mut out = Effects::default();
    // An empty list is a declaration here: no transport, also where the state has no list.
    if let Some(declared) = wanted_transport(config)
        && let Value::Known(blocks) = &mut planned.vapp
        && let Some(block) = blocks.first_mut().filter(|b| b.transport.is_null())
    {
        block.transport = declared.clone().into();
    }
    if let Some(prior) = prior {
        let (before, after) = (before(Some(prior), planned), properties(planned));
        let ids = before.keys().chain(after.keys().filter(|id| !before.contains_key(*id)));
        for id in ids.filter(|id| before.get(*id) != after.get(*id)) {
            out.power_off(at().key(id), format!("the vApp property {id:?} changes"));
        }
        if let Some(new) = new_transport(&prior.vapp_transport.get(), Some(prior), planned) {
            planned.vapp_transport = Value::Known(new);
            if wanted_transport(planned).is_some() {
                let at = M::VAPP.index(0).field(VappModel::TRANSPORT);
                out.power_off(at, "the transports of vApp properties change");
            }
        }
    }
    out
}

/// What the state says: its own properties; after an import those that differ from their defaults.
pub(super) fn observed(config: Option<&VmConfigInfo>, imported: bool, state: &M) -> Value<Vec<VappModel>> {
    let own = properties(state);
    let found: BTreeMap<String, String> = plain(config)
        .into_iter()
        .filter(|p| if imported { p.value != p.default } else { own.contains_key(&p.id) })
        .map(|p| (p.id, p.value))
        .collect();
    let declared = state.vapp.first().map(|v| v.transport.is_null());
    let current = if declared == Some(false) { transport(config).into() } else { Value::Null };
    let block = VappModel { properties: Value::Known(found.clone()), transport: current.clone() };
    match state.vapp.known().map(Vec::as_slice) {
        None | Some(_) if imported => Value::Known(if found.is_empty() { vec![] } else { vec![block] }),
        Some(blocks) if !blocks.is_empty() && !(own.is_empty()) => Value::Known(vec![block]),
        Some([only]) if !current.is_null() => {
            Value::Known(vec![VappModel { transport: current, ..only.clone() }])
        }
        _ => state.vapp.clone(),
    }
}

/// The values of properties, as they are kept after an import: only a digest of each, since they can be secret.
pub(super) fn seen(config: Option<&VmConfigInfo>) -> BTreeMap<String, String> {
    plain(config).into_iter().map(|p| (p.id, super::extra_config::digest(&p.value))).collect()
}

/// Whether all properties of a plan have the values that an import has [seen].
pub(super) fn as_imported(seen: &BTreeMap<String, String>, plan: &M) -> bool {
    properties(plan).iter().all(|(id, v)| seen.get(id) == Some(&super::extra_config::digest(v)))
}

/// How properties reach the guest.
pub(super) fn transport(config: Option<&VmConfigInfo>) -> Vec<String> {
    config.map(|c| c.ovf_environment_transport.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(of: &[(&str, &str)]) -> BTreeMap<String, String> {
        of.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    fn property(id: &str, value: &str, default: &str) -> Property {
        Property { id: id.to_owned(), value: value.to_owned(), default: default.to_owned() }
    }

    #[test]
    fn only_own_properties_change_and_those_left_out_go_back() {
        let current = [property("a", "1", ""), property("b", "2", "0"), property("c", "3", "")];
        let done = changes(&current, &map(&[("a", "1"), ("b", "2")]), &map(&[("a", "9")]));
        assert_eq!(done, Ok(map(&[("a", "9"), ("b", "0")])));
        assert_eq!(changes(&current, &map(&[]), &map(&[("a", "1")])), Ok(map(&[])));
        let unknown = changes(&current, &map(&[]), &map(&[("x", "1"), ("y", "1"), ("a", "2")]));
        assert_eq!(unknown, Err(vec!["x".to_owned(), "y".to_owned()]));
    }

    #[test]
    fn transports_are_those_that_are_declared() {
        let with = |transport: Option<&[&str]>, has: &[&str]| M {
            vapp: vec![VappModel {
                transport: transport.map(|t| t.iter().map(|s| (*s).to_owned()).collect()).into(),
                ..VappModel::default()
            }]
            .into(),
            vapp_transport: Value::Known(has.iter().map(|s| (*s).to_owned()).collect()),
            ..M::default()
        };
        for (before, after, changes) in [
            (with(None, &["iso"]), with(None, &["iso"]), false),
            (with(None, &["iso"]), with(Some(&["iso"]), &["iso"]), false),
            (with(None, &[]), with(Some(&["iso"]), &[]), true),
            (with(Some(&["iso"]), &["iso"]), with(Some(&[TOOLS]), &["iso"]), true),
            (with(Some(&["iso"]), &["iso"]), with(None, &["iso"]), false),
            (with(Some(&["iso"]), &["iso"]), with(Some(&[]), &["iso"]), true),
        ] {
            let mut planned = after.clone();
            assert_eq!(plan(Some(&before), &after, &mut planned).power_off.len(), usize::from(changes));
            let expected =
                if changes { wanted_transport(&after).cloned() } else { before.vapp_transport.into_known() };
            assert_eq!(planned.vapp_transport.into_known(), expected);
        }
        // As the framework plans an empty list where the state has none.
        let (before, config) = (with(None, &["iso"]), with(Some(&[]), &["iso"]));
        let mut planned = before.clone();
        assert_eq!(plan(Some(&before), &config, &mut planned).power_off.len(), 1);
        assert_eq!(planned.vapp_transport, Value::Known(vec![]));
        let has = VmConfigInfo { ovf_environment_transport: vec!["iso".to_owned()], ..Default::default() };
        let (before, after) = (with(Some(&["iso"]), &["iso"]), with(Some(&[]), &[]));
        let spec = spec(Some(&has), Some(&before), &after, BTreeMap::new()).unwrap().unwrap();
        assert_eq!(spec.ovf_environment_transport, [""], "an empty list would change nothing");
    }

    #[test]
    fn a_property_that_is_not_there_is_named_with_its_nearest() {
        let said = missing(&["hostnam".to_owned()], &[property("hostname", "", "")]);
        let d = &said.0[0];
        assert_eq!(d.at.to_string(), "vapp[0].properties[\"hostnam\"]");
        assert!(d.detail.contains("hostname"), "{}", d.detail);
    }
}
