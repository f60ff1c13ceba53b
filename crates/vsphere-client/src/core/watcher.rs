//! Watching objects: one collector, one list and one long poll per type of object, shared by all waiting callers.
//!
//! A collector belongs to one poll at a time (servers and simulators lose updates otherwise), so each watcher has one of
//! its own. It is created when the first object is watched. An update may be repeated, so every update is taken as
//! the complete value of a property, and objects without a waiting caller leave the list.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use vim_types::methods::{
    CreateFilter, CreateListView, CreatePropertyCollector, DestroyPropertyCollector, DestroyView,
    ModifyListView, WaitForUpdatesEx,
};
use vim_types::types::{ObjectSpec, PropertyFilterSpec, SelectionSpec, TraversalSpec, WaitOptions};
use vim_types::xml::{self, Dyn, MoRef, Value as _};

use super::Core;
use crate::core::backoff::Backoff;
use crate::core::http::Kind;
use crate::core::property::property_spec;
use crate::core::soap;
use crate::error::{Error, FaultKind, Result};
use crate::snapshot::pace;

/// The pause after a poll that failed, growing up to ten times that.
const PAUSE: Duration = Duration::from_millis(500);
/// About two minutes of a server that restarts.
const FAILURES: u32 = 30;
/// How long the server holds a poll back, in seconds: short enough for proxies that cut idle connections.
const POLL: i32 = 30;

/// What is watched of the objects of one type.
pub(crate) trait Watched: Clone + Default + Send + Sync + 'static {
    /// The type of the objects.
    const TYPE: &'static str;
    /// The properties.
    const PATHS: &'static [&'static str];

    /// Takes over one property; without a text it is unset now.
    fn apply(&mut self, path: &str, value: Option<&str>) -> Result<(), xml::Error>;

    /// Whether the server will say no more about the object.
    fn ended(&self) -> bool {
        false
    }

    /// Returns the error for callers that wait for an object that does not exist.
    fn not_found(object: &MoRef) -> Error;
}

/// What was last seen of an object; nothing before the first look.
pub(crate) type Seen<T> = Option<Result<T>>;

/// The callers that wait for objects of one type, and the last known state of the objects.
struct Waiting<T> {
    watched: Mutex<HashMap<MoRef, watch::Sender<Seen<T>>>>,
    /// The state of all that are listed: a poll brings only what has changed of it.
    known: Mutex<HashMap<MoRef, T>>,
}

impl<T> Default for Waiting<T> {
    fn default() -> Self {
        Waiting { watched: Mutex::default(), known: Mutex::default() }
    }
}

/// What a watcher needs to know about what it watches: its code is compiled once for all types.
trait Subject: Send + Sync {
    /// The type of the objects.
    fn ty(&self) -> &'static str;
    /// The properties.
    fn paths(&self) -> &'static [&'static str];
    /// Returns the objects that have a waiting caller.
    fn wanted(&self) -> HashSet<MoRef>;
    /// Returns the number of watched objects.
    fn count(&self) -> usize;
    /// Removes the objects without a waiting caller. Returns whether no object is left.
    fn is_idle(&self) -> bool;
    /// Reports an object as not existing. Returns whether it was watched.
    fn remove(&self, object: &MoRef) -> bool;
    /// Reports an error to all waiting callers.
    fn failed(&self, error: &Error);
    /// Clears the known state: the list on the server is a new one.
    fn forget(&self);
    /// Clears the known state of all other objects.
    fn keep(&self, wanted: &HashSet<MoRef>);
    /// Applies the changes of an object and reports its new state. Returns whether the object has ended and is not watched
    /// any longer.
    fn changed(&self, object: &MoRef, changes: Changes) -> Result<bool>;
}

