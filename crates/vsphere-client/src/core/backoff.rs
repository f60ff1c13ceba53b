//! The delays between the attempts of something that is repeated.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use tokio::time::Instant;

/// Delays that double up to a limit, and end at a deadline.
#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    next: Duration,
    longest: Duration,
    jitter: bool,
    until: Option<Instant>,
}

impl Backoff {
    /// Delays from `first` to `longest`, without an end.
    pub(crate) fn new(first: Duration, longest: Duration) -> Self {
        Backoff { next: first, longest, jitter: false, until: None }
    }

    /// Each delay is between half and all of its length, so that many callers do not come back at once.
    pub(crate) fn with_jitter(self) -> Self {
        Backoff { jitter: true, ..self }
    }

    /// No delay ends at or after `until`.
    pub(crate) fn until(self, until: Instant) -> Self {
        Backoff { until: Some(until), ..self }
    }

    /// The next delay; `None` if it would end after the deadline.
    pub(crate) fn next(&mut self) -> Option<Duration> {
        let full = self.next;
        self.next = (full * 2).min(self.longest);
        let delay = match self.jitter {
            true => full / 2 + full.mul_f64((random() % 1000) as f64 / 2000.0),
            false => full,
        };
        self.until.is_none_or(|until| Instant::now() + delay < until).then_some(delay)
    }

    /// Waits for the next delay; false, without waiting, if it would end after the deadline.
    pub(crate) async fn wait(&mut self) -> bool {
        let Some(delay) = self.next() else { return false };
        tokio::time::sleep(delay).await;
        true
    }
}

/// A number that cannot be predicted from outside; not for secrets.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn delays_double_up_to_the_longest() {
        let mut backoff = Backoff::new(ms(50), ms(300));
        let delays: Vec<_> = std::iter::from_fn(|| backoff.next()).take(5).collect();
        assert_eq!(delays, [ms(50), ms(100), ms(200), ms(300), ms(300)]);
    }

    #[test]
    fn jitter_takes_up_to_half_of_a_delay() {
        for _ in 0..100 {
            let mut backoff = Backoff::new(ms(1000), ms(8000)).with_jitter();
            for full in [ms(1000), ms(2000), ms(4000), ms(8000), ms(8000)] {
                let delay = backoff.next().unwrap();
                assert!(delay >= full / 2 && delay <= full, "{delay:?} of {full:?}");
            }
        }
    }

    #[tokio::test]
    async fn no_delay_ends_after_the_deadline() {
        let soon = || Instant::now() + ms(60_000);
        let mut backoff = Backoff::new(ms(1), ms(1_000_000)).until(soon());
        assert!(backoff.wait().await);
        let delays = std::iter::from_fn(|| backoff.next()).count();
        // 2 ms to 32,768 ms, which end before the minute is over.
        assert_eq!(delays, 15);
        assert!(!Backoff::new(ms(60_000), ms(60_000)).until(soon()).wait().await);
    }
}
