//! Making a machine: from nothing, from another one, or from a package.
use super::VirtualMachine;
use super::assembly::{Assembly, Blame};
use super::blame::explain;
use super::hardware::{self, Base, Request};
use super::identity::{self, Found};
use super::model::{CloneModel, VirtualMachineModel as M, title};
use super::observe::{self, Early};
use super::{
    bootstrap, clone, customize, disks, encryption, evc, extra_config, guest, name, network, ovf, place,
    policies, power, power_state, update, uuids,
};
use crate::fault::{Doing, capital};
use crate::turnover::Turnover;
use crate::vsphere::Vsphere;
use serde_json::Value as Json;
use tf_framework::{AttributePath, Cx, Diagnostics, Result};
use uuid::Uuid;
use vsphere_client::MoRef;
use vsphere_client::device::{DatastorePath, HardwareVersion};
use vsphere_client::vim::types::VirtualMachineFileInfo;
use vsphere_client::virtual_machine::Wait;

/// The default hardware version of new virtual machines: enough for every unit of a controller (vSphere 6.7 creates version 14).
const USUAL: HardwareVersion = HardwareVersion(14);

/// Makes it, labels it, and waits for its guest.
pub(super) async fn create(cx: &Cx<'_, VirtualMachine>, planned: M) -> Result<M> {
    let plan = planned.with_words_of(cx.config());
    let vsphere = cx.client();
    let plan = place::selected(vsphere, plan).await?;
    let folder = place::folder(vsphere, plan.resource_pool_id.as_str(), plan.folder.as_str()).await?;
    plan.labels.before_create(vsphere, "VirtualMachine").await?;
    if vsphere.run::<Turnover>().any() && &*place::pool(plan.resource_pool_id.as_str()).ty != "VirtualApp" {
        name::turn(cx, &plan, &folder, None).await?;
    }
    // Chosen here, so that the virtual machine of an interrupted call can be distinguished from one of the same name.
    uuids::unused(vsphere, &plan).await?;
    let instance = uuids::instance(&plan).unwrap_or_else(|| Uuid::new_v4().to_string());
    let identity = Identity::of(vsphere, &plan, &instance).await?;
    let plan = bootstrap::with_instance(plan, &instance);
    let built = network::with_default(&plan);
    let since = guest::before_power_on(vsphere, &plan).await?;
    let (mut around, mut is_item) = (None, false);
    cx.set_private(disks::MADE, disks::to_make(&plan));
    let made = if let Some(package) = ovf::package(&plan) {
        let stores = datastores(&plan);
        let placed = place::placed(vsphere, &built, &stores).await?;
        // What would end the changes after the deployment ends it before.
        policies::check(vsphere, None, &plan).await?;
        evc::masks(vsphere, None, &plan).await?;
        cx.set_private(disks::MADE, disks::at_home());
        Box::pin(ovf::deploy(cx, &placed, package, &folder, &instance)).await
    } else if let Some(source) = plan.clone.first() {
        let looked = Box::pin(from_source(cx, &built, source, &folder, &identity)).await;
        looked.map(|made| {
            (around, is_item) = (Some(made.around), made.is_item);
            made.object
        })
    } else {
        Box::pin(from_nothing(cx, &built, &folder, &instance)).await
    };
    let object = match made {
        Ok(object) => object,
        Err(broken) => {
            let Some(object) = identity.survivor(vsphere).await else { return Err(broken) };
            cx.checkpoint(&begun(&plan, &object));
            power::remember(cx, power::Due::Yes);
            let detail = format!(
                "It is in the state as {object}, marked as tainted: the next apply replaces it. `terraform untaint` keeps \
                 it; the next apply then goes on where this one stopped."
            );
            let mut out = broken;
            out.merge(Diagnostics::warning(
                AttributePath::root(),
                format!("{} was made all the same", capital(&title(&plan))),
                detail,
            ));
            return Err(out);
        }
    };
    cx.checkpoint(&begun(&plan, &object));
    cx.set_private(extra_config::WRITTEN, Json::Bool(true));
    // Until it was on, an apply that goes on from here turns it on.
    power::remember(cx, power::Due::Yes);
    let finished = Box::pin(finish(cx, &built, &object, since.as_deref(), around, is_item)).await;
    if finished.is_err()
        && let Ok(found) = look(vsphere, &plan, &object).await
    {
        note_made(cx, &found, &plan);
        cx.set_private(identity::PLACE, identity::place(&found.vm));
        if let Ok(state) = observe::state(cx, &found, false, begun(&plan, &object), Early::none()).await {
            cx.checkpoint(&state);
        }
    }
    finished?;
    power_state::remember(cx);
    Ok(begun(&plan, &object))
}

