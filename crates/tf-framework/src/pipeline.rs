//! What happens to every resource and data source, whatever its type: compiled once.
use crate::erased::{Changes, Draft, DynDataSource, DynResource};
use crate::private::PrivateData;
use crate::resource::{Call, DataCx, DestroyCx, Left};
use crate::server::{Answer, ApplyRequest, PlanAnswer, PlanRequest, Private};
use crate::{AttributePath, Block, Diagnostic, Diagnostics, Dynamic, Object, Result, Severity};
use crate::{check, rule, timeouts, validate};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::Value as Json;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Kept beside the beginning of a state that an import gives, until the read that follows: the id of the import.
pub(crate) const IMPORTED: &str = "imported";
/// Kept beside the state of an import until something is applied: it says nothing that no server keeps.
pub(crate) const UNSAID: &str = "unsaid";

/// How long a look at what a failed call left may take. Terraform waits for it, after an interrupt too.
const LOOK: Duration = Duration::from_secs(60);

pub(crate) async fn plan<C: Sync>(
    r: &dyn DynResource<C>,
    block: &Block,
    client: Option<&C>,
    request: PlanRequest,
) -> PlanAnswer {
    let run = plan_change(r, block, client, &request);
    let mut answer = match guard("planning", run.boxed()).await {
        Ok(answer) => answer,
        Err(diagnostics) => PlanAnswer { diagnostics, ..PlanAnswer::default() },
    };
    let lenient = answer.legacy_type_system;
    if cfg!(debug_assertions) && !lenient && !request.config.is_null() && !answer.diagnostics.has_errors() {
        let wrong = check::plan_valid(block, &request.prior, &request.config, &answer.planned);
        answer.diagnostics.merge(broken("plan", &wrong));
    }
    answer.private = request.private;
    answer
}

async fn plan_change<C: Sync>(
    r: &dyn DynResource<C>,
    block: &Block,
    client: Option<&C>,
    request: &PlanRequest,
) -> Result<PlanAnswer> {
    let private = PrivateData::new(request.private.clone());
    if request.config.is_null() {
        let cx = DestroyCx { client, private };
        let diagnostics = r.plan_destroy(&cx, &request.prior).await?;
        return Ok(PlanAnswer { diagnostics, ..PlanAnswer::default() });
    }
    if client.is_some() {
        validate::forms(block, &request.config, &request.prior).into_result(())?;
    }
    // After an import, what no server keeps is said by the configuration alone. It goes into the state with the
    // first change, and is none by itself.
    let silent = (!request.prior.is_null() && private.get(UNSAID).is_some())
        .then(|| rule::silent(block, &request.config, &request.prior))
        .filter(|silent| *silent != request.config);
    let out = rule::plan(block, silent.as_ref().unwrap_or(&request.config), &request.prior);
    let mut changes = Changes {
        edits: Object::new(),
        replace: out.requires_replace,
        keeps_undeclared: out.legacy,
        warnings: Diagnostics::default(),
    };
    let draft = Draft {
        client,
        prior: &request.prior,
        config: &request.config,
        planned: &out.state,
        changed: out.changed,
        private: &private,
    };
    let hook = r.plan(draft, &mut changes).await;
    let Changes { edits, replace, keeps_undeclared: mut legacy, warnings } = changes;
    if let Err(refused) = hook {
        if request.prior.is_null() || out.changed {
            return Err(refused.with(warnings));
        }
        // What has not changed is never rejected: an error here would prevent every other change, and a destroy,
        // before which Terraform makes a plan like any other.
        return Ok(PlanAnswer {
            planned: out.state,
            legacy_type_system: out.legacy || silent.is_some(),
            diagnostics: warnings.with(refused.as_warnings()),
            ..PlanAnswer::default()
        });
    }
    let mut planned = out.state;
    if out.changed
        && replace.is_empty()
        && let Some(unchanged) = rule::taken_back(block, &planned, &edits, &request.prior)
    {
        planned = unchanged;
    } else if let Dynamic::Map(planned) = &mut planned {
        planned.extend(edits);
    }
    if let Some(silent) = &silent {
        if rule::equal(block, &planned, &request.prior) {
            legacy = true; // Core would not have the configured words left out.
        } else {
            let said = rule::plan(block, &request.config, &request.prior).state;
            planned = rule::spoken(planned, &said, &request.config, silent);
        }
    }
    Ok(PlanAnswer {
        planned,
        requires_replace: replace,
        private: vec![],
        legacy_type_system: legacy,
        diagnostics: warnings,
    })
}

