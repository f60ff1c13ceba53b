//! What is wrong in a plan of vSAN, and what the user should know about it. Pure.
use super::planner::Group;
use super::{Vsan, VsanDiskGroup, VsanStretchedCluster};
use std::collections::{BTreeMap, BTreeSet};
use tf_framework::{AttributePath, Diagnostics, Field, Value};

type M = Vsan;

impl Vsan {
    /// What is wrong in a configuration. Pure.
    pub fn validate(&self) -> Diagnostics {
        let some = |n: Option<usize>| n.is_some_and(|n| n > 0);
        if some(self.vsan_fault_domains.known().map(Vec::len))
            && some(self.vsan_stretched_cluster.known().map(Vec::len))
        {
            let detail = "`vsan_fault_domains` conflicts with `vsan_stretched_cluster`, which has its own fault domains.";
            return Diagnostics::error(M::VSAN_FAULT_DOMAINS, "Conflicting fault domains", detail);
        }
        Diagnostics::default()
    }

    /// What vSphere or the official provider rejects among the settings that a plan changes. Pure.
    pub fn check(&self, prior: Option<&Self>) -> Diagnostics {
        let mut out = Diagnostics::default();
        if prior == Some(self) {
            return out;
        }
        let known = |v: &Value<bool>| !v.is_unknown();
        let on = |v: &Value<bool>| v.known() == Some(&true);
        let off = |v: &Value<bool>| known(v) && !on(v);
        let mut error = |at: AttributePath, summary: &str, detail: &str| {
            out.merge(Diagnostics::error(at, summary, detail));
        };
        if on(&self.vsan_esa_enabled) {
            if off(&self.vsan_enabled) {
                let detail = "`vsan_esa_enabled` requires `vsan_enabled`.";
                error(M::VSAN_ESA_ENABLED.into(), "Missing vSAN", detail);
            }
            if off(&self.vsan_unmap_enabled) {
                let detail = "The Express Storage Architecture always reclaims space. Set `vsan_unmap_enabled` to true as well.";
                error(M::VSAN_ESA_ENABLED.into(), "Missing TRIM/UNMAP", detail);
            }
            if prior.is_none_or(|p| p.vsan_disk_group != self.vsan_disk_group) && !self.groups().is_empty() {
                let detail = "The Express Storage Architecture has storage pools instead of disk groups. Remove the \
                              `vsan_disk_group` blocks or `vsan_esa_enabled`.";
                error(M::VSAN_DISK_GROUP.into(), "Conflicting vSAN architectures", detail);
            }
        }
        if let Some(prior) = prior
            && prior.vsan_enabled.get()
            && on(&self.vsan_enabled)
            && known(&self.vsan_esa_enabled)
            && prior.vsan_esa_enabled.get() != self.vsan_esa_enabled.get()
        {
            let detail = "vSAN cannot change its architecture while it is enabled. Disable vSAN first, or leave \
                          `vsan_esa_enabled` as it is.";
            error(M::VSAN_ESA_ENABLED.into(), "vSAN architecture cannot be changed", detail);
        }
        if on(&self.vsan_enabled) && on(&self.vsan_dedup_enabled) && off(&self.vsan_compression_enabled) {
            let detail =
                "vSAN deduplicates only compressed data. Set `vsan_compression_enabled` to true as well.";
            error(M::VSAN_DEDUP_ENABLED.into(), "Missing compression", detail);
        }
        for (at, mode) in [
            (M::VSAN_VERBOSE_MODE_ENABLED, &self.vsan_verbose_mode_enabled),
            (M::VSAN_NETWORK_DIAGNOSTIC_MODE_ENABLED, &self.vsan_network_diagnostic_mode_enabled),
        ] {
            if on(mode) && (off(&self.vsan_enabled) || off(&self.vsan_performance_enabled)) {
                let detail = format!(
                    "`{}` is a mode of the performance service: it requires `vsan_enabled` and `vsan_performance_enabled`.",
                    at.0
                );
                error(at.into(), "Missing performance service", &detail);
            }
        }
        if on(&self.vsan_dit_encryption_enabled) && !self.vsan_remote_datastore_ids.get().is_empty() {
            let detail = "vSAN does not mount datastores of other clusters while data-in-transit encryption is enabled.";
            error(M::VSAN_REMOTE_DATASTORE_IDS.into(), "Conflicting vSAN settings", detail);
        }
        self.check_groups(prior, &mut error);
        self.check_domains(&mut error);
        out
    }

