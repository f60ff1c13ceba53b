//! What a virtual machine is configured by, and what its state says.
use super::cdrom::CdromModel;
use super::clone::CloneModel;
use super::disks::DiskModel;
use super::network::NicModel;
use super::ovf::OvfDeployModel;
use super::settings;
use super::vapp::VappModel;
use super::video_card::VideoCardModel;
use super::vtpm::VtpmModel;
use crate::common::labels::Labels;
use crate::common::moid::{self, MoId};
use crate::common::names;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use tf_framework::{Block, Dynamic, Field, Model, Timeouts, Value};
use vsphere_client::MoRef;

/// Manages a virtual machine: made from nothing, cloned from a virtual machine or template, or deployed from an OVF
/// package; its hardware, disks, network interfaces, place, power and guest.
///
/// A change is made in place, and while the machine runs where vSphere can: `reboot_required` in the plan says whether it
/// has to be turned off for it. What only says how the machine is made (`clone`, `ovf_deploy`) does not replace it when
/// it is changed later; `replace_trigger` does.
///
/// Disks belong to the machine by their UUID and address: a `label` is only a name. Disks that something else has
/// attached (a Kubernetes volume, a backup proxy, another user) stay where they are, also when the machine is
/// destroyed.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_virtual_machine", category = "Virtual Machine", version = 3)]
pub struct VirtualMachineModel {
    /// The BIOS UUID of the virtual machine, as in `uuid`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name, which must be unique in its folder.
    #[tf(required, length(1, 80), same = names::same)]
    pub name: Value<String>,

    // Where it is.
    /// The managed object id of the resource pool, such as `resgroup-8`. Another one moves the machine, if need be to
    /// another host or cluster.
    #[tf(required, form = MoId::<moid::ResourcePool>::any_form)]
    pub resource_pool_id: Value<String>,
    /// The managed object id of the host to run on, such as `host-12`. Left out, vSphere chooses, and may choose again.
    #[tf(optional, computed, form = MoId::<moid::Host>::any_form)]
    pub host_system_id: Value<String>,
    /// The managed object id of the datastore for the configuration of the machine, and for each disk that says nothing
    /// else, such as `datastore-14`. Another one moves them.
    #[tf(optional, computed, form = MoId::<moid::Datastore>::any_form, conflicts_with("datastore_cluster_id"))]
    pub datastore_id: Value<String>,
    /// The managed object id of the datastore cluster to put the machine into, such as `group-p5`: Storage DRS chooses the
    /// datastore, and may choose again.
    #[tf(optional, form = MoId::<moid::DatastoreCluster>::any_form)]
    pub datastore_cluster_id: Value<String>,
    /// The folder on the datastore to put a new machine into. Left out, vSphere makes one of the name of the machine. A
    /// later change moves nothing.
    #[tf(optional)]
    pub datastore_path: Value<String>,
    /// The managed object id of the datacenter, for an OVF package that is deployed to a host.
    #[tf(optional, unstored)]
    pub datacenter_id: Value<String>,
    /// The path of the folder below the datacenter's folder of virtual machines, such as `team/web`; the inventory path,
    /// `/dc1/vm/team/web`, means the same. Another one moves the machine.
    #[tf(optional, same = super::place::same_folder)]
    pub folder: Value<String>,

