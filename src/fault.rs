//! vSphere faults as Terraform diagnostics: the one place that does this.
use crate::vsphere::{TYPES, Vsphere};
use std::collections::BTreeMap;
use std::fmt::{Display, Write};
use tf_framework::{AttributePath, Cause, Diagnostic, Diagnostics, Field, Result};
use vsphere_client::{Error, FaultKind, Missing, MoRef};

/// Says what was being done when a call failed.
pub trait Doing<T> {
    /// `doing` completes "Unable to …".
    ///
    /// # Errors
    /// The failure. Its objects and privileges are looked up when the call of Terraform ends.
    fn doing(self, doing: impl Display) -> Result<T>;

    /// Likewise; `blame` says which attribute a fault is about.
    ///
    /// # Errors
    /// The failure, at that attribute.
    fn doing_to<P: Into<AttributePath>>(
        self,
        doing: impl Display,
        blame: impl FnOnce(&FaultKind) -> Option<P>,
    ) -> Result<T>;
}

impl<T> Doing<T> for vsphere_client::Result<T> {
    fn doing(self, doing: impl Display) -> Result<T> {
        self.map_err(|e| failure(e, &doing, AttributePath::root()))
    }

    fn doing_to<P: Into<AttributePath>>(
        self,
        doing: impl Display,
        blame: impl FnOnce(&FaultKind) -> Option<P>,
    ) -> Result<T> {
        self.map_err(|e| {
            let at = e.fault_kind().and_then(blame).map_or_else(AttributePath::root, Into::into);
            failure(e, &doing, at)
        })
    }
}

/// For calls whose faults are about no attribute in particular.
pub fn no_attribute(_: &FaultKind) -> Option<Field> {
    None
}

/// Nothing for an object that does not exist: deleting it has succeeded, and reading it finds none.
pub fn or_absent<T: Default>(result: vsphere_client::Result<T>) -> vsphere_client::Result<T> {
    match result {
        Err(e) if e.is_not_found() => Ok(T::default()),
        other => other,
    }
}

/// A failed call, as far as it can be said without asking the server.
fn failure(e: Error, doing: &impl Display, at: AttributePath) -> Diagnostics {
    let detail = match e.fault_kind() {
        Some(FaultKind::NoPermission { missing }) => lacks(None, missing, &BTreeMap::new()),
        _ => in_words(&e),
    };
    Diagnostics::error(at, format!("Unable to {doing}"), detail).caused_by(Cause::new(e))
}

/// Completes a message with what the server knows: inventory paths in place of references, and who is logged in.
pub(crate) async fn explain(vsphere: &Vsphere, diagnostic: &mut Diagnostic) {
    let cause = diagnostic.cause.as_ref().and_then(Cause::get::<Error>);
    // A server that cannot be asked cannot be asked for paths.
    let answers = matches!(cause, None | Some(Error::Fault { .. } | Error::Task(_) | Error::Rest { .. }));
    if !answers {
        return;
    }
    if let Some(FaultKind::NoPermission { missing }) = cause.and_then(Error::fault_kind) {
        let mut names = BTreeMap::new();
        for object in missing.iter().filter_map(|m| m.object.as_ref()) {
            names.insert(object.clone(), named(vsphere, object).await);
        }
        let (before, after) =
            (lacks(None, missing, &BTreeMap::new()), lacks(Some(&vsphere.user), missing, &names));
        diagnostic.detail = diagnostic.detail.replace(&before, &after);
    }
    diagnostic.summary = by_path(vsphere, &diagnostic.summary).await;
    diagnostic.detail = by_path(vsphere, &diagnostic.detail).await;
}

/// A text with the inventory paths of objects in place of their references. An object that does not exist keeps its own.
async fn by_path(vsphere: &Vsphere, text: &str) -> String {
    let paths = objects_in(text)
        .into_iter()
        .map(|(word, object)| async move { Some((word, vsphere.api.find().path_of(&object).await.ok()?)) });
    let paths: BTreeMap<&str, String> =
        futures_util::future::join_all(paths).await.into_iter().flatten().collect();
    with_paths(text, &paths)
}

/// A text with some of its words replaced, where they are words of their own. Pure.
fn with_paths(text: &str, paths: &BTreeMap<&str, String>) -> String {
    let mut out = String::with_capacity(text.len());
    for part in text.split_inclusive(SEPARATORS) {
        let word = part.trim_end_matches(SEPARATORS).trim_end_matches(BEHIND);
        match paths.get(word) {
            Some(path) => {
                out.push_str(path);
                out.push_str(&part[word.len()..]);
            }
            None => out.push_str(part),
        }
    }
    out
}

/// What separates the words of a text.
const SEPARATORS: [char; 3] = [' ', ',', '\n'];
/// What may be at the end of a word and is not part of it.
const BEHIND: [char; 3] = ['.', ':', ';'];

/// The words of a text that are references (`Folder:group-v3`). Pure.
fn objects_in(text: &str) -> Vec<(&str, MoRef)> {
    let words = text.split(SEPARATORS).map(|w| w.trim_end_matches(BEHIND));
    let reference = |w: &'static [&'static str], word: &str| {
        let (ty, id) = word.split_once(':')?;
        let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') && id.contains('-');
        (w.contains(&ty) && plain).then(|| MoRef::new(ty.to_owned(), id.to_owned()))
    };
    words.filter_map(|w| Some((w, reference(TYPES, w)?))).collect()
}

