//! Disk images (QCOW2, VMDK, raw), converted and imported as virtual disks.
//!
//! A server takes a disk only as a part of a virtual machine. So a virtual machine with nothing but the disk is imported; the
//! disk is detached and moved, and the virtual machine is destroyed. While it exists, it stands for what an interrupted import
//! has left: [`DiskImages::sweep`] removes it, with its disk.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use disk_image::Disk;
pub use disk_image::Format;
use reqwest::Url;
use ring::digest;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use vim_types::types::{HttpNfcLeaseInfo, OvfCreateImportSpecParams, OvfFileItem, VirtualMachineConfigSpec};
use vim_types::xml::MoRef;

use crate::client::Client;
use crate::core::backoff::random;
use crate::core::http::Peer;
use crate::core::upload::{Chunks, Meter};
use crate::device::{DatastorePath, DeviceChanges, Files};
use crate::error::{Error, Result};
use crate::file::Place;
pub use crate::ovf::{Interrupted, Refused, Source, Target};
use crate::ovf::{Lease, Upload, get, origin, shown};
use crate::task::pause;
use crate::virtual_disk::Provisioning;
use crate::virtual_machine::Wait;

/// How many pieces of the converted image wait to be sent.
const AHEAD: usize = 4;
/// The timeout for removing what an import has left.
const CLEAN_UP: Duration = Duration::from_secs(60);
/// How often that is tried, and the pause in between.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(500);
/// The method that vCenter must permit before the disk is detached.
const DETACHABLE: [&str; 1] = ["ReconfigVM_Task"];

/// What a file must contain, by its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checksum {
    name: &'static str,
    digest: String,
}

impl Checksum {
    /// The names of the hashes, and the lengths of their hexadecimal digits.
    pub const HASHES: [(&'static str, usize); 4] =
        [("sha1", 40), ("sha256", 64), ("sha384", 96), ("sha512", 128)];

    /// Reads `sha256:0123…`.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> std::result::Result<Checksum, String> {
        let Some((name, digest)) = text.split_once(':') else {
            return Err("does not name a hash".to_owned());
        };
        let Some((name, digits)) = Self::HASHES.into_iter().find(|(n, _)| *n == name) else {
            return Err(format!("names the hash {name:?}, which is not supported"));
        };
        let digest = digest.trim().to_ascii_lowercase();
        if digest.len() != digits || !digest.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(format!("does not have the {digits} hexadecimal digits of {name}"));
        }
        Ok(Checksum { name, digest })
    }

    fn begin(&self) -> digest::Context {
        digest::Context::new(match self.name {
            "sha1" => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            "sha384" => &digest::SHA384,
            "sha512" => &digest::SHA512,
            _ => &digest::SHA256,
        })
    }

    fn verify(&self, context: digest::Context, what: &str) -> Result<()> {
        let found: String = context.finish().as_ref().iter().map(|b| format!("{b:02x}")).collect();
        if found == self.digest {
            return Ok(());
        }
        Err(Error::Package(format!(
            "the image {what} has the checksum {}:{found}, not {}:{}",
            self.name, self.name, self.digest
        )))
    }
}

/// An image that can be imported: its file is complete and its tables are sound.
pub struct Image {
    disk: Box<dyn Disk>,
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Image").field("format", &self.format()).field("capacity", &self.capacity()).finish()
    }
}

impl Image {
    /// The format.
    pub fn format(&self) -> Format {
        self.disk.format()
    }

    /// The size of the disk in bytes.
    pub fn capacity(&self) -> u64 {
        self.disk.capacity()
    }

    fn new(file: File, format: Option<Format>, name: &str) -> Result<Image> {
        Ok(Image { disk: disk_image::open(Box::new(file), format).map_err(|e| unusable(name, &e))? })
    }

    /// Opens an image in a file, and reads its header only.
    ///
    /// # Errors
    /// [`Error::Package`] if it cannot be read or is not supported.
    pub async fn local(path: &Path, format: Option<Format>) -> Result<Image> {
        let path = path.to_owned();
        blocking(move || {
            let name = path.display().to_string();
            Image::new(opened(&path)?, format, &name)
        })
        .await
    }
}

