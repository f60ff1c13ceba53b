//! The vCenter that the integration tests need: `VCENTER_SIM_URL=https://user:pass@127.0.0.1:8989`.
use vsphere_client::{Client, Config, Tls};

/// The address, user and password of `VCENTER_SIM_URL`.
pub(crate) fn config() -> Config {
    let url = std::env::var("VCENTER_SIM_URL").expect("VCENTER_SIM_URL is the URL of a simulated vCenter");
    let rest = url.strip_prefix("https://").unwrap_or(&url).trim_end_matches("/sdk");
    let (login, host) = rest.rsplit_once('@').unwrap_or(("user:pass", rest));
    let (user, password) = login.split_once(':').unwrap_or((login, "pass"));
    let mut config = Config::new(host, user, password.to_owned().into());
    config.tls = Tls::Insecure;
    config
}

/// A session with it.
pub(crate) async fn connect() -> Client {
    Client::connect(config()).await.expect("a session with the simulated vCenter")
}
