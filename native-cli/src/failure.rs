//! Why a command ends without having done its work: whatever core says becomes one message, its places, and an exit
//! status.

use std::{error::Error, fmt, path::Path};

use serde_json::{Value, json};
use signal_studio_core::{
    config::{ConfigError, ConfigProblem},
    datasets::DatasetError,
    device::DeviceError,
    model::ModelError,
    recording::RecordingError,
    share::ShareError,
    storage::StorageError,
    training::TrainError,
};
use signal_studio_server::ServeError;

use crate::exit::Exit;

/// Why a command ends.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    /// What it is about, in a word, for programs.
    kind: &'static str,
    message: String,
    /// The files and folders that it is about, as programs read them.
    places: Vec<Value>,
}

impl Failure {
    /// The user asked for something impossible.
    pub fn request(message: impl fmt::Display) -> Self {
        Self::new(Exit::Refused, "request", message)
    }

    /// What was asked for did not work out.
    pub fn run(message: impl fmt::Display) -> Self {
        Self::new(Exit::Failed, "run", message)
    }

    /// The arguments cannot be understood.
    pub fn arguments(message: impl fmt::Display) -> Self {
        Self::new(Exit::Refused, "arguments", message)
    }

    fn new(exit: Exit, kind: &'static str, message: impl fmt::Display) -> Self {
        Self { exit, kind, message: message.to_string(), places: Vec::new() }
    }

    /// Adds where it happened.
    pub fn within(mut self, place: &str, path: &Path) -> Self {
        let path = path.display().to_string();
        if !self.message.contains(&path) {
            self.message.push_str(&format!("\n  in {place} {path}"));
        }
        self.places.push(json!({ "path": path }));
        self
    }

    /// Adds what to do, one or more lines.
    pub fn advise(mut self, advice: &str) -> Self {
        self.message.push_str(&format!("\n  {advice}"));
        self
    }

    /// What is wrong, and what to do.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// How the program ends.
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// The failure as programs read it: its kind, the message, and the places that it is about.
    pub fn to_json(&self) -> Value {
        json!({
            "event": "failed",
            "kind": self.kind,
            "message": self.message,
            "where": self.places,
            "exit_status": self.exit.code(),
        })
    }

    fn of(exit: Exit, kind: &'static str, error: &(dyn Error + 'static)) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !message.contains(&text) {
                message.push_str(&format!("\n  caused by: {text}"));
            }
            cause = error.source();
        }
        Self::new(exit, kind, message)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "error: {}", self.message)
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        let (StorageError::NotFound { path }
        | StorageError::Full { path }
        | StorageError::NotKept { path }
        | StorageError::Failed { path, .. }) = &error;
        let place = json!({ "path": path });
        let mut failure = Self::of(Exit::Failed, "storage", &error);
        failure.places.push(place);
        failure
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let place = |problem: &ConfigProblem| {
            json!({
                "path": error.file,
                "line": problem.line,
                "column": problem.column,
                "key": problem.key,
                "message": problem.message,
                "suggestion": problem.suggestion,
            })
        };
        let places = error.problems.iter().map(place).collect();
        let message = match error.problems.len() {
            1 => error.to_string(),
            count => format!("{count} mistakes in {}:\n{error}", error.file),
        };
        Self { places, ..Self::new(Exit::Refused, "config", message) }
    }
}

impl From<ShareError> for Failure {
    fn from(error: ShareError) -> Self {
        Self::of(Exit::Refused, "link", &error)
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        let exit = match error {
            ServeError::NoPage { .. } => Exit::Refused,
            ServeError::Listen { .. } | ServeError::System(_) => Exit::Failed,
        };
        Self::of(exit, "server", &error)
    }
}

impl From<DeviceError> for Failure {
    fn from(error: DeviceError) -> Self {
        Self::of(Exit::Refused, "device", &error)
    }
}

