//! The wire, with real Terraform at its other end.
//!
//! This test is its own plugin: Terraform starts it again, under the name of a provider. That is why it has a
//! `main`, and no harness. Without Terraform on the path only the tests run that need none.
#[cfg(unix)]
mod fake;
#[cfg(unix)]
mod suite;

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    suite::main()
}

/// Signals and links are those of Unix.
#[cfg(not(unix))]
fn main() {}
