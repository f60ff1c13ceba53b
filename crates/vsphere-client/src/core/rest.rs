//! REST: one code for the two dialects, `/api` (whole from 7.0U2 on) and `/rest` (up to now, but deprecated since then).

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use vim_types::xml::ApiVersion;

use super::Core;
use crate::core::busy::{Reopening, RetryBudget};
use crate::core::call_log::Entry;
use crate::core::http::{self, Answer, Kind};
use crate::core::session_file;
use crate::error::{Error, Fault, FaultKind, Result};

/// From this version on all of the REST interface is below `/api`. 7.0.0 and 7.0.1 have sessions there, and no tagging;
/// before, it is where the JSON-RPC of the vAPI is, which answers other things.
const API_FROM: ApiVersion = ApiVersion::new([7, 0, 2, 0]);
/// How long a refusal is left to pass: services have been seen to answer 403 once, after a move or under load.
const FORBIDDEN_PAUSE: Duration = Duration::from_millis(400);

const SESSION_HEADER: &str = "vmware-api-session-id";

/// Which of the two REST interfaces a server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Api,
    Rest,
}

#[derive(Clone)]
struct Open {
    dialect: Dialect,
    id: SecretString,
    generation: u64,
}

/// The REST session, opened by the first call that needs it.
#[derive(Default)]
pub(crate) struct Rest {
    open: Mutex<Option<Open>>,
    gate: tokio::sync::Mutex<u64>,
    /// Why the server refused the credentials. They do not get better, and accounts get locked.
    refused: Mutex<Option<Fault>>,
    used: Mutex<Option<Instant>>,
    unkept: std::sync::atomic::AtomicBool,
}

impl Rest {
    /// Notes whether the session is kept for the next process.
    fn note_kept(&self, is: bool) {
        self.unkept.store(!is, std::sync::atomic::Ordering::SeqCst);
    }

    pub(crate) fn is_unkept(&self) -> bool {
        self.unkept.load(std::sync::atomic::Ordering::SeqCst)
    }

    /// How long the session has not been used; nothing when there is none.
    fn idle(&self) -> Option<Duration> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?;
        self.used.lock().unwrap_or_else(PoisonError::into_inner).map(|at| at.elapsed())
    }
}

/// A REST call, without the differences between the dialects.
pub(crate) struct Call<'a> {
    method: &'static str,
    kind: Kind,
    /// Below `/api`, and below `/rest/com/vmware`.
    service: &'a str,
    id: Option<&'a str>,
    /// The id is in the path of `/rest` only.
    id_in_rest_only: bool,
    action: Option<&'static str>,
    /// Paths of the two dialects, query included, where they are not built from the above; without the server.
    paths: Option<(String, String)>,
    /// The name that `/rest` wraps the body in, and the body.
    body: Option<(Option<&'static str>, Value)>,
    /// The body in `/rest`, where it is another one in more than the wrapping.
    rest_body: Option<Value>,
    /// A refusal (403) is final: the caller has seen one already, and looks for whom it is about.
    refusal_is_final: bool,
}

impl<'a> Call<'a> {
    pub(crate) fn get(service: &'a str) -> Self {
        Call {
            method: "GET",
            kind: Kind::Read,
            service,
            id: None,
            id_in_rest_only: false,
            action: None,
            paths: None,
            body: None,
            rest_body: None,
            refusal_is_final: false,
        }
    }

    pub(crate) fn post(service: &'a str) -> Self {
        Call { method: "POST", kind: Kind::Write, ..Call::get(service) }
    }

    pub(crate) fn put(service: &'a str) -> Self {
        Call { method: "PUT", kind: Kind::Write, ..Call::get(service) }
    }

    pub(crate) fn patch(service: &'a str, id: &'a str) -> Self {
        Call { method: "PATCH", kind: Kind::Write, id: Some(id), ..Call::get(service) }
    }

    pub(crate) fn delete(service: &'a str, id: &'a str) -> Self {
        Call { method: "DELETE", kind: Kind::Write, id: Some(id), ..Call::get(service) }
    }

    pub(crate) fn id(mut self, id: &'a str) -> Self {
        self.id = Some(id);
        self
    }

    pub(crate) fn action(mut self, action: &'static str) -> Self {
        self.action = Some(action);
        self
    }

    /// Whole paths, without the server, where the two dialects name an operation differently.
    pub(crate) fn paths(mut self, api: String, rest: String) -> Self {
        self.paths = Some((api, rest));
        self
    }

