//! Deployment from an OVF package.
mod asked;
mod checks;

use super::effects::Effects;
use super::model::{OvfDeployModel, VirtualMachineModel as M, title};
use super::{place, uuids};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
pub(in crate::vm) use asked::Asked;
use checks::About;
use std::collections::BTreeMap;
use std::time::Duration;
use tf_framework::{AttributePath, Cx, Diagnostics, Field, Resource, Result, Value};
use vsphere_client::ovf::{Interrupted, Package, Plan, Target};
use vsphere_client::vim::types::{VirtualDeviceConfigSpecOperation, VirtualDeviceKind, VmConfigSpecKind};
use vsphere_client::vim::xml::Secret;
use vsphere_client::virtual_machine::{DiskPlacement, Wait};
use vsphere_client::{Error, FaultKind, MoRef};

/// How long a package may take, unless `timeouts` say otherwise: disks travel through the provider.
const LONG: Duration = Duration::from_secs(3600);

type O = OvfDeployModel;

fn at(field: Field) -> AttributePath {
    M::OVF_DEPLOY.index(0).field(field)
}

/// The package that a machine is made from. As in the official provider, `clone` comes first, and the block is not used
/// beside it.
pub(super) fn package(m: &M) -> Option<&O> {
    m.ovf_deploy.first().filter(|_| !cloned(m))
}

/// Whether the machine is made from another one.
pub(super) fn cloned(m: &M) -> bool {
    m.clone.known().is_some_and(|c| !c.is_empty())
}

/// The package of a configuration, unless a block `clone` may turn up before which it is not used.
fn certain(config: &M) -> Option<&O> {
    package(config).filter(|_| !config.clone.is_unknown())
}

/// What a configuration with the block asks of the package.
fn asked<'a>(m: &'a M, from: &'a O) -> Asked<'a> {
    let nics = m.network_interface.known().map(Vec::as_slice).unwrap_or_default();
    let interfaces = nics.iter().enumerate().filter(|(_, nic)| !nic.ovf_mapping.as_str().is_empty());
    let interfaces = interfaces.map(|(n, nic)| {
        (nic.ovf_mapping.as_str().to_owned(), About::Interface(n), nic.network_id.as_str().to_owned())
    });
    Asked {
        base: M::OVF_DEPLOY.index(0),
        name: m.name.as_str(),
        pool: m.resource_pool_id.as_str(),
        host: m.host_system_id.as_str(),
        interfaces: interfaces.collect(),
        properties: m.vapp.first().map(|v| v.properties.get()).unwrap_or_default(),
        from,
    }
}

/// Checks that need neither a server nor the package.
pub(super) fn validate(config: &M) -> Diagnostics {
    let mut out = Diagnostics::default();
    let Some(from) = certain(config) else { return out };
    let asked = asked(config, from);
    out.merge(asked.validate_source());
    if !place::has_datastore(config) {
        let detail = "A package needs a place for its disks: set `datastore_id`, or `datastore_cluster_id`.";
        out.merge(Diagnostics::error(M::DATASTORE_ID, "`datastore_id` is needed", detail));
    }
    out.merge(asked.validate_networks());
    out
}

/// Whether certificates of packages are not checked where the block says nothing: as in the official provider, by the
/// environment.
pub(in crate::vm) fn unverified_by_environment() -> bool {
    std::env::var("VSPHERE_ALLOW_UNVERIFIED_SSL")
        .is_ok_and(|v| matches!(v.to_lowercase().as_str(), "true" | "1" | "t"))
}

/// `ovf_deploy` beside `clone`: without effect.
pub(super) fn unused(config: &M) -> Diagnostics {
    if config.ovf_deploy.first().is_none() || !cloned(config) {
        return Diagnostics::default();
    }
    let detail = "With `clone`, the virtual machine is a copy of another one, and the package is not read. Leave `ovf_deploy` \
                  or `clone` out.";
    Diagnostics::warning(M::OVF_DEPLOY.index(0), "`ovf_deploy` has no effect beside `clone`", detail)
}

