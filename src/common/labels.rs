//! Tags and custom attributes: what most objects of the inventory can carry.
use crate::common::labeling::{Defaults, Ignored, Warned};
use crate::common::tag_faults;
use crate::common::tagging::{self, Categorized};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use std::collections::{BTreeMap, BTreeSet};
use tf_framework::{
    AttributePath, Diagnostics, Dynamic, Field, Model, Plan, PlanCx, Resource, Result, Severity, Value,
};
use vsphere_client::custom_fields::Definition;
use vsphere_client::{Cardinality, FaultKind, MoRef, Tag};

/// The tags and custom attributes of an object. Flatten it into the model of a resource.
///
/// Left out of the configuration, what the object carries is left alone; set, it is exactly that.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Labels {
    /// The IDs of the tags to assign to the object. If omitted, tags are not managed. If set, any other tags on the
    /// object are removed.
    #[tf(optional, computed, each(form = tagging::tag_id))]
    pub tags: Value<BTreeSet<String>>,
    /// A map of custom attribute IDs to values. If omitted, custom attributes are not managed. If set, the values of
    /// any other custom attributes on the object are removed.
    #[tf(optional, computed, form = attribute_ids)]
    pub custom_attributes: Value<BTreeMap<String, String>>,
    /// The IDs of all tags that are assigned to the object, including those of `default_tags` in the provider block.
    /// Null if the provider block does not set `default_tags`.
    #[tf(computed)]
    pub tags_all: Value<BTreeSet<String>>,
}

/// What an object carries, as it was read, and what of it is left alone.
#[derive(Debug, Clone, Default)]
pub struct Carried {
    /// Nothing where there is no tagging.
    tags: Option<BTreeSet<String>>,
    /// The default tags that exist; nothing where the provider block has none.
    defaults: Option<BTreeSet<String>>,
    ignored: Ignored,
}

fn attribute_ids(v: &Dynamic) -> std::result::Result<(), String> {
    let Dynamic::Map(m) = v else { return Ok(()) };
    match m.keys().find(|k| k.parse::<i32>().is_err()) {
        None => Ok(()),
        Some(k) => Err(format!(
            "The key {k:?} is not the ID of a custom attribute, which is a number: use `vsphere_custom_attribute.<name>.id` or \
             the data source `vsphere_custom_attribute`."
        )),
    }
}

/// What to attach and what to detach, from what there is to what is wanted. Pure.
fn tag_changes(
    now: &BTreeSet<String>,
    wanted: &BTreeSet<String>,
    ignored: &BTreeSet<String>,
) -> (Vec<String>, Vec<String>) {
    let detach = now.difference(wanted).filter(|id| !ignored.contains(*id));
    (wanted.difference(now).cloned().collect(), detach.cloned().collect())
}

/// The values to write, from what there is to what is wanted; a value that is not wanted becomes empty. Pure.
fn value_changes(
    now: &[(i32, String)],
    wanted: &BTreeMap<String, String>,
    ignored: &BTreeSet<i32>,
) -> Vec<(i32, String)> {
    let now: BTreeMap<i32, &str> = now.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let wanted: BTreeMap<i32, &str> =
        wanted.iter().filter_map(|(k, v)| Some((k.parse().ok()?, v.as_str()))).collect();
    let set = wanted.iter().filter(|(k, v)| now.get(k).copied().unwrap_or_default() != **v);
    let clear = now.iter().filter(|(k, v)| !v.is_empty() && !wanted.contains_key(k) && !ignored.contains(k));
    set.map(|(k, v)| (*k, (*v).to_owned())).chain(clear.map(|(k, _)| (*k, String::new()))).collect()
}

/// The values of an object, in the words of the state: there a value may be empty, which vSphere does not tell from
/// one that is not there. What is ignored is there only if the state has it. Pure.
fn observed(
    values: &[(i32, String)],
    state: Option<&BTreeMap<String, String>>,
    ignored: &BTreeSet<i32>,
) -> BTreeMap<String, String> {
    let empty = state.into_iter().flatten().filter(|(_, v)| v.is_empty());
    let mut out: BTreeMap<String, String> = empty.map(|(k, v)| (k.clone(), v.clone())).collect();
    let there = values.iter().filter(|(_, v)| !v.is_empty());
    let there = there.map(|(k, v)| (k, k.to_string(), v.clone()));
    let own = |k: &str| state.is_some_and(|s| s.contains_key(k));
    out.extend(there.filter(|(k, text, _)| !ignored.contains(k) || own(text)).map(|(_, k, v)| (k, v)));
    out
}

