//! `vsphere_content_library_item`
pub mod data_source;
use crate::common::adopt::create_or_adopt_named;
use crate::common::machine::{self, is_uuid};
use crate::content::libraries::{library_id, library_of, refused};
use crate::fault::{Doing, in_words, or_absent};
use crate::vsphere::Vsphere;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tf_framework::{
    AttributePath, Cx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Timeouts, Value,
};
use vsphere_client::content_library::{Content, Deployment, ItemSpec, LibraryItem};
use vsphere_client::ovf::{Package, Source};
use vsphere_client::virtual_machine::Wait;
use vsphere_client::{Error, MoRef};

/// How long a creation may take, unless `timeouts` has another time: files travel through the provider.
const LONG: Duration = Duration::from_secs(3600);
/// The type of packages, which is the default.
const OVF: &str = "ovf";
/// The type of templates that are in the inventory, too.
const TEMPLATE: &str = "vm-template";

/// Manages an item of a content library: an OVF package, an ISO image or another file, or a template that is created
/// from a virtual machine.
///
/// Files on the system that runs Terraform, and OVF packages from a URL, are transferred through the provider. vCenter
/// downloads files from other URLs directly. If a transfer fails, the provider deletes the item.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_content_library_item", category = "Content Library", version = 1)]
pub struct ContentLibraryItemModel {
    /// The ID of the item, a UUID.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the item, which must be unique in the content library.
    #[tf(required, force_new, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// The ID of the content library, which must not be a subscribed library.
    #[tf(required, force_new, form = library_id)]
    pub library_id: Value<String>,
    /// The description of the item.
    #[tf(optional, force_new)]
    pub description: Value<String>,
    /// The path of a file on the system that runs Terraform, or a URL (`https` or `http`). For an `.ova` or `.ovf`
    /// file, the item contains the OVF package, including the files that the descriptor references. For an `.iso` file,
    /// or another file if `type` is not `ovf`, the item contains only this file. The provider does not compare the
    /// contents of files.
    #[tf(optional, force_new, unstored, conflicts_with("source_uuid"))]
    pub file_url: Value<String>,
    /// The type of the item: `ovf`, `iso`, `vm-template` or another type. With `source_uuid`, `ovf` creates an OVF
    /// template, and `vm-template` creates a VM template, which is also in the inventory.
    #[tf(optional, force_new, default = OVF)]
    pub r#type: Value<String>,
    /// The BIOS UUID, instance UUID, or managed object ID of the virtual machine or template to create the item from.
    #[tf(optional, force_new, unstored, form = machine::id, same = machine::same)]
    pub source_uuid: Value<String>,
    /// Timeouts for operations. Create operations default to 1 hour, or to the provider's `api_timeout` if that is
    /// longer. Other operations default to `api_timeout`, which is 5 minutes by default.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

type M = ContentLibraryItemModel;

/// The resource.
#[derive(Debug, Default)]
pub struct ContentLibraryItem;

/// What the files of an item are. Pure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A descriptor and the files that it refers to.
    Package {
        /// Whether all of them are in one archive.
        archive: bool,
    },
    /// One file.
    File,
}

/// As the official provider does, by the end of the name; files with another end are packages if the type is that of one.
fn shape(path: &str, ty: &str) -> Shape {
    let end = path.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default();
    match (end.as_str(), ty) {
        ("ova", _) => Shape::Package { archive: true },
        ("ovf", _) => Shape::Package { archive: false },
        ("iso", _) => Shape::File,
        (_, OVF | "ova") => Shape::Package { archive: false },
        _ => Shape::File,
    }
}

/// Whether a file is behind a URL: as in the official provider, anything that begins with `http`.
fn is_url(file: &str) -> bool {
    let lower = file.to_ascii_lowercase();
    lower.starts_with("https://") || lower.starts_with("http://")
}

/// The path of a URL, without what follows it.
fn url_path(url: &str) -> &str {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path)
}

impl M {
    /// A sentence part.
    fn title(&self) -> String {
        format!("the content library item `{}`", self.name.as_str())
    }

    fn spec(&self) -> ItemSpec {
        ItemSpec {
            name: self.name.get(),
            description: self.description.get(),
            library_id: self.library_id.get(),
            ty: self.r#type.get(),
        }
    }

    fn observed(self, item: &LibraryItem) -> Self {
        Self {
            id: item.id.clone().into(),
            name: item.name.clone().into(),
            library_id: item.library_id.clone().into(),
            description: item.description.clone().into(),
            r#type: item.ty.clone().into(),
            ..self
        }
    }

