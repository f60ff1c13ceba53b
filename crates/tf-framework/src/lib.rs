//! A Terraform provider framework without a wire.
//!
//! Invariant: nothing in this crate knows gRPC, msgpack or vSphere, and nothing does IO.
pub mod check;
mod diag;
mod dynamic;
pub mod json;
mod path;
pub mod rule;
mod schema;
pub mod server;
mod types;
pub mod validate;
mod value;

pub use diag::{Diagnostic, Diagnostics, Result, Severity};
pub use dynamic::{Dynamic, Object};
pub use path::{AttributePath, Field, Step};
pub use schema::{Attribute, Block, NestedBlock, Nesting, Same, Schema};
pub use types::Type;
pub use validate::{Relation, Validator};
pub use value::Value;
