//! What a run has planned so far.
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How one planned object came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Planned {
    /// It exists and stays, changed or not.
    Kept,
    /// It exists and is going to be replaced by one of the same key.
    Replaced,
    /// It is going to be created.
    Created,
}

#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    kept: u32,
    replaced: u32,
    created: u32,
}

/// What a run has planned so far, so that two resources which claim the same thing are noticed.
///
/// Terraform plans a replacement in two calls: first what exists, then the creation.
#[derive(Debug, Default)]
pub(crate) struct PlanRegistry(Mutex<HashMap<String, Seen>>);

impl PlanRegistry {
    /// Notes one plan; `false` when another resource of this run has claimed `key` before.
    #[must_use]
    pub(crate) fn claim(&self, key: &str, how: Planned) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = all.entry(key.to_owned()).or_default();
        match how {
            Planned::Kept => seen.kept += 1,
            Planned::Replaced => seen.replaced += 1,
            Planned::Created => seen.created += 1,
        }
        seen.kept + seen.replaced.max(seen.created) <= 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Planned::{Created, Kept, Replaced};

    #[test]
    fn a_key_is_claimed_once() {
        for (calls, last) in [
            (&[Created][..], true),
            (&[Kept], true),
            (&[Replaced, Created], true),
            (&[Created, Created], false),
            (&[Kept, Created], false),
            (&[Created, Kept], false),
            (&[Replaced, Created, Created], false),
        ] {
            let r = PlanRegistry::default();
            let mut got = true;
            for c in calls {
                got = r.claim("k", *c);
            }
            assert_eq!(got, last, "{calls:?}");
        }
    }
}
