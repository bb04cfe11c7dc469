//! What the tests of whole programs share.

mod program;

pub use program::program;
