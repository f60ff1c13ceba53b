//! `vsphere_ip_pool`
pub mod ranges;
use crate::common::adopt::create_or_adopt_named;
use crate::common::moid::{Datacenter, MoId};
use crate::common::{entity, lookup};
use crate::fault::{Doing, or_import};
use crate::vsphere::Vsphere;
use ranges::Version;
use std::collections::BTreeSet;
use tf_framework::{
    AttributePath, Cx, Diagnostics, Dynamic, Field, Model, Plan, PlanCx, Resource, Result, Value,
};
use vsphere_client::vim::types::{IpPool as Pool, IpPoolAssociation, IpPoolIpPoolConfigInfo as Config};
use vsphere_client::{FaultKind, MoRef, readable};

/// Manages an IP pool of a datacenter, which is a network protocol profile in the vSphere Client. vApps and virtual
/// machines with vApp options get their addresses and network settings from the IP pool of their network.
///
/// Only extensions of vCenter can allocate addresses explicitly.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_ip_pool", category = "Networking")]
pub struct IpPoolModel {
    /// The managed object ID of the datacenter and the ID of the IP pool, joined by a colon: `datacenter-3:2`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the IP pool, which must be unique in the datacenter.
    #[tf(required, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// The managed object ID of the datacenter, such as `datacenter-3`.
    #[tf(required, force_new, form = MoId::<Datacenter>::form)]
    pub datacenter_id: Value<String>,
    /// The managed object IDs of the networks that use the IP pool. If omitted, the networks are not managed. If set, any
    /// other networks are removed.
    #[tf(optional, computed)]
    pub network_ids: Value<BTreeSet<String>>,
    /// The IPv4 addresses. Removing the block disables them.
    #[tf(block, max = 1)]
    pub ipv4: Value<Vec<AddressesModel>>,
    /// The IPv6 addresses. Removing the block disables them.
    #[tf(block, max = 1)]
    pub ipv6: Value<Vec<AddressesModel>>,
    /// The DNS domain, such as `example.com`.
    #[tf(optional)]
    pub dns_domain: Value<String>,
    /// The DNS search domains, separated by semicolons, such as `eng.example.com;example.com`.
    #[tf(optional)]
    pub dns_search_path: Value<String>,
    /// The prefix of host names.
    #[tf(optional)]
    pub host_prefix: Value<String>,
    /// The host name and port of the HTTP proxy, such as `proxy.example.com:3128`.
    #[tf(optional)]
    pub http_proxy: Value<String>,
}

/// The addresses of one version of the Internet Protocol.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct AddressesModel {
    /// The address of the subnet, such as `192.0.2.0`.
    #[tf(required)]
    pub subnet_address: Value<String>,
    /// The network mask, such as `255.255.255.0`.
    #[tf(required)]
    pub netmask: Value<String>,
    /// The default gateway.
    #[tf(optional)]
    pub gateway: Value<String>,
    /// The ranges of addresses that can be allocated, separated by commas. A range consists of the first address, a hash
    /// and the number of addresses: `192.0.2.10#20` is 192.0.2.10 to 192.0.2.29.
    #[tf(optional, same = same_range)]
    pub range: Value<String>,
    /// The DNS servers.
    #[tf(optional)]
    pub dns_servers: Value<Vec<String>>,
    /// Whether a DHCP server is available on the networks.
    #[tf(optional, default = false)]
    pub dhcp_server_available: Value<bool>,
    /// Whether addresses in `range` can be allocated. Defaults to `true`.
    #[tf(optional, default = true)]
    pub enabled: Value<bool>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct IpPool;

type M = IpPoolModel;
type A = AddressesModel;

fn same_range(a: &Dynamic, b: &Dynamic) -> bool {
    ranges::same(a.as_str().unwrap_or_default(), b.as_str().unwrap_or_default())
}

