//! What is not known yet is neither set nor missing: a configuration that is valid stays valid with any part of it, and
//! any argument that it leaves out, unknown. And what is read-only is refused. Random configurations of every schema.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
use provider_vsphere::server;
use std::future::Future;
use tf_framework::{
    Attribute, AttributePath, Block, Diagnostics, Dynamic, NestedBlock, Nesting, Object, Severity, Step,
    Type, Validator,
};

struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// Something of every form that an argument may have.
const TEXTS: &[&str] = &[
    "x",
    "web-1",
    "datacenter-2",
    "domain-c7",
    "host-12",
    "resgroup-8",
    "datastore-14",
    "group-p5",
    "group-v3",
    "vm-42",
    "network-7",
    "snapshot-12",
    "urn:vmomi:InventoryServiceTag:7433c169-0f9c-4dc5-996c-4a7287e70e11:GLOBAL",
    "urn:vmomi:InventoryServiceCategory:7433c169-0f9c-4dc5-996c-4a7287e70e11:GLOBAL",
    "4206a5c0-0f9c-4dc5-996c-4a7287e70e11",
    "ann@vsphere.local",
    "-2",
    "101",
    "10.0.0.1",
    "fd00::1",
    "Europe/Berlin",
    "data/data.vmdk",
    "[ds] data/data.vmdk",
    "VirtualMachine",
    "https://example.com/a.ovf",
    "ab:cd:ef:01:23:45:67:89:ab:cd:ef:01:23:45:67:89:ab:cd:ef:01",
    "30s",
    "1f",
];

fn passes(v: &Validator, x: &Dynamic) -> bool {
    let block = Block {
        attributes: vec![Attribute {
            name: "a",
            optional: true,
            validators: vec![v.clone()],
            ..Attribute::default()
        }],
        blocks: vec![],
    };
    let config = Dynamic::Map([("a".to_owned(), x.clone())].into());
    tf_framework::validate::config(&block, &config).is_empty()
}

fn scalar(d: &mut Dice, ty: &Type, all: &[Validator]) -> Dynamic {
    for _ in 0..400 {
        let v = match ty {
            Type::Bool => d.one_in(2).into(),
            Type::Number => {
                let range = all.iter().find_map(|v| match v {
                    Validator::Range(a, b) => Some((*a, *b)),
                    _ => None,
                });
                let (a, b) = range.unwrap_or((0, 4096));
                let some = [a, a.saturating_add(1), b, 0, 1, 2, 4, 1024, 2048];
                Dynamic::Int(some[d.below(some.len())])
            }
            _ => match all.iter().find_map(|v| match v {
                Validator::OneOf(x) | Validator::OneOfIgnoreCase(x) => Some(*x),
                _ => None,
            }) {
                Some(x) => x[d.below(x.len())].into(),
                None => TEXTS[d.below(TEXTS.len())].into(),
            },
        };
        if all.iter().all(|x| passes(x, &v)) {
            return v;
        }
    }
    Dynamic::Null
}

fn value(d: &mut Dice, a: &Attribute) -> Dynamic {
    let each: Vec<Validator> = (a.validators.iter())
        .filter_map(|v| if let Validator::Each(v) = v { Some((**v).clone()) } else { None })
        .collect();
    for _ in 0..60 {
        let v = match &a.ty {
            Type::List(t) | Type::Set(t) => {
                let n = d.below(3);
                Dynamic::List((0..n).map(|_| scalar(d, t, &each)).collect())
            }
            Type::Map(t) => {
                let n = d.below(3);
                let key = |d: &mut Dice| TEXTS[d.below(TEXTS.len())].to_owned();
                Dynamic::Map((0..n).map(|_| (key(d), scalar(d, t, &each))).collect())
            }
            t => scalar(d, t, &a.validators),
        };
        if a.validators.iter().all(|x| passes(x, &v)) {
            return v;
        }
    }
    Dynamic::Null
}

