//! `Datastore` and `StoragePod`: where files are.

use vim_types::types::{DatastoreSummary, StoragePodSummary};
use vim_types::xml::MoRef;

crate::properties! {
    /// A datastore.
    pub struct Datastore of "Datastore" {
        /// The name, escaped as vSphere does.
        pub name: String = "name",
        /// The folder or datastore cluster that holds it.
        pub parent: Option<MoRef> = "parent",
        /// Capacity and free space (bytes), URL, type, maintenance mode.
        pub summary: DatastoreSummary = "summary",
    }
}

crate::properties! {
    /// A datastore cluster.
    pub struct StoragePod of "StoragePod" {
        /// The name, escaped as vSphere does.
        pub name: String = "name",
        /// The folder that holds it.
        pub parent: Option<MoRef> = "parent",
        /// Capacity and free space (bytes) of all its datastores.
        pub summary: Option<StoragePodSummary> = "summary",
        /// The datastores in it.
        pub datastores: Vec<MoRef> = "childEntity",
    }
}
