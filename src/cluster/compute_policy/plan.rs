//! What a capability of compute policies takes.
use crate::nearest::listed;

/// How the ID of every capability begins.
const PREFIX: &str = "com.vmware.vcenter.compute.policies.capabilities.";

/// The ID of a capability, whose common beginning may be left out.
pub(super) fn whole(capability: &str) -> String {
    if capability.starts_with(PREFIX) { capability.to_owned() } else { format!("{PREFIX}{capability}") }
}

/// The ID of a capability without what all of them begin with.
pub(super) fn short(capability: &str) -> &str {
    capability.strip_prefix(PREFIX).unwrap_or(capability)
}

/// Whether a capability has a tag of hosts; nothing where that is not known.
fn has_host_tag(capability: &str) -> Option<bool> {
    match short(capability) {
        "vm_host_affinity" | "vm_host_anti_affinity" => Some(true),
        "vm_vm_affinity"
        | "vm_vm_anti_affinity"
        | "disable_drs_vmotion"
        | "vm.evacuation.vmotion"
        | "vm.placement.anti_affinity_with_vcls" => Some(false),
        _ => None,
    }
}

/// What is wrong with the tag of hosts, if anything is.
pub(super) fn host_tag_problem(capability: &str, has_tag: bool) -> Option<(&'static str, String)> {
    let short = short(capability);
    match (has_host_tag(capability), has_tag) {
        (Some(true), false) => {
            let detail =
                format!("The capability {short} is about virtual machines and hosts. Set `host_tag_id`.");
            Some(("Missing host tag", detail))
        }
        (Some(false), true) => {
            let detail =
                format!("The capability {short} is about virtual machines only. Remove `host_tag_id`.");
            Some(("Invalid host tag", detail))
        }
        _ => None,
    }
}

/// What is wrong with a capability, given those of the vCenter.
pub(super) fn capability_problem(capability: &str, all: &[String]) -> Option<String> {
    let wanted = short(capability);
    if all.iter().any(|c| short(c) == wanted) {
        return None;
    }
    let names: Vec<String> = all.iter().map(|c| short(c).to_owned()).collect();
    Some(if names.is_empty() {
        "This vCenter does not have any capabilities of compute policies.".to_owned()
    } else {
        format!("This vCenter has the capabilities {}", listed(names, wanted))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capability_is_known_by_its_id_and_by_its_end() {
        let id = "com.vmware.vcenter.compute.policies.capabilities.vm.evacuation.vmotion";
        for name in [id, "vm.evacuation.vmotion"] {
            assert_eq!((whole(name).as_str(), short(name)), (id, "vm.evacuation.vmotion"));
        }
        let all = [id.to_owned(), whole("vm_host_affinity")];
        assert_eq!(capability_problem("vm_host_affinity", &all), None);
        assert_eq!(capability_problem(id, &all), None);
        let text = capability_problem("vm_host_afinity", &all).unwrap();
        assert!(text.contains("\"vm.evacuation.vmotion\", \"vm_host_affinity\". Did you mean"), "{text}");
        assert!(capability_problem("vm_host_affinity", &[]).unwrap().contains("does not have any"));
    }

    #[test]
    fn some_capabilities_have_a_tag_of_hosts() {
        let problem = |capability, has_tag| host_tag_problem(capability, has_tag).map(|(summary, _)| summary);
        for (capability, without, with) in [
            ("vm_host_affinity", Some("Missing host tag"), None),
            (
                "com.vmware.vcenter.compute.policies.capabilities.vm_host_anti_affinity",
                Some("Missing host tag"),
                None,
            ),
            ("vm_vm_affinity", None, Some("Invalid host tag")),
            ("disable_drs_vmotion", None, Some("Invalid host tag")),
            ("one_of_a_later_version", None, None),
        ] {
            assert_eq!(
                (problem(capability, false), problem(capability, true)),
                (without, with),
                "{capability}"
            );
        }
    }
}
