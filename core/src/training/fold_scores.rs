//! The tests of a cross-validation's runs side by side: what each of them and the simple methods beside it reached on people of
//! whom nothing was used before, by window, and the means of that. How sure it is, is for predictions of all people together
//! to say: those of folds are too alike for their spread to be an error bar (Bengio & Grandvalet 2004).

use serde::Serialize;

use super::{
    cross_validation::FoldRun,
    history::TestResult,
    metrics::{BALANCED_ACCURACY, MAE, Scores, TaskMetrics},
};
use crate::config::Baseline;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FoldMeasure {
    /// The mean recall of the classes, from 0 to 1.
    BalancedAccuracy,
    /// The mean absolute error, in the label's unit.
    MeanAbsoluteError,
}

/// A column of the table: a task, and who answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoldColumn {
    /// The task.
    pub task: String,
    /// The simple method that answers; the run's own model where there is none.
    pub baseline: Option<Baseline>,
    /// What its scores are.
    pub measure: FoldMeasure,
}

/// The scores of a run, by column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FoldRow {
    /// The run.
    #[serde(flatten)]
    pub run: FoldRun,
    /// None where a score means nothing: nobody has a label, or all have the same class.
    pub scores: Vec<Option<f64>>,
}

/// The means of several rows, by column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FoldMeans {
    /// The seed of the runs that they are over; all runs where there is none.
    pub seed: Option<u64>,
    /// How many runs these are.
    pub runs: usize,
    /// Over the scores that are there; none where none is.
    pub scores: Vec<Option<f64>>,
}

/// The table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FoldTable {
    /// What is in a column: each task by the model, then by every simple method.
    pub columns: Vec<FoldColumn>,
    /// A row a run, in the order given.
    pub rows: Vec<FoldRow>,
    /// By seed in the order of their first rows, and then over all.
    pub means: Vec<FoldMeans>,
}

impl FoldTable {
    /// The table of the runs that have been tested.
    #[must_use]
    pub fn of(tests: &[(FoldRun, &TestResult)]) -> Self {
        let mut columns: Vec<FoldColumn> = Vec::new();
        for (_, test) in tests {
            for (baseline, tasks) in answers(test) {
                for task in tasks {
                    let column = FoldColumn { task: task.task.clone(), baseline, measure: measure(task) };
                    if !columns.contains(&column) {
                        columns.push(column);
                    }
                }
            }
        }
        let rows: Vec<FoldRow> = tests
            .iter()
            .map(|(run, test)| FoldRow { run: *run, scores: columns.iter().map(|column| column.of(test)).collect() })
            .collect();
        let mut seeds: Vec<u64> = Vec::new();
        for row in &rows {
            if !seeds.contains(&row.run.seed) {
                seeds.push(row.run.seed);
            }
        }
        let means = seeds.into_iter().map(Some).chain([None]).map(|seed| means(&rows, seed, columns.len())).collect();
        Self { columns, rows, means }
    }
}

impl FoldColumn {
    fn of(&self, test: &TestResult) -> Option<f64> {
        let (_, tasks) = answers(test).find(|(baseline, _)| *baseline == self.baseline)?;
        let task = tasks.iter().find(|task| task.task == self.task)?;
        match self.measure {
            FoldMeasure::BalancedAccuracy => (BALANCED_ACCURACY.of)(task),
            FoldMeasure::MeanAbsoluteError => (MAE.of)(task).filter(|_| task.samples > 0),
        }
    }
}

/// Who answered in a test, and how well.
fn answers(test: &TestResult) -> impl Iterator<Item = (Option<Baseline>, &[TaskMetrics])> {
    let methods = test.baselines.iter().flat_map(|results| &results.methods);
    let beside = methods.map(|method| (Some(method.baseline), method.tasks.as_slice()));
    std::iter::once((None, test.metrics.tasks.as_slice())).chain(beside)
}

fn measure(task: &TaskMetrics) -> FoldMeasure {
    match task.scores {
        Scores::Confusion(_) => FoldMeasure::BalancedAccuracy,
        Scores::Errors { .. } => FoldMeasure::MeanAbsoluteError,
    }
}

fn means(rows: &[FoldRow], seed: Option<u64>, columns: usize) -> FoldMeans {
    let rows: Vec<&FoldRow> = rows.iter().filter(|row| seed.is_none_or(|seed| row.run.seed == seed)).collect();
    let mean = |column: usize| {
        let scores: Vec<f64> = rows.iter().filter_map(|row| row.scores[column]).collect();
        (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64)
    };
    FoldMeans { seed, runs: rows.len(), scores: (0..columns).map(mean).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::Monitor,
        training::{
            BaselineResult, BaselineResults,
            metrics::Metrics,
            score::{Measure, Score},
        },
    };

    fn task(name: &str, scores: Scores) -> TaskMetrics {
        TaskMetrics::new(name, 8, 0.5, scores)
    }

    fn classes(matrix: [[u64; 2]; 2]) -> TaskMetrics {
        task("health", Scores::Confusion(matrix.map(Vec::from).to_vec()))
    }

    fn test(health: [[u64; 2]; 2], age: f64) -> TestResult {
        let age = task("age", Scores::Errors { mae: age, mse: 1.0, r2: None });
        let majority =
            BaselineResult { baseline: Baseline::Majority, tasks: vec![classes([[4, 0], [4, 0]])], score: None };
        let measure = Measure { of: Monitor::BalancedAccuracy, with_r2: true };
        TestResult {
            split: "test".to_owned(),
            checkpoint: None,
            epoch: 1,
            score: Score { value: 0.5, measure },
            metrics: Metrics { samples: 8, loss: 0.5, grad_norm: 0.0, tasks: vec![classes(health), age] },
            baselines: Some(BaselineResults {
                split: "test".to_owned(),
                methods: vec![majority],
                left_out: Vec::new(),
            }),
        }
    }

    #[test]
    fn runs_stand_in_rows_above_their_means() {
        let tests = [test([[4, 0], [2, 2]], 9.0), test([[8, 0], [0, 0]], 7.0), test([[4, 0], [0, 4]], 5.0)];
        let runs = [(1, 33), (2, 33), (1, 34)].map(|(fold, seed)| FoldRun { fold, seed });
        let table = FoldTable::of(&runs.into_iter().zip(&tests).collect::<Vec<_>>());
        let columns: Vec<_> = table.columns.iter().map(|column| (column.task.as_str(), column.baseline)).collect();
        assert_eq!(columns, [("health", None), ("age", None), ("health", Some(Baseline::Majority))]);
        let rows: Vec<&[Option<f64>]> = table.rows.iter().map(|row| row.scores.as_slice()).collect();
        assert_eq!(rows[0], [Some(0.75), Some(9.0), Some(0.5)]);
        assert_eq!(rows[1], [None, Some(7.0), Some(0.5)], "all are of one class");
        let means: Vec<_> = table.means.iter().map(|means| (means.seed, means.runs, means.scores.clone())).collect();
        assert_eq!(means[0], (Some(33), 2, vec![Some(0.75), Some(8.0), Some(0.5)]));
        assert_eq!(means[1], (Some(34), 1, vec![Some(1.0), Some(5.0), Some(0.5)]));
        assert_eq!(means[2], (None, 3, vec![Some(0.875), Some(7.0), Some(0.5)]));
    }
}
