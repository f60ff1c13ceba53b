//! Making a template of a disk image.
use super::VirtualMachineTemplate;
use super::model::{DiskImageModel, TemplateModel as M};
use crate::common::disk_images;
use crate::common::moid::{Datastore, DatastoreCluster, MoId, ResourcePool};
use crate::fault::Doing;
use crate::vm::virtual_machine::parts;
use crate::vsphere::Vsphere;
use std::time::Duration;
use tf_framework::{AttributePath, Cx, Diagnostics, Result};
use vsphere_client::disk_image::{Controller, NewMachine, Target};
use vsphere_client::virtual_machine::{DiskPlacement, Wait, place};
use vsphere_client::{Error, MoRef};

/// How long an image may take, unless `timeouts` say otherwise: it travels through the provider.
const LONG: Duration = Duration::from_secs(3600);

/// Checks that need no server. Pure.
pub(super) fn validate(config: &M) -> Diagnostics {
    let mut out = Diagnostics::default();
    if config.disk_image.first().is_none() {
        return out;
    }
    for (name, other) in
        [("ovf_deploy", config.ovf_deploy.first().is_some()), ("clone", config.clone.first().is_some())]
    {
        if other {
            let detail = format!("A template has one source. Remove `{name}` or `disk_image`.");
            out.merge(Diagnostics::error(M::DISK_IMAGE, "Conflicting sources of the template", detail));
        }
    }
    if config.datastore_id.is_null() && config.datastore_cluster_id.is_null() {
        let detail = "A disk image is imported to a datastore. Set `datastore_id` or `datastore_cluster_id`.";
        out.merge(Diagnostics::error(M::DATASTORE_ID, "Missing datastore of the disk image", detail));
    }
    out
}

/// Checks an image that exists at the time of the plan.
pub(super) async fn look(config: &M) -> Diagnostics {
    let Some(image) = config.disk_image.first() else { return Diagnostics::default() };
    image.image().look(|capacity| fits(config, capacity)).await
}

/// The first disk is that of the image, which cannot be larger. Pure.
fn fits(config: &M, capacity: u64) -> Diagnostics {
    let size = config.sizes().first().and_then(|s| s.known().copied());
    disk_images::fits(capacity, size, M::DISK.index(0))
}

