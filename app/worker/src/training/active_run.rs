//! The run under way: its commands, what it reports, and what of that is kept.

use std::{
    cell::{Cell, OnceCell, Ref, RefCell},
    collections::BTreeSet,
    rc::Rc,
};

use async_trait::async_trait;
use signal_studio_app_shared::{
    protocol::{Event, Level},
    runs::journal::{self, EvaluatedSamples},
    shell::kept::Versioned,
};
use signal_studio_core::{
    config::{TAB_CHECKPOINT_MINUTES, TrainingConfig},
    storage::{Storage, StorageError},
    training::{Command, Control, TrainEvent, events::Position, run_folder},
};
use wasm_bindgen_futures::spawn_local;

use crate::{
    opfs::{AppendFile, Opfs},
    runs::notes::{Notes, journal_file, remove_notes, samples_file},
    shell::{
        event_loop::yield_if_due,
        home::Home,
        lock::Lock,
        post::{SHORTEST_INTERVAL_MS, log, send_event},
        scope::now_ms,
    },
    training::{command_queue::CommandQueue, stopwatch::Stopwatch, tensorboard::EventFile},
};

/// How long lines of the journal wait for others.
const JOURNAL_INTERVAL_MS: f64 = 5000.0;

/// The run under way.
pub struct ActiveRun {
    name: String,
    /// Its commands.
    pub commands: CommandQueue,
    /// How long it has been training.
    pub watch: Stopwatch,
    notes: RefCell<Notes>,
    notes_folder: Opfs,
    folder: Opfs,
    journal: AppendFile,
    lines: RefCell<journal::Writer>,
    /// Whoever writes: of two at once, the one that began earlier could end later, with what was known then.
    writing: Lock,
    /// What the latest evaluation says of single samples, until it is written.
    samples: RefCell<Option<EvaluatedSamples>>,
    writes_scalars: bool,
    /// Seconds of training from one checkpoint in between to the next.
    checkpoint_interval_s: Option<f64>,
    /// How long it had been training when it could last be resumed from.
    saved_s: Cell<f64>,
    /// Begun when core has found that the run can start.
    scalars: OnceCell<EventFile>,
    /// Where it is, once it has begun to train.
    position: Cell<Option<Position>>,
    is_paused: Cell<bool>,
    has_asked_about_room: Cell<bool>,
    /// Files for which there was no room.
    unkept: RefCell<BTreeSet<String>>,
    /// Whether the user knows that what it tells cannot be written.
    has_warned: Cell<bool>,
    last_batch_ms: Cell<f64>,
    last_write_ms: Cell<f64>,
}

