//! Storage policies: which there are, and which virtual machines and disks have them.
//!
//! The policy service is another service of the same server, with the same session. It is first called when needed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use tokio::sync::{OnceCell, oneshot};
use vim_types::methods::{
    PbmCreate, PbmDelete, PbmQueryAssociatedProfiles, PbmQueryProfile, PbmRetrieveContent,
    PbmRetrieveServiceContent, PbmUpdate,
};
use vim_types::types::{
    PbmCapabilityConstraintInstance, PbmCapabilityConstraintsKind, PbmCapabilityInstance,
    PbmCapabilityMetadataUniqueId, PbmCapabilityProfile, PbmCapabilityProfileCreateSpec,
    PbmCapabilityProfileUpdateSpec, PbmCapabilityPropertyInstance, PbmCapabilitySubProfile,
    PbmCapabilitySubProfileConstraints, PbmProfileId, PbmProfileKind, PbmProfileResourceType,
    PbmQueryProfileResult, PbmServerObjectRef,
};
use vim_types::xml::{Any, Dyn, MoRef};

use crate::client::Client;
use crate::error::{Error, Fault, FaultKind, Result};

/// How many machines and disks one request asks for at most.
const BATCH: usize = 500;
/// How many of these requests are on their way at a time.
const BATCHES_IN_FLIGHT: usize = 4;

/// How long the first caller waits for others before the request is sent.
const BATCH_DELAY: Duration = Duration::from_millis(10);

/// The service's manager, and the callers that wait for an answer.
#[derive(Default)]
struct State {
    manager: OnceCell<MoRef>,
    queue: Mutex<Queue>,
}

type Found = Result<BTreeMap<ProfileRef, Vec<String>>>;

#[derive(Default)]
struct Queue {
    waiting: Vec<(Vec<ProfileRef>, oneshot::Sender<Found>)>,
    /// Whether a task is answering the waiting callers.
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
    /// The name of its storage class in Kubernetes, from vCenter 9.1 on.
    pub kubernetes_name: Option<String>,
    /// Whether it encrypts, by a rule of its own or by a data service.
    pub encrypts: bool,
}

impl Policy {
    /// A policy without rules.
    #[must_use]
    pub fn new(id: &str, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            description: String::new(),
            is_default: false,
            kubernetes_name: None,
            encrypts: false,
        }
    }
}

/// The category of policies for virtual machines.
const REQUIREMENT: &str = "REQUIREMENT";
/// The namespace of the capability that the encryption of virtual machines is.
const ENCRYPTION: &str = "vmwarevmcrypt";
/// The data service that encrypts (`PbmLineOfServiceInfoLineOfServiceEnum`).
const ENCRYPTION_SERVICE: &str = "ENCRYPTION";
/// The namespace of capabilities that are policies of data services, by their IDs. The vSphere Client writes the rule
/// "Host based services" so; PowerCLI can write the capability of the service itself, too.
const SERVICES: &str = "com.vmware.storageprofile.dataservice";

/// The namespace of the capability that tags are.
const TAGS: &str = "http://www.vmware.com/storage/tag";
/// The set of rules about tags, as the vSphere Client calls it.
const PLACEMENT: &str = "Tag based placement";

/// A rule of a storage policy: datastores with one of these tags, or without all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagRule {
    /// The name of the category.
    pub category: String,
    /// The names of the tags.
    pub tags: Vec<String>,
    /// Whether datastores have one of the tags; otherwise they have none of them.
    pub include: bool,
}

impl TagRule {
    /// The rule that a capability is; nothing for one of another kind.
    fn of(capability: &PbmCapabilityInstance) -> Option<Self> {
        if capability.id.namespace != TAGS {
            return None;
        }
        let property = capability.constraint.first()?.property_instance.first()?;
        let Any::Dyn(set) = &property.value else { return None };
        Some(Self {
            category: capability.id.id.clone(),
            tags: set.children("values").map(|v| v.text.clone()).collect(),
            include: property.operator.as_deref() != Some("NOT"),
        })
    }