fn unusable(name: &str, error: &disk_image::Error) -> Error {
    Error::Package(format!("the image {name} cannot be used: {error}"))
}

fn opened(path: &Path) -> Result<File> {
    let failed = |e: std::io::Error| Error::Package(format!("cannot read {}: {e}", path.display()));
    let file = File::open(path).map_err(failed)?;
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(Error::Package(format!("{} is not a file", path.display())));
    }
    Ok(file)
}

/// Does what takes the processor or the disk, beside the calls.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let ended = |e: tokio::task::JoinError| Error::Package(format!("the image cannot be read: {e}"));
    tokio::task::spawn_blocking(work).await.map_err(ended)?
}

/// A disk to be made of an image.
#[derive(Clone, Debug)]
pub struct NewDisk<'a> {
    /// The datacenter.
    pub datacenter: &'a MoRef,
    /// The datastore.
    pub datastore: &'a MoRef,
    /// Where the disk goes. Nothing is replaced.
    pub path: &'a DatastorePath,
    /// How its space is allocated.
    pub provisioning: Provisioning,
    /// Where the virtual machine goes that is imported with it. The folder must be set.
    pub target: Target,
    /// The beginning of its name; no other disk has the same.
    pub name: &'a str,
    /// The annotation of the virtual machine: what it is, for users who see it.
    pub annotation: &'a str,
}

/// A virtual machine to be made of an image: one processor, 64 MiB of memory, one disk, and no network.
#[derive(Clone, Debug)]
pub struct NewMachine<'a> {
    /// The name.
    pub name: &'a str,
    /// The datastore.
    pub datastore: &'a MoRef,
    /// How the space of the disk is allocated.
    pub provisioning: Provisioning,
    /// Where it goes.
    pub target: &'a Target,
    /// The controller of the disk.
    pub controller: Controller,
    /// The annotation.
    pub annotation: Option<&'a str>,
    /// The instance UUID; nothing: the server selects one.
    pub instance_uuid: Option<&'a str>,
    /// The ID of the guest operating system; nothing: any Linux.
    pub guest_id: Option<&'a str>,
    /// The firmware, `bios` or `efi`; nothing: the default of the server.
    pub firmware: Option<&'a str>,
}

/// The SCSI controller of an imported disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Controller {
    /// LSI Logic, which most guests have a driver for.
    #[default]
    LsiLogic,
    /// LSI Logic SAS.
    LsiLogicSas,
    /// VMware Paravirtual.
    Paravirtual,
}

impl Controller {
    /// As the descriptor of a package has it.
    fn subtype(self) -> &'static str {
        match self {
            Controller::LsiLogic => "lsilogic",
            Controller::LsiLogicSas => "lsilogicsas",
            Controller::Paravirtual => "VirtualSCSI",
        }
    }
}

/// Disk images; from [`Client::disk_images`].
pub struct DiskImages<'a> {
    client: &'a Client,
}

impl Client {
    /// Disk images.
    pub fn disk_images(&self) -> DiskImages<'_> {
        DiskImages { client: self }
    }
}

