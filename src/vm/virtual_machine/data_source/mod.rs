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

/// Finds a virtual machine or template, and returns its configuration.
///
/// It is found by `uuid`, by `moid`, or by `name`: the first of them that is set counts. Arguments that are not for finding
/// it need not be set; where one is, it keeps the value of the configuration.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_virtual_machine", category = "Virtual Machine")]
pub struct VirtualMachineModel {
    /// The BIOS UUID of the virtual machine.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the virtual machine, or its inventory path: absolute, or below the datacenter's folder of virtual
    /// machines.
    #[tf(optional, check = lookup::name)]
    pub name: Value<String>,
    /// The managed object id of the datacenter to look in. Left out, all datacenters are searched.
    #[tf(optional, form = lookup::datacenter_id)]
    pub datacenter_id: Value<String>,
    /// The path of the folder that it is in, below the datacenter's folder of virtual machines; `name` is then one directly
    /// in this folder. Not set, it is the absolute inventory path, such as `/dc1/vm/web`.
    #[tf(optional, computed)]
    pub folder: Value<String>,
    /// The UUID by which to find it: the BIOS UUID, or else the instance UUID. Not set, it is the BIOS UUID.
    #[tf(optional, computed)]
    pub uuid: Value<String>,
    /// The managed object id of the virtual machine, for example `vm-42`.
    #[tf(optional, computed, form = MoId::<moid::VirtualMachine>::any_form)]
    pub moid: Value<String>,
    /// The instance UUID, which is unique in a vCenter.
    #[tf(computed)]
    pub instance_uuid: Value<String>,
    /// A text that changes whenever the configuration of the virtual machine does.
    #[tf(computed)]
    pub change_version: Value<String>,
    /// How many SCSI controllers to look at, from number 0 on, for `disks`, `scsi_type` and `scsi_bus_sharing`; 1 if not
    /// set.
    #[tf(optional, range(0, 4))]
    pub scsi_controller_scan_count: Value<i64>,
    /// How many SATA controllers to look at, from number 0 on, for `disks`; 0 if not set.
    #[tf(optional, range(0, 4))]
    pub sata_controller_scan_count: Value<i64>,
    /// How many NVMe controllers to look at, from number 0 on, for `disks`; 1 if not set.
    #[tf(optional, range(0, 4))]
    pub nvme_controller_scan_count: Value<i64>,
    /// How many IDE controllers to look at, from number 0 on, for `disks`; 2 if not set.
    #[tf(optional, range(0, 2))]
    pub ide_controller_scan_count: Value<i64>,
    /// The type that all SCSI controllers have that are looked at (`pvscsi`, `lsilogic`, `lsilogic-sas` or `buslogic`);
    /// `mixed` when they differ or one is missing, `unknown` when there is none.
    #[tf(computed)]
    pub scsi_type: Value<String>,
    /// How all SCSI controllers that are looked at share their bus (`noSharing`, `virtualSharing` or `physicalSharing`);
    /// `mixed` when they differ or one is missing, `unknown` when there is none.
    #[tf(computed)]
    pub scsi_bus_sharing: Value<String>,
    /// The disks on the controllers that are looked at, by number of the controller and by unit.
    #[tf(computed)]
    pub disks: Value<Vec<DiskModel>>,
    /// The types of the network interfaces, in the order of `network_interfaces`.
    #[tf(computed)]
    pub network_interface_types: Value<Vec<String>>,
    /// The network interfaces, by unit: the order that a clone has them in.
    #[tf(computed)]
    pub network_interfaces: Value<Vec<NicModel>>,
    /// The video card.
    #[tf(computed)]
    pub video_card: Value<Vec<VideoCardModel>>,
    /// Whether it has a trusted platform module.
    #[tf(computed)]
    pub vtpm: Value<bool>,
    /// The address to reach the guest at: one beside its default gateway, of IPv4 if there is any. Known only while guest
    /// tools run.
    #[tf(computed)]
    pub default_ip_address: Value<String>,
    /// All addresses of the guest: those of IPv4, then those of IPv6. Known only while guest tools run.
    #[tf(computed)]
    pub guest_ip_addresses: Value<Vec<String>>,
    /// The ids of the tags that are attached to it.
    #[tf(computed)]
    pub tags: Value<Vec<String>>,
    /// The values of custom attributes, by the id of the attribute.
    #[tf(computed)]
    pub custom_attributes: Value<BTreeMap<String, String>>,
    /// How the guest gets the properties of the vApp: `iso`, `com.vmware.guestInfo`.
    #[tf(computed)]
    pub vapp_transport: Value<Vec<String>>,
    /// The properties of the vApp.
    #[tf(block, max = 1)]
    pub vapp: Value<Vec<VappModel>>,
    /// Not read: returned as configured. These settings can contain secrets of other users.
    #[tf(optional)]
    pub extra_config: Value<BTreeMap<String, String>>,
    /// Whether it is a template.
    #[tf(computed)]
    pub template: Value<bool>,
    /// Whether it is on: `poweredOn`, `poweredOff` or `suspended`.
    #[tf(computed)]
    pub power_state: Value<String>,
    /// The managed object id of the host that it is on.
    #[tf(computed)]
    pub host_system_id: Value<String>,
    /// The managed object id of the resource pool that it is in; nothing for a template.
    #[tf(computed)]
    pub resource_pool_id: Value<String>,
    /// Its snapshots, each before those that came after it.
    #[tf(computed)]
    pub snapshots: Value<Vec<SnapshotModel>>,
    /// A name for the guest operating system that `guest_id` does not know.
    #[tf(optional)]
    pub alternate_guest_name: Value<String>,
    /// The notes.
    #[tf(optional, computed)]
    pub annotation: Value<String>,
    /// How long booting waits, in milliseconds.
    #[tf(optional)]
    pub boot_delay: Value<i64>,
    /// How long until another attempt to boot, in milliseconds.
    #[tf(optional)]
    pub boot_retry_delay: Value<i64>,
    /// Whether a boot that failed is tried again.
    #[tf(optional)]
    pub boot_retry_enabled: Value<bool>,
    /// Whether processors can be added while it is on.
    #[tf(optional)]
    pub cpu_hot_add_enabled: Value<bool>,
    /// Whether processors can be taken away while it is on.
    #[tf(optional)]
    pub cpu_hot_remove_enabled: Value<bool>,
    /// The most processor time that it may use, in MHz; -1 for no limit.
    #[tf(optional)]
    pub cpu_limit: Value<i64>,
    /// Whether the guest sees performance counters of the processor.
    #[tf(optional)]
    pub cpu_performance_counters_enabled: Value<bool>,
    /// The processor time that is kept for it, in MHz.
    #[tf(optional)]
    pub cpu_reservation: Value<i64>,
    /// The number of processor shares.
    #[tf(optional, computed)]
    pub cpu_share_count: Value<i64>,
    /// The weight when processors are short: `low`, `normal`, `high` or `custom`.
    #[tf(optional)]
    pub cpu_share_level: Value<String>,
    /// Whether only signed boot loaders start.
    #[tf(optional)]
    pub efi_secure_boot_enabled: Value<bool>,
    /// Whether the guest sees the UUIDs of its disks.
    #[tf(optional)]
    pub enable_disk_uuid: Value<bool>,
    /// Whether it writes a log.
    #[tf(optional)]
    pub enable_logging: Value<bool>,
    /// How memory is virtualized: `automatic`, `on` or `off`.
    #[tf(optional, computed)]
    pub ept_rvi_mode: Value<String>,
    /// Not read: the data source does not tell the compatibility mode of the processor.
    #[tf(optional)]
    pub evc_mode: Value<String>,
    /// Not used: a data source changes nothing.
    #[tf(optional)]
    pub extra_config_reboot_required: Value<bool>,
    /// The firmware: `bios` or `efi`.
    #[tf(optional)]
    pub firmware: Value<String>,
    /// The kind of guest operating system, for example `ubuntu64Guest`.
    #[tf(optional, computed)]
    pub guest_id: Value<String>,
    /// The number of the hardware version, for example 19.
    #[tf(optional, computed)]
    pub hardware_version: Value<i64>,
    /// How instructions are virtualized: `hvAuto`, `hvOn` or `hvOff`.
    #[tf(optional, computed)]
    pub hv_mode: Value<String>,
    /// How sensitive it is to delays: `low`, `normal`, `medium` or `high`.
    #[tf(optional)]
    pub latency_sensitivity: Value<String>,
    /// The memory, in MiB.
    #[tf(optional)]
    pub memory: Value<i64>,
    /// Whether memory can be added while it is on.
    #[tf(optional)]
    pub memory_hot_add_enabled: Value<bool>,
    /// The most memory that it may use, in MiB; -1 for no limit.
    #[tf(optional)]
    pub memory_limit: Value<i64>,
    /// The memory that is kept for it, in MiB.
    #[tf(optional)]
    pub memory_reservation: Value<i64>,
    /// Whether all of its memory is kept, whatever its size.
    #[tf(optional)]
    pub memory_reservation_locked_to_max: Value<bool>,
    /// The number of memory shares.
    #[tf(optional, computed)]
    pub memory_share_count: Value<i64>,
    /// The weight when memory is short: `low`, `normal`, `high` or `custom`.
    #[tf(optional)]
    pub memory_share_level: Value<String>,
    /// Whether the guest can run virtual machines itself.
    #[tf(optional)]
    pub nested_hv_enabled: Value<bool>,
    /// The number of cores of a NUMA node; 0 when the server picks it.
    #[tf(optional)]
    pub num_cores_per_numa_node: Value<i64>,
    /// The number of cores of a socket.
    #[tf(optional)]
    pub num_cores_per_socket: Value<i64>,
    /// The number of processors, which is that of cores.
    #[tf(optional)]
    pub num_cpus: Value<i64>,
    /// Not used: a data source replaces nothing.
    #[tf(optional)]
    pub replace_trigger: Value<String>,
    /// Whether scripts of the guest tools run after it was powered on.
    #[tf(optional)]
    pub run_tools_scripts_after_power_on: Value<bool>,
    /// Whether scripts of the guest tools run after it was resumed.
    #[tf(optional)]
    pub run_tools_scripts_after_resume: Value<bool>,
    /// Whether scripts of the guest tools run before a reboot.
    #[tf(optional)]
    pub run_tools_scripts_before_guest_reboot: Value<bool>,
    /// Whether scripts of the guest tools run before a shutdown.
    #[tf(optional)]
    pub run_tools_scripts_before_guest_shutdown: Value<bool>,
    /// Whether scripts of the guest tools run before standby.
    #[tf(optional)]
    pub run_tools_scripts_before_guest_standby: Value<bool>,
    /// Not read: the data source does not tell the storage policy.
    #[tf(optional, computed)]
    pub storage_policy_id: Value<String>,
    /// Where its swap file is: `inherit`, `hostLocal` or `vmDirectory`.
    #[tf(optional)]
    pub swap_placement_policy: Value<String>,
    /// Whether the guest's clock is set by the host at certain moments.
    #[tf(optional)]
    pub sync_time_with_host: Value<bool>,
    /// Whether the guest's clock is set by the host all the time.
    #[tf(optional)]
    pub sync_time_with_host_periodically: Value<bool>,
    /// When guest tools are upgraded: `manual` or `upgradeAtPowerCycle`.
    #[tf(optional)]
    pub tools_upgrade_policy: Value<String>,
    /// Whether security that is based on virtualization is on.
    #[tf(optional)]
    pub vbs_enabled: Value<bool>,
    /// Whether the guest has an I/O memory management unit.
    #[tf(optional)]
    pub vvtd_enabled: Value<bool>,
}

