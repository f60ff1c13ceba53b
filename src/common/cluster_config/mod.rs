//! What belongs to a cluster or a datastore cluster: its groups, its rules, and what single virtual machines have of their
//! own there.
//!
//! All of it is in one property of the object and is changed by one call. A change that depends on what there is reads it
//! first, and no other of this run comes in between.
pub mod import_id;
pub mod overrides;
pub mod rules;
pub mod vm_rules;

use crate::common::lookup;
use crate::common::machine::Machine;
use crate::fault::{Doing, capital};
use crate::nearest::did_you_mean;
use crate::vsphere::Vsphere;
use import_id::{At, Form};
use std::fmt::Display;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tf_framework::{AttributePath, Cx, Diagnostics, Field, PlanCx, Resource, Result, Value};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use vsphere_client::cluster::Update;
use vsphere_client::vim::types::ClusterRuleInfoKind;
use vsphere_client::{Error, FaultKind, MoRef, PerKey, unescape};

/// What rules and overrides belong to: a cluster, or a datastore cluster.
pub trait Owner: Clone + Send + Sync + 'static {
    /// One change of it.
    type Change: Send + Sync + 'static;
    /// What it is in a sentence.
    const NOUN: &'static str;
    /// The attribute that names it, in all types.
    const ATTRIBUTE: Field;
    /// The data source that finds it.
    const DATA_SOURCE: &'static str;
    /// The type of the managed object.
    const TYPE: &'static str;
    /// How the id of an import names it.
    const FORM: Form;
    /// Which names are unique, as a sentence.
    const UNIQUE: &'static str;

    /// The name, escaped as vSphere does.
    fn name(&self) -> &str;
    /// What it is once a change is made.
    fn apply(&mut self, change: &Self::Change);
    /// Adds a change to those that go together.
    fn join(changes: &mut Vec<Self::Change>, change: Self::Change);
    /// Its rules; the server gives each a key.
    fn rules(&self) -> &[ClusterRuleInfoKind];
    /// A change of a rule.
    fn change_rule(update: Update<ClusterRuleInfoKind, i32>) -> Self::Change;
    /// Whether a change writes a list of which only some members are meant: what others have put there meanwhile is lost.
    fn is_whole(change: &Self::Change) -> bool;
    /// It, as it was read in this run.
    fn get(
        vsphere: &Vsphere,
        object: &MoRef,
    ) -> impl Future<Output = vsphere_client::Result<Arc<Self>>> + Send;
    /// It, as it is now.
    fn get_now(
        vsphere: &Vsphere,
        object: &MoRef,
    ) -> impl Future<Output = vsphere_client::Result<Arc<Self>>> + Send;
    /// Whether another client changes it just now.
    fn is_busy(
        vsphere: &Vsphere,
        object: &MoRef,
    ) -> impl Future<Output = vsphere_client::Result<bool>> + Send;
    /// The virtual machines in it that have a tag; the attribute at `at` names the tag. Only rules of a cluster ask for them.
    fn tagged(
        vsphere: &Vsphere,
        id: &str,
        tag: &str,
        at: Field,
    ) -> impl Future<Output = Result<Vec<Machine>>> + Send {
        let _ = (vsphere, id, tag, at);
        async { Ok(vec![]) }
    }
    /// Makes changes, all or none of them.
    fn reconfigure(
        vsphere: &Vsphere,
        object: &MoRef,
        changes: Vec<Self::Change>,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> impl Future<Output = vsphere_client::Result<()>> + Send;

    /// The object of an id.
    fn object(id: &str) -> MoRef {
        MoRef::new(Self::TYPE, id)
    }
}

/// How long after a write is looked whether it is still in effect: longer than between the look and the write of another one.
const SETTLE: Duration = Duration::from_millis(300);
/// How often, at most: ten seconds, when another one writes all the time.
const LOOKS: u32 = 32;

/// Whose turn it is to change a cluster.
struct Turns<O: Owner>(PerKey<String, Turn<O>>);

impl<O: Owner> Default for Turns<O> {
    fn default() -> Self {
        Self(PerKey::default())
    }
}

