//! `vsphere_configuration_profile`
pub mod data_source;
use crate::common::lookup;
use crate::common::moid::{Cluster, Host, MoId};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use std::time::Duration;
use tf_framework::{
    AttributePath, Cx, Diagnostics, Dynamic, Model, Plan, PlanCx, Resource, Result, Timeouts, Value,
};
use vsphere_client::lifecycle::profile::{self, Source, Status};
use vsphere_client::virtual_machine::Wait;

/// Manages the vSphere Configuration Profile of a cluster, which is the desired configuration of all hosts in the
/// cluster.
///
/// Requires vSphere 8.0 U1 or later, and a cluster that is managed with a single image. The configuration is either a
/// JSON document or taken from a reference host. If neither is set, the cluster must already have a configuration
/// profile. An apply remediates the hosts, which can restart them. vSphere cannot remove the configuration profile from
/// a cluster: destroying the resource does not change the cluster.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_configuration_profile", category = "Host and Cluster Management")]
pub struct ConfigurationProfileModel {
    /// The ID of the configuration profile: `config_profile_` followed by the managed object ID of the cluster.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The managed object ID of the cluster, such as `domain-c8`.
    #[tf(required, force_new, form = MoId::<Cluster>::form)]
    pub cluster_id: Value<String>,
    /// The managed object ID of a host in the cluster whose configuration to use for the cluster, such as `host-10`.
    /// The configuration of the host is read only when the resource is created and when this argument changes.
    #[tf(optional, unstored, form = MoId::<Host>::any_form, conflicts_with("configuration"))]
    pub reference_host_id: Value<String>,
    /// The configuration, as a JSON document. Differences in its `metadata` are ignored.
    #[tf(optional, computed, conflicts_with("reference_host_id"), check = document, same = same_document)]
    pub configuration: Value<String>,
    /// The JSON schema of the configuration.
    #[tf(computed, volatile)]
    pub schema: Value<String>,
    /// Timeouts for operations. An omitted timeout defaults to 1 hour, or to the provider's `api_timeout` if that is
    /// longer.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct ConfigurationProfile;

type M = ConfigurationProfileModel;

/// Hosts are changed one after the other, and may restart.
const LONG: Duration = Duration::from_secs(3600);
const PREFIX: &str = "config_profile_";

fn document(v: &Dynamic) -> std::result::Result<(), String> {
    match v.as_str() {
        Some(text) if !text.is_empty() && !profile::is_document(text) => {
            Err("It is not a JSON object. Expected a configuration as vCenter exports it.".to_owned())
        }
        _ => Ok(()),
    }
}

fn same_document(a: &Dynamic, b: &Dynamic) -> bool {
    matches!((a, b), (Dynamic::String(a), Dynamic::String(b)) if profile::same(a, b))
}

impl M {
    /// A sentence part.
    fn title(&self) -> String {
        format!("the configuration profile of {}", MoId::<Cluster>::object(self.cluster_id.as_str()))
    }

    /// Where the configuration comes from.
    fn source(&self) -> Source<'_> {
        match self.reference_host_id.as_str() {
            "" => Source::Document(self.configuration.as_str()),
            host => Source::Host(host),
        }
    }
}

impl Resource for ConfigurationProfile {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the ID in the state, such as config_profile_domain-c8, or by the inventory path or the managed \
                                  object ID of the cluster";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        // The configuration of another host is found out by the apply.
        let host = |m: &M| m.reference_host_id.as_str().to_owned();
        if cx.prior.is_some_and(|p| planned.reference_host_id.is_unknown() || host(p) != host(planned))
            && (planned.reference_host_id.is_unknown() || !host(planned).is_empty())
        {
            planned.unknown(M::CONFIGURATION);
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let (api, cluster) = (vsphere.api.lifecycle(), plan.cluster_id.as_str());
        let id = format!("{PREFIX}{cluster}");
        let wait = Wait::new(cx.timeout(vsphere.timeout.max(LONG)), cx.cancel());
        let doing = || format!("create {}", plan.title());
        let at = |_: &vsphere_client::FaultKind| Some(M::CLUSTER_ID);
        let source = plan.source();
        match api.profile_status(cluster).await.doing_to(doing(), at)? {
            // Without a configuration, the one that the cluster has is taken over.
            Status::Enabled if source.is_none() => {}
            Status::Enabled => api.change_profile(cluster, source, wait).await.doing(doing())?,
            Status::NotStarted | Status::Started if source.is_none() => {
                let detail = "The cluster does not have a configuration profile. Set `configuration` or `reference_host_id`.";
                return Err(Diagnostics::error(M::CONFIGURATION, "Missing configuration", detail));
            }
            status @ (Status::NotStarted | Status::Started) => {
                if status == Status::Started {
                    // It is left of a creation that has failed.
                    api.cancel_transition(cluster).await.doing(doing())?;
                }
                api.enable_profile(cluster, source, wait).await.doing(doing())?;
            }
            Status::Other(status) => {
                let detail = match status.as_str() {
                    "SOFTWARE_SPECIFICATION_NOT_SET" => {
                        "The cluster is not managed by an image. Set one first, such as with `host_image` of \
                         `vsphere_compute_cluster`."
                    }
                    "NOT_ALLOWED_IN_CURRENT_STATE" => {
                        "Another user has begun the transition of the cluster to a configuration profile. End or cancel it in the \
                         vSphere Client."
                    }
                    "ENABLE_IN_PROGRESS" => {
                        "The cluster is just changed to a configuration profile. Apply again when this has ended."
                    }
                    _ => "vCenter does not allow it in the present state of the cluster.",
                };
                return Err(Diagnostics::error(M::CLUSTER_ID, format!("Unable to {}", doing()), detail));
            }
        }
        Ok(M { id: id.into(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        match cx.client().api.lifecycle().profile(state.cluster_id.as_str()).await {
            Err(e) if e.is_not_found() => Ok(None),
            other => {
                let (configuration, schema) = other.doing(format!("read {}", state.title()))?;
                Ok(Some(M { configuration: configuration.into(), schema: schema.into(), ..state }))
            }
        }
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let is_same = match (&prior.configuration, &plan.configuration) {
            (Value::Known(a), Value::Known(b)) => profile::same(a, b),
            _ => false,
        };
        let host = plan.reference_host_id.as_str();
        if is_same && (host.is_empty() || prior.reference_host_id.as_str() == host) {
            return Ok(plan);
        }
        let vsphere = cx.client();
        let wait = Wait::new(cx.timeout(vsphere.timeout.max(LONG)), cx.cancel());
        let done =
            vsphere.api.lifecycle().change_profile(plan.cluster_id.as_str(), plan.source(), wait).await;
        done.doing(format!("change {}", plan.title()))?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let detail = "vSphere cannot take a configuration profile from a cluster. It is no longer managed by Terraform.";
        cx.warn(AttributePath::root(), format!("{} stays", crate::fault::capital(&state.title())), detail);
        Ok(())
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let name = id.strip_prefix(PREFIX).unwrap_or(id);
        let cluster = lookup::imported(cx.client(), name, "ClusterComputeResource").await?;
        let id = format!("{PREFIX}{}", cluster.id);
        Ok(M { id: id.into(), cluster_id: cluster.id.to_string().into(), ..M::default() })
    }
}
