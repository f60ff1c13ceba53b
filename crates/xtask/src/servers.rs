//! Servers that are not a vCenter, each with a different fault; and a client for the simulator's own pages.
use anyhow::{Context, Result, bail};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, ServerConfig, ServerConnection, SignatureScheme,
    StreamOwned,
};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// One request; the body of the answer. For servers of our own on this machine: no certificate is checked.
pub(crate) fn https(address: &str, method: &str, path: &str, body: &str) -> Result<String> {
    let mut stream = connect(address)?;
    stream.sock.set_read_timeout(Some(Duration::from_secs(20)))?;
    // HTTP/1.0: the answer ends with the connection, and is never cut in chunks.
    let n = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {n}\r\n\r\n{body}"
    )?;
    let mut answer = vec![];
    if let Err(e) = stream.read_to_end(&mut answer)
        && e.kind() != std::io::ErrorKind::UnexpectedEof
    {
        return Err(e.into());
    }
    let answer = String::from_utf8_lossy(&answer);
    let Some((head, body)) = answer.split_once("\r\n\r\n") else { bail!("{path}: no HTTP answer") };
    let status = head.split_whitespace().nth(1).unwrap_or_default();
    if !status.starts_with('2') {
        bail!("{method} {path}: {} {}", head.lines().next().unwrap_or_default(), body.trim());
    }
    Ok(body.to_owned())
}

/// A connection to a server of our own on this machine.
pub(crate) fn connect(address: &str) -> Result<StreamOwned<ClientConnection, TcpStream>> {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Any(provider)))
        .with_no_client_auth();
    let host = address.split(':').next().unwrap_or_default().to_owned();
    let connection = ClientConnection::new(Arc::new(config), ServerName::try_from(host)?)?;
    let socket = TcpStream::connect(address).with_context(|| format!("cannot connect to {address}"))?;
    Ok(StreamOwned::new(connection, socket))
}

/// Takes any certificate.
#[derive(Debug)]
struct Any(Arc<CryptoProvider>);

impl ServerCertVerifier for Any {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// How a server answers.
#[derive(Clone, Copy)]
enum Answer {
    /// Like a web server without such a page.
    NotFound,
    /// A page for people, where a SOAP answer should be.
    Html,
    /// XML, but not of vCenter.
    Xml,
    /// JSON, as some other product's API.
    Json,
    /// As a proxy whose backend is away.
    BadGateway,
    /// Nothing: the connection is closed at once.
    Close,
}

impl Answer {
    fn http(self) -> &'static [u8] {
        match self {
            Self::NotFound => {
                b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: 19\r\n\r\n404 page not found\n"
            }
            Self::Html => {
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: 56\r\n\r\n<!DOCTYPE html><html><body>Welcome to Proxy</body></html>"
            }
            Self::Xml => {
                b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\nContent-Length: 37\r\n\r\n<rss><channel>news</channel></rss>   "
            }
            Self::Json => {
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: 13\r\n\r\n{\"data\":null}"
            }
            Self::BadGateway => {
                b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: 12\r\n\r\nbad gateway\n"
            }
            Self::Close => b"",
        }
    }
}

/// Starts all of them; placeholders and addresses. They end with this process.
pub(crate) fn wrong_servers() -> Result<BTreeMap<&'static str, String>> {
    let tls = tls()?;
    let mut all = BTreeMap::new();
    for (name, answer, encrypted) in [
        ("plain_http", Answer::NotFound, false),
        ("closes_at_once", Answer::Close, false),
        ("not_found", Answer::NotFound, true),
        ("not_a_vcenter", Answer::Html, true),
        ("not_soap", Answer::Xml, true),
        ("other_api", Answer::Json, true),
        ("bad_gateway", Answer::BadGateway, true),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        all.insert(name, listener.local_addr()?.to_string());
        let tls = encrypted.then(|| Arc::clone(&tls));
        std::thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let tls = tls.clone();
                // A client that gives up in the middle is what these are for.
                std::thread::spawn(move || drop(serve(socket, tls, answer)));
            }
        });
    }
    // Bound for a moment, then free: no server answers there.
    let closed = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    all.insert("closed_port", closed);
    Ok(all)
}

fn serve(socket: TcpStream, tls: Option<Arc<ServerConfig>>, answer: Answer) -> Result<()> {
    socket.set_read_timeout(Some(Duration::from_secs(10)))?;
    match tls {
        Some(tls) => {
            let mut s = StreamOwned::new(ServerConnection::new(tls)?, socket);
            reply(&mut s, answer)?;
            s.conn.send_close_notify();
            s.flush()?;
        }
        None => reply(&mut &socket, answer)?,
    }
    Ok(())
}

