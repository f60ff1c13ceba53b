//! `vsphere_host_configuration`
use crate::common::lookup;
use crate::common::moid::{Host, MoId};
use crate::common::sent::option_text;
use crate::fault::Doing;
use crate::nearest::did_you_mean;
use crate::vsphere::Vsphere;
use std::collections::BTreeMap;
use tf_framework::{
    AttributePath, Cx, DestroyCx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Value,
};
use vsphere_client::host_settings::HostSettings;
use vsphere_client::vim::types::{HostDnsConfig, OptionValue};
use vsphere_client::vim::xml::Any;
use vsphere_client::{FaultKind, MoRef};

/// Manages settings of an ESXi host: advanced settings, such as those of syslog, the DNS client and the NTP servers.
///
/// Only the settings in the configuration are managed. A setting that is removed from the configuration keeps its value,
/// and so do all settings if the resource is destroyed. The NTP service itself is managed by `services` of the resource
/// `vsphere_host`; set the NTP servers in one of the two resources only.
///
/// An import does not know which settings are to be managed: the first plan adds those of the configuration to the state.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_host_configuration", category = "Host and Cluster Management")]
pub struct HostConfigurationModel {
    /// The managed object ID of the host.
    #[tf(computed)]
    pub id: Value<String>,
    /// The managed object ID of the host, such as `host-12`.
    #[tf(required, force_new, form = MoId::<Host>::form)]
    pub host_system_id: Value<String>,
    /// A map of the names of advanced settings to their values, such as `{ "Syslog.global.logHost" =
    /// "udp://syslog.example.com:514" }`. Settings that are not in the map are not managed.
    #[tf(optional)]
    pub advanced_settings: Value<BTreeMap<String, String>>,
    /// The host names or IP addresses of the NTP servers, in order.
    #[tf(optional)]
    pub ntp_servers: Value<Vec<String>>,
    /// The DNS client of the host. Omitted arguments are not managed.
    #[tf(block, single)]
    pub dns: Value<Dns>,
}

/// The DNS client of a host.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Dns {
    /// Whether the host obtains its DNS servers and names from DHCP. Must be `false` to set the other arguments.
    #[tf(optional)]
    pub dhcp: Value<bool>,
    /// The host name without the domain.
    #[tf(optional)]
    pub host_name: Value<String>,
    /// The domain name.
    #[tf(optional)]
    pub domain_name: Value<String>,
    /// The IP addresses of the DNS servers, in order.
    #[tf(optional)]
    pub servers: Value<Vec<String>>,
    /// The domains to search for host names, in order.
    #[tf(optional)]
    pub search_domains: Value<Vec<String>>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct HostConfiguration;

type M = HostConfigurationModel;

/// A text as a value of the type that the setting has now. Pure.
fn value(now: Option<&Any>, text: &str) -> std::result::Result<Any, &'static str> {
    let integer = "an integer";
    match now {
        Some(Any::Bool(_)) => text.parse().map(Any::Bool).map_err(|_| "`true` or `false`"),
        Some(Any::Int(_)) => text.trim().parse().map(Any::Int).map_err(|_| integer),
        Some(Any::Long(_)) => text.trim().parse().map(Any::Long).map_err(|_| integer),
        _ => Ok(Any::String(text.to_owned())),
    }
}

fn option<'a>(found: &'a HostSettings, key: &str) -> Option<&'a OptionValue> {
    found.options.iter().find(|o| o.key == key)
}

/// The settings to write: those that the plan changes and that the host does not have yet. What does not exist, and a
/// value of another type, is an error. Pure.
fn changes(prior: Option<&M>, plan: &M, found: &HostSettings) -> Result<Vec<OptionValue>> {
    let mut problems = Diagnostics::default();
    let before = prior.map(|p| p.advanced_settings.get()).unwrap_or_default();
    let mut out = vec![];
    for (key, wanted) in plan.advanced_settings.known().into_iter().flatten() {
        if before.get(key) == Some(wanted) {
            continue;
        }
        let at = AttributePath::from(M::ADVANCED_SETTINGS).key(key.clone());
        let Some(now) = option(found, key) else {
            let near = did_you_mean(key, found.options.iter().map(|o| o.key.as_str()));
            let detail = format!(
                "The host {} has no advanced setting {key:?}.{near} Settings depend on the version of ESXi and on what is \
                 installed.",
                found.name
            );
            problems.merge(Diagnostics::error(at, "The advanced setting does not exist", detail));
            continue;
        };
        match value(now.value.as_ref(), wanted) {
            Ok(new) if now.value.as_ref() == Some(&new) => {}
            Ok(new) => out.push(OptionValue { key: key.clone(), value: Some(new) }),
            Err(expected) => {
                let is = option_text(now);
                let detail = format!("Expected {expected}: the setting {key:?} is {is} now.");
                problems.merge(Diagnostics::error(at, "Invalid value for an advanced setting", detail));
            }
        }
    }
    problems.into_result(out)
}

