//! Core's own checks of a plan and of what an apply gives, ported, so that a wrong answer fails here first.
//!
//! They are asked with the schema as Terraform sees it, where every optional attribute is computed too, and
//! for a provider that does not claim the tolerance of the legacy type system.
use crate::rule::{element, member, nested_equal, value_equal};
use crate::{Attribute, AttributePath, Block, Dynamic, NestedBlock, Nesting, Object, Step, Type};
use std::fmt::Write;

/// Core's `AssertPlanValid`: each way in which a planned state breaks the contract with the configuration.
pub fn plan_valid(block: &Block, prior: &Dynamic, config: &Dynamic, planned: &Dynamic) -> Vec<String> {
    let mut out = vec![];
    let mut report = Report::into(&mut out);
    conforms(block, planned, &mut report);
    if !report.failed {
        planned_block(block, prior, config, planned, &mut report);
    }
    out
}

/// Core's `AssertObjectCompatible`: each way in which a new state breaks the promise of its plan; and what is
/// still unknown in it, which core asks for separately.
pub fn apply_consistent(block: &Block, planned: &Dynamic, new: &Dynamic) -> Vec<String> {
    let mut out = vec![];
    let mut report = Report::into(&mut out);
    conforms(block, new, &mut report);
    if !report.failed {
        compatible_block(block, planned, new, &mut report);
        still_unknown(new, &mut report);
    }
    out
}

/// The same comparison between two plans: what is planned again at apply, when everything in the
/// configuration is known, must keep what the first plan promised.
pub fn replan_consistent(block: &Block, planned: &Dynamic, again: &Dynamic) -> Vec<String> {
    let mut out = vec![];
    let mut report = Report::into(&mut out);
    conforms(block, again, &mut report);
    if !report.failed {
        compatible_block(block, planned, again, &mut report);
    }
    out
}

/// The current position of a check, and its findings. Without a list to write to it only says whether it failed, and
/// formats nothing: sets are compared that way, each element with each.
struct Report<'a> {
    at: AttributePath,
    failed: bool,
    out: Option<&'a mut Vec<String>>,
}

impl<'a> Report<'a> {
    fn into(out: &'a mut Vec<String>) -> Self {
        Self { at: AttributePath::root(), failed: false, out: Some(out) }
    }

    fn quiet() -> Report<'static> {
        Report { at: AttributePath::root(), failed: false, out: None }
    }

    fn say(&mut self, what: impl FnOnce() -> String) {
        self.failed = true;
        if let Some(out) = &mut self.out {
            let at = if self.at.0.is_empty() { "the resource".to_owned() } else { self.at.to_string() };
            out.push(format!("{at}: {}", what()));
        }
    }

    /// Whether nothing more is to be learnt.
    fn done(&self) -> bool {
        self.failed && self.out.is_none()
    }

    fn within(&mut self, step: Step, check: impl FnOnce(&mut Self)) {
        if !self.done() {
            self.at.0.push(step);
            check(self);
            self.at.0.pop();
        }
    }

    fn name(&mut self, name: &str, check: impl FnOnce(&mut Self)) {
        self.within(Step::Name(name.to_owned()), check);
    }
}

/// A value for a message: short, and never a secret's.
fn show(v: &Dynamic) -> String {
    fn write(v: &Dynamic, out: &mut String) {
        let _ = match v {
            Dynamic::Null => write!(out, "null"),
            Dynamic::Unknown => write!(out, "(unknown)"),
            Dynamic::Bool(b) => write!(out, "{b}"),
            Dynamic::Int(n) => write!(out, "{n}"),
            Dynamic::Float(n) => write!(out, "{n}"),
            Dynamic::String(s) => write!(out, "{s:?}"),
            Dynamic::List(x) => {
                out.push('[');
                for (i, v) in x.iter().enumerate() {
                    out.push_str(if i == 0 { "" } else { ", " });
                    write(v, out);
                }
                write!(out, "]")
            }
            Dynamic::Map(x) => {
                out.push('{');
                for (i, (k, v)) in x.iter().enumerate() {
                    out.push_str(if i == 0 { "" } else { ", " });
                    let _ = write!(out, "{k} = ");
                    write(v, out);
                }
                write!(out, "}}")
            }
        };
    }
    let mut out = String::new();
    write(v, &mut out);
    match out.char_indices().nth(200) {
        Some((cut, _)) => format!("{}…", &out[..cut]),
        None => out,
    }
}

/// Whether anything in the block is a secret, so that no element of it may be shown whole.
fn secret(block: &Block) -> bool {
    block.attributes.iter().any(|a| a.sensitive || a.write_only)
        || block.blocks.iter().any(|n| secret(&n.block))
}

