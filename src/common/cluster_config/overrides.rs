//! What a virtual machine has of its own in a cluster or datastore cluster: what all kinds of it have in common.
use super::{Owner, Write, title, unclear};
use crate::common::lookup::{self, listed};
use crate::common::machine;
use crate::fault::no_attribute;
use crate::vsphere::Vsphere;
use std::marker::PhantomData;
use tf_framework::{AttributePath, Cx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Value};
use vsphere_client::cluster::Update;
use vsphere_client::{FaultKind, MoRef};

/// The attribute that names the virtual machine, in all types.
const MACHINE: Field = Field("virtual_machine_id");

/// One kind of override.
pub trait OverrideModel: Model + Clone + Send + Sync {
    /// What it belongs to.
    type Owner: Owner;
    /// What it is called in a sentence.
    const NOUN: &'static str;
    /// How an import names one, for errors.
    const IMPORT: &'static str;
    /// What it is for vSphere.
    type Info: Clone + Send + Sync;

    /// The id of the cluster.
    fn owner(&self) -> &Value<String>;
    /// The id of the virtual machine.
    fn machine(&self) -> &Value<String>;
    /// The id, that of the cluster, and that of the virtual machine, to be changed.
    fn ids(&mut self) -> [&mut Value<String>; 3];
    /// All of this kind in a cluster.
    fn all(cluster: &Self::Owner) -> &[Self::Info];
    /// Which virtual machine one is about.
    fn key(info: &Self::Info) -> Option<&MoRef>;
    /// What is wanted for a virtual machine that has `now`.
    fn wanted(&self, key: MoRef, now: Option<&Self::Info>) -> Self::Info;
    /// A change of this kind.
    fn change(update: Update<Self::Info, MoRef>) -> <Self::Owner as Owner>::Change;
    /// With what vSphere says.
    #[must_use]
    fn observed(self, info: &Self::Info) -> Self;
    /// Changes of other lists of the cluster that go with one that is set, or with its removal if nothing is planned.
    fn beside(
        _prior: Option<&Self>,
        _plan: Option<&Self>,
        _cluster: &Self::Owner,
        _vm: &MoRef,
    ) -> Vec<<Self::Owner as Owner>::Change> {
        vec![]
    }
    /// With what other lists of the cluster say.
    #[must_use]
    fn observed_beside(self, _cluster: &Self::Owner, _vm: &MoRef) -> Self {
        self
    }
}

/// The resource of one kind of override.
pub struct Override<M>(PhantomData<fn() -> M>);

impl<M> Default for Override<M> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

fn find<'a, M: OverrideModel>(cluster: &'a M::Owner, vm: &MoRef) -> Option<&'a M::Info> {
    M::all(cluster).iter().find(|info| M::key(info) == Some(vm))
}

/// The override of a virtual machine by its id, among those that there are: so none has to be searched for.
async fn of_machine<'a, M: OverrideModel>(
    vsphere: &Vsphere,
    cluster: &'a M::Owner,
    id: &str,
) -> Result<Option<(machine::Machine, &'a M::Info)>> {
    let keys: Vec<MoRef> = M::all(cluster).iter().filter_map(|info| M::key(info).cloned()).collect();
    let found = machine::among(vsphere, id, &keys).await?;
    Ok(found.and_then(|vm| {
        let info = find::<M>(cluster, &vm.object)?;
        Some((vm, info))
    }))
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::InvalidArgument { .. } | FaultKind::ManagedObjectNotFound { .. } => Some(MACHINE),
        _ => None,
    }
}

impl<M: OverrideModel> Override<M> {
    async fn put(&self, cx: &Cx<'_, Self>, prior: Option<&M>, mut plan: M) -> Result<M> {
        let (owner, vm) = (plan.owner().get(), plan.machine().as_str());
        let vm = machine::one(cx.client(), vm, MACHINE).await?;
        let decide = |now: &M::Owner| {
            let there = find::<M>(now, &vm.object);
            let info = plan.wanted(vm.object.clone(), there);
            let update = if there.is_some() { Update::Edit(info) } else { Update::Add(info) };
            let mut changes = vec![M::change(update)];
            changes.extend(M::beside(prior, Some(&plan), now, &vm.object));
            Ok(changes)
        };
        let doing = format!("set the {} of {}", M::NOUN, vm.title());
        Write::new(cx, &owner).change(doing, blame, decide).await?;
        let [id, ..] = plan.ids();
        *id = format!("{owner}:{}", vm.id()).into();
        Ok(plan)
    }
}

impl<M: OverrideModel> Resource for Override<M> {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = <M as OverrideModel>::IMPORT;

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        super::plan::<M::Owner, _>(cx, planned.owner()).await?;
        machine::plan_one(cx, planned, MACHINE).await
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        self.put(cx, None, plan).await
    }

    async fn read(&self, cx: &Cx<'_, Self>, mut state: M) -> Result<Option<M>> {
        let vsphere = cx.client();
        let owner = state.owner().get();
        let Some(cluster) = super::read::<M::Owner>(vsphere, &owner).await? else { return Ok(None) };
        let found = of_machine::<M>(vsphere, &cluster, state.machine().as_str()).await?;
        let Some((vm, info)) = found else { return Ok(None) };
        let [id, ..] = state.ids();
        *id = format!("{owner}:{}", vm.id()).into();
        Ok(Some(state.observed(info).observed_beside(&cluster, &vm.object)))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        self.put(cx, Some(&prior), plan).await
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let (vsphere, owner) = (cx.client(), state.owner().as_str());
        let Some(cluster) = super::read::<M::Owner>(vsphere, owner).await? else { return Ok(()) };
        // With the virtual machine goes what it has of its own.
        let found = of_machine::<M>(vsphere, &cluster, state.machine().as_str()).await?;
        let Some((vm, _)) = found else { return Ok(()) };
        let decide = |now: &M::Owner| {
            let there = find::<M>(now, &vm.object).is_some();
            let mut changes: Vec<_> =
                there.then(|| M::change(Update::Remove(vm.object.clone()))).into_iter().collect();
            changes.extend(M::beside(Some(&state), None, now, &vm.object));
            Ok(changes)
        };
        let doing = format!("remove the {} of {}", M::NOUN, vm.title());
        Write::new(cx, owner).change_if_there(doing, no_attribute, decide).await.map(drop)
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        let form = <M::Owner as Owner>::FORM;
        let (at, vm) = form.of_machine(id).map_err(|why| unclear(id, &why, M::NOUN))?;
        let (cluster_id, cluster) = super::imported_cluster::<M::Owner>(vsphere, &at).await?;
        let vm = imported_machine(vsphere, &vm).await?;
        if find::<M>(&cluster, &vm.object).is_none() {
            let keys: Vec<MoRef> = M::all(&cluster).iter().filter_map(|info| M::key(info).cloned()).collect();
            let others = machine::known(vsphere, &keys).await?;
            let detail = if others.is_empty() {
                format!("No virtual machine of the {} has one.", M::Owner::NOUN)
            } else {
                format!("These have one:\n{}", listed(others.iter().map(machine::Machine::title)))
            };
            let summary = format!("{} has no {} in {}", vm.title(), M::NOUN, title(&*cluster));
            return Err(Diagnostics::error(AttributePath::root(), summary, detail));
        }
        let mut model = M::read(&tf_framework::Dynamic::Null, &AttributePath::root())?;
        let [id, owner, machine] = model.ids();
        *id = format!("{cluster_id}:{}", vm.id()).into();
        *owner = cluster_id.into();
        *machine = vm.id().into();
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
