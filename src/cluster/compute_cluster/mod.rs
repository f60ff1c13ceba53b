//! `vsphere_compute_cluster`
pub mod data_source;
mod drs;
mod ha;
mod hosts;
mod image;
mod proactive_ha;
mod vsan;

use crate::common::adopt::create_or_adopt_named;
use crate::common::host_moves::Mover;
use crate::common::labels::{Carried, Labels};
use crate::common::moid::{Cluster, Datacenter, Host, MoId};
use crate::common::{folders, lookup, names};
use crate::fault::{Doing, or_absent};
use crate::vsphere::Vsphere;
use drs::Drs;
use ha::Ha;
use hosts::moves;
use proactive_ha::ProactiveHa;
use std::collections::BTreeSet;
use std::time::Duration;
use tf_framework::{
    AttributePath, Cx, DestroyCx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Timeouts, Value,
};
use vsan::Vsan;
use vsphere_client::cluster::Settings;
use vsphere_client::datacenter::Area;
use vsphere_client::vim::types::{ClusterConfigInfoEx, ClusterConfigSpecEx};
use vsphere_client::virtual_machine::Wait;
use vsphere_client::{ApiVersion, Error, FaultKind, MoRef, custom_fields, readable};

/// Manages a cluster of ESXi hosts, including its DRS, DPM, vSphere HA, Proactive HA and vSAN settings.
///
/// An apply sends only the settings that the plan changes. Cluster groups, rules and overrides are managed with other
/// resources, such as `vsphere_compute_cluster_vm_group`. A cluster that contains hosts is not destroyed unless
/// `force_evacuate_on_destroy` is set.
///
/// The settings of vSAN are read only if the state contains one of them: a cluster whose vSAN is not managed here needs no
/// arguments for it. vCenter does not enable or disable vSAN while vSphere HA is enabled on the cluster. Disks leave a disk
/// group only after vSAN has moved the data that would become inaccessible. Changes of vSAN may take an hour, unless
/// `timeouts` allows more.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_compute_cluster", category = "Host and Cluster Management")]
pub struct ComputeClusterModel {
    /// The managed object ID of the cluster, such as `domain-c7`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the cluster. Changing this renames the cluster in place.
    #[tf(required, length(1, 80), same = names::same)]
    pub name: Value<String>,
    /// The managed object ID of the datacenter.
    #[tf(required, force_new, form = lookup::datacenter_id)]
    pub datacenter_id: Value<String>,
    /// The path of the host folder that contains the cluster, relative to the root host folder of the datacenter, such
    /// as `production/east`. Defaults to the root host folder. Changing this moves the cluster in place.
    #[tf(optional, same = names::same_path, check = folders::below)]
    pub folder: Value<String>,
    /// The managed object IDs of the hosts in the cluster. If omitted, cluster membership is not managed. If set, any
    /// other hosts are removed from the cluster. A host that is removed enters maintenance mode, is moved to the root
    /// host folder of the datacenter as a standalone host, and exits maintenance mode.
    #[tf(optional, computed, count(0, 96), each(form = MoId::<Host>::form), conflicts_with("host_managed"))]
    pub host_system_ids: Value<BTreeSet<String>>,
    /// Whether cluster membership is managed outside this resource. If `true`, the hosts of the cluster are not read.
    #[tf(optional)]
    pub host_managed: Value<bool>,
    /// The maximum number of seconds to wait for a host to enter maintenance mode before it is removed from the
    /// cluster.
    #[tf(optional, default = 3600, range(0, 604_800))]
    pub host_cluster_exit_timeout: Value<i64>,
    /// Whether to remove the hosts from the cluster before destroying it. Intended for testing: the destroy operation
    /// fails if a host cannot enter maintenance mode, for example because its virtual machines cannot be migrated.
    #[tf(optional)]
    pub force_evacuate_on_destroy: Value<bool>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub drs: Drs,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub ha: Ha,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub proactive_ha: ProactiveHa,
    /// The key of the Enhanced vMotion Compatibility (EVC) mode, such as `intel-skylake`. If omitted, EVC is disabled.
    #[tf(optional)]
    pub evc_mode: Value<String>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub vsan: Vsan,
    /// The managed object ID of the root resource pool of the cluster, such as `resgroup-8`.
    #[tf(computed)]
    pub resource_pool_id: Value<String>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub labels: Labels,
    /// The image of the cluster in vSphere Lifecycle Manager. It is not installed on the hosts: remediate the cluster to do
    /// that. Components that are not in the configuration are left alone, and if the block is removed, the cluster keeps its
    /// image. Requires vSphere 7.0 or later.
    #[tf(block, max = 1)]
    pub host_image: Value<Vec<HostImage>>,
    /// Timeouts for operations. An omitted timeout defaults to the provider's `api_timeout`, which is 5 minutes by default.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

/// An ESXi image.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct HostImage {
    /// The ESXi version of the base image, such as `8.0.3-0.0.24022510`.
    #[tf(optional)]
    pub esx_version: Value<String>,
    /// A component to add to the base image.
    #[tf(block)]
    pub component: Value<Vec<HostImageComponent>>,
}

