//! Checks of a configuration that need no server. Unknown values pass: they are checked again when known.
use crate::{Attribute, AttributePath, Block, Diagnostics, Dynamic, Nesting, Step, Type};
use std::fmt::Write;

/// What a configured value must satisfy.
#[derive(Debug, Clone)]
pub enum Validator {
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// One of these texts as far as is known; another is a warning, because the official provider does not check it.
    Expected(&'static [&'static str]),
    /// One of these texts, in any case.
    OneOfIgnoreCase(&'static [&'static str]),
    /// A number not below the first and not above the second.
    Range(i64, i64),
    /// A text whose number of characters lies between the two.
    Length(usize, usize),
    /// A number of elements or entries between the two.
    Count(usize, usize),
    /// A text that matches the pattern; the second says in words what is expected.
    Pattern(&'static str, &'static str),
    /// Something else: an error says what is wrong and what would be right.
    Custom(fn(&Dynamic) -> Result<(), String>),
    /// As [`Custom`](Self::Custom), but a warning: neither the official provider nor vSphere is known to refuse it.
    Advice(fn(&Dynamic) -> Result<(), String>),
    /// The form of an id. Mocked tests (`mock_provider`) have ids of any form, so it is a warning while there is
    /// no connection, and an error in the plan of what is new or changed.
    Form(fn(&Dynamic) -> Result<(), String>),
    /// Each element of a list or set, each value of a map.
    Each(Box<Validator>),
}

/// Relations of an attribute to others in its block.
#[derive(Debug, Clone)]
pub enum Relation {
    /// Conflicts with any of these.
    ConflictsWith(&'static [&'static str]),
    /// Only together with all of these.
    RequiredWith(&'static [&'static str]),
    /// Exactly one of these (itself among them) is set.
    ExactlyOneOf(&'static [&'static str]),
    /// At least one of these (itself among them) is set.
    AtLeastOneOf(&'static [&'static str]),
}

/// Every problem of a configuration, each with its path. Forms of ids are warnings.
pub fn config(block: &Block, config: &Dynamic) -> Diagnostics {
    run(block, config, Ask::Everything)
}

/// What is checked only in a configuration that is going to be carried out: the form of ids, and empty texts and zeros.
/// What `prior` has already is never refused.
pub fn forms(block: &Block, config: &Dynamic, prior: &Dynamic) -> Diagnostics {
    let mut out = run(block, config, Ask::Forms);
    out.0.retain(|d| {
        let top = d.at.0.first();
        !matches!(top, Some(Step::Name(n)) if within(config.get(n), prior.get(n), &d.at.0[1..]))
    });
    out
}

/// Whether the value at `path` of `config` is anywhere in `prior`.
fn within(config: &Dynamic, prior: &Dynamic, path: &[Step]) -> bool {
    let value = path.iter().fold(config, |v, step| match step {
        Step::Name(n) | Step::Key(n) => v.get(n),
        Step::Index(i) => v.items().get(*i).unwrap_or(Dynamic::null()),
    });
    fn has(v: &Dynamic, wanted: &Dynamic) -> bool {
        v == wanted
            || match v {
                Dynamic::List(x) => x.iter().any(|v| has(v, wanted)),
                Dynamic::Map(m) => m.values().any(|v| has(v, wanted)),
                _ => false,
            }
    }
    !value.is_null() && has(prior, value)
}

#[derive(Clone, Copy, PartialEq)]
enum Ask {
    Everything,
    Forms,
}

fn run(block: &Block, config: &Dynamic, ask: Ask) -> Diagnostics {
    let mut out = Diagnostics::default();
    walk(block, config, &AttributePath::root(), ask, &mut out);
    out
}

