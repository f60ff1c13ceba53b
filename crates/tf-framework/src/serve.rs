//! The provider behind the boundary: a catalog of erased types, and what is the same for all of them.
use crate::erased::{DynDataSource, DynEphemeral, DynResource, Erased};
use crate::resource::{DataSource, Ephemeral, Function, Provider, Resource};
use crate::server::{
    Answer, ApplyRequest, Catalog, FunctionError, Imported, MoveRequest, Opened, PlanAnswer, PlanRequest,
    Private, ProviderServer,
};
use crate::{AttributePath, Block, Diagnostics, Dynamic, Model, Nesting, Result, json, pipeline, validate};
use async_trait::async_trait;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use tokio_util::sync::CancellationToken;

/// A provider with everything that it serves.
pub struct Server<P: Provider> {
    provider: P,
    catalog: Catalog,
    resources: BTreeMap<&'static str, Box<dyn DynResource<P::Client>>>,
    data_sources: BTreeMap<&'static str, Box<dyn DynDataSource<P::Client>>>,
    ephemerals: BTreeMap<&'static str, Box<dyn DynEphemeral<P::Client>>>,
    functions: BTreeMap<&'static str, Box<dyn Function>>,
    client: RwLock<Option<Arc<P::Client>>>,
    cancel: RwLock<CancellationToken>,
}

impl<P: Provider> Server<P> {
    /// A provider that serves nothing yet.
    pub fn new(provider: P) -> Self {
        Self {
            provider,
            catalog: Catalog { provider: P::Model::schema(), ..Catalog::default() },
            resources: BTreeMap::new(),
            data_sources: BTreeMap::new(),
            ephemerals: BTreeMap::new(),
            functions: BTreeMap::new(),
            client: RwLock::default(),
            cancel: RwLock::default(),
        }
    }

    /// One more resource.
    #[must_use]
    pub fn resource<R: Resource<Client = P::Client>>(mut self, r: R) -> Self {
        let schema = R::Model::schema();
        self.resources.insert(schema.type_name, Box::new(Erased(r)));
        self.catalog.resources.insert(schema.type_name, schema);
        self
    }

    /// One more data source.
    #[must_use]
    pub fn data_source<D: DataSource<Client = P::Client>>(mut self, d: D) -> Self {
        let schema = D::Model::schema();
        self.data_sources.insert(schema.type_name, Box::new(Erased(d)));
        self.catalog.data_sources.insert(schema.type_name, schema);
        self
    }

    /// One more ephemeral resource.
    #[must_use]
    pub fn ephemeral<E: Ephemeral<Client = P::Client>>(mut self, e: E) -> Self {
        let schema = E::Model::schema();
        self.ephemerals.insert(schema.type_name, Box::new(Erased(e)));
        self.catalog.ephemerals.insert(schema.type_name, schema);
        self
    }

    /// One more function.
    #[must_use]
    pub fn function<F: Function>(mut self, f: F) -> Self {
        let signature = f.signature();
        self.functions.insert(signature.name, Box::new(f));
        self.catalog.functions.insert(signature.name, signature);
        self
    }

    fn client(&self) -> Option<Arc<P::Client>> {
        self.client.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn known_resource(&self, type_name: &str) -> Result<(&dyn DynResource<P::Client>, &Block)> {
        match (self.resources.get(type_name), self.catalog.resources.get(type_name)) {
            (Some(r), Some(s)) => Ok((r.as_ref(), &s.block)),
            _ => Err(unknown_type("resource", type_name)),
        }
    }

    fn known_ephemeral(&self, type_name: &str) -> Result<&dyn DynEphemeral<P::Client>> {
        let e = self.ephemerals.get(type_name).map(|e| e.as_ref());
        e.ok_or_else(|| unknown_type("ephemeral resource", type_name))
    }

    fn ready(&self) -> Result<Arc<P::Client>> {
        self.client().ok_or_else(|| {
            let detail = "A value in the provider block is known only after apply, so there is no connection yet. \
                          Apply what it depends on first (terraform apply -target=…).";
            Diagnostics::error(AttributePath::root(), "The provider is not configured yet", detail)
        })
    }

    /// What a call gets: the connection, and what ends it early.
    fn call<'a>(&self, client: &'a P::Client) -> (&'a P::Client, CancellationToken) {
        (client, self.cancel.read().unwrap_or_else(PoisonError::into_inner).child_token())
    }

    /// The messages of a call, finished.
    async fn explain(&self, diagnostics: &mut Diagnostics) {
        let Some(client) = self.client() else { return };
        for d in &mut diagnostics.0 {
            self.provider.explain(&client, d).await;
        }
    }

    fn stored(&self, type_name: &str, version: i64, mut state: Json) -> Result<Dynamic> {
        let (r, block) = self.known_resource(type_name)?;
        let present = self.catalog.resources.get(type_name).map_or(0, |s| s.version);
        if version < present {
            state = r.upgrade(version, state)?;
        }
        Ok(no_null_blocks(block, json::decode(&block.ty(), &state)?))
    }
}

