//! Generates Rust types and requests for the closure of what `roots` names, out of the files in `facts`.
//!
//! Standard library only: this runs before everything else in the build.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::{env, fs, path::Path};

/// Fields at most this old are sent without asking for the server's version: no older server is supported.
const OLDEST_SERVER: &str = "6.7";

const KEYWORDS: &str = "as break const continue crate dyn else enum extern false fn for gen if impl in let loop \
    match mod move mut pub ref return static struct super trait true type unsafe use where while async await \
    abstract become box do final macro override priv typeof unsized virtual yield try";

#[derive(Clone)]
struct Member {
    name: String,
    kind: Kind,
    since: String,
}

#[derive(Clone)]
struct Kind {
    name: String,
    many: bool,
    optional: bool,
    secret: bool,
}

#[derive(Default)]
struct Data {
    parent: String,
    since: String,
    fields: Vec<Member>,
}

struct Method {
    /// Of the XML, without `urn:`.
    namespace: &'static str,
    object: String,
    name: String,
    since: String,
    result: Kind,
    privilege: Option<String>,
    params: Vec<Member>,
}

#[derive(Default)]
struct Facts {
    data: BTreeMap<String, Data>,
    enums: BTreeMap<String, Vec<String>>,
    properties: BTreeMap<(String, String), Kind>,
    methods: Vec<Method>,
    children: BTreeMap<String, Vec<String>>,
}

#[allow(clippy::disallowed_macros, reason = "this is how a build script talks to cargo")]
fn main() {
    println!("cargo::rerun-if-changed=facts");
    println!("cargo::rerun-if-changed=roots");
    println!("cargo::rerun-if-changed=build.rs");
    let mut facts = Facts::default();
    facts.read("vim25", &fs::read_to_string("facts/vim.txt").expect("facts/vim.txt is committed"));
    facts
        .read("vim25", &fs::read_to_string("facts/placement.txt").expect("facts/placement.txt is committed"));
    facts.read("pbm", &fs::read_to_string("facts/pbm.txt").expect("facts/pbm.txt is committed"));
    facts.read("sso", &fs::read_to_string("facts/sso.txt").expect("facts/sso.txt is committed"));
    facts.read("vsan", &fs::read_to_string("facts/vsan.txt").expect("facts/vsan.txt is committed"));
    let roots = fs::read_to_string("roots").expect("roots is committed");
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let plan = Plan::new(&facts, &roots);
    fs::write(Path::new(&out).join("types.rs"), plan.types()).expect("OUT_DIR is writable");
    fs::write(Path::new(&out).join("methods.rs"), plan.requests()).expect("OUT_DIR is writable");
}

impl Kind {
    fn parse(text: &str) -> Kind {
        let name = text.trim_end_matches(['?', '!']).trim_end_matches("[]");
        Kind {
            name: name.to_owned(),
            many: text.contains("[]"),
            optional: text.contains('?'),
            secret: text.contains('!'),
        }
    }
}

impl Facts {
    /// Adds the facts of one schema; no two have a name in common.
    fn read(&mut self, namespace: &'static str, text: &str) {
        let facts = self;
        let (mut holder, mut holder_since, mut in_object) = (String::new(), String::new(), false);
        for line in text.lines().filter(|l| !l.starts_with('#') && !l.is_empty()) {
            let indent = line.len() - line.trim_start().len();
            let words: Vec<&str> = line.split_whitespace().collect();
            let version = |at: usize, holder: &str| match words.get(at) {
                Some(w) if !w.contains('=') => (*w).to_owned(),
                _ => holder.to_owned(),
            };
            let member = |name: &str, holder: &str| Member {
                name: name.to_owned(),
                kind: Kind::parse(words[1]),
                since: version(2, holder),
            };
            match (indent, words[0]) {
                (0, "type") => {
                    (holder, holder_since, in_object) = (words[1].to_owned(), words[3].to_owned(), false);
                    let parent = words[2].to_owned();
                    facts.children.entry(parent.clone()).or_default().push(holder.clone());
                    facts
                        .data
                        .insert(holder.clone(), Data { parent, since: words[3].to_owned(), fields: vec![] });
                }
                (0, "enum") => {
                    let values = words[2..].iter().map(|v| (*v).to_owned()).collect();
                    facts.enums.insert(words[1].to_owned(), values);
                }
                (0, "object") => {
                    (holder, holder_since, in_object) = (words[1].to_owned(), words[3].to_owned(), true);
                }
                (1, name) if !in_object => {
                    let member = member(name, &holder_since);
                    facts.data.get_mut(&holder).expect("a type line came first").fields.push(member);
                }
                (1, name) if name.starts_with('.') => {
                    facts.properties.insert((holder.clone(), name[1..].to_owned()), Kind::parse(words[1]));
                }
                (1, name) => facts.methods.push(Method {
                    namespace,
                    object: holder.clone(),
                    name: name.trim_end_matches("()").to_owned(),
                    since: version(2, &holder_since),
                    result: Kind::parse(words[1]),
                    privilege: words.iter().find_map(|w| w.strip_prefix("privilege=")).map(str::to_owned),
                    params: vec![],
                }),
                (_, name) => {
                    let method = facts.methods.last_mut().expect("a method line came first");
                    let since = method.since.clone();
                    method.params.push(member(name, &since));
                }
            }
        }
    }
}

