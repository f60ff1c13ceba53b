//! What hosts and clusters can do: hardware versions, guests, defaults.

use vim_types::methods::{QueryConfigOptionDescriptor, QueryConfigOptionEx, QueryConfigTarget};
use vim_types::types::{
    ConfigTarget, EnvironmentBrowserConfigOptionQuerySpec, VirtualMachineConfigOption,
    VirtualMachineConfigOptionDescriptor,
};
use vim_types::xml::MoRef;

use super::VirtualMachines;
use crate::device::HardwareVersion;
use crate::error::Result;

/// Which options to ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigOptionQuery {
    /// The hardware version; nothing: the default of the host or cluster.
    pub version: Option<HardwareVersion>,
    /// The host; nothing: what all hosts of a cluster have in common.
    pub host: Option<MoRef>,
    /// The guests to tell about; empty: all, which is a large answer.
    pub guest_ids: Vec<String>,
}

crate::properties! {
    struct Environment of "ComputeResource" {
        browser: Option<MoRef> = "environmentBrowser",
    }
}

impl VirtualMachines<'_> {
    /// The environment browser of a cluster or of a host's compute resource, which lists the supported hardware.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn environment_of(&self, compute: &MoRef) -> Result<Option<MoRef>> {
        Ok(self.client.properties().get::<Environment>(compute).await?.browser)
    }

    /// The hardware versions that there are, with where they can be created, run and upgraded to.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn hardware_versions(
        &self,
        browser: &MoRef,
    ) -> Result<Vec<VirtualMachineConfigOptionDescriptor>> {
        self.client.call(&QueryConfigOptionDescriptor { this: browser.clone() }).await
    }

    /// The limits, defaults and guests of a hardware version; nothing when the server does not know it.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn config_option(
        &self,
        browser: &MoRef,
        query: &ConfigOptionQuery,
    ) -> Result<Option<Box<VirtualMachineConfigOption>>> {
        let spec = EnvironmentBrowserConfigOptionQuerySpec {
            key: query.version.map(|v| v.to_string()),
            host: query.host.clone(),
            guest_id: query.guest_ids.clone(),
        };
        self.client.call(&QueryConfigOptionEx { this: browser.clone(), spec: Some(Box::new(spec)) }).await
    }

    /// What a host, or without one the hosts of a cluster together, have for virtual machines: networks, datastores,
    /// devices to pass through.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn config_target(
        &self,
        browser: &MoRef,
        host: Option<&MoRef>,
    ) -> Result<Option<Box<ConfigTarget>>> {
        self.client.call(&QueryConfigTarget { this: browser.clone(), host: host.cloned() }).await
    }
}
