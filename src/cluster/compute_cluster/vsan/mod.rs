//! vSAN of a cluster. A cluster without any setting of vSAN in its state is never asked for them.
mod planner;

use crate::common::moid::{Datastore, Host, MoId};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use futures_util::future::try_join_all;
use planner::{
    DiskChange, Domains, Group, HostDisks, ServiceChange, Services, Site, SiteChange, Sites, Witness,
};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tf_framework::{AttributePath, Diagnostics, Field, Model, Result, Value};
use tokio_util::sync::CancellationToken;
use vsphere_client::MoRef;
use vsphere_client::cluster::Settings;
use vsphere_client::vim::types::{
    ClusterConfigInfoEx, ClusterConfigSpecEx, HostScsiDisk, VimClusterVSANStretchedClusterFaultDomainConfig,
    VimClusterVSANWitnessHostInfo, VimVsanReconfigSpec, VsanClusterConfigInfo, VsanConfigInfoEx,
    VsanDataEfficiencyConfig, VsanDataInTransitEncryptionConfig, VsanHostConfigInfo, VsanHostDiskMapping,
    VsanHostFaultDomainInfo, VsanPerfsvcConfig, VsanUnmapConfig,
};
use vsphere_client::vsan::{Evacuation, mount, remote_datastores};

/// What the configuration sets of vSAN. Flattened into the model of a cluster.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Vsan {
    /// Whether to enable vSAN on the cluster.
    #[tf(optional, default = false)]
    pub vsan_enabled: Value<bool>,
    /// Whether to use the vSAN Express Storage Architecture (ESA). Requires vSphere 8.0 or later.
    #[tf(optional, default = false, conflicts_with("vsan_dedup_enabled", "vsan_compression_enabled"))]
    pub vsan_esa_enabled: Value<bool>,
    /// Whether to enable vSAN deduplication. Requires `vsan_compression_enabled`.
    #[tf(optional, default = false, conflicts_with("vsan_esa_enabled"))]
    pub vsan_dedup_enabled: Value<bool>,
    /// Whether to enable vSAN compression.
    #[tf(optional, default = false, conflicts_with("vsan_esa_enabled"))]
    pub vsan_compression_enabled: Value<bool>,
    /// Whether to enable the vSAN performance service.
    #[tf(optional, default = false)]
    pub vsan_performance_enabled: Value<bool>,
    /// Whether to enable verbose mode for the vSAN performance service.
    #[tf(optional, default = false)]
    pub vsan_verbose_mode_enabled: Value<bool>,
    /// Whether to enable network diagnostic mode for the vSAN performance service.
    #[tf(optional, default = false)]
    pub vsan_network_diagnostic_mode_enabled: Value<bool>,
    /// Whether to enable vSAN TRIM/UNMAP, which reclaims storage space that guests no longer use.
    #[tf(optional, default = false)]
    pub vsan_unmap_enabled: Value<bool>,
    /// The managed object IDs of the vSAN datastores of other clusters to mount.
    #[tf(optional, count(0, 5))]
    pub vsan_remote_datastore_ids: Value<BTreeSet<String>>,
    /// Whether to enable vSAN data-in-transit encryption.
    #[tf(optional, default = false)]
    pub vsan_dit_encryption_enabled: Value<bool>,
    /// The rekey interval for data-in-transit encryption, in minutes.
    #[tf(optional, computed, range(30, 10_080))]
    pub vsan_dit_rekey_interval: Value<i64>,
    /// A vSAN disk group on a host: a cache disk and its capacity disks.
    #[tf(block, computed)]
    pub vsan_disk_group: Value<Vec<VsanDiskGroup>>,
    /// The vSAN fault domains of the cluster.
    #[tf(block, set)]
    pub vsan_fault_domains: Value<Vec<VsanFaultDomains>>,
    /// The sites and the witness host of a vSAN stretched cluster.
    #[tf(block, max = 1)]
    pub vsan_stretched_cluster: Value<Vec<VsanStretchedCluster>>,
}

