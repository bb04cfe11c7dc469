//! The numbers of SciPy, pyriemann and scikit-learn, and what has no number.

use nalgebra::DMatrix;

use super::{
    BandPower, LinearFit, LogisticFit, Ridge, Standardizer, TaskModel, Unlearnable, oas_covariance,
    riemann::{MeanFit, TangentSpace, is_positive},
};
use crate::{
    evaluation::Prediction,
    labels::{Target, TaskKind, TaskSpec},
    test_support::shared,
};

/// An array of `parity/baselines` and its shape.
fn parity(name: &str) -> Option<(Vec<usize>, Vec<f64>)> {
    let bytes = std::fs::read(shared(&format!("parity/baselines/{name}.npy"))?).unwrap();
    let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = std::str::from_utf8(&bytes[10..10 + length]).unwrap();
    let shape = header.split_once("'shape': (").unwrap().1.split_once(')').unwrap().0;
    let shape: Vec<usize> = shape.split(',').filter_map(|size| size.trim().parse().ok()).collect();
    let data = &bytes[10 + length..];
    let values: Vec<f64> = if header.contains("<f4") {
        data.chunks_exact(4).map(|value| f64::from(f32::from_le_bytes(value.try_into().unwrap()))).collect()
    } else {
        data.chunks_exact(8).map(|value| f64::from_le_bytes(value.try_into().unwrap())).collect()
    };
    if !header.contains("'fortran_order': True") {
        return Some((shape, values));
    }
    let (rows, columns) = (shape[0], shape[1]);
    let in_rows = (0..rows * columns).map(|at| values[at % columns * rows + at / columns]).collect();
    Some((shape, in_rows))
}

fn windows() -> Option<(usize, Vec<Vec<f32>>)> {
    let (shape, values) = parity("windows")?;
    let values: Vec<f32> = values.into_iter().map(|value| value as f32).collect();
    Some((shape[1], values.chunks(shape[1] * shape[2]).map(<[f32]>::to_vec).collect()))
}

/// The largest difference, as a share of the largest value.
fn difference(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let largest = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0_f64, |most, value| most.max(value.abs()));
    let differences = largest(&mut found.iter().zip(expected).map(|(a, b)| if a.is_nan() { f64::MAX } else { a - b }));
    differences / largest(&mut expected.iter().copied())
}

#[test]
fn band_powers_are_those_of_scipy() {
    let Some((channels, windows)) = windows() else { return };
    let (_, expected) = parity("log-band-power").unwrap();
    let band_power = BandPower::new(windows[0].len() / channels, 120.0).unwrap();
    let found: Vec<f64> = windows.iter().flat_map(|window| band_power.features(channels, window)).collect();
    let difference = difference(&found, &expected);
    // SciPy computes with the windows' 32 bits.
    assert!(difference < 1e-5, "{difference}");
}

#[test]
fn covariances_their_mean_and_tangent_vectors_are_those_of_pyriemann() {
    let Some((channels, windows)) = windows() else { return };
    let covariances: Vec<DMatrix<f64>> = windows.iter().map(|window| oas_covariance(channels, window)).collect();
    let close = |name, found: &[f64], tolerance: f64| {
        let difference = difference(found, &parity(name).unwrap().1);
        assert!(difference < tolerance, "{name}: {difference}");
    };
    let values: Vec<f64> = covariances.iter().flat_map(|covariance| covariance.iter().copied()).collect();
    close("oas-covariances", &values, 1e-5);
    let mut fit = MeanFit::new(&covariances).unwrap();
    while !fit.step(&covariances) {}
    close("riemannian-mean", fit.mean().as_slice(), 1e-5);
    let space = TangentSpace::at(fit.mean()).unwrap();
    let vectors: Vec<f64> = covariances.iter().flat_map(|covariance| space.vector(covariance)).collect();
    close("tangent-vectors", &vectors, 1e-4);
    let sums =
        (0..space.dimensions()).map(|component| vectors.iter().skip(component).step_by(space.dimensions()).sum());
    assert!(sums.map(f64::abs).fold(0.0, f64::max) < 1e-5, "at the mean, the vectors cancel each other");
}

