//! Tests against a server that misbehaves on purpose.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use vim_types::methods::CurrentTime;
use vim_types::xml::MoRef;

use crate::{Client, Config, Error, FaultKind, Result};

/// What the server answers.
pub(super) enum Reply {
    Soap(u16, String),
    Json(u16, &'static str),
    Raw(u16, &'static str, Vec<u8>),
    /// Takes the request and closes the connection.
    HangUp,
    /// Takes 30 milliseconds.
    Slow(Box<Reply>),
}

/// A request as the server saw it.
pub(super) struct Seen<'a> {
    /// The SOAP method, or the HTTP method and path.
    pub(super) what: &'a str,
    /// How many of these came before.
    pub(super) before: usize,
    pub(super) head: &'a str,
    pub(super) body: &'a str,
}

#[derive(Clone)]
pub(super) struct Server {
    address: String,
    log: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Serves what `answer` says, and what every vCenter says where it says nothing.
    pub(super) async fn start(answer: impl Fn(&Seen<'_>) -> Option<Reply> + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = Server { address, log: Arc::default() };
        let (log, answer) = (server.log.clone(), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (log, answer) = (log.clone(), answer.clone());
                tokio::spawn(async move {
                    let mut text = Vec::new();
                    let (head, body) = loop {
                        let mut chunk = [0; 4096];
                        let n = stream.read(&mut chunk).await.unwrap_or(0);
                        if n == 0 {
                            return;
                        }
                        text.extend_from_slice(&chunk[..n]);
                        let seen = String::from_utf8_lossy(&text).into_owned();
                        let Some((head, body)) = seen.split_once("\r\n\r\n") else { continue };
                        let length = head
                            .lines()
                            .find_map(|l| {
                                l.to_lowercase().strip_prefix("content-length: ").map(str::to_owned)
                            })
                            .map_or(0, |l| l.parse().unwrap());
                        if body.len() >= length {
                            break (head.to_owned(), body.to_owned());
                        }
                    };
                    let soap = body.split_once("<Body><").map(|(_, r)| r.split([' ', '>']).next().unwrap());
                    let line = head.lines().next().unwrap().trim_end_matches(" HTTP/1.1");
                    let what = soap.unwrap_or(line).to_owned();
                    let before = {
                        let mut log = log.lock().unwrap();
                        log.push(what.clone());
                        log.iter().filter(|w| **w == what).count() - 1
                    };
                    let seen = Seen { what: &what, before, head: &head, body: &body };
                    let reply = answer(&seen).unwrap_or_else(|| usual(&what));
                    let reply = match reply {
                        Reply::Slow(reply) => {
                            tokio::time::sleep(Duration::from_millis(30)).await;
                            *reply
                        }
                        reply => reply,
                    };
                    let (status, headers, body) = match reply {
                        Reply::Slow(_) => unreachable!("slow once is slow enough"),
                        Reply::HangUp => return,
                        Reply::Soap(status, body) => {
                            (status, "Content-Type: text/xml\r\n", body.into_bytes())
                        }
                        Reply::Json(status, body) => {
                            (status, "Content-Type: application/json\r\n", body.into())
                        }
                        Reply::Raw(status, headers, body) => (status, headers, body),
                    };
                    let head = format!(
                        "HTTP/1.1 {status} X\r\n{headers}Connection: close\r\nContent-Length: {}\r\n\r\n",
                        body.len()
                    );
                    let _ = stream.write_all(head.as_bytes()).await;
                    let _ = stream.write_all(&body).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        server
    }

    pub(super) fn count(&self, what: &str) -> usize {
        self.log.lock().unwrap().iter().filter(|w| *w == what).count()
    }

    pub(super) async fn connect(&self) -> Result<Client> {
        Client::connect(self.config()).await
    }

    fn config(&self) -> Config {
        let mut config = Config::new(format!("http://{}", self.address), "user", "hunter2".to_owned().into());
        config.keep_alive = Duration::ZERO;
        config.api_timeout = Duration::from_secs(5);
        config
    }
}

fn envelope(body: &str) -> String {
    format!("<e:Envelope xmlns:e=\"e\" xmlns:xsi=\"i\"><e:Body>{body}</e:Body></e:Envelope>")
}

pub(super) fn response(method: &str, inner: &str) -> Reply {
    Reply::Soap(200, envelope(&format!("<{method}Response xmlns=\"urn:vim25\">{inner}</{method}Response>")))
}

pub(super) fn fault(name: &str, fields: &str) -> Reply {
    let detail = format!("<detail><{name}Fault xsi:type=\"{name}\">{fields}</{name}Fault></detail>");
    let fault = format!("<e:Fault><faultcode>x</faultcode><faultstring>why</faultstring>{detail}</e:Fault>");
    Reply::Soap(500, envelope(&fault))
}

fn usual(what: &str) -> Reply {
    match what {
        "RetrieveServiceContent" => response(
            what,
            "<returnval><rootFolder type=\"Folder\">group-d1</rootFolder>\
             <propertyCollector type=\"PropertyCollector\">pc</propertyCollector>\
             <about><apiType>VirtualCenter</apiType><apiVersion>8.0.2.0</apiVersion></about>\
             <sessionManager type=\"SessionManager\">SessionManager</sessionManager>\
             <cryptoManager type=\"CryptoManagerKmip\">CryptoManager</cryptoManager></returnval>",
        ),
        "Login" => {
            let body = envelope("<LoginResponse><returnval><key>k</key></returnval></LoginResponse>");
            let cookie =
                "Content-Type: text/xml\r\nSet-Cookie: vmware_soap_session=\"s3cret\"; Path=/; HttpOnly\r\n";
            Reply::Raw(200, cookie, body.into_bytes())
        }
        "CurrentTime" => response(what, "<returnval>2026-01-01T00:00:00Z</returnval>"),
        _ => response(what, ""),
    }
}

async fn now(client: &Client) -> Result<String> {
    client.call(&CurrentTime { this: MoRef::new("ServiceInstance", "ServiceInstance") }).await
}

#[tokio::test]
async fn a_wrong_password_is_reported_and_not_retried() {
    let server = Server::start(|s| (s.what == "Login").then(|| fault("InvalidLogin", ""))).await;
    let error = server.connect().await.unwrap_err();
    assert!(
        matches!(&error, Error::Auth { fault, .. } if fault.kind == FaultKind::InvalidLogin),
        "{error:?}"
    );
    assert_eq!(server.count("Login"), 1);

    // The same when it was changed while the session was lost: accounts get locked by trying.
    let server = Server::start(|s| match s.what {
        "Login" if s.before > 0 => Some(fault("InvalidLogin", "")),
        "CurrentTime" => Some(fault("NotAuthenticated", "")),
        _ => None,
    })
    .await;
    let client = server.connect().await.unwrap();
    for _ in 0..3 {
        assert!(matches!(now(&client).await, Err(Error::Auth { .. })));
    }
    assert_eq!(server.count("Login"), 2);
}

#[tokio::test]
async fn one_login_serves_all_who_lost_the_session() {
    let server = Server::start(|s| match s.what {
        "CreateFolder" if s.before < 10 => Some(fault("NotAuthenticated", "")),
        "CreateFolder" => {
            // The cookie is the server's, quotes included.
            assert!(s.head.contains("vmware_soap_session=\"s3cret\""), "{}", s.head);
            assert!(s.body.contains("<operationID>"));
            Some(response("CreateFolder", "<returnval type=\"Folder\">group-9</returnval>"))
        }
        _ => None,
    })
    .await;
    let client = server.connect().await.unwrap();
    let (folders, root) = (client.folders(), client.root_folder());
    let made = futures_util::future::join_all((0..10).map(|_| folders.create(&root, "x"))).await;
    assert!(made.into_iter().all(|m| m.unwrap().id == "group-9".into()));
    assert_eq!((server.count("Login"), server.count("CreateFolder")), (2, 20));
}

#[tokio::test]
async fn only_a_login_brings_a_session() {
    // A server gives a session without a user to a request without a cookie.
    let server = Server::start(|s| match s.what {
        "CurrentTime" if s.before == 0 => {
            let body = envelope("<CurrentTimeResponse><returnval>then</returnval></CurrentTimeResponse>");
            let cookie = "Content-Type: text/xml\r\nSet-Cookie: vmware_soap_session=anonymous; Path=/\r\n";
            Some(Reply::Raw(200, cookie, body.into_bytes()))
        }
        "CurrentTime" => {
            assert!(s.head.contains("vmware_soap_session=\"s3cret\""), "{}", s.head);
            None
        }
        _ => None,
    })
    .await;
    let client = server.connect().await.unwrap();
    now(&client).await.unwrap();
    assert_eq!(now(&client).await.unwrap(), "2026-01-01T00:00:00Z");
}

#[tokio::test]
async fn overload_is_waited_for() {
    let server =
        Server::start(|s| match s.what {
            "CreateFolder" if s.before == 0 => {
                let text = b"503 Service Unavailable (Failed to connect to endpoint: [N7Vmacore4Http: _serverNamespace = /sdk])";
                Some(Reply::Raw(503, "", text.to_vec()))
            }
            "CreateFolder" if s.before == 1 => Some(Reply::Raw(503, "", b"no healthy upstream".to_vec())),
            "CreateFolder" if s.before == 2 => Some(Reply::Raw(429, "", vec![])),
            "POST /api/session" => Some(Reply::Json(200, "\"id\"")),
            "DELETE /api/cis/tagging/tag/x" if s.before == 0 => {
                Some(Reply::Json(503, r#"{"error_type":"SERVICE_UNAVAILABLE","messages":[]}"#))
            }
            "DELETE /api/cis/tagging/tag/x" => Some(Reply::Json(204, "")),
            _ => None,
        })
        .await;
    let client = server.connect().await.unwrap();
    client.folders().create(&client.root_folder(), "x").await.unwrap();
    assert_eq!(server.count("CreateFolder"), 4);
    client.tags().delete_tag("x").await.unwrap();
    assert_eq!(server.count("DELETE /api/cis/tagging/tag/x"), 2);
}

/// A proxy in front of vCenter may have passed the request on, whatever it answers.
#[tokio::test]
async fn an_answer_of_a_proxy_does_not_say_that_nothing_was_done() {
    for (status, text) in [
        (502, ""),
        (503, ""),
        (503, "busy"),
        (503, "<html><body><h1>503 Service Unavailable</h1>No server is available</body></html>"),
        (
            503,
            "upstream connect error or disconnect/reset before headers. reset reason: connection termination",
        ),
        (504, "<html>Gateway Time-out</html>"),
    ] {
        let server = Server::start(move |s| {
            matches!(s.what, "CreateFolder" | "CurrentTime")
                .then(|| Reply::Raw(status, "Retry-After: 0\r\n", text.as_bytes().to_vec()))
                .filter(|_| s.before == 0)
        })
        .await;
        let client = server.connect().await.unwrap();
        let error = client.folders().create(&client.root_folder(), "x").await.unwrap_err();
        assert!(
            matches!(error, Error::Transport { may_have_been_sent: true, .. }),
            "{status} {text}: {error:?}"
        );
        assert_eq!(server.count("CreateFolder"), 1, "{status} {text}");
        // What only reads is asked for again.
        now(&client).await.unwrap();
        assert_eq!(server.count("CurrentTime"), 2, "{status} {text}");
    }
}

#[tokio::test]
async fn only_reads_are_sent_twice() {
    let server = Server::start(|s| {
        (matches!(s.what, "CreateFolder" | "CurrentTime") && s.before < 1).then_some(Reply::HangUp)
    })
    .await;
    let client = server.connect().await.unwrap();
    let error = client.folders().create(&client.root_folder(), "x").await.unwrap_err();
    assert!(matches!(error, Error::Transport { may_have_been_sent: true, .. }), "{error:?}");
    assert_eq!(server.count("CreateFolder"), 1);
    now(&client).await.unwrap();
    assert_eq!(server.count("CurrentTime"), 2);
}

#[tokio::test]
async fn a_web_page_is_not_a_vcenter() {
    let page = |status| move |_: &Seen<'_>| Some(Reply::Raw(status, "", b"<!DOCTYPE html><p>hello".to_vec()));
    for status in [200, 404] {
        let server = Server::start(page(status)).await;
        let error = server.connect().await.unwrap_err();
        assert!(matches!(error, Error::NotVCenter { .. }), "{error:?}");
    }
    let server = Server::start(|_| Some(Reply::Json(200, "{}"))).await;
    assert!(matches!(server.connect().await, Err(Error::NotVCenter { .. })));
    let server = Server::start(page(503)).await;
    assert!(matches!(server.connect().await, Err(Error::Unavailable { status: 503, .. })));
}

/// gzip without compression: a header, one stored block, the checksum.
fn gzip(text: &[u8]) -> Vec<u8> {
    let mut crc = !0_u32;
    for byte in text {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    let length = text.len() as u16;
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    out.extend(length.to_le_bytes());
    out.extend((!length).to_le_bytes());
    out.extend(text);
    out.extend((!crc).to_le_bytes());
    out.extend(u32::from(length).to_le_bytes());
    out
}

#[tokio::test]
async fn answers_may_be_compressed() {
    let server = Server::start(|s| {
        (s.what == "CurrentTime").then(|| {
            assert!(s.head.to_lowercase().contains("accept-encoding: gzip"), "{}", s.head);
            let body = envelope("<CurrentTimeResponse><returnval>then</returnval></CurrentTimeResponse>");
            Reply::Raw(200, "Content-Type: text/xml\r\nContent-Encoding: gzip\r\n", gzip(body.as_bytes()))
        })
    })
    .await;
    assert_eq!(now(&server.connect().await.unwrap()).await.unwrap(), "then");
}

fn objects(ids: &[&str]) -> String {
    ids.iter()
        .map(|id| {
            format!(
                "<objects><obj type=\"Folder\">{id}</obj><propSet><name>name</name>\
                 <val xsi:type=\"xsd:string\">name of {id}</val></propSet></objects>"
            )
        })
        .collect()
}

#[tokio::test]
async fn a_fault_of_a_batch_falls_on_the_one_object() {
    // A server of old, that does not know how to leave out what is missing.
    let server = Server::start(|s| {
        (s.what == "RetrievePropertiesEx").then(|| {
            if s.body.contains(">missing<") {
                return fault("ManagedObjectNotFound", "<obj type=\"Folder\">missing</obj>");
            }
            let asked: Vec<&str> = ["a", "b", "c"]
                .into_iter()
                .filter(|id| s.body.contains(&format!("<obj type=\"Folder\">{id}</obj>")))
                .collect();
            response("RetrievePropertiesEx", &format!("<returnval>{}</returnval>", objects(&asked)))
        })
    })
    .await;
    let client = server.connect().await.unwrap();
    let refs = ["a", "missing", "b", "c"].map(|id| MoRef::new("Folder", id));
    let entities = client.entities();
    let read = futures_util::future::join_all(refs.iter().map(|r| entities.get(r))).await;
    assert_eq!(read[0].as_ref().unwrap().name, "name of a");
    assert!(read[1].as_ref().unwrap_err().is_not_found());
    assert_eq!(read[3].as_ref().unwrap().name, "name of c");
    assert_eq!(server.count("RetrievePropertiesEx"), 3);
}

#[tokio::test]
async fn what_may_not_be_seen_does_not_hide_the_rest() {
    let server = Server::start(|s| {
        (s.what == "RetrievePropertiesEx").then(|| {
            let hidden = "<objects><obj type=\"Folder\">x</obj><missingSet><path>name</path><fault>\
                <fault xsi:type=\"NoPermission\"/></fault></missingSet></objects>";
            let seen = objects(&["a"]).replace("Folder", "Datacenter");
            response(s.what, &format!("<returnval>{hidden}{seen}</returnval>"))
        })
    })
    .await;
    let client = server.connect().await.unwrap();
    let found = client.find().all(crate::Kind::Datacenter, None).await.unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    // Where it matters that nothing is left out, it is an error.
    assert!(client.folders().children(&client.root_folder()).await.is_err());
}

#[tokio::test]
async fn pages_are_followed() {
    let server = Server::start(|s| match s.what {
        "RetrievePropertiesEx" => {
            Some(response(s.what, &format!("<returnval><token>t1</token>{}</returnval>", objects(&["a"]))))
        }
        "ContinueRetrievePropertiesEx" => {
            assert!(s.body.contains(&format!("<token>t{}</token>", s.before + 1)));
            let token = if s.before == 0 { "<token>t2</token>" } else { "" };
            let id = ["b", "c"][s.before];
            Some(response(s.what, &format!("<returnval>{token}{}</returnval>", objects(&[id]))))
        }
        _ => None,
    })
    .await;
    let client = server.connect().await.unwrap();
    let children = client.folders().children(&client.root_folder()).await.unwrap();
    assert_eq!(children.iter().map(|c| &*c.object.id).collect::<Vec<_>>(), ["a", "b", "c"]);
}

#[tokio::test]
async fn the_older_rest_dialect_is_found_and_a_lost_session_opened_again() {
    let server = Server::start(|s| match s.what {
        "POST /api/session" => Some(Reply::Json(404, "{}")),
        "POST /rest/com/vmware/cis/session" => {
            Some(Reply::Json(200, if s.before == 0 { r#"{"value":"one"}"# } else { r#"{"value":"two"}"# }))
        }
        "GET /rest/com/vmware/cis/tagging/tag/id:urn:1" if s.head.contains("session-id: one") => {
            Some(Reply::Json(401, r#"{"type":"com.vmware.vapi.std.errors.unauthenticated","value":{}}"#))
        }
        "GET /rest/com/vmware/cis/tagging/tag/id:urn:1" => Some(Reply::Json(
            200,
            r#"{"value":{"id":"urn:1","name":"t","description":"","category_id":"urn:2","used_by":[]}}"#,
        )),
        _ => None,
    })
    .await;
    let client = server.connect().await.unwrap();
    let tags = client.tags();
    let (a, b) = tokio::join!(tags.tag("urn:1"), tags.tag("urn:1"));
    assert_eq!((a.unwrap().name.as_str(), b.unwrap().name.as_str()), ("t", "t"));
    assert_eq!(server.count("POST /api/session"), 1);
    assert_eq!(server.count("POST /rest/com/vmware/cis/session"), 2);
    assert_eq!(server.count("GET /rest/com/vmware/cis/tagging/tag/id:urn:1"), 2);
    client.logout().await.unwrap();
    assert_eq!(server.count("DELETE /rest/com/vmware/cis/session"), 1);
}

/// What a server says to those who watch a task, but for the updates themselves.
fn task_server(what: &str, before: usize) -> Option<Reply> {
    let reference =
        |ty: &str, id: String| response(what, &format!("<returnval type=\"{ty}\">{id}</returnval>"));
    Some(match what {
        "Rename_Task" => reference("Task", format!("task-{before}")),
        "CreatePropertyCollector" => reference("PropertyCollector", format!("own-{before}")),
        "CreateListView" => reference("ListView", "view".to_owned()),
        "CreateFilter" => reference("PropertyFilter", "filter".to_owned()),
        _ => return None,
    })
}

/// An update in the form of some simulators: everything again, with a version without meaning.
fn update(task: &str, info: &str) -> Reply {
    Reply::Slow(Box::new(response(
        "WaitForUpdatesEx",
        &format!(
            "<returnval><version>-</version><filterSet><objectSet><kind>enter</kind>\
             <obj type=\"Task\">{task}</obj><changeSet><name>info</name><op>assign</op>\
             <val xsi:type=\"TaskInfo\"><key>{task}</key><entityName>box</entityName>\
             <descriptionId>ManagedEntity.rename</descriptionId>{info}</val>\
             </changeSet></objectSet></filterSet></returnval>"
        ),
    )))
}

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_task_that_fails_says_what_it_did_and_why() {
    let server = Server::start(|s| match s.what {
        "WaitForUpdatesEx" if s.before < 2 => {
            let progress = s.before * 40;
            Some(update("task-0", &format!("<state>running</state><progress>{progress}</progress>")))
        }
        "WaitForUpdatesEx" => Some(update(
            "task-0",
            "<state>error</state><error><fault xsi:type=\"NoPermission\"><object type=\"Folder\">f</object>\
             <privilegeId>Folder.Rename</privilegeId></fault><localizedMessage>no</localizedMessage></error>",
        )),
        what => task_server(what, s.before),
    })
    .await;
    let client = server.connect().await.unwrap();
    let mut seen = Vec::new();
    let task = MoRef::new("Task", "task-0");
    let waited = client.tasks().wait_with(&task, MINUTE, &CancellationToken::new(), |p| seen.push(p)).await;
    let Err(Error::Task(failure)) = waited else { panic!("{waited:?}") };
    assert_eq!((failure.operation.as_str(), failure.entity_name.as_str()), ("ManagedEntity.rename", "box"));
    assert_eq!(failure.fault.to_string(), "NoPermission: no; Folder.Rename is missing on Folder:f");
    assert_eq!(seen, [0, 40]);
}

#[tokio::test]
async fn a_cancelled_wait_cancels_the_task() {
    let cancels = Arc::new(AtomicUsize::new(0));
    let seen = cancels.clone();
    let server = Server::start(move |s| match s.what {
        "CancelTask" => {
            seen.fetch_add(1, Ordering::SeqCst);
            None
        }
        "WaitForUpdatesEx" if seen.load(Ordering::SeqCst) > 0 => Some(update(
            &format!("task-{}", seen.load(Ordering::SeqCst) - 1),
            "<state>error</state><error><fault xsi:type=\"RequestCanceled\"/></error>",
        )),
        "WaitForUpdatesEx" => Some(update("task-0", "<state>running</state><cancelable>true</cancelable>")),
        what => task_server(what, s.before),
    })
    .await;
    let client = server.connect().await.unwrap();
    let cancel = CancellationToken::new();
    let soon = cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        soon.cancel();
    });
    let renamed = client.entities().rename(&client.root_folder(), "x", MINUTE, &cancel).await;
    assert!(matches!(renamed, Err(Error::Cancelled)), "{renamed:?}");
    assert_eq!(cancels.load(Ordering::SeqCst), 1);

    let root = client.root_folder();
    let late = client.entities().rename(&root, "x", Duration::ZERO, &CancellationToken::new()).await;
    assert!(matches!(late, Err(Error::Timeout { .. })));
}

#[tokio::test]
async fn a_busy_object_is_waited_for() {
    let server = Server::start(|s| match s.what {
        // Refused at once, then by the task itself.
        "Rename_Task" if s.before == 0 => Some(fault("TaskInProgress", "<task type=\"Task\">other</task>")),
        "WaitForUpdatesEx" if s.before == 0 => Some(update(
            "task-1",
            "<state>error</state><error><fault xsi:type=\"ConcurrentAccess\"/></error>",
        )),
        "WaitForUpdatesEx" => Some(update("task-2", "<state>success</state>")),
        what => task_server(what, s.before),
    })
    .await;
    let client = server.connect().await.unwrap();
    let (root, never) = (client.root_folder(), CancellationToken::new());
    client.entities().rename(&root, "x", MINUTE, &never).await.unwrap();
    assert_eq!(server.count("Rename_Task"), 3);

    // There is no time to try again.
    let server = Server::start(|s| match s.what {
        "Rename_Task" => Some(fault("TaskInProgress", "")),
        what => task_server(what, s.before),
    })
    .await;
    let client = server.connect().await.unwrap();
    let short = Duration::from_millis(100);
    let refused = client.entities().rename(&root, "x", short, &never).await.unwrap_err();
    assert!(matches!(refused.fault_kind(), Some(FaultKind::TaskInProgress { .. })), "{refused:?}");
    assert_eq!(server.count("Rename_Task"), 1);
}

#[tokio::test]
async fn watching_goes_on_in_a_new_session() {
    let server = Server::start(|s| match s.what {
        "WaitForUpdatesEx" if s.before == 0 => Some(fault("NotAuthenticated", "")),
        // Collectors end with the session that made them.
        "WaitForUpdatesEx" if s.body.contains(">own-0<") => {
            Some(fault("ManagedObjectNotFound", "<obj type=\"PropertyCollector\">own-0</obj>"))
        }
        "WaitForUpdatesEx" => Some(update("task-0", "<state>success</state>")),
        what => task_server(what, s.before),
    })
    .await;
    let client = server.connect().await.unwrap();
    client.entities().rename(&client.root_folder(), "x", MINUTE, &CancellationToken::new()).await.unwrap();
    assert_eq!((server.count("Login"), server.count("CreatePropertyCollector")), (2, 2));
}

#[tokio::test]
async fn a_busy_object_is_tried_again() {
    let busy = "<error><fault xsi:type=\"TaskInProgress\"><task type=\"Task\">t</task></fault></error>";
    let server = Server::start(move |s| match s.what {
        "CreateFolder" if s.before < 2 => Some(fault("TaskInProgress", "")),
        "CreateFolder" => Some(response(s.what, "<returnval type=\"Folder\">group-9</returnval>")),
        "Rename_Task" if s.before == 0 => Some(fault("ConcurrentAccess", "")),
        "WaitForUpdatesEx" if s.before == 0 => Some(update("task-1", &format!("<state>error</state>{busy}"))),
        "WaitForUpdatesEx" => Some(update("task-2", "<state>success</state>")),
        "POST /api/session" => Some(Reply::Json(200, "\"id\"")),
        "DELETE /api/cis/tagging/tag/x" if s.before == 0 => {
            Some(Reply::Json(409, r#"{"error_type":"CONCURRENT_CHANGE","messages":[]}"#))
        }
        "DELETE /api/cis/tagging/tag/x" => Some(Reply::Json(204, "")),
        what => task_server(what, s.before),
    })
    .await;
    let client = server.connect().await.unwrap();
    client.folders().create(&client.root_folder(), "x").await.unwrap();
    assert_eq!(server.count("CreateFolder"), 3);
    // Refused once at the call, once in the task.
    client.entities().rename(&client.root_folder(), "x", MINUTE, &CancellationToken::new()).await.unwrap();
    assert_eq!(server.count("Rename_Task"), 3);
    client.tags().delete_tag("x").await.unwrap();
    assert_eq!(server.count("DELETE /api/cis/tagging/tag/x"), 2);
}

#[tokio::test]
async fn a_busy_object_is_not_waited_for_too_long() {
    let server = Server::start(|s| match s.what {
        "Rename_Task" => Some(fault("TaskInProgress", "")),
        "Destroy_Task" => Some(fault("HostCommunication", "")),
        "UpdateConfig" => Some(fault("ConcurrentAccess", "")),
        _ => None,
    })
    .await;
    let client = server.connect().await.unwrap();
    let (entities, root) = (client.entities(), client.root_folder());
    let cancel = CancellationToken::new();
    let late = entities.rename(&root, "x", Duration::from_millis(600), &cancel).await.unwrap_err();
    assert!(late.is_busy(), "{late:?}");
    assert!((2..4).contains(&server.count("Rename_Task")));

    let soon = cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        soon.cancel();
    });
    assert!(matches!(entities.rename(&root, "x", MINUTE, &cancel).await, Err(Error::Cancelled)));

    // How far the host had come is not known.
    let cancel = CancellationToken::new();
    assert!(entities.destroy(&root, MINUTE, &cancel).await.unwrap_err().is_busy());
    assert_eq!(server.count("Destroy_Task"), 1);

    // What was meant for an older state of the object stays refused.
    let spec =
        vim_types::types::ResourceConfigSpec { change_version: Some("1".into()), ..Default::default() };
    let pools = client.resource_pools();
    assert!(pools.update(&root, None, Some(spec)).await.unwrap_err().is_busy());
    assert_eq!(server.count("UpdateConfig"), 1);
}

#[tokio::test]
async fn a_task_that_has_ended_can_be_waited_for_again() {
    let server = Server::start(|s| match s.what {
        // A true collector: an update is sent once, unless the caller starts with an empty version.
        "WaitForUpdatesEx" if s.body.contains("<version></version>") || s.body.contains("<version/>") => {
            Some(update("task-0", "<state>success</state>"))
        }
        "WaitForUpdatesEx" => Some(Reply::Slow(Box::new(response(s.what, "")))),
        what => task_server(what, s.before),
    })
    .await;
    let client = server.connect().await.unwrap();
    let task = MoRef::new("Task", "task-0");
    for _ in 0..2 {
        client.tasks().wait(&task, Duration::from_secs(3), &CancellationToken::new()).await.unwrap();
    }
    assert_eq!(server.count("CreateListView"), 1);
}

#[tokio::test]
async fn a_deleted_task_is_not_waited_for() {
    let missing = "<fault xsi:type=\"ManagedObjectNotFound\"><obj type=\"Task\">task-1</obj></fault>";
    let sets = [
        // It was removed while it was watched.
        "<objectSet><kind>leave</kind><obj type=\"Task\">task-0</obj></objectSet>".to_owned(),
        // The server was restarted, and reports it in the response.
        format!("<missingObjects><obj type=\"Task\">task-1</obj><fault>{missing}</fault></missingObjects>"),
    ];
    let server = Server::start(move |s| match s.what {
        "WaitForUpdatesEx" => {
            let set = sets.get(s.before).map(String::as_str).unwrap_or_default();
            let set = format!("<returnval><version>1</version><filterSet>{set}</filterSet></returnval>");
            Some(Reply::Slow(Box::new(response(s.what, &set))))
        }
        // Or when the list is made.
        "CreateListView" if s.body.contains("task-2") => {
            Some(fault("ManagedObjectNotFound", "<obj type=\"Task\">task-2</obj>"))
        }
        what => task_server(what, s.before),
    })
    .await;
    let client = server.connect().await.unwrap();
    for n in 0..3 {
        let task = MoRef::new("Task", format!("task-{n}"));
        let waited = client.tasks().wait(&task, MINUTE, &CancellationToken::new()).await;
        assert!(waited.as_ref().is_err_and(Error::is_not_found), "{n}: {waited:?}");
        // The next one needs a list of its own.
        crate::core::watcher::forget(client.core()).await;
    }
}

/// The dialect goes by the version, and whatever a server says in the newer one that is none of its answers, the older
/// one is tried.
#[tokio::test]
async fn the_dialect_goes_by_the_version_and_what_is_odd_falls_back() {
    const TAG: &str = r#"{"id":"x","name":"n","description":"","category_id":"c"}"#;
    let content = |version: &str| {
        let Reply::Soap(status, text) = usual("RetrieveServiceContent") else { unreachable!() };
        Reply::Soap(status, text.replace("8.0.2.0", version))
    };
    // (version, the answer to POST /api/session, the answer to a call below /api, logins below /api and /rest)
    for (version, session, call, logins) in [
        ("8.0.2.0", (201, "\"a\""), (200, TAG), (1, 0)),
        ("7.0.2.0", (201, "\"a\""), (200, TAG), (1, 0)),
        ("7.0.1.0", (500, ""), (500, ""), (0, 1)),
        ("6.7", (500, ""), (500, ""), (0, 1)),
        ("8.0.2.0", (404, ""), (404, ""), (1, 1)),
        ("8.0.2.0", (400, r#"{"jsonrpc":"2.0","error":{"code":-32600}}"#), (404, ""), (1, 1)),
        ("8.0.2.0", (200, r#"{"jsonrpc":"2.0"}"#), (404, ""), (1, 1)),
        ("8.0.2.0", (500, "<html>"), (404, ""), (1, 1)),
        ("8.0.2.0", (415, ""), (404, ""), (1, 1)),
        ("8.0.2.0", (201, "\"a\""), (404, "404 page not found"), (1, 1)),
    ] {
        let server = Server::start(move |s| match s.what {
            "RetrieveServiceContent" => Some(content(version)),
            "POST /api/session" => Some(Reply::Json(session.0, session.1)),
            "GET /api/cis/tagging/tag/x" => Some(Reply::Json(call.0, call.1)),
            "POST /rest/com/vmware/cis/session" => Some(Reply::Json(200, r#"{"value":"r"}"#)),
            "GET /rest/com/vmware/cis/tagging/tag/id:x" => {
                Some(Reply::Json(200, r#"{"value":{"id":"x","name":"n","category_id":"c"}}"#))
            }
            _ => None,
        })
        .await;
        let client = server.connect().await.unwrap();
        let case = format!("{version} {session:?} {call:?}");
        assert_eq!(client.tags().tag("x").await.unwrap().name, "n", "{case}");
        let count = (server.count("POST /api/session"), server.count("POST /rest/com/vmware/cis/session"));
        assert_eq!(count, logins, "{case}");
    }
    // That a tag does not exist is an answer, and no reason to look elsewhere.
    let server = Server::start(|s| match s.what {
        "POST /api/session" => Some(Reply::Json(201, "\"a\"")),
        "GET /api/cis/tagging/tag/x" => Some(Reply::Json(404, r#"{"error_type":"NOT_FOUND","messages":[]}"#)),
        _ => None,
    })
    .await;
    let client = server.connect().await.unwrap();
    assert!(client.tags().tag("x").await.unwrap_err().is_not_found());
    assert_eq!(server.count("POST /rest/com/vmware/cis/session"), 0);
}

/// However a server says that a session has ended, and however often it ends.
#[tokio::test]
async fn a_rest_session_is_opened_again_as_often_as_it_takes() {
    const TAG: &str = r#"{"id":"x","name":"n","description":"","category_id":"c"}"#;
    for (status, body) in [
        (401, "{}"),
        (400, r#"{"type":"com.vmware.vapi.std.errors.unauthenticated","value":{"messages":[]}}"#),
        (403, r#"{"error_type":"UNAUTHORIZED","messages":[]}"#),
    ] {
        let server = Server::start(move |s| match s.what {
            "POST /api/session" => Some(Reply::Json(201, "\"a\"")),
            // Asked for after a 403 only: the session is not there.
            "GET /api/session" => Some(Reply::Json(401, "{}")),
            "GET /api/cis/tagging/tag/x" if s.before < 4 => Some(Reply::Json(status, body)),
            "GET /api/cis/tagging/tag/x" => Some(Reply::Json(200, TAG)),
            _ => None,
        })
        .await;
        let client = server.connect().await.unwrap();
        client.tags().tag("x").await.unwrap();
        assert_eq!(server.count("POST /api/session"), 5, "{status}");
    }
    // A SOAP session, too.
    let server =
        Server::start(|s| (s.what == "CurrentTime" && s.before < 3).then(|| fault("NotAuthenticated", "")))
            .await;
    now(&server.connect().await.unwrap()).await.unwrap();
    assert_eq!(server.count("Login"), 4);
}

/// A 403 that passes is asked about once more; one that stays is an error.
#[tokio::test]
async fn a_passing_refusal_is_asked_about_again() {
    const TAG: &str = r#"{"id":"x","name":"n","description":"","category_id":"c"}"#;
    for (refusals, passes) in [(1, true), (9, false)] {
        let server = Server::start(move |s| match s.what {
            "POST /api/session" => Some(Reply::Json(201, "\"a\"")),
            "GET /api/session" => Some(Reply::Json(200, r#"{"user":"u"}"#)),
            "GET /api/cis/tagging/tag/x" if s.before < refusals => {
                Some(Reply::Json(403, r#"{"error_type":"UNAUTHORIZED","messages":[]}"#))
            }
            "GET /api/cis/tagging/tag/x" => Some(Reply::Json(200, TAG)),
            _ => None,
        })
        .await;
        let client = server.connect().await.unwrap();
        assert_eq!(client.tags().tag("x").await.is_ok(), passes);
        assert_eq!((server.count("GET /api/cis/tagging/tag/x"), server.count("POST /api/session")), (2, 1));
    }
}

/// One object that is refused, or does not exist, takes no other with it.
#[tokio::test]
async fn the_objects_of_many_tags_are_asked_for_together() {
    let server = Server::start(|s| match s.what {
        "POST /api/session" => Some(Reply::Json(200, "\"id\"")),
        "POST /api/cis/tagging/tag-association?action=list-attached-objects-on-tags" => {
            Some(Reply::Slow(Box::new(Reply::Json(
                200,
                r#"[{"tag_id":"t1","object_ids":[{"id":"vm-1","type":"VirtualMachine"}]},{"tag_id":"t2","object_ids":[]}]"#,
            ))))
        }
        _ => None,
    })
    .await;
    let client = server.connect().await.unwrap();
    let ids: Vec<String> = (0..10).map(|i| format!("t{i}")).collect();
    let tags = client.tags();
    let all = futures_util::future::join_all(ids.iter().map(|id| tags.attached_to(id))).await;
    let found: Vec<usize> = all.into_iter().map(|objects| objects.unwrap().len()).collect();
    assert_eq!(found, [0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    let asks = server.count("POST /api/cis/tagging/tag-association?action=list-attached-objects-on-tags");
    assert!(asks <= 2, "{asks}");
    // One that gave up takes no answer from the others, and the next look is a new one.
    let given_up = tokio::time::timeout(Duration::from_millis(5), tags.attached_to("t1"));
    let (given_up, other) = tokio::join!(given_up, tags.attached_to("t1"));
    assert!(given_up.is_err() && other.unwrap().len() == 1);
}

#[tokio::test]
async fn tags_of_many_are_not_lost_for_one() {
    let server = Server::start(|s| match s.what {
        "POST /api/session" => Some(Reply::Json(201, "\"a\"")),
        "GET /api/session" => Some(Reply::Json(200, r#"{"user":"u"}"#)),
        "POST /api/cis/tagging/tag-association?action=list-attached-tags-on-objects" => {
            let bad = s.body.contains("vm-7\"") || s.body.contains("vm-11\"");
            Some(match bad {
                true => Reply::Json(403, r#"{"error_type":"UNAUTHORIZED","messages":[]}"#),
                false if s.body.contains("vm-3\"") => Reply::Json(
                    200,
                    r#"[{"object_id":{"type":"VirtualMachine","id":"vm-3"},"tag_ids":["t"]}]"#,
                ),
                false => Reply::Json(200, "[]"),
            })
        }
        // vm-7 does not exist; vm-11 may not be asked about.
        "RetrievePropertiesEx" if s.body.contains(">vm-7<") => {
            Some(fault("ManagedObjectNotFound", "<obj type=\"VirtualMachine\">vm-7</obj>"))
        }
        _ => None,
    })
    .await;
    let client = server.connect().await.unwrap();
    let objects: Vec<MoRef> = (0..20).map(|n| MoRef::new("VirtualMachine", format!("vm-{n}"))).collect();
    let tags = client.tags();
    let read = futures_util::future::join_all(objects.iter().map(|o| tags.attached_tags(o))).await;
    for (n, tags) in read.into_iter().enumerate() {
        match n {
            3 => assert_eq!(tags.unwrap(), ["t"]),
            11 => assert!(matches!(tags, Err(Error::Rest { status: 403, .. })), "{tags:?}"),
            _ => assert!(tags.unwrap().is_empty(), "{n}"),
        }
    }
}

/// The tags of all objects are read at once as soon as this takes no more requests than were sent, and what each object has
/// is the same without.
#[tokio::test]
async fn tags_of_all_objects_are_read_once() {
    const BATCH: &str = "POST /api/cis/tagging/tag-association?action=list-attached-tags-on-objects";
    const WHOLE: &str = "POST /api/cis/tagging/tag-association?action=list-attached-objects-on-tags";
    const ON_OBJECT: &str = r#"[{"object_id":{"type":"VirtualMachine","id":"vm-3"},"tag_ids":["t-0"]}]"#;
    const ON_TAG: &str = r#"[{"tag_id":"t-0","object_ids":[{"type":"VirtualMachine","id":"vm-3"}]}]"#;
    // How many tags there are, whether it is refused; the batches, lists of tags, and reads of their objects.
    for (tags, refused, expected) in [
        (1, false, (3, 1, 1)),
        (100, false, (3, 1, 1)),
        // Two requests more than the three batches before it.
        (401, false, (6, 1, 5)),
        // Never worth it for so few objects.
        (2000, false, (12, 1, 0)),
        // A refusal is asked about twice, and then no more.
        (1, true, (12, 1, 2)),
    ] {
        let ids: Vec<String> = (0..tags).map(|n| format!("t-{n}")).collect();
        let list: &'static str = Box::leak(serde_json::to_string(&ids).unwrap().into_boxed_str());
        let server = Server::start(move |s| match s.what {
            "POST /api/session" => Some(Reply::Json(201, "\"a\"")),
            "GET /api/session" => Some(Reply::Json(200, r#"{"user":"u"}"#)),
            "GET /api/cis/tagging/tag" => Some(Reply::Json(200, list)),
            BATCH => Some(Reply::Json(200, if s.body.contains("vm-3\"") { ON_OBJECT } else { "[]" })),
            WHOLE if refused => Some(Reply::Json(403, r#"{"error_type":"UNAUTHORIZED","messages":[]}"#)),
            WHOLE => Some(Reply::Json(200, if s.body.contains("t-0\"") { ON_TAG } else { "[]" })),
            _ => None,
        })
        .await;
        let client = server.connect().await.unwrap();
        for n in 0..12 {
            let found = client.tags().attached_tags(&MoRef::new("VirtualMachine", format!("vm-{n}"))).await;
            assert_eq!(found.unwrap(), if n == 3 { vec!["t-0"] } else { vec![] }, "{tags} {n}");
        }
        let counts = (server.count(BATCH), server.count("GET /api/cis/tagging/tag"), server.count(WHOLE));
        assert_eq!(counts, expected, "{tags} {refused}");
    }
}

/// A session that REST alone has not used is kept alive, however busy the other one is.
#[tokio::test]
async fn each_session_is_kept_alive_by_its_own_clock() {
    let server = Server::start(|s| match s.what {
        "POST /api/session" => Some(Reply::Json(201, "\"a\"")),
        "GET /api/session" => Some(Reply::Json(200, r#"{"user":"u"}"#)),
        "GET /api/cis/tagging/category" => Some(Reply::Json(200, "[]")),
        _ => None,
    })
    .await;
    let mut config = server.config();
    config.keep_alive = Duration::from_millis(400);
    let client = Client::connect(config).await.unwrap();
    client.tags().category_ids().await.unwrap();
    for _ in 0..20 {
        now(&client).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(server.count("GET /api/session") >= 2, "{}", server.count("GET /api/session"));
}

/// Ending a session is tried again when the answer is lost.
#[tokio::test]
async fn a_logout_that_is_lost_is_repeated() {
    let server = Server::start(|s| match s.what {
        "POST /api/session" => Some(Reply::Json(201, "\"a\"")),
        "GET /api/cis/tagging/category" => Some(Reply::Json(200, "[]")),
        "Logout" | "DELETE /api/session" if s.before == 0 => Some(Reply::HangUp),
        "Logout" => Some(fault("NotAuthenticated", "")),
        "DELETE /api/session" => Some(Reply::Json(401, "{}")),
        _ => None,
    })
    .await;
    let client = server.connect().await.unwrap();
    client.tags().category_ids().await.unwrap();
    client.logout().await.unwrap();
    assert_eq!((server.count("Logout"), server.count("DELETE /api/session")), (2, 2));
}

#[tokio::test]
async fn a_session_that_cannot_be_kept_is_not_opened() {
    let server = Server::start(|_| None).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    for (vim, rest) in [("file/vim", "rest"), ("vim", "file/rest")] {
        let mut config = server.config();
        config.persist =
            Some(crate::Persist { vim_path: folder.path().join(vim), rest_path: folder.path().join(rest) });
        let error = Client::connect(config).await.unwrap_err();
        assert!(matches!(error, Error::SessionFile { .. }), "{error:?}");
    }
    assert_eq!(server.count("Login"), 0);
}

#[tokio::test]
async fn no_session_is_opened_after_the_end() {
    let server = Server::start(|s| match s.what {
        "CurrentTime" => Some(fault("NotAuthenticated", "")),
        "POST /api/session" => Some(Reply::Json(200, "\"id\"")),
        _ => None,
    })
    .await;
    let client = server.connect().await.unwrap();
    client.logout().await.unwrap();
    assert!(matches!(now(&client).await, Err(Error::Cancelled)));
    assert!(matches!(client.tags().tag("x").await, Err(Error::Cancelled)));
    assert_eq!((server.count("Login"), server.count("POST /api/session")), (1, 0));
}

#[tokio::test]
async fn a_password_that_rest_refuses_is_not_tried_again() {
    let server = Server::start(|s| (s.what == "POST /api/session").then_some(Reply::Json(401, "{}"))).await;
    let client = server.connect().await.unwrap();
    for _ in 0..3 {
        assert!(matches!(client.tags().tag("x").await, Err(Error::Auth { .. })));
    }
    assert_eq!(server.count("POST /api/session"), 1);
}

#[tokio::test]
async fn a_write_that_a_gateway_lost_is_not_repeated() {
    let server = Server::start(|s| {
        let text = "upstream connect error or disconnect/reset before headers. reset reason: ";
        (s.what == "CreateFolder").then(|| {
            let why = if s.before == 0 { "connection failure" } else { "connection termination" };
            Reply::Raw(503, "Content-Type: text/plain\r\n", format!("{text}{why}").into_bytes())
        })
    })
    .await;
    let client = server.connect().await.unwrap();
    let error = client.folders().create(&client.root_folder(), "x").await.unwrap_err();
    assert!(matches!(error, Error::Transport { may_have_been_sent: true, .. }), "{error:?}");
    assert_eq!(server.count("CreateFolder"), 2);
}

#[tokio::test]
async fn client_and_server_agree_on_a_version() {
    let content = |version: &str| {
        let Reply::Soap(status, text) = usual("RetrieveServiceContent") else { unreachable!() };
        Reply::Soap(status, text.replace("8.0.2.0", version))
    };
    let unsupported =
        "<e:Fault><faultcode>x</faultcode><faultstring>Unsupported version URI</faultstring></e:Fault>";
    let known = "<namespaces><namespace><name>urn:vim25</name><version>9.9.0.0</version><priorVersions>\
        <version>9.1.0.0</version><version>8.0.3.0</version></priorVersions></namespace></namespaces>";
    let server = Server::start(move |s| match s.what {
        "RetrieveServiceContent" if s.head.contains("urn:vim25/6.7\"") => {
            Some(Reply::Soap(500, envelope(unsupported)))
        }
        "RetrieveServiceContent" => Some(content("9.9.0.0")),
        "GET /sdk/vimServiceVersions.xml" => Some(Reply::Soap(200, known.to_owned())),
        _ => {
            assert!(s.head.contains("urn:vim25/9.1.0.0\""), "{}", s.head);
            None
        }
    })
    .await;
    now(&server.connect().await.unwrap()).await.unwrap();

    // As recorded of a vCenter 6.5.
    let old = "<namespaces><namespace><name>urn:vim25</name><version>6.5</version><priorVersions><version>6.0</version>\
        <version>2.5</version></priorVersions></namespace></namespaces>";
    let server = Server::start(move |s| match s.what {
        "RetrieveServiceContent" => Some(Reply::Soap(500, envelope(unsupported))),
        "GET /sdk/vimServiceVersions.xml" => Some(Reply::Soap(200, old.to_owned())),
        _ => None,
    })
    .await;
    let error = server.connect().await.unwrap_err();
    assert!(matches!(&error, Error::TooOld { version, .. } if version == "6.5"), "{error:?}");

    let server = Server::start(|s| {
        let version = if s.what == "RetrieveServiceContent" { "6.7" } else { "8.0.2.0" };
        assert!(s.head.contains(&format!("urn:vim25/{version}\"")), "{}", s.head);
        None
    })
    .await;
    now(&server.connect().await.unwrap()).await.unwrap();
}

/// Keeps all that is logged, of every crate.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl tracing::field::Visit for Log {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        *self.0.lock().unwrap() += &format!("{field}={value:?} ");
    }
}

impl tracing::Subscriber for Log {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        span.record(&mut self.clone());
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        values.record(&mut self.clone());
    }
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test]
async fn no_secret_reaches_a_log_or_an_error() {
    let log = Log::default();
    // For the whole process: what the other tests log is looked through as well.
    tracing::subscriber::set_global_default(log.clone()).unwrap();
    tracing::callsite::rebuild_interest_cache();
    let server = Server::start(|s| match s.what {
        "CurrentTime" if s.before == 0 => Some(Reply::HangUp),
        "POST /api/session" => Some(Reply::Json(200, "\"t0ken\"")),
        "GET /api/cis/tagging/tag/x" => Some(Reply::HangUp),
        "CreateLocalPersonUser" => {
            assert!(s.body.contains("passw0rd-of-a-user"));
            let said = "passw0rd-of-a-user is too short";
            let name = "SsoAdminFaultPasswordPolicyViolationFault";
            let detail = format!("<detail><x xsi:type=\"{name}\"><y>{said}</y></x></detail>");
            let fault = format!(
                "<e:Fault><faultcode>x</faultcode><faultstring>{said}</faultstring>{detail}</e:Fault>"
            );
            Some(Reply::Soap(500, envelope(&fault)))
        }
        _ => sso(s),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = server.config();
    config.call_log = Some(folder.path().join("new/calls.jsonl"));
    let client = Client::connect(config).await.unwrap();
    now(&client).await.unwrap();
    let error = client.tags().tag("x").await.unwrap_err();
    let password = vim_types::xml::Secret::new("passw0rd-of-a-user");
    let refused = client.sso().create_person("ann", &Default::default(), &password).await.unwrap_err();
    client.logout().await.unwrap();
    assert!(
        matches!(&refused, Error::Fault { fault, .. } if fault.name.contains("PasswordPolicy")),
        "{refused:?}"
    );
    let text = log.0.lock().unwrap().clone();
    assert!(text.contains("RetrieveServiceContent"), "nothing was logged: {text}");
    let calls = std::fs::read_to_string(folder.path().join("new/calls.jsonl")).unwrap();
    let lines: Vec<serde_json::Value> = calls.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let login = &lines[1];
    assert_eq!(
        (&login["method"], &login["object"]),
        (&"Login".into(), &"SessionManager:SessionManager".into())
    );
    assert_eq!((&login["status"], &login["error"]), (&200.into(), &serde_json::Value::Null));
    assert!(calls.contains("/api/cis/tagging/tag/x"), "{calls}");
    assert!(
        lines.iter().any(|l| l["error"].as_str().is_some_and(|e| e.starts_with("cannot talk"))),
        "{calls}"
    );
    let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, "user:hunter2");
    for secret in ["hunter2", "s3cret", "t0ken", "passw0rd-of-a-user", basic.as_str()] {
        let errors = format!("{error:?} {error} {refused:?} {}", refused.in_one_line());
        for place in [&text, &calls, &errors, &format!("{client:?}")] {
            assert!(!place.contains(secret), "{secret} in {place}");
        }
    }
}

/// A server that imports a package, up to what becomes of the upload.
fn import_server(
    what: &str,
    body: &str,
    address: &str,
    aborted: bool,
    upload: impl Fn() -> Option<Reply>,
) -> Option<Reply> {
    let not_found = || fault("ManagedObjectNotFound", "<obj type=\"VirtualMachine\">vm-1</obj>");
    Some(match what {
        "RetrieveServiceContent" => {
            let Reply::Soap(status, text) = usual(what) else { return None };
            let manager = "<ovfManager type=\"OvfManager\">OvfManager</ovfManager></returnval>";
            Reply::Soap(status, text.replace("</returnval>", manager))
        }
        "CreateImportSpec" => response(
            what,
            "<returnval><importSpec xsi:type=\"VirtualMachineImportSpec\"><configSpec><name>a</name></configSpec>\
             </importSpec><fileItem><deviceId>/a/disk:0</deviceId><path>d.vmdk</path><size>300000</size>\
             <cimType>17</cimType><create>false</create></fileItem></returnval>",
        ),
        "ImportVApp" => response(what, "<returnval type=\"HttpNfcLease\">lease-1</returnval>"),
        "RetrievePropertiesEx" if body.contains("lease-1") => {
            let set = |name: &str, ty: &str, value: &str| {
                format!("<propSet><name>{name}</name><val xsi:type=\"{ty}\">{value}</val></propSet>")
            };
            let info = format!(
                "<lease type=\"HttpNfcLease\">lease-1</lease><entity type=\"VirtualMachine\">vm-1</entity><deviceUrl>\
                 <key>k</key><importKey>/a/disk:0</importKey><url>http://{address}/nfc/1/d</url><sslThumbprint/>\
                 </deviceUrl><totalDiskCapacityInKB>1</totalDiskCapacityInKB><leaseTimeout>300</leaseTimeout>"
            );
            let state = set("state", "HttpNfcLeaseState", "ready");
            let sets = state + &set("info", "HttpNfcLeaseInfo", &info);
            let object = format!("<objects><obj type=\"HttpNfcLease\">lease-1</obj>{sets}</objects>");
            response(what, &format!("<returnval>{object}</returnval>"))
        }
        "RetrievePropertiesEx" if aborted => not_found(),
        "RetrievePropertiesEx" => {
            let objects = objects(&["vm-1"]).replace("Folder", "VirtualMachine");
            response(what, &format!("<returnval>{objects}</returnval>"))
        }
        "POST /nfc/1/d" => return upload(),
        _ => return None,
    })
}

/// Imports a package whose disk has so many bytes, and says what became of it and what the server was asked.
async fn import(
    bytes: usize,
    cancel_after: Option<Duration>,
    upload: fn() -> Option<Reply>,
) -> (std::result::Result<MoRef, crate::ovf::Interrupted>, Server) {
    use crate::ovf::{Source, Target};
    let address = Arc::new(Mutex::new(String::new()));
    let known = address.clone();
    let aborted = AtomicUsize::new(0);
    let server = Server::start(move |s| {
        if s.what == "HttpNfcLeaseAbort" {
            // The server gets the reason.
            assert!(s.body.contains("xsi:type=\"SystemError\""), "{}", s.body);
            aborted.store(1, Ordering::SeqCst);
        }
        let aborted = aborted.load(Ordering::SeqCst) == 1;
        import_server(s.what, s.body, &known.lock().unwrap(), aborted, upload)
    })
    .await;
    *address.lock().unwrap() = server.address.clone();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ovf");
    std::fs::write(&path, "<Envelope><References><File href=\"d.vmdk\"/></References></Envelope>").unwrap();
    std::fs::write(folder.path().join("d.vmdk"), vec![7; bytes]).unwrap();
    let client = server.connect().await.unwrap();
    let (pool, store) = (MoRef::new("ResourcePool", "p"), MoRef::new("Datastore", "d"));
    let package = client.ovf().open(&Source::File(path)).await.unwrap();
    let plan = client.ovf().plan(&package, &pool, &store, Default::default()).await.unwrap();
    let target = Target { folder: Some(MoRef::new("Folder", "f")), pool, host: None };
    let cancel = CancellationToken::new();
    if let Some(after) = cancel_after {
        let cancel = cancel.clone();
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            cancel.cancel();
        });
    }
    let wait = crate::virtual_machine::Wait::new(Duration::from_secs(20), &cancel);
    (client.ovf().import(&package, plan, &target, wait).await, server)
}

#[tokio::test]
async fn a_package_is_imported_and_its_lease_ended() {
    let (made, server) = import(300_000, None, || None).await;
    assert_eq!(made.unwrap(), MoRef::new("VirtualMachine", "vm-1"));
    assert_eq!((server.count("HttpNfcLeaseComplete"), server.count("HttpNfcLeaseAbort")), (1, 0));
    assert_eq!(server.count("POST /nfc/1/d"), 1);
}

#[tokio::test]
async fn an_upload_that_breaks_aborts_the_lease_and_leaves_nothing() {
    let hangs_up = || Some(Reply::HangUp);
    let refuses = || Some(Reply::Raw(500, "", b"no space left".to_vec()));
    let (broken, server) = import(300_000, None, hangs_up).await;
    let broken = broken.unwrap_err();
    assert!(matches!(broken.error, Error::Transport { .. }), "{:?}", broken.error);
    assert_eq!((broken.left, server.count("HttpNfcLeaseAbort")), (None, 1));
    // A disk is not sent twice by itself, and what the server has removed is not removed again.
    assert_eq!((server.count("POST /nfc/1/d"), server.count("Destroy_Task")), (1, 0));

    let (broken, server) = import(300_000, None, refuses).await;
    let broken = broken.unwrap_err();
    assert!(matches!(&broken.error, Error::Upload { file, status: 500, .. } if file == "d.vmdk"));
    assert_eq!((broken.left, server.count("HttpNfcLeaseAbort")), (None, 1));
}

#[tokio::test]
async fn a_file_that_is_too_short_is_not_sent() {
    let (broken, server) = import(299_999, None, || None).await;
    assert!(matches!(broken.unwrap_err().error, Error::Package(text) if text.contains("299999 bytes")));
    assert_eq!((server.count("POST /nfc/1/d"), server.count("HttpNfcLeaseAbort")), (0, 1));
}

#[tokio::test]
async fn a_cancelled_import_is_aborted() {
    let (broken, server) =
        import(300_000, Some(Duration::ZERO), || Some(Reply::Slow(Box::new(Reply::HangUp)))).await;
    let broken = broken.unwrap_err();
    assert!(matches!(broken.error, Error::Cancelled), "{:?}", broken.error);
    assert_eq!((broken.left, server.count("HttpNfcLeaseAbort")), (None, 1));
}

/// The answers of single sign-on: a token for the password, and a session for the token.
fn sso(seen: &Seen<'_>) -> Option<Reply> {
    const TOKEN: &str = "<saml2:Assertion ID=\"_1\">t0ken of ann</saml2:Assertion>";
    let is_admin = seen.head.starts_with("POST /sso-adminserver/sdk");
    match seen.what {
        "RequestSecurityToken" => {
            assert!(seen.head.starts_with("POST /sts/STSService"), "{}", seen.head);
            assert!(
                seen.body
                    .contains("<wsse:Username>user</wsse:Username><wsse:Password>hunter2</wsse:Password>")
            );
            let token = format!("<t:RequestedSecurityToken>{TOKEN}</t:RequestedSecurityToken>");
            let one = format!("<t:RequestSecurityTokenResponse>{token}</t:RequestSecurityTokenResponse>");
            let all = "t:RequestSecurityTokenResponseCollection";
            Some(Reply::Soap(200, envelope(&format!("<{all}>{one}</{all}>"))))
        }
        "SsoAdminServiceInstance" => {
            let content = "<returnval><sessionManager type=\"SsoSessionManager\">sessions</sessionManager>\
                           <principalDiscoveryService type=\"D\">find</principalDiscoveryService></returnval>";
            Some(response(seen.what, content))
        }
        "Login" if is_admin => {
            assert!(seen.body.contains(TOKEN), "{}", seen.body);
            let cookies = "Content-Type: text/xml\r\nSet-Cookie: JSESSIONID=s3cret-sso; Path=/sso-adminserver\r\n\
                           Set-Cookie: other=1\r\n";
            Some(Reply::Raw(200, cookies, envelope("<LoginResponse xmlns=\"urn:sso\"/>").into_bytes()))
        }
        "FindPersonUser" => {
            assert!(seen.head.contains("JSESSIONID=s3cret-sso; other=1"), "{}", seen.head);
            let id = "<id><name>Ann</name><domain>vsphere.local</domain></id>";
            Some(response(
                seen.what,
                &format!("<returnval>{id}<details/><disabled>false</disabled></returnval>"),
            ))
        }
        _ => None,
    }
}

fn ann() -> crate::sso::PrincipalId {
    crate::sso::PrincipalId::new("ann", "vsphere.local")
}

#[tokio::test]
async fn one_session_of_single_sign_on_serves_all_and_is_closed() {
    let server = Server::start(|s| match s.what {
        "FindPersonUser" if (3..6).contains(&s.before) => Some(fault("SsoFaultNotAuthenticated", "")),
        _ => sso(s),
    })
    .await;
    let client = server.connect().await.unwrap();
    assert_eq!(server.count("RequestSecurityToken"), 0);
    let (sso, id) = (client.sso(), ann());
    for _ in 0..2 {
        // The second time, the session has ended.
        let found = futures_util::future::join_all((0..3).map(|_| sso.person(&id))).await;
        assert!(found.into_iter().all(|f| f.unwrap().unwrap().id == ann()));
    }
    assert_eq!((server.count("RequestSecurityToken"), server.count("SsoAdminServiceInstance")), (2, 2));
    client.logout().await.unwrap();
    assert_eq!(server.count("Logout"), 2, "one of each session");
    assert!(matches!(sso.person(&id).await, Err(Error::Cancelled)));
}

#[tokio::test]
async fn a_password_that_the_token_service_refuses_is_not_sent_again() {
    let server = Server::start(|s| match s.what {
        "RequestSecurityToken" => {
            let code = "<faultcode>ns0:FailedAuthentication</faultcode><faultstring>Invalid credentials</faultstring>";
            Some(Reply::Soap(500, envelope(&format!("<e:Fault>{code}</e:Fault>"))))
        }
        _ => sso(s),
    })
    .await;
    let client = server.connect().await.unwrap();
    for _ in 0..2 {
        let error = client.sso().person(&ann()).await.unwrap_err();
        assert!(
            matches!(&error, Error::Auth { fault, .. } if fault.kind == FaultKind::InvalidLogin),
            "{error:?}"
        );
    }
    assert_eq!(server.count("RequestSecurityToken"), 1);
    client.logout().await.unwrap();
}

#[tokio::test]
async fn users_and_groups_that_do_not_exist_are_none() {
    let server = Server::start(|s| match s.what {
        "FindPersonUser" | "FindGroup" if s.before > 0 => Some(response(s.what, "")),
        "FindPersonUser" | "FindGroup" | "DeleteLocalPrincipal" => {
            Some(fault("SsoFaultInvalidPrincipalFault", "<principal>ann</principal>"))
        }
        _ => sso(s),
    })
    .await;
    let client = server.connect().await.unwrap();
    for _ in 0..2 {
        assert_eq!(client.sso().person(&ann()).await.unwrap(), None);
        assert_eq!(client.sso().group(&ann()).await.unwrap(), None);
    }
    client.sso().delete("ann").await.unwrap();
}
