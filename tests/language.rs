//! Counts the phrases that `docs/STYLE.md` rules out, in comments, messages, names and pages. `tests/language.txt` has
//! the count per folder and phrase, and a count may only go down: a new occurrence fails, and so does a count that has
//! become too high for what is left. `UPDATE_LANGUAGE=1` lowers the counts and never raises one.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What to write instead, by phrase. A `*` at the end stands for any ending.
const BANNED: &[(&str, &str)] = &[
    ("nobody", "no user, no client, another resource: name what is meant"),
    ("somebody", "a user, another client, a change outside Terraform"),
    ("anybody", "any user, any client"),
    ("whoever", "the user that …"),
    ("told", "reported, shown"),
    ("tells", "shows, reports, returns"),
    ("gone", "deleted, no longer exists, does not exist"),
    ("stand", "is, exists, is listed"),
    ("stands", "is, exists, is listed"),
    ("is no", "is not a …"),
    ("are no", "are not …"),
    ("was no", "was not a …"),
    ("knows no", "unknown …, does not have"),
    ("anew", "again"),
    ("for ever", "indefinitely"),
    ("patience", "timeout, retry budget"),
    ("stranger", "another virtual machine"),
    ("horror", "regression"),
    // British spelling.
    ("analyse*", "analyze"),
    ("authoris*", "authorize"),
    ("behaviour*", "behavior"),
    ("catalogue*", "catalog, registry"),
    ("centre*", "center"),
    ("colour*", "color"),
    ("customis*", "customize"),
    ("favour*", "favor"),
    ("initialis*", "initialize"),
    ("labelled", "labeled"),
    ("licence*", "license"),
    ("minimis*", "minimize"),
    ("modelled", "modeled"),
    ("neighbour*", "neighbor"),
    ("normalis*", "normalize"),
    ("optimis*", "optimize"),
    ("organis*", "organize"),
    ("recognis*", "recognize"),
    ("serialis*", "serialize"),
    ("summaris*", "summarize"),
    ("synchronis*", "synchronize"),
    ("virtualis*", "virtualize"),
    ("whilst", "while"),
];

const TABLE: &str = "tests/language.txt";

/// Generated from other projects' definitions, or about the phrases themselves.
const SKIPPED: &[&str] = &[
    "docs/STYLE.md",
    "tests/language.rs",
    TABLE,
    "src/wire/generated",
    "acceptance-tests/reference",
    "crates/vim-types/facts",
    "target",
];

const EXTENSIONS: &[&str] = &["rs", "md", "in", "tf", "hcl", "txt", "toml", "go", "sh"];

fn files(dir: &Path, root: &Path, out: &mut Vec<(String, PathBuf)>) {
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        let relative = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
        if entry.file_name().to_string_lossy().starts_with('.') || SKIPPED.contains(&relative.as_str()) {
            continue;
        }
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            files(&path, root, out);
        } else if kind.is_file() && path.extension().is_some_and(|e| EXTENSIONS.iter().any(|x| e == *x)) {
            out.push((relative, path));
        }
    }
}

/// The folder that a file is counted in: a crate, a family of types, the cases of one type, or a single page at the top.
fn folder(path: &str) -> &str {
    let depth = if path.starts_with("acceptance-tests/cases/") { 3 } else { 2 };
    let end =
        path.match_indices('/').nth(depth - 1).or_else(|| path.rmatch_indices('/').next()).map(|(at, _)| at);
    end.map_or(path, |end| &path[..end])
}

/// A word, and whether only blanks, underscores, quotes or comment marks separate it from the one before.
struct Word<'a> {
    text: &'a str,
    line: usize,
    follows: bool,
}

/// The words of a text; identifiers are taken apart at underscores and capitals.
fn words(text: &str) -> Vec<Word<'_>> {
    let mut out: Vec<Word<'_>> = vec![];
    let (mut follows, mut start, mut line, mut lower) = (false, None, 1, false);
    let bytes = text.as_bytes();
    for (at, b) in bytes.iter().enumerate() {
        let letter = b.is_ascii_alphabetic();
        if let Some(from) = start.filter(|_| !letter || (lower && b.is_ascii_uppercase())) {
            out.push(Word { text: &text[from..at], line, follows });
            (start, follows) = (None, true);
        }
        if letter {
            start = start.or(Some(at));
            lower = b.is_ascii_lowercase();
        } else {
            follows &= b.is_ascii_whitespace() || b"_-/!#\\`\"'".contains(b);
            line += usize::from(*b == b'\n');
        }
    }
    if let Some(from) = start {
        out.push(Word { text: &text[from..], line, follows });
    }
    out
}

