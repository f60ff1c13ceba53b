//! The changes of vSAN that are made in vCenter, step by step.
use super::planner::{self, DiskChange, Domains, Group, HostDisks, ServiceChange, Site, SiteChange, Sites};
use super::{Vsan, disk_name, domains_of, plain_group, plain_witness};
use crate::common::moid::{Host, MoId};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use futures_util::future::try_join_all;
use std::collections::BTreeSet;
use std::time::Duration;
use tf_framework::{AttributePath, Diagnostics, Field, Result};
use tokio_util::sync::CancellationToken;
use vsphere_client::MoRef;
use vsphere_client::cluster::Settings;
use vsphere_client::vim::types::{
    ClusterConfigInfoEx, ClusterConfigSpecEx, HostScsiDisk, VimClusterVSANStretchedClusterFaultDomainConfig,
    VimVsanReconfigSpec, VsanClusterConfigInfo, VsanDataEfficiencyConfig, VsanDataInTransitEncryptionConfig,
    VsanHostConfigInfo, VsanHostDiskMapping, VsanHostFaultDomainInfo, VsanPerfsvcConfig, VsanUnmapConfig,
};
use vsphere_client::vsan::Evacuation;

type M = Vsan;

/// The specification that moves hosts to fault domains; everything else of these hosts stays as it is.
fn domain_spec(config: &ClusterConfigInfoEx, changes: Domains) -> ClusterConfigSpecEx {
    let host = |(id, name): (String, String)| {
        let same = |h: &&VsanHostConfigInfo| h.host_system.as_ref().is_some_and(|s| *s.id == *id);
        let mut info = config.vsan_host_config.iter().find(same).cloned().unwrap_or_default();
        info.host_system = Some(MoId::<Host>::object(&id));
        info.fault_domain_info = Some(Box::new(VsanHostFaultDomainInfo { name }));
        info
    };
    let vsan_host_config_spec = changes.into_iter().map(host).collect();
    ClusterConfigSpecEx { vsan_host_config_spec, ..ClusterConfigSpecEx::default() }
}

pub(super) fn spec_of(change: ServiceChange) -> VimVsanReconfigSpec {
    let cluster = |enabled| VsanClusterConfigInfo {
        enabled: Some(enabled),
        vsan_esa_enabled: change.esa,
        ..VsanClusterConfigInfo::default()
    };
    VimVsanReconfigSpec {
        vsan_cluster_config: change.enabled.map(|enabled| Box::new(cluster(enabled))),
        data_efficiency_config: change.efficiency.map(|(dedup_enabled, compression)| {
            Box::new(VsanDataEfficiencyConfig { dedup_enabled, compression_enabled: Some(compression) })
        }),
        perfsvc_config: change.performance.map(|(enabled, verbose, diagnostic)| {
            Box::new(VsanPerfsvcConfig {
                enabled,
                verbose_mode: Some(verbose),
                diagnostic_mode: Some(diagnostic),
            })
        }),
        unmap_config: change.unmap.map(|enable| Box::new(VsanUnmapConfig { enable })),
        data_in_transit_encryption_config: change.encryption.map(|(enabled, interval)| {
            Box::new(VsanDataInTransitEncryptionConfig {
                enabled: Some(enabled),
                rekey_interval: interval.and_then(|n| i32::try_from(n).ok()),
            })
        }),
        ..VimVsanReconfigSpec::default()
    }
}

/// The attribute that a rejected change is about.
pub(super) fn blame(change: &ServiceChange) -> Field {
    match change {
        ServiceChange { enabled: Some(_), esa: Some(true), .. } => M::VSAN_ESA_ENABLED,
        ServiceChange { enabled: Some(_), .. } => M::VSAN_ENABLED,
        ServiceChange { efficiency: Some((true, _)), .. } => M::VSAN_DEDUP_ENABLED,
        ServiceChange { efficiency: Some(_), .. } => M::VSAN_COMPRESSION_ENABLED,
        ServiceChange { performance: Some(_), .. } => M::VSAN_PERFORMANCE_ENABLED,
        ServiceChange { unmap: Some(_), .. } => M::VSAN_UNMAP_ENABLED,
        _ => M::VSAN_DIT_ENCRYPTION_ENABLED,
    }
}

