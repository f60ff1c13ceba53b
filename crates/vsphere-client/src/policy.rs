//! Storage policies: which there are, and which virtual machines and disks have them.
//!
//! They are another service of the same server, with the same session. It is asked nothing before somebody needs it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use tokio::sync::{OnceCell, oneshot};
use vim_types::methods::{
    PbmQueryAssociatedProfiles, PbmQueryProfile, PbmRetrieveContent, PbmRetrieveServiceContent,
};
use vim_types::types::{
    PbmCapabilityProfile, PbmProfileKind, PbmProfileResourceType, PbmQueryProfileResult, PbmServerObjectRef,
};
use vim_types::xml::MoRef;

use crate::client::Client;
use crate::error::{Error, Fault, FaultKind, Result};

/// How many machines and disks one request asks for at most.
const BATCH: usize = 500;
/// How many of these requests are on their way at a time.
const BATCHES_IN_FLIGHT: usize = 4;

/// How long the first who asks waits for others.
const PATIENCE: Duration = Duration::from_millis(10);

/// What the service has told about itself, and who waits for an answer.
#[derive(Default)]
struct State {
    manager: OnceCell<MoRef>,
    queue: Mutex<Queue>,
}

type Found = Result<BTreeMap<ProfileRef, Vec<String>>>;

#[derive(Default)]
struct Queue {
    waiting: Vec<(Vec<ProfileRef>, oneshot::Sender<Found>)>,
    /// Whether somebody sees to those who wait.
    served: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A storage policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The id: what is given to a machine or a disk.
    pub id: String,
    /// The name, which the server keeps unique.
    pub name: String,
    /// The description; empty where there is none.
    pub description: String,
    /// Whether it came with the server.
    pub is_default: bool,
}

/// What can have a storage policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProfileRef {
    /// The home of a virtual machine: its configuration, its swap file.
    Home(MoRef),
    /// A virtual disk: the machine and the key of the device.
    Disk(MoRef, i32),
}

impl ProfileRef {
    fn on_the_wire(&self) -> PbmServerObjectRef {
        let (ty, key) = match self {
            ProfileRef::Home(vm) => ("virtualMachine", vm.id.to_string()),
            ProfileRef::Disk(vm, key) => ("virtualDiskId", format!("{}:{key}", vm.id)),
        };
        PbmServerObjectRef { object_type: ty.to_owned(), key, server_uuid: None }
    }
}

/// Storage policies; from [`Client::policies`].
pub struct Policies<'a> {
    client: &'a Client,
}

impl Client {
    /// Storage policies.
    pub fn policies(&self) -> Policies<'_> {
        Policies { client: self }
    }
}

