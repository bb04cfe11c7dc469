//! Ctrl-C. The first one asks for an orderly end, which the commands look for between two steps; the second one ends the
//! program at once. Files are renamed into place when they are whole, so that leaves no half of one.

use std::{
    process,
    sync::atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use signal_studio_core::training::{Command, Control};

use crate::{failure::Failure, output};

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Takes charge of Ctrl-C; `promise` says what the first one leads to.
pub fn install(promise: &'static str) -> Result<(), Failure> {
    ctrlc::set_handler(move || {
        if REQUESTED.swap(true, Ordering::SeqCst) {
            process::exit(1);
        }
        output::message(&format!("\n{promise}; press Ctrl-C again to quit at once"));
    })
    .map_err(not_installed)
}

/// Takes charge of Ctrl-C for a command that goes on until then and has nothing to save.
pub fn install_as_the_end() -> Result<(), Failure> {
    ctrlc::set_handler(|| process::exit(0)).map_err(not_installed)
}

fn not_installed(error: ctrlc::Error) -> Failure {
    Failure::run(format_args!("cannot listen for Ctrl-C: {error}"))
}

/// Whether the user has pressed Ctrl-C.
pub fn is_requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// Stops a training run at Ctrl-C.
pub struct StopAtInterrupt;

#[async_trait(?Send)]
impl Control for StopAtInterrupt {
    async fn poll(&mut self) -> Option<Command> {
        is_requested().then_some(Command::Stop)
    }

    async fn wait(&mut self) -> Command {
        if is_requested() { Command::Stop } else { Command::Resume }
    }
}
