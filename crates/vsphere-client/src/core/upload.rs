//! Files on their way to a server: from front to back, no more in memory than a few chunks.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use reqwest::{Body, RequestBuilder, Url};
use tokio::sync::mpsc;

use crate::core::Core;
use crate::core::config::Tls;
use crate::core::http::{Peer, host_of};
use crate::error::{Error, Result};

/// How many chunks wait between reading and sending.
const AHEAD: usize = 4;

/// A file that is read from front to back.
pub(crate) trait Chunks {
    /// What comes next; nothing at the end.
    fn next_chunk(&mut self) -> impl Future<Output = Result<Option<Bytes>>> + Send;
}

/// How far a transfer is.
#[derive(Default)]
pub(crate) struct Meter {
    sent: AtomicU64,
    total: u64,
}

impl Meter {
    /// Of so many bytes.
    pub(crate) fn of(total: u64) -> Meter {
        Meter { sent: AtomicU64::new(0), total }
    }

    /// Where it is, if that is not measured in the bytes that are sent.
    pub(crate) fn reach(&self, position: u64) {
        self.sent.store(position, Ordering::Relaxed);
    }

    /// In per cent; the last one is for the end.
    pub(crate) fn percent(&self) -> i32 {
        let sent = u128::from(self.sent.load(Ordering::Relaxed));
        let percent = (sent * 100).checked_div(u128::from(self.total)).unwrap_or_default();
        i32::try_from(percent).unwrap_or(i32::MAX).min(99)
    }
}

impl Core {
    /// The server that a URL of a transfer names: this one, or one that it vouches for with the thumbprint of its
    /// certificate; without one, what is trusted otherwise holds.
    pub(crate) fn peer_of(&self, url: &Url, thumbprint: &str) -> Result<Peer> {
        if url.as_str().starts_with(&format!("{}/", self.http.base())) {
            return Ok(self.http.peer());
        }
        let trust = match &self.config.tls {
            Tls::Insecure => Tls::Insecure,
            _ if !thumbprint.is_empty() => Tls::Thumbprint(thumbprint.to_owned()),
            trust => trust.clone(),
        };
        Peer::new(&host_of(url), &trust, &self.config.user_agent)
    }
}

/// Sends a file as the body of a request, and waits for the answer. `size` is its length, where it is known. A body that is
/// not sent to its end breaks the connection: the server does not take a part for the whole.
///
/// # Errors
/// The file cannot be read to that end, and [`Error::Upload`] and those of the connection.
pub(crate) async fn send(
    peer: &Peer,
    request: RequestBuilder,
    name: &str,
    size: Option<u64>,
    file: &mut impl Chunks,
    meter: &Meter,
) -> Result<()> {
    let (sender, chunks) = mpsc::channel(AHEAD);
    let answer = request.body(Body::wrap(Feed { chunks, left: size })).send();
    let pump = async move {
        let mut left = size;
        while let Some(chunk) = file.next_chunk().await? {
            let length = chunk.len() as u64;
            left = left.map(|l| l.saturating_sub(length));
            if sender.send(Some(chunk)).await.is_err() {
                // The server wants no more; its answer says why.
                return Ok(());
            }
            meter.sent.fetch_add(length, Ordering::Relaxed);
        }
        match left {
            Some(1..) => Err(Error::Package(format!("the file {name} ends too early"))),
            _ => {
                let _ = sender.send(None).await;
                Ok(())
            }
        }
    };
    let (mut answer, mut pump) = (std::pin::pin!(answer), std::pin::pin!(pump));
    let answer = tokio::select! {
        // A file that cannot be read to its end must not look like a shorter one.
        biased;
        pumped = &mut pump => { pumped?; answer.await }
        answer = &mut answer => answer,
    };
    let status = answer.map_err(|e| peer.error(e))?.status();
    if status.is_success() {
        return Ok(());
    }
    Err(Error::Upload { server: peer.host.clone(), file: name.to_owned(), status: status.as_u16() })
}

/// A body that is made while it is sent. It ends with `None`; the end of the channel without it is an error.
struct Feed {
    chunks: mpsc::Receiver<Option<Bytes>>,
    left: Option<u64>,
}

impl http_body::Body for Feed {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let Some(chunk) = std::task::ready!(self.chunks.poll_recv(context)) else {
            return Poll::Ready(Some(Err(std::io::Error::other("the file is not sent to its end"))));
        };
        if let (Some(left), Some(chunk)) = (&mut self.left, &chunk) {
            *left = left.saturating_sub(chunk.len() as u64);
        }
        Poll::Ready(chunk.map(|c| Ok(Frame::data(c))))
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map(SizeHint::with_exact).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_per_cent_is_for_the_end() {
        let meter = Meter::of(200);
        for (sent, expected) in [(0, 0), (99, 49), (199, 99), (200, 99), (5000, 99)] {
            meter.sent.store(sent, Ordering::Relaxed);
            assert_eq!(meter.percent(), expected, "{sent}");
        }
        assert_eq!(Meter::default().percent(), 0);
    }
}
