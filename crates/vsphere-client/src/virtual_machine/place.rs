//! Placement of new virtual machines in clusters: DRS recommends hosts and datastores, and nothing is changed.

use vim_types::methods::{PlaceVm, PlaceVmsXCluster};
use vim_types::types::{
    ClusterActionKind, ClusterRecommendation, PlaceVmsXClusterSpec, PlaceVmsXClusterSpecVmPlacementSpec,
    PlacementSpec, PlacementSpecPlacementType, VirtualDevice, VirtualDeviceKind, VirtualDisk,
    VirtualDiskFlatVer2BackingInfo, VirtualMachineConfigSpec, VirtualMachineDefinedProfileSpec,
    VirtualMachineProfileSpecKind, VirtualSCSISharing,
};
use vim_types::xml::{LocalizedFault, MoRef};

use super::VirtualMachines;
use crate::device::{ControllerType, DatastorePath, DeviceChanges, Disk, HardwareVersion};
use crate::error::{Fault, Result};
use crate::virtual_disk::Provisioning;

/// What a new virtual machine requires.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Machine {
    /// The name.
    pub name: String,
    /// The guest ID, such as `ubuntu64Guest`.
    pub guest_id: String,
    /// The number of virtual CPUs.
    pub cpus: i32,
    /// The memory, in MiB.
    pub memory: i64,
    /// The sizes of the disks, in bytes.
    pub disks: Vec<i64>,
    /// How the space of the disks is allocated.
    pub provisioning: Provisioning,
    /// The ID of the storage policy of the virtual machine and of its disks.
    pub policy: Option<String>,
}

impl Machine {
    /// The configuration, with a paravirtual SCSI controller and its disks.
    pub fn config(&self) -> VirtualMachineConfigSpec {
        let profile = || -> Vec<VirtualMachineProfileSpecKind> {
            let spec = |id: &String| VirtualMachineDefinedProfileSpec {
                profile_id: id.clone(),
                ..Default::default()
            };
            self.policy.iter().map(|id| spec(id).into()).collect()
        };
        let mut changes = DeviceChanges::default();
        let key = changes.temporary_key();
        let ty = ControllerType::ParaVirtual;
        changes.add("controller", ty.device(key, 0, VirtualSCSISharing::NoSharing));
        // From this hardware version on, the controller has room for 64 disks.
        for (bytes, unit) in self.disks.iter().zip(ty.units(HardwareVersion(14))) {
            let backing = VirtualDiskFlatVer2BackingInfo {
                disk_mode: "persistent".to_owned(),
                thin_provisioned: Some(self.provisioning == Provisioning::Thin),
                eagerly_scrub: Some(self.provisioning == Provisioning::Eager),
                ..Default::default()
            };
            let base = VirtualDevice {
                controller_key: Some(key),
                unit_number: Some(unit),
                backing: Some(Box::new(backing.into())),
                ..Default::default()
            };
            let disk = VirtualDisk {
                base,
                capacity_in_kb: bytes / 1024,
                capacity_in_bytes: Some(*bytes),
                ..Default::default()
            };
            changes.create("disk", disk.into());
            changes.with_profiles(profile());
        }
        VirtualMachineConfigSpec {
            name: Some(crate::find::wire_name(&self.name)),
            guest_id: Some(self.guest_id.clone()),
            num_cpus: Some(self.cpus),
            memory_mb: Some(self.memory),
            device_change: changes.finish().0,
            vm_profile: profile(),
            ..Default::default()
        }
    }
}

/// Where a new virtual machine should go.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// From 1 to 5: how good it is.
    pub rating: i32,
    /// Why, in the server's words.
    pub reason: String,
    /// The cluster.
    pub cluster: Option<MoRef>,
    /// The resource pool.
    pub pool: Option<MoRef>,
    /// The host.
    pub host: Option<MoRef>,
    /// The datastore of the configuration files, or of the first disk.
    pub datastore: Option<Store>,
}

