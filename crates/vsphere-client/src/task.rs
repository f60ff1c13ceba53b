//! Waiting for tasks: one [watcher](crate::core::watcher) for all of them.

use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;
use vim_types::methods::CancelTask;
use vim_types::types::{TaskInfo, TaskInfoState};
use vim_types::xml::{self, MoRef, Object as _, Value as _};

use crate::client::Client;
use crate::core::Core;
use crate::core::busy::RetryBudget;
use crate::core::soap::{self, AnyRequest};
use crate::core::watcher::{Watched, watch_one};
use crate::error::{Error, FaultKind, Result, TaskFailure};
use crate::lost::{self, Found};

/// How long the call that cancels a task may take.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a task is followed to its end when the caller was interrupted, or when its time is up: what it makes is then
/// known. A task that can be cancelled ends sooner.
const FOLLOW: Duration = Duration::from_secs(120);
/// How often the progress of a task is logged.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// Waits before another look at what no task and no update reports.
pub async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Waiting for tasks; from [`Client::tasks`].
pub struct Tasks<'a> {
    client: &'a Client,
}

/// What a method that makes a task answers: the task, which some methods declare as optional.
pub trait MadeTask {}

impl MadeTask for MoRef {}
impl MadeTask for Option<MoRef> {}

crate::properties! {
    struct Recent of "ManagedEntity" {
        tasks: Vec<MoRef> = "recentTask",
    }
}

crate::properties! {
    struct Seen of "Task" {
        info: TaskInfo = "info",
    }
}

/// What a task has made.
///
/// # Errors
/// The task reports no object.
pub(crate) fn made(info: TaskInfo) -> Result<MoRef> {
    match info.result {
        Some(xml::Any::Ref(object)) => Ok(object),
        _ => Err(Error::NotFound {
            kind: "ManagedObject".to_owned(),
            name: "the new object".to_owned(),
            place: format!("the result of the task {}", info.description_id),
        }),
    }
}

impl Client {
    /// Waiting for tasks.
    pub fn tasks(&self) -> Tasks<'_> {
        Tasks { client: self }
    }
}

