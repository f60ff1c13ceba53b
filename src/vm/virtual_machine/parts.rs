//! What a template has in common with a virtual machine: how it is made, found, read and changed. Everything works on the
//! model of a virtual machine in which only the members are set that a template declares; what is not set stays as it is.
use super::assembly::{Assembly, Blame};
use super::blame::explain;
use super::hardware::{self, Base, Request};
use super::model::{VirtualMachineModel, title};
use super::{clone, create, disks, extra_config, identity, network, observe, ovf, place, power, preflight};
use super::{settings, vapp};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use tf_framework::{AttributePath, Cx, Diagnostics, Field, Model as _, Resource, Result, Value};
use vsphere_client::MoRef;
use vsphere_client::device::HardwareVersion;
use vsphere_client::ovf::Interrupted;
use vsphere_client::vim::types::{VirtualDeviceKind, VirtualMachineConfigSpec};
use vsphere_client::virtual_machine::{VirtualMachine as Machine, Wait};

pub(in crate::vm) use super::model::{CloneModel, NicModel, OvfDeployModel, VappModel, memory, same_folder};

pub(in crate::vm) type M = VirtualMachineModel;

/// Checks of a configuration that need no server.
pub(in crate::vm) fn validate(config: &M) -> Diagnostics {
    let mut out = ovf::validate(config);
    if config.ovf_deploy.first().is_some() && ovf::cloned(config) {
        let detail = "A template is created from a package or from another virtual machine. Remove `clone` or `ovf_deploy`.";
        let at = M::OVF_DEPLOY.index(0).field(OvfDeployModel::LOCAL_OVF_PATH);
        out.merge(Diagnostics::error(at, "Conflicting sources of the template", detail));
    }
    for more in [settings::validate(config), network::validate(config), place::validate(config)] {
        out.merge(more);
    }
    out
}

/// Looks up what the plan of a new one refers to, in vCenter and in a local package.
pub(in crate::vm) async fn preflight(vsphere: &Vsphere, config: &M, planned: &M) -> Diagnostics {
    preflight::of_new(vsphere, config, planned).await
}

/// Whether a local package can be read, and fits.
pub(in crate::vm) async fn look(config: &M) -> Diagnostics {
    ovf::look(config).await
}

/// The folder of a plan.
///
/// # Errors
/// There is no such folder.
pub(in crate::vm) async fn folder(vsphere: &Vsphere, plan: &M) -> Result<MoRef> {
    place::folder(vsphere, plan.resource_pool_id.as_str(), plan.folder.as_str()).await
}

/// Makes it from the package, the virtual machine or the item of a content library that the plan names, and leaves it off.
///
/// # Errors
/// Why it cannot be made. It may exist all the same: see [`survivor`].
pub(in crate::vm) async fn make<R: Resource<Client = Vsphere>>(
    cx: &Cx<'_, R>,
    plan: &M,
    folder: &MoRef,
    instance: &str,
) -> Result<MoRef> {
    let vsphere = cx.client();
    if let Some(package) = plan.ovf_deploy.first() {
        let placed = placed(vsphere, plan).await?;
        let unverified = match package.allow_unverified_ssl_cert {
            Value::Null => ovf::unverified_by_environment().into(),
            said => said,
        };
        let package = OvfDeployModel { allow_unverified_ssl_cert: unverified, ..package.clone() };
        return Box::pin(ovf::deploy(cx, &placed, &package, folder, instance)).await;
    }
    let Some(from) = plan.clone.first() else {
        let detail = "Set `ovf_deploy` or `clone`.";
        return Err(Diagnostics::error(AttributePath::root(), "Missing source", detail));
    };
    match clone::origin(vsphere, from).await? {
        clone::Origin::Machine(source) => {
            let config = VirtualMachineConfigSpec {
                instance_uuid: Some(instance.to_owned()),
                ..VirtualMachineConfigSpec::default()
            };
            let wanted = clone::Wanted { config, ..clone::Wanted::default() };
            let wait = Wait::new(power::minutes(&from.timeout, 30), cx.cancel());
            let blame = Blame::default();
            Box::pin(create::copied(vsphere, plan, &source, folder, wanted, &blame, wait)).await
        }
        clone::Origin::Item(item) => {
            let placed = placed(vsphere, plan).await?;
            Box::pin(clone::deploy(cx, &placed, from, &item, folder)).await
        }
    }
}

