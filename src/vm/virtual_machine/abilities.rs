//! The abilities of the hosts, for messages about a refused guest, hardware version or size.
use super::model::VirtualMachineModel as M;
use super::place::{self, Ground};
use crate::common::once::Once;
use crate::nearest::nearest;
use crate::vsphere::Vsphere;
use std::fmt::Write;
use std::sync::Arc;
use tf_framework::{Diagnostics, Field};
use vsphere_client::MoRef;
use vsphere_client::device::HardwareVersion;
use vsphere_client::virtual_machine::ConfigOptionQuery;

/// Guests that hosts were asked about, by the browser, the host, the hardware version and the guest.
#[derive(Default)]
struct Guests(Once<(String, String, u32, String), Option<String>>);

/// The hardware versions that hosts make virtual machines of.
#[derive(Default)]
struct Versions(Once<String, Arc<Vec<u32>>>);

/// A guest that hosts know.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Guest {
    id: String,
    name: String,
}

/// What hosts can do with one hardware version.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Abilities {
    hardware: u32,
    guests: Vec<Guest>,
    cpus: i64,
    memory: i64,
}

/// What would be right instead of what an attribute says; nothing for other attributes, and where the hosts do not tell.
pub(super) async fn hint(vsphere: &Vsphere, plan: &M, field: Field) -> Option<String> {
    if field == M::STORAGE_POLICY_ID {
        return Some("Expected the ID of a storage policy of this vCenter, not its name.".to_owned());
    }
    if ![M::GUEST_ID, M::HARDWARE_VERSION, M::NUM_CPUS, M::MEMORY].contains(&field) {
        return None;
    }
    let compute = place::compute(vsphere, plan.resource_pool_id.as_str()).await.ok()?;
    let machines = vsphere.api.virtual_machines();
    let browser = machines.environment_of(&compute).await.ok()??;
    if field == M::HARDWARE_VERSION {
        return words(&versions(vsphere, &browser).await?);
    }
    let host = plan.host();
    let version = plan.hardware_version.known().and_then(|n| u32::try_from(*n).ok()).filter(|n| *n > 0);
    let present = abilities(vsphere, &browser, host.as_ref(), version.map(HardwareVersion)).await?;
    if field == M::GUEST_ID {
        let newest = match version {
            Some(_) => abilities(vsphere, &browser, host.as_ref(), None).await,
            None => None,
        };
        return Some(guests(plan.guest_id.as_str(), &present, newest.as_ref()));
    }
    Some(match field {
        M::NUM_CPUS => {
            format!(
                "With hardware version {} the hosts take up to {} processors.",
                present.hardware, present.cpus
            )
        }
        _ => {
            format!("With hardware version {} the hosts take up to {} MiB.", present.hardware, present.memory)
        }
    })
}

/// What the hosts below a place do not take: a guest or a hardware version that they do not know. `guest` and `version`
/// are those that a plan changes; `hardware` is the version that the virtual machine is going to have, if that is known.
/// Nothing is said where the hosts do not answer.
pub(super) async fn check(
    vsphere: &Vsphere,
    ground: &Ground,
    guest: Option<&str>,
    version: Option<u32>,
    hardware: Option<u32>,
) -> Diagnostics {
    let mut out = Diagnostics::default();
    let Some(browser) = ground.browser() else { return out };
    let mut known = true;
    if let Some(wanted) = version
        && let Some(all) = known_versions(vsphere, browser).await
        && !all.contains(&wanted)
        && let Some(detail) = words(&all)
    {
        known = false;
        let summary = format!("The hosts do not know the hardware version {wanted}");
        out.merge(Diagnostics::error(M::HARDWARE_VERSION, summary, detail));
    }
    if let Some(id) = guest.filter(|_| known)
        && let Some(detail) = unknown_guest(vsphere, browser, ground.host(), id, hardware).await
    {
        let summary = format!("The hosts do not know the guest {id:?}");
        out.merge(Diagnostics::error(M::GUEST_ID, summary, detail));
    }
    out
}

async fn known_versions(vsphere: &Vsphere, browser: &MoRef) -> Option<Arc<Vec<u32>>> {
    let look = async { versions(vsphere, browser).await.map(Arc::new).ok_or(()) };
    vsphere.run::<Versions>().0.get(browser.id.to_string(), look).await.ok()
}

/// What is said of a guest that the hosts do not know. The answer is kept for the run: many virtual machines have one
/// guest.
async fn unknown_guest(
    vsphere: &Vsphere,
    browser: &MoRef,
    host: Option<&MoRef>,
    id: &str,
    hardware: Option<u32>,
) -> Option<String> {
    let version = hardware.map(HardwareVersion);
    let key = (
        browser.id.to_string(),
        host.map(|h| h.id.to_string()).unwrap_or_default(),
        hardware.unwrap_or_default(),
        id.to_owned(),
    );
    let look = async {
        let machines = vsphere.api.virtual_machines();
        // An answer about one guest is small; all of them are a large one, for those that are wrong.
        let query = ConfigOptionQuery { version, host: host.cloned(), guest_ids: vec![id.to_owned()] };
        let option = machines.config_option(browser, &query).await.ok().flatten().ok_or(())?;
        if option.guest_os_descriptor.iter().any(|g| g.id == id) {
            return Ok(None);
        }
        let present = abilities(vsphere, browser, host, version).await.ok_or(())?;
        if present.guests.is_empty() {
            return Err(());
        }
        let newest = match version {
            Some(_) => abilities(vsphere, browser, host, None).await,
            None => None,
        };
        Ok(Some(guests(id, &present, newest.as_ref())).filter(|text| !text.is_empty()))
    };
    vsphere.run::<Guests>().0.get(key, look).await.ok().flatten()
}

