//! Waiting for the guest.
use super::customize;
use super::model::{VirtualMachineModel as M, title};
use crate::common::once::Once;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use std::fmt::Write;
use std::time::Duration;
use tf_framework::{AttributePath, Diagnostics, Field, Result, Value};
use tokio_util::sync::CancellationToken;
use vsphere_client::MoRef;
use vsphere_client::vim::types::VirtualMachinePowerState;
use vsphere_client::virtual_machine::{
    AddressFilter, CustomizationEvent, CustomizationOutcome, NotReady, Wait, WaitFor,
};

/// A time of the server's clock before anything that the run has made.
#[derive(Default)]
struct Began(Once<(), String>);

/// The number of events in a message.
const TAIL: usize = 5;

/// One wait for the network.
#[derive(Debug, Clone, PartialEq)]
struct Waiter {
    timeout: Field,
    minutes: u64,
    what: WaitFor,
}

fn minutes(v: &Value<i64>, default: i64) -> Option<u64> {
    u64::try_from(v.known().copied().unwrap_or(default)).ok().filter(|n| *n > 0)
}

/// What is waited for after a machine was turned on. Pure.
fn waiters(m: &M) -> Vec<Waiter> {
    let routable = m.wait_for_guest_net_routable.known().copied().unwrap_or(true);
    let net = minutes(&m.wait_for_guest_net_timeout, 5).map(|minutes| Waiter {
        timeout: M::WAIT_FOR_GUEST_NET_TIMEOUT,
        minutes,
        what: WaitFor::Network { routable },
    });
    let ip = minutes(&m.wait_for_guest_ip_timeout, 0).map(|minutes| Waiter {
        timeout: M::WAIT_FOR_GUEST_IP_TIMEOUT,
        minutes,
        what: WaitFor::Address,
    });
    ip.into_iter().chain(net).collect()
}

/// The time of the server before a machine is turned on, where its customization is going to be waited for.
///
/// # Errors
/// The server does not tell it.
pub(super) async fn before_power_on(vsphere: &Vsphere, m: &M) -> Result<Option<String>> {
    if customize::timeout(m).is_none() {
        return Ok(None);
    }
    let look = async {
        let time = vsphere.api.virtual_machines().server_time().await;
        time.doing("read the time of the vCenter")
    };
    // For events of what is new, any time before will do: that of the first who asks.
    vsphere.run::<Began>().0.get((), look).await.map(Some)
}

/// Waits for the guest of a machine that was turned on: for its customization, if `since` says when that may have begun
/// (see [`before_power_on`]), then for its addresses.
///
/// # Errors
/// The guest was not customized, or is not on the network in time: what was seen of it, and what to do. The machine
/// exists all the same.
pub(super) async fn wait(
    vsphere: &Vsphere,
    m: &M,
    vm: &MoRef,
    since: Option<&str>,
    cancel: &CancellationToken,
) -> Result<()> {
    if let Some(since) = since
        && let Some((at, minutes)) = customize::timeout(m)
    {
        customized(vsphere, m, vm, since, (at, minutes), cancel).await?;
    }
    let filter = AddressFilter::new(m.ignored_guest_ips.get()).unwrap_or_default();
    let waits = waiters(m).into_iter().map(|waiter| {
        let filter = &filter;
        async move {
            let wait = Wait::new(Duration::from_secs(60 * waiter.minutes), cancel);
            let machines = vsphere.api.virtual_machines();
            let outcome = machines.wait_for_guest(vm, &waiter.what, filter, wait).await;
            let doing = format!("wait for the guest of {}", title(m));
            match outcome.doing(doing)? {
                Ok(_) => Ok(()),
                Err(seen) => {
                    // A guest that does not start has often reported the reason.
                    let events =
                        machines.events_since(vm, since.unwrap_or_default()).await.unwrap_or_default();
                    Err(not_ready(m, &waiter, &seen, &events))
                }
            }
        }
    });
    let mut out = Diagnostics::default();
    for outcome in futures_util::future::join_all(waits).await {
        if let Err(problems) = outcome {
            out.merge(problems);
        }
    }
    out.into_result(())
}

