//! Runs that cannot start, or end with an error.

use std::collections::BTreeMap;

use super::*;

/// The checkpoints and their content.
fn checkpoints(folder: &MemoryStorage) -> BTreeMap<String, Vec<u8>> {
    let paths = files(folder).into_iter().filter(|path| path.starts_with("checkpoints/"));
    paths.map(|path| (path.clone(), read(folder, &path))).collect()
}

#[test]
fn a_loss_that_is_not_finite_ends_the_run_and_keeps_the_last_good_weights() {
    let config = config(&[("learning_rate = 0.01", "learning_rate = 1e30"), ("epochs = 3", "epochs = 9")]);
    let folder = MemoryStorage::default();
    let gentle = self::config(&[("epochs = 3", "epochs = 1")]);
    run(&gentle, &dataset(), &folder, InitialWeights::Random, &mut Uninterrupted).0.unwrap();
    let good = read(&folder, run_folder::LAST);
    let (result, _) = run(&config, &dataset(), &folder, InitialWeights::Resumed, &mut Uninterrupted);
    let error = result.unwrap_err();
    assert!(
        matches!(&error, TrainError::NotFinite { last_good: Some(path), .. } if path == run_folder::LAST),
        "{error}"
    );
    let message = error.to_string();
    assert!(message.contains("lower optimizer.learning_rate") && message.contains("the split `train`"), "{message}");
    assert_eq!(read(&folder, run_folder::LAST), good);
}

#[test]
fn bad_weights_are_not_written_over_good_ones() {
    // Losses are neither reported nor evaluated: the sums alone tell.
    let quiet = ("log_every_batches = 1", "log_every_batches = 100\neval_strategy = \"none\"");
    let periodic = "seed = 3\ncheckpoint_strategy = \"steps\"\ncheckpoint_steps = 5\ncheckpoint_total_limit = 1";
    let averaged = "epochs = 1\nswa_enabled = true";
    for (kept, epochs) in [(periodic, "epochs = 3"), ("seed = 3\ncheckpoint_strategy = \"none\"", averaged)] {
        let (data, folder) = (dataset(), MemoryStorage::default());
        let cadence = ("seed = 3", kept);
        let gentle = config(&[quiet, cadence, ("epochs = 3", "epochs = 1")]);
        run(&gentle, &data, &folder, InitialWeights::Random, &mut Uninterrupted).0.unwrap();
        let good = checkpoints(&folder);
        let rash = config(&[quiet, cadence, ("epochs = 3", epochs), ("learning_rate = 0.01", "learning_rate = 1e30")]);
        let (result, _) = run(&rash, &data, &folder, InitialWeights::Resumed, &mut Uninterrupted);
        assert!(matches!(result, Err(TrainError::NotFinite { .. })), "{epochs}");
        assert!(checkpoints(&folder) == good, "{epochs}: {:?}", files(&folder));
    }
}

#[test]
fn a_validation_loss_that_is_not_finite_is_said_to_be_one() {
    let [backbone, samples] = OF_WINDOWS;
    for (clipping, advice) in [("", false), ("\nclip_grad_norm = 0", true)] {
        let training = format!("seed = 3{clipping}");
        let config = config(&[backbone, samples, ("seed = 3", &training)]);
        let folder = MemoryStorage::default();
        let (result, _) = run(&config, &windows(1e38), &folder, InitialWeights::Random, &mut Uninterrupted);
        let message = result.unwrap_err().to_string();
        assert!(message.contains("look for broken recordings in the split `val`"), "{message}");
        assert_eq!(message.contains("set training.clip_grad_norm"), advice, "{message}");
    }
}

#[test]
fn weights_of_another_model_are_refused_by_name() {
    let data = dataset();
    let folder = finished(&config(&[]), &data).2;
    let weights = weights(&folder, run_folder::LAST);
    let wider = config(&[("embedding_dim = 16", "embedding_dim = 32")]);
    let pretrained = || InitialWeights::Pretrained { weights: weights.clone(), metadata: Metadata::new() };
    let (result, _) = run(&wider, &data, &MemoryStorage::default(), pretrained(), &mut Uninterrupted);
    let message = result.unwrap_err().to_string();
    assert!(message.contains("the weights belong to another model: of another shape: backbone."), "{message}");
    let (result, _) = run(&config(&[]), &data, &MemoryStorage::default(), pretrained(), &mut Uninterrupted);
    result.unwrap();
}

#[test]
fn images_for_a_backbone_of_signals_are_refused_before_anything_is_written() {
    let folder = MemoryStorage::default();
    let (result, _) = run(&config(&OF_WINDOWS), &dataset(), &folder, InitialWeights::Random, &mut Uninterrupted);
    let message = result.unwrap_err().to_string();
    assert!(message.contains("the split `train`") && message.contains("data_type must be timeseries"), "{message}");
    assert!(files(&folder).is_empty());
}

#[test]
fn a_validation_split_of_another_shape_is_refused_before_anything_is_written() {
    let folder = MemoryStorage::default();
    // At depth 2, at least 8 x 8 pixels are needed.
    let (result, _) = run(&config(&[]), &images(24, 3), &folder, InitialWeights::Random, &mut Uninterrupted);
    let message = result.unwrap_err().to_string();
    assert!(message.contains("the split `val`") && message.contains("3 x 3 pixels"), "{message}");
    assert!(files(&folder).is_empty());
}
