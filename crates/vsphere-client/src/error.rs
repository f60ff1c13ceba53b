//! Errors, classified by what a caller can do about them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use vim_types::xml::{ApiVersion, Dyn, LocalizedFault, MoRef};

/// The result of everything that talks to a server.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Arc<dyn std::error::Error + Send + Sync>;

/// An error of this client. Cloning is cheap: callers that share one request share its error.
///
/// Sources are chained ([`std::error::Error::source`]) and not repeated in the text. No text ever holds a
/// password, a token or a cookie.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server could not be reached, or the connection broke.
    #[error("cannot talk to {server}{}", if *.may_have_been_sent { "; the request may have been received" } else { "" })]
    Transport {
        /// `host[:port]`.
        server: String,
        /// Whether the server may have received the request, and so may have acted on it.
        may_have_been_sent: bool,
        /// What happened underneath.
        #[source]
        source: Source,
    },
    /// The TLS handshake failed; most often the server's certificate is not trusted.
    #[error("cannot set up a trusted connection to {server}")]
    Tls {
        /// `host[:port]`.
        server: String,
        /// The SHA-256 thumbprint of the certificate that the server presented (`AB:CD:…`), when it did.
        thumbprint: Option<String>,
        /// What happened underneath.
        #[source]
        source: Source,
    },
    /// The server answered, but not as a vCenter does.
    #[error("{server} does not answer as a vCenter: {reason}")]
    NotVCenter {
        /// `host[:port]`.
        server: String,
        /// What was seen instead.
        reason: String,
    },
    /// A server in front of the vCenter says that it is not there: 502, 503 or 504, tried several times.
    #[error("{server} answers HTTP {status}")]
    Unavailable {
        /// `host[:port]`.
        server: String,
        /// The status.
        status: u16,
    },
    /// The server refused the credentials, or a session was lost and cannot be opened again.
    #[error("{server} refused to log {user} in")]
    Auth {
        /// `host[:port]`.
        server: String,
        /// The user name.
        user: String,
        /// The server's reason ([`FaultKind::InvalidLogin`] for a wrong name or password).
        #[source]
        fault: Box<Fault>,
    },
    /// A method answered with a fault.
    #[error("{method} failed")]
    Fault {
        /// The method.
        method: &'static str,
        /// The fault.
        #[source]
        fault: Box<Fault>,
    },
    /// A REST call answered with an error.
    #[error("{method} {path}: {kind} (HTTP {status}){}", joined(.messages))]
    Rest {
        /// The HTTP method.
        method: &'static str,
        /// The path, without host.
        path: String,
        /// The HTTP status.
        status: u16,
        /// The kind of error as newer servers write it (`NOT_FOUND`, `ALREADY_EXISTS`, `UNAUTHORIZED`, …).
        kind: String,
        /// The server's messages.
        messages: Vec<String>,
    },
    /// An answer could not be decoded.
    #[error("the answer to {method} cannot be read")]
    Decode {
        /// The method or path.
        method: String,
        /// What happened underneath.
        #[source]
        source: Source,
    },
    /// A task ended in an error.
    #[error("the task {} on {} failed", .0.operation, .0.entity_name)]
    Task(#[source] Box<TaskFailure>),
    /// The server is too old for something that was asked for.
    #[error("{owner}.{field} needs vSphere API {needs}, the server has {server}")]
    Unsupported {
        /// The data type or method.
        owner: &'static str,
        /// The field.
        field: &'static str,
        /// The API version that introduced it.
        needs: ApiVersion,
        /// The API version of the server.
        server: ApiVersion,
    },
    /// Something took longer than it was allowed to.
    #[error("{what} did not end within {} s", .after.as_secs_f32())]
    Timeout {
        /// What was waited for.
        what: String,
        /// How long.
        after: Duration,
    },
    /// A virtual machine waits for an answer, and a task waits with it.
    #[error("{vm} waits for an answer: {text} ({})", .choices.join(", "))]
    Question {
        /// The virtual machine.
        vm: MoRef,
        /// What is asked.
        text: String,
        /// The answers that there are.
        choices: Vec<String>,
    },
    /// The caller cancelled.
    #[error("cancelled")]
    Cancelled,
    /// Nothing has the name that was asked for.
    #[error("no {kind} {name:?} in {place}")]
    NotFound {
        /// What was looked for (`Datastore`, `role`, …).
        kind: String,
        /// The name or path that was asked for.
        name: String,
        /// Where it was looked for.
        place: String,
    },
    /// Several things have the name that was asked for.
    #[error("{} {kind} objects are called {name:?}: {}", .candidates.len(), .candidates.join(", "))]
    Ambiguous {
        /// What was looked for.
        kind: String,
        /// The name that was asked for.
        name: String,
        /// The inventory paths of all of them.
        candidates: Vec<String>,
    },
    /// A host does not report what it is configured with, as one that is not connected.
    #[error("{host} does not report its {what}; it may be disconnected")]
    Unreported {
        /// The host.
        host: MoRef,
        /// What is not reported.
        what: &'static str,
    },
    /// A package with a virtual machine cannot be used as it is.
    #[error("{0}")]
    Package(String),
    /// A file was not taken by the server that was to get it.
    #[error("{server} does not take the file {file}: HTTP {status}")]
    Upload {
        /// `host[:port]`.
        server: String,
        /// The name of the file.
        file: String,
        /// The status.
        status: u16,
    },
    /// A content library could not do what it was asked for, and has said why in its answer.
    #[error("{0}")]
    Library(String),
    /// The address to connect to is not a `host` or `host:port`.
    #[error("{0:?} is not a host or host:port")]
    Server(String),
    /// The server is older than anything that this client can talk to.
    #[error("{server} has the vSphere API {version}; 6.7 or newer is needed")]
    TooOld {
        /// `host[:port]`.
        server: String,
        /// The newest API version that it knows.
        version: String,
    },
    /// Sessions are to be kept in files, and none can be written.
    #[error("a session cannot be kept in {}", .folder.display())]
    SessionFile {
        /// The folder of the files.
        folder: std::path::PathBuf,
        /// What happened underneath.
        #[source]
        source: Source,
    },
    /// The file with further root certificates cannot be used.
    #[error("{0}")]
    CaFile(String),
    /// The configuration of the client cannot be used.
    #[error("{0}")]
    Config(String),
}

