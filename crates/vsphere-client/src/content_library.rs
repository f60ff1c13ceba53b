//! Content libraries, their items, and the virtual machines that are made from them (REST).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _};
use reqwest::{Method, Url};

use serde::Deserialize;
use serde_json::{Value, json};
use vim_types::xml::{MoRef, Secret};

use crate::client::Client;
use crate::core::Core;
use crate::core::backoff::Backoff;
use crate::core::config::Tls;
use crate::core::rest::{Call, escape, null_is_empty};
use crate::core::upload::{self, Chunks, Meter};
use crate::error::{Error, Result};
use crate::ovf::{Input, Package};
use crate::snapshot::{Epoch, Snapshot, Snapshots};
use crate::virtual_machine::Wait;

const LIBRARY: &str = "content/library";
const LOCAL: &str = "content/local-library";
const SUBSCRIBED: &str = "content/subscribed-library";
const ITEM: &str = "content/library/item";
const SESSION: &str = "content/library/item/update-session";
const OVF: &str = "vcenter/ovf/library-item";
const TEMPLATE: &str = "vcenter/vm-template/library-items";
/// The type of a library that follows another.
const SUBSCRIBED_TYPE: &str = "SUBSCRIBED";
/// How many libraries or items are read at the same time.
const READS: usize = 8;
/// How often a session is kept alive; the server gives one up after minutes of silence.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// The pauses between looks at a session that is being completed.
const FIRST_LOOK: Duration = Duration::from_millis(100);
const LOOK: Duration = Duration::from_secs(3);

/// What is known of libraries.
#[derive(Default)]
struct State {
    writes: Epoch,
    library_ids: Snapshot<Vec<String>>,
    libraries: Snapshots<String, Library>,
    item_ids: Snapshots<String, Vec<String>>,
    items: Snapshots<String, LibraryItem>,
}

/// A content library.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Library {
    /// Its id, which has the form of a UUID.
    pub id: String,
    /// Its name. Several libraries may have one name.
    pub name: String,
    /// Its description; may be empty.
    #[serde(deserialize_with = "null_is_empty")]
    pub description: String,
    /// `LOCAL` or `SUBSCRIBED`.
    #[serde(rename = "type")]
    pub ty: String,
    /// Where its items are kept.
    #[serde(deserialize_with = "null_is_empty")]
    pub storage_backings: Vec<StorageBacking>,
    /// How others can follow it.
    pub publish_info: Option<Publication>,
    /// What it follows.
    pub subscription_info: Option<Subscription>,
}

impl Library {
    /// Whether its items are those of another library.
    pub fn is_subscribed(&self) -> bool {
        self.ty == SUBSCRIBED_TYPE
    }

    /// The ids of the datastores that its items are on.
    pub fn datastores(&self) -> impl Iterator<Item = &str> {
        self.storage_backings.iter().filter_map(|s| s.datastore_id.as_deref())
    }
}

/// Where items of a library are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct StorageBacking {
    /// The id of a datastore; nothing where it is a file system.
    pub datastore_id: Option<String>,
}

/// How others can follow a library.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Publication {
    /// Whether they can.
    #[serde(deserialize_with = "null_is_empty")]
    pub published: bool,
    /// `NONE` or `BASIC`.
    #[serde(deserialize_with = "null_is_empty")]
    pub authentication_method: String,
    /// The name that they give.
    #[serde(deserialize_with = "null_is_empty")]
    pub user_name: String,
    /// Where they find it.
    #[serde(deserialize_with = "null_is_empty")]
    pub publish_url: String,
}

/// What a library follows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Subscription {
    /// Where the other library is.
    #[serde(deserialize_with = "null_is_empty")]
    pub subscription_url: String,
    /// `NONE` or `BASIC`.
    #[serde(deserialize_with = "null_is_empty")]
    pub authentication_method: String,
    /// The name that is given there.
    #[serde(deserialize_with = "null_is_empty")]
    pub user_name: String,
    /// Whether files are fetched only when they are needed.
    #[serde(deserialize_with = "null_is_empty")]
    pub on_demand: bool,
    /// Whether it follows by itself.
    #[serde(deserialize_with = "null_is_empty")]
    pub automatic_sync_enabled: bool,
}

/// What a library is made of.
#[derive(Clone, Debug, Default)]
pub struct LibrarySpec {
    /// The name.
    pub name: String,
    /// The description; may be empty.
    pub description: String,
    /// The ids of datastores.
    pub datastores: Vec<String>,
    /// How others can follow it, and the password that they give.
    pub publication: Option<(Publication, Secret)>,
    /// What it follows, and the password that is given there: then it is a subscribed library.
    pub subscription: Option<(Subscription, Secret)>,
}

