//! Images that are made by hand, converted and read back.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::{Cluster, Qcow2, Random, converted, open, sparse_vmdk, unstreamed};
use disk_image::{Error, Format};

/// Clusters of all kinds, holes among them.
fn clusters(random: &mut Random, bits: u32, count: usize, has_zeros: bool) -> Vec<Cluster> {
    let size = 1 << bits;
    // Compressed ones are at the end: in the file, they are not beside others.
    let mut out: Vec<_> = (0..count)
        .map(|n| match random.below(4) {
            0 => Cluster::Data(random.bytes(size)),
            1 if has_zeros => Cluster::Zeros,
            2 => Cluster::Data(vec![n as u8; size]),
            _ => Cluster::Hole,
        })
        .collect();
    for n in 0..count / 2 {
        out.push(match n % 3 {
            0 => Cluster::Deflated(vec![n as u8 + 1; size / 2]),
            1 => Cluster::Deflated(random.bytes(size)),
            _ => Cluster::Hole,
        });
    }
    out
}

#[test]
fn qcow2_of_all_cluster_sizes_is_converted() {
    let mut random = Random(7);
    for version in [2, 3] {
        for bits in [9, 10, 12, 16, 17, 21] {
            let count = if bits < 13 { 300 } else { 12 };
            let mut image = Qcow2::new(version, bits, clusters(&mut random, bits, count, version == 3));
            // One table, so that what is compressed stays apart.
            image.clusters.truncate((1 << bits) / 8);
            image.size = (image.clusters.len() as u64) << bits;
            for size in [image.size, image.size - 512] {
                let (file, disk) = Qcow2 { size, ..image.clone() }.make();
                let vmdk = converted(file, None).unwrap();
                assert!(unstreamed(&vmdk) == disk, "version {version}, clusters of 2^{bits}");
                assert!(unstreamed(&converted(vmdk, None).unwrap()) == disk);
            }
        }
    }
}

#[test]
fn holes_between_tables_are_skipped() {
    let mut clusters = vec![Cluster::Hole; 64 * 5];
    clusters[0] = Cluster::Data(vec![1; 512]);
    clusters[64 * 4 + 63] = Cluster::Data(vec![2; 512]);
    let (file, disk) = Qcow2::new(3, 9, clusters).make();
    let mut image = open(file.clone(), None).unwrap();
    assert_eq!(image.hole(512).unwrap(), (64 * 5 - 2) * 512);
    assert_eq!((image.hole(0).unwrap(), image.check().unwrap()), (0, 1024));
    assert!(unstreamed(&converted(file, None).unwrap()) == disk);
}

#[test]
fn zstd_clusters_are_decompressed() {
    // A frame with one raw block, which needs no encoder: magic, descriptor (single segment, 4 bytes of size), size, block.
    let data = Random(3).bytes(4096);
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0xa0];
    frame.extend_from_slice(&4096_u32.to_le_bytes());
    frame.extend_from_slice(&(1 | (4096_u32 << 3)).to_le_bytes()[..3]);
    frame.extend_from_slice(&data);
    let clusters = vec![Cluster::Hole, Cluster::Packed(frame, data)];
    let image = Qcow2 { compression: 1, features: 1 << 3, ..Qcow2::new(3, 12, clusters) };
    let (file, disk) = image.make();
    assert!(unstreamed(&converted(file, None).unwrap()) == disk);
}

#[test]
fn a_sparse_vmdk_is_converted() {
    let mut random = Random(9);
    for grain in [8, 128] {
        let grains: Vec<_> =
            (0..40).map(|n| (n % 3 == 0).then(|| random.bytes(grain as usize * 512))).collect();
        let (file, disk) = sparse_vmdk(grain, grain * 40 - 3, &grains);
        assert_eq!(open(file.clone(), None).unwrap().format(), Format::Vmdk);
        assert!(unstreamed(&converted(file, None).unwrap()) == disk);
    }
}

#[test]
fn a_raw_image_is_padded_to_a_sector() {
    let mut disk = vec![0; 3 << 20];
    disk[2 << 20..].fill(5);
    disk.extend_from_slice(&[6; 100]);
    let vmdk = converted(disk.clone(), None).unwrap();
    disk.resize((3 << 20) + 512, 0);
    assert!(unstreamed(&vmdk) == disk);
    assert!(vmdk.len() < 100_000, "zeros are left out: {}", vmdk.len());
}

