//! `vsphere_compute_policy`
pub mod data_source;
mod plan;
use crate::common::adopt::create_or_adopt_named;
use crate::common::tagging;
use crate::fault::{Doing, or_absent};
use crate::nearest::there_are;
use crate::vsphere::Vsphere;
use std::sync::Arc;
use tf_framework::{
    AttributePath, Cx, Diagnostics, Dynamic, Field, Model, Plan, PlanCx, Resource, Result, Value,
};
use vsphere_client::Error;
use vsphere_client::compute_policy::{ComputePolicy as Policy, Summary};

/// Manages a compute policy, which defines what DRS does with all virtual machines that have a tag.
///
/// Requires vSphere 7.0 Update 3 or later. Which capabilities exist depends on vCenter: versions before 9.1 only have that
/// for virtual machines and vSphere Cluster Services, except in VMware Cloud. vCenter cannot change a compute policy: every
/// change replaces it.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_compute_policy", category = "Host and Cluster Management")]
pub struct ComputePolicyModel {
    /// The ID of the compute policy.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the compute policy, which must be unique in vCenter.
    #[tf(required, force_new, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// The description of the compute policy, which vCenter requires.
    #[tf(required, force_new)]
    pub description: Value<String>,
    /// The capability, which must be one that vCenter has: the ID, such as
    /// `com.vmware.vcenter.compute.policies.capabilities.vm_host_affinity`, or what follows `capabilities.` in it.
    ///
    /// `vm_host_affinity` and `vm_host_anti_affinity` place the virtual machines on the hosts with `host_tag_id`, or not on
    /// them. `vm_vm_affinity` and `vm_vm_anti_affinity` keep the virtual machines together or apart. `disable_drs_vmotion`
    /// keeps them on their host, `vm.evacuation.vmotion` migrates them when their host is evacuated, and
    /// `vm.placement.anti_affinity_with_vcls` keeps them apart from the virtual machines of vSphere Cluster Services.
    #[tf(required, force_new, pattern(r"\S", "the ID of a capability"), same = same_capability)]
    pub capability: Value<String>,
    /// The ID of the tag of the virtual machines that the compute policy applies to.
    #[tf(required, force_new, form = tagging::tag_id)]
    pub vm_tag_id: Value<String>,
    /// The ID of the tag of the hosts. Required for the capabilities `vm_host_affinity` and `vm_host_anti_affinity`.
    #[tf(optional, force_new, form = tagging::tag_id)]
    pub host_tag_id: Value<String>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct ComputePolicy;

type M = ComputePolicyModel;

fn same_capability(a: &Dynamic, b: &Dynamic) -> bool {
    let id = |v: &Dynamic| plan::whole(v.as_str().unwrap_or_default());
    id(a) == id(b)
}

impl M {
    fn title(&self) -> String {
        format!("the compute policy {:?}", self.name.as_str())
    }

    fn policy(&self) -> Policy {
        Policy {
            name: self.name.get(),
            description: self.description.get(),
            capability: plan::whole(self.capability.as_str()),
            vm_tag: self.vm_tag_id.non_empty().cloned(),
            host_tag: self.host_tag_id.non_empty().cloned(),
        }
    }

    /// Whether the tag of hosts is as the capability has it.
    fn host_tag(&self) -> Diagnostics {
        let Some(capability) = self.capability.known().filter(|_| !self.host_tag_id.is_unknown()) else {
            return Diagnostics::default();
        };
        let problem = plan::host_tag_problem(capability, self.host_tag_id.non_empty().is_some());
        let error = |(summary, detail): (&str, String)| Diagnostics::error(M::HOST_TAG_ID, summary, detail);
        problem.map(error).unwrap_or_default()
    }
}

/// A call that fails with the status 404 where a vCenter does not have the service.
fn offered<T>(result: vsphere_client::Result<T>, doing: &str) -> Result<T> {
    if let Err(Error::Rest { status: 404, .. }) = &result {
        let detail = "Compute policies require vSphere 7.0 Update 3 or later.";
        let summary = "This vCenter does not offer compute policies";
        return Err(Diagnostics::error(AttributePath::root(), summary, detail));
    }
    result.doing(doing)
}

/// All compute policies.
async fn list(vsphere: &Vsphere) -> Result<Arc<Vec<Summary>>> {
    offered(vsphere.api.compute_policies().list().await, "list the compute policies")
}

/// A compute policy; nothing where it does not exist.
async fn read(vsphere: &Vsphere, id: &str) -> Result<Option<Policy>> {
    let read = vsphere.api.compute_policies().get(id).await.map(Some);
    or_absent(read).doing(format!("read the compute policy {id}"))
}

/// The ID of the compute policy of a name or ID. Pure.
fn named<'a>(all: &'a [Summary], key: &str, at: impl Into<AttributePath>) -> Result<&'a str> {
    let found = all.iter().find(|p| p.id == key).or_else(|| all.iter().find(|p| p.name == key));
    found.map(|p| p.id.as_str()).ok_or_else(|| missing(all, key, at))
}

