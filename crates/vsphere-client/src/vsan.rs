//! vSAN: the services of a cluster, its witness host, and the disk groups of hosts.
//!
//! The services of a cluster are those of another service of the same server, with the same session. Tasks are tasks of
//! vCenter.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use vim_types::methods::{
    InitializeDisksTask, RemoveDiskMappingTask, RemoveDiskTask, VSANVcAddWitnessHost,
    VSANVcConvertToStretchedCluster, VSANVcGetWitnessHosts, VSANVcRemoveWitnessHost,
    VSANVcSetPreferredFaultDomain, VsanClusterGetConfig, VsanClusterReconfig,
};
use vim_types::types::{
    HostMaintenanceSpec, HostScsiDisk, TaskInfo, VimClusterVSANStretchedClusterFaultDomainConfig,
    VimClusterVSANWitnessHostInfo, VimVsanReconfigSpec, VsanAdvancedDatastoreConfig, VsanConfigInfoEx,
    VsanDatastoreConfigKind, VsanHostConfigInfo, VsanHostDecommissionMode, VsanHostDiskMapping,
};
use vim_types::xml::{Any, Dyn, MoRef, Request};

use crate::client::Client;
use crate::error::{Error, Fault, Result};
use crate::task::MadeTask;

crate::properties! {
    struct Managers of "HostSystem" {
        vsan: Option<MoRef> = "configManager.vsanSystem",
    }
}

crate::properties! {
    struct HostConfig of "HostVsanSystem" {
        config: VsanHostConfigInfo = "config",
    }
}

/// What becomes of the data on disks that leave vSAN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evacuation {
    /// All objects stay accessible, some of them possibly with less redundancy.
    EnsureAccessibility,
    /// The data stays on the disks and is lost.
    NoAction,
}

impl Evacuation {
    fn spec(self) -> HostMaintenanceSpec {
        let action = match self {
            Evacuation::EnsureAccessibility => "ensureObjectAccessibility",
            Evacuation::NoAction => "noAction",
        };
        let mode = VsanHostDecommissionMode { object_action: action.to_owned() };
        HostMaintenanceSpec { vsan_mode: Some(Box::new(mode)), ..HostMaintenanceSpec::default() }
    }
}

/// The datastores of other clusters that a cluster mounts.
pub fn remote_datastores(config: &VsanConfigInfoEx) -> &[MoRef] {
    match config.datastore_config.as_deref() {
        Some(VsanDatastoreConfigKind::VsanAdvancedDatastoreConfig(all)) => &all.remote_datastores,
        _ => &[],
    }
}

/// The change that makes a cluster mount these datastores of other clusters, and no others.
pub fn mount(datastores: Vec<MoRef>) -> VimVsanReconfigSpec {
    let all = VsanAdvancedDatastoreConfig { remote_datastores: datastores, ..Default::default() };
    VimVsanReconfigSpec { datastore_config: Some(Box::new(all.into())), ..VimVsanReconfigSpec::default() }
}

/// vSAN; from [`Client::vsan`].
pub struct Vsan<'a> {
    client: &'a Client,
}

impl Client {
    /// vSAN.
    pub fn vsan(&self) -> Vsan<'_> {
        Vsan { client: self }
    }
}

fn clusters() -> MoRef {
    MoRef::new("VsanVcClusterConfigSystem", "vsan-cluster-config-system")
}

fn stretched_clusters() -> MoRef {
    MoRef::new("VimClusterVsanVcStretchedClusterSystem", "vsan-stretched-cluster-system")
}

