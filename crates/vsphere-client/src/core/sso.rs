//! The session of the administration of single sign-on (`/sso-adminserver`): opened by the first call that needs it, with
//! a token of the token service (`/sts`), opened again when it has ended, and closed with the others.
//!
//! The token is a bearer token: it is all that a client needs to act as the user. It is used for the login only, and not
//! kept. No error, no log and no record of calls has it, nor the password.

use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use secrecy::{ExposeSecret as _, SecretString};
use vim_types::methods::{SsoAdminServiceInstance, SsoSessionManagerLogin, SsoSessionManagerLogout};
use vim_types::types::SsoAdminServiceContent;
use vim_types::xml::{MoRef, Reader, Writer};

use super::Core;
use crate::core::busy::Reopening;
use crate::core::call_log::{self, Entry};
use crate::core::http::{self, Kind};
use crate::core::session::{COOKIE as COOKIE_NAME, Session, lock};
use crate::core::soap::{self, AnyRequest};
use crate::error::{Error, Fault, FaultKind, Result};

/// The namespace of the requests, without `urn:`.
pub(crate) const NAMESPACE: &str = "sso";

const ADMIN: &str = "/sso-adminserver/sdk";
const TOKENS: &str = "/sts/STSService";
const ADMIN_ACTION: &str = "urn:sso/version2";
const ISSUE_ACTION: &str = "\"http://docs.oasis-open.org/ws-sx/ws-trust/200512/RST/Issue\"";
const TRUST: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512";
const SECURITY: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const UTILITY: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";

/// How long a request to the token service is valid, and how long its token.
const REQUEST_LIFETIME: Duration = Duration::from_secs(60);
const TOKEN_LIFETIME: Duration = Duration::from_secs(300);

/// The session, and where the services are.
#[derive(Default)]
pub(crate) struct SsoSession {
    /// The domain that both services are for; nothing where it is not known.
    domain: Mutex<Option<String>>,
    open: Mutex<Option<Open>>,
    gate: tokio::sync::Mutex<u64>,
    /// Why the server refused the credentials. They do not get better, and accounts get locked.
    refused: Mutex<Option<Fault>>,
}

impl SsoSession {
    /// Sets the domain that is part of the paths of the services.
    pub(crate) fn set_domain(&self, domain: &str) {
        *lock(&self.domain) = Some(domain.to_owned());
    }

    fn path(&self, of: &str) -> String {
        match &*lock(&self.domain) {
            Some(domain) => format!("{of}/{domain}"),
            None => of.to_owned(),
        }
    }
}

#[derive(Clone)]
struct Open {
    /// The cookies of the session, as a header.
    cookies: SecretString,
    content: SsoAdminServiceContent,
    generation: u64,
}

/// A request to one of the two services.
struct Message<'a> {
    path: &'a str,
    action: &'static str,
    name: &'static str,
    header: &'a str,
    body: &'a str,
    kind: Kind,
    cookies: Option<&'a SecretString>,
}

impl Core {
    /// The objects of the administration service.
    pub(crate) async fn sso_content(&self) -> Result<SsoAdminServiceContent> {
        Ok(self.sso_open(None).await?.content)
    }

    /// Calls a method of the administration service. A lost session is opened again.
    pub(super) async fn sso_call(&self, request: &dyn AnyRequest, kind: Kind) -> Result<String> {
        let body = soap::encode(request, self.version())?;
        let mut open = self.sso_open(None).await?;
        let mut reopening = Reopening::new(self.config.api_timeout);
        loop {
            match self.sso_admin(request.name(), "", &body, kind, Some(&open.cookies)).await {
                Err(Error::Fault { method, fault }) if soap::lost_session(&fault) => {
                    if !reopening.next().await {
                        return Err(Error::Fault { method, fault });
                    }
                    open = self.sso_open(Some(open.generation)).await?;
                }
                result => return result.map(|(text, _)| text),
            }
        }
    }

