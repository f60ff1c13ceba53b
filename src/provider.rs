//! The provider block, and the connection that it describes.
use crate::fault::{self, in_words, sentence};
use crate::vsphere::{Labeling, Vsphere};
use secrecy::SecretString;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};
use tf_framework::{
    AttributePath, Diagnostic, Diagnostics, Dynamic, Field, Model, Provider, Result, Secret, Value,
};
use vsphere_client::{Client, Config, Error, Persist, Tls};

/// The vSphere provider manages the inventory of a vCenter: virtual machines, clusters, networks, storage, folders,
/// tags, roles and permissions.
///
/// The resources have the same names, arguments and state as in the official provider. The guide "Privileges" lists the
/// privileges that each resource requires.
///
/// The provider connects through the proxy in the environment variable `HTTPS_PROXY` or `ALL_PROXY` (`http://`,
/// `https://` or `socks5://`). `NO_PROXY` lists the servers that are connected to directly: host names, IP addresses
/// and networks, each with or without a port, or `*` for all servers. The provider trusts the certificates that the
/// operating system trusts. On Linux, `SSL_CERT_FILE` and `SSL_CERT_DIR` specify other certificates to trust instead.
#[derive(Debug, Clone, Default, Model)]
pub struct ProviderModel {
    /// The user name, such as `administrator@vsphere.local`. Can also be set with the `VSPHERE_USER` environment
    /// variable.
    #[tf(optional)]
    pub user: Value<String>,
    /// The password of the user. Can also be set with the `VSPHERE_PASSWORD` environment variable.
    #[tf(optional)]
    pub password: Value<Secret>,
    /// The host name or IP address of vCenter, followed by `:port` if the port is not 443. Can also be set with the
    /// `VSPHERE_SERVER` environment variable.
    #[tf(optional)]
    pub vsphere_server: Value<String>,
    /// The former name of `vsphere_server`. Can also be set with the `VSPHERE_VCENTER` environment variable.
    #[tf(optional, deprecated = "Use `vsphere_server` instead.")]
    pub vcenter_server: Value<String>,
    /// Whether to accept any server certificate without verification. `ca_file` and `thumbprint` are more secure
    /// alternatives. Can also be set with the `VSPHERE_ALLOW_UNVERIFIED_SSL` environment variable.
    #[tf(optional)]
    pub allow_unverified_ssl: Value<bool>,
    /// The path of a PEM file with additional root certificates to trust. Can also be set with the `VSPHERE_CA_FILE`
    /// environment variable.
    #[tf(optional, conflicts_with("thumbprint"))]
    pub ca_file: Value<String>,
    /// The SHA-1 or SHA-256 thumbprint of the vCenter certificate. If set, only this certificate is trusted, even if
    /// `allow_unverified_ssl` is `true`. Can also be set with the `VSPHERE_THUMBPRINT` environment variable.
    #[tf(optional, check = thumbprint)]
    pub thumbprint: Value<String>,
    /// Whether to store the session on disk and reuse it in the next run. The session files are compatible with the
    /// official provider and govc. Can also be set with the `VSPHERE_PERSIST_SESSION` environment variable.
    #[tf(optional)]
    pub persist_session: Value<bool>,
    /// The directory for SOAP session files. Defaults to `~/.govmomi/sessions`. Can also be set with the
    /// `VSPHERE_VIM_SESSION_PATH` environment variable.
    #[tf(optional)]
    pub vim_session_path: Value<String>,
    /// The directory for REST session files. Defaults to `~/.govmomi/rest_sessions`. Can also be set with the
    /// `VSPHERE_REST_SESSION_PATH` environment variable.
    #[tf(optional)]
    pub rest_session_path: Value<String>,
    /// The keepalive interval for idle sessions, in minutes. A value of `0` disables keepalive requests. Defaults to
    /// `10`. Can also be set with the `VSPHERE_VIM_KEEP_ALIVE` environment variable.
    #[tf(optional, at_least = 0)]
    pub vim_keep_alive: Value<i64>,
    /// The number of minutes to wait for an API request to complete, or for a task if the resource does not set a
    /// timeout. Defaults to `5`. Can also be set with the `VSPHERE_API_TIMEOUT` environment variable.
    #[tf(optional, at_least = 1)]
    pub api_timeout: Value<i64>,
    /// Whether to log every API call to a file named `calls-<process ID>.jsonl`. An entry contains the time in
    /// milliseconds since 1970, the method, the object, the duration in milliseconds, the HTTP status and the operation
    /// ID, which is also in the vCenter logs, and the error if the call failed. Headers and bodies are not logged, so
    /// the file does not contain secrets. Can also be set with the `VSPHERE_CLIENT_DEBUG` environment variable.
    #[tf(optional)]
    pub client_debug: Value<bool>,
    /// The directory for API call logs, which are written to its subdirectory `debug/<run>`. Defaults to `~/.govmomi`.
    /// Can also be set with the `VSPHERE_CLIENT_DEBUG_PATH` environment variable.
    #[tf(optional)]
    pub client_debug_path: Value<String>,
    /// The name of the run, which is the `<run>` part of the path of the API call logs. Defaults to the start time of
    /// the run. Can also be set with the `VSPHERE_CLIENT_DEBUG_PATH_RUN` environment variable.
    #[tf(optional)]
    pub client_debug_path_run: Value<String>,
    /// The tags to assign to every object whose resource has the argument `tags`, as a map of tag category names to tag
    /// names, such as `{ environment = "production" }`. A tag is not assigned to types of objects that its category does
    /// not allow, nor to an object with a tag of the same category in `tags`. The tags must exist.
    #[tf(optional)]
    pub default_tags: Value<BTreeMap<String, String>>,
    /// The names of tag categories and the IDs of tags that are managed outside Terraform, such as those of a backup
    /// solution. They are not removed from objects, and they are not part of `tags` unless the configuration contains
    /// them.
    #[tf(optional)]
    pub ignore_tags: Value<BTreeSet<String>>,
    /// The names or IDs of custom attributes whose values are managed outside Terraform. The values are not removed from
    /// objects, and they are not part of `custom_attributes` unless the configuration contains them.
    #[tf(optional)]
    pub ignore_custom_attributes: Value<BTreeSet<String>>,
}

