//! `vsphere_virtual_disk_attachment`
mod address;

use crate::common::moid::{Datastore, MoId};
use crate::common::{lookup, machine};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use address::{NoAddress, Part, Wanted};
use serde_json::Value as Json;
use tf_framework::{
    AttributePath, Cx, DestroyCx, Diagnostics, Dynamic, Field, Model, Plan, PlanCx, Resource, Result,
    Timeouts, Value,
};
use vsphere_client::KeyedLock;
use vsphere_client::device::{
    Address, Bus, DatastorePath, DeviceChanges, Devices, Disk, Files, HardwareVersion, device_mut,
};
use vsphere_client::first_class_disk::At;
use vsphere_client::vim::types::{
    VirtualDevice, VirtualDeviceKind, VirtualDisk, VirtualDiskFlatVer2BackingInfo, VirtualMachineConfigSpec,
};
use vsphere_client::virtual_machine::{VirtualMachine, Wait};
use vsphere_client::{FaultKind, MoRef};

/// Attaches an existing disk to a virtual machine. Destroying the resource detaches the disk, which is never deleted.
///
/// The virtual machine can be powered on. Changes to the same virtual machine are made one at a time.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_virtual_disk_attachment", category = "Virtual Machine")]
pub struct AttachmentModel {
    /// The managed object ID of the virtual machine and the address of the disk, such as `vm-42:scsi:0:3`.
    #[tf(computed)]
    pub id: Value<String>,
    /// The virtual machine: its BIOS UUID (the `id` of `vsphere_virtual_machine`), instance UUID or managed object ID.
    #[tf(required, force_new, form = machine::id, same = machine::same)]
    pub virtual_machine_id: Value<String>,
    /// The path of the disk with its datastore, such as `[ssd1] disks/data.vmdk`: the `path` of a `vsphere_virtual_disk`.
    /// At least one of `path` and `first_class_disk_id` must be set.
    #[tf(
        optional,
        computed,
        force_new,
        check = disk_path,
        same = same_path,
        at_least_one_of("path", "first_class_disk_id")
    )]
    pub path: Value<String>,
    /// The ID of a first class disk, such as the `id` of a `vsphere_first_class_disk`. The disk stays attached if its file
    /// is moved, renamed or replaced because of a snapshot. Requires `datastore_id`, unless `path` is set too.
    #[tf(optional, computed, force_new)]
    pub first_class_disk_id: Value<String>,
    /// The managed object ID of the datastore of the first class disk, such as `datastore-12`. It is only used to attach the
    /// disk: changing it later has no effect.
    #[tf(optional, form = MoId::<Datastore>::form, required_with("first_class_disk_id"))]
    pub datastore_id: Value<String>,
    /// The type of the controller to attach the disk to: `scsi`, `nvme`, `sata` or `ide`. Defaults to the first of
    /// these types with a free unit.
    #[tf(optional, computed, force_new, one_of("scsi", "nvme", "sata", "ide"))]
    pub controller_type: Value<String>,
    /// The bus number of the controller, starting at 0. The controller must exist. Defaults to the first controller
    /// with a free unit.
    #[tf(optional, computed, force_new, range(0, 3))]
    pub controller_bus_number: Value<i64>,
    /// The unit number on the controller, starting at 0. Unit 7 of a SCSI controller is reserved for the controller.
    /// Defaults to the first free unit.
    #[tf(optional, computed, force_new, range(0, 64), required_with("controller_bus_number"))]
    pub unit_number: Value<i64>,
    /// The disk mode, which determines whether changes are persistent and whether snapshots include the disk:
    /// `persistent`, `independent_persistent`, `independent_nonpersistent`, `nonpersistent`, `undoable` or `append`.
    #[tf(
        optional,
        default = "persistent",
        one_of(
            "persistent",
            "independent_persistent",
            "independent_nonpersistent",
            "nonpersistent",
            "undoable",
            "append"
        )
    )]
    pub disk_mode: Value<String>,
    /// The sharing mode: `sharingNone`, or `sharingMultiWriter` to allow several virtual machines to write to the disk.
    #[tf(optional, default = "sharingNone", one_of("sharingNone", "sharingMultiWriter"))]
    pub sharing: Value<String>,
    /// Whether the virtual machine must be powered off when the disk is detached. If `true`, an apply that destroys or
    /// replaces the attachment fails while the virtual machine is powered on or suspended, and the disk stays attached.
    /// Defaults to `false`.
    #[tf(optional)]
    pub require_powered_off: Value<bool>,
    /// The UUID of the disk, which does not change when the disk file is moved or renamed.
    #[tf(computed)]
    pub disk_uuid: Value<String>,
    /// The file that the virtual machine currently writes to. It differs from `path` if the virtual machine has
    /// snapshots or if the disk was moved.
    #[tf(computed)]
    pub file: Value<String>,
    /// The size of the disk, in GiB, rounded up.
    #[tf(computed)]
    pub size: Value<i64>,
    /// Timeouts for operations. An omitted timeout defaults to the provider's `api_timeout`, which is 5 minutes by
    /// default.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

