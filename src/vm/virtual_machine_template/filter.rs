//! Which templates are meant: by name, folder, tags and custom attributes.
use crate::common::{lookup, tagging};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use futures_util::future::join_all;
use regex_lite::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;
use tf_framework::{Diagnostics, Dynamic, Model, Result, Value};
use vsphere_client::vim::types::{CustomFieldValueKind, VirtualMachineSnapshotInfo};
use vsphere_client::{Kind, MoRef, custom_fields, stored_path};

/// What templates are looked for by. All that is set must match.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Filter {
    /// A regular expression to match against any part of the name of the template.
    #[tf(optional, check = pattern)]
    pub name_regex: Value<String>,
    /// The managed object ID of the datacenter to search. If omitted, all datacenters are searched.
    #[tf(optional, form = lookup::datacenter_id)]
    pub datacenter_id: Value<String>,
    /// The path of the folder to search, including its subfolders: an absolute inventory path, such as
    /// `/dc1/vm/templates`, or, if `datacenter_id` is set, a path relative to the virtual machine folder of the
    /// datacenter, such as `templates`.
    #[tf(optional)]
    pub folder: Value<String>,
    /// The IDs of the tags that must all be attached to the template.
    #[tf(optional, each(form = tagging::tag_id))]
    pub tags: Value<BTreeSet<String>>,
    /// A map from custom attribute IDs to the values that the template must have.
    #[tf(optional)]
    pub custom_attributes: Value<BTreeMap<String, String>>,
}

fn pattern(v: &Dynamic) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    Regex::new(text).map(drop).map_err(|e| format!("{text:?} is not a regular expression: {e}."))
}

vsphere_client::properties! {
    struct Read of "VirtualMachine" {
        template: Option<bool> = "config.template",
        created: Option<String> = "config.createDate",
        bios_uuid: Option<String> = "config.uuid",
        guest_id: Option<String> = "config.guestId",
        custom_values: Vec<CustomFieldValueKind> = "customValue",
        snapshot: Option<Box<VirtualMachineSnapshotInfo>> = "snapshot",
    }
}

/// A template that was found.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Template {
    pub(super) object: MoRef,
    pub(super) name: String,
    /// The inventory path.
    pub(super) path: String,
    /// When it was created, as vCenter writes it.
    pub(super) created: String,
    pub(super) bios_uuid: String,
    pub(super) guest_id: String,
    pub(super) has_snapshot: bool,
}

impl Template {
    /// A line of a list.
    pub(super) fn line(&self) -> String {
        format!("{} ({})", self.path, self.object.id)
    }

    /// A line of a list of which one is to be chosen.
    pub(super) fn line_with_age(&self) -> String {
        match self.created.as_str() {
            "" => self.line(),
            created => format!("{} ({}, created {created})", self.path, self.object.id),
        }
    }
}

/// The newest one; of those that were created at the same time, or at an unknown time, the last by path. Pure.
pub(super) fn newest(all: Vec<Template>) -> Option<Template> {
    let time = |t: &Template| -> Option<SystemTime> { humantime::parse_rfc3339_weak(&t.created).ok() };
    all.into_iter().max_by(|a, b| (time(a), &a.path).cmp(&(time(b), &b.path)))
}

