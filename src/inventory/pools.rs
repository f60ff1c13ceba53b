//! What resource pools and vApps have in common: shares of processors and memory, a pool above them, and what is in them.
use crate::common::labels::{Carried, Labels};
use crate::common::lookup;
use crate::common::moid::{self, MoId};
use crate::common::shares::{self, CUSTOM};
use crate::fault::{Doing, capital};
use crate::vsphere::Vsphere;
use tf_framework::{AttributePath, Cx, Diagnostics, Field, Model, Resource, Result, Value};
use vsphere_client::vim::types::{
    CustomFieldValueKind, ResourceAllocationInfo, ResourceConfigSpec, SharesInfo, SharesLevel,
};
use vsphere_client::{FaultKind, MoRef, custom_fields};

const NAME: Field = Field("name");
const PARENT: Field = Field("parent_resource_pool_id");

/// Shares, reservations and limits. Flatten it into the model of a resource.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Allocation {
    /// The CPU shares level, which sets the priority relative to sibling resource pools, vApps and virtual machines
    /// when CPU is scarce: `low`, `normal`, `high` or `custom`.
    #[tf(optional, default = "normal", one_of("low", "normal", "high", "custom"))]
    pub cpu_share_level: Value<String>,
    /// The number of CPU shares. Used only if `cpu_share_level` is `custom`; other levels have a fixed number of
    /// shares.
    #[tf(optional, computed, range(0, 1_000_000), level = "cpu_share_level")]
    pub cpu_shares: Value<i64>,
    /// The guaranteed amount of CPU, in MHz.
    #[tf(optional, default = 0, at_least = 0)]
    pub cpu_reservation: Value<i64>,
    /// Whether the reservation can grow beyond `cpu_reservation` if the parent has unreserved CPU capacity.
    #[tf(optional, default = true)]
    pub cpu_expandable: Value<bool>,
    /// The maximum amount of CPU that can be used, in MHz. A value of `-1` means no limit.
    #[tf(optional, default = -1, at_least = -1)]
    pub cpu_limit: Value<i64>,
    /// The memory shares level, which sets the priority relative to sibling resource pools, vApps and virtual machines
    /// when memory is scarce: `low`, `normal`, `high` or `custom`.
    #[tf(optional, default = "normal", one_of("low", "normal", "high", "custom"))]
    pub memory_share_level: Value<String>,
    /// The number of memory shares. Used only if `memory_share_level` is `custom`; other levels have a fixed number of
    /// shares.
    #[tf(optional, computed, range(0, 1_000_000), level = "memory_share_level")]
    pub memory_shares: Value<i64>,
    /// The guaranteed amount of memory, in MiB.
    #[tf(optional, default = 0, at_least = 0)]
    pub memory_reservation: Value<i64>,
    /// Whether the reservation can grow beyond `memory_reservation` if the parent has unreserved memory.
    #[tf(optional, default = true)]
    pub memory_expandable: Value<bool>,
    /// The maximum amount of memory that can be used, in MiB. A value of `-1` means no limit.
    #[tf(optional, default = -1, at_least = -1)]
    pub memory_limit: Value<i64>,
}

/// Kept beside a state whose custom attributes were sent to vCenter or came from there. The official provider notes those of
/// resource pools and vApps in its state, and does neither.
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
fn follows_level(configured: &Value<i64>, level: (&Value<String>, &Value<String>)) -> bool {
    configured.is_null() && level.0 != level.1 && level.1.known().map(String::as_str) != Some(CUSTOM)
}

impl Allocation {
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

    /// What is sent to the server.
    pub(super) fn spec(&self) -> ResourceConfigSpec {
        ResourceConfigSpec {
            cpu_allocation: self.cpu().spec(),
            memory_allocation: self.memory().spec(),
            ..Default::default()
        }
    }

