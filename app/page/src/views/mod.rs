//! The three parts of the page. Each reads the page's state and asks it for what the user wants.

pub mod data;
pub mod opened;
pub mod runs;
pub mod train;
pub mod trouble;