async fn customized(
    vsphere: &Vsphere,
    m: &M,
    vm: &MoRef,
    since: &str,
    (at, minutes): (AttributePath, u64),
    cancel: &CancellationToken,
) -> Result<()> {
    let wait = Wait::new(Duration::from_secs(60 * minutes), cancel);
    let outcome = vsphere.api.virtual_machines().wait_for_customization(vm, since, wait).await;
    let doing = format!("wait for the customization of {}", title(m));
    match outcome.doing(doing)? {
        CustomizationOutcome::Succeeded => Ok(()),
        other => Err(not_customized(m, &other, at, minutes)),
    }
}

/// What follows from a failure after the machine was made.
const STAYS: &str = "The virtual machine exists and stays in the state. A new one is marked as tainted, so that the \
                     next apply replaces it; `terraform untaint` keeps it.";

/// The last events, a line each.
fn lines(events: &[CustomizationEvent]) -> String {
    let last = &events[events.len().saturating_sub(TAIL)..];
    let mut text = String::new();
    for e in last {
        let message = e.message.trim();
        let _ = write!(text, "\n  {} {}", e.time, if message.is_empty() { &e.ty } else { message });
    }
    if text.is_empty() { String::new() } else { format!("\nIts last events:{text}") }
}

/// The message for a guest that was not customized. Pure.
fn not_customized(m: &M, outcome: &CustomizationOutcome, at: AttributePath, minutes: u64) -> Diagnostics {
    let log = "The log in the guest is /var/log/vmware-imc/toolsDeployPkg.log (Linux) or \
               C:\\Windows\\Temp\\vmware-imc\\guestcust.log (Windows).";
    match outcome {
        CustomizationOutcome::Failed { event, before } => {
            let block = AttributePath(at.0[..at.0.len().saturating_sub(1)].to_vec());
            let reason = event.reason.as_deref().unwrap_or_default();
            let advice = match reason {
                "userDefinedScriptDisabled" => {
                    "The guest tools of the template do not allow scripts: run `vmware-toolbox-cmd config set deployPkg \
                     enable-custom-scripts true` in it, or leave `script_text` out."
                }
                "customizationDisabled" => {
                    "The guest tools of the template do not allow it: run `vmware-toolbox-cmd config set deployPkg \
                     enable-customization true` in it."
                }
                "wrongMetadataFormat" | "rawDataIsNotSupported" => {
                    "The cloud-init of the template does not take this customization, or is too old for it."
                }
                _ => log,
            };
            let why = match (event.message.trim(), reason) {
                ("", "") => format!("vSphere does not give a reason ({}).", event.ty),
                ("", reason) => format!("vSphere says: {reason}."),
                (text, "") => format!("vSphere says: {text}"),
                (text, reason) => format!("vSphere says: {text} ({reason})"),
            };
            let detail = format!("{why}\n{advice}{}\n{STAYS}", lines(before));
            Diagnostics::error(block, format!("The guest of {} was not set up", title(m)), detail)
        }
        CustomizationOutcome::TimedOut { started, events } => {
            let seen = if *started {
                format!("It has begun and did not end within {minutes} min. {log}")
            } else {
                format!(
                    "It has not begun within {minutes} min: the guest has not booted, or the template has no guest tools \
                     (open-vm-tools with its deployPkg plug-in and perl, or cloud-init)."
                )
            };
            let detail =
                format!("{seen} Allow more time with `{at}`, or 0 not to wait.{}\n{STAYS}", lines(events));
            let summary = format!("The guest of {} was not set up in time", title(m));
            Diagnostics::error(at, summary, detail)
        }
        _ => Diagnostics::default(),
    }
}

