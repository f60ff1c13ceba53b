//! What a creation and a move do, against a simulated vCenter: `VCENTER_SIM_URL=https://user:pass@127.0.0.1:8989 cargo
//! test live`. Without the variable the test says so and passes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
use super::clone::{self, CloneModel, Wanted};
use super::customize::CustomizeModel;
use super::model::VirtualMachineModel as M;
use super::{customize, guest, place};
use crate::common::customization::{CustomizationModel, InterfaceModel, LinuxOptionsModel};
use crate::vsphere::{Lookups, Vsphere};
use futures_util::future::join_all;
use std::time::Duration;
use tf_framework::Value;
use tokio_util::sync::CancellationToken;
use vsphere_client::datastore::StoragePod;
use vsphere_client::device::{AdapterType, Connection, ControllerType, DeviceChanges, new_nic};
use vsphere_client::vim::types::{
    VirtualDevice, VirtualDeviceFileBackingInfo, VirtualDisk, VirtualDiskFlatVer2BackingInfo,
    VirtualMachineConfigSpec, VirtualMachineFileInfo, VirtualSCSISharing,
};
use vsphere_client::virtual_machine::Wait;
use vsphere_client::{Client, Config, Kind, Tls};

async fn connect() -> Option<Vsphere> {
    let Ok(url) = std::env::var("VCENTER_SIM_URL") else {
        tracing::warn!("SKIPPED: VCENTER_SIM_URL is not set, so nothing was tested against a server");
        return None;
    };
    let (login, host) = url.strip_prefix("https://")?.rsplit_once('@')?;
    let (user, password) = login.split_once(':')?;
    let mut config = Config::new(host, user, password.to_owned().into());
    config.tls = Tls::Insecure;
    let timeout = Duration::from_secs(60);
    let (plans, grants, machines, clusters) = Default::default();
    let api = Client::connect(config).await.unwrap();
    Some(Vsphere {
        api,
        user: user.to_owned(),
        plans,
        grants,
        clusters,
        machines,
        lookups: Lookups::default(),
        timeout,
    })
}

async fn id(vsphere: &Vsphere, kind: Kind, name: &str) -> Value<String> {
    let found = vsphere.api.find().object_by_name(kind, name, None).await.unwrap();
    found.object.id.to_string().into()
}

/// A controller, a disk and a network interface.
fn hardware(name: &str) -> VirtualMachineConfigSpec {
    let mut changes = DeviceChanges::default();
    let controller = changes.temporary_key();
    let device = ControllerType::ParaVirtual.device(controller, 0, VirtualSCSISharing::NoSharing);
    changes.add("controller", device);
    let backing = VirtualDiskFlatVer2BackingInfo {
        base: VirtualDeviceFileBackingInfo { file_name: "[LocalDS_0]".to_owned(), ..Default::default() },
        disk_mode: "persistent".to_owned(),
        ..Default::default()
    };
    let device = VirtualDevice {
        key: changes.temporary_key(),
        controller_key: Some(controller),
        unit_number: Some(0),
        backing: Some(Box::new(backing.into())),
        ..Default::default()
    };
    changes
        .create("disk", VirtualDisk { base: device, capacity_in_kb: 1 << 20, ..Default::default() }.into());
    let network = Connection::Standard { network: None, name: "VM Network".to_owned() };
    let key = changes.temporary_key();
    changes.add("nic", new_nic(AdapterType::Vmxnet3, key, &network, None));
    VirtualMachineConfigSpec {
        name: Some(name.to_owned()),
        guest_id: Some("ubuntu64Guest".to_owned()),
        num_cpus: Some(1),
        memory_mb: Some(512),
        files: Some(Box::new(VirtualMachineFileInfo {
            vm_path_name: Some("[LocalDS_0]".to_owned()),
            ..Default::default()
        })),
        device_change: changes.finish().0,
        ..Default::default()
    }
}

