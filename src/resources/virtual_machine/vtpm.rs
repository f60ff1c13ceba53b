//! The virtual trusted platform module.
use tf_framework::{Model, Value};

/// A virtual trusted platform module.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VtpmModel {
    /// The version of the module: `2.0` or `1.2`.
    #[tf(optional, default = "2.0", one_of("2.0", "1.2"))]
    pub version: Value<String>,
}
