//! Whether a run can go on, as far as the page knows.

use super::phase::Phase;
use crate::protocol::{Library, RunStatus};

/// Whether the run that is shown can go on: `phase` says how it stands, `library` what is kept, once that is known.
#[must_use]
pub fn can_go_on(phase: Phase, run: &str, library: Option<&Library>) -> bool {
    match phase {
        // The library may not say yet that it has stopped. What is not in it any more is deleted.
        Phase::Stopped => library.is_none_or(|library| library.runs.iter().any(|line| line.name == run)),
        phase => !phase.is_busy() && library.is_some_and(|library| is_resumable(library, run)),
    }
}

/// Whether a run was stopped or interrupted where it can go on.
#[must_use]
pub fn is_resumable(library: &Library, run: &str) -> bool {
    library.runs.iter().any(|line| line.name == run && line.status == RunStatus::Resumable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::RunLine;

    fn library(runs: &[(&str, RunStatus)]) -> Library {
        let line = |&(name, status): &(&str, RunStatus)| RunLine {
            name: name.to_owned(),
            title: name.to_owned(),
            started_ms: 0.0,
            dataset: "demo".to_owned(),
            device: "cpu".to_owned(),
            status,
            epochs: 0,
            best: None,
            baseline: None,
            bytes: 0,
        };
        let runs = runs.iter().map(line).collect();
        Library { datasets: Vec::new(), runs, used_bytes: 0, quota_bytes: 0, is_persistent: false }
    }

    #[test]
    fn a_run_that_stopped_goes_on_unless_it_is_deleted() {
        assert!(can_go_on(Phase::Stopped, "7", None));
        assert!(can_go_on(Phase::Stopped, "7", Some(&library(&[("7", RunStatus::Training)]))));
        assert!(!can_go_on(Phase::Stopped, "7", Some(&library(&[]))));
    }

    #[test]
    fn a_run_that_failed_goes_on_from_its_checkpoint() {
        let kept = library(&[("7", RunStatus::Resumable), ("8", RunStatus::Ended)]);
        assert!(can_go_on(Phase::Failed, "7", Some(&kept)) && !can_go_on(Phase::Failed, "8", Some(&kept)));
        assert!(!can_go_on(Phase::Failed, "7", None) && !can_go_on(Phase::Training, "7", Some(&kept)));
    }
}
