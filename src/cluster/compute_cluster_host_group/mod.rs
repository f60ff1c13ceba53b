//! `vsphere_compute_cluster_host_group`
pub mod data_source;
use crate::cluster::common::groups::{Group, GroupHead, GroupModel, Kind};
use crate::common::entity;
use std::collections::BTreeSet;
use tf_framework::{Dynamic, Field, Model, Value};

/// Manages a group of hosts in a cluster, for rules to refer to.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_compute_cluster_host_group", category = "Host and Cluster Management")]
pub struct ComputeClusterHostGroupModel {
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub head: GroupHead,
    /// The managed object ids of the hosts in the group. Left out, its members are left alone.
    #[tf(optional, computed, each(form = host_id))]
    pub host_system_ids: Value<BTreeSet<String>>,
}

fn host_id(v: &Dynamic) -> Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    let what = match entity::type_of(text) {
        Some("HostSystem") => return Ok(()),
        Some(ty) => format!("the id of a {ty}"),
        None => "no id".to_owned(),
    };
    Err(format!(
        "{text:?} is {what}. Expected the managed object id of a host, such as \"host-12\": use \
         `data.vsphere_host.<name>.id`."
    ))
}

/// The resource.
pub type ComputeClusterHostGroup = Group<ComputeClusterHostGroupModel>;

impl GroupModel for ComputeClusterHostGroupModel {
    const KIND: Kind = Kind::Hosts;
    const MEMBERS: Field = Self::HOST_SYSTEM_IDS;

    fn head(&self) -> &GroupHead {
        &self.head
    }

    fn head_mut(&mut self) -> &mut GroupHead {
        &mut self.head
    }

    fn members(&self) -> &Value<BTreeSet<String>> {
        &self.host_system_ids
    }

    fn members_mut(&mut self) -> &mut Value<BTreeSet<String>> {
        &mut self.host_system_ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_hosts_are_told_from_other_things() {
        for (text, wrong) in [("host-12", None), ("vm-3", Some("a VirtualMachine")), ("esx1", Some("no id"))]
        {
            let told = host_id(&text.into());
            assert_eq!(told.is_ok(), wrong.is_none(), "{text}");
            assert!(told.err().is_none_or(|e| e.contains(wrong.unwrap_or_default())), "{text}");
        }
    }
}
