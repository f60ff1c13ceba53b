//! `data.vsphere_virtual_machine`
mod devices;

use crate::common::guest_addresses::guest_addresses;
use crate::common::labels::Labels;
use crate::common::lookup::{self, Query};
use crate::common::moid::{self, MoId};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use devices::Scan;
use std::collections::BTreeMap;
use tf_framework::{AttributePath, DataCx, DataSource, Diagnostics, Model, Result, Value};
use vsphere_client::device::Devices;
use vsphere_client::vim::types::{
    ResourceAllocationInfo, VAppPropertyInfo, VirtualMachineConfigInfo, VirtualMachineSnapshotTree,
};
use vsphere_client::virtual_machine::VirtualMachine as Seen;
use vsphere_client::{ApiVersion, Kind, MoRef, custom_fields, unescape};

/// Finds a virtual machine or template and returns its configuration.
///
/// Set `uuid`, `moid` or `name` to identify the virtual machine. If several of them are set, the first in this order is
/// used. `datacenter_id` and `folder` narrow the search by name, and the `*_scan_count` arguments select the
/// controllers whose disks are returned. The other optional arguments are attributes of the virtual machine and need
/// not be set: if one is set, the configured value is returned.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_virtual_machine", category = "Virtual Machine")]
pub struct VirtualMachineModel {
    /// The BIOS UUID of the virtual machine.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name or inventory path of the virtual machine. A path is either absolute or relative to the virtual machine
    /// folder of the datacenter.
    #[tf(optional, check = lookup::name)]
    pub name: Value<String>,
    /// The managed object ID of the datacenter to search. If omitted, all datacenters are searched.
    #[tf(optional, form = lookup::datacenter_id)]
    pub datacenter_id: Value<String>,
    /// The path of the folder of the virtual machine. If set, the path is relative to the virtual machine folder of the
    /// datacenter, and only virtual machines directly in the folder at this path are searched. If omitted, the absolute
    /// inventory path of the folder, such as `/dc1/vm/templates`, is returned.
    #[tf(optional, computed)]
    pub folder: Value<String>,
    /// The BIOS UUID or instance UUID of the virtual machine to find. If omitted, the BIOS UUID is returned.
    #[tf(optional, computed)]
    pub uuid: Value<String>,
    /// The managed object ID of the virtual machine, such as `vm-42`.
    #[tf(optional, computed, form = MoId::<moid::VirtualMachine>::any_form)]
    pub moid: Value<String>,
    /// The instance UUID, which is unique in vCenter.
    #[tf(computed)]
    pub instance_uuid: Value<String>,
    /// The version identifier of the configuration, which changes with every configuration change.
    #[tf(computed)]
    pub change_version: Value<String>,
    /// The number of SCSI controllers to scan, starting at bus number 0, for `disks`, `scsi_type` and
    /// `scsi_bus_sharing`. Defaults to `1`.
    #[tf(optional, range(0, 4))]
    pub scsi_controller_scan_count: Value<i64>,
    /// The number of SATA controllers to scan for `disks`, starting at bus number 0. Defaults to `0`.
    #[tf(optional, range(0, 4))]
    pub sata_controller_scan_count: Value<i64>,
    /// The number of NVMe controllers to scan for `disks`, starting at bus number 0. Defaults to `1`.
    #[tf(optional, range(0, 4))]
    pub nvme_controller_scan_count: Value<i64>,
    /// The number of IDE controllers to scan for `disks`, starting at bus number 0. Defaults to `2`.
    #[tf(optional, range(0, 2))]
    pub ide_controller_scan_count: Value<i64>,
    /// The type of the scanned SCSI controllers: `pvscsi`, `lsilogic`, `lsilogic-sas` or `buslogic`. `unknown` if
    /// the first controller is missing; otherwise, `mixed` if the types differ or another scanned controller is missing.
    #[tf(computed)]
    pub scsi_type: Value<String>,
    /// The bus sharing mode of the scanned SCSI controllers: `noSharing`, `virtualSharing` or `physicalSharing`.
    /// `unknown` if the first controller is missing; otherwise, `mixed` if the modes differ or another scanned controller
    /// is missing.
    #[tf(computed)]
    pub scsi_bus_sharing: Value<String>,
    /// The disks on the scanned controllers, sorted by controller bus number and unit number.
    #[tf(computed)]
    pub disks: Value<Vec<DiskModel>>,
    /// The adapter types of the network interfaces, in the order of `network_interfaces`.
    #[tf(computed)]
    pub network_interface_types: Value<Vec<String>>,
    /// The network interfaces, sorted by unit number, which is also their order in a clone.
    #[tf(computed)]
    pub network_interfaces: Value<Vec<NicModel>>,
    /// The video card.
    #[tf(computed)]
    pub video_card: Value<Vec<VideoCardModel>>,
    /// Whether the virtual machine has a virtual Trusted Platform Module (vTPM).
    #[tf(computed)]
    pub vtpm: Value<bool>,
    /// The primary IP address of the guest: the first address in the same network as a default gateway or, if no
    /// address is, the first address. IPv4 addresses take precedence. Available only while VMware Tools is running.
    #[tf(computed)]
    pub default_ip_address: Value<String>,
    /// The IP addresses of the guest: IPv4 addresses first, then IPv6 addresses. Available only while VMware Tools is
    /// running.
    #[tf(computed)]
    pub guest_ip_addresses: Value<Vec<String>>,
    /// The IDs of the tags that are attached to the virtual machine.
    #[tf(computed)]
    pub tags: Value<Vec<String>>,
    /// A map from custom attribute IDs to values.
    #[tf(computed)]
    pub custom_attributes: Value<BTreeMap<String, String>>,
    /// The transports that provide the vApp properties to the guest: `iso` or `com.vmware.guestInfo`.
    #[tf(computed)]
    pub vapp_transport: Value<Vec<String>>,
    /// The vApp options.
    #[tf(block, max = 1)]
    pub vapp: Value<Vec<VappModel>>,
    /// The extra config. Not read from vCenter, because it can contain secrets: the configured value is returned.
    #[tf(optional)]
    pub extra_config: Value<BTreeMap<String, String>>,
    /// Whether the virtual machine is a template.
    #[tf(computed)]
    pub template: Value<bool>,
    /// The power state: `poweredOn`, `poweredOff` or `suspended`.
    #[tf(computed)]
    pub power_state: Value<String>,
    /// The managed object ID of the host of the virtual machine.
    #[tf(computed)]
    pub host_system_id: Value<String>,
    /// The managed object ID of the resource pool of the virtual machine. Null for a template.
    #[tf(computed)]
    pub resource_pool_id: Value<String>,
    /// The snapshots. Each snapshot is listed before its child snapshots.
    #[tf(computed)]
    pub snapshots: Value<Vec<SnapshotModel>>,
    /// The name of the guest operating system, if `guest_id` is `otherGuest` or `otherGuest64`.
    #[tf(optional)]
    pub alternate_guest_name: Value<String>,
    /// The notes of the virtual machine.
    #[tf(optional, computed)]
    pub annotation: Value<String>,
    /// The delay before booting, in milliseconds.
    #[tf(optional)]
    pub boot_delay: Value<i64>,
    /// The delay before a boot is retried, in milliseconds.
    #[tf(optional)]
    pub boot_retry_delay: Value<i64>,
    /// Whether booting is retried after a boot failure.
    #[tf(optional)]
    pub boot_retry_enabled: Value<bool>,
    /// Whether virtual CPUs can be added while the virtual machine is powered on.
    #[tf(optional)]
    pub cpu_hot_add_enabled: Value<bool>,
    /// Whether virtual CPUs can be removed while the virtual machine is powered on.
    #[tf(optional)]
    pub cpu_hot_remove_enabled: Value<bool>,
    /// The maximum CPU capacity that the virtual machine can use, in MHz. `-1` means no limit.
    #[tf(optional)]
    pub cpu_limit: Value<i64>,
    /// Whether virtualized CPU performance counters are enabled in the guest.
    #[tf(optional)]
    pub cpu_performance_counters_enabled: Value<bool>,
    /// The CPU capacity that is reserved for the virtual machine, in MHz.
    #[tf(optional)]
    pub cpu_reservation: Value<i64>,
    /// The number of CPU shares.
    #[tf(optional, computed)]
    pub cpu_share_count: Value<i64>,
    /// The CPU share level: `low`, `normal`, `high` or `custom`.
    #[tf(optional)]
    pub cpu_share_level: Value<String>,
    /// Whether UEFI secure boot is enabled.
    #[tf(optional)]
    pub efi_secure_boot_enabled: Value<bool>,
    /// Whether the UUIDs of the disks are exposed to the guest.
    #[tf(optional)]
    pub enable_disk_uuid: Value<bool>,
    /// Whether the virtual machine writes a log file.
    #[tf(optional)]
    pub enable_logging: Value<bool>,
    /// The memory virtualization (EPT/RVI) mode: `automatic`, `on` or `off`.
    #[tf(optional, computed)]
    pub ept_rvi_mode: Value<String>,
    /// The EVC mode. Not read from vCenter: the configured value is returned.
    #[tf(optional)]
    pub evc_mode: Value<String>,
    /// Not used. Accepted for compatibility with the official provider.
    #[tf(optional)]
    pub extra_config_reboot_required: Value<bool>,
    /// The firmware: `bios` or `efi`.
    #[tf(optional)]
    pub firmware: Value<String>,
    /// The ID of the guest operating system, such as `ubuntu64Guest`.
    #[tf(optional, computed)]
    pub guest_id: Value<String>,
    /// The hardware version, such as `19`.
    #[tf(optional, computed)]
    pub hardware_version: Value<i64>,
    /// The CPU virtualization mode: `hvAuto`, `hvOn` or `hvOff`.
    #[tf(optional, computed)]
    pub hv_mode: Value<String>,
    /// The latency sensitivity: `low`, `normal`, `medium` or `high`.
    #[tf(optional)]
    pub latency_sensitivity: Value<String>,
    /// The memory size, in MiB.
    #[tf(optional)]
    pub memory: Value<i64>,
    /// Whether memory can be added while the virtual machine is powered on.
    #[tf(optional)]
    pub memory_hot_add_enabled: Value<bool>,
    /// The maximum host memory that the virtual machine can use, in MiB. `-1` means no limit.
    #[tf(optional)]
    pub memory_limit: Value<i64>,
    /// The host memory that is reserved for the virtual machine, in MiB.
    #[tf(optional)]
    pub memory_reservation: Value<i64>,
    /// Whether all memory of the virtual machine is reserved.
    #[tf(optional)]
    pub memory_reservation_locked_to_max: Value<bool>,
    /// The number of memory shares.
    #[tf(optional, computed)]
    pub memory_share_count: Value<i64>,
    /// The memory share level: `low`, `normal`, `high` or `custom`.
    #[tf(optional)]
    pub memory_share_level: Value<String>,
    /// Whether hardware-assisted virtualization is exposed to the guest.
    #[tf(optional)]
    pub nested_hv_enabled: Value<bool>,
    /// The number of cores per virtual NUMA node, or 0 if vSphere determines it.
    #[tf(optional)]
    pub num_cores_per_numa_node: Value<i64>,
    /// The number of cores per socket.
    #[tf(optional)]
    pub num_cores_per_socket: Value<i64>,
    /// The total number of virtual CPUs.
    #[tf(optional)]
    pub num_cpus: Value<i64>,
    /// Not used. Accepted for compatibility with the official provider.
    #[tf(optional)]
    pub replace_trigger: Value<String>,
    /// Whether VMware Tools runs scripts in the guest after power-on.
    #[tf(optional)]
    pub run_tools_scripts_after_power_on: Value<bool>,
    /// Whether VMware Tools runs scripts in the guest after resuming.
    #[tf(optional)]
    pub run_tools_scripts_after_resume: Value<bool>,
    /// Whether VMware Tools runs scripts before the guest reboots.
    #[tf(optional)]
    pub run_tools_scripts_before_guest_reboot: Value<bool>,
    /// Whether VMware Tools runs scripts before the guest shuts down.
    #[tf(optional)]
    pub run_tools_scripts_before_guest_shutdown: Value<bool>,
    /// Whether VMware Tools runs scripts before the virtual machine is suspended.
    #[tf(optional)]
    pub run_tools_scripts_before_guest_standby: Value<bool>,
    /// The ID of the storage policy. Not read from vCenter: the configured value is returned.
    #[tf(optional, computed)]
    pub storage_policy_id: Value<String>,
    /// The swap file location: `inherit`, `hostLocal` or `vmDirectory`.
    #[tf(optional)]
    pub swap_placement_policy: Value<String>,
    /// Whether the clock of the guest is synchronized with the host when the virtual machine starts or resumes.
    #[tf(optional)]
    pub sync_time_with_host: Value<bool>,
    /// Whether the clock of the guest is synchronized with the host periodically.
    #[tf(optional)]
    pub sync_time_with_host_periodically: Value<bool>,
    /// The upgrade policy for VMware Tools: `manual` or `upgradeAtPowerCycle`.
    #[tf(optional)]
    pub tools_upgrade_policy: Value<String>,
    /// Whether virtualization-based security (VBS) is enabled.
    #[tf(optional)]
    pub vbs_enabled: Value<bool>,
    /// Whether an IOMMU (Intel VT-d) is exposed to the guest.
    #[tf(optional)]
    pub vvtd_enabled: Value<bool>,
}