impl Policies<'_> {
    /// The service's object for policies: asked for once.
    async fn manager(&self) -> Result<MoRef> {
        let ask = || async {
            let this = MoRef::new("PbmServiceInstance", "ServiceInstance");
            let content = self.client.call(&PbmRetrieveServiceContent { this }).await?;
            Ok::<MoRef, Error>(content.profile_manager)
        };
        self.client.core().slot::<State>().manager.get_or_try_init(ask).await.cloned()
    }

    /// All policies for virtual machines, by name. Needs `StorageProfile.View`.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn list(&self) -> Result<Vec<Policy>> {
        let this = self.manager().await?;
        let query = PbmQueryProfile {
            this: this.clone(),
            resource_type: PbmProfileResourceType { resource_type: "STORAGE".to_owned() },
            profile_category: Some("REQUIREMENT".to_owned()),
        };
        let profile_ids = self.client.call(&query).await?;
        if profile_ids.is_empty() {
            return Ok(Vec::new()); // the service does not take an empty list
        }
        let found = self.client.call(&PbmRetrieveContent { this, profile_ids }).await?;
        let mut policies: Vec<Policy> = found.iter().filter_map(policy).collect();
        policies.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(policies)
    }

    /// The policy of a name, written exactly so; nothing when there is none. Needs `StorageProfile.View`.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn find(&self, name: &str) -> Result<Option<Policy>> {
        Ok(self.list().await?.into_iter().find(|policy| policy.name == name))
    }

    /// The ids of the policies that machines and disks have. What has none maps to an empty list; what is gone is
    /// missing. Who asks at the same time is asked for together: one request for hundreds. Needs
    /// `StorageProfile.View`.
    ///
    /// # Errors
    /// A fault of one of these machines or disks, but that it is gone, and those of any call.
    ///
    /// ```no_run
    /// # async fn run(client: vsphere_client::Client, vm: vsphere_client::MoRef) -> vsphere_client::Result<()> {
    /// use vsphere_client::policy::ProfileRef;
    /// let disk = ProfileRef::Disk(vm.clone(), 2000);
    /// let found = client.policies().associated(&[ProfileRef::Home(vm), disk.clone()]).await?;
    /// println!("{:?}", found.get(&disk));
    /// # Ok(()) }
    /// ```
    pub async fn associated(&self, entities: &[ProfileRef]) -> Result<BTreeMap<ProfileRef, Vec<String>>> {
        if entities.is_empty() {
            return Ok(BTreeMap::new());
        }
        let (tell, told) = oneshot::channel();
        let first = {
            let state = self.client.core().slot::<State>();
            let mut queue = lock(&state.queue);
            queue.waiting.push((entities.to_vec(), tell));
            !std::mem::replace(&mut queue.served, true)
        };
        if first {
            // On a task of its own: whoever was first may be cancelled, the others are not.
            let client = self.client.clone();
            tokio::spawn(async move { client.policies().serve().await });
        }
        told.await.unwrap_or(Err(Error::Cancelled))
    }

    /// Answers those who wait, until nobody does.
    async fn serve(&self) {
        let guard = Served(self.client);
        loop {
            tokio::time::sleep(PATIENCE).await;
            let waiting = {
                let state = self.client.core().slot::<State>();
                let mut queue = lock(&state.queue);
                let waiting = std::mem::take(&mut queue.waiting);
                queue.served = !waiting.is_empty();
                waiting
            };
            if waiting.is_empty() {
                std::mem::forget(guard);
                return;
            }
            let all: BTreeSet<ProfileRef> = waiting.iter().flat_map(|(asked, _)| asked).cloned().collect();
            let answers = self.ask(all.into_iter().collect()).await;
            for (asked, tell) in waiting {
                let answer = answers.as_ref().map_err(Clone::clone).and_then(|all| pick(&asked, all));
                // Who is gone does not want to know.
                let _ = tell.send(answer);
            }
        }
    }

    async fn ask(&self, entities: Vec<ProfileRef>) -> Result<BTreeMap<ProfileRef, Answer>> {
        let this = self.manager().await?;
        let ask = |batch: Vec<ProfileRef>| {
            let entities = batch.iter().map(ProfileRef::on_the_wire).collect();
            let request = PbmQueryAssociatedProfiles { this: this.clone(), entities };
            async move { Ok::<_, Error>(assign(batch, self.client.call(&request).await?)) }
        };
        let batches: Vec<Vec<ProfileRef>> = entities.chunks(BATCH).map(<[_]>::to_vec).collect();
        let mut answers = stream::iter(batches).map(ask).buffer_unordered(BATCHES_IN_FLIGHT);
        let mut all = BTreeMap::new();
        while let Some(found) = answers.try_next().await? {
            all.extend(found);
        }
        Ok(all)
    }
}

/// Should serving end before its time, those who wait are told so, and the next is served again.
struct Served<'a>(&'a Client);

impl Drop for Served<'_> {
    fn drop(&mut self) {
        *lock(&self.0.core().slot::<State>().queue) = Queue::default();
    }
}

/// The ids, or what the server has against telling them.
type Answer = Result<Vec<String>, Box<Fault>>;

