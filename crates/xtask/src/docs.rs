//! `cargo xtask docs` and `cargo xtask parity`: both need the provider's schemas, and so are tests of the root
//! package; this only calls them. `cargo test` alone therefore also reports stale pages.
use crate::root;
use anyhow::{Result, ensure};

/// The test that compares the pages in `docs/`, and writes them where `UPDATE` is set.
const DOCS: &str = "docs";
/// The test that compares the schemas, and lists what was added.
const PARITY: &str = "parity";
/// Set to 1, pages are written.
const UPDATE: &str = "UPDATE_DOCS";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only compare, and fail where a page is stale
    #[arg(long)]
    check: bool,
}

/// Writes or compares the pages.
pub(crate) fn run(args: &Args) -> Result<bool> {
    test(DOCS, !args.check)
}

/// Compares the schemas.
pub(crate) fn parity() -> Result<bool> {
    test(PARITY, false)
}

fn test(name: &str, update: bool) -> Result<bool> {
    ensure!(root::dir().join(format!("tests/{name}.rs")).is_file(), "tests/{name}.rs is not there yet");
    let mut c = root::cargo();
    c.args(["test", "--quiet", "--workspace", "--test", name, "--", "--nocapture"]);
    c.env_remove(UPDATE);
    if update {
        c.env(UPDATE, "1");
    }
    Ok(c.status()?.success())
}