/// A disk.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct DiskModel {
    /// The label of the disk in vSphere, such as `Hard disk 1`.
    #[tf(computed)]
    pub label: Value<String>,
    /// The size of the disk, in GiB, rounded up.
    #[tf(computed)]
    pub size: Value<i64>,
    /// The unit number of the disk on its controller.
    #[tf(computed)]
    pub unit_number: Value<i64>,
    /// Whether the disk is thin-provisioned.
    #[tf(computed)]
    pub thin_provisioned: Value<bool>,
    /// Whether all space was zeroed when the disk was created.
    #[tf(computed)]
    pub eagerly_scrub: Value<bool>,
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct NicModel {
    /// The adapter type, such as `vmxnet3`, `e1000e` or `sriov`.
    #[tf(computed)]
    pub adapter_type: Value<String>,
    /// The maximum bandwidth, in Mbit/s. `-1` means no limit.
    #[tf(computed)]
    pub bandwidth_limit: Value<i64>,
    /// The bandwidth that is reserved for the network interface, in Mbit/s.
    #[tf(computed)]
    pub bandwidth_reservation: Value<i64>,
    /// The bandwidth share level: `low`, `normal`, `high` or `custom`.
    #[tf(computed)]
    pub bandwidth_share_level: Value<String>,
    /// The number of bandwidth shares.
    #[tf(computed)]
    pub bandwidth_share_count: Value<i64>,
    /// The MAC address.
    #[tf(computed)]
    pub mac_address: Value<String>,
    /// The managed object ID of the network, or the network ID of an opaque network.
    #[tf(computed)]
    pub network_id: Value<String>,
    /// The PCI ID of the physical function on the host, if `adapter_type` is `sriov`.
    #[tf(computed)]
    pub physical_function: Value<String>,
    /// The ID of the external port of an opaque network, such as an NSX segment.
    #[tf(computed)]
    pub external_port_id: Value<String>,
}

