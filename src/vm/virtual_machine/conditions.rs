//! The conditions of a virtual machine, with the types and reasons of VM Operator where it has them.
use super::disks::{self, Own};
use super::model::VirtualMachineModel as M;
use super::{class, resize};
use crate::common::conditions::ConditionModel as C;
use crate::vsphere::Vsphere;
use vsphere_client::virtual_machine::VirtualMachine as Machine;

/// The conditions of a virtual machine whose state is `seen`.
pub(super) async fn observed(vsphere: &Vsphere, vm: &Machine, seen: &M, own: &Own) -> Vec<C> {
    let class = match seen.class_name.non_empty() {
        Some(name) => class_synced(name, seen, &class::size(vsphere, name).await),
        None => None,
    };
    // Volumes of Kubernetes and other first class disks are left out, as VM Operator does.
    let strange = disks::foreign(vm, seen, own).into_iter().filter(|f| !f.first_class);
    let strange: Vec<String> = strange.map(|f| f.words).collect();
    let rest =
        [class, resize::condition(seen), encryption_synced(seen), Some(tools(vm.tools_running.as_deref()))];
    let network = guest_network(seen.power_state.as_str(), seen.default_ip_address.non_empty().is_some());
    rest.into_iter().flatten().chain([network, disks_backfilled(&strange)]).collect()
}

/// Whether the virtual machine has the size of its class, in CPUs and MiB.
fn class_synced(name: &str, seen: &M, class: &class::Size) -> Option<C> {
    const TYPE: &str = "VirtualMachineClassConfigurationSynced";
    Some(match class {
        class::Size::Is { cpus, memory } if (seen.num_cpus.get(), seen.memory.get()) == (*cpus, *memory) => {
            C::met(TYPE)
        }
        class::Size::Is { cpus, memory } => {
            let (has_cpus, has_memory) = (seen.num_cpus.get(), seen.memory.get());
            let message = format!(
                "The virtual machine has {has_cpus} virtual CPUs and {has_memory} MiB of memory, and its class {name:?} \
                 {cpus} and {memory} MiB."
            );
            C::unmet(TYPE, "SameClassResize", message)
        }
        class::Size::Missing => {
            C::unmet(TYPE, "ClassNotFound", format!("The virtual machine class {name:?} does not exist."))
        }
        class::Size::Unread(why) => C::unclear(TYPE, "ClassNotRead", why.clone()),
    })
}

/// Whether a virtual machine that is to be encrypted is.
fn encryption_synced(seen: &M) -> Option<C> {
    const TYPE: &str = "VirtualMachineEncryptionSynced";
    seen.encryption.known()?.first()?;
    let is = seen.encryption_status.known().is_some_and(|s| s.encrypted.get());
    Some(match is {
        true => C::met(TYPE),
        false => C::unmet(TYPE, "InvalidState", "The virtual machine is not encrypted."),
    })
}

fn tools(status: Option<&str>) -> C {
    const TYPE: &str = "VirtualMachineTools";
    match status {
        Some("guestToolsRunning" | "guestToolsExecutingScripts") => C::met(TYPE),
        Some("guestToolsNotRunning") => {
            C::unmet(TYPE, "VirtualMachineToolsNotRunning", "VMware Tools is not running.")
        }
        _ => C::unclear(TYPE, "NoGuestInfo", "vSphere does not report the status of VMware Tools."),
    }
}

fn guest_network(power: &str, has_address: bool) -> C {
    const TYPE: &str = "GuestNetworkReady";
    match (power, has_address) {
        (_, true) => C::met(TYPE),
        ("on", false) => C::unmet(TYPE, "NoAddress", "VMware Tools does not report an IP address."),
        _ => C::unmet(TYPE, "PoweredOff", "The virtual machine is not powered on."),
    }
}

/// Whether every disk is in the state: one that Terraform has neither made nor adopted is not.
fn disks_backfilled(strange: &[String]) -> C {
    const TYPE: &str = "VirtualMachineUnmanagedVolumesBackfilled";
    match strange {
        [] => C::met(TYPE),
        all => C::unmet(
            TYPE,
            "UnmanagedDisks",
            format!("This resource does not manage all disks: {}.", all.join("; ")),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::{EncryptionModel, EncryptionStatusModel};
    use super::*;
    use tf_framework::{Model as _, Value};

    fn short(c: &C) -> (String, String, String) {
        (c.r#type.get(), c.status.get(), c.reason.get())
    }

    fn is(c: &C, status: &str, reason: &str) {
        let (_, s, r) = short(c);
        assert_eq!((s.as_str(), r.as_str()), (status, reason), "{c:?}");
        assert_eq!(c.message.get().is_empty(), status == "True", "{c:?}");
    }

    #[test]
    fn a_class_is_synced_by_its_size() {
        let seen = M { num_cpus: 2.into(), memory: 4096.into(), ..M::null() };
        for (class, status, reason) in [
            (class::Size::Is { cpus: 2, memory: 4096 }, "True", ""),
            (class::Size::Is { cpus: 4, memory: 4096 }, "False", "SameClassResize"),
            (class::Size::Is { cpus: 2, memory: 2048 }, "False", "SameClassResize"),
            (class::Size::Missing, "False", "ClassNotFound"),
            (class::Size::Unread("why".into()), "Unknown", "ClassNotRead"),
        ] {
            is(&class_synced("small", &seen, &class).unwrap(), status, reason);
        }
    }

    #[test]
    fn what_is_not_to_be_encrypted_has_no_condition() {
        let status = |encrypted: bool| EncryptionStatusModel {
            encrypted: encrypted.into(),
            ..EncryptionStatusModel::default()
        };
        let wanted = M { encryption: vec![EncryptionModel::null()].into(), ..M::null() };
        let with = |encrypted| M { encryption_status: Value::Known(status(encrypted)), ..wanted.clone() };
        is(&encryption_synced(&with(true)).unwrap(), "True", "");
        is(&encryption_synced(&with(false)).unwrap(), "False", "InvalidState");
        assert_eq!(encryption_synced(&M::null()), None);
    }

    #[test]
    fn the_guest_is_ready_with_tools_and_an_address() {
        is(&tools(Some("guestToolsRunning")), "True", "");
        is(&tools(Some("guestToolsExecutingScripts")), "True", "");
        is(&tools(Some("guestToolsNotRunning")), "False", "VirtualMachineToolsNotRunning");
        is(&tools(None), "Unknown", "NoGuestInfo");
        is(&guest_network("on", true), "True", "");
        is(&guest_network("on", false), "False", "NoAddress");
        is(&guest_network("off", false), "False", "PoweredOff");
        is(&disks_backfilled(&[]), "True", "");
        is(&disks_backfilled(&["the disk at scsi:0:1".into()]), "False", "UnmanagedDisks");
    }
}
