//! Raw images.

use std::io::{Read, Seek, SeekFrom};

use crate::input::{Input, length};
use crate::{Disk, Format, LARGEST, Result, SECTOR, unsupported};

pub(crate) struct Raw {
    input: Box<dyn Input>,
    length: u64,
}

impl Raw {
    pub(crate) fn open(mut input: Box<dyn Input>) -> Result<Raw> {
        let length = length(input.as_mut())?;
        if length == 0 {
            return unsupported("the image is empty");
        }
        if length > LARGEST {
            return unsupported("the image is larger than 62 TiB, the largest virtual disk of vSphere");
        }
        Ok(Raw { input, length })
    }
}

impl Disk for Raw {
    fn format(&self) -> Format {
        Format::Raw
    }

    fn capacity(&self) -> u64 {
        self.length.next_multiple_of(SECTOR)
    }

    fn check(&mut self) -> Result<u64> {
        // What is data shows when it is read.
        Ok(self.length)
    }

    fn hole(&mut self, at: u64) -> Result<u64> {
        let rest = self.capacity() - at;
        // A file that has grown since it was opened has data behind its end.
        Ok(if at >= self.length { rest } else { self.input.hole(at).min(rest) })
    }

    fn read(&mut self, at: u64, buffer: &mut [u8]) -> Result<()> {
        let there = usize::try_from(self.length.saturating_sub(at)).unwrap_or(usize::MAX).min(buffer.len());
        let (data, rest) = buffer.split_at_mut(there);
        rest.fill(0);
        self.input.seek(SeekFrom::Start(at))?;
        Ok(self.input.read_exact(data)?)
    }
}
