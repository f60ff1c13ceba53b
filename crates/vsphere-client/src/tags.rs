//! Tags and their categories: `cis/tagging` of the REST interface.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{StreamExt as _, TryStreamExt as _};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::oneshot;
use vim_types::xml::MoRef;

use crate::client::{Client, Inner};
use crate::error::{Error, Result};
use crate::rest::Call;
use crate::snapshot::{Company, Epoch, Snapshot, Snapshots};

const CATEGORY: &str = "cis/tagging/category";
const TAG: &str = "cis/tagging/tag";
const ASSOCIATION: &str = "cis/tagging/tag-association";
/// How many objects one request asks for; the server reads about 2,000 in one go.
const BATCH: usize = 1000;
/// How many tags are read at the same time when all of them are needed.
const READS: usize = 8;

/// What is known of tags.
#[derive(Default)]
pub(crate) struct State {
    writes: Epoch,
    categories: Snapshots<String, Category>,
    category_ids: Snapshot<Vec<String>>,
    tags: Snapshots<String, Tag>,
    tag_ids: Snapshots<String, Vec<String>>,
    attached: Mutex<(Vec<Question>, bool)>,
    company: Company,
}

type Question = (MoRef, oneshot::Sender<Result<Vec<String>>>);

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

/// What is empty may be left out, or come as null.
fn null_is_empty<'de, D, T>(from: D) -> std::result::Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(from)?.unwrap_or_default())
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

#[derive(Deserialize)]
struct BatchResult {
    success: bool,
    #[serde(default, deserialize_with = "null_is_empty")]
    error_messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default, deserialize_with = "null_is_empty")]
    default_message: String,
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

impl<'a> Tags<'a> {
    pub(crate) fn new(client: &'a Client) -> Self {
        Tags { client }
    }

