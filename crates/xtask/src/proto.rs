//! `cargo xtask proto`: the code of the plugin protocol. Its compiler is a crate of its own, so that nothing else waits
//! for it to be built.
use crate::root;
use anyhow::Result;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only compare, and fail where the code is stale
    #[arg(long)]
    check: bool,
}

/// Writes or compares it.
pub(crate) fn run(args: &Args) -> Result<bool> {
    let mut c = root::cargo();
    c.args(["run", "--quiet", "--package", "proto-gen", "--"]);
    if args.check {
        c.arg("--check");
    }
    Ok(c.status()?.success())
}
