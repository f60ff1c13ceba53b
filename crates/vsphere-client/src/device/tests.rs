#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;

use proptest::prelude::*;
use vim_types::types::{
    ID, VirtualDeviceConfigSpecOperation as Operation, VirtualDeviceFileBackingInfo, VirtualDisk,
    VirtualDiskFlatVer2BackingInfo, VirtualDiskLocalPMemBackingInfo,
    VirtualDiskRawDiskMappingVer1BackingInfo, VirtualDiskSeSparseBackingInfo, VirtualMachineConfigInfo,
    VirtualPCIPassthroughAllowedDevice, VirtualSCSISharing,
};
use vim_types::xml::{Dyn, MoRef, Reader, Value as _};

use super::*;
use crate::error::Fault;

fn disk(key: i32, controller: i32, unit: i32, file: &str) -> VirtualDeviceKind {
    VirtualDisk {
        base: VirtualDevice {
            key,
            controller_key: Some(controller),
            unit_number: Some(unit),
            backing: Some(Box::new(flat(file, None).into())),
            ..Default::default()
        },
        capacity_in_kb: 1024,
        ..Default::default()
    }
    .into()
}

fn flat(file: &str, parent: Option<VirtualDiskFlatVer2BackingInfo>) -> VirtualDiskFlatVer2BackingInfo {
    VirtualDiskFlatVer2BackingInfo {
        base: VirtualDeviceFileBackingInfo {
            file_name: file.to_owned(),
            datastore: Some(MoRef::new("Datastore", "datastore-1")),
            ..Default::default()
        },
        disk_mode: "persistent".to_owned(),
        parent: parent.map(Box::new),
        ..Default::default()
    }
}

fn controller(ty: ControllerType, key: i32, number: i32) -> VirtualDeviceKind {
    ty.device(key, number, VirtualSCSISharing::NoSharing)
}

/// A machine as a server shows it: a serial port and a USB controller are types that are not generated.
const CONFIG: &str = r#"<val xmlns:xsi="i" xsi:type="VirtualMachineConfigInfo"><name>web</name><version>vmx-19</version><uuid>4210</uuid>
<hardware><numCPU>2</numCPU><memoryMB>1024</memoryMB>
<device xsi:type="VirtualIDEController"><key>200</key><busNumber>0</busNumber></device>
<device xsi:type="ParaVirtualSCSIController"><key>1000</key><deviceInfo><label>SCSI controller 0</label><summary>x</summary></deviceInfo><busNumber>0</busNumber><device>2000</device><sharedBus>noSharing</sharedBus><scsiCtlrUnitNumber>7</scsiCtlrUnitNumber></device>
<device xsi:type="VirtualSerialPort"><key>9000</key><deviceInfo><label>Serial port 1</label><summary>x</summary></deviceInfo><controllerKey>400</controllerKey><unitNumber>0</unitNumber><yieldOnPoll>true</yieldOnPoll></device>
<device xsi:type="VirtualUSBXHCIController"><key>14000</key><controllerKey>100</controllerKey><unitNumber>23</unitNumber><busNumber>0</busNumber></device>
<device xsi:type="VirtualDeviceOfTheFuture"><key>20000</key><controllerKey>1000</controllerKey><unitNumber>3</unitNumber></device>
<device xsi:type="VirtualDisk"><key>2000</key><deviceInfo><label>Hard disk 1</label><summary>x</summary></deviceInfo><backing xsi:type="VirtualDiskFlatVer2BackingInfo"><fileName>[ds] web/web-000001.vmdk</fileName><datastore type="Datastore">datastore-1</datastore><diskMode>persistent</diskMode><thinProvisioned>true</thinProvisioned><uuid>6000C29A-AAAA</uuid><parent><fileName>[ds] web/web.vmdk</fileName><diskMode>persistent</diskMode></parent><sharing>sharingNone</sharing></backing><controllerKey>1000</controllerKey><unitNumber>0</unitNumber><capacityInKB>1048576</capacityInKB><capacityInBytes>1073741824</capacityInBytes></device>
<device xsi:type="VirtualDisk"><key>2001</key><backing xsi:type="VirtualDiskOfTheFuture"><fileName>[ds] fcd/abc.vmdk</fileName><uuid>6000c29b</uuid><diskMode>independent_persistent</diskMode></backing><controllerKey>1000</controllerKey><unitNumber>1</unitNumber><capacityInKB>1024</capacityInKB><vDiskId><id>fcd-1</id></vDiskId></device>
<device xsi:type="VirtualVmxnet3"><key>4000</key><backing xsi:type="VirtualEthernetCardDistributedVirtualPortBackingInfo"><port><switchUuid>50 3a aa bb cc dd ee ff-00 11 22 33 44 55 66 77</switchUuid><portgroupKey>dvportgroup-7</portgroupKey><portKey>12</portKey><connectionCookie>1</connectionCookie></port></backing><connectable><startConnected>true</startConnected><allowGuestControl>true</allowGuestControl><connected>true</connected></connectable><controllerKey>100</controllerKey><unitNumber>7</unitNumber><addressType>assigned</addressType><macAddress>00:50:56:AA:BB:CC</macAddress></device>
<device xsi:type="VirtualCdrom"><key>3000</key><backing xsi:type="VirtualCdromIsoBackingInfo"><fileName>[ds] iso/a.iso</fileName></backing><controllerKey>200</controllerKey><unitNumber>0</unitNumber></device>
</hardware></val>"#;