/// What is wrong with a block. Unknown values are not wrong. Pure.
fn problems(block: &A, version: Version, at: &AttributePath) -> Diagnostics {
    let mut out = Diagnostics::default();
    let mut error = |field: Field, detail: String| {
        let summary = format!("Invalid value for `{}`", field.0);
        out.merge(Diagnostics::error(at.clone().field(field), summary, detail));
    };
    let mut parse = |value: &Value<String>,
                     field: Field,
                     parse: fn(&str, Version) -> std::result::Result<u128, String>| {
        let parsed = parse(value.non_empty()?, version);
        parsed.map_err(|detail| error(field, detail)).ok()
    };
    let subnet = parse(&block.subnet_address, A::SUBNET_ADDRESS, ranges::address);
    let mask = parse(&block.netmask, A::NETMASK, ranges::mask);
    let gateway = parse(&block.gateway, A::GATEWAY, ranges::address);
    for server in block.dns_servers.known().into_iter().flatten() {
        if let Err(detail) = ranges::address(server, version) {
            error(A::DNS_SERVERS, detail);
        }
    }
    if let Some(range) = block.range.non_empty() {
        match (ranges::ranges(range, version), subnet, mask) {
            (Err(detail), ..) => error(A::RANGE, detail),
            (Ok(found), Some(subnet), Some(mask)) => {
                if let Some(detail) = ranges::problem(&found, subnet, mask, gateway) {
                    error(A::RANGE, detail.to_owned());
                }
            }
            _ => {}
        }
    }
    out
}

/// A text, or an empty one: what is not sent stays.
fn sent(value: &Value<String>) -> Option<String> {
    Some(value.known().cloned().unwrap_or_default())
}

/// The configuration of a version. `had` is whether there has been one: then it is disabled. Pure.
fn config(blocks: &Value<Vec<A>>, had: bool) -> Option<Box<Config>> {
    let Some(block) = blocks.first() else {
        return had.then(|| Box::new(Config { ip_pool_enabled: Some(false), ..Config::default() }));
    };
    let mut dns = block.dns_servers.get();
    if dns.is_empty() {
        // An empty list leaves the servers as they are.
        dns.push(String::new());
    }
    Some(Box::new(Config {
        subnet_address: sent(&block.subnet_address),
        netmask: sent(&block.netmask),
        gateway: sent(&block.gateway),
        range: sent(&block.range),
        dns,
        dhcp_server_available: Some(block.dhcp_server_available.get()),
        ip_pool_enabled: Some(block.enabled.get()),
    }))
}

/// A text that the server has; an empty one is unset.
fn seen(found: Option<String>) -> Value<String> {
    found.filter(|t| !t.is_empty()).into()
}

/// The block of a configuration. One that is disabled is shown only if it is declared, or imported with a subnet. Pure.
fn observed(found: Option<Box<Config>>, declared: &Value<Vec<A>>, imported: bool) -> Value<Vec<A>> {
    let is_declared = declared.known().is_some_and(|b| !b.is_empty());
    let has_subnet = |f: &Config| f.subnet_address.as_ref().is_some_and(|a| !a.is_empty());
    let shown = |f: &Config| is_declared || f.ip_pool_enabled == Some(true) || (imported && has_subnet(f));
    let Some(found) = found.filter(|f| shown(f)) else {
        return Vec::new().into();
    };
    let dns: Vec<String> = found.dns.into_iter().filter(|s| !s.is_empty()).collect();
    vec![A {
        subnet_address: found.subnet_address.into(),
        netmask: found.netmask.into(),
        gateway: seen(found.gateway),
        range: seen(found.range),
        dns_servers: if dns.is_empty() { Value::Null } else { dns.into() },
        dhcp_server_available: found.dhcp_server_available.unwrap_or_default().into(),
        enabled: found.ip_pool_enabled.unwrap_or_default().into(),
    }]
    .into()
}

impl M {
    fn title(&self) -> String {
        format!("the IP pool {:?}", self.name.as_str())
    }

    fn datacenter(&self) -> MoRef {
        MoId::<Datacenter>::object(self.datacenter_id.as_str())
    }

    /// The ID in the datacenter.
    fn key(&self) -> Option<i32> {
        self.id.as_str().rsplit_once(':')?.1.parse().ok()
    }

