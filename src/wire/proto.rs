//! What the build script makes of the files in `proto/`.
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
    tonic::include_proto!("tfplugin6");
}

/// The services of go-plugin.
pub(super) mod plugin {
    tonic::include_proto!("plugin");
}
