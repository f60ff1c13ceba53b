//! `Datastore`, and `HostDatastoreSystem`, which mounts datastores on a host.

use vim_types::methods::{CreateNasDatastore, RemoveDatastore};
use vim_types::types::{
    CustomFieldValueKind, DatastoreHostMount, DatastoreInfoKind, DatastoreSummary, HostNasVolume,
    HostNasVolumeSpec,
};
use vim_types::xml::MoRef;

use crate::client::Client;
use crate::error::{Error, Result};

crate::properties! {
    /// A datastore.
    pub struct Datastore of "Datastore" {
        /// The name, escaped as vSphere does.
        pub name: String = "name",
        /// The folder or datastore cluster that holds it.
        pub parent: Option<MoRef> = "parent",
        /// Capacity and free space (bytes), URL, type, maintenance mode.
        pub summary: DatastoreSummary = "summary",
    }
}

crate::properties! {
    /// A datastore with its volume, and the hosts that mount it.
    pub struct Mounted of "Datastore" {
        /// The name, escaped as vSphere does.
        pub name: String = "name",
        /// The folder or datastore cluster that holds it.
        pub parent: Option<MoRef> = "parent",
        /// Capacity and free space (bytes), URL, type, maintenance mode.
        pub summary: DatastoreSummary = "summary",
        /// The volume, by its type.
        pub info: DatastoreInfoKind = "info",
        /// The hosts that mount it.
        pub hosts: Vec<DatastoreHostMount> = "host",
        /// The values of custom fields (see [`custom_fields::texts`](crate::custom_fields::texts)).
        pub custom_values: Vec<CustomFieldValueKind> = "customValue",
    }
}

impl Mounted {
    /// The NFS volume; nothing for a datastore of another type.
    pub fn nas(&self) -> Option<&HostNasVolume> {
        match &self.info {
            DatastoreInfoKind::NasDatastoreInfo(info) => info.nas.as_deref(),
            _ => None,
        }
    }
}

crate::properties! {
    struct Users of "Datastore" {
        machines: Vec<MoRef> = "vm",
    }
}

crate::properties! {
    struct Managers of "HostSystem" {
        datastores: Option<MoRef> = "configManager.datastoreSystem",
    }
}

/// Datastores; from [`Client::datastores`].
pub struct Datastores<'a> {
    client: &'a Client,
}

impl Client {
    /// Datastores.
    pub fn datastores(&self) -> Datastores<'_> {
        Datastores { client: self }
    }
}

impl Datastores<'_> {
    /// A datastore with its volume and its hosts, read in one batch with others. Its place is noted for
    /// [`path_of`](crate::Find::path_of).
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn get(&self, datastore: &MoRef) -> Result<Mounted> {
        let epoch = self.client.find().epoch();
        let read: Mounted = self.client.properties().get(datastore).await?;
        self.client.find().note(epoch, datastore, &read.name, read.parent.as_ref());
        Ok(read)
    }

    /// The virtual machines and templates with files on a datastore.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn machines(&self, datastore: &MoRef) -> Result<Vec<MoRef>> {
        Ok(self.client.properties().get::<Users>(datastore).await?.machines)
    }

    /// The object of a host that mounts datastores.
    async fn system(&self, host: &MoRef) -> Result<MoRef> {
        let managers: Managers = self.client.properties().get(host).await?;
        managers.datastores.ok_or_else(|| Error::NotFound {
            kind: "HostDatastoreSystem".to_owned(),
            name: host.to_string(),
            place: "the host, which is not connected".to_owned(),
        })
    }

    /// Mounts an NFS export on a host, and returns its datastore: an existing one, if another host of the datacenter
    /// mounts the same export. Slashes and the like in the name are escaped. Needs `Host.Config.Storage`.
    ///
    /// # Errors
    /// `DuplicateName`, `AlreadyExists` when the host mounts the export, `HostConfigFault` and its subtypes, and those of
    /// any call.
    pub async fn mount_nas(&self, host: &MoRef, mut spec: HostNasVolumeSpec) -> Result<MoRef> {
        // It is the name of the datastore.
        spec.local_path = crate::find::wire_name(&spec.local_path);
        let request = CreateNasDatastore { this: self.system(host).await?, spec };
        let _writing = self.client.core().inventory.writing();
        self.client.call(&request).await
    }

    /// Unmounts a datastore from a host. A datastore that no host mounts is deleted. Needs `Host.Config.Storage`.
    ///
    /// # Errors
    /// `NotFound`, `ResourceInUse` while virtual machines on the host use it, `HostConfigFault`, and those of any call.
    pub async fn unmount(&self, host: &MoRef, datastore: &MoRef) -> Result<()> {
        let request = RemoveDatastore { this: self.system(host).await?, datastore: datastore.clone() };
        let _writing = self.client.core().inventory.writing();
        self.client.call(&request).await
    }
}
