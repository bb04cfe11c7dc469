//! The samples that a run learns from: where they are, whether they are there, and making them.

use std::ops::ControlFlow;

use signal_studio_app_shared::{
    claims::Claim,
    names::{OWN_SAMPLES, RAW, samples_folder},
    protocol::{DataState, Level},
};
use signal_studio_core::{
    config::{DataType, Settings},
    datasets::{
        DemoOptions, FeatureShape, FolderDataset, METADATA_FILE, MONTAGE_CHANNELS, PreprocessEvent, PreprocessOptions,
        RawDataset, generate_demo_telling, needs_math_trials, options_of, preprocess, raw_dataset, splits, survey,
    },
    storage::{Storage, StorageError},
};

use crate::{
    about::About,
    dataset_cache::DatasetCache,
    errors::{Failure, Outcome},
    home::{Home, folder_of},
    opfs::Opfs,
    packed::Packed,
    post::{Meter, log},
    run_file::RunFile,
};

/// The dataset that needs no files.
pub const DEMO: &str = "demo";

/// The samples of a run file.
pub struct Samples {
    /// What the run file calls the dataset.
    pub dataset: String,
    /// Whether they are there.
    pub state: DataState,
    /// Their folder.
    pub folder: Opfs,
    /// How they are made, if they are made here.
    pub recipe: Option<Recipe>,
    /// The dataset's folder.
    dataset_folder: Opfs,
}

/// How samples are made.
pub struct Recipe {
    /// The dataset that knows the recordings.
    pub dataset: &'static dyn RawDataset,
    /// What windows become.
    pub options: PreprocessOptions,
}

impl Samples {
    /// Where a run file's samples are.
    ///
    /// # Errors
    /// When no dataset can be called so.
    pub async fn of(home: &Home, settings: &Settings, run: &RunFile) -> Outcome<Self> {
        let name = run.config.dataset.name.as_str();
        let dataset_folder = home.dataset(name)?;
        let about = About::read(&dataset_folder).await?;
        let is_demo = folder_of(name)? == DEMO;
        let source = match &about {
            Some(about) => about.source(),
            None if is_demo => raw_dataset(DEMO),
            None => None,
        };
        let recipe = source.map(|dataset| Recipe::new(dataset, settings, run));
        let folder = dataset_folder.below(&match &recipe {
            Some(recipe) => {
                samples_folder(recipe.options.data_type, recipe.options.output_type, recipe.options.math_trials)
            }
            None => OWN_SAMPLES.to_owned(),
        });
        let state = match (&about, &recipe) {
            (None, Some(_)) => DataState::Generated,
            (None, None) => DataState::Missing,
            (Some(_), Some(_)) if folder.exists(METADATA_FILE).await? => DataState::Prepared,
            (Some(_), Some(_)) => DataState::Raw,
            (Some(about), None) if about.survey.is_none() => DataState::Prepared,
            // Files are there, but nothing that could be made of them.
            (Some(_), None) => DataState::Missing,
        };
        Ok(Self { dataset: name.to_owned(), state, folder, recipe, dataset_folder })
    }

    /// What to do about samples that cannot be had.
    pub fn missing(&self) -> Failure {
        let name = &self.dataset;
        Failure::request(format_args!(
            "the dataset `{name}` is not in this browser: drop its folder on the page, or name another in dataset.name"
        ))
    }

    /// Makes the samples unless they are there; the demo's recordings too.
    ///
    /// # Errors
    /// [`FaultKind::Cancelled`](signal_studio_app_shared::protocol::FaultKind::Cancelled) when the claim is cancelled.
    pub async fn provide(&self, home: &Home, cache: &DatasetCache, claim: &Claim) -> Outcome<()> {
        let recipe = match (self.state, &self.recipe) {
            (DataState::Prepared, _) => return Ok(()),
            (DataState::Missing, _) | (_, None) => return Err(self.missing()),
            (DataState::Raw | DataState::Generated, Some(recipe)) => recipe,
        };
        if self.state == DataState::Generated {
            make_demo(home, claim).await?;
        }
        cache.clear();
        let raw = self.dataset_folder.below(RAW);
        let made = async {
            let packed = Packed::create(self.folder.clone()).await?;
            preprocess(recipe.dataset, &raw, &packed, &recipe.options, &mut tell(recipe, claim)).await
        };
        if let Err(error) = made.await {
            // Half of the samples are of no use. The first failure is the one to tell.
            let _ = self.folder.remove_folder("").await;
            return Err(error.into());
        }
        About::refresh(&self.dataset_folder).await
    }

    /// The samples that are there.
    ///
    /// # Errors
    /// [`StorageError::Failed`] when they cannot be read.
    pub async fn open(&self) -> Result<Packed, StorageError> {
        Packed::open(self.folder.clone()).await
    }