fn matches(word: &Word<'_>, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => word.text.get(..start.len()).is_some_and(|t| t.eq_ignore_ascii_case(start)),
        None => word.text.eq_ignore_ascii_case(pattern),
    }
}

/// Whether the phrase at this place is good English all the same.
fn allowed(phrase: &str, before: Option<&Word<'_>>, after: Option<&Word<'_>>) -> bool {
    let before = before.map_or(String::new(), |w| w.text.to_lowercase());
    let after = after.filter(|w| w.follows).map_or("", |w| w.text);
    match phrase {
        // "There is no X", "is no longer", "is no more than".
        "is no" | "are no" | "was no" => {
            before == "there"
                || matches!(after, "longer" | "more" | "less" | "fewer" | "later" | "different" | "")
        }
        // The second one is in the names of methods: `PowerDownHostToStandBy_Task`.
        "stand" => after == "alone" || after == "By",
        "stands" => after == "for",
        _ => false,
    }
}

/// The phrases in a text, with their lines.
fn found(text: &str) -> Vec<(&'static str, usize)> {
    let words = words(text);
    let mut out = vec![];
    for (at, first) in words.iter().enumerate() {
        let initial = first.text.as_bytes().first().map(u8::to_ascii_lowercase);
        for (phrase, _) in BANNED.iter().filter(|(p, _)| p.as_bytes().first().copied() == initial) {
            let mut parts = phrase.split(' ');
            if !parts.next().is_some_and(|p| matches(first, p)) {
                continue;
            }
            let rest: Vec<&str> = parts.collect();
            let end = at + 1 + rest.len();
            let Some(following) = words.get(at + 1..end) else { continue };
            let whole = following.iter().zip(&rest).all(|(w, p)| w.follows && matches(w, p));
            let before = at.checked_sub(1).and_then(|i| words.get(i)).filter(|_| first.follows);
            if whole && !allowed(phrase, before, words.get(end)) {
                out.push((*phrase, first.line));
            }
        }
    }
    out
}

type Counts = BTreeMap<(String, String), usize>;

/// The committed counts. After a merge a count may be there twice, and the lower one is right.
fn table(text: &str) -> Counts {
    let mut out = Counts::new();
    for line in text.lines().filter(|l| !l.starts_with('#')) {
        let mut cells = line.split(" | ").map(str::trim);
        let (Some(folder), Some(phrase), Some(Ok(count))) =
            (cells.next(), cells.next(), cells.next().map(str::parse::<usize>))
        else {
            continue;
        };
        let known = out.entry((folder.to_owned(), phrase.to_owned())).or_insert(count);
        *known = count.min(*known);
    }
    out
}

#[test]
fn banned_phrases_only_become_fewer() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = vec![];
    files(root, root, &mut all);
    let mut counts = Counts::new();
    let mut places: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for (path, file) in &all {
        let Ok(text) = fs::read_to_string(file) else { continue };
        for (phrase, line) in found(&text) {
            let key = (folder(path).to_owned(), phrase.to_owned());
            *counts.entry(key.clone()).or_default() += 1;
            places.entry(key).or_default().push(format!("{path}:{line}"));
        }
    }

    let committed = table(&fs::read_to_string(root.join(TABLE)).unwrap_or_default());
    let mut problems = vec![];
    let mut lowered = Counts::new();
    for (key @ (folder, phrase), count) in &counts {
        let limit = committed.get(key).copied().unwrap_or(0);
        if *count > limit {
            let instead = BANNED.iter().find(|(p, _)| p == phrase).map_or("", |(_, instead)| instead);
            let places = places.get(key).map(|p| p.join("\n    ")).unwrap_or_default();
            problems.push(format!(
                "{folder}: \"{phrase}\" occurs {count} times, at most {limit} are allowed. Instead: {instead}.\n    {places}"
            ));
        }
        if limit > 0 {
            lowered.insert(key.clone(), (*count).min(limit));
        }
    }
    let mut text = String::from(
        "# Occurrences of phrases that docs/STYLE.md rules out, by folder. A count may only go down.\n\
         # UPDATE_LANGUAGE=1 cargo test --test language\n",
    );
    for ((folder, phrase), count) in &lowered {
        text.push_str(&format!("{folder} | {phrase} | {count}\n"));
    }
    if env::var_os("UPDATE_LANGUAGE").is_some() {
        fs::write(root.join(TABLE), text).unwrap();
    } else {
        for (folder, phrase) in
            committed.keys().filter(|k| counts.get(*k).copied().unwrap_or(0) < committed[*k])
        {
            problems.push(format!(
                "{folder}: \"{phrase}\" occurs less often than {TABLE} allows. Lower the count: \
                 UPDATE_LANGUAGE=1 cargo test --test language"
            ));
        }
    }
    assert!(problems.is_empty(), "docs/STYLE.md rules out:\n\n{}\n", problems.join("\n"));
}

