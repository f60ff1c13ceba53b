//! Every type against the official provider's schema: what it has, ours has too, and in the same way.
//!
//! `computed` and `sensitive` may be added, and optional or computed arguments; a required secret may be optional beside a
//! write-only one, and any required argument beside an added one that excludes it. Each addition is
//! listed in `additions.txt` beside this file, and `UPDATE_EXPECT=1` rewrites that list.
use provider_vsphere::server;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::{env, fs, path::Path};
use tf_framework::{Block, Nesting, Relation, Schema};

struct Parity {
    wrong: Vec<String>,
    added: Vec<String>,
    /// The arguments and blocks that were compared.
    members: usize,
}

fn flag(v: &Json, name: &str) -> bool {
    v[name].as_bool().unwrap_or(false)
}

impl Parity {
    fn block(&mut self, at: &str, ours: &Block, official: &Json) {
        let none = serde_json::Map::new();
        let attributes = official["attributes"].as_object().unwrap_or(&none);
        let blocks = official["block_types"].as_object().unwrap_or(&none);
        self.members += attributes.len() + blocks.len();
        for (name, o) in attributes {
            let at = format!("{at}.{name}");
            let Some(a) = ours.attribute(name) else {
                self.wrong.push(format!("{at} is missing"));
                continue;
            };
            if a.ty.to_json() != o["type"] {
                self.wrong.push(format!("{at} is {}, and {} officially", a.ty.to_json(), o["type"]));
            }
            // A secret that the official provider shows is hidden here.
            if a.sensitive && !flag(o, "sensitive") {
                self.added.push(format!("{at} (sensitive)"));
            }
            // What the official provider accepts is accepted, and the write-only argument instead of it.
            let write_only = ours.attribute(&format!("{name}_wo")).is_some_and(|wo| wo.write_only);
            let relaxed = write_only && a.optional && flag(o, "required") && a.sensitive;
            if relaxed {
                self.added.push(format!("{at} (optional beside `{name}_wo`)"));
            }
            // A required argument, and an added one instead of it.
            let instead = a.relations.iter().find_map(|r| match r {
                Relation::ExactlyOneOf(all) | Relation::ConflictsWith(all) => {
                    all.iter().find(|other| !attributes.contains_key(**other))
                }
                _ => None,
            });
            let instead = instead.filter(|_| !relaxed && a.optional && flag(o, "required"));
            if let Some(other) = instead {
                self.added.push(format!("{at} (optional beside `{other}`)"));
            }
            let relaxed = relaxed || instead.is_some();
            // What is only read officially may also be set here.
            let settable = a.optional && flag(o, "computed") && !flag(o, "optional") && !flag(o, "required");
            if settable {
                self.added.push(format!("{at} (optional)"));
            }
            for (what, ours, theirs) in [
                ("required", a.required || relaxed, flag(o, "required")),
                ("optional", a.optional && !relaxed && !settable, flag(o, "optional")),
                ("sensitive", a.sensitive || !flag(o, "sensitive"), true),
                ("deprecated", a.deprecated.is_some(), flag(o, "deprecated")),
            ] {
                if ours != theirs {
                    self.wrong.push(format!("{at}: {what} is {ours}, and {theirs} officially"));
                }
            }
            if flag(o, "computed") && !a.emit_computed() {
                self.wrong.push(format!("{at} is not computed, and is officially"));
            }
        }
        for a in ours.attributes.iter().filter(|a| !attributes.contains_key(a.name)) {
            if a.required {
                self.wrong.push(format!("{at}.{} is new and required", a.name));
            }
            let kind = if a.optional { "optional" } else { "read-only" };
            self.added.push(format!("{at}.{} ({kind})", a.name));
        }
        for (name, o) in blocks {
            let at = format!("{at}.{name}");
            let Some(b) = ours.nested(name) else {
                self.wrong.push(format!("{at} is missing"));
                continue;
            };
            let nesting = match b.nesting {
                Nesting::List => "list",
                Nesting::Set => "set",
                Nesting::Map => "map",
                Nesting::Single => "single",
            };
            let limit = |name: &str| o[name].as_u64().unwrap_or(0);
            let theirs =
                (o["nesting_mode"].as_str().unwrap_or_default(), limit("min_items"), limit("max_items"));
            let (max, most) = (b.max as u64, theirs.2);
            let here = if most > 0 && (max == 0 || max > most) {
                // More blocks are an addition.
                self.added.push(format!("{at} (up to {max} blocks)"));
                (nesting, b.min as u64, most)
            } else {
                (nesting, b.min as u64, max)
            };
            if here != theirs {
                self.wrong.push(format!("{at} is {here:?}, and {theirs:?} officially"));
            }
            self.block(&at, &b.block, &o["block"]);
        }
        for b in ours.blocks.iter().filter(|b| !blocks.contains_key(b.name)) {
            if b.min > 0 {
                self.wrong.push(format!("{at}.{} is new and required", b.name));
            }
            self.added.push(format!("{at}.{} (optional block)", b.name));
        }
    }

    /// How many types were compared: those that the official provider has too.
    fn types(&mut self, kind: &str, ours: &BTreeMap<&'static str, Schema>, official: &Json) -> usize {
        let mut compared = 0;
        for (name, schema) in ours {
            let at = format!("{kind}.{name}");
            match official.get(name) {
                Some(o) => {
                    compared += 1;
                    if schema.version < o["version"].as_i64().unwrap_or(0) {
                        self.wrong.push(format!("{at}: the schema version is older than the official one"));
                    }
                    self.block(&at, &schema.block, o);
                }
                None => self.added.push(format!("{at} (new type)")),
            }
        }
        compared
    }
}

#[test]
fn schemas_are_those_of_the_official_provider() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("acceptance-tests/reference/official-schema.json")).unwrap();
    let official: Json = serde_json::from_str(&text).unwrap();
    let server = server();
    let all = server.catalog();
    let mut p = Parity { wrong: vec![], added: vec![], members: 0 };
    let resources = p.types("resource", &all.resources, &official["resources"]);
    let data_sources = p.types("data", &all.data_sources, &official["data_sources"]);
    p.block("provider", &all.provider.block, &official["provider"]);
    // The official provider takes these from the environment too, and then serves them as optional.
    let served = ["provider.user: ", "provider.password: "];
    p.wrong.retain(|w| !served.iter().any(|x| w.starts_with(x)));
    assert!(p.wrong.is_empty(), "not as in the official provider:\n{}", p.wrong.join("\n"));

    p.added.sort();
    let mut list =
        String::from("What our schemas have beyond the official provider's. Written by tests/parity.rs.\n\n");
    for a in &p.added {
        let _ = writeln!(list, "{a}");
    }
    let file = root.join("tests/additions.txt");
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&file, &list).unwrap();
    }
    let known = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(list, known, "an addition is not listed: run with UPDATE_EXPECT=1 and review the list");
    // Exact, so that no type and no part of one drops out of the comparison unseen. A new type raises them.
    assert_eq!(
        (resources, data_sources, p.members),
        (51, 35, 1395),
        "resources, data sources, members compared"
    );
}
