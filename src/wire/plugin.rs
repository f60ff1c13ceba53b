//! The services of go-plugin: the end, and two streams on which nothing happens.
use super::proto::plugin as pb;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

type Never<T> = BoxStream<'static, Result<T, Status>>;

/// A stream that stays open, and silent, until the process ends.
fn silent<T: Send + 'static>(ended: &CancellationToken) -> Response<Never<T>> {
    let ended = ended.clone();
    Response::new(stream::pending().take_until(ended.cancelled_owned()).boxed())
}

/// Ends the process when Terraform asks for it.
pub(super) struct Controller {
    /// Set by us: Terraform wants the end.
    pub(super) asked: CancellationToken,
}

#[tonic::async_trait]
impl pb::grpc_controller_server::GrpcController for Controller {
    async fn shutdown(&self, _: Request<pb::Empty>) -> Result<Response<pb::Empty>, Status> {
        self.asked.cancel();
        Ok(Response::new(pb::Empty {}))
    }
}

/// Carries what the plugin prints: nothing.
pub(super) struct Stdio {
    /// Set by others: the process ends.
    pub(super) ended: CancellationToken,
}

#[tonic::async_trait]
impl pb::grpc_stdio_server::GrpcStdio for Stdio {
    type StreamStdioStream = Never<pb::StdioData>;

    async fn stream_stdio(&self, _: Request<()>) -> Result<Response<Self::StreamStdioStream>, Status> {
        Ok(silent(&self.ended))
    }
}

/// Offers further connections: none.
pub(super) struct Broker {
    /// Set by others: the process ends.
    pub(super) ended: CancellationToken,
}

#[tonic::async_trait]
impl pb::grpc_broker_server::GrpcBroker for Broker {
    type StartStreamStream = Never<pb::ConnInfo>;

    async fn start_stream(
        &self,
        _: Request<Streaming<pb::ConnInfo>>,
    ) -> Result<Response<Self::StartStreamStream>, Status> {
        Ok(silent(&self.ended))
    }
}
