//! Finding managed objects by name and path.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use vim_types::methods::{FindByInventoryPath, FindByUuid, FindChild};
use vim_types::types::{
    ObjectSpec, PropertyFilterSpec, PropertySpec, SelectionSpec, SelectionSpecKind, TraversalSpec,
};
use vim_types::xml::MoRef;

use crate::client::Client;
use crate::core::property::{self, property_spec};
use crate::error::{Error, FaultKind, Result};
use crate::snapshot::Snapshots;

/// A type, and the property that leads from it to what is below.
type Step = (&'static str, &'static str);

/// What is known of the inventory.
#[derive(Default)]
struct State {
    nodes: Snapshots<MoRef, Node>,
    /// By the steps that lead to what is in it: kinds with the same way share an index.
    indexes: Snapshots<(Vec<Step>, Option<MoRef>), Index>,
}

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
    fn holder(&self) -> Option<&MoRef> {
        self.parent.as_ref().or(self.vapp.as_ref())
    }

    /// What is to be read of a place; the whole list for each type, whether or not a server adds those of base types.
    fn specs() -> Vec<PropertySpec> {
        vec![
            property_spec("ManagedEntity", &["name", "parent"]),
            property_spec("VirtualMachine", &["name", "parent", "parentVApp"]),
            property_spec("VirtualApp", &["name", "parent", "parentFolder"]),
        ]
    }
}

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
        }
    }

    fn fits(self, ty: &str) -> bool {
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
            Kind::VirtualMachine => Some(Area::Vm),
        }
    }

    /// The steps that lead from a datacenter, or the root folder, to all objects of the kind.
    fn steps(self) -> Vec<Step> {
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
            Kind::VirtualMachine => {
                steps.extend([("VirtualApp", "vm"), ("VirtualApp", "resourcePool")]);
            }
            _ => {}
        }
        steps
    }
}

/// All objects of a kind, with what lies above them.
pub(crate) struct Index {
    nodes: HashMap<Box<str>, (MoRef, Node)>,
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

/// Finding managed objects; from [`Client::find`].
pub struct Find<'a> {
    client: &'a Client,
}

impl Client {
    /// Finding managed objects by name and path.
    pub fn find(&self) -> Find<'_> {
        Find { client: self }
    }
}

