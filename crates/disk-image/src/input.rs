//! Random access to a file, and to the entries of its tables.

use std::io::{Cursor, ErrorKind, Read, Seek, SeekFrom};

use crate::{Error, Result, damaged};

/// A file that can be read at any position.
pub trait Input: Read + Seek + Send {
    /// The number of bytes from a position that the file system has no data for, which are zeros; 0 if it has data there,
    /// or does not know.
    fn hole(&mut self, _at: u64) -> u64 {
        0
    }
}

impl Input for std::fs::File {
    #[cfg(target_os = "linux")]
    fn hole(&mut self, at: u64) -> u64 {
        use rustix::fs::{SeekFrom as To, seek};
        match seek(&*self, To::Data(at)) {
            Ok(data) => data.saturating_sub(at),
            // There is no data behind the position.
            Err(rustix::io::Errno::NXIO) => self.metadata().map_or(0, |about| about.len().saturating_sub(at)),
            Err(_) => 0,
        }
    }
}

impl<T: AsRef<[u8]> + Send> Input for Cursor<T> {}

/// The length of a file.
pub(crate) fn length(input: &mut dyn Input) -> Result<u64> {
    Ok(input.seek(SeekFrom::End(0))?)
}

/// Reads exactly these bytes.
pub(crate) fn exact(input: &mut dyn Input, at: u64, buffer: &mut [u8]) -> Result<()> {
    input.seek(SeekFrom::Start(at))?;
    input.read_exact(buffer).map_err(|e| match e.kind() {
        ErrorKind::UnexpectedEof => {
            Error::Damaged(format!("it is truncated: {} bytes are missing at {at}", buffer.len()))
        }
        _ => Error::Read(e),
    })
}

/// The first bytes, or fewer if there are fewer.
pub(crate) fn first(input: &mut dyn Input, count: u64) -> Result<Vec<u8>> {
    input.seek(SeekFrom::Start(0))?;
    let mut out = vec![];
    input.take(count).read_to_end(&mut out)?;
    Ok(out)
}

/// Big-endian numbers in a header; those that are missing are zero.
pub(crate) fn be32(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_be_bytes)
}

pub(crate) fn be64(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_be_bytes)
}

/// Little-endian numbers in a header; those that are missing are zero.
pub(crate) fn le16(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|b| b.try_into().ok()).map_or(0, u16::from_le_bytes)
}

pub(crate) fn le32(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes)
}

pub(crate) fn le64(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes)
}

/// How much of a table is in memory.
const PAGE: u64 = 64 << 10;

/// A table of numbers in the file, of which one page is in memory.
pub(crate) struct Table {
    pub(crate) at: u64,
    pub(crate) bytes: u64,
    page: Vec<u8>,
    page_at: Option<u64>,
}

impl Table {
    /// A table of so many bytes at a position of a file.
    pub(crate) fn new(what: &str, at: u64, bytes: u64, file: u64) -> Result<Table> {
        if at.checked_add(bytes).is_none_or(|end| end > file) {
            return damaged(format!(
                "it is truncated: {what} of {bytes} bytes at {at} ends behind the file of {file} bytes"
            ));
        }
        Ok(Table { at, bytes, page: vec![], page_at: None })
    }

    /// The bytes of an entry. Entries have a size that divides a page.
    pub(crate) fn entry(&mut self, input: &mut dyn Input, index: u64, size: u64) -> Result<&[u8]> {
        let start = index * size;
        let page_at = start - start % PAGE;
        if self.page_at != Some(page_at) {
            let length = self.bytes.saturating_sub(page_at).min(PAGE);
            self.page_at = None;
            self.page.resize(usize::try_from(length).unwrap_or_default(), 0);
            exact(input, self.at + page_at, &mut self.page)?;
            self.page_at = Some(page_at);
        }
        let at = usize::try_from(start - page_at).unwrap_or_default();
        let end = at + usize::try_from(size).unwrap_or_default();
        match self.page.get(at..end) {
            Some(bytes) => Ok(bytes),
            None => damaged(format!("a table does not have an entry {index}")),
        }
    }
}
