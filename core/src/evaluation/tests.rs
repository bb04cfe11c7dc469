//! That chance is taken for chance.

use rand::{RngExt, seq::SliceRandom};

use super::{Confusion, Unit, permutation_p, subject_interval};
use crate::random::{Purpose, stream};

const SUBJECTS: usize = 24;
const WINDOWS: usize = 10;

/// Balanced accuracy of labels by subject, of which there are so many windows taken for each class.
fn balanced(labels: &[usize], predicted: &[[f64; 2]], weights: impl Fn(usize) -> f64) -> Option<f64> {
    let mut confusion = Confusion::new(2);
    for (subject, (&label, windows)) in labels.iter().zip(predicted).enumerate() {
        (0..2).for_each(|class| confusion.add(label, class, weights(subject) * windows[class]));
    }
    confusion.balanced_accuracy()
}

/// Labels by subject say nothing of what is predicted, which differs more between people than within one.
#[test]
fn of_labels_at_random_intervals_hold_chance_and_p_values_are_not_low() {
    let (mut held, mut low) = (0, 0);
    for seed in 0..40 {
        let mut random = stream(seed, Purpose::Demo, 0);
        let mut labels: Vec<usize> = (0..SUBJECTS).map(|subject| subject % 2).collect();
        labels.shuffle(&mut random);
        let predicted: Vec<[f64; 2]> = (0..SUBJECTS)
            .map(|_| {
                let leaning: f64 = random.random();
                let second = (0..WINDOWS).filter(|_| random.random::<f64>() < leaning).count();
                [(WINDOWS - second) as f64, second as f64]
            })
            .collect();
        let interval =
            subject_interval(SUBJECTS, seed, |weights| balanced(&labels, &predicted, |subject| weights[subject]));
        let interval = interval.unwrap();
        let units: Vec<Unit> = labels.iter().map(|&label| Unit { block: 0, label }).collect();
        let p = permutation_p(&units, seed, |labels| balanced(labels, &predicted, |_| 1.0)).unwrap();
        held += i32::from(interval.low <= 0.5 && interval.high >= 0.5);
        low += i32::from(p.p < 0.05);
    }
    println!("{held} of 40 intervals hold 0.5, {low} of 40 p values are below 0.05");
    assert!(held >= 34 && low <= 6, "{held} of 40 intervals hold 0.5, {low} of 40 p values are below 0.05");
}
