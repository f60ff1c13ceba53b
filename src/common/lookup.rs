//! Finding objects of the inventory by what a configuration calls them.
use crate::common::moid::{Datacenter, MoId};
use crate::common::{entity, names, tagging};
use crate::fault::Doing;
use crate::nearest::{did_you_mean, nearest};
use crate::vsphere::Vsphere;
use std::collections::BTreeSet;
use tf_framework::{AttributePath, Diagnostics, Dynamic, Field, Model, Result, Value};
use vsphere_client::datacenter::Area;
use vsphere_client::{Found, Kind, MoRef};

/// How many candidates an error lists at most.
const LISTED: usize = 20;

/// What an object is looked for by, and which attributes said so.
pub(crate) struct Query<'a> {
    /// What it is.
    pub(crate) kind: Kind,
    /// Its name or inventory path.
    pub(crate) name: &'a str,
    /// The attribute that gave the name.
    pub(crate) field: Field,
    /// The datacenter to look in; anywhere without it.
    pub(crate) datacenter: Option<&'a MoRef>,
    /// The tags that it has; any without them.
    pub(crate) tags: Option<&'a Tagged>,
}

/// The tags that an object is looked up by. Flatten it into the model of a data source.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Tagged {
    /// The IDs of tags. If set, only an object with all of these tags is found. Set `name` to `*` to find an object by
    /// its tags alone.
    #[tf(optional, each(form = tagging::tag_id))]
    pub tags: Value<BTreeSet<String>>,
}

/// The datacenter of a configuration: the one of that id, or none.
pub(crate) fn datacenter(id: &Value<String>) -> Option<MoRef> {
    id.non_empty().map(MoId::<Datacenter>::object)
}

/// A check for attributes that take the id of a datacenter.
///
/// # Errors
/// What it seems to be instead.
pub(crate) fn datacenter_id(v: &Dynamic) -> std::result::Result<(), String> {
    MoId::<Datacenter>::form(v)
}

/// A check for attributes that take a name or an inventory path.
///
/// # Errors
/// That there is none.
pub(crate) fn name(v: &Dynamic) -> std::result::Result<(), String> {
    match v.as_str().unwrap_or_default().trim_matches(['/', ' ']) {
        "" => Err("It is empty. Expected a name or an inventory path.".into()),
        _ => Ok(()),
    }
}

/// What a kind of object is called in a sentence.
pub(crate) fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Datacenter => "datacenter",
        Kind::Folder(_) => "folder",
        Kind::Cluster => "cluster",
        Kind::ComputeResource => "cluster or host",
        Kind::Host => "host",
        Kind::ResourcePool => "resource pool",
        Kind::Datastore => "datastore",
        Kind::StoragePod => "datastore cluster",
        Kind::Network => "network",
        Kind::DistributedSwitch => "distributed switch",
        Kind::VirtualMachine => "virtual machine",
        Kind::VApp => "vApp",
        _ => "object",
    }
}

/// There is no datacenter of a configured id.
pub(crate) fn no_datacenter(id: &str) -> Diagnostics {
    MoId::<Datacenter>::not_found(id, Field("datacenter_id"))
}

