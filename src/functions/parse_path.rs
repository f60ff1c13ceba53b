//! The function `parse_path`.
use super::{list, object, parameter, strings, text, wrong};
use tf_framework::server::{FunctionError, Signature};
use tf_framework::{Dynamic, Function, Type};

/// The four root folders of a datacenter.
const ROOTS: [&str; 4] = ["vm", "host", "datastore", "network"];

/// An inventory path in its parts.
#[derive(Debug, Default, PartialEq, Eq)]
struct Parts {
    names: Vec<String>,
    datacenter: Option<String>,
    root: Option<String>,
    folder: Option<String>,
}

/// A name as it is written in a path; vSphere escapes three characters in names.
fn escape(name: &str) -> String {
    name.replace('%', "%25").replace('/', "%2f").replace('\\', "%5c")
}

fn unescape(part: &str) -> String {
    let mut out = String::new();
    let mut rest = part;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let code = rest.get(at + 1..at + 3).map(str::to_ascii_lowercase);
        match code.as_deref() {
            Some("2f") => out.push('/'),
            Some("5c") => out.push('\\'),
            Some("25") => out.push('%'),
            _ => {
                out.push('%');
                rest = &rest[at + 1..];
                continue;
            }
        }
        rest = &rest[at + 3..];
    }
    out + rest
}

fn join(names: &[String]) -> String {
    names.iter().map(|n| escape(n)).collect::<Vec<_>>().join("/")
}

fn parse(path: &str) -> Parts {
    let names: Vec<String> = path.split('/').filter(|p| !p.is_empty()).map(unescape).collect();
    let root = names.iter().skip(1).position(|n| ROOTS.contains(&n.as_str())).map(|i| i + 1);
    let (datacenter, folder) = match root {
        Some(i) => {
            let inner = names.get(i + 1..names.len().max(i + 2) - 1).unwrap_or_default();
            (Some(join(&names[..i])), Some(join(inner)))
        }
        None => (names.first().map(|n| escape(n)), None),
    };
    Parts { datacenter, root: root.map(|i| names[i].clone()), folder, names }
}

/// `parse_path(path)`
#[derive(Debug, Default)]
pub struct ParsePath;

impl Function for ParsePath {
    fn signature(&self) -> Signature {
        let members = [
            ("datacenter", Type::String),
            ("folder", Type::String),
            ("name", Type::String),
            ("names", strings()),
            ("parent", Type::String),
            ("path", Type::String),
            ("type", Type::String),
        ];
        Signature {
            name: "parse_path",
            summary: "Splits an inventory path into its parts",
            doc: "Returns the parts of an inventory path. For `/dc1/vm/team/web`, these are:\n\n\
                  - `datacenter`: the path of the datacenter, `dc1`, or `folder/dc1` for a datacenter in a folder.\n\
                  - `type`: the root folder, `vm`. The root folders of a datacenter are `vm`, `host`, `datastore` and \
                  `network`.\n\
                  - `folder`: the path of the parent, relative to the root folder: `team`.\n\
                  - `name`: the name of the object, unescaped: `web`.\n\
                  - `names`: all names in the path, unescaped: `[\"dc1\", \"vm\", \"team\", \"web\"]`.\n\
                  - `parent`: the path of the parent, `/dc1/vm/team`.\n\
                  - `path`: the normalized path, `/dc1/vm/team/web`.\n\n\
                  In paths, names are escaped as in vSphere: `%2f` for a slash, `%5c` for a backslash and `%25` for a \
                  percent sign. `type` and `folder` are null if the path does not contain a root folder.",
            parameters: vec![parameter("path", Type::String, "The inventory path.")],
            variadic: None,
            returns: Type::Object(members.into_iter().map(|(n, t)| (n.to_owned(), t)).collect()),
        }
    }

    fn call(&self, arguments: &[Dynamic]) -> Result<Dynamic, FunctionError> {
        let path = text(arguments, 0);
        let p = parse(path);
        let Some((name, parents)) = p.names.split_last() else {
            return Err(wrong(0, format!("{path:?} names nothing: a path is like \"/dc1/vm/team/web\".")));
        };
        let option = |v: Option<String>| v.map_or(Dynamic::Null, Dynamic::String);
        Ok(object([
            ("datacenter", option(p.datacenter)),
            ("folder", option(p.folder)),
            ("name", name.as_str().into()),
            ("names", list(&p.names)),
            ("parent", format!("/{}", join(parents)).into()),
            ("path", format!("/{}", join(&p.names)).into()),
            ("type", option(p.root)),
        ]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(path: &str, member: &str) -> Dynamic {
        ParsePath.call(&[path.into()]).unwrap().get(member).clone()
    }

    #[test]
    fn paths_fall_into_parts() {
        for (path, datacenter, root, folder, name) in [
            ("/dc1/vm/team/web", "dc1", "vm", "team", "web"),
            ("dc1/vm/web/", "dc1", "vm", "", "web"),
            ("/dc1/vm", "dc1", "vm", "", "vm"),
            ("/prod/dc1/host/a/b/c", "prod/dc1", "host", "a/b", "c"),
            ("/dc1/datastore/a%2fb", "dc1", "datastore", "", "a/b"),
        ] {
            assert_eq!(get(path, "datacenter"), datacenter.into(), "{path}");
            assert_eq!(get(path, "type"), root.into(), "{path}");
            assert_eq!(get(path, "folder"), folder.into(), "{path}");
            assert_eq!(get(path, "name"), name.into(), "{path}");
        }
        assert_eq!(get("/dc1", "type"), Dynamic::Null);
        assert_eq!(get("//dc1//vm/x%2fy", "path"), "/dc1/vm/x%2fy".into());
        assert_eq!(get("/dc1/vm/x", "parent"), "/dc1/vm".into());
        assert!(ParsePath.call(&["/".into()]).is_err());
    }

    #[test]
    fn escapes_come_back() {
        for name in ["a/b", "100%", "c:\\d", "%2f", "plain", "%"] {
            assert_eq!(unescape(&escape(name)), name);
        }
    }
}
