//! `HostStorageSystem`: the disks of hosts, and what is on them.

use vim_types::methods::{RescanAllHba, RetrieveDiskPartitionInfo};
use vim_types::types::{HostDiskPartitionInfo, HostScsiDisk, ScsiLunKind};
use vim_types::xml::MoRef;

use crate::client::Client;
use crate::error::{Error, Result};

crate::properties! {
    struct Managers of "HostSystem" {
        storage: Option<MoRef> = "configManager.storageSystem",
    }
}

crate::properties! {
    struct Devices of "HostStorageSystem" {
        luns: Vec<ScsiLunKind> = "storageDeviceInfo.scsiLun",
    }
}

/// The storage of hosts; from [`Client::host_storage`].
pub struct HostStorage<'a> {
    client: &'a Client,
}

impl Client {
    /// The storage of hosts.
    pub fn host_storage(&self) -> HostStorage<'_> {
        HostStorage { client: self }
    }
}

impl HostStorage<'_> {
    /// The storage system of a host. A host that is not connected may have none.
    async fn system(&self, host: &MoRef) -> Result<MoRef> {
        let managers: Managers = self.client.properties().get(host).await?;
        managers.storage.ok_or_else(|| Error::Unreported { host: host.clone(), what: "storage system" })
    }

    /// The disks that a host has found, local ones and LUNs.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn disks(&self, host: &MoRef) -> Result<Vec<HostScsiDisk>> {
        let Devices { luns } = self.client.properties().get(&self.system(host).await?).await?;
        let disk = |lun| match lun {
            ScsiLunKind::HostScsiDisk(disk) => Some(*disk),
            _ => None,
        };
        Ok(luns.into_iter().filter_map(disk).collect())
    }

    /// Lets a host look for new disks on all its adapters, which may take minutes. Needs `Host.Config.Storage`.
    ///
    /// # Errors
    /// `HostConfigFault`, and those of any call.
    pub async fn rescan(&self, host: &MoRef) -> Result<()> {
        self.client.call(&RescanAllHba { this: self.system(host).await? }).await
    }

    /// The partition tables of disks, by their device paths.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn partitions(&self, host: &MoRef, paths: Vec<String>) -> Result<Vec<HostDiskPartitionInfo>> {
        let this = self.system(host).await?;
        self.client.call(&RetrieveDiskPartitionInfo { this, device_path: paths }).await
    }
}
