//! The policy of standard switches and of their port groups: security, teaming, traffic shaping. Pure.
use std::collections::BTreeMap;

/// A network policy. For a port group, what is not set is inherited from its switch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostPolicy {
    /// Whether beacons probe for failures beyond the link.
    pub check_beacon: Option<bool>,
    /// The adapters that carry traffic, in order.
    pub active_nics: Option<Vec<String>>,
    /// The adapters that take over, in order.
    pub standby_nics: Option<Vec<String>>,
    /// How traffic is distributed over the adapters.
    pub teaming_policy: Option<String>,
    /// Whether physical switches are notified of a failover.
    pub notify_switches: Option<bool>,
    /// Whether an adapter that has recovered is used again.
    pub failback: Option<bool>,
    /// Whether traffic for others can be seen.
    pub allow_promiscuous: Option<bool>,
    /// Whether frames may have another source address.
    pub allow_forged_transmits: Option<bool>,
    /// Whether the guest may change its address.
    pub allow_mac_changes: Option<bool>,
    /// Whether traffic is shaped.
    pub shaping_enabled: Option<bool>,
    /// Bits per second.
    pub shaping_average_bandwidth: Option<i64>,
    /// Bytes.
    pub shaping_burst_size: Option<i64>,
    /// Bits per second.
    pub shaping_peak_bandwidth: Option<i64>,
}

impl HostPolicy {
    /// The same with `failback` inverted.
    #[must_use]
    pub fn with_inverted_failback(self) -> Self {
        Self { failback: self.failback.map(|f| !f), ..self }
    }

    /// The policy as the official provider writes it in `computed_policy`: texts by name, and lists entry by entry.
    pub fn flat(&self) -> BTreeMap<String, String> {
        let mut out = BTreeMap::new();
        for (name, list) in [("active_nics", &self.active_nics), ("standby_nics", &self.standby_nics)] {
            let Some(list) = list else { continue };
            out.insert(format!("{name}.#"), list.len().to_string());
            out.extend(list.iter().enumerate().map(|(i, nic)| (format!("{name}.{i}"), nic.clone())));
        }
        let bools = [
            ("allow_forged_transmits", self.allow_forged_transmits),
            ("allow_mac_changes", self.allow_mac_changes),
            ("allow_promiscuous", self.allow_promiscuous),
            ("check_beacon", self.check_beacon),
            ("failback", self.failback),
            ("notify_switches", self.notify_switches),
            ("shaping_enabled", self.shaping_enabled),
        ];
        out.extend(bools.into_iter().filter_map(|(name, v)| Some((name.to_owned(), v?.to_string()))));
        let numbers = [
            ("shaping_average_bandwidth", self.shaping_average_bandwidth),
            ("shaping_burst_size", self.shaping_burst_size),
            ("shaping_peak_bandwidth", self.shaping_peak_bandwidth),
        ];
        // A number that the host does not report is 0.
        out.extend(numbers.map(|(name, v)| (name.to_owned(), v.unwrap_or_default().to_string())));
        if let Some(policy) = &self.teaming_policy {
            out.insert("teaming_policy".to_owned(), policy.clone());
        }
        out
    }
}

/// The adapters of a team that are not among those of the switch.
pub fn strangers<'a>(team: &'a [String], adapters: &[String]) -> Vec<&'a str> {
    team.iter().filter(|nic| !adapters.contains(nic)).map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_effective_policy_is_flat() {
        let policy = HostPolicy {
            active_nics: Some(vec!["vmnic0".into(), "vmnic1".into()]),
            standby_nics: Some(vec![]),
            teaming_policy: Some("loadbalance_srcid".into()),
            failback: Some(true),
            ..HostPolicy::default()
        };
        let flat = policy.flat();
        let text = |name: &str| flat.get(name).map(String::as_str);
        assert_eq!(text("active_nics.#"), Some("2"));
        assert_eq!(text("active_nics.1"), Some("vmnic1"));
        assert_eq!(text("standby_nics.#"), Some("0"));
        assert_eq!(text("failback"), Some("true"));
        assert_eq!(text("shaping_burst_size"), Some("0"));
        assert_eq!(text("teaming_policy"), Some("loadbalance_srcid"));
        assert_eq!(text("check_beacon"), None);
        assert_eq!(policy.with_inverted_failback().failback, Some(false));
    }

    #[test]
    fn a_team_consists_of_adapters_of_the_switch() {
        let names = |x: &[&str]| x.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let adapters = names(&["vmnic0", "vmnic1"]);
        assert_eq!(strangers(&names(&["vmnic1"]), &adapters), [""; 0]);
        assert_eq!(strangers(&names(&["vmnic1", "vmnic2"]), &adapters), ["vmnic2"]);
    }
}
