//! `vsphere_virtual_machine_group`
//!
//! vCenter has no such groups outside a Supervisor, so that a group exists in the state of Terraform alone. Its members are
//! in its ID, as the configuration names them: a group that has another one as a member reads them there, in the same run,
//! in a later one and from the state of another configuration, and its plan shows a change of the members, because the ID
//! changes with them. Nothing that a server would have to keep (a custom attribute, a tag, a folder) can get lost or needs
//! a privilege. A virtual machine does not refer to its group.
mod steps;
mod tree;

use crate::common::conditions::ConditionModel;
use crate::common::machine::{self, Machine};
use crate::fault::{Doing, capital};
use crate::run_notes::{PowerOwner, RunNotes};
use crate::vm::virtual_machine::power_state::{HARD, unfinished};
use crate::vm::virtual_machine::transition::{Mode, Operation, Power, soft_timeout, towards};
use crate::vsphere::Vsphere;
use futures_util::future::{BoxFuture, join_all};
use futures_util::join;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use steps::{Steps, Wave, steps};
use tf_framework::{
    AttributePath, Cx, Diagnostics, Dynamic, Model, Plan, PlanCx, Resource, Result, Timeouts, Value,
};
use tree::{Group, Member, Members, Stage};
use vsphere_client::MoRef;
use vsphere_client::vim::types::VirtualMachinePowerState;
use vsphere_client::virtual_machine::Wait;

/// Manages a group of virtual machines that are powered on in a defined order, and powered off or suspended together.
/// Groups can be nested.
///
/// vCenter does not have such groups: the group exists in the Terraform state only. Destroying the group does not
/// change its virtual machines or their power state. Members are virtual machines of the same vCenter, in any folder,
/// cluster or resource pool.
///
/// If `power_state` is set, virtual machines that are powered on, powered off or suspended outside Terraform are
/// reverted by the next apply, and new members get the power state of the group. If the operation on a member fails,
/// the remaining members are still changed, and the next plan shows the outstanding changes. Do not set `power_state`
/// in the `vsphere_virtual_machine` of a member.
///
/// A new `vsphere_virtual_machine` is powered on when it is created. For the boot order to apply to new virtual machines
/// too, set `power_on_after_create = false` in their resources.
///
/// Reading a group, and a plan without changes, takes one request per 100 members.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_virtual_machine_group", category = "Virtual Machine")]
pub struct VirtualMachineGroupModel {
    /// The ID of the group, in the form `name(block/block/members)`. Each block lists the members of a `boot_order`
    /// block, separated by commas, after the delay and a colon if there is a delay. `members` lists the members without
    /// a place in the boot order. An example is `app(vm-1/5s:vm-2,vm-3/vm-4)`. The ID changes with the name, the
    /// members and the boot order.
    #[tf(computed)]
    pub id: Value<String>,
    /// The name of the group, which is used in messages and in `id`. Must not contain parentheses, commas, slashes or
    /// colons.
    #[tf(
        required,
        pattern(r"^\s*[^(),/:\s][^(),/:]*$", "a name without parentheses, commas, slashes and colons")
    )]
    pub name: Value<String>,
    /// The power state of all members: `on`, `off` or `suspended`. Members are powered on in the boot order, and
    /// powered off or suspended all at the same time. Only members that are powered on can be suspended, and a
    /// suspended member can only be powered off if `power_off_mode` is `hard`. If omitted, the power state of the
    /// members is not managed, and the actual power state is returned: `mixed` if the members have different power
    /// states.
    #[tf(optional, computed, one_of("on", "off", "suspended"))]
    pub power_state: Value<String>,
    /// How to power off members: `hard` powers them off without shutting down the guest. `soft` shuts down the guest,
    /// which requires VMware Tools. `trySoft` shuts down the guest, and powers off the virtual machine if VMware Tools
    /// is not running or after `soft_power_op_timeout`. Defaults to `trySoft`.
    #[tf(optional, unstored, one_of("hard", "soft", "trySoft"))]
    pub power_off_mode: Value<String>,
    /// How to suspend members: `hard` suspends them without notifying the guest. `soft` puts the guest into standby,
    /// which requires VMware Tools. `trySoft` puts the guest into standby, and suspends the virtual machine if VMware
    /// Tools is not running or after `soft_power_op_timeout`. Defaults to `trySoft`.
    #[tf(optional, unstored, one_of("hard", "soft", "trySoft"))]
    pub suspend_mode: Value<String>,
    /// The number of seconds to wait for the guest if a mode is `soft` or `trySoft`. Defaults to 300.
    #[tf(optional, unstored, at_least = 1)]
    pub soft_power_op_timeout: Value<i64>,
    /// The members that are powered on together. The members of a block are powered on at the same time, once those of the
    /// previous block are on.
    #[tf(block)]
    pub boot_order: Value<Vec<BootOrderModel>>,
    /// The members without a place in the boot order: for each, the BIOS UUID (the `id` of `vsphere_virtual_machine`),
    /// instance UUID or managed object ID. They are powered on after all `boot_order` blocks.
    #[tf(optional, each(form = machine::id))]
    pub virtual_machine_ids: Value<BTreeSet<String>>,
    /// The groups that are members without a place in the boot order: the `id` of each `vsphere_virtual_machine_group`.
    /// Their virtual machines are members of this group too, and are powered on in the order of their own group. If a
    /// nested group does not set `power_state`, this group determines the power state of its virtual machines. More
    /// than 3 levels of groups are reported by a warning.
    #[tf(optional, each(form = group_id))]
    pub member_group_ids: Value<BTreeSet<String>>,
    /// The virtual machines of the group and of nested groups, in the order in which they are powered on. `id` is the ID in
    /// the configuration. `group` is the names of the groups that contain the virtual machine, joined by slashes.
    /// `boot_order_index` is the index of its `boot_order` block in the innermost group. `boot_time` is the time at which
    /// the virtual machine was powered on, in RFC 3339. The `conditions` are `GroupLinked` (the virtual machine exists),
    /// `PowerStateSynced` (it has the power state of the group; absent if the group does not set one) and `PlacementReady`
    /// (it has a host and a datastore). Each has a `status`, `True` or `False`, and for `False` a `reason` and a `message`.
    #[tf(computed)]
    pub members: Value<Vec<MemberModel>>,
    /// The condition `Ready`: whether all conditions of all members are true. It has `type`, `status` (`True` or `False`),
    /// and `reason` and `message` for `False`.
    #[tf(computed)]
    pub conditions: Value<Vec<ConditionModel>>,
    /// Timeouts for operations. Each timeout applies to every virtual machine separately. An omitted timeout defaults
    /// to the provider's `api_timeout`, which is 5 minutes by default.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

