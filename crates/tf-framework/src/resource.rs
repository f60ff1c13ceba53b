//! What a provider implements: resources, data sources, functions, ephemeral resources, and itself.
use crate::model::{self, differences};
use crate::pipeline::{IMPORTED, UNSAID};
use crate::private::PrivateData;
use crate::server::{FunctionError, Signature};
use crate::{
    Attr as _, AttributePath, Diagnostic, Diagnostics, Dynamic, Element, Field, Fields, Model, Object,
    Result, Value,
};
use serde_json::Value as Json;
use std::future::Future;
use std::ops::Deref;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

fn lock<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic while one of these is held leaves a value that is still whole.
    m.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One call of a resource, whatever its type: what it may use, and what it leaves.
pub(crate) struct Call<'a, C> {
    pub(crate) client: &'a C,
    pub(crate) cancel: CancellationToken,
    pub(crate) timeout: Option<Duration>,
    /// Null where there is none.
    pub(crate) config: Dynamic,
    left: Mutex<Left>,
}

/// What a call left, however it ended.
#[derive(Default)]
pub(crate) struct Left {
    pub(crate) saved: Option<Dynamic>,
    pub(crate) warnings: Diagnostics,
    pub(crate) private: PrivateData,
}

impl<'a, C> Call<'a, C> {
    pub(crate) fn new(client: &'a C, cancel: CancellationToken, private: PrivateData) -> Self {
        let left = Left { private, ..Left::default() };
        Self { client, cancel, timeout: None, config: Dynamic::Null, left: Mutex::new(left) }
    }

    pub(crate) fn left(&self) -> MutexGuard<'_, Left> {
        lock(&self.left)
    }

    pub(crate) fn into_left(self) -> Left {
        self.left.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one call of a resource may use: the provider's client, and a place to save what already exists.
pub struct Cx<'a, R: Resource> {
    call: &'a Call<'a, R::Client>,
    config: Option<R::Model>,
}

impl<'a, R: Resource> Cx<'a, R> {
    pub(crate) fn new(call: &'a Call<'a, R::Client>) -> Result<Self> {
        Ok(Self { call, config: (!call.config.is_null()).then(|| typed(&call.config)).transpose()? })
    }

    /// The configured provider.
    pub fn client(&self) -> &'a R::Client {
        self.call.client
    }

    /// Cancelled when Terraform was interrupted.
    pub fn cancel(&self) -> &CancellationToken {
        &self.call.cancel
    }

    /// How long the operation may take: what the `timeouts` block says, or else `default`.
    pub fn timeout(&self, default: Duration) -> Duration {
        self.call.timeout.unwrap_or(default)
    }

    /// The configuration, during create and update: the only place that has write-only values.
    pub fn config(&self) -> Option<&R::Model> {
        self.config.as_ref()
    }

    /// Remember what exists now. If the call fails later, this is the state that Terraform keeps.
    pub fn checkpoint(&self, m: &R::Model) {
        let state = m.write();
        self.call.left().saved = Some(state);
    }

    /// Adds a warning.
    pub fn warn(&self, at: impl Into<AttributePath>, summary: impl Into<String>, detail: impl Into<String>) {
        let warning = Diagnostics::warning(at, summary, detail);
        self.call.left().warnings.merge(warning);
    }

    /// Whether the state before an update is what an import has found, and nothing has been applied since: it cannot say
    /// what no server keeps.
    pub fn imported(&self) -> bool {
        self.call.left().private.get(UNSAID).is_some()
    }

    /// Whether this is the read that completes an import.
    pub fn importing(&self) -> bool {
        self.call.left().private.get(IMPORTED).is_some()
    }

    /// What the provider kept beside the state.
    pub fn private(&self, key: &str) -> Option<Json> {
        self.call.left().private.get(key).cloned()
    }

    /// Keep something beside the state; null removes it.
    pub fn set_private(&self, key: &str, value: Json) {
        self.call.left().private.set(key, value);
    }
}

/// From an untyped value to the model of a type.
pub(crate) fn typed<M: Model>(v: &Dynamic) -> Result<M> {
    M::read(v, &AttributePath::root())
}

