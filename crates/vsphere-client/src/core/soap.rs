//! SOAP: envelopes out, answers and faults in.

use std::time::Instant;

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use vim_types::xml::{ApiVersion, MoRef, Reader, Request, Value, Writer};

use super::Core;
use crate::core::call_log::{self, Entry};
use crate::core::http::{self, Answer, Kind};
use crate::error::{Error, Fault, FaultKind, Result};

pub(super) const ENVELOPE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
    <Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\" \
    xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">";

/// The oldest API version that is supported.
pub(crate) const OLDEST: ApiVersion = ApiVersion::new([6, 7, 0, 0]);
/// The newest API version that the types know.
pub(crate) const NEWEST: ApiVersion = ApiVersion::new([9, 1, 1, 0]);

/// A request, whatever its method: what sends it is compiled once, and not for each method.
pub(crate) trait AnyRequest: Sync {
    fn name(&self) -> &'static str;
    fn namespace(&self) -> &'static str;
    fn write(&self, writer: &mut Writer);
}

impl<R: Request + Sync> AnyRequest for R {
    fn name(&self) -> &'static str {
        R::NAME
    }

    fn namespace(&self) -> &'static str {
        R::NAMESPACE
    }

    fn write(&self, writer: &mut Writer) {
        Request::write(self, writer);
    }
}

/// The services of a server that share a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    /// All but the following.
    Vim,
    /// Storage policies.
    Pbm,
    /// vSAN.
    Vsan,
}

impl Service {
    pub(super) fn of(request: &dyn AnyRequest) -> Self {
        match request.namespace() {
            "pbm" => Service::Pbm,
            "vsan" => Service::Vsan,
            _ => Service::Vim,
        }
    }

    fn path(self) -> &'static str {
        match self {
            Service::Vim => "/sdk",
            Service::Pbm => "/pbm",
            Service::Vsan => "/vsanHealth",
        }
    }

    /// Whether a fault says that there is no such session.
    pub(super) fn lost_session(self, fault: &Fault) -> bool {
        lost_session(fault) || self == Service::Pbm && fault.name == "SecurityError"
    }
}

impl Core {
    /// One call of the main service as the session is now.
    pub(crate) async fn exchange(&self, name: &'static str, body: &str, kind: Kind) -> Result<String> {
        self.exchange_with(Service::Vim, name, body, kind).await
    }

    pub(super) async fn exchange_with(
        &self,
        service: Service,
        name: &'static str,
        body: &str,
        kind: Kind,
    ) -> Result<String> {
        let operation = self.http.operation_id();
        let session = match service {
            Service::Vim => String::new(),
            // The other services take the session from here, not from the cookie.
            Service::Pbm | Service::Vsan => self.session.cookie_element(),
        };
        let envelope = format!(
            "{ENVELOPE}<Header><operationID>{operation}</operationID>{session}</Header><Body>{body}</Body></Envelope>"
        );
        let action = match service {
            Service::Vim => format!("\"urn:vim25/{}\"", self.soap_version()),
            Service::Pbm => "\"urn:pbm/2.0\"".to_owned(),
            Service::Vsan => "\"urn:vsan\"".to_owned(),
        };
        let started = Instant::now();
        let result = self
            .http
            .send(Method::POST, service.path(), kind, |request| {
                let request = request
                    .header(CONTENT_TYPE, "text/xml; charset=utf-8")
                    .header("SOAPAction", &action)
                    .body(envelope.clone());
                match self.session.cookie_header() {
                    Some(cookie) => request.header(COOKIE, cookie),
                    None => request,
                }
            })
            .await;
        let (took, status) = http::traced(name, None, &operation, started, &result);
        self.session.note_used();
        let text = result.and_then(|answer| {
            // Servers give a new, empty session to a request without a cookie. While the session is opened again, such an
            // answer must not replace what the login brings.
            if name == "Login" {
                for cookie in answer.headers.get_all(SET_COOKIE) {
                    self.session.note_cookie(cookie);
                }
            }
            self.body(service.path(), name, answer)
        });
        let object = call_log::object_of(body);
        let error = text.as_ref().err().map(Error::in_one_line);
        self.http.log(|| Entry { method: name, object: &object, operation: &operation, took, status, error });
        text
    }