fn machine() -> Devices {
    let mut config = VirtualMachineConfigInfo::default();
    let mut reader = Reader::new(CONFIG);
    assert!(reader.next_child().unwrap());
    config.read(&mut reader).unwrap();
    assert_eq!(config.version, "vmx-19");
    Devices::new(config.hardware.device)
}

#[test]
fn a_machine_of_a_server_is_understood() {
    let devices = machine();
    let disks = devices.disks();
    assert_eq!(disks.len(), 2);
    let (address, first) = disks[0];
    let backing = first.backing().unwrap();
    assert_eq!(address.unwrap().to_string(), "scsi:0:0");
    assert_eq!((first.key(), first.capacity()), (2000, 1 << 30));
    assert_eq!(
        (backing.format, backing.thin, backing.sharing),
        (DiskFormat::Flat, Some(true), Some("sharingNone"))
    );
    assert_eq!((backing.file, backing.base_file()), ("[ds] web/web-000001.vmdk", "[ds] web/web.vmdk"));
    assert_eq!(devices.disk_by_uuid("6000c29A-aaaa").unwrap().key(), 2000);

    // A backing of another kind still says what most have.
    let (_, second) = disks[1];
    assert_eq!(second.backing().unwrap().format, DiskFormat::Other);
    assert_eq!(second.uuid().as_deref(), Some("6000c29b"));
    assert_eq!((second.first_class_id(), second.capacity()), (Some("fcd-1"), 1 << 20));

    let nic = devices.nic_by_mac("00:50:56:aa:bb:cc").unwrap();
    assert_eq!(
        (nic.ty, nic.key(), nic.static_mac(), nic.connected()),
        (Some(AdapterType::Vmxnet3), 4000, false, true)
    );
    let same = Connection::Distributed {
        switch_uuid: "503aaabb-ccdd-eeff-0011-223344556677".to_owned(),
        portgroup_key: Some("dvportgroup-7".to_owned()),
        port_key: None,
    };
    assert!(nic.connection().unwrap().same_network(&same));

    let (address, cdrom) = devices.cdroms()[0];
    assert_eq!(address.unwrap().to_string(), "ide:0:0");
    assert_eq!(cdrom.medium(), Medium::Iso { file: "[ds] iso/a.iso".to_owned(), datastore: None });

    // A device of an unknown type keeps its position, its name and its content.
    let serial = devices.by_key(9000).unwrap();
    assert_eq!((type_name(serial), label(serial)), ("VirtualSerialPort", "Serial port 1"));
    let units: Vec<i32> =
        devices.free_addresses(Bus::Scsi, HardwareVersion(13)).into_iter().map(|a| a.unit).take(4).collect();
    assert_eq!(units, [2, 4, 5, 6]);
    assert_eq!(type_name(devices.at("scsi:0:3".parse().unwrap()).unwrap()), "VirtualDeviceOfTheFuture");
}

