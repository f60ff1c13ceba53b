//! The rule, case by case.
use crate::official::any_order;
use std::time::{Duration, Instant};
use tf_framework::rule::{Planned, equal, plan, settle_apply, settle_read};
use tf_framework::{Attribute, Block, Dynamic, NestedBlock, Nesting, Type, check};

const NULL: Dynamic = Dynamic::Null;
const UNKNOWN: Dynamic = Dynamic::Unknown;

/// `object!{ name: value, … }`
macro_rules! object {
    ($($name:ident : $value:expr),* $(,)?) => {
        Dynamic::Map([$((stringify!($name).to_owned(), Dynamic::from($value))),*].into())
    };
}

fn list(x: impl IntoIterator<Item = Dynamic>) -> Dynamic {
    Dynamic::List(x.into_iter().collect())
}

fn texts(x: &[&str]) -> Dynamic {
    list(x.iter().map(|s| (*s).into()))
}

fn optional(name: &'static str) -> Attribute {
    Attribute { name, ty: Type::String, optional: true, ..Attribute::default() }
}

fn required(name: &'static str) -> Attribute {
    Attribute { required: true, optional: false, ..optional(name) }
}

/// Optional and officially computed.
fn either(name: &'static str) -> Attribute {
    Attribute { computed: true, ..optional(name) }
}

fn computed(name: &'static str) -> Attribute {
    Attribute { optional: false, ..either(name) }
}

fn without_case(a: &Dynamic, b: &Dynamic) -> bool {
    a.as_str().map(str::to_lowercase) == b.as_str().map(str::to_lowercase)
}

fn cased(name: &'static str) -> Attribute {
    Attribute { same: Some(without_case), ..optional(name) }
}

fn nested(nesting: Nesting, attributes: Vec<Attribute>) -> NestedBlock {
    NestedBlock { name: "b", nesting, block: Block { attributes, blocks: vec![] }, ..NestedBlock::default() }
}

fn only(attributes: Vec<Attribute>) -> Block {
    Block { attributes, blocks: vec![] }
}

fn around(n: NestedBlock) -> Block {
    Block { attributes: vec![], blocks: vec![n] }
}

fn b(v: Dynamic) -> Dynamic {
    object! { b: v }
}

/// Plans, and asks core.
fn planned(block: &Block, config: &Dynamic, prior: &Dynamic) -> Planned {
    let out = plan(block, config, prior);
    let wrong = check::plan_valid(block, prior, config, &out.state);
    assert_eq!(wrong.is_empty(), !out.legacy, "{wrong:?}");
    out
}

fn replaces(p: &Planned) -> Vec<String> {
    p.requires_replace.iter().map(ToString::to_string).collect()
}

/// One attribute beside one that has not changed: what is planned for it.
#[track_caller]
fn becomes(a: Attribute, config: Dynamic, prior: Dynamic, expected: Dynamic) -> Planned {
    let block = only(vec![Attribute { name: "a", ..a }]);
    let p = planned(&block, &object! { a: config }, &object! { a: prior });
    assert_eq!(p.state, object! { a: expected });
    p
}

#[test]
fn zero_against_zero_is_not_a_change() {
    let zeros = [
        (Type::String, "".into()),
        (Type::Number, Dynamic::Int(0)),
        (Type::Bool, false.into()),
        (Type::list(Type::String), list([])),
        (Type::set(Type::String), list([])),
        (Type::Map(Box::new(Type::String)), Dynamic::Map([].into())),
    ];
    for (ty, zero) in zeros {
        let a = Attribute { ty, force_new: true, ..optional("a") };
        assert!(!becomes(a.clone(), NULL, zero.clone(), zero.clone()).changed);
        assert!(!becomes(a.clone(), NULL, NULL, NULL).changed);
        assert!(!becomes(a.clone(), zero.clone(), zero.clone(), zero.clone()).changed);
        // Core has it only with the flag that a zero stays null. A new object gets it as it is configured, and where
        // there is another default, null may mean that.
        let p = becomes(a.clone(), zero.clone(), NULL, NULL);
        assert!(!p.changed && p.legacy && p.requires_replace.is_empty());
        let block = only(vec![a.clone()]);
        assert_eq!(planned(&block, &object! { a: zero.clone() }, &NULL).state, object! { a: zero.clone() });
        let other = Attribute { default: Some("other".into()), ..a };
        assert!(becomes(other, zero.clone(), NULL, zero).changed);
    }
}

