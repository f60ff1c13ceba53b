//! Waiting for tasks: one collector, one list and one long poll for all of them.
//!
//! A collector belongs to one poll at a time (servers and simulators lose updates otherwise), so the tracker
//! has one of its own. It is made when the first task is waited for. What it is told may be told again, so
//! every update is taken as the whole truth about a task, and finished tasks leave the list.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use vim_types::methods::{
    CancelTask, CreateFilter, CreateListView, CreatePropertyCollector, DestroyPropertyCollector, DestroyView,
    ModifyListView, WaitForUpdatesEx,
};
use vim_types::types::{
    ObjectSpec, PropertyFilterSpec, SelectionSpec, TaskInfo, TaskInfoState, TraversalSpec, WaitOptions,
};
use vim_types::xml::{self, Dyn, MoRef, Object as _, Value as _};

use crate::busy::Patience;
use crate::client::{Client, Inner};
use crate::error::{Error, FaultKind, Result, TaskFailure};
use crate::http::Kind;
use crate::property::property_spec;
use crate::snapshot::pace;
use crate::soap;

/// The pause after a poll that failed, growing up to ten times that.
const PAUSE: Duration = Duration::from_millis(500);

/// How long the server holds a poll back, in seconds: short enough for proxies that cut idle connections.
const POLL: i32 = 30;
/// How long a cancelled task may take to end.
const CANCEL_PATIENCE: Duration = Duration::from_secs(10);

#[derive(Default)]
pub(crate) struct State {
    watched: Mutex<HashMap<MoRef, Watched>>,
    changed: Notify,
    running: Mutex<bool>,
    tracker: tokio::sync::Mutex<Option<Tracker>>,
}

#[cfg(test)]
impl State {
    /// As if the session that holds the list had ended.
    pub(crate) async fn forget(&self) {
        *self.tracker.lock().await = None;
    }
}

struct Watched {
    info: watch::Sender<Option<Result<TaskInfo>>>,
}

/// What exists on the server.
struct Tracker {
    generation: u64,
    collector: MoRef,
    view: MoRef,
    listed: HashSet<MoRef>,
    /// Of those, the ones that have ended: the server will say no more about them.
    told: HashSet<MoRef>,
    version: String,
}

/// Waiting for tasks; from [`Client::tasks`].
pub struct Tasks<'a> {
    client: &'a Client,
}

impl<'a> Tasks<'a> {
    pub(crate) fn new(client: &'a Client) -> Self {
        Tasks { client }
    }

