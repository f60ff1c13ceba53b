//! `vsphere_vapp_container`
pub mod data_source;
use crate::common::adopt::create_or_adopt_named;
use crate::common::labels::Labels;
use crate::common::moid::{MoId, ResourcePool, VmFolder};
use crate::common::{entity, lookup, names};
use crate::fault::Doing;
use crate::inventory::pools::{self, Allocation, Location};
use crate::vsphere::Vsphere;
use tf_framework::{Cx, Diagnostics, Model, Plan, PlanCx, Resource, Result, Timeouts, Value};
use vsphere_client::{FaultKind, MoRef, readable, same_name};

/// Manages a vApp: a resource pool whose virtual machines are powered on and off together. To set the order, use
/// `vsphere_vapp_entity`.
///
/// Changing `parent_resource_pool_id` moves the vApp with all objects in it, if the new parent is in the same cluster
/// or on the same standalone host. Otherwise, the vApp is replaced, because vSphere cannot move it, and the plan shows
/// a warning.
///
/// A vApp that is not empty is not destroyed, because vSphere would also delete its contents.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_vapp_container", category = "Host and Cluster Management")]
pub struct VappContainerModel {
    /// The managed object ID of the vApp, such as `resgroup-v8`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the vApp.
    #[tf(required, length(1, 80), same = names::same)]
    pub name: Value<String>,
    /// The managed object ID of the parent resource pool or vApp. For the root resource pool of a cluster or host, use
    /// the `resource_pool_id` of the data source `vsphere_compute_cluster` or `vsphere_host`.
    #[tf(required, form = MoId::<ResourcePool>::form)]
    pub parent_resource_pool_id: Value<String>,
    /// The managed object ID of the virtual machine folder that contains the vApp. Defaults to the root virtual machine
    /// folder of the datacenter. A vApp in another vApp does not have a folder. Changing this moves the vApp in place.
    #[tf(optional, computed, form = MoId::<VmFolder>::form)]
    pub parent_folder_id: Value<String>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub shares: Allocation,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub labels: Labels,
    /// Timeouts for operations. An omitted timeout defaults to the provider's `api_timeout`, which is 5 minutes by
    /// default.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct VappContainer;

type M = VappContainerModel;

/// The type of a vApp in the API.
const VAPP: &str = "VirtualApp";

impl M {
    fn object(&self) -> MoRef {
        MoRef::new(VAPP, self.id.as_str())
    }

    fn location(&self) -> Location<'_> {
        Location { id: &self.id, parent: &self.parent_resource_pool_id }
    }

    /// A sentence part.
    fn title(&self) -> String {
        format!("the vApp {:?}", self.name.as_str())
    }

    /// Whether it is in another vApp, where it has no folder.
    fn nested(&self) -> bool {
        entity::type_of(self.parent_resource_pool_id.as_str()) == Some(VAPP)
    }

    /// The folder that a new vApp is created in; nothing in another vApp.
    async fn folder(&self, vsphere: &Vsphere) -> Result<Option<MoRef>> {
        if self.nested() {
            return Ok(None);
        }
        if !self.parent_folder_id.as_str().is_empty() {
            return Ok(Some(MoId::<VmFolder>::object(self.parent_folder_id.as_str())));
        }
        let doing = || format!("find the folder for {}", self.title());
        let parent = pools::object(self.parent_resource_pool_id.as_str());
        let datacenter = vsphere.api.find().datacenter_of(&parent).await;
        let at = |_: &FaultKind| Some(M::PARENT_RESOURCE_POOL_ID);
        let Some(datacenter) = datacenter.doing_to(doing(), at)? else {
            let detail = format!("{parent} is not in a datacenter. Set `parent_folder_id`.");
            return Err(Diagnostics::error(M::PARENT_FOLDER_ID, "Missing folder", detail));
        };
        let folders = vsphere.api.datacenters().folders(&datacenter).await.doing(doing())?;
        Ok(Some(folders.vm))
    }
}

/// What is planned for the folder: where the configuration has none, it stays where it is. Pure.
fn planned_folder(prior: Option<&M>, config: &M, planned: &M) -> Option<Value<String>> {
    // The official provider accepts a folder of a vApp in another vApp, and ignores it.
    match prior {
        _ if !config.parent_folder_id.is_null() => None,
        Some(p) if p.parent_resource_pool_id == planned.parent_resource_pool_id => {
            Some(p.parent_folder_id.clone())
        }
        _ if planned.parent_resource_pool_id.is_unknown() => None,
        _ if planned.nested() => Some(Value::Null),
        _ => None,
    }
}

impl Resource for VappContainer {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the inventory path, such as /dc1/host/cluster1/Resources/shop, or by the managed object ID, such as \
                                  resgroup-v8";

