//! A real vCenter's inventory: a dump that `govc object.save` has written, served by the simulated vCenter. Everything in it
//! is looked up and imported, the values are compared with what govc says, and one change is made on every machine: nothing
//! but that change may be sent.
use super::{Bench, hcl, provider_files};
use crate::report::{Outcome, Tier};
use crate::sim::Sim;
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

const SOURCE: &str = "registry.terraform.io/vmware/vsphere";
const CHANGED: &str = "changed by a test";

/// What govc calls a type, the data source for it, the argument that takes a path, and the attribute that is its id.
const TYPES: [(&str, &str, &str, &str); 9] = [
    ("d", "vsphere_datacenter", "name", "id"),
    ("f", "vsphere_folder", "path", "id"),
    ("c", "vsphere_compute_cluster", "name", "id"),
    ("h", "vsphere_host", "name", "id"),
    ("s", "vsphere_datastore", "name", "id"),
    ("n", "vsphere_network", "name", "id"),
    ("g", "vsphere_network", "name", "id"),
    ("p", "vsphere_resource_pool", "name", "id"),
    ("m", "vsphere_virtual_machine", "name", "moid"),
];

/// An object of the dump.
struct Object {
    ty: &'static (&'static str, &'static str, &'static str, &'static str),
    id: String,
    path: String,
}

impl Object {
    /// What it is called in a configuration.
    fn label(&self) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        format!("x_{}", self.id.chars().map(plain).collect::<String>())
    }
}

impl Bench {
    /// All tests of one dump; without one, a notice.
    pub(crate) fn recorded(&self, tier: &mut Tier, dump: Option<&Path>) -> Result<()> {
        let Some(dump) = dump else {
            let how = "no dump was given: cargo xtask test --only recorded --dump DIR, with a folder that `govc \
                       object.save -d DIR` has written";
            tier.add("recorded", Outcome::Skipped(how.to_owned()));
            return Ok(());
        };
        let dump = std::path::absolute(dump)?;
        let dir = self.fresh("recorded")?;
        let sim = Sim::start(&self.tools, &dir, "vcenter", &dir, &["-load".as_ref(), dump.as_os_str()])?;
        let objects = objects(&sim)?;
        ensure!(!objects.is_empty(), "there is nothing in {}", dump.display());
        println!("{} objects", objects.len());
        let mut add = |name: &str, done: Result<()>| {
            tier.add(name, done.map_or_else(|e| Outcome::Failed(format!("{e:#}")), |()| Outcome::Passed));
        };
        add("recorded/looked-up", self.looked_up(&dir.join("looked-up"), &sim, &objects));
        add("recorded/others-imported", self.others_imported(&dir.join("others"), &sim, &objects));
        let imported = self.imported(&dir.join("imported"), &sim, &objects);
        let can_change = imported.is_ok();
        add("recorded/imported", imported);
        if can_change {
            add("recorded/changed", self.changed(&dir.join("imported"), &sim, &objects));
        }
        Ok(())
    }