fn joined(messages: &[String]) -> String {
    if messages.is_empty() { String::new() } else { format!(": {}", messages.join("; ")) }
}

impl Error {
    /// The fault, when the error is one: of a method, of a task, or of a login.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Error::Fault { fault, .. } | Error::Auth { fault, .. } => Some(fault),
            Error::Task(failure) => Some(&failure.fault),
            _ => None,
        }
    }

    /// The kind of fault, when the error is one.
    pub fn fault_kind(&self) -> Option<&FaultKind> {
        self.fault().map(|f| &f.kind)
    }

    /// Whether the object or the name that was asked for does not exist (any more).
    pub fn is_not_found(&self) -> bool {
        match self {
            Error::NotFound { .. } => true,
            Error::Rest { status: 404, .. } => true,
            Error::Rest { kind, .. } => kind == "NOT_FOUND",
            other => {
                matches!(
                    other.fault_kind(),
                    Some(FaultKind::ManagedObjectNotFound { .. } | FaultKind::NotFound)
                )
            }
        }
    }

    /// Whether the outcome of the call is unknown: it may have been carried out, and its response was lost.
    pub fn is_unheard(&self) -> bool {
        match self {
            Error::Transport { may_have_been_sent, .. } => *may_have_been_sent,
            Error::Timeout { .. }
            | Error::Decode { .. }
            | Error::NotVCenter { .. }
            | Error::Unavailable { .. } => true,
            Error::Rest { status, .. } => matches!(status, 408 | 502..=504),
            _ => false,
        }
    }

    /// Whether the same call may succeed a little later: the object is busy. Calls and tasks are tried again by
    /// themselves: an error of this kind has outlasted that, or came of an object that was changed in between and has
    /// to be read again.
    pub fn is_busy(&self) -> bool {
        if let Error::Rest { kind, .. } = self {
            return matches!(kind.as_str(), "RESOURCE_BUSY" | "CONCURRENT_CHANGE");
        }
        matches!(
            self.fault_kind(),
            Some(
                FaultKind::TaskInProgress { .. }
                    | FaultKind::ConcurrentAccess
                    | FaultKind::ResourceInUse { .. }
                    | FaultKind::HostCommunication
            )
        )
    }

    /// What the error and its sources say, in one line.
    pub(crate) fn in_one_line(&self) -> String {
        let mut text = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(error) = source {
            text = format!("{text}: {error}");
            source = error.source();
        }
        text
    }

    /// Whether a watch may outlast it: a server that restarts, a session that was lost. Not so what the client or the
    /// user did wrong.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(
            self,
            Error::Transport { .. }
                | Error::Timeout { .. }
                | Error::Fault { .. }
                | Error::NotVCenter { .. }
                | Error::Unavailable { .. }
        )
    }

    pub(crate) fn decode(
        method: impl Into<String>,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Error::Decode { method: method.into(), source: Arc::new(source) }
    }
}

