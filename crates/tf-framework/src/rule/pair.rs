//! Which element of one list or set is which of another.
use super::equal::{declared_same, from, value_equal};
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
                !x.is_unknown() && (value_equal(&a.ty, x, y) || declared_same(a, x, y))
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

    /// Pairs what is still without a partner, wherever `fit` says so.
    pub(super) fn round(&mut self, fit: impl Fn(usize, usize) -> bool) {
        for i in 0..self.to.len() {
            if self.to[i].is_none()
                && let Some(j) = from(i, self.free.len()).find(|&j| self.free[j] && fit(i, j))
            {
                self.join(i, j);
            }
        }
    }

    /// The second and third round for sets: all required attributes equal; else the only one on each side,
    /// which is the same element, edited. Never by position.
    pub(super) fn likely(&mut self, block: &Block, ours: &[Dynamic], theirs: &[Dynamic]) {
        let required: Vec<_> = block.attributes.iter().filter(|a| a.required && !a.write_only).collect();
        if !required.is_empty() {
            self.round(|i, j| {
                required.iter().all(|a| {
                    let (x, y) = (ours[i].get(a.name), theirs[j].get(a.name));
                    value_equal(&a.ty, x, y) || declared_same(a, x, y)
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
