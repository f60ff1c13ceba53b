//! `vsphere_tag_category`
pub mod data_source;
use crate::common::adopt::create_or_adopt;
use crate::common::tagging::{self, CATEGORY};
use crate::fault::{Doing, or_absent};
use crate::nearest::{did_you_mean, some};
use crate::vsphere::Vsphere;
use std::collections::BTreeSet;
use std::sync::Arc;
use tf_framework::{AttributePath, Cx, Diagnostics, Dynamic, Model, Plan, PlanCx, Resource, Result, Value};
use vsphere_client::{Cardinality, Category, CategorySpec};

/// What the tags of a category can be put on.
const TYPES: [&str; 18] = [
    ALL,
    "ClusterComputeResource",
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
    "com.vmware.content.library.Item",
];
/// Any of them: the vCenter keeps it as no type at all.
const ALL: &str = "All";
/// How many tags an error names.
const NAMED: usize = 10;

/// Manages a tag category, which defines the types of object that its tags can be assigned to and how many of its tags
/// an object can have.
///
/// Deleting a tag category also deletes its tags. A tag category with tags that this configuration does not manage is
/// therefore not destroyed, unless `force_destroy` is `true`.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_tag_category", category = "Inventory")]
pub struct TagCategoryModel {
    /// The ID of the tag category, in the form `urn:vmomi:InventoryServiceCategory:…:GLOBAL`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the tag category. It must be unique in vCenter.
    #[tf(required, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// The description of the tag category.
    #[tf(optional)]
    pub description: Value<String>,
    /// The number of tags of the category that an object can have: `SINGLE` for one tag, or `MULTIPLE` for any number.
    /// vCenter can change `SINGLE` to `MULTIPLE`, but not `MULTIPLE` to `SINGLE`.
    #[tf(required, one_of("SINGLE", "MULTIPLE"))]
    pub cardinality: Value<String>,
    /// The types of object that the tags can be assigned to, or `All` for every type. vCenter can add types to a tag
    /// category, but cannot remove any.
    ///
    /// The types are `All`, `ClusterComputeResource`, `Datacenter`, `Datastore`, `DistributedVirtualPortgroup`,
    /// `DistributedVirtualSwitch`, `Folder`, `HostNetwork`, `HostSystem`, `Network`, `OpaqueNetwork`, `ResourcePool`,
    /// `StoragePod`, `VirtualApp`, `VirtualMachine`, `VmwareDistributedVirtualSwitch`, `com.vmware.content.Library` and
    /// `com.vmware.content.library.Item`.
    #[tf(required, advice = types, same = same_types)]
    pub associable_types: Value<BTreeSet<String>>,
    /// Whether to destroy the tag category even if it contains tags that this configuration does not manage. Those tags
    /// are deleted as well.
    #[tf(optional)]
    pub force_destroy: Value<bool>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct TagCategory;

type M = TagCategoryModel;

fn types(v: &Dynamic) -> std::result::Result<(), String> {
    let wrong: Vec<String> = v
        .items()
        .iter()
        .filter_map(Dynamic::as_str)
        .filter(|t| !TYPES.contains(t))
        .map(|t| format!("{t:?} is not a type that tags can be put on.{}", did_you_mean(t, TYPES)))
        .collect();
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("{}\nThe types are {}.", wrong.join("\n"), TYPES.join(", ")))
}

/// The types as the vCenter keeps them: bare names, and none at all for any.
fn kept<'a>(types: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let bare = |t: &str| t.strip_prefix("urn:vim25:").unwrap_or(t).to_owned();
    let types: BTreeSet<String> = types.into_iter().map(bare).collect();
    if types.contains(ALL) { BTreeSet::new() } else { types }
}

/// Two ways to write the same types.
pub(crate) fn same_types(a: &Dynamic, b: &Dynamic) -> bool {
    let kept = |v: &Dynamic| kept(v.items().iter().filter_map(Dynamic::as_str));
    kept(a) == kept(b)
}

/// The types that a category of the vCenter has.
pub(crate) fn types_of(category: &Category) -> BTreeSet<String> {
    let types = kept(category.associable_types.iter().map(String::as_str));
    if types.is_empty() { BTreeSet::from([ALL.to_owned()]) } else { types }
}

/// A cardinality, as the configuration writes it.
pub(crate) fn word(cardinality: Cardinality) -> &'static str {
    match cardinality {
        Cardinality::Single => "SINGLE",
        Cardinality::Multiple => "MULTIPLE",
    }
}

