//! The lines of a run's charts, or of several runs' laid over each other: filled by events, or by the records of a
//! history.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use signal_studio_core::{
    config::{Baseline, RunConfig},
    training::{
        BaselineResult, TrainEvent,
        events::Position,
        history::EpochRecord,
        metrics::{ACCURACY, BALANCED_ACCURACY, Metric, Scores, TaskMetrics},
    },
};

use super::figure::{Drawn, Figure};
use crate::{
    drawing::series::{LineStyle, Series},
    protocol::Run,
};

/// The side of a run that a line shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Split {
    Training,
    Validation,
    /// Not of the model: what guessing would reach in validation.
    Guessing,
    /// What a simple method reaches there.
    Baseline(Baseline),
}

impl Split {
    fn style(self) -> LineStyle {
        match self {
            Self::Training => LineStyle::Solid,
            Self::Validation => LineStyle::Dashed,
            Self::Guessing | Self::Baseline(Baseline::Majority) => LineStyle::Dotted,
            Self::Baseline(Baseline::BandPower) => LineStyle::DashDotted,
            Self::Baseline(Baseline::Riemann) => LineStyle::DashDotDotted,
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
    batches_per_epoch: usize,
    samples_per_epoch: usize,
    /// What simple methods reach on the validation split.
    baselines: Vec<BaselineResult>,
    reached: Position,
    /// Where the run was at its last report, and seconds until then: a speed that is read later is measured from there.
    reported: Option<(f64, f64)>,
}

impl RunLines {
    /// The lines of a run that is alone in its charts: a colour for each task.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The lines of a run among others: one colour, and its name before each line's. Over epochs, which all runs have
    /// in common.
    #[must_use]
    pub fn among(title: impl Into<String>, color: usize) -> Self {
        let lines = Self::default();
        {
            let mut lines = lines.0.borrow_mut();
            lines.look = Some((title.into(), color));
            lines.by_epoch = true;
        }
        lines
    }

    /// Takes in a run that was kept: all that it told, or its history where that is all there is.
    pub fn push_run(&self, run: &Run) {
        // A task has the colour that it had while the run was watched.
        if let Ok((config, _)) = RunConfig::parse(&run.config, "config.toml") {
            self.0.borrow_mut().tasks.clone_from(&config.dataset.tasks);
        }
        if run.events.is_empty() {
            let baselines = run.summary.as_ref().and_then(|summary| summary.baselines.clone());
            self.0.borrow_mut().baselines = baselines.map_or_else(Vec::new, |results| results.methods);
            return self.push_history(&run.history);
        }
        for (elapsed_s, event) in &run.events {
            self.push(event);
            self.0.borrow_mut().measure(*elapsed_s, event);
        }
    }

    /// Lines for everything that a run file's tasks will tell, still without points, so that their charts are there.
    pub fn expect(&self, config: &RunConfig) {
        let registry = config.registry();
        let mut lines = self.0.borrow_mut();
        lines.tasks.clone_from(&config.dataset.tasks);
        for (task, name) in config.dataset.tasks.iter().enumerate() {
            let Some(label) = registry.get(name) else { continue };
            for split in [Split::Training, Split::Validation] {
                lines.line(Figure::TaskLoss, split, Some(task));
            }
            for (figure, _, chart) in Drawn::all() {
                if chart.is_of_classes != label.task.is_classification() {
                    continue;
                }
                lines.line(figure, Split::Validation, Some(task));
                let others = [(Split::Training, chart.with_training), (Split::Guessing, chart.guess.is_some())];
                for (split, _) in others.into_iter().filter(|(_, is_drawn)| *is_drawn) {
                    lines.line(figure, split, Some(task));
                }
            }
        }
        for split in [Split::Training, Split::Validation] {
            lines.line(Figure::Loss, split, None);
        }
        for figure in [Figure::LearningRate, Figure::GradientNorm, Figure::Speed] {
            lines.line(figure, Split::Training, None);
        }
    }

    /// Takes in what a run reported; says whether a line has grown.
    pub fn push(&self, event: &TrainEvent) -> bool {
        let mut lines = self.0.borrow_mut();
        match event {
            TrainEvent::Started(start) => {
                lines.batches_per_epoch = start.batches_per_epoch;
                lines.samples_per_epoch = start.train_samples;
                // Between the parts of a run lies a pause of unknown length.
                lines.reported = None;
                return lines.go_back(start.resumed_at);
            }
            TrainEvent::Baselines(results) => {
                lines.baselines.clone_from(&results.methods);
                let x = lines.x();
                lines.add_baselines(x);
            }
            TrainEvent::Step(step) => {
                let x = lines.reach(step.position);
                lines.add(Figure::Loss, Split::Training, None, x, step.loss);
                lines.add_all(Figure::TaskLoss, Split::Training, x, &step.losses);
                lines.add(Figure::LearningRate, Split::Training, None, x, step.lr);
                lines.add(Figure::GradientNorm, Split::Training, None, x, step.grad_norm);
            }
            TrainEvent::Evaluated(evaluation) => {
                let x = lines.reach(evaluation.position);
                lines.add(Figure::Loss, Split::Validation, None, x, evaluation.metrics.loss);
                for task in &evaluation.metrics.tasks {
                    let mut add = |figure, split, y| lines.add_task(figure, split, &task.task, x, y);
                    add(Figure::TaskLoss, Split::Validation, task.loss);
                    let has_classes = matches!(task.scores, Scores::Confusion(_));
                    // Of a single class nothing can be told apart: a gap, where a score would be "100 %".
                    let has_score = !has_classes || task.scores.balanced_accuracy().is_some();
                    let value =
                        |of: fn(&TaskMetrics) -> Option<f64>| of(task).filter(|_| has_score).unwrap_or(f64::NAN);
                    for (figure, metric, chart) in Drawn::all().filter(|(.., chart)| chart.is_of_classes == has_classes)
                    {
                        add(figure, Split::Validation, value(metric.of));
                        if let Some(guess) = &chart.guess {
                            add(figure, Split::Guessing, value(guess.of));
                        }
                    }
                }
                lines.add_baselines(x);
            }
            TrainEvent::Batch(position) => {
                lines.reach(*position);
                return false;
            }
            TrainEvent::Epoch(record) => {
                let x = lines.x();
                lines.add_scores(record, Split::Training, x);
            }
            _ => return false,
        }
        true
    }

    /// Takes in how fast the run is where it is now, in samples a second.
    pub fn push_speed(&self, samples_per_s: f64) {
        let mut lines = self.0.borrow_mut();
        let x = lines.x();
        lines.add(Figure::Speed, Split::Training, None, x, samples_per_s);
    }

    /// Takes in a run of which only the history is known: its x is the epoch.
    pub fn push_history(&self, history: &[EpochRecord]) {
        let mut lines = self.0.borrow_mut();
        lines.by_epoch = true;
        for record in history {
            let x = record.epoch as f64;
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
            lines.add_scores(record, Split::Guessing, x);
            lines.add_baselines(x);
            lines.add(Figure::LearningRate, Split::Training, None, x, record.lr);
        }
    }

    /// The lines of one chart: of all tasks, or of one.
    #[must_use]
    pub fn series(&self, figure: Figure, task: Option<&str>) -> Vec<Series> {
        let lines = self.0.borrow();
        let is_in = |of: Figure, index: Option<usize>| {
            of == figure
                && (task.is_none() || index.and_then(|index| lines.tasks.get(index)).map(String::as_str) == task)
        };
        lines.lines.iter().filter(|&(&(of, _, index), _)| is_in(of, index)).map(|(_, series)| series.clone()).collect()
    }

    /// What x counts.
    #[must_use]
    pub fn x_label(&self) -> &'static str {
        if self.0.borrow().by_epoch { "epoch" } else { "step" }
    }

    /// Whether its colour tells it from other runs.
    #[must_use]
    pub fn is_among_others(&self) -> bool {
        self.0.borrow().look.is_some()
    }

    /// Whether a chart has lines of it.
    #[must_use]
    pub fn has(&self, figure: Figure) -> bool {
        self.0.borrow().lines.keys().any(|(of, ..)| *of == figure)
    }

    /// The tasks that a chart has lines of.
    #[must_use]
    pub fn tasks(&self, figure: Figure) -> BTreeSet<String> {
        let lines = self.0.borrow();
        let indices = lines.lines.keys().filter(|(of, ..)| *of == figure).filter_map(|(.., task)| *task);
        indices.filter_map(|index| lines.tasks.get(index).cloned()).collect()
    }
}

impl Lines {
    /// The run is here now; the x that this is.
    fn reach(&mut self, position: Position) -> f64 {
        self.reached = position;
        self.x()
    }

