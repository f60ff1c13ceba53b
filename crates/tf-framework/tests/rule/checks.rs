//! Every wrong plan and wrong state that core refuses is refused here too, in words that say where and why.
use tf_framework::check::{apply_consistent, plan_valid, replan_consistent};
use tf_framework::{Attribute, Block, Dynamic, NestedBlock, Nesting, Type};

const NULL: Dynamic = Dynamic::Null;
const UNKNOWN: Dynamic = Dynamic::Unknown;

/// A required, an optional, a computed, a secret and a write-only attribute, a list and a set, and a block of
/// each nesting.
fn block() -> Block {
    let a = |name, ty| Attribute { name, ty, optional: true, ..Attribute::default() };
    let inner = || Block {
        attributes: vec![
            Attribute { required: true, optional: false, ..a("x", Type::String) },
            Attribute { optional: false, computed: true, ..a("id", Type::String) },
        ],
        blocks: vec![],
    };
    let n = |name, nesting| NestedBlock { name, nesting, block: inner(), ..NestedBlock::default() };
    Block {
        attributes: vec![
            Attribute { required: true, optional: false, ..a("name", Type::String) },
            a("size", Type::Number),
            Attribute { optional: false, computed: true, ..a("id", Type::String) },
            Attribute { sensitive: true, ..a("password", Type::String) },
            Attribute { write_only: true, ..a("once", Type::String) },
            a("order", Type::list(Type::String)),
            a("tags", Type::set(Type::String)),
            a("labels", Type::Map(Box::new(Type::String))),
        ],
        blocks: vec![
            n("disk", Nesting::List),
            n("rule", Nesting::Set),
            n("by", Nesting::Map),
            n("timeouts", Nesting::Single),
        ],
    }
}

fn object(members: &[(&str, Dynamic)]) -> Dynamic {
    Dynamic::Map(members.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect())
}

fn list(x: &[Dynamic]) -> Dynamic {
    Dynamic::List(x.to_vec())
}

fn element(x: &str, id: Dynamic) -> Dynamic {
    object(&[("x", x.into()), ("id", id)])
}

/// The state, or with `id` null the configuration, with some members put in place.
fn value(id: Dynamic, edits: &[(&str, Dynamic)]) -> Dynamic {
    let e = |x: &str| element(x, id.clone());
    let mut all = vec![
        ("name", "n".into()),
        ("size", NULL),
        ("id", id.clone()),
        ("password", "secret-a".into()),
        ("once", NULL),
        ("order", list(&["a".into(), "b".into()])),
        ("tags", list(&["a".into(), "b".into()])),
        ("labels", object(&[("k", "v".into())])),
        ("disk", list(&[e("1"), e("2")])),
        ("rule", list(&[e("1"), e("2")])),
        ("by", object(&[("k", e("1"))])),
        ("timeouts", e("1")),
    ];
    all.extend_from_slice(edits);
    object(&all)
}

fn config(edits: &[(&str, Dynamic)]) -> Dynamic {
    value(NULL, edits)
}

fn state(edits: &[(&str, Dynamic)]) -> Dynamic {
    value("i".into(), edits)
}

/// The plan is refused with one message that begins so; or accepted, where there is none.
#[track_caller]
fn plan(prior: &Dynamic, config: &Dynamic, planned: &Dynamic, message: &str) {
    let wrong = plan_valid(&block(), prior, config, planned);
    match message {
        "" => assert_eq!(wrong, [""; 0]),
        m => assert!(wrong.len() == 1 && wrong[0].starts_with(m), "{wrong:?}"),
    }
}

#[test]
fn a_right_plan_is_accepted() {
    plan(&NULL, &config(&[]), &value(UNKNOWN, &[]), "");
    plan(&state(&[]), &config(&[]), &state(&[]), "");
    plan(&state(&[]), &NULL, &NULL, "");
    // Served as computed, so a value where nothing is configured is the provider's to choose.
    plan(&state(&[]), &config(&[]), &state(&[("size", 0.into())]), "");
    plan(&state(&[]), &config(&[]), &state(&[("size", UNKNOWN)]), "");
    // The prior value in place of the configured one, where both are there: it means the same.
    plan(&state(&[("name", "N".into())]), &config(&[]), &state(&[("name", "N".into())]), "");
    plan(&state(&[]), &config(&[("size", 1.into())]), &state(&[("size", Dynamic::Float(1.0))]), "");
    plan(&state(&[]), &config(&[]), &state(&[("tags", list(&["b".into(), "a".into()]))]), "");
    // Core trusts the provider with the elements of a set.
    let rules = list(&[element("2", "i".into()), element("9", "i".into()), element("9", "i".into())]);
    plan(&state(&[]), &config(&[]), &state(&[("rule", rules)]), "");
    for b in ["disk", "rule", "by", "timeouts"] {
        plan(&state(&[]), &config(&[(b, UNKNOWN)]), &state(&[(b, UNKNOWN)]), "");
    }
    // Null for no blocks reaches the provider under ignore_changes.
    plan(&state(&[("disk", NULL)]), &config(&[("disk", NULL)]), &state(&[("disk", list(&[]))]), "");
}