/// A change of a cluster that is under way.
pub struct Change<'a> {
    /// The connection.
    pub vsphere: &'a Vsphere,
    /// The cluster.
    pub cluster: &'a MoRef,
    /// The cluster in a sentence.
    pub title: String,
    /// How long one step may take.
    pub timeout: Duration,
    /// Cancelled when Terraform was interrupted.
    pub cancel: &'a CancellationToken,
}

impl Change<'_> {
    fn doing(&self, what: &str) -> String {
        format!("{what} of {}", self.title)
    }

    /// The cluster as it is now, after hosts have been moved.
    pub(super) async fn settings(&self) -> Result<Settings> {
        self.vsphere.api.clusters().settings(self.cluster).await.doing(format!("read {}", self.title))
    }

    pub(super) async fn reconfigure(&self, spec: VimVsanReconfigSpec, at: Field) -> Result<()> {
        let done = self.vsphere.api.vsan().reconfigure(self.cluster, spec, self.timeout, self.cancel).await;
        done.doing_to(self.doing("configure vSAN"), |_| Some(at))
    }

    /// Moves hosts to fault domains, as `decide` wants, given those that they are in.
    pub(super) async fn move_hosts(&self, at: Field, decide: impl FnOnce(&Domains) -> Domains) -> Result<()> {
        let now = self.settings().await?;
        let Some(config) = now.config() else { return Err(super::super::no_configuration(self.cluster)) };
        let changes = decide(&domains_of(config));
        if changes.is_empty() {
            return Ok(());
        }
        let spec = domain_spec(config, changes);
        let done = self.vsphere.api.clusters().configure(self.cluster, spec, self.timeout, self.cancel).await;
        done.doing_to(self.doing("set the fault domains"), |_| Some(at))
    }

    pub(super) async fn change_disks(
        &self,
        prior: &[Group],
        plan: &[Group],
        evacuation: Evacuation,
    ) -> Result<()> {
        let hosts = self.settings().await?.hosts;
        let (vsan, storage) = (self.vsphere.api.vsan(), self.vsphere.api.host_storage());
        let groups = vsan.disk_groups(&hosts).await.doing(self.doing("read the disk groups"))?;
        let disks = try_join_all(hosts.iter().map(|h| storage.disks(h))).await;
        let disks: Vec<Vec<HostScsiDisk>> = disks.doing(self.doing("read the disks of the hosts"))?;
        let of_host = |(groups, disks): (&Vec<VsanHostDiskMapping>, &Vec<HostScsiDisk>)| HostDisks {
            disks: disks.iter().map(|d| disk_name(d).to_owned()).collect(),
            groups: groups.iter().map(plain_group).collect(),
        };
        let plain: Vec<HostDisks> = groups.iter().zip(&disks).map(of_host).collect();
        let mut wrong = Diagnostics::default();
        for (i, disk) in planner::missing(prior, plan, &plain) {
            let detail = format!(
                "No host of {} has the disk {disk:?} for this disk group. A capacity disk must be on the same host as its \
                 cache disk. A host may find a new disk only after its storage adapters were rescanned.",
                self.title
            );
            wrong.merge(Diagnostics::error(
                AttributePath::from(M::VSAN_DISK_GROUP).index(i),
                "Disk not found",
                detail,
            ));
        }
        if wrong.has_errors() {
            return Err(wrong);
        }
        for (((host, groups), disks), plain) in hosts.iter().zip(&groups).zip(&disks).zip(&plain) {
            for change in planner::disk_changes(prior, plan, plain) {
                self.change_disk(host, groups, disks, change, evacuation).await?;
            }
        }
        Ok(())
    }

    async fn change_disk(
        &self,
        host: &MoRef,
        groups: &[VsanHostDiskMapping],
        disks: &[HostScsiDisk],
        change: DiskChange,
        evacuation: Evacuation,
    ) -> Result<()> {
        let (vsan, timeout, cancel) = (self.vsphere.api.vsan(), self.timeout, self.cancel);
        let named = |names: &BTreeSet<String>| -> Vec<HostScsiDisk> {
            disks.iter().filter(|d| names.contains(disk_name(d))).cloned().collect()
        };
        let listed =
            |names: &BTreeSet<String>| names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let at = |_: &_| Some(M::VSAN_DISK_GROUP);
        match change {
            DiskChange::RemoveGroup(cache) => {
                let Some(group) = groups.iter().find(|g| disk_name(&g.ssd) == cache) else {
                    return Ok(());
                };
                let done = vsan.remove_group(host, group.clone(), evacuation, timeout, cancel).await;
                done.doing_to(format!("remove the disk group of {cache} from {host}"), at)
            }
            DiskChange::RemoveDisks(names) => {
                let done = vsan.remove_disks(host, named(&names), evacuation, timeout, cancel).await;
                done.doing_to(format!("remove {} from vSAN on {host}", listed(&names)), at)
            }
            DiskChange::Add(group) => {
                let Some(ssd) = disks.iter().find(|d| disk_name(d) == group.cache) else { return Ok(()) };
                let mapping = VsanHostDiskMapping { ssd: ssd.clone(), non_ssd: named(&group.storage) };
                let done = vsan.add_disks(host, mapping, timeout, cancel).await;
                let doing =
                    format!("add {} to the disk group of {} on {host}", listed(&group.storage), group.cache);
                done.doing_to(doing, at)
            }
        }
    }

    pub(super) async fn change_sites(&self, prior: Option<&Sites>, plan: Option<&Sites>) -> Result<()> {
        let (vsan, cluster) = (self.vsphere.api.vsan(), self.cluster);
        let (timeout, cancel) = (self.timeout, self.cancel);
        let mut witness = vsan.witness(cluster).await.doing(self.doing("read the witness host"))?;
        let now = self.settings().await?;
        let Some(config) = now.config() else { return Err(super::super::no_configuration(cluster)) };
        let found = witness.as_ref().map(plain_witness);
        let at = |_: &_| Some(M::VSAN_STRETCHED_CLUSTER);
        for change in planner::site_changes(prior, plan, found.as_ref(), &domains_of(config)) {
            match change {
                SiteChange::Stretch(sites) => {
                    let hosts = |site: &Site| site.hosts.iter().map(MoId::<Host>::object).collect();
                    let domains = VimClusterVSANStretchedClusterFaultDomainConfig {
                        first_fd_hosts: hosts(&sites.preferred),
                        second_fd_hosts: hosts(&sites.secondary),
                        first_fd_name: sites.preferred.name,
                        second_fd_name: sites.secondary.name,
                    };
                    let host = MoId::<Host>::object(&sites.witness);
                    let done = vsan.stretch(cluster, domains, host, timeout, cancel).await;
                    done.doing_to(format!("stretch {}", self.title), at)?;
                }
                SiteChange::RemoveWitness => {
                    let Some(witness) = witness.take() else { continue };
                    let done = vsan.remove_witness(cluster, witness, timeout, cancel).await;
                    done.doing_to(self.doing("remove the witness host"), at)?;
                }
                SiteChange::Move(domains) => {
                    self.move_hosts(M::VSAN_STRETCHED_CLUSTER, |_| domains).await?;
                }
                SiteChange::AddWitness(wanted) => {
                    let host = MoId::<Host>::object(&wanted.host);
                    let done = vsan.add_witness(cluster, host, &wanted.preferred, timeout, cancel).await;
                    done.doing_to(self.doing("add the witness host"), at)?;
                }
                SiteChange::Prefer(name) => {
                    let done = vsan.prefer(cluster, &name, timeout, cancel).await;
                    done.doing_to(self.doing("set the preferred fault domain"), at)?;
                }
            }
        }
        Ok(())
    }
}