#[async_trait]
impl<P: Provider> ProviderServer for Server<P> {
    fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    async fn validate_provider(&self, config: Dynamic) -> Diagnostics {
        // Nothing switches it off.
        let block = &self.catalog.provider.block;
        validate::config(block, &config).with(validate::forms(block, &config, Dynamic::null()))
    }

    async fn configure(&self, terraform_version: &str, config: Dynamic) -> Diagnostics {
        let before = self.client.write().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(before) = before {
            self.provider.shutdown(&before).await;
        }
        // A debugged provider serves several runs: a run that was stopped must not stop the next one.
        *self.cancel.write().unwrap_or_else(PoisonError::into_inner) = CancellationToken::new();
        if config.has_unknown() {
            tracing::info!("a value of the provider block is not known yet: planning without a connection");
            return Diagnostics::default();
        }
        let run = async {
            let model = P::Model::read(&config, &AttributePath::root())?;
            self.provider.configure(model, terraform_version).await
        };
        match run.await {
            Ok((client, warnings)) => {
                *self.client.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(client));
                warnings
            }
            Err(diagnostics) => diagnostics,
        }
    }

    async fn validate_resource(&self, type_name: &str, config: Dynamic) -> Diagnostics {
        match self.known_resource(type_name) {
            Ok((r, block)) => checked(block, &config, r.validate(&config)),
            Err(e) => e,
        }
    }

    async fn upgrade_resource_state(&self, type_name: &str, version: i64, json: &[u8]) -> Answer {
        let state = parse(json).and_then(|state| self.stored(type_name, version, state));
        answer(state)
    }

    async fn read_resource(&self, type_name: &str, state: Dynamic, private: Private) -> Answer {
        match (self.known_resource(type_name), self.ready()) {
            (Ok((r, block)), Ok(client)) => {
                let state = no_null_blocks(block, state);
                let mut answer = pipeline::read(r, block, self.call(&client), state, private).await;
                self.explain(&mut answer.diagnostics).await;
                answer
            }
            (Err(diagnostics), _) | (_, Err(diagnostics)) => Answer { value: state, private, diagnostics },
        }
    }

    async fn plan_resource(&self, mut request: PlanRequest) -> PlanAnswer {
        match self.known_resource(&request.type_name) {
            Ok((r, block)) => {
                request.prior = no_null_blocks(block, request.prior);
                let mut answer = pipeline::plan(r, block, self.client().as_deref(), request).await;
                self.explain(&mut answer.diagnostics).await;
                answer
            }
            Err(diagnostics) => PlanAnswer { diagnostics, ..PlanAnswer::default() },
        }
    }

    async fn apply_resource(&self, mut request: ApplyRequest) -> Answer {
        match (self.known_resource(&request.type_name), self.ready()) {
            (Ok((r, block)), Ok(client)) => {
                request.prior = no_null_blocks(block, request.prior);
                let mut answer = pipeline::apply(r, block, self.call(&client), request).await;
                self.explain(&mut answer.diagnostics).await;
                answer
            }
            (Err(diagnostics), _) | (_, Err(diagnostics)) => {
                Answer { value: request.prior, private: request.private, diagnostics }
            }
        }
    }

    async fn import_resource(&self, type_name: &str, id: &str) -> (Vec<Imported>, Diagnostics) {
        let (answer, block) = match (self.known_resource(type_name), self.ready()) {
            (Ok((r, block)), Ok(client)) => {
                let mut answer = pipeline::import(r, self.call(&client), id).await;
                self.explain(&mut answer.diagnostics).await;
                (answer, block)
            }
            (Err(diagnostics), _) | (_, Err(diagnostics)) => return (vec![], diagnostics),
        };
        if answer.diagnostics.has_errors() {
            return (vec![], answer.diagnostics);
        }
        let state = no_null_blocks(block, answer.value);
        let imported = Imported { type_name: type_name.to_owned(), state, private: answer.private };
        (vec![imported], answer.diagnostics)
    }

    async fn move_resource(&self, request: MoveRequest) -> Answer {
        let moved = || {
            let (r, _) = self.known_resource(&request.target_type)?;
            let state = parse(&request.source_json)?;
            if request.source_type == request.target_type && request.source_provider.ends_with("/vsphere") {
                // It stays what it was, with what was kept beside it.
                let value = self.stored(&request.target_type, request.source_version, state)?;
                return Ok(Answer { value, private: request.source_private.clone(), ..Answer::default() });
            }
            let Some(state) = r.move_from(&request.source_type, &state) else {
                let summary = format!(
                    "A {} of {} cannot become a {}",
                    request.source_type, request.source_provider, request.target_type
                );
                let detail = "Remove the `moved` block and import the object instead.";
                return Err(Diagnostics::error(AttributePath::root(), summary, detail));
            };
            let value = self.stored(&request.target_type, i64::MAX, state)?;
            Ok(Answer { value, ..Answer::default() })
        };
        moved().unwrap_or_else(|e: Diagnostics| answer(Err(e)))
    }

    async fn validate_data_source(&self, type_name: &str, config: Dynamic) -> Diagnostics {
        match (self.data_sources.get(type_name), self.catalog.data_sources.get(type_name)) {
            (Some(d), Some(s)) => checked(&s.block, &config, d.validate(&config)),
            _ => unknown_type("data source", type_name),
        }
    }

    async fn read_data_source(&self, type_name: &str, config: Dynamic) -> Answer {
        let known = (self.data_sources.get(type_name), self.catalog.data_sources.get(type_name));
        let (Some(d), Some(s)) = known else {
            return answer(Err(unknown_type("data source", type_name)));
        };
        match self.ready() {
            Ok(client) => {
                let mut answer = pipeline::read_data(d.as_ref(), &s.block, self.call(&client), config).await;
                self.explain(&mut answer.diagnostics).await;
                answer
            }
            Err(diagnostics) => answer(Err(diagnostics)),
        }
    }

    async fn call_function(
        &self,
        name: &str,
        arguments: Vec<Dynamic>,
    ) -> std::result::Result<Dynamic, FunctionError> {
        let text = || format!("This provider has no function `{name}`.");
        let f = self.functions.get(name).ok_or_else(|| FunctionError { text: text(), argument: None })?;
        f.call(&arguments)
    }

    async fn validate_ephemeral(&self, type_name: &str, config: Dynamic) -> Diagnostics {
        match self.catalog.ephemerals.get(type_name) {
            Some(s) => validate::config(&s.block, &config),
            None => unknown_type("ephemeral resource", type_name),
        }
    }

    async fn open_ephemeral(&self, type_name: &str, config: Dynamic) -> Opened {
        let opened = async {
            let (e, client) = (self.known_ephemeral(type_name)?, self.ready()?);
            let mut opened = e.open(&client, &config).await?;
            if let Some(s) = self.catalog.ephemerals.get(type_name) {
                opened.result = pipeline::overlay(opened.result, &config, &s.block);
            }
            Ok(opened)
        };
        let mut opened = opened.await.unwrap_or_else(lost);
        self.explain(&mut opened.diagnostics).await;
        opened
    }

    async fn renew_ephemeral(&self, type_name: &str, private: Private) -> Opened {
        let renewed = async {
            let (e, client) = (self.known_ephemeral(type_name)?, self.ready()?);
            e.renew(&client, private).await
        };
        let mut renewed = renewed.await.unwrap_or_else(lost);
        self.explain(&mut renewed.diagnostics).await;
        renewed
    }

    async fn close_ephemeral(&self, type_name: &str, private: Private) -> Diagnostics {
        let closed = async {
            let (e, client) = (self.known_ephemeral(type_name)?, self.ready()?);
            e.close(&client, private).await
        };
        let mut diagnostics = closed.await.err().unwrap_or_default();
        self.explain(&mut diagnostics).await;
        diagnostics
    }

    fn stop(&self) {
        self.cancel.read().unwrap_or_else(PoisonError::into_inner).cancel();
    }

    async fn shutdown(&self) {
        if let Some(client) = self.client() {
            self.provider.shutdown(&client).await;
        }
    }
}

