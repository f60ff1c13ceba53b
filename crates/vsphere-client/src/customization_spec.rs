//! `CustomizationSpecManager`: customization specifications that the server keeps by name.

use vim_types::methods::GetCustomizationSpec;
use vim_types::types::CustomizationSpecItem;

use crate::client::Client;
use crate::error::{Error, Result};

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
        let manager = self.client.service_content().customization_spec_manager.clone();
        let this = manager.ok_or_else(|| Error::NotVCenter {
            server: self.client.server().to_owned(),
            reason: "it has no CustomizationSpecManager".to_owned(),
        })?;
        self.client.call(&GetCustomizationSpec { this, name: name.to_owned() }).await
    }
}