async fn abilities(
    vsphere: &Vsphere,
    browser: &MoRef,
    host: Option<&MoRef>,
    version: Option<HardwareVersion>,
) -> Option<Abilities> {
    let query = ConfigOptionQuery { version, host: host.cloned(), guest_ids: vec![] };
    let option = vsphere.api.virtual_machines().config_option(browser, &query).await.ok()??;
    let guests = option.guest_os_descriptor.iter();
    Some(Abilities {
        hardware: option.version.parse::<HardwareVersion>().map_or(0, |v| v.0),
        guests: guests.map(|g| Guest { id: g.id.clone(), name: g.full_name.clone() }).collect(),
        cpus: option.hardware_options.num_cpu.iter().copied().max().unwrap_or_default().into(),
        memory: option.hardware_options.memory_mb.max,
    })
}

/// The versions that hosts make machines of.
async fn versions(vsphere: &Vsphere, browser: &MoRef) -> Option<Vec<u32>> {
    let all = vsphere.api.virtual_machines().hardware_versions(browser).await.ok()?;
    let creates = all.iter().filter(|v| v.create_supported);
    let mut all: Vec<u32> =
        creates.filter_map(|v| v.key.parse::<HardwareVersion>().ok()).map(|v| v.0).collect();
    all.sort_unstable();
    Some(all)
}

/// What is said where a hardware version is planned that no host makes machines of; nothing otherwise.
pub(super) async fn unknown_version(vsphere: &Vsphere, plan: &M) -> Option<String> {
    let wanted = plan.hardware_version.known().and_then(|n| u32::try_from(*n).ok()).filter(|n| *n > 0)?;
    let compute = place::compute(vsphere, plan.resource_pool_id.as_str()).await.ok()?;
    let browser = vsphere.api.virtual_machines().environment_of(&compute).await.ok()??;
    let all = versions(vsphere, &browser).await?;
    if all.contains(&wanted) { None } else { words(&all) }
}

/// The versions that hosts make machines of, in words. Pure.
fn words(all: &[u32]) -> Option<String> {
    let text: Vec<String> = all.iter().map(u32::to_string).collect();
    (!text.is_empty()).then(|| format!("The hosts make machines of the versions {}.", text.join(", ")))
}

/// What is said of a guest that was refused. Pure.
fn guests(id: &str, present: &Abilities, newest: Option<&Abilities>) -> String {
    let has = |a: &Abilities| a.guests.iter().any(|g| g.id == id);
    if has(present) {
        return String::new();
    }
    let mut text = format!("With hardware version {} the hosts know no guest {id:?}.", present.hardware);
    if let Some(newest) = newest.filter(|n| has(n)) {
        let _ = write!(text, " With {} they do: raise `{}`.", newest.hardware, M::HARDWARE_VERSION.0);
        return text;
    }
    let named = present.guests.iter().find(|g| g.name.eq_ignore_ascii_case(id));
    if let Some(guest) = named {
        let _ = write!(text, " That is a name: the ID of the guest is {:?}.", guest.id);
        return text;
    }
    let (mut rest, mut near) = (present.guests.clone(), vec![]);
    while near.len() < 3
        && let Some(found) = nearest(id, rest.iter().map(|g| g.id.as_str())).map(str::to_owned)
    {
        rest.retain(|g| g.id != found);
        near.push(format!("{found:?}"));
    }
    if near.is_empty() {
        text.push_str(" They know \"ubuntu64Guest\", \"windows2019srv_64Guest\" and the like.");
    } else {
        let _ = write!(text, " Nearest are {}.", near.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(hardware: u32, ids: &[&str]) -> Abilities {
        let guests =
            ids.iter().map(|id| Guest { id: (*id).to_owned(), name: format!("Name of {id}") }).collect();
        Abilities { hardware, guests, ..Default::default() }
    }

    #[test]
    fn the_nearest_guests_are_suggested() {
        let old = with(14, &["ubuntu64Guest", "ubuntuGuest", "debian10_64Guest", "winNetEnterpriseGuest"]);
        let new = with(21, &["ubuntu64Guest", "windows11_64Guest"]);
        for (id, expected) in [
            ("ubuntu64guest", "Nearest are \"ubuntu64Guest\", \"ubuntuGuest\""),
            ("windows11_64Guest", "With 21 they do: raise `hardware_version`"),
            ("name of ubuntu64Guest", "the ID of the guest is \"ubuntu64Guest\""),
            ("?", "They know"),
        ] {
            let message = guests(id, &old, Some(&new));
            assert!(
                message.starts_with("With hardware version 14") && message.contains(expected),
                "{message}"
            );
        }
        assert_eq!(guests("ubuntu64Guest", &old, None), "");
    }

    #[test]
    fn versions_are_listed() {
        assert_eq!(words(&[9, 14]).as_deref(), Some("The hosts make machines of the versions 9, 14."));
        assert_eq!(words(&[]), None);
    }
}
