//! `data.vsphere_host`
use crate::common::lookup::{self, Query};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Model, Result, Value};
use vsphere_client::{Kind, compute::Compute};

/// Finds an ESXi host and its root resource pool.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_host", category = "Host and Cluster Management")]
pub struct HostModel {
    /// The managed object ID of the host, such as `host-10`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the host, or its inventory path, either absolute or relative to the host folder of the datacenter.
    /// Can be omitted if the datacenter has only one host.
    #[tf(optional)]
    pub name: Value<String>,
    /// The managed object ID of the datacenter to search.
    #[tf(required, form = lookup::datacenter_id)]
    pub datacenter_id: Value<String>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub tagged: lookup::Tagged,
    /// The managed object ID of the root resource pool of the host, or of its cluster if the host is in a cluster.
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
        let query = Query {
            kind: Kind::Host,
            name,
            field: HostModel::NAME,
            datacenter: datacenter.as_ref(),
            tags: Some(&config.tagged),
        };
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
