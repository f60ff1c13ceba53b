//! `vsphere_resource_pool`
pub mod data_source;
use crate::common::adopt::create_or_adopt_named;
use crate::common::labels::Labels;
use crate::common::shares::{self, CUSTOM};
use crate::common::{entity, lookup, names};
use crate::fault::{Doing, or_gone};
use crate::vsphere::Vsphere;
use tf_framework::{
    AttributePath, Cx, Diagnostics, Dynamic, Field, Model, Plan, PlanCx, Resource, Result, Timeouts, Value,
};
use vsphere_client::vim::types::{ResourceAllocationInfo, ResourceConfigSpec, SharesInfo, SharesLevel};
use vsphere_client::{ApiVersion, FaultKind, MoRef, custom_fields, readable, same_name};

/// Manages a resource pool: a share of the processors and memory of a cluster or host.
///
/// Another `parent_resource_pool_id` in the same cluster or standalone host moves the pool, with all that is in it. vSphere
/// does not move a pool to another cluster: then the pool is replaced, and the plan says so. A pool that is not empty is not
/// destroyed: vSphere would not destroy what is in it, but move it to the pool above, where other limits hold. With
/// `create_before_destroy`, virtual machines that refer to the pool move to the new one first.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_resource_pool", category = "Host and Cluster Management")]
pub struct ResourcePoolModel {
    /// The managed object id of the resource pool, for example `resgroup-8`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the resource pool.
    #[tf(required, length(1, 80), same = names::same)]
    pub name: Value<String>,
    /// The managed object id of the pool that holds it: another pool, or the root pool of a cluster or host, which is
    /// the `resource_pool_id` of the data sources `vsphere_compute_cluster` and `vsphere_host`.
    #[tf(required, form = parent_id)]
    pub parent_resource_pool_id: Value<String>,
    /// The weight among the pools beside it when processors are short: `low`, `normal`, `high` or `custom`.
    #[tf(optional, default = "normal", one_of("low", "normal", "high", "custom"))]
    pub cpu_share_level: Value<String>,
    /// The number of processor shares, for the level `custom`; otherwise the number that the level stands for.
    #[tf(optional, computed, range(0, 1_000_000), level = "cpu_share_level")]
    pub cpu_shares: Value<i64>,
    /// The processor time that is kept for the pool, in MHz.
    #[tf(optional, default = 0, at_least = 0)]
    pub cpu_reservation: Value<i64>,
    /// Whether the pool may reserve more than `cpu_reservation`, as long as the pool above has it to give.
    #[tf(optional, default = true)]
    pub cpu_expandable: Value<bool>,
    /// The most processor time that the pool may use, in MHz; -1 for no limit.
    #[tf(optional, default = -1, at_least = -1)]
    pub cpu_limit: Value<i64>,
    /// The weight among the pools beside it when memory is short: `low`, `normal`, `high` or `custom`.
    #[tf(optional, default = "normal", one_of("low", "normal", "high", "custom"))]
    pub memory_share_level: Value<String>,
    /// The number of memory shares, for the level `custom`; otherwise the number that the level stands for.
    #[tf(optional, computed, range(0, 1_000_000), level = "memory_share_level")]
    pub memory_shares: Value<i64>,
    /// The memory that is kept for the pool, in MiB.
    #[tf(optional, default = 0, at_least = 0)]
    pub memory_reservation: Value<i64>,
    /// Whether the pool may reserve more than `memory_reservation`, as long as the pool above has it to give.
    #[tf(optional, default = true)]
    pub memory_expandable: Value<bool>,
    /// The most memory that the pool may use, in MiB; -1 for no limit.
    #[tf(optional, default = -1, at_least = -1)]
    pub memory_limit: Value<i64>,
    /// Whether the shares of all that is below are scaled with those of the pool: `disabled` or
    /// `scaleCpuAndMemoryShares`. Needs vSphere 7.0 or later.
    #[tf(optional, one_of("", "disabled", "scaleCpuAndMemoryShares"))]
    pub scale_descendants_shares: Value<String>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub labels: Labels,
    /// How long operations may take. What is left out is the `api_timeout` of the provider, 5 minutes by default.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

fn parent_id(v: &Dynamic) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    let what = match entity::type_of(text) {
        Some("ResourcePool" | "VirtualApp") => return Ok(()),
        _ if text == "ha-root-pool" => return Ok(()),
        Some(ty) => format!("the id of a {ty}"),
        None if text.contains('/') => "an inventory path".to_owned(),
        None => "no id".to_owned(),
    };
    Err(format!(
        "{text:?} is {what}. Expected the managed object id of a resource pool, such as \"resgroup-8\": for the root pool \
         of a cluster, use `data.vsphere_compute_cluster.<name>.resource_pool_id`."
    ))
}

