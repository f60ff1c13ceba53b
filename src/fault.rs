//! vSphere faults as Terraform diagnostics: the one place that does this.
use crate::common::entity::TYPES;
use crate::vsphere::{Vsphere, whole};
use std::fmt::{Display, Write};
use tf_framework::{AttributePath, Diagnostics, Field, Result};
use vsphere_client::{Error, FaultKind, Missing, MoRef};

/// No attribute in particular.
pub fn nobody(_: &FaultKind) -> Option<Field> {
    None
}

/// Puts a failed call into words.
pub trait Explain<T> {
    /// `doing` completes "Unable to …"; `blame` says which attribute a fault is about.
    ///
    /// # Errors
    /// The failure, with the object, the privilege and the attribute named.
    fn explain<P: Into<AttributePath>>(
        self,
        vsphere: &Vsphere,
        doing: impl Display + Send,
        blame: impl FnOnce(&FaultKind) -> Option<P> + Send,
    ) -> impl Future<Output = Result<T>> + Send;
}

impl<T: Send> Explain<T> for vsphere_client::Result<T> {
    async fn explain<P: Into<AttributePath>>(
        self,
        vsphere: &Vsphere,
        doing: impl Display + Send,
        blame: impl FnOnce(&FaultKind) -> Option<P> + Send,
    ) -> Result<T> {
        match self {
            Ok(v) => Ok(v),
            Err(e) => {
                let at = e.fault_kind().and_then(blame).map_or_else(whole, Into::into);
                Err(explained(vsphere, &e, &doing.to_string(), at).await)
            }
        }
    }
}

/// Deleting what is gone already has succeeded.
pub fn or_gone(result: vsphere_client::Result<()>) -> vsphere_client::Result<()> {
    match result {
        Err(e) if e.is_not_found() => Ok(()),
        other => other,
    }
}

async fn explained(vsphere: &Vsphere, e: &Error, doing: &str, at: AttributePath) -> Diagnostics {
    let summary = format!("Unable to {}", by_path(vsphere, e, doing).await);
    let detail = match e.fault_kind() {
        Some(FaultKind::NoPermission { missing }) => privileges(vsphere, missing).await,
        _ => in_words(e),
    };
    Diagnostics::error(at, summary, detail)
}

/// What was being done, with objects by their inventory paths in place of their ids.
async fn by_path(vsphere: &Vsphere, e: &Error, doing: &str) -> String {
    let mut text = doing.to_owned();
    // A server that cannot be asked cannot be asked for paths.
    if matches!(e, Error::Fault { .. } | Error::Task(_) | Error::Rest { .. }) {
        for (word, object) in objects_in(doing) {
            if let Ok(path) = vsphere.api.find().path_of(&object).await {
                text = text.replace(word, &path);
            }
        }
    }
    text
}

/// The words of a text that are references (`Folder:group-v3`). Pure.
fn objects_in(text: &str) -> Vec<(&str, MoRef)> {
    let words = text.split([' ', ',']).map(|w| w.trim_end_matches(['.', ':', ';']));
    let reference = |w: &'static [&'static str], word: &str| {
        let (ty, id) = word.split_once(':')?;
        let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') && id.contains('-');
        (w.contains(&ty) && plain).then(|| MoRef::new(ty.to_owned(), id.to_owned()))
    };
    words.filter_map(|w| Some((w, reference(TYPES, w)?))).collect()
}

/// The objects and privileges of a refused call; objects are named by their inventory path.
async fn privileges(vsphere: &Vsphere, missing: &[Missing]) -> String {
    let mut text = format!("The user {} lacks ", vsphere.user);
    for (n, m) in missing.iter().enumerate() {
        let separator = if n > 0 { "; and " } else { "" };
        let ids = match m.privileges.as_slice() {
            [] => "a privilege".to_owned(),
            ids => ids.iter().map(|p| format!("`{p}`")).collect::<Vec<_>>().join(", "),
        };
        let object = match &m.object {
            Some(object) => named(vsphere, object).await,
            None => "the object".to_owned(),
        };
        let _ = write!(text, "{separator}{ids} on {object}");
    }
    text + ". Grant the user a role with it there, or on an object above it with propagation."
}

