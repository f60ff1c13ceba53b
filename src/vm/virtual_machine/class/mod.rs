//! The virtual machine class that determines the size of a virtual machine.
mod plan;

use super::VirtualMachine;
use super::matching::Partner;
use super::model::VirtualMachineModel as M;
use super::{network, place, resize};
use crate::common::once::Once;
use crate::fault::Doing;
use crate::nearest::did_you_mean;
use crate::run_notes::{NamedKind, RunNotes};
use crate::vsphere::Vsphere;
use plan::{Class, Sizes};
use std::convert::Infallible;
use std::sync::Arc;
use tf_framework::{Diagnostics, Field, Model as _, PlanCx, Result, Value};
use vsphere_client::MoRef;
use vsphere_client::compute::Compute;

/// The classes that plans of this run have read.
#[derive(Default)]
struct Classes(Once<String, Arc<Class>>);

/// The sizes of classes, also of those that cannot be read: many virtual machines ask for the same one.
#[derive(Default)]
struct ClassSizes(Once<String, Size>);

/// The frequencies of the slowest CPUs in clusters.
#[derive(Default)]
struct Frequencies(Once<MoRef, Option<i64>>);

vsphere_client::properties! {
    struct Frequency of "HostSystem" {
        mhz: Option<i32> = "summary.hardware.cpuMhz",
    }
}

/// What a class determines, as far as the configuration leaves it out.
fn left_out(config: &M) -> Vec<Field> {
    let sizes = [
        (M::NUM_CPUS, &config.num_cpus),
        (M::MEMORY, &config.memory),
        (M::CPU_RESERVATION, &config.cpu_reservation),
        (M::MEMORY_RESERVATION, &config.memory_reservation),
    ];
    sizes.into_iter().filter(|(_, value)| value.is_null()).map(|(field, _)| field).collect()
}

/// Makes what the class determines unknown, because the class is not known yet.
fn open(prior: Option<&M>, config: &M, planned: &mut M) -> Diagnostics {
    for field in left_out(config) {
        match field {
            M::NUM_CPUS => planned.num_cpus = Value::Unknown,
            M::MEMORY => planned.memory = Value::Unknown,
            M::CPU_RESERVATION => planned.cpu_reservation = Value::Unknown,
            _ => planned.memory_reservation = Value::Unknown,
        }
    }
    if prior.is_none() && config.vgpu_profiles.is_null() {
        planned.vgpu_profiles = Value::Unknown;
    }
    interfaces(prior, config, planned, OfClass::Open)
}

/// What is known of a class.
#[derive(Clone, Copy)]
enum OfClass<'a> {
    /// It does not apply.
    Nothing,
    /// It is not known yet.
    Open,
    /// Its network adapters.
    Adapters(&'a [String]),
}

/// Puts the types of network interfaces that leave them out into the plan: an existing one keeps its type, and a new one has that
/// of the class in its place. Further ones have the default. Returns what does not go with those types.
fn interfaces(prior: Option<&M>, config: &M, planned: &mut M, class: OfClass<'_>) -> Diagnostics {
    let mut out = Diagnostics::default();
    let partners = prior.map(|prior| network::partners(prior, config, planned)).unwrap_or_default();
    let before = prior.and_then(|p| p.network_interface.known()).map_or(&[][..], Vec::as_slice);
    let (Some(configured), Value::Known(blocks)) =
        (config.network_interface.known(), &mut planned.network_interface)
    else {
        return out;
    };
    let mut left_out = vec![];
    for (n, (block, _)) in
        blocks.iter_mut().zip(configured).enumerate().filter(|(_, (_, c))| c.adapter_type.is_null())
    {
        let partner = partners.get(n).copied().unwrap_or(Partner::New);
        let kept = partner.index().and_then(|p| before[p].adapter_type.non_empty());
        match (kept, partner, class) {
            (Some(ty), ..) => block.adapter_type = ty.clone().into(),
            (None, Partner::Open, _) | (None, _, OfClass::Open) => block.adapter_type = Value::Unknown,
            (None, _, OfClass::Adapters(types)) => {
                if let Some(ty) = types.get(n) {
                    block.adapter_type = ty.clone().into();
                }
            }
            (None, _, OfClass::Nothing) => {}
        }
        left_out.push((n, block.clone()));
    }
    for (n, block) in left_out {
        let mut wrong = network::function(n, &block, planned);
        for d in &mut wrong.0 {
            d.detail = format!(
                "{} The type {:?} is that of the virtual machine class (`class_name`) or of the existing network interface. To \
                 use another one, set `adapter_type`.",
                d.detail,
                block.adapter_type.as_str()
            );
        }
        out.merge(wrong);
    }
    out
}

