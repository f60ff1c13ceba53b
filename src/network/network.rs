//! `data.vsphere_network`
use crate::common::lookup::{self, Query};
use crate::common::names;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use std::time::{Duration, Instant};
use tf_framework::{DataCx, DataSource, Diagnostics, Model, Result, Value};
use vsphere_client::network::Portgroup;
use vsphere_client::{Found, Kind, MoRef};

/// Finds a network: a standard port group, a distributed port group or an opaque network.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_network", category = "Networking")]
pub struct NetworkModel {
    /// The managed object ID of the network, such as `network-7` or `dvportgroup-15`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the network, or its inventory path, either absolute or relative to the network folder of the
    /// datacenter.
    #[tf(required, check = lookup::name)]
    pub name: Value<String>,
    /// The managed object ID of the datacenter to search. If omitted, all datacenters are searched.
    #[tf(optional, form = lookup::datacenter_id)]
    pub datacenter_id: Value<String>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub tagged: lookup::Tagged,
    /// The UUID of the distributed switch that the port group belongs to. Use this to distinguish port groups with the
    /// same name on different switches.
    #[tf(optional)]
    pub distributed_virtual_switch_uuid: Value<String>,
    /// The conditions that the network must meet.
    #[tf(block, set)]
    pub filter: Value<Vec<Filter>>,
    /// The number of seconds to wait for a network that does not exist yet. Defaults to `0`, which disables waiting.
    #[tf(optional, at_least = 0)]
    pub retry_timeout: Value<i64>,
    /// The number of milliseconds between two lookups while waiting for a network. Defaults to `500`.
    #[tf(optional, at_least = 0)]
    pub retry_interval: Value<i64>,
    /// The type of the network: `Network`, `DistributedVirtualPortgroup` or `OpaqueNetwork`.
    #[tf(computed)]
    pub r#type: Value<String>,
    /// The name of the NSX project that the virtual private cloud (VPC) belongs to, which is the name of its folder in
    /// `NSX Managed Folders`. If omitted, the VPC is looked up in the folder `Virtual Private Clouds`.
    #[tf(optional)]
    pub vpc_project_id: Value<String>,
    /// The name of the NSX virtual private cloud (VPC) that the network belongs to, which is the name of its folder.
    /// Ignored if `distributed_virtual_switch_uuid` is set.
    #[tf(optional)]
    pub vpc_id: Value<String>,
}

/// The conditions that a network must meet.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Filter {
    /// The type of the network: `Network`, `DistributedVirtualPortgroup` or `OpaqueNetwork`.
    #[tf(optional, one_of("Network", "DistributedVirtualPortgroup", "OpaqueNetwork"))]
    pub network_type: Value<String>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct Network;

/// What distinguishes networks of one name.
struct Condition<'a> {
    ty: Option<&'a str>,
    switch: Option<MoRef>,
    vpc: Option<Vpc<'a>>,
    words: String,
}

/// A virtual private cloud, by the folders that NSX makes for it.
#[derive(Clone, Copy)]
struct Vpc<'a> {
    project: &'a str,
    name: &'a str,
}

impl Vpc<'_> {
    /// Whether a network belongs to it: `…/Virtual Private Clouds/<VPC>/…` or `…/NSX Managed Folders/<project>/<VPC>/…`.
    /// Pure.
    fn has(self, path: &str) -> bool {
        let path = names::resolved(path);
        let below = |folder: &str| path.iter().position(|s| s == folder).map(|at| &path[at + 1..]);
        match self.project {
            "" => below("Virtual Private Clouds").is_some_and(|p| p.len() > 1 && p[0] == self.name),
            project => below("NSX Managed Folders")
                .is_some_and(|p| p.len() > 2 && p[0] == project && p[1] == self.name),
        }
    }
}

impl Condition<'_> {
    async fn apply(&self, vsphere: &Vsphere, mut found: Vec<Found>) -> Result<Vec<Found>> {
        if let Some(ty) = self.ty {
            found.retain(|f| &*f.object.ty == ty);
        }
        if let Some(vpc) = self.vpc {
            found.retain(|f| vpc.has(&f.path));
        }
        let Some(switch) = &self.switch else { return Ok(found) };
        found.retain(|f| &*f.object.ty == "DistributedVirtualPortgroup");
        let objects: Vec<MoRef> = found.iter().map(|f| f.object.clone()).collect();
        let groups = vsphere.api.properties().get_existing::<Portgroup>(&objects).await;
        let mut groups = groups.doing("read the port groups of that name")?;
        groups.retain(|(_, g)| g.switch.as_ref().is_some_and(|s| s.id == switch.id));
        found.retain(|f| groups.iter().any(|(group, _)| *group == f.object));
        Ok(found)
    }
}

impl DataSource for Network {
    type Model = NetworkModel;
    type Client = Vsphere;

