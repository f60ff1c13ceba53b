//! The Supervisor of a cluster: enabled with NSX, changed, and disabled. All versions show and change any Supervisor so.

use futures_util::FutureExt as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::status::{Ended, Message, Seen, Until, settled};
use super::{Supervisors, or_none};
use crate::core::rest::{Call, null_is_empty};
use crate::error::{Error, Result};
use crate::virtual_machine::Wait;

pub(super) const CLUSTERS: &str = "vcenter/namespace-management/clusters";

/// A block of addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cidr {
    /// Its first address.
    pub address: String,
    /// The length of its prefix.
    pub prefix: i64,
}

/// A range of addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IpRange {
    /// Its first address.
    pub address: String,
    /// The number of addresses.
    pub count: i64,
}

/// The addresses of the virtual machines of the control plane.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AddressRange {
    /// The first one.
    pub starting_address: String,
    /// How many there are.
    pub address_count: i64,
    /// The mask of their subnet.
    pub subnet_mask: String,
    /// The gateway.
    pub gateway: String,
}

/// The management network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ManagementNetwork {
    /// The managed object ID of the network.
    #[serde(deserialize_with = "null_is_empty")]
    pub network: String,
    /// `STATICRANGE` or `DHCP`.
    pub mode: String,
    /// The addresses, of a static range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_range: Option<AddressRange>,
    /// The floating address.
    #[serde(rename = "floating_IP", skip_serializing_if = "Option::is_none")]
    pub floating_ip: Option<String>,
}

/// The networks of NSX.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NsxNetworks {
    /// Of pods.
    pub pod_cidrs: Vec<Cidr>,
    /// Of services that are reached from outside.
    pub ingress_cidrs: Vec<Cidr>,
    /// Of connections to outside.
    pub egress_cidrs: Vec<Cidr>,
    /// The UUID of the distributed switch.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "null_is_empty")]
    pub cluster_distributed_switch: String,
    /// The ID of the edge cluster.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "null_is_empty")]
    pub nsx_edge_cluster: String,
}

/// A content library of a Supervisor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentLibrary {
    /// Its ID.
    pub content_library: String,
    /// The services that use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supervisor_services: Option<Vec<String>>,
    /// How the names of images in Kubernetes are made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_naming_strategy: Option<String>,
}

/// How a Supervisor reaches the internet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Proxy {
    /// `VC_INHERITED`, `CLUSTER_CONFIGURED` or `NONE`.
    pub proxy_settings_source: String,
    /// For HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_proxy_config: Option<Hidden>,
    /// For HTTPS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub https_proxy_config: Option<Hidden>,
    /// What is reached without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_proxy_config: Option<Vec<String>>,
    /// The certificates of its authorities, in PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_root_ca_bundle: Option<String>,
}

/// A text that is or can contain a password, and is not shown.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hidden(pub String);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(hidden)")
    }
}

/// A storage policy of images.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageStorage {
    /// The ID of the policy.
    pub storage_policy: String,
}

/// The vSAN clusters of file volumes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileVolumes {
    /// Their managed object IDs.
    pub vsan_clusters: Vec<String>,
}

/// The settings of a Supervisor that can be changed. Nothing leaves a setting as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "named as in the API")]
pub struct Settings {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
    #[serde(rename = "master_DNS", skip_serializing_if = "Option::is_none")]
    pub master_dns: Option<Vec<String>>,
    #[serde(rename = "worker_DNS", skip_serializing_if = "Option::is_none")]
    pub worker_dns: Option<Vec<String>>,
    #[serde(rename = "master_DNS_search_domains", skip_serializing_if = "Option::is_none")]
    pub search_domains: Option<Vec<String>>,
    #[serde(rename = "master_NTP_servers", skip_serializing_if = "Option::is_none")]
    pub master_ntp: Option<Vec<String>>,
    #[serde(rename = "workload_ntp_servers", skip_serializing_if = "Option::is_none")]
    pub worker_ntp: Option<Vec<String>>,
    #[serde(rename = "Master_DNS_names", skip_serializing_if = "Option::is_none")]
    pub dns_names: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub master_storage_policy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ephemeral_storage_policy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_storage: Option<ImageStorage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cns_file_config: Option<FileVolumes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_image_repository: Option<String>,
    #[serde(rename = "default_kubernetes_service_content_library", skip_serializing_if = "Option::is_none")]
    pub kubernetes_library: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_libraries: Option<Vec<ContentLibrary>>,
    #[serde(rename = "cluster_proxy_config", skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Proxy>,
    /// In a change alone.
    #[serde(rename = "floating_IP", skip_serializing_if = "Option::is_none")]
    pub floating_ip: Option<String>,
}

