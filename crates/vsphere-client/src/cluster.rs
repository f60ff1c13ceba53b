//! `ClusterComputeResource`: groups, rules, and what single virtual machines have of their own.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use vim_types::methods::{
    ConfigureEvcModeTask, CreateClusterEx, DisableEvcModeTask, EvcManager, MoveIntoTask,
    ReconfigureComputeResourceTask,
};
use vim_types::types::{
    ArrayUpdateOperation, ArrayUpdateSpec, ClusterConfigInfoEx, ClusterConfigSpecEx, ClusterDasVmConfigInfo,
    ClusterDasVmConfigSpec, ClusterDpmHostConfigInfo, ClusterDpmHostConfigSpec, ClusterDrsVmConfigInfo,
    ClusterDrsVmConfigSpec, ClusterGroupInfoKind, ClusterGroupSpec, ClusterRuleInfo, ClusterRuleInfoKind,
    ClusterRuleSpec, ClusterVmOrchestrationInfo, ClusterVmOrchestrationSpec, ComputeResourceConfigInfoKind,
    ComputeResourceSummaryKind, CustomFieldValueKind,
};
use vim_types::xml::{Any, MoRef};

use crate::client::Client;
use crate::error::{Error, Result};
use crate::snapshot::Snapshots;

crate::properties! {
    struct Read of "ClusterComputeResource" {
        name: String = "name",
        parent: Option<MoRef> = "parent",
        hosts: Vec<MoRef> = "host",
        configuration: ComputeResourceConfigInfoKind = "configurationEx",
    }
}

crate::properties! {
    /// What a cluster is and how its services are set.
    pub struct Settings of "ClusterComputeResource" {
        /// The name, escaped as vSphere does.
        pub name: String = "name",
        /// The folder that contains it.
        pub parent: Option<MoRef> = "parent",
        /// The hosts.
        pub hosts: Vec<MoRef> = "host",
        /// The root resource pool.
        pub resource_pool: Option<MoRef> = "resourcePool",
        /// DRS, HA, DPM and the other services.
        pub configuration: ComputeResourceConfigInfoKind = "configurationEx",
        /// Its state; [`evc_mode`](Settings::evc_mode) is in it.
        pub summary: Option<ComputeResourceSummaryKind> = "summary",
        /// The values of custom fields.
        pub custom_values: Vec<CustomFieldValueKind> = "customValue",
    }
}

impl Settings {
    /// The key of the EVC mode, such as `intel-skylake`; empty without one.
    pub fn evc_mode(&self) -> &str {
        match &self.summary {
            Some(ComputeResourceSummaryKind::ClusterComputeResourceSummary(s)) => {
                s.current_evc_mode_key.as_deref().unwrap_or_default()
            }
            _ => "",
        }
    }

    /// The configuration of the services.
    pub fn config(&self) -> Option<&ClusterConfigInfoEx> {
        match &self.configuration {
            ComputeResourceConfigInfoKind::ClusterConfigInfoEx(config) => Some(config),
            _ => None,
        }
    }
}

/// A cluster, and how it is configured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cluster {
    /// The name, escaped as vSphere does.
    pub name: String,
    /// The hosts.
    pub hosts: Vec<MoRef>,
    /// Groups of virtual machines and of hosts; their names are unique in the cluster.
    pub groups: Vec<ClusterGroupInfoKind>,
    /// Rules; the server gives each a key.
    pub rules: Vec<ClusterRuleInfoKind>,
    /// What single virtual machines have of their own for DRS.
    pub drs_overrides: Vec<ClusterDrsVmConfigInfo>,
    /// What single virtual machines have of their own for HA.
    pub ha_overrides: Vec<ClusterDasVmConfigInfo>,
    /// When single virtual machines are ready, for the restart of others by HA.
    pub readiness_overrides: Vec<ClusterVmOrchestrationInfo>,
    /// What single hosts have of their own for DPM.
    pub dpm_overrides: Vec<ClusterDpmHostConfigInfo>,
}

impl Cluster {
    /// The group of that name.
    pub fn group(&self, name: &str) -> Option<&ClusterGroupInfoKind> {
        self.groups.iter().find(|g| g.base().is_some_and(|g| g.name == name))
    }
}