/// Keeps what the class has determined before.
fn keep(prior: &M, config: &M, planned: &mut M) -> Diagnostics {
    planned.copy_from(prior, &left_out(config));
    resize::keep(prior, &left_out(config), planned);
    if config.vgpu_profiles.is_null() {
        planned.vgpu_profiles = prior.vgpu_profiles.clone();
    }
    interfaces(Some(prior), config, planned, OfClass::Nothing)
}

/// Puts what the class determines into the plan. vGPUs are only added to a new virtual machine, as by VM Operator.
fn fill(prior: Option<&M>, config: &M, planned: &mut M, class: &Class, sizes: &Sizes) -> Diagnostics {
    for field in left_out(config) {
        match field {
            M::NUM_CPUS => planned.num_cpus = sizes.cpus.into(),
            M::MEMORY => planned.memory = sizes.memory.into(),
            M::CPU_RESERVATION => {
                if let Some(mhz) = sizes.cpu_reservation {
                    planned.cpu_reservation = mhz.into();
                } else if class.cpu_reservation > 0 {
                    // The hosts are not known yet.
                    planned.cpu_reservation = Value::Unknown;
                }
            }
            _ if planned.memory_reservation_locked_to_max.get() => {}
            _ => {
                if let Some(size) = sizes.memory_reservation {
                    planned.memory_reservation = size.into();
                }
            }
        }
    }
    match prior {
        _ if !config.vgpu_profiles.is_null() => {}
        Some(prior) => planned.vgpu_profiles = prior.vgpu_profiles.clone(),
        None if !class.vgpu_profiles.is_empty() => {
            planned.vgpu_profiles = Value::Known(class.vgpu_profiles.clone());
        }
        None => {}
    }
    interfaces(prior, config, planned, OfClass::Adapters(&class.adapters))
}

/// Rejects arguments that contradict the class.
fn contradictions(config: &M, class: &Class, sizes: &Sizes) -> Diagnostics {
    let mut out = Diagnostics::default();
    let name = config.class_name.as_str();
    for (field, value, of_class) in [
        (M::NUM_CPUS, &config.num_cpus, Some(sizes.cpus)),
        (M::MEMORY, &config.memory, Some(sizes.memory)),
        (M::CPU_RESERVATION, &config.cpu_reservation, sizes.cpu_reservation),
        (M::MEMORY_RESERVATION, &config.memory_reservation, sizes.memory_reservation),
    ] {
        let (Some(value), Some(of_class)) = (value.known(), of_class) else { continue };
        if *value != of_class {
            let attribute = field.0;
            let detail = format!(
                "`{attribute}` is {value}, but the virtual machine class {name:?} (`class_name`) has {of_class}. Remove \
                 `{attribute}`, set it to {of_class}, or remove `class_name`."
            );
            out.merge(Diagnostics::error(field, format!("`{attribute}` contradicts `class_name`"), detail));
        }
    }
    if let Some(profiles) = config.vgpu_profiles.known()
        && !class.vgpu_profiles.is_empty()
        && *profiles != class.vgpu_profiles
    {
        let detail = format!(
            "`vgpu_profiles` is {profiles:?}, but the virtual machine class {name:?} (`class_name`) has {:?}. Remove \
             `vgpu_profiles`, or remove `class_name`.",
            class.vgpu_profiles
        );
        out.merge(Diagnostics::error(M::VGPU_PROFILES, "`vgpu_profiles` contradicts `class_name`", detail));
    }
    out
}

async fn read(vsphere: &Vsphere, name: &str) -> vsphere_client::Result<Arc<Class>> {
    let look = async {
        let class = vsphere.api.supervisors().vm_class(name).await?;
        Ok(Arc::new(Class {
            cpus: class.cpu_count,
            memory: class.memory_mb,
            cpu_reservation: class.cpu_reservation,
            memory_reservation: class.memory_reservation,
            adapters: class.network_adapters().into_iter().map(|a| a.name().to_owned()).collect(),
            vgpu_profiles: class.devices.vgpu_devices.into_iter().map(|d| d.profile_name).collect(),
        }))
    };
    vsphere.run::<Classes>().0.get(name.to_owned(), look).await
}

/// The size of a class.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Size {
    /// The number of virtual CPUs and the memory in MiB.
    Is { cpus: i64, memory: i64 },
    /// There is no such class.
    Missing,
    /// Why the class cannot be read.
    Unread(String),
}

