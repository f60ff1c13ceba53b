//! `vsphere_datacenter`
pub mod data_source;
use crate::common::adopt::create_or_adopt_named;
use crate::common::folders;
use crate::common::labels::Labels;
use crate::common::lookup;
use crate::common::moid::{self, MoId};
use crate::common::names;
use crate::fault::{Doing, or_absent};
use crate::nearest::did_you_mean;
use crate::vsphere::Vsphere;
use tf_framework::{
    AttributePath, Cx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Timeouts, Value,
};
use vsphere_client::{FaultKind, Found, Kind, MoRef, custom_fields, readable};

/// Manages a datacenter.
///
/// Changing `name` renames the datacenter, and changing `folder` moves it, with all objects in it. The official
/// provider would replace the datacenter with an empty one. A datacenter that contains hosts, virtual machines,
/// datastores or networks is not destroyed.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_datacenter", category = "Inventory")]
pub struct DatacenterModel {
    /// The name of the datacenter, as in the official provider. To refer to the datacenter in other resources, use
    /// `moid`.
    #[tf(optional, computed, same = names::same)]
    pub id: Value<String>,
    /// The name of the datacenter.
    #[tf(required, length(1, 80), same = names::same)]
    pub name: Value<String>,
    /// The path of the folder that contains the datacenter, such as `europe/west`. Defaults to the root folder.
    #[tf(optional, same = names::same_path, check = folders::below)]
    pub folder: Value<String>,
    /// The managed object ID of the datacenter, such as `datacenter-3`.
    #[tf(computed)]
    pub moid: Value<String>,
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
pub struct Datacenter;

type M = DatacenterModel;

/// Whether something is lost with its datacenter. Folders alone hold nothing, and a standard network is only the name
/// that hosts have for it.
fn counts(found: &Found) -> bool {
    !matches!(&*found.object.ty, "Folder" | "Network")
}

impl M {
    /// A sentence part.
    fn title(&self) -> String {
        format!("the datacenter {:?}", self.name.as_str())
    }

    fn object(&self) -> MoRef {
        MoId::<moid::Datacenter>::object(self.moid.as_str())
    }

