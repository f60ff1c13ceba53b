//! What a plan changes of vSAN: the services of the cluster, the disk groups of its hosts, its fault domains and sites.
use std::collections::{BTreeMap, BTreeSet};

/// The services of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Services {
    pub(super) enabled: bool,
    pub(super) esa: bool,
    pub(super) dedup: bool,
    pub(super) compression: bool,
    pub(super) performance: bool,
    pub(super) verbose: bool,
    pub(super) diagnostic: bool,
    pub(super) unmap: bool,
    pub(super) encryption: bool,
    /// In minutes; 0 where the server chooses it.
    pub(super) rekey: i64,
}

/// The services that change, each with all of its settings: vCenter replaces a service as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct ServiceChange {
    pub(super) enabled: Option<bool>,
    pub(super) esa: Option<bool>,
    /// Deduplication and compression.
    pub(super) efficiency: Option<(bool, bool)>,
    /// The performance service, its verbose mode and its network diagnostic mode.
    pub(super) performance: Option<(bool, bool, bool)>,
    pub(super) unmap: Option<bool>,
    /// Data-in-transit encryption and its rekey interval.
    pub(super) encryption: Option<(bool, Option<i64>)>,
}

/// The change from the services of the state to those of the plan. If vSAN is enabled, all services are set: vCenter
/// enables some of them by itself.
pub(super) fn services(prior: Services, plan: Services) -> Option<ServiceChange> {
    let enabling = plan.enabled && !prior.enabled;
    let differs = |of: fn(Services) -> (bool, bool, bool)| of(prior) != of(plan);
    let mut out = ServiceChange::default();
    if prior.enabled != plan.enabled || prior.esa != plan.esa {
        out.enabled = Some(plan.enabled);
        // Before 8.0 there is no such setting.
        out.esa = (plan.esa || prior.esa).then_some(plan.esa);
    }
    if (enabling || differs(|s| (s.dedup, s.compression, false))) && plan.enabled && !plan.esa {
        out.efficiency = Some((plan.dedup, plan.compression));
    }
    if enabling || differs(|s| (s.performance, s.verbose, s.diagnostic)) {
        out.performance = Some((plan.performance, plan.verbose, plan.diagnostic));
    }
    if enabling || prior.unmap != plan.unmap {
        out.unmap = Some(plan.unmap);
    }
    let interval = (plan.rekey > 0).then_some(plan.rekey);
    if prior.encryption != plan.encryption || interval.is_some() && prior.rekey != plan.rekey {
        out.encryption = Some((plan.encryption, interval));
    }
    (out != ServiceChange::default()).then_some(out)
}

/// A disk group, by the canonical names of its disks. Hosts may have disks of the same name, and a disk group of a
/// configuration is one of each host that has its cache disk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Group {
    pub(super) cache: String,
    pub(super) storage: BTreeSet<String>,
}

/// What a host has: all of its disks, and its disk groups.
#[derive(Debug, Default)]
pub(super) struct HostDisks {
    pub(super) disks: BTreeSet<String>,
    pub(super) groups: Vec<Group>,
}

/// A change of the disk groups of a host.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum DiskChange {
    /// Removes the disk group with a cache disk.
    RemoveGroup(String),
    /// Removes capacity disks from a disk group.
    RemoveDisks(BTreeSet<String>),
    /// Adds capacity disks to the disk group with a cache disk, which is created if there is none.
    Add(Group),
}

fn by_cache(groups: &[Group]) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut out: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for g in groups {
        out.entry(&g.cache).or_default().extend(g.storage.iter().map(String::as_str));
    }
    out
}

/// What is still to be done on a host. Disks that are neither in the state nor in the plan stay in their disk groups.
pub(super) fn disk_changes(prior: &[Group], plan: &[Group], host: &HostDisks) -> Vec<DiskChange> {
    let (before, after) = (by_cache(prior), by_cache(plan));
    let group = |cache: &str| host.groups.iter().find(|g| g.cache == cache);
    let (mut removed, mut added) = (vec![], vec![]);
    for cache in before.keys().filter(|cache| !after.contains_key(*cache)) {
        if group(cache).is_some() {
            removed.push(DiskChange::RemoveGroup((*cache).to_owned()));
        }
    }
    for (cache, wanted) in after.iter().filter(|(cache, wanted)| before.get(*cache) != Some(*wanted)) {
        let found = group(cache);
        if found.is_none() && !host.disks.contains(*cache) {
            continue;
        }
        let storage = |disk: &&&str| found.is_some_and(|g| g.storage.contains(**disk));
        let known = before.get(cache).into_iter().flatten();
        let leave: BTreeSet<String> =
            known.filter(storage).filter(|d| !wanted.contains(*d)).map(|d| (*d).to_owned()).collect();
        if !leave.is_empty() {
            removed.push(DiskChange::RemoveDisks(leave));
        }
        let join: BTreeSet<String> = wanted
            .iter()
            .filter(|d| !storage(d) && host.disks.contains(**d))
            .map(|d| (*d).to_owned())
            .collect();
        if !join.is_empty() {
            added.push(DiskChange::Add(Group { cache: (*cache).to_owned(), storage: join }));
        }
    }
    // A disk may move from one disk group to another.
    removed.extend(added);
    removed
}

