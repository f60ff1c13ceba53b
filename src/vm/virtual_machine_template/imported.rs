//! What an import has found that no state keeps: a configuration that declares it as it is changes nothing.
use super::model::{InterfaceModel, TemplateModel as M};
use crate::vm::virtual_machine::parts;
use crate::vsphere::Vsphere;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use tf_framework::{Field, Value};
use vsphere_client::virtual_machine::VirtualMachine as Machine;

/// The key in the private data.
pub(super) const FOUND: &str = "found";

/// For the private data. Values of `extra_config` and of properties can be secret: there are only digests of them.
pub(super) async fn found(vsphere: &Vsphere, vm: &Machine, seen: &parts::M) -> Json {
    let devices = vm.devices();
    let sizes: Vec<i64> = devices.disks().iter().map(|(_, d)| parts::gib_of(d.capacity())).collect();
    let interfaces = seen.network_interface.get();
    let interfaces: Vec<[&str; 2]> =
        interfaces.iter().map(|n| [n.network_id.as_str(), n.adapter_type.as_str()]).collect();
    json!({
        "sizes": sizes,
        "interfaces": interfaces,
        "keys": parts::keys(vm),
        "properties": parts::properties(vm),
        "cluster": parts::cluster(vsphere, vm).await,
    })
}

/// The attributes that a plan declares as they were found, and those that no server keeps. A snapshot is not one of them:
/// the state is to have its ID. Pure.
pub(super) fn alike(found: &Json, planned: &M) -> Vec<Field> {
    let machine = planned.machine();
    let has = |list: &str, i: usize| found[list].get(i).cloned().unwrap_or_default();
    let is_size =
        |(i, size): (usize, Value<i64>)| size.known().is_some_and(|n| has("sizes", i).as_i64() == Some(*n));
    let is_interface = |(i, b): (usize, &InterfaceModel)| {
        let found = has("interfaces", i);
        let is = |v: &Value<String>, n: usize| v.known().is_some_and(|v| found[n] == v.as_str());
        is(&b.network_id, 0) && (b.adapter_type.is_null() || is(&b.adapter_type, 1))
    };
    let interfaces = planned.network_interface.get();
    let count = found["interfaces"].as_array().map_or(0, Vec::len);
    let properties: BTreeMap<String, String> =
        serde_json::from_value(found["properties"].clone()).unwrap_or_default();
    let text = |v: &Value<String>| v.known().map(String::as_str).unwrap_or_default().to_owned();
    [
        (M::OVF_DEPLOY, true),
        (M::CLONE, true),
        (M::DISK_IMAGE, true),
        (M::DISK, planned.sizes().into_iter().enumerate().all(is_size)),
        (
            M::NETWORK_INTERFACE,
            !planned.network_interface.is_unknown()
                && interfaces.len() == count
                && interfaces.iter().enumerate().all(is_interface),
        ),
        (M::EXTRA_CONFIG, parts::has_keys(found.get("keys"), &machine)),
        (M::VAPP, parts::has_properties(&properties, &machine)),
        (M::DATASTORE_CLUSTER_ID, found["cluster"] == text(&planned.datastore_cluster_id)),
    ]
    .into_iter()
    .filter(|(_, alike)| *alike)
    .map(|(field, _)| field)
    .collect()
}

#[cfg(test)]
mod tests {
    use super::super::model::DiskModel;
    use super::*;
    use tf_framework::Model as _;

    #[test]
    fn what_is_declared_as_it_was_found_is_not_a_change() {
        let found = json!({
            "sizes": [8, 4],
            "interfaces": [["network-7", "vmxnet3"]],
            "keys": {},
            "properties": {},
            "cluster": "group-p5",
        });
        let disk = |gib: i64| M { disk: vec![DiskModel { size: gib.into() }].into(), ..M::null() };
        let interface = |network: &str, adapter: Option<&str>| {
            let adapter_type = adapter.map(str::to_owned).into();
            let block = InterfaceModel { network_id: network.into(), adapter_type, ..InterfaceModel::null() };
            M { network_interface: vec![block].into(), ..M::null() }
        };
        for (planned, field, expected) in [
            (disk(8), M::DISK, true),
            (disk(9), M::DISK, false),
            (interface("network-7", None), M::NETWORK_INTERFACE, true),
            (interface("network-7", Some("vmxnet3")), M::NETWORK_INTERFACE, true),
            (interface("network-7", Some("e1000")), M::NETWORK_INTERFACE, false),
            (interface("network-8", None), M::NETWORK_INTERFACE, false),
            (M { datastore_cluster_id: "group-p5".into(), ..M::null() }, M::DATASTORE_CLUSTER_ID, true),
            (M { datastore_cluster_id: "group-p6".into(), ..M::null() }, M::DATASTORE_CLUSTER_ID, false),
            (M::null(), M::CLONE, true),
            (M::null(), M::DISK_IMAGE, true),
        ] {
            assert_eq!(alike(&found, &planned).contains(&field), expected, "{} {planned:?}", field.0);
        }
    }
}