#[test]
fn a_null_in_a_map_is_an_entry_that_is_left_out() {
    let a = Attribute { ty: Type::Map(Box::new(Type::String)), ..optional("a") };
    let (one, two) = (object! { k: "v" }, object! { k: "v", n: NULL });
    // A new object has it as it is configured, because core wants it so; a state may have it or not.
    let block = only(vec![a.clone()]);
    let new = planned(&block, &object! { a: two.clone() }, &NULL);
    assert_eq!(new.state, object! { a: two.clone() });
    let found = object! { a: one.clone() };
    assert_eq!(settle_apply(&block, &new.state, &found), new.state);
    assert_eq!(settle_read(&block, &new.state, &found), new.state);
    assert!(!becomes(a.clone(), two.clone(), two.clone(), two.clone()).changed);
    assert!(!becomes(a.clone(), two.clone(), one.clone(), one.clone()).changed);
    assert!(!becomes(a.clone(), one.clone(), two.clone(), two.clone()).changed);
    assert!(!becomes(a.clone(), object! { n: NULL }, NULL, NULL).changed);
    assert!(!becomes(a.clone(), object! { n: NULL }, object! {}, object! {}).changed);
    // It is one all the same when it gets a value, and when it loses it.
    assert!(becomes(a.clone(), object! { k: "v", n: "w" }, two.clone(), object! { k: "v", n: "w" }).changed);
    assert!(becomes(a, two.clone(), object! { k: "v", n: "w" }, two).changed);
}

#[test]
fn a_number_of_shares_differs_with_the_level_custom_alone() {
    let count = |a: Attribute| Attribute { ty: Type::Number, level: Some("l"), ..a };
    let zero = Attribute { default: Some(Dynamic::Int(0)), ..optional("n") };
    for a in [count(either("n")), count(zero)] {
        let block = only(vec![Attribute { default: Some("normal".into()), ..optional("l") }, a]);
        let n = |l: Dynamic, n: Dynamic| object! { l: l, n: n };
        let state = n("normal".into(), Dynamic::Int(1000));
        // Whatever is configured: the number is the server's.
        for said in [NULL, Dynamic::Int(0), Dynamic::Int(7)] {
            for level in [NULL, "normal".into()] {
                let p = planned(&block, &n(level, said.clone()), &state);
                assert!(!p.changed && p.state == state, "{said:?}");
            }
        }
        assert_eq!(settle_read(&block, &state, &n("normal".into(), Dynamic::Int(4000))), state);
        // A number of one's own is compared, and a new object has it as it is configured.
        let own = n("custom".into(), Dynamic::Int(7));
        assert!(planned(&block, &own, &state).changed);
        assert!(planned(&block, &own, &n("custom".into(), Dynamic::Int(8))).changed);
        assert_eq!(
            settle_read(&block, &own, &n("custom".into(), Dynamic::Int(8))).get("n"),
            &Dynamic::Int(8)
        );
        let new = n("normal".into(), Dynamic::Int(7));
        assert_eq!(planned(&block, &new, &NULL).state, new);
        assert_eq!(settle_read(&block, &new, &state), new);
    }
}

#[test]
fn what_is_removed_becomes_null_and_what_the_server_chose_stays() {
    assert!(becomes(optional("a"), NULL, "x".into(), NULL).changed);
    assert!(!becomes(either("a"), NULL, "x".into(), "x".into()).changed);
    assert!(!becomes(either("a"), NULL, NULL, NULL).changed);
    assert!(!becomes(computed("a"), NULL, "x".into(), "x".into()).changed);
    assert!(!becomes(computed("a"), NULL, NULL, NULL).changed);
    let map = Type::Map(Box::new(Type::String));
    becomes(Attribute { ty: map, ..optional("a") }, NULL, object! { k: "v" }, NULL);
}

