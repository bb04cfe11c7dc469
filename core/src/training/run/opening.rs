//! How a run begins: splits are opened and checked against the model, the model is built or taken from where the run was,
//! and the run folder gets its config.

use std::{borrow::Cow, rc::Rc};

use super::{
    command_source::CommandSource,
    contents::{contents, warnings},
    going_on::{check_epoch_under_way, check_identity, history_until, restore_average, settle_checkpoints},
    length::RunLength,
    pretrained,
    setup::{InitialWeights, Setup, Sink},
    trainer::Trainer,
};
use crate::{
    config::{DatasetExtras, DatasetName, RunConfig},
    datasets::{
        Augmenter, FeatureShape, FolderDataset, PreparedWindows, SampleRecipe, check_subjects_apart,
        check_tasks_of_folder, fingerprint_of_prepared,
    },
    labels::{LabelSpec, TaskSpec},
    model::{
        ModelError, MultiTaskClassifier, check_shape,
        checkpoint::{CONFIG_KEY, Metadata, TASKS_KEY},
        parameters::Weights,
    },
    storage::Storage,
    training::{
        Control, TrainError, TrainEvent,
        events::{SplitContents, Start},
        history::{Ending, EpochRecord},
        identity::{IDENTITY_KEY, Identity, LABELS_KEY, RECIPE_KEY, SCALES_KEY},
        losses::TaskLoss,
        moving_average::MovingAverage,
        optimizer::Optimizer,
        pass::Pass,
        run_baselines::RunBaselines,
        run_folder::{self, RunFolder, SavedRun},
        run_state::RunState,
    },
};

/// What a run has when it begins.
struct Origin {
    state: RunState,
    model: MultiTaskClassifier,
    optimizer: Optimizer,
    /// The mean of the weights averaged so far, if the state holds it.
    average: Weights,
    /// The moving average of the weights, if the run keeps one.
    moving_average: Option<MovingAverage>,
    history: Vec<EpochRecord>,
    last_good: Option<String>,
}

impl Origin {
    /// That of a new run.
    fn new(model: MultiTaskClassifier, seed: u64, config: &RunConfig) -> Self {
        Self {
            state: RunState::new(seed),
            model,
            optimizer: Optimizer::new(&config.optimizer),
            average: Weights::new(),
            moving_average: config.training.ema.map(MovingAverage::new),
            history: Vec::new(),
            last_good: None,
        }
    }

    /// That of a run that goes on; `new_model` builds another.
    fn saved(
        saved: SavedRun,
        history: Vec<EpochRecord>,
        new_model: impl Fn() -> Result<MultiTaskClassifier, ModelError>,
        config: &RunConfig,
    ) -> Result<Self, TrainError> {
        let SavedRun { mut state, optimizer, model: weights, average, moving_average } = saved;
        let model = new_model()?.with_weights(weights)?;
        if moving_average.is_empty() || config.training.ema.is_none() {
            state.moving_average_updates = 0;
        }
        let moving_average = match config.training.ema {
            // Not a clone of the run's model: clones share their batch statistics.
            Some(ema) if state.moving_average_updates > 0 => {
                let averaged = new_model()?.with_weights(moving_average)?;
                Some(MovingAverage::restore(ema, &averaged, state.moving_average_updates))
            }
            ema => ema.map(MovingAverage::new),
        };
        let optimizer =
            Optimizer::new(&config.optimizer).with_state(&model, optimizer, state.step as u64).ok_or_else(|| {
                TrainError::NotResumable {
                    reason: "the optimizer's state belongs to another model".to_owned(),
                    path: run_folder::LAST_OPTIMIZER.to_owned(),
                }
            })?;
        let history = history_until(&state, history);
        let last_good = Some(run_folder::LAST.to_owned());
        Ok(Self { state, model, optimizer, average, moving_average, history, last_good })
    }
}