/// A task that ended in an error.
#[derive(Clone, Debug)]
pub struct TaskFailure {
    /// The task.
    pub task: MoRef,
    /// What it did (`VirtualMachine.reconfigure`, …), from `descriptionId`.
    pub operation: String,
    /// The object it worked on.
    pub entity: Option<MoRef>,
    /// The name of that object; empty when it has none.
    pub entity_name: String,
    /// Why it failed.
    pub fault: Fault,
}

impl fmt::Display for TaskFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fault.fmt(f)
    }
}

impl std::error::Error for TaskFailure {}

/// A fault as the server sent it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The kind, with what is needed to act on it.
    pub kind: FaultKind,
    /// The type of the fault on the wire (`NoPermission`, …).
    pub name: String,
    /// The server's message, possibly empty.
    pub message: String,
    /// All fields of the fault.
    pub detail: Dyn,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if !self.message.is_empty() {
            // A fault without details has a message only.
            let colon = if self.name.is_empty() { "" } else { ": " };
            write!(f, "{colon}{}", self.message.trim())?;
        }
        match &self.kind {
            FaultKind::NoPermission { missing } => {
                for m in missing {
                    write!(f, "; {} is missing on ", m.privileges.join(", "))?;
                    match &m.object {
                        Some(object) => write!(f, "{object}")?,
                        None => f.write_str("the object")?,
                    }
                }
                Ok(())
            }
            FaultKind::InvalidArgument { property: Some(property) }
                if !self.message.contains(&**property) =>
            {
                write!(f, " ({property})")
            }
            // A change of a distributed switch reports for each host what has failed there.
            _ => self.detail.children("hostFault").try_for_each(|part| {
                let host = part.child("host").and_then(Dyn::moref).map(|h| h.to_string());
                let fault = part.child("fault");
                let name = fault.and_then(|f| f.child("fault")).map(|f| f.type_name.to_string());
                let message = fault.and_then(|f| f.text_of("localizedMessage"));
                let parts = [host.as_deref(), name.as_deref(), message];
                let parts: Vec<&str> = parts.into_iter().flatten().filter(|p| !p.is_empty()).collect();
                write!(f, "; {}", parts.join(": "))
            }),
        }
    }
}

impl std::error::Error for Fault {}

/// Privileges that are missing on an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The object; nothing when the server does not say.
    pub object: Option<MoRef>,
    /// The ids of the privileges.
    pub privileges: Vec<String>,
}

/// The faults that callers act on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// There is no session, or it has ended.
    NotAuthenticated,
    /// Wrong name or password.
    InvalidLogin,
    /// Privileges are missing. Servers from API 7.0.3.2 name all of them.
    NoPermission {
        /// What is missing where.
        missing: Vec<Missing>,
    },
    /// The object does not exist (any more).
    ManagedObjectNotFound {
        /// The object.
        object: Option<MoRef>,
    },
    /// Something of that name exists.
    AlreadyExists {
        /// The name.
        name: Option<String>,
    },
    /// An object of that name is in the same place.
    DuplicateName {
        /// The name.
        name: String,
        /// The object that has it.
        object: Option<MoRef>,
    },
    /// A value is not accepted.
    InvalidArgument {
        /// The path of the value in the request, when the server says so.
        property: Option<String>,
    },
    /// A name is not accepted.
    InvalidName {
        /// The name.
        name: String,
    },
    /// What was named does not exist.
    NotFound,
    /// The object is used by another.
    ResourceInUse {
        /// Its kind.
        ty: Option<String>,
        /// Its name.
        name: Option<String>,
    },
    /// Removing failed, for example because a role is in use.
    RemoveFailed,
    /// The object's state does not allow this.
    InvalidState,
    /// The power state does not allow this.
    InvalidPowerState,
    /// The server or the object cannot do this.
    NotSupported,
    /// Another task works on the object.
    TaskInProgress {
        /// That task.
        task: Option<MoRef>,
    },
    /// Someone else changed the object in between.
    ConcurrentAccess,
    /// A host cannot be reached by its vCenter.
    HostCommunication,
    /// The certificate of a host is not trusted, or is not the one of the thumbprint.
    SslVerify {
        /// The thumbprint of the host's certificate.
        thumbprint: Option<String>,
    },
    /// Another vCenter manages the host.
    AlreadyManaged {
        /// The address of that vCenter.
        by: Option<String>,
    },
    /// The host is in the inventory already.
    AlreadyConnected,
    /// A host does not answer.
    NoHost,
    /// There would be no administrator left.
    AuthMinimumAdminPermission,
    /// The principal is not known.
    UserNotFound {
        /// The principal.
        principal: String,
    },
    /// The privilege is not known.
    InvalidPrivilege,
    /// The folder cannot hold this object.
    InvalidFolder {
        /// The folder.
        target: Option<MoRef>,
    },
    /// The task was cancelled.
    RequestCanceled,
    /// Any other; see [`Fault::name`] and [`Fault::detail`].
    Other,
}