/// A disk group.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VsanDiskGroup {
    /// The canonical name of the cache disk.
    #[tf(optional)]
    pub cache: Value<String>,
    /// The canonical names of the capacity disks.
    #[tf(optional)]
    pub storage: Value<BTreeSet<String>>,
}

/// Fault domains.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VsanFaultDomains {
    /// A fault domain: a set of hosts that can fail together.
    #[tf(block, set)]
    pub fault_domain: Value<Vec<VsanFaultDomain>>,
}

/// A fault domain: hosts that fail together.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VsanFaultDomain {
    /// The name of the fault domain.
    #[tf(required)]
    pub name: Value<String>,
    /// The managed object IDs of the hosts in the fault domain.
    #[tf(required)]
    pub host_ids: Value<BTreeSet<String>>,
}

/// A stretched cluster.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VsanStretchedCluster {
    /// The managed object IDs of the hosts in the preferred fault domain.
    #[tf(required)]
    pub preferred_fault_domain_host_ids: Value<BTreeSet<String>>,
    /// The managed object IDs of the hosts in the secondary fault domain.
    #[tf(required)]
    pub secondary_fault_domain_host_ids: Value<BTreeSet<String>>,
    /// The managed object ID of the witness host.
    #[tf(required)]
    pub witness_node: Value<String>,
    /// The name of the preferred fault domain.
    #[tf(optional, default = "Preferred")]
    pub preferred_fault_domain_name: Value<String>,
    /// The name of the secondary fault domain.
    #[tf(optional, default = "Secondary")]
    pub secondary_fault_domain_name: Value<String>,
}

type M = Vsan;

/// How long a change of vSAN may take at least: vCenter configures the hosts one after the other, and moves data.
const VSAN: Duration = Duration::from_secs(60 * 60);

fn names(value: &Value<BTreeSet<String>>) -> BTreeSet<String> {
    value.known().cloned().unwrap_or_default()
}

fn blocks<T: Clone>(value: &Value<Vec<T>>) -> Vec<T> {
    value.known().cloned().unwrap_or_default()
}

/// A Boolean as it was found. One that was never set stays so where it is off: some of them exclude each other.
fn flag(state: Value<bool>, found: Option<bool>) -> Value<bool> {
    match found.unwrap_or_default() {
        false if state.is_null() => state,
        found => found.into(),
    }
}

impl VsanDiskGroup {
    fn plain(&self) -> Group {
        Group { cache: self.cache.as_str().to_owned(), storage: names(&self.storage) }
    }
}

impl VsanStretchedCluster {
    fn plain(&self) -> Sites {
        let site = |name: &Value<String>, hosts| Site { name: name.as_str().to_owned(), hosts: names(hosts) };
        Sites {
            preferred: site(&self.preferred_fault_domain_name, &self.preferred_fault_domain_host_ids),
            secondary: site(&self.secondary_fault_domain_name, &self.secondary_fault_domain_host_ids),
            witness: self.witness_node.as_str().to_owned(),
        }
    }

    fn of(sites: Sites) -> Self {
        Self {
            preferred_fault_domain_host_ids: sites.preferred.hosts.into(),
            secondary_fault_domain_host_ids: sites.secondary.hosts.into(),
            witness_node: sites.witness.into(),
            preferred_fault_domain_name: sites.preferred.name.into(),
            secondary_fault_domain_name: sites.secondary.name.into(),
        }
    }
}

/// The fault domain of each host that has one.
fn domains_of(config: &ClusterConfigInfoEx) -> Domains {
    let host = |h: &VsanHostConfigInfo| {
        let name = h.fault_domain_info.as_ref().map(|d| d.name.clone()).unwrap_or_default();
        Some((h.host_system.as_ref()?.id.to_string(), name))
    };
    config.vsan_host_config.iter().filter_map(host).collect()
}

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

