//! The plugin binary: start-up only.
fn main() {}
