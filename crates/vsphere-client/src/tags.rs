//! Tags and their categories: `cis/tagging` of the REST interface.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{StreamExt as _, TryStreamExt as _};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::oneshot;
use vim_types::xml::MoRef;

use crate::client::Client;
use crate::core::Core;
use crate::core::rest::{Call, null_is_empty};
use crate::error::{Error, Result};
use crate::snapshot::{Company, Epoch, Snapshot, Snapshots};

const CATEGORY: &str = "cis/tagging/category";
const TAG: &str = "cis/tagging/tag";
const ASSOCIATION: &str = "cis/tagging/tag-association";
/// How many objects one request asks for; the server reads about 2,000 in one go.
const BATCH: usize = 1000;
/// How many requests it may take to find out whom a refusal of a batch is about.
const DIVISIONS: usize = 64;
/// How many tags are read at the same time when all of them are needed.
const READS: usize = 8;
/// From which batch on it pays to read what all tags are attached to, which answers every later question.
const WHOLE_AFTER: usize = 3;
/// Of how many tags one request reads the objects then.
const WHOLE_TAGS: usize = 100;
/// How many attachments are read in all: an inventory with more of them is read by its objects.
const WHOLE_MOST: usize = 10_000;

/// What is known of tags.
#[derive(Default)]
struct State {
    writes: Epoch,
    categories: Snapshots<String, Category>,
    category_ids: Snapshot<Vec<String>>,
    tags: Snapshots<String, Tag>,
    tag_ids: Snapshots<String, Vec<String>>,
    /// What waits, and whether a batch is under way.
    attached: Mutex<(Vec<Question>, bool)>,
    company: Company,
    /// Who wants to know what a tag is attached to, and whose turn it is to ask.
    tagged: Mutex<Vec<ObjectsQuestion>>,
    asks: tokio::sync::Mutex<()>,
    /// Counts the changes of what tags are attached to.
    attachments: Epoch,
    whole: Whole,
}

/// The tags of all objects: read once when many objects are looked at, instead of batch after batch: callers have ten
/// reads under way at the same time, so a batch has ten objects, whatever there is.
#[derive(Default)]
struct Whole {
    /// The IDs of all tags.
    ids: Snapshot<Vec<String>>,
    /// By the ID of the object; nothing when they are too many.
    tags: Snapshot<Option<HashMap<String, Vec<String>>>>,
    /// How many batches have been sent.
    batches: AtomicUsize,
    /// It was refused, or is too much.
    given_up: AtomicBool,
}

type Question = (MoRef, oneshot::Sender<Result<Vec<String>>>);
type ObjectsQuestion = (String, oneshot::Sender<Result<Vec<MoRef>>>);

/// How many tags of a category one object may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Cardinality {
    /// One.
    Single,
    /// Any number.
    Multiple,
}

/// A category of tags.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Category {
    /// The id (`urn:vmomi:InventoryServiceCategory:…:GLOBAL`).
    pub id: String,
    /// The name, unique.
    pub name: String,
    /// A description; may be empty.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub description: String,
    /// How many of its tags one object may have.
    pub cardinality: Cardinality,
    /// The types of objects that its tags may be put on (`VirtualMachine`); empty: any.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub associable_types: Vec<String>,
}

/// What a category is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CategorySpec {
    /// The name, unique.
    pub name: String,
    /// A description; may be empty.
    pub description: String,
    /// How many of its tags one object may have; can only be widened later.
    pub cardinality: Cardinality,
    /// The types of objects that its tags may be put on; empty: any. Types can only be added later.
    pub associable_types: Vec<String>,
}

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Tag {
    /// The id (`urn:vmomi:InventoryServiceTag:…:GLOBAL`).
    pub id: String,
    /// The name, unique in its category.
    pub name: String,
    /// A description; may be empty.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub description: String,
    /// The id of its category.
    pub category_id: String,
}

