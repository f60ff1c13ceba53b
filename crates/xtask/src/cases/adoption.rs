//! States written by the official provider: the same configuration must plan no change.
use super::{Bench, provider_files};
use crate::cli::Workdir;
use crate::report::{Outcome, Tier};
use crate::root;
use crate::sim::Sim;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const SOURCE: &str = "registry.terraform.io/vmware/vsphere";

/// The states, and where they were written: the older simulator gave other numbers.
const FILES: [&str; 5] = [
    "official-states.json",
    "official-states-2.json",
    PLANNED,
    "official-states-4.json",
    "official-states-5.json",
];

/// Many states of few kinds: planned without a look at the vCenter alone, or the run would take a quarter of an hour more.
const PLANNED: &str = "official-states-3.json";

/// The fixtures that cannot be made here, so that they are only planned without a look at the vCenter: each with a part of
/// the error that says why. All others have to be adopted with a refresh.
const NOT_MADE: &str = "not-made.toml";

/// What fixtures refer to that is in no other: it is made beside them.
const BESIDE: &str = "beside.toml";

/// What names an object, or is made up by the server for it: other here than where the state was written.
const OWN: [&str; 7] = ["change_version", "id", "instance_uuid", "mac_address", "moid", "uuid", "vmx_path"];

/// What fixtures refer to that is in no other fixture of their file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Beside {
    /// The fixtures, by the names that `NOT_MADE` uses.
    r#for: BTreeSet<String>,
    /// What is made, in HCL.
    #[serde(default)]
    resources: String,
    /// What is copied into the folder of the configuration, from below `acceptance-tests`.
    #[serde(default)]
    files: Vec<String>,
    /// For what a fixture says, the expression that says it here.
    #[serde(default)]
    instead: BTreeMap<String, String>,
}

/// What is made beside fixtures.
fn beside() -> Result<Vec<Beside>> {
    #[derive(Deserialize)]
    struct File {
        beside: Vec<Beside>,
    }
    let text = std::fs::read_to_string(root::dir().join("acceptance-tests/reference").join(BESIDE))?;
    let file: File = toml::from_str(&text).with_context(|| format!("{BESIDE} cannot be read"))?;
    Ok(file.beside)
}

/// The fixtures that cannot be made, by file, type and name, with a part of the error.
fn not_made() -> Result<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(root::dir().join("acceptance-tests/reference").join(NOT_MADE))?;
    toml::from_str(&text).with_context(|| format!("{NOT_MADE} cannot be read"))
}

fn fixtures() -> Result<Vec<(&'static str, Vec<Json>)>> {
    FILES
        .into_iter()
        .map(|file| {
            let text = std::fs::read_to_string(root::dir().join("acceptance-tests/reference").join(file))?;
            let all: Json = serde_json::from_str(&text)?;
            let all = all["fixtures"].as_array().context("no fixtures")?;
            Ok((file, all.iter().map(repaired).collect()))
        })
        .collect()
}

/// What was not resolved while the configuration was written down: the folder of packages, and escapes.
fn repaired(f: &Json) -> Json {
    let plain = |text: &str| Some(text.replace("@FIXTURES@", "/srv/fixtures").replace("\\\\", "\\"));
    let mut f = f.clone();
    f["config"] = referring(&f["config"], &plain);
    f
}

