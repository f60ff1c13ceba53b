//! `HostNetworkSystem`, `HostVirtualNicManager`: standard switches, port groups and VMkernel adapters of hosts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use vim_types::methods::{
    AddPortGroup, AddVirtualNic, AddVirtualSwitch, DeselectVnicForNicType, RemovePortGroup, RemoveVirtualNic,
    RemoveVirtualSwitch, SelectVnicForNicType, UpdatePortGroup, UpdateVirtualNic, UpdateVirtualSwitch,
};
use vim_types::types::{
    HostPortGroup, HostPortGroupSpec, HostVirtualNic, HostVirtualNicSpec, HostVirtualSwitch,
    HostVirtualSwitchSpec,
};
use vim_types::xml::{self, MoRef};

use crate::client::Client;
use crate::core::keyed::KeyedLock;
use crate::error::{Error, Result};
use crate::snapshot::{Epoch, Snapshots};

crate::properties! {
    struct Managers of "HostSystem" {
        network: Option<MoRef> = "configManager.networkSystem",
        services: Option<MoRef> = "configManager.virtualNicManager",
    }
}

crate::properties! {
    struct Read of "HostNetworkSystem" {
        switches: Vec<HostVirtualSwitch> = "networkInfo.vswitch",
        port_groups: Vec<HostPortGroup> = "networkInfo.portgroup",
        nics: Vec<HostVirtualNic> = "networkInfo.vnic",
    }
}

crate::properties! {
    struct ReadServices of "HostVirtualNicManager" {
        services: NicServices = "info.netConfig",
    }
}

/// The services of VMkernel adapters, such as `management` or `vmotion`, each with the keys of the adapters that it is
/// enabled on. The API refers to these adapters by their keys, which the schema does not show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct NicServices(Vec<(String, Vec<String>)>);

impl xml::Value for NicServices {
    fn read(&mut self, reader: &mut xml::Reader<'_>) -> Result<(), xml::Error> {
        let all = reader.dynamic()?;
        self.0 = all
            .children
            .iter()
            .filter_map(|c| {
                let keys = c.children("selectedVnic").map(|k| k.text.clone()).collect();
                Some((c.text_of("nicType")?.to_owned(), keys))
            })
            .collect();
        Ok(())
    }
}

/// The network configuration of a host.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostNetwork {
    /// The standard switches.
    pub switches: Vec<HostVirtualSwitch>,
    /// The port groups of the standard switches.
    pub port_groups: Vec<HostPortGroup>,
    /// The VMkernel adapters.
    pub nics: Vec<HostVirtualNic>,
    services: NicServices,
}

/// A VMkernel adapter that the host is managed by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagementNic {
    /// The adapter, such as `vmk0`.
    pub device: String,
    /// The port group of a standard switch that it is on; empty on a distributed switch.
    pub port_group: String,
    /// The standard switch of that port group.
    pub switch: Option<String>,
    /// The UUID of the distributed switch that it is on.
    pub switch_uuid: Option<String>,
}

impl HostNetwork {
    /// The switch of that name.
    pub fn switch(&self, name: &str) -> Option<&HostVirtualSwitch> {
        self.switches.iter().find(|s| s.name == name)
    }

    /// The port group of that name.
    pub fn port_group(&self, name: &str) -> Option<&HostPortGroup> {
        self.port_groups.iter().find(|p| p.spec.name == name)
    }

    /// The VMkernel adapter of that device name.
    pub fn nic(&self, device: &str) -> Option<&HostVirtualNic> {
        self.nics.iter().find(|n| n.device == device)
    }

    /// The services that are enabled on a VMkernel adapter, in the order of the host.
    pub fn services_of(&self, device: &str) -> Vec<String> {
        // A key is that of the service and of the adapter: `management.key-vim.host.VirtualNic-vmk0`.
        let end = format!("-{device}");
        let selected = |keys: &[String]| keys.iter().any(|k| k.ends_with(&end));
        self.services.0.iter().filter(|(_, keys)| selected(keys)).map(|(name, _)| name.clone()).collect()
    }

    /// The VMkernel adapters that the host is managed by.
    pub fn management(&self) -> Vec<ManagementNic> {
        let managed = |n: &&HostVirtualNic| self.services_of(&n.device).iter().any(|s| s == "management");
        let place = |n: &HostVirtualNic| ManagementNic {
            device: n.device.clone(),
            port_group: n.portgroup.clone(),
            switch: self.port_group(&n.portgroup).map(|p| p.spec.vswitch_name.clone()),
            switch_uuid: n.spec.distributed_virtual_port.as_ref().map(|p| p.switch_uuid.clone()),
        };
        self.nics.iter().filter(managed).map(place).collect()
    }
}