impl From<RecordingError> for Failure {
    fn from(error: RecordingError) -> Self {
        Self::of(exit_of(error.is_request()), "recording", &error)
    }
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        match error {
            ModelError::Device(_) | ModelError::DeviceLost(_) => Self::of(Exit::Failed, "device", &error),
            error => Self::of(exit_of(error.is_request()), "model", &error),
        }
    }
}

impl From<DatasetError> for Failure {
    fn from(error: DatasetError) -> Self {
        match error {
            DatasetError::Cancelled => Self::of(Exit::Interrupted, "interrupted", &error),
            DatasetError::Storage(error) => error.into(),
            error => Self::of(exit_of(error.is_request()), "dataset", &error),
        }
    }
}

impl From<TrainError> for Failure {
    fn from(error: TrainError) -> Self {
        match error {
            TrainError::Dataset(error) => error.into(),
            TrainError::Model(error) => error.into(),
            TrainError::Storage(error) => error.into(),
            error => Self::of(exit_of(error.is_request()), "training", &error),
        }
    }
}

fn exit_of(is_request: bool) -> Exit {
    if is_request { Exit::Refused } else { Exit::Failed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct ChainedError {
        text: &'static str,
        cause: Option<Box<ChainedError>>,
    }

    impl fmt::Display for ChainedError {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str(self.text)
        }
    }

    impl Error for ChainedError {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.cause.as_deref().map(|cause| cause as _)
        }
    }

    #[test]
    fn a_cause_is_told_once() {
        let innermost = ChainedError { text: "disk full", cause: None };
        let inner = ChainedError { text: "inner", cause: Some(Box::new(innermost)) };
        let outer = ChainedError { text: "outer: inner", cause: Some(Box::new(inner)) };
        let failure = Failure::of(Exit::Failed, "run", &outer);
        assert_eq!(failure.to_string(), "error: outer: inner\n  caused by: disk full");
    }

    #[test]
    fn a_place_that_the_message_names_is_not_named_again() {
        let failure = Failure::run("no such file: /data/x.png").within("the dataset", Path::new("/data"));
        assert_eq!(failure.to_string(), "error: no such file: /data/x.png");
        let failure = Failure::run("line 3: no age").within("the dataset", Path::new("/data"));
        assert_eq!(failure.to_string(), "error: line 3: no age\n  in the dataset /data");
    }

    #[test]
    fn what_the_user_ended_is_told_from_what_failed() {
        let interrupted = Failure::from(DatasetError::Cancelled);
        assert_eq!((interrupted.exit(), interrupted.exit().code()), (Exit::Interrupted, 130));
        let lost = Failure::from(TrainError::Model(ModelError::DeviceLost("it was reset".to_owned())));
        assert_eq!((lost.exit(), lost.kind), (Exit::Failed, "device"));
    }

    #[test]
    fn what_does_not_fit_what_is_there_is_told_from_what_is_damaged() {
        let shared = DatasetError::SharedSubjects {
            first: "train".to_owned(),
            second: "val".to_owned(),
            subjects: vec!["sub-01".to_owned()],
        };
        assert_eq!(Failure::from(shared).exit(), Exit::Refused);
        let no_label = DatasetError::NoLabel { file: "metadata.csv".to_owned(), task: "age".to_owned() };
        assert_eq!(Failure::from(TrainError::Dataset(no_label)).exit(), Exit::Refused);
        let (file, path) = ("metadata.csv".to_owned(), "train/3.png".to_owned());
        let missing = DatasetError::MissingFile { file, line: 5, path };
        assert_eq!(Failure::from(missing).exit(), Exit::Failed);
    }

    #[test]
    fn programs_read_where_it_happened() {
        let error = StorageError::Full { path: "/runs/a".to_owned() };
        let json = Failure::from(TrainError::Storage(error)).within("the run", Path::new("/runs")).to_json();
        assert_eq!((&json["kind"], &json["exit_status"]), (&json!("storage"), &json!(1)));
        assert_eq!(json["where"], json!([{ "path": "/runs/a" }, { "path": "/runs" }]));
    }
}