/// Members that are powered on together.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct BootOrderModel {
    /// The virtual machines: for each, the BIOS UUID (the `id` of `vsphere_virtual_machine`), instance UUID or managed
    /// object ID.
    #[tf(optional, each(form = machine::id))]
    pub virtual_machine_ids: Value<BTreeSet<String>>,
    /// The groups: the `id` of each `vsphere_virtual_machine_group`. The next block waits for all of their virtual
    /// machines.
    #[tf(optional, each(form = group_id))]
    pub member_group_ids: Value<BTreeSet<String>>,
    /// The number of seconds to wait before the members of this block are powered on, after those of the previous block
    /// are on. The delay is skipped if no member of the block has to be powered on.
    #[tf(optional, at_least = 0)]
    pub power_on_delay: Value<i64>,
}

/// A virtual machine of a group.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct MemberModel {
    /// The ID of the virtual machine, as in the configuration.
    #[tf(computed)]
    pub id: Value<String>,
    /// The managed object ID of the virtual machine; null if it does not exist.
    #[tf(computed)]
    pub moid: Value<String>,
    /// The name of the virtual machine.
    #[tf(computed)]
    pub name: Value<String>,
    /// The name of the group; for a member of a nested group, the names of the groups joined by slashes, such as `app/db`.
    #[tf(computed)]
    pub group: Value<String>,
    /// The index of its `boot_order` block in that group; null for a member without a place in the boot order.
    #[tf(computed)]
    pub boot_order_index: Value<i64>,
    /// The power state: `on`, `off` or `suspended`.
    #[tf(computed)]
    pub power_state: Value<String>,
    /// The time at which the virtual machine was powered on, in RFC 3339; null if it is powered off. Resuming the virtual
    /// machine does not change it.
    // `bootTime` of `VirtualMachineRuntimeInfo`.
    #[tf(computed)]
    pub boot_time: Value<String>,
    /// The managed object ID of its host.
    #[tf(computed)]
    pub host_system_id: Value<String>,
    /// The managed object IDs of the datastores of its files.
    #[tf(computed)]
    pub datastore_ids: Value<BTreeSet<String>>,
    /// The conditions `GroupLinked` (the virtual machine exists), `PowerStateSynced` (it has the power state of the group;
    /// absent if the group does not set one) and `PlacementReady` (it has a host and a datastore).
    #[tf(computed)]
    pub conditions: Value<Vec<ConditionModel>>,
}

type M = VirtualMachineGroupModel;

/// The resource.
#[derive(Debug, Default)]
pub struct VirtualMachineGroup;

/// What is kept beside the state: the power state that was applied last, where one was declared.
const APPLIED: &str = "power_state";

/// What a state says of members in different power states.
const MIXED: &str = "mixed";

/// How many levels of groups there may be without a warning.
const LEVELS: usize = 3;

vsphere_client::properties! {
    struct Status of "VirtualMachine" {
        name: String = "name",
        bios_uuid: Option<String> = "config.uuid",
        instance_uuid: Option<String> = "config.instanceUuid",
        power_state: VirtualMachinePowerState = "runtime.powerState",
        boot_time: Option<String> = "runtime.bootTime",
        host: Option<MoRef> = "runtime.host",
        datastores: Vec<MoRef> = "datastore",
    }
}

impl Status {
    fn machine(&self, object: &MoRef) -> Machine {
        Machine::of(object, &self.name, self.bios_uuid.clone(), self.instance_uuid.clone())
    }

    fn power(&self) -> Option<Power> {
        match self.power_state {
            VirtualMachinePowerState::PoweredOn => Some(Power::On),
            VirtualMachinePowerState::PoweredOff => Some(Power::Off),
            VirtualMachinePowerState::Suspended => Some(Power::Suspended),
            _ => None,
        }
    }
}

