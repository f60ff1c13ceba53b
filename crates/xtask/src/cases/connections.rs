//! Proxies and certificates of the environment, from Terraform to the simulated vCenter.
use super::sessions::{apply, destroy, empty_plan};
use super::{Bench, Test, hcl};
use crate::cli::Workdir;
use crate::servers::{self, Authority};
use crate::sim::{PASSWORD, Sim, USER};
use anyhow::{Context, Result, bail, ensure};
use std::io::{Read, Write};
use std::net::{IpAddr, Shutdown, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// A name that no resolver knows: only a proxy can connect to it.
const NAME: &str = "vcenter.test";
/// A user of the proxies.
const PROXY_USER: &str = "proxy-user";
/// Its password, which no output may contain.
const PROXY_PASSWORD: &str = "proxy-secret-4711";

/// All of them.
pub(super) const ALL: [(&str, Test); 4] = [
    ("connections/http_proxy", http_proxy),
    ("connections/socks_proxy", socks_proxy),
    ("connections/no_proxy", no_proxy),
    ("connections/certificates", certificates),
];

/// SOAP and REST.
const CONFIGURATION: &str = r#"
data "vsphere_datacenter" "d" {
  name = "DC0"
}
resource "vsphere_tag_category" "c" {
  name             = "connections"
  cardinality      = "SINGLE"
  associable_types = ["Folder"]
}
"#;

/// A folder whose configuration is for that server.
fn folder(bench: &Bench, dir: &Path, name: &str, server: &str, unverified: bool) -> Result<Workdir> {
    let mut w = bench.cli.in_dir(&dir.join(name));
    // Those of the computer that the tests run on.
    for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"] {
        w.without.push(name.to_owned());
        w.without.push(name.to_lowercase());
    }
    std::fs::create_dir_all(&w.dir)?;
    let provider = format!(
        "terraform {{\n  required_providers {{\n    vsphere = {{ source = \"vsphere-rs/vsphere\" }}\n  }}\n}}\nprovider \
         \"vsphere\" {{\n  vsphere_server       = \"{}\"\n  user                 = \"{}\"\n  password             = \
         \"{}\"\n  allow_unverified_ssl = {unverified}\n}}\n",
        hcl(server),
        hcl(USER),
        hcl(PASSWORD)
    );
    std::fs::write(w.dir.join("main.tf"), format!("{provider}{CONFIGURATION}"))?;
    Ok(w)
}

fn env(w: &mut Workdir, variables: &[(&str, &str)]) {
    w.env = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
}

/// Everything that a user does, and no password of a proxy in what is printed or logged.
fn whole_life(w: &mut Workdir) -> Result<()> {
    let trace = w.dir.join("trace.log");
    w.env.push(("TF_LOG".into(), "TRACE".into()));
    w.env.push(("TF_LOG_PATH".into(), trace.display().to_string()));
    let mut said = apply(w)?.all();
    said += &empty_plan(w)?.all();
    said += &destroy(w)?.all();
    said += &String::from_utf8_lossy(&std::fs::read(&trace)?);
    ensure!(!said.contains(PROXY_PASSWORD), "the password of the proxy is printed or logged");
    Ok(())
}

