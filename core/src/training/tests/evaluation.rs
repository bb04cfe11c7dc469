//! What evaluations tell: of missing labels, of classes and of numbers.

use super::*;
use crate::training::events::Evaluation;

#[test]
fn standardised_targets_are_reported_in_years() {
    let data = dataset();
    let config = config(&[("seed = 3", "seed = 3\nstandardize_regression = true"), ("age = 0.01", "age = 1.0")]);
    let (_, _, folder) = finished(&config, &data);
    let record = history(&folder).pop().unwrap();
    // Ages 20 to 43: whoever predicts about the mean is off by some six years.
    assert!((1.0..15.0).contains(&record.train(&metrics::MAE).unwrap()["age"]), "{record:?}");
    assert!(record.train_losses["age"] < 2.0, "the loss is of standardised targets: {record:?}");
}

#[test]
fn an_evaluation_agrees_with_itself_sample_by_sample() {
    let config = config(&[("seed = 3", "seed = 3\nstandardize_regression = true")]);
    let (_, events, _) = finished(&config, &dataset());
    let evaluations: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            TrainEvent::Evaluated(evaluation) => Some(evaluation),
            _ => None,
        })
        .collect();
    assert_eq!(evaluations.len(), 3);
    for Evaluation { metrics, regressions, worst_samples, .. } in evaluations {
        // The split has 8 samples, fewer than are told of a large one.
        assert_eq!(worst_samples.len(), 8);
        assert!(worst_samples.windows(2).all(|pair| pair[0].loss >= pair[1].loss), "{worst_samples:?}");
        let right = worst_samples.iter().filter(|sample| sample.predictions[1].is_right == Some(true)).count();
        assert_eq!(right as f64 / 8.0, metrics.by_task(&metrics::ACCURACY)["health"]);
        let points = &regressions[0].points;
        assert_eq!(points.iter().map(|point| point[0]).sum::<f32>(), (20..28).sum::<i32>() as f32);
        let mae = points.iter().map(|[truth, predicted]| f64::from((truth - predicted).abs())).sum::<f64>() / 8.0;
        assert!((mae - metrics.by_task(&metrics::MAE)["age"]).abs() < 1e-3, "{mae} {metrics:?}");
    }
}

#[test]
fn classes_count_as_the_config_says() {
    let with = |weights: &str| {
        let training = format!("seed = 3\nclass_weights = {weights}");
        finished(&config(&[("seed = 3", &training), ("epochs = 3", "epochs = 1")]), &dataset()).1
    };
    let health = |events: &[TrainEvent]| last_evaluation(events).metrics.tasks[1].clone();
    // Both classes have as many samples: balanced weights are 1.
    let plain = health(&with("\"none\"")).loss;
    assert!((health(&with("\"balanced\"")).loss - plain).abs() < 1e-5);
    let patients = |weight: f64| {
        let events = with(&format!("{{ health = {{ parkinsons = {weight} }} }}"));
        let metrics::Scores::Confusion(matrix) = health(&events).scores else { panic!() };
        matrix.iter().map(|row| row[1]).sum::<u64>()
    };
    assert_eq!((patients(1e-3), patients(1e3)), (0, 8), "who counts for nothing is never named");
}

/// The folder with tables in which cells are replaced.
fn with_cells(replace: impl Fn(usize, &str) -> String) -> MemoryStorage {
    let data = dataset();
    for split in ["train", "val"] {
        let path = format!("{split}-metadata.csv");
        let text = String::from_utf8(read(&data, &path)).unwrap();
        let mut lines = text.lines();
        let header = lines.next().unwrap().to_owned();
        let lines = lines.enumerate().map(|(row, line)| replace(row, line));
        let text = std::iter::once(header).chain(lines).collect::<Vec<_>>().join("\n");
        write(&data, &path, text.as_bytes());
    }
    data
}

fn last_evaluation(events: &[TrainEvent]) -> &Evaluation {
    let evaluations = events.iter().rev().find_map(|event| match event {
        TrainEvent::Evaluated(evaluation) => Some(evaluation),
        _ => None,
    });
    evaluations.unwrap()
}

#[test]
fn a_missing_label_takes_a_sample_out_of_its_task_alone() {
    let data =
        with_cells(|row, line| if row < 3 { line.replace(",F,", ",,").replace(",M,", ",,") } else { line.to_owned() });
    let (_, events, folder) = finished(&config(&[]), &data);
    let metrics = &last_evaluation(&events).metrics;
    let samples: Vec<u64> = metrics.tasks.iter().map(|task| task.samples).collect();
    assert_eq!((metrics.samples, samples), (8, vec![5, 8, 8]));
    assert!(metrics.loss.is_finite());
    assert_eq!(history(&folder).len(), 3);
    // Resumed within an epoch, the counts go on.
    let part = MemoryStorage::default();
    run(&config(&[]), &data, &part, InitialWeights::Random, &mut StopAfter(9)).0.unwrap();
    run(&config(&[]), &data, &part, InitialWeights::Resumed, &mut Uninterrupted).0.unwrap();
    assert_eq!(history(&part), history(&folder));
}