    /// The folder that it shall be in.
    async fn parent(&self, vsphere: &Vsphere) -> Result<MoRef> {
        let mut here = vsphere.api.root_folder();
        let mut walked = String::new();
        for segment in names::segments(self.folder.as_str()) {
            let child = vsphere.api.find().child(&here, segment).await;
            match child.doing(format!("find the folder {segment:?}"))? {
                Some(child) if &*child.ty == "Folder" => here = child,
                Some(other) => {
                    let detail = format!("{segment:?} in {walked}/ is {other}.");
                    let summary = format!("{:?} is not a folder", self.folder.as_str());
                    return Err(Diagnostics::error(M::FOLDER, summary, detail));
                }
                None => {
                    let children = vsphere.api.folders().children(&here).await.unwrap_or_default();
                    let near = did_you_mean(segment, children.iter().map(|c| c.name.as_str()));
                    let detail = format!(
                        "There is no {segment:?} in {walked}/.{near} The folder must exist before the datacenter: a \
                         `vsphere_folder` of type \"datacenter\" makes it."
                    );
                    let summary = format!("The folder {:?} does not exist", self.folder.as_str());
                    return Err(Diagnostics::error(M::FOLDER, summary, detail));
                }
            }
            walked = format!("{walked}/{segment}");
        }
        Ok(here)
    }
}

impl Resource for Datacenter {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the inventory path or the name, such as /europe/dc1, or by the managed object ID, such as datacenter-3";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        Labels::plan(cx, "Datacenter", planned).await?;
        // The official provider takes the name for the id.
        if cx.prior.is_some_and(|p| p.name != planned.name) && cx.config.id.is_null() {
            planned.set(M::ID, planned.name.clone());
        }
        let Some(vsphere) = cx.client.filter(|_| !cx.is_replacement()) else { return Ok(()) };
        let found = planned.labels.check(vsphere, "Datacenter", cx.prior.map(|p| &p.labels)).await;
        cx.finish(found)
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let parent = plan.parent(vsphere).await?;
        plan.labels.before_create(vsphere, "Datacenter").await?;
        let name = plan.name.as_str();
        let look = || async {
            let child = vsphere.api.find().child(&parent, name).await?;
            Ok(child.filter(|c| &*c.ty == "Datacenter"))
        };
        let make = async { vsphere.api.datacenters().create(&parent, name).await };
        let made = create_or_adopt_named(cx, &plan.title(), look, make).await;
        let made = made.doing_to(format!("create {}", plan.title()), blame)?;
        let plan = M { id: plan.name.clone(), moid: made.id.to_string().into(), ..plan };
        cx.checkpoint(&plan);
        plan.labels.apply(vsphere, &made, None).await?;
        Ok(plan)
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let vsphere = cx.client();
        let object = match state.moid.as_str() {
            // States of early versions have the name only.
            "" => match by_name(vsphere, &state).await? {
                Some(object) => object,
                None => return Ok(None),
            },
            _ => state.object(),
        };
        let doing = || format!("read {}", state.title());
        let entities = vsphere.api.entities();
        let (read, carried) = futures_util::join!(entities.get(&object), Labels::read_tags(vsphere, &object));
        let read = match read {
            Err(e) if e.is_not_found() => return Ok(None),
            other => other.doing(doing())?,
        };
        let values = custom_fields::texts(&read.custom_values);
        let labels = Labels::of(&carried?, &values, &state.labels);
        let folder = match &read.parent {
            Some(parent) => vsphere.api.find().path_of(parent).await.doing(doing())?,
            None => String::new(),
        };
        let folder = folder.trim_matches('/');
        let name = readable(&read.name).into_owned();
        Ok(Some(M {
            id: name.clone().into(),
            name: name.into(),
            folder: (!folder.is_empty()).then(|| folder.to_owned()).into(),
            moid: object.id.to_string().into(),
            labels,
            ..state
        }))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let (vsphere, object) = (cx.client(), plan.object());
        if prior.folder != plan.folder {
            let parent = plan.parent(vsphere).await?;
            folders::move_into(cx, &object, &parent, prior.title(), M::FOLDER).await?;
        }
        if prior.name != plan.name {
            folders::rename(cx, &object, plan.name.as_str(), prior.title(), M::NAME).await?;
        }
        plan.labels.apply(vsphere, &object, Some(&prior.labels)).await?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let (vsphere, object) = (cx.client(), state.object());
        let mut inside = match vsphere.api.datacenters().contents(&object).await {
            Err(e) if e.is_not_found() => return Ok(()),
            other => other.doing(format!("list what is in {}", state.title()))?,
        };
        inside.retain(counts);
        if !inside.is_empty() {
            let detail = format!(
                "Destroying it would take all that is in it from the vCenter. It holds\n{}\nMove or remove that first.",
                lookup::contents(&inside)
            );
            let summary = format!("The datacenter {:?} is not empty", state.name.as_str());
            return Err(Diagnostics::error(AttributePath::root(), summary, detail));
        }
        let timeout = cx.timeout(vsphere.timeout);
        let done = or_absent(vsphere.api.entities().destroy(&object, timeout, cx.cancel()).await);
        done.doing(format!("delete {}", state.title()))
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        // A bare name is taken too: it is the id that the official provider shows.
        let path = match id {
            _ if id.starts_with('/') || id.starts_with("datacenter-") || id.starts_with("Datacenter:") => {
                id.to_owned()
            }
            name => format!("/{name}"),
        };
        let object = lookup::imported(cx.client(), &path, "Datacenter").await?;
        Ok(M { moid: object.id.to_string().into(), ..M::default() })
    }
}

/// The datacenter of a state that has the name and the folder only.
async fn by_name(vsphere: &Vsphere, state: &M) -> Result<Option<MoRef>> {
    let path = format!("/{}/{}", state.folder.as_str(), vsphere_client::escape(state.name.as_str()));
    let found = vsphere.api.find().matching(Kind::Datacenter, &path, None).await;
    let found = found.doing(format!("find {}", state.title()))?;
    Ok(found.into_iter().next().map(|f| f.object))
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::DuplicateName { .. } | FaultKind::InvalidName { .. } => Some(M::NAME),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_alone_do_not_fill_a_datacenter() {
        let found = |ty: &str| Found {
            object: MoRef::new(ty, "x-1"),
            name: "x".into(),
            parent: None,
            path: "/x".into(),
        };
        assert!(!counts(&found("Folder")) && !counts(&found("Network")));
        assert!(
            ["HostSystem", "VirtualMachine", "Datastore", "StoragePod"].iter().all(|t| counts(&found(t)))
        );
    }
}
