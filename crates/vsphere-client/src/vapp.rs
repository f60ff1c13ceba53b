//! `VirtualApp`: a resource pool with virtual machines that are powered on and off together.

use vim_types::methods::{CreateVApp, UpdateVAppConfig};
use vim_types::types::{
    CustomFieldValueKind, ResourceConfigSpec, VAppConfigInfo, VAppConfigSpec, VAppEntityConfigInfo,
};
use vim_types::xml::MoRef;

use crate::client::Client;
use crate::error::Result;

crate::properties! {
    /// A vApp.
    pub struct VApp of "VirtualApp" {
        /// The name, escaped as vSphere does.
        pub name: String = "name",
        /// The pool or vApp that holds it.
        pub parent: Option<MoRef> = "parent",
        /// The folder that a vApp that is in no other vApp is in.
        pub folder: Option<MoRef> = "parentFolder",
        /// Shares, reservations (MHz, MiB) and limits (MHz, MiB; -1: none).
        pub config: ResourceConfigSpec = "config",
        /// The values of custom fields.
        pub custom_values: Vec<CustomFieldValueKind> = "customValue",
    }
}

crate::properties! {
    struct Configuration of "VirtualApp" {
        config: Option<Box<VAppConfigInfo>> = "vAppConfig",
    }
}

/// vApps; from [`Client::vapps`]. What they have in common with resource pools is in
/// [`ResourcePools`](crate::resource_pool::ResourcePools).
pub struct VApps<'a> {
    client: &'a Client,
}

impl Client {
    /// vApps.
    pub fn vapps(&self) -> VApps<'_> {
        VApps { client: self }
    }
}

impl VApps<'_> {
    /// A vApp, read in one batch with others.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn get(&self, vapp: &MoRef) -> Result<VApp> {
        self.client.properties().get(vapp).await
    }

    /// Creates a vApp in a pool and a folder, or in another vApp, which has no folder. Needs `VApp.Create`.
    ///
    /// # Errors
    /// `DuplicateName`, `InvalidName`, `InsufficientResourcesFault`, `InvalidState`, and those of any call.
    pub async fn create(
        &self,
        parent: &MoRef,
        name: &str,
        spec: ResourceConfigSpec,
        folder: Option<&MoRef>,
    ) -> Result<MoRef> {
        let request = CreateVApp {
            this: parent.clone(),
            name: crate::find::wire_name(name),
            res_spec: spec,
            config_spec: VAppConfigSpec::default(),
            vm_folder: folder.cloned(),
        };
        let _writing = self.client.core().inventory.writing();
        self.client.call(&request).await
    }

    /// How the members of a vApp are powered on and off, read in one batch with others.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn members(&self, vapp: &MoRef) -> Result<Vec<VAppEntityConfigInfo>> {
        let read: Configuration = self.client.properties().get(vapp).await?;
        Ok(read.config.map(|c| c.entity_config).unwrap_or_default())
    }

    /// Sets how the members of a vApp are powered on and off. Needs `VApp.ApplicationConfig`.
    ///
    /// # Errors
    /// `InvalidState`, `ConcurrentAccess`, `TaskInProgress`, and those of any call.
    pub async fn set_members(&self, vapp: &MoRef, members: Vec<VAppEntityConfigInfo>) -> Result<()> {
        let spec = VAppConfigSpec { entity_config: members, ..Default::default() };
        self.client.call(&UpdateVAppConfig { this: vapp.clone(), spec }).await
    }
}