#[test]
fn devices_are_described() {
    let devices = machine();
    let described: Vec<String> = devices.iter().map(|d| devices.describe(d)).collect();
    assert_eq!(
        described,
        [
            "the controller ide:0",
            "the controller scsi:0",
            "the device \"Serial port 1\"",
            "the device 14000 (VirtualUSBXHCIController)",
            "the device 20000 (VirtualDeviceOfTheFuture)",
            "the disk at scsi:0:0 ([ds] web/web-000001.vmdk)",
            "the disk at scsi:0:1 ([ds] fcd/abc.vmdk)",
            "the network interface 00:50:56:aa:bb:cc to dvportgroup-7",
            "the CD-ROM drive at ide:0:0 ([ds] iso/a.iso)",
        ]
    );
}

#[test]
fn what_is_passed_through_is_kept() {
    for passthrough in [
        Passthrough::Device {
            id: "0000:3b:00.0".to_owned(),
            device_id: "1eb8".to_owned(),
            system_id: "5e3f".to_owned(),
            vendor_id: 4318,
        },
        Passthrough::Dynamic {
            allowed: vec![VirtualPCIPassthroughAllowedDevice {
                vendor_id: 4318,
                device_id: 7864,
                ..Default::default()
            }],
            label: Some("gpu".to_owned()),
            assigned: None,
        },
        Passthrough::SharedGraphics("grid_v100-4q".to_owned()),
    ] {
        let device = passthrough.device(-3).unwrap();
        assert_eq!((Passthrough::of(&device), key(&device)), (Some(passthrough), -3));
    }
    assert_eq!(Passthrough::of(&disk(1, 2, 3, "")), None);
    assert_eq!(Passthrough::Other(String::new()).device(-1), None);
}

#[test]
fn what_is_read_is_written_again() {
    use vim_types::xml::{ApiVersion, Write as _, Writer};
    for device in &machine() {
        let mut writer = Writer::new(ApiVersion::new([8, 0, 2, 0]));
        device.write(&mut writer, "device");
        let text = format!("<r xmlns:xsi=\"i\">{}</r>", writer.finish().unwrap());
        let mut reader = Reader::new(&text);
        assert!(reader.next_child().unwrap() && reader.next_child().unwrap());
        let mut again = VirtualDeviceKind::default();
        again.read(&mut reader).unwrap();
        assert_eq!(&again, device, "{text}");
    }
}