/// What the block says of tags and custom attributes. What is unknown is not there.
fn labeling(m: &ProviderModel) -> Labeling {
    Labeling {
        default_tags: m.default_tags.known().cloned(),
        ignore_tags: m.ignore_tags.get(),
        ignore_custom_attributes: m.ignore_custom_attributes.get(),
    }
}

fn thumbprint(v: &Dynamic) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    let digits = text.chars().filter(|c| *c != ':').count();
    let hex = text.chars().all(|c| c.is_ascii_hexdigit() || c == ':');
    if hex && (digits == 40 || digits == 64) {
        return Ok(());
    }
    Err("Expected the SHA-1 (40 hex digits) or SHA-256 (64 hex digits) thumbprint of a certificate, with or without \
         colons, as `openssl x509 -noout -fingerprint -sha256` prints it."
        .into())
}

/// The provider itself.
pub struct VsphereProvider;

/// A setting: from the configuration, or else from the environment.
struct Settings<'a> {
    env: &'a (dyn Fn(&str) -> Option<String> + Sync),
    problems: Diagnostics,
}

impl Settings<'_> {
    fn environment(&self, variable: &str) -> Option<String> {
        (self.env)(variable).filter(|v| !v.is_empty())
    }

    fn text(&self, set: Value<String>, variable: &str) -> Option<String> {
        set.into_known().filter(|v| !v.is_empty()).or_else(|| self.environment(variable))
    }

    fn required(&mut self, found: Option<String>, field: Field, what: &str, variable: &str) -> String {
        found.unwrap_or_else(|| {
            let name = field.0;
            let detail = format!(
                "Set `{name}` in the provider block, or the environment variable {variable}, to {what}."
            );
            self.problems.merge(Diagnostics::error(field, format!("`{name}` is missing"), detail));
            String::new()
        })
    }

    /// A number of minutes, `least` or more; in the block the schema sees to that.
    fn minutes(&mut self, set: Value<i64>, field: Field, variable: &str, least: i64) -> Option<i64> {
        if let Value::Known(v) = set {
            return Some(v);
        }
        let text = self.environment(variable)?;
        let parsed = text.parse().ok().filter(|v| *v >= least);
        if parsed.is_none() {
            let detail = format!(
                "The environment variable {variable} is {text:?}. Expected a number of minutes, {least} or more."
            );
            self.problems.merge(Diagnostics::error(
                field,
                format!("Invalid value for `{}`", field.0),
                detail,
            ));
        }
        parsed
    }

    fn flag(&mut self, set: Value<bool>, field: Field, variable: &str) -> bool {
        if let Value::Known(v) = set {
            return v;
        }
        match self.environment(variable).map(|t| t.to_lowercase()).as_deref() {
            None | Some("false" | "0" | "f") => false,
            Some("true" | "1" | "t") => true,
            Some(text) => {
                let detail =
                    format!("The environment variable {variable} is {text:?}. Expected true or false.");
                let summary = format!("Invalid value for `{}`", field.0);
                self.problems.merge(Diagnostics::error(field, summary, detail));
                false
            }
        }
    }
}

