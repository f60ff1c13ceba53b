//! `vsphere_namespace`
pub mod data_source;
use super::common::{dns_label, ended, refused};
use crate::common::adopt::create_or_adopt_named;
use crate::common::machine::is_uuid;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use std::collections::BTreeMap;
use tf_framework::{
    AttributePath, Cx, DestroyCx, Diagnostics, Dynamic, Model, Plan, PlanCx, Resource, Result, Timeouts,
    Value, same,
};
use vsphere_client::supervisor::{Namespace as Found, NamespaceSpec, StorageSpec, VmService};
use vsphere_client::virtual_machine::Wait;

/// Manages a vSphere Namespace, in which the users of a Supervisor run virtual machines and Kubernetes workloads.
///
/// Requires vSphere 8.0 or later. An apply waits until vCenter has configured the namespace. Settings of the namespace
/// that have no argument here, such as permissions and resource limits, are left alone.
///
/// Destroying a namespace deletes all workloads in it, including their virtual machines and volumes.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_namespace", category = "Workload Management")]
pub struct NamespaceModel {
    /// The name of the namespace.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the namespace, a DNS label that is unique in vCenter, such as `team-a`. Changing this forces a new
    /// resource.
    #[tf(required, check = dns_label)]
    pub name: Value<String>,
    /// The ID of the Supervisor, a UUID, such as the `id` of a `vsphere_supervisor_v2`. Changing this forces a new
    /// resource.
    #[tf(required, check = supervisor_id)]
    pub supervisor: Value<String>,
    /// The resources that VM Service can use in the namespace. Only one block is used. If omitted, VM Service can use
    /// no content libraries and no virtual machine classes.
    #[tf(block)]
    pub vm_service: Value<Vec<VmServiceModel>>,
    /// The IDs of the storage policies, in any order, such as the `id` of a `vsphere_storage_policy` data source.
    #[tf(optional, same = same::unordered)]
    pub storage_policies: Value<Vec<String>>,
    /// The storage limits in MiB, by the ID of the storage policy, which must be one of `storage_policies`. Other policies do
    /// not have a limit. If omitted, the limits are not managed.
    #[tf(optional, each(range(1, i64::MAX)))]
    pub storage_limits: Value<BTreeMap<String, i64>>,
    /// Timeouts for operations. An omitted timeout defaults to the provider's `api_timeout`, which is 5 minutes by
    /// default.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

/// The resources that VM Service can use in a namespace.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VmServiceModel {
    /// The IDs of the content libraries, in any order.
    #[tf(optional, same = same::unordered)]
    pub content_libraries: Value<Vec<String>>,
    /// The names of the virtual machine classes, in any order.
    #[tf(optional, same = same::unordered)]
    pub vm_classes: Value<Vec<String>>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct Namespace;

type M = NamespaceModel;

fn supervisor_id(v: &Dynamic) -> std::result::Result<(), String> {
    let id = v.as_str().unwrap_or_default();
    if is_uuid(id) {
        return Ok(());
    }
    Err(format!(
        "{id:?} is not the ID of a Supervisor. Expected a UUID: use `vsphere_supervisor_v2.<name>.id`, or the `supervisor` of \
         the data source `vsphere_namespace`."
    ))
}

/// The storage policies that are wanted, with their limits: the declared ones, or those that they have. Pure.
fn storage(plan: &M, now: &[StorageSpec]) -> Vec<StorageSpec> {
    let has: BTreeMap<&str, Option<i64>> = now.iter().map(|s| (s.policy.as_str(), s.limit)).collect();
    let limit = |policy: &str| match plan.storage_limits.known() {
        Some(declared) => declared.get(policy).copied(),
        None => has.get(policy).copied().flatten(),
    };
    let wanted = plan.storage_policies.get();
    wanted.into_iter().map(|policy| StorageSpec { limit: limit(&policy), policy }).collect()
}

/// The limits of policies that the namespace does not use. Pure.
fn unused_limits(config: &M) -> Diagnostics {
    let mut out = Diagnostics::default();
    if config.storage_policies.is_unknown() {
        return out;
    }
    let used = config.storage_policies.get();
    for policy in config.storage_limits.known().into_iter().flat_map(BTreeMap::keys) {
        if !used.contains(policy) {
            let detail = format!("{policy:?} is not one of `storage_policies`. Add it, or remove its limit.");
            out.merge(Diagnostics::error(M::STORAGE_LIMITS, "Invalid storage limits", detail));
        }
    }
    out
}

impl M {
    /// A sentence part.
    fn title(&self) -> String {
        format!("the namespace `{}`", self.name.as_str())
    }

