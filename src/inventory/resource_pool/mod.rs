//! `vsphere_resource_pool`
pub mod data_source;
use crate::common::adopt::create_or_adopt_named;
use crate::common::labels::Labels;
use crate::common::moid::{self, MoId};
use crate::common::{lookup, names};
use crate::fault::{Doing, or_absent};
use crate::inventory::pools::{self, Allocation, Location};
use crate::vsphere::Vsphere;
use tf_framework::{AttributePath, Cx, Diagnostics, Model, Plan, PlanCx, Resource, Result, Timeouts, Value};
use vsphere_client::vim::types::ResourceConfigSpec;
use vsphere_client::{ApiVersion, MoRef, readable, same_name};

/// Manages a resource pool in a cluster or on a standalone host.
///
/// Changing `parent_resource_pool_id` moves the resource pool with all objects in it, if the new parent is in the same
/// cluster or on the same standalone host. Otherwise, the resource pool is replaced, because vSphere cannot move it,
/// and the plan shows a warning.
///
/// Destroying a resource pool that is not empty fails with an error, because vSphere would move the contents of the
/// resource pool to the parent resource pool, where other limits apply. With `create_before_destroy`, virtual machines
/// whose configuration references the resource pool are moved to the new pool before the old one is destroyed.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_resource_pool", category = "Host and Cluster Management")]
pub struct ResourcePoolModel {
    /// The managed object ID of the resource pool, such as `resgroup-8`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the resource pool.
    #[tf(required, length(1, 80), same = names::same)]
    pub name: Value<String>,
    /// The managed object ID of the parent resource pool or vApp. For the root resource pool of a cluster or host, use
    /// the `resource_pool_id` of the data source `vsphere_compute_cluster` or `vsphere_host`.
    #[tf(required, form = MoId::<moid::ResourcePool>::form)]
    pub parent_resource_pool_id: Value<String>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub shares: Allocation,
    /// The scalable shares setting: `disabled`, or `scaleCpuAndMemoryShares` to scale the CPU and memory shares of all
    /// descendants when the shares of the resource pool change. Requires vSphere 7.0 or later.
    #[tf(optional, one_of("", "disabled", "scaleCpuAndMemoryShares"))]
    pub scale_descendants_shares: Value<String>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub labels: Labels,
    /// Timeouts for operations. An omitted timeout defaults to the provider's `api_timeout`, which is 5 minutes by
    /// default.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct ResourcePool;

type M = ResourcePoolModel;

const DISABLED: &str = "disabled";

/// Whether shares are not scaled: left out, or said.
fn is_off(scale: &Value<String>) -> bool {
    !scale.is_unknown() && matches!(scale.as_str(), "" | DISABLED)
}

impl M {
    fn object(&self) -> MoRef {
        pools::object(self.id.as_str())
    }

    fn parent(&self) -> MoRef {
        pools::object(self.parent_resource_pool_id.as_str())
    }

    fn location(&self) -> Location<'_> {
        Location { id: &self.id, parent: &self.parent_resource_pool_id }
    }

    /// A sentence part.
    fn title(&self) -> String {
        format!("the resource pool {:?}", self.name.as_str())
    }

    fn spec(&self, version: ApiVersion) -> ResourceConfigSpec {
        let scale = match self.scale_descendants_shares.as_str() {
            "" => DISABLED,
            set => set,
        };
        ResourceConfigSpec {
            scale_descendants_shares: scalable(version).then(|| scale.to_owned()),
            ..self.shares.spec()
        }
    }

    /// What a new one is asked for. One that does not scale says nothing of it: the official provider would take a word that is
    /// said for a change.
    fn new_spec(&self, version: ApiVersion) -> ResourceConfigSpec {
        let spec = self.spec(version);
        ResourceConfigSpec {
            scale_descendants_shares: spec.scale_descendants_shares.filter(|s| s != DISABLED),
            ..spec
        }
    }

