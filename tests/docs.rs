//! The pages in `docs/` are those of the schemas and examples. `UPDATE_DOCS=1` writes them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use provider_vsphere::server;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs};
use tf_framework::docs::{self, Examples};
use tf_framework::{Schema, Type};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn example(path: impl AsRef<Path>) -> String {
    fs::read_to_string(root().join("examples").join(path)).unwrap_or_default()
}

/// `vsphere_role` is in `role.md`.
fn file(type_name: &str) -> String {
    format!("{}.md", type_name.trim_start_matches("vsphere_"))
}

/// The configurations in the folders below an example: each with a comment that says what it shows.
fn further(example_dir: &Path) -> Vec<String> {
    let dir = root().join("examples").join(example_dir);
    let mut folders: Vec<PathBuf> =
        fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path()).filter(|p| p.is_dir()).collect();
    folders.sort();
    folders
        .iter()
        .map(|d| example(d.join("resource.tf")).trim().to_owned())
        .filter(|t| !t.is_empty())
        .collect()
}

/// The first command of an `import.sh` as an `import` block.
fn import_block(import: &str) -> String {
    let Some(command) = import.lines().find_map(|l| l.strip_prefix("terraform import ")) else {
        return String::new();
    };
    // Quoted for the shell, both of them.
    let to_end = match command.strip_prefix('\'') {
        Some(quoted) => quoted.find('\'').map(|at| at + 2),
        None => command.find(' '),
    };
    let Some((to, id)) = to_end.and_then(|at| command.split_at_checked(at)) else { return String::new() };
    let (to, id) = (to.trim_matches('\''), id.trim_start());
    let quote = id.chars().next().filter(|c| matches!(c, '\'' | '"'));
    let id = quote.map_or(id, |q| id.trim_matches(q)).replace('\\', "\\\\").replace('"', "\\\"");
    format!("import {{\n  to = {to}\n  id = \"{id}\"\n}}")
}

/// The texts of the pages and guides, with their paths.
fn texts() -> Vec<(PathBuf, String)> {
    let mut out = vec![];
    for dir in ["", "resources", "data-sources", "functions", "guides"] {
        for entry in fs::read_dir(root().join("docs").join(dir)).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|e| e == "md")
                && path.file_stem().is_some_and(|s| s != "benchmarks")
            {
                out.push((path.clone(), fs::read_to_string(path).unwrap_or_default()));
            }
        }
    }
    out
}

#[test]
fn a_registry_can_follow_every_link() {
    for (path, text) in texts() {
        for (_, rest) in text.match_indices("](").map(|(at, _)| text.split_at(at + 2)) {
            let target = rest.split(')').next().unwrap_or_default();
            assert!(
                target.starts_with('#') || target.starts_with("https://"),
                "{}: a registry cannot follow {target:?}",
                path.display()
            );
        }
    }
}

#[test]
fn the_page_of_the_provider_has_no_subcategory() {
    let index = fs::read_to_string(root().join("docs/index.md")).unwrap();
    assert!(!index.split("---").nth(1).unwrap_or_default().contains("subcategory"), "{index}");
}

/// By type of resource and privilege: the types of objects on which it is asked for. The acceptance tests compare it with
/// what the calls of their cases ask for.
type Privileges = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// The page of what each resource needs of a user.
fn privileges_page(resources: &BTreeMap<&'static str, Schema>) -> String {
    let text = fs::read_to_string(root().join("acceptance-tests/reference/privileges.json")).unwrap();
    let table: Privileges = serde_json::from_str(&text).unwrap();
    let known: BTreeSet<&str> = table.keys().map(String::as_str).collect();
    let all: BTreeSet<&str> = resources.keys().copied().collect();
    assert_eq!(known, all, "privileges.json has the resources that there are");
    let object = |ty: &str| match ty {
        "*" => "the object".to_owned(),
        "root" => "the root folder".to_owned(),
        "Folder" => "the folder".to_owned(),
        "VirtualMachine" => "the virtual machine".to_owned(),
        "ResourcePool" => "the resource pool".to_owned(),
        "VirtualApp" => "the vApp".to_owned(),
        "Datastore" => "the datastore".to_owned(),
        "StoragePod" => "the datastore cluster".to_owned(),
        "Datacenter" => "the datacenter".to_owned(),
        "ClusterComputeResource" => "the cluster".to_owned(),
        "DistributedVirtualSwitch" => "the distributed switch".to_owned(),
        "HostSystem" => "the host".to_owned(),
        "ComputeResource" => "the standalone host".to_owned(),
        "Network" => "the network".to_owned(),
        "OpaqueNetwork" => "the NSX segment".to_owned(),
        "DistributedVirtualPortgroup" => "the port group".to_owned(),
        other => panic!("no words for {other}"),
    };
    let mut o = fs::read_to_string(root().join("docs/privileges.md.in")).unwrap();
    for (ty, privileges) in &table {
        if privileges.is_empty() {
            o.push_str(&format!(
                "\n## {ty}\n\nNo privilege, but an administrator of vCenter Single Sign-On.\n"
            ));
            continue;
        }
        o.push_str(&format!("\n## {ty}\n\n| privilege | on |\n|---|---|\n"));
        for (privilege, on) in privileges {
            let on: Vec<String> = on.iter().map(|t| object(t)).collect();
            o.push_str(&format!("| `{privilege}` | {} |\n", on.join(", ")));
        }
    }
    o
}

