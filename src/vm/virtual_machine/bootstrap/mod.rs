//! cloud-init and Ignition.
mod keys;

use super::effects::Effects;
use super::extra_config;
use super::model::{CloudInitModel, IgnitionModel, VappModel, VirtualMachineModel as M};
use super::vapp;
use crate::common::guestinfo::{Encoding, encode};
use crate::common::write_only;
use keys::{Entries, Part};
use std::collections::{BTreeMap, BTreeSet};
use tf_framework::{AttributePath, Diagnostics, Field, Result, Secret, Value};
use vsphere_client::vim::types::{OptionValue, VirtualMachineConfigInfo};
use vsphere_client::vim::xml::Any;

fn cloud_init(m: &M) -> Option<&CloudInitModel> {
    m.cloud_init.first()
}

fn ignition(m: &M) -> Option<&IgnitionModel> {
    m.ignition.first()
}

fn at(field: Field) -> AttributePath {
    M::CLOUD_INIT.index(0).field(field)
}

fn at_ignition(field: Field) -> AttributePath {
    M::IGNITION.index(0).field(field)
}

fn set(v: &Value<String>) -> Option<&str> {
    v.non_empty().map(String::as_str)
}

fn is_ovf(c: &CloudInitModel) -> bool {
    set(&c.transport) == Some("ovf")
}

/// What is wrong whatever the virtual machine is like.
pub(super) fn validate(config: &M) -> Diagnostics {
    let mut out = Diagnostics::default();
    if let Some(c) = cloud_init(config) {
        let fields = (CloudInitModel::USER_DATA_WO, CloudInitModel::USER_DATA_WO_VERSION);
        out.merge(write_only::check(&c.user_data, &c.user_data_wo, &c.user_data_wo_version, at, fields));
        if is_ovf(c) {
            let vendor = c.vendor_data.known().is_some().then_some(CloudInitModel::VENDOR_DATA);
            let metadata = c.metadata.known().is_some().then_some(CloudInitModel::METADATA);
            for field in vendor.into_iter().chain(metadata) {
                let detail = format!(
                    "The OVF data source of cloud-init does not read `{}`. Remove it, or set `transport = \"guestinfo\"`.",
                    field.0
                );
                out.merge(Diagnostics::error(at(field), "Conflicting transport", detail));
            }
            if set(&c.encoding) == Some("gzip+base64") {
                let detail = "vApp properties are encoded with base64. Remove `encoding`.";
                out.merge(Diagnostics::error(at(CloudInitModel::ENCODING), "Conflicting transport", detail));
            }
        }
        match set(&c.metadata).map(keys::own_instance) {
            Some(Err(why)) => {
                out.merge(Diagnostics::error(
                    at(CloudInitModel::METADATA),
                    "Invalid value for `metadata`",
                    why,
                ));
            }
            Some(Ok(Some(own))) if set(&c.instance_id).is_some_and(|id| id != own) => {
                let detail = format!("`metadata` has the instance ID {own:?}. Remove one of the two.");
                out.merge(Diagnostics::error(
                    at(CloudInitModel::INSTANCE_ID),
                    "Conflicting instance IDs",
                    detail,
                ));
            }
            _ => {}
        }
    }
    if let Some(i) = ignition(config) {
        let fields = (IgnitionModel::CONFIG_WO, IgnitionModel::CONFIG_WO_VERSION);
        out.merge(write_only::check(&i.config, &i.config_wo, &i.config_wo_version, at_ignition, fields));
        if i.config.is_null() && i.config_wo.is_null() && i.config_wo_version.is_null() {
            let detail = "Set `config` to the Ignition configuration, or `config_wo`.";
            out.merge(Diagnostics::error(
                at_ignition(IgnitionModel::CONFIG),
                "Missing Ignition configuration",
                detail,
            ));
        }
        for (field, v) in [(IgnitionModel::CONFIG, &i.config), (IgnitionModel::CONFIG_WO, &i.config_wo)] {
            let is_json = |s: &Secret| {
                serde_json::from_str::<BTreeMap<String, serde::de::IgnoredAny>>(s.expose()).is_ok()
            };
            if v.known().is_some_and(|s| !is_json(s)) {
                let detail = "It is not a JSON object. Ignition reads JSON; translate a Butane configuration with `butane`.";
                let summary = format!("Invalid value for `{}`", field.0);
                out.merge(Diagnostics::error(at_ignition(field), summary, detail));
            }
        }
    }
    let taken = names(config);
    let keys = config.extra_config.known().into_iter().flatten();
    for (key, _) in keys.filter(|(k, _)| taken.contains(&(false, (*k).clone()))) {
        let block = if key.contains("ignition") { "ignition" } else { "cloud_init" };
        let detail = format!("The block `{block}` writes this key. Remove one of the two.");
        let at = AttributePath::root().field(M::EXTRA_CONFIG).key(key);
        out.merge(Diagnostics::error(at, "Conflicting guest data", detail));
    }
    let vapp = config.vapp.first();
    let ids = vapp.and_then(|v| v.properties.known()).into_iter().flatten();
    for (id, _) in ids.filter(|(id, _)| taken.contains(&(true, (*id).clone()))) {
        let detail = "The block `cloud_init` writes this property. Remove one of the two.";
        let at = M::VAPP.index(0).field(VappModel::PROPERTIES).key(id);
        out.merge(Diagnostics::error(at, "Conflicting guest data", detail));
    }
    out
}