/// A disk.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct DiskModel {
    /// What vSphere calls it, for example `Hard disk 1`.
    #[tf(computed)]
    pub label: Value<String>,
    /// The size in GiB, rounded up.
    #[tf(computed)]
    pub size: Value<i64>,
    /// The unit on its controller.
    #[tf(computed)]
    pub unit_number: Value<i64>,
    /// Whether space is taken when it is written to.
    #[tf(computed)]
    pub thin_provisioned: Value<bool>,
    /// Whether all of it was zeroed when it was made.
    #[tf(computed)]
    pub eagerly_scrub: Value<bool>,
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct NicModel {
    /// The type: `vmxnet3`, `e1000e`, `sriov`, ….
    #[tf(computed)]
    pub adapter_type: Value<String>,
    /// The most that it may use, in Mbit/s; -1 for no limit.
    #[tf(computed)]
    pub bandwidth_limit: Value<i64>,
    /// What is kept for it, in Mbit/s.
    #[tf(computed)]
    pub bandwidth_reservation: Value<i64>,
    /// The weight when the network is short: `low`, `normal`, `high` or `custom`.
    #[tf(computed)]
    pub bandwidth_share_level: Value<String>,
    /// The number of shares.
    #[tf(computed)]
    pub bandwidth_share_count: Value<i64>,
    /// The MAC address.
    #[tf(computed)]
    pub mac_address: Value<String>,
    /// The managed object id of the network; the id of an opaque network.
    #[tf(computed)]
    pub network_id: Value<String>,
    /// The PCI id of the physical function, for `sriov`.
    #[tf(computed)]
    pub physical_function: Value<String>,
    /// The id of the port that another system gave it.
    #[tf(computed)]
    pub external_port_id: Value<String>,
}

