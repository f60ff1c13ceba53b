//! `data.vsphere_datastore`
use crate::common::lookup_source::{LookupModel, Named};
use std::collections::BTreeMap;
use tf_framework::{Model, Value};
use vsphere_client::{Kind, datastore};

/// Finds a datastore, and returns its capacity and free space.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_datastore", category = "Storage")]
pub struct Datastore {
    #[tf(flatten)]
    named: Named,
    /// A map with the `capacity` and the `free` space of the datastore, in bytes.
    #[tf(optional, computed)]
    pub stats: Value<BTreeMap<String, String>>,
}

impl LookupModel for Datastore {
    const KIND: Kind = Kind::Datastore;
    type Properties = datastore::Datastore;

    fn found(&mut self, read: datastore::Datastore) {
        let stats = [("capacity", read.summary.capacity), ("free", read.summary.free_space)];
        self.stats =
            stats.map(|(k, v)| (k.to_owned(), v.to_string())).into_iter().collect::<BTreeMap<_, _>>().into();
    }
}
