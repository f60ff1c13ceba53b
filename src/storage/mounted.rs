//! What datastores have in common that hosts mount: their folder or datastore cluster, and their size and state.
use crate::common::labels::Labels;
use crate::common::lookup::{self, listed};
use crate::common::moid::{DatastoreCluster, MoId};
use crate::common::{folders, machine, names};
use crate::fault::{Doing, or_absent};
use crate::storage::common;
use crate::vsphere::Vsphere;
use tf_framework::{AttributePath, Cx, Diagnostics, Field, Model, Resource, Result, Value};
use vsphere_client::custom_fields;
use vsphere_client::datastore::Mounted;
use vsphere_client::vim::types::DatastoreSummary;
use vsphere_client::{Area, MoRef};

const MB: i64 = 1_000_000;

/// Where a datastore is.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Location {
    /// The path of the folder of the datastore, relative to the datastore folder of the datacenter that contains the
    /// hosts. If neither this nor `datastore_cluster_id` is set, the datastore is in the root datastore folder of the
    /// datacenter. Changing this moves the datastore.
    #[tf(optional, same = names::same_path, check = folders::below, conflicts_with("datastore_cluster_id"))]
    pub folder: Value<String>,
    /// The managed object ID of the datastore cluster that contains the datastore, such as `group-p12`. Changing this
    /// moves the datastore.
    #[tf(optional, form = MoId::<DatastoreCluster>::any_form)]
    pub datastore_cluster_id: Value<String>,
}

/// A folder or a datastore cluster, and the attribute that names it.
type Place = (MoRef, Field);

impl Location {
    /// Where the datastore is to be; nothing where the configuration names neither a folder nor a datastore cluster.
    ///
    /// # Errors
    /// There is no such folder.
    pub(super) async fn place(&self, vsphere: &Vsphere, datacenter: &MoRef) -> Result<Option<Place>> {
        let path = self.folder.as_str();
        if !names::segments(path).is_empty() {
            let folder = common::folder(vsphere, datacenter, path, Self::FOLDER).await?;
            return Ok(Some((folder, Self::FOLDER)));
        }
        let cluster = self.datastore_cluster_id.non_empty();
        Ok(cluster.map(|id| (MoId::<DatastoreCluster>::object(id), Self::DATASTORE_CLUSTER_ID)))
    }

    /// Whether the datastore cluster that a plan moves a datastore into exists.
    pub(super) async fn check(&self, vsphere: &Vsphere, prior: Option<&Self>) -> Diagnostics {
        let cluster = self.datastore_cluster_id.non_empty();
        let is_new = prior.is_none_or(|p| p.datastore_cluster_id != self.datastore_cluster_id);
        let Some(id) = cluster.filter(|_| is_new) else { return Diagnostics::default() };
        let pod = MoId::<DatastoreCluster>::object(id);
        lookup::exists(vsphere, &pod, Self::DATASTORE_CLUSTER_ID).await.err().unwrap_or_default()
    }

    /// Moves an existing datastore of hosts to where it is planned. `title` is a sentence part, and `hosts` the attribute of
    /// `host`.
    ///
    /// # Errors
    /// There is no such folder, or vSphere does not move it.
    pub(super) async fn follow<R: Resource<Client = Vsphere>>(
        &self,
        cx: &Cx<'_, R>,
        prior: &Self,
        object: &MoRef,
        title: &str,
        host: (&MoRef, Field),
    ) -> Result<()> {
        let place = |m: &Self| (names::resolved(m.folder.as_str()), m.datastore_cluster_id.get());
        if place(prior) == place(self) {
            return Ok(());
        }
        let vsphere = cx.client();
        let datacenter = datacenter(vsphere, host.0, host.1).await?;
        let to = match self.place(vsphere, &datacenter).await? {
            Some(place) => place,
            None => (common::folder(vsphere, &datacenter, "", Self::FOLDER).await?, Self::FOLDER),
        };
        folders::move_into(cx, object, &to.0, title, to.1).await
    }

    /// Where a datastore with that parent is.
    ///
    /// # Errors
    /// The path cannot be read.
    pub(super) async fn of(vsphere: &Vsphere, parent: Option<&MoRef>) -> Result<Self> {
        let folder = folders::path(vsphere, parent).await?;
        let cluster = parent.filter(|p| &*p.ty == "StoragePod").map(|p| p.id.to_string());
        Ok(Self { folder: folder.into(), datastore_cluster_id: cluster.into() })
    }
}

