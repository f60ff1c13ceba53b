//! Connecting: reads the service content, selects the API version and logs in.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Weak};
use std::time::Duration;

use reqwest::Method;
use vim_types::methods::RetrieveServiceContent;
use vim_types::types::{ServiceContent, UserSession};
use vim_types::xml::{ApiVersion, Dyn, MoRef};

use super::Core;
use crate::core::config::Config;
use crate::core::http::{Http, Kind};
use crate::core::session::Session;
use crate::core::slots::Slots;
use crate::core::{property, session_file, soap};
use crate::error::{Error, Result};
use crate::snapshot::Epoch;

crate::properties! {
    struct CurrentSession of "SessionManager" {
        current: Option<Box<UserSession>> = "currentSession",
    }
}

impl Core {
    /// Connects and logs in, or uses the session that an earlier process has persisted.
    pub(crate) async fn connect(config: Config) -> Result<Arc<Core>> {
        let http = Http::new(&config)?;
        let mut core = Core {
            http,
            session: Session::default(),
            content: ServiceContent::default(),
            content_json: serde_json::Value::Null,
            // Until the server has said what it is: the oldest that is supported.
            version: soap::OLDEST,
            wire_version: "6.7".to_owned(),
            inventory: Epoch::default(),
            places: Epoch::default(),
            slots: Slots::default(),
            closed: AtomicBool::new(false),
            config,
        };
        let request = RetrieveServiceContent { this: MoRef::new("ServiceInstance", "ServiceInstance") };
        let body = soap::encode(&request, core.version)?;
        let mut answer = core.exchange("RetrieveServiceContent", &body, Kind::Read).await;
        if matches!(&answer, Err(error) if soap::unsupported_version(error)) {
            // A server that has forgotten the oldest knows the newest, or none that these types fit.
            core.wire_version = soap::NEWEST.to_string();
            answer = core.exchange("RetrieveServiceContent", &body, Kind::Read).await;
        }
        let text = match answer {
            Err(error) if soap::unsupported_version(&error) => return Err(core.too_old(error).await),
            answer => answer?,
        };
        core.content = soap::decode("RetrieveServiceContent", &text)?;
        core.content_json =
            session_file::content_json(&soap::decode::<Dyn>("RetrieveServiceContent", &text)?);
        let api = &core.content.about.api_version;
        core.version = match api.parse() {
            Ok(version) if core.content.session_manager.is_some() => version,
            _ => {
                let reason = format!("it says that its API version is {api:?}");
                return Err(Error::NotVCenter { server: core.http.host().to_owned(), reason });
            }
        };
        core.wire_version = core.agreed_version().await?;
        core.check_files()?;
        if !(core.load_soap() && core.current_session().await?.is_some()) {
            core.login().await?;
            core.save_soap();
        }
        let every = core.config.keep_alive;
        let core = Arc::new(core);
        Core::keep_alive(Arc::downgrade(&core), every);
        Ok(core)
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

    /// Keeps the session alive for as long as the client exists.
    fn keep_alive(this: Weak<Core>, every: Duration) {
        if every.is_zero() {
            return;
        }
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(every / 2).await;
                let Some(core) = this.upgrade() else { return };
                if core.closed() {
                    return;
                }
                // Each by its own clock: who waits for a task uses one session for hours and not the other.
                if core.session.idle().is_some_and(|idle| idle >= every / 2) {
                    // Reading something that needs a session is what counts as use.
                    if let Err(error) = core.current_session().await {
                        tracing::debug!(%error, "keeping the session alive failed");
                    }
                }
                core.rest_keep_alive(every / 2).await;
            }
        });
    }

    /// The session that the server knows us by; nothing when it knows none.
    async fn current_session(&self) -> Result<Option<UserSession>> {
        let manager = self.content.session_manager.clone().unwrap_or_default();
        match property::read_now::<CurrentSession>(self, &manager).await {
            Ok(found) => {
                if let Some(session) = &found.current {
                    self.session.set_user((**session).clone());
                }
                Ok(found.current.map(|s| *s))
            }
            // Whatever the reason, the error of a login is more specific.
            Err(Error::Fault { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
