//! `data.vsphere_distributed_virtual_switch`
use crate::common::lookup_source::{LookupModel, Named};
use tf_framework::{Model, Value};
use vsphere_client::{Kind, network};

/// Finds a distributed switch and its uplinks.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_distributed_virtual_switch", category = "Networking")]
pub struct DistributedVirtualSwitch {
    #[tf(flatten)]
    named: Named,
    /// The names of the uplinks, in order.
    #[tf(computed)]
    pub uplinks: Value<Vec<String>>,
}

impl LookupModel for DistributedVirtualSwitch {
    const KIND: Kind = Kind::DistributedSwitch;
    type Properties = network::DistributedSwitch;

    fn found(&mut self, read: network::DistributedSwitch) {
        (self.named.id, self.uplinks) = (read.uuid.into(), read.uplinks.0.into());
    }
}