    fn vm_service(&self) -> VmService {
        let blocks = self.vm_service.get();
        blocks.first().map_or_else(VmService::default, |b| VmService {
            content_libraries: b.content_libraries.get(),
            vm_classes: b.vm_classes.get(),
        })
    }

    fn observed(self, found: Found) -> Self {
        let service = found.vm_service_spec;
        let used = !service.content_libraries.is_empty() || !service.vm_classes.is_empty();
        let declared = self.vm_service.get();
        // A block without content is kept as it is written.
        let vm_service = if used {
            let mut blocks = vec![VmServiceModel {
                content_libraries: some(service.content_libraries),
                vm_classes: some(service.vm_classes),
            }];
            blocks.extend(declared.into_iter().skip(1));
            blocks
        } else {
            let none = |b: VmServiceModel| VmServiceModel {
                content_libraries: emptied(b.content_libraries),
                vm_classes: emptied(b.vm_classes),
            };
            declared.into_iter().enumerate().map(|(n, b)| if n == 0 { none(b) } else { b }).collect()
        };
        let limits = found.storage_specs.iter().filter_map(|s| Some((s.policy.clone(), s.limit?)));
        Self {
            id: self.name.clone(),
            storage_limits: match self.storage_limits.is_null() {
                true => Value::Null,
                false => limits.collect::<BTreeMap<_, _>>().into(),
            },
            supervisor: found.supervisor.into(),
            vm_service: vm_service.into(),
            storage_policies: some(found.storage_specs.into_iter().map(|s| s.policy).collect()),
            ..self
        }
    }
}

/// Elements; no elements are null.
fn some(list: Vec<String>) -> Value<Vec<String>> {
    if list.is_empty() { Value::Null } else { list.into() }
}

/// No elements, in the spelling of the state.
fn emptied(v: Value<Vec<String>>) -> Value<Vec<String>> {
    if v.is_null() { v } else { vec![].into() }
}

impl Resource for Namespace {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the name";

    fn validate(&self, config: &M) -> Diagnostics {
        unused_limits(config)
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        // vSphere neither renames nor moves a namespace. The official provider plans an update, which then fails.
        if let Some(prior) = cx.prior {
            let changed = [
                (M::NAME, prior.name != planned.name),
                (M::SUPERVISOR, prior.supervisor != planned.supervisor),
            ];
            cx.replace.extend(changed.into_iter().filter(|(_, is)| *is).map(|(at, _)| at.into()));
            if cx.is_replacement() {
                let summary = format!("Namespace {:?} will be deleted", prior.name.as_str());
                cx.warn(AttributePath::root(), summary, DELETES);
            }
        }
        Ok(())
    }

