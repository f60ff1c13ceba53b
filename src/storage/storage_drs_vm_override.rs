//! `vsphere_storage_drs_vm_override`
use crate::common::cluster_config::overrides::{Override, OverrideModel};
use crate::common::machine;
use crate::common::moid::{DatastoreCluster, MoId};
use tf_framework::{Dynamic, Model, Value};
use vsphere_client::MoRef;
use vsphere_client::cluster::Update;
use vsphere_client::storage_pod::{Change, Pod};
use vsphere_client::vim::types::StorageDrsVmConfigInfo;

/// Manages a Storage DRS override for a virtual machine in a datastore cluster.
///
/// Settings that are omitted default to those of the datastore cluster.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_storage_drs_vm_override", category = "Storage")]
pub struct StorageDrsVmOverrideModel {
    /// The managed object ID of the datastore cluster and the BIOS UUID of the virtual machine, separated by a colon.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The managed object ID of the datastore cluster, such as `group-p12`.
    #[tf(required, force_new, form = MoId::<DatastoreCluster>::any_form)]
    pub datastore_cluster_id: Value<String>,
    /// The virtual machine: its BIOS UUID (the `id` of `vsphere_virtual_machine`), instance UUID or managed object ID.
    #[tf(required, force_new, form = machine::id, same = machine::same)]
    pub virtual_machine_id: Value<String>,
    /// Whether to enable Storage DRS for the virtual machine: `"true"` or `"false"`.
    #[tf(optional, check = flag, same = same_flag)]
    pub sdrs_enabled: Value<String>,
    /// The Storage DRS automation level of the virtual machine: `manual` or `automated`.
    #[tf(optional, one_of("manual", "automated"))]
    pub sdrs_automation_level: Value<String>,
    /// Whether to keep all disks of the virtual machine on the same datastore: `"true"` or `"false"`.
    #[tf(optional, check = flag, same = same_flag)]
    pub sdrs_intra_vm_affinity: Value<String>,
}

/// The resource.
pub type StorageDrsVmOverride = Override<StorageDrsVmOverrideModel>;

/// What a text means as a setting that may be left open: the spellings that the official provider accepts.
fn parsed(text: &str) -> Option<Option<bool>> {
    match text {
        "" => Some(None),
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(Some(true)),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(Some(false)),
        _ => None,
    }
}

fn flag(v: &Dynamic) -> Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    match parsed(text) {
        Some(_) => Ok(()),
        None => Err(format!(
            "{text:?} is neither true nor false. Leave it out for the setting of the datastore cluster."
        )),
    }
}

fn same_flag(a: &Dynamic, b: &Dynamic) -> bool {
    let meaning = |v: &Dynamic| v.as_str().and_then(parsed);
    meaning(a).is_some() && meaning(a) == meaning(b)
}

fn bool_of(v: &Value<String>) -> Option<bool> {
    v.known().and_then(|text| parsed(text).flatten())
}

impl OverrideModel for StorageDrsVmOverrideModel {
    type Owner = Pod;
    const NOUN: &'static str = "Storage DRS override";
    const IMPORT: &'static str = "the paths of the datastore cluster and of the virtual machine, {\"datastore_cluster_path\": \
                                  \"/dc1/datastore/ssd\", \"virtual_machine_path\": \"/dc1/vm/web\"}, or by the managed object ID of the \
                                  datastore cluster and the ID of the virtual machine, such as group-p12:vm-42";
    type Info = StorageDrsVmConfigInfo;

    fn owner(&self) -> &Value<String> {
        &self.datastore_cluster_id
    }

    fn machine(&self) -> &Value<String> {
        &self.virtual_machine_id
    }

    fn ids(&mut self) -> [&mut Value<String>; 3] {
        [&mut self.id, &mut self.datastore_cluster_id, &mut self.virtual_machine_id]
    }

    fn all(pod: &Pod) -> &[Self::Info] {
        &pod.drs.vm_config
    }

    fn key(info: &Self::Info) -> Option<&MoRef> {
        info.vm.as_ref()
    }

    /// Rules between the disks of the virtual machine, which this resource does not manage, are kept.
    fn wanted(&self, key: MoRef, now: Option<&Self::Info>) -> Self::Info {
        StorageDrsVmConfigInfo {
            vm: Some(key),
            enabled: bool_of(&self.sdrs_enabled),
            behavior: self.sdrs_automation_level.non_empty().cloned(),
            intra_vm_affinity: bool_of(&self.sdrs_intra_vm_affinity),
            ..now.cloned().unwrap_or_default()
        }
    }

    fn change(update: Update<Self::Info, MoRef>) -> Change {
        Change::Machine(update)
    }

    fn observed(self, info: &Self::Info) -> Self {
        let text = |flag: Option<bool>| flag.map(|f| f.to_string()).into();
        Self {
            sdrs_enabled: text(info.enabled),
            sdrs_automation_level: info.behavior.clone().into(),
            sdrs_intra_vm_affinity: text(info.intra_vm_affinity),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_as_they_were_sent() {
        for (enabled, level, affinity) in [
            (Value::Null, Value::Null, Value::Null),
            ("false".into(), "manual".into(), "true".into()),
            ("true".into(), Value::Null, Value::Null),
        ] {
            let asked = StorageDrsVmOverrideModel {
                sdrs_enabled: enabled,
                sdrs_automation_level: level,
                sdrs_intra_vm_affinity: affinity,
                ..StorageDrsVmOverrideModel::default()
            };
            let info = asked.wanted(MoRef::new("VirtualMachine", "vm-1"), None);
            assert_eq!(StorageDrsVmOverrideModel::default().observed(&info), asked);
        }
    }

    #[test]
    fn flags_have_several_spellings() {
        for text in ["", "true", "0", "False"] {
            assert_eq!(flag(&text.into()), Ok(()));
        }
        assert!(flag(&"yes".into()).is_err_and(|e| e.contains("neither true nor false")));
        assert!(same_flag(&"1".into(), &"true".into()) && !same_flag(&"".into(), &"false".into()));
    }
}
