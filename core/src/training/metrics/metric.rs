//! What a metric is, and the results that it is computed from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::scores::{Scores, Standing};
use crate::{
    datasets::LabelCounts,
    evaluation::Prediction,
    labels::{Target, TaskSpec},
};

/// A number that says how good a task's predictions are.
#[derive(Debug)]
pub struct Metric {
    /// Its name in `history.json`, behind `train_` and `val_`.
    pub key: &'static str,
    /// What stands before and behind the task in its TensorBoard tag; none when it is not logged.
    pub tag: Option<(&'static str, &'static str)>,
    /// Its value; none for tasks to which it does not apply.
    pub of: fn(&TaskMetrics) -> Option<f64>,
    /// How it is drawn; none when it is not.
    pub chart: Option<Chart>,
}

/// The chart of a metric.
#[derive(Debug)]
pub struct Chart {
    /// What stands over it.
    pub title: &'static str,
    /// Whether it is of tasks that tell classes apart, else of those that predict a number.
    pub is_of_classes: bool,
    /// Whether the training split has a line beside that of validation.
    pub with_training: bool,
    /// What guessing would reach in validation.
    pub guess: Option<Guess>,
}

/// What a metric is compared with.
#[derive(Debug)]
pub struct Guess {
    /// What its line is called.
    pub name: &'static str,
    /// Its value, where the metric has one.
    pub of: fn(&TaskMetrics) -> Option<f64>,
    /// The metric that a history has of it; none where it has none.
    pub recorded: Option<&'static Metric>,
}

/// Results of one task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskMetrics {
    /// The task's name.
    pub task: String,
    /// Samples that have a label of this task; 0 where an older version did not count them.
    #[serde(default)]
    pub samples: u64,
    /// People among them, where that is known.
    #[serde(default)]
    pub subjects: Option<usize>,
    /// People who have a sample of each class, where that is known; empty for a number, and in what older versions wrote.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub class_subjects: Vec<usize>,
    /// Mean loss over these samples; 0 when there are none.
    pub loss: f64,
    /// What kind of result it has.
    #[serde(flatten)]
    pub scores: Scores,
}

impl TaskMetrics {
    /// Results over so many samples of people who are not known.
    pub fn new(task: &str, samples: u64, loss: f64, scores: Scores) -> Self {
        Self { task: task.to_owned(), samples, subjects: None, class_subjects: Vec::new(), loss, scores }
    }

    /// Of what was said of samples that have a label; the people are not known.
    pub fn of<'p>(task: &TaskSpec, loss: f64, answers: impl Iterator<Item = (Target, &'p Prediction)>) -> Self {
        let mut samples = 0;
        let scores = Scores::of(task, answers.inspect(|_| samples += 1));
        Self::new(&task.name, samples, loss, scores)
    }

    /// The same of samples whose people are counted.
    #[must_use]
    pub fn of_people(self, counts: &LabelCounts) -> Self {
        let class_subjects = counts.classes.iter().map(|class| class.subjects).collect::<Option<_>>();
        Self { subjects: counts.subjects, class_subjects: class_subjects.unwrap_or_default(), ..self }
    }

    /// How a classification compares with guessing; none for a number. Two standard errors are asked for, of a guess whose
    /// recall of each class is the chance. Samples of one person resemble each other: where the people are known, all samples
    /// that one has of a class count as a single guess.
    #[must_use]
    pub fn standing(&self) -> Option<Standing> {
        let sizes = self.scores.class_sizes();
        let guesses = match (self.class_subjects.as_slice(), self.subjects) {
            (people, _) if people.len() == sizes.len() && !people.is_empty() => {
                Some(people.iter().map(|&people| people as f64).collect::<Vec<f64>>())
            }
            // An older version counted people over all classes: they are taken to be spread as the samples are.
            (_, Some(people)) => {
                let per_sample = (people as f64 / sizes.iter().sum::<f64>().max(1.0)).min(1.0);
                Some(sizes.iter().map(|size| size * per_sample).collect())
            }
            _ => None,
        };
        self.scores.standing(guesses.as_deref())
    }
}

/// Results of a pass over samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Samples seen.
    pub samples: usize,
    /// Weighted sum of the tasks' losses, mean over the samples.
    pub loss: f64,
    /// L2 norm of the gradients before clipping, mean over the updates; 0 for an evaluation.
    pub grad_norm: f64,
    /// By task, in the order of the config.
    pub tasks: Vec<TaskMetrics>,
}

impl Metrics {
    /// A metric by the tasks to which it applies.
    pub fn by_task(&self, metric: &Metric) -> BTreeMap<String, f64> {
        self.tasks.iter().filter_map(|task| Some((task.task.clone(), (metric.of)(task)?))).collect()
    }

    /// Loss by task.
    pub fn losses(&self) -> BTreeMap<String, f64> {
        self.tasks.iter().map(|task| (task.task.clone(), task.loss)).collect()
    }
}
