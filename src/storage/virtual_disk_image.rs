//! `vsphere_virtual_disk_image`
use super::place::{Names, Place, imported, same_path};
use super::virtual_disk::{At, vmdk};
use crate::common::moid::{Host, MoId, ResourcePool};
use crate::common::{disk_images as images, folders, lookup};
use crate::fault::{Doing, capital, no_attribute};
use crate::vsphere::Vsphere;
use futures_util::future::join_all;
use std::time::Duration;
use tf_framework::{
    AttributePath, Cx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Timeouts, Value,
};
use vsphere_client::compute::Compute;
use vsphere_client::datacenter::Area;
use vsphere_client::disk_image::{NewDisk, Target};
use vsphere_client::virtual_disk::{DiskFile, Provisioning};
use vsphere_client::virtual_machine::Wait;
use vsphere_client::{Error, FaultKind, MoRef};

/// How long an image may take, unless `timeouts` say otherwise: it travels through the provider.
const LONG: Duration = Duration::from_secs(3600);
/// Bytes in a KiB, and KiB in a GiB.
const KIB: i64 = 1024;
const GIB: i64 = 1 << 20;
/// The beginning of the names of virtual machines that exist during an import.
const NAME: &str = "terraform-image";
const ANNOTATION: &str = "A disk image is being imported by Terraform. It is removed afterwards, or by the next apply if it was interrupted.";

/// Imports a disk image as a virtual disk: QCOW2, VMDK or raw, from a file on the system that runs Terraform or from a
/// URL. To create a virtual machine from the disk, use a `disk` block with `attach = true` in `vsphere_virtual_machine`.
///
/// The provider converts the image to a stream-optimized VMDK while it uploads it. An image from a URL is first downloaded to
/// the directory for temporary files of the system. vCenter imports disks only with a virtual machine: the provider imports a
/// virtual machine without a network, whose name begins with `terraform-image`, moves its disk to `vmdk_path`, and destroys
/// the virtual machine. If an import is interrupted, the next apply removes what it has left.
///
/// A QCOW2 image with a backing file, an external data file or encryption, and a VMDK in several files are not supported.
/// Convert such an image first with `qemu-img convert -O qcow2`. The provider does not compare the disk with the image after the
/// import.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_virtual_disk_image", category = "Storage")]
pub struct VirtualDiskImageModel {
    /// The path of the disk on its datastore, as in `vmdk_path`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name or inventory path of the datacenter. Can be omitted if there is only one datacenter.
    #[tf(optional, force_new)]
    pub datacenter: Value<String>,
    /// The name or inventory path of the datastore.
    #[tf(required, force_new, check = lookup::name)]
    pub datastore: Value<String>,
    /// The path of the disk on the datastore, such as `images/ubuntu.vmdk`.
    #[tf(required, force_new, check = vmdk, same = same_path)]
    pub vmdk_path: Value<String>,
    /// The path of the image on the system that runs Terraform, or its URL (`https` or `http`).
    #[tf(required, force_new, check = images::source)]
    pub source: Value<String>,
    /// The checksum of the image, in the form `algorithm:hexadecimal digits`, such as `sha256:…`. Supported algorithms
    /// are `sha1`, `sha256`, `sha384` and `sha512`. To import the disk again when a local file changes, set `checksum =
    /// "sha256:${filesha256(…)}"`.
    #[tf(optional, force_new, check = images::checksum, same = images::same_checksum)]
    pub checksum: Value<String>,
    /// The format of the image: `qcow2`, `vmdk` or `raw`. If omitted, the format is detected.
    #[tf(optional, computed, force_new, one_of("qcow2", "vmdk", "raw"))]
    pub format: Value<String>,
    /// Whether to skip verification of the certificate of the server in `source`.
    #[tf(optional, unstored)]
    pub allow_unverified_ssl_cert: Value<bool>,
    /// The size of the disk, in GiB, if it is to be larger than the image. The size can be increased but not decreased.
    #[tf(optional, range(1, 63_488))]
    pub size: Value<i64>,
    /// The provisioning type: `thin` (space is allocated as the guest writes), `lazy` (space is allocated when the disk
    /// is created, and zeroed on first write) or `eagerZeroedThick` (space is allocated and zeroed when the disk is
    /// created).
    #[tf(optional, force_new, default = images::THIN, one_of("thin", "eagerZeroedThick", "lazy"))]
    pub r#type: Value<String>,
    /// Whether to create missing parent folders of the disk. The folders are not deleted with the disk.
    #[tf(optional, unstored)]
    pub create_directories: Value<bool>,
    /// The managed object ID of the resource pool for the virtual machine that exists during the import. Defaults to the
    /// root resource pool of a cluster or host that mounts the datastore.
    #[tf(optional, unstored, form = MoId::<ResourcePool>::any_form)]
    pub resource_pool_id: Value<String>,
    /// The managed object ID of the host that receives the image. Defaults to a connected host that mounts the datastore.
    #[tf(optional, unstored, form = MoId::<Host>::any_form)]
    pub host_system_id: Value<String>,
    /// The path of the folder for the virtual machine that exists during the import, relative to the folder for virtual
    /// machines of the datacenter. Defaults to that folder.
    #[tf(optional, unstored, check = folders::below)]
    pub folder: Value<String>,
    /// The size of the disk, in bytes.
    #[tf(computed)]
    pub capacity: Value<i64>,
    /// The path of the disk with its datastore, such as `[ssd1] images/ubuntu.vmdk`.
    #[tf(computed)]
    pub path: Value<String>,
    /// The managed object ID of the datastore.
    #[tf(computed)]
    pub datastore_id: Value<String>,
    /// Timeouts for operations. Create operations default to 1 hour, or to the provider's `api_timeout` if that is longer.
    /// Other operations default to `api_timeout`, which is 5 minutes by default.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

type M = VirtualDiskImageModel;

/// The resource.
#[derive(Debug, Default)]
pub struct VirtualDiskImage;

/// The beginning of the names of virtual machines that exist during imports to a path: the same for the same path. Pure.
fn name(datastore: &MoRef, path: &str) -> String {
    // FNV-1a: what matters is that it is the same in every run.
    let text = format!("{} {}", datastore.id, path.trim_start_matches('/'));
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{NAME}-{:08x}", (hash ^ (hash >> 32)) as u32)
}

impl M {
    /// A sentence part.
    fn title(&self) -> String {
        match self.path.known() {
            Some(path) => format!("the disk {path}"),
            None => format!("the disk {:?} on {}", self.vmdk_path.as_str(), self.datastore.as_str()),
        }
    }

