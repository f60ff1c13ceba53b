//! Packages against a simulated vCenter: `VCENTER_SIM_URL=https://user:pass@127.0.0.1:8989 cargo test -- --ignored`.
//! A run without the server counts them as ignored.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod vcenter;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;
use vcenter::connect;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_util::sync::CancellationToken;
use vsphere_client::ovf::{Interrupted, Plan, Refused, Source, Target};
use vsphere_client::vim::types::{
    OvfCreateImportSpecParams, OvfNetworkMapping, VirtualDeviceBackingInfoKind, VirtualDeviceKind,
    VirtualMachinePowerState,
};
use vsphere_client::virtual_machine::Wait;
use vsphere_client::{Area, Client, Error, Kind, MoRef};

/// A disk and a network interface. The simulator does not look into the disk.
fn descriptor(size: usize) -> String {
    let item = |kind: u32, id: u32, rest: &str| {
        format!(
            "<Item><rasd:ElementName>e{id}</rasd:ElementName><rasd:InstanceID>{id}</rasd:InstanceID>{rest}\
             <rasd:ResourceType>{kind}</rasd:ResourceType></Item>"
        )
    };
    let items = [
        item(3, 1, "<rasd:VirtualQuantity>1</rasd:VirtualQuantity>"),
        item(4, 2, "<rasd:VirtualQuantity>64</rasd:VirtualQuantity>"),
        item(6, 3, "<rasd:ResourceSubType>lsilogic</rasd:ResourceSubType>"),
        item(
            17,
            4,
            "<rasd:AddressOnParent>0</rasd:AddressOnParent><rasd:HostResource>ovf:/disk/d</rasd:HostResource>\
             <rasd:Parent>3</rasd:Parent>",
        ),
        item(
            10,
            5,
            "<rasd:Connection>nat</rasd:Connection><rasd:ResourceSubType>vmxnet3</rasd:ResourceSubType>",
        ),
    ];
    format!(
        r#"<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
 xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
 xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData">
<References><File ovf:id="f" ovf:href="disk%200.vmdk" ovf:size="{size}"/></References>
<DiskSection><Info/><Disk ovf:diskId="d" ovf:fileRef="f" ovf:capacity="1" ovf:capacityAllocationUnits="byte * 2^20"/></DiskSection>
<NetworkSection><Info/><Network ovf:name="nat"><Description/></Network></NetworkSection>
<VirtualSystem ovf:id="small"><Info/><Name>small</Name>
<VirtualHardwareSection><Info/><System><vssd:ElementName>s</vssd:ElementName><vssd:InstanceID>0</vssd:InstanceID>
<vssd:VirtualSystemType>vmx-13</vssd:VirtualSystemType></System>{}</VirtualHardwareSection>
</VirtualSystem></Envelope>"#,
        items.concat()
    )
}

fn disk() -> Vec<u8> {
    (0..700_000_u32).map(|n| (n % 253) as u8).collect()
}

fn write_ovf(folder: &Path) -> PathBuf {
    let path = folder.join("small.ovf");
    std::fs::write(&path, descriptor(disk().len())).unwrap();
    std::fs::write(folder.join("disk 0.vmdk"), disk()).unwrap();
    path
}

fn ova() -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, data) in [("small.ovf", descriptor(disk().len()).into_bytes()), ("disk 0.vmdk", disk())] {
        let mut header = tar::Header::new_ustar();
        header.set_size(data.len() as u64);
        builder.append_data(&mut header, name, &data[..]).unwrap();
    }
    builder.into_inner().unwrap()
}

/// Serves files by their paths.
async fn serve(files: Vec<(&'static str, Vec<u8>)>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = vec![0; 4096];
            let n = stream.read(&mut head).await.unwrap();
            let head = String::from_utf8_lossy(&head[..n]).into_owned();
            let path = head.split(' ').nth(1).unwrap_or_default();
            let found = files.iter().find(|(name, _)| *name == path);
            let (status, body) = found.map_or((404, &[][..]), |(_, data)| (200, data));
            let head =
                format!("HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(body).await;
        }
    });
    format!("http://{address}")
}

struct Place {
    client: Client,
    target: Target,
    datastore: MoRef,
    network: MoRef,
    name: String,
    progress: Mutex<Vec<i32>>,
}

impl Place {
    async fn new() -> Place {
        let client = connect().await;
        let find = client.find();
        let dc = find.object_by_name(Kind::Datacenter, "DC0", None).await.unwrap().object;
        let one = async |kind, name| find.object_by_name(kind, name, Some(&dc)).await.unwrap().object;
        let (pool, datastore, network) = (
            one(Kind::ResourcePool, "DC0_C0/Resources").await,
            one(Kind::Datastore, "LocalDS_0").await,
            one(Kind::Network, "DC0_DVPG0").await,
        );
        let vms = find.folder(Some((&dc, Area::Vm)), "").await.unwrap();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let name = format!("packaged-{:x}", now.as_nanos());
        let folder = client.folders().create(&vms, &name).await.unwrap();
        let target = Target { folder: Some(folder), pool, host: None };
        Place { client, target, datastore, network, name, progress: Mutex::default() }
    }