/// The objects and privileges of a refused call. Pure.
fn lacks(user: Option<&str>, missing: &[Missing], names: &BTreeMap<MoRef, String>) -> String {
    let mut text =
        user.map_or_else(|| "The user lacks ".to_owned(), |user| format!("The user {user} lacks "));
    for (n, m) in missing.iter().enumerate() {
        let separator = if n > 0 { "; and " } else { "" };
        let ids = match m.privileges.as_slice() {
            [] => "a privilege".to_owned(),
            ids => ids.iter().map(|p| format!("`{p}`")).collect::<Vec<_>>().join(", "),
        };
        let object = match &m.object {
            Some(object) => names.get(object).cloned().unwrap_or_else(|| object.to_string()),
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

/// The advice for a name that is taken.
const CHOOSE: &str = "Choose another name, or import what exists.";

/// Adds the command that imports an object to the message that its name is taken; `id` is the import ID.
///
/// # Errors
/// Those of `result`.
pub fn or_import<T>(result: Result<T>, id: &str) -> Result<T> {
    let command = format!("{}: terraform import <address> '{id}'", CHOOSE.trim_end_matches('.'));
    result.map_err(|mut all| {
        for d in &mut all.0 {
            d.detail = d.detail.replace(CHOOSE, &command);
        }
        all
    })
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
        _ if e.fault().is_some_and(|f| f.name.starts_with("SsoFaultNoPermission")) => {
            "Users and groups of vCenter Single Sign-On are managed by its administrators: add the user that the provider \
             connects as to the group `Administrators` of the SSO domain."
        }
        _ => match e.fault_kind() {
            Some(FaultKind::AuthMinimumAdminPermission) => {
                "vCenter refuses this where it would leave no administrator on the root folder, or where it would grant \
                 a further role to a user or group that already has the role Admin on the root folder: an administrator \
                 needs no other permission."
            }
            Some(FaultKind::UserNotFound { .. }) => {
                "vCenter does not have this user or group. Check the spelling, the domain and `is_group`."
            }
            Some(FaultKind::SslVerify { thumbprint }) => {
                let text = sentence(e);
                let advice = match thumbprint {
                    Some(thumbprint) => format!(
                        "The thumbprint of the host's certificate is {thumbprint}. Compare it with the one on the console of \
                         the host, and set `thumbprint` to it."
                    ),
                    None => "Set `thumbprint` to that of the host's certificate, which the data source \
                             `vsphere_host_thumbprint` reads."
                        .to_owned(),
                };
                return format!(
                    "{text}\nvCenter does not trust the authority that signed the certificate of the host, or the certificate \
                     is not the one of `thumbprint`. {advice}"
                );
            }
            Some(FaultKind::AlreadyManaged { by }) => {
                let text = sentence(e);
                let by = by.as_ref().map(|by| format!(" at {by}")).unwrap_or_default();
                return format!(
                    "{text}\nAnother vCenter{by} manages the host. Remove the host there, or set `force` to take it over."
                );
            }
            Some(FaultKind::AlreadyConnected) => {
                "The host is in the inventory of this vCenter already. Import it by its inventory path."
            }
            Some(FaultKind::NoHost) => {
                "vCenter cannot reach the host. Check its name or address, and that vCenter can connect to its port 443."
            }
            Some(FaultKind::DuplicateName { object: Some(object), .. }) => {
                let text = sentence(e);
                return format!(
                    "{text}\n{object} has this name. Choose another name, or import that object if this resource is to manage it: \
                     terraform import <address> {}",
                    object.id
                );
            }
            Some(FaultKind::DuplicateName { .. } | FaultKind::AlreadyExists { .. }) => CHOOSE,
            Some(FaultKind::ManagedObjectNotFound { .. }) => {
                "The object does not exist, or the user lacks `System.View` on it."
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
    // Errors begin with a lowercase letter, because they follow a colon; sentences do not. Names stay unchanged.
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
        assert_eq!(of("these:\nHostSystem:host-3\nHostSystem:host-4.").len(), 2);
    }

    #[test]
    fn taken_name_has_the_command_to_import() {
        let failed = |detail: &str| Err::<(), _>(Diagnostics::error(AttributePath::root(), "x", detail));
        let detail = |detail: &str| or_import(failed(detail), "web").unwrap_err().0[0].detail.clone();
        assert_eq!(
            detail(&format!("It exists.\n{CHOOSE}")),
            "It exists.\nChoose another name, or import what exists: terraform import <address> 'web'"
        );
        assert_eq!(detail("It is busy."), "It is busy.");
    }

    #[test]
    fn only_whole_words_become_paths() {
        let paths = BTreeMap::from([("Folder:group-v3", "/DC0/vm/a b".to_owned())]);
        assert_eq!(
            with_paths(
                "move Folder:group-v3, Folder:group-v33\nand Folder:group-v3.\n(Folder:group-v3)",
                &paths
            ),
            "move /DC0/vm/a b, Folder:group-v33\nand /DC0/vm/a b.\n(Folder:group-v3)"
        );
    }
}
