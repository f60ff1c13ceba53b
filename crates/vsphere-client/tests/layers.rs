//! The layers of this crate, read from its sources: the core depends on no service, and there is no circular dependency
//! between modules.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The layer below the services.
const BOTTOM: [&str; 3] = ["core", "error", "snapshot"];

/// A module: its path, such as `core::http`, and its code, without comments, tests and spaces at the ends of lines.
struct Module {
    path: String,
    code: String,
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

fn code(text: &str) -> String {
    let text = text.split("\nmod tests {").next().unwrap_or_default();
    let lines = text.lines().filter(|l| !l.trim_start().starts_with("//"));
    lines.map(|l| l.split(" // ").next().unwrap_or_default().trim_end()).flat_map(|l| [l, "\n"]).collect()
}

fn modules() -> Vec<Module> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![];
    rust_files(&root, &mut files);
    let module = |file: PathBuf| {
        let mut path: Vec<String> = file
            .strip_prefix(&root)
            .unwrap()
            .with_extension("")
            .iter()
            .map(|part| part.to_string_lossy().into_owned())
            .collect();
        if path.last().is_some_and(|l| l == "mod" || l == "lib") {
            path.pop();
        }
        Module { path: path.join("::"), code: code(&fs::read_to_string(&file).unwrap()) }
    };
    // Tests may depend on everything.
    files
        .into_iter()
        .map(module)
        .filter(|m| !m.path.starts_with("testing") && m.path != "device::tests")
        .collect()
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Expands `a::{b, c::{d}}` to `a::b` and `a::c::d`.
fn flat(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((head, inside)) = tree.strip_suffix('}').and_then(|t| t.split_once('{')) else {
        return vec![tree.split(" as ").next().unwrap_or_default().trim_end_matches("::self").to_owned()];
    };
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for c in inside.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap().push(c);
    }
    let parts = parts.iter().map(|p| p.trim()).filter(|p| !p.is_empty());
    parts.flat_map(flat).map(|p| format!("{head}{p}").trim_end_matches("::self").to_owned()).collect()
}

/// Returns the paths that a module imports, those that it re-exports, and its code without `use` declarations.
fn imports(code: &str) -> (Vec<String>, Vec<String>, String) {
    let (mut used, mut reexported, mut rest) = (vec![], vec![], String::new());
    let mut left = code;
    while let Some(at) = left.find("use ") {
        let (before, after) = left.split_at(at);
        let line = before.rsplit('\n').next().unwrap_or_default().trim();
        if !line.is_empty() && !line.starts_with("pub") {
            rest.push_str(&left[..at + 4]);
            left = &after[4..];
            continue;
        }
        rest.push_str(&before[..before.len() - line.len()]);
        let (tree, after) = after[4..].split_once(';').unwrap();
        if line.starts_with("pub") {
            reexported.extend(flat(tree))
        } else {
            used.extend(flat(tree))
        }
        left = after;
    }
    rest.push_str(left);
    (used, reexported, rest)
}

/// Returns the paths in expressions and types.
fn paths(code: &str) -> Vec<String> {
    let mut found = vec![];
    for (at, _) in code.match_indices("::") {
        let start = code[..at].rfind(|c| !is_name(c)).map_or(0, |i| i + 1);
        // In the middle of a path, or `$crate`.
        if start == at || code[..start].ends_with([':', '$']) {
            continue;
        }
        let end = code[start..].find(|c| !is_name(c) && c != ':').map_or(code.len(), |i| start + i);
        found.push(code[start..end].trim_end_matches(':').to_owned());
    }
    found
}

/// Returns the methods that a module adds to a type.
fn methods(code: &str, of: &str) -> Vec<String> {
    let mut found = vec![];
    for block in code.split(&format!("\nimpl {of} {{")).skip(1) {
        let block = block.split("\n}").next().unwrap_or_default();
        for rest in block.split("    ").filter_map(|l| l.split_once("fn ")).map(|(_, rest)| rest) {
            found.push(rest.chars().take_while(|c| is_name(*c)).collect());
        }
    }
    found
}

/// Returns the methods that are called on one of these expressions.
fn called(code: &str, on: &[&str]) -> Vec<String> {
    let mut found = vec![];
    for (at, _) in code.match_indices('.') {
        let name: String = code[at + 1..].chars().take_while(|c| is_name(*c)).collect();
        let opens = code[at + 1 + name.len()..].starts_with(['(', ':']);
        let before = code[..at].trim_end();
        let receives = |on: &&str| before.strip_suffix(*on).is_some_and(|b| !b.ends_with(is_name));
        if opens && on.iter().any(receives) {
            found.push(name);
        }
    }
    found
}

