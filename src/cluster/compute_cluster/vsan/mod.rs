//! vSAN of a cluster. A cluster without any setting of vSAN in its state is never asked for them.
mod change;
mod checks;
mod planner;

pub(super) use change::Change;

use crate::common::moid::{Datastore, Host, MoId};
use crate::vsphere::Vsphere;
use change::{blame, spec_of};
use planner::{Domains, Group, Services, Site, Sites, Witness};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tf_framework::{Model, Result, Value};
use vsphere_client::MoRef;
use vsphere_client::cluster::Settings;
use vsphere_client::vim::types::{
    ClusterConfigInfoEx, HostScsiDisk, VimClusterVSANWitnessHostInfo, VsanConfigInfoEx,
    VsanDataEfficiencyConfig, VsanHostConfigInfo, VsanHostDiskMapping,
};
use vsphere_client::vsan::{Evacuation, mount, remote_datastores};

/// What the configuration sets of vSAN. Flattened into the model of a cluster.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Vsan {
    /// Whether to enable vSAN on the cluster. Disabling vSAN makes its datastore inaccessible. vSphere HA must be disabled
    /// for either.
    #[tf(optional, default = false)]
    pub vsan_enabled: Value<bool>,
    /// Whether to use the vSAN Express Storage Architecture (ESA). It can be changed only together with `vsan_enabled`, and
    /// requires `vsan_unmap_enabled`. Requires vSphere 8.0 or later.
    #[tf(optional, default = false, conflicts_with("vsan_dedup_enabled", "vsan_compression_enabled"))]
    pub vsan_esa_enabled: Value<bool>,
    /// Whether to enable vSAN deduplication. Requires `vsan_compression_enabled`. Changing this formats the disk groups one
    /// after the other.
    #[tf(optional, default = false, conflicts_with("vsan_esa_enabled"))]
    pub vsan_dedup_enabled: Value<bool>,
    /// Whether to enable vSAN compression. Changing this formats the disk groups one after the other.
    #[tf(optional, default = false, conflicts_with("vsan_esa_enabled"))]
    pub vsan_compression_enabled: Value<bool>,
    /// Whether to enable the vSAN performance service.
    #[tf(optional, default = false)]
    pub vsan_performance_enabled: Value<bool>,
    /// Whether to enable verbose mode for the vSAN performance service. Requires `vsan_performance_enabled`.
    #[tf(optional, default = false)]
    pub vsan_verbose_mode_enabled: Value<bool>,
    /// Whether to enable network diagnostic mode for the vSAN performance service. Requires `vsan_performance_enabled`.
    #[tf(optional, default = false)]
    pub vsan_network_diagnostic_mode_enabled: Value<bool>,
    /// Whether to enable vSAN TRIM/UNMAP, which reclaims storage space that guests no longer use.
    #[tf(optional, default = false)]
    pub vsan_unmap_enabled: Value<bool>,
    /// The managed object IDs of the vSAN datastores of other clusters to mount. Conflicts with
    /// `vsan_dit_encryption_enabled`. Requires vSphere 7.0 Update 1 or later.
    #[tf(optional, count(0, 5), each(form = MoId::<Datastore>::form))]
    pub vsan_remote_datastore_ids: Value<BTreeSet<String>>,
    /// Whether to enable vSAN data-in-transit encryption. Requires vSphere 7.0 Update 1 or later.
    #[tf(optional, default = false)]
    pub vsan_dit_encryption_enabled: Value<bool>,
    /// The rekey interval for data-in-transit encryption, in minutes. If omitted, vCenter chooses it.
    #[tf(optional, computed, range(30, 10_080))]
    pub vsan_dit_rekey_interval: Value<i64>,
    /// A vSAN disk group: a cache disk and its capacity disks. It is created on each host of the cluster that has these
    /// disks. If no block is configured, the disk groups are not managed. If a block is removed while others remain, its disk
    /// group is removed. The data on new disks is lost. Before a disk is removed, vSAN moves the data that would become
    /// inaccessible, unless the same apply disables vSAN.
    #[tf(block, computed)]
    pub vsan_disk_group: Value<Vec<VsanDiskGroup>>,
    /// The vSAN fault domains of the cluster. Conflicts with `vsan_stretched_cluster`.
    #[tf(block, set)]
    pub vsan_fault_domains: Value<Vec<VsanFaultDomains>>,
    /// The sites and the witness host of a vSAN stretched cluster. Removing this makes the cluster a single site. Conflicts
    /// with `vsan_fault_domains`.
    #[tf(block, max = 1)]
    pub vsan_stretched_cluster: Value<Vec<VsanStretchedCluster>>,
}

/// A disk group.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VsanDiskGroup {
    /// The canonical name of the cache disk, such as `naa.600508b1001c0001`.
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
    #[tf(required, each(form = MoId::<Host>::form))]
    pub host_ids: Value<BTreeSet<String>>,
}

/// A stretched cluster.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VsanStretchedCluster {
    /// The managed object IDs of the hosts in the preferred fault domain.
    #[tf(required, each(form = MoId::<Host>::form))]
    pub preferred_fault_domain_host_ids: Value<BTreeSet<String>>,
    /// The managed object IDs of the hosts in the secondary fault domain.
    #[tf(required, each(form = MoId::<Host>::form))]
    pub secondary_fault_domain_host_ids: Value<BTreeSet<String>>,
    /// The managed object ID of the witness host, which must not be in the cluster.
    #[tf(required, form = MoId::<Host>::form)]
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