/// The resource.
#[derive(Debug, Default)]
pub struct ResourcePool;

type M = ResourcePoolModel;

const DISABLED: &str = "disabled";

/// Kept beside a state whose custom attributes were sent to vCenter or came from there. The official provider notes those of
/// a resource pool in its state, and does neither.
const EXCHANGED: &str = "custom_attributes";

/// What is said of one of the two resources.
struct Half<'a> {
    level: (Field, &'a Value<String>),
    shares: (Field, &'a Value<i64>),
    reservation: (Field, &'a Value<i64>),
    limit: (Field, &'a Value<i64>),
    expandable: &'a Value<bool>,
}

impl Half<'_> {
    fn spec(&self) -> ResourceAllocationInfo {
        let level = match self.level.1.as_str() {
            "low" => SharesLevel::Low,
            "high" => SharesLevel::High,
            CUSTOM => SharesLevel::Custom,
            _ => SharesLevel::Normal,
        };
        let shares = i32::try_from(self.shares.1.get()).unwrap_or_default();
        ResourceAllocationInfo {
            reservation: Some(self.reservation.1.get()),
            expandable_reservation: Some(self.expandable.get()),
            limit: Some(self.limit.1.get()),
            shares: Some(Box::new(SharesInfo { shares, level })),
            ..Default::default()
        }
    }

    /// A reservation above the limit can never be kept.
    fn validate(&self, out: &mut Diagnostics) {
        if let (Some(reserved), Some(limit)) = (self.reservation.1.known(), self.limit.1.known())
            && *limit >= 0
            && reserved > limit
        {
            let detail =
                format!("{reserved} cannot be kept for a pool that may use {limit} (`{}`).", self.limit.0.0);
            out.merge(Diagnostics::error(self.reservation.0, "The reservation is above the limit", detail));
        }
    }

    /// Whether the number of shares goes with the level. `planned` is the level and the number in the plan.
    fn check(
        &self,
        level: &Value<String>,
        planned: &Value<i64>,
        prior: Option<&Value<i64>>,
        out: &mut Diagnostics,
    ) {
        let (Some(level), number) = (level.known().map(String::as_str), self.shares.1) else { return };
        let (level_at, at) = (self.level.0, self.shares.0);
        if level == CUSTOM {
            let given = number.is_unknown() || planned.known().is_some_and(|n| *n > 0);
            if !given {
                let (summary, detail) = shares::needed(level_at, at);
                out.merge(Diagnostics::error(at, summary, detail));
            }
        } else if number.known().is_some_and(|n| *n != 0) && prior.is_none_or(|p| p != number) {
            let (summary, detail) = shares::ignored((level, level_at), at);
            out.merge(Diagnostics::warning(at, summary, detail));
        }
    }
}

/// The number of shares in the plan: not known where another level brings another one.
fn chosen_anew(configured: &Value<i64>, level: (&Value<String>, &Value<String>)) -> bool {
    configured.is_null() && level.0 != level.1 && level.1.known().map(String::as_str) != Some(CUSTOM)
}

/// Whether shares are not scaled: left out, or said.
fn is_off(scale: &Value<String>) -> bool {
    !scale.is_unknown() && matches!(scale.as_str(), "" | DISABLED)
}

impl M {
    fn object(&self) -> MoRef {
        pool(self.id.as_str())
    }

    fn parent(&self) -> MoRef {
        pool(self.parent_resource_pool_id.as_str())
    }

    /// A sentence part.
    fn title(&self) -> String {
        format!("the resource pool {:?}", self.name.as_str())
    }

    fn cpu(&self) -> Half<'_> {
        Half {
            level: (Self::CPU_SHARE_LEVEL, &self.cpu_share_level),
            shares: (Self::CPU_SHARES, &self.cpu_shares),
            reservation: (Self::CPU_RESERVATION, &self.cpu_reservation),
            limit: (Self::CPU_LIMIT, &self.cpu_limit),
            expandable: &self.cpu_expandable,
        }
    }

    fn memory(&self) -> Half<'_> {
        Half {
            level: (Self::MEMORY_SHARE_LEVEL, &self.memory_share_level),
            shares: (Self::MEMORY_SHARES, &self.memory_shares),
            reservation: (Self::MEMORY_RESERVATION, &self.memory_reservation),
            limit: (Self::MEMORY_LIMIT, &self.memory_limit),
            expandable: &self.memory_expandable,
        }
    }

    fn spec(&self, version: ApiVersion) -> ResourceConfigSpec {
        let scale = match self.scale_descendants_shares.as_str() {
            "" => DISABLED,
            set => set,
        };
        ResourceConfigSpec {
            cpu_allocation: self.cpu().spec(),
            memory_allocation: self.memory().spec(),
            scale_descendants_shares: scalable(version).then(|| scale.to_owned()),
            ..Default::default()
        }
    }

    /// With what the server says.
    fn observed(self, config: ResourceConfigSpec) -> Self {
        let level = |a: &ResourceAllocationInfo| {
            a.shares.as_ref().map(|s| s.level.as_str().to_owned()).filter(|l| !l.is_empty())
        };
        let shares = |a: &ResourceAllocationInfo| a.shares.as_ref().map(|s| i64::from(s.shares));
        let (cpu, memory) = (&config.cpu_allocation, &config.memory_allocation);
        let scale = match (self.scale_descendants_shares.as_str(), config.scale_descendants_shares.as_deref())
        {
            // Not set is not scaled; told as it was.
            (DISABLED, None | Some(DISABLED | "")) => DISABLED,
            (_, None | Some(DISABLED | "")) => "",
            (_, Some(other)) => other,
        };
        Self {
            cpu_share_level: level(cpu).into(),
            cpu_shares: shares(cpu).into(),
            cpu_reservation: cpu.reservation.into(),
            cpu_expandable: cpu.expandable_reservation.into(),
            cpu_limit: cpu.limit.into(),
            memory_share_level: level(memory).into(),
            memory_shares: shares(memory).into(),
            memory_reservation: memory.reservation.into(),
            memory_expandable: memory.expandable_reservation.into(),
            memory_limit: memory.limit.into(),
            scale_descendants_shares: scale.into(),
            ..self
        }
    }
}