/// Returns the dependencies of each module: imports, paths, and calls of methods that a module adds to `Client` or `Core`.
fn needs() -> BTreeMap<String, BTreeSet<String>> {
    let modules = modules();
    let known: BTreeSet<&str> = modules.iter().map(|m| m.path.as_str()).collect();
    // Resolves a path from the root of the crate. `None`: it is not in this crate.
    let from_root = |module: &str, path: &str| -> Option<String> {
        let (first, rest) = path.split_once("::").unwrap_or((path, ""));
        let child = |base: &str, name: &str| {
            [base, name].iter().filter(|p| !p.is_empty()).copied().collect::<Vec<_>>().join("::")
        };
        let mut base = match first {
            "crate" => String::new(),
            "self" => module.to_owned(),
            "super" => module.rsplit_once("::").map_or("", |(above, _)| above).to_owned(),
            name if known.contains(child(module, name).as_str()) => child(module, name),
            _ => return None,
        };
        for part in rest.split("::").filter(|p| !p.is_empty()) {
            base = match part {
                "super" => base.rsplit_once("::").map_or("", |(above, _)| above).to_owned(),
                part => child(&base, part),
            };
        }
        Some(base)
    };
    let mut reexported: BTreeMap<String, String> = BTreeMap::new();
    let mut given: BTreeMap<(&str, String), String> = BTreeMap::new();
    for m in &modules {
        for path in imports(&m.code).1 {
            let name = path.rsplit("::").next().unwrap_or_default();
            let own = if m.path.is_empty() { name.to_owned() } else { format!("{}::{name}", m.path) };
            if let Some(target) = from_root(&m.path, &path) {
                reexported.insert(own, target);
            }
        }
        for of in ["Client", "Core"] {
            given.extend(methods(&m.code, of).into_iter().map(|name| ((of, name), m.path.clone())));
        }
    }
    let module_of = |path: String| -> String {
        let mut path = path;
        loop {
            if let Some(target) = reexported.get(&path) {
                path = target.clone();
            } else if known.contains(path.as_str()) {
                return path;
            } else {
                path = path.rsplit_once("::").map_or(String::new(), |(above, _)| above.to_owned());
            }
        }
    };
    let mut needs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for m in &modules {
        let (used, _, rest) = imports(&m.code);
        let named =
            used.into_iter().chain(paths(&rest)).filter_map(|p| from_root(&m.path, &p)).map(&module_of);
        let mut all: BTreeSet<String> = named.collect();
        let its = |of: &'static str, on: &[&str]| {
            called(&rest, on).into_iter().map(move |name| (of, name)).collect::<Vec<_>>()
        };
        let mut calls = its("Client", &["client", "client()"]);
        calls.extend(its("Core", &["core", "core()"]));
        for of in ["Client", "Core"] {
            if !methods(&m.code, of).is_empty() {
                calls.extend(its(of, &["self"]));
            }
        }
        all.extend(calls.iter().filter_map(|call| given.get(call)).cloned());
        all.remove(&m.path);
        // The root has only re-exports and macros.
        all.remove("");
        needs.insert(m.path.clone(), all);
    }
    needs
}

fn is_bottom(module: &str) -> bool {
    BOTTOM.iter().any(|b| module == *b || module.strip_prefix(b).is_some_and(|rest| rest.starts_with("::")))
}

/// Returns all direct and indirect dependencies of a module.
fn reached(needs: &BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<String> {
    let (mut found, mut open) = (BTreeSet::new(), vec![from.to_owned()]);
    while let Some(module) = open.pop() {
        for next in needs.get(&module).into_iter().flatten() {
            if found.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    found
}

#[test]
fn the_sources_are_understood() {
    let needs = needs();
    let need = |module: &str, other: &str| {
        assert!(needs[module].contains(other), "{module} needs {other}, and {:?} were found", needs[module]);
    };
    need("tags", "core::rest"); // an import
    need("core::busy", "core::backoff"); // a path
    need("cluster", "task"); // a method of the client
    need("core::call", "core::login"); // a method of the core, called in another of its blocks
    need("virtual_machine::question", "virtual_machine::guest"); // re-exported by the module above
}

#[test]
fn the_core_depends_on_no_service() {
    for (module, needed) in needs().iter().filter(|(m, _)| is_bottom(m)) {
        let above: Vec<_> = needed.iter().filter(|n| !is_bottom(n)).collect();
        assert!(above.is_empty(), "{module} is below the services, but depends on {above:?}");
    }
}

#[test]
fn no_circular_dependencies() {
    let needs = needs();
    let circles: BTreeSet<Vec<String>> = needs
        .keys()
        .filter_map(|module| {
            let all = reached(&needs, module);
            let back = all.iter().filter(|other| reached(&needs, other).contains(module));
            Some(back.cloned().collect::<Vec<_>>()).filter(|circle| !circle.is_empty())
        })
        .collect();
    assert!(circles.is_empty(), "circular dependencies: {circles:#?}");
}