type M = AttachmentModel;

/// Bytes in a GiB.
const GIB: i64 = 1 << 30;
/// How often an address is chosen again after another client has changed the virtual machine.
const ATTEMPTS: usize = 8;

/// A check for the path of a disk with its datastore.
fn disk_path(v: &Dynamic) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    match text.parse::<DatastorePath>() {
        Ok(path) if path.path.ends_with(".vmdk") => Ok(()),
        _ => Err(format!(
            "{text:?} is not the path of a disk. Expected one with its datastore, such as \"[ssd1] disks/data.vmdk\": use \
             `vsphere_virtual_disk.<name>.path`."
        )),
    }
}

/// A slash at the beginning and blanks behind the datastore do not matter.
fn same_path(a: &Dynamic, b: &Dynamic) -> bool {
    let path = |v: &Dynamic| v.as_str().and_then(|t| t.parse::<DatastorePath>().ok());
    path(a).is_some() && path(a) == path(b)
}

/// The resource.
#[derive(Default)]
pub struct VirtualDiskAttachment {
    /// Whose turn it is, for each virtual machine.
    turns: KeyedLock<MoRef>,
}

impl M {
    fn wanted(&self) -> Wanted {
        let number = |v: &Value<i64>| v.known().and_then(|n| i32::try_from(*n).ok());
        Wanted {
            bus: self.controller_type.known().and_then(|t| Bus::ALL.into_iter().find(|b| b.name() == *t)),
            controller: number(&self.controller_bus_number),
            unit: number(&self.unit_number),
        }
    }

    /// The path, as vSphere writes it.
    fn file(&self) -> String {
        self.path.as_str().parse::<DatastorePath>().map_or_else(|_| self.path.get(), |p| p.to_string())
    }

    /// The virtual machine and address of the id.
    fn attached(&self) -> Option<(MoRef, Address)> {
        let (vm, address) = parts(self.id.as_str())?;
        Some((MoRef::new("VirtualMachine", vm), address.parse().ok()?))
    }

