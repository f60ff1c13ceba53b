//! Disk images: QCOW2, VMDK and raw images are read, and written as stream-optimized VMDK.
//!
//! An image is opened by its first bytes ([`open`]), its tables are checked ([`Disk::check`]), and it is converted
//! ([`convert`]). What is in memory does not depend on the size of the image. An image is not trusted: whatever it
//! contains, the result is an image or an [`Error`], and the work is in proportion to the size of the file and to the
//! capacity that it declares.

mod claims;
mod convert;
mod input;
mod qcow2;
mod raw;
mod stream;
mod vmdk;

use std::fmt;

pub use convert::{Converted, convert};
pub use input::Input;
pub use stream::{GRAIN, StreamWriter};

/// A sector, the unit of a VMDK.
pub const SECTOR: u64 = 512;
/// The largest capacity: that of the largest virtual disk of vSphere, 62 TiB.
pub const LARGEST: u64 = 62 << 40;

/// Why an image cannot be converted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read.
    #[error("the image cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// It is an image that is not supported, with the reason.
    #[error("{0}")]
    Unsupported(String),
    /// It contradicts itself, or ends too early.
    #[error("the image is damaged: {0}")]
    Damaged(String),
    /// The receiver of the converted image has ended.
    #[error("the conversion was stopped")]
    Stopped,
}

/// A result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

fn damaged<T>(text: impl Into<String>) -> Result<T> {
    Err(Error::Damaged(text.into()))
}

fn unsupported<T>(text: impl Into<String>) -> Result<T> {
    Err(Error::Unsupported(text.into()))
}

/// The format of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// QCOW2, versions 2 and 3.
    Qcow2,
    /// The bytes of the disk, one after another.
    Raw,
    /// A VMDK in a single file: monolithic sparse or stream-optimized.
    Vmdk,
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 3] = [Format::Qcow2, Format::Raw, Format::Vmdk];

    /// The usual name.
    pub fn name(self) -> &'static str {
        match self {
            Format::Qcow2 => "qcow2",
            Format::Raw => "raw",
            Format::Vmdk => "vmdk",
        }
    }

    /// The format of a name.
    pub fn named(name: &str) -> Option<Format> {
        Self::ALL.into_iter().find(|f| f.name() == name)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An open image.
pub trait Disk: Send {
    /// The format.
    fn format(&self) -> Format;

    /// The size of the disk in bytes, a multiple of [`SECTOR`].
    fn capacity(&self) -> u64;

    /// Reads all tables: whether they are inside the file and do not overlap. Returns the number of bytes of the disk that
    /// the image has data for.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::Unsupported`] and [`Error::Read`].
    fn check(&mut self) -> Result<u64>;

    /// The number of bytes from a position that are zeros for which the image has no data; 0 if it has data there.
    ///
    /// # Errors
    /// [`Error::Damaged`] and [`Error::Read`].
    fn hole(&mut self, at: u64) -> Result<u64>;

    /// Reads bytes inside the capacity.
    ///
    /// # Errors
    /// [`Error::Damaged`] and [`Error::Read`].
    fn read(&mut self, at: u64, buffer: &mut [u8]) -> Result<()>;
}

/// Opens an image; without a format, it is detected by the first bytes, and an image without a known signature is raw.
///
/// # Errors
/// [`Error::Unsupported`] for other formats, compressed files, and for features of an image that are not supported, with
/// the reason.
pub fn open(mut input: Box<dyn Input>, format: Option<Format>) -> Result<Box<dyn Disk>> {
    let format = match format {
        Some(format) => format,
        None => detect(input.as_mut())?,
    };
    Ok(match format {
        Format::Qcow2 => Box::new(qcow2::Qcow2::open(input)?),
        Format::Raw => Box::new(raw::Raw::open(input)?),
        Format::Vmdk => Box::new(vmdk::Vmdk::open(input)?),
    })
}

/// The first bytes of what is not a disk image of a supported format, and what it is.
const OTHERS: [(usize, &[u8], &str); 15] = [
    (0, b"\x1f\x8b", "a file compressed with gzip. Decompress it first"),
    (0, b"\xfd7zXZ\0", "a file compressed with xz. Decompress it first"),
    (0, b"BZh", "a file compressed with bzip2. Decompress it first"),
    (0, b"\x28\xb5\x2f\xfd", "a file compressed with zstd. Decompress it first"),
    (0, b"PK\x03\x04", "a ZIP archive. Extract the image first"),
    (257, b"ustar", "a tar archive, such as an OVA. An OVA is deployed with `ovf_deploy`"),
    (0, b"vhdxfile", "a VHDX image. Convert it to QCOW2 first"),
    (0, b"conectix", "a VHD image. Convert it to QCOW2 first"),
    (0x40, b"\x7f\x10\xda\xbe", "a VDI image. Convert it to QCOW2 first"),
    (0, b"QED\0", "a QED image. Convert it to QCOW2 first"),
    (0, b"QFI\xfb\0\0\0\x01", "a QCOW image of version 1. Convert it to QCOW2 first"),
    (0, b"WithoutFreeSpace", "a Parallels image. Convert it to QCOW2 first"),
    (0, b"WithouFreSpacExt", "a Parallels image. Convert it to QCOW2 first"),
    (0, b"<?xml", "an XML file"),
    (0, b"<!DOCTYPE", "an HTML page"),
];

/// The format by the first bytes.
fn detect(input: &mut dyn Input) -> Result<Format> {
    let first = input::first(input, 1024)?;
    let has = |at: usize, magic: &[u8]| first.get(at..at + magic.len()) == Some(magic);
    if let Some((.., what)) = OTHERS.iter().find(|(at, magic, _)| has(*at, magic)) {
        return unsupported(format!("this is {what}"));
    }
    Ok(if has(0, qcow2::MAGIC) {
        Format::Qcow2
    } else if vmdk::is_any(&first) {
        Format::Vmdk
    } else {
        Format::Raw
    })
}