/// What is left out stays as it is in the state; for a new machine it is what the environment says.
pub(super) fn plan(prior: Option<&M>, config: &M, planned: &mut M, unverified: bool) -> Effects {
    if let Value::Known(blocks) = &mut planned.ovf_deploy
        && let Some(planned_block) = blocks.first_mut()
        && config.ovf_deploy.first().is_some_and(|c| c.allow_unverified_ssl_cert.is_null())
    {
        match prior.map(|m| m.ovf_deploy.first()) {
            Some(Some(prior)) => planned_block.allow_unverified_ssl_cert = prior.allow_unverified_ssl_cert,
            None if unverified => planned_block.allow_unverified_ssl_cert = true.into(),
            _ => {}
        }
    }
    Effects::default()
}

/// What a later change of the block does: nothing.
pub(super) fn warn_if_changed(prior: &M, config: &M) -> Diagnostics {
    let (before, after) = (package(prior), package(config));
    // An imported virtual machine does not have the block in its state; a declared one is not a change.
    if before.is_none() && (after.is_none() || prior.imported.get()) {
        return Diagnostics::default();
    }
    let none = O::default();
    let changed = match (before, after) {
        (Some(_), None) if config.ovf_deploy.is_unknown() => vec![],
        // The official provider and ours write zeros for what is left out.
        (b, a) => differences(b.unwrap_or(&none), a.unwrap_or(&none), false),
    };
    let Some(first) = changed.first() else { return Diagnostics::default() };
    let path = if after.is_some() { at(*first) } else { M::OVF_DEPLOY.into() };
    let names: Vec<String> = changed.iter().map(|f| format!("`{}`", f.0)).collect();
    let detail = format!(
        "`ovf_deploy` applies to the creation of the virtual machine; the existing one stays as it is. Changed: {}. To replace it from \
         the package, change `replace_trigger`, or use `terraform apply -replace`.",
        names.join(", ")
    );
    Diagnostics::warning(path, "The virtual machine is not deployed again", detail)
}

/// What is not the same, except for what has no part in what is made.
/// An unknown value is a difference if `unknown`.
pub(in crate::vm) fn differences(before: &O, after: &O, unknown: bool) -> Vec<Field> {
    let text = |b: &Value<String>, a: &Value<String>| {
        if a.is_unknown() { unknown } else { b.as_str() != a.as_str() }
    };
    let map = |b: &Value<BTreeMap<String, String>>, a: &Value<BTreeMap<String, String>>| {
        if a.is_unknown() { unknown } else { b.get() != a.get() }
    };
    let hidden = (&before.enable_hidden_properties, &after.enable_hidden_properties);
    let hidden = if hidden.1.is_unknown() { unknown } else { hidden.0.get() != hidden.1.get() };
    let all = [
        (O::LOCAL_OVF_PATH, text(&before.local_ovf_path, &after.local_ovf_path)),
        (O::REMOTE_OVF_URL, text(&before.remote_ovf_url, &after.remote_ovf_url)),
        (O::DEPLOYMENT_OPTION, text(&before.deployment_option, &after.deployment_option)),
        (O::DISK_PROVISIONING, text(&before.disk_provisioning, &after.disk_provisioning)),
        (O::ENABLE_HIDDEN_PROPERTIES, hidden),
        (O::IP_ALLOCATION_POLICY, text(&before.ip_allocation_policy, &after.ip_allocation_policy)),
        (O::IP_PROTOCOL, text(&before.ip_protocol, &after.ip_protocol)),
        (O::OVF_NETWORK_MAP, map(&before.ovf_network_map, &after.ovf_network_map)),
    ];
    all.into_iter().filter(|(_, changed)| *changed).map(|(field, _)| field).collect()
}

/// For the plan of a new machine: whether a local package can be read, and fits. A package that is not there may be made
/// by another resource before it is needed: that is a warning only.
pub(super) async fn look(config: &M) -> Diagnostics {
    let Some(from) = certain(config) else { return Diagnostics::default() };
    let path = from.local_ovf_path.as_str();
    if path.is_empty() || from.remote_ovf_url.is_unknown() || !from.remote_ovf_url.as_str().is_empty() {
        return Diagnostics::default();
    }
    let exists = std::path::Path::new(path).exists();
    if !exists {
        let detail = format!("There is no file {path:?} now. It has to be there when this is applied.");
        return Diagnostics::warning(at(O::LOCAL_OVF_PATH), "The package is not there yet", detail);
    }
    let asked = asked(config, from);
    match Package::local(path.into()).await {
        Ok(package) => asked.misfits(&package),
        Err(e) => asked.unreadable(&e),
    }
}