/// What is generated: the closure of the roots.
struct Plan<'a> {
    facts: &'a Facts,
    data: BTreeSet<String>,
    enums: BTreeSet<String>,
    methods: Vec<&'a Method>,
}

impl<'a> Plan<'a> {
    fn new(facts: &'a Facts, roots: &str) -> Plan<'a> {
        let mut plan = Plan { facts, data: BTreeSet::new(), enums: BTreeSet::new(), methods: Vec::new() };
        for line in roots.lines().map(|l| l.split('#').next().unwrap_or("").trim()) {
            let Some((what, name)) = line.split_once(' ') else { continue };
            match what {
                "type" => {
                    assert!(
                        facts.data.contains_key(name) || facts.enums.contains_key(name),
                        "roots: no type {name}"
                    );
                    plan.add(name);
                }
                "property" => {
                    let (object, property) = name.split_once('.').expect("roots: property OBJECT.NAME");
                    let kind = facts
                        .properties
                        .get(&(object.to_owned(), property.to_owned()))
                        .unwrap_or_else(|| panic!("roots: no property {name}"));
                    plan.add(&kind.name);
                }
                "method" => {
                    let (object, name) = name.split_once('.').expect("roots: method OBJECT.NAME");
                    let method = facts
                        .methods
                        .iter()
                        .find(|m| m.object == object && m.name == name)
                        .unwrap_or_else(|| panic!("roots: no method {object}.{name}"));
                    plan.add(&method.result.name);
                    method.params.iter().for_each(|p| plan.add(&p.kind.name));
                    plan.methods.push(method);
                }
                _ => panic!("roots: {line}"),
            }
        }
        plan.methods.sort_by(|a, b| a.name.cmp(&b.name));
        plan
    }

    fn add(&mut self, name: &str) {
        if self.facts.enums.contains_key(name) {
            self.enums.insert(name.to_owned());
        }
        let Some(data) = self.facts.data.get(name) else { return };
        if name == "DynamicData" || !self.data.insert(name.to_owned()) {
            return;
        }
        self.add(&data.parent.clone());
        for field in &data.fields {
            self.add(&field.kind.name);
        }
    }

    fn subtypes(&self, name: &str) -> Vec<&str> {
        let mut found = Vec::new();
        for child in self.facts.children.get(name).into_iter().flatten() {
            if let Some(known) = self.data.get(child) {
                found.push(known.as_str());
            }
            found.extend(self.subtypes(child));
        }
        found.sort_unstable();
        found
    }

    fn rust_type(&self, kind: &Kind, of: &str) -> String {
        let mut plain = match kind.name.as_str() {
            _ if kind.secret => "Secret".to_owned(),
            "void" => "()".to_owned(),
            "string" => "String".to_owned(),
            "int" => "i32".to_owned(),
            "long" => "i64".to_owned(),
            "short" => "i16".to_owned(),
            "byte" => "i8".to_owned(),
            "boolean" => "bool".to_owned(),
            "float" => "f32".to_owned(),
            "double" => "f64".to_owned(),
            "any" => "Any".to_owned(),
            "binary" => "Binary".to_owned(),
            "fault" => "LocalizedFault".to_owned(),
            name if name.starts_with('&') => "MoRef".to_owned(),
            "DynamicData" => "Any".to_owned(),
            name if self.data.contains(name) => {
                if self.subtypes(name).is_empty() {
                    name.to_owned()
                } else {
                    format!("{name}Kind")
                }
            }
            name => name.to_owned(),
        };
        if of == "methods" && self.enums.contains(&kind.name) {
            plain = kind.name.clone();
        }
        let boxed = self.data.contains(&kind.name) && !kind.secret;
        match (kind.many, kind.optional) {
            (true, _) => format!("Vec<{plain}>"),
            (_, true) if boxed => format!("Option<Box<{plain}>>"),
            (_, true) => format!("Option<{plain}>"),
            _ => plain,
        }
    }

    fn types(&self) -> String {
        let mut out = String::new();
        for name in &self.data {
            self.data_type(&mut out, name);
        }
        for name in &self.data {
            let subtypes = self.subtypes(name);
            if !subtypes.is_empty() {
                self.kind_enum(&mut out, name, &subtypes);
            }
        }
        for name in &self.enums {
            enumeration(&mut out, name, &self.facts.enums[name]);
        }
        out
    }

    fn data_type(&self, out: &mut String, name: &str) {
        let data = &self.facts.data[name];
        let parent = self.data.get(&data.parent);
        let fields: Vec<(String, &Member)> = data
            .fields
            .iter()
            .map(|f| {
                let rust = snake(&f.name);
                (if parent.is_some() && rust == "base" { "base_".to_owned() } else { rust }, f)
            })
            .collect();
        let mut body = String::new();
        if let Some(parent) = parent {
            let _ = writeln!(body, "    /// What is inherited from [`{parent}`].\n    pub base: {parent},");
        }
        for (rust, f) in &fields {
            let _ = writeln!(
                body,
                "    /// {}\n    pub {rust}: {},",
                field_doc(f, &data.since),
                self.rust_type(&f.kind, "types")
            );
        }
        let _ = writeln!(
            out,
            "/// `{name}`{}.\n#[derive(Clone, Debug, Default, PartialEq)]\npub struct {name} {{\n{body}}}",
            since(&data.since, "")
        );
        if let Some(parent) = parent {
            let _ = writeln!(
                out,
                "impl std::ops::Deref for {name} {{ type Target = {parent}; fn deref(&self) -> &{parent} {{ &self.base }} }}\n\
                 impl std::ops::DerefMut for {name} {{ fn deref_mut(&mut self) -> &mut {parent} {{ &mut self.base }} }}"
            );
        }
        let rest = if parent.is_some() { "return self.base.field(name)" } else { "return None" };
        let arms: String = fields.iter().map(|(r, f)| format!("{:?} => &mut self.{r}, ", f.name)).collect();
        let read = if fields.is_empty() {
            format!("let _ = name; {rest}").replace("return ", "")
        } else {
            format!("Some(match name {{ {arms} _ => {rest} }})")
        };
        let mut write = String::new();
        if parent.is_some() {
            write.push_str("self.base.write_fields(writer);");
        }
        for (rust, f) in &fields {
            let _ = write!(write, "{}", write_member(rust, f, name));
        }
        if write.is_empty() {
            write.push_str("let _ = writer;");
        }
        let _ = writeln!(
            out,
            "impl Object for {name} {{\n    \
             fn field(&mut self, name: &str) -> Option<&mut dyn Value> {{ {read} }}\n}}\n\
             impl WriteObject for {name} {{\n    fn type_name(&self) -> &'static str {{ {name:?} }}\n    \
             fn write_fields(&self, writer: &mut Writer) {{ {write} }}\n}}\n\
             impl Value for {name} {{\n    \
             fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {{ reader.object(self) }}\n}}\n\
             impl Write for {name} {{\n    \
             fn write(&self, writer: &mut Writer, name: &'static str) {{ writer.object(name, self, false) }}\n}}"
        );
    }

    fn kind_enum(&self, out: &mut String, name: &str, subtypes: &[&str]) {
        let all: Vec<&str> = std::iter::once(name).chain(subtypes.iter().copied()).collect();
        let variants: String =
            all.iter().map(|v| format!("    /// A plain [`{v}`].\n    {v}(Box<{v}>),\n")).collect();
        let read: String = all
            .iter()
            .map(|v| {
                let pattern = if *v == name { format!("\"\" | {v:?}") } else { format!("{v:?}") };
                format!("{pattern} => {{ let mut o = Box::<{v}>::default(); reader.object(&mut *o)?; *self = Self::{v}(o); }} ")
            })
            .collect();
        let write: String = all
            .iter()
            .map(|v| format!("Self::{v}(o) => writer.object(name, &**o, {}), ", *v != name))
            .collect();
        let base: String = all
            .iter()
            .map(|v| {
                // Every subtype dereferences, step by step, to the type that the enum is for.
                format!("Self::{v}(o) => Some(o), ")
            })
            .collect();
        let from: String = all
            .iter()
            .map(|v| format!("impl From<{v}> for {name}Kind {{ fn from(value: {v}) -> Self {{ Self::{v}(Box::new(value)) }} }}\n"))
            .collect();
        let _ = writeln!(
            out,
            "/// A [`{name}`] or one of its subtypes.\n#[derive(Clone, Debug, PartialEq)]\n#[non_exhaustive]\npub enum {name}Kind {{\n{variants}    \
             /// A subtype that is not among the generated ones.\n    Unknown(Box<Dyn>),\n}}\n\
             impl Default for {name}Kind {{ fn default() -> Self {{ Self::{name}(Box::default()) }} }}\n\
             impl {name}Kind {{\n    /// What every `{name}` has; nothing when the subtype is unknown.\n    \
             pub fn base(&self) -> Option<&{name}> {{ match self {{ {base} Self::Unknown(_) => None }} }}\n}}\n\
             impl Value for {name}Kind {{\n    \
             fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {{ match reader.xsi_type() {{ {read} _ => *self = Self::Unknown(Box::new(reader.dynamic()?)) }} Ok(()) }}\n}}\n\
             impl Write for {name}Kind {{\n    \
             fn write(&self, writer: &mut Writer, name: &'static str) {{ match self {{ {write} Self::Unknown(o) => writer.dynamic(name, o) }} }}\n}}\n{from}"
        );
    }

    fn requests(&self) -> String {
        let mut out = String::new();
        let mut done = BTreeSet::new();
        for method in &self.methods {
            let mut name = upper(&method.name).replace("_Task", "Task");
            if !done.insert(name.clone()) {
                name = format!("{}{name}", method.object);
            }
            let mut fields = String::new();
            let mut write = String::from("self.this.write(writer, \"_this\");");
            for p in &method.params {
                let rust = snake(&p.name);
                let _ = writeln!(
                    fields,
                    "    /// {}\n    pub {rust}: {},",
                    field_doc(p, &method.since),
                    self.rust_type(&p.kind, "methods")
                );
                let _ = write!(write, "{}", write_member(&rust, p, &method.name));
            }
            let privilege = match &method.privilege {
                Some(p) => format!("Some({p:?})"),
                None => "None".to_owned(),
            };
            let namespace = match method.namespace {
                "vim25" => String::new(),
                other => format!("const NAMESPACE: &'static str = {other:?};\n    "),
            };
            let needs = match &method.privilege {
                Some(p) => format!(" Needs the privilege `{p}`."),
                None => String::new(),
            };
            let _ = writeln!(
                out,
                "/// `{}.{}`{}.{needs}\n#[derive(Clone, Debug, Default, PartialEq)]\npub struct {name} {{\n    \
                 /// The `{}` that the method is called on.\n    pub this: MoRef,\n{fields}}}\n\
                 impl Request for {name} {{\n    type Response = {};\n    const NAME: &'static str = {:?};\n    \
                 const PRIVILEGE: Option<&'static str> = {privilege};\n    {namespace}\
                 fn write(&self, writer: &mut Writer) {{ {write} }}\n}}",
                method.object,
                method.name,
                since(&method.since, ""),
                method.object,
                self.rust_type(&method.result, "methods"),
                method.name
            );
        }
        out
    }
}

fn enumeration(out: &mut String, name: &str, values: &[String]) {
    let mut variants: Vec<String> = Vec::new();
    for value in values {
        let mut variant: String =
            upper(value).chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        if variant.starts_with(|c: char| c.is_ascii_digit()) {
            variant.insert(0, 'V');
        }
        // Snake case on the wire (`native_512`) would not be a Rust variant name.
        variant = variant.split('_').filter(|p| !p.is_empty()).map(upper).collect();
        while variants.contains(&variant) || variant == "Self" {
            variant.push('_');
        }
        variants.push(variant);
    }
    let pairs = || variants.iter().zip(values);
    let declared: String = pairs().map(|(r, v)| format!("    /// `{v}`\n    {r},\n")).collect();
    let text: String = pairs().map(|(r, v)| format!("Self::{r} => {v:?}, ")).collect();
    let parse: String = pairs().map(|(r, v)| format!("{v:?} => Self::{r}, ")).collect();
    let _ = writeln!(
        out,
        "/// `{name}`.\n#[derive(Clone, Debug, PartialEq, Eq, Hash)]\n#[non_exhaustive]\npub enum {name} {{\n{declared}    \
         /// A value that is not in the schema, or none (the default).\n    Unrecognized(Box<str>),\n}}\n\
         impl Default for {name} {{ fn default() -> Self {{ Self::Unrecognized(\"\".into()) }} }}\n\
         impl {name} {{\n    /// The text on the wire.\n    pub fn as_str(&self) -> &str {{ match self {{ {text} Self::Unrecognized(s) => s }} }}\n}}\n\
         impl From<&str> for {name} {{ fn from(text: &str) -> Self {{ match text {{ {parse} other => Self::Unrecognized(other.into()) }} }} }}\n\
         impl Value for {name} {{\n    \
         fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {{ *self = Self::from(&*reader.text()?); Ok(()) }}\n}}\n\
         impl Write for {name} {{\n    \
         fn write(&self, writer: &mut Writer, name: &'static str) {{ writer.leaf(name, self.as_str()) }}\n}}"
    );
}

fn write_member(rust: &str, member: &Member, owner: &str) -> String {
    let plain = rust.trim_start_matches("r#");
    let name = &member.name;
    if number(&member.since) <= number(OLDEST_SERVER) {
        return format!("self.{rust}.write(writer, {name:?});");
    }
    let _ = plain;
    format!("writer.since(ApiVersion::new({:?}), {owner:?}, {name:?}, &self.{rust});", number(&member.since))
}

fn field_doc(member: &Member, holder: &str) -> String {
    let kind = &member.kind;
    let mut doc = format!("`{}`: {}", member.name, kind.name.trim_start_matches('&'));
    if kind.many {
        doc.push_str(", many");
    }
    if kind.optional {
        doc.push_str(", optional");
    }
    doc + &since(&member.since, holder) + "."
}

fn since(version: &str, holder: &str) -> String {
    if version == holder || number(version) <= number(OLDEST_SERVER) {
        String::new()
    } else {
        format!(" (since vSphere API {version})")
    }
}

fn number(version: &str) -> [u16; 4] {
    let mut parts = [0; 4];
    for (slot, part) in parts.iter_mut().zip(version.split('.')) {
        *slot = part.parse().unwrap_or(0);
    }
    parts
}

fn upper(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(chars).collect()
}

fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (i, c) in chars.iter().enumerate() {
        if c.is_ascii_uppercase() && i > 0 {
            let after_lower = chars[i - 1].is_ascii_lowercase() || chars[i - 1].is_ascii_digit();
            let before_lower = chars.get(i + 1).is_some_and(char::is_ascii_lowercase);
            // A plural of an acronym (`numCPUs`, `tagIDs`) is one word.
            let plural =
                chars.get(i + 1) == Some(&'s') && chars.get(i + 2).is_none_or(char::is_ascii_uppercase);
            if after_lower || (before_lower && chars[i - 1].is_ascii_uppercase() && !plural) {
                out.push('_');
            }
        }
        out.push(c.to_ascii_lowercase());
    }
    match out.as_str() {
        "self" | "super" | "crate" => out + "_",
        word if KEYWORDS.split_whitespace().any(|k| k == word) => format!("r#{word}"),
        _ => out,
    }
}
