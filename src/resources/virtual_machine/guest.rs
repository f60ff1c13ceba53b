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
