//! The registry page of each type and function, from what the provider serves and the examples beside it.
use crate::server::{Parameter, Signature};
use crate::{Attribute, Block, NestedBlock, Nesting, Relation, Schema, Type, Validator};
use std::fmt::Write;

/// The files of a type that a page shows in addition to the schema.
#[derive(Debug, Default, Clone)]
pub struct Examples {
    /// The configuration.
    pub usage: String,
    /// The import command; empty where there is none.
    pub import: String,
    /// An import block; empty where there is none.
    pub import_block: String,
}

/// The page of a resource, data source, ephemeral resource, or of the provider itself.
///
/// `kind` is the word on the page, for example `Resource`.
pub fn page(kind: &str, schema: &Schema, examples: &Examples) -> String {
    let name = if schema.type_name.is_empty() { "vsphere" } else { schema.type_name };
    let mut o = String::new();
    let brief = brief(schema.doc);
    let _ = write!(
        o,
        "---\npage_title: \"{name} {kind}\"\n{}description: |-\n  {brief}\n---\n\n\
         # {name} ({kind})\n\n{}\n\n",
        // The page of the provider itself has none: registries refuse it there.
        if schema.type_name.is_empty() {
            String::new()
        } else {
            format!("subcategory: \"{}\"\n", schema.category)
        },
        schema.doc
    );
    if let Some(instead) = schema.deprecated {
        let _ = write!(o, "~> **Deprecated.** {instead}\n\n");
    }
    if !examples.usage.trim().is_empty() {
        let _ = write!(o, "## Example Usage\n\n```terraform\n{}\n```\n\n", examples.usage.trim());
    }
    let _ = write!(o, "## Schema\n\n");
    let mut nested = vec![];
    body(&mut o, &schema.block, "", &mut nested);
    while !nested.is_empty() {
        let (path, block) = nested.remove(0);
        let _ = write!(o, "<a id=\"nested--{}\"></a>\n### Nested schema for `{path}`\n\n", anchor(&path));
        let mut deeper = vec![];
        body(&mut o, block, &path, &mut deeper);
        nested.splice(0..0, deeper);
    }
    if !examples.import.trim().is_empty() {
        let _ = write!(o, "## Import\n\n```shell\n{}\n```\n", examples.import.trim());
    }
    if !examples.import_block.trim().is_empty() {
        let _ = write!(o, "\n```terraform\n{}\n```\n", examples.import_block.trim());
    }
    o.trim_end().to_owned() + "\n"
}

/// The first sentence, on one line.
fn brief(doc: &str) -> String {
    let first = doc.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    match first.split_once(". ") {
        Some((sentence, _)) => format!("{sentence}."),
        None => first,
    }
}

/// The page of a function.
pub fn function_page(s: &Signature, example: &str) -> String {
    let mut o = String::new();
    let _ = write!(
        o,
        "---\npage_title: \"{0} function\"\nsubcategory: \"\"\ndescription: |-\n  {1}\n---\n\n# {0} (Function)\n\n{2}\n\n",
        s.name, s.summary, s.doc
    );
    if !example.trim().is_empty() {
        let _ = write!(o, "## Example Usage\n\n```terraform\n{}\n```\n\n", example.trim());
    }
    let mut arguments: Vec<String> =
        s.parameters.iter().map(|p| format!("{} {}", p.name, ty(&p.ty).to_lowercase())).collect();
    arguments.extend(s.variadic.iter().map(|p| format!("{} {}...", p.name, ty(&p.ty).to_lowercase())));
    let _ = write!(
        o,
        "## Signature\n\n```text\n{}({}) {}\n```\n\n## Arguments\n\n",
        s.name,
        arguments.join(", "),
        ty(&s.returns).to_lowercase()
    );
    let line = |p: &Parameter, more: &str| format!("- `{}` ({}{more}) {}\n", p.name, ty(&p.ty), p.doc);
    s.parameters.iter().for_each(|p| o.push_str(&line(p, "")));
    s.variadic.iter().for_each(|p| o.push_str(&line(p, ", any number")));
    o
}

fn anchor(path: &str) -> String {
    path.replace('.', "--")
}