pub(crate) async fn apply<C: Sync>(
    r: &dyn DynResource<C>,
    block: &Block,
    (client, cancel): (&C, CancellationToken),
    request: ApplyRequest,
) -> Answer {
    let ApplyRequest { prior, planned, config, private, .. } = request;
    let mut call = Call::new(client, cancel, PrivateData::new(private));
    let (doing, operation) = match (prior.is_null(), planned.is_null()) {
        (true, _) => ("creating", "create"),
        (_, true) => ("deleting", "delete"),
        _ => ("updating", "update"),
    };
    call.timeout = timeouts::configured(if planned.is_null() { &prior } else { &planned }, operation);
    call.config = config;
    let run = async {
        let made = match operation {
            "create" => r.create(&call, &planned).await?,
            "update" => r.update(&call, &prior, &planned).await?,
            _ => {
                r.delete(&call, &prior).await?;
                return Ok(Dynamic::Null);
            }
        };
        call.left().saved = Some(made.clone());
        let found = r.read(&call, &made).await?;
        if found.is_null() {
            return Err(vanished(doing));
        }
        call.left().private.set(UNSAID, Json::Null);
        Ok(rule::settle_apply(block, &planned, &found))
    };
    let result = guard(doing, run.boxed()).await;
    let Left { saved, warnings: mut diagnostics, private } = call.into_left();
    match result {
        Ok(value) => {
            if cfg!(debug_assertions) && !planned.is_null() {
                let wrong = check::apply_consistent(block, &planned, &value);
                diagnostics.merge(broken("new state", &wrong));
            }
            Answer { value, private: private.into_bytes(), diagnostics }
        }
        Err(errors) => {
            diagnostics.merge(errors);
            // Without a checkpoint nothing was made (create), or it is as it was.
            let state = saved.map_or(prior, known);
            let (value, private) = look_again(r, block, client, state, private, &mut diagnostics).await;
            Answer { value, private: private.into_bytes(), diagnostics }
        }
    }
}

/// The state after a failed call: what is there now, so that the next plan has all that is still to be done; never
/// what was only planned. Where it cannot be read, it is what was saved or what it was before.
async fn look_again<C: Sync>(
    r: &dyn DynResource<C>,
    block: &Block,
    client: &C,
    state: Dynamic,
    private: PrivateData,
    diagnostics: &mut Diagnostics,
) -> (Dynamic, PrivateData) {
    if state.is_null() {
        return (state, private);
    }
    // The call may have ended because it was cancelled; this look must not.
    let mut call = Call::new(client, CancellationToken::new(), private.clone());
    call.timeout = Some(LOOK);
    let look = async {
        let found = r.read(&call, &state).await?;
        Ok(if found.is_null() { found } else { rule::settle_read(block, &state, &found) })
    };
    match guard("reading", look.boxed()).await {
        Ok(found) => {
            let Left { warnings, private, .. } = call.into_left();
            diagnostics.merge(warnings);
            (found, private)
        }
        Err(_) => (state, private),
    }
}

pub(crate) async fn read<C: Sync>(
    r: &dyn DynResource<C>,
    block: &Block,
    (client, cancel): (&C, CancellationToken),
    state: Dynamic,
    private: Private,
) -> Answer {
    let mut call = Call::new(client, cancel, PrivateData::new(private));
    call.timeout = timeouts::configured(&state, "read");
    let run = async {
        let imported = call.left().private.get(IMPORTED).cloned();
        let found = r.read(&call, &state).await?;
        if let (true, Some(id)) = (found.is_null(), &imported) {
            let summary = format!("{id} does not exist");
            let detail = "There is no such object, or the user may not see it.";
            return Err(with_forms(r, Diagnostics::error(AttributePath::root(), summary, detail)));
        }
        // What an import began holds nothing yet whose words could be kept.
        call.left().private.set(IMPORTED, Json::Null);
        let prior = if imported.is_some() { Dynamic::null() } else { &state };
        Ok(if found.is_null() { found } else { rule::settle_read(block, prior, &found) })
    };
    let result = guard("reading", run.boxed()).await;
    let Left { warnings: mut diagnostics, private, .. } = call.into_left();
    let value = result.unwrap_or_else(|errors| {
        diagnostics.merge(errors);
        state
    });
    Answer { value, private: private.into_bytes(), diagnostics }
}

