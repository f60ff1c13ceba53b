//! Writes `src/wire/generated` out of `proto`, without protoc; with `--check` it only compares.
//!
//! The compiler of the protocol is not part of the build: the protocol changes once a year, and it took a tenth of the
//! time of a build from nothing.
#![allow(clippy::print_stdout, clippy::disallowed_macros, reason = "a command line tool talks on stdout")]
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use std::process::ExitCode;

fn main() -> Result<ExitCode> {
    let check = std::env::args().any(|a| a == "--check");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let proto = root.join("proto");
    let files = protox::compile([proto.join("tfplugin6.proto"), proto.join("plugin.proto")], [&proto])?;
    let fresh = std::env::temp_dir().join(format!("proto-gen-{}", std::process::id()));
    fs::create_dir_all(&fresh)?;
    tonic_prost_build::configure()
        .build_client(false)
        .bytes(".")
        // Ordered, so that the same input gives the same bytes.
        .btree_map(".")
        .out_dir(&fresh)
        .compile_fds(files)?;
    let mut stale = vec![];
    for name in ["plugin.rs", "tfplugin6.rs"] {
        let to = root.join("src/wire/generated").join(name);
        let wanted =
            fs::read_to_string(fresh.join(name)).with_context(|| format!("no {name} was written"))?;
        if fs::read_to_string(&to).is_ok_and(|is| is == wanted) {
            continue;
        }
        if check {
            stale.push(name);
        } else {
            fs::write(&to, wanted)?;
            println!("wrote src/wire/generated/{name}");
        }
    }
    fs::remove_dir_all(&fresh)?;
    if stale.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    println!("stale: {}. Run `cargo xtask proto`.", stale.join(", "));
    Ok(ExitCode::FAILURE)
}