    async fn plan(&self, source: &Source) -> (vsphere_client::ovf::Package, Plan) {
        let package = self.client.ovf().open(source).await.unwrap();
        assert_eq!(package.descriptor().networks, ["nat"]);
        let params = OvfCreateImportSpecParams {
            entity_name: self.name.clone(),
            network_mapping: vec![OvfNetworkMapping {
                name: "nat".to_owned(),
                network: self.network.clone(),
            }],
            ..Default::default()
        };
        let plan = self.client.ovf().plan(&package, &self.target.pool, &self.datastore, params).await;
        (package, plan.map_err(|_| "refused").unwrap())
    }

    async fn import(&self, source: &Source, cancel: &CancellationToken) -> Result<MoRef, Interrupted> {
        let (package, plan) = self.plan(source).await;
        let tell = |percent| self.progress.lock().unwrap().push(percent);
        let wait = Wait::new(Duration::from_secs(60), cancel).telling(&tell);
        self.client.ovf().import(&package, plan, &self.target, wait).await
    }

    async fn pull(&self, source: &Source, cancel: &CancellationToken) -> Result<MoRef, Interrupted> {
        let (package, plan) = self.plan(source).await;
        let tell = |percent| self.progress.lock().unwrap().push(percent);
        let wait = Wait::new(Duration::from_secs(60), cancel).telling(&tell);
        self.client.ovf().import_by_pull(&package, plan, &self.target, wait).await
    }

    async fn children(&self) -> usize {
        self.client.folders().children(self.target.folder.as_ref().unwrap()).await.unwrap().len()
    }