/// The size of a class, which is read once in a run.
pub(super) async fn size(vsphere: &Vsphere, name: &str) -> Size {
    let look = async {
        match read(vsphere, name).await {
            Ok(class) => Size::Is { cpus: class.cpus, memory: class.memory },
            Err(e) if e.is_not_found() => Size::Missing,
            Err(e) => Size::Unread(e.to_string()),
        }
    };
    // One that this run makes may not have been there before.
    if vsphere.run::<RunNotes>().is_made(NamedKind::VmClass, name) {
        return look.await;
    }
    let sizes = vsphere.run::<ClassSizes>();
    let found = sizes.0.get(name.to_owned(), async { Ok::<_, Infallible>(look.await) });
    found.await.unwrap_or_else(|never| match never {})
}

async fn missing(vsphere: &Vsphere, name: &str) -> Diagnostics {
    let all = vsphere.api.supervisors().vm_classes().await.unwrap_or_default();
    let detail = format!(
        "vCenter does not have a virtual machine class of this name.{}",
        did_you_mean(name, all.iter().map(|c| c.id.as_str()))
    );
    Diagnostics::error(M::CLASS_NAME, format!("Virtual machine class {name:?} not found"), detail)
}

/// The frequency of the slowest CPU below a resource pool, in MHz, of which vSphere reserves a percentage.
async fn frequency(vsphere: &Vsphere, planned: &M) -> Result<Option<i64>> {
    let Some(pool) = planned.resource_pool_id.non_empty() else { return Ok(None) };
    let compute = place::compute(vsphere, pool).await?;
    let look = async {
        let properties = vsphere.api.properties();
        let hosts = properties.get::<Compute>(&compute).await?.hosts;
        let all = properties.get_existing::<Frequency>(&hosts).await?;
        Ok(all.into_iter().filter_map(|(_, f)| f.mhz).min().map(i64::from))
    };
    let found = vsphere.run::<Frequencies>().0.get(compute.clone(), look).await;
    found.doing("read the CPU frequency of the hosts")
}

/// Puts the size of the class into the plan of a virtual machine that has one. Asks vCenter only for a class that applies.
///
/// # Errors
/// There is no such class, or the configuration contradicts it.
pub(super) async fn plan(cx: &mut PlanCx<'_, VirtualMachine>, planned: &mut M) -> Result<()> {
    let (config, prior) = (cx.config, cx.prior);
    // A replacement is planned again as a creation.
    if cx.is_replacement() || config.class_name.known().map_or(config.class_name.is_null(), String::is_empty)
    {
        return Ok(());
    }
    let Some(name) = config.class_name.known() else {
        return open(prior, config, planned).into_result(());
    };
    let before = prior.map(|p| p.class_name.as_str());
    let follows = config.class_sync.as_str() == "follow";
    let wrong = match (prior, cx.client) {
        (Some(prior), _) if !plan::applies(before, name, follows) => keep(prior, config, planned),
        (_, None) => open(prior, config, planned),
        (_, Some(vsphere)) => {
            let class = match read(vsphere, name).await {
                Err(e) if e.is_not_found() => match prior {
                    _ if vsphere.run::<RunNotes>().is_made(NamedKind::VmClass, name) => {
                        return open(prior, config, planned).into_result(());
                    }
                    // The class of an existing virtual machine is only a default.
                    Some(prior) if before == Some(name) => {
                        return keep(prior, config, planned).into_result(());
                    }
                    _ => return Err(missing(vsphere, name).await),
                },
                other => other.doing(format!("read the virtual machine class {name:?}"))?,
            };
            let mhz = if class.cpu_reservation > 0 { frequency(vsphere, planned).await? } else { None };
            let sizes = plan::sizes(&class, mhz);
            contradictions(config, &class, &sizes).into_result(())?;
            fill(prior, config, planned, &class, &sizes)
        }
    };
    wrong.into_result(())
}

#[cfg(test)]
mod tests {
    use super::super::model::NicModel;
    use super::*;

    fn class() -> Class {
        Class {
            cpus: 4,
            memory: 8192,
            cpu_reservation: 50,
            memory_reservation: 100,
            vgpu_profiles: vec!["grid_m60-8q".to_owned()],
            adapters: vec!["e1000".to_owned()],
        }
    }

    fn config() -> M {
        M { class_name: "large".into(), ..M::default() }
    }

