//! What the user does with runs: starts, stops and resumes them; and what becomes of it.

use leptos::{prelude::*, task::spawn_local};
use signal_studio_app_shared::{
    protocol::{Fault, FaultKind, Reply, Request, Run},
    training::{
        current_run::{CPU, CurrentRun},
        resuming::{can_go_on, is_resumable},
    },
};
use signal_studio_core::training::Command;

use crate::{
    browser::{focus_on, scroll_to_top},
    shell::{studio::Studio, view::View},
};

/// The id of the heading of the run under way.
pub const RUN_TITLE: &str = "run-title";

impl Studio {
    /// Puts a run file into the editor and shows it there.
    pub fn use_config(self, text: String) {
        self.replace_config(text);
        self.shared.set(None);
        self.go_to(View::Train);
    }

    /// Starts a run with this run file.
    pub fn train(self, config: String, device: Option<String>) {
        if self.current_run.update(|state| state.prepare(config.clone())) {
            self.begin(Request::Start { config, device });
        }
    }

    /// Goes on with the run that is shown.
    pub fn resume(self, device: Option<String>) {
        let run = self.current_run.run.get_untracked();
        if let Some(run) = run.filter(|_| self.current_run.update(CurrentRun::resume)) {
            self.begin(Request::Resume { run, device });
        }
    }

    /// Goes on with a run that is kept; what it has reported so far is shown again.
    pub fn resume_kept(self, run: &Run) {
        if self.current_run.update(|state| state.resume_kept(run)) {
            self.begin(Request::Resume { run: run.line.name.clone(), device: None });
        }
    }

    /// Shows the run that is asked for, and asks for it.
    fn begin(self, request: Request) {
        self.preparing.set(None);
        self.go_to(View::Train);
        scroll_to_top();
        focus_on(RUN_TITLE);
        spawn_local(async move { self.begun(self.link.ask(request).await).await });
    }

    async fn begun(self, answer: Result<Reply, Fault>) {
        match answer {
            Ok(Reply::Started { run, devices }) => {
                self.current_run.update(|state| state.begin(run, devices));
                return self.refresh_library().await;
            }
            Ok(reply) => self.unexpected(&reply),
            Err(fault) if fault.kind == FaultKind::Cancelled => self.run_cancelled(),
            Err(fault) => self.current_run.update(|state| state.fail_current(fault)),
        }
        self.preparing.set(None);
    }

    /// Goes on with the run that failed, or begins it again, on the CPU.
    pub fn continue_on_cpu(self) {
        let config = self.current_run.config.get_untracked();
        let cpu = Some(CPU.to_owned());
        spawn_local(async move {
            self.refresh_library().await;
            let library = self.library.get_untracked();
            match self
                .current_run
                .run
                .get_untracked()
                .filter(|run| library.is_some_and(|library| is_resumable(&library, run)))
            {
                Some(_) => self.resume(cpu),
                None => self.train(config, cpu),
            }
        });
    }

    /// Whether the run that is shown can go on.
    pub fn can_go_on(self) -> bool {
        let phase = self.current_run.phase.get();
        let run = self.current_run.run.get();
        run.is_some_and(|run| self.library.with(|library| can_go_on(phase, &run, library.as_ref())))
    }

    /// Tells the run under way what to do.
    pub fn command(self, command: Command) {
        let phases = self.current_run.update(|state| state.command(command));
        spawn_local(async move {
            if let Err(fault) = self.link.ask(Request::Control(command)).await {
                self.current_run.update(|state| state.command_failed(phases));
                self.toasts.fault(&fault);
            }
        });
    }

    /// The run of that name has ended early.
    pub fn run_failed(self, run: &str, fault: Fault) {
        self.preparing.set(None);
        if fault.kind == FaultKind::Cancelled {
            self.run_cancelled();
        } else {
            // A worker opens a GPU once, and cannot leave one that was lost.
            let has_lost_gpu = fault.kind == FaultKind::Device && self.current_run.is_on_gpu();
            self.current_run.update(|state| state.fail(run, fault));
            if has_lost_gpu {
                self.forget_work();
                self.link.restart();
            }
        }
        spawn_local(self.refresh_library());
    }

    /// The user has stopped the run before it trained.
    fn run_cancelled(self) {
        self.current_run.update(CurrentRun::cancel);
        self.toasts.info("The run was cancelled before it began to train.");
    }
}
