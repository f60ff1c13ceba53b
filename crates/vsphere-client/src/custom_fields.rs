//! `CustomFieldsManager`: fields that users define, and their values on entities.

use std::sync::Arc;

use vim_types::methods::{AddCustomFieldDef, RemoveCustomFieldDef, RenameCustomFieldDef, SetField};
use vim_types::types::{CustomFieldDef, CustomFieldValueKind};
use vim_types::xml::MoRef;

use crate::client::Client;
use crate::error::Result;
use crate::snapshot::{Epoch, Snapshot};

#[derive(Default)]
struct State {
    definitions: Snapshot<Arc<[Definition]>>,
    writes: Epoch,
}

/// A custom field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The key that values refer to.
    pub key: i32,
    /// The name, unique among the fields of one managed object type.
    pub name: String,
    /// The type of managed object that has it (`VirtualMachine`); nothing: all have.
    pub managed_object_type: Option<String>,
}

crate::properties! {
    struct Fields of "CustomFieldsManager" {
        fields: Vec<CustomFieldDef> = "field",
    }
}

crate::properties! {
    struct Values of "ManagedEntity" {
        values: Vec<CustomFieldValueKind> = "customValue",
    }
}

/// Custom fields; from [`Client::custom_fields`].
pub struct CustomFields<'a> {
    client: &'a Client,
}

impl Client {
    /// Custom fields (called custom attributes in the user interface).
    pub fn custom_fields(&self) -> CustomFields<'_> {
        CustomFields { client: self }
    }
}

impl CustomFields<'_> {
    fn this(&self) -> Result<MoRef> {
        self.client.manager(&self.client.service_content().custom_fields_manager, "CustomFieldsManager")
    }

    fn state(&self) -> Arc<State> {
        self.client.core().slot()
    }

    /// All fields; shared between readers as [`roles`](crate::Authorization::roles) are.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn definitions(&self) -> Result<Arc<[Definition]>> {
        let fetch = async || {
            let fields: Fields = self.client.properties().get(&self.this()?).await?;
            Ok(fields.fields.into_iter().map(Definition::from).collect::<Arc<[Definition]>>())
        };
        let definitions = self.state().definitions.get(&self.state().writes, fetch).await?;
        Ok(Arc::clone(&definitions))
    }

    /// Adds a field, for one type of managed object or for all. Needs `Global.ManageCustomFields`.
    ///
    /// # Errors
    /// `DuplicateName`, and those of any call.
    pub async fn add(&self, name: &str, managed_object_type: Option<&str>) -> Result<Definition> {
        let request = AddCustomFieldDef {
            this: self.this()?,
            name: name.to_owned(),
            mo_type: managed_object_type.map(str::to_owned),
            ..Default::default()
        };
        let state = self.state();
        let _writing = state.writes.writing();
        Ok(self.client.call(&request).await?.into())
    }

    /// Renames a field. Needs `Global.ManageCustomFields`.
    ///
    /// # Errors
    /// `InvalidArgument` (no such key), `DuplicateName`, and those of any call.
    pub async fn rename(&self, key: i32, name: &str) -> Result<()> {
        let request = RenameCustomFieldDef { this: self.this()?, key, name: name.to_owned() };
        let state = self.state();
        let _writing = state.writes.writing();
        self.client.call(&request).await
    }

    /// Removes a field and all its values. Needs `Global.ManageCustomFields`.
    ///
    /// # Errors
    /// `InvalidArgument` (no such key), and those of any call.
    pub async fn remove(&self, key: i32) -> Result<()> {
        let request = RemoveCustomFieldDef { this: self.this()?, key };
        let state = self.state();
        let _writing = state.writes.writing();
        self.client.call(&request).await
    }

    /// Sets the value of a field on an entity; an empty text takes it away. Needs `Global.SetCustomField`.
    ///
    /// # Errors
    /// `InvalidArgument` (no such key for this type), and those of any call.
    pub async fn set_value(&self, entity: &MoRef, key: i32, value: &str) -> Result<()> {
        let request = SetField { this: self.this()?, entity: entity.clone(), key, value: value.to_owned() };
        self.client.call(&request).await
    }

    /// The values on an entity, read in one batch with those of others: key and text, empty ones left out.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn values(&self, entity: &MoRef) -> Result<Vec<(i32, String)>> {
        let read: Values = self.client.properties().get(entity).await?;
        Ok(texts(&read.values))
    }
}

/// The keys and texts of a `customValue` property; empty ones left out.
pub fn texts(values: &[CustomFieldValueKind]) -> Vec<(i32, String)> {
    let texts = values.iter().filter_map(|value| match value {
        CustomFieldValueKind::CustomFieldStringValue(v) => Some((v.key, v.value.clone())),
        _ => None,
    });
    texts.filter(|(_, text)| !text.is_empty()).collect()
}

impl From<CustomFieldDef> for Definition {
    fn from(field: CustomFieldDef) -> Self {
        Definition {
            key: field.key,
            name: field.name,
            managed_object_type: field.managed_object_type.filter(|t| !t.is_empty()),
        }
    }
}