#[test]
fn addresses_are_checked() {
    for (text, expected) in [
        ("scsi:0:3", Ok(Address::new(Bus::Scsi, 0, 3))),
        ("SCSI:3:64", Ok(Address::new(Bus::Scsi, 3, 64))),
        ("sata:1:2", Ok(Address::new(Bus::Sata, 1, 2))),
        ("nvme:0:0", Ok(Address::new(Bus::Nvme, 0, 0))),
        ("ide:1:0", Ok(Address::new(Bus::Ide, 1, 0))),
        ("scsi:0:7", Err("scsi:0:7: unit 7 is the SCSI controller itself")),
        ("scsi:4:0", Err("scsi:4:0: scsi controllers are numbered 0 to 3")),
        ("ide:2:0", Err("ide:2:0: ide controllers are numbered 0 to 1")),
        ("scsi:0:65", Err("scsi:0:65: units of scsi controllers are 0 to 64")),
        ("sata:0:30", Err("sata:0:30: units of sata controllers are 0 to 29")),
        ("usb:0:0", Err("\"usb\" is not a bus: scsi, sata, nvme or ide")),
        ("scsi:0", Err("\"scsi:0\" is not bus:controller:unit, such as scsi:0:3")),
        ("scsi:0:0:0", Err("\"scsi:0:0:0\" is not bus:controller:unit, such as scsi:0:3")),
        ("scsi:+1:0", Err("\"scsi:+1:0\" is not bus:controller:unit, such as scsi:0:3")),
        ("scsi:-1:0", Err("\"scsi:-1:0\" is not bus:controller:unit, such as scsi:0:3")),
        ("scsi::0", Err("\"scsi::0\" is not bus:controller:unit, such as scsi:0:3")),
        ("", Err("\"\" is not bus:controller:unit, such as scsi:0:3")),
        ("scsi:99999999999:0", Err("\"scsi:99999999999:0\" is not bus:controller:unit, such as scsi:0:3")),
    ] {
        let parsed = text.parse::<Address>().map_err(|e| e.to_string());
        assert_eq!(parsed, expected.map_err(str::to_owned), "{text}");
    }
}

#[test]
fn controllers_have_their_units() {
    use ControllerType as T;
    for (ty, hardware, count, highest) in [
        (T::ParaVirtual, 13, 15, 15),
        (T::ParaVirtual, 14, 64, 64),
        (T::LsiLogic, 21, 15, 15),
        (T::LsiLogicSas, 21, 15, 15),
        (T::BusLogic, 21, 15, 15),
        (T::Ahci, 10, 30, 29),
        (T::Nvme, 20, 15, 14),
        (T::Nvme, 21, 64, 63),
        (T::Ide, 7, 2, 1),
    ] {
        let units: Vec<i32> = ty.units(HardwareVersion(hardware)).collect();
        assert_eq!((units.len(), *units.last().unwrap()), (count, highest), "{ty} {hardware}");
        assert!(ty.bus() != Bus::Scsi || !units.contains(&SCSI_CONTROLLER_UNIT));
        assert!(highest <= ty.bus().highest_unit());
    }
}

#[test]
fn types_have_names_and_devices() {
    for ty in ControllerType::ALL {
        assert_eq!(ControllerType::from_name(ty.name()), Some(ty));
        let device = controller(ty, -1, 2);
        let read = Controller::of(&device).unwrap();
        assert_eq!((read.ty, read.number, read.key, key(&device)), (ty, 2, -1, -1));
        assert_eq!(read.sharing.is_some(), ty.bus() == Bus::Scsi);
    }
    let network = Connection::Standard { network: None, name: "VM Network".to_owned() };
    for ty in AdapterType::ALL {
        assert_eq!(AdapterType::from_name(ty.name()), Some(ty));
        let mut device = new_nic(ty, -5, &network, Some("00:50:56:00:00:01"));
        let nic = Nic::of(&device).unwrap();
        assert_eq!((nic.ty, nic.key(), nic.static_mac()), (Some(ty), -5, true));
        assert_eq!(nic.connection(), Some(network.clone()));
        ethernet_mut(&mut device).unwrap().mac_address = None;
        device_mut(&mut device).unwrap().key = -6;
        assert_eq!((Nic::of(&device).unwrap().mac(), key(&device)), (None, -6));
    }
    for medium in [
        Medium::Iso { file: "[ds] a.iso".to_owned(), datastore: None },
        Medium::Client { passthrough: true, device: String::new() },
        Medium::Client { passthrough: false, device: "d".to_owned() },
        Medium::Host { passthrough: true, device: "d".to_owned() },
        Medium::Host { passthrough: false, device: "d".to_owned() },
    ] {
        let device = new_cdrom(-7, 200, 1, &medium);
        assert_eq!(Cdrom::of(&device).unwrap().medium(), medium);
        let connected = device.base().unwrap().connectable.as_deref().unwrap().start_connected;
        assert_eq!(connected, !matches!(medium, Medium::Client { .. }));
    }
}

