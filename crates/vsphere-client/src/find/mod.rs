//! Finding managed objects by name and path.

mod index;
mod kind;
mod names;
mod wanted;

use std::collections::HashMap;
use std::sync::Arc;

use vim_types::methods::{FindByInventoryPath, FindByUuid, FindChild};
use vim_types::types::{ObjectSpec, PropertyFilterSpec, SelectionSpec, SelectionSpecKind, TraversalSpec};
use vim_types::xml::MoRef;

pub use index::Found;
pub(crate) use index::Node;
pub use kind::{Area, Folders, Kind};
pub use names::{escape, readable, same_name, stored_path, unescape};
pub(crate) use names::{new_name, wire_name};

use crate::client::Client;
use crate::core::property;
use crate::error::{Error, FaultKind, Result};
use crate::snapshot::Snapshots;
use index::Index;
use kind::Step;
use names::join_path;
use wanted::Wanted;

/// What is known of the inventory.
#[derive(Default)]
struct State {
    nodes: Snapshots<MoRef, Node>,
    /// By the steps that lead to what is in it: kinds with the same way share an index.
    indexes: Snapshots<(Vec<Step>, Option<MoRef>), Index>,
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
    /// If no name matches literally, `*`, `?` and `[a-z]` are wildcards within one name.
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
            Some((datacenter, area)) => {
                self.client.properties().get::<Folders>(datacenter).await?.of(area).clone()
            }
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
        self.client.manager(&self.client.service_content().search_index, "SearchIndex")
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

fn hidden(error: &Error) -> bool {
    matches!(
        error.fault_kind(),
        Some(FaultKind::NoPermission { .. } | FaultKind::ManagedObjectNotFound { .. })
    )
}