    /// With what the server says.
    fn observed(self, config: ResourceConfigSpec) -> Self {
        let scale = match (self.scale_descendants_shares.as_str(), config.scale_descendants_shares.as_deref())
        {
            // Unset means not scaled; the state keeps its form.
            (DISABLED, None | Some(DISABLED | "")) => DISABLED,
            (_, None | Some(DISABLED | "")) => "",
            (_, Some(other)) => other,
        };
        Self { scale_descendants_shares: scale.into(), shares: Allocation::observed(&config), ..self }
    }
}

/// Whether a server can scale the shares of descendants.
fn scalable(version: ApiVersion) -> bool {
    version >= ApiVersion::new([7, 0, 0, 0])
}

impl Resource for ResourcePool {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the inventory path, such as /dc1/host/cluster1/Resources/team, or by the managed object ID, such as \
                                  resgroup-8";

    fn validate(&self, config: &M) -> Diagnostics {
        config.shares.validate()
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        Labels::plan(cx, "ResourcePool", planned).await?;
        if let Some(prior) = cx.prior
            && is_off(&cx.config.scale_descendants_shares)
            && is_off(&prior.scale_descendants_shares)
            && !prior.scale_descendants_shares.is_null()
        {
            planned.copy_from(prior, &[M::SCALE_DESCENDANTS_SHARES]);
        }
        let (configured, shares) = (&cx.config.shares, planned.shares.clone());
        for field in shares.chosen_again(configured, cx.prior.map(|p| &p.shares)) {
            planned.unknown(field);
        }
        let mut out = shares.check(configured, cx.prior.map(|p| &p.shares));
        if let Some(vsphere) = cx.client
            && !scalable(vsphere.api.api_version())
            && planned.scale_descendants_shares.as_str() == "scaleCpuAndMemoryShares"
            && cx.prior.is_none_or(|p| p.scale_descendants_shares != planned.scale_descendants_shares)
        {
            let detail = format!("This vCenter is {}; it needs vSphere 7.0.", vsphere.api.about().version);
            let summary = "The vCenter cannot scale the shares of descendants";
            out.merge(Diagnostics::error(M::SCALE_DESCENDANTS_SHARES, summary, detail));
        }
        if out.has_errors() {
            return Err(out);
        }
        cx.warnings.merge(out);
        if cx.is_replacement() {
            return Ok(());
        }
        let Some(vsphere) = cx.client else { return Ok(()) };
        let (parent, labels) = futures_util::join!(
            pools::moved(vsphere, cx.prior.map(M::location), planned.location()),
            planned.labels.check(vsphere, "ResourcePool", cx.prior.map(|p| &p.labels))
        );
        if let Some(elsewhere) = parent? {
            cx.replace.push(M::PARENT_RESOURCE_POOL_ID.into());
            cx.warn(M::PARENT_RESOURCE_POOL_ID, "The resource pool is replaced", elsewhere);
            return Ok(());
        }
        cx.finish(labels)
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        plan.labels.before_create(vsphere, "ResourcePool").await?;
        let spec = plan.new_spec(vsphere.api.api_version());
        let (parent, name) = (plan.parent(), plan.name.as_str());
        let look = || async {
            let child = vsphere.api.find().child(&parent, name).await?;
            Ok(child.filter(|c| &*c.ty == "ResourcePool"))
        };
        let make = async { vsphere.api.resource_pools().create(&parent, name, spec).await };
        let made = create_or_adopt_named(cx, &plan.title(), look, make).await;
        let made = made.doing_to(format!("create {}", plan.title()), pools::blame)?;
        let plan = M { id: made.id.to_string().into(), ..plan };
        cx.checkpoint(&plan);
        pools::apply_labels(cx, &made, &plan.labels, None).await?;
        Ok(plan)
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let (vsphere, object) = (cx.client(), state.object());
        let api = vsphere.api.resource_pools();
        let (read, carried) = futures_util::join!(api.get(&object), Labels::read_tags(vsphere, &object));
        let read = match read {
            Err(e) if e.is_not_found() => return Ok(None),
            other => other.doing(format!("read {}", state.title()))?,
        };
        let labels = pools::labels(cx, &carried?, &read.custom_values, &state.labels, &state.title());
        let state = M {
            id: object.id.to_string().into(),
            name: readable(&read.name).into_owned().into(),
            parent_resource_pool_id: read.parent.map(|p| p.id.to_string()).into(),
            labels,
            ..state
        };
        Ok(Some(state.observed(read.config)))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let (vsphere, object) = (cx.client(), plan.object());
        pools::move_to(vsphere, prior.location(), plan.location(), &prior.title()).await?;
        let version = vsphere.api.api_version();
        let name = (!same_name(prior.name.as_str(), plan.name.as_str())).then(|| plan.name.as_str());
        let spec = plan.spec(version);
        let spec = (spec != prior.spec(version)).then_some(spec);
        if name.is_some() || spec.is_some() {
            let done = vsphere.api.resource_pools().update(&object, name, spec).await;
            done.doing_to(format!("update {}", prior.title()), pools::blame)?;
        }
        pools::apply_labels(cx, &object, &plan.labels, Some(prior.labels)).await?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let (vsphere, object) = (cx.client(), state.object());
        let why = "vSphere would move what is in it to the pool above, where other limits and shares hold.";
        if !pools::is_empty(vsphere, &object, &state.title(), why).await? {
            return Ok(());
        }
        let timeout = cx.timeout(vsphere.timeout);
        let done = or_absent(vsphere.api.entities().destroy(&object, timeout, cx.cancel()).await);
        done.doing(format!("delete {}", state.title()))
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        let object = lookup::imported(vsphere, id, "ResourcePool").await?;
        let pool = vsphere.api.resource_pools().get(&object).await;
        let pool = pool.doing(format!("read {object}"))?;
        if pool.parent.is_none_or(|p| !matches!(&*p.ty, "ResourcePool" | "VirtualApp")) {
            return Err(Diagnostics::error(
                AttributePath::root(),
                format!("The resource pool {id:?} cannot be imported"),
                "It is the root resource pool of a cluster or host, which vCenter creates and which cannot be renamed, moved \
                 or destroyed. Import a pool below it, such as \"/dc1/host/cluster1/Resources/team\". To refer to the root \
                 pool, use the attribute `resource_pool_id` of the data source `vsphere_compute_cluster` or `vsphere_host`.",
            ));
        }
        pools::note_exchange(cx);
        Ok(M { id: object.id.to_string().into(), ..M::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_is_seen_again() {
        let asked = M {
            shares: Allocation {
                cpu_share_level: "custom".into(),
                cpu_shares: 4000.into(),
                cpu_reservation: 10.into(),
                cpu_expandable: false.into(),
                cpu_limit: 2000.into(),
                memory_share_level: "high".into(),
                memory_shares: 0.into(),
                memory_reservation: 0.into(),
                memory_expandable: true.into(),
                memory_limit: (-1).into(),
            },
            scale_descendants_shares: "".into(),
            ..M::default()
        };
        let spec = asked.spec(ApiVersion::new([8, 0, 0, 0]));
        assert_eq!(spec.scale_descendants_shares.as_deref(), Some("disabled"));
        assert_eq!(asked.clone().observed(spec), asked);
        assert_eq!(asked.new_spec(ApiVersion::new([8, 0, 0, 0])).scale_descendants_shares, None);
        assert_eq!(asked.spec(ApiVersion::new([6, 7, 3, 0])).scale_descendants_shares, None);
        let scaled = M { scale_descendants_shares: "scaleCpuAndMemoryShares".into(), ..asked };
        let spec = scaled.new_spec(ApiVersion::new([8, 0, 0, 0]));
        assert_eq!(scaled.clone().observed(spec), scaled);
    }
}
