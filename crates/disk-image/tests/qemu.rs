//! Images that `qemu-img` makes, and what it reads of converted ones: byte by byte the same. Without it, nothing is tested.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on has failed")]

mod common;

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::Command;

use common::Random;

fn qemu(args: &[&str]) {
    let out = Command::new("qemu-img").args(args).output().unwrap();
    assert!(out.status.success(), "qemu-img {args:?}: {}", String::from_utf8_lossy(&out.stderr));
}

/// A disk of 70 MiB and 3 sectors: random bytes, text, zeros and holes.
fn disk(path: &Path) {
    let mut file = File::create(path).unwrap();
    file.set_len((70 << 20) + 3 * 512).unwrap();
    let mut random = Random(11);
    let mut put = |at: u64, bytes: &[u8]| {
        file.seek(SeekFrom::Start(at)).unwrap();
        file.write_all(bytes).unwrap();
    };
    put(0, &random.bytes(300_000));
    put(5 << 20, "The quick brown fox. ".repeat(200_000).as_bytes());
    put(20 << 20, &vec![0; 1 << 20]);
    for _ in 0..40 {
        let (at, length) = (random.below(69 << 20), random.below(9000) as usize + 1);
        put(at, &random.bytes(length));
    }
    put((70 << 20) + 1000, &[1; 24]);
}

#[test]
fn images_of_qemu_are_converted_byte_by_byte() {
    if Command::new("qemu-img").arg("--version").output().is_err() {
        eprintln!("qemu-img is not installed: not tested");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let raw = path("disk.raw");
    disk(raw.as_ref());
    let kinds: [(&str, &[&str]); 16] = [
        ("raw", &["-O", "raw"]),
        ("v2", &["-O", "qcow2", "-o", "compat=0.10"]),
        ("v3", &["-O", "qcow2"]),
        ("512", &["-O", "qcow2", "-o", "cluster_size=512"]),
        ("2M", &["-O", "qcow2", "-o", "cluster_size=2M"]),
        ("2M-c", &["-O", "qcow2", "-c", "-o", "cluster_size=2M"]),
        ("512-c", &["-O", "qcow2", "-c", "-o", "cluster_size=512"]),
        ("zlib", &["-O", "qcow2", "-c"]),
        ("zstd", &["-O", "qcow2", "-c", "-o", "compression_type=zstd"]),
        ("zstd-2M", &["-O", "qcow2", "-c", "-o", "compression_type=zstd,cluster_size=2M"]),
        ("lazy", &["-O", "qcow2", "-o", "lazy_refcounts=on,refcount_bits=1"]),
        ("metadata", &["-O", "qcow2", "-o", "preallocation=metadata"]),
        ("extended", &["-O", "qcow2", "-o", "extended_l2=on"]),
        ("extended-c", &["-O", "qcow2", "-c", "-o", "extended_l2=on,cluster_size=128k"]),
        ("sparse", &["-O", "vmdk"]),
        ("stream", &["-O", "vmdk", "-o", "subformat=streamOptimized"]),
    ];
    for (name, args) in kinds {
        let (image, vmdk) = (path(name), path("out.vmdk"));
        qemu(&[&["convert", "-f", "raw"], args, &[raw.as_str(), image.as_str()]].concat());
        let mut from = disk_image::open(Box::new(File::open(&image).unwrap()), None).unwrap();
        from.check().unwrap_or_else(|e| panic!("{name}: {e}"));
        let mut to = File::create(&vmdk).unwrap();
        let done = disk_image::convert(from.as_mut(), None, &mut |bytes, _| Ok(to.write_all(&bytes)?));
        done.unwrap_or_else(|e| panic!("{name}: {e}"));
        qemu(&["compare", "-f", "raw", "-F", "vmdk", &raw, &vmdk]);
        let written = disk_image::open(Box::new(File::open(&vmdk).unwrap()), None).unwrap();
        assert_eq!(written.capacity(), (70 << 20) + 3 * 512);
        qemu(&["check", "-f", "vmdk", &vmdk]);
    }
    // What was written again after a snapshot, and zeros over data.
    let image = path("snapshot.qcow2");
    qemu(&["convert", "-O", "qcow2", &raw, &image]);
    qemu(&["snapshot", "-c", "one", &image]);
    let mut from = disk_image::open(Box::new(File::open(&image).unwrap()), None).unwrap();
    from.check().unwrap();
    // A backing file.
    let image = path("overlay.qcow2");
    qemu(&["create", "-f", "qcow2", "-b", &raw, "-F", "raw", &image]);
    let refused = disk_image::open(Box::new(File::open(&image).unwrap()), None).err().unwrap();
    assert!(refused.to_string().contains("backing file"));
    let image = path("flat.vmdk");
    qemu(&["convert", "-O", "vmdk", "-o", "subformat=monolithicFlat", &raw, &image]);
    let refused = disk_image::open(Box::new(File::open(&image).unwrap()), None).err().unwrap();
    assert!(refused.to_string().contains("only the descriptor"));
}
