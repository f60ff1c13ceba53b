//! Values that many callers read at the same time: one request answers them all.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// How long a value is reused while this client has not written. Within one run everything is meant to be
/// seen as of one moment; this bounds how far apart "one moment" may be.
const READING: Duration = Duration::from_secs(30);
/// How long once it has written: changes of others are then more likely to matter.
const WRITING: Duration = Duration::from_secs(2);

/// Counts the writes of one kind: what was read before the last write is stale.
#[derive(Debug, Default)]
pub(crate) struct Epoch {
    count: AtomicU64,
    written: AtomicBool,
}

impl Epoch {
    fn now(&self) -> u64 {
        self.count.load(Ordering::SeqCst)
    }

    fn max_age(&self) -> Duration {
        if self.written.load(Ordering::SeqCst) { WRITING } else { READING }
    }

    /// Whether there was a write.
    pub(crate) fn is_written(&self) -> bool {
        self.written.load(Ordering::SeqCst)
    }

    /// Marks a write. What is returned must be held while it lasts: the end counts too, also when the
    /// caller gives up half-way, for the server may have acted by then.
    #[must_use]
    pub(crate) fn writing(&self) -> Writing<'_> {
        self.written.store(true, Ordering::SeqCst);
        self.count.fetch_add(1, Ordering::SeqCst);
        Writing(self)
    }
}

pub(crate) struct Writing<'a>(&'a Epoch);

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.count.fetch_add(1, Ordering::SeqCst);
    }
}

/// How long a batch waits for the next that may join it, where there has been company; and in all, at most.
const QUIET: Duration = Duration::from_millis(50);
const LINGER: Duration = Duration::from_millis(300);
/// How long company is remembered.
const COMPANY: Duration = Duration::from_millis(500);

/// How long one who watches for many may let the news gather before it asks again.
pub(crate) fn pace(watched: usize) -> Duration {
    Duration::from_millis(10 * watched.min(10) as u64)
}

/// Whether a batch had better wait a moment: only when callers have lately come at the same time, and only
/// until that many callers wait again or no more arrive. A caller that works alone, one call after the other, never
/// waits; and where callers are as many as they ever are, all of them wait for this, so that nothing is lost.
#[derive(Debug, Default)]
pub(crate) struct Company {
    last: Mutex<Option<(Instant, usize)>>,
    /// How many callers wait for an answer, whether their question has been sent or not.
    asking: AtomicUsize,
}

/// A caller that waits for an answer.
pub(crate) struct Asking<'a>(&'a Company);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.asking.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Company {
    fn lately(&self) -> Option<usize> {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.filter(|(at, _)| at.elapsed() < COMPANY).map(|(_, count)| count)
    }

    /// A caller asks. What is returned must be held until it has its answer.
    #[must_use]
    pub(crate) fn ask(&self) -> Asking<'_> {
        let count = self.asking.fetch_add(1, Ordering::SeqCst) + 1;
        if count > 1 {
            self.note(count);
        }
        Asking(self)
    }

    /// Notes that so many wait at the same time.
    fn note(&self, count: usize) {
        let count = self.lately().unwrap_or_default().max(count);
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), count));
    }

    /// Lets those who are ready to ask do so.
    pub(crate) async fn gather(&self, waiting: impl Fn() -> usize) {
        tokio::task::yield_now().await;
        let began = Instant::now();
        let mut last = (waiting(), began);
        while self.lately().is_some_and(|count| waiting() < count)
            && began.elapsed() < LINGER
            && last.1.elapsed() < QUIET
        {
            tokio::time::sleep(Duration::from_millis(1)).await;
            let now = waiting();
            if now != last.0 {
                last = (now, Instant::now());
            }
        }
    }
}

#[derive(Debug)]
struct Kept<T> {
    value: Arc<T>,
    epoch: u64,
    at: Instant,
}

/// One value that is read by one request at a time and reused until it is stale.
#[derive(Debug)]
pub(crate) struct Snapshot<T> {
    kept: Mutex<Option<Kept<T>>>,
    gate: tokio::sync::Mutex<()>,
    /// Why the last request failed: those who waited for it share that, too, or each would wait in turn for a server
    /// that does not answer.
    failed: Mutex<Option<(Error, u64, Instant)>>,
}

impl<T> Default for Snapshot<T> {
    fn default() -> Self {
        Snapshot { kept: Mutex::new(None), gate: tokio::sync::Mutex::new(()), failed: Mutex::new(None) }
    }
}

impl<T> Snapshot<T> {
    /// The value, if it is kept and not stale.
    pub(crate) fn peek(&self, epoch: &Epoch) -> Option<Arc<T>> {
        self.fresh(epoch, epoch.now())
    }