#[test]
fn a_wrong_attribute_is_refused() {
    let (s, c) = (state(&[]), config(&[]));
    plan(
        &s,
        &c,
        &state(&[("name", "x".into())]),
        "name: planned \"x\", which matches neither the configured \"n\"",
    );
    plan(
        &NULL,
        &c,
        &value(UNKNOWN, &[("name", "x".into())]),
        "name: planned \"x\", which does not match the configured",
    );
    plan(&s, &c, &state(&[("name", UNKNOWN)]), "name: planned (unknown)");
    plan(&s, &c, &state(&[("name", NULL)]), "name: planned null");
    plan(&s, &config(&[("size", 5.into())]), &state(&[("size", 6.into())]), "size: planned 6");
    // A null prior value must not replace a configured one.
    plan(&s, &config(&[("size", 5.into())]), &s, "size: planned null");
    plan(&s, &c, &state(&[("order", list(&["b".into(), "a".into()]))]), "order: planned [\"b\", \"a\"]");
    plan(&s, &c, &state(&[("tags", list(&["a".into()]))]), "tags: planned");
    plan(&s, &c, &state(&[("once", "x".into())]), "once: the planned value of a write-only attribute");
    // An attribute that the schema does not serve as computed.
    plan(&s, &config(&[("name", NULL)]), &s, "name: planned \"n\" for an attribute that is not computed");
}

#[test]
fn secrets_are_not_in_messages() {
    let wrong = plan_valid(&block(), &state(&[]), &config(&[]), &state(&[("password", "secret-b".into())]));
    assert_eq!(
        wrong,
        ["password: planned a sensitive value that is neither the configured nor the prior one"]
    );
    let wrong = apply_consistent(&block(), &state(&[]), &state(&[("password", "secret-b".into())]));
    assert_eq!(wrong, ["password: another value than planned for a sensitive attribute"]);
}

#[test]
fn a_wrong_block_is_refused() {
    let (s, c) = (state(&[]), config(&[]));
    let e = |x: &str| element(x, "i".into());
    for b in ["disk", "rule", "by"] {
        plan(&s, &c, &state(&[(b, NULL)]), &format!("{b}: no blocks are an empty collection, not null"));
    }
    for b in ["disk", "rule", "by", "timeouts"] {
        plan(&s, &c, &state(&[(b, UNKNOWN)]), &format!("{b}: planned as unknown"));
        plan(&s, &config(&[(b, UNKNOWN)]), &s, &format!("{b}: planned something for a dynamic block"));
    }
    plan(&s, &c, &state(&[("disk", list(&[e("1")]))]), "disk: planned 1 blocks, but 2 are configured");
    plan(&s, &config(&[("disk", list(&[]))]), &s, "disk: planned 2 blocks, but 0 are configured");
    plan(&s, &c, &state(&[("disk", list(&[e("1"), UNKNOWN]))]), "disk[1]: an element must not be unknown");
    plan(&s, &c, &state(&[("rule", list(&[e("1"), UNKNOWN]))]), "rule[1]: an element must not be unknown");
    plan(&s, &c, &state(&[("by", object(&[("k", UNKNOWN)]))]), "by[\"k\"]: an element must not be unknown");
    plan(&s, &c, &state(&[("disk", list(&[e("1"), e("3")]))]), "disk[1].x: planned \"3\"");
    plan(&s, &c, &state(&[("by", object(&[]))]), "by: planned 0 blocks, but 1 are configured");
    plan(&s, &c, &state(&[("by", object(&[("l", e("1"))]))]), "by[\"l\"]: planned, but not configured");
    plan(&s, &c, &state(&[("by", object(&[("k", e("2"))]))]), "by[\"k\"].x: planned \"2\"");
    plan(&s, &c, &state(&[("timeouts", NULL)]), "timeouts: planned for absence");
    plan(&s, &config(&[("timeouts", NULL)]), &s, "timeouts: planned, but the configuration does not have it");
    plan(&s, &c, &NULL, "the resource: planned for absence");
    plan(&s, &NULL, &s, "the resource: planned, but the configuration does not have it");
    // Reordered: each is where core looks for the other.
    let wrong = plan_valid(&block(), &s, &c, &state(&[("disk", list(&[e("2"), e("1")]))]));
    assert!(wrong[0].starts_with("disk[0].x: ") && wrong[1].starts_with("disk[1].x: "), "{wrong:?}");
}

#[test]
fn a_value_of_another_shape_is_refused() {
    let (s, c) = (state(&[]), config(&[]));
    let Dynamic::Map(mut less) = s.clone() else { panic!("an object") };
    less.remove("size");
    plan(&s, &c, &Dynamic::Map(less.clone()), "the resource: the attribute \"size\" is missing");
    plan(&s, &c, &state(&[("more", NULL)]), "the resource: there is no attribute \"more\"");
    plan(&s, &c, &state(&[("name", 1.into())]), "name: \"string\" is required");
    plan(&s, &c, &state(&[("tags", list(&[true.into()]))]), "tags[0]: \"string\" is required");
    plan(&s, &c, &state(&[("disk", list(&["x".into()]))]), "disk[0]: an object is required");
    plan(&s, &c, &state(&[("disk", "x".into())]), "disk: elements of a block are required");
    apply(&s, &Dynamic::Map(less), "the resource: the attribute \"size\" is missing");
}

