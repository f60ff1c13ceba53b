//! The lease of an import: the server takes files as long as it is kept alive, and removes what it has made when it is
//! aborted.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use reqwest::header::{CONTENT_TYPE, HeaderName};
use reqwest::{Body, Method, Url};
use tokio::sync::mpsc;
use vim_types::methods::{HttpNfcLeaseAbort, HttpNfcLeaseComplete, HttpNfcLeaseProgress};
use vim_types::types::{HttpNfcLeaseDeviceUrl, HttpNfcLeaseInfo, HttpNfcLeaseState, OvfFileItem};
use vim_types::xml::{Dyn, LocalizedFault, MoRef};

use super::package::{Files, Package};
use crate::client::Client;
use crate::core::config::{Config, Tls};
use crate::core::http::Peer;
use crate::error::{Error, Result};

/// How often the server is told that the transfer goes on; it gives up after five minutes of silence.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// The pauses between looks at a lease that is not ready yet.
const FIRST_LOOK: Duration = Duration::from_millis(50);
const LOOK: Duration = Duration::from_secs(1);
/// How many chunks wait between reading and sending.
const AHEAD: usize = 4;

crate::properties! {
    struct LeaseNow of "HttpNfcLease" {
        state: Option<HttpNfcLeaseState> = "state",
        info: Option<Box<HttpNfcLeaseInfo>> = "info",
        error: Option<LocalizedFault> = "error",
    }
}

/// How far a transfer is.
#[derive(Default)]
pub(super) struct Meter {
    sent: AtomicU64,
    total: u64,
}

impl Meter {
    pub(super) fn of(files: &[OvfFileItem]) -> Meter {
        let sizes = files.iter().filter_map(|f| u64::try_from(f.size?).ok());
        Meter { sent: AtomicU64::new(0), total: sizes.fold(0, u64::saturating_add) }
    }

    /// In per cent; the last one is for the end.
    fn percent(&self) -> i32 {
        let sent = u128::from(self.sent.load(Ordering::Relaxed));
        let percent = (sent * 100).checked_div(u128::from(self.total)).unwrap_or_default();
        i32::try_from(percent).unwrap_or(i32::MAX).min(99)
    }
}

pub(super) struct Lease<'c> {
    pub(super) client: &'c Client,
    pub(super) object: MoRef,
}