// The shape of a value: on the wire, core refuses one that is not of the type of the schema.

fn conforms(block: &Block, v: &Dynamic, report: &mut Report<'_>) {
    let m = match v {
        Dynamic::Null | Dynamic::Unknown => return,
        Dynamic::Map(m) => m,
        _ => return report.say(|| "an object is required".to_owned()),
    };
    let names: Vec<&str> =
        block.attributes.iter().map(|a| a.name).chain(block.blocks.iter().map(|n| n.name)).collect();
    members(&names, m, report);
    for a in &block.attributes {
        report.name(a.name, |r| value_conforms(&a.ty, v.get(a.name), r));
    }
    for n in &block.blocks {
        let v = v.get(n.name);
        report.name(n.name, |r| match (n.nesting, v) {
            (_, Dynamic::Null | Dynamic::Unknown) => {}
            (Nesting::Single, v) => conforms(&n.block, v, r),
            (Nesting::Map, Dynamic::Map(m)) => {
                for (k, v) in m {
                    r.within(Step::Key(k.clone()), |r| conforms(&n.block, v, r));
                }
            }
            (Nesting::List | Nesting::Set, Dynamic::List(x)) => {
                for (i, v) in x.iter().enumerate() {
                    r.within(Step::Index(i), |r| {
                        if v.is_null() {
                            r.say(|| "an element of a block must not be null".to_owned());
                        }
                        conforms(&n.block, v, r);
                    });
                }
            }
            _ => r.say(|| "elements of a block are required".to_owned()),
        });
    }
}

fn members(names: &[&str], given: &Object, report: &mut Report<'_>) {
    let missing = names.iter().filter(|n| !given.contains_key(**n));
    let mut expected = names.len();
    for n in missing {
        expected -= 1;
        report.say(|| format!("the attribute {n:?} is missing"));
    }
    if given.len() > expected {
        for n in given.keys().filter(|n| !names.contains(&n.as_str())) {
            report.say(|| format!("there is no attribute {n:?}"));
        }
    }
}

fn value_conforms(ty: &Type, v: &Dynamic, report: &mut Report<'_>) {
    match (ty, v) {
        (Type::Any, _)
        | (_, Dynamic::Null | Dynamic::Unknown)
        | (Type::Bool, Dynamic::Bool(_))
        | (Type::Number, Dynamic::Int(_) | Dynamic::Float(_))
        | (Type::String, Dynamic::String(_)) => {}
        (Type::List(_) | Type::Set(_), Dynamic::List(x)) => {
            for (i, v) in x.iter().enumerate() {
                report.within(Step::Index(i), |r| value_conforms(element(ty, i), v, r));
            }
        }
        (Type::Tuple(ts), Dynamic::List(x)) if ts.len() == x.len() => {
            for (i, v) in x.iter().enumerate() {
                report.within(Step::Index(i), |r| value_conforms(&ts[i], v, r));
            }
        }
        (Type::Map(t), Dynamic::Map(x)) => {
            for (k, v) in x {
                report.within(Step::Key(k.clone()), |r| value_conforms(t, v, r));
            }
        }
        (Type::Object(ts), Dynamic::Map(x)) => {
            members(&ts.keys().map(String::as_str).collect::<Vec<_>>(), x, report);
            for (k, t) in ts {
                report.name(k, |r| value_conforms(t, v.get(k), r));
            }
        }
        _ => report.say(|| format!("{} is required", ty.to_json())),
    }
}

// The plan.

fn planned_block(
    block: &Block,
    prior: &Dynamic,
    config: &Dynamic,
    planned: &Dynamic,
    report: &mut Report<'_>,
) {
    match (planned.is_null(), config.is_null()) {
        (true, true) => return,
        (true, false) => return report.say(|| "planned for absence, but the configuration wants it".into()),
        (false, true) => return report.say(|| "planned, but the configuration does not have it".into()),
        (false, false) => {}
    }
    for a in &block.attributes {
        report.name(a.name, |r| {
            planned_attribute(a, prior.get(a.name), config.get(a.name), planned.get(a.name), r);
        });
    }
    for n in &block.blocks {
        report.name(n.name, |r| {
            planned_nested(n, prior.get(n.name), config.get(n.name), planned.get(n.name), r);
        });
    }
}