    /// The pool as it is sent. Pure.
    fn pool(&self, prior: Option<&Self>) -> Pool {
        let had = |of: fn(&Self) -> &Value<Vec<A>>| prior.is_some_and(|p| !of(p).get().is_empty());
        let association = |id: &String| IpPoolAssociation {
            network: Some(MoRef::new(entity::type_of(id).unwrap_or("Network"), id.as_str())),
            network_name: String::new(),
        };
        Pool {
            id: prior.and_then(Self::key),
            name: Some(self.name.get()),
            ipv4_config: config(&self.ipv4, had(|m| &m.ipv4)),
            ipv6_config: config(&self.ipv6, had(|m| &m.ipv6)),
            dns_domain: sent(&self.dns_domain),
            dns_search_path: sent(&self.dns_search_path),
            host_prefix: sent(&self.host_prefix),
            http_proxy: sent(&self.http_proxy),
            network_association: self.network_ids.known().into_iter().flatten().map(association).collect(),
            ..Pool::default()
        }
    }

    fn seen(self, found: Pool) -> Self {
        let imported = self.name.is_null();
        let networks = found.network_association.into_iter().filter_map(|a| a.network);
        Self {
            id: format!("{}:{}", self.datacenter_id.as_str(), found.id.unwrap_or_default()).into(),
            name: readable(&found.name.unwrap_or_default()).into_owned().into(),
            network_ids: networks.map(|n| n.id.to_string()).collect::<BTreeSet<_>>().into(),
            ipv4: observed(found.ipv4_config, &self.ipv4, imported),
            ipv6: observed(found.ipv6_config, &self.ipv6, imported),
            dns_domain: seen(found.dns_domain),
            dns_search_path: seen(found.dns_search_path),
            host_prefix: seen(found.host_prefix),
            http_proxy: seen(found.http_proxy),
            ..self
        }
    }
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::DuplicateName { .. } | FaultKind::InvalidName { .. } => Some(M::NAME),
        FaultKind::ManagedObjectNotFound { .. } => Some(M::DATACENTER_ID),
        _ => None,
    }
}

impl Resource for IpPool {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the path of the datacenter and the name of the IP pool, such as /dc1:web, or by the ID, such as datacenter-3:2";