    /// A data source for every object, by its path.
    fn looked_up(&self, dir: &Path, sim: &Sim, objects: &[Object]) -> Result<()> {
        std::fs::create_dir_all(dir)?;
        provider_files(dir, "", SOURCE, &sim.address)?;
        let mut data: BTreeMap<&str, Map<String, Json>> = BTreeMap::new();
        let mut outputs = Map::new();
        for o in objects {
            let (_, data_source, argument, id) = o.ty;
            let mut block = json!({ *argument: literal(&o.path) });
            if *data_source == "vsphere_host" {
                let above = |d: &&Object| d.ty.0 == "d" && o.path.starts_with(&format!("{}/", d.path));
                let datacenter = objects.iter().find(above).context("a host outside of datacenters")?;
                block["datacenter_id"] = datacenter.id.as_str().into();
            }
            data.entry(data_source).or_default().insert(o.label(), block);
            let mut wanted = vec![*id];
            if *data_source == "vsphere_virtual_machine" {
                wanted.extend(["uuid", "num_cpus", "memory", "guest_id", "firmware"]);
            }
            for attribute in wanted {
                let value = format!("${{data.{data_source}.{}.{attribute}}}", o.label());
                outputs.insert(format!("{}-{attribute}", o.label()), json!({ "value": value }));
            }
        }
        let config = json!({ "data": data, "output": outputs });
        std::fs::write(dir.join("main.tf.json"), serde_json::to_string_pretty(&config)?)?;
        let w = self.cli.in_dir(dir);
        w.run(&["plan", "-no-color", "-out=plan.bin"])?.ok()?;
        let plan = w.run(&["show", "-json", "plan.bin"])?.ok()?.json()?;
        let seen = &plan["planned_values"]["outputs"];
        let mut wrong = vec![];
        for o in objects {
            let (_, data_source, _, id) = o.ty;
            compare(&mut wrong, o, id, &seen[format!("{}-{id}", o.label())]["value"], &o.id.as_str().into());
            if *data_source == "vsphere_virtual_machine" {
                let config = machine(sim, o)?;
                for (attribute, is) in [
                    ("uuid", &config["uuid"]),
                    ("num_cpus", &config["hardware"]["numCPU"]),
                    ("memory", &config["hardware"]["memoryMB"]),
                    ("guest_id", &config["guestId"]),
                    ("firmware", &config["firmware"]),
                ] {
                    let value = &seen[format!("{}-{attribute}", o.label())]["value"];
                    compare(&mut wrong, o, attribute, value, is);
                }
            }
        }
        report(&wrong)
    }

    /// Everything but the machines, with a configuration that Terraform writes; nothing may be left to change.
    fn others_imported(&self, dir: &Path, sim: &Sim, objects: &[Object]) -> Result<()> {
        std::fs::create_dir_all(dir)?;
        provider_files(dir, "", SOURCE, &sim.address)?;
        let all = others(sim, objects)?;
        let mut text = String::new();
        for (i, Other { ty, id, .. }) in all.iter().enumerate() {
            let _ = writeln!(text, "import {{\n  to = {ty}.x{i}\n  id = \"{}\"\n}}", hcl(id));
        }
        std::fs::write(dir.join("import.tf"), text)?;
        let w = self.cli.in_dir(dir);
        w.run(&["plan", "-no-color", "-generate-config-out=made.tf", "-out=plan.bin"])?.ok()?;
        let plan = w.run(&["show", "-json", "plan.bin"])?.ok()?.json()?;
        let changes = plan["resource_changes"].as_array().cloned().unwrap_or_default();
        let mut wrong = vec![];
        for (i, Other { ty, id, facts }) in all.iter().enumerate() {
            let address = format!("{ty}.x{i}");
            let change = changes.iter().find(|c| c["address"] == address.as_str());
            let change = &change.context("it is not imported")?["change"];
            if change["actions"] != json!(["no-op"]) {
                wrong.push(format!("{ty} {id}: {}", difference(change)));
            }
            for (attribute, expected) in facts {
                let is = &change["before"][*attribute];
                // A number stands for so many elements.
                let is =
                    if expected.is_u64() && is.is_array() { &json!(is.as_array().map(Vec::len)) } else { is };
                if is != expected {
                    wrong.push(format!("{ty} {id}: {attribute} is {is}, and not {expected}"));
                }
            }
        }
        report(&wrong)?;
        w.run(&["apply", "-no-color", "plan.bin"])?.ok()?;
        let again = w.run(&["plan", "-no-color", "-detailed-exitcode"])?;
        ensure!(again.code == 0, "the second plan is not empty: {}", again.all());
        println!("{} imported beside the machines", all.len());
        Ok(())
    }

