//! Locks what templates share with the engine.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Nothing here panics while it holds a lock.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
