//! Terraform's service: every RPC becomes one call of the [`ProviderServer`], and its answer one message.
//!
//! No logic lives here. What comes on top is the last guard: a value that cannot be read or written, and a panic
//! that the framework let through, become diagnostics, and the state that was there stays.
use super::proto::tfplugin6 as pb;
use super::{codec, convert, panics};
use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use tf_framework::server::{
    Answer, ApplyRequest, FunctionError, MoveRequest, PlanRequest, ProviderServer, Signature,
};
use tf_framework::{AttributePath, Diagnostics, Dynamic, Schema, Type};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;
use tonic::{Request, Response, Status};
use tracing::Instrument as _;

type Reply<T> = Result<Response<T>, Status>;
type Outcome<T> = Result<T, Diagnostics>;

/// The provider, as gRPC serves it.
pub(super) struct Rpc {
    provider: Arc<dyn ProviderServer>,
    /// The calls in flight. They run on tasks of their own: when Terraform goes away in the middle of one, it is
    /// asked to stop, and not dropped between two steps.
    calls: TaskTracker,
}

impl Rpc {
    pub(super) fn new(provider: Arc<dyn ProviderServer>, calls: TaskTracker) -> Self {
        Self { provider, calls }
    }

    /// Runs one call on a task of its own, a panic included.
    fn call<T, F, C>(
        &self,
        rpc: &'static str,
        subject: &str,
        call: C,
    ) -> impl Future<Output = Outcome<T>> + Send + use<T, F, C>
    where
        T: Send + 'static,
        F: Future<Output = Outcome<T>> + Send + 'static,
        C: FnOnce(Arc<dyn ProviderServer>) -> F + Send + 'static,
    {
        let subject = (!subject.is_empty()).then_some(subject);
        let (out, answer) = oneshot::channel();
        let provider = Arc::clone(&self.provider);
        let work = async move { call(provider).await.map(|message| drop(out.send(message))) };
        let task = self.spawn(rpc, subject, work.boxed());
        async move {
            task.await.unwrap_or_else(|_| Err(cut_off(rpc)))?;
            answer.await.map_err(|_| cut_off(rpc))
        }
    }

    /// Compiled once, and not for each RPC.
    fn spawn(
        &self,
        rpc: &'static str,
        subject: Option<&str>,
        work: BoxFuture<'static, Outcome<()>>,
    ) -> JoinHandle<Outcome<()>> {
        let span = tracing::info_span!("rpc", tf_rpc = rpc, tf_type = subject);
        let task = async move {
            tracing::trace!("called");
            let outcome = panics::caught(rpc, work).await;
            tracing::trace!(failed = outcome.is_err(), "answered");
            outcome
        };
        self.calls.spawn(task.instrument(span))
    }

    /// A check of a configuration: what it finds is all that it answers.
    fn check<F, C>(
        &self,
        rpc: &'static str,
        subject: &str,
        call: C,
    ) -> impl Future<Output = Vec<pb::Diagnostic>> + Send + use<F, C>
    where
        F: Future<Output = Outcome<Diagnostics>> + Send + 'static,
        C: FnOnce(Arc<dyn ProviderServer>) -> F + Send + 'static,
    {
        let call = self.call(rpc, subject, call);
        async move { convert::diagnostics(call.await.unwrap_or_else(|failed| failed)) }
    }
}

fn cut_off(rpc: &str) -> Diagnostics {
    let detail = format!("The provider was ending, and {rpc} with it.");
    Diagnostics::error(AttributePath::root(), "The call was cut off", detail)
}

fn reply<T>(message: T) -> Reply<T> {
    Ok(Response::new(message))
}

fn type_of(schemas: &BTreeMap<&'static str, Schema>, kind: &str, name: &str) -> Outcome<Type> {
    schemas.get(name).map(|s| s.block.ty()).ok_or_else(|| {
        let detail = format!("This version of the provider has no {kind} {name:?}.");
        Diagnostics::error(AttributePath::root(), format!("Unknown {kind}"), detail)
    })
}

fn resource(p: &dyn ProviderServer, name: &str) -> Outcome<Type> {
    type_of(&p.catalog().resources, "resource", name)
}

