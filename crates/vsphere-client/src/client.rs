//! The client: one per vCenter and user, cheap to clone, shared by everyone in the process.
//!
//! Each service adds its own accessor, in its own file.

use std::fmt;
use std::sync::Arc;

use vim_types::types::{AboutInfo, ServiceContent, UserSession};
use vim_types::xml::{ApiVersion, MoRef, Request};

use crate::core::config::Config;
use crate::core::rest::Rest;
use crate::core::{Core, soap, watcher};
use crate::error::{Error, Result};

/// A connection to a vCenter. Clones share everything: session, batches, caches, task collector.
#[derive(Clone)]
pub struct Client(Arc<Core>);

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("server", &self.0.http.host())
            .field("user", &self.0.config.user)
            .field("version", &self.0.version())
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Connects and logs in: two requests, or, with a session that an earlier process kept, the same two.
    ///
    /// # Errors
    /// [`Error::Transport`](crate::Error::Transport), [`Error::Tls`](crate::Error::Tls) (with the server's thumbprint),
    /// [`Error::NotVCenter`](crate::Error::NotVCenter), [`Error::Auth`](crate::Error::Auth),
    /// [`Error::Config`](crate::Error::Config).
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
        Core::connect(config).await.map(Client)
    }

    /// What the server is.
    pub fn about(&self) -> &AboutInfo {
        &self.0.content.about
    }

    /// The API version of the server.
    pub fn api_version(&self) -> ApiVersion {
        self.0.version()
    }

    /// The managers and the root folder of the server.
    pub fn service_content(&self) -> &ServiceContent {
        &self.0.content
    }

    /// A manager of the service content. `name` is its type.
    ///
    /// # Errors
    /// [`Error::NotVCenter`] where the server has none.
    pub(crate) fn manager(&self, manager: &Option<MoRef>, name: &str) -> Result<MoRef> {
        manager.clone().ok_or_else(|| Error::NotVCenter {
            server: self.server().to_owned(),
            reason: format!("it has no {name}"),
        })
    }

    /// The folder that holds everything.
    pub fn root_folder(&self) -> MoRef {
        self.0.content.root_folder.clone()
    }

    /// The instance UUID, which identifies this vCenter; empty for an old ESXi host.
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

    /// Calls any method of the vSphere Web Services API.
    ///
    /// Lost sessions are opened again, and the call is repeated, for as long as it may take: a server that answers
    /// `NotAuthenticated` has done nothing. A call that only reads is also repeated when the connection broke.
    /// A call that is refused because the object is busy is tried again for a minute (see
    /// [`Error::is_busy`](crate::Error::is_busy)); those that make a task had better be [run](crate::Tasks::run), which has a timeout of its own and can be
    /// cancelled.
    ///
    /// # Errors
    /// All of [`Error`](crate::Error) but those of tasks.
    ///
    /// ```no_run
    /// # async fn run(client: vsphere_client::Client) -> vsphere_client::Result<()> {
    /// use vsphere_client::{MoRef, vim::methods::CurrentTime};
    /// let now = client.call(&CurrentTime { this: MoRef::new("ServiceInstance", "ServiceInstance") }).await?;
    /// # Ok(()) }
    /// ```
    pub async fn call<R: Request + Sync>(&self, request: &R) -> Result<R::Response> {
        let text = self.0.call_patiently(request).await?;
        soap::decode(R::NAME, &text)
    }

    /// Ends the sessions on the server, unless they are kept for the next process. The client must not be
    /// used afterwards. Without it sessions stay until they time out, and servers allow only so many.
    ///
    /// # Errors
    /// [`Error::Transport`](crate::Error::Transport) and the like: the sessions then end by themselves.
    pub async fn logout(&self) -> Result<()> {
        self.0.close();
        watcher::close(&self.0).await;
        // One that could not be written down is of no use to the next process.
        let kept = self.0.config.persist.is_some();
        let soap =
            async { if kept && !self.0.session.is_unkept() { Ok(()) } else { self.0.logout_soap().await } };
        let rest = async {
            if kept && !self.0.slot::<Rest>().is_unkept() { Ok(()) } else { self.0.logout_rest().await }
        };
        let (soap, rest, sso) = tokio::join!(soap, rest, self.0.logout_sso());
        soap.and(rest).and(sso)
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.0
    }
}