/// By what a virtual machine is found that a call has made before it broke off.
struct Identity {
    uuid: String,
    /// Whether it is an instance UUID. That of an instant clone cannot be chosen, and its BIOS UUID is used.
    is_instance: bool,
    /// The virtual machines that had the BIOS UUID before.
    others: Vec<MoRef>,
}

impl Identity {
    async fn of(vsphere: &Vsphere, plan: &M, instance: &str) -> Result<Self> {
        let mut out = Self { uuid: instance.to_owned(), is_instance: true, others: vec![] };
        if clone::instant::is_declared(plan) {
            out.is_instance = false;
            if let Some(bios) = uuids::bios(plan) {
                let found = vsphere.api.virtual_machines().all_by_uuid(&bios, false).await;
                out.others = found.doing(format!("look for virtual machines with the BIOS UUID {bios:?}"))?;
                out.uuid = bios;
            }
        }
        Ok(out)
    }

    async fn survivor(&self, vsphere: &Vsphere) -> Option<MoRef> {
        if self.is_instance {
            return survivor(vsphere, &self.uuid).await;
        }
        let found = vsphere.api.virtual_machines().all_by_uuid(&self.uuid, false).await.ok()?;
        found.into_iter().find(|object| !self.others.contains(object))
    }
}

/// What was made from another machine or from an item.
struct Made {
    object: MoRef,
    /// What was looked up for it.
    around: hardware::Around,
    /// Whether it is from an item of a content library: then nothing that is declared has been applied yet.
    is_item: bool,
}

/// Labels what was made, makes it what is planned, turns it on, and waits for its guest. `around` is what was looked up to
/// make it, from an item or not.
async fn finish(
    cx: &Cx<'_, VirtualMachine>,
    plan: &M,
    object: &MoRef,
    since: Option<&str>,
    around: Option<hardware::Around>,
    is_item: bool,
) -> Result<()> {
    let vsphere = cx.client();
    let origin = if ovf::package(plan).is_some() {
        Some(update::Origin::Package)
    } else {
        let clone = plan.clone.first();
        clone.map(|c| update::Origin::Clone { linked: c.shares_disks() && !is_item })
    };
    let mut is_on = false;
    if let Some(origin) = origin {
        // What it was made from says what it is like; what the configuration says differs, and is brought about now: from
        // what is there, whatever of it was taken before.
        let found = look(vsphere, plan, object).await?;
        note_made(cx, &found, plan);
        is_on = found.vm.power_state.as_str() == "poweredOn";
        plan.labels.apply(vsphere, object, None).await?;
        Box::pin(update::bring(cx, origin, plan, found, around)).await?;
        if !is_item {
            clone::promote(cx, None, plan, object).await?;
        }
    } else {
        plan.labels.apply(vsphere, object, None).await?;
        if let Some(masks) = evc::masks(vsphere, None, plan).await? {
            let wait = Wait::new(cx.timeout(vsphere.timeout), cx.cancel());
            evc::apply(vsphere, plan, object, &masks, wait).await?;
        }
    }
    // What is cloned from a virtual machine was customized with the request that made it.
    if is_item || plan.clone.first().is_none() {
        Box::pin(customized(cx, plan, object)).await?;
    }
    if !power_state::is_powered_on_at_creation(cx) {
        if is_on {
            power::off(cx, plan, object).await?;
        }
        return Ok(());
    }
    if !is_on {
        power::on(cx, plan, object).await?;
    }
    power::remember(cx, power::Due::No);
    guest::wait(vsphere, plan, object, since, cx.cancel()).await
}

/// The datastore of the machine, if it is known.
pub(super) fn datastores(plan: &M) -> Vec<String> {
    plan.datastore_id.non_empty().cloned().into_iter().collect()
}

/// Notes which disks of a machine the last call has made, once it was read.
pub(super) fn note_made(cx: &Cx<'_, VirtualMachine>, found: &Found, plan: &M) {
    if let Some(made) = cx.private(disks::MADE).filter(|m| !m.is_null()) {
        let own = disks::Own::read(cx.private(disks::OWN).as_ref());
        cx.set_private(disks::OWN, own.with_made(&found.vm, plan, Some(&made), None).write());
        cx.set_private(disks::MADE, Json::Null);
    }
}

