//! Regular expressions in arguments.
use regex_lite::Regex;
use tf_framework::Dynamic;

/// A check for regular expressions.
///
/// # Errors
/// Why it is none.
pub fn form(v: &Dynamic) -> Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    Regex::new(text).map(drop).map_err(|e| format!("{text:?} is not a regular expression: {e}."))
}

/// A filter by a regular expression that [`form`] has checked. Without a text, everything fits.
pub fn filter(text: &str) -> impl Fn(&str) -> bool + use<> {
    let regex = Regex::new(text).ok();
    move |t| regex.as_ref().is_none_or(|r| r.is_match(t))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_must_be_closed() {
        assert!(form(&"^naa[.]".into()).is_ok());
        assert!(form(&"a(".into()).is_err());
    }

    #[test]
    fn everything_fits_without_a_text() {
        let fits = |text: &str| ["naa.1", "mpx.1"].map(filter(text));
        assert_eq!((fits(""), fits("^naa")), ([true, true], [true, false]));
    }
}
