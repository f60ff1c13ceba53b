//! `data.vsphere_host`
use crate::common::lookup::{self, Query};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Model, Result, Value};
use vsphere_client::{Kind, compute::Compute};

/// Finds a host, and the root resource pool that it offers.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_host", category = "Host and Cluster Management")]
pub struct HostModel {
    /// The managed object id of the host, for example `host-10`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the host, or its inventory path: absolute, or below the datacenter's host folder. It can be left out
    /// where the datacenter has only one.
    #[tf(optional)]
    pub name: Value<String>,
    /// The managed object id of the datacenter to look in.
    #[tf(required, form = lookup::datacenter_id)]
    pub datacenter_id: Value<String>,
    /// The managed object id of the host's root resource pool: that of its cluster, if it is in one.
    #[tf(computed)]
    pub resource_pool_id: Value<String>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct Host;

impl DataSource for Host {
    type Model = HostModel;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: Self::Model) -> Result<Self::Model> {
        let (vsphere, name) = (cx.client, config.name.as_str());
        let datacenter = lookup::datacenter(&config.datacenter_id);
        let query = Query { kind: Kind::Host, name, field: HostModel::NAME, datacenter: datacenter.as_ref() };
        let found = if name.is_empty() { query.sole(vsphere).await? } else { query.one(vsphere).await? };
        let pool = match &found.parent {
            Some(parent) => {
                let read = vsphere.api.properties().get::<Compute>(parent).await;
                let doing = format!("read what the host {} belongs to", found.path);
                read.doing(doing)?.resource_pool
            }
            None => None,
        };
        Ok(HostModel {
            id: found.object.id.to_string().into(),
            resource_pool_id: pool.map(|p| p.id.to_string()).into(),
            ..config
        })
    }
}
