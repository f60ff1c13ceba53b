//! `StoragePod`: datastore clusters, and the settings of Storage DRS.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use vim_types::methods::{ConfigureStorageDrsForPodTask, CreateStoragePod};
use vim_types::types::{
    CustomFieldValueKind, StorageDrsConfigInfo, StorageDrsConfigSpec, StorageDrsPodConfigSpec,
};
use vim_types::xml::MoRef;

use crate::client::Client;
use crate::error::{Error, Result};
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
        let spec =
            StorageDrsConfigSpec { pod_config_spec: Some(Box::new(settings)), ..StorageDrsConfigSpec::default() };
        self.reconfigure(pod, spec, timeout, cancel).await
    }

    async fn reconfigure(
        &self,
        pod: &MoRef,
        spec: StorageDrsConfigSpec,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let manager = self.client.service_content().storage_resource_manager.clone();
        let this = manager.ok_or_else(|| Error::NotVCenter {
            server: self.client.server().to_owned(),
            reason: "it has no StorageResourceManager".to_owned(),
        })?;
        let request = ConfigureStorageDrsForPodTask { this, pod: pod.clone(), spec, modify: true };
        let _writing = self.client.core().inventory.writing();
        self.client.tasks().run(&request, timeout, cancel).await.map(drop)
    }
}