fn unknown_type(kind: &str, type_name: &str) -> Diagnostics {
    let summary = format!("This provider has no {kind} `{type_name}`");
    Diagnostics::error(AttributePath::root(), summary, "Check the spelling and the provider's version.")
}

fn parse(json: &[u8]) -> Result<Json> {
    serde_json::from_slice(json)
        .map_err(|e| Diagnostics::error(AttributePath::root(), "The stored state is not JSON", e.to_string()))
}

fn answer(value: Result<Dynamic>) -> Answer {
    match value {
        Ok(value) => Answer { value, ..Answer::default() },
        Err(diagnostics) => Answer { diagnostics, ..Answer::default() },
    }
}

fn lost(diagnostics: Diagnostics) -> Opened {
    Opened { diagnostics, ..Opened::default() }
}

/// What the schema says of a configuration, and then what the type itself says.
fn checked(block: &Block, config: &Dynamic, typed: Result<Diagnostics>) -> Diagnostics {
    let mut out = validate::config(block, config);
    match typed {
        Ok(more) | Err(more) => out.merge(more),
    }
    out
}

/// A block that an older schema did not have is stored as null; a list of none is meant.
fn no_null_blocks(block: &Block, v: Dynamic) -> Dynamic {
    let Dynamic::Map(mut m) = v else { return v };
    for b in &block.blocks {
        let v = m.remove(b.name).unwrap_or_default();
        let v = match (b.nesting, v) {
            (Nesting::List | Nesting::Set, Dynamic::Null) => Dynamic::List(vec![]),
            (Nesting::Map, Dynamic::Null) => Dynamic::Map(BTreeMap::new()),
            (Nesting::Single, v) => no_null_blocks(&b.block, v),
            (_, Dynamic::List(x)) => {
                Dynamic::List(x.into_iter().map(|v| no_null_blocks(&b.block, v)).collect())
            }
            (_, Dynamic::Map(x)) => {
                Dynamic::object(x.into_iter().map(|(k, v)| (k, no_null_blocks(&b.block, v))))
            }
            (_, v) => v,
        };
        m.insert(b.name.to_owned(), v);
    }
    Dynamic::Map(m)
}