#[test]
fn hardware_versions_are_ordered_as_numbers() {
    let version = |text: &str| text.parse::<HardwareVersion>().unwrap();
    assert!(version("vmx-9") < version("vmx-10"));
    assert_eq!(version("vmx-09").to_string(), "vmx-09");
    assert!("vmx-".parse::<HardwareVersion>().is_err());
}

#[test]
fn connections_lead_to_the_same_network_or_not() {
    let standard = |id: Option<&str>, name: &str| Connection::Standard {
        network: id.map(|id| MoRef::new("Network", id)),
        name: name.to_owned(),
    };
    let group = |key: Option<&str>, port: Option<&str>| Connection::Distributed {
        switch_uuid: "50 01".to_owned(),
        portgroup_key: key.map(str::to_owned),
        port_key: port.map(str::to_owned),
    };
    let opaque = |id: &str| Connection::Opaque { id: id.to_owned(), ty: "nsx.LogicalSwitch".to_owned() };
    for (a, b, expected) in [
        (standard(Some("n1"), "a"), standard(Some("n1"), "renamed"), true),
        (standard(Some("n1"), "a"), standard(Some("n2"), "a"), false),
        (standard(None, "a"), standard(Some("n2"), "a"), true),
        (group(Some("g"), None), group(Some("g"), Some("7")), true),
        (group(Some("g"), None), group(Some("h"), None), false),
        (group(None, Some("7")), group(None, Some("7")), true),
        (group(None, Some("7")), group(None, Some("8")), false),
        (opaque("x"), opaque("x"), true),
        (opaque("x"), opaque("y"), false),
        (opaque("x"), standard(None, "x"), false),
    ] {
        assert_eq!(a.same_network(&b), expected, "{a:?} {b:?}");
        assert_eq!(b.same_network(&a), expected, "{b:?} {a:?}");
    }
}

#[test]
fn paths_are_read_as_written() {
    for (text, datastore, folder, file) in [
        ("[ds] a/b.vmdk", "ds", "a", "b.vmdk"),
        ("[ds 1] a/b/c.vmdk", "ds 1", "a/b", "c.vmdk"),
        ("[ds] b.vmdk", "ds", "", "b.vmdk"),
        ("[ds] /a/b].vmdk", "ds", "a", "b].vmdk"),
        ("[ds]", "ds", "", ""),
    ] {
        let path: DatastorePath = text.parse().unwrap();
        assert_eq!((path.datastore.as_str(), path.folder(), path.file()), (datastore, folder, file));
    }
    for text in ["", "a/b.vmdk", "[ds a/b", "[] a"] {
        assert!(text.parse::<DatastorePath>().is_err(), "{text}");
    }
}

#[test]
fn foreign_disks_are_recognized() {
    let home: DatastorePath = "[ds] web/web.vmx".parse().unwrap();
    let signs = |file: &str, id: Option<&str>| {
        let mut device = disk(2000, 1000, 0, file);
        if let VirtualDeviceKind::VirtualDisk(d) = &mut device {
            d.v_disk_id = id.map(|id| Box::new(ID { id: id.to_owned() }));
        }
        Disk::of(&device).unwrap().foreign_signs(Some(&home))
    };
    assert_eq!(signs("[ds] web/web_1.vmdk", None), []);
    assert_eq!(signs("[other] web/web_1.vmdk", None), []);
    assert_eq!(signs("[ds] web/web_1.vmdk", Some("")), []);
    assert_eq!(signs("[ds]", None), []);
    let volume = |file: &str| ForeignSign::VolumeFolder(file.to_owned());
    let fcd = "[ds] fcd/0815.vmdk";
    assert_eq!(signs(fcd, Some("id-1")), [ForeignSign::FirstClassDisk("id-1".to_owned()), volume(fcd)]);
    assert_eq!(signs("[ds] kubevols/x.vmdk", None), [volume("[ds] kubevols/x.vmdk")]);
    assert_eq!(signs("[ds] web/pvc-1.vmdk", None), [volume("[ds] web/pvc-1.vmdk")]);
    let other = "[ds] proxy/proxy.vmdk";
    assert_eq!(signs(other, None), [ForeignSign::OtherFolder(other.to_owned())]);

    // A linked clone writes at home; whose the base is says the base.
    let device = VirtualDisk {
        base: VirtualDevice {
            backing: Some(Box::new(
                flat("[ds] web/web-000001.vmdk", Some(flat("[ds] fcd/base.vmdk", None))).into(),
            )),
            ..Default::default()
        },
        ..Default::default()
    };
    assert_eq!(Disk { device: &device }.foreign_signs(Some(&home)), [volume("[ds] fcd/base.vmdk")]);
}