impl<'a> Trainer<'a> {
    /// Opens everything and writes the config; nothing is written for a run that cannot start.
    pub(super) async fn open(
        setup: Setup<'a>,
        control: &'a mut dyn Control,
        sink: Sink<'a>,
    ) -> Result<Self, TrainError> {
        let Setup { config, config_text, labels, data, run, run_dir, device, seed, initial_weights } = setup;
        let tasks: Vec<TaskSpec> = labels.iter().map(|label| label.task.clone()).collect();
        let train = open_split(config, &config.dataset.train_split, data, labels).await?;
        if let DatasetName::Path(_) = config.dataset.name {
            check_tasks_of_folder(data, labels, &config.labels).await?;
        }
        train.check_labels(labels, &config.labels).await?;
        let val = open_other_split(config, config.validation_split(), data, labels).await?;
        let test = open_other_split(config, config.test_split(), data, labels).await?;
        let mut splits = vec![contents(&train, &tasks)];
        if let Some(val) = val.as_deref().map(|val| contents(val, &tasks)) {
            if !has_labels(&val, config) {
                return Err(TrainError::NothingToValidate { split: val.split });
            }
            splits.push(val);
        }
        if let Some(test) = test.as_deref().map(|test| contents(test, &tasks)) {
            if !has_labels(&test, config) {
                return Err(TrainError::NothingToTest { split: test.split });
            }
            splits.push(test);
        }
        let mut notes =
            check_subjects_apart(data, train.split(), config.validation_split(), config.test_split()).await?;
        let windows = PreparedWindows::of(data).await;
        let augmenter = Augmenter::new(&config.augmentation, train.feature_shape(), windows)?;
        notes.extend(augmenter.as_ref().and_then(Augmenter::warning));
        let prepared = fingerprint_of_prepared(data).await;
        let mut identity = Identity::new(config, &tasks, prepared, &train, val.as_deref());
        let folder = RunFolder::new(run);
        let device = device.autodiff();
        let model = |seed| MultiTaskClassifier::new(&config.model, &tasks, train.feature_shape(), seed, &device);
        if !matches!(initial_weights, InitialWeights::Resumed) {
            // Another run's, if its folder is used again.
            for path in [run_folder::BASELINES, run_folder::VALIDATION_PREDICTIONS, run_folder::TEST_PREDICTIONS] {
                folder.remove(path).await?;
            }
        }
        let origin = match initial_weights {
            InitialWeights::Random => Origin::new(model(seed)?, seed, config),
            InitialWeights::Pretrained { weights, metadata } => {
                let known = Identity::of_checkpoint(&metadata);
                let fitted = pretrained::fit(weights, known, &identity, model(seed)?).await?;
                notes.extend(fitted.notes);
                if config.model.backbone.is_fitted() {
                    notes
                        .push(format!("the weights given have no effect: {} is fitted at once", config.model.backbone));
                }
                Origin::new(fitted.model, seed, config)
            }
            InitialWeights::Resumed => {
                let mut saved = folder.read_state().await?;
                check_epoch_under_way(&saved.state, config, train.len())?;
                if let Some(then) = saved.state.identity.take() {
                    identity = check_identity(then, identity)?;
                }
                let seed = saved.state.seed;
                Origin::saved(saved, folder.read_history().await?, || model(seed), config)?
            }
        };
        let Origin { mut state, model, optimizer, average, moving_average, history, last_good } = origin;

        let length = RunLength::new(config, train.len(), &state);
        // One that was killed before it wrote how it ended has that left to do.
        if let Some(ending) = length.ending(&state, &config.training)
            && folder.ending().await?.is_some_and(|ending| ending != Ending::Stopped)
        {
            return Err(TrainError::AlreadyComplete { step: state.step, ending });
        }
        state.batch_size = config.dataset.batch_size;
        state.train_samples = train.len();
        state.gradient_accumulation_steps = config.training.gradient_accumulation_steps;
        let average = restore_average(average, &mut state, &length, &folder).await?;
        notes.extend(settle_checkpoints(&mut state, &folder).await?);

        let mut resolved = config.to_kept_json();
        // The one in use, which the config need not have.
        resolved["training"]["seed"] = state.seed.into();
        folder.write_json(run_folder::CONFIG_JSON, &resolved).await?;
        folder.write_text(run_folder::CONFIG_TOML, config_text).await?;
        // From now on, the run has not ended.
        folder.remove(run_folder::SUMMARY).await?;
        let scales = identity.scales.clone();
        let mut metadata = Metadata::from([
            (CONFIG_KEY.to_owned(), to_json(&resolved)),
            (TASKS_KEY.to_owned(), to_json(&tasks)),
            (LABELS_KEY.to_owned(), to_json(&labels)),
            (SCALES_KEY.to_owned(), to_json(&scales)),
            (IDENTITY_KEY.to_owned(), to_json(&identity)),
        ]);
        if let Some(recipe) = SampleRecipe::of_prepared(data).await {
            metadata.insert(RECIPE_KEY.to_owned(), to_json(&recipe));
        }
        state.identity = Some(identity);

        let pass = Pass::restore(state.pass.clone(), &tasks, &device.clone().inner());
        if pass.is_none() {
            let epoch = state.epoch;
            notes.push(format!(
                "an older version began epoch {epoch}: its training scores will be those of what is trained from here on"
            ));
        }
        let pass = pass.unwrap_or_default();
        let losses = tasks.iter().zip(&splits[0].tasks).map(|(task, counts)| {
            let samples: Vec<usize> = counts.classes.iter().map(|class| class.samples).collect();
            TaskLoss::new(task, &config.training, &samples)
        });
        let losses = losses.collect();
        let mut trainer = Self {
            config,
            run_dir,
            losses,
            scales,
            tasks,
            rate_hz: windows.map(|windows| windows.rate_hz).or(config.augmentation.sfreq),
            baselines: RunBaselines::default(),
            augmenter,
            val,
            test,
            tested: None,
            device,
            length,
            model,
            optimizer,
            pass,
            average,
            moving_average,
            history,
            commands: CommandSource::new(control),
            last_good,
            folder,
            metadata,
            sink,
            train,
            state,
        };
        trainer.announce(splits, notes);
        Ok(trainer)
    }