impl<T: Watched> Subject for Waiting<T> {
    fn ty(&self) -> &'static str {
        T::TYPE
    }

    fn paths(&self) -> &'static [&'static str] {
        T::PATHS
    }

    fn wanted(&self) -> HashSet<MoRef> {
        let watched = lock(&self.watched);
        watched
            .iter()
            .filter(|(_, seen)| seen.receiver_count() > 0)
            .map(|(object, _)| object.clone())
            .collect()
    }

    fn count(&self) -> usize {
        lock(&self.watched).len()
    }

    fn is_idle(&self) -> bool {
        let mut watched = lock(&self.watched);
        watched.retain(|_, seen| seen.receiver_count() > 0);
        watched.is_empty()
    }

    fn remove(&self, object: &MoRef) -> bool {
        lock(&self.known).remove(object);
        let seen = lock(&self.watched).remove(object);
        if let Some(seen) = &seen {
            seen.send_replace(Some(Err(T::not_found(object))));
        }
        seen.is_some()
    }

    fn failed(&self, error: &Error) {
        for (_, seen) in lock(&self.watched).drain() {
            seen.send_replace(Some(Err(error.clone())));
        }
    }

    fn forget(&self) {
        lock(&self.known).clear();
    }

    fn keep(&self, wanted: &HashSet<MoRef>) {
        lock(&self.known).retain(|object, _| wanted.contains(object));
    }

    fn changed(&self, object: &MoRef, changes: Changes) -> Result<bool> {
        let mut known = lock(&self.known);
        let state = known.entry(object.clone()).or_default();
        for (path, value) in changes {
            state.apply(&path, value.as_deref()).map_err(undecodable)?;
        }
        let mut watched = lock(&self.watched);
        let Some(seen) = watched.get(object) else { return Ok(false) };
        seen.send_replace(Some(Ok(state.clone())));
        let ended = state.ended();
        if ended {
            watched.remove(object);
            known.remove(object);
        }
        Ok(ended)
    }
}

/// The poll for one type of object.
struct Watcher {
    subject: Arc<dyn Subject>,
    changed: Notify,
    running: Mutex<bool>,
    tracker: tokio::sync::Mutex<Option<Tracker>>,
}