    /// The disk among the devices: by its ID as a first class disk, by its UUID, or else by its file.
    fn find<'a>(&self, devices: &'a Devices) -> Option<(Option<Address>, Disk<'a>)> {
        let (id, uuid) = (self.first_class_disk_id.non_empty(), self.disk_uuid.non_empty());
        let file = self.file();
        let by_id = |d: &Disk<'_>| id.is_some() && d.first_class_id() == id.map(String::as_str);
        let by_uuid = |d: &Disk<'_>| uuid.is_some() && d.uuid().as_ref() == uuid;
        let by_file = |d: &Disk<'_>| d.backing().is_some_and(|b| b.file == file || b.base_file() == file);
        let all = devices.disks();
        let found = |is: &dyn Fn(&Disk<'_>) -> bool| all.iter().find(|(_, d)| is(d));
        found(&by_id).or_else(|| found(&by_uuid)).or_else(|| found(&by_file)).copied()
    }

    /// With what the server says.
    fn observed(self, vm: &MoRef, address: Option<Address>, disk: &Disk<'_>) -> Self {
        let (backing, number) = (disk.backing(), |n: i32| Value::from(i64::from(n)));
        let text = |of: Option<&str>| Value::from(of.map(str::to_owned));
        let file = backing.as_ref().map(|b| b.file);
        let imported = self.path.is_null();
        let mut out = Self {
            disk_mode: text(backing.as_ref().and_then(|b| b.mode)),
            sharing: backing
                .as_ref()
                .and_then(|b| b.sharing)
                .filter(|s| !s.is_empty())
                .unwrap_or("sharingNone")
                .into(),
            disk_uuid: disk.uuid().into(),
            file: text(file),
            size: (disk.capacity().saturating_add(GIB - 1) / GIB).into(),
            ..self
        };
        if out.path.known().is_none() {
            out.path = text(backing.as_ref().map(|b| b.base_file()));
        }
        if out.first_class_disk_id.known().is_none() {
            out.first_class_disk_id = text(disk.first_class_id());
        }
        if imported && out.first_class_disk_id.known().is_some() {
            out.datastore_id = text(backing.as_ref().and_then(|b| b.datastore).map(|d| &*d.id));
        }
        if let Some(a) = address {
            out.id = format!("{}:{a}", vm.id).into();
            out.controller_type = a.bus.name().into();
            out.controller_bus_number = number(a.controller);
            out.unit_number = number(a.unit);
        }
        out
    }

    fn device(&self, key: i32, controller: i32, unit: i32) -> VirtualDeviceKind {
        let backing = VirtualDiskFlatVer2BackingInfo {
            disk_mode: self.disk_mode.get(),
            // Left out, it is none; and servers refuse it for disks that cannot be shared.
            sharing: Some(self.sharing.get()).filter(|s| s != "sharingNone"),
            ..with_file(self.file())
        };
        let base = VirtualDevice {
            key,
            controller_key: Some(controller),
            unit_number: Some(unit),
            backing: Some(Box::new(backing.into())),
            ..Default::default()
        };
        VirtualDisk { base, ..Default::default() }.into()
    }
}

fn with_file(file_name: String) -> VirtualDiskFlatVer2BackingInfo {
    let mut backing = VirtualDiskFlatVer2BackingInfo::default();
    backing.base.file_name = file_name;
    backing
}

/// The path of the disk to attach: that of the configuration, or that of the first class disk.
async fn path(vsphere: &Vsphere, plan: &M) -> Result<Value<String>> {
    if plan.path.known().is_some() {
        return Ok(plan.path.clone());
    }
    let (id, datastore) =
        (plan.first_class_disk_id.as_str(), MoId::<Datastore>::object(plan.datastore_id.as_str()));
    let found = vsphere.api.first_class_disks().get(At { datastore: &datastore, id }).await;
    let found = found.doing_to(format!("read the first class disk {id}"), |_| Some(M::DATASTORE_ID))?;
    let path = found.and_then(|disk| disk.path).ok_or_else(|| {
        let detail = format!("{datastore} has no first class disk with this ID.");
        Diagnostics::error(M::FIRST_CLASS_DISK_ID, format!("There is no first class disk {id:?}"), detail)
    })?;
    Ok(path.into())
}

/// What names the virtual machine, and the address: the last three parts. Pure.
fn parts(id: &str) -> Option<(&str, &str)> {
    let (at, _) = id.rmatch_indices(':').nth(2)?;
    (at > 0).then(|| (&id[..at], &id[at + 1..]))
}

fn no_address(e: NoAddress) -> Diagnostics {
    let at = match e.part {
        Part::Bus => M::CONTROLLER_TYPE,
        Part::Controller => M::CONTROLLER_BUS_NUMBER,
        Part::Unit => M::UNIT_NUMBER,
    };
    Diagnostics::error(at, e.summary, e.detail)
}