    fn check_groups(&self, prior: Option<&Self>, error: &mut impl FnMut(AttributePath, &str, &str)) {
        let before = prior.map(|p| p.vsan_disk_group.get()).unwrap_or_default();
        for (i, group) in self.vsan_disk_group.get().iter().enumerate().filter(|(_, g)| !before.contains(g)) {
            let at = AttributePath::from(M::VSAN_DISK_GROUP).index(i);
            if !group.cache.is_unknown() && group.cache.as_str().is_empty() {
                let detail = "Set `cache` to the canonical name of the cache disk.";
                error(at.clone().field(VsanDiskGroup::CACHE), "Missing cache disk", detail);
            }
            if !group.storage.is_unknown() && group.storage.get().is_empty() {
                let detail = "Set `storage` to the canonical names of the capacity disks: a disk group has at least one.";
                error(at.field(VsanDiskGroup::STORAGE), "Missing capacity disks", detail);
            }
        }
    }

    fn check_domains(&self, error: &mut impl FnMut(AttributePath, &str, &str)) {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for domain in self.fault_domains() {
            for host in domain.host_ids.get() {
                let name = domain.name.as_str().to_owned();
                if let Some(other) = seen.insert(host.clone(), name.clone()) {
                    let detail = format!(
                        "The host {host} is in the fault domains {other:?} and {name:?}. It can be in one."
                    );
                    error(M::VSAN_FAULT_DOMAINS.into(), "Duplicate host", &detail);
                }
            }
        }
        for block in self.vsan_stretched_cluster.get() {
            let at = |field: Field| AttributePath::from(M::VSAN_STRETCHED_CLUSTER).index(0).field(field);
            let sites = block.plain();
            let both =
                sites.preferred.hosts.intersection(&sites.secondary.hosts).cloned().collect::<Vec<_>>();
            if !both.is_empty() {
                let detail =
                    format!("A host can be in one of the fault domains, but both have: {}.", both.join(", "));
                error(at(VsanStretchedCluster::SECONDARY_FAULT_DOMAIN_HOST_IDS), "Duplicate host", &detail);
            }
            for (field, hosts) in [
                (
                    VsanStretchedCluster::PREFERRED_FAULT_DOMAIN_HOST_IDS,
                    &block.preferred_fault_domain_host_ids,
                ),
                (
                    VsanStretchedCluster::SECONDARY_FAULT_DOMAIN_HOST_IDS,
                    &block.secondary_fault_domain_host_ids,
                ),
            ] {
                if hosts.known().is_some_and(BTreeSet::is_empty) {
                    let detail = "A stretched cluster has two fault domains, each with at least one host.";
                    error(at(field), "Missing hosts", detail);
                }
                if hosts.get().contains(&sites.witness) {
                    let detail = "The witness host must not be a host of the cluster.";
                    error(at(VsanStretchedCluster::WITNESS_NODE), "Invalid witness host", detail);
                }
            }
            let name = &block.preferred_fault_domain_name;
            if !name.is_unknown() && *name == block.secondary_fault_domain_name {
                let detail = "The two fault domains of a stretched cluster must have different names.";
                error(
                    at(VsanStretchedCluster::SECONDARY_FAULT_DOMAIN_NAME),
                    "Duplicate fault domain",
                    detail,
                );
            }
        }
    }

