//! The disks of a machine that is changed by plain rules: what is sent is applied to a list of devices, which is read again.
mod assembled;
mod marked;
mod placed;
mod plain;
mod planned;
mod random;
mod validated;
mod whose;

use super::super::assembly::Assembly;
use super::super::effects::Effects;
use super::super::model::{ControllerModel, DiskModel, VirtualMachineModel as M};
use super::super::status;
use super::*;
use proptest::test_runner::{Config as ProptestConfig, RngSeed};
use std::collections::BTreeMap;
use tf_framework::{AttributePath, Dynamic, Model, Value, check, rule};
use vsphere_client::MoRef;
use vsphere_client::device::{
    Address, Bus, Controller, ControllerType, Devices, Disk, HardwareVersion, controller_key, device_mut, key,
};
use vsphere_client::vim::types::{
    ID, VirtualDevice, VirtualDeviceBackingInfoKind, VirtualDeviceConfigSpec,
    VirtualDeviceConfigSpecFileOperation as FileOperation, VirtualDeviceConfigSpecOperation as Operation,
    VirtualDeviceFileBackingInfo, VirtualDeviceKind, VirtualDisk, VirtualDiskFlatVer2BackingInfo,
    VirtualMachineConfigInfo, VirtualSCSISharing,
};
use vsphere_client::virtual_machine::VirtualMachine;

/// The random cases are the same each time.
fn steady(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_261_121),
        ..ProptestConfig::default()
    }
}

/// A configured disk.
fn block(label: &str, unit: i64, size: i64) -> DiskModel {
    DiskModel { label: label.into(), unit_number: unit.into(), size: size.into(), ..DiskModel::default() }
}

