//! TensorBoard's event files: what training tells, as scalars under the reference's names, in TFRecords of `Event`
//! messages to be appended to a file. Written here because the crate there is, `tensorboard-rs`, is unmaintained and
//! brings an image library and a second protobuf along for what is a hundred lines.

use std::collections::BTreeMap;

use prost::Message;

use super::{
    TrainEvent,
    metrics::{BALANCED_ACCURACY, MAJORITY, METRICS, Metric},
};

/// What the first event of a file says.
const FILE_VERSION: &str = "brain.Event:2";

/// An entry of an event file, as TensorFlow's `event.proto` has it.
#[derive(Clone, PartialEq, Message)]
struct Event {
    /// Seconds since 1970.
    #[prost(double, tag = "1")]
    wall_time: f64,
    #[prost(int64, tag = "2")]
    step: i64,
    #[prost(oneof = "Content", tags = "3, 5")]
    content: Option<Content>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Content {
    #[prost(string, tag = "3")]
    FileVersion(String),
    #[prost(message, tag = "5")]
    Summary(Summary),
}

/// Scalars of one step, as `summary.proto` has them.
#[derive(Clone, PartialEq, Message)]
struct Summary {
    #[prost(message, repeated, tag = "1")]
    values: Vec<Scalar>,
}

#[derive(Clone, PartialEq, Message)]
struct Scalar {
    #[prost(string, tag = "1")]
    tag: String,
    #[prost(float, tag = "2")]
    value: f32,
}

/// The name of an event file begun at a time, in seconds since 1970; `writer` tells files of the same second apart.
pub fn file_name(wall_time: f64, writer: u32) -> String {
    format!("events.out.tfevents.{wall_time:.0}.signal-studio.{writer}")
}

/// What an event file begins with, at a time in seconds since 1970.
pub fn file_header(wall_time: f64) -> Vec<u8> {
    record(wall_time, 0, Content::FileVersion(FILE_VERSION.to_owned()))
}

/// Turns a run's events into what is appended to its event file.
#[derive(Debug, Clone, Default)]
pub struct EventLog {
    /// Whether a loss of a step was logged in the epoch under way.
    has_step: bool,
    /// Optimizer updates done.
    step: usize,
}

impl EventLog {
    /// What to append for an event at a time, in seconds since 1970; nothing for most. `train/loss` is that of single
    /// batches, as often as they are reported; an epoch in which none was logs its mean.
    pub fn append(&mut self, event: &TrainEvent, wall_time: f64) -> Vec<u8> {
        let scalars = match event {
            TrainEvent::Started(start) => {
                self.step = start.resumed_at;
                return Vec::new();
            }
            TrainEvent::Batch(position) => {
                self.step = position.step;
                return Vec::new();
            }
            TrainEvent::Step(step) => {
                self.step = step.position.step;
                self.has_step = true;
                let mut scalars = Scalars::of("train");
                scalars.loss(step.loss, &step.losses);
                scalars.push("grad_norm", step.grad_norm);
                scalars.push("lr", step.lr);
                scalars.push("epoch", step.position.epoch as f64);
                scalars
            }
            TrainEvent::Evaluated(evaluation) => {
                self.step = evaluation.position.step;
                let metrics = &evaluation.metrics;
                let mut scalars = Scalars::of("val");
                scalars.loss(metrics.loss, &metrics.losses());
                scalars.metrics(|metric| Some(metrics.by_task(metric)));
                scalars
            }
            TrainEvent::Tested(test) => {
                let mut scalars = Scalars::of("test");
                scalars.loss(test.metrics.loss, &test.metrics.losses());
                scalars.metrics(|metric| Some(test.metrics.by_task(metric)));
                scalars
            }
            TrainEvent::Epoch(epoch) => {
                let mut scalars = Scalars::of("train");
                if !std::mem::take(&mut self.has_step) {
                    scalars.loss(epoch.train_loss, &epoch.train_losses);
                    scalars.push("lr", epoch.lr);
                    scalars.push("epoch", epoch.epoch as f64);
                }
                scalars.metrics(|metric| epoch.train(metric).cloned());
                scalars
            }
            _ => return Vec::new(),
        };
        record(wall_time, self.step, scalars.content())
    }
}

/// A TFRecord: length, its checksum, the message, its checksum, all little-endian.
fn record(wall_time: f64, step: usize, content: Content) -> Vec<u8> {
    let event = Event { wall_time, step: step as i64, content: Some(content) };
    let message = event.encode_to_vec();
    let length = (message.len() as u64).to_le_bytes();
    let checksums = [masked_checksum(&length), masked_checksum(&message)].map(u32::to_le_bytes);
    [&length[..], &checksums[0], &message, &checksums[1]].concat()
}

/// The scalars of one step, named below `train/`, `val/` or `test/`.
struct Scalars {
    split: &'static str,
    values: Vec<Scalar>,
}

impl Scalars {
    fn of(split: &'static str) -> Self {
        Self { split, values: Vec::new() }
    }