    /// The run goes on from here; what it reported of later updates is lost. Says whether there was any.
    fn go_back(&mut self, step: usize) -> bool {
        let is_back = !self.by_epoch && self.reached.step > step;
        if is_back {
            self.lines.values().for_each(|line| line.cut_after(step as f64));
            self.reached = Position { step, ..self.reached };
        }
        is_back
    }

    fn x(&self) -> f64 {
        let Position { epoch, batch, step } = self.reached;
        if !self.by_epoch {
            return step as f64;
        }
        epoch.saturating_sub(1) as f64 + batch as f64 / self.batches_per_epoch.max(1) as f64
    }

    /// Measures the speed between two reports with nothing but training between them.
    fn measure(&mut self, elapsed_s: f64, event: &TrainEvent) {
        if !matches!(event, TrainEvent::Step(_) | TrainEvent::Evaluated(_)) {
            return;
        }
        let Position { epoch, batch, .. } = self.reached;
        let batches = (epoch * self.batches_per_epoch + batch) as f64;
        if let (TrainEvent::Step(_), Some((from_s, from))) = (event, self.reported) {
            let samples = (batches - from) * self.samples_per_epoch as f64 / self.batches_per_epoch.max(1) as f64;
            let seconds = elapsed_s - from_s;
            if samples > 0.0 && seconds > 0.0 {
                self.add(Figure::Speed, Split::Training, None, self.x(), samples / seconds);
            }
        }
        self.reported = Some((elapsed_s, batches));
    }