/// A member that exists.
struct Seen {
    machine: Machine,
    status: Status,
}

/// The members by ID; nothing for those that do not exist.
type SeenById = BTreeMap<String, Option<Seen>>;

/// What a plan or an apply has to know of a member.
#[derive(Clone, Default)]
struct Now {
    object: Option<MoRef>,
    power: Option<Power>,
}

impl Now {
    fn of(seen: &SeenById) -> BTreeMap<String, Now> {
        let now = |seen: &Seen| Now { object: Some(seen.machine.object.clone()), power: seen.status.power() };
        seen.iter().map(|(id, seen)| (id.clone(), seen.as_ref().map(now).unwrap_or_default())).collect()
    }
}

/// A check for the ID of a group.
fn group_id(v: &Dynamic) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    match Group::parse(text) {
        Ok(_) => Ok(()),
        Err(why) => Err(format!("{text:?} is not the ID of a group: it {why}. {}", tree::EXPECTED)),
    }
}

/// The members that two attributes name; nothing while they are not known.
fn members(machines: &Value<BTreeSet<String>>, groups: &Value<BTreeSet<String>>) -> Option<Members> {
    if machines.is_unknown() || groups.is_unknown() {
        return None;
    }
    let groups = groups.get().into_iter().map(|id| Group::parse(&id).ok().map(|group| (id, group)));
    Some(Members { machines: machines.get(), groups: groups.collect::<Option<_>>()? })
}

/// The attribute that a member is in.
fn at(member: &Member<'_>) -> AttributePath {
    let field = if member.nested { M::MEMBER_GROUP_IDS } else { M::VIRTUAL_MACHINE_IDS };
    match member.block {
        Some(n) => M::BOOT_ORDER.index(n).field(field),
        None => field.into(),
    }
}

fn mode(v: &Value<String>) -> Mode {
    Mode::parse(v.as_str()).unwrap_or(Mode::TrySoft)
}

impl M {
    /// A sentence part.
    fn title(&self) -> String {
        format!("the virtual machine group {:?}", self.name.as_str())
    }

    /// Who is a member; nothing while that is not known.
    fn group(&self) -> Option<Group> {
        if self.boot_order.is_unknown() {
            return None;
        }
        let stage = |block: BootOrderModel| {
            let delay = match &block.power_on_delay {
                Value::Unknown => return None,
                delay => u64::try_from(delay.get()).unwrap_or_default(),
            };
            Some(Stage { delay, members: members(&block.virtual_machine_ids, &block.member_group_ids)? })
        };
        Some(Group {
            name: self.name.known()?.clone(),
            boot_order: self.boot_order.get().into_iter().map(stage).collect::<Option<_>>()?,
            others: members(&self.virtual_machine_ids, &self.member_group_ids)?,
        })
    }

    /// The attributes of a group.
    fn of(group: &Group) -> Self {
        let set = |ids: BTreeSet<String>| Some(ids).filter(|ids| !ids.is_empty()).into();
        let groups = |members: &Members| set(members.groups.keys().cloned().collect());
        let block = |stage: &Stage| BootOrderModel {
            virtual_machine_ids: set(stage.members.machines.clone()),
            member_group_ids: groups(&stage.members),
            power_on_delay: Some(stage.delay).filter(|d| *d > 0).and_then(|d| i64::try_from(d).ok()).into(),
        };
        M {
            id: group.to_string().into(),
            name: group.name.as_str().into(),
            boot_order: group.boot_order.iter().map(block).collect::<Vec<_>>().into(),
            virtual_machine_ids: set(group.others.machines.clone()),
            member_group_ids: groups(&group.others),
            ..M::default()
        }
    }

    /// The power state that a configuration asks for.
    fn goal(&self) -> Option<Power> {
        Power::parse(self.power_state.as_str())
    }

    /// The members of a state.
    fn known_members(&self) -> BTreeMap<String, Now> {
        let now = |m: MemberModel| Now {
            object: m.moid.known().map(|id| MoRef::new("VirtualMachine", id.as_str())),
            power: Power::parse(m.power_state.as_str()),
        };
        self.members.get().into_iter().map(|m| (m.id.get(), now(m))).collect()
    }

    /// With what was seen of the members. `goal` is the power state that they are to have.
    fn observed(self, group: &Group, seen: &SeenById, goal: Option<Power>) -> Self {
        let members: Vec<_> = group
            .members()
            .iter()
            .map(|member| observed(member, seen.get(member.id).and_then(Option::as_ref), goal))
            .collect();
        let powers: BTreeSet<&str> =
            members.iter().map(|m| m.power_state.as_str()).filter(|p| !p.is_empty()).collect();
        let power_state = match powers.into_iter().collect::<Vec<_>>().as_slice() {
            [] => self.power_state.known().cloned().into(),
            [one] => (*one).into(),
            _ => MIXED.into(),
        };
        M {
            id: group.to_string().into(),
            power_state,
            conditions: vec![ready(&members)].into(),
            members: members.into(),
            ..self
        }
    }
}

