//! The kinds of objects that can be found, and the areas of a datacenter.

use vim_types::xml::MoRef;

/// A type, and the property that leads from it to what is below.
pub(super) type Step = (&'static str, &'static str);

/// The four parts of a datacenter, each below a folder of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Area {
    /// Virtual machines, templates, vApps.
    Vm,
    /// Hosts and clusters.
    Host,
    /// Datastores and datastore clusters.
    Datastore,
    /// Networks and distributed switches.
    Network,
}

impl Area {
    /// The property of a datacenter that refers to the folder.
    pub fn property(self) -> &'static str {
        match self {
            Area::Vm => "vmFolder",
            Area::Host => "hostFolder",
            Area::Datastore => "datastoreFolder",
            Area::Network => "networkFolder",
        }
    }
}

crate::properties! {
    /// The four folders of a datacenter. Users may have renamed them.
    pub struct Folders of "Datacenter" {
        /// Virtual machines.
        pub vm: MoRef = "vmFolder",
        /// Hosts and clusters.
        pub host: MoRef = "hostFolder",
        /// Datastores.
        pub datastore: MoRef = "datastoreFolder",
        /// Networks.
        pub network: MoRef = "networkFolder",
    }
}

impl Folders {
    /// The folder of an area.
    pub fn of(&self, area: Area) -> &MoRef {
        match area {
            Area::Vm => &self.vm,
            Area::Host => &self.host,
            Area::Datastore => &self.datastore,
            Area::Network => &self.network,
        }
    }
}

/// What can be found by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A datacenter.
    Datacenter,
    /// A folder of datacenters, or any below a datacenter of that area.
    Folder(Option<Area>),
    /// A cluster.
    Cluster,
    /// A cluster, or what holds a standalone host.
    ComputeResource,
    /// A host.
    Host,
    /// A resource pool, vApps included.
    ResourcePool,
    /// A datastore.
    Datastore,
    /// A datastore cluster.
    StoragePod,
    /// A network of any kind: standard, distributed port group, opaque.
    Network,
    /// A distributed switch.
    DistributedSwitch,
    /// A virtual machine or template.
    VirtualMachine,
    /// A vApp, in the folder of virtual machines or the vApp that it is in.
    VApp,
}

impl Kind {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Datacenter => "Datacenter",
            Kind::Folder(_) => "Folder",
            Kind::Cluster => "ClusterComputeResource",
            Kind::ComputeResource => "ComputeResource",
            Kind::Host => "HostSystem",
            Kind::ResourcePool => "ResourcePool",
            Kind::Datastore => "Datastore",
            Kind::StoragePod => "StoragePod",
            Kind::Network => "Network",
            Kind::DistributedSwitch => "DistributedVirtualSwitch",
            Kind::VirtualMachine => "VirtualMachine",
            Kind::VApp => "VirtualApp",
        }
    }

    pub(super) fn fits(self, ty: &str) -> bool {
        match self {
            Kind::ComputeResource => matches!(ty, "ComputeResource" | "ClusterComputeResource"),
            Kind::ResourcePool => matches!(ty, "ResourcePool" | "VirtualApp"),
            Kind::Network => matches!(ty, "Network" | "DistributedVirtualPortgroup" | "OpaqueNetwork"),
            Kind::DistributedSwitch => {
                matches!(ty, "DistributedVirtualSwitch" | "VmwareDistributedVirtualSwitch")
            }
            other => ty == other.name(),
        }
    }

    /// Below which of a datacenter's folders it is.
    pub fn area(self) -> Option<Area> {
        match self {
            Kind::Datacenter => None,
            Kind::Folder(area) => area,
            Kind::Cluster | Kind::ComputeResource | Kind::Host | Kind::ResourcePool => Some(Area::Host),
            Kind::Datastore | Kind::StoragePod => Some(Area::Datastore),
            Kind::Network | Kind::DistributedSwitch => Some(Area::Network),
            Kind::VirtualMachine | Kind::VApp => Some(Area::Vm),
        }
    }

    /// The steps that lead from a datacenter, or the root folder, to all objects of the kind.
    pub(super) fn steps(self) -> Vec<Step> {
        let mut steps = vec![("Folder", "childEntity")];
        match self {
            // What folders hold: one request for all of them, since who asks for one soon asks for another.
            Kind::Cluster
            | Kind::ComputeResource
            | Kind::Datastore
            | Kind::StoragePod
            | Kind::Network
            | Kind::DistributedSwitch => {
                let areas = [Area::Host, Area::Datastore, Area::Network];
                steps.extend(areas.map(|a| ("Datacenter", a.property())));
            }
            _ => steps.extend(self.area().map(|a| ("Datacenter", a.property()))),
        }
        match self {
            Kind::Host => steps.push(("ComputeResource", "host")),
            Kind::ResourcePool => {
                steps.extend([("ComputeResource", "resourcePool"), ("ResourcePool", "resourcePool")]);
            }
            Kind::VirtualMachine | Kind::VApp => {
                steps.extend([("VirtualApp", "vm"), ("VirtualApp", "resourcePool")]);
            }
            _ => {}
        }
        steps
    }
}
