//! `cargo xtask new-resource`: the first draft of a resource, from what the official provider says of it.
//!
//! What only a person can know is left as `todo!()`, which clippy points at until it is done.
use crate::root;
use anyhow::{Context, Result, ensure};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The type, for example vsphere_folder
    #[arg(value_name = "TYPE")]
    name: String,
    /// Write over what is there
    #[arg(long)]
    force: bool,
}

/// Writes the drafts and says what is next.
pub(crate) fn run(args: &Args) -> Result<bool> {
    let kind =
        if args.name.starts_with("vsphere_") { args.name.clone() } else { format!("vsphere_{}", args.name) };
    let schema = reference("official-schema.json")?;
    let behaviour = reference("official-behaviour.json")?;
    let schema = &schema["resources"][&kind];
    ensure!(
        schema.is_object(),
        "the official provider has no resource {kind}: its reference knows nothing about it"
    );
    let short = kind.trim_start_matches("vsphere_");
    let draft = Draft::new(&kind, schema, &behaviour[&kind]["schema"]);
    let root = root::dir();
    let files: [(PathBuf, String); 5] = [
        (root.join(format!("src/resources/{short}.rs")), rustfmt(&draft.source())),
        (root.join(format!("acceptance-tests/cases/{kind}/basic/1.tf")), draft.example("e")),
        (root.join(format!("acceptance-tests/cases/{kind}/basic/case.toml")), case(&kind)),
        (root.join(format!("examples/resources/{kind}/resource.tf")), draft.example("example")),
        (
            root.join(format!("examples/resources/{kind}/import.sh")),
            format!("terraform import {kind}.example <id>\n"),
        ),
    ];
    for (file, text) in &files {
        put(file, text, args.force)?;
    }
    println!("\nNext:");
    println!(
        "  1. src/resources/mod.rs: `mod {short};` and `pub use {short}::{};`; `.resource(resources::{})` in src/catalogue.rs",
        draft.name, draft.name
    );
    println!(
        "  2. src/resources/{short}.rs: doc comments where `???` stands, and the calls where `todo!` stands"
    );
    println!("  3. acceptance-tests/cases/{kind}/basic: a second step, checks, drift");
    println!("  4. examples/resources/{kind}, then `cargo xtask docs`");
    println!("  5. `cargo xtask test --filter {kind}`");
    Ok(true)
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
    behaviour: &'a Json,
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
    fn new(kind: &'a str, schema: &'a Json, behaviour: &'a Json) -> Self {
        Self { kind, name: camel(kind.trim_start_matches("vsphere_")), schema, behaviour }
    }

    fn source(&self) -> String {
        let mut uses = Uses::default();
        let version = self.schema["version"].as_u64().unwrap_or(0);
        let version = if version > 0 { format!(", version = {version}") } else { String::new() };
        let head = format!("#[tf(type_name = \"{}\", category = \"???\"{version})]\n", self.kind);
        let model = format!("{}Model", self.name);
        let doc = "/// Manages ???.\n";
        let main = structure(&model, doc, &head, self.schema, self.behaviour, &self.name, &mut uses);
        let mut framework: BTreeSet<&str> = ["Cx", "Model", "Resource", "Result", "Value"].into();
        framework.extend(&uses.framework);
        let mut out = format!("//! `{}`\nuse crate::provider::Vsphere;\n", self.kind);
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
        let _ = write!(
            out,
            "\n/// The resource.\npub struct {name};\n\nimpl Resource for {name} {{\n    type Model = {model};\n    \
             type Client = Vsphere;\n\n    \
             async fn create(&self, cx: &Cx<'_, Self>, plan: {model}) -> Result<{model}> {{\n        \
             todo!(\"make it, set `id`, and `cx.checkpoint` once it exists\")\n    }}\n\n    \
             async fn read(&self, cx: &Cx<'_, Self>, state: {model}) -> Result<Option<{model}>> {{\n        \
             todo!(\"look it up by `id`; None when it is gone\")\n    }}\n\n    \
             async fn update(&self, cx: &Cx<'_, Self>, prior: {model}, plan: {model}) -> Result<{model}> {{\n        \
             todo!(\"change what differs\")\n    }}\n\n    \
             async fn delete(&self, cx: &Cx<'_, Self>, state: {model}) -> Result<()> {{\n        \
             todo!(\"remove it; gone already is a success\")\n    }}\n\n    \
             async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<{model}> {{\n        \
             todo!(\"find it by id or by path\")\n    }}\n}}\n"
        );
        out
    }

    /// A configuration with what is required.
    fn example(&self, label: &str) -> String {
        let mut out = format!("resource \"{}\" \"{label}\" {{\n", self.kind);
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
    behaviour: &Json,
    prefix: &str,
    uses: &mut Uses,
) -> String {
    let mut out =
        format!("{doc}#[derive(Debug, Clone, PartialEq, Default, Model)]\n{head}pub struct {name} {{\n");
    let mut attributes: Vec<_> = entries(&schema["attributes"]).collect();
    attributes.sort_by_key(|(n, _)| (n.as_str() != "id", n.as_str()));
    for (attribute, a) in attributes {
        let b = &behaviour[attribute];
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
        let b = &behaviour[block];
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
fn words(name: &str, behaviour: &Json) -> String {
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
    if behaviour["state_func"] == true {
        text.push_str(
            " ??? The official provider normalises this before it goes into the state: `same = …`.",
        );
    }
    if behaviour["diff_suppress"] == true {
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
        let behaviour =
            json!({ "type": { "force_new": true }, "rule": { "block": { "n": { "default": 3 } } } });
        let draft = Draft::new("vsphere_a_thing", &schema, &behaviour);
        let text = draft.source();
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
        let example = draft.example("x");
        assert_eq!(example, "resource \"vsphere_a_thing\" \"x\" {\n  type = \"???\"\n\n  rule {\n  }\n}\n");
    }

    #[test]
    fn every_official_resource_can_be_drafted() {
        let (schema, behaviour) =
            (reference("official-schema.json").unwrap(), reference("official-behaviour.json").unwrap());
        let mut n = 0;
        for (kind, s) in entries(&schema["resources"]) {
            assert!(Draft::new(kind, s, &behaviour[kind]["schema"]).source().contains("impl Resource"));
            n += 1;
        }
        assert!(n > 40, "{n} resources");
    }
}