/// A condition, and what is wrong: a reason, and a sentence.
fn condition(ty: &str, wrong: Option<(&str, String)>) -> ConditionModel {
    match wrong {
        None => ConditionModel::met(ty),
        Some((reason, message)) => ConditionModel::unmet(ty, reason, message),
    }
}

/// What a state says of a member. Pure.
fn observed(member: &Member<'_>, seen: Option<&Seen>, goal: Option<Power>) -> MemberModel {
    let missing = || ("NotFound", "The virtual machine does not exist.".to_owned());
    let power = seen.and_then(|s| s.status.power());
    let mut conditions = vec![condition("GroupLinked", seen.is_none().then(missing))];
    if let Some(goal) = goal {
        let wrong = match power {
            Some(power) if power == goal => None,
            Some(power) => Some((
                "NotSynced",
                format!("The virtual machine is {}, and the group is {}.", power.as_str(), goal.as_str()),
            )),
            None => Some(missing()),
        };
        conditions.push(condition("PowerStateSynced", wrong));
    }
    let placed = seen.is_some_and(|s| s.status.host.is_some() && !s.status.datastores.is_empty());
    let unplaced = || match seen {
        Some(_) => ("NotPlaced", "The virtual machine does not have a host and a datastore.".to_owned()),
        None => missing(),
    };
    conditions.push(condition("PlacementReady", (!placed).then(unplaced)));
    let of = |text: fn(&Seen) -> Option<String>| seen.and_then(text).into();
    MemberModel {
        id: member.id.into(),
        moid: of(|s| Some(s.machine.object.id.to_string())),
        name: of(|s| Some(s.machine.name.clone())),
        group: member.group.as_str().into(),
        boot_order_index: member.stage.and_then(|n| i64::try_from(n).ok()).into(),
        power_state: power.map(|p| p.as_str().to_owned()).into(),
        boot_time: of(|s| s.status.boot_time.clone()),
        host_system_id: of(|s| s.status.host.as_ref().map(|h| h.id.to_string())),
        datastore_ids: seen
            .map(|s| s.status.datastores.iter().map(|d| d.id.to_string()).collect::<BTreeSet<_>>())
            .into(),
        conditions: conditions.into(),
    }
}

/// What a plan says of the members: what this run may still change, and what was not in the prior state, it cannot know. Pure.
fn expected(
    members: &[Member<'_>],
    prior: &[MemberModel],
    goal: Option<Power>,
    changes: &BTreeSet<&str>,
) -> Vec<MemberModel> {
    let one = |member: &Member<'_>| {
        let (new, unknown) = (observed(member, None, None), || Value::Unknown);
        let mut model = match prior.iter().find(|p| p.id == new.id) {
            Some(prior) => {
                MemberModel { group: new.group, boot_order_index: new.boot_order_index, ..prior.clone() }
            }
            None => MemberModel { moid: unknown(), name: unknown(), datastore_ids: Value::Unknown, ..new },
        };
        let is_new = model.moid.is_unknown();
        if is_new || goal.is_none() || changes.contains(member.id) {
            model.power_state = goal.map_or_else(unknown, |p| p.as_str().into());
            // DRS may choose another host.
            (model.boot_time, model.host_system_id) = (unknown(), unknown());
        }
        model.conditions = Value::Unknown;
        model
    };
    members.iter().map(one).collect()
}

/// Whether all members are as they are to be. Pure.
fn ready(members: &[MemberModel]) -> ConditionModel {
    let wrong: Vec<String> = members
        .iter()
        .filter_map(|m| {
            let conditions = m.conditions.get();
            let first = conditions.iter().find(|c| c.status.as_str() != "True")?;
            let name = if m.name.is_null() { m.id.as_str() } else { m.name.as_str() };
            Some(format!("{name}: {}", first.message.as_str()))
        })
        .collect();
    let message =
        || format!("{} of {} members are not ready. {}", wrong.len(), members.len(), wrong.join(" "));
    condition("Ready", (!wrong.is_empty()).then(|| ("MembersNotReady", message())))
}

async fn statuses(
    vsphere: &Vsphere,
    objects: BTreeSet<MoRef>,
) -> BTreeMap<MoRef, vsphere_client::Result<Status>> {
    let properties = vsphere.api.properties();
    let reads = join_all(objects.iter().map(|o| properties.get::<Status>(o))).await;
    objects.into_iter().zip(reads).collect()
}

