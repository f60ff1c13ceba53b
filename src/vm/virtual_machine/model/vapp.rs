//! The vApp options.
use std::collections::BTreeMap;
use tf_framework::{Model, Value};

/// The vApp options.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VappModel {
    /// A map from property IDs to values. Only properties that the virtual machine defines can be set.
    #[tf(optional)]
    pub properties: Value<BTreeMap<String, String>>,
    /// The transports that provide the vApp properties to the guest: `com.vmware.guestInfo` (VMware Tools) or `iso` (a
    /// CD-ROM drive). If omitted, they are not managed.
    #[tf(optional, each(one_of("com.vmware.guestInfo", "iso")))]
    pub transport: Value<Vec<String>>,
}