/// Notes which disks of a machine that was read an update has added that did not end; see [`disks::left`]. `refreshed`:
/// the state is one that was written; in a change it may be that of a refresh just before, which was not.
pub(super) fn note_left(cx: &Cx<'_, VirtualMachine>, found: &Found, state: &M, refreshed: bool) {
    let own = disks::Own::read(cx.private(disks::OWN).as_ref());
    match disks::left(&found.vm, state, &own, cx.private(disks::SETTLED).as_ref()) {
        disks::Left::Nothing => {}
        disks::Left::Known(mark) if refreshed => cx.set_private(disks::SETTLED, mark),
        disks::Left::Known(_) => {}
        disks::Left::Disks(own, words) => {
            cx.set_private(disks::OWN, own.write());
            let list: Vec<String> = words.iter().map(|w| format!("- {w}")).collect();
            let detail = format!(
                "A run of this provider that did not end has added them:\n{}\nAn apply takes each for the disk that is \
                 declared at its address. One that is declared no more stays attached, and is deleted with the machine.",
                list.join("\n")
            );
            let summary = format!("{} has disks of an interrupted run", capital(&title(state)));
            cx.warn(M::DISK, summary, detail);
        }
    }
}

/// A state that knows which machine it is about.
fn begun(plan: &M, object: &MoRef) -> M {
    let id = object.id.to_string();
    M { id: id.clone().into(), moid: id.into(), ..plan.clone() }
}

async fn look(vsphere: &Vsphere, plan: &M, object: &MoRef) -> Result<Found> {
    let read = vsphere.api.virtual_machines().get(object).await;
    let vm = read.doing(format!("read {}", title(plan)))?;
    Ok(Found { object: object.clone(), vm: Box::new(vm) })
}

/// The machine that a call has made before it broke off.
pub(super) async fn survivor(vsphere: &Vsphere, instance: &str) -> Option<MoRef> {
    let found = vsphere.api.virtual_machines().all_by_uuid(instance, true).await.ok()?;
    found.into_iter().next()
}

async fn from_nothing(
    cx: &Cx<'_, VirtualMachine>,
    plan: &M,
    folder: &MoRef,
    instance: &str,
) -> Result<MoRef> {
    let vsphere = cx.client();
    let around = hardware::look_around(vsphere, None, plan).await?;
    let hardware = plan
        .hardware_version
        .known()
        .and_then(|n| u32::try_from(*n).ok())
        .filter(|n| *n > 0)
        .map_or(USUAL, HardwareVersion);
    let own = disks::Own::default();
    let base = Base {
        vm: None,
        prior: None,
        origin: disks::Origin::New,
        exists: false,
        is_package: false,
        own: &own,
        config: cx.config(),
    };
    let Request { mut spec, blame, .. } =
        hardware::request(&base, plan, &around, Assembly::new_machine(hardware))?;
    spec.name = Some(plan.name.as_str().to_owned());
    spec.instance_uuid = Some(instance.to_owned());
    spec.uuid = uuids::bios(plan);
    spec.files = around.names.get(plan.datastore_id.as_str()).map(|name| {
        let home = DatastorePath::new(name, plan.datastore_path.as_str()).to_string();
        Box::new(VirtualMachineFileInfo { vm_path_name: Some(home), ..Default::default() })
    });
    let crypto = encryption::due(None, plan, None)?;
    crypto.add_to(None, &mut spec);
    let wait = Wait::new(cx.timeout(vsphere.timeout), cx.cancel());
    let placed = place::placed(vsphere, plan, &datastores(plan)).await?;
    let done = place::create(vsphere, &placed, folder, spec, wait).await;
    crypto.explain(explain(done, vsphere, format!("create {}", title(plan)), &blame, plan).await)
}

