//! `data.vsphere_vapp_container`
use crate::common::lookup::{self, Query};
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Model, Result, Value};
use vsphere_client::Kind;

/// Finds a vApp by its name or inventory path.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_vapp_container", category = "Host and Cluster Management")]
pub struct VappContainerData {
    /// The managed object ID of the vApp, such as `resgroup-v8`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name or inventory path of the vApp. A path is either absolute or relative to the virtual machine folder of
    /// the datacenter.
    #[tf(required, check = lookup::name)]
    pub name: Value<String>,
    /// The managed object ID of the datacenter to search. If empty, all datacenters are searched.
    #[tf(required, form = lookup::datacenter_id)]
    pub datacenter_id: Value<String>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub tagged: lookup::Tagged,
}

/// The data source.
#[derive(Debug, Default)]
pub struct VappContainer;

type M = VappContainerData;

impl DataSource for VappContainer {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let datacenter = lookup::datacenter(&config.datacenter_id);
        let (name, field) = (config.name.as_str(), M::NAME);
        let query = Query {
            kind: Kind::VApp,
            name,
            field,
            datacenter: datacenter.as_ref(),
            tags: Some(&config.tagged),
        };
        let found = query.one(cx.client).await?;
        Ok(M { id: found.object.id.to_string().into(), ..config })
    }
}
