//! Disks: what they are, where their data is, and whose they are.

use vim_types::types::{CryptoKeyId, VirtualDeviceBackingInfoKind, VirtualDeviceKind, VirtualDisk};
use vim_types::xml::MoRef;

use super::DatastorePath;

/// The kind of storage that a disk is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DiskFormat {
    /// A flat file, thin or thick; also what vSAN and vVols show.
    Flat,
    /// A space-efficient sparse file (snapshots and linked clones on VMFS 6).
    SeSparse,
    /// A sparse file (hosted products).
    Sparse,
    /// A raw device mapping.
    RawDeviceMapping,
    /// Persistent memory of the host.
    PersistentMemory,
    /// Any other.
    Other,
}

/// Where a disk's data is, and how it is used; the same for all formats. What a format or the server does not
/// tell is nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct DiskBacking<'a> {
    /// The format.
    pub format: DiskFormat,
    /// The file, as `[datastore] folder/file.vmdk`; the newest of a chain of snapshots. Empty, or without a
    /// file, in requests that leave its name to the server.
    pub file: &'a str,
    /// The datastore that it is on.
    pub datastore: Option<&'a MoRef>,
    /// What identifies the disk, whatever its file is called; it changes when the disk is cloned.
    pub uuid: Option<&'a str>,
    /// `persistent`, `independent_persistent`, `independent_nonpersistent`, ….
    pub mode: Option<&'a str>,
    /// `sharingNone` or `sharingMultiWriter`; flat disks and raw device mappings.
    pub sharing: Option<&'a str>,
    /// Whether writes go through all caches.
    pub write_through: Option<bool>,
    /// Whether blocks are allocated when they are first written; flat disks.
    pub thin: Option<bool>,
    /// Whether blocks were zeroed when the disk was made; flat disks.
    pub eagerly_scrub: Option<bool>,
    /// The change id for incremental backups; it changes with every snapshot, without a configuration change.
    pub change_id: Option<&'a str>,
    /// The LUN of a raw device mapping.
    pub lun_uuid: Option<&'a str>,
    /// `physicalMode` or `virtualMode`; raw device mappings.
    pub compatibility_mode: Option<&'a str>,
    /// The files that this one is a difference to: of the nearest snapshot first, of the base disk last.
    pub parents: Vec<&'a str>,
}

impl<'a> DiskBacking<'a> {
    /// The backing of a disk; nothing when it is of no disk.
    pub fn of(backing: &'a VirtualDeviceBackingInfoKind) -> Option<DiskBacking<'a>> {
        use VirtualDeviceBackingInfoKind as B;
        macro_rules! parents {
            ($first:expr) => {{
                let (mut files, mut next) = (Vec::new(), $first.parent.as_deref());
                while let Some(parent) = next {
                    files.push(parent.file_name.as_str());
                    next = parent.parent.as_deref();
                }
                files
            }};
        }
        let none = DiskBacking {
            format: DiskFormat::Other,
            file: "",
            datastore: None,
            uuid: None,
            mode: None,
            sharing: None,
            write_through: None,
            thin: None,
            eagerly_scrub: None,
            change_id: None,
            lun_uuid: None,
            compatibility_mode: None,
            parents: Vec::new(),
        };
        Some(match backing {
            B::VirtualDiskFlatVer2BackingInfo(b) => DiskBacking {
                format: DiskFormat::Flat,
                file: &b.file_name,
                datastore: b.datastore.as_ref(),
                uuid: b.uuid.as_deref(),
                mode: Some(&b.disk_mode),
                sharing: b.sharing.as_deref(),
                write_through: b.write_through,
                thin: b.thin_provisioned,
                eagerly_scrub: b.eagerly_scrub,
                change_id: b.change_id.as_deref(),
                parents: parents!(b),
                ..none
            },
            B::VirtualDiskSeSparseBackingInfo(b) => DiskBacking {
                format: DiskFormat::SeSparse,
                file: &b.file_name,
                datastore: b.datastore.as_ref(),
                uuid: b.uuid.as_deref(),
                mode: Some(&b.disk_mode),
                write_through: b.write_through,
                change_id: b.change_id.as_deref(),
                parents: parents!(b),
                ..none
            },
            B::VirtualDiskSparseVer2BackingInfo(b) => DiskBacking {
                format: DiskFormat::Sparse,
                file: &b.file_name,
                datastore: b.datastore.as_ref(),
                uuid: b.uuid.as_deref(),
                mode: Some(&b.disk_mode),
                write_through: b.write_through,
                change_id: b.change_id.as_deref(),
                parents: parents!(b),
                ..none
            },
            B::VirtualDiskRawDiskMappingVer1BackingInfo(b) => DiskBacking {
                format: DiskFormat::RawDeviceMapping,
                file: &b.file_name,
                datastore: b.datastore.as_ref(),
                uuid: b.uuid.as_deref(),
                mode: b.disk_mode.as_deref(),
                sharing: b.sharing.as_deref(),
                change_id: b.change_id.as_deref(),
                lun_uuid: b.lun_uuid.as_deref(),
                compatibility_mode: b.compatibility_mode.as_deref(),
                parents: parents!(b),
                ..none
            },
            B::VirtualDiskLocalPMemBackingInfo(b) => DiskBacking {
                format: DiskFormat::PersistentMemory,
                file: &b.file_name,
                datastore: b.datastore.as_ref(),
                uuid: b.uuid.as_deref(),
                mode: Some(&b.disk_mode),
                ..none
            },
            B::VirtualDeviceFileBackingInfo(b) => {
                DiskBacking { file: &b.file_name, datastore: b.datastore.as_ref(), ..none }
            }
            // A format that is not generated: what every backing by file has, and what most have.
            B::Unknown(tree) => DiskBacking {
                file: tree.text_of("fileName").unwrap_or_default(),
                uuid: tree.text_of("uuid"),
                mode: tree.text_of("diskMode"),
                ..none
            },
            _ => return None,
        })
    }

    /// The file as a path; nothing when it names none.
    pub fn path(&self) -> Option<DatastorePath> {
        self.file.parse().ok()
    }

    /// The file that was first: of the base disk where there are snapshots or linked clones.
    pub fn base_file(&self) -> &'a str {
        self.parents.last().copied().unwrap_or(self.file)
    }
}

