//! Lifecycle Manager (REST): depots of software for hosts, and the ESXi versions that they offer, from vSphere 7.0 on; and
//! configuration profiles of clusters, from vSphere 8.0 U1 on.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use vim_types::xml::ApiVersion;

use crate::client::Client;
use crate::core::rest::{Call, escape, null_is_empty};
use crate::error::{Error, Result};
use crate::task::pause;
use crate::virtual_machine::Wait;

pub mod image;
pub mod profile;

const DEPOTS: &str = "/api/esx/settings/depots/offline";
const IMAGES: &str = "/api/esx/settings/depot-content/base-images";
const TASKS: &str = "/api/cis/tasks";
const SINCE: ApiVersion = ApiVersion::new([7, 0, 0, 0]);
/// The first version in which the content of a depot can be read.
const CONTENT_SINCE: ApiVersion = ApiVersion::new([7, 0, 3, 0]);
/// The pauses between looks at a task: from the first to the last, each twice as long as the one before.
const FIRST_LOOK: Duration = Duration::from_millis(250);
const LAST_LOOK: Duration = Duration::from_secs(8);

/// An offline depot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Depot {
    /// The URL that it was read from; empty for one that was uploaded.
    #[serde(deserialize_with = "null_is_empty")]
    pub location: String,
}

/// What the server has done with a new depot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Created {
    /// It has read it, and gave it this ID, if it reports one.
    New(Option<String>),
    /// It has a depot with the same content, of this ID, if it reports one.
    Existing(Option<String>),
}