/// A video card.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VideoCardModel {
    /// The number of displays.
    #[tf(computed)]
    pub num_displays: Value<i64>,
    /// The total video memory, in MiB.
    #[tf(computed)]
    pub total_video_memory: Value<i64>,
    /// The 3D graphics settings, if 3D support is enabled.
    #[tf(computed)]
    pub graphics_3d: Value<Vec<Graphics>>,
}

/// The 3D graphics settings.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Graphics {
    /// The graphics memory, in MiB.
    #[tf(computed)]
    pub memory: Value<i64>,
    /// The 3D renderer: `automatic`, `software` or `hardware`.
    #[tf(computed)]
    pub renderer: Value<String>,
}

/// The vApp options.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VappModel {
    /// A map from IDs to values of the user-configurable properties whose values differ from their defaults.
    #[tf(optional)]
    pub properties: Value<BTreeMap<String, String>>,
}

/// A snapshot.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct SnapshotModel {
    /// The managed object ID of the snapshot, such as `snapshot-7`.
    #[tf(computed)]
    pub id: Value<String>,
    /// The path of the snapshot in the snapshot tree, such as `/base/patched`.
    #[tf(computed)]
    pub path: Value<String>,
    /// The name of the snapshot.
    #[tf(computed)]
    pub name: Value<String>,
    /// The description of the snapshot.
    #[tf(computed)]
    pub description: Value<String>,
    /// The time when the snapshot was created.
    #[tf(computed)]
    pub created: Value<String>,
}