#[derive(Serialize, Deserialize)]
struct ObjectId {
    #[serde(rename = "type")]
    ty: String,
    id: String,
}

impl From<&MoRef> for ObjectId {
    fn from(object: &MoRef) -> Self {
        ObjectId { ty: object.ty.to_string(), id: object.id.to_string() }
    }
}

#[derive(Deserialize)]
struct Attached {
    object_id: ObjectId,
    #[serde(default, deserialize_with = "null_is_empty")]
    tag_ids: Vec<String>,
}

/// The answer to a batch. Its messages do not say in a usable way which tag they are about.
#[derive(Deserialize)]
struct BatchResult {
    success: bool,
}

/// A tag that could not be put on an object, or taken off.
#[derive(Clone, Debug)]
pub struct NotDone {
    /// The tag; nothing when it is about all of them.
    pub tag_id: Option<String>,
    /// Why.
    pub error: Error,
}

/// Types as the server wants them when they are written: in the name space of the inventory. A bare name is accepted by
/// servers from 7.0 U1, but stored as a type that nothing has. What is read is bare.
fn qualified<'t>(types: impl IntoIterator<Item = &'t String>) -> Vec<String> {
    let name = |t: &String| if t.starts_with("urn:") { t.clone() } else { format!("urn:vim25:{t}") };
    types.into_iter().map(name).collect()
}

/// Tags and their categories; from [`Client::tags`].
pub struct Tags<'a> {
    client: &'a Client,
}

impl Client {
    /// Tags and their categories (REST).
    pub fn tags(&self) -> Tags<'_> {
        Tags { client: self }
    }
}