pub(crate) async fn import<C: Sync>(
    r: &dyn DynResource<C>,
    (client, cancel): (&C, CancellationToken),
    id: &str,
) -> Answer {
    let call = Call::new(client, cancel, PrivateData::default());
    call.left().private.set(IMPORTED, Json::String(id.to_owned()));
    call.left().private.set(UNSAID, Json::Bool(true));
    let import = async { r.import(&call, id).await.map_err(|e| with_forms(r, e)) };
    let result = guard("importing", import.boxed()).await;
    let Left { warnings: mut diagnostics, private, .. } = call.into_left();
    let value = result.unwrap_or_else(|errors| {
        diagnostics.merge(errors);
        Dynamic::Null
    });
    Answer { value, private: private.into_bytes(), diagnostics }
}

/// The errors of an import, with what an id may be. Where the server failed, nothing is wrong with the id.
fn with_forms<C>(r: &dyn DynResource<C>, mut errors: Diagnostics) -> Diagnostics {
    let forms = r.import_forms();
    if !forms.is_empty() {
        let about_id =
            |d: &&mut Diagnostic| d.severity == Severity::Error && !d.summary.starts_with("Unable to ");
        for error in errors.0.iter_mut().filter(about_id) {
            let separator = if error.detail.is_empty() { "" } else { "\n" };
            error.detail = format!("{}{separator}Import by {forms}.", error.detail.trim_end());
        }
    }
    errors
}

pub(crate) async fn read_data<C: Sync>(
    d: &dyn DynDataSource<C>,
    block: &Block,
    (client, cancel): (&C, CancellationToken),
    config: Dynamic,
) -> Answer {
    let cx = DataCx { client, cancel, warnings: Default::default() };
    let result = match validate::forms(block, &config, Dynamic::null()).into_result(()) {
        Ok(()) => d.read(&cx, &config).await,
        Err(e) => Err(e),
    };
    let mut diagnostics = cx.warnings.into_inner().unwrap_or_default();
    let value = match result {
        Ok(found) => overlay(found, &config, block),
        Err(errors) => {
            diagnostics.merge(errors);
            Dynamic::Null
        }
    };
    Answer { value, diagnostics, ..Answer::default() }
}

/// A bug in one resource must not lose what was saved: only here is it known. Any other panic is caught where the calls
/// of Terraform come in.
async fn guard<T>(doing: &str, run: BoxFuture<'_, Result<T>>) -> Result<T> {
    AssertUnwindSafe(run).catch_unwind().await.unwrap_or_else(|_| {
        let detail = "This is a bug in the provider; please report it with the log. \
                      What exists was saved in the state.";
        let summary = format!("The provider crashed while {doing} this");
        Err(Diagnostics::error(AttributePath::root(), summary, detail))
    })
}

fn vanished(doing: &str) -> Diagnostics {
    let detail = "vSphere accepted the change and then did not list the object. It may have been removed outside Terraform.";
    Diagnostics::error(AttributePath::root(), format!("The object vanished while {doing} it"), detail)
}

fn broken(what: &str, wrong: &[String]) -> Diagnostics {
    if wrong.is_empty() {
        return Diagnostics::default();
    }
    let summary = format!("The provider gave a {what} that Terraform would refuse");
    Diagnostics::error(AttributePath::root(), summary, wrong.join("\n"))
}

/// What was found, except where the configuration says it.
pub(crate) fn overlay(found: Dynamic, config: &Dynamic, block: &Block) -> Dynamic {
    let Dynamic::Map(found) = found else { return found };
    let said = |name: &str| -> Option<Dynamic> {
        let v = config.get(name);
        // A block that is not there is an empty list: it says nothing.
        let silent = v.is_null() || (v.is_zero() && block.nested(name).is_some());
        (!silent).then(|| v.clone())
    };
    Dynamic::object(found.into_iter().map(|(n, v)| (n.clone(), said(&n).unwrap_or(v))))
}

/// A state of a failed call: what is still unknown is null, because a state must be known.
fn known(v: Dynamic) -> Dynamic {
    match v {
        Dynamic::Unknown => Dynamic::Null,
        Dynamic::List(x) => Dynamic::List(x.into_iter().map(known).collect()),
        Dynamic::Map(m) => Dynamic::object(m.into_iter().map(|(k, v)| (k, known(v)))),
        other => other,
    }
}
