//! A task's model: what is always said, or what is fitted to features.

use super::{LogisticFit, LogisticRegression, Ridge, Standardizer};
use crate::{
    evaluation::Prediction,
    labels::{Target, TaskKind, TaskSpec},
};

/// The inverse of the penalty of the logistic regression's weights.
const C: f64 = 0.01;
/// The penalty of the ridge regression's weights.
const ALPHA: f64 = 1.0;

/// Why there is no model of a task.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unlearnable {
    /// There is no label to learn from.
    #[error("no training sample has a label")]
    NoLabel,
    /// There is nothing to tell apart.
    #[error("all training samples are `{class}`")]
    SingleClass {
        /// The class.
        class: String,
    },
    /// The weights cannot be solved for.
    #[error("its features are no finite numbers")]
    NotFinite,
}

/// A model of one task.
#[derive(Debug, Clone)]
pub enum TaskModel {
    /// The same for every sample.
    Constant(Prediction),
    /// A class by its features.
    Logistic {
        /// Of the features.
        standardizer: Standardizer,
        /// Of the classes that were there to learn from.
        regression: LogisticRegression,
        /// Which of the task's classes these are.
        classes: Vec<usize>,
        /// How many the task has.
        outputs: usize,
    },
    /// A number by its features.
    Ridge {
        /// Of the features.
        standardizer: Standardizer,
        /// Of the values.
        regression: Ridge,
    },
}

impl TaskModel {
    /// Says the class that most of these labels are, the first of several, or the mean of their values.
    ///
    /// # Errors
    /// [`Unlearnable::NoLabel`].
    pub fn majority(task: &TaskSpec, targets: &[Target]) -> Result<Self, Unlearnable> {
        if targets.is_empty() {
            return Err(Unlearnable::NoLabel);
        }
        let share = 1.0 / targets.len() as f64;
        Ok(Self::Constant(match &task.kind {
            TaskKind::Regression { .. } => Prediction::Value(values(targets).iter().map(|value| value * share).sum()),
            TaskKind::Classification { classes } => {
                let mut shares = vec![0.0; classes.len()];
                classes_of(targets).for_each(|class| shares[class] += share);
                Prediction::Classes(shares)
            }
        }))
    }

    /// What it says of a sample with these features.
    #[must_use]
    pub fn predict(&self, features: &[f64]) -> Prediction {
        match self {
            Self::Constant(prediction) => prediction.clone(),
            Self::Logistic { standardizer, regression, classes, outputs } => {
                let mut probabilities = vec![0.0; *outputs];
                let known = regression.probabilities(standardizer.apply(features));
                classes.iter().zip(known).for_each(|(&class, probability)| probabilities[class] = probability);
                Prediction::Classes(probabilities)
            }
            Self::Ridge { standardizer, regression } => {
                Prediction::Value(regression.predict(standardizer.apply(features)))
            }
        }
    }
}

/// The fit of a linear model to features, a step at a time.
pub struct LinearFit {
    standardizer: Standardizer,
    kind: Kind,
}

enum Kind {
    Logistic { fit: LogisticFit, classes: Vec<usize>, outputs: usize },
    Ridge(Ridge),
}

impl LinearFit {
    /// To samples, each of `features` values, and their labels: logistic regression (C = 0.01, classes balanced), or ridge
    /// regression (α = 1), on standardised features.
    ///
    /// # Errors
    /// [`Unlearnable`].
    pub fn new(task: &TaskSpec, samples: &[&[f64]], targets: &[Target], features: usize) -> Result<Self, Unlearnable> {
        if targets.is_empty() {
            return Err(Unlearnable::NoLabel);
        }
        let standardizer = Standardizer::fit(samples, features);
        let matrix = || {
            let matrix = standardizer.matrix(samples);
            if matrix.iter().all(|value| value.is_finite()) { Ok(matrix) } else { Err(Unlearnable::NotFinite) }
        };
        let kind = match &task.kind {
            TaskKind::Regression { .. } => {
                let ridge = Ridge::fit(&matrix()?, &values(targets), ALPHA);
                Kind::Ridge(ridge.ok_or(Unlearnable::NotFinite)?)
            }
            TaskKind::Classification { classes: names } => {
                let mut classes: Vec<usize> = classes_of(targets).collect();
                classes.sort_unstable();
                classes.dedup();
                if let &[only] = classes.as_slice() {
                    return Err(Unlearnable::SingleClass { class: names[only].clone() });
                }
                let place = |class: usize| classes.partition_point(|&known| known < class);
                let fit = LogisticFit::new(matrix()?, classes_of(targets).map(place).collect(), classes.len(), C);
                Kind::Logistic { fit, classes, outputs: names.len() }
            }
        };
        Ok(Self { standardizer, kind })
    }

    /// Takes one step and says whether the fit is done.
    pub fn step(&mut self) -> bool {
        match &mut self.kind {
            Kind::Logistic { fit, .. } => fit.step(),
            Kind::Ridge(_) => true,
        }
    }

    /// What was found.
    #[must_use]
    pub fn into_model(self) -> TaskModel {
        let standardizer = self.standardizer;
        match self.kind {
            Kind::Logistic { fit, classes, outputs } => {
                TaskModel::Logistic { standardizer, regression: fit.into_fitted(), classes, outputs }
            }
            Kind::Ridge(regression) => TaskModel::Ridge { standardizer, regression },
        }
    }
}

fn classes_of(targets: &[Target]) -> impl Iterator<Item = usize> {
    targets.iter().filter_map(|target| match target {
        Target::Class(class) => Some(*class),
        Target::Value(_) => None,
    })
}

fn values(targets: &[Target]) -> Vec<f64> {
    let value = |target: &Target| match target {
        Target::Value(value) => Some(f64::from(*value)),
        Target::Class(_) => None,
    };
    targets.iter().filter_map(value).collect()
}
