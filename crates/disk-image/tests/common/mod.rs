//! Images made by hand, and a reader of stream-optimized VMDK that shares no code with the crate.
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test uses a part; a test that cannot go on has failed"
)]

use std::io::{Cursor, Read as _, Write as _};

use disk_image::{Disk, Error, Format};

/// Numbers that look random and are the same in each run.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
    }
}

/// What a cluster of a QCOW2 is made of.
#[derive(Clone)]
pub enum Cluster {
    Hole,
    Zeros,
    Data(Vec<u8>),
    Deflated(Vec<u8>),
    /// Already compressed, with what it is decompressed to.
    Packed(Vec<u8>, Vec<u8>),
}

/// A QCOW2 to be made.
#[derive(Clone)]
pub struct Qcow2 {
    pub version: u32,
    pub bits: u32,
    pub compression: u8,
    pub features: u64,
    /// Less than the clusters hold: the disk ends inside the last one.
    pub size: u64,
    pub clusters: Vec<Cluster>,
}

impl Qcow2 {
    pub fn new(version: u32, bits: u32, clusters: Vec<Cluster>) -> Qcow2 {
        Qcow2 { version, bits, compression: 0, features: 0, size: (clusters.len() as u64) << bits, clusters }
    }

    /// The file, and the bytes of the disk.
    pub fn make(&self) -> (Vec<u8>, Vec<u8>) {
        let cluster = 1_usize << self.bits;
        let per_table = cluster / 8;
        let tables = self.clusters.len().div_ceil(per_table);
        let mut file = vec![0; cluster];
        let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, b"QFI\xfb");
        put(4, &self.version.to_be_bytes());
        put(20, &self.bits.to_be_bytes());
        put(24, &self.size.to_be_bytes());
        put(36, &(tables as u32).to_be_bytes());
        put(40, &(cluster as u64).to_be_bytes());
        if self.version == 3 {
            put(72, &self.features.to_be_bytes());
            put(96, &4_u32.to_be_bytes());
            put(100, &112_u32.to_be_bytes());
            put(104, &[self.compression]);
        }
        let l1_at = cluster;
        file.resize(l1_at + (tables * 8).next_multiple_of(cluster), 0);
        let mut disk = vec![];
        for (n, group) in self.clusters.chunks(per_table).enumerate() {
            if group.iter().all(|c| matches!(c, Cluster::Hole)) {
                disk.resize(disk.len() + group.len() * cluster, 0);
                continue;
            }
            let table = file.len();
            file[l1_at + n * 8..l1_at + n * 8 + 8].copy_from_slice(&(table as u64 | (1 << 63)).to_be_bytes());
            file.resize(table + cluster, 0);
            for (index, c) in group.iter().enumerate() {
                let entry: u64 = match c {
                    Cluster::Hole => 0,
                    Cluster::Zeros => 1,
                    Cluster::Data(data) => {
                        let at = file.len().next_multiple_of(cluster);
                        file.resize(at, 0);
                        file.extend_from_slice(data);
                        file.resize(at + cluster, 0);
                        at as u64 | (1 << 63)
                    }
                    Cluster::Deflated(data) => {
                        let mut whole = data.clone();
                        whole.resize(cluster, 0);
                        let mut deflater =
                            flate2::write::DeflateEncoder::new(vec![], flate2::Compression::default());
                        deflater.write_all(&whole).unwrap();
                        self.packed(&mut file, &deflater.finish().unwrap())
                    }
                    Cluster::Packed(packed, _) => self.packed(&mut file, packed),
                };
                let at = table + index * 8;
                file[at..at + 8].copy_from_slice(&entry.to_be_bytes());
                let from = disk.len();
                match c {
                    Cluster::Data(data) | Cluster::Deflated(data) | Cluster::Packed(_, data) => {
                        disk.extend_from_slice(data);
                    }
                    _ => {}
                }
                disk.resize(from + cluster, 0);
            }
        }
        disk.truncate(self.size as usize);
        (file, disk)
    }

    /// Compressed clusters follow each other without padding, in clusters of the file that have nothing else.
    fn packed(&self, file: &mut Vec<u8>, data: &[u8]) -> u64 {
        let at = file.len();
        file.extend_from_slice(data);
        let shift = 62 - (self.bits - 8);
        let sectors = (at % 512 + data.len()).div_ceil(512) as u64 - 1;
        at as u64 | (sectors << shift) | (1 << 62)
    }
}

