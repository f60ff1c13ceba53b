//! Certificates and proxies, against a server of this test's own: TLS as a vCenter's, and the two answers that a
//! client needs to be connected.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fmt::Write as _;
use std::process::Command;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use ring::digest;
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use vsphere_client::{Client, Config, Error, Tls};

/// A name that no resolver knows.
const NAME: &str = "vcenter.test";
/// Set for the process that is to go through a proxy.
const CHILD: &str = "VSPHERE_CLIENT_TEST_CHILD";

struct Vcenter {
    address: String,
    certificate: CertificateDer<'static>,
}

/// Serves with that certificate.
async fn serve(certificate: CertificateDer<'static>, key: &KeyPair) -> Vcenter {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let tls = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
        .unwrap();
    let tls = TlsAcceptor::from(Arc::new(tls));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let tls = tls.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = tls.accept(stream).await else { return };
                let (_, body) = request(&mut stream).await;
                let text = if body.contains("<RetrieveServiceContent") {
                    "<rootFolder type=\"Folder\">group-d1</rootFolder><about><apiVersion>8.0.2.0</apiVersion></about>\
                     <sessionManager type=\"SessionManager\">SessionManager</sessionManager>"
                } else {
                    "<key>k</key>"
                };
                let text =
                    format!("<e:Envelope><e:Body><R><returnval>{text}</returnval></R></e:Body></e:Envelope>");
                let head =
                    format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", text.len());
                let _ = stream.write_all((head + &text).as_bytes()).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    Vcenter { address, certificate }
}

/// Head and body of a request.
async fn request(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> (String, String) {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let n = stream.read(&mut chunk).await.unwrap_or(0);
        bytes.extend_from_slice(&chunk[..n]);
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let length =
            head.lines().find_map(|l| l.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
        if n == 0 || text.contains("\r\n\r\n") && body.len() >= length.map_or(0, |l| l.parse().unwrap()) {
            return (head.to_owned(), body.to_owned());
        }
    }
}

/// An authority, and a server with a certificate of it for these names: as a vCenter with its VMCA.
async fn with_authority(names: &[&str]) -> (String, Vcenter) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
    let leaf = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
    (authority.pem(), serve(leaf.der().clone(), &key).await)
}

/// A server whose certificate is its own authority, as simulators and some ESXi hosts have it.
async fn with_itself() -> (String, Vcenter) {
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    (certificate.pem(), serve(certificate.der().clone(), &key).await)
}

async fn connect(server: &str, tls: Tls) -> Result<Client, Error> {
    let mut config = Config::new(server, "user", "pass".to_owned().into());
    config.tls = tls;
    Client::connect(config).await
}

#[tokio::test]
async fn a_file_names_the_authority() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        Tls::SystemRoots { ca_file: Some(path) }
    };
    let (pem, vcenter) = with_authority(&["127.0.0.1"]).await;
    let (other, own) = with_itself().await;
    connect(&vcenter.address, file("ca.pem", &pem)).await.unwrap();
    // One of several; and what a file says besides.
    connect(&vcenter.address, file("both.pem", &format!("# ours\n{other}\n{pem}"))).await.unwrap();
    let strange = connect(&vcenter.address, file("other.pem", &other)).await.unwrap_err();
    assert!(matches!(strange, Error::Tls { thumbprint: Some(_), .. }), "{strange:?}");
    let unknown = connect(&vcenter.address, Tls::SystemRoots { ca_file: None }).await.unwrap_err();
    assert!(matches!(unknown, Error::Tls { .. }), "{unknown:?}");

    // The very certificate, though path validation refuses an authority as a server.
    connect(&own.address, file("own.pem", &other)).await.unwrap();

    // The right authority, but for another name.
    let (pem, named) = with_authority(&[NAME]).await;
    let elsewhere = connect(&named.address, file("named.pem", &pem)).await.unwrap_err();
    assert!(matches!(elsewhere, Error::Tls { .. }), "{elsewhere:?}");
}

#[tokio::test]
async fn a_thumbprint_names_the_certificate() {
    let (_, vcenter) = with_authority(&[NAME]).await;
    for algorithm in [&digest::SHA1_FOR_LEGACY_USE_ONLY, &digest::SHA256] {
        let mut text = String::new();
        for byte in digest::digest(algorithm, &vcenter.certificate).as_ref() {
            write!(text, "{byte:02X}:").unwrap();
        }
        let text = text.trim_end_matches(':');
        // Neither name nor issuer matter.
        for spelling in [text.to_owned(), text.to_lowercase().replace(':', "")] {
            connect(&vcenter.address, Tls::Thumbprint(spelling)).await.unwrap();
        }
        let wrong: String = text.chars().rev().collect();
        let refused = connect(&vcenter.address, Tls::Thumbprint(wrong.clone())).await;
        assert!(wrong == text || matches!(refused, Err(Error::Tls { .. })));
    }
}

