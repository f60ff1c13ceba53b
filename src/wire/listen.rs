//! Where Terraform connects: a socket that no other user can open, and the number of open connections.
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::Connected;

/// The timeout of a TLS handshake.
const TLS_TIMEOUT: Duration = Duration::from_secs(10);

/// An open socket.
pub(super) struct Listener {
    kind: Kind,
    address: String,
}

enum Kind {
    #[cfg(unix)]
    Unix {
        listener: tokio::net::UnixListener,
        /// Removed with the listener.
        _directory: tempfile::TempDir,
    },
    #[cfg_attr(unix, allow(dead_code, reason = "made only where unix sockets do not exist, and in a test"))]
    Tcp(TcpListener),
}

impl Listener {
    /// A socket in a directory of our own; on the loopback where there are no such sockets.
    pub(super) async fn open() -> io::Result<Self> {
        #[cfg(unix)]
        return Self::unix();
        #[cfg(not(unix))]
        {
            let port = |name| std::env::var(name).ok().and_then(|v| v.parse().ok());
            Self::tcp(port("PLUGIN_MIN_PORT"), port("PLUGIN_MAX_PORT")).await
        }
    }

    #[cfg(unix)]
    fn unix() -> io::Result<Self> {
        use std::fs::Permissions;
        use std::os::unix::fs::PermissionsExt as _;
        use std::path::{Path, PathBuf};

        /// What fits into the address of a socket on every system.
        const LONGEST: usize = 100;
        const NAME: &str = "provider.sock";

        let asked = std::env::var_os("PLUGIN_UNIX_SOCKET_DIR").filter(|d| !d.is_empty());
        let parent = asked.map_or_else(std::env::temp_dir, PathBuf::from);
        let make = |parent: &Path| {
            // No other user can enter the directory, so it does not matter when the socket gets its mode.
            tempfile::Builder::new()
                .prefix("plugin-")
                .permissions(Permissions::from_mode(0o700))
                .tempdir_in(parent)
        };
        let mut directory = make(&parent)?;
        if directory.path().join(NAME).as_os_str().len() > LONGEST {
            directory = make(Path::new("/tmp"))?;
        }
        let path = directory.path().join(NAME);
        let listener = tokio::net::UnixListener::bind(&path)?;
        std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        let address = path.to_str().ok_or_else(|| io::Error::other("the socket's path is not UTF-8"))?;
        Ok(Self { address: address.to_owned(), kind: Kind::Unix { listener, _directory: directory } })
    }

    /// The first free port of the range that Terraform names.
    #[cfg(any(not(unix), test))]
    async fn tcp(min: Option<u16>, max: Option<u16>) -> io::Result<Self> {
        let ports = match (min, max) {
            (Some(min), Some(max)) => min..=max,
            _ => 0..=0,
        };
        for port in ports {
            if let Ok(listener) = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, port)).await {
                let address = listener.local_addr()?.to_string();
                return Ok(Self { kind: Kind::Tcp(listener), address });
            }
        }
        Err(io::Error::new(io::ErrorKind::AddrInUse, "no port is free on the loopback"))
    }

    /// `unix` or `tcp`.
    pub(super) fn network(&self) -> &'static str {
        match self.kind {
            #[cfg(unix)]
            Kind::Unix { .. } => "unix",
            Kind::Tcp(_) => "tcp",
        }
    }

    /// A path, or address and port.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Takes connections until that is aborted.
    pub(super) fn accept(self, tls: Option<Arc<ServerConfig>>) -> Incoming {
        let (send, connections) = mpsc::channel(8);
        let count = Arc::new(watch::Sender::new(Count::default()));
        let counted = count.subscribe();
        let task = tokio::spawn(async move {
            loop {
                let io = match self.next().await {
                    Ok(io) => io,
                    Err(e) => {
                        // Out of file descriptors, most likely: they come back.
                        tracing::warn!(error = %e, "a connection could not be taken");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    }
                };
                let (send, tls, count) = (send.clone(), tls.clone(), Arc::clone(&count));
                tokio::spawn(async move {
                    let io = match tls {
                        None => io,
                        Some(config) => match secure(io, config).await {
                            Ok(io) => io,
                            Err(e) => return tracing::warn!(error = %e, "a connection was refused"),
                        },
                    };
                    let _ = send.send(Ok(Connection::new(io, count))).await;
                });
            }
        });
        Incoming { connections: ReceiverStream::new(connections), counted, accepting: task }
    }

    async fn next(&self) -> io::Result<Box<dyn Io>> {
        match &self.kind {
            #[cfg(unix)]
            Kind::Unix { listener, .. } => Ok(Box::new(listener.accept().await?.0)),
            Kind::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
        }
    }
}

async fn secure(io: Box<dyn Io>, config: Arc<ServerConfig>) -> io::Result<Box<dyn Io>> {
    let handshake = TlsAcceptor::from(config).accept(io);
    let stream = tokio::time::timeout(TLS_TIMEOUT, handshake).await??;
    Ok(Box::new(stream))
}

/// Who connects, and how many are connected.
pub(super) struct Incoming {
    pub(super) connections: ReceiverStream<io::Result<Connection>>,
    pub(super) counted: watch::Receiver<Count>,
    /// Owns the socket; ends when it is aborted.
    pub(super) accepting: JoinHandle<()>,
}

/// How many connections there are, and were.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Count {
    pub(super) open: usize,
    pub(super) ever: usize,
}

trait Io: AsyncRead + AsyncWrite + Send + Unpin + 'static {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Io for T {}

/// One connection, whatever carries it.
pub(super) struct Connection {
    io: Box<dyn Io>,
    count: Arc<watch::Sender<Count>>,
}

impl Connection {
    fn new(io: Box<dyn Io>, count: Arc<watch::Sender<Count>>) -> Self {
        count.send_modify(|c| {
            c.open += 1;
            c.ever += 1;
        });
        Self { io, count }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.count.send_modify(|c| c.open -= 1);
    }
}

impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[tokio::test]
    async fn the_socket_is_ours_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let listener = Listener::open().await.unwrap();
        let socket = std::path::PathBuf::from(listener.address());
        let mode = |p: &std::path::Path| std::fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&socket), 0o600);
        assert_eq!(mode(socket.parent().unwrap()), 0o700);
        drop(listener);
        assert!(!socket.parent().unwrap().exists(), "nothing is left behind");
    }

    #[tokio::test]
    async fn the_loopback_serves_where_there_are_no_unix_sockets() {
        let listener = Listener::tcp(Some(10_000), Some(25_000)).await.unwrap();
        assert_eq!(listener.network(), "tcp");
        let address = listener.address().to_owned();
        assert!(address.starts_with("127.0.0.1:1") || address.starts_with("127.0.0.1:2"));
        let mut incoming = listener.accept(None);
        let _client = tokio::net::TcpStream::connect(address).await.unwrap();
        incoming.counted.wait_for(|c| c.open == 1 && c.ever == 1).await.unwrap();
    }
}