#[test]
fn an_empty_text_for_what_the_server_chooses_is_not_set() {
    assert!(!becomes(either("a"), "".into(), "x".into(), "x".into()).changed);
    assert!(!becomes(either("a"), "".into(), NULL, NULL).changed);
    becomes(optional("a"), "".into(), "x".into(), "".into());
}

#[test]
fn under_ignore_changes_even_a_computed_attribute_is_configured() {
    assert!(!becomes(computed("a"), "x".into(), "x".into(), "x".into()).changed);
    assert!(!becomes(optional("a"), "x".into(), "x".into(), "x".into()).changed);
    // Where a provider of the old kind wrote null for no blocks, it comes back as the configuration.
    let block = around(nested(Nesting::List, vec![optional("x")]));
    assert_eq!(planned(&block, &b(NULL), &b(NULL)).state, b(list([])));
}

#[test]
fn omitted_attributes_get_their_default() {
    let a = |d: Dynamic| Attribute { default: Some(d), ..optional("a") };
    becomes(a("d".into()), NULL, NULL, "d".into());
    becomes(a("d".into()), NULL, "x".into(), "d".into());
    assert!(!becomes(a("d".into()), NULL, "d".into(), "d".into()).changed);
    becomes(a("d".into()), "x".into(), "d".into(), "x".into());
    // A default that is a zero, against a state that has none, and the other way round.
    assert!(!becomes(a("".into()), NULL, NULL, NULL).changed);
    assert!(!becomes(a("".into()), NULL, "".into(), "".into()).changed);
    // In another spelling, and as another kind of number.
    assert!(
        !becomes(Attribute { default: Some("d".into()), ..cased("a") }, NULL, "D".into(), "D".into()).changed
    );
    let one = Attribute { ty: Type::Number, ..a(Dynamic::Int(1)) };
    assert!(!becomes(one, NULL, Dynamic::Float(1.0), Dynamic::Float(1.0)).changed);
    let p =
        planned(&only(vec![a("d".into()), optional("o"), either("e"), computed("c")]), &object! {}, &NULL);
    assert_eq!(p.state, object! { a: "d", o: NULL, e: UNKNOWN, c: UNKNOWN });
    assert!(p.changed);
}

#[test]
fn what_means_the_same_keeps_the_spelling_of_the_state() {
    assert!(!becomes(cased("a"), "X".into(), "x".into(), "x".into()).changed);
    assert!(becomes(cased("a"), "Y".into(), "x".into(), "Y".into()).changed);
    becomes(cased("a"), "X".into(), NULL, "X".into());
    let names = || Attribute { ty: Type::list(Type::String), same: Some(any_order), ..optional("a") };
    assert!(!becomes(names(), texts(&["B", "a"]), texts(&["a", "b"]), texts(&["a", "b"])).changed);
    // Half of it is unknown: nothing can be said about its meaning.
    let half = list(["b".into(), UNKNOWN]);
    becomes(names(), half.clone(), texts(&["a", "b"]), half);
}

#[test]
fn sets_have_no_order_and_a_number_is_its_value() {
    let set = |t| Attribute { ty: Type::set(t), ..optional("a") };
    assert!(!becomes(set(Type::String), texts(&["b", "a"]), texts(&["a", "b"]), texts(&["b", "a"])).changed);
    let p = becomes(
        set(Type::Number),
        list([2.into(), 1.into()]),
        list([Dynamic::Float(1.0), 2.into()]),
        list([2.into(), 1.into()]),
    );
    assert!(!p.changed);
    assert!(
        becomes(set(Type::Number), list([1.into()]), list([1.into(), 2.into()]), list([1.into()])).changed
    );
    let block = only(vec![Attribute { ty: Type::list(Type::String), ..optional("a") }]);
    assert!(!equal(&block, &object! { a: texts(&["a", "b"]) }, &object! { a: texts(&["b", "a"]) }));
    assert!(equal(&block, &NULL, &NULL) && !equal(&block, &NULL, &object! { a: NULL }));
}

