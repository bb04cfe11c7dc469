//! Training: a run from its run file to its last event. Core trains; what it tells goes to the page and is kept. Whatever
//! happens, what was written stays.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Date, Math};
use signal_studio_app_shared::{
    protocol::{DataState, Event, Level, Reply},
    shell::claims::{Access, Claim, Claims, Thing},
};
use signal_studio_core::{
    config::{DeviceChoice, Settings, TrainingConfig},
    device::{Device, DeviceClass, Selection, in_this_build},
    training::{Command, InitialWeights, Setup, Summary, TrainEvent, run_name, train},
};
use wasm_bindgen_futures::spawn_local;

use crate::{
    datasets::{cache::DatasetCache, samples::Samples},
    devices::{self, OpenDevices},
    opfs::Opfs,
    runs::{journals, notes::Notes, records, stored},
    shell::{
        errors::{Failure, Outcome},
        home::{Home, folder_of},
        panic,
        post::{log, send_event},
    },
    training::{
        active_run::{ActiveRun, RunControl},
        limits::{batch_must_fit, model_must_fit, must_be_possible},
        run_check::model_of,
        run_file::RunFile,
        run_storage::RunStorage,
        sample_cache::SampleCache,
    },
};

/// Whoever trains: one run at a time.
pub struct Trainer {
    home: Home,
    settings: Rc<Settings>,
    cache: Rc<DatasetCache>,
    claims: Claims,
    devices: OpenDevices,
    active: RefCell<Option<Rc<ActiveRun>>>,
}

/// All that a run needs, found and checked before it has a name.
struct Preparation {
    claim: Claim,
    file: RunFile,
    samples: Samples,
    device: Device,
    selection: Selection,
}

/// A run that can be launched.
struct PreparedRun {
    preparation: Preparation,
    name: String,
    folder: Opfs,
    seed: u64,
    initial_weights: InitialWeights,
}

impl Trainer {
    /// One that trains on what is kept here.
    pub fn new(home: Home, settings: Rc<Settings>, cache: Rc<DatasetCache>, claims: Claims) -> Rc<Self> {
        let (devices, active) = (OpenDevices::default(), RefCell::default());
        Rc::new(Self { home, settings, cache, claims, devices, active })
    }

    /// The run under way.
    pub fn active(&self) -> Option<Rc<ActiveRun>> {
        self.active.borrow().clone()
    }

    /// The run of this name, if it is the one under way.
    pub fn active_of(&self, name: &str) -> Option<Rc<ActiveRun>> {
        self.active().filter(|run| run.name() == name)
    }

    /// Starts a new run.
    ///
    /// # Errors
    /// When the run file cannot be carried out, its data or its device cannot be had, a run or work on files is under way,
    /// or this one has been stopped meanwhile.
    pub async fn start(self: &Rc<Self>, text: String, device: Option<String>) -> Outcome<Reply> {
        let claim = self.claim()?;
        let mut file = RunFile::parse(&self.home, &self.settings, text).await?;
        for notice in &file.notices {
            log(Level::Info, format!("config:{notice}"));
        }
        note_unused_folders(&file.config.training);
        choose_device(&mut file, device)?;
        let seed = seed_of(&mut file);
        let preparation = self.prepare(claim, file).await?;
        if let Some(refusal) = preparation.samples.refusal() {
            return Err(refusal);
        }
        let name = self.free_name(&preparation.file).await?;
        let folder = self.home.run(&name)?;
        let notes = Notes {
            title: name.clone(),
            dataset: preparation.samples.dataset.clone(),
            device: devices::in_words(&preparation.selection),
            started_ms: Date::now(),
            ..Notes::default()
        };
        self.launch(PreparedRun { preparation, name, folder, seed, initial_weights: InitialWeights::Random }, notes)
    }

