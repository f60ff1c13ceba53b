//! The data of the SOAP session: cookie, user and number of logins.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use vim_types::types::UserSession;

use crate::error::Fault;

pub(super) const COOKIE: &str = "vmware_soap_session";

#[derive(Default)]
pub(crate) struct Session {
    pub(super) cookie: Mutex<Option<SecretString>>,
    pub(super) generation: AtomicU64,
    pub(super) gate: tokio::sync::Mutex<()>,
    /// Why the server refused the credentials. They do not get better, and accounts get locked.
    pub(super) refused: Mutex<Option<Fault>>,
    user: Mutex<Option<UserSession>>,
    used: Mutex<Option<Instant>>,
    /// A session that could not be kept for the next process: it ends with this one.
    pub(super) unkept: AtomicBool,
}

impl Session {
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    pub(crate) fn cookie_header(&self) -> Option<HeaderValue> {
        let cookie = lock(&self.cookie);
        let text = format!("{COOKIE}={}", cookie.as_ref()?.expose_secret());
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// The session as an element of a SOAP header; empty when there is none.
    pub(crate) fn cookie_element(&self) -> String {
        let cookie = lock(&self.cookie);
        let Some(cookie) = cookie.as_ref() else { return String::new() };
        // What the cookie's quotes hold.
        let value = cookie.expose_secret().trim_matches('"');
        let escaped = value.replace('&', "&amp;").replace('<', "&lt;");
        format!("<vcSessionCookie xmlns=\"\">{escaped}</vcSessionCookie>")
    }

    /// Takes the session id out of a `Set-Cookie` header.
    pub(crate) fn note_cookie(&self, header: &HeaderValue) {
        let Ok(text) = header.to_str() else { return };
        let pair = text.split(';').next().unwrap_or("").trim();
        if let Some(value) = pair.strip_prefix(COOKIE).and_then(|r| r.strip_prefix('='))
            && !value.is_empty()
        {
            *lock(&self.cookie) = Some(SecretString::from(value));
        }
    }

    pub(crate) fn set_cookie(&self, value: Option<SecretString>) {
        *lock(&self.cookie) = value;
    }

    pub(crate) fn note_used(&self) {
        *lock(&self.used) = Some(Instant::now());
    }

    pub(crate) fn is_unkept(&self) -> bool {
        self.unkept.load(Ordering::SeqCst)
    }

    pub(super) fn idle(&self) -> Option<std::time::Duration> {
        lock(&self.used).map(|at| at.elapsed())
    }

    /// The session as the server described it at the login.
    pub(crate) fn user(&self) -> Option<UserSession> {
        lock(&self.user).clone()
    }

    pub(crate) fn set_user(&self, user: UserSession) {
        *lock(&self.user) = Some(user);
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
