//! SOAP calls. A lost session is opened again.

use futures_util::future::BoxFuture;

use super::Core;
use crate::core::busy::{Reopening, RetryBudget};
use crate::core::http::Kind;
use crate::core::soap::{AnyRequest, Service, encode, is_read, is_versioned};
use crate::core::sso;
use crate::error::{Error, Result};

impl Core {
    /// Calls a method, again where its object is busy.
    pub(crate) fn call_patiently<'a>(&'a self, request: &'a dyn AnyRequest) -> BoxFuture<'a, Result<String>> {
        Box::pin(async move {
            let mut budget = RetryBudget::plain(self.config.api_timeout);
            loop {
                match self.call_once(request).await {
                    Err(error) => budget.after(error, is_versioned(request, self.version()), None).await?,
                    answer => return answer,
                }
            }
        })
    }

    /// Calls a method and returns the text of the answer; what is busy is the caller's to wait for.
    pub(crate) async fn call_once(&self, request: &dyn AnyRequest) -> Result<String> {
        let kind = if is_read(request.name()) { Kind::Read } else { Kind::Write };
        self.call_text(request, kind).await
    }

    /// Calls a method and returns the text of the answer, which holds no fault.
    pub(crate) async fn call_text(&self, request: &dyn AnyRequest, kind: Kind) -> Result<String> {
        if request.namespace() == sso::NAMESPACE {
            return self.sso_call(request, kind).await;
        }
        let body = encode(request, self.version())?;
        let service = Service::of(request);
        let mut reopening = Reopening::new(self.config.api_timeout);
        loop {
            let generation = self.session.generation();
            match self.exchange_with(service, request.name(), &body, kind).await {
                Err(Error::Fault { method, fault }) if service.lost_session(&fault) => {
                    if !reopening.next().await {
                        return Err(Error::Fault { method, fault });
                    }
                    self.login_again(generation).await?;
                }
                result => return result,
            }
        }
    }
}
