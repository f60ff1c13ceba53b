//! Finding managed objects by name and path.

use std::borrow::Cow;
use std::collections::HashMap;

use vim_types::methods::{FindByInventoryPath, FindByUuid, FindChild};
use vim_types::types::{ObjectSpec, PropertyFilterSpec, SelectionSpec, SelectionSpecKind, TraversalSpec};
use vim_types::xml::MoRef;

use crate::client::Client;
use crate::datacenter::Area;
use crate::error::{Error, FaultKind, Result};
use crate::property::{self, property_spec};
use crate::snapshot::Snapshots;

/// A type, and the property that leads from it to what is below.
type Step = (&'static str, &'static str);

/// What is known of the inventory.
#[derive(Default)]
pub(crate) struct State {
    nodes: Snapshots<MoRef, Node>,
    /// By the steps that lead to what is in it: kinds with the same way share an index.
    indexes: Snapshots<(Vec<Step>, Option<MoRef>), Index>,
}

crate::properties! {
    /// A place in the inventory.
    pub(crate) struct Node of "ManagedEntity" {
        pub(crate) name: String = "name",
        pub(crate) parent: Option<MoRef> = "parent",
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
            Kind::VirtualMachine => steps.push(("VirtualApp", "vm")),
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

impl<'a> Find<'a> {
    pub(crate) fn new(client: &'a Client) -> Self {
        Find { client }
    }

    fn state(&self) -> &'a State {
        &self.client.inner().find
    }

    /// All objects of a kind below a datacenter, or below the root folder; in one request (a page for every
    /// thousand), which readers at the same time share, and which is used again until this client changes
    /// the inventory, or for half a minute. Kinds that are found in the same folders share it.
    ///
    /// # Errors
    /// `ManagedObjectNotFound` for the datacenter, and those of any call.
    pub async fn all(&self, kind: Kind, datacenter: Option<&MoRef>) -> Result<Vec<Found>> {
        let inner = self.client.inner();
        let key = (kind.steps(), datacenter.cloned());
        let index =
            self.state().indexes.get(&inner.inventory, &key, || self.read(&key.0, datacenter)).await?;
        let mut found: Vec<Found> = index
            .nodes
            .values()
            .filter(|(object, _)| kind.fits(&object.ty) && Some(object) != datacenter)
            .map(|(object, node)| Found {
                object: object.clone(),
                name: unescape(&node.name).into_owned(),
                parent: node.parent.clone(),
                path: index.path(object),
            })
            .collect();
        found.sort_by(|a, b| (&a.path, &a.object).cmp(&(&b.path, &b.object)));
        Ok(found)
    }

    /// Forgets what was read of the inventory, for a caller that waits for what others do.
    pub fn forget(&self) {
        drop(self.client.inner().rearranging());
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
            prop_set: vec![property_spec("ManagedEntity", &["name", "parent"])],
            object_set: vec![ObjectSpec { obj: start, skip: Some(false), select_set: traversals.collect() }],
            report_missing_objects_in_results: None,
        };
        let mut nodes = HashMap::new();
        for part in property::retrieve(self.client.inner(), vec![spec]).await? {
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
    /// without a datacenter). A slash in a name is written `%2f`, a backslash `%5c`, a percent sign `%25`;
    /// a name that is found as it is written needs no escapes.
    ///
    /// # Errors
    /// Those of [`all`](Find::all).
    pub async fn matching(&self, kind: Kind, name: &str, datacenter: Option<&MoRef>) -> Result<Vec<Found>> {
        let mut all = self.all(kind, datacenter).await?;
        if let Some(datacenter) = datacenter
            && name.starts_with('/')
        {
            // Paths are known from the datacenter on; an absolute one has the datacenter's own before it.
            let above = self.path_of(datacenter).await?;
            let rest = below(name, &above);
            all.retain(|f| rest.as_deref().is_some_and(|rest| same_path(&f.path, rest)));
        } else {
            all.retain(|f| fits(f, kind, name, datacenter.is_some()));
        }
        Ok(all)
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
    /// is none.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn by_inventory_path(&self, path: &str) -> Result<Option<MoRef>> {
        let this = self.search_index()?;
        let request = FindByInventoryPath { this, inventory_path: path.trim_matches('/').to_owned() };
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
        let inner = self.client.inner();
        let mut chain = Vec::new();
        let mut next = Some(object.clone());
        while let Some(place) = next {
            let node = self.state().nodes.get(&inner.places, &place, || self.read_up(&place)).await?;
            chain.push((place, node.name.clone()));
            next = node.parent.clone();
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
        Snapshots::<MoRef, Node>::epoch(&self.client.inner().places)
    }

    /// Notes the name and the parent of an object, which saves reading it for its path.
    pub(crate) fn note(&self, epoch: u64, object: &MoRef, name: &str, parent: Option<&MoRef>) {
        let node = Node { name: name.to_owned(), parent: parent.cloned() };
        self.state().nodes.put(epoch, object, node);
    }

    /// Reads a place and all that is above it, in one request; those above are noted.
    async fn read_up(&self, object: &MoRef) -> Result<Node> {
        let inner = self.client.inner();
        let epoch = Snapshots::<MoRef, Node>::epoch(&inner.places);
        let up = |name: &str, ty: &str, path: &str| -> SelectionSpecKind {
            TraversalSpec {
                base: SelectionSpec { name: Some(name.to_owned()) },
                r#type: ty.to_owned(),
                path: path.to_owned(),
                skip: Some(false),
                select_set: vec![SelectionSpec { name: Some("up".to_owned()) }.into()],
            }
            .into()
        };
        let spec = PropertyFilterSpec {
            prop_set: vec![property_spec("ManagedEntity", &["name", "parent"])],
            object_set: vec![ObjectSpec {
                obj: object.clone(),
                skip: Some(false),
                // A machine in a vApp has no parent folder, so its vApp is the way up.
                select_set: vec![
                    up("up", "ManagedEntity", "parent"),
                    up("vapp", "VirtualMachine", "parentVApp"),
                ],
            }],
            report_missing_objects_in_results: None,
        };
        let mut own = Node::default();
        for part in property::retrieve(inner, vec![spec]).await? {
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
            // The place that the search began with (a datacenter, the root folder) is not part of the path.
            let parent = node.parent.as_ref().filter(|p| self.nodes.contains_key(&p.id));
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

fn fits(found: &Found, kind: Kind, wanted: &str, below_datacenter: bool) -> bool {
    if !wanted.contains('/') {
        return found.name == unescape(wanted) || found.name == wanted;
    }
    if same_path(&found.path, wanted) && !(below_datacenter && wanted.starts_with('/')) {
        return true;
    }
    if wanted.starts_with('/') {
        return false;
    }
    // From the folder of the area on: without its name, and without what is above it.
    let depth = match (kind.area(), below_datacenter) {
        (Some(_), true) => 1,
        (Some(_), false) => 2,
        (None, _) => 0,
    };
    let segments: Vec<&str> = found.path.split('/').filter(|s| !s.is_empty()).collect();
    let wanted: Vec<&str> = wanted.split('/').filter(|s| !s.is_empty()).collect();
    segments.len() >= wanted.len() + depth
        && segments.len() - wanted.len() >= depth
        && (depth == 2 || segments.len() - wanted.len() == depth)
        && segments[segments.len() - wanted.len()..]
            .iter()
            .zip(&wanted)
            .all(|(a, b)| unescape(a) == unescape(b))
}

/// What is left of a path below another one.
fn below(path: &str, above: &str) -> Option<String> {
    let mut path = path.split('/').filter(|s| !s.is_empty());
    for segment in above.split('/').filter(|s| !s.is_empty()) {
        if unescape(path.next()?) != unescape(segment) {
            return None;
        }
    }
    Some(path.flat_map(|s| ["/", s]).collect())
}

fn same_path(a: &str, b: &str) -> bool {
    let mut a = a.split('/').filter(|s| !s.is_empty());
    let mut b = b.split('/').filter(|s| !s.is_empty());
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(a), Some(b)) if unescape(a) == unescape(b) => {}
            _ => return false,
        }
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

    fn found(path: &str) -> Found {
        let name = unescape(path.rsplit('/').next().unwrap()).into_owned();
        Found { object: MoRef::new("Datastore", path), name, parent: None, path: path.to_owned() }
    }

    #[test]
    fn escapes_go_both_ways() {
        for name in ["plain", "a/b\\c%d", "%2f", "100%", "", "%", "%2", "äö/ü"] {
            assert_eq!(unescape(&escape(name)), name, "{name}");
        }
    }

    #[test]
    fn a_path_goes_on_below_its_datacenter() {
        assert_eq!(below("/F/DC/vm//a", "/F/DC").as_deref(), Some("/vm/a"));
        assert_eq!(below("/D%2fC/vm", "/D%2FC").as_deref(), Some("/vm"));
        assert_eq!(below("/DC2/vm", "/DC"), None);
        assert_eq!(below("/DC", "/DC/vm"), None);
    }

    #[test]
    fn names_and_paths_fit() {
        let inside = |path: &str, wanted: &str| fits(&found(path), Kind::Datastore, wanted, true);
        let anywhere = |path: &str, wanted: &str| fits(&found(path), Kind::Datastore, wanted, false);
        assert!(inside("/datastore/a/ds", "ds"));
        assert!(inside("/datastore/a/ds", "a/ds"));
        assert!(inside("/stores/a/ds", "a/ds"));
        assert!(inside("/datastore/a/ds", "datastore/a/ds"));
        assert!(!inside("/datastore/x/a/ds", "a/ds"));
        assert!(!inside("/datastore/a/ds", "/datastore/a/ds"));
        assert!(inside("/datastore/a%2fb", "a%2fb"));
        assert!(!inside("/datastore/a%2fb", "b"));
        assert!(anywhere("/F/DC/datastore/a/ds", "a/ds"));
        assert!(anywhere("/F/DC/datastore/a/ds", "/F/DC/datastore/a/ds"));
        assert!(!anywhere("/F/DC/datastore/a/ds", "/DC/datastore/a/ds"));
    }
}
