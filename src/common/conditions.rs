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
    /// Why the status is not `True`, in one word; otherwise null.
    #[tf(computed)]
    pub reason: Value<String>,
    /// The same in a sentence; otherwise null.
    #[tf(computed)]
    pub message: Value<String>,
}

impl ConditionModel {
    fn new(r#type: &str, status: &str) -> Self {
        Self { r#type: r#type.into(), status: status.into(), reason: Value::Null, message: Value::Null }
    }

    fn because(self, reason: &str, message: impl Into<String>) -> Self {
        Self { reason: reason.into(), message: message.into().into(), ..self }
    }

    /// A condition that is met.
    pub(crate) fn met(r#type: &str) -> Self {
        Self::new(r#type, "True")
    }

    /// A condition that is not met.
    pub(crate) fn unmet(r#type: &str, reason: &str, message: impl Into<String>) -> Self {
        Self::new(r#type, "False").because(reason, message)
    }

    /// A condition of which it is not known whether it is met.
    pub(crate) fn unclear(r#type: &str, reason: &str, message: impl Into<String>) -> Self {
        Self::new(r#type, "Unknown").because(reason, message)
    }
}