fn data_source(p: &dyn ProviderServer, name: &str) -> Outcome<Type> {
    type_of(&p.catalog().data_sources, "data source", name)
}

fn ephemeral(p: &dyn ProviderServer, name: &str) -> Outcome<Type> {
    type_of(&p.catalog().ephemerals, "ephemeral resource", name)
}

fn decode(ty: &Type, value: Option<&pb::DynamicValue>) -> Outcome<Dynamic> {
    codec::decode(ty, value).map_err(Diagnostics::from)
}

/// Writes a value of an answer. A failure comes after what the answer has to say already.
fn encode(ty: &Type, value: &Dynamic, said: &mut Diagnostics) -> Option<pb::DynamicValue> {
    codec::encode(ty, value).map_err(|e| said.merge(e.into())).ok()
}

/// The JSON of a stored state.
fn stored(raw: Option<pb::RawState>) -> Outcome<Bytes> {
    match raw {
        Some(raw) if !raw.json.is_empty() => Ok(raw.json),
        Some(raw) if !raw.flatmap.is_empty() => Err(Diagnostics::error(
            AttributePath::root(),
            "The state is too old",
            "It was written by Terraform 0.11 or older. Apply the configuration once with Terraform 0.12 and the \
             provider of that time; then this version can read it.",
        )),
        _ => Err(Diagnostics::error(
            AttributePath::root(),
            "The state is empty",
            "Terraform passed a stored object without content.",
        )),
    }
}

fn missing_function(name: &str) -> FunctionError {
    FunctionError { text: format!("This version of the provider has no function {name:?}."), argument: None }
}

fn arguments(f: &Signature, values: &[pb::DynamicValue]) -> Result<Vec<Dynamic>, FunctionError> {
    let mut out = Vec::with_capacity(values.len());
    for (i, value) in values.iter().enumerate() {
        let argument = i64::try_from(i).ok();
        let Some(parameter) = f.parameters.get(i).or(f.variadic.as_ref()) else {
            return Err(FunctionError { text: "Too many arguments.".to_owned(), argument });
        };
        match codec::decode(&parameter.ty, Some(value)) {
            Ok(v) => out.push(v),
            Err(e) => return Err(FunctionError { text: e.to_string(), argument }),
        }
    }
    Ok(out)
}

#[tonic::async_trait]
impl pb::provider_server::Provider for Rpc {
    async fn get_metadata(&self, _: Request<pb::get_metadata::Request>) -> Reply<pb::get_metadata::Response> {
        let call = self.call("GetMetadata", "", |p| async move { Ok(convert::metadata(p.catalog())) });
        reply(call.await.unwrap_or_else(|e| pb::get_metadata::Response {
            diagnostics: convert::diagnostics(e),
            ..Default::default()
        }))
    }

    async fn get_provider_schema(
        &self,
        _: Request<pb::get_provider_schema::Request>,
    ) -> Reply<pb::get_provider_schema::Response> {
        let answer =
            self.call("GetProviderSchema", "", move |p| async move { Ok(convert::catalog(p.catalog())) });
        reply(answer.await.unwrap_or_else(|e| pb::get_provider_schema::Response {
            diagnostics: convert::diagnostics(e),
            ..Default::default()
        }))
    }

    async fn get_resource_identity_schemas(
        &self,
        _: Request<pb::get_resource_identity_schemas::Request>,
    ) -> Reply<pb::get_resource_identity_schemas::Response> {
        reply(Default::default())
    }

    async fn validate_provider_config(
        &self,
        request: Request<pb::validate_provider_config::Request>,
    ) -> Reply<pb::validate_provider_config::Response> {
        let r = request.into_inner();
        let check = self.check("ValidateProviderConfig", "", move |p| async move {
            let config = decode(&p.catalog().provider.block.ty(), r.config.as_ref())?;
            Ok(p.validate_provider(config).await)
        });
        reply(pb::validate_provider_config::Response { diagnostics: check.await })
    }

    async fn configure_provider(
        &self,
        request: Request<pb::configure_provider::Request>,
    ) -> Reply<pb::configure_provider::Response> {
        let r = request.into_inner();
        let check = self.check("ConfigureProvider", "", move |p| async move {
            let config = decode(&p.catalog().provider.block.ty(), r.config.as_ref())?;
            Ok(p.configure(&r.terraform_version, config).await)
        });
        reply(pb::configure_provider::Response { diagnostics: check.await })
    }