#[test]
fn all_formats_tell_what_they_have() {
    let file = |name: &str| VirtualDeviceFileBackingInfo { file_name: name.to_owned(), ..Default::default() };
    let rdm = VirtualDiskRawDiskMappingVer1BackingInfo {
        base: file("[ds] a/rdm.vmdk"),
        lun_uuid: Some("lun".to_owned()),
        compatibility_mode: Some("physicalMode".to_owned()),
        ..Default::default()
    }
    .into();
    let rdm = DiskBacking::of(&rdm).unwrap();
    assert_eq!(
        (rdm.format, rdm.lun_uuid, rdm.compatibility_mode, rdm.mode),
        (DiskFormat::RawDeviceMapping, Some("lun"), Some("physicalMode"), None)
    );
    let parent = VirtualDiskSeSparseBackingInfo { base: file("[ds] a/a.vmdk"), ..Default::default() };
    let sparse = VirtualDiskSeSparseBackingInfo {
        base: file("[ds] a/a-1.vmdk"),
        parent: Some(Box::new(parent)),
        uuid: Some("u".to_owned()),
        ..Default::default()
    }
    .into();
    let sparse = DiskBacking::of(&sparse).unwrap();
    assert_eq!(
        (sparse.format, sparse.uuid, sparse.base_file()),
        (DiskFormat::SeSparse, Some("u"), "[ds] a/a.vmdk")
    );
    let pmem = VirtualDiskLocalPMemBackingInfo { base: file("[pmem] a/a.vmdk"), ..Default::default() }.into();
    assert_eq!(DiskBacking::of(&pmem).unwrap().format, DiskFormat::PersistentMemory);
    let nic = Connection::Opaque { id: "x".to_owned(), ty: "y".to_owned() }.backing().unwrap();
    assert_eq!(DiskBacking::of(&nic), None);
}

#[test]
fn the_blamed_change_is_found() {
    let field = |name: &str, text: &str| Dyn {
        children: vec![Dyn { name: name.into(), text: text.to_owned(), ..Default::default() }],
        ..Default::default()
    };
    for (fault, expected) in [
        (Fault::new("InvalidDeviceSpec", "", field("deviceIndex", "2")), Some(2)),
        (
            Fault::new(
                "InvalidArgument",
                "",
                field("invalidProperty", "spec.deviceChange[3].device.backing"),
            ),
            Some(3),
        ),
        (
            Fault::new("InvalidVmConfig", "", field("property", "configSpec.deviceChange[1].operation")),
            Some(1),
        ),
        (Fault::new("InvalidDeviceOperation", "Invalid operation for device '0'.", Dyn::default()), Some(0)),
        (Fault::new("InvalidArgument", "", field("invalidProperty", "name")), None),
        (Fault::new("GenericVmConfigFault", "The device '' is bad", Dyn::default()), None),
    ] {
        assert_eq!(blamed_change(&fault), expected, "{fault}");
    }
}

