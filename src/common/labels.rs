//! Tags and custom attributes: what most objects of the inventory can carry.
use crate::common::{tag_faults, tagging};
use crate::fault::{Explain, nobody};
use crate::vsphere::Vsphere;
use std::collections::{BTreeMap, BTreeSet};
use tf_framework::{AttributePath, Diagnostics, Dynamic, Model, Result, Value};
use vsphere_client::{FaultKind, MoRef};

/// The tags and custom attributes of an object. Flatten it into the model of a resource.
///
/// Left out of the configuration, what the object carries is left alone; set, it is exactly that.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Labels {
    /// The ids of the tags on the object. Left out, its tags are left alone; set, it has these and no others.
    #[tf(optional, computed, each(form = tagging::tag_id))]
    pub tags: Value<BTreeSet<String>>,
    /// The values of custom attributes, by the id of the attribute. Left out, they are left alone; set, the object has
    /// these and no others.
    #[tf(optional, computed, form = attribute_ids)]
    pub custom_attributes: Value<BTreeMap<String, String>>,
}

fn attribute_ids(v: &Dynamic) -> std::result::Result<(), String> {
    let Dynamic::Map(m) = v else { return Ok(()) };
    match m.keys().find(|k| k.parse::<i32>().is_err()) {
        None => Ok(()),
        Some(k) => Err(format!(
            "The key {k:?} is no id of a custom attribute, which is a number: use `vsphere_custom_attribute.<name>.id` or \
             the data source `vsphere_custom_attribute`."
        )),
    }
}

/// What to attach and what to detach, from what there is to what is wanted. Pure.
fn tag_changes(now: &BTreeSet<String>, wanted: &BTreeSet<String>) -> (Vec<String>, Vec<String>) {
    (wanted.difference(now).cloned().collect(), now.difference(wanted).cloned().collect())
}

/// The values to write, from what there is to what is wanted; a value that is not wanted becomes empty. Pure.
fn value_changes(now: &[(i32, String)], wanted: &BTreeMap<String, String>) -> Vec<(i32, String)> {
    let now: BTreeMap<i32, &str> = now.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let wanted: BTreeMap<i32, &str> =
        wanted.iter().filter_map(|(k, v)| Some((k.parse().ok()?, v.as_str()))).collect();
    let set = wanted.iter().filter(|(k, v)| now.get(k).copied().unwrap_or_default() != **v);
    let clear = now.iter().filter(|(k, v)| !v.is_empty() && !wanted.contains_key(k));
    set.map(|(k, v)| (*k, (*v).to_owned())).chain(clear.map(|(k, _)| (*k, String::new()))).collect()
}

/// The values of an object, in the words of the state: there a value may be empty, which vSphere does not tell from
/// one that is not there. Pure.
fn observed(values: &[(i32, String)], state: Option<&BTreeMap<String, String>>) -> BTreeMap<String, String> {
    let empty = state.into_iter().flatten().filter(|(_, v)| v.is_empty());
    let mut out: BTreeMap<String, String> = empty.map(|(k, v)| (k.clone(), v.clone())).collect();
    out.extend(values.iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| (k.to_string(), v.clone())));
    out
}

impl Labels {
    /// Finishes the plan of a creation: what is not configured is not going to be there.
    pub fn plan(config: &Self, is_new: bool, planned: &mut Self) {
        if is_new && config.tags.is_null() {
            planned.tags = Value::Null;
        }
        if is_new && config.custom_attributes.is_null() {
            planned.custom_attributes = Value::Null;
        }
    }

    /// What the object carries. `values` are its custom values, read with its other properties; `state` is what the
    /// state says.
    ///
    /// # Errors
    /// Why its tags cannot be read.
    pub async fn read(
        vsphere: &Vsphere,
        object: &MoRef,
        values: &[(i32, String)],
        state: &Self,
    ) -> Result<Self> {
        let tags = Self::read_tags(vsphere, object).await?;
        Ok(Self::of(tags, values, state))
    }

