//! The lease of an import: the server takes files as long as it is kept alive, and removes what it has made when it is
//! aborted.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderName};
use reqwest::{Method, Url};
use vim_types::methods::{
    HttpNfcLeaseAbort, HttpNfcLeaseComplete, HttpNfcLeaseProgress, HttpNfcLeasePullFromUrlsTask,
};
use vim_types::types::{
    HttpNfcLeaseCapabilities, HttpNfcLeaseDeviceUrl, HttpNfcLeaseInfo, HttpNfcLeaseSourceFile,
    HttpNfcLeaseState, OvfFileItem,
};
use vim_types::xml::{Dyn, LocalizedFault, MoRef};

use crate::client::Client;
use crate::core::backoff::Backoff;
use crate::core::upload::{self, Chunks, Meter};
use crate::error::{Error, Result};

/// The interval of keep-alives for a transfer; the server aborts after five minutes without one.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// The pauses between looks at a lease that is not ready yet.
const FIRST_LOOK: Duration = Duration::from_millis(50);
const LOOK: Duration = Duration::from_secs(1);

/// The time that the server has to remove the objects of an aborted import.
pub(super) const CLEAN_UP: Duration = Duration::from_secs(10);

/// The files of an import, and how they are sent.
pub(crate) trait Upload {
    /// How far it is.
    fn meter(&self) -> Arc<Meter>;

    /// Sends all files that the server wants.
    fn send(
        &mut self,
        lease: &Lease<'_>,
        wanted: &[OvfFileItem],
        info: &HttpNfcLeaseInfo,
    ) -> impl Future<Output = Result<()>> + Send;

    /// Ends what the server does by itself, before the lease is aborted.
    fn stop(&self, _lease: &Lease<'_>) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }
}

crate::properties! {
    struct LeaseNow of "HttpNfcLease" {
        state: Option<HttpNfcLeaseState> = "state",
        info: Option<Box<HttpNfcLeaseInfo>> = "info",
        error: Option<LocalizedFault> = "error",
    }
}

crate::properties! {
    struct Capable of "HttpNfcLease" {
        capabilities: Option<HttpNfcLeaseCapabilities> = "capabilities",
    }
}

/// The device that a file is for.
pub(super) fn device<'i>(
    info: &'i HttpNfcLeaseInfo,
    item: &OvfFileItem,
) -> Result<&'i HttpNfcLeaseDeviceUrl> {
    info.device_url.iter().find(|u| u.import_key == item.device_id).ok_or_else(|| {
        Error::Package(format!("the server has no device {} for the file {}", item.device_id, item.path))
    })
}

/// The bytes of all files.
pub(super) fn total(files: &[OvfFileItem]) -> u64 {
    let sizes = files.iter().filter_map(|f| u64::try_from(f.size?).ok());
    sizes.fold(0, u64::saturating_add)
}

pub(crate) struct Lease<'c> {
    pub(super) client: &'c Client,
    pub(super) object: MoRef,
}

impl Lease<'_> {
    /// Waits until the server has made what the files go to.
    pub(super) async fn ready(&self) -> Result<HttpNfcLeaseInfo> {
        let mut backoff = Backoff::new(FIRST_LOOK, LOOK);
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
            backoff.wait().await;
        }
    }

    /// Reports the progress to the server and to the caller; ends only when the lease is lost.
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

    /// Sends a file, to the device that it is for. `size` is its length, where it is known.
    pub(crate) async fn send(
        &self,
        files: &mut impl Chunks,
        item: &OvfFileItem,
        size: Option<u64>,
        info: &HttpNfcLeaseInfo,
        meter: &Meter,
    ) -> Result<()> {
        let to = device(info, item)?;
        let said = item.size.and_then(|s| u64::try_from(s).ok()).unwrap_or_default();
        if size.is_some_and(|size| size < said) {
            let has = size.unwrap_or_default();
            let text =
                format!("the file {} has {has} bytes of the {said} that the package declares", item.path);
            return Err(Error::Package(text));
        }
        let core = self.client.core();
        let url = address(&to.url, core.http.host())?;
        let peer = core.peer_of(&url, &to.ssl_thumbprint)?;
        let (method, kind) = if item.create {
            (Method::PUT, "application/octet-stream")
        } else {
            (Method::POST, "application/x-vnd.vmware-streamVmdk")
        };
        let mut request = peer.client.request(method, url).header(CONTENT_TYPE, kind);
        if item.create {
            request = request.header(HeaderName::from_static("overwrite"), "t");
        }
        upload::send(&peer, request, &item.path, size, files, meter).await
    }

    /// Whether all hosts of the lease can read files from other servers. Since vSphere 6.7.
    pub(super) async fn can_pull(&self) -> Result<bool> {
        let now: Capable = self.client.properties().get(&self.object).await?;
        Ok(now.capabilities.is_some_and(|c| c.pull_mode_supported))
    }

    /// Has the hosts of the lease read all files, and returns the task. Needs `VApp.PullFromUrls`.
    pub(super) async fn pull(&self, files: Vec<HttpNfcLeaseSourceFile>) -> Result<MoRef> {
        self.client.call(&HttpNfcLeasePullFromUrlsTask { this: self.object.clone(), files }).await
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
}
