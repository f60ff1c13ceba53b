//! `cargo xtask new-resource` and `new-data-source`: the first draft of a type, from what the official provider says of it.
//!
//! What only a person can know is left as `todo!()`, which clippy points at until it is done.
use crate::root;
use anyhow::{Context, Result, ensure};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The type, for example vsphere_nas_datastore
    #[arg(value_name = "TYPE")]
    name: String,
    /// The family that it belongs to: a folder of src, for example storage
    #[arg(long, value_name = "FAMILY")]
    family: String,
    /// Write over what is there
    #[arg(long)]
    force: bool,
}

/// What is drafted.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum What {
    /// A resource.
    Resource,
    /// A data source.
    DataSource,
}

/// Writes the drafts and says what is next.
pub(crate) fn run(args: &Args, what: What) -> Result<bool> {
    let short = args.name.trim_start_matches("vsphere_");
    let source = write(&root::dir(), short, &args.family, what, args.force)?;
    let word = if what == What::Resource { "resources" } else { "data-sources" };
    println!("\nNext:");
    println!("  1. {source}: replace `???` with doc comments and `todo!` with calls");
    if what == What::Resource {
        println!("  2. acceptance-tests/cases/vsphere_{short}/basic: a second step, checks, drift");
    } else {
        println!("  2. acceptance-tests/cases/data_sources: a case that reads it");
    }
    println!("  3. examples/{word}/vsphere_{short}, then `cargo xtask docs`");
    println!("  4. `cargo xtask test --filter {short}`");
    Ok(true)
}

/// Writes the source, its registration, a case and an example below `root`; the path of the source.
fn write(root: &Path, short: &str, family: &str, what: What, force: bool) -> Result<String> {
    let kind = format!("vsphere_{short}");
    let schema = reference("official-schema.json")?;
    let (of, word) = match what {
        What::Resource => ("resources", "resource"),
        What::DataSource => ("data_sources", "data source"),
    };
    let schema = &schema[of][&kind];
    ensure!(schema.is_object(), "the official provider has no {word} {kind}");
    let register = root.join(format!("src/{family}/mod.rs"));
    let listed = std::fs::read_to_string(&register).with_context(|| format!("{family} is not a family"))?;
    ensure!(listed.contains("types! {"), "{family} is not a family of types");
    // What the official provider does is known of resources.
    let behavior = reference("official-behavior.json")?;
    let behavior = if what == What::Resource { &behavior[&kind]["schema"] } else { &Json::Null };
    let draft = Draft::new(&kind, schema, behavior);
    let folder = root.join(format!("src/{family}/{short}"));
    let alone = root.join(format!("src/{family}/{short}.rs"));
    let beside = what == What::DataSource && (folder.is_dir() || alone.exists());
    if beside && alone.exists() {
        // A type with a data source is a folder.
        std::fs::create_dir_all(&folder)?;
        std::fs::rename(&alone, folder.join("mod.rs"))?;
    }
    if beside {
        let file = folder.join("mod.rs");
        let text = std::fs::read_to_string(&file)?;
        if !text.contains("mod data_source;") {
            let at = text.lines().take_while(|l| l.starts_with("//!")).map(|l| l.len() + 1).sum();
            let (doc, rest) = text.split_at(at);
            std::fs::write(&file, format!("{doc}pub mod data_source;\n\n{}", rest.trim_start()))?;
        }
    }
    let source = match beside {
        true => format!("src/{family}/{short}/data_source.rs"),
        false => format!("src/{family}/{short}.rs"),
    };
    let is_lookup = what == What::DataSource && draft.is_lookup();
    std::fs::write(&register, registered(&listed, short, &draft.name, what, beside, is_lookup))?;
    println!("listed  in src/{family}/mod.rs");
    let examples = root.join(format!("examples/{}/{kind}", of.replace('_', "-")));
    let mut files = match what {
        What::Resource => vec![
            (root.join(format!("acceptance-tests/cases/{kind}/basic/1.tf")), draft.example("resource", "e")),
            (root.join(format!("acceptance-tests/cases/{kind}/basic/case.toml")), case(&kind)),
            (examples.join("resource.tf"), draft.example("resource", "example")),
            (examples.join("import.sh"), format!("terraform import {kind}.example <id>\n")),
        ],
        What::DataSource => vec![(examples.join("data-source.tf"), draft.example("data", "example"))],
    };
    files.push((root.join(&source), rustfmt(&draft.source(what))));
    for (file, text) in &files {
        put(file, text, force)?;
    }
    Ok(source)
}