    async fn place(&self, vsphere: &Vsphere) -> Result<Place> {
        let names = Names {
            datacenter: (&self.datacenter, Self::DATACENTER),
            datastore: (&self.datastore, Self::DATASTORE),
            path: self.vmdk_path.as_str(),
        };
        names.find(vsphere).await
    }

    fn at<'a>(&'a self, place: &'a Place) -> At<'a> {
        At { datacenter: &self.datacenter, id: &self.id, path: &place.path }
    }

    fn image(&self) -> images::Source<'_> {
        images::Source {
            source: &self.source,
            checksum: &self.checksum,
            format: &self.format,
            unverified: self.allow_unverified_ssl_cert.get(),
            at: Self::SOURCE.into(),
        }
    }

    fn provisioning(&self) -> Provisioning {
        images::provisioning(&self.r#type)
    }

    /// With the values of the server. The provisioning is reported only if the state does not have it: after an import.
    fn observed(self, place: &Place, file: &DiskFile) -> Self {
        let made = if file.thin == Some(false) { "eagerZeroedThick" } else { images::THIN };
        // A size that is not configured does not matter.
        let size = match (self.size.known(), file.capacity_kib) {
            (Some(_), Some(kib)) => (kib / GIB).into(),
            _ => self.size,
        };
        Self {
            id: self.vmdk_path.clone(),
            size,
            r#type: if self.r#type.is_null() { made.into() } else { self.r#type },
            capacity: file.capacity_kib.map_or(self.capacity, |kib| kib.saturating_mul(KIB).into()),
            path: place.path.to_string().into(),
            datastore_id: place.datastore.id.to_string().into(),
            ..self
        }
    }

    /// A disk cannot be smaller than its image. Pure.
    fn fits(&self, capacity: u64) -> Diagnostics {
        images::fits(capacity, self.size.known().copied(), Self::SIZE)
    }

    /// The pool, host and folder of the virtual machine that exists during the import.
    async fn target(&self, vsphere: &Vsphere, place: &Place) -> Result<Target> {
        let folder =
            folders::find(vsphere, &place.datacenter, Area::Vm, self.folder.as_str(), Self::FOLDER).await?;
        let given = |v: &Value<String>| v.non_empty().cloned();
        let pool = given(&self.resource_pool_id).map(MoId::<ResourcePool>::object);
        if pool.as_ref().is_some_and(|p| &*p.ty == "VirtualApp") {
            let detail = "The import needs a resource pool, such as the root resource pool of a cluster.";
            return Err(Diagnostics::error(Self::RESOURCE_POOL_ID, "A vApp cannot be used", detail));
        }
        let host = given(&self.host_system_id).map(MoId::<Host>::object);
        let is_given = host.is_some();
        let doing = || format!("find a host for the import of {}", self.title());
        let properties = vsphere.api.properties();
        let owner = match &pool {
            Some(pool) => match vsphere.api.resource_pools().get(pool).await {
                Err(e) if e.is_not_found() => {
                    return Err(MoId::<ResourcePool>::not_found(&pool.id, Self::RESOURCE_POOL_ID));
                }
                read => Some(read.doing(doing())?.owner),
            },
            None => None,
        };
        let hosts = match host {
            Some(host) => vec![host],
            None => {
                let mounted = vsphere.api.datastores().get(&place.datastore).await.doing(doing())?;
                let usable = mounted.hosts.into_iter().filter(|m| m.mount_info.accessible != Some(false));
                usable.map(|m| m.key).collect()
            }
        };
        let api = vsphere.api.hosts();
        let states = join_all(hosts.iter().map(|host| api.get(host))).await;
        for (host, state) in hosts.into_iter().zip(states) {
            let state = match state {
                Err(e) if is_given && e.is_not_found() => {
                    return Err(MoId::<Host>::not_found(&host.id, Self::HOST_SYSTEM_ID));
                }
                read => read.doing(doing())?,
            };
            let Some(parent) = state.parent.clone() else { continue };
            let runs = state.is_connected() && !state.in_maintenance_mode;
            if !is_given && (!runs || owner.as_ref().is_some_and(|owner| *owner != parent)) {
                continue;
            }
            let pool = match &pool {
                Some(pool) => Some(pool.clone()),
                None => properties.get::<Compute>(&parent).await.doing(doing())?.resource_pool,
            };
            if let Some(pool) = pool {
                return Ok(Target { folder: Some(folder), pool, host: Some(host) });
            }
        }
        let of = if pool.is_some() { " of the resource pool" } else { "" };
        let detail = format!(
            "No host{of} mounts the datastore {}, is connected, and is not in maintenance mode. Choose another datastore, or \
             set `host_system_id`.",
            self.datastore.as_str()
        );
        Err(Diagnostics::error(Self::DATASTORE, "No host can import the disk image", detail))
    }

    /// Extends the disk, if it is to be larger.
    async fn extend(&self, cx: &Cx<'_, VirtualDiskImage>, place: &Place) -> Result<()> {
        let vsphere = cx.client();
        let (disks, timeout) = (vsphere.api.virtual_disks(), cx.timeout(vsphere.timeout));
        let Some(wanted) = self.size.known().map(|s| s.saturating_mul(GIB)) else { return Ok(()) };
        let found = disks.find(&place.datastore, &place.path, timeout, cx.cancel()).await;
        let found = found.doing(format!("look for {}", self.title()))?;
        if found.and_then(|f| f.capacity_kib).is_some_and(|is| is >= wanted) {
            return Ok(());
        }
        let (datacenter, eager) = (Some(&place.datacenter), self.provisioning() == Provisioning::Eager);
        let done = disks.extend(datacenter, &place.path, wanted, eager, timeout, cx.cancel()).await;
        self.at(place).explained(done, &format!("extend {}", self.title()), |_| Some(Self::SIZE))
    }

    /// Whether the path is free: what is there is not overwritten.
    async fn is_free(&self, cx: &Cx<'_, VirtualDiskImage>, place: &Place) -> Result<()> {
        let vsphere = cx.client();
        let wait = Wait::new(cx.timeout(vsphere.timeout), cx.cancel());
        let found = vsphere.api.files().find(&place.datastore, &place.path, &wait).await;
        if found.doing(format!("look for {}", self.title()))?.is_none() {
            return Ok(());
        }
        let summary = format!("The file {} already exists", place.path);
        Err(Diagnostics::error(Self::VMDK_PATH, summary, self.at(place).not_overwritten()))
    }
}

impl Resource for VirtualDiskImage {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the path of the datacenter and the path of the disk with its datastore, such as /dc1/[ssd1] \
                                  images/ubuntu.vmdk";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        let known =
            ![&planned.datacenter, &planned.datastore, &planned.vmdk_path].iter().any(|v| v.is_unknown());
        let Some(prior) = cx.prior else {
            let found = planned.image().look(|capacity| planned.fits(capacity)).await;
            cx.finish(found)?;
            if let Some(vsphere) = cx.client.filter(|_| known) {
                // Virtual machines that attach the disk are planned with what is known of it.
                let (place, path) = (planned.place(vsphere).await?, planned.vmdk_path.clone());
                planned.set(M::ID, path);
                planned.set(M::PATH, place.path.to_string().into());
                planned.set(M::DATASTORE_ID, place.datastore.id.to_string().into());
            }
            return Ok(());
        };
        // An import cannot know what the disk was created from, nor how.
        if cx.imported() || prior.source.is_null() {
            let inputs = [M::SOURCE, M::CHECKSUM, M::FORMAT, M::TYPE].map(AttributePath::from);
            cx.replace.retain(|p| !inputs.contains(p));
        }
        // A checksum that is added or removed describes the image that was imported.
        if prior.checksum.is_null() || planned.checksum.is_null() {
            cx.replace.retain(|p| *p != AttributePath::from(M::CHECKSUM));
        }
        if cx.is_replacement() {
            let found = planned.image().look(|capacity| planned.fits(capacity)).await;
            cx.finish(found)?;
            let detail = "The image is imported again. The data on this disk is lost.";
            cx.warn(AttributePath::root(), format!("{} will be deleted", capital(&prior.title())), detail);
            return Ok(());
        }
        let is = prior.capacity.known().copied().unwrap_or_default();
        // The size in the state is in whole GiB: a disk of 3.5 GiB has `size = 3`.
        match planned.size.known().filter(|_| planned.size != prior.size) {
            Some(size) if size.saturating_mul(GIB * KIB) < is => {
                let least = is.saturating_add(GIB * KIB - 1) / (GIB * KIB);
                let detail = format!(
                    "It has {is} bytes. Set `size` to at least {least}, or replace the resource: a smaller disk would lose data."
                );
                Err(Diagnostics::error(M::SIZE, "A disk cannot be shrunk", detail))
            }
            Some(size) if size.saturating_mul(GIB * KIB) > is => {
                planned.unknown(M::CAPACITY);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let place = plan.place(vsphere).await?;
        let target = plan.target(vsphere, &place).await?;
        let title = plan.title();
        let report = |percent: i32| tracing::info!(disk = title, percent, "importing a disk image");
        let wait = Wait::new(cx.timeout(vsphere.timeout.max(LONG)), cx.cancel()).telling(&report);
        let images = vsphere.api.disk_images();
        let disk = NewDisk {
            datacenter: &place.datacenter,
            datastore: &place.datastore,
            path: &place.path,
            provisioning: plan.provisioning(),
            target,
            name: &name(&place.datastore, &place.path.path),
            annotation: ANNOTATION,
        };
        let left = images.sweep(&disk, wait.within(vsphere.timeout)).await;
        for machine in left.doing(format!("remove what an interrupted import of {title} has left"))? {
            let detail = "It is the virtual machine of an interrupted import, and vCenter does not permit removing it. vCenter \
                          removes it five minutes after the interrupt. If it does not, destroy it.";
            cx.warn(AttributePath::root(), format!("{machine} still exists"), detail);
        }
        plan.is_free(cx, &place).await?;
        let image = plan.image().open(vsphere, &wait).await?;
        plan.fits(image.capacity()).into_result(())?;
        let format = image.format();
        place.make_folders(vsphere, &plan.create_directories, M::VMDK_PATH).await?;
        match images.import(image, &disk, wait).await {
            Ok(None) => {}
            Ok(Some(left)) => {
                let detail = "It is the virtual machine of the import, which does not have a disk anymore. Destroy it.";
                cx.warn(AttributePath::root(), format!("{left} still exists"), detail);
            }
            Err(broken) => {
                let is_package = matches!(&broken.error, Error::Package(_));
                let failed: Result<()> =
                    plan.at(&place).explained(Err(broken.error), &format!("import {title}"), blame);
                let mut out = failed.err().unwrap_or_default();
                for d in &mut out.0 {
                    if let Some(left) = &broken.left {
                        d.detail =
                            format!("{}\n{left} is left in vCenter. The next apply removes it.", d.detail);
                    }
                    if is_package {
                        d.at = M::SOURCE.into();
                    }
                }
                return Err(out);
            }
        }
        let made = M { id: plan.vmdk_path.clone(), format: format.name().to_owned().into(), ..plan };
        if made.size.known().is_some() {
            // The disk exists, whatever comes of its size.
            let smaller = M { size: Value::Null, ..made.clone() };
            cx.checkpoint(&smaller);
            made.extend(cx, &place).await?;
        }
        Ok(made)
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let vsphere = cx.client();
        let place = state.place(vsphere).await?;
        let timeout = cx.timeout(vsphere.timeout);
        let found =
            vsphere.api.virtual_disks().find(&place.datastore, &place.path, timeout, cx.cancel()).await;
        let found = found.doing(format!("look for {}", state.title()))?;
        Ok(found.map(|file| state.observed(&place, &file)))
    }

    async fn update(&self, cx: &Cx<'_, Self>, _prior: M, plan: M) -> Result<M> {
        if plan.size.known().is_some() {
            let place = plan.place(cx.client()).await?;
            plan.extend(cx, &place).await?;
        }
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let vsphere = cx.client();
        let (place, timeout) = (state.place(vsphere).await?, cx.timeout(vsphere.timeout));
        let disks = vsphere.api.virtual_disks();
        let done = disks.delete(Some(&place.datacenter), &place.path, timeout, cx.cancel()).await;
        state.at(&place).explained(done, &format!("delete {}", state.title()), no_attribute)
    }

    async fn import(&self, _cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let (datacenter, path) = imported(id).ok_or_else(|| {
            Diagnostics::error(AttributePath::root(), format!("{id:?} does not name a disk"), "")
        })?;
        Ok(M {
            id: path.path.clone().into(),
            datacenter: datacenter.into(),
            datastore: path.datastore.into(),
            vmdk_path: path.path.into(),
            ..M::default()
        })
    }
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::InvalidArgument { property: Some(p) } if p.contains("host") => Some(M::HOST_SYSTEM_ID),
        FaultKind::InvalidArgument { property: Some(p) } if p.contains("pool") => Some(M::RESOURCE_POOL_ID),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vsphere_client::device::DatastorePath;

    #[test]
    fn a_path_has_the_same_name_in_every_run() {
        let (one, two) = (MoRef::new("Datastore", "datastore-5"), MoRef::new("Datastore", "datastore-6"));
        assert_eq!(name(&one, "a/b.vmdk"), name(&one, "/a/b.vmdk"));
        assert_ne!(name(&one, "a/b.vmdk"), name(&two, "a/b.vmdk"));
        assert_ne!(name(&one, "a/b.vmdk"), name(&one, "a/c.vmdk"));
        assert_eq!(name(&one, "a/b.vmdk").len(), NAME.len() + 9);
    }

    #[test]
    fn a_size_below_that_of_the_image_is_an_error() {
        let sized = |size: i64| M { size: size.into(), ..M::default() };
        assert!(M::default().fits(5 << 30).0.is_empty());
        assert!(sized(5).fits(5 << 30).0.is_empty());
        assert!(sized(5).fits((5 << 30) + 512).0[0].detail.contains("at least 6"));
    }

    #[test]
    fn what_it_was_made_with_stays() {
        let place = Place {
            datacenter: MoRef::new("Datacenter", "datacenter-2"),
            datastore: MoRef::new("Datastore", "datastore-5"),
            path: DatastorePath::new("ssd1", "a.vmdk"),
        };
        let file = DiskFile { capacity_kib: Some(3 * GIB + 1), thin: Some(false) };
        let seen =
            M { r#type: "lazy".into(), vmdk_path: "a.vmdk".into(), ..M::default() }.observed(&place, &file);
        assert_eq!((seen.r#type.as_str(), seen.capacity.get()), ("lazy", 3 * GIB * KIB + KIB));
        assert!(seen.size.is_null());
        let seen = M { size: 5.into(), ..M::default() }.observed(&place, &file);
        assert_eq!((seen.r#type.as_str(), seen.size.get()), ("eagerZeroedThick", 3));
    }
}