impl LibrarySpec {
    /// `thumbprint` is that of the server of the subscription.
    fn body(&self, thumbprint: Option<String>) -> Value {
        let backing = |id: &String| json!({ "type": "DATASTORE", "datastore_id": id });
        let mut body = json!({
            "name": self.name,
            "description": self.description,
            "type": if self.subscription.is_some() { SUBSCRIBED_TYPE } else { "LOCAL" },
            "storage_backings": self.datastores.iter().map(backing).collect::<Vec<_>>(),
        });
        let account = |user: &str, password: &Secret, info: &mut Value| {
            for (name, text) in [("user_name", user), ("password", password.expose())] {
                if !text.is_empty() {
                    info[name] = json!(text);
                }
            }
        };
        if let Some((p, password)) = &self.publication {
            let mut info = json!({
                "published": p.published,
                "authentication_method": p.authentication_method,
            });
            account(&p.user_name, password, &mut info);
            body["publish_info"] = info;
        }
        if let Some((s, password)) = &self.subscription {
            let mut info = json!({
                "subscription_url": s.subscription_url,
                "authentication_method": s.authentication_method,
                "on_demand": s.on_demand,
                "automatic_sync_enabled": s.automatic_sync_enabled,
            });
            account(&s.user_name, password, &mut info);
            if let Some(thumbprint) = thumbprint {
                info["ssl_thumbprint"] = json!(thumbprint);
            }
            body["subscription_info"] = info;
        }
        body
    }
}

/// An item of a content library.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct LibraryItem {
    /// Its id, which has the form of a UUID.
    pub id: String,
    /// Its name, unique in its library.
    pub name: String,
    /// Its type: `ovf`, `vm-template`, `iso`, ….
    #[serde(rename = "type", deserialize_with = "null_is_empty")]
    pub ty: String,
    /// Its description; may be empty.
    #[serde(deserialize_with = "null_is_empty")]
    pub description: String,
    /// The id of the library that holds it.
    pub library_id: String,
    /// The size of its files in bytes.
    #[serde(deserialize_with = "null_is_empty")]
    pub size: i64,
    /// Whether its files are on the storage of its library.
    #[serde(deserialize_with = "null_is_empty")]
    pub cached: bool,
    /// When it was made, as RFC 3339.
    #[serde(deserialize_with = "null_is_empty")]
    pub creation_time: String,
}

/// What an item is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemSpec {
    /// The name, unique in its library.
    pub name: String,
    /// The description; may be empty.
    pub description: String,
    /// The id of the library.
    pub library_id: String,
    /// The type: `ovf`, `iso`, ….
    pub ty: String,
}

/// A file of an item, on the storage of its library.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct StoredFile {
    /// Its name.
    pub name: String,
    /// Where it is kept.
    pub storage_backing: StorageBacking,
    /// URIs of it: `ds:///vmfs/volumes/<id of a volume>/contentlib-…/….iso?serverId=…`.
    #[serde(deserialize_with = "null_is_empty")]
    pub storage_uris: Vec<String>,
    /// Its size in bytes.
    #[serde(deserialize_with = "null_is_empty")]
    pub size: i64,
}

impl StoredFile {
    /// Its path on its datastore; nothing where it is on none.
    pub fn datastore_path(&self) -> Option<String> {
        self.storage_backing.datastore_id.as_ref()?;
        self.storage_uris.iter().find_map(|uri| {
            let (path, _) = uri.split_once('?').unwrap_or((uri, ""));
            let (_volume, path) = path.strip_prefix("ds:///vmfs/volumes/")?.split_once('/')?;
            Some(path.trim_start_matches('/').to_owned()).filter(|p| !p.is_empty())
        })
    }
}

/// What the files of an item come from.
#[derive(Debug)]
pub enum Content {
    /// A package: its descriptor and its files travel through this client.
    Package(Box<Package>),
    /// A file, which travels through this client.
    File(PathBuf),
    /// A URL (`https` or `http`), which the server fetches by itself.
    Url(String),
}

/// Where a virtual machine from an item goes, and what it is to be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deployment {
    /// Its name.
    pub name: String,
    /// Its annotation; may be empty.
    pub annotation: String,
    /// The folder.
    pub folder: Option<MoRef>,
    /// The resource pool or vApp.
    pub pool: Option<MoRef>,
    /// The host.
    pub host: Option<MoRef>,
    /// The datastore or datastore cluster.
    pub datastore: Option<String>,
    /// The id of a storage policy.
    pub storage_policy: Option<String>,
    /// How disks take space: `thin`, `thick`, `eagerZeroedThick`; for packages.
    pub provisioning: Option<String>,
    /// The ids of networks, by the names that a package has for them.
    pub networks: BTreeMap<String, String>,
    /// Datastores, by the names of the storage groups of a package.
    pub storage_groups: BTreeMap<String, String>,
    /// Properties of a package.
    pub properties: BTreeMap<String, String>,
}

/// Content libraries; from [`Client::content_libraries`].
pub struct ContentLibraries<'a> {
    client: &'a Client,
}

impl Client {
    /// Content libraries.
    pub fn content_libraries(&self) -> ContentLibraries<'_> {
        ContentLibraries { client: self }
    }
}

/// An update session.
#[derive(Deserialize)]
struct Session {
    state: String,
    #[serde(default)]
    error_message: Value,
}

/// A file of an update session.
#[derive(Deserialize)]
struct SessionFile {
    name: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    error_message: Value,
    #[serde(default)]
    upload_endpoint: Option<Endpoint>,
}

