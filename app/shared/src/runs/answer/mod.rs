//! How good a run's model is, as a person is told: the assessments of its splits come in; sentences, numbers and the places
//! of what is drawn come out. Nothing here knows a browser; the page shows it.

pub mod classes;
pub mod numbers;
pub mod people;
pub mod sentences;
#[cfg(test)]
mod tests;
pub mod whiskers;
