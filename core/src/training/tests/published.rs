//! The field's published models, at their smallest sizes, in whole runs.

use super::*;
use crate::config::{Backbone, HeadKind};

const BACKBONES: [Backbone; 4] =
    [Backbone::ShallowFbcspNet, Backbone::EegNet, Backbone::Deep4Net, Backbone::EegConformer];

/// A run over [`windows`] whose channels and samples the model has from the data.
fn small(backbone: Backbone, epochs: usize, head: Option<HeadKind>) -> RunConfig {
    let mut config = config(&OF_WINDOWS);
    config.training.epochs = epochs;
    let model = &mut config.model;
    (model.backbone, model.input_channels, model.head) = (backbone, None, head);
    let shallow = &mut model.extras.shallow_fbcsp_net;
    (shallow.n_filters_time, shallow.n_filters_spat, shallow.filter_time_length) = (4, 4, 5);
    (shallow.pool_time_length, shallow.pool_time_stride) = (16, 8);
    let eegnet = &mut model.extras.eegnet;
    (eegnet.f1, eegnet.kernel_length, eegnet.depthwise_kernel_length) = (2, 8, 4);
    let deep = &mut model.extras.deep4net;
    (deep.n_filters_time, deep.n_filters_spat) = (3, 3);
    (deep.filter_time_length, deep.pool_time_length, deep.pool_time_stride) = (3, 2, 2);
    (deep.n_filters_2, deep.n_filters_3, deep.n_filters_4) = (4, 5, 6);
    (deep.filter_length_2, deep.filter_length_3, deep.filter_length_4) = (3, 3, 3);
    let conformer = &mut model.extras.eeg_conformer;
    (conformer.n_filters_time, conformer.filter_time_length) = (4, 5);
    (conformer.num_layers, conformer.num_heads) = (1, 2);
    (conformer.pool_time_length, conformer.pool_time_stride) = (16, 8);
    config
}

#[test]
fn they_learn_and_a_resumed_run_is_the_run_that_was_never_stopped() {
    let data = windows(1.0);
    for backbone in BACKBONES {
        let config = small(backbone, 3, None);
        let (_, _, whole) = finished(&config, &data);
        let losses: Vec<f64> = history(&whole).iter().map(|record| record.train_loss).collect();
        assert!(losses[2] < losses[0], "{backbone}: {losses:?}");
        // In the middle of the second epoch.
        let folder = MemoryStorage::default();
        let (summary, _) = run(&config, &data, &folder, InitialWeights::Random, &mut StopAfter(9));
        assert_eq!(summary.unwrap().ended, Ending::Stopped, "{backbone}");
        run(&config, &data, &folder, InitialWeights::Resumed, &mut Uninterrupted).0.unwrap();
        assert_eq!(history(&folder), history(&whole), "{backbone}");
        assert_eq!(weights(&folder, run_folder::LAST), weights(&whole, run_folder::LAST), "{backbone}");
    }
}

#[test]
fn the_log_power_tells_patients_apart() {
    let mut config = small(Backbone::ShallowFbcspNet, 20, None);
    config.model.extras.shallow_fbcsp_net.drop_prob = 0.1;
    let (_, _, folder) = finished(&config, &windows(1.0));
    let last = history(&folder).pop().unwrap();
    assert!(last.val(&metrics::ACCURACY).unwrap()["health"] > 0.9, "{last:?}");
}

#[test]
fn heads_are_as_published_or_have_a_hidden_layer() {
    let (data, mlp) = (windows(1.0), Some(HeadKind::Mlp));
    let (_, _, folder) = finished(&small(Backbone::EegNet, 1, mlp), &data);
    let weights = weights(&folder, run_folder::LAST);
    assert!(weights.contains_key("heads.age.net.2.weight") && weights.contains_key("bnorm_temporal.running_mean"));

    let mut alone = small(Backbone::EegNet, 1, None);
    alone.dataset.tasks = vec!["health".to_owned()];
    let (_, _, folder) = finished(&alone, &data);
    let trained = read_checkpoint(&folder, run_folder::LAST);
    assert!(trained.0.contains_key("final_layer.conv_classifier.weight"));

    // It is taken for the same task, and for no other.
    let begun = |tasks: &[&str]| {
        let mut config = small(Backbone::EegNet, 1, None);
        config.dataset.tasks = tasks.iter().map(|task| (*task).to_owned()).collect();
        let folder = MemoryStorage::default();
        let (weights, metadata) = trained.clone();
        let initial = InitialWeights::Pretrained { weights, metadata };
        let (summary, events) = run(&config, &data, &folder, initial, &mut StopAfter(0));
        summary.unwrap();
        let told = events.into_iter().filter_map(|event| match event {
            TrainEvent::Warning { message } => Some(message),
            _ => None,
        });
        (super::weights(&folder, run_folder::LAST), told.collect::<Vec<_>>().join("; "))
    };
    let last = "final_layer.conv_classifier.weight";
    let (same, told) = begun(&["health"]);
    assert_eq!((&same, told.as_str()), (&trained.0, ""));
    let (other, told) = begun(&["gender"]);
    assert_ne!(other[last], trained.0[last]);
    assert!(told.contains("`gender` begins anew: the weights' is that of the task `health`"), "{told}");
    let (several, told) = begun(&["gender", "health"]);
    assert_eq!(several["conv_temporal.weight"], trained.0["conv_temporal.weight"]);
    assert!(told.contains("head of a single task is left out"), "{told}");
}

#[test]
fn channels_that_are_written_must_be_the_datas_and_samples_must_be_enough() {
    let data = windows(1.0);
    let refused = |config: &RunConfig| {
        let folder = MemoryStorage::default();
        let (result, _) = run(config, &data, &folder, InitialWeights::Random, &mut Uninterrupted);
        assert!(files(&folder).is_empty());
        result.unwrap_err().to_string()
    };
    let mut config = small(Backbone::ShallowFbcspNet, 1, None);
    config.model.input_channels = Some(2);
    let error = refused(&config);
    assert!(error.contains("model.input_channels = 2"), "{error}");
    let mut config = small(Backbone::ShallowFbcspNet, 1, None);
    config.model.extras.shallow_fbcsp_net.pool_time_length = 75;
    let error = refused(&config);
    assert!(error.contains("at least 79 samples") && error.contains("x 64 samples"), "{error}");
    let mut config = small(Backbone::Deep4Net, 1, None);
    config.model.extras.deep4net = crate::config::Deep4NetConfig::default();
    let error = refused(&config);
    assert!(error.contains("at least 441 samples"), "{error}");
}