/// What a rule has in common with others, and the rule.
fn with_heads(
    rules: &[ClusterRuleInfoKind],
) -> impl Iterator<Item = (&ClusterRuleInfo, &ClusterRuleInfoKind)> {
    rules.iter().filter_map(|r| Some((r.base()?, r)))
}

/// The rule of that key.
pub fn rule(rules: &[ClusterRuleInfoKind], key: i32) -> Option<&ClusterRuleInfoKind> {
    with_heads(rules).find(|(head, _)| head.key == Some(key)).map(|(_, rule)| rule)
}

/// The rules of that name, the newest first: keys are given in order.
pub fn rules_named<'a>(rules: &'a [ClusterRuleInfoKind], name: &str) -> Vec<&'a ClusterRuleInfoKind> {
    let mut found: Vec<_> =
        with_heads(rules).filter(|(head, _)| head.name.as_deref() == Some(name)).collect();
    found.sort_by_key(|(head, _)| std::cmp::Reverse(head.key));
    found.into_iter().map(|(_, rule)| rule).collect()
}

/// What a list is once a change of it is made.
pub(crate) fn put<T: Clone, K: PartialEq>(
    all: &mut Vec<T>,
    update: &Update<T, K>,
    key: impl Fn(&T) -> Option<K>,
) {
    match update {
        Update::Add(info) => all.push(info.clone()),
        Update::Edit(info) => {
            let same = |other: &&mut T| key(other).is_some() && key(other) == key(info);
            if let Some(old) = all.iter_mut().find(same) {
                *old = info.clone();
            }
        }
        Update::Remove(k) => all.retain(|other| key(other).as_ref() != Some(k)),
    }
}

impl Cluster {
    /// What the cluster is once a change is made. A rule that is new has no key yet.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Group(update) => put(&mut self.groups, update, |g| Some(g.base()?.name.clone())),
            Change::Rule(update) => put(&mut self.rules, update, |r| r.base()?.key),
            Change::Drs(update) => put(&mut self.drs_overrides, update, |o| Some(o.key.clone())),
            Change::Ha(update) => put(&mut self.ha_overrides, update, |o| Some(o.key.clone())),
            Change::Readiness(update) => {
                put(&mut self.readiness_overrides, update, |o| Some(o.vm.clone()));
            }
            Change::Dpm(update) => put(&mut self.dpm_overrides, update, |o| Some(o.key.clone())),
        }
    }
}

impl From<Read> for Cluster {
    fn from(read: Read) -> Self {
        let config = match read.configuration {
            ComputeResourceConfigInfoKind::ClusterConfigInfoEx(config) => *config,
            _ => ClusterConfigInfoEx::default(),
        };
        Cluster {
            name: read.name,
            hosts: read.hosts,
            groups: config.group,
            rules: config.rule,
            drs_overrides: config.drs_vm_config,
            ha_overrides: config.das_vm_config,
            readiness_overrides: config.vm_orchestration,
            dpm_overrides: config.dpm_host_config,
        }
    }
}

/// A change of one element of a list; what is not named stays.
#[derive(Clone, Debug, PartialEq)]
pub enum Update<T, K> {
    /// A new element.
    Add(T),
    /// The element that has the key of this one becomes this one.
    Edit(T),
    /// The element of that key goes.
    Remove(K),
}

impl<T, K> Update<T, K> {
    /// The parts that every such spec has.
    pub(crate) fn into_parts(self, key: impl FnOnce(K) -> Any) -> (ArrayUpdateSpec, Option<T>) {
        let spec = |operation, remove_key| ArrayUpdateSpec { operation, remove_key };
        match self {
            Update::Add(info) => (spec(ArrayUpdateOperation::Add, None), Some(info)),
            Update::Edit(info) => (spec(ArrayUpdateOperation::Edit, None), Some(info)),
            Update::Remove(k) => (spec(ArrayUpdateOperation::Remove, Some(key(k))), None),
        }
    }
}

/// One change of a cluster.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Of a group, by name.
    Group(Update<ClusterGroupInfoKind, String>),
    /// Of a rule, by key.
    Rule(Update<ClusterRuleInfoKind, i32>),
    /// Of what a virtual machine has of its own for DRS.
    Drs(Update<ClusterDrsVmConfigInfo, MoRef>),
    /// Of what a virtual machine has of its own for HA.
    Ha(Update<ClusterDasVmConfigInfo, MoRef>),
    /// Of when a virtual machine is ready, for the restart of others by HA.
    Readiness(Update<ClusterVmOrchestrationInfo, MoRef>),
    /// Of what a host has of its own for DPM.
    Dpm(Update<ClusterDpmHostConfigInfo, MoRef>),
}

