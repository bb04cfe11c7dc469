//! Every message between the page and its worker, and in a file a topic what they carry. The page sends numbered
//! [`Request`]s; for each the worker sends one [`Message::Reply`] with the same number, and any number of
//! [`Message::Event`]s while work is under way. Messages travel as JSON; files, pictures and archives travel beside
//! them as attachments, in the order in which the message speaks of them.

mod datasets;
mod devices;
mod runs;
mod shell;
mod training;

use serde::{Deserialize, Serialize};
use signal_studio_core::{
    recording::Traces,
    training::{Command, TrainEvent},
};

pub use self::{
    datasets::{Dataset, DatasetLine, Prepared, Window, WindowStage},
    devices::{DeviceInfo, Devices},
    runs::{Answer, Run, RunLine, RunStatus, SplitAnswer},
    shell::{Fault, FaultKind, Level, Library, Progress, silent_end},
    training::{DataState, LayerOutline, ModelOutline, RunCheck},
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
    /// What a run file gives: whether its data are there, and its model. → [`Reply::RunCheck`]
    CheckRun {
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
    /// How good the model of a run is, on the people that it was not trained on. → [`Reply::Answer`]
    Answer {
        /// The run's name.
        run: String,
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
    RunCheck(RunCheck),
    /// A run has begun.
    Started {
        /// Its name.
        run: String,
        /// Where it computes, and why there.
        devices: Devices,
    },
    /// A run.
    Run(Box<Run>),
    /// How good its model is.
    Answer(Box<Answer>),
    /// An archive. Attached: a `Blob`.
    Archive {
        /// What to call the file.
        file_name: String,
    },
}

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
    /// There is no room for a run's files. The run stands still as when it is paused: [`Command::Resume`] has it try
    /// once more and go on, without keeping what there is no room for; [`Command::Stop`] ends it.
    StorageFull {
        /// Its name.
        run: String,
        /// What there is no room for.
        message: String,
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
