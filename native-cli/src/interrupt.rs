//! Ctrl-C, and the signals that end a program as it does: SIGTERM, which batch systems and containers send, and SIGHUP,
//! which comes when the terminal is closed. The first one asks for an orderly end, which the commands look for between two
//! steps; a second one ends the program at once. Files are renamed into place when they are whole, so that leaves no half
//! of one.

mod signals;

use std::{
    io,
    ops::ControlFlow,
    process,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use async_trait::async_trait;
use signal_studio_core::training::{Command, Control};

use self::signals::Signal;
use crate::{exit::Exit, failure::Failure, output};

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Takes charge of the signals; `promise` says what the first one leads to.
pub fn install(promise: &'static str) -> Result<(), Failure> {
    listen(move |signal| {
        if !REQUESTED.swap(true, Ordering::SeqCst) {
            output::message(&match signal {
                Signal::CtrlC => format!("\n{promise}; press Ctrl-C again to quit at once"),
                Signal::Terminate => format!("\n{promise}, since SIGTERM has come; another signal ends this at once"),
                Signal::HangUp => format!("\n{promise}, since the terminal was closed"),
            });
        } else if signal != Signal::HangUp {
            // A terminal that is closed sends SIGHUP twice: from the system and from the shell.
            process::exit(Exit::Interrupted.code());
        }
    })
}

/// Asks for an orderly end when standard input ends as well: what has started this program holds the other side of it, so that
/// this one ends in an orderly way with it, however that ends. It is no signal, and a second one does not end this at once.
pub fn install_at_end_of_input() -> Result<(), Failure> {
    let wait = || {
        // An input that cannot be read has ended, too.
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        REQUESTED.store(true, Ordering::SeqCst);
    };
    let started = thread::Builder::new().name("input".to_owned()).spawn(wait);
    started.map(drop).map_err(|error| Failure::run(format_args!("standard input cannot be waited for: {error}")))
}

/// Takes charge of the signals for a command that goes on until then and has nothing to save.
pub fn install_as_the_end() -> Result<(), Failure> {
    listen(|_| process::exit(Exit::Done.code()))
}

fn listen(react: impl Fn(Signal) + Send + Sync + 'static) -> Result<(), Failure> {
    signals::listen(react).map_err(|error| Failure::run(format_args!("cannot listen for Ctrl-C: {error}")))
}

/// Whether the user has asked for the end.
pub fn is_requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// Whether work of so many steps goes on, of which so many are done: not when the user has asked for the end.
pub fn goes_on(_done: usize, _steps: usize) -> ControlFlow<()> {
    if is_requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// Stops a training run when the user has asked for the end.
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
