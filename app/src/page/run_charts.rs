//! The charts of a run, or of several laid over each other. Events, or the records of a history, flow in; lines flow
//! out, and the component that shows them.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use leptos::prelude::*;
use signal_studio_core::{
    config::RunConfig,
    training::{TrainEvent, history::EpochRecord, metrics::Scores},
};

use crate::charts::{LineChart, LineStyle, Series};

/// A chart of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figure {
    /// Weighted sum of the tasks' losses.
    Loss,
    /// Each task's loss.
    TaskLoss,
    /// Share of right classes.
    Accuracy,
    /// Mean over classes of the F1 score.
    MacroF1,
    /// Mean absolute error.
    Mae,
    /// The optimizer's learning rate.
    LearningRate,
    /// L2 norm of the gradients before clipping.
    GradientNorm,
    /// Samples of training a second.
    Speed,
}

impl Figure {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::Loss,
        Self::TaskLoss,
        Self::Accuracy,
        Self::MacroF1,
        Self::Mae,
        Self::LearningRate,
        Self::GradientNorm,
        Self::Speed,
    ];

    fn title(self) -> &'static str {
        match self {
            Self::Loss => "Loss",
            Self::TaskLoss => "Loss by task",
            Self::Accuracy => "Accuracy",
            Self::MacroF1 => "Macro-F1",
            Self::Mae => "Mean absolute error",
            Self::LearningRate => "Learning rate",
            Self::GradientNorm => "Gradient norm",
            Self::Speed => "Speed",
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Self::Speed => "samples/s",
            _ => "",
        }
    }
}

/// The side of a run that a line shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Split {
    Training,
    Validation,
}

impl Split {
    fn style(self) -> LineStyle {
        match self {
            Self::Training => LineStyle::Solid,
            Self::Validation => LineStyle::Dashed,
        }
    }
}

/// The lines of one run. A handle: clones are the same lines.
#[derive(Clone, Default)]
pub struct RunLines(Rc<RefCell<Lines>>);

#[derive(Default)]
struct Lines {
    lines: BTreeMap<(Figure, Split, Option<usize>), Series>,
    tasks: Vec<String>,
    /// Among several runs: the run's name and its colour.
    look: Option<(String, usize)>,
    by_epoch: bool,
    step: usize,
}

impl RunLines {
    /// The lines of a run that is alone in its charts: a colour for each task.
    pub fn new() -> Self {
        Self::default()
    }

    /// The lines of a run among others: one colour, and its name before each line's.
    pub fn among(title: impl Into<String>, color: usize) -> Self {
        let lines = Self::default();
        lines.0.borrow_mut().look = Some((title.into(), color));
        lines
    }

    /// Lines for everything that a run file's tasks will tell, still without points, so that their charts are there.
    pub fn expect(&self, config: &RunConfig) {
        let registry = config.registry();
        let mut lines = self.0.borrow_mut();
        lines.tasks.clone_from(&config.dataset.tasks);
        for (task, name) in config.dataset.tasks.iter().enumerate() {
            let Some(label) = registry.get(name) else { continue };
            let scores: &[Figure] =
                if label.task.is_classification() { &[Figure::Accuracy, Figure::MacroF1] } else { &[Figure::Mae] };
            for &figure in [Figure::TaskLoss].iter().chain(scores) {
                lines.line(figure, Split::Training, Some(task));
                lines.line(figure, Split::Validation, Some(task));
            }
        }
        for split in [Split::Training, Split::Validation] {
            lines.line(Figure::Loss, split, None);
        }
        for figure in [Figure::LearningRate, Figure::GradientNorm, Figure::Speed] {
            lines.line(figure, Split::Training, None);
        }
    }

    /// Takes in what a run told; says whether a line has grown.
    pub fn push(&self, event: &TrainEvent) -> bool {
        let mut lines = self.0.borrow_mut();
        match event {
            TrainEvent::Step(step) => {
                let x = step.position.step;
                lines.step = x;
                lines.add(Figure::Loss, Split::Training, None, x, step.loss);
                lines.add_all(Figure::TaskLoss, Split::Training, x, &step.losses);
                lines.add(Figure::LearningRate, Split::Training, None, x, step.lr);
                lines.add(Figure::GradientNorm, Split::Training, None, x, step.grad_norm);
            }
            TrainEvent::Evaluated(evaluation) => {
                let x = evaluation.position.step;
                lines.step = x;
                lines.add(Figure::Loss, Split::Validation, None, x, evaluation.metrics.loss);
                for task in &evaluation.metrics.tasks {
                    let mut add = |figure, y| lines.add_task(figure, Split::Validation, &task.task, x, y);
                    add(Figure::TaskLoss, task.loss);
                    match &task.scores {
                        Scores::Confusion(_) => {
                            add(Figure::Accuracy, task.scores.accuracy().unwrap_or(f64::NAN));
                            add(Figure::MacroF1, task.scores.macro_f1().unwrap_or(f64::NAN));
                        }
                        Scores::Errors { mae, .. } => add(Figure::Mae, *mae),
                    }
                }
            }
            TrainEvent::Batch(position) => {
                lines.step = position.step;
                return false;
            }
            TrainEvent::Epoch(record) => {
                let x = lines.step;
                lines.add_scores(record, Split::Training, x);
            }
            _ => return false,
        }
        true
    }

