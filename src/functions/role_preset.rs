//! The functions `role_preset` and `role_presets`.
use super::{list, object, parameter, strings, text, wrong};
use crate::nearest::did_you_mean;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use tf_framework::server::{FunctionError, Signature};
use tf_framework::{Dynamic, Function, Type};

/// The roles of the Kubermatic Kubernetes Platform's documentation, in three editions.
static SOURCES: LazyLock<BTreeMap<String, Source>> = LazyLock::new(|| {
    // The file is part of the build and is read by a test: it cannot be malformed here.
    serde_json::from_str(include_str!("kkp_roles.json")).unwrap_or_default()
});

#[derive(Deserialize)]
struct Source {
    roles: BTreeMap<String, Role>,
}

#[derive(Deserialize)]
struct Role {
    user_kind: String,
    predefined: bool,
    purpose: String,
    privileges: Vec<String>,
    privilege_groups: Vec<String>,
    grants: Vec<Grant>,
}

#[derive(Deserialize)]
struct Grant {
    object: String,
    entity_types: Vec<String>,
    propagate: Option<bool>,
}

impl Role {
    fn value(&self, name: &str) -> Dynamic {
        let grants = self.grants.iter().map(|g| {
            object([
                ("entity_types", list(&g.entity_types)),
                ("object", g.object.as_str().into()),
                ("propagate", g.propagate.map_or(Dynamic::Null, Dynamic::Bool)),
            ])
        });
        object([
            ("grants", Dynamic::List(grants.collect())),
            ("name", name.into()),
            ("predefined", self.predefined.into()),
            ("privilege_groups", list(&self.privilege_groups)),
            ("privileges", list(&self.privileges)),
            ("purpose", self.purpose.as_str().into()),
            ("user_kind", self.user_kind.as_str().into()),
        ])
    }
}

fn role_type() -> Type {
    let object = |members: Vec<(&str, Type)>| {
        Type::Object(members.into_iter().map(|(n, t)| (n.to_owned(), t)).collect())
    };
    let grant =
        object(vec![("entity_types", strings()), ("object", Type::String), ("propagate", Type::Bool)]);
    object(vec![
        ("grants", Type::list(grant)),
        ("name", Type::String),
        ("predefined", Type::Bool),
        ("privilege_groups", strings()),
        ("privileges", strings()),
        ("purpose", Type::String),
        ("user_kind", Type::String),
    ])
}

/// A source by its name, or by the beginning of it: `kkp-001` for `kkp-001-ccm-csi`.
fn source(name: &str) -> Result<&'static Source, FunctionError> {
    let hit =
        SOURCES.iter().find(|(k, _)| *k == name || k.strip_prefix(name).is_some_and(|r| r.starts_with('-')));
    hit.map(|(_, s)| s).ok_or_else(|| {
        let known: Vec<&str> = SOURCES.keys().map(String::as_str).collect();
        wrong(0, format!("There is no source {name:?}. The sources are {}.", known.join(", ")))
    })
}

const SOURCE: &str = "The version of the vSphere documentation of the Kubermatic Kubernetes Platform (KKP). `kkp-002`: \
    KKP with datacenters that are configured in the file `datacenters.yaml`, tested with vSphere 6.7. `kkp-000`: KKP with \
    datacenters that are configured in the `Seed` resource (`spec.datacenters`), tested with vSphere 6.7. `kkp-001`: KKP 2.18 \
    or later with the external cloud controller manager (CCM) and CSI driver, tested with vSphere 7.0 U2. `kkp-v2.26`: KKP \
    2.26, tested with vSphere 8.0.2.";

/// `role_preset(source, role)`
#[derive(Debug, Default)]
pub struct RolePreset;

impl Function for RolePreset {
    fn signature(&self) -> Signature {
        Signature {
            name: "role_preset",
            summary: "Returns the privileges of a role that KKP requires, and the entities on which to grant the role",
            doc: "Returns a role as documented by Kubermatic: the exact privileges, the privilege groups that \
                  they cover, the kind of user that requires the role, and the types of entity to grant it on, with or \
                  without propagation. `propagate` is null if the documentation does not specify it.",
            parameters: vec![
                parameter("source", Type::String, SOURCE),
                parameter("role", Type::String, "The name of the role, such as `k8c-user-vcenter`."),
            ],
            variadic: None,
            returns: role_type(),
        }
    }

    fn call(&self, arguments: &[Dynamic]) -> Result<Dynamic, FunctionError> {
        let (source, name) = (source(text(arguments, 0))?, text(arguments, 1));
        let role = source.roles.get(name).ok_or_else(|| {
            let near = did_you_mean(name, source.roles.keys().map(String::as_str));
            let all: Vec<&str> = source.roles.keys().map(String::as_str).collect();
            wrong(
                1,
                format!("There is no role {name:?} in this source.{near} Its roles are {}.", all.join(", ")),
            )
        })?;
        Ok(role.value(name))
    }
}

/// `role_presets(source)`
#[derive(Debug, Default)]
pub struct RolePresets;

impl Function for RolePresets {
    fn signature(&self) -> Signature {
        Signature {
            name: "role_presets",
            summary: "Returns all roles that KKP requires, as a map keyed by role name",
            doc: "Returns all roles that KKP requires, as a map keyed by role name. Each value is the object that \
                  `role_preset` returns for the role. Use the map with `for_each`.",
            parameters: vec![parameter("source", Type::String, SOURCE)],
            variadic: None,
            returns: Type::map(role_type()),
        }
    }

    fn call(&self, arguments: &[Dynamic]) -> Result<Dynamic, FunctionError> {
        let roles = &source(text(arguments, 0))?.roles;
        Ok(Dynamic::object(roles.iter().map(|(n, r)| (n.clone(), r.value(n)))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preset(source: &str, role: &str) -> Result<Dynamic, String> {
        RolePreset.call(&[source.into(), role.into()]).map_err(|e| e.text)
    }

    #[test]
    fn every_edition_has_its_roles() {
        let count = |s: &str| match RolePresets.call(&[s.into()]) {
            Ok(Dynamic::Map(m)) => m.len(),
            _ => 0,
        };
        assert_eq!((count("kkp-000"), count("kkp-001"), count("kkp-002")), (9, 10, 9));
        assert_eq!((count("kkp-001-ccm-csi"), count("kkp-v2.26")), (10, 10));
    }

    #[test]
    fn the_privileges_are_those_of_the_document() {
        let role = preset("kkp-001", "k8c-user-vcenter").unwrap();
        let ids: Vec<_> = role.get("privileges").items().iter().filter_map(Dynamic::as_str).collect();
        assert_eq!(
            ids,
            [
                "Cns.Searchable",
                "InventoryService.Tagging.ObjectAttachable",
                "StorageProfile.View",
                "System.Anonymous",
                "System.Read",
                "System.View",
                "VirtualMachine.Provisioning.ModifyCustSpecs",
                "VirtualMachine.Provisioning.ReadCustSpecs",
            ]
        );
        assert_eq!(role.get("grants").items()[0].get("propagate"), &Dynamic::Bool(false));
        let role = preset("kkp-001", "k8c-user-folder-propagate").unwrap();
        assert_eq!(role.get("privileges").items().len(), 90);
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        assert!(preset("kkp-9", "x").unwrap_err().contains("kkp-001-ccm-csi"));
        assert!(
            preset("kkp-000", "k8c-network-attach")
                .unwrap_err()
                .contains("Did you mean \"k8s-network-attach\"?")
        );
    }
}