fn walk(block: &Block, config: &Dynamic, at: &AttributePath, ask: Ask, out: &mut Diagnostics) {
    if !matches!(config, Dynamic::Map(_)) {
        return;
    }
    for a in &block.attributes {
        let (v, here) = (config.get(a.name), at.clone().name(a.name));
        if ask == Ask::Everything {
            if read_only(a, at.0.is_empty()) && !v.is_null() {
                let detail = format!(
                    "Can't configure a value for {:?}: its value will be decided automatically based on the result of \
                     applying this configuration.",
                    a.name
                );
                out.merge(Diagnostics::error(here, "Value for unconfigurable attribute", detail));
                continue;
            }
            if let Some(instead) = a.deprecated
                && !v.is_null()
                // It may turn out to be left out.
                && !v.is_unknown()
            {
                let summary = format!("`{}` is deprecated", a.name);
                out.merge(Diagnostics::warning(here.clone(), summary, instead));
            }
            null_elements(&a.ty, v, &here, out);
        }
        // What is wrong with the text itself is said once.
        if ask != Ask::Everything || !controls(a.name, v, a.sensitive, &here, out) {
            for validator in &a.validators {
                value(a, validator, v, &here, ask, out);
            }
        }
        if ask == Ask::Everything {
            for relation in &a.relations {
                relate(a.name, relation, config, &here, out);
            }
        }
    }
    for nested in &block.blocks {
        let (v, at) = (config.get(nested.name), at.clone().name(nested.name));
        match (nested.nesting, v) {
            (Nesting::Single, v) => walk(&nested.block, v, &at, ask, out),
            (Nesting::Map, Dynamic::Map(m)) => {
                for (k, v) in m {
                    walk(&nested.block, v, &at.clone().key(k.clone()), ask, out);
                }
            }
            // Core cannot resolve a path into a set: its problems are shown at the block.
            (Nesting::Set, v) => v.items().iter().for_each(|v| walk(&nested.block, v, &at, ask, out)),
            (_, v) => {
                for (i, v) in v.items().iter().enumerate() {
                    walk(&nested.block, v, &at.clone().index(i), ask, out);
                }
            }
        }
    }
}

/// Whether a configuration may not set it. Core does not check that, and the official schemas have the `id` of
/// each type as an argument, which only those take that look something up by it.
fn read_only(a: &Attribute, top: bool) -> bool {
    let id = top && a.name == "id" && a.computed && a.validators.is_empty() && a.relations.is_empty();
    id || !(a.optional || a.required)
}

/// Lists and sets have no place for a null; in a map it is an entry that is left out.
fn null_elements(ty: &Type, v: &Dynamic, at: &AttributePath, out: &mut Diagnostics) {
    let (Type::List(t) | Type::Set(t), Dynamic::List(x)) = (ty, v) else { return };
    for (i, v) in x.iter().enumerate() {
        let here = if matches!(ty, Type::Set(_)) { at.clone() } else { at.clone().index(i) };
        if v.is_null() {
            let detail = "Null values are not allowed for this attribute value.";
            out.merge(Diagnostics::error(here, "Null value found in list", detail));
        } else {
            null_elements(t, v, &here, out);
        }
    }
}

/// The first character that no API of vSphere can carry: XML has no way to write it. Pure.
pub fn control_character(text: &str) -> Option<char> {
    let carried = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    text.chars().find(|c| !carried(*c))
}

/// Reports texts that no request can carry, in values and keys, however deep; whether there are any.
fn controls(name: &str, v: &Dynamic, sensitive: bool, at: &AttributePath, out: &mut Diagnostics) -> bool {
    let mut found = false;
    let mut report = |text: &str, at: &AttributePath, what: &str| {
        let Some(c) = control_character(text) else { return };
        found = true;
        let shown = if sensitive { String::new() } else { format!(" {text:?}") };
        let detail = format!(
            "The {what}{shown} contains the character U+{:04X}, which vSphere cannot store. Remove it; what is not text can \
             be encoded, for example with `base64encode`.",
            u32::from(c)
        );
        out.merge(Diagnostics::error(at.clone(), format!("Invalid value for `{name}`"), detail));
    };
    match v {
        Dynamic::String(s) => report(s, at, "text"),
        Dynamic::Map(m) => {
            for k in m.keys() {
                report(k, at, "key");
            }
            for (k, v) in m {
                found |= controls(name, v, sensitive, &at.clone().key(k.clone()), out);
            }
        }
        v => {
            for (i, v) in v.items().iter().enumerate() {
                found |= controls(name, v, sensitive, &at.clone().index(i), out);
            }
        }
    }
    found
}

/// Whether a value may be there only because its block is switched off (`count = local.name == "" ? 0 : 1`): Terraform
/// validates such a block, too, and never plans it. What is wrong with it is said when it is planned.
fn switched_off(v: &Dynamic) -> bool {
    match v {
        Dynamic::String(s) => s.is_empty(),
        Dynamic::Int(n) => *n == 0,
        _ => false,
    }
}

