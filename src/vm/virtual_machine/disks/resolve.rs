//! The names of datastores, which the paths of files begin with. This is all that disks ask the server.
use super::super::model::VirtualMachineModel as M;
use super::super::place::datastore_names;
use super::assemble::datastores;
use super::convert::{self, disks};
use super::model::DiskModel;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use std::collections::BTreeMap;
use tf_framework::{AttributePath, Diagnostics, Result};

/// The names of all datastores that a plan mentions, by their ids; one batch of reads.
///
/// # Errors
/// An id that is no datastore's, at the attribute that has it.
pub(in super::super) async fn resolve(vsphere: &Vsphere, plan: &M) -> Result<BTreeMap<String, String>> {
    let mut names = BTreeMap::new();
    for (id, name) in datastore_names(vsphere, datastores(plan)).await {
        match name {
            Ok(name) => drop(names.insert(id, name)),
            Err(e) if e.is_not_found() => {
                return Err(no_datastore(place(plan, &id), &id));
            }
            Err(e) => {
                let doing = format!("read the name of {}", convert::datastore(&id));
                return Err(e).doing(doing);
            }
        }
    }
    Ok(names)
}

/// What is said of an id that no datastore has.
pub(in super::super) fn no_datastore(at: impl Into<AttributePath>, id: &str) -> Diagnostics {
    let detail = "The vCenter has no datastore with this managed object id, or the user may not see it. The data source \
                  `vsphere_datastore` finds the id of a datastore by its name.";
    Diagnostics::error(at, format!("The datastore {id:?} does not exist"), detail)
}

/// The attribute that has an id.
fn place(plan: &M, id: &str) -> AttributePath {
    let disk = disks(plan).iter().position(|d| d.datastore_id.as_str() == id);
    disk.map_or_else(|| M::DATASTORE_ID.into(), |i| M::DISK.index(i).field(DiskModel::DATASTORE_ID))
}