/// A monolithic sparse VMDK of grains; nothing is a hole.
pub fn sparse_vmdk(grain_sectors: u64, sectors: u64, grains: &[Option<Vec<u8>>]) -> (Vec<u8>, Vec<u8>) {
    let tables = sectors.div_ceil(grain_sectors * 512);
    let directory_at = 21;
    let mut file = vec![0_u8; 512];
    let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"KDMV");
    put(4, &1_u32.to_le_bytes());
    put(8, &1_u32.to_le_bytes());
    put(12, &sectors.to_le_bytes());
    put(20, &grain_sectors.to_le_bytes());
    put(28, &1_u64.to_le_bytes());
    put(36, &20_u64.to_le_bytes());
    put(44, &512_u32.to_le_bytes());
    put(56, &(directory_at as u64).to_le_bytes());
    put(64, &128_u64.to_le_bytes());
    put(73, b"\n \r\n");
    file.extend_from_slice(
        format!("# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType=\"monolithicSparse\"\nRW {sectors} SPARSE \"a.vmdk\"\n")
            .as_bytes(),
    );
    let tables_at = directory_at + (tables as usize * 4).div_ceil(512);
    file.resize(tables_at * 512 + tables as usize * 2048, 0);
    for table in 0..tables as usize {
        let at = directory_at * 512 + table * 4;
        file[at..at + 4].copy_from_slice(&((tables_at + table * 4) as u32).to_le_bytes());
    }
    let grain = grain_sectors as usize * 512;
    let mut disk = vec![0; sectors as usize * 512];
    for (n, data) in grains.iter().enumerate() {
        let Some(data) = data else { continue };
        let at = file.len().next_multiple_of(grain);
        file.resize(at, 0);
        file.extend_from_slice(data);
        file.resize(at + grain, 0);
        let entry = tables_at * 512 + n * 4;
        file[entry..entry + 4].copy_from_slice(&((at / 512) as u32).to_le_bytes());
        let end = (n * grain + data.len()).min(disk.len());
        disk[n * grain..end].copy_from_slice(&data[..end - n * grain]);
    }
    (file, disk)
}

pub fn open(file: Vec<u8>, format: Option<Format>) -> Result<Box<dyn Disk>, Error> {
    disk_image::open(Box::new(Cursor::new(file)), format)
}

/// Opens, checks and converts.
pub fn converted(file: Vec<u8>, format: Option<Format>) -> Result<Vec<u8>, Error> {
    let mut disk = open(file, format)?;
    disk.check()?;
    let mut out = vec![];
    disk_image::convert(disk.as_mut(), None, &mut |bytes, _| {
        out.extend_from_slice(&bytes);
        Ok(())
    })?;
    Ok(out)
}

fn le(bytes: &[u8], at: usize, count: usize) -> u64 {
    bytes[at..at + count].iter().rev().fold(0, |all, b| (all << 8) | u64::from(*b))
}

/// The disk of a stream-optimized VMDK, read from front to back as a server does; the tables must agree with the grains.
pub fn unstreamed(vmdk: &[u8]) -> Vec<u8> {
    assert_eq!(&vmdk[..4], b"KDMV");
    assert_eq!((le(vmdk, 4, 4), le(vmdk, 8, 4)), (3, 0x30001));
    let (capacity, grain, overhead) =
        (le(vmdk, 12, 8) as usize, le(vmdk, 20, 8) as usize, le(vmdk, 64, 8) as usize);
    assert_eq!(le(vmdk, 56, 8), u64::MAX);
    assert_eq!(&vmdk[73..77], b"\n \r\n");
    assert_eq!(le(vmdk, 77, 2), 1);
    let mut disk = vec![0; capacity * 512];
    let mut places = std::collections::BTreeMap::new();
    let mut tables = std::collections::BTreeMap::new();
    let mut directory_at = 0;
    let mut at = overhead * 512;
    let mut pending: Vec<usize> = vec![];
    let mut last = None;
    loop {
        let (sector, size) = (le(vmdk, at, 8) as usize, le(vmdk, at + 8, 4) as usize);
        if size > 0 {
            assert!(last.is_none_or(|l| l < sector), "grains are in order");
            last = Some(sector);
            let mut data = vec![];
            flate2::read::ZlibDecoder::new(&vmdk[at + 12..at + 12 + size]).read_to_end(&mut data).unwrap();
            assert!(data.len() <= grain * 512 && data.iter().any(|b| *b != 0));
            disk[sector * 512..sector * 512 + data.len()].copy_from_slice(&data);
            places.insert(sector / grain, at / 512);
            pending.push(sector / grain);
            at += (12 + size).next_multiple_of(512);
            continue;
        }
        let kind = le(vmdk, at + 12, 4);
        at += 512;
        match kind {
            0 => break,
            1 => {
                let table = pending[0] / 512;
                for entry in 0..512 {
                    let place = le(vmdk, at + entry * 4, 4) as usize;
                    assert_eq!(places.get(&(table * 512 + entry)).copied().unwrap_or(0), place);
                }
                tables.insert(table, at / 512);
                pending.clear();
            }
            2 => directory_at = at / 512,
            3 => {
                assert_eq!(le(vmdk, at + 56, 8) as usize, directory_at);
                assert_eq!(vmdk[at..at + 56], vmdk[..56]);
            }
            other => panic!("a marker {other}"),
        }
        at += sector * 512;
    }
    assert_eq!(at, vmdk.len());
    for table in 0..capacity.div_ceil(grain * 512) {
        let place = le(vmdk, directory_at * 512 + table * 4, 4) as usize;
        assert_eq!(tables.get(&table).copied().unwrap_or(0), place);
    }
    disk
}
