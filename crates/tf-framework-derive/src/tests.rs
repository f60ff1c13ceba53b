//! What the derive refuses, and in which words.
//!
//! The expansion is called as a function: a compiler for each case would say no more, and would be a build of its own in
//! every run of the tests.
use super::*;

/// What is said of a struct.
fn refused(source: &str) -> String {
    let input = match syn::parse_str::<DeriveInput>(source) {
        Ok(input) => input,
        Err(e) => return format!("no Rust: {e}"),
    };
    match expand(&input) {
        Ok(_) => "accepted".to_owned(),
        Err(e) => e.to_string(),
    }
}

/// What is said of one field, which is documented.
fn field_refused(options: &str, ty: &str) -> String {
    refused(&format!("struct M {{\n/// A field.\n#[tf({options})]\nf: {ty},\n}}"))
}

#[test]
fn a_right_one_is_accepted() {
    let all = r#"
        /// A role.
        #[tf(type_name = "example_role", category = "Security", version = 1, deprecated = "Use another.")]
        struct Role {
            /// Its name.
            #[tf(required, force_new, length(1, 80), pattern("^a", "an a"), conflicts_with("b"))]
            name: Value<String>,
            /// Its type.
            #[tf(optional, computed, default = "x", same = same, each(one_of("x", "y")), at_least = 1)]
            r#type: Value<Vec<String>>,
            #[tf(flatten)]
            more: More,
            /// Blocks.
            #[tf(block, set, min = 1, max = 2, key = "name")]
            blocks: Value<Vec<More>>,
            /// One block.
            #[tf(block, single)]
            one: Value<More>,
        }
    "#;
    assert_eq!(refused(all), "accepted");
}

#[test]
fn a_field_says_what_it_is() {
    let ty = "Value<String>";
    assert_eq!(
        refused("struct M { #[tf(required)] name: Value<String> }"),
        "`name` needs a doc comment: it is its description in the schema and on the registry"
    );
    let neither = "`f` must be `required`, or `optional` and/or `computed`";
    assert_eq!(field_refused("sensitive", ty), neither);
    assert_eq!(field_refused("required, optional", ty), neither);
    assert_eq!(field_refused("required, computed", ty), neither);
    assert_eq!(refused("struct M { /// A field.\n f: Value<String> }"), neither);
}

#[test]
fn a_word_that_it_does_not_know_is_named() {
    assert_eq!(field_refused("required, forcenew", "Value<String>"), "`tf` does not support `forcenew`");
    assert_eq!(field_refused("required, each(between(1, 2))", "Value<String>"), "expected a check");
    assert_eq!(field_refused("required, length(1)", "Value<String>"), "expected two values");
    assert_eq!(
        refused(
            r#"/// A role.
        #[tf(name = "example_role")] struct M {}"#
        ),
        "expected `type_name`, `category`, `version` or `deprecated`"
    );
}

#[test]
fn a_block_holds_models() {
    let shapes = "a block is a `Value<Vec<M>>`, `Value<BTreeMap<String, M>>` or, if single, a `Value<M>`";
    assert_eq!(field_refused("block", "String"), shapes);
    assert_eq!(field_refused("block, map", "Value<String>"), shapes);
    assert_eq!(field_refused("block, single", "More"), shapes);
}

#[test]
fn only_a_documented_struct_with_names_is_a_type() {
    assert_eq!(refused("enum M { A }"), "Model needs a struct");
    assert_eq!(refused("struct M(String);"), "Model needs named fields");
    assert_eq!(
        refused(r#"#[tf(type_name = "example_role")] struct M {}"#),
        "`M` needs a doc comment: it is the description of the type on the registry"
    );
}
