//! The tags and custom attributes that the provider block adds to every object, and those that it leaves alone.
use crate::common::custom_attributes;
use crate::common::tagging::{self, Categorized, TAG};
use crate::fault::Doing;
use crate::vsphere::{Labeling, Vsphere};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use tf_framework::Result;

/// What is left alone: tags and custom attributes, by their IDs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Ignored {
    pub(crate) tags: BTreeSet<String>,
    pub(crate) attributes: BTreeSet<i32>,
}

/// The default tags of a plan or an apply.
#[derive(Debug, Clone, Default)]
pub(crate) struct Defaults {
    /// Those that exist.
    pub(crate) tags: Vec<Categorized>,
    /// What is said of those that do not.
    pub(crate) missing: Vec<String>,
}

impl Labeling {
    /// What objects carry without Terraform. A category or custom attribute that does not exist is on no object.
    ///
    /// # Errors
    /// Those of any call.
    pub(crate) async fn ignored(&self, vsphere: &Vsphere) -> Result<Ignored> {
        let mut out = Ignored::default();
        if !self.ignore_tags.is_empty() && vsphere.api.is_vcenter() {
            let tags = vsphere.api.tags();
            for named in &self.ignore_tags {
                if named.starts_with(TAG) {
                    out.tags.insert(named.clone());
                    continue;
                }
                let doing = || format!("list the tags of the category {named:?} of `ignore_tags`");
                let Some(category) = tags.category_by_name(named).await.doing(doing())? else { continue };
                out.tags.extend(tags.tag_ids(&category.id).await.doing(doing())?.iter().cloned());
            }
        }
        if !self.ignore_custom_attributes.is_empty() {
            for d in custom_attributes::all(vsphere).await?.iter() {
                let all = &self.ignore_custom_attributes;
                if all.contains(&d.name) || all.contains(&d.key.to_string()) {
                    out.attributes.insert(d.key);
                }
            }
        }
        Ok(out)
    }

    /// The tags that every object gets; nothing where the provider block has none.
    ///
    /// # Errors
    /// Those of any call.
    pub(crate) async fn defaults(&self, vsphere: &Vsphere) -> Result<Option<Defaults>> {
        let Some(wanted) = self.default_tags.as_ref().filter(|_| vsphere.api.is_vcenter()) else {
            return Ok(None);
        };
        let tags = vsphere.api.tags();
        let mut out = Defaults::default();
        for (category, tag) in wanted {
            let doing = || format!("find the default tag {tag:?} of the category {category:?}");
            let Some(found) = tags.category_by_name(category).await.doing(doing())? else {
                out.missing.push(format!("There is no tag category {category:?}."));
                continue;
            };
            match tags.tag_by_name(tag, &found.id).await.doing(doing())? {
                Some(tag) => out.tags.push((tag, found)),
                None => out.missing.push(format!("There is no tag {tag:?} in the category {category:?}.")),
            }
        }
        Ok(Some(out))
    }
}

impl Defaults {
    /// The default tags that an object of a type gets beside its own: those that the category allows on the type, where
    /// no tag of the object's own is of the same category. Pure.
    pub(crate) fn of(&self, ty: &str, own: &[Categorized]) -> BTreeSet<String> {
        let fits = |(_, category): &&Categorized| {
            tagging::broken(category, ty, &[]).is_none() && !own.iter().any(|(_, c)| c.id == category.id)
        };
        self.tags.iter().filter(fits).map(|(tag, _)| tag.id.clone()).collect()
    }
}

/// Whether a warning about the default tags was given in this run.
#[derive(Debug, Default)]
pub(crate) struct Warned(AtomicBool);

impl Warned {
    /// Whether this is the first time.
    pub(crate) fn first(&self) -> bool {
        !self.0.swap(true, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use vsphere_client::{Cardinality, Category, Tag};

    fn tag(category: &str, name: &str, types: &[&str]) -> Categorized {
        let category = Category {
            id: category.into(),
            name: category.into(),
            description: String::new(),
            cardinality: Cardinality::Multiple,
            associable_types: types.iter().map(|t| (*t).to_owned()).collect(),
        };
        let tag = Tag {
            id: name.into(),
            name: name.into(),
            category_id: category.id.clone(),
            description: String::new(),
        };
        (Arc::new(tag), Arc::new(category))
    }

    #[test]
    fn defaults_go_where_they_fit_and_yield_to_tags_of_their_category() {
        let defaults = Defaults {
            tags: vec![tag("env", "prod", &[]), tag("team", "web", &["VirtualMachine"])],
            missing: vec![],
        };
        for (ty, own, expected) in [
            ("VirtualMachine", vec![], vec!["prod", "web"]),
            ("Folder", vec![], vec!["prod"]),
            ("VirtualMachine", vec![tag("env", "dev", &[])], vec!["web"]),
            ("Folder", vec![tag("env", "dev", &[]), tag("team", "x", &[])], vec![]),
            ("VirtualMachine", vec![tag("other", "x", &[])], vec!["prod", "web"]),
        ] {
            let found = defaults.of(ty, &own);
            assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expected, "{ty}");
        }
    }
}
