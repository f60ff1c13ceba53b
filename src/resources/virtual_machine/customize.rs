//! How the guest of a clone is set up.
use crate::common::customization::CustomizationModel;
use tf_framework::{Model, Value};

/// A customization specification that vCenter keeps.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct CustomizationSpecModel {
    /// Its name, which is the `id` of `vsphere_guest_os_customization`.
    #[tf(required)]
    pub id: Value<String>,
    /// How long customization may take, in minutes; 0 not to wait for it.
    #[tf(optional, default = 10)]
    pub timeout: Value<i64>,
}

/// How the guest is set up.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct CustomizeModel {
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub guest: CustomizationModel,
    /// How long customization may take, in minutes; 0 or less not to wait for it.
    #[tf(optional, default = 10)]
    pub timeout: Value<i64>,
}
