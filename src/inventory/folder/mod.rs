//! `vsphere_folder`
pub mod data_source;
mod path;

use crate::common::adopt::create_or_adopt_named;
use crate::common::labels::Labels;
use crate::common::lookup;
use crate::common::moid::{Datacenter, MoId};
use crate::common::names;
use crate::fault::{Doing, or_absent};
use crate::nearest::did_you_mean;
use crate::run_notes::RunNotes;
use crate::vsphere::Vsphere;
use serde_json::Value as Json;
use tf_framework::{
    AttributePath, Cx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Timeouts, Value,
};
use vsphere_client::{Error, FaultKind, Kind, MoRef, custom_fields};

/// Manages an inventory folder for virtual machines, hosts, datastores, networks or datacenters.
///
/// Changing `path` renames or moves the folder in place, with all objects in it. Renaming or moving a parent folder
/// does not replace the folder either. The parent folder must exist. If Terraform manages the parent folder, refer to
/// its path, as in `"${vsphere_folder.team.path}/web"`. A folder that is not empty is not destroyed.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_folder", category = "Inventory", version = 1)]
pub struct FolderModel {
    /// The managed object ID of the folder, such as `group-v3`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The path of the folder, relative to the root folder of its type in the datacenter. For example, `team/web` is
    /// `/dc1/vm/team/web` if `type` is `vm`. A slash in a name must be written as `%2f`.
    #[tf(required, same = names::same_path, check = path::valid)]
    pub path: Value<String>,
    /// The type of objects that the folder contains: `vm`, `host`, `datastore`, `network` or `datacenter`.
    #[tf(required, force_new, one_of("vm", "host", "datastore", "network", "datacenter"))]
    pub r#type: Value<String>,
    /// The managed object ID of the datacenter. Required unless `type` is `datacenter`.
    #[tf(optional, force_new, form = lookup::datacenter_id)]
    pub datacenter_id: Value<String>,
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
pub struct Folder;

type M = FolderModel;

impl M {
    fn object(&self) -> MoRef {
        MoRef::new("Folder", self.id.as_str())
    }

