//! A run, from its run file to its last event. A config and a device flow in; core trains; events flow out to the page,
//! thinned to what an eye can follow, and into the run's journal. Whatever happens, what was written stays.

use std::{
    cell::{Cell, OnceCell, Ref, RefCell},
    rc::Rc,
};

use js_sys::{Date, Math};
use signal_studio_app_shared::{
    journal,
    names::RUNS,
    protocol::{DataState, Event, Level, Reply},
};
use signal_studio_core::{
    config::{DeviceChoice, TrainingConfig},
    device::{Device, DeviceClass, Selection},
    storage::StorageError,
    training::{Command, InitialWeights, Setup, Summary, TrainEvent, run_name, train},
};
use wasm_bindgen_futures::spawn_local;

use crate::{
    control::{Commands, Remote, Stopwatch},
    devices,
    errors::{Failure, Outcome},
    growing::GrowingFile,
    limits::{batch_must_fit, must_fit},
    opfs::Opfs,
    outlook::model_of,
    pace::now_ms,
    panic,
    post::{SHORTEST_INTERVAL_MS, log, tell},
    remembering::Remembering,
    run_file::RunFile,
    runs::{self, Notes},
    samples::Samples,
    studio::{RunClaim, Studio},
    tensorboard::EventFile,
};

/// The run under way.
pub struct ActiveRun {
    name: String,
    dataset: String,
    /// What it is told.
    pub commands: Commands,
    /// How long it has been training.
    pub watch: Stopwatch,
    notes: RefCell<Notes>,
    files: Opfs,
    folder: Opfs,
    journal: GrowingFile,
    writes_scalars: bool,
    /// Begun when core has found that the run can start.
    scalars: OnceCell<EventFile>,
    /// Whether it makes its samples, which a stop has to end.
    is_preparing: Cell<bool>,
    last_batch_ms: Cell<f64>,
    last_write_ms: Cell<f64>,
}

/// How long lines of the journal wait for others.
const JOURNAL_INTERVAL_MS: f64 = 5000.0;

impl ActiveRun {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The dataset that it learns from, as its run file calls it.
    pub fn dataset(&self) -> &str {
        &self.dataset
    }

    /// What is known of it now.
    pub fn notes(&self) -> Notes {
        let notes: Ref<'_, Notes> = self.notes.borrow();
        Notes { trained_s: self.watch.seconds(), ..notes.clone() }
    }

    /// Changes what is known of it.
    pub fn change_notes(&self, change: impl FnOnce(&mut Notes)) {
        change(&mut self.notes.borrow_mut());
    }

    /// Whether a stop has to cancel the preparation of its samples.
    pub fn is_preparing(&self) -> bool {
        self.is_preparing.get()
    }

    /// Writes what was told and is not written yet.
    ///
    /// # Errors
    /// When there is no room; what was told is kept for the next time.
    pub async fn write_told(&self) -> Result<(), StorageError> {
        self.journal.write().await?;
        match self.scalars.get() {
            Some(scalars) => scalars.write().await,
            None => Ok(()),
        }
    }

    /// Notes down an event and tells the page, except for the end, which is told when everything is written.
    fn take_in(self: &Rc<Self>, event: TrainEvent) {
        let elapsed_s = self.watch.seconds();
        if self.writes_scalars {
            self.scalars.get_or_init(|| EventFile::new(self.folder.clone())).log(&event);
        }
        match &event {
            TrainEvent::Started(_) => self.watch.go(),
            TrainEvent::Evaluated(evaluation) if evaluation.is_best => {
                self.change_notes(|notes| notes.best = Some(evaluation.score));
            }
            TrainEvent::Epoch(record) => self.change_notes(|notes| notes.epochs = record.epoch),
            TrainEvent::Batch(_) | TrainEvent::AveragedBatch { .. } | TrainEvent::EvaluatedBatch { .. } => {
                if now_ms() - self.last_batch_ms.get() < SHORTEST_INTERVAL_MS {
                    return;
                }
                self.last_batch_ms.set(now_ms());
            }
            _ => {}
        }
        if journal::is_kept(&event) {
            self.journal.add(journal::line(elapsed_s, &event).as_bytes());
        }
        let is_milestone = matches!(event, TrainEvent::Epoch(_) | TrainEvent::Paused(_));
        if is_milestone || now_ms() - self.last_write_ms.get() > JOURNAL_INTERVAL_MS {
            self.last_write_ms.set(now_ms());
            spawn_local(self.clone().keep());
        }
        if !matches!(event, TrainEvent::Done(_)) {
            tell(Event::Train { run: self.name.clone(), elapsed_s, event });
        }
    }

    /// Writes what was told, and the notes.
    async fn write(&self) -> Result<(), StorageError> {
        self.write_told().await?;
        self.notes().write(&self.files, &self.name).await
    }

