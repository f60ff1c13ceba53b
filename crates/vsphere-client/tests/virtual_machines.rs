//! Virtual machines against a simulated vCenter: `VCENTER_SIM_URL=https://user:pass@127.0.0.1:8989 cargo test -- --ignored`.
//! A run without the server counts them as ignored.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod vcenter;

use std::time::Duration;
use vcenter::connect;

use tokio_util::sync::CancellationToken;
use vsphere_client::device::{
    AdapterType, Address, Bus, Connection, ControllerType, DeviceChanges, Devices, Disk, Files, ForeignSign,
    HardwareVersion, Medium, Passthrough, VideoCard, blamed_change, device_mut, ethernet_mut, new_cdrom,
    new_nic, new_tpm, physical_function, set_physical_function,
};
use vsphere_client::policy::ProfileRef;
use vsphere_client::vim::methods::{ConfigureStorageDrsForPodTask, Logout};
use vsphere_client::vim::types::{
    CustomizationAdapterMapping, CustomizationDhcpIpGenerator, CustomizationFixedName,
    CustomizationGlobalIPSettings, CustomizationIPSettings, CustomizationLinuxPrep, CustomizationSpec, ID,
    OptionValue, StorageDrsConfigSpec, StorageDrsPodConfigSpec, VirtualDevice, VirtualDeviceFileBackingInfo,
    VirtualDeviceKind, VirtualDisk, VirtualDiskFlatVer2BackingInfo, VirtualMachineCloneSpec,
    VirtualMachineConfigSpec, VirtualMachineDefinedProfileSpec, VirtualMachineFileInfo,
    VirtualMachinePowerState, VirtualMachineProfileSpecKind, VirtualMachineRelocateSpec, VirtualSCSISharing,
};
use vsphere_client::vim::xml::Any;
use vsphere_client::virtual_machine::{
    AddressFilter, ConfigOptionQuery, CustomizationOutcome, DiskPlacement, Identity, Recommendation,
    Shutdown, Sighting, Wait, WaitFor,
};
use vsphere_client::{Area, Client, Error, FaultKind, Kind, MoRef};

vsphere_client::properties! {
    struct Owned of "HostSystem" {
        parent: Option<MoRef> = "parent",
    }
}

const MINUTE: Duration = Duration::from_secs(60);

fn unique(what: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    format!("{what}-{:x}", now.as_nanos())
}

/// Where the tests make their machines.
struct Place {
    client: Client,
    datacenter: MoRef,
    folder: MoRef,
    pool: MoRef,
    cancel: CancellationToken,
}

impl Place {
    async fn new() -> Place {
        let client = connect().await;
        let datacenter = client.find().object_by_name(Kind::Datacenter, "DC0", None).await.unwrap().object;
        let vms = client.find().folder(Some((&datacenter, Area::Vm)), "").await.unwrap();
        let folder = client.folders().create(&vms, &unique("machines")).await.unwrap();
        let pool =
            client.find().object_by_name(Kind::ResourcePool, "DC0_C0/Resources", Some(&datacenter)).await;
        let pool = pool.unwrap().object;
        Place { client, datacenter, folder, pool, cancel: CancellationToken::new() }
    }

    fn wait(&self) -> Wait<'_> {
        Wait::new(MINUTE, &self.cancel)
    }

    /// Two disks and a network interface, in one call.
    fn spec(&self, name: &str) -> VirtualMachineConfigSpec {
        let mut changes = DeviceChanges::default();
        let key = changes.temporary_key();
        let controller = ControllerType::ParaVirtual.device(key, 0, VirtualSCSISharing::NoSharing);
        changes.add("scsi:0", controller);
        for unit in 0..2 {
            changes.create(format!("disk {unit}"), disk(key, unit, "[LocalDS_0]", 1 << 20));
        }
        let network = Connection::Standard { network: None, name: "VM Network".to_owned() };
        let nic = changes.temporary_key();
        changes.add("nic", new_nic(AdapterType::Vmxnet3, nic, &network, Some("00:50:56:01:02:03")));
        VirtualMachineConfigSpec {
            name: Some(name.to_owned()),
            guest_id: Some("otherLinux64Guest".to_owned()),
            num_cpus: Some(2),
            memory_mb: Some(512),
            files: Some(Box::new(VirtualMachineFileInfo {
                vm_path_name: Some("[LocalDS_0]".to_owned()),
                ..Default::default()
            })),
            device_change: changes.finish().0,
            ..Default::default()
        }
    }

    async fn create(&self, name: &str) -> MoRef {
        let vms = self.client.virtual_machines();
        vms.create(&self.folder, &self.pool, None, self.spec(name), self.wait()).await.unwrap()
    }

    async fn clear(self) {
        let vms = self.client.virtual_machines();
        for child in self.client.folders().children(&self.folder).await.unwrap() {
            vms.power_off(&child.object, self.wait()).await.unwrap();
        }
        self.client.entities().destroy(&self.folder, MINUTE, &self.cancel).await.unwrap();
        self.client.logout().await.unwrap();
    }
}

