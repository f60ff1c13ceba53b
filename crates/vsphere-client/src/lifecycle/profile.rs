//! Configuration profiles of clusters: the configuration that all hosts of a cluster are to have. From vSphere 8.0 U1 on.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use vim_types::xml::ApiVersion;

use super::{Failure, Lifecycle, Message, failed};
use crate::core::rest::{Call, escape};
use crate::error::Result;
use crate::virtual_machine::Wait;

const SINCE: ApiVersion = ApiVersion::new([8, 0, 1, 0]);

/// Where a configuration comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source<'a> {
    /// The JSON document.
    Document(&'a str),
    /// The managed object ID of a host.
    Host(&'a str),
}

impl Source<'_> {
    /// Whether it is an empty document.
    pub fn is_none(&self) -> bool {
        *self == Source::Document("")
    }
}

/// How far a cluster is with configuration profiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It has one.
    Enabled,
    /// It does not have one.
    NotStarted,
    /// A transition has begun, and has not ended.
    Started,
    /// It cannot get one now; this is the status of the server.
    Other(String),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Info {
    status: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Configuration {
    config: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Schema {
    schema: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Applied {
    apply_task: String,
}

fn configuration(cluster: &str) -> String {
    format!("/api/esx/settings/clusters/{}/configuration", escape(cluster))
}

fn transition(cluster: &str) -> String {
    format!("/api/esx/settings/clusters/{}/enablement/configuration/transition", escape(cluster))
}

/// Whether two configurations are the same document, apart from its metadata, which the server changes.
pub fn same(a: &str, b: &str) -> bool {
    let plain = |text: &str| {
        let mut document = serde_json::from_str::<Value>(text).ok()?;
        document.as_object_mut()?.remove("metadata");
        Some(document)
    };
    a == b || plain(a).is_some_and(|a| Some(a) == plain(b))
}

/// Whether a text is a JSON object.
pub fn is_document(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|v| v.is_object())
}

impl Lifecycle<'_> {
    async fn post<T: DeserializeOwned>(&self, path: &str, body: Option<Value>) -> Result<T> {
        self.send(Call::post(""), path, body).await
    }

    /// Starts a task and waits for it.
    async fn task(&self, path: &str, action: &str, body: Option<Value>) -> Result<()> {
        let id: String = self.post(&format!("{path}?action={action}&vmw-task=true"), body).await?;
        self.passed(path, &id).await
    }

    /// Waits for a task. One that has ended well can have a result that says what is wrong.
    async fn passed(&self, path: &str, id: &str) -> Result<()> {
        let result = self.succeeded("POST", path, id).await?;
        verdict(&result).map_or(Ok(()), |failure| Err(failed("POST", path, failure)))
    }

    /// How far a cluster is.
    ///
    /// # Errors
    /// [`Error::Unsupported`](crate::Error::Unsupported) before vSphere 8.0 U1, 404 when there is no such cluster, and
    /// those of any call.
    pub async fn profile_status(&self, cluster: &str) -> Result<Status> {
        self.needs("settings.clusters.configuration", SINCE)?;
        let info: Info = self.get(&transition(cluster)).await?;
        Ok(match info.status.as_str() {
            "ENABLED" => Status::Enabled,
            "NOT_STARTED" => Status::NotStarted,
            "STARTED" => Status::Started,
            _ => Status::Other(info.status),
        })
    }

    /// The configuration of a cluster, and its schema: two JSON documents.
    ///
    /// # Errors
    /// As [`profile_status`](Self::profile_status).
    pub async fn profile(&self, cluster: &str) -> Result<(String, String)> {
        self.needs("settings.clusters.configuration", SINCE)?;
        let path = configuration(cluster);
        let schema_path = format!("{path}/schema");
        // If both are refused, the error is that of the configuration, whichever came first.
        let (config, schema) =
            futures_util::join!(self.get::<Configuration>(&path), self.get::<Schema>(&schema_path));
        Ok((config?.config, schema?.schema))
    }

    /// Ends a transition that has begun.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn cancel_transition(&self, cluster: &str) -> Result<()> {
        self.post::<Value>(&format!("{}?action=cancel", transition(cluster)), None).await.map(drop)
    }

    /// Gives a cluster its first configuration profile. The steps are those of the vSphere Client: checks, import,
    /// validation, checks of the hosts, and the change itself.
    ///
    /// # Errors
    /// [`Error::Rest`](crate::Error::Rest) with the reasons of the server, `Timeout`, `Cancelled`, and those of any call.
    pub async fn enable_profile(&self, cluster: &str, source: Source<'_>, wait: Wait<'_>) -> Result<()> {
        let path = transition(cluster);
        let work = async {
            self.task(&path, "checkEligibility", None).await?;
            match source {
                Source::Host(host) => self.task(&path, "importFromHost", Some(json!(host))).await?,
                Source::Document(config) => {
                    let body = json!({ "config": config, "filename": "configuration.json" });
                    let result: Value =
                        self.post(&format!("{path}?action=importFromFile"), Some(body)).await?;
                    if let Some(failure) = verdict(&result) {
                        return Err(failed("POST", &path, failure));
                    }
                }
            }
            self.task(&path, "validateConfig", None).await?;
            self.task(&path, "precheck", None).await?;
            self.task(&path, "enable", None).await
        };
        wait.limit("the transition to a configuration profile", work).await
    }

    /// Changes the configuration profile of a cluster, by a draft in the place of pending ones.
    ///
    /// # Errors
    /// As [`enable_profile`](Self::enable_profile).
    pub async fn change_profile(&self, cluster: &str, source: Source<'_>, wait: Wait<'_>) -> Result<()> {
        let drafts = format!("{}/drafts", configuration(cluster));
        let work = async {
            let pending: BTreeMap<String, Value> = self.get(&drafts).await?;
            for draft in pending.keys() {
                let path = format!("{drafts}/{}", escape(draft));
                self.send::<Value>(Call::delete("", draft), &path, None).await?;
            }
            let body = match source {
                Source::Document(config) => json!({ "config": config }),
                Source::Host(_) => json!({}),
            };
            let draft: String = self.post(&drafts, Some(body)).await?;
            let path = format!("{drafts}/{}", escape(&draft));
            if let Source::Host(host) = source {
                self.task(&path, "importFromHost", Some(json!({ "host": host }))).await?;
            }
            self.task(&path, "precheck", None).await?;
            let applied: Applied = self.post(&format!("{path}?action=apply"), None).await?;
            self.passed(&path, &applied.apply_task).await
        };
        wait.limit("the change of the configuration profile", work).await
    }
}