    // Processors and memory.
    /// The number of virtual processors.
    #[tf(optional, default = 1, at_least = 1)]
    pub num_cpus: Value<i64>,
    /// The number of cores in one socket. `num_cpus` is a multiple of it.
    #[tf(optional, default = 1, at_least = 1)]
    pub num_cores_per_socket: Value<i64>,
    /// The number of cores in one virtual NUMA node. Needs vSphere 8.0 and hardware version 20.
    #[tf(optional, at_least = 0)]
    pub num_cores_per_numa_node: Value<i64>,
    /// Whether processors can be added while the machine is on.
    #[tf(optional)]
    pub cpu_hot_add_enabled: Value<bool>,
    /// Whether processors can be removed while the machine is on.
    #[tf(optional)]
    pub cpu_hot_remove_enabled: Value<bool>,
    /// The most processor time that the machine may use, in MHz; -1 for no limit.
    #[tf(optional, default = -1, at_least = -1)]
    pub cpu_limit: Value<i64>,
    /// The processor time that is kept for the machine, in MHz.
    #[tf(optional, at_least = 0)]
    pub cpu_reservation: Value<i64>,
    /// The number of processor shares, for the level `custom`; otherwise the number that the level stands for.
    #[tf(optional, computed, range(0, 1_000_000), level = "cpu_share_level")]
    pub cpu_share_count: Value<i64>,
    /// The weight when processors are short: `low`, `normal`, `high` or `custom`.
    #[tf(optional, default = "normal", one_of("low", "normal", "high", "custom"))]
    pub cpu_share_level: Value<String>,
    /// Whether the guest may read the performance counters of the processor.
    #[tf(optional)]
    pub cpu_performance_counters_enabled: Value<bool>,
    /// The memory, in MiB; a multiple of 4.
    #[tf(optional, default = 1024, at_least = 4, check = settings::memory)]
    pub memory: Value<i64>,
    /// Whether memory can be added while the machine is on.
    #[tf(optional)]
    pub memory_hot_add_enabled: Value<bool>,
    /// The most memory of the host that the machine may use, in MiB; -1 for no limit.
    #[tf(optional, default = -1, at_least = -1)]
    pub memory_limit: Value<i64>,
    /// The memory of the host that is kept for the machine, in MiB.
    #[tf(optional, at_least = 0)]
    pub memory_reservation: Value<i64>,
    /// Whether the reservation follows `memory`, whatever that is.
    #[tf(optional)]
    pub memory_reservation_locked_to_max: Value<bool>,
    /// The number of memory shares, for the level `custom`; otherwise the number that the level stands for.
    #[tf(optional, computed, range(0, 1_000_000), level = "memory_share_level")]
    pub memory_share_count: Value<i64>,
    /// The weight when memory is short: `low`, `normal`, `high` or `custom`.
    #[tf(optional, default = "normal", one_of("low", "normal", "high", "custom"))]
    pub memory_share_level: Value<String>,

    // What the machine is.
    /// The id of the guest operating system, such as `ubuntu64Guest`. Left out, it is the template's, or `otherGuest64`.
    #[tf(optional, computed)]
    pub guest_id: Value<String>,
    /// The name of the guest operating system, for the ids `otherGuest` and `otherGuest64`.
    #[tf(optional)]
    pub alternate_guest_name: Value<String>,
    /// A description.
    #[tf(optional, computed)]
    pub annotation: Value<String>,
    /// `bios` or `efi`. Another one, once a guest is installed, mostly does not boot.
    #[tf(optional, default = "bios", one_of("bios", "efi"))]
    pub firmware: Value<String>,
    /// Whether only signed systems boot. Needs `firmware = "efi"`.
    #[tf(optional)]
    pub efi_secure_boot_enabled: Value<bool>,
    /// The version of the virtual hardware, such as 19. A higher one upgrades the machine while it is off; there is no way
    /// back.
    #[tf(optional, computed, range(4, 99))]
    pub hardware_version: Value<i64>,
    /// Whether the guest sees the UUIDs of disks.
    #[tf(optional)]
    pub enable_disk_uuid: Value<bool>,
    /// Whether the machine writes a log.
    #[tf(optional)]
    pub enable_logging: Value<bool>,
    /// How page tables are virtualized: `automatic`, `on` (in hardware) or `off`. vSphere 6.7 only.
    #[tf(optional, computed, one_of("", "automatic", "on", "off"))]
    pub ept_rvi_mode: Value<String>,
    /// How instructions are virtualized: `hvAuto`, `hvOn` (in hardware) or `hvOff`.
    #[tf(optional, computed, one_of("", "hvAuto", "hvOn", "hvOff"))]
    pub hv_mode: Value<String>,
    /// Whether the guest may run virtual machines itself.
    #[tf(optional)]
    pub nested_hv_enabled: Value<bool>,
    /// Whether the guest has virtualization-based security. Needs `firmware = "efi"`, `efi_secure_boot_enabled`,
    /// `nested_hv_enabled` and `vvtd_enabled`.
    #[tf(optional)]
    pub vbs_enabled: Value<bool>,
    /// Whether the guest has an IOMMU (Intel VT-d).
    #[tf(optional)]
    pub vvtd_enabled: Value<bool>,
    /// How much latency matters: `low`, `normal`, `medium` or `high`. `high` wants all of processors and memory reserved.
    #[tf(optional, default = "normal", one_of("low", "normal", "medium", "high"))]
    pub latency_sensitivity: Value<String>,
    /// The EVC mode of the machine, such as `intel-cascadelake`: the guest sees no newer features of processors, on
    /// whatever host. Needs hardware version 14, and the machine to be off for a change.
    #[tf(optional)]
    pub evc_mode: Value<String>,
    /// Where the swap file is: `inherit`, `hostLocal` or `vmDirectory`.
    #[tf(optional, default = "inherit", one_of("inherit", "hostLocal", "vmDirectory"))]
    pub swap_placement_policy: Value<String>,
    /// The id of the storage policy for the home of the machine: its configuration and swap files. Left out, it is the
    /// datastore's default, and is not looked at.
    #[tf(optional, computed)]
    pub storage_policy_id: Value<String>,
    /// Further configuration keys, such as `guestinfo.userdata`. A key that is removed from the configuration is deleted.
    /// Keys that exist only in vSphere are left unchanged.
    #[tf(optional)]
    pub extra_config: Value<BTreeMap<String, String>>,
    /// Whether a change of `extra_config` turns a running machine off and on. Keys that begin with `guestinfo.` never do.
    #[tf(optional, default = true, same = only_said)]
    pub extra_config_reboot_required: Value<bool>,

