//! Opening the SOAP session, opening it again when it is lost, and closing it.

use std::sync::atomic::Ordering;

use vim_types::methods::{Login, Logout};

use super::Core;
use crate::core::http::Kind;
use crate::core::session::lock;
use crate::core::soap;
use crate::error::{Error, Fault, FaultKind, Result};

impl Core {
    /// Logs in with name and password.
    pub(crate) async fn login(&self) -> Result<()> {
        if let Some(fault) = lock(&self.session.refused).clone() {
            return Err(self.refused(fault));
        }
        let request = Login {
            this: self.content.session_manager.clone().unwrap_or_default(),
            user_name: self.config.user.clone(),
            password: self.config.password.clone().into(),
            locale: Some("en_US".to_owned()),
        };
        let body = soap::encode(&request, self.version())?;
        // A stale cookie would make some servers answer for the old session.
        self.session.set_cookie(None);
        // A login that got lost leaves at worst a session behind that ends by itself.
        match self.exchange("Login", &body, Kind::Read).await {
            Ok(text) => {
                self.session.set_user(soap::decode("Login", &text)?);
                self.session.generation.fetch_add(1, Ordering::SeqCst);
                Ok(())
            }
            Err(Error::Fault { fault, .. }) => {
                if fault.kind == FaultKind::InvalidLogin {
                    *lock(&self.session.refused) = Some((*fault).clone());
                }
                Err(self.refused(*fault))
            }
            Err(error) => Err(error),
        }
    }

    /// The error for a user that the server does not let in, by any of its services.
    pub(super) fn refused(&self, fault: Fault) -> Error {
        Error::Auth {
            server: self.http.host().to_owned(),
            user: self.config.user.clone(),
            fault: Box::new(fault),
        }
    }

    /// Opens the session again unless someone has since `generation` was current.
    pub(crate) async fn login_again(&self, generation: u64) -> Result<()> {
        let _turn = self.session.gate.lock().await;
        if self.session.generation() != generation {
            return Ok(());
        }
        if self.closed() {
            // That session would never be ended.
            return Err(Error::Cancelled);
        }
        tracing::debug!("the session was lost; logging in again");
        self.login().await?;
        self.save_soap();
        Ok(())
    }

    /// Ends the SOAP session on the server.
    pub(crate) async fn logout_soap(&self) -> Result<()> {
        let request = Logout { this: self.content.session_manager.clone().unwrap_or_default() };
        let body = soap::encode(&request, self.version())?;
        // One that was heard, and whose answer was lost, has ended the session: the next says that there is none.
        match self.exchange("Logout", &body, Kind::Read).await {
            Ok(_) => {}
            Err(Error::Fault { fault, .. }) if soap::lost_session(&fault) => {}
            Err(error) => return Err(error),
        }
        self.session.set_cookie(None);
        Ok(())
    }
}
