//! The derive, seen from outside: one struct is the schema, the conversion and the documentation.
use std::collections::{BTreeMap, BTreeSet};
use tf_framework::{AttributePath, Dynamic, Model, Nesting, Secret, Timeouts, Type, Value, same, validate};

/// A machine.
///
/// It has disks.
#[derive(Debug, Clone, Default, PartialEq, Model)]
#[tf(type_name = "test_machine", category = "Tests", version = 2)]
struct Machine {
    /// Its id.
    #[tf(computed)]
    id: Value<String>,
    /// Its name.
    #[tf(required, force_new, length(1, 5))]
    name: Value<String>,
    /// How fast.
    #[tf(optional, default = "slow", one_of("slow", "fast"))]
    speed: Value<String>,
    /// Cores.
    #[tf(optional, computed, at_least = 1, conflicts_with("speed"))]
    cores: Value<i64>,
    /// Words, in any order.
    #[tf(optional, same = same::unordered)]
    words: Value<Vec<String>>,
    /// Tags.
    #[tf(optional, each(pattern("^t", "a tag that begins with t")))]
    tags: Value<BTreeSet<String>>,
    #[tf(flatten)]
    more: More,
    /// Disks.
    #[tf(block, max = 2, key = "label")]
    disk: Value<Vec<Disk>>,
    /// Times.
    #[tf(block, single)]
    timeouts: Value<Timeouts>,
}

#[derive(Debug, Clone, Default, PartialEq, Model)]
struct More {
    /// A password.
    #[tf(optional, sensitive)]
    password: Value<Secret>,
    /// Labels.
    #[tf(optional)]
    labels: Value<BTreeMap<String, String>>,
}

#[derive(Debug, Clone, Default, PartialEq, Model)]
struct Disk {
    /// Its label.
    #[tf(required)]
    label: Value<String>,
    /// Its type.
    #[tf(optional)]
    r#type: Value<String>,
}

