//! A run that is stopped and gone on with is the run that never was.

use super::*;

/// Stops a run after so many polls, goes on with it, and compares its summary, its history and its checkpoints at these
/// paths with those of a run that was never stopped.
#[track_caller]
pub fn assert_goes_on_exactly(config: &RunConfig, data: &MemoryStorage, stops: &[usize], paths: &[&str]) {
    let (expected, _, whole) = finished(config, data);
    for &polls in stops {
        let folder = MemoryStorage::default();
        let (summary, _) = run(config, data, &folder, InitialWeights::Random, &mut StopAfter(polls));
        assert_eq!(summary.unwrap().ended, Ending::Stopped);
        let (summary, _) = run(config, data, &folder, InitialWeights::Resumed, &mut Uninterrupted);
        assert_eq!(summary.unwrap(), expected);
        assert_eq!(history(&folder), history(&whole));
        for path in paths {
            assert_eq!(weights(&folder, path), weights(&whole, path), "{path} after {polls}");
        }
    }
}
