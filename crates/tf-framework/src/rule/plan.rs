//! From configuration and prior state to the planned state.
use super::equal::{declared_same, equal, is_nothing, nested_equal, same_entries, same_meaning, value_equal};
use super::pair::Pairs;
use super::replace;
use crate::{Attribute, AttributePath, Block, Dynamic, NestedBlock, Nesting, Object};
use std::borrow::Cow;
use std::cell::Cell;

/// What the rule planned.
#[derive(Debug, Default, Clone)]
pub struct Planned {
    /// The planned state.
    pub state: Dynamic,
    /// Whether it differs from the prior state.
    pub changed: bool,
    /// Attributes whose change needs a new object.
    pub requires_replace: Vec<AttributePath>,
    /// A block keeps elements that the configuration does not have, or null is kept where a zero is configured: core's
    /// stricter checks must be off.
    pub legacy: bool,
}

/// Plans one resource; `prior` is null for a creation, `config` is null for a removal.
pub fn plan(block: &Block, config: &Dynamic, prior: &Dynamic) -> Planned {
    if config.is_null() {
        return Planned { changed: !prior.is_null(), ..Planned::default() };
    }
    let run = |awake| {
        let mut legacy = false;
        let rule = Rule { awake, nulls: Cell::default() };
        let state = rule.block(block, config, Past::of(prior), prior, &mut legacy);
        Planned { state, legacy: legacy || rule.nulls.get(), ..Planned::default() }
    };
    let mut planned = run(false);
    planned.changed = !equal(block, &planned.state, prior);
    if planned.changed && !prior.is_null() {
        // Only a real change wakes the volatile attributes: otherwise they would be that change themselves.
        planned = Planned { changed: true, ..run(true) };
        planned.requires_replace = replace::paths(block, &planned.state, prior);
    }
    planned
}

/// The plan without a change, if `edits` take back all that [`plan`] has found: then volatile attributes have no reason to
/// change either, unless an edit says that they do.
pub(crate) fn taken_back(
    block: &Block,
    planned: &Dynamic,
    edits: &Object,
    prior: &Dynamic,
) -> Option<Dynamic> {
    let (Dynamic::Map(planned), false) = (planned, prior.is_null()) else { return None };
    let mut still = planned.clone();
    for a in block.attributes.iter().filter(|a| a.volatile) {
        still.insert(a.name.to_owned(), prior.get(a.name).clone());
    }
    still.extend(edits.clone());
    let still = Dynamic::Map(still);
    equal(block, &still, prior).then_some(still)
}

/// What an element or attribute continues.
#[derive(Clone, Copy)]
enum Past<'a> {
    /// Nothing: it is new.
    New,
    /// What stood there.
    Known(&'a Dynamic),
    /// Not to be said before apply: what would tell is unknown in the configuration.
    Open,
}

impl<'a> Past<'a> {
    fn of(prior: &'a Dynamic) -> Self {
        if prior.is_null() { Self::New } else { Self::Known(prior) }
    }

    /// The past of an attribute or block inside; null there is something that is known.
    fn inside(self, name: &str) -> Self {
        match self {
            Self::Known(v) => Self::Known(v.get(name)),
            other => other,
        }
    }

    fn value(self) -> &'a Dynamic {
        match self {
            Self::Known(v) => v,
            _ => Dynamic::null(),
        }
    }

    /// The past of an object which `v` is the prior value of.
    fn object(self, v: &'a Dynamic) -> Self {
        if matches!(self, Self::Open) { Self::Open } else { Self::of(v) }
    }
}

struct Rule {
    /// Whether something has changed, so that volatile attributes may change too.
    awake: bool,
    /// Whether a configured zero has stayed null, which core takes only for a plan of the legacy type system.
    nulls: Cell<bool>,
}

impl Rule {
    /// `past` is what the element continues; `place` is what stood where core looks for it, which is another
    /// one when an element of a keyed list has moved.
    fn block(
        &self,
        block: &Block,
        config: &Dynamic,
        past: Past<'_>,
        place: &Dynamic,
        legacy: &mut bool,
    ) -> Dynamic {
        if config.is_unknown() {
            return Dynamic::Unknown;
        }
        let mut out = Object::new();
        for a in &block.attributes {
            let v = self.attribute(a, config.get(a.name), past.inside(a.name), place.get(a.name));
            out.insert(a.name.to_owned(), v.into_owned());
        }
        let out = Dynamic::Map(out);
        let of_level = block.attributes.iter().filter(|a| a.is_of_level(&out));
        let numbers: Vec<_> = of_level
            .filter_map(|a| Some((a.name, number_of_level(block, a, config, past, place, &out)?.clone())))
            .collect();
        let Dynamic::Map(mut out) = out else { return out };
        out.extend(numbers.into_iter().map(|(name, v)| (name.to_owned(), v)));
        for n in &block.blocks {
            let v = self.nested(n, config.get(n.name), past.inside(n.name), place.get(n.name), legacy);
            out.insert(n.name.to_owned(), v);
        }
        Dynamic::Map(out)
    }

