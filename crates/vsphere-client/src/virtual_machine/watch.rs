//! Watching virtual machines: one collector, one list, one poll for all that wait.
//!
//! The same as for [tasks](crate::Tasks), with properties in place of an end: who waits says what for.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use vim_types::methods::{
    CreateFilter, CreateListView, CreatePropertyCollector, DestroyPropertyCollector, DestroyView,
    ModifyListView, WaitForUpdatesEx,
};
use vim_types::types::{ObjectSpec, PropertyFilterSpec, SelectionSpec, TraversalSpec, WaitOptions};
use vim_types::xml::{self, MoRef, Request, Value as _};

use super::customization::Looks;
use super::guest::GuestState;
use super::{VirtualMachines, Wait};
use crate::client::Inner;
use crate::error::{Error, Result};
use crate::http::Kind;
use crate::property::{PropertySet, property_spec};
use crate::snapshot::pace;
use crate::soap;

/// How long the server holds a poll back, in seconds: short enough for proxies that cut idle connections.
const POLL: i32 = 30;
/// The pause after a poll that failed, growing up to ten times that.
const PAUSE: Duration = Duration::from_millis(500);
/// About two minutes of a server that restarts.
const FAILURES: u32 = 30;

/// What was last seen of one; nothing before the first look.
type Seen = Option<Result<GuestState>>;

#[derive(Default)]
pub(crate) struct State {
    watched: Mutex<HashMap<MoRef, watch::Sender<Seen>>>,
    changed: Notify,
    running: Mutex<bool>,
    tracker: tokio::sync::Mutex<Option<Tracker>>,
    /// What customizations have come to.
    pub(super) looks: Looks,
}

/// What exists on the server.
struct Tracker {
    generation: u64,
    collector: MoRef,
    view: MoRef,
    listed: HashSet<MoRef>,
    version: String,
    /// The state of all that are listed: a poll brings only what has changed of it.
    known: HashMap<MoRef, GuestState>,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl VirtualMachines<'_> {
    /// Power state, tools and addresses, read in one batch with others.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn guest_now(&self, vm: &MoRef) -> Result<GuestState> {
        self.client.properties().get(vm).await
    }

    /// Watches a virtual machine until what is seen of it satisfies, and returns what that found. All that is
    /// watched at the same time is watched by one poll.
    ///
    /// # Errors
    /// [`Error::Timeout`], [`Error::Cancelled`], [`Error::NotFound`] when the machine is gone, and those of any
    /// call.
    pub async fn watch_until<T>(
        &self,
        vm: &MoRef,
        wait: Wait<'_>,
        mut satisfied: impl FnMut(&GuestState) -> Option<T>,
    ) -> Result<T> {
        let seen = async {
            // Often it is there already, and then nothing has to be watched.
            if let Some(found) = satisfied(&self.guest_now(vm).await?) {
                return Ok(found);
            }
            let mut updates = watch_one(self.client.inner(), vm);
            // What others were told before may be older than what the caller has done since.
            updates.mark_unchanged();
            if let Some(found) = satisfied(&self.guest_now(vm).await?) {
                return Ok(found);
            }
            while updates.changed().await.is_ok() {
                let found = match &*updates.borrow_and_update() {
                    Some(Ok(state)) => satisfied(state),
                    Some(Err(error)) => return Err(error.clone()),
                    None => None,
                };
                if let Some(found) = found {
                    return Ok(found);
                }
            }
            Err(Error::Cancelled)
        };
        tokio::select! {
            biased;
            result = seen => result,
            () = wait.cancel.cancelled() => Err(Error::Cancelled),
            () = tokio::time::sleep(wait.timeout) => {
                Err(Error::Timeout { what: format!("the watch of {vm}"), after: wait.timeout })
            }
        }
    }
}

/// Puts a virtual machine on the list, and sees to it that someone watches.
fn watch_one(inner: &Arc<Inner>, vm: &MoRef) -> watch::Receiver<Seen> {
    let state = &inner.vm_watch;
    let updates =
        lock(&state.watched).entry(vm.clone()).or_insert_with(|| watch::channel(None).0).subscribe();
    if !std::mem::replace(&mut *lock(&state.running), true) {
        tokio::spawn(watch_all(Arc::downgrade(inner)));
    }
    state.changed.notify_one();
    updates
}

