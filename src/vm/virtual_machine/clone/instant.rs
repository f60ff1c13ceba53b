//! Instant clones: they run from the beginning, beside their source and with its memory.
//!
//! The API reference of `VirtualMachineInstantCloneSpec` lists what such a clone can be given: a name, a BIOS UUID, extra
//! config, a folder, a resource pool, a datastore, and edits of network interfaces. Everything else is changed afterwards, as
//! far as a virtual machine that is powered on takes it.
use super::super::assembly::Assembly;
use super::super::effects::Effects;
use super::super::hardware::Request;
use super::super::model::{CloneModel, VirtualMachineModel as M};
use super::super::transition::Power;
use super::super::{disks, extra_config, place, power_state, settings, vapp, video_card, vtpm};
use super::{Source, at};
use crate::common::moid::{Datastore, MoId};
use crate::fault::capital;
use std::collections::BTreeMap;
use tf_framework::{AttributePath, Diagnostics, Model as _, Value};
use vsphere_client::MoRef;
use vsphere_client::vim::types::{VirtualMachineInstantCloneSpec, VirtualMachineRelocateSpec};

/// Whether the configuration asks for an instant clone.
pub(in super::super) fn is_declared(m: &M) -> bool {
    m.clone.first().is_some_and(|c| c.instant_clone.get())
}

/// Checks that need no server.
pub(in super::super) fn validate(config: &M) -> Diagnostics {
    if !is_declared(config) || !config.clone.first().is_some_and(|c| c.linked_clone.get()) {
        return Diagnostics::default();
    }
    let detail = "`instant_clone` and `linked_clone` are two ways to share the disks of the source. Remove one of them.";
    Diagnostics::error(at().field(CloneModel::LINKED_CLONE), "Conflicting kinds of clones", detail)
}

const BOOT: &str = "An instant clone continues from the running state of its source and does not boot: the setting is not \
                    applied to its guest. Pass values to the guest with `extra_config`, such as `guestinfo.ipaddress`.";
const OWN_ID: &str = "vCenter assigns the instance UUID of an instant clone.";
const RUNS: &str = "An instant clone is powered on when it is created.";
const BESIDE: &str = "An instant clone shares the memory and the disks of its source, and Storage DRS does not place it. Set \
                      `datastore_id`, or omit both to use the datastore of the source.";
const HARDWARE: &str =
    "vSphere does not create instant clones with devices that are passed through from the host.";
const NEEDS_OFF: &str =
    "A virtual machine must be powered off for it, and an instant clone is powered on when it is created.";

/// What a new instant clone cannot have, with the reason.
fn unsupported(config: &M) -> Vec<(AttributePath, &'static str)> {
    fn block<T>(v: &Value<Vec<T>>) -> bool {
        v.first().is_some()
    }
    let clone = config.clone.first();
    let power = power_state::wanted(Some(config));
    let all = [
        (
            at().field(CloneModel::SNAPSHOT_ID),
            clone.is_some_and(|c| c.snapshot_id.non_empty().is_some()),
            "An instant clone continues from the running state of its source, not from a snapshot.",
        ),
        (at().field(CloneModel::CUSTOMIZE).index(0), clone.is_some_and(|c| block(&c.customize)), BOOT),
        (
            at().field(CloneModel::CUSTOMIZATION_SPEC).index(0),
            clone.is_some_and(|c| block(&c.customization_spec)),
            BOOT,
        ),
        (M::CUSTOMIZE.index(0), block(&config.customize), BOOT),
        (M::CLOUD_INIT.index(0), block(&config.cloud_init), BOOT),
        (M::IGNITION.index(0), block(&config.ignition), BOOT),
        (M::INSTANCE_UUID.into(), config.instance_uuid.non_empty().is_some(), OWN_ID),
        (M::DATASTORE_CLUSTER_ID.into(), config.datastore_cluster_id.non_empty().is_some(), BESIDE),
        (
            M::PLACEMENT.index(0),
            block(&config.placement),
            "An instant clone is created on the host of its source.",
        ),
        (
            M::DATASTORE_PATH.into(),
            config.datastore_path.non_empty().is_some(),
            "vSphere chooses the folder of an instant clone in its datastore.",
        ),
        (M::EVC_MODE.into(), config.evc_mode.non_empty().is_some(), NEEDS_OFF),
        (M::ENCRYPTION.index(0), block(&config.encryption), NEEDS_OFF),
        (M::POWER_STATE.into(), power.is_some_and(|p| p != Power::On), RUNS),
        (M::POWER_ON_AFTER_CREATE.into(), config.power_on_after_create.known() == Some(&false), RUNS),
        (M::POWER_ON_CHECKS.into(), power_state::is_stopped(Some(config)), RUNS),
        (M::PCI_DEVICE_ID.into(), config.pci_device_id.known().is_some_and(|ids| !ids.is_empty()), HARDWARE),
        (M::DEVICE_GROUPS.into(), config.device_groups.known().is_some_and(|g| !g.is_empty()), HARDWARE),
        (M::VGPU_PROFILES.into(), config.vgpu_profiles.known().is_some_and(|p| !p.is_empty()), HARDWARE),
    ];
    all.into_iter().filter(|(_, set, _)| *set).map(|(at, _, why)| (at, why)).collect()
}