#[derive(Deserialize)]
struct Endpoint {
    uri: String,
}

/// What a server finds wrong with the files of a session.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Validation {
    has_errors: bool,
    #[serde(deserialize_with = "null_is_empty")]
    missing_files: Vec<String>,
    #[serde(deserialize_with = "null_is_empty")]
    invalid_files: Vec<InvalidFile>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct InvalidFile {
    name: String,
    error_message: Value,
}

/// All messages in an answer, in order.
fn messages(of: &Value) -> Vec<String> {
    match of {
        Value::Array(list) => list.iter().flat_map(messages).collect(),
        Value::Object(map) => {
            let own = map.get("default_message").and_then(Value::as_str).map(str::trim);
            let own = own.filter(|m| !m.is_empty()).map(str::to_owned);
            own.into_iter().chain(map.values().flat_map(messages)).collect()
        }
        _ => vec![],
    }
}

/// The messages in an answer as a text, or what to say without one.
fn said(of: &Value, otherwise: &str) -> String {
    let mut all = messages(of);
    all.dedup();
    if all.is_empty() { otherwise.to_owned() } else { all.join(" ") }
}

impl<'a> ContentLibraries<'a> {
    fn core(&self) -> &'a Arc<Core> {
        self.client.core()
    }

    fn state(&self) -> Arc<State> {
        self.client.core().slot()
    }

    // --- libraries ---

    /// The ids of all libraries. Listed once, and again after this client has written one.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn library_ids(&self) -> Result<Arc<Vec<String>>> {
        let fetch = async || self.core().rest(Call::get(LIBRARY)).await;
        self.state().library_ids.get(&self.state().writes, fetch).await
    }

    /// The library of that id. Read once, and again after this client has written one.
    ///
    /// # Errors
    /// [`Error::Rest`] with 404 when there is none ([`Error::is_not_found`]).
    pub async fn library(&self, id: &str) -> Result<Arc<Library>> {
        let fetch = async || self.core().rest(Call::get(LIBRARY).id(id)).await;
        self.state().libraries.get(&self.state().writes, &id.to_owned(), fetch).await
    }

    /// All libraries that the user may see, a few read at a time; those that are removed meanwhile are left out.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn libraries(&self) -> Result<Vec<Arc<Library>>> {
        let ids = self.library_ids().await?;
        all(&ids, async move |id| self.library(&id).await).await
    }

    /// The ids of the libraries of that name, in any case.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn find_library(&self, name: &str) -> Result<Vec<String>> {
        let spec = json!({ "name": name });
        self.core().rest(Call::post(LIBRARY).action("find").spec("spec", spec).repeatable()).await
    }

    /// Adds a library and returns its id.
    ///
    /// # Errors
    /// [`Error::Rest`] with `ALREADY_EXISTS`, `INVALID_ARGUMENT`, `UNAUTHORIZED`, ….
    pub async fn create_library(&self, spec: &LibrarySpec) -> Result<String> {
        let (service, url) = match &spec.subscription {
            Some((s, _)) => (SUBSCRIBED, s.subscription_url.as_str()),
            None => (LOCAL, ""),
        };
        let thumbprint = match &self.core().config.tls {
            // A client that trusts any certificate trusts this one; the server needs its thumbprint.
            Tls::Insecure if !url.is_empty() => self.certificate_of(url).await,
            _ => None,
        };
        let state = self.state();
        let _writing = state.writes.writing();
        self.core().rest(Call::post(service).spec("create_spec", spec.body(thumbprint))).await
    }

    /// Removes a library with all its items.
    ///
    /// # Errors
    /// [`Error::Rest`] with `NOT_FOUND`, `UNAUTHORIZED`, ….
    pub async fn delete_library(&self, library: &Library) -> Result<()> {
        let service = if library.is_subscribed() { SUBSCRIBED } else { LOCAL };
        let state = self.state();
        let _writing = state.writes.writing();
        self.core().rest(Call::delete(service, &library.id)).await
    }

    /// The SHA-1 thumbprint of the certificate of an `https` server.
    async fn certificate_of(&self, url: &str) -> Option<String> {
        let url = Url::parse(url).ok().filter(|u| u.scheme() == "https")?;
        let (host, port) = (url.host_str()?, url.port_or_known_default()?);
        self.client.certificate_thumbprint(host, port, false).await.ok()
    }

    // --- items ---

    /// The ids of the items of a library. Listed once, and again after this client has written one.
    ///
    /// # Errors
    /// [`Error::Rest`] with 404 when there is no such library ([`Error::is_not_found`]).
    pub async fn item_ids(&self, library_id: &str) -> Result<Arc<Vec<String>>> {
        let fetch = async || {
            let query = format!("library_id={}", escape(library_id));
            let call = Call::get(ITEM)
                .paths(format!("/api/{ITEM}?{query}"), format!("/rest/com/vmware/{ITEM}?{query}"));
            self.core().rest(call).await
        };
        self.state().item_ids.get(&self.state().writes, &library_id.to_owned(), fetch).await
    }

    /// The item of that id. Read once, and again after this client has written one.
    ///
    /// # Errors
    /// [`Error::Rest`] with 404 when there is none ([`Error::is_not_found`]).
    pub async fn item(&self, id: &str) -> Result<Arc<LibraryItem>> {
        let fetch = async || self.core().rest(Call::get(ITEM).id(id)).await;
        self.state().items.get(&self.state().writes, &id.to_owned(), fetch).await
    }

    /// All items of a library, a few read at a time; those that are removed meanwhile are left out.
    ///
    /// # Errors
    /// As [`item_ids`](ContentLibraries::item_ids).
    pub async fn items(&self, library_id: &str) -> Result<Vec<Arc<LibraryItem>>> {
        let ids = self.item_ids(library_id).await?;
        all(&ids, async move |id| self.item(&id).await).await
    }

    /// The ids of the items of that name in a library, which has at most one.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn find_item(&self, library_id: &str, name: &str) -> Result<Vec<String>> {
        let spec = json!({ "library_id": library_id, "name": name });
        self.core().rest(Call::post(ITEM).action("find").spec("spec", spec).repeatable()).await
    }

    /// Adds an item without files and returns its id.
    ///
    /// # Errors
    /// [`Error::Rest`] with `ALREADY_EXISTS`, `NOT_FOUND` (the library), `UNAUTHORIZED`, `INVALID_ELEMENT_TYPE` (a
    /// subscribed library).
    pub async fn create_item(&self, spec: &ItemSpec) -> Result<String> {
        let body = json!({
            "name": spec.name,
            "description": spec.description,
            "library_id": spec.library_id,
            "type": spec.ty,
        });
        let state = self.state();
        let _writing = state.writes.writing();
        self.core().rest(Call::post(ITEM).spec("create_spec", body)).await
    }

    /// Replaces the name and the description of an item.
    ///
    /// # Errors
    /// [`Error::Rest`] with `ALREADY_EXISTS`, `NOT_FOUND`, `UNAUTHORIZED`.
    pub async fn update_item(&self, id: &str, name: &str, description: &str) -> Result<()> {
        let body = json!({ "name": name, "description": description });
        let state = self.state();
        let _writing = state.writes.writing();
        self.core().rest(Call::patch(ITEM, id).spec("update_spec", body)).await
    }

    /// Removes an item with its files.
    ///
    /// # Errors
    /// [`Error::Rest`] with `NOT_FOUND`, `UNAUTHORIZED`, ….
    pub async fn delete_item(&self, id: &str) -> Result<()> {
        let state = self.state();
        let _writing = state.writes.writing();
        self.core().rest(Call::delete(ITEM, id)).await
    }

    /// Where the files of an item are.
    ///
    /// # Errors
    /// [`Error::Rest`] with 404 when there is no such item ([`Error::is_not_found`]).
    pub async fn storage(&self, id: &str) -> Result<Vec<StoredFile>> {
        let id = escape(id);
        let call = Call::get(ITEM).paths(
            format!("/api/{ITEM}/{id}/storage"),
            format!("/rest/com/vmware/{ITEM}/storage?library_item_id={id}"),
        );
        self.core().rest(call).await
    }

    /// Makes an item of a virtual machine or template, as an OVF package, and returns its id. The server answers when the
    /// files are written.
    ///
    /// # Errors
    /// [`Error::Library`] with the server's reasons, [`Error::Timeout`], [`Error::Cancelled`], and those of any call.
    pub async fn capture_ovf(&self, spec: &ItemSpec, source: &MoRef, wait: Wait<'_>) -> Result<String> {
        let body = json!({
            "source": { "type": &*source.ty, "id": &*source.id },
            "target": { "library_id": spec.library_id },
            "create_spec": { "name": spec.name, "description": spec.description },
        });
        let state = self.state();
        let _writing = state.writes.writing();
        let call = Call::post(OVF).parameters(body).slow(wait.timeout);
        let answer: Value = self.waited("the export of the virtual machine", call, wait).await?;
        done(&answer)?;
        let id = answer["ovf_library_item_id"].as_str().map(str::to_owned);
        id.ok_or_else(|| Error::Library("the server does not say which item it has made".to_owned()))
    }

    /// Makes an item of a virtual machine or template, as a template that is in the inventory too, and returns its id.
    ///
    /// # Errors
    /// [`Error::Rest`] with `ALREADY_EXISTS`, `NOT_FOUND`, `UNAUTHORIZED`, …; [`Error::Timeout`], [`Error::Cancelled`].
    pub async fn capture_template(
        &self,
        spec: &ItemSpec,
        source: &MoRef,
        place: &Deployment,
        wait: Wait<'_>,
    ) -> Result<String> {
        let body = json!({
            "source_vm": &*source.id,
            "name": spec.name,
            "description": spec.description,
            "library": spec.library_id,
            "placement": placement(place),
        });
        let state = self.state();
        let _writing = state.writes.writing();
        let _inventory = self.core().inventory.writing();
        let call = template("", "").spec("spec", body).slow(wait.timeout);
        self.waited("the cloning of the virtual machine to the library", call, wait).await
    }

    // --- virtual machines ---

    /// Makes a virtual machine from an item of the type `ovf`, and leaves it off.
    ///
    /// # Errors
    /// [`Error::Library`] with the server's reasons, [`Error::Timeout`], [`Error::Cancelled`], and those of any call.
    pub async fn deploy_ovf(&self, item_id: &str, spec: &Deployment, wait: Wait<'_>) -> Result<MoRef> {
        let (api, rest) = (deployment(spec, false), deployment(spec, true));
        let call = Call::post(OVF).id(item_id).action("deploy").parameters(api).rest_body(rest);
        let _inventory = self.core().inventory.writing();
        let answer: Value = self.waited("the deployment of the item", call.slow(wait.timeout), wait).await?;
        done(&answer)?;
        let made = &answer["resource_id"];
        match (made["type"].as_str(), made["id"].as_str()) {
            (Some("VirtualMachine"), Some(id)) => Ok(MoRef::new("VirtualMachine", id)),
            (Some(ty), Some(id)) => Err(Error::Library(format!(
                "the item is not one virtual machine: the server has made {ty}:{id} of it"
            ))),
            _ => Err(Error::Library("the server does not say what it has made".to_owned())),
        }
    }

    /// Makes a virtual machine from an item of the type `vm-template`, and leaves it off.
    ///
    /// # Errors
    /// [`Error::Rest`] with `ALREADY_EXISTS`, `NOT_FOUND`, `UNAUTHORIZED`, …; [`Error::Timeout`], [`Error::Cancelled`].
    pub async fn deploy_template(&self, item_id: &str, spec: &Deployment, wait: Wait<'_>) -> Result<MoRef> {
        let mut body = json!({
            "name": spec.name,
            "description": spec.annotation,
            "placement": placement(spec),
            "powered_on": false,
        });
        let mut storage = json!({});
        if let Some(datastore) = &spec.datastore {
            storage["datastore"] = json!(datastore);
        }
        storage["storage_policy"] = match &spec.storage_policy {
            Some(policy) => json!({ "type": "USE_SPECIFIED_POLICY", "policy": policy }),
            None => json!({ "type": "USE_SOURCE_POLICY" }),
        };
        body["vm_home_storage"] = storage.clone();
        body["disk_storage"] = storage;
        let call = template(item_id, "deploy").spec("spec", body).slow(wait.timeout);
        let _inventory = self.core().inventory.writing();
        let id: String = self.waited("the deployment of the item", call, wait).await?;
        Ok(MoRef::new("VirtualMachine", id))
    }

    /// A call that may take long, until it is answered, cancelled, or the time is over.
    async fn waited<T: serde::de::DeserializeOwned>(
        &self,
        what: &str,
        call: Call<'_>,
        wait: Wait<'_>,
    ) -> Result<T> {
        wait.limit(what, self.core().rest(call)).await
    }

    // --- files ---

    /// Gives an item its files: in a session that is kept alive, and that is cancelled when something fails, so that
    /// nothing of it becomes visible.
    ///
    /// # Errors
    /// [`Error::Library`] with the file and the server's reason, [`Error::Package`], [`Error::Upload`],
    /// [`Error::Timeout`], [`Error::Cancelled`], and those of any call.
    pub async fn fill(&self, item_id: &str, content: &Content, wait: Wait<'_>) -> Result<()> {
        let create = Call::post(SESSION).spec("create_spec", json!({ "library_item_id": item_id }));
        let session: String = self.core().rest(create).await?;
        let state = self.state();
        let _writing = state.writes.writing();
        let meter = Meter::of(size_of(content).await);
        let work = async {
            tokio::select! {
                done = self.transfer(&session, content, &meter) => done?,
                lost = self.keep_alive(&session, &meter, wait.progress) => return Err(lost),
            }
            (wait.progress)(100);
            Ok(())
        };
        let result = wait.limit("the transfer of the files to the library", work).await;
        if let Err(error) = &result {
            let cancelled: Result<()> =
                self.core().rest(Call::post(SESSION).id(&session).action("cancel")).await;
            if let Err(refused) = cancelled {
                tracing::debug!(error = %refused, why = %error, "an update session was not cancelled");
            }
        }
        let removed: Result<()> = self.core().rest(Call::delete(SESSION, &session)).await;
        if let Err(refused) = removed {
            tracing::debug!(error = %refused, "an update session was not removed");
        }
        result
    }

    /// Sends the files, or has them fetched, and waits until the server has taken them.
    async fn transfer(&self, session: &str, content: &Content, meter: &Meter) -> Result<()> {
        match content {
            Content::Package(package) => {
                let text = package.descriptor().text.clone().into_bytes();
                let size = Some(text.len() as u64);
                let name = package.descriptor_name();
                self.push(session, &name, size, &mut Text(Some(text)), meter).await?;
                let mut files = package.all_files()?;
                while let Some((file, size)) = files.next().await? {
                    self.push(session, &file.path, size, &mut files, meter).await?;
                }
            }
            Content::File(path) => {
                let (mut file, size) = Input::file(path).await?;
                let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                self.push(session, &name, Some(size), &mut file, meter).await?;
            }
            Content::Url(url) => self.pull(session, url).await?,
        }
        if !matches!(content, Content::Url(_)) {
            self.validate(session).await?;
        }
        let complete: Result<()> = self.core().rest(Call::post(SESSION).id(session).action("complete")).await;
        complete?;
        self.settled(session).await
    }

    /// Announces a file, and sends it to where the server wants it.
    async fn push(
        &self,
        session: &str,
        name: &str,
        size: Option<u64>,
        file: &mut impl Chunks,
        meter: &Meter,
    ) -> Result<()> {
        let mut spec = json!({ "name": name, "source_type": "PUSH" });
        if let Some(size) = size {
            spec["size"] = json!(size);
        }
        let added = self.add(session, spec).await?;
        let endpoint = added.upload_endpoint.ok_or_else(|| {
            Error::Library(format!("the file {name} cannot be sent: the server names no place for it"))
        })?;
        let url = Url::parse(&endpoint.uri)
            .map_err(|e| Error::decode(SESSION, std::io::Error::other(e.to_string())))?;
        let core = self.core();
        let peer = core.peer_of(&url, "")?;
        let mut request = peer.client.request(Method::PUT, url);
        if peer.host == core.http.host() {
            request = core.rest_authorized(request).await?;
        }
        upload::send(&peer, request, name, size, file, meter).await
    }

    /// Has the server fetch a file.
    async fn pull(&self, session: &str, url: &str) -> Result<()> {
        let parsed = Url::parse(url).map_err(|e| Error::Package(format!("the URL is wrong: {e}")))?;
        let last = parsed.path_segments().and_then(|mut s| s.next_back()).unwrap_or_default();
        let name = if last.is_empty() { "file" } else { last };
        let mut source = json!({ "uri": url });
        if let Some(thumbprint) = self.certificate_of(url).await {
            source["ssl_certificate_thumbprint"] = json!(thumbprint);
        }
        let spec = json!({ "name": name, "source_type": "PULL", "source_endpoint": source });
        self.add(session, spec).await.map(drop)
    }

    async fn add(&self, session: &str, spec: Value) -> Result<SessionFile> {
        let id = escape(session);
        let call = Call::post(SESSION).spec("file_spec", spec).paths(
            format!("/api/{SESSION}/{id}/file"),
            format!("/rest/com/vmware/{ITEM}/updatesession/file/id:{id}?~action=add"),
        );
        self.core().rest(call).await
    }

    /// Asks the server whether the files are complete and sound.
    async fn validate(&self, session: &str) -> Result<()> {
        let id = escape(session);
        let call = Call::post(SESSION).repeatable().paths(
            format!("/api/{SESSION}/{id}/file?action=validate"),
            format!("/rest/com/vmware/{ITEM}/updatesession/file/id:{id}?~action=validate"),
        );
        let found: Validation = self.core().rest(call).await?;
        let missing = found.missing_files.iter().map(|f| format!("the file {f} is missing"));
        let invalid = found
            .invalid_files
            .iter()
            .map(|f| format!("the file {}: {}", f.name, said(&f.error_message, "it is invalid")));
        let wrong: Vec<String> = missing.chain(invalid).collect();
        match (found.has_errors || !wrong.is_empty(), wrong.is_empty()) {
            (false, _) => Ok(()),
            (true, true) => Err(Error::Library("the server finds the files invalid".to_owned())),
            (true, false) => Err(Error::Library(wrong.join("; "))),
        }
    }

    /// Waits until a session that is completed has ended.
    async fn settled(&self, session: &str) -> Result<()> {
        let mut backoff = Backoff::new(FIRST_LOOK, LOOK);
        loop {
            let now: Session = self.core().rest(Call::get(SESSION).id(session)).await?;
            match now.state.as_str() {
                "DONE" => return Ok(()),
                "ACTIVE" => {
                    // A file that failed does not always end its session.
                    if let Some(error) = self.failed_file(session).await {
                        return Err(error);
                    }
                }
                other => {
                    let otherwise = format!("the transfer has ended as {other}");
                    let error = Error::Library(said(&now.error_message, &otherwise));
                    return Err(self.failed_file(session).await.unwrap_or(error));
                }
            }
            backoff.wait().await;
        }
    }

    /// The file that a session has failed with, if there is one.
    async fn failed_file(&self, session: &str) -> Option<Error> {
        let id = escape(session);
        let call = Call::get(SESSION).paths(
            format!("/api/{SESSION}/{id}/file"),
            format!("/rest/com/vmware/{ITEM}/updatesession/file?update_session_id={id}"),
        );
        let files: Vec<SessionFile> = self.core().rest(call).await.ok()?;
        let failed = files.into_iter().find(|f| f.status == "ERROR")?;
        let why = said(&failed.error_message, "the server does not say why");
        Some(Error::Library(format!("the file {} could not be transferred: {why}", failed.name)))
    }

    /// Reports the progress to the server and to the caller; ends only when the session is lost.
    async fn keep_alive(&self, session: &str, meter: &Meter, report: &(dyn Fn(i32) + Sync)) -> Error {
        let mut last = None;
        loop {
            let percent = meter.percent();
            if last != Some(percent) {
                last = Some(percent);
                report(percent);
            }
            tokio::time::sleep(KEEP_ALIVE).await;
            let call = Call::post(SESSION)
                .id(session)
                .action("keep-alive")
                .parameters(json!({ "client_progress": percent }))
                .repeatable();
            match self.core().rest::<()>(call).await {
                Err(error) if error.is_not_found() => return error,
                // A server that cannot be reached for a moment may be there the next time.
                Err(error) => tracing::debug!(%error, "an update session was not kept alive"),
                Ok(()) => {}
            }
        }
    }
}

