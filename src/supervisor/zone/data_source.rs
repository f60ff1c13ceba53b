//! `data.vsphere_zone`
use super::not_found;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use std::collections::BTreeSet;
use tf_framework::{DataCx, DataSource, Model, Result, Value};

/// Finds a vSphere Zone by name.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_zone", category = "Workload Management")]
pub struct ZoneData {
    /// The name of the vSphere Zone.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the vSphere Zone.
    #[tf(required)]
    pub name: Value<String>,
    /// The description of the vSphere Zone.
    #[tf(computed)]
    pub description: Value<String>,
    /// The managed object IDs of the clusters in the vSphere Zone.
    #[tf(computed)]
    pub cluster_ids: Value<BTreeSet<String>>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct Zone;

type M = ZoneData;

impl DataSource for Zone {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let name = config.name.as_str();
        let zone = match cx.client.api.supervisors().zone(name).await {
            Err(e) if e.is_not_found() => return Err(not_found(name, M::NAME)),
            other => other.doing(format!("read the zone {name:?}"))?,
        };
        Ok(M {
            id: config.name.clone(),
            description: zone.description.into(),
            cluster_ids: Value::Known(zone.clusters),
            ..config
        })
    }
}
