//! Runs that are killed between any two changes of their folder, and go on; runs whose folder has no more room from any
//! moment on, and that go on without keeping what they write.

use std::{cell::Cell, ops::Range};

use async_trait::async_trait;

use super::*;
use crate::{
    storage::{FileEntry, StorageError},
    training::run_folder::RunFolder,
};

/// A run's folder that takes so many changes.
struct Limited<'a> {
    folder: &'a MemoryStorage,
    changes_left: Cell<usize>,
    /// Whether the run goes on without keeping what it writes then; else it is dead.
    goes_on: bool,
}

impl Limited<'_> {
    fn change(&self, path: &str) -> Result<(), StorageError> {
        let path = path.to_owned();
        match self.changes_left.get().checked_sub(1) {
            Some(left) => self.changes_left.set(left),
            None if self.goes_on => return Err(StorageError::NotKept { path }),
            None => return Err(StorageError::Full { path }),
        }
        Ok(())
    }
}

#[async_trait(?Send)]
impl Storage for Limited<'_> {
    async fn list(&self, folder: &str) -> Result<Vec<FileEntry>, StorageError> {
        self.folder.list(folder).await
    }

    async fn size(&self, path: &str) -> Result<u64, StorageError> {
        self.folder.size(path).await
    }

    async fn read_range(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>, StorageError> {
        self.folder.read_range(path, range).await
    }

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        self.change(path)?;
        self.folder.write(path, bytes).await
    }

    async fn remove(&self, path: &str) -> Result<(), StorageError> {
        if !self.goes_on {
            self.change(path)?;
        }
        self.folder.remove(path).await
    }
}

/// Runs with a folder that takes so many changes; what comes of it, and whether the folder would have taken more.
fn run_limited(
    changes: usize,
    goes_on: bool,
    config: &RunConfig,
    data: &MemoryStorage,
    folder: &MemoryStorage,
) -> (Result<Summary, TrainError>, bool) {
    let labels = labels(config);
    let limited = Limited { folder, changes_left: Cell::new(changes), goes_on };
    let mut setup = setup(config, &labels, data, folder, InitialWeights::Random);
    setup.run = &limited;
    let result = block_on(train(setup, &mut Uninterrupted, &mut |_| {}));
    (result, limited.changes_left.get() > 0)
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