fn map<const N: usize>(x: [(&str, Dynamic); N]) -> Dynamic {
    Dynamic::Map(x.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
}

#[test]
fn a_struct_is_its_schema() {
    let s = Machine::schema();
    assert_eq!((s.type_name, s.version, s.category), ("test_machine", 2, "Tests"));
    assert_eq!(s.doc, "A machine.\n\nIt has disks.");
    let names: Vec<_> = s.block.attributes.iter().map(|a| a.name).collect();
    assert_eq!(names, ["id", "name", "speed", "cores", "words", "tags", "password", "labels"]);
    let speed = s.block.attribute("speed").unwrap();
    assert_eq!(speed.default, Some("slow".into()));
    assert!(speed.emit_computed() && !speed.computed);
    assert_eq!(s.block.attribute("tags").unwrap().ty, Type::set(Type::String));
    let disk = s.block.nested("disk").unwrap();
    assert_eq!((disk.nesting, disk.max, disk.key), (Nesting::List, 2, Some("label")));
    assert!(disk.block.attribute("type").is_some());
    assert_eq!(s.block.nested("timeouts").unwrap().nesting, Nesting::Single);
    assert_eq!(AttributePath::from(Machine::DISK).index(1).field(Disk::LABEL).to_string(), "disk[1].label");
}

#[test]
fn a_value_goes_in_and_comes_out() {
    let v = map([
        ("id", Dynamic::Unknown),
        ("name", "web".into()),
        ("words", Dynamic::List(vec!["a".into(), Dynamic::Unknown])),
        ("tags", Dynamic::List(vec!["t1".into()])),
        ("disk", Dynamic::List(vec![map([("label", Dynamic::Unknown)])])),
    ]);
    let m = <Machine as Model>::read(&v, &AttributePath::root()).unwrap();
    assert_eq!(m.name.as_str(), "web");
    assert!(m.id.is_unknown() && m.words.is_unknown());
    assert_eq!(m.tags.get(), BTreeSet::from(["t1".to_owned()]));
    assert!(m.disk.get()[0].label.is_unknown());
    let out = Model::write(&m);
    assert_eq!(
        out.get("disk"),
        &Dynamic::List(vec![map([("label", Dynamic::Unknown), ("type", Dynamic::Null)])])
    );
    assert_eq!(out.get("timeouts"), &Dynamic::Null);
    assert_eq!(Model::write(&Machine::default()).get("disk"), &Dynamic::List(vec![]));
}

#[test]
fn a_wrong_type_says_where() {
    let v = map([("disk", Dynamic::List(vec![map([("label", Dynamic::Int(1))])]))]);
    let e = <Machine as Model>::read(&v, &AttributePath::root()).unwrap_err();
    assert_eq!(e.0[0].at.to_string(), "disk[0].label");
}

#[test]
fn every_wrong_field_is_reported() {
    let v = map([
        ("name", Dynamic::Int(1)),
        ("cores", "two".into()),
        ("words", Dynamic::List(vec!["a".into(), Dynamic::Bool(true)])),
        ("labels", map([("k", Dynamic::Int(1)), ("none", Dynamic::Null)])),
        ("disk", Dynamic::List(vec![map([("label", Dynamic::Int(1))])])),
    ]);
    let e = <Machine as Model>::read(&v, &AttributePath::root()).unwrap_err();
    let at: Vec<_> = e.0.iter().map(|d| d.at.to_string()).collect();
    assert_eq!(at, ["name", "cores", "words[1]", "labels[\"k\"]", "disk[0].label"]);
}

#[test]
fn fields_are_copied_and_set_by_name() {
    let from = Machine {
        name: "web".into(),
        cores: 2.into(),
        words: Value::Unknown,
        more: More {
            labels: Value::Known(BTreeMap::from([("k".to_owned(), "v".to_owned())])),
            ..More::default()
        },
        ..Machine::default()
    };
    let mut to = Machine::null();
    assert_eq!(to, Machine::default());
    to.copy_from(&from, &[Machine::CORES, Machine::WORDS, More::LABELS]);
    assert_eq!(to, Machine { name: Value::Null, ..from });
    to.set_value(Machine::CORES, &Dynamic::Int(4));
    assert_eq!((to.value(Machine::CORES), to.value(Machine::DISK)), (Dynamic::Int(4), Dynamic::List(vec![])));
    to.set_defaults(&Machine::block());
    assert_eq!((to.speed.as_str(), to.cores), ("slow", 4.into()));
}

#[test]
fn a_secret_is_not_printed() {
    let m = Machine {
        more: More { password: Value::Known("hunter2".into()), ..More::default() },
        ..Machine::default()
    };
    assert!(!format!("{m:?}").contains("hunter2"));
    assert_eq!(Model::write(&m).get("password").as_str(), Some("hunter2"));
}

#[test]
fn every_problem_is_reported_with_its_path() {
    let config = map([
        ("name", "too long".into()),
        ("speed", "Fast".into()),
        ("cores", Dynamic::Int(-1)),
        ("tags", Dynamic::List(vec!["t1".into(), "x".into()])),
        ("timeouts", map([("create", "soon".into())])),
        ("password", Dynamic::Unknown),
    ]);
    let reported = validate::config(&Machine::block(), &config).to_string();
    expect_test::expect![[r#"
        error at name: Invalid value for `name`
          There must be 1 to 5 characters, and there are 8.
        error at speed: Invalid value for `speed`
          Expected "slow" or "fast", not "Fast". Did you mean "fast"?
        error at cores: Invalid value for `cores`
          Expected a number at least 1, not -1.
        error at cores: Invalid combination of arguments (conflicts)
          `cores` and `speed` cannot be set together: leave one of them out.
        error at tags[1]: Invalid value for `tags`
          Expected a tag that begins with t, not "x".
        error at timeouts.create: Invalid value for `create`
          "soon" is not a duration: there is no number at "soon". Write numbers with the units `h`, `m`, `s` and `ms`, for example "30s", "20m", "1.5h" or "1h30m".
    "#]]
    .assert_eq(&reported);
}