    // Guest tools and boot.
    /// Whether guest tools are upgraded by hand (`manual`) or whenever the machine is turned on (`upgradeAtPowerCycle`).
    #[tf(optional, default = "manual", one_of("manual", "upgradeAtPowerCycle"))]
    pub tools_upgrade_policy: Value<String>,
    /// Whether scripts run in the guest after it was turned on.
    #[tf(optional, default = true)]
    pub run_tools_scripts_after_power_on: Value<bool>,
    /// Whether scripts run in the guest after it was resumed.
    #[tf(optional, default = true)]
    pub run_tools_scripts_after_resume: Value<bool>,
    /// Whether scripts run in the guest before it reboots.
    #[tf(optional)]
    pub run_tools_scripts_before_guest_reboot: Value<bool>,
    /// Whether scripts run in the guest before it shuts down.
    #[tf(optional, default = true)]
    pub run_tools_scripts_before_guest_shutdown: Value<bool>,
    /// Whether scripts run in the guest before it is suspended.
    #[tf(optional, default = true)]
    pub run_tools_scripts_before_guest_standby: Value<bool>,
    /// Whether the guest's clock is set when the machine starts or resumes.
    #[tf(optional, default = true)]
    pub sync_time_with_host: Value<bool>,
    /// Whether the guest's clock is set again and again. Needs vSphere 7.0 U1 for more than what `sync_time_with_host`
    /// does.
    #[tf(optional)]
    pub sync_time_with_host_periodically: Value<bool>,
    /// How long to wait before booting, in milliseconds.
    #[tf(optional, at_least = 0)]
    pub boot_delay: Value<i64>,
    /// Whether a failed boot is tried again.
    #[tf(optional)]
    pub boot_retry_enabled: Value<bool>,
    /// How long to wait before trying again, in milliseconds.
    #[tf(optional, default = 10_000, at_least = 0)]
    pub boot_retry_delay: Value<i64>,