impl Lease<'_> {
    /// Waits until the server has made what the files go to.
    pub(super) async fn ready(&self) -> Result<HttpNfcLeaseInfo> {
        let mut pause = FIRST_LOOK;
        loop {
            let now: LeaseNow = self.client.properties().get(&self.object).await?;
            match (now.state, now.info, now.error) {
                (Some(HttpNfcLeaseState::Ready), Some(info), _) => return Ok(*info),
                (Some(HttpNfcLeaseState::Error), _, error) => {
                    let fault = Box::new(error.unwrap_or_default().into());
                    return Err(Error::Fault { method: "ImportVApp", fault });
                }
                (Some(HttpNfcLeaseState::Done), ..) => {
                    let reason = "the lease of the import has ended before anything was sent".to_owned();
                    return Err(Error::NotVCenter { server: self.client.server().to_owned(), reason });
                }
                _ => {}
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LOOK);
        }
    }

    /// Tells the server, and who waits, how far it is; ends only when the lease is lost.
    pub(super) async fn keep_alive(&self, meter: &Meter, tell: &(dyn Fn(i32) + Sync)) -> Error {
        let mut last = None;
        loop {
            let percent = meter.percent();
            if last != Some(percent) {
                last = Some(percent);
                tell(percent);
            }
            match self.progress(percent).await {
                Err(error @ Error::Fault { .. }) => return error,
                // A server that cannot be reached for a moment may be there the next time.
                Err(error) => tracing::debug!(%error, "the lease of an import was not kept alive"),
                Ok(()) => {}
            }
            tokio::time::sleep(KEEP_ALIVE).await;
        }
    }

    async fn progress(&self, percent: i32) -> Result<()> {
        self.client.call(&HttpNfcLeaseProgress { this: self.object.clone(), percent }).await
    }

    /// Sends all files, one after another.
    pub(super) async fn upload(
        &self,
        package: &Package,
        wanted: &[OvfFileItem],
        info: &HttpNfcLeaseInfo,
        meter: &Meter,
    ) -> Result<()> {
        let mut files = package.files(wanted.to_vec());
        while let Some((item, size)) = files.next().await? {
            let to = info.device_url.iter().find(|u| u.import_key == item.device_id).ok_or_else(|| {
                Error::Package(format!(
                    "the server has no device {} for the file {}",
                    item.device_id, item.path
                ))
            })?;
            self.send(&mut files, &item, size, to, meter).await?;
        }
        Ok(())
    }

    async fn send(
        &self,
        files: &mut Files<'_>,
        item: &OvfFileItem,
        size: Option<u64>,
        to: &HttpNfcLeaseDeviceUrl,
        meter: &Meter,
    ) -> Result<()> {
        let said = item.size.and_then(|s| u64::try_from(s).ok()).unwrap_or_default();
        if size.is_some_and(|size| size < said) {
            let has = size.unwrap_or_default();
            let text = format!("the file {} has {has} bytes of the {said} that the package tells", item.path);
            return Err(Error::Package(text));
        }
        let core = self.client.core();
        let url = address(&to.url, core.http.host())?;
        let peer = if url.as_str().starts_with(&format!("{}/", core.http.base())) {
            core.http.peer()
        } else {
            other_host(&url, &to.ssl_thumbprint, &core.config)?
        };
        let (sender, chunks) = mpsc::channel(AHEAD);
        let (method, kind) = if item.create {
            (Method::PUT, "application/octet-stream")
        } else {
            (Method::POST, "application/x-vnd.vmware-streamVmdk")
        };
        let mut request = peer.client.request(method, url).header(CONTENT_TYPE, kind);
        if item.create {
            request = request.header(HeaderName::from_static("overwrite"), "t");
        }
        let answer = request.body(Body::wrap(Feed { chunks, left: size })).send();
        let pump = async move {
            let mut left = size;
            while let Some(chunk) = files.chunk().await? {
                let length = chunk.len() as u64;
                left = left.map(|l| l.saturating_sub(length));
                if sender.send(chunk).await.is_err() {
                    // The server wants no more; its answer says why.
                    return Ok(());
                }
                meter.sent.fetch_add(length, Ordering::Relaxed);
            }
            match left {
                Some(1..) => Err(Error::Package(format!("the file {} ends too early", item.path))),
                _ => Ok(()),
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
        Err(Error::Upload { server: peer.host.clone(), file: item.path.clone(), status: status.as_u16() })
    }

    /// Ends an import that is whole.
    pub(super) async fn complete(&self) -> Result<()> {
        self.progress(100).await?;
        self.client.call(&HttpNfcLeaseComplete { this: self.object.clone() }).await
    }

    /// Ends an import that is not: the server removes what it has made.
    pub(super) async fn abort(&self, why: &Error) -> Result<()> {
        let (kind, reason) = ("SystemError", why.in_one_line());
        let text = Dyn { name: "reason".into(), text: reason.clone(), ..Default::default() };
        let detail = Dyn { type_name: kind.into(), children: vec![text], ..Default::default() };
        let fault = LocalizedFault { name: kind.into(), message: reason, detail };
        self.client.call(&HttpNfcLeaseAbort { this: self.object.clone(), fault: Some(fault) }).await
    }
}

/// Where a file goes to: a server may leave its own name to who asks it.
fn address(url: &str, host: &str) -> Result<Url> {
    let bare = host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(host, |(h, _)| h);
    let whole = match url.split_once("://*") {
        Some((scheme, rest)) if rest.starts_with(':') => format!("{scheme}://{bare}{rest}"),
        Some((scheme, rest)) => format!("{scheme}://{host}{rest}"),
        None => url.to_owned(),
    };
    Url::parse(&whole).map_err(|e| Error::decode("ImportVApp", std::io::Error::other(e.to_string())))
}

/// A host that the server names. It vouches for the certificate; where it does not, what is trusted otherwise holds.
fn other_host(url: &Url, thumbprint: &str, config: &Config) -> Result<Peer> {
    let host = url.host_str().unwrap_or_default();
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let trust = match &config.tls {
        Tls::Insecure => Tls::Insecure,
        _ if !thumbprint.is_empty() => Tls::Thumbprint(thumbprint.to_owned()),
        trust => trust.clone(),
    };
    Peer::new(&host, &trust, &config.user_agent)
}

/// A body that is made while it is sent.
struct Feed {
    chunks: mpsc::Receiver<Bytes>,
    left: Option<u64>,
}

impl http_body::Body for Feed {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let chunk = std::task::ready!(self.chunks.poll_recv(context));
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
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_the_server_that_was_asked() {
        for (url, host, expected) in [
            ("https://*/nfc/1/disk", "vc.example", "https://vc.example/nfc/1/disk"),
            ("https://*/nfc/1/disk", "vc.example:8443", "https://vc.example:8443/nfc/1/disk"),
            ("https://*:902/nfc/1", "vc.example:8443", "https://vc.example:902/nfc/1"),
            ("https://*/nfc/1", "[2001:db8::1]", "https://[2001:db8::1]/nfc/1"),
            ("https://esx1.example/nfc/1", "vc.example", "https://esx1.example/nfc/1"),
        ] {
            assert_eq!(address(url, host).unwrap().as_str(), expected, "{url} {host}");
        }
        assert!(address("nowhere", "vc").is_err());
    }

    #[test]
    fn the_last_per_cent_is_for_the_end() {
        let item = |size| OvfFileItem { size, ..Default::default() };
        let meter = Meter::of(&[item(Some(150)), item(None), item(Some(50))]);
        for (sent, expected) in [(0, 0), (99, 49), (199, 99), (200, 99), (5000, 99)] {
            meter.sent.store(sent, Ordering::Relaxed);
            assert_eq!(meter.percent(), expected, "{sent}");
        }
        assert_eq!(Meter::of(&[]).percent(), 0);
    }
}
