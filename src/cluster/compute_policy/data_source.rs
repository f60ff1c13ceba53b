//! `data.vsphere_compute_policy`
use super::{list, missing, named, plan, read};
use crate::common::machine;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use std::collections::{BTreeMap, BTreeSet};
use tf_framework::{DataCx, DataSource, Model, Result, Value};

/// Finds a compute policy by its name or ID.
///
/// Requires vSphere 7.0 Update 3 or later.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_compute_policy", category = "Host and Cluster Management")]
pub struct ComputePolicyDataModel {
    /// The ID of the compute policy. Exactly one of `id` and `name` must be set.
    #[tf(optional, computed, exactly_one_of("id", "name"))]
    pub id: Value<String>,
    /// The name of the compute policy.
    #[tf(optional, computed)]
    pub name: Value<String>,
    /// The description of the compute policy.
    #[tf(computed)]
    pub description: Value<String>,
    /// The capability that the compute policy is made of, such as `vm_host_affinity`.
    #[tf(computed)]
    pub capability: Value<String>,
    /// The ID of the tag of the virtual machines that the compute policy applies to.
    #[tf(computed)]
    pub vm_tag_id: Value<String>,
    /// The ID of the tag of the hosts, if the capability has one.
    #[tf(computed)]
    pub host_tag_id: Value<String>,
    /// The virtual machines whose compliance is returned: BIOS UUIDs (the `id` of `vsphere_virtual_machine`), instance UUIDs
    /// or managed object IDs. Each requires a request to vCenter.
    #[tf(optional, each(form = machine::id))]
    pub virtual_machine_ids: Value<BTreeSet<String>>,
    /// Whether each of `virtual_machine_ids` complies with the compute policy, by ID: `COMPLIANT`, `NOT_COMPLIANT`,
    /// `NOT_APPLICABLE` (the policy does not apply in the state of the virtual machine) or `UNKNOWN`.
    #[tf(computed)]
    pub compliance: Value<BTreeMap<String, String>>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct ComputePolicy;

type M = ComputePolicyDataModel;

impl DataSource for ComputePolicy {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let all = list(cx.client).await?;
        let (at, key) =
            if config.id.is_null() { (M::NAME, config.name.as_str()) } else { (M::ID, config.id.as_str()) };
        let id = named(&all, key, at)?;
        let mut compliance = BTreeMap::new();
        let ids = config.virtual_machine_ids.get();
        let words = || ids.iter().map(String::as_str);
        let machines = machine::all(cx.client, words(), M::VIRTUAL_MACHINE_IDS).await?;
        for (word, vm) in words().zip(machines) {
            let status = cx.client.api.compute_policies().compliance(&vm.object, id).await;
            let doing = format!("read whether {} complies with the compute policy {key:?}", vm.object);
            compliance.insert(word.to_owned(), status.doing_to(doing, |_| Some(M::VIRTUAL_MACHINE_IDS))?);
        }
        let policy = read(cx.client, id).await?.ok_or_else(|| missing(&all, key, at))?;
        Ok(M {
            id: id.to_owned().into(),
            name: policy.name.into(),
            description: policy.description.into(),
            capability: plan::short(&policy.capability).to_owned().into(),
            vm_tag_id: policy.vm_tag.into(),
            host_tag_id: policy.host_tag.into(),
            virtual_machine_ids: config.virtual_machine_ids.clone(),
            compliance: compliance.into(),
        })
    }
}