    // Controllers.
    /// The number of SCSI controllers that the provider makes and looks at.
    #[tf(optional, default = 1, range(0, 4))]
    pub scsi_controller_count: Value<i64>,
    /// The type of the SCSI controllers: `pvscsi`, `lsilogic`, `lsilogic-sas` or `buslogic`. `mixed` is what the state of
    /// a machine with several types says.
    #[tf(optional, default = "pvscsi", one_of("pvscsi", "lsilogic", "lsilogic-sas", "buslogic", "mixed"))]
    pub scsi_type: Value<String>,
    /// Whether machines share the SCSI controllers: `noSharing`, `virtualSharing` (on one host) or `physicalSharing`.
    #[tf(optional, default = "noSharing", one_of("noSharing", "virtualSharing", "physicalSharing"))]
    pub scsi_bus_sharing: Value<String>,
    /// The number of SATA controllers that the provider makes and looks at.
    #[tf(optional, default = 0, range(0, 4))]
    pub sata_controller_count: Value<i64>,
    /// The number of NVMe controllers that the provider makes and looks at.
    #[tf(optional, default = 0, range(0, 4))]
    pub nvme_controller_count: Value<i64>,
    /// The number of IDE controllers that the provider looks at.
    #[tf(optional, default = 2, range(1, 2))]
    pub ide_controller_count: Value<i64>,

    // Devices.
    /// A disk. It is found again by its UUID, then by its address: another `label` changes nothing in vSphere. Disks that
    /// are attached but not declared are left unchanged.
    #[tf(block, computed, max = 60, key = "label")]
    pub disk: Value<Vec<DiskModel>>,
    /// A network interface, in the order in which the guest is to find them.
    #[tf(block, max = 20)]
    pub network_interface: Value<Vec<NicModel>>,
    /// A CD-ROM drive.
    #[tf(block, max = 2)]
    pub cdrom: Value<Vec<CdromModel>>,
    /// The PCI devices of the host that the guest gets, by their ids, such as `0000:3b:00.0`. Needs `host_system_id`, and
    /// all memory reserved.
    #[tf(optional)]
    pub pci_device_id: Value<BTreeSet<String>>,
    /// The shares of graphics cards (vGPU) that the guest gets, by their profiles, such as `grid_t4-4q`; one profile may
    /// occur several times. All memory must be reserved.
    #[tf(optional)]
    pub vgpu_profiles: Value<Vec<String>>,
    /// The virtual trusted platform module. Needs a key provider and `firmware = "efi"`.
    #[tf(block, max = 1)]
    pub vtpm: Value<Vec<VtpmModel>>,
    /// The video card.
    #[tf(block, max = 1)]
    pub video_card: Value<Vec<VideoCardModel>>,

    // How it is made.
    /// What the machine is made from: a virtual machine or a template. A later change is
    /// an input to nothing: the machine stays.
    #[tf(block, max = 1)]
    pub clone: Value<Vec<CloneModel>>,
    /// The OVF package that the machine is made from. A later change is an input to nothing: the machine stays.
    #[tf(block, max = 1)]
    pub ovf_deploy: Value<Vec<OvfDeployModel>>,
    /// The vApp properties of a machine that came from an OVF package.
    #[tf(block, max = 1)]
    pub vapp: Value<Vec<VappModel>>,
    /// How vApp properties reach the guest: `com.vmware.guestInfo`, `iso`.
    #[tf(computed)]
    pub vapp_transport: Value<Vec<String>>,

    // Waiting, and turning off.
    /// How long to wait for an address on the network after the machine was turned on, in minutes; 0 or less not to wait.
    #[tf(optional, default = 5, same = only_said)]
    pub wait_for_guest_net_timeout: Value<i64>,
    /// Whether an address counts only with a default gateway that is reached from it.
    #[tf(optional, default = true, same = only_said)]
    pub wait_for_guest_net_routable: Value<bool>,
    /// How long to wait for any address after the machine was turned on, in minutes; 0 or less not to wait.
    #[tf(optional, default = 0, same = only_said)]
    pub wait_for_guest_ip_timeout: Value<i64>,
    /// Addresses and networks (`10.0.0.5`, `172.17.0.0/16`) that do not count while waiting, and are not listed.
    #[tf(optional, check = super::guest::addresses)]
    pub ignored_guest_ips: Value<Vec<String>>,
    /// How long the guest may take to shut down, in minutes, before the machine is powered off.
    #[tf(optional, default = 3, range(1, 10))]
    pub shutdown_wait_timeout: Value<i64>,
    /// Whether a guest that does not shut down in time is powered off. Without it that is an error.
    #[tf(optional, default = true)]
    pub force_power_off: Value<bool>,
    /// How long a move may take, in minutes.
    #[tf(optional, default = 30, at_least = 10, same = only_said)]
    pub migrate_wait_timeout: Value<i64>,
    /// How long turning on may take, in seconds.
    #[tf(optional, default = 300, at_least = 300, same = only_said)]
    pub poweron_timeout: Value<i64>,
    /// Any text: another one replaces the machine.
    #[tf(optional, force_new)]
    pub replace_trigger: Value<String>,
    /// Whether plans that would destroy or replace the machine are refused.
    #[tf(optional)]
    pub deletion_protection: Value<bool>,
    /// Whether an update may turn a running machine off and on. `false` refuses plans that would; left out, they are
    /// allowed and warned of.
    #[tf(optional)]
    pub allow_reboot: Value<bool>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub labels: Labels,

