//! `data.vsphere_dynamic`
use crate::common::{entity, lookup, regex, tagging};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use regex_lite::Regex;
use std::collections::BTreeSet;
use tf_framework::{AttributePath, DataCx, DataSource, Diagnostics, Model, Result, Value};
use vsphere_client::MoRef;
use vsphere_client::entity::Entity;

/// Finds an object by its tags, and optionally by its name and type. Exactly one object must match.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_dynamic", category = "Inventory")]
pub struct DynamicModel {
    /// The managed object ID of the object.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The IDs of the tags. The object must have all of them.
    #[tf(required, count(1, usize::MAX), each(form = tagging::tag_id))]
    pub filter: Value<BTreeSet<String>>,
    /// A regular expression to match against any part of the name of the object.
    #[tf(optional, check = regex::form)]
    pub name_regex: Value<String>,
    /// The type of the object, such as `VirtualMachine` or `Datastore`. If omitted, objects of all types are
    /// considered.
    #[tf(optional, check = entity::taggable)]
    pub r#type: Value<String>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct Dynamic;

impl DataSource for Dynamic {
    type Model = DynamicModel;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: Self::Model) -> Result<Self::Model> {
        let vsphere = cx.client;
        let tags: Vec<String> = config.filter.get().into_iter().collect();
        let objects = tagging::objects_with_all(vsphere, &tags, config.r#type.as_str()).await?;
        let text = config.name_regex.as_str();
        let regex = Regex::new(text).map_err(|e| {
            Diagnostics::error(DynamicModel::NAME_REGEX, "Invalid regular expression", e.to_string())
        })?;
        let entities = vsphere.api.properties().get_existing::<Entity>(&objects).await;
        let entities = entities.doing("read the objects that have the tags")?;
        let names: Vec<(&MoRef, &str)> =
            entities.iter().map(|(object, e)| (object, e.name.as_str())).collect();
        let matching: Vec<&MoRef> =
            names.iter().filter(|(_, name)| regex.is_match(name)).map(|(object, _)| *object).collect();
        match matching.as_slice() {
            [only] => Ok(DynamicModel { id: only.id.to_string().into(), ..config }),
            [] if names.is_empty() => {
                let what = match config.r#type.as_str() {
                    "" => "object".to_owned(),
                    ty => ty.to_owned(),
                };
                let detail = format!("There is no {what} that has all of the {} tags.", tags.len());
                Err(Diagnostics::error(DynamicModel::FILTER, "Nothing has these tags", detail))
            }
            [] => {
                let all = lookup::listed(names.iter().map(|(o, n)| format!("{n} ({o})")));
                let detail = format!("These objects have the tags:\n{all}");
                let summary = format!("Nothing that has the tags matches {text:?}");
                Err(Diagnostics::error(DynamicModel::NAME_REGEX, summary, detail))
            }
            several => {
                let mut paths = vec![];
                for o in several.iter().take(20) {
                    paths.push(match vsphere.api.find().path_of(o).await {
                        Ok(path) => format!("{path} ({o})"),
                        Err(_) => o.to_string(),
                    });
                }
                let detail = format!(
                    "{} objects fit:\n{}\nNarrow it down with `type`, `name_regex` or a further tag.",
                    several.len(),
                    lookup::listed(paths.into_iter())
                );
                Err(Diagnostics::error(AttributePath::root(), "Several objects fit", detail))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_input_is_reported() {
        assert!(entity::taggable(&"VirtualMachin".into()).is_err_and(|e| e.contains("\"VirtualMachine\"")));
    }
}