fn reply(s: &mut (impl Read + Write), answer: Answer) -> Result<()> {
    let mut seen = vec![];
    let mut buffer = [0; 4096];
    if matches!(answer, Answer::Close) {
        // What is closed unread is reset, and a client may see either; this one always sees the end.
        let _ = s.read(&mut buffer)?;
        return Ok(());
    }
    // The whole request is read, for a client that is cut off while sending sees only that.
    loop {
        let n = s.read(&mut buffer)?;
        seen.extend_from_slice(&buffer[..n]);
        if n == 0 || is_read(&seen) {
            break;
        }
    }
    s.write_all(answer.http())?;
    s.flush()?;
    Ok(())
}

fn is_read(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        // A TLS greeting on the port without TLS is not HTTP and has no end.
        return !request.is_empty() && !request[0].is_ascii_alphabetic();
    };
    let length = head
        .lines()
        .find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    body.len() >= length.unwrap_or(0)
}

/// For servers of our own, with a self-signed certificate.
pub(crate) fn tls() -> Result<Arc<ServerConfig>> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into(), "127.0.0.1".into()])?;
    with_certificate(made.cert.der().clone(), &made.signing_key)
}

fn with_certificate(certificate: CertificateDer<'static>, key: &KeyPair) -> Result<Arc<ServerConfig>> {
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.into())?;
    Ok(Arc::new(config))
}

/// An authority that issues certificates, as that of a vCenter.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    /// A new one.
    pub(crate) fn new() -> Result<Self> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let pem = issuer.pem();
        Ok(Self { issuer, pem })
    }

    /// Its certificate.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// For a server of these names.
    pub(crate) fn server(&self, names: &[&str]) -> Result<Arc<ServerConfig>> {
        let key = KeyPair::generate()?;
        let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
        let certificate = CertificateParams::new(names)?.signed_by(&key, &self.issuer)?;
        with_certificate(certificate.der().clone(), &key)
    }
}

/// A certificate that is its own authority, as some ESXi hosts have it, and a server with it.
pub(crate) fn self_issued() -> Result<(String, Arc<ServerConfig>)> {
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()])?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    Ok((certificate.pem(), with_certificate(certificate.der().clone(), &key)?))
}

/// Passes the requests of a connection on to another server, one at a time.
pub(crate) fn forward(client: TcpStream, tls: &Arc<ServerConfig>, server: &str) -> Result<()> {
    let mut client = StreamOwned::new(ServerConnection::new(Arc::clone(tls))?, client);
    let mut upstream = connect(server)?;
    while let Some(request) = message(&mut client)? {
        upstream.write_all(&request)?;
        upstream.flush()?;
        let answer = message(&mut upstream)?.context("no answer")?;
        client.write_all(&answer)?;
        client.flush()?;
    }
    Ok(())
}

/// One HTTP message, as it came; nothing at the end of the connection.
pub(crate) fn message(stream: &mut impl Read) -> Result<Option<Vec<u8>>> {
    let (mut seen, mut buffer) = (vec![], [0; 16384]);
    loop {
        if complete(&seen) {
            return Ok(Some(seen));
        }
        match stream.read(&mut buffer) {
            Ok(0) if seen.is_empty() => return Ok(None),
            Ok(0) => bail!("half a message"),
            Ok(n) => seen.extend_from_slice(&buffer[..n]),
            Err(e) if seen.is_empty() && e.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(e) => return Err(e.into()),
        }
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|w| w == what)
}

fn complete(message: &[u8]) -> bool {
    let Some(end) = find(message, b"\r\n\r\n") else { return false };
    let (head, body) = (&message[..end], &message[end + 4..]);
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let header = |name: &str| head.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(':'));
    if header("transfer-encoding").is_some_and(|v| v.contains("chunked")) {
        return body == b"0\r\n\r\n" || body.ends_with(b"\r\n0\r\n\r\n");
    }
    let length = header("content-length").and_then(|v| v.trim().parse().ok()).unwrap_or(0);
    body.len() >= length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_message_is_seen() {
        assert!(!complete(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab"));
        assert!(complete(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"));
        assert!(complete(b"HTTP/1.1 204 No Content\r\n\r\n"));
        assert!(!complete(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n"));
        assert!(complete(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"));
    }
}