fn config(d: &mut Dice, block: &Block, rare: usize) -> Dynamic {
    let mut out = Object::new();
    for a in &block.attributes {
        let set = a.required || (a.optional && a.name != "id" && d.one_in(rare));
        out.insert(a.name.to_owned(), if set { value(d, a) } else { Dynamic::Null });
    }
    for n in &block.blocks {
        let most = if n.max == 0 { 2 } else { n.max.min(2) };
        let count = if n.min > 0 || d.one_in(rare) { n.min.max(1 + d.below(most)) } else { 0 };
        let v = match n.nesting {
            Nesting::Single => Dynamic::Null,
            Nesting::Map => Dynamic::Map(Object::new()),
            _ => Dynamic::List((0..count).map(|_| config(d, &n.block, rare)).collect()),
        };
        out.insert(n.name.to_owned(), v);
    }
    Dynamic::Map(out)
}

/// `config` with some of it unknown; with `fewer`, less of it.
fn masked(d: &mut Dice, block: &Block, config: &Dynamic, fewer: usize) -> Dynamic {
    let mut out = Object::new();
    for a in &block.attributes {
        let v = config.get(a.name);
        let free = (a.optional || a.required) && a.name != "id";
        let v = match v {
            _ if free && d.one_in(fewer) => Dynamic::Unknown,
            Dynamic::List(x) => Dynamic::List(
                x.iter().map(|v| if d.one_in(fewer) { Dynamic::Unknown } else { v.clone() }).collect(),
            ),
            v => v.clone(),
        };
        out.insert(a.name.to_owned(), v);
    }
    for n in &block.blocks {
        let v = match config.get(n.name) {
            Dynamic::List(_) if d.one_in(fewer * 3) => Dynamic::Unknown,
            Dynamic::List(x) => Dynamic::List(x.iter().map(|v| masked(d, &n.block, v, fewer)).collect()),
            v => v.clone(),
        };
        out.insert(n.name.to_owned(), v);
    }
    Dynamic::Map(out)
}

fn errors(d: Diagnostics) -> Vec<String> {
    (d.0.into_iter().filter(|d| d.severity == Severity::Error))
        .map(|d| format!("{}: {}: {}", d.at, d.summary, d.detail))
        .collect()
}

fn now<T>(f: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(f)
}

enum Kind {
    Resource,
    Data,
    Provider,
}

fn each_schema(mut look: impl FnMut(&str, &Block, &dyn Fn(&Dynamic) -> Vec<String>)) {
    let s = server();
    let catalog = s.catalog();
    let one = (Kind::Provider, "provider", &catalog.provider.block);
    let resources = catalog.resources.iter().map(|(n, x)| (Kind::Resource, *n, &x.block));
    let data = catalog.data_sources.iter().map(|(n, x)| (Kind::Data, *n, &x.block));
    for (kind, name, block) in resources.chain(data).chain([one]) {
        let ask = |c: &Dynamic| {
            let c = c.clone();
            errors(now(async {
                match kind {
                    Kind::Resource => s.validate_resource(name, c).await,
                    Kind::Data => s.validate_data_source(name, c).await,
                    Kind::Provider => s.validate_provider(c).await,
                }
            }))
        };
        look(name, block, &ask);
    }
}

#[test]
fn what_is_valid_stays_valid_when_it_is_unknown() {
    let mut wrong = vec![];
    let mut never = vec![];
    each_schema(|name, block, ask| {
        let d = &mut Dice(name.bytes().map(u64::from).sum());
        let mut valid = 0;
        for round in 0..400 {
            let c = config(d, block, [2, 4, 8, 16][round % 4]);
            if !ask(&c).is_empty() {
                continue;
            }
            valid += 1;
            for n in 0..12 {
                let open = masked(d, block, &c, [2, 4, 10][n % 3]);
                for e in ask(&open) {
                    let e = format!("{name}: {e}");
                    if !wrong.contains(&e) {
                        wrong.push(e);
                    }
                }
            }
            if valid == 40 {
                break;
            }
        }
        if valid < 3 {
            never.push(name.to_owned());
        }
    });
    assert!(never.is_empty(), "no valid configuration was found for {never:?}");
    assert!(wrong.is_empty(), "{} errors:\n{}", wrong.len(), wrong.join("\n"));
}

