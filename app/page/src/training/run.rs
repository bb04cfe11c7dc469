//! The run under way, or the last one: how it stands, its figures, what can be done with it, its charts.

use leptos::prelude::*;
use signal_studio_app_shared::{
    format,
    protocol::{FaultKind, Level},
    training::{outcome::outcome, pass::Pass, phase::Phase},
};
use signal_studio_core::training::Command;

use super::{commands::RUN_TITLE, evaluation::EvaluationView, log::Log, run_charts::RunCharts};
use crate::{
    browser::catch_focus,
    shell::{
        link::WorkerState,
        selection::selection,
        studio::{Studio, studio},
        view::View,
    },
    ui::{Glyph, Icon, Notice, ProgressBar, WorkProgress},
};

/// Where a run can be told to train on one batch.
const PAUSED: &[Phase] = &[Phase::Paused];

/// Where a run can be told anything else.
const CONTROLLABLE: &[Phase] = &[Phase::Training, Phase::Paused];

/// The run under way, or the last one.
#[component]
pub fn RunPanel() -> impl IntoView {
    let studio = studio();
    let current = studio.current_run;
    let lines = Signal::derive_local(move || vec![current.lines()]);
    view! {
        <section
            class="stack run"
            aria-labelledby=RUN_TITLE
            data-testid="run"
            data-run=move || current.run.get()
            data-state=move || current.phase.get().name()
            data-step=move || current.position.get().step
            data-epoch=move || current.epochs_done.get()
        >
            <div class="card run__head">
                <div class="run__line">
                    <Status/>
                    <Controls/>
                </div>
                <Bar/>
                <Figures/>
                <Outcome/>
            </div>
            <RunCharts runs=lines version=current.version/>
            <EvaluationView evaluation=current.evaluation config=current.config/>
            <Log lines=current.log/>
        </section>
    }
}

/// What a run is doing, in a word or two.
fn status(studio: Studio) -> &'static str {
    let current = studio.current_run;
    match current.phase.get() {
        Phase::Idle => "No run yet",
        Phase::Preparing if !studio.link.is_ready() => "Loading the training engine",
        Phase::Preparing if studio.preparing.with(Option::is_some) => "Preparing the data",
        Phase::Preparing => "Preparing the run",
        Phase::Training => current.pass.get().map_or("Training", |pass| pass.of.title()),
        Phase::Pausing => "Pausing after this batch",
        Phase::Paused => "Paused",
        Phase::Stopping if current.start.with(Option::is_none) => "Cancelling",
        Phase::Stopping => "Stopping after this batch",
        Phase::Complete => "Trained",
        Phase::Stopped => "Stopped",
        Phase::Failed => "The run ended with an error",
    }
}

#[component]
fn Status() -> impl IntoView {
    let studio = studio();
    let current = studio.current_run;
    let text = Memo::new(move |_| status(studio));
    let mark = move || match current.phase.get() {
        Phase::Complete => "run__mark run__mark--good",
        Phase::Failed => "run__mark run__mark--bad",
        phase if phase.is_busy() && phase != Phase::Paused => "run__mark run__mark--busy",
        _ => "run__mark",
    };
    let place =
        move || current.devices.with(|devices| devices.as_ref().map(|devices| format!(" on {}", devices.chosen)));
    let name = move || current.run.get().unwrap_or_default();
    view! {
        <div class="run__status">
            <h2 id=RUN_TITLE class="run__title" tabindex="-1">
                <span class=mark aria-hidden="true"></span>
                <span role="status" aria-live="polite" data-testid="status">{move || text.get()}</span>
            </h2>
            <p class="muted small run__name">{name}{place}</p>
        </div>
    }
}