    /// Every machine, with a configuration that Terraform writes; nothing may be left to change.
    fn imported(&self, dir: &Path, sim: &Sim, objects: &[Object]) -> Result<()> {
        std::fs::create_dir_all(dir)?;
        provider_files(dir, "", SOURCE, &sim.address)?;
        let mut text = String::new();
        for o in machines(objects) {
            let _ = writeln!(
                text,
                "import {{\n  to = vsphere_virtual_machine.{}\n  id = \"{}\"\n}}",
                o.label(),
                o.id
            );
        }
        std::fs::write(dir.join("import.tf"), text)?;
        let w = self.cli.in_dir(dir);
        w.run(&["plan", "-no-color", "-generate-config-out=made.tf", "-out=plan.bin"])?.ok()?;
        let plan = w.run(&["show", "-json", "plan.bin"])?.ok()?.json()?;
        let changes = plan["resource_changes"].as_array().cloned().unwrap_or_default();
        let mut wrong = vec![];
        for o in machines(objects) {
            let label = o.label();
            let change =
                changes.iter().find(|c| c["name"] == label.as_str()).context("it is not imported")?;
            if change["change"]["actions"] != json!(["no-op"]) {
                wrong.push(format!("{}: {}", o.path, difference(&change["change"])));
            }
            let is = &change["change"]["before"];
            let config = machine(sim, o)?;
            for (attribute, expected) in expected(&config, &devices(sim, o)?) {
                compare(&mut wrong, o, attribute, &seen(is, attribute), &expected);
            }
        }
        report(&wrong)?;
        w.run(&["apply", "-no-color", "plan.bin"])?.ok()?;
        let again = w.run(&["plan", "-no-color", "-detailed-exitcode"])?;
        ensure!(again.code == 0, "the second plan is not empty: {}", again.all());
        Ok(())
    }

    /// Another annotation for every machine; the requests hold nothing else.
    fn changed(&self, dir: &Path, sim: &Sim, objects: &[Object]) -> Result<()> {
        let made = dir.join("made.tf");
        let before = std::fs::read_to_string(&made)?;
        let mut text = String::new();
        for line in before.lines() {
            if line.starts_with("resource \"vsphere_virtual_machine\"") {
                let _ = writeln!(text, "{line}\n  annotation = \"{CHANGED}\"");
            } else if !line.starts_with("  annotation ") {
                let _ = writeln!(text, "{line}");
            }
        }
        ensure!(
            !before.contains("<<"),
            "{} has a text of several lines, which is not understood",
            made.display()
        );
        std::fs::write(&made, text)?;
        let w = self.cli.in_dir(dir);
        w.run(&["plan", "-no-color", "-out=plan.bin"])?.ok()?;
        let plan = w.run(&["show", "-json", "plan.bin"])?.ok()?.json()?;
        let mut wrong = vec![];
        for change in plan["resource_changes"].as_array().into_iter().flatten() {
            let differs = difference(&change["change"]);
            // The first change of an imported machine also notes that its state now has what the configuration says.
            if change["change"]["actions"] != json!(["update"]) || differs != "annotation, imported" {
                wrong.push(format!("{}: {} of {differs}", change["address"], change["change"]["actions"]));
            }
        }
        report(&wrong)?;
        let known = sim.calls().len();
        w.run(&["apply", "-no-color", "plan.bin"])?.ok()?;
        let calls = sim.calls();
        let sent: Vec<&Json> = calls.iter().skip(known).filter(|c| c["soap"] == "ReconfigVM_Task").collect();
        let count = machines(objects).count();
        ensure!(sent.len() == count, "{} requests change {count} machines", sent.len());
        for call in sent {
            let body = call["body"].as_str().unwrap_or_default();
            let rest = without(&without(spec(body)?, "changeVersion"), "annotation");
            if !rest.trim().is_empty() {
                wrong.push(format!("{}: more than the annotation is sent: {rest}", call["this"]));
            }
        }
        let again = w.run(&["plan", "-no-color", "-detailed-exitcode"])?;
        ensure!(again.code == 0, "the plan after the change is not empty: {}", again.all());
        report(&wrong)
    }
}

fn machines(objects: &[Object]) -> impl Iterator<Item = &Object> {
    objects.iter().filter(|o| o.ty.0 == "m")
}