    /// The text of an answer that holds no fault. `path` is where it was asked for.
    pub(super) fn body(&self, path: &str, name: &'static str, answer: Answer) -> Result<String> {
        let strange = |reason: String| Error::NotVCenter { server: self.http.host().to_owned(), reason };
        let status = answer.status;
        let Ok(text) = String::from_utf8(answer.body.into()) else {
            return Err(strange(format!("HTTP {status}, and the body is not text")));
        };
        let head = text.trim_start();
        let html = head.get(..9).is_some_and(|h| h.eq_ignore_ascii_case("<!doctype"))
            || head.get(..5).is_some_and(|h| h.eq_ignore_ascii_case("<html"));
        // Behind the vCenter's own proxy; a service that starts is reported so too.
        if (html || !head.starts_with('<')) && matches!(status.as_u16(), 502..=504) {
            return Err(Error::Unavailable { server: self.http.host().to_owned(), status: status.as_u16() });
        }
        if html || !head.starts_with('<') {
            let what = if html { "a web page" } else { "no XML" };
            return Err(strange(format!("HTTP {status} with {what} at {path}")));
        }
        // Servers send faults with 500; some (and simulators) with 200.
        match fault(&text) {
            Ok(Some(fault)) => Err(Error::Fault { method: name, fault: Box::new(fault) }),
            Ok(None) if status.is_success() => Ok(text),
            Ok(None) => Err(strange(format!("HTTP {status} without a fault"))),
            Err(source) => Err(Error::decode(name, source)),
        }
    }
}

pub(crate) fn lost_session(fault: &Fault) -> bool {
    fault.kind == FaultKind::NotAuthenticated
}

/// Whether the server does not know the version that the call asked for.
pub(crate) fn unsupported_version(error: &Error) -> bool {
    error.fault().is_some_and(|f| f.message.contains("nsupported version"))
}

pub(crate) fn encode(request: &dyn AnyRequest, server: ApiVersion) -> Result<String> {
    let mut writer = Writer::new(server);
    writer.raw("<");
    writer.raw(request.name());
    writer.raw(" xmlns=\"urn:");
    writer.raw(request.namespace());
    writer.raw("\">");
    request.write(&mut writer);
    writer.raw("</");
    writer.raw(request.name());
    writer.raw(">");
    writer.finish().map_err(|refused| Error::Unsupported {
        owner: refused.owner,
        field: refused.field,
        needs: refused.since,
        server,
    })
}

/// The object that a request is made on.
pub(crate) fn object_of(request: &dyn AnyRequest, server: ApiVersion) -> MoRef {
    let body = encode(request, server).unwrap_or_default();
    let object = call_log::object_of(&body);
    object.split_once(':').map(|(ty, id)| MoRef::new(ty, id)).unwrap_or_default()
}

/// Steps into the body: the reader is then at the response's element, or at `Fault`.
fn enter_body(reader: &mut Reader<'_>) -> Result<bool, vim_types::xml::Error> {
    if !reader.next_child()? {
        return Ok(false);
    }
    while reader.next_child()? {
        if reader.name() == "Body" {
            return reader.next_child();
        }
        reader.skip()?;
    }
    Ok(false)
}

/// The code of a fault, without its prefix: all that distinguishes the faults of services outside of vSphere.
pub(super) fn fault_code(text: &str) -> Option<String> {
    let mut reader = Reader::new(text);
    if !enter_body(&mut reader).ok()? || reader.name() != "Fault" {
        return None;
    }
    let tree = reader.dynamic().ok()?;
    tree.text_of("faultcode")?.rsplit(':').next().map(|code| code.trim().to_owned())
}