/// The parts that are declared. `true`: as properties.
fn parts(m: &M) -> BTreeSet<(bool, Part)> {
    let mut out = BTreeSet::new();
    if let Some(c) = cloud_init(m) {
        let ovf = is_ovf(c);
        out.insert((ovf, Part::Metadata));
        if !c.user_data.is_null() || !c.user_data_wo_version.is_null() {
            out.insert((ovf, Part::UserData));
        }
        if !c.vendor_data.is_null() && !ovf {
            out.insert((ovf, Part::VendorData));
        }
    }
    if ignition(m).is_some() {
        out.insert((false, Part::Ignition));
    }
    out
}

/// The names of keys and properties that are declared.
fn names(m: &M) -> BTreeSet<(bool, String)> {
    parts(m).into_iter().flat_map(|(ovf, p)| p.names(ovf).into_iter().map(move |n| (ovf, n))).collect()
}

/// Whether a vApp property is declared by the block.
pub(super) fn is_property(plan: &M, id: &str) -> bool {
    uses_properties(plan) && names(plan).contains(&(true, id.to_owned()))
}

/// Whether a plan changes a part.
fn differs(prior: &M, plan: &M, part: Part) -> bool {
    let none = CloudInitModel::default();
    let (a, b) = (cloud_init(prior).unwrap_or(&none), cloud_init(plan).unwrap_or(&none));
    match part {
        Part::Ignition => ignition(prior) != ignition(plan),
        _ if (&a.encoding, &a.transport) != (&b.encoding, &b.transport) => true,
        Part::Metadata => {
            (&a.metadata, &a.hostname, &a.network_config, &a.instance_id)
                != (&b.metadata, &b.hostname, &b.network_config, &b.instance_id)
        }
        Part::UserData => (&a.user_data, &a.user_data_wo_version) != (&b.user_data, &b.user_data_wo_version),
        Part::VendorData => a.vendor_data != b.vendor_data,
    }
}

