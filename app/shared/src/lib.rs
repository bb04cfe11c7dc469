//! What the page and its worker share: the messages between them, and how things kept in the browser are called and
//! told; and what of the page needs no browser, and is tested without one. The page never computes; the worker, which
//! holds core and its engine, reads, preprocesses and trains.

pub mod claims;
pub mod constructors;
pub mod datasets;
pub mod drawing;
pub mod editing;
pub mod format;
pub mod journal;
pub mod kept;
pub mod names;
pub mod protocol;
pub mod restarts;
pub mod run_file;
pub mod training;
