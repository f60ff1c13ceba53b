//! Processors, memory, boot, tools, and everything else that is neither a device nor a place.
mod plan;
mod table;

use super::effects::Effects;
use super::model::{BLOCK, VirtualMachineModel as M};
use crate::common::shares;
pub(super) use plan::{Change, Setting, Settings};
use serde_json::{Value as Json, json};
use table::TABLE;
use tf_framework::{AttributePath, Diagnostics, Dynamic, Field, Model, Value};
use vsphere_client::ApiVersion;
use vsphere_client::vim::types::{VirtualMachineConfigInfo, VirtualMachineConfigSpec};

/// What a new machine without a guest id is.
const ANY_GUEST: &str = "otherGuest64";

fn setting(v: &Dynamic) -> Option<Setting> {
    match v {
        Dynamic::Bool(b) => Some(Setting::Flag(*b)),
        Dynamic::Int(n) => Some(Setting::Number(*n)),
        Dynamic::String(s) => Some(Setting::Text(s.clone())),
        _ => None,
    }
}

fn dynamic(s: &Setting) -> Dynamic {
    match s {
        Setting::Flag(b) => Dynamic::Bool(*b),
        Setting::Number(n) => Dynamic::Int(*n),
        Setting::Text(t) => Dynamic::String(t.clone()),
    }
}

/// Whether a setting is unknown.
pub(super) fn any_unknown(m: &M) -> bool {
    let all = m.write();
    TABLE.iter().any(|row| all.get(row.name).is_unknown())
}

/// What a state says.
pub(super) fn of_state(m: &M) -> Settings {
    let all = m.write();
    TABLE.iter().filter_map(|row| Some((row.name, setting(all.get(row.name))?))).collect()
}

/// What a machine has.
pub(super) fn of_machine(config: &VirtualMachineConfigInfo) -> Settings {
    let all = TABLE.iter().filter_map(|row| Some((row.name, (row.found)(config)?))).collect();
    with_limits(all, &hot_memory(config))
}

/// With the settings that an import has found and the configuration does not declare.
pub(super) fn with_found(prior: &M, mut planned: M) -> M {
    let wanted = planned.write();
    let left_out: Vec<Field> =
        TABLE.iter().map(|row| Field(row.name)).filter(|f| wanted.get(f.0).is_null()).collect();
    planned.copy_from(prior, &left_out);
    planned
}

/// What a plan wants. What was taken out of the configuration goes back to its default; what an import has found and the
/// configuration does not declare stays as it is.
fn wanted(prior: Option<&M>, plan: &M) -> Settings {
    let (now, before) = (plan.write(), prior.filter(|p| !p.imported.get()).map(M::write));
    let mut all: Settings = TABLE
        .iter()
        .filter_map(|row| {
            let was = before.as_ref().and_then(|b| setting(b.get(row.name)));
            let v = match (setting(now.get(row.name)), was) {
                (Some(v), _) => v,
                (None, Some(was)) if now.get(row.name).is_null() && !was.is_zero() => row.resting.clone(),
                (None, _) => return None,
            };
            Some((row.name, v))
        })
        .collect();
    for (level, count) in
        [("cpu_share_level", "cpu_share_count"), ("memory_share_level", "memory_share_count")]
    {
        // Other levels bring a number of their own.
        if all.get(level) != Some(&Setting::Text("custom".to_owned())) {
            all.remove(count);
        }
    }
    if plan.memory_reservation_locked_to_max.get() {
        // vSphere keeps the reservation where the memory is.
        all.remove("memory_reservation");
    }
    // A state of zero or nothing says that vSphere chose; that is not asked for again.
    for name in ["guest_id", "ept_rvi_mode", "hv_mode", "hardware_version"] {
        if all.get(name).is_some_and(Setting::is_zero) {
            all.remove(name);
        }
    }
    all
}

fn heat(name: &'static str) -> plan::Heat {
    TABLE.iter().find(|r| r.name == name).map_or(plan::Heat::Off, |r| r.heat)
}

/// The changes from the existing values to the planned ones. Changes that the plan did not show are not written: what
/// was changed since is for the next plan.
pub(super) fn changes(current: &Settings, prior: Option<&M>, plan: &M) -> Vec<Change> {
    let mut wanted = wanted(prior, plan);
    if let Some(prior) = prior {
        let shown = plan::changes(&of_state(prior), &wanted, heat);
        wanted.retain(|name, _| shown.iter().any(|c| c.name == *name));
    }
    plan::changes(current, &wanted, heat)
}

/// What is kept beside the state: up to which size memory can be added while the machine is on, and in which steps.
pub(super) const HOT_MEMORY: &str = "hot_memory";

