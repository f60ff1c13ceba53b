//! What each resource needs of a user: `acceptance-tests/reference/privileges.json`, from which a page is made, compared with
//! what the calls of the cases ask for.
use super::{Case, name_of, sorted};
use crate::root;
use crate::sim::Sim;
use anyhow::{Context, Result, ensure};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;

/// Where the table is.
const TABLE: &str = "acceptance-tests/reference/privileges.json";
/// Stands for objects of any type.
const ANY: &str = "*";

/// By type of resource and privilege: the types of objects on which it is asked for.
type Table = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// Privileges, each with the type of the object on which it was asked for.
type Asked = BTreeSet<(String, String)>;

/// What cases have asked for, by the types of resources that they have.
#[derive(Default)]
pub(crate) struct Seen(Mutex<Vec<(BTreeSet<String>, Asked)>>);

fn table() -> Result<Table> {
    let text = std::fs::read_to_string(root::dir().join(TABLE)).context(TABLE)?;
    serde_json::from_str(&text).context(TABLE)
}

impl Seen {
    /// Compares what a case has asked for with what the table has for the resources in it.
    pub(super) fn check(&self, case: &Case, sims: &[Sim]) -> Result<()> {
        let mut types = BTreeSet::new();
        for step in &case.steps {
            for file in case.configuration(step)?.values() {
                resources(file, &mut types)?;
            }
        }
        resources(&case.file("begin.tfstate"), &mut types)?;
        let mut asked = Asked::new();
        for sim in sims {
            let all = sim.admin("GET", "/sim/privileges", "")?;
            for one in all.as_array().into_iter().flatten() {
                let text = |k: &str| one[k].as_str().unwrap_or_default().to_owned();
                // govc makes calls as well, and so does the simulator, where a library item is deployed.
                if !["govc", "vcenter-sim"].iter().any(|other| text("agent").starts_with(other)) {
                    asked.insert((text("privilege"), text("type")));
                }
            }
        }
        let table = table()?;
        let known = |(privilege, on): &&(String, String)| {
            let of = types.iter().filter_map(|t| table.get(t)?.get(privilege));
            of.flatten().any(|o| o == on || o == ANY)
        };
        let new: Vec<String> =
            asked.iter().filter(|a| !known(a)).map(|(p, on)| format!("{p} on {on}")).collect();
        ensure!(
            new.is_empty(),
            "none of {types:?} has these privileges in {TABLE}, and they were asked for:\n{}",
            new.join("\n")
        );
        if let Ok(mut seen) = self.0.lock() {
            seen.push((types, asked));
        }
        Ok(())
    }

    /// What the table has, and no case has asked for.
    pub(super) fn never(&self) -> Result<Vec<String>> {
        let seen = self.0.lock().map(|s| s.clone()).unwrap_or_default();
        let mut out = vec![];
        for (ty, privileges) in table()? {
            let of = || seen.iter().filter(|(types, _)| types.contains(&ty)).flat_map(|(_, asked)| asked);
            for (privilege, on) in privileges {
                for on in
                    on.iter().filter(|on| !of().any(|(p, o)| *p == privilege && (o == *on || *on == ANY)))
                {
                    out.push(format!("{ty}: {privilege} on {on}"));
                }
            }
        }
        Ok(out)
    }
}

/// The types of the resources in a file or in the files of a folder; a data source needs no more than the resource of its
/// name.
fn resources(path: &Path, types: &mut BTreeSet<String>) -> Result<()> {
    if path.is_dir() {
        return sorted(path)?.iter().try_for_each(|p| resources(p, types));
    }
    if name_of(path).ends_with(".tf") {
        let text = std::fs::read_to_string(path)?;
        let blocks = text.lines().filter_map(|l| {
            let l = l.trim_start();
            l.strip_prefix("resource \"").or_else(|| l.strip_prefix("data \""))
        });
        types.extend(blocks.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
    } else if name_of(path) == "begin.tfstate" && path.is_file() {
        let state: Json = serde_json::from_str(&std::fs::read_to_string(path)?).unwrap_or_default();
        let all = state["resources"].as_array().into_iter().flatten();
        types.extend(all.filter_map(|r| Some(r["type"].as_str()?.to_owned())));
    }
    Ok(())
}
