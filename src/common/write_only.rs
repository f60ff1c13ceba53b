//! Secrets that a configuration can set without storing them in the state.
use tf_framework::{AttributePath, Diagnostics, Field, Secret, Value};

/// What is wrong with a secret that can be set in two ways: `plain`, or `write_only` with a `version`. Pure.
pub fn check(
    plain: &Value<Secret>,
    write_only: &Value<Secret>,
    version: &Value<i64>,
    path: impl Fn(Field) -> AttributePath,
    (field, version_field): (Field, Field),
) -> Diagnostics {
    let mut out = Diagnostics::default();
    let name = field.0.trim_end_matches("_wo");
    if plain.known().is_some() && write_only.known().is_some() {
        let detail =
            format!("`{name}` and `{}` are two ways to set the same data. Remove one of the two.", field.0);
        out.merge(Diagnostics::error(path(field), "Conflicting data", detail));
    }
    if write_only.known().is_some() && version.is_null() {
        let detail = format!(
            "A write-only value cannot be compared with the previous one. Set `{}`, and increase it with each change.",
            version_field.0
        );
        out.merge(Diagnostics::error(path(version_field), "Missing version", detail));
    }
    out
}
