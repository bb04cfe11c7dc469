//! The charts of a run, or of several laid over each other.

use leptos::prelude::*;
use signal_studio_app_shared::training::{
    figure::Figure,
    run_lines::{RunLines, parts},
};

use crate::charts::{LineChart, Series};

/// All charts of one or more runs that have something to show.
#[component]
pub fn RunCharts(
    /// The runs' lines.
    #[prop(into)]
    runs: Signal<Vec<RunLines>, LocalStorage>,
    /// Changes whenever a line has grown.
    #[prop(into)]
    version: Signal<u64>,
) -> impl IntoView {
    // Among several runs the colour tells the run: each task has charts of its own.
    let charts = Memo::new(move |_| {
        version.track();
        runs.with(|runs| {
            let shown = Figure::all().filter(|&figure| runs.iter().any(|run| run.has(figure)));
            shown.flat_map(|figure| parts(runs, figure).into_iter().map(move |task| (figure, task))).collect::<Vec<_>>()
        })
    });
    let x_label = Memo::new(move |_| {
        version.track();
        runs.with(|runs| runs.first().map_or("step", RunLines::x_label))
    });
    // One more chart a frame: making all of them at once would hold the page up.
    let made = RwSignal::new(1);
    Effect::new(move || {
        if made.get() < charts.with(Vec::len) {
            request_animation_frame(move || {
                made.try_update(|made| *made += 1);
            });
        }
    });
    let charts_made = move || charts.with(|charts| charts.iter().take(made.get()).cloned().collect::<Vec<_>>());
    let chart = move |figure: Figure, task: Option<String>| {
        let title = match &task {
            Some(task) => format!("{}: {task}", figure.title()),
            None => figure.title().to_owned(),
        };
        let series = Signal::derive_local(move || {
            version.track();
            runs.with(|runs| runs.iter().flat_map(|run| run.series(figure, task.as_deref())).collect::<Vec<_>>())
        });
        let label = title.clone();
        let points = move || series.with(|series| series.iter().map(Series::len).sum::<usize>());
        view! {
            <div class="card" data-testid="chart" data-title=label data-points=points>
                <LineChart
                    title
                    unit=figure.unit()
                    x_label=x_label.get_untracked()
                    reason_for_gaps=figure.reason_for_gaps()
                    series
                    version
                />
            </div>
        }
    };
    view! {
        <div class="grid run-charts">
            <For each=charts_made key=move |chart| (chart.clone(), x_label.get_untracked()) let((figure, task))>
                {chart(figure, task)}
            </For>
        </div>
    }
}