/// What a plan hook sees.
pub struct PlanCx<'a, R: Resource> {
    /// The configured provider; `None` while its own configuration is not known yet.
    pub client: Option<&'a R::Client>,
    /// What there is; `None` while planning to create.
    pub prior: Option<&'a R::Model>,
    /// What the user wrote.
    pub config: &'a R::Model,
    /// Whether anything is to be changed, as far as the schema can say.
    pub changed: bool,
    /// Changes that only a new object can make: what the schema says, for the hook to add to and to take from.
    pub replace: &'a mut Vec<AttributePath>,
    /// Set it where a list block of the plan keeps elements that the configuration does not have: core's stricter
    /// checks are then off for this one answer.
    pub keeps_undeclared: &'a mut bool,
    /// What the user should know.
    pub warnings: &'a mut Diagnostics,
    pub(crate) private: &'a PrivateData,
}

impl<'a, R: Resource> PlanCx<'a, R> {
    /// What the provider kept beside the state.
    pub fn private(&self, key: &str) -> Option<&'a Json> {
        self.private.get(key)
    }

    /// Whether the state is what an import has found, and nothing has been applied since: it cannot say what no server
    /// keeps.
    pub fn imported(&self) -> bool {
        self.private.get(UNSAID).is_some()
    }

    /// Whether there is to be a new object in the place of an old one.
    pub fn is_replacement(&self) -> bool {
        self.prior.is_some() && !self.replace.is_empty()
    }

    /// Ends a plan hook with what was found: warnings are kept.
    ///
    /// # Errors
    /// What was found, when there is an error in it.
    pub fn finish(&mut self, found: Diagnostics) -> Result<()> {
        if found.has_errors() {
            return Err(found);
        }
        self.warnings.merge(found);
        Ok(())
    }

    /// Adds a warning.
    pub fn warn(
        &mut self,
        at: impl Into<AttributePath>,
        summary: impl Into<String>,
        detail: impl Into<String>,
    ) {
        self.warnings.merge(Diagnostics::warning(at, summary, detail));
    }
}

/// What is planned, for a plan hook to read as a model, and to change member by member.
///
/// A typed model cannot hold everything that an untyped value can (an unknown element of a list of strings), so what a
/// hook does not change stays what it was.
pub struct Plan<'a, M> {
    model: M,
    edits: &'a mut Object,
}

impl<M> Deref for Plan<'_, M> {
    type Target = M;

    fn deref(&self) -> &M {
        &self.model
    }
}

impl<'a, M: Model> Plan<'a, M> {
    pub(crate) fn new(model: M, edits: &'a mut Object) -> Self {
        Self { model, edits }
    }

    /// Sets a member.
    pub fn set<T: Element>(&mut self, field: Field, value: Value<T>) {
        edit(&mut self.model, self.edits, field, &value.write());
    }

    /// Leaves a member for the apply to tell.
    pub fn unknown(&mut self, field: Field) {
        edit(&mut self.model, self.edits, field, &Dynamic::Unknown);
        // Also one that is unknown already, which then stays so.
        self.edits.insert(field.0.to_owned(), Dynamic::Unknown);
    }

    /// Plans that there is none of a member.
    pub fn null(&mut self, field: Field) {
        edit(&mut self.model, self.edits, field, &Dynamic::Null);
    }

    /// Sets members to what they are in another model, mostly that of the prior state.
    pub fn copy_from(&mut self, other: &M, fields: &[Field]) {
        for field in fields {
            edit(&mut self.model, self.edits, *field, &other.value(*field));
        }
    }

    /// Sets all members in which `wanted` is another one: for a plan that is worked out as a whole.
    pub fn become_model(&mut self, wanted: M) {
        self.edits.extend(differences(&self.model, &wanted));
        self.model = wanted;
    }
}

fn edit(model: &mut dyn Fields, edits: &mut Object, field: Field, to: &Dynamic) {
    let before = model::value(model, field);
    model::set_value(model, field, to);
    let after = model::value(model, field);
    if before != after {
        edits.insert(field.0.to_owned(), after);
    }
}

