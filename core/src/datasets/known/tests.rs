//! Every dataset that has a file here is known, and finds its channels.

use std::{collections::BTreeSet, fs, path::Path};

use super::*;
use crate::datasets::Picks;

#[test]
fn each_file_is_of_a_dataset_of_its_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/datasets/known");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files: BTreeSet<String> = entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let expected = dataset_names().into_iter().chain(["mod", "tests"]).map(str::to_owned).collect();
    assert_eq!(files, expected, "a dataset's file is called as the dataset, and the dataset is one of DATASETS");
    assert_eq!(files.len(), DATASETS.len() + 2, "two datasets share a name");
}

#[test]
fn every_dataset_has_its_tasks() {
    let expected: [(&str, &[(&str, usize)]); 7] = [
        ("math", &[("gender", 2), ("math_activity", 2), ("math_condition", 4), ("health", 2), ("age", 1)]),
        ("parkinsons", &[("gender", 2), ("health", 2), ("parkinsons_condition", 4), ("age", 1)]),
        ("seed", &[("gender", 2), ("health", 2), ("emotion", 5), ("seed_condition", 10), ("age", 1)]),
        ("longitudinal", &[("gender", 2), ("age", 1), ("acquisition", 2), ("handedness", 2), ("health", 2)]),
        ("meta", &[("gender", 2), ("health", 2), ("age", 1)]),
        ("demo", &[("gender", 2), ("health", 2), ("age", 1)]),
        ("recordings", &[("gender", 2), ("health", 2), ("age", 1)]),
    ];
    assert_eq!(expected.map(|(name, _)| name).to_vec(), dataset_names());
    for (name, tasks) in expected {
        for name in [name.to_owned(), format!("{name}_timeseries")] {
            let registry = labels_of(&name).unwrap();
            let found: Vec<_> =
                registry.names().map(|task| (task, registry.get(task).unwrap().task.outputs())).collect();
            assert_eq!(found, tasks, "{name}");
            for (task, outputs) in tasks {
                assert_eq!(registry.get(task).unwrap().task.is_classification(), *outputs > 1, "{task}");
            }
        }
    }
    assert_eq!(labels_of("mat"), None);
    assert_eq!(labels_of("_timeseries"), None);
}

#[test]
fn what_needs_trials_is_a_task_of_the_dataset() {
    for dataset in raw_datasets() {
        let labels = dataset.labels();
        for task in dataset.tasks_of_math_trials() {
            assert!(labels.get(task).is_some(), "{}: {task}", dataset.name());
        }
    }
}

#[test]
fn every_montage_finds_its_own_labels_in_any_order() {
    for montage in [Math::MONTAGE, Parkinsons::MONTAGE, Longitudinal::MONTAGE] {
        let labels = montage.electrodes().map(|electrode| format!("EEG {} ", electrode.label.to_lowercase()));
        let labels: Vec<&str> = labels.iter().rev().map(String::as_str).collect();
        assert_eq!(montage.pick(&labels).unwrap(), Picks { indices: (0..20).rev().collect(), warnings: vec![] });
    }
}

#[test]
fn the_neighbour_of_a_reference_without_a_channel_is_told() {
    let labels = Parkinsons::MONTAGE.electrodes().map(|electrode| electrode.label);
    let labels = labels.map(|label| if label == "Pz" { "CPz" } else { label });
    let picks = Parkinsons::MONTAGE.pick(&labels).unwrap();
    assert_eq!(picks.indices, (0..20).collect::<Vec<_>>());
    assert_eq!(picks.warnings, ["There is no channel Pz, so CPz is taken for it."]);
    assert!(Longitudinal::MONTAGE.pick(&labels).is_err());
}

#[test]
fn the_reference_is_the_first_there_is() {
    let nineteen = Recordings::MONTAGE.electrodes().map(|electrode| electrode.label);
    let mut labels = nineteen[..19].to_vec();
    assert_eq!(Recordings::WITHOUT_REFERENCE.pick(&labels).unwrap().indices, (0..19).collect::<Vec<_>>());
    assert!(Recordings::MONTAGE.pick(&labels).is_err());
    for (label, index) in [("M2", 19), ("A2", 20), ("EEG A2-A1", 21)] {
        labels.push(label);
        let picks = Recordings::MONTAGE.pick(&labels).unwrap();
        assert_eq!((picks.indices[19], picks.warnings.len()), (index, 0));
    }
}
