//! Watching objects of one type: one collector, one list and one long poll for all that wait.
//!
//! A collector belongs to one poll at a time (servers and simulators lose updates otherwise), so each watcher has one of
//! its own. It is made when the first object is watched. What it is told may be told again, so every update is taken as
//! the whole truth about a property, and what nobody waits for leaves the list.

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

use crate::client::Inner;
use crate::error::{Error, FaultKind, Result};
use crate::http::Kind;
use crate::property::property_spec;
use crate::snapshot::pace;
use crate::soap;

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

    /// The watcher of this type.
    fn watcher(inner: &Inner) -> &Watcher<Self>;

    /// Takes over one property; without a text it is unset now.
    fn apply(&mut self, path: &str, value: Option<&str>) -> Result<(), xml::Error>;

    /// Whether the server will say no more about the object.
    fn ended(&self) -> bool {
        false
    }

    /// What those are told who wait for an object that is gone.
    fn gone(object: &MoRef) -> Error;
}

/// What was last seen of an object; nothing before the first look.
pub(crate) type Seen<T> = Option<Result<T>>;

/// Who waits, and what exists on the server for them.
pub(crate) struct Watcher<T> {
    watched: Mutex<HashMap<MoRef, watch::Sender<Seen<T>>>>,
    changed: Notify,
    running: Mutex<bool>,
    tracker: tokio::sync::Mutex<Option<Tracker<T>>>,
}

impl<T> Default for Watcher<T> {
    fn default() -> Self {
        Self {
            watched: Mutex::default(),
            changed: Notify::default(),
            running: Mutex::default(),
            tracker: tokio::sync::Mutex::default(),
        }
    }
}

#[cfg(test)]
impl<T> Watcher<T> {
    /// As if the session that holds the list had ended.
    pub(crate) async fn forget(&self) {
        *self.tracker.lock().await = None;
    }
}