/// How many bytes travel through this client.
async fn size_of(content: &Content) -> u64 {
    match content {
        Content::Package(package) => {
            let sizes = package.descriptor().files.iter().filter_map(|f| f.size);
            sizes.fold(package.descriptor().text.len() as u64, u64::saturating_add)
        }
        Content::File(path) => tokio::fs::metadata(path).await.map_or(0, |m| m.len()),
        Content::Url(_) => 0,
    }
}

/// Reads by id, a few at a time and in order; those that were removed meanwhile are passed over.
async fn all<T, F: Future<Output = Result<Arc<T>>>>(
    ids: &[String],
    read: impl Fn(String) -> F,
) -> Result<Vec<Arc<T>>> {
    let reads = futures_util::stream::iter(ids.to_vec()).map(read).buffered(READS);
    let found = reads.map(|read| match read {
        Err(error) if error.is_not_found() => Ok(None),
        read => read.map(Some),
    });
    found.try_filter_map(async |found| Ok(found)).try_collect().await
}

/// Whether an answer says that something was made; its reasons where it was not.
fn done(answer: &Value) -> Result<()> {
    if answer["succeeded"].as_bool() == Some(true) {
        return Ok(());
    }
    let otherwise = "the server does not say why";
    Err(Error::Library(said(&answer["error"], otherwise)))
}

