//! The layer below all services: the connection to a server, its session, and the slots for the state of services. It
//! depends on no service.
//!
//! From the bottom up: [`config`], the transport ([`http`], with [`tls`] and [`proxy`]), [`Core`], the SOAP envelopes
//! ([`soap`]), the sessions ([`login`], [`session_file`]), calls ([`call`], [`rest`], [`sso`]), and what services share: batched
//! reads of [properties](property), [watches](watcher) and [uploads](upload). [`connect`] creates a core.

pub(crate) mod backoff;
pub(crate) mod busy;
pub(crate) mod call;
pub(crate) mod call_log;
pub(crate) mod config;
pub(crate) mod connect;
pub(crate) mod http;
pub(crate) mod keyed;
pub(crate) mod login;
pub(crate) mod property;
pub(crate) mod proxy;
pub(crate) mod rest;
pub(crate) mod session;
pub(crate) mod session_file;
pub(crate) mod slots;
pub(crate) mod soap;
pub(crate) mod sso;
pub(crate) mod tls;
pub(crate) mod upload;
pub(crate) mod watcher;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use vim_types::types::ServiceContent;
use vim_types::xml::ApiVersion;

use crate::core::config::Config;
use crate::core::http::Http;
use crate::core::session::Session;
use crate::core::slots::Slots;
use crate::snapshot::{Epoch, Writing};

/// The connection to a server, shared by all clones of a client.
pub(crate) struct Core {
    pub(crate) config: Config,
    pub(crate) http: Http,
    pub(crate) session: Session,
    pub(crate) content: ServiceContent,
    /// `content` as the server returned it, for the session file.
    content_json: serde_json::Value,
    version: ApiVersion,
    /// The version that calls ask for.
    wire_version: String,
    /// Counts the writes to the inventory: names, places, what exists.
    pub(crate) inventory: Epoch,
    /// Of those, the ones that change what something that existed is called, or where it is: what is merely new moves
    /// nothing.
    pub(crate) places: Epoch,
    slots: Slots,
    closed: AtomicBool,
}

impl Core {
    /// Returns the value of a type that this client keeps. It is created with its default at the first call.
    pub(crate) fn slot<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.slots.get()
    }

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

    pub(crate) fn closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// Prevents that a session is opened again.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }
}
