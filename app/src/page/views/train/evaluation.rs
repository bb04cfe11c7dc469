//! The latest evaluation of a run: a confusion matrix for each classification, predicted against true values for each
//! regression, and the samples that the model gets most wrong.

use std::sync::Arc;

use leptos::prelude::*;
use signal_studio_core::{
    config::RunConfig,
    labels::TaskKind,
    training::{events::Evaluation, metrics::Scores},
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
    let registry = Memo::new(move |_| {
        config.with(|config| RunConfig::parse(config, "config.toml").ok().map(|(config, _)| config.registry()))
    });
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
                    <div data-testid="confusion-matrix" data-task=task.task.clone()>
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
                    <div data-testid="scatter" data-task=task.task.clone()>
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
                let samples =
                    signal_studio_app::format::counted(evaluation.metrics.samples as u64, "sample", "samples");
                format!("Validation after epoch {}: {samples}", evaluation.position.epoch)
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