/// An operation on items that are templates. The older dialect has it apart from the others.
fn template<'c>(item_id: &str, action: &str) -> Call<'c> {
    let mut path = TEMPLATE.to_owned();
    for (mark, part) in [("/", escape(item_id)), ("?action=", action.to_owned())] {
        if !part.is_empty() {
            path.push_str(&format!("{mark}{part}"));
        }
    }
    Call::post(TEMPLATE).paths(format!("/api/{path}"), format!("/rest/{path}"))
}

fn placement(spec: &Deployment) -> Value {
    let mut placement = json!({});
    for (name, object) in [("folder", &spec.folder), ("resource_pool", &spec.pool), ("host", &spec.host)] {
        if let Some(object) = object {
            placement[name] = json!(&*object.id);
        }
    }
    placement
}

/// The request of a deployment of a package. Maps are objects, and in `/rest` lists of keys and values.
fn deployment(spec: &Deployment, rest: bool) -> Value {
    let map = |pairs: Vec<(&String, Value)>| -> Value {
        match rest {
            true => pairs.into_iter().map(|(key, value)| json!({ "key": key, "value": value })).collect(),
            false => pairs.into_iter().map(|(key, value)| (key.clone(), value)).collect(),
        }
    };
    let mut out = json!({ "name": spec.name, "accept_all_EULA": true });
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            out[name] = value;
        }
    };
    let text = |text: &Option<String>| text.as_ref().map(|t| json!(t));
    set("annotation", (!spec.annotation.is_empty()).then(|| json!(spec.annotation)));
    set("default_datastore_id", text(&spec.datastore));
    set("storage_profile_id", text(&spec.storage_policy));
    set("storage_provisioning", text(&spec.provisioning));
    if !spec.networks.is_empty() {
        set("network_mappings", Some(map(spec.networks.iter().map(|(k, v)| (k, json!(v))).collect())));
    }
    if !spec.storage_groups.is_empty() {
        let group = |id: &String| json!({ "type": "DATASTORE", "datastore_id": id });
        let groups = spec.storage_groups.iter().map(|(k, v)| (k, group(v))).collect();
        set("storage_mappings", Some(map(groups)));
    }
    if !spec.properties.is_empty() {
        let property = |(id, value): (&String, &String)| json!({ "id": id, "value": value });
        let properties: Vec<_> = spec.properties.iter().map(property).collect();
        let parameters = json!([{
            "@class": "com.vmware.vcenter.ovf.property_params",
            "type": "PropertyParams",
            "properties": properties,
        }]);
        set("additional_parameters", Some(parameters));
    }
    let mut target = json!({});
    for (name, object) in
        [("folder_id", &spec.folder), ("resource_pool_id", &spec.pool), ("host_id", &spec.host)]
    {
        if let Some(object) = object {
            target[name] = json!(&*object.id);
        }
    }
    json!({ "deployment_spec": out, "target": target })
}

