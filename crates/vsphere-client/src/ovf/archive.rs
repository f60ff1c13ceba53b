//! Reading what may be large, from a file or a server, from front to back; and tar archives in it.

use std::io::SeekFrom;
use std::path::Path;

use bytes::{Buf as _, Bytes, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use crate::core::http::Peer;
use crate::core::upload::Chunks;
use crate::error::{Error, Result};

/// How much of a file is read at a time.
const CHUNK: usize = 256 << 10;
/// The maximum length of a name that has an entry of its own.
const LONGEST_NAME: u64 = 1 << 20;
/// What a tar archive is made of.
const BLOCK: u64 = 512;

/// Bytes from front to back, and no more in memory than a chunk.
pub(crate) struct Input {
    from: From,
    /// Read, and not taken yet.
    held: Bytes,
    /// For messages.
    name: String,
}

impl Chunks for Input {
    fn next_chunk(&mut self) -> impl Future<Output = Result<Option<Bytes>>> + Send {
        self.chunk()
    }
}

enum From {
    File(tokio::fs::File),
    Http(Peer, reqwest::Response),
}

impl Input {
    /// A file, and its length.
    pub(crate) async fn file(path: &Path) -> Result<(Input, u64)> {
        let name = path.display().to_string();
        let failed = |e: std::io::Error| Error::Package(format!("cannot read {name}: {e}"));
        let file = tokio::fs::File::open(path).await.map_err(failed)?;
        let about = file.metadata().await.map_err(failed)?;
        if !about.is_file() {
            return Err(Error::Package(format!("{name} is not a file")));
        }
        Ok((Input { from: From::File(file), held: Bytes::new(), name }, about.len()))
    }

    /// The body of an answer. `name` is shown, so it holds no secret.
    pub(crate) fn answer(peer: Peer, response: reqwest::Response, name: String) -> Input {
        Input { from: From::Http(peer, response), held: Bytes::new(), name }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What comes next; nothing at the end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>> {
        if !self.held.is_empty() {
            return Ok(Some(std::mem::take(&mut self.held)));
        }
        match &mut self.from {
            From::File(file) => {
                let mut buffer = BytesMut::with_capacity(CHUNK);
                let read = file.read_buf(&mut buffer).await;
                read.map_err(|e| Error::Package(format!("cannot read {}: {e}", self.name)))?;
                Ok(Some(buffer.freeze()).filter(|b| !b.is_empty()))
            }
            From::Http(peer, response) => loop {
                match response.chunk().await.map_err(|e| peer.error(e))? {
                    Some(empty) if empty.is_empty() => {}
                    other => return Ok(other),
                }
            },
        }
    }

    /// What comes next, but no more than that.
    pub(crate) async fn chunk_of(&mut self, most: u64) -> Result<Option<Bytes>> {
        let Some(mut chunk) = self.chunk().await? else { return Ok(None) };
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        if chunk.len() > most {
            self.held = chunk.split_off(most);
        }
        Ok(Some(chunk))
    }

    /// So many bytes, or as many as there are.
    pub(crate) async fn up_to(&mut self, wanted: u64) -> Result<Bytes> {
        let mut out = BytesMut::new();
        while (out.len() as u64) < wanted {
            let Some(chunk) = self.chunk_of(wanted - out.len() as u64).await? else { break };
            out.extend_from_slice(&chunk);
        }
        Ok(out.freeze())
    }

    /// Puts bytes back that were read.
    pub(crate) fn unread(&mut self, bytes: &Bytes) {
        let mut all = BytesMut::from(&bytes[..]);
        all.extend_from_slice(&self.held);
        self.held = all.freeze();
    }

    /// Leaves out so many bytes; what is behind the end is not missed.
    async fn skip(&mut self, mut count: u64) -> Result<()> {
        let held = count.min(self.held.len() as u64);
        self.held.advance(usize::try_from(held).unwrap_or_default());
        count -= held;
        if let From::File(file) = &mut self.from {
            let by = i64::try_from(count).unwrap_or(i64::MAX);
            let to = file.seek(SeekFrom::Current(by)).await;
            return to.map(drop).map_err(|e| Error::Package(format!("cannot read {}: {e}", self.name)));
        }
        while count > 0 {
            match self.chunk_of(count).await? {
                Some(chunk) => count -= chunk.len() as u64,
                None => break,
            }
        }
        Ok(())
    }
}

/// Whether these first bytes begin a tar archive.
pub(crate) fn is_archive(first: &[u8]) -> bool {
    first.get(257..262) == Some(b"ustar")
}

/// A tar archive, read from front to back.
pub(crate) struct Archive {
    input: Input,
    /// What is left of the entry, and what fills its last block.
    left: u64,
    padding: u64,
}

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) size: u64,
}