/// The settings of a Supervisor with NSX.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NsxSpec {
    /// What can be changed later.
    pub settings: Settings,
    /// The networks.
    pub networks: NsxNetworks,
    /// The addresses of services in the cluster.
    pub service_cidr: Cidr,
    /// The management network.
    pub management: ManagementNetwork,
}

/// What a Supervisor has to reach.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Condition {
    /// `TRUE`, `FALSE` or `UNKNOWN`.
    pub status: String,
    /// What the server says about it.
    #[serde(deserialize_with = "null_is_empty")]
    pub messages: Vec<Message>,
}

/// A load balancer of a Supervisor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct LoadBalancer {
    /// Its ID.
    pub id: String,
    /// The addresses of services.
    #[serde(deserialize_with = "null_is_empty")]
    pub address_ranges: Vec<IpRange>,
    /// `HA_PROXY` or `AVI`.
    pub provider: String,
}

/// A Supervisor, as its cluster shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ClusterInfo {
    /// `CONFIGURING`, `RUNNING`, `REMOVING` or `ERROR`.
    pub config_status: String,
    /// What the server says about it.
    #[serde(deserialize_with = "null_is_empty")]
    pub messages: Vec<Message>,
    /// What it has to reach.
    #[serde(deserialize_with = "null_is_empty")]
    pub conditions: Vec<Condition>,
    /// The settings that can be changed.
    #[serde(flatten)]
    pub settings: Settings,
    /// The networks of NSX.
    #[serde(rename = "ncp_cluster_network_info")]
    pub networks: Option<NsxNetworks>,
    /// The addresses of services in the cluster.
    #[serde(deserialize_with = "null_is_empty")]
    pub service_cidr: Cidr,
    /// The management network.
    #[serde(rename = "master_management_network")]
    pub management: Option<ManagementNetwork>,
    /// The load balancers.
    #[serde(deserialize_with = "null_is_empty")]
    pub load_balancers: Vec<LoadBalancer>,
}

impl ClusterInfo {
    /// All messages: those of conditions that are not met, once each.
    pub(super) fn seen(self) -> Seen {
        let mut messages = self.messages;
        for condition in self.conditions.into_iter().filter(|c| c.status != "TRUE") {
            for message in condition.messages {
                if !messages.contains(&message) {
                    messages.push(message);
                }
            }
        }
        Seen { status: self.config_status, messages }
    }
}

impl Settings {
    /// Those that differ from others, or that the others do not have.
    #[must_use]
    pub fn changed(self, from: &Settings) -> Settings {
        fn if_new<T: PartialEq>(now: Option<T>, was: &Option<T>) -> Option<T> {
            if now == *was { None } else { now }
        }
        Settings {
            size_hint: if_new(self.size_hint, &from.size_hint),
            count: if_new(self.count, &from.count),
            master_dns: if_new(self.master_dns, &from.master_dns),
            worker_dns: if_new(self.worker_dns, &from.worker_dns),
            search_domains: if_new(self.search_domains, &from.search_domains),
            master_ntp: if_new(self.master_ntp, &from.master_ntp),
            worker_ntp: if_new(self.worker_ntp, &from.worker_ntp),
            dns_names: if_new(self.dns_names, &from.dns_names),
            master_storage_policy: if_new(self.master_storage_policy, &from.master_storage_policy),
            ephemeral_storage_policy: if_new(self.ephemeral_storage_policy, &from.ephemeral_storage_policy),
            image_storage: if_new(self.image_storage, &from.image_storage),
            cns_file_config: if_new(self.cns_file_config, &from.cns_file_config),
            default_image_repository: if_new(self.default_image_repository, &from.default_image_repository),
            kubernetes_library: if_new(self.kubernetes_library, &from.kubernetes_library),
            content_libraries: if_new(self.content_libraries, &from.content_libraries),
            proxy: if_new(self.proxy, &from.proxy),
            floating_ip: if_new(self.floating_ip, &from.floating_ip),
        }
    }
}

impl NsxSpec {
    fn enable(&self) -> Value {
        let mut body = json!(self.settings);
        body["network_provider"] = json!("NSXT_CONTAINER_PLUGIN");
        body["ncp_cluster_network_spec"] = json!(self.networks);
        body["service_cidr"] = json!(self.service_cidr);
        body["master_management_network"] = json!(self.management);
        body
    }
}