/// A component that a depot has, independent of its base images and add-ons.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Component {
    /// The key.
    pub key: String,
    /// The name.
    pub display_name: String,
    /// The versions, in the order of the depot.
    pub versions: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Content {
    #[serde(deserialize_with = "null_is_empty")]
    metadata_bundles: BTreeMap<String, Vec<Bundle>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Bundle {
    #[serde(deserialize_with = "null_is_empty")]
    independent_components: BTreeMap<String, Summary>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Summary {
    #[serde(deserialize_with = "null_is_empty")]
    display_name: String,
    #[serde(deserialize_with = "null_is_empty")]
    versions: Vec<Version>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Version {
    version: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Task {
    status: String,
    error: Option<Failure>,
    /// Of another type for each operation.
    result: Value,
}

/// The ID of a depot, in the error of a task that has found the same content.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Made {
    depot: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Failure {
    #[serde(deserialize_with = "null_is_empty")]
    error_type: String,
    #[serde(deserialize_with = "null_is_empty")]
    messages: Vec<Message>,
    data: Option<Made>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Message {
    default_message: String,
}

impl Content {
    /// The components of all bundles, ordered: the server returns them in no particular order.
    fn components(self) -> Vec<Component> {
        let bundles = self.metadata_bundles.into_values().flatten();
        let mut all: Vec<Component> = bundles
            .flat_map(|b| b.independent_components)
            .map(|(key, summary)| Component {
                key,
                display_name: summary.display_name,
                versions: summary.versions.into_iter().map(|v| v.version).collect(),
            })
            .collect();
        all.sort();
        all
    }
}

/// Lifecycle Manager; from [`Client::lifecycle`].
pub struct Lifecycle<'a> {
    client: &'a Client,
}

impl Client {
    /// Lifecycle Manager.
    pub fn lifecycle(&self) -> Lifecycle<'_> {
        Lifecycle { client: self }
    }
}

impl Lifecycle<'_> {
    /// Checks the version of the server for an interface.
    fn needs(&self, field: &'static str, needs: ApiVersion) -> Result<()> {
        let server = self.client.core().version();
        if server < needs {
            return Err(Error::Unsupported { owner: "esx", field, needs, server });
        }
        Ok(())
    }

    /// Calls a service, whose path is the same in both dialects.
    ///
    /// # Errors
    /// [`Error::Unsupported`] before vSphere 7.0, and those of any call.
    async fn send<T: DeserializeOwned>(&self, call: Call<'_>, path: &str, body: Option<Value>) -> Result<T> {
        self.needs("settings", SINCE)?;
        let call = call.paths(path.to_owned(), path.to_owned());
        let call = match body {
            Some(body) => call.parameters(body),
            None => call,
        };
        self.client.core().rest(call).await
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.send(Call::get(""), path, None).await
    }

    /// The ESXi versions of the base images, in the order of the server. Needs `VcIntegrity.lifecycleSettings.Read`.
    ///
    /// # Errors
    /// [`Error::Unsupported`], and those of any call.
    pub async fn base_images(&self) -> Result<Vec<String>> {
        let all: Vec<Version> = self.get(IMAGES).await?;
        Ok(all.into_iter().map(|i| i.version).collect())
    }

    /// The offline depots, by ID. Needs `VcIntegrity.lifecycleSettings.Read`.
    ///
    /// # Errors
    /// [`Error::Unsupported`], and those of any call.
    pub async fn depots(&self) -> Result<BTreeMap<String, Depot>> {
        self.get(DEPOTS).await
    }

    /// The components of an offline depot, ordered by key; none before vSphere 7.0 U3, which does not show them.
    ///
    /// # Errors
    /// [`Error::Rest`] with 404 when there is no such depot, and those of any call.
    pub async fn components(&self, depot: &str) -> Result<Vec<Component>> {
        if self.client.core().version() < CONTENT_SINCE {
            return Ok(vec![]);
        }
        let content: Content = self.get(&format!("{DEPOTS}/{}/content", escape(depot))).await?;
        Ok(content.components())
    }

    /// Has the server read a depot from a URL, and waits for it.
    ///
    /// # Errors
    /// [`Error::Rest`] with the reasons of the server, [`Error::Timeout`], [`Error::Cancelled`], and those of any call.
    pub async fn create_depot(&self, location: &str, wait: Wait<'_>) -> Result<Created> {
        let body = json!({ "source_type": "PULL", "location": location });
        let path = format!("{DEPOTS}?vmw-task=true");
        let task: String = self.send(Call::post(""), &path, Some(body)).await?;
        let ended = wait.limit("the import of the depot", self.ended(&task)).await?;
        let existing = "ALREADY_EXISTS";
        match ended.error {
            None => Ok(Created::New(ended.result["depot"].as_str().map(str::to_owned))),
            Some(failure) if failure.error_type == existing => {
                Ok(Created::Existing(failure.data.and_then(|d| d.depot)))
            }
            Some(failure) => Err(failed("POST", DEPOTS, failure)),
        }
    }

    /// Deletes an offline depot with its content, and waits for it. Needs `VcIntegrity.lifecycleDepots.Delete`.
    ///
    /// # Errors
    /// As [`create_depot`](Self::create_depot); [`Error::Rest`] with 404 when there is none.
    pub async fn delete_depot(&self, depot: &str, wait: Wait<'_>) -> Result<()> {
        let path = format!("{DEPOTS}/{}", escape(depot));
        let call = Call::delete("", depot);
        let task: String = self.send(call, &format!("{path}?vmw-task=true"), None).await?;
        let work = self.succeeded("DELETE", &path, &task);
        wait.limit("the deletion of the depot", work).await.map(drop)
    }

    /// Waits for a task to succeed, and returns its result.
    ///
    /// # Errors
    /// [`Error::Rest`] with the reasons of a task that has failed, and those of any call.
    async fn succeeded(&self, method: &'static str, path: &str, task: &str) -> Result<Value> {
        let ended = self.ended(task).await?;
        ended.error.map_or(Ok(ended.result), |failure| Err(failed(method, path, failure)))
    }

    /// A task at its end: one that has failed has an error, and others have none.
    async fn ended(&self, task: &str) -> Result<Task> {
        let mut next = FIRST_LOOK;
        loop {
            let seen: Task = self.get(&format!("{TASKS}/{}", escape(task))).await?;
            match seen.status.as_str() {
                "SUCCEEDED" => return Ok(Task { error: None, ..seen }),
                "FAILED" => return Ok(Task { error: Some(seen.error.unwrap_or_default()), ..seen }),
                _ => {}
            }
            pause(next).await;
            next = (next * 2).min(LAST_LOOK);
        }
    }
}

/// The error of a task that has failed.
fn failed(method: &'static str, path: &str, failure: Failure) -> Error {
    let kind = if failure.error_type.is_empty() { "ERROR".to_owned() } else { failure.error_type };
    let messages = failure.messages.into_iter().map(|m| m.default_message).collect();
    Error::Rest { method, path: path.to_owned(), status: 200, kind, messages }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_of_all_bundles_are_ordered() {
        let text = r#"{"metadata_bundles": {
            "b.zip": [{"file_name": "m.zip", "independent_components": {
                "z": {"display_name": "Z", "versions": [{"version": "2", "display_version": "two"}, {"version": "1"}]}}},
                {"independent_components": null}],
            "a.zip": [{"independent_components": {"a": {"display_name": null}}}]}}"#;
        let content: Content = serde_json::from_str(text).unwrap_or_default();
        let all = content.components();
        let shown: Vec<_> =
            all.iter().map(|c| (c.key.as_str(), c.display_name.as_str(), c.versions.len())).collect();
        assert_eq!(shown, [("a", "", 0), ("z", "Z", 2)]);
        assert_eq!(all[1].versions, ["2", "1"]);
    }

    #[test]
    fn failed_task_has_its_reasons() {
        let text = r#"{"status": "FAILED", "error": {"error_type": "INVALID_ARGUMENT", "messages": [
            {"id": "com.x", "default_message": "The depot cannot be read.", "args": []}]}}"#;
        let task: Task = serde_json::from_str(text).unwrap_or_default();
        let error = failed("POST", DEPOTS, task.error.unwrap_or_default()).to_string();
        assert!(
            error.contains("INVALID_ARGUMENT") && error.ends_with("The depot cannot be read."),
            "{error}"
        );
    }
}