type M = VirtualMachineModel;

/// The hardware that a clone of a template needs to know.
pub(in crate::vm) struct Hardware {
    pub(in crate::vm) scsi_type: String,
    pub(in crate::vm) disks: Vec<DiskModel>,
    pub(in crate::vm) network_interface_types: Vec<String>,
}

/// The hardware on all controllers; `scsi_type` is that of the first one. Pure.
pub(in crate::vm) fn hardware(devices: &Devices) -> Hardware {
    Hardware {
        scsi_type: devices::scsi(devices, 1).0,
        disks: devices::disks(devices, Scan { scsi: 4, sata: 4, nvme: 4, ide: 2 }),
        network_interface_types: devices::nics(devices).iter().map(|n| n.adapter_type.get()).collect(),
    }
}

/// The snapshots, each before those that came after it. Pure.
pub(in crate::vm) fn snapshots(vm: &Seen) -> Vec<SnapshotModel> {
    let model = |(path, tree): (String, &VirtualMachineSnapshotTree)| SnapshotModel {
        id: tree.snapshot.id.to_string().into(),
        path: path.into(),
        name: unescape(&tree.name).into_owned().into(),
        description: tree.description.clone().into(),
        created: tree.create_time.clone().into(),
    };
    vm.snapshots().into_iter().map(model).collect()
}