    /// What a plan does to data. Pure.
    pub fn warnings(&self, prior: &Self) -> Diagnostics {
        let mut out = Diagnostics::default();
        let disabled = prior.vsan_enabled.get() && self.vsan_enabled.known() == Some(&false);
        if disabled {
            let detail = "The vSAN datastore of the cluster becomes inaccessible, and so do the virtual machines on it. Their \
                          data stays on the disks as long as the disk groups exist.";
            out.merge(Diagnostics::warning(M::VSAN_ENABLED, "vSAN will be disabled", detail));
        } else if prior.vsan_enabled.get() && !self.vsan_esa_enabled.get() {
            let changed =
                |of: fn(&Self) -> &Value<bool>| !of(self).is_unknown() && of(self).get() != of(prior).get();
            let dedup = changed(|v| &v.vsan_dedup_enabled).then_some(M::VSAN_DEDUP_ENABLED);
            let compression = changed(|v| &v.vsan_compression_enabled).then_some(M::VSAN_COMPRESSION_ENABLED);
            if let Some(at) = dedup.or(compression) {
                let detail = "To change deduplication or compression, vSAN moves the data of each disk group to others and \
                              formats its disks, one disk group after the other. This may take hours.";
                out.merge(Diagnostics::warning(at, "Disk groups will be formatted", detail));
            }
        }
        if let Some(planned) = self.vsan_disk_group.known() {
            let planned: Vec<Group> = planned.iter().map(VsanDiskGroup::plain).collect();
            let kept: BTreeSet<&String> = planned.iter().flat_map(|g| &g.storage).collect();
            let dissolved = |g: &Group| !planned.iter().any(|p| p.cache == g.cache);
            let mut disks = vec![];
            for g in prior.groups() {
                if dissolved(&g) {
                    disks.push(format!("the disk group of {}", g.cache));
                } else {
                    disks.extend(g.storage.iter().filter(|d| !kept.contains(d)).cloned());
                }
            }
            let unknown =
                self.vsan_disk_group.get().iter().any(|g| g.cache.is_unknown() || g.storage.is_unknown());
            if !disks.is_empty() && !unknown {
                let data = match disabled {
                    true => {
                        "Their data is lost: vSAN is disabled by the same plan, so that it cannot be moved."
                    }
                    false => {
                        "vSAN moves the data that would become inaccessible to other disks first, which may leave objects \
                         with less redundancy. The apply fails if there is not enough space on them."
                    }
                };
                let detail = format!("{} will be removed from vSAN. {data}", disks.join(", "));
                out.merge(Diagnostics::warning(
                    M::VSAN_DISK_GROUP,
                    "Disks will be removed from vSAN",
                    detail,
                ));
            }
        }
        if prior.sites().is_some() && self.vsan_stretched_cluster.known().is_some_and(Vec::is_empty) {
            let detail = "The witness host is removed, and the cluster is a single site from then on. Objects whose storage \
                          policy requires a second site lose this redundancy.";
            let summary = "Stretched cluster will be dissolved";
            out.merge(Diagnostics::warning(M::VSAN_STRETCHED_CLUSTER, summary, detail));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tf_framework::Model as _;

    fn defaults() -> Vsan {
        let mut v = Vsan::default();
        v.set_defaults(&Vsan::block());
        v
    }

    fn errors(plan: &Vsan, prior: Option<&Vsan>) -> Vec<String> {
        plan.check(prior).0.iter().map(|d| d.at.to_string()).collect()
    }

    fn group(cache: &str, storage: &[&str]) -> VsanDiskGroup {
        VsanDiskGroup {
            cache: cache.into(),
            storage: storage.iter().map(ToString::to_string).collect::<BTreeSet<_>>().into(),
        }
    }

    #[test]
    fn unchanged_and_unknown_settings_are_not_rejected() {
        let wrong = Vsan { vsan_enabled: true.into(), vsan_dedup_enabled: true.into(), ..defaults() };
        assert_eq!(errors(&wrong, None), ["vsan_dedup_enabled"]);
        assert!(errors(&wrong, Some(&wrong)).is_empty());
        let open = Vsan { vsan_compression_enabled: Value::Unknown, ..wrong.clone() };
        assert!(errors(&open, None).is_empty());
        let disabled = Vsan { vsan_enabled: false.into(), ..wrong };
        assert!(errors(&disabled, None).is_empty());
        assert!(errors(&defaults(), None).is_empty());
        let unknown = VsanDiskGroup { cache: Value::Unknown, storage: Value::Unknown };
        let groups = Vsan { vsan_disk_group: vec![unknown].into(), ..defaults() };
        assert!(errors(&groups, None).is_empty());
    }

    #[test]
    fn the_architecture_changes_only_with_vsan() {
        let on = Vsan { vsan_enabled: true.into(), vsan_unmap_enabled: true.into(), ..defaults() };
        let esa = Vsan { vsan_esa_enabled: true.into(), ..on.clone() };
        assert_eq!(errors(&esa, Some(&on)), ["vsan_esa_enabled"]);
        assert_eq!(errors(&on, Some(&esa)), ["vsan_esa_enabled"]);
        assert!(errors(&esa, None).is_empty());
        assert!(errors(&esa, Some(&defaults())).is_empty());
    }

    #[test]
    fn a_plan_warns_of_what_happens_to_data() {
        let summaries = |plan: &Vsan, prior: &Vsan| {
            plan.warnings(prior).0.iter().map(|d| d.detail.clone()).collect::<Vec<_>>().join("\n")
        };
        let groups = vec![group("a", &["1", "2"]), group("b", &["3"])];
        let on = Vsan { vsan_enabled: true.into(), vsan_disk_group: groups.into(), ..defaults() };
        assert_eq!(summaries(&on, &on), "");
        let fewer = Vsan { vsan_disk_group: vec![group("a", &["2"])].into(), ..on.clone() };
        assert!(
            summaries(&fewer, &on)
                .starts_with("1, the disk group of b will be removed from vSAN. vSAN moves")
        );
        let off = Vsan { vsan_enabled: false.into(), ..fewer };
        let text = summaries(&off, &on);
        assert!(text.contains("becomes inaccessible") && text.contains("Their data is lost"), "{text}");
        let open = Vsan { vsan_disk_group: Value::Unknown, ..on.clone() };
        assert_eq!(summaries(&open, &on), "");
        let dedup = Vsan { vsan_compression_enabled: true.into(), ..on.clone() };
        assert!(summaries(&dedup, &on).contains("formats"));
    }
}
