//! What a change of a host comes down to: its connection, and its NTP client. Pure.

/// What happens to the connection of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Connection {
    Keep,
    Reconnect,
    Disconnect,
}

/// What to do for the connection that is wanted. `changed`: with other parameters than those of the last connection.
pub(super) fn connection(now: bool, wanted: bool, changed: bool) -> Connection {
    match (now, wanted) {
        (true, true) if !changed => Connection::Keep,
        (_, true) => Connection::Reconnect,
        (true, false) => Connection::Disconnect,
        (false, false) => Connection::Keep,
    }
}

/// How vCenter connects to a host, as far as it can be compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Parameters {
    pub(super) hostname: String,
    pub(super) username: String,
    pub(super) password: String,
    pub(super) password_version: String,
    pub(super) thumbprint: String,
}

/// Whether a host has to be connected again for these parameters. The state of an import has neither user name nor
/// password: what the configuration adds to it is not a change. A thumbprint that is removed is not one either.
pub(super) fn is_other_connection(prior: &Parameters, plan: &Parameters) -> bool {
    let imported = prior.username.is_empty();
    let thumbprint = !plan.thumbprint.is_empty() && !plan.thumbprint.eq_ignore_ascii_case(&prior.thumbprint);
    let login = (&prior.username, &prior.password, &prior.password_version)
        != (&plan.username, &plan.password, &plan.password_version);
    prior.hostname != plan.hostname || (!imported && (login || thumbprint))
}

/// The NTP client, as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Now<'a> {
    pub(super) running: bool,
    pub(super) policy: &'a str,
    pub(super) servers: &'a [String],
}

/// The NTP client, as far as it is configured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) enabled: Option<bool>,
    pub(super) policy: Option<String>,
    pub(super) servers: Option<Vec<String>>,
}

/// A change of the NTP client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Servers(Vec<String>),
    Policy(String),
    Start,
    Stop,
    /// The service reads its servers when it starts.
    Restart,
}

/// The changes from what there is to what is configured, in their order.
pub(super) fn steps(now: &Now<'_>, wanted: Wanted) -> Vec<Step> {
    let servers = wanted.servers.filter(|s| s != now.servers);
    let other_servers = servers.is_some();
    let policy = wanted.policy.filter(|p| !p.is_empty() && p != now.policy);
    let run = match (now.running, wanted.enabled.unwrap_or(now.running)) {
        (false, true) => Some(Step::Start),
        (true, false) => Some(Step::Stop),
        (true, true) if other_servers => Some(Step::Restart),
        _ => None,
    };
    servers.map(Step::Servers).into_iter().chain(policy.map(Step::Policy)).chain(run).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_made_only_where_they_change() {
        for (now, wanted, changed, expected) in [
            (true, true, false, Connection::Keep),
            (true, true, true, Connection::Reconnect),
            (false, true, false, Connection::Reconnect),
            (true, false, true, Connection::Disconnect),
            (false, false, true, Connection::Keep),
        ] {
            assert_eq!(connection(now, wanted, changed), expected, "{now} {wanted} {changed}");
        }
    }

    #[test]
    fn imported_host_is_not_reconnected_for_its_password() {
        let all =
            |hostname: &str, username: &str, password: &str, version: &str, thumbprint: &str| Parameters {
                hostname: hostname.into(),
                username: username.into(),
                password: password.into(),
                password_version: version.into(),
                thumbprint: thumbprint.into(),
            };
        let prior = all("esx1", "root", "a", "", "AA:BB");
        for (plan, expected) in [
            (prior.clone(), false),
            (all("esx1", "root", "b", "", "AA:BB"), true),
            (all("esx1", "root", "", "1", "AA:BB"), true),
            (all("esx1", "admin", "a", "", "AA:BB"), true),
            (all("esx2", "root", "a", "", "AA:BB"), true),
            (all("esx1", "root", "a", "", "aa:bb"), false),
            (all("esx1", "root", "a", "", "CC:DD"), true),
            (all("esx1", "root", "a", "", ""), false),
        ] {
            assert_eq!(is_other_connection(&prior, &plan), expected, "{plan:?}");
        }
        let imported = all("esx1", "", "", "", "");
        assert!(!is_other_connection(&imported, &prior));
        assert!(is_other_connection(&imported, &all("esx2", "root", "a", "", "AA:BB")));
    }

    #[test]
    fn only_what_differs_of_the_ntp_client_changes() {
        let list = |all: &[&str]| all.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let servers = list(&["a", "b"]);
        let now = |running| Now { running, policy: "off", servers: &servers };
        let wanted = |enabled, policy: Option<&str>, servers: Option<&[&str]>| Wanted {
            enabled,
            policy: policy.map(str::to_owned),
            servers: servers.map(list),
        };
        for (running, wanted, expected) in [
            (false, Wanted::default(), vec![]),
            (false, wanted(Some(false), Some("off"), Some(&["a", "b"])), vec![]),
            (true, wanted(None, Some(""), None), vec![]),
            (false, wanted(Some(true), Some("on"), None), vec![Step::Policy("on".into()), Step::Start]),
            (true, wanted(Some(false), None, None), vec![Step::Stop]),
            (true, wanted(None, None, Some(&["c"])), vec![Step::Servers(list(&["c"])), Step::Restart]),
            (false, wanted(Some(true), None, Some(&[])), vec![Step::Servers(vec![]), Step::Start]),
            (true, wanted(Some(false), None, Some(&["c"])), vec![Step::Servers(list(&["c"])), Step::Stop]),
        ] {
            assert_eq!(steps(&now(running), wanted.clone()), expected, "{running} {wanted:?}");
        }
    }
}