/// Whether a path is below a folder. Pure.
fn is_below(path: &str, folder: &str) -> bool {
    let folder = folder.trim_matches('/');
    folder.is_empty() || path.trim_matches('/').strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether an object has all of these values. Pure.
fn has_values(values: &[(i32, String)], wanted: &BTreeMap<String, String>) -> bool {
    let has = |(key, value): (&String, &String)| {
        let found = values.iter().find(|(k, _)| k.to_string() == *key);
        found.map_or(value.is_empty(), |(_, v)| v == value)
    };
    wanted.iter().all(has)
}

impl Filter {
    /// What is certainly wrong with it. Pure.
    pub(super) fn validate(&self) -> Diagnostics {
        let relative = self.folder.known().is_some_and(|f| !f.is_empty() && !f.starts_with('/'));
        if relative && self.datacenter_id.is_null() {
            let detail = "A path below the datacenter's folder of virtual machines needs `datacenter_id`. Set it, or write the \
                          absolute path, such as \"/dc1/vm/templates\".";
            return Diagnostics::error(Self::FOLDER, "Missing datacenter", detail);
        }
        Diagnostics::default()
    }

    /// In words, for an error.
    pub(super) fn conditions(&self) -> String {
        let mut all = vec![];
        if !self.name_regex.as_str().is_empty() {
            all.push(format!("a name that matches {:?}", self.name_regex.as_str()));
        }
        if !self.folder.as_str().is_empty() {
            all.push(format!("the folder {:?}", self.folder.as_str()));
        }
        if self.tags.known().is_some_and(|t| !t.is_empty()) {
            all.push("all of the tags".to_owned());
        }
        if self.custom_attributes.known().is_some_and(|c| !c.is_empty()) {
            all.push("the values of the custom attributes".to_owned());
        }
        if all.is_empty() { String::new() } else { format!(" with {}", all.join(", ")) }
    }

    /// The folder that templates are below, as an inventory path; empty for all.
    async fn root(&self, vsphere: &Vsphere) -> Result<String> {
        let Some(datacenter) = lookup::datacenter(&self.datacenter_id) else {
            return Ok(stored_path(self.folder.as_str()));
        };
        let path = match vsphere.api.find().path_of(&datacenter).await {
            Err(e) if e.is_not_found() => return Err(lookup::no_datacenter(&datacenter.id)),
            path => path.doing(format!("find the path of {datacenter}"))?,
        };
        Ok(match self.folder.as_str() {
            "" => path,
            absolute if absolute.starts_with('/') => stored_path(absolute),
            below => format!("{path}/vm/{}", stored_path(below)),
        })
    }

    /// The templates that fit, by path; those of one name if there is one.
    ///
    /// # Errors
    /// Those of any call, and a datacenter that does not exist.
    pub(super) async fn find(&self, vsphere: &Vsphere, name: Option<&str>) -> Result<Vec<Template>> {
        let regex = Regex::new(self.name_regex.as_str())
            .map_err(|e| Diagnostics::error(Self::NAME_REGEX, "Invalid regular expression", e.to_string()))?;
        let doing = "look for templates";
        let find = vsphere.api.find();
        let tagged = async {
            let tags: Vec<String> = self.tags.get().into_iter().collect();
            if tags.is_empty() {
                return Ok(None);
            }
            tagging::objects_with_all(vsphere, &tags, "VirtualMachine").await.map(Some)
        };
        let found = async {
            match name {
                Some(name) => find.matching(Kind::VirtualMachine, name, None).await.doing(doing),
                None => find.all(Kind::VirtualMachine, None).await.doing(doing),
            }
        };
        let (root, tagged, found) = futures_util::join!(self.root(vsphere), tagged, found);
        let (root, tagged) = (root?, tagged?);
        let mut found = found?;
        found.retain(|f| {
            regex.is_match(&f.name)
                && is_below(&f.path, &root)
                && tagged.as_ref().is_none_or(|t| t.contains(&f.object))
        });
        let properties = vsphere.api.properties();
        let reads = join_all(found.iter().map(|f| properties.get::<Read>(&f.object))).await;
        let mut out = vec![];
        let wanted = self.custom_attributes.get();
        for (f, read) in found.into_iter().zip(reads) {
            let read = match read {
                Err(e) if e.is_not_found() => continue,
                read => read.doing(format!("read {}", f.object))?,
            };
            if read.template != Some(true) || !has_values(&custom_fields::texts(&read.custom_values), &wanted)
            {
                continue;
            }
            out.push(Template {
                object: f.object,
                name: f.name,
                path: f.path,
                created: read.created.unwrap_or_default(),
                bios_uuid: read.bios_uuid.unwrap_or_default(),
                guest_id: read.guest_id.unwrap_or_default(),
                has_snapshot: read.snapshot.is_some_and(|s| !s.root_snapshot_list.is_empty()),
            });
        }
        out.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newest_is_by_time_then_by_path() {
        let t = |path: &str, created: &str| Template {
            path: path.to_owned(),
            created: created.to_owned(),
            ..Template::default()
        };
        let of = |all: &[Template]| newest(all.to_vec()).map(|t| t.path);
        assert_eq!(of(&[]), None);
        assert_eq!(
            of(&[t("/c", ""), t("/a", "2026-01-02T00:00:00Z"), t("/b", "2026-01-01T23:59:59.9Z")]).as_deref(),
            Some("/a")
        );
        assert_eq!(of(&[t("/a", ""), t("/b", "")]).as_deref(), Some("/b"));
    }

    #[test]
    fn folder_contains_what_is_below_it() {
        for (path, folder, expected) in [
            ("/dc1/vm/templates/a", "dc1/vm/templates", true),
            ("/dc1/vm/templates/linux/a", "/dc1/vm/templates/", true),
            ("/dc1/vm/templates-old/a", "/dc1/vm/templates", false),
            ("/dc1/vm/a", "", true),
        ] {
            assert_eq!(is_below(path, folder), expected, "{path} {folder}");
        }
    }

    #[test]
    fn all_values_must_match() {
        let values = [(1, "x".to_owned()), (2, String::new())];
        let wanted = |of: &[(&str, &str)]| of.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        assert!(has_values(&values, &wanted(&[])) && has_values(&values, &wanted(&[("1", "x"), ("3", "")])));
        assert!(!has_values(&values, &wanted(&[("1", "y")])) && !has_values(&values, &wanted(&[("3", "x")])));
    }

    #[test]
    fn relative_folder_needs_a_datacenter() {
        let filter = |folder: &str, datacenter: &str| Filter {
            folder: folder.into(),
            datacenter_id: Some(datacenter.to_owned()).filter(|d| !d.is_empty()).into(),
            ..Filter::null()
        };
        assert!(filter("templates", "").validate().has_errors());
        assert!(!filter("templates", "datacenter-2").validate().has_errors());
        assert!(!filter("/dc1/vm/templates", "").validate().has_errors());
    }
}
