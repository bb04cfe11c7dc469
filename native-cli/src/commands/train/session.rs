//! The training of a run: what core tells goes to the terminal and to TensorBoard, and a device that is lost becomes a
//! failure that says how to go on.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::Path,
};

use burn::tensor::Device;
use serde_json::json;
use signal_studio_core::{
    config::DeviceChoice,
    device::Selection,
    model::ModelError,
    training::{InitialWeights, Setup, Summary, TrainError, TrainEvent, run_folder as layout, train as train_run},
};

use super::request::RunRequest;
use crate::{
    checkpoint_clock::PeriodicCheckpoints,
    failure::Failure,
    interrupt::StopAtInterrupt,
    output, paths, prepared_data,
    progress::{TrainView, Verbosity, metrics_of_record, train_view},
    run_folder::resuming,
    storage::DiskStorage,
    tensorboard::EventFile,
};

/// Trains; also gives the last epoch's results in words.
pub fn train(
    request: &RunRequest,
    folder: &Path,
    initial_weights: InitialWeights,
    device: Device,
    selection: &Selection,
    verbosity: Verbosity,
) -> Result<(Summary, Option<String>), Failure> {
    let training = &request.config.training;
    let mut view = train_view(verbosity, request.config.dataset.batch_size);
    if verbosity == Verbosity::Json {
        output::json_line(
            &json!({ "event": "run", "stage": "train", "run_dir": folder, "device": selection, "elapsed_s": 0.0 }),
        );
    } else if verbosity != Verbosity::Quiet {
        output::message(&format!("run folder {}", folder.display()));
    }
    if selection.is_fallback {
        let device = match selection.chosen.choice {
            DeviceChoice::Cpu => "the CPU",
            _ => selection.chosen.description.as_str(),
        };
        view.note(&format!("training on {device}: {}", selection.why));
    }
    let mut log = None;
    let mut latest = None;
    let mut sink = |event: TrainEvent| {
        // Nothing is logged before core has found that the run can start.
        if matches!(event, TrainEvent::Started(_)) && training.tensorboard {
            log = open_log(request, folder, &mut *view);
        }
        if let Some(file) = &mut log
            && let Err(error) = file.log(&event)
        {
            let path = file.path().display();
            view.note(&format!("training goes on, but without TensorBoard: {error}: {path}"));
            log = None;
        }
        if let TrainEvent::Epoch(record) = &event {
            latest = Some(metrics_of_record(record));
        }
        view.show(&event);
    };
    let data = DiskStorage::new(&request.data_folder);
    let run = DiskStorage::durable(folder);
    let setup = Setup {
        config: &request.config,
        config_text: &request.text,
        labels: &request.data.labels,
        data: &data,
        run: &run,
        run_dir: folder.display().to_string(),
        device,
        seed: request.seed,
        initial_weights,
    };
    let mut control = PeriodicCheckpoints::new(StopAtInterrupt, training.checkpoint_interval(None));
    let to_its_end = || pollster::block_on(train_run(setup, &mut control, &mut sink));
    let is_gpu = selection.chosen.choice != DeviceChoice::Cpu;
    // What drivers do when a GPU goes away is not always an error that the engine passes on.
    let outcome = match catch_unwind(AssertUnwindSafe(to_its_end)) {
        Ok(outcome) => outcome,
        Err(panic) if is_gpu => Err(ModelError::Device(panic_message(&*panic)).into()),
        Err(panic) => resume_unwind(panic),
    };
    let summary = outcome.map_err(|error| match error {
        TrainError::Model(ModelError::Device(_) | ModelError::DeviceLost(_)) if is_gpu => {
            Failure::from(error).advise(&after_losing(&selection.chosen.choice.to_string(), folder))
        }
        TrainError::Storage(_) if is_resumable(folder) => {
            let advice = format!("to go on once that is mended: {}", resuming(folder));
            Failure::from(error).within("the run", folder).advise(&advice)
        }
        TrainError::Dataset(_) => {
            let failure = Failure::from(error).within("the dataset", &request.data_folder);
            match prepared_data::is_unfinished(&request.data_folder) {
                true => failure
                    .advise("preprocessing writes to this folder, or did and did not end: its samples are not there"),
                false => failure,
            }
        }
        TrainError::Model(_) | TrainError::Shape { .. } => error.into(),
        _ => Failure::from(error).within("the run", folder),
    })?;
    Ok((summary, latest))
}

fn open_log(request: &RunRequest, folder: &Path, view: &mut dyn TrainView) -> Option<EventFile> {
    let place = match &request.config.training.log_dir {
        Some(path) => paths::from_working_folder(path),
        None => Ok(folder.join(layout::TENSORBOARD)),
    };
    let opened = place
        .map_err(|failure| failure.message().to_owned())
        .and_then(|place| EventFile::create(&place).map_err(|error| format!("{error}: {}", place.display())));
    opened.inspect_err(|error| view.note(&format!("training goes on, but without TensorBoard: {error}"))).ok()
}

/// Whether a run has written what it can be resumed from.
fn is_resumable(folder: &Path) -> bool {
    folder.join(layout::LAST_OPTIMIZER).is_file()
}

/// How to go on when a GPU is lost.
fn after_losing(device: &str, folder: &Path) -> String {
    if is_resumable(folder) {
        let command = resuming(folder);
        format!(
            "to go on once `{device}` can be used again: {command}\n  to go on without it: {command} --device cpu\n\
             \x20 its last checkpoint is kept: {}",
            layout::LAST
        )
    } else {
        format!("nothing had been saved yet: begin again, once `{device}` can be used again or with --device cpu")
    }
}

/// What a panic says.
fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("the engine gave up without saying why").to_owned()
}

#[cfg(test)]
mod tests {
    use std::{fs, panic};

    use super::*;

    #[test]
    fn a_lost_device_is_told_with_the_way_to_go_on() {
        let folder = tempfile::tempdir().unwrap();
        let advice = after_losing("wgpu:0", folder.path());
        assert!(advice.contains("nothing had been saved") && advice.contains("--device cpu"), "{advice}");
        fs::create_dir(folder.path().join("checkpoints")).unwrap();
        fs::write(folder.path().join(layout::LAST_OPTIMIZER), "state").unwrap();
        let advice = after_losing("wgpu:0", folder.path());
        let command = format!("signal-studio train --resume {} --device cpu", folder.path().display());
        assert!(advice.contains("wgpu:0") && advice.contains(&command), "{advice}");
    }

    #[test]
    fn a_panic_says_what_it_was_given() {
        let words = |panic: fn()| panic_message(&*catch_unwind(panic).unwrap_err());
        assert_eq!(words(|| panic::panic_any("a reset")), "a reset");
        assert_eq!(words(|| panic::panic_any("a reset".to_owned())), "a reset");
        assert_eq!(words(|| panic::panic_any(7)), "the engine gave up without saying why");
    }
}
