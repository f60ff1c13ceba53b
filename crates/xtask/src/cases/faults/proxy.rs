//! A TLS proxy in front of the simulated vCenter, which does one wrong thing to one request.
use crate::servers::{self, message};
use anyhow::{Context, Result};
use rustls::{ClientConnection, ServerConnection, StreamOwned};
use std::collections::HashMap;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// The connection is cut before the request is passed on.
    Reset,
    /// The request is carried out, and the connection is cut instead of the answer.
    Lost,
    /// The proxy answers 503 without passing it on.
    Unavailable,
    /// The request is carried out, and the proxy answers 503.
    LostUnavailable,
    /// All sessions end before it.
    Session,
    /// Half of the answer.
    Truncated,
    /// It takes three seconds.
    Delay,
    /// Terraform and the provider get SIGINT, as with Ctrl-C; the request is carried out.
    Interrupt,
    /// The request is carried out, and Terraform and the provider are killed instead of the answer.
    Kill,
}

impl Fault {
    /// All of them, with the names that reports use.
    pub(super) const ALL: [(Fault, &'static str); 9] = [
        (Fault::Reset, "reset"),
        (Fault::Lost, "lost"),
        (Fault::Unavailable, "503"),
        (Fault::LostUnavailable, "503-after"),
        (Fault::Session, "session"),
        (Fault::Truncated, "truncated"),
        (Fault::Delay, "delay"),
        (Fault::Interrupt, "sigint"),
        (Fault::Kill, "sigkill"),
    ];
}

/// A request: what it calls, and how many of these came before it.
pub(super) type Request = (String, usize);

#[derive(Default)]
struct State {
    /// What came, in order.
    seen: Vec<Request>,
    count: HashMap<String, usize>,
    /// What is to happen to which request.
    target: Option<(Request, Fault)>,
    struck: bool,
    /// The process group that gets signals.
    group: Option<u32>,
}

/// A running proxy. Its threads end with this process.
pub(super) struct Proxy {
    /// Its address, `host:port`.
    pub(super) address: String,
    state: Arc<Mutex<State>>,
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Proxy {
    /// Starts one in front of a server.
    pub(super) fn start(server: &str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        let state = Arc::new(Mutex::new(State::default()));
        let (tls, server, shared) = (servers::tls()?, server.to_owned(), Arc::clone(&state));
        std::thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let (tls, server, state) = (Arc::clone(&tls), server.clone(), Arc::clone(&shared));
                std::thread::spawn(move || {
                    let Ok(connection) = ServerConnection::new(tls) else { return };
                    // The end of a connection is not an error here.
                    let _ = serve(StreamOwned::new(connection, socket), &server, &state);
                });
            }
        });
        Ok(Proxy { address, state })
    }

    /// Forgets what it has seen; from now on `target` is struck.
    pub(super) fn aim(&self, target: Option<(Request, Fault)>) {
        *lock(&self.state) = State { target, ..State::default() };
    }

    /// Sets the processes that receive the signals.
    pub(super) fn group(&self, group: u32) {
        lock(&self.state).group = Some(group);
    }

    /// Whether the fault has happened.
    pub(super) fn struck(&self) -> bool {
        lock(&self.state).struck
    }

    /// What came since the last [`aim`](Proxy::aim).
    pub(super) fn seen(&self) -> Vec<Request> {
        lock(&self.state).seen.clone()
    }
}

/// Sends a signal to a process group.
fn signal(state: &Mutex<State>, name: &str) {
    let group = lock(state).group;
    if let Some(group) = group {
        let _ = Command::new("kill").args([name, "--", &format!("-{group}")]).status();
    }
}

fn serve(
    mut client: StreamOwned<ServerConnection, TcpStream>,
    server: &str,
    state: &Mutex<State>,
) -> Result<()> {
    let mut upstream: Option<StreamOwned<ClientConnection, TcpStream>> = None;
    loop {
        let Some(request) = message(&mut client)? else { return Ok(()) };
        let (key, fault) = {
            let mut state = lock(state);
            let what = name(&request);
            let n = state.count.entry(what.clone()).or_default();
            let key = (what, *n);
            *n += 1;
            state.seen.push(key.clone());
            let fault = match &state.target {
                Some((target, fault)) if *target == key && !state.struck => Some(*fault),
                _ => None,
            };
            state.struck |= fault.is_some();
            (key, fault)
        };
        match fault {
            Some(Fault::Reset) => return Ok(()),
            Some(Fault::Unavailable) => {
                client.write_all(UNAVAILABLE)?;
                client.flush()?;
                continue;
            }
            Some(Fault::Session) => drop(servers::https(server, "POST", "/sim/expire", "")?),
            Some(Fault::Delay) => std::thread::sleep(Duration::from_secs(3)),
            Some(Fault::Interrupt) => {
                signal(state, "-INT");
                // It is heard before the answer is.
                std::thread::sleep(Duration::from_millis(150));
            }
            _ => {}
        }
        let stream = match &mut upstream {
            Some(stream) => stream,
            None => upstream.insert(servers::connect(server)?),
        };
        // A server that does not answer for minutes, and a client that has disconnected meanwhile, end this thread.
        stream.sock.set_read_timeout(Some(Duration::from_secs(120)))?;
        stream.write_all(&request)?;
        stream.flush()?;
        let answer = message(stream)?.with_context(|| format!("no answer to {}", key.0))?;
        match fault {
            Some(Fault::Lost) => return Ok(()),
            Some(Fault::Kill) => {
                signal(state, "-KILL");
                return Ok(());
            }
            Some(Fault::LostUnavailable) => client.write_all(UNAVAILABLE)?,
            Some(Fault::Truncated) => {
                client.write_all(&answer[..answer.len() - answer.len().min(100) / 2])?;
                client.flush()?;
                return Ok(());
            }
            _ => client.write_all(&answer)?,
        }
        client.flush()?;
    }
}

/// As a load balancer answers whose vCenter is away.
const UNAVAILABLE: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html\r\nContent-Length: 60\r\n\r\n<html><body><h1>503 Service Unavailable</h1></body></html>\r\n";

/// The SOAP method, or verb and path without ids.
fn name(request: &[u8]) -> String {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return String::new() };
    let line = head.lines().next().unwrap_or_default();
    let soap = ["POST /sdk ", "POST /sdk/", "POST /pbm", "POST /sso-adminserver/", "POST /sts/"];
    if soap.iter().any(|start| line.starts_with(start)) {
        let element = body.split_once("Body>").map_or("", |(_, rest)| rest).trim_start();
        let method = element.trim_start_matches('<').split([' ', '>', '/']).next().unwrap_or_default();
        return method.rsplit(':').next().unwrap_or_default().to_owned();
    }
    let mut words = line.split(' ');
    let (verb, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let parts = path.split('/').map(|part| match part.split_once('?') {
        _ if part.contains("urn:") || part.contains("urn%3A") => "{id}",
        Some((part, _)) if !part.contains("action") => part,
        _ => part,
    });
    format!("{verb} {}", parts.collect::<Vec<_>>().join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_a_name() {
        let soap = b"POST /sdk HTTP/1.1\r\nHost: a\r\n\r\n<?xml?><Envelope><Body><CreateFolder xmlns=\"urn:vim25\"><_this/></CreateFolder></Body></Envelope>";
        assert_eq!(name(soap), "CreateFolder");
        assert_eq!(
            name(b"GET /api/cis/tagging/tag/urn:vmomi:InventoryServiceTag:1:GLOBAL HTTP/1.1\r\n\r\n"),
            "GET /api/cis/tagging/tag/{id}"
        );
    }
}