#[test]
fn a_file_with_holes_is_read_at_its_data() {
    use std::io::{Seek as _, SeekFrom, Write as _};
    let mut file = tempfile::tempfile().unwrap();
    file.set_len(1 << 40).unwrap();
    file.seek(SeekFrom::Start(700 << 30)).unwrap();
    file.write_all(&[1; 100]).unwrap();
    let mut disk = disk_image::open(Box::new(file), None).unwrap();
    let mut length = 0;
    let written = disk_image::convert(disk.as_mut(), None, &mut |bytes, _| {
        length += bytes.len() as u64;
        Ok(())
    });
    assert_eq!(written.unwrap().written, length);
    assert!(length < 1 << 20, "{length}");
}

#[test]
fn a_receiver_ends_the_conversion() {
    let mut disk = open(Random(1).bytes(4 << 20), Some(Format::Raw)).unwrap();
    let mut count = 0;
    let result = disk_image::convert(disk.as_mut(), None, &mut |_, _| {
        count += 1;
        if count == 3 { Err(Error::Stopped) } else { Ok(()) }
    });
    assert!(matches!(result, Err(Error::Stopped)) && count == 3);
}

/// An image with one thing changed in its header or tables.
fn with(bits: u32, change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let size = 1 << bits;
    let clusters =
        vec![Cluster::Data(vec![1; size]), Cluster::Data(vec![2; size]), Cluster::Deflated(vec![3; 9])];
    let (mut file, _) = Qcow2::new(3, bits, clusters).make();
    change(&mut file);
    file
}

#[test]
fn what_is_not_supported_says_why() {
    let put = |at: usize, bytes: &'static [u8]| {
        move |f: &mut Vec<u8>| f[at..at + bytes.len()].copy_from_slice(bytes)
    };
    for (change, said) in [
        (Box::new(put(8, &[0, 0, 0, 0, 0, 0, 2])) as Box<dyn Fn(&mut Vec<u8>)>, "backing file"),
        (Box::new(put(32, &[0, 0, 0, 2])), "encrypted"),
        (Box::new(put(79, &[4])), "external data file"),
        (Box::new(put(79, &[2])), "qemu-img check"),
        (Box::new(put(79, &[128])), "unknown features (0x80)"),
        (Box::new(put(4, &[0, 0, 0, 4])), "version 4"),
        (Box::new(put(4, &[0, 0, 0, 1])), "version 1"),
        (Box::new(put(104, &[1])), "compression type 1"),
        (Box::new(put(24, &[0; 8])), "empty"),
        (Box::new(put(24, &[1])), "62 TiB"),
    ] {
        let error = converted(with(12, change), None).err().unwrap().to_string();
        assert!(error.contains(said), "{said}: {error}");
    }
    for (first, said) in [
        (&b"\x1f\x8b\x08"[..], "gzip"),
        (b"\xfd7zXZ\0", "xz"),
        (b"vhdxfile", "VHDX"),
        (b"<!DOCTYPE html>", "HTML page"),
        (b"# Disk DescriptorFile\nversion=1", "only the descriptor of a VMDK"),
        (b"COWD\x01", "sparse extent of ESXi"),
        (b"", "empty"),
    ] {
        let error = converted(first.to_vec(), None).err().unwrap();
        assert!(matches!(&error, Error::Unsupported(text) if text.contains(said)), "{said}: {error}");
    }
    assert!(converted(b"<!DOCTYPE html>".to_vec(), Some(Format::Raw)).is_ok());
    let wrong = converted(vec![1; 2048], Some(Format::Qcow2)).err().unwrap();
    assert!(wrong.to_string().contains("not a QCOW2"));
}