/// A component of an image.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct HostImageComponent {
    /// The name of the component.
    #[tf(optional)]
    pub key: Value<String>,
    /// The version of the component.
    #[tf(optional)]
    pub version: Value<String>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct ComputeCluster;

type M = ComputeClusterModel;

/// How long an image may take at least: vCenter reads the depot and checks the hosts.
const IMAGE: Duration = Duration::from_secs(30 * 60);

/// All settings that a plan changes, as one request; nothing where it changes none. Pure.
fn spec(
    prior: Option<&M>,
    plan: &M,
    now: &ClusterConfigInfoEx,
    version: ApiVersion,
) -> Option<ClusterConfigSpecEx> {
    let mut spec = ClusterConfigSpecEx::default();
    plan.drs.add_to(&mut spec, prior.map(|p| &p.drs), version);
    plan.ha.add_to(&mut spec, prior.map(|p| &p.ha), now);
    plan.proactive_ha.add_to(&mut spec, prior.map(|p| &p.proactive_ha), now);
    (spec != ClusterConfigSpecEx::default()).then_some(spec)
}

impl M {
    fn object(&self) -> MoRef {
        MoId::<Cluster>::object(self.id.as_str())
    }

    /// A sentence part.
    fn title(&self) -> String {
        format!("the cluster {:?}", self.name.as_str())
    }

    fn datacenter(&self) -> MoRef {
        MoId::<Datacenter>::object(self.datacenter_id.as_str())
    }

