//! `data.vsphere_datastore`
use crate::common::lookup_source::{Lookup, LookupModel, Named};
use std::collections::BTreeMap;
use tf_framework::{Model, Value};
use vsphere_client::{Found, Kind, datastore};

/// Finds a datastore, and how much space it has.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_datastore", category = "Storage")]
pub struct DatastoreModel {
    /// The managed object id of the datastore, for example `datastore-12`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// What it is looked up by.
    #[tf(flatten)]
    pub named: Named,
    /// Its `capacity` and `free` space, in bytes.
    #[tf(optional, computed)]
    pub stats: Value<BTreeMap<String, String>>,
}

/// The data source.
pub type Datastore = Lookup<DatastoreModel>;

impl LookupModel for DatastoreModel {
    const KIND: Kind = Kind::Datastore;
    type Properties = datastore::Datastore;

    fn named(&self) -> &Named {
        &self.named
    }

    fn found(self, found: &Found, read: datastore::Datastore) -> Self {
        let stats = [("capacity", read.summary.capacity), ("free", read.summary.free_space)];
        let stats: BTreeMap<_, _> = stats.map(|(k, v)| (k.to_owned(), v.to_string())).into();
        Self { id: found.object.id.to_string().into(), stats: stats.into(), ..self }
    }
}
