//! The datasets that are kept: files that come in, the samples made of them, and what the page shows of both.

pub mod about;
pub mod cache;
pub mod dropped;
pub mod import;
pub mod packed;
pub mod preview;
pub mod samples;
pub mod stored;
pub mod unpack;