impl Resource for VirtualDiskAttachment {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the inventory path, UUID or managed object ID of the virtual machine, a colon, and the address of the \
                                  disk, such as /dc1/vm/web:scsi:0:3 or vm-42:scsi:0:3";

    fn validate(&self, config: &M) -> Diagnostics {
        if !config.first_class_disk_id.is_null() && config.path.is_null() && config.datastore_id.is_null() {
            let detail = "A first class disk is found by its ID on its datastore. Set `datastore_id`, such as the \
                          `datastore_id` of the `vsphere_first_class_disk`.";
            return Diagnostics::error(M::FIRST_CLASS_DISK_ID, "Missing datastore", detail);
        }
        if config.controller_type.is_unknown() {
            return Diagnostics::default();
        }
        config.wanted().check().err().map(no_address).unwrap_or_default()
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        // Another identifier of the same virtual machine does not detach the disk. Only then vCenter is asked.
        let at = AttributePath::from(M::VIRTUAL_MACHINE_ID);
        if let (Some(vsphere), Some(prior), Some(wanted)) =
            (cx.client, cx.prior, planned.virtual_machine_id.known())
            && cx.replace.contains(&at)
            && machine::is_one(vsphere, prior.virtual_machine_id.as_str(), wanted).await
        {
            cx.replace.retain(|p| *p != at);
        }
        // The file that the virtual machine writes to is the same disk, and a first class disk keeps its ID: a snapshot of it
        // changes its path.
        let is_one = |prior: &M, path: &String| {
            let id = cx.config.first_class_disk_id.non_empty();
            same_path(&prior.file.as_str().into(), &path.as_str().into())
                || (id.is_some() && id == prior.first_class_disk_id.non_empty())
        };
        if let (Some(prior), Some(path)) = (cx.prior, planned.path.known())
            && is_one(prior, path)
        {
            let at = AttributePath::from(M::PATH);
            cx.replace.retain(|p| *p != at);
        }
        // Undeclared parts of another address are chosen again, and so is what identifies the disk in another way.
        if cx.is_replacement() {
            if let (Some(names), Some(prior)) = (held_by(cx.private(SNAPSHOTS)), cx.prior) {
                let detail = held_detail(&prior.file(), &names);
                return Err(Diagnostics::error(AttributePath::root(), HELD, detail));
            }
            let power = cx.private(POWER).and_then(Json::as_str);
            if let Some(detail) = cx.prior.and_then(|prior| running(prior, power)) {
                cx.warnings.merge(Diagnostics::warning(M::REQUIRE_POWERED_OFF, RUNNING, detail));
            }
            let config = cx.config;
            for (left_out, field) in [
                (config.controller_bus_number.is_null(), M::CONTROLLER_BUS_NUMBER),
                (config.unit_number.is_null(), M::UNIT_NUMBER),
                (config.controller_type.is_null(), M::CONTROLLER_TYPE),
                (config.path.is_null(), M::PATH),
                (config.first_class_disk_id.is_null(), M::FIRST_CLASS_DISK_ID),
            ] {
                if left_out {
                    planned.unknown(field);
                }
            }
        }
        Ok(())
    }