/// What a look at a destruction sees.
pub struct DestroyCx<'a, C> {
    /// The configured provider; `None` while its own configuration is not known yet.
    pub client: Option<&'a C>,
    pub(crate) private: PrivateData,
}

impl<C> DestroyCx<'_, C> {
    /// What the provider kept beside the state.
    pub fn private(&self, key: &str) -> Option<&Json> {
        self.private.get(key)
    }
}

/// One managed resource type.
///
/// After `create` and `update` the framework saves what they return and calls `read`: the state is always what
/// the server returns, in the spelling of the configuration.
pub trait Resource: Sized + Send + Sync + 'static {
    /// Its schema and its values.
    type Model: Model;
    /// The configured provider.
    type Client: Send + Sync + 'static;

    /// Checks a configuration beyond what the schema can say; no server, unknown values pass.
    fn validate(&self, config: &Self::Model) -> Diagnostics {
        let _ = config;
        Diagnostics::default()
    }

    /// Changes the plan further than the schema can say; called for every create and update, also when nothing
    /// changes.
    ///
    /// # Errors
    /// What makes the plan impossible, each with its path.
    fn plan(
        &self,
        cx: &mut PlanCx<'_, Self>,
        planned: &mut Plan<'_, Self::Model>,
    ) -> impl Future<Output = Result<()>> + Send {
        let _ = (cx, planned);
        async { Ok(()) }
    }

    /// A look at what is going to be destroyed: warnings, or a refusal.
    ///
    /// # Errors
    /// What forbids the destruction.
    fn plan_destroy(
        &self,
        cx: &DestroyCx<'_, Self::Client>,
        state: &Self::Model,
    ) -> impl Future<Output = Result<Diagnostics>> + Send {
        let _ = (cx, state);
        async { Ok(Diagnostics::default()) }
    }

    /// Makes it; returns the plan with the identity filled in.
    ///
    /// # Errors
    /// What went wrong; what exists by then was given to [`Cx::checkpoint`].
    fn create(
        &self,
        cx: &Cx<'_, Self>,
        plan: Self::Model,
    ) -> impl Future<Output = Result<Self::Model>> + Send;

    /// Reads the object. `None` means that it does not exist and leaves the state.
    ///
    /// # Errors
    /// Why it could not be looked up.
    fn read(
        &self,
        cx: &Cx<'_, Self>,
        state: Self::Model,
    ) -> impl Future<Output = Result<Option<Self::Model>>> + Send;

    /// Brings it from `prior` to `plan`.
    ///
    /// # Errors
    /// What went wrong; steps that were made by then were given to [`Cx::checkpoint`].
    fn update(
        &self,
        cx: &Cx<'_, Self>,
        prior: Self::Model,
        plan: Self::Model,
    ) -> impl Future<Output = Result<Self::Model>> + Send;

    /// Deletes the object. If it no longer exists, that is a success.
    ///
    /// # Errors
    /// Why it is still there.
    fn delete(&self, cx: &Cx<'_, Self>, state: Self::Model) -> impl Future<Output = Result<()>> + Send;

    /// What an import id may be, for the errors of one that does not do, as it goes on after `Import by `: for example
    /// `the name`.
    const IMPORT: &'static str = "";

    /// The beginning of a state, from the id given to `terraform import`; `read` does the rest. An error need not say what
    /// an id may be: that is added from [`IMPORT`](Self::IMPORT).
    ///
    /// # Errors
    /// An id of the wrong form, or one that names nothing.
    fn import(&self, cx: &Cx<'_, Self>, id: &str) -> impl Future<Output = Result<Self::Model>> + Send {
        let _ = (cx, id);
        let detail = "There is nothing by which one of these could be found again.";
        async move { Err(Diagnostics::error(AttributePath::root(), "This resource cannot be imported", detail)) }
    }

    /// Brings a state of an older schema version to the present one.
    ///
    /// # Errors
    /// A state that cannot be brought there.
    fn upgrade(&self, version: i64, state: Json) -> Result<Json> {
        let _ = version;
        Ok(state)
    }

    /// Takes over a state of another type. `None`: it cannot.
    fn move_from(&self, source_type: &str, state: &Json) -> Option<Json> {
        let _ = (source_type, state);
        None
    }
}

