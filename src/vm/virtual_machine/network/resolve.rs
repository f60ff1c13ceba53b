//! Looking up networks: what an interface has to be given to be on one.
use super::{Connections, convert, validate};
use crate::common::entity;
use crate::fault::Doing;
use crate::nearest::nearest;
use crate::vsphere::Vsphere;
use std::collections::BTreeSet;
use tf_framework::{AttributePath, Diagnostics, Result};
use vsphere_client::device::Connection;
use vsphere_client::virtual_machine::VirtualMachine;
use vsphere_client::{Kind, MoRef};

/// What each of the networks has to be called by; `ids` come with the attribute that names them.
///
/// # Errors
/// A network that does not exist, with the one that may have been meant; and those of any call.
pub(in super::super) async fn resolve(
    vsphere: &Vsphere,
    ids: &[(AttributePath, String)],
) -> Result<Connections> {
    let mut problems = Diagnostics::default();
    for (at, id) in ids {
        if let Some(detail) = validate::wrong_kind(id) {
            problems.merge(Diagnostics::error(at.clone(), validate::NOT_A_NETWORK, detail));
        }
    }
    problems.into_result(())?;
    let distinct: BTreeSet<&str> = ids.iter().map(|(_, id)| id.as_str()).collect();
    let mut found = read(vsphere, distinct.iter().map(|id| network(id)).collect()).await?;
    // The id of an opaque network looks like that of any other, but its type does not.
    let opaque = distinct.iter().filter(|id| !found.contains_key(**id) && looks_plain(id));
    let opaque: Vec<MoRef> = opaque.map(|id| MoRef::new("OpaqueNetwork", *id)).collect();
    if !opaque.is_empty() {
        found.extend(read(vsphere, opaque).await?);
    }
    let mut problems = Diagnostics::default();
    for (at, id) in ids.iter().filter(|(_, id)| !found.contains_key(id)) {
        problems.merge(missing(vsphere, at, id).await);
    }
    problems.into_result(found)
}

/// The same for a plan: of a network that the state names already, a failed read is not an error, because nothing has to change
/// about its interfaces. The user may have rights on port groups and none on their switch.
///
/// # Errors
/// Those of [`resolve`], for the networks that are new.
pub(in super::super) async fn resolve_plan(
    vsphere: &Vsphere,
    ids: Vec<(AttributePath, String)>,
    kept: &BTreeSet<String>,
) -> Result<Connections> {
    let (kept, new): (Vec<_>, Vec<_>) = ids.into_iter().partition(|(_, id)| kept.contains(id));
    let (new, kept) = futures_util::join!(resolve(vsphere, &new), resolve(vsphere, &kept));
    let mut all = kept.unwrap_or_default();
    all.extend(new?);
    Ok(all)
}

/// The networks of a machine whose ids its interfaces do not tell, for [`resolve`]; mostly none.
pub(in super::super) fn unclear(vm: &VirtualMachine) -> Vec<(AttributePath, String)> {
    let known = |id: &str| vm.networks.iter().any(|n| &*n.id == id);
    let is_known = |c: &Connection| {
        matches!(c, Connection::Other(_))
            || convert::network_of(c, &Connections::new(), &vm.networks).is_some_and(|id| known(&id))
    };
    if vm.devices().nics().iter().filter_map(|n| n.connection()).all(|c| is_known(&c)) {
        return vec![];
    }
    vm.networks.iter().map(|n| (AttributePath::root(), n.id.to_string())).collect()
}

fn looks_plain(id: &str) -> bool {
    entity::type_of(id).is_none_or(|ty| ty == "Network")
}

fn network(id: &str) -> MoRef {
    // Servers other than vCenter have ids of other forms, for networks of their own switches.
    MoRef::new(entity::type_of(id).unwrap_or("Network"), id)
}

async fn read(vsphere: &Vsphere, networks: Vec<MoRef>) -> Result<Connections> {
    let read = vsphere.api.networks().connections(&networks).await;
    let read = read.doing("look up the networks of the virtual machine")?;
    Ok(networks.iter().zip(read).filter_map(|(n, c)| Some((n.id.to_string(), c?))).collect())
}

async fn missing(vsphere: &Vsphere, at: &AttributePath, id: &str) -> Diagnostics {
    let all = vsphere.api.find().all(Kind::Network, None).await.unwrap_or_default();
    let named = all.iter().find(|f| f.name == id || f.path == id);
    let hint = match named {
        Some(f) => format!(" {id:?} is a name: the ID of that network is {:?}.", &*f.object.id),
        // One id is as near to another as any; a name is not.
        None if entity::type_of(id).is_some() => String::new(),
        None => nearest(id, all.iter().map(|f| f.name.as_str()))
            .and_then(|near| all.iter().find(|f| f.name == near))
            .map(|f| format!(" The network {:?} has the ID {:?}.", f.name, &*f.object.id))
            .unwrap_or_default(),
    };
    let detail = format!(
        "It does not exist, or the user lacks `System.View` on it.{hint} The data source `vsphere_network` returns \
         the ID of a network by name."
    );
    Diagnostics::error(at.clone(), format!("There is no network {id:?}"), detail)
}