/// What a part is written as. `config` has what is write-only. Nothing while it is not known.
fn written(plan: &M, config: Option<&M>, part: Part) -> std::result::Result<Option<Entries>, String> {
    let encoding = |v: &Value<String>| set(v).and_then(Encoding::parse).unwrap_or(Encoding::GzipBase64);
    let given = |plain: &Value<Secret>, write_only: Option<&Value<Secret>>| {
        write_only.and_then(Value::known).or(plain.known()).cloned()
    };
    if part == Part::Ignition {
        let Some(i) = ignition(plan) else { return Ok(None) };
        let Some(text) = given(&i.config, config.and_then(ignition).map(|c| &c.config_wo)) else {
            return Ok(None);
        };
        return keys::guestinfo(part, text.expose(), encoding(&i.encoding)).map(Some);
    }
    let Some(c) = cloud_init(plan) else { return Ok(None) };
    if c.transport.is_unknown() || c.encoding.is_unknown() {
        return Ok(None);
    }
    let text = match part {
        Part::Metadata => {
            let unknown =
                [&c.metadata, &c.hostname, &c.network_config, &c.instance_id].iter().any(|v| v.is_unknown());
            if unknown {
                return Ok(None);
            }
            let (instance, hostname, network) =
                (c.instance_id.as_str(), set(&c.hostname), set(&c.network_config));
            if is_ovf(c) {
                return keys::properties(instance, hostname, network).map(Some);
            }
            Some(Secret::from(keys::metadata(c.metadata.as_str(), instance, hostname, network)?))
        }
        Part::UserData => given(&c.user_data, config.and_then(cloud_init).map(|c| &c.user_data_wo)),
        _ => c.vendor_data.known().cloned(),
    };
    let Some(text) = text else { return Ok(None) };
    if is_ovf(c) {
        let value = encode(text.expose(), Encoding::Base64).map_err(|e| e.to_string())?;
        return Ok(Some([("user-data".to_owned(), value)].into()));
    }
    keys::guestinfo(part, text.expose(), encoding(&c.encoding)).map(Some)
}

/// The attribute of a part.
fn field_of(m: &M, part: Part) -> AttributePath {
    match part {
        Part::Metadata => at(CloudInitModel::METADATA),
        Part::UserData if cloud_init(m).is_some_and(|c| c.user_data.is_null()) => {
            at(CloudInitModel::USER_DATA_WO)
        }
        Part::UserData => at(CloudInitModel::USER_DATA),
        Part::VendorData => at(CloudInitModel::VENDOR_DATA),
        Part::Ignition if ignition(m).is_some_and(|i| i.config.is_null()) => {
            at_ignition(IgnitionModel::CONFIG_WO)
        }
        Part::Ignition => at_ignition(IgnitionModel::CONFIG),
    }
}

fn invalid(m: &M, part: Part, why: String) -> Diagnostics {
    Diagnostics::error(field_of(m, part), "Invalid guest data", why)
}

/// The parts that a plan changes.
fn changed(prior: Option<&M>, plan: &M) -> Vec<(bool, Part)> {
    parts(plan).into_iter().filter(|(_, p)| prior.is_none_or(|prior| differs(prior, plan, *p))).collect()
}

/// Completes the planned instance ID, checks sizes, and says which changes need the virtual machine to be off.
pub(super) fn plan(prior: Option<&M>, config: &M, planned: &mut M) -> Effects {
    let mut effects = Effects::default();
    let declared = cloud_init(config).is_some_and(|c| !c.instance_id.is_null());
    if let Value::Known(blocks) = &mut planned.cloud_init
        && let Some(block) = blocks.first_mut()
        && !declared
    {
        let before = prior.and_then(cloud_init).map(|c| c.instance_id.clone()).filter(|id| set(id).is_some());
        block.instance_id = match (&block.metadata, before, prior) {
            (Value::Unknown, ..) => Value::Unknown,
            (metadata, before, prior) => match keys::own_instance(metadata.as_str()) {
                Ok(Some(own)) => own.into(),
                // One that metadata had itself does not outlive it.
                _ => before.or_else(|| prior.map(|p| p.instance_uuid.clone())).unwrap_or(Value::Unknown),
            },
        };
    }
    for (ovf, part) in changed(prior, planned) {
        match written(planned, Some(config), part) {
            Ok(Some(entries)) => {
                if let Some((key, _)) = entries.iter().find(|(_, v)| v.len() > keys::MOST) {
                    let detail = format!(
                        "It is longer than 64 KiB once it is encoded, which is the most that {key:?} can have. Compress it with \
                         `encoding = \"gzip+base64\"`, or let it refer to a file on a server."
                    );
                    let at = field_of(planned, part);
                    effects.diagnostics.merge(Diagnostics::error(at, "The guest data is too long", detail));
                }
            }
            Ok(None) => {}
            Err(why) => effects.diagnostics.merge(invalid(planned, part, why)),
        }
        if ovf && prior.is_some_and(|p| !is_adopted(p)) {
            let what = "vApp properties change, which the guest gets when it is turned on";
            effects.power_off(field_of(planned, part), what);
        }
    }
    effects
}