    fn push(&mut self, name: &str, value: f64) {
        self.values.push(Scalar { tag: format!("{}/{name}", self.split), value: value as f32 });
    }

    fn loss(&mut self, loss: f64, by_task: &BTreeMap<String, f64>) {
        self.push("loss", loss);
        for (task, &loss) in by_task {
            self.push(&format!("loss/{task}"), loss);
        }
    }

    /// The metrics of all tasks but those of which there is a single class: naming that would be right every time.
    fn metrics(&mut self, by_task: impl Fn(&Metric) -> Option<BTreeMap<String, f64>>) {
        let (classified, told_apart) = (by_task(&MAJORITY), by_task(&BALANCED_ACCURACY));
        let has = |tasks: &Option<BTreeMap<String, f64>>, task: &String| {
            tasks.as_ref().is_some_and(|of| of.contains_key(task))
        };
        for metric in METRICS {
            let Some((group, suffix)) = metric.tag else { continue };
            for (task, value) in by_task(metric).into_iter().flatten() {
                if has(&classified, &task) && !has(&told_apart, &task) {
                    continue;
                }
                self.push(&format!("{group}/{task}{suffix}"), value);
            }
        }
    }

    fn content(self) -> Content {
        Content::Summary(Summary { values: self.values })
    }
}

/// TFRecord's checksum: CRC-32C, rotated and shifted, so that a checksum of data with checksums in it stays one.
fn masked_checksum(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::{
        Summary as RunSummary,
        events::{Evaluation, Position, Step},
        history::EpochRecord,
        metrics::{ACCURACY, Metrics, Scores, TaskMetrics},
        score::Score,
    };

    /// Every event of a file, its checksums checked.
    fn read(mut bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        while !bytes.is_empty() {
            let (length, rest) = bytes.split_at(8);
            let (checksum, rest) = rest.split_at(4);
            assert_eq!(masked_checksum(length).to_le_bytes(), checksum);
            let (message, rest) = rest.split_at(u64::from_le_bytes(length.try_into().unwrap()) as usize);
            let (checksum, rest) = rest.split_at(4);
            assert_eq!(masked_checksum(message).to_le_bytes(), checksum);
            events.push(Event::decode(message).unwrap());
            bytes = rest;
        }
        events
    }

    fn by_task(value: f64) -> BTreeMap<String, f64> {
        BTreeMap::from([("health".to_owned(), value)])
    }

    fn metrics() -> Metrics {
        let confusion = Scores::Confusion(vec![vec![3, 1], vec![0, 4]]);
        Metrics {
            samples: 8,
            loss: 0.5,
            grad_norm: 0.0,
            tasks: vec![
                TaskMetrics::new("health", 8, 0.25, confusion),
                TaskMetrics::new("age", 8, 4.0, Scores::Errors { mae: 3.0, mse: 12.0, r2: None }),
            ],
        }
    }

    #[test]
    fn the_checksum_is_that_of_the_format() {
        // The length field of a record of 24 bytes, as TensorFlow frames its file version event.
        assert_eq!(masked_checksum(&24_u64.to_le_bytes()).to_le_bytes(), [0xa3, 0x7f, 0x4b, 0x22]);
    }

    #[test]
    fn what_a_run_tells_is_read_back_under_the_names_of_the_reference() {
        let mut log = EventLog::default();
        let mut file = file_header(1e9);
        let position = Position { epoch: 2, batch: 3, step: 13 };
        let step = Step { position, loss: 1.5, losses: by_task(0.75), grad_norm: 2.5, lr: 0.5 };
        let evaluation = Evaluation {
            position,
            metrics: metrics(),
            score: Score::of_older_version(0.875),
            is_best: true,
            regressions: Vec::new(),
            worst_samples: Vec::new(),
        };
        let epoch = EpochRecord { epoch: 2, train_loss: 1.0, ..EpochRecord::default() };
        let epoch = epoch.with_train(&ACCURACY, by_task(0.5));
        for event in [
            TrainEvent::Step(step),
            TrainEvent::Evaluated(evaluation),
            TrainEvent::Epoch(epoch.clone()),
            TrainEvent::Batch(Position { epoch: 3, batch: 1, step: 14 }),
            TrainEvent::Epoch(epoch),
            TrainEvent::Done(RunSummary::default()),
        ] {
            file.extend(log.append(&event, 2e9));
        }

        let events = read(&file);
        assert_eq!(events[0].content, Some(Content::FileVersion("brain.Event:2".to_owned())));
        assert_eq!((events[0].wall_time, events[1].wall_time), (1e9, 2e9));
        let scalars: Vec<_> = events[1..]
            .iter()
            .map(|event| {
                let Some(Content::Summary(summary)) = &event.content else { panic!("{event:?}") };
                let values = summary.values.iter().map(|scalar| (scalar.tag.as_str(), scalar.value));
                (event.step, values.collect::<Vec<_>>())
            })
            .collect();
        let train = vec![
            ("train/loss", 1.5),
            ("train/loss/health", 0.75),
            ("train/grad_norm", 2.5),
            ("train/lr", 0.5),
            ("train/epoch", 2.0),
        ];
        let f1 = (6.0 / 7.0 + 8.0 / 9.0) / 2.0;
        let val = vec![
            ("val/loss", 0.5),
            ("val/loss/age", 4.0),
            ("val/loss/health", 0.25),
            ("val/accuracy/health", 0.875),
            ("val/f1/health", f1),
            ("val/accuracy/age_mae", 3.0),
            ("val/accuracy/age_mse", 12.0),
        ];
        let without_steps =
            vec![("train/loss", 1.0), ("train/lr", 0.0), ("train/epoch", 2.0), ("train/accuracy/health", 0.5)];
        let expected = vec![(13, train), (13, val), (13, vec![("train/accuracy/health", 0.5)]), (14, without_steps)];
        assert_eq!(scalars, expected);
    }

    #[test]
    fn a_single_class_has_no_score() {
        let mut metrics = metrics();
        metrics.tasks[0].scores = Scores::Confusion(vec![vec![8, 0], vec![0, 0]]);
        let epoch = EpochRecord::new(1, &metrics, None, 0.5);
        let tags: Vec<String> = read(&EventLog::default().append(&TrainEvent::Epoch(epoch), 2e9))
            .into_iter()
            .filter_map(|event| event.content)
            .flat_map(|content| match content {
                Content::Summary(summary) => summary.values,
                Content::FileVersion(_) => Vec::new(),
            })
            .map(|scalar| scalar.tag)
            .collect();
        assert!(tags.contains(&"train/accuracy/age_mae".to_owned()), "{tags:?}");
        assert!(!tags.iter().any(|tag| tag.contains("accuracy/health") || tag.contains("f1/health")), "{tags:?}");
    }
}
