use crate::{Dynamic, Model, Value};
use std::time::Duration;

/// How long each operation may take, as in `timeouts { create = "20m" }`.
#[derive(Debug, Clone, Default, PartialEq, Model)]
pub struct Timeouts {
    /// The longest that a creation may take, for example `30s` or `1h30m`.
    #[tf(optional, unstored, check = duration)]
    pub create: Value<String>,
    /// The longest that a read may take.
    #[tf(optional, check = duration)]
    pub read: Value<String>,
    /// The longest that an update may take.
    #[tf(optional, unstored, check = duration)]
    pub update: Value<String>,
    /// The longest that a destruction may take.
    #[tf(optional, check = duration)]
    pub delete: Value<String>,
}

/// The time that the `timeouts` block of a state or plan gives to an operation.
pub(crate) fn configured(state: &Dynamic, operation: &str) -> Option<Duration> {
    let text = state.get("timeouts").get(operation).as_str()?;
    parse(text).ok()
}

/// A duration as Go writes it, which is what every other provider takes: numbers with a fraction, and units from
/// nanoseconds to hours. Words such as `2 days` are taken as well.
fn parse(text: &str) -> Result<Duration, String> {
    go(text).map_or_else(|| humantime::parse_duration(text).map_err(|e| e.to_string()), Ok)
}

fn go(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    let mut sum = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        sum += number
            * match &rest[..unit] {
                "ns" => 1e-9,
                "us" | "µs" | "μs" => 1e-6,
                "ms" => 1e-3,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    (!text.is_empty()).then(|| Duration::try_from_secs_f64(sum).ok()).flatten()
}

fn duration(v: &Dynamic) -> Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    parse(text)
        .map(|_| ())
        .map_err(|e| format!("{text:?} is no duration ({e}): write it like \"30s\", \"20m\" or \"1h30m\"."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_go() {
        for (text, seconds) in [
            ("90s", 90.0),
            ("1h30m", 5400.0),
            ("1.5h", 5400.0),
            ("1h0m0s", 3600.0),
            ("300ms", 0.3),
            ("0", 0.0),
            ("2 days", 172_800.0),
        ] {
            assert_eq!(parse(text).map(|d| d.as_secs_f64()), Ok(seconds), "{text}");
        }
        for text in ["", "soon", "5", "-1m", "1.2.3s", "1x"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