impl DiskImages<'_> {
    /// Opens an image, and checks its file: a local one, or one that is downloaded to a file without a name, which does not
    /// outlive the process.
    ///
    /// # Errors
    /// [`Error::Package`] if it is not as it should be, [`Error::Transport`] and [`Error::Tls`] of its server,
    /// [`Error::Timeout`] and [`Error::Cancelled`].
    pub async fn open(
        &self,
        source: &Source,
        checksum: Option<&Checksum>,
        format: Option<Format>,
        wait: &Wait<'_>,
    ) -> Result<Image> {
        let work = async {
            let (file, name) = match source {
                Source::File(path) => {
                    let (path, checksum) = (path.clone(), checksum.cloned());
                    blocking(move || local(&path, checksum.as_ref())).await?
                }
                Source::Url { url, unverified } => {
                    let config = &self.client.core().config;
                    let (peer, url) = origin(url, *unverified, "the image", config)?;
                    (download(&peer, &url, checksum).await?, shown(&url))
                }
            };
            blocking(move || {
                let mut image = Image::new(file, format, &name)?;
                image.disk.check().map_err(|e| unusable(&name, &e))?;
                Ok(image)
            })
            .await
        };
        wait.limit("reading the image", work).await
    }

    /// Imports an image, and returns the virtual machine of the import if it could not be removed. The parent folder of the
    /// disk must exist. Needs `VApp.Import` on the pool and the folder, `VirtualMachine.Config.RemoveDisk` and
    /// `VirtualMachine.Inventory.Delete` on the virtual machine, and `Datastore.AllocateSpace` and
    /// `Datastore.FileManagement` on the datastore.
    ///
    /// When it fails, or is cancelled, what it has made is removed again. Should this process end in between,
    /// [`DiskImages::sweep`] removes it.
    ///
    /// # Errors
    /// As of [`Ovf::import`](crate::ovf::Ovf::import), and `FileAlreadyExists`.
    pub async fn import(
        &self,
        image: Image,
        disk: &NewDisk<'_>,
        wait: Wait<'_>,
    ) -> Result<Option<MoRef>, Interrupted> {
        let name = format!("{}-{:08x}", disk.name, random() as u32);
        let machine = NewMachine {
            name: &name,
            datastore: disk.datastore,
            provisioning: disk.provisioning,
            target: &disk.target,
            controller: Controller::default(),
            annotation: Some(disk.annotation),
            instance_uuid: None,
            guest_id: None,
            firmware: None,
        };
        let imported = self.import_machine(image, machine, wait).await;
        // This takes moments, and a half of it is worth nothing: an interrupt lets it end.
        let never = CancellationToken::new();
        let machine = match imported {
            Ok(machine) => machine,
            Err(mut broken) => {
                // When an answer was lost, only the name leads to what was made.
                match self.sweep_named(&name, disk, Wait::new(CLEAN_UP, &never)).await {
                    Ok(left) => broken.left = left.into_iter().next(),
                    Err(error) => {
                        tracing::debug!(%error, "what an import has made was not looked for");
                    }
                }
                return Err(broken);
            }
        };
        let taken_out = self.take_out(&machine, disk, Wait::new(wait.timeout, &never)).await;
        let left = self.clear(machine, disk).await;
        match taken_out {
            Ok(()) => Ok(left),
            Err(error) => Err(Interrupted { error, left }),
        }
    }

    /// Imports an image as the disk of a new virtual machine, which is left off. Needs `VApp.Import` on the pool and the
    /// folder.
    ///
    /// # Errors
    /// As of [`Ovf::import`](crate::ovf::Ovf::import).
    pub async fn import_machine(
        &self,
        image: Image,
        machine: NewMachine<'_>,
        wait: Wait<'_>,
    ) -> Result<MoRef, Interrupted> {
        let params = OvfCreateImportSpecParams {
            entity_name: machine.name.to_owned(),
            host_system: machine.target.host.clone(),
            disk_provisioning: Some(match machine.provisioning {
                Provisioning::Thin => "thin".to_owned(),
                Provisioning::Lazy => "thick".to_owned(),
                Provisioning::Eager => "eagerZeroedThick".to_owned(),
            }),
            ..Default::default()
        };
        let ovf = self.client.ovf();
        let text = descriptor(image.capacity(), machine.controller);
        let mut plan = match ovf.plan_text(text, &machine.target.pool, machine.datastore, params).await {
            Ok(plan) => plan,
            Err(Refused::Call(error)) => return Err(error.into()),
            Err(Refused::Package { errors, .. }) => {
                return Err(match errors.into_iter().next() {
                    Some(fault) => Error::Fault { method: "CreateImportSpec", fault: Box::new(fault) },
                    None => Error::Package("the server refuses the disk without a reason".to_owned()),
                }
                .into());
            }
        };
        let config = plan.machine();
        let owned = |text: Option<&str>| text.map(str::to_owned);
        config.annotation = owned(machine.annotation);
        config.instance_uuid = owned(machine.instance_uuid);
        config.guest_id = owned(machine.guest_id).or(config.guest_id.take());
        config.firmware = owned(machine.firmware).or(config.firmware.take());
        let upload = ImageUpload { meter: Arc::new(Meter::of(image.capacity())), disk: Some(image.disk) };
        ovf.import_with(plan, upload, machine.target, wait).await
    }

    /// Removes the virtual machine of an import, if need be in several attempts; returns it if it could not be removed.
    async fn clear(&self, machine: MoRef, disk: &NewDisk<'_>) -> Option<MoRef> {
        let never = CancellationToken::new();
        for attempt in 1..=ATTEMPTS {
            let Err(error) = self.remove(&machine, disk, Wait::new(CLEAN_UP, &never)).await else {
                return None;
            };
            tracing::debug!(%error, machine = %machine, attempt, "the virtual machine of an import was not removed");
            // An attempt may have taken long itself: what counts is their number.
            pause(PAUSE).await;
        }
        Some(machine)
    }

    /// Removes what interrupted imports of the same disk have left, and returns the virtual machines that could not be
    /// removed: the server itself removes them when the lease of their import ends, after five minutes.
    ///
    /// # Errors
    /// Those of any call that looks for them.
    pub async fn sweep(&self, disk: &NewDisk<'_>, wait: Wait<'_>) -> Result<Vec<MoRef>> {
        self.sweep_named(disk.name, disk, wait).await
    }

    async fn sweep_named(&self, name: &str, disk: &NewDisk<'_>, wait: Wait<'_>) -> Result<Vec<MoRef>> {
        let mut left = vec![];
        let Some(folder) = &disk.target.folder else { return Ok(left) };
        for child in self.client.folders().children(folder).await? {
            let is_wanted = child.name == name || is_named(&child.name, name);
            if &*child.object.ty != "VirtualMachine" || !is_wanted {
                continue;
            }
            match self.remove(&child.object, disk, wait).await {
                Ok(()) => tracing::info!(machine = child.name, "removed what an interrupted import has left"),
                Err(Error::Cancelled) => return Err(Error::Cancelled),
                Err(error) => {
                    tracing::debug!(%error, machine = child.name, "an interrupted import was not removed");
                    left.push(child.object);
                }
            }
        }
        Ok(left)
    }

    /// Detaches the disk, and moves it to its place.
    async fn take_out(&self, machine: &MoRef, disk: &NewDisk<'_>, wait: Wait<'_>) -> Result<()> {
        let machines = self.client.virtual_machines();
        machines.until_enabled(machine, &DETACHABLE, wait).await?;
        let vm = machines.get(machine).await?;
        let devices = vm.devices();
        let found = devices.disks().into_iter().find_map(|(_, d)| {
            let file = d.backing()?.file.parse::<DatastorePath>().ok()?;
            Some((d.device.clone(), file))
        });
        let Some((device, file)) = found else {
            return Err(Error::Package("the imported virtual machine does not have a disk".to_owned()));
        };
        let mut changes = DeviceChanges::default();
        changes.remove("the imported disk", device.into(), Files::Keep);
        let spec = VirtualMachineConfigSpec { device_change: changes.finish().0, ..Default::default() };
        machines.reconfigure(machine, spec, wait).await?;
        let from = Place { datacenter: disk.datacenter, path: &file };
        let to = Place { datacenter: disk.datacenter, path: disk.path };
        self.client.virtual_disks().move_to_new(from, to, &wait).await
    }

    /// Destroys the virtual machine of an import, and deletes what is in its folder.
    async fn remove(&self, machine: &MoRef, disk: &NewDisk<'_>, wait: Wait<'_>) -> Result<()> {
        let vm = match self.client.virtual_machines().get(machine).await {
            Err(e) if e.is_not_found() => return Ok(()),
            read => read?,
        };
        let (home, files) = (vm.home(), self.client.files());
        let folder = home.map(|home| DatastorePath::new(home.datastore.clone(), home.folder()));
        if let Some(folder) = folder.as_ref().filter(|f| !f.path.is_empty()) {
            let attached: Vec<String> = vm
                .devices()
                .disks()
                .iter()
                .filter_map(|(_, d)| Some(d.backing()?.file.parse::<DatastorePath>().ok()?.file().to_owned()))
                .collect();
            let entries = files.list(disk.datastore, folder, "*.vmdk", &wait).await?.unwrap_or_default();
            for entry in entries.into_iter().filter(|e| is_descriptor(&e.name) && !attached.contains(&e.name))
            {
                let path =
                    DatastorePath::new(folder.datastore.clone(), format!("{}/{}", folder.path, entry.name));
                let disks = self.client.virtual_disks();
                disks.delete(Some(disk.datacenter), &path, wait.timeout, wait.cancel).await?;
            }
        }
        match self.client.virtual_machines().destroy(machine, wait).await {
            Err(e) if e.is_not_found() => {}
            done => done?,
        }
        // On a vSAN, the folder has a name of its own, and the server deletes it.
        if let Some(folder) = folder.filter(|f| is_named(&f.path, disk.name)) {
            let place = Place { datacenter: disk.datacenter, path: &folder };
            if let Err(error) = files.delete(place, &wait).await {
                tracing::debug!(%error, %folder, "the folder of an import was not deleted");
            }
        }
        Ok(())
    }
}

