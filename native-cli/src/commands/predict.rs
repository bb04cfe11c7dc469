//! `signal-studio predict`: what a trained model says of recordings that nobody has prepared.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use signal_studio_core::{
    config::DeviceChoice,
    datasets::{SampleRecipe, subject_of_path},
    device,
    evaluation::{Answer, Level, PredictedWindow, PredictionTable},
    recording::is_recording_name,
    storage::Storage,
    training::predictor::{Predictor, TrainedModel},
};

use crate::{exit::Exit, failure::Failure, interrupt, interrupt::goes_on, output, storage::DiskStorage, weights};

/// What `predict` is asked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  signal-studio predict best.safetensors new-patient.edf
  signal-studio predict runs/demo-20260101-120000/checkpoints/best.safetensors ~/recordings --by subject
  signal-studio predict best.safetensors ~/recordings --output predictions.csv

The checkpoint says how its samples were made: nothing else is needed. Recordings that do not fit are told and skipped. What is
said of a recording or a person is the mean of what is said of their windows.")]
pub struct Arguments {
    /// The checkpoint (.safetensors)
    pub checkpoint: PathBuf,
    /// Recordings, or folders of them
    #[arg(required = true)]
    pub recordings: Vec<PathBuf>,
    /// A row for each window, recording or person
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = By::Window)]
    pub by: By,
    /// Write the table to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Where to compute: auto, cpu, wgpu[:number], cuda[:number]
    #[arg(long, value_name = "DEVICE", default_value_t = DeviceChoice::Auto)]
    pub device: DeviceChoice,
    /// Print JSON, a line for each row
    #[arg(long)]
    pub json: bool,
}

/// What has a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// Each window
    Window,
    /// Each recording
    Recording,
    /// Each person that the files' names tell
    Subject,
}

impl From<By> for Level {
    fn from(by: By) -> Self {
        match by {
            By::Window => Self::Window,
            By::Recording => Self::Recording,
            By::Subject => Self::Subject,
        }
    }
}

/// Predicts.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    interrupt::install("stopping after this batch")?;
    let (weights, metadata) = weights::read(&arguments.checkpoint)?;
    let trained = TrainedModel::of(&metadata, &arguments.checkpoint.display().to_string())?;
    let Some(recipe) = trained.recipe.clone() else {
        let failure = Failure::request(format_args!(
            "{}: the checkpoint does not say how its samples were made, so that none can be made of a recording",
            arguments.checkpoint.display()
        ));
        return Err(failure
            .advise("its samples lay in a folder that this program did not write, or an older version trained it"));
    };
    let (device, _) = pollster::block_on(device::open(arguments.device))?;
    let mut table = PredictionTable { tasks: trained.tasks.clone(), rows: Vec::new() };
    let predictor = Predictor::new(trained, weights, recipe.shape(), device)?;
    let (mut skipped, mut first) = (0, None);
    let recordings = recordings_of(&arguments.recordings)?;
    for recording in &recordings {
        if interrupt::is_requested() {
            return Ok(Exit::Interrupted);
        }
        match answers(recording, &recipe, &predictor) {
            Ok(Some(rows)) => table.rows.extend(rows),
            Ok(None) => return Ok(Exit::Interrupted),
            Err(failure) => {
                skipped += 1;
                output::note(&format!("skipped: {}", failure.message()));
                first.get_or_insert(failure);
            }
        }
    }
    if table.rows.is_empty() {
        return Err(first.unwrap_or_else(|| Failure::request("there is no recording among these files")));
    }
    let table = table.together(arguments.by.into());
    write(arguments, &table)?;
    let made = recordings.len() - skipped;
    output::message(&format!("{made} of {} recordings predicted", recordings.len()));
    Ok(Exit::Done)
}

/// A recording and where it lies.
struct Recording {
    folder: PathBuf,
    /// Its path in the folder.
    path: String,
}

/// The recordings that are named, and those below folders that are.
fn recordings_of(paths: &[PathBuf]) -> Result<Vec<Recording>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            let files = pollster::block_on(DiskStorage::new(path).list(""))?;
            let of_folder = files.into_iter().map(|file| file.path).filter(|path| is_recording_name(path));
            found.extend(of_folder.map(|file| Recording { folder: path.clone(), path: file }));
        } else if path.is_file() {
            let (folder, name) =
                (path.parent().unwrap_or(Path::new("")), path.file_name().and_then(|name| name.to_str()));
            let name = name.ok_or_else(|| Failure::request(format_args!("its name is no text: {}", path.display())))?;
            let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() };
            found.push(Recording { folder, path: name.to_owned() });
        } else {
            return Err(Failure::request(format_args!("there is no file or folder {}", path.display())));
        }
    }
    found.sort_by(|a, b| (&a.folder, &a.path).cmp(&(&b.folder, &b.path)));
    Ok(found)
}

/// What the model says of a recording's windows; none when the user has ended it before.
fn answers(
    recording: &Recording,
    recipe: &SampleRecipe,
    predictor: &Predictor,
) -> Result<Option<Vec<PredictedWindow>>, Failure> {
    let samples = pollster::block_on(recipe.samples_of(&DiskStorage::new(&recording.folder), &recording.path))?;
    // As it was named: files of one name in different folders are different recordings.
    let name = recording.folder.join(&recording.path).display().to_string();
    for warning in &samples.warnings {
        output::note(&format!("{name}: {warning}"));
    }
    let starts = samples.starts_s.clone();
    let predicted = pollster::block_on(predictor.predict_recording(samples, &mut goes_on))?;
    let Some(predictions) = predicted else { return Ok(None) };
    let rows = starts.iter().zip(predictions).enumerate().map(|(window, (&start_s, said))| PredictedWindow {
        sample: format!("{name}#{window}"),
        recording: Some(name.clone()),
        start_s: Some(start_s),
        subject: subject_of_path(&recording.path),
        split: String::new(),
        fold: None,
        seed: predictor.trained().config.training.seed.unwrap_or_default(),
        answers: said.into_iter().map(|prediction| Answer { target: None, prediction }).collect(),
    });
    Ok(Some(rows.collect()))
}

fn write(arguments: &Arguments, table: &PredictionTable) -> Result<(), Failure> {
    if arguments.json {
        table.to_json().iter().for_each(output::json_line);
        return Ok(());
    }
    let csv = table.to_csv();
    match &arguments.output {
        Some(path) => fs::write(path, csv)
            .map_err(|error| Failure::run(format_args!("cannot write the predictions: {error}: {}", path.display()))),
        None => {
            output::result(String::from_utf8_lossy(&csv).trim_end());
            Ok(())
        }
    }
}
