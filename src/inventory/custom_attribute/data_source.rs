//! `vsphere_custom_attribute`
use crate::common::custom_attributes;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Model, Result, Value};

/// Finds a custom attribute by its name.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_custom_attribute", category = "Inventory")]
pub struct CustomAttributeData {
    /// The numeric ID of the custom attribute.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the custom attribute.
    #[tf(required)]
    pub name: Value<String>,
    /// The type of object that the custom attribute applies to. Empty if the custom attribute applies to all types.
    #[tf(computed)]
    pub managed_object_type: Value<String>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct CustomAttribute;

type M = CustomAttributeData;

impl DataSource for CustomAttribute {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let all = custom_attributes::all(cx.client).await?;
        let found = custom_attributes::named(&all, config.name.as_str(), M::NAME)?;
        Ok(M {
            id: found.key.to_string().into(),
            name: config.name,
            managed_object_type: found.managed_object_type.clone().unwrap_or_default().into(),
        })
    }
}
