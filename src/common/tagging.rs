//! Tags and categories: finding them, and the refusals of the tagging service in words.
use crate::fault::{Doing, in_words};
use crate::nearest;
use crate::vsphere::Vsphere;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::sync::Arc;
use tf_framework::{AttributePath, Diagnostics, Dynamic, Result};
use vsphere_client::{Cardinality, Category, Error, MoRef, Tag};

/// How the id of every tag begins.
pub const TAG: &str = "urn:vmomi:InventoryServiceTag:";
/// How the id of every category begins.
pub const CATEGORY: &str = "urn:vmomi:InventoryServiceCategory:";

/// A check for attributes that take the id of a tag.
///
/// # Errors
/// What else it seems to be.
pub fn tag_id(v: &Dynamic) -> std::result::Result<(), String> {
    id_of(v, TAG, "a tag", "vsphere_tag")
}

/// A check for attributes that take the id of a category.
///
/// # Errors
/// What else it seems to be.
pub fn category_id(v: &Dynamic) -> std::result::Result<(), String> {
    id_of(v, CATEGORY, "a tag category", "vsphere_tag_category")
}

fn id_of(v: &Dynamic, prefix: &str, what: &str, ty: &str) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    if text.starts_with(prefix) {
        return Ok(());
    }
    let is = match text {
        "" => "The ID is empty".to_owned(),
        t if t.starts_with(TAG) => format!("{t:?} is the ID of a tag"),
        t if t.starts_with(CATEGORY) => format!("{t:?} is the ID of a tag category"),
        t => format!("{t:?} is not an ID"),
    };
    Err(format!(
        "{is}. Expected the ID of {what}, {prefix}…: use `{ty}.<name>.id` or the data source `{ty}`."
    ))
}

/// Puts a refusal of the tagging service into words. `advice` says, for the kind of a refusal (`ALREADY_EXISTS`), which
/// attribute it is about and what to do; `privilege` is what the call needs, which the service does not say.
///
/// # Errors
/// The refusal.
pub fn refused<T>(
    result: vsphere_client::Result<T>,
    doing: impl Display,
    privilege: &str,
    advice: impl FnOnce(&str) -> Option<(AttributePath, String)>,
) -> Result<T> {
    if let Err(e @ Error::Rest { kind, .. }) = &result {
        let (at, text) = match advice(kind) {
            Some(found) => found,
            None if kind == "UNAUTHORIZED" => (
                AttributePath::root(),
                format!("The user needs the privilege `InventoryService.Tagging.{privilege}`."),
            ),
            None => return result.doing(doing),
        };
        return Err(Diagnostics::error(at, format!("Unable to {doing}"), format!("{}\n{text}", in_words(e))));
    }
    result.doing(doing)
}

/// The names that there are, for an error.
fn listed(names: Vec<String>, what: &str, word: &str) -> String {
    if names.is_empty() {
        return format!("There are no {what} at all.");
    }
    format!("There are the {what} {}", nearest::listed(names, word))
}

/// The category of that name.
///
/// # Errors
/// There is none: the names that there are, and the nearest.
pub async fn category_named(
    vsphere: &Vsphere,
    name: &str,
    at: impl Into<AttributePath> + Send,
) -> Result<Arc<Category>> {
    let tags = vsphere.api.tags();
    let doing = format!("find the tag category `{name}`");
    let found = tags.category_by_name(name).await.doing(&doing)?;
    if let Some(category) = found {
        return Ok(category);
    }
    // The search has read them all: this asks for nothing.
    let ids = tags.category_ids().await.doing(&doing)?;
    let mut names = vec![];
    for id in ids.iter() {
        names.extend(tags.category(id).await.ok().map(|c| c.name.clone()));
    }
    let summary = format!("There is no tag category {name:?}");
    Err(Diagnostics::error(at, summary, listed(names, "tag categories", name)))
}

/// The tag of that name in a category.
///
/// # Errors
/// There is none: the names that there are, and the nearest.
pub async fn tag_named(
    vsphere: &Vsphere,
    name: &str,
    category: &str,
    at: impl Into<AttributePath> + Send,
    category_at: impl Into<AttributePath> + Send,
) -> Result<Arc<Tag>> {
    let tags = vsphere.api.tags();
    let doing = format!("find the tag `{name}`");
    let found = match tags.tag_by_name(name, category).await {
        Err(e) if e.is_not_found() => return Err(no_category(category, category_at)),
        found => found.doing(&doing)?,
    };
    if let Some(tag) = found {
        return Ok(tag);
    }
    let ids = tags.tag_ids(category).await.doing(&doing)?;
    let names = names(vsphere, &ids).await;
    let of = tags.category(category).await.map_or_else(|_| category.to_owned(), |c| c.name.clone());
    let summary = format!("There is no tag {name:?} in the category {of:?}");
    Err(Diagnostics::error(at, summary, listed(names, "tags", name)))
}

/// The category of that id.
///
/// # Errors
/// There is none.
pub async fn category_of(
    vsphere: &Vsphere,
    id: &str,
    at: impl Into<AttributePath> + Send,
) -> Result<Arc<Category>> {
    match vsphere.api.tags().category(id).await {
        Err(e) if e.is_not_found() => Err(no_category(id, at)),
        found => found.doing(format!("read the tag category {id}")),
    }
}

fn no_category(id: &str, at: impl Into<AttributePath>) -> Diagnostics {
    let detail = format!(
        "No category has the ID {id}. Use `vsphere_tag_category.<name>.id`, or the data source `vsphere_tag_category`, \
         which finds a category by its name."
    );
    Diagnostics::error(at, "There is no such tag category", detail)
}

