//! Values that concurrent calls share by key: locks, and results that are looked up once.
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OwnedMutexGuard;

/// One value per key, created with its default on first use.
#[derive(Debug)]
pub struct PerKey<K, V>(Mutex<BTreeMap<K, Arc<V>>>);

/// One lock per key, around a value.
pub type KeyedLock<K, T = ()> = PerKey<K, tokio::sync::Mutex<T>>;

impl<K, V> Default for PerKey<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Ord, V: Default> PerKey<K, V> {
    /// The value of a key.
    pub fn of(&self, key: K) -> Arc<V> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().clone()
    }

    /// Removes the value of a key; its holders keep it.
    pub fn forget(&self, key: &K) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

impl<K: Ord, T: Default> KeyedLock<K, T> {
    /// Waits for the lock of a key. The lock is fair: waiting callers get it in their order.
    pub async fn lock(&self, key: K) -> OwnedMutexGuard<T> {
        self.of(key).lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn one_caller_at_a_time_holds_the_lock_of_a_key() {
        let locks = KeyedLock::<&str, u32>::default();
        let mut held = locks.lock("a").await;
        *held = 7;
        assert_eq!(*locks.lock("b").await, 0);
        let waits = tokio::time::timeout(Duration::from_millis(20), locks.lock("a")).await;
        assert!(waits.is_err());
        drop(held);
        assert_eq!(*locks.lock("a").await, 7);
    }

    #[test]
    fn a_forgotten_value_is_created_again() {
        let values = PerKey::<u8, Mutex<u32>>::default();
        let first = values.of(1);
        assert!(Arc::ptr_eq(&first, &values.of(1)));
        values.forget(&1);
        assert!(!Arc::ptr_eq(&first, &values.of(1)));
    }
}
