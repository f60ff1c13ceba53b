//! The conversion: one thread reads and writes in order, and as many as there are processors compress.

use std::collections::VecDeque;
use std::num::NonZero;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};

use flate2::{Compress, Compression, FlushCompress, Status};

use crate::stream::{GRAIN, StreamWriter};
use crate::{Disk, Error, Result};

/// What is read at a time: grains that are compressed by one thread.
const BATCH: u64 = 4 * GRAIN;
/// More threads would wait for the one that reads.
const MOST_THREADS: usize = 16;
/// How much is written at a time.
const CHUNK: usize = 256 << 10;
/// The level of zlib: what is saved beyond it takes much longer.
const LEVEL: u32 = 3;

/// What was converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Converted {
    /// The bytes of the VMDK.
    pub written: u64,
}

/// Grains to compress.
struct Job {
    /// The index of the first grain.
    first: u64,
    data: Vec<u8>,
    done: SyncSender<Packed>,
}

/// Compressed grains, and a buffer that can be used again.
struct Packed {
    grains: Vec<(u64, std::ops::Range<usize>)>,
    bytes: Vec<u8>,
    buffer: Vec<u8>,
}

/// Converts an image to a stream-optimized VMDK. `write` gets the VMDK from front to back, with the position on the disk
/// up to which it has been converted, and can end the conversion with an error.
///
/// # Errors
/// Those of the image, and of `write`.
pub fn convert(
    disk: &mut dyn Disk,
    threads: Option<NonZero<usize>>,
    write: &mut dyn FnMut(Vec<u8>, u64) -> Result<()>,
) -> Result<Converted> {
    let threads = threads
        .or_else(|| std::thread::available_parallelism().ok())
        .map_or(1, NonZero::get)
        .min(MOST_THREADS);
    let (jobs, waiting) = channel::<Job>();
    let waiting = Arc::new(Mutex::new(waiting));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let waiting = waiting.clone();
            scope.spawn(move || work(&waiting));
        }
        // Its end closes the channel, which ends the threads.
        let jobs = jobs;
        drive(disk, &jobs, 2 * threads, write)
    })
}

fn work(waiting: &Mutex<Receiver<Job>>) {
    let mut packer = Compress::new(Compression::new(LEVEL), true);
    loop {
        let job = match waiting.lock() {
            Ok(waiting) => waiting.recv(),
            Err(_) => return,
        };
        let Ok(job) = job else { return };
        let packed = pack(&mut packer, job.first, job.data);
        // After an error, the receiver no longer exists.
        let _ = job.done.send(packed);
    }
}

/// Compresses the grains that are not zeros.
fn pack(packer: &mut Compress, first: u64, data: Vec<u8>) -> Packed {
    let mut out = Packed { grains: vec![], bytes: Vec::with_capacity(data.len() / 2), buffer: vec![] };
    for (index, grain) in (first..).zip(data.chunks(GRAIN as usize)) {
        if is_zeros(grain) {
            continue;
        }
        let start = out.bytes.len();
        packer.reset();
        loop {
            let taken = usize::try_from(packer.total_in()).unwrap_or(grain.len()).min(grain.len());
            // `compress_vec` writes into the spare capacity only.
            out.bytes.reserve(GRAIN as usize / 2);
            match packer.compress_vec(&grain[taken..], &mut out.bytes, FlushCompress::Finish) {
                Ok(Status::StreamEnd) => break,
                Ok(Status::Ok | Status::BufError) => {}
                // Only decompression has other errors.
                Err(_) => break,
            }
        }
        out.grains.push((index, start..out.bytes.len()));
    }
    out.buffer = data;
    out
}

fn is_zeros(bytes: &[u8]) -> bool {
    // In blocks, which the compiler compares many bytes at a time.
    bytes.chunks(4096).all(|block| block.iter().fold(0, |all, b| all | b) == 0)
}

/// Reads batches, and writes what has been compressed, in order.
fn drive(
    disk: &mut dyn Disk,
    jobs: &Sender<Job>,
    ahead: usize,
    write: &mut dyn FnMut(Vec<u8>, u64) -> Result<()>,
) -> Result<Converted> {
    let capacity = disk.capacity();
    let mut writer = StreamWriter::new(capacity)?;
    let mut out = Vec::with_capacity(2 * CHUNK);
    let mut written = 0;
    let mut send = |out: &mut Vec<u8>, at: u64| {
        written += out.len() as u64;
        write(std::mem::replace(out, Vec::with_capacity(2 * CHUNK)), at)
    };
    writer.begin(&mut out);
    send(&mut out, 0)?;
    let mut pending: VecDeque<(u64, Receiver<Packed>)> = VecDeque::new();
    let mut spare: Vec<Vec<u8>> = vec![];
    let mut at = 0;
    loop {
        while at < capacity && pending.len() < ahead {
            // Only whole grains are left out.
            at += disk.hole(at)? / GRAIN * GRAIN;
            if capacity - at < GRAIN && disk.hole(at)? >= capacity - at {
                at = capacity;
            }
            if at >= capacity {
                break;
            }
            let length = BATCH.min(capacity - at);
            let mut data = spare.pop().unwrap_or_default();
            data.resize(usize::try_from(length).unwrap_or_default(), 0);
            disk.read(at, &mut data)?;
            let (done, packed) = sync_channel(1);
            jobs.send(Job { first: at / GRAIN, data, done }).map_err(|_| Error::Stopped)?;
            at += length;
            pending.push_back((at, packed));
        }
        let Some((end, packed)) = pending.pop_front() else { break };
        let packed = packed.recv().map_err(|_| Error::Stopped)?;
        for (index, range) in packed.grains {
            writer.grain(index, &packed.bytes[range], &mut out)?;
        }
        spare.push(packed.buffer);
        if out.len() >= CHUNK {
            send(&mut out, end)?;
        }
    }
    writer.end(&mut out)?;
    send(&mut out, capacity)?;
    Ok(Converted { written })
}
