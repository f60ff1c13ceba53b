//! The names of datastores, which the paths of files begin with. This is all that disks ask the server.
use super::super::model::{DiskModel, VirtualMachineModel as M};
use super::super::place::datastore_names;
use super::assemble::datastores;
use super::convert::{self, disks};
use crate::common::moid::{Datastore, MoId};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use std::collections::BTreeMap;
use tf_framework::{AttributePath, Result};

/// The names of all datastores that a plan mentions, by their ids; one batch of reads.
///
/// # Errors
/// An ID that is not that of a datastore, at its attribute.
pub(in super::super) async fn resolve(vsphere: &Vsphere, plan: &M) -> Result<BTreeMap<String, String>> {
    let mut names = BTreeMap::new();
    for (id, name) in datastore_names(vsphere, datastores(plan)).await {
        match name {
            Ok(name) => drop(names.insert(id, name)),
            Err(e) if e.is_not_found() => {
                return Err(MoId::<Datastore>::not_found(&id, place(plan, &id)));
            }
            Err(e) => {
                let doing = format!("read the name of {}", convert::datastore(&id));
                return Err(e).doing(doing);
            }
        }
    }
    Ok(names)
}

/// The attribute that has an id.
fn place(plan: &M, id: &str) -> AttributePath {
    let disk = disks(plan).iter().position(|d| d.datastore_id.as_str() == id);
    disk.map_or_else(|| M::DATASTORE_ID.into(), |i| M::DISK.index(i).field(DiskModel::DATASTORE_ID))
}
