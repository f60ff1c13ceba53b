//! Which members are powered on, powered off or suspended, and in which order.
use super::tree::{Group, Members};
use crate::vm::virtual_machine::transition::{Mode, Power, Verdict, towards, verdict};
use std::collections::BTreeSet;

/// Members that change together, and the groups among them, each with an order of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Wave {
    /// The number of seconds before that.
    pub(super) delay: u64,
    /// The IDs of virtual machines.
    pub(super) machines: Vec<String>,
    pub(super) groups: Vec<Vec<Wave>>,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Steps {
    /// One after the other.
    pub(super) waves: Vec<Wave>,
    /// The members that cannot get there from where they are, or must not, and why, as a sentence.
    pub(super) refused: Vec<(String, String)>,
}

impl Steps {
    /// The members that change.
    pub(super) fn changes(&self) -> BTreeSet<&str> {
        fn add<'a>(waves: &'a [Wave], out: &mut BTreeSet<&'a str>) {
            for wave in waves {
                out.extend(wave.machines.iter().map(String::as_str));
                wave.groups.iter().for_each(|waves| add(waves, out));
            }
        }
        let mut out = BTreeSet::new();
        add(&self.waves, &mut out);
        out
    }
}

/// The waves of a group with the members that `changes` is true for. What is left without one is not waited for.
fn waves(group: &Group, changes: &impl Fn(&str) -> bool) -> Vec<Wave> {
    let wave = |delay: u64, members: &Members| {
        let machines: Vec<String> = members.machines.iter().filter(|id| changes(id)).cloned().collect();
        let groups = members.groups.values().map(|g| waves(g, changes));
        let groups: Vec<_> = groups.filter(|waves| !waves.is_empty()).collect();
        let is_empty = machines.is_empty() && groups.is_empty();
        (!is_empty).then_some(Wave { delay, machines, groups })
    };
    let stages = group.boot_order.iter().map(|s| wave(s.delay, &s.members));
    stages.chain([wave(0, &group.others)]).flatten().collect()
}

/// What brings the members of a group to a power state. `now` is nothing for those that do not exist, `stops` is why a
/// member must not be powered on. Members are powered on in the boot order, and powered off or suspended all at once.
pub(super) fn steps(
    group: &Group,
    now: impl Fn(&str) -> Option<Power>,
    stops: impl Fn(&str) -> Option<String>,
    goal: Power,
    power_off: Mode,
) -> Steps {
    let of = |id: &str| now(id).map(|now| verdict(now, towards(goal), power_off));
    let stop = |id: &str| stops(id).filter(|_| goal == Power::On);
    let changes = |id: &str| of(id) == Some(Verdict::Possible) && stop(id).is_none();
    let (mut all, mut refused) = (vec![], vec![]);
    for member in group.members() {
        match of(member.id) {
            Some(Verdict::Possible) => match stop(member.id) {
                Some(why) => refused.push((member.id.to_owned(), why)),
                None => all.push(member.id.to_owned()),
            },
            Some(Verdict::Refused(why)) => refused.push((member.id.to_owned(), why.to_owned())),
            Some(Verdict::Done) | None => {}
        }
    }
    let waves = match goal {
        Power::On => waves(group, &changes),
        Power::Off | Power::Suspended if all.is_empty() => vec![],
        Power::Off | Power::Suspended => vec![Wave { machines: all, ..Wave::default() }],
    };
    Steps { waves, refused }
}

#[cfg(test)]
mod tests {
    use super::super::tree::tests::groups;
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const POWERS: [Power; 3] = [Power::On, Power::Off, Power::Suspended];
    const MODES: [Mode; 3] = [Mode::Hard, Mode::Soft, Mode::TrySoft];

    /// All virtual machines of waves, each with the moments that they are powered on at: the delays that were waited for,
    /// and the number of waves before.
    fn moments(
        waves: &[Wave],
        (mut delay, mut number): (u64, usize),
        out: &mut Vec<(String, u64, usize)>,
    ) -> (u64, usize) {
        for wave in waves {
            delay += wave.delay;
            out.extend(wave.machines.iter().map(|m| (m.clone(), delay, number)));
            let ends = wave.groups.iter().map(|g| moments(g, (delay, number), out)).collect::<Vec<_>>();
            delay = ends.iter().map(|e| e.0).max().unwrap_or(delay).max(delay);
            number = ends.iter().map(|e| e.1).max().unwrap_or(number).max(number + 1);
        }
        (delay, number)
    }

    fn listed(steps: &Steps) -> Vec<(String, u64, usize)> {
        let mut out = vec![];
        moments(&steps.waves, (0, 0), &mut out);
        out
    }