impl Carried {
    /// The tags, and those with the default ones, for a state that has `said` them. Pure.
    fn seen(&self, state: &Labels) -> (Value<BTreeSet<String>>, Value<BTreeSet<String>>) {
        // A host on its own has no tags.
        let Some(all) = &self.tags else { return (state.tags.clone(), Value::Null) };
        let (said, all_said) = (state.tags.known(), state.tags_all.known());
        let own = |id: &str| said.is_some_and(|s| s.contains(id));
        // What was a default tag when it was assigned is not the configuration's own.
        let default = |id: &str| {
            self.defaults.as_ref().is_some_and(|d| d.contains(id)) || all_said.is_some_and(|s| s.contains(id))
        };
        let managed = all.iter().filter(|id| own(id) || !self.ignored.tags.contains(*id));
        let managed: BTreeSet<String> = managed.cloned().collect();
        let tags: BTreeSet<String> = managed.iter().filter(|id| own(id) || !default(id)).cloned().collect();
        (tags.into(), (self.defaults.is_some() || all_said.is_some()).then_some(managed).into())
    }
}

/// What the categories of tags do not allow on an object of a type; each tag with whether it is new there. It is said in
/// the order of the tags' names, which users know, and not of their ids, which are random. Pure.
fn misfits(mut tags: Vec<(bool, Categorized)>, ty: &str) -> Diagnostics {
    let mut out = Diagnostics::default();
    let order = |t: &Tag| (t.name.clone(), t.id.clone());
    tags.sort_by_cached_key(|(_, (t, _))| order(t));
    for (i, (new, (tag, category))) in tags.iter().enumerate() {
        let of_category = |(_, (_, c)): &&(bool, Categorized)| c.id == category.id;
        let others: Vec<_> =
            tags.iter().enumerate().filter(|(k, _)| *k != i).map(|(_, t)| t).filter(of_category).collect();
        // Of two new ones the first is enough to be named.
        let second = others.iter().any(|(new, (t, _))| !new || order(t) < order(tag));
        let names: Vec<String> = others.iter().map(|(_, (t, _))| t.name.clone()).collect();
        let names = if category.cardinality == Cardinality::Single && second { names } else { vec![] };
        if let Some(rule) = new.then(|| tagging::broken(category, ty, &names)).flatten() {
            let summary = format!("The tag {:?} cannot be attached", tag.name);
            out.merge(Diagnostics::warning(Labels::TAGS, summary, rule));
        }
    }
    out
}

/// What is said of keys that no custom attribute for objects of the type has. Pure.
fn missing_attributes(keys: &[&String], all: &[Definition], ty: &str) -> Diagnostics {
    let mut out = Diagnostics::default();
    for key in keys {
        let found = all.iter().find(|d| d.key.to_string() == **key);
        let (summary, why) = match found {
            None => ("The custom attribute does not exist", format!("No custom attribute has the ID {key}.")),
            Some(d) => match d.managed_object_type.as_deref().filter(|t| !t.is_empty() && *t != ty) {
                None => continue,
                Some(other) => (
                    "The custom attribute is for objects of another type",
                    format!(
                        "The custom attribute {:?} ({key}) is for objects of the type {other}, and this is a {ty}.",
                        d.name
                    ),
                ),
            },
        };
        let at = AttributePath::from(Labels::CUSTOM_ATTRIBUTES).key((*key).clone());
        let detail = format!(
            "{why} Use `vsphere_custom_attribute.<name>.id` of one that is for this type, or for all."
        );
        out.merge(Diagnostics::error(at, summary, detail));
    }
    out
}

impl Labels {
    /// Finishes the plan of an object of the type `ty`: what is not configured is not going to be on a new one, and the
    /// default tags of the provider block are.
    ///
    /// # Errors
    /// Why the default tags cannot be read.
    pub async fn plan<R: Resource<Client = Vsphere, Model: AsRef<Self>>>(
        cx: &mut PlanCx<'_, R>,
        ty: &str,
        planned: &mut Plan<'_, R::Model>,
    ) -> Result<()> {
        let config: &Self = cx.config.as_ref();
        for field in config.absent(cx.prior.is_none()) {
            planned.null(field);
        }
        if let Some(vsphere) = cx.client {
            let (all, warning) = config.with_defaults(vsphere, ty, cx.prior.map(AsRef::as_ref)).await?;
            planned.set(Self::TAGS_ALL, all);
            cx.warnings.merge(warning);
        }
        Ok(())
    }

