//! What belongs to what in a file: no two tables or blocks of data may overlap.

use crate::{Result, damaged};

/// The most units whose owners are known one by one: their bits take 16 MiB. In larger files, only the sum is checked.
const MOST: u64 = 1 << 27;

/// The units of a file (clusters, sectors) that something owns.
pub(crate) struct Claims {
    unit: u64,
    units: u64,
    taken: u64,
    owned: Vec<u64>,
}

impl Claims {
    /// Nothing is owned yet.
    pub(crate) fn new(file: u64, unit: u64) -> Claims {
        let units = file.div_ceil(unit);
        let words = if units > MOST { 0 } else { units.div_ceil(64) };
        Claims { unit, units, taken: 0, owned: vec![0; usize::try_from(words).unwrap_or_default()] }
    }

    fn range(&self, at: u64, bytes: u64) -> std::ops::Range<u64> {
        at / self.unit..at.saturating_add(bytes).div_ceil(self.unit)
    }

    fn bit(unit: u64) -> (usize, u64) {
        (usize::try_from(unit / 64).unwrap_or(usize::MAX), 1 << (unit % 64))
    }

    /// Whether something is known to be owned there.
    pub(crate) fn is_owned(&self, at: u64, bytes: u64) -> bool {
        self.range(at, bytes).any(|unit| {
            let (word, bit) = Self::bit(unit);
            self.owned.get(word).is_some_and(|w| w & bit != 0)
        })
    }

    /// Owns it, together with others.
    pub(crate) fn share(&mut self, at: u64, bytes: u64) {
        for unit in self.range(at, bytes) {
            let (word, bit) = Self::bit(unit);
            if let Some(w) = self.owned.get_mut(word) {
                *w |= bit;
            }
        }
    }

    /// Owns it alone.
    pub(crate) fn take(&mut self, what: &str, at: u64, bytes: u64) -> Result<()> {
        let range = self.range(at, bytes);
        self.taken = self.taken.saturating_add(range.end - range.start);
        if self.taken > self.units || self.is_owned(at, bytes) {
            return damaged(format!("{what} at {at} overlaps another table or other data"));
        }
        self.share(at, bytes);
        Ok(())
    }
}
