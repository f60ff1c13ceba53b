//! How the guest of a new virtual machine is customized.
use crate::vm::customization::CustomizationModel;
use tf_framework::{Model, Value};

/// A customization specification in vCenter.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct CustomizationSpecModel {
    /// The name of the customization specification: the `id` of a `vsphere_guest_os_customization`.
    #[tf(required)]
    pub id: Value<String>,
    /// The number of minutes to wait for the customization to complete. A value of 0 or less disables waiting.
    #[tf(optional, default = 10)]
    pub timeout: Value<i64>,
}

/// The guest customization settings.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct CustomizeModel {
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub guest: CustomizationModel,
    /// The number of minutes to wait for the customization to complete. A value of 0 or less disables waiting.
    #[tf(optional, default = 10)]
    pub timeout: Value<i64>,
}