/// Whose turn it is to change one cluster.
///
/// It makes one change at a time, and resources come side by side. Those who come while a change is under way go together
/// next, in one call: the first of them reads what there is, and each in the order of its coming decides what it wants,
/// given what those before it want.
struct Turn<O: Owner> {
    /// Held while a change is under way.
    call: tokio::sync::Mutex<()>,
    /// Those who go together next, while one of them leads. The lock is fair, and the one who leads holds it until it knows
    /// what there is: so all who came by then have decided when it has the lock again.
    next: tokio::sync::Mutex<Weak<Mutex<Together<O>>>>,
}

impl<O: Owner> Default for Turn<O> {
    fn default() -> Self {
        Self { call: tokio::sync::Mutex::default(), next: tokio::sync::Mutex::default() }
    }
}

/// Some who go together.
struct Together<O: Owner> {
    /// What there will be.
    now: O,
    changes: Vec<O::Change>,
    /// Those who wait for the end of it; who leads is none of them.
    waiting: Vec<oneshot::Sender<vsphere_client::Result<()>>>,
}

impl<O: Owner> Together<O> {
    fn want(&mut self, changes: Vec<O::Change>) {
        for change in changes {
            self.now.apply(&change);
            O::join(&mut self.changes, change);
        }
    }
}

fn lock<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A cluster in a sentence.
pub fn title<O: Owner>(cluster: &O) -> String {
    format!("the {} {:?}", O::NOUN, unescape(cluster.name()))
}

/// A cluster; nothing when it does not exist.
///
/// # Errors
/// Why it cannot be read.
pub async fn read<O: Owner>(vsphere: &Vsphere, id: &str) -> Result<Option<Arc<O>>> {
    match O::get(vsphere, &O::object(id)).await {
        Err(e) if e.is_not_found() => Ok(None),
        read => read.doing(format!("read {}", O::object(id))).map(Some),
    }
}

/// A cluster that has to be there.
///
/// # Errors
/// It does not exist, or cannot be read.
pub async fn there<O: Owner>(vsphere: &Vsphere, id: &str) -> Result<Arc<O>> {
    read(vsphere, id).await?.ok_or_else(|| absent::<O>(id, O::ATTRIBUTE))
}

/// Checks the plan of something new: its cluster has to be there.
///
/// # Errors
/// It does not exist, or cannot be read.
pub async fn plan<O: Owner, R: Resource<Client = Vsphere>>(
    cx: &PlanCx<'_, R>,
    id: &Value<String>,
) -> Result<()> {
    let new = cx.prior.is_none() || cx.is_replacement();
    if let (Some(vsphere), true, Some(id)) = (cx.client, new, id.known()) {
        there::<O>(vsphere, id).await?;
    }
    Ok(())
}

fn absent<O: Owner>(id: &str, at: impl Into<AttributePath>) -> Diagnostics {
    let detail =
        format!("It does not exist, or the user may not see it. Use `data.{}.<name>.id`.", O::DATA_SOURCE);
    Diagnostics::error(at, format!("There is no {} {id:?}", O::NOUN), detail)
}

/// A change of a cluster by a resource.
pub struct Write<'a, O> {
    vsphere: &'a Vsphere,
    cluster: &'a str,
    timeout: Duration,
    cancel: CancellationToken,
    open_end: AtomicBool,
    owner: PhantomData<fn() -> O>,
}

impl<'a, O: Owner> Write<'a, O> {
    /// A change that a call of a resource makes.
    pub fn new<R: Resource<Client = Vsphere>>(cx: &Cx<'a, R>, cluster: &'a str) -> Self {
        let (vsphere, cancel) = (cx.client(), cx.cancel().clone());
        Self {
            vsphere,
            cluster,
            timeout: cx.timeout(vsphere.timeout),
            cancel,
            open_end: AtomicBool::new(false),
            owner: PhantomData,
        }
    }

    /// Whether a change that failed may have been made all the same: how it ended is not known.
    pub fn may_be_made(&self) -> bool {
        self.open_end.load(Ordering::Relaxed)
    }

