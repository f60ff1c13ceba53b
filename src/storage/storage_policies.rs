//! `data.vsphere_storage_policies`
use crate::common::{policies, regex};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Model, Result, Value};
use vsphere_client::policy::Policy;

/// Lists VM storage policies, optionally filtered by name or by the Kubernetes storage class.
///
/// Requires the `StorageProfile.View` privilege.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_storage_policies", category = "Storage")]
pub struct StoragePoliciesModel {
    /// Always `storage-policies`.
    #[tf(computed)]
    pub id: Value<String>,
    /// A regular expression to match against any part of the name of a storage policy.
    #[tf(optional, check = regex::form)]
    pub name_regex: Value<String>,
    /// The name of a Kubernetes storage class. Only the storage policy of this storage class is listed. Requires
    /// vCenter 9.1 or later; earlier versions do not report these names, and no storage policy matches.
    #[tf(optional)]
    pub k8s_compliant_name: Value<String>,
    /// The storage policies, sorted by name.
    #[tf(computed)]
    pub policies: Value<Vec<PolicyModel>>,
}

/// A storage policy.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct PolicyModel {
    /// The ID of the storage policy, a UUID, for use as a `storage_policy_id`.
    #[tf(computed)]
    pub id: Value<String>,
    /// The name of the storage policy.
    #[tf(computed)]
    pub name: Value<String>,
    /// The description of the storage policy.
    #[tf(computed)]
    pub description: Value<String>,
    /// Whether vCenter reports the storage policy as a default. The vSphere API documents this property as not
    /// supported.
    #[tf(computed)]
    pub is_default: Value<bool>,
    /// The name of the Kubernetes storage class that represents the storage policy. Requires vCenter 9.1 or later, and
    /// is null otherwise.
    #[tf(computed)]
    pub k8s_compliant_name: Value<String>,
    /// Whether the storage policy encrypts virtual machines and disks, which requires a key provider.
    #[tf(computed)]
    pub encryption: Value<bool>,
}

type M = StoragePoliciesModel;

/// The data source.
#[derive(Debug, Default)]
pub struct StoragePolicies;

/// Whether a storage policy is listed. Pure.
fn fits(policy: &Policy, name: impl Fn(&str) -> bool, kubernetes: &str) -> bool {
    name(&policy.name) && (kubernetes.is_empty() || policy.kubernetes_name.as_deref() == Some(kubernetes))
}

impl DataSource for StoragePolicies {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let name = regex::filter(config.name_regex.as_str());
        let wanted = |p: &&Policy| fits(p, &name, config.k8s_compliant_name.as_str());
        let listed = policies::all_with(cx.client, |all| all.iter().any(|p| wanted(&p))).await;
        let listed = listed.doing("list the storage policies")?;
        let model = |p: &Policy| PolicyModel {
            encryption: p.encrypts.into(),
            id: p.id.clone().into(),
            name: p.name.clone().into(),
            description: p.description.clone().into(),
            is_default: p.is_default.into(),
            k8s_compliant_name: p.kubernetes_name.clone().into(),
        };
        let found: Vec<PolicyModel> = listed.iter().filter(wanted).map(model).collect();
        Ok(M { id: "storage-policies".into(), policies: found.into(), ..config })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_fit_by_name_and_storage_class() {
        let policy = |name: &str, kubernetes: Option<&str>| Policy {
            kubernetes_name: kubernetes.map(str::to_owned),
            ..Policy::new("a-1", name)
        };
        assert!(fits(&policy("Gold 1", None), regex::filter("^Gold"), ""));
        assert!(!fits(&policy("Gold 1", None), regex::filter(""), "gold-1"));
        assert!(fits(&policy("Gold 1", Some("gold-1")), regex::filter(""), "gold-1"));
        assert!(!fits(&policy("Gold 1", Some("gold-1")), regex::filter("silver"), "gold-1"));
    }
}