/// A command that cannot connect; what it prints.
fn fails(w: &Workdir) -> Result<String> {
    let ran = w.run(&["plan", "-no-color"])?;
    ensure!(ran.code != 0, "it is connected\n{}", ran.all());
    ensure!(!ran.all().contains(PROXY_PASSWORD), "the password of the proxy is printed");
    // Without the lines that Terraform draws and breaks.
    let text: String = ran.all().chars().map(|c| if "│╷╵\n".contains(c) { ' ' } else { c }).collect();
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// `HTTPS_PROXY` with and without a password, and a wrong one.
fn http_proxy(bench: &Bench, dir: &Path) -> Result<()> {
    let sim = Sim::start(&bench.tools, dir, "vcenter", dir, &[] as &[&str])?;
    let mut w = folder(bench, dir, "main", NAME, true)?;
    let open = Relay::proxy(&sim.address, false)?;
    env(&mut w, &[("HTTPS_PROXY", &format!("http://{}", open.address))]);
    whole_life(&mut w)?;
    open.asked_for(&[&format!("{NAME}:443")])?;

    let closed = Relay::proxy(&sim.address, true)?;
    let with = |password: &str| format!("http://{PROXY_USER}:{password}@{}", closed.address);
    env(&mut w, &[("https_proxy", &with(PROXY_PASSWORD))]);
    whole_life(&mut w)?;
    closed.asked_for(&[&format!("{NAME}:443")])?;
    env(&mut w, &[("HTTPS_PROXY", &with("wrong"))]);
    let text = fails(&w)?;
    ensure!(text.contains(NAME), "the message does not name the server: {text}");
    // One of a name that does not resolve.
    env(&mut w, &[("HTTPS_PROXY", "http://proxy.test:3128")]);
    fails(&w)?;
    Ok(())
}

/// SOCKS with and without a password. The proxy resolves the name.
fn socks_proxy(bench: &Bench, dir: &Path) -> Result<()> {
    let sim = Sim::start(&bench.tools, dir, "vcenter", dir, &[] as &[&str])?;
    let mut w = folder(bench, dir, "main", NAME, true)?;
    let open = Relay::proxy(&sim.address, false)?;
    for scheme in ["socks5", "socks5h"] {
        env(&mut w, &[("HTTPS_PROXY", &format!("{scheme}://{}", open.address))]);
        whole_life(&mut w)?;
        open.asked_for(&[&format!("socks5 {NAME}:443")])?;
    }
    let closed = Relay::proxy(&sim.address, true)?;
    let with = |password: &str| format!("socks5://{PROXY_USER}:{password}@{}", closed.address);
    env(&mut w, &[("ALL_PROXY", &with(PROXY_PASSWORD))]);
    whole_life(&mut w)?;
    closed.asked_for(&[&format!("socks5 {NAME}:443")])?;
    env(&mut w, &[("HTTPS_PROXY", &with("wrong"))]);
    fails(&w)?;
    Ok(())
}

/// `NO_PROXY`: all, an address, an address with a port, a network, a domain.
fn no_proxy(bench: &Bench, dir: &Path) -> Result<()> {
    let sim = Sim::start(&bench.tools, dir, "vcenter", dir, &[] as &[&str])?;
    let proxy = Relay::proxy(&sim.address, false)?;
    let url = format!("http://{}", proxy.address);
    let direct = |w: &mut Workdir, without: &str| -> Result<()> {
        env(w, &[("HTTPS_PROXY", &url), ("NO_PROXY", without)]);
        Ok(())
    };
    // A name that only the proxy resolves.
    let mut named = folder(bench, dir, "named", NAME, true)?;
    for without in ["*", ".test", "vcenter.test:443", "other.example, VCENTER.test"] {
        direct(&mut named, without)?;
        fails(&named).with_context(|| format!("NO_PROXY={without}"))?;
        proxy.asked_for(&[]).with_context(|| format!("NO_PROXY={without}"))?;
    }
    for without in ["example.com", "vcenter.test:8443", "center.test"] {
        direct(&mut named, without)?;
        empty_plan_or_add(&named).with_context(|| format!("NO_PROXY={without}"))?;
        proxy.asked_for(&[&format!("{NAME}:443")]).with_context(|| format!("NO_PROXY={without}"))?;
    }
    // An address that is not the loopback one, for which no proxy is used anyway.
    let Some(own) = own_address() else {
        println!("  note: this computer has no address of its own: NO_PROXY is tested with names only");
        return Ok(());
    };
    let relay = Relay::start(&format!("{own}:0"), &sim.address)?;
    let port = relay.address.rsplit(':').next().unwrap_or_default().to_owned();
    let mut numbered = folder(bench, dir, "numbered", &relay.address, true)?;
    let network = format!("{own}/{}", if own.is_ipv4() { 24 } else { 64 });
    let with_port = relay.address.clone();
    for without in ["*", &own.to_string(), &with_port, &network] {
        direct(&mut numbered, without)?;
        empty_plan_or_add(&numbered).with_context(|| format!("NO_PROXY={without}"))?;
        proxy.asked_for(&[]).with_context(|| format!("NO_PROXY={without}"))?;
    }
    for without in ["198.51.100.7/32", &with_port.replace(&port, "1")] {
        direct(&mut numbered, without)?;
        empty_plan_or_add(&numbered).with_context(|| format!("NO_PROXY={without}"))?;
        proxy.asked_for(&[&with_port]).with_context(|| format!("NO_PROXY={without}"))?;
    }
    Ok(())
}

/// A plan, of something new.
fn empty_plan_or_add(w: &Workdir) -> Result<()> {
    let ran = w.run(&["plan", "-no-color"])?.ok()?;
    ensure!(ran.out.contains("1 to add"), "{}", ran.all());
    Ok(())
}

/// An authority, and a certificate that is its own authority, among those that the system trusts.
fn certificates(bench: &Bench, dir: &Path) -> Result<()> {
    if !cfg!(target_os = "linux") {
        println!(
            "  note: only on Linux do SSL_CERT_FILE and SSL_CERT_DIR replace the certificates of the system"
        );
        return Ok(());
    }
    let sim = Sim::start(&bench.tools, dir, "vcenter", dir, &[] as &[&str])?;
    let (ours, other) = (Authority::new()?, Authority::new()?);
    let file = |name: &str, text: &str| -> Result<String> {
        let path = dir.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(&path, text)?;
        Ok(path.display().to_string())
    };
    let trusted = file("ours.pem", &format!("{}{}", other.pem(), ours.pem()))?;
    let strange = file("other.pem", other.pem())?;
    // Where OpenSSL looks by the hash of a name; what the hash is does not matter here.
    file("trusted/5ad8a5d6.0", ours.pem())?;
    let folder_of = dir.join("trusted").display().to_string();
    let own = servers::self_issued()?;
    let own_file = file("own.pem", &own.0)?;

    let signed = Relay::tls(&sim.address, ours.server(&["127.0.0.1"])?)?;
    let mut w = folder(bench, dir, "signed", &signed.address, false)?;
    for (name, value) in [("SSL_CERT_FILE", &trusted), ("SSL_CERT_DIR", &folder_of)] {
        env(&mut w, &[(name, value)]);
        whole_life(&mut w).with_context(|| name.to_owned())?;
    }
    env(&mut w, &[("SSL_CERT_FILE", &strange)]);
    let text = fails(&w)?;
    ensure!(text.contains("certificate"), "not about the certificate: {text}");

    // The right authority, and another name.
    let named = Relay::tls(&sim.address, ours.server(&[NAME])?)?;
    let mut w = folder(bench, dir, "named", &named.address, false)?;
    env(&mut w, &[("SSL_CERT_FILE", &trusted)]);
    let text = fails(&w)?;
    ensure!(text.contains("certificate"), "not about the certificate: {text}");

    let issued = Relay::tls(&sim.address, own.1)?;
    let mut w = folder(bench, dir, "own", &issued.address, false)?;
    env(&mut w, &[("SSL_CERT_FILE", &own_file)]);
    whole_life(&mut w).context("a certificate that is its own authority")?;
    env(&mut w, &[("SSL_CERT_FILE", &trusted)]);
    fails(&w)?;
    Ok(())
}

/// The address of this computer in its network; nothing is sent to find it.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|ip| !ip.is_loopback() && !ip.is_unspecified())
}

