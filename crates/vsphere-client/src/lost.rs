//! A task whose call was not answered: found again among the server's recent tasks, not guessed.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use vim_types::methods::CurrentTime;
use vim_types::types::TaskInfo;
use vim_types::xml::{Dyn, MoRef};

use crate::client::Client;
use crate::error::Result;

/// The pauses between the looks: a request may still be on its way when its connection breaks.
const LOOKS: [u64; 4] = [100, 400, 1000, 1500];
/// How much earlier than the call a task may have been made, for an unsteady clock. No more than that: the same method may
/// have been called on the same object a second before, by a run that has just ended.
const SLACK: Duration = Duration::from_millis(100);
/// How long calls of the same method on the same object, whose tasks are not known yet, are waited for.
const OTHERS: Duration = Duration::from_secs(10);

/// The tasks of this client, so that none is taken for that of another call.
#[derive(Default)]
pub(crate) struct Tasks(Mutex<Known>);

#[derive(Default)]
struct Known {
    tasks: HashSet<MoRef>,
    /// Calls that have not been answered, by method and object.
    calls: HashMap<(&'static str, MoRef), usize>,
}

/// A call that makes a task, until it is known which.
pub(crate) struct Asked<'a> {
    tasks: &'a Tasks,
    method: &'static str,
    object: MoRef,
    at: Instant,
}

/// What was found of a call that was not answered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// No task that it could have made.
    Nothing,
    /// Its task.
    One(MoRef),
    /// It is one of these.
    Several(Vec<MoRef>),
}

impl Tasks {
    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those that this client has not made.
    pub(crate) fn not_of(&self, mut tasks: Vec<MoRef>) -> Vec<MoRef> {
        let known = self.lock();
        tasks.retain(|task| !known.tasks.contains(task));
        tasks
    }

    /// Notes a call that is about to be made.
    pub(crate) fn asked(&self, method: &'static str, object: MoRef) -> Asked<'_> {
        *self.lock().calls.entry((method, object.clone())).or_default() += 1;
        Asked { tasks: self, method, object, at: Instant::now() }
    }
}

impl Asked<'_> {
    /// Notes the task that the call has made; false when another call has it already.
    pub(crate) fn made(&self, task: &MoRef) -> bool {
        self.tasks.lock().tasks.insert(task.clone())
    }

    fn others_ask(&self) -> bool {
        let known = self.tasks.lock();
        known.calls.get(&(self.method, self.object.clone())).is_some_and(|n| *n > 1)
    }