/// A datastore.
#[derive(Clone, Debug, PartialEq)]
pub enum Store {
    /// By its managed object ID.
    Object(MoRef),
    /// By its name.
    Named(String),
}

/// What DRS recommends, best first, and its reasons for what it does not recommend.
#[derive(Clone, Debug, Default)]
pub struct Advice {
    /// The recommendations.
    pub places: Vec<Place>,
    /// The reasons against others.
    pub faults: Vec<Fault>,
}

impl Advice {
    fn new(places: impl Iterator<Item = Place>, faults: impl Iterator<Item = LocalizedFault>) -> Advice {
        let mut places: Vec<Place> = places.collect();
        places.sort_by_key(|p| std::cmp::Reverse(p.rating));
        Advice { places, faults: faults.map(Fault::from).collect() }
    }
}

impl VirtualMachines<'_> {
    /// Where in a cluster a new virtual machine should go. Empty `hosts`, `datastores` and `pods` (datastore clusters)
    /// mean all of the cluster.
    ///
    /// # Errors
    /// `InvalidState` of a cluster that cannot make recommendations, such as one without hosts, and those of any call.
    pub async fn place(
        &self,
        cluster: &MoRef,
        machine: &Machine,
        hosts: Vec<MoRef>,
        datastores: Vec<MoRef>,
        pods: Vec<MoRef>,
    ) -> Result<Advice> {
        let spec = PlacementSpec {
            config_spec: Some(Box::new(machine.config())),
            hosts,
            datastores,
            storage_pods: pods,
            placement_type: Some(PlacementSpecPlacementType::Create.as_str().to_owned()),
            ..Default::default()
        };
        let result = self.client.call(&PlaceVm { this: cluster.clone(), placement_spec: spec }).await?;
        let faults = result.drs_fault.map(|f| f.faults_by_vm).unwrap_or_default();
        let faults = faults.into_iter().flat_map(|vm| vm.fault);
        Ok(Advice::new(result.recommendations.into_iter().map(place), faults))
    }

    /// In which of some clusters, which have one of the resource pools each, a new virtual machine should go. Requires
    /// vSphere 8.0.
    ///
    /// # Errors
    /// `InvalidArgument` for two resource pools of one cluster, and those of any call.
    pub async fn place_across(&self, pools: Vec<MoRef>, machine: &Machine) -> Result<Advice> {
        let spec = PlaceVmsXClusterSpec {
            resource_pools: pools,
            placement_type: Some("createAndPowerOn".to_owned()),
            vm_placement_specs: vec![PlaceVmsXClusterSpecVmPlacementSpec {
                config_spec: machine.config(),
                ..Default::default()
            }],
            host_recomm_required: Some(true),
            datastore_recomm_required: Some(true),
        };
        let this = self.client.root_folder();
        let result = self.client.call(&PlaceVmsXCluster { this, placement_spec: spec }).await?;
        let places = result.placement_infos.into_iter().map(|info| place(info.recommendation));
        Ok(Advice::new(places, result.faults.into_iter().flat_map(|f| f.faults)))
    }
}

/// The datastore of a configuration with backings.
fn store(config: &VirtualMachineConfigSpec) -> Option<Store> {
    let disk = config.device_change.iter().find_map(|change| match &change.device {
        device @ VirtualDeviceKind::VirtualDisk(_) => Disk::of(device)?.backing()?.datastore.cloned(),
        _ => None,
    });
    let named = || {
        let path = config.files.as_ref()?.vm_path_name.as_deref()?;
        Some(Store::Named(path.parse::<DatastorePath>().ok()?.datastore))
    };
    disk.map(Store::Object).or_else(named)
}