#[test]
fn a_write_only_value_reaches_neither_plan_nor_state() {
    let block = only(vec![Attribute { write_only: true, default: Some("d".into()), ..optional("a") }]);
    for config in [NULL, "secret".into(), UNKNOWN] {
        let p = planned(&block, &object! { a: config }, &object! { a: NULL });
        assert_eq!(p.state, object! { a: NULL });
        assert!(!p.changed);
    }
    assert_eq!(settle_apply(&block, &object! { a: NULL }, &object! { a: "secret" }), object! { a: NULL });
    assert_eq!(settle_read(&block, &object! { a: NULL }, &object! { a: "secret" }), object! { a: NULL });
    assert_eq!(settle_read(&block, &NULL, &object! { a: "secret" }), object! { a: NULL });
}

#[test]
fn only_a_change_wakes_the_volatile() {
    let block = only(vec![optional("a"), Attribute { volatile: true, ..computed("v") }]);
    let prior = object! { a: "x", v: "1" };
    assert!(!planned(&block, &object! { a: "x", v: NULL }, &prior).changed);
    assert_eq!(planned(&block, &object! { a: "y", v: NULL }, &prior).state, object! { a: "y", v: UNKNOWN });
}

#[test]
fn a_volatile_attribute_does_not_tear_a_set_element_from_its_past() {
    let set = nested(
        Nesting::Set,
        vec![optional("x"), computed("id"), Attribute { volatile: true, ..computed("v") }],
    );
    let block = Block { attributes: vec![optional("a")], blocks: vec![set] };
    let e = |x: &str, id: &str| object! { x: x, id: id, v: "1" };
    let c = |x: &str| object! { x: x, id: NULL, v: NULL };
    let prior = object! { a: "old", b: list([e("1", "i1"), e("2", "i2")]) };
    let p = planned(&block, &object! { a: "new", b: list([c("2"), c("1")]) }, &prior);
    let kept = |x: &str, id: &str| object! { x: x, id: id, v: UNKNOWN };
    assert_eq!(p.state, object! { a: "new", b: list([kept("2", "i2"), kept("1", "i1")]) });
}

#[test]
fn only_what_really_changes_replaces() {
    let new = |a: Attribute| Attribute { force_new: true, ..a };
    assert_eq!(replaces(&becomes(new(optional("a")), "y".into(), "x".into(), "y".into())), ["a"]);
    assert_eq!(replaces(&becomes(new(optional("a")), NULL, "x".into(), NULL)), ["a"]);
    assert_eq!(replaces(&becomes(new(optional("a")), UNKNOWN, "x".into(), UNKNOWN)), ["a"]);
    assert_eq!(replaces(&becomes(new(optional("a")), "".into(), NULL, NULL)), [""; 0]);
    assert_eq!(replaces(&becomes(new(cased("a")), "X".into(), "x".into(), "x".into())), [""; 0]);
    assert_eq!(replaces(&planned(&only(vec![new(required("a"))]), &object! { a: "x" }, &NULL)), [""; 0]);
}

#[test]
fn replacement_reaches_into_lists_maps_and_single_blocks_and_not_into_sets() {
    let inner = || vec![Attribute { force_new: true, ..optional("x") }];
    let case = |nesting, config: Dynamic, prior: Dynamic| {
        replaces(&planned(&around(nested(nesting, inner())), &b(config), &b(prior)))
    };
    let x = |v: &str| object! { x: v };
    assert_eq!(case(Nesting::List, list([x("1"), x("3")]), list([x("1"), x("2")])), ["b[1].x"]);
    assert_eq!(case(Nesting::List, list([x("1"), x("3")]), list([x("1")])), [""; 0]);
    assert_eq!(case(Nesting::Map, object! { k: x("2") }, object! { k: x("1") }), ["b[\"k\"].x"]);
    assert_eq!(case(Nesting::Single, x("2"), x("1")), ["b.x"]);
    assert_eq!(case(Nesting::Single, x("2"), NULL), [""; 0]);
    assert_eq!(case(Nesting::Set, list([x("2")]), list([x("1")])), [""; 0]);
}

