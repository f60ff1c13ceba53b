//! Images of clusters: the ESXi version and the components that all hosts of a cluster are to have. From vSphere 7.0 on.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Lifecycle, Version, failed};
use crate::core::rest::{Call, escape, null_is_empty};
use crate::error::{Error, Result};
use crate::virtual_machine::Wait;

/// The image of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// The version of the base image.
    pub esx_version: String,
    /// The versions of the components beside the base image, by their keys.
    pub components: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Software {
    base_image: Version,
    #[serde(deserialize_with = "null_is_empty")]
    components: BTreeMap<String, Version>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Enablement {
    enabled: bool,
}

fn cluster_path(cluster: &str) -> String {
    format!("/api/esx/settings/clusters/{}", escape(cluster))
}

impl Lifecycle<'_> {
    async fn call(&self, call: Call<'_>, path: &str, body: Option<Value>) -> Result<Value> {
        let call = call.paths(path.to_owned(), path.to_owned());
        let call = match body {
            Some(body) => call.parameters(body),
            None => call,
        };
        self.client.core().rest(call).await
    }

    /// The image of a cluster; nothing if the cluster does not have one. Needs
    /// `VcIntegrity.lifecycleSoftwareSpecification.Read`.
    ///
    /// # Errors
    /// [`Error::Unsupported`] before vSphere 7.0, and those of any call.
    pub async fn image(&self, cluster: &str) -> Result<Option<Image>> {
        let software: Software = match self.get(&format!("{}/software", cluster_path(cluster))).await {
            Err(e) if e.is_not_found() => return Ok(None),
            other => other?,
        };
        let components = software.components.into_iter().map(|(key, v)| (key, v.version)).collect();
        Ok(Some(Image { esx_version: software.base_image.version, components }))
    }

    /// Sets the image of a cluster, and has the cluster managed by it. `removed` are components to take out. Nothing is
    /// installed on hosts. Needs `VcIntegrity.lifecycleSoftwareSpecification.Write`.
    ///
    /// # Errors
    /// [`Error::Unsupported`] before vSphere 7.0, [`Error::Rest`] with the reasons of the server, `Timeout`, `Cancelled`,
    /// and those of any call.
    pub async fn set_image(
        &self,
        cluster: &str,
        image: &Image,
        removed: &[String],
        wait: Wait<'_>,
    ) -> Result<()> {
        let path = cluster_path(cluster);
        let drafts = format!("{path}/software/drafts");
        let mut draft = None;
        let work = async {
            let of_ours = self.draft(&drafts).await?;
            let ours = draft.insert(of_ours);
            let to = |rest: &str| format!("{drafts}/{}{rest}", escape(ours));
            let base = json!({ "version": image.esx_version });
            self.call(Call::put(""), &to("/software/base-image"), Some(base)).await?;
            if !image.components.is_empty() || !removed.is_empty() {
                let mut update = json!({ "components_to_set": image.components });
                if !removed.is_empty() {
                    update["components_to_delete"] = json!(removed);
                }
                self.call(Call::patch("", ""), &to("/software/components"), Some(update)).await?;
            }
            let commit = to("?action=commit&vmw-task=true");
            let task: String = self.task_id(Call::post(""), &commit, json!({})).await?;
            self.ended_well("POST", &to(""), &task).await?;
            let enablement = format!("{path}/enablement/software");
            let now: Enablement = self.get(&enablement).await?;
            if !now.enabled {
                let body = json!({ "skip_software_check": false });
                let task = self.task_id(Call::put(""), &format!("{enablement}?vmw-task=true"), body).await?;
                self.ended_well("PUT", &enablement, &task).await?;
            }
            Ok(())
        };
        let done = wait.limit("the change of the image", work).await;
        if let (Err(_), Some(draft)) = (&done, draft) {
            // One that was committed does not exist any more; any other would prevent the next one.
            let path = format!("{drafts}/{}", escape(&draft));
            let _ = self.call(Call::delete("", &draft), &path, None).await;
        }
        done
    }

    async fn task_id(&self, call: Call<'_>, path: &str, body: Value) -> Result<String> {
        let call = call.paths(path.to_owned(), path.to_owned()).parameters(body);
        self.client.core().rest(call).await
    }

    async fn ended_well(&self, method: &'static str, path: &str, task: &str) -> Result<()> {
        let ended = self.ended(task).await?;
        ended.error.map_or(Ok(()), |failure| Err(failed(method, path, failure)))
    }

    /// A new draft. A user has at most one: if there is only one, the user's own, it is of a run that was interrupted.
    async fn draft(&self, drafts: &str) -> Result<String> {
        let create = || self.client.core().rest(Call::post("").paths(drafts.to_owned(), drafts.to_owned()));
        let refused = match create().await {
            Err(e @ Error::Rest { .. }) => e,
            other => return other,
        };
        let pending: BTreeMap<String, Value> = self.get(drafts).await?;
        match pending.keys().collect::<Vec<_>>().as_slice() {
            [one] => {
                self.call(Call::delete("", one), &format!("{drafts}/{}", escape(one)), None).await?;
                create().await
            }
            _ => Err(refused),
        }
    }
}