impl Bench {
    /// One folder per type and file, with all its states, and no look at the vCenter; then each state by itself on a vCenter
    /// that has what it speaks of.
    pub(crate) fn adoption(&self, tier: &mut Tier) -> Result<()> {
        let files = fixtures()?;
        let mut types: BTreeMap<String, Vec<Json>> = BTreeMap::new();
        let mut alone: Vec<(String, (usize, usize))> = vec![];
        for (n, (file, all)) in files.iter().enumerate() {
            let file = file.trim_end_matches(".json");
            for (i, f) in all.iter().enumerate() {
                let kind = f["type"].as_str().unwrap_or_default();
                let name = format!("adoption/{file}/{kind}");
                if self.wants(&name) {
                    types.entry(name).or_default().push(f.clone());
                }
                let name = format!(
                    "adoption/refreshed/{file}/{kind}/{}_{i}",
                    f["case"].as_str().unwrap_or_default()
                );
                if self.wants(&name) && FILES[n] != PLANNED {
                    alone.push((name, (n, i)));
                }
            }
        }
        if types.is_empty() && alone.is_empty() {
            return Ok(());
        }
        let every: Vec<String> = alone.iter().map(|(name, _)| name.clone()).collect();
        if let Some(part) = self.part {
            alone = part.of(alone);
        }
        let dir = self.fresh("adoption")?;
        let sim = Sim::start(&self.tools, &dir, "vcenter", &root::dir(), &[] as &[&str])?;
        let implemented = self.implemented(&dir, &sim)?;
        let types: Vec<_> = types.into_iter().collect();
        self.each(tier, &types, |name, fixtures, _| {
            let kind = name.rsplit('/').next().unwrap_or_default();
            if !implemented.contains(kind) {
                return Outcome::Skipped("not implemented yet".to_owned());
            }
            match self.adopt(&self.work.join(name), &sim, kind, fixtures) {
                Ok(()) => Outcome::Passed,
                Err(e) => Outcome::Failed(format!("{e:#}")),
            }
        });
        let not_made = not_made()?;
        let known = |key: &str| every.iter().any(|name| key_of(name) == key);
        let beside = beside()?;
        let named = not_made.keys().chain(beside.iter().flat_map(|b| &b.r#for));
        let stale = named.into_iter().find(|key| self.filter.is_none() && !known(key));
        ensure!(stale.is_none(), "{NOT_MADE} or {BESIDE} names {stale:?}, which is not a fixture");
        alone
            .retain(|(_, (n, i))| implemented.contains(files[*n].1[*i]["type"].as_str().unwrap_or_default()));
        self.each(tier, &alone, |name, (n, i), _| {
            let beside = beside.iter().find(|b| b.r#for.contains(key_of(name))).cloned().unwrap_or_default();
            let adopted =
                self.adopt_refreshed(&self.work.join(name), &files[*n].1, *i, &implemented, &beside);
            match (adopted, not_made.get(key_of(name))) {
                (Ok(None), None) => Outcome::Passed,
                (Ok(None), Some(_)) => Outcome::Failed(format!("it can be made: take it out of {NOT_MADE}")),
                (Ok(Some(error)), Some(part)) if error.contains(part) => {
                    Outcome::Skipped(format!("cannot be made here: {part}"))
                }
                (Ok(Some(error)), _) => Outcome::Failed(format!("cannot be made here: {error}")),
                (Err(e), _) => Outcome::Failed(format!("{e:#}")),
            }
        });
        Ok(())
    }

    /// Makes what a state speaks of, puts the state in the place of ours, and plans with a refresh. The error, where it
    /// cannot be made here.
    fn adopt_refreshed(
        &self,
        dir: &Path,
        all: &[Json],
        target: usize,
        implemented: &BTreeSet<String>,
        beside: &Beside,
    ) -> Result<Option<String>> {
        if dir.exists() {
            std::fs::remove_dir_all(dir)?;
        }
        std::fs::create_dir_all(dir)?;
        let principals = ["-directory", "acceptance-tests/reference/directory.json"];
        let sim = Sim::start(&self.tools, dir, "vcenter", &root::dir(), &principals)?;
        provider_files(dir, "", SOURCE, &sim.address)?;
        for from in beside.files.iter().map(|f| root::dir().join("acceptance-tests").join(f)) {
            std::fs::copy(&from, dir.join(from.file_name().unwrap_or_default()))?;
        }
        std::fs::write(dir.join("beside.tf"), &beside.resources)?;
        let world = world(all, target, implemented, &beside.instead);
        let tags = unmade_tags(all, &world);
        let config = configuration(all, &world, &tags, &beside.instead);
        std::fs::write(dir.join("main.tf.json"), serde_json::to_string_pretty(&config)?)?;
        let w = self.cli.in_dir(dir);
        let made = w.run(&["apply", "-no-color", "-auto-approve"])?;
        if made.code != 0 {
            // In one line, as frames and line breaks depend on the width of a terminal.
            let said = made.all().replace(['│', '╷', '╵'], " ");
            let words: Vec<&str> = said.split_whitespace().skip_while(|w| *w != "Error:").collect();
            return Ok(Some(words.join(" ")));
        }
        let at = dir.join("terraform.tfstate");
        let ours: Json = serde_json::from_str(&std::fs::read_to_string(&at)?)?;
        let made = |kind: &str, name: &str| {
            let mut all = ours["resources"].as_array().into_iter().flatten();
            all.find(|r| r["type"] == kind && r["name"] == name).context("it is not in the state")
        };
        let mut ids = BTreeMap::new();
        let mut resources = vec![];
        for (n, tag) in tags.iter().enumerate() {
            let resource = made("vsphere_tag", &tag_name(n))?;
            let id = resource["instances"][0]["attributes"]["id"].as_str().unwrap_or_default();
            ids.insert(tag.clone(), id.to_owned());
            resources.push(resource.clone());
        }
        if !tags.is_empty() {
            resources.push(made("vsphere_tag_category", CATEGORY)?.clone());
        }
        for i in &world {
            let kind = all[*i]["type"].as_str().unwrap_or_default();
            let instance = made(kind, &name_of_fixture(&all[*i], *i))?;
            renamed("", &all[*i]["prior"], &instance["instances"][0]["attributes"], &mut ids);
        }
        for (n, said) in beside.instead.keys().enumerate() {
            let value = ours["outputs"][output(n)]["value"].as_str().context("an output has no value")?;
            ids.insert(said.clone(), value.to_owned());
        }
        let of_beside = ours["resources"].as_array().into_iter().flatten();
        resources.extend(of_beside.filter(|r| r["name"] == "beside").cloned());
        resources.extend(world.iter().map(|i| {
            let mut f = all[*i].clone();
            f["prior"] = mapped(&f["prior"], &ids);
            stored(&name_of_fixture(&all[*i], *i), &f)
        }));
        std::fs::write(&at, serde_json::to_string_pretty(&state(resources, &ours["outputs"]))?)?;
        no_change(&w, &[])?;
        Ok(None)
    }

    /// The resource types that the provider has.
    fn implemented(&self, dir: &Path, sim: &Sim) -> Result<BTreeSet<String>> {
        let dir = dir.join("schema");
        std::fs::create_dir_all(&dir)?;
        provider_files(&dir, "", SOURCE, &sim.address)?;
        let schemas = self.cli.in_dir(&dir).run(&["providers", "schema", "-json"])?.ok()?.json()?;
        let resources = schemas["provider_schemas"][SOURCE]["resource_schemas"].as_object();
        Ok(resources.context("the provider has no resources")?.keys().cloned().collect())
    }

    fn adopt(&self, dir: &Path, sim: &Sim, kind: &str, fixtures: &[Json]) -> Result<()> {
        std::fs::create_dir_all(dir)?;
        provider_files(dir, "", SOURCE, &sim.address)?;
        let (config, state) = files(kind, fixtures);
        std::fs::write(dir.join("main.tf.json"), serde_json::to_string_pretty(&config)?)?;
        std::fs::write(dir.join("terraform.tfstate"), serde_json::to_string_pretty(&state)?)?;
        let w = self.cli.in_dir(dir);
        no_change(&w, &["-refresh=false"])
    }
}

/// Plans, and fails where anything changes. What Terraform calls an update although nothing differs is a sensitive
/// attribute that the fixture does not list as such.
fn no_change(w: &Workdir, flags: &[&str]) -> Result<()> {
    let mut args = vec!["plan", "-no-color", "-detailed-exitcode", "-out=plan"];
    args.extend(flags);
    let ran = w.run(&args)?;
    if ran.code == 0 {
        return Ok(());
    }
    ensure!(ran.code == 2, "{}", ran.all());
    let plan = w.run(&["show", "-json", "plan"])?.ok()?.json()?;
    let changes = plan["resource_changes"].as_array().into_iter().flatten().map(|r| &r["change"]);
    let same = |c: &Json| c["before"] == c["after"] && c["before"].is_object();
    ensure!(changes.into_iter().all(same), "{}", ran.all());
    Ok(())
}

/// What a fixture that is looked at is called in the list of those that cannot be made.
fn key_of(name: &str) -> &str {
    name.trim_start_matches("adoption/refreshed/")
}

fn name_of_fixture(f: &Json, i: usize) -> String {
    format!("{}_{i}", f["case"].as_str().unwrap_or("case").replace('-', "_"))
}

/// What one fixture takes from another, as an expression; nothing where it takes nothing.
fn taken(from: &Json, i: usize, text: &str) -> Option<String> {
    let kind = from["type"].as_str()?;
    if ["vsphere_entity_permissions", "vsphere_supervisor"].contains(&kind) {
        return None; // Its id is that of the entity, or of the cluster.
    }
    let by_name = kind.ends_with("_group") || kind == "vsphere_tag_category";
    let named = by_name.then_some("name");
    let named = named.or((kind == "vsphere_folder").then_some("path"));
    let attribute =
        ["id", "moid", "uuid"].into_iter().chain(named).find(|a| from["prior"][*a].as_str() == Some(text))?;
    Some(format!("${{{kind}.{}.{attribute}}}", name_of_fixture(from, i)))
}

/// A fixture and those that it needs, in this order; the last is needed by nothing.
fn world(
    all: &[Json],
    target: usize,
    implemented: &BTreeSet<String>,
    beside: &BTreeMap<String, String>,
) -> Vec<usize> {
    let mut out = vec![target];
    let mut at = 0;
    while let Some(&i) = out.get(at) {
        at += 1;
        let mut texts = vec![];
        collect(&all[i]["config"], &mut texts);
        let path = all[i]["config"]["path"].as_str().and_then(|p| p.rsplit_once('/')).map(|p| p.0.to_owned());
        texts.extend(path.filter(|_| all[i]["type"] == "vsphere_folder"));
        for text in texts.into_iter().filter(|text| !beside.contains_key(text)) {
            let own = all[i]["prior"]["path"].as_str() == Some(&text)
                || all[i]["prior"]["name"].as_str() == Some(&text);
            let found = all.iter().enumerate().find(|(j, f)| {
                *j != i
                    && !own
                    && implemented.contains(f["type"].as_str().unwrap_or_default())
                    && taken(f, *j, &text).is_some()
            });
            if let Some((j, _)) = found
                && !out.contains(&j)
            {
                out.push(j);
            }
        }
    }
    out
}

fn collect(v: &Json, out: &mut Vec<String>) {
    match v {
        Json::String(s) => out.push(s.clone()),
        Json::Array(a) => a.iter().for_each(|v| collect(v, out)),
        Json::Object(o) => o.iter().for_each(|(k, v)| {
            out.push(k.clone());
            collect(v, out);
        }),
        _ => {}
    }
}

/// What the category of tags is called that no fixture has.
const CATEGORY: &str = "made";

/// What its tags may be attached to: every type with `tags` that has fixtures.
const TAGGED: [&str; 10] = [
    "ClusterComputeResource",
    "Datacenter",
    "Datastore",
    "DistributedVirtualPortgroup",
    "Folder",
    "ResourcePool",
    "StoragePod",
    "VirtualApp",
    "VirtualMachine",
    "VmwareDistributedVirtualSwitch",
];

/// What such a tag is called.
fn tag_name(n: usize) -> String {
    format!("made_{n}")
}

/// The ids of tags that are attached and that no fixture of the world has.
fn unmade_tags(all: &[Json], world: &[usize]) -> Vec<String> {
    let mut texts = vec![];
    world.iter().for_each(|&i| collect(&all[i]["config"]["tags"], &mut texts));
    let is_made = |text: &String| world.iter().any(|&i| all[i]["prior"]["id"] == text.as_str());
    let tags: BTreeSet<String> = texts.into_iter().filter(|t| !is_made(t)).collect();
    tags.into_iter().collect()
}

/// The name of the output with the value of the `n`th expression of [`Beside::instead`].
fn output(n: usize) -> String {
    format!("beside_{n}")
}

/// The configuration of some fixtures, in which one refers to another where it has its id, of `tags` that none has, and of
/// outputs with the values of what is made beside them.
fn configuration(all: &[Json], world: &[usize], tags: &[String], beside: &BTreeMap<String, String>) -> Json {
    let mut out = Map::new();
    if !tags.is_empty() {
        let category = json!({ "name": CATEGORY, "cardinality": "MULTIPLE", "associable_types": TAGGED });
        out.insert("vsphere_tag_category".to_owned(), json!({ CATEGORY: category }));
        let category = format!("${{vsphere_tag_category.{CATEGORY}.id}}");
        let tag = |n: usize| json!({ "name": tag_name(n), "category_id": category });
        let made: Map<_, _> = (0..tags.len()).map(|n| (tag_name(n), tag(n))).collect();
        out.insert("vsphere_tag".to_owned(), made.into());
    }
    let tag = |text: &str| {
        let n = tags.iter().position(|t| t == text)?;
        Some(format!("${{vsphere_tag.{}.id}}", tag_name(n)))
    };
    for &i in world {
        let others: Vec<usize> = world.iter().copied().filter(|j| *j != i).collect();
        let refer = |text: &str| others.iter().find_map(|&j| taken(&all[j], j, text)).or_else(|| tag(text));
        let own = [all[i]["prior"]["path"].as_str(), all[i]["prior"]["name"].as_str()];
        let refer = |text: &str| if own.contains(&Some(text)) { None } else { refer(text) };
        let refer = |text: &str| beside.get(text).map(|e| format!("${{{e}}}")).or_else(|| refer(text));
        let mut config = referring(&literal(&all[i]["config"]), &refer);
        let parent = all[i]["config"]["path"].as_str().and_then(|p| p.rsplit_once('/'));
        if let (Some((parent, last)), true) = (parent, all[i]["type"] == "vsphere_folder")
            && let Some(parent) = refer(parent)
        {
            config["path"] = format!("{parent}/{last}").into();
        }
        let kind = all[i]["type"].as_str().unwrap_or_default().to_owned();
        let of_kind = out.entry(kind).or_insert_with(|| json!({}));
        of_kind[name_of_fixture(&all[i], i)] = config;
    }
    // A block without a label is an error, even where there is none.
    let outputs: Map<_, _> = (beside.values().enumerate())
        .map(|(n, e)| (output(n), json!({ "value": format!("${{{e}}}") })))
        .collect();
    let mut all = json!({ "resource": out });
    if !outputs.is_empty() {
        all["output"] = outputs.into();
    }
    all
}

fn referring(v: &Json, refer: &impl Fn(&str) -> Option<String>) -> Json {
    match v {
        Json::String(s) => refer(s).unwrap_or_else(|| s.clone()).into(),
        Json::Array(a) => a.iter().map(|v| referring(v, refer)).collect(),
        Json::Object(o) => o
            .iter()
            .map(|(k, v)| {
                (refer(k).filter(|_| v.is_string()).unwrap_or_else(|| k.clone()), referring(v, refer))
            })
            .collect::<Map<_, _>>()
            .into(),
        v => v.clone(),
    }
}

/// What the objects of a state are called here: the values of attributes that name them.
fn renamed(name: &str, theirs: &Json, ours: &Json, out: &mut BTreeMap<String, String>) {
    match (theirs, ours) {
        (Json::String(a), Json::String(b)) if OWN.contains(&name) && !a.is_empty() && a != b => {
            out.insert(a.clone(), b.clone());
        }
        (Json::Array(a), Json::Array(b)) => a.iter().zip(b).for_each(|(a, b)| renamed(name, a, b, out)),
        (Json::Object(a), Json::Object(b)) => {
            a.iter().for_each(|(k, v)| renamed(k, v, b.get(k).unwrap_or(&Json::Null), out));
        }
        _ => {}
    }
}

fn mapped(v: &Json, ids: &BTreeMap<String, String>) -> Json {
    referring(v, &|text: &str| ids.get(text).cloned())
}

fn stored(name: &str, f: &Json) -> Json {
    let mut instance = json!({
        "schema_version": f["schema_version"],
        "attributes": f["prior"],
        "sensitive_attributes": f["sensitive_attributes"],
    });
    if let Some(p) = f["private"].as_str() {
        instance["private"] = p.into();
    }
    json!({
        "mode": "managed",
        "type": f["type"],
        "name": name,
        "provider": format!("provider[\"{SOURCE}\"]"),
        "instances": [instance],
    })
}

fn state(resources: Vec<Json>, outputs: &Json) -> Json {
    json!({
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 1,
        "lineage": "00000000-0000-4000-8000-000000000000",
        "outputs": outputs,
        "resources": resources,
        "check_results": null,
    })
}

/// Configuration and state of some fixtures of one type.
fn files(kind: &str, fixtures: &[Json]) -> (Json, Json) {
    let mut config = Map::new();
    let mut resources = vec![];
    for (i, f) in fixtures.iter().enumerate() {
        let name = name_of_fixture(f, i);
        config.insert(name.clone(), literal(&f["config"]));
        resources.push(stored(&name, f));
    }
    (json!({ "resource": { kind: config } }), state(resources, &json!({})))
}

/// A value that JSON syntax does not take for a template. Blocks that are null in it are left out.
fn literal(v: &Json) -> Json {
    match v {
        Json::String(s) => s.replace("${", "$${").replace("%{", "%%{").into(),
        Json::Array(a) => a.iter().map(literal).collect(),
        Json::Object(o) => o
            .iter()
            .filter(|(_, v)| !v.is_null())
            .map(|(k, v)| (k.clone(), literal(v)))
            .collect::<Map<_, _>>()
            .into(),
        v => v.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_world_has_what_a_fixture_needs() {
        let all = [
            json!({ "case": "t", "type": "vsphere_tag", "config": { "name": "t", "category_id": "urn:c" }, "prior": { "id": "urn:t", "name": "t" } }),
            json!({ "case": "c", "type": "vsphere_tag_category", "config": { "name": "c" }, "prior": { "id": "urn:c" } }),
            json!({ "case": "f", "type": "vsphere_folder", "config": { "path": "a/b", "tags": ["urn:t"] }, "prior": { "path": "a/b" } }),
            json!({ "case": "g", "type": "vsphere_folder", "config": { "path": "a" }, "prior": { "path": "a" } }),
        ];
        let implemented = ["vsphere_tag", "vsphere_tag_category", "vsphere_folder"].map(str::to_owned).into();
        let world = world(&all, 2, &implemented, &BTreeMap::new());
        assert_eq!(world, [2, 0, 3, 1]);
        let config = configuration(&all, &world, &[], &BTreeMap::new());
        let folder = &config["resource"]["vsphere_folder"]["f_2"];
        assert_eq!(folder["path"], "${vsphere_folder.g_3.path}/b");
        assert_eq!(folder["tags"][0], "${vsphere_tag.t_0.id}");
        // A tag that no fixture has is made.
        let tags = unmade_tags(&all, &[2]);
        assert_eq!((tags.as_slice(), unmade_tags(&all, &[2, 0]).len()), (&["urn:t".to_owned()][..], 0));
        let config = configuration(&all, &[2], &tags, &BTreeMap::new());
        assert_eq!(config["resource"]["vsphere_folder"]["f_2"]["tags"][0], "${vsphere_tag.made_0.id}");
        assert_eq!(config["resource"]["vsphere_tag"]["made_0"]["name"], "made_0");
        let mut ids = BTreeMap::new();
        renamed("", &json!({ "id": "1", "size": "2" }), &json!({ "id": "7", "size": "8" }), &mut ids);
        assert_eq!(mapped(&json!({ "a": ["1", "2"] }), &ids), json!({ "a": ["7", "2"] }));
    }

    #[test]
    fn a_state_is_built_from_fixtures() {
        let f = json!({
            "case": "a-b", "type": "vsphere_x", "config": { "name": "${x}", "none": null }, "prior": { "id": "1" },
            "schema_version": 1, "sensitive_attributes": [], "private": "e30="
        });
        let (config, state) = files("vsphere_x", &[f]);
        assert_eq!(config["resource"]["vsphere_x"]["a_b_0"], json!({ "name": "$${x}" }));
        let instance = &state["resources"][0]["instances"][0];
        assert_eq!((&instance["private"], &instance["schema_version"]), (&json!("e30="), &json!(1)));
    }
}