async fn from_source(
    cx: &Cx<'_, VirtualMachine>,
    plan: &M,
    from: &CloneModel,
    folder: &MoRef,
    identity: &Identity,
) -> Result<Made> {
    let vsphere = cx.client();
    let (around, origin) =
        futures_util::join!(hardware::look_around(vsphere, None, plan), clone::origin(vsphere, from));
    let around = around?;
    let source = match origin? {
        clone::Origin::Machine(source) => source,
        clone::Origin::Item(item) => {
            let placed = place::placed(vsphere, plan, &datastores(plan)).await?;
            // What would end the changes after the deployment ends it before.
            policies::check(vsphere, None, plan).await?;
            evc::masks(vsphere, None, plan).await?;
            cx.set_private(disks::MADE, disks::at_home());
            let object = clone::deploy(cx, &placed, from, &item, folder).await?;
            return Ok(Made { object, around, is_item: true });
        }
    };
    // What it warns of was in the plan.
    clone::check(vsphere, plan, &source).into_result(())?;
    if from.instant_clone.get() {
        clone::instant::check(cx.config().unwrap_or(plan), plan, &source).into_result(())?;
    }
    let made = match &source.snapshot {
        // Its disks are new, in its own folder.
        None if from.instant_clone.get() => disks::at_home(),
        // Its disks need not be those of today.
        Some(_) => disks::at_home(),
        None => disks::to_copy(&source.vm.devices()),
    };
    cx.set_private(disks::MADE, made);
    let version = source.vm.hardware_version().unwrap_or(USUAL);
    let own = disks::Own::default();
    let origin = disks::Origin::Clone { linked: source.linked };
    let base = Base {
        vm: Some(&source.vm),
        prior: None,
        origin,
        exists: false,
        is_package: false,
        own: &own,
        config: cx.config(),
    };
    let devices = source.vm.devices();
    let disks = match cx.config().filter(|_| !source.linked) {
        Some(config) => disks::clone_backings(config, plan, &devices, &around.names),
        None => vec![],
    };
    if !plan.datastore_cluster_id.as_str().is_empty()
        && let Some(other) = disks.iter().find(|d| d.datastore.is_none() && d.backing.is_some())
    {
        let about = devices.by_key(other.key).map_or_else(String::new, |d| devices.describe(d));
        let detail = format!(
            "{about} takes its space in another way in the template, and in a datastore cluster Storage DRS places the disks \
             of a clone as they are. Name a datastore with `datastore_id`, or declare the disk as the template has it."
        );
        cx.warn(M::DISK, "The disks of the clone are as those of the template", detail);
    }
    let nics = match plan.network_interface.known().map_or(0, Vec::len) {
        0 => devices.nics().len(),
        declared => declared,
    };
    let guest = match plan.guest_id.as_str() {
        "" => source.guest_id(),
        set => set,
    };
    let customization = customize::spec(vsphere, plan, cx.config(), nics, guest).await?;
    let request = hardware::request(&base, plan, &around, Assembly::of(devices.clone(), version))?;
    let wait = Wait::new(power::minutes(&from.timeout, 30), cx.cancel());
    if from.instant_clone.get() {
        let request = request.along_with_instant_clone();
        let blame = request.blame.clone();
        let spec = clone::instant::spec(plan, request, folder, &identity.uuid);
        let done = vsphere.api.virtual_machines().instant_clone(&source.object, spec, wait).await;
        let doing = format!("create an instant clone of {} as {}", source.title(), title(plan));
        let object = explain(done, vsphere, doing, &blame, plan).await?;
        return Ok(Made { object, around, is_item: false });
    }
    let of_snapshot = source.snapshot.is_some() && !source.linked;
    let Request { mut spec, blame, .. } = request.along_with_clone(&devices, of_snapshot);
    spec.instance_uuid = Some(identity.uuid.clone());
    spec.uuid = uuids::bios(plan);
    let datastore = around.names.get(plan.datastore_id.as_str()).cloned();
    let wanted = clone::Wanted { config: spec, customization, disks, datastore };
    let object = copied(vsphere, plan, &source, folder, wanted, &blame, wait).await?;
    Ok(Made { object, around, is_item: false })
}

/// Clones a source to the place of a plan, and leaves the clone off.
pub(super) async fn copied(
    vsphere: &Vsphere,
    plan: &M,
    source: &clone::Source,
    folder: &MoRef,
    wanted: clone::Wanted,
    blame: &Blame,
    wait: Wait<'_>,
) -> Result<MoRef> {
    let stores = match datastores(plan) {
        none if none.is_empty() && plan.datastore_cluster_id.as_str().is_empty() => {
            source.vm.datastores.iter().map(|d| d.id.to_string()).collect()
        }
        some => some,
    };
    let placed = place::placed(vsphere, plan, &stores).await?;
    let spec = clone::spec(&placed, source, wanted);
    let done = place::clone_to(vsphere, plan, &source.object, folder, spec, wait).await;
    let doing = format!("clone {} as {}", source.title(), title(plan));
    explain(done, vsphere, doing, blame, plan).await
}

/// Customizes the guest of a machine that was made from an item, from a package or from nothing, and is powered off: vCenter
/// does it when the machine is powered on.
async fn customized(cx: &Cx<'_, VirtualMachine>, plan: &M, object: &MoRef) -> Result<()> {
    if !customize::is_declared(plan) {
        return Ok(());
    }
    let vsphere = cx.client();
    let vm = look(vsphere, plan, object).await?.vm;
    let guest = vm.config.as_deref().map_or("", |c| c.guest_id.as_str());
    let nics = vm.devices().nics().len();
    let Some(spec) = customize::spec(vsphere, plan, cx.config(), nics, guest).await? else { return Ok(()) };
    let wait = Wait::new(cx.timeout(vsphere.timeout), cx.cancel());
    let done = vsphere.api.virtual_machines().customize(object, spec, wait).await;
    let doing = format!("customize the guest of {}", title(plan));
    explain(done, vsphere, doing, &Blame::default(), plan).await
}