impl Archive {
    pub(crate) fn new(input: Input) -> Archive {
        Archive { input, left: 0, padding: 0 }
    }

    fn broken(&self, what: &str) -> Error {
        Error::Package(format!("the archive {} is damaged: {what}", self.input.name()))
    }

    /// The next file, whatever is left of the one before; nothing at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Entry>> {
        let (mut long_name, mut long_size) = (None, None);
        loop {
            self.input.skip(self.left + self.padding).await?;
            (self.left, self.padding) = (0, 0);
            let block = self.input.up_to(BLOCK).await?;
            // Two blocks of zeros end an archive; some writers leave them out.
            if block.iter().all(|b| *b == 0) {
                return Ok(None);
            }
            if (block.len() as u64) < BLOCK {
                return Err(self.broken("it ends in the middle of a header"));
            }
            let header = tar::Header::from_byte_slice(&block);
            if header.cksum().ok() != Some(checksum(&block)) {
                return Err(self.broken("the checksum of a header is wrong"));
            }
            let size = header.entry_size().map_err(|_| self.broken("a size cannot be read"))?;
            let kind = header.entry_type();
            if kind.is_gnu_longname() || kind.is_pax_local_extensions() {
                if size > LONGEST_NAME {
                    return Err(self.broken("a name is too long"));
                }
                let data = self.input.up_to(size).await?;
                self.padding = padding(size);
                if kind.is_gnu_longname() {
                    let text = String::from_utf8_lossy(&data);
                    long_name = Some(text.trim_end_matches('\0').to_owned());
                } else {
                    for extension in tar::PaxExtensions::new(&data).flatten() {
                        match (extension.key(), extension.value()) {
                            (Ok("path"), Ok(path)) => long_name = Some(path.to_owned()),
                            (Ok("size"), Ok(size)) => long_size = size.parse().ok(),
                            _ => {}
                        }
                    }
                }
                continue;
            }
            let size = long_size.take().unwrap_or(size);
            (self.left, self.padding) = (size, padding(size));
            let name = long_name.take();
            if kind.is_file() || kind.is_contiguous() {
                let name = name.unwrap_or_else(|| String::from_utf8_lossy(&header.path_bytes()).into_owned());
                return Ok(Some(Entry { name: name.trim_start_matches("./").to_owned(), size }));
            }
        }
    }

    /// What comes next of the entry; nothing at its end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>> {
        if self.left == 0 {
            return Ok(None);
        }
        let Some(chunk) = self.input.chunk_of(self.left).await? else {
            return Err(self.broken("it ends in the middle of a file"));
        };
        self.left -= chunk.len() as u64;
        Ok(Some(chunk))
    }
}

fn padding(size: u64) -> u64 {
    (BLOCK - size % BLOCK) % BLOCK
}