    /// `tags_all` of a configuration, and a warning about what is missing, once in a run.
    ///
    /// # Errors
    /// Why the default tags cannot be read.
    async fn with_defaults(
        &self,
        vsphere: &Vsphere,
        ty: &str,
        prior: Option<&Self>,
    ) -> Result<(Value<BTreeSet<String>>, Diagnostics)> {
        let Some(defaults) = vsphere.labels.defaults(vsphere).await? else {
            return Ok((Value::Null, Diagnostics::default()));
        };
        if !defaults.missing.is_empty() {
            let warning = match vsphere.run::<Warned>().first() {
                true => not_there(&defaults, Severity::Warning),
                false => Diagnostics::default(),
            };
            return Ok((Value::Unknown, warning));
        }
        let own = match (&self.tags, prior) {
            (Value::Unknown, _) => return Ok((Value::Unknown, Diagnostics::default())),
            (Value::Known(tags), _) => tags.clone(),
            // Tags that are not managed stay.
            (Value::Null, prior) => prior.map(|p| p.tags.get()).unwrap_or_default(),
        };
        let mut all = defaults.of(ty, &categorized(vsphere, &own).await);
        all.extend(own);
        Ok((all.into(), Diagnostics::default()))
    }

    /// What a new object is not going to have. Pure.
    pub fn absent(&self, is_new: bool) -> Vec<Field> {
        let all =
            [(Self::TAGS, self.tags.is_null()), (Self::CUSTOM_ATTRIBUTES, self.custom_attributes.is_null())];
        all.into_iter().filter(|(_, left_out)| is_new && *left_out).map(|(field, _)| field).collect()
    }

    /// What vCenter would refuse of what a plan adds to an object of the type `ty`; `prior` is what the state says, nothing
    /// for a new object. What does not exist is an error. What a category does not allow is a warning, since this very run
    /// may change the category. Who may not read tags or custom attributes is not held up.
    pub async fn check(&self, vsphere: &Vsphere, ty: &str, prior: Option<&Self>) -> Diagnostics {
        let (mut out, attributes) = futures_util::join!(
            self.check_tags(vsphere, ty, prior),
            self.check_attributes(vsphere, ty, prior)
        );
        out.merge(attributes);
        out
    }

    /// As [`check`](Self::check) for a new object, right before it is made: by now a category is what it is going to be.
    ///
    /// # Errors
    /// What vCenter would refuse, before anything is left behind.
    pub async fn before_create(&self, vsphere: &Vsphere, ty: &str) -> Result<()> {
        let mut found = self.check(vsphere, ty, None).await;
        if let Some(defaults) = vsphere.labels.defaults(vsphere).await? {
            found.merge(not_there(&defaults, Severity::Error));
        }
        for d in &mut found.0 {
            d.severity = Severity::Error;
        }
        found.into_result(())
    }

    async fn check_tags(&self, vsphere: &Vsphere, ty: &str, prior: Option<&Self>) -> Diagnostics {
        let mut out = Diagnostics::default();
        let before = prior.map(Self::assigned).unwrap_or_default();
        let wanted = self.assigned();
        if wanted.is_subset(&before) || !vsphere.api.is_vcenter() {
            return out;
        }
        let reads = wanted.iter().map(|id| tagging::categorized(vsphere, id));
        let mut there = vec![];
        for (id, read) in wanted.iter().zip(futures_util::future::join_all(reads).await) {
            match read {
                Ok(found) => there.push((!before.contains(id), found)),
                Err(e) if e.is_not_found() && !before.contains(id) => {
                    out.merge(tagging::no_tag(id, Self::TAGS));
                }
                Err(_) => {}
            }
        }
        out.merge(misfits(there, ty));
        out
    }

    /// The tags of a plan or state, as far as they are known. Pure.
    fn assigned(&self) -> BTreeSet<String> {
        let (tags, all) = (self.tags.known(), self.tags_all.known());
        tags.into_iter().chain(all).flatten().cloned().collect()
    }

    async fn check_attributes(&self, vsphere: &Vsphere, ty: &str, prior: Option<&Self>) -> Diagnostics {
        let before = prior.map(|p| p.custom_attributes.get()).unwrap_or_default();
        let wanted = self.custom_attributes.known().into_iter().flatten();
        let new: Vec<&String> = wanted.map(|(k, _)| k).filter(|k| !before.contains_key(*k)).collect();
        if new.is_empty() {
            return Diagnostics::default();
        }
        match vsphere.api.custom_fields().definitions().await {
            Ok(all) => missing_attributes(&new, &all, ty),
            Err(_) => Diagnostics::default(),
        }
    }

