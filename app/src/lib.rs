//! What the page and its worker share: the messages between them. The page never computes; the worker, which holds core
//! and its engine, reads, preprocesses and trains.

pub mod editing;
pub mod protocol;