/// The disks of new disk groups that no host can use: those of the cache, and those that no host has beside the cache
/// disk of their disk group. Each with the position of its disk group.
pub(super) fn missing(prior: &[Group], plan: &[Group], hosts: &[HostDisks]) -> Vec<(usize, String)> {
    let mut out = vec![];
    for (i, group) in plan.iter().enumerate().filter(|(_, g)| !prior.contains(g)) {
        let with_cache: Vec<_> = hosts.iter().filter(|h| h.disks.contains(&group.cache)).collect();
        if with_cache.is_empty() {
            out.push((i, group.cache.clone()));
            continue;
        }
        let found = |disk: &&String| with_cache.iter().any(|h| h.disks.contains(*disk));
        out.extend(group.storage.iter().filter(|d| !found(d)).map(|d| (i, d.clone())));
    }
    out
}

/// The disk groups of all hosts in the order of the state. A disk group of the state is that of all hosts with its disks.
pub(super) fn observed_groups(state: &[Group], found: &[Group]) -> Vec<Group> {
    let mut left: Vec<&Group> = found.iter().collect();
    let mut take = |fits: &dyn Fn(&Group) -> bool| {
        let at = left.iter().position(|g| fits(g))?;
        Some(left.remove(at).clone())
    };
    let mut out: Vec<Option<Group>> = state.iter().map(|g| take(&|f| f == g)).collect();
    for (slot, g) in out.iter_mut().zip(state).filter(|(slot, _)| slot.is_none()) {
        *slot = take(&|f| f.cache == g.cache);
    }
    let mut out: Vec<Group> = out.into_iter().flatten().collect();
    for other in left {
        match out.iter_mut().rev().find(|g| g.cache == other.cache) {
            // The same disks of another host.
            Some(_) if state.contains(other) => {}
            // The disk group of another host has become a different one.
            Some(same) if state.iter().any(|g| g.cache == other.cache) => *same = other.clone(),
            Some(same) if same == other => {}
            _ => out.push(other.clone()),
        }
    }
    out
}

/// The name of the fault domain of each host; a host without one has none or an empty name.
pub(super) type Domains = BTreeMap<String, String>;

/// The hosts whose fault domain changes, with the name of the new one, empty for none. Hosts that are neither in the state
/// nor in the plan keep theirs.
pub(super) fn domain_changes(prior: &Domains, plan: &Domains, now: &Domains) -> Domains {
    let name = |all: &Domains, host: &String| all.get(host).cloned().unwrap_or_default();
    let hosts: BTreeSet<&String> = prior.keys().chain(plan.keys()).collect();
    let changed = hosts.into_iter().filter(|h| plan.contains_key(*h) || now.contains_key(*h));
    changed.filter(|h| name(now, h) != name(plan, h)).map(|h| (h.clone(), name(plan, h))).collect()
}

/// The hosts of a site of a stretched cluster.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Site {
    pub(super) name: String,
    pub(super) hosts: BTreeSet<String>,
}

/// A stretched cluster.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Sites {
    pub(super) preferred: Site,
    pub(super) secondary: Site,
    pub(super) witness: String,
}

impl Sites {
    pub(super) fn domains(&self) -> Domains {
        let of =
            |site: &Site| -> Vec<_> { site.hosts.iter().map(|h| (h.clone(), site.name.clone())).collect() };
        of(&self.preferred).into_iter().chain(of(&self.secondary)).collect()
    }

