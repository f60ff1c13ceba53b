//! HTTP: connections, limits, bounded retry, counting.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, StatusCode, Url};
use tokio::sync::Semaphore;

use crate::core::backoff::{Backoff, random};
use crate::core::call_log::{CallLog, Entry};
use crate::core::config::{Config, Tls};
use crate::core::proxy;
use crate::core::tls;
use crate::error::{Error, Result};

/// A vCenter before 8.0U3 serves 160 new sessions and 550 calls per user at a time; one client needs few.
const IN_FLIGHT: usize = 16;
/// The largest answer that is read; the whole configuration of 5,000 VMs is below 100 MB.
const MAX_ANSWER: usize = 512 << 20;
/// How often a request is sent at most.
const ATTEMPTS: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// How long a connection without requests is kept.
const IDLE: Duration = Duration::from_secs(20);
/// How long making a connection may take. The operating system tries several times meanwhile.
const CONNECT: Duration = Duration::from_secs(30);

/// How often a server of files may send to another place.
const REDIRECTS: usize = 10;

pub(crate) struct Http {
    client: reqwest::Client,
    host: String,
    base: String,
    api_timeout: Duration,
    connect_timeout: Duration,
    refused: Arc<tls::Refused>,
    permits: Semaphore,
    requests: AtomicU64,
    prefix: String,
    calls: AtomicU64,
    log: Option<CallLog>,
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Traces how a call went that has begun at `started`: how long it took, and the status of the answer.
pub(super) fn traced(
    method: &str,
    path: Option<&str>,
    operation: &str,
    started: Instant,
    result: &Result<Answer>,
) -> (Duration, Option<u16>) {
    let (took, status) = (started.elapsed(), result.as_ref().ok().map(|a| a.status.as_u16()));
    let ms = took.as_millis() as u64;
    match result {
        Ok(_) => tracing::debug!(method, path, operation, ms, status, "call"),
        Err(error) => tracing::debug!(method, path, operation, ms, %error, "call"),
    }
    (took, status)
}

/// How a request is to be treated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// May be sent again when it is not known whether the server has acted on it.
    Read,
    /// Must not be sent twice.
    Write,
    /// A write that the server answers when its work is done, after at most this many seconds.
    SlowWrite(u64),
    /// A read that the server holds back for at most this many seconds.
    LongPoll(u64),
}

impl Kind {
    fn is_write(self) -> bool {
        matches!(self, Kind::Write | Kind::SlowWrite(_))
    }
}