fn value(
    a: &Attribute,
    validator: &Validator,
    v: &Dynamic,
    at: &AttributePath,
    ask: Ask,
    out: &mut Diagnostics,
) {
    if v.is_null() || v.is_unknown() {
        return;
    }
    let name = a.name;
    let deferred = switched_off(v) && !matches!(validator, Validator::Form(_));
    if !match ask {
        Ask::Everything => !deferred,
        Ask::Forms => deferred || matches!(validator, Validator::Form(_) | Validator::Each(_)),
    } {
        return;
    }
    // Elements of a set that are not known yet may turn out to be one and the same.
    let fewer = matches!(a.ty, Type::Set(_)) && v.has_unknown();
    let count = |n: usize, min: usize, max: usize, what: &str| {
        let range = if max == usize::MAX { format!("at least {min}") } else { format!("{min} to {max}") };
        (n < min || (n > max && !fewer)).then(|| format!("There must be {range} {what}, and there are {n}."))
    };
    let wrong = match (validator, v) {
        (Validator::OneOf(all), Dynamic::String(s)) => {
            (!all.contains(&s.as_str())).then(|| expected_one_of(all, s))
        }
        (Validator::Expected(all), Dynamic::String(s)) => {
            if !all.iter().any(|x| x.eq_ignore_ascii_case(s)) {
                let detail = format!("{} It is passed on as it is.", expected_one_of(all, s));
                let summary = format!("Unknown value for `{name}`");
                out.merge(Diagnostics::warning(at.clone(), summary, detail));
            }
            None
        }
        (Validator::OneOfIgnoreCase(all), Dynamic::String(s)) => {
            (!all.iter().any(|x| x.eq_ignore_ascii_case(s))).then(|| expected_one_of(all, s))
        }
        (Validator::Range(min, max), Dynamic::Int(_) | Dynamic::Float(_)) => {
            let (low, high) = match v {
                Dynamic::Int(n) => (n < min, n > max),
                Dynamic::Float(x) => (*x < *min as f64, *x > *max as f64),
                _ => (false, false),
            };
            let range = match (*min, *max) {
                (min, i64::MAX) => format!("at least {min}"),
                (i64::MIN, max) => format!("at most {max}"),
                (min, max) => format!("between {min} and {max}"),
            };
            (low || high).then(|| format!("Expected a number {range}, not {}.", show(v)))
        }
        (Validator::Length(min, max), Dynamic::String(s)) => {
            count(s.chars().count(), *min, *max, "characters")
        }
        (Validator::Count(min, max), Dynamic::List(x)) => count(x.len(), *min, *max, "elements"),
        (Validator::Count(min, max), Dynamic::Map(x)) => count(x.len(), *min, *max, "entries"),
        (Validator::Pattern(pattern, says), Dynamic::String(s)) => {
            let matches = regex_lite::Regex::new(pattern).is_ok_and(|r| r.is_match(s));
            (!matches).then(|| format!("Expected {says}, not {s:?}."))
        }
        (Validator::Custom(check), v) if !v.has_unknown() => check(v).err(),
        (Validator::Advice(check), v) if !v.has_unknown() => {
            if let Err(detail) = check(v) {
                let summary = format!("Unusual value for `{name}`");
                out.merge(Diagnostics::warning(at.clone(), summary, detail));
            }
            None
        }
        (Validator::Form(check), v) if !v.has_unknown() => {
            if let Err(detail) = check(v) {
                let summary = format!("Invalid value for `{name}`");
                out.merge(match ask {
                    Ask::Everything => Diagnostics::warning(at.clone(), summary, detail),
                    Ask::Forms => Diagnostics::error(at.clone(), summary, detail),
                });
            }
            None
        }
        (Validator::Each(inner), Dynamic::List(x)) => {
            for (i, v) in x.iter().enumerate() {
                value(a, inner, v, &at.clone().index(i), ask, out);
            }
            None
        }
        (Validator::Each(inner), Dynamic::Map(m)) => {
            for (k, v) in m {
                value(a, inner, v, &at.clone().key(k.clone()), ask, out);
            }
            None
        }
        _ => None,
    };
    if let Some(detail) = wrong {
        out.merge(Diagnostics::error(at.clone(), format!("Invalid value for `{name}`"), detail));
    }
}

fn expected_one_of(all: &[&str], got: &str) -> String {
    let mut text = format!("Expected {}, not {got:?}.", listed(all, "or"));
    if let Some(near) = all.iter().find(|x| x.eq_ignore_ascii_case(got)) {
        let _ = write!(text, " Did you mean {near:?}?");
    }
    text
}

/// `"a", "b" or "c"`
fn listed(all: &[&str], word: &str) -> String {
    let quoted: Vec<String> = all.iter().map(|x| format!("{x:?}")).collect();
    match quoted.as_slice() {
        [] => "nothing".into(),
        [one] => one.clone(),
        [init @ .., last] => format!("{} {word} {last}", init.join(", ")),
    }
}

fn show(v: &Dynamic) -> String {
    match v {
        Dynamic::Int(n) => n.to_string(),
        Dynamic::Float(x) => x.to_string(),
        _ => "this".into(),
    }
}

