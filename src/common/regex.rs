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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_must_be_closed() {
        assert!(form(&"^naa[.]".into()).is_ok());
        assert!(form(&"a(".into()).is_err());
    }
}
