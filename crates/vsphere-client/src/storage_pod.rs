//! `StoragePod`: datastore clusters, and the settings of Storage DRS.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use vim_types::methods::{ConfigureStorageDrsForPodTask, CreateStoragePod};
use vim_types::types::{
    ClusterRuleInfoKind, ClusterRuleSpec, CustomFieldValueKind, StorageDrsConfigInfo, StorageDrsConfigSpec,
    StorageDrsPodConfigSpec, StorageDrsVmConfigInfo, StorageDrsVmConfigSpec,
};
use vim_types::xml::{Any, MoRef};

use crate::client::Client;
use crate::cluster::{Update, put};
use crate::error::Result;
use crate::snapshot::Snapshots;

crate::properties! {
    /// A datastore cluster, with its settings, rules, and overrides of virtual machines.
    pub struct Pod of "StoragePod" {
        /// The name, escaped as vSphere does.
        pub name: String = "name",
        /// The folder that holds it.
        pub parent: Option<MoRef> = "parent",
        /// The values of custom fields (see [`custom_fields::texts`](crate::custom_fields::texts)).
        pub custom_values: Vec<CustomFieldValueKind> = "customValue",
        /// The settings of Storage DRS.
        pub drs: StorageDrsConfigInfo = "podStorageDrsEntry.storageDrsConfig",
    }
}

impl Pod {
    /// What the datastore cluster is once a change is made. A rule that is new has no key yet.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Rule(update) => put(&mut self.drs.pod_config.rule, update, |r| r.base()?.key),
            Change::Machine(update) => put(&mut self.drs.vm_config, update, |o| o.vm.clone()),
        }
    }
}

/// One change of the rules and overrides of a datastore cluster; all others stay.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Of a rule, by key.
    Rule(Update<ClusterRuleInfoKind, i32>),
    /// Of what a virtual machine has of its own.
    Machine(Update<StorageDrsVmConfigInfo, MoRef>),
}

/// Some changes as the server takes them.
fn spec(changes: Vec<Change>) -> StorageDrsConfigSpec {
    let (mut rules, mut machines) = (vec![], vec![]);
    for change in changes {
        match change {
            Change::Rule(update) => {
                let (base, info) = update.into_parts(Any::Int);
                rules.push(ClusterRuleSpec { base, info: info.map(Box::new) });
            }
            Change::Machine(update) => {
                let (base, info) = update.into_parts(Any::Ref);
                machines.push(StorageDrsVmConfigSpec { base, info: info.map(Box::new) });
            }
        }
    }
    let settings = StorageDrsPodConfigSpec { rule: rules, ..StorageDrsPodConfigSpec::default() };
    StorageDrsConfigSpec {
        pod_config_spec: (!settings.rule.is_empty()).then(|| Box::new(settings)),
        vm_config_spec: machines,
    }
}

/// What is known of datastore clusters.
#[derive(Default)]
struct State {
    read: Snapshots<MoRef, Pod>,
}

/// Datastore clusters; from [`Client::storage_pods`].
pub struct StoragePods<'a> {
    client: &'a Client,
}

impl Client {
    /// Datastore clusters.
    pub fn storage_pods(&self) -> StoragePods<'_> {
        StoragePods { client: self }
    }
}

