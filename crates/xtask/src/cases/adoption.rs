//! States written by the official provider: the same configuration must plan no change.
use super::{Bench, provider_files};
use crate::report::{Outcome, Tier};
use crate::root;
use crate::sim::Sim;
use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const SOURCE: &str = "registry.terraform.io/vmware/vsphere";

impl Bench {
    /// One folder per type, with all its states.
    pub(crate) fn adoption(&self, tier: &mut Tier) -> Result<()> {
        let text =
            std::fs::read_to_string(root::dir().join("acceptance-tests/reference/official-states.json"))?;
        let all: Json = serde_json::from_str(&text)?;
        let mut types: BTreeMap<String, Vec<Json>> = BTreeMap::new();
        for f in all["fixtures"].as_array().context("no fixtures")? {
            let name = f["type"].as_str().unwrap_or_default();
            if self.wants(&format!("adoption/{name}")) {
                types.entry(name.to_owned()).or_default().push(f.clone());
            }
        }
        if types.is_empty() {
            return Ok(());
        }
        let dir = self.fresh("adoption")?;
        let sim = Sim::start(&self.tools, &dir, "vcenter", &root::dir(), &[] as &[&str])?;
        let implemented = self.implemented(&dir, &sim)?;
        let types: Vec<_> = types.into_iter().map(|(name, f)| (format!("adoption/{name}"), f)).collect();
        self.each(tier, &types, |name, fixtures, _| {
            let kind = name.trim_start_matches("adoption/");
            if !implemented.contains(kind) {
                return Outcome::Skipped("not implemented yet".to_owned());
            }
            match self.adopt(&self.work.join(name), &sim, kind, fixtures) {
                Ok(()) => Outcome::Passed,
                Err(e) => Outcome::Failed(format!("{e:#}")),
            }
        });
        Ok(())
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
        let ran = w.run(&["plan", "-no-color", "-refresh=false", "-detailed-exitcode"])?;
        ensure!(ran.code == 0, "{}", ran.all());
        Ok(())
    }
}

/// Configuration and state of some fixtures of one type.
fn files(kind: &str, fixtures: &[Json]) -> (Json, Json) {
    let mut config = Map::new();
    let mut resources = vec![];
    for (i, f) in fixtures.iter().enumerate() {
        let name = format!("{}_{i}", f["case"].as_str().unwrap_or("case").replace('-', "_"));
        config.insert(name.clone(), literal(&f["config"]));
        let mut instance = json!({
            "schema_version": f["schema_version"],
            "attributes": f["prior"],
            "sensitive_attributes": f["sensitive_attributes"],
        });
        if let Some(p) = f["private"].as_str() {
            instance["private"] = p.into();
        }
        resources.push(json!({
            "mode": "managed",
            "type": kind,
            "name": name,
            "provider": format!("provider[\"{SOURCE}\"]"),
            "instances": [instance],
        }));
    }
    let config = json!({ "resource": { kind: config } });
    let state = json!({
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 1,
        "lineage": "00000000-0000-4000-8000-000000000000",
        "outputs": {},
        "resources": resources,
        "check_results": null,
    });
    (config, state)
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
    fn a_state_is_built_from_fixtures() {
        let f = json!({
            "case": "a-b", "config": { "name": "${x}", "none": null }, "prior": { "id": "1" },
            "schema_version": 1, "sensitive_attributes": [], "private": "e30="
        });
        let (config, state) = files("vsphere_x", &[f]);
        assert_eq!(config["resource"]["vsphere_x"]["a_b_0"], json!({ "name": "$${x}" }));
        let instance = &state["resources"][0]["instances"][0];
        assert_eq!((&instance["private"], &instance["schema_version"]), (&json!("e30="), &json!(1)));
    }
}