/// Whether a name is one that [`DiskImages::import`] gives.
fn is_named(name: &str, beginning: &str) -> bool {
    let rest = name.strip_prefix(beginning).and_then(|rest| rest.strip_prefix('-'));
    // vCenter adds a number to a folder whose name is taken.
    rest.is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_hexdigit() || b == b'_'))
}

/// Whether a file is a disk, and not the data of one.
fn is_descriptor(name: &str) -> bool {
    !["-flat.vmdk", "-delta.vmdk", "-sesparse.vmdk", "-ctk.vmdk"].iter().any(|end| name.ends_with(end))
}

/// Opens a local file, which has that checksum.
fn local(path: &Path, checksum: Option<&Checksum>) -> Result<(File, String)> {
    let (mut file, name) = (opened(path)?, path.display().to_string());
    if let Some(checksum) = checksum {
        let (mut context, mut buffer) = (checksum.begin(), vec![0; 1 << 20]);
        loop {
            let read = std::io::Read::read(&mut file, &mut buffer);
            match read.map_err(|e| Error::Package(format!("cannot read {name}: {e}")))? {
                0 => break,
                count => context.update(&buffer[..count]),
            }
        }
        checksum.verify(context, &name)?;
    }
    Ok((file, name))
}

/// Downloads a file.
async fn download(peer: &Peer, url: &Url, checksum: Option<&Checksum>) -> Result<File> {
    let name = shown(url);
    let failed = |e: std::io::Error| {
        Error::Package(format!(
            "the image {name} cannot be downloaded to {}: {e}",
            std::env::temp_dir().display()
        ))
    };
    let (mut input, expected) = get(peer, url.clone()).await?;
    let mut file = tempfile::tempfile().map_err(failed)?;
    let (mut context, mut length) = (checksum.map(Checksum::begin), 0);
    while let Some(chunk) = input.chunk().await? {
        length += chunk.len() as u64;
        if let Some(context) = &mut context {
            context.update(&chunk);
        }
        // Chunks are small; waiting for a disk is waiting for the download.
        file.write_all(&chunk).map_err(failed)?;
    }
    if expected.is_some_and(|e| e != length) {
        return Err(Error::Package(format!("{name} ends too early")));
    }
    if let (Some(checksum), Some(context)) = (checksum, context) {
        checksum.verify(context, &name)?;
    }
    Ok(file)
}