#[test]
fn files_are_destroyed_only_on_request() {
    use vim_types::types::VirtualDeviceConfigSpecFileOperation as FileOperation;
    let mut changes = DeviceChanges::default();
    changes.remove("kept", disk(2000, 1000, 0, "[ds] a"), Files::Keep);
    changes.remove("destroyed", disk(2001, 1000, 1, "[ds] b"), Files::Destroy);
    changes.edit("edited", disk(2002, 1000, 2, "[ds] c"));
    assert_eq!(changes.add("attached", disk(0, 1000, 3, "[ds] d")), -1);
    assert_eq!(changes.create("made", disk(-7, 1000, 4, "[ds]")), -7);
    // After a key of the caller's own, none comes twice.
    assert_eq!(changes.temporary_key(), -8);
    let (specs, about) = changes.finish();
    let operations: Vec<_> = specs.iter().map(|s| s.file_operation.clone()).collect();
    assert_eq!(about, ["kept", "destroyed", "edited", "attached", "made"]);
    assert_eq!(operations, [None, Some(FileOperation::Destroy), None, None, Some(FileOperation::Create)]);
}

/// Controllers of different buses and numbers, with which of their units are taken.
fn machines() -> impl Strategy<Value = (u32, Vec<(ControllerType, i32, BTreeSet<i32>)>)> {
    (7_u32..24).prop_flat_map(|hardware| {
        let one = move |ty: ControllerType| {
            let units: Vec<i32> = ty.units(HardwareVersion(hardware)).collect();
            let count = units.len();
            (Just(ty), proptest::sample::subsequence(units, 0..=count))
        };
        let slots: Vec<(Bus, i32)> =
            Bus::ALL.into_iter().flat_map(|bus| (0..bus.controllers()).map(move |n| (bus, n))).collect();
        let chosen =
            proptest::sample::subsequence(slots.clone(), 0..=slots.len()).prop_flat_map(move |slots| {
                slots
                    .into_iter()
                    .map(|(bus, number)| {
                        let types: Vec<ControllerType> =
                            ControllerType::ALL.into_iter().filter(|t| t.bus() == bus).collect();
                        proptest::sample::select(types)
                            .prop_flat_map(one)
                            .prop_map(move |(ty, units)| (ty, number, units.into_iter().collect()))
                    })
                    .collect::<Vec<_>>()
            });
        (Just(hardware), chosen)
    })
}