fn ty(t: &Type) -> String {
    match t {
        Type::Bool => "Boolean".into(),
        Type::Number => "Number".into(),
        Type::String => "String".into(),
        Type::List(e) => format!("List of {}", ty(e)),
        Type::Set(e) => format!("Set of {}", ty(e)),
        Type::Map(e) => format!("Map of {}", ty(e)),
        Type::Object(m) => {
            let members: Vec<String> = m.iter().map(|(n, t)| format!("{n}: {}", ty(t))).collect();
            format!("Object {{{}}}", members.join(", "))
        }
        Type::Tuple(_) => "Tuple".into(),
        Type::Any => "Any".into(),
    }
}

/// Which section a reader finds it in.
fn section(a: &Attribute) -> usize {
    match (a.required, a.optional) {
        (true, _) => 0,
        (_, true) => 1,
        _ => 2,
    }
}

fn body<'a>(o: &mut String, block: &'a Block, path: &str, nested: &mut Vec<(String, &'a Block)>) {
    for (n, title) in ["Required", "Optional", "Read-Only"].into_iter().enumerate() {
        let mut lines = vec![];
        // `id` is served as optional because the official provider does so; configurations never set it, unless it is an
        // argument that another one can replace.
        let plain_id =
            |a: &Attribute| a.name == "id" && path.is_empty() && a.computed && a.relations.is_empty();
        let place = |a: &Attribute| if plain_id(a) { 2 } else { section(a) };
        for a in block.attributes.iter().filter(|a| place(a) == n) {
            lines.push((a.name, attribute(a)));
        }
        for b in block.blocks.iter().filter(|b| usize::from(b.min == 0) == n) {
            let inner = if path.is_empty() { b.name.to_owned() } else { format!("{path}.{}", b.name) };
            lines.push((b.name, nested_line(b, &inner)));
            nested.push((inner, &b.block));
        }
        if lines.is_empty() {
            continue;
        }
        lines.sort_by_key(|(name, _)| *name);
        let _ = write!(o, "### {title}\n\n");
        lines.iter().for_each(|(_, l)| o.push_str(l));
        o.push('\n');
    }
}

fn attribute(a: &Attribute) -> String {
    let mut flags = ty(&a.ty);
    for (on, word) in [
        (a.force_new, "forces replacement"),
        (a.sensitive, "sensitive"),
        (a.write_only, "write-only"),
        (a.deprecated.is_some(), "deprecated"),
    ] {
        if on {
            let _ = write!(flags, ", {word}");
        }
    }
    let mut text = a.doc.replace('\n', " ");
    for v in &a.validators {
        if let Validator::OneOf(all) | Validator::OneOfIgnoreCase(all) = v {
            // Empty is the official provider's word for nothing.
            let all: Vec<String> = all.iter().filter(|x| !x.is_empty()).map(|x| format!("`{x}`")).collect();
            if !all.iter().all(|x| text.contains(x.as_str())) {
                let _ = write!(text, " One of {}.", all.join(", "));
            }
        }
    }
    if let Some(d) = &a.default {
        let _ = write!(text, " Defaults to `{}`.", value(d));
    }
    for r in &a.relations {
        if let Relation::ConflictsWith(others) = r {
            let all: Vec<String> = others.iter().map(|x| format!("`{x}`")).collect();
            let _ = write!(text, " Conflicts with {}.", all.join(", "));
        }
    }
    if let Some(instead) = a.deprecated {
        let _ = write!(text, " {instead}");
    }
    format!("- `{}` ({flags}) {text}\n", a.name)
}

fn value(v: &crate::Dynamic) -> String {
    use crate::Dynamic as D;
    match v {
        D::Bool(b) => b.to_string(),
        D::Int(n) => n.to_string(),
        D::Float(x) => x.to_string(),
        D::String(s) => s.clone(),
        _ => "…".into(),
    }
}

fn nested_line(b: &NestedBlock, path: &str) -> String {
    let kind = match b.nesting {
        Nesting::List => "Block list",
        Nesting::Set => "Block set",
        Nesting::Map => "Block map",
        Nesting::Single => "Block",
    };
    let mut limits = String::new();
    if b.min > 0 {
        let _ = write!(limits, ", at least {}", b.min);
    }
    if b.max > 0 {
        let _ = write!(limits, ", at most {}", b.max);
    }
    let doc = b.doc.replace('\n', " ");
    format!("- `{}` ({kind}{limits}) {doc} (see [below](#nested--{}))\n", b.name, anchor(path))
}
