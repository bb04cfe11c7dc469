//! Runs that are killed between any two writes of their folder, and go on.

use std::{cell::Cell, ops::Range};

use async_trait::async_trait;

use super::*;
use crate::storage::{FileEntry, StorageError};

/// A run's folder that takes so many changes; then the run is dead.
struct Killed<'a> {
    folder: &'a MemoryStorage,
    changes_left: Cell<usize>,
}

impl Killed<'_> {
    fn change(&self, path: &str) -> Result<(), StorageError> {
        let left =
            self.changes_left.get().checked_sub(1).ok_or_else(|| StorageError::Full { path: path.to_owned() })?;
        self.changes_left.set(left);
        Ok(())
    }
}

#[async_trait(?Send)]
impl Storage for Killed<'_> {
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
        self.change(path)?;
        self.folder.remove(path).await
    }
}

/// Runs until so many changes are made; whether that was the run's end.
fn is_finished_within(changes: usize, config: &RunConfig, data: &MemoryStorage, folder: &MemoryStorage) -> bool {
    let labels = labels(config);
    let killed = Killed { folder, changes_left: Cell::new(changes) };
    let mut setup = setup(config, &labels, data, folder, InitialWeights::Random);
    setup.run = &killed;
    match block_on(train(setup, &mut Uninterrupted, &mut |_| {})) {
        Ok(_) => true,
        Err(TrainError::Storage(StorageError::Full { .. })) => false,
        Err(error) => panic!("after {changes} changes: {error}"),
    }
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
            if is_finished_within(changes, &config, &data, &folder) {
                break;
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
