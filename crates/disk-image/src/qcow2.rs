//! QCOW2 images, versions 2 and 3, as `docs/interop/qcow2.txt` of QEMU specifies them.

use std::io::Read;

use flate2::bufread::DeflateDecoder;

use crate::claims::Claims;
use crate::input::{Input, Table, be32, be64, exact, first, length};
use crate::{Disk, Format, LARGEST, Result, SECTOR, damaged, unsupported};

pub(crate) const MAGIC: &[u8] = b"QFI\xfb";

/// The bits of an offset in the tables of both levels.
const OFFSET: u64 = 0x00ff_ffff_ffff_fe00;
const COMPRESSED: u64 = 1 << 62;
/// A cluster of zeros, which may have a place in the file all the same.
const ZERO: u64 = 1;

const DIRTY: u64 = 1;
const CORRUPT: u64 = 1 << 1;
const EXTERNAL_DATA: u64 = 1 << 2;
const COMPRESSION_TYPE: u64 = 1 << 3;
const EXTENDED_L2: u64 = 1 << 4;

/// The longest list of tables that QEMU reads.
const LONGEST_L1: u64 = 32 << 20;
/// The parts of a cluster in an image with extended entries.
const PARTS: u64 = 32;
/// The largest window of a zstd frame that is decoded: a cluster has at most 2 MiB.
const WINDOW: u64 = 8 << 20;

/// How clusters are compressed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Compression {
    Deflate,
    Zstd,
}

/// Where a cluster is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cluster {
    Zeros,
    /// At a position; a bit for each part that has data.
    Plain(u64, u32),
    /// Compressed, at a position, in so many bytes.
    Compressed(u64, u64),
}

pub(crate) struct Qcow2 {
    input: Box<dyn Input>,
    file: u64,
    capacity: u64,
    cluster_bits: u32,
    extended: bool,
    compression: Compression,
    l1: Table,
    /// The table of the second level that is in memory, and its index.
    l2: Vec<u8>,
    l2_index: Option<u64>,
    /// The compressed cluster that was read last.
    unpacked: Vec<u8>,
    unpacked_from: Option<Cluster>,
    packed: Vec<u8>,
}

impl Qcow2 {
    pub(crate) fn open(mut input: Box<dyn Input>) -> Result<Qcow2> {
        let header = first(input.as_mut(), 112)?;
        if !header.starts_with(MAGIC) {
            return unsupported("this is not a QCOW2 image");
        }
        if header.len() < 72 {
            return damaged("it is truncated: it ends inside its header");
        }
        let file = length(input.as_mut())?;
        let version = be32(&header, 4);
        if !matches!(version, 2 | 3) {
            return unsupported(format!("QCOW2 version {version} is not supported"));
        }
        if version == 3 && header.len() < 104 {
            return damaged("it is truncated: it ends inside its header");
        }
        let features = if version == 3 { be64(&header, 72) } else { 0 };
        supported(&header, features)?;
        let cluster_bits = be32(&header, 20);
        if !(9..=21).contains(&cluster_bits) {
            return damaged(format!("clusters of 2^{cluster_bits} bytes"));
        }
        let extended = features & EXTENDED_L2 != 0;
        if extended && cluster_bits < 14 {
            return damaged(format!("extended entries for clusters of 2^{cluster_bits} bytes"));
        }
        let compression = match header.get(104) {
            Some(kind) if version == 3 && be32(&header, 100) > 104 => *kind,
            _ => 0,
        };
        let compression = match compression {
            0 => Compression::Deflate,
            1 if features & COMPRESSION_TYPE != 0 => Compression::Zstd,
            other => return unsupported(format!("the compression type {other} is not supported")),
        };
        let size = be64(&header, 24);
        if size == 0 {
            return unsupported("the image is empty");
        }
        if size > LARGEST {
            return unsupported(format!(
                "the image is for a disk of {size} bytes; the largest virtual disk of vSphere has 62 TiB"
            ));
        }
        let capacity = size.next_multiple_of(SECTOR);
        let covered = 1 << (2 * cluster_bits - if extended { 4 } else { 3 });
        let (needed, l1_size) = (capacity.div_ceil(covered), u64::from(be32(&header, 36)));
        if l1_size < needed || needed * 8 > LONGEST_L1 {
            return damaged(format!("a table of {l1_size} tables for a disk of {size} bytes"));
        }
        let (l1_at, l1_bytes) = (be64(&header, 40), needed * 8);
        if l1_at == 0 || !l1_at.is_multiple_of(1 << cluster_bits) {
            return damaged(format!("its table of tables is at {l1_at}"));
        }
        let l1 = Table::new("the table of tables", l1_at, l1_bytes, file)?;
        Ok(Qcow2 {
            input,
            file,
            capacity,
            cluster_bits,
            extended,
            compression,
            l1,
            l2: vec![],
            l2_index: None,
            unpacked: vec![],
            unpacked_from: None,
            packed: vec![],
        })
    }

    fn cluster(&self) -> u64 {
        1 << self.cluster_bits
    }