impl Supervisors<'_> {
    /// The Supervisor of a cluster; nothing when it has none.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn of_cluster(&self, cluster: &str) -> Result<Option<ClusterInfo>> {
        match self.client.core().rest(Call::get(CLUSTERS).id(cluster)).await {
            Err(Error::Rest { kind, .. }) if kind == "UNSUPPORTED" => Ok(None),
            other => or_none(other),
        }
    }

    /// Begins to enable the Supervisor of a cluster. Needs `Namespaces.Manage`.
    ///
    /// # Errors
    /// [`Error::Rest`] for a cluster that has one, and those of any call.
    pub async fn enable_with_nsx(&self, cluster: &str, spec: &NsxSpec) -> Result<()> {
        let call = Call::post(CLUSTERS).id(cluster).action("enable").parameters(spec.enable());
        self.client.core().rest(call).await
    }

    /// Begins to change the Supervisor of a cluster. `networks` are all blocks of addresses with NSX, which can only get
    /// more. Needs `Namespaces.Manage`.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn change(
        &self,
        cluster: &str,
        settings: &Settings,
        networks: Option<&NsxNetworks>,
    ) -> Result<()> {
        let mut body = json!(settings);
        if let Some(n) = networks {
            body["network_provider"] = json!("NSXT_CONTAINER_PLUGIN");
            body["ncp_cluster_network_spec"] = json!({
                "pod_cidrs": n.pod_cidrs, "ingress_cidrs": n.ingress_cidrs, "egress_cidrs": n.egress_cidrs
            });
        }
        self.client.core().rest(Call::patch(CLUSTERS, cluster).parameters(body)).await
    }

    /// Begins to remove the Supervisor of a cluster, with its namespaces. Needs `Namespaces.Manage`.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn disable(&self, cluster: &str) -> Result<()> {
        self.client.core().rest(Call::post(CLUSTERS).id(cluster).action("disable")).await
    }

    /// Waits until the Supervisor of a cluster is configured.
    ///
    /// # Errors
    /// [`Error::Cancelled`], and those of any call.
    pub async fn runs(&self, cluster: &str, wait: Wait<'_>) -> Result<Ended> {
        self.cluster_settled(cluster, Until::Running, wait).await
    }

    /// Waits until the Supervisor of a cluster is removed.
    ///
    /// # Errors
    /// [`Error::Cancelled`], and those of any call.
    pub async fn ends(&self, cluster: &str, wait: Wait<'_>) -> Result<Ended> {
        self.cluster_settled(cluster, Until::Absent, wait).await
    }

    async fn cluster_settled(&self, cluster: &str, until: Until, wait: Wait<'_>) -> Result<Ended> {
        let look = || async move { Ok(self.of_cluster(cluster).await?.map(ClusterInfo::seen)) }.boxed();
        settled(&format!("Supervisor of {cluster}"), until, wait, &look).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_given_settings_are_sent() {
        let settings =
            Settings { size_hint: Some("SMALL".into()), master_dns: Some(vec![]), ..Settings::default() };
        assert_eq!(json!(settings), json!({"size_hint": "SMALL", "master_DNS": []}));
        let body = NsxSpec { settings, ..NsxSpec::default() }.enable();
        assert_eq!(body["network_provider"], "NSXT_CONTAINER_PLUGIN");
        assert_eq!(body["ncp_cluster_network_spec"]["pod_cidrs"], json!([]));
    }

    #[test]
    fn info_of_a_cluster_is_read() {
        let text = r#"{"config_status": "ERROR", "size_hint": "TINY", "master_DNS": null, "Master_DNS_names": ["a"],
            "messages": [{"severity": "ERROR", "details": {"default_message": "One."}}],
            "conditions": [{"status": "TRUE", "messages": [{"severity": "INFO", "details": {"default_message": "Done."}}]},
                {"status": "FALSE", "messages": [{"severity": "ERROR", "details": {"default_message": "One."}},
                    {"severity": "ERROR", "details": {"default_message": "Two."}}]}],
            "master_management_network": {"mode": "DHCP", "network": "dvportgroup-1", "floating_IP": "10.0.0.1"},
            "load_balancers": [{"id": "lb", "provider": "AVI", "address_ranges": [{"address": "10.0.0.2", "count": 5}]}]}"#;
        let info: ClusterInfo = serde_json::from_str(text).unwrap();
        assert_eq!(info.settings.size_hint.as_deref(), Some("TINY"));
        assert_eq!(info.settings.dns_names, Some(vec!["a".to_owned()]));
        assert_eq!(info.management.as_ref().unwrap().floating_ip.as_deref(), Some("10.0.0.1"));
        assert_eq!(info.load_balancers[0].address_ranges[0].count, 5);
        let texts: Vec<String> = info.seen().messages.into_iter().map(|m| m.text).collect();
        assert_eq!(texts, ["One.", "Two."]);
    }

    #[test]
    fn secrets_are_not_shown() {
        assert_eq!(format!("{:?}", Hidden("http://u:p@proxy".into())), "(hidden)");
    }
}
