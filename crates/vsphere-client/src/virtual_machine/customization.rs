//! Guest customization: checked, started, and watched by its events.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;
use vim_types::methods::{CheckCustomizationSpec, CurrentTime, CustomizeVMTask, QueryEvents};
use vim_types::types::{
    CustomizationSpec, Event, EventFilterSpec, EventFilterSpecByEntity, EventFilterSpecByTime,
    EventFilterSpecRecursionOption, EventKind,
};
use vim_types::xml::MoRef;

use super::{VirtualMachines, Wait};
use crate::error::{Error, Result};

/// How old a look at the events may be that is shared with others.
const AGE: Duration = Duration::from_millis(500);
/// How often who waits looks at all events of its own machine: should the shared look miss one, that finds it.
const CLOSER_LOOK: Duration = Duration::from_secs(30);
/// The types of events that tell how far a customization is.
const TYPES: [&str; 7] = [
    "CustomizationStartedEvent",
    "CustomizationSucceeded",
    "CustomizationFailed",
    "CustomizationLinuxIdentityFailed",
    "CustomizationNetworkSetupFailed",
    "CustomizationSysprepFailed",
    "CustomizationUnknownFailure",
];
/// The number of events in the message of a failure.
const TAIL: usize = 5;

/// What an event says about customization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhatHappened {
    /// It has begun.
    Started,
    /// It has ended well.
    Succeeded,
    /// It has failed.
    Failed,
    /// The event is about something else.
    Other,
}

/// An event of a virtual machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomizationEvent {
    /// Its number; later events have higher ones.
    pub key: i32,
    /// The type on the wire (`CustomizationSucceeded`, …); empty for a plain event.
    pub ty: String,
    /// When it was, as the server writes it.
    pub time: String,
    /// The message, in the server's language.
    pub message: String,
    /// Why customization failed (`userDefinedScriptDisabled`, `rawDataIsNotSupported`, …); from API 7.0 on.
    pub reason: Option<String>,
}

impl CustomizationEvent {
    /// What it says about customization.
    pub fn what(&self) -> WhatHappened {
        match self.ty.as_str() {
            "CustomizationStartedEvent" => WhatHappened::Started,
            "CustomizationSucceeded" => WhatHappened::Succeeded,
            // CustomizationFailed and its kinds: …LinuxIdentityFailed, …NetworkSetupFailed, …SysprepFailed,
            // …UnknownFailure.
            ty if ty.starts_with("Customization") && ty.contains("Fail") => WhatHappened::Failed,
            _ => WhatHappened::Other,
        }
    }
}

/// How waiting for customization ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CustomizationOutcome {
    /// It has ended well.
    Succeeded,
    /// It has failed: with this event, after these.
    Failed {
        /// The event.
        event: CustomizationEvent,
        /// The last events before it, oldest first.
        before: Vec<CustomizationEvent>,
    },
    /// The time is over.
    TimedOut {
        /// Whether it has begun at all: if not, the guest has not booted, or has no guest tools.
        started: bool,
        /// The last events, oldest first.
        events: Vec<CustomizationEvent>,
    },
}

/// The last look at the customizations of all machines: those who wait at the same time share it.
struct Looks {
    /// What all who wait count their pauses from, so that they look at the same moments.
    began: Instant,
    last: tokio::sync::Mutex<Option<Look>>,
}

impl Default for Looks {
    fn default() -> Self {
        Looks { began: Instant::now(), last: tokio::sync::Mutex::default() }
    }
}

impl Looks {
    /// When to look next, after so long a wait: rarely, once it takes long. Each pause divides the longer ones.
    fn next(&self, waited: Duration) -> Instant {
        let pause = match waited.as_secs() {
            0..30 => 2, // a guest takes longer than that
            _ => 4,
        };
        let seconds = self.began.elapsed().as_secs() / pause * pause + pause;
        self.began + Duration::from_secs(seconds)
    }
}

struct Look {
    at: Instant,
    since: String,
    /// How each customization that has ended did so.
    ended: HashMap<MoRef, WhatHappened>,
}

