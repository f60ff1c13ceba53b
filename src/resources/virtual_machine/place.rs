//! Where a machine is: folder, pool, host, datastore, datastore cluster.
use crate::common::entity;
use tf_framework::Dynamic;

/// A check for the id of a pool or vApp.
pub(super) fn pool_id(v: &Dynamic) -> Result<(), String> {
    expect(v, &["ResourcePool", "VirtualApp"], "resource pool", "resgroup-8", "vsphere_compute_cluster")
}

/// A check for the id of a host.
pub(super) fn host_id(v: &Dynamic) -> Result<(), String> {
    expect(v, &["HostSystem"], "host", "host-12", "vsphere_host")
}

/// A check for the id of a datastore.
pub(super) fn datastore_id(v: &Dynamic) -> Result<(), String> {
    expect(v, &["Datastore"], "datastore", "datastore-14", "vsphere_datastore")
}

/// A check for the id of a datastore cluster.
pub(super) fn datastore_cluster_id(v: &Dynamic) -> Result<(), String> {
    expect(v, &["StoragePod"], "datastore cluster", "group-p5", "vsphere_datastore_cluster")
}

fn expect(v: &Dynamic, kinds: &[&str], what: &str, example: &str, source: &str) -> Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    match entity::type_of(text) {
        _ if text.is_empty() => Ok(()),
        Some(ty) if !kinds.contains(&ty) => Err(format!(
            "{text:?} is the id of a {ty}. Expected the managed object id of a {what}, such as {example:?}; the data \
             source `{source}` tells it."
        )),
        // Servers other than vCenter have ids of other forms.
        _ => Ok(()),
    }
}

/// Two spellings of one folder.
pub(super) fn same_folder(a: &Dynamic, b: &Dynamic) -> bool {
    let parts = |v: &Dynamic| -> Option<Vec<String>> {
        Some(v.as_str()?.split('/').filter(|s| !s.is_empty()).map(str::to_owned).collect())
    };
    parts(a).is_some() && parts(a) == parts(b)
}