#[test]
fn bands_that_a_rate_or_a_window_cannot_show_are_left_out() {
    let left_out = |samples, rate_hz| BandPower::new(samples, rate_hz).map(|power| power.left_out().to_vec());
    assert_eq!(left_out(600, 120.0), Some(vec![]));
    assert_eq!(left_out(600, 90.0), Some(vec![]));
    assert_eq!(left_out(600, 80.0), Some(vec![[30.0, 45.0]]));
    // Bins 5 Hz apart.
    assert_eq!(left_out(20, 100.0), Some(vec![[1.0, 4.0]]));
    assert_eq!(left_out(600, 4.0), None);
    assert_eq!(left_out(1, 100.0), None);
}

/// A window of `channels` sines of different frequencies, the last of them flat.
fn with_flat_channel(channels: usize, samples: usize) -> Vec<f32> {
    let sine = |at: usize| ((at % samples) as f32 * 0.1 * (1 + at / samples) as f32).sin();
    (0..channels * samples).map(|at| if at / samples + 1 == channels { 0.3 } else { sine(at) }).collect()
}

#[test]
fn flat_channels_and_dependent_ones_have_a_place_and_what_has_none_is_known() {
    let window = with_flat_channel(3, 400);
    let features = BandPower::new(400, 100.0).unwrap().features(3, &window);
    assert!(features[..10].iter().all(|value| value.is_finite()) && features[10..].iter().all(|value| value.is_nan()));
    assert!(is_positive(&oas_covariance(3, &window)));
    // The average reference: each sample's mean over the channels is 0.
    let referenced: Vec<f32> =
        (0..1200).map(|at| window[at] - (0..3).map(|c| window[c * 400 + at % 400]).sum::<f32>() / 3.0).collect();
    assert!(is_positive(&oas_covariance(3, &referenced)));
    let flat = oas_covariance(3, &vec![0.3; 1200]);
    let mut broken = window.clone();
    broken[500] = f32::NAN;
    let broken = oas_covariance(3, &broken);
    assert!(!is_positive(&flat) && !is_positive(&broken));
    let space = TangentSpace::at(&oas_covariance(3, &window)).unwrap();
    for covariance in [flat, broken] {
        let vector = space.vector(&covariance);
        assert!(vector.len() == 6 && vector.iter().all(|value| value.is_nan()));
    }
}

#[test]
fn what_is_no_number_says_nothing() {
    let samples = [[1.0, f64::NAN, 5.0], [3.0, 7.0, 5.0]];
    let samples: Vec<&[f64]> = samples.iter().map(<[f64; 3]>::as_slice).collect();
    let standardizer = Standardizer::fit(&samples, 3);
    assert_eq!(standardizer.matrix(&samples), DMatrix::from_row_slice(2, 3, &[-1.0, 0.0, 0.0, 1.0, 0.0, 0.0]));
    assert_eq!(standardizer.apply(&[f64::NAN; 3]).collect::<Vec<_>>(), [0.0; 3]);
}

/// Twelve samples of two features.
fn features() -> DMatrix<f64> {
    let value = |row: usize, column: usize| ((row * 7 + column * 3) % 11) as f64 * 0.3 - 1.5 + row as f64 * 0.05;
    DMatrix::from_fn(12, 2, value)
}

fn fitted(classes: usize, c: f64) -> DMatrix<f64> {
    let targets = (0..12).map(|row| if row < 7 { 0 } else { 1 + row % (classes - 1) }).collect();
    let mut fit = LogisticFit::new(features(), targets, classes, c);
    while !fit.step() {}
    fit.into_fitted().parameters().clone()
}

/// Whether no parameter can be moved without a greater loss: by the definition, term by term.
fn is_least(parameters: &DMatrix<f64>, classes: usize, c: f64) {
    let features = features();
    let targets: Vec<usize> = (0..12).map(|row| if row < 7 { 0 } else { 1 + row % (classes - 1) }).collect();
    let loss = |parameters: &DMatrix<f64>| {
        let mut loss = 0.5 * parameters.rows(0, 2).norm_squared();
        for (row, &target) in targets.iter().enumerate() {
            let own = |output: usize| {
                features[(row, 0)] * parameters[(0, output)]
                    + features[(row, 1)] * parameters[(1, output)]
                    + parameters[(2, output)]
            };
            let logits: Vec<f64> = if classes == 2 { vec![0.0, own(0)] } else { (0..classes).map(own).collect() };
            let of_class = targets.iter().filter(|&&class| class == target).count();
            let weight = c * 12.0 / (classes * of_class) as f64;
            loss += weight * (logits.iter().map(|logit| logit.exp()).sum::<f64>().ln() - logits[target]);
        }
        loss
    };
    for position in 0..parameters.len() {
        let moved = |by: f64| {
            let mut moved = parameters.clone();
            moved[position] += by;
            loss(&moved)
        };
        let slope = (moved(1e-4) - moved(-1e-4)) / 2e-4;
        assert!(slope.abs() < 1e-6 * c.max(1.0), "{classes} classes, C = {c}: slope {slope} at {position}");
    }
}