    fn inner(&self) -> &'a Arc<Inner> {
        self.client.inner()
    }

    fn state(&self) -> &'a State {
        &self.client.inner().tags
    }

    // --- categories ---

    /// The category of that id. Read once, and again after this client has written one.
    ///
    /// # Errors
    /// [`Error::Rest`] with 404 when there is none ([`Error::is_not_found`]).
    pub async fn category(&self, id: &str) -> Result<Arc<Category>> {
        let fetch = async || self.inner().rest(Call::get(CATEGORY).id(id)).await;
        self.state().categories.get(&self.state().writes, &id.to_owned(), fetch).await
    }

    /// The ids of all categories. Listed once, and again after this client has written one.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn category_ids(&self) -> Result<Arc<Vec<String>>> {
        let fetch = async || self.inner().rest(Call::get(CATEGORY)).await;
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
        let _writing = self.state().writes.writing();
        self.inner().rest(Call::post(CATEGORY).spec("create_spec", body)).await
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
        let _writing = self.state().writes.writing();
        self.inner().rest(Call::patch(CATEGORY, id).spec("update_spec", body)).await
    }

    /// Removes a category and all its tags.
    ///
    /// # Errors
    /// [`Error::Rest`] with `NOT_FOUND`, `UNAUTHORIZED`.
    pub async fn delete_category(&self, id: &str) -> Result<()> {
        let _writing = self.state().writes.writing();
        self.inner().rest(Call::delete(CATEGORY, id)).await
    }

    // --- tags ---

    /// The tag of that id. Read once, and again after this client has written one.
    ///
    /// # Errors
    /// [`Error::Rest`] with 404 when there is none ([`Error::is_not_found`]).
    pub async fn tag(&self, id: &str) -> Result<Arc<Tag>> {
        let fetch = async || self.inner().rest(Call::get(TAG).id(id)).await;
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
            self.inner().rest(call).await
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
        let _writing = self.state().writes.writing();
        self.inner().rest(Call::post(TAG).spec("create_spec", body)).await
    }

    /// Renames a tag and replaces its description.
    ///
    /// # Errors
    /// [`Error::Rest`] with `ALREADY_EXISTS`, `NOT_FOUND`, `UNAUTHORIZED`.
    pub async fn update_tag(&self, id: &str, name: &str, description: &str) -> Result<()> {
        let body = json!({ "name": name, "description": description });
        let _writing = self.state().writes.writing();
        self.inner().rest(Call::patch(TAG, id).spec("update_spec", body)).await
    }

    /// Removes a tag, from all objects too.
    ///
    /// # Errors
    /// [`Error::Rest`] with `NOT_FOUND`, `UNAUTHORIZED`.
    pub async fn delete_tag(&self, id: &str) -> Result<()> {
        let _writing = self.state().writes.writing();
        self.inner().rest(Call::delete(TAG, id)).await
    }

    // --- tags on objects ---

    /// The ids of the tags on an object. The question goes out at once when no other is under way, and
    /// otherwise together with all that come meanwhile.
    ///
    /// # Errors
    /// Those of any call. An object that does not exist has no tags.
    pub async fn attached_tags(&self, object: &MoRef) -> Result<Vec<String>> {
        let (reply, answer) = oneshot::channel();
        let start = {
            let mut attached = self.state().attached.lock().unwrap_or_else(PoisonError::into_inner);
            attached.0.push((object.clone(), reply));
            let count = attached.0.len() + usize::from(attached.1);
            if count > 1 {
                self.state().company.note(count);
            }
            !std::mem::replace(&mut attached.1, true)
        };
        if start {
            tokio::spawn(answer_questions(self.inner().clone()));
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
        let objects: Vec<ObjectId> = self.inner().rest(call).await?;
        Ok(objects.into_iter().map(|o| MoRef::new(o.ty, o.id)).collect())
    }

    /// The objects that have each of the tags, in one request.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn attached_objects_of(&self, tag_ids: &[String]) -> Result<HashMap<String, Vec<MoRef>>> {
        #[derive(Deserialize)]
        struct OnTag {
            tag_id: String,
            #[serde(default, deserialize_with = "null_is_empty")]
            object_ids: Vec<ObjectId>,
        }
        let call = Call::post(ASSOCIATION)
            .action("list-attached-objects-on-tags")
            .parameters(json!({ "tag_ids": tag_ids }))
            .repeatable();
        let answers: Vec<OnTag> = self.inner().rest(call).await?;
        let objects = |ids: Vec<ObjectId>| ids.into_iter().map(|o| MoRef::new(o.ty, o.id)).collect();
        Ok(answers.into_iter().map(|a| (a.tag_id, objects(a.object_ids))).collect())
    }

    /// Puts a tag on an object; that it has it already is no error.
    ///
    /// # Errors
    /// [`Error::Rest`] with `NOT_FOUND`, `INVALID_ARGUMENT` (type or cardinality), `UNAUTHORIZED`.
    pub async fn attach(&self, tag_id: &str, object: &MoRef) -> Result<()> {
        let body = json!({ "object_id": ObjectId::from(object) });
        self.inner()
            .rest(Call::post(ASSOCIATION).id(tag_id).action("attach").parameters(body).repeatable())
            .await
    }

    /// Takes a tag off an object; that it does not have it is no error.
    ///
    /// # Errors
    /// [`Error::Rest`] with `NOT_FOUND`, `UNAUTHORIZED`.
    pub async fn detach(&self, tag_id: &str, object: &MoRef) -> Result<()> {
        let body = json!({ "object_id": ObjectId::from(object) });
        self.inner()
            .rest(Call::post(ASSOCIATION).id(tag_id).action("detach").parameters(body).repeatable())
            .await
    }

    /// Puts several tags on an object in one request. Some may be on when it fails. API 6.5.
    ///
    /// # Errors
    /// [`Error::Rest`] with kind `BATCH` and all the messages, and as [`attach`](Tags::attach).
    pub async fn attach_all(&self, tag_ids: &[String], object: &MoRef) -> Result<()> {
        self.multiple("attach-multiple-tags-to-object", tag_ids, object).await
    }

    /// Takes several tags off an object in one request. Some may be off when it fails. API 6.5.
    ///
    /// # Errors
    /// [`Error::Rest`] with kind `BATCH` and all the messages, and as [`detach`](Tags::detach).
    pub async fn detach_all(&self, tag_ids: &[String], object: &MoRef) -> Result<()> {
        self.multiple("detach-multiple-tags-from-object", tag_ids, object).await
    }

    async fn multiple(&self, action: &'static str, tag_ids: &[String], object: &MoRef) -> Result<()> {
        if tag_ids.is_empty() {
            return Ok(());
        }
        let body = json!({ "object_id": ObjectId::from(object), "tag_ids": tag_ids });
        let result: BatchResult =
            self.inner().rest(Call::post(ASSOCIATION).action(action).parameters(body).repeatable()).await?;
        if result.success {
            return Ok(());
        }
        Err(Error::Rest {
            method: "POST",
            path: format!("{ASSOCIATION}?action={action}"),
            status: 200,
            kind: "BATCH".to_owned(),
            messages: result.error_messages.into_iter().map(|m| m.default_message).collect(),
        })
    }
}

/// Answers what waits, batch by batch, until nothing does.
async fn answer_questions(inner: Arc<Inner>) {
    loop {
        let waiting = || inner.tags.attached.lock().unwrap_or_else(PoisonError::into_inner).0.len();
        inner.tags.company.gather(waiting).await;
        let questions: Vec<Question> = {
            let mut attached = inner.tags.attached.lock().unwrap_or_else(PoisonError::into_inner);
            if attached.0.is_empty() {
                attached.1 = false;
                return;
            }
            let count = attached.0.len().min(BATCH);
            attached.0.drain(..count).collect()
        };
        let objects: HashSet<&MoRef> = questions.iter().map(|(object, _)| object).collect();
        let body = json!({ "object_ids": objects.into_iter().map(ObjectId::from).collect::<Vec<_>>() });
        let call =
            Call::post(ASSOCIATION).action("list-attached-tags-on-objects").parameters(body).repeatable();
        let answer: Result<Vec<Attached>> = inner.rest(call).await;
        let found = answer.map(|list| {
            list.into_iter().map(|a| (a.object_id.id, a.tag_ids)).collect::<HashMap<String, Vec<String>>>()
        });
        for (object, reply) in questions {
            let tags = found.as_ref().map(|f| f.get(&*object.id).cloned().unwrap_or_default());
            let _ = reply.send(tags.map_err(Clone::clone));
        }
    }
}
