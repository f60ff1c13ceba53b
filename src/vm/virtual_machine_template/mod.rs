//! `vsphere_virtual_machine_template`
mod apply;
pub mod data_source;
mod filter;
mod image;
mod imported;
pub mod list;
mod model;
mod snapshot;

use crate::common::labels::Labels;
use crate::fault::Doing;
use crate::run_notes::{Course, RunNotes};
use crate::vm::virtual_machine::parts;
use crate::vsphere::Vsphere;
use model::{DiskModel, InterfaceModel, TemplateModel};
use tf_framework::{
    AttributePath, Cx, DestroyCx, Diagnostics, Model as _, Plan, PlanCx, Resource, Result, Value,
};
use vsphere_client::virtual_machine::VirtualMachine as Machine;
use vsphere_client::{MoRef, custom_fields};

/// The resource.
#[derive(Debug, Default)]
pub struct VirtualMachineTemplate;

type M = TemplateModel;

fn object(state: &M) -> MoRef {
    MoRef::new("VirtualMachine", state.moid.as_str())
}

/// Whether blocks are declared, or may be.
fn given<T>(blocks: &Value<Vec<T>>) -> bool {
    blocks.is_unknown() || blocks.known().is_some_and(|b| !b.is_empty())
}

/// What a new template cannot do without. Pure.
fn missing_source(config: &M) -> Diagnostics {
    if given(&config.ovf_deploy) || given(&config.clone) || given(&config.disk_image) {
        return Diagnostics::default();
    }
    let detail = "A template is made from something. Add the block `ovf_deploy`, for an OVF package, `clone`, for a virtual \
                  machine, a template or an item of a content library, or `disk_image`.";
    Diagnostics::error(AttributePath::root(), "Missing source of the template", detail)
}

/// What an update cannot do to disks: an error that is certain. Pure.
fn sizes(prior: &M, planned: &M) -> Diagnostics {
    let mut out = Diagnostics::default();
    for (i, (was, is)) in prior.sizes().iter().zip(planned.sizes()).enumerate() {
        let (Some(was), Some(is)) = (was.known(), is.known()) else { continue };
        let at = M::DISK.index(i).field(DiskModel::SIZE);
        if is < was {
            let detail = format!("The disk has {was} GiB, and {is} GiB are declared. Declare {was} or more.");
            out.merge(Diagnostics::error(at, "A disk cannot be shrunk", detail));
        } else if is > was && !prior.snapshot_id.as_str().is_empty() {
            out.merge(parts::held(at, *was, *is, prior.snapshot_name.as_str()));
        }
    }
    out
}

impl Resource for VirtualMachineTemplate {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the inventory path, such as /dc1/vm/templates/ubuntu, by the managed object ID, such as vm-42, by the \
                                  instance UUID or by the BIOS UUID";

    fn validate(&self, config: &M) -> Diagnostics {
        let mut out = parts::validate(&config.machine());
        out.merge(image::validate(config));
        out
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        Labels::plan(cx, "VirtualMachine", planned).await?;
        // What was converted outside Terraform is marked again.
        planned.set(M::TEMPLATE, true.into());
        let Some(prior) = cx.prior else {
            cx.finish(missing_source(cx.config))?;
            let found = parts::look(&cx.config.machine()).await;
            cx.finish(found)?;
            let found = image::look(cx.config).await;
            cx.finish(found)?;
            if let Some(vsphere) = cx.client {
                let found = parts::preflight(vsphere, &cx.config.machine(), &planned.machine()).await;
                cx.finish(found)?;
            }
            return Ok(());
        };
        if let Some(vsphere) = cx.client {
            let name = planned.name.known().cloned().unwrap_or_default();
            vsphere.run::<RunNotes>().machine(&object(prior), Course::Named(name));
        }
        cx.replace.extend(model::other_source(prior, cx.config));
        if cx.is_replacement() {
            // It is planned once more, as a creation.
            return Ok(());
        }
        if let Some(found) = cx.private(imported::FOUND).filter(|_| cx.imported()) {
            let alike = imported::alike(found, planned);
            let mut rest = M::clone(planned);
            rest.copy_from(prior, &alike);
            if rest == *prior {
                planned.copy_from(prior, &alike);
                *cx.keeps_undeclared = true;
            }
        }
        if planned.snapshot_name.as_str().is_empty() {
            planned.null(M::SNAPSHOT_ID);
        } else if prior.snapshot_id.as_str().is_empty() {
            planned.unknown(M::SNAPSHOT_ID);
        }
        let cluster = &planned.datastore_cluster_id;
        if !cluster.as_str().is_empty()
            && *cluster != prior.datastore_cluster_id
            && cx.config.datastore_id.is_null()
        {
            planned.unknown(M::DATASTORE_ID);
        }
        let found = sizes(prior, planned);
        cx.finish(found)?;
        let Some(vsphere) = cx.client.filter(|_| cx.changed) else { return Ok(()) };
        let found = planned.labels.check(vsphere, "VirtualMachine", Some(&prior.labels)).await;
        cx.finish(found)
    }