/// The size and the state of a datastore.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Summary {
    /// Whether the datastore is accessible. If `false`, other computed attributes may be out of date.
    #[tf(computed, volatile)]
    pub accessible: Value<bool>,
    /// The capacity of the datastore, in MB (1,000,000 bytes).
    #[tf(computed)]
    pub capacity: Value<i64>,
    /// The free space of the datastore, in MB (1,000,000 bytes).
    #[tf(computed, volatile)]
    pub free_space: Value<i64>,
    /// The maintenance mode state of the datastore: `normal`, `enteringMaintenance` or `inMaintenance`.
    #[tf(computed, volatile)]
    pub maintenance_mode: Value<String>,
    /// Whether more than one host in the datacenter has access to the datastore.
    #[tf(computed, volatile)]
    pub multiple_host_access: Value<bool>,
    /// The additional space that virtual machines on the datastore could use, in MB (1,000,000 bytes).
    #[tf(computed, volatile)]
    pub uncommitted_space: Value<i64>,
    /// The URL of the datastore.
    #[tf(computed)]
    pub url: Value<String>,
}

impl From<&DatastoreSummary> for Summary {
    fn from(summary: &DatastoreSummary) -> Self {
        Self {
            accessible: summary.accessible.into(),
            capacity: (summary.capacity / MB).into(),
            free_space: (summary.free_space / MB).into(),
            maintenance_mode: summary.maintenance_mode.clone().unwrap_or_default().into(),
            multiple_host_access: summary.multiple_host_access.unwrap_or_default().into(),
            uncommitted_space: (summary.uncommitted.unwrap_or_default() / MB).into(),
            url: summary.url.clone().into(),
        }
    }
}

/// The datacenter of a host, for the attribute of that host.
///
/// # Errors
/// The host is in none.
pub(super) async fn datacenter(vsphere: &Vsphere, host: &MoRef, at: Field) -> Result<MoRef> {
    let found = vsphere.api.find().datacenter_of(host).await;
    let found = found.doing_to(format!("find the datacenter of {host}"), |_| Some(at))?;
    found.ok_or_else(|| {
        let detail = "A datastore is in the datacenter of its hosts.";
        Diagnostics::error(at, format!("{host} is not in a datacenter"), detail)
    })
}

/// A look for the datastore that a host would make: in the folder of datastores of its datacenter, by its name.
///
/// # Errors
/// Those of any call.
pub(super) async fn made(
    vsphere: &Vsphere,
    host: &MoRef,
    name: &str,
) -> vsphere_client::Result<Option<MoRef>> {
    let Some(datacenter) = vsphere.api.find().datacenter_of(host).await? else { return Ok(None) };
    let folder = vsphere.api.find().folder(Some((&datacenter, Area::Datastore)), "").await?;
    let child = vsphere.api.find().child(&folder, name).await?;
    Ok(child.filter(|c| &*c.ty == "Datastore"))
}

/// A datastore, with where it is and its labels; `None` if it does not exist. `state` are the labels of the state.
///
/// # Errors
/// It cannot be read. `title` is a sentence part.
pub(super) async fn read(
    vsphere: &Vsphere,
    object: &MoRef,
    title: &str,
    state: &Labels,
) -> Result<Option<(Mounted, Location, Labels)>> {
    let datastores = vsphere.api.datastores();
    let (read, carried) = futures_util::join!(datastores.get(object), Labels::read_tags(vsphere, object));
    let Some(read) = or_absent(read.map(Some)).doing(format!("read {title}"))? else { return Ok(None) };
    let labels = Labels::of(&carried?, &custom_fields::texts(&read.custom_values), state);
    let location = Location::of(vsphere, read.parent.as_ref()).await?;
    Ok(Some((read, location, labels)))
}

/// A datastore that is to be deleted; `None` if it does not exist. `rule` is the sentence about virtual machines that use
/// it.
///
/// # Errors
/// Virtual machines use it, or it cannot be read.
pub(super) async fn to_delete(
    vsphere: &Vsphere,
    object: &MoRef,
    (name, title): (&str, &str),
    rule: &str,
) -> Result<Option<Mounted>> {
    let datastores = vsphere.api.datastores();
    let read = async { futures_util::try_join!(datastores.get(object), datastores.machines(object)) };
    let read = or_absent(read.await.map(Some)).doing(format!("read {title}"))?;
    let Some((read, machines)) = read else { return Ok(None) };
    unused(vsphere, name, &machines, rule).await?;
    Ok(Some(read))
}

/// An error where virtual machines use a datastore; `rule` is the sentence about it.
///
/// # Errors
/// Which ones use it.
async fn unused(vsphere: &Vsphere, name: &str, machines: &[MoRef], rule: &str) -> Result<()> {
    let machines = machine::known(vsphere, machines).await?;
    if machines.is_empty() {
        return Ok(());
    }
    let detail = format!(
        "{rule} It is used by\n{}\nMove or delete them first.",
        listed(machines.iter().map(machine::Machine::title))
    );
    Err(Diagnostics::error(AttributePath::root(), format!("Datastore {name:?} is in use"), detail))
}
