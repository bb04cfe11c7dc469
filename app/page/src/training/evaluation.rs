//! The latest evaluation of a run: a confusion matrix for each classification, predicted against true values for each
//! regression, and the samples that the model gets most wrong.

use std::sync::Arc;

use leptos::prelude::*;
use signal_studio_app_shared::format;
use signal_studio_core::{
    config::RunConfig,
    labels::TaskKind,
    training::{
        events::{Evaluation, Position},
        metrics::{Scores, TaskMetrics},
    },
};

use super::worst_samples::WorstSamples;
use crate::charts::{ConfusionMatrix, ScatterChart};

/// The latest evaluation of a run.
#[component]
pub fn EvaluationView(
    /// The evaluation; nothing is shown without one.
    #[prop(into)]
    evaluation: Signal<Option<Arc<Evaluation>>>,
    /// The run file.
    #[prop(into)]
    config: Signal<String>,
) -> impl IntoView {
    let run =
        Memo::new(move |_| config.with(|config| RunConfig::parse(config, "config.toml").ok().map(|(run, _)| run)));
    let registry = Memo::new(move |_| run.with(|run| run.as_ref().map(RunConfig::registry)));
    let kind = move |task: &str| registry.with(|registry| Some(registry.as_ref()?.get(task)?.task.kind.clone()));
    let charts = Memo::new(move |_| {
        evaluation.with(|evaluation| {
            let tasks = evaluation.iter().flat_map(|evaluation| &evaluation.metrics.tasks);
            tasks.map(|task| Chart::of(task, kind(&task.task))).collect::<Vec<_>>()
        })
    });
    let title = move || {
        evaluation.with(|evaluation| {
            evaluation.as_ref().map(|evaluation| {
                let samples = format::counted(evaluation.metrics.samples as u64, "sample", "samples");
                let Position { epoch, step, .. } = evaluation.position;
                let is_within_epochs =
                    run.with(|run| run.as_ref().is_some_and(|run| run.training.eval.steps().is_some()));
                let when = if is_within_epochs {
                    format!("step {}, in epoch {epoch}", format::count(step as u64))
                } else {
                    format!("epoch {epoch}")
                };
                format!("Validation after {when}: {samples}")
            })
        })
    };
    view! {
        <Show when=move || evaluation.with(Option::is_some)>
            <section class="stack evaluation" aria-labelledby="evaluation-title">
                <h2 id="evaluation-title">{title}</h2>
                <div class="evaluation__tasks">
                    <For each=move || charts.get() key=Clone::clone let(chart)>{chart.view(evaluation)}</For>
                </div>
                <WorstSamples evaluation config/>
            </section>
        </Show>
    }
}

/// What is shown of a task. It stays from one evaluation to the next, and follows its numbers.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Chart {
    Confusion { task: String, classes: Vec<String> },
    Scatter { task: String, unit: String },
}

impl Chart {
    /// The chart of a task of that kind, if the run file says of which.
    fn of(metrics: &TaskMetrics, kind: Option<TaskKind>) -> Self {
        let task = metrics.task.clone();
        match (&metrics.scores, kind) {
            (Scores::Confusion(_), Some(TaskKind::Classification { classes })) => Self::Confusion { task, classes },
            (Scores::Confusion(counts), _) => {
                Self::Confusion { task, classes: (0..counts.len()).map(|class| class.to_string()).collect() }
            }
            (Scores::Errors { .. }, Some(TaskKind::Regression { unit })) => {
                Self::Scatter { task, unit: unit.unwrap_or_default() }
            }
            (Scores::Errors { .. }, _) => Self::Scatter { task, unit: String::new() },
        }
    }

    fn view(self, evaluation: Signal<Option<Arc<Evaluation>>>) -> AnyView {
        match self {
            Self::Confusion { task, classes } => {
                let metrics = {
                    let task = task.clone();
                    Memo::new(move |_| evaluation.with(|evaluation| metrics_of(evaluation.as_deref()?, &task)))
                };
                view! {
                    <div class="card" data-testid="confusion-matrix" data-task=task.clone()>
                        <ConfusionMatrix task=task.clone() classes metrics/>
                    </div>
                }
                .into_any()
            }
            Self::Scatter { task, unit } => {
                let points = {
                    let task = task.clone();
                    Memo::new(move |_| {
                        evaluation.with(|evaluation| points_of(evaluation.as_deref()?, &task)).unwrap_or_default()
                    })
                };
                view! {
                    <div class="card" data-testid="scatter" data-task=task.clone()>
                        <ScatterChart title=task.clone() unit points/>
                    </div>
                }
                .into_any()
            }
        }
    }
}

/// The result of a task.
fn metrics_of(evaluation: &Evaluation, task: &str) -> Option<TaskMetrics> {
    evaluation.metrics.tasks.iter().find(|metrics| metrics.task == task).cloned()
}

/// True and predicted values of a task.
fn points_of(evaluation: &Evaluation, task: &str) -> Option<Vec<[f32; 2]>> {
    Some(evaluation.regressions.iter().find(|points| points.task == task)?.points.clone())
}