impl Http {
    pub(crate) fn new(config: &Config) -> Result<Self> {
        let (tls_config, refused) = tls::client_config(&config.tls)?;
        let host = config.host().to_owned();
        if !is_host(&host) {
            return Err(Error::Server(config.server.clone()));
        }
        let connect_timeout = config.api_timeout.min(CONNECT);
        let client = proxy::through(reqwest::Client::builder())?
            .tls_backend_preconfigured(tls_config)
            .user_agent(&config.user_agent)
            .connect_timeout(connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            // HTTP/2 to a vCenter has been slower than many connections, by far for transfers.
            .http1_only()
            .pool_max_idle_per_host(IN_FLIGHT + 2)
            // Before a proxy or the server closes it: a write that meets the closing cannot be repeated.
            .pool_idle_timeout(IDLE)
            .tcp_nodelay(true)
            .build()
            .map_err(|e| Error::Config(e.to_string()))?;
        let base = format!("https://{host}");
        // Tests talk to servers of their own that have no certificate.
        #[cfg(test)]
        let (base, host) = match config.server.strip_prefix("http://") {
            Some(plain) => (config.server.clone(), plain.to_owned()),
            None => (base, host),
        };
        Ok(Http {
            client,
            host,
            base,
            api_timeout: config.api_timeout,
            connect_timeout,
            refused,
            permits: Semaphore::new(IN_FLIGHT),
            requests: AtomicU64::new(0),
            prefix: format!("{:08x}", random() as u32),
            calls: AtomicU64::new(0),
            log: config.call_log.as_deref().map(CallLog::open).transpose()?,
        })
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// The beginning of each URL.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// How many requests have been sent, repetitions included.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// An id that no other call has: the server writes it into its logs and its tasks.
    pub(crate) fn operation_id(&self) -> String {
        format!("{}-{:x}", self.prefix, self.calls.fetch_add(1, Ordering::Relaxed))
    }

    /// Where calls are written down, if anywhere.
    pub(crate) fn log<'e>(&self, entry: impl FnOnce() -> Entry<'e>) {
        if let Some(log) = &self.log {
            log.write(&entry());
        }
    }

    /// Sends a request; repeats it, a few times and with growing pauses, where that can do no harm.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        kind: Kind,
        build: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<Answer> {
        let url = format!("{}{path}", self.base);
        let mut attempt = 1;
        let mut backoff = Backoff::new(FIRST_PAUSE, FIRST_PAUSE * 2_u32.pow(ATTEMPTS)).with_jitter();
        loop {
            let request = build(self.client.request(method.clone(), &url));
            let result = self.once(request, kind).await;
            let pause = match &result {
                Ok(answer) => {
                    let status = answer.status.as_u16();
                    if !matches!(status, 429 | 502..=504) {
                        return result;
                    }
                    if kind.is_write() && status != 429 && !is_untouched(&answer.body) {
                        if is_of_the_service(&answer.body) {
                            return result;
                        }
                        // A proxy in front of vCenter may have passed the request on.
                        let source = format!("something in front of the vCenter answered HTTP {status}");
                        return Err(Error::Transport {
                            server: self.host.clone(),
                            may_have_been_sent: true,
                            source: Arc::new(std::io::Error::other(source)),
                        });
                    }
                    retry_after(&answer.headers)
                }
                Err(Error::Transport { may_have_been_sent, .. })
                    if !may_have_been_sent || !kind.is_write() =>
                {
                    None
                }
                Err(_) => return result,
            };
            if attempt == ATTEMPTS {
                return result;
            }
            let delay = backoff.next().unwrap_or_default();
            let pause = pause.unwrap_or(delay);
            tracing::debug!(path, attempt, pause_ms = pause.as_millis() as u64, "sending again");
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    async fn once(&self, request: RequestBuilder, kind: Kind) -> Result<Answer> {
        // A long poll does nothing on the server, so it takes no place from others; what takes long must not take the places
        // of what keeps it alive.
        let _permit = match kind {
            Kind::LongPoll(_) | Kind::SlowWrite(_) => None,
            _ => self.permits.acquire().await.ok(),
        };
        let limit = match kind {
            Kind::LongPoll(seconds) => self.api_timeout + Duration::from_secs(seconds),
            Kind::SlowWrite(seconds) => self.api_timeout.max(Duration::from_secs(seconds)),
            _ => self.api_timeout,
        };
        self.requests.fetch_add(1, Ordering::Relaxed);
        let exchange = async {
            let mut response = request.send().await.map_err(|e| self.error(e))?;
            let (status, headers) = (response.status(), response.headers().clone());
            let mut body = BytesMut::new();
            while let Some(chunk) = response.chunk().await.map_err(|e| self.error(e))? {
                if body.len() + chunk.len() > MAX_ANSWER {
                    return Err(Error::decode(
                        "a request",
                        std::io::Error::other(format!("the answer is larger than {MAX_ANSWER} bytes")),
                    ));
                }
                body.extend_from_slice(&chunk);
            }
            Ok(Answer { status, headers, body: body.freeze() })
        };
        tokio::time::timeout(limit, exchange).await.unwrap_or_else(|_| {
            Err(Error::Timeout { what: format!("a request to {}", self.host), after: limit })
        })
    }

    fn error(&self, error: reqwest::Error) -> Error {
        failed(error, self.host.clone(), self.connect_timeout, &self.refused)
    }

    /// The server, for transfers of any length.
    pub(crate) fn peer(&self) -> Peer {
        Peer { client: self.client.clone(), host: self.host.clone(), refused: self.refused.clone() }
    }
}

/// A server that files go to or come from: as long as it takes, and not counted among the calls.
#[derive(Clone)]
pub(crate) struct Peer {
    pub(crate) client: reqwest::Client,
    /// `host[:port]`.
    pub(crate) host: String,
    refused: Arc<tls::Refused>,
}

impl Peer {
    /// Another server than the vCenter.
    pub(crate) fn new(host: &str, trust: &Tls, user_agent: &str) -> Result<Self> {
        let (tls_config, refused) = tls::client_config(trust)?;
        let client = proxy::through(reqwest::Client::builder())?
            .tls_backend_preconfigured(tls_config)
            .user_agent(user_agent)
            .connect_timeout(CONNECT)
            .redirect(reqwest::redirect::Policy::custom(redirect))
            .http1_only()
            // What is packed stays packed: sizes are those of the files.
            .no_gzip()
            .build()
            .map_err(|e| Error::Config(e.to_string()))?;
        Ok(Peer { client, host: host.to_owned(), refused })
    }

    pub(crate) fn error(&self, error: reqwest::Error) -> Error {
        failed(error, self.host.clone(), CONNECT, &self.refused)
    }
}

/// Where a server of files may send to: to http or https, and not away from https.
fn redirect(attempt: reqwest::redirect::Attempt<'_>) -> reqwest::redirect::Action {
    let from = attempt.previous().last().map_or("", |url| url.scheme());
    let to = attempt.url().scheme();
    if !is_safe_redirect(from, to) {
        let text = format!("the server redirects from {from} to {to:?}, which is not followed");
        return attempt.error(std::io::Error::other(text));
    }
    if attempt.previous().len() > REDIRECTS {
        return attempt.error(std::io::Error::other("the server redirects too often"));
    }
    attempt.follow()
}

fn is_safe_redirect(from: &str, to: &str) -> bool {
    to == "https" || (to == "http" && from == "http")
}

fn failed(error: reqwest::Error, server: String, timeout: Duration, refused: &tls::Refused) -> Error {
    let may_have_been_sent = !error.is_connect();
    let error = error.without_url();
    if error.is_connect() && error.is_timeout() {
        // The server does not answer: four attempts would only make the user wait four times as long.
        return Error::Timeout { what: format!("connecting to {server}"), after: timeout };
    }
    if let Some(tls) = find_tls_error(&error) {
        let refused_certificate = matches!(tls, rustls::Error::InvalidCertificate(_));
        let thumbprint = if refused_certificate { refused.thumbprint() } else { None };
        return Error::Tls { server, thumbprint, source: Arc::new(tls) };
    }
    Error::Transport { server, may_have_been_sent, source: Arc::new(error) }
}

/// Whether an answer (503, and 502 and 504 beside it) says that the request has reached no service. Only what vCenter
/// itself is known to say counts: a proxy that answers 503 may have passed the request on before.
///
/// - its own proxy of old: "503 Service Unavailable (Failed to connect to endpoint: …)";
/// - Envoy, its proxy since 8.0: "no healthy upstream", or "upstream connect error or disconnect/reset before headers.
///   reset reason: connection failure" (or "overflow"); with "connection termination" it broke when the request was on
///   its way;
/// - the REST services: `SERVICE_UNAVAILABLE`, of a service that starts or has too many sessions.
fn is_untouched(body: &[u8]) -> bool {
    let text = head(body);
    text.contains("Failed to connect to endpoint")
        || text.contains("no healthy upstream")
        || text.contains("disconnect/reset")
            && (text.contains("connection failure") || text.contains("overflow"))
        || is_of_the_service(body) && text.to_ascii_uppercase().contains("SERVICE_UNAVAILABLE")
}

/// Whether an error is one of the REST services, and so not of a proxy.
fn is_of_the_service(body: &[u8]) -> bool {
    let text = head(body);
    text.contains("\"error_type\"") || text.contains("com.vmware.vapi.std.errors.")
}

fn head(body: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(&body[..body.len().min(1000)])
}

/// Whether it is `host` or `host:port`, as far as a URL can say.
fn is_host(text: &str) -> bool {
    let whole = !text.is_empty() && !text.contains(['@', '?', '#', ' ']);
    whole
        && Url::parse(&format!("https://{text}"))
            .is_ok_and(|u| u.host_str().is_some() && !text.ends_with(':'))
}

pub(crate) fn find_tls_error(error: &(dyn std::error::Error + 'static)) -> Option<rustls::Error> {
    let mut current = Some(error);
    while let Some(e) = current {
        if let Some(tls) = e.downcast_ref::<rustls::Error>() {
            return Some(tls.clone());
        }
        // An io::Error gives out the source of what it holds, not what it holds.
        let held = e.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if let Some(held) = held
            && let Some(tls) = find_tls_error(held)
        {
            return Some(tls);
        }
        current = e.source();
    }
    None
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get("retry-after")?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds.min(30)))
}

/// `host[:port]` of a URL.
pub(crate) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_do_not_lead_away_from_https() {
        for (from, to, safe) in [
            ("https", "https", true),
            ("http", "https", true),
            ("http", "http", true),
            ("https", "http", false),
            ("http", "file", false),
            ("https", "ftp", false),
        ] {
            assert_eq!(is_safe_redirect(from, to), safe, "{from} to {to}");
        }
    }
}
