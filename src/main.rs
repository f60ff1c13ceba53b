//! The plugin binary: start-up only.
use provider_vsphere::{server, wire};
use std::process::ExitCode;

fn main() -> ExitCode {
    wire::main(server)
}