    fn fresh(&self, epoch: &Epoch, needed: u64) -> Option<Arc<T>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref()
            .filter(|k| k.epoch >= needed && k.at.elapsed() < epoch.max_age())
            .map(|k| k.value.clone())
    }

    /// The value: kept, or from the request that is under way, or from `fetch`.
    ///
    /// A caller that has written sees what it wrote: a request that began before the write does not serve it.
    pub(crate) async fn get(&self, epoch: &Epoch, fetch: impl AsyncFnOnce() -> Result<T>) -> Result<Arc<T>> {
        let needed = epoch.now();
        if let Some(value) = self.fresh(epoch, needed) {
            return Ok(value);
        }
        let arrived = Instant::now();
        let _turn = self.gate.lock().await;
        if let Some(value) = self.fresh(epoch, needed) {
            return Ok(value);
        }
        let failed = || self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((error, epoch, at)) = &*failed()
            && *epoch >= needed
            && *at >= arrived
        {
            return Err(error.clone());
        }
        let began = (epoch.now(), Instant::now());
        let value = match fetch().await {
            Ok(value) => Arc::new(value),
            Err(error) => {
                *failed() = Some((error.clone(), began.0, Instant::now()));
                return Err(error);
            }
        };
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Kept { value: value.clone(), epoch: began.0, at: began.1 });
        Ok(value)
    }

    /// Keeps a value that came with another answer.
    pub(crate) fn put(&self, epoch: u64, value: T) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Kept { value: Arc::new(value), epoch, at: Instant::now() });
    }
}

/// Many such values, by key.
#[derive(Debug)]
pub(crate) struct Snapshots<K, T> {
    slots: Mutex<HashMap<K, Arc<Snapshot<T>>>>,
}

impl<K, T> Default for Snapshots<K, T> {
    fn default() -> Self {
        Snapshots { slots: Mutex::new(HashMap::new()) }
    }
}

impl<K: Eq + Hash + Clone, T> Snapshots<K, T> {
    fn slot(&self, key: &K) -> Arc<Snapshot<T>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.entry(key.clone()).or_default().clone()
    }

    /// As [`Snapshot::get`], for one key.
    pub(crate) async fn get(
        &self,
        epoch: &Epoch,
        key: &K,
        fetch: impl AsyncFnOnce() -> Result<T>,
    ) -> Result<Arc<T>> {
        self.slot(key).get(epoch, fetch).await
    }

    /// The value of a key as it is now, for those who change what they read. It answers later callers, too.
    pub(crate) async fn now(
        &self,
        epoch: &Epoch,
        key: &K,
        fetch: impl Future<Output = Result<T>>,
    ) -> Result<Arc<T>>
    where
        T: Clone,
    {
        let began = epoch.now();
        let value = fetch.await?;
        self.put(began, key, value.clone());
        Ok(Arc::new(value))
    }

    /// The value of a key, if it is kept and not stale.
    pub(crate) fn peek(&self, epoch: &Epoch, key: &K) -> Option<Arc<T>> {
        self.slot(key).peek(epoch)
    }

    /// Keeps a value that was read when `epoch` was current (see [`Snapshots::epoch`]).
    pub(crate) fn put(&self, epoch: u64, key: &K, value: T) {
        self.slot(key).put(epoch, value);
    }

    /// The epoch to note before reading what is then [`put`](Snapshots::put).
    pub(crate) fn epoch(epoch: &Epoch) -> u64 {
        epoch.now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_fetch_serves_all_until_a_write() {
        let (snapshot, epoch, fetches) = (Snapshot::default(), Epoch::default(), AtomicUsize::new(0));
        let read = || {
            snapshot.get(&epoch, async || {
                tokio::time::sleep(Duration::from_millis(5)).await;
                Ok(fetches.fetch_add(1, Ordering::SeqCst))
            })
        };
        let (a, b, c) = tokio::join!(read(), read(), read());
        assert_eq!((*a.unwrap(), *b.unwrap(), *c.unwrap()), (0, 0, 0));
        drop(epoch.writing());
        assert_eq!(*read().await.unwrap(), 1);
    }

    #[tokio::test]
    async fn those_who_wait_share_a_failure_and_those_who_come_later_do_not() {
        let (snapshot, epoch, fetches) = (Snapshot::<()>::default(), Epoch::default(), AtomicUsize::new(0));
        let read = || {
            snapshot.get(&epoch, async || {
                tokio::time::sleep(Duration::from_millis(5)).await;
                fetches.fetch_add(1, Ordering::SeqCst);
                Err(Error::Cancelled)
            })
        };
        let (a, b, c) = tokio::join!(read(), read(), read());
        assert!(a.is_err() && b.is_err() && c.is_err());
        assert_eq!(fetches.load(Ordering::SeqCst), 1);
        assert!(read().await.is_err());
        assert_eq!(fetches.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_fetch_that_began_before_a_write_does_not_serve_who_came_after() {
        let (snapshot, epoch, fetches) = (Snapshot::default(), Epoch::default(), AtomicUsize::new(0));
        let read = || {
            snapshot.get(&epoch, async || {
                let n = fetches.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(20)).await;
                Ok(n)
            })
        };
        let (old, new) = tokio::join!(read(), async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            drop(epoch.writing());
            read().await
        });
        assert_eq!((*old.unwrap(), *new.unwrap()), (0, 1));
    }
}
