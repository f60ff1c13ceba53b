//! `data.vsphere_datacenter`
use crate::common::lookup::{self, Query};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use std::collections::BTreeSet;
use tf_framework::{DataCx, DataSource, Model, Result, Value};
use vsphere_client::{Kind, escape};

/// Finds a datacenter and lists its virtual machines.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_datacenter", category = "Inventory")]
pub struct DatacenterModel {
    /// The managed object ID of the datacenter, such as `datacenter-3`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name or inventory path of the datacenter. Can be omitted if there is only one datacenter.
    #[tf(optional)]
    pub name: Value<String>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub tagged: lookup::Tagged,
    /// The names of all virtual machines in the datacenter.
    #[tf(computed)]
    pub virtual_machines: Value<BTreeSet<String>>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct Datacenter;

impl DataSource for Datacenter {
    type Model = DatacenterModel;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: Self::Model) -> Result<Self::Model> {
        let (vsphere, name) = (cx.client, config.name.as_str());
        let query = Query {
            kind: Kind::Datacenter,
            name,
            field: DatacenterModel::NAME,
            datacenter: None,
            tags: Some(&config.tagged),
        };
        let found = if name.is_empty() { query.sole(vsphere).await? } else { query.one(vsphere).await? };
        let machines = vsphere.api.find().all(Kind::VirtualMachine, Some(&found.object)).await;
        let doing = format!("list the virtual machines of {}", found.path);
        let machines = machines.doing(doing)?;
        Ok(DatacenterModel {
            id: found.object.id.to_string().into(),
            virtual_machines: machines.iter().map(|m| escape(&m.name)).collect::<BTreeSet<_>>().into(),
            ..config
        })
    }
}