    /// Makes the changes that `decide` finds necessary, given what there is. Nothing is to be done where the cluster does not
    /// exist: then it is false. No other resource of this run changes the cluster in between; it may be asked twice.
    ///
    /// # Errors
    /// What `decide` says, and what the server refuses: that is about the attribute that `blame` names.
    pub async fn change_if_there(
        &self,
        doing: impl Display + Send,
        blame: impl FnOnce(&FaultKind) -> Option<Field> + Send,
        decide: impl Fn(&O) -> Result<Vec<O::Change>> + Send + Sync,
    ) -> Result<bool> {
        let mut alone = false;
        let mut looks = 0;
        let (cluster, done) = loop {
            let (cluster, done, whole) = match self.take_part(&decide, alone).await? {
                End::Absent => return Ok(false),
                // It was overwritten, and is back: by a change of this run that another one overwrites just now, perhaps.
                End::Nothing if looks > 0 && !self.lasts(&decide, &mut looks).await => continue,
                End::Nothing => return Ok(true),
                // Whose mistake it is shows when each tries by itself.
                End::Again => {
                    alone = true;
                    continue;
                }
                End::Called { cluster, done, whole } => (cluster, done, whole),
            };
            if done.is_err() || !whole || looks >= LOOKS {
                break (cluster, done);
            }
            // What is written whole may be written by others, too, who have read it before.
            if self.lasts(&decide, &mut looks).await {
                break (cluster, done);
            }
            tracing::info!(cluster, "another one has written the group at the same time; changing it again");
        };
        // A task that was given up, too, may have done it.
        let unheard = |e: &Error| e.is_unheard() || matches!(e, Error::Cancelled);
        self.open_end.store(done.as_ref().is_err_and(unheard), Ordering::Relaxed);
        done.doing_to(format!("{doing} of {cluster}"), blame)?;
        Ok(true)
    }

    /// Whether what `decide` wants is still there when those who write at the same time are done.
    async fn lasts(
        &self,
        decide: &(impl Fn(&O) -> Result<Vec<O::Change>> + Send + Sync),
        looks: &mut u32,
    ) -> bool {
        let object = O::object(self.cluster);
        while *looks < LOOKS {
            *looks += 1;
            vsphere_client::pause(SETTLE).await;
            let busy = O::is_busy(self.vsphere, &object).await.unwrap_or(false);
            // What cannot be read or wanted any more is for the next plan to say.
            let Ok(now) = O::get_now(self.vsphere, &object).await else { return true };
            if decide(&now).is_ok_and(|changes| !changes.is_empty()) {
                return false;
            }
            if !busy {
                return true;
            }
        }
        true
    }

    /// One attempt, together with others or `alone`.
    async fn take_part(
        &self,
        decide: &(impl Fn(&O) -> Result<Vec<O::Change>> + Send + Sync),
        alone: bool,
    ) -> Result<End> {
        let Self { vsphere, cluster, timeout, cancel, .. } = self;
        let object = O::object(cluster);
        let turn = vsphere.run::<Turns<O>>().0.of((*cluster).to_owned());
        // Who waits for a call may hold it only while no other leads: who leads needs it again, and has the call.
        let mut next = if alone { None } else { Some(turn.next.lock().await) };
        if let Some(together) = next.as_ref().and_then(|next| next.upgrade()) {
            let whole;
            let (cluster, answer) = {
                let mut together = lock(&together);
                let changes = decide(&together.now)?;
                if changes.is_empty() {
                    return Ok(End::Nothing);
                }
                whole = changes.iter().any(O::is_whole);
                together.want(changes);
                let (sender, answer) = oneshot::channel();
                together.waiting.push(sender);
                (title(&together.now), answer)
            };
            drop((together, next));
            return Ok(match answer.await {
                Ok(Err(e)) if e.fault().is_some() => End::Again,
                Ok(done) => End::Called { cluster, done, whole },
                // Who led has given up before the call.
                Err(_) => End::Again,
            });
        }
        let call = turn.call.lock().await;
        let now = match O::get_now(vsphere, &object).await {
            Err(e) if e.is_not_found() => return Ok(End::Absent),
            now => now.doing(format!("read {object}"))?,
        };
        let changes = decide(&now)?;
        if changes.is_empty() {
            return Ok(End::Nothing);
        }
        let (title, whole) = (title(&*now), changes.iter().any(O::is_whole));
        let mut together = Together { now: (*now).clone(), changes: vec![], waiting: vec![] };
        together.want(changes);
        let together = Arc::new(Mutex::new(together));
        if let Some(mut next) = next.take() {
            *next = Arc::downgrade(&together);
            drop(next);
            *turn.next.lock().await = Weak::new();
        }
        let (changes, waiting) = {
            let mut together = lock(&together);
            (std::mem::take(&mut together.changes), std::mem::take(&mut together.waiting))
        };
        let done = O::reconfigure(vsphere, &object, changes, *timeout, cancel).await;
        drop(call);
        let with_others = !waiting.is_empty();
        for other in waiting {
            // Who has given up does not want to know.
            let _ = other.send(done.clone());
        }
        Ok(match &done {
            Err(e) if with_others && e.fault().is_some() => End::Again,
            _ => End::Called { cluster: title, done, whole },
        })
    }

