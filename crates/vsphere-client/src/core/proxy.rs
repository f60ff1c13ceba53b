//! Which proxy a request goes through: the environment, read as Go's programs read it, the official provider among them.

use std::net::IpAddr;
use std::sync::Arc;

use reqwest::{ClientBuilder, Proxy, Url};

use crate::error::{Error, Result};

/// Takes the proxies of the environment; without any, those of the operating system.
pub(crate) fn through(client: ClientBuilder) -> Result<ClientBuilder> {
    let Some(proxies) = Proxies::read(&|name| std::env::var(name).ok())? else { return Ok(client) };
    let proxies = Arc::new(proxies);
    Ok(client.proxy(Proxy::custom(move |url| proxies.of(url).cloned())))
}

#[derive(Debug, Default)]
struct Proxies {
    http: Option<Url>,
    https: Option<Url>,
    without: Vec<Without>,
}

/// An entry of NO_PROXY.
#[derive(Debug, PartialEq, Eq)]
enum Without {
    All,
    Network(IpAddr, u8),
    Address(IpAddr, Option<u16>),
    /// The name itself, unless it began with a dot, and all below it.
    Domain {
        name: String,
        itself: bool,
        port: Option<u16>,
    },
}

impl Proxies {
    /// What the environment says; nothing when it says nothing.
    fn read(env: &dyn Fn(&str) -> Option<String>) -> Result<Option<Self>> {
        let first = |names: &[&'static str]| {
            names.iter().find_map(|n| env(n).filter(|v| !v.trim().is_empty()).map(|v| (*n, v)))
        };
        let proxy = |names: &[&'static str]| match first(names) {
            Some((name, value)) => address(name, value.trim()).map(Some),
            None => Ok(None),
        };
        // Go ignores ALL_PROXY; a user who sets it expects it to apply here too.
        let https = proxy(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])?;
        let http = proxy(&["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])?;
        if https.is_none() && http.is_none() {
            return Ok(None);
        }
        let without = first(&["NO_PROXY", "no_proxy"]).map(|(_, v)| entries(&v)).unwrap_or_default();
        Ok(Some(Proxies { http, https, without }))
    }

    /// The proxy for a URL; nothing: the server itself.
    fn of(&self, url: &Url) -> Option<&Url> {
        let proxy = if url.scheme() == "https" { self.https.as_ref() } else { self.http.as_ref() }?;
        let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']');
        (!self.is_without(host, url.port_or_known_default()?)).then_some(proxy)
    }

    fn is_without(&self, host: &str, port: u16) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let address: Option<IpAddr> = host.parse().ok();
        if host == "localhost" || address.is_some_and(|a| a.is_loopback()) {
            return true;
        }
        self.without.iter().any(|entry| match entry {
            Without::All => true,
            Without::Network(network, bits) => address.is_some_and(|a| is_in(a, *network, *bits)),
            Without::Address(wanted, at) => address == Some(*wanted) && at.is_none_or(|at| at == port),
            Without::Domain { name, itself, port: at } => {
                let below = host.strip_suffix(name.as_str()).is_some_and(|above| above.ends_with('.'));
                (below || *itself && host == *name) && at.is_none_or(|at| at == port)
            }
        })
    }
}

/// The URL of a proxy; an address without a scheme is that of an HTTP proxy.
fn address(variable: &str, value: &str) -> Result<Url> {
    let known = |url: &Url| matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h");
    let url = Url::parse(value).ok().filter(|u| known(u) && u.has_host()).or_else(|| {
        let bare = Some(value).filter(|v| !v.contains("://"))?;
        Url::parse(&format!("http://{bare}")).ok().filter(Url::has_host)
    });
    let Some(mut url) = url else {
        // The value itself may hold a password.
        return Err(Error::Config(format!(
            "the environment variable {variable} is not the address of a proxy: expected http://host:port, \
             https://host:port or socks5://host:port"
        )));
    };
    if url.scheme() == "socks5" {
        // Names are for the proxy to resolve, as Go has it.
        url = Url::parse(&value.replacen("socks5", "socks5h", 1)).unwrap_or(url);
    }
    Ok(url)
}

fn entries(text: &str) -> Vec<Without> {
    text.split(',').filter_map(|entry| one(&entry.trim().to_ascii_lowercase())).collect()
}