/// What is known of the networks of hosts.
#[derive(Default)]
struct State {
    epoch: Epoch,
    read: Snapshots<MoRef, HostNetwork>,
    managers: Mutex<HashMap<MoRef, Managers>>,
    /// ESXi makes one change of its network configuration at a time.
    turns: KeyedLock<MoRef>,
}

/// The network configuration of hosts; from [`Client::host_networks`].
pub struct HostNetworks<'a> {
    client: &'a Client,
}

impl Client {
    /// The network configuration of hosts.
    pub fn host_networks(&self) -> HostNetworks<'_> {
        HostNetworks { client: self }
    }
}

impl HostNetworks<'_> {
    /// The network configuration of a host; one read answers all callers until this client changes the network of a host,
    /// or for half a minute.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn get(&self, host: &MoRef) -> Result<Arc<HostNetwork>> {
        let state = self.client.core().slot::<State>();
        state.read.get(&state.epoch, host, || self.read(host)).await
    }

    /// The managers of a host, which stay the same.
    async fn managers(&self, host: &MoRef) -> Result<Managers> {
        let state = self.client.core().slot::<State>();
        let known = || state.managers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(managers) = known().get(host) {
            return Ok(managers.clone());
        }
        let read: Managers = self.client.properties().get(host).await?;
        known().insert(host.clone(), read.clone());
        Ok(read)
    }

    /// The network system of a host. A host that is not connected may have none.
    async fn system(&self, host: &MoRef) -> Result<MoRef> {
        self.managers(host).await?.network.ok_or_else(|| absent(host))
    }

    async fn read(&self, host: &MoRef) -> Result<HostNetwork> {
        let managers = self.managers(host).await?;
        let network = managers.network.ok_or_else(|| absent(host))?;
        let properties = self.client.properties();
        let services = async {
            match &managers.services {
                Some(services) => properties.get::<ReadServices>(services).await.map(|s| s.services),
                None => Ok(NicServices::default()),
            }
        };
        let (read, services) = futures_util::try_join!(properties.get::<Read>(&network), services)?;
        let Read { switches, port_groups, nics } = read;
        // vCenter manages a host by one of them: a host without any does not report what it has.
        if nics.is_empty() {
            return Err(absent(host));
        }
        Ok(HostNetwork { switches, port_groups, nics, services })
    }

    /// Makes one change of a host's network at a time.
    async fn change<R: xml::Request + Sync>(&self, host: &MoRef, request: &R) -> Result<R::Response> {
        let state = self.client.core().slot::<State>();
        let _turn = state.turns.lock(host.clone()).await;
        let _writing = state.epoch.writing();
        self.client.call(request).await
    }

    /// Creates a standard switch. Needs `Host.Config.Network`, as all changes here do.
    ///
    /// # Errors
    /// `AlreadyExists`, `ResourceInUse` for a physical adapter of another switch, `HostConfigFault`, and those of any
    /// call.
    pub async fn add_switch(&self, host: &MoRef, name: &str, spec: HostVirtualSwitchSpec) -> Result<()> {
        let this = self.system(host).await?;
        let request = AddVirtualSwitch { this, vswitch_name: name.to_owned(), spec: Some(Box::new(spec)) };
        self.change(host, &request).await
    }

    /// Changes a standard switch.
    ///
    /// # Errors
    /// `NotFound`, `ResourceInUse` for a physical adapter of another switch, `HostConfigFault`, and those of any call.
    pub async fn update_switch(&self, host: &MoRef, name: &str, spec: HostVirtualSwitchSpec) -> Result<()> {
        let this = self.system(host).await?;
        self.change(host, &UpdateVirtualSwitch { this, vswitch_name: name.to_owned(), spec }).await
    }

    /// Deletes a standard switch with its port groups.
    ///
    /// # Errors
    /// `NotFound`, `ResourceInUse`, `HostConfigFault`, and those of any call.
    pub async fn remove_switch(&self, host: &MoRef, name: &str) -> Result<()> {
        let this = self.system(host).await?;
        self.change(host, &RemoveVirtualSwitch { this, vswitch_name: name.to_owned() }).await
    }

    /// Creates a port group on a standard switch.
    ///
    /// # Errors
    /// `AlreadyExists`, `NotFound` for the switch, `HostConfigFault`, and those of any call.
    pub async fn add_port_group(&self, host: &MoRef, spec: HostPortGroupSpec) -> Result<()> {
        let this = self.system(host).await?;
        // A network of the inventory comes with it.
        let _inventory = self.client.core().inventory.writing();
        self.change(host, &AddPortGroup { this, portgrp: spec }).await
    }

    /// Changes a port group.
    ///
    /// # Errors
    /// `NotFound`, `HostConfigFault`, and those of any call.
    pub async fn update_port_group(&self, host: &MoRef, name: &str, spec: HostPortGroupSpec) -> Result<()> {
        let this = self.system(host).await?;
        self.change(host, &UpdatePortGroup { this, pg_name: name.to_owned(), portgrp: spec }).await
    }

    /// Deletes a port group.
    ///
    /// # Errors
    /// `NotFound`, `ResourceInUse`, `HostConfigFault`, and those of any call.
    pub async fn remove_port_group(&self, host: &MoRef, name: &str) -> Result<()> {
        let this = self.system(host).await?;
        let _inventory = self.client.core().inventory.writing();
        self.change(host, &RemovePortGroup { this, pg_name: name.to_owned() }).await
    }

    /// Creates a VMkernel adapter on a port group of a standard switch, or where its spec says, and returns its device
    /// name.
    ///
    /// # Errors
    /// `NotFound`, `InvalidState`, `HostConfigFault`, and those of any call.
    pub async fn add_nic(&self, host: &MoRef, port_group: &str, nic: HostVirtualNicSpec) -> Result<String> {
        let this = self.system(host).await?;
        self.change(host, &AddVirtualNic { this, portgroup: port_group.to_owned(), nic }).await
    }

    /// Changes a VMkernel adapter; what is not given stays.
    ///
    /// # Errors
    /// `NotFound`, `InvalidState`, `HostConfigFault`, and those of any call.
    pub async fn update_nic(&self, host: &MoRef, device: &str, nic: HostVirtualNicSpec) -> Result<()> {
        let this = self.system(host).await?;
        self.change(host, &UpdateVirtualNic { this, device: device.to_owned(), nic }).await
    }

    /// Deletes a VMkernel adapter.
    ///
    /// # Errors
    /// `NotFound`, `HostConfigFault`, and those of any call.
    pub async fn remove_nic(&self, host: &MoRef, device: &str) -> Result<()> {
        let this = self.system(host).await?;
        self.change(host, &RemoveVirtualNic { this, device: device.to_owned() }).await
    }

    /// Enables or disables a service on a VMkernel adapter.
    ///
    /// # Errors
    /// `InvalidArgument`, `HostConfigFault`, and those of any call.
    pub async fn set_service(&self, host: &MoRef, device: &str, service: &str, on: bool) -> Result<()> {
        let this = self.managers(host).await?.services;
        let this = this.ok_or_else(|| absent(host))?;
        let (nic_type, device) = (service.to_owned(), device.to_owned());
        if on {
            self.change(host, &SelectVnicForNicType { this, nic_type, device }).await
        } else {
            self.change(host, &DeselectVnicForNicType { this, nic_type, device }).await
        }
    }
}