/// What a data source may use while it reads.
pub struct DataCx<'a, C> {
    /// The configured provider.
    pub client: &'a C,
    /// Cancelled when Terraform was interrupted.
    pub cancel: CancellationToken,
    pub(crate) warnings: Mutex<Diagnostics>,
}

impl<C> DataCx<'_, C> {
    /// Adds a warning.
    pub fn warn(&self, at: impl Into<AttributePath>, summary: impl Into<String>, detail: impl Into<String>) {
        lock(&self.warnings).merge(Diagnostics::warning(at, summary, detail));
    }
}

/// One data source type.
pub trait DataSource: Sized + Send + Sync + 'static {
    /// Its schema and its values.
    type Model: Model;
    /// The configured provider.
    type Client: Send + Sync + 'static;

    /// Checks a configuration beyond what the schema can say.
    fn validate(&self, config: &Self::Model) -> Diagnostics {
        let _ = config;
        Diagnostics::default()
    }

    /// Fills in what the configuration leaves out. Nothing in `config` is unknown.
    ///
    /// # Errors
    /// What could not be found, and what there is instead.
    fn read(
        &self,
        cx: &DataCx<'_, Self::Client>,
        config: Self::Model,
    ) -> impl Future<Output = Result<Self::Model>> + Send;
}

/// One function, `provider::<name>::<function>(…)`: pure.
pub trait Function: Send + Sync + 'static {
    /// What it takes and gives.
    fn signature(&self) -> Signature;

    /// Its value. No argument is unknown; null only where the parameter allows it.
    ///
    /// # Errors
    /// What is wrong, and with which argument.
    fn call(&self, arguments: &[Dynamic]) -> std::result::Result<Dynamic, FunctionError>;
}

/// One ephemeral resource type: a value that reaches neither plan nor state.
pub trait Ephemeral: Sized + Send + Sync + 'static {
    /// Its schema and its values.
    type Model: Model;
    /// The configured provider.
    type Client: Send + Sync + 'static;

    /// Makes the value; the JSON is handed to `renew` and `close`.
    ///
    /// # Errors
    /// What went wrong.
    fn open(
        &self,
        client: &Self::Client,
        config: Self::Model,
    ) -> impl Future<Output = Result<Lease<Self::Model>>> + Send;

    /// Keeps the value alive; gives the time of the next renewal, in seconds since the epoch.
    ///
    /// # Errors
    /// What went wrong.
    fn renew(
        &self,
        client: &Self::Client,
        private: Json,
    ) -> impl Future<Output = Result<Option<i64>>> + Send {
        let _ = (client, private);
        async { Ok(None) }
    }

    /// Gives the value up.
    ///
    /// # Errors
    /// What went wrong.
    fn close(&self, client: &Self::Client, private: Json) -> impl Future<Output = Result<()>> + Send {
        let _ = (client, private);
        async { Ok(()) }
    }
}

/// An opened ephemeral resource.
pub struct Lease<M> {
    /// The values.
    pub model: M,
    /// For `renew` and `close`.
    pub private: Json,
    /// When to renew, in seconds since the epoch.
    pub renew_at: Option<i64>,
}

/// The provider block.
pub trait Provider: Sized + Send + Sync + 'static {
    /// Its schema and its values.
    type Model: Model;
    /// What resources get.
    type Client: Send + Sync + 'static;

    /// Connects. Nothing in `config` is unknown.
    ///
    /// # Errors
    /// Which value is missing or wrong, and how to set it.
    fn configure(
        &self,
        config: Self::Model,
        terraform_version: &str,
    ) -> impl Future<Output = Result<(Self::Client, Diagnostics)>> + Send;

    /// Finishes the message of a diagnostic: called once for each, when a call ends, and the place where what only the server
    /// knows (the path of an object) may be looked up.
    fn explain(&self, client: &Self::Client, diagnostic: &mut Diagnostic) -> impl Future<Output = ()> + Send {
        let _ = (client, diagnostic);
        async {}
    }

    /// Ends what `configure` began.
    fn shutdown(&self, client: &Self::Client) -> impl Future<Output = ()> + Send {
        let _ = client;
        async {}
    }
}
