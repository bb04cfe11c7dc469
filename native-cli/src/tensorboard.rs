//! TensorBoard's event files. Training events flow in; scalars under the reference's names flow out, as TFRecords of
//! `Event` messages. Written here because the crate there is, `tensorboard-rs`, is unmaintained and brings an image library
//! and a second protobuf along for what is a hundred lines.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process,
    time::{SystemTime, UNIX_EPOCH},
};

use prost::Message;
use signal_studio_core::training::TrainEvent;

/// Folder of the event files in a run folder.
pub const FOLDER: &str = "tensorboard";

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

/// An event file that a run writes to.
pub struct EventFile {
    path: PathBuf,
    file: BufWriter<File>,
    /// Whether a loss of a step was logged in the epoch under way.
    has_step: bool,
    /// Optimizer updates done.
    step: usize,
}

impl EventFile {
    /// Begins a new file in a folder, beside those of earlier runs.
    pub fn create(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let (now, process) = (seconds_since_1970(), process::id());
        let path = folder.join(format!("events.out.tfevents.{now:.0}.signal-studio.{process}"));
        let mut file = Self { file: BufWriter::new(File::create(&path)?), path, has_step: false, step: 0 };
        file.append(Content::FileVersion(FILE_VERSION.to_owned()))?;
        file.file.flush()?;
        Ok(file)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Logs what an event tells. `train/loss` is that of single batches, as often as they are reported; an epoch in
    /// which none was logs its mean.
    pub fn log(&mut self, event: &TrainEvent) -> io::Result<()> {
        match event {
            TrainEvent::Batch(position) => self.step = position.step,
            TrainEvent::Step(step) => {
                self.step = step.position.step;
                self.has_step = true;
                let mut scalars = Scalars::of("train");
                scalars.loss(step.loss, &step.losses);
                scalars.push("grad_norm", step.grad_norm);
                scalars.push("lr", step.lr);
                scalars.push("epoch", step.position.epoch as f64);
                self.append(scalars.content())?;
            }
            TrainEvent::Evaluated(evaluation) => {
                self.step = evaluation.position.step;
                let metrics = &evaluation.metrics;
                let mut scalars = Scalars::of("val");
                scalars.loss(metrics.loss, &metrics.losses());
                scalars.scores(&metrics.accuracy(), &metrics.f1(), &metrics.mae(), &metrics.mse());
                self.append(scalars.content())?;
                self.file.flush()?;
            }
            TrainEvent::Epoch(record) => {
                let mut scalars = Scalars::of("train");
                if !std::mem::take(&mut self.has_step) {
                    scalars.loss(record.train_loss, &record.train_losses);
                    scalars.push("lr", record.lr);
                    scalars.push("epoch", record.epoch as f64);
                }
                scalars.scores(&record.train_accuracy, &record.train_f1, &record.train_mae, &record.train_mse);
                self.append(scalars.content())?;
                self.file.flush()?;
            }
            TrainEvent::Done(_) => self.file.flush()?,
            _ => {}
        }
        Ok(())
    }

    /// Appends a record: length, its checksum, the message, its checksum, all little-endian.
    fn append(&mut self, content: Content) -> io::Result<()> {
        let event = Event { wall_time: seconds_since_1970(), step: self.step as i64, content: Some(content) };
        let message = event.encode_to_vec();
        let length = (message.len() as u64).to_le_bytes();
        self.file.write_all(&length)?;
        self.file.write_all(&masked_checksum(&length).to_le_bytes())?;
        self.file.write_all(&message)?;
        self.file.write_all(&masked_checksum(&message).to_le_bytes())
    }
}

/// The scalars of one step, named below `train/` or `val/`.
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

    /// Errors of regressions stand below `accuracy` too: these are the reference's names.
    fn scores(
        &mut self,
        accuracy: &BTreeMap<String, f64>,
        f1: &BTreeMap<String, f64>,
        mae: &BTreeMap<String, f64>,
        mse: &BTreeMap<String, f64>,
    ) {
        for (group, suffix, values) in
            [("accuracy", "", accuracy), ("f1", "", f1), ("accuracy", "_mae", mae), ("accuracy", "_mse", mse)]
        {
            for (task, &value) in values {
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

fn seconds_since_1970() -> f64 {
    // A clock before 1970 is wrong, but no reason not to log.
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use signal_studio_core::training::{
        Summary as RunSummary,
        events::{Evaluation, Position, Step},
        history::EpochRecord,
        metrics::{Metrics, Scores, TaskMetrics},
    };

    use super::*;

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
                TaskMetrics { task: "health".to_owned(), loss: 0.25, scores: confusion },
                TaskMetrics { task: "age".to_owned(), loss: 4.0, scores: Scores::Errors { mae: 3.0, mse: 12.0 } },
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
        let folder = tempfile::tempdir().unwrap();
        let mut file = EventFile::create(&folder.path().join("tensorboard")).unwrap();
        let position = Position { epoch: 2, batch: 3, step: 13 };
        let step = Step { position, loss: 1.5, losses: by_task(0.75), grad_norm: 2.5, lr: 0.5 };
        file.log(&TrainEvent::Step(step)).unwrap();
        let evaluation = Evaluation { position, metrics: metrics(), score: 0.875, is_best: true };
        file.log(&TrainEvent::Evaluated(evaluation)).unwrap();
        let record = EpochRecord { epoch: 2, train_loss: 1.0, train_accuracy: by_task(0.5), ..EpochRecord::default() };
        file.log(&TrainEvent::Epoch(record.clone())).unwrap();
        file.log(&TrainEvent::Batch(Position { epoch: 3, batch: 1, step: 14 })).unwrap();
        file.log(&TrainEvent::Epoch(record)).unwrap();
        file.log(&TrainEvent::Done(RunSummary::default())).unwrap();

        let events = read(&fs::read(file.path()).unwrap());
        assert_eq!(events[0].content, Some(Content::FileVersion("brain.Event:2".to_owned())));
        assert!(events.iter().all(|event| event.wall_time > 1.7e9));
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
}