    /// All that an object carries, for a data source: that of the provider block is not left out.
    ///
    /// # Errors
    /// Why its tags cannot be read.
    pub(crate) async fn read_all(
        vsphere: &Vsphere,
        object: &MoRef,
        values: &[(i32, String)],
    ) -> Result<Self> {
        let carried = Carried { tags: tagging::attached(vsphere, object).await?, ..Carried::default() };
        Ok(Self::of(&carried, values, &Self::default()))
    }

    /// The tags of an object, and what of it is left alone. Callers read them at the same time as its properties: the
    /// requests of resources that are read side by side are joined, as long as all of them are at the same point.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub async fn read_tags(vsphere: &Vsphere, object: &MoRef) -> Result<Carried> {
        let (tags, policy) = (tagging::attached(vsphere, object), &vsphere.labels);
        let (tags, ignored, defaults) =
            futures_util::join!(tags, policy.ignored(vsphere), policy.defaults(vsphere));
        let defaults = defaults?.map(|d| d.of(&object.ty, &[]));
        Ok(Carried { tags: tags?, defaults, ignored: ignored? })
    }

    /// What the object carries: `carried` as [`read_tags`](Self::read_tags) gave it, `values` are its custom values, read
    /// with its other properties, and `state` is what the state says. Pure.
    pub fn of(carried: &Carried, values: &[(i32, String)], state: &Self) -> Self {
        let (tags, tags_all) = carried.seen(state);
        let values = observed(values, state.custom_attributes.known(), &carried.ignored.attributes);
        Self { tags, tags_all, custom_attributes: values.into() }
    }

    /// What the object carries and, besides, the custom attributes of which only the state has a value; and their ids.
    /// Nothing where there are none. Pure.
    pub fn with_missing(&self, state: &Self) -> Option<(Self, Vec<String>)> {
        let mut all = self.custom_attributes.get();
        let only_said: Vec<(String, String)> =
            state.custom_attributes.get().into_iter().filter(|(k, _)| !all.contains_key(k)).collect();
        let ids: Vec<String> = only_said.iter().map(|(k, _)| k.clone()).collect();
        all.extend(only_said);
        (!ids.is_empty()).then(|| (Self { custom_attributes: all.into(), ..self.clone() }, ids))
    }

    /// Makes the object carry what is planned. `prior` is what the state says; nothing for a new object.
    ///
    /// # Errors
    /// Which tag or value could not be set.
    pub async fn apply(&self, vsphere: &Vsphere, object: &MoRef, prior: Option<&Self>) -> Result<()> {
        self.apply_tags(vsphere, object, prior).await?;
        if let Some(wanted) = self.custom_attributes.known()
            && prior.is_none_or(|p| p.custom_attributes != self.custom_attributes)
            && !(prior.is_none() && wanted.is_empty())
        {
            let fields = vsphere.api.custom_fields();
            let now = fields.values(object).await;
            let now: Vec<(i32, String)> = now.doing(format!("read the custom attributes of {object}"))?;
            let ignored = vsphere.labels.ignored(vsphere).await?;
            for (key, value) in value_changes(&now, wanted, &ignored.attributes) {
                let doing = format!("set the custom attribute {key} of {object}");
                let done = fields.set_value(object, key, &value).await;
                if let Err(e) = &done
                    && matches!(e.fault_kind(), Some(FaultKind::InvalidArgument { .. }))
                {
                    let at = AttributePath::from(Self::CUSTOM_ATTRIBUTES).key(key.to_string());
                    let detail = "Use `vsphere_custom_attribute.<name>.id` of an attribute that is for objects of this \
                                  type, or for all.";
                    let summary = format!("{object} has no custom attribute with the ID {key}");
                    return Err(Diagnostics::error(at, summary, detail));
                }
                done.doing_to(doing, |_| Some(Self::CUSTOM_ATTRIBUTES))?;
            }
        }
        Ok(())
    }

    async fn apply_tags(&self, vsphere: &Vsphere, object: &MoRef, prior: Option<&Self>) -> Result<()> {
        // Of tags that are not managed, only those are detached that were default tags.
        let exact = self.tags.known().is_some() && prior.is_none_or(|p| p.tags != self.tags);
        if !exact && prior.is_some_and(|p| p.tags_all == self.tags_all) {
            return Ok(());
        }
        let mut wanted = self.assigned();
        if self.tags_all.is_unknown()
            && let Some(defaults) = vsphere.labels.defaults(vsphere).await?
        {
            not_there(&defaults, Severity::Error).into_result(())?;
            let own = categorized(vsphere, &wanted).await;
            wanted.extend(defaults.of(&object.ty, &own));
        }
        if prior.is_none() && wanted.is_empty() {
            return Ok(());
        }
        // A new object has no tags, and copies do not inherit them.
        let now = match prior {
            Some(_) => Self::read_tags(vsphere, object).await?,
            None => Carried::default(),
        };
        let (attach, mut detach) = tag_changes(&now.tags.unwrap_or_default(), &wanted, &now.ignored.tags);
        let before = prior.map(|p| p.tags_all.get()).unwrap_or_default();
        detach.retain(|id| exact || before.contains(id));
        // First away, then on: a category may allow one tag only.
        if let Err(failed) = vsphere.api.tags().detach_all(&detach, object).await {
            return Err(tag_faults::all(vsphere, &failed, object, false, Self::TAGS).await);
        }
        if let Err(failed) = vsphere.api.tags().attach_all(&attach, object).await {
            return Err(tag_faults::all(vsphere, &failed, object, true, Self::TAGS).await);
        }
        Ok(())
    }
}