/// The new state is refused with one message that begins so; or accepted, where there is none.
#[track_caller]
fn apply(planned: &Dynamic, new: &Dynamic, message: &str) {
    let wrong = apply_consistent(&block(), planned, new);
    match message {
        "" => assert_eq!(wrong, [""; 0]),
        m => assert!(wrong.len() == 1 && wrong[0].starts_with(m), "{wrong:?}"),
    }
}

#[test]
fn a_state_that_keeps_the_plan_is_accepted() {
    let e = |x: &str| element(x, "i".into());
    apply(&value(UNKNOWN, &[]), &state(&[]), "");
    apply(&NULL, &NULL, "");
    // What was open may become nothing, an order of a set may change, and equal elements fall together.
    apply(&value(UNKNOWN, &[]), &value(NULL, &[]), "");
    apply(
        &state(&[]),
        &state(&[("tags", list(&["b".into(), "a".into()])), ("rule", list(&[e("2"), e("1")]))]),
        "",
    );
    apply(&state(&[("tags", list(&["a".into(), UNKNOWN]))]), &state(&[("tags", list(&["a".into()]))]), "");
    apply(&state(&[("size", 1.into())]), &state(&[("size", Dynamic::Float(1.0))]), "");
    apply(&state(&[]), &state(&[("disk", NULL)]), "");
    for b in ["disk", "rule", "by", "timeouts"] {
        apply(&state(&[(b, UNKNOWN)]), &state(&[]), "");
    }
}

#[test]
fn a_state_that_breaks_the_plan_is_refused() {
    let s = state(&[]);
    let e = |x: &str| element(x, "i".into());
    apply(&s, &state(&[("size", 0.into())]), "size: was null, but is 0 now");
    apply(&state(&[("size", 1.into())]), &s, "size: was 1, but is null now");
    apply(&s, &state(&[("name", "".into())]), "name: was \"n\", but is \"\" now");
    apply(&value(UNKNOWN, &[]), &state(&[("id", UNKNOWN)]), "id: is still unknown after the apply");
    apply(&s, &state(&[("order", list(&["a".into()]))]), "order[1]: the element has vanished");
    apply(&s, &state(&[("order", list(&["a".into(), "b".into(), "c".into()]))]), "order[2]: a new element");
    apply(&s, &state(&[("labels", object(&[]))]), "labels[\"k\"]: the element has vanished");
    apply(&s, &state(&[("labels", object(&[("k", "w".into())]))]), "labels[\"k\"]: was \"v\"");
    apply(
        &s,
        &state(&[("tags", list(&["a".into(), "c".into()]))]),
        "tags: the planned element \"b\" is no longer",
    );
    let one = state(&[("tags", list(&["a".into()]))]);
    let wrong = apply_consistent(&block(), &one, &state(&[("tags", list(&["a".into(), "c".into()]))]));
    assert_eq!(
        wrong,
        ["tags: the element \"c\" was not planned", "tags: the number of elements grew from 1 to 2"]
    );
    apply(&s, &state(&[("rule", list(&[e("1"), e("3")]))]), "rule: the planned element");
    apply(&s, &state(&[("disk", list(&[e("1")]))]), "disk: the number of blocks changed from 2 to 1");
    apply(&s, &state(&[("disk", list(&[e("1"), e("3")]))]), "disk[1].x: was \"2\", but is \"3\" now");
    apply(&s, &state(&[("by", object(&[]))]), "by: the number of blocks changed");
    apply(&s, &state(&[("by", object(&[("l", e("1"))]))]), "by[\"k\"]: has vanished");
    apply(&s, &state(&[("timeouts", NULL)]), "timeouts: was present, but is absent now");
    apply(&state(&[("timeouts", NULL)]), &s, "timeouts: was absent, but is present now");
    apply(&s, &NULL, "the resource: was present, but is absent now");
    let swapped = state(&[("order", list(&["b".into(), "a".into()]))]);
    assert_eq!(apply_consistent(&block(), &s, &swapped).len(), 2);
    // A set that grew although something was open in it.
    let open = state(&[("rule", list(&[element("1", UNKNOWN)]))]);
    let wrong =
        apply_consistent(&block(), &open, &state(&[("rule", list(&[e("1"), element("1", "j".into())]))]));
    assert_eq!(wrong, ["rule: the number of elements grew from 1 to 2"]);
}

#[test]
fn a_plan_made_again_may_leave_open_what_was_open() {
    let open = value(UNKNOWN, &[]);
    assert_eq!(replan_consistent(&block(), &open, &open), [""; 0]);
    let wrong = replan_consistent(&block(), &state(&[]), &state(&[("size", UNKNOWN)]));
    assert_eq!(wrong, ["size: was null, but is (unknown) now"]);
    let wrong = replan_consistent(&block(), &state(&[]), &state(&[("name", UNKNOWN)]));
    assert_eq!(wrong, ["name: was known, but is unknown now"]);
}