fn spec_of(change: ServiceChange) -> VimVsanReconfigSpec {
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
fn blame(change: &ServiceChange) -> Field {
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
    async fn settings(&self) -> Result<Settings> {
        self.vsphere.api.clusters().settings(self.cluster).await.doing(format!("read {}", self.title))
    }

    async fn reconfigure(&self, spec: VimVsanReconfigSpec, at: Field) -> Result<()> {
        let done = self.vsphere.api.vsan().reconfigure(self.cluster, spec, self.timeout, self.cancel).await;
        done.doing_to(self.doing("configure vSAN"), |_| Some(at))
    }

    async fn move_hosts(&self, changes: Domains, at: Field) -> Result<()> {
        let now = self.settings().await?;
        let Some(config) = now.config() else { return Err(super::no_configuration(self.cluster)) };
        let spec = domain_spec(config, changes);
        let done = self.vsphere.api.clusters().configure(self.cluster, spec, self.timeout, self.cancel).await;
        done.doing_to(self.doing("set the fault domains"), |_| Some(at))
    }

    async fn change_disks(&self, prior: &[Group], plan: &[Group], evacuation: Evacuation) -> Result<()> {
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

    async fn change_sites(&self, prior: Option<&Sites>, plan: Option<&Sites>) -> Result<()> {
        let (vsan, cluster) = (self.vsphere.api.vsan(), self.cluster);
        let (timeout, cancel) = (self.timeout, self.cancel);
        let mut witness = vsan.witness(cluster).await.doing(self.doing("read the witness host"))?;
        let now = self.settings().await?;
        let Some(config) = now.config() else { return Err(super::no_configuration(cluster)) };
        let found = witness.as_ref().map(plain_witness);
        let at = |_: &_| Some(M::VSAN_STRETCHED_CLUSTER);
        for change in planner::site_changes(prior, plan, found.as_ref(), &domains_of(config)) {
            match change {
                SiteChange::Stretch(sites) => {
                    let hosts = |site: &Site| site.hosts.iter().map(|h| MoId::<Host>::object(h)).collect();
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
                SiteChange::Move(domains) => self.move_hosts(domains, M::VSAN_STRETCHED_CLUSTER).await?,
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

fn disk_name(disk: &HostScsiDisk) -> &str {
    disk.canonical_name.as_deref().unwrap_or_default()
}

fn plain_group(mapping: &VsanHostDiskMapping) -> Group {
    Group {
        cache: disk_name(&mapping.ssd).to_owned(),
        storage: mapping.non_ssd.iter().map(|d| disk_name(d).to_owned()).collect(),
    }
}

fn plain_witness(witness: &VimClusterVSANWitnessHostInfo) -> Witness {
    Witness {
        host: witness.host.as_ref().map(|h| h.id.to_string()).unwrap_or_default(),
        preferred: witness.preferred_fd_name.clone().unwrap_or_default(),
    }
}

impl Vsan {
    fn services(&self) -> Services {
        Services {
            enabled: self.vsan_enabled.get(),
            esa: self.vsan_esa_enabled.get(),
            dedup: self.vsan_dedup_enabled.get(),
            compression: self.vsan_compression_enabled.get(),
            performance: self.vsan_performance_enabled.get(),
            verbose: self.vsan_verbose_mode_enabled.get(),
            diagnostic: self.vsan_network_diagnostic_mode_enabled.get(),
            unmap: self.vsan_unmap_enabled.get(),
            encryption: self.vsan_dit_encryption_enabled.get(),
            rekey: self.vsan_dit_rekey_interval.known().copied().unwrap_or_default(),
        }
    }

    fn groups(&self) -> Vec<Group> {
        blocks(&self.vsan_disk_group).iter().map(VsanDiskGroup::plain).collect()
    }

    fn sites(&self) -> Option<Sites> {
        blocks(&self.vsan_stretched_cluster).first().map(VsanStretchedCluster::plain)
    }

    fn fault_domains(&self) -> Vec<VsanFaultDomain> {
        blocks(&self.vsan_fault_domains).iter().flat_map(|all| blocks(&all.fault_domain)).collect()
    }

    fn domains(&self) -> Domains {
        let of = |domain: VsanFaultDomain| {
            let name = domain.name.as_str().to_owned();
            names(&domain.host_ids).into_iter().map(move |host| (host, name.clone()))
        };
        self.fault_domains().into_iter().flat_map(of).collect()
    }

    /// Whether the state has any setting of vSAN, so that they are read.
    fn is_used(&self) -> bool {
        self.services() != Services::default()
            || !names(&self.vsan_remote_datastore_ids).is_empty()
            || !self.groups().is_empty()
            || !self.domains().is_empty()
            || self.sites().is_some()
    }

    /// What is wrong in a configuration. Pure.
    pub fn validate(&self) -> Diagnostics {
        let some = |n: Option<usize>| n.is_some_and(|n| n > 0);
        if some(self.vsan_fault_domains.known().map(Vec::len))
            && some(self.vsan_stretched_cluster.known().map(Vec::len))
        {
            let detail = "`vsan_fault_domains` conflicts with `vsan_stretched_cluster`, which has its own fault domains.";
            return Diagnostics::error(M::VSAN_FAULT_DOMAINS, "Conflicting fault domains", detail);
        }
        Diagnostics::default()
    }

    /// What vSphere or the official provider rejects among the settings that a plan changes. Pure.
    pub fn check(&self, prior: Option<&Self>) -> Diagnostics {
        let mut out = Diagnostics::default();
        if prior == Some(self) {
            return out;
        }
        let known = |v: &Value<bool>| !v.is_unknown();
        let on = |v: &Value<bool>| v.known() == Some(&true);
        let off = |v: &Value<bool>| known(v) && !on(v);
        let mut error = |at: AttributePath, summary: &str, detail: &str| {
            out.merge(Diagnostics::error(at, summary, detail));
        };
        if on(&self.vsan_esa_enabled) {
            if off(&self.vsan_enabled) {
                let detail = "`vsan_esa_enabled` requires `vsan_enabled`.";
                error(M::VSAN_ESA_ENABLED.into(), "Missing vSAN", detail);
            }
            if off(&self.vsan_unmap_enabled) {
                let detail = "The Express Storage Architecture always reclaims space. Set `vsan_unmap_enabled` to true as well.";
                error(M::VSAN_ESA_ENABLED.into(), "Missing TRIM/UNMAP", detail);
            }
            if prior.is_none_or(|p| p.vsan_disk_group != self.vsan_disk_group) && !self.groups().is_empty() {
                let detail = "The Express Storage Architecture has storage pools instead of disk groups. Remove the \
                              `vsan_disk_group` blocks or `vsan_esa_enabled`.";
                error(M::VSAN_DISK_GROUP.into(), "Conflicting vSAN architectures", detail);
            }
        }
        if let Some(prior) = prior
            && prior.vsan_enabled.get()
            && on(&self.vsan_enabled)
            && known(&self.vsan_esa_enabled)
            && prior.vsan_esa_enabled.get() != self.vsan_esa_enabled.get()
        {
            let detail = "vSAN cannot change its architecture while it is enabled. Disable vSAN first, or leave \
                          `vsan_esa_enabled` as it is.";
            error(M::VSAN_ESA_ENABLED.into(), "vSAN architecture cannot be changed", detail);
        }
        if on(&self.vsan_enabled) && on(&self.vsan_dedup_enabled) && off(&self.vsan_compression_enabled) {
            let detail =
                "vSAN deduplicates only compressed data. Set `vsan_compression_enabled` to true as well.";
            error(M::VSAN_DEDUP_ENABLED.into(), "Missing compression", detail);
        }
        for (at, mode) in [
            (M::VSAN_VERBOSE_MODE_ENABLED, &self.vsan_verbose_mode_enabled),
            (M::VSAN_NETWORK_DIAGNOSTIC_MODE_ENABLED, &self.vsan_network_diagnostic_mode_enabled),
        ] {
            if on(mode) && (off(&self.vsan_enabled) || off(&self.vsan_performance_enabled)) {
                let detail = format!(
                    "`{}` is a mode of the performance service: it requires `vsan_enabled` and `vsan_performance_enabled`.",
                    at.0
                );
                error(at.into(), "Missing performance service", &detail);
            }
        }
        if on(&self.vsan_dit_encryption_enabled) && !names(&self.vsan_remote_datastore_ids).is_empty() {
            let detail = "vSAN does not mount datastores of other clusters while data-in-transit encryption is enabled.";
            error(M::VSAN_REMOTE_DATASTORE_IDS.into(), "Conflicting vSAN settings", detail);
        }
        self.check_groups(prior, &mut error);
        self.check_domains(&mut error);
        out
    }

    fn check_groups(&self, prior: Option<&Self>, error: &mut impl FnMut(AttributePath, &str, &str)) {
        let before = prior.map(|p| blocks(&p.vsan_disk_group)).unwrap_or_default();
        for (i, group) in
            blocks(&self.vsan_disk_group).iter().enumerate().filter(|(_, g)| !before.contains(g))
        {
            let at = AttributePath::from(M::VSAN_DISK_GROUP).index(i);
            if !group.cache.is_unknown() && group.cache.as_str().is_empty() {
                let detail = "Set `cache` to the canonical name of the cache disk.";
                error(at.clone().field(VsanDiskGroup::CACHE), "Missing cache disk", detail);
            }
            if !group.storage.is_unknown() && names(&group.storage).is_empty() {
                let detail = "Set `storage` to the canonical names of the capacity disks: a disk group has at least one.";
                error(at.field(VsanDiskGroup::STORAGE), "Missing capacity disks", detail);
            }
        }
    }

    fn check_domains(&self, error: &mut impl FnMut(AttributePath, &str, &str)) {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for domain in self.fault_domains() {
            for host in names(&domain.host_ids) {
                let name = domain.name.as_str().to_owned();
                if let Some(other) = seen.insert(host.clone(), name.clone()) {
                    let detail = format!(
                        "The host {host} is in the fault domains {other:?} and {name:?}. It can be in one."
                    );
                    error(M::VSAN_FAULT_DOMAINS.into(), "Duplicate host", &detail);
                }
            }
        }
        for block in blocks(&self.vsan_stretched_cluster) {
            let at = |field: Field| AttributePath::from(M::VSAN_STRETCHED_CLUSTER).index(0).field(field);
            let sites = block.plain();
            let both =
                sites.preferred.hosts.intersection(&sites.secondary.hosts).cloned().collect::<Vec<_>>();
            if !both.is_empty() {
                let detail =
                    format!("A host can be in one of the fault domains, but both have: {}.", both.join(", "));
                error(at(VsanStretchedCluster::SECONDARY_FAULT_DOMAIN_HOST_IDS), "Duplicate host", &detail);
            }
            for (field, hosts) in [
                (
                    VsanStretchedCluster::PREFERRED_FAULT_DOMAIN_HOST_IDS,
                    &block.preferred_fault_domain_host_ids,
                ),
                (
                    VsanStretchedCluster::SECONDARY_FAULT_DOMAIN_HOST_IDS,
                    &block.secondary_fault_domain_host_ids,
                ),
            ] {
                if hosts.known().is_some_and(BTreeSet::is_empty) {
                    let detail = "A stretched cluster has two fault domains, each with at least one host.";
                    error(at(field), "Missing hosts", detail);
                }
                if names(hosts).contains(&sites.witness) {
                    let detail = "The witness host must not be a host of the cluster.";
                    error(at(VsanStretchedCluster::WITNESS_NODE), "Invalid witness host", detail);
                }
            }
            let name = &block.preferred_fault_domain_name;
            if !name.is_unknown() && *name == block.secondary_fault_domain_name {
                let detail = "The two fault domains of a stretched cluster must have different names.";
                error(
                    at(VsanStretchedCluster::SECONDARY_FAULT_DOMAIN_NAME),
                    "Duplicate fault domain",
                    detail,
                );
            }
        }
    }

    /// What a plan does to data. Pure.
    pub fn warnings(&self, prior: &Self) -> Diagnostics {
        let mut out = Diagnostics::default();
        let disabled = prior.vsan_enabled.get() && self.vsan_enabled.known() == Some(&false);
        if disabled {
            let detail = "The vSAN datastore of the cluster becomes inaccessible, and so do the virtual machines on it. Their \
                          data stays on the disks as long as the disk groups exist.";
            out.merge(Diagnostics::warning(M::VSAN_ENABLED, "vSAN will be disabled", detail));
        } else if prior.vsan_enabled.get() && !self.vsan_esa_enabled.get() {
            let changed =
                |of: fn(&Self) -> &Value<bool>| !of(self).is_unknown() && of(self).get() != of(prior).get();
            let dedup = changed(|v| &v.vsan_dedup_enabled).then_some(M::VSAN_DEDUP_ENABLED);
            let compression = changed(|v| &v.vsan_compression_enabled).then_some(M::VSAN_COMPRESSION_ENABLED);
            if let Some(at) = dedup.or(compression) {
                let detail = "To change deduplication or compression, vSAN moves the data of each disk group to others and \
                              formats its disks, one disk group after the other. This may take hours.";
                out.merge(Diagnostics::warning(at, "Disk groups will be formatted", detail));
            }
        }
        if let Some(planned) = self.vsan_disk_group.known() {
            let planned: Vec<Group> = planned.iter().map(VsanDiskGroup::plain).collect();
            let kept: BTreeSet<&String> = planned.iter().flat_map(|g| &g.storage).collect();
            let gone = |g: &Group| !planned.iter().any(|p| p.cache == g.cache);
            let mut disks = vec![];
            for g in prior.groups() {
                if gone(&g) {
                    disks.push(format!("the disk group of {}", g.cache));
                } else {
                    disks.extend(g.storage.iter().filter(|d| !kept.contains(d)).cloned());
                }
            }
            let unknown =
                blocks(&self.vsan_disk_group).iter().any(|g| g.cache.is_unknown() || g.storage.is_unknown());
            if !disks.is_empty() && !unknown {
                let data = match disabled {
                    true => {
                        "Their data is lost: vSAN is disabled by the same plan, so that it cannot be moved."
                    }
                    false => {
                        "vSAN moves the data that would become inaccessible to other disks first, which may leave objects \
                         with less redundancy. The apply fails if there is not enough space on them."
                    }
                };
                let detail = format!("{} will be removed from vSAN. {data}", disks.join(", "));
                out.merge(Diagnostics::warning(
                    M::VSAN_DISK_GROUP,
                    "Disks will be removed from vSAN",
                    detail,
                ));
            }
        }
        if prior.sites().is_some() && self.vsan_stretched_cluster.known().is_some_and(Vec::is_empty) {
            let detail = "The witness host is removed, and the cluster is a single site from then on. Objects whose storage \
                          policy requires a second site lose this redundancy.";
            let summary = "Stretched cluster will be dissolved";
            out.merge(Diagnostics::warning(M::VSAN_STRETCHED_CLUSTER, summary, detail));
        }
        out
    }

    /// Makes the changes that a plan has.
    ///
    /// # Errors
    /// The first step that failed, at its attribute.
    pub async fn apply(&self, prior: Option<&Self>, change: Change<'_>) -> Result<()> {
        let none = Self::default();
        let prior = prior.unwrap_or(&none);
        let change = Change { timeout: change.timeout.max(VSAN), ..change };
        let (before, after) = (prior.services(), self.services());
        let remote = names(&self.vsan_remote_datastore_ids);
        let remount = remote != names(&prior.vsan_remote_datastore_ids);
        let mounted = || {
            let datastores = remote.iter().map(|id| MoId::<Datastore>::object(id)).collect();
            change.reconfigure(mount(datastores), M::VSAN_REMOTE_DATASTORE_IDS)
        };
        // Data-in-transit encryption is only for clusters without remote datastores.
        if remount && remote.is_empty() {
            mounted().await?;
        }
        if let Some(services) = planner::services(before, after) {
            let at = blame(&services);
            change.reconfigure(spec_of(services), at).await?;
        }
        let groups = (prior.groups(), self.groups());
        if groups.0 != groups.1 && !self.vsan_disk_group.is_unknown() {
            let evacuation =
                if after.enabled { Evacuation::EnsureAccessibility } else { Evacuation::NoAction };
            change.change_disks(&groups.0, &groups.1, evacuation).await?;
        }
        if remount && !remote.is_empty() {
            mounted().await?;
        }
        let sites = (prior.sites(), self.sites());
        if sites.0 != sites.1 {
            change.change_sites(sites.0.as_ref(), sites.1.as_ref()).await?;
        }
        if sites.1.is_none() {
            // The fault domains of a stretched cluster stay when its witness host is removed.
            let before = sites.0.map_or_else(|| prior.domains(), |s| s.domains());
            let after = self.domains();
            if before != after {
                let now = change.settings().await?;
                let now = now.config().map(domains_of).unwrap_or_default();
                let changes = planner::domain_changes(&before, &after, &now);
                if !changes.is_empty() {
                    change.move_hosts(changes, M::VSAN_FAULT_DOMAINS).await?;
                }
            }
        }
        Ok(())
    }

    /// What a cluster must not have when its hosts leave it for its deletion, as in the official provider.
    ///
    /// # Errors
    /// Why it could not be removed.
    pub async fn release(&self, change: Change<'_>) -> Result<()> {
        let rest = Self {
            vsan_fault_domains: vec![].into(),
            vsan_remote_datastore_ids: BTreeSet::new().into(),
            ..self.clone()
        };
        rest.apply(Some(self), change).await
    }

    /// As the server has it. A state without any setting of vSAN is not read, except after an import.
    ///
    /// # Errors
    /// Those of the calls.
    pub async fn observed(
        self,
        vsphere: &Vsphere,
        cluster: &MoRef,
        read: &Settings,
        importing: bool,
    ) -> vsphere_client::Result<Self> {
        if !self.is_used() && !importing {
            return Ok(self.known());
        }
        let vsan = vsphere.api.vsan();
        let domains = read.config().map(domains_of).unwrap_or_default();
        let distinct: BTreeSet<&String> = domains.values().filter(|name| !name.is_empty()).collect();
        // Only a cluster with two fault domains can be a stretched one.
        let witness = async {
            match distinct.len() == 2 || self.sites().is_some() {
                true => vsan.witness(cluster).await,
                false => Ok(None),
            }
        };
        // Disk groups that are not in the state are not managed, except after an import and a creation.
        let asked = importing || self.vsan_disk_group.known().is_none_or(|groups| !groups.is_empty());
        let groups = async {
            match asked {
                true => vsan.disk_groups(&read.hosts).await.map(Some),
                false => Ok(None),
            }
        };
        let (config, witness, groups) = tokio::try_join!(vsan.config(cluster), witness, groups)?;
        let groups = groups.map(|all| all.iter().flatten().map(plain_group).collect::<Vec<_>>());
        let sites =
            witness.map(|w| plain_witness(&w)).map(|w| Sites::observed(&w.preferred, w.host, &domains));
        Ok(self.with(&config, groups, sites, domains))
    }

    fn with(
        self,
        config: &VsanConfigInfoEx,
        groups: Option<Vec<Group>>,
        sites: Option<Sites>,
        domains: Domains,
    ) -> Self {
        // Without vSAN there are no data that could be compressed: what is configured applies as soon as vSAN is enabled.
        let efficiency = match config.enabled {
            Some(true) => config.data_efficiency_config.clone().unwrap_or_default(),
            _ => Box::new(VsanDataEfficiencyConfig {
                dedup_enabled: self.vsan_dedup_enabled.get(),
                compression_enabled: self.vsan_compression_enabled.known().copied(),
            }),
        };
        let performance = config.perfsvc_config.as_deref();
        let encryption = config.data_in_transit_encryption_config.as_deref();
        let remote: BTreeSet<String> = remote_datastores(config).iter().map(|d| d.id.to_string()).collect();
        let interval = encryption.and_then(|e| e.rekey_interval).unwrap_or_default();
        let declared = self.groups();
        let block = |g: Group| VsanDiskGroup { cache: g.cache.into(), storage: g.storage.into() };
        let groups = match groups {
            Some(found) => {
                planner::observed_groups(&declared, &found).into_iter().map(block).collect::<Vec<_>>().into()
            }
            None => self.vsan_disk_group.clone(),
        };
        let domains: Domains = match &sites {
            Some(_) => Domains::new(),
            None => domains.into_iter().filter(|(_, name)| !name.is_empty()).collect(),
        };
        let fault_domains = match self.domains() == domains {
            true => self.vsan_fault_domains.clone(),
            false => fault_domain_blocks(&domains).into(),
        };
        let stretched = match self.sites() == sites {
            true => self.vsan_stretched_cluster.clone(),
            false => sites.into_iter().map(VsanStretchedCluster::of).collect::<Vec<_>>().into(),
        };
        Self {
            vsan_enabled: flag(self.vsan_enabled, config.enabled),
            vsan_esa_enabled: flag(self.vsan_esa_enabled, config.vsan_esa_enabled),
            vsan_dedup_enabled: flag(self.vsan_dedup_enabled, Some(efficiency.dedup_enabled)),
            vsan_compression_enabled: flag(self.vsan_compression_enabled, efficiency.compression_enabled),
            vsan_performance_enabled: flag(self.vsan_performance_enabled, performance.map(|p| p.enabled)),
            vsan_verbose_mode_enabled: flag(
                self.vsan_verbose_mode_enabled,
                performance.and_then(|p| p.verbose_mode),
            ),
            vsan_network_diagnostic_mode_enabled: flag(
                self.vsan_network_diagnostic_mode_enabled,
                performance.and_then(|p| p.diagnostic_mode),
            ),
            vsan_unmap_enabled: flag(
                self.vsan_unmap_enabled,
                config.unmap_config.as_deref().map(|u| u.enable),
            ),
            vsan_remote_datastore_ids: match remote == names(&self.vsan_remote_datastore_ids) {
                true => self.vsan_remote_datastore_ids,
                false => remote.into(),
            },
            vsan_dit_encryption_enabled: flag(
                self.vsan_dit_encryption_enabled,
                encryption.and_then(|e| e.enabled),
            ),
            vsan_dit_rekey_interval: i64::from(interval).into(),
            vsan_disk_group: groups,
            vsan_fault_domains: fault_domains,
            vsan_stretched_cluster: stretched,
        }
    }

    /// What a creation has left open is off. Pure.
    fn known(self) -> Self {
        let open = (self.vsan_dit_rekey_interval.is_unknown(), self.vsan_disk_group.is_unknown());
        Self {
            vsan_dit_rekey_interval: if open.0 { 0.into() } else { self.vsan_dit_rekey_interval },
            vsan_disk_group: if open.1 { vec![].into() } else { self.vsan_disk_group },
            ..self
        }
    }
}

fn fault_domain_blocks(domains: &Domains) -> Vec<VsanFaultDomains> {
    let mut all: BTreeMap<&String, BTreeSet<String>> = BTreeMap::new();
    for (host, name) in domains {
        all.entry(name).or_default().insert(host.clone());
    }
    let block = |(name, hosts): (&String, BTreeSet<String>)| VsanFaultDomain {
        name: name.clone().into(),
        host_ids: hosts.into(),
    };
    match all.is_empty() {
        true => vec![],
        false => {
            vec![VsanFaultDomains { fault_domain: all.into_iter().map(block).collect::<Vec<_>>().into() }]
        }
    }
}
