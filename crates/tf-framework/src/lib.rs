//! A Terraform provider framework without a wire.
//!
//! Invariant: nothing in this crate knows gRPC, msgpack or vSphere, and nothing does IO.
extern crate self as tf_framework;

pub mod check;
mod diag;
pub mod docs;
mod dynamic;
mod erased;
mod go_duration;
pub mod json;
mod model;
mod path;
mod pipeline;
mod private;
mod resource;
pub mod rule;
pub mod same;
mod schema;
mod serve;
pub mod server;
mod timeouts;
mod types;
pub mod validate;
mod value;

pub use diag::{Cause, Diagnostic, Diagnostics, Result, Severity};
pub use dynamic::{Dynamic, Object};
pub use model::{At, Attr, Element, Empty, Fields, Model, Secret, Slot, read_element};
pub use path::{AttributePath, Field, Step};
pub use resource::{
    Cx, DataCx, DataSource, DestroyCx, Ephemeral, Function, Lease, Plan, PlanCx, Provider, Resource,
};
pub use schema::{Attribute, Block, NestedBlock, Nesting, Same, Schema};
pub use serve::Server;
pub use tf_framework_derive::Model;
pub use timeouts::Timeouts;
pub use types::Type;
pub use validate::{Relation, Validator};
pub use value::Value;
