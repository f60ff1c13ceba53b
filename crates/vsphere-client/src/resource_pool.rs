//! `ResourcePool`: shares, reservations and limits.

use vim_types::methods::{CreateResourcePool, MoveIntoResourcePool, UpdateConfig};
use vim_types::types::{CustomFieldValueKind, ResourceConfigSpec};
use vim_types::xml::MoRef;

use crate::client::Client;
use crate::error::Result;
use crate::find::Found;

crate::properties! {
    /// A resource pool.
    pub struct ResourcePool of "ResourcePool" {
        /// The name, escaped as vSphere does.
        pub name: String = "name",
        /// The pool, vApp or cluster that holds it.
        pub parent: Option<MoRef> = "parent",
        /// The cluster or compute resource that it belongs to.
        pub owner: MoRef = "owner",
        /// Shares, reservations (MHz, MiB) and limits (MHz, MiB; -1: none).
        pub config: ResourceConfigSpec = "config",
        /// The values of custom fields.
        pub custom_values: Vec<CustomFieldValueKind> = "customValue",
    }
}

/// Resource pools; from [`Client::resource_pools`].
pub struct ResourcePools<'a> {
    client: &'a Client,
}

impl Client {
    /// Resource pools.
    pub fn resource_pools(&self) -> ResourcePools<'_> {
        ResourcePools { client: self }
    }
}

impl ResourcePools<'_> {
    /// A resource pool, read in one batch with others. Its place is noted for [`path_of`](crate::Find::path_of).
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn get(&self, pool: &MoRef) -> Result<ResourcePool> {
        let epoch = self.client.find().epoch();
        let read: ResourcePool = self.client.properties().get(pool).await?;
        self.client.find().note(epoch, pool, &read.name, read.parent.as_ref());
        Ok(read)
    }

    /// What a pool holds at any depth: pools, vApps, virtual machines.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn contents(&self, pool: &MoRef) -> Result<Vec<Found>> {
        let steps = [("ResourcePool", "resourcePool"), ("ResourcePool", "vm")];
        crate::folder::below(self.client, pool, &steps).await
    }

    /// Creates a resource pool in another. Needs `Resource.CreatePool`.
    ///
    /// # Errors
    /// `DuplicateName`, `InvalidName`, `InsufficientResourcesFault`, and those of any call.
    pub async fn create(&self, parent: &MoRef, name: &str, spec: ResourceConfigSpec) -> Result<MoRef> {
        let request = CreateResourcePool { this: parent.clone(), name: crate::find::wire_name(name), spec };
        let _writing = self.client.core().inventory.writing();
        self.client.call(&request).await
    }

    /// Renames a pool (a name), changes its resources (a spec), or both. Needs `Resource.EditPool`.
    ///
    /// # Errors
    /// `DuplicateName`, `InvalidName`, `InsufficientResourcesFault`, `ConcurrentAccess`, and those of any call.
    pub async fn update(
        &self,
        pool: &MoRef,
        name: Option<&str>,
        spec: Option<ResourceConfigSpec>,
    ) -> Result<()> {
        let request = UpdateConfig {
            this: pool.clone(),
            name: name.map(crate::find::wire_name),
            config: spec.map(Box::new),
        };
        let _writing = name.map(|_| self.client.core().rearranging());
        self.client.call(&request).await
    }

    /// Moves pools, vApps or virtual machines into a pool.
    ///
    /// # Errors
    /// `DuplicateName`, `InsufficientResourcesFault`, and those of any call.
    pub async fn move_into(&self, pool: &MoRef, objects: &[MoRef]) -> Result<()> {
        let request = MoveIntoResourcePool { this: pool.clone(), list: objects.to_vec() };
        let _writing = self.client.core().rearranging();
        self.client.call(&request).await
    }
}
