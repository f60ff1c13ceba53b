//! From the first connection to the end of the process.
use super::handshake::Agreement;
use super::listen::{Count, Incoming, Listener};
use super::plugin::{Broker, Controller, Stdio};
use super::proto::plugin::grpc_broker_server::GrpcBrokerServer;
use super::proto::plugin::grpc_controller_server::GrpcControllerServer;
use super::proto::plugin::grpc_stdio_server::GrpcStdioServer;
use super::proto::tfplugin6::provider_server;
use super::rpc::Rpc;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tf_framework::server::ProviderServer;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::rustls::ServerConfig;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::transport::Server;

/// What Terraform sends and takes at most.
const MAX_MESSAGE: usize = 256 << 20;

/// How long a process without a first connection waits: as long as Terraform does for us.
const FIRST_CONNECTION: Duration = Duration::from_secs(60);

/// How long it may take a client to come back after its last connection.
const RECONNECT: Duration = Duration::from_secs(1);

/// The timeout for calls to stop when no client waits for them.
const CALLS_STOP: Duration = Duration::from_secs(5);

/// How long logging out may take. Terraform kills us two seconds after it asked for the end.
const LOGOUT: Duration = Duration::from_millis(1500);

/// How long calls and connections may take to end by themselves before Terraform's timeout.
const DRAIN: Duration = Duration::from_millis(300);

/// Why the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Terraform asked; it is done with us.
    Asked,
    /// A signal, or whatever else the caller waits for.
    Stopped,
    /// Terraform ended without a request to stop: killed, or crashed.
    Deserted,
}

/// Serves as a plugin until Terraform is done.
pub(super) async fn plugin(
    listener: Listener,
    agreement: Agreement,
    provider: Arc<dyn ProviderServer>,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    serve(listener, agreement.tls.map(|t| t.config), provider, true, stop).await
}

/// Serves clients, one after another, until it is asked to stop.
pub(super) async fn reattached(
    listener: Listener,
    provider: Arc<dyn ProviderServer>,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    serve(listener, None, provider, false, stop).await
}

async fn serve(
    listener: Listener,
    tls: Option<Arc<ServerConfig>>,
    provider: Arc<dyn ProviderServer>,
    owned: bool,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let Incoming { connections, counted, accepting } = listener.accept(tls);
    let (asked, ended) = (CancellationToken::new(), CancellationToken::new());
    let calls = TaskTracker::new();
    let rpc = provider_server::ProviderServer::new(Rpc::new(Arc::clone(&provider), calls.clone()))
        .max_decoding_message_size(MAX_MESSAGE)
        .max_encoding_message_size(MAX_MESSAGE);
    let server = Server::builder()
        .add_service(GrpcControllerServer::new(Controller { asked: asked.clone() }))
        .add_service(GrpcStdioServer::new(Stdio { ended: ended.clone() }))
        .add_service(GrpcBrokerServer::new(Broker { ended: ended.clone() }))
        .add_service(rpc)
        .serve_with_incoming_shutdown(connections, ended.clone().cancelled_owned());
    let mut server = tokio::spawn(server);

    let end = tokio::select! {
        // Asking is how a client ends its own plugin; one that attached to us only leaves.
        () = asked.cancelled(), if owned => End::Asked,
        () = deserted(counted), if owned => End::Deserted,
        () = stop => End::Stopped,
        broken = &mut server => {
            tracing::error!("the server broke down");
            close(accepting).await;
            return broken.map_err(io::Error::other)?.map_err(io::Error::other);
        }
    };
    tracing::debug!(reason = ?end, "ending");
    calls.close();
    if !calls.is_empty() {
        provider.stop();
        let timeout = if end == End::Asked { DRAIN } else { CALLS_STOP };
        if tokio::time::timeout(timeout, calls.wait()).await.is_err() {
            tracing::error!(calls = calls.len(), "calls did not stop in time: what they made is not known");
        }
    }
    ended.cancel();
    let logout = tokio::spawn(async move { provider.shutdown().await });
    let (logout, _) = tokio::join!(tokio::time::timeout(LOGOUT, logout), tokio::time::timeout(DRAIN, server));
    if logout.is_err() {
        tracing::warn!("logging out took too long: the session stays until it expires");
    }
    close(accepting).await;
    Ok(())
}

/// Closes the socket, and waits until it is removed: the process may end before a task does.
async fn close(accepting: JoinHandle<()>) {
    accepting.abort();
    let _ = accepting.await;
}

/// Waits until the client does not come back.
async fn deserted(mut counted: watch::Receiver<Count>) {
    let first = counted.wait_for(|c| c.ever > 0);
    if !matches!(tokio::time::timeout(FIRST_CONNECTION, first).await, Ok(Ok(_))) {
        return;
    }
    loop {
        if counted.wait_for(|c| c.open == 0).await.is_err() {
            return;
        }
        let again = counted.wait_for(|c| c.open > 0);
        if !matches!(tokio::time::timeout(RECONNECT, again).await, Ok(Ok(_))) {
            return;
        }
    }
}
