//! Durations as Terraform's users write them: the texts that Go's `time.ParseDuration` reads, which is what every other
//! provider takes. The grammar is that of its documentation: a sign, then decimal numbers with a fraction and a unit each.
//! Only negative durations, which make no sense as a limit, are left out.

use std::time::Duration;

/// What is right, for messages.
pub(crate) const FORM: &str = "Write numbers with the units `h`, `m`, `s` and `ms`, for example \"30s\", \"20m\", \
                               \"1.5h\" or \"1h30m\".";

/// The units, with their nanoseconds. Micro has two code points: the micro sign and the Greek letter.
const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Reads a duration. As in Go, parts of a nanosecond are cut off, and the longest one has 2^63 - 1 nanoseconds (292 years).
///
/// # Errors
/// Why the text is not one, as a clause.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest.is_empty() {
        return Err("there is no number".to_owned());
    }
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    let mut sum: u64 = 0;
    while !rest.is_empty() {
        let number = &rest[..rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len())];
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if fraction.contains('.') || (whole.is_empty() && fraction.is_empty()) {
            return Err(format!("there is no number at {rest:?}"));
        }
        rest = &rest[number.len()..];
        let unit = &rest[..rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len())];
        rest = &rest[unit.len()..];
        let scale = match UNITS.iter().find(|(name, _)| *name == unit) {
            Some((_, scale)) => *scale,
            None if unit.is_empty() => return Err(format!("the number {number} has no unit")),
            None => return Err(format!("there is no unit {unit:?}")),
        };
        sum = nanoseconds(whole, fraction, scale)
            .and_then(|part| sum.checked_add(part))
            .filter(|sum| i64::try_from(*sum).is_ok())
            .ok_or("it is longer than 292 years")?;
    }
    if negative && sum > 0 {
        return Err("it is negative".to_owned());
    }
    Ok(Duration::from_nanos(sum))
}

/// A number of units in nanoseconds; `None` if there are too many.
fn nanoseconds(whole: &str, fraction: &str, scale: u64) -> Option<u64> {
    let whole = if whole.is_empty() { 0 } else { whole.parse::<u64>().ok()? };
    // No unit has more than 13 digits of nanoseconds: further digits are cut off in any case.
    let digits = &fraction[..fraction.len().min(15)];
    let mut part = u128::from(scale) * digits.parse::<u128>().unwrap_or_default();
    part /= 10u128.pow(u32::try_from(digits.len()).ok()?);
    whole.checked_mul(scale)?.checked_add(u64::try_from(part).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Texts of the tests of Go's package `time`, and those that users write.
    #[test]
    fn durations_are_those_of_go() {
        for (text, nanoseconds) in [
            ("0", 0_u64),
            ("-0", 0),
            ("+0", 0),
            ("0s", 0),
            ("-0s", 0),
            ("5s", 5_000_000_000),
            ("+5s", 5_000_000_000),
            ("1478s", 1_478_000_000_000),
            ("5.0s", 5_000_000_000),
            ("5.s", 5_000_000_000),
            (".5s", 500_000_000),
            ("1.004s", 1_004_000_000),
            ("100.00100s", 100_001_000_000),
            ("10ns", 10),
            ("11us", 11_000),
            ("12µs", 12_000),
            ("12μs", 12_000),
            ("13ms", 13_000_000),
            ("500ms", 500_000_000),
            ("90s", 90_000_000_000),
            ("30m", 1_800_000_000_000),
            ("1.5h", 5_400_000_000_000),
            ("1h30m", 5_400_000_000_000),
            ("1h0m0s", 3_600_000_000_000),
            ("39h9m14.425s", 140_954_425_000_000),
            ("30m1h", 5_400_000_000_000),
            ("52763797000ns", 52_763_797_000),
            ("0.3333333333333333333h", 1_200_000_000_000 - 1),
            ("9007199254740993ns", 9_007_199_254_740_993),
            ("9223372036854775807ns", 9_223_372_036_854_775_807),
            ("0.100000000000000000000h", 360_000_000_000),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_nanos(nanoseconds)), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, why) in [
            ("", "there is no number"),
            ("-", "there is no number"),
            ("soon", "there is no number at \"soon\""),
            (".s", "there is no number at \".s\""),
            ("1.2.3s", "there is no number at \"1.2.3s\""),
            (" 5s", "there is no number at \" 5s\""),
            ("5", "the number 5 has no unit"),
            ("1h30", "the number 30 has no unit"),
            ("30M", "there is no unit \"M\""),
            ("2 days", "there is no unit \" days\""),
            ("1d", "there is no unit \"d\""),
            ("1h 30m", "there is no unit \"h \""),
            ("5s0", "the number 0 has no unit"),
            ("-1m", "it is negative"),
            ("9223372036854775808ns", "it is longer than 292 years"),
            ("3000000h", "it is longer than 292 years"),
            ("99999999999999999999s", "it is longer than 292 years"),
        ] {
            assert_eq!(parse(text), Err(why.to_owned()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in ".*", near in "[-+]?([0-9]*[.]?[0-9]*(ns|us|µs|ms|s|m|h|d|M)?){0,4}") {
            let _ = (parse(&text), parse(&near));
        }

        #[test]
        fn parts_are_added_up(h in 0_u64..1000, m in 0_u64..1000, s in 0_u64..1000, ms in 0_u64..1000) {
            let sum = Duration::from_millis(((h * 60 + m) * 60 + s) * 1000 + ms);
            prop_assert_eq!(parse(&format!("{h}h{m}m{s}s{ms}ms")), Ok(sum));
            prop_assert_eq!(parse(&format!("{h}h{m}m{s}.{ms:03}s")), Ok(sum));
        }

        #[test]
        fn a_fraction_is_that_of_its_unit(n in 0_u64..5_000_000, unit in 0_usize..UNITS.len()) {
            let (name, scale) = UNITS[unit];
            let text = format!("{}.{:03}{name}", n / 1000, n % 1000);
            prop_assert_eq!(parse(&text), Ok(Duration::from_nanos(n * scale / 1000)));
        }
    }
}
