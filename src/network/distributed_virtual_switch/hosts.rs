//! The hosts of a distributed switch, and the private VLANs: what a change of the configuration comes to. Pure.

/// A host of a switch, with its physical adapters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The managed object ID of the host.
    pub host: String,
    /// The adapters that connect the host to the switch.
    pub devices: Vec<String>,
}

/// A change of one host. Each is made by itself, so that it succeeds or fails without the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The host leaves the switch.
    Remove(Member),
    /// The host gets other adapters.
    Edit(Member),
    /// The host joins the switch.
    Add(Member),
}

fn same_devices(a: &Member, b: &Member) -> bool {
    let sorted = |m: &Member| {
        let mut devices = m.devices.clone();
        devices.sort();
        devices
    };
    sorted(a) == sorted(b)
}

/// What leads from `now` to `wanted`: first those that leave, then those that change, then those that join.
pub fn changes(now: &[Member], wanted: &[Member]) -> Vec<Change> {
    let of = |all: &'_ [Member], host: &str| all.iter().find(|m| m.host == host).cloned();
    let removed = now.iter().filter(|m| of(wanted, &m.host).is_none()).cloned().map(Change::Remove);
    let edited = wanted.iter().filter(|m| of(now, &m.host).is_some_and(|was| !same_devices(&was, m)));
    let added = wanted.iter().filter(|m| of(now, &m.host).is_none()).cloned().map(Change::Add);
    removed.chain(edited.cloned().map(Change::Edit)).chain(added).collect()
}

/// The members after a change.
pub fn apply(mut members: Vec<Member>, change: &Change) -> Vec<Member> {
    match change {
        Change::Remove(old) => members.retain(|m| m.host != old.host),
        Change::Add(new) => members.push(new.clone()),
        Change::Edit(new) => {
            if let Some(old) = members.iter_mut().find(|m| m.host == new.host) {
                *old = new.clone();
            }
        }
    }
    members
}

/// The adapters that a host no longer has after a change.
pub fn lost(was: &Member, wanted: Option<&Member>) -> Vec<String> {
    let kept = |d: &String| wanted.is_some_and(|w| w.devices.contains(d));
    was.devices.iter().filter(|d| !kept(d)).cloned().collect()
}

/// A mapping of a private VLAN.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pvlan {
    /// The primary VLAN ID.
    pub primary: i64,
    /// The secondary VLAN ID; that of the primary one for `promiscuous`.
    pub secondary: i64,
    /// `promiscuous`, `isolated` or `community`.
    pub kind: String,
}

impl Pvlan {
    fn is_primary(&self) -> bool {
        self.kind == "promiscuous"
    }
}

/// What leads from the mappings `now` to those `wanted`, as operations of the API. A secondary VLAN needs its primary one: a
/// primary VLAN is added first and removed last.
pub fn pvlan_changes(now: &[Pvlan], wanted: &[Pvlan]) -> Vec<(&'static str, Pvlan)> {
    let changed = |p: &&Pvlan| !wanted.contains(p);
    let new = |p: &&Pvlan| !now.contains(p);
    let twin = |p: &Pvlan, all: &[Pvlan]| {
        !p.is_primary() && all.iter().any(|o| !o.is_primary() && o.secondary == p.secondary)
    };
    let mut removed: Vec<Pvlan> = now.iter().filter(changed).filter(|p| !twin(p, wanted)).cloned().collect();
    removed.sort_by_key(Pvlan::is_primary);
    let mut added: Vec<Pvlan> = wanted.iter().filter(new).filter(|p| !twin(p, now)).cloned().collect();
    added.sort_by_key(|p| !p.is_primary());
    let edited = wanted.iter().filter(new).filter(|p| twin(p, now)).cloned();
    let with = |op: &'static str| move |p: Pvlan| (op, p);
    removed
        .into_iter()
        .map(with("remove"))
        .chain(added.into_iter().map(with("add")))
        .chain(edited.map(with("edit")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn member(host: &str, devices: &[&str]) -> Member {
        Member { host: host.into(), devices: devices.iter().map(|d| (*d).into()).collect() }
    }

    #[test]
    fn hosts_leave_before_others_join() {
        let now =
            [member("host-1", &["vmnic1"]), member("host-2", &["vmnic1"]), member("host-3", &["a", "b"])];
        let wanted = [member("host-4", &[]), member("host-2", &["vmnic2"]), member("host-3", &["b", "a"])];
        assert_eq!(
            changes(&now, &wanted),
            [Change::Remove(now[0].clone()), Change::Edit(wanted[1].clone()), Change::Add(wanted[0].clone()),]
        );
        assert_eq!(lost(&now[1], Some(&wanted[1])), ["vmnic1"]);
        assert_eq!(lost(&now[2], Some(&wanted[2])), [""; 0]);
        assert_eq!(lost(&now[0], None), ["vmnic1"]);
    }

    #[test]
    fn primary_vlans_are_added_first_and_removed_last() {
        let pvlan = |primary, secondary, kind: &str| Pvlan { primary, secondary, kind: kind.into() };
        let now = [pvlan(1, 1, "promiscuous"), pvlan(1, 2, "isolated"), pvlan(5, 6, "community")];
        let wanted = [pvlan(3, 4, "isolated"), pvlan(3, 3, "promiscuous"), pvlan(5, 6, "isolated")];
        assert_eq!(
            pvlan_changes(&now, &wanted),
            [
                ("remove", now[1].clone()),
                ("remove", now[0].clone()),
                ("add", wanted[1].clone()),
                ("add", wanted[0].clone()),
                ("edit", wanted[2].clone()),
            ]
        );
        assert_eq!(pvlan_changes(&now, &now), []);
    }

    proptest! {
        /// Whatever there is and whatever is wanted: the changes lead to it, and each host changes at most once.
        #[test]
        fn changes_lead_to_what_is_wanted(
            now in proptest::collection::btree_map("host-[1-5]", proptest::collection::vec("vmnic[0-3]", 0..3), 0..5),
            wanted in proptest::collection::btree_map("host-[1-5]", proptest::collection::vec("vmnic[0-3]", 0..3), 0..5),
        ) {
            let list = |m: std::collections::BTreeMap<String, Vec<String>>| -> Vec<Member> {
                m.into_iter().map(|(host, devices)| Member { host, devices }).collect()
            };
            let (now, wanted) = (list(now), list(wanted));
            let all = changes(&now, &wanted);
            prop_assert!(all.len() <= 5);
            let end = all.iter().fold(now, apply);
            prop_assert_eq!(changes(&end, &wanted), vec![]);
            prop_assert_eq!(end.len(), wanted.len());
        }
    }
}
