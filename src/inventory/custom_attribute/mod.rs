//! `vsphere_custom_attribute`
pub mod data_source;
use crate::common::adopt::create_or_adopt_named;
use crate::common::custom_attributes;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{AttributePath, Cx, Diagnostics, Field, Model, Resource, Result, Value};
use vsphere_client::{Error, FaultKind};

/// Manages a custom attribute, which adds a named text value to objects in the inventory.
///
/// To set values, use the `custom_attributes` argument of the objects. Deleting a custom attribute also deletes its
/// values.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_custom_attribute", category = "Inventory")]
pub struct CustomAttributeModel {
    /// The numeric ID of the custom attribute.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the custom attribute. It must be unique in vCenter.
    #[tf(required, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// The type of object that the custom attribute applies to, such as `VirtualMachine`. If omitted, the custom
    /// attribute applies to all types.
    #[tf(optional, force_new, check = custom_attributes::object_type)]
    pub managed_object_type: Value<String>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct CustomAttribute;

type M = CustomAttributeModel;

impl M {
    fn key(&self) -> Result<i32> {
        self.id.as_str().parse().map_err(|_| {
            let detail = format!("{:?} is not an integer, such as 101.", self.id.as_str());
            Diagnostics::error(Self::ID, "This is not the ID of a custom attribute", detail)
        })
    }

    fn title(&self) -> String {
        format!("the custom attribute `{}`", self.name.as_str())
    }
}

impl Resource for CustomAttribute {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the name, or by the key, such as 101";

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let ty = plan.managed_object_type.non_empty().map(String::as_str);
        let (fields, name) = (vsphere.api.custom_fields(), plan.name.as_str());
        let look = || async {
            let all = fields.definitions().await?;
            Ok(all.iter().find(|d| d.name == name && d.managed_object_type.as_deref() == ty).cloned())
        };
        let make = async { fields.add(name, ty).await };
        let made = create_or_adopt_named(cx, &plan.title(), look, make).await;
        let made = taken(vsphere, &plan, made).await?;
        let made = made.doing_to(format!("create {}", plan.title()), blame)?;
        Ok(M { id: made.key.to_string().into(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let (vsphere, key) = (cx.client(), state.key()?);
        let all = custom_attributes::all(vsphere).await?;
        Ok(all.iter().find(|d| d.key == key).map(|d| M {
            id: key.to_string().into(),
            name: d.name.clone().into(),
            managed_object_type: d.managed_object_type.clone().into(),
        }))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let vsphere = cx.client();
        if prior.name != plan.name {
            let done = vsphere.api.custom_fields().rename(plan.key()?, plan.name.as_str()).await;
            let done = taken(vsphere, &plan, done).await?;
            done.doing_to(format!("rename {}", prior.title()), blame)?;
        }
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let (vsphere, key) = (cx.client(), state.key()?);
        let done = vsphere.api.custom_fields().remove(key).await;
        if let Err(e) = &done
            && matches!(e.fault_kind(), Some(FaultKind::InvalidArgument { .. } | FaultKind::NotFound))
            && !custom_attributes::all(vsphere).await?.iter().any(|d| d.key == key)
        {
            // Already deleted: the server does not have this key.
            return Ok(());
        }
        done.doing(format!("delete {}", state.title()))
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let all = custom_attributes::all(cx.client()).await?;
        let by_key = || id.parse().ok().and_then(|key: i32| all.iter().find(|d| d.key == key));
        let named = custom_attributes::named(&all, id, AttributePath::root());
        let key = match (named, by_key()) {
            (Ok(d), _) | (Err(_), Some(d)) => d.key,
            (Err(e), None) => return Err(e),
        };
        Ok(M { id: key.to_string().into(), ..M::default() })
    }
}

/// Says which attribute has a name that is taken; any other result is given back.
async fn taken<T>(
    vsphere: &Vsphere,
    plan: &M,
    result: vsphere_client::Result<T>,
) -> Result<vsphere_client::Result<T>> {
    let duplicate = |e: &Error| {
        matches!(e.fault_kind(), Some(FaultKind::DuplicateName { .. } | FaultKind::AlreadyExists { .. }))
    };
    if !result.as_ref().err().is_some_and(duplicate) {
        return Ok(result);
    }
    let name = plan.name.as_str();
    let all = custom_attributes::all(vsphere).await?;
    let has = match all.iter().find(|d| d.name == name) {
        Some(d) => format!("the attribute {} has it, {}", d.key, custom_attributes::of(d)),
        None => "another attribute has it".to_owned(),
    };
    let detail = format!(
        "A name belongs to one custom attribute, whatever the type of object: {has}. Choose another name, or import what \
         exists: terraform import <address> '{name}'."
    );
    let at = AttributePath::from(M::NAME);
    Err(Diagnostics::error(at, format!("The name {name:?} of the custom attribute is taken"), detail))
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::InvalidName { .. } => Some(M::NAME),
        FaultKind::InvalidArgument { .. } => Some(M::MANAGED_OBJECT_TYPE),
        _ => None,
    }
}