    /// Tells what the run is about to do, and what the user should know of how it begins.
    fn announce(&mut self, splits: Vec<SplitContents>, notes: Vec<String>) {
        let warnings = warnings(&splits);
        let start = Start {
            train_samples: self.train.len(),
            val_samples: self.val.as_ref().map(|val| val.len()),
            batches_per_epoch: self.length.batches_per_epoch,
            batches_per_update: self.length.batches_per_update,
            epochs: self.length.epochs,
            total_steps: self.length.total_steps,
            parameters: self.model.parameter_count(),
            seed: self.state.seed,
            resumed_at: self.state.step,
            splits,
        };
        self.tell(TrainEvent::Started(start));
        for message in warnings.into_iter().chain(notes) {
            self.tell(TrainEvent::Warning { message });
        }
        let training = &self.config.training;
        if training.swa.is_some()
            && !self.config.model.backbone.is_fitted()
            && self.length.total_steps <= self.length.scheduled_steps
        {
            let message = "training.max_steps ends the run before weight averaging starts".to_owned();
            self.tell(TrainEvent::Warning { message });
        }
        let is_stated = self.config.dataset.extras != DatasetExtras::default();
        if is_stated && matches!(self.train.feature_shape(), FeatureShape::Image { .. }) {
            let message = "dataset.extras has no effect: it is about windows, and these samples are images".to_owned();
            self.tell(TrainEvent::Warning { message });
        }
        let used = self.state.seed;
        if let Some(seed) = training.seed.filter(|&seed| seed != used) {
            let message = format!("training.seed = {seed} has no effect: this run was begun with {used} and keeps it");
            self.tell(TrainEvent::Warning { message });
        }
    }
}

/// The config with the sampling rate of the windows, where its backbone needs that and the file leaves it to the data.
///
/// # Errors
/// [`ModelError::UnknownRate`] when neither says it.
pub(super) async fn with_rate<'c>(config: &'c RunConfig, data: &dyn Storage) -> Result<Cow<'c, RunConfig>, ModelError> {
    let mut config = Cow::Borrowed(config);
    if config.model.backbone.is_fitted() && config.model.extras.band_power.sfreq.is_none() {
        let windows = PreparedWindows::of(data).await.ok_or(ModelError::UnknownRate)?;
        config.to_mut().model.extras.band_power.sfreq = Some(windows.rate_hz);
    }
    Ok(config)
}

/// Opens a split whose samples are what the model takes.
async fn open_split<'a>(
    config: &RunConfig,
    split: &str,
    data: &'a dyn Storage,
    labels: &[LabelSpec],
) -> Result<FolderDataset<'a>, TrainError> {
    let dataset = FolderDataset::open(data, split, labels).await?;
    check_shape(&config.model, dataset.feature_shape())
        .map_err(|error| TrainError::Shape { split: split.to_owned(), error })?;
    check_window(&config.dataset.extras, &dataset)?;
    Ok(dataset)
}

/// Opens a split that is not trained on, if there is to be one.
async fn open_other_split<'a>(
    config: &RunConfig,
    split: Option<&str>,
    data: &'a dyn Storage,
    labels: &[LabelSpec],
) -> Result<Option<Rc<FolderDataset<'a>>>, TrainError> {
    match split {
        None => Ok(None),
        Some(split) => Ok(Some(Rc::new(open_split(config, split, data, labels).await?))),
    }
}

/// Whether the loss and the scores of a split are of something.
fn has_labels(split: &SplitContents, config: &RunConfig) -> bool {
    let counts = |task: &str| config.training.task_weights.get(task).is_some_and(|weight| *weight > 0.0);
    split.tasks.iter().any(|task| task.samples > 0 && counts(&task.label))
}

/// Checks that windows are what `dataset.extras` says of them.
fn check_window(extras: &DatasetExtras, dataset: &FolderDataset<'_>) -> Result<(), TrainError> {
    let FeatureShape::Signal { channels, samples } = dataset.feature_shape() else { return Ok(()) };
    let stated = [
        ("n_eeg_channels", extras.n_eeg_channels, channels),
        ("sequence_length", extras.sequence_length, samples),
        ("expected_length", extras.expected_length, samples),
    ];
    match stated.into_iter().find(|(_, stated, found)| stated.is_some_and(|stated| stated != *found)) {
        Some((key, Some(stated), _)) => {
            let (split, found) = (dataset.split().to_owned(), dataset.feature_shape());
            Err(TrainError::OtherWindow { split, key, stated, found })
        }
        _ => Ok(()),
    }
}

fn to_json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("these types have string keys")
}