    /// The session, opened if need be; `lost` is the generation that the server no longer knows.
    async fn sso_open(&self, lost: Option<u64>) -> Result<Open> {
        let session = self.slot::<SsoSession>();
        let usable = || lock(&session.open).clone().filter(|o| lost.is_none_or(|lost| o.generation > lost));
        if let Some(open) = usable() {
            return Ok(open);
        }
        let mut generation = session.gate.lock().await;
        if let Some(open) = usable() {
            return Ok(open);
        }
        if self.closed() {
            // That session would never be ended.
            return Err(Error::Cancelled);
        }
        let (content, cookies) = self.sso_login().await?;
        *generation += 1;
        let open = Open { cookies, content, generation: *generation };
        *lock(&session.open) = Some(open.clone());
        Ok(open)
    }

    async fn sso_login(&self) -> Result<(SsoAdminServiceContent, SecretString)> {
        let session = self.slot::<SsoSession>();
        if let Some(fault) = lock(&session.refused).clone() {
            return Err(self.refused(fault));
        }
        let this = MoRef::new("SsoAdminServiceInstance", "SsoAdminServiceInstance");
        let body = soap::encode(&SsoAdminServiceInstance { this }, self.version())?;
        let (text, _) = self.sso_admin("SsoAdminServiceInstance", "", &body, Kind::Read, None).await?;
        let content: SsoAdminServiceContent = soap::decode("SsoAdminServiceInstance", &text)?;

        let token = self.sso_token().await?;
        let header = security(&self.http.operation_id(), token.expose_secret());
        let request = SsoSessionManagerLogin { this: content.session_manager.clone() };
        let body = soap::encode(&request, self.version())?;
        // A login that got lost leaves at worst a session behind that ends by itself.
        let login = self.sso_admin("Login", header.expose_secret(), &body, Kind::Read, None).await;
        match login {
            Ok((_, headers)) => Ok((content, cookies(&headers))),
            Err(Error::Fault { fault, .. }) => Err(self.refused(*fault)),
            Err(error) => Err(error),
        }
    }

    /// A token for the user, with name and password.
    async fn sso_token(&self) -> Result<SecretString> {
        let session = self.slot::<SsoSession>();
        let path = session.path(TOKENS);
        let mut credentials = Writer::new(self.version());
        credentials.raw("<wsse:UsernameToken>");
        credentials.leaf("wsse:Username", &self.config.user);
        credentials.leaf("wsse:Password", self.config.password.expose_secret());
        credentials.raw("</wsse:UsernameToken>");
        let header = security(&self.http.operation_id(), credentials.as_str());
        let body = issue(SystemTime::now());
        let message = Message {
            path: &path,
            action: ISSUE_ACTION,
            name: "Issue",
            header: header.expose_secret(),
            body: &body,
            kind: Kind::Read,
            cookies: None,
        };
        match self.sso_send(&message).await {
            Ok((text, _)) => assertion(&text),
            Err(Error::Fault { fault, .. }) if fault.kind == FaultKind::InvalidLogin => {
                *lock(&session.refused) = Some((*fault).clone());
                Err(self.refused(*fault))
            }
            Err(error) => Err(error),
        }
    }

    async fn sso_admin(
        &self,
        name: &'static str,
        header: &str,
        body: &str,
        kind: Kind,
        cookies: Option<&SecretString>,
    ) -> Result<(String, HeaderMap)> {
        let path = self.slot::<SsoSession>().path(ADMIN);
        self.sso_send(&Message { path: &path, action: ADMIN_ACTION, name, header, body, kind, cookies }).await
    }

