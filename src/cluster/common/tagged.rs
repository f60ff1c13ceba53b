//! The virtual machines of a cluster that have a tag.
use crate::common::cluster_config;
use crate::common::machine::{self, Machine};
use crate::common::tagging;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{Field, Result};
use vsphere_client::MoRef;
use vsphere_client::cluster::Cluster;

vsphere_client::properties! {
    struct Placed of "VirtualMachine" {
        host: Option<MoRef> = "runtime.host",
        is_template: Option<bool> = "config.template",
    }
}

/// The virtual machines of a cluster that have a tag, without templates, which DRS does not place.
///
/// # Errors
/// There is no such tag or cluster, or they cannot be read.
pub async fn machines(vsphere: &Vsphere, cluster: &str, tag: &str, at: Field) -> Result<Vec<Machine>> {
    let tags = vsphere.api.tags();
    let (cluster, found) =
        futures_util::join!(cluster_config::there::<Cluster>(vsphere, cluster), tags.attached_to(tag));
    let (cluster, mut found) = (cluster?, found.doing(format!("list the objects that have the tag {tag}"))?);
    if found.is_empty() {
        tagging::tag_of(vsphere, tag, at).await?;
    }
    found.retain(|object| &*object.ty == "VirtualMachine");
    let placed = vsphere.api.properties().get_existing::<Placed>(&found).await;
    let members: Vec<MoRef> = placed
        .doing("read the virtual machines that have the tag")?
        .into_iter()
        .filter(|(_, vm)| !vm.is_template.unwrap_or_default())
        .filter(|(_, vm)| vm.host.as_ref().is_some_and(|host| cluster.hosts.contains(host)))
        .map(|(object, _)| object)
        .collect();
    machine::known(vsphere, &members).await
}
