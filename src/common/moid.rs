//! Managed object IDs as attributes take them, by the type of the object: the check, the reference, and the message for an
//! ID that no object has.
use crate::common::entity;
use std::marker::PhantomData;
use tf_framework::{AttributePath, Diagnostics, Dynamic};
use vsphere_client::MoRef;

/// A type of managed object that attributes refer to by ID.
pub trait Managed {
    /// The types in the API whose IDs are accepted. The first one is that of an ID that does not show its type.
    const TYPES: &'static [&'static str];
    /// What the object is called, without an article.
    const NOUN: &'static str;
    /// An ID.
    const EXAMPLE: &'static str;
    /// Where a configuration gets such an ID from.
    const SOURCE: &'static str;
    /// Further IDs: those of a stand-alone ESXi host, or an empty one that means that the attribute is unset.
    const OTHERS: &'static [&'static str] = &[];
}

macro_rules! managed {
    ($($(#[$doc:meta])* $name:ident [$($ty:literal),+] $noun:literal $example:literal $source:literal $([$($other:literal),+])?;)+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name;

        impl Managed for $name {
            const TYPES: &'static [&'static str] = &[$($ty),+];
            const NOUN: &'static str = $noun;
            const EXAMPLE: &'static str = $example;
            const SOURCE: &'static str = $source;
            $(const OTHERS: &'static [&'static str] = &[$($other),+];)?
        }
    )+};
}

managed! {
    /// A datacenter.
    Datacenter ["Datacenter"] "datacenter" "datacenter-3"
        "use `data.vsphere_datacenter.<name>.id`, or `vsphere_datacenter.<name>.moid` (its `id` is its name)"
        ["", "ha-datacenter"];
    /// A cluster of hosts.
    Cluster ["ClusterComputeResource"] "cluster" "domain-c7" "use `data.vsphere_compute_cluster.<name>.id`";
    /// A host.
    Host ["HostSystem"] "host" "host-12" "use `data.vsphere_host.<name>.id`" ["ha-host"];
    /// A resource pool or a vApp.
    ResourcePool ["ResourcePool", "VirtualApp"] "resource pool" "resgroup-8"
        "for the root pool of a cluster, use `data.vsphere_compute_cluster.<name>.resource_pool_id`" ["ha-root-pool"];
    /// A datastore.
    Datastore ["Datastore"] "datastore" "datastore-14" "use `data.vsphere_datastore.<name>.id`";
    /// A datastore cluster.
    DatastoreCluster ["StoragePod"] "datastore cluster" "group-p5" "use `data.vsphere_datastore_cluster.<name>.id`";
    /// A virtual machine, by its managed object ID.
    VirtualMachine ["VirtualMachine"] "virtual machine" "vm-42" "use `data.vsphere_virtual_machine.<name>.moid`";
    /// A folder of virtual machines.
    VmFolder ["Folder"] "folder of virtual machines" "group-v3"
        "use `vsphere_folder.<name>.id`, or the data source `vsphere_folder`" [""];
    /// A vApp.
    Vapp ["VirtualApp"] "vApp" "resgroup-v8" "use `vsphere_vapp_container.<name>.id`";
    /// A virtual machine or vApp that a vApp contains.
    VappMember ["VirtualMachine", "VirtualApp"] "virtual machine or vApp" "vm-42"
        "use the `moid` of `vsphere_virtual_machine`";
    /// A snapshot of a virtual machine.
    Snapshot ["VirtualMachineSnapshot"] "snapshot" "snapshot-12" "use `vsphere_virtual_machine_snapshot.<name>.id`";
}

/// The managed object ID of a `T`, in a configuration.
#[derive(Debug)]
pub struct MoId<T>(PhantomData<T>);

impl<T: Managed> MoId<T> {
    /// A check for attributes that take the ID of a `T` in vCenter.
    ///
    /// # Errors
    /// What the text is instead, and what is expected.
    pub fn form(v: &Dynamic) -> Result<(), String> {
        let text = v.as_str().unwrap_or_default();
        if T::OTHERS.contains(&text) {
            return Ok(());
        }
        match entity::type_of(text) {
            Some(ty) if T::TYPES.contains(&ty) => Ok(()),
            Some(ty) => Err(unexpected::<T>(text, &format!("the ID of {}", entity::words(ty)))),
            None if text.contains('/') => Err(unexpected::<T>(text, "an inventory path")),
            None => Err(unexpected::<T>(text, "not an ID")),
        }
    }

