//! Run files; and the run under way, as its events add up: what is known of it, its log, its speed and the lines of its
//! charts.

pub mod class_scores;
pub mod current_run;
pub mod figure;
pub mod obstacle;
pub mod outcome;
pub mod pass;
pub mod phase;
pub mod resuming;
pub mod run_file;
pub mod run_lines;
pub mod run_log;
pub mod speed;