/// What vCenter would refuse of a change: it widens a category, and never narrows it. Pure.
fn refused(name: &str, prior: &M, plan: &M) -> Diagnostics {
    // Without -refresh=false, Terraform makes this very plan before it destroys anything.
    let instead = "To have a new category in its place, with new tags, destroy this one first (terraform destroy \
                   -refresh=false -target=<address>), then apply.";
    let mut problems = Diagnostics::default();
    if (prior.cardinality.as_str(), plan.cardinality.as_str()) == ("MULTIPLE", "SINGLE") {
        let detail = format!(
            "One object may have several tags of the category {name:?}, and vCenter does not take that back. Set \
             `cardinality = \"MULTIPLE\"`. {instead}"
        );
        let summary = "The cardinality of a category cannot become SINGLE";
        problems.merge(Diagnostics::error(M::CARDINALITY, summary, detail));
    }
    let (Some(was), Some(is)) = (prior.associable_types.known(), plan.associable_types.known()) else {
        return problems;
    };
    let was = kept(was.iter().map(String::as_str));
    let is = kept(is.iter().map(String::as_str));
    let lost: Vec<&str> = was.difference(&is).map(String::as_str).collect();
    let what = match (was.is_empty(), is.is_empty()) {
        (true, false) => {
            "Tags of the category {name} can be put on objects of all types, and vCenter does not take that \
                          back. Set `associable_types = [\"All\"]`."
        }
        (false, false) if !lost.is_empty() => {
            "Tags of the category {name} can be put on objects of type {lost}, and vCenter does not take that back. Add \
             {lost} to `associable_types`."
        }
        _ => return problems,
    };
    let quoted = lost.iter().map(|t| format!("{t:?}")).collect::<Vec<_>>().join(", ");
    let what = what.replace("{name}", &format!("{name:?}")).replace("{lost}", &quoted);
    let summary = "Types cannot be removed from a category";
    problems.merge(Diagnostics::error(M::ASSOCIABLE_TYPES, summary, format!("{what} {instead}")));
    problems
}

impl M {
    fn spec(&self) -> CategorySpec {
        CategorySpec {
            name: self.name.get(),
            description: self.description.get(),
            cardinality: match self.cardinality.as_str() {
                "SINGLE" => Cardinality::Single,
                _ => Cardinality::Multiple,
            },
            associable_types: kept(self.associable_types.get().iter().map(String::as_str))
                .into_iter()
                .collect(),
        }
    }

    /// Which attribute a refusal is about, and what to do.
    fn advice(&self, kind: &str) -> Option<(AttributePath, String)> {
        let text = match kind {
            "ALREADY_EXISTS" => format!(
                "There is a category {name:?} already. Choose another name, or import it: terraform import <address> \
                 '{name}'.",
                name = self.name.as_str()
            ),
            _ => return None,
        };
        Some((Self::NAME.into(), text))
    }
}

