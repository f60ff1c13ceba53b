//! The boundary between the wire and everything else: plain requests, plain answers.
//!
//! The wire translates each RPC into one call of [`ProviderServer`], and nothing more.
use crate::{AttributePath, Diagnostics, Dynamic, Schema, Type};
use async_trait::async_trait;
use std::collections::BTreeMap;

/// Opaque bytes that Terraform keeps beside a state for the provider.
pub type Private = Vec<u8>;

/// One parameter of a function.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: Type,
    /// Its description, in Markdown.
    pub doc: &'static str,
    /// Whether null is an argument; otherwise Terraform refuses it.
    pub allow_null: bool,
}

/// What a function takes and gives.
#[derive(Debug, Clone)]
pub struct Signature {
    /// Its name, without the provider.
    pub name: &'static str,
    /// One line that says what it is for.
    pub summary: &'static str,
    /// Its description, in Markdown.
    pub doc: &'static str,
    /// Its parameters, in order.
    pub parameters: Vec<Parameter>,
    /// What any number of further arguments is.
    pub variadic: Option<Parameter>,
    /// What it gives.
    pub returns: Type,
}

/// Everything that the provider serves.
#[derive(Debug, Default)]
pub struct Catalog {
    /// The provider block.
    pub provider: Schema,
    /// Resources by type name.
    pub resources: BTreeMap<&'static str, Schema>,
    /// Data sources by type name.
    pub data_sources: BTreeMap<&'static str, Schema>,
    /// Ephemeral resources by type name.
    pub ephemerals: BTreeMap<&'static str, Schema>,
    /// Functions by name.
    pub functions: BTreeMap<&'static str, Signature>,
}

/// A value, and what there is to say about it.
#[derive(Default)]
pub struct Answer {
    /// The value: a state, null for an object that does not exist, or a result.
    pub value: Dynamic,
    /// Opaque bytes to keep beside it.
    pub private: Private,
    /// What went wrong.
    pub diagnostics: Diagnostics,
}

/// `PlanResourceChange`
pub struct PlanRequest {
    /// The resource type.
    pub type_name: String,
    /// What there is; null while planning to create.
    pub prior: Dynamic,
    /// What Terraform would make of prior and configuration.
    pub proposed: Dynamic,
    /// The configuration; null while planning to destroy.
    pub config: Dynamic,
    /// The bytes kept beside the prior state.
    pub private: Private,
}

/// The answer to a [`PlanRequest`].
#[derive(Default)]
pub struct PlanAnswer {
    /// The planned state.
    pub planned: Dynamic,
    /// Attributes whose change needs a new object.
    pub requires_replace: Vec<AttributePath>,
    /// Bytes for the apply that follows.
    pub private: Private,
    /// Core's stricter checks are off for this answer, see the plan rule.
    pub legacy_type_system: bool,
    /// What went wrong.
    pub diagnostics: Diagnostics,
}

/// `ApplyResourceChange`
pub struct ApplyRequest {
    /// The resource type.
    pub type_name: String,
    /// What there is; null for a creation.
    pub prior: Dynamic,
    /// What was planned; null for a destruction.
    pub planned: Dynamic,
    /// The configuration; null for a destruction.
    pub config: Dynamic,
    /// The bytes of the plan.
    pub private: Private,
}

/// One object that an import found.
pub struct Imported {
    /// Its type.
    pub type_name: String,
    /// The beginning of its state; a read follows.
    pub state: Dynamic,
    /// Bytes to keep beside it.
    pub private: Private,
}

/// `MoveResourceState`
pub struct MoveRequest {
    /// The address of the provider that wrote the state.
    pub source_provider: String,
    /// The type that it had there.
    pub source_type: String,
    /// The version of its schema.
    pub source_version: i64,
    /// The state, as JSON.
    pub source_json: Vec<u8>,
    /// The bytes kept beside it.
    pub source_private: Private,
    /// The type that it gets here.
    pub target_type: String,
}

/// An ephemeral resource that was opened or renewed.
#[derive(Default)]
pub struct Opened {
    /// Its result; null after a renewal.
    pub result: Dynamic,
    /// Bytes for renewing and closing.
    pub private: Private,
    /// Seconds since the epoch at which it wants to be renewed.
    pub renew_at: Option<i64>,
    /// What went wrong.
    pub diagnostics: Diagnostics,
}

/// A function call that failed.
#[derive(Debug)]
pub struct FunctionError {
    /// What is wrong.
    pub text: String,
    /// The argument to blame, counted from 0.
    pub argument: Option<i64>,
}

/// The provider, without types: one method for each RPC.
///
/// A panic in a resource comes back as a diagnostic, with what exists in the state; any other is for the caller to catch.
#[async_trait]
pub trait ProviderServer: Send + Sync + 'static {
    /// Everything that the provider serves.
    fn catalog(&self) -> &Catalog;

    /// Checks the provider block without a server.
    async fn validate_provider(&self, config: Dynamic) -> Diagnostics;

    /// Takes the provider block. `terraform_version` goes into the user agent.
    async fn configure(&self, terraform_version: &str, config: Dynamic) -> Diagnostics;

    /// Checks the configuration of a resource without a server.
    async fn validate_resource(&self, type_name: &str, config: Dynamic) -> Diagnostics;

    /// Brings a stored state (JSON) to the present schema; called for every state, whatever its version.
    async fn upgrade_resource_state(&self, type_name: &str, version: i64, json: &[u8]) -> Answer;

    /// Reads the object. A null value means that it does not exist.
    async fn read_resource(&self, type_name: &str, state: Dynamic, private: Private) -> Answer;

    /// Plans a change.
    async fn plan_resource(&self, request: PlanRequest) -> PlanAnswer;

    /// Carries out a planned change. The value holds what exists, also after an error.
    async fn apply_resource(&self, request: ApplyRequest) -> Answer;

    /// Finds what an import id names.
    async fn import_resource(&self, type_name: &str, id: &str) -> (Vec<Imported>, Diagnostics);

    /// Takes over a state of another type or provider.
    async fn move_resource(&self, request: MoveRequest) -> Answer;

    /// Checks the configuration of a data source without a server.
    async fn validate_data_source(&self, type_name: &str, config: Dynamic) -> Diagnostics;

    /// Reads a data source.
    async fn read_data_source(&self, type_name: &str, config: Dynamic) -> Answer;

    /// Calls a function; arguments are as many as Terraform passed, variadic ones included.
    async fn call_function(&self, name: &str, arguments: Vec<Dynamic>) -> Result<Dynamic, FunctionError>;

    /// Checks the configuration of an ephemeral resource.
    async fn validate_ephemeral(&self, type_name: &str, config: Dynamic) -> Diagnostics;

    /// Opens an ephemeral resource.
    async fn open_ephemeral(&self, type_name: &str, config: Dynamic) -> Opened;

    /// Renews an ephemeral resource.
    async fn renew_ephemeral(&self, type_name: &str, private: Private) -> Opened;

    /// Closes an ephemeral resource.
    async fn close_ephemeral(&self, type_name: &str, private: Private) -> Diagnostics;

    /// Terraform was interrupted: cancels what can be cancelled; calls in flight answer with what exists.
    fn stop(&self);

    /// The process ends: closes sessions.
    async fn shutdown(&self);
}