/// The plan with the instance ID of a new virtual machine.
pub(super) fn with_instance(mut plan: M, instance: &str) -> M {
    if let Value::Known(blocks) = &mut plan.cloud_init
        && let Some(block) = blocks.first_mut()
        && block.instance_id.is_unknown()
    {
        let own = keys::own_instance(block.metadata.as_str()).ok().flatten();
        block.instance_id = own.unwrap_or_else(|| instance.to_owned()).into();
    }
    plan
}

/// Whether a state is that of an import: what the virtual machine has is taken over as it is.
fn is_adopted(prior: &M) -> bool {
    prior.imported.get() && cloud_init(prior).is_none() && ignition(prior).is_none()
}

/// What is written: keys, or properties.
fn entries(current: &Entries, prior: Option<&M>, plan: &M, config: Option<&M>, ovf: bool) -> Result<Entries> {
    let of_kind = |m: &M| names(m).into_iter().filter(|(o, _)| *o == ovf).map(|(_, n)| n).collect::<Vec<_>>();
    let adopts =
        |part: Part| prior.is_some_and(is_adopted) && part.names(ovf).iter().any(|n| current.contains_key(n));
    let mut wanted = vec![];
    for (_, part) in changed(prior, plan).into_iter().filter(|(o, p)| *o == ovf && !adopts(*p)) {
        match written(plan, config, part) {
            Ok(more) => wanted.extend(more),
            Err(why) => return Err(invalid(plan, part, why)),
        }
    }
    let before = prior.map(of_kind).unwrap_or_default();
    Ok(keys::changes(current, &before, wanted.iter(), &of_kind(plan)))
}

/// The options to send.
///
/// # Errors
/// They cannot be written.
pub(super) fn options(
    current: &Entries,
    prior: Option<&M>,
    plan: &M,
    config: Option<&M>,
) -> Result<Vec<OptionValue>> {
    let all = entries(current, prior, plan, config, false)?;
    Ok(all.into_iter().map(|(key, value)| OptionValue { key, value: Some(Any::String(value)) }).collect())
}

/// The vApp properties to send.
///
/// # Errors
/// They cannot be written.
pub(super) fn properties(
    current: &Entries,
    prior: Option<&M>,
    plan: &M,
    config: Option<&M>,
) -> Result<Entries> {
    entries(current, prior, plan, config, true)
}

/// Whether vApp properties are the transport.
pub(super) fn uses_properties(plan: &M) -> bool {
    cloud_init(plan).is_some_and(is_ovf)
}

/// What the state says: what was written, as it was written, since a guest puts away what it has read. What is not there at all
/// is not in the state.
pub(super) fn observed(config: &VirtualMachineConfigInfo, seen: &mut M) {
    if cloud_init(seen).is_none() && ignition(seen).is_none() {
        return;
    }
    let options = extra_config::of_machine(&config.extra_config);
    let properties = vapp::values(config.v_app_config.as_deref().and_then(|v| v.base()));
    let has = |ovf: bool, part: Part| {
        let found = if ovf { &properties } else { &options };
        found.get(&part.names(ovf)[0]).is_some_and(|v| !v.is_empty())
    };
    if let Value::Known(blocks) = &mut seen.cloud_init {
        for c in blocks {
            let ovf = is_ovf(c);
            c.user_data_wo = Value::Null;
            if !has(ovf, Part::UserData) {
                (c.user_data, c.user_data_wo_version) = (Value::Null, Value::Null);
            }
            if !has(ovf, Part::Metadata) {
                (c.metadata, c.hostname, c.network_config) = (Value::Null, Value::Null, Value::Null);
            }
            if !ovf && !has(ovf, Part::VendorData) {
                c.vendor_data = Value::Null;
            }
        }
    }
    if let Value::Known(blocks) = &mut seen.ignition {
        for i in blocks {
            i.config_wo = Value::Null;
            if !has(false, Part::Ignition) {
                (i.config, i.config_wo_version) = (Value::Null, Value::Null);
            }
        }
    }
}

#[cfg(test)]
mod tests;