    fn attribute<'a>(
        &self,
        a: &Attribute,
        config: &'a Dynamic,
        past: Past<'a>,
        place: &Dynamic,
    ) -> Cow<'a, Dynamic> {
        if a.write_only {
            return Cow::Owned(Dynamic::Null);
        }
        // Under ignore_changes even what is only computed comes with a configuration, which is then the prior.
        if !config.is_null() && (a.optional || a.required) {
            return Cow::Borrowed(match past {
                Past::Known(prior) if self.keeps_prior(a, config, prior, place) => prior,
                Past::Known(prior) if prior.is_null() && place.is_null() && may_be_null(a, config) => {
                    self.nulls.set(true);
                    prior
                }
                // Whether null is kept is seen at apply.
                Past::Open if may_be_null(a, config) => {
                    self.nulls.set(true);
                    return Cow::Owned(Dynamic::Unknown);
                }
                _ => config,
            });
        }
        if a.computed || !(a.optional || a.required) {
            return match past {
                Past::Known(prior) if !(self.awake && a.volatile) => Cow::Borrowed(prior),
                _ => Cow::Owned(Dynamic::Unknown),
            };
        }
        match (past, &a.default) {
            // What is served as computed may stay open; a default would bind the plan that is made at apply.
            (Past::Open, _) if a.emit_computed() => Cow::Owned(Dynamic::Unknown),
            (Past::Known(prior), Some(d))
                if value_equal(&a.ty, prior, d)
                    || (prior.is_zero() && d.is_zero())
                    || declared_same(a, d, prior) =>
            {
                Cow::Borrowed(prior)
            }
            (_, Some(d)) => Cow::Owned(d.clone()),
            // A zero may mean "not set". Anything else was set, and now is not: the user removed it.
            (Past::Known(prior), None) if prior.is_zero() => Cow::Borrowed(prior),
            _ => Cow::Owned(Dynamic::Null),
        }
    }

    /// Whether a configured attribute is planned as it was. Core allows that only with the value, not null,
    /// that stood at the same place.
    fn keeps_prior(&self, a: &Attribute, config: &Dynamic, prior: &Dynamic, place: &Dynamic) -> bool {
        if prior.is_null() || !value_equal(&a.ty, prior, place) {
            return false;
        }
        // Providers of the old kind cannot tell an empty text from one that is not set.
        let left_out = a.computed && config.as_str() == Some("");
        left_out || same_entries(&a.ty, config, prior) || declared_same(a, config, prior)
    }

    fn nested(
        &self,
        n: &NestedBlock,
        config: &Dynamic,
        past: Past<'_>,
        place: &Dynamic,
        legacy: &mut bool,
    ) -> Dynamic {
        if config.is_unknown() {
            return Dynamic::Unknown; // a dynamic block that is not known yet: core wants it back untouched
        }
        let prior = past.value();
        if n.computed && config.is_zero() && !prior.is_zero() {
            // Core trusts the elements of a set; everywhere else it counts them.
            *legacy |= n.nesting != Nesting::Set;
            return prior.clone();
        }
        match n.nesting {
            Nesting::Single if config.is_null() => Dynamic::Null,
            Nesting::Single => self.block(&n.block, config, past.object(prior), place, legacy),
            Nesting::Map => Dynamic::Map(match config {
                Dynamic::Map(entries) => entries
                    .iter()
                    .map(|(k, c)| {
                        let v = self.block(&n.block, c, past.object(prior.get(k)), place.get(k), legacy);
                        (k.clone(), v)
                    })
                    .collect(),
                _ => Object::new(),
            }),
            Nesting::List => {
                let pasts = list_pasts(n, config.items(), past);
                let places = place.items();
                Dynamic::List(
                    (config.items().iter().zip(pasts).enumerate())
                        .map(|(i, (c, p))| {
                            let place = places.get(i).unwrap_or(Dynamic::null());
                            self.block(&n.block, c, p, place, legacy)
                        })
                        .collect(),
                )
            }
            Nesting::Set => {
                let pasts = set_pasts(n, config.items(), past);
                // Core does not look into sets: no place to keep to, and no need of the flag.
                let nulls = self.nulls.get();
                let elements = (config.items().iter().zip(pasts))
                    .map(|(c, p)| self.block(&n.block, c, p, p.value(), &mut false))
                    .collect();
                self.nulls.set(nulls);
                Dynamic::List(elements)
            }
        }
    }
}

