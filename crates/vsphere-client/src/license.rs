//! `LicenseManager`: license keys and their labels. No error and no log of this file has a key.

use std::collections::BTreeMap;
use std::fmt;

use vim_types::methods::{
    AddLicense, QueryAssignedLicenses, RemoveLicense, RemoveLicenseLabel, UpdateAssignedLicense,
    UpdateLicenseLabel,
};
use vim_types::types::{KeyAnyValue, LicenseManagerLicenseInfo};
use vim_types::xml::{Any, MoRef};

use crate::client::Client;
use crate::error::Result;

crate::properties! {
    struct Keys of "LicenseManager" {
        licenses: Vec<LicenseManagerLicenseInfo> = "licenses",
    }
}

crate::properties! {
    struct Assignments of "LicenseManager" {
        manager: Option<MoRef> = "licenseAssignmentManager",
    }
}

/// A license. `Debug` does not show its key.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct License {
    /// The license key.
    pub key: String,
    /// The edition, for example `esx.enterprisePlus.cpuPackage`.
    pub edition: String,
    /// The name of the product.
    pub name: String,
    /// The number of units that the key has.
    pub total: i32,
    /// The number of units that are in use.
    pub used: i32,
    /// The labels.
    pub labels: BTreeMap<String, String>,
    /// Why the server does not accept the key; nothing for an accepted one.
    pub diagnostic: Option<String>,
}

impl fmt::Debug for License {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("License")
            .field("name", &self.name)
            .field("labels", &self.labels)
            .finish_non_exhaustive()
    }
}

impl From<LicenseManagerLicenseInfo> for License {
    fn from(info: LicenseManagerLicenseInfo) -> Self {
        let text = |p: &KeyAnyValue| match &p.value {
            Any::String(text) if p.key == "diagnostic" => Some(text.clone()),
            _ => None,
        };
        License {
            diagnostic: info.properties.iter().find_map(text),
            key: info.license_key,
            edition: info.edition_key,
            name: info.name,
            total: info.total,
            used: info.used.unwrap_or_default(),
            labels: info.labels.into_iter().map(|l| (l.key, l.value)).collect(),
        }
    }
}

/// Licenses; from [`Client::licenses`].
pub struct Licenses<'a> {
    client: &'a Client,
}

impl Client {
    /// Licenses.
    pub fn licenses(&self) -> Licenses<'_> {
        Licenses { client: self }
    }
}

impl Licenses<'_> {
    fn this(&self) -> Result<MoRef> {
        self.client.manager(&self.client.service_content().license_manager, "LicenseManager")
    }

    /// All licenses, read once for all that ask at the same time. Needs `Global.Licenses`.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn list(&self) -> Result<Vec<License>> {
        let read: Keys = self.client.properties().get(&self.this()?).await?;
        Ok(read.licenses.into_iter().map(License::from).collect())
    }

    /// Adds a license key. A key that the server does not accept is not added, and has a
    /// [`diagnostic`](License::diagnostic). Needs `Global.Licenses`.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn add(&self, key: &str) -> Result<License> {
        let request = AddLicense { this: self.this()?, license_key: key.to_owned(), labels: vec![] };
        Ok(self.client.call(&request).await?.into())
    }

    /// Removes a license key. Needs `Global.Licenses`.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn remove(&self, key: &str) -> Result<()> {
        let request = RemoveLicense { this: self.this()?, license_key: key.to_owned() };
        self.client.call(&request).await
    }

    /// Sets a label of a license key. Needs `Global.Licenses`.
    ///
    /// # Errors
    /// `InvalidArgument` (no such license), and those of any call.
    pub async fn set_label(&self, key: &str, label: &str, value: &str) -> Result<()> {
        let request = UpdateLicenseLabel {
            this: self.this()?,
            license_key: key.to_owned(),
            label_key: label.to_owned(),
            label_value: value.to_owned(),
        };
        self.client.call(&request).await
    }

    /// Removes a label of a license key. Needs `Global.Licenses`.
    ///
    /// # Errors
    /// `InvalidArgument` (no such license), and those of any call.
    pub async fn remove_label(&self, key: &str, label: &str) -> Result<()> {
        let request = RemoveLicenseLabel {
            this: self.this()?,
            license_key: key.to_owned(),
            label_key: label.to_owned(),
        };
        self.client.call(&request).await
    }

    async fn assignments(&self) -> Result<MoRef> {
        let read: Assignments = self.client.properties().get(&self.this()?).await?;
        self.client.manager(&read.manager, "LicenseAssignmentManager")
    }

    /// Whether a license key is assigned to a host or cluster.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn is_assigned(&self, object: &MoRef, key: &str) -> Result<bool> {
        let request =
            QueryAssignedLicenses { this: self.assignments().await?, entity_id: Some(object.id.to_string()) };
        let all = self.client.call(&request).await?;
        Ok(all.iter().any(|a| a.assigned_license.license_key == key))
    }

    /// Assigns a license key to a host or cluster, in the place of the one that it has. Needs `Global.Licenses`.
    ///
    /// # Errors
    /// `InvalidArgument` (no such license), `LicenseEntityNotFound`, and those of any call.
    pub async fn assign(&self, object: &MoRef, key: &str) -> Result<()> {
        let request = UpdateAssignedLicense {
            this: self.assignments().await?,
            entity: object.id.to_string(),
            license_key: key.to_owned(),
            entity_display_name: None,
        };
        self.client.call(&request).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_not_accepted_has_a_reason_and_no_log_has_a_key() {
        let property = |key: &str, value| KeyAnyValue { key: key.to_owned(), value };
        let info = LicenseManagerLicenseInfo {
            license_key: "AAAAA-BBBBB".to_owned(),
            properties: vec![
                property("ProductName", Any::String("x".to_owned())),
                property("diagnostic", Any::String("The key is not valid.".to_owned())),
            ],
            ..Default::default()
        };
        let license = License::from(info);
        assert_eq!(license.diagnostic.as_deref(), Some("The key is not valid."));
        assert!(!format!("{license:?}").contains("AAAAA"));
    }
}