fn planned_attribute(
    a: &Attribute,
    prior: &Dynamic,
    config: &Dynamic,
    planned: &Dynamic,
    report: &mut Report<'_>,
) {
    if a.write_only {
        // Stricter than core, which lets the configured value pass here and refuses it a step later.
        if !planned.is_null() {
            report.say(|| "the planned value of a write-only attribute is not null".into());
        }
        return;
    }
    let from_config = value_equal(&a.ty, planned, config);
    let from_prior = value_equal(&a.ty, planned, prior) && !prior.is_null() && !config.is_null();
    let computed_only = !a.optional && !a.required;
    if from_config || from_prior || computed_only || (config.is_null() && a.emit_computed()) {
        return;
    }
    let value = if a.sensitive { "a sensitive value".to_owned() } else { show(planned) };
    report.say(|| match (config.is_null(), a.sensitive, prior.is_null()) {
        (true, ..) => format!("planned {value} for an attribute that is not computed and not configured"),
        (false, true, _) => format!("planned {value} that is neither the configured nor the prior one"),
        (false, false, true) => {
            format!("planned {value}, which does not match the configured {}", show(config))
        }
        (false, false, false) => format!(
            "planned {value}, which matches neither the configured {} nor the prior {}",
            show(config),
            show(prior)
        ),
    });
}

fn planned_nested(
    n: &NestedBlock,
    prior: &Dynamic,
    config: &Dynamic,
    planned: &Dynamic,
    report: &mut Report<'_>,
) {
    if n.nesting != Nesting::Single && planned.is_null() {
        return report.say(|| "no blocks are an empty collection, not null".into());
    }
    if config.is_unknown() {
        if !planned.is_unknown() {
            report.say(|| "planned something for a dynamic block that is not known yet".into());
        }
        return;
    }
    if planned.is_unknown() {
        return report.say(|| "planned as unknown, but its blocks are configured".into());
    }
    if n.nesting == Nesting::Single {
        return planned_block(&n.block, prior, config, planned, report);
    }
    // The whole being equal is enough for core, whatever the elements are.
    if !config.is_null() && nested_equal(n, planned, config) {
        return;
    }
    const UNKNOWN: &str = "an element must not be unknown itself, only what is in it";
    let count = |v: &Dynamic| match v {
        Dynamic::Map(m) => m.len(),
        v => v.items().len(),
    };
    let (p, c) = (count(planned), count(config));
    if n.nesting != Nesting::Set && p != c {
        return report.say(|| format!("planned {p} blocks, but {c} are configured"));
    }
    match (planned, n.nesting) {
        (Dynamic::Map(entries), _) => {
            for (k, v) in entries {
                report.within(Step::Key(k.clone()), |r| {
                    if v.is_unknown() {
                        r.say(|| UNKNOWN.into());
                    } else if config.get(k).is_null() {
                        r.say(|| "planned, but not configured".into());
                    } else {
                        planned_block(&n.block, prior.get(k), config.get(k), v, r);
                    }
                });
            }
            // The counts agree, so one that is missing has been reported as the one in its place.
        }
        (v, nesting) => {
            for (i, v) in v.items().iter().enumerate() {
                report.within(Step::Index(i), |r| {
                    if v.is_unknown() {
                        r.say(|| UNKNOWN.into());
                    } else if nesting == Nesting::List {
                        let was = prior.items().get(i).unwrap_or(Dynamic::null());
                        planned_block(&n.block, was, &config.items()[i], v, r);
                    }
                    // Elements of a set cannot be identified, so core trusts the provider with them.
                });
            }
        }
    }
}

// The apply.

fn compatible_block(block: &Block, planned: &Dynamic, actual: &Dynamic, report: &mut Report<'_>) {
    match (planned.is_null(), actual.is_null()) {
        (true, true) => return,
        (true, false) => return report.say(|| "was absent, but is present now".into()),
        (false, true) => return report.say(|| "was present, but is absent now".into()),
        (false, false) => {}
    }
    for a in &block.attributes {
        let (p, v) = (planned.get(a.name), actual.get(a.name));
        report.name(a.name, |r| {
            if a.sensitive {
                let mut quiet = Report::quiet();
                compatible_value(&a.ty, p, v, &mut quiet);
                if quiet.failed {
                    r.say(|| "another value than planned for a sensitive attribute".into());
                }
            } else {
                compatible_value(&a.ty, p, v, r);
            }
        });
    }
    for n in &block.blocks {
        let (p, v) = (planned.get(n.name), actual.get(n.name));
        report.name(n.name, |r| compatible_nested(n, p, v, r));
    }
}

