//! What a run keeps in memory: one value of each type that asks for it, so that whoever keeps something names it
//! in its own file, and the connection that carries it knows none of them.
use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Values by their types, each made when it is first asked for. They live as long as the configured provider.
#[derive(Default)]
pub(crate) struct RunState(Mutex<BTreeMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl RunState {
    /// The run's one value of a type.
    pub(crate) fn get<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
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
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn each_type_has_one_value() {
        let state = RunState::default();
        state.get::<AtomicU32>().store(7, Ordering::SeqCst);
        assert_eq!(state.get::<Mutex<u32>>().lock().map(|v| *v).ok(), Some(0));
        assert_eq!(state.get::<AtomicU32>().load(Ordering::SeqCst), 7);
    }
}
