//! `vsphere_zone`
pub mod data_source;
use crate::common::adopt::create_or_adopt_named;
use crate::common::moid::{Cluster, MoId};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use std::collections::BTreeSet;
use tf_framework::{AttributePath, Cx, Diagnostics, Model, Resource, Result, Value};

/// Manages a vSphere Zone, which a Supervisor uses to distribute workloads across clusters.
///
/// Requires vSphere 8.0 or later. Clusters that are added to the zone outside Terraform are removed by the next apply.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_zone", category = "Workload Management")]
pub struct ZoneModel {
    /// The name of the vSphere Zone.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the vSphere Zone.
    #[tf(required, force_new, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// The description of the vSphere Zone.
    #[tf(optional, force_new)]
    pub description: Value<String>,
    /// The managed object IDs of the clusters in the vSphere Zone, such as `domain-c8`.
    #[tf(optional, each(form = MoId::<Cluster>::form))]
    pub cluster_ids: Value<BTreeSet<String>>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct Zone;

type M = ZoneModel;

impl M {
    /// A sentence part.
    fn title(&self) -> String {
        format!("the zone {:?}", self.name.as_str())
    }

    /// Removes and adds clusters; `before` are the present ones.
    async fn apply_clusters(&self, vsphere: &Vsphere, before: &BTreeSet<String>) -> Result<()> {
        let (api, name, wanted) = (vsphere.api.supervisors(), self.name.as_str(), self.cluster_ids.get());
        let at = |_: &vsphere_client::FaultKind| Some(Self::CLUSTER_IDS);
        for cluster in before.difference(&wanted) {
            let done = api.remove_from_zone(name, cluster).await;
            done.doing_to(format!("remove the cluster {cluster} from {}", self.title()), at)?;
        }
        for cluster in wanted.difference(before) {
            let done = api.add_to_zone(name, cluster).await;
            done.doing_to(format!("add the cluster {cluster} to {}", self.title()), at)?;
        }
        Ok(())
    }
}

impl Resource for Zone {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the name";

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let (api, name) = (&vsphere.api, plan.name.as_str());
        let look = || async {
            match api.supervisors().zone(name).await {
                Err(e) if e.is_not_found() => Ok(None),
                other => other.map(|_| Some(())),
            }
        };
        let make = async { api.supervisors().create_zone(name, plan.description.as_str()).await };
        create_or_adopt_named(cx, &plan.title(), look, make)
            .await
            .doing(format!("create {}", plan.title()))?;
        let plan = M { id: plan.name.clone(), ..plan };
        cx.checkpoint(&plan);
        plan.apply_clusters(vsphere, &BTreeSet::new()).await?;
        Ok(plan)
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let id = state.id.as_str();
        let zone = match cx.client().api.supervisors().zone(id).await {
            Err(e) if e.is_not_found() => return Ok(None),
            other => other.doing(format!("read the zone {id:?}"))?,
        };
        Ok(Some(M {
            name: state.id.clone(),
            description: zone.description.into(),
            cluster_ids: if zone.clusters.is_empty() { Value::Null } else { Value::Known(zone.clusters) },
            ..state
        }))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        plan.apply_clusters(cx.client(), &prior.cluster_ids.get()).await?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let (vsphere, id) = (cx.client(), state.id.as_str());
        let doing = || format!("delete {}", state.title());
        let now = match vsphere.api.supervisors().zone(id).await {
            Err(e) if e.is_not_found() => return Ok(()),
            other => other.doing(doing())?,
        };
        let none = M { cluster_ids: Value::Null, ..state.clone() };
        none.apply_clusters(vsphere, &now.clusters).await?;
        match vsphere.api.supervisors().delete_zone(id).await {
            Err(e) if e.is_not_found() => Ok(()),
            other => other.doing(doing()),
        }
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        match cx.client().api.supervisors().zone(id).await {
            Err(e) if e.is_not_found() => Err(not_found(id, AttributePath::root())),
            other => {
                other.doing(format!("read the zone {id:?}")).map(|_| M { id: id.into(), ..M::default() })
            }
        }
    }
}

/// There is no zone of that name.
fn not_found(name: &str, at: impl Into<AttributePath>) -> Diagnostics {
    let detail = "vCenter does not have a zone of this name. Zones are listed in the vSphere Client under the vCenter, in \
                  \"Configure\", \"vSphere Zones\".";
    Diagnostics::error(at, format!("Zone {name:?} not found"), detail)
}