impl Vsan<'_> {
    /// The settings of a cluster. Needs `System.Read` on it.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn config(&self, cluster: &MoRef) -> Result<VsanConfigInfoEx> {
        self.client.call(&VsanClusterGetConfig { this: clusters(), cluster: cluster.clone() }).await
    }

    /// Sets what a spec names, leaves everything else as it is, and waits. Needs `Host.Inventory.EditCluster`.
    ///
    /// # Errors
    /// `VsanFault` and its subtypes, `InvalidState`, and those of any call and task.
    pub async fn reconfigure(
        &self,
        cluster: &MoRef,
        spec: VimVsanReconfigSpec,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let vsan_reconfig_spec = VimVsanReconfigSpec { modify: true, ..spec };
        let request = VsanClusterReconfig { this: clusters(), cluster: cluster.clone(), vsan_reconfig_spec };
        self.run(&request, timeout, cancel).await
    }

    /// The witness host of a stretched cluster; nothing for another cluster. Needs `System.Read` on it.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn witness(&self, cluster: &MoRef) -> Result<Option<VimClusterVSANWitnessHostInfo>> {
        let request = VSANVcGetWitnessHosts { this: stretched_clusters(), cluster: cluster.clone() };
        Ok(self.client.call(&request).await?.into_iter().next())
    }

    /// Makes a cluster a stretched one, of two fault domains and a witness host that is not in it, and waits. Needs
    /// `Host.Inventory.EditCluster`.
    ///
    /// # Errors
    /// `VsanFault` and its subtypes, `InvalidArgument`, `InvalidState`, and those of any call and task.
    pub async fn stretch(
        &self,
        cluster: &MoRef,
        domains: VimClusterVSANStretchedClusterFaultDomainConfig,
        witness: MoRef,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let request = VSANVcConvertToStretchedCluster {
            this: stretched_clusters(),
            cluster: cluster.clone(),
            preferred_fd: domains.first_fd_name.clone(),
            fault_domain_config: domains,
            witness_host: witness,
        };
        self.run(&request, timeout, cancel).await
    }

    /// Gives a cluster with two fault domains a witness host, and waits. Needs `Host.Inventory.AddHostToCluster`.
    ///
    /// # Errors
    /// As [`stretch`](Vsan::stretch).
    pub async fn add_witness(
        &self,
        cluster: &MoRef,
        witness: MoRef,
        preferred: &str,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let request = VSANVcAddWitnessHost {
            this: stretched_clusters(),
            cluster: cluster.clone(),
            witness_host: witness,
            preferred_fd: preferred.to_owned(),
        };
        self.run(&request, timeout, cancel).await
    }

    /// Removes the witness host, after which the cluster is not stretched, and waits. The fault domains stay. Needs
    /// `Host.Inventory.RemoveHostFromCluster`.
    ///
    /// # Errors
    /// As [`stretch`](Vsan::stretch).
    pub async fn remove_witness(
        &self,
        cluster: &MoRef,
        witness: VimClusterVSANWitnessHostInfo,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let request = VSANVcRemoveWitnessHost {
            this: stretched_clusters(),
            cluster: cluster.clone(),
            witness_host: witness.host,
            witness_address: witness.unicast_agent_addr,
        };
        self.run(&request, timeout, cancel).await
    }

    /// Sets which of the two fault domains of a stretched cluster is the preferred one, and waits. Needs
    /// `Host.Inventory.EditCluster`.
    ///
    /// # Errors
    /// As [`stretch`](Vsan::stretch).
    pub async fn prefer(
        &self,
        cluster: &MoRef,
        fault_domain: &str,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let request = VSANVcSetPreferredFaultDomain {
            this: stretched_clusters(),
            cluster: cluster.clone(),
            preferred_fd: fault_domain.to_owned(),
            witness_host: None,
        };
        self.run(&request, timeout, cancel).await
    }

    /// Runs a task on a cluster.
    async fn run<R: Request<Response: MadeTask> + Sync>(
        &self,
        request: &R,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let _writing = self.client.core().inventory.writing();
        self.client.tasks().run(request, timeout, cancel).await.map(drop)
    }

    /// Runs a task on the disks of a host, which succeeds whatever becomes of each disk.
    async fn run_on_disks<R: Request<Response: MadeTask> + Sync>(
        &self,
        request: &R,
        method: &'static str,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let done = self.client.tasks().run(request, timeout, cancel).await?;
        match refused(&done) {
            Some(fault) => Err(Error::Fault { method, fault: Box::new(fault) }),
            None => Ok(()),
        }
    }

    /// The vSAN system of a host. A host that is not connected may have none.
    async fn system(&self, host: &MoRef) -> Result<MoRef> {
        system(host, self.client.properties().get(host).await?)
    }

    /// The disk groups of hosts, in their order, read in a batch. Needs `System.Read`.
    ///
    /// # Errors
    /// [`Error::Unreported`] for a host that has no vSAN system, and those of any call.
    pub async fn disk_groups(&self, hosts: &[MoRef]) -> Result<Vec<Vec<VsanHostDiskMapping>>> {
        let managers: Vec<Managers> = self.client.properties().get_many(hosts).await?;
        let systems = hosts.iter().zip(managers).map(|(host, m)| system(host, m));
        let systems = systems.collect::<Result<Vec<MoRef>>>()?;
        let configs: Vec<HostConfig> = self.client.properties().get_many(&systems).await?;
        let groups = |c: HostConfig| c.config.storage_info.map(|s| s.disk_mapping).unwrap_or_default();
        Ok(configs.into_iter().map(groups).collect())
    }

    /// Creates a disk group, or adds capacity disks to the one that has its cache disk, and waits. The data on the
    /// disks is lost. Needs `Host.Config.Storage`.
    ///
    /// # Errors
    /// `VsanDiskFault` and its subtypes for a disk that cannot be used, and those of any call and task.
    pub async fn add_disks(
        &self,
        host: &MoRef,
        mapping: VsanHostDiskMapping,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let request = InitializeDisksTask { this: self.system(host).await?, mapping: vec![mapping] };
        self.run_on_disks(&request, "InitializeDisks_Task", timeout, cancel).await
    }

    /// Removes a disk group, and waits. Needs `Host.Config.Storage`.
    ///
    /// # Errors
    /// `VsanFault` and its subtypes, and those of any call and task.
    pub async fn remove_group(
        &self,
        host: &MoRef,
        mapping: VsanHostDiskMapping,
        evacuation: Evacuation,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let request = RemoveDiskMappingTask {
            this: self.system(host).await?,
            mapping: vec![mapping],
            maintenance_spec: Some(Box::new(evacuation.spec())),
            timeout: None,
        };
        self.run_on_disks(&request, "RemoveDiskMapping_Task", timeout, cancel).await
    }

    /// Removes capacity disks from their disk group, and waits. Needs `Host.Config.Storage`.
    ///
    /// # Errors
    /// `VsanFault` and its subtypes, and those of any call and task.
    pub async fn remove_disks(
        &self,
        host: &MoRef,
        disk: Vec<HostScsiDisk>,
        evacuation: Evacuation,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let request = RemoveDiskTask {
            this: self.system(host).await?,
            disk,
            maintenance_spec: Some(Box::new(evacuation.spec())),
            timeout: None,
        };
        self.run_on_disks(&request, "RemoveDisk_Task", timeout, cancel).await
    }
}

