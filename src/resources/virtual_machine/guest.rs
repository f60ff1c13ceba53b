//! Waiting for the guest.
use tf_framework::Dynamic;
use vsphere_client::virtual_machine::AddressFilter;

/// A check for addresses and networks.
pub(super) fn addresses(v: &Dynamic) -> Result<(), String> {
    let texts = v.items().iter().filter_map(Dynamic::as_str);
    AddressFilter::new(texts).map(drop).map_err(|bad| {
        format!(
            "{bad:?} is neither an address, such as \"10.0.0.5\", nor a network, such as \"172.17.0.0/16\"."
        )
    })
}
pub(super) struct Begin;
pub(super) async fn begin(_: &crate::vsphere::Vsphere, _: &super::M) -> tf_framework::Result<Begin> {
    Ok(Begin)
}
pub(super) async fn wait(
    _: &tf_framework::Cx<'_, super::VirtualMachine>,
    _: &super::M,
    _: &vsphere_client::MoRef,
    _: Option<&Begin>,
) -> tf_framework::Result<()> {
    Ok(())
}