    /// What the server says.
    pub(super) fn observed(config: &ResourceConfigSpec) -> Self {
        let level = |a: &ResourceAllocationInfo| {
            a.shares.as_ref().map(|s| s.level.as_str().to_owned()).filter(|l| !l.is_empty())
        };
        let shares = |a: &ResourceAllocationInfo| a.shares.as_ref().map(|s| i64::from(s.shares));
        let (cpu, memory) = (&config.cpu_allocation, &config.memory_allocation);
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
        }
    }

    /// Checks a configuration, without a server.
    pub(super) fn validate(&self) -> Diagnostics {
        let mut out = Diagnostics::default();
        self.cpu().validate(&mut out);
        self.memory().validate(&mut out);
        out
    }

    /// The numbers of shares of this plan that are not known, because another level brings another one.
    pub(super) fn chosen_again(&self, configured: &Self, prior: Option<&Self>) -> Vec<Field> {
        let Some(prior) = prior else { return vec![] };
        let mut out = vec![];
        if follows_level(&configured.cpu_shares, (&prior.cpu_share_level, &self.cpu_share_level)) {
            out.push(Self::CPU_SHARES);
        }
        if follows_level(&configured.memory_shares, (&prior.memory_share_level, &self.memory_share_level)) {
            out.push(Self::MEMORY_SHARES);
        }
        out
    }

    /// Whether the numbers of shares of this plan go with their levels.
    pub(super) fn check(&self, configured: &Self, prior: Option<&Self>) -> Diagnostics {
        let mut out = Diagnostics::default();
        let before = prior.map(|p| &p.cpu_shares);
        configured.cpu().check(&self.cpu_share_level, &self.cpu_shares, before, &mut out);
        let before = prior.map(|p| &p.memory_shares);
        configured.memory().check(&self.memory_share_level, &self.memory_shares, before, &mut out);
        out
    }
}

/// A pool or vApp, as its id shows.
pub(super) fn object(id: &str) -> MoRef {
    MoId::<moid::ResourcePool>::object(id)
}

/// A pool or vApp, and the one above it.
#[derive(Clone, Copy)]
pub(super) struct Location<'a> {
    /// Its id; not known of a new one.
    pub(super) id: &'a Value<String>,
    /// The id of the one above it.
    pub(super) parent: &'a Value<String>,
}

/// What is said where a plan moves a pool or vApp to another cluster, which vSphere does not do; nothing otherwise.
///
/// # Errors
/// The planned parent does not exist.
pub(super) async fn moved(
    vsphere: &Vsphere,
    prior: Option<Location<'_>>,
    planned: Location<'_>,
) -> Result<Option<String>> {
    let to = planned.parent.non_empty();
    let Some(to) = to.filter(|_| prior.is_none_or(|p| p.parent != planned.parent)) else {
        return Ok(None);
    };
    let pools = vsphere.api.resource_pools();
    let from = prior.map(|p| object(p.id.as_str()));
    let target = object(to);
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
            return Err(MoId::<moid::ResourcePool>::not_found(to, PARENT));
        }
        // Who may not read it is refused when it counts.
        Err(_) => return Ok(None),
    };
    let Some(was) = was.filter(|was| was.owner != now.owner) else { return Ok(None) };
    let find = vsphere.api.find();
    let (from, to) = futures_util::join!(find.path_of(&was.owner), find.path_of(&now.owner));
    Ok(Some(format!(
        "It is in {}, and its new parent is in {}. vSphere moves resource pools and vApps within one cluster or standalone host only \
         (MoveIntoResourcePool), so that a new one has to be made there and the old one destroyed. Only an empty one is \
         destroyed: with `create_before_destroy`, virtual machines of this configuration move to the new one first.",
        from.unwrap_or_else(|_| was.owner.to_string()),
        to.unwrap_or_else(|_| now.owner.to_string())
    )))
}

/// Moves a pool or vApp below the planned parent, if it is another one.
///
/// # Errors
/// It is in another cluster, or the move fails.
pub(super) async fn move_to(
    vsphere: &Vsphere,
    prior: Location<'_>,
    planned: Location<'_>,
    title: &str,
) -> Result<()> {
    if prior.parent == planned.parent {
        return Ok(());
    }
    let (this, parent) = (object(prior.id.as_str()), object(planned.parent.as_str()));
    if let Some(elsewhere) = moved(vsphere, Some(prior), planned).await? {
        return Err(Diagnostics::error(PARENT, format!("Unable to move {title} to {parent}"), elsewhere));
    }
    let moved = vsphere.api.resource_pools().move_into(&parent, std::slice::from_ref(&this)).await;
    moved.doing_to(format!("move {title} to {parent}"), |_| Some(PARENT))
}