    #[test]
    fn what_the_configuration_leaves_out_is_that_of_the_class() {
        let class = class();
        let mut planned = M { num_cpus: 1.into(), memory: 1024.into(), ..config() };
        fill(None, &config(), &mut planned, &class, &plan::sizes(&class, Some(2000)));
        let numbers =
            |m: &M| [m.num_cpus, m.memory, m.cpu_reservation, m.memory_reservation].map(|v| v.get());
        assert_eq!(numbers(&planned), [4, 8192, 4000, 8192]);
        assert_eq!(planned.vgpu_profiles, Value::Known(class.vgpu_profiles.clone()));
        // A resize does not add vGPUs.
        let prior = M { num_cpus: 1.into(), ..M::default() };
        let mut resized = prior.clone();
        fill(Some(&prior), &config(), &mut resized, &class, &plan::sizes(&class, Some(2000)));
        assert_eq!((numbers(&resized), resized.vgpu_profiles.is_null()), ([4, 8192, 4000, 8192], true));
        // What is set stays, and without a resource pool the frequency is not known.
        let set = M { num_cpus: 4.into(), ..config() };
        let mut planned = set.clone();
        fill(None, &set, &mut planned, &class, &plan::sizes(&class, None));
        assert!(planned.cpu_reservation.is_unknown());
        let mut kept = M { num_cpus: 1.into(), memory: 1024.into(), ..config() };
        keep(&resized, &config(), &mut kept);
        assert_eq!(numbers(&kept), numbers(&resized));
        open(None, &set, &mut planned);
        assert!(planned.memory.is_unknown() && planned.num_cpus == 4.into());
    }

    #[test]
    fn contradictions_are_reported_with_both_values() {
        let class = class();
        let wrong = M {
            num_cpus: 2.into(),
            memory: 8192.into(),
            memory_reservation: 1024.into(),
            vgpu_profiles: Value::Known(vec!["grid_t4-4q".to_owned()]),
            ..config()
        };
        let found = contradictions(&wrong, &class, &plan::sizes(&class, None));
        let at: Vec<_> = found.0.iter().map(|d| d.at.to_string()).collect();
        assert_eq!(at, ["num_cpus", "memory_reservation", "vgpu_profiles"]);
        assert!(
            found.to_string().contains("`num_cpus` is 2") && found.to_string().contains("has 4"),
            "{found}"
        );
        assert!(contradictions(&config(), &class, &plan::sizes(&class, None)).is_empty());
    }

    fn nic(name: &str, network: &str) -> NicModel {
        NicModel { name: name.into(), network_id: network.into(), ..NicModel::default() }
    }

    fn of_type(adapter: &str, nic: NicModel) -> NicModel {
        NicModel { adapter_type: adapter.into(), ..nic }
    }

    fn with_mac(mac: &str, nic: NicModel) -> NicModel {
        NicModel { use_static_mac: true.into(), mac_address: mac.into(), ..nic }
    }

    /// As the state has an interface.
    fn existing(key: i64, adapter: &str, nic: NicModel) -> NicModel {
        let mut nic = of_type(adapter, NicModel { key: key.into(), ..nic });
        if nic.mac_address.is_null() {
            nic.mac_address = format!("00:50:56:00:00:{:02}", key % 100).into();
        }
        nic.set_defaults(&NicModel::block());
        nic
    }

    fn machine(nics: &[NicModel]) -> M {
        M { network_interface: nics.to_vec().into(), ..config() }
    }

    /// The planned types, and the problems.
    fn types(prior: Option<&[NicModel]>, declared: &[NicModel], class: OfClass<'_>) -> (Vec<String>, String) {
        let config = machine(declared);
        let mut planned = config.clone();
        if let Value::Known(blocks) = &mut planned.network_interface {
            blocks.iter_mut().for_each(|b| b.set_defaults(&NicModel::block()));
        }
        let wrong = interfaces(prior.map(machine).as_ref(), &config, &mut planned, class);
        let ty = |b: &NicModel| match &b.adapter_type {
            Value::Unknown => "unknown".to_owned(),
            known => known.as_str().to_owned(),
        };
        (planned.network_interface.get().iter().map(ty).collect(), wrong.to_string())
    }

