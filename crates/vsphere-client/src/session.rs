//! The session: opened once, opened again when it is lost, kept alive, closed or kept for the next process.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Instant;

use reqwest::header::HeaderValue;
use ring::digest;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use vim_types::methods::{Login, Logout};
use vim_types::types::UserSession;
use vim_types::xml::Dyn;

use crate::client::Inner;
use crate::config::{Config, Tls};
use crate::error::{Error, Fault, FaultKind, Result};
use crate::http::Kind;
use crate::soap;

const COOKIE: &str = "vmware_soap_session";

#[derive(Default)]
pub(crate) struct Session {
    cookie: Mutex<Option<SecretString>>,
    generation: AtomicU64,
    gate: tokio::sync::Mutex<()>,
    /// Why the server refused the credentials. They do not get better, and accounts get locked.
    refused: Mutex<Option<Fault>>,
    user: Mutex<Option<UserSession>>,
    used: Mutex<Option<Instant>>,
    /// A session that could not be kept for the next process: it ends with this one.
    unkept: AtomicBool,
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

    fn idle(&self) -> Option<std::time::Duration> {
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

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Inner {
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

    fn refused(&self, fault: Fault) -> Error {
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
            // Nobody would end that session.
            return Err(Error::Cancelled);
        }
        tracing::debug!("the session was lost; logging in again");
        self.login().await?;
        self.save_soap();
        Ok(())
    }

    /// Keeps the session alive for as long as the client exists.
    pub(crate) fn keep_alive(this: Weak<Inner>, every: std::time::Duration) {
        if every.is_zero() {
            return;
        }
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(every / 2).await;
                let Some(inner) = this.upgrade() else { return };
                if inner.closed() {
                    return;
                }
                // Each by its own clock: who waits for a task uses one session for hours and not the other.
                if inner.session.idle().is_some_and(|idle| idle >= every / 2) {
                    // Reading something that needs a session is what counts as use.
                    if let Err(error) = inner.current_session().await {
                        tracing::debug!(%error, "keeping the session alive failed");
                    }
                }
                if inner.rest.idle().is_some_and(|idle| idle >= every / 2) {
                    inner.rest_keep_alive().await;
                }
            }
        });
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

    // --- sessions kept in files, in the format of govmomi's session/cache ---

    fn soap_file(&self) -> Option<PathBuf> {
        let persist = self.config.persist.as_ref()?;
        Some(persist.vim_path.join(file_name(&self.config, "/sdk")))
    }

    pub(crate) fn rest_file(&self) -> Option<PathBuf> {
        let persist = self.config.persist.as_ref()?;
        Some(persist.rest_path.join(file_name(&self.config, "/rest")))
    }

    /// Takes the session of an earlier process, if there is one; whether it still lives is not known yet.
    pub(crate) fn load_soap(&self) -> bool {
        let Some(text) = self.soap_file().and_then(|f| std::fs::read_to_string(f).ok()) else { return false };
        let cookie = soap_cookie(&text);
        let found = cookie.is_some();
        if found {
            self.session.set_cookie(cookie);
        }
        found
    }

    pub(crate) fn save_soap(&self) {
        let Some(file) = self.soap_file() else { return };
        let Some(cookie) = lock(&self.session.cookie).clone() else { return };
        let content = json!({
            "SoapClient": soap_client(&self.config, "/sdk", Some(&cookie), self.soap_version()),
            "ServiceContent": self.content_json,
        });
        let kept = save(&file, &content);
        self.session.unkept.store(!kept, Ordering::SeqCst);
    }

    /// Whether sessions can be kept, where they are to be: asked before any is opened.
    pub(crate) fn check_files(&self) -> Result<()> {
        for file in [self.soap_file(), self.rest_file()].into_iter().flatten() {
            let folder = file.parent().unwrap_or(Path::new(".")).to_owned();
            let written = aside(&file).and_then(|(aside, _)| std::fs::remove_file(aside));
            let written = written.and_then(|()| {
                if file.is_dir() { Err(std::io::Error::other("a folder is in its place")) } else { Ok(()) }
            });
            written.map_err(|source| Error::SessionFile { folder, source: Arc::new(source) })?;
        }
        Ok(())
    }

    pub(crate) fn save_rest(&self, id: &SecretString) {
        let Some(file) = self.rest_file() else { return };
        let content = json!({
            "SoapClient": soap_client(&self.config, "/rest", None, ""),
            "SessionID": id.expose_secret(),
        });
        let kept = save(&file, &content);
        self.rest.note_kept(kept);
    }
}

/// The REST session id in the text of such a file.
pub(crate) fn rest_session_id(text: &str) -> Option<SecretString> {
    let file: Value = serde_json::from_str(text).ok()?;
    file["SessionID"].as_str().filter(|id| !id.is_empty()).map(SecretString::from)
}

fn soap_cookie(text: &str) -> Option<SecretString> {
    let file: Value = serde_json::from_str(text).ok()?;
    let cookies = file["SoapClient"]["cookies"].as_array()?;
    let cookie = cookies.iter().find(|c| c["Name"] == COOKIE)?;
    let value = cookie["Value"].as_str().filter(|v| !v.is_empty())?;
    // Go takes the quotes off a value and notes that they were there.
    let quoted = cookie["Quoted"].as_bool() == Some(true);
    Some(SecretString::from(if quoted { format!("\"{value}\"") } else { value.to_owned() }))
}

