//! `vsphere_license`
pub mod data_source;
mod labels;
use crate::common::adopt::create_or_adopt;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use labels::Change;
use std::collections::BTreeMap;
use std::sync::Arc;
use tf_framework::{AttributePath, Cx, Diagnostics, Dynamic, Model, Resource, Result, Value};
use vsphere_client::license::License as Found;

/// Manages a license key in vCenter and its labels.
///
/// The resource adds the license key to vCenter, but does not assign it to hosts or clusters. A license key that is
/// assigned cannot be removed. The license key is stored in the state, including as the `id`, so treat the state as
/// sensitive data.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_license", category = "Administration", version = 1)]
pub struct LicenseModel {
    /// The license key.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The license key.
    #[tf(required, force_new, check = not_blank)]
    pub license_key: Value<String>,
    /// A map of label names to values. Labels that are not in the configuration are removed from the license.
    #[tf(optional)]
    pub labels: Value<BTreeMap<String, String>>,
    /// The edition of the license, such as `esx.enterprisePlus.cpuPackage`.
    #[tf(computed)]
    pub edition_key: Value<String>,
    /// The display name of the license.
    #[tf(computed)]
    pub name: Value<String>,
    /// The total number of units in the license, such as CPUs, cores or virtual machines.
    #[tf(computed)]
    pub total: Value<i64>,
    /// The number of units in use.
    #[tf(computed, volatile)]
    pub used: Value<i64>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct License;

type M = LicenseModel;

fn not_blank(v: &Dynamic) -> std::result::Result<(), String> {
    match v.as_str().unwrap_or_default().trim() {
        "" => Err("It is empty. Expected a license key of five groups of five characters.".to_owned()),
        _ => Ok(()),
    }
}

/// The license of a key.
pub(super) async fn find(vsphere: &Vsphere, key: &str) -> Result<Option<Found>> {
    let all = vsphere.api.licenses().list().await.doing("list the licenses")?;
    Ok(all.into_iter().find(|l| l.key == key))
}

impl M {
    /// Sets the labels to those of the plan; `before` are the present ones.
    async fn apply_labels(&self, vsphere: &Vsphere, before: &BTreeMap<String, String>) -> Result<()> {
        let (api, key) = (vsphere.api.licenses(), self.license_key.as_str());
        for change in labels::changes(before, &self.labels.get()) {
            let (label, verb, done) = match change {
                Change::Set(label, value) => (label, "set", api.set_label(key, label, value).await),
                Change::Remove(label) => (label, "remove", api.remove_label(key, label).await),
            };
            let at = AttributePath::from(Self::LABELS).key(label);
            done.doing_to(format!("{verb} the label {label:?} of the license"), |_| Some(at))?;
        }
        Ok(())
    }
}

impl Resource for License {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the license key";

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let (api, key) = (&vsphere.api.licenses(), plan.license_key.as_str());
        let before = find(vsphere, key).await?;
        let absent = async { Ok(before.is_none()) };
        let after = |absent: Arc<bool>| async move {
            let all = if *absent { api.list().await? } else { vec![] };
            Ok(all.into_iter().find(|l| l.key == key))
        };
        let make = async { api.add(key).await };
        let made = create_or_adopt(cx, "the license", absent, make, after).await.doing("add the license")?;
        if let Some(reason) = made.diagnostic {
            let detail =
                format!("vCenter does not accept the license key: {}.", reason.trim_end_matches('.'));
            return Err(Diagnostics::error(M::LICENSE_KEY, "Invalid license key", detail));
        }
        if before.is_some() {
            let detail = "The license key was in the vCenter before. Terraform manages it from now on: destroying the resource \
                          removes the key.";
            cx.warn(M::LICENSE_KEY, "License already exists", detail);
        }
        let plan = M { id: plan.license_key.clone(), ..plan };
        cx.checkpoint(&plan);
        plan.apply_labels(vsphere, &before.map(|l| l.labels).unwrap_or_default()).await?;
        Ok(plan)
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let Some(found) = find(cx.client(), state.id.as_str()).await? else { return Ok(None) };
        Ok(Some(M {
            license_key: state.id.clone(),
            labels: if found.labels.is_empty() { Value::Null } else { Value::Known(found.labels) },
            edition_key: found.edition.into(),
            name: found.name.into(),
            total: i64::from(found.total).into(),
            used: i64::from(found.used).into(),
            ..state
        }))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        plan.apply_labels(cx.client(), &prior.labels.get()).await?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let (vsphere, key) = (cx.client(), state.id.as_str());
        let done = vsphere.api.licenses().remove(key).await;
        if done.is_err() && find(vsphere, key).await?.is_none() {
            return Ok(());
        }
        done.doing("remove the license")
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        match find(cx.client(), id).await? {
            Some(found) => Ok(M { id: found.key.into(), ..M::default() }),
            None => Err(not_found(AttributePath::root())),
        }
    }
}

/// There is no license of that key. The message does not have the key.
pub(super) fn not_found(at: impl Into<AttributePath>) -> Diagnostics {
    let detail = "vCenter does not list this license key. Check the key, and that the user has the privilege Global.Licenses on \
                  the root folder: without it, vCenter does not show license keys.";
    Diagnostics::error(at, "License not found", detail)
}