/// The data source.
#[derive(Debug, Default)]
pub struct VirtualMachine;

impl DataSource for VirtualMachine {
    type Model = M;
    type Client = Vsphere;

    fn validate(&self, config: &M) -> Diagnostics {
        let set = |v: &Value<String>| v.is_unknown() || !v.as_str().is_empty();
        if set(&config.name) || set(&config.uuid) || set(&config.moid) {
            return Diagnostics::default();
        }
        let detail = "Set `name` (a name or an inventory path), `uuid` or `moid`.";
        Diagnostics::error(M::NAME, "Nothing says which virtual machine is meant", detail)
    }

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let vsphere = cx.client;
        let object = find(vsphere, &config).await?;
        let seen = vsphere.api.virtual_machines().get(&object).await;
        let seen = match seen {
            Err(e) if e.is_not_found() && !config.moid.as_str().is_empty() => {
                let detail = "It does not exist, or the user lacks `System.View` on it.";
                let summary = format!("There is no virtual machine {:?}", &*object.id);
                return Err(Diagnostics::error(M::MOID, summary, detail));
            }
            other => other.doing(format!("read {object}"))?,
        };
        let Some(hardware) = seen.config.as_deref().filter(|c| !c.uuid.is_empty()) else {
            let detail = format!(
                "It is {}. A virtual machine whose files are inaccessible does not have a readable configuration; bring its host or \
                 datastore back.",
                seen.connection_state.as_str()
            );
            let summary = format!("The virtual machine {:?} has no configuration", seen.name);
            return Err(Diagnostics::error(AttributePath::root(), summary, detail));
        };
        let values = custom_fields::texts(&seen.custom_values);
        let labels = Labels::read_all(vsphere, &object, &values).await?;
        let path = vsphere.api.find().path_of(&object).await;
        let path = path.doing(format!("find the path of {object}"))?;
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let out = M {
            moid: object.id.to_string().into(),
            folder: folder.into(),
            tags: labels.tags.map(|t| t.into_iter().collect()),
            custom_attributes: labels.custom_attributes,
            ..config
        };
        Ok(observed(out, &seen, hardware, vsphere.api.api_version()))
    }
}

/// Which virtual machine the configuration means.
async fn find(vsphere: &Vsphere, config: &M) -> Result<MoRef> {
    let (uuid, moid) = (config.uuid.as_str(), config.moid.as_str());
    if !uuid.is_empty() {
        return by_uuid(vsphere, uuid).await;
    }
    if !moid.is_empty() {
        return Ok(MoId::<moid::VirtualMachine>::object(moid));
    }
    let folder = config.folder.as_str().trim_end_matches('/');
    let (name, field) = (config.name.as_str(), M::NAME);
    let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let datacenter = lookup::datacenter(&config.datacenter_id);
    let query =
        Query { kind: Kind::VirtualMachine, name: &path, field, datacenter: datacenter.as_ref(), tags: None };
    Ok(query.one(vsphere).await?.object)
}

