//! `data.vsphere_distributed_virtual_switch`
use crate::common::lookup_source::{Lookup, LookupModel, Named};
use tf_framework::{Model, Value};
use vsphere_client::{Found, Kind, network::DistributedSwitch};

/// Finds a distributed switch, and its uplinks.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_distributed_virtual_switch", category = "Networking")]
pub struct DistributedVirtualSwitchModel {
    /// The UUID of the switch: what port groups and network cards refer to.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// What it is looked up by.
    #[tf(flatten)]
    pub named: Named,
    /// The names of its uplinks, in order.
    #[tf(computed)]
    pub uplinks: Value<Vec<String>>,
}

/// The data source.
pub type DistributedVirtualSwitch = Lookup<DistributedVirtualSwitchModel>;

impl LookupModel for DistributedVirtualSwitchModel {
    const KIND: Kind = Kind::DistributedSwitch;
    type Properties = DistributedSwitch;

    fn named(&self) -> &Named {
        &self.named
    }

    fn found(self, _: &Found, read: DistributedSwitch) -> Self {
        Self { id: read.uuid.into(), uplinks: read.uplinks.0.into(), ..self }
    }
}