    fn mover<'a>(&self, cx: &'a Cx<'_, ComputeCluster>, cluster: &'a MoRef) -> Mover<'a> {
        let seconds = u64::try_from(self.host_cluster_exit_timeout.get()).unwrap_or_default();
        Mover {
            vsphere: cx.client(),
            cluster,
            title: self.title(),
            timeout: cx.timeout(cx.client().timeout),
            evacuation: Duration::from_secs(seconds),
            cancel: cx.cancel(),
            at: M::HOST_SYSTEM_IDS,
        }
    }

    fn vsan_change<'a>(&self, cx: &'a Cx<'_, ComputeCluster>, cluster: &'a MoRef) -> vsan::Change<'a> {
        let timeout = cx.timeout(cx.client().timeout);
        vsan::Change { vsphere: cx.client(), cluster, title: self.title(), timeout, cancel: cx.cancel() }
    }

    /// Brings hosts and services of the cluster to what the plan says.
    async fn configure(&self, cx: &Cx<'_, ComputeCluster>, prior: Option<&Self>) -> Result<()> {
        let (vsphere, object) = (cx.client(), self.object());
        let (timeout, clusters) = (cx.timeout(vsphere.timeout), vsphere.api.clusters());
        let now = clusters.settings(&object).await.doing(format!("read {}", self.title()))?;
        if let Some(wanted) = self.host_system_ids.known() {
            let before = prior.map(|p| p.host_system_ids.get()).unwrap_or_default();
            let there = now.hosts.iter().map(|h| h.id.to_string()).collect();
            let moves = moves(&before, wanted, &there);
            let mover = self.mover(cx, &object);
            mover.bring(&moves.into).await?;
            mover.release(&moves.out).await?;
        }
        let Some(config) = now.config() else { return Err(no_configuration(&object)) };
        let spec = spec(prior, self, config, vsphere.api.api_version());
        let services = async {
            let Some(spec) = spec else { return Ok(()) };
            let done = clusters.configure(&object, spec, timeout, cx.cancel()).await;
            done.doing_to(format!("configure {}", self.title()), blame)
        };
        let vsan = async {
            if prior.map(|p| &p.vsan) == Some(&self.vsan) {
                return Ok(());
            }
            self.vsan.apply(prior.map(|p| &p.vsan), self.vsan_change(cx, &object)).await
        };
        // vCenter neither enables nor disables vSAN while vSphere HA is enabled.
        if self.ha.ha_enabled.get() {
            vsan.await?;
            services.await?;
        } else {
            services.await?;
            vsan.await?;
        }
        let mode = self.evc_mode.as_str();
        if prior.map(|p| p.evc_mode.as_str()).unwrap_or_default() != mode && now.evc_mode() != mode {
            let mode = Some(mode).filter(|m| !m.is_empty());
            let done = clusters.set_evc_mode(&object, mode, timeout, cx.cancel()).await;
            done.doing_to(format!("set the EVC mode of {}", self.title()), |_| Some(M::EVC_MODE))?;
        }
        if let Some((image, removed)) = image::change(prior, self) {
            let wait = Wait::new(timeout.max(IMAGE), cx.cancel());
            let done = vsphere.api.lifecycle().set_image(&object.id, &image, &removed, wait).await;
            done.doing_to(format!("set the image of {}", self.title()), |_| Some(M::HOST_IMAGE))?;
        }
        Ok(())
    }

    /// As the server has it.
    async fn observed(
        self,
        cx: &Cx<'_, ComputeCluster>,
        object: &MoRef,
        read: Settings,
        carried: &Carried,
    ) -> Result<Self> {
        let vsphere = cx.client();
        let doing = || format!("read {}", self.title());
        let values = custom_fields::texts(&read.custom_values);
        let labels = Labels::of(carried, &values, &self.labels);
        let find = vsphere.api.find();
        let folder = folders::path(vsphere, read.parent.as_ref()).await?;
        let datacenter = find.datacenter_of(object).await.doing(doing())?;
        let image = match self.host_image.get().first() {
            Some(block) => match vsphere.api.lifecycle().image(&object.id).await {
                Ok(image) => image.map(|i| image::observed(block, &i)).into_iter().collect::<Vec<_>>().into(),
                // The official provider does not read it: who may not either keeps what the state says.
                Err(Error::Rest { .. } | Error::Unsupported { .. }) => self.host_image.clone(),
                Err(e) => return Err(e).doing(doing()),
            },
            None => self.host_image.clone(),
        };
        let vsan = match self.vsan.clone().observed(vsphere, object, &read, cx.importing()).await {
            // Not every cluster has vSAN, and not every user may see its settings.
            Err(e) if cx.importing() && !matches!(e, Error::Cancelled) => {
                let detail = format!("{e}. The state does not have the settings of vSAN.");
                cx.warn(Vsan::VSAN_ENABLED, "Unable to read the settings of vSAN", detail);
                self.vsan.clone()
            }
            read => read.doing(doing())?,
        };
        let Some(config) = read.config() else { return Err(no_configuration(object)) };
        let hosts = match self.host_managed.get() {
            true => self.host_system_ids,
            false => read.hosts.iter().map(|h| h.id.to_string()).collect::<BTreeSet<_>>().into(),
        };
        Ok(Self {
            id: object.id.to_string().into(),
            name: readable(&read.name).into_owned().into(),
            datacenter_id: datacenter.map(|d| d.id.to_string()).into(),
            folder: folder.into(),
            host_system_ids: hosts,
            drs: self.drs.observed(config),
            ha: self.ha.observed(config),
            proactive_ha: self.proactive_ha.observed(config),
            evc_mode: read.evc_mode().to_owned().into(),
            vsan,
            resource_pool_id: read.resource_pool.as_ref().map(|p| p.id.to_string()).into(),
            labels,
            host_image: image,
            ..self
        })
    }
}

