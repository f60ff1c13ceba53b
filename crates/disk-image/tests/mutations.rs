//! Images with random changes: whatever they contain, the result is a disk or an error, and takes no longer than it should.
//!
//! `DISK_IMAGE_SECONDS` sets how long it runs; two seconds otherwise.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use std::time::{Duration, Instant};

use common::{Cluster, Qcow2, Random, converted, open, sparse_vmdk};
use disk_image::Error;

/// Small images of all kinds.
fn corpus() -> Vec<Vec<u8>> {
    let mut random = Random(5);
    let mut out = vec![];
    for (version, bits) in [(2, 9), (3, 9), (3, 12), (2, 16)] {
        let size = 1 << bits;
        let clusters = vec![
            Cluster::Data(random.bytes(size)),
            Cluster::Hole,
            Cluster::Data(vec![7; size]),
            Cluster::Deflated(vec![8; size]),
            Cluster::Deflated(random.bytes(size / 2)),
        ];
        out.push(Qcow2::new(version, bits, clusters).make().0);
    }
    let mut extended = Qcow2::new(3, 14, vec![Cluster::Data(random.bytes(1 << 14)); 2]);
    extended.features = 1 << 4;
    out.push(extended.make().0);
    let (sparse, _) = sparse_vmdk(8, 8 * 20, &[Some(random.bytes(4096)), None, Some(vec![1; 4096])]);
    out.push(converted(sparse.clone(), None).unwrap());
    out.push(sparse);
    out
}

/// Changes some bytes; those of headers and tables more often than data.
fn mutate(random: &mut Random, image: &[u8]) -> Vec<u8> {
    let mut out = image.to_vec();
    for _ in 0..=random.below(4) {
        let end = if random.below(3) == 0 { out.len() as u64 } else { 120 };
        let at = random.below(end.min(out.len() as u64)) as usize;
        match random.below(6) {
            0 => out.truncate(at.max(1)),
            1 => out[at] = random.next() as u8,
            2 => out[at] ^= 1 << random.below(8),
            3 => out[at] = [0, 1, 127, 128, 255][random.below(5) as usize],
            4 => {
                let length = out.len();
                let (from, to) = (random.below(length as u64) as usize, at);
                let count = (random.below(16) as usize + 1).min(length - from).min(length - to);
                out.copy_within(from..from + count, to);
            }
            _ => {
                // An entry of a table that refers to any place.
                let at = at & !7;
                if let Some(entry) = out.get_mut(at..at + 8) {
                    entry.copy_from_slice(&(random.below(1 << 17) & !0x1ff).to_be_bytes());
                }
            }
        }
    }
    out
}

#[test]
fn no_image_makes_the_reader_panic() {
    let seconds = std::env::var("DISK_IMAGE_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(2);
    let until = Instant::now() + Duration::from_secs(seconds);
    let (corpus, mut random) = (corpus(), Random(0x5eed));
    let (mut good, mut bad) = (0_u64, 0_u64);
    while Instant::now() < until {
        let number = random.below(corpus.len() as u64) as usize;
        let image = mutate(&mut random, &corpus[number]);
        let start = Instant::now();
        match run(&image) {
            Ok(()) => good += 1,
            Err(Error::Read(e)) => panic!("an image in memory cannot be read: {e}"),
            Err(_) => bad += 1,
        }
        assert!(start.elapsed() < Duration::from_secs(20), "image {number} took {:?}", start.elapsed());
    }
    assert!(good > 0 && bad > 0, "{good} good, {bad} bad");
}

/// Converts an image, but no more than a part of what a large capacity would make of it.
fn run(image: &[u8]) -> Result<(), Error> {
    let mut disk = open(image.to_vec(), None)?;
    disk.check()?;
    let one = std::num::NonZero::new(1);
    let mut written = 0;
    let done = disk_image::convert(disk.as_mut(), one, &mut |bytes, _| {
        written += bytes.len();
        if written > 8 << 20 { Err(Error::Stopped) } else { Ok(()) }
    });
    match done {
        Err(Error::Stopped) => Ok(()),
        done => done.map(drop),
    }
}
