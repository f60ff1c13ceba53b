//! VMDK images in a single file: monolithic sparse and stream-optimized, as VMware's "Virtual Disk Format 5.0" specifies
//! them.

use std::io::Read;

use flate2::bufread::ZlibDecoder;

use crate::claims::Claims;
use crate::input::{Input, Table, exact, first, le16, le32, le64, length};
use crate::stream::{AT_END, MAGIC};
use crate::{Disk, Format, LARGEST, Result, SECTOR, damaged, unsupported};

/// A descriptor in a file of its own.
const DESCRIPTOR: &[u8] = b"# Disk DescriptorFile";
/// A sparse extent of ESX.
const COWD: &[u8] = b"COWD";
/// A space-efficient sparse extent of ESX (`0xcafebabe`).
const SE_SPARSE: &[u8] = b"\xbe\xba\xfe\xca";
/// An entry of a table that stands for zeros, with this flag.
const ZEROED: u32 = 1;
const HAS_ZEROED: u32 = 1 << 2;
const IS_COMPRESSED: u32 = 1 << 16;
const HAS_MARKERS: u32 = 1 << 17;
const KNOWN_INCOMPATIBLE: u32 = IS_COMPRESSED | HAS_MARKERS;
/// The longest descriptor that is read.
const LONGEST: u64 = 1 << 20;
/// The sectors at the end of a stream-optimized VMDK: the footer, and a marker of the end.
const FOOTER: u64 = 2 * SECTOR;
/// Sector and length before the data of a compressed grain.
const GRAIN_HEADER: u64 = 12;

/// Whether these first bytes are those of a VMDK of any kind.
pub(crate) fn is_any(first: &[u8]) -> bool {
    [&MAGIC.to_le_bytes()[..], DESCRIPTOR, COWD, SE_SPARSE].iter().any(|magic| first.starts_with(magic))
}

pub(crate) struct Vmdk {
    input: Box<dyn Input>,
    file: u64,
    /// In bytes.
    capacity: u64,
    grain: u64,
    entries: u64,
    compressed: bool,
    has_zeroed: bool,
    overhead: u64,
    directory: Table,
    /// The grain table that was read last.
    table: Option<(u64, Table)>,
    /// The grain that was decompressed last.
    unpacked: Vec<u8>,
    unpacked_grain: Option<u64>,
    packed: Vec<u8>,
}

impl Vmdk {
    pub(crate) fn open(mut input: Box<dyn Input>) -> Result<Vmdk> {
        let mut header = first(input.as_mut(), SECTOR)?;
        if header.starts_with(DESCRIPTOR) {
            return unsupported(
                "this is only the descriptor of a VMDK, and the data is in other files. Convert it to a single file first: \
                 qemu-img convert -O qcow2 IMAGE NEW_IMAGE",
            );
        }
        if header.starts_with(COWD) || header.starts_with(SE_SPARSE) {
            return unsupported("this is a sparse extent of ESXi, which only holds a part of a disk");
        }
        if le32(&header, 0) != MAGIC {
            return unsupported("this is not a VMDK image");
        }
        if (header.len() as u64) < SECTOR {
            return damaged("it is truncated: it ends inside its header");
        }
        let file = length(input.as_mut())?;
        if le64(&header, 56) == AT_END {
            let at = file.saturating_sub(FOOTER);
            exact(input.as_mut(), at, &mut header)?;
            if le32(&header, 0) != MAGIC || le64(&header, 56) == AT_END {
                return damaged("it is truncated: its footer is missing");
            }
        }
        let (version, flags) = (le32(&header, 4), le32(&header, 8));
        if !(1..=3).contains(&version) {
            return unsupported(format!("VMDK version {version} is not supported"));
        }
        let unknown = flags & 0xffff_0000 & !KNOWN_INCOMPATIBLE;
        if unknown != 0 {
            return unsupported(format!("the image has unknown features ({unknown:#x})"));
        }
        let compressed = flags & IS_COMPRESSED != 0;
        if compressed && (flags & HAS_MARKERS == 0 || le16(&header, 77) != 1) {
            return unsupported(format!("the compression algorithm {} is not supported", le16(&header, 77)));
        }
        let (sectors, grain) = (le64(&header, 12), le64(&header, 20));
        if sectors == 0 {
            return unsupported("the image is empty");
        }
        if sectors > LARGEST / SECTOR {
            return unsupported(format!(
                "the image is for a disk of {sectors} sectors; the largest virtual disk of vSphere has 62 TiB"
            ));
        }
        if !grain.is_power_of_two() || !(8..=4096).contains(&grain) {
            return damaged(format!("grains of {grain} sectors"));
        }
        let entries = u64::from(le32(&header, 44));
        if !entries.is_power_of_two() || entries > 4096 {
            return damaged(format!("tables of {entries} grains"));
        }
        let directory_at = le64(&header, 56).saturating_mul(SECTOR);
        let directory_bytes = sectors.div_ceil(grain * entries) * 4;
        let directory = Table::new("the grain directory", directory_at, directory_bytes, file)?;
        let mut vmdk = Vmdk {
            input,
            file,
            capacity: sectors * SECTOR,
            grain: grain * SECTOR,
            entries,
            compressed,
            has_zeroed: flags & HAS_ZEROED != 0,
            overhead: le64(&header, 64).saturating_mul(SECTOR),
            directory,
            table: None,
            unpacked: vec![],
            unpacked_grain: None,
            packed: vec![],
        };
        vmdk.descriptor(le64(&header, 28).saturating_mul(SECTOR), le64(&header, 36).saturating_mul(SECTOR))?;
        Ok(vmdk)
    }