    async fn plan_destroy(&self, cx: &DestroyCx<'_, Vsphere>, state: &M) -> Result<Diagnostics> {
        // Not an error: the snapshots, or the machine, may be removed in the same run.
        if let Some(detail) = running(state, cx.private(POWER).and_then(Json::as_str)) {
            return Ok(Diagnostics::warning(M::REQUIRE_POWERED_OFF, RUNNING, detail));
        }
        Ok(held_by(cx.private(SNAPSHOTS)).map_or_else(Diagnostics::default, |names| {
            Diagnostics::warning(AttributePath::root(), HELD, held_detail(&state.file(), &names))
        }))
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let plan = M { path: path(vsphere, &plan).await?, ..plan };
        let vm = machine::resolve(vsphere, plan.virtual_machine_id.as_str(), M::VIRTUAL_MACHINE_ID).await?;
        let _turn = self.turns.lock(vm.clone()).await;
        for attempt in 1.. {
            let seen = read(vsphere, &vm).await?;
            let devices = seen.devices();
            let file = plan.file();
            let unnamed = M { disk_uuid: Value::Null, ..plan.clone() };
            if let Some((address, _)) = unnamed.find(&devices) {
                let address = address.map(|a| a.to_string()).unwrap_or_default();
                let detail = format!(
                    "It is at {address}. It was attached outside this resource; import it: terraform import <address> \
                     {}:{address}.",
                    vm.id
                );
                let summary = format!("{file} is attached to the virtual machine already");
                return Err(Diagnostics::error(M::PATH, summary, detail));
            }
            let hardware = seen.hardware_version().unwrap_or(HardwareVersion(0));
            let (controller, address) = plan.wanted().choose(&devices, hardware).map_err(no_address)?;
            let mut changes = DeviceChanges::default();
            let key = changes.temporary_key();
            changes.add(format!("the disk {file}"), plan.device(key, controller, address.unit));
            // With the version that the unit was chosen for: if it was taken since, nothing happens.
            let version = seen.config.as_deref().map(|c| c.change_version.clone());
            let spec = VirtualMachineConfigSpec {
                change_version: version.filter(|v| !v.is_empty()),
                device_change: changes.finish().0,
                ..Default::default()
            };
            let wait = Wait::new(cx.timeout(vsphere.timeout), cx.cancel());
            match vsphere.api.virtual_machines().reconfigure(&vm, spec, wait).await {
                Err(e)
                    if attempt < ATTEMPTS && matches!(e.fault_kind(), Some(FaultKind::ConcurrentAccess)) => {}
                done => {
                    if let Err(e) = &done
                        && let Some(problem) = refusal(e, &file)
                    {
                        return Err(problem);
                    }
                    done.doing_to(format!("attach {file} to {vm} at {address}"), blame)?;
                    return Ok(M {
                        id: format!("{}:{address}", vm.id).into(),
                        disk_uuid: Value::Null,
                        ..plan
                    });
                }
            }
        }
        // The loop ends by itself.
        Ok(plan)
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let vsphere = cx.client();
        let Some((vm, address)) = state.attached() else { return Ok(None) };
        let seen = match vsphere.api.virtual_machines().get(&vm).await {
            Err(e) if e.is_not_found() => return Ok(None),
            read => read.doing(format!("read the devices of {vm}"))?,
        };
        let devices = seen.devices();
        let snapshots: Vec<String> =
            seen.snapshots().into_iter().map(|(_, tree)| tree.name.clone()).collect();
        let found = if state.path.is_null() {
            devices.at(address).and_then(Disk::of).map(|d| (Some(address), d))
        } else {
            state.find(&devices)
        };
        cx.set_private(POWER, seen.power_state.as_str().into());
        let held = found.as_ref().is_some_and(|(_, d)| d.is_held()) && !snapshots.is_empty();
        cx.set_private(SNAPSHOTS, if held { snapshots.into() } else { Json::Null });
        Ok(found.map(|(address, disk)| state.observed(&vm, address, &disk)))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        if prior.disk_mode == plan.disk_mode && prior.sharing == plan.sharing {
            return Ok(plan);
        }
        let vsphere = cx.client();
        let Some((vm, _)) = prior.attached() else { return Ok(plan) };
        let _turn = self.turns.lock(vm.clone()).await;
        let devices = read(vsphere, &vm).await?.devices();
        let Some((_, disk)) = prior.find(&devices) else { return Ok(plan) };
        let mut device: VirtualDeviceKind = disk.device.clone().into();
        if let Some(base) = device_mut(&mut device)
            && let Some(backing) = base.backing.as_deref_mut()
        {
            use vsphere_client::vim::types::VirtualDeviceBackingInfoKind as B;
            if let B::VirtualDiskFlatVer2BackingInfo(b) = backing {
                b.disk_mode = plan.disk_mode.get();
                b.sharing = Some(plan.sharing.get());
            }
        }
        let mut changes = DeviceChanges::default();
        changes.edit("the disk", device);
        let done = reconfigure(cx, vsphere, &vm, changes).await;
        let doing = format!("change how {} is attached to {vm}", plan.file());
        done.doing_to(doing, |_| Some(M::DISK_MODE))?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let vsphere = cx.client();
        let Some((vm, _)) = state.attached() else { return Ok(()) };
        let _turn = self.turns.lock(vm.clone()).await;
        let seen = match vsphere.api.virtual_machines().get(&vm).await {
            Err(e) if e.is_not_found() => return Ok(()),
            read => read.doing(format!("read the devices of {vm}"))?,
        };
        let devices = seen.devices();
        let Some((_, disk)) = state.find(&devices) else { return Ok(()) };
        let snapshots: Vec<String> =
            seen.snapshots().into_iter().map(|(_, tree)| tree.name.clone()).collect();
        if disk.is_held() && !snapshots.is_empty() {
            return Err(Diagnostics::error(
                AttributePath::root(),
                HELD,
                held_detail(&state.file(), &snapshots),
            ));
        }
        if let Some(detail) = running(&state, Some(seen.power_state.as_str())) {
            return Err(Diagnostics::error(M::REQUIRE_POWERED_OFF, RUNNING, detail));
        }
        let mut changes = DeviceChanges::default();
        changes.remove("the disk", disk.device.clone().into(), Files::Keep);
        let done = reconfigure(cx, vsphere, &vm, changes).await;
        done.doing(format!("take {} off {vm}", state.file()))
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        let wrong = |why: String| {
            Diagnostics::error(
                AttributePath::root(),
                format!("{id:?} does not name a disk of a virtual machine"),
                why,
            )
        };
        let (name, address) = parts(id).ok_or_else(|| wrong(String::new()))?;
        let address: Address = address.parse().map_err(|e| wrong(format!("{e}.")))?;
        let (vm, word) = if name.starts_with('/') {
            let vm = lookup::imported(vsphere, name, "VirtualMachine").await?;
            let known = machine::ids_of(vsphere, std::slice::from_ref(&vm)).await?;
            let word = known.into_iter().next().unwrap_or_else(|| vm.id.to_string());
            (vm, word)
        } else {
            (machine::resolve(vsphere, name, AttributePath::root()).await?, name.to_owned())
        };
        let devices = read(vsphere, &vm).await?.devices();
        if devices.at(address).and_then(Disk::of).is_none() {
            let there = devices.disks().into_iter().map(|(a, d)| {
                let at = a.map(|a| a.to_string()).unwrap_or_default();
                format!("{at}: {}", d.backing().map(|b| b.file).unwrap_or_default())
            });
            let there: Vec<String> = there.collect();
            let detail =
                format!("The virtual machine has these disks:\n{}", lookup::listed(there.into_iter()));
            return Err(Diagnostics::error(
                AttributePath::root(),
                format!("There is no disk at {address}"),
                detail,
            ));
        }
        let id = format!("{}:{address}", vm.id);
        Ok(M { id: id.into(), virtual_machine_id: word.into(), ..M::default() })
    }
}