/// A text as a file.
struct Text(Option<Vec<u8>>);

impl Chunks for Text {
    async fn next_chunk(&mut self) -> Result<Option<bytes::Bytes>> {
        Ok(self.0.take().filter(|t| !t.is_empty()).map(bytes::Bytes::from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_read_whatever_else_it_says() {
        let text = r#"{"id":"1","name":"ubuntu","type":"ovf","library_id":"2","cached":true,"size":7,"description":null}"#;
        let item: LibraryItem = serde_json::from_str(text).unwrap_or_default();
        assert_eq!((item.name.as_str(), item.ty.as_str(), item.size), ("ubuntu", "ovf", 7));
    }

    #[test]
    fn a_library_is_read_with_what_is_left_out() {
        let text = r#"{"id":"1","name":"lib","type":"SUBSCRIBED","storage_backings":[{"type":"DATASTORE","datastore_id":"datastore-1"},{"type":"OTHER","storage_uri":"nfs://x"}],"subscription_info":{"subscription_url":"https://x/lib.json","on_demand":true}}"#;
        let library: Library = serde_json::from_str(text).unwrap_or_default();
        assert!(library.is_subscribed() && library.publish_info.is_none());
        assert_eq!(library.datastores().collect::<Vec<_>>(), ["datastore-1"]);
        assert!(library.subscription_info.is_some_and(|s| s.on_demand && !s.automatic_sync_enabled));
    }

    #[test]
    fn a_library_is_local_or_follows_another() {
        let base = LibrarySpec {
            name: "lib".to_owned(),
            datastores: vec!["datastore-1".to_owned()],
            ..Default::default()
        };
        let local = base.body(None);
        assert_eq!(local["type"], "LOCAL");
        assert_eq!(local["storage_backings"][0]["datastore_id"], "datastore-1");
        assert!(local["publish_info"].is_null());
        let publication = Publication {
            published: true,
            authentication_method: "BASIC".to_owned(),
            user_name: "vcsp".to_owned(),
            ..Default::default()
        };
        let password = Secret::new("hunter2");
        let published = LibrarySpec { publication: Some((publication, password)), ..base.clone() };
        assert_eq!(published.body(None)["publish_info"]["password"], "hunter2");
        assert!(!format!("{published:?}").contains("hunter2"));
        let subscription = (Subscription::default(), Secret::default());
        let subscribed = LibrarySpec { subscription: Some(subscription), ..base }.body(Some("AB".to_owned()));
        assert_eq!(
            (&subscribed["type"], &subscribed["subscription_info"]["ssl_thumbprint"]),
            (&json!("SUBSCRIBED"), &json!("AB"))
        );
        assert!(subscribed["subscription_info"]["password"].is_null());
    }

    #[test]
    fn a_stored_file_has_a_path_on_its_datastore() {
        let file = |uri: &str| StoredFile {
            storage_backing: StorageBacking { datastore_id: Some("datastore-1".to_owned()) },
            storage_uris: vec![uri.to_owned()],
            ..Default::default()
        };
        for (uri, path) in [
            ("ds:///vmfs/volumes/5f-1/contentlib-a/b/c_1.iso?serverId=9", Some("contentlib-a/b/c_1.iso")),
            ("ds:///vmfs/volumes/vsan:52-1//contentlib-a/c.iso", Some("contentlib-a/c.iso")),
            ("nfs://host/x.iso", None),
            ("ds:///vmfs/volumes/5f-1/", None),
        ] {
            assert_eq!(file(uri).datastore_path().as_deref(), path, "{uri}");
        }
        assert_eq!(StoredFile::default().datastore_path(), None);
    }

    #[test]
    fn the_reasons_of_a_failure_are_collected() {
        let answer = json!({"succeeded": false, "error": {"errors": [
            {"category": "SERVER", "error": {"@class": "x", "messages": [{"default_message": "no space", "args": []}]}},
            {"category": "VALIDATION", "issues": [{"message": {"default_message": "bad line "}}]}]}});
        assert!(matches!(done(&answer), Err(Error::Library(text)) if text == "no space bad line"));
        assert!(matches!(done(&json!({})), Err(Error::Library(text)) if text.contains("does not say")));
        assert!(done(&json!({"succeeded": true})).is_ok());
    }

    #[test]
    fn maps_are_objects_in_one_dialect_and_lists_in_the_other() {
        let spec = Deployment {
            name: "vm".to_owned(),
            networks: BTreeMap::from([("VM Network".to_owned(), "network-7".to_owned())]),
            storage_groups: BTreeMap::from([("group1".to_owned(), "datastore-1".to_owned())]),
            properties: BTreeMap::from([("hostname".to_owned(), "web".to_owned())]),
            pool: Some(MoRef::new("ResourcePool", "resgroup-1")),
            ..Default::default()
        };
        let (api, rest) = (deployment(&spec, false), deployment(&spec, true));
        assert_eq!(api["deployment_spec"]["network_mappings"], json!({"VM Network": "network-7"}));
        assert_eq!(
            rest["deployment_spec"]["network_mappings"],
            json!([{"key": "VM Network", "value": "network-7"}])
        );
        assert_eq!(rest["deployment_spec"]["storage_mappings"][0]["value"]["datastore_id"], "datastore-1");
        assert_eq!(api["target"], json!({"resource_pool_id": "resgroup-1"}));
        assert_eq!(api["deployment_spec"]["additional_parameters"][0]["properties"][0]["id"], "hostname");
    }
}
