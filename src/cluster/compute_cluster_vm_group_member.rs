//! `vsphere_compute_cluster_vm_group_member`
use crate::cluster::common as cluster;
use crate::cluster::common::groups::{Kind, REFER};
use crate::common::cluster_config::overrides::imported_machine;
use crate::common::cluster_config::{self as config, Owner, Write};
use crate::common::machine;
use crate::fault::no_attribute;
use crate::vsphere::Vsphere;
use tf_framework::{AttributePath, Cx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Value};
use vsphere_client::cluster::{Change, Cluster, Update};
use vsphere_client::{FaultKind, MoRef};

/// Manages the membership of a virtual machine in a virtual machine group of a cluster. Other members of the group are
/// not affected.
///
/// Use this resource to manage members individually, or from more than one configuration. If the virtual
/// machine is already a member of the group, the existing membership is adopted, and is removed when this resource is
/// destroyed. The `vsphere_compute_cluster_vm_group` resource of the group must omit `virtual_machine_ids`.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_compute_cluster_vm_group_member", category = "Host and Cluster Management")]
pub struct ComputeClusterVmGroupMemberModel {
    /// The managed object ID of the cluster, the name of the group and the BIOS UUID of the virtual machine, joined by
    /// colons.
    #[tf(computed)]
    pub id: Value<String>,
    /// The managed object ID of the cluster, such as `domain-c7`.
    #[tf(required, force_new, form = cluster::id)]
    pub compute_cluster_id: Value<String>,
    /// The name of the virtual machine group.
    #[tf(required, force_new)]
    pub vm_group_name: Value<String>,
    /// The virtual machine: its BIOS UUID (the `id` of `vsphere_virtual_machine`), instance UUID or managed object ID.
    #[tf(required, force_new, form = machine::id, same = machine::same)]
    pub virtual_machine_id: Value<String>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct ComputeClusterVmGroupMember;

type M = ComputeClusterVmGroupMemberModel;

impl M {
    fn cluster(&self) -> &str {
        self.compute_cluster_id.as_str()
    }

    fn group(&self) -> &str {
        self.vm_group_name.as_str()
    }

    fn title(&self) -> String {
        format!("the group of virtual machines {:?}", self.group())
    }

    fn id(&self, vm: &machine::Machine) -> Value<String> {
        format!("{}:{}:{}", self.cluster(), self.group(), vm.id()).into()
    }

    /// The members of the group; none where there is no such group.
    fn members<'a>(&self, cluster: &'a Cluster) -> &'a [MoRef] {
        cluster.group(self.group()).and_then(|g| Kind::Machines.members(g)).unwrap_or_default()
    }

    /// The change that leaves the group with these; none where nothing changes.
    fn with(&self, members: Option<Vec<MoRef>>) -> Vec<Change> {
        let edit = |members| Change::Group(Update::Edit(Kind::Machines.group(self.group(), members)));
        members.map(edit).into_iter().collect()
    }
}

/// The members with one more; nothing where it is one of them. Pure.
fn with(members: &[MoRef], vm: &MoRef) -> Option<Vec<MoRef>> {
    (!members.contains(vm)).then(|| members.iter().chain([vm]).cloned().collect())
}

/// The members without one; nothing where it is none of them. Pure.
fn without(members: &[MoRef], vm: &MoRef) -> Option<Vec<MoRef>> {
    members.contains(vm).then(|| members.iter().filter(|m| *m != vm).cloned().collect())
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::InvalidArgument { .. } | FaultKind::ManagedObjectNotFound { .. } => {
            Some(M::VIRTUAL_MACHINE_ID)
        }
        _ => None,
    }
}

impl Resource for ComputeClusterVmGroupMember {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the path of the cluster, the name of the group and the path of the virtual machine, \
                                  {\"compute_cluster_path\": \"/dc1/host/c1\", \"name\": \"web\", \"virtual_machine_path\": \
                                  \"/dc1/vm/web-1\"}, or by the managed object ID of the cluster, the name of the group and the ID of the \
                                  virtual machine, such as domain-c7:web:vm-42";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        config::plan::<Cluster, _>(cx, &planned.compute_cluster_id).await?;
        machine::plan_one(cx, planned, M::VIRTUAL_MACHINE_ID).await
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let vm = machine::one(vsphere, plan.virtual_machine_id.as_str(), M::VIRTUAL_MACHINE_ID).await?;
        let decide = |now: &Cluster| {
            let members = Kind::Machines.find(now, plan.group(), M::VM_GROUP_NAME, REFER)?;
            Ok(plan.with(with(members, &vm.object)))
        };
        let doing = format!("put {} into {}", vm.title(), plan.title());
        Write::new(cx, plan.cluster()).change(doing, blame, decide).await?;
        Ok(M { id: plan.id(&vm), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let vsphere = cx.client();
        let Some(cluster) = config::read::<Cluster>(vsphere, state.cluster()).await? else { return Ok(None) };
        let members = state.members(&cluster);
        let found = machine::among(vsphere, state.virtual_machine_id.as_str(), members).await?;
        Ok(found.map(|vm| M { id: state.id(&vm), ..state }))
    }

    async fn update(&self, _cx: &Cx<'_, Self>, _prior: M, plan: M) -> Result<M> {
        // Every change is a new membership.
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let vsphere = cx.client();
        let Some(cluster) = config::read::<Cluster>(vsphere, state.cluster()).await? else { return Ok(()) };
        let members = state.members(&cluster);
        // vCenter has removed a deleted virtual machine from the group.
        let found = machine::among(vsphere, state.virtual_machine_id.as_str(), members).await?;
        let Some(vm) = found else { return Ok(()) };
        let decide = |now: &Cluster| Ok(state.with(without(state.members(now), &vm.object)));
        let doing = format!("take {} out of {}", vm.title(), state.title());
        Write::new(cx, state.cluster()).change_if_there(doing, no_attribute, decide).await.map(drop)
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        let (at, group, vm) =
            Cluster::FORM.of_member(id).map_err(|why| config::unclear(id, &why, "member of a group"))?;
        let (cluster_id, cluster) = config::imported_cluster::<Cluster>(vsphere, &at).await?;
        let vm = imported_machine(vsphere, &vm).await?;
        let members = Kind::Machines.find(&cluster, &group, AttributePath::root(), "")?;
        if !members.contains(&vm.object) {
            let detail = "Leave the import out to put it there.";
            let summary = format!("{} is not in the group of virtual machines {group:?}", vm.title());
            return Err(Diagnostics::error(AttributePath::root(), summary, detail));
        }
        let model = M {
            compute_cluster_id: cluster_id.into(),
            vm_group_name: group.into(),
            virtual_machine_id: vm.id().into(),
            ..M::default()
        };
        Ok(M { id: model.id(&vm), ..model })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_comes_and_goes_and_the_others_stay() {
        let vm = |id: &str| MoRef::new("VirtualMachine", id);
        let (a, b, c) = (vm("vm-1"), vm("vm-2"), vm("vm-3"));
        let two = [a.clone(), b.clone()];
        assert_eq!(with(&two, &c), Some(vec![a.clone(), b.clone(), c.clone()]));
        assert_eq!(with(&two, &b), None);
        assert_eq!(with(&[], &a), Some(vec![a.clone()]));
        assert_eq!(without(&two, &a), Some(vec![b.clone()]));
        assert_eq!(without(&two, &c), None);
        assert_eq!(without(std::slice::from_ref(&a), &a), Some(vec![]));
    }
}