fn no_configuration(object: &MoRef) -> Diagnostics {
    let detail =
        "vCenter did not return the settings of the cluster. The user needs the privilege System.Read on it.";
    Diagnostics::error(AttributePath::root(), format!("Unable to read the settings of {object}"), detail)
}

impl Resource for ComputeCluster {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str =
        "the inventory path, such as /dc1/host/cluster1, or by the managed object ID, such as domain-c7";

    fn validate(&self, config: &M) -> Diagnostics {
        let mut out = config.proactive_ha.validate();
        out.merge(config.vsan.validate());
        out.merge(image::validate(config));
        out
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        Labels::plan(cx, "ClusterComputeResource", planned).await?;
        if cx.prior.is_none() {
            // A new cluster has no hosts and no options but those that are configured.
            for field in absent(cx.config) {
                planned.null(field);
            }
        }
        let mut out = planned.vsan.check(cx.prior.map(|p| &p.vsan));
        if let Some(prior) = cx.prior.filter(|_| !cx.is_replacement()) {
            out.merge(planned.vsan.warnings(&prior.vsan));
        }
        cx.finish(out)?;
        if let Some(prior) = cx.prior.filter(|_| !cx.is_replacement())
            && let (Some(before), Some(after)) =
                (prior.host_system_ids.known(), planned.host_system_ids.known())
        {
            let leave: Vec<&str> = before.difference(after).map(String::as_str).collect();
            if !leave.is_empty() {
                let detail = format!(
                    "{} enter maintenance mode, one after the other: their virtual machines are migrated to other hosts, \
                     which requires DRS in fully automated mode for those that are powered on. Then they become standalone \
                     hosts.",
                    leave.join(", ")
                );
                cx.warn(M::HOST_SYSTEM_IDS, "Hosts leave the cluster", detail);
            }
        }
        let Some(vsphere) = cx.client.filter(|_| !cx.is_replacement()) else { return Ok(()) };
        if cx.prior.is_none()
            && let Some(id) = planned.datacenter_id.non_empty()
            && let Err(e) = vsphere.api.datacenters().folders(&planned.datacenter()).await
            && e.is_not_found()
        {
            return Err(lookup::no_datacenter(id));
        }
        let found =
            planned.labels.check(vsphere, "ClusterComputeResource", cx.prior.map(|p| &p.labels)).await;
        cx.finish(found)
    }

