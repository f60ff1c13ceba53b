//! Which of some things is which of others: the surest pairs first.

/// For each of ours the one of theirs that it is paired with, and which of theirs are still free.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Matching {
    to: Vec<Option<usize>>,
    free: Vec<bool>,
}

impl Matching {
    /// No pair yet, between so many.
    pub(super) fn new(ours: usize, theirs: usize) -> Self {
        Self { to: vec![None; ours], free: vec![true; theirs] }
    }

    /// Pairs those that have the same index and fit.
    pub(super) fn here(&mut self, fit: impl Fn(usize, usize) -> bool) -> &mut Self {
        for i in 0..self.to.len().min(self.free.len()) {
            if self.to[i].is_none() && self.free[i] && fit(i, i) {
                self.join(i, i);
            }
        }
        self
    }

    /// Pairs each with the first that fits.
    pub(super) fn first(&mut self, fit: impl Fn(usize, usize) -> bool) -> &mut Self {
        for i in 0..self.to.len() {
            if self.to[i].is_none()
                && let Some(j) = (0..self.free.len()).find(|&j| self.free[j] && fit(i, j))
            {
                self.join(i, j);
            }
        }
        self
    }

    /// Pairs as many as fit without changing the order of either side: the longest common subsequence of those that are free,
    /// between the pairs that there are already.
    pub(super) fn in_order(&mut self, fit: impl Fn(usize, usize) -> bool) -> &mut Self {
        let (n, m) = (self.to.len(), self.free.len());
        let may = |i: usize, j: usize| {
            self.to[i].is_none()
                && self.free[j]
                && fit(i, j)
                && (0..n).all(|k| self.to[k].is_none_or(|p| (k < i) == (p < j)))
        };
        // The length of the longest one from here on.
        let mut longest = vec![vec![0_usize; m + 1]; n + 1];
        for i in (0..n).rev() {
            for j in (0..m).rev() {
                let with = if may(i, j) { longest[i + 1][j + 1] + 1 } else { 0 };
                longest[i][j] = with.max(longest[i + 1][j]).max(longest[i][j + 1]);
            }
        }
        let (mut i, mut j, mut pairs) = (0, 0, vec![]);
        while i < n && j < m {
            if may(i, j) && longest[i][j] == longest[i + 1][j + 1] + 1 {
                pairs.push((i, j));
                (i, j) = (i + 1, j + 1);
            } else if longest[i][j] == longest[i + 1][j] {
                i += 1;
            } else {
                j += 1;
            }
        }
        for (i, j) in pairs {
            self.join(i, j);
        }
        self
    }

    /// Those of ours without a partner.
    pub(super) fn alone(&self) -> Vec<usize> {
        (0..self.to.len()).filter(|&i| self.to[i].is_none()).collect()
    }

    /// Those of theirs without a partner.
    pub(super) fn left(&self) -> Vec<usize> {
        (0..self.free.len()).filter(|&j| self.free[j]).collect()
    }

    /// The partner of each.
    pub(super) fn into_pairs(self) -> Vec<Option<usize>> {
        self.to
    }

    fn join(&mut self, i: usize, j: usize) {
        self.to[i] = Some(j);
        self.free[j] = false;
    }
}

/// What is said of the partner of a block before everything is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Partner {
    /// This one.
    Is(usize),
    /// None: it is new.
    New,
    /// It may be one or another, as soon as all is known.
    Open,
}

impl Partner {
    /// The partner that is certain.
    pub(super) fn index(self) -> Option<usize> {
        match self {
            Self::Is(j) => Some(j),
            _ => None,
        }
    }
}

/// Pairs blocks of which some are `open` (their identifying values are not known yet) with those of the state.
///
/// The plan is made again when all is known, and must not contradict the first. So certain are only the blocks that
/// have the index that they had, wholly the `same`, and one block that remains for one of the state. Where the `order` decides, an
/// open block may turn out to be any that comes after it: certain are only those before the first one.
pub(super) fn cautious(
    ours: usize,
    theirs: usize,
    order: bool,
    open: impl Fn(usize) -> bool,
    same: impl Fn(usize, usize) -> bool,
) -> Vec<Partner> {
    let mut matching = Matching::new(ours, theirs);
    let fits = |i: usize, j: usize| !open(i) && same(i, j);
    let certain = if order { (0..ours.min(theirs)).take_while(|i| fits(*i, *i)).count() } else { ours };
    matching.here(|i, j| i < certain && fits(i, j));
    let (alone, left) = (matching.alone(), matching.left());
    let mut partners: Vec<Partner> =
        matching.into_pairs().into_iter().map(|to| to.map_or(Partner::New, Partner::Is)).collect();
    for &i in &alone {
        partners[i] = match left.as_slice() {
            [] => Partner::New,
            [j] if alone.len() == 1 => Partner::Is(*j),
            _ => Partner::Open,
        };
    }
    partners
}
