//! `data.vsphere_host_thumbprint`
use crate::fault::{Doing, in_words};
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Diagnostics, Dynamic, Model, Result, Value};
use vsphere_client::Error;

/// Reads the certificate thumbprint of an ESXi host, which vCenter requires to add the host.
///
/// The provider connects to the host directly, so the host does not have to be in the vCenter inventory.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_host_thumbprint", category = "Host and Cluster Management")]
pub struct HostThumbprintModel {
    /// The SHA-1 thumbprint of the certificate, such as `AB:CD:…`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The host name or IP address of the ESXi host.
    #[tf(required, check = address)]
    pub address: Value<String>,
    /// The port to connect to.
    #[tf(optional, default = "443", check = port_form)]
    pub port: Value<String>,
    /// Whether to skip verification of the certificate. If `false`, the certificate must be signed by an authority that
    /// is trusted by the operating system or listed in the `ca_file` of the provider.
    #[tf(optional, default = false)]
    pub insecure: Value<bool>,
}

type M = HostThumbprintModel;

/// The data source.
#[derive(Debug, Default)]
pub struct HostThumbprint;

/// A check for the address of a host.
fn address(v: &Dynamic) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    let example = "Expected a host name or an IP address, such as \"esx1.example.com\"";
    if text.trim().is_empty() {
        return Err(format!("It is empty. {example}."));
    }
    if text.contains("://") || text.contains('/') {
        return Err(format!("{text:?} is a URL. {example}."));
    }
    if let Some((_, port)) = text.rsplit_once(':').filter(|(host, _)| !host.contains(':')) {
        return Err(format!("{text:?} has a port. {example}, and set `port` to {port:?}."));
    }
    Ok(())
}

/// The number of a port; `https` is the one name that is common for it.
fn number(text: &str) -> Option<u16> {
    if text == "https" { Some(443) } else { text.parse().ok().filter(|n| *n > 0) }
}

fn port_form(v: &Dynamic) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    match number(text) {
        Some(_) => Ok(()),
        None => Err(format!("{text:?} is not a port. Expected a number from 1 to 65535, such as \"443\".")),
    }
}

impl DataSource for HostThumbprint {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let (address, insecure) = (config.address.as_str(), config.insecure.get());
        let port = config.port.known().map_or(Some(443), |p| number(p)).unwrap_or_default();
        let read = cx.client.api.certificate_thumbprint(address, port, !insecure).await;
        if let Err(e @ Error::Tls { thumbprint, .. }) = &read {
            let (summary, advice) = match thumbprint {
                Some(_) => (
                    format!("The certificate of {address} is not trusted"),
                    "A new host has a certificate that it has signed itself. Compare the thumbprint with the one on the console \
                     of the host, and set `insecure = true`; or trust the authority that has signed it, with the provider's \
                     `ca_file`.",
                ),
                None => (
                    format!("{address} does not use TLS on port {port}"),
                    "Check `address` and `port`: an ESXi host uses port 443.",
                ),
            };
            return Err(Diagnostics::error(M::ADDRESS, summary, format!("{}\n{advice}", in_words(e))));
        }
        let thumbprint = read.doing(format!("connect to the host {address}")).map_err(|mut failed| {
            failed.0.iter_mut().for_each(|d| d.at = M::ADDRESS.into());
            failed
        })?;
        let port = config.port.known().cloned().unwrap_or_else(|| "443".to_owned());
        Ok(M { id: thumbprint.into(), port: port.into(), insecure: insecure.into(), ..config })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_without_a_port() {
        for (text, ok) in [
            ("esx1.example.com", true),
            ("192.0.2.7", true),
            ("fd00::7", true),
            ("[fd00::7]", true),
            ("", false),
            ("https://esx1.example.com", false),
            ("esx1.example.com/ui", false),
            ("esx1.example.com:443", false),
        ] {
            assert_eq!(address(&text.into()).is_ok(), ok, "{text}");
        }
    }

    #[test]
    fn a_port_is_a_number_or_https() {
        for (text, expected) in [
            ("443", Some(443)),
            ("https", Some(443)),
            ("65535", Some(65535)),
            ("0", None),
            ("65536", None),
            ("-1", None),
            ("", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }
}