/// Watches until nobody waits.
async fn watch_all(inner: Weak<Inner>) {
    let mut failures = 0;
    loop {
        let Some(inner) = inner.upgrade() else { return };
        {
            let mut running = lock(&inner.vm_watch.running);
            let mut watched = lock(&inner.vm_watch.watched);
            watched.retain(|_, seen| seen.receiver_count() > 0);
            if watched.is_empty() {
                *running = false;
                return;
            }
        }
        match round(&inner).await {
            Ok(()) => failures = 0,
            Err(error) => {
                failures += 1;
                *inner.vm_watch.tracker.lock().await = None;
                tracing::debug!(%error, failures, "watching virtual machines failed");
                if !error.is_passing() || failures > FAILURES {
                    for (_, seen) in lock(&inner.vm_watch.watched).drain() {
                        seen.send_replace(Some(Err(error.clone())));
                    }
                    continue;
                }
                tokio::time::sleep(PAUSE * failures.min(10)).await;
            }
        }
    }
}

/// Brings the list up to date and polls once; one that comes meanwhile is put on the list at once.
async fn round(inner: &Inner) -> Result<()> {
    let mut guard = inner.vm_watch.tracker.lock().await;
    let tracker = match guard.take() {
        Some(tracker) if tracker.generation == inner.session.generation() => tracker,
        _ => open(inner).await?,
    };
    let tracker = guard.insert(tracker);
    let gather = || {
        let watched = lock(&inner.vm_watch.watched).len();
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
                () = inner.vm_watch.changed.notified() => {
                    gather().await;
                    list(inner, tracker).await?;
                }
            }
        }
    };
    let (version, updates) =
        read_updates(&text).map_err(|source| Error::decode("WaitForUpdatesEx", source))?;
    if let Some(version) = version {
        tracker.version = version;
    }
    for update in updates {
        let Some(changes) = update.changes else {
            tracker.known.remove(&update.object);
            tracker.listed.remove(&update.object);
            gone(inner, &update.object);
            continue;
        };
        let state = tracker.known.entry(update.object.clone()).or_default();
        for (path, value) in changes {
            apply(state, &path, value.as_deref())
                .map_err(|source| Error::decode("WaitForUpdatesEx", source))?;
        }
        if let Some(seen) = lock(&inner.vm_watch.watched).get(&update.object) {
            seen.send_replace(Some(Ok(state.clone())));
        }
    }
    Ok(())
}

fn gone(inner: &Inner, vm: &MoRef) {
    if let Some(seen) = lock(&inner.vm_watch.watched).remove(vm) {
        seen.send_replace(Some(Err(Error::NotFound {
            kind: "VirtualMachine".to_owned(),
            name: vm.to_string(),
            place: "the inventory".to_owned(),
        })));
    }
}

fn apply(state: &mut GuestState, path: &str, value: Option<&str>) -> Result<(), xml::Error> {
    // A property that is unset comes without a value; reading nothing leaves the default.
    let mut fresh = GuestState::default();
    let Some(text) = value else {
        state.take_over(path, fresh);
        return Ok(());
    };
    let mut reader = xml::Reader::new(text);
    if reader.next_child()? && fresh.set(path, &mut reader)? {
        // Lists are appended to when read, so the value is read into a fresh one and taken over.
        state.take_over(path, fresh);
    }
    Ok(())
}

async fn open(inner: &Inner) -> Result<Tracker> {
    let generation = inner.session.generation();
    let this = inner.content.property_collector.clone();
    let collector = invoke(inner, &CreatePropertyCollector { this }).await?;
    let this = inner.content.view_manager.clone().unwrap_or_default();
    let view = invoke(inner, &CreateListView { this, obj: Vec::new() }).await?;
    let step = TraversalSpec {
        base: SelectionSpec::default(),
        r#type: "ListView".to_owned(),
        path: "view".to_owned(),
        skip: Some(false),
        select_set: Vec::new(),
    };
    let spec = PropertyFilterSpec {
        prop_set: vec![property_spec(GuestState::TYPE, GuestState::PATHS)],
        object_set: vec![ObjectSpec { obj: view.clone(), skip: Some(true), select_set: vec![step.into()] }],
        // One that is gone must not take the others with it.
        report_missing_objects_in_results: Some(true),
    };
    invoke(inner, &CreateFilter { this: collector.clone(), spec, partial_updates: false }).await?;
    Ok(Tracker {
        generation,
        collector,
        view,
        listed: HashSet::new(),
        version: String::new(),
        known: HashMap::new(),
    })
}

/// Puts new ones on the list, and takes off those that nobody waits for, if there is anything new.
async fn list(inner: &Inner, tracker: &mut Tracker) -> Result<()> {
    let wanted: HashSet<MoRef> = {
        let watched = lock(&inner.vm_watch.watched);
        watched.iter().filter(|(_, seen)| seen.receiver_count() > 0).map(|(vm, _)| vm.clone()).collect()
    };
    let add: Vec<MoRef> = wanted.difference(&tracker.listed).cloned().collect();
    if add.is_empty() {
        return Ok(());
    }
    let remove: Vec<MoRef> = tracker.listed.difference(&wanted).cloned().collect();
    let request = ModifyListView { this: tracker.view.clone(), add, remove: remove.clone() };
    let unresolved: Vec<MoRef> = invoke(inner, &request).await?;
    for vm in remove {
        tracker.known.remove(&vm);
    }
    tracker.listed = wanted;
    for vm in unresolved {
        tracker.listed.remove(&vm);
        gone(inner, &vm);
    }
    Ok(())
}

