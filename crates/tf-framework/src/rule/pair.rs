//! Which element of one list or set is which of another.
use super::equal::{from, same_meaning};
use crate::{Block, Dynamic, NestedBlock};

/// For each element of one side the one of the other side that it is paired with.
pub(super) struct Pairs {
    pub(super) to: Vec<Option<usize>>,
    free: Vec<bool>,
}

impl Pairs {
    /// No pair yet, between so many elements.
    pub(super) fn none(ours: usize, theirs: usize) -> Self {
        Self { to: vec![None; ours], free: vec![true; theirs] }
    }

    /// By position.
    pub(super) fn by_index(ours: usize, theirs: usize) -> Self {
        let mut pairs = Self::none(ours, theirs);
        for i in 0..ours.min(theirs) {
            pairs.join(i, i);
        }
        pairs
    }

    /// By the attribute that names an element; where the name is not known yet, none.
    pub(super) fn by_key(nested: &NestedBlock, key: &str, ours: &[Dynamic], theirs: &[Dynamic]) -> Self {
        let mut pairs = Self::none(ours.len(), theirs.len());
        if let Some(a) = nested.block.attribute(key) {
            pairs.round(|i, j| {
                let (x, y) = (ours[i].get(key), theirs[j].get(key));
                !x.is_unknown() && same_meaning(a, x, y)
            });
        }
        pairs
    }

    /// By key where the block has one, otherwise by position.
    pub(super) fn of_list(nested: &NestedBlock, ours: &[Dynamic], theirs: &[Dynamic]) -> Self {
        match nested.key {
            Some(key) => Self::by_key(nested, key, ours, theirs),
            None => Self::by_index(ours.len(), theirs.len()),
        }
    }

    /// Pairs as many as can be of what is still without a partner, where `fit` says so.
    ///
    /// Taking the first that fits is not enough: an element that leaves something open fits several, and may
    /// take the only one that another fits. So where one is left over, the pairs of this round are shifted.
    pub(super) fn round(&mut self, fit: impl Fn(usize, usize) -> bool) {
        let count = self.free.len();
        let mut asked = vec![None; self.to.len() * count];
        let mut fit = |i: usize, j: usize| *asked[i * count + j].get_or_insert_with(|| fit(i, j));
        let mut alone = vec![];
        let mut owner = vec![None; count];
        for i in (0..self.to.len()).filter(|&i| self.to[i].is_none()).collect::<Vec<_>>() {
            match from(i, count).find(|&j| self.free[j] && fit(i, j)) {
                Some(j) => {
                    self.join(i, j);
                    owner[j] = Some(i);
                }
                None => alone.push(i),
            }
        }
        for i in alone {
            self.shift(i, &mut vec![false; count], &mut owner, &mut fit);
        }
    }

    fn shift(
        &mut self,
        i: usize,
        seen: &mut [bool],
        owner: &mut [Option<usize>],
        fit: &mut impl FnMut(usize, usize) -> bool,
    ) -> bool {
        for j in 0..seen.len() {
            if seen[j] || !(self.free[j] || owner[j].is_some()) || !fit(i, j) {
                continue;
            }
            seen[j] = true;
            if owner[j].is_none_or(|other| self.shift(other, seen, owner, fit)) {
                self.join(i, j);
                owner[j] = Some(i);
                return true;
            }
        }
        false
    }

    /// The second and third round for sets: all required attributes equal; else the only one on each side,
    /// which is the same element, edited. Never by position.
    pub(super) fn likely(&mut self, block: &Block, ours: &[Dynamic], theirs: &[Dynamic]) {
        let required: Vec<_> = block.attributes.iter().filter(|a| a.required && !a.write_only).collect();
        if !required.is_empty() {
            self.round(|i, j| {
                required.iter().all(|a| {
                    let (x, y) = (ours[i].get(a.name), theirs[j].get(a.name));
                    !x.is_unknown() && same_meaning(a, x, y)
                })
            });
        }
        if ours.len() == 1 && theirs.len() == 1 {
            self.round(|_, _| true);
        }
    }

    /// The elements of the other side without a partner.
    pub(super) fn left(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.free.len()).filter(|&j| self.free[j])
    }

    fn join(&mut self, i: usize, j: usize) {
        self.to[i] = Some(j);
        self.free[j] = false;
    }
}