impl VirtualMachines<'_> {
    /// Asks whether a guest can be customized so. Needs `VirtualMachine.Provisioning.Customize`.
    ///
    /// # Errors
    /// `CustomizationFault`s that say what does not fit (`UncustomizableGuest`, `NicSettingMismatch`, …), and
    /// those of any call.
    pub async fn check_customization(&self, vm: &MoRef, spec: CustomizationSpec) -> Result<()> {
        self.client.call(&CheckCustomizationSpec { this: vm.clone(), spec }).await
    }

    /// Prepares the customization of a virtual machine that is off: it happens when the guest is booted next.
    /// Needs `VirtualMachine.Provisioning.Customize`.
    ///
    /// # Errors
    /// `CustomizationFault`s, `InvalidPowerState`, and those of any call and task.
    pub async fn customize(&self, vm: &MoRef, spec: CustomizationSpec, wait: Wait<'_>) -> Result<()> {
        self.run(&CustomizeVMTask { this: vm.clone(), spec }, wait).await.map(drop)
    }

    /// The server's time, as it writes it: to begin to look for events with.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn server_time(&self) -> Result<String> {
        self.client.call(&CurrentTime { this: MoRef::new("ServiceInstance", "ServiceInstance") }).await
    }

    /// The events of a virtual machine since a time of the server's clock (that of
    /// [`server_time`](VirtualMachines::server_time), or of a task), oldest first. Needs `System.View`.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn events_since(&self, vm: &MoRef, since: &str) -> Result<Vec<CustomizationEvent>> {
        let filter = EventFilterSpec {
            entity: Some(Box::new(EventFilterSpecByEntity {
                entity: vm.clone(),
                recursion: EventFilterSpecRecursionOption::Self_,
            })),
            time: Some(Box::new(EventFilterSpecByTime {
                begin_time: Some(since.to_owned()).filter(|s| !s.is_empty()),
                end_time: None,
            })),
            ..Default::default()
        };
        let mut events: Vec<CustomizationEvent> = self.query(filter).await?.iter().map(event).collect();
        events.sort_by_key(|e| e.key);
        Ok(events)
    }

    async fn query(&self, filter: EventFilterSpec) -> Result<Vec<EventKind>> {
        let this = self.client.manager(&self.client.service_content().event_manager, "EventManager")?;
        // The reference says that without a word the texts are left out.
        let filter = EventFilterSpec { disable_full_message: Some(false), ..filter };
        self.client.call(&QueryEvents { this, filter, event_view_spec: None }).await
    }

    /// How the customization of a machine has ended, as it was a moment ago at most; nothing: not yet. One question for
    /// all machines serves all who ask.
    async fn customized(&self, vm: &MoRef, since: &str) -> Result<Option<WhatHappened>> {
        let asked = Instant::now();
        let looks = self.client.core().slot::<Looks>();
        let mut last = looks.last.lock().await;
        if let Some(look) = last.as_ref().filter(|l| l.since == since && l.at + AGE > asked) {
            return Ok(look.ended.get(vm).copied());
        }
        let at = Instant::now();
        let filter = EventFilterSpec {
            time: Some(Box::new(EventFilterSpecByTime {
                begin_time: Some(since.to_owned()).filter(|s| !s.is_empty()),
                end_time: None,
            })),
            event_type_id: TYPES.iter().map(|t| (*t).to_owned()).collect(),
            ..Default::default()
        };
        let mut events: Vec<(CustomizationEvent, MoRef)> =
            self.query(filter).await?.iter().filter_map(|e| Some((event(e), machine(e)?))).collect();
        events.sort_by_key(|(e, _)| e.key);
        let ended: HashMap<MoRef, WhatHappened> = events
            .into_iter()
            .map(|(e, vm)| (vm, e.what()))
            .filter(|(_, what)| matches!(what, WhatHappened::Succeeded | WhatHappened::Failed))
            .collect();
        let found = ended.get(vm).copied();
        *last = Some(Look { at, since: since.to_owned(), ended });
        Ok(found)
    }

    /// Waits until the guest has been customized. `since` is a time of the server's clock before the machine was
    /// powered on.
    ///
    /// # Errors
    /// [`Error::Cancelled`], and those of any call; failure and the end of the time are
    /// [outcomes](CustomizationOutcome).
    pub async fn wait_for_customization(
        &self,
        vm: &MoRef,
        since: &str,
        wait: Wait<'_>,
    ) -> Result<CustomizationOutcome> {
        let began = Instant::now();
        let until = began + wait.timeout;
        let mut closer = began + CLOSER_LOOK;
        loop {
            // A guest has to boot first: a look at once would see nothing.
            let next = self.client.core().slot::<Looks>().next(began.elapsed());
            rest(wait, until.min(next)).await?;
            let seen = self.customized(vm, since).await;
            if matches!(seen, Ok(Some(WhatHappened::Succeeded))) {
                return Ok(CustomizationOutcome::Succeeded);
            }
            let now = Instant::now();
            if matches!(seen, Ok(None)) && now < until.min(closer) {
                continue;
            }
            closer = now + CLOSER_LOOK;
            let mut events = self.events_since(vm, since).await?;
            let ended = events
                .iter()
                .rposition(|e| matches!(e.what(), WhatHappened::Succeeded | WhatHappened::Failed));
            if let Some(at) = ended {
                let event = events.swap_remove(at);
                events.truncate(at);
                return Ok(match event.what() {
                    WhatHappened::Succeeded => CustomizationOutcome::Succeeded,
                    _ => CustomizationOutcome::Failed { event, before: tail(events) },
                });
            }
            if Instant::now() >= until {
                let started = events.iter().any(|e| e.what() == WhatHappened::Started);
                return Ok(CustomizationOutcome::TimedOut { started, events: tail(events) });
            }
        }
    }
}