fn missing(all: &[Summary], key: &str, at: impl Into<AttributePath>) -> Diagnostics {
    let names: Vec<String> = all.iter().map(|p| p.name.clone()).collect();
    let detail = there_are("compute policies", names, key);
    Diagnostics::error(at, format!("Compute policy {key:?} not found"), detail)
}

fn taken(name: &str) -> Diagnostics {
    let detail = format!(
        "Choose another name, or import the existing compute policy: terraform import <address> '{name}'."
    );
    Diagnostics::error(M::NAME, format!("Compute policy {name:?} already exists"), detail)
}

/// Whether a tag exists.
async fn tag(vsphere: &Vsphere, field: Field, id: &Value<String>) -> Diagnostics {
    match id.non_empty() {
        Some(id) => tagging::tag_of(vsphere, id, field).await.err().unwrap_or_default(),
        None => Diagnostics::default(),
    }
}

/// Looks up what a new compute policy refers to.
async fn check(vsphere: &Vsphere, planned: &M) -> Result<()> {
    let api = vsphere.api.compute_policies();
    let (capabilities, vm_tag, host_tag) = futures_util::join!(
        api.capabilities(),
        tag(vsphere, M::VM_TAG_ID, &planned.vm_tag_id),
        tag(vsphere, M::HOST_TAG_ID, &planned.host_tag_id)
    );
    let mut out = vm_tag;
    out.merge(host_tag);
    let capabilities = offered(capabilities, "list the capabilities of compute policies")?;
    if let Some(wanted) = planned.capability.known() {
        let ids: Vec<String> = capabilities.iter().map(|c| c.capability.clone()).collect();
        if let Some(detail) = plan::capability_problem(wanted, &ids) {
            let summary = format!("Unknown capability {:?}", plan::short(wanted));
            out.merge(Diagnostics::error(M::CAPABILITY, summary, detail));
        }
    }
    out.into_result(())
}

impl Resource for ComputePolicy {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the name, or by the ID";

    fn validate(&self, config: &M) -> Diagnostics {
        config.host_tag()
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        if cx.prior.is_some() && !cx.is_replacement() {
            return Ok(());
        }
        let Some(vsphere) = cx.client else { return Ok(()) };
        check(vsphere, planned).await
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let (api, policy) = (cx.client().api.compute_policies(), plan.policy());
        plan.host_tag().into_result(())?;
        let look = || async {
            let all = api.list().await?;
            Ok(all.iter().find(|p| p.name == policy.name).map(|p| p.id.clone()))
        };
        let made = create_or_adopt_named(cx, &plan.title(), look, api.create(&policy)).await;
        if let Err(Error::Rest { kind, .. }) = &made
            && kind == "ALREADY_EXISTS"
        {
            return Err(taken(&policy.name));
        }
        let id = offered(made, &format!("create {}", plan.title()))?;
        Ok(M { id: id.into(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let policy = read(cx.client(), state.id.as_str()).await?;
        Ok(policy.map(|policy| M {
            id: state.id,
            name: policy.name.into(),
            description: policy.description.into(),
            capability: plan::short(&policy.capability).to_owned().into(),
            vm_tag_id: policy.vm_tag.into(),
            host_tag_id: policy.host_tag.into(),
        }))
    }

    async fn update(&self, _cx: &Cx<'_, Self>, _prior: M, plan: M) -> Result<M> {
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let done = cx.client().api.compute_policies().delete(state.id.as_str()).await;
        or_absent(done).doing(format!("delete {}", state.title()))
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let all = list(cx.client()).await?;
        Ok(M { id: named(&all, id, AttributePath::root())?.to_owned().into(), ..M::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_found_by_id_and_by_name() {
        let policy = |id: &str, name: &str| Summary { id: id.into(), name: name.into() };
        let all = [policy("1", "web"), policy("2", "1")];
        let found = |key| named(&all, key, M::NAME).unwrap();
        assert_eq!((found("web"), found("1"), found("2")), ("1", "1", "2"));
        let error = |all: &[Summary]| named(all, "wbe", M::NAME).unwrap_err().to_string();
        assert!(error(&all).contains("Did you mean \"web\"?") && error(&[]).contains("does not have any"));
    }

    #[test]
    fn a_configuration_with_unknown_values_is_not_wrong() {
        let of = |capability: Value<String>, host_tag_id: Value<String>| M {
            capability,
            host_tag_id,
            ..M::default()
        };
        for (model, errors) in [
            (of("vm_host_affinity".into(), Value::Null), true),
            (of("vm_host_affinity".into(), Value::Unknown), false),
            (of("vm_vm_affinity".into(), Value::Unknown), false),
            (of(Value::Unknown, Value::Null), false),
            (of("vm_vm_affinity".into(), "urn".into()), true),
        ] {
            assert_eq!(model.host_tag().has_errors(), errors, "{model:?}");
        }
    }
}