/// Something between Terraform and a server, which ends with this process.
struct Relay {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Relay {
    /// Listens, and hands each connection on.
    fn listen(
        at: &str,
        serve: impl Fn(TcpStream, &Mutex<Vec<String>>) -> Result<()> + Send + Sync + 'static,
    ) -> Result<Self> {
        let listener = TcpListener::bind(at)?;
        let relay = Relay { address: listener.local_addr()?.to_string(), asked: Arc::default() };
        let (asked, serve) = (Arc::clone(&relay.asked), Arc::new(serve));
        std::thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let (asked, serve) = (Arc::clone(&asked), Arc::clone(&serve));
                // The end of a connection is not an error here.
                std::thread::spawn(move || drop(serve(socket, &asked)));
            }
        });
        Ok(relay)
    }

    /// Bytes, as they are.
    fn start(at: &str, server: &str) -> Result<Self> {
        let server = server.to_owned();
        Self::listen(at, move |client, _| both_ways(client, TcpStream::connect(&server)?))
    }

    /// A proxy that understands HTTP and SOCKS, and connects to the one server whatever it is asked for.
    fn proxy(server: &str, password: bool) -> Result<Self> {
        let server = server.to_owned();
        Self::listen("127.0.0.1:0", move |mut client, asked| {
            let target = match byte(&mut client)? {
                5 => socks(&mut client, password)?,
                first => connect(&mut client, first, password)?,
            };
            asked.lock().unwrap_or_else(PoisonError::into_inner).push(target);
            both_ways(client, TcpStream::connect(&server)?)
        })
    }

    /// A server with another certificate.
    fn tls(server: &str, tls: Arc<rustls::ServerConfig>) -> Result<Self> {
        let server = server.to_owned();
        Self::listen("127.0.0.1:0", move |client, _| servers::forward(client, &tls, &server))
    }

    /// Checks what it was asked for since the last time: all of these, and nothing else.
    fn asked_for(&self, expected: &[&str]) -> Result<()> {
        let mut asked = std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner));
        asked.sort();
        asked.dedup();
        ensure!(asked == expected, "the proxy was asked for {asked:?} instead of {expected:?}");
        Ok(())
    }
}

