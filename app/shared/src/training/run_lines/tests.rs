use signal_studio_core::training::{
    BaselineResults,
    events::Evaluation,
    metrics::{F1, MAE, Metrics, TaskMetrics},
    score::Score,
};

use super::*;

fn evaluated(step: usize, counts: &[[u64; 2]; 2]) -> TrainEvent {
    let scores = Scores::Confusion(counts.iter().map(|row| row.to_vec()).collect());
    let tasks = vec![TaskMetrics::new("gender", 0, 0.5, scores)];
    TrainEvent::Evaluated(Evaluation {
        position: Position { epoch: 1, batch: step, step },
        metrics: Metrics { samples: 20, loss: 0.5, grad_norm: 0.0, tasks },
        score: Score::of_older_version(0.5),
        is_best: true,
        regressions: Vec::new(),
        worst_samples: Vec::new(),
    })
}

fn last_points(lines: &RunLines, metric: &Metric) -> Vec<(String, f64)> {
    let figure = Figure::of(metric).unwrap();
    let last = |line: &Series| line.points().last().map(|(_, y)| (line.label().to_owned(), y));
    lines.series(figure, None).iter().filter_map(last).collect()
}

#[test]
fn what_guessing_would_reach_is_drawn_beside_the_score() {
    let lines = RunLines::new();
    lines.push(&evaluated(1, &[[18, 0], [2, 0]]));
    let named = |label: &str, y| (format!("gender, {label}"), y);
    assert_eq!(last_points(&lines, &ACCURACY), [named("validation", 0.9), named("most frequent class", 0.9)]);
    assert_eq!(last_points(&lines, &BALANCED_ACCURACY), [named("validation", 0.5), named("chance", 0.5)]);
}

#[test]
fn a_single_class_leaves_a_gap() {
    let lines = RunLines::new();
    lines.push(&evaluated(1, &[[7, 0], [0, 0]]));
    for metric in [&ACCURACY, &BALANCED_ACCURACY, &F1] {
        assert!(last_points(&lines, metric).iter().all(|(_, y)| y.is_nan()), "{}", metric.key);
    }
}

#[test]
fn a_history_draws_what_an_evaluation_draws() {
    let record = |counts: &[[u64; 2]; 2]| {
        let TrainEvent::Evaluated(Evaluation { metrics, .. }) = evaluated(1, counts) else { panic!("an evaluation") };
        EpochRecord::new(1, &metrics, Some(&metrics), 1e-3)
    };
    let lines = RunLines::new();
    lines.push_history(&[record(&[[18, 0], [2, 0]])]);
    let named = |label: &str, y| (format!("gender, {label}"), y);
    assert_eq!(
        last_points(&lines, &ACCURACY),
        [named("training", 0.9), named("validation", 0.9), named("most frequent class", 0.9)]
    );
    assert_eq!(last_points(&lines, &BALANCED_ACCURACY), [named("validation", 0.5)]);

    let lines = RunLines::new();
    lines.push_history(&[record(&[[7, 0], [0, 0]])]);
    for metric in [&ACCURACY, &BALANCED_ACCURACY, &F1] {
        let points = last_points(&lines, metric);
        assert!(!points.is_empty() && points.iter().all(|(_, y)| y.is_nan()), "{}: {points:?}", metric.key);
    }
}

#[test]
fn numbers_that_nobody_said_have_no_error() {
    let told = |samples: u64| {
        let scores = Scores::Errors { mae: 0.0, mse: 0.0, r2: None };
        let TrainEvent::Evaluated(mut evaluation) = evaluated(1, &[[1, 0], [0, 1]]) else { panic!("an evaluation") };
        evaluation.metrics.tasks = vec![TaskMetrics::new("age", samples, 0.0, scores)];
        let lines = RunLines::new();
        lines.push(&TrainEvent::Evaluated(evaluation));
        last_points(&lines, &MAE)[0].1
    };
    assert!(told(0).is_nan());
    assert_eq!(told(4), 0.0);
}

#[test]
fn what_simple_methods_reach_is_drawn_along_the_run() {
    let method = |baseline, matrix: [[u64; 2]; 2]| {
        let scores = Scores::Confusion(matrix.map(Vec::from).to_vec());
        let tasks = vec![TaskMetrics::new("gender", 20, 0.5, scores)];
        BaselineResult { baseline, tasks, score: None }
    };
    let methods = vec![method(Baseline::Majority, [[10, 0], [10, 0]]), method(Baseline::BandPower, [[8, 2], [4, 6]])];
    let lines = RunLines::new();
    lines.push(&TrainEvent::Baselines(BaselineResults { split: "val".to_owned(), methods, left_out: Vec::new() }));
    lines.push(&evaluated(5, &[[10, 0], [10, 0]]));
    let series = lines.series(Figure::of(&BALANCED_ACCURACY).unwrap(), None);
    let drawn = series.iter().find(|line| line.label() == "gender, band_power").unwrap();
    assert_eq!((drawn.points().xs(), drawn.points().ys()), ([0.0, 5.0].as_slice(), [0.7, 0.7].as_slice()));
    assert!(series.iter().all(|line| !line.label().contains("majority")), "chance is drawn once");
    assert_eq!(drawn.style(), LineStyle::DashDotted);
}