/// Deploys the package and leaves the machine off; `instance` is the instance UUID that it gets. On failure nothing is
/// left, or it is found by that UUID.
pub(super) async fn deploy<R: Resource<Client = Vsphere>>(
    cx: &Cx<'_, R>,
    plan: &M,
    from: &O,
    folder: &MoRef,
    instance: &str,
) -> Result<MoRef> {
    let vsphere = cx.client();
    let asked = asked(plan, from);
    let package = asked.open(vsphere).await?;
    let mut ready = match plan.datastore_id.as_str() {
        "" => in_cluster(vsphere, plan, &asked, &package, folder).await?,
        id => asked.prepare(vsphere, &package, &MoRef::new("Datastore", id)).await?,
    };
    for p in asked.warnings(&ready) {
        cx.warn(p.at, p.summary, p.detail);
    }
    finish(&mut ready, &asked, instance);
    ready.machine().uuid = uuids::bios(plan);
    let pool = asked.pool();
    let target = Target {
        // A vApp holds its machines itself.
        folder: (&*pool.ty != "VirtualApp").then(|| folder.clone()),
        host: asked.host(),
        pool,
    };
    let report = |percent: i32| tracing::info!(name = plan.name.as_str(), percent, "deploying a package");
    let wait = Wait::new(cx.timeout(vsphere.timeout.max(LONG)), cx.cancel()).telling(&report);
    let (api, pulls) = (vsphere.api.ovf(), from.pull_from_url.get());
    let done = if pulls {
        api.import_by_pull(&package, ready, &target, wait).await
    } else {
        api.import(&package, ready, &target, wait).await
    };
    let broken = match done {
        Ok(object) => return Ok(object),
        Err(broken) => broken,
    };
    let of_a_file = !matches!(broken.error, Error::Cancelled | Error::Timeout { .. });
    let mut out = broken_off(vsphere, plan, broken, instance, asked.source_path()).await;
    if let Some(d) = out.0.first_mut().filter(|_| pulls && of_a_file) {
        d.detail += "\nWith `pull_from_url`, the hosts download the files themselves: they must be able to connect to the server \
                     of `remote_ovf_url`. Remove `pull_from_url` to transfer the files through the provider.";
    }
    Err(out)
}

/// Why an import has failed, and what is left of it. `source` is the attribute of what was imported.
pub(super) async fn broken_off(
    vsphere: &Vsphere,
    plan: &M,
    broken: Interrupted,
    instance: &str,
    source: AttributePath,
) -> Diagnostics {
    let rest = match &broken.left {
        Some(left) => format!("{left} is left behind in vCenter: it could not be removed."),
        // On an interrupt its removal may not have been waited for.
        None => match vsphere.api.virtual_machines().all_by_uuid(instance, true).await {
            Ok(found) if found.is_empty() => "Nothing is left of it in vCenter.".to_owned(),
            _ => String::new(),
        },
    };
    let source_is_to_blame = matches!(&broken.error, Error::Package(_));
    let failed: vsphere_client::Result<()> = Err(broken.error);
    let mut out = failed.doing_to(format!("deploy {}", title(plan)), asked::blame).err().unwrap_or_default();
    if let Some(d) = out.0.first_mut() {
        d.detail = format!("{}\n{rest}", d.detail).trim_end().to_owned();
        if source_is_to_blame {
            d.at = source;
        }
    }
    out
}

