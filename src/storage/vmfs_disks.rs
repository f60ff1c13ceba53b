//! `data.vsphere_vmfs_disks`
use crate::common::moid::{Host, MoId};
use crate::common::regex;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Model, Result, Value};

/// Lists the local disks and LUNs of a host, for use in the `disks` argument of `vsphere_vmfs_datastore`.
///
/// All disks are listed, including disks that are used by a datastore or by the ESXi installation.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_vmfs_disks", category = "Storage")]
pub struct VmfsDisksModel {
    /// The managed object ID of the host.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The managed object ID of the host, such as `host-10`.
    #[tf(required, form = MoId::<Host>::form)]
    pub host_system_id: Value<String>,
    /// Whether to rescan all storage adapters of the host before listing the disks, which can take minutes. Requires
    /// the `Host.Config.Storage` privilege.
    #[tf(optional)]
    pub rescan: Value<bool>,
    /// A regular expression to match against any part of the canonical name of a disk.
    #[tf(optional, check = regex::form)]
    pub filter: Value<String>,
    /// The sorted canonical names of the matching disks, such as `naa.600508b1001c3ea7a838b0480a7f8e5c`.
    #[tf(computed)]
    pub disks: Value<Vec<String>>,
}

type M = VmfsDisksModel;

/// The data source.
#[derive(Debug, Default)]
pub struct VmfsDisks;

/// The names that match, sorted. Pure.
fn matching(names: impl IntoIterator<Item = String>, filter: &str) -> Vec<String> {
    let fits = regex::filter(filter);
    let mut out: Vec<String> = names.into_iter().filter(|n| fits(n)).collect();
    out.sort();
    out
}

impl DataSource for VmfsDisks {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let id = config.host_system_id.as_str();
        let (host, storage) = (MoId::<Host>::object(id), cx.client.api.host_storage());
        let missing = || MoId::<Host>::not_found(id, M::HOST_SYSTEM_ID);
        if config.rescan.get() {
            match storage.rescan(&host).await {
                Err(e) if e.is_not_found() => return Err(missing()),
                done => done.doing_to(format!("scan for disks of {host}"), |_| Some(M::RESCAN))?,
            }
        }
        let disks = match storage.disks(&host).await {
            Err(e) if e.is_not_found() => return Err(missing()),
            read => read.doing(format!("read the disks of {host}"))?,
        };
        let names = disks.into_iter().filter_map(|d| d.canonical_name.clone());
        Ok(M { id: id.into(), disks: matching(names, config.filter.as_str()).into(), ..config })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disks_are_selected_by_a_part_of_the_name_and_sorted() {
        let all = || ["naa.2", "mpx.vmhba0:C0:T0:L0", "naa.1"].map(str::to_owned);
        assert_eq!(matching(all(), "naa"), ["naa.1", "naa.2"]);
        assert_eq!(matching(all(), "^$"), [""; 0]);
        assert_eq!(matching(all(), "").len(), 3);
    }
}