/// The tags that can be read, with their categories.
async fn categorized(vsphere: &Vsphere, ids: &BTreeSet<String>) -> Vec<Categorized> {
    let reads = ids.iter().map(|id| tagging::categorized(vsphere, id));
    futures_util::future::join_all(reads).await.into_iter().flatten().collect()
}

/// What is said of default tags that do not exist; nothing if they all do. Pure.
fn not_there(defaults: &Defaults, severity: Severity) -> Diagnostics {
    if defaults.missing.is_empty() {
        return Diagnostics::default();
    }
    let detail = format!(
        "{}\nCreate them before the objects that are to have them, or remove them from `default_tags` in the provider block.",
        defaults.missing.join("\n")
    );
    let at = AttributePath::root();
    match severity {
        Severity::Error => Diagnostics::error(at, "Default tags do not exist", detail),
        Severity::Warning => Diagnostics::warning(at, "Default tags do not exist", detail),
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
        let (attach, detach) = tag_changes(&set(&["a", "b", "i"]), &set(&["b", "c"]), &set(&["i"]));
        assert_eq!((attach, detach), (vec!["c".to_owned()], vec!["a".to_owned()]));
    }

    #[test]
    fn values_are_exactly_what_is_wanted() {
        let now = [(1, "x".to_owned()), (2, "y".to_owned()), (4, String::new())];
        let wanted = [("1", "x"), ("3", "z")].map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        assert_eq!(value_changes(&now, &wanted, &[2].into()), [(3, "z".to_owned())]);
        assert_eq!(value_changes(&now, &wanted, &[].into()), [(3, "z".to_owned()), (2, String::new())]);
    }

    #[test]
    fn an_empty_value_equals_an_absent_one() {
        let map = |x: &[(&str, &str)]| x.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let now = [(1, "x".to_owned()), (4, String::new())];
        let state: BTreeMap<String, String> = map(&[("1", ""), ("2", ""), ("3", "y")]);
        assert_eq!(observed(&now, Some(&state), &[].into()), map(&[("1", "x"), ("2", "")]));
        assert_eq!(observed(&now, None, &[].into()), map(&[("1", "x")]));
        assert_eq!(observed(&now, None, &[1].into()), map(&[]));
        assert_eq!(observed(&now, Some(&state), &[1].into()), map(&[("1", "x"), ("2", "")]));
    }

    #[test]
    fn ignored_and_default_tags_are_the_states_only_if_it_has_them() {
        let carried = |defaults: Option<&[&str]>| Carried {
            tags: Some(set(&["a", "d", "i"])),
            defaults: defaults.map(set),
            ignored: Ignored { tags: set(&["i"]), ..Ignored::default() },
        };
        let state = |tags: &[&str]| Labels { tags: set(tags).into(), ..Labels::default() };
        let seen = |c: &Carried, s: &Labels| {
            let (tags, all) = c.seen(s);
            (tags.get(), all.into_known())
        };
        let none = carried(None);
        assert_eq!(seen(&none, &Labels::default()), (set(&["a", "d"]), None));
        assert_eq!(seen(&none, &state(&["i"])), (set(&["a", "d", "i"]), None));
        let some = carried(Some(&["d"]));
        assert_eq!(seen(&some, &state(&["a"])), (set(&["a"]), Some(set(&["a", "d"]))));
        assert_eq!(seen(&some, &state(&["d"])), (set(&["a", "d"]), Some(set(&["a", "d"]))));
        let was = Labels { tags_all: set(&["d"]).into(), ..state(&[]) };
        assert_eq!(seen(&none, &was), (set(&["a"]), Some(set(&["a", "d"]))));
        let host = Carried::default();
        assert_eq!(seen(&host, &state(&["x"])), (set(&["x"]), None));
    }

    #[test]
    fn values_that_only_the_state_has_are_found() {
        let labels = |x: &[(&str, &str)]| Labels {
            custom_attributes: Value::Known(
                x.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            ),
            ..Labels::default()
        };
        let (there, state) = (labels(&[("1", "x"), ("3", "z")]), labels(&[("1", "w"), ("2", "y")]));
        let both = (labels(&[("1", "x"), ("2", "y"), ("3", "z")]), vec!["2".to_owned()]);
        assert_eq!(there.with_missing(&state), Some(both));
        assert_eq!(state.with_missing(&state), None);
        assert_eq!(there.with_missing(&Labels::default()), None);
    }

    #[test]
    fn what_a_category_does_not_allow_is_found() {
        let named = |id: &str, name: &str, single: bool, types: &[&str]| {
            let tag =
                Tag { id: id.into(), name: name.into(), category_id: "c".into(), description: String::new() };
            let category = vsphere_client::Category {
                id: "c".into(),
                name: "env".into(),
                description: String::new(),
                cardinality: if single { Cardinality::Single } else { Cardinality::Multiple },
                associable_types: types.iter().map(|t| (*t).to_owned()).collect(),
            };
            (std::sync::Arc::new(tag), std::sync::Arc::new(category))
        };
        let tag = |id: &str, single: bool, types: &[&str]| named(id, &id.to_uppercase(), single, types);
        for (tags, expected) in [
            (vec![(true, tag("a", true, &[]))], &[][..]),
            (vec![(true, tag("a", true, &[])), (true, tag("b", true, &[]))], &["\"B\" cannot"][..]),
            (vec![(false, tag("b", true, &[])), (true, tag("a", true, &[]))], &["\"A\" cannot"][..]),
            (vec![(true, tag("a", false, &[])), (true, tag("b", false, &[]))], &[][..]),
            (vec![(true, tag("a", false, &["Folder"]))], &["\"A\" cannot"][..]),
            (vec![(false, tag("a", false, &["Folder"]))], &[][..]),
            (vec![(true, tag("a", false, &["VirtualMachine"]))], &[][..]),
        ] {
            let found = misfits(tags, "VirtualMachine");
            assert!(!found.has_errors() && found.0.len() == expected.len(), "{found}");
            assert!(expected.iter().all(|e| found.to_string().contains(e)), "{found}");
        }
        // In the order of names, whatever the ids are, and the order of the ids.
        for ids in [["1", "2", "3"], ["3", "2", "1"], ["2", "3", "1"]] {
            let three = ids.iter().zip(["c", "a", "b"]).map(|(id, name)| (true, named(id, name, true, &[])));
            let found = misfits(three.collect(), "VirtualMachine");
            let said: Vec<_> =
                found.0.iter().map(|d| (d.summary.as_str(), d.detail.contains("has \"a\""))).collect();
            let cannot =
                [("The tag \"b\" cannot be attached", true), ("The tag \"c\" cannot be attached", true)];
            assert_eq!(said, cannot, "{found}");
        }
    }

    #[test]
    fn attributes_of_other_types_are_found() {
        let definition = |key: i32, ty: Option<&str>| Definition {
            key,
            name: format!("a{key}"),
            managed_object_type: ty.map(str::to_owned),
        };
        let all = [definition(1, None), definition(2, Some("Folder")), definition(3, Some("VirtualMachine"))];
        for (key, part) in [("1", ""), ("3", ""), ("2", "of the type Folder"), ("9", "has the ID 9")] {
            let found = missing_attributes(&[&key.to_owned()], &all, "VirtualMachine").to_string();
            assert_eq!(found.is_empty(), part.is_empty(), "{found}");
            assert!(found.contains(part), "{found}");
        }
    }

    #[test]
    fn an_invalid_id_is_rejected() {
        let map = |k: &str| Dynamic::Map([(k.to_owned(), "v".into())].into());
        assert!(attribute_ids(&map("owner")).is_err() && attribute_ids(&map("101")).is_ok());
    }
}
