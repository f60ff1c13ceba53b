//! `data.vsphere_resource_pool`
use crate::common::lookup::{self, Query};
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Diagnostics, Model, Result, Value};
use vsphere_client::Kind;

/// Finds a resource pool by its name or inventory path.
///
/// The root resource pool of every cluster and standalone host is named `Resources`. To find the root resource pool of
/// a cluster, set `name` to `<cluster>/Resources`. The data source `vsphere_compute_cluster` also returns it, as
/// `resource_pool_id`.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_resource_pool", category = "Host and Cluster Management")]
pub struct ResourcePoolModel {
    /// The managed object ID of the resource pool, such as `resgroup-8`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name or inventory path of the resource pool. A path is either absolute or relative to the host folder of the
    /// datacenter, such as `cluster1/Resources/team`. Can be omitted if there is only one resource pool.
    #[tf(optional)]
    pub name: Value<String>,
    /// The managed object ID of the datacenter to search. If omitted, all datacenters are searched.
    #[tf(optional, form = lookup::datacenter_id)]
    pub datacenter_id: Value<String>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub tagged: lookup::Tagged,
    /// The managed object ID of the parent resource pool. If set, `name` must be the name of a direct child of this
    /// resource pool.
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
        let query = Query {
            kind: Kind::ResourcePool,
            name,
            field,
            datacenter: datacenter.as_ref(),
            tags: Some(&config.tagged),
        };
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