fn home(rest: &str) -> PathBuf {
    std::env::home_dir().unwrap_or_default().join(rest)
}

/// The settings of the block and of the environment, as the client takes them.
///
/// # Errors
/// Every value that is missing or wrong, and how to set it.
pub fn settings(
    m: ProviderModel,
    env: &(dyn Fn(&str) -> Option<String> + Sync),
    agent: String,
) -> Result<Config> {
    type M = ProviderModel;
    let mut s = Settings { env, problems: Diagnostics::default() };
    let old = s.text(m.vcenter_server, "VSPHERE_VCENTER");
    let server = s.text(m.vsphere_server, "VSPHERE_SERVER").or(old);
    let server =
        s.required(server, M::VSPHERE_SERVER, "the host name or address of the vCenter", "VSPHERE_SERVER");
    let user = s.text(m.user, "VSPHERE_USER");
    let user =
        s.required(user, M::USER, "the user name, such as administrator@vsphere.local", "VSPHERE_USER");
    let password = m.password.map(|p| p.expose().to_owned());
    let password = s.text(password, "VSPHERE_PASSWORD");
    let password = s.required(password, M::PASSWORD, "the user's password", "VSPHERE_PASSWORD");

    let insecure = s.flag(m.allow_unverified_ssl, M::ALLOW_UNVERIFIED_SSL, "VSPHERE_ALLOW_UNVERIFIED_SSL");
    let ca_file = s.text(m.ca_file, "VSPHERE_CA_FILE").map(PathBuf::from);
    if let Some(file) = &ca_file
        && let Err(e) = std::fs::metadata(file)
    {
        let detail =
            format!("{}: {e}. `ca_file` names a file with root certificates in PEM form.", file.display());
        s.problems.merge(Diagnostics::error(
            M::CA_FILE,
            "The file of root certificates cannot be read",
            detail,
        ));
    }
    let pinned = s.text(m.thumbprint, "VSPHERE_THUMBPRINT");
    let persist = s.flag(m.persist_session, M::PERSIST_SESSION, "VSPHERE_PERSIST_SESSION");
    let vim_path = s.text(m.vim_session_path, "VSPHERE_VIM_SESSION_PATH").map(PathBuf::from);
    let rest_path = s.text(m.rest_session_path, "VSPHERE_REST_SESSION_PATH").map(PathBuf::from);
    let debug = s.flag(m.client_debug, M::CLIENT_DEBUG, "VSPHERE_CLIENT_DEBUG");
    let debug_path = s.text(m.client_debug_path, "VSPHERE_CLIENT_DEBUG_PATH").map(PathBuf::from);
    let debug_run = s.text(m.client_debug_path_run, "VSPHERE_CLIENT_DEBUG_PATH_RUN");
    let keep_alive = s.minutes(m.vim_keep_alive, M::VIM_KEEP_ALIVE, "VSPHERE_VIM_KEEP_ALIVE", 0);
    let api_timeout = s.minutes(m.api_timeout, M::API_TIMEOUT, "VSPHERE_API_TIMEOUT", 1);
    s.problems.into_result(())?;

    let as_minutes = |n: Option<i64>, default: u64| {
        Duration::from_secs(60 * n.and_then(|n| u64::try_from(n).ok()).unwrap_or(default))
    };
    let mut config = Config::new(server, user, SecretString::from(password));
    config.tls = match (insecure, pinned) {
        // A pinned certificate is the stricter wish: it wins over "trust anything".
        (_, Some(thumbprint)) => Tls::Thumbprint(thumbprint),
        (true, None) => Tls::Insecure,
        (false, None) => Tls::SystemRoots { ca_file },
    };
    config.keep_alive = as_minutes(keep_alive, 10);
    config.api_timeout = as_minutes(api_timeout, 5);
    config.persist = persist.then(|| Persist {
        vim_path: vim_path.unwrap_or_else(|| home(".govmomi/sessions")),
        rest_path: rest_path.unwrap_or_else(|| home(".govmomi/rest_sessions")),
    });
    // Terraform starts several processes in one run: each has a file of its own.
    config.call_log = debug.then(|| {
        let run = debug_run.unwrap_or_else(|| {
            let now = humantime::format_rfc3339_micros(SystemTime::now()).to_string();
            now.replace(':', "-").trim_end_matches('Z').to_owned()
        });
        let file = format!("calls-{}.jsonl", std::process::id());
        debug_path.unwrap_or_else(|| home(".govmomi")).join("debug").join(run).join(file)
    });
    config.user_agent = agent;
    Ok(config)
}