fn pages() -> (BTreeMap<PathBuf, String>, Vec<String>) {
    let server = server();
    let all = server.catalog();
    let (mut pages, mut missing) = (BTreeMap::new(), vec![]);
    let provider = Examples { usage: example("provider/provider.tf"), ..Examples::default() };
    pages.insert("index.md".into(), docs::page("Provider", &all.provider, &provider));
    pages.insert("guides/privileges.md".into(), privileges_page(&all.resources));
    let mut types =
        |dir: &str, kind: &str, examples: &str, file_name: &str, schemas: &BTreeMap<_, Schema>| {
            for (name, schema) in schemas {
                let name: &&str = name;
                let at = Path::new(examples).join(name);
                let usage = example(at.join(file_name));
                let import = example(at.join("import.sh"));
                if usage.trim().is_empty() || (kind == "Resource" && import.trim().is_empty()) {
                    missing.push(format!("{}: an example, and for a resource an import.sh", at.display()));
                }
                let import_block = import_block(&import);
                let usage =
                    [vec![usage.trim().to_owned()], further(&at)].concat().join("\n```\n\n```terraform\n");
                let page = docs::page(kind, schema, &Examples { usage, import, import_block });
                pages.insert(Path::new(dir).join(file(name)), page);
            }
        };
    types("resources", "Resource", "resources", "resource.tf", &all.resources);
    types("data-sources", "Data Source", "data-sources", "data-source.tf", &all.data_sources);
    types(
        "ephemeral-resources",
        "Ephemeral Resource",
        "ephemeral-resources",
        "ephemeral.tf",
        &all.ephemerals,
    );
    for (name, signature) in &all.functions {
        let at = Path::new("functions").join(name).join("function.tf");
        let usage = example(&at);
        if usage.trim().is_empty() {
            missing.push(format!("{}: an example", at.display()));
        }
        let page = docs::function_page(signature, &usage);
        pages.insert(Path::new("functions").join(format!("{name}.md")), page);
    }
    (pages, missing)
}

#[test]
fn pages_are_up_to_date() {
    let (pages, missing) = pages();
    assert!(missing.is_empty(), "missing in examples/:\n{}", missing.join("\n"));
    let update = env::var_os("UPDATE_DOCS").is_some_and(|v| v == "1");
    let mut stale = vec![];
    for (path, page) in &pages {
        let at = root().join("docs").join(path);
        if fs::read_to_string(&at).ok().as_ref() == Some(page) {
            continue;
        }
        if update {
            fs::create_dir_all(at.parent().unwrap()).unwrap();
            fs::write(&at, page).unwrap();
        } else {
            stale.push(path.display().to_string());
        }
    }
    for dir in ["resources", "data-sources", "ephemeral-resources", "functions"] {
        for entry in fs::read_dir(root().join("docs").join(dir)).into_iter().flatten().flatten() {
            let path = Path::new(dir).join(entry.file_name());
            if !pages.contains_key(&path) {
                stale.push(format!("{} (no such type)", path.display()));
            }
        }
    }
    assert!(stale.is_empty(), "stale: run `cargo xtask docs`\n{}", stale.join("\n"));
}

