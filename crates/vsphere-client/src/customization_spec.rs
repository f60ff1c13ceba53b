//! `CustomizationSpecManager`: customization specifications that the server keeps by name.

use vim_types::methods::{
    CreateCustomizationSpec, DeleteCustomizationSpec, GetCustomizationSpec, OverwriteCustomizationSpec,
    RenameCustomizationSpec,
};
use vim_types::types::CustomizationSpecItem;
use vim_types::xml::MoRef;

use crate::client::Client;
use crate::error::Result;

/// Customization specifications; from [`Client::customization_specs`].
pub struct CustomizationSpecs<'a> {
    client: &'a Client,
}

impl Client {
    /// Customization specifications.
    pub fn customization_specs(&self) -> CustomizationSpecs<'_> {
        CustomizationSpecs { client: self }
    }
}

impl CustomizationSpecs<'_> {
    /// The specification of that name. Passwords in it are encrypted by the server. Needs
    /// `VirtualMachine.Provisioning.ReadCustSpecs`.
    ///
    /// # Errors
    /// `NotFound`, and those of any call.
    pub async fn get(&self, name: &str) -> Result<CustomizationSpecItem> {
        let this = self.manager()?;
        self.client.call(&GetCustomizationSpec { this, name: name.to_owned() }).await
    }

    /// Makes a specification. Needs `VirtualMachine.Provisioning.ModifyCustSpecs`.
    ///
    /// # Errors
    /// `AlreadyExists`, `CustomizationFault`s, and those of any call.
    pub async fn create(&self, item: CustomizationSpecItem) -> Result<()> {
        let this = self.manager()?;
        self.client.call(&CreateCustomizationSpec { this, item }).await
    }

    /// Replaces a specification. With a `changeVersion`, only if no other client has changed it in between.
    /// Needs `VirtualMachine.Provisioning.ModifyCustSpecs`.
    ///
    /// # Errors
    /// `NotFound`, `ConcurrentAccess`, `CustomizationFault`s, and those of any call.
    pub async fn overwrite(&self, item: CustomizationSpecItem) -> Result<()> {
        let this = self.manager()?;
        self.client.call(&OverwriteCustomizationSpec { this, item }).await
    }

    /// Gives a specification another name. Needs `VirtualMachine.Provisioning.ModifyCustSpecs`.
    ///
    /// # Errors
    /// `NotFound`, `AlreadyExists`, and those of any call.
    pub async fn rename(&self, name: &str, new_name: &str) -> Result<()> {
        let this = self.manager()?;
        let request = RenameCustomizationSpec { this, name: name.to_owned(), new_name: new_name.to_owned() };
        self.client.call(&request).await
    }

    /// Removes a specification. Needs `VirtualMachine.Provisioning.ModifyCustSpecs`.
    ///
    /// # Errors
    /// `NotFound`, and those of any call.
    pub async fn delete(&self, name: &str) -> Result<()> {
        let this = self.manager()?;
        self.client.call(&DeleteCustomizationSpec { this, name: name.to_owned() }).await
    }

    fn manager(&self) -> Result<MoRef> {
        self.client
            .manager(&self.client.service_content().customization_spec_manager, "CustomizationSpecManager")
    }
}