/// Why a disk belongs, or may belong, to another owner.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForeignSign {
    /// It is a first class disk, of that id: made and kept by someone who manages disks apart from virtual
    /// machines, such as the Kubernetes CSI driver.
    FirstClassDisk(String),
    /// Its file is where first class disks and the volumes of Kubernetes are (`fcd/`, `kubevols/`, `pvc-…`).
    VolumeFolder(String),
    /// Its file is in the folder of another virtual machine: a backup proxy reads it, or it was attached.
    OtherFolder(String),
}

/// A disk of a virtual machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Disk<'a> {
    /// The device.
    pub device: &'a VirtualDisk,
}

impl<'a> Disk<'a> {
    /// The device as a disk; nothing when it is none.
    pub fn of(device: &'a VirtualDeviceKind) -> Option<Disk<'a>> {
        match device {
            VirtualDeviceKind::VirtualDisk(device) => Some(Disk { device }),
            _ => None,
        }
    }

    /// The key. It follows from the address, so it changes when the disk is moved to another.
    pub fn key(&self) -> i32 {
        self.device.key
    }

    /// The size in bytes.
    pub fn capacity(&self) -> i64 {
        // Old servers know only the other, which is rounded.
        self.device.capacity_in_bytes.unwrap_or(self.device.capacity_in_kb.saturating_mul(1024))
    }

    /// The backing.
    pub fn backing(&self) -> Option<DiskBacking<'a>> {
        DiskBacking::of(self.device.backing.as_deref()?)
    }

    /// Whether a snapshot of its virtual machine holds it: it is a difference to another disk then. Snapshots leave
    /// independent disks out. The disk of a linked clone is a difference too, so the snapshots have to be looked at as well.
    pub fn is_held(&self) -> bool {
        self.backing().is_some_and(|b| {
            !b.parents.is_empty() && !b.mode.is_some_and(|mode| mode.starts_with("independent"))
        })
    }

    /// What identifies it: in lower case; nothing when the server does not tell.
    pub fn uuid(&self) -> Option<String> {
        self.backing()?.uuid.filter(|u| !u.is_empty()).map(str::to_lowercase)
    }

    /// The key that it is encrypted with; nothing when it is not encrypted. From API 6.5 on.
    pub fn crypto_key(&self) -> Option<&'a CryptoKeyId> {
        use VirtualDeviceBackingInfoKind as B;
        match self.device.backing.as_deref()? {
            B::VirtualDiskFlatVer2BackingInfo(b) => b.key_id.as_deref(),
            B::VirtualDiskSeSparseBackingInfo(b) => b.key_id.as_deref(),
            B::VirtualDiskSparseVer2BackingInfo(b) => b.key_id.as_deref(),
            _ => None,
        }
    }

    /// Its id as a first class disk; nothing when it is none. From API 6.5 on.
    pub fn first_class_id(&self) -> Option<&'a str> {
        self.device.v_disk_id.as_deref().map(|id| id.id.as_str()).filter(|id| !id.is_empty())
    }

    /// The signs that the disk belongs to another owner; empty if there are none. `home` is the folder of the
    /// virtual machine (`config.files.vmPathName`); a folder of the same name on another datastore is home
    /// too. Only the first sign is proof: an attached disk may as well be the virtual machine's own.
    pub fn foreign_signs(&self, home: Option<&DatastorePath>) -> Vec<ForeignSign> {
        let mut signs = Vec::new();
        if let Some(id) = self.first_class_id() {
            signs.push(ForeignSign::FirstClassDisk(id.to_owned()));
        }
        let Some(base) = self.backing().and_then(|b| b.base_file().parse::<DatastorePath>().ok()) else {
            return signs;
        };
        let top = base.path.split('/').next().unwrap_or_default();
        let volume = base.file().starts_with("pvc-") || base.file().starts_with("kubernetes-dynamic-pvc-");
        if matches!(top, "fcd" | "kubevols") || volume {
            signs.push(ForeignSign::VolumeFolder(base.to_string()));
        } else if let Some(home) = home
            && !base.path.is_empty()
            && base.folder() != home.folder()
        {
            signs.push(ForeignSign::OtherFolder(base.to_string()));
        }
        signs
    }
}