    #[test]
    fn adapters_follow_the_order_of_the_class() {
        let class = ["e1000".to_owned(), "vmxnet2".to_owned()];
        let same = [
            existing(4000, "e1000", nic("", "a")),
            existing(4001, "vmxnet2", nic("", "a")),
            existing(4002, "vmxnet3", nic("", "a")),
        ];
        let named = [
            existing(4000, "e1000", nic("eth0", "a")),
            existing(4001, "vmxnet2", nic("eth1", "a")),
            existing(4002, "vmxnet3", nic("", "c")),
        ];
        let (first, second) = ("00:50:56:00:00:01", "00:50:56:00:00:02");
        let fixed = [
            existing(4000, "e1000", with_mac(first, nic("", "a"))),
            existing(4001, "vmxnet2", with_mac(second, nic("", "a"))),
        ];
        let open = NicModel { network_id: Value::Unknown, ..nic("", "a") };
        let of_class = OfClass::Adapters(&class);
        for (what, before, declared, class, expected) in [
            // The example of VM Operator.
            (
                "new",
                None,
                vec![nic("", "a"), nic("", "a"), nic("", "a")],
                of_class,
                vec!["e1000", "vmxnet2", "vmxnet3"],
            ),
            (
                "one has a type",
                None,
                vec![of_type("vmxnet3", nic("", "a")), nic("", "a")],
                of_class,
                vec!["vmxnet3", "vmxnet2"],
            ),
            (
                "not known",
                None,
                vec![nic("", "a"), of_type("e1000e", nic("", "a"))],
                OfClass::Open,
                vec!["unknown", "e1000e"],
            ),
            (
                "unchanged",
                Some(&same[..]),
                vec![nic("", "a"), nic("", "a"), nic("", "a")],
                of_class,
                vec!["e1000", "vmxnet2", "vmxnet3"],
            ),
            (
                "kept",
                Some(&same),
                vec![nic("", "a"), nic("", "a")],
                OfClass::Nothing,
                vec!["e1000", "vmxnet2"],
            ),
            (
                "named ones change places",
                Some(&named),
                vec![nic("", "c"), nic("eth1", "a"), nic("eth0", "b")],
                of_class,
                vec!["vmxnet3", "vmxnet2", "e1000"],
            ),
            (
                "the first is removed",
                Some(&named),
                vec![nic("eth1", "a"), nic("", "c")],
                of_class,
                vec!["vmxnet2", "vmxnet3"],
            ),
            (
                "the first of fixed addresses is removed",
                Some(&fixed),
                vec![with_mac(second, nic("", "b"))],
                of_class,
                vec!["vmxnet2"],
            ),
            ("a network changes", Some(&same[..1]), vec![nic("", "x")], of_class, vec!["e1000"]),
            (
                "one is added",
                Some(&named[..1]),
                vec![nic("eth0", "a"), nic("", "b")],
                of_class,
                vec!["e1000", "vmxnet2"],
            ),
            (
                "one is added, the class is not known",
                Some(&named[..1]),
                vec![nic("eth0", "a"), nic("", "b")],
                OfClass::Open,
                vec!["e1000", "unknown"],
            ),
            (
                "one of two is open",
                Some(&fixed),
                vec![open, nic("", "a")],
                of_class,
                vec!["unknown", "unknown"],
            ),
        ] {
            assert_eq!(
                types(before, &declared, class),
                (expected.iter().map(|t| (*t).to_owned()).collect(), String::new()),
                "{what}"
            );
            // The interfaces are then the same ones.
            let Some(before) = before else { continue };
            let partners =
                |nics: Vec<NicModel>| network::partners(&machine(before), &machine(&nics), &machine(&nics));
            let typed = |(b, ty): (&NicModel, &&str)| match *ty {
                "unknown" => NicModel { adapter_type: Value::Unknown, ..b.clone() },
                ty => of_type(ty, b.clone()),
            };
            assert_eq!(
                partners(declared.iter().zip(&expected).map(typed).collect()),
                partners(declared),
                "{what}"
            );
        }
    }

    #[test]
    fn an_sriov_adapter_of_a_class_needs_its_physical_function() {
        let class = ["sriov".to_owned()];
        let reported = |nic: NicModel, reserved: i64| {
            let config = M { memory: 1024.into(), memory_reservation: reserved.into(), ..machine(&[nic]) };
            let mut out = network::validate(&config);
            out.merge(interfaces(None, &config, &mut config.clone(), OfClass::Adapters(&class)));
            out.0.into_iter().map(|d| (d.at.to_string(), d.detail)).collect::<Vec<_>>()
        };
        let bound = NicModel { physical_function: "0000:3b:00.0".into(), ..nic("", "network-7") };
        assert_eq!(reported(bound.clone(), 1024), []);
        for (nic, reserved, at) in [
            (nic("", "network-7"), 1024, "network_interface[0].physical_function"),
            (bound.clone(), 512, "network_interface[0].adapter_type"),
            (of_type("vmxnet3", bound), 1024, "network_interface[0].physical_function"),
        ] {
            let found = reported(nic, reserved);
            assert_eq!((found.len(), found[0].0.as_str()), (1, at), "{found:?}");
        }
        let found = reported(nic("", "network-7"), 1024);
        assert!(found[0].1.contains("that of the virtual machine class"), "{found:?}");
    }
}