impl Fault {
    /// A fault from its name, message and fields.
    pub fn new(name: &str, message: impl Into<String>, detail: Dyn) -> Self {
        let text = |field: &str| detail.text_of(field).map(str::to_owned);
        let reference = |field: &str| detail.child(field).and_then(Dyn::moref);
        let kind = match name {
            "NotAuthenticated" | "SsoFaultNotAuthenticated" => FaultKind::NotAuthenticated,
            "InvalidLogin" | "SsoFaultInvalidCredentials" => FaultKind::InvalidLogin,
            "NoPermission" => FaultKind::NoPermission { missing: missing_privileges(&detail) },
            "ManagedObjectNotFound" => FaultKind::ManagedObjectNotFound { object: reference("obj") },
            "AlreadyExists" => FaultKind::AlreadyExists { name: text("name") },
            "DuplicateName" | "PbmDuplicateName" => FaultKind::DuplicateName {
                name: text("name").unwrap_or_default(),
                object: reference("object"),
            },
            "InvalidArgument" => FaultKind::InvalidArgument { property: text("invalidProperty") },
            "InvalidName" => FaultKind::InvalidName { name: text("name").unwrap_or_default() },
            "NotFound" => FaultKind::NotFound,
            "ResourceInUse" | "PbmResourceInUse" => {
                FaultKind::ResourceInUse { ty: text("type"), name: text("name") }
            }
            "RemoveFailed" => FaultKind::RemoveFailed,
            "InvalidState" => FaultKind::InvalidState,
            "InvalidPowerState" => FaultKind::InvalidPowerState,
            "NotSupported" | "MethodNotFound" => FaultKind::NotSupported,
            "TaskInProgress" => FaultKind::TaskInProgress { task: reference("task") },
            "ConcurrentAccess" => FaultKind::ConcurrentAccess,
            "HostCommunication" | "HostNotReachable" | "HostNotConnected" => FaultKind::HostCommunication,
            "SSLVerifyFault" => FaultKind::SslVerify { thumbprint: text("thumbprint") },
            "AlreadyBeingManaged" => FaultKind::AlreadyManaged { by: text("ipAddress") },
            "AlreadyConnected" => FaultKind::AlreadyConnected,
            "NoHost" => FaultKind::NoHost,
            "AuthMinimumAdminPermission" => FaultKind::AuthMinimumAdminPermission,
            "UserNotFound" => FaultKind::UserNotFound { principal: text("principal").unwrap_or_default() },
            "InvalidPrivilege" => FaultKind::InvalidPrivilege,
            "InvalidFolder" => FaultKind::InvalidFolder { target: reference("target") },
            "RequestCanceled" => FaultKind::RequestCanceled,
            _ => FaultKind::Other,
        };
        Fault { kind, name: name.to_owned(), message: message.into(), detail }
    }
}

impl From<LocalizedFault> for Fault {
    fn from(fault: LocalizedFault) -> Self {
        Fault::new(&fault.name, fault.message, fault.detail)
    }
}

fn missing_privileges(detail: &Dyn) -> Vec<Missing> {
    let mut missing: Vec<Missing> = Vec::new();
    // Newer servers put every object into missingPrivileges; each entry holds the ids of one object.
    for entry in detail.children("missingPrivileges") {
        missing.push(Missing {
            object: entry.child("entity").and_then(Dyn::moref),
            privileges: entry.children("privilegeIds").map(|p| p.text.clone()).collect(),
        });
    }
    if missing.is_empty() {
        let privileges: Vec<String> = detail.children("privilegeId").map(|p| p.text.clone()).collect();
        missing.push(Missing { object: detail.child("object").and_then(Dyn::moref), privileges });
    }
    missing
}
