//! `vsphere_dpm_host_override`
use crate::cluster::common as cluster;
use crate::common::cluster_config::{self, Owner, Write, unclear};
use crate::common::moid::{Host, MoId};
use crate::common::{entity, lookup};
use crate::fault::no_attribute;
use crate::vsphere::Vsphere;
use tf_framework::{AttributePath, Cx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Value};
use vsphere_client::cluster::{Change, Cluster, Update};
use vsphere_client::vim::types::{ClusterDpmHostConfigInfo, DpmBehavior};
use vsphere_client::{FaultKind, MoRef};

/// Manages a DPM override, which gives a host Distributed Power Management (DPM) settings that differ from those of its
/// cluster.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_dpm_host_override", category = "Host and Cluster Management")]
pub struct DpmHostOverrideModel {
    /// The managed object IDs of the cluster and the host, joined by a colon: `domain-c7:host-12`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The managed object ID of the cluster, such as `domain-c7`.
    #[tf(required, force_new, form = cluster::id)]
    pub compute_cluster_id: Value<String>,
    /// The managed object ID of the host, such as `host-12`.
    #[tf(required, force_new, form = MoId::<Host>::form)]
    pub host_system_id: Value<String>,
    /// Whether to enable DPM for the host.
    #[tf(optional, default = false)]
    pub dpm_enabled: Value<bool>,
    /// The DPM automation level for the host: `manual` (DPM only makes recommendations) or `automated` (DPM applies its
    /// recommendations).
    #[tf(optional, default = "manual", one_of("manual", "automated"))]
    pub dpm_automation_level: Value<String>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct DpmHostOverride;

type M = DpmHostOverrideModel;

const NOUN: &str = "DPM override";

fn find<'a>(cluster: &'a Cluster, host: &MoRef) -> Option<&'a ClusterDpmHostConfigInfo> {
    cluster.dpm_overrides.iter().find(|o| o.key == *host)
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::InvalidArgument { .. } | FaultKind::ManagedObjectNotFound { .. } => {
            Some(M::HOST_SYSTEM_ID)
        }
        _ => None,
    }
}

impl M {
    fn host(&self) -> MoRef {
        MoId::<Host>::object(self.host_system_id.as_str())
    }

    fn wanted(&self) -> ClusterDpmHostConfigInfo {
        let behavior = match self.dpm_automation_level.as_str() {
            "automated" => DpmBehavior::Automated,
            _ => DpmBehavior::Manual,
        };
        ClusterDpmHostConfigInfo {
            key: self.host(),
            enabled: Some(self.dpm_enabled.get()),
            behavior: Some(behavior),
        }
    }

    fn observed(self, info: &ClusterDpmHostConfigInfo) -> Self {
        let level = info.behavior.as_ref().map(|b| b.as_str().to_owned());
        Self { dpm_enabled: info.enabled.into(), dpm_automation_level: level.into(), ..self }
    }
}

impl DpmHostOverride {
    async fn put(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let info = plan.wanted();
        let decide = |now: &Cluster| {
            if !now.hosts.contains(&info.key) {
                let detail = "The host does not exist, is not visible, or is in another cluster.";
                let summary = format!("The cluster has no host {:?}", info.key.id);
                return Err(Diagnostics::error(M::HOST_SYSTEM_ID, summary, detail));
            }
            let update = match find(now, &info.key) {
                Some(_) => Update::Edit(info.clone()),
                None => Update::Add(info.clone()),
            };
            Ok(vec![Change::Dpm(update)])
        };
        let doing = format!("set the {NOUN} of {}", info.key);
        Write::<Cluster>::new(cx, plan.compute_cluster_id.as_str()).change(doing, blame, decide).await?;
        let id = format!("{}:{}", plan.compute_cluster_id.as_str(), plan.host_system_id.as_str());
        Ok(M { id: id.into(), ..plan })
    }
}

impl Resource for DpmHostOverride {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the paths of the cluster and of the host, {\"compute_cluster_path\": \"/dc1/host/c1\", \
                                  \"host_path\": \"/dc1/host/c1/esx1\"}, or by their managed object IDs, such as domain-c7:host-12";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        cluster_config::plan::<Cluster, _>(cx, &planned.compute_cluster_id).await
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        self.put(cx, plan).await
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let id = state.compute_cluster_id.as_str();
        let Some(cluster) = cluster_config::read::<Cluster>(cx.client(), id).await? else { return Ok(None) };
        let host = state.host();
        Ok(find(&cluster, &host).map(|info| state.observed(info)))
    }

    async fn update(&self, cx: &Cx<'_, Self>, _prior: M, plan: M) -> Result<M> {
        self.put(cx, plan).await
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let host = state.host();
        let decide = |now: &Cluster| {
            let exists = find(now, &host).is_some();
            Ok(exists.then(|| Change::Dpm(Update::Remove(host.clone()))).into_iter().collect())
        };
        let doing = format!("remove the {NOUN} of {host}");
        let write = Write::<Cluster>::new(cx, state.compute_cluster_id.as_str());
        write.change_if_there(doing, no_attribute, decide).await.map(drop)
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        let (at, host) = Cluster::FORM.of_host(id).map_err(|why| unclear(id, &why, NOUN))?;
        let (cluster_id, cluster) = cluster_config::imported_cluster::<Cluster>(vsphere, &at).await?;
        let host = match entity::type_of(&host) {
            Some("HostSystem") => MoRef::new("HostSystem", host),
            _ => lookup::imported(vsphere, &host, "HostSystem").await?,
        };
        if find(&cluster, &host).is_none() {
            let others: Vec<String> = cluster.dpm_overrides.iter().map(|o| o.key.id.to_string()).collect();
            let detail = if others.is_empty() {
                "No host of the cluster has one.".to_owned()
            } else {
                format!("These hosts have one: {}.", others.join(", "))
            };
            let summary = format!("{host} has no {NOUN} in this cluster");
            return Err(Diagnostics::error(AttributePath::root(), summary, detail));
        }
        let id = format!("{cluster_id}:{}", host.id);
        Ok(M {
            id: id.into(),
            compute_cluster_id: cluster_id.into(),
            host_system_id: host.id.to_string().into(),
            ..M::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_is_seen_again() {
        for level in ["manual", "automated"] {
            let asked = M {
                host_system_id: "host-12".into(),
                dpm_enabled: true.into(),
                dpm_automation_level: level.into(),
                ..M::default()
            };
            let seen = M { host_system_id: "host-12".into(), ..M::default() }.observed(&asked.wanted());
            assert_eq!(seen, asked);
        }
    }
}