    fn validate(&self, config: &NetworkModel) -> Diagnostics {
        let mut out = Diagnostics::default();
        let set = |v: &Value<String>| v.is_unknown() || v.known().is_some_and(|v| !v.is_empty());
        if set(&config.vpc_project_id) && !set(&config.vpc_id) {
            let detail = "A project has several virtual private clouds. Set `vpc_id` as well.";
            let summary = "`vpc_project_id` has no effect without `vpc_id`";
            out.merge(Diagnostics::warning(NetworkModel::VPC_PROJECT_ID, summary, detail));
        }
        if config.filter.known().is_some_and(|f| f.len() > 1) {
            let detail = "A network has one type: keep one of the blocks.";
            out.merge(Diagnostics::error(NetworkModel::FILTER, "There is more than one filter", detail));
        }
        out
    }

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: NetworkModel) -> Result<NetworkModel> {
        let (vsphere, find) = (cx.client, cx.client.api.find());
        let datacenter = lookup::datacenter(&config.datacenter_id);
        let query = Query {
            kind: Kind::Network,
            name: config.name.as_str(),
            field: NetworkModel::NAME,
            datacenter: datacenter.as_ref(),
            tags: Some(&config.tagged),
        };
        let filter = config.filter.get();
        let condition = condition(vsphere, &config, &filter).await?;
        let seconds = |v: &Value<i64>, default: u64| v.known().map_or(default, |v| v.unsigned_abs());
        let (timeout, interval) = (seconds(&config.retry_timeout, 0), seconds(&config.retry_interval, 500));
        let until = Instant::now() + Duration::from_secs(timeout);
        let pause = Duration::from_millis(interval.max(50));
        let found = loop {
            let found = condition.apply(vsphere, query.matching(vsphere).await?).await?;
            if !found.is_empty() || Instant::now() >= until {
                break query.only(vsphere, found, &condition.words).await?;
            }
            tokio::select! {
                () = vsphere_client::pause(pause.min(until.saturating_duration_since(Instant::now()))) => {}
                () = cx.cancel.cancelled() => break query.only(vsphere, found, &condition.words).await?,
            }
            find.forget();
        };
        Ok(NetworkModel {
            id: found.object.id.to_string().into(),
            r#type: found.object.ty.to_string().into(),
            retry_timeout: i64::try_from(timeout).unwrap_or(0).into(),
            retry_interval: i64::try_from(interval).unwrap_or(500).into(),
            ..config
        })
    }
}

async fn condition<'a>(
    vsphere: &Vsphere,
    config: &'a NetworkModel,
    filter: &'a [Filter],
) -> Result<Condition<'a>> {
    let ty = filter.iter().find_map(|f| f.network_type.known()).map(String::as_str).filter(|t| !t.is_empty());
    let mut words = ty.map(|t| format!(", for one of type {t}")).unwrap_or_default();
    let uuid = config.distributed_virtual_switch_uuid.as_str();
    if uuid.is_empty() {
        let vpc = Vpc { project: config.vpc_project_id.as_str(), name: config.vpc_id.as_str() };
        let vpc = Some(vpc).filter(|v| !v.name.is_empty());
        words += &vpc.map(|v| format!(", for one of the VPC {:?}", v.name)).unwrap_or_default();
        return Ok(Condition { ty, switch: None, vpc, words });
    }
    let switch = vsphere.api.distributed_switches().by_uuid(uuid).await;
    let switch = switch.doing(format!("find the distributed switch {uuid}"))?;
    let Some(switch) = switch else {
        let detail = "Expected the UUID of a distributed switch, which is the `id` of the data source \
                      `vsphere_distributed_virtual_switch` and of the resource.";
        let summary = format!("There is no distributed switch {uuid:?}");
        return Err(Diagnostics::error(NetworkModel::DISTRIBUTED_VIRTUAL_SWITCH_UUID, summary, detail));
    };
    words += &format!(", for a port group of {switch}");
    Ok(Condition { ty, switch: Some(switch), vpc: None, words })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_without_a_vpc_is_a_warning() {
        let config = NetworkModel { vpc_project_id: "p".into(), name: "n".into(), ..Default::default() };
        let problems = Network.validate(&config);
        assert_eq!(problems.0.len(), 1);
        assert!(!problems.has_errors() && problems.0[0].at.to_string() == "vpc_project_id");
        let unknown = NetworkModel { vpc_id: Value::Unknown, ..config };
        assert!(Network.validate(&unknown).is_empty());
    }

    #[test]
    fn networks_of_a_vpc_are_in_its_folder() {
        let vpc = |project, name| Vpc { project, name };
        for (vpc, path, expected) in [
            (vpc("", "web"), "/dc/network/Virtual Private Clouds/web/subnet", true),
            (vpc("", "web"), "/dc/network/Virtual Private Clouds/web/folder/subnet", true),
            (vpc("", "web"), "/dc/network/Virtual Private Clouds/other/web", false),
            (vpc("", "web"), "/dc/network/Virtual Private Clouds/web", false),
            (vpc("", "web"), "/dc/network/web/subnet", false),
            (vpc("p", "web"), "/dc/network/NSX Managed Folders/p/web/subnet", true),
            (vpc("p", "web"), "/dc/network/NSX Managed Folders/q/web/subnet", false),
            (vpc("p", "web"), "/dc/network/Virtual Private Clouds/web/subnet", false),
            (vpc("", "web"), "/dc/network/NSX Managed Folders/p/web/subnet", false),
            (vpc("", "a/b"), "/dc/network/Virtual Private Clouds/a%2fb/subnet", true),
        ] {
            assert_eq!(vpc.has(path), expected, "{path}");
        }
    }
}