    /// A write that is answered when its work is done, within that time.
    pub(crate) fn slow(mut self, limit: Duration) -> Self {
        self.kind = Kind::SlowWrite(limit.as_secs());
        self
    }

    /// A call that changes nothing, or the same thing twice, whatever its method.
    pub(crate) fn repeatable(mut self) -> Self {
        self.kind = Kind::Read;
        self
    }

    /// A call that is part of one that was refused.
    pub(crate) fn refusal_is_final(mut self, is: bool) -> Self {
        self.refusal_is_final = is;
        self
    }

    /// `/api` takes the id among the parameters, not in the path.
    pub(crate) fn without_id_in_api(mut self) -> Self {
        self.id_in_rest_only = true;
        self
    }

    /// The parameters of an action: the same in both dialects.
    pub(crate) fn parameters(mut self, body: Value) -> Self {
        self.body = Some((None, body));
        self
    }

    /// A create or update spec: `/rest` wants it inside an object.
    pub(crate) fn spec(mut self, name: &'static str, body: Value) -> Self {
        self.body = Some((Some(name), body));
        self
    }

    /// The body in `/rest`, where maps are lists of keys and values.
    pub(crate) fn rest_body(mut self, body: Value) -> Self {
        self.rest_body = Some(body);
        self
    }

    fn path(&self, dialect: Dialect) -> String {
        if let Some((api, rest)) = &self.paths {
            return if dialect == Dialect::Api { api.clone() } else { rest.clone() };
        }
        let mut path = match dialect {
            Dialect::Api => format!("/api/{}", self.service),
            Dialect::Rest => format!("/rest/com/vmware/{}", self.service),
        };
        if let Some(id) = self.id.filter(|_| dialect == Dialect::Rest || !self.id_in_rest_only) {
            path.push_str(if dialect == Dialect::Rest { "/id:" } else { "/" });
            path.push_str(&escape(id));
        }
        if let Some(action) = self.action {
            path.push_str(if dialect == Dialect::Rest { "?~action=" } else { "?action=" });
            path.push_str(action);
        }
        path
    }

    fn body(&self, dialect: Dialect) -> Option<Value> {
        let (wrap, body) = self.body.as_ref()?;
        let body = self.rest_body.as_ref().filter(|_| dialect == Dialect::Rest).unwrap_or(body);
        Some(match wrap {
            Some(name) if dialect == Dialect::Rest => json!({ *name: body }),
            _ => body.clone(),
        })
    }
}

