//! The function `mib`.
use super::{parameter, text, wrong};
use tf_framework::server::{FunctionError, Signature};
use tf_framework::{Dynamic, Function, Type};

const MIB: i128 = 1 << 20;

/// What a unit stands for, in bytes.
fn unit(name: &str) -> Option<i128> {
    let binary = |power: u32| 1_i128 << (10 * power);
    let decimal = |power: u32| 1000_i128.pow(power);
    Some(match name {
        "" | "B" => 1,
        // As vSphere counts: its MB are MiB.
        "KB" | "KiB" | "Ki" => binary(1),
        "MB" | "MiB" | "Mi" => binary(2),
        "GB" | "GiB" | "Gi" => binary(3),
        "TB" | "TiB" | "Ti" => binary(4),
        "PB" | "PiB" | "Pi" => binary(5),
        "EB" | "EiB" | "Ei" => binary(6),
        // As Kubernetes counts.
        "k" => decimal(1),
        "M" => decimal(2),
        "G" => decimal(3),
        "T" => decimal(4),
        "P" => decimal(5),
        "E" => decimal(6),
        _ => return None,
    })
}

/// The MiB that a quantity stands for, or why it stands for none.
fn mib(quantity: &str) -> Result<i64, String> {
    let form = || {
        format!(
            "{quantity:?} is not a quantity. Expected a number and a unit, such as \"4Gi\", \"4GiB\" or \"512MB\"."
        )
    };
    let quantity_text = quantity.trim();
    let end = quantity_text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(quantity_text.len());
    let (number, rest) = quantity_text.split_at(end);
    let (exponent, name) = exponent(rest.trim_start());
    let size = unit(name).ok_or_else(|| match name {
        "m" | "u" | "n" => format!("{quantity:?} is a part of a byte. For MiB, write \"Mi\"."),
        _ if number.is_empty() => form(),
        _ => format!(
            "{name:?} is not a unit. Expected Ki, Mi, Gi, Ti, Pi or Ei, with or without B; MB, GB and TB as vSphere counts \
             them; or k, M, G, T, P or E for powers of a thousand."
        ),
    })?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return Err(form());
    }
    let too_big = || format!("{quantity:?} is more than there can be.");
    let digits: i128 = format!("{whole}{fraction}").parse().map_err(|_| too_big())?;
    let places = i32::try_from(fraction.len()).map_err(|_| too_big())? - exponent;
    let power = |n: i32| 10_i128.checked_pow(n.unsigned_abs()).ok_or_else(too_big);
    // digits × size × 10^-places bytes, as a fraction.
    let mut above = digits.checked_mul(size).ok_or_else(too_big)?;
    let mut below = MIB;
    if places > 0 {
        below = below.checked_mul(power(places)?).ok_or_else(too_big)?;
    } else {
        above = above.checked_mul(power(places)?).ok_or_else(too_big)?;
    }
    if above % below != 0 {
        let hint = match name {
            "" | "B" => format!(" Without a unit it is bytes; {number} MiB are \"{number}Mi\"."),
            "k" | "M" | "G" | "T" | "P" | "E" => {
                format!(
                    " {name} is a power of a thousand; \"{number}{}i\" is one of 1024.",
                    name.to_uppercase()
                )
            }
            _ => String::new(),
        };
        return Err(format!("{quantity:?} is not a whole number of MiB.{hint}"));
    }
    i64::try_from(above / below).map_err(|_| too_big())
}

/// `e9` and `E9`, as Kubernetes reads them, and what is left.
fn exponent(rest: &str) -> (i32, &str) {
    let after = rest.strip_prefix(['e', 'E']).unwrap_or_default();
    let number = after.strip_prefix('+').unwrap_or(after);
    match number.parse::<i32>() {
        Ok(n) if (-30..=30).contains(&n) => (n, ""),
        _ => (0, rest),
    }
}

/// `mib(quantity)`
#[derive(Debug, Default)]
pub struct Mib;

impl Function for Mib {
    fn signature(&self) -> Signature {
        Signature {
            name: "mib",
            summary: "Converts a quantity to MiB",
            doc: "Returns a quantity in MiB, for arguments such as `memory`. For example, `mib(\"4Gi\")` returns 4096. \
                  A quantity has the format of Kubernetes: a number of bytes, or a number with a unit such as `Ki`, \
                  `Mi` or `Gi` (powers of 1024), or `k`, `M` or `G` (powers of 1000). Units that end in `B` are powers \
                  of 1024, as in vSphere: `GiB` and `GB` are the same. A quantity that is not a whole number of MiB is \
                  an error.",
            parameters: vec![parameter("quantity", Type::String, "The quantity, such as `4Gi` or `512MB`.")],
            variadic: None,
            returns: Type::Number,
        }
    }

    fn call(&self, arguments: &[Dynamic]) -> Result<Dynamic, FunctionError> {
        mib(text(arguments, 0)).map(Dynamic::Int).map_err(|why| wrong(0, why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read() {
        for (text, expected) in [
            ("4Gi", 4096),
            ("4GiB", 4096),
            ("4GB", 4096),
            ("4 GB", 4096),
            ("512MB", 512),
            ("512Mi", 512),
            ("1.5Gi", 1536),
            ("0.5Ti", 524_288),
            ("1048576", 1),
            ("2048Ki", 2),
            ("0", 0),
            ("131072e3", 125),
            ("16384M", 15625),
            ("1Ei", 1 << 40),
        ] {
            assert_eq!(mib(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn an_invalid_quantity_is_rejected() {
        for (text, why) in [
            ("", "is not a quantity"),
            ("Gi", "is not a quantity"),
            ("-4Gi", "is not a"),
            ("1.2.3Gi", "is not a quantity"),
            ("4gi", "\"gi\" is not a unit"),
            ("4096", "\"4096Mi\""),
            ("512M", "\"512Mi\""),
            ("1000k", "\"1000Ki\""),
            ("0.3Mi", "not a whole number"),
            ("100m", "a part of a byte"),
            ("999999999999999999999999999999999999999999Ei", "more than there can be"),
        ] {
            let message = mib(text).unwrap_err();
            assert!(message.contains(why), "{text}: {message}");
        }
    }
}
