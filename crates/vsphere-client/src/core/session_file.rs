//! Sessions kept in files for the next process, in the format of govmomi's session/cache.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use ring::digest;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use vim_types::xml::Dyn;

use super::Core;
use crate::core::config::{Config, Tls};
use crate::core::session::{COOKIE, lock};
use crate::error::{Error, Result};

impl Core {
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

    /// Writes a REST session to its file, if sessions are persisted. Returns whether that succeeded.
    pub(crate) fn save_rest(&self, id: &SecretString) -> Option<bool> {
        let file = self.rest_file()?;
        let content = json!({
            "SoapClient": soap_client(&self.config, "/rest", None, ""),
            "SessionID": id.expose_secret(),
        });
        Some(save(&file, &content))
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
    let aside = file.with_extension(format!("{:016x}", crate::core::backoff::random()));
    options.open(&aside).map(|handle| (aside, handle))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vim_types::methods::Login;

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