fn fault(text: &str) -> Result<Option<Fault>, vim_types::xml::Error> {
    let mut reader = Reader::new(text);
    if !enter_body(&mut reader)? || reader.name() != "Fault" {
        return Ok(None);
    }
    let tree = reader.dynamic()?;
    let message = tree.text_of("faultstring").unwrap_or_default().to_owned();
    let detail = tree.child("detail").and_then(|d| d.children.first()).cloned().unwrap_or_default();
    let name = if detail.type_name.is_empty() { &detail.name } else { &detail.type_name };
    let name = name.strip_suffix("Fault").filter(|n| !n.is_empty()).unwrap_or(name).to_owned();
    Ok(Some(Fault::new(&name, message, detail)))
}

/// Reads the `returnval` elements of an answer.
pub(crate) fn decode<T: Value + Default>(name: &str, text: &str) -> Result<T> {
    let mut value = T::default();
    decode_into(&mut value, text).map_err(|source| Error::decode(name, source))?;
    Ok(value)
}

fn decode_into(value: &mut dyn Value, text: &str) -> Result<(), vim_types::xml::Error> {
    let mut reader = Reader::new(text);
    if enter_body(&mut reader)? {
        while reader.next_child()? {
            if reader.name() == "returnval" { value.read(&mut reader)? } else { reader.skip()? }
        }
    }
    Ok(())
}

/// The reader at the children of the answer's element.
pub(crate) fn answer<'a>(name: &str, text: &'a str) -> Result<Reader<'a>> {
    let mut reader = Reader::new(text);
    enter_body(&mut reader).map_err(|source| Error::decode(name, source))?;
    Ok(reader)
}

/// Whether a request names the state of the object that it is meant for. If it is refused because that state has
/// changed, it will always be refused; the caller must read the object again.
pub(crate) fn is_versioned(request: &dyn AnyRequest, server: ApiVersion) -> bool {
    encode(request, server)
        .is_ok_and(|body| body.contains("<changeVersion>") || body.contains("<configVersion>"))
}

/// Whether a method changes nothing, and so may be sent twice.
pub(super) fn is_read(name: &str) -> bool {
    // The last ones set something to a value, whatever it was: a second time changes nothing.
    const READS: [&str; 13] = [
        "Retrieve",
        "VsanClusterGet",
        "VSANVcGet",
        "Find",
        "Query",
        "Has",
        "Fetch",
        "CurrentTime",
        "SessionIsActive",
        "Cancel",
        "SetEntityPermissions",
        "ResetEntityPermissions",
        "SetField",
    ];
    let name = name.strip_prefix("Pbm").unwrap_or(name);
    READS.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAULT: &str = r#"<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="i"><soapenv:Body><soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>Permission to perform this operation was denied.</faultstring><detail><NoPermissionFault xmlns="urn:vim25" xsi:type="NoPermission"><object type="Folder">group-d1</object><privilegeId>Authorization.ModifyRoles</privilegeId><missingPrivileges><entity type="Folder">group-d1</entity><privilegeIds>Authorization.ModifyRoles</privilegeIds><privilegeIds>System.View</privilegeIds></missingPrivileges></NoPermissionFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>"#;

    #[test]
    fn a_fault_names_what_is_missing() {
        let fault = fault(FAULT).unwrap().unwrap();
        let FaultKind::NoPermission { missing } = &fault.kind else { panic!("{fault:?}") };
        assert_eq!(missing[0].object, Some(MoRef::new("Folder", "group-d1")));
        assert_eq!(missing[0].privileges, ["Authorization.ModifyRoles", "System.View"]);
        assert_eq!(
            fault.to_string(),
            "NoPermission: Permission to perform this operation was denied.; Authorization.ModifyRoles, \
             System.View is missing on Folder:group-d1"
        );
    }

    #[test]
    fn a_response_is_not_a_fault() {
        let text = r#"<e:Envelope><e:Header/><e:Body><CreateFolderResponse xmlns="urn:vim25"><returnval type="Folder">group-v9</returnval></CreateFolderResponse></e:Body></e:Envelope>"#;
        assert_eq!(fault(text).unwrap(), None);
        assert_eq!(decode::<MoRef>("CreateFolder", text).unwrap(), MoRef::new("Folder", "group-v9"));
    }
}