/// What exists on the server.
struct Tracker<T> {
    generation: u64,
    collector: MoRef,
    view: MoRef,
    listed: HashSet<MoRef>,
    /// Of those, the ones that have ended: the server will say no more about them.
    told: HashSet<MoRef>,
    version: String,
    /// The state of all that are listed: a poll brings only what has changed of it.
    known: HashMap<MoRef, T>,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T: Watched> Watcher<T> {
    /// The objects that somebody waits for. Whoever waited for others has gone.
    fn wanted(&self) -> HashSet<MoRef> {
        let watched = lock(&self.watched);
        watched
            .iter()
            .filter(|(_, seen)| seen.receiver_count() > 0)
            .map(|(object, _)| object.clone())
            .collect()
    }

    fn gone(&self, object: &MoRef) {
        if let Some(seen) = lock(&self.watched).remove(object) {
            seen.send_replace(Some(Err(T::gone(object))));
        }
    }
}

/// Puts an object on the list of those that are watched, and sees to it that someone watches.
pub(crate) fn watch_one<T: Watched>(inner: &Arc<Inner>, object: &MoRef) -> watch::Receiver<Seen<T>> {
    let watcher = T::watcher(inner);
    let updates =
        lock(&watcher.watched).entry(object.clone()).or_insert_with(|| watch::channel(None).0).subscribe();
    if !std::mem::replace(&mut *lock(&watcher.running), true) {
        tokio::spawn(watch_all::<T>(Arc::downgrade(inner)));
    }
    watcher.changed.notify_one();
    updates
}

/// Watches until nobody waits.
async fn watch_all<T: Watched>(inner: Weak<Inner>) {
    let mut failures = 0;
    loop {
        let Some(inner) = inner.upgrade() else { return };
        let watcher = T::watcher(&inner);
        {
            let mut running = lock(&watcher.running);
            let mut watched = lock(&watcher.watched);
            watched.retain(|_, seen| seen.receiver_count() > 0);
            if watched.is_empty() {
                *running = false;
                return;
            }
        }
        // On a task of its own: should it panic, those who wait are told, and do not wait for ever.
        let client = Arc::clone(&inner);
        let ran = tokio::spawn(async move { round::<T>(&client).await }).await;
        match ran.unwrap_or_else(|panic| Err(Error::decode("WaitForUpdatesEx", panic))) {
            Ok(()) => failures = 0,
            Err(error) => {
                failures += 1;
                *watcher.tracker.lock().await = None;
                // One that is gone must not take the others with it.
                if let Some(FaultKind::ManagedObjectNotFound { object: Some(gone) }) = error.fault_kind()
                    && lock(&watcher.watched).contains_key(gone)
                {
                    watcher.gone(gone);
                    continue;
                }
                tracing::debug!(%error, failures, ty = T::TYPE, "watching failed");
                if !error.is_passing() || failures > FAILURES {
                    for (_, seen) in lock(&watcher.watched).drain() {
                        seen.send_replace(Some(Err(error.clone())));
                    }
                    continue;
                }
                tokio::time::sleep(PAUSE * failures.min(10)).await;
            }
        }
    }
}

/// Brings the list up to date and polls once; what comes meanwhile is put on the list at once.
async fn round<T: Watched>(inner: &Inner) -> Result<()> {
    let watcher = T::watcher(inner);
    let mut guard = watcher.tracker.lock().await;
    let tracker = match guard.take() {
        Some(tracker) if tracker.generation == inner.session.generation() => tracker,
        _ => open(inner).await?,
    };
    let tracker = guard.insert(tracker);
    let gather = || {
        let watched = lock(&watcher.watched).len();
        tokio::time::sleep(pace(watched))
    };
    gather().await;
    list(inner, tracker).await?;
    let request = WaitForUpdatesEx {
        this: tracker.collector.clone(),
        version: Some(tracker.version.clone()),
        options: Some(Box::new(WaitOptions { max_wait_seconds: Some(POLL), max_object_updates: None })),
    };
    let text = {
        let poll = inner.call_text(&request, Kind::LongPoll(POLL as u64));
        let mut poll = std::pin::pin!(poll);
        loop {
            tokio::select! {
                text = &mut poll => break text?,
                () = watcher.changed.notified() => {
                    gather().await;
                    list(inner, tracker).await?;
                }
            }
        }
    };
    let updates = read_updates(&text)?;
    if let Some(version) = updates.version {
        tracker.version = version;
    }
    for object in updates.gone {
        tracker.known.remove(&object);
        tracker.listed.remove(&object);
        watcher.gone(&object);
    }
    for (object, changes) in updates.objects {
        let state = tracker.known.entry(object.clone()).or_default();
        for (path, value) in changes {
            state.apply(&path, value.as_deref()).map_err(undecodable)?;
        }
        let mut watched = lock(&watcher.watched);
        if let Some(seen) = watched.get(&object) {
            seen.send_replace(Some(Ok(state.clone())));
            if state.ended() {
                watched.remove(&object);
                tracker.known.remove(&object);
                tracker.told.insert(object);
            }
        }
    }
    Ok(())
}

async fn open<T: Watched>(inner: &Inner) -> Result<Tracker<T>> {
    let generation = inner.session.generation();
    let this = inner.content.property_collector.clone();
    let collector = inner.invoke(&CreatePropertyCollector { this }).await?;
    let listed = T::watcher(inner).wanted();
    let this = inner.content.view_manager.clone().unwrap_or_default();
    let view = inner.invoke(&CreateListView { this, obj: listed.iter().cloned().collect() }).await?;
    let step = TraversalSpec {
        base: SelectionSpec::default(),
        r#type: "ListView".to_owned(),
        path: "view".to_owned(),
        skip: Some(false),
        select_set: Vec::new(),
    };
    let spec = PropertyFilterSpec {
        prop_set: vec![property_spec(T::TYPE, T::PATHS)],
        object_set: vec![ObjectSpec { obj: view.clone(), skip: Some(true), select_set: vec![step.into()] }],
        // One that is long gone must not take the others with it.
        report_missing_objects_in_results: Some(true),
    };
    inner.invoke(&CreateFilter { this: collector.clone(), spec, partial_updates: false }).await?;
    let (told, known, version) = Default::default();
    Ok(Tracker { generation, collector, view, listed, told, version, known })
}

/// Puts new ones on the list and takes off those that nobody waits for, if there is anything new.
async fn list<T: Watched>(inner: &Inner, tracker: &mut Tracker<T>) -> Result<()> {
    let watcher = T::watcher(inner);
    let wanted = watcher.wanted();
    let add: Vec<MoRef> = wanted.difference(&tracker.listed).cloned().collect();
    if wanted.iter().any(|object| tracker.told.remove(object)) {
        // Someone waits for one that has ended before: let the server tell everything again.
        tracker.version.clear();
    }
    // Taking off can wait until there is something to put on: it saves a request for each.
    if add.is_empty() {
        return Ok(());
    }
    let remove: Vec<MoRef> = tracker.listed.difference(&wanted).cloned().collect();
    let request = ModifyListView { this: tracker.view.clone(), add, remove };
    let unresolved: Vec<MoRef> = inner.invoke(&request).await?;
    tracker.told.retain(|object| wanted.contains(object));
    tracker.known.retain(|object, _| wanted.contains(object));
    tracker.listed = wanted;
    for object in unresolved {
        tracker.listed.remove(&object);
        watcher.gone(&object);
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
    pub(crate) gone: Vec<MoRef>,
}

pub(crate) fn read_updates(text: &str) -> Result<Updates> {
    let Updates { mut version, mut objects, mut gone } = Updates::default();
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
                                    (object, None) => gone.push(object),
                                    (object, Some(changes)) => objects.push((object, changes)),
                                },
                                "missingObjects" => {
                                    gone.extend(reader.dynamic()?.child("obj").and_then(Dyn::moref));
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
    Ok(Updates { version, objects, gone })
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

/// Takes what the watcher has on the server away.
pub(crate) async fn close<T: Watched>(inner: &Inner) {
    // A poll that is under way holds the lock; the end of the session ends it.
    let Ok(mut guard) = T::watcher(inner).tracker.try_lock() else { return };
    if let Some(tracker) = guard.take()
        && inner.config.persist.is_some()
    {
        // A session that goes on must not pile up views and collectors.
        let _ = inner.invoke(&DestroyView { this: tracker.view }).await;
        let _ = inner.invoke(&DestroyPropertyCollector { this: tracker.collector }).await;
    }
}

impl Inner {
    /// Calls a method that must not be sent twice.
    async fn invoke<R: xml::Request + Sync>(&self, request: &R) -> Result<R::Response> {
        let text = self.call_text(request, Kind::Write).await?;
        soap::decode(R::NAME, &text)
    }
}