/// A configured controller.
fn controller(ty: &str, number: i64) -> ControllerModel {
    ControllerModel { r#type: ty.into(), bus_number: number.into(), ..ControllerModel::default() }
}

/// A configured machine.
fn config(disks: Vec<DiskModel>) -> M {
    M {
        name: "vm".into(),
        resource_pool_id: "resgroup-8".into(),
        datastore_id: "datastore-1".into(),
        disk: disks.into(),
        ..M::default()
    }
}

/// A virtual machine as a server returns it.
fn vm(devices: &Devices) -> VirtualMachine {
    let mut config = VirtualMachineConfigInfo::default();
    config.hardware.device = devices.clone().into_inner();
    config.files.vm_path_name = Some("[ds1] vm/vm.vmx".to_owned());
    VirtualMachine { config: Some(Box::new(config)), ..VirtualMachine::default() }
}

/// A disk of a machine.
fn device(key: i32, controller: i32, unit: i32, gib: i64, file: &str, uuid: &str) -> VirtualDeviceKind {
    let backing = VirtualDiskFlatVer2BackingInfo {
        base: VirtualDeviceFileBackingInfo {
            file_name: file.to_owned(),
            datastore: Some(MoRef::new("Datastore", "datastore-1")),
            ..Default::default()
        },
        disk_mode: "persistent".to_owned(),
        uuid: Some(uuid.to_owned()),
        thin_provisioned: Some(true),
        ..Default::default()
    };
    VirtualDisk {
        base: VirtualDevice {
            key,
            controller_key: Some(controller),
            unit_number: Some(unit),
            backing: Some(Box::new(backing.into())),
            ..Default::default()
        },
        capacity_in_kb: gib << 20,
        capacity_in_bytes: Some(gib << 30),
        ..Default::default()
    }
    .into()
}

/// The same as a first class disk.
fn volume(key: i32, controller: i32, unit: i32, uuid: &str) -> VirtualDeviceKind {
    let mut made = device(key, controller, unit, 7, "[ds1] fcd/abc.vmdk", uuid);
    if let VirtualDeviceKind::VirtualDisk(d) = &mut made {
        d.v_disk_id = Some(Box::new(ID { id: "fcd-1".to_owned() }));
    }
    made
}

fn pvscsi(key: i32, number: i32) -> VirtualDeviceKind {
    ControllerType::ParaVirtual.device(key, number, VirtualSCSISharing::NoSharing)
}

/// What the rule and the hook plan, held against what core checks.
fn plan_of(prior: Option<&M>, config: &M) -> (M, Effects) {
    let schema = M::block();
    let (c, p) = (config.write(), prior.map_or(Dynamic::Null, M::write));
    let out = rule::plan(&schema, &c, &p);
    let mut planned = M::read(&out.state, &AttributePath::root()).unwrap();
    let effects = plan(prior, config, &mut planned, &Held::default());
    if let Some(prior) = prior {
        let calm = M { change_version: prior.change_version.clone(), ..planned.clone() };
        if calm == *prior {
            planned = calm;
        }
    }
    let wrong = check::plan_valid(&schema, &p, &c, &planned.write());
    // What a template brings is not counted beforehand: the plan hook asks for leniency there, as the rule does elsewhere.
    let open = planned.disk.is_unknown() && !config.disk.is_unknown();
    assert!(wrong.is_empty() || out.legacy || open, "{wrong:#?}");
    (planned, effects)
}

/// A server with one machine.
#[derive(Debug, Clone, Default)]
struct Lab {
    devices: Devices,
    own: Own,
    made: i32,
    files: i32,
    deleted: Vec<String>,
    sent: Vec<VirtualDeviceConfigSpec>,
}

impl Lab {
    fn scene<'a>(&'a self, origin: Origin, names: &'a BTreeMap<String, String>) -> Scene<'a> {
        Scene { origin, home: "[ds1] vm/vm.vmx".parse().ok(), own: &self.own, snapshot: None, names }
    }

    /// Does what a plan says; nothing when that is an error.
    fn assembled(&self, prior: Option<&M>, plan: &M, origin: Origin) -> (Assembly, Effects) {
        let names = names();
        let mut out = match origin {
            Origin::New => Assembly::new_machine(HardwareVersion(19)),
            _ => Assembly::of(self.devices.clone(), HardwareVersion(19)),
        };
        let effects = assemble(prior, plan, &self.scene(origin, &names), &mut out);
        (out, effects)
    }

    fn apply(&mut self, prior: Option<&M>, plan: &M, origin: Origin) -> Result<Effects, Effects> {
        let (out, effects) = self.assembled(prior, plan, origin);
        if effects.diagnostics.has_errors() {
            return Err(effects);
        }
        if origin == Origin::New {
            self.devices = Assembly::new_machine(HardwareVersion(19)).devices;
        }
        let (specs, _) = out.finish();
        self.sent.clone_from(&specs);
        let mut keys = BTreeMap::new();
        for mut spec in specs {
            // What hangs on a controller of this request has its temporary key.
            if let Some(d) = device_mut(&mut spec.device)
                && let Some(key) = d.controller_key.and_then(|k| keys.get(&k))
            {
                d.controller_key = Some(*key);
            }
            if spec.operation == Some(Operation::Add)
                && let Some(c) = Controller::of(&spec.device)
            {
                self.made += 1;
                let new = 1000 + self.made;
                keys.insert(c.key, new);
                device_mut(&mut spec.device).unwrap().key = new;
                assert!(
                    self.devices.controller(c.ty.bus(), c.number).is_none(),
                    "two controllers of one number"
                );
            }
            self.change(spec);
        }
        for d in &self.devices {
            let on = controller_key(d);
            assert!(on.is_none() || self.devices.by_key(on.unwrap()).is_some(), "it hangs nowhere: {d:?}");
        }
        if matches!(origin, Origin::Clone { .. }) {
            self.rename();
        }
        Ok(effects)
    }

    /// One change, by the rules of a server.
    fn change(&mut self, spec: VirtualDeviceConfigSpec) {
        let mut devices = std::mem::take(&mut self.devices).into_inner();
        let changed = key(&spec.device);
        match spec.operation {
            Some(Operation::Remove) => {
                let was = devices.len();
                devices.retain(|d| key(d) != changed);
                assert_eq!(devices.len() + 1, was, "removed what is not there");
                if spec.file_operation == Some(FileOperation::Destroy) {
                    let file = Disk::of(&spec.device).unwrap().backing().unwrap().file.to_owned();
                    self.deleted.push(file);
                }
            }
            Some(Operation::Edit) => {
                let at = devices.iter().position(|d| key(d) == changed).expect("edited what is not there");
                let capacity = |d: &VirtualDeviceKind| Disk::of(d).map_or(0, |d| d.capacity());
                assert!(capacity(&spec.device) >= capacity(&devices[at]), "shrunk");
                let taken = devices.iter().enumerate().any(|(i, o)| {
                    let unit = vsphere_client::device::unit_number;
                    i != at
                        && unit(&spec.device).is_some()
                        && controller_key(o) == controller_key(&spec.device)
                        && unit(o) == unit(&spec.device)
                });
                assert!(!taken, "the address is taken until its disk has moved");
                devices[at] = spec.device;
            }
            _ => devices.push(self.added(spec, &devices)),
        }
        self.devices = Devices::new(devices);
    }

    fn added(&mut self, spec: VirtualDeviceConfigSpec, devices: &[VirtualDeviceKind]) -> VirtualDeviceKind {
        let mut device = spec.device;
        if let VirtualDeviceKind::VirtualDisk(d) = &mut device {
            self.made += 1;
            self.files += 1;
            let taken = |o: &VirtualDeviceKind| {
                controller_key(o) == d.base.controller_key
                    && vsphere_client::device::unit_number(o) == d.base.unit_number
            };
            assert!(!devices.iter().any(taken), "the address is taken");
            assert!(devices.iter().any(|o| Some(key(o)) == d.base.controller_key), "no controller");
            d.base.key = 2000 + self.made;
            if let Some(VirtualDeviceBackingInfoKind::VirtualDiskFlatVer2BackingInfo(b)) =
                d.base.backing.as_deref_mut()
            {
                b.uuid = Some(format!("made-{}", self.files));
                if spec.file_operation == Some(FileOperation::Create) {
                    assert!(!b.base.file_name.contains('/'), "{}", b.base.file_name);
                    b.base.file_name = format!("[ds1] vm/vm_{}.vmdk", self.files);
                } else {
                    d.capacity_in_bytes = Some(3 << 30);
                }
                b.base.datastore.get_or_insert(MoRef::new("Datastore", "datastore-1"));
            }
        }
        device
    }

    /// A clone's disks have UUIDs and files of their own.
    fn rename(&mut self) {
        let mut devices = std::mem::take(&mut self.devices).into_inner();
        for (n, device) in devices.iter_mut().enumerate() {
            if let Some(base) = device_mut(device)
                && let Some(VirtualDeviceBackingInfoKind::VirtualDiskFlatVer2BackingInfo(b)) =
                    base.backing.as_deref_mut()
            {
                b.uuid = Some(format!("clone-{n}"));
                b.base.file_name = format!("[ds1] vm/vm_{n}.vmdk");
            }
        }
        self.devices = Devices::new(devices);
    }

    /// What a refresh would put into the state.
    fn read(&self, state: &M) -> M {
        let mut found = state.clone();
        let vm = vm(&self.devices);
        observed(&vm, state, &self.own, false, &mut found);
        found.hardware_status = status::hardware(&vm);
        M::read(&rule::settle_read(&M::block(), &state.write(), &found.write()), &AttributePath::root())
            .unwrap()
    }

    /// Plans, applies, reads, and makes sure that a second plan has nothing to do.
    fn run(&mut self, prior: Option<&M>, config: &M, origin: Origin) -> Result<(M, Effects), Effects> {
        let schema = M::block();
        let (planned, shown) = plan_of(prior, config);
        if shown.diagnostics.has_errors() {
            return Err(shown);
        }
        let before = vm(&self.devices);
        let done = self.apply(prior, &planned, origin)?;
        let now = vm(&self.devices);
        let made = Some(to_make(&planned));
        self.own = match prior {
            None => Own::default().with_made(&now, &planned, made.as_ref(), None),
            Some(prior) => self.own.after_change(&before, prior, &now, &planned).with_made(
                &now,
                &planned,
                made.as_ref(),
                Some(&before),
            ),
        };
        if prior.is_some() {
            let whats = |e: &Effects| e.power_off.len();
            assert_eq!(whats(&shown), whats(&done), "{shown:#?} {done:#?}");
            assert_eq!(shown.destroys.len(), self.deleted.len(), "{shown:#?}");
        }
        let mut found = planned.clone();
        observed(&vm(&self.devices), &planned, &self.own, false, &mut found);
        let state = rule::settle_apply(&schema, &planned.write(), &found.write());
        let wrong = check::apply_consistent(&schema, &planned.write(), &state);
        let wrong: Vec<_> = wrong.into_iter().filter(|w| w.contains("disk") || w.contains("scsi")).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        let mut state = M::read(&nulls(state), &AttributePath::root()).unwrap();
        state = self.read(&state);
        let (again, effects) = plan_of(Some(&state), config);
        assert!(rule::equal(&schema, &again.write(), &state.write()), "{:#?}", differences(&again, &state));
        assert!(effects.power_off.is_empty() && effects.destroys.is_empty(), "{effects:#?}");
        assert!(!effects.diagnostics.has_errors(), "{effects:#?}");
        let (nothing, effects) = self.assembled(Some(&state), &again, Origin::Machine);
        assert!(nothing.is_empty(), "{:#?}", nothing.finish().0);
        assert_eq!(effects, Effects::default());
        Ok((state, shown))
    }

    /// The controllers that disks can use, and whether they are shared.
    fn controllers(&self) -> Vec<String> {
        let all = self.devices.controllers().into_iter().filter(|c| c.ty != ControllerType::Ide);
        let sharing = |c: &Controller| c.sharing.as_ref().map_or("noSharing", |s| s.as_str()).to_owned();
        let mut all: Vec<_> =
            all.map(|c| format!("{}:{} {} {}", c.ty.bus(), c.number, c.ty, sharing(&c))).collect();
        all.sort();
        all
    }

    /// Where which disk is: its address, size and UUID.
    fn disks(&self) -> Vec<(String, i64, String)> {
        let one = |(at, d): (Option<Address>, Disk<'_>)| {
            (
                at.map_or_else(|| "nowhere".to_owned(), |a| a.to_string()),
                d.capacity() >> 30,
                d.uuid().unwrap_or_default(),
            )
        };
        self.devices.disks().into_iter().map(one).collect()
    }
}

/// What is different between two models, member by member.
fn differences(a: &M, b: &M) -> Vec<String> {
    fn walk(at: &str, a: &Dynamic, b: &Dynamic, out: &mut Vec<String>) {
        match (a, b) {
            (Dynamic::Map(x), Dynamic::Map(_)) => {
                for name in x.keys() {
                    walk(&format!("{at}.{name}"), a.get(name), b.get(name), out);
                }
            }
            (Dynamic::List(x), Dynamic::List(y)) if x.len() == y.len() => {
                for (i, (x, y)) in x.iter().zip(y).enumerate() {
                    walk(&format!("{at}[{i}]"), x, y, out);
                }
            }
            _ if a != b => out.push(format!("{at}: {a:?} {b:?}")),
            _ => {}
        }
    }
    let mut out = vec![];
    walk("", &a.write(), &b.write(), &mut out);
    out
}

/// A state is known.
fn nulls(v: Dynamic) -> Dynamic {
    match v {
        Dynamic::Unknown => Dynamic::Null,
        Dynamic::List(x) => Dynamic::List(x.into_iter().map(nulls).collect()),
        Dynamic::Map(m) => Dynamic::Map(m.into_iter().map(|(k, v)| (k, nulls(v))).collect()),
        other => other,
    }
}

fn names() -> BTreeMap<String, String> {
    (1..4).map(|n| (format!("datastore-{n}"), format!("ds{n}"))).collect()
}

fn texts(effects: &[super::super::effects::Effect]) -> Vec<String> {
    effects.iter().map(|e| format!("{}: {}", e.at, e.what)).collect()
}

/// A machine with these disks, made from nothing.
fn made(disks: Vec<DiskModel>) -> (Lab, M) {
    let mut lab = Lab::default();
    let (state, _) = lab.run(None, &config(disks), Origin::New).unwrap();
    (lab, state)
}
