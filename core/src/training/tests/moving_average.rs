//! Runs that keep a moving average of their weights.

use super::{interrupted::assert_goes_on_exactly, *};
use crate::model::parameters::is_buffer;

/// Over windows, with a model that has batch normalisation; a checkpoint after every update.
fn averaging(lines: &str) -> RunConfig {
    let training = format!("epochs = 2\ncheckpoint_strategy = \"steps\"\ncheckpoint_steps = 1\n{lines}");
    let [backbone, samples] = OF_WINDOWS;
    config(&[backbone, samples, ("epochs = 3", &training)])
}

#[test]
fn the_average_follows_its_formula_and_leaves_the_weights_as_they_are() {
    let data = windows(1.0);
    let plain = finished(&averaging(""), &data).2;
    for (lines, decay) in [
        ("ema_enabled = true\nema_warmup = false\nema_decay = 0.8", (|_| 0.8) as fn(f32) -> f32),
        ("ema_enabled = true", |n| (1.0 + n) / (10.0 + n)),
    ] {
        let (summary, _, folder) = finished(&averaging(lines), &data);
        assert_eq!(summary.ema_checkpoint.as_deref(), Some(run_folder::EMA));
        assert_eq!(weights(&folder, run_folder::LAST), weights(&plain, run_folder::LAST));
        let model_after = |step: usize| weights(&folder, &run_folder::step_checkpoint(step));
        let mut expected = model_after(1);
        for step in 2..=10 {
            let decay = decay((step - 1) as f32);
            for (name, values) in model_after(step) {
                let average = &mut expected.get_mut(&name).unwrap().data;
                average
                    .iter_mut()
                    .zip(values.data)
                    .for_each(|(mean, value)| *mean = decay * *mean + (1.0 - decay) * value);
            }
        }
        let found = weights(&folder, run_folder::EMA);
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        assert!(found.keys().any(|name| is_buffer(name)));
        for (name, values) in &found {
            for (value, expected) in values.data.iter().zip(&expected[name].data) {
                assert!((value - expected).abs() < 1e-5 * (1.0 + expected.abs()), "{name}: {value} and {expected}");
            }
        }
    }
}

#[test]
fn the_average_is_what_is_evaluated_and_kept_as_the_best() {
    let (data, lines) = (windows(1.0), "ema_enabled = true\nema_decay = 0.5");
    let (_, events, folder) = finished(&averaging(&format!("{lines}\nmax_steps = 5")), &data);
    assert_eq!(evaluated_steps(&events), [5]);
    assert_eq!(weights(&folder, run_folder::BEST), weights(&folder, run_folder::EMA));
    assert_ne!(weights(&folder, run_folder::BEST), weights(&folder, run_folder::LAST));
    let plain = finished(&averaging("max_steps = 5"), &data).2;
    assert_eq!(history(&folder)[0].train_loss, history(&plain)[0].train_loss);
    assert_ne!(history(&folder)[0].val_loss, history(&plain)[0].val_loss);
}

#[test]
fn a_run_that_is_interrupted_goes_on_with_its_average() {
    let paths = [run_folder::EMA, run_folder::BEST, run_folder::LAST];
    assert_goes_on_exactly(&averaging("ema_enabled = true"), &windows(1.0), &[0, 3, 6, 9], &paths);
}

#[test]
fn an_average_can_begin_and_end_where_a_run_goes_on() {
    let data = windows(1.0);
    for (then, now) in [("", "ema_enabled = true"), ("ema_enabled = true", "")] {
        let folder = MemoryStorage::default();
        run(&averaging(then), &data, &folder, InitialWeights::Random, &mut StopAfter(3)).0.unwrap();
        let summary = run(&averaging(now), &data, &folder, InitialWeights::Resumed, &mut Uninterrupted).0.unwrap();
        assert_eq!(summary.ema_checkpoint.is_some(), !now.is_empty());
        assert_eq!(summary.global_step, 10);
    }
}
