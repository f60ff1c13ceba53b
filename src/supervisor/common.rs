//! Code shared by the types of Supervisors: waiting, and refusals.
use crate::common::machine::is_uuid;
use crate::common::policies::all_with;
use crate::fault::{Doing, in_words};
use crate::vsphere::Vsphere;
use std::time::Duration;
use tf_framework::{AttributePath, Diagnostics, Dynamic, Field, Result, Value};
use vsphere_client::Error;
use vsphere_client::supervisor::{Ended, Message, Seen};
use vsphere_client::virtual_machine::Wait;

/// How long a Supervisor may take: vCenter deploys and configures its virtual machines.
pub(crate) const LONG: Duration = Duration::from_secs(2 * 3600);
/// What the removal of a Supervisor means.
pub(crate) const DISABLES: &str = "All namespaces and workloads of the Supervisor are deleted with it, including virtual machines and volumes.";

/// A name that is a DNS label, as namespaces have.
///
/// # Errors
/// What it is not.
pub(crate) fn dns_label(v: &Dynamic) -> std::result::Result<(), String> {
    let name = v.as_str().unwrap_or_default();
    let inside = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let fits = (1..=63).contains(&name.len()) && name.bytes().all(inside);
    if fits && !name.starts_with('-') && !name.ends_with('-') {
        return Ok(());
    }
    Err(format!(
        "{name:?} is not a DNS label. Expected 1 to 63 lowercase letters, digits and hyphens, with no hyphen at the beginning \
         or end, such as \"team-a\"."
    ))
}

/// A text that is not blank.
///
/// # Errors
/// It is blank.
pub(crate) fn not_blank(v: &Dynamic) -> std::result::Result<(), String> {
    match v.as_str() {
        Some(text) if text.trim().is_empty() => Err("The value must not be blank.".to_owned()),
        _ => Ok(()),
    }
}

/// The messages of the server as a list, the errors first.
fn reasons(messages: &[Message]) -> String {
    let rank = |m: &&Message| match m.severity.as_str() {
        "ERROR" => 0,
        "WARNING" => 1,
        _ => 2,
    };
    let mut all: Vec<&Message> = messages.iter().filter(|m| !m.text.is_empty()).collect();
    all.sort_by_key(rank);
    let lines: Vec<String> = all.iter().map(|m| format!("- {}: {}", m.severity, m.text)).collect();
    if lines.is_empty() { String::new() } else { format!(" vCenter reports:\n{}", lines.join("\n")) }
}

/// The error of a wait that has not ended well. `doing` is a sentence part, such as "create the namespace `a`".
///
/// # Errors
/// What the server has reported.
pub(crate) fn ended(result: vsphere_client::Result<Ended>, doing: &str) -> Result<()> {
    let (what, seen): (_, Seen) = match result.doing(doing)? {
        Ended::Well => return Ok(()),
        Ended::Failed(seen) => ("vCenter cannot apply the configuration.".to_owned(), seen),
        Ended::Late(seen) => {
            let status = if seen.status.is_empty() { "unknown" } else { &seen.status };
            let mut what = format!(
                "The time is over, and the status is still {status}. vCenter goes on. Allow more time with a `timeouts` block."
            );
            if doing.starts_with("create") || doing.starts_with("enable") {
                what.push_str(
                    " The next apply replaces the resource. To keep it, run `terraform untaint <address>` once its status is \
                     RUNNING.",
                );
            }
            (what, seen)
        }
        Ended::Absent => {
            ("It no longer exists: it may have been deleted outside Terraform.".to_owned(), Seen::default())
        }
    };
    let detail = format!("{what}{}", reasons(&seen.messages));
    Err(Diagnostics::error(AttributePath::root(), format!("Unable to {doing}"), detail))
}

/// The error of a call, at the attribute that the refusal is about. `advice` returns it for the kind of a refusal
/// (`ALREADY_EXISTS`), with what to do. `privilege` is what the call requires, which the service does not return.
///
/// # Errors
/// The refusal.
pub(crate) fn refused<T>(
    result: vsphere_client::Result<T>,
    doing: &str,
    privilege: &str,
    advice: &dyn Fn(&str) -> Option<(AttributePath, String)>,
) -> Result<T> {
    if let Err(e @ Error::Rest { kind, .. }) = &result {
        let (at, text) = match advice(kind) {
            Some(found) => found,
            None if kind == "UNAUTHORIZED" => (
                AttributePath::root(),
                format!("The user needs the privilege `Namespaces.{privilege}` on the cluster."),
            ),
            None => return result.doing(doing),
        };
        let detail = format!("{}\n{text}", in_words(e)).trim_end().to_owned();
        return Err(Diagnostics::error(at, format!("Unable to {doing}"), detail));
    }
    result.doing(doing)
}