/// The defaults for mocks name types and attributes that there are; Terraform says nothing of others.
#[test]
fn mocks_have_what_the_schemas_have() {
    let text = fs::read_to_string(root().join("examples/mocks/vsphere.tfmock.hcl")).unwrap();
    let server = server();
    let all = server.catalog();
    let (mut schema, mut seen) = (None, 0);
    for line in text.lines() {
        if let Some((kind, name)) = line.strip_suffix("\" {").and_then(|l| l.split_once(" \"")) {
            let of = if kind == "mock_data" { &all.data_sources } else { &all.resources };
            schema = Some(of.get(name).unwrap_or_else(|| panic!("there is no {name}")));
        } else if let (Some(schema), Some(rest)) = (schema, line.strip_prefix("    "))
            && let Some((name, _)) = rest.split_once('=').filter(|_| !rest.starts_with([' ', '}']))
        {
            let a = schema.block.attribute(name.trim());
            let a = a.unwrap_or_else(|| panic!("{} has no {name}", schema.type_name));
            assert!(a.emit_computed(), "{}.{name} is not computed", schema.type_name);
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen}");
}

/// Whether a schema has an attribute or block at a path, such as `disk.label`.
fn has(schema: &Schema, path: &str) -> bool {
    let mut block = &schema.block;
    let mut names = path.split('.');
    while let Some(name) = names.next() {
        match block.nested(name) {
            Some(nested) => block = &nested.block,
            None => {
                let mut ty = block.attribute(name).map(|a| &a.ty);
                for name in names {
                    ty = ty.and_then(|ty| member(ty, name));
                }
                return ty.is_some();
            }
        }
    }
    true
}

/// The type of a member of an object, or of each element of a collection of objects.
fn member<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    match ty {
        Type::List(of) | Type::Set(of) | Type::Map(of) => member(of, name),
        Type::Object(members) => members.get(name),
        _ => None,
    }
}

/// The tables of a guide that compare fields of another product with attributes: each attribute has to exist. A name without
/// a type is an attribute of `default`.
fn compared(guide: &str, default: &str) -> (usize, Vec<String>) {
    let text = fs::read_to_string(root().join("docs/guides").join(guide)).unwrap();
    let server = server();
    let all = server.catalog();
    let (mut in_table, mut seen, mut wrong) = (false, 0, vec![]);
    for line in text.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, field, ours, notes, _] = cells.as_slice() else {
            in_table = false;
            continue;
        };
        if *ours == "Terraform" {
            in_table = true;
            continue;
        }
        if !in_table || ours.starts_with("--") {
            continue;
        }
        seen += 1;
        if *ours == "-" && notes.is_empty() {
            wrong.push(format!("{field}: there is no reason for the dash"));
        }
        for (cell, every) in [(ours, true), (notes, false)] {
            for name in cell.split('`').skip(1).step_by(2) {
                let exists = if let Some(function) = name.strip_prefix("provider::vsphere::") {
                    all.functions.contains_key(function)
                } else if let Some(argument) = name.strip_prefix("provider.") {
                    has(&all.provider, argument)
                } else if let Some((ty, path)) = name
                    .strip_prefix("data.")
                    .and_then(|n| n.split_once('.'))
                    .filter(|(t, _)| t.starts_with("vsphere_"))
                {
                    all.data_sources.get(ty).is_some_and(|s| has(s, path))
                } else if name.starts_with("vsphere_") {
                    let (ty, path) = name.split_once('.').unwrap_or((name, ""));
                    all.resources.get(ty).is_some_and(|s| path.is_empty() || has(s, path))
                } else {
                    !every || all.resources.get(default).is_some_and(|s| has(s, name))
                };
                if !exists {
                    wrong.push(format!("{field}: there is no {name}"));
                }
            }
        }
    }
    (seen, wrong)
}

#[test]
fn guides_name_attributes_that_exist() {
    for (guide, default, rows) in
        [("vm-operator.md", "vsphere_virtual_machine", 90), ("cluster-api.md", "vsphere_virtual_machine", 30)]
    {
        let (seen, wrong) = compared(guide, default);
        assert!(wrong.is_empty(), "{guide}:\n{}", wrong.join("\n"));
        assert!(seen >= rows, "{guide} has {seen} rows");
    }
}

/// A row or a list of the README may shorten the names that follow the first one: `_host_group`.
#[test]
fn the_readme_lists_every_type_and_function() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let server = server();
    let all = server.catalog();
    let shortened = |name: &str| {
        name.match_indices('_').skip(1).any(|(at, _)| readme.contains(&format!("`{}`", &name[at..])))
    };
    let names = all.resources.keys().chain(all.data_sources.keys()).chain(all.ephemerals.keys());
    let listed = |name: &str| readme.contains(&format!("`{name}`")) || shortened(name);
    let mut missing: Vec<&str> = names.copied().filter(|n| !listed(n)).collect();
    missing.extend(all.functions.keys().copied().filter(|f| !listed(f)));
    assert!(missing.is_empty(), "README.md does not list {}", missing.join(", "));
}

#[test]
fn the_switching_guide_lists_every_type_that_the_official_provider_lacks() {
    let guide = fs::read_to_string(root().join("docs/guides/switching.md")).unwrap();
    let additions = fs::read_to_string(root().join("tests/additions.txt")).unwrap();
    let types = additions.lines().filter_map(|l| l.strip_suffix(" (new type)")?.split_once('.'));
    let missing: Vec<&str> =
        types.map(|(_, name)| name).filter(|name| !guide.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "missing in docs/guides/switching.md: {}", missing.join(", "));
}