fn system(host: &MoRef, managers: Managers) -> Result<MoRef> {
    managers.vsan.ok_or_else(|| Error::Unreported { host: host.clone(), what: "vSAN system" })
}

/// The first fault among the results of a task on disks.
fn refused(done: &TaskInfo) -> Option<Fault> {
    let Some(Any::Dyn(results)) = &done.result else { return None };
    let own = results.children.iter().filter_map(|result| result.child("error"));
    let of_disks =
        results.children.iter().flat_map(|r| r.children("diskResult")).filter_map(|d| d.child("error"));
    // The fault of a disk says more than that of its group.
    of_disks.chain(own).next().map(localized)
}

fn localized(error: &Dyn) -> Fault {
    let detail = error.child("fault").cloned().unwrap_or_default();
    let message = error.text_of("localizedMessage").unwrap_or_default().to_owned();
    Fault::new(&detail.type_name.clone(), message, detail)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;
    use vim_types::xml::{Reader, Value as _};

    fn done(text: &str) -> TaskInfo {
        let mut info = TaskInfo::default();
        let mut reader = Reader::new(text);
        assert!(reader.next_child().unwrap());
        info.read(&mut reader).unwrap();
        info
    }

    /// A task on disks succeeds even if it has used none of them.
    #[test]
    fn a_refused_disk_is_found_in_the_result_of_a_task() {
        let result = |inner: &str| {
            done(&format!(
                r#"<info xmlns:xsi="i"><state>success</state><result xsi:type="ArrayOfVsanHostDiskMapResult"><VsanHostDiskMapResult><mapping/>{inner}</VsanHostDiskMapResult></result></info>"#
            ))
        };
        assert_eq!(refused(&result("")), None);
        let error = r#"<error><fault xsi:type="DiskHasPartitions"><device>naa.1</device></fault><localizedMessage>It has partitions.</localizedMessage></error>"#;
        let fault = refused(&result(error)).unwrap();
        assert_eq!((&*fault.name, fault.message.as_str()), ("DiskHasPartitions", "It has partitions."));
        let of_a_disk = format!(
            "<diskResult><disk/><state>ineligible</state>{error}</diskResult><error><fault xsi:type=\"VsanFault\"/></error>"
        );
        assert_eq!(&*refused(&result(&of_a_disk)).unwrap().name, "DiskHasPartitions");
    }

    #[test]
    fn remote_datastores_are_read_as_they_were_sent() {
        let ds = MoRef::new("Datastore", "datastore-1");
        let sent = mount(vec![ds.clone()]);
        let config = VsanConfigInfoEx { datastore_config: sent.datastore_config, ..Default::default() };
        assert_eq!(remote_datastores(&config), [ds]);
        assert!(remote_datastores(&VsanConfigInfoEx::default()).is_empty());
    }
}