/// The plan with a host, where the configuration names none and nothing else selects one.
///
/// # Errors
/// There is no such pool, or no host that reaches the datastore.
pub(in crate::vm) async fn placed(vsphere: &Vsphere, plan: &M) -> Result<M> {
    place::placed(vsphere, plan, &create::datastores(plan)).await
}

/// Why an import has failed, and what is left of it. `source` is the attribute of what was imported.
pub(in crate::vm) async fn broken_off(
    vsphere: &Vsphere,
    plan: &M,
    broken: Interrupted,
    instance: &str,
    source: AttributePath,
) -> Diagnostics {
    ovf::broken_off(vsphere, plan, broken, instance, source).await
}

/// What a call has made before it broke off.
pub(in crate::vm) async fn survivor(vsphere: &Vsphere, instance: &str) -> Option<MoRef> {
    create::survivor(vsphere, instance).await
}

/// The one that a state is about.
///
/// # Errors
/// It cannot be read, or another one is in its place.
pub(in crate::vm) async fn find(vsphere: &Vsphere, state: &M) -> Result<Option<(MoRef, Box<Machine>)>> {
    Ok(identity::find(vsphere, state, None).await?.map(|found| (found.object, found.vm)))
}

/// The one that an import names.
///
/// # Errors
/// There is none.
pub(in crate::vm) async fn imported(vsphere: &Vsphere, id: &str) -> Result<MoRef> {
    identity::imported(vsphere, id).await
}

/// What is to be changed.
pub(in crate::vm) struct Change {
    request: Request,
}

impl Change {
    /// Whether nothing is to be changed but what vCenter accepts for a template: its name and annotation.
    pub(in crate::vm) fn suits_template(&self) -> bool {
        let spec = &self.request.spec;
        *spec
            == VirtualMachineConfigSpec {
                name: spec.name.clone(),
                annotation: spec.annotation.clone(),
                ..VirtualMachineConfigSpec::default()
            }
    }

    /// Whether nothing is to be changed.
    pub(in crate::vm) fn is_empty(&self) -> bool {
        self.request.spec == VirtualMachineConfigSpec::default()
    }

    /// Changes it.
    ///
    /// # Errors
    /// What vCenter refuses, at its attribute.
    pub(in crate::vm) async fn apply(
        self,
        vsphere: &Vsphere,
        plan: &M,
        object: &MoRef,
        wait: Wait<'_>,
    ) -> Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        let done = Box::pin(place::reconfigure(vsphere, plan, object, self.request.spec, wait)).await;
        explain(done, vsphere, format!("update {}", title(plan)), &self.request.blame, plan).await
    }
}

/// The changes from what a virtual machine or template is to what is planned: settings, network interfaces, keys and
/// properties, the sizes of disks, and the name. `sizes` are those of the first disks, in GiB; `before` are the keys of
/// `extra_config` in the state.
///
/// # Errors
/// What does not exist, and what cannot be.
pub(in crate::vm) async fn changes(
    vsphere: &Vsphere,
    plan: &M,
    vm: &Machine,
    sizes: &[Value<i64>],
    before: &BTreeMap<String, String>,
) -> Result<Change> {
    let mut plan = plan.clone();
    if let Some(blocks) = plan.network_interface.known() {
        let networks = network::resolve(vsphere, &network::unclear(vm)).await?;
        plan.network_interface = network::completed(vm, &networks, blocks).into();
    }
    // A key that is no longer wanted becomes empty, which deletes it.
    let mut keys = plan.extra_config.get();
    for key in before.keys() {
        keys.entry(key.clone()).or_default();
    }
    plan.extra_config = keys.into();
    let around = Box::pin(hardware::look_around(vsphere, None, &plan)).await?;
    let mut assembly = Assembly::of(vm.devices(), vm.hardware_version().unwrap_or(HardwareVersion(0)));
    extend(vm, sizes, &mut assembly)?;
    let own = disks::Own::default();
    let is_package = plan.network_interface.known().is_none_or(Vec::is_empty);
    let base = Base {
        vm: Some(vm),
        prior: None,
        origin: disks::Origin::Machine,
        exists: true,
        is_package,
        own: &own,
        config: None,
    };
    let mut request = hardware::request(&base, &plan, &around, assembly)?;
    if !vsphere_client::same_name(&vm.name, plan.name.as_str()) {
        request.spec.name = Some(plan.name.as_str().to_owned());
    }
    Ok(Change { request })
}

