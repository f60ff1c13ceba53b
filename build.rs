//! Compiles the protocol without protoc.
#[allow(clippy::disallowed_macros, reason = "this is how a build script speaks to cargo")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    let files = protox::compile(["proto/tfplugin6.proto", "proto/plugin.proto"], ["proto"])?;
    tonic_prost_build::configure()
        .build_client(false)
        .bytes(".")
        // Ordered, so that the same catalogue gives the same bytes.
        .btree_map(".")
        .compile_fds(files)?;
    Ok(())
}