/// The member of the private data for the power state of the virtual machine.
const POWER: &str = "power_state";
/// The power state in which every disk can be detached.
const OFF: &str = "poweredOff";
/// The summary of what is reported of a virtual machine in another power state.
const RUNNING: &str = "The virtual machine must be powered off to detach the disk";

/// What is reported of a virtual machine that is not powered off, if the attachment requires it.
fn running(state: &M, power: Option<&str>) -> Option<String> {
    let power = power.filter(|p| state.require_powered_off.get() && *p != OFF)?;
    let is = if power == "suspended" { power } else { "powered on" };
    Some(format!(
        "{} is to be detached with `require_powered_off = true`, and the virtual machine is {is}. Power it off, or apply \
         `require_powered_off = false` first.",
        state.file()
    ))
}

/// The member of the private data for the snapshots that hold the disk.
const SNAPSHOTS: &str = "snapshots";
/// The summary of what is said of them.
const HELD: &str = "A disk that a snapshot holds cannot be detached";

fn held_by(kept: Option<&Json>) -> Option<Vec<String>> {
    let names = kept?.as_array()?.iter().filter_map(Json::as_str).map(str::to_owned).collect::<Vec<_>>();
    (!names.is_empty()).then_some(names)
}

fn held_detail(file: &str, snapshots: &[String]) -> String {
    let names: Vec<String> = snapshots.iter().map(|n| format!("{n:?}")).collect();
    format!(
        "{file} is to be detached, and the virtual machine has the snapshots {}: vSphere does not detach a disk that a snapshot \
         holds. Remove the snapshots first.",
        names.join(", ")
    )
}