impl Query<'_> {
    /// Those that have all of the tags.
    async fn tagged(&self, vsphere: &Vsphere, mut found: Vec<Found>) -> Result<Vec<Found>> {
        let tags: Vec<String> = self.tags.map(|t| t.tags.get()).unwrap_or_default().into_iter().collect();
        if !tags.is_empty() && !found.is_empty() {
            let tagged = tagging::objects_with_all(vsphere, &tags, "").await?;
            found.retain(|f| tagged.contains(&f.object));
        }
        Ok(found)
    }

    /// What an object has to fulfil beside its name.
    fn condition(&self) -> &'static str {
        match self.tags.is_some_and(|t| !t.tags.get().is_empty()) {
            true => ", for one with all of the tags",
            false => "",
        }
    }

    /// All that there is of the kind.
    async fn all(&self, vsphere: &Vsphere) -> Result<Vec<Found>> {
        let all = vsphere.api.find().all(self.kind, self.datacenter).await;
        self.or_no_datacenter(all)
    }

    /// All that the name or path and the tags fit.
    pub(crate) async fn matching(&self, vsphere: &Vsphere) -> Result<Vec<Found>> {
        let found = self.named(vsphere).await?;
        self.tagged(vsphere, found).await
    }

    /// All that the name or path fits.
    async fn named(&self, vsphere: &Vsphere) -> Result<Vec<Found>> {
        let found = vsphere.api.find().matching(self.kind, self.name, self.datacenter).await;
        self.or_no_datacenter(found)
    }

    fn or_no_datacenter(&self, found: vsphere_client::Result<Vec<Found>>) -> Result<Vec<Found>> {
        match (found, self.datacenter) {
            (Err(e), Some(datacenter)) if e.is_not_found() => Err(no_datacenter(&datacenter.id)),
            (found, _) => found.doing(format!("look for the {} {:?}", noun(self.kind), self.name)),
        }
    }

    /// The path from the root on: those of a search in a datacenter begin at the datacenter.
    async fn prefix(&self, vsphere: &Vsphere) -> String {
        match self.datacenter {
            Some(d) => vsphere.api.find().path_of(d).await.unwrap_or_else(|_| d.to_string()),
            None => String::new(),
        }
    }

    /// The one object that the name or path fits.
    ///
    /// # Errors
    /// None or several fit, with the nearest name, or the paths of all.
    pub(crate) async fn one(&self, vsphere: &Vsphere) -> Result<Found> {
        let found = self.matching(vsphere).await?;
        self.only(vsphere, found, "").await
    }

    /// The one object in `found`; `condition` says what else it had to fulfil.
    ///
    /// # Errors
    /// See [`one`](Query::one).
    pub(crate) async fn only(
        &self,
        vsphere: &Vsphere,
        mut found: Vec<Found>,
        condition: &str,
    ) -> Result<Found> {
        let condition = format!("{}{condition}", self.condition());
        match found.len() {
            1 => Ok(found.remove(0)),
            0 => Err(self.missing(vsphere, &condition).await),
            _ => Err(self.ambiguous(vsphere, &found, &condition).await),
        }
    }

    /// Nothing has the name.
    async fn missing(&self, vsphere: &Vsphere, condition: &str) -> Diagnostics {
        let prefix = self.prefix(vsphere).await;
        let named = self.named(vsphere).await.unwrap_or_default();
        if !named.is_empty() {
            return unfit(self.kind, self.name, self.field, &prefix, &named, condition);
        }
        let all = self.all(vsphere).await.unwrap_or_default();
        not_found(self.kind, self.name, self.field, &prefix, &all, condition)
    }

    async fn ambiguous(&self, vsphere: &Vsphere, found: &[Found], condition: &str) -> Diagnostics {
        let prefix = self.prefix(vsphere).await;
        ambiguous(self.kind, self.name, self.field, &prefix, found, condition)
    }

    /// The only object of the kind, for a configuration without a name.
    ///
    /// # Errors
    /// There is none, or more than one.
    pub(crate) async fn sole(&self, vsphere: &Vsphere) -> Result<Found> {
        let all = self.all(vsphere).await?;
        let mut all = self.tagged(vsphere, all).await?;
        if all.len() == 1 {
            return Ok(all.remove(0));
        }
        let with = if self.condition().is_empty() { "" } else { " with all of the tags" };
        let (noun, prefix) = (format!("{}{with}", noun(self.kind)), self.prefix(vsphere).await);
        let detail = if all.is_empty() {
            format!("There is no {noun} in {}.", place(&prefix))
        } else {
            let paths = listed(all.iter().map(|f| format!("{prefix}{}", f.path)));
            format!(
                "It can be left out only where there is one {noun}. In {} there are {}:\n{paths}",
                place(&prefix),
                all.len()
            )
        };
        Err(Diagnostics::error(self.field, format!("`{}` is needed", self.field.0), detail))
    }
}

