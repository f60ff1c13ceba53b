//! What belongs to a cluster: its groups, its rules, and what single virtual machines have of their own there.
//!
//! All of it stands in one property of the cluster and is changed by one call. A change that depends on what there is
//! reads it first, and no other of this run comes in between.
pub mod groups;
pub mod import_id;
pub mod overrides;
pub mod rules;
pub mod vm_rules;

use crate::common::{entity, lookup};
use crate::fault::{Doing, capital};
use crate::nearest::did_you_mean;
use crate::vsphere::Vsphere;
use import_id::At;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tf_framework::{AttributePath, Cx, Diagnostics, Dynamic, Field, PlanCx, Resource, Result, Value};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use vsphere_client::cluster::{Change, Cluster, join};
use vsphere_client::{Error, FaultKind, MoRef, unescape};

/// How long after a write is looked whether it stands: longer than between the look and the write of another one.
const SETTLE: Duration = Duration::from_millis(300);
/// How often, at most: ten seconds, when another one writes all the time.
const LOOKS: u32 = 32;

/// The attribute that names the cluster, in all types.
const CLUSTER: Field = Field("compute_cluster_id");

/// Whose turn it is to change a cluster.
#[derive(Debug, Default)]
pub struct Turns(Mutex<BTreeMap<String, Arc<Turn>>>);

/// Whose turn it is to change one cluster.
///
/// It makes one change at a time, and resources come side by side. Those who come while a change is under way go together
/// next, in one call: the first of them reads what there is, and each in the order of its coming decides what it wants,
/// given what those before it want.
#[derive(Debug, Default)]
struct Turn {
    /// Held while a change is under way.
    call: tokio::sync::Mutex<()>,
    /// Those who go together next, while one of them leads. The lock is fair, and the one who leads holds it until it knows
    /// what there is: so all who came by then have decided when it has the lock again.
    next: tokio::sync::Mutex<Weak<Mutex<Together>>>,
}

/// Some who go together.
#[derive(Debug)]
struct Together {
    /// What there will be.
    now: Cluster,
    changes: Vec<Change>,
    /// Those who wait for the end of it; who leads is none of them.
    waiting: Vec<oneshot::Sender<vsphere_client::Result<()>>>,
}

impl Together {
    fn want(&mut self, changes: Vec<Change>) {
        for change in changes {
            self.now.apply(&change);
            join(&mut self.changes, change);
        }
    }
}

fn lock<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Turns {
    fn of(&self, cluster: &str) -> Arc<Turn> {
        lock(&self.0).entry(cluster.to_owned()).or_default().clone()
    }
}

/// A check for attributes that take the id of a cluster.
///
/// # Errors
/// What it seems to be instead.
pub fn id(v: &Dynamic) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    let what = match entity::type_of(text) {
        Some("ClusterComputeResource") => return Ok(()),
        Some("ComputeResource") => "the id of a host that stands alone".to_owned(),
        Some(ty) => format!("the id of a {ty}"),
        None if text.contains('/') => "an inventory path".to_owned(),
        None => "no id".to_owned(),
    };
    Err(format!(
        "{text:?} is {what}. Expected the managed object id of a cluster, such as \"domain-c7\": use \
         `data.vsphere_compute_cluster.<name>.id`."
    ))
}

/// The cluster of an id.
pub fn object(id: &str) -> MoRef {
    MoRef::new("ClusterComputeResource", id)
}

/// A cluster in a sentence.
fn title(cluster: &Cluster) -> String {
    format!("the cluster {:?}", unescape(&cluster.name))
}

/// A cluster; nothing when it is gone.
///
/// # Errors
/// Why it cannot be read.
pub async fn read(vsphere: &Vsphere, id: &str) -> Result<Option<Arc<Cluster>>> {
    match vsphere.api.clusters().get(&object(id)).await {
        Err(e) if e.is_not_found() => Ok(None),
        read => read.doing(format!("read {}", object(id))).map(Some),
    }
}

/// A cluster that has to be there.
///
/// # Errors
/// It is gone, or cannot be read.
pub async fn there(vsphere: &Vsphere, id: &str) -> Result<Arc<Cluster>> {
    read(vsphere, id).await?.ok_or_else(|| gone(id, CLUSTER))
}

/// Checks the plan of something new: its cluster has to be there.
///
/// # Errors
/// It is gone, or cannot be read.
pub async fn plan<R: Resource<Client = Vsphere>>(cx: &PlanCx<'_, R>, id: &Value<String>) -> Result<()> {
    let new = cx.prior.is_none() || cx.is_replacement();
    if let (Some(vsphere), true, Some(id)) = (cx.client, new, id.known()) {
        there(vsphere, id).await?;
    }
    Ok(())
}

fn gone(id: &str, at: impl Into<AttributePath>) -> Diagnostics {
    let detail = "It is gone, or the user may not see it. Use `data.vsphere_compute_cluster.<name>.id`.";
    Diagnostics::error(at, format!("There is no cluster {id:?}"), detail)
}

/// A change of a cluster by a resource.
pub struct Write<'a> {
    vsphere: &'a Vsphere,
    cluster: &'a str,
    timeout: Duration,
    cancel: CancellationToken,
    open_end: AtomicBool,
}

impl<'a> Write<'a> {
    /// A change that a call of a resource makes.
    pub fn new<R: Resource<Client = Vsphere>>(cx: &Cx<'a, R>, cluster: &'a str) -> Self {
        let (vsphere, cancel) = (cx.client(), cx.cancel().clone());
        Self {
            vsphere,
            cluster,
            timeout: cx.timeout(vsphere.timeout),
            cancel,
            open_end: AtomicBool::new(false),
        }
    }