/// The message for a guest that is not on the network. Pure.
fn not_ready(m: &M, waiter: &Waiter, seen: &NotReady, events: &[CustomizationEvent]) -> Diagnostics {
    let name = waiter.timeout.0;
    let detail = format!(
        "Waited {} min (`{name}`). What was seen: {seen}.{}\n{}\n{STAYS}",
        waiter.minutes,
        lines(events),
        advice(waiter, seen)
    );
    let what = match waiter.what {
        WaitFor::Address => "has no address",
        _ => "is not on the network",
    };
    Diagnostics::error(waiter.timeout, format!("The guest of {} {what}", title(m)), detail)
}

/// What to do, by what was seen.
fn advice(waiter: &Waiter, not_ready: &NotReady) -> String {
    let off = format!("Where nothing waits for an address, set `{} = 0`.", waiter.timeout.0);
    let Some(seen) = not_ready.seen.as_deref() else {
        return format!("Look at the console of the machine. {off}");
    };
    if seen.power_state != VirtualMachinePowerState::PoweredOn {
        return "It was powered on, and is no longer on: its guest has shut down, or it was powered off outside Terraform.".to_owned();
    }
    if seen.question.is_some() {
        return "Answer the question in the vSphere client, or change what it asks about.".to_owned();
    }
    let nics = seen.seen_nics();
    let addresses = nics.iter().flat_map(|n| &n.addresses).filter(|a| !not_ready.ignored.contains(a)).count();
    if seen.tools_version.as_deref() == Some("guestToolsNotInstalled") {
        return format!("Install guest tools (open-vm-tools) in the template. {off}");
    }
    if addresses > 0 && waiter.what == (WaitFor::Network { routable: true }) {
        return format!(
            "There are addresses, and no default gateway in the network of one of them. Where that is meant, set `{} = false`.",
            M::WAIT_FOR_GUEST_NET_ROUTABLE.0
        );
    }
    if addresses == 0 && !not_ready.ignored.is_empty() {
        return format!("The guest has only ignored IP addresses: see `{}`. {off}", M::IGNORED_GUEST_IPS.0);
    }
    if nics.iter().any(|n| !n.connected) {
        return format!("An interface is not connected: see `network_interface` and the port group. {off}");
    }
    let more = format!("Allow more time with `{}`", waiter.timeout.0);
    let talks =
        matches!(seen.tools_running.as_deref(), Some("guestToolsRunning" | "guestToolsExecutingScripts"));
    if nics.is_empty() || !talks {
        return format!(
            "The guest may still boot, or its tools do not run: look at its console. {more}. {off}"
        );
    }
    format!("DHCP gives no address, or the guest does not ask for one: look at its console. {more}. {off}")
}

#[cfg(test)]
mod tests {
    use super::super::model::{CloneModel, CustomizeModel};
    use super::*;
    use vsphere_client::vim::types::GuestNicInfo;
    use vsphere_client::virtual_machine::GuestState;

    fn machine() -> M {
        let clone = CloneModel { customize: vec![CustomizeModel::default()].into(), ..Default::default() };
        M { name: "web".into(), clone: vec![clone].into(), ..M::default() }
    }

    #[test]
    fn what_is_waited_for_is_what_is_asked() {
        let of = |net: Value<i64>, ip: Value<i64>, routable: Value<bool>| {
            let m = M {
                wait_for_guest_net_timeout: net,
                wait_for_guest_ip_timeout: ip,
                wait_for_guest_net_routable: routable,
                ..M::default()
            };
            waiters(&m).into_iter().map(|w| (w.timeout.0, w.minutes, w.what)).collect::<Vec<_>>()
        };
        let net = |routable| WaitFor::Network { routable };
        let (by_net, by_ip) = ("wait_for_guest_net_timeout", "wait_for_guest_ip_timeout");
        assert_eq!(of(Value::Null, Value::Null, Value::Null), [(by_net, 5, net(true))]);
        assert_eq!(of(0.into(), Value::Null, Value::Null), []);
        assert_eq!(of((-1).into(), (-1).into(), Value::Null), []);
        assert_eq!(of(0.into(), 3.into(), Value::Null), [(by_ip, 3, WaitFor::Address)]);
        assert_eq!(
            of(7.into(), 3.into(), false.into()),
            [(by_ip, 3, WaitFor::Address), (by_net, 7, net(false))]
        );
    }