    fn validate(&self, config: &M) -> Diagnostics {
        config.shares.validate()
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        Labels::plan(cx, VAPP, planned).await?;
        if let Some(folder) = planned_folder(cx.prior, cx.config, planned) {
            planned.set(M::PARENT_FOLDER_ID, folder);
        }
        let (configured, shares) = (&cx.config.shares, planned.shares.clone());
        for field in shares.chosen_again(configured, cx.prior.map(|p| &p.shares)) {
            planned.unknown(field);
        }
        let found = shares.check(configured, cx.prior.map(|p| &p.shares));
        cx.finish(found)?;
        if cx.is_replacement() {
            return Ok(());
        }
        let Some(vsphere) = cx.client else { return Ok(()) };
        let (parent, labels) = futures_util::join!(
            pools::moved(vsphere, cx.prior.map(M::location), planned.location()),
            planned.labels.check(vsphere, VAPP, cx.prior.map(|p| &p.labels))
        );
        if let Some(elsewhere) = parent? {
            cx.replace.push(M::PARENT_RESOURCE_POOL_ID.into());
            cx.warn(M::PARENT_RESOURCE_POOL_ID, "The vApp is replaced", elsewhere);
            return Ok(());
        }
        cx.finish(labels)
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        plan.labels.before_create(vsphere, VAPP).await?;
        let folder = plan.folder(vsphere).await?;
        let (parent, name) = (pools::object(plan.parent_resource_pool_id.as_str()), plan.name.as_str());
        let look = || async {
            let child = vsphere.api.find().child(&parent, name).await?;
            Ok(child.filter(|c| &*c.ty == VAPP))
        };
        let make =
            async { vsphere.api.vapps().create(&parent, name, plan.shares.spec(), folder.as_ref()).await };
        let made = create_or_adopt_named(cx, &plan.title(), look, make).await;
        let made = made.doing_to(format!("create {}", plan.title()), pools::blame)?;
        let folder = match &folder {
            Some(folder) => folder.id.to_string().into(),
            None => plan.parent_folder_id.clone(),
        };
        let plan = M { id: made.id.to_string().into(), parent_folder_id: folder, ..plan };
        cx.checkpoint(&plan);
        pools::apply_labels(cx, &made, &plan.labels, None).await?;
        Ok(plan)
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let (vsphere, object) = (cx.client(), state.object());
        let api = vsphere.api.vapps();
        let (read, carried) = futures_util::join!(api.get(&object), Labels::read_tags(vsphere, &object));
        let read = match read {
            Err(e) if e.is_not_found() => return Ok(None),
            other => other.doing(format!("read {}", state.title()))?,
        };
        let labels = pools::labels(cx, &carried?, &read.custom_values, &state.labels, &state.title());
        let folder = match read.folder {
            Some(folder) => folder.id.to_string().into(),
            None => state.parent_folder_id.clone(),
        };
        Ok(Some(M {
            id: object.id.to_string().into(),
            name: readable(&read.name).into_owned().into(),
            parent_resource_pool_id: read.parent.map(|p| p.id.to_string()).into(),
            parent_folder_id: folder,
            shares: Allocation::observed(&read.config),
            labels,
            ..state
        }))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let (vsphere, object) = (cx.client(), plan.object());
        pools::move_to(vsphere, prior.location(), plan.location(), &prior.title()).await?;
        let folder = plan.parent_folder_id.known().filter(|f| !f.is_empty() && !plan.nested());
        if let Some(folder) = folder.filter(|_| prior.parent_folder_id != plan.parent_folder_id) {
            let to = MoRef::new("Folder", folder.clone());
            let timeout = cx.timeout(vsphere.timeout);
            let moved = vsphere
                .api
                .folders()
                .move_into(&to, std::slice::from_ref(&object), timeout, cx.cancel())
                .await;
            let doing = format!("move {} to the folder {folder}", prior.title());
            moved.doing_to(doing, |_| Some(M::PARENT_FOLDER_ID))?;
        }
        let name = (!same_name(prior.name.as_str(), plan.name.as_str())).then(|| plan.name.as_str());
        let spec = (plan.shares != prior.shares).then(|| plan.shares.spec());
        if name.is_some() || spec.is_some() {
            let done = vsphere.api.resource_pools().update(&object, name, spec).await;
            done.doing_to(format!("update {}", prior.title()), pools::blame)?;
        }
        pools::apply_labels(cx, &object, &plan.labels, Some(prior.labels)).await?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let (vsphere, object) = (cx.client(), state.object());
        let why = "vSphere would destroy what is in it.";
        if !pools::is_empty(vsphere, &object, &state.title(), why).await? {
            return Ok(());
        }
        let timeout = cx.timeout(vsphere.timeout);
        match vsphere.api.entities().destroy(&object, timeout, cx.cancel()).await {
            Err(e) if e.is_not_found() => Ok(()),
            done => done.doing(format!("delete {}", state.title())),
        }
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let object = lookup::imported(cx.client(), id, VAPP).await?;
        pools::note_exchange(cx);
        Ok(M { id: object.id.to_string().into(), ..M::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_stays_where_the_configuration_has_none() {
        let vapp = |parent: &str, folder: Value<String>| M {
            parent_resource_pool_id: parent.into(),
            parent_folder_id: folder,
            ..M::default()
        };
        let state = vapp("resgroup-8", "group-v3".into());
        for (prior, config, expected) in [
            (None, vapp("resgroup-8", Value::Null), None),
            (None, vapp("resgroup-v9", Value::Null), Some(Value::Null)),
            (Some(&state), vapp("resgroup-8", Value::Null), Some("group-v3".into())),
            (Some(&state), vapp("resgroup-8", "group-v4".into()), None),
            (Some(&state), vapp("resgroup-v9", Value::Null), Some(Value::Null)),
        ] {
            assert_eq!(planned_folder(prior, &config, &config), expected, "{config:?}");
        }
    }

    #[test]
    fn a_folder_is_named_by_its_id() {
        for (id, ok) in [("group-v3", true), ("", true), ("resgroup-8", false), ("/dc1/vm/web", false)] {
            assert_eq!(MoId::<VmFolder>::form(&id.into()).is_ok(), ok, "{id}");
        }
    }
}