    /// Reads the descriptor inside the file, which may refer to another disk or file.
    fn descriptor(&mut self, at: u64, bytes: u64) -> Result<()> {
        if at == 0 || bytes == 0 {
            return unsupported(
                "this is only an extent of a VMDK; its descriptor is in another file. Convert it to a single file first: \
                 qemu-img convert -O qcow2 IMAGE NEW_IMAGE",
            );
        }
        if bytes > LONGEST {
            return damaged(format!("a descriptor of {bytes} bytes"));
        }
        let mut text = vec![0; usize::try_from(bytes).unwrap_or_default()];
        exact(self.input.as_mut(), at, &mut text)?;
        let text = String::from_utf8_lossy(&text);
        let value = |name: &str| {
            let line = text.lines().filter_map(|l| l.split_once('=')).find(|(n, _)| n.trim() == name);
            line.map(|(_, v)| v.trim_matches([' ', '"', '\r', '\0']).to_owned())
        };
        if value("parentCID").is_some_and(|parent| !parent.eq_ignore_ascii_case("ffffffff")) {
            return unsupported(
                "the image has a parent disk, and only holds the differences from it. Merge the two first: qemu-img convert -O \
                 qcow2 IMAGE NEW_IMAGE",
            );
        }
        let extent = |l: &&str| ["RW ", "RDONLY ", "NOACCESS "].iter().any(|kind| l.starts_with(kind));
        let extents = text.lines().filter(extent).count();
        if extents > 1 {
            return unsupported(format!("the data of the VMDK is in {extents} files, not in one"));
        }
        Ok(())
    }

    /// Where a grain table is; 0 if there is none.
    fn table_at(&mut self, index: u64) -> Result<u64> {
        Ok(u64::from(le32(self.directory.entry(self.input.as_mut(), index, 4)?, 0)) * SECTOR)
    }

    /// The entry of a grain: its position, or 0 for zeros.
    fn entry(&mut self, grain: u64) -> Result<u64> {
        let (index, entry) = (grain / self.entries, grain % self.entries);
        if self.table.as_ref().is_none_or(|(is, _)| *is != index) {
            let at = self.table_at(index)?;
            if at == 0 {
                return Ok(0);
            }
            self.table = Some((index, Table::new("a grain table", at, self.entries * 4, self.file)?));
        }
        let Some((_, table)) = &mut self.table else { return Ok(0) };
        let at = le32(table.entry(self.input.as_mut(), entry, 4)?, 0);
        Ok(if self.has_zeroed && at == ZEROED { 0 } else { u64::from(at) * SECTOR })
    }

    /// The bytes of a grain that are inside the disk.
    fn inside(&self, grain: u64) -> u64 {
        self.grain.min(self.capacity - grain * self.grain)
    }