    /// Sends a request. Returns the text of the answer, which holds no fault, and its headers.
    async fn sso_send(&self, message: &Message<'_>) -> Result<(String, HeaderMap)> {
        let Message { path, action, name, header, body, kind, cookies } = *message;
        let operation = self.http.operation_id();
        let header = if header.is_empty() { String::new() } else { format!("<Header>{header}</Header>") };
        let envelope =
            SecretString::from(format!("{}{header}<Body>{body}</Body></Envelope>", soap::ENVELOPE));
        let started = Instant::now();
        let result = self
            .http
            .send(Method::POST, path, kind, |request| {
                let request = request
                    .header(CONTENT_TYPE, "text/xml; charset=utf-8")
                    .header("SOAPAction", action)
                    .body(envelope.expose_secret().to_owned());
                // As every client of a vCenter does: the cookies of one server go to all of its services.
                match cookie_header(&self.session, cookies) {
                    Some(cookies) => request.header(COOKIE, cookies),
                    None => request,
                }
            })
            .await;
        let (took, status) = http::traced(name, None, &operation, started, &result);
        let answer = result.and_then(|answer| {
            let headers = answer.headers.clone();
            // Faults have an error status: no other answer is searched.
            let code = (!answer.status.is_success())
                .then(|| soap::fault_code(&String::from_utf8_lossy(&answer.body)))
                .flatten();
            match self.body(path, name, answer) {
                // The token service has no other name for it.
                Err(Error::Fault { method, fault }) if code.as_deref() == Some("FailedAuthentication") => {
                    let fault = Fault::new("InvalidLogin", fault.message.clone(), Default::default());
                    Err(Error::Fault { method, fault: Box::new(fault) })
                }
                text => text.map(|text| (text, headers)),
            }
        });
        let object = call_log::object_of(body);
        // The text of a fault may repeat a password of the request.
        let error = answer.as_ref().err().map(|error| match error {
            Error::Fault { fault, .. } => fault.name.clone(),
            error => error.in_one_line(),
        });
        self.http.log(|| Entry { method: name, object: &object, operation: &operation, took, status, error });
        answer
    }

    /// Ends the session, if there is one.
    pub(crate) async fn logout_sso(&self) -> Result<()> {
        let open = lock(&self.slot::<SsoSession>().open).take();
        let Some(open) = open else { return Ok(()) };
        let request = SsoSessionManagerLogout { this: open.content.session_manager };
        let body = soap::encode(&request, self.version())?;
        match self.sso_admin("Logout", "", &body, Kind::Read, Some(&open.cookies)).await {
            Err(Error::Fault { fault, .. }) if soap::lost_session(&fault) => Ok(()),
            result => result.map(|_| ()),
        }
    }
}

/// The header of a request that brings what proves who its sender is.
fn security(id: &str, proof: &str) -> SecretString {
    let (created, expires) = span(SystemTime::now(), REQUEST_LIFETIME);
    SecretString::from(format!(
        "<wsse:Security xmlns:wsse=\"{SECURITY}\" xmlns:wsu=\"{UTILITY}\"><wsu:Timestamp wsu:Id=\"_{id}\">\
         <wsu:Created>{created}</wsu:Created><wsu:Expires>{expires}</wsu:Expires></wsu:Timestamp>{proof}</wsse:Security>"
    ))
}

/// The request for a bearer token.
fn issue(now: SystemTime) -> String {
    let (created, expires) = span(now, TOKEN_LIFETIME);
    format!(
        "<RequestSecurityToken xmlns=\"{TRUST}\"><TokenType>urn:oasis:names:tc:SAML:2.0:assertion</TokenType>\
         <RequestType>{TRUST}/Issue</RequestType><Lifetime><wsu:Created xmlns:wsu=\"{UTILITY}\">{created}</wsu:Created>\
         <wsu:Expires xmlns:wsu=\"{UTILITY}\">{expires}</wsu:Expires></Lifetime><Renewing Allow=\"false\" OK=\"false\"/>\
         <KeyType>{TRUST}/Bearer</KeyType>\
         <SignatureAlgorithm>http://www.w3.org/2001/04/xmldsig-more#rsa-sha256</SignatureAlgorithm></RequestSecurityToken>"
    )
}

fn span(now: SystemTime, lifetime: Duration) -> (String, String) {
    let text = |at| humantime::format_rfc3339_millis(at).to_string();
    (text(now), text(now + lifetime))
}