    /// The sites that a stretched cluster has: the preferred fault domain, and all other hosts.
    pub(super) fn observed(preferred: &str, witness: String, domains: &Domains) -> Self {
        let site = |fits: &dyn Fn(&str) -> bool| {
            let hosts: Vec<_> = domains.iter().filter(|(_, name)| fits(name)).collect();
            let name = hosts.iter().map(|(_, name)| (*name).clone()).find(|name| !name.is_empty());
            let name = name.unwrap_or_default();
            Site { name, hosts: hosts.into_iter().map(|(h, _)| h.clone()).collect() }
        };
        let mut preferred_site = site(&|name| name == preferred);
        preferred.clone_into(&mut preferred_site.name);
        Self { preferred: preferred_site, secondary: site(&|name| name != preferred), witness }
    }
}

/// The witness host of a stretched cluster, and its preferred fault domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Witness {
    pub(super) host: String,
    pub(super) preferred: String,
}

/// A change of a stretched cluster.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SiteChange {
    /// Makes the cluster a stretched one.
    Stretch(Sites),
    /// Removes the witness host.
    RemoveWitness,
    /// Moves hosts to fault domains.
    Move(Domains),
    /// Adds a witness host.
    AddWitness(Witness),
    /// Makes a fault domain the preferred one.
    Prefer(String),
}