/// What of a plan does not go with an instant clone of a source. Pure.
pub(in super::super) fn check(config: &M, planned: &M, source: &Source) -> Diagnostics {
    let mut out = Diagnostics::default();
    let title = capital(&source.title());
    let power = source.vm.power_state.as_str();
    let template = at().field(CloneModel::TEMPLATE_UUID);
    if source.vm.is_template() {
        let detail = format!(
            "{title} cannot be powered on. Set `template_uuid` to a virtual machine that is powered on."
        );
        out.merge(Diagnostics::error(template, "Invalid source of an instant clone", detail));
        return out;
    }
    if power != "poweredOn" {
        let state = match power {
            "suspended" => "suspended",
            _ => "powered off",
        };
        let detail = format!(
            "{title} is {state}. The source of an instant clone must be powered on, or frozen from within its guest. Power it \
             on, or remove `instant_clone`."
        );
        out.merge(Diagnostics::error(template, "Invalid source of an instant clone", detail));
    }
    if let (Some(wanted), Some(is)) = (config.host_system_id.non_empty(), &source.vm.host)
        && wanted != &*is.id
    {
        let detail = format!(
            "{title} is on host {}, and an instant clone is created on the host of its source. Set that, or remove \
             `host_system_id`.",
            is.id
        );
        out.merge(Diagnostics::error(M::HOST_SYSTEM_ID, "Invalid host of an instant clone", detail));
    }
    for (at, why) in unsupported(config) {
        let summary = "Unsupported argument of an instant clone";
        out.merge(Diagnostics::error(
            at,
            summary,
            format!("{why} Remove the argument, or remove `instant_clone`."),
        ));
    }
    out.merge(refused(&differences(config, planned, source)));
    out
}

/// What is to differ from the source, as far as it is known without further look-ups.
fn differences(config: &M, planned: &M, source: &Source) -> Effects {
    let mut out = Effects::default();
    let Some(has) = source.vm.config.as_deref() else { return out };
    out.merge(settings::effects(&settings::changes(&settings::of_machine(has), None, planned)));
    out.merge(extra_config::effects(&extra_config::of_machine(&has.extra_config), None, planned));
    if let Some(version) = source.vm.hardware_version() {
        let mut devices = Assembly::of(source.vm.devices(), version);
        out.merge(vtpm::assemble(None, planned, &mut devices));
        out.merge(video_card::assemble(planned, &mut devices));
        if config.disk.known().is_some() && !config.write().get(M::DISK.0).has_unknown() {
            let own = disks::Own::default();
            let names = BTreeMap::new();
            let origin = disks::Origin::Clone { linked: true };
            let scene = disks::Scene { origin, home: None, own: &own, snapshot: None, names: &names };
            let mut disks = disks::assemble(None, planned, &scene, &mut devices);
            // The errors are those of every clone.
            disks.diagnostics = Diagnostics::default();
            out.merge(disks);
        }
    }
    let properties = has.v_app_config.as_deref().and_then(|v| v.base());
    if let Ok(Some(_)) = vapp::spec(properties, None, planned, BTreeMap::new()) {
        out.power_off(M::VAPP, "vApp properties change");
    }
    out
}

/// An error for each change that an instant clone would have to be powered off for.
pub(in super::super) fn refused(effects: &Effects) -> Diagnostics {
    effects.refused("The instant clone would have to be powered off", |what| {
        format!(
            "{}, which requires a virtual machine that is powered off. An instant clone runs from the beginning: use the value \
             of the source, and change it later, or remove `instant_clone`.",
            capital(what)
        )
    })
}

