//! `vsphere_tag`
use crate::common::tagging;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Diagnostics, Model, Result, Value};

/// Finds a tag by its ID, or by its name and tag category.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_tag", category = "Inventory")]
pub struct TagData {
    /// The ID of the tag. One of `id` and `name` must be set.
    #[tf(optional, computed, at_least_one_of("id", "name"), form = tagging::tag_id)]
    pub id: Value<String>,
    /// The name of the tag. One of `id` and `name` must be set. Requires `category_id`.
    #[tf(optional, computed)]
    pub name: Value<String>,
    /// The ID of the tag category that contains the tag.
    #[tf(optional, computed, form = tagging::category_id)]
    pub category_id: Value<String>,
    /// The description of the tag.
    #[tf(computed)]
    pub description: Value<String>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct Tag;

type M = TagData;

impl DataSource for Tag {
    type Model = M;
    type Client = Vsphere;

    fn validate(&self, config: &M) -> Diagnostics {
        if config.id.is_null() && !config.name.is_null() && config.category_id.is_null() {
            let detail = "A name is unique in its category only: set `category_id`, for example to \
                          `data.vsphere_tag_category.<name>.id`.";
            return Diagnostics::error(M::CATEGORY_ID, "`category_id` is missing", detail);
        }
        Diagnostics::default()
    }

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let (vsphere, name, category) = (cx.client, config.name.as_str(), config.category_id.as_str());
        let found = match config.id.known() {
            Some(id) => tagging::tag_of(vsphere, id, M::ID).await?,
            None => tagging::tag_named(vsphere, name, category, M::NAME, M::CATEGORY_ID).await?,
        };
        let differs = |set: &Value<String>, is: &str| set.known().is_some_and(|s| s != is);
        for (field, set, is) in
            [(M::NAME, &config.name, &found.name), (M::CATEGORY_ID, &config.category_id, &found.category_id)]
        {
            if differs(set, is) {
                let detail = format!("Its `{}` is {is:?}. Set only `id`, or only the other two.", field.0);
                return Err(Diagnostics::error(field, "The tag of that ID is another one", detail));
            }
        }
        Ok(M {
            id: found.id.clone().into(),
            name: found.name.clone().into(),
            category_id: found.category_id.clone().into(),
            description: found.description.clone().into(),
        })
    }
}