/// Advice for the creation of a Supervisor on a cluster that has one, or of one that does not exist.
pub(crate) fn hosted(at: AttributePath, import: &str) -> impl Fn(&str) -> Option<(AttributePath, String)> {
    let text = format!(
        "To manage the existing Supervisor, import it: terraform import <address> {import}. To remove it, use \"Workload \
         Management\" in the vSphere Client."
    );
    move |kind| match kind {
        "ALREADY_EXISTS" => Some((at.clone(), text.clone())),
        "NOT_FOUND" => Some((at.clone(), String::new())),
        _ => None,
    }
}

/// The ID of a storage policy that is given by its ID or its name.
///
/// # Errors
/// There is no policy of that name.
pub(crate) async fn policy_id(vsphere: &Vsphere, text: &str, at: Field) -> Result<String> {
    if is_uuid(text) {
        return Ok(text.to_owned());
    }
    let all = all_with(vsphere, |all| all.iter().any(|p| p.name == text))
        .await
        .doing("list the storage policies")?;
    if let Some(policy) = all.iter().find(|p| p.name == text || p.id == text) {
        return Ok(policy.id.clone());
    }
    let detail = "vCenter does not have a storage policy of this name. Set the ID or the name of an existing one: the data \
                  source `vsphere_storage_policies` lists them.";
    Err(Diagnostics::error(at, format!("Storage policy {text:?} not found"), detail))
}

/// A storage policy as the state has it, by its ID or its name, if vCenter returns no other one; or else the other one.
///
/// # Errors
/// The policies cannot be listed.
pub(crate) async fn same_policy(
    vsphere: &Vsphere,
    state: &Value<String>,
    mut found: impl Iterator<Item = String>,
) -> Result<Value<String>> {
    let text = state.as_str();
    let id = if text.is_empty() || is_uuid(text) {
        text.to_owned()
    } else {
        let all = all_with(vsphere, |_| true).await.doing("list the storage policies")?;
        all.iter().find(|p| p.name == text).map_or_else(|| text.to_owned(), |p| p.id.clone())
    };
    Ok(found.find(|f| *f != id).map_or_else(|| state.clone(), Value::from))
}

/// Removes the Supervisor of a cluster, and waits until it is removed. `wait` begins when it is called.
///
/// # Errors
/// Why it still exists.
pub(crate) async fn disable<'a>(
    vsphere: &Vsphere,
    cluster: &str,
    doing: &str,
    wait: impl Fn() -> Wait<'a>,
) -> Result<()> {
    let api = vsphere.api.supervisors();
    let Some(now) = api.of_cluster(cluster).await.doing(doing)? else { return Ok(()) };
    if now.config_status != "REMOVING" {
        refused(api.disable(cluster).await, doing, "Manage", &|_| None)?;
    }
    ended(api.ends(cluster, wait()).await, doing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_namespaces_are_dns_labels() {
        for (name, fits) in [
            ("team-a", true),
            ("a", true),
            ("", false),
            ("-a", false),
            ("a-", false),
            ("Team", false),
            ("a.b", false),
        ] {
            assert_eq!(dns_label(&name.into()).is_ok(), fits, "{name}");
        }
        assert!(dns_label(&"a".repeat(64).as_str().into()).is_err());
    }

    #[test]
    fn errors_of_the_server_come_first() {
        let message = |severity: &str, text: &str| Message { severity: severity.into(), text: text.into() };
        let messages = vec![message("INFO", "one"), message("WARNING", ""), message("ERROR", "two")];
        let seen = Seen { status: "ERROR".into(), messages };
        let problem = ended(Ok(Ended::Failed(seen)), "create it").unwrap_err();
        assert_eq!(problem.0[0].summary, "Unable to create it");
        assert_eq!(
            problem.0[0].detail,
            "vCenter cannot apply the configuration. vCenter reports:\n- ERROR: two\n- INFO: one"
        );
        let late = Ended::Late(Seen { status: "CONFIGURING".into(), messages: vec![] });
        let problem = ended(Ok(late), "create it").unwrap_err();
        assert!(problem.0[0].detail.contains("still CONFIGURING"), "{problem}");
        assert!(problem.0[0].detail.contains("terraform untaint"), "{problem}");
        assert!(ended(Ok(Ended::Well), "create it").is_ok());
    }

    #[test]
    fn refusal_is_at_its_attribute() {
        let error = |kind: &str| {
            let (path, messages) = ("/api/x".to_owned(), vec![]);
            Err::<(), _>(Error::Rest { method: "POST", path, status: 400, kind: kind.to_owned(), messages })
        };
        let problem = refused(error("UNAUTHORIZED"), "create it", "Manage", &|_| None).unwrap_err();
        assert!(problem.to_string().contains("`Namespaces.Manage`"), "{problem}");
        let advice = |_: &str| Some((AttributePath::root(), "Choose another name.".to_owned()));
        let problem = refused(error("ALREADY_EXISTS"), "create it", "Manage", &advice).unwrap_err();
        assert!(problem.0[0].detail.ends_with("Choose another name."), "{problem}");
    }
}