fn one(entry: &str) -> Option<Without> {
    if entry.is_empty() {
        return None;
    }
    if entry == "*" {
        return Some(Without::All);
    }
    if let Some((network, bits)) = entry.split_once('/')
        && let (Ok(network), Ok(bits)) = (network.parse(), bits.parse())
    {
        return Some(Without::Network(network, bits));
    }
    if let Ok(address) = entry.trim_start_matches('[').trim_end_matches(']').parse() {
        return Some(Without::Address(address, None));
    }
    let (host, port) = match entry.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse().ok()?)),
        None => (entry, None),
    };
    if let Ok(address) = host.trim_start_matches('[').trim_end_matches(']').parse() {
        return Some(Without::Address(address, port));
    }
    let name = host.trim_start_matches('*');
    let itself = !name.starts_with('.');
    let name = name.trim_matches('.').to_owned();
    (!name.is_empty()).then_some(Without::Domain { name, itself, port })
}

fn is_in(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    let (a, b, all) = match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            (u128::from(u32::from(a)) << 96, u128::from(u32::from(b)) << 96, 32)
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => (u128::from(a), u128::from(b), 128),
        _ => return false,
    };
    bits <= all && (bits == 0 || (a ^ b) >> (128 - u32::from(bits)) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(env: &[(&str, &str)], url: &str) -> Option<String> {
        let get = |name: &str| env.iter().find(|(k, _)| *k == name).map(|(_, v)| (*v).to_owned());
        let proxies = Proxies::read(&get).unwrap()?;
        proxies.of(&Url::parse(url).unwrap()).map(ToString::to_string)
    }

    #[test]
    fn the_variables_are_those_of_go() {
        let vc = "https://vc.corp.example:8443/sdk";
        for (name, value, proxy) in [
            ("HTTPS_PROXY", "http://p:3128", "http://p:3128/"),
            ("https_proxy", "p:3128", "http://p:3128/"),
            ("HTTPS_PROXY", "127.0.0.1:3128", "http://127.0.0.1:3128/"),
            ("ALL_PROXY", "https://u:x@p", "https://u:x@p/"),
            ("HTTPS_PROXY", "socks5://p:1080", "socks5h://p:1080"),
            ("HTTPS_PROXY", "socks5h://p:1080", "socks5h://p:1080"),
        ] {
            assert_eq!(of(&[(name, value)], vc).as_deref(), Some(proxy), "{name}={value}");
        }
        assert_eq!(of(&[("HTTP_PROXY", "http://p")], vc), None);
        assert_eq!(of(&[("HTTPS_PROXY", "")], vc), None);
        assert_eq!(of(&[("HTTPS_PROXY", "http://p")], "https://127.0.0.1/"), None);
        assert_eq!(of(&[("HTTPS_PROXY", "http://p")], "https://localhost:8989/"), None);
        assert_eq!(of(&[("HTTPS_PROXY", "http://p")], "https://[::1]/"), None);
    }

    #[test]
    fn what_needs_no_proxy_goes_without() {
        for (without, host, is) in [
            ("*", "vc.corp.example", true),
            ("", "vc.corp.example", false),
            ("other.example", "vc.corp.example", false),
            ("corp.example", "vc.corp.example", true),
            ("corp.example", "corp.example", true),
            (".corp.example", "corp.example", false),
            ("*.corp.example", "vc.corp.example", true),
            (" a , VC.corp.example ,b", "vc.CORP.example", true),
            ("p.example", "corp.example", false),
            ("vc.corp.example:8443", "vc.corp.example", true),
            ("vc.corp.example:443", "vc.corp.example", false),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3:8443", "10.1.2.3", true),
            ("10.1.2.3:443", "10.1.2.3", false),
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.2.0.0/16", "10.1.2.3", false),
            ("10.", "10.1.2.3", false),
            ("fd00::/8", "[fd00::1]", true),
            ("[fd00::1]:8443", "[fd00::1]", true),
        ] {
            let env = [("HTTPS_PROXY", "http://p"), ("NO_PROXY", without)];
            let url = format!("https://{host}:8443/");
            assert_eq!(of(&env, &url).is_none(), is, "NO_PROXY={without} {host}");
        }
    }

    #[test]
    fn an_invalid_proxy_is_reported_without_its_password() {
        for value in ["notaurl:::", "http://user:hunter2@:1", "http://", "user:hunter2@"] {
            let get = |name: &str| (name == "HTTPS_PROXY").then(|| value.to_owned());
            let error = Proxies::read(&get).unwrap_err().to_string();
            assert!(error.contains("HTTPS_PROXY") && !error.contains("hunter2"), "{value}: {error}");
        }
    }
}