/// Looks at the members of a group. `known` says where they were last: one request for a hundred of them.
///
/// # Errors
/// One does not exist and is not among `may_be_missing`; and those of the requests.
async fn look(
    vsphere: &Vsphere,
    members: &[Member<'_>],
    known: &BTreeMap<String, Now>,
    may_be_missing: &BTreeSet<String>,
) -> Result<SeenById> {
    let (mut out, mut seen) = (Diagnostics::default(), SeenById::new());
    let mut by_path: BTreeMap<AttributePath, Vec<&str>> = BTreeMap::new();
    let hint = |member: &Member<'_>| known.get(member.id)?.object.clone();
    let there = statuses(vsphere, members.iter().filter_map(hint).collect()).await;
    for member in members {
        let found = hint(member).and_then(|object| {
            let status = there.get(&object)?.as_ref().ok()?;
            let machine = status.machine(&object);
            machine.is(member.id).then(|| Seen { machine, status: status.clone() })
        });
        match found {
            Some(found) => drop(seen.insert(member.id.to_owned(), Some(found))),
            None => by_path.entry(at(member)).or_default().push(member.id),
        }
    }
    let found = join_all(
        by_path.iter().map(|(path, ids)| machine::there(vsphere, ids, may_be_missing, path.clone())),
    );
    let mut elsewhere = BTreeMap::new();
    for (ids, found) in by_path.values().zip(found.await) {
        match found {
            Err(e) => out.merge(e),
            Ok((machines, missing)) => {
                let (missing, mut machines) =
                    (missing.into_iter().collect::<BTreeSet<_>>(), machines.into_iter());
                for id in ids {
                    let machine = if missing.contains(*id) { None } else { machines.next() };
                    elsewhere.insert((*id).to_owned(), machine);
                }
            }
        }
    }
    let elsewhere = out.into_result(elsewhere)?;
    let objects = elsewhere.values().flatten().map(|m| m.object.clone()).collect();
    let statuses = statuses(vsphere, objects).await;
    for (id, machine) in elsewhere {
        let status = machine.as_ref().and_then(|m| statuses.get(&m.object));
        let one = match (machine, status) {
            (Some(machine), Some(Ok(status))) => Some(Seen { machine, status: status.clone() }),
            (Some(machine), Some(Err(e))) if !e.is_not_found() => {
                return Err(e.clone()).doing(format!("read {}", machine.object));
            }
            _ => None,
        };
        seen.insert(id, one);
    }
    Ok(seen)
}

fn failure(e: vsphere_client::Error, doing: String) -> Diagnostics {
    Err::<(), _>(e).doing(doing).err().unwrap_or_default()
}

/// The members of a group that change their power state, and what has failed.
struct Run<'a> {
    vsphere: &'a Vsphere,
    title: String,
    operation: Operation,
    /// How long the guest may take, and whether the host does it otherwise.
    gentleness: (Duration, bool),
    wait: Wait<'a>,
    cancel: &'a tokio_util::sync::CancellationToken,
    /// The members by ID, with the attributes that they are in.
    members: BTreeMap<&'a str, (&'a MoRef, AttributePath)>,
    failed: Mutex<Diagnostics>,
}

impl Run<'_> {
    fn fail(&self, e: Diagnostics) {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).merge(e);
    }

    fn verb(&self) -> &'static str {
        match self.operation {
            Operation::PowerOn => "power on",
            Operation::Suspend => "suspend",
            _ => "power off",
        }
    }

    /// One wave after the other; a member that fails does not keep the others from it.
    fn waves<'s>(&'s self, waves: &'s [Wave]) -> BoxFuture<'s, ()> {
        Box::pin(async move {
            for wave in waves {
                tokio::select! {
                    () = self.cancel.cancelled() => {}
                    () = vsphere_client::pause(Duration::from_secs(wave.delay)) => {}
                }
                if self.cancel.is_cancelled() {
                    let doing = format!("{} the members of {}", self.verb(), self.title);
                    return self.fail(failure(vsphere_client::Error::Cancelled, doing));
                }
                let machines = join_all(wave.machines.iter().map(|id| self.one(id)));
                join!(machines, join_all(wave.groups.iter().map(|waves| self.waves(waves))));
            }
        })
    }

    async fn one(&self, id: &str) {
        let Some((vm, path)) = self.members.get(id) else { return };
        let (machines, (grace, force)) = (self.vsphere.api.virtual_machines(), self.gentleness);
        let done = match self.operation {
            Operation::PowerOn => machines.power_on(vm, None, self.wait).await,
            Operation::Suspend => machines.suspend_guest(vm, grace, force, self.wait).await.map(drop),
            _ => machines.shut_down(vm, grace, force, self.wait).await.map(drop),
        };
        let Err(e) = done else { return };
        let asked = !force && (e.fault().is_some() || matches!(e, vsphere_client::Error::Timeout { .. }));
        let mut failed = match self.operation {
            Operation::Suspend if asked => {
                unfinished(&e, &vm.to_string(), M::SUSPEND_MODE, "go to standby", grace)
            }
            Operation::PowerOff if asked => {
                unfinished(&e, &vm.to_string(), M::POWER_OFF_MODE, "shut down", grace)
            }
            _ => failure(e, format!("{} {vm}", self.verb())),
        };
        for d in failed.0.iter_mut().filter(|d| d.at == AttributePath::root()) {
            d.at = path.clone();
        }
        self.fail(failed);
    }
}

