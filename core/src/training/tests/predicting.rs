//! A checkpoint that answers says what the run that wrote it said.

use std::ops::ControlFlow;

use super::*;
use crate::{
    datasets::FolderDataset,
    evaluation::PredictionTable,
    training::{
        events::Evaluation,
        metrics::TaskMetrics,
        predictor::{Predictor, TrainedModel},
    },
};

/// What the best checkpoint of a run says of the validation split.
fn asked(folder: &MemoryStorage, data: &MemoryStorage) -> PredictionTable {
    let (weights, metadata) = read_checkpoint(folder, run_folder::BEST);
    let trained = TrainedModel::of(&metadata, run_folder::BEST).unwrap();
    let labels = trained.labels.clone().unwrap();
    let split = block_on(FolderDataset::open(data, "val", &labels)).unwrap();
    let predictor = Predictor::new(trained, weights, split.feature_shape(), Device::flex()).unwrap();
    block_on(predictor.predict_split(&split, &mut |_, _| ControlFlow::Continue(()))).unwrap().unwrap()
}

#[test]
fn the_best_checkpoint_says_what_the_run_wrote_of_it_and_was_scored_by() {
    let standardized = [("seed = 3", "seed = 3\nstandardize_regression = true")];
    let of_windows = [OF_WINDOWS[0], OF_WINDOWS[1], standardized[0]];
    for (config, data) in [(config(&standardized), dataset()), (config(&of_windows), windows(1.0))] {
        let (_, events, folder) = finished(&config, &data);
        let table = asked(&folder, &data);
        let csv = read(&folder, run_folder::VALIDATION_PREDICTIONS);
        assert_eq!(PredictionTable::from_csv(&csv, "p.csv", &table.tasks).unwrap(), table);
        assert_eq!((table.rows.len(), table.rows[0].seed, table.rows[0].split.as_str()), (8, 3, "val"));
        let best = events.iter().rev().find_map(|event| match event {
            TrainEvent::Evaluated(evaluation @ Evaluation { is_best: true, .. }) => Some(evaluation),
            _ => None,
        });
        for (index, told) in best.unwrap().metrics.tasks.iter().enumerate() {
            let scored = TaskMetrics::of(&table.tasks[index], told.loss, table.answers(index));
            assert_eq!(scored, TaskMetrics { subjects: None, class_subjects: Vec::new(), ..told.clone() });
        }
    }
}

#[test]
fn weights_that_say_nothing_of_their_model_are_refused() {
    let error = TrainedModel::of(&Metadata::new(), "w.safetensors").unwrap_err();
    assert!(
        error.is_request() && error.to_string().contains("w.safetensors: the checkpoint does not say the run file")
    );
}

#[test]
fn a_run_begun_by_a_version_without_answers_goes_on_and_says_so() {
    let folder = MemoryStorage::default();
    let data = dataset();
    // In the middle of the second epoch.
    run(&config(&[]), &data, &folder, InitialWeights::Random, &mut StopAfter(9)).0.unwrap();
    let (mut tensors, metadata) = read_checkpoint(&folder, run_folder::LAST_OPTIMIZER);
    let before = tensors.len();
    tensors.retain(|name, _| !name.starts_with("epoch."));
    assert_eq!(before - tensors.len(), 2);
    write_checkpoint(&folder, run_folder::LAST_OPTIMIZER, &tensors, &metadata);
    let (summary, events) = run(&config(&[]), &data, &folder, InitialWeights::Resumed, &mut Uninterrupted);
    assert_eq!(summary.unwrap().ended, Ending::Finished);
    let told =
        |event: &TrainEvent| matches!(event, TrainEvent::Warning { message } if message.contains("began epoch 2"));
    assert!(events.iter().any(told));
}
