//! How to reach a vCenter.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

/// Which certificates are trusted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Tls {
    /// Those that the operating system trusts, and those in a PEM file, if there is one.
    SystemRoots {
        /// More certificates to trust (PEM, one or many).
        ca_file: Option<PathBuf>,
    },
    /// Only the certificate with this thumbprint: SHA-256 (or SHA-1) as hexadecimal digits, colons optional.
    /// Names, dates and issuers are not looked at; that the server holds the key is.
    Thumbprint(String),
    /// Any certificate: an attacker on the network path can read and change everything.
    Insecure,
}

/// Where sessions are kept between processes, in files that govmomi and govc read and write too.
#[derive(Clone, Debug)]
pub struct Persist {
    /// The folder for SOAP sessions; `~/.govmomi/sessions` is govmomi's own.
    pub vim_path: PathBuf,
    /// The folder for REST sessions; `~/.govmomi/rest_sessions` is govmomi's own.
    pub rest_path: PathBuf,
}

/// How to reach a vCenter. `Debug` does not show the password.
///
/// ```
/// use vsphere_client::{Config, Tls};
/// let mut config = Config::new("vcenter.example.com", "administrator@vsphere.local", "secret".to_string().into());
/// config.tls = Tls::Thumbprint("00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33".into());
/// assert!(!format!("{config:?}").contains("\"secret\""));
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    /// `host` or `host:port`. A URL (`https://host/sdk`) is accepted: its host and port are taken.
    pub server: String,
    /// The user name, in any spelling that the server takes.
    pub user: String,
    /// The password.
    pub password: SecretString,
    /// Which certificates are trusted.
    pub tls: Tls,
    /// How often an idle session is kept alive; zero: never.
    pub keep_alive: Duration,
    /// How long one request may take, connecting included. Long polls are not bound by it.
    pub api_timeout: Duration,
    /// Where sessions are kept between processes; nothing: they end with the process.
    pub persist: Option<Persist>,
    /// A file that gets one JSON line per call: method, object, milliseconds, HTTP status, operation id and, where it
    /// failed, why; no bodies and no headers. It is appended to, and its folder is made.
    pub call_log: Option<PathBuf>,
    /// What the client calls itself (shown in the server's list of sessions).
    pub user_agent: String,
}

impl Config {
    /// The usual settings: system roots, kept alive every ten minutes, five minutes per request.
    pub fn new(server: impl Into<String>, user: impl Into<String>, password: SecretString) -> Self {
        Config {
            server: server.into(),
            user: user.into(),
            password,
            tls: Tls::SystemRoots { ca_file: None },
            keep_alive: Duration::from_secs(600),
            api_timeout: Duration::from_secs(300),
            persist: None,
            call_log: None,
            user_agent: concat!("vsphere-client/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }

    /// `host[:port]`, whatever form it was given in.
    pub(crate) fn host(&self) -> &str {
        let rest = self.server.trim();
        let rest = rest.strip_prefix("https://").unwrap_or(rest);
        // Tests talk to servers of their own that have no certificate.
        #[cfg(test)]
        let rest = rest.strip_prefix("http://").unwrap_or(rest);
        rest.split('/').next().unwrap_or(rest)
    }
}