/// What vSphere takes for an instant clone: of a request, the extra config and the edits of network interfaces. Pure.
pub(in super::super) fn spec(
    plan: &M,
    request: Request,
    folder: &MoRef,
    bios: &str,
) -> VirtualMachineInstantCloneSpec {
    let pool = place::pool(plan.resource_pool_id.as_str());
    let location = VirtualMachineRelocateSpec {
        // A vApp holds its virtual machines itself.
        folder: (&*pool.ty != "VirtualApp").then(|| folder.clone()),
        pool: Some(pool),
        datastore: plan.datastore_id.non_empty().map(MoId::<Datastore>::object),
        device_change: request.spec.device_change,
        ..Default::default()
    };
    VirtualMachineInstantCloneSpec {
        name: plan.name.get(),
        location,
        config: request.spec.extra_config,
        bios_uuid: Some(bios.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::model::{CloudInitModel, CustomizeModel, PlacementModel};
    use super::*;
    use std::sync::Arc;
    use vsphere_client::vim::types::{VirtualHardware, VirtualMachineConfigInfo, VirtualMachinePowerState};
    use vsphere_client::virtual_machine::VirtualMachine as Machine;

    fn source(power: VirtualMachinePowerState, template: bool) -> Source {
        let hardware = VirtualHardware {
            num_cpu: 2,
            memory_mb: 2048,
            num_cores_per_socket: Some(1),
            ..Default::default()
        };
        let config = VirtualMachineConfigInfo {
            template,
            hardware,
            firmware: Some("bios".into()),
            cpu_hot_add_enabled: Some(true),
            ..Default::default()
        };
        let vm = Machine {
            name: "src".into(),
            config: Some(Box::new(config)),
            host: Some(MoRef::new("HostSystem", "host-1")),
            power_state: power,
            ..Default::default()
        };
        Source {
            object: MoRef::new("VirtualMachine", "vm-7"),
            vm: Arc::new(vm),
            snapshot: None,
            linked: true,
        }
    }

    fn on() -> Source {
        source(VirtualMachinePowerState::PoweredOn, false)
    }

    fn config() -> M {
        let clone =
            CloneModel { template_uuid: "vm-7".into(), instant_clone: true.into(), ..CloneModel::default() };
        M {
            name: "web".into(),
            clone: vec![clone].into(),
            num_cpus: 2.into(),
            memory: 2048.into(),
            ..M::null()
        }
    }

    #[test]
    fn the_source_is_powered_on() {
        use VirtualMachinePowerState as P;
        for (power, template, part) in [
            (P::PoweredOn, false, None),
            (P::PoweredOff, false, Some("is powered off")),
            (P::Suspended, false, Some("is suspended")),
            (P::PoweredOff, true, Some("cannot be powered on")),
        ] {
            let found = check(&config(), &config(), &source(power, template));
            match part {
                None => assert!(found.is_empty(), "{found}"),
                Some(part) => {
                    assert_eq!(found.0.len(), 1, "{found}");
                    assert_eq!(found.0[0].at.to_string(), "clone[0].template_uuid");
                    assert!(found.0[0].detail.contains(part), "{found}");
                }
            }
        }
    }

    #[test]
    fn what_vsphere_does_not_take_is_rejected_at_its_argument() {
        let with_clone = |change: fn(&mut CloneModel)| {
            let mut m = config();
            if let Value::Known(all) = &mut m.clone {
                change(&mut all[0]);
            }
            m
        };
        for (config, at) in [
            (with_clone(|c| c.snapshot_id = "snapshot-1".into()), "clone[0].snapshot_id"),
            (with_clone(|c| c.customize = vec![CustomizeModel::default()].into()), "clone[0].customize[0]"),
            (M { cloud_init: vec![CloudInitModel::default()].into(), ..config() }, "cloud_init[0]"),
            (M { instance_uuid: "x".into(), ..config() }, "instance_uuid"),
            (M { datastore_cluster_id: "group-p1".into(), ..config() }, "datastore_cluster_id"),
            (M { placement: vec![PlacementModel::default()].into(), ..config() }, "placement[0]"),
            (M { datastore_path: "a".into(), ..config() }, "datastore_path"),
            (M { evc_mode: "intel-broadwell".into(), ..config() }, "evc_mode"),
            (M { power_state: "off".into(), ..config() }, "power_state"),
            (M { power_state: "suspended".into(), ..config() }, "power_state"),
            (M { power_on_after_create: false.into(), ..config() }, "power_on_after_create"),
            (M { host_system_id: "host-2".into(), ..config() }, "host_system_id"),
            (M { num_cpus: 1.into(), ..config() }, "num_cpus"),
            (M { memory: 4096.into(), ..config() }, "memory"),
            (M { firmware: "efi".into(), ..config() }, "firmware"),
        ] {
            let found = check(&config, &config, &on());
            assert_eq!(found.0.iter().map(|d| d.at.to_string()).collect::<Vec<_>>(), [at], "{found}");
        }
    }

    #[test]
    fn what_a_powered_on_virtual_machine_takes_is_accepted() {
        for config in [
            M { num_cpus: 4.into(), ..config() },
            M { annotation: "a".into(), cpu_limit: 1000.into(), ..config() },
            M { host_system_id: "host-1".into(), power_state: "on".into(), ..config() },
            M {
                host_system_id: Value::Unknown,
                datastore_id: Value::Unknown,
                num_cpus: Value::Unknown,
                ..config()
            },
        ] {
            let found = check(&config, &config, &on());
            assert!(found.is_empty(), "{found}");
        }
    }

    #[test]
    fn kinds_of_clones_exclude_each_other() {
        let both = |instant: Value<bool>, linked: Value<bool>| {
            let clone = CloneModel { instant_clone: instant, linked_clone: linked, ..CloneModel::default() };
            validate(&M { clone: vec![clone].into(), ..M::null() }).has_errors()
        };
        let (yes, no) = (Value::Known(true), Value::Known(false));
        assert!(both(yes, yes));
        assert!(!both(yes, no) && !both(no, yes) && !both(Value::Unknown, yes) && !both(yes, Value::Null));
    }
}