/// An id as `mock_provider` makes one up, wherever an id is expected.
fn mocked(block: &Block, config: &Dynamic) -> Dynamic {
    let mock = || Dynamic::from("d04mist3");
    let mut out = Object::new();
    for a in &block.attributes {
        let is_id = |v: &Validator| match v {
            Validator::Form(_) => true,
            Validator::Each(v) => matches!(**v, Validator::Form(_)),
            _ => false,
        };
        let v = match config.get(a.name) {
            v if !a.validators.iter().any(is_id) => v.clone(),
            Dynamic::String(_) => mock(),
            Dynamic::List(x) => Dynamic::List(x.iter().map(|_| mock()).collect()),
            Dynamic::Map(m) => Dynamic::Map(m.values().map(|v| ("d04mist3".to_owned(), v.clone())).collect()),
            v => v.clone(),
        };
        out.insert(a.name.to_owned(), v);
    }
    for n in &block.blocks {
        let v = match config.get(n.name) {
            Dynamic::List(x) => Dynamic::List(x.iter().map(|v| mocked(&n.block, v)).collect()),
            v => v.clone(),
        };
        out.insert(n.name.to_owned(), v);
    }
    Dynamic::Map(out)
}

#[test]
fn ids_of_mocks_are_accepted_while_there_is_no_connection() {
    let mut wrong = vec![];
    each_schema(|name, block, ask| {
        let d = &mut Dice(name.len() as u64);
        for round in 0..100 {
            let c = config(d, block, [2, 4, 8][round % 3]);
            if ask(&c).is_empty() {
                wrong.extend(ask(&mocked(block, &c)).into_iter().map(|e| format!("{name}: {e}")));
            }
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn read_only<'a>(block: &'a Block, at: &AttributePath, out: &mut Vec<(AttributePath, &'a Attribute)>) {
    for a in block.attributes.iter().filter(|a| !a.optional && !a.required) {
        out.push((at.clone().name(a.name), a));
    }
    for n in &block.blocks {
        read_only(&n.block, &at.clone().name(n.name).index(0), out);
    }
}

/// An object of a block with a value at the path, and nothing else in it.
fn with(block: &Block, path: &[Step], v: Dynamic) -> Dynamic {
    let null = |n: &NestedBlock| match n.nesting {
        Nesting::Single => Dynamic::Null,
        Nesting::Map => Dynamic::Map(Object::new()),
        _ => Dynamic::List(vec![]),
    };
    let mut out: Object = (block.attributes.iter().map(|a| (a.name.to_owned(), Dynamic::Null)))
        .chain(block.blocks.iter().map(|n| (n.name.to_owned(), null(n))))
        .collect();
    if let Some(Step::Name(name)) = path.first() {
        let v = match block.nested(name) {
            Some(n) => Dynamic::List(vec![with(&n.block, &path[2..], v)]),
            None => v,
        };
        out.insert(name.clone(), v);
    }
    Dynamic::Map(out)
}

#[test]
fn read_only_attributes_are_refused_at_any_depth() {
    let mut count = 0;
    each_schema(|name, block, ask| {
        let mut all = vec![];
        read_only(block, &AttributePath::root(), &mut all);
        for (path, a) in all {
            for v in [value(&mut Dice(1), a), Dynamic::Unknown] {
                let said = ask(&with(block, &path.0, v));
                let found = said.iter().any(|e| e.contains("Value for unconfigurable attribute"));
                assert!(found, "{name}.{path}: {said:?}");
            }
            count += 1;
        }
    });
    assert!(count > 50, "{count}");
}