/// What is wrong with the members of a group: one that is a member twice, and one whose power state something else sets.
fn conflicts(
    vsphere: &Vsphere,
    group: &Group,
    goal: Option<Power>,
    now: &BTreeMap<String, Now>,
) -> Diagnostics {
    let (notes, mut out, mut once) = (vsphere.run::<RunNotes>(), Diagnostics::default(), BTreeSet::new());
    for member in group.members() {
        let Some(object) = now.get(member.id).and_then(|n| n.object.as_ref()) else { continue };
        if !once.insert(object) {
            let summary = "Duplicate member of a virtual machine group";
            out.merge(Diagnostics::error(at(&member), summary, format!("{object} is a member twice.")));
        }
        let state = goal.map(Power::as_str);
        notes.power(object, PowerOwner::Group(group.name.clone()), state);
        let Some((owner, other)) = state.and_then(|s| notes.power_conflict(object, &group.name, s)) else {
            continue;
        };
        let (by, which) = match owner {
            PowerOwner::Machine => {
                ("its own `vsphere_virtual_machine`".to_owned(), "from the virtual machine")
            }
            PowerOwner::Group(name) => {
                (format!("the virtual machine group {name:?}"), "from one of the groups")
            }
        };
        let detail = format!(
            "The virtual machine group {:?} sets `power_state` of {object} to {:?}, and {by} sets it to {other:?}. Remove \
             `power_state` {which}.",
            group.name,
            state.unwrap_or_default()
        );
        out.merge(Diagnostics::error(at(&member), "Conflicting power states", detail));
    }
    out
}

/// What says that members cannot get to a power state.
fn refused(group: &Group, steps: &Steps, goal: Power, now: &BTreeMap<String, Now>) -> Diagnostics {
    let mut out = Diagnostics::default();
    for (id, why) in &steps.refused {
        let object = now.get(id).and_then(|n| n.object.as_ref());
        let vm = object.map_or_else(|| format!("The virtual machine {id:?}"), ToString::to_string);
        let (summary, advice) = match goal {
            Power::On => {
                (format!("{vm} must not be powered on yet"), "Remove the entry from `power_on_checks` first.")
            }
            Power::Off => (
                format!("{vm} cannot be powered off"),
                "Power it on first, or set `power_off_mode = \"hard\"`, which loses what it holds in memory.",
            ),
            Power::Suspended => (format!("{vm} cannot be suspended"), "Power it on first."),
        };
        let detail = format!("It is a member of the virtual machine group {:?}. {why}\n{advice}", group.name);
        out.merge(Diagnostics::error(M::POWER_STATE, summary, detail));
    }
    out
}

/// What brings the members to a power state, with what this run has planned for them.
fn todo(vsphere: &Vsphere, group: &Group, now: &BTreeMap<String, Now>, goal: Power, mode: Mode) -> Steps {
    let notes = vsphere.run::<RunNotes>();
    let stops = |id: &str| notes.power_on_stop(now.get(id)?.object.as_ref()?);
    steps(group, |id| now.get(id)?.power, stops, goal, mode)
}

impl VirtualMachineGroup {
    /// Brings the members to the power state of the group.
    async fn put(&self, cx: &Cx<'_, Self>, prior: Option<&M>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let Some(group) = plan.group() else {
            let detail = format!("An ID in `member_group_ids` is not the ID of a group. {}", tree::EXPECTED);
            return Err(Diagnostics::error(
                M::MEMBER_GROUP_IDS,
                "Invalid value for `member_group_ids`",
                detail,
            ));
        };
        let members = group.members();
        let known = prior.map(M::known_members).unwrap_or_default();
        let seen = look(vsphere, &members, &known, &known.keys().cloned().collect()).await?;
        let (goal, now) = (cx.config().and_then(M::goal), Now::of(&seen));
        conflicts(vsphere, &group, goal, &now).into_result(())?;
        let plan = M { id: group.to_string().into(), ..plan };
        if prior.is_some() {
            cx.checkpoint(&plan);
        }
        cx.set_private(APPLIED, goal.map_or(Json::Null, |p| p.as_str().into()));
        let Some(goal) = goal else { return Ok(plan) };
        let todo = todo(vsphere, &group, &now, goal, mode(&plan.power_off_mode));
        // Otherwise the plan has warned of it, and leaves them as they are.
        let mut failed = Diagnostics::default();
        if plan.power_state.as_str() == goal.as_str() {
            failed = refused(&group, &todo, goal, &now);
        }
        let timeout = soft_timeout(plan.soft_power_op_timeout.known().copied());
        let gentleness = match goal {
            Power::Suspended => mode(&plan.suspend_mode).gentleness(timeout),
            _ => mode(&plan.power_off_mode).gentleness(timeout),
        };
        let objects = members.iter().filter_map(|m| Some((m.id, (now.get(m.id)?.object.as_ref()?, at(m)))));
        let limit = cx.timeout(vsphere.timeout);
        let run = Run {
            vsphere,
            title: plan.title(),
            operation: towards(goal),
            gentleness,
            wait: Wait::new(
                if goal == Power::On { limit } else { limit.max(HARD).max(gentleness.0) },
                cx.cancel(),
            ),
            cancel: cx.cancel(),
            members: objects.collect(),
            failed: Mutex::new(failed),
        };
        run.waves(&todo.waves).await;
        let failed = run.failed.into_inner().unwrap_or_else(PoisonError::into_inner);
        failed.into_result(plan)
    }
}

impl Resource for VirtualMachineGroup {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the ID: the name, and in parentheses the IDs of the virtual machines of each block of the boot order with a \
                                  slash after it, and those of the other members, such as app(vm-1/5s:vm-2,vm-3/vm-4); a nested group \
                                  is written by its own ID";

