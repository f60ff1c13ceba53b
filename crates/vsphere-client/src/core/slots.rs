//! State by its type. The code that keeps something defines the type in its own file, and the carrier does not depend
//! on it. The core of the client carries the state of its services.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Values by type, one of each, created at the first access.
#[derive(Default)]
pub struct Slots(Mutex<BTreeMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Slots {
    /// The one value of a type.
    pub fn get<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
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