    async fn plan_destroy(&self, _: &DestroyCx<'_, Vsphere>, state: &M) -> Result<Diagnostics> {
        let hosts = state.host_system_ids.known().map_or(0, BTreeSet::len);
        if !state.force_evacuate_on_destroy.get() || hosts == 0 {
            return Ok(Diagnostics::default());
        }
        let detail = format!(
            "`force_evacuate_on_destroy` is set: {hosts} of its hosts enter maintenance mode and become standalone hosts \
             before {} is deleted.",
            state.title()
        );
        Ok(Diagnostics::warning(M::FORCE_EVACUATE_ON_DESTROY, "Hosts leave the cluster", detail))
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        plan.labels.before_create(vsphere, "ClusterComputeResource").await?;
        let datacenter = plan.datacenter();
        let folder = folders::find(vsphere, &datacenter, Area::Host, plan.folder.as_str(), M::FOLDER).await?;
        let name = plan.name.as_str();
        let look = || async {
            let child = vsphere.api.find().child(&folder, name).await?;
            Ok(child.filter(|c| &*c.ty == "ClusterComputeResource"))
        };
        let make = async { vsphere.api.clusters().create(&folder, name).await };
        let made = create_or_adopt_named(cx, &plan.title(), look, make).await;
        let made = made.doing_to(format!("create {}", plan.title()), blame)?;
        let plan = M { id: made.id.to_string().into(), ..plan };
        cx.checkpoint(&plan);
        plan.labels.apply(vsphere, &made, None).await?;
        plan.configure(cx, None).await?;
        Ok(plan)
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let (vsphere, object) = (cx.client(), state.object());
        let clusters = vsphere.api.clusters();
        let (read, carried) =
            futures_util::join!(clusters.settings(&object), Labels::read_tags(vsphere, &object));
        let read = match read {
            Err(e) if e.is_not_found() => return Ok(None),
            other => other.doing(format!("read {}", state.title()))?,
        };
        state.observed(cx, &object, read, &carried?).await.map(Some)
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let (vsphere, object) = (cx.client(), plan.object());
        if prior.name != plan.name {
            folders::rename(cx, &object, plan.name.as_str(), prior.title(), M::NAME).await?;
        }
        if prior.folder != plan.folder {
            let datacenter = plan.datacenter();
            let folder =
                folders::find(vsphere, &datacenter, Area::Host, plan.folder.as_str(), M::FOLDER).await?;
            folders::move_into(cx, &object, &folder, plan.title(), M::FOLDER).await?;
        }
        plan.configure(cx, Some(&prior)).await?;
        plan.labels.apply(vsphere, &object, Some(&prior.labels)).await?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let (vsphere, object, timeout) = (cx.client(), state.object(), cx.timeout(cx.client().timeout));
        let clusters = vsphere.api.clusters();
        let read = || async {
            match clusters.settings(&object).await {
                Err(e) if e.is_not_found() => Ok(None),
                other => other.doing(format!("read {}", state.title())).map(Some),
            }
        };
        let Some(mut now) = read().await? else { return Ok(()) };
        if state.force_evacuate_on_destroy.get() {
            if let Some(config) = now.config()
                && Ha::reserves_hosts(config)
            {
                let mut spec = ClusterConfigSpecEx::default();
                spec.das_config.get_or_insert_default().enabled = Some(false);
                let done = clusters.configure(&object, spec, timeout, cx.cancel()).await;
                done.doing(format!("disable vSphere HA of {}", state.title()))?;
            }
            state.vsan.release(state.vsan_change(cx, &object)).await?;
            let ours = state.host_system_ids.get();
            let there = now.hosts.iter().map(|h| h.id.to_string()).collect();
            let leave = moves(&ours, &BTreeSet::new(), &there).out;
            state.mover(cx, &object).release(&leave).await?;
            match read().await? {
                Some(after) => now = after,
                None => return Ok(()),
            }
        }
        if !now.hosts.is_empty() {
            let find = vsphere.api.find();
            let paths = futures_util::future::join_all(now.hosts.iter().map(|h| find.path_of(h))).await;
            let paths = paths.into_iter().zip(&now.hosts).map(|(path, host)| {
                let path = path.unwrap_or_else(|_| host.to_string());
                format!("  {path}")
            });
            let detail = format!(
                "vSphere would remove its hosts from the inventory, with their virtual machines. It has\n{}\nMove the hosts \
                 out of the cluster first, or set `force_evacuate_on_destroy` and apply that.",
                paths.collect::<Vec<_>>().join("\n")
            );
            let summary = format!("The cluster {:?} is not empty", state.name.as_str());
            return Err(Diagnostics::error(AttributePath::root(), summary, detail));
        }
        let done = or_absent(vsphere.api.entities().destroy(&object, timeout, cx.cancel()).await);
        done.doing(format!("delete {}", state.title()))
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let object = lookup::imported(cx.client(), id, "ClusterComputeResource").await?;
        // vCenter does not return everything: the rest is the defaults, as in the official provider.
        let mut imported = M { id: object.id.to_string().into(), ..M::default() };
        imported.set_defaults(&M::block());
        // Of the settings of vSAN some exclude each other, whatever they are.
        imported.vsan = Vsan::default();
        Ok(imported)
    }
}

/// What a new cluster does not have, because the configuration does not name it.
fn absent(config: &M) -> impl Iterator<Item = Field> {
    [
        (M::HOST_SYSTEM_IDS, config.host_system_ids.is_null()),
        (Drs::DRS_ADVANCED_OPTIONS, config.drs.drs_advanced_options.is_null()),
        (Ha::HA_ADVANCED_OPTIONS, config.ha.ha_advanced_options.is_null()),
    ]
    .into_iter()
    .filter(|(_, left_out)| *left_out)
    .map(|(field, _)| field)
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::DuplicateName { .. } | FaultKind::InvalidName { .. } => Some(M::NAME),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