fn place(prefix: &str) -> &str {
    if prefix.is_empty() { "the inventory" } else { prefix }
}

/// Lines of a list, the first twenty.
pub(crate) fn listed(items: impl ExactSizeIterator<Item = String>) -> String {
    let more = items.len().saturating_sub(LISTED);
    let mut lines: Vec<String> = items.take(LISTED).map(|i| format!("  {i}")).collect();
    if more > 0 {
        lines.push(format!("  … and {more} more"));
    }
    lines.join("\n")
}

/// The path whose end is most like `wanted`, which may leave out what is above.
fn nearest_path<'a>(wanted: &str, paths: &'a [String]) -> Option<&'a str> {
    let wanted = wanted.trim_matches('/');
    let segments = wanted.split('/').count();
    let end = |p: &'a str| p.rmatch_indices('/').nth(segments - 1).map_or(p, |(at, _)| &p[at + 1..]);
    let near = nearest(wanted, paths.iter().map(|p| end(p)))?;
    paths.iter().find(|p| end(p) == near).map(String::as_str)
}

fn not_found(
    kind: Kind,
    name: &str,
    field: Field,
    prefix: &str,
    all: &[Found],
    condition: &str,
) -> Diagnostics {
    let noun = noun(kind);
    let paths: Vec<String> = all.iter().map(|f| format!("{prefix}{}", f.path)).collect();
    let near = if name.contains('/') {
        nearest_path(name, &paths).map(|p| format!(" Did you mean {p:?}?")).unwrap_or_default()
    } else {
        did_you_mean(name, all.iter().map(|f| f.name.as_str()))
    };
    let there_is = match all.len() {
        0 => format!(" There is no {noun} there at all, or the user lacks `System.View` on it."),
        n if n <= 10 && near.is_empty() => format!(" There are:\n{}", listed(paths.into_iter())),
        _ => String::new(),
    };
    let detail = format!("Looked in {}, at any depth{condition}.{near}{there_is}", place(prefix));
    Diagnostics::error(field, format!("There is no {noun} {name:?}"), detail)
}

/// Some have the name, and none of them is the one that is meant.
fn unfit(
    kind: Kind,
    name: &str,
    field: Field,
    prefix: &str,
    named: &[Found],
    condition: &str,
) -> Diagnostics {
    let paths = listed(named.iter().map(|f| format!("{prefix}{} ({})", f.path, f.object)));
    let detail =
        format!("Looked in {}, at any depth{condition}. Of that name there are\n{paths}", place(prefix));
    Diagnostics::error(field, format!("There is no such {} {name:?}", noun(kind)), detail)
}

fn ambiguous(
    kind: Kind,
    name: &str,
    field: Field,
    prefix: &str,
    found: &[Found],
    condition: &str,
) -> Diagnostics {
    let paths = listed(found.iter().map(|f| format!("{prefix}{} ({})", f.path, f.object)));
    let detail = format!(
        "Looked in {}, at any depth{condition}, and found\n{paths}\nGive the inventory path of one of them instead of \
         the name.",
        place(prefix)
    );
    Diagnostics::error(field, format!("Several {}s are called {name:?}", noun(kind)), detail)
}

