//! A run that is killed again and again, as by a power cut or a machine that runs out of memory, and goes on each time.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Lines},
    path::Path,
    process::{Child, ChildStdout, Stdio},
};

use signal_studio_core::{
    model::{
        checkpoint::{self, Metadata},
        parameters::Weights,
    },
    storage::MemoryStorage,
};
use signal_studio_tests::{Studio, json};

/// Kills of one run.
const KILLS: usize = 30;

/// A run that evaluates, ranks and writes checkpoints often, drops old ones, and averages weights at its end.
const BUSY: &str = "epochs = 20\nseed = 5\nlog_every_batches = 1\neval_strategy = \"steps\"\neval_steps = 2\n\
                    checkpoint_strategy = \"steps\"\ncheckpoint_steps = 1\ncheckpoint_total_limit = 2\n\
                    max_best_checkpoints = 2\nswa_enabled = true\nswa_extra_ratio = 0.2";

/// A generator of moments: the same in every run of the test.
struct Moments(u32);

impl Moments {
    /// A number below `bound`.
    fn below(&mut self, bound: u32) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        usize::try_from((self.0 >> 16) % bound).unwrap()
    }
}

/// A run as a process that tells events.
struct Running {
    child: Child,
    events: Lines<BufReader<ChildStdout>>,
}

impl Running {
    fn new(studio: &Studio, arguments: &[&str]) -> Self {
        let mut command = studio.command(&[arguments, &["--json"]].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let events = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, events }
    }

    /// Kills the run after so many events; whether it had not come to its end.
    fn kill_after(mut self, events: usize) -> bool {
        let mut told: Vec<String> = self.events.by_ref().take(events).map(Result::unwrap).collect();
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        // The rest of what it has told may end in the middle of a line.
        told.extend(self.events.map_while(Result::ok));
        let is_at_its_end = |line: &String| line.contains("\"done\"") || line.contains("this run is complete");
        let has_failed = told.iter().any(|line| line.contains("\"failed\"") && !is_at_its_end(line));
        assert!(!has_failed, "{}", told.join("\n"));
        !told.iter().any(is_at_its_end)
    }
}

/// The checkpoints of a run by name.
fn checkpoints(run: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(run.join("checkpoints")).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap())).collect()
}

/// Checks that two runs have left the same.
fn assert_same(run: &Path, whole: &Path) {
    let history = |run: &Path| fs::read_to_string(run.join("history.json")).unwrap();
    assert_eq!(history(run), history(whole));
    let summary = |run: &Path| {
        let mut summary = json(&run.join("summary.json"));
        summary["run_dir"].take();
        summary
    };
    assert_eq!(summary(run), summary(whole));
    let (found, expected) = (checkpoints(run), checkpoints(whole));
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, bytes) in &expected {
        // The same, but for the order in which the file lists what it was trained with.
        assert!(read(&found[name]) == read(bytes), "{name} differs");
    }
}

fn read(checkpoint: &[u8]) -> (Weights, Metadata) {
    let storage = MemoryStorage::with_files([("checkpoint", checkpoint.to_vec())]);
    pollster::block_on(checkpoint::read(&storage, "checkpoint")).unwrap()
}

#[test]
fn a_run_killed_at_thirty_moments_is_the_run_that_never_was() {
    let studio = Studio::new();
    studio.preprocessed().config("run.toml", BUSY);
    studio.succeed(&["train", "run.toml", "--output-dir", "whole", "--quiet"]);
    let whole = studio.only_run("whole");

    let (mut moments, mut kills) = (Moments(1), 0);
    // A slow machine kills late, and a run may come to its end before it is killed so often: then another one begins.
    while kills < KILLS {
        let output = format!("killed-{kills}");
        // Before its first checkpoint there is nothing to go on from.
        let mut is_under_way = Running::new(&studio, &["train", "run.toml", "--output-dir", &output]).kill_after(12);
        let run = studio.only_run(&output);
        let resume = ["train", "--resume", run.to_str().unwrap()];
        while is_under_way {
            kills += 1;
            if kills == KILLS {
                studio.succeed(&resume);
                break;
            }
            is_under_way = Running::new(&studio, &resume).kill_after(1 + moments.below(24));
        }
        assert_same(&run, &whole);
    }
}
