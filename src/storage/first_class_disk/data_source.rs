//! `data.vsphere_first_class_disk`
use super::data_sources::{FoundModel, all};
use crate::common::lookup::listed;
use crate::common::moid::{Datastore, MoId};
use crate::nearest::did_you_mean;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Diagnostics, Model, Result, Value};
use vsphere_client::first_class_disk::{At, FirstClassDisk as Disk};

/// Finds a first class disk on a datastore by its ID or name.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_first_class_disk", category = "Storage")]
pub struct FirstClassDiskDataModel {
    /// The ID of the disk, a UUID. Exactly one of `id` and `name` must be set.
    #[tf(optional, computed, exactly_one_of("id", "name"))]
    pub id: Value<String>,
    /// The name of the disk, which must be unique on the datastore.
    #[tf(optional, computed)]
    pub name: Value<String>,
    /// The managed object ID of the datastore, such as `datastore-12`.
    #[tf(required, form = MoId::<Datastore>::form)]
    pub datastore_id: Value<String>,
    /// The size of the disk, in GiB, rounded up.
    #[tf(computed)]
    pub size: Value<i64>,
    /// The size of the disk, in MiB.
    #[tf(computed)]
    pub size_mb: Value<i64>,
    /// The provisioning type: `thin`, `lazy` or `eagerZeroedThick`. Null if vCenter does not report it.
    #[tf(computed)]
    pub r#type: Value<String>,
    /// The path of the disk with its datastore, for use in `vsphere_virtual_disk_attachment`.
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

type M = FirstClassDiskDataModel;

/// The data source.
#[derive(Debug, Default)]
pub struct FirstClassDisk;

/// The disk of an ID or a name. Pure.
fn chosen(mut disks: Vec<Disk>, id: Option<&str>, name: &str) -> Result<Disk> {
    let names: Vec<String> = disks.iter().map(|d| d.name.clone()).collect();
    disks.retain(|d| id.map_or(d.name == name, |id| d.id.eq_ignore_ascii_case(id)));
    match (disks.len(), id) {
        (0, Some(id)) => {
            let detail = "The datastore has no first class disk with this ID.";
            Err(Diagnostics::error(M::ID, format!("There is no first class disk {id:?}"), detail))
        }
        (0, None) => {
            let near = did_you_mean(name, names.iter().map(String::as_str));
            let detail = format!("The datastore has no first class disk with this name.{near}");
            Err(Diagnostics::error(M::NAME, format!("There is no first class disk {name:?}"), detail))
        }
        (1, _) => Ok(disks.remove(0)),
        _ => {
            let ids = disks.into_iter().map(|d| d.id).collect::<Vec<_>>();
            let detail = format!("Set `id` instead. The IDs are:\n{}", listed(ids.into_iter()));
            let summary = format!("Several first class disks are named {name:?}");
            Err(Diagnostics::error(M::NAME, summary, detail))
        }
    }
}

/// The disk of an ID, as it is spelled: one request, where the list of a datastore takes one for each disk. What is wrong
/// otherwise is said with the list.
async fn by_id(vsphere: &Vsphere, datastore: &str, id: Option<&str>) -> Option<Disk> {
    let datastore = MoId::<Datastore>::object(datastore);
    vsphere.api.first_class_disks().get(At { datastore: &datastore, id: id? }).await.ok().flatten()
}

impl DataSource for FirstClassDisk {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let (vsphere, datastore) = (cx.client, config.datastore_id.as_str());
        let id = config.id.known().map(String::as_str);
        let found = match by_id(vsphere, datastore, id).await {
            Some(found) => found,
            None => chosen(all(vsphere, datastore).await?, id, config.name.as_str())?,
        };
        let f = FoundModel::from(found);
        Ok(M {
            id: f.id,
            name: f.name,
            datastore_id: config.datastore_id,
            size: f.size,
            size_mb: f.size_mb,
            r#type: f.r#type,
            path: f.path,
            keep_after_delete_vm: f.keep_after_delete_vm,
            consumer_ids: f.consumer_ids,
            created: f.created,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk(id: &str, name: &str) -> Disk {
        Disk {
            id: id.to_owned(),
            name: name.to_owned(),
            capacity_mib: 1,
            path: None,
            provisioning: None,
            keep_after_delete_vm: true,
            consumers: vec![],
            created: String::new(),
        }
    }

    #[test]
    fn a_disk_is_chosen_by_id_or_by_its_only_name() {
        let all = || vec![disk("u1", "a"), disk("u2", "b"), disk("u3", "b")];
        let of = |id: Option<&str>, name: &str| match chosen(all(), id, name) {
            Ok(found) => found.id,
            Err(problem) => problem.0.iter().map(|d| d.summary.clone()).collect(),
        };
        assert_eq!(of(Some("U2"), ""), "u2");
        assert_eq!(of(None, "a"), "u1");
        assert_eq!(of(None, "b"), "Several first class disks are named \"b\"");
        assert_eq!(of(None, "c"), "There is no first class disk \"c\"");
        assert_eq!(of(Some("u9"), ""), "There is no first class disk \"u9\"");
    }
}
