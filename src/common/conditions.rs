//! Conditions as Kubernetes has them: what should be, and whether it is.
use tf_framework::{Model, Value};

/// A condition.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct ConditionModel {
    /// The type of the condition.
    #[tf(computed)]
    pub r#type: Value<String>,
    /// `True`, `False` or `Unknown`.
    #[tf(computed)]
    pub status: Value<String>,
    /// Why the status is not `True`, in one word; otherwise empty.
    #[tf(computed)]
    pub reason: Value<String>,
    /// The same in a sentence; otherwise empty.
    #[tf(computed)]
    pub message: Value<String>,
}

impl ConditionModel {
    fn new(r#type: &str, status: &str, reason: &str, message: String) -> Self {
        Self { r#type: r#type.into(), status: status.into(), reason: reason.into(), message: message.into() }
    }

    /// A condition that is met.
    pub(crate) fn met(r#type: &str) -> Self {
        Self::new(r#type, "True", "", String::new())
    }

    /// A condition that is not met.
    pub(crate) fn unmet(r#type: &str, reason: &str, message: impl Into<String>) -> Self {
        Self::new(r#type, "False", reason, message.into())
    }

    /// A condition of which it is not known whether it is met.
    pub(crate) fn unclear(r#type: &str, reason: &str, message: impl Into<String>) -> Self {
        Self::new(r#type, "Unknown", reason, message.into())
    }
}
