//! The client: one per vCenter and user, cheap to clone, shared by everyone in the process.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::Method;
use vim_types::methods::RetrieveServiceContent;
use vim_types::types::{AboutInfo, ServiceContent, TaskInfo, UserSession};
use vim_types::xml::{ApiVersion, Dyn, MoRef};

use crate::authorization::{self, Authorization};
use crate::config::Config;
use crate::custom_fields::{self, CustomFields};
use crate::error::{Error, Result};
use crate::find::{self, Find};
use crate::http::{Http, Kind};
use crate::policy;
use crate::property::{self, Properties};
use crate::rest::Rest;
use crate::session::{self, Session};
use crate::snapshot::{Epoch, Writing};
use crate::soap;
use crate::tags::{self, Tags};
use crate::task::Tasks;
use crate::virtual_machine::{self, GuestState};
use crate::watcher::{self, Watcher};

/// A connection to a vCenter. Clones share everything: session, batches, caches, task collector.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) config: Config,
    pub(crate) http: Http,
    pub(crate) session: Session,
    pub(crate) rest: Rest,
    pub(crate) content: ServiceContent,
    pub(crate) content_json: serde_json::Value,
    version: ApiVersion,
    /// The version that calls ask for.
    wire_version: String,
    pub(crate) batch: property::Batch,
    /// What is known of clusters.
    pub(crate) clusters: crate::cluster::State,
    /// Counts the writes to the inventory: names, places, what exists.
    pub(crate) inventory: Epoch,
    /// Of those, the ones that change what something that existed is called, or where it is: what is merely new moves
    /// nothing.
    pub(crate) places: Epoch,
    pub(crate) authorization: authorization::State,
    pub(crate) custom_fields: custom_fields::State,
    pub(crate) tags: tags::State,
    pub(crate) find: find::State,
    pub(crate) tasks: Watcher<TaskInfo>,
    /// Which of the tasks are of this client.
    pub(crate) own_tasks: crate::lost::Tasks,
    pub(crate) guests: Watcher<GuestState>,
    /// What customizations have come to.
    pub(crate) looks: virtual_machine::Looks,
    pub(crate) policies: policy::State,
    closed: AtomicBool,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("server", &self.0.http.host())
            .field("user", &self.0.config.user)
            .field("version", &self.0.version)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Connects and logs in: two requests, or, with a session that an earlier process kept, the same two.
    ///
    /// # Errors
    /// [`Error::Transport`], [`Error::Tls`] (with the server's thumbprint), [`Error::NotVCenter`],
    /// [`Error::Auth`], [`Error::Config`].
    ///
    /// ```no_run
    /// # async fn run() -> vsphere_client::Result<()> {
    /// use vsphere_client::{Client, Config};
    /// let config = Config::new("vcenter.example.com", "user", "password".to_string().into());
    /// let client = Client::connect(config).await?;
    /// println!("{}", client.about().full_name);
    /// client.logout().await
    /// # }
    /// ```
    pub async fn connect(config: Config) -> Result<Client> {
        let http = Http::new(&config)?;
        let mut inner = Inner {
            http,
            session: Session::default(),
            rest: Rest::default(),
            content: ServiceContent::default(),
            content_json: serde_json::Value::Null,
            // Until the server has said what it is: the oldest that is supported.
            version: soap::OLDEST,
            wire_version: "6.7".to_owned(),
            batch: property::Batch::default(),
            clusters: crate::cluster::State::default(),
            inventory: Epoch::default(),
            places: Epoch::default(),
            authorization: authorization::State::default(),
            custom_fields: custom_fields::State::default(),
            tags: tags::State::default(),
            find: find::State::default(),
            tasks: Watcher::default(),
            own_tasks: crate::lost::Tasks::default(),
            guests: Watcher::default(),
            looks: virtual_machine::Looks::default(),
            policies: policy::State::default(),
            closed: AtomicBool::new(false),
            config,
        };
        let request = RetrieveServiceContent { this: MoRef::new("ServiceInstance", "ServiceInstance") };
        let body = soap::encode(&request, inner.version)?;
        let mut answer = inner.exchange("RetrieveServiceContent", &body, Kind::Read).await;
        if matches!(&answer, Err(error) if soap::unsupported_version(error)) {
            // A server that has forgotten the oldest knows the newest, or none that these types fit.
            inner.wire_version = soap::NEWEST.to_string();
            answer = inner.exchange("RetrieveServiceContent", &body, Kind::Read).await;
        }
        let text = match answer {
            Err(error) if soap::unsupported_version(&error) => return Err(inner.too_old(error).await),
            answer => answer?,
        };
        inner.content = soap::decode("RetrieveServiceContent", &text)?;
        inner.content_json = session::content_json(&soap::decode::<Dyn>("RetrieveServiceContent", &text)?);
        let api = &inner.content.about.api_version;
        inner.version = match api.parse() {
            Ok(version) if inner.content.session_manager.is_some() => version,
            _ => {
                let reason = format!("it says that its API version is {api:?}");
                return Err(Error::NotVCenter { server: inner.http.host().to_owned(), reason });
            }
        };
        inner.wire_version = inner.agreed_version().await?;
        inner.check_files()?;
        if !(inner.load_soap() && inner.current_session().await?.is_some()) {
            inner.login().await?;
            inner.save_soap();
        }
        let every = inner.config.keep_alive;
        let inner = Arc::new(inner);
        Inner::keep_alive(Arc::downgrade(&inner), every);
        Ok(Client(inner))
    }

    /// What the server is.
    pub fn about(&self) -> &AboutInfo {
        &self.0.content.about
    }

    /// The API version of the server.
    pub fn api_version(&self) -> ApiVersion {
        self.0.version
    }

    /// The managers and the root folder of the server.
    pub fn service_content(&self) -> &ServiceContent {
        &self.0.content
    }

    /// The folder that holds everything.
    pub fn root_folder(&self) -> MoRef {
        self.0.content.root_folder.clone()
    }

    /// What tells this vCenter from all others; empty for an ESXi host of old.
    pub fn instance_uuid(&self) -> &str {
        self.0.content.about.instance_uuid.as_deref().unwrap_or_default()
    }

    /// Whether the server is a vCenter, not an ESXi host.
    pub fn is_vcenter(&self) -> bool {
        self.0.content.about.api_type == "VirtualCenter"
    }

    /// The session, as the server described it when it was opened: its key, its user, its locale.
    pub fn session(&self) -> Option<UserSession> {
        self.0.session.user()
    }

    /// `host[:port]`, as configured.
    pub fn server(&self) -> &str {
        self.0.http.host()
    }

    /// How many HTTP requests have been sent, repetitions included.
    pub fn request_count(&self) -> u64 {
        self.0.http.requests()
    }

    /// Reading properties of managed objects.
    pub fn properties(&self) -> Properties<'_> {
        Properties::new(self)
    }

    /// Roles, privileges and permissions.
    pub fn authorization(&self) -> Authorization<'_> {
        Authorization::new(self)
    }

    /// Tags and their categories (REST).
    pub fn tags(&self) -> Tags<'_> {
        Tags::new(self)
    }

    /// Custom fields (called custom attributes in the user interface).
    pub fn custom_fields(&self) -> CustomFields<'_> {
        CustomFields::new(self)
    }

    /// Finding managed objects by name and path.
    pub fn find(&self) -> Find<'_> {
        Find::new(self)
    }

    /// Waiting for tasks.
    pub fn tasks(&self) -> Tasks<'_> {
        Tasks::new(self)
    }

    /// Ends the sessions on the server, unless they are kept for the next process. The client must not be
    /// used afterwards. Without it sessions stay until they time out, and servers allow only so many.
    ///
    /// # Errors
    /// [`Error::Transport`] and the like: the sessions then end by themselves.
    pub async fn logout(&self) -> Result<()> {
        self.0.closed.store(true, Ordering::SeqCst);
        watcher::close::<TaskInfo>(&self.0).await;
        watcher::close::<GuestState>(&self.0).await;
        // One that could not be written down is of no use to the next process.
        let kept = self.0.config.persist.is_some();
        let soap =
            async { if kept && !self.0.session.is_unkept() { Ok(()) } else { self.0.logout_soap().await } };
        let rest =
            async { if kept && !self.0.rest.is_unkept() { Ok(()) } else { self.0.logout_rest().await } };
        let (soap, rest) = tokio::join!(soap, rest);
        soap.and(rest)
    }

    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.0
    }
}

