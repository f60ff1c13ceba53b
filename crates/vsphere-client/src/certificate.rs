//! Certificates of servers that are not the vCenter.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::client::Client;
use crate::core::config::Tls;
use crate::core::http::find_tls_error;
use crate::core::tls;
use crate::error::{Error, Result};

/// How long a connection and its handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(30);

impl Client {
    /// Connects to a server, such as an ESXi host, and returns the SHA-1 thumbprint of its certificate (`AB:CD:…`), as
    /// vSphere expects it where a host is added. The vCenter is not involved, and no proxy is used. `address` is a host name
    /// or an IP address, with or without brackets. `verify` rejects a certificate that neither the operating system nor the
    /// CA file of this client trusts.
    ///
    /// # Errors
    /// [`Error::Server`] for an invalid address, [`Error::Transport`], [`Error::Timeout`], and [`Error::Tls`] where the
    /// server does not use TLS or its certificate is rejected.
    pub async fn certificate_thumbprint(&self, address: &str, port: u16, verify: bool) -> Result<String> {
        let trust = match &self.core().config.tls {
            _ if !verify => Tls::Insecure,
            trusted @ Tls::SystemRoots { .. } => trusted.clone(),
            // These settings apply to the vCenter alone.
            Tls::Thumbprint(_) | Tls::Insecure => Tls::SystemRoots { ca_file: None },
        };
        let shaking = thumbprint(address, port, &trust);
        tokio::time::timeout(HANDSHAKE, shaking).await.unwrap_or_else(|_| {
            Err(Error::Timeout { what: format!("connecting to {address}:{port}"), after: HANDSHAKE })
        })
    }
}

async fn thumbprint(address: &str, port: u16, trust: &Tls) -> Result<String> {
    let host = address.strip_prefix('[').and_then(|a| a.strip_suffix(']')).unwrap_or(address);
    let server = format!("{address}:{port}");
    let name = ServerName::try_from(host.to_owned()).map_err(|_| Error::Server(server.clone()))?;
    let (config, refused) = tls::client_config(trust)?;
    let failed = |e: std::io::Error| match find_tls_error(&e) {
        Some(source) => {
            Error::Tls { server: server.clone(), thumbprint: refused.thumbprint(), source: Arc::new(source) }
        }
        None => Error::Transport { server: server.clone(), may_have_been_sent: false, source: Arc::new(e) },
    };
    let stream = TcpStream::connect((host, port)).await.map_err(failed)?;
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(failed)?;
    let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
    let Some(certificate) = certificates.first() else {
        let source = Arc::new(rustls::Error::NoCertificatesPresented);
        return Err(Error::Tls { server: server.clone(), thumbprint: None, source });
    };
    Ok(tls::sha1_thumbprint(certificate))
}