    async fn plan_destroy(&self, _cx: &DestroyCx<'_, Vsphere>, state: &M) -> Result<Diagnostics> {
        let summary = format!("Namespace {:?} will be deleted", state.name.as_str());
        Ok(Diagnostics::warning(AttributePath::root(), summary, DELETES))
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let api = &cx.client().api;
        let (name, supervisor) = (plan.name.as_str(), plan.supervisor.as_str());
        let doing = format!("create {}", plan.title());
        let spec = NamespaceSpec { storage: Some(storage(&plan, &[])), vm_service: Some(plan.vm_service()) };
        let look = || async { Ok(api.supervisors().namespace(name).await?.map(drop)) };
        let make = async { api.supervisors().create_namespace(name, supervisor, &spec).await };
        let advice = |kind: &str| match kind {
            "ALREADY_EXISTS" => Some((
                AttributePath::from(M::NAME),
                format!("Choose another name, or import the namespace: terraform import <address> {name}"),
            )),
            "NOT_FOUND" => Some((AttributePath::from(M::SUPERVISOR), String::new())),
            _ => None,
        };
        let made = create_or_adopt_named(cx, &plan.title(), look, make).await;
        refused(made, &doing, "Configure", &advice)?;
        let made = M { id: plan.name.clone(), ..plan };
        cx.checkpoint(&made);
        let wait = Wait::new(cx.timeout(cx.client().timeout), cx.cancel());
        ended(api.supervisors().namespace_runs(made.name.as_str(), wait).await, &doing)?;
        Ok(made)
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let found = cx.client().api.supervisors().namespace(state.id.as_str()).await;
        let found = found.doing(format!("read {}", state.title()))?;
        Ok(found.map(|found| M { name: state.id.clone(), ..state }.observed(found)))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let api = cx.client().api.supervisors();
        let (name, doing) = (plan.name.as_str(), format!("update {}", plan.title()));
        let mut spec = NamespaceSpec::default();
        if prior.storage_policies != plan.storage_policies || prior.storage_limits != plan.storage_limits {
            let now = api.namespace(name).await.doing(&doing)?.unwrap_or_default();
            spec.storage = Some(storage(&plan, &now.storage_specs));
        }
        if prior.vm_service() != plan.vm_service() {
            spec.vm_service = Some(plan.vm_service());
        }
        if spec != NamespaceSpec::default() {
            refused(api.update_namespace(name, &spec).await, &doing, "Configure", &|_| None)?;
            let wait = Wait::new(cx.timeout(cx.client().timeout), cx.cancel());
            ended(api.namespace_runs(name, wait).await, &doing)?;
        }
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let api = cx.client().api.supervisors();
        let (name, doing) = (state.id.as_str(), format!("delete {}", state.title()));
        match api.delete_namespace(name).await {
            Err(e) if e.is_not_found() => return Ok(()),
            other => refused(other, &doing, "Configure", &|_| None)?,
        }
        let wait = Wait::new(cx.timeout(cx.client().timeout), cx.cancel());
        ended(api.namespace_ends(name, wait).await, &doing)
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let found = cx.client().api.supervisors().namespace(id).await;
        match found.doing(format!("read the namespace `{id}`"))? {
            None => Err(not_found(id, AttributePath::root())),
            Some(_) => Ok(M { id: id.into(), name: id.into(), ..M::default() }),
        }
    }
}

const DELETES: &str =
    "All workloads in the namespace are deleted with it, including virtual machines and volumes.";

/// There is no namespace of that name.
fn not_found(name: &str, at: impl Into<AttributePath>) -> Diagnostics {
    let detail = "vCenter does not have a namespace of this name. Namespaces are listed in the vSphere Client under \
                  \"Workload Management\", \"Namespaces\".";
    Diagnostics::error(at, format!("Namespace {name:?} not found"), detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(policy: &str, limit: Option<i64>) -> StorageSpec {
        StorageSpec { policy: policy.to_owned(), limit }
    }

    #[test]
    fn limits_of_policies_stay_unless_they_are_declared() {
        let now = [spec("a", Some(10)), spec("b", Some(20))];
        let plan = M { storage_policies: vec!["b".to_owned(), "c".to_owned()].into(), ..M::default() };
        assert_eq!(storage(&plan, &now), [spec("b", Some(20)), spec("c", None)]);
        let limits = BTreeMap::from([("c".to_owned(), 30)]);
        let plan = M { storage_limits: limits.into(), ..plan };
        assert_eq!(storage(&plan, &now), [spec("b", None), spec("c", Some(30))]);
        assert_eq!(unused_limits(&plan).0.len(), 0);
        let other = M { storage_policies: vec!["b".to_owned()].into(), ..plan.clone() };
        assert_eq!(unused_limits(&other).0[0].at.to_string(), "storage_limits");
        assert_eq!(unused_limits(&M { storage_policies: Value::Unknown, ..plan }).0.len(), 0);
    }

    #[test]
    fn empty_block_is_kept() {
        let empty = M { vm_service: vec![VmServiceModel::default()].into(), ..M::default() };
        assert_eq!(empty.clone().observed(Found::default()).vm_service, empty.vm_service);
        assert_eq!(M::default().observed(Found::default()).vm_service.get(), vec![]);
        let vm_service_spec = VmService { vm_classes: vec!["small".into()], ..VmService::default() };
        let seen = M::default().observed(Found { vm_service_spec, ..Found::default() });
        assert_eq!(seen.vm_service().vm_classes, ["small"]);
    }

    #[test]
    fn moids_are_not_supervisors() {
        assert!(supervisor_id(&"ff69d7fb-4ad4-44a2-8d91-8b3bede80eaa".into()).is_ok());
        assert!(supervisor_id(&"domain-c8".into()).unwrap_err().contains("vsphere_supervisor_v2"));
    }
}