    /// Takes in a speed, in samples a second.
    pub fn push_speed(&self, step: usize, samples_per_s: f64) {
        self.0.borrow_mut().add(Figure::Speed, Split::Training, None, step, samples_per_s);
    }

    /// Takes in a run of which only the history is known: its x is the epoch.
    pub fn push_history(&self, history: &[EpochRecord]) {
        let mut lines = self.0.borrow_mut();
        lines.by_epoch = true;
        for record in history {
            let x = record.epoch;
            lines.add(Figure::Loss, Split::Training, None, x, record.train_loss);
            lines.add_all(Figure::TaskLoss, Split::Training, x, &record.train_losses);
            lines.add_scores(record, Split::Training, x);
            if let Some(loss) = record.val_loss {
                lines.add(Figure::Loss, Split::Validation, None, x, loss);
            }
            if let Some(losses) = &record.val_losses {
                lines.add_all(Figure::TaskLoss, Split::Validation, x, losses);
            }
            lines.add_scores(record, Split::Validation, x);
            lines.add(Figure::LearningRate, Split::Training, None, x, record.lr);
        }
    }

    /// The lines of one chart.
    pub fn series(&self, figure: Figure) -> Vec<Series> {
        let lines = self.0.borrow();
        lines.lines.iter().filter(|((of, ..), _)| *of == figure).map(|(_, series)| series.clone()).collect()
    }

    fn has(&self, figure: Figure) -> bool {
        self.0.borrow().lines.keys().any(|(of, ..)| *of == figure)
    }
}

impl Lines {
    fn line(&mut self, figure: Figure, split: Split, task: Option<usize>) -> &Series {
        let (tasks, look) = (&self.tasks, &self.look);
        self.lines.entry((figure, split, task)).or_insert_with(|| {
            let side = match (figure, split) {
                (Figure::LearningRate | Figure::GradientNorm | Figure::Speed, _) => figure.title(),
                (_, Split::Training) => "training",
                (_, Split::Validation) => "validation",
            };
            let mut label = match task.and_then(|task| tasks.get(task)) {
                Some(task) => format!("{task}, {side}"),
                None => side.to_owned(),
            };
            let mut color = task.unwrap_or(0);
            if let Some((title, own)) = look {
                label = format!("{title}: {label}");
                color = *own;
            }
            Series::new(label, color, split.style())
        })
    }

    fn add(&mut self, figure: Figure, split: Split, task: Option<usize>, x: usize, y: f64) {
        self.line(figure, split, task).push(x as f64, y);
    }

    fn add_task(&mut self, figure: Figure, split: Split, task: &str, x: usize, y: f64) {
        let index = self.tasks.iter().position(|known| known == task).unwrap_or_else(|| {
            self.tasks.push(task.to_owned());
            self.tasks.len() - 1
        });
        self.add(figure, split, Some(index), x, y);
    }

    fn add_all(&mut self, figure: Figure, split: Split, x: usize, values: &BTreeMap<String, f64>) {
        for (task, &y) in values {
            self.add_task(figure, split, task, x, y);
        }
    }

    fn add_scores(&mut self, record: &EpochRecord, split: Split, x: usize) {
        let scores = match split {
            Split::Training => [Some(&record.train_accuracy), Some(&record.train_f1), Some(&record.train_mae)],
            Split::Validation => [record.val_accuracy.as_ref(), record.val_f1.as_ref(), record.val_mae.as_ref()],
        };
        for (figure, values) in [Figure::Accuracy, Figure::MacroF1, Figure::Mae].into_iter().zip(scores) {
            if let Some(values) = values {
                self.add_all(figure, split, x, values);
            }
        }
    }
}

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
    let figures = Memo::new(move |_| {
        version.track();
        runs.with(|runs| Figure::ALL.into_iter().filter(|&figure| runs.iter().any(|run| run.has(figure))).collect::<Vec<_>>())
    });
    let x_label = Memo::new(move |_| {
        version.track();
        runs.with(|runs| if runs.iter().any(|run| run.0.borrow().by_epoch) { "epoch" } else { "step" })
    });
    let chart = move |figure: Figure| {
        let series = Signal::derive_local(move || {
            version.track();
            runs.with(|runs| runs.iter().flat_map(|run| run.series(figure)).collect::<Vec<_>>())
        });
        let points = move || series.with(|series| series.iter().map(Series::len).sum::<usize>());
        view! {
            <div class="card run-charts__chart" data-testid="chart" data-title=figure.title() data-points=points>
                <LineChart title=figure.title() unit=figure.unit() x_label=x_label.get_untracked() series version/>
            </div>
        }
    };
    view! {
        <div class="grid run-charts">
            <For each=move || figures.get() key=move |figure| (*figure, x_label.get_untracked()) let(figure)>
                {chart(figure)}
            </For>
        </div>
    }
}
