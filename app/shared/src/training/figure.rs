//! The charts of a run: of its losses, of every metric that is drawn, and of how it goes.

use signal_studio_core::training::metrics::{Chart, METRICS, Metric};

/// A chart of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Figure {
    /// Weighted sum of the tasks' losses.
    Loss,
    /// Each task's loss.
    TaskLoss,
    /// A metric.
    Metric(Drawn),
    /// The optimizer's learning rate.
    LearningRate,
    /// L2 norm of the gradients before clipping.
    GradientNorm,
    /// Samples of training a second.
    Speed,
}

/// A metric that is drawn: its place in [`METRICS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Drawn(usize);

impl Drawn {
    /// All of them, with what is drawn and how.
    pub(super) fn all() -> impl Iterator<Item = (Figure, &'static Metric, &'static Chart)> {
        let drawn = |(place, metric): (usize, &'static Metric)| {
            Some((Figure::Metric(Self(place)), metric, metric.chart.as_ref()?))
        };
        METRICS.into_iter().enumerate().filter_map(drawn)
    }

    pub(super) fn chart(self) -> Option<&'static Chart> {
        METRICS.get(self.0)?.chart.as_ref()
    }
}

impl Figure {
    /// All of them, in the order in which they are shown.
    pub fn all() -> impl Iterator<Item = Self> {
        let metrics = Drawn::all().map(|(figure, ..)| figure);
        let [first, last] =
            [[Self::Loss, Self::TaskLoss].as_slice(), &[Self::LearningRate, Self::GradientNorm, Self::Speed]];
        first.iter().copied().chain(metrics).chain(last.iter().copied())
    }

    /// The chart of a metric; none when it is not drawn.
    #[must_use]
    pub fn of(metric: &Metric) -> Option<Self> {
        Drawn::all().find(|(_, drawn, _)| drawn.key == metric.key).map(|(figure, ..)| figure)
    }

    /// What stands over it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Loss => "Loss",
            Self::TaskLoss => "Loss by task",
            Self::Metric(drawn) => drawn.chart().map_or("", |chart| chart.title),
            Self::LearningRate => "Learning rate",
            Self::GradientNorm => "Gradient norm",
            Self::Speed => "Speed",
        }
    }

    /// The unit of its values.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::Speed => "samples/s",
            _ => "",
        }
    }

    /// Why there are points and no values.
    #[must_use]
    pub fn reason_for_gaps(self) -> &'static str {
        match self {
            Self::Metric(drawn) if drawn.chart().is_some_and(|chart| chart.is_of_classes) => {
                "There is no score: in validation, all samples of a task are of one class."
            }
            _ => "There is no finite value here.",
        }
    }
}
