//! The signals of the system that ask a program to end, on a thread that waits for them.

use std::{io, sync::Arc, thread};

use tokio::runtime::{Builder, Runtime};

/// What asks for the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C, SIGINT.
    CtrlC,
    /// SIGTERM; on Windows Ctrl-Break.
    #[cfg_attr(not(any(unix, windows)), allow(dead_code, reason = "no other system has it"))]
    Terminate,
    /// SIGHUP: the terminal is closed. On Windows its window.
    #[cfg_attr(not(any(unix, windows)), allow(dead_code, reason = "no other system has it"))]
    HangUp,
}

/// Calls `react` for every signal that comes from now on.
pub fn listen(react: impl Fn(Signal) + Send + Sync + 'static) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_io().build()?;
    {
        let _entered = runtime.enter();
        wait_for_all(&runtime, &Arc::new(react))?;
    }
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || runtime.block_on(std::future::pending::<()>()))
        .map(drop)
}

/// Waits for one kind of signal on the runtime. A signal that comes before its task runs is kept.
macro_rules! wait_for {
    ($runtime:ident, $react:ident, $listener:expr, $signal:expr) => {{
        let (mut listener, react) = ($listener, Arc::clone($react));
        $runtime.spawn(async move {
            while listener.recv().await.is_some() {
                react($signal);
            }
        });
    }};
}

#[cfg(unix)]
fn wait_for_all(runtime: &Runtime, react: &Arc<impl Fn(Signal) + Send + Sync + 'static>) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    wait_for!(runtime, react, signal(SignalKind::interrupt())?, Signal::CtrlC);
    wait_for!(runtime, react, signal(SignalKind::terminate())?, Signal::Terminate);
    if !is_hang_up_ignored() {
        wait_for!(runtime, react, signal(SignalKind::hangup())?, Signal::HangUp);
    }
    Ok(())
}

#[cfg(windows)]
fn wait_for_all(runtime: &Runtime, react: &Arc<impl Fn(Signal) + Send + Sync + 'static>) -> io::Result<()> {
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close};

    wait_for!(runtime, react, ctrl_c()?, Signal::CtrlC);
    wait_for!(runtime, react, ctrl_break()?, Signal::Terminate);
    wait_for!(runtime, react, ctrl_close()?, Signal::HangUp);
    Ok(())
}

/// Whether this program was started to outlive its terminal, as by `nohup`: then SIGHUP stays ignored.
#[cfg(target_os = "linux")]
fn is_hang_up_ignored() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores_hang_up(&status))
}

/// The same where the system does not tell: what `nohup` starts has no terminal to write to.
#[cfg(all(unix, not(target_os = "linux")))]
fn is_hang_up_ignored() -> bool {
    use std::io::IsTerminal;

    !io::stderr().is_terminal()
}

/// Reads the mask of ignored signals, in which the lowest bit is that of signal 1.
#[cfg(target_os = "linux")]
fn ignores_hang_up(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals_are_read_from_the_system() {
        assert!(ignores_hang_up("Name:\tnohup\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\n"));
        assert!(!ignores_hang_up("SigBlk:\t0000000000000001\nSigIgn:\t0000000000001000\n"));
        assert!(!ignores_hang_up(""));
    }
}
