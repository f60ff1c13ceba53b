//! The status of what the server configures in the background, and waiting for it.

use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::Deserialize;
use tokio::time::Instant;

use crate::core::backoff::Backoff;
use crate::core::rest::null_is_empty;
use crate::error::{Error, Result};
use crate::task::pause;
use crate::virtual_machine::Wait;

/// The pauses between looks: from the first to the last, each twice as long as the one before.
const FIRST_LOOK: Duration = Duration::from_millis(if cfg!(test) { 5 } else { 250 });
const LAST_LOOK: Duration = Duration::from_secs(15);
/// How long an error may last before it counts: the server repeats steps that fail, and most errors pass.
const TOLERANCE: Duration = Duration::from_secs(300);

/// What the server says about something that it configures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// `INFO`, `WARNING` or `ERROR`.
    pub severity: String,
    /// The text.
    pub text: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Raw {
    #[serde(deserialize_with = "null_is_empty")]
    severity: String,
    #[serde(deserialize_with = "null_is_empty")]
    details: Details,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Details {
    #[serde(deserialize_with = "null_is_empty")]
    localized: String,
    #[serde(deserialize_with = "null_is_empty")]
    default_message: String,
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let Raw { severity, details } = Raw::deserialize(from)?;
        let text = if details.localized.is_empty() { details.default_message } else { details.localized };
        Ok(Message { severity, text })
    }
}

/// One look at something that the server configures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// `CONFIGURING`, `RUNNING`, `REMOVING` or `ERROR`.
    pub status: String,
    /// What the server says about it.
    pub messages: Vec<Message>,
}

/// How a wait has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// As it was waited for.
    Well,
    /// The server cannot configure it: an error that has lasted.
    Failed(Seen),
    /// The time is over; this was seen last.
    Late(Seen),
    /// It no longer exists.
    Absent,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    Running,
    Absent,
}

/// Looks until something is as it should be. `title` names it in the log.
pub(super) async fn settled<'a>(
    title: &str,
    until: Until,
    wait: Wait<'_>,
    look: &(dyn Fn() -> BoxFuture<'a, Result<Option<Seen>>> + Sync),
) -> Result<Ended> {
    let start = Instant::now();
    // A short timeout leaves little time for an error to pass.
    let tolerance = TOLERANCE.min(wait.timeout / 10);
    let mut last = Seen::default();
    let mut failing: Option<Instant> = None;
    let mut delays = Backoff::new(FIRST_LOOK, LAST_LOOK).until(start + wait.timeout);
    loop {
        // Also before the first look: a change may take a moment to show in the status.
        let left = wait.timeout.saturating_sub(start.elapsed());
        tokio::select! {
            biased;
            () = wait.cancel.cancelled() => return Err(Error::Cancelled),
            () = pause(delays.next().unwrap_or(left)) => {}
        }
        // A server that restarts its services in between is asked again.
        match look().await {
            Err(error) if error.is_passing() && start.elapsed() < wait.timeout => {
                tracing::info!(%error, title, "the status cannot be read");
            }
            Err(error) => return Err(error),
            Ok(None) if until == Until::Absent => return Ok(Ended::Well),
            // What was just begun may not be listed yet.
            Ok(None) if start.elapsed() >= tolerance => return Ok(Ended::Absent),
            Ok(None) => {}
            Ok(Some(seen)) => {
                if seen != last {
                    report(title, &seen);
                    last = seen;
                }
                match last.status.as_str() {
                    "RUNNING" if until == Until::Running => return Ok(Ended::Well),
                    "ERROR" => {
                        let since = *failing.get_or_insert_with(Instant::now);
                        if since.elapsed() >= tolerance {
                            return Ok(Ended::Failed(last));
                        }
                    }
                    _ => failing = None,
                }
            }
        }
        if start.elapsed() >= wait.timeout {
            return Ok(Ended::Late(last));
        }
    }
}

fn report(title: &str, seen: &Seen) {
    tracing::info!(title, status = %seen.status, "configuring");
    for m in &seen.messages {
        tracing::info!(title, severity = %m.severity, "{}", m.text);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::FutureExt as _;
    use tokio_util::sync::CancellationToken;

    use super::*;

    #[test]
    fn messages_are_read_as_the_server_writes_them() {
        let text = r#"[{"severity": "ERROR", "details": {"id": "x", "default_message": "No route.", "args": []}},
            {"severity": "INFO"}, {"severity": "INFO", "details": {"localized": "Kein Weg.", "default_message": "No route."}}]"#;
        let all: Vec<Message> = serde_json::from_str(text).unwrap();
        assert_eq!((all[0].severity.as_str(), all[0].text.as_str()), ("ERROR", "No route."));
        assert_eq!((all[1].text.as_str(), all[2].text.as_str()), ("", "Kein Weg."));
    }

    /// Waits, with one look after the other at these statuses; the last one stays. "" is one that does not exist.
    async fn wait(until: Until, millis: u64, statuses: &'static [&'static str]) -> Ended {
        let looks = AtomicUsize::new(0);
        let cancel = CancellationToken::new();
        let look = || {
            let n = looks.fetch_add(1, Ordering::SeqCst).min(statuses.len() - 1);
            let seen = Some(statuses[n]).filter(|s| !s.is_empty());
            async move { Ok(seen.map(|s| Seen { status: s.to_owned(), messages: vec![] })) }.boxed()
        };
        settled("it", until, Wait::new(Duration::from_millis(millis), &cancel), &look).await.unwrap()
    }

    #[tokio::test]
    async fn an_error_that_passes_is_none() {
        assert_eq!(wait(Until::Running, 60_000, &["", "CONFIGURING", "ERROR", "RUNNING"]).await, Ended::Well);
        let failed = Ended::Failed(Seen { status: "ERROR".into(), messages: vec![] });
        assert_eq!(wait(Until::Running, 100, &["CONFIGURING", "ERROR"]).await, failed);
        assert_eq!(wait(Until::Absent, 100, &["REMOVING", "ERROR"]).await, failed);
        let late = Ended::Late(Seen { status: "CONFIGURING".into(), messages: vec![] });
        assert_eq!(wait(Until::Running, 100, &["CONFIGURING"]).await, late);
        assert_eq!(wait(Until::Running, 100, &["CONFIGURING", ""]).await, Ended::Absent);
        assert_eq!(wait(Until::Absent, 100, &["RUNNING", "REMOVING", ""]).await, Ended::Well);
    }
}