/// The tag of that id.
///
/// # Errors
/// There is none.
pub async fn tag_of(vsphere: &Vsphere, id: &str, at: impl Into<AttributePath> + Send) -> Result<Arc<Tag>> {
    match vsphere.api.tags().tag(id).await {
        Err(e) if e.is_not_found() => Err(no_tag(id, at)),
        found => found.doing(format!("read the tag {id}")),
    }
}

/// What is said of an id that no tag has.
pub fn no_tag(id: &str, at: impl Into<AttributePath>) -> Diagnostics {
    let detail = format!(
        "No tag has the ID {id}. Use `vsphere_tag.<name>.id`, or the data source `vsphere_tag`, which finds a tag by its \
         name and category."
    );
    Diagnostics::error(at, "The tag does not exist", detail)
}

/// A tag with its category.
pub(crate) type Categorized = (Arc<Tag>, Arc<Category>);

/// The tag of that ID with its category.
///
/// # Errors
/// Those of any call.
pub(crate) async fn categorized(vsphere: &Vsphere, id: &str) -> vsphere_client::Result<Categorized> {
    let tags = vsphere.api.tags();
    let tag = tags.tag(id).await?;
    let category = tags.category(&tag.category_id).await?;
    Ok((tag, category))
}

/// All tags of an object; nothing where there is no tagging.
///
/// # Errors
/// Those of any call.
pub(crate) async fn attached(vsphere: &Vsphere, object: &MoRef) -> Result<Option<BTreeSet<String>>> {
    if !vsphere.api.is_vcenter() {
        return Ok(None);
    }
    let tags = vsphere.api.tags().attached_tags(object).await;
    let tags = tags.doing(format!("read the tags of {object}"))?;
    Ok(Some(tags.into_iter().collect()))
}

/// The names of tags; deleted ones are left out.
pub async fn names(vsphere: &Vsphere, ids: &[String]) -> Vec<String> {
    let mut names = vec![];
    for id in ids {
        names.extend(vsphere.api.tags().tag(id).await.ok().map(|t| t.name.clone()));
    }
    names
}

/// The rule of a category that a tag on an object of a type breaks, when it has these others of the category. Pure.
pub fn broken(category: &Category, ty: &str, others: &[String]) -> Option<String> {
    let name = &category.name;
    let types: Vec<&str> =
        category.associable_types.iter().map(|t| t.strip_prefix("urn:vim25:").unwrap_or(t)).collect();
    if !types.is_empty() && !types.contains(&ty) {
        return Some(format!(
            "Tags of the category {name:?} can be put on {}, and this is a {ty}. Add {ty:?} to the category's \
             `associable_types`.",
            types.join(", ")
        ));
    }
    match (category.cardinality, others.first()) {
        (Cardinality::Single, Some(other)) => Some(format!(
            "An object can have one tag of the category {name:?}, and this one has {other:?}. Take that off first, or set \
             the category's `cardinality` to \"MULTIPLE\"."
        )),
        _ => None,
    }
}

/// The objects that every tag is on, of a type if there is one. Pure.
fn common<'a>(tagged: impl IntoIterator<Item = &'a [MoRef]>, ty: &str) -> Vec<MoRef> {
    let mut sets = tagged.into_iter().map(|x| x.iter().collect::<BTreeSet<_>>());
    let Some(first) = sets.next() else { return vec![] };
    let all = sets.fold(first, |a, b| a.intersection(&b).copied().collect());
    all.into_iter().filter(|o| ty.is_empty() || &*o.ty == ty).cloned().collect()
}

/// The objects that have all of some tags, of a type if there is one.
///
/// # Errors
/// Those of any call.
pub async fn objects_with_all(vsphere: &Vsphere, tags: &[String], ty: &str) -> Result<Vec<MoRef>> {
    let tagged = vsphere.api.tags().attached_objects_of(tags).await;
    let tagged = tagged.doing("list the objects that have the tags")?;
    Ok(common(tags.iter().map(|t| tagged.get(t).map_or(&[][..], Vec::as_slice)), ty))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_other_things_are_refused() {
        assert!(tag_id(&format!("{TAG}1:GLOBAL").as_str().into()).is_ok());
        assert!(category_id(&format!("{CATEGORY}1:GLOBAL").as_str().into()).is_ok());
        let other = category_id(&format!("{TAG}1:GLOBAL").as_str().into()).unwrap_err();
        assert!(other.contains("is the ID of a tag.") && other.contains("vsphere_tag_category"), "{other}");
        assert!(tag_id(&"web".into()).unwrap_err().contains("is not an ID"));
        assert!(tag_id(&"".into()).unwrap_err().contains("empty"));
    }

    #[test]
    fn errors_list_what_there_is() {
        let names = |n: usize| (0..n).map(|i| format!("tag{i:02}")).collect::<Vec<_>>();
        assert_eq!(listed(vec![], "tags", "x"), "There are no tags at all.");
        assert_eq!(
            listed(names(2), "tags", "tag1"),
            "There are the tags \"tag00\", \"tag01\". Did you mean \"tag01\"?"
        );
        assert!(listed(names(25), "tags", "zzz").ends_with("\"tag19\" and 5 more."));
    }

    #[test]
    fn objects_have_all_tags() {
        let o = |ty: &str, id: &str| MoRef::new(ty, id);
        let a = [o("VirtualMachine", "vm-1"), o("Datastore", "datastore-1"), o("VirtualMachine", "vm-2")];
        let b = [o("VirtualMachine", "vm-2"), o("Datastore", "datastore-1")];
        assert_eq!(common([&a[..], &b[..]], "").len(), 2);
        assert_eq!(common([&a[..], &b[..]], "VirtualMachine"), [o("VirtualMachine", "vm-2")]);
        assert!(common([&a[..], &[][..]], "").is_empty() && common([], "").is_empty());
    }
}