    /// The shape of a sample: of one that is there, or else as it will be. None for samples that are nowhere.
    ///
    /// # Errors
    /// What is wrong with the samples that are there.
    pub async fn shape(&self, cache: &DatasetCache, run: &RunFile) -> Outcome<Option<FeatureShape>> {
        if self.state != DataState::Prepared {
            return Ok(self.recipe.as_ref().map(Recipe::shape));
        }
        let split = &run.config.dataset.train_split;
        let key = format!("{}/{split}", self.folder.path());
        let findings = cache.findings();
        let known = findings.shapes.borrow().get(&key).copied();
        if known.is_some() {
            return Ok(known);
        }
        let shape = FolderDataset::open(&self.open().await?, split, &[]).await?.feature_shape();
        findings.shapes.borrow_mut().insert(key, shape);
        Ok(Some(shape))
    }

    /// The splits that a run file names and the samples do not have.
    ///
    /// # Errors
    /// What is wrong with the tables.
    pub async fn missing_splits(&self, cache: &DatasetCache, run: &RunFile) -> Outcome<Vec<String>> {
        if self.state != DataState::Prepared {
            return Ok(Vec::new());
        }
        let found = self.splits(cache).await?;
        let named = [&run.config.dataset.train_split, &run.config.dataset.val_split];
        let is_missing = |split: &String| !found.iter().any(|(name, samples)| name == split && *samples > 0);
        Ok(named.into_iter().filter(|split| is_missing(split)).cloned().collect())
    }

    /// The splits that there are, and how many samples each has.
    async fn splits(&self, cache: &DatasetCache) -> Outcome<Vec<(String, usize)>> {
        let findings = cache.findings();
        let known = findings.splits.borrow().get(self.folder.path()).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let found = splits(&self.open().await?).await?;
        findings.splits.borrow_mut().insert(self.folder.path().to_owned(), found.clone());
        Ok(found)
    }
}

impl Recipe {
    /// As the settings and a run file say.
    pub fn new(dataset: &'static dyn RawDataset, settings: &Settings, run: &RunFile) -> Self {
        let options = PreprocessOptions {
            data_type: run.data.data_type,
            output_type: run.data.output_type,
            math_trials: needs_math_trials(dataset, &run.config.dataset.tasks),
            ..options_of(dataset, settings)
        };
        Self { dataset, options }
    }

    /// The shape of the samples that this makes.
    pub fn shape(&self) -> FeatureShape {
        let PreprocessOptions { data_type, output_type, resolution, window_length, .. } = self.options;
        match data_type {
            DataType::Spectrogram => {
                FeatureShape::Image { channels: output_type.channels(), height: resolution, width: resolution }
            }
            DataType::Timeseries => FeatureShape::Signal { channels: MONTAGE_CHANNELS, samples: window_length },
        }
    }
}

/// Generates the demo's recordings, unless they are there.
///
/// # Errors
/// [`FaultKind::NoRoom`](signal_studio_app_shared::protocol::FaultKind::NoRoom) when there is no room.
pub async fn make_demo(home: &Home, claim: &Claim) -> Outcome<()> {
    if home.has_dataset(DEMO).await? {
        return Ok(());
    }
    let folder = home.dataset(DEMO)?;
    folder.remove_folder("").await?;
    let raw = folder.below(RAW);
    let mut meter = Meter::preparing("recordings");
    let options = DemoOptions::default();
    let mut sink = |done: usize| {
        meter.tell(|| "Generating the demo's recordings".to_owned(), done as u64, options.subjects as u64);
        claim.flow()
    };
    let made = async {
        generate_demo_telling(&raw, &options, &mut sink).await?;
        let found = survey(&raw, &mut |_| claim.flow()).await?;
        About::write(&folder, Some(found)).await
    };
    let made = made.await;
    if made.is_err() {
        // The first failure is the one to tell; a folder without its table is removed when the worker starts.
        let _ = folder.remove_folder("").await;
    }
    made
}

/// Passes on what preprocessing tells.
fn tell(recipe: &Recipe, claim: &Claim) -> impl FnMut(PreprocessEvent) -> ControlFlow<()> {
    let kind = match recipe.options.data_type {
        DataType::Spectrogram => "images",
        DataType::Timeseries => "windows",
    };
    let mut meter = Meter::preparing("recordings");
    let (mut total, mut measured, mut done) = (0, 0, 0);
    move |event| {
        match event {
            PreprocessEvent::Started { recordings, .. } => {
                total = recordings as u64;
                meter.tell(|| "Reading the recordings".to_owned(), 0, total);
            }
            PreprocessEvent::Warning(message) => log(Level::Warning, message),
            PreprocessEvent::Measured { path } => {
                measured += 1;
                meter.tell(|| format!("Measuring {path}"), measured, total);
            }
            PreprocessEvent::Windows { path, windows, total: all } => {
                meter.tell(|| format!("Making {kind} of {path}: {windows} of {all}"), done, total);
            }
            PreprocessEvent::Recording { path, .. } => {
                done += 1;
                meter.tell(|| format!("Making {kind} of {path}"), done, total);
            }
            PreprocessEvent::Skipped { path, reason } => {
                done += 1;
                log(Level::Warning, format!("{path} is left out: {reason}"));
                meter.tell(|| format!("Left out {path}"), done, total);
            }
            PreprocessEvent::Finished(_) => {}
        }
        claim.flow()
    }
}