/// The watchers of a client, by type of object.
#[derive(Default)]
struct Watchers(Mutex<HashMap<&'static str, Arc<Watcher>>>);

impl Watchers {
    fn of(&self, subject: Arc<dyn Subject>) -> Arc<Watcher> {
        let new = |subject| Watcher {
            subject,
            changed: Notify::default(),
            running: Mutex::default(),
            tracker: tokio::sync::Mutex::default(),
        };
        lock(&self.0).entry(subject.ty()).or_insert_with(|| Arc::new(new(subject))).clone()
    }

    fn all(&self) -> Vec<Arc<Watcher>> {
        lock(&self.0).values().cloned().collect()
    }
}

/// Discards the lists, as when the session has ended.
#[cfg(test)]
pub(crate) async fn forget(core: &Core) {
    for watcher in core.slot::<Watchers>().all() {
        *watcher.tracker.lock().await = None;
    }
}

/// What exists on the server.
struct Tracker {
    generation: u64,
    collector: MoRef,
    view: MoRef,
    listed: HashSet<MoRef>,
    /// Of those, the objects that have ended: the server sends no further update about them.
    ended: HashSet<MoRef>,
    version: String,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Puts an object on the list of those that are watched, and sees to it that someone watches.
pub(crate) fn watch_one<T: Watched>(core: &Arc<Core>, object: &MoRef) -> watch::Receiver<Seen<T>> {
    let waiting = core.slot::<Waiting<T>>();
    let updates =
        lock(&waiting.watched).entry(object.clone()).or_insert_with(|| watch::channel(None).0).subscribe();
    let watcher = core.slot::<Watchers>().of(waiting);
    if !std::mem::replace(&mut *lock(&watcher.running), true) {
        tokio::spawn(watch_all(Arc::downgrade(core), Arc::clone(&watcher)));
    }
    watcher.changed.notify_one();
    updates
}

/// Watches until no caller waits.
async fn watch_all(core: Weak<Core>, watcher: Arc<Watcher>) {
    let subject = &watcher.subject;
    let delays = || Backoff::new(PAUSE, PAUSE * 10);
    let (mut failures, mut backoff) = (0, delays());
    loop {
        let Some(core) = core.upgrade() else { return };
        {
            let mut running = lock(&watcher.running);
            if subject.is_idle() {
                *running = false;
                return;
            }
        }
        // On a task of its own: should it panic, the waiting callers get an error and do not wait indefinitely.
        let polled = Arc::clone(&watcher);
        let ran = tokio::spawn(async move { round(&core, &polled).await }).await;
        match ran.unwrap_or_else(|panic| Err(Error::decode("WaitForUpdatesEx", panic))) {
            Ok(()) => (failures, backoff) = (0, delays()),
            Err(error) => {
                failures += 1;
                *watcher.tracker.lock().await = None;
                // An object that no longer exists must not end the watch of the others.
                if let Some(FaultKind::ManagedObjectNotFound { object: Some(missing) }) = error.fault_kind()
                    && subject.remove(missing)
                {
                    continue;
                }
                tracing::debug!(%error, failures, ty = subject.ty(), "watching failed");
                if !error.is_passing() || failures > FAILURES {
                    subject.failed(&error);
                    continue;
                }
                backoff.wait().await;
            }
        }
    }
}

/// Brings the list up to date and polls once; what comes meanwhile is put on the list at once.
async fn round(core: &Core, watcher: &Watcher) -> Result<()> {
    let subject = &*watcher.subject;
    let mut guard = watcher.tracker.lock().await;
    let tracker = match guard.take() {
        Some(tracker) if tracker.generation == core.session.generation() => tracker,
        _ => open(core, subject).await?,
    };
    let tracker = guard.insert(tracker);
    let gather = || tokio::time::sleep(pace(subject.count()));
    gather().await;
    list(core, subject, tracker).await?;
    let request = WaitForUpdatesEx {
        this: tracker.collector.clone(),
        version: Some(tracker.version.clone()),
        options: Some(Box::new(WaitOptions { max_wait_seconds: Some(POLL), max_object_updates: None })),
    };
    let text = {
        let poll = core.call_text(&request, Kind::LongPoll(POLL as u64));
        let mut poll = std::pin::pin!(poll);
        loop {
            tokio::select! {
                text = &mut poll => break text?,
                () = watcher.changed.notified() => {
                    gather().await;
                    list(core, subject, tracker).await?;
                }
            }
        }
    };
    let updates = read_updates(&text)?;
    if let Some(version) = updates.version {
        tracker.version = version;
    }
    for object in updates.removed {
        tracker.listed.remove(&object);
        subject.remove(&object);
    }
    for (object, changes) in updates.objects {
        if subject.changed(&object, changes)? {
            tracker.ended.insert(object);
        }
    }
    Ok(())
}

async fn open(core: &Core, subject: &dyn Subject) -> Result<Tracker> {
    subject.forget();
    let generation = core.session.generation();
    let this = core.content.property_collector.clone();
    let collector = core.invoke(&CreatePropertyCollector { this }).await?;
    let listed = subject.wanted();
    let this = core.content.view_manager.clone().unwrap_or_default();
    let view = core.invoke(&CreateListView { this, obj: listed.iter().cloned().collect() }).await?;
    let step = TraversalSpec {
        base: SelectionSpec::default(),
        r#type: "ListView".to_owned(),
        path: "view".to_owned(),
        skip: Some(false),
        select_set: Vec::new(),
    };
    let spec = PropertyFilterSpec {
        prop_set: vec![property_spec(subject.ty(), subject.paths())],
        object_set: vec![ObjectSpec { obj: view.clone(), skip: Some(true), select_set: vec![step.into()] }],
        // An object that no longer exists must not end the watch of the others.
        report_missing_objects_in_results: Some(true),
    };
    core.invoke(&CreateFilter { this: collector.clone(), spec, partial_updates: false }).await?;
    Ok(Tracker { generation, collector, view, listed, ended: HashSet::new(), version: String::new() })
}

/// Adds new objects to the list and, if there are any, removes those without a waiting caller.
async fn list(core: &Core, subject: &dyn Subject, tracker: &mut Tracker) -> Result<()> {
    let wanted = subject.wanted();
    let add: Vec<MoRef> = wanted.difference(&tracker.listed).cloned().collect();
    if wanted.iter().any(|object| tracker.ended.remove(object)) {
        // Someone waits for one that has ended before: let the server tell everything again.
        tracker.version.clear();
    }
    // Taking off can wait until there is something to put on: it saves a request for each.
    if add.is_empty() {
        return Ok(());
    }
    let remove: Vec<MoRef> = tracker.listed.difference(&wanted).cloned().collect();
    let request = ModifyListView { this: tracker.view.clone(), add, remove };
    let unresolved: Vec<MoRef> = core.invoke(&request).await?;
    tracker.ended.retain(|object| wanted.contains(object));
    subject.keep(&wanted);
    tracker.listed = wanted;
    for object in unresolved {
        tracker.listed.remove(&object);
        subject.remove(&object);
    }
    Ok(())
}

fn undecodable(source: xml::Error) -> Error {
    Error::decode("WaitForUpdatesEx", source)
}

/// What changed of one object: paths, with the text of the value where there is one.
type Changes = Vec<(String, Option<String>)>;

/// What a poll brought.
#[derive(Default)]
pub(crate) struct Updates {
    pub(crate) version: Option<String>,
    pub(crate) objects: Vec<(MoRef, Changes)>,
    /// Those that the server no longer has.
    pub(crate) removed: Vec<MoRef>,
}

pub(crate) fn read_updates(text: &str) -> Result<Updates> {
    let Updates { mut version, mut objects, mut removed } = Updates::default();
    let mut reader = soap::answer("WaitForUpdatesEx", text)?;
    let mut read = || -> Result<(), xml::Error> {
        while reader.next_child()? {
            if reader.name() != "returnval" {
                reader.skip()?;
                continue;
            }
            while reader.next_child()? {
                match reader.name() {
                    "version" => version.read(&mut reader)?,
                    "filterSet" => {
                        while reader.next_child()? {
                            match reader.name() {
                                "objectSet" => match read_object(&mut reader, text)? {
                                    (object, None) => removed.push(object),
                                    (object, Some(changes)) => objects.push((object, changes)),
                                },
                                "missingObjects" => {
                                    removed.extend(reader.dynamic()?.child("obj").and_then(Dyn::moref));
                                }
                                _ => reader.skip()?,
                            }
                        }
                    }
                    _ => reader.skip()?,
                }
            }
        }
        Ok(())
    };
    read().map_err(undecodable)?;
    Ok(Updates { version, objects, removed })
}

/// An object and what changed of it; nothing of one that has left.
fn read_object(reader: &mut xml::Reader<'_>, text: &str) -> Result<(MoRef, Option<Changes>), xml::Error> {
    let (mut object, mut kind, mut changes) = (MoRef::default(), String::new(), Vec::new());
    while reader.next_child()? {
        match reader.name() {
            "kind" => kind.read(reader)?,
            "obj" => object.read(reader)?,
            "changeSet" => {
                let (mut path, mut value) = (String::new(), None);
                while reader.next_child()? {
                    match reader.name() {
                        "name" => path.read(reader)?,
                        "val" => {
                            let start = reader.position();
                            let ty = reader.xsi_type().to_owned();
                            reader.skip()?;
                            value = Some(format!("<val x:type=\"{ty}\">{}", &text[start..reader.position()]));
                        }
                        _ => reader.skip()?,
                    }
                }
                changes.push((path, value));
            }
            _ => reader.skip()?,
        }
    }
    Ok((object, (kind != "leave").then_some(changes)))
}

/// Deletes the collectors and views of all watchers on the server.
pub(crate) async fn close(core: &Core) {
    for watcher in core.slot::<Watchers>().all() {
        // A poll that is under way holds the lock; the end of the session ends it.
        let Ok(mut guard) = watcher.tracker.try_lock() else { continue };
        if let Some(tracker) = guard.take()
            && core.config.persist.is_some()
        {
            // A session that goes on must not pile up views and collectors.
            let _ = core.invoke(&DestroyView { this: tracker.view }).await;
            let _ = core.invoke(&DestroyPropertyCollector { this: tracker.collector }).await;
        }
    }
}

impl Core {
    /// Calls a method that must not be sent twice.
    async fn invoke<R: xml::Request + Sync>(&self, request: &R) -> Result<R::Response> {
        let text = self.call_text(request, Kind::Write).await?;
        soap::decode(R::NAME, &text)
    }
}