fn compatible_nested(n: &NestedBlock, planned: &Dynamic, actual: &Dynamic, report: &mut Report<'_>) {
    if planned.is_unknown() {
        return; // a dynamic block may become any number of blocks
    }
    if n.nesting == Nesting::Single {
        return compatible_block(&n.block, planned, actual, report);
    }
    if planned.is_null() || actual.is_null() || actual.is_unknown() {
        return;
    }
    match (n.nesting, planned, actual) {
        (Nesting::Map, Dynamic::Map(p), Dynamic::Map(v)) => {
            if p.len() != v.len() {
                return report
                    .say(|| format!("the number of blocks changed from {} to {}", p.len(), v.len()));
            }
            for (k, planned) in p {
                report.within(Step::Key(k.clone()), |r| match v.get(k) {
                    Some(v) => compatible_block(&n.block, planned, v, r),
                    None => r.say(|| "has vanished".into()),
                });
            }
        }
        (Nesting::Set, ..) => {
            let show = |v: &Dynamic| if secret(&n.block) { "(with secrets)".into() } else { show(v) };
            compatible_set(planned.items(), actual.items(), show, report, |p, v, r| {
                compatible_block(&n.block, p, v, r);
            });
        }
        _ => {
            let (p, v) = (planned.items(), actual.items());
            if p.len() != v.len() {
                return report
                    .say(|| format!("the number of blocks changed from {} to {}", p.len(), v.len()));
            }
            for (i, (p, v)) in p.iter().zip(v).enumerate() {
                report.within(Step::Index(i), |r| compatible_block(&n.block, p, v, r));
            }
        }
    }
}

fn compatible_value(ty: &Type, planned: &Dynamic, actual: &Dynamic, report: &mut Report<'_>) {
    match (planned, actual) {
        (Dynamic::Unknown, _) | (Dynamic::Null, Dynamic::Null) => {}
        (Dynamic::Null, _) => report.say(|| format!("was null, but is {} now", show(actual))),
        (_, Dynamic::Null) => report.say(|| format!("was {}, but is null now", show(planned))),
        (_, Dynamic::Unknown) => report.say(|| "was known, but is unknown now".into()),
        (Dynamic::List(p), Dynamic::List(v)) => match ty {
            Type::Set(t) => {
                compatible_set(p, v, show, report, |p, v, r| compatible_value(t, p, v, r));
            }
            _ => {
                for i in 0..p.len().max(v.len()) {
                    report.within(Step::Index(i), |r| match (p.get(i), v.get(i)) {
                        (Some(p), Some(v)) => compatible_value(element(ty, i), p, v, r),
                        (Some(_), None) => r.say(|| "the element has vanished".into()),
                        _ => r.say(|| "a new element has appeared".into()),
                    });
                }
            }
        },
        (Dynamic::Map(p), Dynamic::Map(v)) => {
            for (k, planned) in p {
                report.within(Step::Key(k.clone()), |r| match v.get(k) {
                    Some(v) => compatible_value(member(ty, k), planned, v, r),
                    None => r.say(|| "the element has vanished".into()),
                });
            }
            for k in v.keys().filter(|k| !p.contains_key(*k)) {
                report.within(Step::Key(k.clone()), |r| r.say(|| "a new element has appeared".into()));
            }
        }
        _ if value_equal(ty, planned, actual) => {}
        _ => report.say(|| format!("was {}, but is {} now", show(planned), show(actual))),
    }
}

/// Each element of either side has to agree with at least one of the other, and there may be no more of them:
/// elements that become equal fall together, but none appears.
fn compatible_set(
    planned: &[Dynamic],
    actual: &[Dynamic],
    show: impl Fn(&Dynamic) -> String,
    report: &mut Report<'_>,
    check: impl Fn(&Dynamic, &Dynamic, &mut Report<'_>),
) {
    let (mut p_ok, mut v_ok) = (vec![false; planned.len()], vec![false; actual.len()]);
    for (i, p) in planned.iter().enumerate() {
        for (j, v) in actual.iter().enumerate() {
            if p_ok[i] && v_ok[j] {
                continue;
            }
            let mut quiet = Report::quiet();
            check(p, v, &mut quiet);
            if !quiet.failed {
                (p_ok[i], v_ok[j]) = (true, true);
            }
        }
    }
    for i in (0..planned.len()).filter(|&i| !p_ok[i]) {
        report.say(|| format!("the planned element {} is no longer there", show(&planned[i])));
    }
    for j in (0..actual.len()).filter(|&j| !v_ok[j] && p_ok.iter().all(|ok| *ok)) {
        report.say(|| format!("the element {} was not planned", show(&actual[j])));
    }
    if planned.len() < actual.len() {
        report.say(|| format!("the number of elements grew from {} to {}", planned.len(), actual.len()));
    }
}

fn still_unknown(v: &Dynamic, report: &mut Report<'_>) {
    match v {
        Dynamic::Unknown => report.say(|| "is still unknown after the apply".into()),
        Dynamic::List(x) => {
            for (i, v) in x.iter().enumerate() {
                report.within(Step::Index(i), |r| still_unknown(v, r));
            }
        }
        Dynamic::Map(x) => {
            for (k, v) in x {
                report.name(k, |r| still_unknown(v, r));
            }
        }
        _ => {}
    }
}