    async fn clear(self) {
        let minute = Duration::from_secs(60);
        let folder = self.target.folder.unwrap();
        self.client.entities().destroy(&folder, minute, &CancellationToken::new()).await.unwrap();
        self.client.logout().await.unwrap();
    }
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn packages_are_imported_from_wherever_they_are() {
    let place = Place::new().await;
    let folder = tempfile::tempdir().unwrap();
    let ovf = write_ovf(folder.path());
    let archive = folder.path().join("small.ova");
    std::fs::write(&archive, ova()).unwrap();
    let beside = descriptor(disk().len()).into_bytes();
    let server = serve(vec![("/p/x.ovf", beside), ("/p/disk%200.vmdk", disk()), ("/x.ova", ova())]).await;
    let remote = |path: &str| Source::Url { url: format!("{server}{path}"), unverified: false };
    for source in [Source::File(ovf), Source::File(archive), remote("/p/x.ovf"), remote("/x.ova")] {
        let made = place.import(&source, &CancellationToken::new()).await;
        let made = made.unwrap_or_else(|e| panic!("{source:?}: {e:?}"));
        let vms = place.client.virtual_machines();
        let vm = vms.get(&made).await.unwrap();
        assert_eq!((&vm.name, &vm.parent), (&place.name, &place.target.folder));
        assert_eq!(vm.power_state, VirtualMachinePowerState::PoweredOff);
        let devices = vm.devices().into_inner();
        let on_the_network = |d: &VirtualDeviceKind| match d {
            VirtualDeviceKind::VirtualVmxnet3(nic) => matches!(
                nic.base.base.backing.as_deref(),
                Some(VirtualDeviceBackingInfoKind::VirtualEthernetCardDistributedVirtualPortBackingInfo(_))
            ),
            _ => false,
        };
        assert!(devices.iter().any(on_the_network), "{devices:?}");
        assert!(devices.iter().any(|d| matches!(d, VirtualDeviceKind::VirtualDisk(_))));
        assert_eq!(place.progress.lock().unwrap().drain(..).next_back(), Some(100));
        let minute = Duration::from_secs(60);
        place.client.entities().destroy(&made, minute, &CancellationToken::new()).await.unwrap();
    }
    let missing = place.client.ovf().open(&remote("/none.ova")).await;
    assert!(matches!(missing, Err(Error::Package(text)) if text.ends_with("answers HTTP 404")));
    place.clear().await;
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn what_breaks_leaves_nothing_behind() {
    let place = Place::new().await;
    let folder = tempfile::tempdir().unwrap();
    let ovf = write_ovf(folder.path());
    let source = Source::File(ovf);
    std::fs::remove_file(folder.path().join("disk 0.vmdk")).unwrap();
    let broken = place.import(&source, &CancellationToken::new()).await.unwrap_err();
    assert!(matches!(&broken.error, Error::Package(text) if text.starts_with("cannot read")), "{broken:?}");
    assert_eq!((broken.left, place.children().await), (None, 0));

    // An archive that was cut off.
    let cut = folder.path().join("cut.ova");
    let whole = ova();
    std::fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let broken = place.import(&Source::File(cut), &CancellationToken::new()).await.unwrap_err();
    assert!(matches!(&broken.error, Error::Package(text) if text.contains("middle of a file")), "{broken:?}");
    assert_eq!((broken.left, place.children().await), (None, 0));

    let cancelled = CancellationToken::new();
    cancelled.cancel();
    write_ovf(folder.path());
    let broken = place.import(&source, &cancelled).await.unwrap_err();
    assert!(matches!(broken.error, Error::Cancelled), "{broken:?}");
    place.clear().await;
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn hosts_pull_the_files_of_a_package() {
    let place = Place::new().await;
    let beside = descriptor(disk().len()).into_bytes();
    let mut builder = tar::Builder::new(Vec::new());
    for (name, data) in [("small.ovf", beside.clone()), ("other.vmdk", disk())] {
        let mut header = tar::Header::new_ustar();
        header.set_size(data.len() as u64);
        builder.append_data(&mut header, name, &data[..]).unwrap();
    }
    let lacking = builder.into_inner().unwrap();
    let server = serve(vec![
        ("/p/x.ovf", beside.clone()),
        ("/p/disk%200.vmdk", disk()),
        ("/x.ova", ova()),
        ("/alone/x.ovf", beside),
        ("/lacking.ova", lacking),
    ])
    .await;
    let remote = |path: &str| Source::Url { url: format!("{server}{path}"), unverified: false };
    let none = CancellationToken::new();
    for path in ["/p/x.ovf", "/x.ova"] {
        let made = place.pull(&remote(path), &none).await.unwrap_or_else(|e| panic!("{path}: {e:?}"));
        let vm = place.client.virtual_machines().get(&made).await.unwrap();
        assert_eq!((&vm.name, vm.power_state), (&place.name, VirtualMachinePowerState::PoweredOff));
        assert_eq!(place.progress.lock().unwrap().drain(..).next_back(), Some(100));
        place.client.entities().destroy(&made, Duration::from_secs(60), &none).await.unwrap();
    }
    let broken = place.pull(&remote("/alone/x.ovf"), &none).await.unwrap_err();
    let expected = format!("{server}/alone/disk%200.vmdk: the server answers HTTP 404 Not Found");
    assert!(matches!(&broken.error, Error::Package(text) if text.ends_with(&expected)), "{broken:?}");
    assert_eq!((broken.left, place.children().await), (None, 0));
    let broken = place.pull(&remote("/lacking.ova"), &none).await.unwrap_err();
    assert!(broken.error.fault().is_some_and(|f| f.name == "FileNotFound"), "{broken:?}");
    assert_eq!((broken.left, place.children().await), (None, 0));
    let folder = tempfile::tempdir().unwrap();
    let broken = place.pull(&Source::File(write_ovf(folder.path())), &none).await.unwrap_err();
    assert!(matches!(&broken.error, Error::Package(text) if text.contains("at a URL")), "{broken:?}");
    place.clear().await;
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn an_interrupted_pull_leaves_nothing_behind() {
    let place = Place::new().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut open = vec![];
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = vec![0; 4096];
            let n = stream.read(&mut head).await.unwrap();
            let is_descriptor = String::from_utf8_lossy(&head[..n]).starts_with("GET /x.ovf");
            let (body, size) = match is_descriptor {
                true => (descriptor(disk().len()).into_bytes(), descriptor(disk().len()).len()),
                // The disk never ends.
                false => (disk()[..1000].to_vec(), disk().len()),
            };
            let head = format!("HTTP/1.1 200 X\r\nContent-Length: {size}\r\n\r\n");
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(&body).await;
            open.push(stream);
        }
    });
    let source = Source::Url { url: format!("http://{address}/x.ovf"), unverified: false };
    let cancel = CancellationToken::new();
    let soon = cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(2)).await;
        soon.cancel();
    });
    let began = std::time::Instant::now();
    let broken = place.pull(&source, &cancel).await.unwrap_err();
    assert!(matches!(broken.error, Error::Cancelled), "{broken:?}");
    assert_eq!((broken.left, place.children().await), (None, 0));
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    place.clear().await;
}

#[tokio::test]
#[ignore = "needs VCENTER_SIM_URL"]
async fn a_refusal_has_its_reason() {
    let place = Place::new().await;
    let folder = tempfile::tempdir().unwrap();
    let package = place.client.ovf().open(&Source::File(write_ovf(folder.path()))).await.unwrap();
    let params = |provisioning: &str| OvfCreateImportSpecParams {
        entity_name: "x".to_owned(),
        disk_provisioning: Some(provisioning.to_owned()),
        ..Default::default()
    };
    let (ovf, pool) = (place.client.ovf(), &place.target.pool);
    let refused = ovf.plan(&package, pool, &place.datastore, params("crooked")).await;
    assert!(matches!(refused, Err(Refused::Package { errors, .. })
        if errors[0].name == "OvfUnsupportedDiskProvisioning" && errors[0].message.contains("crooked")));
    let (source, none) = (Source::File(folder.path().join("small.ovf")), CancellationToken::new());
    place.import(&source, &none).await.unwrap();
    let twice = place.import(&source, &none).await.unwrap_err();
    assert!(twice.error.fault().is_some() && twice.left.is_none(), "{twice:?}");
    assert_eq!(place.children().await, 1);
    place.clear().await;
}