async fn read(vsphere: &Vsphere, vm: &MoRef) -> Result<VirtualMachine> {
    let seen = vsphere.api.virtual_machines().get(vm).await;
    seen.doing(format!("read the devices of {vm}"))
}

async fn reconfigure(
    cx: &Cx<'_, VirtualDiskAttachment>,
    vsphere: &Vsphere,
    vm: &MoRef,
    changes: DeviceChanges,
) -> vsphere_client::Result<()> {
    let spec = VirtualMachineConfigSpec { device_change: changes.finish().0, ..Default::default() };
    let wait = Wait::new(cx.timeout(vsphere.timeout), cx.cancel());
    vsphere.api.virtual_machines().reconfigure(vm, spec, wait).await
}

/// A refusal that says more than its fault does; nothing for any other.
fn refusal(e: &vsphere_client::Error, file: &str) -> Option<Diagnostics> {
    let (summary, detail) = match e.fault()?.name.as_str() {
        "FileNotFound" => (
            format!("There is no disk {file}"),
            "Check the datastore and the path; `vsphere_virtual_disk.<name>.path` is that of a disk of the configuration.",
        ),
        "FileLocked" => (
            format!("The disk {file} is in use"),
            "Another virtual machine that is on has it. Take it off there, or let both write to it with `sharing = \
             \"sharingMultiWriter\"` on both sides.",
        ),
        _ => return None,
    };
    Some(Diagnostics::error(M::PATH, summary, detail))
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::InvalidArgument { .. } => Some(M::PATH),
        FaultKind::InvalidPowerState => Some(M::CONTROLLER_TYPE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vsphere_client::device::ControllerType;
    use vsphere_client::vim::types::VirtualSCSISharing;

    #[test]
    fn a_running_virtual_machine_is_reported_only_if_it_must_be_powered_off() {
        let state = |required: Value<bool>| M {
            require_powered_off: required,
            path: "[ds] a.vmdk".into(),
            ..M::default()
        };
        for (required, power, reported) in [
            (Value::Null, Some("poweredOn"), None),
            (false.into(), Some("poweredOn"), None),
            (true.into(), Some("poweredOff"), None),
            (true.into(), None, None),
            (true.into(), Some("poweredOn"), Some("is powered on")),
            (true.into(), Some("suspended"), Some("is suspended")),
        ] {
            let found = running(&state(required), power);
            assert_eq!(found.is_some(), reported.is_some(), "{found:?}");
            assert!(reported.is_none_or(|part| found.is_some_and(|detail| detail.contains(part))));
        }
    }

    #[test]
    fn ids_fall_into_machine_and_address() {
        for (id, expected) in [
            ("vm-42:scsi:0:3", Some(("vm-42", "scsi:0:3"))),
            ("/dc1/vm/a:b:scsi:0:3", Some(("/dc1/vm/a:b", "scsi:0:3"))),
            ("scsi:0:3", None),
            (":scsi:0:3", None),
            ("vm-42", None),
        ] {
            assert_eq!(parts(id), expected, "{id}");
        }
    }

    #[test]
    fn paths_name_a_datastore_and_a_disk() {
        for (path, ok) in
            [("[ssd1] a/b.vmdk", true), ("[ssd1]/a.vmdk", true), ("a/b.vmdk", false), ("[ssd1] a.iso", false)]
        {
            assert_eq!(disk_path(&path.into()).is_ok(), ok, "{path}");
        }
        assert!(same_path(&"[a] b.vmdk".into(), &"[a]/b.vmdk".into()));
        assert!(!same_path(&"[a] b.vmdk".into(), &"[b] b.vmdk".into()));
    }

    fn disk(key: i32, unit: i32, file: &str, parent: Option<&str>, uuid: &str) -> VirtualDeviceKind {
        let mut backing = with_file(file.to_owned());
        backing.uuid = Some(uuid.to_owned());
        backing.parent = parent.map(|p| Box::new(with_file(p.to_owned())));
        let base = VirtualDevice {
            key,
            controller_key: Some(1000),
            unit_number: Some(unit),
            backing: Some(Box::new(backing.into())),
            ..Default::default()
        };
        VirtualDisk { base, capacity_in_bytes: Some(GIB + 1), ..Default::default() }.into()
    }

    #[test]
    fn a_disk_is_found_by_uuid_then_by_file_under_snapshots_too() {
        let vm = Devices::new(vec![
            ControllerType::ParaVirtual.device(1000, 0, VirtualSCSISharing::NoSharing),
            disk(2000, 0, "[a] vm/vm.vmdk", None, "U0"),
            disk(2001, 1, "[a] d/d-000001.vmdk", Some("[a] d/d.vmdk"), "U1"),
            disk(2002, 2, "[b] moved.vmdk", None, "U2"),
        ]);
        let of = |path: &str, uuid: &str| {
            let m = M {
                path: path.into(),
                disk_uuid: Some(uuid.to_owned()).filter(|u| !u.is_empty()).into(),
                ..M::default()
            };
            m.find(&vm).map(|(a, _)| a.unwrap().to_string())
        };
        assert_eq!(of("[a] d/d.vmdk", "").as_deref(), Some("scsi:0:1"));
        assert_eq!(of("[a]/d/d.vmdk", "").as_deref(), Some("scsi:0:1"));
        assert_eq!(of("[a] moved.vmdk", "u2").as_deref(), Some("scsi:0:2"));
        assert_eq!(of("[a] moved.vmdk", ""), None);
        let seen = M::default();
        let (address, found) = M { disk_uuid: "u1".into(), ..M::default() }.find(&vm).unwrap();
        let seen = seen.observed(&MoRef::new("VirtualMachine", "vm-1"), address, &found);
        assert_eq!(seen.id.as_str(), "vm-1:scsi:0:1");
        assert_eq!((seen.path.as_str(), seen.file.as_str()), ("[a] d/d.vmdk", "[a] d/d-000001.vmdk"));
        assert_eq!((seen.size.get(), seen.sharing.as_str()), (2, "sharingNone"));
    }

    #[test]
    fn impossible_addresses_are_refused_at_their_attribute() {
        let at = |m: &M| {
            let found = VirtualDiskAttachment::default().validate(m).0;
            found.into_iter().map(|d| d.at.to_string()).collect::<Vec<_>>()
        };
        let scsi =
            |unit: i64| M { unit_number: unit.into(), controller_bus_number: 0.into(), ..M::default() };
        assert_eq!(at(&scsi(7)), ["unit_number"]);
        assert_eq!(at(&scsi(8)), [""; 0]);
        let ide = M { controller_type: "ide".into(), controller_bus_number: 2.into(), ..M::default() };
        assert_eq!(at(&ide), ["controller_bus_number"]);
        assert_eq!(at(&M { controller_type: Value::Unknown, ..ide }), [""; 0]);
        let first_class = M { first_class_disk_id: "u".into(), ..M::default() };
        assert_eq!(at(&first_class), ["first_class_disk_id"]);
        assert_eq!(at(&M { path: "[a] b.vmdk".into(), ..first_class.clone() }), [""; 0]);
        assert_eq!(at(&M { datastore_id: Value::Unknown, ..first_class }), [""; 0]);
    }
}