    fn capability(&self) -> PbmCapabilityInstance {
        let value = |tag: &String| Dyn {
            name: "values".into(),
            type_name: "string".into(),
            text: tag.clone(),
            ..Dyn::default()
        };
        let set = Dyn {
            type_name: "PbmCapabilityDiscreteSet".into(),
            children: self.tags.iter().map(value).collect(),
            ..Dyn::default()
        };
        let property = PbmCapabilityPropertyInstance {
            id: format!("com.vmware.storage.tag.{}.property", self.category),
            operator: (!self.include).then(|| "NOT".to_owned()),
            value: Any::Dyn(Box::new(set)),
        };
        PbmCapabilityInstance {
            id: PbmCapabilityMetadataUniqueId { namespace: TAGS.to_owned(), id: self.category.clone() },
            constraint: vec![PbmCapabilityConstraintInstance { property_instance: vec![property] }],
        }
    }
}

/// The rules about tags among constraints.
fn tag_rules(constraints: &PbmCapabilityConstraintsKind) -> Vec<TagRule> {
    let PbmCapabilityConstraintsKind::PbmCapabilitySubProfileConstraints(all) = constraints else {
        return Vec::new();
    };
    let placement = all.sub_profiles.iter().filter(|p| p.name == PLACEMENT);
    placement.flat_map(|p| p.capability.iter().filter_map(TagRule::of)).collect()
}

/// Constraints with these rules about tags; all that is not about tags stays.
fn with_tag_rules(
    constraints: PbmCapabilityConstraintsKind,
    rules: &[TagRule],
) -> PbmCapabilityConstraintsKind {
    let mut all = match constraints {
        PbmCapabilityConstraintsKind::PbmCapabilitySubProfileConstraints(all) => *all,
        _ => PbmCapabilitySubProfileConstraints::default(),
    };
    let capabilities = rules.iter().map(TagRule::capability);
    match all.sub_profiles.iter_mut().find(|p| p.name == PLACEMENT) {
        Some(placement) => {
            placement.capability.retain(|c| c.id.namespace != TAGS);
            placement.capability.extend(capabilities);
        }
        None => all.sub_profiles.push(PbmCapabilitySubProfile {
            name: PLACEMENT.to_owned(),
            capability: capabilities.collect(),
            ..PbmCapabilitySubProfile::default()
        }),
    }
    all.into()
}

/// A storage policy with its rules about tags.
#[derive(Clone, Debug, PartialEq)]
pub struct Detailed {
    /// The policy.
    pub policy: Policy,
    /// Its rules about tags.
    pub rules: Vec<TagRule>,
    /// Everything that it demands.
    constraints: PbmCapabilityConstraintsKind,
}

/// What can have a storage policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProfileRef {
    /// The home of a virtual machine: its configuration, its swap file.
    Home(MoRef),
    /// A virtual disk: the machine and the key of the device.
    Disk(MoRef, i32),
    /// A first class disk: its ID.
    FirstClassDisk(String),
}

impl ProfileRef {
    fn on_the_wire(&self) -> PbmServerObjectRef {
        let (ty, key) = match self {
            ProfileRef::Home(vm) => ("virtualMachine", vm.id.to_string()),
            ProfileRef::Disk(vm, key) => ("virtualDiskId", format!("{}:{key}", vm.id)),
            // `PbmObjectType`: "identified by UUID - for First Class Storage Object support".
            ProfileRef::FirstClassDisk(id) => ("virtualDiskUUID", id.clone()),
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
            // Those of data services, too: policies refer to them.
            profile_category: None,
        };
        let profile_ids = self.client.call(&query).await?;
        if profile_ids.is_empty() {
            return Ok(Vec::new()); // the service does not take an empty list
        }
        let found = self.client.call(&PbmRetrieveContent { this, profile_ids }).await?;
        Ok(policies(&found))
    }

