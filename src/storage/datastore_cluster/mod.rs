//! `vsphere_datastore_cluster`
pub mod data_source;
use crate::common::adopt::create_or_adopt_named;
use crate::common::labels::Labels;
use crate::common::moid::{self, MoId};
use crate::common::sent::{option_text, sent, sent_number};
use crate::common::{folders, lookup, names};
use crate::fault::{Doing, or_absent};
use crate::storage::common;
use crate::vsphere::Vsphere;
use std::collections::BTreeMap;
use tf_framework::{
    AttributePath, Cx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Timeouts, Value,
};
use vsphere_client::vim::types::{
    ArrayUpdateOperation, ArrayUpdateSpec, OptionValue, StorageDrsAutomationConfig,
    StorageDrsIoLoadBalanceConfig, StorageDrsOptionSpec, StorageDrsPodConfigInfo, StorageDrsPodConfigSpec,
    StorageDrsSpaceLoadBalanceConfig,
};
use vsphere_client::vim::xml::Any;
use vsphere_client::{ApiVersion, FaultKind, MoRef, custom_fields, readable, same_name};

/// Manages a datastore cluster and its Storage DRS settings.
///
/// Only changed settings are sent to vCenter. A datastore cluster that contains datastores is not destroyed: first move
/// the datastores out of it, for example by changing `datastore_cluster_id` of `vsphere_nas_datastore`.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_datastore_cluster", category = "Storage")]
pub struct DatastoreClusterModel {
    /// The managed object ID of the datastore cluster, such as `group-p12`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the datastore cluster. Changing this renames the datastore cluster.
    #[tf(required, length(1, 80), same = names::same)]
    pub name: Value<String>,
    /// The managed object ID of the datacenter, such as `datacenter-3`.
    #[tf(required, force_new, form = lookup::datacenter_id)]
    pub datacenter_id: Value<String>,
    /// The path of the folder of the datastore cluster, relative to the datastore folder of the datacenter. Defaults to
    /// the root datastore folder. Changing this moves the datastore cluster.
    #[tf(optional, same = names::same_path, check = folders::below)]
    pub folder: Value<String>,
    /// Whether to enable Storage DRS.
    #[tf(optional, default = false)]
    pub sdrs_enabled: Value<bool>,
    /// The default Storage DRS automation level: `manual` (Storage DRS makes migration recommendations) or `automated`
    /// (Storage DRS migrates files automatically).
    #[tf(optional, default = MANUAL, one_of(MANUAL, AUTOMATED))]
    pub sdrs_automation_level: Value<String>,
    /// The automation level for space load balancing: `manual` or `automated`. Defaults to `sdrs_automation_level`.
    #[tf(optional, one_of(MANUAL, AUTOMATED))]
    pub sdrs_space_balance_automation_level: Value<String>,
    /// The automation level for I/O load balancing: `manual` or `automated`. Defaults to `sdrs_automation_level`.
    #[tf(optional, one_of(MANUAL, AUTOMATED))]
    pub sdrs_io_balance_automation_level: Value<String>,
    /// The automation level for affinity rule enforcement: `manual` or `automated`. Defaults to
    /// `sdrs_automation_level`.
    #[tf(optional, one_of(MANUAL, AUTOMATED))]
    pub sdrs_rule_enforcement_automation_level: Value<String>,
    /// The automation level for storage policy enforcement: `manual` or `automated`. Defaults to
    /// `sdrs_automation_level`.
    #[tf(optional, one_of(MANUAL, AUTOMATED))]
    pub sdrs_policy_enforcement_automation_level: Value<String>,
    /// The automation level for virtual machine evacuation from datastores: `manual` or `automated`. Defaults to
    /// `sdrs_automation_level`.
    #[tf(optional, one_of(MANUAL, AUTOMATED))]
    pub sdrs_vm_evacuation_automation_level: Value<String>,
    /// Whether to enable I/O load balancing. vSphere 9.0 and later do not support I/O load balancing: on these
    /// versions, this attribute and all other attributes that begin with `sdrs_io_`, except for
    /// `sdrs_io_balance_automation_level`, are neither sent nor read.
    #[tf(optional, default = true)]
    pub sdrs_io_load_balance_enabled: Value<bool>,
    /// Whether to keep all disks of a virtual machine on the same datastore by default.
    /// `vsphere_storage_drs_vm_override` overrides this for a single virtual machine.
    #[tf(optional, default = true)]
    pub sdrs_default_intra_vm_affinity: Value<bool>,
    /// The I/O latency of a datastore, in milliseconds, above which Storage DRS recommends moving disks off the
    /// datastore.
    #[tf(optional, default = LATENCY, range(5, 100))]
    pub sdrs_io_latency_threshold: Value<i64>,
    /// The difference in I/O load between datastores, from 1 to 100, above which Storage DRS balances the load. A
    /// smaller value results in more migrations.
    #[tf(optional, default = DIFFERENCE, range(1, 100))]
    pub sdrs_io_load_imbalance_threshold: Value<i64>,
    /// The total reserved IOPS on a datastore above which Storage DRS recommends moving virtual machines off the
    /// datastore. Used only if `sdrs_io_reservable_threshold_mode` is `manual`.
    #[tf(optional)]
    pub sdrs_io_reservable_iops_threshold: Value<i64>,
    /// The total reserved IOPS on a datastore, as a percentage of the estimated performance of the datastore, above
    /// which Storage DRS recommends moving virtual machines off the datastore. Used only if
    /// `sdrs_io_reservable_threshold_mode` is `automated`.
    #[tf(optional, default = RESERVABLE, range(30, 100))]
    pub sdrs_io_reservable_percent_threshold: Value<i64>,
    /// The threshold for reserved IOPS to use: `automated` for `sdrs_io_reservable_percent_threshold`, or `manual` for
    /// `sdrs_io_reservable_iops_threshold`.
    #[tf(optional, default = AUTOMATED, one_of(MANUAL, AUTOMATED))]
    pub sdrs_io_reservable_threshold_mode: Value<String>,
    /// The interval between load balancing checks, in minutes.
    #[tf(optional, default = INTERVAL, range(60, 2_505_600))]
    pub sdrs_load_balance_interval: Value<i64>,
    /// The free space of a datastore, in GB, below which Storage DRS recommends moving virtual machines off the
    /// datastore. Used only if `sdrs_free_space_threshold_mode` is `freeSpace`.
    #[tf(optional, default = FREE_SPACE, at_least = 1)]
    pub sdrs_free_space_threshold: Value<i64>,
    /// The space threshold to use: `utilization` for `sdrs_space_utilization_threshold`, or `freeSpace` for
    /// `sdrs_free_space_threshold`.
    #[tf(optional, default = UTILIZATION, one_of(UTILIZATION, BY_FREE_SPACE))]
    pub sdrs_free_space_threshold_mode: Value<String>,
    /// The minimum difference in space utilization between datastores, in percent, for Storage DRS to balance the
    /// space.
    #[tf(optional, default = DIFFERENCE, range(1, 50))]
    pub sdrs_free_space_utilization_difference: Value<i64>,
    /// The space utilization of a datastore, in percent, above which Storage DRS recommends moving virtual machines off
    /// the datastore. vSphere accepts 50 to 100. Used only if `sdrs_free_space_threshold_mode` is `utilization`.
    #[tf(optional, default = USED_SPACE, at_least = 1)]
    pub sdrs_space_utilization_threshold: Value<i64>,
    /// Advanced options of Storage DRS, by name. Options that the configuration does not declare are not managed.
    #[tf(optional)]
    pub sdrs_advanced_options: Value<BTreeMap<String, String>>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub labels: Labels,
    /// Timeouts for operations. An omitted timeout defaults to the provider's `api_timeout`, which is 5 minutes by
    /// default.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

type M = DatastoreClusterModel;

const MANUAL: &str = "manual";
const AUTOMATED: &str = "automated";
const UTILIZATION: &str = "utilization";
const BY_FREE_SPACE: &str = "freeSpace";
const LATENCY: i64 = 15;
const DIFFERENCE: i64 = 5;
const RESERVABLE: i64 = 60;
const INTERVAL: i64 = 480;
const FREE_SPACE: i64 = 50;
const USED_SPACE: i64 = 80;

/// The attributes of the settings, by the names that faults have for them.
const SETTINGS: [(&str, Field); 19] = [
    ("enabled", M::SDRS_ENABLED),
    ("ioLoadBalanceEnabled", M::SDRS_IO_LOAD_BALANCE_ENABLED),
    ("defaultVmBehavior", M::SDRS_AUTOMATION_LEVEL),
    ("loadBalanceInterval", M::SDRS_LOAD_BALANCE_INTERVAL),
    ("defaultIntraVmAffinity", M::SDRS_DEFAULT_INTRA_VM_AFFINITY),
    ("spaceThresholdMode", M::SDRS_FREE_SPACE_THRESHOLD_MODE),
    ("spaceUtilizationThreshold", M::SDRS_SPACE_UTILIZATION_THRESHOLD),
    ("freeSpaceThresholdGB", M::SDRS_FREE_SPACE_THRESHOLD),
    ("minSpaceUtilizationDifference", M::SDRS_FREE_SPACE_UTILIZATION_DIFFERENCE),
    ("reservablePercentThreshold", M::SDRS_IO_RESERVABLE_PERCENT_THRESHOLD),
    ("reservableIopsThreshold", M::SDRS_IO_RESERVABLE_IOPS_THRESHOLD),
    ("reservableThresholdMode", M::SDRS_IO_RESERVABLE_THRESHOLD_MODE),
    ("ioLatencyThreshold", M::SDRS_IO_LATENCY_THRESHOLD),
    ("ioLoadImbalanceThreshold", M::SDRS_IO_LOAD_IMBALANCE_THRESHOLD),
    ("spaceLoadBalanceAutomationMode", M::SDRS_SPACE_BALANCE_AUTOMATION_LEVEL),
    ("ioLoadBalanceAutomationMode", M::SDRS_IO_BALANCE_AUTOMATION_LEVEL),
    ("ruleEnforcementAutomationMode", M::SDRS_RULE_ENFORCEMENT_AUTOMATION_LEVEL),
    ("policyEnforcementAutomationMode", M::SDRS_POLICY_ENFORCEMENT_AUTOMATION_LEVEL),
    ("vmEvacuationAutomationMode", M::SDRS_VM_EVACUATION_AUTOMATION_LEVEL),
];

/// The resource.
#[derive(Debug, Default)]
pub struct DatastoreCluster;

/// Whether a server balances input and output.
fn balances_io(version: ApiVersion) -> bool {
    version < ApiVersion::new([9, 0, 0, 0])
}

fn text(v: &Value<String>) -> Option<String> {
    v.non_empty().cloned()
}

fn number(v: &Value<i64>) -> Option<i32> {
    v.known().and_then(|n| i32::try_from(*n).ok())
}

/// The changes of options; `before` are those of the state. Pure.
fn options(now: &BTreeMap<String, String>, before: &BTreeMap<String, String>) -> Vec<StorageDrsOptionSpec> {
    let set = now.iter().filter(|(key, value)| before.get(*key) != Some(*value)).map(|(key, value)| {
        let edit = before.contains_key(key);
        let operation = if edit { ArrayUpdateOperation::Edit } else { ArrayUpdateOperation::Add };
        let option = OptionValue { key: key.clone(), value: Some(Any::String(value.clone())) };
        StorageDrsOptionSpec {
            base: ArrayUpdateSpec { operation, remove_key: None },
            option: Some(Box::new(option)),
        }
    });
    let removed = before.keys().filter(|key| !now.contains_key(*key)).map(|key| StorageDrsOptionSpec {
        base: ArrayUpdateSpec {
            operation: ArrayUpdateOperation::Remove,
            remove_key: Some(Any::String(key.clone())),
        },
        option: None,
    });
    set.chain(removed).collect()
}

impl M {
    fn object(&self) -> MoRef {
        MoId::<moid::DatastoreCluster>::object(self.id.as_str())
    }

