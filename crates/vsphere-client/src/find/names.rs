//! Names and inventory paths, stored and readable.

use std::borrow::Cow;

/// The names that a path consists of.
pub(super) fn segments(path: &str) -> Vec<&str> {
    path.split('/').filter(|s| !s.is_empty()).collect()
}

/// Joins names as they are in the inventory into an absolute path.
pub(super) fn join_path<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut path = String::new();
    for name in names {
        path.push('/');
        path.push_str(&wire_name(name));
    }
    if path.is_empty() { "/".to_owned() } else { path }
}

/// Resolves the three escapes that vSphere has in names: `%2f`, `%5c` and `%25`.
///
/// ```
/// assert_eq!(vsphere_client::unescape("a%2fb%25%20"), "a/b%%20");
/// ```
pub fn unescape(name: &str) -> Cow<'_, str> {
    if !name.contains('%') {
        return Cow::Borrowed(name);
    }
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let code = rest.get(at + 1..at + 3).map(str::to_ascii_lowercase);
        let (c, length) = match code.as_deref() {
            Some("2f") => ('/', 3),
            Some("5c") => ('\\', 3),
            Some("25") => ('%', 3),
            _ => ('%', 1),
        };
        out.push(c);
        rest = &rest[at + length..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// A name as it is sent and stored: escaped, whether or not the caller has done so already. A percent sign
/// that begins one of the three escapes is taken as such, which is how vSphere reads it too.
pub(crate) fn wire_name(name: &str) -> String {
    escape(&unescape(name))
}

/// A name for a method whose server side escapes slashes and backslashes itself, but takes a percent sign for
/// the begin of an escape.
pub(crate) fn new_name(name: &str) -> String {
    unescape(name).replace('%', "%25")
}

/// Whether two spellings are of one name: vSphere stores `a/b`, `a%2fb` and `a%2Fb` alike.
///
/// ```
/// assert!(vsphere_client::same_name("50%", "50%25"));
/// ```
pub fn same_name(a: &str, b: &str) -> bool {
    unescape(a) == unescape(b)
}

/// A stored name as people write it: with its escapes resolved, unless what comes out would be read as another name
/// (`%252f` is the name `%2f`, which is read as a slash).
pub fn readable(stored: &str) -> Cow<'_, str> {
    let name = unescape(stored);
    if unescape(&name) == name { name } else { Cow::Borrowed(stored) }
}

/// An inventory path with its names as they are stored, and without slashes that do not matter: the same for every
/// spelling of one path.
///
/// ```
/// assert_eq!(vsphere_client::stored_path("/a%2Fb//50%/"), "a%2fb/50%25");
/// ```
pub fn stored_path(path: &str) -> String {
    segments(path).into_iter().map(wire_name).collect::<Vec<_>>().join("/")
}

/// Escapes a name as vSphere does: `/`, `\` and `%`.
///
/// ```
/// assert_eq!(vsphere_client::escape("a/b%"), "a%2fb%25");
/// ```
pub fn escape(name: &str) -> String {
    name.replace('%', "%25").replace('/', "%2f").replace('\\', "%5c")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_go_both_ways() {
        for name in ["plain", "a/b\\c%d", "%2f", "100%", "", "%", "%2", "äö/ü"] {
            assert_eq!(unescape(&escape(name)), name, "{name}");
        }
    }
}
