//! Every message between the page and its worker. A [`Request`] flows from the page to the worker, numbered; for each
//! the worker sends one [`Message::Reply`] with the same number, and any number of [`Message::Event`]s while work is
//! under way. Messages travel as JSON; files, pictures and archives travel beside them as attachments, in the order in
//! which the message speaks of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use signal_studio_core::{
    config::DataType,
    datasets::{SplitDescription, Survey},
    signal::OutputType,
    training::{Command, Summary, TrainEvent, history::EpochRecord},
};

/// A numbered request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Numbered {
    /// Chosen by the page; the reply carries it back.
    pub id: u64,
    /// What is asked.
    pub request: Request,
}

/// What the page asks of the worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Which devices there are. → [`Reply::Devices`]
    FindDevices,
    /// What is kept in the browser. → [`Reply::Library`]
    Library,
    /// Copies files into the browser's storage and looks at what they are. Attached: one `File` each, in this order.
    /// A lone `.zip` is unpacked on the way. → [`Reply::Dataset`], or [`Reply::Run`] when the files are a run folder
    Import {
        /// The folder's or the first file's name, from which the dataset gets its name.
        title: String,
        /// The files' paths below the folder.
        paths: Vec<String>,
    },
    /// Generates the built-in demo's recordings, unless they are there. → [`Reply::Dataset`]
    MakeDemo,
    /// What a dataset is. → [`Reply::Dataset`]
    Dataset {
        /// Its name.
        name: String,
    },
    /// Removes a dataset and all that was made from it. → [`Reply::Done`]
    DeleteDataset {
        /// Its name.
        name: String,
    },
    /// A stretch of a recording. → [`Reply::Traces`]
    Traces {
        /// The dataset.
        dataset: String,
        /// Path of the recording in it.
        recording: String,
        /// Where the stretch starts, in seconds.
        start_s: f64,
        /// How long it is, in seconds.
        length_s: f64,
        /// Into how many points to draw each channel is thinned.
        points: usize,
    },
    /// A window of a recording as the model of a run would see it. → [`Reply::Window`]
    Window {
        /// The dataset.
        dataset: String,
        /// Path of the recording in it.
        recording: String,
        /// Which window, from 0.
        window: usize,
        /// The run file that says what windows become.
        config: String,
    },
    /// The bytes of one sample of the dataset that a run file names. → [`Reply::Sample`]
    Sample {
        /// The run file.
        config: String,
        /// Path of the sample's file in the preprocessed folder.
        path: String,
    },
    /// Makes the samples that a run file needs. Tells [`Event::Preparing`]. → [`Reply::Dataset`]
    Prepare {
        /// The run file.
        config: String,
    },
    /// Ends an import or a preparation that is under way, which is then answered with a [`Fault`] of
    /// [`FaultKind::Cancelled`]. → [`Reply::Done`]
    Cancel,
    /// What a run file gives: whether its data are there, and its model. → [`Reply::Outlook`]
    Outlook {
        /// The run file.
        config: String,
    },
    /// Trains, preparing the data first where that is needed. Tells [`Event::Preparing`] and [`Event::Train`].
    /// → [`Reply::Started`] as soon as the run has a name
    Start {
        /// The run file.
        config: String,
        /// The device, as a run file names it; the run file's own when there is none.
        device: Option<String>,
    },
    /// Goes on with a run that was stopped or interrupted. → [`Reply::Started`]
    Resume {
        /// Its name.
        run: String,
        /// The device; the run's own when there is none.
        device: Option<String>,
    },
    /// Tells the run under way what to do. A run that is still being made ready can be stopped, and [`Request::Start`] or
    /// [`Request::Resume`] is then answered with a [`Fault`] of [`FaultKind::Cancelled`]. → [`Reply::Done`]
    Control(Command),
    /// All of a run that can be drawn. → [`Reply::Run`]
    Run {
        /// Its name.
        name: String,
    },
    /// Gives a run another title. → [`Reply::Done`]
    RenameRun {
        /// Its name.
        name: String,
        /// What the user calls it.
        title: String,
    },
    /// Removes a run and its files. → [`Reply::Done`]
    DeleteRun {
        /// Its name.
        name: String,
    },
    /// A run's folder as a `.zip`, unless the run is at work. Attached to the reply: a `Blob`, which is there until the
    /// next of these requests. → [`Reply::Archive`]
    ExportRun {
        /// Its name.
        name: String,
    },
}

/// What the worker tells the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "messages are sent one by one; the sizes differ by target")]
pub enum Message {
    /// The worker is ready for requests.
    Ready,
    /// The answer to a request.
    Reply {
        /// The request's number.
        id: u64,
        /// What came of it.
        result: Result<Reply, Fault>,
    },
    /// Something that happened meanwhile.
    Event(Event),
}