#[test]
fn logistic_regression_finds_the_least_loss_of_its_definition() {
    for (classes, c) in [(2, 0.01), (2, 10.0), (3, 0.01), (4, 10.0)] {
        is_least(&fitted(classes, c), classes, c);
    }
}

#[test]
fn ridge_solves_for_the_fewer_of_features_and_samples_alike() {
    let features = features();
    let targets: Vec<f64> = (0..12).map(|row| 3.0 + row as f64 * row as f64 * 0.1).collect();
    let ridge = Ridge::fit(&features, &targets, 1.0).unwrap();
    // Where the derivatives of its definition are 0.
    let errors: Vec<f64> = (0..12).map(|row| targets[row] - ridge.predict(features.row(row).iter().copied())).collect();
    assert!(errors.iter().sum::<f64>().abs() < 1e-10);
    for (feature, weight) in ridge.weights().iter().enumerate() {
        let slope = (0..12).map(|row| errors[row] * features[(row, feature)]).sum::<f64>() - weight;
        assert!(slope.abs() < 1e-10, "{slope}");
    }
    // The same features over and over, of which more than samples: each of k copies gets the share that α/k leaves.
    let copies = DMatrix::from_fn(12, 20, |row, column| features[(row, column % 2)]);
    let of_copies = Ridge::fit(&copies, &targets, 10.0).unwrap();
    for row in 0..12 {
        let [one, other] =
            [ridge.predict(features.row(row).iter().copied()), of_copies.predict(copies.row(row).iter().copied())];
        assert!((one - other).abs() < 1e-9, "{one}, {other}");
    }
    assert!(Ridge::fit(&DMatrix::zeros(0, 2), &[], 1.0).is_none());
}

fn task(kind: TaskKind) -> TaskSpec {
    TaskSpec { name: "task".to_owned(), kind, description: String::new() }
}

#[test]
fn tasks_are_learnt_from_the_labels_that_there_are() {
    let classes = task(TaskKind::Classification { classes: ["a", "b", "c"].map(str::to_owned).to_vec() });
    let of = |classes: &[usize]| classes.iter().map(|&class| Target::Class(class)).collect::<Vec<_>>();
    let samples: Vec<[f64; 2]> = (0..6).map(|at| [f64::from(at), if at == 3 { f64::NAN } else { 1.0 }]).collect();
    let samples: Vec<&[f64]> = samples.iter().map(<[f64; 2]>::as_slice).collect();
    // The class in the middle has no sample.
    let mut fit = LinearFit::new(&classes, &samples, &of(&[0, 0, 0, 0, 2, 2]), 2).unwrap();
    while !fit.step() {}
    let model = fit.into_model();
    assert_eq!([0.0, 5.0].map(|value| model.predict(&[value, 1.0]).class()), [Some(0), Some(2)]);
    let error = LinearFit::new(&classes, &samples, &of(&[1; 6]), 2).err();
    assert_eq!(error, Some(Unlearnable::SingleClass { class: "b".to_owned() }));
    assert_eq!(LinearFit::new(&classes, &[], &[], 2).err(), Some(Unlearnable::NoLabel));

    let majority = TaskModel::majority(&classes, &of(&[2, 0, 2, 1])).unwrap();
    assert_eq!(majority.predict(&[]).class(), Some(2));
    let number = task(TaskKind::Regression { unit: None });
    let mean = TaskModel::majority(&number, &[Target::Value(1.0), Target::Value(4.0)]).unwrap();
    assert_eq!(mean.predict(&[]), Prediction::Value(2.5));
    assert_eq!(TaskModel::majority(&number, &[]).err(), Some(Unlearnable::NoLabel));
}