    /// Writes while the run goes on. What cannot be written waits for the next time, and the user is told.
    pub async fn keep(self: Rc<Self>) {
        if let Err(error) = self.write().await {
            log(Level::Warning, format!("What the run tells is not kept for now: {error}"));
        }
    }
}

/// All that a run needs, found and checked before it has a name.
struct Plan {
    file: RunFile,
    samples: Samples,
    device: Device,
    seed: u64,
    initial_weights: InitialWeights,
    folder: Opfs,
}

/// Starts a new run.
///
/// # Errors
/// When the run file cannot be carried out, its data or its device cannot be had, a run is under way, or this one has been
/// stopped meanwhile.
pub async fn start(studio: &Rc<Studio>, text: String, device: Option<String>) -> Outcome<Reply> {
    let claim = studio.claim_run()?;
    let mut file = RunFile::parse(studio, text).await?;
    for notice in &file.notices {
        log(Level::Info, format!("config:{notice}"));
    }
    tell_what_has_no_place(&file.config.training);
    choose_device(&mut file, device)?;
    let seed = seed_of(&mut file);
    let (plan, selection) = Plan::new(studio, file, seed, InitialWeights::Random, None).await?;
    let name = free_name(studio, &plan.file).await?;
    claim.go_on()?;
    let plan = Plan { folder: studio.run_folder(&name)?, ..plan };
    let notes = Notes {
        title: name.clone(),
        dataset: plan.samples.dataset.clone(),
        device: devices::in_words(&selection),
        started_ms: Date::now(),
        ..Notes::default()
    };
    Ok(go(studio, claim, plan, &selection, name, notes))
}

/// Goes on with a run that was stopped or interrupted.
///
/// # Errors
/// As [`start`], and when there is no such run.
pub async fn resume(studio: &Rc<Studio>, name: String, device: Option<String>) -> Outcome<Reply> {
    let claim = studio.claim_run()?;
    runs::must_be_there(studio, &name).await?;
    let folder = studio.run_folder(&name)?;
    let mut file = RunFile::of_run(studio, &folder).await?;
    choose_device(&mut file, device)?;
    // The run has a seed already, and keeps it.
    let (plan, selection) = Plan::new(studio, file, 0, InitialWeights::Resumed, Some(folder)).await?;
    let notes = Notes { device: devices::in_words(&selection), ..Notes::read(studio, &name).await? };
    claim.go_on()?;
    Ok(go(studio, claim, plan, &selection, name, notes))
}

impl Plan {
    async fn new(
        studio: &Studio,
        file: RunFile,
        seed: u64,
        initial_weights: InitialWeights,
        folder: Option<Opfs>,
    ) -> Outcome<(Self, Selection)> {
        must_fit(&file.config.model, file.config.dataset.tasks.len())?;
        let samples = Samples::of(studio, &file).await?;
        if samples.state == DataState::Missing {
            return Err(samples.missing());
        }
        let (device, selection) = studio.devices.open(file.config.training.device).await?;
        if selection.chosen.class == DeviceClass::Cpu {
            cpu_must_hold(studio, &file, &samples).await?;
        }
        let folder = folder.unwrap_or_else(|| studio.files.below(RUNS));
        Ok((Self { file, samples, device, seed, initial_weights, folder }, selection))
    }

    /// Makes the samples and trains.
    async fn carry_out(self, studio: &Studio, run: &Rc<ActiveRun>) -> Outcome<Summary> {
        if self.samples.state != DataState::Prepared {
            let job = studio.begin("the preparation of a run's samples")?;
            run.is_preparing.set(true);
            let provided = self.samples.provide(studio, &job).await;
            run.is_preparing.set(false);
            provided?;
        }
        let data = Remembering::new(self.samples.open().await?);
        let setup = Setup {
            config: &self.file.config,
            config_text: &self.file.text,
            labels: &self.file.data.labels,
            data: &data,
            run: &self.folder,
            run_dir: self.folder.path().to_owned(),
            device: self.device,
            seed: self.seed,
            initial_weights: self.initial_weights,
        };
        Ok(train(setup, &mut Remote(run.clone()), &mut |event| run.take_in(event)).await?)
    }
}

/// Refuses batches for which the CPU has no memory. What else is wrong with samples or model is core's to say.
async fn cpu_must_hold(studio: &Studio, file: &RunFile, samples: &Samples) -> Outcome<()> {
    let Ok(Some(shape)) = samples.shape(studio, file).await else { return Ok(()) };
    let Ok(model) = model_of(studio, file, shape) else { return Ok(()) };
    batch_must_fit(&file.config, &model)
}

