use crate::go_duration;
use crate::{Dynamic, Model, Value};
use std::time::Duration;

/// How long each operation may take, as in `timeouts { create = "20m" }`.
#[derive(Debug, Clone, Default, PartialEq, Model)]
pub struct Timeouts {
    /// The timeout for create operations, such as `30s` or `1h30m`.
    #[tf(optional, unstored, check = duration)]
    pub create: Value<String>,
    /// The timeout for read operations.
    #[tf(optional, check = duration)]
    pub read: Value<String>,
    /// The timeout for update operations.
    #[tf(optional, unstored, check = duration)]
    pub update: Value<String>,
    /// The timeout for delete operations.
    #[tf(optional, check = duration)]
    pub delete: Value<String>,
}

/// The time that the `timeouts` block of a state or plan gives to an operation.
pub(crate) fn configured(state: &Dynamic, operation: &str) -> Option<Duration> {
    let text = state.get("timeouts").get(operation).as_str()?;
    go_duration::parse(text).ok()
}

fn duration(v: &Dynamic) -> Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    go_duration::parse(text)
        .map(|_| ())
        .map_err(|why| format!("{text:?} is not a duration: {why}. {}", go_duration::FORM))
}
