//! The link aggregation groups of a distributed switch: what a change of the configuration comes to. Pure.

/// A link aggregation group. What is not set is left to vCenter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lag {
    /// The name.
    pub name: String,
    /// `active` or `passive`.
    pub mode: Option<String>,
    /// The number of ports.
    pub uplinks: Option<i64>,
    /// How traffic is distributed to the ports.
    pub algorithm: Option<String>,
}

/// An operation of the API on one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Removes the group with a key.
    Remove(String),
    /// Changes the group with a key.
    Edit(String, Lag),
    /// Adds a group.
    Add(Lag),
}

/// What is still to be done. `now` are the existing groups with their keys. Groups that are neither in the state nor in the
/// plan are left alone.
pub fn changes(prior: &[String], plan: &[Lag], now: &[(String, Lag)]) -> Vec<Change> {
    let mut out: Vec<Change> = now
        .iter()
        .filter(|(_, lag)| prior.contains(&lag.name) && !plan.iter().any(|p| p.name == lag.name))
        .map(|(key, _)| Change::Remove(key.clone()))
        .collect();
    for wanted in plan {
        match now.iter().find(|(_, lag)| lag.name == wanted.name) {
            None => out.push(Change::Add(wanted.clone())),
            Some((key, lag)) => {
                let other = |new: &Option<String>, old: &Option<String>| new.is_some() && new != old;
                if other(&wanted.mode, &lag.mode)
                    || other(&wanted.algorithm, &lag.algorithm)
                    || (wanted.uplinks.is_some() && wanted.uplinks != lag.uplinks)
                {
                    out.push(Change::Edit(key.clone(), wanted.clone()));
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lag(name: &str, mode: &str) -> Lag {
        Lag { name: name.to_owned(), mode: Some(mode.to_owned()), ..Lag::default() }
    }

    #[test]
    fn groups_of_others_stay() {
        let now = [("1".to_owned(), lag("a", "active")), ("2".to_owned(), lag("b", "active"))];
        let names = |all: &[&str]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(changes(&names(&["a"]), &[], &now), [Change::Remove("1".to_owned())]);
        let open = Lag { mode: None, ..lag("a", "") };
        assert_eq!(changes(&names(&["a"]), &[open], &now), []);
        assert_eq!(
            changes(&[], &[lag("b", "passive"), lag("c", "active")], &now),
            [Change::Edit("2".to_owned(), lag("b", "passive")), Change::Add(lag("c", "active"))]
        );
        // Already removed.
        assert_eq!(changes(&names(&["x"]), &[], &now), []);
    }
}
