//! What the schemas refuse, each with the reason of the refusal: docs/decisions/0003-what-is-refused.md has a row for
//! every check of every argument, and no others.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
use provider_vsphere::server;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tf_framework::{Block, Relation, Validator};

fn words(v: &Validator) -> Option<String> {
    let upto = |min: String, max: String, what: &str| format!("{min} to {max}{what}");
    let most = |n: usize| if n == usize::MAX { "any".to_owned() } else { n.to_string() };
    Some(match v {
        Validator::OneOf(all) | Validator::OneOfIgnoreCase(all) => {
            let all: Vec<_> =
                all.iter().map(|x| if x.is_empty() { "``".to_owned() } else { format!("`{x}`") }).collect();
            all.join(", ")
        }
        // Warnings.
        Validator::Expected(_) | Validator::Advice(_) => return None,
        Validator::Range(min, i64::MAX) => format!("at least {min}"),
        Validator::Range(i64::MIN, max) => format!("at most {max}"),
        Validator::Range(min, max) => upto(min.to_string(), max.to_string(), ""),
        Validator::Length(min, max) => upto(most(*min), most(*max), " characters"),
        Validator::Count(min, max) => upto(most(*min), most(*max), " elements"),
        Validator::Pattern(_, what) => (*what).to_owned(),
        Validator::Custom(_) => "its form".to_owned(),
        Validator::Form(_) => "form of an id".to_owned(),
        Validator::Each(v) => format!("each: {}", words(v)?),
    })
}

fn related(r: &Relation) -> String {
    let list = |all: &[&str]| all.iter().map(|x| format!("`{x}`")).collect::<Vec<_>>().join(", ");
    match r {
        Relation::ConflictsWith(x) => format!("not with {}", list(x)),
        Relation::RequiredWith(x) => format!("only with {}", list(x)),
        Relation::ExactlyOneOf(x) => format!("exactly one of {}", list(x)),
        Relation::AtLeastOneOf(x) => format!("at least one of {}", list(x)),
    }
}

fn collect(at: &str, block: &Block, out: &mut BTreeMap<(String, String), BTreeSet<String>>, name: &str) {
    for a in &block.attributes {
        let path = if at.is_empty() { a.name.to_owned() } else { format!("{at}.{}", a.name) };
        for check in a.validators.iter().filter_map(words).chain(a.relations.iter().map(related)) {
            out.entry((path.clone(), check)).or_default().insert(name.to_owned());
        }
    }
    for n in &block.blocks {
        let path = if at.is_empty() { n.name.to_owned() } else { format!("{at}.{}", n.name) };
        collect(&path, &n.block, out, name);
    }
}

/// The content of the table: argument, check, types.
fn rows(text: &str) -> BTreeSet<(String, String, String)> {
    let mut out = BTreeSet::new();
    for line in text.lines().filter(|l| l.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        if let [argument, check, types, why] = cells.as_slice() {
            assert!(!why.is_empty(), "{argument} has no reason");
            out.insert((argument.trim_matches('`').to_owned(), (*check).to_owned(), (*types).to_owned()));
        }
    }
    out
}

#[test]
fn every_check_has_a_reason() {
    let s = server();
    let all = s.catalog();
    let mut checks = BTreeMap::new();
    collect("", &all.provider.block, &mut checks, "provider");
    for (name, schema) in &all.resources {
        collect("", &schema.block, &mut checks, name.trim_start_matches("vsphere_"));
    }
    for (name, schema) in &all.data_sources {
        collect("", &schema.block, &mut checks, &format!("data {}", name.trim_start_matches("vsphere_")));
    }
    let there: BTreeSet<_> = (checks.into_iter())
        .map(|((argument, check), types)| (argument, check, types.into_iter().collect::<Vec<_>>().join(", ")))
        .collect();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/decisions/0003-what-is-refused.md");
    let table = rows(&std::fs::read_to_string(file).unwrap_or_default());
    let line = |(a, c, t): &(String, String, String)| format!("| `{a}` | {c} | {t} | |");
    let missing: Vec<_> = there.difference(&table).map(line).collect();
    let stale: Vec<_> = table.difference(&there).map(line).collect();
    assert!(missing.is_empty(), "without a row:\n{}", missing.join("\n"));
    assert!(stale.is_empty(), "rows without a check:\n{}", stale.join("\n"));
}