/// The values of the settings that a state has, in its spelling. Pure.
fn observed(state: &BTreeMap<String, String>, found: &HostSettings) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for (key, was) in state {
        let Some(now) = option(found, key) else { continue };
        let same = value(now.value.as_ref(), was).ok().as_ref() == now.value.as_ref();
        out.insert(key.clone(), if same { was.clone() } else { option_text(now) });
    }
    out
}

impl Dns {
    /// The configuration to write, from that of the host; nothing if it has all of it. Pure.
    fn change(&self, now: &HostDnsConfig) -> Option<HostDnsConfig> {
        let mut new = now.clone();
        if let Some(v) = self.dhcp.known() {
            new.dhcp = *v;
        }
        if let Some(v) = self.host_name.known() {
            new.host_name.clone_from(v);
        }
        if let Some(v) = self.domain_name.known() {
            new.domain_name.clone_from(v);
        }
        if let Some(v) = self.servers.known() {
            new.address.clone_from(v);
        }
        if let Some(v) = self.search_domains.known() {
            new.search_domain.clone_from(v);
        }
        (new != *now).then_some(new)
    }

    /// What the host has of the arguments that a state has. Pure.
    fn observed(&self, now: &HostDnsConfig) -> Self {
        fn of<T: Clone>(state: &Value<T>, now: &T) -> Value<T> {
            if state.is_null() { Value::Null } else { Value::Known(now.clone()) }
        }
        Self {
            dhcp: of(&self.dhcp, &now.dhcp),
            host_name: of(&self.host_name, &now.host_name),
            domain_name: of(&self.domain_name, &now.domain_name),
            servers: of(&self.servers, &now.address),
            search_domains: of(&self.search_domains, &now.search_domain),
        }
    }
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::InvalidName { .. } => Some(M::ADVANCED_SETTINGS),
        _ => None,
    }
}

impl M {
    fn host(&self) -> MoRef {
        MoId::<Host>::object(self.host_system_id.as_str())
    }
}

impl HostConfiguration {
    async fn put(&self, cx: &Cx<'_, Self>, prior: Option<&M>, plan: M) -> Result<M> {
        let host = plan.host();
        let settings = cx.client().api.host_settings();
        let found =
            settings.get(&host).await.doing_to(format!("read the settings of {host}"), |f| match f {
                FaultKind::ManagedObjectNotFound { .. } => Some(M::HOST_SYSTEM_ID),
                _ => None,
            })?;
        let options = changes(prior, &plan, &found)?;
        let plan = M { id: host.id.to_string().into(), ..plan };
        let name = &found.name;
        if let Some(servers) = plan.ntp_servers.known()
            && *servers != found.ntp_servers
        {
            let done = settings.set_ntp_servers(&host, &found, servers.clone()).await;
            done.doing_to(format!("set the NTP servers of the host {name}"), |_| Some(M::NTP_SERVERS))?;
        }
        if let (Some(dns), Some(now)) = (plan.dns.known(), &found.dns)
            && let Some(config) = dns.change(now)
        {
            let done = settings.set_dns(&host, &found, config).await;
            done.doing_to(format!("set the DNS client of the host {name}"), |_| Some(M::DNS))?;
        }
        if !options.is_empty() {
            let done = settings.set_options(&host, &found, options).await;
            done.doing_to(format!("set the advanced settings of the host {name}"), |f| match f {
                FaultKind::InvalidArgument { .. } => Some(M::ADVANCED_SETTINGS),
                other => blame(other),
            })?;
        }
        Ok(plan)
    }
}

impl Resource for HostConfiguration {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the inventory path of the host, such as /dc1/host/c1/esx1, or its managed object ID, such as host-12";

    fn validate(&self, config: &M) -> Diagnostics {
        let Some(dns) = config.dns.known() else { return Diagnostics::default() };
        let set = !dns.host_name.is_null() || !dns.servers.is_null() || !dns.domain_name.is_null();
        if dns.dhcp.known() == Some(&true) && (set || !dns.search_domains.is_null()) {
            let detail = "With `dhcp = true` the host obtains its names and DNS servers from DHCP. Remove the other arguments, or \
                          set `dhcp = false`.";
            return Diagnostics::error(M::DNS, "Conflicting arguments in `dns`", detail);
        }
        Diagnostics::default()
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        planned.set(M::ID, planned.host_system_id.clone());
        let Some(vsphere) = cx.client else { return Ok(()) };
        let changed = cx.prior.is_none_or(|p| p.advanced_settings != planned.advanced_settings);
        if !changed || planned.host_system_id.is_unknown() || planned.advanced_settings.is_null() {
            return Ok(());
        }
        let host = planned.host();
        let found = match vsphere.api.host_settings().get(&host).await {
            Err(e) if e.is_not_found() => {
                let detail = "Use the `id` of a resource or data source `vsphere_host`.";
                let summary = format!("The host {:?} does not exist", host.id);
                return Err(Diagnostics::error(M::HOST_SYSTEM_ID, summary, detail));
            }
            read => read.doing(format!("read the settings of {host}"))?,
        };
        // A host that is not connected shows its settings later.
        if !found.options.is_empty() {
            changes(cx.prior, planned, &found)?;
        }
        Ok(())
    }