#[test]
fn a_keyed_element_that_only_moves_replaces_nothing() {
    let attributes = vec![required("k"), Attribute { force_new: true, ..optional("x") }];
    let block = around(NestedBlock { key: Some("k"), ..nested(Nesting::List, attributes) });
    let e = |k: &str, x: &str| object! { k: k, x: x };
    let prior = b(list([e("one", "1"), e("two", "2")]));
    let p = planned(&block, &b(list([e("two", "2"), e("one", "1")])), &prior);
    assert!(p.changed && p.requires_replace.is_empty());
    let p = planned(&block, &b(list([e("two", "3"), e("one", "1")])), &prior);
    assert_eq!(replaces(&p), ["b[0].x"]);
}

#[test]
fn a_block_replaces_when_its_number_or_the_content_of_its_set_changes() {
    let case = |nesting, config: Dynamic, prior: Dynamic| {
        let block = around(NestedBlock { force_new: true, ..nested(nesting, vec![optional("x")]) });
        replaces(&planned(&block, &b(config), &b(prior)))
    };
    let x = |v: &str| object! { x: v };
    assert_eq!(case(Nesting::List, list([x("1")]), list([])), ["b"]);
    assert_eq!(case(Nesting::List, list([]), list([x("1")])), ["b"]);
    assert_eq!(case(Nesting::List, list([x("2")]), list([x("1")])), [""; 0]);
    assert_eq!(case(Nesting::Set, list([x("2")]), list([x("1")])), ["b"]);
    assert_eq!(case(Nesting::Single, NULL, x("1")), ["b"]);
    assert_eq!(case(Nesting::Map, object! { k: x("1") }, object! { l: x("1") }), ["b"]);
    assert_eq!(case(Nesting::List, UNKNOWN, list([])), ["b"]);
}

#[test]
fn keyed_elements_match_at_any_position() {
    let block = around(NestedBlock {
        key: Some("k"),
        ..nested(Nesting::List, vec![required("k"), cased("s"), computed("id")])
    });
    let was = |k: &str, s: &str, id: &str| object! { k: k, s: s, id: id };
    let c = |k: &str, s: &str| object! { k: k, s: s, id: NULL };
    let prior = b(list([was("one", "x", "1"), was("two", "y", "2")]));
    let p = planned(&block, &b(list([c("two", "Y"), c("one", "x")])), &prior);
    // Moved: the spelling of the state is elsewhere, where core does not look for it.
    assert_eq!(p.state, b(list([was("two", "Y", "2"), was("one", "x", "1")])));
    let p = planned(&block, &b(list([c("two", "y")])), &prior);
    assert_eq!(p.state, b(list([was("two", "y", "2")])));
    let p = planned(&block, &b(list([c("new", "x"), c("two", "y")])), &prior);
    assert_eq!(p.state, b(list([object! { k: "new", s: "x", id: UNKNOWN }, was("two", "y", "2")])));
    // Its name is not known: it may be any of those left over.
    let open = object! { k: UNKNOWN, s: NULL, id: NULL };
    let p = planned(&block, &b(list([open, c("two", "y")])), &prior);
    assert_eq!(p.state, b(list([object! { k: UNKNOWN, s: UNKNOWN, id: UNKNOWN }, was("two", "y", "2")])));
}

#[test]
fn inside_a_moved_element_core_still_looks_by_position() {
    let inner = nested(Nesting::List, vec![cased("s")]);
    let block = around(NestedBlock {
        key: Some("k"),
        block: Block { attributes: vec![required("k")], blocks: vec![inner] },
        ..nested(Nesting::List, vec![])
    });
    let e = |k: &str, s: &str| object! { k: k, b: list([object! { s: s }]) };
    let p =
        planned(&block, &b(list([e("two", "Y"), e("one", "X")])), &b(list([e("one", "x"), e("two", "y")])));
    assert_eq!(p.state, b(list([e("two", "Y"), e("one", "X")])));
}