    async fn stop_provider(
        &self,
        _: Request<pb::stop_provider::Request>,
    ) -> Reply<pb::stop_provider::Response> {
        tracing::debug!("Terraform was interrupted: cancelling");
        // Not on a task: this must not wait its turn.
        let stop = std::panic::AssertUnwindSafe(|| self.provider.stop());
        let failed = std::panic::catch_unwind(stop).is_err();
        let error = if failed { "The provider failed to stop: this is a bug." } else { "" };
        reply(pb::stop_provider::Response { error: error.to_owned() })
    }

    async fn validate_resource_config(
        &self,
        request: Request<pb::validate_resource_config::Request>,
    ) -> Reply<pb::validate_resource_config::Response> {
        let r = request.into_inner();
        let check = self.check("ValidateResourceConfig", &r.type_name.clone(), move |p| async move {
            let config = decode(&resource(&*p, &r.type_name)?, r.config.as_ref())?;
            Ok(p.validate_resource(&r.type_name, config).await)
        });
        reply(pb::validate_resource_config::Response { diagnostics: check.await })
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<pb::upgrade_resource_state::Request>,
    ) -> Reply<pb::upgrade_resource_state::Response> {
        let r = request.into_inner();
        let call = self.call("UpgradeResourceState", &r.type_name.clone(), move |p| async move {
            let ty = resource(&*p, &r.type_name)?;
            let json = stored(r.raw_state)?;
            let mut a = p.upgrade_resource_state(&r.type_name, r.version, &json).await;
            let upgraded_state = encode(&ty, &a.value, &mut a.diagnostics);
            Ok(pb::upgrade_resource_state::Response {
                upgraded_state,
                diagnostics: convert::diagnostics(a.diagnostics),
            })
        });
        reply(call.await.unwrap_or_else(|e| pb::upgrade_resource_state::Response {
            diagnostics: convert::diagnostics(e),
            ..Default::default()
        }))
    }

    async fn upgrade_resource_identity(
        &self,
        _: Request<pb::upgrade_resource_identity::Request>,
    ) -> Reply<pb::upgrade_resource_identity::Response> {
        reply(Default::default())
    }

    async fn read_resource(
        &self,
        request: Request<pb::read_resource::Request>,
    ) -> Reply<pb::read_resource::Response> {
        let r = request.into_inner();
        let (state, private) = (r.current_state.clone(), r.private.clone());
        let call = self.call("ReadResource", &r.type_name.clone(), move |p| async move {
            let ty = resource(&*p, &r.type_name)?;
            let state = decode(&ty, r.current_state.as_ref())?;
            let mut a = p.read_resource(&r.type_name, state, r.private.into()).await;
            let new_state = encode(&ty, &a.value, &mut a.diagnostics).or(r.current_state);
            Ok(pb::read_resource::Response {
                new_state,
                private: a.private.into(),
                diagnostics: convert::diagnostics(a.diagnostics),
                ..Default::default()
            })
        });
        reply(call.await.unwrap_or_else(|e| pb::read_resource::Response {
            new_state: state,
            private,
            diagnostics: convert::diagnostics(e),
            ..Default::default()
        }))
    }

    async fn plan_resource_change(
        &self,
        request: Request<pb::plan_resource_change::Request>,
    ) -> Reply<pb::plan_resource_change::Response> {
        let r = request.into_inner();
        let (prior, private) = (r.prior_state.clone(), r.prior_private.clone());
        let call = self.call("PlanResourceChange", &r.type_name.clone(), move |p| async move {
            let ty = resource(&*p, &r.type_name)?;
            let mut a = p
                .plan_resource(PlanRequest {
                    prior: decode(&ty, r.prior_state.as_ref())?,
                    proposed: decode(&ty, r.proposed_new_state.as_ref())?,
                    config: decode(&ty, r.config.as_ref())?,
                    private: r.prior_private.into(),
                    type_name: r.type_name,
                })
                .await;
            Ok(pb::plan_resource_change::Response {
                planned_state: encode(&ty, &a.planned, &mut a.diagnostics),
                requires_replace: a.requires_replace.iter().map(convert::path).collect(),
                planned_private: a.private.into(),
                legacy_type_system: a.legacy_type_system,
                diagnostics: convert::diagnostics(a.diagnostics),
                ..Default::default()
            })
        });
        reply(call.await.unwrap_or_else(|e| pb::plan_resource_change::Response {
            planned_state: prior,
            planned_private: private,
            diagnostics: convert::diagnostics(e),
            ..Default::default()
        }))
    }