    async fn plan_destroy(&self, _cx: &DestroyCx<'_, Vsphere>, _state: &M) -> Result<Diagnostics> {
        let detail = "The settings of the host keep their values, because the values from before Terraform are not known.";
        Ok(Diagnostics::warning(AttributePath::root(), "Settings of a host are not reverted", detail))
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        self.put(cx, None, plan).await
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let host = state.host();
        let found = match cx.client().api.host_settings().get(&host).await {
            Err(e) if e.is_not_found() => return Ok(None),
            read => read.doing(format!("read the settings of {host}"))?,
        };
        let state = M { id: host.id.to_string().into(), ..state };
        if found.options.is_empty() {
            // Nothing is known of a host that vCenter has not reached yet.
            return Ok(Some(state));
        }
        let settings = state.advanced_settings.clone().map(|s| observed(&s, &found));
        let dns = match (&state.dns, &found.dns) {
            (Value::Known(dns), Some(now)) => dns.observed(now).into(),
            _ => state.dns.clone(),
        };
        let ntp = if state.ntp_servers.is_null() { Value::Null } else { found.ntp_servers.into() };
        Ok(Some(M { advanced_settings: settings, ntp_servers: ntp, dns, ..state }))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        self.put(cx, Some(&prior), plan).await
    }

    async fn delete(&self, _cx: &Cx<'_, Self>, _state: M) -> Result<()> {
        Ok(())
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let host = lookup::imported(cx.client(), id, "HostSystem").await?;
        Ok(M { host_system_id: host.id.to_string().into(), ..M::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found() -> HostSettings {
        let option = |key: &str, value| OptionValue { key: key.into(), value: Some(value) };
        let mut out = HostSettings::default();
        out.options = vec![
            option("NFS.MaxVolumes", Any::Long(32)),
            option("Mem.CtlMaxPercent", Any::Int(65)),
            option("Solo.enableMob", Any::Bool(false)),
            option("Syslog.global.logHost", Any::String(String::new())),
        ];
        out
    }

    fn model(settings: &[(&str, &str)]) -> M {
        let settings = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        M { advanced_settings: settings.collect::<BTreeMap<_, _>>().into(), ..M::default() }
    }

    #[test]
    fn only_changes_are_sent_each_in_its_type() {
        let plan = model(&[
            ("NFS.MaxVolumes", "256"),
            ("Mem.CtlMaxPercent", "65"),
            ("Solo.enableMob", "true"),
            ("Syslog.global.logHost", "1"),
        ]);
        let sent = |prior: Option<&M>| {
            let all = changes(prior, &plan, &found()).unwrap();
            all.into_iter().map(|o| (o.key, o.value.unwrap())).collect::<Vec<_>>()
        };
        let expected = [
            ("NFS.MaxVolumes".to_owned(), Any::Long(256)),
            ("Solo.enableMob".to_owned(), Any::Bool(true)),
            ("Syslog.global.logHost".to_owned(), Any::String("1".into())),
        ];
        assert_eq!(sent(None), expected);
        assert_eq!(
            sent(Some(&model(&[("Solo.enableMob", "true")]))),
            [expected[0].clone(), expected[2].clone()]
        );
        assert!(sent(Some(&plan)).is_empty());
    }

    #[test]
    fn what_the_host_does_not_take_is_an_error_at_its_key() {
        for (key, value, part) in [
            ("NFS.MaxVolume", "1", "Did you mean \"NFS.MaxVolumes\"?"),
            ("NFS.MaxVolumes", "many", "Expected an integer"),
            ("Mem.CtlMaxPercent", "99999999999", "Expected an integer"),
            ("Solo.enableMob", "yes", "Expected `true` or `false`"),
        ] {
            let found = changes(None, &model(&[(key, value)]), &found()).unwrap_err();
            assert_eq!(found.0[0].at.to_string(), format!("advanced_settings[{key:?}]"));
            assert!(found.0[0].detail.contains(part), "{found}");
        }
    }

    #[test]
    fn a_state_keeps_its_spelling() {
        let state = model(&[("NFS.MaxVolumes", "032"), ("Mem.CtlMaxPercent", "1"), ("Removed.setting", "1")]);
        let seen = observed(&state.advanced_settings.get(), &found());
        let expected = model(&[("NFS.MaxVolumes", "032"), ("Mem.CtlMaxPercent", "65")]);
        assert_eq!(seen, expected.advanced_settings.get());
    }

    #[test]
    fn dns_that_is_not_declared_is_left_alone() {
        let now = HostDnsConfig { dhcp: true, host_name: "a".into(), ..HostDnsConfig::default() };
        assert_eq!(Dns::default().change(&now), None);
        let dns = Dns { dhcp: false.into(), servers: vec!["192.0.2.1".to_owned()].into(), ..Dns::default() };
        let new = dns.change(&now).unwrap();
        assert_eq!((new.dhcp, new.host_name.as_str(), new.address.len()), (false, "a", 1));
        assert_eq!(dns.observed(&new), dns);
        assert_eq!(dns.change(&new), None);
    }
}