    fn validate(&self, config: &M) -> Diagnostics {
        let mut out = Diagnostics::default();
        for (blocks, at, version) in
            [(&config.ipv4, M::IPV4, Version::V4), (&config.ipv6, M::IPV6, Version::V6)]
        {
            for (n, block) in blocks.known().into_iter().flatten().enumerate() {
                out.merge(problems(block, version, &at.index(n)));
            }
        }
        out
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        // Left out, a new pool has no networks, and those of an existing one are left alone.
        if cx.config.network_ids.is_null() && (cx.prior.is_none() || cx.is_replacement()) {
            planned.set(M::NETWORK_IDS, Value::Known(BTreeSet::<String>::new()));
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let (pools, datacenter, name) = (cx.client().api.ip_pools(), plan.datacenter(), plan.name.as_str());
        let look = || async {
            let all = pools.list(&datacenter).await?;
            let named = |p: &&Pool| p.name.as_deref().is_some_and(|n| readable(n) == name);
            Ok(all.iter().find(named).and_then(|p| p.id))
        };
        let make = async { pools.create(&datacenter, plan.pool(None)).await };
        let made = create_or_adopt_named(cx, &plan.title(), look, make).await;
        let made = made.doing_to(format!("create {}", plan.title()), blame);
        let made = or_import(made, &format!("{}:{name}", plan.datacenter_id.as_str()))?;
        Ok(M { id: format!("{}:{made}", plan.datacenter_id.as_str()).into(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let found = match cx.client().api.ip_pools().list(&state.datacenter()).await {
            Err(e) if e.is_not_found() => return Ok(None),
            found => found.doing(format!("list the IP pools of {}", state.datacenter()))?,
        };
        let key = state.key();
        Ok(found.into_iter().find(|p| p.id == key).map(|p| state.seen(p)))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let done = cx.client().api.ip_pools().update(&plan.datacenter(), plan.pool(Some(&prior))).await;
        done.doing_to(format!("change {}", prior.title()), blame)?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let (pools, datacenter) = (cx.client().api.ip_pools(), state.datacenter());
        let Some(key) = state.key() else { return Ok(()) };
        let done = pools.destroy(&datacenter, key, false).await;
        if done.is_err() {
            // Already deleted: with its datacenter, or alone.
            match pools.list(&datacenter).await {
                Ok(all) if !all.iter().any(|p| p.id == Some(key)) => return Ok(()),
                Err(e) if e.is_not_found() => return Ok(()),
                _ => {}
            }
        }
        done.doing(format!("delete {}", state.title()))
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        let unclear = |detail: String| {
            Diagnostics::error(AttributePath::root(), format!("{id:?} does not name an IP pool"), detail)
        };
        let Some((datacenter, name)) = id.rsplit_once(':') else {
            return Err(unclear(format!("Expected {}.", Self::IMPORT)));
        };
        let datacenter = lookup::imported(vsphere, datacenter, "Datacenter").await?;
        let all = vsphere.api.ip_pools().list(&datacenter).await;
        let all = all.doing(format!("list the IP pools of {datacenter}"))?;
        let named = |p: &&Pool| p.name.as_deref().is_some_and(|n| readable(n) == name);
        let numbered = |p: &&Pool| p.id.is_some() && p.id == name.parse().ok();
        let found = all.iter().find(named).or_else(|| all.iter().find(numbered)).and_then(|p| p.id);
        let Some(key) = found else {
            let names = all.iter().filter_map(|p| p.name.as_deref().map(|n| readable(n).into_owned()));
            let names: Vec<String> = names.collect();
            let detail = format!("{datacenter} has these IP pools:\n{}", lookup::listed(names.into_iter()));
            return Err(unclear(detail));
        };
        let datacenter_id = datacenter.id.to_string();
        Ok(M {
            id: format!("{datacenter_id}:{key}").into(),
            datacenter_id: datacenter_id.into(),
            ..M::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block() -> A {
        A {
            subnet_address: "192.0.2.0".into(),
            netmask: "255.255.255.0".into(),
            gateway: "192.0.2.1".into(),
            range: "192.0.2.10#20".into(),
            dns_servers: Value::Null,
            dhcp_server_available: false.into(),
            enabled: true.into(),
        }
    }

    #[test]
    fn each_problem_has_its_attribute() {
        let paths = |a: A| {
            let found = problems(&a, Version::V4, &M::IPV4.index(0));
            found.0.iter().map(|d| d.at.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(paths(block()), [""; 0]);
        assert_eq!(paths(A { netmask: Value::Unknown, range: "192.0.3.1#1".into(), ..block() }), [""; 0]);
        assert_eq!(paths(A { netmask: "24".into(), ..block() }), ["ipv4[0].netmask"]);
        assert_eq!(paths(A { range: "192.0.3.1#1".into(), ..block() }), ["ipv4[0].range"]);
        assert_eq!(
            paths(A { gateway: "::1".into(), dns_servers: vec!["a".to_owned()].into(), ..block() }),
            ["ipv4[0].gateway", "ipv4[0].dns_servers"]
        );
    }

    #[test]
    fn what_is_removed_is_sent_as_empty() {
        let m = |ipv4: Vec<A>| M {
            id: "datacenter-3:7".into(),
            name: "web".into(),
            ipv4: ipv4.into(),
            ..M::default()
        };
        let sent = m(vec![]).pool(Some(&m(vec![block()])));
        assert_eq!((sent.id, sent.http_proxy.as_deref()), (Some(7), Some("")));
        assert_eq!(sent.ipv4_config.unwrap().ip_pool_enabled, Some(false));
        assert!(sent.ipv6_config.is_none());
        let sent = m(vec![block()]).pool(None);
        assert_eq!(sent.ipv4_config.unwrap().dns, [""]);
    }

    #[test]
    fn a_disabled_version_is_shown_only_if_declared() {
        let found = |subnet: &str| {
            let subnet_address = Some(subnet.to_owned());
            Some(Box::new(Config { subnet_address, ip_pool_enabled: Some(false), ..Config::default() }))
        };
        let shown =
            |found, declared: &Value<Vec<A>>, imported| !observed(found, declared, imported).get().is_empty();
        let declared = Value::Known(vec![block()]);
        assert!(
            !shown(found("192.0.2.0"), &Value::Null, false) && shown(found("192.0.2.0"), &declared, false)
        );
        assert!(shown(found("192.0.2.0"), &Value::Null, true) && !shown(found(""), &Value::Null, true));
        assert!(!shown(None, &declared, false));
    }
}
