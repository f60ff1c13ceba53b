//! `Folder`: what holds objects of the inventory.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use vim_types::methods::{CreateFolder, MoveIntoFolderTask};
use vim_types::types::{CustomFieldValueKind, ObjectSpec, PropertyFilterSpec, SelectionSpec, TraversalSpec};
use vim_types::xml::MoRef;

use crate::client::Client;
use crate::core::property::property_spec;
use crate::error::Result;
use crate::find::{Found, Node, unescape};

crate::properties! {
    /// A folder.
    pub struct Folder of "Folder" {
        /// The name, escaped as vSphere does.
        pub name: String = "name",
        /// What holds it; nothing for the root folder.
        pub parent: Option<MoRef> = "parent",
        /// The types that it may hold (`Folder`, `VirtualMachine`, …).
        pub child_types: Vec<String> = "childType",
        /// The values of custom fields.
        pub custom_values: Vec<CustomFieldValueKind> = "customValue",
    }
}

/// Folders; from [`Client::folders`].
pub struct Folders<'a> {
    client: &'a Client,
}

impl Client {
    /// Folders.
    pub fn folders(&self) -> Folders<'_> {
        Folders { client: self }
    }
}

/// What is reached from an object by steps of a type and a property, with names and by name.
pub(crate) async fn below(client: &Client, start: &MoRef, steps: &[(&str, &str)]) -> Result<Vec<Found>> {
    let selections = steps.iter().map(|(ty, path)| {
        TraversalSpec {
            base: SelectionSpec { name: Some(format!("{ty}.{path}")) },
            r#type: (*ty).to_owned(),
            path: (*path).to_owned(),
            skip: Some(false),
            // A single step is made once; several are followed as far as they lead.
            select_set: match steps {
                [_] => Vec::new(),
                _ => steps
                    .iter()
                    .map(|(ty, path)| SelectionSpec { name: Some(format!("{ty}.{path}")) }.into())
                    .collect(),
            },
        }
        .into()
    });
    let spec = PropertyFilterSpec {
        prop_set: vec![property_spec("ManagedEntity", &["name", "parent"])],
        object_set: vec![ObjectSpec {
            obj: start.clone(),
            skip: Some(true),
            select_set: selections.collect(),
        }],
        report_missing_objects_in_results: None,
    };
    let nodes: Vec<(MoRef, Node)> = client.properties().retrieve(vec![spec]).await?;
    let mut found: Vec<Found> = nodes
        .into_iter()
        .map(|(object, node)| Found {
            object,
            path: format!("/{}", node.name),
            name: unescape(&node.name).into_owned(),
            parent: node.parent,
        })
        .collect();
    found.sort_by(|a, b| (&a.name, &a.object).cmp(&(&b.name, &b.object)));
    Ok(found)
}

impl Folders<'_> {
    /// A folder, read in one batch with others. Its place is noted for [`path_of`](crate::Find::path_of).
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn get(&self, folder: &MoRef) -> Result<Folder> {
        let epoch = self.client.find().epoch();
        let read: Folder = self.client.properties().get(folder).await?;
        self.client.find().note(epoch, folder, &read.name, read.parent.as_ref());
        Ok(read)
    }

    /// What a folder holds directly, with names.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn children(&self, folder: &MoRef) -> Result<Vec<Found>> {
        below(self.client, folder, &[("Folder", "childEntity")]).await
    }

    /// Creates a folder in a folder; slashes and the like in the name are escaped. Needs `Folder.Create`.
    ///
    /// # Errors
    /// `DuplicateName`, `InvalidName`, and those of any call.
    pub async fn create(&self, parent: &MoRef, name: &str) -> Result<MoRef> {
        let request = CreateFolder { this: parent.clone(), name: crate::find::new_name(name) };
        let _writing = self.client.core().inventory.writing();
        self.client.call(&request).await
    }

    /// Moves objects into a folder and waits for it.
    ///
    /// # Errors
    /// `DuplicateName`, `InvalidFolder`, `InvalidState`, and those of any call and task.
    pub async fn move_into(
        &self,
        folder: &MoRef,
        objects: &[MoRef],
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let request = MoveIntoFolderTask { this: folder.clone(), list: objects.to_vec() };
        let _writing = self.client.core().rearranging();
        self.client.tasks().run(&request, timeout, cancel).await.map(drop)
    }
}