    fn datacenter(&self) -> MoRef {
        MoId::<moid::Datacenter>::object(self.datacenter_id.as_str())
    }

    /// A sentence part.
    fn title(&self) -> String {
        format!("the datastore cluster {:?}", self.name.as_str())
    }

    fn space(&self) -> StorageDrsSpaceLoadBalanceConfig {
        StorageDrsSpaceLoadBalanceConfig {
            space_threshold_mode: text(&self.sdrs_free_space_threshold_mode),
            space_utilization_threshold: number(&self.sdrs_space_utilization_threshold),
            free_space_threshold_gb: number(&self.sdrs_free_space_threshold),
            min_space_utilization_difference: number(&self.sdrs_free_space_utilization_difference),
        }
    }

    fn io(&self) -> StorageDrsIoLoadBalanceConfig {
        StorageDrsIoLoadBalanceConfig {
            reservable_percent_threshold: number(&self.sdrs_io_reservable_percent_threshold),
            reservable_iops_threshold: number(&self.sdrs_io_reservable_iops_threshold).filter(|n| *n != 0),
            reservable_threshold_mode: text(&self.sdrs_io_reservable_threshold_mode),
            io_latency_threshold: number(&self.sdrs_io_latency_threshold),
            io_load_imbalance_threshold: number(&self.sdrs_io_load_imbalance_threshold),
        }
    }

