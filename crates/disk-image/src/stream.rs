//! The stream-optimized VMDK: written from front to back, each grain compressed by itself.

use crate::{Error, LARGEST, Result, SECTOR, unsupported};

/// The bytes of a grain: what is compressed at once.
pub const GRAIN: u64 = 64 << 10;
/// The entries of a grain table.
pub(crate) const ENTRIES: usize = 512;
pub(crate) const MAGIC: u32 = 0x564d_444b;
/// The grain directory is behind the data, and the footer has its position.
pub(crate) const AT_END: u64 = u64::MAX;

/// A valid newline test, compressed grains, and markers.
const FLAGS: u32 = 1 | 1 << 16 | 1 << 17;
/// What compressed grains with markers need.
const VERSION: u32 = 3;
const DEFLATE: u16 = 1;
/// The sectors before the data: the header, the descriptor, and what fills them up to a grain.
const OVERHEAD: u64 = GRAIN / SECTOR;
const DESCRIPTOR_SECTORS: u64 = 20;

const TABLE_MARKER: u32 = 1;
const DIRECTORY_MARKER: u32 = 2;
const FOOTER_MARKER: u32 = 3;

/// Writes a stream-optimized VMDK. What is to be written is added to buffers of the caller.
pub struct StreamWriter {
    capacity: u64,
    /// In sectors.
    position: u64,
    directory: Vec<u32>,
    table: Vec<u32>,
    /// The index of the table, if it has an entry.
    table_index: Option<u64>,
}

impl StreamWriter {
    /// For a disk of so many bytes, rounded up to sectors.
    ///
    /// # Errors
    /// More than [`LARGEST`].
    pub fn new(capacity: u64) -> Result<StreamWriter> {
        if capacity > LARGEST {
            return unsupported("the disk is larger than 62 TiB");
        }
        let capacity = capacity.div_ceil(SECTOR);
        let tables = (capacity * SECTOR).div_ceil(GRAIN * ENTRIES as u64);
        Ok(StreamWriter {
            capacity,
            position: 0,
            directory: vec![0; usize::try_from(tables).unwrap_or_default()],
            table: vec![0; ENTRIES],
            table_index: None,
        })
    }

    /// Begins with the header and the descriptor.
    pub fn begin(&mut self, out: &mut Vec<u8>) {
        let start = out.len();
        self.header(AT_END, out);
        out.extend_from_slice(self.descriptor().as_bytes());
        fill(out, start, (1 + DESCRIPTOR_SECTORS) * SECTOR);
        fill(out, start, OVERHEAD * SECTOR);
        self.position = OVERHEAD;
    }

    /// Adds a grain, compressed with zlib. The indices must grow.
    ///
    /// # Errors
    /// The data is too long for the format, whose positions have 32 bits.
    pub fn grain(&mut self, index: u64, packed: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let (table, entry) = (index / ENTRIES as u64, (index % ENTRIES as u64) as usize);
        if self.table_index != Some(table) {
            self.end_table(out)?;
            self.table_index = Some(table);
        }
        self.table[entry] = self.sector()?;
        let start = out.len();
        out.extend_from_slice(&(index * OVERHEAD).to_le_bytes());
        out.extend_from_slice(&u32::try_from(packed.len()).unwrap_or_default().to_le_bytes());
        out.extend_from_slice(packed);
        self.pad(out, start);
        Ok(())
    }

    /// Ends with the directory and the footer.
    ///
    /// # Errors
    /// As of [`StreamWriter::grain`].
    pub fn end(mut self, out: &mut Vec<u8>) -> Result<()> {
        self.end_table(out)?;
        let start = out.len();
        let sectors = (self.directory.len() as u64 * 4).div_ceil(SECTOR);
        marker(sectors, DIRECTORY_MARKER, out);
        let directory_at = self.position + 1;
        out.extend(self.directory.iter().flat_map(|at| at.to_le_bytes()));
        self.pad(out, start);
        marker(1, FOOTER_MARKER, out);
        self.header(directory_at, out);
        marker(0, 0, out);
        Ok(())
    }

    fn sector(&self) -> Result<u32> {
        u32::try_from(self.position).map_err(|_| {
            Error::Unsupported(
                "the disk has more than 2 TiB of data, which a VMDK file cannot hold".to_owned(),
            )
        })
    }

    /// Writes the table that has been filled.
    fn end_table(&mut self, out: &mut Vec<u8>) -> Result<()> {
        let Some(index) = self.table_index.take() else { return Ok(()) };
        let start = out.len();
        marker(ENTRIES as u64 * 4 / SECTOR, TABLE_MARKER, out);
        self.position += 1;
        let at = self.sector()?;
        self.position -= 1;
        if let Some(entry) = usize::try_from(index).ok().and_then(|i| self.directory.get_mut(i)) {
            *entry = at;
        }
        out.extend(self.table.iter().flat_map(|at| at.to_le_bytes()));
        self.table.fill(0);
        self.pad(out, start);
        Ok(())
    }

    /// Fills up the last sector, and moves on.
    fn pad(&mut self, out: &mut Vec<u8>, start: usize) {
        let sectors = ((out.len() - start) as u64).div_ceil(SECTOR);
        fill(out, start, sectors * SECTOR);
        self.position += sectors;
    }

    fn header(&self, directory_at: u64, out: &mut Vec<u8>) {
        let start = out.len();
        for number in [MAGIC, VERSION, FLAGS] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        for number in [self.capacity, OVERHEAD, 1, DESCRIPTOR_SECTORS] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(&(ENTRIES as u32).to_le_bytes());
        for number in [0, directory_at, OVERHEAD] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.push(0);
        out.extend_from_slice(b"\n \r\n");
        out.extend_from_slice(&DEFLATE.to_le_bytes());
        fill(out, start, SECTOR);
    }

    fn descriptor(&self) -> String {
        let cylinders = self.capacity.div_ceil(255 * 63).min(65_535);
        format!(
            "# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType=\"streamOptimized\"\n\n\
             # Extent description\nRDONLY {} SPARSE \"disk.vmdk\"\n\n\
             # The Disk Data Base\n#DDB\n\nddb.virtualHWVersion = \"4\"\nddb.geometry.cylinders = \"{cylinders}\"\n\
             ddb.geometry.heads = \"255\"\nddb.geometry.sectors = \"63\"\nddb.adapterType = \"lsilogic\"\n",
            self.capacity
        )
    }
}

fn marker(sectors: u64, kind: u32, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(&sectors.to_le_bytes());
    out.extend_from_slice(&0_u32.to_le_bytes());
    out.extend_from_slice(&kind.to_le_bytes());
    fill(out, start, SECTOR);
}

/// Fills with zeros up to a length.
fn fill(out: &mut Vec<u8>, start: usize, length: u64) {
    out.resize(start + usize::try_from(length).unwrap_or_default(), 0);
}