/// The kind of an object, its inventory path and its id.
pub async fn named(vsphere: &Vsphere, object: &MoRef) -> String {
    match vsphere.api.find().path_of(object).await {
        Ok(path) => format!("{path} ({object})"),
        Err(_) => object.to_string(),
    }
}

/// The error and what caused it, and what the user can do about it.
pub fn in_words(e: &Error) -> String {
    let advice = match e {
        Error::Timeout { .. } => {
            "What was begun may be done all the same: plan again to see what is there. Allow more time with a `timeouts` \
             block or with the provider's `api_timeout`."
        }
        Error::Unavailable { .. } => "The vCenter is down or just starting. Try again.",
        Error::Question { .. } => {
            "Answer it in the vSphere Client, or change what it is about. What was begun may be done then: plan again."
        }
        Error::Cancelled => "Terraform was interrupted. What exists is in the state; apply again to go on.",
        Error::Rest { status: 400, kind, .. } if kind == "UNAUTHENTICATED" => {
            "The REST services of the vCenter take no session, though the user is known to it. Internal certificates of the \
             vCenter that have expired show so (`vecs-cli`, `/usr/lib/vmware-vmca/bin/certificate-manager`); services that \
             are only just starting, too."
        }
        Error::Transport { may_have_been_sent: true, .. } => {
            "vCenter may have received the request. The next plan reads what is there; an object that was to be created may \
             exist without being in the state: look for it in vCenter before applying again."
        }
        _ => match e.fault_kind() {
            Some(FaultKind::AuthMinimumAdminPermission) => {
                "vCenter refuses this where it would leave no administrator on the root folder, or where it would grant \
                 a further role to a user or group that already has the role Admin on the root folder: an administrator \
                 needs no other permission."
            }
            Some(FaultKind::UserNotFound { .. }) => {
                "The vCenter knows no such user or group. Check the spelling, the domain and `is_group`."
            }
            Some(FaultKind::DuplicateName { object: Some(object), .. }) => {
                let text = sentence(e);
                return format!(
                    "{text}\nChoose another name, or import what exists: terraform import <address> {}",
                    object.id
                );
            }
            Some(FaultKind::DuplicateName { .. } | FaultKind::AlreadyExists { .. }) => {
                "Choose another name, or import what exists."
            }
            Some(FaultKind::ManagedObjectNotFound { .. }) => {
                "The object is gone, or the user may not see it."
            }
            _ => "",
        },
    };
    let text = sentence(e);
    if advice.is_empty() { text } else { format!("{text}\n{advice}") }
}

/// The error and its sources, joined by colons; a source that repeats what was said is left out.
fn chain(e: &Error) -> String {
    let mut out = e.to_string();
    let mut source = std::error::Error::source(e);
    while let Some(s) = source {
        let text = s.to_string();
        if !out.contains(&text) {
            let _ = write!(out, ": {text}");
        }
        source = s.source();
    }
    out
}

/// A sentence part at the beginning of a sentence.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// The error and its sources, as a sentence.
pub fn sentence(e: &Error) -> String {
    let text = chain(e);
    let text = text.trim_end_matches(['.', ' ', '\n']);
    let mut rest = text.chars();
    // Errors begin with a small letter, because they stand behind colons; sentences do not. Names stay as they are.
    match rest.next() {
        Some(c) if c.is_ascii_lowercase() => {
            format!("{}{}.", c.to_ascii_uppercase(), rest.as_str())
        }
        _ => format!("{text}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_in_a_text() {
        let of = |text: &str| objects_in(text).into_iter().map(|(w, _)| w.to_owned()).collect::<Vec<_>>();
        assert_eq!(of("attach [ds] a.vmdk to VirtualMachine:vm-7 at scsi:0:1"), ["VirtualMachine:vm-7"]);
        assert_eq!(
            of("move Folder:group-v3, into Datacenter:datacenter-1."),
            ["Folder:group-v3", "Datacenter:datacenter-1"]
        );
        assert_eq!(
            of("read urn:vmomi:InventoryServiceTag:1-2:GLOBAL of Alarm:alarm-1 (Folder:group-v3)"),
            Vec::<String>::new()
        );
    }
}
