//! x
use anyhow::Result;
#[derive(clap::Args)]
pub(crate) struct Args { t: String }
pub(crate) fn run(a: &Args) -> Result<bool> { println!("{}", a.t); Ok(true) }
