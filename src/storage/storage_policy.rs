//! `data.vsphere_storage_policy`
use crate::common::policies;
use crate::fault::Doing;
use crate::nearest::listed;
use crate::vsphere::Vsphere;
use tf_framework::{AttributePath, DataCx, DataSource, Diagnostics, Model, Result, Value};
use vsphere_client::policy::Policy;

/// Finds a VM storage policy by name.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_storage_policy", category = "Storage")]
pub struct StoragePolicyModel {
    /// The ID of the storage policy, a UUID, for use as a `storage_policy_id`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the storage policy.
    #[tf(required)]
    pub name: Value<String>,
    /// The name of the Kubernetes storage class that represents the storage policy. Requires vCenter 9.1 or later, and
    /// is null otherwise.
    #[tf(computed)]
    pub k8s_compliant_name: Value<String>,
    /// Whether the storage policy encrypts virtual machines and disks, which requires a key provider.
    #[tf(computed)]
    pub encryption: Value<bool>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct StoragePolicy;

type M = StoragePolicyModel;

impl DataSource for StoragePolicy {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let name = config.name.as_str();
        let listed = policies::all_with(cx.client, |all| all.iter().any(|p| p.name == name)).await;
        let listed = listed.doing("list the storage policies")?;
        let found = named(&listed, name)?;
        Ok(M {
            encryption: found.encrypts.into(),
            id: found.id.clone().into(),
            k8s_compliant_name: found.kubernetes_name.clone().into(),
            ..config
        })
    }
}

/// The storage policy of a name. The server keeps names unique. Pure.
fn named<'a>(all: &'a [Policy], name: &str) -> Result<&'a Policy> {
    all.iter().find(|p| p.name == name).ok_or_else(|| {
        let detail = match all.iter().find(|p| p.id == name) {
            Some(p) => format!("That is the ID of the storage policy {:?}. Set `name` to {:?}.", p.name, p.name),
            None if all.is_empty() => {
                "vCenter lists no storage policies. Create one, or grant the user the privilege StorageProfile.View."
                    .to_owned()
            }
            None => {
                let names = all.iter().map(|p| p.name.clone()).collect();
                format!("vCenter lists the storage policies {}", listed(names, name))
            }
        };
        Diagnostics::error(AttributePath::from(M::NAME), format!("Storage policy {name:?} not found"), detail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_found_by_its_exact_name() {
        let all = [Policy::new("a-1", "gold"), Policy::new("a-2", "Gold")];
        assert_eq!(named(&all, "Gold").unwrap().id, "a-2");
    }

    #[test]
    fn a_policy_that_does_not_exist_is_an_error_with_the_likely_one() {
        let all = [Policy::new("a-1", "gold"), Policy::new("a-2", "silver")];
        for (all, name, hint) in [
            (&all[..], "glod", "\"gold\""),
            (&all[..], "a-2", "the ID of the storage policy \"silver\""),
            (&[][..], "gold", "StorageProfile.View"),
        ] {
            let error = named(all, name).unwrap_err();
            assert_eq!(error.0[0].summary, format!("Storage policy {name:?} not found"));
            assert!(error.0[0].detail.contains(hint), "{}", error.0[0].detail);
        }
    }
}
