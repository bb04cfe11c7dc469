//! The command line as a process: on the demo, on recordings and folders made here, and on everything that can be wrong.

mod answers;
mod baselines;
mod cross_validation;
mod ending;
mod killed;
mod manners;
mod mistakes;
mod preprocessing;
mod training;