    /// What is wrong with a new item, as far as no server is needed.
    fn problems(&self) -> Diagnostics {
        let mut out = Diagnostics::default();
        let absent = |v: &Value<String>| v.is_null() || v.known().is_some_and(String::is_empty);
        if absent(&self.file_url) && absent(&self.source_uuid) {
            let detail = "Set `file_url` to the path or URL of a file, or `source_uuid` to the UUID of a virtual machine.";
            out.merge(Diagnostics::error(M::FILE_URL, "Missing source of the content library item", detail));
        }
        let ty = self.r#type.as_str();
        if !absent(&self.source_uuid) && !self.r#type.is_unknown() && ty != OVF && ty != TEMPLATE {
            let detail = format!(
                "A virtual machine becomes an item of the type \"ovf\" or \"vm-template\", got: {ty:?}. Set `type` to one of \
                 the two, or `file_url` to a file."
            );
            out.merge(Diagnostics::error(M::TYPE, "Invalid type of a content library item", detail));
        }
        if !absent(&self.file_url) && ty == TEMPLATE {
            let detail = "vCenter makes items of the type \"vm-template\" from virtual machines only. Set `source_uuid` to the \
                          UUID of a virtual machine, or remove `type` if the file is an OVF package.";
            out.merge(Diagnostics::warning(
                M::TYPE,
                "A file cannot become a virtual machine template",
                detail,
            ));
        }
        out
    }
}