    /// Goes on with a run that was stopped or interrupted.
    ///
    /// # Errors
    /// As [`Self::start`], and when there is no such run.
    pub async fn resume(self: &Rc<Self>, name: String, device: Option<String>) -> Outcome<Reply> {
        let claim = self.claim()?;
        claim.add(Thing::Run(name.clone()), Access::Exclusive)?;
        stored::must_be_there(&self.home, &name).await?;
        let folder = self.home.run(&name)?;
        let mut file = RunFile::of_run(&self.home, &self.settings, &folder).await?;
        choose_device(&mut file, device)?;
        let preparation = self.prepare(claim, file).await?;
        if let Some(refusal) = preparation.samples.refusal_to_resume() {
            return Err(refusal);
        }
        let device = devices::in_words(&preparation.selection);
        let notes = Notes { device, ..Notes::read(&self.home.notes(), &folder, &name).await? };
        journals::make_whole(&self.home.notes(), &name).await?;
        // The run has a seed already, and keeps it.
        self.launch(PreparedRun { preparation, name, folder, seed: 0, initial_weights: InitialWeights::Resumed }, notes)
    }

    /// Tells the run under way what to do; one that is still being made ready can only be stopped.
    ///
    /// # Errors
    /// When none is.
    pub fn control(&self, command: Command) -> Outcome<Reply> {
        // A run that trains does not look at its claim any more.
        let is_stopped = command == Command::Stop && self.claims.cancel(&Thing::Training);
        match self.active() {
            Some(run) => run.commands.push(command),
            None if is_stopped => {}
            None => return Err(Failure::request("no run is under way")),
        }
        Ok(Reply::Done)
    }

    /// Claims the place of the one run, and until its samples are there that of work on files: what is being imported,
    /// made or removed could be what it needs.
    fn claim(&self) -> Outcome<Claim> {
        let what = "another run is being started: wait until it trains, or stop it";
        Ok(self.claims.claim(what, [(Thing::Training, Access::Exclusive), (Thing::FileWork, Access::Exclusive)])?)
    }

    /// Finds what a run needs.
    async fn prepare(&self, claim: Claim, file: RunFile) -> Outcome<Preparation> {
        claim.add(Thing::Dataset(folder_of(file.config.dataset.name.as_str())?.to_owned()), Access::Shared)?;
        let samples = Samples::of(&self.home, &self.settings, &self.cache, &file).await?;
        if samples.state == DataState::Missing {
            return Err(samples.missing());
        }
        let (device, selection) = self.devices.open(file.config.training.device).await?;
        self.memory_must_hold(&file, &samples, &selection).await?;
        Ok(Preparation { claim, file, samples, device, selection })
    }

    /// Refuses a model for which there is no memory, and batches for which the CPU has none. What else is wrong with
    /// samples or model is core's to say.
    async fn memory_must_hold(&self, file: &RunFile, samples: &Samples, device: &Selection) -> Outcome<()> {
        let Ok(Some(shape)) = samples.shape(&self.cache, file).await else { return Ok(()) };
        must_be_possible(&file.config.model, file.config.dataset.tasks.len(), shape)?;
        let Ok(model) = model_of(&self.cache, file, shape) else { return Ok(()) };
        model_must_fit(&file.config, &model)?;
        if device.chosen.class == DeviceClass::Cpu { batch_must_fit(&file.config, &model) } else { Ok(()) }
    }

    /// A name that no run has.
    async fn free_name(&self, file: &RunFile) -> Outcome<String> {
        let taken = self.home.runs().folders().await?;
        let time = local_time();
        let mut names = (1..).map(|number| run_name(&file.config, &time, number));
        Ok(names.find(|name| !taken.contains(name)).expect("there are more numbers than folders"))
    }

    /// Launches a run, and answers that it has begun.
    fn launch(self: &Rc<Self>, prepared: PreparedRun, notes: Notes) -> Outcome<Reply> {
        let PreparedRun { preparation: Preparation { claim, file, selection, .. }, name, folder, .. } = &prepared;
        claim.go_on()?;
        claim.add(Thing::Run(name.clone()), Access::Exclusive)?;
        claim.describe(format!("the run {name} is under way: stop it first, or wait for its end"));
        let run = ActiveRun::new(&self.home, name.clone(), folder.clone(), notes, &file.config.training);
        let run = Rc::new(run);
        self.active.replace(Some(run.clone()));
        panic::note_run(Some((name.clone(), selection.chosen.class != DeviceClass::Cpu)));
        let reply = Reply::Started { run: name.clone(), devices: devices::to_protocol(selection) };
        spawn_local(self.clone().drive(prepared, run));
        Ok(reply)
    }