impl<'a> Tags<'a> {
    fn core(&self) -> &'a Arc<Core> {
        self.client.core()
    }

    fn state(&self) -> Arc<State> {
        self.client.core().slot()
    }

    // --- categories ---

    /// The category of that id. Read once, and again after this client has written one.
    ///
    /// # Errors
    /// [`Error::Rest`] with 404 when there is none ([`Error::is_not_found`]).
    pub async fn category(&self, id: &str) -> Result<Arc<Category>> {
        let fetch = async || self.core().rest(Call::get(CATEGORY).id(id)).await;
        self.state().categories.get(&self.state().writes, &id.to_owned(), fetch).await
    }

    /// The ids of all categories. Listed once, and again after this client has written one.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn category_ids(&self) -> Result<Arc<Vec<String>>> {
        let fetch = async || self.core().rest(Call::get(CATEGORY)).await;
        self.state().category_ids.get(&self.state().writes, fetch).await
    }

    /// The category of that name; nothing when there is none.
    ///
    /// The API cannot look up by name: the ids are listed, and read until one fits.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn category_by_name(&self, name: &str) -> Result<Option<Arc<Category>>> {
        let ids = self.category_ids().await?;
        let fits = |c: &Category| c.name == name;
        let known = |id: &String| self.state().categories.peek(&self.state().writes, id);
        if let Some(category) = ids.iter().filter_map(known).find(|c| fits(c)) {
            return Ok(Some(category));
        }
        self.first(&ids, async move |id| self.category(&id).await, |c| fits(c)).await
    }

    /// Adds a category and returns its id.
    ///
    /// # Errors
    /// [`Error::Rest`] with `ALREADY_EXISTS`, `UNAUTHORIZED`, `INVALID_ARGUMENT`.
    pub async fn create_category(&self, spec: &CategorySpec) -> Result<String> {
        let body = json!({
            "name": spec.name,
            "description": spec.description,
            "cardinality": spec.cardinality,
            "associable_types": qualified(&spec.associable_types),
        });
        let state = self.state();
        let _writing = state.writes.writing();
        self.core().rest(Call::post(CATEGORY).spec("create_spec", body)).await
    }

    /// Changes a category to be as the spec says. Types that it has already stay in their order, for the
    /// server wants them first; it refuses to take types away or to narrow the cardinality.
    ///
    /// # Errors
    /// [`Error::Rest`] with `NOT_FOUND`, `ALREADY_EXISTS`, `UNAUTHORIZED`, `INVALID_ARGUMENT`.
    pub async fn update_category(&self, id: &str, spec: &CategorySpec) -> Result<()> {
        let now = self.category(id).await?;
        let kept = now.associable_types.iter().filter(|t| spec.associable_types.contains(t));
        let added = spec.associable_types.iter().filter(|t| !now.associable_types.contains(t));
        let body = json!({
            "name": spec.name,
            "description": spec.description,
            "cardinality": spec.cardinality,
            "associable_types": qualified(kept.chain(added)),
        });
        let state = self.state();
        let _writing = state.writes.writing();
        self.core().rest(Call::patch(CATEGORY, id).spec("update_spec", body)).await
    }

    /// Removes a category and all its tags.
    ///
    /// # Errors
    /// [`Error::Rest`] with `NOT_FOUND`, `UNAUTHORIZED`.
    pub async fn delete_category(&self, id: &str) -> Result<()> {
        let state = self.state();
        let _writing = (state.writes.writing(), state.attachments.writing());
        self.core().rest(Call::delete(CATEGORY, id)).await
    }

    // --- tags ---

    /// The tag of that id. Read once, and again after this client has written one.
    ///
    /// # Errors
    /// [`Error::Rest`] with 404 when there is none ([`Error::is_not_found`]).
    pub async fn tag(&self, id: &str) -> Result<Arc<Tag>> {
        let fetch = async || self.core().rest(Call::get(TAG).id(id)).await;
        self.state().tags.get(&self.state().writes, &id.to_owned(), fetch).await
    }

    /// The ids of the tags of a category.
    ///
    /// # Errors
    /// [`Error::Rest`] with `NOT_FOUND`, and those of any call.
    pub async fn tag_ids(&self, category_id: &str) -> Result<Arc<Vec<String>>> {
        let fetch = async || {
            let call = Call::post(TAG)
                .id(category_id)
                .action("list-tags-for-category")
                .parameters(json!({ "category_id": category_id }))
                .without_id_in_api()
                .repeatable();
            self.core().rest(call).await
        };
        self.state().tag_ids.get(&self.state().writes, &category_id.to_owned(), fetch).await
    }

    /// The tag of that name in a category; nothing when there is none.
    ///
    /// The API cannot look up by name: the ids are listed, and read until one fits.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn tag_by_name(&self, name: &str, category_id: &str) -> Result<Option<Arc<Tag>>> {
        let ids = self.tag_ids(category_id).await?;
        let fits = |t: &Tag| t.name == name;
        let known = |id: &String| self.state().tags.peek(&self.state().writes, id);
        if let Some(tag) = ids.iter().filter_map(known).find(|t| fits(t)) {
            return Ok(Some(tag));
        }
        self.first(&ids, async move |id| self.tag(&id).await, |t| fits(t)).await
    }

    /// Reads by id, a few at a time, until one fits; those that were removed meanwhile are passed over.
    async fn first<T, F: Future<Output = Result<Arc<T>>>>(
        &self,
        ids: &[String],
        read: impl Fn(String) -> F,
        fits: impl Fn(&T) -> bool,
    ) -> Result<Option<Arc<T>>> {
        let reads = futures_util::stream::iter(ids.to_vec()).map(read).buffer_unordered(READS);
        let mut reads = std::pin::pin!(reads);
        loop {
            match reads.try_next().await {
                Ok(None) => return Ok(None),
                Ok(Some(found)) if fits(&found) => return Ok(Some(found)),
                Ok(Some(_)) => {}
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Adds a tag and returns its id.
    ///
    /// # Errors
    /// [`Error::Rest`] with `ALREADY_EXISTS`, `NOT_FOUND` (the category), `UNAUTHORIZED`.
    pub async fn create_tag(&self, name: &str, description: &str, category_id: &str) -> Result<String> {
        let body = json!({ "name": name, "description": description, "category_id": category_id });
        let state = self.state();
        let _writing = state.writes.writing();
        self.core().rest(Call::post(TAG).spec("create_spec", body)).await
    }

    /// Renames a tag and replaces its description.
    ///
    /// # Errors
    /// [`Error::Rest`] with `ALREADY_EXISTS`, `NOT_FOUND`, `UNAUTHORIZED`.
    pub async fn update_tag(&self, id: &str, name: &str, description: &str) -> Result<()> {
        let body = json!({ "name": name, "description": description });
        let state = self.state();
        let _writing = state.writes.writing();
        self.core().rest(Call::patch(TAG, id).spec("update_spec", body)).await
    }

    /// Removes a tag, from all objects too.
    ///
    /// # Errors
    /// [`Error::Rest`] with `NOT_FOUND`, `UNAUTHORIZED`.
    pub async fn delete_tag(&self, id: &str) -> Result<()> {
        let state = self.state();
        let _writing = (state.writes.writing(), state.attachments.writing());
        self.core().rest(Call::delete(TAG, id)).await
    }

    // --- tags on objects ---

    /// The ids of the tags on an object. The question goes out at once when no other is under way, and
    /// otherwise together with all that come meanwhile. After three requests, what all tags are attached to is read at
    /// once, if that takes no more requests than were sent, and is as of one moment for 30 seconds, or until this
    /// client attaches or detaches a tag.
    ///
    /// # Errors
    /// Those of any call. An object that does not exist has no tags.
    pub async fn attached_tags(&self, object: &MoRef) -> Result<Vec<String>> {
        let state = self.state();
        let whole = state.whole.tags.peek(&state.attachments);
        if let Some(Some(all)) = whole.as_deref() {
            return Ok(all.get(&*object.id).cloned().unwrap_or_default());
        }
        let _asking = state.company.ask();
        let (reply, answer) = oneshot::channel();
        let start = {
            let mut attached = state.attached.lock().unwrap_or_else(PoisonError::into_inner);
            attached.0.push((object.clone(), reply));
            !std::mem::replace(&mut attached.1, true)
        };
        if start {
            tokio::spawn(answer_questions(self.core().clone()));
        }
        answer.await.map_err(|_| Error::Cancelled)?
    }

    /// The objects that have a tag.
    ///
    /// # Errors
    /// [`Error::Rest`] with `NOT_FOUND`, and those of any call.
    pub async fn attached_objects(&self, tag_id: &str) -> Result<Vec<MoRef>> {
        let call = Call::post(ASSOCIATION)
            .id(tag_id)
            .action("list-attached-objects")
            .parameters(json!({}))
            .repeatable();
        let objects: Vec<ObjectId> = self.core().rest(call).await?;
        Ok(objects.into_iter().map(|o| MoRef::new(o.ty, o.id)).collect())
    }

    /// The objects that have a tag, in one request for all who ask at the same time; a tag that does not exist is on none.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn attached_to(&self, tag_id: &str) -> Result<Vec<MoRef>> {
        let state = self.state();
        let waiting = || state.tagged.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let (reply, mut answer) = oneshot::channel();
            waiting().push((tag_id.to_owned(), reply));
            let _turn = state.asks.lock().await;
            match answer.try_recv() {
                Ok(answer) => return answer,
                // The caller that asked has given up.
                Err(oneshot::error::TryRecvError::Closed) => continue,
                Err(oneshot::error::TryRecvError::Empty) => {}
            }
            let questions = std::mem::take(&mut *waiting());
            let mut ids: Vec<String> = questions.iter().map(|(id, _)| id.clone()).collect();
            ids.sort();
            ids.dedup();
            let found = objects_of(self.core(), &ids).await;
            for (id, reply) in questions {
                let objects = |all: HashMap<String, Vec<MoRef>>| all.get(&id).cloned().unwrap_or_default();
                let _ = reply.send(found.clone().map(objects));
            }
            return answer.try_recv().unwrap_or(Err(Error::Cancelled));
        }
    }

    /// The objects that have each of the tags, in one request; a tag that does not exist is on none.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn attached_objects_of(&self, tag_ids: &[String]) -> Result<HashMap<String, Vec<MoRef>>> {
        objects_of(self.core(), tag_ids).await
    }

    /// Attaches a tag to an object; an attached tag is not an error.
    ///
    /// # Errors
    /// [`Error::Rest`] with `NOT_FOUND`, `INVALID_ARGUMENT` (type or cardinality), `UNAUTHORIZED`.
    pub async fn attach(&self, tag_id: &str, object: &MoRef) -> Result<()> {
        let body = json!({ "object_id": ObjectId::from(object) });
        let state = self.state();
        let _writing = state.attachments.writing();
        self.core()
            .rest(Call::post(ASSOCIATION).id(tag_id).action("attach").parameters(body).repeatable())
            .await
    }

    /// Detaches a tag from an object; a tag that is not attached is not an error.
    ///
    /// # Errors
    /// [`Error::Rest`] with `NOT_FOUND`, `UNAUTHORIZED`.
    pub async fn detach(&self, tag_id: &str, object: &MoRef) -> Result<()> {
        let body = json!({ "object_id": ObjectId::from(object) });
        let state = self.state();
        let _writing = state.attachments.writing();
        self.core()
            .rest(Call::post(ASSOCIATION).id(tag_id).action("detach").parameters(body).repeatable())
            .await
    }

    /// Puts several tags on an object: in one request and, where that is refused, one by one. API 6.5.
    ///
    /// # Errors
    /// Each tag that is not on, and why, as [`attach`](Tags::attach) says it.
    pub async fn attach_all(&self, tag_ids: &[String], object: &MoRef) -> Result<(), Vec<NotDone>> {
        match self.multiple("attach-multiple-tags-to-object", tag_ids, object).await {
            Ok(true) => Ok(()),
            Ok(false) | Err(Error::Rest { .. }) => {
                self.one_by_one(tag_ids, |id| self.attach(id, object)).await
            }
            Err(error) => Err(vec![NotDone { tag_id: None, error }]),
        }
    }

    /// Takes several tags off an object: in one request and, where that is refused, one by one. API 6.5.
    ///
    /// # Errors
    /// Each tag that is not off, and why, as [`detach`](Tags::detach) says it.
    pub async fn detach_all(&self, tag_ids: &[String], object: &MoRef) -> Result<(), Vec<NotDone>> {
        match self.multiple("detach-multiple-tags-from-object", tag_ids, object).await {
            Ok(true) => Ok(()),
            Ok(false) | Err(Error::Rest { .. }) => {
                self.one_by_one(tag_ids, |id| self.detach(id, object)).await
            }
            Err(error) => Err(vec![NotDone { tag_id: None, error }]),
        }
    }

    /// Whether all of them are done: a batch does what it can.
    async fn multiple(&self, action: &'static str, tag_ids: &[String], object: &MoRef) -> Result<bool> {
        if tag_ids.is_empty() {
            return Ok(true);
        }
        let body = json!({ "object_id": ObjectId::from(object), "tag_ids": tag_ids });
        let state = self.state();
        let _writing = state.attachments.writing();
        let result: BatchResult =
            self.core().rest(Call::post(ASSOCIATION).action(action).parameters(body).repeatable()).await?;
        Ok(result.success)
    }

    async fn one_by_one<'t, F: Future<Output = Result<()>>>(
        &self,
        tag_ids: &'t [String],
        change: impl Fn(&'t str) -> F,
    ) -> Result<(), Vec<NotDone>> {
        let mut failed = Vec::new();
        for id in tag_ids {
            if let Err(error) = change(id).await {
                failed.push(NotDone { tag_id: Some(id.clone()), error });
            }
        }
        if failed.is_empty() { Ok(()) } else { Err(failed) }
    }
}