/// The `mod.rs` of a family with one more type, in the order of the alphabet. Pure.
fn registered(listed: &str, short: &str, name: &str, what: What, beside: bool, is_lookup: bool) -> String {
    let word = match what {
        What::Resource => "    resource ",
        What::DataSource if is_lookup => "    lookup ",
        What::DataSource => "    data_source ",
    };
    let module = format!("pub mod {short};");
    let line = match (what, beside) {
        (What::DataSource, true) => format!("{word}{short}::data_source::{name},"),
        _ => format!("{word}{short}::{name},"),
    };
    let mut lines: Vec<&str> = listed.lines().collect();
    for (new, alike) in [(module.as_str(), "pub mod "), (line.as_str(), word)] {
        if lines.contains(&new) {
            continue;
        }
        let after = lines.iter().rposition(|l| l.starts_with(alike) && *l < new);
        let first = lines.iter().position(|l| l.starts_with(alike));
        let begin = if alike == "pub mod " { lines.iter().rposition(|l| l.starts_with("//!")) } else { None };
        let end = lines.iter().rposition(|l| *l == "}").unwrap_or(lines.len());
        let at = after.map(|n| n + 1).or(first).or(begin.map(|n| n + 1)).unwrap_or(end);
        lines.insert(at, new);
    }
    lines.join("\n") + "\n"
}

fn reference(name: &str) -> Result<Json> {
    let file = root::dir().join("acceptance-tests/reference").join(name);
    let text =
        std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", root::shown(&file)))?;
    Ok(serde_json::from_str(&text)?)
}

fn put(file: &Path, text: &str, force: bool) -> Result<()> {
    if file.exists() && !force {
        println!("kept    {} (--force writes over it)", root::shown(file));
        return Ok(());
    }
    std::fs::create_dir_all(file.parent().context("no folder")?)?;
    std::fs::write(file, text)?;
    println!("wrote   {}", root::shown(file));
    Ok(())
}

fn case(kind: &str) -> String {
    format!(
        "summary = \"{kind}: the whole life of one\"\n\n[[steps.1.checks]]\ngovc = \"find /\"\ncontains = [\"???\"]\n\n\
         # [[drift]]\n# name = \"changed by hand\"\n# govc = [\"…\"]\n# plan = {{ change = 1 }}\n"
    )
}