fn byte(stream: &mut TcpStream) -> Result<u8> {
    let mut one = [0];
    stream.read_exact(&mut one)?;
    Ok(one[0])
}

fn bytes(stream: &mut TcpStream, n: u8) -> Result<String> {
    let mut all = vec![0; usize::from(n)];
    stream.read_exact(&mut all)?;
    Ok(String::from_utf8_lossy(&all).into_owned())
}

/// HTTP CONNECT, behind its first byte; the address that is asked for.
fn connect(client: &mut TcpStream, first: u8, password: bool) -> Result<String> {
    let mut head = vec![first];
    while !head.ends_with(b"\r\n\r\n") {
        head.push(byte(client)?);
    }
    let head = String::from_utf8_lossy(&head);
    let mut lines = head.lines();
    let target = lines.next().and_then(|l| l.strip_prefix("CONNECT ")?.split(' ').next()).unwrap_or_default();
    // `proxy-user:proxy-secret-4711`
    let known = lines.any(|l| {
        l.split_once(": Basic ").is_some_and(|(name, value)| {
            name.eq_ignore_ascii_case("proxy-authorization")
                && value == "cHJveHktdXNlcjpwcm94eS1zZWNyZXQtNDcxMQ=="
        })
    });
    if password && !known {
        client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")?;
        bail!("not logged in");
    }
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    Ok(target.to_owned())
}

/// SOCKS 5 (RFC 1928, RFC 1929), behind the version; the name that is asked for.
fn socks(client: &mut TcpStream, password: bool) -> Result<String> {
    let methods = byte(client)?;
    bytes(client, methods)?;
    client.write_all(&[5, if password { 2 } else { 0 }])?;
    if password {
        byte(client)?;
        let n = byte(client)?;
        let user = bytes(client, n)?;
        let n = byte(client)?;
        let known = user == PROXY_USER && bytes(client, n)? == PROXY_PASSWORD;
        client.write_all(&[1, u8::from(!known)])?;
        ensure!(known, "not logged in");
    }
    let mut request = [0; 4];
    client.read_exact(&mut request)?;
    // Names only: an address would have been resolved before.
    ensure!(request[3] == 3, "an address instead of a name");
    let n = byte(client)?;
    let name = bytes(client, n)?;
    let port = u16::from_be_bytes([byte(client)?, byte(client)?]);
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
    Ok(format!("socks5 {name}:{port}"))
}

fn both_ways(client: TcpStream, server: TcpStream) -> Result<()> {
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    let up = std::thread::spawn(move || {
        let _ = std::io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write);
    });
    let (mut from_server, mut to_client) = (server, client);
    let _ = std::io::copy(&mut from_server, &mut to_client);
    let _ = to_client.shutdown(Shutdown::Both);
    drop(up.join());
    Ok(())
}
