//! `VmwareDistributedVirtualSwitch`, `DistributedVirtualPortgroup`: distributed switches and their port groups.

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio_util::sync::CancellationToken;
use vim_types::methods::{
    CreateDVPortgroupTask, CreateDVSTask, EnableNetworkResourceManagement,
    PerformDvsProductSpecOperationTask, QueryDvsByUuid, ReconfigureDVPortgroupTask, ReconfigureDvsTask,
    UpdateDVSLacpGroupConfigTask,
};
use vim_types::types::{
    CustomFieldValueKind, DVPortgroupConfigInfo, DVPortgroupConfigSpec, DVSConfigInfoKind, DVSCreateSpec,
    DistributedVirtualSwitchProductSpec, VMwareDVSConfigInfo, VMwareDVSConfigSpec, VMwareDvsLacpGroupSpec,
};
use vim_types::xml::MoRef;

use crate::client::Client;
use crate::core::keyed::KeyedLock;
use crate::error::Result;
use crate::find::Kind;
use crate::network::{Portgroup, SwitchUuid};
use crate::task::made;

crate::properties! {
    struct ReadSwitch of "DistributedVirtualSwitch" {
        name: String = "name",
        parent: Option<MoRef> = "parent",
        uuid: String = "uuid",
        config: DVSConfigInfoKind = "config",
        custom_values: Vec<CustomFieldValueKind> = "customValue",
    }
}

crate::properties! {
    /// A port group of a distributed switch, with its configuration.
    pub struct DistributedPortGroup of "DistributedVirtualPortgroup" {
        /// The name, escaped as vSphere does.
        pub name: String = "name",
        /// The folder that holds it.
        pub parent: Option<MoRef> = "parent",
        /// The key that network cards refer to.
        pub key: String = "key",
        /// The configuration.
        pub config: DVPortgroupConfigInfo = "config",
        /// The values of custom fields.
        pub custom_values: Vec<CustomFieldValueKind> = "customValue",
    }
}

crate::properties! {
    struct ReadPlace of "DistributedVirtualSwitch" {
        parent: Option<MoRef> = "parent",
    }
}

/// A distributed switch, with its configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Switch {
    /// The name, escaped as vSphere does.
    pub name: String,
    /// The UUID that port groups and network cards refer to.
    pub uuid: String,
    /// The configuration.
    pub config: VMwareDVSConfigInfo,
    /// The values of custom fields.
    pub custom_values: Vec<CustomFieldValueKind>,
}

/// What is known of distributed switches.
#[derive(Default)]
struct State {
    /// The switches by their UUIDs, which do not change. One that was deleted stays in it: reading it shows that.
    uuids: tokio::sync::Mutex<Option<HashMap<String, MoRef>>>,
    /// A switch makes one change at a time, and each refers to the version that it was made for.
    turns: KeyedLock<MoRef>,
}

/// Distributed switches; from [`Client::distributed_switches`].
pub struct DistributedSwitches<'a> {
    client: &'a Client,
}

/// Port groups of distributed switches; from [`Client::distributed_port_groups`].
pub struct DistributedPortGroups<'a> {
    client: &'a Client,
}

impl Client {
    /// Distributed switches.
    pub fn distributed_switches(&self) -> DistributedSwitches<'_> {
        DistributedSwitches { client: self }
    }

    /// Port groups of distributed switches.
    pub fn distributed_port_groups(&self) -> DistributedPortGroups<'_> {
        DistributedPortGroups { client: self }
    }
}

fn product(version: &str) -> DistributedVirtualSwitchProductSpec {
    DistributedVirtualSwitchProductSpec {
        version: Some(version.to_owned()),
        ..DistributedVirtualSwitchProductSpec::default()
    }
}

