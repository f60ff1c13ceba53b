//! What a run has read and planned so far, as far as other plans of the same run have to know it.
//!
//! Terraform plans resources side by side and in no particular order: what is not noted here may still come.
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use vsphere_client::{MoRef, stored_path};

/// What a run does with an object that is in its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Course {
    /// It was read; its plan is not known yet.
    Read,
    /// It has this name afterwards.
    Named(String),
    /// It is destroyed.
    Destroyed,
}

/// A kind of objects that others refer to by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NamedKind {
    /// Customization specifications.
    Customization,
    /// Key providers.
    KeyProvider,
    /// Virtual machine classes.
    VmClass,
}

/// What sets the power state of a virtual machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PowerOwner {
    /// Its own resource.
    Machine,
    /// A group with that name.
    Group(String),
}

/// How long a plan waits for an object to turn out to be in the state.
pub(crate) const STATE_TIMEOUT: Duration = Duration::from_millis(1500);
/// How often it looks meanwhile.
const LOOK: Duration = Duration::from_millis(50);
/// How many plans wait at a time. More conflicts at a time than this come from addresses that change, and those who wait
/// would keep Terraform from reading the rest of the state.
const WAITING: usize = 3;

/// The notes of a run.
#[derive(Debug, Default)]
pub(crate) struct RunNotes {
    machines: Mutex<BTreeMap<MoRef, Course>>,
    folders: Mutex<BTreeSet<String>>,
    named: Mutex<BTreeSet<(NamedKind, String)>>,
    powers: Mutex<BTreeMap<MoRef, BTreeMap<PowerOwner, String>>>,
    power_on_checks: Mutex<BTreeMap<MoRef, String>>,
    waiting: AtomicUsize,
}

fn lock<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(PoisonError::into_inner)
}

impl RunNotes {
    /// Notes what happens to a virtual machine of the state. A plan is worth more than a read.
    pub(crate) fn machine(&self, object: &MoRef, course: Course) {
        let mut all = lock(&self.machines);
        match (all.get(object), &course) {
            (Some(_), Course::Read) => {}
            _ => drop(all.insert(object.clone(), course)),
        }
    }

    /// What this run does with a virtual machine; nothing where it is not known to be in the state. Waits a moment, as it
    /// may just not have been read or planned yet, unless too many wait already: then nothing is certain.
    pub(crate) async fn course_of(&self, object: &MoRef, timeout: Duration) -> (Option<Course>, bool) {
        let known = || lock(&self.machines).get(object).cloned();
        let before = self.waiting.fetch_add(1, Ordering::SeqCst);
        let _one_less = Leave(&self.waiting);
        let end = tokio::time::Instant::now() + timeout;
        loop {
            match known() {
                Some(Course::Read) | None if before >= WAITING => return (known(), false),
                Some(Course::Read) | None if tokio::time::Instant::now() < end => {
                    tokio::time::sleep(LOOK).await;
                }
                course => return (course, true),
            }
        }
    }

    /// Notes that there is a folder of virtual machines at a path after this run.
    pub(crate) fn folder(&self, path: &str) {
        lock(&self.folders).insert(stored_path(path));
    }

    /// Notes that there is an object of that kind and name after this run.
    pub(crate) fn makes(&self, kind: NamedKind, name: &str) {
        lock(&self.named).insert((kind, name.to_owned()));
    }

    /// Whether this run makes or changes an object of that kind and name.
    pub(crate) fn is_made(&self, kind: NamedKind, name: &str) -> bool {
        lock(&self.named).contains(&(kind, name.to_owned()))
    }

    /// Whether this run makes or changes any object of that kind.
    pub(crate) fn any_is_made(&self, kind: NamedKind) -> bool {
        lock(&self.named).iter().any(|(k, _)| *k == kind)
    }

    /// Notes the power state that a resource sets for a virtual machine; nothing where it leaves it alone.
    pub(crate) fn power(&self, object: &MoRef, owner: PowerOwner, state: Option<&str>) {
        let mut all = lock(&self.powers);
        let owners = all.entry(object.clone()).or_default();
        match state {
            Some(state) => drop(owners.insert(owner, state.to_owned())),
            None => drop(owners.remove(&owner)),
        }
    }

