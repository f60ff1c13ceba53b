//! Images of clusters: the ESXi version and the components that all hosts of a cluster are to have. From vSphere 7.0 on.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Lifecycle, Version};
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
            self.send::<Value>(Call::put(""), &to("/software/base-image"), Some(base)).await?;
            if !image.components.is_empty() || !removed.is_empty() {
                let mut update = json!({ "components_to_set": image.components });
                if !removed.is_empty() {
                    update["components_to_delete"] = json!(removed);
                }
                self.send::<Value>(Call::patch("", ""), &to("/software/components"), Some(update)).await?;
            }
            let commit = to("?action=commit&vmw-task=true");
            let task: String = self.send(Call::post(""), &commit, Some(json!({}))).await?;
            self.succeeded("POST", &to(""), &task).await?;
            let enablement = format!("{path}/enablement/software");
            let now: Enablement = self.get(&enablement).await?;
            if !now.enabled {
                let body = json!({ "skip_software_check": false });
                let path = format!("{enablement}?vmw-task=true");
                let task: String = self.send(Call::put(""), &path, Some(body)).await?;
                self.succeeded("PUT", &enablement, &task).await?;
            }
            Ok(())
        };
        let done = wait.limit("the change of the image", work).await;
        if let (Err(_), Some(draft)) = (&done, draft) {
            // One that was committed does not exist any more; any other would prevent the next one.
            let path = format!("{drafts}/{}", escape(&draft));
            let _ = self.send::<Value>(Call::delete("", &draft), &path, None).await;
        }
        done
    }

    /// A new draft. A user has at most one: if there is only one, the user's own, it is of a run that was interrupted.
    async fn draft(&self, drafts: &str) -> Result<String> {
        let create = || self.send(Call::post(""), drafts, None);
        let refused = match create().await {
            Err(e @ Error::Rest { .. }) => e,
            other => return other,
        };
        let pending: BTreeMap<String, Value> = self.get(drafts).await?;
        match pending.keys().collect::<Vec<_>>().as_slice() {
            [one] => {
                let path = format!("{drafts}/{}", escape(one));
                self.send::<Value>(Call::delete("", one), &path, None).await?;
                create().await
            }
            _ => Err(refused),
        }
    }
}
