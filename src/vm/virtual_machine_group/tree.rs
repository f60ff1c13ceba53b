//! Who is a member of a group, and how its ID writes that.
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// How deep groups are nested at most before an ID is not read: what reads it calls itself.
const DEEPEST: usize = 100;

/// What an ID is, for messages.
pub(super) const EXPECTED: &str =
    "Expected the `id` of a `vsphere_virtual_machine_group`, such as \"app(vm-1/5s:vm-2,vm-3/)\".";

/// A group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Group {
    pub(super) name: String,
    /// Those that are powered on one stage after the other.
    pub(super) boot_order: Vec<Stage>,
    /// Those that are powered on after all others.
    pub(super) others: Members,
}

/// Members that are powered on together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Stage {
    /// The number of seconds before that.
    pub(super) delay: u64,
    pub(super) members: Members,
}

/// Virtual machines and groups.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Members {
    pub(super) machines: BTreeSet<String>,
    /// By their IDs.
    pub(super) groups: BTreeMap<String, Group>,
}

/// A virtual machine of a group, or of a group in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member<'a> {
    pub(super) id: &'a str,
    /// The names of the groups that it is in, from the outermost on, joined by slashes.
    pub(super) group: String,
    /// The position of its stage in the innermost of them; nothing where it has none.
    pub(super) stage: Option<usize>,
    /// The position of the stage in the outermost group; nothing where it has none.
    pub(super) block: Option<usize>,
    /// Whether it is in a group in the group.
    pub(super) nested: bool,
}

impl Members {
    fn add<'a>(&'a self, of: &Member<'a>, out: &mut Vec<Member<'a>>) {
        out.extend(self.machines.iter().map(|id| Member { id, ..of.clone() }));
        for group in self.groups.values() {
            let name = format!("{}/{}", of.group, group.name);
            group.add(&Member { group: name, nested: true, ..of.clone() }, out);
        }
    }

    fn is_empty(&self) -> bool {
        self.machines.is_empty() && self.groups.is_empty()
    }
}

impl Group {
    fn add<'a>(&'a self, of: &Member<'a>, out: &mut Vec<Member<'a>>) {
        let stages = self.boot_order.iter().map(|s| &s.members).enumerate().map(|(n, m)| (Some(n), m));
        for (stage, members) in stages.chain([(None, &self.others)]) {
            let block = if of.nested { of.block } else { stage };
            members.add(&Member { stage, block, ..of.clone() }, out);
        }
    }

    /// All virtual machines of it, in the order in which they are powered on; those of a stage by ID.
    pub(super) fn members(&self) -> Vec<Member<'_>> {
        let (group, mut out) = (self.name.clone(), vec![]);
        self.add(&Member { id: "", group, stage: None, block: None, nested: false }, &mut out);
        out
    }

    /// How many levels of groups there are, with this one.
    pub(super) fn levels(&self) -> usize {
        let all = self.boot_order.iter().map(|s| &s.members).chain([&self.others]);
        1 + all.flat_map(|m| m.groups.values()).map(Group::levels).max().unwrap_or_default()
    }

    /// Reads an ID.
    ///
    /// # Errors
    /// What is wrong with it, as a clause.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut rest = Rest(text);
        let name = rest.word();
        if !rest.skip('(') {
            return Err("does not have a list of members in parentheses".to_owned());
        }
        let group = rest.group(name, DEEPEST)?;
        if rest.0.is_empty() {
            Ok(group)
        } else {
            Err(format!("has {:?} after the last parenthesis", rest.0))
        }
    }
}

impl fmt::Display for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, id) in self.machines.iter().chain(self.groups.keys()).enumerate() {
            write!(f, "{}{id}", if n > 0 { "," } else { "" })?;
        }
        Ok(())
    }
}

/// The name, and in parentheses the stages, each with a slash after it, and the members that are in none. A delay is in
/// front of its stage.
impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.name)?;
        for stage in &self.boot_order {
            if stage.delay > 0 {
                write!(f, "{}s:", stage.delay)?;
            }
            write!(f, "{}/", stage.members)?;
        }
        write!(f, "{})", self.others)
    }
}