impl ActiveRun {
    /// A run that is about to train in `folder`.
    pub fn new(home: &Home, name: String, folder: Opfs, notes: Notes, training: &TrainingConfig) -> Self {
        let interval = training.checkpoint_interval(Some(TAB_CHECKPOINT_MINUTES));
        let trained_s = notes.trained_s;
        Self {
            commands: CommandQueue::default(),
            watch: Stopwatch::starting_at(trained_s),
            notes: RefCell::new(notes),
            notes_folder: home.notes(),
            folder,
            journal: AppendFile::new(home.notes(), journal_file(&name)),
            lines: RefCell::default(),
            writing: Lock::default(),
            samples: RefCell::default(),
            writes_scalars: training.tensorboard,
            checkpoint_interval_s: interval.map(|interval| interval.as_secs_f64()),
            saved_s: Cell::new(trained_s),
            scalars: OnceCell::new(),
            position: Cell::default(),
            is_paused: Cell::default(),
            has_asked_about_room: Cell::default(),
            unkept: RefCell::default(),
            has_warned: Cell::default(),
            last_batch_ms: Cell::new(f64::NEG_INFINITY),
            last_write_ms: Cell::new(now_ms()),
            name,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is known of it now.
    pub fn notes(&self) -> Notes {
        let notes: Ref<'_, Notes> = self.notes.borrow();
        Notes { trained_s: self.watch.seconds(), ..notes.clone() }
    }

    /// Gives it another title.
    ///
    /// # Errors
    /// When there is no room.
    pub async fn rename(&self, title: String) -> Result<(), StorageError> {
        self.change_notes(|notes| notes.title = title);
        let _writing = self.writing.take().await;
        self.write_notes().await
    }

    /// Changes what is known of it.
    fn change_notes(&self, change: impl FnOnce(&mut Notes)) {
        change(&mut self.notes.borrow_mut());
    }

    /// Writes what was reported and is not written yet.
    ///
    /// # Errors
    /// When there is no room; what was reported is kept for the next time.
    pub async fn write_reports(&self) -> Result<(), StorageError> {
        let _writing = self.writing.take().await;
        self.write_waiting_reports().await
    }

    async fn write_waiting_reports(&self) -> Result<(), StorageError> {
        self.journal.write().await?;
        let samples = self.samples.take();
        if let Some(samples) = samples {
            let written = self.notes_folder.write(&samples_file(&self.name), &samples.to_json()).await;
            if written.is_err() {
                // Unless there are newer ones by now.
                self.samples.borrow_mut().get_or_insert(samples);
                return written;
            }
        }
        match self.scalars.get() {
            Some(scalars) => scalars.write().await,
            None => Ok(()),
        }
    }

    /// Notes down an event and sends it to the page, except for the end, which is sent when everything is written.
    pub fn handle(self: &Rc<Self>, event: TrainEvent) {
        if matches!(&event, TrainEvent::Checkpoint { path, .. } if self.unkept.borrow().contains(path)) {
            return;
        }
        self.note_position(&event);
        let elapsed_s = self.watch.seconds();
        if self.writes_scalars {
            self.scalars.get_or_init(|| EventFile::new(self.folder.clone())).log(&event);
        }
        match &event {
            TrainEvent::Started(_) => self.watch.start(),
            TrainEvent::Baselines(results) => {
                self.change_notes(|notes| notes.baseline = results.best_scored());
            }
            TrainEvent::Evaluated(evaluation) if evaluation.is_best => {
                self.change_notes(|notes| notes.best = Some(evaluation.score));
            }
            TrainEvent::Checkpoint { path, .. } if path == run_folder::LAST => self.saved_s.set(elapsed_s),
            TrainEvent::Epoch(record) => self.change_notes(|notes| notes.epochs = record.epoch),
            TrainEvent::Batch(_)
            | TrainEvent::BaselinesBatch { .. }
            | TrainEvent::AveragedBatch { .. }
            | TrainEvent::EvaluatedBatch { .. } => {
                if now_ms() - self.last_batch_ms.get() < SHORTEST_INTERVAL_MS {
                    return;
                }
                self.last_batch_ms.set(now_ms());
            }
            _ => {}
        }
        self.journal.add(self.lines.borrow_mut().lines(elapsed_s, &event).as_bytes());
        if let TrainEvent::Evaluated(evaluation) = &event {
            self.samples.replace(Some(EvaluatedSamples::of(evaluation)));
        }
        let is_milestone = matches!(event, TrainEvent::Epoch(_) | TrainEvent::Paused(_));
        if is_milestone || now_ms() - self.last_write_ms.get() > JOURNAL_INTERVAL_MS {
            self.last_write_ms.set(now_ms());
            spawn_local(self.clone().keep_in_background());
        }
        if !matches!(event, TrainEvent::Done(_)) {
            send_event(Event::Train { run: self.name.clone(), elapsed_s, event });
        }
    }

    /// Writes what was reported, and the notes.
    ///
    /// # Errors
    /// When there is no room; what was reported is kept for the next time.
    pub async fn write(&self) -> Result<(), StorageError> {
        let _writing = self.writing.take().await;
        self.write_waiting_reports().await?;
        self.write_notes().await
    }

    async fn write_notes(&self) -> Result<(), StorageError> {
        self.notes().write(&self.notes_folder, &self.name).await
    }

    /// Removes the notes on a run that has come to nothing.
    ///
    /// # Errors
    /// When they cannot be removed.
    pub async fn remove_notes(&self) -> Result<(), StorageError> {
        let _writing = self.writing.take().await;
        remove_notes(&self.notes_folder, &self.name).await
    }

    /// Writes while the run goes on. What cannot be written waits for the next time, and the user is told.
    pub async fn keep(&self) {
        match self.write().await {
            Ok(()) => self.has_warned.set(false),
            Err(error) if !self.has_warned.replace(true) => {
                log(Level::Warning, format!("What the run reports is not kept for now: {error}"));
            }
            Err(_) => {}
        }
    }

    /// Whether the user can be asked what to do without room: once, when the run has begun.
    pub fn can_ask_about_room(&self) -> bool {
        self.position.get().is_some() && !self.has_asked_about_room.get()
    }

    /// Whether the user has been asked, and has let the run go on.
    pub fn has_asked_about_room(&self) -> bool {
        self.has_asked_about_room.get()
    }

    /// Stands still, as when it is paused, until the user has made room or wants it to go on without keeping its files.
    ///
    /// # Errors
    /// `full`, when the user stops the run instead.
    pub async fn ask_about_room(&self, full: &StorageError) -> Result<(), StorageError> {
        let Some(position) = self.position.get() else { return Err(full.clone()) };
        self.watch.stop();
        self.send_to_page(TrainEvent::Paused(position));
        send_event(Event::StorageFull { run: self.name.clone(), message: full.to_string() });
        let was_paused = self.is_paused.get();
        loop {
            match self.commands.next().await {
                Command::Stop => return Err(full.clone()),
                Command::Pause | Command::Checkpoint => {}
                // Core waits for it, too, and tells what comes of it.
                command if was_paused => {
                    self.commands.push(command);
                    break;
                }
                Command::Resume => {
                    self.send_to_page(TrainEvent::Resumed(position));
                    break;
                }
                Command::StepOnce => {
                    self.send_to_page(TrainEvent::Resumed(position));
                    self.commands.push(Command::Pause);
                    break;
                }
            }
        }
        self.has_asked_about_room.set(true);
        if !was_paused {
            self.watch.start();
        }
        Ok(())
    }

    /// There was no room for this file.
    pub fn note_unkept(&self, path: &str) {
        self.unkept.borrow_mut().insert(path.to_owned());
    }

    /// This file is written as it should be.
    pub fn note_kept(&self, path: &str) {
        self.unkept.borrow_mut().remove(path);
    }

    fn note_position(&self, event: &TrainEvent) {
        match event {
            TrainEvent::Started(start) => {
                self.position.set(Some(Position { step: start.resumed_at, ..Position::default() }));
            }
            TrainEvent::Batch(position) => self.position.set(Some(*position)),
            TrainEvent::Paused(_) => self.is_paused.set(true),
            TrainEvent::Resumed(_) => self.is_paused.set(false),
            _ => {}
        }
    }

    fn send_to_page(&self, event: TrainEvent) {
        send_event(Event::Train { run: self.name.clone(), elapsed_s: self.watch.seconds(), event });
    }

    /// The command to write a checkpoint, when the last one was a while ago.
    fn checkpoint_if_due(&self) -> Option<Command> {
        let (interval_s, now_s) = (self.checkpoint_interval_s?, self.watch.seconds());
        if now_s - self.saved_s.get() < interval_s {
            return None;
        }
        // Asked for once: one that cannot be written is tried again when it is due the next time.
        self.saved_s.set(now_s);
        Some(Command::Checkpoint)
    }

    async fn keep_in_background(self: Rc<Self>) {
        self.keep().await;
    }
}

/// Core's way to the page's commands.
pub struct RunControl(pub Rc<ActiveRun>);

#[async_trait(?Send)]
impl Control for RunControl {
    async fn poll(&mut self) -> Option<Command> {
        yield_if_due().await;
        self.0.commands.try_next().or_else(|| self.0.checkpoint_if_due())
    }

    async fn wait(&mut self) -> Command {
        self.0.watch.stop();
        let command = self.0.commands.next().await;
        self.0.watch.start();
        command
    }
}