async fn by_uuid(vsphere: &Vsphere, uuid: &str) -> Result<MoRef> {
    let machines = vsphere.api.virtual_machines();
    let doing = format!("find the virtual machine of the UUID {uuid}");
    let mut found = machines.all_by_uuid(uuid, false).await.doing(&doing)?;
    if found.is_empty() {
        found = machines.all_by_uuid(uuid, true).await.doing(&doing)?;
    }
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => {
            let detail = "No virtual machine has it, neither as BIOS UUID nor as instance UUID; or the user lacks `System.View` on it.";
            let summary = format!("There is no virtual machine of the UUID {uuid:?}");
            Err(Diagnostics::error(M::UUID, summary, detail))
        }
        _ => {
            let mut paths = vec![];
            for object in &found {
                let path = vsphere.api.find().path_of(object).await.unwrap_or_default();
                paths.push(format!("{path} ({object})"));
            }
            let detail = format!(
                "Copies of files share a BIOS UUID. These have it:\n{}\nGive `moid`, or the instance UUID as `uuid`.",
                lookup::listed(paths.into_iter())
            );
            let summary = format!("Several virtual machines have the UUID {uuid:?}");
            Err(Diagnostics::error(M::UUID, summary, detail))
        }
    }
}

/// With what the server says. Pure.
///
/// A switch that the server does not mention is off, as the official data source has it: an expression of a configuration
/// that asks for it, such as a condition, cannot do with a null.
fn observed(config: M, seen: &Seen, vm: &VirtualMachineConfigInfo, version: ApiVersion) -> M {
    let known = |text: &str| Value::from(text);
    let number = |n: i32| Value::from(i64::from(n));
    let all = seen.devices();
    let count = |v: &Value<i64>, default: i64| v.known().copied().unwrap_or(default);
    let scan = Scan {
        scsi: count(&config.scsi_controller_scan_count, 1),
        sata: count(&config.sata_controller_scan_count, 0),
        nvme: count(&config.nvme_controller_scan_count, 1),
        ide: count(&config.ide_controller_scan_count, 2),
    };
    let (scsi_type, scsi_bus_sharing) = devices::scsi(&all, scan.scsi);
    let nics = devices::nics(&all);
    let addresses = guest_addresses(&seen.guest_nics, &seen.ip_stacks, seen.ip_address.as_deref());
    let (cpu, memory) = (Share::of(vm.cpu_allocation.as_deref()), Share::of(vm.memory_allocation.as_deref()));
    let (tools, boot, flags) = (vm.tools.as_deref(), vm.boot_options.as_deref(), &vm.flags);
    // Until 7.0.1 there was one switch, for both.
    let (at_moments, all_the_time) =
        (tools.and_then(|t| t.sync_time_with_host_allowed), tools.and_then(|t| t.sync_time_with_host));
    let old = version < ApiVersion::new([7, 0, 1, 0]);
    let vapp = vm.v_app_config.as_deref().and_then(|v| v.base());
    M {
        id: known(&vm.uuid),
        name: unescape(&seen.name).into_owned().into(),
        uuid: known(&vm.uuid),
        instance_uuid: vm.instance_uuid.clone().into(),
        change_version: known(&vm.change_version),
        scsi_type: scsi_type.into(),
        scsi_bus_sharing: scsi_bus_sharing.into(),
        disks: devices::disks(&all, scan).into(),
        network_interface_types: nics.iter().map(|n| n.adapter_type.get()).collect::<Vec<_>>().into(),
        network_interfaces: nics.into(),
        video_card: devices::video_cards(&all).into(),
        vtpm: devices::has_tpm(&all).into(),
        default_ip_address: addresses.default.unwrap_or_default().into(),
        guest_ip_addresses: addresses.all.into(),
        vapp_transport: vapp.map(|v| v.ovf_environment_transport.clone()).unwrap_or_default().into(),
        vapp: vapp.and_then(|v| vapp_properties(&v.property)).into_iter().collect::<Vec<_>>().into(),
        template: vm.template.into(),
        power_state: known(seen.power_state.as_str()),
        host_system_id: seen.host.as_ref().map(|h| h.id.to_string()).into(),
        resource_pool_id: seen.resource_pool.as_ref().map(|p| p.id.to_string()).into(),
        snapshots: snapshots(seen).into(),
        alternate_guest_name: known(&vm.alternate_guest_name),
        annotation: vm.annotation.clone().unwrap_or_default().into(),
        boot_delay: boot.and_then(|b| b.boot_delay).unwrap_or_default().into(),
        boot_retry_delay: boot.and_then(|b| b.boot_retry_delay).unwrap_or_default().into(),
        boot_retry_enabled: boot.and_then(|b| b.boot_retry_enabled).into(),
        cpu_hot_add_enabled: vm.cpu_hot_add_enabled.unwrap_or_default().into(),
        cpu_hot_remove_enabled: vm.cpu_hot_remove_enabled.unwrap_or_default().into(),
        cpu_limit: cpu.limit.into(),
        cpu_performance_counters_enabled: vm.v_pmc_enabled.unwrap_or_default().into(),
        cpu_reservation: cpu.reservation.into(),
        cpu_share_count: cpu.count.into(),
        cpu_share_level: cpu.level.into(),
        efi_secure_boot_enabled: boot.and_then(|b| b.efi_secure_boot_enabled).unwrap_or_default().into(),
        enable_disk_uuid: flags.disk_uuid_enabled.unwrap_or_default().into(),
        enable_logging: flags.enable_logging.unwrap_or_default().into(),
        ept_rvi_mode: flags.virtual_mmu_usage.clone().unwrap_or_default().into(),
        firmware: vm.firmware.clone().into(),
        guest_id: known(&vm.guest_id),
        hardware_version: seen.hardware_version().map(|v| i64::from(v.0)).into(),
        hv_mode: flags.virtual_exec_usage.clone().unwrap_or_default().into(),
        latency_sensitivity: vm.latency_sensitivity.as_deref().map(|l| l.level.as_str().to_owned()).into(),
        memory: number(vm.hardware.memory_mb),
        memory_hot_add_enabled: vm.memory_hot_add_enabled.unwrap_or_default().into(),
        memory_limit: memory.limit.into(),
        memory_reservation: memory.reservation.into(),
        memory_reservation_locked_to_max: vm.memory_reservation_locked_to_max.unwrap_or_default().into(),
        memory_share_count: memory.count.into(),
        memory_share_level: memory.level.into(),
        nested_hv_enabled: vm.nested_hv_enabled.unwrap_or_default().into(),
        num_cores_per_numa_node: numa_cores(vm).into(),
        num_cores_per_socket: vm.hardware.num_cores_per_socket.map(i64::from).into(),
        num_cpus: number(vm.hardware.num_cpu),
        run_tools_scripts_after_power_on: tools.and_then(|t| t.after_power_on).unwrap_or_default().into(),
        run_tools_scripts_after_resume: tools.and_then(|t| t.after_resume).unwrap_or_default().into(),
        run_tools_scripts_before_guest_reboot: tools
            .and_then(|t| t.before_guest_reboot)
            .unwrap_or_default()
            .into(),
        run_tools_scripts_before_guest_shutdown: tools
            .and_then(|t| t.before_guest_shutdown)
            .unwrap_or_default()
            .into(),
        run_tools_scripts_before_guest_standby: tools
            .and_then(|t| t.before_guest_standby)
            .unwrap_or_default()
            .into(),
        swap_placement_policy: vm.swap_placement.clone().into(),
        sync_time_with_host: if old { all_the_time } else { at_moments }.unwrap_or_default().into(),
        sync_time_with_host_periodically: all_the_time.filter(|_| !old).unwrap_or_default().into(),
        tools_upgrade_policy: tools.and_then(|t| t.tools_upgrade_policy.clone()).unwrap_or_default().into(),
        vbs_enabled: flags.vbs_enabled.unwrap_or_default().into(),
        vvtd_enabled: flags.vvtd_enabled.unwrap_or_default().into(),
        scsi_controller_scan_count: scan.scsi.into(),
        sata_controller_scan_count: scan.sata.into(),
        nvme_controller_scan_count: scan.nvme.into(),
        ide_controller_scan_count: scan.ide.into(),
        ..config
    }
}