/// The token of an answer, byte by byte: it is signed.
fn assertion(text: &str) -> Result<SecretString> {
    let unreadable = |source| Error::decode("Issue", source);
    let mut reader = soap::answer("Issue", text)?;
    let found = find(&mut reader).map_err(unreadable)?;
    let token = found.and_then(|(start, end)| text.get(start..end)).unwrap_or_default();
    let token = token.rsplit_once("</").map_or("", |(token, _)| token).trim();
    if token.is_empty() {
        return Err(Error::decode("Issue", std::io::Error::other("the answer has no token")));
    }
    Ok(SecretString::from(token.to_owned()))
}

/// The place of what the token's element holds, with the end of that element.
fn find(reader: &mut Reader<'_>) -> Result<Option<(usize, usize)>, vim_types::xml::Error> {
    fn enter(reader: &mut Reader<'_>, name: &str) -> Result<bool, vim_types::xml::Error> {
        while reader.next_child()? {
            if reader.name() == name {
                return Ok(true);
            }
            reader.skip()?;
        }
        Ok(false)
    }
    let is_collection = reader.name() == "RequestSecurityTokenResponseCollection";
    if is_collection && !enter(reader, "RequestSecurityTokenResponse")? {
        return Ok(None);
    }
    if !enter(reader, "RequestedSecurityToken")? {
        return Ok(None);
    }
    let start = reader.position();
    reader.skip()?;
    Ok(Some((start, reader.position())))
}

/// The cookies that an answer sets, as a header.
fn cookies(headers: &HeaderMap) -> SecretString {
    let pairs = headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = pairs.filter_map(|value| value.split(';').next()).map(str::trim).filter(|p| p.contains('='));
    SecretString::from(pairs.collect::<Vec<_>>().join("; "))
}

/// The cookie of the main session, unless a later one of that name has replaced it, and those of this one.
fn cookie_header(main: &Session, cookies: Option<&SecretString>) -> Option<HeaderValue> {
    let own = cookies.map_or("", |own| own.expose_secret());
    let main = main.cookie_header().filter(|_| !own.contains(COOKIE_NAME));
    let main = main.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default();
    let all: Vec<&str> = [main, own].into_iter().filter(|part| !part.is_empty()).collect();
    let mut value = HeaderValue::from_str(&all.join("; ")).ok().filter(|_| !all.is_empty())?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_taken_as_it_was_signed() {
        let token =
            "<saml2:Assertion xmlns:saml2=\"x\" ID=\"_1\"><a b=\"1\"/>\n <c>&amp;</c></saml2:Assertion>";
        let response = format!(
            "<t:RequestSecurityTokenResponse><t:TokenType>x</t:TokenType><t:RequestedSecurityToken>{token}\
             </t:RequestedSecurityToken><t:Lifetime/></t:RequestSecurityTokenResponse>"
        );
        let collection = format!(
            "<t:RequestSecurityTokenResponseCollection>{response}</t:RequestSecurityTokenResponseCollection>"
        );
        for body in [&response, &collection] {
            let text = format!("<S:Envelope><S:Header/><S:Body>{body}</S:Body></S:Envelope>");
            assert_eq!(assertion(&text).unwrap().expose_secret(), token);
        }
        let empty = collection.replace(token, "");
        let error = assertion(&format!("<S:Envelope><S:Body>{empty}</S:Body></S:Envelope>")).unwrap_err();
        assert!(matches!(error, Error::Decode { .. }), "{error:?}");
    }

    #[test]
    fn a_fault_of_the_token_service_has_a_code_only() {
        let text = "<S:Envelope><S:Body><S:Fault><faultcode xmlns:ns0=\"x\">ns0:FailedAuthentication</faultcode>\
                    <faultstring>Invalid credentials</faultstring></S:Fault></S:Body></S:Envelope>";
        assert_eq!(soap::fault_code(text).as_deref(), Some("FailedAuthentication"));
        assert_eq!(soap::fault_code("<S:Envelope><S:Body><a/></S:Body></S:Envelope>"), None);
    }

    #[test]
    fn a_request_for_a_token_has_its_time() {
        let text = issue(SystemTime::UNIX_EPOCH + Duration::from_secs(86_400));
        assert!(text.contains(">1970-01-02T00:00:00.000Z<") && text.contains(">1970-01-02T00:05:00.000Z<"));
    }
}