impl Inner {
    /// Marks a write that changes names or places, or takes something away; to be held while it lasts.
    #[must_use]
    pub(crate) fn rearranging(&self) -> (Writing<'_>, Writing<'_>) {
        (self.inventory.writing(), self.places.writing())
    }

    pub(crate) fn version(&self) -> ApiVersion {
        self.version
    }

    /// The version that is asked for in calls.
    pub(crate) fn soap_version(&self) -> &str {
        &self.wire_version
    }

    /// The server's version, or, of a server that is newer than the types, the newest that both know.
    async fn agreed_version(&self) -> Result<String> {
        if self.version <= soap::NEWEST {
            return Ok(self.content.about.api_version.clone());
        }
        let known = self.known_versions().await?;
        let best = known.into_iter().filter(|(version, _)| *version <= soap::NEWEST).max();
        Ok(best.map_or_else(|| soap::NEWEST.to_string(), |(_, text)| text))
    }

    /// The API versions that the server knows.
    async fn known_versions(&self) -> Result<Vec<(ApiVersion, String)>> {
        let text = self.http.send(Method::GET, "/sdk/vimServiceVersions.xml", Kind::Read, |r| r).await?;
        let text = String::from_utf8_lossy(&text.body).into_owned();
        let known = text.split("<version>").skip(1).filter_map(|rest| rest.split('<').next());
        Ok(known.filter_map(|v| Some((v.trim().parse().ok()?, v.trim().to_owned()))).collect())
    }

    /// What is wrong with a server that takes neither the oldest nor the newest version that this client has.
    async fn too_old(&self, error: Error) -> Error {
        let known = self.known_versions().await.unwrap_or_default();
        match known.into_iter().max() {
            Some((version, text)) if version < soap::OLDEST => {
                Error::TooOld { server: self.http.host().to_owned(), version: text }
            }
            _ => error,
        }
    }

    pub(crate) fn closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// The session that the server knows us by; nothing when it knows none.
    pub(crate) async fn current_session(&self) -> Result<Option<UserSession>> {
        let manager = self.content.session_manager.clone().unwrap_or_default();
        match property::read_now::<property::CurrentSession>(self, &manager).await {
            Ok(found) => {
                if let Some(session) = &found.current {
                    self.session.set_user((**session).clone());
                }
                Ok(found.current.map(|s| *s))
            }
            // Whatever the server has against it: a login tells more.
            Err(Error::Fault { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