    async fn plan_destroy(&self, cx: &DestroyCx<'_, Vsphere>, state: &M) -> Result<Diagnostics> {
        if let Some(vsphere) = cx.client {
            vsphere.run::<RunNotes>().machine(&object(state), Course::Destroyed);
        }
        Ok(Diagnostics::default())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        apply::create(cx, plan).await
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        cx.client().run::<RunNotes>().machine(&object(&state), Course::Read);
        read(cx, state).await
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        apply::update(cx, prior, plan).await
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        cx.client().run::<RunNotes>().machine(&object(&state), Course::Destroyed);
        apply::destroy(cx, state).await
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let object = parts::imported(cx.client(), id).await?;
        Ok(apply::begun(&M::null(), &object))
    }
}

/// What exists.
async fn read(cx: &Cx<'_, VirtualMachineTemplate>, state: M) -> Result<Option<M>> {
    let vsphere = cx.client();
    let Some((object, vm)) = parts::find(vsphere, &state.machine()).await? else { return Ok(None) };
    let Some(_) = vm.config.as_deref() else {
        let detail = format!(
            "Its files cannot be read (it is {}). The state keeps what it had.",
            vm.connection_state.as_str()
        );
        cx.warn(M::MOID, format!("The configuration of {} is not known", state.title()), detail);
        return Ok(Some(state));
    };
    let (tags, folder, seen) = futures_util::join!(
        Labels::read_tags(vsphere, &object),
        folder(vsphere, &vm, &state),
        parts::observed(vsphere, &vm, state.machine())
    );
    let seen = seen?;
    if state.name.is_null() {
        // The beginning of a state has no name yet.
        cx.set_private(imported::FOUND, imported::found(vsphere, &vm, &seen).await);
    }
    let resource_pool_id = match state.resource_pool_id.known() {
        Some(_) => state.resource_pool_id.clone(),
        None => pool(vsphere, &vm).await,
    };
    let labels = Labels::of(&tags?, &custom_fields::texts(&vm.custom_values), &state.labels);
    Ok(Some(observed(state, &object, &vm, seen, folder?, resource_pool_id, labels)))
}

/// The state of a template. Pure.
fn observed(
    state: M,
    object: &MoRef,
    vm: &Machine,
    seen: parts::M,
    folder: Value<String>,
    resource_pool_id: Value<String>,
    labels: Labels,
) -> M {
    let interfaces = seen.network_interface.get();
    let interface = |(i, b): (usize, &InterfaceModel)| {
        let there = interfaces.get(i)?;
        let adapter = if b.adapter_type.is_null() { Value::Null } else { there.adapter_type.clone() };
        Some(InterfaceModel { network_id: there.network_id.clone(), adapter_type: adapter, ..b.clone() })
    };
    let devices = vm.devices();
    let disks = devices.disks();
    let disk = |(i, _): (usize, &DiskModel)| {
        Some(DiskModel { size: parts::gib_of(disks.get(i)?.1.capacity()).into() })
    };
    let snapshot = apply::snapshot_of(vm, &state);
    let declared = !state.snapshot_name.as_str().is_empty();
    M {
        id: seen.uuid.clone(),
        moid: object.id.to_string().into(),
        uuid: seen.uuid,
        instance_uuid: seen.instance_uuid,
        name: seen.name,
        folder,
        resource_pool_id,
        datastore_id: seen.datastore_id,
        num_cpus: seen.num_cpus,
        num_cores_per_socket: seen.num_cores_per_socket,
        memory: seen.memory,
        hardware_version: seen.hardware_version,
        enable_disk_uuid: seen.enable_disk_uuid,
        annotation: seen.annotation,
        guest_id: seen.guest_id,
        firmware: seen.firmware,
        extra_config: seen.extra_config,
        vapp: seen.vapp,
        template: vm.is_template().into(),
        snapshot_id: snapshot.as_ref().filter(|_| declared).map(|s| s.id.clone()).into(),
        snapshot_name: if declared { snapshot.map(|s| s.name).into() } else { state.snapshot_name },
        disk: each(&state.disk, disk),
        network_interface: each(&state.network_interface, interface),
        labels,
        ..state
    }
}

