//! Runs that are killed between any two changes of their folder, and go on; runs whose folder has no more room from any
//! moment on, and that go on without keeping what they write.

use super::*;
use crate::{
    storage::{StorageError, limited::LimitedStorage},
    training::run_folder::RunFolder,
};

/// Runs with a folder that takes so many changes; what comes of it, and whether the folder would have taken more.
fn run_limited(
    changes: usize,
    goes_on: bool,
    config: &RunConfig,
    data: &MemoryStorage,
    folder: &MemoryStorage,
) -> (Result<Summary, TrainError>, bool) {
    let labels = labels(config);
    let refusal: fn(String) -> StorageError =
        if goes_on { |path| StorageError::NotKept { path } } else { |path| StorageError::Full { path } };
    let mut limited = LimitedStorage::after(changes, folder, refusal);
    limited.removes_freely = goes_on;
    let mut setup = setup(config, &labels, data, folder, InitialWeights::Random);
    setup.run = &limited;
    let result = block_on(train(setup, &mut Uninterrupted, &mut |_| {}));
    (result, limited.changes_left() > 0)
}

#[test]
fn a_run_that_is_killed_between_any_two_changes_is_the_run_that_never_was() {
    let data = dataset();
    let never_better = ("learning_rate = 0.01", "learning_rate = 1e-12");
    let patience = "early_stopping = true\nearly_stopping_patience = 1";
    let by_steps = "eval_strategy = \"steps\"\neval_steps = 2\ncheckpoint_strategy = \"steps\"\ncheckpoint_steps = 2";
    let cases = [
        (
            Ending::Finished,
            config(&[("epochs = 3", "epochs = 2\ncheckpoint_total_limit = 1\nmax_best_checkpoints = 1")]),
        ),
        (Ending::Finished, config(&[("epochs = 3", "epochs = 1\nswa_enabled = true")])),
        (Ending::MaxSteps, config(&[("epochs = 3", "epochs = 3\nmax_steps = 7")])),
        (Ending::EarlyStopping, config(&[("epochs = 3", &format!("epochs = 9\n{patience}")), never_better])),
        // In the last epoch there is.
        (Ending::EarlyStopping, config(&[("epochs = 3", &format!("epochs = 2\n{patience}")), never_better])),
        (
            Ending::EarlyStopping,
            config(&[("epochs = 3", &format!("epochs = 9\n{patience}\n{by_steps}")), never_better]),
        ),
    ];
    for (ending, config) in cases {
        let (expected, _, whole) = finished(&config, &data);
        assert_eq!(expected.ended, ending);
        for changes in 0.. {
            let folder = MemoryStorage::default();
            match run_limited(changes, false, &config, &data, &folder).0 {
                Ok(_) => break,
                Err(TrainError::Storage(StorageError::Full { .. })) => {}
                Err(error) => panic!("after {changes} changes: {error}"),
            }
            let (summary, _) = run(&config, &data, &folder, InitialWeights::Resumed, &mut Uninterrupted);
            let summary = match summary {
                // Before its first checkpoint there is nothing to go on from; it has ended when its summary is written.
                Err(TrainError::NotResumable { .. }) => continue,
                Err(TrainError::AlreadyComplete { .. }) => {
                    serde_json::from_slice(&read(&folder, run_folder::SUMMARY)).unwrap()
                }
                summary => summary.unwrap(),
            };
            assert_eq!(summary, expected, "{ending:?}, after {changes} changes");
            assert_eq!(history(&folder), history(&whole), "{ending:?}, after {changes} changes");
            assert_eq!(files(&folder), files(&whole), "{ending:?}, after {changes} changes");
        }
    }
}

#[test]
fn what_finds_no_room_is_neither_named_nor_does_it_cost_what_was_kept() {
    let data = dataset();
    let training = "epochs = 3\ncheckpoint_total_limit = 1\nmax_best_checkpoints = 1\nswa_enabled = true";
    let config = config(&[("epochs = 3", training)]);
    let whole = finished(&config, &data).2;
    let exists = |folder: &MemoryStorage, path: &String| block_on(folder.exists(path)).unwrap();
    for changes in 0.. {
        let folder = MemoryStorage::default();
        let (summary, has_room) = run_limited(changes, true, &config, &data, &folder);
        let summary = summary.unwrap();
        let named = summary.top_checkpoints.iter().map(|checkpoint| &checkpoint.path);
        for path in named.chain(&summary.best_checkpoint).chain(&summary.swa_checkpoint) {
            assert!(exists(&folder, path), "{path}, after {changes} changes");
        }
        if let Some(best) = &summary.best_checkpoint {
            let step = &read_checkpoint(&folder, best).1[run_folder::STEP_KEY];
            assert_eq!(*step, summary.best_global_step.unwrap().to_string(), "after {changes} changes");
        }
        if exists(&folder, &run_folder::LAST_OPTIMIZER.to_owned()) {
            let state = block_on(RunFolder::new(&folder).read_state()).unwrap().state;
            let named = state.top.iter().map(|checkpoint| &checkpoint.path);
            for path in named.chain(&state.periodic) {
                assert!(exists(&folder, path), "{path} of the state, after {changes} changes");
            }
        }
        if has_room {
            assert_eq!(files(&folder), files(&whole));
            break;
        }
    }
}
