//! Which certificates are trusted, and telling which one was not.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use ring::digest;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme};

use crate::core::config::Tls;
use crate::error::{Error, Result};

/// Builds the TLS configuration, and the place where the thumbprint of a refused certificate is noted.
pub(crate) fn client_config(tls: &Tls) -> Result<(ClientConfig, Arc<Refused>)> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let refused = Arc::new(Refused::default());
    let trust = match tls {
        Tls::SystemRoots { ca_file } => {
            let mut extra = Vec::new();
            if let Some(path) = ca_file {
                let unreadable = |e: &dyn std::fmt::Display| {
                    Error::CaFile(format!("cannot read certificates from {}: {e}", path.display()))
                };
                for certificate in CertificateDer::pem_file_iter(path).map_err(|e| unreadable(&e))? {
                    extra.push(certificate.map_err(|e| unreadable(&e))?);
                }
                if extra.is_empty() {
                    return Err(Error::CaFile(format!("there is no certificate in {}", path.display())));
                }
            }
            let verifier =
                rustls_platform_verifier::Verifier::new_with_extra_roots(extra.clone(), provider.clone())
                    .map_err(|e| Error::Config(format!("cannot load the trusted certificates: {e}")))?;
            Trust::Roots { verifier: Arc::new(verifier), pinned: extra }
        }
        Tls::Thumbprint(text) => Trust::Thumbprint(parse_thumbprint(text)?),
        Tls::Insecure => Trust::Anything,
    };
    let verifier = Verifier { trust, provider: provider.clone(), refused: refused.clone() };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::Config(e.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok((config, refused))
}

/// The thumbprint of the certificate that was refused last.
#[derive(Debug, Default)]
pub(crate) struct Refused(Mutex<Option<String>>);

impl Refused {
    pub(crate) fn thumbprint(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[derive(Debug)]
enum Trust {
    Roots { verifier: Arc<dyn ServerCertVerifier>, pinned: Vec<CertificateDer<'static>> },
    Thumbprint(Vec<u8>),
    Anything,
}

#[derive(Debug)]
struct Verifier {
    trust: Trust,
    provider: Arc<CryptoProvider>,
    refused: Arc<Refused>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verdict = match &self.trust {
            Trust::Anything => Ok(ServerCertVerified::assertion()),
            Trust::Thumbprint(wanted) => {
                if [&digest::SHA256, &digest::SHA1_FOR_LEGACY_USE_ONLY]
                    .iter()
                    .any(|a| digest::digest(a, end_entity).as_ref() == wanted.as_slice())
                {
                    Ok(ServerCertVerified::assertion())
                } else {
                    Err(CertificateError::ApplicationVerificationFailure.into())
                }
            }
            // A vCenter or ESXi certificate may be its own issuer and be marked as an authority, which
            // path validation refuses as an end entity; listing the very certificate trusts it all the same.
            Trust::Roots { pinned, .. } if pinned.iter().any(|c| c == end_entity) => {
                Ok(ServerCertVerified::assertion())
            }
            Trust::Roots { verifier, .. } => {
                let verdict =
                    verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
                match verdict {
                    Err(error) if is_authority(&error) && is_a_root(end_entity, server_name) => {
                        Ok(ServerCertVerified::assertion())
                    }
                    verdict => verdict,
                }
            }
        };
        if verdict.is_err() {
            *self.refused.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(thumbprint(end_entity));
        }
        verdict
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Whether a certificate was refused because it is marked as an authority. Its dates have been looked at by then.
fn is_authority(error: &rustls::Error) -> bool {
    matches!(error, rustls::Error::InvalidCertificate(_))
        && format!("{error:?}").contains("CaUsedAsEndEntity")
}

/// Whether the operating system trusts this very certificate, and it is that of the server: then it is trusted though it
/// is marked as an authority, as those are that a vCenter or an ESXi host makes for itself.
fn is_a_root(certificate: &CertificateDer<'_>, server_name: &ServerName<'_>) -> bool {
    let named = rustls::server::ParsedCertificate::try_from(certificate)
        .and_then(|parsed| rustls::client::verify_server_name(&parsed, server_name));
    named.is_ok() && rustls_native_certs::load_native_certs().certs.iter().any(|c| c == certificate)
}

/// The SHA-256 of a certificate, as vSphere shows it: `AB:CD:…`.
fn thumbprint(certificate: &[u8]) -> String {
    hexadecimal(&digest::SHA256, certificate)
}

/// The SHA-1 of a certificate, as vSphere expects it of a host: `AB:CD:…`.
pub(crate) fn sha1_thumbprint(certificate: &[u8]) -> String {
    hexadecimal(&digest::SHA1_FOR_LEGACY_USE_ONLY, certificate)
}

fn hexadecimal(algorithm: &'static digest::Algorithm, certificate: &[u8]) -> String {
    let mut text = String::new();
    for byte in digest::digest(algorithm, certificate).as_ref() {
        let _ = write!(text, "{}{byte:02X}", if text.is_empty() { "" } else { ":" });
    }
    text
}

fn parse_thumbprint(text: &str) -> Result<Vec<u8>> {
    let digits: Vec<char> = text.chars().filter(|c| !matches!(c, ':' | ' ')).collect();
    let bytes: Option<Vec<u8>> =
        digits.chunks(2).map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).ok()).collect();
    match bytes {
        Some(bytes) if matches!(bytes.len(), 20 | 32) && digits.len().is_multiple_of(2) => Ok(bytes),
        _ => Err(Error::Config(format!("{text:?} is not a SHA-256 or SHA-1 thumbprint"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thumbprints_are_hexadecimal_with_or_without_colons() {
        let sha1 = "00:11:22:33:44:55:66:77:88:99:aa:BB:cc:DD:ee:FF:00:11:22:33";
        assert_eq!(parse_thumbprint(sha1).unwrap().len(), 20);
        assert_eq!(parse_thumbprint(&sha1.replace(':', "")).unwrap(), parse_thumbprint(sha1).unwrap());
        for bad in ["", "00:11", "zz", &sha1[1..]] {
            assert!(matches!(parse_thumbprint(bad), Err(Error::Config(_))), "{bad}");
        }
    }
}
