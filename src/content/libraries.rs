//! Finding libraries and their items, and the refusals of the content library in words.
use crate::common::machine::is_uuid;
use crate::fault::{Doing, in_words};
use crate::nearest::listed;
use crate::vsphere::Vsphere;
use std::fmt::Display;
use std::sync::Arc;
use tf_framework::{AttributePath, Diagnostics, Dynamic, Result};
use vsphere_client::Error;
use vsphere_client::content_library::{Library, LibraryItem};

/// How many items are read at most to list their names in an error.
const NAMED: usize = 100;

/// A check for attributes that take the ID of a library.
///
/// # Errors
/// What the value seems to be instead.
pub(crate) fn library_id(v: &Dynamic) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    if is_uuid(text) {
        return Ok(());
    }
    Err(format!(
        "{text:?} is not the ID of a content library. Expected a UUID: use `vsphere_content_library.<name>.id`, or the \
         data source `vsphere_content_library`, which finds a library by its name."
    ))
}

/// The library of that ID.
///
/// # Errors
/// It does not exist.
pub(crate) async fn library_of(
    vsphere: &Vsphere,
    id: &str,
    at: impl Into<AttributePath> + Send,
) -> Result<Arc<Library>> {
    match vsphere.api.content_libraries().library(id).await {
        Err(e) if e.is_not_found() => {
            let detail = format!(
                "No content library has the ID {id}, or it is not visible to the user. Use \
                 `vsphere_content_library.<name>.id`, or the data source `vsphere_content_library`, which finds a library by \
                 its name."
            );
            Err(Diagnostics::error(at, "Content library not found", detail))
        }
        found => found.doing(format!("read the content library {id}")),
    }
}

/// The libraries of that name: vCenter does not keep names unique.
///
/// # Errors
/// There is none: the names that exist, and the nearest.
pub(crate) async fn libraries_named(
    vsphere: &Vsphere,
    name: &str,
    at: impl Into<AttributePath> + Send,
) -> Result<Vec<Arc<Library>>> {
    let libraries = vsphere.api.content_libraries();
    let doing = format!("find the content library `{name}`");
    let mut found = vec![];
    // The search ignores case, and the names of libraries do not.
    for id in libraries.find_library(name).await.doing(&doing)? {
        found.extend(libraries.library(&id).await.ok().filter(|l| l.name == name));
    }
    if !found.is_empty() {
        return Ok(found);
    }
    let all = libraries.libraries().await.doing(&doing)?;
    let detail = match all.iter().find(|l| l.id == name) {
        Some(l) => format!("That is the ID of the content library {:?}. Set `name` to {:?}.", l.name, l.name),
        None if all.is_empty() => "vCenter lists no content libraries.".to_owned(),
        None => {
            let names = all.iter().map(|l| l.name.clone()).collect();
            format!("vCenter lists the content libraries {}", listed(names, name))
        }
    };
    Err(Diagnostics::error(at, format!("Content library {name:?} not found"), detail))
}

/// The item of that name in a library.
///
/// # Errors
/// There is none: the names that exist, and the nearest.
pub(crate) async fn item_named(
    vsphere: &Vsphere,
    library: &Library,
    name: &str,
    at: impl Into<AttributePath> + Send,
) -> Result<Arc<LibraryItem>> {
    let libraries = vsphere.api.content_libraries();
    let doing = format!("find the item `{name}` of the content library `{}`", library.name);
    let ids = libraries.find_item(&library.id, name).await.doing(&doing)?;
    let mut near = None;
    for id in &ids {
        match libraries.item(id).await {
            Err(e) if e.is_not_found() => {}
            found => {
                let item = found.doing(&doing)?;
                if item.name == name {
                    return Ok(item);
                }
                // The search ignores case, as the official provider does.
                near.get_or_insert(item);
            }
        }
    }
    if let Some(item) = near {
        return Ok(item);
    }
    let ids = libraries.item_ids(&library.id).await.doing(&doing)?;
    let mut names = vec![];
    if ids.len() <= NAMED {
        names = libraries.items(&library.id).await.doing(&doing)?.iter().map(|i| i.name.clone()).collect();
    }
    let detail = match (ids.len(), names.is_empty()) {
        (0, _) => format!("The content library {:?} has no items.", library.name),
        (count, true) => format!("The content library {:?} has {count} items.", library.name),
        (_, false) => format!("The content library {:?} has the items {}", library.name, listed(names, name)),
    };
    Err(Diagnostics::error(at, format!("Content library item {name:?} not found"), detail))
}

/// Puts a refusal of the content library into words. `advice` returns, for the kind of a refusal (`ALREADY_EXISTS`), the
/// attribute that it is about and what to do; `privilege` is what the call requires, which the service does not say.
///
/// # Errors
/// The refusal.
pub(crate) fn refused<T>(
    result: vsphere_client::Result<T>,
    doing: impl Display,
    privilege: &str,
    advice: impl FnOnce(&str) -> Option<(AttributePath, String)>,
) -> Result<T> {
    if let Err(e @ Error::Rest { kind, .. }) = &result {
        let (at, text) = match advice(kind) {
            Some(found) => found,
            None if kind == "UNAUTHORIZED" => {
                (AttributePath::root(), format!("The user needs the privilege `ContentLibrary.{privilege}`."))
            }
            None => return result.doing(doing),
        };
        return Err(Diagnostics::error(at, format!("Unable to {doing}"), format!("{}\n{text}", in_words(e))));
    }
    result.doing(doing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_libraries_are_not_ids() {
        assert!(library_id(&"fe072d20-b117-4cb2-87bf-1f6ad1bd6042".into()).is_ok());
        let wrong = library_id(&"images".into()).unwrap_err();
        assert!(wrong.contains("\"images\" is not the ID") && wrong.contains("data source"), "{wrong}");
    }

    #[test]
    fn a_missing_privilege_is_named() {
        let error = |kind: &str| {
            Err::<(), _>(Error::Rest {
                method: "POST",
                path: "/api/content/local-library".to_owned(),
                status: 403,
                kind: kind.to_owned(),
                messages: vec![],
            })
        };
        let problem = refused(error("UNAUTHORIZED"), "create x", "CreateLocalLibrary", |_| None).unwrap_err();
        assert!(problem.to_string().contains("`ContentLibrary.CreateLocalLibrary`"), "{problem}");
        let advice = |_: &str| Some((AttributePath::root(), "Choose another name.".to_owned()));
        let problem = refused(error("ALREADY_EXISTS"), "create x", "", advice).unwrap_err();
        assert!(problem.0[0].summary == "Unable to create x" && problem.0[0].detail.ends_with("name."));
    }
}