/// An image on its way.
struct ImageUpload {
    meter: Arc<Meter>,
    disk: Option<Box<dyn Disk>>,
}

impl Upload for ImageUpload {
    fn meter(&self) -> Arc<Meter> {
        self.meter.clone()
    }

    async fn send(
        &mut self,
        lease: &Lease<'_>,
        wanted: &[OvfFileItem],
        info: &HttpNfcLeaseInfo,
    ) -> Result<()> {
        let (Some(item), Some(mut disk)) = (wanted.first(), self.disk.take()) else {
            return Err(Error::Package("the server does not want the disk".to_owned()));
        };
        let (sender, pieces) = mpsc::channel::<Bytes>(AHEAD);
        let meter = self.meter.clone();
        let conversion = tokio::task::spawn_blocking(move || {
            // When the upload ends early, the receiver no longer exists.
            disk_image::convert(disk.as_mut(), None, &mut |bytes, position| {
                meter.reach(position);
                sender.blocking_send(bytes.into()).map_err(|_| disk_image::Error::Stopped)
            })
        });
        let mut converted = Converted { pieces, conversion: Some(conversion) };
        // How much there will be is known at the end only.
        lease.send(&mut converted, item, None, info, &Meter::default()).await
    }
}

/// The converted image, as it comes.
struct Converted {
    pieces: mpsc::Receiver<Bytes>,
    conversion: Option<tokio::task::JoinHandle<disk_image::Result<disk_image::Converted>>>,
}