/// For the private data.
pub(super) fn hot_memory(config: &VirtualMachineConfigInfo) -> Json {
    let positive = |n: Option<i64>| n.filter(|n| *n > 0);
    match (positive(config.hot_plug_memory_limit), positive(config.hot_plug_memory_increment_size)) {
        (None, None) => Json::Null,
        (limit, step) => json!([limit, step]),
    }
}

/// The limits among the settings, if the server reports them.
pub(super) fn with_limits(mut all: Settings, limits: &Json) -> Settings {
    for (i, name) in [plan::HOT_MEMORY_LIMIT, plan::HOT_MEMORY_STEP].into_iter().enumerate() {
        if let Some(n) = limits.get(i).and_then(Json::as_i64) {
            all.insert(name, Setting::Number(n));
        }
    }
    all
}

/// Everything that a new machine is made with.
pub(super) fn for_new(plan: &M) -> Vec<Change> {
    let mut all = changes(&Settings::new(), None, plan);
    if !all.iter().any(|c| c.name == "guest_id") {
        all.push(Change { name: "guest_id", to: Setting::Text(ANY_GUEST.to_owned()), off: None });
    }
    all
}

/// Puts changes into a request. An upgrade of the hardware is not a part of it, unless the virtual machine is new.
pub(super) fn spec(changes: &[Change], is_new: bool, version: ApiVersion, to: &mut VirtualMachineConfigSpec) {
    for row in TABLE {
        if let Some(change) = changes.iter().find(|c| c.name == row.name)
            && (is_new || row.name != "hardware_version")
        {
            (row.put)(to, &change.to);
        }
    }
    if version < ApiVersion::new([7, 0, 1, 0])
        && let Some(tools) = &mut to.tools
        && let Some(allowed) = tools.sync_time_with_host_allowed.take()
    {
        tools.sync_time_with_host = Some(allowed);
    }
}

/// The reasons why a machine that is on has to be turned off.
pub(super) fn effects(changes: &[Change]) -> Effects {
    let mut out = Effects::default();
    for change in changes {
        if let Some(why) = &change.off {
            out.power_off(AttributePath::root().name(change.name), why.clone());
        }
    }
    out
}

/// The plan of an update: what a change of processors, memory or level brings about, and what makes it impossible.
pub(super) fn plan(prior: Option<&M>, config: &M, planned: &mut M, limits: Option<&Json>) -> Effects {
    let Some(prior) = prior else { return Effects::default() };
    let halves = [
        (
            &config.cpu_share_count,
            prior.cpu_share_level != planned.cpu_share_level || prior.num_cpus != planned.num_cpus,
            planned.cpu_share_level.clone(),
            &mut planned.cpu_share_count,
        ),
        (
            &config.memory_share_count,
            prior.memory_share_level != planned.memory_share_level || prior.memory != planned.memory,
            planned.memory_share_level.clone(),
            &mut planned.memory_share_count,
        ),
    ];
    for (configured, changed, level, count) in halves {
        if configured.is_null() && changed && level.known().map(String::as_str) != Some("custom") {
            *count = Value::Unknown;
        }
    }
    let current = with_limits(of_state(prior), limits.unwrap_or(&Json::Null));
    let mut out = effects(&changes(&current, Some(prior), planned));
    if let (Some(from), Some(to)) = (prior.hardware_version.known(), planned.hardware_version.known())
        && to < from
        && *to > 0
    {
        let detail = format!(
            "The virtual machine has hardware version {from}, which cannot be lowered to {to}. Set {from} or more, or omit \
             `hardware_version`."
        );
        out.diagnostics.merge(Diagnostics::error(
            M::HARDWARE_VERSION,
            "The hardware version cannot be lowered",
            detail,
        ));
    }
    out
}

/// Puts the settings of a virtual machine into the state. Settings that neither the configuration nor an older state has set stay
/// unset; an import leaves out defaults.
pub(super) fn observed(config: &VirtualMachineConfigInfo, imported: bool, mut state: M) -> M {
    let before = state.write();
    let found = of_machine(config);
    let locked = config.memory_reservation_locked_to_max == Some(true);
    for row in TABLE {
        let attribute = BLOCK.attribute(row.name);
        let is_reported = attribute.is_some_and(|a| a.default.is_some() || a.computed);
        let value = match found.get(row.name) {
            // While it follows the memory it is not a configured value.
            Some(_) if row.name == M::MEMORY_RESERVATION.0 && locked => continue,
            Some(v) if is_reported => dynamic(v),
            Some(v) if imported && *v != row.resting => dynamic(v),
            Some(_) if imported => Dynamic::Null,
            Some(v) if !before.get(row.name).is_null() => dynamic(v),
            // A server that does not tell has not changed it.
            _ => continue,
        };
        state.set_value(Field(row.name), &value);
    }
    state
}