#[test]
fn a_list_without_a_key_goes_by_position() {
    let block = around(nested(Nesting::List, vec![optional("x"), computed("id")]));
    let prior = b(list([object! { x: "1", id: "i1" }, object! { x: "2", id: "i2" }]));
    let c = |x: &str| object! { x: x, id: NULL };
    let p = planned(&block, &b(list([c("2"), c("2"), c("3")])), &prior);
    let e = |x: &str, id: Dynamic| object! { x: x, id: id };
    assert_eq!(p.state, b(list([e("2", "i1".into()), e("2", "i2".into()), e("3", UNKNOWN)])));
    assert_eq!(planned(&block, &b(list([])), &prior).state, b(list([])));
}

#[test]
fn a_set_element_is_known_by_what_it_means() {
    let block = around(nested(Nesting::Set, vec![required("k"), cased("s"), either("e"), computed("id")]));
    let was = |k: &str, s: Dynamic, id: &str| object! { k: k, s: s, e: id, id: id };
    let c = |k: &str, s: Dynamic| object! { k: k, s: s, e: NULL, id: NULL };
    let prior =
        b(list([was("one", "x".into(), "1"), was("two", "".into(), "2"), was("two", "z".into(), "3")]));
    // Turned round, respelled, a zero left out.
    let p = planned(&block, &b(list([c("two", "Z".into()), c("two", NULL), c("one", "X".into())])), &prior);
    assert!(!p.changed);
    assert_eq!(
        p.state,
        b(list([was("two", "z".into(), "3"), was("two", "".into(), "2"), was("one", "x".into(), "1")]))
    );
    // Edited: the required attribute says which one it is. A new one is new, never the one at its position.
    let p = planned(&block, &b(list([c("new", NULL), c("one", "y".into())])), &prior);
    assert_eq!(
        p.state,
        b(list([object! { k: "new", s: NULL, e: UNKNOWN, id: UNKNOWN }, was("one", "y".into(), "1")]))
    );
    // One on each side is the same one.
    let p = planned(&block, &b(list([c("new", NULL)])), &b(list([was("old", NULL, "1")])));
    assert_eq!(p.state, b(list([was("new", NULL, "1")])));
}

#[test]
fn an_element_that_leaves_something_open_does_not_take_the_place_of_one_that_does_not() {
    let block = around(nested(Nesting::Set, vec![optional("x"), either("e")]));
    let e = |e: Dynamic| object! { x: "x", e: e };
    let prior = b(list([e("v".into()), e("chosen".into())]));
    let p = planned(&block, &b(list([e(NULL), e("v".into())])), &prior);
    assert!(!p.changed, "{:?}", p.state);
}

#[test]
fn with_something_unknown_in_a_set_nothing_is_said_that_may_have_to_be_taken_back() {
    let block = around(nested(Nesting::Set, vec![required("k"), optional("o"), computed("id")]));
    let was = |k: &str, id: &str| object! { k: k, o: NULL, id: id };
    let c = |k: Dynamic| object! { k: k, o: NULL, id: NULL };
    let prior = b(list([was("one", "1"), was("two", "2")]));
    let p = planned(&block, &b(list([c("one".into()), c(UNKNOWN)])), &prior);
    assert_eq!(p.state, b(list([was("one", "1"), object! { k: UNKNOWN, o: UNKNOWN, id: UNKNOWN }])));
    // Nothing is left that it could be: it is new.
    let p = planned(&block, &b(list([c("one".into()), c("two".into()), c(UNKNOWN)])), &prior);
    assert_eq!(p.state.get("b").items()[2], object! { k: UNKNOWN, o: NULL, id: UNKNOWN });
    // There is only one that it can be.
    let p = planned(&block, &b(list([c(UNKNOWN)])), &b(list([was("one", "1")])));
    assert_eq!(p.state, b(list([object! { k: UNKNOWN, o: NULL, id: "1" }])));
}