/// Importable objects other than virtual machines.
struct Other {
    ty: &'static str,
    /// The import id.
    id: String,
    /// What the state has to say.
    facts: Vec<(&'static str, Json)>,
}

/// Everything that can be imported, but for the machines, as govc sees it.
fn others(sim: &Sim, objects: &[Object]) -> Result<Vec<Other>> {
    let json = |line: &str| -> Result<Json> { Ok(serde_json::from_str(&sim.govc(line)?)?) };
    let mut all = vec![];
    for o in objects {
        let (ty, fact) = match o.ty.0 {
            "d" => ("vsphere_datacenter", "moid"),
            "f" => ("vsphere_folder", "id"),
            // The root pool is the cluster's.
            "p" if !o.path.ends_with("/Resources") => ("vsphere_resource_pool", "id"),
            _ => continue,
        };
        all.push(Other { ty, id: o.path.clone(), facts: vec![(fact, o.id.as_str().into())] });
    }
    for line in sim.govc("fields.ls")?.lines() {
        let mut words = line.split_whitespace();
        if let (Some(key), Some(name), Some(of)) = (words.next(), words.next(), words.next()) {
            let facts = vec![("id", key.into()), ("managed_object_type", of.into())];
            all.push(Other { ty: "vsphere_custom_attribute", id: name.to_owned(), facts });
        }
    }
    let roles = json("role.ls -json")?;
    for role in roles.as_array().into_iter().flatten().filter(|r| r["system"] == false) {
        let mut privileges = role["privilege"].as_array().cloned().unwrap_or_default();
        privileges.retain(|p| p.as_str().is_some_and(|p| !p.starts_with("System.")));
        let facts = vec![("name", role["name"].clone()), ("role_privileges", privileges.len().into())];
        all.push(Other { ty: "vsphere_role", id: role["roleId"].to_string(), facts });
    }
    let granted = sim.govc("permissions.ls /")?.lines().skip(1).count();
    let root = "Folder:group-d1".to_owned();
    all.push(Other {
        ty: "vsphere_entity_permissions",
        id: root,
        facts: vec![("permissions", granted.into())],
    });
    for o in machines(objects) {
        for line in sim.govc(&format!("snapshot.tree -f -i -vm VirtualMachine:{}", o.id))?.lines() {
            let Some((id, path)) = line.trim().strip_prefix('[').and_then(|l| l.split_once(']')) else {
                continue;
            };
            let path = path.trim();
            if !path.ends_with('.') {
                let (ty, id_of_import) = ("vsphere_virtual_machine_snapshot", format!("{}:{path}", o.path));
                all.push(Other { ty, id: id_of_import, facts: vec![("id", id.into())] });
            }
        }
    }
    for o in objects.iter().filter(|o| o.ty.0 == "c") {
        let (cluster, path) = (&o.id, hcl(&o.path));
        for line in sim.govc(&format!("cluster.rule.ls -l -cluster \"{path}\""))?.lines() {
            let Some((name, kind)) = line.rsplit_once(" (") else { continue };
            let (ty, members) = match kind.trim_end_matches(')') {
                "ClusterAffinityRuleSpec" => ("vsphere_compute_cluster_vm_affinity_rule", true),
                "ClusterAntiAffinityRuleSpec" => ("vsphere_compute_cluster_vm_anti_affinity_rule", true),
                "ClusterVmHostRuleInfo" => ("vsphere_compute_cluster_vm_host_rule", false),
                "ClusterDependencyRuleInfo" => ("vsphere_compute_cluster_vm_dependency_rule", false),
                other => bail!("a rule of the kind {other}"),
            };
            let listed = sim.govc(&format!("cluster.rule.ls -cluster \"{path}\" -name \"{}\"", hcl(name)))?;
            let count = ("virtual_machine_ids", Json::from(listed.lines().count()));
            let facts = [("name", name.into())].into_iter().chain(members.then_some(count)).collect();
            all.push(Other { ty, id: format!("{cluster}:{name}"), facts });
        }
        for line in sim.govc(&format!("cluster.group.ls -l -cluster \"{path}\""))?.lines() {
            let Some((name, kind)) = line.rsplit_once(" (") else { continue };
            let ty = match kind.trim_end_matches(')') {
                "ClusterVmGroup" => "vsphere_compute_cluster_vm_group",
                "ClusterHostGroup" => "vsphere_compute_cluster_host_group",
                other => bail!("a group of the kind {other}"),
            };
            all.push(Other { ty, id: format!("{cluster}:{name}"), facts: vec![("name", name.into())] });
        }
        let overrides = json(&format!("cluster.override.info -json -cluster \"{path}\""))?;
        for (vm, is) in overrides["overrides"].as_object().into_iter().flatten() {
            let id = format!("{cluster}:{}", vm.trim_start_matches("VirtualMachine:"));
            if is["das"].is_object() {
                let priority = is["das"]["dasSettings"]["restartPriority"].clone();
                let facts = vec![("ha_vm_restart_priority", priority)];
                all.push(Other { ty: "vsphere_ha_vm_override", id: id.clone(), facts });
            }
            if is["drs"].is_object() {
                all.push(Other { ty: "vsphere_drs_vm_override", id, facts: vec![] });
            }
        }
    }
    Ok(all)
}

/// What is in the inventory, as govc sees it.
fn objects(sim: &Sim) -> Result<Vec<Object>> {
    let mut out = vec![];
    for ty in &TYPES {
        let (paths, ids) =
            (sim.govc(&format!("find -type {} /", ty.0))?, sim.govc(&format!("find -i -type {} /", ty.0))?);
        ensure!(paths.lines().count() == ids.lines().count(), "govc is of two minds about what there is");
        for (path, id) in paths.lines().zip(ids.lines()) {
            let id = id.split_once(':').map_or(id, |(_, id)| id).to_owned();
            // The root folder has no path, and the four folders of a datacenter are not separate objects.
            let depth = path.split('/').filter(|s| !s.is_empty()).count();
            let fixed = ty.0 == "f" && (depth == 0 || depth == 2);
            // Names with slashes that are not escaped make govc's paths ambiguous.
            if !fixed {
                out.push(Object { ty, id, path: path.to_owned() });
            }
        }
    }
    Ok(out)
}

/// The configuration of a machine, as govc reads it.
fn machine(sim: &Sim, o: &Object) -> Result<Json> {
    let text = sim.govc(&format!("object.collect -json VirtualMachine:{} config", o.id))?;
    let read: Json = serde_json::from_str(&text)?;
    let config = read.as_array().and_then(|a| a.first()).map(|p| p["val"].clone());
    config.filter(Json::is_object).with_context(|| format!("govc reads no configuration of {}", o.path))
}

/// The devices of a machine, as govc reads them, each with its `type`.
fn devices(sim: &Sim, o: &Object) -> Result<Vec<Json>> {
    let text = sim.govc(&format!("device.info -json -vm VirtualMachine:{}", o.id))?;
    let read: Json = serde_json::from_str(&text)?;
    let devices = read["devices"].as_array().filter(|d| !d.is_empty()).cloned();
    devices.with_context(|| format!("govc reads no devices of {}", o.path))
}

/// What the state of a machine has to say, by what the machine is.
fn expected(config: &Json, devices: &[Json]) -> Vec<(&'static str, Json)> {
    let of = |ty: &str| devices.iter().filter(|d| d["type"] == ty).collect::<Vec<_>>();
    let gib = |d: &Json| {
        let bytes = d["capacityInBytes"].as_u64().unwrap_or(d["capacityInKB"].as_u64().unwrap_or(0) << 10);
        bytes.div_ceil(1 << 30)
    };
    let disks = of("VirtualDisk");
    // A controller without disks, such as that of a CD-ROM drive, does not have to be declared.
    let has_disks = |c: &&Json| disks.iter().any(|d| d["controllerKey"] == c["key"]);
    let sata = of("VirtualAHCIController").into_iter().filter(has_disks);
    let used_by_disks = sata.filter_map(|c| c["busNumber"].as_u64()).map(|n| n + 1).max().unwrap_or(0);
    let mut sizes: Vec<u64> = disks.iter().copied().map(gib).collect();
    sizes.sort_unstable();
    let mut macs: Vec<String> =
        devices.iter().filter_map(|d| d["macAddress"].as_str()).map(str::to_lowercase).collect();
    macs.sort();
    vec![
        ("uuid", config["uuid"].clone()),
        ("name", config["name"].clone()),
        ("num_cpus", config["hardware"]["numCPU"].clone()),
        ("memory", config["hardware"]["memoryMB"].clone()),
        ("guest_id", config["guestId"].clone()),
        ("firmware", config["firmware"].clone()),
        ("ide_controller_count", of("VirtualIDEController").len().into()),
        ("sata_controller_count", used_by_disks.into()),
        ("disk", sizes.into()),
        ("network_interface", macs.into()),
        ("memory_limit", config["memoryAllocation"]["limit"].clone()),
        ("cpu_share_level", config["cpuAllocation"]["shares"]["level"].clone()),
    ]
}

/// What a state says about it: of disks the sizes, of network interfaces the addresses.
fn seen(state: &Json, attribute: &str) -> Json {
    let of = |key: &str| {
        state[attribute].as_array().into_iter().flatten().map(|b| b[key].clone()).collect::<Vec<_>>()
    };
    match attribute {
        "disk" => {
            let mut sizes: Vec<u64> = of("size").iter().filter_map(Json::as_u64).collect();
            sizes.sort_unstable();
            sizes.into()
        }
        "network_interface" => {
            let mut macs: Vec<String> =
                of("mac_address").iter().filter_map(Json::as_str).map(str::to_owned).collect();
            macs.sort();
            macs.into()
        }
        other => state[other].clone(),
    }
}

fn compare(wrong: &mut Vec<String>, o: &Object, what: &str, is: &Json, expected: &Json) {
    if is != expected {
        wrong.push(format!("{} ({}): {what} is {is}, and not {expected}", o.path, o.id));
    }
}

fn report(wrong: &[String]) -> Result<()> {
    if !wrong.is_empty() {
        bail!("{} differ:\n{}", wrong.len(), wrong.iter().take(40).cloned().collect::<Vec<_>>().join("\n"));
    }
    Ok(())
}

/// The attributes that a change changes.
fn difference(change: &Json) -> String {
    let (before, after) = (&change["before"], &change["after"]);
    let all = after.as_object().into_iter().flatten();
    let keys = all.filter(|(k, v)| before[k.as_str()] != **v && change["after_unknown"][k.as_str()] != true);
    keys.map(|(k, _)| k.as_str()).collect::<Vec<_>>().join(", ")
}

/// The contents of the spec of a request.
fn spec(body: &str) -> Result<&str> {
    let rest = body.split_once("<spec>").context("a request without a spec")?.1;
    Ok(rest.rsplit_once("</spec>").context("a request whose spec does not end")?.0)
}

/// XML without one of its elements.
fn without(text: &str, element: &str) -> String {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    match (text.split_once(&open), text.split_once(&close)) {
        (Some((before, _)), Some((_, after))) => format!("{before}{after}"),
        _ => text.to_owned(),
    }
}

/// A string without template sequences.
fn literal(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_taken_apart() {
        let body = "<x><_this/><spec><changeVersion>1</changeVersion><annotation>a</annotation></spec></x>";
        let rest = without(&without(spec(body).unwrap(), "changeVersion"), "annotation");
        assert_eq!(rest, "");
        assert_eq!(without("<name>n</name>", "annotation"), "<name>n</name>");
        let change =
            json!({ "before": { "a": 1, "b": 2 }, "after": { "a": 1, "b": 3 }, "after_unknown": {} });
        assert_eq!(difference(&change), "b");
    }
}