/// The declared blocks with what exists; those of which nothing exists are left out.
fn each<'a, T: 'a>(blocks: &'a Value<Vec<T>>, of: impl Fn((usize, &'a T)) -> Option<T>) -> Value<Vec<T>> {
    match blocks.known() {
        Some(blocks) => blocks.iter().enumerate().filter_map(of).collect::<Vec<_>>().into(),
        None => Value::Null,
    }
}

async fn folder(vsphere: &Vsphere, vm: &Machine, state: &M) -> Result<Value<String>> {
    let Some(parent) = &vm.parent else { return Ok(state.folder.clone()) };
    let path = vsphere.api.find().path_in_datacenter(parent).await;
    Ok(path.doing(format!("read the folder of {}", state.title()))?.into())
}

vsphere_client::properties! {
    struct Parent of "HostSystem" {
        parent: Option<MoRef> = "parent",
    }
}

vsphere_client::properties! {
    struct Compute of "ComputeResource" {
        pool: Option<MoRef> = "resourcePool",
    }
}

/// After an import: a template is in no resource pool. It is converted in that of its cluster or host, unless the
/// configuration names another one.
async fn pool(vsphere: &Vsphere, vm: &Machine) -> Value<String> {
    let properties = vsphere.api.properties();
    let root = async {
        let parent = properties.get::<Parent>(vm.host.as_ref()?).await.ok()?.parent?;
        properties.get::<Compute>(&parent).await.ok()?.pool
    };
    let pool = match &vm.resource_pool {
        Some(pool) => Some(pool.clone()),
        None => root.await,
    };
    pool.map(|p| p.id.to_string()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::SourceModel;

    fn with_size(gib: i64, snapshot: &str) -> M {
        M {
            disk: vec![DiskModel { size: gib.into() }].into(),
            snapshot_id: snapshot.into(),
            snapshot_name: "base".into(),
            ..M::null()
        }
    }

    #[test]
    fn sizes_that_cannot_be_are_refused_in_the_plan() {
        for (prior, planned, expected) in [
            (with_size(8, ""), with_size(8, ""), None),
            (with_size(8, ""), with_size(9, ""), None),
            (with_size(8, ""), with_size(7, ""), Some("A disk cannot be shrunk")),
            (with_size(8, "snapshot-1"), with_size(8, "snapshot-1"), None),
            (with_size(8, "snapshot-1"), with_size(9, "snapshot-1"), Some("snapshot cannot be extended")),
            (M::null(), with_size(9, ""), None),
        ] {
            let found = sizes(&prior, &planned);
            assert_eq!(found.is_empty(), expected.is_none(), "{found}");
            assert!(found.to_string().contains(expected.unwrap_or_default()), "{found}");
        }
    }

    #[test]
    fn new_template_needs_a_source() {
        assert!(missing_source(&M::null()).has_errors());
        let source = SourceModel { template_uuid: "vm-7".into(), ..SourceModel::null() };
        assert!(!missing_source(&M { clone: vec![source].into(), ..M::null() }).has_errors());
        assert!(!missing_source(&M { ovf_deploy: Value::Unknown, ..M::null() }).has_errors());
        assert!(!missing_source(&M { disk_image: Value::Unknown, ..M::null() }).has_errors());
    }
}
