//! The latest evaluation of a run: a confusion matrix for each classification, predicted against true values for each
//! regression, and the samples that the model gets most wrong.

use std::sync::Arc;

use leptos::prelude::*;
use signal_studio_app::format;
use signal_studio_core::{
    config::RunConfig,
    labels::TaskKind,
    training::{
        events::{Evaluation, Position},
        metrics::Scores,
    },
};

use super::hardest::Hardest;
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
    let charts = move || {
        let evaluation = evaluation.get()?;
        let tasks = evaluation.metrics.tasks.iter().map(|task| match &task.scores {
            Scores::Confusion(counts) => {
                let classes = match kind(&task.task) {
                    Some(TaskKind::Classification { classes }) => classes,
                    _ => (0..counts.len()).map(|class| class.to_string()).collect(),
                };
                view! {
                    <div class="card" data-testid="confusion-matrix" data-task=task.task.clone()>
                        <ConfusionMatrix task=task.task.clone() classes counts=counts.clone()/>
                    </div>
                }
                .into_any()
            }
            Scores::Errors { .. } => {
                let unit = match kind(&task.task) {
                    Some(TaskKind::Regression { unit }) => unit.unwrap_or_default(),
                    _ => String::new(),
                };
                let points = evaluation.regressions.iter().find(|points| points.task == task.task);
                let points = points.map(|points| points.points.clone()).unwrap_or_default();
                view! {
                    <div class="card" data-testid="scatter" data-task=task.task.clone()>
                        <ScatterChart title=task.task.clone() unit points/>
                    </div>
                }
                .into_any()
            }
        });
        Some(view! { <div class="evaluation__tasks">{tasks.collect_view()}</div> })
    };
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
                {charts}
                <Hardest evaluation config/>
            </section>
        </Show>
    }
}