impl Change {
    /// Whether it writes a list of which only some members are meant: what others have put there meanwhile is lost.
    pub fn is_whole(&self) -> bool {
        matches!(self, Change::Group(Update::Edit(_)))
    }

    /// The group that it makes or edits, and whether it makes it.
    fn group(&mut self) -> Option<(&mut ClusterGroupInfoKind, bool)> {
        match self {
            Change::Group(Update::Add(group)) => Some((group, true)),
            Change::Group(Update::Edit(group)) => Some((group, false)),
            _ => None,
        }
    }
}

/// Adds a change to those that go together: of each group there may be one, and the later one knows of the earlier.
pub fn join(changes: &mut Vec<Change>, mut change: Change) {
    if let Some((group, false)) = change.group() {
        let name = group.base().map(|g| g.name.clone());
        let of_it =
            |(other, _): &(&mut ClusterGroupInfoKind, bool)| other.base().map(|g| g.name.clone()) == name;
        if let Some((earlier, _)) = changes.iter_mut().filter_map(Change::group).find(of_it) {
            *earlier = group.clone();
            return;
        }
    }
    changes.push(change);
}

/// The spec that is sent to the server for a list of changes.
fn spec(changes: Vec<Change>) -> ClusterConfigSpecEx {
    let mut spec = ClusterConfigSpecEx::default();
    for change in changes {
        match change {
            Change::Group(update) => {
                let (base, info) = update.into_parts(Any::String);
                spec.group_spec.push(ClusterGroupSpec { base, info: info.map(Box::new) });
            }
            Change::Rule(update) => {
                let (base, info) = update.into_parts(Any::Int);
                spec.rules_spec.push(ClusterRuleSpec { base, info: info.map(Box::new) });
            }
            Change::Drs(update) => {
                let (base, info) = update.into_parts(Any::Ref);
                spec.drs_vm_config_spec.push(ClusterDrsVmConfigSpec { base, info: info.map(Box::new) });
            }
            Change::Ha(update) => {
                let (base, info) = update.into_parts(Any::Ref);
                spec.das_vm_config_spec.push(ClusterDasVmConfigSpec { base, info: info.map(Box::new) });
            }
            Change::Readiness(update) => {
                let (base, info) = update.into_parts(Any::Ref);
                spec.vm_orchestration_spec
                    .push(ClusterVmOrchestrationSpec { base, info: info.map(Box::new) });
            }
            Change::Dpm(update) => {
                let (base, info) = update.into_parts(Any::Ref);
                spec.dpm_host_config_spec.push(ClusterDpmHostConfigSpec { base, info: info.map(Box::new) });
            }
        }
    }
    spec
}

/// What is known of clusters.
#[derive(Default)]
struct State {
    read: Snapshots<MoRef, Cluster>,
}

/// Clusters; from [`Client::clusters`].
pub struct Clusters<'a> {
    client: &'a Client,
}

impl Client {
    /// Clusters.
    pub fn clusters(&self) -> Clusters<'_> {
        Clusters { client: self }
    }
}

