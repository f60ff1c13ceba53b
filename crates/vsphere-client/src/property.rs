//! Reading properties of managed objects, typed.

use vim_types::types::PropertyFilterSpec;
use vim_types::xml::MoRef;

use crate::client::Client;
use crate::core::property::{self, PropertySet};
use crate::error::Result;

/// Reading properties of managed objects.
pub struct Properties<'a> {
    client: &'a Client,
}

impl Client {
    /// Reading properties of managed objects.
    pub fn properties(&self) -> Properties<'_> {
        Properties { client: self }
    }
}

impl Properties<'_> {
    /// Reads properties of one object.
    ///
    /// The request goes out at once when none is under way; otherwise it waits, for milliseconds, and goes
    /// out together with all others that do.
    ///
    /// # Errors
    /// [`FaultKind::ManagedObjectNotFound`](crate::FaultKind::ManagedObjectNotFound) when the object does not exist,
    /// [`FaultKind::NoPermission`](crate::FaultKind::NoPermission) when a property may not be read; both concern this
    /// object alone, whatever else was in the batch.
    ///
    /// ```no_run
    /// # async fn run(client: vsphere_client::Client) -> vsphere_client::Result<()> {
    /// vsphere_client::properties! {
    ///     struct Named of "ManagedEntity" { name: String = "name" }
    /// }
    /// let root = client.properties().get::<Named>(&client.root_folder()).await?;
    /// assert_eq!(root.name, "Datacenters");
    /// # Ok(()) }
    /// ```
    pub async fn get<T: PropertySet>(&self, object: &MoRef) -> Result<T> {
        property::part(self.client.core().clone(), object, T::TYPE, T::PATHS).await?.decode()
    }

    /// Reads properties of many objects, in their order; fails with the first error.
    ///
    /// # Errors
    /// As [`get`](Properties::get), for any of the objects.
    pub async fn get_many<T: PropertySet>(&self, objects: &[MoRef]) -> Result<Vec<T>> {
        futures_util::future::try_join_all(objects.iter().map(|o| self.get::<T>(o))).await
    }

    /// Reads properties of objects that were listed, in their order, without those that have been deleted since.
    ///
    /// # Errors
    /// As [`get`](Properties::get), but for objects that do not exist.
    pub async fn get_existing<T: PropertySet>(&self, objects: &[MoRef]) -> Result<Vec<(MoRef, T)>> {
        let all = futures_util::future::join_all(objects.iter().map(|o| self.get::<T>(o))).await;
        let exists = |read: &Result<T>| !read.as_ref().is_err_and(crate::Error::is_not_found);
        let all = objects.iter().zip(all).filter(|(_, read)| exists(read));
        all.map(|(object, read)| Ok((object.clone(), read?))).collect()
    }

    /// Reads what specs select, following their traversals, in as few requests as there are pages.
    ///
    /// # Errors
    /// As [`get`](Properties::get).
    pub async fn retrieve<T: PropertySet>(&self, specs: Vec<PropertyFilterSpec>) -> Result<Vec<(MoRef, T)>> {
        let parts = property::retrieve(self.client.core(), specs).await?;
        parts.into_iter().map(|p| Ok((p.object.clone(), p.decode()?))).collect()
    }
}
