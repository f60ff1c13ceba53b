//! `data.vsphere_resource_pool`
use crate::common::lookup::{self, Query};
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Diagnostics, Model, Result, Value};
use vsphere_client::Kind;

/// Finds a resource pool.
///
/// The root pool of every cluster and host is called `Resources`: find it by the path `<cluster>/Resources`, or as
/// `resource_pool_id` of the data source `vsphere_compute_cluster`.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_resource_pool", category = "Host and Cluster Management")]
pub struct ResourcePoolModel {
    /// The managed object id of the resource pool, for example `resgroup-8`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the resource pool, or its inventory path: absolute, or below the datacenter's host folder, such as
    /// `cluster1/Resources/team`. It can be left out where there is only one.
    #[tf(optional)]
    pub name: Value<String>,
    /// The managed object id of the datacenter to look in. Left out, all datacenters are searched.
    #[tf(optional, form = lookup::datacenter_id)]
    pub datacenter_id: Value<String>,
    /// The managed object id of the pool that holds it: then `name` is that of a pool directly in this one.
    #[tf(optional, required_with("name"))]
    pub parent_resource_pool_id: Value<String>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct ResourcePool;

impl DataSource for ResourcePool {
    type Model = ResourcePoolModel;
    type Client = Vsphere;

    fn validate(&self, config: &ResourcePoolModel) -> Diagnostics {
        if config.parent_resource_pool_id.known().is_some_and(|p| !p.is_empty())
            && config.name.as_str().contains('/')
        {
            let detail = "With `parent_resource_pool_id`, expected the name of a pool directly in that one; a slash in \
                          the name is written %2f.";
            return Diagnostics::error(ResourcePoolModel::NAME, "This is a path", detail);
        }
        Diagnostics::default()
    }

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: Self::Model) -> Result<Self::Model> {
        let (vsphere, name) = (cx.client, config.name.as_str());
        let datacenter = lookup::datacenter(&config.datacenter_id);
        let field = ResourcePoolModel::NAME;
        let query = Query { kind: Kind::ResourcePool, name, field, datacenter: datacenter.as_ref() };
        let parent = config.parent_resource_pool_id.as_str();
        let found = if name.is_empty() {
            query.sole(vsphere).await?
        } else if parent.is_empty() {
            query.one(vsphere).await?
        } else {
            let mut all = query.matching(vsphere).await?;
            all.retain(|p| p.parent.as_ref().is_some_and(|p| &*p.id == parent));
            query.only(vsphere, all, &format!(", for a pool directly in {parent}")).await?
        };
        Ok(ResourcePoolModel { id: found.object.id.to_string().into(), ..config })
    }
}
