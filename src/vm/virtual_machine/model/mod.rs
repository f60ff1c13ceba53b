//! What a virtual machine is configured by, and what its state says.
mod bootstrap;
mod cdrom;
mod clone;
mod customize;
mod disks;
mod encryption;
mod forms;
mod guest_networks;
mod network;
mod ovf;
mod placement;
pub(super) mod status;
mod vapp;
mod video_card;
mod vtpm;

pub(super) use bootstrap::{CloudInitModel, IgnitionModel};
pub(super) use cdrom::CdromModel;
pub(in crate::vm) use clone::CloneModel;
pub(super) use customize::{CustomizationSpecModel, CustomizeModel};
pub(super) use disks::{ControllerModel, DiskModel};
pub(super) use encryption::EncryptionModel;
pub(super) use forms::{canonical_uuid, plain_mac};
pub(in crate::vm) use forms::{memory, same_folder};
pub(super) use guest_networks::{GuestAddressModel, GuestNetworkModel, GuestRouteModel};
pub(in crate::vm) use network::NicModel;
pub(in crate::vm) use ovf::OvfDeployModel;
pub(super) use placement::PlacementModel;
pub(super) use status::{EncryptionStatusModel, HardwareStatusModel, StorageUsageModel};
pub(in crate::vm) use vapp::VappModel;
pub(super) use video_card::{Graphics3dModel, VideoCardModel};
pub(super) use vtpm::VtpmModel;

use crate::common::conditions::ConditionModel;
use crate::common::labels::Labels;
use crate::common::moid::{self, MoId};
use crate::common::names;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use tf_framework::{Block, Dynamic, Field, Model, Timeouts, Value};
use vsphere_client::MoRef;

/// Manages a virtual machine. The virtual machine can be created from scratch, cloned from a virtual machine or
/// template, or deployed from an OVF package.
///
/// Changes are made in place, and without powering off the virtual machine if vSphere supports it: `reboot_required` in
/// the plan shows whether an update powers off the virtual machine. Changing arguments that only apply when the virtual
/// machine is created, such as `clone` and `ovf_deploy`, does not replace an existing virtual machine. To replace it,
/// change `replace_trigger`.
///
/// A `disk` block is matched with a disk in the state by its `label`, then by its address, then by its size. vSphere
/// does not store the `label`. Disks that were attached outside this resource, such as a Kubernetes persistent volume
/// or a disk of a backup proxy, are not managed. They are kept when the virtual machine is destroyed.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_virtual_machine", category = "Virtual Machine", version = 3)]
pub struct VirtualMachineModel {
    /// The BIOS UUID of the virtual machine, as in `uuid`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the virtual machine, which must be unique in its folder. Changing this renames the virtual machine.
    #[tf(required, length(1, 80), same = names::same)]
    pub name: Value<String>,