    fn line(&mut self, figure: Figure, split: Split, task: Option<usize>) -> &Series {
        let (tasks, look) = (&self.tasks, &self.look);
        self.lines.entry((figure, split, task)).or_insert_with(|| {
            let side = match (figure, split) {
                (Figure::LearningRate | Figure::GradientNorm | Figure::Speed, _) => figure.title(),
                (_, Split::Training) => "training",
                (_, Split::Validation) => "validation",
                (Figure::Metric(drawn), Split::Guessing) => {
                    drawn.chart().and_then(|chart| chart.guess.as_ref()).map_or("chance", |guess| guess.name)
                }
                (_, Split::Guessing) => "chance",
                (_, Split::Baseline(baseline)) => baseline.as_str(),
            };
            let is_of_both = side != figure.title();
            let (label, color) = match (look, task.and_then(|task| tasks.get(task))) {
                // Among several runs a chart is of one task, which its title says.
                (Some((title, color)), _) if is_of_both => (format!("{title}: {side}"), *color),
                (Some((title, color)), _) => (title.clone(), *color),
                (None, Some(name)) => (format!("{name}, {side}"), task.unwrap_or(0)),
                (None, None) => (side.to_owned(), 0),
            };
            Series::new(label, color, split.style())
        })
    }

    fn add(&mut self, figure: Figure, split: Split, task: Option<usize>, x: f64, y: f64) {
        self.line(figure, split, task).push(x, y);
    }

    fn add_task(&mut self, figure: Figure, split: Split, task: &str, x: f64, y: f64) {
        let index = self.tasks.iter().position(|known| known == task).unwrap_or_else(|| {
            self.tasks.push(task.to_owned());
            self.tasks.len() - 1
        });
        self.add(figure, split, Some(index), x, y);
    }

    fn add_all(&mut self, figure: Figure, split: Split, x: f64, values: &BTreeMap<String, f64>) {
        for (task, &y) in values {
            self.add_task(figure, split, task, x, y);
        }
    }

    /// Draws what simple methods reach up to here. The most frequent class is what guessing is drawn as already.
    fn add_baselines(&mut self, x: f64) {
        let baselines = std::mem::take(&mut self.baselines);
        for (method, task) in baselines.iter().flat_map(|method| method.tasks.iter().map(move |task| (method, task))) {
            let has_classes = matches!(task.scores, Scores::Confusion(_));
            if has_classes && task.scores.balanced_accuracy().is_none() {
                continue;
            }
            let drawn = Drawn::all().filter(|(.., chart)| chart.is_of_classes == has_classes);
            for (figure, metric, _) in drawn.filter(|_| !has_classes || method.baseline != Baseline::Majority) {
                if let Some(y) = (metric.of)(task) {
                    self.add_task(figure, Split::Baseline(method.baseline), &task.task, x, y);
                }
            }
        }
        self.baselines = baselines;
    }

    fn add_scores(&mut self, record: &EpochRecord, split: Split, x: f64) {
        let of = |metric| match split {
            Split::Training => record.train(metric),
            Split::Validation | Split::Guessing | Split::Baseline(_) => record.val(metric),
        };
        let balanced = of(&BALANCED_ACCURACY);
        // As in an evaluation, a gap where there is a single class; versions that recorded less do not tell.
        let is_known = |task: &String| balanced.is_none_or(|balanced| balanced.contains_key(task));
        for (figure, metric, chart) in Drawn::all() {
            let drawn: Option<&Metric> = match split {
                Split::Training => Some(metric).filter(|_| chart.with_training),
                Split::Validation => Some(metric),
                Split::Guessing => chart.guess.as_ref().and_then(|guess| guess.recorded),
                Split::Baseline(_) => None,
            };
            let Some(values) = drawn.and_then(of) else { continue };
            if !chart.is_of_classes {
                self.add_all(figure, split, x, values);
                continue;
            }
            for task in of(&ACCURACY).into_iter().flatten().map(|(task, _)| task) {
                let y = values.get(task).copied().filter(|_| is_known(task));
                self.add_task(figure, split, task, x, y.unwrap_or(f64::NAN));
            }
        }
    }
}

/// The charts that a figure is spread over.
#[must_use]
pub fn parts(runs: &[RunLines], figure: Figure) -> Vec<Option<String>> {
    let tasks: BTreeSet<String> =
        runs.iter().filter(|run| run.is_among_others()).flat_map(|run| run.tasks(figure)).collect();
    if tasks.is_empty() { vec![None] } else { tasks.into_iter().map(Some).collect() }
}

#[cfg(test)]
mod tests;
