//! What is looked up once in a run, however many ask for it at the same time.
use tokio::sync::OnceCell;
use vsphere_client::PerKey;

/// Results by key. A failure is not kept: the next caller looks again.
pub(crate) struct Once<K, V>(PerKey<K, OnceCell<V>>);

impl<K, V> Default for Once<K, V> {
    fn default() -> Self {
        Self(PerKey::default())
    }
}

impl<K: Ord, V: Clone> Once<K, V> {
    /// Returns the result, looking it up if necessary; concurrent callers wait for the same look-up.
    ///
    /// # Errors
    /// Those of looking.
    pub(crate) async fn get<E>(&self, key: K, look: impl Future<Output = Result<V, E>>) -> Result<V, E> {
        self.0.of(key).get_or_try_init(|| look).await.cloned()
    }

    /// Forgets an answer that has turned out wrong.
    pub(crate) fn forget(&self, key: &K) {
        self.0.forget(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn many_ask_and_one_looks() {
        let (once, looks) = (Once::default(), AtomicU32::new(0));
        let ask = || {
            once.get("template", async {
                tokio::task::yield_now().await;
                Ok::<_, ()>(looks.fetch_add(1, Ordering::SeqCst))
            })
        };
        let answers = futures_util::future::join_all((0..10).map(|_| ask())).await;
        assert!(answers.iter().all(|a| *a == Ok(0)) && looks.load(Ordering::SeqCst) == 1, "{answers:?}");
        once.forget(&"template");
        assert_eq!(ask().await, Ok(1));
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let once = Once::default();
        assert_eq!(once.get(1, async { Err::<(), _>("down") }).await, Err("down"));
        assert_eq!(once.get(1, async { Ok::<_, &str>(()) }).await, Ok(()));
    }
}
