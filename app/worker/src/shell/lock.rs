//! Work that waits for the browser in between, one at a time.

use std::cell::Cell;

use super::event_loop::yield_now;

/// Lets one in at a time.
#[derive(Default)]
pub struct Lock {
    is_taken: Cell<bool>,
}

impl Lock {
    /// Waits until nobody else is in. Dropped, what is given back lets the next one in.
    pub async fn take(&self) -> Taken<'_> {
        while self.is_taken.replace(true) {
            yield_now().await;
        }
        Taken(self)
    }
}

/// A lock that is taken.
pub struct Taken<'a>(&'a Lock);

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.0.is_taken.set(false);
    }
}