fn disk(controller: i32, unit: i32, file: &str, kib: i64) -> VirtualDeviceKind {
    let backing = VirtualDiskFlatVer2BackingInfo {
        base: VirtualDeviceFileBackingInfo { file_name: file.to_owned(), ..Default::default() },
        disk_mode: "persistent".to_owned(),
        thin_provisioned: Some(true),
        ..Default::default()
    };
    VirtualDisk {
        base: VirtualDevice {
            controller_key: Some(controller),
            unit_number: Some(unit),
            backing: Some(Box::new(backing.into())),
            ..Default::default()
        },
        capacity_in_kb: kib,
        ..Default::default()
    }
    .into()
}

fn change(build: impl FnOnce(&mut DeviceChanges)) -> VirtualMachineConfigSpec {
    let mut changes = DeviceChanges::default();
    build(&mut changes);
    VirtualMachineConfigSpec { device_change: changes.finish().0, ..Default::default() }
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn a_machine_is_made_read_changed_and_destroyed() {
    let place = Place::new().await;
    let vms = place.client.virtual_machines();
    let name = unique("made");
    let before = place.client.request_count();
    let vm = place.create(&name).await;
    eprintln!("created in {} requests", place.client.request_count() - before);

    let read = vms.get(&vm).await.unwrap();
    assert_eq!(vsphere_client::unescape(&read.name), name);
    assert_eq!(read.parent.as_ref(), Some(&place.folder));
    assert_eq!(read.power_state, VirtualMachinePowerState::PoweredOff);
    assert!(!read.is_template() && read.instance_uuid().is_some() && read.bios_uuid().is_some());
    assert_eq!(read.home().unwrap().datastore, "LocalDS_0");
    let devices = read.devices();
    let addresses: Vec<String> = devices.disks().iter().map(|(a, _)| a.unwrap().to_string()).collect();
    assert_eq!(addresses, ["scsi:0:0", "scsi:0:1"]);
    let (_, first) = devices.disks()[0];
    assert_eq!(first.capacity(), 1 << 30);
    assert!(first.uuid().is_some());
    assert_eq!(first.foreign_signs(read.home().as_ref()), []);
    let nics = devices.nics();
    assert_eq!((nics.len(), nics[0].ty), (1, Some(AdapterType::Vmxnet3)));
    assert_eq!(nics[0].mac().as_deref(), Some("00:50:56:01:02:03"));
    assert!(matches!(nics[0].connection(), Some(Connection::Standard { name, .. }) if name == "VM Network"));

    // On while it grows: CPUs, settings, one more disk at the first free address.
    vms.power_on(&vm, None, place.wait()).await.unwrap();
    vms.power_on(&vm, None, place.wait()).await.unwrap();
    let free = devices.free_addresses(Bus::Scsi, read.hardware_version().unwrap())[0];
    assert_eq!(free, Address::new(Bus::Scsi, 0, 2));
    let controller = devices.controller(Bus::Scsi, 0).unwrap();
    let mut spec = change(|c| {
        c.create("disk 2", disk(controller.key, free.unit, "[LocalDS_0]", 2 << 20));
        c.remove("disk 1", VirtualDeviceKind::from(devices.disks()[1].1.device.clone()), Files::Destroy);
    });
    spec.extra_config =
        vec![OptionValue { key: "guestinfo.a".to_owned(), value: Some(Any::String("b".to_owned())) }];
    spec.annotation = Some("changed".to_owned());
    vms.reconfigure(&vm, spec, place.wait()).await.unwrap();
    let read = vms.get(&vm).await.unwrap();
    let config = read.config.as_deref().unwrap();
    assert_eq!(config.annotation.as_deref(), Some("changed"));
    assert!(
        config
            .extra_config
            .iter()
            .any(|o| o.key == "guestinfo.a" && o.value == Some(Any::String("b".into())))
    );
    let devices = read.devices();
    let addresses: Vec<String> = devices.disks().iter().map(|(a, _)| a.unwrap().to_string()).collect();
    assert_eq!(addresses, ["scsi:0:0", "scsi:0:2"]);

    // What is on cannot be destroyed.
    let error = vms.destroy(&vm, place.wait()).await.unwrap_err();
    assert_eq!(error.fault_kind(), Some(&FaultKind::InvalidPowerState), "{error:?}");
    let any = AddressFilter::default();
    vms.wait_for_guest(&vm, &WaitFor::Address, &any, place.wait()).await.unwrap().unwrap();
    let shutdown = vms.shut_down(&vm, MINUTE, false, place.wait()).await.unwrap();
    assert_eq!(shutdown, Shutdown::Guest);
    assert_eq!(vms.shut_down(&vm, MINUTE, false, place.wait()).await.unwrap(), Shutdown::WasOff);
    vms.destroy(&vm, place.wait()).await.unwrap();
    assert!(vms.get(&vm).await.unwrap_err().is_not_found());
    place.clear().await;
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn many_readers_cost_few_requests() {
    let client = connect().await;
    let all = client.find().all(Kind::VirtualMachine, None).await.unwrap();
    let vms: Vec<MoRef> = all.into_iter().map(|f| f.object).take(4).collect();
    assert!(!vms.is_empty());
    let before = client.request_count();
    let machines = client.virtual_machines();
    let reads = (0..20).map(|n| machines.get(&vms[n % vms.len()]));
    for read in futures_util::future::join_all(reads).await {
        let read = read.unwrap();
        assert!(read.config.is_some() && read.instance_uuid().is_some());
    }
    assert_eq!(client.request_count() - before, 1);
    client.logout().await.unwrap();
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn a_machine_is_found_wherever_it_is_and_never_taken_for_another() {
    let place = Place::new().await;
    let vms = place.client.virtual_machines();
    let name = unique("found");
    let vm = place.create(&name).await;
    let read = vms.get(&vm).await.unwrap();
    let identity = Identity {
        object: Some(vm.clone()),
        instance_uuid: read.instance_uuid().map(str::to_owned),
        bios_uuid: read.bios_uuid().map(str::to_owned),
        place: Some((place.folder.clone(), name.clone())),
    };
    let found = |sighting: Sighting| match sighting {
        Sighting::Found { object, .. } => object,
        other => panic!("{other:?}"),
    };
    let before = place.client.request_count();
    assert_eq!(found(vms.find(&identity).await.unwrap()), vm);
    assert_eq!(place.client.request_count() - before, 1);

    // The BIOS UUID has changed, and it was renamed.
    let bios = "11111111-2222-3333-4444-555555555555".to_owned();
    let spec = VirtualMachineConfigSpec {
        uuid: Some(bios.clone()),
        name: Some(format!("{name}-2")),
        ..Default::default()
    };
    vms.reconfigure(&vm, spec, place.wait()).await.unwrap();
    assert_eq!(found(vms.find(&identity).await.unwrap()), vm);
    // Nothing but an UUID is known.
    let known = Identity { instance_uuid: identity.instance_uuid.clone(), ..Default::default() };
    assert_eq!(found(vms.find(&known).await.unwrap()), vm);
    let known = Identity { bios_uuid: Some(bios), ..Default::default() };
    assert_eq!(found(vms.find(&known).await.unwrap()), vm);

    // Another one comes to have its name.
    let other = place.create(&name).await;
    vms.destroy(&vm, place.wait()).await.unwrap();
    match vms.find(&identity).await.unwrap() {
        Sighting::Other { object, why, .. } => {
            assert_eq!(object, other);
            assert!(why.contains("same folder"), "{why}");
        }
        seen => panic!("{seen:?}"),
    }
    // The reference of another one, which must not be taken for it.
    let wrong = Identity { object: Some(other.clone()), ..identity.clone() };
    assert!(matches!(vms.find(&wrong).await.unwrap(), Sighting::Other { object, .. } if object == other));
    vms.destroy(&other, place.wait()).await.unwrap();
    assert_eq!(vms.find(&identity).await.unwrap(), Sighting::NotFound);
    place.clear().await;
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn a_clone_carries_hardware_placement_and_power() {
    let place = Place::new().await;
    let vms = place.client.virtual_machines();
    let source = place.create(&unique("source")).await;
    vms.mark_as_template(&source).await.unwrap();
    assert!(vms.get(&source).await.unwrap().is_template());

    let name = unique("clone");
    let spec = VirtualMachineCloneSpec {
        location: VirtualMachineRelocateSpec { pool: Some(place.pool.clone()), ..Default::default() },
        config: Some(Box::new(VirtualMachineConfigSpec {
            num_cpus: Some(4),
            memory_mb: Some(1024),
            ..Default::default()
        })),
        power_on: true,
        ..Default::default()
    };
    let progress = std::sync::Mutex::new(Vec::new());
    let tell = |percent| progress.lock().unwrap().push(percent);
    let before = place.client.request_count();
    let wait = place.wait().telling(&tell);
    let clone = vms.clone_to(&source, &place.folder, &name, spec.clone(), wait).await.unwrap();
    eprintln!("cloned in {} requests", place.client.request_count() - before);
    let read = vms.get(&clone).await.unwrap();
    assert_eq!(read.power_state, VirtualMachinePowerState::PoweredOn);
    assert_eq!(read.config.as_deref().unwrap().hardware.num_cpu, 4);
    assert_eq!(read.devices().disks().len(), 2);

    // The name is taken.
    let error = vms.clone_to(&source, &place.folder, &name, spec, place.wait()).await.unwrap_err();
    assert!(matches!(error.fault_kind(), Some(FaultKind::DuplicateName { .. })), "{error:?}");

    vms.mark_as_virtual_machine(&source, &place.pool, None).await.unwrap();
    assert!(!vms.get(&source).await.unwrap().is_template());
    place.clear().await;
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn a_machine_moves_between_hosts_and_datastores() {
    let place = Place::new().await;
    let vms = place.client.virtual_machines();
    let vm = place.create(&unique("moving")).await;
    let hosts = place.client.find().all(Kind::Host, Some(&place.datacenter)).await.unwrap();
    let from = vms.get(&vm).await.unwrap().host;
    let cluster = |f: &&vsphere_client::Found| f.path.contains("DC0_C0") && Some(&f.object) != from.as_ref();
    let host = hosts.iter().find(cluster).unwrap().object.clone();
    let store = place.client.find().object_by_name(Kind::Datastore, "LocalDS_0", None).await.unwrap().object;
    let spec = VirtualMachineRelocateSpec {
        host: Some(host.clone()),
        datastore: Some(store.clone()),
        ..Default::default()
    };
    vms.relocate(&vm, spec, None, place.wait()).await.unwrap();
    let read = vms.get(&vm).await.unwrap();
    assert_eq!((read.host, read.datastores), (Some(host), vec![store]));
    place.clear().await;
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn power_goes_round_and_watchers_share_a_poll() {
    let place = Place::new().await;
    let vms = place.client.virtual_machines();
    let names: Vec<String> = (0..4).map(|n| unique(&format!("power{n}"))).collect();
    let all = futures_util::future::join_all(names.iter().map(|name| place.create(name))).await;
    let on = VirtualMachinePowerState::PoweredOn;
    let cycle = all.iter().map(|vm| {
        let (vms, place, on) = (&vms, &place, on.clone());
        async move {
            let watch = vms.watch_until(vm, place.wait(), |s| (s.power_state == on).then_some(()));
            let act = async {
                tokio::time::sleep(Duration::from_millis(200)).await;
                vms.power_on(vm, None, place.wait()).await
            };
            let (seen, acted) = tokio::join!(watch, act);
            acted.and(seen).unwrap();
            vms.suspend(vm, place.wait()).await.unwrap();
            vms.power_on(vm, None, place.wait()).await.unwrap();
            vms.reset(vm, place.wait()).await.unwrap();
            vms.shut_down(vm, Duration::ZERO, true, place.wait()).await.unwrap()
        }
    });
    for shutdown in futures_util::future::join_all(cycle).await {
        assert_eq!(shutdown, Shutdown::Forced("the guest was not asked".to_owned()));
    }
    // A virtual machine that does not exist is not waited for.
    let missing = MoRef::new("VirtualMachine", "vm-987654");
    let error = vms.watch_until(&missing, place.wait(), |_| None::<()>).await.unwrap_err();
    assert!(error.is_not_found(), "{error:?}");
    // A watch ends when it is cancelled, and when the time is over.
    let short = place.wait().within(Duration::from_millis(100));
    let error = vms.watch_until(&all[0], short, |_| None::<()>).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
    place.cancel.cancel();
    let error = vms.watch_until(&all[0], place.wait(), |_| None::<()>).await.unwrap_err();
    assert!(matches!(error, Error::Cancelled), "{error:?}");
    Place { cancel: CancellationToken::new(), ..place }.clear().await;
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn a_watch_outlives_its_session() {
    let place = Place::new().await;
    let vms = place.client.virtual_machines();
    let vm = place.create(&unique("outlived")).await;
    let on = VirtualMachinePowerState::PoweredOn;
    let watch = vms.watch_until(&vm, place.wait(), |s| (s.power_state == on).then_some(()));
    let act = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let this = place.client.service_content().session_manager.clone().unwrap();
        place.client.call(&Logout { this }).await.unwrap();
        // The list of the lost session no longer exists, nor does that of the tasks.
        vms.power_on(&vm, None, place.wait()).await.unwrap();
    };
    let (seen, ()) = tokio::join!(watch, act);
    seen.unwrap();
    place.clear().await;
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn a_foreign_disk_survives() {
    let place = Place::new().await;
    let vms = place.client.virtual_machines();
    let owner = place.create(&unique("owner")).await;
    let guest = place.create(&unique("guest")).await;
    // A disk of another machine is attached by hand.
    let devices = vms.get(&owner).await.unwrap().devices();
    let file = devices.disks()[1].1.backing().unwrap().file.to_owned();
    let mut lent = disk(devices.controller(Bus::Scsi, 0).unwrap().key, 5, &file, 1 << 20);
    if let VirtualDeviceKind::VirtualDisk(d) = &mut lent {
        d.v_disk_id = Some(Box::new(ID { id: "fcd-1".to_owned() }));
    }
    vms.reconfigure(&guest, change(|c| assert!(c.add("lent", lent) < 0)), place.wait()).await.unwrap();
    let read = vms.get(&guest).await.unwrap();
    let devices = read.devices();
    let (address, seen) = *devices.disks().last().unwrap();
    assert_eq!(address, Some(Address::new(Bus::Scsi, 0, 5)));
    let signs = seen.foreign_signs(read.home().as_ref());
    assert!(signs.contains(&ForeignSign::OtherFolder(file.clone())), "{signs:?}");

    // Detached before the machine is destroyed, it stays.
    let mut own = VirtualDeviceKind::from(seen.device.clone());
    assert!(device_mut(&mut own).is_some());
    vms.reconfigure(&guest, change(|c| c.remove("lent", own, Files::Keep)), place.wait()).await.unwrap();
    vms.destroy(&guest, place.wait()).await.unwrap();
    let read = vms.get(&owner).await.unwrap();
    assert!(read.devices().disks().iter().any(|(_, d)| d.backing().unwrap().file == file));
    let mut own = VirtualDeviceKind::from(read.devices().disks()[1].1.device.clone());
    device_mut(&mut own).unwrap().unit_number = Some(9);
    // Its files are still there: it can be attached again.
    vms.reconfigure(&owner, change(|c| c.remove("own", own.clone(), Files::Keep)), place.wait())
        .await
        .unwrap();
    device_mut(&mut own).unwrap().key = 0;
    vms.reconfigure(&owner, change(|c| assert!(c.add("own", own) < 0)), place.wait()).await.unwrap();
    place.clear().await;
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn errors_name_the_change_that_is_to_blame() {
    let place = Place::new().await;
    let vms = place.client.virtual_machines();
    let vm = place.create(&unique("errors")).await;
    // The second of two changes takes an address that is taken.
    let devices = vms.get(&vm).await.unwrap().devices();
    let controller = devices.controller(Bus::Scsi, 0).unwrap().key;
    let spec = change(|c| {
        c.create("free", disk(controller, 3, "[LocalDS_0]", 1 << 20));
        c.create("taken", disk(controller, 0, "[there is none]", 1 << 20));
    });
    let error = vms.reconfigure(&vm, spec, place.wait()).await.unwrap_err();
    let Error::Task(failure) = &error else { panic!("{error:?}") };
    assert!(error.to_string().starts_with("the task VirtualMachine.reconfigVm on "), "{error}");
    assert_eq!(blamed_change(&failure.fault), Some(1), "{error:?}");
    // A disk that is not there.
    let spec = change(|c| c.edit("disk", disk(0, 0, "[LocalDS_0]", 1)));
    let error = vms.reconfigure(&vm, spec, place.wait()).await.unwrap_err();
    let fault = error.fault().unwrap();
    assert_eq!(blamed_change(fault), Some(0), "{error:?}");
    // A name that is taken, and a folder that is none.
    let error =
        vms.create(&place.datacenter, &place.pool, None, place.spec("x"), place.wait()).await.unwrap_err();
    assert!(error.fault().is_some(), "{error:?}");
    place.clear().await;
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn snapshots_are_taken_and_removed() {
    let place = Place::new().await;
    let vms = place.client.virtual_machines();
    let vm = place.create(&unique("snapshots")).await;
    let first = vms.create_snapshot(&vm, "first", "d", false, false, place.wait()).await.unwrap();
    let second = vms.create_snapshot(&vm, "second", "", false, false, place.wait()).await.unwrap();
    let read = vms.get(&vm).await.unwrap();
    let paths: Vec<String> = read.snapshots().into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["/first", "/first/second"]);
    vms.remove_snapshot(&first, false, true, place.wait()).await.unwrap();
    let read = vms.get(&vm).await.unwrap();
    assert_eq!(read.snapshots().into_iter().map(|(path, _)| path).collect::<Vec<_>>(), ["/second"]);
    vms.revert_to_snapshot(&second, true, place.wait()).await.unwrap();
    assert_eq!(vms.get(&vm).await.unwrap().snapshot.unwrap().current_snapshot, Some(second));
    vms.remove_all_snapshots(&vm, true, place.wait()).await.unwrap();
    assert!(vms.get(&vm).await.unwrap().snapshots().is_empty());
    place.clear().await;
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn the_last_seen_state_is_reported() {
    let place = Place::new().await;
    let vms = place.client.virtual_machines();
    let vm = place.create(&unique("waiting")).await;
    // A guest without tools.
    let value = Some(Any::String("none".to_owned()));
    let spec = VirtualMachineConfigSpec {
        extra_config: vec![OptionValue { key: "sim.tools".to_owned(), value }],
        ..Default::default()
    };
    vms.reconfigure(&vm, spec, place.wait()).await.unwrap();
    let any = WaitFor::Network { routable: false };
    let none = AddressFilter::default();
    let off = vms.wait_for_guest(&vm, &any, &none, place.wait()).await.unwrap().unwrap_err();
    assert_eq!(off.to_string(), "the virtual machine is poweredOff");
    vms.power_on(&vm, None, place.wait()).await.unwrap();
    let short = place.wait().within(Duration::from_millis(300));
    let seen = vms.wait_for_guest(&vm, &any, &none, short).await.unwrap().unwrap_err();
    eprintln!("{seen}");
    assert!(seen.to_string().contains("guest tools"), "{seen}");

    // An address comes while someone waits.
    let come = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let value = Some(Any::String("10.0.0.5".to_owned()));
        let spec = VirtualMachineConfigSpec {
            extra_config: vec![OptionValue { key: "SET.guest.ipAddress".to_owned(), value }],
            ..Default::default()
        };
        vms.reconfigure(&vm, spec, place.wait()).await.unwrap();
    };
    let wait = place.wait();
    let (seen, ()) = tokio::join!(vms.wait_for_guest(&vm, &WaitFor::Address, &none, wait), come);
    assert_eq!(seen.unwrap().unwrap(), ["10.0.0.5".parse::<std::net::IpAddr>().unwrap()]);
    place.clear().await;
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn customization_is_watched_by_its_events() {
    let place = Place::new().await;
    let vms = place.client.virtual_machines();
    let vm = place.create(&unique("customized")).await;
    let since = vms.server_time().await.unwrap();
    let identity = CustomizationLinuxPrep {
        host_name: CustomizationFixedName { name: "web".to_owned(), ..Default::default() }.into(),
        domain: "example.com".to_owned(),
        ..Default::default()
    };
    let spec = CustomizationSpec {
        identity: identity.into(),
        global_ip_settings: CustomizationGlobalIPSettings::default(),
        ..Default::default()
    };
    // One adapter, and settings for none.
    let error = vms.customize(&vm, spec.clone(), place.wait()).await.unwrap_err();
    assert_eq!(error.fault().map(|f| f.name.as_str()), Some("NicSettingMismatch"), "{error:?}");
    let mut spec = spec;
    let adapter =
        CustomizationIPSettings { ip: CustomizationDhcpIpGenerator::default().into(), ..Default::default() };
    spec.nic_setting_map = vec![CustomizationAdapterMapping { adapter, ..Default::default() }];
    vms.customize(&vm, spec, place.wait()).await.unwrap();
    vms.power_on(&vm, None, place.wait()).await.unwrap();
    let events = vms.events_since(&vm, &since).await.unwrap();
    assert!(events.iter().any(|e| e.ty == "VmPoweredOnEvent"), "{events:?}");
    let short = place.wait().within(Duration::from_secs(1));
    match vms.wait_for_customization(&vm, &since, short).await.unwrap() {
        CustomizationOutcome::Succeeded => {}
        CustomizationOutcome::TimedOut { events, .. } => assert!(!events.is_empty()),
        other => panic!("{other:?}"),
    }
    place.clear().await;
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn hosts_tell_what_they_can_do() {
    let client = connect().await;
    let cluster = client.find().object_by_name(Kind::Cluster, "DC0_C0", None).await.unwrap().object;
    let vms = client.virtual_machines();
    let browser = vms.environment_of(&cluster).await.unwrap().unwrap();
    let versions = vms.hardware_versions(&browser).await.unwrap();
    assert!(versions.iter().all(|v| v.key.parse::<HardwareVersion>().is_ok()), "{versions:?}");
    let query = ConfigOptionQuery { guest_ids: vec!["otherLinux64Guest".to_owned()], ..Default::default() };
    match vms.config_option(&browser, &query).await {
        Ok(option) => assert!(!option.unwrap().version.is_empty()),
        Err(error) => assert_eq!(error.fault_kind(), Some(&FaultKind::NotSupported), "{error:?}"),
    }
    client.logout().await.unwrap();
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn storage_drs_says_where_and_does_it() {
    let place = Place::new().await;
    let (vms, find) = (place.client.virtual_machines(), place.client.find());
    let pods = find.all(Kind::StoragePod, None).await.unwrap();
    let stores = find.all(Kind::Datastore, None).await.unwrap();
    // The tests beside this one need the first datastore where it is.
    let (Some(pod), Some(store)) = (pods.first(), stores.iter().find(|s| s.name == "LocalDS_1")) else {
        eprintln!(
            "SKIPPED: no datastore cluster, or no second datastore (start the simulator with -pod 1 -ds 2)"
        );
        return place.clear().await;
    };
    let pod = &pod.object;
    let spec = place.spec(&unique("placed"));
    let disks = DiskPlacement::added(&spec.device_change, pod);
    assert_eq!(disks.len(), 2);
    let (folder, pool) = (&place.folder, &place.pool);
    let none = vms.recommend_create(folder, pool, None, pod, &disks, spec.clone()).await.unwrap_err();
    assert!(none.is_not_found(), "{none:?}");

    let stores = std::slice::from_ref(&store.object);
    place.client.folders().move_into(pod, stores, MINUTE, &place.cancel).await.unwrap();
    let enable = ConfigureStorageDrsForPodTask {
        this: place.client.service_content().storage_resource_manager.clone().unwrap(),
        pod: pod.clone(),
        spec: StorageDrsConfigSpec {
            pod_config_spec: Some(Box::new(StorageDrsPodConfigSpec {
                enabled: Some(true),
                ..Default::default()
            })),
            ..Default::default()
        },
        modify: true,
    };
    let task = place.client.call(&enable).await.unwrap();
    place.client.tasks().wait(&task, MINUTE, &place.cancel).await.unwrap();

    let found = vms.recommend_create(folder, pool, None, pod, &disks, spec).await.unwrap();
    assert_eq!(found[0].datastore.as_ref(), Some(&store.object));
    let vm = vms.apply(&found[0], place.wait()).await.unwrap().unwrap();
    assert_eq!(vms.get(&vm).await.unwrap().home().unwrap().datastore, "LocalDS_1");

    let clone = VirtualMachineCloneSpec {
        location: VirtualMachineRelocateSpec { pool: Some(pool.clone()), ..Default::default() },
        ..Default::default()
    };
    let found = vms.recommend_clone(&vm, folder, &unique("clone"), pod, &[], clone).await.unwrap();
    let cloned = vms.apply(&found[0], place.wait()).await.unwrap().unwrap();
    assert_ne!(cloned, vm);

    let controller = vms.get(&vm).await.unwrap().devices().controller(Bus::Scsi, 0).unwrap().key;
    let spec = change(|c| assert!(c.create("disk 4", disk(controller, 4, "[]", 1 << 20)) < 0));
    let disks = DiskPlacement::added(&spec.device_change, pod);
    let found = vms.recommend_reconfigure(&vm, &disks, spec).await.unwrap();
    vms.apply(&found[0], place.wait()).await.unwrap();
    let devices = vms.get(&vm).await.unwrap().devices();
    let added = Disk::of(devices.at(Address::new(Bus::Scsi, 0, 4)).unwrap()).unwrap();
    assert_eq!(added.backing().unwrap().path().unwrap().datastore, "LocalDS_1");

    // One that the server has forgotten.
    let forgotten = Recommendation { key: "there is none".to_owned(), ..found[0].clone() };
    let error = vms.apply(&forgotten, place.wait()).await.unwrap_err();
    assert!(matches!(error.fault_kind(), Some(FaultKind::InvalidArgument { .. })), "{error:?}");
    place.clear().await;
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn policies_are_found_given_and_read_back() {
    let place = Place::new().await;
    let (vms, policies) = (place.client.virtual_machines(), place.client.policies());
    let before = place.client.request_count();
    let all = policies.list().await.unwrap();
    assert!(all.len() > 1 && all.iter().all(|p| !p.id.is_empty() && !p.name.is_empty()), "{all:?}");
    assert_eq!(place.client.request_count() - before, 3);
    assert_eq!(policies.find(&all[0].name).await.unwrap().as_ref(), Some(&all[0]));
    assert_eq!(policies.find("there is none").await.unwrap(), None);

    let given = |id: &str| -> Vec<VirtualMachineProfileSpecKind> {
        vec![VirtualMachineDefinedProfileSpec { profile_id: id.to_owned(), ..Default::default() }.into()]
    };
    let mut spec = place.spec(&unique("policies"));
    spec.vm_profile = given(&all[0].id);
    for change in &mut spec.device_change {
        if matches!(change.device, VirtualDeviceKind::VirtualDisk(_)) {
            change.profile = given(&all[1].id);
            break;
        }
    }
    let vm = vms.create(&place.folder, &place.pool, None, spec, place.wait()).await.unwrap();
    let keys: Vec<i32> = vms.get(&vm).await.unwrap().devices().disks().iter().map(|(_, d)| d.key()).collect();
    let asked = [
        ProfileRef::Home(vm.clone()),
        ProfileRef::Disk(vm.clone(), keys[0]),
        ProfileRef::Disk(vm.clone(), keys[1]),
        ProfileRef::Disk(vm.clone(), 1),
        ProfileRef::Home(MoRef::new("VirtualMachine", "vm-987654")),
    ];
    let before = place.client.request_count();
    let found = policies.associated(&asked).await.unwrap();
    assert_eq!(place.client.request_count() - before, 1);
    assert_eq!(found.get(&asked[0]).unwrap(), &[all[0].id.clone()]);
    assert_eq!(found.get(&asked[1]).unwrap(), &[all[1].id.clone()]);
    assert_eq!(found.get(&asked[2]).unwrap(), &[] as &[String]);
    assert_eq!((found.get(&asked[3]), found.get(&asked[4])), (None, None));
    // Who asks at the same time shares the request.
    let before = place.client.request_count();
    for found in
        futures_util::future::join_all(asked.iter().map(|one| policies.associated(std::slice::from_ref(one))))
            .await
    {
        assert!(found.unwrap().len() < 2);
    }
    assert_eq!(place.client.request_count() - before, 1);

    // Another session does as well.
    let this = place.client.service_content().session_manager.clone().unwrap();
    place.client.call(&Logout { this }).await.unwrap();
    assert_eq!(policies.list().await.unwrap(), all);
    place.clear().await;
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn devices_of_stock_machines_are_read() {
    let client = connect().await;
    for found in client.find().all(Kind::VirtualMachine, None).await.unwrap().into_iter().take(3) {
        let Ok(vm) = client.virtual_machines().get(&found.object).await else { continue };
        let devices: Devices = vm.devices();
        assert!(devices.iter().count() > 5);
        assert!(devices.nics().iter().all(|n| n.mac().is_some()));
    }
    client.logout().await.unwrap();
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn what_plugs_in_is_added_changed_and_removed() {
    let place = Place::new().await;
    let Place { client, datacenter, .. } = &place;
    let vms = client.virtual_machines();
    let networks = client.find().all(Kind::Network, Some(datacenter)).await.unwrap();
    let standard = networks.iter().find(|n| n.name == "VM Network").unwrap().object.clone();
    let group = networks.iter().find(|n| n.name == "DC0_DVPG0").unwrap().object.clone();
    let missing = MoRef::new("Network", "network-9999");
    let before = client.request_count();
    let asked = [standard.clone(), group.clone(), missing, standard.clone()];
    let found = client.networks().connections(&asked).await.unwrap();
    // The first read goes out at once, the others together; then the switches.
    assert!(client.request_count() - before <= 3, "{}", client.request_count() - before);
    assert!(matches!(&found[0], Some(Connection::Standard { network: Some(n), .. }) if *n == standard));
    let distributed = found[1].clone().unwrap();
    let Connection::Distributed { switch_uuid, portgroup_key, .. } = &distributed else {
        panic!("{distributed:?}")
    };
    assert!(!switch_uuid.is_empty());
    assert_eq!(portgroup_key.as_deref(), Some(&*group.id));
    assert_eq!((&found[2], &found[3]), (&None, &found[0]));

    let vm = place.create(&unique("plugs")).await;
    let hardware = vms.get(&vm).await.unwrap().devices();
    let nic = hardware.nics()[0].key();
    assert!(hardware.address_text(hardware.by_key(nic).unwrap()).is_some_and(|a| a.starts_with("pci:0:")));
    let mut card = hardware.by_key(nic).unwrap().clone();
    ethernet_mut(&mut card).unwrap().base.backing = distributed.backing().map(Box::new);
    let mut changes = DeviceChanges::default();
    changes.edit("the interface", card);
    let client_drive = Medium::Client { passthrough: true, device: String::new() };
    let ide = hardware.controller(Bus::Ide, 0).unwrap().key;
    changes.add("the drive", new_cdrom(0, ide, 0, &client_drive));
    changes.add("the module", new_tpm(0));
    changes.add("the share", Passthrough::SharedGraphics("grid_t4-4q".to_owned()).device(0).unwrap());
    let mut sriov = new_nic(AdapterType::Sriov, 0, found[0].as_ref().unwrap(), None);
    set_physical_function(&mut sriov, "0000:3b:00.0");
    changes.add("a function", sriov);
    let spec = VirtualMachineConfigSpec { device_change: changes.finish().0, ..Default::default() };
    vms.reconfigure(&vm, spec, place.wait()).await.unwrap();
    let devices = vms.get(&vm).await.unwrap().devices();
    assert!(devices.nics()[0].connection().unwrap().same_network(&distributed));
    assert_eq!(devices.cdroms()[0].1.medium(), client_drive);
    assert!(devices.iter().any(|d| matches!(d, VirtualDeviceKind::VirtualTPM(_))));
    let shared = devices.iter().filter_map(Passthrough::of).collect::<Vec<_>>();
    assert_eq!(shared, [Passthrough::SharedGraphics("grid_t4-4q".to_owned())]);
    assert_eq!(devices.iter().filter_map(physical_function).collect::<Vec<_>>(), ["0000:3b:00.0"]);

    let mut card = devices.iter().find_map(VideoCard::of).unwrap();
    card.num_displays = Some(2);
    card.video_ram_size_in_kb = Some(8192);
    let mut changes = DeviceChanges::default();
    changes.edit("the card", card.clone().into_device());
    let spec = VirtualMachineConfigSpec { device_change: changes.finish().0, ..Default::default() };
    vms.reconfigure(&vm, spec, place.wait()).await.unwrap();
    let read = vms.get(&vm).await.unwrap().devices().iter().find_map(VideoCard::of).unwrap();
    assert_eq!((read.num_displays, read.video_ram_size_in_kb), (Some(2), Some(8192)));

    let host = vms.get(&vm).await.unwrap().host.unwrap();
    let compute = place.client.properties().get::<Owned>(&host).await.unwrap().parent.unwrap();
    let browser = vms.environment_of(&compute).await.unwrap().unwrap();
    let target = vms.config_target(&browser, Some(&host)).await.unwrap().unwrap();
    let offered = target.pci_passthrough.iter().filter_map(|i| i.base());
    assert!(offered.filter(|i| !i.system_id.is_empty()).any(|i| i.pci_device.id == "0000:00:0f.0"));
    place.clear().await;
}