/// Percent-encodes characters that are not allowed in a path segment; IDs contain colons, which are allowed.
pub(crate) fn escape(id: &str) -> String {
    let mut out = String::new();
    for byte in id.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b':' | b'@' | b'$' => {
                out.push(byte.into());
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// What is empty may be left out, or come as null.
pub(crate) fn null_is_empty<'de, D, T>(from: D) -> std::result::Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// Reads an answer: `/rest` puts the value into an object.
fn value<T: DeserializeOwned>(dialect: Dialect, path: &str, body: &[u8]) -> Result<T> {
    let read = || {
        if body.is_empty() {
            return serde_json::from_value(Value::Null);
        }
        let mut value: Value = serde_json::from_slice(body)?;
        if dialect == Dialect::Rest
            && let Some(inner) =
                value.as_object_mut().filter(|o| o.len() == 1).and_then(|o| o.get_mut("value"))
        {
            value = inner.take();
        }
        // An empty list may come as null.
        let empty = value.is_null();
        serde_json::from_value(value).or_else(|error| {
            if empty { serde_json::from_value(json!([])).map_err(|_| error) } else { Err(error) }
        })
    };
    read().map_err(|source: serde_json::Error| Error::decode(path, source))
}

/// An error answer in either dialect.
fn error(method: &'static str, path: String, answer: &Answer) -> Error {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let kind = body["error_type"]
        .as_str()
        .map(str::to_owned)
        // com.vmware.vapi.std.errors.not_found
        .or_else(|| Some(body["type"].as_str()?.rsplit('.').next()?.to_uppercase()))
        .unwrap_or_else(|| {
            answer.status.canonical_reason().unwrap_or("ERROR").to_uppercase().replace(' ', "_")
        });
    let list = if body["messages"].is_array() { &body["messages"] } else { &body["value"]["messages"] };
    let messages = list.as_array().into_iter().flatten();
    let messages = messages.filter_map(|m| m["default_message"].as_str().map(str::to_owned)).collect();
    Error::Rest { method, path, status: answer.status.as_u16(), kind, messages }
}

impl Core {
    /// Makes a REST call and reads its answer. What is busy is tried again.
    pub(crate) async fn rest<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<T> {
        let mut budget = RetryBudget::plain(self.config.api_timeout);
        loop {
            match self.rest_answer(&call).await {
                Ok((dialect, answer)) => return value(dialect, &call.path(dialect), &answer.body),
                Err(error) => budget.after(error, false, None).await?,
            }
        }
    }

    async fn rest_answer(&self, call: &Call<'_>) -> Result<(Dialect, Answer)> {
        let mut open = self.rest_open(None).await?;
        let mut reopening = Reopening::new(self.config.api_timeout);
        let mut refused = call.refusal_is_final;
        loop {
            let (path, body) = (call.path(open.dialect), call.body(open.dialect));
            let answer = self.rest_send(call.method, &path, call.kind, body.as_ref(), Some(&open.id)).await?;
            if answer.status.is_success() {
                return Ok((open.dialect, answer));
            }
            let error = error(call.method, path, &answer);
            if is_session_lost(&error) {
                // Nothing has been done without a session, so every call can be repeated.
                if !reopening.next().await {
                    return Err(error);
                }
                open = self.rest_open(Some(open.generation)).await?;
            } else if answer.status.as_u16() == 403 && !refused {
                // Said of a session that has ended, too; and for a moment of nothing at all.
                if self.rest_lives(&open).await == Some(false) {
                    if !reopening.next().await {
                        return Err(error);
                    }
                    open = self.rest_open(Some(open.generation)).await?;
                } else {
                    refused = true;
                    tokio::time::sleep(FORBIDDEN_PAUSE).await;
                }
            } else if open.dialect == Dialect::Api && is_foreign(&answer) {
                match self.rest_fall_back(&open).await {
                    Some(other) => open = other,
                    None => return Err(error),
                }
            } else {
                return Err(error);
            }
        }
    }

    /// A request of a transfer to this server, in the REST session.
    pub(crate) async fn rest_authorized(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<reqwest::RequestBuilder> {
        let open = self.rest_open(None).await?;
        Ok(request.header(SESSION_HEADER, sensitive(open.id.expose_secret())))
    }

    async fn rest_send(
        &self,
        method: &'static str,
        path: &str,
        kind: Kind,
        body: Option<&Value>,
        id: Option<&SecretString>,
    ) -> Result<Answer> {
        let operation = self.http.operation_id();
        let started = Instant::now();
        let verb = Method::from_bytes(method.as_bytes()).unwrap_or_default();
        let result = self
            .http
            .send(verb, path, kind, |mut request| {
                request = request.header("opId", &operation);
                request = match id {
                    Some(id) => request.header(SESSION_HEADER, sensitive(id.expose_secret())),
                    None => {
                        let pair = format!("{}:{}", self.config.user, self.config.password.expose_secret());
                        let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, pair);
                        request.header(AUTHORIZATION, sensitive(&format!("Basic {basic}")))
                    }
                };
                match body {
                    Some(body) => request.json(body),
                    None => request,
                }
            })
            .await;
        *self.slot::<Rest>().used.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        let (took, status) = http::traced(method, Some(path), &operation, started, &result);
        self.http.log(|| Entry {
            method,
            object: path,
            operation: &operation,
            took,
            status,
            error: result.as_ref().err().map(Error::in_one_line),
        });
        result
    }

    /// The session, opened if need be; `lost` is the generation that the server no longer knows.
    async fn rest_open(&self, lost: Option<u64>) -> Result<Open> {
        let rest = self.slot::<Rest>();
        let current = || rest.open.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let usable = |open: &Open| lost.is_none_or(|lost| open.generation > lost);
        if let Some(open) = current().filter(usable) {
            return Ok(open);
        }
        let mut generation = rest.gate.lock().await;
        let known = current();
        if let Some(open) = known.clone().filter(usable) {
            return Ok(open);
        }
        if self.closed() {
            // That session would never be ended.
            return Err(Error::Cancelled);
        }
        *generation += 1;
        let kept = match (&known, lost) {
            (None, None) => self.rest_kept().await,
            _ => None,
        };
        let (dialect, id) = match kept {
            Some(kept) => kept,
            None => self.rest_login(known.map(|k| k.dialect)).await?,
        };
        let open = Open { dialect, id, generation: *generation };
        *rest.open.lock().unwrap_or_else(PoisonError::into_inner) = Some(open.clone());
        Ok(open)
    }

    async fn rest_login(&self, known: Option<Dialect>) -> Result<(Dialect, SecretString)> {
        let rest = self.slot::<Rest>();
        let refused = || rest.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let denied = |fault: Fault| Err(self.refused(fault));
        if let Some(fault) = refused().clone() {
            return denied(fault);
        }
        let dialects = match known {
            Some(known) => vec![known],
            None => self.dialects().to_vec(),
        };
        let mut odd = None;
        for (n, dialect) in dialects.iter().copied().enumerate() {
            let path = session_path(dialect);
            let answer = self.rest_send("POST", path, Kind::Read, None, None).await?;
            if answer.status.as_u16() == 401 {
                let fault =
                    Fault::new("InvalidLogin", "the REST interface refused the login", Default::default());
                debug_assert_eq!(fault.kind, FaultKind::InvalidLogin);
                *refused() = Some(fault.clone());
                return denied(fault);
            }
            let id = if answer.status.is_success() {
                value::<String>(dialect, path, &answer.body)
            } else {
                Err(error("POST", path.to_owned(), &answer))
            };
            match id {
                Ok(id) => {
                    let id = SecretString::from(id);
                    if let Some(kept) = self.save_rest(&id) {
                        rest.note_kept(kept);
                    }
                    return Ok((dialect, id));
                }
                // Any other answer is none of this interface: the other may be there.
                Err(error) if n + 1 < dialects.len() => odd = Some(error),
                Err(Error::Rest { status: 404 | 405, .. }) if odd.as_ref().is_none_or(is_missing) => {
                    let server = self.http.host().to_owned();
                    return Err(Error::NotVCenter { server, reason: "it has no REST interface".to_owned() });
                }
                // The error of the newer dialect is more specific than "there is no older one".
                Err(Error::Rest { status: 404 | 405, .. }) => return Err(odd.unwrap_or(Error::Cancelled)),
                Err(error) => return Err(error),
            }
        }
        Err(Error::Cancelled)
    }

    /// The dialects that the server may have, the likelier first.
    fn dialects(&self) -> &'static [Dialect] {
        if self.version() >= API_FROM { &[Dialect::Api, Dialect::Rest] } else { &[Dialect::Rest] }
    }

    /// A session in the older dialect, for a server that answers calls in the newer one as if it had none; nothing when
    /// there is none.
    async fn rest_fall_back(&self, from: &Open) -> Option<Open> {
        let rest = self.slot::<Rest>();
        let mut generation = rest.gate.lock().await;
        let current = rest.open.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(open) = current.filter(|o| o.generation > from.generation) {
            return Some(open).filter(|o| o.dialect == Dialect::Rest);
        }
        if self.closed() {
            return None;
        }
        let (dialect, id) = self.rest_login(Some(Dialect::Rest)).await.ok()?;
        *generation += 1;
        let open = Open { dialect, id, generation: *generation };
        *rest.open.lock().unwrap_or_else(PoisonError::into_inner) = Some(open.clone());
        let _ = self.rest_send("DELETE", session_path(from.dialect), Kind::Read, None, Some(&from.id)).await;
        Some(open)
    }

    /// The session of an earlier process, if it still lives.
    async fn rest_kept(&self) -> Option<(Dialect, SecretString)> {
        let text = std::fs::read_to_string(self.rest_file()?).ok()?;
        let id = session_file::rest_session_id(&text)?;
        for dialect in self.dialects().iter().copied() {
            let open = Open { dialect, id: id.clone(), generation: 0 };
            if self.rest_lives(&open).await == Some(true) {
                return Some((dialect, id));
            }
        }
        None
    }

    /// Whether the server knows a session; nothing when it does not say.
    async fn rest_lives(&self, open: &Open) -> Option<bool> {
        let answer = self.rest_check(open.dialect, &open.id).await?;
        match answer.status.as_u16() {
            // "No session" is an empty success in /rest.
            200..300 => Some(value::<Value>(open.dialect, "", &answer.body).is_ok_and(|v| !v.is_null())),
            400 | 401 | 403 | 404 => Some(false),
            _ => None,
        }
    }

    async fn rest_check(&self, dialect: Dialect, id: &SecretString) -> Option<Answer> {
        match dialect {
            Dialect::Api => {
                self.rest_send("GET", session_path(dialect), Kind::Read, None, Some(id)).await.ok()
            }
            Dialect::Rest => {
                let path = "/rest/com/vmware/cis/session?~action=get";
                self.rest_send("POST", path, Kind::Read, None, Some(id)).await.ok()
            }
        }
    }

    /// Uses the session if it has been idle for at least this long.
    pub(crate) async fn rest_keep_alive(&self, idle: Duration) {
        let rest = self.slot::<Rest>();
        if rest.idle().is_none_or(|time| time < idle) {
            return;
        }
        let open = rest.open.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(open) = open {
            let _ = self.rest_check(open.dialect, &open.id).await;
        }
    }

    /// Ends the REST session, if there is one.
    pub(crate) async fn logout_rest(&self) -> Result<()> {
        let open = self.slot::<Rest>().open.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(open) = open {
            // Ending a session twice is harmless.
            self.rest_send("DELETE", session_path(open.dialect), Kind::Read, None, Some(&open.id)).await?;
        }
        Ok(())
    }
}

/// Whether an error says that there is no such session. A service whose internal certificate has expired says it with 400.
fn is_session_lost(error: &Error) -> bool {
    matches!(error, Error::Rest { status: 401, .. })
        || matches!(error, Error::Rest { status: 400, kind, .. } if kind == "UNAUTHENTICATED")
}

fn is_missing(error: &Error) -> bool {
    matches!(error, Error::Rest { status: 404 | 405, .. })
}

/// Whether an answer is that of something that does not know the interface: not found, not allowed, not understood, and
/// without the body that its errors have.
fn is_foreign(answer: &Answer) -> bool {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    matches!(answer.status.as_u16(), 400 | 404 | 405 | 406 | 415 | 501)
        && !body["error_type"].is_string()
        && !body["type"].is_string()
        && !body["messages"].is_array()
}

fn session_path(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Api => "/api/session",
        Dialect::Rest => "/rest/com/vmware/cis/session",
    }
}

