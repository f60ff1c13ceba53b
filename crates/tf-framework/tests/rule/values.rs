//! Making, changing and comparing values of a block.
use tf_framework::{
    Attribute, AttributePath, Block, Dynamic, NestedBlock, Nesting, Object, Step, Type, rule,
};

/// As core sends it: a block that is not there is an empty collection, and nothing is missing.
pub(crate) fn normal(block: &Block, v: &Dynamic) -> Dynamic {
    if v.is_null() || v.is_unknown() {
        return v.clone();
    }
    let mut out: Object =
        block.attributes.iter().map(|a| (a.name.to_owned(), v.get(a.name).clone())).collect();
    for n in &block.blocks {
        let inner = v.get(n.name);
        let inner = match (n.nesting, inner) {
            (Nesting::Single, v) => normal(&n.block, v),
            (Nesting::Map, Dynamic::Map(m)) => {
                Dynamic::Map(m.iter().map(|(k, v)| (k.clone(), normal(&n.block, v))).collect())
            }
            (Nesting::Map, _) => Dynamic::Map(Object::new()),
            (_, v) => Dynamic::List(v.items().iter().map(|v| normal(&n.block, v)).collect()),
        };
        out.insert(n.name.to_owned(), inner);
    }
    Dynamic::Map(out)
}

/// A value of the type, recognizable by `seed`.
pub(crate) fn sample(ty: &Type, seed: i64) -> Dynamic {
    match ty {
        Type::Bool => Dynamic::Bool(seed % 2 == 1),
        Type::Number => Dynamic::Int(seed),
        Type::String | Type::Any => Dynamic::String(format!("value-{seed}")),
        Type::List(t) | Type::Set(t) => Dynamic::List(vec![sample(t, seed)]),
        Type::Map(t) => Dynamic::Map([("key".to_owned(), sample(t, seed))].into()),
        Type::Object(ts) => Dynamic::Map(ts.iter().map(|(k, t)| (k.clone(), sample(t, seed))).collect()),
        Type::Tuple(ts) => Dynamic::List(ts.iter().map(|t| sample(t, seed)).collect()),
    }
}

/// What says "nothing" in that type.
pub(crate) fn zero(ty: &Type) -> Dynamic {
    match ty {
        Type::Bool => Dynamic::Bool(false),
        Type::Number => Dynamic::Int(0),
        Type::String | Type::Any => "".into(),
        Type::Map(_) | Type::Object(_) => Dynamic::Map(Object::new()),
        _ => Dynamic::List(vec![]),
    }
}

/// Another value than `v`.
pub(crate) fn changed(ty: &Type, v: &Dynamic) -> Dynamic {
    match (ty, v) {
        (_, Dynamic::Bool(b)) => Dynamic::Bool(!b),
        (_, Dynamic::Int(n)) => Dynamic::Int(n + 1),
        (_, Dynamic::Float(n)) => Dynamic::Float(n + 1.0),
        (_, Dynamic::String(s)) => Dynamic::String(format!("{s}-x")),
        (Type::List(t) | Type::Set(t), Dynamic::List(x)) => {
            Dynamic::List(x.iter().cloned().chain([sample(t, 9)]).collect())
        }
        (Type::Map(t), Dynamic::Map(x)) => {
            let mut x = x.clone();
            x.insert("new".to_owned(), sample(t, 9));
            Dynamic::Map(x)
        }
        _ => sample(ty, 9),
    }
}

/// What a server might answer to a plan: everything unknown has become something, and sets come in another
/// order.
pub(crate) fn served(block: &Block, planned: &Dynamic, seed: i64) -> Dynamic {
    if planned.is_null() || planned.is_unknown() {
        return planned.clone();
    }
    let mut out = Object::new();
    for a in &block.attributes {
        out.insert(a.name.to_owned(), served_value(&a.ty, planned.get(a.name), seed));
    }
    for n in &block.blocks {
        let each = |(i, v): (usize, &Dynamic)| served(&n.block, v, seed + 10 * (i as i64 + 1));
        let v = match (n.nesting, planned.get(n.name)) {
            (_, Dynamic::Unknown) => Dynamic::Unknown,
            (Nesting::Single, v) => served(&n.block, v, seed),
            (Nesting::Map, Dynamic::Map(m)) => {
                Dynamic::Map(m.iter().map(|(k, v)| (k.clone(), served(&n.block, v, seed))).collect())
            }
            (Nesting::Set, v) => Dynamic::List(v.items().iter().enumerate().map(each).rev().collect()),
            (_, v) => Dynamic::List(v.items().iter().enumerate().map(each).collect()),
        };
        out.insert(n.name.to_owned(), v);
    }
    Dynamic::Map(out)
}

fn served_value(ty: &Type, v: &Dynamic, seed: i64) -> Dynamic {
    match (ty, v) {
        (_, Dynamic::Unknown) => sample(ty, seed),
        (Type::Set(t), Dynamic::List(x)) => {
            Dynamic::List(x.iter().rev().map(|v| served_value(t, v, seed)).collect())
        }
        (Type::List(t), Dynamic::List(x)) => {
            Dynamic::List(x.iter().map(|v| served_value(t, v, seed)).collect())
        }
        (Type::Map(t), Dynamic::Map(x)) => {
            Dynamic::Map(x.iter().map(|(k, v)| (k.clone(), served_value(t, v, seed))).collect())
        }
        _ => v.clone(),
    }
}

/// One attribute of one element that a value has.
pub(crate) struct Site<'a> {
    pub(crate) path: AttributePath,
    pub(crate) attribute: &'a Attribute,
    /// The set block that the element is in: from here on nothing has a place of its own.
    pub(crate) set: Option<AttributePath>,
}

