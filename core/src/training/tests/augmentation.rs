//! Runs whose samples are changed at random.

use super::{interrupted::assert_goes_on_exactly, *};
use crate::{
    config::{Backbone, DataType},
    datasets::{PREPROCESSING_FILE, PreprocessOptions},
    fingerprint::Fingerprint,
};

/// What a config over windows with everything on has.
const ALL: &str = "[augmentation]\nsfreq = 64\ntime_reverse.probability = 0.5\nsign_flip.probability = 0.5\n\
    time_shift = { probability = 0.5, max_shift_samples = 9 }\nfrequency_shift.probability = 0.5\n\
    bandstop_filter.probability = 0.5\ngaussian_noise.probability = 0.5\nchannels_dropout.probability = 0.5\n\
    smooth_time_mask = { probability = 0.5, mask_len_samples = 10 }\nmixup.probability = 0.5\n[training]";

fn augmented(lines: &str) -> RunConfig {
    let [backbone, samples] = OF_WINDOWS;
    config(&[backbone, samples, ("[training]", lines)])
}

#[test]
fn a_run_repeats_and_differs_from_one_whose_samples_stay() {
    let data = windows(1.0);
    let history = |lines: &str| read(&finished(&augmented(lines), &data).2, run_folder::HISTORY);
    let plain = history("[training]");
    assert_eq!(history(ALL), history(ALL));
    assert_ne!(history(ALL), plain);
    assert_eq!(history("[augmentation]\ngaussian_noise.std = 3\n[training]"), plain, "nothing is on");
    for table in ["sign_flip.probability = 1", "mixup.probability = 1"] {
        assert_ne!(history(&format!("[augmentation]\n{table}\n[training]")), plain, "{table}");
    }
}

#[test]
fn a_run_that_is_interrupted_goes_on_with_the_same_samples() {
    assert_goes_on_exactly(&augmented(ALL), &windows(1.0), &[3, 7, 9], &[run_folder::LAST]);
}

#[test]
fn validation_sees_the_samples_as_they_are() {
    // No update changes the weights, and no layer has statistics, so that every evaluation is of the same model.
    let last = |lines: &str| {
        let mut config = augmented(lines);
        config.model.backbone = Backbone::Transformer;
        let transformer = &mut config.model.extras.transformer;
        (transformer.input_dim, transformer.seq_length) = (Some(1), Some(SAMPLES));
        (transformer.hidden_dim, transformer.ff_dim, transformer.num_layers) = (8, 8, 1);
        (config.optimizer.learning_rate, config.training.epochs) = (1e-30, 1);
        history(&finished(&config, &windows(1.0)).2).pop().unwrap()
    };
    let (plain, changed) = (last("[training]"), last("[augmentation]\nsign_flip.probability = 1\n[training]"));
    assert_ne!(plain.train_loss, changed.train_loss);
    assert_eq!(plain.val_loss, changed.val_loss);
}

#[test]
fn a_task_is_learnt_from_mixed_samples() {
    let [backbone, samples] = OF_WINDOWS;
    let lines = "[augmentation]\nmixup.probability = 1\n[training]";
    let config = config(&[backbone, samples, ("epochs = 3", "epochs = 20"), ("[training]", lines)]);
    let folder = finished(&config, &windows(1.0)).2;
    let last = history(&folder).pop().unwrap();
    assert!(last.val(&metrics::ACCURACY).unwrap()["gender"] > 0.9, "{last:?}");
}

#[test]
fn a_run_goes_on_with_the_augmentation_that_it_began_with() {
    let data = windows(1.0);
    let stopped = |lines: &str| {
        let folder = MemoryStorage::default();
        let began = run(&augmented(lines), &data, &folder, InitialWeights::Random, &mut StopAfter(3)).0;
        assert_eq!(began.unwrap().ended, Ending::Stopped);
        folder
    };
    let noise = "[augmentation]\ngaussian_noise = { probability = 0.5 }\n[training]";
    for (then, now, told) in [
        ("[training]", noise, "augmentation.gaussian_noise was off and is on now"),
        (noise, "[training]", "augmentation.gaussian_noise was on and is off now"),
        (
            noise,
            "[augmentation]\ngaussian_noise = { probability = 0.5, std = 0.3 }\n[training]",
            "augmentation.gaussian_noise.std was 0.1 and is 0.3 now",
        ),
    ] {
        let folder = stopped(then);
        let resumed = run(&augmented(now), &data, &folder, InitialWeights::Resumed, &mut Uninterrupted).0;
        let message = resumed.unwrap_err().to_string();
        assert!(message.contains(told), "{message}");
    }
    let folder = stopped("[training]");
    let unused = "[augmentation]\ngaussian_noise.std = 3\n[training]";
    run(&augmented(unused), &data, &folder, InitialWeights::Resumed, &mut Uninterrupted).0.unwrap();
}

#[test]
fn images_and_windows_of_an_unknown_rate_are_refused_before_anything_is_written() {
    let refused = |config: &RunConfig, data: &MemoryStorage| {
        let folder = MemoryStorage::default();
        let (result, events) = run(config, data, &folder, InitialWeights::Random, &mut Uninterrupted);
        assert!(events.is_empty() && files(&folder).is_empty());
        let error = result.unwrap_err();
        assert!(error.is_request());
        error.to_string()
    };
    let shift = "[augmentation]\nfrequency_shift.probability = 1\n[training]";
    let message = refused(&config(&[("[training]", shift)]), &dataset());
    assert!(message.contains("a sample is a grey image of 16 x 16 pixels"), "{message}");
    let message = refused(&augmented(shift), &windows(1.0));
    assert!(message.contains("augmentation.sfreq"), "{message}");
}

#[test]
fn the_rate_is_that_which_the_windows_were_made_with() {
    let report = |rate: f64| {
        let options = PreprocessOptions { data_type: DataType::Timeseries, rate_hz: rate, ..Default::default() };
        let fingerprint = Fingerprint::new("preprocess demo", 1, &options);
        serde_json::json!({ "schema": 1, "complete": true, "dataset": "demo", "fingerprint": fingerprint })
    };
    let data = windows(1.0);
    block_on(data.write(PREPROCESSING_FILE, report(64.0).to_string().as_bytes())).unwrap();
    let shift = "[augmentation]\nfrequency_shift.probability = 1\n[training]";
    finished(&augmented(shift), &data);
    let stated = shift.replace("frequency_shift", "sfreq = 50\nfrequency_shift");
    let (result, _) =
        run(&augmented(&stated), &data, &MemoryStorage::default(), InitialWeights::Random, &mut Uninterrupted);
    let message = result.unwrap_err().to_string();
    assert!(message.contains("augmentation.sfreq is 50, but these samples have 64 Hz"), "{message}");
}
