//! Checks of a configuration that need no server. Unknown values pass: they are checked again when known.
use crate::{AttributePath, Block, Diagnostics, Dynamic, Nesting};
use std::fmt::Write;

/// What a configured value must satisfy.
#[derive(Debug, Clone)]
pub enum Validator {
    /// One of these texts.
    OneOf(&'static [&'static str]),
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
    /// Each element of a list or set, each value of a map.
    Each(Box<Validator>),
}

/// How an attribute goes with its neighbours.
#[derive(Debug, Clone)]
pub enum Relation {
    /// Not together with any of these.
    ConflictsWith(&'static [&'static str]),
    /// Only together with all of these.
    RequiredWith(&'static [&'static str]),
    /// Exactly one of these (itself among them) is set.
    ExactlyOneOf(&'static [&'static str]),
    /// At least one of these (itself among them) is set.
    AtLeastOneOf(&'static [&'static str]),
}

/// Every problem of a configuration, each with its path.
pub fn config(block: &Block, config: &Dynamic) -> Diagnostics {
    let mut out = Diagnostics::default();
    walk(block, config, &AttributePath::root(), &mut out);
    out
}

fn walk(block: &Block, config: &Dynamic, at: &AttributePath, out: &mut Diagnostics) {
    if !matches!(config, Dynamic::Map(_)) {
        return;
    }
    for a in &block.attributes {
        let (v, at) = (config.get(a.name), at.clone().name(a.name));
        if let Some(instead) = a.deprecated
            && !v.is_null()
        {
            out.merge(Diagnostics::warning(at.clone(), format!("`{}` is deprecated", a.name), instead));
        }
        for validator in &a.validators {
            value(a.name, validator, v, &at, out);
        }
        for relation in &a.relations {
            relate(a.name, relation, config, &at, out);
        }
    }
    for nested in &block.blocks {
        let (v, at) = (config.get(nested.name), at.clone().name(nested.name));
        match (nested.nesting, v) {
            (Nesting::Single, v) => walk(&nested.block, v, &at, out),
            (Nesting::Map, Dynamic::Map(m)) => {
                for (k, v) in m {
                    walk(&nested.block, v, &at.clone().key(k.clone()), out);
                }
            }
            // Core cannot resolve a path into a set: its problems are shown at the block.
            (Nesting::Set, v) => v.items().iter().for_each(|v| walk(&nested.block, v, &at, out)),
            (_, v) => {
                for (i, v) in v.items().iter().enumerate() {
                    walk(&nested.block, v, &at.clone().index(i), out);
                }
            }
        }
    }
}

fn value(name: &str, validator: &Validator, v: &Dynamic, at: &AttributePath, out: &mut Diagnostics) {
    if v.is_null() || v.is_unknown() {
        return;
    }
    let count = |n: usize, min: usize, max: usize, what: &str| {
        let range = if max == usize::MAX { format!("at least {min}") } else { format!("{min} to {max}") };
        (n < min || n > max).then(|| format!("There must be {range} {what}, and there are {n}."))
    };
    let wrong = match (validator, v) {
        (Validator::OneOf(all), Dynamic::String(s)) => {
            (!all.contains(&s.as_str())).then(|| expected_one_of(all, s))
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
        (Validator::Each(inner), Dynamic::List(x)) => {
            for (i, v) in x.iter().enumerate() {
                value(name, inner, v, &at.clone().index(i), out);
            }
            None
        }
        (Validator::Each(inner), Dynamic::Map(m)) => {
            for (k, v) in m {
                value(name, inner, v, &at.clone().key(k.clone()), out);
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
    let is_set = |n: &&&str| !config.get(n).is_null() && !empty_block(config.get(n));
    let set = is_set(&&name);
    let problem = match relation {
        Relation::ConflictsWith(others) if set => others.iter().find(is_set).map(|o| {
            ("conflicts", format!("`{name}` and `{o}` cannot be set together: leave one of them out."))
        }),
        Relation::RequiredWith(others) if set => others
            .iter()
            .find(|o| !is_set(o))
            .map(|o| ("incomplete", format!("`{name}` has a meaning only together with `{o}`: set both."))),
        Relation::ExactlyOneOf(all) => {
            let n = all.iter().filter(is_set).count();
            let unknown = all.iter().any(|x| config.get(x).is_unknown());
            // One report for the group is enough: its first member makes it.
            (all.first() == Some(&name) && n != 1 && !(unknown && n > 1)).then(|| {
                let which = listed(all, "and");
                ("one of several", format!("Exactly one of {which} must be set, and there are {n}."))
            })
        }
        Relation::AtLeastOneOf(all) => (all.first() == Some(&name) && !all.iter().any(|x| is_set(&x)))
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