fn sensitive(text: &str) -> HeaderValue {
    let mut value = HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use reqwest::StatusCode;

    const TAG: &str = "urn:vmomi:InventoryServiceTag:1:GLOBAL";

    #[test]
    fn the_dialects_differ_in_paths_and_bodies() {
        let call = Call::post("cis/tagging/tag-association").id(TAG).action("attach");
        assert_eq!(call.path(Dialect::Api), format!("/api/cis/tagging/tag-association/{TAG}?action=attach"));
        assert_eq!(
            call.path(Dialect::Rest),
            format!("/rest/com/vmware/cis/tagging/tag-association/id:{TAG}?~action=attach")
        );
        let call = Call::post("cis/tagging/tag").spec("create_spec", json!({ "name": "a" }));
        assert_eq!(call.body(Dialect::Api), Some(json!({ "name": "a" })));
        assert_eq!(call.body(Dialect::Rest), Some(json!({ "create_spec": { "name": "a" } })));
    }

    #[test]
    fn answers_are_unwrapped_in_one_dialect_only() {
        assert_eq!(value::<String>(Dialect::Rest, "", br#"{"value":"x"}"#).unwrap(), "x");
        assert_eq!(value::<String>(Dialect::Api, "", br#""x""#).unwrap(), "x");
        value::<()>(Dialect::Api, "", b"").unwrap();
        value::<()>(Dialect::Rest, "", b"").unwrap();
        assert!(value::<Vec<String>>(Dialect::Rest, "", br#"{"value":null}"#).unwrap().is_empty());
        assert!(matches!(value::<String>(Dialect::Api, "", b"<html>"), Err(Error::Decode { .. })));
    }

    #[test]
    fn errors_read_the_same_in_both() {
        let answer = |body: &'static str| Answer {
            status: StatusCode::NOT_FOUND,
            headers: Default::default(),
            body: Bytes::from_static(body.as_bytes()),
        };
        let old = r#"{"type":"com.vmware.vapi.std.errors.not_found","value":{"messages":[{"default_message":"missing"}]}}"#;
        let new = r#"{"error_type":"NOT_FOUND","messages":[{"default_message":"missing"}]}"#;
        for body in [old, new] {
            let error = error("GET", "/x".into(), &answer(body));
            assert!(error.is_not_found());
            assert_eq!(error.to_string(), "GET /x: NOT_FOUND (HTTP 404): missing");
        }
        assert!(error("GET", "/x".into(), &answer("")).to_string().starts_with("GET /x: NOT_FOUND"));
    }
}