/// The cores of a NUMA node; 0 when the server picks them.
fn numa_cores(vm: &VirtualMachineConfigInfo) -> Option<i64> {
    let numa = vm.numa_info.as_deref()?;
    let automatic = numa.auto_cores_per_numa_node.unwrap_or_default();
    if automatic { Some(0) } else { numa.cores_per_numa_node.map(i64::from) }
}

/// What is kept for a virtual machine, and its weight.
#[derive(Default)]
struct Share {
    limit: Option<i64>,
    reservation: Option<i64>,
    count: Option<i64>,
    level: Option<String>,
}

impl Share {
    fn of(from: Option<&ResourceAllocationInfo>) -> Self {
        let Some(from) = from else { return Self::default() };
        Self {
            limit: from.limit,
            reservation: from.reservation,
            count: from.shares.as_deref().map(|s| i64::from(s.shares)),
            level: from.shares.as_deref().map(|s| s.level.as_str().to_owned()),
        }
    }
}

/// The properties that users may set and that have been set; nothing when there are none.
fn vapp_properties(all: &[VAppPropertyInfo]) -> Option<VappModel> {
    let set = all.iter().filter(|p| p.user_configurable.unwrap_or_default()).filter_map(|p| {
        let value = p.value.as_ref().map(|v| v.expose()).filter(|v| !v.is_empty())?;
        let default = p.default_value.as_ref().map(|v| v.expose()).unwrap_or_default();
        (value != default).then(|| Some((p.id.clone()?, value.to_owned()))).flatten()
    });
    let properties: BTreeMap<String, String> = set.collect();
    (!properties.is_empty()).then(|| VappModel { properties: properties.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_must_say_which() {
        let problems = |config: &M| VirtualMachine.validate(config).0.len();
        assert_eq!(problems(&M::default()), 1);
        assert_eq!(problems(&M { moid: "".into(), ..M::default() }), 1);
        assert_eq!(problems(&M { uuid: Value::Unknown, ..M::default() }), 0);
        assert_eq!(problems(&M { name: "a".into(), ..M::default() }), 0);
    }

    #[test]
    fn ids_of_other_things_are_refused() {
        for (id, ok) in [("vm-42", true), ("42", true), ("host-9", false), ("/dc/vm/a", false)] {
            assert_eq!(MoId::<moid::VirtualMachine>::any_form(&id.into()).is_ok(), ok, "{id}");
        }
    }

    #[test]
    fn only_set_properties_are_returned() {
        let property = |id: &str, configurable: bool, default: &str, value: &str| VAppPropertyInfo {
            id: Some(id.to_owned()),
            user_configurable: Some(configurable),
            default_value: Some(vsphere_client::vim::xml::Secret::new(default)),
            value: Some(vsphere_client::vim::xml::Secret::new(value)),
            ..Default::default()
        };
        let all = [
            property("a", true, "", "x"),
            property("b", true, "y", "y"),
            property("c", false, "", "z"),
            property("d", true, "q", ""),
        ];
        let set = vapp_properties(&all).unwrap().properties.get();
        assert_eq!(set.into_iter().collect::<Vec<_>>(), [("a".to_owned(), "x".to_owned())]);
        assert_eq!(vapp_properties(&[]), None);
    }

    #[test]
    fn time_synchronization_follows_the_server() {
        use vsphere_client::vim::types::ToolsConfigInfo;
        let tools = ToolsConfigInfo {
            sync_time_with_host: Some(false),
            sync_time_with_host_allowed: Some(true),
            ..Default::default()
        };
        let vm = VirtualMachineConfigInfo { tools: Some(Box::new(tools)), ..Default::default() };
        let flags = |version| {
            let m = observed(M::default(), &Seen::default(), &vm, ApiVersion::new(version));
            (m.sync_time_with_host, m.sync_time_with_host_periodically)
        };
        assert_eq!(flags([8, 0, 0, 0]), (true.into(), false.into()));
        assert_eq!(flags([7, 0, 0, 0]), (false.into(), false.into()));
    }

    #[test]
    fn what_the_server_does_not_mention_is_off_and_not_null() {
        let vm = VirtualMachineConfigInfo::default();
        let m = observed(M::default(), &Seen::default(), &vm, ApiVersion::new([8, 0, 0, 0]));
        let switches = [
            m.enable_disk_uuid,
            m.nested_hv_enabled,
            m.vbs_enabled,
            m.cpu_hot_add_enabled,
            m.memory_hot_add_enabled,
            m.efi_secure_boot_enabled,
        ];
        assert_eq!(switches, [false.into(); 6]);
        assert_eq!((m.boot_delay, m.hv_mode), (0.into(), "".into()));
        // The official defaults, for configurations that read them.
        let scans = [
            m.scsi_controller_scan_count,
            m.sata_controller_scan_count,
            m.nvme_controller_scan_count,
            m.ide_controller_scan_count,
        ];
        assert_eq!(scans, [1.into(), 0.into(), 1.into(), 2.into()]);
    }
}
