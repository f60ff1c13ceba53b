//! What is said of a tag that cannot be attached or detached: the tag, its category and the object by their names, and the
//! rule that is broken.
use crate::common::tagging;
use crate::fault::{in_words, named};
use crate::vsphere::Vsphere;
use tf_framework::{AttributePath, Diagnostics, Field};
use vsphere_client::{Error, MoRef, NotDone};

/// The rule of the category that an attachment breaks.
async fn violation(vsphere: &Vsphere, tag: &str, object: &MoRef) -> Option<String> {
    let tags = vsphere.api.tags();
    let (_, category) = tagging::categorized(vsphere, tag).await.ok()?;
    let mut others = vec![];
    for id in tags.attached_tags(object).await.ok()? {
        let other = tags.tag(&id).await.ok()?;
        if other.id != tag && other.category_id == category.id {
            others.push(other.name.clone());
        }
    }
    // By name: the order of the ids is that of chance.
    others.sort();
    tagging::broken(&category, &object.ty, &others)
}

/// What is said of several tags, `attached` or detached.
pub(crate) async fn all(
    vsphere: &Vsphere,
    failed: &[NotDone],
    object: &MoRef,
    attached: bool,
    at: Field,
) -> Diagnostics {
    let mut out = Diagnostics::default();
    for one in failed {
        let tag = one.tag_id.as_deref();
        out.merge(match attached {
            true => not_attached(vsphere, tag, object, &one.error, at).await,
            false => not_detached(vsphere, tag, object, &one.error, at).await,
        });
    }
    out
}

/// A tag was not attached to an object; without an id it is about all of its tags.
pub(crate) async fn not_attached(
    vsphere: &Vsphere,
    tag: Option<&str>,
    object: &MoRef,
    error: &Error,
    at: impl Into<AttributePath> + Send,
) -> Diagnostics {
    let rule = match tag {
        Some(tag) if matches!(error, Error::Rest { .. }) => violation(vsphere, tag, object).await,
        _ => None,
    };
    let summary =
        format!("Unable to attach {} to {}", tag_named(vsphere, tag).await, named(vsphere, object).await);
    Diagnostics::error(at, summary, rule.unwrap_or_else(|| reason(error)))
}

/// A tag was not detached from an object; without an id it is about several of its tags.
pub(crate) async fn not_detached(
    vsphere: &Vsphere,
    tag: Option<&str>,
    object: &MoRef,
    error: &Error,
    at: impl Into<AttributePath> + Send,
) -> Diagnostics {
    let summary =
        format!("Unable to detach {} from {}", tag_named(vsphere, tag).await, named(vsphere, object).await);
    Diagnostics::error(at, summary, reason(error))
}

/// The tag and its category by name, as far as they can be read.
async fn tag_named(vsphere: &Vsphere, id: Option<&str>) -> String {
    let Some(id) = id else { return "tags".to_owned() };
    let tags = vsphere.api.tags();
    let Ok(tag) = tags.tag(id).await else { return format!("the tag {id}") };
    match tags.category(&tag.category_id).await {
        Ok(category) => format!("the tag {:?} of the category {:?}", tag.name, category.name),
        Err(_) => format!("the tag {:?}", tag.name),
    }
}

/// Why, with what to do about it. Pure.
fn reason(error: &Error) -> String {
    let Error::Rest { kind, messages, .. } = error else { return in_words(error) };
    let advice = match kind.as_str() {
        "UNAUTHORIZED" => {
            "The object does not exist, or the user lacks the privilege `InventoryService.Tagging.AttachTag` on it."
        }
        "NOT_FOUND" => "The tag or the object does not exist.",
        _ => return in_words(error),
    };
    let said = messages.iter().map(|m| m.trim()).filter(|m| !m.is_empty()).collect::<Vec<_>>().join(" ");
    if said.is_empty() { advice.to_owned() } else { format!("{advice} The tagging service says: {said}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_to_do() {
        let error = |kind: &str, status, messages: &[&str]| Error::Rest {
            method: "POST",
            path: "/api/cis/tagging/tag-association?action=attach".to_owned(),
            status,
            kind: kind.to_owned(),
            messages: messages.iter().map(|m| (*m).to_owned()).collect(),
        };
        let text = reason(&error("UNAUTHORIZED", 403, &["Permission denied"]));
        assert!(
            text.contains("AttachTag") && text.ends_with("Permission denied") && !text.contains("HTTP"),
            "{text}"
        );
        assert_eq!(reason(&error("NOT_FOUND", 404, &[])), "The tag or the object does not exist.");
        assert!(reason(&error("INTERNAL_SERVER_ERROR", 500, &[])).contains("HTTP 500"));
    }
}
