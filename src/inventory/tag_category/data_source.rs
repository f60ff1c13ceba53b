//! `vsphere_tag_category`
use crate::common::tagging;
use crate::inventory::tag_category::{types_of, word};
use crate::vsphere::Vsphere;
use std::collections::BTreeSet;
use tf_framework::{DataCx, DataSource, Diagnostics, Model, Result, Value};

/// Finds a tag category by its name or ID.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_tag_category", category = "Inventory")]
pub struct TagCategoryData {
    /// The ID of the tag category. One of `id` and `name` must be set.
    #[tf(optional, computed, at_least_one_of("id", "name"), form = tagging::category_id)]
    pub id: Value<String>,
    /// The name of the tag category. One of `id` and `name` must be set.
    #[tf(optional, computed)]
    pub name: Value<String>,
    /// The description of the tag category.
    #[tf(computed)]
    pub description: Value<String>,
    /// The number of tags of the category that an object can have: `SINGLE` for one tag, or `MULTIPLE` for any number.
    #[tf(computed)]
    pub cardinality: Value<String>,
    /// The types of object that the tags can be assigned to, or `All` for every type.
    #[tf(computed)]
    pub associable_types: Value<BTreeSet<String>>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct TagCategory;

type M = TagCategoryData;

impl DataSource for TagCategory {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let (vsphere, name) = (cx.client, config.name.as_str());
        let found = match config.id.known() {
            Some(id) => tagging::category_of(vsphere, id, M::ID).await?,
            None => tagging::category_named(vsphere, name, M::NAME).await?,
        };
        if config.name.known().is_some_and(|n| *n != found.name) {
            let detail = format!("Its name is {:?}. Set only `id` or only `name`.", found.name);
            return Err(Diagnostics::error(M::NAME, "The tag category of that ID is another one", detail));
        }
        Ok(M {
            id: found.id.clone().into(),
            name: found.name.clone().into(),
            description: found.description.clone().into(),
            cardinality: word(found.cardinality).into(),
            associable_types: types_of(&found).into(),
        })
    }
}