/// A proxy that knows one name, and notes what it is asked for.
async fn proxy(vcenter: String) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (log, vcenter) = (log.clone(), vcenter.clone());
            tokio::spawn(async move {
                let (head, _) = request(&mut client).await;
                log.lock().unwrap().push(head.lines().next().unwrap_or_default().to_owned());
                let mut server = TcpStream::connect(vcenter).await.unwrap();
                client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    (format!("http://{address}"), asked)
}

/// What the child process does: the environment is that of a whole process.
#[tokio::test]
async fn child() {
    if let Ok(server) = std::env::var(CHILD) {
        connect(&server, Tls::Insecure).await.unwrap();
    }
}

async fn in_child(server: String, environment: Vec<(&'static str, String)>) -> bool {
    let run = move || {
        let mut child = Command::new(std::env::current_exe().unwrap());
        for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"] {
            child.env_remove(name).env_remove(name.to_lowercase());
        }
        child.args(["--exact", "child", "--nocapture"]).env(CHILD, server).envs(environment);
        child.output().unwrap().status.success()
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

#[tokio::test]
async fn proxies_are_those_of_the_environment() {
    let (_, vcenter) = with_authority(&[NAME]).await;
    let (proxy, asked) = proxy(vcenter.address.clone()).await;
    let asked = || std::mem::take(&mut *asked.lock().unwrap());

    assert!(in_child(NAME.to_owned(), vec![("HTTPS_PROXY", proxy.clone())]).await);
    let seen = asked();
    assert!(!seen.is_empty() && seen.iter().all(|l| l.starts_with("CONNECT vcenter.test:443 ")), "{seen:?}");

    assert!(in_child(NAME.to_owned(), vec![("https_proxy", proxy.clone())]).await);
    assert_ne!(asked(), Vec::<String>::new());

    // The machine itself is never asked by way of a proxy, as in Go.
    assert!(in_child(vcenter.address, vec![("HTTPS_PROXY", proxy.clone())]).await);
    assert_eq!(asked(), Vec::<String>::new());

    // Without the proxy the name does not resolve.
    let direct = vec![("HTTPS_PROXY", proxy), ("NO_PROXY", "example.com,.test:443".to_owned())];
    assert!(!in_child(NAME.to_owned(), direct).await);
    assert_eq!(asked(), Vec::<String>::new());
}

#[tokio::test]
async fn the_thumbprint_of_another_server_is_read_with_and_without_a_check() {
    let (pem, server) = with_authority(&["127.0.0.1", "localhost"]).await;
    let sha1 = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &server.certificate);
    let expected = sha1.as_ref().iter().map(|b| format!("{b:02X}")).collect::<Vec<_>>().join(":");
    let port: u16 = server.address.rsplit_once(':').unwrap().1.parse().unwrap();

    // That the vCenter's certificate is not checked does not apply to other servers.
    let client = connect(&server.address, Tls::Insecure).await.unwrap();
    for address in ["127.0.0.1", "localhost"] {
        assert_eq!(client.certificate_thumbprint(address, port, false).await.unwrap(), expected);
        let checked = client.certificate_thumbprint(address, port, true).await;
        assert!(matches!(checked, Err(Error::Tls { thumbprint: Some(_), .. })), "{checked:?}");
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pem).unwrap();
    let trusting = Tls::SystemRoots { ca_file: Some(file.path().to_owned()) };
    let client = connect(&server.address, trusting).await.unwrap();
    assert_eq!(client.certificate_thumbprint("127.0.0.1", port, true).await.unwrap(), expected);
}

#[tokio::test]
async fn a_server_without_tls_and_an_invalid_address_are_errors() {
    let (_, server) = with_authority(&["127.0.0.1"]).await;
    let client = connect(&server.address, Tls::Insecure).await.unwrap();
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = plain.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = plain.accept().await.unwrap();
        let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n").await;
    });
    let no_tls = client.certificate_thumbprint("127.0.0.1", port, false).await;
    assert!(matches!(no_tls, Err(Error::Tls { thumbprint: None, .. })), "{no_tls:?}");
    let no_address = client.certificate_thumbprint("esx 1", 443, false).await;
    assert!(matches!(no_address, Err(Error::Server(_))), "{no_address:?}");
}