#[component]
fn Controls() -> impl IntoView {
    let studio = studio();
    let current = studio.current_run;
    let is = move |phases: &'static [Phase]| phases.contains(&current.phase.get());
    // Who has stopped a run, or seen its end, is left with buttons that are no longer there.
    Effect::new(move |was_busy: Option<bool>| {
        let is_busy = current.is_busy();
        if was_busy == Some(true) && !is_busy {
            catch_focus(RUN_TITLE);
        }
        is_busy
    });
    let again = move |_| studio.train(current.config.get_untracked(), studio.device.get_untracked());
    let go_on = move |_| studio.resume(studio.device.get_untracked());
    let can_go_on = Memo::new(move |_| studio.can_go_on());
    let obstacle = selection().obstacle();
    let is_held_up = move || obstacle.with(Option::is_some);
    // After a fault of the device there is a better way to go on.
    let go_on_class = move || {
        let is_device = current.fault.with(|fault| fault.as_ref().is_some_and(|fault| fault.kind == FaultKind::Device));
        if is_device { "button" } else { "button button--primary" }
    };
    let download = move |_| {
        if let Some(run) = current.run.get_untracked() {
            studio.download_run(run);
        }
    };
    view! {
        <div class="row run__controls">
            <Show when=move || is(&[Phase::Preparing])>
                <button type="button" class="button" data-testid="prepare-cancel" on:click=move |_| studio.command(Command::Stop)>
                    <Icon glyph=Glyph::Close/>
                    "Cancel"
                </button>
            </Show>
            <Show when=move || current.is_busy() && current.start.with(Option::is_some)>
                <PauseOrResume/>
                <Control
                    testid="step-once"
                    glyph=Glyph::StepOnce
                    text="Step once"
                    command=Command::StepOnce
                    phases=PAUSED
                />
                <Control
                    testid="checkpoint"
                    glyph=Glyph::Checkpoint
                    text="Checkpoint now"
                    command=Command::Checkpoint
                    phases=CONTROLLABLE
                />
                <Control testid="stop" glyph=Glyph::Stop text="Stop" command=Command::Stop phases=CONTROLLABLE/>
            </Show>
            <Show when=move || can_go_on.get()>
                <button
                    type="button"
                    class=go_on_class
                    data-testid="go-on"
                    disabled=is_held_up
                    title=move || obstacle.get()
                    on:click=go_on
                >
                    <Icon glyph=Glyph::Play/>
                    "Go on"
                </button>
            </Show>
            <Show when=move || is(&[Phase::Complete, Phase::Stopped, Phase::Failed])>
                <button
                    type="button"
                    class="button"
                    data-testid="train-again"
                    disabled=is_held_up
                    title=move || obstacle.get()
                    on:click=again
                >
                    <Icon glyph=Glyph::Again/>
                    "Train again"
                </button>
                <Show when=move || current.run.with(Option::is_some)>
                    <button type="button" class="button" data-testid="run-download" on:click=download>
                        <Icon glyph=Glyph::Download/>
                        "Download .zip"
                    </button>
                </Show>
            </Show>
        </div>
    }
}

/// A button that tells the run something. It stays where the run cannot be told so, and keeps the focus.
#[component]
fn Control(
    testid: &'static str,
    glyph: Glyph,
    text: &'static str,
    command: Command,
    /// When the run can be told so.
    phases: &'static [Phase],
) -> impl IntoView {
    let studio = studio();
    let phase = studio.current_run.phase;
    let send = move |_| {
        if phases.contains(&phase.get_untracked()) {
            studio.command(command);
        }
    };
    view! {
        <button
            type="button"
            class="button"
            data-testid=testid
            aria-disabled=move || (!phases.contains(&phase.get())).then_some("true")
            on:click=send
        >
            <Icon glyph/>
            {text}
        </button>
    }
}

/// One button for both, so that who has paused by key can resume by the same key.
#[component]
fn PauseOrResume() -> impl IntoView {
    let studio = studio();
    let phase = studio.current_run.phase;
    let is_paused = Memo::new(move |_| phase.get() == Phase::Paused);
    let send = move |_| match phase.get_untracked() {
        Phase::Training => studio.command(Command::Pause),
        Phase::Paused => studio.command(Command::Resume),
        _ => (),
    };
    let look = move || {
        let (glyph, text) = if is_paused.get() { (Glyph::Play, "Resume") } else { (Glyph::Pause, "Pause") };
        view! {
            <Icon glyph/>
            {text}
        }
    };
    view! {
        <button
            type="button"
            class="button"
            class:button--primary=move || is_paused.get()
            data-testid=move || if is_paused.get() { "resume" } else { "pause" }
            aria-disabled=move || (!CONTROLLABLE.contains(&phase.get())).then_some("true")
            on:click=send
        >
            {look}
        </button>
    }
}