/// What an import names: an inventory path, `Type:moid`, or the bare id.
pub(crate) async fn imported(vsphere: &Vsphere, id: &str, ty: &'static str) -> Result<MoRef> {
    let noun = entity::words(ty).trim_start_matches("a ");
    if let Some(object) = by_id(id, ty) {
        return match vsphere.api.properties().get::<Named>(&object).await {
            Err(e) if e.is_not_found() => {
                let detail =
                    format!("The vCenter has no object {object}, or the user lacks `System.View` on it.");
                Err(Diagnostics::error(
                    AttributePath::root(),
                    format!("The {noun} {id:?} does not exist"),
                    detail,
                ))
            }
            // A missing privilege is reported when the object is used.
            _ => Ok(object),
        };
    }
    let wrong =
        |summary: String, more: String| Diagnostics::error(AttributePath::root(), summary, more.trim_end());
    if !id.starts_with('/') {
        let why = "It is neither an inventory path, which begins with a slash, nor such a managed object ID.";
        return Err(wrong(format!("{id:?} does not name {}", entity::words(ty)), why.to_owned()));
    }
    let object = match at_path(vsphere, id).await? {
        None => with_plain_slashes(vsphere, id, ty).await,
        object => object,
    };
    match object {
        Some(object) if is_a(&object, ty) => Ok(object),
        Some(object) => Err(wrong(
            format!("{id:?} is not {}", entity::words(ty)),
            format!("At this path there is {object}."),
        )),
        None => {
            let why = missing_part(vsphere, id).await;
            Err(wrong(format!("The {noun} {id:?} does not exist"), why))
        }
    }
}

vsphere_client::properties! {
    struct Named of "ManagedEntity" {
        name: String = "name",
    }
}

/// Whether an object that a plan refers to exists. Objects that are not of the inventory are not looked for, and who may
/// not read one is not held up.
///
/// # Errors
/// It does not.
pub(crate) async fn exists(vsphere: &Vsphere, object: &MoRef, at: Field) -> Result<()> {
    if !entity::TYPES.contains(&&*object.ty) {
        return Ok(());
    }
    match vsphere.api.properties().get::<Named>(object).await {
        Err(e) if e.is_not_found() => {
            let detail = format!(
                "The vCenter has no object {object}, or the user lacks `System.View` on it. A data source finds the ID of an object by \
                 its name or path."
            );
            Err(Diagnostics::error(at, format!("{object} does not exist"), detail))
        }
        _ => Ok(()),
    }
}

/// Whether a reference is one of a type, or of one that is derived from it.
fn is_a(object: &MoRef, ty: &str) -> bool {
    &*object.ty == ty || (ty == "ResourcePool" && &*object.ty == "VirtualApp")
}

/// `Type:moid`, or a moid that shows its type.
fn by_id(id: &str, ty: &str) -> Option<MoRef> {
    if let Some((before, id)) = id.split_once(':') {
        let object = MoRef::new(before, id);
        return is_a(&object, ty).then_some(object);
    }
    let shown = entity::type_of(id).filter(|_| !id.contains('/'))?;
    let object = MoRef::new(shown, id);
    is_a(&object, ty).then_some(object)
}

/// The object of a type at a path in which the slashes of names are not escaped, where there is just one.
async fn with_plain_slashes(vsphere: &Vsphere, path: &str, ty: &str) -> Option<MoRef> {
    const FOLDERS: [Kind; 5] = [
        Kind::Folder(None),
        Kind::Folder(Some(Area::Vm)),
        Kind::Folder(Some(Area::Host)),
        Kind::Folder(Some(Area::Datastore)),
        Kind::Folder(Some(Area::Network)),
    ];
    let kinds = match ty {
        "Datacenter" => &[Kind::Datacenter][..],
        "Folder" => &FOLDERS,
        "ClusterComputeResource" => &[Kind::Cluster],
        "ResourcePool" => &[Kind::ResourcePool],
        "VirtualMachine" => &[Kind::VirtualMachine],
        "Datastore" => &[Kind::Datastore],
        "StoragePod" => &[Kind::StoragePod],
        _ => return None,
    };
    let plain = |path: &str| names::resolved(path).join("/");
    let mut found = BTreeSet::new();
    for kind in kinds {
        let all = vsphere.api.find().all(*kind, None).await.ok()?;
        found.extend(all.into_iter().filter(|f| plain(&f.path) == plain(path)).map(|f| f.object));
    }
    found.pop_first().filter(|_| found.is_empty())
}

