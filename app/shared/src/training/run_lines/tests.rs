use signal_studio_core::training::{
    events::Evaluation,
    metrics::{Metrics, TaskMetrics},
    score::Score,
};

use super::*;

fn evaluated(step: usize, counts: &[[u64; 2]; 2]) -> TrainEvent {
    let scores = Scores::Confusion(counts.iter().map(|row| row.to_vec()).collect());
    let tasks = vec![TaskMetrics { task: "gender".to_owned(), samples: 0, subjects: None, loss: 0.5, scores }];
    TrainEvent::Evaluated(Evaluation {
        position: Position { epoch: 1, batch: step, step },
        metrics: Metrics { samples: 20, loss: 0.5, grad_norm: 0.0, tasks },
        score: Score::of_older_version(0.5),
        is_best: true,
        regressions: Vec::new(),
        worst_samples: Vec::new(),
    })
}

fn last_points(lines: &RunLines, figure: Figure) -> Vec<(String, f64)> {
    let last = |line: &Series| line.points().last().map(|(_, y)| (line.label().to_owned(), y));
    lines.series(figure, None).iter().filter_map(last).collect()
}

#[test]
fn what_guessing_would_reach_is_drawn_beside_the_score() {
    let lines = RunLines::new();
    lines.push(&evaluated(1, &[[18, 0], [2, 0]]));
    let named = |label: &str, y| (format!("gender, {label}"), y);
    assert_eq!(last_points(&lines, Figure::Accuracy), [named("validation", 0.9), named("most frequent class", 0.9)]);
    assert_eq!(last_points(&lines, Figure::BalancedAccuracy), [named("validation", 0.5), named("chance", 0.5)]);
}

#[test]
fn a_single_class_leaves_a_gap() {
    let lines = RunLines::new();
    lines.push(&evaluated(1, &[[7, 0], [0, 0]]));
    for figure in [Figure::Accuracy, Figure::BalancedAccuracy, Figure::MacroF1] {
        assert!(last_points(&lines, figure).iter().all(|(_, y)| y.is_nan()), "{figure:?}");
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
        last_points(&lines, Figure::Accuracy),
        [named("training", 0.9), named("validation", 0.9), named("most frequent class", 0.9)]
    );
    assert_eq!(last_points(&lines, Figure::BalancedAccuracy), [named("validation", 0.5)]);

    let lines = RunLines::new();
    lines.push_history(&[record(&[[7, 0], [0, 0]])]);
    for figure in [Figure::Accuracy, Figure::BalancedAccuracy, Figure::MacroF1] {
        let points = last_points(&lines, figure);
        assert!(!points.is_empty() && points.iter().all(|(_, y)| y.is_nan()), "{figure:?}: {points:?}");
    }
}
