//! What a virtual machine has of its own in a cluster: what both kinds, for DRS and for HA, have in common.
use super::{Write, import_id, unclear};
use crate::cluster::common as cluster;
use crate::common::lookup::{self, listed};
use crate::common::machine;
use crate::fault::no_attribute;
use crate::vsphere::Vsphere;
use std::marker::PhantomData;
use tf_framework::{AttributePath, Cx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Value};
use vsphere_client::cluster::{Change, Cluster, Update};
use vsphere_client::{FaultKind, MoRef};

/// What every override has.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct OverrideHead {
    /// The managed object id of the cluster and the BIOS UUID of the virtual machine, joined by a colon.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The managed object id of the cluster, for example `domain-c7`.
    #[tf(required, force_new, form = cluster::id)]
    pub compute_cluster_id: Value<String>,
    /// The virtual machine: its `id` (BIOS UUID), instance UUID or managed object id.
    #[tf(required, force_new, form = machine::id, same = machine::same)]
    pub virtual_machine_id: Value<String>,
}

impl OverrideHead {
    fn cluster(&self) -> &str {
        self.compute_cluster_id.as_str()
    }

    fn machine(&self) -> &str {
        self.virtual_machine_id.as_str()
    }
}

/// One kind of override.
pub trait OverrideModel: Model + Clone + Send + Sync {
    /// What it is called in a sentence.
    const NOUN: &'static str;
    /// What it is for vSphere.
    type Info: Clone + Send + Sync;

    /// What it has in common with the other kind.
    fn head(&self) -> &OverrideHead;
    /// The same, to be changed.
    fn head_mut(&mut self) -> &mut OverrideHead;
    /// All of this kind in a cluster.
    fn all(cluster: &Cluster) -> &[Self::Info];
    /// Which virtual machine one is about.
    fn key(info: &Self::Info) -> &MoRef;
    /// What is wanted for a virtual machine.
    fn wanted(&self, key: MoRef) -> Self::Info;
    /// A change of this kind.
    fn change(update: Update<Self::Info, MoRef>) -> Change;
    /// With what vSphere says.
    #[must_use]
    fn observed(self, info: &Self::Info) -> Self;
}

/// The resource of one kind of override.
pub struct Override<M>(PhantomData<fn() -> M>);

impl<M> Default for Override<M> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

fn find<'a, M: OverrideModel>(cluster: &'a Cluster, vm: &MoRef) -> Option<&'a M::Info> {
    M::all(cluster).iter().find(|info| M::key(info) == vm)
}

/// The override of a virtual machine by its id, among those that there are: so none has to be searched for.
async fn of_machine<'a, M: OverrideModel>(
    vsphere: &Vsphere,
    cluster: &'a Cluster,
    id: &str,
) -> Result<Option<(machine::Machine, &'a M::Info)>> {
    let keys: Vec<MoRef> = M::all(cluster).iter().map(|info| M::key(info).clone()).collect();
    let found = machine::among(vsphere, id, &keys).await?;
    Ok(found.and_then(|vm| {
        let info = find::<M>(cluster, &vm.object)?;
        Some((vm, info))
    }))
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::InvalidArgument { .. } | FaultKind::ManagedObjectNotFound { .. } => {
            Some(OverrideHead::VIRTUAL_MACHINE_ID)
        }
        _ => None,
    }
}

impl<M: OverrideModel> Override<M> {
    async fn put(&self, cx: &Cx<'_, Self>, mut plan: M) -> Result<M> {
        let head = plan.head();
        let vm = machine::one(cx.client(), head.machine(), OverrideHead::VIRTUAL_MACHINE_ID).await?;
        let info = plan.wanted(vm.object.clone());
        let decide = |now: &Cluster| {
            let update = match find::<M>(now, &vm.object) {
                Some(_) => Update::Edit(info.clone()),
                None => Update::Add(info.clone()),
            };
            Ok(vec![M::change(update)])
        };
        let doing = format!("set the {} of {}", M::NOUN, vm.title());
        Write::new(cx, head.cluster()).change(doing, blame, decide).await?;
        let id = format!("{}:{}", head.cluster(), vm.id());
        plan.head_mut().id = id.into();
        Ok(plan)
    }
}

