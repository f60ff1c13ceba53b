//! Objects that were found, and the objects above them.

use std::collections::HashMap;

use vim_types::types::PropertySpec;
use vim_types::xml::MoRef;

use super::names::join_path;
use crate::core::property::property_spec;

crate::properties! {
    /// A place in the inventory.
    pub(crate) struct Node of "ManagedEntity" {
        pub(crate) name: String = "name",
        pub(crate) parent: Option<MoRef> = "parent",
        /// Of a virtual machine in a vApp, which then has no parent.
        pub(crate) vapp: Option<MoRef> = "parentVApp",
        /// Of a vApp that is in no other: its parent is a resource pool.
        pub(crate) folder: Option<MoRef> = "parentFolder",
    }
}

impl Node {
    /// What holds it: of a virtual machine its folder or vApp, of a vApp its resource pool, or the vApp that it is in.
    pub(super) fn holder(&self) -> Option<&MoRef> {
        self.parent.as_ref().or(self.vapp.as_ref())
    }

    /// What is to be read of a place; the whole list for each type, whether or not a server adds those of base types.
    pub(super) fn specs() -> Vec<PropertySpec> {
        vec![
            property_spec("ManagedEntity", &["name", "parent"]),
            property_spec("VirtualMachine", &["name", "parent", "parentVApp"]),
            property_spec("VirtualApp", &["name", "parent", "parentFolder"]),
        ]
    }
}

/// All objects of a kind, with what lies above them.
pub(crate) struct Index {
    pub(super) nodes: HashMap<Box<str>, (MoRef, Node)>,
}

/// An object that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The object.
    pub object: MoRef,
    /// Its name, with `%2f`, `%5c` and `%25` resolved.
    pub name: String,
    /// What holds it.
    pub parent: Option<MoRef>,
    /// Its path: from the datacenter, or from the root folder when all datacenters were searched. Slashes,
    /// backslashes and percent signs in names are escaped as vSphere does.
    pub path: String,
}

impl Index {
    pub(super) fn path(&self, object: &MoRef) -> String {
        let mut names = Vec::new();
        let mut next = Some(object);
        while let Some((place, node)) = next.and_then(|o| self.nodes.get(&o.id)) {
            // The place that the search began with (a datacenter, the root folder) is not part of the path. Which way
            // leads there depends on it: resource pools are not among the machines.
            let above = [&node.parent, &node.vapp, &node.folder].into_iter().flatten();
            let parent = above.into_iter().find(|p| self.nodes.contains_key(&p.id));
            if parent.is_some() || place == object {
                names.push(node.name.as_str());
            }
            next = parent;
        }
        join_path(names.into_iter().rev())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As recorded of a vCenter 6.7: a machine in a vApp has no parent, and the vApp's is a resource pool.
    #[test]
    fn what_is_in_a_vapp_has_a_path() {
        let mut nodes = HashMap::new();
        let mut add = |ty: &str, id: &str, name: &str, up: [Option<(&str, &str)>; 3]| {
            let [parent, vapp, folder] = up.map(|u| u.map(|(ty, id)| MoRef::new(ty, id)));
            let node = Node { name: name.to_owned(), parent, vapp, folder };
            nodes.insert(Box::from(id), (MoRef::new(ty, id), node));
        };
        add("Datacenter", "datacenter-2", "RAX", [None, None, None]);
        add("Folder", "group-v3", "vm", [Some(("Datacenter", "datacenter-2")), None, None]);
        add("Folder", "group-v4", "zPod", [Some(("Folder", "group-v3")), None, None]);
        let (pool, folder) = (Some(("ResourcePool", "resgroup-8")), Some(("Folder", "group-v4")));
        add("VirtualApp", "resgroup-v5", "outer", [pool, None, folder]);
        add("VirtualApp", "resgroup-v6", "inner", [Some(("VirtualApp", "resgroup-v5")), None, None]);
        add("VirtualMachine", "vm-1", "a", [None, Some(("VirtualApp", "resgroup-v5")), None]);
        add("VirtualMachine", "vm-2", "b", [None, Some(("VirtualApp", "resgroup-v6")), None]);
        let index = Index { nodes };
        let path = |id: &str| index.path(&MoRef::new("VirtualMachine", id));
        assert_eq!(path("vm-1"), "/vm/zPod/outer/a");
        assert_eq!(path("vm-2"), "/vm/zPod/outer/inner/b");
        // Among the resource pools, the same vApp is where its pool is.
        let mut pools = HashMap::new();
        for (ty, id, name, parent) in [
            ("ComputeResource", "domain-s1", "host", None),
            ("ResourcePool", "resgroup-8", "Resources", Some(MoRef::new("ComputeResource", "domain-s1"))),
            ("VirtualApp", "resgroup-v5", "outer", Some(MoRef::new("ResourcePool", "resgroup-8"))),
        ] {
            let folder = Some(MoRef::new("Folder", "group-v4"));
            let node = Node { name: name.to_owned(), parent, vapp: None, folder };
            pools.insert(Box::from(id), (MoRef::new(ty, id), node));
        }
        assert_eq!(Index { nodes: pools }.path(&MoRef::new("VirtualApp", "resgroup-v5")), "/Resources/outer");
    }
}