    fn entry_size(&self) -> u64 {
        if self.extended { 16 } else { 8 }
    }

    /// The number of entries of a table of the second level.
    fn entries(&self) -> u64 {
        self.cluster() / self.entry_size()
    }

    /// Where the table of the second level is; 0 if there is none.
    fn table_at(&mut self, index: u64) -> Result<u64> {
        let at = be64(self.l1.entry(self.input.as_mut(), index, 8)?, 0) & OFFSET;
        if !at.is_multiple_of(self.cluster()) {
            return damaged(format!("the table {index} is at {at}, which is not the beginning of a cluster"));
        }
        if at != 0 && at.checked_add(self.cluster()).is_none_or(|end| end > self.file) {
            return damaged(format!(
                "it is truncated: the table {index} at {at} ends behind the file of {} bytes",
                self.file
            ));
        }
        Ok(at)
    }

    /// Reads a table of the second level; false if there is none.
    fn load(&mut self, index: u64) -> Result<bool> {
        if self.l2_index == Some(index) {
            return Ok(true);
        }
        let at = self.table_at(index)?;
        if at == 0 {
            return Ok(false);
        }
        self.l2_index = None;
        self.l2.resize(usize::try_from(self.cluster()).unwrap_or_default(), 0);
        exact(self.input.as_mut(), at, &mut self.l2)?;
        self.l2_index = Some(index);
        Ok(true)
    }

    /// An entry of the table that is in memory.
    fn entry(&self, index: u64) -> Result<Cluster> {
        let at = usize::try_from(index * self.entry_size()).unwrap_or_default();
        let (entry, cluster) = (be64(&self.l2, at), self.cluster());
        let parts = if self.extended { be64(&self.l2, at + 8) } else { 0 };
        if entry & COMPRESSED != 0 {
            let bits = 62 - (self.cluster_bits - 8);
            let host = entry & ((1 << bits) - 1);
            let sectors = (entry & (COMPRESSED - 1)) >> bits;
            let most = (sectors + 1) * SECTOR - host % SECTOR;
            if parts != 0 {
                return damaged("a compressed cluster has parts");
            }
            if host >= self.file {
                return damaged(format!(
                    "it is truncated: a compressed cluster is at {host}, behind the file of {} bytes",
                    self.file
                ));
            }
            // The last sector need not be whole.
            return Ok(Cluster::Compressed(host, most.min(self.file - host)));
        }
        let host = entry & OFFSET;
        let data = if self.extended {
            let (data, zeros) = (parts as u32, (parts >> 32) as u32);
            if data & zeros != 0 {
                return damaged("a part of a cluster is data and zeros");
            }
            data
        } else if entry & ZERO != 0 || host == 0 {
            0
        } else {
            u32::MAX
        };
        if data == 0 {
            return Ok(Cluster::Zeros);
        }
        if host == 0 || !host.is_multiple_of(cluster) {
            return damaged(format!("a cluster is at {host}, which is not the beginning of a cluster"));
        }
        Ok(Cluster::Plain(host, data))
    }

    fn find(&mut self, at: u64) -> Result<Cluster> {
        let number = at >> self.cluster_bits;
        let (table, index) = (number / self.entries(), number % self.entries());
        if self.load(table)? { self.entry(index) } else { Ok(Cluster::Zeros) }
    }

    fn unpack(&mut self, from: Cluster, host: u64, bytes: u64) -> Result<()> {
        if self.unpacked_from == Some(from) {
            return Ok(());
        }
        self.unpacked_from = None;
        self.unpacked.resize(1 << self.cluster_bits, 0);
        self.packed.resize(usize::try_from(bytes).unwrap_or_default(), 0);
        exact(self.input.as_mut(), host, &mut self.packed)?;
        let unpacked = match self.compression {
            Compression::Deflate => DeflateDecoder::new(&self.packed[..]).read_exact(&mut self.unpacked),
            Compression::Zstd => zstd(&self.packed, &mut self.unpacked),
        };
        if let Err(e) = unpacked {
            return damaged(format!("the compressed cluster at {host} cannot be decompressed: {e}"));
        }
        self.unpacked_from = Some(from);
        Ok(())
    }

    /// The bytes of a cluster that are inside the disk.
    fn inside(&self, number: u64) -> u64 {
        self.cluster().min(self.capacity - (number << self.cluster_bits))
    }

    /// Where the data of a plain cluster ends.
    fn end(&self, number: u64, host: u64, parts: u32) -> u64 {
        let last = u64::from(32 - parts.leading_zeros()) * (self.cluster() / PARTS);
        let within = if self.extended { last } else { self.cluster() };
        host.saturating_add(within.min(self.inside(number)))
    }
}

/// Decompresses a cluster.
fn zstd(packed: &[u8], out: &mut [u8]) -> std::io::Result<()> {
    let bad = |e: String| std::io::Error::other(e);
    let decoder = ruzstd::decoding::StreamingDecoder::new_with_max_window_size(packed, WINDOW);
    let mut decoder = decoder.map_err(|e| bad(e.to_string()))?;
    decoder.read_exact(out)
}

