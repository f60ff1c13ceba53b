//! The distributed switch that other types refer to by its UUID.
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{Diagnostics, Field, Result};
use vsphere_client::MoRef;

/// The switch of a UUID; nothing where it does not exist.
///
/// # Errors
/// Why it cannot be looked up.
pub async fn existing(vsphere: &Vsphere, uuid: &str) -> Result<Option<MoRef>> {
    let found = vsphere.api.distributed_switches().by_uuid(uuid).await;
    found.doing(format!("find the distributed switch {uuid}"))
}

/// The switch of a UUID, which has to exist.
///
/// # Errors
/// It does not exist, for the attribute `at`.
pub async fn there(vsphere: &Vsphere, uuid: &str, at: Field) -> Result<MoRef> {
    existing(vsphere, uuid).await?.ok_or_else(|| {
        let detail = format!(
            "It does not exist or is not visible to user {}. Expected the UUID of a distributed switch, which is the `id` of \
             the resource and of the data source `vsphere_distributed_virtual_switch`.",
            vsphere.user
        );
        Diagnostics::error(at, format!("Distributed switch {uuid:?} not found"), detail)
    })
}