/// The devices of such a machine, in an order that says nothing.
fn build(machine: &[(ControllerType, i32, BTreeSet<i32>)], shuffle: u64) -> (Devices, Vec<Address>) {
    let (mut all, mut addresses, mut next) = (Vec::new(), Vec::new(), 2000);
    for (n, (ty, number, units)) in machine.iter().enumerate() {
        let controller_key = 1000 + n as i32;
        all.push(controller(*ty, controller_key, *number));
        for unit in units {
            all.push(disk(next, controller_key, *unit, "[ds] web/x.vmdk"));
            addresses.push(Address::new(ty.bus(), *number, *unit));
            next += 1;
        }
    }
    let len = all.len().max(1);
    all.rotate_left(shuffle as usize % len);
    if shuffle % 2 == 1 {
        all.reverse();
    }
    addresses.sort_unstable();
    (Devices::new(all), addresses)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn every_unit_is_taken_or_free((hardware, machine) in machines(), shuffle in any::<u64>()) {
        let hardware = HardwareVersion(hardware);
        let (devices, taken) = build(&machine, shuffle);
        let seen: Vec<Address> = devices.disks().into_iter().filter_map(|(address, _)| address).collect();
        prop_assert_eq!(&seen, &taken);
        for bus in Bus::ALL {
            let mut all: Vec<Address> = devices.free_addresses(bus, hardware);
            prop_assert!(all.is_sorted());
            prop_assert!(all.iter().all(|a| devices.at(*a).is_none()));
            all.extend(taken.iter().filter(|a| a.bus == bus));
            all.sort_unstable();
            let mut expected: Vec<Address> = machine.iter().filter(|(ty, ..)| ty.bus() == bus)
                .flat_map(|(ty, number, _)| ty.units(hardware).map(|u| Address::new(bus, *number, u)))
                .collect();
            expected.sort_unstable();
            prop_assert_eq!(all, expected);
            let used: BTreeSet<i32> = machine.iter().filter(|(ty, ..)| ty.bus() == bus).map(|m| m.1).collect();
            prop_assert_eq!(devices.free_controller(bus), (0..bus.controllers()).find(|n| !used.contains(n)));
        }
        for address in taken {
            let device = devices.at(address).unwrap();
            prop_assert_eq!(devices.address(device), Some(address));
            prop_assert_eq!(address.to_string().parse::<Address>().unwrap(), address);
        }
    }

    #[test]
    fn changes_come_in_an_order_that_works(kinds in proptest::collection::vec(0_u8..6, 0..20)) {
        let mut changes = DeviceChanges::default();
        let mut keys = BTreeSet::new();
        for (n, kind) in kinds.iter().enumerate() {
            let existing = 1000 + n as i32;
            let about = format!("{kind}:{n}");
            match kind {
                0 => changes.remove(about, disk(existing, 1, 0, "[ds] a"), Files::Keep),
                1 => changes.remove(about, controller(ControllerType::Ahci, existing, 0), Files::Keep),
                2 => { keys.insert(changes.add(about, controller(ControllerType::Ahci, 0, 0))); }
                3 => changes.edit(about, disk(existing, 1, 0, "[ds] a")),
                4 => { keys.insert(changes.create(about, disk(0, 1, 0, "[ds]"))); }
                _ => { keys.insert(changes.add(about, disk(0, 1, 0, "[ds] a"))); }
            }
        }
        prop_assert!(keys.iter().all(|k| *k < 0));
        prop_assert_eq!(keys.len(), kinds.iter().filter(|k| **k >= 2 && **k != 3).count());
        let (specs, about) = changes.finish();
        prop_assert_eq!(specs.len(), kinds.len());
        // Each word stays with its change, what was asked first comes first among equals, and nothing is
        // added before its address is free or before its controller.
        let order: Vec<(u8, usize)> = about.iter().map(|a| {
            let (kind, n) = a.split_once(':').unwrap();
            (kind.parse::<u8>().unwrap().min(4), n.parse().unwrap())
        }).collect();
        prop_assert!(order.is_sorted());
        for (spec, (kind, n)) in specs.iter().zip(&order) {
            let expected = match kind { 0 | 1 => Operation::Remove, 3 => Operation::Edit, _ => Operation::Add };
            prop_assert_eq!(spec.operation.as_ref(), Some(&expected));
            prop_assert!(matches!(kind, 2 | 4) || key(&spec.device) == 1000 + *n as i32);
        }
    }

    #[test]
    fn chains_are_followed_to_their_base(depth in 0_usize..30) {
        let name = |n: usize| format!("[ds] web/web-{n:06}.vmdk");
        let backing = (0..depth).fold(flat(&name(0), None), |below, n| flat(&name(n + 1), Some(below)));
        let backing = backing.into();
        let read = DiskBacking::of(&backing).unwrap();
        prop_assert_eq!(read.file, name(depth));
        prop_assert_eq!(read.base_file(), name(0));
        prop_assert_eq!(read.parents.len(), depth);
        let names: Vec<String> = (0..depth).rev().map(name).collect();
        prop_assert_eq!(read.parents, names);
    }

    #[test]
    fn any_text_is_a_path_or_refused(text in "\\PC{0,20}") {
        if let Ok(path) = text.parse::<DatastorePath>() {
            prop_assert_eq!(path.to_string().parse::<DatastorePath>().unwrap(), path);
        }
        if let Ok(address) = text.parse::<Address>() {
            prop_assert_eq!(address.to_string().parse::<Address>().unwrap(), address);
        }
    }
}
