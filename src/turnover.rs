//! Names that change hands in one apply: `a` becomes `b` while `b` becomes `c`, or is destroyed.
//!
//! Terraform changes resources side by side and knows nothing of their names. What is noted here are the changes that are
//! under way: who of them gives its name up, and who waits for that. A name that nothing in this run gives up is not waited
//! for.
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use vsphere_client::MoRef;

/// How long a change that has not begun is waited for, where no other change is under way that may have to end first.
const START_TIMEOUT: Duration = Duration::from_secs(2);
/// How long it is waited for at most.
const LONGEST: Duration = Duration::from_secs(60);

/// What became of a wait for a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Who had it has ended its change, or did not begin one in time: look again.
    Over,
    /// Who has it waits, perhaps over others, for the name of the one who asks.
    Circle,
}

/// The changes under way that give a name up, each with the object that it waits for.
#[derive(Debug, Default)]
pub(crate) struct Turnover {
    leaving: Mutex<BTreeMap<MoRef, Option<MoRef>>>,
    changed: Notify,
}

/// A change that gives a name up, until this is dropped.
#[derive(Debug)]
pub(crate) struct Leaving {
    of: Arc<Turnover>,
    object: MoRef,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.of.left(&self.object);
    }
}

impl Turnover {
    fn with<T>(&self, f: impl FnOnce(&mut BTreeMap<MoRef, Option<MoRef>>) -> T) -> T {
        f(&mut self.leaving.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes that a change of an object has begun which gives its name up.
    pub(crate) fn leaves(self: &Arc<Self>, object: &MoRef) -> Leaving {
        self.with(|all| drop(all.insert(object.clone(), None)));
        self.changed.notify_waiters();
        Leaving { of: self.clone(), object: object.clone() }
    }

    /// Notes that an object has given its name up; the change may go on.
    pub(crate) fn left(&self, object: &MoRef) {
        self.with(|all| drop(all.remove(object)));
        self.changed.notify_waiters();
    }

    /// Whether any change under way gives a name up.
    pub(crate) fn any(&self) -> bool {
        self.with(|all| !all.is_empty())
    }

    /// Waits until `holder` has given its name up for `who`, or for something new without one. No longer than `within`,
    /// nor than changes are under way that could lead to it.
    pub(crate) async fn wait(
        &self,
        who: Option<&MoRef>,
        holder: &MoRef,
        within: Duration,
        cancel: &CancellationToken,
    ) -> Outcome {
        if let Some(who) = who
            && self.with(|all| {
                let circle = leads_to(all, holder, who);
                if let (false, Some(own)) = (circle, all.get_mut(who)) {
                    *own = Some(holder.clone());
                }
                circle
            })
        {
            return Outcome::Circle;
        }
        let begun = tokio::time::Instant::now();
        let mut seen = false;
        while !cancel.is_cancelled() {
            let mut changed = std::pin::pin!(self.changed.notified());
            // From here on nothing is missed.
            changed.as_mut().enable();
            let (leaves, others) = self.with(|all| {
                let busy = |(o, waits): (&MoRef, &Option<MoRef>)| Some(o) != who && waits.is_none();
                (all.contains_key(holder), all.iter().any(busy))
            });
            let bound = match (leaves, seen, others) {
                (true, ..) => within,
                (false, true, _) => break,
                (false, false, true) => within.min(LONGEST),
                (false, false, false) => within.min(START_TIMEOUT),
            };
            seen |= leaves;
            tokio::select! {
                () = changed => {}
                () = cancel.cancelled() => {}
                () = tokio::time::sleep_until(begun + bound) => break,
            }
        }
        if let Some(who) = who {
            self.with(|all| all.get_mut(who).map(Option::take));
        }
        Outcome::Over
    }
}

/// Whether a chain of waits leads from one object to another.
fn leads_to(all: &BTreeMap<MoRef, Option<MoRef>>, from: &MoRef, to: &MoRef) -> bool {
    let mut here = from;
    for _ in 0..=all.len() {
        if here == to {
            return true;
        }
        match all.get(here) {
            Some(Some(next)) => here = next,
            _ => return false,
        }
    }
    false
}

/// A name to have for a moment, so that others can go on; at most 80 characters, as vSphere wants it. Pure.
pub(crate) fn aside(name: &str, object: &MoRef) -> String {
    let behind = format!(" ({})", object.id);
    let room = 80_usize.saturating_sub(behind.chars().count());
    name.chars().take(room).chain(behind.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(200);
    const LONG: Duration = Duration::from_secs(20);

    fn vm(n: u32) -> MoRef {
        MoRef::new("VirtualMachine", format!("vm-{n}"))
    }

    #[tokio::test]
    async fn a_chain_ends_one_by_one() {
        let all = Arc::new(Turnover::default());
        let cancel = CancellationToken::new();
        let chain = async |n: u32| {
            let leaving = all.leaves(&vm(n));
            // The last gives its name up without waiting.
            if n < 3 {
                assert_eq!(all.wait(Some(&vm(n)), &vm(n + 1), LONG, &cancel).await, Outcome::Over);
            } else {
                tokio::time::sleep(SHORT).await;
            }
            drop(leaving);
            n
        };
        let begun = std::time::Instant::now();
        let ends = futures_util::join!(chain(1), chain(2), chain(3));
        assert_eq!(ends, (1, 2, 3));
        assert!(begun.elapsed() < LONG && !all.any());
    }

    #[tokio::test]
    async fn a_circle_is_reported() {
        let all = Arc::new(Turnover::default());
        let cancel = CancellationToken::new();
        let (_a, b) = (all.leaves(&vm(1)), all.leaves(&vm(2)));
        let (one, two) = (vm(1), vm(2));
        let first = all.wait(Some(&one), &two, LONG, &cancel);
        let second = async {
            let found = all.wait(Some(&two), &one, LONG, &cancel).await;
            drop(b);
            found
        };
        assert_eq!(futures_util::join!(first, second), (Outcome::Over, Outcome::Circle));
    }

    #[tokio::test]
    async fn what_nothing_gives_up_is_not_waited_for_long() {
        let all = Arc::new(Turnover::default());
        let cancel = CancellationToken::new();
        let begun = std::time::Instant::now();
        assert_eq!(all.wait(None, &vm(1), LONG, &cancel).await, Outcome::Over);
        assert!(begun.elapsed() >= START_TIMEOUT && begun.elapsed() < LONG);
        // One that began, and ended.
        let change = async {
            tokio::time::sleep(SHORT).await;
            let leaving = all.leaves(&vm(1));
            tokio::time::sleep(SHORT).await;
            drop(leaving);
        };
        let begun = std::time::Instant::now();
        let one = vm(1);
        let (found, ()) = futures_util::join!(all.wait(None, &one, LONG, &cancel), change);
        assert!(found == Outcome::Over && begun.elapsed() < START_TIMEOUT);
        let _leaving = all.leaves(&one);
        cancel.cancel();
        assert_eq!(all.wait(None, &one, LONG, &cancel).await, Outcome::Over);
    }

    #[test]
    fn a_name_for_a_moment_fits() {
        assert_eq!(aside("web", &vm(7)), "web (vm-7)");
        assert_eq!(aside(&"ä".repeat(80), &vm(7)).chars().count(), 80);
    }
}