fn absent(host: &MoRef) -> Error {
    Error::Unreported { host: host.clone(), what: "network configuration" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nic(device: &str, portgroup: &str) -> HostVirtualNic {
        HostVirtualNic { device: device.into(), portgroup: portgroup.into(), ..Default::default() }
    }

    #[test]
    fn services_are_those_of_the_adapter() {
        let group = HostPortGroup {
            spec: HostPortGroupSpec {
                name: "Management Network".into(),
                vswitch_name: "vSwitch0".into(),
                ..Default::default()
            },
            ..Default::default()
        };
        let key = |service: &str, device: &str| format!("{service}.key-vim.host.VirtualNic-{device}");
        let network = HostNetwork {
            port_groups: vec![group],
            nics: vec![nic("vmk0", "Management Network"), nic("vmk1", ""), nic("vmk10", "")],
            services: NicServices(vec![
                ("management".into(), vec![key("management", "vmk0"), key("management", "vmk10")]),
                ("vmotion".into(), vec![key("vmotion", "vmk10")]),
                ("vsan".into(), vec![]),
            ]),
            ..Default::default()
        };
        assert_eq!(network.services_of("vmk0"), ["management"]);
        // `vmk1` is not the beginning of `vmk10`.
        assert_eq!(network.services_of("vmk1"), [""; 0]);
        assert_eq!(network.services_of("vmk10"), ["management", "vmotion"]);
        let management = network.management();
        assert_eq!(management.len(), 2);
        assert_eq!(management[0].switch.as_deref(), Some("vSwitch0"));
        assert_eq!(management[1].switch, None);
    }
}