    /// Calls a method that makes a task and waits until that has ended. While the object is busy, at the call or in
    /// the task, both are tried again: within the timeout, which is that of all attempts together.
    ///
    /// # Errors
    /// As [`wait`](Tasks::wait); [`Error::is_busy`] when the object was busy until the end.
    pub async fn run<R: xml::Request<Response = MoRef> + Sync>(
        &self,
        request: &R,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<TaskInfo> {
        self.run_with(request, timeout, cancel, |_| {}).await
    }

    /// As [`run`](Tasks::run), and tells the progress (per cent) whenever it changes.
    ///
    /// # Errors
    /// As [`run`](Tasks::run).
    pub async fn run_with<R: xml::Request<Response = MoRef> + Sync>(
        &self,
        request: &R,
        timeout: Duration,
        cancel: &CancellationToken,
        mut progress: impl FnMut(i32),
    ) -> Result<TaskInfo> {
        let inner = self.client.inner();
        let mut patience = Patience::new(timeout);
        loop {
            if cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            let error = match inner.call_once(request).await {
                Ok(task) => match self.wait_with(&task, patience.left(), cancel, &mut progress).await {
                    // What was waited for is the whole, not what was left of it.
                    Err(Error::Timeout { what, .. }) => return Err(Error::Timeout { what, after: timeout }),
                    Err(error) => error,
                    done => return done,
                },
                Err(error) => error,
            };
            patience.after(error, soap::is_versioned(request, inner.version()), Some(cancel)).await?;
        }
    }

    /// Waits until a task has ended, and returns what it says then.
    ///
    /// On cancellation, and on a timeout, the task is cancelled on the server if it can be, and given ten
    /// seconds to end.
    ///
    /// # Errors
    /// [`Error::Task`] when it failed, [`Error::Timeout`], [`Error::Cancelled`], and those of any call.
    pub async fn wait(
        &self,
        task: &MoRef,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<TaskInfo> {
        self.wait_with(task, timeout, cancel, |_| {}).await
    }

    /// As [`wait`](Tasks::wait), and tells the progress (per cent) whenever it changes.
    ///
    /// # Errors
    /// As [`wait`](Tasks::wait).
    pub async fn wait_with(
        &self,
        task: &MoRef,
        timeout: Duration,
        cancel: &CancellationToken,
        mut progress: impl FnMut(i32),
    ) -> Result<TaskInfo> {
        let inner = self.client.inner();
        let mut updates = watch_task(inner, task);
        let mut last = None;
        let ended = async {
            loop {
                let seen = updates.borrow_and_update().clone();
                match seen {
                    Some(Ok(info)) => {
                        if info.progress.is_some() && info.progress != last {
                            last = info.progress;
                            progress(last.unwrap_or_default());
                        }
                        if ended(&info) {
                            return outcome(task, info);
                        }
                    }
                    Some(Err(error)) => return Err(error),
                    None => {}
                }
                if updates.changed().await.is_err() {
                    return Err(Error::Cancelled);
                }
            }
        };
        let mut ended = std::pin::pin!(ended);
        let stopped = tokio::select! {
            result = &mut ended => return result,
            () = cancel.cancelled() => Error::Cancelled,
            () = tokio::time::sleep(timeout) => Error::Timeout { what: format!("the task {task}"), after: timeout },
        };
        // Whether the task can be cancelled is for the server to say: it refuses otherwise.
        let _ =
            tokio::time::timeout(CANCEL_PATIENCE, self.client.call(&CancelTask { this: task.clone() })).await;
        match tokio::time::timeout(CANCEL_PATIENCE, ended).await {
            // It had ended before it could be cancelled: what it did has been done.
            Ok(Ok(info)) => Ok(info),
            // Or it failed by itself, and says why.
            Ok(Err(error @ Error::Task(_)))
                if !matches!(error.fault_kind(), Some(FaultKind::RequestCanceled)) =>
            {
                Err(error)
            }
            _ => Err(stopped),
        }
    }
}

fn ended(info: &TaskInfo) -> bool {
    matches!(info.state, TaskInfoState::Success | TaskInfoState::Error)
}

fn outcome(task: &MoRef, info: TaskInfo) -> Result<TaskInfo> {
    if info.state == TaskInfoState::Success {
        return Ok(info);
    }
    Err(Error::Task(Box::new(TaskFailure {
        task: task.clone(),
        operation: info.description_id,
        entity: info.entity,
        entity_name: info.entity_name.unwrap_or_default(),
        fault: info.error.unwrap_or_default().into(),
    })))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Puts a task on the list of those that are watched, and sees to it that someone watches.
fn watch_task(inner: &Arc<Inner>, task: &MoRef) -> watch::Receiver<Option<Result<TaskInfo>>> {
    let updates = {
        let mut watched = lock(&inner.tasks.watched);
        let entry = watched.entry(task.clone()).or_insert_with(|| Watched { info: watch::channel(None).0 });
        entry.info.subscribe()
    };
    if !std::mem::replace(&mut *lock(&inner.tasks.running), true) {
        tokio::spawn(watch_all(Arc::downgrade(inner)));
    }
    inner.tasks.changed.notify_one();
    updates
}

/// Watches until nothing is left to watch.
async fn watch_all(inner: Weak<Inner>) {
    let mut failures = 0;
    loop {
        let Some(inner) = inner.upgrade() else { return };
        {
            let mut running = lock(&inner.tasks.running);
            let mut watched = lock(&inner.tasks.watched);
            // Whoever waited has gone or has been told.
            watched.retain(|_, w| w.info.receiver_count() > 0);
            if watched.is_empty() {
                *running = false;
                return;
            }
        }
        // On a task of its own: should it panic, those who wait are told, and do not wait for ever.
        let client = Arc::clone(&inner);
        let ran = tokio::spawn(async move { round(&client).await }).await;
        match ran.unwrap_or_else(|panic| Err(Error::decode("WaitForUpdatesEx", panic))) {
            Ok(()) => failures = 0,
            Err(error) => {
                failures += 1;
                *inner.tasks.tracker.lock().await = None;
                // One task that is gone must not take the others with it.
                if let Some(FaultKind::ManagedObjectNotFound { object: Some(gone) }) = error.fault_kind()
                    && let Some(entry) = lock(&inner.tasks.watched).remove(gone)
                {
                    entry.info.send_replace(Some(Err(not_listed(gone))));
                    continue;
                }
                tracing::debug!(%error, failures, "watching tasks failed");
                // About two minutes of a server that restarts.
                if !error.is_passing() || failures > 30 {
                    for (_, watched) in lock(&inner.tasks.watched).drain() {
                        watched.info.send_replace(Some(Err(error.clone())));
                    }
                    continue;
                }
                tokio::time::sleep(PAUSE * failures.min(10)).await;
            }
        }
    }
}

/// Brings the list up to date and polls once; a task that comes meanwhile is put on the list at once.
async fn round(inner: &Inner) -> Result<()> {
    let mut guard = inner.tasks.tracker.lock().await;
    let tracker = match guard.take() {
        Some(tracker) if tracker.generation == inner.session.generation() => tracker,
        _ => open(inner).await?,
    };
    let tracker = guard.insert(tracker);
    let gather = || {
        let watched = lock(&inner.tasks.watched).len();
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
                () = inner.tasks.changed.notified() => {
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
    let mut watched = lock(&inner.tasks.watched);
    for task in updates.gone {
        if let Some(entry) = watched.remove(&task) {
            entry.info.send_replace(Some(Err(not_listed(&task))));
        }
    }
    for (task, changes) in updates.objects {
        let Some(entry) = watched.get(&task) else { continue };
        let before = match &*entry.info.borrow() {
            Some(Ok(info)) => info.clone(),
            _ => TaskInfo::default(),
        };
        let info = changes.apply(before)?;
        let done = ended(&info);
        entry.info.send_replace(Some(Ok(info)));
        if done {
            watched.remove(&task);
            tracker.told.insert(task);
        }
    }
    Ok(())
}

async fn open(inner: &Inner) -> Result<Tracker> {
    let generation = inner.session.generation();
    let this = inner.content.property_collector.clone();
    let collector = inner.invoke(&CreatePropertyCollector { this }).await?;
    let tasks: Vec<MoRef> = lock(&inner.tasks.watched).keys().cloned().collect();
    let this = inner.content.view_manager.clone().unwrap_or_default();
    let view = inner.invoke(&CreateListView { this, obj: tasks.clone() }).await?;
    let step = TraversalSpec {
        base: SelectionSpec::default(),
        r#type: "ListView".to_owned(),
        path: "view".to_owned(),
        skip: Some(false),
        select_set: Vec::new(),
    };
    let spec = PropertyFilterSpec {
        prop_set: vec![property_spec("Task", &["info"])],
        object_set: vec![ObjectSpec { obj: view.clone(), skip: Some(true), select_set: vec![step.into()] }],
        // A task that is long gone must not take the others with it.
        report_missing_objects_in_results: Some(true),
    };
    inner.invoke(&CreateFilter { this: collector.clone(), spec, partial_updates: false }).await?;
    let listed = tasks.into_iter().collect();
    Ok(Tracker { generation, collector, view, listed, told: HashSet::new(), version: String::new() })
}

/// Puts new tasks on the list and takes ended ones off, if there are any.
async fn list(inner: &Inner, tracker: &mut Tracker) -> Result<()> {
    let wanted: HashSet<MoRef> = lock(&inner.tasks.watched).keys().cloned().collect();
    let add: Vec<MoRef> = wanted.difference(&tracker.listed).cloned().collect();
    if wanted.iter().any(|t| tracker.told.remove(t)) {
        // Someone waits for a task that has ended before: let the server tell everything again.
        tracker.version.clear();
    }
    // Taking off can wait until there is something to put on: it saves a request per task.
    if add.is_empty() {
        return Ok(());
    }
    let remove: Vec<MoRef> = tracker.listed.difference(&wanted).cloned().collect();
    let request = ModifyListView { this: tracker.view.clone(), add, remove };
    let unresolved: Vec<MoRef> = inner.invoke(&request).await?;
    tracker.told.retain(|t| wanted.contains(t));
    tracker.listed = wanted;
    let mut watched = lock(&inner.tasks.watched);
    for task in unresolved {
        tracker.listed.remove(&task);
        if let Some(entry) = watched.remove(&task) {
            entry.info.send_replace(Some(Err(not_listed(&task))));
        }
    }
    Ok(())
}

/// The server has forgotten a task: it is long over, or the server was started anew.
fn not_listed(task: &MoRef) -> Error {
    let place = "the server's list of tasks; how it ended is not known".to_owned();
    Error::NotFound { kind: "Task".to_owned(), name: task.to_string(), place }
}

/// What changed of one task: paths and the text of their values.
struct Changes(Vec<(String, String)>);

impl Changes {
    fn apply(self, mut info: TaskInfo) -> Result<TaskInfo> {
        let failed = |source: xml::Error| Error::decode("WaitForUpdatesEx", source);
        for (path, text) in self.0 {
            let mut reader = xml::Reader::new(&text);
            if !reader.next_child().map_err(failed)? {
                continue;
            }
            match path.strip_prefix("info") {
                Some("") => {
                    info = TaskInfo::default();
                    info.read(&mut reader).map_err(failed)?;
                }
                Some(field) => {
                    info.read_field(field.trim_start_matches('.'), &mut reader).map_err(failed)?;
                }
                None => {}
            }
        }
        Ok(info)
    }
}

/// What a poll brought.
#[derive(Default)]
struct Updates {
    version: Option<String>,
    objects: Vec<(MoRef, Changes)>,
    /// The tasks that the server no longer has.
    gone: Vec<MoRef>,
}

fn read_updates(text: &str) -> Result<Updates> {
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
                                    (task, None) => gone.push(task),
                                    (task, Some(changes)) => objects.push((task, changes)),
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
    read().map_err(|source| Error::decode("WaitForUpdatesEx", source))?;
    Ok(Updates { version, objects, gone })
}

/// A task and what changed of it; nothing of a task that has left.
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
                            reader.skip()?;
                            value = Some(format!("<val>{}", &text[start..reader.position()]));
                        }
                        _ => reader.skip()?,
                    }
                }
                if let Some(value) = value {
                    changes.push((path, value));
                }
            }
            _ => reader.skip()?,
        }
    }
    Ok((object, (kind != "leave").then_some(Changes(changes))))
}

/// Takes what the tracker has on the server away.
pub(crate) async fn close(inner: &Inner) {
    // A poll that is under way holds the lock; the end of the session ends it.
    let Ok(mut guard) = inner.tasks.tracker.try_lock() else { return };
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
