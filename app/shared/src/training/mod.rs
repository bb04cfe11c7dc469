//! The run under way: what is known of it, its log, its speed and the lines of its charts. Events go in one by one; the
//! page shows what they add up to.

pub mod class_scores;
pub mod phase;
pub mod run_lines;
pub mod run_log;
pub mod run_state;
pub mod speed;
