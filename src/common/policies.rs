//! The storage policies of a vCenter, listed once in a run.
use super::once::Once;
use crate::vsphere::Vsphere;
use std::sync::Arc;
use vsphere_client::Error;
use vsphere_client::policy::Policy;

#[derive(Default)]
struct Policies(Once<(), Arc<Vec<Policy>>>);

async fn all(vsphere: &Vsphere) -> Result<Arc<Vec<Policy>>, Error> {
    let look = async { Ok(Arc::new(vsphere.api.policies().list().await?)) };
    vsphere.run::<Policies>().0.get((), look).await
}

/// All storage policies that the user may see; requested again if `enough` does not accept the list, because a policy may
/// have been created in this run. Needs `StorageProfile.View`.
///
/// # Errors
/// Those of any call.
pub(crate) async fn all_with(
    vsphere: &Vsphere,
    enough: impl Fn(&[Policy]) -> bool,
) -> Result<Arc<Vec<Policy>>, Error> {
    let listed = all(vsphere).await?;
    if enough(&listed) {
        return Ok(listed);
    }
    vsphere.run::<Policies>().0.forget(&());
    all(vsphere).await
}