#[test]
fn phrases_are_found_by_word_boundaries() {
    let phrases = |text: &str| found(text).into_iter().map(|(p, _)| p).collect::<Vec<_>>();
    assert_eq!(phrases("\"x\" is no role id"), ["is no"]);
    assert_eq!(phrases("this is\n    /// no role"), ["is no"]);
    assert_eq!(phrases("fn name_is_no_id() { fault::nobody; isGone() }"), ["is no", "nobody", "gone"]);
    assert_eq!(phrases("It normalises behaviour."), ["normalis*", "behaviour*"]);
    for fine in [
        "there is no role",
        "There are no roles",
        "it is no longer there",
        "is no more than 3",
        "says yes or is: no",
        "otherwise a promise is raised",
        "I understand a stand-alone host, which stands for itself",
        "bygone times",
        "the answer is no.",
    ] {
        assert!(phrases(fine).is_empty(), "{fine}");
    }
}

#[test]
fn files_are_counted_by_crate_family_or_case() {
    assert_eq!(folder("README.md"), "README.md");
    assert_eq!(folder("docs/reliability.md"), "docs");
    assert_eq!(folder("crates/tf-framework/src/rule/mod.rs"), "crates/tf-framework");
    assert_eq!(folder("src/vm/virtual_machine/disks/mod.rs"), "src/vm");
    assert_eq!(folder("acceptance-tests/cases/bad-input/roles/1.tf"), "acceptance-tests/cases/bad-input");
}

/// The columns at which a line has the word "id" or "ids" as prose in a string.
fn lowercase_ids(line: &str) -> Vec<usize> {
    let prose = |at: usize, word: &str| {
        let (before, after) = (&line[..at], &line[at + word.len()..]);
        before.matches('"').count() % 2 == 1
            && before.matches('`').count() % 2 == 0
            && before.ends_with(' ')
            && before.trim_end().ends_with(|c: char| c.is_ascii_alphabetic())
            && (after.starts_with([' ', ',', ';']) || after.starts_with(". ") || after.starts_with(".\""))
    };
    ["id", "ids"]
        .iter()
        .flat_map(|w| line.match_indices(w).filter(|(at, w)| prose(*at, w)))
        .map(|f| f.0)
        .collect()
}

#[test]
fn messages_capitalize_id() {
    assert_eq!(lowercase_ids("f(\"Expected the id of a host.\")"), [16]);
    assert!(lowercase_ids("let id = text(\"Set `folder id` and the ID {id}.\");").is_empty());
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = vec![];
    for at in ["src", "crates/tf-framework/src", "crates/vsphere-client/src"] {
        files(&root.join(at), root, &mut all);
    }
    let mut wrong = vec![];
    for (name, path) in all.into_iter().filter(|(name, _)| name.ends_with(".rs")) {
        for (n, line) in fs::read_to_string(path).unwrap().lines().enumerate() {
            if !line.trim_start().starts_with("//") && !lowercase_ids(line).is_empty() {
                wrong.push(format!("{name}:{}: {}", n + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "write \"ID\":\n{}", wrong.join("\n"));
}
