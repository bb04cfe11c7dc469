//! A run from its run file to its last event.

pub mod active_run;
pub mod command_queue;
pub mod limits;
pub mod run_check;
pub mod run_file;
pub mod run_storage;
pub mod sample_cache;
pub mod stopwatch;
pub mod tensorboard;
pub mod trainer;
