//! A level of shares, and the number that only the level `custom` takes. Pure.
use tf_framework::{AttributePath, Diagnostics, Field, Value};

/// The level that has no number of its own.
pub const CUSTOM: &str = "custom";

/// Summary and detail of the error where the level `custom` has no number.
pub fn needed(level: Field, number: Field) -> (String, String) {
    let detail = format!("With `{} = \"custom\"`, `{}` says how many shares: set it.", level.0, number.0);
    (format!("`{}` is needed", number.0), detail)
}

/// Summary and detail of the warning for a number beside a level that has one of its own.
pub fn ignored(level: (&str, Field), number: Field) -> (String, String) {
    let (value, level) = level;
    let detail = format!(
        "The level {:?} has a number of its own, and the configured one is ignored. Set `{} = \"custom\"`, or leave \
         `{}` out.",
        if value.is_empty() { "normal" } else { value },
        level.0,
        number.0
    );
    (format!("`{}` is ignored", number.0), detail)
}

/// The numbers of a level: of network adapters, of disks, and of both in official states ("Shares" in vSphere Resource
/// Management). An import writes them into a generated configuration.
fn implied(level: &str) -> [i64; 2] {
    match level {
        "low" => [25, 500],
        "high" => [100, 2000],
        _ => [50, 1000],
    }
}

/// Whether the number of shares of the block at `at` goes with its level.
pub fn check(
    at: &AttributePath,
    level: (&Value<String>, Field),
    number: (&Value<i64>, Field),
) -> Diagnostics {
    let count = number.0.known().copied().unwrap_or_default();
    let place = at.clone().field(number.1);
    match level.0 {
        Value::Unknown => {}
        known if known.as_str() == CUSTOM => {
            if count == 0 && !number.0.is_unknown() {
                let (summary, detail) = needed(level.1, number.1);
                return Diagnostics::error(place, summary, detail);
            }
        }
        known => {
            if count > 0 && !implied(known.as_str()).contains(&count) {
                let (summary, detail) = ignored((known.as_str(), level.1), number.1);
                return Diagnostics::warning(place, summary, detail);
            }
        }
    }
    Diagnostics::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_goes_with_the_level_custom_alone() {
        let (level_at, number_at) = (Field("share_level"), Field("share_count"));
        for (level, number, said) in [
            (Value::Null, Value::Null, ""),
            (Value::Null, 0.into(), ""),
            (Value::Null, 5.into(), "The level \"normal\""),
            ("".into(), 5.into(), "The level \"normal\""),
            ("high".into(), 5.into(), "The level \"high\""),
            ("high".into(), Value::Unknown, ""),
            // The number that the level has.
            ("high".into(), 2000.into(), ""),
            (Value::Null, 50.into(), ""),
            ("low".into(), 50.into(), "The level \"low\""),
            ("custom".into(), 5.into(), ""),
            ("custom".into(), Value::Unknown, ""),
            ("custom".into(), 0.into(), "set it"),
            ("custom".into(), Value::Null, "set it"),
            (Value::Unknown, 5.into(), ""),
            (Value::Unknown, Value::Null, ""),
        ] {
            let at = AttributePath::from(Field("disk")).index(1);
            let found = check(&at, (&level, level_at), (&number, number_at));
            assert_eq!(found.0.is_empty(), said.is_empty(), "{level:?} {number:?}");
            assert_eq!(found.has_errors(), said == "set it", "{level:?} {number:?}");
            assert!(found.to_string().contains(said), "{found}");
            assert!(found.0.iter().all(|d| d.at.to_string() == "disk[1].share_count"), "{found}");
        }
    }
}