    /// The whole life of a run. How it ended is reported last, when everything is written and another run can begin.
    async fn drive(self: Rc<Self>, prepared: PreparedRun, run: Rc<ActiveRun>) {
        let folder = prepared.folder.clone();
        let (claim, outcome) = self.carry_out(prepared, &run).await;
        run.watch.stop();
        // Only what is known to be nothing is removed.
        let came_to_nothing = records::files(&folder).await.is_ok_and(|files| files.is_empty());
        let kept = match came_to_nothing {
            // As on the command line, nothing is left of it.
            true => run.remove_notes().await,
            false => run.write().await,
        };
        if let Err(error) = kept {
            log(Level::Warning, format!("What the run reported could not be kept: {error}"));
        }
        panic::note_run(None);
        self.active.replace(None);
        drop(claim);
        let (name, elapsed_s) = (run.name().to_owned(), run.watch.seconds());
        send_event(match outcome {
            Ok(summary) => Event::Train { run: name, elapsed_s, event: TrainEvent::Done(summary) },
            Err(Failure(fault)) => Event::RunFailed { run: name, fault },
        });
    }

    /// Makes the samples and trains; gives back what the run had claimed.
    async fn carry_out(&self, prepared: PreparedRun, run: &Rc<ActiveRun>) -> (Claim, Outcome<Summary>) {
        let PreparedRun {
            preparation: Preparation { claim, file, samples, device, .. },
            folder,
            seed,
            initial_weights,
            ..
        } = prepared;
        let trained = async {
            if samples.state != DataState::Prepared {
                samples.provide(&self.home, &self.cache, &claim).await?;
            }
            claim.go_on()?;
            let data = SampleCache::new(samples.open().await?);
            claim.release(&Thing::FileWork);
            let storage = RunStorage { folder: folder.clone(), run: run.clone() };
            let setup = Setup {
                config: &file.config,
                config_text: &file.text,
                labels: &file.data.labels,
                data: &data,
                run: &storage,
                run_dir: folder.path().to_owned(),
                device,
                seed,
                initial_weights,
            };
            Ok(train(setup, &mut RunControl(run.clone()), &mut |event| run.handle(event)).await?)
        };
        let trained = trained.await;
        (claim, trained)
    }
}

/// Says which of a run file's folders are not used: a browser has no other place than its own.
fn note_unused_folders(training: &TrainingConfig) {
    let TrainingConfig { output_dir, log_dir, metrics_summary_path, .. } = training;
    let folders = [("output_dir", output_dir), ("log_dir", log_dir), ("metrics_summary_path", metrics_summary_path)];
    for (key, _) in folders.into_iter().filter(|(_, folder)| folder.is_some()) {
        log(Level::Info, format!("training.{key} is for the command line: here everything is kept with the run."));
    }
}

/// The device that the page asks for, or else the run file, which may have been written for another program.
fn choose_device(file: &mut RunFile, asked_for: Option<String>) -> Outcome<()> {
    let device = &mut file.config.training.device;
    if let Some(text) = asked_for {
        *device = text.parse::<DeviceChoice>().map_err(Failure::request)?;
        return Ok(());
    }
    let (choice, reason) = in_this_build(*device);
    *device = choice;
    if let Some(reason) = reason {
        log(Level::Warning, format!("A device is chosen as by `{choice}`: {reason}."));
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

/// Now, where the user is: 20250309-140506.
fn local_time() -> String {
    let now = Date::new_0();
    let (year, month, day) = (now.get_full_year(), now.get_month() + 1, now.get_date());
    let (hour, minute, second) = (now.get_hours(), now.get_minutes(), now.get_seconds());
    format!("{year:04}{month:02}{day:02}-{hour:02}{minute:02}{second:02}")
}
