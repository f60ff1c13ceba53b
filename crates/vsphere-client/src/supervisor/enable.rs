//! Supervisors by their ID, from vSphere 8.0 on.

use futures_util::FutureExt as _;
use serde::Deserialize;
use serde_json::json;

use super::cluster::{CLUSTERS, ClusterInfo};
use super::spec::{EnableSpec, LoadBalancerChange};
use super::status::{Ended, Message, Seen, Until, settled};
use super::{Supervisors, or_none};
use crate::core::rest::{Call, escape, null_is_empty};
use crate::error::Result;
use crate::virtual_machine::Wait;

const SUPERVISORS: &str = "vcenter/namespace-management/supervisors";

/// A Supervisor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// The name.
    pub name: String,
    /// `CONFIGURING`, `RUNNING`, `REMOVING` or `ERROR`.
    pub config_status: String,
    /// What the server says about it, from vSphere 9.1 on.
    #[serde(deserialize_with = "null_is_empty")]
    pub messages: Vec<Message>,
}

/// A zone of a Supervisor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct SupervisorZone {
    /// The name of the zone.
    #[serde(deserialize_with = "null_is_empty")]
    pub zone: String,
    /// The managed object IDs of its clusters.
    #[serde(deserialize_with = "null_is_empty")]
    pub clusters: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Summaries {
    items: Vec<Item>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Item {
    supervisor: String,
    info: Summary,
}

impl Supervisors<'_> {
    /// The Supervisor of an ID; nothing when there is none.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn supervisor(&self, id: &str) -> Result<Option<Summary>> {
        let service = format!("{SUPERVISORS}/{}/summary", escape(id));
        or_none(self.client.core().rest(Call::get(&service)).await)
    }

    /// The zones of a Supervisor, with their clusters.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn topology(&self, id: &str) -> Result<Vec<SupervisorZone>> {
        let service = format!("{SUPERVISORS}/{}/topology", escape(id));
        self.client.core().rest(Call::get(&service)).await
    }

    /// The IDs of the Supervisors of a name, which need not be unique.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn named(&self, name: &str) -> Result<Vec<String>> {
        let service = format!("{SUPERVISORS}/summaries");
        let all: Summaries = self.client.core().rest(Call::get(&service)).await?;
        Ok(all.items.into_iter().filter(|i| i.info.name == name).map(|i| i.supervisor).collect())
    }

    /// Begins to enable a Supervisor on a cluster, or on the zones of the specification. Returns its ID. Needs
    /// `Namespaces.Manage`.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn enable(&self, cluster: Option<&str>, spec: &EnableSpec) -> Result<String> {
        let call = Call::post(SUPERVISORS).parameters(json!(spec));
        let call = match cluster {
            Some(cluster) => call.id(cluster).action("enable_on_compute_cluster"),
            None => call.action("enable_on_zones"),
        };
        self.client.core().rest(call).await
    }

    /// Begins to change a load balancer of a cluster: what the specification does not have stays. Needs
    /// `Namespaces.Manage`.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn change_load_balancer(
        &self,
        cluster: &str,
        id: &str,
        change: &LoadBalancerChange,
    ) -> Result<()> {
        let service = format!("{CLUSTERS}/{}/load-balancers", escape(cluster));
        self.client.core().rest(Call::patch(&service, id).parameters(json!(change))).await
    }

    /// Waits until a Supervisor is configured.
    ///
    /// # Errors
    /// [`Error::Cancelled`](crate::Error::Cancelled), and those of any call.
    pub async fn supervisor_runs(&self, id: &str, wait: Wait<'_>) -> Result<Ended> {
        let look = || {
            async move {
                let Some(summary) = self.supervisor(id).await? else { return Ok(None) };
                let mut messages = summary.messages;
                // Before vSphere 9.1, only the clusters have messages.
                if messages.is_empty() && summary.config_status != "RUNNING" {
                    messages = self.messages(id).await.unwrap_or_default();
                }
                Ok(Some(Seen { status: summary.config_status, messages }))
            }
            .boxed()
        };
        settled(&format!("Supervisor {id}"), Until::Running, wait, &look).await
    }

    async fn messages(&self, id: &str) -> Result<Vec<Message>> {
        let zones = self.topology(id).await?;
        let Some(cluster) = zones.iter().flat_map(|z| &z.clusters).next() else { return Ok(vec![]) };
        Ok(self.of_cluster(cluster).await?.map(ClusterInfo::seen).map(|s| s.messages).unwrap_or_default())
    }
}
