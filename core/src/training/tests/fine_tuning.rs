//! Runs that begin with another run's weights.

use super::*;
use crate::{labels::TaskKind, model::parameters::is_buffer};

/// Begins a run with weights and stops it at once: the weights that it begins with, and what it warns of.
fn begun(
    config: &RunConfig,
    labels: &[LabelSpec],
    (weights, metadata): (Weights, Metadata),
) -> (Result<Weights, TrainError>, Vec<String>) {
    let (data, folder) = (dataset(), MemoryStorage::default());
    let mut warnings = Vec::new();
    let setup = setup(config, labels, &data, &folder, InitialWeights::Pretrained { weights, metadata });
    let result = block_on(train(setup, &mut StopAfter(0), &mut |event| {
        if let TrainEvent::Warning { message } = event {
            warnings.push(message);
        }
    }));
    (result.map(|_| self::weights(&folder, run_folder::LAST)), warnings)
}

fn source(config: &RunConfig) -> (Weights, Metadata) {
    read_checkpoint(&finished(config, &dataset()).2, run_folder::LAST)
}

fn head(weights: &Weights, task: &str) -> Weights {
    let prefix = format!("heads.{task}.");
    weights.iter().filter(|(name, _)| name.starts_with(&prefix)).map(|(name, v)| (name.clone(), v.clone())).collect()
}

fn backbone(weights: &Weights) -> Weights {
    let parts = weights.iter().filter(|(name, _)| name.starts_with("backbone.") && !is_buffer(name));
    parts.map(|(name, values)| (name.clone(), values.clone())).collect()
}

#[test]
fn weights_of_the_same_tasks_are_taken_without_a_word() {
    let config = config(&[("epochs = 3", "epochs = 1")]);
    let source = source(&config);
    let (weights, warnings) = begun(&config, &labels(&config), source.clone());
    assert_eq!((weights.unwrap(), warnings), (source.0, Vec::new()));
}

#[test]
fn a_head_of_other_classes_begins_anew_and_that_is_told() {
    let config = config(&[("epochs = 3", "epochs = 1")]);
    let source = source(&config);
    let mut turned = labels(&config);
    let TaskKind::Classification { classes } = &mut turned[1].task.kind else { panic!() };
    classes.reverse();
    let (weights, warnings) = begun(&config, &turned, source.clone());
    let weights = weights.unwrap();
    assert!(warnings.len() == 1 && warnings[0].contains("the head of the task `health` begins anew"), "{warnings:?}");
    assert_eq!(backbone(&weights), backbone(&source.0));
    assert_eq!(head(&weights, "gender"), head(&source.0, "gender"));
    assert_ne!(head(&weights, "health"), head(&source.0, "health"));
}

#[test]
fn heads_that_one_of_the_two_lacks_are_told() {
    let of_tasks = |tasks: &str, weight: &str| {
        config(&[("[\"gender\", \"health\", \"age\"]", tasks), ("epochs = 3", "epochs = 1"), (weight, "")])
    };
    let source = source(&of_tasks("[\"gender\", \"age\"]", "health = 1.0"));
    let config = of_tasks("[\"gender\", \"health\"]", "age = 0.01");
    let (weights, warnings) = begun(&config, &labels(&config), source.clone());
    assert_eq!(backbone(&weights.unwrap()), backbone(&source.0));
    assert!(warnings.iter().any(|warning| warning.contains("`health` begins anew: the weights have none")));
    assert!(warnings.iter().any(|warning| warning.contains("`age` is left out")), "{warnings:?}");
}

#[test]
fn a_number_in_other_units_and_another_activation_are_told() {
    let source = source(&config(&[("epochs = 3", "epochs = 1")]));
    let other = config(&[
        ("seed = 3", "seed = 3\nstandardize_regression = true"),
        ("depth = 2", "depth = 2\nactivation = \"relu\""),
    ]);
    let (weights, warnings) = begun(&other, &labels(&other), source.clone());
    assert_ne!(head(&weights.unwrap(), "age"), head(&source.0, "age"));
    assert!(warnings[0].contains("its targets were not standardised and are standardised now"), "{warnings:?}");
    assert!(warnings[1].contains("model.activation was \"gelu\" and is \"relu\" now"), "{warnings:?}");
}

#[test]
fn weights_that_do_not_name_their_classes_are_taken_with_a_warning() {
    let config = config(&[("epochs = 3", "epochs = 1")]);
    let (weights, _) = source(&config);
    let (begun, warnings) = begun(&config, &labels(&config), (weights.clone(), Metadata::new()));
    assert_eq!(begun.unwrap(), weights);
    assert_eq!(warnings.iter().filter(|warning| warning.contains("in this order")).count(), 2, "{warnings:?}");
}
