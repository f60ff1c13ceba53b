//! `vsphere_tag`
pub mod data_source;
use crate::common::adopt::create_or_adopt;
use crate::common::tagging::{self, TAG};
use crate::fault::{Doing, or_absent};
use crate::vsphere::Vsphere;
use serde::Deserialize;
use std::sync::Arc;
use tf_framework::{AttributePath, Cx, Diagnostics, Model, Plan, PlanCx, Resource, Result, Value};

/// Manages a tag.
///
/// To assign tags to an object, use the `tags` argument of the object. To assign a single tag without managing the
/// other tags of the object, use `vsphere_tag_attachment`.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_tag", category = "Inventory")]
pub struct TagModel {
    /// The ID of the tag, in the form `urn:vmomi:InventoryServiceTag:…:GLOBAL`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the tag. It must be unique in the tag category.
    #[tf(required, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// The ID of the tag category that contains the tag.
    #[tf(required, force_new, form = tagging::category_id)]
    pub category_id: Value<String>,
    /// The description of the tag.
    #[tf(optional)]
    pub description: Value<String>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct Tag;

type M = TagModel;

/// The import id of the official provider.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Names {
    category_name: String,
    tag_name: String,
}

impl M {
    fn title(&self) -> String {
        format!("the tag `{}`", self.name.as_str())
    }

    /// Which attribute a refusal is about, and what to do.
    fn advice(&self, kind: &str, category: Option<&str>) -> Option<(AttributePath, String)> {
        match kind {
            "ALREADY_EXISTS" => {
                let name = self.name.as_str();
                let id = serde_json::json!({ "category_name": category.unwrap_or("<category>"), "tag_name": name });
                let text = format!(
                    "A tag {name:?} exists in the category already. Choose another name, or import it: terraform import \
                     <address> '{id}'"
                );
                Some((Self::NAME.into(), text))
            }
            "NOT_FOUND" => Some((Self::CATEGORY_ID.into(), "The category does not exist.".into())),
            _ => None,
        }
    }
}

impl Resource for Tag {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the names of category and tag, {\"category_name\": \"environment\", \"tag_name\": \"production\"}, or by \
                                  the ID, urn:vmomi:InventoryServiceTag:…";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        let new = cx.prior.is_none() || cx.is_replacement();
        if let (Some(vsphere), Some(category), true) = (cx.client, planned.category_id.known(), new) {
            tagging::category_of(vsphere, category, M::CATEGORY_ID).await?;
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let (name, description, category) = (&plan.name, &plan.description, &plan.category_id);
        let (tags, category) = (&vsphere.api.tags(), category.as_str());
        let make = async { tags.create_tag(name.as_str(), description.as_str(), category).await };
        let after = |before: Arc<Arc<Vec<String>>>| async move {
            let now = tags.tag_ids(category).await?;
            for id in now.iter().filter(|id| !before.contains(id)) {
                let tag = tags.tag(id).await?;
                if tag.name == name.as_str() && tag.description == description.as_str() {
                    return Ok(Some(id.clone()));
                }
            }
            Ok(None)
        };
        let made = create_or_adopt(cx, &plan.title(), tags.tag_ids(category), make, after).await;
        let doing = format!("create {}", plan.title());
        // The id for an import has the name of the category.
        let named = match &made {
            Err(_) => tags.category(category).await.ok(),
            Ok(_) => None,
        };
        let named = named.as_ref().map(|c| c.name.as_str());
        let id = tagging::refused(made, doing, "CreateTag", |kind| plan.advice(kind, named))?;
        Ok(M { id: id.into(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let vsphere = cx.client();
        let found = match vsphere.api.tags().tag(state.id.as_str()).await {
            Err(e) if e.is_not_found() => return Ok(None),
            found => found.doing(format!("read {}", state.title()))?,
        };
        Ok(Some(M {
            id: found.id.clone().into(),
            name: found.name.clone().into(),
            category_id: found.category_id.clone().into(),
            description: found.description.clone().into(),
        }))
    }

    async fn update(&self, cx: &Cx<'_, Self>, _prior: M, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let (id, name, description) = (&plan.id, &plan.name, &plan.description);
        let done = vsphere.api.tags().update_tag(id.as_str(), name.as_str(), description.as_str()).await;
        let doing = format!("update {}", plan.title());
        let advice = |kind: &str| plan.advice(kind, None).filter(|_| kind == "ALREADY_EXISTS");
        tagging::refused(done, doing, "EditTag", advice)?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let vsphere = cx.client();
        let done = or_absent(vsphere.api.tags().delete_tag(state.id.as_str()).await);
        tagging::refused(done, format!("delete {}", state.title()), "DeleteTag", |_| None)
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        let found = if id.starts_with(TAG) {
            tagging::tag_of(vsphere, id, AttributePath::root()).await?
        } else {
            let Names { category_name, tag_name } = names(id)?;
            let category = tagging::category_named(vsphere, &category_name, AttributePath::root()).await?;
            tagging::tag_named(vsphere, &tag_name, &category.id, AttributePath::root(), AttributePath::root())
                .await?
        };
        Ok(M { id: found.id.clone().into(), ..M::default() })
    }
}

/// Category and tag of an import id.
fn names(id: &str) -> Result<Names> {
    serde_json::from_str(id).map_err(|e| {
        let detail = format!("It is neither the ID of a tag nor such JSON: {e}.");
        Diagnostics::error(AttributePath::root(), format!("{id:?} does not name a tag"), detail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn import_ids_are_those_of_the_official_provider() {
        let found = names(r#"{"category_name": "a/b", "tag_name": "\"c\""}"#).unwrap();
        assert_eq!(found, Names { category_name: "a/b".into(), tag_name: "\"c\"".into() });
        for wrong in ["a/b", r#"{"category_name": "a"}"#, r#"{"category": "a", "tag": "b"}"#] {
            assert!(names(wrong).is_err(), "{wrong}");
        }
    }
}
