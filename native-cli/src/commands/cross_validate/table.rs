//! The scores of a cross-validation's runs as text.

use signal_studio_core::training::fold_scores::{FoldColumn, FoldMeasure, FoldTable};

use crate::progress::columns;

/// A row a run, and below them their means.
pub fn text(table: &FoldTable) -> String {
    let header = ["fold".to_owned(), "seed".to_owned()].into_iter().chain(table.columns.iter().map(name));
    let mut rows: Vec<Vec<String>> = vec![header.collect()];
    let cells = |scores: &[Option<f64>]| -> Vec<String> {
        table.columns.iter().zip(scores).map(|(column, score)| cell(column, *score)).collect()
    };
    for row in &table.rows {
        rows.push([vec![row.run.fold.to_string(), row.run.seed.to_string()], cells(&row.scores)].concat());
    }
    // Of one seed, its mean is the mean.
    let is_one = table.means.len() == 2;
    for means in table.means.iter().filter(|means| !(is_one && means.seed.is_some())) {
        let seed = means.seed.map_or_else(|| "all".to_owned(), |seed| seed.to_string());
        rows.push([vec!["mean".to_owned(), seed], cells(&means.scores)].concat());
    }
    let lines = columns(&rows, |cell, width| format!("{cell:>width$}"));
    format!(
        "balanced accuracy, or ± the mean absolute error, by window of people not seen before\n{}",
        lines.join("\n")
    )
}

fn name(column: &FoldColumn) -> String {
    match column.baseline {
        None => column.task.clone(),
        Some(baseline) => format!("{} by {baseline}", column.task),
    }
}

fn cell(column: &FoldColumn, score: Option<f64>) -> String {
    match (column.measure, score) {
        (_, None) => "–".to_owned(),
        (FoldMeasure::BalancedAccuracy, Some(score)) => format!("{:.1} %", 100.0 * score),
        (FoldMeasure::MeanAbsoluteError, Some(score)) => format!("±{score:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use signal_studio_core::{
        config::Baseline,
        training::{
            cross_validation::FoldRun,
            fold_scores::{FoldMeans, FoldRow},
        },
    };

    use super::*;

    #[test]
    fn columns_stand_below_each_other() {
        let column = |task: &str, baseline, measure| FoldColumn { task: task.to_owned(), baseline, measure };
        let table = FoldTable {
            columns: vec![
                column("health", None, FoldMeasure::BalancedAccuracy),
                column("age", None, FoldMeasure::MeanAbsoluteError),
                column("health", Some(Baseline::Majority), FoldMeasure::BalancedAccuracy),
            ],
            rows: vec![FoldRow { run: FoldRun { fold: 1, seed: 33 }, scores: vec![Some(0.657), Some(9.0), None] }],
            means: [Some(33), None]
                .map(|seed| FoldMeans { seed, runs: 1, scores: vec![Some(0.657), Some(9.0), None] })
                .to_vec(),
        };
        let text = text(&table);
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(
            lines,
            [
                "fold  seed  health    age  health by majority",
                "   1    33  65.7 %  ±9.00                   –",
                "mean   all  65.7 %  ±9.00                   –",
            ]
        );
    }
}