/// Puts the answers, which name what they are about and come in any order, to what was asked.
fn assign(asked: Vec<ProfileRef>, answers: Vec<PbmQueryProfileResult>) -> BTreeMap<ProfileRef, Answer> {
    let mut by_name: BTreeMap<(String, String), PbmQueryProfileResult> = BTreeMap::new();
    for answer in answers {
        by_name.insert((answer.object.object_type.clone(), answer.object.key.clone()), answer);
    }
    let answer_of = |entity: &ProfileRef| {
        let wire = entity.on_the_wire();
        let Some(answer) = by_name.get(&(wire.object_type, wire.key)) else { return Ok(Vec::new()) };
        match &answer.fault {
            Some(fault) => Err(Box::new(Fault::from(fault.clone()))),
            None => Ok(answer.profile_id.iter().map(|id| id.unique_id.clone()).collect()),
        }
    };
    asked.into_iter().map(|entity| (entity.clone(), answer_of(&entity))).collect()
}

/// What one of those who waited had asked for.
fn pick(
    asked: &[ProfileRef],
    all: &BTreeMap<ProfileRef, Answer>,
) -> Result<BTreeMap<ProfileRef, Vec<String>>> {
    let mut found = BTreeMap::new();
    for entity in asked {
        match all.get(entity) {
            Some(Ok(ids)) => {
                found.insert(entity.clone(), ids.clone());
            }
            Some(Err(fault))
                if matches!(fault.kind, FaultKind::ManagedObjectNotFound { .. } | FaultKind::NotFound) => {}
            Some(Err(fault)) => {
                let fault = fault.clone();
                return Err(Error::Fault { method: "PbmQueryAssociatedProfiles", fault });
            }
            None => {}
        }
    }
    Ok(found)
}

fn policy(from: &PbmProfileKind) -> Option<Policy> {
    let is_default = matches!(from, PbmProfileKind::PbmCapabilityProfile(p) if is_default(p));
    let base = from.base()?;
    Some(Policy {
        id: base.profile_id.unique_id.clone(),
        name: base.name.clone(),
        description: base.description.clone().unwrap_or_default(),
        is_default,
    })
}

fn is_default(profile: &PbmCapabilityProfile) -> bool {
    profile.is_default
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;
    use vim_types::types::PbmProfileId;
    use vim_types::xml::LocalizedFault;

    fn answer(entity: &ProfileRef, ids: &[&str], fault: Option<&str>) -> PbmQueryProfileResult {
        PbmQueryProfileResult {
            object: entity.on_the_wire(),
            profile_id: ids.iter().map(|id| PbmProfileId { unique_id: (*id).to_owned() }).collect(),
            fault: fault.map(|name| LocalizedFault { name: name.into(), ..Default::default() }),
        }
    }

    #[test]
    fn answers_find_what_they_are_about() {
        let vm = MoRef::new("VirtualMachine", "vm-12");
        let (home, disk) = (ProfileRef::Home(vm.clone()), ProfileRef::Disk(vm.clone(), 2000));
        let (other, gone) = (ProfileRef::Disk(vm.clone(), 2001), ProfileRef::Disk(vm, 2002));
        assert_eq!(disk.on_the_wire().key, "vm-12:2000");
        let asked = vec![home.clone(), disk.clone(), other.clone(), gone.clone()];
        let answers = vec![
            answer(&disk, &["b"], None),
            answer(&gone, &[], Some("ManagedObjectNotFound")),
            answer(&home, &["a"], None),
        ];
        let found = pick(&asked, &assign(asked.clone(), answers)).unwrap();
        assert_eq!(found.get(&home).unwrap(), &["a"]);
        assert_eq!(found.get(&disk).unwrap(), &["b"]);
        assert_eq!(found.get(&other).unwrap(), &[] as &[String]);
        assert_eq!(found.get(&gone), None);
        let refused = assign(asked.clone(), vec![answer(&home, &[], Some("NoPermission"))]);
        let error = pick(&asked, &refused).unwrap_err();
        assert!(matches!(error.fault_kind(), Some(FaultKind::NoPermission { .. })), "{error:?}");
        // Others, who asked at the same time, are not concerned.
        assert_eq!(pick(&asked[1..2], &refused).unwrap().len(), 1);
    }
}
