//! `vsphere_tag_attachment`
use crate::common::entity::{self, planned_type};
use crate::common::lookup;
use crate::common::resolve;
use crate::common::tag_faults;
use crate::common::tagging::{self, TAG};
use crate::fault::Doing;
use crate::nearest::some;
use crate::vsphere::Vsphere;
use tf_framework::{AttributePath, Cx, Diagnostics, Dynamic, Model, Plan, PlanCx, Resource, Result, Value};
use vsphere_client::{Error, MoRef};

/// Assigns a tag to an object without changing the other tags of the object.
///
/// If the object already has the tag, the resource adopts the assignment, and destroying the resource removes the tag
/// from the object. To manage all tags of an object, use the `tags` argument of the object instead. Do not use both for
/// the same object.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_tag_attachment", category = "Inventory")]
pub struct TagAttachmentModel {
    /// The ID of the assignment, in the form `<tag ID>:<type>:<managed object ID>`.
    #[tf(computed)]
    pub id: Value<String>,
    /// The ID of the tag.
    #[tf(required, force_new, form = tagging::tag_id)]
    pub tag_id: Value<String>,
    /// The managed object ID of the object, such as `vm-42`. Use `root` for the root folder of vCenter. If
    /// `object_type` is set, the UUID of a distributed switch, the BIOS UUID or instance UUID of a virtual machine, and
    /// the ID of a content library or content library item are also accepted.
    #[tf(required, force_new, form = entity::id, same = same_object)]
    pub object_id: Value<String>,
    /// The type of the object, such as `VirtualMachine`. Can be omitted if the managed object ID identifies the type,
    /// as `vm-42` does.
    #[tf(
        optional,
        computed,
        force_new,
        one_of(
            "ClusterComputeResource",
            "ComputeResource",
            "Datacenter",
            "Datastore",
            "DistributedVirtualPortgroup",
            "DistributedVirtualSwitch",
            "Folder",
            "HostNetwork",
            "HostSystem",
            "Network",
            "OpaqueNetwork",
            "ResourcePool",
            "StoragePod",
            "VirtualApp",
            "VirtualMachine",
            "VmwareDistributedVirtualSwitch",
            "com.vmware.content.Library",
            "com.vmware.content.library.Item"
        )
    )]
    pub object_type: Value<String>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct TagAttachment;

type M = TagAttachmentModel;

/// The id of the root folder of every vCenter.
const ROOT: &str = "group-d1";

/// Two ways to write the same object.
fn same_object(a: &Dynamic, b: &Dynamic) -> bool {
    let id = |v: &Dynamic| v.as_str().map(|s| if s == "root" { ROOT.to_owned() } else { s.to_owned() });
    id(a) == id(b)
}

fn id(tag: &str, object: &MoRef) -> String {
    format!("{tag}:{}:{}", object.ty, object.id)
}

/// Tag and object of an id. The id of a tag holds colons, type and id of an object do not.
fn parts(id: &str) -> Option<(&str, MoRef)> {
    let (rest, object) = id.rsplit_once(':')?;
    let (tag, ty) = rest.rsplit_once(':')?;
    let whole = tag.starts_with(TAG) && !ty.is_empty() && ty != "GLOBAL" && !object.is_empty();
    whole.then(|| (tag, MoRef::new(ty, object)))
}

impl M {
    /// The object, as the configuration names it.
    async fn resolve(&self, vsphere: &Vsphere) -> Result<MoRef> {
        let ty = self.object_type.known().map(String::as_str);
        resolve::resolve(vsphere, self.object_id.as_str(), ty, Self::OBJECT_ID, Self::OBJECT_TYPE).await
    }

    /// The object, as the state names it.
    fn attached(&self) -> Result<(&str, MoRef)> {
        parts(self.id.as_str()).ok_or_else(|| wrong_id(self.id.as_str()))
    }
}

fn wrong_id(id: &str) -> Diagnostics {
    Diagnostics::error(AttributePath::root(), format!("{id:?} does not name a tag and an object"), "")
}

