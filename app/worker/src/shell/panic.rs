//! What is sent when the worker panics. That ends it for good: the page reports it and starts another worker.

use std::{cell::RefCell, panic};

use signal_studio_app_shared::protocol::{Event, Fault, FaultKind, Level};

use crate::shell::post::{log, send_event};

thread_local! {
    /// The run under way, and whether it computes on a GPU.
    static RUN: RefCell<Option<(String, bool)>> = const { RefCell::new(None) };
}

/// Has panics sent to the page.
pub fn install() {
    panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        let reason = info.payload_as_str().unwrap_or("for an unknown reason");
        let place = info.location().map(|place| format!(" ({place})")).unwrap_or_default();
        let run = RUN.with(|run| run.try_borrow().ok().and_then(|run| run.clone()));
        let is_on_gpu = run.as_ref().is_some_and(|(_, is_on_gpu)| *is_on_gpu);
        let (kind, message) = match is_on_gpu {
            true => (
                FaultKind::Device,
                format!(
                    "The GPU or its driver failed; the run can go on with the CPU from its last checkpoint: {reason}{place}"
                ),
            ),
            false => (FaultKind::Failed, format!("The worker failed: {reason}{place}")),
        };
        log(Level::Error, message.clone());
        if let Some((run, _)) = run {
            send_event(Event::RunFailed { run, fault: Fault { kind, message } });
        }
    }));
}

/// Says which run is under way, and whether it computes on a GPU.
pub fn note_run(run: Option<(String, bool)>) {
    RUN.set(run);
}