/// What is at an inventory path, by the server's own look-up.
pub(crate) async fn at_path(vsphere: &Vsphere, path: &str) -> Result<Option<MoRef>> {
    if path.trim_matches('/').is_empty() {
        return Ok(Some(vsphere.api.root_folder()));
    }
    let found = vsphere.api.find().by_inventory_path(path).await;
    found.doing(format!("find {path}"))
}

/// Where a path that leads nowhere ends: a sentence, with the nearest name.
pub(crate) async fn missing_part(vsphere: &Vsphere, path: &str) -> String {
    let segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
    let mut here = vsphere.api.root_folder();
    let mut walked = String::new();
    for segment in segments {
        match vsphere.api.find().child(&here, segment).await {
            Ok(Some(child)) => here = child,
            Ok(None) => {
                let place = if walked.is_empty() { "the root folder" } else { &walked };
                let children = match &*here.ty {
                    "Folder" => vsphere.api.folders().children(&here).await.unwrap_or_default(),
                    _ => vec![],
                };
                let near = did_you_mean(segment, children.iter().map(|c| c.name.as_str()));
                return format!("There is no {segment:?} in {place}.{near} ");
            }
            Err(_) => break,
        }
        walked = format!("{walked}/{segment}");
    }
    String::new()
}

/// The objects that prevent a deletion, one per line: kind and path or name.
pub(crate) fn contents(found: &[Found]) -> String {
    listed(found.iter().map(|f| format!("{} {} ({})", f.object.ty, f.name, f.object.id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: Field = Field("name");

    fn found(path: &str) -> Found {
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        Found { object: MoRef::new("Datastore", "datastore-1"), name, parent: None, path: path.to_owned() }
    }

    #[test]
    fn not_found_names_the_nearest() {
        let all = [found("/datastore/ssd-1"), found("/datastore/pod/nfs")];
        let problems = not_found(Kind::Datastore, "sdd-1", NAME, "/DC", &all, "").to_string();
        assert!(
            problems.contains("no datastore \"sdd-1\"") && problems.contains("Did you mean \"ssd-1\"?"),
            "{problems}"
        );
        let problems = not_found(Kind::Datastore, "pod/nsf", NAME, "/DC", &all, "").to_string();
        assert!(problems.contains("\"/DC/datastore/pod/nfs\""), "{problems}");
        let problems = not_found(Kind::Datastore, "xxxxx", NAME, "", &all, "").to_string();
        assert!(problems.contains("the inventory") && problems.contains("/datastore/ssd-1"), "{problems}");
    }

    #[test]
    fn ambiguous_lists_all_paths() {
        let all: Vec<Found> = (0..22).map(|i| found(&format!("/datastore/f{i}/ds"))).collect();
        let problems = ambiguous(Kind::Datastore, "ds", NAME, "/DC", &all, "").to_string();
        assert!(problems.contains("/DC/datastore/f0/ds (Datastore:datastore-1)"), "{problems}");
        assert!(problems.contains("/DC/datastore/f19/ds") && problems.contains("and 2 more"), "{problems}");
    }

    #[test]
    fn an_import_takes_ids() {
        let id = |id: &str, ty: &str| by_id(id, ty).map(|o| o.to_string());
        assert_eq!(id("group-v3", "Folder").as_deref(), Some("Folder:group-v3"));
        assert_eq!(id("Folder:group-v3", "Folder").as_deref(), Some("Folder:group-v3"));
        assert_eq!(id("VirtualApp:resgroup-v9", "ResourcePool").as_deref(), Some("VirtualApp:resgroup-v9"));
        assert_eq!(id("group-p3", "Folder"), None);
        assert_eq!(id("/dc/vm/a", "Folder"), None);
        assert_eq!(id("Datastore:group-v3", "Folder"), None);
    }
}
