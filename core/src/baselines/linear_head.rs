//! A fitted model of a task as the last layer of a network.

use nalgebra::DMatrix;

use super::{LogisticRegression, Ridge, Standardizer, TaskModel};
use crate::evaluation::Prediction;

/// The least probability whose logarithm a head says.
pub const LEAST_PROBABILITY: f64 = 1e-15;

/// Weighted sums of features: the logits of a task's classes, or a number.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearHead {
    /// `[outputs, features]`.
    pub weights: DMatrix<f64>,
    /// Of the outputs.
    pub biases: Vec<f64>,
}

impl LinearHead {
    /// Says 0 of every sample.
    #[must_use]
    pub fn zeros(outputs: usize, features: usize) -> Self {
        Self { weights: DMatrix::zeros(outputs, features), biases: vec![0.0; outputs] }
    }

    /// What a model says, of features as they are; a number less `mean`, as a multiple of `std`.
    #[must_use]
    pub fn of(model: &TaskModel, features: usize, mean: f64, std: f64) -> Self {
        match model {
            TaskModel::Constant(Prediction::Value(value)) => {
                Self { biases: vec![(value - mean) / std], ..Self::zeros(1, features) }
            }
            TaskModel::Constant(Prediction::Classes(shares)) => {
                let biases = shares.iter().map(|share| share.max(LEAST_PROBABILITY).ln()).collect();
                Self { biases, ..Self::zeros(shares.len(), features) }
            }
            TaskModel::Logistic { standardizer, regression, classes, outputs } => {
                of_classes(regression, classes, *outputs).before(standardizer)
            }
            TaskModel::Ridge { standardizer, regression } => of_number(regression, mean, std).before(standardizer),
        }
    }

    /// The same head over features as they are, when this one is over features on a scale.
    fn before(mut self, scale: &Standardizer) -> Self {
        for (mut row, bias) in self.weights.row_iter_mut().zip(&mut self.biases) {
            for ((weight, mean), std) in row.iter_mut().zip(scale.mean()).zip(scale.std()) {
                *weight /= std;
                *bias -= *weight * mean;
            }
        }
        self
    }

    /// The same head over features on a scale, when this one is over features as they are.
    #[must_use]
    pub fn after(mut self, scale: &Standardizer) -> Self {
        for (mut row, bias) in self.weights.row_iter_mut().zip(&mut self.biases) {
            for ((weight, mean), std) in row.iter_mut().zip(scale.mean()).zip(scale.std()) {
                *bias += *weight * mean;
                *weight *= std;
            }
        }
        self
    }
}

fn of_classes(regression: &LogisticRegression, classes: &[usize], outputs: usize) -> LinearHead {
    let parameters = regression.parameters();
    let features = parameters.nrows() - 1;
    let mut head = LinearHead::zeros(outputs, features);
    head.biases.fill(LEAST_PROBABILITY.ln());
    // Of two classes the second alone has an output.
    let first = classes.len() - parameters.ncols();
    for &class in &classes[..first] {
        head.biases[class] = 0.0;
    }
    for (column, &class) in parameters.column_iter().zip(&classes[first..]) {
        head.weights.row_mut(class).copy_from(&column.rows(0, features).transpose());
        head.biases[class] = column[features];
    }
    head
}

fn of_number(regression: &Ridge, mean: f64, std: f64) -> LinearHead {
    let weights = regression.weights();
    let weights = DMatrix::from_row_iterator(1, weights.len(), weights.iter().map(|weight| weight / std));
    LinearHead { weights, biases: vec![(regression.intercept() - mean) / std] }
}