    /// Whether a change that failed may have been made all the same: nobody heard how it ended.
    pub fn may_be_made(&self) -> bool {
        self.open_end.load(Ordering::Relaxed)
    }

    /// Makes the changes that `decide` finds necessary, given what there is. Nothing is to be done where the cluster is
    /// gone: then it is false. No other resource of this run changes the cluster in between; it may be asked twice.
    ///
    /// # Errors
    /// What `decide` says, and what the server refuses: that is about the attribute that `blame` names.
    pub async fn change_if_there(
        &self,
        doing: impl Display + Send,
        blame: impl FnOnce(&FaultKind) -> Option<Field> + Send,
        decide: impl Fn(&Cluster) -> Result<Vec<Change>> + Send + Sync,
    ) -> Result<bool> {
        let mut alone = false;
        let mut looks = 0;
        let (cluster, done) = loop {
            let (cluster, done, whole) = match self.take_part(&decide, alone).await? {
                End::Gone => return Ok(false),
                // It was overwritten, and is back: by a change of this run that another one overwrites just now, perhaps.
                End::Nothing if looks > 0 && !self.stands(&decide, &mut looks).await => continue,
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
            if self.stands(&decide, &mut looks).await {
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
    async fn stands(
        &self,
        decide: &(impl Fn(&Cluster) -> Result<Vec<Change>> + Send + Sync),
        looks: &mut u32,
    ) -> bool {
        let (clusters, object) = (self.vsphere.api.clusters(), object(self.cluster));
        while *looks < LOOKS {
            *looks += 1;
            vsphere_client::pause(SETTLE).await;
            let busy = clusters.is_busy(&object).await.unwrap_or(false);
            // What cannot be read or wanted any more is for the next plan to say.
            let Ok(now) = clusters.get_now(&object).await else { return true };
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
        decide: &(impl Fn(&Cluster) -> Result<Vec<Change>> + Send + Sync),
        alone: bool,
    ) -> Result<End> {
        let Self { vsphere, cluster, timeout, cancel, .. } = self;
        let (clusters, object) = (vsphere.api.clusters(), object(cluster));
        let turn = vsphere.run::<Turns>().of(cluster);
        // Who waits for a call may hold it only while nobody leads: who leads needs it again, and has the call.
        let mut next = if alone { None } else { Some(turn.next.lock().await) };
        if let Some(together) = next.as_ref().and_then(|next| next.upgrade()) {
            let whole;
            let (cluster, answer) = {
                let mut together = lock(&together);
                let changes = decide(&together.now)?;
                if changes.is_empty() {
                    return Ok(End::Nothing);
                }
                whole = changes.iter().any(Change::is_whole);
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
        let now = match clusters.get_now(&object).await {
            Err(e) if e.is_not_found() => return Ok(End::Gone),
            now => now.doing(format!("read {object}"))?,
        };
        let changes = decide(&now)?;
        if changes.is_empty() {
            return Ok(End::Nothing);
        }
        let (title, whole) = (title(&now), changes.iter().any(Change::is_whole));
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
        let done = clusters.reconfigure(&object, changes, *timeout, cancel).await;
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
    /// As there, and that it is gone.
    pub async fn change(
        &self,
        doing: impl Display + Send,
        blame: impl FnOnce(&FaultKind) -> Option<Field> + Send,
        decide: impl Fn(&Cluster) -> Result<Vec<Change>> + Send + Sync,
    ) -> Result<()> {
        match self.change_if_there(doing, blame, decide).await? {
            true => Ok(()),
            false => Err(gone(self.cluster, CLUSTER)),
        }
    }
}

/// How an attempt to change a cluster ended.
enum End {
    /// The cluster is gone.
    Gone,
    /// Nothing was to be done.
    Nothing,
    /// It is to be tried again, without others.
    Again,
    /// The server was asked: how it went, and the cluster in a sentence; and whether something was written whole of which
    /// this is only a part.
    Called { cluster: String, done: vsphere_client::Result<()>, whole: bool },
}

/// There is something of that name already, of the same kind or of another.
fn taken(cluster: &Cluster, id: &str, what: &str, same: bool, name: &str, at: Field) -> Diagnostics {
    let import = if same {
        format!(", or import what exists: terraform import <address> '{id}:{name}'")
    } else {
        String::new()
    };
    let detail = format!(
        "The names of groups are unique in a cluster, and so are those of rules. Choose another name{import}."
    );
    Diagnostics::error(at, format!("There is already the {what} {name:?} in {}", title(cluster)), detail)
}

/// There is nothing of that name: what there is, and the nearest.
fn missing(
    cluster: &Cluster,
    what: &str,
    name: &str,
    all: &[&str],
    at: AttributePath,
    advice: &str,
) -> Diagnostics {
    let there = match all {
        [] => format!("The cluster has no {what}."),
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
pub async fn imported_cluster(vsphere: &Vsphere, at: &At) -> Result<(String, Arc<Cluster>)> {
    let id = match at {
        At::Moid(id) => id.clone(),
        At::Path(path) => {
            let found = lookup::imported(vsphere, path, "ClusterComputeResource").await?;
            found.id.to_string()
        }
    };
    let cluster = read(vsphere, &id).await?.ok_or_else(|| gone(&id, AttributePath::root()))?;
    Ok((id, cluster))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_clusters_are_told_from_other_things() {
        for (text, wrong) in [
            ("domain-c7", None),
            ("domain-s7", Some("a host that stands alone")),
            ("/dc1/host/c1", Some("an inventory path")),
            ("resgroup-8", Some("the id of a ResourcePool")),
            ("c1", Some("no id")),
        ] {
            let told = id(&text.into());
            assert_eq!(told.is_ok(), wrong.is_none(), "{text}");
            assert!(told.err().is_none_or(|e| e.contains(wrong.unwrap_or_default())), "{text}");
        }
    }
}
