//! `data.vsphere_distributed_virtual_switch`
use crate::common::lookup::{self, Query};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Model, Result, Value};
use vsphere_client::{Kind, network::DistributedSwitch};

/// Finds a distributed switch, and its uplinks.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_distributed_virtual_switch", category = "Networking")]
pub struct DistributedVirtualSwitchModel {
    /// The UUID of the switch: what port groups and network cards refer to.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the switch, or its inventory path: absolute, or below the datacenter's network folder.
    #[tf(required, check = lookup::name)]
    pub name: Value<String>,
    /// The managed object id of the datacenter to look in. Left out, all datacenters are searched.
    #[tf(optional, form = lookup::datacenter_id)]
    pub datacenter_id: Value<String>,
    /// The names of its uplinks, in order.
    #[tf(computed)]
    pub uplinks: Value<Vec<String>>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct DistributedVirtualSwitch;

impl DataSource for DistributedVirtualSwitch {
    type Model = DistributedVirtualSwitchModel;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: Self::Model) -> Result<Self::Model> {
        let datacenter = lookup::datacenter(&config.datacenter_id);
        let query = Query {
            kind: Kind::DistributedSwitch,
            name: config.name.as_str(),
            field: DistributedVirtualSwitchModel::NAME,
            datacenter: datacenter.as_ref(),
        };
        let found = query.one(cx.client).await?;
        let read = cx.client.api.properties().get::<DistributedSwitch>(&found.object).await;
        let doing = format!("read the distributed switch {}", found.path);
        let read = read.doing(doing)?;
        Ok(DistributedVirtualSwitchModel { id: read.uuid.into(), uplinks: read.uplinks.0.into(), ..config })
    }
}