/// What the server makes of the package in a datastore cluster. Storage DRS places machines, not packages: it is asked where it would put a machine
/// such as the package holds.
async fn in_cluster(
    vsphere: &Vsphere,
    plan: &M,
    asked: &Asked<'_>,
    package: &Package,
    folder: &MoRef,
) -> Result<Plan> {
    let pod = MoRef::new("StoragePod", plan.datastore_cluster_id.as_str());
    let doing = || format!("find a datastore in {pod} for {}", title(plan));
    let at_pod = |_: &FaultKind| Some(M::DATASTORE_CLUSTER_ID);
    let members = vsphere.api.folders().children(&pod).await.doing_to(doing(), at_pod)?;
    let Some(any) = members.first() else {
        let detail = format!("{pod} holds no datastore.");
        return Err(Diagnostics::error(M::DATASTORE_CLUSTER_ID, "The datastore cluster is empty", detail));
    };
    let mut draft = asked.prepare(vsphere, package, &any.object).await?;
    let config = draft.machine().clone();
    let disks: Vec<DiskPlacement> = config
        .device_change
        .iter()
        .filter(|c| c.operation == Some(VirtualDeviceConfigSpecOperation::Add))
        .filter_map(|c| match &c.device {
            VirtualDeviceKind::VirtualDisk(disk) => Some(DiskPlacement {
                key: disk.key,
                backing: disk.backing.as_deref().cloned(),
                pod: pod.clone(),
            }),
            _ => None,
        })
        .collect();
    let machines = vsphere.api.virtual_machines();
    let found =
        machines.recommend_create(folder, &asked.pool(), asked.host().as_ref(), &pod, &disks, config).await;
    let found = found.doing_to(doing(), at_pod)?;
    match found.into_iter().find_map(|r| r.datastore) {
        Some(datastore) => asked.prepare(vsphere, package, &datastore).await,
        None => {
            let detail = "Storage DRS names no datastore. Say which one it is to be: set `datastore_id` in place of \
                          `datastore_cluster_id`.";
            Err(Diagnostics::error(M::DATASTORE_CLUSTER_ID, "There is no place for the package", detail))
        }
    }
}

