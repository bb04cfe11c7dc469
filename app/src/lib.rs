//! What the page and its worker share: the messages between them. The page never computes; the worker, which holds core
//! and its engine, reads, preprocesses and trains. What charts work out before they draw is here too, where it is tested
//! without a browser.

pub mod drawing;
pub mod editing;
pub mod protocol;
