//! What simple methods make of windows of a signal: the measure of what a network has learnt. Features are computed once a
//! window and shared by all tasks; what is fitted to them ([`TaskModel`]) is linear, and draws from no randomness.
//!
//! - `band_power`: log power in the classic bands ([`BandPower`]).
//! - `riemann`: covariances in the tangent space at their Riemannian mean ([`riemann`]), after Barachant et al. 2012.

mod band_power;
mod covariance;
mod linear_head;
mod logistic;
mod regression;
pub mod riemann;
mod standardizer;
mod symmetric;
mod task_model;
#[cfg(test)]
mod tests;

pub use self::{
    band_power::{BANDS_HZ, BandPower},
    covariance::oas_covariance,
    linear_head::{LEAST_PROBABILITY, LinearHead},
    logistic::{LogisticFit, LogisticRegression},
    regression::Ridge,
    standardizer::Standardizer,
    task_model::{LinearFit, TaskModel, Unlearnable},
};
