//! `ManagedEntity`: what every object of the inventory has, and what can be done with it.

use std::time::Duration;
use tokio_util::sync::CancellationToken;
use vim_types::methods::{DestroyTask, RenameTask};
use vim_types::types::CustomFieldValueKind;
use vim_types::xml::MoRef;

use crate::client::Client;
use crate::error::Result;

crate::properties! {
    /// What every object of the inventory has.
    pub struct Entity of "ManagedEntity" {
        /// The name, escaped as vSphere does (see [`unescape`](crate::unescape)).
        pub name: String = "name",
        /// What holds it; nothing for the root folder, and for what a vApp holds.
        pub parent: Option<MoRef> = "parent",
        /// The values of custom fields (see [`custom_fields::texts`](crate::custom_fields::texts)).
        pub custom_values: Vec<CustomFieldValueKind> = "customValue",
    }
}

/// Objects of the inventory; from [`Client::entities`].
pub struct Entities<'a> {
    client: &'a Client,
}

impl Client {
    /// Objects of the inventory, of whatever type.
    pub fn entities(&self) -> Entities<'_> {
        Entities { client: self }
    }
}

impl Entities<'_> {
    /// Name, parent and custom values, read in one batch with those of others. The place is noted, so that a
    /// [`path_of`](crate::Find::path_of) asks only for what is above.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn get(&self, object: &MoRef) -> Result<Entity> {
        let epoch = self.client.find().epoch();
        let entity: Entity = self.client.properties().get(object).await?;
        self.client.find().note(epoch, object, &entity.name, entity.parent.as_ref());
        Ok(entity)
    }

    /// Renames an object and waits for it. Slashes and the like are escaped.
    ///
    /// # Errors
    /// `DuplicateName`, `InvalidName`, and those of any call and task.
    pub async fn rename(
        &self,
        object: &MoRef,
        name: &str,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let request = RenameTask { this: object.clone(), new_name: crate::find::wire_name(name) };
        let _writing = self.client.core().rearranging();
        self.client.tasks().run(&request, timeout, cancel).await.map(drop)
    }

    /// Destroys an object, with all that is in it, and waits for it.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, `ResourceInUse`, `InvalidState`, and those of any call and task.
    pub async fn destroy(&self, object: &MoRef, timeout: Duration, cancel: &CancellationToken) -> Result<()> {
        let request = DestroyTask { this: object.clone() };
        let _writing = self.client.core().rearranging();
        self.client.tasks().run(&request, timeout, cancel).await.map(drop)
    }
}