impl Resource for TagAttachment {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the ID of the tag, the type and the managed object ID of the object, such as \
                                  urn:vmomi:InventoryServiceTag:…:GLOBAL:VirtualMachine:vm-42";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        let new = cx.prior.is_none() || cx.is_replacement();
        if cx.config.object_type.is_null() && new {
            planned.set(M::OBJECT_TYPE, planned_type(&planned.object_id, &Value::Null));
        }
        if let (Value::Known(id), false, true) = (&planned.object_id, cx.config.object_type.is_unknown(), new)
        {
            let ty = cx.config.object_type.known().map(String::as_str);
            entity::resolve(id, ty, &MoRef::new("Folder", ROOT), M::OBJECT_ID, M::OBJECT_TYPE)?;
        }
        let (Some(vsphere), Some(tag), true) = (cx.client, planned.tag_id.known(), new) else {
            return Ok(());
        };
        let found = tagging::tag_of(vsphere, tag, M::TAG_ID).await?;
        if planned.object_id.is_unknown() || planned.object_type.is_unknown() {
            return Ok(());
        }
        let object = planned.resolve(vsphere).await?;
        lookup::exists(vsphere, &object, M::OBJECT_ID).await?;
        // This very run may change the category.
        if let Ok(category) = vsphere.api.tags().category(&found.category_id).await
            && let Some(rule) = tagging::broken(&category, &object.ty, &[])
        {
            cx.warn(M::OBJECT_ID, format!("The tag {:?} cannot be attached", found.name), rule);
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let (vsphere, tag) = (cx.client(), plan.tag_id.as_str());
        let object = plan.resolve(vsphere).await?;
        if let Err(error) = vsphere.api.tags().attach(tag, &object).await {
            return Err(tag_faults::not_attached(vsphere, Some(tag), &object, &error, M::OBJECT_ID).await);
        }
        Ok(M { id: id(tag, &object).into(), object_type: object.ty.to_string().into(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let (vsphere, (tag, object)) = (cx.client(), state.attached()?);
        let on = vsphere.api.tags().attached_tags(&object).await;
        let on = on.doing(format!("read the tags of {object}"))?;
        if !on.iter().any(|t| t == tag) {
            return Ok(None);
        }
        Ok(Some(M { object_type: object.ty.to_string().into(), ..state }))
    }

    async fn update(&self, _cx: &Cx<'_, Self>, _prior: M, plan: M) -> Result<M> {
        // Every change is a new attachment.
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let (vsphere, (tag, object)) = (cx.client(), state.attached()?);
        let Err(e) = vsphere.api.tags().detach(tag, &object).await else { return Ok(()) };
        // If the tag or the object does not exist, it is detached as well. The service reports this in several ways.
        if let (Error::Rest { .. }, Ok(on)) = (&e, vsphere.api.tags().attached_tags(&object).await)
            && !on.iter().any(|t| t == tag)
        {
            return Ok(());
        }
        Err(tag_faults::not_detached(vsphere, Some(tag), &object, &e, AttributePath::root()).await)
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        let (tag, object) = parts(id).ok_or_else(|| wrong_id(id))?;
        let found = tagging::tag_of(vsphere, tag, AttributePath::root()).await?;
        let on = vsphere.api.tags().attached_tags(&object).await;
        let on = on.doing(format!("read the tags of {object}"))?;
        if !on.iter().any(|t| t == tag) {
            let names = tagging::names(vsphere, &on).await;
            let has =
                if names.is_empty() { "no tags".into() } else { format!("the tags {}", some(&names, 10)) };
            let detail = format!("It has {has}. Leave the import out to put the tag on it.");
            return Err(Diagnostics::error(
                AttributePath::root(),
                format!("{object} does not have the tag {:?}", found.name),
                detail,
            ));
        }
        Ok(M {
            id: id.into(),
            tag_id: tag.into(),
            object_id: object.id.to_string().into(),
            object_type: object.ty.to_string().into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vsphere_client::{Cardinality, Category};

    #[test]
    fn ids_fall_into_parts() {
        let tag = format!("{TAG}1-2:GLOBAL");
        let object = MoRef::new("VirtualMachine", "vm-42");
        let whole = id(&tag, &object);
        assert_eq!(parts(&whole), Some((tag.as_str(), object)));
        for wrong in
            [tag.as_str(), "vm-42", "a:VirtualMachine:vm-42", &format!("{tag}:vm-42"), &format!("{tag}::")]
        {
            assert!(parts(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn refusals_name_the_rule() {
        let category = Category {
            id: "c".into(),
            name: "env".into(),
            description: String::new(),
            cardinality: Cardinality::Single,
            associable_types: vec!["Datastore".into(), "urn:vim25:Folder".into()],
        };
        let other = ["prod".to_owned()];
        assert!(tagging::broken(&category, "HostSystem", &[]).unwrap().contains("Add \"HostSystem\""));
        assert!(tagging::broken(&category, "Folder", &other).unwrap().contains("\"prod\""));
        assert_eq!(tagging::broken(&category, "Folder", &[]), None);
        let many = Category { cardinality: Cardinality::Multiple, associable_types: vec![], ..category };
        assert_eq!(tagging::broken(&many, "HostSystem", &other), None);
    }
}