/// The number that the level of the state stood for, where the plan has that level still.
fn number_of_level<'a>(
    block: &Block,
    a: &Attribute,
    config: &Dynamic,
    past: Past<'a>,
    place: &Dynamic,
    planned: &Dynamic,
) -> Option<&'a Dynamic> {
    let (Past::Known(prior), Some(level)) = (past, block.attribute(a.level?)) else { return None };
    let (number, said) = (prior.get(a.name), config.get(a.name));
    // Beside a configured value core takes the prior one only if it is at the same place.
    let allowed = said.is_null() || value_equal(&a.ty, number, place.get(a.name));
    let kept = !number.is_null() && !said.is_unknown() && allowed;
    (kept && same_meaning(level, planned.get(level.name), prior.get(level.name))).then_some(number)
}

/// Whether a configured zero says just what null would say. Where there is a default other than zero, it may be that
/// which stands for the null.
fn may_be_null(a: &Attribute, config: &Dynamic) -> bool {
    a.optional && is_nothing(&a.ty, config) && a.default.as_ref().is_none_or(Dynamic::is_zero)
}

/// Which prior element each configured element of a list continues.
fn list_pasts<'a>(n: &NestedBlock, config: &[Dynamic], past: Past<'a>) -> Vec<Past<'a>> {
    let prior = past.value().items();
    let pairs = Pairs::of_list(n, config, prior);
    let more = pairs.left().next().is_some();
    (config.iter().zip(&pairs.to))
        .map(|(c, to)| match (past, to) {
            (Past::Open, _) => Past::Open,
            (_, Some(j)) => Past::Known(&prior[*j]),
            (_, None) if more && n.key.is_some_and(|k| c.get(k).is_unknown()) => Past::Open,
            _ => Past::New,
        })
        .collect()
}

/// Which prior element each configured element of a set continues: first one that it would leave unchanged,
/// then the likely one.
fn set_pasts<'a>(n: &NestedBlock, config: &[Dynamic], past: Past<'a>) -> Vec<Past<'a>> {
    let prior = past.value().items();
    let mut pairs = Pairs::none(config.len(), prior.len());
    // An element that is partly unknown may turn out to be any of the prior ones, so nothing may be said that
    // the plan at apply would have to take back; unless there is only one candidate.
    let open = config.iter().any(Dynamic::has_unknown) && (config.len() > 1 || prior.len() > 1);
    if open {
        // A pair is certain where neither side can get another partner.
        let all = |i: usize| (0..prior.len()).filter(move |&j| unchanged(&n.block, &config[i], &prior[j]));
        let wanted: Vec<Vec<usize>> = (0..config.len()).map(|i| all(i).collect()).collect();
        let alone = |i: usize, j: usize| {
            let rival =
                |k: usize| wanted[k].contains(&j) && !is_twin(&n.block, &config[k], &prior[j], &config[i]);
            wanted[i] == [j] && (0..config.len()).all(|k| k == i || !rival(k))
        };
        pairs.round(|i, j| !config[i].has_unknown() && alone(i, j));
    } else {
        pairs.round(|i, j| unchanged(&n.block, &config[i], &prior[j]));
        pairs.likely(&n.block, config, prior);
    }
    let more = pairs.left().next().is_some();
    (pairs.to.iter())
        .map(|to| match (past, to) {
            (Past::Open, _) => Past::Open,
            (_, Some(j)) => Past::Known(&prior[*j]),
            (_, None) if open && more => Past::Open,
            _ => Past::New,
        })
        .collect()
}

/// Whether `open`, if it turned out to be `prior`, would be configured just as `known` is: a set holds that only once.
fn is_twin(block: &Block, open: &Dynamic, prior: &Dynamic, known: &Dynamic) -> bool {
    block.attributes.iter().all(|a| {
        let said = match open.get(a.name) {
            Dynamic::Unknown if a.required && a.same.is_none() => prior.get(a.name),
            said => said,
        };
        value_equal(&a.ty, said, known.get(a.name))
    }) && block.blocks.iter().all(|n| nested_equal(n, open.get(n.name), known.get(n.name)))
}

/// Whether an element of a set is planned just as `prior`, or may be once it is known. Volatile attributes sleep here
/// even when something else has changed: they must not tear an element from its past.
fn unchanged(block: &Block, config: &Dynamic, prior: &Dynamic) -> bool {
    let rule = Rule { awake: false, nulls: Cell::default() };
    let past = Past::Known(prior);
    block.attributes.iter().all(|a| {
        let (said, was) = (config.get(a.name), prior.get(a.name));
        said.has_unknown() || value_equal(&a.ty, &rule.attribute(a, said, past.inside(a.name), was), was)
    }) && block.blocks.iter().all(|n| {
        let (said, was) = (config.get(n.name), prior.get(n.name));
        said.has_unknown()
            || nested_equal(n, &rule.nested(n, said, past.inside(n.name), was, &mut false), was)
    })
}
