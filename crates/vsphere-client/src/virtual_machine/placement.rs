//! Placement in datastore clusters: Storage DRS says where, and does it.

use std::collections::BTreeMap;

use vim_types::methods::{ApplyStorageDrsRecommendationTask, RecommendDatastores};
use vim_types::types::{
    ClusterActionKind, ClusterRecommendation, PodDiskLocator, StorageDrsPodSelectionSpec,
    StoragePlacementResult, StoragePlacementSpec, StoragePlacementSpecPlacementType,
    VirtualDeviceBackingInfoKind, VirtualDeviceConfigSpec, VirtualDeviceConfigSpecOperation,
    VirtualDeviceKind, VirtualMachineCloneSpec, VirtualMachineConfigSpec, VirtualMachineRelocateSpec,
    VmPodConfigForPlacement,
};
use vim_types::xml::{Any, MoRef};

use super::{VirtualMachines, Wait};
use crate::error::{Error, Result};

/// A disk that is to be placed.
#[derive(Clone, Debug, PartialEq)]
pub struct DiskPlacement {
    /// The key of the disk; negative for one that does not exist yet.
    pub key: i32,
    /// The backing that it should have.
    pub backing: Option<VirtualDeviceBackingInfoKind>,
    /// The datastore cluster that it is to go to.
    pub pod: MoRef,
}

impl DiskPlacement {
    /// The disks that changes add, all to go to one datastore cluster.
    pub fn added(changes: &[VirtualDeviceConfigSpec], pod: &MoRef) -> Vec<DiskPlacement> {
        let added = changes.iter().filter(|c| c.operation == Some(VirtualDeviceConfigSpecOperation::Add));
        let disks = added.filter_map(|change| match &change.device {
            // A disk whose files exist is where it is.
            VirtualDeviceKind::VirtualDisk(disk) if change.file_operation.is_some() => Some(DiskPlacement {
                key: disk.key,
                backing: disk.backing.as_deref().cloned(),
                pod: pod.clone(),
            }),
            _ => None,
        });
        disks.collect()
    }
}

/// What Storage DRS recommends.
#[derive(Clone, Debug, PartialEq)]
pub struct Recommendation {
    /// What it is [applied](VirtualMachines::apply) by; known to the server for some minutes.
    pub key: String,
    /// From 1 to 5: how good it is.
    pub rating: i32,
    /// Why, in the server's words.
    pub reason: String,
    /// The datastore that the virtual machine, or the first of its disks, goes to.
    pub datastore: Option<MoRef>,
    /// The datastores that single disks go to, by the key of the disk.
    pub disks: BTreeMap<i32, MoRef>,
    /// What has to be moved away first: the machines, and where to.
    pub moves: Vec<(MoRef, MoRef)>,
}