/// The answer to a request that went well.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// Nothing more to say.
    Done,
    /// The devices.
    Devices(Devices),
    /// What is kept in the browser.
    Library(Library),
    /// A dataset.
    Dataset(Box<Dataset>),
    /// A stretch of a recording.
    Traces(Traces),
    /// A window. Attached, for an image: its PNG file.
    Window(Window),
    /// A sample. Attached: its file, a PNG image or a `.npy` array.
    Sample,
    /// What a run file gives.
    Outlook(Outlook),
    /// A run has begun.
    Started {
        /// Its name.
        run: String,
        /// Where it computes, and why there.
        devices: Devices,
    },
    /// A run.
    Run(Box<Run>),
    /// An archive. Attached: a `Blob`.
    Archive {
        /// What to call the file.
        file_name: String,
    },
}

/// A request that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What kind of failure.
    pub kind: FaultKind,
    /// What went wrong, where, and what to do: whole sentences.
    pub message: String,
}

/// What kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FaultKind {
    /// The request cannot be carried out as it is: a mistake in a config, a dataset that is not there.
    Request,
    /// It failed on the way.
    Failed,
    /// The device failed, or cannot be had: the CPU may do.
    Device,
    /// There is no room left in the browser's storage.
    NoRoom,
    /// The user cancelled it.
    Cancelled,
}

/// What ended a worker that had no last words, in whole sentences; `told` is what the browser says. WebAssembly that
/// gets no more memory can say nothing, and only traps.
#[must_use]
pub fn silent_end(told: &str) -> String {
    let words = told.to_lowercase();
    if !TRAPS.iter().any(|trap| words.contains(trap)) {
        return told.to_owned();
    }
    format!(
        "The training engine stopped without a word, as it does when its memory runs out. Lower dataset.batch_size, or \
         make the model smaller with model.embedding_dim, then train again. The browser says: {told}"
    )
}

/// What browsers say when WebAssembly traps, or when they have no memory left for what it asks.
const TRAPS: [&str; 4] = ["unreachable", "out of bounds", "out of memory", "allocation failed"];

/// Something that happened while work was under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "messages are sent one by one; the sizes differ by target")]
pub enum Event {
    /// The worker is not ready because it waits for something: until then it answers nothing.
    Waiting {
        /// For what, and what to do: whole sentences.
        message: String,
    },
    /// Files are being copied in, or recordings read.
    Importing(Progress),
    /// Samples are being made.
    Preparing(Progress),
    /// A run went on.
    Train {
        /// Its name.
        run: String,
        /// Seconds that it has been training, pauses and preparation not counted.
        elapsed_s: f64,
        /// What happened.
        event: TrainEvent,
    },
    /// A run ended with an error, or was cancelled before it trained; what it had written is kept.
    RunFailed {
        /// Its name.
        run: String,
        /// What went wrong.
        fault: Fault,
    },
    /// A line for the log.
    Log {
        /// How much it matters.
        level: Level,
        /// A whole sentence.
        message: String,
    },
}

/// How much a line of the log matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Level {
    /// Good to know.
    Info,
    /// The user should know.
    Warning,
    /// Something failed.
    Error,
}

/// How far work has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is under way: "Copying sub-01.edf".
    pub what: String,
    /// How much of it is done, in `unit`.
    pub done: u64,
    /// How much there is.
    pub total: u64,
    /// "bytes", "recordings".
    pub unit: String,
}

/// The devices of this machine, and which of them is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Devices {
    /// The one that computes, or would.
    pub chosen: String,
    /// Why this one, as the end of a sentence.
    pub why: String,
    /// All of them, the one that `auto` takes before others that could stand in for it.
    pub found: Vec<DeviceInfo>,
}

/// A device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceInfo {
    /// How a run file asks for it: `cpu`, `wgpu:0`.
    pub choice: String,
    /// Its name.
    pub description: String,
    /// What it is: "CPU", "discrete GPU", "software adapter".
    pub class: String,
}

/// What is kept in the browser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Library {
    /// Datasets, by name.
    pub datasets: Vec<DatasetLine>,
    /// Runs, the newest first.
    pub runs: Vec<RunLine>,
    /// Bytes used by this page.
    pub used_bytes: u64,
    /// Bytes that the browser allows.
    pub quota_bytes: u64,
    /// Whether the browser has promised not to remove them by itself.
    pub is_persistent: bool,
}

/// A dataset in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetLine {
    /// Its name in run files.
    pub name: String,
    /// Bytes of its files and of what was made from them.
    pub bytes: u64,
}

/// A dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dataset {
    /// What `dataset.name` of a run file calls it.
    pub name: String,
    /// Bytes of its files and of what was made from them.
    pub bytes: u64,
    /// What its raw files are; none for a folder that came preprocessed.
    pub survey: Option<Survey>,
    /// The samples made from it, or brought along.
    pub prepared: Vec<Prepared>,
    /// A run file made to fit it.
    pub preset: String,
}