    fn automation(&self) -> StorageDrsAutomationConfig {
        StorageDrsAutomationConfig {
            space_load_balance_automation_mode: text(&self.sdrs_space_balance_automation_level),
            io_load_balance_automation_mode: text(&self.sdrs_io_balance_automation_level),
            rule_enforcement_automation_mode: text(&self.sdrs_rule_enforcement_automation_level),
            policy_enforcement_automation_mode: text(&self.sdrs_policy_enforcement_automation_level),
            vm_evacuation_automation_mode: text(&self.sdrs_vm_evacuation_automation_level),
        }
    }

    /// The settings that differ from those of `prior`, or all of a new datastore cluster; nothing where none differs. What
    /// vSphere has in one object is sent as a whole, because the defaults replace what is left out of it. Pure.
    fn settings(&self, prior: Option<&Self>, balances_io: bool) -> Option<StorageDrsPodConfigSpec> {
        let space = Some(self.space()).filter(|now| prior.is_none_or(|p| p.space() != *now));
        let io = Some(self.io()).filter(|now| balances_io && prior.is_none_or(|p| p.io() != *now));
        let before = prior.map_or_else(StorageDrsAutomationConfig::default, M::automation);
        let automation = Some(self.automation()).filter(|now| before != *now);
        let io_enabled = sent(prior, self, |m| &m.sdrs_io_load_balance_enabled);
        let declared = |m: &Self| m.sdrs_advanced_options.get();
        let spec = StorageDrsPodConfigSpec {
            enabled: sent(prior, self, |m| &m.sdrs_enabled),
            io_load_balance_enabled: io_enabled.filter(|_| balances_io),
            default_vm_behavior: sent(prior, self, |m| &m.sdrs_automation_level),
            load_balance_interval: sent_number(prior, self, |m| &m.sdrs_load_balance_interval),
            default_intra_vm_affinity: sent(prior, self, |m| &m.sdrs_default_intra_vm_affinity),
            space_load_balance_config: space.map(Box::new),
            io_load_balance_config: io.map(Box::new),
            automation_overrides: automation.map(Box::new),
            option: options(&declared(self), &prior.map(declared).unwrap_or_default()),
            ..StorageDrsPodConfigSpec::default()
        };
        (spec != StorageDrsPodConfigSpec::default()).then_some(spec)
    }