/// The bar: of the engine's loading, of the preparation, or of the run.
#[component]
fn Bar() -> impl IntoView {
    let studio = studio();
    let current = studio.current_run;
    let loading = move || match studio.link.state().get() {
        WorkerState::Loading { done, total } if total > 0 => Some(done as f64 / total as f64),
        _ => None,
    };
    let share = Signal::derive(move || match current.phase.get() {
        Phase::Preparing if !studio.link.is_ready() => loading(),
        Phase::Preparing => None,
        Phase::Complete => Some(1.0),
        _ => current.share().or(Some(0.0)),
    });
    let is_preparing_data = move || current.phase.get() == Phase::Preparing && studio.preparing.with(Option::is_some);
    view! {
        <Show
            when=is_preparing_data
            fallback=move || view! { <div data-testid="progress"><ProgressBar share label="Progress of the run"/></div> }
        >
            <div data-testid="prepare-progress"><WorkProgress work=studio.preparing label="Progress of the preparation"/></div>
        </Show>
    }
}

#[component]
fn Figures() -> impl IntoView {
    let current = studio().current_run;
    let of = |done: usize, all: usize| format!("{} of {}", format::count(done as u64), format::count(all as u64));
    let epoch =
        move || Some(of(current.position.get().epoch, current.start.with(|start| Some(start.as_ref()?.epochs))?));
    let step =
        move || Some(of(current.position.get().step, current.start.with(|start| Some(start.as_ref()?.total_steps))?));
    let remaining = move || if current.phase.get().is_busy() { current.remaining_s().map(format::clock) } else { None };
    let rate = move || current.rate.get().map(|rate| format!("{} samples/s", format::value(rate)));
    let best = move || current.best.get().map(|(score, epoch)| format!("{} in epoch {epoch}", format::score(score)));
    let pass = move || current.pass.get().map(|Pass { done, batches, .. }| format!("{done} of {batches} batches"));
    view! {
        <dl class="facts run__figures">
            <Fact term="Epoch" testid="epoch" value=Signal::derive(epoch)/>
            <Fact term="Step" testid="step" value=Signal::derive(step)/>
            <Fact term="Elapsed" testid="elapsed" value=Signal::derive(move || Some(format::clock(current.elapsed_s.get())))/>
            <Fact term="Remaining" testid="remaining" value=Signal::derive(remaining)/>
            <Fact term="Speed" testid="rate" value=Signal::derive(rate)/>
            <Fact term="Best score" testid="best" value=Signal::derive(best)/>
            {move || current.pass.with(|pass| pass.map(|pass| pass.of)).map(|of| view! {
                <Fact term=of.term() testid="pass" value=Signal::derive(pass)/>
            })}
        </dl>
    }
}

/// A figure, or a dash as long as there is none.
#[component]
fn Fact(term: &'static str, testid: &'static str, value: Signal<Option<String>>) -> impl IntoView {
    view! {
        <div>
            <dt>{term}</dt>
            <dd class="figure" data-testid=testid>{move || value.get().unwrap_or_else(|| "–".to_owned())}</dd>
        </div>
    }
}

/// How a run ended, and what can be done about it.
#[component]
fn Outcome() -> impl IntoView {
    let studio = studio();
    let current = studio.current_run;
    let obstacle = selection().obstacle();
    let is_device_fault =
        move || current.fault.with(|fault| fault.as_ref().is_some_and(|fault| fault.kind == FaultKind::Device));
    let fault = Signal::derive(move || {
        current.fault.with(|fault| fault.as_ref().map(|fault| fault.message.clone()).unwrap_or_default())
    });
    view! {
        <Show when=move || current.phase.get() == Phase::Failed>
            <Notice level=Level::Error text=fault>
                <Show when=is_device_fault>
                    <button
                        type="button"
                        class="button button--primary"
                        data-testid="continue-on-cpu"
                        disabled=move || obstacle.with(Option::is_some)
                        title=move || obstacle.get()
                        on:click=move |_| studio.continue_on_cpu()
                    >
                        <Icon glyph=Glyph::Device/>
                        {move || if studio.can_go_on() { "Continue on the CPU" } else { "Start again on the CPU" }}
                    </button>
                </Show>
            </Notice>
        </Show>
        <Show when=move || current.summary.with(Option::is_some)>
            <p class="run__summary">
                {move || current.summary.with(|summary| Some(outcome(summary.as_ref()?, Some(current.elapsed_s.get()))))}
                " "
                <button type="button" class="link" on:click=move |_| studio.go_to(View::Runs)>"See all runs"</button>
            </p>
        </Show>
    }
}