/// Whether nothing is left to destroy: false if the object does not exist.
///
/// # Errors
/// It is not empty; `why` says what vSphere would do with what is in it.
pub(super) async fn is_empty(vsphere: &Vsphere, object: &MoRef, title: &str, why: &str) -> Result<bool> {
    let inside = match vsphere.api.resource_pools().contents(object).await {
        Err(e) if e.is_not_found() => return Ok(false),
        other => other.doing(format!("list what is in {title}"))?,
    };
    if inside.is_empty() {
        return Ok(true);
    }
    let detail = format!("{why} It holds\n{}\nMove or remove that first.", lookup::contents(&inside));
    Err(Diagnostics::error(AttributePath::root(), format!("{} is not empty", capital(title)), detail))
}

/// The tags and custom attributes of a pool or vApp. Custom attributes that only a state of the official provider has are
/// kept, with a warning.
pub(super) fn labels<R: Resource<Client = Vsphere>>(
    cx: &Cx<'_, R>,
    carried: &Carried,
    values: &[CustomFieldValueKind],
    state: &Labels,
    title: &str,
) -> Labels {
    let labels = Labels::of(carried, &custom_fields::texts(values), state);
    if cx.private(EXCHANGED).is_none()
        && let Some((kept, missing)) = labels.with_missing(state)
    {
        let detail = format!(
            "The official provider, which wrote the state, does not send custom attributes of resource pools and vApps to \
             vCenter: {title} has no value of {}. They are set with its next change.",
            missing.join(", ")
        );
        cx.warn(Labels::CUSTOM_ATTRIBUTES, "Custom attributes were never set", detail);
        return kept;
    }
    labels
}

/// Sets tags and custom attributes.
///
/// # Errors
/// What cannot be set.
pub(super) async fn apply_labels<R: Resource<Client = Vsphere>>(
    cx: &Cx<'_, R>,
    object: &MoRef,
    planned: &Labels,
    mut prior: Option<Labels>,
) -> Result<()> {
    if let Some(before) = &mut prior
        && cx.private(EXCHANGED).is_none()
    {
        before.custom_attributes = Value::Null;
    }
    planned.apply(cx.client(), object, prior.as_ref()).await?;
    note_exchange(cx);
    Ok(())
}

/// Notes that custom attributes of the state are those of the server.
pub(super) fn note_exchange<R: Resource>(cx: &Cx<'_, R>) {
    cx.set_private(EXCHANGED, true.into());
}

/// The attribute that a fault is about.
pub(super) fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::DuplicateName { .. } | FaultKind::InvalidName { .. } => Some(NAME),
        FaultKind::ManagedObjectNotFound { .. } => Some(PARENT),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(level: &str, shares: Value<i64>) -> Allocation {
        Allocation { cpu_share_level: level.into(), cpu_shares: shares, ..Allocation::default() }
    }

    /// Where the problems are.
    fn problems(config: &Allocation, planned: &Allocation, prior: Option<&Allocation>) -> Vec<String> {
        planned.check(config, prior).0.into_iter().map(|d| d.at.to_string()).collect()
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
        // The number that the level implies is accepted.
        let same = model("high", 8000.into());
        assert_eq!(problems(&same, &same, Some(&same)), ok);
        // Left out, the number stays.
        let (config, planned) = (model("custom", Value::Null), model("custom", 4000.into()));
        assert_eq!(problems(&config, &planned, Some(&planned)), ok);
    }

    #[test]
    fn another_level_brings_another_number() {
        let follows = |configured: Value<i64>, from: &str, to: &str| {
            follows_level(&configured, (&from.into(), &to.into()))
        };
        assert!(follows(Value::Null, "normal", "high"));
        assert!(!follows(Value::Null, "normal", "normal"));
        assert!(!follows(Value::Null, "normal", "custom"));
        assert!(!follows(4000.into(), "custom", "high"));
    }

    #[test]
    fn a_reservation_fits_below_the_limit() {
        let at = |reservation: i64, limit: i64| {
            let m = Allocation {
                memory_reservation: reservation.into(),
                memory_limit: limit.into(),
                ..Allocation::default()
            };
            m.validate().0.into_iter().map(|d| d.at.to_string()).collect::<Vec<_>>()
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
            assert_eq!(MoId::<moid::ResourcePool>::form(&id.into()).is_ok(), ok, "{id}");
        }
    }
}
