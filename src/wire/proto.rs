//! What `cargo xtask proto` makes of the files in `proto/`.
#![allow(
    missing_docs,
    unreachable_pub,
    unused_qualifications,
    dead_code,
    clippy::all,
    reason = "generated code"
)]

/// Terraform's provider protocol.
pub(super) mod tfplugin6 {
    include!("generated/tfplugin6.rs");
}

/// The services of go-plugin.
pub(super) mod plugin {
    include!("generated/plugin.rs");
}