    /// The policy of a name, written exactly so; nothing when there is none. Needs `StorageProfile.View`.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn find(&self, name: &str) -> Result<Option<Policy>> {
        Ok(self.list().await?.into_iter().find(|policy| policy.name == name))
    }

    /// A policy with its rules; nothing when there is none of that ID. Needs `StorageProfile.View`.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn get(&self, id: &str) -> Result<Option<Detailed>> {
        // The service refuses an ID that it does not have, as it refuses a malformed request.
        if !self.list().await?.iter().any(|policy| policy.id == id) {
            return Ok(None);
        }
        let profile_ids = vec![PbmProfileId { unique_id: id.to_owned() }];
        let found =
            self.client.call(&PbmRetrieveContent { this: self.manager().await?, profile_ids }).await?;
        Ok(found.into_iter().next().and_then(|profile| {
            let policy = policy(&profile)?;
            let constraints = match profile {
                PbmProfileKind::PbmCapabilityProfile(p) => p.constraints,
                _ => PbmCapabilityConstraintsKind::default(),
            };
            Some(Detailed { policy, rules: tag_rules(&constraints), constraints })
        }))
    }

    /// Creates a policy for virtual machines and returns its ID. Needs `StorageProfile.Update`.
    ///
    /// # Errors
    /// `DuplicateName`, `InvalidArgument`, and those of any call.
    pub async fn create(&self, name: &str, description: &str, rules: &[TagRule]) -> Result<String> {
        let create_spec = PbmCapabilityProfileCreateSpec {
            name: name.to_owned(),
            description: Some(description.to_owned()).filter(|text| !text.is_empty()),
            category: Some(REQUIREMENT.to_owned()),
            resource_type: PbmProfileResourceType { resource_type: "STORAGE".to_owned() },
            constraints: with_tag_rules(PbmCapabilityConstraintsKind::default(), rules),
            ..PbmCapabilityProfileCreateSpec::default()
        };
        let this = self.manager().await?;
        Ok(self.client.call(&PbmCreate { this, create_spec }).await?.unique_id)
    }

    /// Changes a policy: what is not given stays, and so do rules that are not about tags. Needs `StorageProfile.Update`.
    ///
    /// # Errors
    /// `DuplicateName`, `InvalidArgument`, and those of any call.
    pub async fn update(
        &self,
        now: &Detailed,
        name: Option<&str>,
        description: Option<&str>,
        rules: Option<&[TagRule]>,
    ) -> Result<()> {
        let constraints = rules.map(|rules| with_tag_rules(now.constraints.clone(), rules));
        let update_spec = PbmCapabilityProfileUpdateSpec {
            name: name.map(str::to_owned),
            description: description.map(str::to_owned),
            constraints: constraints.map(Box::new),
        };
        let profile_id = PbmProfileId { unique_id: now.policy.id.clone() };
        self.client.call(&PbmUpdate { this: self.manager().await?, profile_id, update_spec }).await
    }

    /// Deletes a policy. Needs `StorageProfile.Update`.
    ///
    /// # Errors
    /// `ResourceInUse` while virtual machines and disks have it, and those of any call.
    pub async fn delete(&self, id: &str) -> Result<()> {
        let profile_id = vec![PbmProfileId { unique_id: id.to_owned() }];
        let outcomes = self.client.call(&PbmDelete { this: self.manager().await?, profile_id }).await?;
        match outcomes.into_iter().find_map(|outcome| outcome.fault) {
            Some(fault) => Err(Error::Fault { method: "PbmDelete", fault: Box::new(Fault::from(fault)) }),
            None => Ok(()),
        }
    }

    /// The IDs of the policies that virtual machines and disks have. An object without policies maps to an empty list; a deleted one is
    /// missing. Concurrent callers share requests: one for hundreds of objects. Needs
    /// `StorageProfile.View`.
    ///
    /// # Errors
    /// A fault of one of these virtual machines or disks, except that it does not exist, and those of any call.
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
        let (reply, answer) = oneshot::channel();
        let first = {
            let state = self.client.core().slot::<State>();
            let mut queue = lock(&state.queue);
            queue.waiting.push((entities.to_vec(), reply));
            !std::mem::replace(&mut queue.served, true)
        };
        if first {
            // In a task of its own: if the first caller is cancelled, the others still get their answer.
            let client = self.client.clone();
            tokio::spawn(async move { client.policies().serve().await });
        }
        answer.await.unwrap_or(Err(Error::Cancelled))
    }

    /// Answers the waiting callers until none are left.
    async fn serve(&self) {
        let guard = Served(self.client);
        loop {
            tokio::time::sleep(BATCH_DELAY).await;
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
            for (asked, reply) in waiting {
                let answer = answers.as_ref().map_err(Clone::clone).and_then(|all| pick(&asked, all));
                // The caller may have been cancelled.
                let _ = reply.send(answer);
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

/// If serving ends early, the waiting callers get an error, and the next caller starts it again.
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

/// The policies for virtual machines among profiles, by name.
fn policies(found: &[PbmProfileKind]) -> Vec<Policy> {
    let encrypt: Vec<&str> = found.iter().filter_map(encryption_service).collect();
    let by_service = |profile: &PbmCapabilityProfile| {
        let mut services = capabilities(&profile.constraints).filter(|id| id.namespace == SERVICES);
        services.any(|id| encrypt.contains(&id.id.as_str()))
    };
    let mut all = Vec::new();
    for profile in found {
        let PbmProfileKind::PbmCapabilityProfile(own) = profile else { continue };
        if let Some(policy) = policy(profile).filter(|_| own.profile_category == REQUIREMENT) {
            all.push(Policy { encrypts: policy.encrypts || by_service(own), ..policy });
        }
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

fn policy(from: &PbmProfileKind) -> Option<Policy> {
    let own = match from {
        PbmProfileKind::PbmCapabilityProfile(p) => Some(p),
        _ => None,
    };
    let base = from.base()?;
    Some(Policy {
        description: base.description.clone().unwrap_or_default(),
        is_default: own.is_some_and(|p| is_default(p)),
        kubernetes_name: own.and_then(|p| p.k8s_compliant_name.clone()).filter(|n| !n.is_empty()),
        encrypts: own.is_some_and(|p| encrypts(p)),
        ..Policy::new(&base.profile_id.unique_id, &base.name)
    })
}

/// The capabilities that constraints demand.
fn capabilities(
    constraints: &PbmCapabilityConstraintsKind,
) -> impl Iterator<Item = &PbmCapabilityMetadataUniqueId> {
    let sets = match constraints {
        PbmCapabilityConstraintsKind::PbmCapabilitySubProfileConstraints(all) => &*all.sub_profiles,
        _ => &[],
    };
    sets.iter().flat_map(|set| &set.capability).map(|c| &c.id)
}

fn encrypts(profile: &PbmCapabilityProfile) -> bool {
    profile.line_of_service.as_deref() == Some(ENCRYPTION_SERVICE)
        || capabilities(&profile.constraints).any(|id| id.namespace == ENCRYPTION)
}

/// The ID of the policy of a data service, if that encrypts.
fn encryption_service(from: &PbmProfileKind) -> Option<&str> {
    match from {
        PbmProfileKind::PbmCapabilityProfile(p) if encrypts(p) => Some(&p.base.profile_id.unique_id),
        _ => None,
    }
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
    fn a_policy_encrypts_by_a_rule_or_by_a_data_service() {
        let profile = |id: &str, category: &str, rule: (&str, &str)| {
            let capability = PbmCapabilityInstance {
                id: PbmCapabilityMetadataUniqueId { namespace: rule.0.into(), id: rule.1.into() },
                constraint: vec![],
            };
            let rules = PbmCapabilitySubProfile { capability: vec![capability], ..Default::default() };
            let mut profile = PbmCapabilityProfile {
                profile_category: category.into(),
                constraints: PbmCapabilitySubProfileConstraints {
                    sub_profiles: vec![rules],
                    ..Default::default()
                }
                .into(),
                ..Default::default()
            };
            profile.base.profile_id.unique_id = id.into();
            profile.base.name = id.into();
            PbmProfileKind::from(profile)
        };
        let all = policies(&[
            profile("crypt", "DATA_SERVICE_POLICY", (ENCRYPTION, "vmwarevmcrypt@ENCRYPTION")),
            profile("cache", "DATA_SERVICE_POLICY", ("other", "other@CACHE")),
            profile("by service", REQUIREMENT, (SERVICES, "crypt")),
            profile("by rule", REQUIREMENT, (ENCRYPTION, "vmwarevmcrypt@ENCRYPTION")),
            profile("cached", REQUIREMENT, (SERVICES, "cache")),
            profile("plain", REQUIREMENT, (TAGS, "tier")),
        ]);
        let found: Vec<_> = all.iter().map(|p| (p.name.as_str(), p.encrypts)).collect();
        assert_eq!(found, [("by rule", true), ("by service", true), ("cached", false), ("plain", false)]);
    }

    #[test]
    fn rules_about_tags_are_read_as_they_were_sent() {
        let rule = |category: &str, tags: &[&str], include| TagRule {
            category: category.into(),
            tags: tags.iter().map(|t| (*t).to_owned()).collect(),
            include,
        };
        let rules = [rule("tier", &["gold", "silver"], true), rule("site", &["berlin"], false)];
        let made = with_tag_rules(PbmCapabilityConstraintsKind::default(), &rules);
        assert_eq!(tag_rules(&made), rules);
        // What is not about tags stays, in its set of rules and in others.
        let PbmCapabilityConstraintsKind::PbmCapabilitySubProfileConstraints(mut all) = made else {
            panic!("not a set of rules")
        };
        let other = PbmCapabilityInstance {
            id: PbmCapabilityMetadataUniqueId {
                namespace: "VSAN".into(),
                id: "hostFailuresToTolerate".into(),
            },
            constraint: vec![],
        };
        all.sub_profiles[0].capability.push(other.clone());
        all.sub_profiles.push(PbmCapabilitySubProfile { name: "other".into(), ..Default::default() });
        let changed = with_tag_rules((*all).into(), &rules[..1]);
        assert_eq!(tag_rules(&changed), rules[..1]);
        let PbmCapabilityConstraintsKind::PbmCapabilitySubProfileConstraints(all) = changed else {
            panic!("not a set of rules")
        };
        assert_eq!((all.sub_profiles.len(), all.sub_profiles[0].capability.len()), (2, 2));
        assert!(all.sub_profiles[0].capability.contains(&other));
    }

    #[test]
    fn answers_find_what_they_are_about() {
        let vm = MoRef::new("VirtualMachine", "vm-12");
        let (home, disk) = (ProfileRef::Home(vm.clone()), ProfileRef::Disk(vm.clone(), 2000));
        let (other, missing) = (ProfileRef::Disk(vm.clone(), 2001), ProfileRef::Disk(vm, 2002));
        assert_eq!(disk.on_the_wire().key, "vm-12:2000");
        let asked = vec![home.clone(), disk.clone(), other.clone(), missing.clone()];
        let answers = vec![
            answer(&disk, &["b"], None),
            answer(&missing, &[], Some("ManagedObjectNotFound")),
            answer(&home, &["a"], None),
        ];
        let found = pick(&asked, &assign(asked.clone(), answers)).unwrap();
        assert_eq!(found.get(&home).unwrap(), &["a"]);
        assert_eq!(found.get(&disk).unwrap(), &["b"]);
        assert_eq!(found.get(&other).unwrap(), &[] as &[String]);
        assert_eq!(found.get(&missing), None);
        let refused = assign(asked.clone(), vec![answer(&home, &[], Some("NoPermission"))]);
        let error = pick(&asked, &refused).unwrap_err();
        assert!(matches!(error.fault_kind(), Some(FaultKind::NoPermission { .. })), "{error:?}");
        // Others, who asked at the same time, are not concerned.
        assert_eq!(pick(&asked[1..2], &refused).unwrap().len(), 1);
    }
}