impl Provider for VsphereProvider {
    type Model = ProviderModel;
    type Client = Vsphere;

    async fn configure(&self, config: ProviderModel, terraform: &str) -> Result<(Vsphere, Diagnostics)> {
        let agent = format!("terraform/{terraform} terraform-provider-vsphere/{}", env!("CARGO_PKG_VERSION"));
        let labels = labeling(&config);
        let config = settings(config, &|v| std::env::var(v).ok(), agent)?;
        let timeout = config.api_timeout;
        let (server, user) = (config.server.clone(), config.user.clone());
        let pinned = matches!(config.tls, Tls::Thumbprint(_));
        let api = Client::connect(config).await.map_err(|e| connecting(&server, pinned, &e))?;
        Ok((Vsphere::new(api, user, timeout, labels), Diagnostics::default()))
    }

    async fn explain(&self, client: &Vsphere, diagnostic: &mut Diagnostic) {
        fault::explain(client, diagnostic).await;
    }

    async fn shutdown(&self, client: &Vsphere) {
        if let Err(e) = client.api.logout().await {
            tracing::warn!(error = %e, "could not log out");
        }
    }
}

/// A connection that could not be made: down, not trusted, not logged in, or no vCenter at all.
fn connecting(server: &str, pinned: bool, e: &Error) -> Diagnostics {
    type M = ProviderModel;
    let said = sentence(e);
    let (at, summary, advice) = match e {
        Error::Tls { thumbprint: Some(t), .. } if pinned => (
            M::THUMBPRINT,
            format!("The certificate of {server} is not the pinned one"),
            format!(
                "Its thumbprint is {t}. If the certificate was renewed, compare it and update `thumbprint`; if not, \
                 the connection may be intercepted."
            ),
        ),
        Error::Tls { thumbprint: Some(t), .. } => (
            M::VSPHERE_SERVER,
            format!("The certificate of {server} is not trusted"),
            format!(
                "It is not signed by an authority that this machine trusts. Name the authority's certificate in \
                 `ca_file`, or, once you have compared it, trust this one: thumbprint = \"{t}\"."
            ),
        ),
        Error::Tls { .. } => (
            M::VSPHERE_SERVER,
            format!("{server} does not speak TLS as a vCenter does"),
            "Check `vsphere_server`: the port of a vCenter is the one of https, 443.".to_owned(),
        ),
        Error::Auth { user, .. } => (
            M::USER,
            format!("{server} does not let {user} in"),
            "Check `user` (with its domain, as in administrator@vsphere.local) and `password`, or VSPHERE_USER and \
             VSPHERE_PASSWORD."
                .to_owned(),
        ),
        Error::Unavailable { .. } => (
            M::VSPHERE_SERVER,
            format!("{server} is not ready"),
            "The vCenter, or the service behind this address, is down or just starting. Try again; if it stays so, check \
             `vsphere_server`."
                .to_owned(),
        ),
        Error::NotVCenter { .. } => (
            M::VSPHERE_SERVER,
            format!("{server} is not a vCenter"),
            "Check `vsphere_server`: host name and port of a vCenter.".to_owned(),
        ),
        Error::TooOld { .. } => (
            M::VSPHERE_SERVER,
            format!("{server} is too old"),
            "Upgrade the vCenter; vSphere 6.7 is the oldest version that this provider works with.".to_owned(),
        ),
        Error::SessionFile { .. } => (
            M::PERSIST_SESSION,
            "The session cannot be kept".to_owned(),
            "With `persist_session` the sessions are written to `vim_session_path` and `rest_session_path`: name folders \
             that can be written, or do without `persist_session`. No session was opened."
                .to_owned(),
        ),
        Error::Server(_) => (
            M::VSPHERE_SERVER,
            "Invalid value for `vsphere_server`".to_owned(),
            "Expected a host name or address, with :port where it is not 443.".to_owned(),
        ),
        Error::CaFile(_) => (
            M::CA_FILE,
            "The file of root certificates cannot be used".to_owned(),
            "`ca_file` names a file with root certificates in PEM form.".to_owned(),
        ),
        Error::Transport { .. } | Error::Timeout { .. } => (
            M::VSPHERE_SERVER,
            format!("{server} cannot be reached"),
            "Check `vsphere_server` and that the vCenter is up and can be reached from here; a proxy is taken from \
             HTTPS_PROXY and NO_PROXY."
                .to_owned(),
        ),
        other => return Diagnostics::error(AttributePath::root(), format!("Unable to connect to {server}"), in_words(other)),
    };
    Diagnostics::error(at, summary, format!("{said}\n{advice}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn config(model: ProviderModel, env: &[(&str, &str)]) -> std::result::Result<Config, String> {
        let env: Vec<(String, String)> = env.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        let get = move |name: &str| env.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone());
        settings(model, &get, "test".into()).map_err(|d| d.to_string())
    }

    fn complete() -> ProviderModel {
        ProviderModel {
            user: "ann@vsphere.local".into(),
            password: Value::Known("hunter2".into()),
            vsphere_server: "vc.example.com".into(),
            ..ProviderModel::default()
        }
    }

    fn refused(model: ProviderModel, env: &[(&str, &str)], expected: &Expect) {
        expected.assert_eq(&config(model, env).unwrap_err());
    }

    #[test]
    fn everything_that_is_missing_is_named_at_once() {
        refused(
            ProviderModel::default(),
            &[("VSPHERE_USER", "")],
            &expect![[r#"
                error at vsphere_server: `vsphere_server` is missing
                  Set `vsphere_server` in the provider block, or the environment variable VSPHERE_SERVER, to the host name or address of the vCenter.
                error at user: `user` is missing
                  Set `user` in the provider block, or the environment variable VSPHERE_USER, to the user name, such as administrator@vsphere.local.
                error at password: `password` is missing
                  Set `password` in the provider block, or the environment variable VSPHERE_PASSWORD, to the user's password.
            "#]],
        );
    }

    #[test]
    fn what_is_wrong_in_the_environment_is_named_with_its_variable() {
        refused(
            complete(),
            &[
                ("VSPHERE_ALLOW_UNVERIFIED_SSL", "yes"),
                ("VSPHERE_API_TIMEOUT", "0"),
                ("VSPHERE_VIM_KEEP_ALIVE", "-1"),
            ],
            &expect![[r#"
                error at allow_unverified_ssl: Invalid value for `allow_unverified_ssl`
                  The environment variable VSPHERE_ALLOW_UNVERIFIED_SSL is "yes". Expected true or false.
                error at vim_keep_alive: Invalid value for `vim_keep_alive`
                  The environment variable VSPHERE_VIM_KEEP_ALIVE is "-1". Expected a number of minutes, 0 or more.
                error at api_timeout: Invalid value for `api_timeout`
                  The environment variable VSPHERE_API_TIMEOUT is "0". Expected a number of minutes, 1 or more.
            "#]],
        );
    }

    #[test]
    fn the_environment_fills_in_and_the_block_wins() {
        let env = [
            ("VSPHERE_SERVER", "other.example.com"),
            ("VSPHERE_USER", "bob"),
            ("VSPHERE_PASSWORD", "p"),
            ("VSPHERE_API_TIMEOUT", "7"),
            ("VSPHERE_ALLOW_UNVERIFIED_SSL", "true"),
        ];
        let c = config(ProviderModel { user: "ann".into(), ..ProviderModel::default() }, &env).unwrap();
        assert_eq!((c.server.as_str(), c.user.as_str()), ("other.example.com", "ann"));
        assert_eq!(c.api_timeout, Duration::from_secs(420));
        assert!(matches!(c.tls, Tls::Insecure));
        let c = config(ProviderModel { vcenter_server: "old".into(), ..complete() }, &[]).unwrap();
        assert_eq!(c.server, "vc.example.com");
    }

    #[test]
    fn a_pinned_certificate_beats_trust_in_any() {
        let m = ProviderModel {
            allow_unverified_ssl: true.into(),
            thumbprint: "ab".repeat(20).into(),
            ..complete()
        };
        assert!(matches!(config(m, &[]).unwrap().tls, Tls::Thumbprint(_)));
    }

    #[test]
    fn thumbprints_have_a_form() {
        assert!(thumbprint(&"AB:".repeat(31).into()).is_err());
        assert!(thumbprint(&format!("{}AB", "AB:".repeat(31)).into()).is_ok());
        assert!(thumbprint(&"zz".repeat(20).into()).is_err());
    }

    #[test]
    fn no_debug_print_shows_the_password() {
        let m = complete();
        assert!(!format!("{m:?}").contains("hunter2"));
        assert!(!format!("{:?}", config(m, &[]).unwrap()).contains("hunter2"));
    }

    #[test]
    fn calls_are_written_down_where_the_official_provider_does() {
        let file = |m, env: &[_]| config(m, env).unwrap().call_log.map(|f| f.parent().unwrap().to_owned());
        assert_eq!(file(complete(), &[]), None);
        let path = ProviderModel { client_debug_path: "/logs".into(), ..complete() };
        assert_eq!(file(path.clone(), &[]), None);
        let env = [("VSPHERE_CLIENT_DEBUG", "true"), ("VSPHERE_CLIENT_DEBUG_PATH_RUN", "one")];
        assert_eq!(file(path, &env), Some("/logs/debug/one".into()));
        let own = file(ProviderModel { client_debug: true.into(), ..complete() }, &[]).unwrap();
        assert_eq!(own.parent(), Some(&*home(".govmomi/debug")));
        let run = own.file_name().unwrap().to_str().unwrap();
        assert!(run.starts_with("20") && !run.contains([':', 'Z']), "{run}");
    }
}