#[test]
fn a_dynamic_block_that_is_not_known_is_left_alone() {
    for nesting in [Nesting::List, Nesting::Set, Nesting::Map, Nesting::Single] {
        for computed in [false, true] {
            let block = around(NestedBlock { computed, ..nested(nesting, vec![optional("x")]) });
            let prior = if nesting == Nesting::Single {
                object! { x: "1" }
            } else {
                list([object! { x: "1" }])
            };
            let p = planned(&block, &b(UNKNOWN), &b(prior));
            assert_eq!((p.state, p.changed, p.legacy), (b(UNKNOWN), true, false));
        }
    }
    let block = around(nested(Nesting::List, vec![optional("x")]));
    assert_eq!(settle_apply(&block, &b(UNKNOWN), &b(NULL)), b(list([])));
}

#[test]
fn undeclared_elements_of_a_computed_block_stay() {
    let case = |nesting, prior: &Dynamic, config: Dynamic| {
        let block =
            around(NestedBlock { computed: true, ..nested(nesting, vec![optional("x"), computed("id")]) });
        planned(&block, &b(config), &b(prior.clone()))
    };
    let e = |x: &str| object! { x: x, id: "i" };
    let two = list([e("1"), e("2")]);
    let p = case(Nesting::List, &two, list([]));
    assert!(p.legacy && !p.changed);
    let p = case(Nesting::Set, &two, list([]));
    assert!(!p.legacy && !p.changed);
    // As soon as the configuration has one, it has all.
    let p = case(Nesting::List, &two, list([object! { x: "1", id: NULL }]));
    assert!(!p.legacy);
    assert_eq!(p.state, b(list([e("1")])));
    let p = case(Nesting::List, &list([]), list([]));
    assert!(!p.legacy && !p.changed);
}

#[test]
fn a_single_block_comes_and_goes() {
    let block = around(nested(Nesting::Single, vec![optional("x"), computed("id")]));
    assert!(!planned(&block, &b(NULL), &b(NULL)).changed);
    assert_eq!(
        planned(&block, &b(object! { x: "1", id: NULL }), &b(NULL)).state,
        b(object! { x: "1", id: UNKNOWN })
    );
    assert_eq!(planned(&block, &b(NULL), &b(object! { x: "1", id: "i" })).state, b(NULL));
    assert_eq!(plan(&block, &NULL, &b(NULL)).state, NULL);
}

#[test]
fn an_apply_fills_only_what_the_plan_left_open() {
    let set = Attribute { ty: Type::set(Type::String), ..optional("s") };
    let strings = Attribute { ty: Type::list(Type::String), ..optional("l") };
    let block = only(vec![optional("a"), computed("c"), set, strings]);
    let planned = object! { a: "asked", c: UNKNOWN, s: list([UNKNOWN, "x".into()]), l: list(["x".into(), UNKNOWN, UNKNOWN]) };
    let found = object! { a: "other", c: "chosen", s: texts(&["x", "y"]), l: texts(&["z", "y"]) };
    let expected =
        object! { a: "asked", c: "chosen", s: texts(&["y", "x"]), l: list(["x".into(), "y".into(), NULL]) };
    assert_eq!(settle_apply(&block, &planned, &found), expected);
    // What was unknown in the set has become equal to what was known.
    let found = object! { c: UNKNOWN, s: texts(&["x"]) };
    let expected = object! { a: "asked", c: NULL, s: texts(&["x"]), l: list(["x".into(), NULL, NULL]) };
    assert_eq!(settle_apply(&block, &planned, &found), expected);
    assert_eq!(settle_apply(&block, &planned, &NULL).get("c"), &NULL);
}

#[test]
fn an_apply_finds_elements_by_position_key_and_meaning() {
    let attributes = || vec![required("k"), optional("o"), computed("id")];
    let p = |k: &str| object! { k: k, o: NULL, id: UNKNOWN };
    let f = |k: &str, id: &str| object! { k: k, o: "", id: id };
    let e = |k: &str, id: Dynamic| object! { k: k, o: NULL, id: id };
    let two = b(list([p("1"), p("2")]));
    let found = b(list([f("2", "i2"), f("1", "i1")]));
    let by_meaning = b(list([e("1", "i1".into()), e("2", "i2".into())]));
    let set = around(nested(Nesting::Set, attributes()));
    assert_eq!(settle_apply(&set, &two, &found), by_meaning);
    let keyed = around(NestedBlock { key: Some("k"), ..nested(Nesting::List, attributes()) });
    assert_eq!(settle_apply(&keyed, &two, &found), by_meaning);
    let plain = around(nested(Nesting::List, attributes()));
    assert_eq!(settle_apply(&plain, &two, &found), b(list([e("1", "i2".into()), e("2", "i1".into())])));
    let one = b(list([f("1", "i1")]));
    assert_eq!(settle_apply(&set, &two, &one), b(list([e("1", "i1".into()), e("2", NULL)])));
}