/// Whether a server can scale the shares of descendants.
fn scalable(version: ApiVersion) -> bool {
    version >= ApiVersion::new([7, 0, 0, 0])
}

/// A pool or vApp, as its id shows.
fn pool(id: &str) -> MoRef {
    MoRef::new(entity::type_of(id).unwrap_or("ResourcePool"), id)
}

impl Resource for ResourcePool {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the inventory path, such as /dc1/host/cluster1/Resources/team, or by the managed object id, such as \
                                  resgroup-8";

    fn validate(&self, config: &M) -> Diagnostics {
        let mut out = Diagnostics::default();
        config.cpu().validate(&mut out);
        config.memory().validate(&mut out);
        out
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        Labels::plan(&cx.config.labels, cx.prior.is_none(), planned);
        if let Some(prior) = cx.prior {
            let level = (&prior.cpu_share_level, &planned.cpu_share_level);
            if chosen_anew(&cx.config.cpu_shares, level) {
                planned.unknown(M::CPU_SHARES);
            }
            let level = (&prior.memory_share_level, &planned.memory_share_level);
            if chosen_anew(&cx.config.memory_shares, level) {
                planned.unknown(M::MEMORY_SHARES);
            }
            if is_off(&cx.config.scale_descendants_shares)
                && is_off(&prior.scale_descendants_shares)
                && !prior.scale_descendants_shares.is_null()
            {
                planned.copy_from(prior, &[M::SCALE_DESCENDANTS_SHARES]);
            }
        }
        let mut out = Diagnostics::default();
        let prior = (cx.prior.map(|p| &p.cpu_shares), cx.prior.map(|p| &p.memory_shares));
        cx.config.cpu().check(&planned.cpu_share_level, &planned.cpu_shares, prior.0, &mut out);
        cx.config.memory().check(&planned.memory_share_level, &planned.memory_shares, prior.1, &mut out);
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
            moved(vsphere, cx.prior, planned),
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
        let spec = plan.spec(vsphere.api.api_version());
        let (parent, name) = (plan.parent(), plan.name.as_str());
        let look = || async {
            let child = vsphere.api.find().child(&parent, name).await?;
            Ok(child.filter(|c| &*c.ty == "ResourcePool"))
        };
        let make = async { vsphere.api.resource_pools().create(&parent, name, spec).await };
        let made = create_or_adopt_named(cx, &plan.title(), look, make).await;
        let made = made.doing_to(format!("create {}", plan.title()), blame)?;
        let plan = M { id: made.id.to_string().into(), ..plan };
        cx.checkpoint(&plan);
        plan.labels.apply(vsphere, &made, None).await?;
        cx.set_private(EXCHANGED, true.into());
        Ok(plan)
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let (vsphere, object) = (cx.client(), state.object());
        let read = match vsphere.api.resource_pools().get(&object).await {
            Err(e) if e.is_not_found() => return Ok(None),
            other => other.doing(format!("read {}", state.title()))?,
        };
        let values = custom_fields::texts(&read.custom_values);
        let mut labels = Labels::read(vsphere, &object, &values, &state.labels).await?;
        if cx.private(EXCHANGED).is_none()
            && let Some((kept, missing)) = labels.with_missing(&state.labels)
        {
            labels = kept;
            let detail = format!(
                "The official provider, which wrote the state, does not send custom attributes of resource pools to vCenter: \
                 {} has no value of {}. They are set with the next change of the resource pool.",
                state.title(),
                missing.join(", ")
            );
            cx.warn(Labels::CUSTOM_ATTRIBUTES, "Custom attributes were never set", detail);
        }
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
        if prior.parent_resource_pool_id != plan.parent_resource_pool_id {
            if let Some(elsewhere) = moved(vsphere, Some(&prior), &plan).await? {
                let summary = format!("Unable to move {} to {}", prior.title(), plan.parent());
                return Err(Diagnostics::error(M::PARENT_RESOURCE_POOL_ID, summary, elsewhere));
            }
            let objects = std::slice::from_ref(&object);
            let moved = vsphere.api.resource_pools().move_into(&plan.parent(), objects).await;
            let doing = format!("move {} to {}", prior.title(), plan.parent());
            moved.doing_to(doing, |_| Some(M::PARENT_RESOURCE_POOL_ID))?;
        }
        let version = vsphere.api.api_version();
        let name = (!same_name(prior.name.as_str(), plan.name.as_str())).then(|| plan.name.as_str());
        let spec = plan.spec(version);
        let spec = (spec != prior.spec(version)).then_some(spec);
        if name.is_some() || spec.is_some() {
            let done = vsphere.api.resource_pools().update(&object, name, spec).await;
            done.doing_to(format!("update {}", prior.title()), blame)?;
        }
        let mut before = prior.labels;
        if cx.private(EXCHANGED).is_none() {
            before.custom_attributes = Value::Null;
        }
        plan.labels.apply(vsphere, &object, Some(&before)).await?;
        cx.set_private(EXCHANGED, true.into());
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let (vsphere, object) = (cx.client(), state.object());
        let inside = match vsphere.api.resource_pools().contents(&object).await {
            Err(e) if e.is_not_found() => return Ok(()),
            other => other.doing(format!("list what is in {}", state.title()))?,
        };
        if !inside.is_empty() {
            let detail = format!(
                "vSphere would move what is in it to the pool above, where other limits and shares hold. It holds\n{}\n\
                 Move or remove that first.",
                lookup::contents(&inside)
            );
            let summary = format!("The resource pool {:?} is not empty", state.name.as_str());
            return Err(Diagnostics::error(AttributePath::root(), summary, detail));
        }
        let timeout = cx.timeout(vsphere.timeout);
        let done = or_gone(vsphere.api.entities().destroy(&object, timeout, cx.cancel()).await);
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
        cx.set_private(EXCHANGED, true.into());
        Ok(M { id: object.id.to_string().into(), ..M::default() })
    }
}