#[test]
fn damage_is_found_before_anything_is_converted() {
    // Header in cluster 0, the list of tables in 1, the table in 2, data in 3 and 4, compressed data in 5.
    let entry = |index: usize, value: u64| {
        move |f: &mut Vec<u8>| {
            f[2 * 4096 + index * 8..2 * 4096 + index * 8 + 8].copy_from_slice(&value.to_be_bytes())
        }
    };
    let list = |value: u64| move |f: &mut Vec<u8>| f[4096..4104].copy_from_slice(&value.to_be_bytes());
    for (change, said) in [
        (Box::new(entry(1, 3 * 4096)) as Box<dyn Fn(&mut Vec<u8>)>, "a cluster at 12288 overlaps"),
        (Box::new(entry(1, 4096)), "a cluster at 4096 overlaps"),
        (Box::new(entry(1, 2 * 4096)), "a cluster at 8192 overlaps"),
        (Box::new(entry(1, 3 * 4096 + 512)), "not the beginning of a cluster"),
        (Box::new(entry(1, 1 << 40)), "truncated"),
        (Box::new(entry(1, (1 << 62) | (3 * 4096))), "overlaps"),
        (Box::new(entry(2, (1 << 62) | (1 << 50))), "truncated"),
        (Box::new(list(4096)), "overlaps"),
        (Box::new(list(0x1200)), "not the beginning of a cluster"),
        (Box::new(list(1 << 40)), "truncated"),
        (Box::new(|f: &mut Vec<u8>| f.truncate(4096 * 4 + 100)), "truncated"),
        (Box::new(|f: &mut Vec<u8>| f.truncate(50)), "truncated"),
        (Box::new(|f: &mut Vec<u8>| f[36..40].fill(0)), "a table of 0 tables"),
        (Box::new(|f: &mut Vec<u8>| f[40..48].fill(255)), "its table of tables"),
        (Box::new(|f: &mut Vec<u8>| f[23] = 60), "clusters of 2^60"),
    ] {
        let mut disk = match open(with(12, change), None) {
            Ok(disk) => disk,
            Err(e) => {
                assert!(e.to_string().contains(said), "{said}: {e}");
                continue;
            }
        };
        let error = disk.check().unwrap_err();
        assert!(matches!(&error, Error::Damaged(text) if text.contains(said)), "{said}: {error}");
    }
    // Only decompression shows it.
    let error = converted(with(12, |f| f[5 * 4096..].fill(255)), None).err().unwrap();
    assert!(error.to_string().contains("cannot be decompressed"), "{error}");
}

#[test]
fn a_damaged_vmdk_says_so() {
    let grains = [Some(vec![1; 65_536]), Some(vec![2; 65_536])];
    let (file, _) = sparse_vmdk(128, 256, &grains);
    let change = |f: &dyn Fn(&mut Vec<u8>)| {
        let mut file = file.clone();
        f(&mut file);
        converted(file, None).err().unwrap().to_string()
    };
    let tables = 22 * 512;
    for (error, said) in [
        (change(&|f| f.truncate(70_000)), "truncated"),
        (change(&|f| f.copy_within(tables..tables + 4, tables + 4)), "overlaps"),
        (change(&|f| f[tables] = 21), "overlaps"),
        (change(&|f| f[20] = 7), "grains of 7 sectors"),
        (change(&|f| f[44..48].fill(255)), "tables of 4294967295 grains"),
        (change(&|f| f[18] = 255), "62 TiB"),
        (change(&|f| f[56..64].fill(255)), "its footer is missing"),
        (change(&|f| f[10] = 255), "unknown features"),
        (change(&|f| f[512 + 48..512 + 56].copy_from_slice(b"12345678")), "parent disk"),
    ] {
        assert!(error.contains(said), "{said}: {error}");
    }
    let stream = converted(file.clone(), None).unwrap();
    for (cut, said) in [(stream.len() - 512, "footer"), (stream.len() / 2, "footer"), (100, "header")] {
        let error = converted(stream[..cut].to_vec(), None).err().unwrap().to_string();
        assert!(error.contains(said), "{cut}: {error}");
    }
    let mut wrong = stream.clone();
    wrong[128 * 512] = 1;
    assert!(converted(wrong, None).err().unwrap().to_string().contains("is for sector 1"));
    let mut wrong = stream;
    wrong[128 * 512 + 14] ^= 255;
    assert!(converted(wrong, None).err().unwrap().to_string().contains("decompressed"));
}
