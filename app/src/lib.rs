//! What the page and its worker share, and what of the page needs no browser: the messages between the two, and numbers
//! as people read them. The page never computes; the worker, which holds core and its engine, reads, preprocesses and
//! trains.

pub mod format;
pub mod editing;
pub mod protocol;
