//! What the page and its worker share: the messages between them, and how things kept in the browser are called and
//! told. The page never computes; the worker, which holds core and its engine, reads, preprocesses and trains.

pub mod journal;
pub mod names;
pub mod protocol;