/// The sum of a header's bytes, its own field taken for spaces.
fn checksum(block: &[u8]) -> u32 {
    let byte = |(at, b): (usize, &u8)| u32::from(if (148..156).contains(&at) { b' ' } else { *b });
    block.iter().enumerate().map(byte).sum()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, data) in files {
            let mut header = tar::Header::new_ustar();
            header.set_size(data.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, name, *data).unwrap();
        }
        builder.into_inner().unwrap()
    }

    async fn opened(bytes: &[u8]) -> (tempfile::TempDir, Archive) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ova");
        std::fs::write(&path, bytes).unwrap();
        let (input, _) = Input::file(&path).await.unwrap();
        (folder, Archive::new(input))
    }

    async fn all(archive: &mut Archive) -> Vec<u8> {
        let mut out = Vec::new();
        while let Some(chunk) = archive.chunk().await.unwrap() {
            out.extend_from_slice(&chunk);
        }
        out
    }

    #[tokio::test]
    async fn files_come_in_their_order_read_or_not() {
        let large: Vec<u8> = (0..CHUNK * 2 + 7).map(|n| (n % 251) as u8).collect();
        let long = "d/".repeat(80) + "long.vmdk";
        let files: [(&str, &[u8]); 5] =
            [("a.ovf", b"text"), ("big", &large), ("empty", b""), ("./c", &[7; 512]), (&long, b"end")];
        for read in [true, false] {
            let (_folder, mut archive) = opened(&archive(&files)).await;
            for (name, data) in &files {
                let entry = archive.next().await.unwrap().unwrap();
                assert_eq!(entry.name, name.trim_start_matches("./"));
                assert_eq!(entry.size, data.len() as u64);
                if read {
                    assert!(all(&mut archive).await == *data, "{name}");
                }
            }
            assert_eq!(archive.next().await.unwrap(), None);
        }
    }

    #[tokio::test]
    async fn damage_is_noticed() {
        let whole = archive(&[("a", &[1; 2000])]);
        let (_f, mut cut) = opened(&whole[..1500]).await;
        cut.next().await.unwrap().unwrap();
        while let Ok(Some(_)) = cut.chunk().await {}
        assert!(matches!(cut.chunk().await, Err(Error::Package(text)) if text.contains("middle of a file")));
        let mut wrong = whole.clone();
        wrong[3] ^= 1;
        let (_f, mut wrong) = opened(&wrong).await;
        assert!(matches!(wrong.next().await, Err(Error::Package(text)) if text.contains("checksum")));
        let (_f, mut cut) = opened(&whole[..100]).await;
        assert!(matches!(cut.next().await, Err(Error::Package(text)) if text.contains("header")));
    }

    /// Random changes of archives and descriptors: the result is a package or an error. `OVF_SECONDS` sets how long it runs.
    #[tokio::test]
    async fn no_package_makes_the_readers_panic() {
        let seconds = std::env::var("OVF_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(2);
        let until = std::time::Instant::now() + std::time::Duration::from_secs(seconds);
        let text = "<Envelope xmlns:ovf=\"x\"><References><File ovf:href=\"a.vmdk\" ovf:size=\"9\"/></References>\
                    <NetworkSection><Network ovf:name=\"n\"/></NetworkSection><VirtualSystem ovf:id=\"v\"><ProductSection>\
                    <Property ovf:key=\"k\" ovf:type=\"string\"/></ProductSection></VirtualSystem></Envelope>";
        let long = "d/".repeat(80) + "a.vmdk";
        let whole = archive(&[("p.ovf", text.as_bytes()), ("a.vmdk", &[1; 700]), (&long, b"x")]);
        let mut seed = 0x5eed_u64;
        let mut random = |end: usize| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            usize::try_from(seed % end.max(1) as u64).unwrap()
        };
        let (folder, mut opened) = (tempfile::tempdir().unwrap(), 0_u64);
        let path = folder.path().join("a.ova");
        while std::time::Instant::now() < until {
            for bytes in [&whole[..], text.as_bytes()] {
                let mut bytes = bytes.to_vec();
                for _ in 0..=random(4) {
                    let at = random(bytes.len());
                    match random(4) {
                        0 => bytes.truncate(at.max(1)),
                        1 => bytes[at] = random(256) as u8,
                        2 => bytes[at] ^= 1 << random(8),
                        _ => {
                            let (from, count) = (random(bytes.len()), random(200));
                            let count = count.min(bytes.len() - from).min(bytes.len() - at);
                            bytes.copy_within(from..from + count, at);
                        }
                    }
                    // A wrong checksum would hide what else is wrong.
                    if bytes.len() >= 512 && is_archive(&bytes) && random(2) == 0 {
                        let sum = format!("{:06o}\0 ", checksum(&bytes[..512]));
                        bytes[148..156].copy_from_slice(sum.as_bytes());
                    }
                }
                std::fs::write(&path, &bytes).unwrap();
                match super::super::Package::local(path.clone()).await {
                    Ok(package) => {
                        opened += 1;
                        let mut files = package.all_files().unwrap();
                        while let Ok(Some(_)) = files.next().await {
                            while let Ok(Some(_)) = files.chunk().await {}
                        }
                    }
                    Err(Error::Package(_)) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
        }
        assert!(opened > 0);
    }
}
