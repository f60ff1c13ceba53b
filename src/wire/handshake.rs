//! The agreement with the process that started us: over the environment, and one line of standard output.
use super::tls::{self, Tls};
use std::fmt;

/// Terraform sets this so that a plugin can detect that Terraform has started it. It is not a secret.
const COOKIE_NAME: &str = "TF_PLUGIN_MAGIC_COOKIE";
const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// The version of go-plugin's own protocol, and that of Terraform's.
const CORE_PROTOCOL: u32 = 1;
const PROTOCOL: u32 = 6;

/// Why no agreement was found.
#[derive(Debug)]
pub(super) enum Refused {
    /// The program was not started as a plugin.
    ByHand,
    /// The caller does not speak our version; these it does.
    Protocol(String),
    /// The certificate in the environment is none.
    Certificate(String),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByHand => f.write_str("not started as a plugin"),
            Self::Protocol(offered) => write!(
                f,
                "This provider speaks plugin protocol {PROTOCOL}; the program that started it offers {offered}. \
                 Terraform 1.0 or later, or OpenTofu, is needed."
            ),
            Self::Certificate(e) => write!(f, "PLUGIN_CLIENT_CERT holds no certificate: {e}"),
        }
    }
}

/// What the environment asks for.
pub(super) struct Agreement {
    /// How to speak; without it in the clear, where TLS was turned off on the other side.
    pub(super) tls: Option<Tls>,
}

impl Agreement {
    /// Reads the environment.
    pub(super) fn find(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Refused> {
        if variable(COOKIE_NAME).as_deref() != Some(COOKIE) {
            return Err(Refused::ByHand);
        }
        // Before the list existed, a client spoke only the plugin's own version.
        if let Some(offered) = variable("PLUGIN_PROTOCOL_VERSIONS").filter(|v| !v.is_empty())
            && !offered.split(',').any(|v| v.trim().parse() == Ok(PROTOCOL))
        {
            return Err(Refused::Protocol(offered));
        }
        let tls = match variable("PLUGIN_CLIENT_CERT").filter(|v| !v.is_empty()) {
            Some(pem) => Some(tls::for_client(&pem).map_err(|e| Refused::Certificate(e.to_string()))?),
            None => None,
        };
        Ok(Self { tls })
    }

    /// The line that Terraform waits for.
    pub(super) fn line(&self, network: &str, address: &str) -> String {
        let certificate = self.tls.as_ref().map_or("", |t| t.certificate.as_str());
        format!("{CORE_PROTOCOL}|{PROTOCOL}|{network}|{address}|grpc|{certificate}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(set: &[(&str, &str)]) -> Result<Agreement, Refused> {
        Agreement::find(|name| set.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn the_environment_is_read() {
        assert!(matches!(find(&[]), Err(Refused::ByHand)));
        assert!(matches!(find(&[(COOKIE_NAME, "chocolate")]), Err(Refused::ByHand)));
        let cookie = (COOKIE_NAME, COOKIE);
        assert!(find(&[cookie]).is_ok());
        assert!(find(&[cookie, ("PLUGIN_PROTOCOL_VERSIONS", "5,6")]).is_ok());
        let old = find(&[cookie, ("PLUGIN_PROTOCOL_VERSIONS", "4,5")]);
        assert!(matches!(old, Err(Refused::Protocol(v)) if v == "4,5"));
        let wrong = find(&[cookie, ("PLUGIN_CLIENT_CERT", "nothing")]);
        assert!(matches!(wrong, Err(Refused::Certificate(_))));
    }

    #[test]
    fn the_line_has_six_fields() {
        let line = Agreement { tls: None }.line("unix", "/tmp/socket");
        assert_eq!(line, "1|6|unix|/tmp/socket|grpc|\n");
    }
}