/// Answers what waits, batch by batch, until nothing does.
async fn answer_questions(core: Arc<Core>) {
    let state = core.slot::<State>();
    loop {
        let waiting = || state.attached.lock().unwrap_or_else(PoisonError::into_inner).0.len();
        state.company.gather(waiting).await;
        let questions: Vec<Question> = {
            let mut attached = state.attached.lock().unwrap_or_else(PoisonError::into_inner);
            if attached.0.is_empty() {
                attached.1 = false;
                return;
            }
            let count = attached.0.len().min(BATCH);
            attached.0.drain(..count).collect()
        };
        let mut objects: Vec<MoRef> = questions.iter().map(|(object, _)| object.clone()).collect();
        objects.sort();
        objects.dedup();
        let all = whole(&core, &state).await;
        let found = match all.as_deref() {
            Some(Some(all)) => {
                let tags = |o: &MoRef| all.get(&*o.id).cloned().unwrap_or_default();
                objects.into_iter().map(|o| (o.clone(), Ok(tags(&o)))).collect()
            }
            _ => {
                state.whole.batches.fetch_add(1, Ordering::SeqCst);
                let ask = |objects: Vec<MoRef>, again: bool| attached(core.clone(), objects, again);
                each(objects, ask).await
            }
        };
        for (object, reply) in questions {
            let tags = match found.get(&object) {
                Some(Ok(tags)) => Ok(tags.clone()),
                // What does not exist has no tags; that it is missing is what the service says with a refusal.
                Some(Err(error @ Error::Rest { .. })) if does_not_exist(&core, &object, error).await => {
                    Ok(Vec::new())
                }
                Some(Err(error)) => Err(error.clone()),
                None => Ok(Vec::new()),
            };
            let _ = reply.send(tags);
        }
    }
}

