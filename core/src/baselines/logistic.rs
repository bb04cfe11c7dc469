//! Logistic regression, fitted by Newton's method whose linear systems are solved by conjugate gradients (Nocedal and Wright
//! 2006, algorithm 7.1): no matrix of all pairs of features is made. Own code, because it is a page on top of `nalgebra`,
//! and a framework of optimisers would still leave the loss and its derivatives to be written.

use nalgebra::DMatrix;

/// The largest component of the gradient at which a fit is done, as a share of C times the samples.
const TOLERANCE: f64 = 1e-8;
/// Steps after which it is taken as it is; a dozen are usual.
const MAX_STEPS: usize = 100;
/// Products with the second derivatives that a step may take.
const MAX_PRODUCTS: usize = 250;
/// Share of the decrease that a step's slope promises that it must bring.
const SUFFICIENT: f64 = 1e-4;

/// The probabilities of classes from weighted sums of features.
#[derive(Debug, Clone)]
pub struct LogisticRegression {
    /// `[features + 1, outputs]`, intercepts last. Of two classes the second alone has an output.
    parameters: DMatrix<f64>,
}

impl LogisticRegression {
    /// The probability of each class.
    pub fn probabilities(&self, features: impl Iterator<Item = f64>) -> Vec<f64> {
        let (intercepts, outputs) = (self.parameters.nrows() - 1, self.parameters.ncols());
        let mut logits: Vec<f64> = self.parameters.row(intercepts).iter().copied().collect();
        for (position, feature) in features.take(intercepts).enumerate() {
            for (output, logit) in logits.iter_mut().enumerate() {
                *logit += feature * self.parameters[(position, output)];
            }
        }
        if outputs == 1 {
            logits.insert(0, 0.0);
        }
        softmax(&mut logits);
        logits
    }

    /// The weights and, in the last row, the intercepts: `[features + 1, outputs]`. Of two classes the second alone has an
    /// output.
    #[must_use]
    pub fn parameters(&self) -> &DMatrix<f64> {
        &self.parameters
    }
}

/// A fit under way: ½‖W‖² + C · Σ weight · cross-entropy is minimised, where intercepts may be of any size, as by
/// scikit-learn's `LogisticRegression(C, class_weight="balanced")`: two classes have one output, more have one each.
pub struct LogisticFit {
    /// `[samples, features]`.
    features: DMatrix<f64>,
    /// Of the samples, below `classes`.
    targets: Vec<usize>,
    classes: usize,
    /// C times each sample's weight.
    weights: Vec<f64>,
    parameters: DMatrix<f64>,
    tolerance: f64,
    steps: usize,
}

impl LogisticFit {
    /// A fit to features `[samples, features]` and classes below `classes`, at least two, each of which has a sample.
    /// Every class counts as much as any other.
    ///
    /// # Panics
    /// When there are not as many targets as samples, or one is not below `classes`.
    #[must_use]
    pub fn new(features: DMatrix<f64>, targets: Vec<usize>, classes: usize, c: f64) -> Self {
        assert_eq!(features.nrows(), targets.len(), "every sample has a class");
        let mut counts = vec![0_usize; classes];
        targets.iter().for_each(|&class| counts[class] += 1);
        let samples = targets.len() as f64;
        let weight = |&class: &usize| c * samples / (classes * counts[class]) as f64;
        let weights = targets.iter().map(weight).collect();
        let outputs = if classes == 2 { 1 } else { classes };
        let parameters = DMatrix::zeros(features.ncols() + 1, outputs);
        Self { features, targets, classes, weights, parameters, tolerance: TOLERANCE * c * samples, steps: 0 }
    }

    /// Takes one step and says whether the fit is done.
    pub fn step(&mut self) -> bool {
        let (loss, probabilities) = self.loss(&self.parameters);
        let gradient = self.gradient(&probabilities);
        if gradient.amax() <= self.tolerance || self.steps >= MAX_STEPS {
            return true;
        }
        self.steps += 1;
        let direction = self.newton_direction(&gradient, &probabilities);
        let slope = gradient.dot(&direction);
        let mut share = 1.0;
        // Where no step brings less, what is left to gain is below what numbers can tell.
        while share > 1e-10 {
            let there = &self.parameters + &direction * share;
            if self.loss(&there).0 < loss + SUFFICIENT * share * slope {
                self.parameters = there;
                return false;
            }
            share *= 0.5;
        }
        true
    }

    /// What was found.
    #[must_use]
    pub fn into_fitted(self) -> LogisticRegression {
        LogisticRegression { parameters: self.parameters }
    }