impl Resource for ContentLibraryItem {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the ID, a UUID";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        let Some(prior) = cx.prior else {
            let mut found = planned.problems();
            if let Some(vsphere) = cx.client {
                found.merge(look(vsphere, planned).await);
            }
            return cx.finish(found);
        };
        // Each item is made of one of the two. The state of an import has neither, and they change nothing then.
        if prior.file_url.as_str().is_empty() && prior.source_uuid.as_str().is_empty() {
            let sources = [AttributePath::from(M::FILE_URL), AttributePath::from(M::SOURCE_UUID)];
            cx.replace.retain(|p| !sources.contains(p));
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        usable(vsphere, plan.library_id.as_str()).await?;
        let progress =
            |percent: i32| tracing::info!(name = plan.name.as_str(), percent, "filling a library item");
        let wait = Wait::new(cx.timeout(vsphere.timeout.max(LONG)), cx.cancel()).telling(&progress);
        let id = match plan.source_uuid.as_str() {
            "" => from_file(cx, &plan, wait).await?,
            uuid => {
                let source = machine::resolve(vsphere, uuid, M::SOURCE_UUID).await?;
                from_machine(cx, &plan, &source, wait).await?
            }
        };
        Ok(M { id: id.into(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        match cx.client().api.content_libraries().item(state.id.as_str()).await {
            Err(e) if e.is_not_found() => Ok(None),
            found => {
                let item = found.doing(format!("read {}", state.title()))?;
                Ok(Some(state.observed(&item)))
            }
        }
    }

    async fn update(&self, _cx: &Cx<'_, Self>, _prior: M, plan: M) -> Result<M> {
        // Only times, and what an import could not know.
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let done = or_absent(cx.client().api.content_libraries().delete_item(state.id.as_str()).await);
        refused(done, format!("delete {}", state.title()), "DeleteLibraryItem", |_| None)
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let none = |detail: &str| {
            let summary = format!("Content library item {id:?} not found");
            Err(Diagnostics::error(AttributePath::root(), summary, detail))
        };
        if !is_uuid(id) {
            return none(
                "It is not a UUID. The data source `vsphere_content_library_item` finds the ID by the name.",
            );
        }
        match cx.client().api.content_libraries().item(id).await {
            Err(e) if e.is_not_found() => none("No item has this ID, or it is not visible to the user."),
            found => {
                let item = found.doing(format!("read the content library item {id}"))?;
                Ok(M { id: item.id.clone().into(), ..M::default() })
            }
        }
    }
}

/// What a new item refers to: the library, and the virtual machine.
async fn look(vsphere: &Vsphere, planned: &M) -> Diagnostics {
    let mut out = Diagnostics::default();
    if let Some(id) = planned.library_id.known().filter(|id| is_uuid(id))
        && let Err(problem) = usable(vsphere, id).await
    {
        out.merge(problem);
    }
    if let Some(id) = planned.source_uuid.non_empty()
        && let Err(problem) = machine::resolve(vsphere, id, M::SOURCE_UUID).await
    {
        out.merge(problem);
    }
    out
}

/// Whether a library can have items of its own.
async fn usable(vsphere: &Vsphere, id: &str) -> Result<()> {
    let library = library_of(vsphere, id, M::LIBRARY_ID).await?;
    if !library.is_subscribed() {
        return Ok(());
    }
    let detail = format!(
        "{:?} is a subscribed library: its items are those of the published library. Add the item to the published library, \
         or set `library_id` to that of a local library.",
        library.name
    );
    Err(Diagnostics::error(M::LIBRARY_ID, "Subscribed libraries have no items of their own", detail))
}

/// The ID of the item of that name, if it exists.
async fn existing(vsphere: &Vsphere, plan: &M) -> vsphere_client::Result<Option<String>> {
    let libraries = vsphere.api.content_libraries();
    for id in libraries.find_item(plan.library_id.as_str(), plan.name.as_str()).await? {
        match libraries.item(&id).await {
            Err(e) if e.is_not_found() => {}
            item => {
                if item?.name == plan.name.as_str() {
                    return Ok(Some(id));
                }
            }
        }
    }
    Ok(None)
}

/// Which attribute a refusal is about, and what to do.
fn advice(kind: &str) -> Option<(AttributePath, String)> {
    match kind {
        "ALREADY_EXISTS" => Some((
            M::NAME.into(),
            "The content library has an item of this name. Choose another name, or import the existing item by its ID."
                .to_owned(),
        )),
        _ => None,
    }
}

/// Makes an item of a file or a package; nothing is left of it if the transfer fails.
async fn from_file(cx: &Cx<'_, ContentLibraryItem>, plan: &M, wait: Wait<'_>) -> Result<String> {
    let vsphere = cx.client();
    let libraries = vsphere.api.content_libraries();
    // Read first: a file that cannot be read needs no item.
    let content = content(cx, plan).await?;
    let spec = plan.spec();
    let make = libraries.create_item(&spec);
    let look = || existing(vsphere, plan);
    let made = create_or_adopt_named(cx, &plan.title(), look, make).await;
    let id = refused(made, format!("create {}", plan.title()), "AddLibraryItem", advice)?;
    let Err(error) = libraries.fill(&id, &content, wait).await else { return Ok(id) };
    let about_file = matches!(error, Error::Package(_) | Error::Library(_) | Error::Upload { .. });
    let removed = or_absent(libraries.delete_item(&id).await);
    if removed.is_err() {
        cx.checkpoint(&M { id: id.clone().into(), ..plan.clone() });
    }
    let rest = match removed {
        Ok(()) => "The item was deleted again.".to_owned(),
        Err(e) => format!("The item {id} could not be deleted and is in the state as tainted: {e}."),
    };
    let failed: vsphere_client::Result<String> = Err(error);
    let mut out =
        match refused(failed, format!("transfer the files of {}", plan.title()), "UpdateSession", |_| None) {
            Ok(id) => return Ok(id),
            Err(out) => out,
        };
    if let Some(d) = out.0.first_mut() {
        d.detail = format!("{}\n{rest}", d.detail);
        if about_file {
            d.at = M::FILE_URL.into();
        }
    }
    Err(out)
}

/// What the files of an item come from.
async fn content(cx: &Cx<'_, ContentLibraryItem>, plan: &M) -> Result<Content> {
    let (file, ty) = (plan.file_url.as_str(), plan.r#type.as_str());
    if !is_url(file) {
        let path = PathBuf::from(file);
        return match shape(file, ty) {
            Shape::File => readable(&path).map(|()| Content::File(path)),
            Shape::Package { .. } => {
                let opened = cx.client().api.ovf().open(&Source::File(path)).await;
                opened.map(packed).map_err(|e| unreadable(&e))
            }
        };
    }
    match shape(url_path(file), ty) {
        Shape::File => Ok(Content::Url(file.to_owned())),
        Shape::Package { archive } => remote(cx, file, archive).await.map(packed),
    }
}

fn packed(package: Package) -> Content {
    Content::Package(Box::new(package))
}

/// Whether a file can be read, before an item is made of it.
fn readable(path: &Path) -> Result<()> {
    let wrong = match std::fs::metadata(path) {
        Ok(about) if about.is_file() => return Ok(()),
        Ok(_) => "It is not a file.".to_owned(),
        Err(e) => format!("The file cannot be read: {e}."),
    };
    let summary = format!("Unable to read the file {}", path.display());
    Err(Diagnostics::error(M::FILE_URL, summary, wrong))
}

/// A package behind a URL. The official provider takes descriptors from servers with any certificate, and archives from
/// trusted ones only.
async fn remote(cx: &Cx<'_, ContentLibraryItem>, url: &str, archive: bool) -> Result<Package> {
    let api = cx.client().api.ovf();
    let source = |unverified| Source::Url { url: url.to_owned(), unverified };
    match api.open(&source(false)).await {
        Err(Error::Tls { server, .. }) if !archive => {
            let detail = format!(
                "The package is fetched from {server} all the same, as the official provider does: another server could have \
                 taken its place. Add the certificate authority to the `ca_file` of the provider."
            );
            cx.warn(M::FILE_URL, "The certificate of the server is not trusted", detail);
            api.open(&source(true)).await.map_err(|e| unreadable(&e))
        }
        opened => opened.map_err(|e| unreadable(&e)),
    }
}

fn unreadable(e: &Error) -> Diagnostics {
    Diagnostics::error(M::FILE_URL, "Unable to read the OVF package", in_words(e))
}

/// Makes an item of a virtual machine or template.
async fn from_machine(
    cx: &Cx<'_, ContentLibraryItem>,
    plan: &M,
    source: &MoRef,
    wait: Wait<'_>,
) -> Result<String> {
    let vsphere = cx.client();
    let libraries = vsphere.api.content_libraries();
    let spec = plan.spec();
    let look = || existing(vsphere, plan);
    let doing = format!("create {} from {source}", plan.title());
    let made = if plan.r#type.as_str() == TEMPLATE {
        let read = vsphere.api.virtual_machines().get(source).await;
        let vm = read.doing(format!("read {source}"))?;
        // A template has no pool, and is placed by its host.
        let host = vm.host.clone().filter(|_| vm.resource_pool.is_none());
        let place =
            Deployment { folder: vm.parent.clone(), pool: vm.resource_pool, host, ..Default::default() };
        let make = libraries.capture_template(&spec, source, &place, wait);
        create_or_adopt_named(cx, &plan.title(), look, make).await
    } else {
        let make = libraries.capture_ovf(&spec, source, wait);
        create_or_adopt_named(cx, &plan.title(), look, make).await
    };
    let at = match &made {
        Err(Error::Library(_)) => Some(M::SOURCE_UUID),
        _ => None,
    };
    placed(refused(made, doing, "AddLibraryItem", advice), at)
}

/// A failure, at the attribute that it is about.
fn placed<T>(result: Result<T>, at: Option<Field>) -> Result<T> {
    result.map_err(|mut out| {
        if let (Some(d), Some(at)) = (out.0.first_mut(), at) {
            d.at = at.into();
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shape_follows_the_end_of_the_name() {
        let package = |archive| Shape::Package { archive };
        for (path, ty, expected) in [
            ("a.ova", "ovf", package(true)),
            ("a.OVA", "iso", package(true)),
            ("a.ovf", "iso", package(false)),
            ("a.iso", "ovf", Shape::File),
            ("a.img", "iso", Shape::File),
            ("a.img", "ovf", package(false)),
            ("dir.d/noend", "ovf", package(false)),
            ("noend", "file", Shape::File),
        ] {
            assert_eq!(shape(path, ty), expected, "{path} {ty}");
        }
    }

    #[test]
    fn path_of_a_url_is_without_its_query() {
        assert!(is_url("HTTPS://h/a.iso") && !is_url("a/http.iso") && !is_url("https"));
        for (url, expected) in [
            ("https://u:p@h:1/a/b.iso?token=x.ova", "a/b.iso"),
            ("http://h/b.ovf#x", "b.ovf"),
            ("https://h", ""),
        ] {
            assert_eq!(url_path(url), expected, "{url}");
        }
    }

    #[test]
    fn new_item_needs_a_source_that_fits_its_type() {
        let item = |file: &str, uuid: &str, ty: &str| M {
            name: "x".into(),
            file_url: file.into(),
            source_uuid: uuid.into(),
            r#type: ty.into(),
            ..M::default()
        };
        for (m, expected) in [
            (item("a.iso", "", "iso"), None),
            (item("", "vm-1", "ovf"), None),
            (item("", "vm-1", "vm-template"), None),
            (M { file_url: Value::Unknown, ..item("", "", "ovf") }, None),
            (item("", "vm-1", "iso"), Some("\"ovf\" or \"vm-template\"")),
            (item("", "", "ovf"), Some("Set `file_url`")),
            (item("a.ova", "", "vm-template"), Some("from virtual machines only")),
        ] {
            let found = m.problems().to_string();
            assert_eq!(expected.map(|e| found.contains(e)), expected.map(|_| true), "{found}");
            assert!(expected.is_some() || found.is_empty(), "{found}");
        }
    }
}