    /// A sentence part.
    fn title(&self) -> String {
        format!("the {} folder {:?}", self.r#type.as_str(), self.path.as_str())
    }

    /// The parent folder and the name that the path asks for.
    async fn place(&self, vsphere: &Vsphere) -> Result<(MoRef, String)> {
        let (parent, name) = path::split(self.path.as_str()).unwrap_or_default();
        let mut here = match path::area(self.r#type.as_str()) {
            None => vsphere.api.root_folder(),
            Some(area) => {
                let datacenter = MoId::<Datacenter>::object(self.datacenter_id.as_str());
                let folders = match vsphere.api.datacenters().folders(&datacenter).await {
                    Err(e) if e.is_not_found() => return Err(lookup::no_datacenter(&datacenter.id)),
                    other => other.doing(format!("find the folders of {datacenter}"))?,
                };
                folders.of(area).clone()
            }
        };
        let mut walked = vec![];
        for segment in names::segments(&parent) {
            let child = vsphere.api.find().child(&here, segment).await;
            match child.doing(format!("find the folder {segment:?}"))? {
                Some(child) if &*child.ty == "Folder" => here = child,
                Some(other) => {
                    let detail = format!("{:?} in {} is {other}.", segment, self.above(&walked));
                    return Err(Diagnostics::error(M::PATH, format!("{segment:?} is not a folder"), detail));
                }
                None => return Err(self.no_parent(vsphere, &here, &walked, segment, &parent).await),
            }
            walked.push(segment);
        }
        Ok((here, name))
    }

    /// The place that was reached, in words.
    fn above(&self, walked: &[&str]) -> String {
        if walked.is_empty() {
            return format!("the root folder of type {}", self.r#type.as_str());
        }
        format!("the folder {:?}", walked.join("/"))
    }

    async fn no_parent(
        &self,
        vsphere: &Vsphere,
        here: &MoRef,
        walked: &[&str],
        segment: &str,
        parent: &str,
    ) -> Diagnostics {
        let children = vsphere.api.folders().children(here).await.unwrap_or_default();
        let folders = children.iter().filter(|c| &*c.object.ty == "Folder").map(|c| c.name.as_str());
        let near = did_you_mean(segment, folders);
        let detail = format!(
            "There is no folder {segment:?} in {}.{near} The folders above one must exist before it. If another \
             `vsphere_folder` makes it, refer to that: path = \"${{vsphere_folder.<name>.path}}/…\".",
            self.above(walked)
        );
        Diagnostics::error(M::PATH, format!("The parent folder {parent:?} does not exist"), detail)
    }
}

impl Resource for Folder {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str =
        "the inventory path, such as /dc1/vm/team/web, or by the managed object ID, such as group-v3";

    fn validate(&self, config: &M) -> Diagnostics {
        let missing =
            config.datacenter_id.is_null() || config.datacenter_id.known().is_some_and(String::is_empty);
        match config.r#type.known().map(String::as_str) {
            Some("datacenter") if config.datacenter_id.known().is_some_and(|d| !d.is_empty()) => {
                let detail = "A folder of datacenters is in none itself: leave `datacenter_id` out.";
                Diagnostics::error(M::DATACENTER_ID, "`datacenter_id` does not fit this type", detail)
            }
            Some(ty) if missing && path::area(ty).is_some() => {
                let detail = format!(
                    "A folder of type {ty:?} is in a datacenter. Set `datacenter_id`, for example to \
                     `data.vsphere_datacenter.<name>.id`."
                );
                Diagnostics::error(M::DATACENTER_ID, "`datacenter_id` is needed", detail)
            }
            _ => Diagnostics::default(),
        }
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        Labels::plan(cx, "Folder", planned).await?;
        let Some(vsphere) = cx.client else { return Ok(()) };
        if planned.r#type.as_str() == "vm" && !planned.path.is_unknown() {
            vsphere.run::<RunNotes>().folder(planned.path.as_str());
        }
        if cx.is_replacement() {
            return Ok(());
        }
        if cx.prior.is_none()
            && let Some(id) = planned.datacenter_id.non_empty()
            && let Err(e) = vsphere.api.datacenters().folders(&MoId::<Datacenter>::object(id.as_str())).await
            && e.is_not_found()
        {
            return Err(lookup::no_datacenter(id));
        }
        let found = planned.labels.check(vsphere, "Folder", cx.prior.map(|p| &p.labels)).await;
        cx.finish(found)
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        plan.labels.before_create(vsphere, "Folder").await?;
        let (parent, name) = plan.place(vsphere).await?;
        let look = || async {
            let child = vsphere.api.find().child(&parent, &name).await?;
            Ok(child.filter(|c| &*c.ty == "Folder"))
        };
        let make = async { vsphere.api.folders().create(&parent, &name).await };
        let made = create_or_adopt_named(cx, &plan.title(), look, make).await;
        let made = made.doing_to(format!("create {}", plan.title()), blame)?;
        let plan = M { id: made.id.to_string().into(), ..plan };
        cx.checkpoint(&plan);
        plan.labels.apply(vsphere, &made, None).await?;
        Ok(plan)
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let vsphere = cx.client();
        let object = match path::old_id(state.id.as_str()) {
            Some((datacenter, path)) => match old(vsphere, datacenter, path).await? {
                Some(object) => object,
                None => return Ok(None),
            },
            None => state.object(),
        };
        let doing = || format!("read {}", state.title());
        let folders = vsphere.api.folders();
        let (folder, carried) =
            futures_util::join!(folders.get(&object), Labels::read_tags(vsphere, &object));
        let folder = match folder {
            Err(e) if e.is_not_found() => return Ok(None),
            other => other.doing(doing())?,
        };
        let values = custom_fields::texts(&folder.custom_values);
        let labels = Labels::of(&carried?, &values, &state.labels);
        let Some(ty) = path::type_of(&folder.child_types) else {
            let detail = format!("It may hold {}.", folder.child_types.join(", "));
            return Err(Diagnostics::error(
                AttributePath::root(),
                format!("{object} is a folder of no known type"),
                detail,
            ));
        };
        let place = vsphere.api.find().path_in_datacenter(&object).await;
        let place = place.doing(doing())?;
        let datacenter = vsphere.api.find().datacenter_of(&object).await;
        let datacenter = datacenter.doing(doing())?;
        Ok(Some(M {
            id: object.id.to_string().into(),
            path: place.into(),
            r#type: ty.into(),
            datacenter_id: datacenter.map(|d| d.id.to_string()).into(),
            labels,
            ..state
        }))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let (vsphere, object) = (cx.client(), plan.object());
        if prior.path != plan.path {
            let timeout = cx.timeout(vsphere.timeout);
            let (parent, name) = plan.place(vsphere).await?;
            // What is above it may have been renamed or moved since the plan: where it is now is what counts.
            let now = vsphere.api.folders().get(&object).await;
            let now = now.doing(format!("read {}", prior.title()))?;
            let steps = path::steps((now.parent.as_ref(), &now.name), (&parent, &name));
            let rename = async || match &steps.name {
                Some(name) => {
                    let done = vsphere.api.entities().rename(&object, name, timeout, cx.cancel()).await;
                    done.doing_to(format!("rename {} to {name:?}", prior.title()), blame)
                }
                None => Ok(()),
            };
            // Under its old name it may be in the way there; under the new one, here.
            let taken = match &steps.into {
                Some(into) if steps.name.is_some() => {
                    let there = vsphere.api.find().child(into, &now.name).await;
                    there.doing(format!("look into {into}"))?.is_some()
                }
                _ => false,
            };
            if taken {
                rename().await?;
            }
            if let Some(into) = &steps.into {
                let objects = std::slice::from_ref(&object);
                let done = vsphere.api.folders().move_into(into, objects, timeout, cx.cancel()).await;
                let doing = format!("move {} to {:?}", prior.title(), plan.path.as_str());
                done.doing_to(doing, blame)?;
            }
            if !taken {
                rename().await?;
            }
        }
        plan.labels.apply(vsphere, &object, Some(&prior.labels)).await?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let (vsphere, object) = (cx.client(), state.object());
        let children = match vsphere.api.folders().children(&object).await {
            Err(e) if e.is_not_found() => return Ok(()),
            other => other.doing(format!("list what is in {}", state.title()))?,
        };
        if !children.is_empty() {
            let detail = format!(
                "Destroying it would destroy all that is in it. It holds\n{}\nMove or remove that first.",
                lookup::contents(&children)
            );
            let summary = format!("The folder {:?} is not empty", state.path.as_str());
            return Err(Diagnostics::error(AttributePath::root(), summary, detail));
        }
        let timeout = cx.timeout(vsphere.timeout);
        let done = or_absent(vsphere.api.entities().destroy(&object, timeout, cx.cancel()).await);
        done.doing(format!("delete {}", state.title()))
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        let object = lookup::imported(vsphere, id, "Folder").await?;
        let place = vsphere.api.find().path_in_datacenter(&object).await;
        let place = place.doing(format!("find the path of {object}"))?;
        if place.is_empty() {
            return Err(Diagnostics::error(
                AttributePath::root(),
                format!("The folder {id:?} cannot be imported"),
                "It is the root folder of the vCenter, or one of the four root folders of a datacenter (vm, host, datastore \
                 and network), which vCenter creates and which cannot be renamed, moved or destroyed. Import a folder below \
                 it, such as \"/dc1/vm/team/web\". To refer to a root folder, use the data source `vsphere_folder`.",
            ));
        }
        Ok(M { id: object.id.to_string().into(), ..M::default() })
    }