impl StoragePods<'_> {
    /// A datastore cluster; one read answers all who ask, until this client changes the inventory or a datastore cluster,
    /// or for half a minute.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn get(&self, pod: &MoRef) -> Result<Arc<Pod>> {
        let core = self.client.core();
        core.slot::<State>().read.get(&core.inventory, pod, || self.read(pod)).await
    }

    /// A datastore cluster as it is now, for those who change what they read.
    ///
    /// # Errors
    /// As [`get`](StoragePods::get).
    pub async fn get_now(&self, pod: &MoRef) -> Result<Arc<Pod>> {
        let core = self.client.core();
        core.slot::<State>().read.now(&core.inventory, pod, self.read(pod)).await
    }

    /// Whether another client changes the datastore cluster just now.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn is_busy(&self, pod: &MoRef) -> Result<bool> {
        Ok(!self.client.tasks().of_others(pod).await?.is_empty())
    }

    async fn read(&self, pod: &MoRef) -> Result<Pod> {
        let epoch = self.client.find().epoch();
        let read: Pod = self.client.properties().get(pod).await?;
        self.client.find().note(epoch, pod, &read.name, read.parent.as_ref());
        Ok(read)
    }

    /// Creates a datastore cluster in a folder of datastores; slashes and the like in the name are escaped. Needs
    /// `Folder.Create`.
    ///
    /// # Errors
    /// `DuplicateName`, `InvalidName`, and those of any call.
    pub async fn create(&self, folder: &MoRef, name: &str) -> Result<MoRef> {
        let request = CreateStoragePod { this: folder.clone(), name: crate::find::new_name(name) };
        let _writing = self.client.core().inventory.writing();
        self.client.call(&request).await
    }

    /// Changes settings of Storage DRS, and waits for it: what the spec leaves out stays. Needs `StoragePod.Config`.
    ///
    /// # Errors
    /// `InvalidArgument`, and those of any call and task.
    pub async fn configure(
        &self,
        pod: &MoRef,
        settings: StorageDrsPodConfigSpec,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let spec = StorageDrsConfigSpec {
            pod_config_spec: Some(Box::new(settings)),
            ..StorageDrsConfigSpec::default()
        };
        self.reconfigure(pod, spec, timeout, cancel).await
    }

    /// Makes changes of rules and overrides, all or none of them, and waits for it. Needs `StoragePod.Config`.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that is taken and for what does not exist, and those of any call and task.
    pub async fn change(
        &self,
        pod: &MoRef,
        changes: Vec<Change>,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        self.reconfigure(pod, spec(changes), timeout, cancel).await
    }

    async fn reconfigure(
        &self,
        pod: &MoRef,
        spec: StorageDrsConfigSpec,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let this = self
            .client
            .manager(&self.client.service_content().storage_resource_manager, "StorageResourceManager")?;
        let request = ConfigureStorageDrsForPodTask { this, pod: pod.clone(), spec, modify: true };
        let _writing = self.client.core().inventory.writing();
        self.client.tasks().run(&request, timeout, cancel).await.map(drop)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;
    use vim_types::types::{ArrayUpdateOperation, ClusterAntiAffinityRuleSpec, ClusterRuleInfo};

    fn rule(key: i32, name: &str) -> ClusterRuleInfoKind {
        let base = ClusterRuleInfo { key: Some(key), name: Some(name.into()), ..Default::default() };
        ClusterAntiAffinityRuleSpec { base, vm: vec![] }.into()
    }

    fn machine(id: &str, enabled: Option<bool>) -> StorageDrsVmConfigInfo {
        StorageDrsVmConfigInfo { vm: Some(MoRef::new("VirtualMachine", id)), enabled, ..Default::default() }
    }

    #[test]
    fn changes_become_a_spec() {
        let only = spec(vec![Change::Machine(Update::Add(machine("vm-1", None)))]);
        assert_eq!((only.pod_config_spec, only.vm_config_spec.len()), (None, 1));
        let both = spec(vec![
            Change::Rule(Update::Edit(rule(7, "a"))),
            Change::Rule(Update::Remove(8)),
            Change::Machine(Update::Remove(MoRef::new("VirtualMachine", "vm-1"))),
        ]);
        let settings = both.pod_config_spec.unwrap();
        assert_eq!(settings.rule[0].operation, ArrayUpdateOperation::Edit);
        assert_eq!(settings.rule[1].remove_key, Some(Any::Int(8)));
        assert_eq!(both.vm_config_spec[0].remove_key, Some(Any::Ref(MoRef::new("VirtualMachine", "vm-1"))));
        // The settings stay as they are.
        assert_eq!(StorageDrsPodConfigSpec { rule: vec![], ..*settings }, StorageDrsPodConfigSpec::default());
    }

    #[test]
    fn a_change_is_foreseen() {
        let mut pod = Pod::default();
        for change in [
            Change::Rule(Update::Add(rule(1, "a"))),
            Change::Rule(Update::Edit(rule(1, "b"))),
            Change::Machine(Update::Add(machine("vm-1", None))),
            Change::Machine(Update::Add(machine("vm-2", None))),
            Change::Machine(Update::Edit(machine("vm-1", Some(false)))),
            Change::Machine(Update::Remove(MoRef::new("VirtualMachine", "vm-2"))),
        ] {
            pod.apply(&change);
        }
        assert_eq!(pod.drs.pod_config.rule, [rule(1, "b")]);
        assert_eq!(pod.drs.vm_config, [machine("vm-1", Some(false))]);
    }
}