/// A Boolean as it was found. One that was never set stays so where it is off: some of them exclude each other.
fn flag(state: Value<bool>, found: Option<bool>) -> Value<bool> {
    match found.unwrap_or_default() {
        false if state.is_null() => state,
        found => found.into(),
    }
}

impl VsanDiskGroup {
    fn plain(&self) -> Group {
        Group { cache: self.cache.as_str().to_owned(), storage: self.storage.get() }
    }
}

impl VsanStretchedCluster {
    fn plain(&self) -> Sites {
        let site = |name: &Value<String>, hosts: &Value<BTreeSet<String>>| Site {
            name: name.as_str().to_owned(),
            hosts: hosts.get(),
        };
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
            rekey: self.vsan_dit_rekey_interval.get(),
        }
    }

    fn groups(&self) -> Vec<Group> {
        self.vsan_disk_group.get().iter().map(VsanDiskGroup::plain).collect()
    }

    fn sites(&self) -> Option<Sites> {
        self.vsan_stretched_cluster.get().first().map(VsanStretchedCluster::plain)
    }

    fn fault_domains(&self) -> Vec<VsanFaultDomain> {
        self.vsan_fault_domains.get().iter().flat_map(|all| all.fault_domain.get()).collect()
    }

    fn domains(&self) -> Domains {
        let of = |domain: VsanFaultDomain| {
            let name = domain.name.as_str().to_owned();
            domain.host_ids.get().into_iter().map(move |host| (host, name.clone()))
        };
        self.fault_domains().into_iter().flat_map(of).collect()
    }

    /// Whether the state has any setting of vSAN, so that they are read.
    fn is_used(&self) -> bool {
        self.services() != Services::default()
            || !self.vsan_remote_datastore_ids.get().is_empty()
            || !self.groups().is_empty()
            || !self.domains().is_empty()
            || self.sites().is_some()
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
        let remote = self.vsan_remote_datastore_ids.get();
        let remount = remote != prior.vsan_remote_datastore_ids.get();
        let mounted = || {
            let datastores = remote.iter().map(MoId::<Datastore>::object).collect();
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
                let decide = |now: &Domains| planner::domain_changes(&before, &after, now);
                change.move_hosts(M::VSAN_FAULT_DOMAINS, decide).await?;
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
            vsan_remote_datastore_ids: match remote == self.vsan_remote_datastore_ids.get() {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn domains(all: &[(&str, &str)]) -> Domains {
        all.iter().map(|(h, d)| ((*h).to_owned(), (*d).to_owned())).collect()
    }

    fn observed(state: &Vsan, config: &VsanConfigInfoEx, sites: Option<Sites>, all: Domains) -> Vsan {
        state.clone().with(config, None, sites, all)
    }

    #[test]
    fn a_state_without_vsan_is_not_read() {
        let off = Vsan { vsan_enabled: false.into(), vsan_dit_rekey_interval: 0.into(), ..Vsan::default() };
        assert!(!Vsan::default().is_used() && !off.is_used());
        assert!(Vsan { vsan_unmap_enabled: true.into(), ..off.clone() }.is_used());
        assert!(Vsan { vsan_dit_rekey_interval: 60.into(), ..off }.is_used());
    }

    /// What is off stays null after an import: some of the settings exclude each other, whatever they are.
    #[test]
    fn an_import_leaves_out_what_is_off() {
        let config = VsanConfigInfoEx {
            enabled: Some(true),
            vsan_esa_enabled: Some(true),
            data_efficiency_config: Some(Box::new(VsanDataEfficiencyConfig {
                dedup_enabled: false,
                compression_enabled: Some(true),
            })),
            ..VsanConfigInfoEx::default()
        };
        let seen = observed(&Vsan::default(), &config, None, Domains::new());
        assert_eq!((seen.vsan_enabled, seen.vsan_dedup_enabled), (true.into(), Value::Null));
        assert_eq!(seen.vsan_compression_enabled, true.into());
        // Without vSAN, compression has no effect.
        let off = VsanConfigInfoEx { enabled: Some(false), ..config };
        let state = Vsan { vsan_compression_enabled: false.into(), ..Vsan::default() };
        assert_eq!(observed(&state, &off, None, Domains::new()).vsan_compression_enabled, false.into());
    }

    #[test]
    fn fault_domains_keep_the_blocks_of_the_state() {
        let config = VsanConfigInfoEx { enabled: Some(true), ..VsanConfigInfoEx::default() };
        let all = domains(&[("h1", "a"), ("h2", "b"), ("h3", "")]);
        let imported = observed(&Vsan::default(), &config, None, all.clone());
        assert_eq!(imported.domains(), domains(&[("h1", "a"), ("h2", "b")]));
        assert_eq!(imported.vsan_fault_domains.get().len(), 1);
        let two = |v: &Vsan| v.vsan_fault_domains.get()[0].fault_domain.get();
        let each = |d: VsanFaultDomain| VsanFaultDomains { fault_domain: vec![d].into() };
        let split: Vec<_> = two(&imported).into_iter().map(each).collect();
        let state = Vsan { vsan_fault_domains: split.clone().into(), ..Vsan::default() };
        assert_eq!(observed(&state, &config, None, all).vsan_fault_domains, split.into());
        // Those of a stretched cluster are its sites.
        let sites = Sites::observed("a", "w".to_owned(), &domains(&[("h1", "a"), ("h2", "b")]));
        let stretched = observed(&state, &config, Some(sites.clone()), sites.domains());
        assert!(stretched.domains().is_empty());
        assert_eq!(stretched.sites(), Some(sites));
    }
}
