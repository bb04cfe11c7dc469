//! What the worker reports of its own accord, and what comes of it.

use leptos::{prelude::*, task::spawn_local};
use signal_studio_app_shared::{
    protocol::{Event, Fault, FaultKind, Level, Request},
    shell::progress::Timed,
};
use signal_studio_core::training::{Command, TrainEvent};

use super::{
    link::{WorkerEvent, WorkerState},
    studio::Studio,
};
use crate::browser::{keep_for_offline, mark, now_ms};

/// Short messages shown at once, beyond which warnings go to the log only: nobody reads dozens of them.
const MOST_WARNINGS: usize = 3;

impl Studio {
    /// Takes in what the worker reports.
    pub fn handle(self, event: WorkerEvent) {
        match event {
            WorkerEvent::Ready => {
                mark("studio:worker-ready");
                self.end_waiting();
                spawn_local(self.find_devices());
                spawn_local(self.refresh_library());
                keep_for_offline();
            }
            WorkerEvent::Event(Event::Waiting { message }) => {
                self.toasts.warning(message.clone());
                self.waiting.set(Some(message));
            }
            WorkerEvent::Event(Event::Importing(progress)) => {
                self.importing.update(|timed| *timed = Some(Timed::next(timed.take(), progress, now_ms())));
            }
            WorkerEvent::Event(Event::Preparing(progress)) => {
                self.preparing.update(|timed| *timed = Some(Timed::next(timed.take(), progress, now_ms())));
            }
            WorkerEvent::Event(Event::Train { run, elapsed_s, event }) => {
                if matches!(event, TrainEvent::Started(_)) {
                    // What is prepared beside a run that trains is another's.
                    self.preparing.set(None);
                }
                let is_epoch = matches!(event, TrainEvent::Epoch(_));
                let has_ended = self.current_run.update(|state| state.apply(&run, elapsed_s, event));
                if has_ended || (is_epoch && self.shows_old_runs()) {
                    spawn_local(self.refresh_library());
                }
            }
            WorkerEvent::Event(Event::StorageFull { run, message }) => self.ask_about_room(&run, &message),
            WorkerEvent::Event(Event::RunFailed { run, fault }) => self.run_failed(&run, fault),
            WorkerEvent::Event(Event::Log { level, message }) => self.note(level, message),
            WorkerEvent::Died(message) => {
                self.forget_work();
                let ended_run = self.current_run.phase.get_untracked().is_busy();
                if ended_run {
                    let kind = if self.current_run.is_on_gpu() { FaultKind::Device } else { FaultKind::Failed };
                    self.current_run.update(|state| state.fail_current(Fault { kind, message: message.clone() }));
                }
                if self.link.state().with_untracked(|state| !matches!(state, WorkerState::Dead(_))) {
                    match ended_run {
                        // The run says why.
                        true => self.toasts.info("The training engine was started again."),
                        false => self
                            .toasts
                            .error(format!("The training engine was started again after it had stopped. {message}")),
                    }
                }
            }
        }
    }

    /// Offers to go on without keeping a run's files, for which there is no room.
    fn ask_about_room(self, run: &str, message: &str) {
        let text = format!(
            "The run {run} stands still: {message}. To keep it, close this, delete datasets or runs that are no longer \
             needed, and press Resume. Without that its newest files stay as they are, and what it learns from now on is \
             lost when it ends."
        );
        self.confirm("There is no room left", text, "Go on without keeping", move || {
            spawn_local(async move {
                if let Err(fault) = self.link.ask(Request::Control(Command::Resume)).await {
                    self.toasts.fault(&fault);
                }
            });
        });
    }

    /// What the worker waited for has come, or it waits no more.
    fn end_waiting(self) {
        let Some(message) = self.waiting.get_untracked() else { return };
        self.waiting.set(None);
        let toast = self
            .toasts
            .shown()
            .with_untracked(|shown| shown.iter().find(|toast| toast.message == message).map(|toast| toast.id));
        if let Some(id) = toast {
            self.toasts.dismiss(id);
        }
    }

    /// What the worker was doing has ended with it.
    pub fn forget_work(self) {
        self.end_waiting();
        self.importing.set(None);
        self.preparing.set(None);
    }

    /// Notes down what the worker says. Without a run under way nobody looks at the log.
    fn note(self, level: Level, message: String) {
        let is_busy = self.current_run.phase.get_untracked().is_busy();
        let is_room = self.toasts.shown().with_untracked(|shown| shown.len() < MOST_WARNINGS);
        match level {
            Level::Error if !is_busy => self.toasts.error(message),
            Level::Warning if !is_busy && is_room => self.toasts.warning(message),
            _ => self.current_run.update(|state| state.add_line(level, message)),
        }
    }

    /// Asks once more for what could not be told; a worker that could not be started is started once more.
    pub fn ask_again(self) {
        if self.link.state().with_untracked(|state| matches!(state, WorkerState::Dead(_))) {
            return self.link.restart();
        }
        self.link.allow_all();
        spawn_local(self.find_devices());
        spawn_local(self.refresh_library());
    }
}
