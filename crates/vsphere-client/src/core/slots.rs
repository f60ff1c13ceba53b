//! The state of the services, one value per type. A service defines the type in its own file, and the core does not
//! depend on it.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Values by type, created at the first access. They live as long as the client.
#[derive(Default)]
pub(super) struct Slots(Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Slots {
    pub(super) fn get<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let value = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default())).clone()
        };
        // The key is the type of the value.
        value.downcast().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_has_one_value() {
        let slots = Slots::default();
        *slots.get::<Mutex<u32>>().lock().unwrap() = 7;
        assert_eq!(*slots.get::<Mutex<u64>>().lock().unwrap(), 0);
        assert_eq!(*slots.get::<Mutex<u32>>().lock().unwrap(), 7);
    }
}
