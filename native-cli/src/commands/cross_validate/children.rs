//! Several runs at a time, each trained by a process of its own: this program again, told of one fold and one seed. What it has
//! to say goes through this one, which also holds its standard input: where that ends, however this process does, it ends in
//! an orderly way.

use std::{
    collections::VecDeque,
    env,
    io::{self, BufRead, BufReader},
    path::Path,
    process::{ChildStdin, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use signal_studio_core::training::cross_validation::FoldRun;

use super::{
    arguments::Arguments,
    folder::Folder,
    in_turn::{Failed, told},
};
use crate::{exit::Exit, failure::Failure, interrupt, output, progress::Verbosity};

/// How often it is looked whether the user has ended it.
const WATCH: Duration = Duration::from_millis(100);

/// The runs that are left, and what those under way are held by.
struct Shared<'a> {
    folder: &'a Folder,
    arguments: &'a Arguments,
    program: &'a Path,
    left: Mutex<VecDeque<FoldRun>>,
    /// Taken from a child when it is to end.
    inputs: Mutex<Vec<(FoldRun, ChildStdin)>>,
    failed: Mutex<Vec<Failed>>,
}

/// Trains the runs, as many at a time as are asked for, until the user ends it.
pub fn train(folder: &Folder, runs: &[FoldRun], arguments: &Arguments) -> Result<Vec<Failed>, Failure> {
    let program = env::current_exe()
        .map_err(|error| Failure::run(format_args!("the program does not know where it lies: {error}")))?;
    let shared = Shared {
        folder,
        arguments,
        program: &program,
        left: Mutex::new(runs.iter().copied().collect()),
        inputs: Mutex::default(),
        failed: Mutex::default(),
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..arguments.jobs).map(|_| scope.spawn(|| shared.work())).collect();
        while threads.iter().any(|thread| !thread.is_finished()) {
            if interrupt::is_requested() {
                // They end when their input does. Those that the terminal has told as well take no harm.
                locked(&shared.inputs).clear();
            }
            thread::sleep(WATCH);
        }
    });
    let mut failed = shared.failed.into_inner().unwrap_or_default();
    failed.sort_by_key(|(run, _)| *run);
    Ok(failed)
}

/// What a lock holds. No thread fails while it has one.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared<'_> {
    /// Trains one run after the other while there are any.
    fn work(&self) {
        while !interrupt::is_requested() {
            let Some(run) = locked(&self.left).pop_front() else { return };
            let outcome = self.train(run);
            locked(&self.inputs).retain(|(of, _)| *of != run);
            if let Err(failure) = outcome {
                locked(&self.failed).push((run, failure));
            }
        }
    }

    fn train(&self, run: FoldRun) -> Result<(), Failure> {
        let failed = |error: io::Error| Failure::run(format_args!("a process for {run} cannot be started: {error}"));
        let mut command = Command::new(self.program);
        command.arg("cross-validate").arg("--resume").arg(&self.folder.path);
        command.args(["--fold", &run.fold.to_string(), "--seed", &run.seed.to_string()]);
        command.args(["--quiet", "--until-input-ends"]).args(self.arguments.places());
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let verbosity = Verbosity::new(false, self.arguments.quiet || self.arguments.json);
        if verbosity != Verbosity::Quiet {
            output::message(&format!("{run} begins"));
        }
        let mut child = command.spawn().map_err(failed)?;
        locked(&self.inputs).extend(child.stdin.take().map(|input| (run, input)));
        for line in
            child.stderr.take().into_iter().flat_map(|stderr| BufReader::new(stderr).lines().map_while(Result::ok))
        {
            output::message(&format!("{run}: {line}"));
        }
        let status = child.wait().map_err(failed)?;
        match status.code() {
            Some(0) => {
                if let Some(summary) = self.folder.ended(run)? {
                    told(run, &summary, verbosity);
                }
                Ok(())
            }
            Some(code) if code == Exit::Interrupted.code() && interrupt::is_requested() => Ok(()),
            _ => Err(Failure::run(format_args!("the process of {run} ended with {status}"))),
        }
    }
}