    // What vSphere says.
    /// The BIOS UUID.
    #[tf(computed)]
    pub uuid: Value<String>,
    /// The instance UUID, which identifies a virtual machine in vCenter.
    #[tf(computed)]
    pub instance_uuid: Value<String>,
    /// The managed object id, such as `vm-42`.
    #[tf(computed)]
    pub moid: Value<String>,
    /// The path of the configuration file on its datastore.
    #[tf(computed)]
    pub vmx_path: Value<String>,
    /// The version of the configuration: another one after every change.
    #[tf(computed, volatile)]
    pub change_version: Value<String>,
    /// The address that the guest tools hold for the first one.
    #[tf(computed)]
    pub default_ip_address: Value<String>,
    /// The addresses that the guest has.
    #[tf(computed)]
    pub guest_ip_addresses: Value<Vec<String>>,
    /// `on`, `off` or `suspended`.
    #[tf(computed)]
    pub power_state: Value<String>,
    /// Whether guest tools run: `guestToolsRunning`, `guestToolsNotRunning`, `guestToolsExecutingScripts`.
    #[tf(computed)]
    pub vmware_tools_status: Value<String>,
    /// Whether the plan turns a running machine off and on.
    #[tf(computed)]
    pub reboot_required: Value<bool>,
    /// Whether the machine was imported.
    #[tf(computed)]
    pub imported: Value<bool>,
    /// How long operations may take. What is left out is the `api_timeout` of the provider, 5 minutes by default.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

/// What is only said for the operations of a run, and is nothing that a machine has: the run takes it from the
/// configuration, and another value is not a difference. After an import it is not set yet.
const SAID: [Field; 7] = [
    VirtualMachineModel::WAIT_FOR_GUEST_NET_TIMEOUT,
    VirtualMachineModel::WAIT_FOR_GUEST_NET_ROUTABLE,
    VirtualMachineModel::WAIT_FOR_GUEST_IP_TIMEOUT,
    VirtualMachineModel::MIGRATE_WAIT_TIMEOUT,
    VirtualMachineModel::POWERON_TIMEOUT,
    VirtualMachineModel::EXTRA_CONFIG_REBOOT_REQUIRED,
    VirtualMachineModel::ALLOW_REBOOT,
];

/// The schema, which every look at a machine needs: made once.
pub(super) static BLOCK: LazyLock<Block> = LazyLock::new(VirtualMachineModel::block);

fn only_said(_: &Dynamic, _: &Dynamic) -> bool {
    true
}

impl VirtualMachineModel {
    /// With what is [said](SAID) for this run.
    pub(super) fn with_words_of(mut self, config: Option<&Self>) -> Self {
        if let Some(config) = config {
            let mut said = Self::null();
            said.copy_from(config, &SAID);
            said.set_defaults(&BLOCK);
            self.copy_from(&said, &SAID);
        }
        self
    }

    /// With the default of each attribute that has one and no value.
    pub(super) fn with_defaults(mut self) -> Self {
        self.set_defaults(&BLOCK);
        self
    }

    /// The host, where one is named.
    pub(super) fn host(&self) -> Option<MoRef> {
        Some(self.host_system_id.as_str()).filter(|id| !id.is_empty()).map(MoId::<moid::Host>::object)
    }
}