fn place(from: ClusterRecommendation) -> Place {
    let mut to =
        Place { rating: from.rating, reason: from.reason_text, cluster: from.target, ..Default::default() };
    for action in from.action {
        match action {
            ClusterActionKind::PlacementAction(action) => {
                let relocate = action.relocate_spec.unwrap_or_default();
                to.host = action.target_host.or(relocate.host);
                to.pool = relocate.pool;
                let first = || relocate.disk.first().map(|d| d.datastore.clone());
                to.datastore = relocate.datastore.or_else(first).map(Store::Object);
            }
            ClusterActionKind::ClusterClusterInitialPlacementAction(action) => {
                to.host = action.target_host;
                to.pool = Some(action.pool);
                to.datastore = action.config_spec.as_deref().and_then(store);
            }
            _ => {}
        }
    }
    to
}

#[cfg(test)]
mod tests {
    use super::*;
    use vim_types::types::{
        ClusterClusterInitialPlacementAction, PlacementAction, VirtualDeviceFileBackingInfo,
        VirtualMachineFileInfo, VirtualMachineRelocateSpec,
    };

    fn object(ty: &str, id: &str) -> MoRef {
        MoRef::new(ty, id)
    }

    #[test]
    fn every_disk_has_a_unit_and_the_policy() {
        let machine = Machine { disks: vec![1 << 30; 9], policy: Some("p".to_owned()), ..Machine::default() };
        let config = machine.config();
        let units: Vec<Option<i32>> = config
            .device_change
            .iter()
            .filter_map(|c| match &c.device {
                VirtualDeviceKind::VirtualDisk(disk) => Some(disk.unit_number),
                _ => None,
            })
            .collect();
        // 7 is the controller's own.
        assert_eq!(units, [0, 1, 2, 3, 4, 5, 6, 8, 9].map(Some));
        assert!(
            config.device_change[1..].iter().all(|c| c.profile.len() == 1) && config.vm_profile.len() == 1
        );
    }

    #[test]
    fn a_place_in_a_cluster_has_a_host_and_a_datastore() {
        let relocate = VirtualMachineRelocateSpec {
            datastore: Some(object("Datastore", "datastore-1")),
            pool: Some(object("ResourcePool", "resgroup-8")),
            ..Default::default()
        };
        let action = PlacementAction {
            target_host: Some(object("HostSystem", "host-1")),
            relocate_spec: Some(Box::new(relocate)),
            ..Default::default()
        };
        let cluster = object("ClusterComputeResource", "domain-c7");
        let found = place(ClusterRecommendation {
            rating: 3,
            target: Some(cluster.clone()),
            action: vec![action.into()],
            ..Default::default()
        });
        assert_eq!((found.rating, found.cluster), (3, Some(cluster)));
        assert_eq!(found.host, Some(object("HostSystem", "host-1")));
        assert_eq!(found.datastore, Some(Store::Object(object("Datastore", "datastore-1"))));
    }

    #[test]
    fn a_place_across_clusters_has_the_datastore_of_a_disk_or_of_the_path() {
        let backing = |datastore| VirtualDiskFlatVer2BackingInfo {
            base: VirtualDeviceFileBackingInfo { datastore, ..Default::default() },
            ..Default::default()
        };
        let config = |datastore: Option<MoRef>| {
            let mut config = Machine { disks: vec![1 << 30], ..Machine::default() }.config();
            for change in &mut config.device_change {
                if let VirtualDeviceKind::VirtualDisk(disk) = &mut change.device {
                    disk.base.backing = Some(Box::new(backing(datastore.clone()).into()));
                }
            }
            let files = VirtualMachineFileInfo {
                vm_path_name: Some("[ssd1] web/web.vmx".to_owned()),
                ..Default::default()
            };
            config.files = Some(Box::new(files));
            let action = ClusterClusterInitialPlacementAction {
                pool: object("ResourcePool", "resgroup-8"),
                config_spec: Some(Box::new(config)),
                ..Default::default()
            };
            place(ClusterRecommendation { action: vec![action.into()], ..Default::default() }).datastore
        };
        let ssd = object("Datastore", "datastore-1");
        assert_eq!(config(Some(ssd.clone())), Some(Store::Object(ssd)));
        assert_eq!(config(None), Some(Store::Named("ssd1".to_owned())));
    }
}