/// The steps from the sites of the state to those of the plan, as far as they are still to be done.
pub(super) fn site_changes(
    prior: Option<&Sites>,
    plan: Option<&Sites>,
    now: Option<&Witness>,
    domains: &Domains,
) -> Vec<SiteChange> {
    let mut out = vec![];
    if prior == plan {
        return out;
    }
    match (now, plan) {
        (None, Some(plan)) => out.push(SiteChange::Stretch(plan.clone())),
        (Some(_), None) => out.push(SiteChange::RemoveWitness),
        (Some(now), Some(plan)) => {
            let replaced = now.host != plan.witness;
            if replaced {
                out.push(SiteChange::RemoveWitness);
            }
            let moves = domain_changes(&Domains::new(), &plan.domains(), domains);
            if !moves.is_empty() {
                out.push(SiteChange::Move(moves));
            }
            let name = plan.preferred.name.clone();
            if replaced {
                out.push(SiteChange::AddWitness(Witness { host: plan.witness.clone(), preferred: name }));
            } else if now.preferred != name {
                out.push(SiteChange::Prefer(name));
            }
        }
        (None, None) => {}
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(ToString::to_string).collect()
    }

    fn group(cache: &str, storage: &[&str]) -> Group {
        Group { cache: cache.to_owned(), storage: set(storage) }
    }

    fn domains(all: &[(&str, &str)]) -> Domains {
        all.iter().map(|(h, d)| ((*h).to_owned(), (*d).to_owned())).collect()
    }

    #[test]
    fn only_changed_services_are_sent() {
        let off = Services::default();
        assert_eq!(services(off, off), None);
        let on = Services { enabled: true, performance: true, rekey: 1440, ..off };
        // What vCenter enables by itself is set as well.
        let all = ServiceChange {
            enabled: Some(true),
            efficiency: Some((false, false)),
            performance: Some((true, false, false)),
            unmap: Some(false),
            encryption: Some((false, Some(1440))),
            ..ServiceChange::default()
        };
        assert_eq!(services(off, on), Some(all));
        assert_eq!(services(on, on), None);
        let unmap = Services { unmap: true, ..on };
        let sent = ServiceChange { unmap: Some(true), ..ServiceChange::default() };
        assert_eq!(services(on, unmap), Some(sent));
        let esa = Services { esa: true, dedup: true, ..on };
        let sent = services(off, esa).unwrap();
        assert_eq!((sent.enabled, sent.esa, sent.efficiency), (Some(true), Some(true), None));
        let disabled = ServiceChange { enabled: Some(false), ..ServiceChange::default() };
        assert_eq!(services(on, Services { enabled: false, ..on }), Some(disabled));
    }

    #[test]
    fn a_disk_group_is_created_on_each_host_that_has_its_disks() {
        let host = |disks: &[&str]| HostDisks { disks: set(disks), groups: vec![] };
        let plan = [group("c", &["1", "2"])];
        let add = |storage: &[&str]| vec![DiskChange::Add(group("c", storage))];
        assert_eq!(disk_changes(&[], &plan, &host(&["c", "1", "2", "3"])), add(&["1", "2"]));
        assert_eq!(disk_changes(&[], &plan, &host(&["c", "1"])), add(&["1"]));
        assert_eq!(disk_changes(&[], &plan, &host(&["1", "2"])), []);
        assert_eq!(missing(&[], &plan, &[host(&["c", "1"])]), [(0, "2".to_owned())]);
        assert_eq!(missing(&[], &plan, &[host(&["1", "2"])]), [(0, "c".to_owned())]);
        assert_eq!(missing(&plan, &plan, &[]), []);
    }

    #[test]
    fn a_changed_disk_group_keeps_its_other_disks() {
        let (old, new) = ([group("c", &["1", "2"])], [group("c", &["2", "3"])]);
        let host =
            HostDisks { disks: set(&["c", "1", "2", "3", "9"]), groups: vec![group("c", &["1", "2", "9"])] };
        assert_eq!(
            disk_changes(&old, &new, &host),
            [DiskChange::RemoveDisks(set(&["1"])), DiskChange::Add(group("c", &["3"]))]
        );
        assert_eq!(disk_changes(&old, &[], &host), [DiskChange::RemoveGroup("c".to_owned())]);
        // Disk groups of others stay.
        assert_eq!(disk_changes(&[group("x", &["1"])], &[], &host), []);
        // Already done.
        let done = HostDisks { disks: host.disks, groups: vec![group("c", &["2", "3"])] };
        assert_eq!(disk_changes(&old, &new, &done), []);
    }

    #[test]
    fn disk_groups_are_observed_in_the_order_of_the_state() {
        let state = [group("b", &["1"]), group("a", &["1", "2"])];
        let (a, b) = (state[1].clone(), state[0].clone());
        // Three hosts, of which two have disks of the same names.
        assert_eq!(observed_groups(&state, &[a.clone(), b.clone(), a.clone()]), state);
        assert_eq!(observed_groups(&state, std::slice::from_ref(&a)), state[1..]);
        let other = group("a", &["1"]);
        assert_eq!(observed_groups(&state, &[a.clone(), b.clone(), other.clone()]), [b.clone(), other]);
        // An import, and a state of the official provider, which has a block per host.
        assert_eq!(observed_groups(&[], &[a.clone(), b.clone(), a.clone()]), [a.clone(), b.clone()]);
        let three = [a.clone(), a.clone(), b];
        assert_eq!(observed_groups(&three, &three), three);
    }

    #[test]
    fn only_changed_fault_domains_are_sent() {
        let prior = domains(&[("h1", "a"), ("h2", "b")]);
        let now = domains(&[("h1", "a"), ("h2", "b"), ("h3", "c"), ("h4", "")]);
        assert_eq!(
            domain_changes(&prior, &domains(&[("h1", "a"), ("h4", "b")]), &now),
            domains(&[("h2", ""), ("h4", "b")])
        );
        assert_eq!(domain_changes(&prior, &prior, &now), Domains::new());
        // A host that has left the cluster.
        assert_eq!(domain_changes(&domains(&[("h9", "a")]), &Domains::new(), &now), Domains::new());
    }

    #[test]
    fn a_stretched_cluster_changes_in_steps() {
        let site = |name: &str, hosts: &[&str]| Site { name: name.to_owned(), hosts: set(hosts) };
        let sites = |witness: &str| Sites {
            preferred: site("P", &["h1"]),
            secondary: site("S", &["h2"]),
            witness: witness.to_owned(),
        };
        let (old, now) = (sites("w1"), domains(&[("h1", "P"), ("h2", "S"), ("h3", "")]));
        let witness = Witness { host: "w1".to_owned(), preferred: "P".to_owned() };
        assert_eq!(site_changes(None, Some(&old), None, &now), [SiteChange::Stretch(old.clone())]);
        assert_eq!(site_changes(Some(&old), Some(&old), Some(&witness), &now), []);
        assert_eq!(site_changes(Some(&old), None, Some(&witness), &now), [SiteChange::RemoveWitness]);
        assert_eq!(site_changes(Some(&old), None, None, &now), []);
        let added = Witness { host: "w2".to_owned(), preferred: "P".to_owned() };
        assert_eq!(
            site_changes(Some(&old), Some(&sites("w2")), Some(&witness), &now),
            [SiteChange::RemoveWitness, SiteChange::AddWitness(added)]
        );
        let mut plan = old.clone();
        std::mem::swap(&mut plan.preferred, &mut plan.secondary);
        plan.secondary.hosts.insert("h3".to_owned());
        assert_eq!(
            site_changes(Some(&old), Some(&plan), Some(&witness), &now),
            [SiteChange::Move(domains(&[("h3", "P")])), SiteChange::Prefer("S".to_owned())]
        );
        assert_eq!(Sites::observed("P", "w1".to_owned(), &domains(&[("h1", "P"), ("h2", "S")])), old);
    }
}
