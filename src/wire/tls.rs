//! Mutual TLS between two processes that trust exactly one certificate each.
//!
//! Terraform passes its certificate in the environment and takes ours from the handshake line. Both are made
//! for one run. Another process that reaches the socket then cannot talk to a provider that is logged in.
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use p521::ecdsa::signature::Verifier as _;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, PrivateKeyDer, SignatureVerificationAlgorithm,
    UnixTime, alg_id,
};
use std::error::Error as StdError;
use std::sync::Arc;
use tokio_rustls::rustls::client::danger::HandshakeSignatureValid;
use tokio_rustls::rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls13_signature};
use tokio_rustls::rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::{DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme};

/// What the server needs, and its certificate as the handshake line holds it.
pub(super) struct Tls {
    pub(super) config: Arc<ServerConfig>,
    pub(super) certificate: String,
}

/// A fresh certificate, and a configuration that lets in the owner of `client_pem` alone.
pub(super) fn for_client(client_pem: &str) -> Result<Tls, Box<dyn StdError + Send + Sync>> {
    let client = CertificateDer::from_pem_slice(client_pem.as_bytes())?.into_owned();
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let mut params = rcgen::CertificateParams::new(["localhost".to_owned()])?;
    params.distinguished_name.push(rcgen::DnType::CommonName, "localhost");
    // Terraform takes the certificate as its only authority and as the server's at once.
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature, rcgen::KeyUsagePurpose::KeyCertSign];
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = params.self_signed(&key)?;

    let crypto = Arc::new(ring::default_provider());
    let verifier = Arc::new(Pinned { client, crypto: Arc::clone(&crypto) });
    let mut config = ServerConfig::builder_with_provider(crypto)
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der())?)?;
    // gRPC in Go hangs up on a server that does not choose HTTP/2 here.
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(Tls { config: Arc::new(config), certificate: STANDARD_NO_PAD.encode(certificate.der()) })
}

/// Lets in one certificate.
///
/// The usual verifier does not serve: Terraform's certificate is its own authority, which the rules of the web
/// forbid for an end entity. Comparing it whole is the stricter check, and needs no rules.
#[derive(Debug)]
struct Pinned {
    client: CertificateDer<'static>,
    crypto: Arc<CryptoProvider>,
}

impl ClientCertVerifier for Pinned {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if end_entity.as_ref() == self.client.as_ref() {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(Error::General("not the certificate of the Terraform process that started this".to_owned()))
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2 is not offered".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = match signature.scheme {
            SignatureScheme::ECDSA_NISTP521_SHA512 => &WITH_P521,
            _ => &self.crypto.signature_verification_algorithms,
        };
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let mut schemes = WITH_P521.supported_schemes();
        schemes.extend(self.crypto.signature_verification_algorithms.supported_schemes());
        schemes
    }
}

/// The one thing that ring lacks: Terraform's key is on the curve P-521.
#[derive(Debug)]
struct P521;

static WITH_P521: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: &[&P521],
    mapping: &[(SignatureScheme::ECDSA_NISTP521_SHA512, &[&P521])],
};

impl SignatureVerificationAlgorithm for P521 {
    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(key).map_err(|_| InvalidSignature)?;
        let signature = p521::ecdsa::Signature::from_der(signature).map_err(|_| InvalidSignature)?;
        key.verify(message, &signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P521
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_SHA512
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls_pki_types::ServerName;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio_rustls::rustls::ClientConfig;
    use tokio_rustls::rustls::client::danger::{ServerCertVerified, ServerCertVerifier};
    use tokio_rustls::{TlsAcceptor, TlsConnector};

    struct Identity {
        certificate: rcgen::Certificate,
        key: rcgen::KeyPair,
    }

    fn identity() -> Identity {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        Identity { certificate: params.self_signed(&key).unwrap(), key }
    }

    /// As Go does: the certificate of the handshake line, and no other.
    #[derive(Debug)]
    struct PinnedServer {
        certificate: CertificateDer<'static>,
        crypto: Arc<CryptoProvider>,
    }

    impl ServerCertVerifier for PinnedServer {
        fn verify_server_cert(
            &self,
            end_entity: &CertificateDer<'_>,
            _: &[CertificateDer<'_>],
            _: &ServerName<'_>,
            _: &[u8],
            _: UnixTime,
        ) -> Result<ServerCertVerified, Error> {
            assert_eq!(*end_entity, self.certificate);
            Ok(ServerCertVerified::assertion())
        }

        fn verify_tls12_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            unreachable!("the server offers TLS 1.3 alone")
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            let algorithms = &self.crypto.signature_verification_algorithms;
            verify_tls13_signature(message, certificate, signature, algorithms)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.crypto.signature_verification_algorithms.supported_schemes()
        }
    }

    /// Whether a client with that identity gets a byte through and back.
    async fn gets_in(server: &Tls, client: Option<&Identity>) -> bool {
        let certificate = STANDARD_NO_PAD.decode(&server.certificate).unwrap().into();
        let crypto = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(Arc::clone(&crypto))
            .with_safe_default_protocol_versions()
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(PinnedServer { certificate, crypto }));
        let mut config = match client {
            None => config.with_no_client_auth(),
            Some(me) => config
                .with_client_auth_cert(
                    vec![me.certificate.der().clone()],
                    PrivateKeyDer::try_from(me.key.serialize_der()).unwrap(),
                )
                .unwrap(),
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let acceptor = TlsAcceptor::from(Arc::clone(&server.config));
        tokio::spawn(async move {
            let mut stream = acceptor.accept(ours).await.ok()?;
            let byte = stream.read_u8().await.ok()?;
            stream.write_u8(byte).await.ok()?;
            stream.flush().await.ok()
        });
        let name = ServerName::try_from("localhost").unwrap();
        let answer = async {
            let mut stream = TlsConnector::from(Arc::new(config)).connect(name, theirs).await?;
            assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
            stream.write_u8(7).await?;
            stream.flush().await?;
            stream.read_u8().await
        };
        answer.await.is_ok()
    }

    #[tokio::test]
    async fn only_the_given_certificate_gets_in() {
        let (terraform, other) = (identity(), identity());
        let server = for_client(&terraform.certificate.pem()).unwrap();
        assert!(gets_in(&server, Some(&terraform)).await);
        assert!(!gets_in(&server, Some(&other)).await);
        assert!(!gets_in(&server, None).await);
    }

    #[test]
    fn an_invalid_certificate_is_an_error() {
        assert!(for_client("").is_err());
        assert!(for_client("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n").is_err());
    }

    #[test]
    fn p521_signatures() {
        use p521::ecdsa::signature::Signer as _;
        // Any number below the order of the curve is a key.
        let mut scalar = [1; 66];
        scalar[0] = 0;
        let key = p521::ecdsa::SigningKey::from_slice(&scalar).unwrap();
        let public = key.verifying_key().to_sec1_point(false);
        let signature: p521::ecdsa::Signature = key.sign(b"message");
        let der = signature.to_der();
        assert!(P521.verify_signature(public.as_bytes(), b"message", der.as_bytes()).is_ok());
        assert!(P521.verify_signature(public.as_bytes(), b"another", der.as_bytes()).is_err());
        assert!(P521.verify_signature(public.as_bytes(), b"message", b"no signature").is_err());
        assert!(P521.verify_signature(b"no key", b"message", der.as_bytes()).is_err());
    }
}
