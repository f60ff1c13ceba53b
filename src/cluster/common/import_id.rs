//! The ids that an import of a part of a cluster takes. Pure.
use serde::Deserialize;

/// How an import names a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// By its inventory path.
    Path(String),
    /// By its managed object id.
    Moid(String),
}

/// `{"compute_cluster_path": "…", "name": "…", "virtual_machine_path": "…"}`, the form of the official provider.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Paths {
    compute_cluster_path: String,
    name: Option<String>,
    virtual_machine_path: Option<String>,
}

/// Whether a text is the managed object id of a cluster.
fn is_cluster(text: &str) -> bool {
    text.strip_prefix("domain-c").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// The cluster and what follows it in `domain-c7:…`.
pub fn split(id: &str) -> Option<(&str, &str)> {
    id.split_once(':').filter(|(cluster, rest)| is_cluster(cluster) && !rest.is_empty())
}

/// What an id of the form of JSON says, or what is wrong with it.
fn paths(id: &str) -> Result<Option<Paths>, String> {
    if !id.trim_start().starts_with('{') {
        return Ok(None);
    }
    serde_json::from_str(id).map(Some).map_err(|e| e.to_string())
}

/// Cluster and name, of `{"compute_cluster_path": "…", "name": "…"}` or `domain-c7:name`.
///
/// # Errors
/// What it lacks.
pub fn named(id: &str) -> Result<(At, String), String> {
    match paths(id)? {
        Some(Paths { name: Some(name), virtual_machine_path: None, compute_cluster_path }) => {
            Ok((At::Path(compute_cluster_path), name))
        }
        Some(Paths { name: None, .. }) => Err("`name` is missing".into()),
        Some(_) => Err("`virtual_machine_path` does not belong here".into()),
        None => match split(id) {
            Some((cluster, name)) => Ok((At::Moid(cluster.into()), name.into())),
            None => Err("it is neither JSON nor begins with the id of a cluster and a colon".into()),
        },
    }
}

/// Cluster and virtual machine, of `{"compute_cluster_path": "…", "virtual_machine_path": "…"}` or `domain-c7:vm-42`.
///
/// # Errors
/// What it lacks.
pub fn of_machine(id: &str) -> Result<(At, String), String> {
    match paths(id)? {
        Some(Paths { name: None, virtual_machine_path: Some(vm), compute_cluster_path }) => {
            Ok((At::Path(compute_cluster_path), vm))
        }
        Some(Paths { virtual_machine_path: None, .. }) => Err("`virtual_machine_path` is missing".into()),
        Some(_) => Err("`name` does not belong here".into()),
        None => named(id),
    }
}

/// Cluster, name and virtual machine, of JSON with all three or of `domain-c7:name:vm-42`. A name may have colons.
///
/// # Errors
/// What it lacks.
pub fn of_member(id: &str) -> Result<(At, String, String), String> {
    match paths(id)? {
        Some(Paths { name: Some(name), virtual_machine_path: Some(vm), compute_cluster_path }) => {
            Ok((At::Path(compute_cluster_path), name, vm))
        }
        Some(Paths { name: None, .. }) => Err("`name` is missing".into()),
        Some(_) => Err("`virtual_machine_path` is missing".into()),
        None => {
            let (cluster, rest) = named(id)?;
            match rest.rsplit_once(':') {
                Some((name, vm)) if !name.is_empty() && !vm.is_empty() => {
                    Ok((cluster, name.into(), vm.into()))
                }
                _ => Err("no virtual machine follows the name".into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMED: &str = r#"{"compute_cluster_path": "/dc1/host/c1", "name": "web"}"#;
    const MACHINE: &str =
        r#"{"compute_cluster_path": "/dc1/host/c1", "virtual_machine_path": "/dc1/vm/web"}"#;
    const MEMBER: &str =
        r#"{"compute_cluster_path": "/dc1/host/c1", "name": "web", "virtual_machine_path": "/dc1/vm/web"}"#;

    #[test]
    fn a_part_of_a_cluster_is_named_in_two_ways() {
        let (path, moid) = (At::Path("/dc1/host/c1".into()), At::Moid("domain-c7".into()));
        assert_eq!(named(NAMED), Ok((path.clone(), "web".into())));
        assert_eq!(named("domain-c7:a:b"), Ok((moid.clone(), "a:b".into())));
        assert_eq!(of_machine(MACHINE), Ok((path.clone(), "/dc1/vm/web".into())));
        assert_eq!(of_machine("domain-c7:vm-42"), Ok((moid.clone(), "vm-42".into())));
        assert_eq!(of_member(MEMBER), Ok((path, "web".into(), "/dc1/vm/web".into())));
        assert_eq!(of_member("domain-c7:a:b:vm-42"), Ok((moid, "a:b".into(), "vm-42".into())));
    }

    #[test]
    fn what_is_missing_is_said() {
        for (id, part) in [
            ("web", "neither JSON"),
            ("group-v3:web", "neither JSON"),
            ("domain-c7:", "neither JSON"),
            ("domain-cx:web", "neither JSON"),
            (r#"{"compute_cluster_path": "/c"}"#, "`name` is missing"),
            (MEMBER, "does not belong"),
            (r#"{"name": "x"}"#, "compute_cluster_path"),
            (r#"{"compute_cluster_path": "/c", "names": "x"}"#, "unknown field `names`"),
            ("{", "EOF"),
        ] {
            assert!(named(id).is_err_and(|e| e.contains(part)), "{id}: {:?}", named(id));
        }
        assert!(of_machine(NAMED).is_err_and(|e| e.contains("`virtual_machine_path` is missing")));
        assert!(of_machine(MEMBER).is_err_and(|e| e.contains("`name` does not belong")));
        assert!(of_member(NAMED).is_err_and(|e| e.contains("`virtual_machine_path` is missing")));
        assert!(of_member("domain-c7:web").is_err_and(|e| e.contains("no virtual machine")));
    }
}