#[test]
fn a_split_of_one_class_is_told_before_anything_is_trained() {
    let data = with_cells(|_, line| line.replace(",M,", ",F,"));
    let (_, events, _) = finished(&config(&[("epochs = 3", "epochs = 1")]), &data);
    let names_it = |message: &str| message.contains("`val`") && message.contains("`gender`");
    let warned = events.iter().position(|event| matches!(event, TrainEvent::Warning { message } if names_it(message)));
    let trained = events.iter().position(|event| matches!(event, TrainEvent::Batch(_)));
    assert!(warned.unwrap() < trained.unwrap());
    let TrainEvent::Started(start) = &events[0] else { panic!() };
    assert_eq!(start.splits[1].tasks[0].classes.iter().map(|class| class.samples).collect::<Vec<_>>(), [0, 8]);
    assert_eq!(last_evaluation(&events).metrics.tasks[0].standing(), Some(metrics::Standing::SingleClass));
}

#[test]
fn what_an_older_version_told_of_the_worst_samples_is_read() {
    let (_, events, _) = finished(&config(&[("epochs = 3", "epochs = 1")]), &dataset());
    let evaluated = events.into_iter().find(|event| matches!(event, TrainEvent::Evaluated(_))).unwrap();
    let json = serde_json::to_string(&evaluated).unwrap();
    assert!(json.contains("\"worst_samples\":[{"), "{json}");
    let older = json.replace("\"worst_samples\"", "\"hardest\"");
    assert_eq!(serde_json::from_str::<TrainEvent>(&older).unwrap(), evaluated);
}

#[test]
fn patience_ends_a_run_that_no_longer_improves() {
    let config = config(&[
        ("epochs = 3", "epochs = 40\nearly_stopping = true\nearly_stopping_patience = 2"),
        ("learning_rate = 0.01", "learning_rate = 1e-12"),
    ]);
    let (summary, _, folder) = finished(&config, &dataset());
    assert_eq!(summary.ended, Ending::EarlyStopping);
    assert_eq!(history(&folder).len(), 3, "one that is best, two that are not better");
}

#[test]
fn patience_ends_a_run_within_an_epoch_when_steps_decide_about_evaluations() {
    let training = "epochs = 40\nearly_stopping = true\nearly_stopping_patience = 2\neval_strategy = \"steps\"\n\
                    eval_steps = 2";
    let config = config(&[("epochs = 3", training), ("learning_rate = 0.01", "learning_rate = 1e-12")]);
    let (summary, events, folder) = finished(&config, &dataset());
    assert_eq!((summary.ended, summary.global_step), (Ending::EarlyStopping, 6));
    assert_eq!(evaluated_steps(&events), [2, 4, 6]);
    let history = history(&folder);
    assert_eq!(history.iter().map(|record| record.epoch).collect::<Vec<_>>(), [1, 2]);
    assert!(history[1].val_loss.is_some());
}

#[test]
fn a_class_that_training_does_not_have_is_told_before_anything_is_trained() {
    let data = with_cells(|_, line| if line.contains("train/") { line.replace(",M,", ",F,") } else { line.to_owned() });
    let (_, events, _) = finished(&config(&[("epochs = 3", "epochs = 1")]), &data);
    let is_told = |event: &TrainEvent| match event {
        TrainEvent::Warning { message } => message.contains("`gender`") && message.contains("taken for something else"),
        _ => false,
    };
    let trained = events.iter().position(|event| matches!(event, TrainEvent::Batch(_)));
    assert!(events.iter().position(is_told).unwrap() < trained.unwrap());
}

#[test]
fn a_split_without_a_label_that_counts_validates_nothing() {
    // Only the age is left in the validation split.
    let data = with_cells(|_, line| match line.contains("val/") {
        true => line.replace(",M,", ",,").replace(",F,", ",,").replace(",PD,", ",,").replace(",H,", ",,"),
        false => line.to_owned(),
    });
    let (_, events, _) = finished(&config(&[("epochs = 3", "epochs = 1")]), &data);
    assert_eq!(last_evaluation(&events).metrics.tasks[0].samples, 0);

    let folder = MemoryStorage::default();
    let config = config(&[("age = 0.01", "age = 0.0")]);
    let (result, events) = run(&config, &data, &folder, InitialWeights::Random, &mut Uninterrupted);
    assert!(matches!(result, Err(TrainError::NothingToValidate { split }) if split == "val"));
    assert!(events.is_empty() && files(&folder).is_empty());
}