    // Where it is.
    /// The managed object ID of the resource pool, such as `resgroup-8`. Changing this moves the virtual machine, if
    /// necessary to another host or cluster. With `placement`, this is the root resource pool of the selected cluster.
    #[tf(
        optional,
        computed,
        form = MoId::<moid::ResourcePool>::any_form,
        exactly_one_of("resource_pool_id", "placement")
    )]
    pub resource_pool_id: Value<String>,
    /// The managed object ID of the host on which to run the virtual machine, such as `host-12`. If omitted, vSphere
    /// selects the host, and can later move the virtual machine. Changing this moves the virtual machine.
    #[tf(optional, computed, form = MoId::<moid::Host>::any_form)]
    pub host_system_id: Value<String>,
    /// The managed object ID of the datastore for the configuration files of the virtual machine, and for disks that do
    /// not set `datastore_id`, such as `datastore-14`. Changing this moves these files.
    #[tf(optional, computed, form = MoId::<moid::Datastore>::any_form, conflicts_with("datastore_cluster_id"))]
    pub datastore_id: Value<String>,
    /// The managed object ID of the datastore cluster in which to place the virtual machine, such as `group-p5`.
    /// Storage DRS selects the datastore, and can later move the virtual machine to another datastore of the datastore
    /// cluster.
    #[tf(optional, form = MoId::<moid::DatastoreCluster>::any_form)]
    pub datastore_cluster_id: Value<String>,
    /// The path of the folder on the datastore in which to create the virtual machine. Used only if `datastore_id` is
    /// set. Conflicts with `datastore_cluster_id`. Defaults to a folder that vSphere names after the virtual machine.
    /// Changing this later has no effect on the existing virtual machine.
    #[tf(optional)]
    pub datastore_path: Value<String>,
    /// The clusters, and optionally the hosts and datastores, among which vSphere selects the place of a new virtual
    /// machine. DRS recommends it for the declared number of virtual CPUs, memory size, disks and storage policy.
    /// Conflicts with `resource_pool_id`, `host_system_id`, `datastore_id` and `datastore_cluster_id`. The first three
    /// report what was selected, and a later recommendation does not change them. Changing this later has no effect on the
    /// existing virtual machine.
    #[tf(block, max = 1)]
    pub placement: Value<Vec<PlacementModel>>,
    /// The managed object ID of the datacenter. Accepted for compatibility with the official provider, and not used:
    /// `resource_pool_id` determines the datacenter.
    #[tf(optional, unstored)]
    pub datacenter_id: Value<String>,
    /// The path of the folder of the virtual machine, such as `team/web`, relative to the virtual machine folder of the
    /// datacenter. An absolute inventory path, such as `/dc1/vm/team/web`, is also accepted. Changing this moves the
    /// virtual machine.
    #[tf(optional, same = same_folder)]
    pub folder: Value<String>,

    // Processors and memory.
    /// The name of the virtual machine class that determines `num_cpus`, `memory`, `cpu_reservation` and
    /// `memory_reservation`, and for a new virtual machine `vgpu_profiles` and, in order, the `adapter_type` of its network
    /// interfaces, if they are omitted. An argument that
    /// contradicts the class is an error. Changing this resizes the virtual machine. Requires vSphere 7.0 Update 3 or later.
    #[tf(optional)]
    pub class_name: Value<String>,
    /// When the virtual machine class is applied: `once`, if the virtual machine is created or `class_name` changes, or
    /// `follow`, to also resize the virtual machine if the class changes. Defaults to `once`.
    #[tf(optional, one_of("once", "follow"), required_with("class_name"))]
    pub class_sync: Value<String>,
    /// The total number of virtual CPUs.
    #[tf(optional, default = 1, at_least = 1)]
    pub num_cpus: Value<i64>,
    /// The number of cores per socket. `num_cpus` must be a multiple of this number.
    #[tf(optional, default = 1, at_least = 1)]
    pub num_cores_per_socket: Value<i64>,
    /// The number of cores per virtual NUMA node. Requires vSphere 8.0 or later and hardware version 20 or later.
    #[tf(optional, at_least = 0)]
    pub num_cores_per_numa_node: Value<i64>,
    /// Whether to allow adding virtual CPUs while the virtual machine is powered on (CPU hot add).
    #[tf(optional)]
    pub cpu_hot_add_enabled: Value<bool>,
    /// Whether to allow removing virtual CPUs while the virtual machine is powered on.
    #[tf(optional)]
    pub cpu_hot_remove_enabled: Value<bool>,
    /// The maximum CPU capacity that the virtual machine can use, in MHz. `-1` means no limit.
    #[tf(optional, default = -1, at_least = -1)]
    pub cpu_limit: Value<i64>,
    /// The CPU capacity that is reserved for the virtual machine, in MHz.
    #[tf(optional, at_least = 0)]
    pub cpu_reservation: Value<i64>,
    /// The number of CPU shares. Set this only if `cpu_share_level` is `custom`; for the other levels, vSphere
    /// determines the number.
    #[tf(optional, computed, range(0, 1_000_000), level = "cpu_share_level")]
    pub cpu_share_count: Value<i64>,
    /// The CPU share level, which determines the priority of the virtual machine when CPU capacity is scarce: `low`,
    /// `normal`, `high` or `custom`.
    #[tf(optional, default = "normal", one_of("low", "normal", "high", "custom"))]
    pub cpu_share_level: Value<String>,
    /// Whether to enable virtualized CPU performance counters in the guest.
    #[tf(optional)]
    pub cpu_performance_counters_enabled: Value<bool>,
    /// The memory size, in MiB. Must be a multiple of 4.
    #[tf(optional, default = 1024, at_least = 4, check = memory)]
    pub memory: Value<i64>,
    /// Whether to allow adding memory while the virtual machine is powered on (memory hot add).
    #[tf(optional)]
    pub memory_hot_add_enabled: Value<bool>,
    /// The maximum host memory that the virtual machine can use, in MiB. `-1` means no limit.
    #[tf(optional, default = -1, at_least = -1)]
    pub memory_limit: Value<i64>,
    /// The host memory that is reserved for the virtual machine, in MiB.
    #[tf(optional, at_least = 0)]
    pub memory_reservation: Value<i64>,
    /// Whether to reserve all memory of the virtual machine, and to adjust the reservation when `memory` changes.
    #[tf(optional)]
    pub memory_reservation_locked_to_max: Value<bool>,
    /// The number of memory shares. Set this only if `memory_share_level` is `custom`; for the other levels, vSphere
    /// determines the number.
    #[tf(optional, computed, range(0, 1_000_000), level = "memory_share_level")]
    pub memory_share_count: Value<i64>,
    /// The memory share level, which determines the priority of the virtual machine when memory is scarce: `low`,
    /// `normal`, `high` or `custom`.
    #[tf(optional, default = "normal", one_of("low", "normal", "high", "custom"))]
    pub memory_share_level: Value<String>,

    // What the machine is.
    /// The ID of the guest operating system, such as `ubuntu64Guest`. Defaults to the guest ID of the template, or to
    /// `otherGuest64` if there is no template.
    #[tf(optional, computed)]
    pub guest_id: Value<String>,
    /// The name of the guest operating system. Used only if `guest_id` is `otherGuest` or `otherGuest64`.
    #[tf(optional)]
    pub alternate_guest_name: Value<String>,
    /// The notes of the virtual machine.
    #[tf(optional, computed)]
    pub annotation: Value<String>,
    /// The firmware: `bios` or `efi`. A guest that was installed with one firmware usually does not boot with the
    /// other.
    #[tf(optional, default = "bios", one_of("bios", "efi"))]
    pub firmware: Value<String>,
    /// Whether to enable UEFI secure boot. Requires `firmware = "efi"`.
    #[tf(optional)]
    pub efi_secure_boot_enabled: Value<bool>,
    /// The hardware version, such as `19`. Increasing this upgrades the virtual machine, which must be powered off. The
    /// hardware version cannot be decreased.
    #[tf(optional, computed, range(4, 99))]
    pub hardware_version: Value<i64>,
    /// Whether to expose the UUIDs of the disks to the guest.
    #[tf(optional)]
    pub enable_disk_uuid: Value<bool>,
    /// Whether the virtual machine writes a log file.
    #[tf(optional)]
    pub enable_logging: Value<bool>,
    /// The memory virtualization (EPT/RVI) mode: `automatic`, `on` (hardware) or `off` (software). Used only by vSphere
    /// 6.7.
    #[tf(optional, computed, one_of("", "automatic", "on", "off"))]
    pub ept_rvi_mode: Value<String>,
    /// The CPU virtualization mode: `hvAuto` (selected by vSphere), `hvOn` (hardware) or `hvOff` (software).
    #[tf(optional, computed, one_of("", "hvAuto", "hvOn", "hvOff"))]
    pub hv_mode: Value<String>,
    /// Whether to expose hardware-assisted virtualization to the guest, which nested virtualization requires.
    #[tf(optional)]
    pub nested_hv_enabled: Value<bool>,
    /// Whether to enable virtualization-based security (VBS). Requires `firmware = "efi"`, `efi_secure_boot_enabled`,
    /// `nested_hv_enabled` and `vvtd_enabled`.
    #[tf(optional)]
    pub vbs_enabled: Value<bool>,
    /// Whether to expose an IOMMU (Intel VT-d) to the guest.
    #[tf(optional)]
    pub vvtd_enabled: Value<bool>,
    /// The latency sensitivity: `low`, `normal`, `medium` or `high`. `high` requires a full CPU and memory reservation.
    #[tf(optional, default = "normal", one_of("low", "normal", "medium", "high"))]
    pub latency_sensitivity: Value<String>,
    /// The EVC mode of the virtual machine, such as `intel-cascadelake`, which hides newer CPU features of the host
    /// from the guest. Requires hardware version 14 or later. Changing this requires the virtual machine to be powered
    /// off.
    #[tf(optional)]
    pub evc_mode: Value<String>,
    /// The swap file location: `inherit`, `hostLocal` or `vmDirectory`.
    #[tf(optional, default = "inherit", one_of("inherit", "hostLocal", "vmDirectory"))]
    pub swap_placement_policy: Value<String>,
    /// The ID of the storage policy for the home directory of the virtual machine, which contains the configuration and
    /// swap files. If omitted, the default storage policy of the datastore applies, and the storage policy is not
    /// managed.
    #[tf(optional, computed)]
    pub storage_policy_id: Value<String>,
    /// The extra config of the virtual machine: key-value pairs, such as `guestinfo.userdata`. A key that is removed
    /// from the configuration is deleted. Keys that the configuration has never declared are not managed.
    #[tf(optional)]
    pub extra_config: Value<BTreeMap<String, String>>,
    /// Whether to power a running virtual machine off and on to change `extra_config`. Changing keys that begin with
    /// `guestinfo.` never requires this.
    #[tf(optional, default = true, same = only_said)]
    pub extra_config_reboot_required: Value<bool>,

    // Guest tools and boot.
    /// The upgrade policy for VMware Tools: `manual`, or `upgradeAtPowerCycle` to upgrade each time the virtual machine
    /// is powered on, if necessary.
    #[tf(optional, default = "manual", one_of("manual", "upgradeAtPowerCycle"))]
    pub tools_upgrade_policy: Value<String>,
    /// Whether VMware Tools runs scripts in the guest after power-on.
    #[tf(optional, default = true)]
    pub run_tools_scripts_after_power_on: Value<bool>,
    /// Whether VMware Tools runs scripts in the guest after resuming.
    #[tf(optional, default = true)]
    pub run_tools_scripts_after_resume: Value<bool>,
    /// Whether VMware Tools runs scripts before the guest reboots.
    #[tf(optional)]
    pub run_tools_scripts_before_guest_reboot: Value<bool>,
    /// Whether VMware Tools runs scripts before the guest shuts down.
    #[tf(optional, default = true)]
    pub run_tools_scripts_before_guest_shutdown: Value<bool>,
    /// Whether VMware Tools runs scripts before the virtual machine is suspended.
    #[tf(optional, default = true)]
    pub run_tools_scripts_before_guest_standby: Value<bool>,
    /// Whether to synchronize the clock of the guest with the host when the virtual machine starts or resumes. Before
    /// vSphere 7.0 U1, this also controls periodic synchronization.
    #[tf(optional, default = true)]
    pub sync_time_with_host: Value<bool>,
    /// Whether to synchronize the clock of the guest with the host periodically. Requires vSphere 7.0 U1 or later;
    /// earlier versions use only `sync_time_with_host`.
    #[tf(optional)]
    pub sync_time_with_host_periodically: Value<bool>,
    /// The delay before booting, in milliseconds.
    #[tf(optional, at_least = 0)]
    pub boot_delay: Value<i64>,
    /// Whether to retry booting after a boot failure.
    #[tf(optional)]
    pub boot_retry_enabled: Value<bool>,
    /// The delay before a boot is retried, in milliseconds. Used only if `boot_retry_enabled` is `true`.
    #[tf(optional, default = 10_000, at_least = 0)]
    pub boot_retry_delay: Value<i64>,

    // Controllers.
    /// The minimum number of SCSI controllers. Missing controllers are added; additional ones are never removed.
    /// `scsi_type` and `scsi_bus_sharing` apply to this many controllers.
    #[tf(optional, default = 1, range(0, 4))]
    pub scsi_controller_count: Value<i64>,
    /// The type of the SCSI controllers: `pvscsi`, `lsilogic`, `lsilogic-sas` or `buslogic`. If the existing SCSI
    /// controllers have different types, the state contains `mixed`. In the configuration, `mixed` leaves the types as
    /// they are. If omitted, existing controllers keep their types.
    #[tf(optional, default = "pvscsi", one_of("pvscsi", "lsilogic", "lsilogic-sas", "buslogic", "mixed"))]
    pub scsi_type: Value<String>,
    /// The bus sharing mode of the SCSI controllers: `noSharing`, `virtualSharing` (between virtual machines on the
    /// same host) or `physicalSharing` (between virtual machines on any host). If the existing SCSI controllers have
    /// different modes, the state contains `mixed`. In the configuration, `mixed` leaves the modes as they are. If omitted, a
    /// `mixed` state is kept, which is also the state after the `controller` block of a shared controller was removed.
    #[tf(optional, default = "noSharing", one_of("noSharing", "virtualSharing", "physicalSharing", "mixed"))]
    pub scsi_bus_sharing: Value<String>,
    /// The minimum number of SATA controllers. Missing controllers are added; additional ones are never removed.
    #[tf(optional, default = 0, range(0, 4))]
    pub sata_controller_count: Value<i64>,
    /// The minimum number of NVMe controllers. Missing controllers are added; additional ones are never removed.
    #[tf(optional, default = 0, range(0, 4))]
    pub nvme_controller_count: Value<i64>,
    /// The number of IDE controllers that disks can use. IDE controllers are neither added nor removed: vSphere creates
    /// 2 of them for each virtual machine.
    #[tf(optional, default = 2, range(1, 2))]
    pub ide_controller_count: Value<i64>,
    /// A controller with a type and a sharing mode of its own. Conflicts with `scsi_type`, `scsi_bus_sharing` and the
    /// controller count for the same controller type. A missing controller is added, which does not require powering off
    /// the virtual machine. Removing a block changes neither the controller nor the devices on it.
    #[tf(block, max = 12)]
    pub controller: Value<Vec<ControllerModel>>,

    // Devices.
    /// A disk. Changing only the `label` does not change the disk in vSphere. Removing a block deletes the disk, unless
    /// `attach` or `keep_on_remove` is set. Attached disks that the configuration does not declare are kept. If a clone
    /// declares no disks, the disks of the template are in the state and are deleted with the virtual machine.
    #[tf(block, computed, max = 60, key = "label")]
    pub disk: Value<Vec<DiskModel>>,
    /// A network interface. The order of the blocks determines the order of the interfaces in the guest.
    #[tf(block, max = 20)]
    pub network_interface: Value<Vec<NicModel>>,
    /// The managed object ID of a network, such as `network-7`. A new virtual machine without `network_interface` blocks has a
    /// single network interface, which is connected to this network. Such a network interface is not managed: removing it
    /// outside Terraform is not reverted. Changing this later has no effect on the existing virtual machine.
    #[tf(optional, unstored)]
    pub default_network_id: Value<String>,
    /// A CD-ROM drive. A block without arguments keeps the drive as it is: empty, or connected to a drive of the host.
    #[tf(block, max = 124)]
    pub cdrom: Value<Vec<CdromModel>>,
    /// The IDs of the PCI devices on the host to pass through to the virtual machine, such as `0000:3b:00.0`. Requires
    /// `host_system_id` and a full memory reservation.
    #[tf(optional)]
    pub pci_device_id: Value<BTreeSet<String>>,
    /// The vGPU profiles of the shared graphics devices to add, such as `grid_t4-4q`. A profile can be listed more than
    /// once. Requires a full memory reservation.
    #[tf(optional)]
    pub vgpu_profiles: Value<Vec<String>>,
    /// The names of the vendor device groups to add, such as `Nvidia:2@grid_v100-8q%NVLink`. A group consists of devices of one
    /// host, such as vGPUs that are connected to each other, which are added and removed together while the virtual machine
    /// is powered off. Requires vSphere 8.0 or later and a full memory reservation.
    #[tf(optional)]
    pub device_groups: Value<Vec<String>>,
    /// The virtual Trusted Platform Module (vTPM). Requires a key provider in vCenter and `firmware = "efi"`.
    #[tf(block, max = 1)]
    pub vtpm: Value<Vec<VtpmModel>>,
    /// Encrypts the virtual machine and its disks with the keys of a key provider, without a storage policy. A disk with a
    /// `storage_policy_id` is encrypted if its storage policy says so. Without this block, the encryption is not managed.
    #[tf(block, max = 1)]
    pub encryption: Value<Vec<EncryptionModel>>,
    /// The video card.
    #[tf(block, max = 1)]
    pub video_card: Value<Vec<VideoCardModel>>,

    // How it is made.
    /// The source to clone the virtual machine from: a virtual machine, a template or a content library item. Changing
    /// this later has no effect on the existing virtual machine.
    #[tf(block, max = 1)]
    pub clone: Value<Vec<CloneModel>>,
    /// The OVF package to deploy the virtual machine from. Changing this later has no effect on the existing virtual
    /// machine.
    #[tf(block, max = 1)]
    pub ovf_deploy: Value<Vec<OvfDeployModel>>,
    /// The guest customization settings of a new virtual machine, which is customized when it is first powered on. Changing
    /// this later has no effect on the existing virtual machine. Conflicts with `clone.customize` and
    /// `clone.customization_spec`.
    #[tf(block, max = 1)]
    pub customize: Value<Vec<CustomizeModel>>,
    /// The cloud-init data of the guest.
    #[tf(block, max = 1)]
    pub cloud_init: Value<Vec<CloudInitModel>>,
    /// The Ignition configuration of the guest.
    #[tf(block, max = 1)]
    pub ignition: Value<Vec<IgnitionModel>>,
    /// The vApp options of the virtual machine.
    #[tf(block, max = 1)]
    pub vapp: Value<Vec<VappModel>>,
    /// The transports that provide the vApp properties to the guest: `com.vmware.guestInfo` or `iso`.
    #[tf(computed)]
    pub vapp_transport: Value<Vec<String>>,

    // Waiting, and turning off.
    /// The number of minutes to wait for an IP address of the guest after power-on, and for a default gateway if
    /// `wait_for_guest_net_routable` is `true`. A value of 0 or less disables waiting.
    #[tf(optional, default = 5, same = only_said)]
    pub wait_for_guest_net_timeout: Value<i64>,
    /// Whether to also wait for a default gateway that is reachable from an IP address of the guest. Used only with
    /// `wait_for_guest_net_timeout`.
    #[tf(optional, default = true, same = only_said)]
    pub wait_for_guest_net_routable: Value<bool>,
    /// The number of minutes to wait for any IP address of the guest after power-on. A value of 0 or less disables
    /// waiting.
    #[tf(optional, default = 0, same = only_said)]
    pub wait_for_guest_ip_timeout: Value<i64>,
    /// The IP addresses and networks of the guest to ignore, such as `10.0.0.5` and `172.17.0.0/16`. Ignored addresses
    /// do not end the wait for an IP address, and are not listed in `guest_ip_addresses`.
    #[tf(optional, check = forms::addresses)]
    pub ignored_guest_ips: Value<Vec<String>>,
    /// The number of minutes to wait for the guest to shut down before the virtual machine is powered off.
    #[tf(optional, default = 3, range(1, 10))]
    pub shutdown_wait_timeout: Value<i64>,
    /// Whether to power off the virtual machine if the guest does not shut down within `shutdown_wait_timeout`. If
    /// `false`, this is an error.
    #[tf(optional, default = true)]
    pub force_power_off: Value<bool>,
    /// The timeout for moving the virtual machine to another host or datastore, in minutes.
    #[tf(optional, default = 30, at_least = 10, same = only_said)]
    pub migrate_wait_timeout: Value<i64>,
    /// The timeout for powering on the virtual machine, in seconds. See also `poweron_retry_interval`.
    #[tf(optional, default = 300, at_least = 300, same = only_said)]
    pub poweron_timeout: Value<i64>,
    /// The number of seconds after which power-on is retried if no host has enough resources, until `poweron_timeout`.
    /// If omitted, power-on is not retried.
    #[tf(optional, unstored, at_least = 1)]
    pub poweron_retry_interval: Value<i64>,
    /// How to power off the virtual machine, also for changes that require it and before it is destroyed: `hard` powers
    /// it off without shutting down the guest. `soft` shuts down the guest, which requires VMware Tools. `trySoft` shuts
    /// down the guest, and powers off the virtual machine if VMware Tools is not running or after
    /// `soft_power_op_timeout`. If set, `shutdown_wait_timeout` and `force_power_off` are not used.
    #[tf(optional, one_of("hard", "soft", "trySoft"))]
    pub power_off_mode: Value<String>,
    /// How to suspend the virtual machine: `hard` suspends it without notifying the guest. `soft` puts the guest into
    /// standby, which requires VMware Tools. `trySoft` puts the guest into standby, and suspends the virtual machine if
    /// VMware Tools is not running or after `soft_power_op_timeout`. If omitted, it is `trySoft`.
    #[tf(optional, unstored, one_of("hard", "soft", "trySoft"))]
    pub suspend_mode: Value<String>,
    /// How to restart the virtual machine: `hard` resets it. `soft` restarts the guest, which requires VMware Tools.
    /// `trySoft` restarts the guest, and resets the virtual machine if VMware Tools is not running or after
    /// `soft_power_op_timeout`. If omitted, it is `trySoft`.
    #[tf(optional, unstored, one_of("hard", "soft", "trySoft"))]
    pub restart_mode: Value<String>,
    /// The number of seconds to wait for the guest if a mode is `soft` or `trySoft`. If omitted, it is 300.
    #[tf(optional, at_least = 1)]
    pub soft_power_op_timeout: Value<i64>,
    /// An arbitrary string that, when changed, restarts the virtual machine, which must be powered on. An update that
    /// powers the virtual machine off and on does not restart it again. Removing it does not restart it.
    #[tf(optional, unstored)]
    pub restart_trigger: Value<String>,
    /// Whether to power on a new virtual machine. Set `false` for a member of a `vsphere_virtual_machine_group`, which
    /// powers it on in its boot order. If `false`, nothing is waited for in the guest. If omitted, a new virtual machine is
    /// powered on, unless `power_state` is `off`.
    #[tf(optional, unstored, conflicts_with("power_state"))]
    pub power_on_after_create: Value<bool>,
    /// Reasons not to power on the virtual machine, by component, such as `{ ad = "waiting for the computer object" }`.
    /// As long as there is one, a new virtual machine is created and left powered off, and plans that power on the virtual
    /// machine are rejected, including those of a new one with `power_state = "on"`. When the last one is removed, a new
    /// virtual machine is powered on.
    #[tf(optional, unstored, check = forms::reasons)]
    pub power_on_checks: Value<BTreeMap<String, String>>,
    /// Reasons not to destroy the virtual machine, by component, such as `{ backup = "not archived yet" }`. As long as
    /// there is one in the state, plans that destroy or replace the virtual machine are rejected.
    #[tf(optional, check = forms::reasons)]
    pub delete_checks: Value<BTreeMap<String, String>>,
    /// An arbitrary string that, when changed, replaces the virtual machine.
    #[tf(optional, force_new)]
    pub replace_trigger: Value<String>,
    /// Whether to reject plans that destroy or replace the virtual machine.
    #[tf(optional)]
    pub deletion_protection: Value<bool>,
    /// Whether to detach volumes that are not declared when an update powers off the virtual machine because `power_state`
    /// is `off`: first class disks, and disks in a folder of volumes, such as those of Kubernetes, whose pods cannot be
    /// scheduled on another node as long as a powered-off node has their volumes. The disks and their files are kept.
    #[tf(optional, unstored)]
    pub detach_volumes_on_power_off: Value<bool>,
    /// Whether an update can power a running virtual machine off and on. If `false`, plans that require this are
    /// rejected. If omitted, such plans show a warning.
    #[tf(optional)]
    pub allow_reboot: Value<bool>,
    /// What happens to changes of settings, such as `num_cpus`, `memory` and those of `class_name`, that a running virtual
    /// machine does not accept: `power_cycle` powers it off and on. `next_power_off` leaves it running. The changes wait, are
    /// listed in `pending_changes` and in a warning of each plan, and are applied by the first apply that powers the virtual
    /// machine off (`power_state = "off"`), or that finds it powered off. Changes of devices that require a power-off cannot
    /// wait and are rejected. If omitted, it is `power_cycle`.
    #[tf(optional, one_of("power_cycle", "next_power_off"))]
    pub resize_policy: Value<String>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub labels: Labels,

    // What vSphere says.
    /// The BIOS UUID of the virtual machine.
    #[tf(computed)]
    pub uuid: Value<String>,
    /// The BIOS UUID of a new virtual machine, such as `4231b6c2-7a3f-4d0e-9c59-0f6d2a1b8e47`, in any case and with or
    /// without hyphens. It should be unique in vCenter, because it is also the `id`. Defaults to a random UUID. Plans that
    /// change it for an existing virtual machine are rejected.
    #[tf(optional, computed, same = forms::same_uuid, check = forms::uuid)]
    pub bios_uuid: Value<String>,
    /// The instance UUID, which identifies the virtual machine in vCenter and must be unique, in the same form as
    /// `bios_uuid`. Defaults to a random UUID. Plans that change it for an existing virtual machine are rejected.
    #[tf(optional, computed, same = forms::same_uuid, check = forms::uuid)]
    pub instance_uuid: Value<String>,
    /// The managed object ID of the virtual machine, such as `vm-42`.
    #[tf(computed)]
    pub moid: Value<String>,
    /// The path of the configuration file on its datastore.
    #[tf(computed)]
    pub vmx_path: Value<String>,
    /// The version identifier of the configuration, which changes with every configuration change.
    #[tf(computed, volatile)]
    pub change_version: Value<String>,
    /// The primary IP address that VMware Tools reports, or the first address in `guest_ip_addresses`.
    #[tf(computed)]
    pub default_ip_address: Value<String>,
    /// The IP addresses of the guest, without those in `ignored_guest_ips`.
    #[tf(computed)]
    pub guest_ip_addresses: Value<Vec<String>>,
    /// The network configuration that VMware Tools reports, for each network interface: `name` (that of the
    /// `network_interface` block), `key`, `mac_address`, `connected`, `network`, `addresses` with `address`, `prefix_length`
    /// and `origin`, without those in `ignored_guest_ips`, `dhcp4`, `dhcp6`, `host_name`, `domain`, `dns_servers`,
    /// `search_domains`, and `routes` with `destination` and `gateway`. It is empty if VMware Tools is not running.
    #[tf(computed)]
    pub guest_networks: Value<Vec<GuestNetworkModel>>,
    /// The power state: `on`, `off` or `suspended`. A suspended virtual machine can only be powered off if `power_off_mode`
    /// is `hard`, and only a virtual machine that is powered on can be suspended. If omitted, a new virtual machine is
    /// powered on, and changes of its power state outside Terraform are not reverted.
    #[tf(optional, computed, one_of("on", "off", "suspended"))]
    pub power_state: Value<String>,
    /// The full name of the guest operating system of `guest_id`, such as `Ubuntu Linux (64-bit)`.
    #[tf(computed)]
    pub guest_full_name: Value<String>,
    /// The hardware of the virtual machine: `cpu` with the number of virtual CPUs (`total`) and the `reservation` in MHz,
    /// `memory` with `total` and `reservation` in MiB, `vgpus` with `profile` and `migration_type` (`none`, `normal` or
    /// `enhanced`), and `controllers` with the `type` and `unit_number` of their `devices` (`disk` or `cdrom`).
    #[tf(computed)]
    pub hardware_status: Value<HardwareStatusModel>,
    /// The storage that the virtual machine uses, in bytes. `disks_requested` is the capacity of the disks, and `disks_used`
    /// the space that they take, both without Kubernetes persistent volumes and other first class disks. `other_used` is
    /// the size of all other files, such as memory snapshots, swap files and logs. `total` is the sum of `other_used` and
    /// `disks_requested`, which a Supervisor counts against the storage quota of a namespace.
    #[tf(computed)]
    pub storage_usage: Value<StorageUsageModel>,
    /// The encryption: `encrypted`, the `key_provider_id` and `key_id`, what is encrypted (`types`: `config`, which is all files
    /// but the disks, and `disks`), `has_vtpm`, and the `key` (device key), `key_provider_id` and `key_id` of the encrypted
    /// `disks`.
    #[tf(computed)]
    pub encryption_status: Value<EncryptionStatusModel>,
    /// The conditions of the virtual machine, each with a `type`, a `status` (`True`, `False` or `Unknown`) and, unless the
    /// status is `True`, a `reason` and a `message`. With `class_name`, `VirtualMachineClassConfigurationSynced` is whether
    /// the virtual machine has the size of its class (otherwise `ClassNotFound` or `SameClassResize`). With `encryption`,
    /// `VirtualMachineEncryptionSynced` is whether it is encrypted (`InvalidState`). `VirtualMachineTools` is whether VMware
    /// Tools is running (`VirtualMachineToolsNotRunning`, `NoGuestInfo`). With `resize_policy = "next_power_off"`,
    /// `VirtualMachineConfigurationSynced` is whether no changes wait (`PowerOffRequired`). `GuestNetworkReady` whether the guest has an IP
    /// address (`NoAddress`, `PoweredOff`), and `VirtualMachineUnmanagedVolumesBackfilled` whether this resource manages all
    /// disks, except first class disks (`UnmanagedDisks`).
    #[tf(computed)]
    pub conditions: Value<Vec<ConditionModel>>,
    /// The changes that wait until the virtual machine is powered off, if `resize_policy` is `next_power_off`: the values by
    /// attribute, such as `{ num_cpus = "4" }`. The attributes themselves have the values of the virtual machine.
    #[tf(computed)]
    pub pending_changes: Value<BTreeMap<String, String>>,
    /// The running status of VMware Tools: `guestToolsRunning`, `guestToolsNotRunning` or `guestToolsExecutingScripts`.
    #[tf(computed)]
    pub vmware_tools_status: Value<String>,
    /// Whether the planned update powers a running virtual machine off and on.
    #[tf(computed)]
    pub reboot_required: Value<bool>,
    /// Whether the virtual machine was imported.
    #[tf(computed)]
    pub imported: Value<bool>,
    /// Timeouts for operations. An omitted timeout defaults to the provider's `api_timeout`, which is 5 minutes by
    /// default. With `ovf_deploy`, the create timeout defaults to 1 hour, or to `api_timeout` if that is longer.
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
    pub(in crate::vm) fn host(&self) -> Option<MoRef> {
        Some(self.host_system_id.as_str()).filter(|id| !id.is_empty()).map(MoId::<moid::Host>::object)
    }
}

/// A sentence part.
pub(super) fn title(m: &VirtualMachineModel) -> String {
    match m.name.as_str() {
        "" => MoRef::new("VirtualMachine", m.moid.as_str()).to_string(),
        name => match m.folder.as_str().trim_end_matches('/') {
            "" => format!("the virtual machine {name:?}"),
            folder => format!("the virtual machine {:?}", format!("{folder}/{name}")),
        },
    }
}
