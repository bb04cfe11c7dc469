//! Why a command ends without having done its work: whatever core says flows in, one message and an exit code flow out.

use std::{error::Error, fmt, path::Path, process::ExitCode};

use signal_studio_core::{
    config::ConfigError, datasets::DatasetError, device::DeviceError, model::ModelError, recording::RecordingError,
    share::ShareError, storage::StorageError, training::TrainError,
};
use signal_studio_server::ServeError;

/// Why a command ends.
#[derive(Debug)]
pub struct Failure {
    kind: Kind,
    message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The user asked for something impossible.
    Request,
    /// What was asked for did not work out.
    Run,
}

impl Failure {
    /// The user asked for something impossible.
    pub fn request(message: impl fmt::Display) -> Self {
        Self { kind: Kind::Request, message: message.to_string() }
    }

    /// What was asked for did not work out.
    pub fn run(message: impl fmt::Display) -> Self {
        Self { kind: Kind::Run, message: message.to_string() }
    }

    /// Adds where it happened.
    pub fn within(mut self, place: &str, path: &Path) -> Self {
        let path = path.display().to_string();
        if !self.message.contains(&path) {
            self.message.push_str(&format!("\n  in {place} {path}"));
        }
        self
    }

    /// 1 for a run that failed, 2 for a wrong request.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self.kind {
            Kind::Run => 1,
            Kind::Request => 2,
        })
    }

    fn of(kind: Kind, error: &(dyn Error + 'static)) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !message.contains(&text) {
                message.push_str(&format!("\n  caused by: {text}"));
            }
            cause = error.source();
        }
        Self { kind, message }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "error: {}", self.message)
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        Self::of(Kind::Run, &error)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        match error.problems.len() {
            1 => Self::request(error),
            count => Self::request(format_args!("{count} mistakes in {}:\n{error}", error.file)),
        }
    }
}

impl From<ShareError> for Failure {
    fn from(error: ShareError) -> Self {
        Self::of(Kind::Request, &error)
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        let kind = match error {
            ServeError::NoPage { .. } => Kind::Request,
            ServeError::Listen { .. } | ServeError::System(_) => Kind::Run,
        };
        Self::of(kind, &error)
    }
}

impl From<DeviceError> for Failure {
    fn from(error: DeviceError) -> Self {
        Self::of(Kind::Request, &error)
    }
}

impl From<RecordingError> for Failure {
    fn from(error: RecordingError) -> Self {
        let kind = match error {
            RecordingError::NotARecording { .. } | RecordingError::Unsupported { .. } => Kind::Request,
            _ => Kind::Run,
        };
        Self::of(kind, &error)
    }
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        let kind = match error {
            ModelError::Device(_) => Kind::Run,
            _ => Kind::Request,
        };
        Self::of(kind, &error)
    }
}

impl From<DatasetError> for Failure {
    fn from(error: DatasetError) -> Self {
        let kind = match error {
            DatasetError::Options(_)
            | DatasetError::Statistics { .. }
            | DatasetError::NoRecordings { .. }
            | DatasetError::OutputOfOther { .. }
            | DatasetError::NoMetadata { .. }
            | DatasetError::NoSuchSplit { .. }
            | DatasetError::EmptySplit { .. }
            | DatasetError::Demo { .. } => Kind::Request,
            _ => Kind::Run,
        };
        Self::of(kind, &error)
    }
}

impl From<TrainError> for Failure {
    fn from(error: TrainError) -> Self {
        match error {
            TrainError::Dataset(error) => error.into(),
            TrainError::Model(error) => error.into(),
            TrainError::Storage(error) => error.into(),
            TrainError::Shape { .. }
            | TrainError::NotResumable { .. }
            | TrainError::AlreadyComplete { .. }
            | TrainError::NoGradient => Self::of(Kind::Request, &error),
            _ => Self::of(Kind::Run, &error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Told {
        text: &'static str,
        cause: Option<Box<Told>>,
    }

    impl fmt::Display for Told {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str(self.text)
        }
    }

    impl Error for Told {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.cause.as_deref().map(|cause| cause as _)
        }
    }

    #[test]
    fn a_cause_is_told_once() {
        let innermost = Told { text: "disk full", cause: None };
        let inner = Told { text: "inner", cause: Some(Box::new(innermost)) };
        let outer = Told { text: "outer: inner", cause: Some(Box::new(inner)) };
        let failure = Failure::of(Kind::Run, &outer);
        assert_eq!(failure.to_string(), "error: outer: inner\n  caused by: disk full");
    }

    #[test]
    fn a_place_that_the_message_names_is_not_named_again() {
        let failure = Failure::run("no such file: /data/x.png").within("the dataset", Path::new("/data"));
        assert_eq!(failure.to_string(), "error: no such file: /data/x.png");
        let failure = Failure::run("line 3: no age").within("the dataset", Path::new("/data"));
        assert_eq!(failure.to_string(), "error: line 3: no age\n  in the dataset /data");
    }
}