impl Chunks for Converted {
    async fn next_chunk(&mut self) -> Result<Option<Bytes>> {
        if let Some(piece) = self.pieces.recv().await {
            return Ok(Some(piece));
        }
        let failed =
            |e: &dyn std::fmt::Display| Error::Package(format!("the image cannot be converted: {e}"));
        match self.conversion.take() {
            Some(conversion) => {
                conversion.await.map_err(|e| failed(&e))?.map_err(|e| failed(&e))?;
                Ok(None)
            }
            None => Ok(None),
        }
    }
}

/// The OVF descriptor of a virtual machine with one disk. Its name is a parameter of the import.
fn descriptor(capacity: u64, controller: Controller) -> String {
    let name = "image";
    // In the order that the schema wants.
    let item = |id: u32, kind: u32, before: &str, host_resource: &str, parent: &str, after: &str| {
        format!(
            "<Item>{before}<rasd:ElementName>item {id}</rasd:ElementName>{host_resource}\
             <rasd:InstanceID>{id}</rasd:InstanceID>{parent}<rasd:ResourceType>{kind}</rasd:ResourceType>{after}</Item>"
        )
    };
    let (quantity, unit) =
        ("<rasd:VirtualQuantity>", "<rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits>");
    let items = [
        item(1, 3, "", "", "", &format!("{quantity}1</rasd:VirtualQuantity>")),
        item(2, 4, unit, "", "", &format!("{quantity}64</rasd:VirtualQuantity>")),
        item(
            3,
            6,
            "<rasd:Address>0</rasd:Address>",
            "",
            &format!("<rasd:ResourceSubType>{}</rasd:ResourceSubType>", controller.subtype()),
            "",
        ),
        item(
            4,
            17,
            "<rasd:AddressOnParent>0</rasd:AddressOnParent>",
            "<rasd:HostResource>ovf:/disk/disk</rasd:HostResource>",
            "<rasd:Parent>3</rasd:Parent>",
            "",
        ),
    ]
    .concat();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Envelope xmlns=\"http://schemas.dmtf.org/ovf/envelope/1\" xmlns:ovf=\"http://schemas.dmtf.org/ovf/envelope/1\" \
         xmlns:rasd=\"http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData\" \
         xmlns:vmw=\"http://www.vmware.com/schema/ovf\" \
         xmlns:vssd=\"http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData\">\
         <References><File ovf:href=\"disk.vmdk\" ovf:id=\"file\"/></References>\
         <DiskSection><Info>Disks</Info><Disk ovf:capacity=\"{capacity}\" ovf:capacityAllocationUnits=\"byte\" \
         ovf:diskId=\"disk\" ovf:fileRef=\"file\" \
         ovf:format=\"http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized\"/></DiskSection>\
         <VirtualSystem ovf:id=\"{name}\"><Info>A disk</Info><Name>{name}</Name>\
         <OperatingSystemSection ovf:id=\"100\" vmw:osType=\"other26xLinux64Guest\"><Info>Any</Info></OperatingSystemSection>\
         <VirtualHardwareSection><Info>Hardware</Info>\
         <System><vssd:ElementName>Hardware</vssd:ElementName><vssd:InstanceID>0</vssd:InstanceID>\
         <vssd:VirtualSystemIdentifier>{name}</vssd:VirtualSystemIdentifier>\
         <vssd:VirtualSystemType>vmx-10</vssd:VirtualSystemType></System>{items}\
         </VirtualHardwareSection></VirtualSystem></Envelope>"
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;
    use crate::core::config::{Config, Tls};

    #[test]
    fn checksums_are_read() {
        let digest = "0".repeat(64);
        assert!(Checksum::parse(&format!("sha256:{}", digest.replace('0', "A"))).is_ok());
        for (text, said) in [
            (digest.clone(), "does not name a hash"),
            (format!("md5:{digest}"), "not supported"),
            (format!("sha1:{digest}"), "40 hexadecimal digits"),
            (format!("sha256:{}", digest.replace('0', "g")), "64 hexadecimal digits"),
        ] {
            assert!(Checksum::parse(&text).unwrap_err().contains(said), "{text}");
        }
    }

    #[test]
    fn names_of_imports_are_known_again() {
        for (name, ours) in [
            ("image-1-0011aabb", true),
            ("image-1-0011aabb_1", true),
            ("image-1", false),
            ("image-12-0011aabb", false),
            ("image-1-web", false),
        ] {
            assert_eq!(is_named(name, "image-1"), ours, "{name}");
        }
        assert!(is_descriptor("disk-0.vmdk") && !is_descriptor("disk-0-flat.vmdk"));
    }

    /// A server that answers each request with the next of these.
    async fn server(answers: Vec<String>) -> String {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        url
    }

    fn answer(text: &str) -> String {
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}", text.len())
    }

    fn moved(to: &str) -> String {
        format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    }

    async fn fetched(answers: Vec<String>, checksum: Option<&Checksum>) -> Result<u64> {
        let url = server(answers).await;
        let config = Config::new("vcenter.example.com", "u", "p".to_owned().into());
        let (peer, url) = origin(&format!("{url}/image.img?token=hunter2"), false, "the image", &config)?;
        let file = download(&peer, &url, checksum).await?;
        Ok(file.metadata().unwrap().len())
    }

    #[tokio::test]
    async fn a_download_is_compared_with_its_checksum() {
        let sum = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        let sum = Checksum::parse(sum).unwrap();
        assert_eq!(fetched(vec![answer("hello")], Some(&sum)).await.unwrap(), 5);
        let wrong = fetched(vec![answer("hallo")], Some(&sum)).await.unwrap_err().to_string();
        assert!(wrong.contains("has the checksum sha256:d3751d33") && !wrong.contains("hunter2"), "{wrong}");
        let missing = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned();
        assert!(fetched(vec![missing], None).await.unwrap_err().to_string().contains("HTTP 404"));
        let cut = answer("hello").replace("Length: 5", "Length: 50");
        assert!(fetched(vec![cut], None).await.is_err());
    }

    #[tokio::test]
    async fn redirects_to_other_schemes_are_refused() {
        let elsewhere = server(vec![answer("hello")]).await;
        assert_eq!(fetched(vec![moved(&elsewhere)], None).await.unwrap(), 5);
        // A URL without a host is not an address of HTTP: the answer is not taken for a redirect.
        for (to, why) in [("file:///etc/passwd", "HTTP 302"), ("ftp://127.0.0.1/x", "which is not followed")]
        {
            let refused = fetched(vec![moved(to)], None).await.unwrap_err().to_string();
            assert!(refused.contains(why) && !refused.contains("hunter2"), "{to}: {refused}");
        }
        assert!(origin("ftp://h/x", false, "the image", &Config { tls: Tls::Insecure, ..config() }).is_err());
    }

    fn config() -> Config {
        Config::new("vcenter.example.com", "u", "p".to_owned().into())
    }
}
