//! When two values are the same one.
use crate::{Attribute, Block, Dynamic, NestedBlock, Nesting, Object, Type};

/// Whether two states of one block are equal: sets without order, `1` equal to `1.0`.
pub fn equal(block: &Block, a: &Dynamic, b: &Dynamic) -> bool {
    if !matches!((a, b), (Dynamic::Map(_), Dynamic::Map(_))) {
        return (a.is_null() && b.is_null()) || (a.is_unknown() && b.is_unknown());
    }
    block.attributes.iter().all(|x| value_equal(&x.ty, a.get(x.name), b.get(x.name)))
        && block.blocks.iter().all(|n| nested_equal(n, a.get(n.name), b.get(n.name)))
}

/// Whether two values of one nested block are equal; no block at all is null as well as empty.
pub(crate) fn nested_equal(nested: &NestedBlock, a: &Dynamic, b: &Dynamic) -> bool {
    if nested.nesting == Nesting::Single {
        return equal(&nested.block, a, b);
    }
    if a.is_unknown() || b.is_unknown() {
        return a.is_unknown() && b.is_unknown();
    }
    let same = |x: &Dynamic, y: &Dynamic| equal(&nested.block, x, y);
    match (nested.nesting, a, b) {
        (Nesting::Map, Dynamic::Map(x), Dynamic::Map(y)) => {
            x.len() == y.len() && x.iter().all(|(k, v)| y.get(k).is_some_and(|w| same(v, w)))
        }
        (Nesting::Map, ..) => a.is_zero() && b.is_zero(),
        (Nesting::Set, ..) => same_elements(a.items(), b.items(), same),
        _ => a.items().len() == b.items().len() && a.items().iter().zip(b.items()).all(|(x, y)| same(x, y)),
    }
}

/// Whether two values of one type are equal.
pub(crate) fn value_equal(ty: &Type, a: &Dynamic, b: &Dynamic) -> bool {
    use Dynamic as D;
    match (a, b) {
        (D::Null, D::Null) | (D::Unknown, D::Unknown) => true,
        (D::Bool(x), D::Bool(y)) => x == y,
        (D::Int(x), D::Int(y)) => x == y,
        (D::Float(x), D::Float(y)) => x == y,
        (D::Int(x), D::Float(y)) | (D::Float(y), D::Int(x)) => *x as f64 == *y,
        (D::String(x), D::String(y)) => x == y,
        (D::List(x), D::List(y)) => match ty {
            Type::Set(t) => same_elements(x, y, |p, q| value_equal(t, p, q)),
            _ => {
                x.len() == y.len()
                    && x.iter().zip(y).enumerate().all(|(i, (p, q))| value_equal(element(ty, i), p, q))
            }
        },
        (D::Map(x), D::Map(y)) => match ty {
            Type::Object(members) => members.iter().all(|(n, t)| value_equal(t, a.get(n), b.get(n))),
            _ => {
                x.len() == y.len()
                    && x.iter().all(|(k, v)| y.get(k).is_some_and(|w| value_equal(member(ty, k), v, w)))
            }
        },
        _ => false,
    }
}

/// The type of the element `i` of a list, set or tuple.
pub(crate) fn element(ty: &Type, i: usize) -> &Type {
    match ty {
        Type::List(t) | Type::Set(t) => t,
        Type::Tuple(ts) => ts.get(i).unwrap_or(&Type::Any),
        _ => &Type::Any,
    }
}

/// The type of the member `name` of a map or object.
pub(crate) fn member<'a>(ty: &'a Type, name: &str) -> &'a Type {
    match ty {
        Type::Map(t) => t,
        Type::Object(members) => members.get(name).unwrap_or(&Type::Any),
        _ => &Type::Any,
    }
}

/// Whether two lists hold the same elements in any order. Looking beside the own position first makes the
/// usual case, the same order, linear.
pub(super) fn same_elements(a: &[Dynamic], b: &[Dynamic], same: impl Fn(&Dynamic, &Dynamic) -> bool) -> bool {
    let mut free = vec![true; b.len()];
    a.len() == b.len()
        && a.iter().enumerate().all(|(i, x)| match from(i, b.len()).find(|&j| free[j] && same(x, &b[j])) {
            Some(j) => {
                free[j] = false;
                true
            }
            None => false,
        })
}

/// Every index below `n`, beginning with `i`.
pub(super) fn from(i: usize, n: usize) -> impl Iterator<Item = usize> {
    (0..n).map(move |k| (i + k) % n)
}

/// Whether `b` is only another way to write `a`: equal, declared to mean the same, or both of them nothing.
pub(super) fn same_meaning(attribute: &Attribute, a: &Dynamic, b: &Dynamic) -> bool {
    value_equal(&attribute.ty, a, b)
        || (is_nothing(&attribute.ty, a) && is_nothing(&attribute.ty, b))
        || same_entries(&attribute.ty, a, b)
        || declared_same(attribute, a, b)
}

/// Whether a value says no more than null does: a zero, or a map of nulls.
pub(super) fn is_nothing(ty: &Type, v: &Dynamic) -> bool {
    match (ty, v) {
        (Type::Map(_), Dynamic::Map(m)) => m.values().all(Dynamic::is_null),
        _ => v.is_zero(),
    }
}

/// Whether two maps are equal without their nulls, which are omitted entries.
pub(super) fn same_entries(ty: &Type, a: &Dynamic, b: &Dynamic) -> bool {
    let (Type::Map(t), Dynamic::Map(x), Dynamic::Map(y)) = (ty, a, b) else { return false };
    let covers = |x: &Object, y: &Dynamic| {
        x.iter().filter(|(_, v)| !v.is_null()).all(|(k, v)| value_equal(t, v, y.get(k)))
    };
    covers(x, b) && covers(y, a)
}

/// Whether the attribute declares the two to mean the same. Asked only of values that are there and known.
pub(super) fn declared_same(attribute: &Attribute, a: &Dynamic, b: &Dynamic) -> bool {
    let fit = |v: &Dynamic| !v.is_null() && !v.has_unknown();
    attribute.same.is_some_and(|same| fit(a) && fit(b) && same(a, b))
}
