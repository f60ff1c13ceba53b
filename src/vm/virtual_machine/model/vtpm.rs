//! The virtual Trusted Platform Module.
use tf_framework::{Model, Value};

/// A virtual Trusted Platform Module (vTPM).
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VtpmModel {
    /// The TPM version: `2.0` or `1.2`.
    #[tf(optional, default = "2.0", one_of("2.0", "1.2"))]
    pub version: Value<String>,
}