    /// The length of the compressed data of a grain.
    fn packed(&mut self, grain: u64, at: u64) -> Result<u64> {
        let mut header = [0; GRAIN_HEADER as usize];
        exact(self.input.as_mut(), at, &mut header)?;
        let (sector, bytes) = (le64(&header, 0), u64::from(le32(&header, 8)));
        if sector != grain * self.grain / SECTOR {
            return damaged(format!(
                "the grain at {at} is for sector {sector}, not for {}",
                grain * self.grain / SECTOR
            ));
        }
        // What cannot be compressed becomes a little longer.
        if bytes == 0 || bytes > 2 * self.grain || at + GRAIN_HEADER + bytes > self.file {
            return damaged(format!("the grain at {at} has {bytes} bytes of compressed data"));
        }
        Ok(bytes)
    }

    fn unpack(&mut self, grain: u64, at: u64) -> Result<()> {
        if self.unpacked_grain == Some(grain) {
            return Ok(());
        }
        self.unpacked_grain = None;
        let bytes = self.packed(grain, at)?;
        self.packed.resize(usize::try_from(bytes).unwrap_or_default(), 0);
        exact(self.input.as_mut(), at + GRAIN_HEADER, &mut self.packed)?;
        let wanted = self.inside(grain);
        self.unpacked.clear();
        let read = ZlibDecoder::new(&self.packed[..]).take(self.grain).read_to_end(&mut self.unpacked);
        match read {
            // The last one may be as long as the others, or end with the disk.
            Ok(count) if count as u64 >= wanted => {
                self.unpacked_grain = Some(grain);
                Ok(())
            }
            Ok(count) => damaged(format!("the grain at {at} has {count} bytes instead of {wanted}")),
            Err(e) => damaged(format!("the grain at {at} cannot be decompressed: {e}")),
        }
    }
}

impl Disk for Vmdk {
    fn format(&self) -> Format {
        Format::Vmdk
    }

    fn capacity(&self) -> u64 {
        self.capacity
    }

    fn check(&mut self) -> Result<u64> {
        let mut owned = Claims::new(self.file, SECTOR);
        owned.take("the header", 0, 1)?;
        owned.take("the grain directory", self.directory.at, self.directory.bytes)?;
        let mut data = 0;
        for index in 0..self.directory.bytes / 4 {
            let at = self.table_at(index)?;
            if at == 0 {
                continue;
            }
            owned.take("a grain table", at, self.entries * 4)?;
            for grain in index * self.entries..(index + 1) * self.entries {
                if grain * self.grain >= self.capacity {
                    break;
                }
                let at = self.entry(grain)?;
                if at == 0 {
                    continue;
                }
                if at < self.overhead.min(self.file) && self.compressed {
                    return damaged(format!("the grain at {at} overlaps the header"));
                }
                let bytes =
                    if self.compressed { GRAIN_HEADER + self.packed(grain, at)? } else { self.inside(grain) };
                if at + bytes > self.file {
                    return damaged(format!(
                        "it is truncated: the grain at {at} ends behind the file of {} bytes",
                        self.file
                    ));
                }
                owned.take("a grain", at, bytes)?;
                data += self.inside(grain);
            }
        }
        Ok(data)
    }

    fn hole(&mut self, at: u64) -> Result<u64> {
        let mut end = at;
        while end < self.capacity {
            let grain = end / self.grain;
            if self.table_at(grain / self.entries)? == 0 {
                end = (grain / self.entries + 1) * self.entries * self.grain;
            } else if self.entry(grain)? == 0 {
                end = (grain + 1) * self.grain;
            } else {
                break;
            }
        }
        Ok(end.min(self.capacity) - at)
    }

    fn read(&mut self, mut at: u64, mut buffer: &mut [u8]) -> Result<()> {
        while !buffer.is_empty() {
            let (grain, within) = (at / self.grain, at % self.grain);
            let step = usize::try_from(self.grain - within).unwrap_or(usize::MAX).min(buffer.len());
            let (out, rest) = std::mem::take(&mut buffer).split_at_mut(step);
            let from = self.entry(grain)?;
            if from == 0 {
                out.fill(0);
            } else if self.compressed {
                self.unpack(grain, from)?;
                let start = usize::try_from(within).unwrap_or_default();
                match self.unpacked.get(start..start + step) {
                    Some(data) => out.copy_from_slice(data),
                    None => return damaged(format!("the grain at {from} is too short")),
                }
            } else {
                exact(self.input.as_mut(), from + within, out)?;
            }
            at += step as u64;
            buffer = rest;
        }
        Ok(())
    }
}