    /// A check for attributes that also take an empty text, and IDs of other forms, which servers other than vCenter have.
    /// Only what cannot be the ID of a `T` is an error: the ID of another type, a name or a path.
    ///
    /// # Errors
    /// What the text is instead, and what is expected.
    pub fn any_form(v: &Dynamic) -> Result<(), String> {
        let text = v.as_str().unwrap_or_default();
        // Datastores of stand-alone hosts have IDs with slashes and blanks, but not a path for an ID.
        let has_slashes = T::TYPES == Datastore::TYPES;
        let has_dots = T::TYPES != Host::TYPES;
        match entity::type_of(text) {
            _ if text.is_empty() => Ok(()),
            Some(ty) if !T::TYPES.contains(&ty) => {
                Err(unexpected::<T>(text, &format!("the ID of {}", entity::words(ty))))
            }
            None if text.starts_with('/')
                || (!has_slashes && text.contains(['/', ' ']))
                || (!has_dots && text.contains('.')) =>
            {
                Err(unexpected::<T>(text, "a name or a path"))
            }
            _ => Ok(()),
        }
    }

    /// The reference to the object of an ID.
    pub fn object(id: impl AsRef<str>) -> MoRef {
        let id = id.as_ref();
        let shown = entity::type_of(id).filter(|ty| T::TYPES.contains(ty));
        MoRef::new(shown.or_else(|| T::TYPES.first().copied()).unwrap_or_default(), id)
    }

    /// The error for an ID that no object has.
    pub fn not_found(id: &str, at: impl Into<AttributePath>) -> Diagnostics {
        let detail = format!("It does not exist, or the user lacks `System.View` on it. {}", expected::<T>());
        Diagnostics::error(at, format!("There is no {} {id:?}", T::NOUN), detail)
    }
}

fn expected<T: Managed>() -> String {
    format!("Expected the managed object ID of a {}, such as {:?}: {}.", T::NOUN, T::EXAMPLE, T::SOURCE)
}

fn unexpected<T: Managed>(text: &str, what: &str) -> String {
    format!("{text:?} is {what}. {}", expected::<T>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form<T: Managed>(text: &str) -> String {
        MoId::<T>::form(&text.into()).err().unwrap_or_default()
    }

    fn any_form<T: Managed>(text: &str) -> String {
        MoId::<T>::any_form(&text.into()).err().unwrap_or_default()
    }

    #[test]
    fn only_ids_of_the_type_are_accepted() {
        for id in ["datacenter-3", "ha-datacenter", ""] {
            assert_eq!(form::<Datacenter>(id), "", "{id}");
        }
        for (message, part) in [
            (
                form::<Datacenter>("dc1"),
                "\"dc1\" is not an ID. Expected the managed object ID of a datacenter",
            ),
            (form::<Datacenter>("/dc1"), "an inventory path"),
            (form::<Datacenter>("group-v3"), "the ID of a folder"),
            (form::<Cluster>("domain-s7"), "the ID of a standalone host's compute resource"),
            (form::<Cluster>("/dc1/host/c1"), "an inventory path"),
            (form::<Cluster>("resgroup-8"), "the ID of a resource pool"),
            (form::<Cluster>(""), "not an ID"),
            (form::<Host>("vm-3"), "the ID of a virtual machine"),
            (form::<Host>("esx1"), "such as \"host-12\": use `data.vsphere_host.<name>.id`."),
            (form::<Snapshot>("vm-3"), "the ID of a virtual machine"),
        ] {
            assert!(message.contains(part), "{message}");
        }
        assert_eq!(form::<Cluster>("domain-c7") + &form::<ResourcePool>("resgroup-v9"), "");
        assert_eq!(
            form::<Host>("host-12") + &form::<Host>("ha-host") + &form::<ResourcePool>("ha-root-pool"),
            ""
        );
    }

    #[test]
    fn ids_of_other_servers_are_accepted() {
        for id in ["", "4711", "5f8a-b3"] {
            assert_eq!(any_form::<Host>(id) + &any_form::<ResourcePool>(id) + &any_form::<Datastore>(id), "");
        }
        assert_eq!(any_form::<Datastore>("192.168.0.2:/vol/nfs 1"), "");
        for (message, part) in [
            (any_form::<Datastore>("/dc1/datastore/ssd"), "a name or a path"),
            (any_form::<Datastore>("host-3"), "the ID of a host"),
            (any_form::<Host>("esx1.example.com"), "a name or a path"),
            (any_form::<ResourcePool>("dc/pool"), "a name or a path"),
            (any_form::<DatastoreCluster>("datastore-3"), "the ID of a datastore"),
        ] {
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn references_have_the_type_of_their_id() {
        let of = |object: MoRef| object.to_string();
        assert_eq!(of(MoId::<ResourcePool>::object("resgroup-v9")), "VirtualApp:resgroup-v9");
        assert_eq!(of(MoId::<ResourcePool>::object("ha-root-pool")), "ResourcePool:ha-root-pool");
        assert_eq!(of(MoId::<Datastore>::object("host-3")), "Datastore:host-3");
        let missing = MoId::<Host>::not_found("host-99", AttributePath::root()).to_string();
        assert!(
            missing.contains("There is no host \"host-99\"") && missing.contains("`System.View`"),
            "{missing}"
        );
    }
}