/// Checks that need no server.
pub(super) fn validate(config: &M) -> Diagnostics {
    let mut out = Diagnostics::default();
    let halves = [
        (
            (&config.cpu_share_level, M::CPU_SHARE_LEVEL),
            (&config.cpu_share_count, M::CPU_SHARE_COUNT),
            (&config.cpu_reservation, M::CPU_RESERVATION),
            (&config.cpu_limit, M::CPU_LIMIT.0),
            "MHz",
        ),
        (
            (&config.memory_share_level, M::MEMORY_SHARE_LEVEL),
            (&config.memory_share_count, M::MEMORY_SHARE_COUNT),
            (&config.memory_reservation, M::MEMORY_RESERVATION),
            (&config.memory_limit, M::MEMORY_LIMIT.0),
            "MiB",
        ),
    ];
    for ((level, level_field), (count, count_field), (reserved, reserved_field), (limit, limit_name), unit) in
        halves
    {
        if level.known().is_some_and(|l| l == "custom") && (count.is_null() || count.known() == Some(&0)) {
            let (summary, detail) = shares::needed(level_field, count_field);
            // What is left out has no line to show.
            let at = if count.is_null() { level_field } else { count_field };
            out.merge(Diagnostics::error(at, summary, detail));
        }
        if let (Some(n), Some(max)) = (reserved.known(), limit.known())
            && *max >= 0
            && n > max
        {
            let detail = format!(
                "{n} {unit} cannot be kept for a virtual machine that may use {max} {unit} (`{limit_name}`)."
            );
            out.merge(Diagnostics::error(reserved_field, "The reservation is above the limit", detail));
        }
    }
    if let (Some(n), memory) = (config.memory_reservation.known(), config.memory.known().unwrap_or(&1024))
        && !config.memory.is_unknown()
        && n > memory
    {
        let detail =
            format!("{n} MiB cannot be kept for a virtual machine that has {memory} MiB (`memory`).");
        out.merge(Diagnostics::error(M::MEMORY_RESERVATION, "The reservation is above the memory", detail));
    }
    if let (Some(cpus), Some(cores)) = (config.num_cpus.known(), config.num_cores_per_socket.known())
        && *cores > 0
        && cpus % cores != 0
    {
        let detail = format!(
            "{cpus} processors (`num_cpus`) do not fill sockets of {cores} cores: `num_cpus` is a multiple of it."
        );
        out.merge(Diagnostics::error(M::NUM_CORES_PER_SOCKET, "Processors do not fill the sockets", detail));
    }
    let bios = config.firmware.is_null() || config.firmware.known().is_some_and(|f| f == "bios");
    if bios && config.efi_secure_boot_enabled.get() {
        let detail = "Only EFI firmware boots securely: set `firmware = \"efi\"`.";
        out.merge(Diagnostics::error(M::EFI_SECURE_BOOT_ENABLED, "Secure boot needs EFI firmware", detail));
    }
    if config.vbs_enabled.get() {
        let lacks = |v: &Value<bool>| !v.is_unknown() && !v.get();
        let missing: Vec<&str> = [
            (bios, "firmware = \"efi\""),
            (lacks(&config.efi_secure_boot_enabled), "efi_secure_boot_enabled = true"),
            (lacks(&config.nested_hv_enabled), "nested_hv_enabled = true"),
            (lacks(&config.vvtd_enabled), "vvtd_enabled = true"),
        ]
        .into_iter()
        .filter(|(missing, _)| *missing)
        .map(|(_, what)| what)
        .collect();
        if !missing.is_empty() {
            let detail = format!(
                "It also needs {}.",
                missing.iter().map(|m| format!("`{m}`")).collect::<Vec<_>>().join(", ")
            );
            out.merge(Diagnostics::error(
                M::VBS_ENABLED,
                "Virtualization-based security needs more than itself",
                detail,
            ));
        }
    }
    if config.latency_sensitivity.known().is_some_and(|l| l == "high")
        && !config.memory_reservation.is_unknown()
        && !config.memory.is_unknown()
        && !config.memory_reservation_locked_to_max.get()
        && config.memory_reservation.get() < config.memory.known().copied().unwrap_or(1024)
    {
        let detail = "A virtual machine with high latency sensitivity can be powered on only if all of its memory is reserved. Set \
                      `memory_reservation_locked_to_max = true`, or `memory_reservation` to the size of `memory`.";
        out.merge(Diagnostics::warning(
            M::LATENCY_SENSITIVITY,
            "High latency sensitivity requires reserved memory",
            detail,
        ));
    }
    out
}

#[cfg(test)]
mod tests;