    #[test]
    fn members_change_by_the_boot_order() {
        use Power::{Off, On, Suspended};
        type Expected = &'static [(&'static str, u64, usize)];
        let three = "app(10s:vm-1/5s:vm-2,vm-3/vm-4,vm-5/)";
        let all: Expected =
            &[("vm-1", 10, 0), ("vm-2", 15, 1), ("vm-3", 15, 1), ("vm-4", 15, 2), ("vm-5", 15, 2)];
        for (id, off, suspended, missing, goal, expected, refused) in [
            (three, &[1, 2, 3, 4, 5][..], &[][..], &[][..], On, all, &[][..]),
            // One that was powered off: neither the others nor their delays count.
            (three, &[4], &[], &[], On, &[("vm-4", 0, 0)][..], &[]),
            (three, &[], &[2], &[], On, &[("vm-2", 5, 0)], &[]),
            (three, &[], &[], &[], On, &[], &[]),
            (three, &[1, 2], &[], &[1], On, &[("vm-2", 5, 0)], &[]),
            (
                three,
                &[3],
                &[],
                &[],
                Off,
                &[("vm-1", 0, 0), ("vm-2", 0, 0), ("vm-4", 0, 0), ("vm-5", 0, 0)],
                &[],
            ),
            (three, &[1, 2, 3, 4, 5], &[], &[], Off, &[], &[]),
            (three, &[1, 2, 3], &[4], &[], Suspended, &[("vm-5", 0, 0)], &["vm-1", "vm-2", "vm-3"]),
            (three, &[1, 2, 3], &[4], &[5], Off, &[], &["vm-4"]),
            // Members without a place in the order are the last ones.
            ("app(vm-2/vm-1)", &[1, 2], &[], &[], On, &[("vm-2", 0, 0), ("vm-1", 0, 1)], &[]),
            // A group in a group takes its time, and what is beside it does not wait.
            (
                "all(3s:db(vm-1/7s:vm-2/),vm-3/vm-4/)",
                &[1, 2, 3, 4],
                &[],
                &[],
                On,
                &[("vm-3", 3, 0), ("vm-1", 3, 0), ("vm-2", 10, 1), ("vm-4", 10, 2)],
                &[],
            ),
        ] {
            let group = Group::parse(id).unwrap();
            let now = |id: &str| {
                let n: i32 = id.trim_start_matches("vm-").parse().unwrap();
                let power = if off.contains(&n) {
                    Off
                } else if suspended.contains(&n) {
                    Suspended
                } else {
                    On
                };
                (!missing.contains(&n)).then_some(power)
            };
            let found = steps(&group, now, |_| None, goal, Mode::TrySoft);
            let moments = listed(&found);
            let moments: Vec<_> = moments.iter().map(|(m, d, n)| (m.as_str(), *d, *n)).collect();
            assert_eq!(moments, expected, "{id} {goal:?}");
            let names: Vec<_> = found.refused.iter().map(|(id, _)| id.as_str()).collect();
            assert_eq!(names, refused, "{id} {goal:?}");
        }
    }

    proptest! {
        #[test]
        fn one_apply_brings_every_member_there(
            group in groups(),
            powers in prop::collection::vec(0..4_usize, 1000),
            goal in 0..3_usize,
            mode in 0..3_usize,
            stopped in "[0-9]",
        ) {
            let (goal, mode) = (POWERS[goal], MODES[mode]);
            let stop = |id: &str| id.ends_with(&stopped).then(|| "It waits.".to_owned());
            let ids: BTreeSet<String> = group.members().iter().map(|m| m.id.to_owned()).collect();
            // The fourth one does not exist.
            let power = |id: &String| {
                let n: usize = id.trim_start_matches("vm-").parse().unwrap();
                POWERS.get(powers[n]).copied()
            };
            let mut now: BTreeMap<String, Option<Power>> = ids.iter().map(|id| (id.clone(), power(id))).collect();
            let before = now.clone();
            let found = steps(&group, |id| now[id], stop, goal, mode);
            let all = listed(&found);
            prop_assert_eq!(found.changes(), all.iter().map(|m| m.0.as_str()).collect());
            for (id, ..) in all {
                // Only members, and only those that are not there yet.
                prop_assert!(before[&id].is_some_and(|p| p != goal));
                prop_assert!(goal != Power::On || stop(&id).is_none());
                now.insert(id, Some(goal));
            }
            for (id, power) in &now {
                let refused = found.refused.iter().any(|(r, _)| r == id);
                prop_assert!(power.is_none() || *power == Some(goal) || refused, "{} {:?}", id, power);
                prop_assert!(!refused || *power == before[id]);
            }
            let again = steps(&group, |id| now[id], stop, goal, mode);
            prop_assert!(again.waves.is_empty());
            prop_assert_eq!(again.refused, found.refused);
        }

        #[test]
        fn a_stage_is_complete_before_the_next_one(group in groups()) {
            let found = steps(&group, |_| Some(Power::Off), |_| None, Power::On, Mode::Hard);
            let moments = listed(&found);
            prop_assert_eq!(moments.len(), group.members().len());
            // Of two members that occur once, the one of an earlier stage of the outermost group is first.
            let all = group.members();
            let place = |b: Option<usize>| b.unwrap_or(usize::MAX);
            for a in &all {
                for b in &all {
                    let count = |id: &str| all.iter().filter(|m| m.id == id).count();
                    if count(a.id) != 1 || count(b.id) != 1 || place(a.block) >= place(b.block) {
                        continue;
                    }
                    let of = |id: &str| moments.iter().find(|m| m.0 == id).map(|m| (m.1, m.2)).unwrap();
                    prop_assert!(of(a.id).0 <= of(b.id).0 && of(a.id).1 < of(b.id).1);
                }
            }
        }

        #[test]
        fn the_order_of_the_ids_in_a_stage_does_not_matter(numbers in prop::collection::btree_set(0..99_u32, 1..6), seed in 0..99_usize) {
            let ids: Vec<String> = numbers.iter().map(|n| format!("vm-{n}")).collect();
            let mut other = ids.clone();
            other.rotate_left(seed % ids.len());
            other.reverse();
            let plan = |ids: &[String]| {
                let group = Group::parse(&format!("a({}/)", ids.join(","))).unwrap();
                steps(&group, |_| Some(Power::Off), |_| None, Power::On, Mode::Hard)
            };
            prop_assert_eq!(plan(&ids), plan(&other));
        }
    }
}