    fn event(ty: &str, message: &str, reason: Option<&str>) -> CustomizationEvent {
        CustomizationEvent {
            key: 1,
            ty: ty.into(),
            time: "2026-01-01T00:00:00Z".into(),
            message: message.into(),
            reason: reason.map(str::to_owned),
        }
    }

    #[test]
    fn a_failed_customization_is_reported_with_its_reason() {
        let at = || M::CLONE.index(0).name("customize").index(0).name("timeout");
        let booted = event("VmPoweredOnEvent", "web is powered on", None);
        let failed = |reason| CustomizationOutcome::Failed {
            event: event("CustomizationFailed", "An error occurred.", reason),
            before: vec![booted.clone()],
        };
        let timed_out = |started| CustomizationOutcome::TimedOut { started, events: vec![booted.clone()] };
        for (outcome, place, parts) in [
            (
                failed(Some("userDefinedScriptDisabled")),
                "clone[0].customize[0]:",
                ["enable-custom-scripts", "An error"],
            ),
            (failed(None), "clone[0].customize[0]:", ["toolsDeployPkg.log", "web is powered on"]),
            (
                timed_out(false),
                "clone[0].customize[0].timeout:",
                ["It has not begun within 10 min", "guest tools"],
            ),
            (
                timed_out(true),
                "clone[0].customize[0].timeout:",
                ["It has begun and did not end", "web is powered on"],
            ),
        ] {
            let message = not_customized(&machine(), &outcome, at(), 10).to_string();
            assert!(
                message.contains(&format!("error at {place}")) && message.contains("untaint"),
                "{message}"
            );
            assert!(parts.iter().all(|p| message.contains(p)), "{message}");
        }
    }

    #[test]
    fn a_guest_without_network_is_reported_with_its_state() {
        let nic = |connected: bool, addresses: &[&str]| GuestNicInfo {
            network: Some("VM Network".into()),
            mac_address: Some("00:50:56:00:00:01".into()),
            connected,
            device_config_id: 4000,
            ip_address: addresses.iter().map(|a| (*a).to_owned()).collect(),
            ..Default::default()
        };
        let on = |tools: &str, nics: Vec<GuestNicInfo>| GuestState {
            power_state: VirtualMachinePowerState::PoweredOn,
            tools_version: Some(tools.into()),
            tools_running: Some("guestToolsRunning".into()),
            nics,
            ..Default::default()
        };
        let off = GuestState { power_state: VirtualMachinePowerState::PoweredOff, ..Default::default() };
        let current = "guestToolsCurrent";
        for (seen, ignored, part) in [
            (Some(off), vec![], "powered off outside Terraform"),
            (Some(on("guestToolsNotInstalled", vec![])), vec![], "Install guest tools"),
            (Some(on(current, vec![])), vec![], "look at its console"),
            (Some(on(current, vec![nic(false, &[])])), vec![], "not connected"),
            (Some(on(current, vec![nic(true, &[])])), vec![], "DHCP"),
            (
                Some(on(current, vec![nic(true, &["10.0.0.5"])])),
                vec![],
                "wait_for_guest_net_routable = false",
            ),
            (Some(on(current, vec![nic(true, &["fe80::1"])])), vec!["fe80::1"], "ignored_guest_ips"),
            (None, vec![], "console"),
        ] {
            let ignored = ignored.into_iter().filter_map(|a: &str| a.parse().ok()).collect();
            let seen = NotReady { seen: seen.map(Box::new), ignored };
            let events = [event("VmPoweredOnEvent", "web is powered on", None)];
            let message = not_ready(&machine(), &waiters(&machine())[0], &seen, &events).to_string();
            assert!(message.contains("error at wait_for_guest_net_timeout:"), "{message}");
            assert!(
                message.contains(part) && message.contains("web is powered on") && message.contains("5 min"),
                "{message}"
            );
        }
    }
}
