//! What a run has planned so far.
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use tf_framework::{PlanCx, Resource};

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

impl Planned {
    /// What a plan is about.
    pub(crate) fn of<R: Resource>(cx: &PlanCx<'_, R>) -> Self {
        match cx.prior {
            None => Self::Created,
            Some(_) if cx.is_replacement() => Self::Replaced,
            Some(_) => Self::Kept,
        }
    }
}

#[derive(Debug, Default)]
struct Seen {
    kept: u32,
    replaced: u32,
    created: u32,
    contents: Vec<String>,
}

/// What a run has planned so far, so that two resources which claim the same thing are noticed.
///
/// Terraform plans a replacement in two calls: first what exists, then the creation. Where the user asks for the
/// replacement (`-replace`), the first call looks like that of an object that stays.
#[derive(Debug, Default)]
pub(crate) struct PlanRegistry(Mutex<HashMap<String, Seen>>);

impl PlanRegistry {
    /// Notes one plan; `false` when another resource of this run has claimed `key` before. `content` is what the
    /// resource makes of it: a stay and a creation with the same content may be one replacement.
    #[must_use]
    pub(crate) fn claim(&self, key: &str, how: Planned, content: &str) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = all.entry(key.to_owned()).or_default();
        match how {
            Planned::Kept => seen.kept += 1,
            Planned::Replaced => seen.replaced += 1,
            Planned::Created => seen.created += 1,
        }
        if !seen.contents.iter().any(|c| c == content) {
            seen.contents.push(content.to_owned());
        }
        let olds = seen.kept + seen.replaced;
        olds <= 1 && seen.created <= 1 && (seen.kept == 0 || seen.created == 0 || seen.contents.len() == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Planned::{Created, Kept, Replaced};

    #[test]
    fn a_key_is_claimed_once() {
        for (calls, last) in [
            (&[(Created, "a")][..], true),
            (&[(Kept, "a")], true),
            (&[(Replaced, "a"), (Created, "a")], true),
            (&[(Replaced, "a"), (Created, "b")], true),
            (&[(Kept, "a"), (Created, "a")], true),
            (&[(Kept, "a"), (Created, "b")], false),
            (&[(Created, "b"), (Kept, "a")], false),
            (&[(Created, "a"), (Created, "a")], false),
            (&[(Kept, "a"), (Kept, "a")], false),
            (&[(Replaced, "a"), (Created, "a"), (Created, "a")], false),
        ] {
            let r = PlanRegistry::default();
            let mut got = true;
            for (how, content) in calls {
                got = r.claim("k", *how, content);
            }
            assert_eq!(got, last, "{calls:?}");
        }
    }
}