impl VirtualMachines<'_> {
    /// Where in a datastore cluster a new virtual machine should go, best first. The disks are those that the
    /// spec adds, each with the cluster that it is to go to.
    ///
    /// # Errors
    /// The first of Storage DRS's reasons when it recommends nothing; [`Error::NotFound`] if it gives none
    /// (most often it is not enabled on the cluster); those of any call.
    pub async fn recommend_create(
        &self,
        folder: &MoRef,
        pool: &MoRef,
        host: Option<&MoRef>,
        pod: &MoRef,
        disks: &[DiskPlacement],
        config: VirtualMachineConfigSpec,
    ) -> Result<Vec<Recommendation>> {
        let mut config = config;
        config.name = config.name.map(|name| crate::find::wire_name(&name));
        let spec = StoragePlacementSpec {
            pod_selection_spec: selection(Some(pod), disks),
            config_spec: Some(Box::new(config)),
            folder: Some(folder.clone()),
            resource_pool: Some(pool.clone()),
            host: host.cloned(),
            ..Default::default()
        };
        self.recommend(StoragePlacementSpecPlacementType::Create, spec, pod).await
    }

    /// Where in a datastore cluster a clone should go, best first. `disks` only for disks that are to go to
    /// other clusters than the rest.
    ///
    /// # Errors
    /// As [`recommend_create`](VirtualMachines::recommend_create).
    pub async fn recommend_clone(
        &self,
        source: &MoRef,
        folder: &MoRef,
        name: &str,
        pod: &MoRef,
        disks: &[DiskPlacement],
        clone: VirtualMachineCloneSpec,
    ) -> Result<Vec<Recommendation>> {
        let spec = StoragePlacementSpec {
            vm: Some(source.clone()),
            pod_selection_spec: selection(Some(pod), disks),
            resource_pool: clone.location.pool.clone(),
            host: clone.location.host.clone(),
            clone_spec: Some(Box::new(clone)),
            clone_name: Some(crate::find::wire_name(name)),
            folder: Some(folder.clone()),
            ..Default::default()
        };
        self.recommend(StoragePlacementSpecPlacementType::Clone, spec, pod).await
    }

    /// Where in a datastore cluster a virtual machine should be moved to, best first.
    ///
    /// # Errors
    /// As [`recommend_create`](VirtualMachines::recommend_create).
    pub async fn recommend_relocate(
        &self,
        vm: &MoRef,
        pod: &MoRef,
        disks: &[DiskPlacement],
        relocate: VirtualMachineRelocateSpec,
    ) -> Result<Vec<Recommendation>> {
        let spec = StoragePlacementSpec {
            vm: Some(vm.clone()),
            pod_selection_spec: selection(Some(pod), disks),
            resource_pool: relocate.pool.clone(),
            host: relocate.host.clone(),
            relocate_spec: Some(Box::new(relocate)),
            ..Default::default()
        };
        self.recommend(StoragePlacementSpecPlacementType::Relocate, spec, pod).await
    }

    /// Where in datastore clusters the disks that a change adds should go, best first.
    ///
    /// # Errors
    /// As [`recommend_create`](VirtualMachines::recommend_create).
    pub async fn recommend_reconfigure(
        &self,
        vm: &MoRef,
        disks: &[DiskPlacement],
        config: VirtualMachineConfigSpec,
    ) -> Result<Vec<Recommendation>> {
        let pod = disks.first().map(|d| d.pod.clone()).unwrap_or_default();
        let spec = StoragePlacementSpec {
            vm: Some(vm.clone()),
            pod_selection_spec: selection(None, disks),
            config_spec: Some(Box::new(config)),
            ..Default::default()
        };
        self.recommend(StoragePlacementSpecPlacementType::Reconfigure, spec, &pod).await
    }

    async fn recommend(
        &self,
        ty: StoragePlacementSpecPlacementType,
        spec: StoragePlacementSpec,
        pod: &MoRef,
    ) -> Result<Vec<Recommendation>> {
        let this = self.storage_resource_manager()?;
        let storage_spec = StoragePlacementSpec { r#type: ty.as_str().to_owned(), ..spec };
        let result: StoragePlacementResult =
            self.client.call(&RecommendDatastores { this, storage_spec }).await?;
        let mut found: Vec<Recommendation> = result.recommendations.into_iter().map(recommendation).collect();
        found.sort_by_key(|r| std::cmp::Reverse(r.rating));
        if !found.is_empty() {
            return Ok(found);
        }
        let faults = result.drs_fault.map(|f| f.faults_by_vm).unwrap_or_default();
        match faults.into_iter().flat_map(|vm| vm.fault.clone()).next() {
            Some(fault) => Err(Error::Fault { method: "RecommendDatastores", fault: Box::new(fault.into()) }),
            None => Err(Error::NotFound {
                kind: "Datastore".to_owned(),
                name: "a recommendation of Storage DRS".to_owned(),
                place: pod.to_string(),
            }),
        }
    }

    /// Does what was recommended, and waits for it. Returns the virtual machine that was made, moved or
    /// changed, if the server returns it.
    ///
    /// # Errors
    /// `InvalidArgument` for a recommendation that the server has forgotten, those of what was recommended, and
    /// those of any call and task.
    pub async fn apply(&self, recommendation: &Recommendation, wait: Wait<'_>) -> Result<Option<MoRef>> {
        let this = self.storage_resource_manager()?;
        let request = ApplyStorageDrsRecommendationTask { this, key: vec![recommendation.key.clone()] };
        let _writing = self.client.core().rearranging();
        match self.run(&request, wait).await?.result {
            Some(Any::Dyn(result)) => Ok(result.child("vm").and_then(vim_types::xml::Dyn::moref)),
            Some(Any::Ref(vm)) => Ok(Some(vm)),
            _ => Ok(None),
        }
    }

    fn storage_resource_manager(&self) -> Result<MoRef> {
        self.client.manager(&self.client.service_content().storage_resource_manager, "StorageResourceManager")
    }
}

