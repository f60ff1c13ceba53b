//! Panics: reported in the log and to the user, without values that may be secret.
//!
//! The text of a panic often holds the value that was not expected. Only a text that is literally in the source is
//! repeated; of any other, the place alone.
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, PanicHookInfo};
use tf_framework::{AttributePath, Diagnostics};

thread_local! {
    /// Where the last panic on this thread was, and what it said.
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Logs every panic as an error.
pub(super) fn install() {
    std::panic::set_hook(Box::new(|info| {
        let report = describe(info);
        tracing::error!(panic = report.as_str(), "the provider panicked: this is a bug");
        LAST.with(|last| *last.borrow_mut() = Some(report));
    }));
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    let place = info.location().map_or_else(String::new, |l| format!("{}:{}", l.file(), l.line()));
    match fixed_text(info.payload()) {
        Some(text) => format!("{place}: {text}"),
        None => place,
    }
}

/// The text of a panic that was made without values: `panic!("…")`, `unreachable!()`, `None.unwrap()`.
fn fixed_text(payload: &(dyn Any + Send)) -> Option<&'static str> {
    payload.downcast_ref::<&'static str>().copied()
}

/// Runs a call to its end; a panic is an error that says where.
pub(super) async fn caught(
    rpc: &'static str,
    call: BoxFuture<'static, Result<(), Diagnostics>>,
) -> Result<(), Diagnostics> {
    // Nothing of the call is used after a panic; what it shares with others is behind locks, which then are
    // poisoned or hold a whole value.
    AssertUnwindSafe(call).catch_unwind().await.unwrap_or_else(|_| {
        let place = LAST.with(|last| last.borrow_mut().take()).unwrap_or_default();
        Err(Diagnostics::error(
            AttributePath::root(),
            "The provider failed",
            format!(
                "A bug in the provider stopped {rpc} ({place}). The state is as it was before. Please report it, \
                 with the log of a run with TF_LOG_PROVIDER=DEBUG."
            ),
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_reported_without_its_values() {
        install();
        let fixed = caught("Test", async { panic!("a fixed text") }.boxed()).await.unwrap_err().to_string();
        assert!(fixed.contains("a fixed text") && fixed.contains("panics.rs:"), "{fixed}");
        let password = "hunter2".to_owned();
        let report =
            caught("Test", async move { panic!("not expected: {password}") }.boxed()).await.unwrap_err();
        assert!(
            !report.to_string().contains("hunter2") && report.to_string().contains("panics.rs:"),
            "{report}"
        );
    }
}
