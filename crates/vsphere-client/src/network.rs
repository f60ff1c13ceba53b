//! `Network`, `DistributedVirtualPortgroup`, `DistributedVirtualSwitch`: what connects.

use vim_types::methods::QueryDvsByUuid;
use vim_types::types::DVSSummary;
use vim_types::xml::MoRef;

use crate::client::Client;
use crate::error::{Error, Result};

crate::properties! {
    /// A network of any kind; the type of the reference tells which.
    pub struct Network of "Network" {
        /// The name, escaped as vSphere does.
        pub name: String = "name",
        /// The folder that holds it.
        pub parent: Option<MoRef> = "parent",
    }
}

crate::properties! {
    /// A port group of a distributed switch.
    pub struct Portgroup of "DistributedVirtualPortgroup" {
        /// The name, escaped as vSphere does.
        pub name: String = "name",
        /// The key that network cards refer to.
        pub key: String = "key",
        /// The switch that it belongs to.
        pub switch: Option<MoRef> = "config.distributedVirtualSwitch",
    }
}

crate::properties! {
    /// A distributed switch.
    pub struct DistributedSwitch of "DistributedVirtualSwitch" {
        /// The name, escaped as vSphere does.
        pub name: String = "name",
        /// The folder that holds it.
        pub parent: Option<MoRef> = "parent",
        /// The UUID that network cards refer to.
        pub uuid: String = "uuid",
        /// Ports, hosts, virtual machines.
        pub summary: DVSSummary = "summary",
        /// The names of its uplinks, in order.
        pub uplinks: Uplinks = "config.uplinkPortPolicy",
    }
}

/// The names of the uplinks of a distributed switch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uplinks(pub Vec<String>);

impl vim_types::xml::Value for Uplinks {
    fn read(&mut self, reader: &mut vim_types::xml::Reader<'_>) -> Result<(), vim_types::xml::Error> {
        let policy = reader.dynamic()?;
        self.0 = policy.children("uplinkPortName").map(|c| c.text.clone()).collect();
        Ok(())
    }
    fn write(&self, _: &mut vim_types::xml::Writer, _: &'static str) {}
}

/// Distributed switches; from [`Client::distributed_switches`].
pub struct DistributedSwitches<'a> {
    client: &'a Client,
}

impl Client {
    /// Distributed switches.
    pub fn distributed_switches(&self) -> DistributedSwitches<'_> {
        DistributedSwitches { client: self }
    }
}

impl DistributedSwitches<'_> {
    /// The switch of that UUID; nothing when there is none.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn by_uuid(&self, uuid: &str) -> Result<Option<MoRef>> {
        let manager = self.client.service_content().dv_switch_manager.clone();
        let this = manager.ok_or_else(|| Error::NotVCenter {
            server: self.client.server().to_owned(),
            reason: "it has no DistributedVirtualSwitchManager".to_owned(),
        })?;
        let request = QueryDvsByUuid { this, uuid: uuid.to_owned() };
        match self.client.call(&request).await {
            Err(error) if error.is_not_found() => Ok(None),
            result => result,
        }
    }
}
