//! `Datacenter`: its four folders.

use vim_types::methods::CreateDatacenter;
use vim_types::xml::MoRef;

use crate::client::Client;
use crate::error::Result;
use crate::find::Found;
pub use crate::find::{Area, Folders};

/// Datacenters; from [`Client::datacenters`].
pub struct Datacenters<'a> {
    client: &'a Client,
}

impl Client {
    /// Datacenters.
    pub fn datacenters(&self) -> Datacenters<'_> {
        Datacenters { client: self }
    }
}

impl Datacenters<'_> {
    /// The folders of a datacenter.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn folders(&self, datacenter: &MoRef) -> Result<Folders> {
        self.client.properties().get(datacenter).await
    }

    /// All that is in a datacenter at any depth, its folders included: hosts, clusters, virtual machines,
    /// datastores, networks.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn contents(&self, datacenter: &MoRef) -> Result<Vec<Found>> {
        let areas = [Area::Vm, Area::Host, Area::Datastore, Area::Network];
        let mut steps = vec![("Folder", "childEntity"), ("ComputeResource", "host")];
        steps.extend(areas.map(|a| ("Datacenter", a.property())));
        crate::folder::below(self.client, datacenter, &steps).await
    }

    /// Creates a datacenter in the root folder or a folder of datacenters. Needs `Datacenter.Create`.
    ///
    /// # Errors
    /// `DuplicateName`, `InvalidName`, and those of any call.
    pub async fn create(&self, folder: &MoRef, name: &str) -> Result<MoRef> {
        let request = CreateDatacenter { this: folder.clone(), name: crate::find::new_name(name) };
        let _writing = self.client.core().inventory.writing();
        self.client.call(&request).await
    }
}
