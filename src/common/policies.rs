//! The storage policies of a vCenter, listed once in a run.
use super::once::Once;
use crate::vsphere::Vsphere;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use tf_framework::Value;
use vsphere_client::Error;
use vsphere_client::policy::Policy;

#[derive(Default)]
struct Policies(Once<(), Arc<Vec<Policy>>>);

/// By the IDs of the storage policies that were asked about.
#[derive(Default)]
struct Encrypting(Once<Vec<String>, Option<Arc<BTreeSet<String>>>>);

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

/// Which of these storage policies encrypt, as far as vCenter lets the user read it. Needs `StorageProfile.View`.
pub(crate) async fn encrypting(
    vsphere: &Vsphere,
    listed: &[Policy],
) -> impl Fn(&Policy) -> Value<bool> + use<> {
    let look = async {
        let found = vsphere.api.policies().encrypting(listed).await;
        // No reason to do without the rest.
        found
            .inspect_err(|error| tracing::warn!(%error, "unable to read the data services"))
            .ok()
            .map(Arc::new)
    };
    let ids = listed.iter().map(|p| p.id.clone()).collect();
    let found = vsphere.run::<Encrypting>().0.get(ids, async { Ok::<_, Infallible>(look.await) }).await;
    let found = found.ok().flatten();
    move |policy| found.as_ref().map(|ids| ids.contains(&policy.id)).into()
}
