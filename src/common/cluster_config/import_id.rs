//! The ids that an import of a part of a cluster takes. Pure.
use std::collections::BTreeMap;

/// How an import names a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// By its inventory path.
    Path(String),
    /// By its managed object id.
    Moid(String),
}

/// How the ids of imports name one kind of cluster.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// The key of the inventory path in JSON, as in the official provider.
    pub path: &'static str,
    /// How a managed object id begins; a number follows.
    pub prefix: &'static str,
}

/// `{"compute_cluster_path": "…", "name": "…", "virtual_machine_path": "…"}`, the form of the official provider.
struct Paths {
    cluster: String,
    name: Option<String>,
    machine: Option<String>,
    host: Option<String>,
}

impl Form {
    /// Whether a text is the managed object id of a cluster.
    fn is_cluster(&self, text: &str) -> bool {
        text.strip_prefix(self.prefix).is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    }

    /// The cluster and what follows it in `domain-c7:…`.
    pub fn split<'a>(&self, id: &'a str) -> Option<(&'a str, &'a str)> {
        id.split_once(':').filter(|(cluster, rest)| self.is_cluster(cluster) && !rest.is_empty())
    }

    /// What an id of the form of JSON says, or what is wrong with it.
    fn paths(&self, id: &str) -> Result<Option<Paths>, String> {
        if !id.trim_start().starts_with('{') {
            return Ok(None);
        }
        let mut all: BTreeMap<String, String> = serde_json::from_str(id).map_err(|e| e.to_string())?;
        let cluster = all.remove(self.path).ok_or_else(|| format!("missing field `{}`", self.path))?;
        let (name, machine) = (all.remove("name"), all.remove("virtual_machine_path"));
        let host = all.remove("host_path");
        match all.keys().next() {
            Some(unknown) => Err(format!("unknown field `{unknown}`")),
            None => Ok(Some(Paths { cluster, name, machine, host })),
        }
    }

    /// Cluster and name, of `{"compute_cluster_path": "…", "name": "…"}` or `domain-c7:name`.
    ///
    /// # Errors
    /// What it lacks.
    pub fn named(&self, id: &str) -> Result<(At, String), String> {
        match self.paths(id)? {
            Some(Paths { name: Some(name), machine: None, host: None, cluster }) => {
                Ok((At::Path(cluster), name))
            }
            Some(Paths { name: None, .. }) => Err("`name` is missing".into()),
            Some(_) => Err("`virtual_machine_path` does not belong here".into()),
            None => match self.split(id) {
                Some((cluster, name)) => Ok((At::Moid(cluster.into()), name.into())),
                None => Err("it is neither JSON nor begins with the ID of a cluster and a colon".into()),
            },
        }
    }

    /// Cluster and virtual machine, of `{"compute_cluster_path": "…", "virtual_machine_path": "…"}` or `domain-c7:vm-42`.
    ///
    /// # Errors
    /// What it lacks.
    pub fn of_machine(&self, id: &str) -> Result<(At, String), String> {
        match self.paths(id)? {
            Some(Paths { name: None, machine: Some(vm), host: None, cluster }) => Ok((At::Path(cluster), vm)),
            Some(Paths { machine: None, .. }) => Err("`virtual_machine_path` is missing".into()),
            Some(_) => Err("`name` does not belong here".into()),
            None => self.named(id),
        }
    }

    /// Cluster and host, of `{"compute_cluster_path": "…", "host_path": "…"}` or `domain-c7:host-12`.
    ///
    /// # Errors
    /// What it lacks.
    pub fn of_host(&self, id: &str) -> Result<(At, String), String> {
        match self.paths(id)? {
            Some(Paths { host: Some(host), name: None, machine: None, cluster }) => {
                Ok((At::Path(cluster), host))
            }
            Some(Paths { host: None, .. }) => Err("`host_path` is missing".into()),
            Some(_) => Err("`name` and `virtual_machine_path` do not belong here".into()),
            None => self.named(id),
        }
    }

    /// Cluster, name and virtual machine, of JSON with all three or of `domain-c7:name:vm-42`. A name may have colons.
    ///
    /// # Errors
    /// What it lacks.
    pub fn of_member(&self, id: &str) -> Result<(At, String, String), String> {
        match self.paths(id)? {
            Some(Paths { name: Some(name), machine: Some(vm), host: None, cluster }) => {
                Ok((At::Path(cluster), name, vm))
            }
            Some(Paths { name: None, .. }) => Err("`name` is missing".into()),
            Some(_) => Err("`virtual_machine_path` is missing".into()),
            None => {
                let (cluster, rest) = self.named(id)?;
                match rest.rsplit_once(':') {
                    Some((name, vm)) if !name.is_empty() && !vm.is_empty() => {
                        Ok((cluster, name.into(), vm.into()))
                    }
                    _ => Err("no virtual machine follows the name".into()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: Form = Form { path: "compute_cluster_path", prefix: "domain-c" };

    const NAMED: &str = r#"{"compute_cluster_path": "/dc1/host/c1", "name": "web"}"#;
    const MACHINE: &str =
        r#"{"compute_cluster_path": "/dc1/host/c1", "virtual_machine_path": "/dc1/vm/web"}"#;
    const MEMBER: &str =
        r#"{"compute_cluster_path": "/dc1/host/c1", "name": "web", "virtual_machine_path": "/dc1/vm/web"}"#;

    #[test]
    fn a_part_of_a_cluster_is_named_in_two_ways() {
        let (path, moid) = (At::Path("/dc1/host/c1".into()), At::Moid("domain-c7".into()));
        assert_eq!(FORM.named(NAMED), Ok((path.clone(), "web".into())));
        assert_eq!(FORM.named("domain-c7:a:b"), Ok((moid.clone(), "a:b".into())));
        assert_eq!(FORM.of_machine(MACHINE), Ok((path.clone(), "/dc1/vm/web".into())));
        assert_eq!(FORM.of_machine("domain-c7:vm-42"), Ok((moid.clone(), "vm-42".into())));
        let host = r#"{"compute_cluster_path": "/dc1/host/c1", "host_path": "/dc1/host/c1/esx1"}"#;
        assert_eq!(FORM.of_host(host), Ok((path.clone(), "/dc1/host/c1/esx1".into())));
        assert_eq!(FORM.of_host("domain-c7:host-12"), Ok((moid.clone(), "host-12".into())));
        assert_eq!(FORM.of_member(MEMBER), Ok((path, "web".into(), "/dc1/vm/web".into())));
        assert_eq!(FORM.of_member("domain-c7:a:b:vm-42"), Ok((moid, "a:b".into(), "vm-42".into())));
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
            assert!(FORM.named(id).is_err_and(|e| e.contains(part)), "{id}: {:?}", FORM.named(id));
        }
        assert!(FORM.of_machine(NAMED).is_err_and(|e| e.contains("`virtual_machine_path` is missing")));
        assert!(FORM.of_machine(MEMBER).is_err_and(|e| e.contains("`name` does not belong")));
        assert!(FORM.of_member(NAMED).is_err_and(|e| e.contains("`virtual_machine_path` is missing")));
        assert!(FORM.of_member("domain-c7:web").is_err_and(|e| e.contains("no virtual machine")));
    }

    #[test]
    fn each_kind_of_cluster_has_its_own_form() {
        let pods = Form { path: "datastore_cluster_path", prefix: "group-p" };
        assert_eq!(pods.named("group-p7:a"), Ok((At::Moid("group-p7".into()), "a".into())));
        assert!(FORM.named("group-p7:a").is_err() && pods.named("domain-c7:a").is_err());
        assert!(pods.named(NAMED).is_err_and(|e| e.contains("missing field `datastore_cluster_path`")));
    }
}