    /// Notes why the resource of a virtual machine does not let it be powered on; nothing where it does.
    pub(crate) fn stop_power_on(&self, object: &MoRef, why: Option<String>) {
        let mut all = lock(&self.power_on_checks);
        match why {
            Some(why) => drop(all.insert(object.clone(), why)),
            None => drop(all.remove(object)),
        }
    }

    /// Why a virtual machine must not be powered on.
    pub(crate) fn power_on_stop(&self, object: &MoRef) -> Option<String> {
        lock(&self.power_on_checks).get(object).cloned()
    }

    /// The resource that sets the power state of a virtual machine against a group that sets it to `state`: its own one, or
    /// a group that sets another one.
    pub(crate) fn power_conflict(
        &self,
        object: &MoRef,
        group: &str,
        state: &str,
    ) -> Option<(PowerOwner, String)> {
        let all = lock(&self.powers);
        let mut owners = all.get(object)?.iter();
        let found = owners.find(|(owner, other)| match owner {
            PowerOwner::Machine => true,
            PowerOwner::Group(name) => name != group && *other != state,
        });
        found.map(|(owner, state)| (owner.clone(), state.clone()))
    }

    /// Whether this run makes a folder at a path, or one above it: an absolute path may have more in front.
    pub(crate) fn makes_folder(&self, path: &str) -> bool {
        let path = format!("/{}", stored_path(path));
        lock(&self.folders).iter().any(|f| path.ends_with(&format!("/{f}")))
    }
}

struct Leave<'a>(&'a AtomicUsize);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(100);

    fn vm(id: &str) -> MoRef {
        MoRef::new("VirtualMachine", id)
    }

    #[tokio::test]
    async fn what_is_in_the_state_is_waited_for() {
        let notes = RunNotes::default();
        notes.machine(&vm("vm-1"), Course::Named("b".into()));
        notes.machine(&vm("vm-1"), Course::Read);
        assert_eq!(notes.course_of(&vm("vm-1"), SHORT).await, (Some(Course::Named("b".into())), true));
        assert_eq!(notes.course_of(&vm("vm-2"), SHORT).await, (None, true));
        let plan = async {
            notes.machine(&vm("vm-3"), Course::Read);
            tokio::time::sleep(SHORT).await;
            notes.machine(&vm("vm-3"), Course::Destroyed);
        };
        let third = vm("vm-3");
        let (course, ()) = futures_util::join!(notes.course_of(&third, STATE_TIMEOUT), plan);
        assert_eq!(course, (Some(Course::Destroyed), true));
    }

    #[tokio::test]
    async fn a_few_wait_and_the_others_are_not_certain() {
        let notes = RunNotes::default();
        let ids: Vec<MoRef> = (0..5).map(|i| vm(&format!("vm-{i}"))).collect();
        let all = futures_util::future::join_all(ids.iter().map(|id| notes.course_of(id, SHORT))).await;
        assert_eq!(all.iter().filter(|(_, certain)| !certain).count(), 2, "{all:?}");
        assert_eq!(notes.course_of(&ids[4], SHORT).await, (None, true));
    }

    #[test]
    fn a_power_state_has_one_owner() {
        let (notes, object) = (RunNotes::default(), vm("vm-1"));
        let (app, db) = (|| PowerOwner::Group("app".into()), || PowerOwner::Group("db".into()));
        notes.power(&object, app(), Some("on"));
        assert_eq!(notes.power_conflict(&object, "app", "off"), None);
        assert_eq!(notes.power_conflict(&object, "db", "on"), None);
        assert_eq!(notes.power_conflict(&object, "db", "off"), Some((app(), "on".into())));
        notes.power(&object, PowerOwner::Machine, Some("on"));
        assert_eq!(notes.power_conflict(&object, "app", "on"), Some((PowerOwner::Machine, "on".into())));
        notes.power(&object, PowerOwner::Machine, None);
        notes.power(&object, db(), None);
        assert_eq!(notes.power_conflict(&object, "app", "on"), None);
        assert_eq!(notes.power_conflict(&vm("vm-2"), "app", "on"), None);
    }

    #[test]
    fn folders_are_known_by_their_paths() {
        let notes = RunNotes::default();
        notes.folder("/team/web/");
        for (path, made) in [("team/web", true), ("/dc/vm/team/web", true), ("web", false), ("team", false)] {
            assert_eq!(notes.makes_folder(path), made, "{path}");
        }
    }
}