/// `sha256(https://user@host/path#insecure=bool)` in hexadecimal digits.
fn file_name(config: &Config, path: &str) -> String {
    let insecure = matches!(config.tls, Tls::Insecure);
    let user = escape_user(&config.user);
    let key = format!("https://{user}@{}{path}#insecure={insecure}", config.host());
    digest::digest(&digest::SHA256, key.as_bytes()).as_ref().iter().map(|b| format!("{b:02x}")).collect()
}

/// A user name as Go's `net/url` writes it: it decides the file name.
fn escape_user(user: &str) -> String {
    let mut out = String::new();
    for byte in user.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte.into()),
            b'$' | b'&' | b'+' | b',' | b';' | b'=' => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn soap_client(config: &Config, path: &str, cookie: Option<&SecretString>, version: &str) -> Value {
    let cookies: Vec<Value> = cookie
        .map(|cookie| {
            let value = cookie.expose_secret();
            let bare = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
            json!({
                "Name": COOKIE, "Value": bare.unwrap_or(value), "Quoted": bare.is_some(), "Path": "", "Domain": "",
                "Expires": "0001-01-01T00:00:00Z", "RawExpires": "", "MaxAge": 0, "Secure": false,
                "HttpOnly": false, "SameSite": 0, "Partitioned": false, "Raw": "", "Unparsed": null,
            })
        })
        .into_iter()
        .collect();
    json!({
        "cookies": cookies,
        "url": {
            "Scheme": "https", "Opaque": "", "User": null, "Host": config.host(), "Path": path, "Fragment": "",
            "RawQuery": "", "RawPath": "", "RawFragment": "", "ForceQuery": false, "OmitHost": false,
        },
        "insecure": matches!(config.tls, Tls::Insecure),
        "version": version,
        "useJSON": false,
    })
}

/// The service content in the JSON that govmomi writes: references as type and value, the rest as it is.
pub(crate) fn content_json(tree: &Dyn) -> Value {
    let member = |child: &Dyn| match child.moref() {
        Some(reference) => json!({ "type": &*reference.ty, "value": &*reference.id }),
        None if child.children.is_empty() => json!(child.text),
        None => content_json(child),
    };
    tree.children.iter().map(|c| (c.name.to_string(), member(c))).collect()
}

/// Writes a file that only its owner can read; false when that fails, and the session is not kept.
fn save(file: &Path, content: &Value) -> bool {
    let write = || -> std::io::Result<()> {
        use std::io::Write as _;
        // Written aside and renamed: another process never reads half a file.
        let (aside, mut handle) = aside(file)?;
        let written = handle
            .write_all(content.to_string().as_bytes())
            .and_then(|()| handle.write_all(b"\n"))
            .and_then(|()| std::fs::rename(&aside, file));
        if written.is_err() {
            let _ = std::fs::remove_file(&aside);
        }
        written
    };
    write()
        .inspect_err(|error| {
            tracing::warn!(file = %file.display(), %error, "the session cannot be kept and is ended");
        })
        .is_ok()
}

/// A new file beside another, for its owner only; its folder is made.
fn aside(file: &Path) -> std::io::Result<(PathBuf, std::fs::File)> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    std::fs::create_dir_all(folder)?;
    let aside = file.with_extension(format!("{:016x}", crate::http::random()));
    options.open(&aside).map(|handle| (aside, handle))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        let mut config = Config::new("127.0.0.1:8981", "user", SecretString::from("hunter2"));
        config.tls = Tls::Insecure;
        config
    }

    #[test]
    fn file_names_are_those_of_govmomi() {
        // Both files were written by govmomi 0.56 for https://user@127.0.0.1:8981, certificate not verified.
        assert_eq!(
            file_name(&config(), "/sdk"),
            "18a4a8188c940354d2ff488a917df831dc5e868a9a4013baeb42d67f8f9e1f20"
        );
        assert_eq!(
            file_name(&config(), "/rest"),
            "2e37ec39040cfa29859be83c51839213b947b9d296459916ad46d60ef306bee1"
        );
        assert_eq!(escape_user("administrator@vsphere.local"), "administrator%40vsphere.local");
        assert_eq!(escape_user("CORP\\jo"), "CORP%5Cjo");
    }

    #[test]
    fn what_is_written_is_read() {
        for value in ["abc-1", "\"quoted\""] {
            let cookie = SecretString::from(value);
            let text =
                json!({ "SoapClient": soap_client(&config(), "/sdk", Some(&cookie), "8.0.2.0") }).to_string();
            assert_eq!(soap_cookie(&text).unwrap().expose_secret(), value);
            assert!(!text.contains("hunter2"));
        }
        assert!(soap_cookie("not json").is_none());
        assert!(rest_session_id(r#"{"SessionID":""}"#).is_none());
        assert_eq!(rest_session_id(r#"{"SessionID":"x"}"#).unwrap().expose_secret(), "x");
    }

    #[test]
    fn nothing_shows_the_password() {
        let shown = format!(
            "{:?} {:?}",
            config(),
            Login { password: "hunter2".to_owned().into_secret(), ..Default::default() }
        );
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    trait IntoSecret {
        fn into_secret(self) -> vim_types::xml::Secret;
    }
    impl IntoSecret for String {
        fn into_secret(self) -> vim_types::xml::Secret {
            vim_types::xml::Secret::new(self)
        }
    }
}
