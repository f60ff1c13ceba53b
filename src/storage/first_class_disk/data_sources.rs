//! `data.vsphere_first_class_disks`
use super::{gib, type_name};
use crate::common::moid::{Datastore, MoId};
use crate::common::regex;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Model, Result, Value};
use vsphere_client::first_class_disk::FirstClassDisk as Disk;

/// Lists the first class disks on a datastore, including the persistent volumes of Kubernetes clusters.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_first_class_disks", category = "Storage")]
pub struct FirstClassDisksModel {
    /// The managed object ID of the datastore.
    #[tf(computed)]
    pub id: Value<String>,
    /// The managed object ID of the datastore, such as `datastore-12`.
    #[tf(required, form = MoId::<Datastore>::form)]
    pub datastore_id: Value<String>,
    /// A regular expression to match against any part of the name of a disk. If omitted, all disks are listed.
    #[tf(optional, check = regex::form)]
    pub name_regex: Value<String>,
    /// The matching disks, sorted by name and ID.
    #[tf(computed)]
    pub disks: Value<Vec<FoundModel>>,
}

/// A first class disk.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct FoundModel {
    /// The ID of the disk, a UUID.
    #[tf(computed)]
    pub id: Value<String>,
    /// The name of the disk.
    #[tf(computed)]
    pub name: Value<String>,
    /// The size of the disk, in GiB, rounded up.
    #[tf(computed)]
    pub size: Value<i64>,
    /// The size of the disk, in MiB.
    #[tf(computed)]
    pub size_mb: Value<i64>,
    /// The provisioning type: `thin`, `lazy` or `eagerZeroedThick`. Null if vCenter does not report it.
    #[tf(computed)]
    pub r#type: Value<String>,
    /// The path of the disk with its datastore.
    #[tf(computed)]
    pub path: Value<String>,
    /// Whether the disk is kept when a virtual machine that it is attached to is deleted.
    #[tf(computed)]
    pub keep_after_delete_vm: Value<bool>,
    /// The IDs of the virtual machines that the disk is attached to, as vCenter reports them.
    #[tf(computed)]
    pub consumer_ids: Value<Vec<String>>,
    /// The time when the disk was created, in RFC 3339 format.
    #[tf(computed)]
    pub created: Value<String>,
}

type M = FirstClassDisksModel;

/// The data source.
#[derive(Debug, Default)]
pub struct FirstClassDisks;

impl From<Disk> for FoundModel {
    fn from(disk: Disk) -> Self {
        Self {
            size: gib(disk.capacity_mib).into(),
            size_mb: disk.capacity_mib.into(),
            r#type: disk.provisioning.map(|p| type_name(p).to_owned()).into(),
            id: disk.id.into(),
            name: disk.name.into(),
            path: disk.path.into(),
            keep_after_delete_vm: disk.keep_after_delete_vm.into(),
            consumer_ids: disk.consumers.into(),
            created: Some(disk.created).filter(|t| !t.is_empty()).into(),
        }
    }
}

/// All disks of a datastore, by name and ID.
///
/// # Errors
/// The datastore does not exist, or cannot be read.
pub(super) async fn all(vsphere: &Vsphere, id: &str) -> Result<Vec<Disk>> {
    let object = MoId::<Datastore>::object(id);
    match vsphere.api.first_class_disks().list(&object).await {
        Err(e) if e.is_not_found() => Err(MoId::<Datastore>::not_found(id, M::DATASTORE_ID)),
        read => read.doing_to(format!("list the first class disks of {object}"), |_| Some(M::DATASTORE_ID)),
    }
}

impl DataSource for FirstClassDisks {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let id = config.datastore_id.as_str();
        let fits = regex::filter(config.name_regex.as_str());
        let found = all(cx.client, id).await?.into_iter().filter(|d| fits(&d.name));
        let disks: Vec<FoundModel> = found.map(FoundModel::from).collect();
        Ok(M { id: id.into(), disks: disks.into(), ..config })
    }
}
