//! Trying again what a server refused because something was busy.
//!
//! Such a refusal says that nothing was done, so the same call may follow, also when it writes.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::core::backoff::Backoff;
use crate::error::{Error, FaultKind, Result};

/// The pause before the second attempt; it doubles, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long what may be busy for good (used by another, on a host that is away) is tried again: long enough for
/// what is just being let go, short enough for an error that will stay.
const SHORT: Duration = Duration::from_secs(3);

/// How long a call is tried again that has no timeout and cannot be cancelled: a caller waits for it when it is
/// interrupted.
const PLAIN: Duration = Duration::from_secs(60);

/// The attempts of one operation: for how long, and with which delays.
pub(crate) struct RetryBudget {
    began: Instant,
    until: Instant,
    delays: Backoff,
}

impl RetryBudget {
    pub(crate) fn new(timeout: Duration) -> Self {
        let began = Instant::now();
        // A deadline that the clock cannot represent is replaced by one in the far future.
        let until = began.checked_add(timeout).unwrap_or_else(|| began + Duration::from_secs(1 << 32));
        RetryBudget {
            began,
            until,
            delays: Backoff::new(FIRST_PAUSE, LONGEST_PAUSE).with_jitter().until(until),
        }
    }

    /// With the same pause before each attempt.
    pub(crate) fn every(pause: Duration, timeout: Duration) -> Self {
        let budget = RetryBudget::new(timeout);
        let delays = Backoff::new(pause, pause).until(budget.until);
        RetryBudget { delays, ..budget }
    }

    /// For a call that cannot be cancelled.
    pub(crate) fn plain(api_timeout: Duration) -> Self {
        RetryBudget::new(api_timeout.min(PLAIN))
    }

    /// What is left of the timeout.
    pub(crate) fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// Waits a moment when the error says that something was busy and there is time left; hands the error back
    /// otherwise. `versioned`: the call names the state of the object that it was made for, which a repetition does
    /// not change.
    pub(crate) async fn after(
        &mut self,
        error: Error,
        versioned: bool,
        cancel: Option<&CancellationToken>,
    ) -> Result<()> {
        let until = match reason(&error) {
            Reason::None => return Err(error),
            Reason::Changed if versioned => return Err(error),
            Reason::Changed | Reason::Passing => self.until,
            Reason::Lasting => self.until.min(self.began + SHORT),
        };
        self.pause(error, until, cancel).await
    }

    /// Waits a moment where an error is known to pass, such as that the state of an object does not allow yet what was done
    /// before has made possible; hands the error back otherwise.
    pub(crate) async fn after_if(
        &mut self,
        passes: bool,
        error: Error,
        cancel: &CancellationToken,
    ) -> Result<()> {
        if passes { self.pause(error, self.until, Some(cancel)).await } else { Err(error) }
    }

    async fn pause(
        &mut self,
        error: Error,
        until: Instant,
        cancel: Option<&CancellationToken>,
    ) -> Result<()> {
        let delay = self.delays.next().filter(|delay| Instant::now() + *delay < until);
        let Some(pause) = delay else { return Err(error) };
        tracing::debug!(%error, pause_ms = pause.as_millis() as u64, "busy; trying again");
        match cancel {
            None => tokio::time::sleep(pause).await,
            Some(cancel) => {
                tokio::select! {
                    () = cancel.cancelled() => return Err(Error::Cancelled),
                    () = tokio::time::sleep(pause) => {}
                }
            }
        }
        Ok(())
    }
}

/// How often a session that ends is opened again within one call: at once, and from the second time on with growing
/// pauses, for as long as the call may take.
pub(crate) struct Reopening {
    is_first: bool,
    delays: Backoff,
}

impl Reopening {
    pub(crate) fn new(api_timeout: Duration) -> Self {
        let until = RetryBudget::plain(api_timeout).until;
        Reopening { is_first: true, delays: Backoff::new(FIRST_PAUSE / 5, LONGEST_PAUSE).until(until) }
    }

    /// Waits until it may be tried again; false when the time is over.
    pub(crate) async fn next(&mut self) -> bool {
        std::mem::take(&mut self.is_first) || self.delays.wait().await
    }
}

enum Reason {
    None,
    Passing,
    Changed,
    Lasting,
}

fn reason(error: &Error) -> Reason {
    if let Error::Rest { kind, .. } = error {
        return match kind.as_str() {
            "RESOURCE_BUSY" | "CONCURRENT_CHANGE" => Reason::Passing,
            _ => Reason::None,
        };
    }
    let Some(fault) = error.fault() else { return Reason::None };
    match &fault.kind {
        FaultKind::TaskInProgress { .. } => Reason::Passing,
        FaultKind::ConcurrentAccess => Reason::Changed,
        FaultKind::ResourceInUse { .. } => Reason::Lasting,
        // The host was not even asked. HostCommunication itself does not say how far it had come.
        FaultKind::HostCommunication if &*fault.name != "HostCommunication" => Reason::Lasting,
        _ => Reason::None,
    }
}
