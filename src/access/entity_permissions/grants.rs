//! Which of an entity's permissions are ours, and what has to change. Pure.
use vsphere_client::{Permission, Principal};

/// Who has a permission: a principal, and whether it is a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Holder {
    /// The name as vCenter has stored it.
    pub(super) principal: String,
    pub(super) is_group: bool,
    /// The name as the configuration has it.
    pub(super) named: String,
}

impl Holder {
    pub(super) fn of(p: &Permission) -> Self {
        Self { principal: p.principal.clone(), is_group: p.is_group, named: p.principal.clone() }
    }

    /// Whether the configuration means it with this name.
    pub(super) fn is_named(&self, name: &str, is_group: bool) -> bool {
        let name = Principal::new(name);
        self.is_group == is_group
            && (Principal::new(&self.named) == name || Principal::new(&self.principal) == name)
    }

    /// The name to show: vCenter's spelling of the name that the configuration has, or else the latter.
    pub(super) fn shown<'a>(&'a self, p: &'a Permission) -> &'a str {
        if Principal::new(&self.named) == Principal::new(&p.principal) { &p.principal } else { &self.named }
    }

    pub(super) fn is(&self, p: &Permission) -> bool {
        self.is_group == p.is_group && Principal::new(&self.principal) == Principal::new(&p.principal)
    }
}

/// Whether two permissions of one entity are the same in every way.
pub(super) fn equal(a: &Permission, b: &Permission) -> bool {
    Holder::of(a).is(b) && a.role_id == b.role_id && a.propagate == b.propagate
}

/// The permissions in the order in which the state has their holders; those it does not have behind them, by name.
pub(super) fn in_order(mut found: Vec<Permission>, state: &[Holder]) -> Vec<Permission> {
    found.sort_by_key(|p| {
        let place = state.iter().position(|h| h.is(p)).unwrap_or(usize::MAX);
        (place, p.principal.to_lowercase(), p.is_group)
    });
    found
}

/// What an update has to do.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Changes {
    pub(super) set: Vec<Permission>,
    pub(super) revoke: Vec<Permission>,
}

/// From what is there to what is wanted. Revoked is only what `may_revoke` lets go.
pub(super) fn changes(
    now: &[Permission],
    wanted: &[Permission],
    may_revoke: impl Fn(&Permission) -> bool,
) -> Changes {
    Changes {
        set: wanted.iter().filter(|w| !now.iter().any(|n| equal(n, w))).cloned().collect(),
        revoke: now
            .iter()
            .filter(|n| !wanted.iter().any(|w| Holder::of(w).is(n)) && may_revoke(n))
            .cloned()
            .collect(),
    }
}

/// The permissions of others that are going to be replaced, each with the place in `wanted` of what replaces it.
pub(super) fn replaced<'a>(
    now: &'a [Permission],
    wanted: &[Permission],
    ours: &[Holder],
) -> Vec<(usize, &'a Permission)> {
    let others = now.iter().filter(|n| !ours.iter().any(|h| h.is(n)));
    others
        .filter_map(|n| Some((wanted.iter().position(|w| Holder::of(w).is(n) && !equal(w, n))?, n)))
        .collect()
}

/// How a plan may keep what the state has beyond the configuration.
#[derive(Debug, PartialEq)]
pub(super) enum Kept {
    /// The configuration as it is.
    Configured,
    /// The same grants in another order or spelling: the state as it is.
    State,
    /// The state has undeclared permissions, by their indexes in it: they are kept.
    Undeclared(Vec<usize>),
}

/// What to plan for a state that may contain undeclared permissions. `known`: whether this provider wrote the state.
pub(super) fn keep(state: &[Permission], config: &[Permission], known: bool) -> Kept {
    let foreign: Vec<usize> = state
        .iter()
        .enumerate()
        .filter(|(_, s)| !config.iter().any(|c| Holder::of(c).is(s)))
        .map(|(i, _)| i)
        .collect();
    let unchanged = config.iter().all(|c| state.iter().any(|s| equal(s, c)));
    match (foreign.is_empty(), unchanged && state.len() == config.len()) {
        (true, true) => Kept::State,
        (false, _) if !known => Kept::Undeclared(foreign),
        _ => Kept::Configured,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(principal: &str, role_id: i32) -> Permission {
        Permission { entity: None, principal: principal.into(), is_group: false, role_id, propagate: true }
    }

    fn names(x: &[Permission]) -> Vec<&str> {
        x.iter().map(|p| p.principal.as_str()).collect()
    }

    #[test]
    fn only_what_differs_is_set_and_only_what_may_go_is_revoked() {
        let now = [p("a@x", 1), p("b@x", 1), p("undeclared@x", 1), p("old@x", 1)];
        let wanted = [p("X\\A", 1), p("b@x", 2), p("new@x", 3)];
        let c = changes(&now, &wanted, |p| p.principal == "old@x");
        assert_eq!((names(&c.set), names(&c.revoke)), (vec!["b@x", "new@x"], vec!["old@x"]));
    }

    #[test]
    fn a_replaced_undeclared_permission_is_reported() {
        let now = [p("a@x", 1), p("b@x", 1), p("c@x", 1)];
        let wanted = [p("c@x", 1), p("X\\B", 2), p("a@x", 2), p("new@x", 2)];
        let found = replaced(&now, &wanted, &[Holder::of(&now[0])]);
        assert_eq!(found, [(1, &now[1])]);
    }

    #[test]
    fn a_foreign_state_keeps_its_undeclared_permissions() {
        let state = [p("undeclared@x", 1), p("a@x", 1)];
        assert_eq!(keep(&state, &[p("a@x", 1)], false), Kept::Undeclared(vec![0]));
        assert_eq!(keep(&state, &[p("a@x", 9)], false), Kept::Undeclared(vec![0]));
        assert_eq!(keep(&state, &[p("a@x", 1)], true), Kept::Configured);
    }

    #[test]
    fn order_does_not_matter() {
        let (a, b) = (p("a@x", 1), p("b@x", 1));
        assert_eq!(keep(&[a.clone(), b.clone()], &[b.clone(), p("X\\a", 1)], true), Kept::State);
        assert_eq!(keep(std::slice::from_ref(&a), &[a.clone(), b], false), Kept::Configured);
    }

    #[test]
    fn the_order_of_the_state_is_kept() {
        let state = [Holder::of(&p("b@x", 1)), Holder::of(&p("a@x", 1))];
        let found = in_order(vec![p("z@x", 1), p("a@x", 1), p("X\\b", 1), p("c@x", 1)], &state);
        assert_eq!(names(&found), ["X\\b", "a@x", "c@x", "z@x"]);
    }
}