/// Refuses features that are not supported.
fn supported(header: &[u8], features: u64) -> Result<()> {
    if be64(header, 8) != 0 {
        return unsupported(
            "the image has a backing file, and only holds the differences from it. Merge the two first: qemu-img convert -O \
             qcow2 IMAGE NEW_IMAGE",
        );
    }
    if be32(header, 32) != 0 {
        return unsupported("the image is encrypted. Decrypt it first: qemu-img convert");
    }
    if features & EXTERNAL_DATA != 0 {
        return unsupported(
            "the image has an external data file. Merge the two first: qemu-img convert -O qcow2 IMAGE NEW_IMAGE",
        );
    }
    if features & CORRUPT != 0 {
        return damaged("it is marked as corrupt. Repair it first: qemu-img check -r all IMAGE");
    }
    let unknown = features & !(DIRTY | CORRUPT | EXTERNAL_DATA | COMPRESSION_TYPE | EXTENDED_L2);
    if unknown != 0 {
        return unsupported(format!("the image has unknown features ({unknown:#x})"));
    }
    Ok(())
}

impl Disk for Qcow2 {
    fn format(&self) -> Format {
        Format::Qcow2
    }

    fn capacity(&self) -> u64 {
        self.capacity
    }

    fn check(&mut self) -> Result<u64> {
        let cluster = self.cluster();
        // Compressed clusters share the clusters of the file with each other, and with nothing else.
        let mut alone = Claims::new(self.file, cluster);
        let mut shared = Claims::new(self.file, cluster);
        alone.take("the header", 0, 1)?;
        alone.take("the table of tables", self.l1.at, self.l1.bytes)?;
        let (mut data, mut packed) = (0, 0_u64);
        let clusters = self.capacity.div_ceil(cluster);
        for table in 0..self.l1.bytes / 8 {
            let at = self.table_at(table)?;
            if at == 0 {
                continue;
            }
            alone.take("a table", at, cluster)?;
            if shared.is_owned(at, cluster) {
                return damaged(format!("the table {table} at {at} overlaps compressed data"));
            }
            self.load(table)?;
            for index in 0..self.entries() {
                let number = table * self.entries() + index;
                if number >= clusters {
                    break;
                }
                match self.entry(index)? {
                    Cluster::Zeros => {}
                    Cluster::Plain(host, parts) => {
                        let end = self.end(number, host, parts);
                        if end > self.file {
                            return damaged(format!(
                                "it is truncated: a cluster ends at {end}, behind the file of {} bytes",
                                self.file
                            ));
                        }
                        alone.take("a cluster", host, cluster)?;
                        if shared.is_owned(host, cluster) {
                            return damaged(format!("the cluster at {host} overlaps compressed data"));
                        }
                        data += self.inside(number);
                    }
                    Cluster::Compressed(host, bytes) => {
                        if alone.is_owned(host, bytes) {
                            return damaged(format!("the compressed cluster at {host} overlaps other data"));
                        }
                        shared.share(host, bytes);
                        // All but the last sector belong to it for sure.
                        packed += bytes.saturating_sub(SECTOR).max(1);
                        if packed > self.file {
                            return damaged("its compressed clusters overlap");
                        }
                        data += self.inside(number);
                    }
                }
            }
        }
        Ok(data)
    }

    fn hole(&mut self, at: u64) -> Result<u64> {
        let covered = self.entries() << self.cluster_bits;
        let mut end = at;
        while end < self.capacity {
            let number = end >> self.cluster_bits;
            let (table, index) = (number / self.entries(), number % self.entries());
            if !self.load(table)? {
                end = (table + 1) * covered;
            } else if self.entry(index)? == Cluster::Zeros {
                end = (number + 1) << self.cluster_bits;
            } else {
                break;
            }
        }
        Ok(end.min(self.capacity) - at)
    }

    fn read(&mut self, mut at: u64, mut buffer: &mut [u8]) -> Result<()> {
        while !buffer.is_empty() {
            let within = at % self.cluster();
            let from = self.find(at)?;
            let step = match from {
                Cluster::Plain(..) if self.extended => {
                    let part = self.cluster() / PARTS;
                    part - within % part
                }
                _ => self.cluster() - within,
            };
            let step = usize::try_from(step).unwrap_or(usize::MAX).min(buffer.len());
            let (out, rest) = std::mem::take(&mut buffer).split_at_mut(step);
            match from {
                Cluster::Plain(host, parts) => {
                    let part = within / (self.cluster() / PARTS);
                    if parts & (1 << part) == 0 {
                        out.fill(0);
                    } else {
                        exact(self.input.as_mut(), host + within, out)?;
                    }
                }
                Cluster::Zeros => out.fill(0),
                Cluster::Compressed(host, bytes) => {
                    self.unpack(from, host, bytes)?;
                    let start = usize::try_from(within).unwrap_or_default();
                    out.copy_from_slice(&self.unpacked[start..start + step]);
                }
            }
            at += step as u64;
            buffer = rest;
        }
        Ok(())
    }
}