    /// Weighted sums of the features, `[samples, outputs]`.
    fn outputs(&self, parameters: &DMatrix<f64>) -> DMatrix<f64> {
        let features = self.features.ncols();
        let mut outputs = &self.features * parameters.rows(0, features);
        for (output, mut column) in outputs.column_iter_mut().enumerate() {
            column.add_scalar_mut(parameters[(features, output)]);
        }
        outputs
    }

    /// What is minimised, and the probabilities of the outputs, `[samples, outputs]`.
    fn loss(&self, parameters: &DMatrix<f64>) -> (f64, DMatrix<f64>) {
        let mut probabilities = self.outputs(parameters);
        let mut loss = 0.5 * parameters.rows(0, self.features.ncols()).norm_squared();
        let is_binary = self.classes == 2;
        let mut logits = Vec::with_capacity(self.classes);
        for (sample, mut row) in probabilities.row_iter_mut().enumerate() {
            logits.clear();
            logits.extend(is_binary.then_some(0.0));
            logits.extend(row.iter());
            let of_target = logits[self.targets[sample]];
            loss += self.weights[sample] * (softmax(&mut logits) - of_target);
            let own = &logits[usize::from(is_binary)..];
            row.iter_mut().zip(own).for_each(|(slot, probability)| *slot = *probability);
        }
        (loss, probabilities)
    }

    fn gradient(&self, probabilities: &DMatrix<f64>) -> DMatrix<f64> {
        let mut residuals = probabilities.clone();
        for (sample, mut row) in residuals.row_iter_mut().enumerate() {
            let own = if self.classes == 2 { self.targets[sample].checked_sub(1) } else { Some(self.targets[sample]) };
            if let Some(output) = own {
                row[output] -= 1.0;
            }
            row *= self.weights[sample];
        }
        self.pulled_back(&residuals, &self.parameters)
    }

    /// What changes of the outputs, `[samples, outputs]`, are for the parameters, with those of the weights' own size.
    fn pulled_back(&self, changes: &DMatrix<f64>, parameters: &DMatrix<f64>) -> DMatrix<f64> {
        let features = self.features.ncols();
        let mut pulled = parameters.clone();
        pulled.rows_mut(0, features).gemm_tr(1.0, &self.features, changes, 1.0);
        for (output, column) in changes.column_iter().enumerate() {
            pulled[(features, output)] = column.sum();
        }
        pulled
    }

    /// The second derivatives times a direction.
    fn curvature(&self, direction: &DMatrix<f64>, probabilities: &DMatrix<f64>) -> DMatrix<f64> {
        let mut changes = self.outputs(direction);
        for (sample, mut row) in changes.row_iter_mut().enumerate() {
            let shares = probabilities.row(sample);
            // Of two classes, the first has no output to change.
            let mean = row.dot(&shares);
            row.iter_mut().zip(&shares).for_each(|(slot, share)| *slot = self.weights[sample] * share * (*slot - mean));
        }
        self.pulled_back(&changes, direction)
    }

    /// Where the quadratic model of the loss is least, to a part of the gradient that shrinks with it.
    fn newton_direction(&self, gradient: &DMatrix<f64>, probabilities: &DMatrix<f64>) -> DMatrix<f64> {
        let norm = gradient.norm();
        let wanted = norm * 0.1_f64.min((norm / (norm + 1.0)).sqrt()) * 0.1;
        let mut direction = DMatrix::zeros(gradient.nrows(), gradient.ncols());
        let mut residual = -gradient;
        let mut search = residual.clone();
        let mut square = residual.norm_squared();
        for _ in 0..MAX_PRODUCTS {
            if square.sqrt() <= wanted {
                break;
            }
            let curved = self.curvature(&search, probabilities);
            let curvature = search.dot(&curved);
            if curvature <= 0.0 || !curvature.is_finite() {
                break;
            }
            let length = square / curvature;
            direction += &search * length;
            residual -= curved * length;
            let next = residual.norm_squared();
            search = &residual + &search * (next / square);
            square = next;
        }
        if direction.iter().all(|&value| value == 0.0) { -gradient } else { direction }
    }
}

/// Makes probabilities of logits; returns the logarithm of the sum of their exponentials.
fn softmax(logits: &mut [f64]) -> f64 {
    let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    logits.iter_mut().for_each(|logit| *logit = (*logit - largest).exp());
    let sum: f64 = logits.iter().sum();
    logits.iter_mut().for_each(|logit| *logit /= sum);
    largest + sum.ln()
}
