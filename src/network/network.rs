//! `data.vsphere_network`
use crate::common::lookup::{self, Query};
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
    /// The ID of the NSX project of a network in a virtual private cloud (VPC). Not supported by this version of the
    /// provider.
    #[tf(optional)]
    pub vpc_project_id: Value<String>,
    /// The ID of the NSX virtual private cloud (VPC) that the network belongs to. Not supported by this version of the
    /// provider.
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
    words: String,
}

impl Condition<'_> {
    async fn apply(&self, vsphere: &Vsphere, mut found: Vec<Found>) -> Result<Vec<Found>> {
        if let Some(ty) = self.ty {
            found.retain(|f| &*f.object.ty == ty);
        }
        let Some(switch) = &self.switch else { return Ok(found) };
        found.retain(|f| &*f.object.ty == "DistributedVirtualPortgroup");
        let objects: Vec<MoRef> = found.iter().map(|f| f.object.clone()).collect();
        let groups = vsphere.api.properties().get_many::<Portgroup>(&objects).await;
        let groups = groups.doing("read the port groups of that name")?;
        let of_switch = |g: &Portgroup| g.switch.as_ref().is_some_and(|s| s.id == switch.id);
        Ok(found.into_iter().zip(groups).filter(|(_, g)| of_switch(g)).map(|(f, _)| f).collect())
    }
}

impl DataSource for Network {
    type Model = NetworkModel;
    type Client = Vsphere;

    fn validate(&self, config: &NetworkModel) -> Diagnostics {
        let mut out = Diagnostics::default();
        for (field, v) in
            [(NetworkModel::VPC_PROJECT_ID, &config.vpc_project_id), (NetworkModel::VPC_ID, &config.vpc_id)]
        {
            if v.known().is_some_and(|v| !v.is_empty()) {
                let detail = "Networks of NSX virtual private clouds cannot be looked up by their project yet. Leave it \
                              out, and give the inventory path of the network as `name`.";
                out.merge(Diagnostics::error(field, format!("`{}` is not supported yet", field.0), detail));
            }
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
    config: &NetworkModel,
    filter: &'a [Filter],
) -> Result<Condition<'a>> {
    let ty = filter.iter().find_map(|f| f.network_type.known()).map(String::as_str).filter(|t| !t.is_empty());
    let mut words = ty.map(|t| format!(", for one of type {t}")).unwrap_or_default();
    let uuid = config.distributed_virtual_switch_uuid.as_str();
    if uuid.is_empty() {
        return Ok(Condition { ty, switch: None, words });
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
    Ok(Condition { ty, switch: Some(switch), words })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_supported_is_refused_with_its_path() {
        let config = NetworkModel { vpc_id: "v1".into(), name: "n".into(), ..Default::default() };
        let problems = Network.validate(&config);
        assert_eq!(problems.0.len(), 1);
        assert_eq!(problems.0[0].at.to_string(), "vpc_id");
        let unknown = NetworkModel { vpc_id: Value::Unknown, ..Default::default() };
        assert!(Network.validate(&unknown).is_empty());
    }
}