    async fn apply_resource_change(
        &self,
        request: Request<pb::apply_resource_change::Request>,
    ) -> Reply<pb::apply_resource_change::Response> {
        let r = request.into_inner();
        let (prior, private) = (r.prior_state.clone(), r.planned_private.clone());
        let call = self.call("ApplyResourceChange", &r.type_name.clone(), move |p| async move {
            let ty = resource(&*p, &r.type_name)?;
            let mut a = p
                .apply_resource(ApplyRequest {
                    prior: decode(&ty, r.prior_state.as_ref())?,
                    planned: decode(&ty, r.planned_state.as_ref())?,
                    config: decode(&ty, r.config.as_ref())?,
                    private: r.planned_private.into(),
                    type_name: r.type_name,
                })
                .await;
            let new_state = encode(&ty, &a.value, &mut a.diagnostics).or(r.prior_state);
            Ok(pb::apply_resource_change::Response {
                new_state,
                private: a.private.into(),
                diagnostics: convert::diagnostics(a.diagnostics),
                ..Default::default()
            })
        });
        reply(call.await.unwrap_or_else(|e| pb::apply_resource_change::Response {
            new_state: prior,
            private,
            diagnostics: convert::diagnostics(e),
            ..Default::default()
        }))
    }

    async fn import_resource_state(
        &self,
        request: Request<pb::import_resource_state::Request>,
    ) -> Reply<pb::import_resource_state::Response> {
        let r = request.into_inner();
        let call = self.call("ImportResourceState", &r.type_name.clone(), move |p| async move {
            resource(&*p, &r.type_name)?;
            let (found, mut said) = p.import_resource(&r.type_name, &r.id).await;
            let mut imported_resources = Vec::with_capacity(found.len());
            for one in found {
                let ty = resource(&*p, &one.type_name)?;
                imported_resources.push(pb::import_resource_state::ImportedResource {
                    state: encode(&ty, &one.state, &mut said),
                    type_name: one.type_name,
                    private: one.private.into(),
                    identity: None,
                });
            }
            Ok(pb::import_resource_state::Response {
                imported_resources,
                diagnostics: convert::diagnostics(said),
                deferred: None,
            })
        });
        reply(call.await.unwrap_or_else(|e| pb::import_resource_state::Response {
            diagnostics: convert::diagnostics(e),
            ..Default::default()
        }))
    }

    async fn move_resource_state(
        &self,
        request: Request<pb::move_resource_state::Request>,
    ) -> Reply<pb::move_resource_state::Response> {
        let r = request.into_inner();
        let call = self.call("MoveResourceState", &r.target_type_name.clone(), move |p| async move {
            let ty = resource(&*p, &r.target_type_name)?;
            let mut a = p
                .move_resource(MoveRequest {
                    source_provider: r.source_provider_address,
                    source_type: r.source_type_name,
                    source_version: r.source_schema_version,
                    source_json: stored(r.source_state)?.into(),
                    source_private: r.source_private.into(),
                    target_type: r.target_type_name,
                })
                .await;
            Ok(pb::move_resource_state::Response {
                target_state: encode(&ty, &a.value, &mut a.diagnostics),
                target_private: a.private.into(),
                diagnostics: convert::diagnostics(a.diagnostics),
                target_identity: None,
            })
        });
        reply(call.await.unwrap_or_else(|e| pb::move_resource_state::Response {
            diagnostics: convert::diagnostics(e),
            ..Default::default()
        }))
    }

    async fn generate_resource_config(
        &self,
        _: Request<pb::generate_resource_config::Request>,
    ) -> Reply<pb::generate_resource_config::Response> {
        // Core makes the configuration itself: the capability is not announced.
        reply(Default::default())
    }