    /// Looks for the task among the recent ones: of this method, on this object, by this user, made since the call, and
    /// known to no other call of this client.
    pub(crate) async fn find(&self, client: &Client) -> Result<Found> {
        for pause in LOOKS {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            let mut fitting = self.look(client).await?;
            // Those of the other calls are known once these are answered.
            let began = Instant::now();
            while !fitting.is_empty() && self.others_ask() && began.elapsed() < OTHERS {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            fitting.retain(|task| !self.tasks.lock().tasks.contains(task));
            match fitting.as_slice() {
                [] => {}
                [one] if self.made(one) => return Ok(Found::One(one.clone())),
                _ => return Ok(Found::Several(fitting)),
            }
        }
        Ok(Found::Nothing)
    }

    async fn look(&self, client: &Client) -> Result<Vec<MoRef>> {
        let core = client.core();
        let Some(manager) = core.content.task_manager.clone() else { return Ok(vec![]) };
        let service = MoRef::new("ServiceInstance", "ServiceInstance");
        let now = client.call(&CurrentTime { this: service }).await?;
        let since = since(&now, self.at.elapsed());
        let recent: Recent = client.properties().get(&manager).await?;
        let user = client.session().map(|s| s.user_name);
        let mut fitting = vec![];
        for task in recent.tasks {
            if self.tasks.lock().tasks.contains(&task) {
                continue;
            }
            // One that is forgotten meanwhile is not it.
            let Ok(seen) = client.properties().get::<Seen>(&task).await else { continue };
            if fits(self.method, &self.object, since, user.as_deref(), &seen) {
                fitting.push(task);
            }
        }
        Ok(fitting)
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        let mut known = self.tasks.lock();
        let key = (self.method, self.object.clone());
        if let Some(n) = known.calls.get_mut(&key) {
            *n -= 1;
            if *n == 0 {
                known.calls.remove(&key);
            }
        }
    }
}

crate::properties! {
    struct Recent of "TaskManager" {
        tasks: Vec<MoRef> = "recentTask",
    }
}

crate::properties! {
    struct Seen of "Task" {
        info: TaskInfo = "info",
        reason: Option<Dyn> = "info.reason",
    }
}

/// Whether a task can be that of a call. Pure.
fn fits(method: &str, object: &MoRef, since: Option<SystemTime>, user: Option<&str>, seen: &Seen) -> bool {
    let Seen { info, reason } = seen;
    // What the server does on the way.
    if info.parent_task_key.is_some() {
        return false;
    }
    let of_method = match info.name.as_deref() {
        Some(name) if name.ends_with("_Task") => name == method,
        _ => {
            // `VirtualMachine.clone` of `CloneVM_Task`.
            let word = info.description_id.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
            let method = method.to_ascii_lowercase();
            !word.is_empty()
                && (method.starts_with(&word) || word == "reconfigureex" && method.starts_with("reconfigure"))
        }
    };
    // Managers and snapshots are not entities: their tasks name another object, or none. One that makes a virtual machine
    // may name that.
    let no_entity = ["Manager", "Snapshot", "Browser"].iter().any(|end| object.ty.ends_with(end));
    let new = |e: &MoRef| &*object.ty != "VirtualMachine" && &*e.ty == "VirtualMachine";
    let of_object = no_entity || info.entity.as_ref().is_none_or(|e| e == object || new(e));
    let made = time(&info.queue_time);
    let in_time = since.is_none_or(|since| made.is_none_or(|made| made >= since));
    let who = reason.as_ref().and_then(|r| r.text_of("userName"));
    let by_user = user.is_none_or(|user| who.is_none_or(|who| who.eq_ignore_ascii_case(user)));
    of_method && of_object && in_time && by_user
}

/// The earliest time, by the server's clock, of a task of a call that was made some time before `now`, which the server has
/// returned. The latency of that response makes it earlier, never later. Pure.
fn since(now: &str, elapsed: Duration) -> Option<SystemTime> {
    time(now)?.checked_sub(elapsed + SLACK)
}

/// A moment, where it is one that can be read.
fn time(text: &str) -> Option<SystemTime> {
    humantime::parse_rfc3339_weak(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(name: Option<&str>, description: &str, entity: Option<MoRef>, queued: &str) -> Seen {
        let info = TaskInfo {
            name: name.map(str::to_owned),
            description_id: description.to_owned(),
            entity,
            queue_time: queued.to_owned(),
            ..TaskInfo::default()
        };
        Seen { info, reason: None }
    }

    #[test]
    fn a_task_fits_its_call() {
        let vm = MoRef::new("VirtualMachine", "vm-1");
        let since = time("2026-01-01T10:00:00Z");
        assert!(since.is_some());
        let (now, before) = ("2026-01-01T10:00:01.123456Z", "2026-01-01T09:59:00Z");
        for (name, description, entity, queued, fit) in [
            (Some("CloneVM_Task"), "VirtualMachine.clone", Some(vm.clone()), now, true),
            (None, "VirtualMachine.clone", Some(vm.clone()), now, true),
            (None, "VirtualMachine.clone", None, now, true),
            (None, "VirtualMachine.clone", Some(vm.clone()), before, false),
            (None, "VirtualMachine.clone", Some(vm.clone()), "an invalid timestamp", true),
            (None, "VirtualMachine.relocate", Some(vm.clone()), now, false),
            (Some("RelocateVM_Task"), "VirtualMachine.clone", Some(vm.clone()), now, false),
            (None, "VirtualMachine.clone", Some(MoRef::new("VirtualMachine", "vm-2")), now, false),
        ] {
            let seen = seen(name, description, entity, queued);
            assert_eq!(fits("CloneVM_Task", &vm, since, Some("me"), &seen), fit, "{seen:?}");
        }
        let cluster = MoRef::new("ClusterComputeResource", "domain-c1");
        let seen = seen(None, "ComputeResource.reconfigureEx", Some(cluster.clone()), now);
        assert!(fits("ReconfigureComputeResource_Task", &cluster, since, None, &seen));
    }

    #[test]
    fn a_task_of_the_run_before_does_not_fit() {
        let vm = MoRef::new("VirtualMachine", "vm-1");
        // The call was made at 10:00:20, which is 0.4 s ago.
        let since = since("2026-01-01T10:00:20.400Z", Duration::from_millis(400));
        for (queued, fit) in
            [("10:00:18.900", false), ("10:00:19.800", false), ("10:00:20", true), ("10:00:20.3", true)]
        {
            let seen =
                seen(None, "VirtualMachine.powerOn", Some(vm.clone()), &format!("2026-01-01T{queued}Z"));
            assert_eq!(fits("PowerOnVM_Task", &vm, since, Some("me"), &seen), fit, "{queued}");
        }
    }

    #[test]
    fn a_task_belongs_to_one_call() {
        let tasks = Tasks::default();
        let (vm, task) = (MoRef::new("VirtualMachine", "vm-1"), MoRef::new("Task", "task-1"));
        let one = tasks.asked("CloneVM_Task", vm.clone());
        assert!(!one.others_ask());
        let other = tasks.asked("CloneVM_Task", vm.clone());
        assert!(one.others_ask());
        assert!(one.made(&task));
        assert!(!other.made(&task));
        drop(one);
        assert!(!other.others_ask());
    }
}
