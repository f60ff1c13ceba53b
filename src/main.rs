//! The plugin binary: start-up only.
use provider_vsphere::{provider, wire};
use std::process::ExitCode;

fn main() -> ExitCode {
    wire::main(provider::server)
}