/// A video card.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VideoCardModel {
    /// The number of displays.
    #[tf(computed)]
    pub num_displays: Value<i64>,
    /// The memory of the card, in MiB.
    #[tf(computed)]
    pub total_video_memory: Value<i64>,
    /// The 3D graphics, if they are on.
    #[tf(computed)]
    pub graphics_3d: Value<Vec<Graphics>>,
}

/// 3D graphics.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Graphics {
    /// The memory for them, in MiB.
    #[tf(computed)]
    pub memory: Value<i64>,
    /// What draws: `automatic`, `software` or `hardware`.
    #[tf(computed)]
    pub renderer: Value<String>,
}

/// The properties of a vApp.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VappModel {
    /// Those that users may set and that are not what they are from the beginning, by their id.
    #[tf(optional)]
    pub properties: Value<BTreeMap<String, String>>,
}

/// A snapshot.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct SnapshotModel {
    /// The managed object id, for example `snapshot-7`.
    #[tf(computed)]
    pub id: Value<String>,
    /// The names of the snapshots that lead to it, for example `/base/patched`.
    #[tf(computed)]
    pub path: Value<String>,
    /// The name.
    #[tf(computed)]
    pub name: Value<String>,
    /// The description.
    #[tf(computed)]
    pub description: Value<String>,
    /// When it was taken.
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
        let labels = Labels::read(vsphere, &object, &values, &Labels::default()).await?;
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
    let query = Query { kind: Kind::VirtualMachine, name: &path, field, datacenter: datacenter.as_ref() };
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