    /// As [`change_if_there`](Write::change_if_there), of a cluster that has to be there.
    ///
    /// # Errors
    /// As there, and that it does not exist.
    pub async fn change(
        &self,
        doing: impl Display + Send,
        blame: impl FnOnce(&FaultKind) -> Option<Field> + Send,
        decide: impl Fn(&O) -> Result<Vec<O::Change>> + Send + Sync,
    ) -> Result<()> {
        match self.change_if_there(doing, blame, decide).await? {
            true => Ok(()),
            false => Err(absent::<O>(self.cluster, O::ATTRIBUTE)),
        }
    }
}

/// How an attempt to change a cluster ended.
enum End {
    /// The cluster does not exist.
    Absent,
    /// Nothing was to be done.
    Nothing,
    /// It is to be tried again, without others.
    Again,
    /// The server was asked: how it went, and the cluster in a sentence; and whether something was written whole of which
    /// this is only a part.
    Called { cluster: String, done: vsphere_client::Result<()>, whole: bool },
}

/// There is something of that name already, of the same kind or of another.
pub fn taken<O: Owner>(cluster: &O, id: &str, what: &str, same: bool, name: &str, at: Field) -> Diagnostics {
    let import = if same {
        format!(", or import what exists: terraform import <address> '{id}:{name}'")
    } else {
        String::new()
    };
    let detail = format!("{} Choose another name{import}.", O::UNIQUE);
    Diagnostics::error(at, format!("There is already the {what} {name:?} in {}", title(cluster)), detail)
}

/// There is nothing of that name: what there is, and the nearest.
pub fn missing<O: Owner>(
    cluster: &O,
    what: &str,
    name: &str,
    all: &[&str],
    at: AttributePath,
    advice: &str,
) -> Diagnostics {
    let there = match all {
        [] => format!("The {} has no {what}.", O::NOUN),
        all => {
            let near = did_you_mean(name, all.iter().copied());
            let lines = lookup::listed(all.iter().map(|n| format!("{n:?}")));
            format!("{near} There are:\n{lines}").trim_start().to_owned()
        }
    };
    let detail = if advice.is_empty() { there } else { format!("{there}\n{advice}") };
    Diagnostics::error(at, format!("There is no {what} {name:?} in {}", title(cluster)), detail)
}

/// An import id that says too little.
pub fn unclear(id: &str, why: &str, what: &str) -> Diagnostics {
    Diagnostics::error(AttributePath::root(), format!("{id:?} names no {what}"), format!("{}.", capital(why)))
}

/// The cluster of an import.
pub async fn imported_cluster<O: Owner>(vsphere: &Vsphere, at: &At) -> Result<(String, Arc<O>)> {
    let id = match at {
        At::Moid(id) => id.clone(),
        At::Path(path) => {
            let found = lookup::imported(vsphere, path, O::TYPE).await?;
            found.id.to_string()
        }
    };
    let cluster = read(vsphere, &id).await?.ok_or_else(|| absent::<O>(&id, AttributePath::root()))?;
    Ok((id, cluster))
}