    async fn validate_data_resource_config(
        &self,
        request: Request<pb::validate_data_resource_config::Request>,
    ) -> Reply<pb::validate_data_resource_config::Response> {
        let r = request.into_inner();
        let check = self.check("ValidateDataResourceConfig", &r.type_name.clone(), move |p| async move {
            let config = decode(&data_source(&*p, &r.type_name)?, r.config.as_ref())?;
            Ok(p.validate_data_source(&r.type_name, config).await)
        });
        reply(pb::validate_data_resource_config::Response { diagnostics: check.await })
    }

    async fn read_data_source(
        &self,
        request: Request<pb::read_data_source::Request>,
    ) -> Reply<pb::read_data_source::Response> {
        let r = request.into_inner();
        let call = self.call("ReadDataSource", &r.type_name.clone(), move |p| async move {
            let ty = data_source(&*p, &r.type_name)?;
            let config = decode(&ty, r.config.as_ref())?;
            let Answer { value, mut diagnostics, .. } = p.read_data_source(&r.type_name, config).await;
            Ok(pb::read_data_source::Response {
                state: encode(&ty, &value, &mut diagnostics),
                diagnostics: convert::diagnostics(diagnostics),
                deferred: None,
            })
        });
        reply(call.await.unwrap_or_else(|e| pb::read_data_source::Response {
            diagnostics: convert::diagnostics(e),
            ..Default::default()
        }))
    }

    async fn validate_ephemeral_resource_config(
        &self,
        request: Request<pb::validate_ephemeral_resource_config::Request>,
    ) -> Reply<pb::validate_ephemeral_resource_config::Response> {
        let r = request.into_inner();
        let check =
            self.check("ValidateEphemeralResourceConfig", &r.type_name.clone(), move |p| async move {
                let config = decode(&ephemeral(&*p, &r.type_name)?, r.config.as_ref())?;
                Ok(p.validate_ephemeral(&r.type_name, config).await)
            });
        reply(pb::validate_ephemeral_resource_config::Response { diagnostics: check.await })
    }

    async fn open_ephemeral_resource(
        &self,
        request: Request<pb::open_ephemeral_resource::Request>,
    ) -> Reply<pb::open_ephemeral_resource::Response> {
        let r = request.into_inner();
        let call = self.call("OpenEphemeralResource", &r.type_name.clone(), move |p| async move {
            let ty = ephemeral(&*p, &r.type_name)?;
            let config = decode(&ty, r.config.as_ref())?;
            let mut o = p.open_ephemeral(&r.type_name, config).await;
            Ok(pb::open_ephemeral_resource::Response {
                result: encode(&ty, &o.result, &mut o.diagnostics),
                renew_at: o.renew_at.map(convert::timestamp),
                private: Some(o.private.into()),
                diagnostics: convert::diagnostics(o.diagnostics),
                deferred: None,
            })
        });
        reply(call.await.unwrap_or_else(|e| pb::open_ephemeral_resource::Response {
            diagnostics: convert::diagnostics(e),
            ..Default::default()
        }))
    }

    async fn renew_ephemeral_resource(
        &self,
        request: Request<pb::renew_ephemeral_resource::Request>,
    ) -> Reply<pb::renew_ephemeral_resource::Response> {
        let r = request.into_inner();
        let private = r.private.clone();
        let call = self.call("RenewEphemeralResource", &r.type_name.clone(), move |p| async move {
            ephemeral(&*p, &r.type_name)?;
            let o = p.renew_ephemeral(&r.type_name, r.private.unwrap_or_default().into()).await;
            Ok(pb::renew_ephemeral_resource::Response {
                renew_at: o.renew_at.map(convert::timestamp),
                private: Some(o.private.into()),
                diagnostics: convert::diagnostics(o.diagnostics),
            })
        });
        reply(call.await.unwrap_or_else(|e| pb::renew_ephemeral_resource::Response {
            private,
            diagnostics: convert::diagnostics(e),
            ..Default::default()
        }))
    }

    async fn close_ephemeral_resource(
        &self,
        request: Request<pb::close_ephemeral_resource::Request>,
    ) -> Reply<pb::close_ephemeral_resource::Response> {
        let r = request.into_inner();
        let check = self.check("CloseEphemeralResource", &r.type_name.clone(), move |p| async move {
            ephemeral(&*p, &r.type_name)?;
            Ok(p.close_ephemeral(&r.type_name, r.private.unwrap_or_default().into()).await)
        });
        reply(pb::close_ephemeral_resource::Response { diagnostics: check.await })
    }

