//! Typed resources behind one object-safe face, so that the server can hold them in a map.
//!
//! What is generic here is kept thin: it is compiled once for each type.
use crate::private::PrivateData;
use crate::resource::{Cx, DataCx, DataSource, DestroyCx, Ephemeral, PlanCx, Resource};
use crate::server::{Answer, ApplyRequest, Opened, PlanAnswer, PlanRequest, Private};
use crate::{AttributePath, Block, Diagnostic, Diagnostics, Dynamic, Model, Object, Result, Severity};
use crate::{check, rule, timeouts, validate};
use async_trait::async_trait;
use futures_util::FutureExt;
use serde_json::Value as Json;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What every erased call gets.
pub(crate) struct Call<'a, C> {
    pub(crate) client: &'a C,
    pub(crate) cancel: CancellationToken,
}

#[async_trait]
pub(crate) trait DynResource<C: Send + Sync>: Send + Sync {
    fn validate(&self, config: &Dynamic) -> Result<Diagnostics>;
    async fn plan(&self, block: &Block, client: Option<&C>, request: PlanRequest) -> PlanAnswer;
    async fn apply(&self, block: &Block, call: Call<'_, C>, request: ApplyRequest) -> Answer;
    async fn read(&self, block: &Block, call: Call<'_, C>, state: Dynamic, private: Private) -> Answer;
    async fn import(&self, call: Call<'_, C>, id: &str) -> Answer;
    fn upgrade(&self, version: i64, state: Json) -> Result<Json>;
    fn move_from(&self, source_type: &str, state: &Json) -> Option<Json>;
}

/// Kept beside the beginning of a state that an import gives, until the read that follows: the id of the import.
const IMPORTED: &str = "imported";
/// Kept beside the state of an import until something is applied: it says nothing that no server keeps.
pub(crate) const UNSAID: &str = "unsaid";

pub(crate) struct Erased<T>(pub(crate) T);

fn typed<M: Model>(v: &Dynamic) -> Result<M> {
    M::read(v, &AttributePath::root())
}

#[async_trait]
impl<R: Resource> DynResource<R::Client> for Erased<R> {
    fn validate(&self, config: &Dynamic) -> Result<Diagnostics> {
        Ok(self.0.validate(&typed::<R::Model>(config)?))
    }

    async fn plan(&self, block: &Block, client: Option<&R::Client>, request: PlanRequest) -> PlanAnswer {
        let run = async {
            if request.config.is_null() {
                let state = typed::<R::Model>(&request.prior)?;
                let cx = DestroyCx { client, private: PrivateData::new(request.private.clone()) };
                let diagnostics = self.0.plan_destroy(&cx, &state).await?;
                return Ok(PlanAnswer { diagnostics, ..PlanAnswer::default() });
            }
            if client.is_some() {
                validate::forms(block, &request.config, &request.prior).into_result(())?;
            }
            let private = PrivateData::new(request.private.clone());
            let said = rule::plan(block, &request.config, &request.prior);
            // After an import, what no server keeps is said by the configuration alone. It goes into the state with the
            // first change, and is none by itself.
            let silent = (!request.prior.is_null() && private.get(UNSAID).is_some())
                .then(|| rule::silent(block, &request.config, &request.prior))
                .filter(|silent| *silent != request.config);
            let out = match &silent {
                Some(silent) => rule::plan(block, silent, &request.prior),
                None => said.clone(),
            };
            let prior = (!request.prior.is_null()).then(|| typed::<R::Model>(&request.prior)).transpose()?;
            let config = typed::<R::Model>(&request.config)?;
            let mut planned = typed::<R::Model>(&out.state)?;
            let before = planned.write();
            let mut cx = PlanCx {
                client,
                prior: prior.as_ref(),
                config: &config,
                changed: out.changed,
                replace: out.requires_replace,
                keeps_undeclared: out.legacy,
                private,
                warnings: Diagnostics::default(),
            };
            let unchanged = prior.is_some() && !out.changed;
            if let Err(refused) = self.0.plan(&mut cx, &mut planned).await {
                if !unchanged {
                    return Err(refused.with(cx.warnings));
                }
                // What has not changed is never refused: an error here would stand in the way of every other change,
                // and of a destruction, before which Terraform makes a plan like any other.
                return Ok(PlanAnswer {
                    planned: out.state,
                    legacy_type_system: out.legacy || silent.is_some(),
                    diagnostics: cx.warnings.with(refused.as_warnings()),
                    ..PlanAnswer::default()
                });
            }
            let (requires_replace, mut legacy, diagnostics) = (cx.replace, cx.keeps_undeclared, cx.warnings);
            let mut planned = take_changes(out.state, &before, planned.write());
            if let Some(silent) = &silent {
                if rule::equal(block, &planned, &request.prior) {
                    legacy = true; // Core would not have the configured words left out.
                } else {
                    planned = rule::spoken(planned, &said.state, &request.config, silent);
                }
            }
            Ok(PlanAnswer {
                planned,
                requires_replace,
                private: vec![],
                legacy_type_system: legacy,
                diagnostics,
            })
        };
        let mut answer = match guard("planning", run).await {
            Ok(answer) => answer,
            Err(diagnostics) => PlanAnswer { diagnostics, ..PlanAnswer::default() },
        };
        let lenient = answer.legacy_type_system;
        if cfg!(debug_assertions) && !lenient && !request.config.is_null() && !answer.diagnostics.has_errors()
        {
            let wrong = check::plan_valid(block, &request.prior, &request.config, &answer.planned);
            answer.diagnostics.merge(broken("plan", &wrong));
        }
        answer.private = request.private;
        answer
    }

    async fn apply(&self, block: &Block, call: Call<'_, R::Client>, request: ApplyRequest) -> Answer {
        let ApplyRequest { prior, planned, config, private, .. } = request;
        let (doing, operation) = match (prior.is_null(), planned.is_null()) {
            (true, _) => ("creating", "create"),
            (_, true) => ("deleting", "delete"),
            _ => ("updating", "update"),
        };
        let timeout = timeouts::configured(if planned.is_null() { &prior } else { &planned }, operation);
        let config = if config.is_null() { None } else { typed::<R::Model>(&config).ok() };
        let cx = Cx::<R>::new(call.client, call.cancel, timeout, config, PrivateData::new(private));
        let run = async {
            let made = match operation {
                // Boxed, as each of them is large, and only one of them is needed.
                "create" => Box::pin(self.0.create(&cx, typed::<R::Model>(&planned)?)).await?,
                "update" => {
                    let before = typed::<R::Model>(&prior)?;
                    Box::pin(self.0.update(&cx, before, typed::<R::Model>(&planned)?)).await?
                }
                _ => {
                    Box::pin(self.0.delete(&cx, typed::<R::Model>(&prior)?)).await?;
                    return Ok(Dynamic::Null);
                }
            };
            cx.checkpoint(&made);
            let found = self.0.read(&cx, made).await?.ok_or_else(|| vanished(doing))?;
            cx.set_private(UNSAID, Json::Null);
            Ok(rule::settle_apply(block, &planned, &found.write()))
        };
        let result = guard(doing, run).await;
        let (saved, mut diagnostics, private) = cx.into_parts();
        let value = match result {
            Ok(value) => {
                if cfg!(debug_assertions) && !planned.is_null() {
                    let wrong = check::apply_consistent(block, &planned, &value);
                    diagnostics.merge(broken("new state", &wrong));
                }
                value
            }
            Err(errors) => {
                diagnostics.merge(errors);
                let what_is_there = match &saved {
                    Some(m) => known(m.write()),
                    // Without a checkpoint nothing was made (create), or it is as it was.
                    None => prior,
                };
                let left = Left { block, client: call.client, state: what_is_there, private };
                let (value, private) = Box::pin(self.look_again(left, &mut diagnostics)).await;
                return Answer { value, private: private.into_bytes(), diagnostics };
            }
        };
        Answer { value, private: private.into_bytes(), diagnostics }
    }

    async fn read(
        &self,
        block: &Block,
        call: Call<'_, R::Client>,
        state: Dynamic,
        private: Private,
    ) -> Answer {
        let timeout = timeouts::configured(&state, "read");
        let cx = Cx::<R>::new(call.client, call.cancel, timeout, None, PrivateData::new(private));
        let run = async {
            let imported = cx.private(IMPORTED);
            let found = match (self.0.read(&cx, typed::<R::Model>(&state)?).await, &imported) {
                (Ok(None), Some(id)) => {
                    let summary = format!("{id} does not exist");
                    let detail = "There is no such object, or the user may not see it.";
                    return Err(with_forms::<R>(Diagnostics::error(AttributePath::root(), summary, detail)));
                }
                (found, _) => found?,
            };
            // What an import began holds nothing yet whose words could be kept.
            cx.set_private(IMPORTED, Json::Null);
            let prior = if imported.is_some() { Dynamic::null() } else { &state };
            Ok(found.map_or(Dynamic::Null, |m| rule::settle_read(block, prior, &m.write())))
        };
        let result = guard("reading", run).await;
        let (_, mut diagnostics, private) = cx.into_parts();
        let value = result.unwrap_or_else(|errors| {
            diagnostics.merge(errors);
            state.clone()
        });
        Answer { value, private: private.into_bytes(), diagnostics }
    }

    async fn import(&self, call: Call<'_, R::Client>, id: &str) -> Answer {
        let cx = Cx::<R>::new(call.client, call.cancel, None, None, PrivateData::default());
        cx.set_private(IMPORTED, Json::String(id.to_owned()));
        cx.set_private(UNSAID, true.into());
        let import = async { Ok(self.0.import(&cx, id).await.map_err(with_forms::<R>)?.write()) };
        let result = guard("importing", import).await;
        let (_, mut diagnostics, private) = cx.into_parts();
        let value = result.unwrap_or_else(|errors| {
            diagnostics.merge(errors);
            Dynamic::Null
        });
        Answer { value, private: private.into_bytes(), diagnostics }
    }

    fn upgrade(&self, version: i64, state: Json) -> Result<Json> {
        self.0.upgrade(version, state)
    }

    fn move_from(&self, source_type: &str, state: &Json) -> Option<Json> {
        self.0.move_from(source_type, state)
    }
}

/// The errors of an import, with what an id may be. Where the server failed, nothing is wrong with the id.
fn with_forms<R: Resource>(mut errors: Diagnostics) -> Diagnostics {
    if !R::IMPORT.is_empty() {
        let about_id =
            |d: &&mut Diagnostic| d.severity == Severity::Error && !d.summary.starts_with("Unable to ");
        for error in errors.0.iter_mut().filter(about_id) {
            let separator = if error.detail.is_empty() { "" } else { "\n" };
            error.detail = format!("{}{separator}Import by {}.", error.detail.trim_end(), R::IMPORT);
        }
    }
    errors
}

/// What a failed call left behind, as far as it is known without a look.
struct Left<'a, C> {
    block: &'a Block,
    client: &'a C,
    state: Dynamic,
    private: PrivateData,
}

/// How long a look at what a failed call left may take. Terraform waits for it, after an interrupt too.
const LOOK: Duration = Duration::from_secs(60);

impl<R: Resource> Erased<R> {
    /// The state after a failed call: what is there now, so that the next plan has all that is still to be done; never
    /// what was only planned. Where it cannot be read, it is what was saved or what it was before.
    async fn look_again(
        &self,
        left: Left<'_, R::Client>,
        diagnostics: &mut Diagnostics,
    ) -> (Dynamic, PrivateData) {
        let Left { block, client, state, private } = left;
        if state.is_null() {
            return (state, private);
        }
        // The call may have ended because it was cancelled; this look must not.
        let cx = Cx::<R>::new(client, CancellationToken::new(), Some(LOOK), None, private.clone());
        let look = async {
            let found = self.0.read(&cx, typed::<R::Model>(&state)?).await?;
            Ok(found.map_or(Dynamic::Null, |m| rule::settle_read(block, &state, &m.write())))
        };
        match guard("reading", look).await {
            Ok(found) => {
                let (_, warnings, private) = cx.into_parts();
                diagnostics.merge(warnings);
                (found, private)
            }
            Err(_) => (state, private),
        }
    }
}

#[async_trait]
pub(crate) trait DynDataSource<C: Send + Sync>: Send + Sync {
    fn validate(&self, config: &Dynamic) -> Result<Diagnostics>;
    async fn read(&self, call: Call<'_, C>, config: Dynamic) -> Answer;
}

#[async_trait]
impl<D: DataSource> DynDataSource<D::Client> for Erased<D> {
    fn validate(&self, config: &Dynamic) -> Result<Diagnostics> {
        Ok(self.0.validate(&typed::<D::Model>(config)?))
    }

    async fn read(&self, call: Call<'_, D::Client>, config: Dynamic) -> Answer {
        let cx = DataCx { client: call.client, cancel: call.cancel, warnings: Default::default() };
        let run = async {
            validate::forms(&D::Model::block(), &config, Dynamic::null()).into_result(())?;
            Ok(self.0.read(&cx, typed::<D::Model>(&config)?).await?.write())
        };
        let result = guard("reading", run).await;
        let mut diagnostics = cx.warnings.into_inner().unwrap_or_default();
        match result {
            Ok(found) => Answer {
                value: overlay(found, &config, &D::Model::block()),
                diagnostics,
                ..Answer::default()
            },
            Err(errors) => {
                diagnostics.merge(errors);
                Answer { diagnostics, ..Answer::default() }
            }
        }
    }
}

#[async_trait]
pub(crate) trait DynEphemeral<C: Send + Sync>: Send + Sync {
    async fn open(&self, client: &C, config: Dynamic) -> Opened;
    async fn renew(&self, client: &C, private: Private) -> Opened;
    async fn close(&self, client: &C, private: Private) -> Diagnostics;
}

#[async_trait]
impl<E: Ephemeral> DynEphemeral<E::Client> for Erased<E> {
    async fn open(&self, client: &E::Client, config: Dynamic) -> Opened {
        let run = async {
            let lease = self.0.open(client, typed::<E::Model>(&config)?).await?;
            Ok(Opened {
                result: overlay(lease.model.write(), &config, &E::Model::block()),
                private: lease.private.to_string().into_bytes(),
                renew_at: lease.renew_at,
                diagnostics: Diagnostics::default(),
            })
        };
        guard("opening", run).await.unwrap_or_else(failed)
    }

    async fn renew(&self, client: &E::Client, private: Private) -> Opened {
        let kept = private.clone();
        let run = async {
            let json = serde_json::from_slice(&private).unwrap_or_default();
            let renew_at = self.0.renew(client, json).await?;
            Ok(Opened { private: kept, renew_at, ..Opened::default() })
        };
        guard("renewing", run).await.unwrap_or_else(failed)
    }

    async fn close(&self, client: &E::Client, private: Private) -> Diagnostics {
        let json = serde_json::from_slice(&private).unwrap_or_default();
        guard("closing", self.0.close(client, json)).await.err().unwrap_or_default()
    }
}

fn failed(diagnostics: Diagnostics) -> Opened {
    Opened { diagnostics, ..Opened::default() }
}

/// A bug in one resource must not take the others down, nor lose what was saved.
async fn guard<T>(doing: &str, run: impl Future<Output = Result<T>>) -> Result<T> {
    match AssertUnwindSafe(run).catch_unwind().await {
        Ok(result) => result,
        Err(_) => {
            let detail = "This is a bug in the provider; please report it with the log. \
                          What exists was saved in the state.";
            let summary = format!("The provider crashed while {doing} this");
            Err(Diagnostics::error(AttributePath::root(), summary, detail))
        }
    }
}

fn vanished(doing: &str) -> Diagnostics {
    let detail =
        "vSphere accepted the change and then did not list the object. Somebody may have removed it.";
    Diagnostics::error(AttributePath::root(), format!("The object vanished while {doing} it"), detail)
}

fn broken(what: &str, wrong: &[String]) -> Diagnostics {
    if wrong.is_empty() {
        return Diagnostics::default();
    }
    let summary = format!("The provider gave a {what} that Terraform would refuse");
    Diagnostics::error(AttributePath::root(), summary, wrong.join("\n"))
}

/// `state`, with the members that differ between `before` and `after`.
///
/// A typed model cannot hold everything that an untyped value can (an unknown element of a list of strings), so
/// only what a hook really changed is taken from it.
fn take_changes(state: Dynamic, before: &Dynamic, after: Dynamic) -> Dynamic {
    let (Dynamic::Map(mut state), Dynamic::Map(after)) = (state, after) else { return Dynamic::Null };
    for (name, v) in after {
        if v != *before.get(&name) {
            state.insert(name, v);
        }
    }
    Dynamic::Map(state)
}

/// What was found, except where the configuration says it.
fn overlay(found: Dynamic, config: &Dynamic, block: &Block) -> Dynamic {
    let Dynamic::Map(found) = found else { return found };
    let said = |name: &str| -> Option<Dynamic> {
        let v = config.get(name);
        // A block that is not there is an empty list: it says nothing.
        let silent = v.is_null() || (v.is_zero() && block.nested(name).is_some());
        (!silent).then(|| v.clone())
    };
    Dynamic::Map(found.into_iter().map(|(n, v)| (n.clone(), said(&n).unwrap_or(v))).collect::<Object>())
}

/// A state of a failed call: what is still unknown is null, because a state must be known.
fn known(v: Dynamic) -> Dynamic {
    match v {
        Dynamic::Unknown => Dynamic::Null,
        Dynamic::List(x) => Dynamic::List(x.into_iter().map(known).collect()),
        Dynamic::Map(m) => Dynamic::Map(m.into_iter().map(|(k, v)| (k, known(v))).collect()),
        other => other,
    }
}