/// Calls a method that must not be sent twice.
async fn invoke<R: Request + Sync>(inner: &Inner, request: &R) -> Result<R::Response> {
    let text = inner.call_text(request, Kind::Write).await?;
    soap::decode(R::NAME, &text)
}

/// What a poll brought of one object: paths with the text of their values; nothing at all when it has left.
struct Update {
    object: MoRef,
    changes: Option<Vec<(String, Option<String>)>>,
}

fn read_updates(text: &str) -> Result<(Option<String>, Vec<Update>), xml::Error> {
    let (mut version, mut updates) = (None, Vec::new());
    let Ok(mut reader) = soap::answer("WaitForUpdatesEx", text) else { return Ok((version, updates)) };
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
                            "objectSet" => updates.push(read_update(&mut reader, text)?),
                            "missingObjects" => {
                                let missing = reader.dynamic()?;
                                if let Some(object) = missing.child("obj").and_then(xml::Dyn::moref) {
                                    updates.push(Update { object, changes: None });
                                }
                            }
                            _ => reader.skip()?,
                        }
                    }
                }
                _ => reader.skip()?,
            }
        }
    }
    Ok((version, updates))
}

fn read_update(reader: &mut xml::Reader<'_>, text: &str) -> Result<Update, xml::Error> {
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
    Ok(Update { object, changes: (kind != "leave").then_some(changes) })
}

/// Takes what the tracker has on the server away.
pub(crate) async fn close(inner: &Inner) {
    // A poll that is under way holds the lock; the end of the session ends it.
    let Ok(mut guard) = inner.vm_watch.tracker.try_lock() else { return };
    if let Some(tracker) = guard.take()
        && inner.config.persist.is_some()
    {
        // A session that goes on must not pile up views and collectors.
        let _ = invoke(inner, &DestroyView { this: tracker.view }).await;
        let _ = invoke(inner, &DestroyPropertyCollector { this: tracker.collector }).await;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;
    use vim_types::types::VirtualMachinePowerState;

    const POLLED: &str = r#"<e:Envelope xmlns:e="e" xmlns:xsi="i"><e:Body><WaitForUpdatesExResponse xmlns="urn:vim25"><returnval><version>7</version><filterSet><filter type="PropertyFilter">f</filter>
      <objectSet><kind>enter</kind><obj type="VirtualMachine">vm-1</obj>
        <changeSet><name>runtime.powerState</name><op>assign</op><val xsi:type="VirtualMachinePowerState">poweredOn</val></changeSet>
        <changeSet><name>guest.net</name><op>assign</op><val xsi:type="ArrayOfGuestNicInfo"><GuestNicInfo><macAddress>00:50:56:00:00:01</macAddress><connected>true</connected><deviceConfigId>4000</deviceConfigId></GuestNicInfo></val></changeSet>
        <changeSet><name>guest.ipAddress</name><op>assign</op><val xsi:type="xsd:string">10.0.0.5</val></changeSet></objectSet>
      <objectSet><kind>leave</kind><obj type="VirtualMachine">vm-2</obj></objectSet>
      <missingObjects><obj type="VirtualMachine">vm-3</obj><fault/></missingObjects>
    </filterSet></returnval></WaitForUpdatesExResponse></e:Body></e:Envelope>"#;

    #[test]
    fn changes_are_taken_over_and_taken_back() {
        let (version, updates) = read_updates(POLLED).unwrap();
        assert_eq!(version.as_deref(), Some("7"));
        let mut state = GuestState::default();
        for (path, value) in updates[0].changes.as_ref().unwrap() {
            // Twice: a list that is sent again replaces what was there.
            apply(&mut state, path, value.as_deref()).unwrap();
            apply(&mut state, path, value.as_deref()).unwrap();
        }
        assert_eq!(state.power_state, VirtualMachinePowerState::PoweredOn);
        assert_eq!(state.nics.len(), 1);
        assert_eq!(state.ip_address.as_deref(), Some("10.0.0.5"));
        apply(&mut state, "guest.ipAddress", None).unwrap();
        assert_eq!(state.ip_address, None);
        apply(&mut state, "something.else", Some("<val>1</val>")).unwrap();
        assert!(updates[1].changes.is_none() && updates[2].changes.is_none());
        assert_eq!(updates[2].object.id, "vm-3".into());
    }
}
