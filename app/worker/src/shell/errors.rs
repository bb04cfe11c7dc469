//! Why a request fails: whatever core, the browser or an archive says, as a [`Fault`] for the page.

use std::fmt;

use signal_studio_app_shared::{
    protocol::{Fault, FaultKind},
    shell::claims::{Cancelled, Conflict},
};
use signal_studio_core::{
    config::ConfigError, datasets::DatasetError, device::DeviceError, model::ModelError, recording::RecordingError,
    storage::StorageError, training::TrainError,
};
use wasm_bindgen::JsValue;

/// A request that failed.
#[derive(Debug)]
pub struct Failure(pub Fault);

/// What comes of a request.
pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    /// It cannot be carried out as it is.
    pub fn request(message: impl fmt::Display) -> Self {
        Self::new(FaultKind::Request, message)
    }

    /// It failed on the way.
    pub fn failed(message: impl fmt::Display) -> Self {
        Self::new(FaultKind::Failed, message)
    }

    /// There is no room.
    pub fn no_room(message: impl fmt::Display) -> Self {
        Self::new(FaultKind::NoRoom, message)
    }

    /// The browser refused.
    pub fn of_browser(what: &str, error: &JsValue) -> Self {
        Self::failed(format_args!("{what}: {}", text_of(error)))
    }

    fn new(kind: FaultKind, message: impl fmt::Display) -> Self {
        Self(Fault { kind, message: message.to_string() })
    }
}

/// What an exception says.
pub fn text_of(error: &JsValue) -> String {
    match property(error, "message") {
        Some(message) if !message.is_empty() => message,
        _ => name_of(error).or_else(|| error.as_string()).unwrap_or_else(|| "for an unknown reason".to_owned()),
    }
}

/// The kind of an exception, such as `QuotaExceededError`.
pub fn name_of(error: &JsValue) -> Option<String> {
    property(error, "name")
}

fn property(value: &JsValue, name: &str) -> Option<String> {
    js_sys::Reflect::get(value, &name.into()).ok()?.as_string()
}

impl From<Conflict> for Failure {
    fn from(conflict: Conflict) -> Self {
        Self::request(conflict)
    }
}

impl From<Cancelled> for Failure {
    fn from(cancelled: Cancelled) -> Self {
        Self::new(FaultKind::Cancelled, cancelled)
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        Self::new(kind_of_storage(&error), error)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::request(error)
    }
}

impl From<DeviceError> for Failure {
    fn from(error: DeviceError) -> Self {
        Self::new(FaultKind::Device, error)
    }
}

impl From<RecordingError> for Failure {
    fn from(error: RecordingError) -> Self {
        Self::new(kind(error.is_request()), error)
    }
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        Self::new(kind_of_model(&error), error)
    }
}

impl From<DatasetError> for Failure {
    fn from(error: DatasetError) -> Self {
        match error {
            DatasetError::Cancelled => Cancelled.into(),
            error => Self::new(kind_of_dataset(&error), error),
        }
    }
}

impl From<TrainError> for Failure {
    fn from(error: TrainError) -> Self {
        let kind = match &error {
            TrainError::Dataset(error) => kind_of_dataset(error),
            TrainError::Model(error) | TrainError::Shape { error, .. } => kind_of_model(error),
            TrainError::Storage(error) => kind_of_storage(error),
            error => kind(error.is_request()),
        };
        Self::new(kind, error)
    }
}

fn kind(is_request: bool) -> FaultKind {
    if is_request { FaultKind::Request } else { FaultKind::Failed }
}

fn kind_of_storage(error: &StorageError) -> FaultKind {
    match error {
        StorageError::Full { .. } | StorageError::NotKept { .. } => FaultKind::NoRoom,
        _ => FaultKind::Failed,
    }
}

fn kind_of_model(error: &ModelError) -> FaultKind {
    match error {
        ModelError::Device(_) | ModelError::DeviceLost(_) => FaultKind::Device,
        error => kind(error.is_request()),
    }
}

fn kind_of_dataset(error: &DatasetError) -> FaultKind {
    match error {
        DatasetError::Storage(error) => kind_of_storage(error),
        error => kind(error.is_request()),
    }
}