fn relate(name: &str, relation: &Relation, config: &Dynamic, at: &AttributePath, out: &mut Diagnostics) {
    // What is not known yet may turn out to be null: it is neither set nor missing.
    let unknown = |n: &str| config.get(n).is_unknown();
    let is_set = |n: &str| !config.get(n).is_null() && !unknown(n) && !empty_block(config.get(n));
    let set = is_set(name);
    let count = |all: &[&str]| all.iter().filter(|n| is_set(n)).count();
    let any_unknown = |all: &[&str]| all.iter().any(|n| unknown(n));
    // One report for a group is enough: its first member makes it.
    let first = |all: &[&str]| all.first() == Some(&name);
    let problem = match relation {
        Relation::ConflictsWith(others) if set => others.iter().find(|o| is_set(o)).map(|o| {
            ("conflicts", format!("`{name}` and `{o}` cannot be set together: leave one of them out."))
        }),
        Relation::RequiredWith(others) if set => others
            .iter()
            .find(|o| !is_set(o) && !unknown(o))
            .map(|o| ("incomplete", format!("`{name}` has a meaning only together with `{o}`: set both."))),
        Relation::ExactlyOneOf(all) if first(all) => {
            let n = count(all);
            (n > 1 || (n == 0 && !any_unknown(all))).then(|| {
                let which = listed(all, "and");
                ("one of several", format!("Exactly one of {which} must be set, and there are {n}."))
            })
        }
        Relation::AtLeastOneOf(all) if first(all) => (count(all) == 0 && !any_unknown(all))
            .then(|| ("one of several", format!("At least one of {} must be set.", listed(all, "and")))),
        _ => None,
    };
    if let Some((what, detail)) = problem {
        out.merge(Diagnostics::error(
            at.clone(),
            format!("Invalid combination of arguments ({what})"),
            detail,
        ));
    }
}

fn empty_block(v: &Dynamic) -> bool {
    matches!(v, Dynamic::List(x) if x.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_texts_and_zeros_are_checked_when_they_are_planned() {
        let attribute = |name, ty, validator| Attribute {
            name,
            ty,
            optional: true,
            validators: vec![validator],
            ..Attribute::default()
        };
        let block = Block {
            attributes: vec![
                attribute("name", Type::String, Validator::Length(1, 80)),
                attribute("cores", Type::Number, Validator::Range(1, 8)),
                attribute(
                    "ids",
                    Type::list(Type::String),
                    Validator::Each(Box::new(Validator::OneOf(&["a"]))),
                ),
            ],
            ..Block::default()
        };
        let config_of = |name: &str, cores, id: &str| {
            let ids = Dynamic::List(vec![id.into()]);
            let all = [("name", name.into()), ("cores", Dynamic::Int(cores)), ("ids", ids)];
            Dynamic::Map(all.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
        };
        let off = config_of("", 0, "");
        assert!(config(&block, &off).is_empty());
        assert_eq!(forms(&block, &off, Dynamic::null()).0.len(), 3);
        assert!(forms(&block, &off, &off).is_empty(), "what is there already is not refused");
        let wrong = config_of("x", 9, "b");
        assert_eq!(config(&block, &wrong).0.len(), 2);
        assert!(forms(&block, &wrong, Dynamic::null()).is_empty());
    }

    #[test]
    fn what_is_deprecated_is_a_warning_where_it_is_set() {
        let deprecated = Attribute { name: "old", ty: Type::String, optional: true, ..Attribute::default() };
        let deprecated = Attribute { deprecated: Some("Use the other one."), ..deprecated };
        let block = Block { attributes: vec![deprecated], ..Block::default() };
        for (v, warnings) in [("x".into(), 1), (Dynamic::Null, 0), (Dynamic::Unknown, 0)] {
            let said = config(&block, &Dynamic::Map([("old".to_owned(), v.clone())].into_iter().collect()));
            assert!(said.0.len() == warnings && !said.has_errors(), "{v:?}: {said}");
        }
    }

    #[test]
    fn texts_that_no_request_can_carry_are_reported_with_their_path() {
        for (text, wrong) in [
            ("plain", None),
            ("line\r\n\ttab", None),
            ("ä\u{1f600}", None),
            ("bell\u{7}", Some('\u{7}')),
            ("\u{0}", Some('\u{0}')),
            ("\u{fffe}", Some('\u{fffe}')),
        ] {
            assert_eq!(control_character(text), wrong, "{text:?}");
        }
        let map = Dynamic::Map([("k\u{1}".to_owned(), "a\u{2}".into())].into_iter().collect());
        let list = Dynamic::List(vec!["a".into(), map]);
        let mut out = Diagnostics::default();
        assert!(controls("x", &list, true, &AttributePath::root().name("x"), &mut out));
        assert_eq!(out.0.len(), 2, "{out}");
        assert!(!out.to_string().contains("a\\u{2}"), "{out}");
        assert!(!controls("x", &"fine".into(), false, &AttributePath::root(), &mut Diagnostics::default()));
    }
}
