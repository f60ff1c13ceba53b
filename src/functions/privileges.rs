//! The functions `expand_privileges` and `merge_privileges`.
use super::{list, parameter, strings, texts, wrong};
use crate::nearest::did_you_mean;
use std::collections::BTreeSet;
use tf_framework::server::{FunctionError, Signature};
use tf_framework::{Dynamic, Function};

/// The known privileges that a pattern means: itself, or those of its group where it ends in `.*`.
///
/// A group holds its privileges and those of the groups below it: `VirtualMachine.*` holds
/// `VirtualMachine.Config.Memory`.
fn matching<'a>(pattern: &str, known: &[&'a str]) -> Vec<&'a str> {
    match pattern.strip_suffix('*') {
        Some(group) => known.iter().filter(|k| k.starts_with(group)).copied().collect(),
        None => known.iter().filter(|k| **k == pattern).copied().collect(),
    }
}

/// The groups of privileges: `VirtualMachine.Config` for `VirtualMachine.Config.Memory`.
fn groups<'a>(known: &[&'a str]) -> BTreeSet<&'a str> {
    known.iter().filter_map(|k| k.rsplit_once('.').map(|(group, _)| group)).collect()
}

/// `expand_privileges(patterns, known)`
#[derive(Debug, Default)]
pub struct ExpandPrivileges;

impl Function for ExpandPrivileges {
    fn signature(&self) -> Signature {
        Signature {
            name: "expand_privileges",
            summary: "Expands privilege groups such as `VirtualMachine.Config.*`",
            doc: "Returns the IDs of the privileges that match the patterns, sorted and without duplicates. A pattern \
                  is a privilege ID, or a privilege group followed by `.*`, which matches all known privileges in the \
                  group and in the groups below it. A pattern that does not match a known privilege is an error.",
            parameters: vec![
                parameter(
                    "patterns",
                    strings(),
                    "Privilege IDs, and groups such as `VirtualMachine.Config.*`.",
                ),
                parameter(
                    "known",
                    strings(),
                    "The IDs of all known privileges, such as `data.vsphere_privileges.all.ids`.",
                ),
            ],
            variadic: None,
            returns: strings(),
        }
    }

    fn call(&self, arguments: &[Dynamic]) -> Result<Dynamic, FunctionError> {
        let (patterns, known) = (texts(arguments, 0), texts(arguments, 1));
        let mut out = BTreeSet::new();
        for p in patterns {
            let hits = matching(p, &known);
            if hits.is_empty() {
                let near = match p.strip_suffix(".*") {
                    Some(group) => did_you_mean(group, groups(&known)),
                    None => did_you_mean(p, known.iter().copied()),
                };
                return Err(wrong(0, format!("None of the known privileges is meant by {p:?}.{near}")));
            }
            out.extend(hits);
        }
        Ok(list(out))
    }
}

/// `merge_privileges(lists...)`
#[derive(Debug, Default)]
pub struct MergePrivileges;

impl Function for MergePrivileges {
    fn signature(&self) -> Signature {
        Signature {
            name: "merge_privileges",
            summary: "Merges the privileges of several roles",
            doc: "Returns the privilege IDs of all lists, sorted and without duplicates. vCenter keeps one role per \
                  principal and entity. If a principal requires two roles on the same entity, grant a role with the \
                  privileges of both.",
            parameters: vec![],
            variadic: Some(parameter("privileges", strings(), "Lists of privilege IDs.")),
            returns: strings(),
        }
    }

    fn call(&self, arguments: &[Dynamic]) -> Result<Dynamic, FunctionError> {
        let all: BTreeSet<&str> = (0..arguments.len()).flat_map(|n| texts(arguments, n)).collect();
        Ok(list(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 4] = [
        "Datastore.Browse",
        "VirtualMachine.Config.CPUCount",
        "VirtualMachine.Config.Memory",
        "VirtualMachine.State.X",
    ];

    fn expand(patterns: &[&str]) -> Result<Vec<String>, String> {
        let out = ExpandPrivileges.call(&[list(patterns), list(KNOWN)]).map_err(|e| e.text)?;
        Ok(out.items().iter().filter_map(Dynamic::as_str).map(str::to_owned).collect())
    }

    #[test]
    fn groups_are_expanded() {
        assert_eq!(
            expand(&["VirtualMachine.Config.*", "Datastore.Browse"]).unwrap(),
            ["Datastore.Browse", "VirtualMachine.Config.CPUCount", "VirtualMachine.Config.Memory"]
        );
        assert_eq!(expand(&["VirtualMachine.*"]).unwrap().len(), 3);
    }

    #[test]
    fn what_means_nothing_is_an_error() {
        assert!(
            expand(&["VirtualMachine.Confg.*"])
                .unwrap_err()
                .contains("Did you mean \"VirtualMachine.Config\"?")
        );
        assert!(expand(&["Datastore.Brows"]).unwrap_err().contains("Did you mean \"Datastore.Browse\"?"));
    }

    #[test]
    fn lists_are_merged() {
        let out = MergePrivileges.call(&[list(["b", "a"]), list(["c", "a"])]).unwrap();
        assert_eq!(out, list(["a", "b", "c"]));
    }
}