    fn validate(&self, config: &M) -> Diagnostics {
        let (mut out, mut once) = (Diagnostics::default(), BTreeSet::new());
        let group = config.group();
        for member in group.iter().flat_map(Group::members) {
            if !once.insert(member.id.to_ascii_lowercase()) {
                let detail = format!("The virtual machine {:?} is a member twice.", member.id);
                out.merge(Diagnostics::error(
                    at(&member),
                    "Duplicate member of a virtual machine group",
                    detail,
                ));
            }
        }
        out
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        let is_managed = !cx.config.power_state.is_null();
        let group = planned.group();
        let moved = match (&group, cx.prior) {
            (Some(group), Some(prior)) => prior.id.as_str() != group.to_string(),
            _ => true,
        };
        if moved && !is_managed {
            planned.unknown(M::POWER_STATE);
        }
        let Some(group) = group else {
            for field in [M::ID, M::MEMBERS, M::CONDITIONS] {
                planned.unknown(field);
            }
            return Ok(());
        };
        planned.set(M::ID, group.to_string().into());
        let mut out = Diagnostics::default();
        if group.levels() > LEVELS {
            let detail = format!(
                "It has {} levels of groups. More than {LEVELS} are hard to follow; make some of them blocks of its boot order.",
                group.levels()
            );
            let summary = format!("{} is deeply nested", capital(&planned.title()));
            out.merge(Diagnostics::warning(AttributePath::root(), summary, detail));
        }
        let known = cx.prior.map(M::known_members).unwrap_or_default();
        let members = group.members();
        for member in members.iter().filter(|m| known.get(m.id).is_some_and(|n| n.object.is_none())) {
            let detail =
                "It was a member when the group was read last. Remove it from the group, or restore it.";
            let summary = format!("The virtual machine {:?} does not exist", member.id);
            out.merge(Diagnostics::warning(at(member), summary, detail));
        }
        let changes = moved || cx.prior.is_none_or(|p| p.power_state != planned.power_state);
        let Some(vsphere) = cx.client else {
            if changes {
                planned.unknown(M::MEMBERS);
                planned.unknown(M::CONDITIONS);
            }
            return cx.finish(out);
        };
        let new: Vec<_> = members.iter().filter(|m| !known.contains_key(m.id)).cloned().collect();
        let seen = look(vsphere, &new, &known, &BTreeSet::new()).await?;
        let now: BTreeMap<String, Now> = known.clone().into_iter().chain(Now::of(&seen)).collect();
        let goal = cx.config.goal();
        out.merge(conflicts(vsphere, &group, goal, &now));
        if !changes {
            return cx.finish(out);
        }
        let mut changes = Steps::default();
        if let Some(goal) = goal {
            changes = todo(vsphere, &group, &now, goal, mode(&cx.config.power_off_mode));
            let wrong = refused(&group, &changes, goal, &now);
            let applied = cx.private(APPLIED).and_then(Json::as_str) == Some(goal.as_str());
            let is_drift = applied && changes.refused.iter().all(|(id, _)| known.contains_key(id));
            // What was undone outside Terraform and cannot be applied again must not prevent anything else.
            if let (true, false, Some(prior)) = (is_drift, wrong.is_empty(), cx.prior) {
                out.merge(wrong.as_warnings());
                planned.copy_from(prior, &[M::POWER_STATE]);
            } else {
                out.merge(wrong);
            }
        }
        planned.unknown(M::CONDITIONS);
        let prior = cx.prior.map(|p| p.members.get()).unwrap_or_default();
        planned.set(M::MEMBERS, expected(&members, &prior, goal, &changes.changes()).into());
        cx.finish(out)
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        // Nothing is made: a group that is not complete is not in the state, and the next apply goes on.
        self.put(cx, None, plan).await
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let Some(group) = state.group() else { return Ok(Some(state)) };
        let members = group.members();
        let all = members.iter().map(|m| m.id.to_owned()).collect();
        let seen = look(cx.client(), &members, &state.known_members(), &all).await?;
        let goal = |cx: &Cx<'_, Self>| cx.private(APPLIED).and_then(|p| Power::parse(p.as_str()?));
        let mut found = state.observed(&group, &seen, goal(cx));
        if cx.importing() {
            // The server does not know whether it is declared: the one that all members have is taken for it.
            cx.set_private(APPLIED, found.goal().map_or(Json::Null, |p| p.as_str().into()));
            found = found.observed(&group, &seen, goal(cx));
        }
        Ok(Some(found))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        self.put(cx, Some(&prior), plan).await
    }

    async fn delete(&self, _cx: &Cx<'_, Self>, _state: M) -> Result<()> {
        Ok(())
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let group = Group::parse(id).map_err(|why| {
            let summary = format!("{id:?} is not the ID of a virtual machine group");
            Diagnostics::error(AttributePath::root(), summary, format!("It {why}."))
        })?;
        let members = group.members();
        for member in &members {
            machine::id(&member.id.into()).map_err(|why| {
                let summary = format!("{id:?} is not the ID of a virtual machine group");
                Diagnostics::error(AttributePath::root(), summary, why)
            })?;
        }
        look(cx.client(), &members, &BTreeMap::new(), &BTreeSet::new()).await?;
        Ok(M::of(&group))
    }
}