/// Extends disks; those that are as large as they are to be stay.
fn extend(vm: &Machine, sizes: &[Value<i64>], out: &mut Assembly) -> Result<()> {
    let devices = vm.devices();
    let all = devices.disks();
    let mut problems = Diagnostics::default();
    for (i, size) in sizes.iter().enumerate() {
        let Some(gib) = size.known().copied() else { continue };
        let at = M::DISK.index(i);
        let Some((_, disk)) = all.get(i) else {
            let has = if all.len() == 1 { "1 disk".to_owned() } else { format!("{} disks", all.len()) };
            let detail = format!("It has {has}. Remove the further `disk` blocks.");
            let summary = format!("The virtual machine has no disk {}", i + 1);
            problems.merge(Diagnostics::error(at, summary, detail));
            continue;
        };
        let has = gib_of(disk.capacity());
        if has == gib {
            continue;
        }
        let at = at.field(Field("size"));
        if has > gib {
            let detail =
                format!("The disk has {has} GiB, and {gib} GiB are declared. Declare {has} or more.");
            problems.merge(Diagnostics::error(at, "A disk cannot be shrunk", detail));
            continue;
        }
        if let (true, Some((path, _))) = (disk.is_held(), vm.snapshots().last()) {
            problems.merge(held(at, has, gib, path));
            continue;
        }
        if let Some(mut device) = devices.by_key(disk.key()).cloned() {
            if let VirtualDeviceKind::VirtualDisk(disk) = &mut device {
                disks::grow(disk, gib);
            }
            let about = devices.describe(&device);
            out.edit(at, about, device);
        }
    }
    problems.into_result(())
}

/// A disk of a snapshot is not extended.
pub(in crate::vm) fn held(at: AttributePath, has: i64, gib: i64, snapshot: &str) -> Diagnostics {
    let detail = format!(
        "The disk has {has} GiB, and {gib} GiB are declared. vSphere does not extend a disk while the snapshot {snapshot:?} \
         exists. Remove the snapshot first, or create another template."
    );
    Diagnostics::error(at, "A disk with a snapshot cannot be extended", detail)
}

/// A size in GiB; a part of a GiB counts as one.
pub(in crate::vm) fn gib_of(bytes: i64) -> i64 {
    const GIB: i64 = 1 << 30;
    bytes.saturating_add(GIB - 1) / GIB
}

/// Whether a plan moves it to another datastore.
pub(in crate::vm) fn moves(prior: &M, plan: &M) -> bool {
    relocation(prior, plan).is_some()
}

fn relocation(prior: &M, plan: &M) -> Option<place::Relocation> {
    // A template is in no pool, and stays on its host.
    let stays = |m: &M| M { resource_pool_id: Value::Null, host_system_id: Value::Null, ..m.clone() };
    place::relocation(&stays(prior), &stays(plan), &[], &[])
}