/// What is said where a plan moves the pool to another cluster, which vSphere does not do; nothing otherwise.
///
/// # Errors
/// The planned parent does not exist.
async fn moved(vsphere: &Vsphere, prior: Option<&M>, planned: &M) -> Result<Option<String>> {
    let to = planned.parent_resource_pool_id.known().filter(|id| !id.is_empty());
    let Some(to) =
        to.filter(|_| prior.is_none_or(|p| p.parent_resource_pool_id != planned.parent_resource_pool_id))
    else {
        return Ok(None);
    };
    let pools = vsphere.api.resource_pools();
    let from = prior.map(M::object);
    let target = planned.parent();
    let was = async {
        match &from {
            Some(from) => pools.get(from).await.ok(),
            None => None,
        }
    };
    let (now, was) = futures_util::join!(pools.get(&target), was);
    let now = match now {
        Ok(now) => now,
        Err(e) if e.is_not_found() => {
            let detail = "The vCenter has no resource pool with this managed object id, or the user may not see it. For the \
                          root pool of a cluster, use `data.vsphere_compute_cluster.<name>.resource_pool_id`.";
            let summary = format!("The parent resource pool {to:?} does not exist");
            return Err(Diagnostics::error(M::PARENT_RESOURCE_POOL_ID, summary, detail));
        }
        // Who may not read it is refused when it counts.
        Err(_) => return Ok(None),
    };
    let Some(was) = was.filter(|was| was.owner != now.owner) else { return Ok(None) };
    let find = vsphere.api.find();
    let (from, to) = futures_util::join!(find.path_of(&was.owner), find.path_of(&now.owner));
    Ok(Some(format!(
        "It is in {}, and its new parent is in {}. vSphere moves a resource pool within one cluster or standalone host only \
         (MoveIntoResourcePool), so that a new pool has to be made there and the old one destroyed. Only an empty pool is \
         destroyed: with `create_before_destroy`, virtual machines of this configuration move to the new pool first.",
        from.unwrap_or_else(|_| was.owner.to_string()),
        to.unwrap_or_else(|_| now.owner.to_string())
    )))
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::DuplicateName { .. } | FaultKind::InvalidName { .. } => Some(M::NAME),
        FaultKind::ManagedObjectNotFound { .. } => Some(M::PARENT_RESOURCE_POOL_ID),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(level: &str, shares: Value<i64>) -> M {
        M { cpu_share_level: level.into(), cpu_shares: shares, ..M::default() }
    }

    /// Where the problems are.
    fn problems(config: &M, planned: &M, prior: Option<&M>) -> Vec<String> {
        let mut out = Diagnostics::default();
        let prior = prior.map(|p| &p.cpu_shares);
        config.cpu().check(&planned.cpu_share_level, &planned.cpu_shares, prior, &mut out);
        out.0.into_iter().map(|d| d.at.to_string()).collect()
    }

    #[test]
    fn a_number_of_shares_goes_with_the_level_custom_only() {
        let ok: [&str; 0] = [];
        let with = |level: &str, shares| {
            let m = model(level, shares);
            problems(&m, &m, None)
        };
        assert_eq!(with("custom", 4000.into()), ok);
        assert_eq!(with("custom", Value::Unknown), ok);
        assert_eq!(with("custom", Value::Null), ["cpu_shares"]);
        assert_eq!(with("normal", Value::Null), ok);
        assert_eq!(with("normal", 0.into()), ok);
        assert_eq!(with("high", 4000.into()), ["cpu_shares"]);
        // A number that is what the level stands for is no problem.
        let same = model("high", 8000.into());
        assert_eq!(problems(&same, &same, Some(&same)), ok);
        // Left out, the number stays.
        let (config, planned) = (model("custom", Value::Null), model("custom", 4000.into()));
        assert_eq!(problems(&config, &planned, Some(&planned)), ok);
    }

    #[test]
    fn another_level_brings_another_number() {
        let anew = |configured: Value<i64>, from: &str, to: &str| {
            chosen_anew(&configured, (&from.into(), &to.into()))
        };
        assert!(anew(Value::Null, "normal", "high"));
        assert!(!anew(Value::Null, "normal", "normal"));
        assert!(!anew(Value::Null, "normal", "custom"));
        assert!(!anew(4000.into(), "custom", "high"));
    }

    #[test]
    fn a_reservation_fits_below_the_limit() {
        let at = |reservation: i64, limit: i64| {
            let m = M { memory_reservation: reservation.into(), memory_limit: limit.into(), ..M::default() };
            ResourcePool.validate(&m).0.into_iter().map(|d| d.at.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(at(10, -1), [""; 0]);
        assert_eq!(at(10, 10), [""; 0]);
        assert_eq!(at(11, 10), ["memory_reservation"]);
    }

    #[test]
    fn parents_are_pools() {
        for (id, ok) in [
            ("resgroup-8", true),
            ("resgroup-v9", true),
            ("domain-c7", false),
            ("/dc/host/c", false),
            ("", false),
        ] {
            assert_eq!(parent_id(&id.into()).is_ok(), ok, "{id}");
        }
    }

    #[test]
    fn what_was_asked_for_is_seen_again() {
        let asked = M {
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
            scale_descendants_shares: "".into(),
            ..M::default()
        };
        let spec = asked.spec(ApiVersion::new([8, 0, 0, 0]));
        assert_eq!(spec.scale_descendants_shares.as_deref(), Some("disabled"));
        assert_eq!(asked.clone().observed(spec), asked);
        assert_eq!(asked.spec(ApiVersion::new([6, 7, 3, 0])).scale_descendants_shares, None);
        let scaled = M { scale_descendants_shares: "scaleCpuAndMemoryShares".into(), ..asked };
        let spec = scaled.spec(ApiVersion::new([8, 0, 0, 0]));
        assert_eq!(scaled.clone().observed(spec), scaled);
    }
}