/// What is wrong by the result of a task: its status, and its messages.
fn verdict(result: &Value) -> Option<Failure> {
    let status = result["status"].as_str().unwrap_or_default();
    if !matches!(status, "ERROR" | "INVALID" | "INELIGIBLE" | "NOT_ELIGIBLE") {
        return None;
    }
    let messages = result["notifications"]["errors"].as_array().into_iter().flatten();
    let messages = messages.filter_map(|m| m["message"]["default_message"].as_str());
    Some(Failure {
        error_type: status.to_owned(),
        messages: messages.map(|m| Message { default_message: m.to_owned() }).collect(),
        data: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_compared_by_content_without_metadata() {
        let (a, b) =
            (r#"{"metadata": {"id": 1}, "profile": {"a": 1, "b": 2}}"#, r#"{"profile":{"b":2,"a":1}}"#);
        assert!(same(a, b) && same("x", "x"));
        assert!(!same(a, r#"{"profile":{"b":2}}"#) && !same("x", "y") && !same(a, "[]"));
        assert!(is_document(a) && !is_document("[]") && !is_document("x"));
    }

    #[test]
    fn bad_result_of_a_task_is_an_error_with_its_messages() {
        let result = json!({ "status": "INVALID", "notifications": { "errors": [
            { "id": "x", "message": { "default_message": "esx.x is unknown." } }] } });
        let failure = verdict(&result).unwrap_or_default();
        assert_eq!((failure.error_type.as_str(), failure.messages.len()), ("INVALID", 1));
        assert!(verdict(&json!({ "status": "VALID" })).is_none() && verdict(&Value::Null).is_none());
    }
}