/// What the import gets besides what the server has made of the package.
fn finish(ready: &mut Plan, asked: &Asked<'_>, instance: &str) {
    let machine = ready.machine();
    machine.instance_uuid = Some(instance.to_owned());
    if !asked.from.enable_hidden_properties.get() {
        return;
    }
    let Some(VmConfigSpecKind::VmConfigSpec(vapp)) = machine.v_app_config.as_deref_mut() else { return };
    for info in vapp.property.iter_mut().filter_map(|p| p.info.as_deref_mut()) {
        let value = info.id.as_ref().and_then(|id| asked.properties.get(id));
        if let Some(value) = value
            && info.user_configurable != Some(true)
        {
            info.user_configurable = Some(true);
            info.value = Some(Secret::new(value.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::NicModel;
    use super::*;

    fn config(from: O) -> M {
        M { ovf_deploy: Value::Known(vec![from]), datastore_id: "datastore-1".into(), ..M::default() }
    }

    fn local(path: &str) -> O {
        O { local_ovf_path: path.into(), ..O::default() }
    }

    fn map(of: &[(&str, &str)]) -> Value<BTreeMap<String, String>> {
        Value::Known(of.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    fn nic(mapping: &str, id: &str) -> NicModel {
        NicModel { ovf_mapping: mapping.into(), network_id: id.into(), ..NicModel::default() }
    }

    #[test]
    fn a_certificate_that_the_block_leaves_out_is_as_in_the_state_or_the_environment() {
        let with =
            |unverified: Value<bool>| config(O { allow_unverified_ssl_cert: unverified, ..local("a.ovf") });
        let planned = |prior: Option<&M>, said: Value<bool>, environment| {
            let mut planned = with(said);
            plan(prior, &with(said), &mut planned, environment);
            planned.ovf_deploy.get()[0].allow_unverified_ssl_cert
        };
        let official = with(true.into());
        assert_eq!(planned(Some(&official), Value::Null, false), true.into());
        assert_eq!(planned(Some(&official), false.into(), true), false.into());
        assert_eq!(planned(Some(&with(Value::Null)), Value::Null, true), Value::Null);
        assert_eq!(planned(None, Value::Null, true), true.into());
        assert_eq!(planned(None, Value::Null, false), Value::Null);
    }

    #[test]
    fn problems_are_reported_at_their_attribute() {
        let url = |url: &str| O { remote_ovf_url: url.into(), ..O::default() };
        let unknown = || O { remote_ovf_url: Value::Unknown, ..O::default() };
        let networks = |of| O { ovf_network_map: map(of), ..local("a") };
        for (config, expected) in [
            (M::default(), None),
            (config(local("a.ova")), None),
            (config(url("https://u:p@h/a.ova")), None),
            (config(unknown()), None),
            (config(O::default()), Some("ovf_deploy[0]")),
            // A `clone` block may turn up, beside which the package is not used.
            (M { clone: Value::Unknown, ..config(O::default()) }, None),
            (
                config(O { local_ovf_path: "a".into(), ..url("https://h/a") }),
                Some("ovf_deploy[0].remote_ovf_url"),
            ),
            (config(url("a.ova")), Some("ovf_deploy[0].remote_ovf_url")),
            // Beside `clone`, the package is not used.
            (M { clone: Value::Known(vec![Default::default()]), ..config(O::default()) }, None),
            (M { datastore_id: Value::Null, ..config(local("a")) }, Some("datastore_id")),
            (M { datastore_id: Value::Unknown, ..config(local("a")) }, None),
            (
                M {
                    datastore_id: Value::Null,
                    datastore_cluster_id: "group-p1".into(),
                    ..config(local("a"))
                },
                None,
            ),
            (config(networks(&[("n", "dvportgroup-7")])), None),
            (config(networks(&[("n", "VM Network")])), Some("ovf_deploy[0].ovf_network_map[\"n\"]")),
            (config(networks(&[("n", "host-7")])), Some("ovf_deploy[0].ovf_network_map[\"n\"]")),
            (
                M {
                    network_interface: Value::Known(vec![nic("", "network-1"), nic("n", "network-2")]),
                    ..config(networks(&[("n", "network-1")]))
                },
                Some("network_interface[1].ovf_mapping"),
            ),
        ] {
            let found = validate(&config);
            let paths: Vec<String> = found.0.iter().map(|d| d.at.to_string()).collect();
            assert_eq!(paths, expected.into_iter().collect::<Vec<_>>(), "{found}");
            let both = config.clone.known().is_some() && !config.ovf_deploy.is_null();
            assert_eq!(unused(&config).0.len(), usize::from(both));
        }
    }

    #[test]
    fn a_changed_block_is_one_warning_and_zeros_are_not_a_change() {
        let zeros = O {
            remote_ovf_url: "".into(),
            deployment_option: "".into(),
            allow_unverified_ssl_cert: true.into(),
            enable_hidden_properties: false.into(),
            ovf_network_map: map(&[]),
            ..local("a")
        };
        let changed = O { disk_provisioning: "thin".into(), ..local("b") };
        let imported = M { imported: true.into(), ..M::default() };
        for (prior, config, expected) in [
            (config(zeros.clone()), config(local("a")), None),
            (config(local("a")), config(changed.clone()), Some("ovf_deploy[0].local_ovf_path")),
            (config(local("a")), M::default(), Some("ovf_deploy")),
            (imported, config(local("a")), None),
            (M::default(), config(local("a")), Some("ovf_deploy[0].local_ovf_path")),
            (config(local("a")), config(O { local_ovf_path: Value::Unknown, ..O::default() }), None),
        ] {
            let found = warn_if_changed(&prior, &config);
            let paths: Vec<String> = found.0.iter().map(|d| d.at.to_string()).collect();
            assert_eq!(paths, expected.into_iter().collect::<Vec<_>>(), "{found}");
            assert!(!found.has_errors());
        }
        let found = warn_if_changed(&config(local("a")), &config(changed));
        assert!(found.0[0].detail.contains("`local_ovf_path`, `disk_provisioning`"), "{found}");
    }

    #[tokio::test]
    async fn a_local_package_is_read_with_the_plan() {
        let folder = tempfile::tempdir().expect("a folder for a test");
        let path = folder.path().join("p.ovf");
        let text = r#"<Envelope xmlns:ovf="o"><NetworkSection><Network ovf:name="nat"/></NetworkSection></Envelope>"#;
        let from = |map_of| O { ovf_network_map: map(map_of), ..local(&path.display().to_string()) };
        let missing = look(&config(from(&[]))).await;
        assert!(!missing.has_errors() && missing.0.len() == 1, "{missing}");
        std::fs::write(&path, text).expect("a file for a test");
        assert!(look(&config(from(&[("nat", "network-1")]))).await.is_empty());
        let wrong = look(&config(from(&[("nad", "network-1")]))).await;
        assert_eq!(wrong.0[0].at.to_string(), "ovf_deploy[0].ovf_network_map[\"nad\"]");
        std::fs::write(&path, "hello").expect("a file for a test");
        assert_eq!(look(&config(from(&[]))).await.0[0].at.to_string(), "ovf_deploy[0].local_ovf_path");
    }
}
