//! `Network`, `DistributedVirtualPortgroup`, `DistributedVirtualSwitch`: what connects.

use vim_types::types::{DVSSummary, NetworkSummaryKind};
use vim_types::xml::MoRef;

use crate::client::Client;
use crate::device::Connection;
use crate::error::Result;

crate::properties! {
    /// A network of any kind; the type of the reference says which.
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

crate::properties! {
    struct AnyNetwork of "Network" {
        name: String = "name",
        summary: Option<NetworkSummaryKind> = "summary",
    }
}

crate::properties! {
    pub(crate) struct SwitchUuid of "DistributedVirtualSwitch" {
        pub(crate) uuid: String = "uuid",
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
}

/// Networks of all kinds; from [`Client::networks`].
pub struct Networks<'a> {
    client: &'a Client,
}

impl Networks<'_> {
    /// What a network interface has to be given to be on each of these networks, in their order; nothing for a network
    /// that does not exist. All are read at once, then the switches of their port groups.
    ///
    /// # Errors
    /// [`FaultKind::NoPermission`](crate::FaultKind::NoPermission) on a network or its switch, and those of any call.
    pub async fn connections(&self, networks: &[MoRef]) -> Result<Vec<Option<Connection>>> {
        futures_util::future::try_join_all(networks.iter().map(|n| self.connection(n))).await
    }

    async fn connection(&self, network: &MoRef) -> Result<Option<Connection>> {
        let properties = self.client.properties();
        if &*network.ty == "DistributedVirtualPortgroup" {
            let Some(group) = there(properties.get::<Portgroup>(network).await)? else { return Ok(None) };
            let switch_uuid = match &group.switch {
                Some(switch) => properties.get::<SwitchUuid>(switch).await?.uuid,
                None => String::new(),
            };
            let portgroup_key = Some(group.key);
            return Ok(Some(Connection::Distributed { switch_uuid, portgroup_key, port_key: None }));
        }
        let Some(read) = there(properties.get::<AnyNetwork>(network).await)? else { return Ok(None) };
        Ok(Some(match read.summary {
            Some(NetworkSummaryKind::OpaqueNetworkSummary(s)) => {
                Connection::Opaque { id: s.opaque_network_id, ty: s.opaque_network_type }
            }
            // Interfaces name their network as users see it, not as it is escaped in paths.
            _ => Connection::Standard {
                network: Some(network.clone()),
                name: crate::find::unescape(&read.name).into_owned(),
            },
        }))
    }
}

fn there<T>(read: Result<T>) -> Result<Option<T>> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

impl Client {
    /// Networks of all kinds.
    pub fn networks(&self) -> Networks<'_> {
        Networks { client: self }
    }
}