#[test]
fn a_read_keeps_the_words_of_the_state() {
    let block = only(vec![cased("a"), optional("z")]);
    let read = |prior: Dynamic, found: Dynamic| settle_read(&block, &prior, &found);
    assert_eq!(read(object! { a: "X", z: NULL }, object! { a: "x", z: "" }), object! { a: "X", z: NULL });
    assert_eq!(read(object! { a: "X", z: "" }, object! { a: "y", z: NULL }), object! { a: "y", z: "" });
    assert_eq!(
        read(object! { a: "X", z: "z" }, object! { a: UNKNOWN, z: NULL }),
        object! { a: "X", z: NULL }
    );
    assert_eq!(read(NULL, object! { a: "x", z: "" }), object! { a: "x", z: "" });
    assert_eq!(read(object! { a: "X", z: "z" }, NULL), NULL);
}

#[test]
fn a_read_takes_undeclared_elements_only_from_an_import() {
    let block = |nesting, computed| {
        around(NestedBlock {
            computed,
            key: (nesting == Nesting::List).then_some("k"),
            ..nested(nesting, vec![required("k"), optional("o")])
        })
    };
    let e = |k: &str, o: Dynamic| object! { k: k, o: o };
    let found = b(list([e("3", "".into()), e("2", "".into()), e("1", "".into())]));
    for nesting in [Nesting::List, Nesting::Set] {
        let prior = b(list([e("1", NULL), e("2", NULL)]));
        assert_eq!(settle_read(&block(nesting, true), &prior, &found), prior);
        let seen = settle_read(&block(nesting, false), &prior, &found);
        assert_eq!(seen, b(list([e("1", NULL), e("2", NULL), e("3", "".into())])));
        assert_eq!(settle_read(&block(nesting, true), &b(list([])), &found), b(list([])));
        assert_eq!(settle_read(&block(nesting, true), &b(NULL), &found), found);
        assert_eq!(settle_read(&block(nesting, true), &prior, &b(NULL)), b(list([])));
    }
    // As many as before, one of them another: it was changed, not added.
    let prior = b(list([e("1", NULL), e("9", NULL)]));
    let read = settle_read(&block(Nesting::Set, true), &prior, &b(list([e("8", NULL), e("1", NULL)])));
    assert_eq!(read, b(list([e("1", NULL), e("8", NULL)])));
}

#[test]
fn large_sets_take_no_time_to_speak_of() {
    let set = nested(Nesting::Set, vec![required("k"), optional("o"), computed("id")]);
    let names = Attribute { ty: Type::set(Type::String), ..optional("names") };
    let block = Block { attributes: vec![names], blocks: vec![set] };
    let range = |n: usize| (0..n).map(|i| format!("name-{i}"));
    let all = |x: Vec<String>| list(x.into_iter().map(Dynamic::from));
    let config = object! {
        names: all(range(600).rev().collect()),
        b: list(range(600).rev().map(|k| object! { k: k, o: "new", id: NULL })),
    };
    let prior = object! {
        names: all(range(600).collect()),
        b: list(range(600).map(|k| object! { k: k.clone(), o: NULL, id: k })),
    };
    let start = Instant::now();
    let p = plan(&block, &config, &prior);
    assert!(p.state.get("b").items().iter().all(|e| e.get("id") == e.get("k")));
    let new = settle_apply(&block, &p.state, &prior);
    assert_eq!(check::apply_consistent(&block, &p.state, &new), [""; 0]);
    assert!(!plan(&block, &config, &settle_read(&block, &new, &new)).changed);
    let took = start.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?}");
    eprintln!("600 elements: {took:?}");
}