    /// With what the server returns. Of two thresholds, the server uses one: the other is what the state has. Pure.
    fn observed(self, seen: &StorageDrsPodConfigInfo, balances_io: bool) -> Self {
        let imported = self.name.is_null();
        let or = |v: &Value<i64>, seen: Option<i32>, default: i64| match v {
            Value::Null => seen.map_or(default, i64::from).into(),
            state => *state,
        };
        let read = |v: &Value<i64>, seen: Option<i32>, default: i64| match seen {
            Some(n) => i64::from(n).into(),
            None => or(v, None, default),
        };
        let space = seen.space_load_balance_config.as_deref().cloned().unwrap_or_default();
        let by_free_space = space.space_threshold_mode.as_deref() == Some(BY_FREE_SPACE);
        let (used, free) = (&self.sdrs_space_utilization_threshold, &self.sdrs_free_space_threshold);
        let used_seen = space.space_utilization_threshold;
        let free_seen = space.free_space_threshold_gb;
        let (used, free) = if by_free_space {
            (or(used, used_seen, USED_SPACE), read(free, free_seen, FREE_SPACE))
        } else {
            (read(used, used_seen, USED_SPACE), or(free, free_seen, FREE_SPACE))
        };
        let io = seen.io_load_balance_config.as_deref().filter(|_| balances_io).cloned().unwrap_or_default();
        let by_iops = io.reservable_threshold_mode.as_deref() == Some(MANUAL);
        let percent = &self.sdrs_io_reservable_percent_threshold;
        let percent_seen = io.reservable_percent_threshold;
        let percent = if by_iops {
            or(percent, percent_seen, RESERVABLE)
        } else {
            read(percent, percent_seen, RESERVABLE)
        };
        let iops = io.reservable_iops_threshold.filter(|_| by_iops);
        let mode = |v: &Value<String>, seen: &Option<String>, default: &str| match (seen, v) {
            (Some(seen), _) => seen.clone().into(),
            (None, Value::Null) => default.into(),
            (None, state) => state.clone(),
        };
        let overrides = seen.automation_overrides.as_deref().cloned().unwrap_or_default();
        let io_enabled = match &self.sdrs_io_load_balance_enabled {
            state if !balances_io && !state.is_null() => *state,
            _ if !balances_io => true.into(),
            _ => seen.io_load_balance_enabled.into(),
        };
        let all = seen.option.iter().map(|o| (o.key.clone(), option_text(o)));
        let declared = self.sdrs_advanced_options.get();
        let options: BTreeMap<_, _> = all.filter(|(key, _)| imported || declared.contains_key(key)).collect();
        Self {
            sdrs_enabled: seen.enabled.into(),
            sdrs_automation_level: seen.default_vm_behavior.clone().into(),
            sdrs_space_balance_automation_level: overrides.space_load_balance_automation_mode.into(),
            sdrs_io_balance_automation_level: overrides.io_load_balance_automation_mode.into(),
            sdrs_rule_enforcement_automation_level: overrides.rule_enforcement_automation_mode.into(),
            sdrs_policy_enforcement_automation_level: overrides.policy_enforcement_automation_mode.into(),
            sdrs_vm_evacuation_automation_level: overrides.vm_evacuation_automation_mode.into(),
            sdrs_io_load_balance_enabled: io_enabled,
            sdrs_default_intra_vm_affinity: seen.default_intra_vm_affinity.unwrap_or(true).into(),
            sdrs_io_latency_threshold: read(
                &self.sdrs_io_latency_threshold,
                io.io_latency_threshold,
                LATENCY,
            ),
            sdrs_io_load_imbalance_threshold: read(
                &self.sdrs_io_load_imbalance_threshold,
                io.io_load_imbalance_threshold,
                DIFFERENCE,
            ),
            sdrs_io_reservable_iops_threshold: match iops {
                Some(n) => i64::from(n).into(),
                None => self.sdrs_io_reservable_iops_threshold,
            },
            sdrs_io_reservable_percent_threshold: percent,
            sdrs_io_reservable_threshold_mode: mode(
                &self.sdrs_io_reservable_threshold_mode,
                &io.reservable_threshold_mode,
                AUTOMATED,
            ),
            sdrs_load_balance_interval: read(
                &self.sdrs_load_balance_interval,
                seen.load_balance_interval,
                INTERVAL,
            ),
            sdrs_free_space_threshold: free,
            sdrs_free_space_threshold_mode: mode(
                &self.sdrs_free_space_threshold_mode,
                &space.space_threshold_mode,
                UTILIZATION,
            ),
            sdrs_free_space_utilization_difference: read(
                &self.sdrs_free_space_utilization_difference,
                space.min_space_utilization_difference,
                DIFFERENCE,
            ),
            sdrs_space_utilization_threshold: used,
            sdrs_advanced_options: Some(options).filter(|o| !o.is_empty()).into(),
            ..self
        }
    }
}

/// Sends the settings that a plan changes.
async fn configure(cx: &Cx<'_, DatastoreCluster>, prior: Option<&M>, plan: &M) -> Result<()> {
    let vsphere = cx.client();
    let Some(settings) = plan.settings(prior, balances_io(vsphere.api.api_version())) else { return Ok(()) };
    let timeout = cx.timeout(vsphere.timeout);
    let done = vsphere.api.storage_pods().configure(&plan.object(), settings, timeout, cx.cancel()).await;
    done.doing_to(format!("configure Storage DRS of {}", plan.title()), blame)
}

impl Resource for DatastoreCluster {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str =
        "the inventory path, such as /dc1/datastore/ssd, or by the managed object ID, such as group-p12";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        Labels::plan(cx, "StoragePod", planned).await?;
        let Some(vsphere) = cx.client.filter(|_| cx.changed || cx.prior.is_none()) else { return Ok(()) };
        if (cx.prior.is_none() || cx.is_replacement())
            && let Some(id) = planned.datacenter_id.known()
            && let Err(e) = vsphere.api.datacenters().folders(&planned.datacenter()).await
            && e.is_not_found()
        {
            return Err(lookup::no_datacenter(id));
        }
        if cx.is_replacement() {
            return Ok(());
        }
        let found = planned.labels.check(vsphere, "StoragePod", cx.prior.map(|p| &p.labels)).await;
        cx.finish(found)
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        plan.labels.before_create(vsphere, "StoragePod").await?;
        let parent = common::folder(vsphere, &plan.datacenter(), plan.folder.as_str(), M::FOLDER).await?;
        let name = plan.name.as_str();
        let look = || async {
            let child = vsphere.api.find().child(&parent, name).await?;
            Ok(child.filter(|c| &*c.ty == "StoragePod"))
        };
        let make = async { vsphere.api.storage_pods().create(&parent, name).await };
        let made = create_or_adopt_named(cx, &plan.title(), look, make).await;
        let made = made.doing_to(format!("create {}", plan.title()), blame)?;
        let plan = M { id: made.id.to_string().into(), ..plan };
        cx.checkpoint(&plan);
        configure(cx, None, &plan).await?;
        plan.labels.apply(vsphere, &made, None).await?;
        Ok(plan)
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let (vsphere, object) = (cx.client(), state.object());
        let doing = || format!("read {}", state.title());
        let pods = vsphere.api.storage_pods();
        let (read, carried) = futures_util::join!(pods.get(&object), Labels::read_tags(vsphere, &object));
        let read = match read {
            Err(e) if e.is_not_found() => return Ok(None),
            read => read.doing(doing())?,
        };
        let values = custom_fields::texts(&read.custom_values);
        let labels = Labels::of(&carried?, &values, &state.labels);
        let folder = folders::path(vsphere, read.parent.as_ref()).await?;
        let datacenter = vsphere.api.find().datacenter_of(&object).await.doing(doing())?;
        let state = state.observed(&read.drs.pod_config, balances_io(vsphere.api.api_version()));
        Ok(Some(M {
            id: object.id.to_string().into(),
            name: readable(&read.name).into_owned().into(),
            datacenter_id: datacenter.map(|d| d.id.to_string()).into(),
            folder: folder.into(),
            labels,
            ..state
        }))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let (vsphere, object) = (cx.client(), plan.object());
        if names::resolved(prior.folder.as_str()) != names::resolved(plan.folder.as_str()) {
            let to = common::folder(vsphere, &plan.datacenter(), plan.folder.as_str(), M::FOLDER).await?;
            folders::move_into(cx, &object, &to, prior.title(), M::FOLDER).await?;
        }
        if !same_name(prior.name.as_str(), plan.name.as_str()) {
            folders::rename(cx, &object, plan.name.as_str(), prior.title(), M::NAME).await?;
        }
        configure(cx, Some(&prior), &plan).await?;
        plan.labels.apply(vsphere, &object, Some(&prior.labels)).await?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let (vsphere, object) = (cx.client(), state.object());
        let inside = match vsphere.api.folders().children(&object).await {
            Err(e) if e.is_not_found() => return Ok(()),
            inside => inside.doing(format!("list what is in {}", state.title()))?,
        };
        if !inside.is_empty() {
            let detail = format!(
                "vSphere would move its datastores to the folder above. It contains\n{}\nMove or remove them first.",
                lookup::contents(&inside)
            );
            let summary = format!("Datastore cluster {:?} is not empty", state.name.as_str());
            return Err(Diagnostics::error(AttributePath::root(), summary, detail));
        }
        let timeout = cx.timeout(vsphere.timeout);
        let done = or_absent(vsphere.api.entities().destroy(&object, timeout, cx.cancel()).await);
        done.doing(format!("delete {}", state.title()))
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let object = lookup::imported(cx.client(), id, "StoragePod").await?;
        Ok(M { id: object.id.to_string().into(), ..M::default() })
    }
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::DuplicateName { .. } | FaultKind::InvalidName { .. } => Some(M::NAME),
        FaultKind::InvalidArgument { property: Some(property) } => {
            let last = property.rsplit('.').next().unwrap_or_default();
            SETTINGS.iter().find(|(name, _)| *name == last).map(|(_, field)| *field)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A plan with the defaults, which an import of a server that returns nothing has, too.
    fn defaults() -> M {
        let seen = StorageDrsPodConfigInfo {
            default_vm_behavior: MANUAL.to_owned(),
            io_load_balance_enabled: true,
            ..StorageDrsPodConfigInfo::default()
        };
        M::default().observed(&seen, true)
    }

    fn info(spec: &StorageDrsPodConfigSpec) -> StorageDrsPodConfigInfo {
        StorageDrsPodConfigInfo {
            enabled: spec.enabled.unwrap_or_default(),
            io_load_balance_enabled: spec.io_load_balance_enabled.unwrap_or_default(),
            default_vm_behavior: spec.default_vm_behavior.clone().unwrap_or_default(),
            load_balance_interval: spec.load_balance_interval,
            default_intra_vm_affinity: spec.default_intra_vm_affinity,
            space_load_balance_config: spec.space_load_balance_config.clone(),
            io_load_balance_config: spec.io_load_balance_config.clone(),
            automation_overrides: spec.automation_overrides.clone(),
            option: spec.option.iter().filter_map(|o| o.option.as_deref().cloned()).collect(),
            ..StorageDrsPodConfigInfo::default()
        }
    }

    fn all() -> M {
        M {
            name: "ssd".into(),
            sdrs_enabled: true.into(),
            sdrs_automation_level: AUTOMATED.into(),
            sdrs_io_balance_automation_level: MANUAL.into(),
            sdrs_vm_evacuation_automation_level: AUTOMATED.into(),
            sdrs_io_load_balance_enabled: false.into(),
            sdrs_default_intra_vm_affinity: false.into(),
            sdrs_io_latency_threshold: 20.into(),
            sdrs_io_reservable_iops_threshold: 900.into(),
            sdrs_io_reservable_threshold_mode: MANUAL.into(),
            sdrs_load_balance_interval: 60.into(),
            sdrs_free_space_threshold: 70.into(),
            sdrs_free_space_threshold_mode: BY_FREE_SPACE.into(),
            sdrs_advanced_options: Value::Known([("a".to_owned(), "1".to_owned())].into()),
            ..defaults()
        }
    }

    #[test]
    fn settings_are_read_as_they_were_sent() {
        for plan in [M { name: "ssd".into(), ..defaults() }, all()] {
            let sent = plan.settings(None, true).unwrap();
            assert_eq!(plan.clone().observed(&info(&sent), true), plan);
            assert_eq!(plan.settings(Some(&plan), true), None);
        }
    }

    #[test]
    fn only_changed_settings_are_sent() {
        let plan = M { sdrs_enabled: false.into(), sdrs_free_space_threshold: 71.into(), ..all() };
        let sent = plan.settings(Some(&all()), true).unwrap();
        let expected = StorageDrsPodConfigSpec {
            enabled: Some(false),
            space_load_balance_config: Some(Box::new(plan.space())),
            ..StorageDrsPodConfigSpec::default()
        };
        assert_eq!(sent, expected);
        // An override is cleared by the whole object without it.
        let plan = M { sdrs_io_balance_automation_level: Value::Null, ..all() };
        let sent = plan.settings(Some(&all()), true).unwrap();
        let overrides = sent.automation_overrides.as_deref().cloned().unwrap();
        assert_eq!(overrides.io_load_balance_automation_mode, None);
        assert_eq!(overrides.vm_evacuation_automation_mode.as_deref(), Some(AUTOMATED));
        assert_eq!(sent.enabled, None);
    }

    #[test]
    fn vsphere_9_has_no_balance_of_input_and_output() {
        let sent = all().settings(None, false).unwrap();
        assert_eq!((sent.io_load_balance_enabled, sent.io_load_balance_config), (None, None));
        let seen = StorageDrsPodConfigInfo { default_vm_behavior: MANUAL.into(), ..Default::default() };
        let (state, read) = (all(), all().observed(&seen, false));
        assert_eq!(read.sdrs_io_latency_threshold, state.sdrs_io_latency_threshold);
        assert_eq!(read.sdrs_io_load_balance_enabled, state.sdrs_io_load_balance_enabled);
        assert_eq!(M::default().observed(&seen, false).sdrs_io_load_balance_enabled, true.into());
    }

    #[test]
    fn options_that_are_not_declared_are_left_alone() {
        let map =
            |all: &[(&str, &str)]| all.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let specs = options(&map(&[("a", "2"), ("c", "3")]), &map(&[("a", "1"), ("b", "1")]));
        let short: Vec<_> =
            specs.iter().map(|s| (s.operation.as_str().to_owned(), s.remove_key.clone())).collect();
        assert_eq!(
            short,
            [
                ("edit".to_owned(), None),
                ("add".to_owned(), None),
                ("remove".to_owned(), Some(Any::String("b".into())))
            ]
        );
        let seen = StorageDrsPodConfigInfo {
            option: [("a", Any::Int(1)), ("z", Any::Bool(true))]
                .map(|(key, value)| OptionValue { key: key.into(), value: Some(value) })
                .to_vec(),
            ..StorageDrsPodConfigInfo::default()
        };
        let of = |m: M| m.observed(&seen, true).sdrs_advanced_options.get();
        assert_eq!(of(all()), map(&[("a", "1")]));
        assert_eq!(of(M::default()), map(&[("a", "1"), ("z", "true")]));
    }

    #[test]
    fn a_fault_names_the_attribute() {
        let fault = |p: &str| blame(&FaultKind::InvalidArgument { property: Some(p.to_owned()) });
        let at = "spec.podConfigSpec.ioLoadBalanceConfig.ioLatencyThreshold";
        assert_eq!(fault(at), Some(M::SDRS_IO_LATENCY_THRESHOLD));
        assert_eq!(fault("spec.other"), None);
    }
}