impl DistributedSwitches<'_> {
    /// The switch of that UUID; nothing when there is none. The first call reads the UUIDs of all switches, which answer
    /// the later ones.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn by_uuid(&self, uuid: &str) -> Result<Option<MoRef>> {
        let state = self.client.core().slot::<State>();
        let mut known = state.uuids.lock().await;
        if known.is_none() {
            // A user who cannot list the inventory may still be allowed to read one switch.
            *known = Some(self.all().await.unwrap_or_default());
        }
        let all = known.get_or_insert_default();
        if let Some(found) = all.get(uuid) {
            return Ok(Some(found.clone()));
        }
        let this = self
            .client
            .manager(&self.client.service_content().dv_switch_manager, "DistributedVirtualSwitchManager")?;
        let request = QueryDvsByUuid { this, uuid: uuid.to_owned() };
        let found = match self.client.call(&request).await {
            Err(error) if error.is_not_found() => None,
            result => result?,
        };
        all.extend(found.iter().map(|switch| (uuid.to_owned(), switch.clone())));
        Ok(found)
    }

    async fn all(&self) -> Result<HashMap<String, MoRef>> {
        let found = self.client.find().all(Kind::DistributedSwitch, None).await?;
        let objects: Vec<MoRef> = found.into_iter().map(|f| f.object).collect();
        let read = self.client.properties().get_existing::<SwitchUuid>(&objects).await?;
        Ok(read.into_iter().map(|(object, s)| (s.uuid, object)).collect())
    }

    /// The UUID of a switch, which does not change.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn uuid(&self, switch: &MoRef) -> Result<String> {
        let state = self.client.core().slot::<State>();
        let known = |all: &HashMap<String, MoRef>| {
            all.iter().find(|(_, object)| object.id == switch.id).map(|(uuid, _)| uuid.clone())
        };
        if let Some(uuid) = state.uuids.lock().await.as_ref().and_then(known) {
            return Ok(uuid);
        }
        Ok(self.client.properties().get::<SwitchUuid>(switch).await?.uuid)
    }

    /// The port group of that name on a switch; nothing when there is none.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn port_group(&self, switch: &MoRef, name: &str) -> Result<Option<MoRef>> {
        let parent = self.client.properties().get::<ReadPlace>(switch).await?.parent;
        let Some(parent) = parent else { return Ok(None) };
        let found = self.client.find().child(&parent, name).await?;
        let Some(found) = found.filter(|f| &*f.ty == "DistributedVirtualPortgroup") else { return Ok(None) };
        let read = self.client.properties().get::<Portgroup>(&found).await?;
        Ok(read.switch.is_some_and(|s| s.id == switch.id).then_some(found))
    }

    /// A switch, read in one batch with others. Its place is noted for [`path_of`](crate::Find::path_of).
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn get(&self, switch: &MoRef) -> Result<Switch> {
        let epoch = self.client.find().epoch();
        let read: ReadSwitch = self.client.properties().get(switch).await?;
        self.client.find().note(epoch, switch, &read.name, read.parent.as_ref());
        let config = match read.config {
            DVSConfigInfoKind::VMwareDVSConfigInfo(config) => *config,
            _ => VMwareDVSConfigInfo::default(),
        };
        Ok(Switch { name: read.name, uuid: read.uuid, config, custom_values: read.custom_values })
    }

    /// Creates a switch in a folder. Needs `DVSwitch.Create`, and `Host.Config.Network` on each host in the specification.
    ///
    /// # Errors
    /// `DuplicateName`, `InvalidName`, `DvsFault`, and those of any call and task.
    pub async fn create(
        &self,
        folder: &MoRef,
        mut spec: VMwareDVSConfigSpec,
        version: Option<&str>,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<MoRef> {
        spec.base.name = spec.base.name.map(|name| crate::find::wire_name(&name));
        let product_info = version.map(|version| Box::new(product(version)));
        let spec = DVSCreateSpec { config_spec: spec.into(), product_info, ..DVSCreateSpec::default() };
        let request = CreateDVSTask { this: folder.clone(), spec };
        let _writing = self.client.core().inventory.writing();
        made(self.client.tasks().run(&request, timeout, cancel).await?)
    }

    /// Changes a switch to what `decide` wants, given what it is; nothing is done where it wants nothing. No other change of
    /// this client comes in between. Where another client has changed the switch in between, `decide` is called again. Needs
    /// `DVSwitch.Modify`, and further privileges by what is changed.
    ///
    /// # Errors
    /// `DuplicateName`, `ResourceInUse`, `DvsFault`, and those of any call and task.
    pub async fn reconfigure(
        &self,
        switch: &MoRef,
        timeout: Duration,
        cancel: &CancellationToken,
        decide: impl Fn(&VMwareDVSConfigInfo) -> Option<VMwareDVSConfigSpec> + Send + Sync,
    ) -> Result<()> {
        let _turn = self.turn(switch).await;
        let decide = &decide;
        let make = || async move {
            let now = self.get(switch).await?.config;
            Ok(decide(&now).map(|mut spec| {
                spec.base.config_version = Some(now.base.config_version);
                spec.base.name = spec.base.name.map(|name| crate::find::wire_name(&name));
                ReconfigureDvsTask { this: switch.clone(), spec: spec.into() }
            }))
        };
        let _writing = self.client.core().rearranging();
        self.client.tasks().run_versioned(make, timeout, cancel).await
    }

    /// Upgrades a switch to a version. Needs `DVSwitch.Modify`.
    ///
    /// # Errors
    /// `DvsNotAuthorized`, `InvalidState`, `NotSupported`, and those of any call and task.
    pub async fn upgrade(
        &self,
        switch: &MoRef,
        version: &str,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let request = PerformDvsProductSpecOperationTask {
            this: switch.clone(),
            operation: "upgrade".to_owned(),
            product_spec: Some(Box::new(product(version))),
        };
        let _turn = self.turn(switch).await;
        self.client.tasks().run(&request, timeout, cancel).await.map(drop)
    }

    /// Changes the link aggregation groups of a switch as `decide` wants, given what it is; nothing is done where it wants
    /// nothing. Names are escaped here. Needs `DVSwitch.Modify`, and enhanced LACP.
    ///
    /// # Errors
    /// `NotSupported`, `DvsFault`, and those of any call and task.
    pub async fn set_lags(
        &self,
        switch: &MoRef,
        timeout: Duration,
        cancel: &CancellationToken,
        decide: impl Fn(&VMwareDVSConfigInfo) -> Vec<VMwareDvsLacpGroupSpec> + Send + Sync,
    ) -> Result<()> {
        let _turn = self.turn(switch).await;
        let mut lacp_group_spec = decide(&self.get(switch).await?.config);
        if lacp_group_spec.is_empty() {
            return Ok(());
        }
        for spec in &mut lacp_group_spec {
            let group = &mut spec.lacp_group_config;
            group.name = group.name.take().map(|name| crate::find::wire_name(&name));
        }
        let request = UpdateDVSLacpGroupConfigTask { this: switch.clone(), lacp_group_spec };
        self.client.tasks().run(&request, timeout, cancel).await.map(drop)
    }

    /// Enables or disables Network I/O Control. Needs `DVSwitch.ResourceManagement`.
    ///
    /// # Errors
    /// `DvsNotAuthorized`, `DvsFault`, and those of any call.
    pub async fn enable_resource_management(&self, switch: &MoRef, enable: bool) -> Result<()> {
        let _turn = self.turn(switch).await;
        self.client.call(&EnableNetworkResourceManagement { this: switch.clone(), enable }).await
    }

    /// Creates a port group on a switch. Needs `DVPortgroup.Create`.
    ///
    /// # Errors
    /// `DuplicateName`, `InvalidName`, `DvsFault`, and those of any call and task.
    pub async fn create_port_group(
        &self,
        switch: &MoRef,
        mut spec: DVPortgroupConfigSpec,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<MoRef> {
        spec.name = spec.name.map(|name| crate::find::wire_name(&name));
        let request = CreateDVPortgroupTask { this: switch.clone(), spec };
        let _turn = self.turn(switch).await;
        let _writing = self.client.core().inventory.writing();
        made(self.client.tasks().run(&request, timeout, cancel).await?)
    }

    async fn turn(&self, switch: &MoRef) -> OwnedMutexGuard<()> {
        self.client.core().slot::<State>().turns.lock(switch.clone()).await
    }
}

impl DistributedPortGroups<'_> {
    /// A port group, read in one batch with others. Its place is noted for [`path_of`](crate::Find::path_of).
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn get(&self, group: &MoRef) -> Result<DistributedPortGroup> {
        let epoch = self.client.find().epoch();
        let read: DistributedPortGroup = self.client.properties().get(group).await?;
        self.client.find().note(epoch, group, &read.name, read.parent.as_ref());
        Ok(read)
    }

    /// Changes a port group to what `decide` wants, given what it is; nothing is done where it wants nothing. Where another
    /// client has changed the port group in between, `decide` is called again. Needs `DVPortgroup.Modify`.
    ///
    /// # Errors
    /// `DuplicateName`, `DvsFault`, and those of any call and task.
    pub async fn reconfigure(
        &self,
        group: &MoRef,
        timeout: Duration,
        cancel: &CancellationToken,
        decide: impl Fn(&DVPortgroupConfigInfo) -> Option<DVPortgroupConfigSpec> + Send + Sync,
    ) -> Result<()> {
        let decide = &decide;
        let make = || async move {
            let now = self.get(group).await?.config;
            Ok(decide(&now).map(|mut spec| {
                spec.config_version = now.config_version;
                spec.name = spec.name.map(|name| crate::find::wire_name(&name));
                ReconfigureDVPortgroupTask { this: group.clone(), spec }
            }))
        };
        let _writing = self.client.core().rearranging();
        self.client.tasks().run_versioned(make, timeout, cancel).await
    }
}