    async fn get_functions(
        &self,
        _: Request<pb::get_functions::Request>,
    ) -> Reply<pb::get_functions::Response> {
        let call = self.call("GetFunctions", "", |p| async move { Ok(convert::functions(p.catalog())) });
        reply(match call.await {
            Ok(functions) => pb::get_functions::Response { functions, diagnostics: vec![] },
            Err(e) => {
                pb::get_functions::Response { diagnostics: convert::diagnostics(e), ..Default::default() }
            }
        })
    }

    async fn call_function(
        &self,
        request: Request<pb::call_function::Request>,
    ) -> Reply<pb::call_function::Response> {
        let r = request.into_inner();
        let call = self.call("CallFunction", &r.name.clone(), move |p| async move {
            let called = async {
                let f = p.catalog().functions.get(&*r.name).ok_or_else(|| missing_function(&r.name))?;
                let value = p.call_function(&r.name, arguments(f, &r.arguments)?).await?;
                codec::encode(&f.returns, &value)
                    .map_err(|e| FunctionError { text: format!("The result is wrong: {e}"), argument: None })
            };
            Ok(match called.await {
                Ok(value) => pb::call_function::Response { result: Some(value), error: None },
                Err(e) => {
                    pb::call_function::Response { result: None, error: Some(convert::function_error(e)) }
                }
            })
        });
        reply(call.await.unwrap_or_else(|e| pb::call_function::Response {
            result: None,
            error: Some(pb::FunctionError { text: e.to_string(), function_argument: None }),
        }))
    }

    async fn validate_list_resource_config(
        &self,
        _: Request<pb::validate_list_resource_config::Request>,
    ) -> Reply<pb::validate_list_resource_config::Response> {
        reply(Default::default())
    }

    type ListResourceStream = BoxStream<'static, Result<pb::list_resource::Event, Status>>;

    async fn list_resource(&self, _: Request<pb::list_resource::Request>) -> Reply<Self::ListResourceStream> {
        reply(Box::pin(stream::empty()))
    }

    async fn validate_action_config(
        &self,
        _: Request<pb::validate_action_config::Request>,
    ) -> Reply<pb::validate_action_config::Response> {
        reply(Default::default())
    }

    async fn plan_action(&self, _: Request<pb::plan_action::Request>) -> Reply<pb::plan_action::Response> {
        reply(Default::default())
    }

    type InvokeActionStream = BoxStream<'static, Result<pb::invoke_action::Event, Status>>;

    async fn invoke_action(&self, _: Request<pb::invoke_action::Request>) -> Reply<Self::InvokeActionStream> {
        reply(Box::pin(stream::empty()))
    }
}

#[cfg(test)]
#[path = "../../tests/wire/fake.rs"]
mod fake;

#[cfg(test)]
mod tests {
    use super::fake::Fake;
    use super::*;
    use futures_util::StreamExt as _;
    use pb::provider_server::Provider as _;

    /// A provider, and the folder of its log.
    fn rpc() -> (Rpc, tempfile::TempDir) {
        let dir = tempfile::tempdir().unwrap();
        let provider = Arc::new(Fake::new(&dir.path().join("log")));
        (Rpc::new(provider, TaskTracker::new()), dir)
    }

    fn raw(bytes: &'static [u8]) -> Option<pb::DynamicValue> {
        Some(pb::DynamicValue { msgpack: Bytes::from_static(bytes), json: Bytes::new() })
    }

    const GARBAGE: &[u8] = &[0x81, 0xa4, b'm', b'o', b'd', b'e', 0x07];