fn selection(pod: Option<&MoRef>, disks: &[DiskPlacement]) -> StorageDrsPodSelectionSpec {
    let mut configs: Vec<VmPodConfigForPlacement> = Vec::new();
    for disk in disks {
        let locator = PodDiskLocator {
            disk_id: disk.key,
            disk_backing_info: disk.backing.clone().map(Box::new),
            ..Default::default()
        };
        match configs.iter_mut().find(|c| c.storage_pod == disk.pod) {
            Some(config) => config.disk.push(locator),
            None => configs.push(VmPodConfigForPlacement {
                storage_pod: disk.pod.clone(),
                disk: vec![locator],
                ..Default::default()
            }),
        }
    }
    StorageDrsPodSelectionSpec { initial_vm_config: configs, storage_pod: pod.cloned() }
}

fn recommendation(from: ClusterRecommendation) -> Recommendation {
    let mut to = Recommendation {
        key: from.key,
        rating: from.rating,
        reason: from.reason_text,
        datastore: None,
        disks: BTreeMap::new(),
        moves: Vec::new(),
    };
    for action in from.action {
        match action {
            ClusterActionKind::StoragePlacementAction(action) => {
                for locator in &action.relocate_spec.disk {
                    to.disks.insert(locator.disk_id, locator.datastore.clone());
                }
                to.datastore.get_or_insert(action.destination);
            }
            ClusterActionKind::StorageMigrationAction(action) => {
                to.moves.push((action.vm, action.destination));
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
        StorageMigrationAction, StoragePlacementAction, VirtualMachineRelocateSpecDiskLocator,
    };

    #[test]
    fn disks_of_one_cluster_go_together() {
        let pod = |id: &str| MoRef::new("StoragePod", id);
        let disk = |key, id: &str| DiskPlacement { key, backing: None, pod: pod(id) };
        let spec = selection(Some(&pod("p1")), &[disk(-1, "p1"), disk(-2, "p2"), disk(-3, "p1")]);
        let ids = |c: &VmPodConfigForPlacement| c.disk.iter().map(|d| d.disk_id).collect::<Vec<_>>();
        assert_eq!(spec.initial_vm_config.iter().map(ids).collect::<Vec<_>>(), [vec![-1, -3], vec![-2]]);
        assert_eq!(spec.storage_pod, Some(pod("p1")));
    }

    #[test]
    fn a_recommendation_says_where_each_disk_goes() {
        let store = |id: &str| MoRef::new("Datastore", id);
        let vm = MoRef::new("VirtualMachine", "vm-1");
        let locator = |disk_id, id: &str| VirtualMachineRelocateSpecDiskLocator {
            disk_id,
            datastore: store(id),
            ..Default::default()
        };
        let placement = StoragePlacementAction {
            destination: store("ds-1"),
            relocate_spec: VirtualMachineRelocateSpec {
                disk: vec![locator(-1, "ds-1"), locator(-2, "ds-2")],
                ..Default::default()
            },
            ..Default::default()
        };
        let migration =
            StorageMigrationAction { vm: vm.clone(), destination: store("ds-3"), ..Default::default() };
        let found = recommendation(ClusterRecommendation {
            key: "7".to_owned(),
            rating: 4,
            action: vec![migration.into(), placement.into()],
            ..Default::default()
        });
        assert_eq!(found.datastore, Some(store("ds-1")));
        assert_eq!(found.disks, BTreeMap::from([(-1, store("ds-1")), (-2, store("ds-2"))]));
        assert_eq!(found.moves, [(vm, store("ds-3"))]);
    }
}