/// One block of one element that a value has, whether it has elements or not.
pub(crate) struct BlockSite<'a> {
    pub(crate) path: AttributePath,
    pub(crate) nested: &'a NestedBlock,
    pub(crate) set: Option<AttributePath>,
}

/// Every attribute and every block of a value.
pub(crate) fn sites<'a>(block: &'a Block, v: &Dynamic) -> (Vec<Site<'a>>, Vec<BlockSite<'a>>) {
    let mut out = (vec![], vec![]);
    walk(block, v, &AttributePath::root(), None, &mut out);
    out
}

fn walk<'a>(
    block: &'a Block,
    v: &Dynamic,
    at: &AttributePath,
    set: Option<&AttributePath>,
    out: &mut (Vec<Site<'a>>, Vec<BlockSite<'a>>),
) {
    for a in &block.attributes {
        out.0.push(Site { path: at.clone().name(a.name), attribute: a, set: set.cloned() });
    }
    for n in &block.blocks {
        let here = at.clone().name(n.name);
        out.1.push(BlockSite { path: here.clone(), nested: n, set: set.cloned() });
        let inside = if n.nesting == Nesting::Set { set.or(Some(&here)) } else { set };
        match v.get(n.name) {
            Dynamic::List(x) => {
                for (i, v) in x.iter().enumerate() {
                    walk(&n.block, v, &here.clone().index(i), inside, out);
                }
            }
            Dynamic::Map(m) if n.nesting == Nesting::Map => {
                for (k, v) in m {
                    walk(&n.block, v, &here.clone().key(k), inside, out);
                }
            }
            v @ Dynamic::Map(_) => walk(&n.block, v, &here, inside, out),
            _ => {}
        }
    }
}

pub(crate) fn at<'a>(v: &'a Dynamic, path: &AttributePath) -> &'a Dynamic {
    path.0.iter().fold(v, |v, step| match step {
        Step::Name(n) | Step::Key(n) => v.get(n),
        Step::Index(i) => v.items().get(*i).unwrap_or(Dynamic::null()),
    })
}

pub(crate) fn with(v: &Dynamic, path: &AttributePath, to: Dynamic) -> Dynamic {
    fn put(v: &mut Dynamic, steps: &[Step], to: Dynamic) {
        let Some((step, rest)) = steps.split_first() else {
            *v = to;
            return;
        };
        match (step, v) {
            (Step::Name(n) | Step::Key(n), Dynamic::Map(m)) => put(m.entry(n.clone()).or_default(), rest, to),
            (Step::Index(i), Dynamic::List(x)) => put(&mut x[*i], rest, to),
            (step, v) => panic!("no {step:?} in {v:?}"),
        }
    }
    let mut out = v.clone();
    put(&mut out, &path.0, to);
    out
}

/// Where two states differ, leaving out volatile attributes: attributes by path, blocks whose number changed,
/// and sets as a whole, together with how many of their elements are new.
pub(crate) fn differences(block: &Block, a: &Dynamic, b: &Dynamic) -> Vec<(AttributePath, usize)> {
    let mut out = vec![];
    differ(block, a, b, &AttributePath::root(), &mut out);
    out
}

fn differ(
    block: &Block,
    a: &Dynamic,
    b: &Dynamic,
    at: &AttributePath,
    out: &mut Vec<(AttributePath, usize)>,
) {
    for x in block.attributes.iter().filter(|x| !x.volatile) {
        let (p, q) = (a.get(x.name), b.get(x.name));
        if p == q {
            continue;
        }
        let one = Block { attributes: vec![x.clone()], blocks: vec![] };
        let wrap = |v: &Dynamic| Dynamic::Map([(x.name.to_owned(), v.clone())].into());
        if !rule::equal(&one, &wrap(p), &wrap(q)) {
            out.push((at.clone().name(x.name), 1));
        }
    }
    for n in &block.blocks {
        let here = at.clone().name(n.name);
        match (n.nesting, a.get(n.name), b.get(n.name)) {
            (_, p, q) if p.is_unknown() || q.is_unknown() => {
                if p != q {
                    out.push((here, 1));
                }
            }
            (Nesting::Single, p, q) if p.is_null() || q.is_null() => {
                if p != q {
                    out.push((here, 1));
                }
            }
            (Nesting::Single, p, q) => differ(&n.block, p, q, &here, out),
            (Nesting::Map, p, q) => {
                if let (Dynamic::Map(p), Dynamic::Map(q)) = (p, q) {
                    for (k, v) in p {
                        match q.get(k) {
                            Some(w) => differ(&n.block, v, w, &here.clone().key(k), out),
                            None => out.push((here.clone(), 1)),
                        }
                    }
                    if q.keys().any(|k| !p.contains_key(k)) {
                        out.push((here.clone(), 1));
                    }
                }
            }
            (Nesting::List, p, q) => {
                for (i, (v, w)) in p.items().iter().zip(q.items()).enumerate() {
                    differ(&n.block, v, w, &here.clone().index(i), out);
                }
                if p.items().len() != q.items().len() {
                    out.push((here, 1));
                }
            }
            (Nesting::Set, p, q) => {
                let mut free: Vec<&Dynamic> = p.items().iter().collect();
                let mut new = 0;
                for w in q.items() {
                    match free.iter().position(|v| differences(&n.block, v, w).is_empty()) {
                        Some(i) => drop(free.remove(i)),
                        None => new += 1,
                    }
                }
                if new > 0 || !free.is_empty() {
                    out.push((here, new.max(free.len())));
                }
            }
        }
    }
}