/// Moves it to the datastore of the plan.
///
/// # Errors
/// Why it cannot be moved.
pub(in crate::vm) async fn relocate<R: Resource<Client = Vsphere>>(
    cx: &Cx<'_, R>,
    prior: &M,
    plan: &M,
    object: &MoRef,
) -> Result<()> {
    let Some(moves) = relocation(prior, plan) else { return Ok(()) };
    let vsphere = cx.client();
    let vm = vsphere.api.virtual_machines().get(object).await.doing(format!("read {}", title(plan)))?;
    let wait = Wait::new(cx.timeout(power::minutes(&Value::Null, 30)), cx.cancel());
    Box::pin(place::relocate(vsphere, (object, &vm), plan, moves, wait)).await
}

/// The values of what a template declares, as the virtual machine has them; the rest is as in `state`.
///
/// # Errors
/// A datastore or network cannot be read.
pub(in crate::vm) async fn observed(vsphere: &Vsphere, vm: &Machine, state: M) -> Result<M> {
    let Some(config) = vm.config.as_deref() else { return Ok(state) };
    let datastore = observe::home(vsphere, vm).await?;
    let networks = network::resolve(vsphere, &network::unclear(vm)).await?;
    let found = settings::of_machine(config);
    let number = |name: &str| match found.get(name) {
        Some(settings::Setting::Number(n)) => Value::Known(*n),
        _ => Value::Null,
    };
    Ok(M {
        name: identity::name_of(vm).into(),
        uuid: vm.bios_uuid().map(str::to_owned).into(),
        instance_uuid: vm.instance_uuid().map(str::to_owned).into(),
        datastore_id: datastore.map(|d| d.id.to_string()).into(),
        num_cpus: number("num_cpus"),
        num_cores_per_socket: number("num_cores_per_socket"),
        memory: number("memory"),
        hardware_version: number("hardware_version"),
        enable_disk_uuid: matches!(found.get("enable_disk_uuid"), Some(settings::Setting::Flag(true))).into(),
        annotation: config.annotation.clone().unwrap_or_default().into(),
        guest_id: config.guest_id.clone().into(),
        firmware: config.firmware.clone().unwrap_or_default().into(),
        network_interface: network::in_order(vm, &networks).into(),
        vapp: vapp::observed(config.v_app_config.as_deref().and_then(|v| v.base()), false, &state),
        extra_config: extra_config::observed(&config.extra_config, &state, None),
        ..state
    })
}

/// The attributes by which two packages differ, or may differ: those that are unknown.
pub(in crate::vm) fn other_package(before: &OvfDeployModel, after: &OvfDeployModel) -> Vec<Field> {
    ovf::differences(before, after, true)
}

/// The keys of `extra_config` that an import has found, with digests of their values.
pub(in crate::vm) fn keys(vm: &Machine) -> Json {
    extra_config::seen(vm.config.as_deref().map_or(&[][..], |c| &c.extra_config))
}

/// Whether a plan declares keys as an import has found them.
pub(in crate::vm) fn has_keys(found: Option<&Json>, plan: &M) -> bool {
    extra_config::as_imported(found, plan)
}

/// The vApp properties that an import has found, with digests of their values.
pub(in crate::vm) fn properties(vm: &Machine) -> BTreeMap<String, String> {
    vapp::seen(vm.config.as_deref().and_then(|c| c.v_app_config.as_deref()?.base()))
}

/// Whether a plan declares vApp properties as an import has found them.
pub(in crate::vm) fn has_properties(found: &BTreeMap<String, String>, plan: &M) -> bool {
    vapp::as_imported(found, plan)
}

/// The datastore cluster that it is in; nothing where that cannot be read.
pub(in crate::vm) async fn cluster(vsphere: &Vsphere, vm: &Machine) -> Option<String> {
    place::cluster_of(vsphere, vm).await.ok().flatten().map(|c| c.id.to_string())
}

/// The files that the disks of a virtual machine consist of.
pub(in crate::vm) fn files(vm: &Machine) -> Vec<String> {
    disks::files(vm)
}