impl Clusters<'_> {
    /// A cluster; one read answers all who ask, until this client changes the inventory or a cluster, or for half a
    /// minute.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn get(&self, cluster: &MoRef) -> Result<Arc<Cluster>> {
        let core = self.client.core();
        core.slot::<State>().read.get(&core.inventory, cluster, || self.read(cluster)).await
    }

    /// A cluster as it is now, for those who change what they read.
    ///
    /// # Errors
    /// As [`get`](Clusters::get).
    pub async fn get_now(&self, cluster: &MoRef) -> Result<Arc<Cluster>> {
        let core = self.client.core();
        core.slot::<State>().read.now(&core.inventory, cluster, self.read(cluster)).await
    }

    /// Whether another client is changing the cluster.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn is_busy(&self, cluster: &MoRef) -> Result<bool> {
        Ok(!self.client.tasks().of_others(cluster).await?.is_empty())
    }

    async fn read(&self, cluster: &MoRef) -> Result<Cluster> {
        let epoch = self.client.find().epoch();
        let read: Read = self.client.properties().get(cluster).await?;
        self.client.find().note(epoch, cluster, &read.name, read.parent.as_ref());
        Ok(read.into())
    }

    /// What a cluster is and how its services are set, read in one batch with others. Its place is noted for
    /// [`path_of`](crate::Find::path_of).
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn settings(&self, cluster: &MoRef) -> Result<Settings> {
        let epoch = self.client.find().epoch();
        let read: Settings = self.client.properties().get(cluster).await?;
        self.client.find().note(epoch, cluster, &read.name, read.parent.as_ref());
        Ok(read)
    }

    /// Creates a cluster without hosts in a folder of hosts, with the settings that vCenter gives to a new one. Needs
    /// `Host.Inventory.CreateCluster`.
    ///
    /// # Errors
    /// `DuplicateName`, `InvalidName`, and those of any call.
    pub async fn create(&self, folder: &MoRef, name: &str) -> Result<MoRef> {
        let request = CreateClusterEx {
            this: folder.clone(),
            name: crate::find::new_name(name),
            spec: ClusterConfigSpecEx::default(),
        };
        let _writing = self.client.core().inventory.writing();
        self.client.call(&request).await
    }

    /// Sets what a spec names, leaves everything else as it is, and waits. Needs `Host.Inventory.EditCluster`.
    ///
    /// # Errors
    /// `InvalidArgument`, `InvalidState`, and those of any call and task.
    pub async fn configure(
        &self,
        cluster: &MoRef,
        spec: ClusterConfigSpecEx,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let request =
            ReconfigureComputeResourceTask { this: cluster.clone(), spec: spec.into(), modify: true };
        let _writing = self.client.core().inventory.writing();
        self.client.tasks().run(&request, timeout, cancel).await.map(drop)
    }

    /// Moves hosts into a cluster, with their virtual machines, and waits. A host of another cluster must be in
    /// maintenance mode; the resource pools of a standalone host cease to exist. Needs `Host.Inventory.EditCluster` on
    /// the cluster and `Host.Inventory.MoveHost` on the hosts.
    ///
    /// # Errors
    /// `InvalidState`, `TooManyHosts`, `DuplicateName`, and those of any call and task.
    pub async fn move_hosts_into(
        &self,
        cluster: &MoRef,
        hosts: Vec<MoRef>,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let request = MoveIntoTask { this: cluster.clone(), host: hosts };
        let _writing = self.client.core().rearranging();
        self.client.tasks().run(&request, timeout, cancel).await.map(drop)
    }

    /// Sets the EVC mode of a cluster, or removes it, and waits. Needs `Host.Inventory.EditCluster`, and vSphere 6.0.
    ///
    /// # Errors
    /// [`Error::NotVCenter`] where the cluster has no EVC manager, `EVCConfigFault` and its subtypes,
    /// `InvalidArgument`, and those of any call and task.
    pub async fn set_evc_mode(
        &self,
        cluster: &MoRef,
        mode: Option<&str>,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let manager = self.client.call(&EvcManager { this: cluster.clone() }).await?;
        let this = manager.ok_or_else(|| Error::NotVCenter {
            server: self.client.server().to_owned(),
            reason: "the cluster has no EVC manager".to_owned(),
        })?;
        let _writing = self.client.core().inventory.writing();
        let tasks = self.client.tasks();
        match mode {
            Some(mode) => {
                let request =
                    ConfigureEvcModeTask { this, evc_mode_key: mode.to_owned(), evc_graphics_mode_key: None };
                tasks.run(&request, timeout, cancel).await.map(drop)
            }
            None => tasks.run(&DisableEvcModeTask { this }, timeout, cancel).await.map(drop),
        }
    }

    /// Makes changes, all or none of them, and waits for it. Needs `Host.Inventory.EditCluster`.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that is taken or does not exist, and for a rule that is too small;
    /// `DuplicateName`, `ManagedObjectNotFound`, and those of any call and task.
    pub async fn reconfigure(
        &self,
        cluster: &MoRef,
        changes: Vec<Change>,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let request = ReconfigureComputeResourceTask {
            this: cluster.clone(),
            spec: spec(changes).into(),
            modify: true,
        };
        let _writing = self.client.core().inventory.writing();
        self.client.tasks().run(&request, timeout, cancel).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vim_types::types::{ClusterAffinityRuleSpec, ClusterGroupInfo, ClusterVmGroup};

    fn rule(key: i32, name: &str) -> ClusterRuleInfoKind {
        let base = ClusterRuleInfo { key: Some(key), name: Some(name.into()), ..Default::default() };
        ClusterAffinityRuleSpec { base, vm: vec![] }.into()
    }

    #[test]
    fn rules_and_groups_are_found() {
        let base = ClusterGroupInfo { name: "g".into(), ..Default::default() };
        let group: ClusterGroupInfoKind = ClusterVmGroup { base, vm: vec![] }.into();
        let cluster = Cluster {
            groups: vec![group.clone()],
            rules: vec![rule(1, "a"), rule(3, "b"), rule(2, "b")],
            ..Default::default()
        };
        assert_eq!(cluster.group("g"), Some(&group));
        assert_eq!(cluster.group("h"), None);
        assert_eq!(super::rule(&cluster.rules, 2), Some(&rule(2, "b")));
        assert_eq!(rules_named(&cluster.rules, "b"), [&rule(3, "b"), &rule(2, "b")]);
    }

    #[test]
    fn changes_become_a_spec() {
        let vm = MoRef::new("VirtualMachine", "vm-1");
        let drs = ClusterDrsVmConfigInfo { key: vm.clone(), ..Default::default() };
        let spec = spec(vec![
            Change::Rule(Update::Add(rule(0, "a"))),
            Change::Rule(Update::Remove(7)),
            Change::Group(Update::Remove("g".into())),
            Change::Drs(Update::Edit(drs)),
            Change::Ha(Update::Remove(vm.clone())),
            Change::Readiness(Update::Remove(vm.clone())),
        ]);
        assert_eq!(spec.rules_spec[0].operation, ArrayUpdateOperation::Add);
        assert!(spec.rules_spec[0].info.is_some());
        assert_eq!(spec.rules_spec[1].remove_key, Some(Any::Int(7)));
        assert_eq!(spec.group_spec[0].remove_key, Some(Any::String("g".into())));
        assert_eq!(spec.drs_vm_config_spec[0].operation, ArrayUpdateOperation::Edit);
        assert_eq!(spec.vm_orchestration_spec[0].remove_key, Some(Any::Ref(vm.clone())));
        assert_eq!(spec.das_vm_config_spec[0].remove_key, Some(Any::Ref(vm)));
    }

    fn group(name: &str, vms: &[&str]) -> ClusterGroupInfoKind {
        let base = ClusterGroupInfo { name: name.into(), ..Default::default() };
        ClusterVmGroup { base, vm: vms.iter().map(|vm| MoRef::new("VirtualMachine", *vm)).collect() }.into()
    }

    #[test]
    fn a_change_is_foreseen() {
        let mut cluster = Cluster { rules: vec![rule(1, "a")], ..Default::default() };
        for change in [
            Change::Group(Update::Add(group("g", &["vm-1"]))),
            Change::Group(Update::Add(group("h", &[]))),
            Change::Group(Update::Edit(group("g", &["vm-1", "vm-2"]))),
            Change::Group(Update::Remove("h".into())),
            Change::Rule(Update::Edit(rule(1, "b"))),
            Change::Rule(Update::Add(rule(2, "c"))),
            Change::Rule(Update::Remove(2)),
        ] {
            cluster.apply(&change);
        }
        assert_eq!(cluster.groups, [group("g", &["vm-1", "vm-2"])]);
        assert_eq!(cluster.rules, [rule(1, "b")]);
    }

    #[test]
    fn changes_of_one_group_become_one() {
        let mut changes = vec![];
        join(&mut changes, Change::Group(Update::Add(group("g", &[]))));
        join(&mut changes, Change::Group(Update::Edit(group("h", &["vm-1"]))));
        join(&mut changes, Change::Group(Update::Edit(group("g", &["vm-2"]))));
        join(&mut changes, Change::Group(Update::Edit(group("h", &["vm-1", "vm-3"]))));
        join(&mut changes, Change::Rule(Update::Remove(7)));
        assert_eq!(
            changes,
            [
                Change::Group(Update::Add(group("g", &["vm-2"]))),
                Change::Group(Update::Edit(group("h", &["vm-1", "vm-3"]))),
                Change::Rule(Update::Remove(7)),
            ]
        );
    }
}