#[tokio::test]
#[allow(clippy::too_many_lines, reason = "one story")]
async fn a_machine_is_cloned_waited_for_and_moved() {
    let Some(vsphere) = connect().await else { return };
    let cancel = CancellationToken::new();
    let wait = || Wait::new(Duration::from_secs(60), &cancel);
    let name = format!("live-{}", std::process::id());
    let place = M {
        name: name.as_str().into(),
        resource_pool_id: id(&vsphere, Kind::ResourcePool, "DC0_C0/Resources").await,
        datastore_id: id(&vsphere, Kind::Datastore, "LocalDS_0").await,
        folder: "".into(),
        ..M::default()
    };

    // What it is cloned from.
    let pool = place.resource_pool_id.get();
    let before = vsphere.api.request_count();
    let folders = join_all((0..10).map(|_| place::folder(&vsphere, &pool, "/"))).await;
    let folder = folders.into_iter().map(Result::unwrap).next().unwrap();
    let reading = vsphere.api.request_count() - before;
    assert!(reading <= 3, "{reading} requests for one folder");
    let template = place::create(&vsphere, &place, &folder, hardware(&format!("{name}-template")), wait());
    let template = template.await.unwrap();
    let read = vsphere.api.virtual_machines().get(&template).await.unwrap();
    let uuid = read.bios_uuid().map(str::to_owned);
    let options =
        LinuxOptionsModel { host_name: "web".into(), domain: "example.com".into(), ..Default::default() };
    let guest = CustomizationModel {
        linux_options: vec![options].into(),
        network_interface: vec![InterfaceModel::default()].into(),
        ..Default::default()
    };
    let made_of = CloneModel {
        template_uuid: uuid.into(),
        customize: vec![CustomizeModel { guest, timeout: 1.into() }].into(),
        ..Default::default()
    };
    let plan = M {
        clone: vec![made_of.clone()].into(),
        wait_for_guest_net_routable: false.into(),
        wait_for_guest_net_timeout: 0.into(),
        ..place
    };

    // Many clones of one template: it is read once, and so is the folder.
    let before = vsphere.api.request_count();
    let sources = join_all((0..10).map(|_| clone::source(&vsphere, &made_of))).await;
    let source = sources.into_iter().map(Result::unwrap).next().unwrap();
    let reading = vsphere.api.request_count() - before;
    assert!(reading <= 3, "{reading} requests for one template");
    let told = place::folder(&vsphere, &pool, "no/such").await.unwrap_err().to_string();
    assert!(told.contains("error at folder: There is no folder \"no/such\""), "{told}");
    let gone = CloneModel { template_uuid: "00000000-0000-0000-0000-000000000000".into(), ..made_of.clone() };
    let told = clone::source(&vsphere, &gone).await.unwrap_err().to_string();
    assert!(told.contains("at clone[0].template_uuid"), "{told}");

    let since = guest::before_power_on(&vsphere, &plan).await.unwrap();
    let customization = customize::spec(&vsphere, &plan, 1, source.guest_id()).await.unwrap();
    assert!(customize::spec(&vsphere, &plan, 2, source.guest_id()).await.is_err());
    let wanted = Wanted { customization, power_on: true, ..Default::default() };
    let spec = clone::spec(&plan, &source, wanted);
    let made = place::clone_to(&vsphere, &plan, &source.object, &folder, spec, wait()).await.unwrap();
    guest::wait(&vsphere, &plan, &made, since.as_deref(), &cancel).await.unwrap();

    let there = M { datastore_id: id(&vsphere, Kind::Datastore, "LocalDS_1").await, ..plan.clone() };
    if there.datastore_id != plan.datastore_id {
        let vm = vsphere.api.virtual_machines().get(&made).await.unwrap();
        let to = place::relocation(&plan, &there, &[], &[]).unwrap();
        place::relocate(&vsphere, (&made, &vm), &there, to, wait()).await.unwrap();
        let vm = vsphere.api.virtual_machines().get(&made).await.unwrap();
        assert_eq!(vm.home().map(|h| h.datastore), Some("LocalDS_1".to_owned()));
    }
    let pod = vsphere.api.find().object_by_name(Kind::StoragePod, "DC0_POD0", None).await;
    let pod = pod.ok().map(|p| p.object);
    let inside = match &pod {
        Some(pod) => vsphere.api.properties().get::<StoragePod>(pod).await.unwrap().datastores,
        None => vec![],
    };
    if let Some(pod) = pod.filter(|_| !inside.is_empty()) {
        let in_cluster = M {
            datastore_id: Value::Unknown,
            datastore_cluster_id: pod.id.to_string().into(),
            ..plan.clone()
        };
        let vm = vsphere.api.virtual_machines().get(&made).await.unwrap();
        let back = place::relocation(&there, &plan, &[], &[]).unwrap();
        place::relocate(&vsphere, (&made, &vm), &plan, back, wait()).await.unwrap();
        let vm = vsphere.api.virtual_machines().get(&made).await.unwrap();
        assert!(!vm.datastores.iter().all(|d| inside.contains(d)), "{:?}", vm.datastores);
        let to = place::relocation(&plan, &in_cluster, &[], &[]).unwrap();
        place::relocate(&vsphere, (&made, &vm), &in_cluster, to.clone(), wait()).await.unwrap();
        let vm = vsphere.api.virtual_machines().get(&made).await.unwrap();
        assert!(vm.datastores.iter().all(|d| inside.contains(d)), "{:?}", vm.datastores);
        // In the cluster already: nothing is asked of Storage DRS.
        let before = vsphere.api.request_count();
        place::relocate(&vsphere, (&made, &vm), &in_cluster, to, wait()).await.unwrap();
        assert!(vsphere.api.request_count() - before <= 1);
        let second = M { name: format!("{name}-second").into(), ..in_cluster };
        let spec = clone::spec(&second, &source, Wanted::default());
        let done = place::clone_to(&vsphere, &second, &source.object, &folder, spec, wait()).await.unwrap();
        let vm = vsphere.api.virtual_machines().get(&done).await.unwrap();
        assert!(vm.datastores.iter().all(|d| inside.contains(d)), "{:?}", vm.datastores);
        vsphere.api.virtual_machines().destroy(&done, wait()).await.unwrap();
    }
    let nowhere = M { datastore_id: "datastore-999999".into(), ..plan.clone() };
    let vm = vsphere.api.virtual_machines().get(&made).await.unwrap();
    let to = place::relocation(&plan, &nowhere, &[], &[]).unwrap();
    let told = place::relocate(&vsphere, (&made, &vm), &nowhere, to, wait()).await.unwrap_err().to_string();
    assert!(told.contains("error at datastore_id: The datastore is not reached"), "{told}");
    assert!(told.contains("LocalDS_0"), "{told}");
    // One that is off is told at once.
    vsphere.api.virtual_machines().power_off(&made, wait()).await.unwrap();
    let waiting = M { wait_for_guest_net_timeout: 1.into(), ..plan.clone() };
    let told = guest::wait(&vsphere, &waiting, &made, None, &cancel).await.unwrap_err().to_string();
    assert!(told.contains("turned it off"), "{told}");
    for done in [made, template] {
        vsphere.api.virtual_machines().destroy(&done, wait()).await.unwrap();
    }
    vsphere.api.logout().await.unwrap();
}