/// What is left to read.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn word(&mut self) -> &'a str {
        let end = self.0.find(['(', ')', ',', '/', ':']).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        self.0 = rest;
        word
    }

    fn skip(&mut self, c: char) -> bool {
        let rest = self.0.strip_prefix(c);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// The rest of a group, behind its parenthesis.
    fn group(&mut self, name: &str, deeper: usize) -> Result<Group, String> {
        if name.trim().is_empty() {
            return Err("has a group without a name".to_owned());
        }
        let mut group = Group { name: name.to_owned(), ..Group::default() };
        loop {
            let stage = self.stage(deeper)?;
            if self.skip('/') {
                group.boot_order.push(stage);
            } else if !self.skip(')') {
                return Err(match self.0 {
                    "" => "ends before a closing parenthesis".to_owned(),
                    rest => format!("does not have a comma, slash or closing parenthesis at {rest:?}"),
                });
            } else if stage.delay > 0 {
                return Err("has a delay without a slash after its members".to_owned());
            } else {
                group.others = stage.members;
                return Ok(group);
            }
        }
    }

    fn stage(&mut self, deeper: usize) -> Result<Stage, String> {
        let mut stage = Stage::default();
        let mut word = self.word();
        if self.skip(':') {
            let delay = word.strip_suffix('s').and_then(|n| n.parse().ok());
            stage.delay =
                delay.ok_or_else(|| format!("has {word:?} where a delay such as \"5s\" belongs"))?;
            word = self.word();
        }
        loop {
            if self.skip('(') {
                let deeper = deeper.checked_sub(1).ok_or("has too many levels of groups")?;
                let group = self.group(word, deeper)?;
                stage.members.groups.insert(group.to_string(), group);
            } else if !word.is_empty() {
                stage.members.machines.insert(word.to_owned());
            } else if !stage.members.is_empty() {
                return Err("has a comma without a member after it".to_owned());
            }
            if !self.skip(',') {
                return Ok(stage);
            }
            word = self.word();
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    fn members() -> impl Strategy<Value = Members> {
        prop::collection::btree_set("vm-[0-9]{1,3}", 0..4)
            .prop_map(|machines| Members { machines, ..Members::default() })
    }

    /// Groups of groups, with members that need not be different ones.
    pub(in super::super) fn groups() -> impl Strategy<Value = Group> {
        let of = |members: BoxedStrategy<Members>| {
            let stage = (0..9_u64, members.clone()).prop_map(|(delay, members)| Stage { delay, members });
            ("[a-z][a-z .-]{0,5}", prop::collection::vec(stage, 0..4), members)
                .prop_map(|(name, boot_order, others)| Group { name, boot_order, others })
        };
        of(members().boxed()).prop_recursive(3, 12, 2, move |inner| {
            let nested = prop::collection::vec(inner, 0..2);
            let both = (members(), nested).prop_map(|(members, groups)| Members {
                groups: groups.into_iter().map(|g| (g.to_string(), g)).collect(),
                ..members
            });
            of(both.boxed())
        })
    }

    #[test]
    fn an_id_has_the_boot_order() {
        for (id, members, levels) in [
            ("empty()", vec![], 1),
            ("web(vm-1,vm-2)", vec![("vm-1", "web", None, None), ("vm-2", "web", None, None)], 1),
            (
                "app(10s:vm-1/5s:vm-2,vm-3/vm-4/vm-5)",
                vec![
                    ("vm-1", "app", Some(0), Some(0)),
                    ("vm-2", "app", Some(1), Some(1)),
                    ("vm-3", "app", Some(1), Some(1)),
                    ("vm-4", "app", Some(2), Some(2)),
                    ("vm-5", "app", None, None),
                ],
                1,
            ),
            (
                "all(/vm-1,app(vm-2/db(vm-3))/)",
                vec![
                    ("vm-1", "all", Some(1), Some(1)),
                    ("vm-2", "all/app", Some(0), Some(1)),
                    ("vm-3", "all/app/db", None, Some(1)),
                ],
                3,
            ),
        ] {
            let group = Group::parse(id).unwrap();
            assert_eq!(group.to_string(), id);
            assert_eq!(group.levels(), levels, "{id}");
            let all = group.members();
            let found: Vec<_> = all.iter().map(|m| (m.id, m.group.as_str(), m.stage, m.block)).collect();
            assert_eq!(found, members, "{id}");
            assert!(all.iter().all(|m| m.nested == m.group.contains('/')));
        }
    }

    #[test]
    fn other_texts_are_not_an_id() {
        for (text, why) in [
            ("", "in parentheses"),
            ("vm-1", "in parentheses"),
            ("(vm-1)", "without a name"),
            (" (vm-1)", "without a name"),
            ("a(vm-1", "ends before"),
            ("a(vm-1:vm-2)", "where a delay"),
            ("a(b(vm-1)vm-2)", "slash or closing parenthesis at \"vm-2)\""),
            ("a(vm-1))", "after the last parenthesis"),
            ("a(vm-1,)", "comma without a member"),
            ("a(x:vm-1/)", "where a delay"),
            ("a(-5s:vm-1/)", "where a delay"),
            ("a(5s:vm-1)", "without a slash"),
            ("a((vm-1))", "without a name"),
        ] {
            let found = Group::parse(text).unwrap_err();
            assert!(found.contains(why), "{text}: {found}");
        }
        let deep = format!("{}{}", "a(".repeat(100_000), ")".repeat(100_000));
        assert!(Group::parse(&deep).unwrap_err().contains("too many levels"));
    }

    proptest! {
        #[test]
        fn an_id_is_read_as_it_is_written(group in groups()) {
            prop_assert_eq!(Group::parse(&group.to_string()), Ok(group));
        }

        #[test]
        fn no_text_is_too_odd(text in ".*", near in "[ab(),/:s5]{0,20}") {
            for text in [text, near] {
                if let Ok(group) = Group::parse(&text) {
                    let again = Group::parse(&group.to_string());
                    prop_assert_eq!(again, Ok(group));
                }
            }
        }
    }
}
