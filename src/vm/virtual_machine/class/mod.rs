//! The virtual machine class that determines the size of a virtual machine.
mod plan;

use super::VirtualMachine;
use super::model::VirtualMachineModel as M;
use super::network::NicModel;
use super::place;
use crate::common::once::Once;
use crate::fault::Doing;
use crate::nearest::did_you_mean;
use crate::run_notes::{NamedKind, RunNotes};
use crate::vsphere::Vsphere;
use plan::{Class, Interface, Sizes};
use std::sync::Arc;
use tf_framework::{Diagnostics, Field, Model as _, PlanCx, Result, Value};
use vsphere_client::MoRef;
use vsphere_client::compute::Compute;

/// The classes that plans of this run have read.
#[derive(Default)]
struct Classes(Once<String, Arc<Class>>);

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
fn open(prior: Option<&M>, config: &M, planned: &mut M) {
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
    interfaces(prior, config, planned, None);
}

/// Puts the types of network interfaces that leave them out into the plan. Without a class, those of new ones are unknown for a
/// new virtual machine, and the default otherwise.
fn interfaces(prior: Option<&M>, config: &M, planned: &mut M, class: Option<&Class>) {
    let (Some(configured), Value::Known(blocks)) =
        (config.network_interface.known(), &mut planned.network_interface)
    else {
        return;
    };
    let plain = |b: &NicModel| Interface {
        name: b.name.get(),
        network: b.network_id.get(),
        adapter: b.adapter_type.get(),
    };
    let before = prior.and_then(|p| p.network_interface.known()).map_or(&[][..], Vec::as_slice);
    let before: Vec<Interface> = before.iter().map(plain).collect();
    let declared: Vec<Interface> = configured.iter().map(plain).collect();
    let of_class = class.map_or(&[][..], |c| c.adapters.as_slice());
    let types = plan::adapters(of_class, &before, &declared);
    for ((block, config), ty) in blocks.iter_mut().zip(configured).zip(types) {
        match ty {
            _ if !config.adapter_type.is_null() => {}
            Some(ty) => block.adapter_type = ty.into(),
            None if prior.is_none() && class.is_none() => block.adapter_type = Value::Unknown,
            None => {}
        }
    }
}

/// Keeps what the class has determined before.
fn keep(prior: &M, config: &M, planned: &mut M) {
    planned.copy_from(prior, &left_out(config));
    if config.vgpu_profiles.is_null() {
        planned.vgpu_profiles = prior.vgpu_profiles.clone();
    }
    interfaces(Some(prior), config, planned, None);
}

/// Puts what the class determines into the plan. vGPUs are only added to a new virtual machine, as by VM Operator.
fn fill(prior: Option<&M>, config: &M, planned: &mut M, class: &Class, sizes: &Sizes) {
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
    interfaces(prior, config, planned, Some(class));
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
    match read(vsphere, name).await {
        Ok(class) => Size::Is { cpus: class.cpus, memory: class.memory },
        Err(e) if e.is_not_found() => Size::Missing,
        Err(e) => Size::Unread(e.to_string()),
    }
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
        open(prior, config, planned);
        return Ok(());
    };
    let before = prior.map(|p| p.class_name.as_str());
    let follows = config.class_sync.as_str() == "follow";
    match (prior, cx.client) {
        (Some(prior), _) if !plan::applies(before, name, follows) => keep(prior, config, planned),
        (_, None) => open(prior, config, planned),
        (_, Some(vsphere)) => {
            let class = match read(vsphere, name).await {
                Err(e) if e.is_not_found() => match prior {
                    _ if vsphere.run::<RunNotes>().is_made(NamedKind::VmClass, name) => {
                        open(prior, config, planned);
                        return Ok(());
                    }
                    // The class of an existing virtual machine is only a default.
                    Some(prior) if before == Some(name) => {
                        keep(prior, config, planned);
                        return Ok(());
                    }
                    _ => return Err(missing(vsphere, name).await),
                },
                other => other.doing(format!("read the virtual machine class {name:?}"))?,
            };
            let mhz = if class.cpu_reservation > 0 { frequency(vsphere, planned).await? } else { None };
            let sizes = plan::sizes(&class, mhz);
            contradictions(config, &class, &sizes).into_result(())?;
            fill(prior, config, planned, &class, &sizes);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
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
}