async fn rest(wait: Wait<'_>, until: Instant) -> Result<()> {
    tokio::select! {
        () = wait.cancel.cancelled() => Err(Error::Cancelled),
        () = tokio::time::sleep_until(until) => Ok(()),
    }
}

/// The virtual machine that an event is about.
fn machine(from: &EventKind) -> Option<MoRef> {
    let of = |event: &Event| event.vm.as_ref().map(|argument| argument.vm.clone());
    match from {
        EventKind::CustomizationFailed(e) => of(e),
        EventKind::CustomizationEvent(e) => of(e),
        EventKind::VmEvent(e) => of(e),
        EventKind::Event(e) => of(e),
        EventKind::Unknown(tree) => tree.child("vm")?.child("vm")?.moref(),
        _ => None,
    }
}

fn tail(mut events: Vec<CustomizationEvent>) -> Vec<CustomizationEvent> {
    events.split_off(events.len().saturating_sub(TAIL))
}

/// An event of whatever type.
fn event(from: &EventKind) -> CustomizationEvent {
    let known = |ty: &str, event: &Event, reason: Option<&String>| CustomizationEvent {
        key: event.key,
        ty: ty.to_owned(),
        time: event.created_time.clone(),
        message: event.full_formatted_message.clone().unwrap_or_default(),
        reason: reason.cloned(),
    };
    match from {
        EventKind::CustomizationFailed(e) => known("CustomizationFailed", e, e.reason.as_ref()),
        EventKind::CustomizationEvent(e) => known("CustomizationEvent", e, None),
        EventKind::VmEvent(e) => known("VmEvent", e, None),
        EventKind::Event(e) => known("", e, None),
        EventKind::Unknown(tree) => CustomizationEvent {
            key: tree.text_of("key").and_then(|k| k.trim().parse().ok()).unwrap_or_default(),
            ty: tree.type_name.to_string(),
            time: tree.text_of("createdTime").unwrap_or_default().to_owned(),
            message: tree.text_of("fullFormattedMessage").unwrap_or_default().to_owned(),
            reason: tree.text_of("reason").map(str::to_owned),
        },
        _ => known("", &Event::default(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_distinguished_by_type() {
        for (ty, expected) in [
            ("CustomizationStartedEvent", WhatHappened::Started),
            ("CustomizationSucceeded", WhatHappened::Succeeded),
            ("CustomizationFailed", WhatHappened::Failed),
            ("CustomizationLinuxIdentityFailed", WhatHappened::Failed),
            ("CustomizationNetworkSetupFailed", WhatHappened::Failed),
            ("CustomizationSysprepFailed", WhatHappened::Failed),
            ("CustomizationUnknownFailure", WhatHappened::Failed),
            ("VmPoweredOnEvent", WhatHappened::Other),
            ("VmFailedToPowerOnEvent", WhatHappened::Other),
        ] {
            let (time, message) = (String::new(), String::new());
            let event = CustomizationEvent { key: 1, ty: ty.to_owned(), time, message, reason: None };
            assert_eq!(event.what(), expected, "{ty}");
        }
    }
}
