//! vApp properties.
use std::collections::BTreeMap;
use tf_framework::{Model, Value};

/// The vApp properties.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VappModel {
    /// The values of properties, by their ids. Only properties that the machine has can be set.
    #[tf(optional)]
    pub properties: Value<BTreeMap<String, String>>,
}