impl Find<'_> {
    fn state(&self) -> Arc<State> {
        self.client.core().slot()
    }

    /// All objects of a kind below a datacenter, or below the root folder; in one request (a page for every
    /// thousand), which readers at the same time share, and which is used again until this client changes
    /// the inventory, or for half a minute. Kinds that are found in the same folders share it.
    ///
    /// # Errors
    /// `ManagedObjectNotFound` for the datacenter, and those of any call.
    pub async fn all(&self, kind: Kind, datacenter: Option<&MoRef>) -> Result<Vec<Found>> {
        let core = self.client.core();
        let key = (kind.steps(), datacenter.cloned());
        let index = self.state().indexes.get(&core.inventory, &key, || self.read(&key.0, datacenter)).await?;
        let mut found: Vec<Found> = index
            .nodes
            .values()
            .filter(|(object, _)| kind.fits(&object.ty) && Some(object) != datacenter)
            .map(|(object, node)| Found {
                object: object.clone(),
                name: unescape(&node.name).into_owned(),
                parent: node.holder().cloned(),
                path: index.path(object),
            })
            .collect();
        found.sort_by(|a, b| (&a.path, &a.object).cmp(&(&b.path, &b.object)));
        Ok(found)
    }

    /// Forgets what was read of the inventory, for a caller that waits for what others do.
    pub fn forget(&self) {
        drop(self.client.core().rearranging());
    }

    async fn read(&self, steps: &[Step], datacenter: Option<&MoRef>) -> Result<Index> {
        let start = datacenter.cloned().unwrap_or_else(|| self.client.root_folder());
        let names: Vec<String> = steps.iter().map(|(ty, path)| format!("{ty}.{path}")).collect();
        let select = || {
            names
                .iter()
                .map(|n| SelectionSpec { name: Some(n.clone()) }.into())
                .collect::<Vec<SelectionSpecKind>>()
        };
        let traversals = steps.iter().zip(&names).map(|((ty, path), name)| {
            TraversalSpec {
                base: SelectionSpec { name: Some(name.clone()) },
                r#type: (*ty).to_owned(),
                path: (*path).to_owned(),
                skip: Some(false),
                select_set: select(),
            }
            .into()
        });
        let spec = PropertyFilterSpec {
            prop_set: Node::specs(),
            object_set: vec![ObjectSpec { obj: start, skip: Some(false), select_set: traversals.collect() }],
            report_missing_objects_in_results: None,
        };
        let mut nodes = HashMap::new();
        for part in property::retrieve(self.client.core(), vec![spec]).await? {
            match part.decode::<Node>() {
                Ok(node) => drop(nodes.insert(part.object.id.clone(), (part.object.clone(), node))),
                // What this user may not see, and what went away meanwhile, is not to be found.
                Err(error) if hidden(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Index { nodes })
    }

    /// All objects of that name or path, below a datacenter or anywhere.
    ///
    /// A name without slash is looked for at any depth. A path is either absolute (`/DC/vm/a/b`), or begins
    /// at the folder of the kind's area (`a/b`), or at what the search begins with (`vm/a/b`, or `DC/vm/a/b`
    /// without a datacenter). A slash in a name is written `%2f`, a backslash `%5c`, a percent sign `%25`, or as it
    /// is: servers store the names of standard networks and of NSX segments as they are, and all others escaped.
    /// Where nothing has the name as it is written, `*`, `?` and `[a-z]` stand for other characters of one name.
    ///
    /// # Errors
    /// Those of [`all`](Find::all).
    pub async fn matching(&self, kind: Kind, name: &str, datacenter: Option<&MoRef>) -> Result<Vec<Found>> {
        let all = self.all(kind, datacenter).await?;
        // Paths are known from the datacenter on; an absolute one has the datacenter's own before it.
        let above = match datacenter {
            Some(datacenter) if name.starts_with('/') => Some(self.path_of(datacenter).await?),
            _ => None,
        };
        let wanted = Wanted { kind, name, datacenter: datacenter.is_some(), above: above.as_deref() };
        let found = wanted.of(&all);
        if !found.is_empty() || kind != Kind::VirtualMachine {
            return Ok(found);
        }
        // The other way to a machine in a vApp: by its resource pools.
        let Some((vapp, name)) = name.trim_end_matches('/').rsplit_once('/').filter(|(v, _)| !v.is_empty())
        else {
            return Ok(found);
        };
        if !all.iter().any(|f| f.parent.as_ref().is_some_and(|p| &*p.ty == "VirtualApp")) {
            return Ok(found);
        }
        let vapps = Box::pin(self.matching(Kind::ResourcePool, vapp, datacenter)).await?;
        let inside = |f: &Found| vapps.iter().any(|v| f.parent.as_ref() == Some(&v.object));
        Ok(Wanted { name, above: None, ..wanted }.of(&all.into_iter().filter(inside).collect::<Vec<_>>()))
    }

    /// The object of that name or path; see [`matching`](Find::matching).
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Ambiguous`] with all paths, and those of [`all`](Find::all).
    pub async fn object_by_name(&self, kind: Kind, name: &str, datacenter: Option<&MoRef>) -> Result<Found> {
        let mut found = self.matching(kind, name, datacenter).await?;
        match found.len() {
            1 => Ok(found.remove(0)),
            0 => Err(Error::NotFound {
                kind: kind.name().to_owned(),
                name: name.to_owned(),
                place: match datacenter {
                    Some(datacenter) => self.path_of(datacenter).await?,
                    None => "any datacenter".to_owned(),
                },
            }),
            _ => Err(Error::Ambiguous {
                kind: kind.name().to_owned(),
                name: name.to_owned(),
                candidates: found.into_iter().map(|f| f.path).collect(),
            }),
        }
    }

    /// The object at an absolute inventory path (`/DC/vm/a`), by the server's own lookup; nothing when there
    /// is none. Percent signs and backslashes in names may be escaped or not; slashes have to be.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn by_inventory_path(&self, path: &str) -> Result<Option<MoRef>> {
        let this = self.search_index()?;
        let request = FindByInventoryPath { this, inventory_path: stored_path(path) };
        self.client.call(&request).await
    }

    /// The virtual machine, or with `vm` false the host, of that BIOS UUID, or with `instance` of that
    /// instance UUID; nothing when there is none.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn by_uuid(
        &self,
        uuid: &str,
        vm: bool,
        instance: bool,
        datacenter: Option<&MoRef>,
    ) -> Result<Option<MoRef>> {
        let request = FindByUuid {
            this: self.search_index()?,
            datacenter: datacenter.cloned(),
            uuid: uuid.to_owned(),
            vm_search: vm,
            instance_uuid: Some(instance),
        };
        self.client.call(&request).await
    }

    /// The child of that name of a folder, resource pool, cluster or datacenter; nothing when there is none.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn child(&self, parent: &MoRef, name: &str) -> Result<Option<MoRef>> {
        let request = FindChild { this: self.search_index()?, entity: parent.clone(), name: wire_name(name) };
        self.client.call(&request).await
    }

    /// The folder at a path below one of a datacenter's folders, or, without a datacenter, below the root
    /// folder; an empty path is that folder itself. The folders' own names (`vm`, `host`, …) do not matter.
    ///
    /// # Errors
    /// [`Error::NotFound`] with the part of the path that exists, and those of any call.
    pub async fn folder(&self, place: Option<(&MoRef, Area)>, path: &str) -> Result<MoRef> {
        let mut folder = match place {
            Some((datacenter, area)) => self.client.datacenters().folders(datacenter).await?.of(area).clone(),
            None => self.client.root_folder(),
        };
        let mut walked = String::new();
        for segment in path.split('/').filter(|s| !s.is_empty()) {
            let Some(child) = self.child(&folder, segment).await? else {
                return Err(Error::NotFound {
                    kind: "Folder".to_owned(),
                    name: path.to_owned(),
                    place: format!("{} (no {segment:?})", if walked.is_empty() { "/" } else { &walked }),
                });
            };
            folder = child;
            walked = format!("{walked}/{segment}");
        }
        Ok(folder)
    }

    fn search_index(&self) -> Result<MoRef> {
        self.client.service_content().search_index.clone().ok_or_else(|| Error::NotVCenter {
            server: self.client.server().to_owned(),
            reason: "it has no SearchIndex".to_owned(),
        })
    }

    /// The inventory path of an object: `/DC/vm/a/b`. What is above it is read in one request, and known
    /// afterwards until this client changes the inventory.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn path_of(&self, object: &MoRef) -> Result<String> {
        let ancestors = self.ancestors(object).await?;
        Ok(join_path(ancestors.iter().skip(1).map(|(_, name)| name.as_str())))
    }

    /// The path of an object below the root folder of its area in its datacenter (`a/b` for `/DC/vm/a/b`);
    /// of a datacenter or a folder of datacenters, below the root folder of the inventory.
    ///
    /// # Errors
    /// As [`path_of`](Find::path_of).
    pub async fn path_in_datacenter(&self, object: &MoRef) -> Result<String> {
        let ancestors = self.ancestors(object).await?;
        let datacenter = ancestors[..ancestors.len().saturating_sub(1)]
            .iter()
            .rposition(|(place, _)| &*place.ty == "Datacenter");
        // After the datacenter comes the root folder of the area, whatever its name.
        let skip = datacenter.map_or(1, |at| at + 2);
        Ok(join_path(ancestors.iter().skip(skip).map(|(_, name)| name.as_str()))
            .trim_start_matches('/')
            .to_owned())
    }

    /// The datacenter that an object is in; nothing for what lies above datacenters.
    ///
    /// # Errors
    /// As [`path_of`](Find::path_of).
    pub async fn datacenter_of(&self, object: &MoRef) -> Result<Option<MoRef>> {
        let ancestors = self.ancestors(object).await?;
        Ok(ancestors.into_iter().rev().map(|(place, _)| place).find(|p| &*p.ty == "Datacenter"))
    }

    /// What lies above an object, from the root folder down to the object itself, with the names as they
    /// are in the inventory (escaped). In what this process has read, if it has.
    ///
    /// # Errors
    /// As [`path_of`](Find::path_of).
    pub async fn ancestors(&self, object: &MoRef) -> Result<Vec<(MoRef, String)>> {
        let core = self.client.core();
        let mut chain = Vec::new();
        let mut next = Some(object.clone());
        let machine = &*object.ty == "VirtualMachine";
        while let Some(place) = next {
            let node = self.state().nodes.get(&core.places, &place, || self.read_up(&place)).await?;
            chain.push((place, node.name.clone()));
            // The vApp of a machine is in a folder, as the machine is; by itself it is a resource pool.
            let folder = node.folder.as_ref().filter(|_| machine);
            next = folder.or(node.holder()).cloned();
            // No inventory is that deep; a loop would be endless.
            if chain.len() > 100 {
                break;
            }
        }
        chain.reverse();
        Ok(chain)
    }

    /// What to note before reading what is then noted.
    pub(crate) fn epoch(&self) -> u64 {
        Snapshots::<MoRef, Node>::epoch(&self.client.core().places)
    }

    /// Notes the name and the parent of an object, which saves reading it for its path.
    pub(crate) fn note(&self, epoch: u64, object: &MoRef, name: &str, parent: Option<&MoRef>) {
        if parent.is_none() || &*object.ty == "VirtualApp" {
            // There is more to know about what is in a vApp, or is one.
            return;
        }
        let node = Node { name: name.to_owned(), parent: parent.cloned(), ..Default::default() };
        self.state().nodes.put(epoch, object, node);
    }

    /// Reads a place and all that is above it, in one request; those above are noted.
    async fn read_up(&self, object: &MoRef) -> Result<Node> {
        let core = self.client.core();
        let epoch = Snapshots::<MoRef, Node>::epoch(&core.places);
        let up = |name: &str, ty: &str, path: &str| -> SelectionSpecKind {
            TraversalSpec {
                base: SelectionSpec { name: Some(name.to_owned()) },
                r#type: ty.to_owned(),
                path: path.to_owned(),
                skip: Some(false),
                select_set: ["up", "folder"]
                    .map(|name| SelectionSpec { name: Some(name.to_owned()) }.into())
                    .to_vec(),
            }
            .into()
        };
        let spec = PropertyFilterSpec {
            prop_set: Node::specs(),
            object_set: vec![ObjectSpec {
                obj: object.clone(),
                skip: Some(false),
                // A machine in a vApp has no parent folder, so its vApp is the way up.
                select_set: vec![
                    up("up", "ManagedEntity", "parent"),
                    up("vapp", "VirtualMachine", "parentVApp"),
                    up("folder", "VirtualApp", "parentFolder"),
                ],
            }],
            report_missing_objects_in_results: None,
        };
        let mut own = Node::default();
        for part in property::retrieve(core, vec![spec]).await? {
            let node: Node = part.decode()?;
            if part.object == *object {
                own = node;
            } else {
                self.state().nodes.put(epoch, &part.object, node);
            }
        }
        Ok(own)
    }
}

impl Index {
    fn path(&self, object: &MoRef) -> String {
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

fn hidden(error: &Error) -> bool {
    matches!(
        error.fault_kind(),
        Some(FaultKind::NoPermission { .. } | FaultKind::ManagedObjectNotFound { .. })
    )
}

/// What is looked for.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    kind: Kind,
    /// A name or a path.
    name: &'a str,
    /// Whether the search is one below a datacenter.
    datacenter: bool,
    /// The path of that datacenter, for an absolute path.
    above: Option<&'a str>,
}

/// How an object can have the name that is looked for, from the surest on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Segment by segment, each escaped or not.
    Segments,
    /// The text is the same, wherever a name begins: slashes in names that are not escaped.
    Text,
    /// As a pattern.
    Pattern,
    /// By its reference: `Network:network-7`.
    Reference,
}

impl Wanted<'_> {
    /// The objects that are meant; only those of the surest way in which any is.
    fn of(&self, all: &[Found]) -> Vec<Found> {
        [Way::Segments, Way::Text, Way::Pattern, Way::Reference]
            .into_iter()
            .map(|way| all.iter().filter(|f| self.fits(f, way)).cloned().collect::<Vec<_>>())
            .find(|found| !found.is_empty())
            .unwrap_or_default()
    }

    fn fits(&self, found: &Found, way: Way) -> bool {
        let path = segments(&found.path);
        let wanted = segments(self.name);
        match way {
            // Neither a segment nor a pattern.
            Way::Reference => {
                return self.name.split_once(':').is_some_and(|(ty, id)| {
                    self.kind.fits(ty) && *found.object.id == *id && *found.object.ty == *ty
                });
            }
            Way::Text if found.name == self.name => return true,
            Way::Pattern if !self.name.contains(['*', '?', '[']) => return false,
            _ => {}
        }
        if !self.name.contains('/') {
            // At any depth.
            return path.last().is_some_and(|last| same(&[last], &wanted, way));
        }
        if let Some(above) = self.above {
            let whole: Vec<&str> = segments(above).into_iter().chain(path).collect();
            return same(&whole, &wanted, way);
        }
        if same(&path, &wanted, way) && !(self.datacenter && self.name.starts_with('/')) {
            return true;
        }
        if self.name.starts_with('/') {
            return false;
        }
        // From the folder of the area on: without its name, and without what is above it.
        let depth = match (self.kind.area(), self.datacenter) {
            (Some(_), true) => 1,
            (Some(_), false) => 2,
            (None, _) => 0,
        };
        (depth..path.len())
            .take(if depth == 2 { usize::MAX } else { 1 })
            .any(|from| same(&path[from..], &wanted, way))
    }
}

/// The names that a path consists of.
fn segments(path: &str) -> Vec<&str> {
    path.split('/').filter(|s| !s.is_empty()).collect()
}

fn same(path: &[&str], wanted: &[&str], way: Way) -> bool {
    match way {
        Way::Text => {
            let text = |names: &[&str]| names.iter().map(|n| unescape(n)).collect::<Vec<_>>().join("/");
            text(path) == text(wanted)
        }
        Way::Segments | Way::Pattern | Way::Reference => {
            path.len() == wanted.len()
                && path.iter().zip(wanted).all(|(name, wanted)| {
                    let name = unescape(name);
                    name == unescape(wanted)
                        || name == *wanted
                        || way == Way::Pattern && is_like(&name, &unescape(wanted))
                })
        }
    }
}

/// Whether a name fits a pattern: `*` for any characters, `?` for one, `[a-z]` and `[^a-z]` for one of a list, `\` before
/// a character that stands for itself. A pattern that is none fits nothing.
fn is_like(name: &str, pattern: &str) -> bool {
    let (name, pattern): (Vec<char>, Vec<char>) = (name.chars().collect(), pattern.chars().collect());
    like(&name, &pattern)
}

fn like(name: &[char], pattern: &[char]) -> bool {
    match pattern {
        [] => name.is_empty(),
        ['*', rest @ ..] => (0..=name.len()).any(|taken| like(&name[taken..], rest)),
        ['?', rest @ ..] => !name.is_empty() && like(&name[1..], rest),
        ['[', rest @ ..] => {
            let (Some(first), Some(end)) = (name.first(), rest.iter().skip(1).position(|c| *c == ']')) else {
                return false;
            };
            let (list, rest) = (&rest[..=end], &rest[end + 2..]);
            let (negated, list) = match list {
                ['^', list @ ..] => (true, list),
                list => (false, list),
            };
            one_of(*first, list) != negated && like(&name[1..], rest)
        }
        ['\\', c, rest @ ..] | [c, rest @ ..] => name.first() == Some(c) && like(&name[1..], rest),
    }
}

/// Whether a character is in a list such as `a-z0_`.
fn one_of(c: char, list: &[char]) -> bool {
    match list {
        [] => false,
        [from, '-', to, rest @ ..] => (*from..=*to).contains(&c) || one_of(c, rest),
        [one, rest @ ..] => *one == c || one_of(c, rest),
    }
}

/// Joins names as they are in the inventory into an absolute path.
fn join_path<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut path = String::new();
    for name in names {
        path.push('/');
        path.push_str(&wire_name(name));
    }
    if path.is_empty() { "/".to_owned() } else { path }
}

/// Resolves the three escapes that vSphere has in names: `%2f`, `%5c` and `%25`.
///
/// ```
/// assert_eq!(vsphere_client::unescape("a%2fb%25%20"), "a/b%%20");
/// ```
pub fn unescape(name: &str) -> Cow<'_, str> {
    if !name.contains('%') {
        return Cow::Borrowed(name);
    }
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let code = rest.get(at + 1..at + 3).map(str::to_ascii_lowercase);
        let (c, length) = match code.as_deref() {
            Some("2f") => ('/', 3),
            Some("5c") => ('\\', 3),
            Some("25") => ('%', 3),
            _ => ('%', 1),
        };
        out.push(c);
        rest = &rest[at + length..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// A name as it is sent and stored: escaped, whether or not the caller has done so already. A percent sign
/// that begins one of the three escapes is taken as such, which is how vSphere reads it too.
pub(crate) fn wire_name(name: &str) -> String {
    escape(&unescape(name))
}

/// A name for a method whose server side escapes slashes and backslashes itself, but takes a percent sign for
/// the begin of an escape.
pub(crate) fn new_name(name: &str) -> String {
    unescape(name).replace('%', "%25")
}

/// Whether two spellings are of one name: vSphere stores `a/b`, `a%2fb` and `a%2Fb` alike.
///
/// ```
/// assert!(vsphere_client::same_name("50%", "50%25"));
/// ```
pub fn same_name(a: &str, b: &str) -> bool {
    unescape(a) == unescape(b)
}

/// A stored name as people write it: with its escapes resolved, unless what comes out would be read as another name
/// (`%252f` is the name `%2f`, which is read as a slash).
pub fn readable(stored: &str) -> Cow<'_, str> {
    let name = unescape(stored);
    if unescape(&name) == name { name } else { Cow::Borrowed(stored) }
}

/// An inventory path with its names as they are stored, and without slashes that do not matter: the same for every
/// spelling of one path.
///
/// ```
/// assert_eq!(vsphere_client::stored_path("/a%2Fb//50%/"), "a%2fb/50%25");
/// ```
pub fn stored_path(path: &str) -> String {
    segments(path).into_iter().map(wire_name).collect::<Vec<_>>().join("/")
}

/// Escapes a name as vSphere does: `/`, `\` and `%`.
///
/// ```
/// assert_eq!(vsphere_client::escape("a/b%"), "a%2fb%25");
/// ```
pub fn escape(name: &str) -> String {
    name.replace('%', "%25").replace('/', "%2f").replace('\\', "%5c")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An object as an inventory has it: the path of those above it as it is shown, and its own name as it is stored.
    fn stored(above: &str, name: &str) -> Found {
        let name_shown = unescape(name).into_owned();
        let path = format!("{above}/{}", wire_name(name));
        Found { object: MoRef::new("Network", name), name: name_shown, parent: None, path }
    }

    fn found(path: &str) -> Found {
        let name = unescape(path.rsplit('/').next().unwrap()).into_owned();
        Found { object: MoRef::new("Datastore", path), name, parent: None, path: path.to_owned() }
    }

    fn is(found: &Found, kind: Kind, name: &str, datacenter: bool, above: Option<&str>) -> bool {
        !Wanted { kind, name, datacenter, above }.of(std::slice::from_ref(found)).is_empty()
    }

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
        add("VirtualApp", "resgroup-v6", "core", [Some(("VirtualApp", "resgroup-v5")), None, None]);
        add("VirtualMachine", "vm-1", "a", [None, Some(("VirtualApp", "resgroup-v5")), None]);
        add("VirtualMachine", "vm-2", "b", [None, Some(("VirtualApp", "resgroup-v6")), None]);
        let index = Index { nodes };
        let path = |id: &str| index.path(&MoRef::new("VirtualMachine", id));
        assert_eq!(path("vm-1"), "/vm/zPod/outer/a");
        assert_eq!(path("vm-2"), "/vm/zPod/outer/core/b");
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

    /// What is stored, and all that finds it, in the network folder of /DC.
    #[test]
    fn a_slash_or_a_percent_sign_in_a_name_is_found_in_either_spelling() {
        for stored_name in ["Net-172.20.0.0/24", "Net-172.20.0.0%2f24"] {
            let network = stored("/network", stored_name);
            for wanted in [
                "Net-172.20.0.0/24",
                "Net-172.20.0.0%2f24",
                "Net-172.20.0.0%2F24",
                "network/Net-172.20.0.0/24",
            ] {
                assert!(is(&network, Kind::Network, wanted, true, None), "{stored_name}: {wanted}");
            }
            for wanted in ["/DC/network/Net-172.20.0.0/24", "/DC/network/Net-172.20.0.0%2f24"] {
                assert!(is(&network, Kind::Network, wanted, true, Some("/DC")), "{stored_name}: {wanted}");
            }
            for wanted in ["24", "Net-172.20.0.0", "/DC2/network/Net-172.20.0.0/24"] {
                assert!(!is(&network, Kind::Network, wanted, true, Some("/DC")), "{stored_name}: {wanted}");
            }
            let anywhere = stored("/DC/network/f", stored_name);
            for wanted in ["Net-172.20.0.0/24", "f/Net-172.20.0.0/24", "DC/network/f/Net-172.20.0.0%2f24"] {
                assert!(is(&anywhere, Kind::Network, wanted, false, None), "{stored_name}: {wanted}");
            }
        }
        for stored_name in ["100%25", "100%"] {
            let network = stored("/network", stored_name);
            for wanted in ["100%", "100%25"] {
                assert!(is(&network, Kind::Network, wanted, true, None), "{stored_name}: {wanted}");
            }
        }
    }

    #[test]
    fn a_path_by_segments_comes_before_a_name_with_slashes() {
        let all = [stored("/network/a", "b"), stored("/network", "a/b")];
        let of = |name: &str| {
            let wanted = Wanted { kind: Kind::Network, name, datacenter: true, above: None };
            wanted.of(&all).iter().map(|f| f.path.clone()).collect::<Vec<_>>()
        };
        assert_eq!(of("a/b"), ["/network/a/b"]);
        assert_eq!(of("a%2fb"), ["/network/a%2fb"]);
        assert_eq!(of("b"), ["/network/a/b"]);
    }

    #[test]
    fn patterns_fit_where_nothing_has_the_name() {
        let all = ["LocalDS_0", "LocalDS_1", "a*", "ab", "f[1]"].map(|n| stored("/datastore/x", n));
        let of = |name: &str| {
            let wanted = Wanted { kind: Kind::Datastore, name, datacenter: true, above: None };
            wanted.of(&all).iter().map(|f| f.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(of("Local*_0"), ["LocalDS_0"]);
        assert_eq!(of("LocalDS_?"), ["LocalDS_0", "LocalDS_1"]);
        assert_eq!(of("x/LocalDS_[1-9]"), ["LocalDS_1"]);
        assert_eq!(of("*/LocalDS_[^1-9]"), ["LocalDS_0"]);
        assert_eq!(of("a*"), ["a*"]);
        assert_eq!(of("a?"), ["a*", "ab"]);
        assert_eq!(of("f[1]"), ["f[1]"]);
        assert_eq!(of("[x"), Vec::<String>::new());
        assert_eq!(of("LocalDS"), Vec::<String>::new());
    }

    #[test]
    fn escapes_go_both_ways() {
        for name in ["plain", "a/b\\c%d", "%2f", "100%", "", "%", "%2", "äö/ü"] {
            assert_eq!(unescape(&escape(name)), name, "{name}");
        }
    }

    #[test]
    fn names_and_paths_fit() {
        let inside = |path: &str, wanted: &str| is(&found(path), Kind::Datastore, wanted, true, None);
        let anywhere = |path: &str, wanted: &str| is(&found(path), Kind::Datastore, wanted, false, None);
        assert!(inside("/datastore/a/ds", "ds"));
        assert!(inside("/datastore/a/ds", "a/ds"));
        assert!(inside("/stores/a/ds", "a/ds"));
        assert!(inside("/datastore/a/ds", "datastore/a/ds"));
        assert!(!inside("/datastore/x/a/ds", "a/ds"));
        assert!(!inside("/datastore/a/ds", "/datastore/a/ds"));
        assert!(is(&found("/vm//a"), Kind::VirtualMachine, "/F/DC/vm/a", true, Some("/F/DC")));
        assert!(is(&found("/vm/a"), Kind::VirtualMachine, "/D%2fC/vm/a", true, Some("/D%2FC")));
        assert!(!is(&found("/vm/a"), Kind::VirtualMachine, "/DC2/vm/a", true, Some("/DC")));
        assert!(inside("/datastore/a%2fb", "a%2fb"));
        assert!(!inside("/datastore/a%2fb", "b"));
        assert!(anywhere("/F/DC/datastore/a/ds", "a/ds"));
        assert!(anywhere("/F/DC/datastore/a/ds", "/F/DC/datastore/a/ds"));
        assert!(!anywhere("/F/DC/datastore/a/ds", "/DC/datastore/a/ds"));
    }
}
