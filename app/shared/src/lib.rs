//! What the page and its worker share: the messages between them, and how things kept in the browser are called and
//! told; and what of the page needs no browser, and is tested without one. The page never computes; the worker, which
//! holds core and its engine, reads, preprocesses and trains.

pub mod datasets;
pub mod drawing;
pub mod editing;
pub mod format;
pub mod protocol;
pub mod runs;
pub mod shell;
pub mod training;

#[cfg(test)]
mod test_events;
