//! A record of the calls, for people: one JSON line for each, without bodies, headers and so without secrets.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::error::{Error, Result};

/// The file, opened by the first call.
pub(crate) struct CallLog {
    path: PathBuf,
    file: Mutex<File>,
}

/// One call, as it is written down.
pub(crate) struct Entry<'a> {
    pub(crate) method: &'a str,
    /// The managed object, or the path of a REST call.
    pub(crate) object: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) took: Duration,
    /// The HTTP status; nothing when there was no answer.
    pub(crate) status: Option<u16>,
    /// What went wrong, in words.
    pub(crate) error: Option<String>,
}

impl CallLog {
    /// Appends to a file that only its owner can read; folders that are missing are made.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let open = || -> std::io::Result<File> {
            let folder = path.parent().unwrap_or(Path::new("."));
            let mut options = File::options();
            options.append(true).create(true);
            #[cfg(unix)]
            {
                use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
                std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
                options.mode(0o600);
            }
            #[cfg(not(unix))]
            std::fs::create_dir_all(folder)?;
            options.open(path)
        };
        match open() {
            Ok(file) => Ok(CallLog { path: path.to_owned(), file: Mutex::new(file) }),
            Err(e) => Err(Error::Config(format!("cannot write the calls to {}: {e}", path.display()))),
        }
    }

    pub(crate) fn write(&self, entry: &Entry<'_>) {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut line = json!({
            "time": since.as_millis() as u64,
            "method": entry.method,
            "object": without_session(entry.object),
            "ms": entry.took.as_millis() as u64,
            "status": entry.status,
            "operation": entry.operation,
        });
        if let Some(error) = &entry.error {
            line["error"] = json!(error);
        }
        let text = format!("{line}\n");
        // In one piece: other processes may write to the same file.
        let written = self.file.lock().unwrap_or_else(PoisonError::into_inner).write_all(text.as_bytes());
        if let Err(error) = written {
            tracing::debug!(file = %self.path.display(), %error, "a call could not be written down");
        }
    }
}

/// The ids of what belongs to a session (collectors, views) hold the key of the session.
fn without_session(object: &str) -> String {
    match object.split_once("session[") {
        Some((before, _)) => format!("{before}session[…]"),
        None => object.to_owned(),
    }
}

/// `Type:id` of the object that the body of a SOAP request is for.
pub(crate) fn object_of(body: &str) -> String {
    let found = || {
        let (_, rest) = body.split_once("<_this type=\"")?;
        let (ty, rest) = rest.split_once("\">")?;
        let (id, _) = rest.split_once('<')?;
        Some(format!("{ty}:{id}"))
    };
    found().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_named_but_not_sessions() {
        let body = "<X xmlns=\"urn:vim25\"><_this type=\"Folder\">group-v3</_this><name>a</name></X>";
        assert_eq!(object_of(body), "Folder:group-v3");
        assert_eq!(object_of("<X/>"), "");
        assert_eq!(without_session("ListView:session[52ab]52cd"), "ListView:session[…]");
    }
}