impl Resource for TagCategory {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the name, or by the ID, urn:vmomi:InventoryServiceCategory:…";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        let Some(prior) = cx.prior.filter(|_| cx.changed) else { return Ok(()) };
        refused(prior.name.as_str(), prior, planned).into_result(())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let (tags, spec) = (&vsphere.api.tags(), &plan.spec());
        let make = async { tags.create_category(spec).await };
        let after = |before: Arc<Arc<Vec<String>>>| async move {
            let now = tags.category_ids().await?;
            for id in now.iter().filter(|id| !before.contains(id)) {
                let category = tags.category(id).await?;
                if category.name == spec.name && category.cardinality == spec.cardinality {
                    return Ok(Some(id.clone()));
                }
            }
            Ok(None)
        };
        let title = format!("the tag category `{}`", plan.name.as_str());
        let made = create_or_adopt(cx, &title, tags.category_ids(), make, after).await;
        let doing = format!("create the tag category `{}`", plan.name.as_str());
        let id = tagging::refused(made, doing, "CreateCategory", |kind| plan.advice(kind))?;
        Ok(M { id: id.into(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let vsphere = cx.client();
        let found = match vsphere.api.tags().category(state.id.as_str()).await {
            Err(e) if e.is_not_found() => return Ok(None),
            found => {
                let doing = format!("read the tag category `{}`", state.name.as_str());
                found.doing(doing)?
            }
        };
        Ok(Some(M {
            id: found.id.clone().into(),
            name: found.name.clone().into(),
            description: found.description.clone().into(),
            cardinality: word(found.cardinality).into(),
            associable_types: types_of(&found).into(),
            ..state
        }))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let vsphere = cx.client();
        refused(prior.name.as_str(), &prior, &plan).into_result(())?;
        if prior.spec() != plan.spec() {
            let done = vsphere.api.tags().update_category(plan.id.as_str(), &plan.spec()).await;
            let doing = format!("update the tag category `{}`", plan.name.as_str());
            tagging::refused(done, doing, "EditCategory", |kind| plan.advice(kind))?;
        }
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let (vsphere, id, name) = (cx.client(), state.id.as_str(), state.name.as_str());
        if !state.force_destroy.get() {
            // Tags that refer to the category by its id are destroyed before it: what is left is not ours.
            let left = match vsphere.api.tags().tag_ids(id).await {
                Err(e) if e.is_not_found() => return Ok(()),
                left => left.doing(format!("list the tags of the category `{name}`"))?,
            };
            if !left.is_empty() {
                return Err(foreign(vsphere, name, &left).await);
            }
        }
        let done = or_absent(vsphere.api.tags().delete_category(id).await);
        let doing = format!("delete the tag category `{name}`");
        tagging::refused(done, doing, "DeleteCategory", |_| None)
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        let found = if id.starts_with(CATEGORY) {
            tagging::category_of(vsphere, id, AttributePath::root()).await?
        } else {
            tagging::category_named(vsphere, id, AttributePath::root()).await?
        };
        Ok(M { id: found.id.clone().into(), ..M::default() })
    }
}

/// The refusal to delete a category with undeclared tags.
async fn foreign(vsphere: &Vsphere, name: &str, tags: &[String]) -> Diagnostics {
    let first = &tags[..tags.len().min(NAMED)];
    let mut names = tagging::names(vsphere, first).await;
    names.sort();
    let more = match tags.len() - first.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let detail = format!(
        "{}{more} was created in it outside Terraform, and vCenter deletes the tags of a category with it, and detaches them from all \
         objects. Delete or import these tags first; or set `force_destroy = true`, apply, and destroy again. Tags of this \
         configuration are destroyed in time when they refer to the category by `vsphere_tag_category.<name>.id`.",
        some(&names, NAMED)
    );
    Diagnostics::error(
        AttributePath::root(),
        format!("The tag category {name:?} has tags that are not managed here"),
        detail,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(x: &[&str]) -> BTreeSet<String> {
        x.iter().map(|s| (*s).to_owned()).collect()
    }

    fn category(cardinality: &str, types: &[&str]) -> M {
        M { cardinality: cardinality.into(), associable_types: set(types).into(), ..M::default() }
    }

    fn list(x: &[&str]) -> Dynamic {
        Dynamic::List(x.iter().map(|s| (*s).into()).collect())
    }

    #[test]
    fn a_category_is_widened_and_never_narrowed() {
        for (prior, plan, at) in [
            (("SINGLE", &["Folder"][..]), ("MULTIPLE", &["Folder", "Datastore"][..]), &[][..]),
            (("SINGLE", &["Folder"]), ("SINGLE", &["All"]), &[]),
            (("SINGLE", &["All"]), ("SINGLE", &[]), &[]),
            (("SINGLE", &["Folder", "Datastore"]), ("SINGLE", &["Folder"]), &["associable_types"]),
            (("SINGLE", &["All"]), ("SINGLE", &["Folder"]), &["associable_types"]),
            (("MULTIPLE", &["Folder"]), ("SINGLE", &["Datastore"]), &["cardinality", "associable_types"]),
        ] {
            let (prior, plan) = (category(prior.0, prior.1), category(plan.0, plan.1));
            let got: Vec<String> = refused("c", &prior, &plan).0.iter().map(|d| d.at.to_string()).collect();
            assert_eq!(got, at, "{prior:?} {plan:?}");
        }
        let unknown = M { associable_types: Value::Unknown, ..category("SINGLE", &[]) };
        assert!(refused("c", &category("SINGLE", &["Folder"]), &unknown).is_empty());
    }

    #[test]
    fn the_refusal_names_what_is_lost() {
        let lost =
            refused("c", &category("SINGLE", &["Folder", "Datastore"]), &category("SINGLE", &["Folder"]));
        assert!(lost.0[0].detail.contains("Add \"Datastore\" to `associable_types`"), "{lost}");
    }

    #[test]
    fn all_means_no_type() {
        assert!(category("SINGLE", &["All", "Folder"]).spec().associable_types.is_empty());
        assert!(same_types(&list(&["All"]), &list(&[])));
        assert!(same_types(&list(&["Folder"]), &list(&["urn:vim25:Folder"])));
        assert!(!same_types(&list(&["Folder"]), &list(&["Datastore"])));
    }

    #[test]
    fn unknown_types_name_the_nearest() {
        assert!(types(&list(&["VirtualMachine", "All"])).is_ok());
        let wrong = types(&list(&["virtualmachine", "VM", "Folder"])).unwrap_err();
        assert!(wrong.contains("Did you mean \"VirtualMachine\"?"), "{wrong}");
        assert!(wrong.contains("\"VM\" is not") && !wrong.contains("\"Folder\" is not"), "{wrong}");
    }
}