/// A model in which nothing is set.
pub(in crate::vm) fn nothing() -> M {
    M::null()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vsphere_client::vim::types::{
        VirtualDevice, VirtualDisk, VirtualDiskFlatVer2BackingInfo, VirtualHardware,
        VirtualMachineConfigInfo, VirtualMachineSnapshotInfo, VirtualMachineSnapshotTree,
    };

    fn machine(gib: &[i64], held: bool) -> Machine {
        machine_with(gib, held, "persistent")
    }

    fn machine_with(gib: &[i64], held: bool, mode: &str) -> Machine {
        let disk = |(n, gib): (i32, &i64)| -> VirtualDeviceKind {
            let mut backing = VirtualDiskFlatVer2BackingInfo { disk_mode: mode.into(), ..Default::default() };
            if held {
                backing.parent = Some(Box::default());
            }
            let base = VirtualDevice {
                key: 2000 + n,
                backing: Some(Box::new(backing.into())),
                ..Default::default()
            };
            VirtualDisk { base, capacity_in_bytes: Some(gib << 30), ..Default::default() }.into()
        };
        let device = (0..).zip(gib).map(disk).collect();
        let hardware = VirtualHardware { device, ..Default::default() };
        let tree = VirtualMachineSnapshotTree { name: "base".into(), ..Default::default() };
        let info = VirtualMachineSnapshotInfo { root_snapshot_list: vec![tree], ..Default::default() };
        Machine {
            config: Some(Box::new(VirtualMachineConfigInfo { hardware, ..Default::default() })),
            snapshot: held.then(|| Box::new(info)),
            ..Machine::default()
        }
    }

    #[test]
    fn disks_are_extended_and_never_shrunk() {
        for (has, held, sizes, expected) in [
            (&[8][..], false, &[8][..], Ok(0)),
            (&[8], false, &[10], Ok(1)),
            (&[8, 4], false, &[8, 5], Ok(1)),
            (&[8, 4], false, &[9], Ok(1)),
            (&[8], true, &[8], Ok(0)),
            (&[8], false, &[4], Err(("disk[0].size", "Declare 8 or more"))),
            (&[8], false, &[8, 4], Err(("disk[1]", "It has 1 disk."))),
            (&[8], true, &[9], Err(("disk[0].size", "the snapshot \"/base\""))),
        ] {
            let vm = machine(has, held);
            let mut out = Assembly::of(vm.devices(), HardwareVersion(19));
            let sizes: Vec<Value<i64>> = sizes.iter().map(|n| Value::Known(*n)).collect();
            match (extend(&vm, &sizes, &mut out), expected) {
                (Ok(()), Ok(count)) => assert_eq!(out.finish().0.len(), count, "{has:?} {sizes:?}"),
                (Err(found), Err((at, part))) => {
                    assert_eq!(found.0[0].at.to_string(), at);
                    assert!(found.to_string().contains(part), "{found}");
                }
                (found, expected) => panic!("{found:?} is not {expected:?}"),
            }
        }
    }

    #[test]
    fn snapshots_do_not_hold_independent_disks() {
        for (mode, held) in [
            ("persistent", true),
            ("nonpersistent", true),
            ("independent_persistent", false),
            ("independent_nonpersistent", false),
        ] {
            let vm = machine_with(&[8], true, mode);
            let mut out = Assembly::of(vm.devices(), HardwareVersion(19));
            assert_eq!(extend(&vm, &[9.into()], &mut out).is_err(), held, "{mode}");
        }
    }

    #[test]
    fn only_another_datastore_moves_a_template() {
        let at = |pool: &str, host: &str, datastore: &str| M {
            resource_pool_id: pool.into(),
            host_system_id: host.into(),
            datastore_id: datastore.into(),
            ..nothing()
        };
        let prior = at("resgroup-8", "host-1", "datastore-1");
        assert!(!moves(&prior, &at("resgroup-9", "host-2", "datastore-1")));
        assert!(!moves(&prior, &M { datastore_id: Value::Unknown, ..at("resgroup-8", "", "") }));
        assert!(moves(&prior, &at("resgroup-8", "host-1", "datastore-2")));
    }
}
