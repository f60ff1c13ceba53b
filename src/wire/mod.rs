//! The wire: Terraform's plugin protocol 6 on one side, [`ProviderServer`] on the other.
//!
//! Invariant: only this module names types of prost and tonic.
mod cli;
mod codec;
mod convert;
mod handshake;
mod listen;
mod log;
mod panics;
mod plugin;
mod proto;
mod rpc;
mod serve;
mod tls;

use handshake::{Agreement, Refused};
use listen::Listener;
use std::future::Future;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use tf_framework::server::ProviderServer;

/// The whole program: reads arguments and environment, and serves what `provider` makes.
pub fn main(provider: impl FnOnce() -> Arc<dyn ProviderServer>) -> ExitCode {
    match cli::parse(std::env::args_os()) {
        Ok(cli::Command::Plugin) => run(as_plugin(provider)),
        Ok(cli::Command::Debug { address }) => run(as_debug_server(provider, &address)),
        Ok(cli::Command::Print(text)) => match write_out(&text) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(e) => failed(&format!("{e}\n\n{}", cli::USAGE)),
    }
}

fn run(work: impl Future<Output = Result<(), String>>) -> ExitCode {
    log::install();
    panics::install();
    // Calls wait for vCenter nearly all the time; a few threads carry many of them.
    let threads = std::thread::available_parallelism().map_or(2, |n| n.get().clamp(2, 4));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        // An unoptimized build needs more than the usual 2 MiB for what a virtual machine is made of.
        .thread_stack_size(8 << 20)
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => {
            let done = runtime.block_on(work);
            runtime.shutdown_background();
            done.map_or_else(|e| failed(&e), |()| ExitCode::SUCCESS)
        }
        Err(e) => failed(&format!("The runtime did not start: {e}")),
    }
}

async fn as_plugin(provider: impl FnOnce() -> Arc<dyn ProviderServer>) -> Result<(), String> {
    let agreement = Agreement::find(|name| std::env::var(name).ok()).map_err(|refused| match refused {
        Refused::ByHand => cli::by_hand(),
        other => other.to_string(),
    })?;
    // Ctrl-C signals the provider as well as Terraform, which then requests a stop.
    let stop = signals::terminated().map_err(|e| e.to_string())?;
    let listener = Listener::open().await.map_err(|e| format!("No socket could be opened: {e}"))?;
    let line = agreement.line(listener.network(), listener.address());
    write_out(&line).map_err(|e| format!("unable to write to standard output: {e}"))?;
    // Terraform connects while the catalog is built.
    serve::plugin(listener, agreement, provider(), stop).await.map_err(|e| e.to_string())
}

async fn as_debug_server(
    provider: impl FnOnce() -> Arc<dyn ProviderServer>,
    address: &str,
) -> Result<(), String> {
    let stop = signals::interrupted().map_err(|e| e.to_string())?;
    let server = DebugServer::open(address).await.map_err(|e| format!("No socket could be opened: {e}"))?;
    let text = format!("TF_REATTACH_PROVIDERS='{}'\n", server.reattach());
    write_out(&text).map_err(|e| format!("unable to write to standard output: {e}"))?;
    server.serve(provider(), stop).await.map_err(|e| e.to_string())
}

/// A provider that outlives its clients: each finds it through `TF_REATTACH_PROVIDERS`.
pub struct DebugServer {
    listener: Listener,
    reattach: String,
}

impl DebugServer {
    /// Opens the socket. `address` is the provider's source, as `required_providers` has it.
    ///
    /// # Errors
    /// No socket can be opened.
    pub async fn open(address: &str) -> io::Result<Self> {
        let listener = Listener::open().await?;
        let reattach = serde_json::json!({ address: {
            "Protocol": "grpc",
            "ProtocolVersion": 6,
            "Pid": std::process::id(),
            "Test": true,
            "Addr": { "Network": listener.network(), "String": listener.address() },
        }});
        Ok(Self { listener, reattach: reattach.to_string() })
    }

    /// The value of `TF_REATTACH_PROVIDERS` for the clients.
    pub fn reattach(&self) -> &str {
        &self.reattach
    }

    /// Serves until the future ends, in the clear: the socket is open to this user alone.
    ///
    /// # Errors
    /// The server breaks down.
    pub async fn serve(
        self,
        provider: Arc<dyn ProviderServer>,
        until: impl Future<Output = ()>,
    ) -> io::Result<()> {
        serve::reattached(self.listener, provider, until).await
    }
}

/// Writes to standard output. Terraform reads the handshake there, so nothing else ever may.
fn write_out(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn failed(message: &str) -> ExitCode {
    let _ = writeln!(io::stderr().lock(), "{message}");
    ExitCode::FAILURE
}

/// What signals mean to us.
mod signals {
    use std::future::Future;
    use std::io;

    /// Ends when someone wants this process to end. What a terminal sends to everyone is for Terraform: Ctrl-C
    /// stops it, and closing the terminal ends it, which we notice.
    #[cfg(unix)]
    pub(super) fn terminated() -> io::Result<impl Future<Output = ()>> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut hangup = signal(SignalKind::hangup())?;
        let mut terminate = signal(SignalKind::terminate())?;
        Ok(async move {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => tracing::debug!("an interrupt is ignored: Terraform decides"),
                    _ = hangup.recv() => tracing::debug!("a hangup is ignored: Terraform decides"),
                    _ = terminate.recv() => return,
                }
            }
        })
    }

    /// Ends on Ctrl-C, too.
    #[cfg(unix)]
    pub(super) fn interrupted() -> io::Result<impl Future<Output = ()>> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => (),
                _ = terminate.recv() => (),
            }
        })
    }

    /// Ctrl-C is for Terraform, and is ignored.
    #[cfg(windows)]
    pub(super) fn terminated() -> io::Result<impl Future<Output = ()>> {
        let mut interrupt = tokio::signal::windows::ctrl_c()?;
        Ok(async move {
            loop {
                interrupt.recv().await;
                tracing::debug!("an interrupt is ignored: Terraform decides");
            }
        })
    }

    /// Ends on Ctrl-C.
    #[cfg(windows)]
    pub(super) fn interrupted() -> io::Result<impl Future<Output = ()>> {
        let mut interrupt = tokio::signal::windows::ctrl_c()?;
        Ok(async move {
            interrupt.recv().await;
        })
    }
}