impl<M: OverrideModel> Resource for Override<M> {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the paths of the cluster and of the virtual machine, {\"compute_cluster_path\": \"/dc1/host/c1\", \
                                  \"virtual_machine_path\": \"/dc1/vm/web\"}, or by the managed object id of the cluster and the id of the \
                                  virtual machine, such as domain-c7:vm-42";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        cluster::plan(cx, &planned.head().compute_cluster_id).await?;
        machine::plan_one(cx, planned, OverrideHead::VIRTUAL_MACHINE_ID).await
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        self.put(cx, plan).await
    }

    async fn read(&self, cx: &Cx<'_, Self>, mut state: M) -> Result<Option<M>> {
        let vsphere = cx.client();
        let Some(cluster) = cluster::read(vsphere, state.head().cluster()).await? else { return Ok(None) };
        let found = of_machine::<M>(vsphere, &cluster, state.head().machine()).await?;
        let Some((vm, info)) = found else { return Ok(None) };
        let head = state.head_mut();
        head.id = format!("{}:{}", head.cluster(), vm.id()).into();
        Ok(Some(state.observed(info)))
    }

    async fn update(&self, cx: &Cx<'_, Self>, _prior: M, plan: M) -> Result<M> {
        self.put(cx, plan).await
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let (vsphere, head) = (cx.client(), state.head());
        let Some(cluster) = cluster::read(vsphere, head.cluster()).await? else { return Ok(()) };
        // With the virtual machine goes what it has of its own.
        let Some((vm, _)) = of_machine::<M>(vsphere, &cluster, head.machine()).await? else { return Ok(()) };
        let decide = |now: &Cluster| {
            let there = find::<M>(now, &vm.object).is_some();
            Ok(there.then(|| M::change(Update::Remove(vm.object.clone()))).into_iter().collect())
        };
        let doing = format!("remove the {} of {}", M::NOUN, vm.title());
        Write::new(cx, head.cluster()).change_if_there(doing, no_attribute, decide).await.map(drop)
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        let (at, vm) = import_id::of_machine(id).map_err(|why| unclear(id, &why, M::NOUN))?;
        let (cluster_id, cluster) = super::imported_cluster(vsphere, &at).await?;
        let vm = imported_machine(vsphere, &vm).await?;
        if find::<M>(&cluster, &vm.object).is_none() {
            let keys: Vec<MoRef> = M::all(&cluster).iter().map(|info| M::key(info).clone()).collect();
            let others = machine::known(vsphere, &keys).await?;
            let detail = if others.is_empty() {
                "No virtual machine of the cluster has one.".to_owned()
            } else {
                format!("These have one:\n{}", listed(others.iter().map(machine::Machine::title)))
            };
            let summary = format!("{} has no {} in {}", vm.title(), M::NOUN, super::title(&cluster));
            return Err(Diagnostics::error(AttributePath::root(), summary, detail));
        }
        let mut model = M::read(&tf_framework::Dynamic::Null, &AttributePath::root())?;
        *model.head_mut() = OverrideHead {
            id: format!("{cluster_id}:{}", vm.id()).into(),
            compute_cluster_id: cluster_id.into(),
            virtual_machine_id: vm.id().into(),
        };
        Ok(model)
    }
}

/// The virtual machine of an import: by its inventory path, or as attributes name it.
pub async fn imported_machine(vsphere: &Vsphere, id: &str) -> Result<machine::Machine> {
    if !id.starts_with('/') {
        return machine::one(vsphere, id, AttributePath::root()).await;
    }
    let object = lookup::imported(vsphere, id, "VirtualMachine").await?;
    machine::one(vsphere, &object.id, AttributePath::root()).await
}