/// Lets a run go its way and answers that it has begun.
fn go(studio: &Rc<Studio>, claim: RunClaim, plan: Plan, selection: &Selection, name: String, notes: Notes) -> Reply {
    let run = Rc::new(ActiveRun {
        name: name.clone(),
        dataset: notes.dataset.clone(),
        commands: Commands::default(),
        watch: Stopwatch::starting_at(notes.trained_s),
        notes: RefCell::new(notes),
        files: studio.files.clone(),
        folder: plan.folder.clone(),
        journal: GrowingFile::new(studio.files.clone(), runs::journal_path(&name)),
        writes_scalars: plan.file.config.training.tensorboard,
        scalars: OnceCell::new(),
        is_preparing: Cell::default(),
        last_batch_ms: Cell::new(f64::NEG_INFINITY),
        last_write_ms: Cell::new(now_ms()),
    });
    claim.take(run.clone());
    panic::note_run(Some((name.clone(), selection.chosen.class != DeviceClass::Cpu)));
    spawn_local(to_the_end(studio.clone(), claim, plan, run));
    Reply::Started { run: name, devices: devices::told(selection) }
}

/// The whole life of a run. How it ended is told last, when everything is written and another run can begin.
async fn to_the_end(studio: Rc<Studio>, claim: RunClaim, plan: Plan, run: Rc<ActiveRun>) {
    let folder = plan.folder.clone();
    let outcome = plan.carry_out(&studio, &run).await;
    run.watch.stop();
    // Only what is known to be nothing is removed.
    let came_to_nothing = runs::files(&folder).await.is_ok_and(|files| files.is_empty());
    let kept = async {
        match came_to_nothing {
            // As on the command line, nothing is left of it.
            true => runs::remove_notes(&studio, run.name()).await,
            false => Ok(run.write().await?),
        }
    };
    if let Err(Failure(fault)) = kept.await {
        log(Level::Warning, format!("What the run told could not be kept: {}", fault.message));
    }
    panic::note_run(None);
    drop(claim);
    let (name, elapsed_s) = (run.name.clone(), run.watch.seconds());
    tell(match outcome {
        Ok(summary) => Event::Train { run: name, elapsed_s, event: TrainEvent::Done(summary) },
        Err(Failure(fault)) => Event::RunFailed { run: name, fault },
    });
}

/// Tells the run under way what to do; one that is still being made ready can only be stopped.
///
/// # Errors
/// When none is.
pub fn control(studio: &Studio, command: Command) -> Outcome<Reply> {
    if command == Command::Stop && studio.stop_claimed_run() {
        return Ok(Reply::Done);
    }
    let run = studio.active_run().ok_or_else(|| Failure::request("no run is under way"))?;
    if command == Command::Stop && run.is_preparing() {
        studio.cancel();
    }
    run.commands.give(command);
    Ok(Reply::Done)
}

/// Says which of a run file's folders are not used: a browser has no other place than its own.
fn tell_what_has_no_place(training: &TrainingConfig) {
    let TrainingConfig { output_dir, log_dir, metrics_summary_path, .. } = training;
    let folders = [("output_dir", output_dir), ("log_dir", log_dir), ("metrics_summary_path", metrics_summary_path)];
    for (key, _) in folders.into_iter().filter(|(_, folder)| folder.is_some()) {
        log(Level::Info, format!("training.{key} is for the command line: here everything is kept with the run."));
    }
}

/// The device that the page asks for, instead of the run file's.
fn choose_device(file: &mut RunFile, device: Option<String>) -> Outcome<()> {
    if let Some(text) = device {
        file.config.training.device = text.parse::<DeviceChoice>().map_err(Failure::request)?;
    }
    Ok(())
}

/// The run file's seed, or one drawn now and noted down.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number of 32 bits is drawn")]
fn seed_of(file: &mut RunFile) -> u64 {
    let drawn = || (Math::random() * f64::from(u32::MAX)) as u64;
    let seed = file.config.training.seed.unwrap_or_else(drawn);
    if file.config.training.seed.replace(seed).is_none() {
        log(
            Level::Info,
            format!("No seed is given, so this run will not repeat unless you put seed = {seed} under [training]."),
        );
    }
    seed
}

/// A name that no run has.
async fn free_name(studio: &Studio, file: &RunFile) -> Outcome<String> {
    let taken = studio.files.below(RUNS).folders().await?;
    let time = local_time();
    let mut names = (1..).map(|number| run_name(&file.config, &time, number));
    Ok(names.find(|name| !taken.contains(name)).expect("there are more numbers than folders"))
}

/// Now, where the user is: 20250309-140506.
fn local_time() -> String {
    let now = Date::new_0();
    let (year, month, day) = (now.get_full_year(), now.get_month() + 1, now.get_date());
    let (hour, minute, second) = (now.get_hours(), now.get_minutes(), now.get_seconds());
    format!("{year:04}{month:02}{day:02}-{hour:02}{minute:02}{second:02}")
}
