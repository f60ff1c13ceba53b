//! Every setting: the changes that a running virtual machine accepts, the default, and its place in the API.
use super::plan::{Heat, Setting};
use Setting::{Flag, Number, Text};
use vsphere_client::device::HardwareVersion;
use vsphere_client::vim::types::{
    LatencySensitivity, LatencySensitivitySensitivityLevel, ResourceAllocationInfo, SharesInfo, SharesLevel,
    ToolsConfigInfo, VirtualMachineBootOptions, VirtualMachineConfigInfo as Info,
    VirtualMachineConfigSpec as Spec, VirtualMachineFlagInfo, VirtualMachineVirtualNuma,
};

/// One setting.
pub(super) struct Row {
    /// The attribute.
    pub(super) name: &'static str,
    /// What a machine that is on takes.
    pub(super) heat: Heat,
    /// The default: an import leaves it out, and a setting that is removed from the
    /// configuration is set to it.
    pub(super) resting: Setting,
    /// What a machine has; nothing where the server does not tell.
    pub(super) found: fn(&Info) -> Option<Setting>,
    /// Puts it into a request.
    pub(super) put: fn(&mut Spec, &Setting),
}

fn number(v: &Setting) -> i64 {
    if let Number(n) = v { *n } else { 0 }
}

fn small(v: &Setting) -> i32 {
    i32::try_from(number(v)).unwrap_or(i32::MAX)
}

fn flag(v: &Setting) -> bool {
    matches!(v, Flag(true))
}

fn text(v: &Setting) -> String {
    if let Text(t) = v { t.clone() } else { String::new() }
}

/// An empty text is not sent.
fn some_text(v: &Setting) -> Option<String> {
    Some(text(v)).filter(|t| !t.is_empty())
}

fn flags(s: &mut Spec) -> &mut VirtualMachineFlagInfo {
    s.flags.get_or_insert_default()
}

fn boot(s: &mut Spec) -> &mut VirtualMachineBootOptions {
    s.boot_options.get_or_insert_default()
}

fn tools(s: &mut Spec) -> &mut ToolsConfigInfo {
    s.tools.get_or_insert_default()
}

fn cpu(s: &mut Spec) -> &mut ResourceAllocationInfo {
    s.cpu_allocation.get_or_insert_default()
}

fn memory(s: &mut Spec) -> &mut ResourceAllocationInfo {
    s.memory_allocation.get_or_insert_default()
}

fn set_level(to: &mut ResourceAllocationInfo, v: &Setting) {
    let shares = to.shares.get_or_insert_default();
    shares.level = match text(v).as_str() {
        "low" => SharesLevel::Low,
        "high" => SharesLevel::High,
        "custom" => SharesLevel::Custom,
        _ => SharesLevel::Normal,
    };
}

/// A number of shares is only said with the level custom.
fn set_shares(to: &mut ResourceAllocationInfo, v: &Setting) {
    **to.shares.get_or_insert_default() = SharesInfo { shares: small(v), level: SharesLevel::Custom };
}

fn level(of: &Option<Box<ResourceAllocationInfo>>) -> Option<Setting> {
    let level = of.as_ref()?.shares.as_ref()?.level.as_str().to_owned();
    (!level.is_empty()).then_some(Text(level))
}

fn shares(of: &Option<Box<ResourceAllocationInfo>>) -> Option<Setting> {
    Some(Number(i64::from(of.as_ref()?.shares.as_ref()?.shares)))
}

fn limit(of: &Option<Box<ResourceAllocationInfo>>) -> Option<Setting> {
    of.as_ref()?.limit.map(Number)
}

fn reservation(of: &Option<Box<ResourceAllocationInfo>>) -> Option<Setting> {
    of.as_ref()?.reservation.map(Number)
}

macro_rules! rows {
    ($($name:literal $heat:expr, $resting:expr, $found:expr, $put:expr;)*) => {
        /// All settings, by the names of their attributes.
        pub(super) static TABLE: &[Row] = &[$(
            Row { name: $name, heat: $heat, resting: $resting, found: $found, put: $put },
        )*];
    };
}

const CPU_HEAT: Heat = Heat::MoreOrLess("cpu_hot_add_enabled", "cpu_hot_remove_enabled");
const MEMORY_HEAT: Heat = Heat::More("memory_hot_add_enabled");
const NOTHING: Setting = Text(String::new());