/// Formatted, where rustfmt is there; readable anyway.
fn rustfmt(source: &str) -> String {
    let run = || -> Result<String> {
        use std::io::Write as _;
        let mut child = Command::new("rustfmt")
            .args(["--edition", "2024", "--emit", "stdout", "--config-path"])
            .arg(root::dir().join("rustfmt.toml"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        child.stdin.take().context("no input")?.write_all(source.as_bytes())?;
        let out = child.wait_with_output()?;
        ensure!(out.status.success(), "rustfmt failed");
        Ok(String::from_utf8(out.stdout)?)
    };
    run().unwrap_or_else(|_| source.to_owned())
}

/// One resource, as Rust.
struct Draft<'a> {
    kind: &'a str,
    /// `Folder` of `vsphere_folder`.
    name: String,
    schema: &'a Json,
    behavior: &'a Json,
}

/// What a struct needs around it, found while it is written.
#[derive(Default)]
struct Uses {
    collections: BTreeSet<&'static str>,
    framework: BTreeSet<&'static str>,
    /// Structs of nested blocks, written behind.
    nested: Vec<String>,
}

impl<'a> Draft<'a> {
    fn new(kind: &'a str, schema: &'a Json, behavior: &'a Json) -> Self {
        Self { kind, name: camel(kind.trim_start_matches("vsphere_")), schema, behavior }
    }

    /// Whether all that the data source takes is the name of an object, and the datacenter to look in.
    fn is_lookup(&self) -> bool {
        let attributes = &self.schema["attributes"];
        let inputs = entries(attributes).filter(|(_, a)| a["computed"] != true).map(|(n, _)| n.as_str());
        attributes["name"]["required"] == true
            && inputs.collect::<BTreeSet<_>>() == BTreeSet::from(["datacenter_id", "name"])
            && entries(&self.schema["block_types"]).next().is_none()
    }

    /// A data source that is a look-up: a model and the conversion of the properties.
    fn lookup(&self) -> String {
        let mut schema = self.schema.clone();
        if let Some(attributes) = schema["attributes"].as_object_mut() {
            attributes.retain(|name, _| !["id", "name", "datacenter_id"].contains(&name.as_str()));
        }
        let mut uses = Uses::default();
        let head = format!("#[tf(type_name = \"{}\", category = \"???\")]\n", self.kind);
        let name = &self.name;
        let model = structure(name, "/// Finds ???.\n", &head, &schema, &Json::Null, name, &mut uses);
        let model = model.replacen("{\n", "{\n    #[tf(flatten)]\n    named: Named,\n", 1);
        let collections: Vec<_> = uses.collections.iter().copied().collect();
        let collections = match collections.as_slice() {
            [] => String::new(),
            some => format!("use std::collections::{{{}}};\n", some.join(", ")),
        };
        format!(
            "//! `data.{}`\nuse crate::common::lookup_source::{{LookupModel, Named}};\n{collections}\
             use tf_framework::{{Model, Value}};\nuse vsphere_client::{{Kind, compute::Compute}};\n\n{model}\n\
             impl LookupModel for {name} {{\n    const KIND: Kind = Kind::Cluster; // ???\n    \
             type Properties = Compute; // ???\n\n    \
             fn found(&mut self, read: Compute) {{\n        todo!(\"the attributes from the properties\")\n    }}\n}}\n",
            self.kind
        )
    }

    fn source(&self, what: What) -> String {
        if what == What::DataSource && self.is_lookup() {
            return self.lookup();
        }
        let mut uses = Uses::default();
        let version = self.schema["version"].as_u64().unwrap_or(0);
        let version = if version > 0 { format!(", version = {version}") } else { String::new() };
        let head = format!("#[tf(type_name = \"{}\", category = \"???\"{version})]\n", self.kind);
        let model = format!("{}Model", self.name);
        let (doc, data) = match what {
            What::Resource => ("/// Manages ???.\n", ""),
            What::DataSource => ("/// Finds ???.\n", "data."),
        };
        let main = structure(&model, doc, &head, self.schema, self.behavior, &self.name, &mut uses);
        let mut framework: BTreeSet<&str> = match what {
            What::Resource => ["Cx", "Model", "Resource", "Result", "Value"].into(),
            What::DataSource => ["DataCx", "DataSource", "Model", "Result", "Value"].into(),
        };
        framework.extend(&uses.framework);
        let mut out = format!("//! `{data}{}`\nuse crate::vsphere::Vsphere;\n", self.kind);
        let list = |set: &BTreeSet<&str>| set.iter().copied().collect::<Vec<_>>().join(", ");
        if !uses.collections.is_empty() {
            let _ = writeln!(out, "use std::collections::{{{}}};", list(&uses.collections));
        }
        let _ = writeln!(out, "use tf_framework::{{{}}};\n", list(&framework));
        out.push_str(&main);
        for n in &uses.nested {
            out.push('\n');
            out.push_str(n);
        }
        let name = &self.name;
        let body = match what {
            What::Resource => format!(
                "impl Resource for {name} {{\n    type Model = {model};\n    type Client = Vsphere;\n\n    \
                 const IMPORT: &'static str = \"???, such as ???\";\n\n    \
                 async fn create(&self, cx: &Cx<'_, Self>, plan: {model}) -> Result<{model}> {{\n        \
                 todo!(\"make it, set `id`, and `cx.checkpoint` once it exists\")\n    }}\n\n    \
                 async fn read(&self, cx: &Cx<'_, Self>, state: {model}) -> Result<Option<{model}>> {{\n        \
                 todo!(\"look it up by `id`; None when it does not exist\")\n    }}\n\n    \
                 async fn update(&self, cx: &Cx<'_, Self>, prior: {model}, plan: {model}) -> Result<{model}> {{\n        \
                 todo!(\"change what differs\")\n    }}\n\n    \
                 async fn delete(&self, cx: &Cx<'_, Self>, state: {model}) -> Result<()> {{\n        \
                 todo!(\"remove it; an object that does not exist is a success\")\n    }}\n\n    \
                 async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<{model}> {{\n        \
                 todo!(\"find it by id or by path\")\n    }}\n}}\n"
            ),
            What::DataSource => format!(
                "impl DataSource for {name} {{\n    type Model = {model};\n    type Client = Vsphere;\n\n    \
                 async fn read(&self, cx: &DataCx<'_, Vsphere>, config: {model}) -> Result<{model}> {{\n        \
                 todo!(\"find it\")\n    }}\n}}\n"
            ),
        };
        let word = if what == What::Resource { "resource" } else { "data source" };
        let _ = write!(out, "\n/// The {word}.\n#[derive(Debug, Default)]\npub struct {name};\n\n{body}");
        out
    }

    /// A configuration with what is required.
    fn example(&self, keyword: &str, label: &str) -> String {
        let mut out = format!("{keyword} \"{}\" \"{label}\" {{\n", self.kind);
        body(self.schema, "  ", &mut out);
        out.push_str("}\n");
        out
    }
}

fn body(block: &Json, indent: &str, out: &mut String) {
    let required: Vec<_> = entries(&block["attributes"]).filter(|(_, a)| a["required"] == true).collect();
    let widest = required.iter().map(|(n, _)| n.len()).max().unwrap_or(0);
    for (name, a) in required {
        let value = match (a["type"].as_str(), a["type"][0].as_str()) {
            (Some("bool"), _) => "true".to_owned(),
            (Some("number"), _) => "1".to_owned(),
            (_, Some("list" | "set")) => "[\"???\"]".to_owned(),
            (_, Some("map")) => "{ \"???\" = \"???\" }".to_owned(),
            _ if name == "name" => "\"example\"".to_owned(),
            _ => "\"???\"".to_owned(),
        };
        let _ = writeln!(out, "{indent}{name:widest$} = {value}");
    }
    for (name, b) in entries(&block["block_types"]).filter(|(_, b)| b["min_items"].as_u64().unwrap_or(0) > 0)
    {
        let _ = writeln!(out, "\n{indent}{name} {{");
        body(&b["block"], &format!("{indent}  "), out);
        let _ = writeln!(out, "{indent}}}");
    }
}

fn entries(v: &Json) -> impl Iterator<Item = (&String, &Json)> {
    v.as_object().into_iter().flatten()
}

/// A struct with a field for each attribute and block; `id` first, then in alphabetical order.
fn structure(
    name: &str,
    doc: &str,
    head: &str,
    schema: &Json,
    behavior: &Json,
    prefix: &str,
    uses: &mut Uses,
) -> String {
    let mut out =
        format!("{doc}#[derive(Debug, Clone, PartialEq, Default, Model)]\n{head}pub struct {name} {{\n");
    let mut attributes: Vec<_> = entries(&schema["attributes"]).collect();
    attributes.sort_by_key(|(n, _)| (n.as_str() != "id", n.as_str()));
    for (attribute, a) in attributes {
        let b = &behavior[attribute];
        let ty = attribute_type(
            &a["type"],
            a["sensitive"] == true,
            &format!("{prefix}{}", camel(attribute)),
            uses,
        );
        let (field, options) = (ident(attribute), options(a, b));
        let _ = write!(
            out,
            "    /// {}\n    #[tf({options})]\n    pub {field}: Value<{ty}>,\n",
            words(attribute, b)
        );
    }
    for (block, spec) in entries(&schema["block_types"]) {
        let b = &behavior[block];
        if block == "timeouts" {
            uses.framework.insert("Timeouts");
            out.push_str("    /// How long each operation may take.\n    #[tf(block, single)]\n    pub timeouts: Value<Timeouts>,\n");
            continue;
        }
        let nested = format!("{prefix}{}", camel(block));
        let text = structure(
            &nested,
            &format!("/// One `{block}`.\n"),
            "",
            &spec["block"],
            &b["block"],
            &nested,
            uses,
        );
        uses.nested.push(text);
        let mut options = vec!["block".to_owned()];
        let mut ty = format!("Vec<{nested}>");
        match spec["nesting_mode"].as_str() {
            Some("set") => options.push("set".to_owned()),
            Some("single") => {
                options.push("single".to_owned());
                ty = nested;
            }
            _ => {}
        }
        for (option, key) in [("min", "min_items"), ("max", "max_items")] {
            options.extend(spec[key].as_u64().filter(|n| *n > 0).map(|n| format!("{option} = {n}")));
        }
        options.extend(["computed", "force_new"].into_iter().filter(|o| b[*o] == true).map(str::to_owned));
        let _ = write!(
            out,
            "    /// {}\n    #[tf({})]\n    pub {}: Value<{ty}>,\n",
            words(block, b),
            options.join(", "),
            ident(block)
        );
    }
    out.push_str("}\n");
    out
}

fn options(a: &Json, b: &Json) -> String {
    let mut all = vec![];
    for o in ["required", "optional", "computed", "sensitive"] {
        if a[o] == true {
            all.push(o.to_owned());
        }
    }
    if b["force_new"] == true {
        all.push("force_new".to_owned());
    }
    // The zero values mean the same as nothing.
    match &b["default"] {
        Json::Null | Json::Bool(false) => {}
        Json::Number(n) if n.as_f64() == Some(0.0) => {}
        Json::String(s) if s.is_empty() => {}
        v => all.push(format!("default = {v}")),
    }
    if a["deprecated"] == true {
        all.push("deprecated = \"???\"".to_owned());
    }
    let number = |k: &str| b[k].as_u64().filter(|n| *n > 0);
    match (number("min"), number("max")) {
        (None, None) => {}
        (min, max) => {
            all.push(format!("count({}, {})", min.unwrap_or(0), max.unwrap_or(u64::from(u32::MAX))))
        }
    }
    all.join(", ")
}

fn attribute_type(ty: &Json, sensitive: bool, object: &str, uses: &mut Uses) -> String {
    match (ty.as_str(), ty[0].as_str()) {
        (Some("bool"), _) => "bool".to_owned(),
        (Some("number"), _) => "i64".to_owned(),
        (_, Some("list")) => format!("Vec<{}>", attribute_type(&ty[1], sensitive, object, uses)),
        (_, Some("set")) => {
            uses.collections.insert("BTreeSet");
            format!("BTreeSet<{}>", attribute_type(&ty[1], sensitive, object, uses))
        }
        (_, Some("map")) => {
            uses.collections.insert("BTreeMap");
            format!("BTreeMap<String, {}>", attribute_type(&ty[1], sensitive, object, uses))
        }
        (_, Some("object")) => {
            let attributes: serde_json::Map<_, _> = entries(&ty[1])
                .map(|(n, t)| (n.clone(), serde_json::json!({ "type": t, "computed": true })))
                .collect();
            let schema = serde_json::json!({ "attributes": attributes });
            let text = structure(object, "/// One of them.\n", "", &schema, &Json::Null, object, uses);
            uses.nested.push(text);
            object.to_owned()
        }
        _ if sensitive => {
            uses.framework.insert("Secret");
            "Secret".to_owned()
        }
        _ => "String".to_owned(),
    }
}

/// What an attribute is; a question where its name does not tell.
fn words(name: &str, behavior: &Json) -> String {
    let mut text = match name {
        "id" => "The managed object id.".to_owned(),
        "name" => "The name.".to_owned(),
        "tags" => {
            "The ids of the tags that are attached, and no others. Left out, tags are not touched.".to_owned()
        }
        "custom_attributes" => {
            "Values of custom attributes, by the id of the attribute. Left out, they are not touched."
                .to_owned()
        }
        "datacenter_id" => "The managed object id of the datacenter.".to_owned(),
        "datastore_id" => "The managed object id of the datastore.".to_owned(),
        "folder" => "The path of the folder, relative to the one of its kind in the datacenter.".to_owned(),
        "description" => "A description.".to_owned(),
        other => format!("??? ({})", other.replace('_', " ")),
    };
    if behavior["state_func"] == true {
        text.push_str(
            " ??? The official provider normalizes this before it goes into the state: `same = …`.",
        );
    }
    if behavior["diff_suppress"] == true {
        text.push_str(" ??? The official provider takes some spellings for the same: `same = …`.");
    }
    text
}

fn ident(name: &str) -> String {
    const KEYWORDS: &[&str] =
        &["type", "match", "ref", "use", "move", "mod", "static", "enum", "loop", "where", "in"];
    if KEYWORDS.contains(&name) { format!("r#{name}") } else { name.to_owned() }
}

fn camel(name: &str) -> String {
    let capital = |w: &str| {
        let mut c = w.chars();
        c.next().map(|f| f.to_uppercase().chain(c).collect::<String>()).unwrap_or_default()
    };
    name.split('_').map(capital).collect()
}

/// Drafts a resource, its data source and a data source alone in a copy of the provider, and compiles it.
pub(crate) fn check(dir: &Path) -> Result<()> {
    let root = root::dir();
    for name in
        ["src", "acceptance-tests/reference", "examples", "proto", "build.rs", "Cargo.lock", "clippy.toml"]
    {
        let to = dir.join(name);
        std::fs::create_dir_all(to.parent().context("no folder")?)?;
        let copied = Command::new("cp").arg("-R").arg(root.join(name)).arg(&to).status()?;
        ensure!(copied.success(), "cannot copy {name}");
    }
    // The crates are those of the workspace; the provider is a copy.
    let manifest = std::fs::read_to_string(root.join("Cargo.toml"))?;
    let crates = root.join("crates").display().to_string();
    let manifest = manifest
        .replace("members = [\".\", \"crates/*\"]", "members = [\".\"]")
        .lines()
        .filter(|l| !l.starts_with("default-members"))
        .map(|l| format!("{l}\n"))
        .collect::<String>()
        .replace("path = \"crates/", &format!("path = \"{crates}/"));
    std::fs::write(dir.join("Cargo.toml"), manifest)?;
    for (name, family) in [("nas_datastore", "storage"), ("host_base_images", "host"), ("alarm", "inventory")]
    {
        remove(dir, name, family)?;
    }
    write(dir, "nas_datastore", "storage", What::Resource, false)?;
    write(dir, "host_base_images", "host", What::DataSource, false)?;
    write(dir, "alarm", "inventory", What::Resource, false)?;
    write(dir, "alarm", "inventory", What::DataSource, false)?;
    let out = root::cargo()
        .args(["check", "--lib", "--manifest-path"])
        .arg(dir.join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", root::target()?)
        .output()?;
    ensure!(out.status.success(), "the drafts do not compile:\n{}", String::from_utf8_lossy(&out.stderr));
    Ok(())
}

/// Removes a type, so that it can be drafted as if it did not exist.
fn remove(root: &Path, short: &str, family: &str) -> Result<()> {
    let family = root.join("src").join(family);
    let (file, folder) = (family.join(format!("{short}.rs")), family.join(short));
    if file.exists() {
        std::fs::remove_file(&file)?;
    }
    if folder.is_dir() {
        std::fs::remove_dir_all(&folder)?;
    }
    let register = family.join("mod.rs");
    let text = std::fs::read_to_string(&register)?;
    let (module, item) = (format!("mod {short};"), format!(" {short}::"));
    let kept = text.lines().filter(|l| !l.contains(&module) && !l.contains(&item));
    std::fs::write(&register, kept.map(|l| format!("{l}\n")).collect::<String>())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_draft_has_what_the_reference_says() {
        let schema = json!({ "version": 1, "attributes": {
            "id": { "type": "string", "optional": true, "computed": true },
            "type": { "type": "string", "required": true },
            "tags": { "type": ["set", "string"], "optional": true },
        }, "block_types": { "rule": { "nesting_mode": "set", "min_items": 1, "block": { "attributes": {
            "n": { "type": "number", "optional": true }
        } } } } });
        let behavior =
            json!({ "type": { "force_new": true }, "rule": { "block": { "n": { "default": 3 } } } });
        let draft = Draft::new("vsphere_a_thing", &schema, &behavior);
        let text = draft.source(What::Resource);
        for expected in [
            "#[tf(type_name = \"vsphere_a_thing\", category = \"???\", version = 1)]",
            "pub struct AThingModel {",
            "    #[tf(required, force_new)]\n    pub r#type: Value<String>,",
            "    pub tags: Value<BTreeSet<String>>,",
            "    #[tf(block, set, min = 1)]\n    pub rule: Value<Vec<AThingRule>>,",
            "pub struct AThingRule {",
            "    #[tf(optional, default = 3)]\n    pub n: Value<i64>,",
            "impl Resource for AThing {",
        ] {
            assert!(text.contains(expected), "{expected}\nis not in\n{text}");
        }
        let example = draft.example("resource", "x");
        assert_eq!(example, "resource \"vsphere_a_thing\" \"x\" {\n  type = \"???\"\n\n  rule {\n  }\n}\n");
    }

    #[test]
    fn a_type_is_registered_in_the_order_of_the_alphabet() {
        let before =
            "//! Storage.\npub mod a;\npub mod c;\n\ntypes! {\n    resource a::A,\n    resource c::C,\n}\n";
        let after = registered(before, "b", "B", What::Resource, false, false);
        assert_eq!(
            after,
            "//! Storage.\npub mod a;\npub mod b;\npub mod c;\n\ntypes! {\n    resource a::A,\n    resource b::B,\n    \
             resource c::C,\n}\n"
        );
        assert_eq!(registered(&after, "b", "B", What::Resource, false, false), after);
        let data = registered(&after, "b", "B", What::DataSource, true, false);
        assert!(data.contains("    resource c::C,\n    data_source b::data_source::B,\n}"), "{data}");
    }

    #[test]
    fn a_lookup_has_at_most_25_lines() {
        let schema = reference("official-schema.json").unwrap();
        for kind in
            ["vsphere_compute_cluster", "vsphere_datastore_cluster", "vsphere_distributed_virtual_switch"]
        {
            let draft = Draft::new(kind, &schema["data_sources"][kind], &Json::Null);
            let text = rustfmt(&draft.source(What::DataSource));
            assert!(text.contains("impl LookupModel for"), "{text}");
            assert!(!text.contains("pub id:") && !text.contains("pub name:"), "{text}");
            let lines = text.lines().count();
            assert!(lines <= 25, "{lines} lines:\n{text}");
        }
        let host = Draft::new("vsphere_host", &schema["data_sources"]["vsphere_host"], &Json::Null);
        assert!(!host.is_lookup());
        let data = registered(
            "pub mod a;\n\ntypes! {\n    resource a::A,\n}\n",
            "b",
            "B",
            What::DataSource,
            false,
            true,
        );
        assert_eq!(data, "pub mod a;\npub mod b;\n\ntypes! {\n    resource a::A,\n    lookup b::B,\n}\n");
    }

    #[test]
    fn every_official_resource_can_be_drafted() {
        let (schema, behavior) =
            (reference("official-schema.json").unwrap(), reference("official-behavior.json").unwrap());
        let mut n = 0;
        for (kind, s) in entries(&schema["resources"]) {
            assert!(
                Draft::new(kind, s, &behavior[kind]["schema"])
                    .source(What::Resource)
                    .contains("impl Resource")
            );
            n += 1;
        }
        assert!(n > 40, "{n} resources");
    }
}