impl Tasks<'_> {
    /// Calls a method that makes a task and waits until that has ended. While the object is busy, at the call or in
    /// the task, both are tried again: within the timeout, which is that of all attempts together.
    ///
    /// # Errors
    /// As [`wait`](Tasks::wait); [`Error::is_busy`] when the object was busy until the end.
    pub async fn run<R: xml::Request<Response: MadeTask> + Sync>(
        &self,
        request: &R,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<TaskInfo> {
        self.run_with(request, timeout, cancel, |_| {}).await
    }

    /// As [`run`](Tasks::run), and reports the progress (percent) whenever it changes.
    ///
    /// # Errors
    /// As [`run`](Tasks::run).
    pub async fn run_with<R: xml::Request<Response: MadeTask> + Sync>(
        &self,
        request: &R,
        timeout: Duration,
        cancel: &CancellationToken,
        mut progress: impl FnMut(i32) + Send,
    ) -> Result<TaskInfo> {
        self.run_any(request, timeout, cancel, &mut progress).boxed().await
    }

    /// As [`run`](Tasks::run), of a request that names the version of the object that it was made for: where another client
    /// has changed the object in between, `make` makes it again. Nothing is done where it makes none.
    ///
    /// # Errors
    /// Those of `make`, and as [`run`](Tasks::run).
    pub async fn run_versioned<R, Making>(
        &self,
        make: impl Fn() -> Making + Send + Sync,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()>
    where
        R: xml::Request<Response = MoRef> + Send + Sync,
        Making: Future<Output = Result<Option<R>>> + Send,
    {
        let mut retry = RetryBudget::new(timeout);
        loop {
            let Some(request) = make().await? else { return Ok(()) };
            match self.run(&request, retry.left(), cancel).await {
                Err(error) if matches!(error.fault_kind(), Some(FaultKind::ConcurrentAccess)) => {
                    retry.after(error, false, Some(cancel)).await?;
                }
                done => return done.map(drop),
            }
        }
    }

    /// Compiled once, and not for each method.
    async fn run_any(
        &self,
        request: &dyn AnyRequest,
        timeout: Duration,
        cancel: &CancellationToken,
        progress: &mut (dyn FnMut(i32) + Send),
    ) -> Result<TaskInfo> {
        let core = self.client.core();
        let mut budget = RetryBudget::new(timeout);
        loop {
            if cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            let task = match core.call_once_for_task(request, self.client).await {
                // A task has ended, but it is unknown which call started it.
                Err((error, several)) if !several.is_empty() => {
                    for task in several {
                        let _ = self.wait(&task, budget.left(), cancel).await;
                    }
                    return Err(error);
                }
                Err((error, _)) => Err(error),
                Ok(task) => Ok(task),
            };
            let error = match task {
                Ok(task) => match self.wait_with(&task, budget.left(), cancel, &mut *progress).await {
                    // What was waited for is the whole, not what was left of it.
                    Err(Error::Timeout { what, .. }) => return Err(Error::Timeout { what, after: timeout }),
                    Err(error) => error,
                    done => return done,
                },
                Err(error) => error,
            };
            budget.after(error, soap::is_versioned(request, core.version()), Some(cancel)).await?;
        }
    }

    /// Waits for running tasks of other clients on an object that `method` starts. Their results are not
    /// returned: their effect shows in the object.
    ///
    /// # Errors
    /// [`Error::Cancelled`], and those of any call.
    pub async fn wait_for_others(
        &self,
        object: &MoRef,
        method: &str,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        for (task, info) in self.of_others(object).await? {
            let word = info
                .name
                .as_deref()
                .unwrap_or_else(|| info.description_id.rsplit('.').next().unwrap_or_default());
            if !word.to_ascii_lowercase().starts_with(&method.to_ascii_lowercase()) {
                continue;
            }
            let mut updates = watch_one::<TaskInfo>(self.client.core(), &task);
            let over = async {
                while !matches!(&*updates.borrow_and_update(), Some(Ok(info)) if ended(info)) {
                    if updates.changed().await.is_err() {
                        return;
                    }
                }
            };
            // It is not ours to cancel.
            tokio::select! {
                () = over => {}
                () = cancel.cancelled() => return Err(Error::Cancelled),
                () = tokio::time::sleep(timeout) => {}
            }
        }
        Ok(())
    }

    /// The tasks of others on an object that are under way.
    pub(crate) async fn of_others(&self, object: &MoRef) -> Result<Vec<(MoRef, TaskInfo)>> {
        let recent: Recent = self.client.properties().get(object).await?;
        let mut found = vec![];
        for task in self.client.core().slot::<lost::Tasks>().not_of(recent.tasks) {
            // One that is forgotten has ended.
            let Ok(Seen { info }) = self.client.properties().get(&task).await else { continue };
            if !ended(&info) {
                found.push((task, info));
            }
        }
        Ok(found)
    }

    /// Waits until a task has ended, and returns what it says then.
    ///
    /// On cancellation, and on a timeout, the task is cancelled on the server if it can be, and followed to its end, for
    /// two minutes at most.
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

    /// As [`wait`](Tasks::wait), and reports the progress (percent) whenever it changes.
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
        let core = self.client.core();
        let mut updates = watch_one::<TaskInfo>(core, task);
        let (mut last, mut logged) = (None, Instant::now());
        let ended = async {
            loop {
                let seen = updates.borrow_and_update().clone();
                match seen {
                    Some(Ok(info)) => {
                        if info.progress.is_some() && info.progress != last {
                            last = info.progress;
                            progress(last.unwrap_or_default());
                        }
                        if logged.elapsed() >= LOG_INTERVAL {
                            logged = Instant::now();
                            tell(task, &info);
                        }
                        if ended(&info) {
                            return outcome(task, info);
                        }
                    }
                    Some(Err(error)) => return Err(error),
                    None => {}
                }
                match tokio::time::timeout(LOG_INTERVAL, updates.changed()).await {
                    Ok(Ok(())) | Err(_) => {}
                    Ok(Err(_)) => return Err(Error::Cancelled),
                }
            }
        };
        let mut ended = std::pin::pin!(ended);
        let stopped = tokio::select! {
            result = &mut ended => return result,
            () = cancel.cancelled() => Error::Cancelled,
            () = tokio::time::sleep(timeout) => Error::Timeout { what: format!("the task {task}"), after: timeout },
        };
        tracing::info!(%task, reason = %stopped, "cancelling the task, if it can be, and following it to its end");
        // Whether the task can be cancelled is for the server to say: it refuses otherwise.
        let _ =
            tokio::time::timeout(CANCEL_TIMEOUT, self.client.call(&CancelTask { this: task.clone() })).await;
        match tokio::time::timeout(FOLLOW, ended).await {
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

/// Writes into the log how far a task has come.
fn tell(task: &MoRef, info: &TaskInfo) {
    let (operation, object) = (&info.description_id, info.entity_name.as_deref().unwrap_or_default());
    match info.progress {
        Some(percent) => tracing::info!(%task, operation, object, percent, "the task is running"),
        None => tracing::info!(%task, operation, object, state = ?info.state, "the task is running"),
    }
}

impl Core {
    /// Calls a method that makes a task. When the answer is lost, the task is looked for among the recent ones; tasks
    /// that it may be are handed out with the error.
    async fn call_once_for_task(
        &self,
        request: &dyn AnyRequest,
        client: &Client,
    ) -> Result<MoRef, (Error, Vec<MoRef>)> {
        let object = soap::object_of(request, self.version());
        let own = self.slot::<lost::Tasks>();
        let asked = own.asked(request.name(), object);
        let made = self.call_once(request).await.and_then(|text| soap::decode(request.name(), &text));
        let error = match made {
            Ok(task) => {
                asked.made(&task);
                return Ok(task);
            }
            Err(error) if error.is_unheard() => error,
            Err(error) => return Err((error, vec![])),
        };
        match asked.find(client).await {
            Ok(Found::One(task)) => {
                tracing::warn!(%error, %task, method = request.name(), "the answer was lost; its task was found again");
                Ok(task)
            }
            Ok(Found::Several(tasks)) => Err((error, tasks)),
            Ok(Found::Nothing) => Err((error, vec![])),
            Err(second) => {
                tracing::debug!(%second, "the recent tasks cannot be read");
                Err((error, vec![]))
            }
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

impl Watched for TaskInfo {
    const TYPE: &'static str = "Task";
    const PATHS: &'static [&'static str] = &["info"];

    fn apply(&mut self, path: &str, value: Option<&str>) -> Result<(), xml::Error> {
        let Some(text) = value else { return Ok(()) };
        let mut reader = xml::Reader::new(text);
        if !reader.next_child()? {
            return Ok(());
        }
        match path.strip_prefix("info") {
            Some("") => {
                *self = TaskInfo::default();
                self.read(&mut reader)
            }
            Some(field) => match self.field(field.trim_start_matches('.')) {
                Some(value) => value.read(&mut reader),
                None => Ok(()),
            },
            None => Ok(()),
        }
    }

    fn ended(&self) -> bool {
        ended(self)
    }

    /// The server has forgotten a task: it is long over, or the server was restarted.
    fn not_found(task: &MoRef) -> Error {
        let place = "the server's list of tasks; how it ended is not known".to_owned();
        Error::NotFound { kind: "Task".to_owned(), name: task.to_string(), place }
    }
}