    /// The tags of an object, for a caller that reads them beside its other properties; nothing where there is no
    /// tagging.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub async fn read_tags(vsphere: &Vsphere, object: &MoRef) -> Result<Option<BTreeSet<String>>> {
        if !vsphere.api.is_vcenter() {
            return Ok(None);
        }
        let tags = vsphere.api.tags().attached_tags(object).await;
        let tags = tags.explain(vsphere, format!("read the tags of {object}"), nobody).await?;
        Ok(Some(tags.into_iter().collect()))
    }

    /// What the object carries: `tags` as [`read_tags`](Self::read_tags) gave them, the rest as for
    /// [`read`](Self::read). Pure.
    pub fn of(tags: Option<BTreeSet<String>>, values: &[(i32, String)], state: &Self) -> Self {
        // A host on its own has no tags.
        let tags = tags.map_or_else(|| state.tags.clone(), Into::into);
        Self { tags, custom_attributes: observed(values, state.custom_attributes.known()).into() }
    }

    /// Makes the object carry what is planned. `prior` is what the state says; nothing for a new object.
    ///
    /// # Errors
    /// Which tag or value could not be set.
    pub async fn apply(&self, vsphere: &Vsphere, object: &MoRef, prior: Option<&Self>) -> Result<()> {
        if let Some(wanted) = self.tags.known()
            && prior.is_none_or(|p| p.tags != self.tags)
            && !(prior.is_none() && wanted.is_empty())
        {
            // Nobody has had the time to tag what is new, and copies do not inherit tags.
            let now = match prior {
                Some(_) => Self::read_tags(vsphere, object).await?.unwrap_or_default(),
                None => BTreeSet::new(),
            };
            let (attach, detach) = tag_changes(&now, wanted);
            // First away, then on: a category may allow one tag only.
            if let Err(failed) = vsphere.api.tags().detach_all(&detach, object).await {
                return Err(tag_faults::all(vsphere, &failed, object, false, Self::TAGS).await);
            }
            if let Err(failed) = vsphere.api.tags().attach_all(&attach, object).await {
                return Err(tag_faults::all(vsphere, &failed, object, true, Self::TAGS).await);
            }
        }
        if let Some(wanted) = self.custom_attributes.known()
            && prior.is_none_or(|p| p.custom_attributes != self.custom_attributes)
            && !(prior.is_none() && wanted.is_empty())
        {
            let fields = vsphere.api.custom_fields();
            let now = fields.values(object).await;
            let now: Vec<(i32, String)> =
                now.explain(vsphere, format!("read the custom attributes of {object}"), nobody).await?;
            for (key, value) in value_changes(&now, wanted) {
                let doing = format!("set the custom attribute {key} of {object}");
                let done = fields.set_value(object, key, &value).await;
                if let Err(e) = &done
                    && matches!(e.fault_kind(), Some(FaultKind::InvalidArgument { .. }))
                {
                    let at = AttributePath::from(Self::CUSTOM_ATTRIBUTES).key(key.to_string());
                    let detail = "Use `vsphere_custom_attribute.<name>.id` of an attribute that is for objects of this \
                                  type, or for all.";
                    let summary = format!("{object} has no custom attribute with the id {key}");
                    return Err(Diagnostics::error(at, summary, detail));
                }
                done.explain(vsphere, doing, |_| Some(Self::CUSTOM_ATTRIBUTES)).await?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(x: &[&str]) -> BTreeSet<String> {
        x.iter().map(|s| (*s).to_owned()).collect()
    }

    #[test]
    fn tags_are_exactly_what_is_wanted() {
        let (attach, detach) = tag_changes(&set(&["a", "b"]), &set(&["b", "c"]));
        assert_eq!((attach, detach), (vec!["c".to_owned()], vec!["a".to_owned()]));
    }

    #[test]
    fn values_are_exactly_what_is_wanted() {
        let now = [(1, "x".to_owned()), (2, "y".to_owned()), (4, String::new())];
        let wanted = [("1", "x"), ("3", "z")].map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        assert_eq!(value_changes(&now, &wanted), [(3, "z".to_owned()), (2, String::new())]);
    }

    #[test]
    fn an_empty_value_is_no_difference() {
        let map = |x: &[(&str, &str)]| x.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let now = [(1, "x".to_owned()), (4, String::new())];
        let state: BTreeMap<String, String> = map(&[("1", ""), ("2", ""), ("3", "y")]);
        assert_eq!(observed(&now, Some(&state)), map(&[("1", "x"), ("2", "")]));
        assert_eq!(observed(&now, None), map(&[("1", "x")]));
    }

    #[test]
    fn what_is_no_id_is_refused() {
        let map = |k: &str| Dynamic::Map([(k.to_owned(), "v".into())].into());
        assert!(attribute_ids(&map("owner")).is_err() && attribute_ids(&map("101")).is_ok());
    }
}
