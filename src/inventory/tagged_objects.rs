//! `data.vsphere_tagged_objects`
use crate::common::{entity, tagging};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};
use tf_framework::{DataCx, DataSource, Model, Result, Value};
use vsphere_client::entity::Entity;
use vsphere_client::{FaultKind, MoRef, readable};

/// Lists the objects to which tags are attached, with their types and names.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_tagged_objects", category = "Inventory")]
pub struct TaggedObjectsModel {
    /// The IDs of the tags, sorted and joined by commas.
    #[tf(computed)]
    pub id: Value<String>,
    /// The IDs of the tags to search for.
    #[tf(required, count(1, usize::MAX), each(form = tagging::tag_id))]
    pub tag_ids: Value<BTreeSet<String>>,
    /// Whether an object must have `all` of the tags, or `any` of them, to be listed. Defaults to `all`.
    #[tf(optional, one_of("all", "any"))]
    pub r#match: Value<String>,
    /// The type of object to list, such as `HostSystem` or `ClusterComputeResource`. If omitted, objects of all types
    /// are listed.
    #[tf(optional, check = entity::taggable)]
    pub r#type: Value<String>,
    /// The objects, sorted by type and name. The name is null for objects that the user cannot read, and for content
    /// libraries and their items.
    #[tf(computed)]
    pub objects: Value<Vec<ObjectModel>>,
    /// A map from object types to the managed object IDs of the objects, sorted by name.
    #[tf(computed)]
    pub ids_by_type: Value<BTreeMap<String, Vec<String>>>,
}

/// An object with tags.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct ObjectModel {
    /// The managed object ID of the object, such as `host-10`.
    #[tf(computed)]
    pub id: Value<String>,
    /// The type of the object, such as `HostSystem`.
    #[tf(computed)]
    pub r#type: Value<String>,
    /// The name of the object.
    #[tf(computed)]
    pub name: Value<String>,
    /// The IDs in the `tag_ids` argument that are attached to the object.
    #[tf(computed)]
    pub tag_ids: Value<BTreeSet<String>>,
}

type M = TaggedObjectsModel;

/// The data source.
#[derive(Debug, Default)]
pub struct TaggedObjects;

/// The objects that fit, with the tags that each has: all of them or any of them, and of a type if there is one. Pure.
fn fitting(tagged: &[(&String, &[MoRef])], all: bool, ty: &str) -> BTreeMap<MoRef, BTreeSet<String>> {
    let mut out: BTreeMap<MoRef, BTreeSet<String>> = BTreeMap::new();
    for (tag, objects) in tagged {
        for object in objects.iter().filter(|o| ty.is_empty() || &*o.ty == ty) {
            out.entry(object.clone()).or_default().insert((*tag).clone());
        }
    }
    out.retain(|_, tags| !all || tags.len() == tagged.len());
    out
}

impl DataSource for TaggedObjects {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let vsphere = cx.client;
        let tags: Vec<String> = config.tag_ids.get().into_iter().collect();
        let tagged = vsphere.api.tags().attached_objects_of(&tags).await;
        let tagged = tagged.doing("list the objects that have the tags")?;
        let tagged: Vec<_> = tags.iter().map(|t| (t, tagged.get(t).map_or(&[][..], Vec::as_slice))).collect();
        let found = fitting(&tagged, config.r#match.as_str() != "any", config.r#type.as_str());
        let properties = vsphere.api.properties();
        let names = join_all(found.keys().map(|object| async {
            // Items and libraries have tags, too, and no properties.
            if !entity::TYPES.contains(&&*object.ty) {
                return Ok(Some(None));
            }
            match properties.get::<Entity>(object).await {
                Ok(read) => Ok(Some(Some(readable(&read.name).into_owned()))),
                // Deleted since the list was read.
                Err(e) if e.is_not_found() => Ok(None),
                Err(e) if matches!(e.fault_kind(), Some(FaultKind::NoPermission { .. })) => Ok(Some(None)),
                Err(e) => Err(e),
            }
        }))
        .await;
        let mut objects = vec![];
        for ((object, tags), name) in found.into_iter().zip(names) {
            if let Some(name) = name.doing(format!("read {object}"))? {
                objects.push((object.ty.to_string(), name, object.id.to_string(), tags));
            }
        }
        objects.sort();
        let mut ids_by_type: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (ty, _, id, _) in &objects {
            ids_by_type.entry(ty.clone()).or_default().push(id.clone());
        }
        let model = |(ty, name, id, tags): (String, Option<String>, String, BTreeSet<String>)| ObjectModel {
            id: id.into(),
            r#type: ty.into(),
            name: name.into(),
            tag_ids: tags.into(),
        };
        Ok(M {
            id: tags.join(",").into(),
            objects: objects.into_iter().map(model).collect::<Vec<_>>().into(),
            ids_by_type: ids_by_type.into(),
            ..config
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_have_all_or_any_of_the_tags() {
        let o = |ty: &str, id: &str| MoRef::new(ty, id);
        let (a, b) = ("a".to_owned(), "b".to_owned());
        let on_a = [o("HostSystem", "host-1"), o("Datastore", "datastore-1")];
        let on_b = [o("Datastore", "datastore-1"), o("Datastore", "datastore-2")];
        let tagged = [(&a, &on_a[..]), (&b, &on_b[..])];
        let ids = |all: bool, ty: &str| {
            fitting(&tagged, all, ty).keys().map(|o| o.id.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(ids(true, ""), ["datastore-1"]);
        assert_eq!(ids(false, "Datastore"), ["datastore-1", "datastore-2"]);
        assert_eq!(ids(false, "").len(), 3);
        assert_eq!(fitting(&tagged, true, "")[&on_b[0]].len(), 2);
    }
}