/// The plan with the datastore of its datastore cluster that Storage DRS recommends. The import is not a placement that
/// Storage DRS applies, so only the recommendation is used.
async fn in_cluster(
    vsphere: &Vsphere,
    plan: &M,
    from: &DiskImageModel,
    folder: &MoRef,
    pool: &MoRef,
    capacity: u64,
) -> Result<parts::M> {
    let machine = plan.machine();
    let pod = MoId::<DatastoreCluster>::object(plan.datastore_cluster_id.as_str());
    let new = place::Machine {
        name: plan.name.get(),
        guest_id: from.guest_id.get(),
        cpus: 1,
        memory: 64,
        disks: vec![i64::try_from(capacity).unwrap_or(i64::MAX)],
        provisioning: disk_images::provisioning(&from.r#type),
        policy: None,
    };
    let config = new.config();
    let disks = DiskPlacement::added(&config.device_change, &pod);
    let machines = vsphere.api.virtual_machines();
    let found = machines.recommend_create(folder, pool, machine.host().as_ref(), &pod, &disks, config).await;
    let found = match found {
        // The client's error for no recommendation.
        Err(Error::NotFound { .. }) => vec![],
        found => {
            let doing = format!("find a datastore in {pod} for {}", plan.title());
            found.doing_to(doing, |_| Some(M::DATASTORE_CLUSTER_ID))?
        }
    };
    match found.into_iter().find_map(|r| r.datastore) {
        Some(datastore) => Ok(parts::M { datastore_id: datastore.id.to_string().into(), ..machine }),
        None => {
            let detail = format!(
                "Storage DRS does not recommend a datastore in {pod}. Verify that Storage DRS is enabled, and that the hosts of \
                 the resource pool reach a datastore with sufficient space, or set `datastore_id` instead of \
                 `datastore_cluster_id`."
            );
            Err(Diagnostics::error(M::DATASTORE_CLUSTER_ID, "Datastore not found", detail))
        }
    }
}

/// Imports the image as the disk of a new virtual machine, and leaves it off.
///
/// # Errors
/// Why it cannot be imported. It may exist all the same: see [`parts::survivor`].
pub(super) async fn make(
    cx: &Cx<'_, VirtualMachineTemplate>,
    plan: &M,
    from: &DiskImageModel,
    folder: &MoRef,
    instance: &str,
) -> Result<MoRef> {
    let vsphere = cx.client();
    let report = |percent: i32| tracing::info!(name = plan.name.as_str(), percent, "importing a disk image");
    let wait = Wait::new(cx.timeout(vsphere.timeout.max(LONG)), cx.cancel()).telling(&report);
    let image = from.image().open(vsphere, &wait).await?;
    fits(plan, image.capacity()).into_result(())?;
    let pool = MoId::<ResourcePool>::object(plan.resource_pool_id.as_str());
    let machine = match plan.datastore_cluster_id.as_str() {
        "" => plan.machine(),
        _ => in_cluster(vsphere, plan, from, folder, &pool, image.capacity()).await?,
    };
    let machine = parts::placed(vsphere, &machine).await?;
    let target = Target {
        // A vApp holds its machines itself.
        folder: (&*pool.ty != "VirtualApp").then(|| folder.clone()),
        host: machine.host(),
        pool,
    };
    let new = NewMachine {
        name: plan.name.as_str(),
        datastore: &MoId::<Datastore>::object(machine.datastore_id.as_str()),
        provisioning: disk_images::provisioning(&from.r#type),
        target: &target,
        controller: match from.scsi_type.as_str() {
            "lsilogic" => Controller::LsiLogic,
            "lsilogic-sas" => Controller::LsiLogicSas,
            _ => Controller::Paravirtual,
        },
        annotation: plan.annotation.non_empty().map(String::as_str),
        instance_uuid: Some(instance),
        guest_id: from.guest_id.non_empty().map(String::as_str),
        firmware: from.firmware.non_empty().map(String::as_str),
    };
    match vsphere.api.disk_images().import_machine(image, new, wait).await {
        Ok(object) => Ok(object),
        Err(broken) => {
            let source: AttributePath = from.image().at;
            Err(parts::broken_off(vsphere, &machine, broken, instance, source).await)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::{DiskModel, SourceModel};
    use super::*;
    use tf_framework::{Model as _, Value};

    fn imaged() -> M {
        let image = DiskImageModel { source: "a.qcow2".into(), ..DiskImageModel::null() };
        M { disk_image: vec![image].into(), datastore_id: "datastore-5".into(), ..M::null() }
    }

    #[test]
    fn an_image_has_a_datastore_and_is_the_only_source() {
        assert!(validate(&imaged()).is_empty());
        assert!(validate(&M { datastore_id: Value::Unknown, ..imaged() }).is_empty());
        let nowhere = || M { datastore_id: Value::Null, ..imaged() };
        assert!(validate(&nowhere()).has_errors());
        assert!(validate(&M { datastore_cluster_id: "group-p5".into(), ..nowhere() }).is_empty());
        assert!(validate(&M { datastore_cluster_id: Value::Unknown, ..nowhere() }).is_empty());
        let source = SourceModel { template_uuid: "vm-7".into(), ..SourceModel::null() };
        assert!(validate(&M { clone: vec![source].into(), ..imaged() }).has_errors());
        assert!(validate(&M::null()).is_empty());
    }

    #[test]
    fn the_first_disk_is_not_smaller_than_the_image() {
        let sized = |gib: i64| M { disk: vec![DiskModel { size: gib.into() }].into(), ..imaged() };
        assert!(fits(&imaged(), 5 << 30).is_empty());
        assert!(fits(&sized(5), 5 << 30).is_empty());
        assert!(fits(&sized(5), (5 << 30) + 1).has_errors());
    }
}