    #[tokio::test]
    async fn what_cannot_be_read_is_a_diagnostic_and_the_state_stays() {
        let (rpc, _dir) = rpc();
        let request = pb::apply_resource_change::Request {
            type_name: "fake_thing".to_owned(),
            prior_state: raw(&[0xc0]),
            planned_state: raw(GARBAGE),
            planned_private: Bytes::from_static(b"kept"),
            ..Default::default()
        };
        let answer = rpc.apply_resource_change(Request::new(request)).await.unwrap().into_inner();
        assert_eq!((answer.new_state, &answer.private[..]), (raw(&[0xc0]), &b"kept"[..]));
        let said = &answer.diagnostics[0];
        assert!(said.detail.contains("expected a text, found a number"), "{said:?}");
        assert_eq!(said.attribute.as_ref().unwrap().steps.len(), 1);

        let request = pb::read_resource::Request {
            type_name: "fake_thing".to_owned(),
            current_state: raw(GARBAGE),
            private: Bytes::from_static(b"kept"),
            ..Default::default()
        };
        let answer = rpc.read_resource(Request::new(request)).await.unwrap().into_inner();
        assert_eq!((answer.new_state, &answer.private[..]), (raw(GARBAGE), &b"kept"[..]));
        assert_eq!(answer.diagnostics.len(), 1);
    }

    #[tokio::test]
    async fn an_unknown_type_is_a_diagnostic() {
        let (rpc, _dir) = rpc();
        let request = pb::validate_resource_config::Request {
            type_name: "fake_other".to_owned(),
            ..Default::default()
        };
        let answer = rpc.validate_resource_config(Request::new(request)).await.unwrap().into_inner();
        assert!(answer.diagnostics[0].detail.contains("no resource \"fake_other\""));
        let request = pb::call_function::Request { name: "other".to_owned(), arguments: vec![] };
        let answer = rpc.call_function(Request::new(request)).await.unwrap().into_inner();
        assert!(answer.error.unwrap().text.contains("no function \"other\""));
        let request = pb::call_function::Request {
            name: "echo".to_owned(),
            arguments: vec![raw(&[0xc0]).unwrap(), raw(&[0xc0]).unwrap()],
        };
        let answer = rpc.call_function(Request::new(request)).await.unwrap().into_inner();
        assert_eq!(answer.error.unwrap().function_argument, Some(1));
    }

    #[tokio::test]
    async fn a_state_of_terraform_0_11_is_a_diagnostic() {
        let (rpc, _dir) = rpc();
        let flatmap = [("id".to_owned(), "x".to_owned())].into();
        let request = pb::upgrade_resource_state::Request {
            type_name: "fake_thing".to_owned(),
            version: 0,
            raw_state: Some(pb::RawState { json: Bytes::new(), flatmap }),
        };
        let answer = rpc.upgrade_resource_state(Request::new(request)).await.unwrap().into_inner();
        assert_eq!(answer.diagnostics[0].summary, "The state is too old");
    }

    #[tokio::test]
    async fn what_is_not_served_is_empty() {
        let (rpc, _dir) = rpc();
        let identities = rpc.get_resource_identity_schemas(Request::new(Default::default())).await.unwrap();
        assert!(identities.into_inner().identity_schemas.is_empty());
        let listed = rpc.list_resource(Request::new(Default::default())).await.unwrap();
        assert_eq!(listed.into_inner().count().await, 0);
        let invoked = rpc.invoke_action(Request::new(Default::default())).await.unwrap();
        assert_eq!(invoked.into_inner().count().await, 0);
    }

    #[tokio::test]
    async fn a_caller_that_leaves_does_not_cut_a_call_off() {
        let (rpc, dir) = rpc();
        let provider = Arc::clone(&rpc.provider);
        let ty = resource(&*provider, "fake_thing").unwrap();
        let value = Dynamic::Map([("mode".to_owned(), "slow".into())].into());
        let request = pb::apply_resource_change::Request {
            type_name: "fake_thing".to_owned(),
            planned_state: encode(&ty, &value, &mut Diagnostics::default()),
            planned_private: Bytes::from_static(fake::PRIVATE),
            ..Default::default()
        };
        let events = || std::fs::read_to_string(dir.path().join("log")).unwrap_or_default();
        let call = rpc.apply_resource_change(Request::new(request));
        assert!(tokio::time::timeout(std::time::Duration::from_millis(100), call).await.is_err());
        assert_eq!(rpc.calls.len(), 1);
        provider.stop();
        rpc.calls.close();
        rpc.calls.wait().await;
        assert!(events().ends_with("applied in part\n"), "{}", events());
    }
}