#[cfg(test)]
mod tests {
    use super::tree::tests::groups;
    use super::*;
    use proptest::prelude::*;

    fn seen(id: &str, power: VirtualMachinePowerState) -> Option<Seen> {
        let object = MoRef::new("VirtualMachine", id);
        let machine = Machine { object, name: format!("name of {id}"), bios_uuid: None, instance_uuid: None };
        let status = Status {
            power_state: power,
            host: Some(MoRef::new("HostSystem", "host-1")),
            datastores: vec![MoRef::new("Datastore", "datastore-1")],
            ..Status::default()
        };
        Some(Seen { machine, status })
    }

    fn statuses(conditions: &Value<Vec<ConditionModel>>) -> String {
        let text =
            |c: &ConditionModel| format!("{} {} {}", c.r#type.as_str(), c.status.as_str(), c.reason.as_str());
        conditions.get().iter().map(text).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn members_and_conditions_are_those_of_the_virtual_machines() {
        use VirtualMachinePowerState::{PoweredOff, PoweredOn};
        let group = Group::parse("app(vm-1/db(vm-2))").unwrap();
        let synced = "GroupLinked True , PowerStateSynced True , PlacementReady True ";
        let unsynced = "GroupLinked True , PowerStateSynced False NotSynced, PlacementReady True ";
        let missing =
            "GroupLinked False NotFound, PowerStateSynced False NotFound, PlacementReady False NotFound";
        let unmanaged = "GroupLinked True , PlacementReady True ";
        for (second, goal, power, conditions, is_ready) in [
            (seen("vm-2", PoweredOn), Some(Power::On), "on", synced, true),
            (seen("vm-2", PoweredOff), Some(Power::On), MIXED, unsynced, false),
            (seen("vm-2", PoweredOff), None, MIXED, unmanaged, true),
            // One that does not exist has no power state.
            (None, Some(Power::On), "on", missing, false),
        ] {
            let all = [("vm-1".to_owned(), seen("vm-1", PoweredOn)), ("vm-2".to_owned(), second)].into();
            let found = M::of(&group).observed(&group, &all, goal);
            assert_eq!(found.power_state.as_str(), power);
            let members = found.members.get();
            assert_eq!(statuses(&members[1].conditions), conditions);
            assert_eq!((members[0].boot_order_index, members[1].boot_order_index), (0.into(), Value::Null));
            assert_eq!((members[0].group.as_str(), members[1].group.as_str()), ("app", "app/db"));
            let ready = if is_ready { "Ready True " } else { "Ready False MembersNotReady" };
            assert_eq!(statuses(&found.conditions), ready);
        }
        let empty = Group::parse("app()").unwrap();
        let found = M { power_state: "on".into(), ..M::of(&empty) }.observed(&empty, &BTreeMap::new(), None);
        assert_eq!((found.power_state.as_str(), statuses(&found.conditions).as_str()), ("on", "Ready True "));
    }

    #[test]
    fn a_plan_shows_the_members_that_change() {
        let group = Group::parse("app(vm-1/vm-2,vm-3)").unwrap();
        let all = group.members();
        let prior = M::of(&group).observed(
            &Group::parse("app(vm-1,vm-2)").unwrap(),
            &["vm-1", "vm-2"]
                .map(|id| (id.to_owned(), seen(id, VirtualMachinePowerState::PoweredOff)))
                .into(),
            None,
        );
        let prior = prior.members.get();
        let changed = |goal, changes: &[&str]| {
            let found = expected(&all, &prior, goal, &changes.iter().copied().collect());
            let text = |m: &MemberModel| {
                let power = if m.power_state.is_unknown() { "?" } else { m.power_state.as_str() };
                format!("{}{}{power}", m.id.as_str(), if m.host_system_id.is_unknown() { ":" } else { "=" })
            };
            found.iter().map(text).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(changed(Some(Power::On), &["vm-2"]), "vm-1=off vm-2:on vm-3:on");
        assert_eq!(changed(Some(Power::Off), &[]), "vm-1=off vm-2=off vm-3:off");
        // What nothing of this resource sets, something else may set in the same run.
        assert_eq!(changed(None, &[]), "vm-1:? vm-2:? vm-3:?");
    }

    #[test]
    fn a_member_that_is_not_known_leaves_the_group_open() {
        let known = M { name: "app".into(), virtual_machine_ids: Value::Null, ..M::default() };
        assert_eq!(known.group().map(|g| g.to_string()).as_deref(), Some("app()"));
        let block = |block: BootOrderModel| M { boot_order: vec![block].into(), ..known.clone() };
        for open in [
            M { name: Value::Unknown, ..known.clone() },
            M { boot_order: Value::Unknown, ..known.clone() },
            M { member_group_ids: Value::Unknown, ..known.clone() },
            block(BootOrderModel { virtual_machine_ids: Value::Unknown, ..BootOrderModel::default() }),
            block(BootOrderModel { power_on_delay: Value::Unknown, ..BootOrderModel::default() }),
        ] {
            assert_eq!(open.group(), None, "{open:?}");
        }
    }

    proptest! {
        #[test]
        fn an_import_has_the_attributes_of_the_configuration(group in groups()) {
            prop_assert_eq!(M::of(&group).group(), Some(group));
        }
    }
}