rows! {
    "num_cpus" CPU_HEAT, Number(1),
        |i| Some(Number(i.hardware.num_cpu.into())),
        |s, v| s.num_cpus = Some(small(v));
    "num_cores_per_socket" Heat::Off, Number(1),
        |i| i.hardware.num_cores_per_socket.map(|n| Number(n.into())),
        |s, v| s.num_cores_per_socket = Some(small(v));
    "num_cores_per_numa_node" Heat::Off, Number(0),
        |i| {
            let numa = i.numa_info.as_ref()?;
            // A value that vSphere computes was not chosen.
            let chosen = numa.auto_cores_per_numa_node != Some(true);
            chosen.then_some(Number(numa.cores_per_numa_node.unwrap_or_default().into()))
        },
        |s, v| {
            let cores_per_numa_node = Some(small(v));
            s.virtual_numa =
                Some(Box::new(VirtualMachineVirtualNuma { cores_per_numa_node, ..Default::default() }));
        };
    "cpu_hot_add_enabled" Heat::Off, Flag(false),
        |i| i.cpu_hot_add_enabled.map(Flag),
        |s, v| s.cpu_hot_add_enabled = Some(flag(v));
    "cpu_hot_remove_enabled" Heat::Off, Flag(false),
        |i| i.cpu_hot_remove_enabled.map(Flag),
        |s, v| s.cpu_hot_remove_enabled = Some(flag(v));
    "cpu_limit" Heat::Hot, Number(-1), |i| limit(&i.cpu_allocation), |s, v| cpu(s).limit = Some(number(v));
    "cpu_reservation" Heat::Hot, Number(0),
        |i| reservation(&i.cpu_allocation),
        |s, v| cpu(s).reservation = Some(number(v));
    "cpu_share_level" Heat::Hot, Text(String::new()),
        |i| level(&i.cpu_allocation),
        |s, v| set_level(cpu(s), v);
    "cpu_share_count" Heat::Hot, Number(0), |i| shares(&i.cpu_allocation), |s, v| set_shares(cpu(s), v);
    "cpu_performance_counters_enabled" Heat::Off, Flag(false),
        |i| i.v_pmc_enabled.map(Flag),
        |s, v| s.v_pmc_enabled = Some(flag(v));
    "memory" MEMORY_HEAT, Number(1024),
        |i| Some(Number(i.hardware.memory_mb.into())),
        |s, v| s.memory_mb = Some(number(v));
    "memory_hot_add_enabled" Heat::Off, Flag(false),
        |i| i.memory_hot_add_enabled.map(Flag),
        |s, v| s.memory_hot_add_enabled = Some(flag(v));
    "memory_limit" Heat::Hot, Number(-1),
        |i| limit(&i.memory_allocation),
        |s, v| memory(s).limit = Some(number(v));
    "memory_reservation" Heat::Hot, Number(0),
        |i| reservation(&i.memory_allocation),
        |s, v| memory(s).reservation = Some(number(v));
    "memory_reservation_locked_to_max" Heat::Hot, Flag(false),
        |i| i.memory_reservation_locked_to_max.map(Flag),
        |s, v| s.memory_reservation_locked_to_max = Some(flag(v));
    "memory_share_level" Heat::Hot, Text(String::new()),
        |i| level(&i.memory_allocation),
        |s, v| set_level(memory(s), v);
    "memory_share_count" Heat::Hot, Number(0),
        |i| shares(&i.memory_allocation),
        |s, v| set_shares(memory(s), v);
    "guest_id" Heat::Off, NOTHING,
        |i| Some(Text(i.guest_id.clone())),
        |s, v| s.guest_id = some_text(v);
    "alternate_guest_name" Heat::Off, NOTHING,
        // It names a guest that vSphere has no id for; others keep an old name that means nothing.
        |i| i.guest_id.starts_with("other").then(|| Text(i.alternate_guest_name.clone())),
        |s, v| s.alternate_guest_name = some_text(v);
    "annotation" Heat::Hot, NOTHING,
        |i| Some(Text(i.annotation.clone().unwrap_or_default())),
        |s, v| s.annotation = Some(text(v));
    "firmware" Heat::Off, Text(String::new()),
        |i| i.firmware.clone().map(Text),
        |s, v| s.firmware = some_text(v);
    "efi_secure_boot_enabled" Heat::Off, Flag(false),
        |i| i.boot_options.as_ref()?.efi_secure_boot_enabled.map(Flag),
        |s, v| boot(s).efi_secure_boot_enabled = Some(flag(v));
    "enable_disk_uuid" Heat::Off, Flag(false),
        |i| i.flags.disk_uuid_enabled.map(Flag),
        |s, v| flags(s).disk_uuid_enabled = Some(flag(v));
    // vSphere logs by default.
    "enable_logging" Heat::Off, Flag(true),
        |i| i.flags.enable_logging.map(Flag),
        |s, v| flags(s).enable_logging = Some(flag(v));
    "ept_rvi_mode" Heat::Off, NOTHING,
        |i| i.flags.virtual_mmu_usage.clone().map(Text),
        |s, v| flags(s).virtual_mmu_usage = some_text(v);
    "hv_mode" Heat::Off, NOTHING,
        |i| i.flags.virtual_exec_usage.clone().map(Text),
        |s, v| flags(s).virtual_exec_usage = some_text(v);
    "nested_hv_enabled" Heat::Off, Flag(false),
        |i| i.nested_hv_enabled.map(Flag),
        |s, v| s.nested_hv_enabled = Some(flag(v));
    "vbs_enabled" Heat::Off, Flag(false),
        |i| i.flags.vbs_enabled.map(Flag),
        |s, v| flags(s).vbs_enabled = Some(flag(v));
    "vvtd_enabled" Heat::Off, Flag(false),
        |i| i.flags.vvtd_enabled.map(Flag),
        |s, v| flags(s).vvtd_enabled = Some(flag(v));
    "latency_sensitivity" Heat::Off, Text(String::new()),
        |i| i.latency_sensitivity.as_ref().map(|l| Text(l.level.as_str().to_owned())),
        |s, v| {
            let level = match text(v).as_str() {
                "low" => LatencySensitivitySensitivityLevel::Low,
                "medium" => LatencySensitivitySensitivityLevel::Medium,
                "high" => LatencySensitivitySensitivityLevel::High,
                _ => LatencySensitivitySensitivityLevel::Normal,
            };
            s.latency_sensitivity = Some(Box::new(LatencySensitivity { level, sensitivity: None }));
        };
    "swap_placement_policy" Heat::Off, Text(String::new()),
        |i| i.swap_placement.clone().map(Text),
        |s, v| s.swap_placement = some_text(v);
    "tools_upgrade_policy" Heat::Hot, Text(String::new()),
        |i| i.tools.as_ref()?.tools_upgrade_policy.clone().map(Text),
        |s, v| tools(s).tools_upgrade_policy = some_text(v);
    "run_tools_scripts_after_power_on" Heat::Hot, Flag(true),
        |i| i.tools.as_ref()?.after_power_on.map(Flag),
        |s, v| tools(s).after_power_on = Some(flag(v));
    "run_tools_scripts_after_resume" Heat::Hot, Flag(true),
        |i| i.tools.as_ref()?.after_resume.map(Flag),
        |s, v| tools(s).after_resume = Some(flag(v));
    "run_tools_scripts_before_guest_reboot" Heat::Hot, Flag(false),
        |i| i.tools.as_ref()?.before_guest_reboot.map(Flag),
        |s, v| tools(s).before_guest_reboot = Some(flag(v));
    "run_tools_scripts_before_guest_shutdown" Heat::Hot, Flag(true),
        |i| i.tools.as_ref()?.before_guest_shutdown.map(Flag),
        |s, v| tools(s).before_guest_shutdown = Some(flag(v));
    "run_tools_scripts_before_guest_standby" Heat::Hot, Flag(true),
        |i| i.tools.as_ref()?.before_guest_standby.map(Flag),
        |s, v| tools(s).before_guest_standby = Some(flag(v));
    // Servers before 7.0 U1 know one switch for both; `spec` sees to that.
    "sync_time_with_host" Heat::Hot, Flag(true),
        |i| i.tools.as_ref().and_then(|t| t.sync_time_with_host_allowed.or(t.sync_time_with_host)).map(Flag),
        |s, v| tools(s).sync_time_with_host_allowed = Some(flag(v));
    "sync_time_with_host_periodically" Heat::Hot, Flag(false),
        |i| {
            let tools = i.tools.as_ref()?;
            tools.sync_time_with_host_allowed?;
            tools.sync_time_with_host.map(Flag)
        },
        |s, v| tools(s).sync_time_with_host = Some(flag(v));
    "boot_delay" Heat::Hot, Number(0),
        |i| i.boot_options.as_ref()?.boot_delay.map(Number),
        |s, v| boot(s).boot_delay = Some(number(v));
    "boot_retry_enabled" Heat::Hot, Flag(false),
        |i| i.boot_options.as_ref()?.boot_retry_enabled.map(Flag),
        |s, v| boot(s).boot_retry_enabled = Some(flag(v));
    "boot_retry_delay" Heat::Hot, Number(10_000),
        |i| i.boot_options.as_ref()?.boot_retry_delay.map(Number),
        |s, v| boot(s).boot_retry_delay = Some(number(v));
    // Made so from the start; upgraded by a call of its own later.
    "hardware_version" Heat::Off, Number(0),
        |i| i.version.parse::<HardwareVersion>().ok().map(|v| Number(v.0.into())),
        |s, v| s.version = u32::try_from(number(v)).ok().filter(|n| *n > 0).map(|n| HardwareVersion(n).to_string());
}