/// Samples made from recordings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prepared {
    /// Images or windows.
    pub data_type: DataType,
    /// What the images' colours hold.
    pub output_type: OutputType,
    /// Its splits.
    pub splits: Vec<SplitDescription>,
}

/// A stretch of a recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Traces {
    /// Where it starts, in seconds.
    pub start_s: f64,
    /// How long it is, in seconds.
    pub length_s: f64,
    /// How long the whole recording is, in seconds.
    pub duration_s: f64,
    /// The channels, in the order of the file.
    pub channels: Vec<Trace>,
    /// Remarks and events in this stretch: onset in seconds, text.
    pub annotations: Vec<(f64, String)>,
}

/// One channel's stretch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// The channel's label.
    pub label: String,
    /// Its unit, "V" where it is a voltage.
    pub unit: String,
    /// Its rate in Hz.
    pub rate_hz: f64,
    /// The lowest and the highest value between one drawn point and the next.
    pub extremes: Vec<[f32; 2]>,
}

/// A window of a recording as a model sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Which window, from 0.
    pub window: usize,
    /// How many the recording has.
    pub windows: usize,
    /// Where it starts, in seconds.
    pub start_s: f64,
    /// How long it is, in seconds.
    pub length_s: f64,
    /// For time series: the normalised channels' extremes.
    pub channels: Option<Vec<Trace>>,
}

/// What a run file gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outlook {
    /// The dataset it names.
    pub dataset: String,
    /// Whether its recordings or samples are in the browser.
    pub data: DataState,
    /// The model, when it can be built for the samples that there are or will be.
    pub model: Option<ModelOutline>,
    /// What stands in the way of training; empty when nothing does.
    pub problems: Vec<String>,
}

/// Whether a run's data are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DataState {
    /// The samples are there.
    Prepared,
    /// The recordings are there; samples are made before training.
    Raw,
    /// Nothing is there, but Train generates it: the demo.
    Generated,
    /// Nothing is there: files must be dropped first.
    Missing,
}

/// A model in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelOutline {
    /// One sample, in words.
    pub input: String,
    /// Its layers.
    pub layers: Vec<LayerOutline>,
    /// Learnt values.
    pub parameters: u64,
    /// Multiply-adds of a sample's forward pass.
    pub multiply_adds: u64,
    /// An estimate of the bytes that training takes.
    pub training_bytes: u64,
}

/// A layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerOutline {
    /// Its name, as in checkpoints.
    pub name: String,
    /// What it is.
    pub kind: String,
    /// Shape of one sample's output.
    pub output: Vec<usize>,
    /// Learnt values.
    pub parameters: u64,
    /// Multiply-adds of one sample.
    pub multiply_adds: u64,
}

/// A run in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunLine {
    /// Its name, which is that of its folder.
    pub name: String,
    /// What the user calls it.
    pub title: String,
    /// When it was started, in milliseconds since 1970.
    pub started_ms: f64,
    /// The dataset.
    pub dataset: String,
    /// The device it ran on.
    pub device: String,
    /// How it stands.
    pub status: RunStatus,
    /// Epochs done.
    pub epochs: usize,
    /// The best validation score so far.
    pub best: Option<f64>,
    /// Bytes of its folder.
    pub bytes: u64,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RunStatus {
    /// It is under way.
    Training,
    /// It has come to its end.
    Complete,
    /// It was stopped, or the page was closed; it can go on.
    Resumable,
    /// It was ended by an error, or before its first checkpoint.
    Ended,
}

/// All of a run that can be drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// As in a list.
    pub line: RunLine,
    /// Its config as it was given.
    pub config: String,
    /// One record an epoch.
    pub history: Vec<EpochRecord>,
    /// What it told, as far as that was kept: each with the seconds trained until then.
    pub events: Vec<(f64, TrainEvent)>,
    /// How it ended.
    pub summary: Option<Summary>,
    /// The files in its folder and their sizes in bytes.
    pub files: BTreeMap<String, u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trap_is_told_as_memory_that_ran_out() {
        for told in [
            "unreachable",
            "Uncaught RuntimeError: unreachable executed",
            "Unreachable code should not be executed (evaluating 'wasm.run()')",
            "memory access out of bounds",
            "Array buffer allocation failed",
        ] {
            let message = silent_end(told);
            assert!(message.contains("memory") && message.contains("dataset.batch_size"), "{message}");
            assert!(message.ends_with(told), "{message}");
        }
    }

    #[test]
    fn what_says_why_is_left_as_it_is() {
        let told = "The training engine could not be loaded: the server answered 404.";
        assert_eq!(silent_end(told), told);
    }
}