    fn upgrade(&self, version: i64, state: Json) -> Result<Json> {
        Ok(if version == 0 { path::from_version_0(&state) } else { state })
    }
}

/// The folder of a state of version 0; an empty name stands for the only datacenter.
async fn old(vsphere: &Vsphere, datacenter: &str, path: &str) -> Result<Option<MoRef>> {
    let query = lookup::Query {
        kind: Kind::Datacenter,
        name: datacenter,
        field: M::DATACENTER_ID,
        datacenter: None,
        tags: None,
    };
    let found = if datacenter.is_empty() { query.sole(vsphere).await? } else { query.one(vsphere).await? };
    match vsphere.api.find().folder(Some((&found.object, vsphere_client::Area::Vm)), path).await {
        Ok(object) => Ok(Some(object)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(e) => Err(e).doing(format!("find the folder {path:?}")),
    }
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::DuplicateName { .. } | FaultKind::InvalidName { .. } | FaultKind::InvalidFolder { .. } => {
            Some(M::PATH)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(ty: Value<String>, datacenter: Value<String>) -> Vec<String> {
        let config = M { path: "a".into(), r#type: ty, datacenter_id: datacenter, ..M::default() };
        Folder.validate(&config).0.into_iter().map(|d| d.at.to_string()).collect()
    }

    #[test]
    fn a_folder_is_in_a_datacenter_unless_it_holds_them() {
        assert_eq!(problems("vm".into(), Value::Null), ["datacenter_id"]);
        assert_eq!(problems("vm".into(), "datacenter-3".into()), [""; 0]);
        assert_eq!(problems("vm".into(), Value::Unknown), [""; 0]);
        assert_eq!(problems("datacenter".into(), Value::Null), [""; 0]);
        assert_eq!(problems("datacenter".into(), "datacenter-3".into()), ["datacenter_id"]);
        assert_eq!(problems(Value::Unknown, Value::Null), [""; 0]);
    }
}
