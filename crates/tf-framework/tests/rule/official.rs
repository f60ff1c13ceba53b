//! The official provider's schemas and states, as blocks and values.
use crate::values::normal;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use tf_framework::{Attribute, Block, Dynamic, NestedBlock, Nesting, Same, Type, json};

const SCHEMA: &str = include_str!("../../../../acceptance-tests/reference/official-schema.json");
const BEHAVIOR: &str = include_str!("../../../../acceptance-tests/reference/official-behavior.json");
const STATES: &str = include_str!("../../../../acceptance-tests/reference/official-states.json");

/// One configuration, and what the official provider wrote into the state for it.
pub(crate) struct Fixture {
    pub(crate) name: String,
    pub(crate) type_name: String,
    pub(crate) config: Dynamic,
    pub(crate) prior: Dynamic,
}

pub(crate) struct Official {
    pub(crate) blocks: BTreeMap<String, Block>,
    pub(crate) fixtures: Vec<Fixture>,
}

impl Official {
    pub(crate) fn load() -> Self {
        let schema: Json = serde_json::from_str(SCHEMA).expect("the schema is JSON");
        let behavior: Json = serde_json::from_str(BEHAVIOR).expect("the behavior is JSON");
        let states: Json = serde_json::from_str(STATES).expect("the states are JSON");
        let blocks: BTreeMap<String, Block> = object(&schema["resources"])
            .map(|(name, s)| (name.clone(), block(name, s, &behavior[name]["schema"])))
            .collect();
        let fixtures = states["fixtures"].as_array().expect("a list of fixtures");
        let fixtures = (fixtures.iter().enumerate())
            .map(|(i, f)| {
                let type_name = f["type"].as_str().expect("a type").to_owned();
                let block = &blocks[&type_name];
                let value = |v: &Json| match json::decode(&block.ty(), v) {
                    Ok(v) => normal(block, &v),
                    Err(_) => panic!("fixture {i} does not fit its schema"),
                };
                Fixture {
                    name: format!("{i} {type_name} {}", f["case"].as_str().unwrap_or_default()),
                    config: value(&f["config"]),
                    prior: value(&f["prior"]),
                    type_name,
                }
            })
            .collect();
        Self { blocks, fixtures }
    }
}

fn leak(s: &str) -> &'static str {
    Box::leak(s.to_owned().into_boxed_str())
}

fn object(v: &Json) -> impl Iterator<Item = (&String, &Json)> {
    v.as_object().into_iter().flatten()
}

/// What `terraform providers schema` says, and beside it what only the source says.
fn block(type_name: &str, schema: &Json, more: &Json) -> Block {
    let flag = |v: &Json, name: &str| v[name].as_bool().unwrap_or(false);
    let attributes = object(&schema["attributes"])
        .map(|(name, a)| {
            let m = &more[name];
            let ty = Type::from_json(&a["type"]).expect("a type");
            let default = match &m["default"] {
                Json::Null if flag(m, "has_default_func") => Some(Dynamic::Bool(false)),
                Json::Null => None,
                d => Some(json::decode(&ty, d).unwrap_or_else(|_| panic!("the default of {name}"))),
            };
            Attribute {
                name: leak(name),
                required: flag(a, "required"),
                optional: flag(a, "optional"),
                computed: flag(a, "computed"),
                sensitive: flag(a, "sensitive"),
                force_new: flag(m, "force_new"),
                volatile: (type_name, name.as_str()) == ("vsphere_virtual_machine", "change_version"),
                same: same(type_name, name, m),
                default,
                ty,
                ..Attribute::default()
            }
        })
        .collect();
    let blocks = object(&schema["block_types"])
        .map(|(name, b)| NestedBlock {
            name: leak(name),
            nesting: match b["nesting_mode"].as_str() {
                Some("list") => Nesting::List,
                Some("set") => Nesting::Set,
                Some("single") => Nesting::Single,
                other => panic!("{name} is kept as {other:?}"),
            },
            min: b["min_items"].as_u64().unwrap_or(0) as usize,
            max: b["max_items"].as_u64().unwrap_or(0) as usize,
            computed: flag(&more[name], "computed"),
            force_new: flag(&more[name], "force_new"),
            key: ((type_name, name.as_str()) == ("vsphere_virtual_machine", "disk")).then_some("label"),
            block: block(type_name, &b["block"], &more[name]["block"]),
            ..NestedBlock::default()
        })
        .collect();
    Block { attributes, blocks }
}

/// The official DiffSuppressFunc and StateFunc, as far as they ask for nothing else of the resource.
fn same(type_name: &str, name: &str, more: &Json) -> Option<Same> {
    let marked = |mark: &str| more[mark].as_bool() == Some(true);
    match (type_name, name) {
        (_, "path" | "folder") if marked("state_func") => Some(clean_path),
        ("vsphere_alarm", _) if marked("state_func") => Some(first_letter),
        ("vsphere_storage_drs_vm_override", _) if marked("state_func") => Some(bool_spelling),
        ("vsphere_configuration_profile", _) if marked("diff_suppress") => Some(same_json),
        (_, "guest_id" | "enable_logging") => None, // only beside an ovf_deploy
        _ if marked("diff_suppress") && more["type"] == "TypeString" => Some(without_case),
        _ if marked("diff_suppress") => Some(any_order),
        _ => None,
    }
}

fn text(v: &Dynamic) -> &str {
    v.as_str().unwrap_or_default()
}

fn clean_path(a: &Dynamic, b: &Dynamic) -> bool {
    let clean = |v| text(v).trim().split('/').filter(|s| !s.is_empty()).collect::<Vec<_>>().join("/");
    clean(a) == clean(b)
}

fn first_letter(a: &Dynamic, b: &Dynamic) -> bool {
    let upper = |v| {
        let mut c = text(v).chars();
        c.next().map(|first| format!("{}{}", first.to_ascii_uppercase(), c.as_str()))
    };
    upper(a) == upper(b)
}

fn bool_spelling(a: &Dynamic, b: &Dynamic) -> bool {
    let plain = |v| match text(v) {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => "true".to_owned(),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => "false".to_owned(),
        other => other.to_owned(),
    };
    plain(a) == plain(b)
}

fn same_json(a: &Dynamic, b: &Dynamic) -> bool {
    let parse = |v| serde_json::from_str::<Json>(text(v)).ok();
    parse(a).is_some_and(|x| Some(x) == parse(b))
}

fn without_case(a: &Dynamic, b: &Dynamic) -> bool {
    text(a).eq_ignore_ascii_case(text(b))
}

pub(crate) fn any_order(a: &Dynamic, b: &Dynamic) -> bool {
    let sorted = |v: &Dynamic| {
        let mut x: Vec<String> = v.items().iter().map(|v| text(v).to_lowercase()).collect();
        x.sort();
        x
    };
    sorted(a) == sorted(b)
}
