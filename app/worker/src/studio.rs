//! What the worker holds: the files, the settings, what is under way, and the devices that are open. Requests flow
//! through it; each of them sees the same.

use std::{
    cell::{Cell, RefCell},
    ops::ControlFlow,
    rc::Rc,
};

use signal_studio_core::{
    config::Settings,
    datasets::raw_dataset,
    storage::{Storage, StorageError},
};

use crate::{
    devices::OpenDevices,
    errors::{Failure, Outcome},
    opfs::Opfs,
    runs,
    seen::Seen,
    session::ActiveRun,
};
use signal_studio_app_shared::names::{self, ABOUT, DATASETS, RUNS, dataset_folder};

/// The settings that the browser goes by: the project's own.
const SETTINGS: &str = include_str!("../../../configs/default.toml");

/// The worker's state.
pub struct Studio {
    /// Everything that is kept.
    pub files: Opfs,
    /// The built-in settings.
    pub settings: Settings,
    /// Devices that are open.
    pub devices: OpenDevices,
    seen: RefCell<Rc<Seen>>,
    job: RefCell<Option<Work>>,
    run: RefCell<Slot>,
}

/// Work that can be cancelled: what it is called, and whether it has been cancelled.
type Work = (&'static str, Rc<Cell<bool>>);

/// Where the one run that can be under way is.
#[derive(Default)]
enum Slot {
    #[default]
    Free,
    /// It is being made ready; whether it has been stopped since.
    Claimed(Rc<Cell<bool>>),
    Taken(Rc<ActiveRun>),
}

impl Studio {
    /// A studio over these files.
    ///
    /// # Errors
    /// When the built-in settings are damaged.
    pub fn new(files: Opfs) -> Outcome<Self> {
        let (settings, _) = Settings::parse(SETTINGS, "the built-in settings")?;
        Ok(Self {
            files,
            settings,
            devices: OpenDevices::default(),
            seen: RefCell::default(),
            job: RefCell::default(),
            run: RefCell::default(),
        })
    }

    /// The folder of the dataset that a run file calls so.
    ///
    /// # Errors
    /// [`FaultKind::Request`](signal_studio_app_shared::protocol::FaultKind::Request) when no folder can be called so.
    pub fn dataset(&self, name: &str) -> Outcome<Opfs> {
        let folder = folder_of(name)?;
        Ok(self.files.below(&format!("{DATASETS}/{folder}")))
    }

    /// Whether a dataset is kept under this name.
    ///
    /// # Errors
    /// [`StorageError::Failed`] when that cannot be told.
    pub async fn has_dataset(&self, name: &str) -> Result<bool, StorageError> {
        match self.dataset(name) {
            Ok(folder) => folder.exists(ABOUT).await,
            // What no folder can be called is not there.
            Err(_) => Ok(false),
        }
    }

    /// A run's folder.
    ///
    /// # Errors
    /// [`FaultKind::Request`](signal_studio_app_shared::protocol::FaultKind::Request) for what cannot be a run's name.
    pub fn run_folder(&self, name: &str) -> Outcome<Opfs> {
        if !names::is_entry(name) {
            return Err(runs::no_run(name));
        }
        Ok(self.files.below(&format!("{RUNS}/{name}")))
    }

    /// Begins the one piece of work that can be cancelled.
    ///
    /// # Errors
    /// [`FaultKind::Request`](signal_studio_app_shared::protocol::FaultKind::Request) when another is under way.
    pub fn begin(&self, what: &'static str) -> Outcome<Job<'_>> {
        let mut job = self.job.borrow_mut();
        if let Some((other, _)) = &*job {
            return Err(Failure::request(format_args!("{other} is under way: wait until it is done, or cancel it")));
        }
        let is_cancelled = Rc::new(Cell::new(false));
        *job = Some((what, is_cancelled.clone()));
        Ok(Job { studio: self, is_cancelled })
    }

    /// Cancels what is under way and can be cancelled.
    pub fn cancel(&self) {
        if let Some((_, is_cancelled)) = &*self.job.borrow() {
            is_cancelled.set(true);
        }
    }

    /// Claims the place of the one run.
    ///
    /// # Errors
    /// [`FaultKind::Request`](signal_studio_app_shared::protocol::FaultKind::Request) when it is taken.
    pub fn claim_run(self: &Rc<Self>) -> Outcome<RunClaim> {
        let mut slot = self.run.borrow_mut();
        match &*slot {
            Slot::Free => {
                let is_stopped = Rc::new(Cell::new(false));
                *slot = Slot::Claimed(is_stopped.clone());
                Ok(RunClaim { studio: self.clone(), is_stopped })
            }
            Slot::Claimed(_) => Err(Failure::request("another run is being started")),
            Slot::Taken(run) => {
                let name = run.name();
                Err(Failure::request(format_args!("the run {name} is under way: stop it first, or wait for its end")))
            }
        }
    }

    /// Stops the run that is being made ready; says whether there is one.
    pub fn stop_claimed_run(&self) -> bool {
        match &*self.run.borrow() {
            Slot::Claimed(is_stopped) => {
                is_stopped.set(true);
                true
            }
            Slot::Free | Slot::Taken(_) => false,
        }
    }

    /// The run under way.
    pub fn active_run(&self) -> Option<Rc<ActiveRun>> {
        match &*self.run.borrow() {
            Slot::Taken(run) => Some(run.clone()),
            Slot::Free | Slot::Claimed(_) => None,
        }
    }

    /// The run of this name, if it is the one under way.
    pub fn active(&self, name: &str) -> Option<Rc<ActiveRun>> {
        self.active_run().filter(|run| run.name() == name)
    }

    /// What was found out about the datasets as they are.
    pub fn seen(&self) -> Rc<Seen> {
        self.seen.borrow().clone()
    }

    /// Forgets what was found out about datasets, because one of them changes. Whoever is finding something out keeps it
    /// for themselves.
    pub fn forget_seen(&self) {
        self.seen.replace(Rc::default());
    }
}

/// The folder that a dataset's name means.
///
/// # Errors
/// [`FaultKind::Request`](signal_studio_app_shared::protocol::FaultKind::Request) when no folder can be called so.
pub fn folder_of(name: &str) -> Outcome<&str> {
    dataset_folder(name).ok_or_else(|| {
        Failure::request(format_args!(
            "`{name}` is no dataset here: in the browser a dataset is one of the known names, or `./` and the name of a \
             folder that was dropped"
        ))
    })
}

/// What run files call the dataset in this folder.
pub fn name_of_dataset(folder: &str) -> String {
    names::dataset_name(folder, raw_dataset(folder).is_some())
}

/// The piece of work under way; dropped, it makes way for the next.
pub struct Job<'a> {
    studio: &'a Studio,
    is_cancelled: Rc<Cell<bool>>,
}

impl Job<'_> {
    /// Whether to go on, as core asks it.
    pub fn flow(&self) -> ControlFlow<()> {
        if self.is_cancelled.get() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Whether to go on.
    ///
    /// # Errors
    /// [`FaultKind::Cancelled`](signal_studio_app_shared::protocol::FaultKind::Cancelled).
    pub fn go_on(&self) -> Outcome<()> {
        if self.is_cancelled.get() { Err(Failure::cancelled()) } else { Ok(()) }
    }
}

impl Drop for Job<'_> {
    fn drop(&mut self) {
        *self.studio.job.borrow_mut() = None;
    }
}

/// The place of the one run; dropped, it is free for the next.
pub struct RunClaim {
    studio: Rc<Studio>,
    is_stopped: Rc<Cell<bool>>,
}

impl RunClaim {
    /// Whether to go on.
    ///
    /// # Errors
    /// [`FaultKind::Cancelled`](signal_studio_app_shared::protocol::FaultKind::Cancelled) when the run has been stopped.
    pub fn go_on(&self) -> Outcome<()> {
        if self.is_stopped.get() { Err(Failure::cancelled()) } else { Ok(()) }
    }

    /// The run is under way from now on.
    pub fn take(&self, run: Rc<ActiveRun>) {
        *self.studio.run.borrow_mut() = Slot::Taken(run);
    }
}

impl Drop for RunClaim {
    fn drop(&mut self) {
        *self.studio.run.borrow_mut() = Slot::Free;
    }
}