/// The objects of tags, in one request unless it is refused.
async fn objects_of(core: &Core, tag_ids: &[String]) -> Result<HashMap<String, Vec<MoRef>>> {
    #[derive(Deserialize)]
    struct OnTag {
        tag_id: String,
        #[serde(default, deserialize_with = "null_is_empty")]
        object_ids: Vec<ObjectId>,
    }
    let ask = |ids: Vec<String>, again: bool| async move {
        let call = Call::post(ASSOCIATION)
            .action("list-attached-objects-on-tags")
            .parameters(json!({ "tag_ids": ids }))
            .repeatable()
            .refusal_is_final(again);
        let answers: Vec<OnTag> = core.rest(call).await?;
        let objects = |ids: Vec<ObjectId>| ids.into_iter().map(|o| MoRef::new(o.ty, o.id)).collect();
        Ok(answers.into_iter().map(|a| (a.tag_id, objects(a.object_ids))).collect::<HashMap<_, _>>())
    };
    let mut found: HashMap<String, Vec<MoRef>> = HashMap::new();
    for (id, objects) in each(tag_ids.to_vec(), ask).await {
        match objects {
            Ok(objects) => drop(found.insert(id, objects)),
            // A tag that is removed meanwhile is on nothing.
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// The tags of all objects, by the ID of the object, if reading them takes no more requests than batches have been sent
/// before. Nothing once this client has attached or detached a tag: then each object is read again. An object that may not
/// be read is left out by the server, and counts as one without tags.
async fn whole(core: &Core, state: &State) -> Option<Arc<Option<HashMap<String, Vec<String>>>>> {
    let Whole { ids, tags, batches, given_up } = &state.whole;
    let sent = batches.load(Ordering::SeqCst);
    if sent < WHOLE_AFTER || given_up.load(Ordering::SeqCst) || state.attachments.is_written() {
        return None;
    }
    let read = async {
        let ids = ids.get(&state.writes, async || core.rest(Call::get(TAG)).await).await?;
        if 1 + ids.len().div_ceil(WHOLE_TAGS) > sent {
            return Ok(None);
        }
        tags.get(&state.attachments, async || attached_to_all(core, &ids).await).await.map(Some)
    };
    let all: Result<_> = read.await;
    if all.as_ref().is_ok_and(|all| all.as_deref().is_none_or(Option::is_some)) {
        return all.ok().flatten();
    }
    // There are too many, or it was refused: what is wrong is said by a batch.
    given_up.store(true, Ordering::SeqCst);
    None
}

/// The tags of all objects that have one of these, by the ID of the object; nothing when they are too many.
async fn attached_to_all(core: &Core, ids: &[String]) -> Result<Option<HashMap<String, Vec<String>>>> {
    let mut all: HashMap<String, Vec<String>> = HashMap::new();
    let mut count = 0;
    for ids in ids.chunks(WHOLE_TAGS) {
        for (tag, objects) in objects_of(core, ids).await? {
            count += objects.len();
            for object in objects {
                all.entry(object.id.to_string()).or_default().push(tag.clone());
            }
        }
        if count > WHOLE_MOST {
            return Ok(None);
        }
    }
    Ok(Some(all))
}

/// The tags of objects, in one request; those that have none may be missing in the answer. `again`: one that was refused
/// is asked again, in parts.
async fn attached(core: Arc<Core>, objects: Vec<MoRef>, again: bool) -> Result<HashMap<MoRef, Vec<String>>> {
    let body = json!({ "object_ids": objects.iter().map(ObjectId::from).collect::<Vec<_>>() });
    let call = Call::post(ASSOCIATION)
        .action("list-attached-tags-on-objects")
        .parameters(body)
        .repeatable()
        .refusal_is_final(again);
    let list: Vec<Attached> = core.rest(call).await?;
    let mut found: HashMap<MoRef, Vec<String>> = HashMap::new();
    for entry in list {
        // By the id alone: the service has its own opinion of the types of switches.
        if let Some(object) = objects.iter().find(|o| *o.id == *entry.object_id.id) {
            found.insert(object.clone(), entry.tag_ids);
        }
    }
    Ok(found)
}

/// Asks about many at once and, if that is refused, about each half, which finds the elements that the refusal is about.
/// If it is about all of them, this ends early: the rest gets the error of its group.
async fn each<K, V, F>(all: Vec<K>, ask: impl Fn(Vec<K>, bool) -> F) -> HashMap<K, Result<V>>
where
    K: Clone + Eq + std::hash::Hash,
    F: Future<Output = Result<HashMap<K, V>>>,
{
    let mut found = HashMap::new();
    let mut groups = vec![(all, false)];
    let mut requests = 0;
    while let Some((group, again)) = groups.pop() {
        requests += 1;
        match ask(group.clone(), again).await {
            Ok(answers) => found.extend(answers.into_iter().map(|(k, v)| (k, Ok(v)))),
            Err(Error::Rest { status, .. })
                if group.len() > 1 && requests < DIVISIONS && !matches!(status, 401 | 429 | 503) =>
            {
                let (left, right) = group.split_at(group.len() / 2);
                groups.push((right.to_vec(), true));
                groups.push((left.to_vec(), true));
            }
            Err(error) => found.extend(group.into_iter().map(|k| (k, Err(error.clone())))),
        }
    }
    found
}

/// Whether an object is what a refusal is about: it does not exist.
async fn does_not_exist(core: &Core, object: &MoRef, error: &Error) -> bool {
    crate::properties! {
        struct Named of "ManagedEntity" { name: String = "name" }
    }
    if error.is_not_found() {
        return true;
    }
    match crate::core::property::read_now::<Named>(core, object).await {
        Err(error) => error.is_not_found(),
        Ok(_) => false,
    }
}
