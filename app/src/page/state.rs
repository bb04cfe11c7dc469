//! What the page knows, as signals: what is kept in the browser, the devices, the run file in the editor, and the run
//! under way. The worker's news flow in here; the views read from here, and every action of theirs starts here.

use leptos::{prelude::*, task::spawn_local};
use signal_studio_app::protocol::{Devices, Event, Fault, FaultKind, Library, Reply, Request, RunStatus};
use signal_studio_core::training::Command;

use super::{
    link::{Link, News, WorkerState},
    memory::Memory,
    progress::Timed,
    toasts::Toasts,
    watch::{Phase, Watch},
};

/// The run file that a first visit finds in the editor.
pub const DEMO_CONFIG: &str = include_str!("../../../configs/classification/demo.toml");

/// The parts of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// The run file, and the run under way.
    Train,
    /// Datasets.
    Data,
    /// Runs.
    Runs,
}

impl View {
    /// All of them, in the order of the navigation.
    pub const ALL: [Self; 3] = [Self::Train, Self::Data, Self::Runs];

    /// Its word in the navigation.
    pub fn title(self) -> &'static str {
        match self {
            Self::Train => "Train",
            Self::Data => "Data",
            Self::Runs => "Runs",
        }
    }

    /// Its name in the browser's history.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Data => "data",
            Self::Runs => "runs",
        }
    }

    /// The view of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.name() == name)
    }
}

/// Something that is asked before it is done.
#[derive(Clone)]
pub struct Question {
    /// What is asked.
    pub title: String,
    /// What it means: what goes, what stays.
    pub text: String,
    /// The word on the button that does it.
    pub action: String,
    /// Does it.
    pub on_yes: Callback<()>,
}

/// A link that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// Why it could not be read; otherwise its run file is in the editor.
    pub error: Option<String>,
    /// The run file that was in the editor before.
    pub before: String,
}

/// What the page knows. Copies are the same; views get theirs by [`studio`].
#[derive(Clone, Copy)]
pub struct Studio {
    /// The worker.
    pub link: Link,
    /// The part of the page that is shown.
    pub view: RwSignal<View>,
    /// What is kept in the browser, once the worker has told.
    pub library: RwSignal<Option<Library>>,
    /// The devices, once the worker has told.
    pub devices: RwSignal<Option<Devices>>,
    /// The run file in the editor.
    pub config: RwSignal<String>,
    /// The device chosen beside it, as a run file names it; none: the run file's own.
    pub device: RwSignal<Option<String>>,
    /// The link with which the run file came.
    pub shared: RwSignal<Option<Shared>>,
    /// The import under way.
    pub importing: RwSignal<Option<Timed>>,
    /// The preparation under way, asked for by itself or by a run.
    pub preparing: RwSignal<Option<Timed>>,
    /// The run under way, or the last one.
    pub watch: Watch,
    /// Short messages.
    pub toasts: Toasts,
    /// What the user is being asked.
    pub question: RwSignal<Option<Question>>,
}

/// What the page knows, for a component.
pub fn studio() -> Studio {
    expect_context::<Studio>()
}

impl Studio {
    /// What a page knows when it opens; starts the worker.
    pub fn open() -> Self {
        let config = Memory::Config.read().filter(|text| !text.trim().is_empty());
        let studio = Self {
            link: Link::new(),
            view: RwSignal::new(View::Train),
            library: RwSignal::new(None),
            devices: RwSignal::new(None),
            config: RwSignal::new(config.unwrap_or_else(|| DEMO_CONFIG.to_owned())),
            device: RwSignal::new(Memory::Device.read()),
            shared: RwSignal::new(None),
            importing: RwSignal::new(None),
            preparing: RwSignal::new(None),
            watch: Watch::new(),
            toasts: Toasts::new(),
            question: RwSignal::new(None),
        };
        studio.link.start(move |news| studio.hear(news));
        studio
    }

    /// Remembers the run file and the device as they change.
    pub fn remember(self) {
        Effect::new(move || self.config.with(|text| Memory::Config.write(Some(text))));
        Effect::new(move || self.device.with(|device| Memory::Device.write(device.as_deref())));
    }

    fn hear(self, news: News) {
        match news {
            News::Ready => {
                super::browser::mark("studio:worker-ready");
                spawn_local(self.find_devices());
                spawn_local(self.refresh_library());
                super::browser::keep_for_offline();
            }
            News::Event(Event::Importing(progress)) => {
                self.importing.update(|timed| *timed = Some(Timed::next(timed.take(), progress)));
            }
            News::Event(Event::Preparing(progress)) => {
                self.preparing.update(|timed| *timed = Some(Timed::next(timed.take(), progress)));
            }
            News::Event(Event::Train { run, elapsed_s, event }) => {
                self.preparing.set(None);
                let has_ended = self.watch.hear(&run, elapsed_s, event);
                if has_ended {
                    spawn_local(self.refresh_library());
                }
            }
            News::Event(Event::RunFailed { run, fault }) => {
                self.watch.fail(&run, fault);
                spawn_local(self.refresh_library());
            }
            News::Event(Event::Log { level, message }) => self.watch.log(level, message),
            News::Died(message) => {
                self.importing.set(None);
                self.preparing.set(None);
                if self.watch.phase.get_untracked().is_busy() {
                    let fault = Fault { kind: FaultKind::Failed, message: message.clone() };
                    self.watch.fail_current(fault);
                }
                if self.link.state().with_untracked(|state| !matches!(state, WorkerState::Dead(_))) {
                    self.toasts.error(format!("The training engine stopped and was started again. It said: {message}"));
                }
            }
        }
    }

    /// Asks which devices there are.
    pub async fn find_devices(self) {
        match self.link.ask(Request::FindDevices).await {
            Ok(Reply::Devices(devices)) => self.devices.set(Some(devices)),
            Ok(reply) => self.unexpected(&reply),
            Err(fault) => self.toasts.fault(&fault),
        }
    }

    /// Asks what is kept in the browser; after every change of it.
    pub async fn refresh_library(self) {
        match self.link.ask(Request::Library).await {
            Ok(Reply::Library(library)) => self.library.set(Some(library)),
            Ok(reply) => self.unexpected(&reply),
            Err(fault) => self.toasts.fault(&fault),
        }
    }

    /// Says that a reply was of another kind than its request: a mistake in the program.
    pub fn unexpected(self, reply: &Reply) {
        leptos::logging::error!("a reply of another kind than was asked for: {reply:?}");
        self.toasts.error("The training engine answered something else than was asked. Please reload the page.");
    }

    /// Shows a part of the page, as an entry of its own in the browser's history.
    pub fn go_to(self, view: View) {
        if self.view.get_untracked() == view {
            return;
        }
        self.view.set(view);
        super::browser::scroll_to_top();
        if let Ok(history) = window().history() {
            // Without the entry the view is shown all the same.
            history.push_state(&view.name().into(), "").ok();
        }
    }

    /// Puts a run file into the editor and shows it there.
    pub fn use_config(self, text: String) {
        self.config.set(text);
        self.shared.set(None);
        self.go_to(View::Train);
    }

    /// Starts a run with this run file.
    pub fn train(self, config: String, device: Option<String>) {
        self.watch.prepare(config.clone());
        self.preparing.set(None);
        self.go_to(View::Train);
        super::browser::scroll_to_top();
        spawn_local(async move { self.begun(self.link.ask(Request::Start { config, device }).await).await });
    }

    /// Goes on with a run that was stopped; `config` is its run file.
    pub fn resume(self, run: String, config: String, device: Option<String>) {
        self.watch.resume(run.clone(), config);
        self.preparing.set(None);
        self.go_to(View::Train);
        super::browser::scroll_to_top();
        spawn_local(async move { self.begun(self.link.ask(Request::Resume { run, device }).await).await });
    }

    async fn begun(self, answer: Result<Reply, Fault>) {
        match answer {
            Ok(Reply::Started { run, devices }) => {
                self.watch.begin(run, devices);
                self.refresh_library().await;
            }
            Ok(reply) => self.unexpected(&reply),
            Err(fault) if fault.kind == FaultKind::Cancelled => self.watch.cancel(),
            Err(fault) => self.watch.fail_current(fault),
        }
        self.preparing.set(None);
    }

    /// Goes on with the run that failed, or begins it again, on the CPU.
    pub fn continue_on_cpu(self) {
        let config = self.watch.config.get_untracked();
        let cpu = Some("cpu".to_owned());
        spawn_local(async move {
            self.refresh_library().await;
            let library = self.library.get_untracked();
            match self.watch.run.get_untracked().filter(|run| library.is_some_and(|library| can_go_on(&library, run))) {
                Some(run) => self.resume(run, config, cpu),
                None => self.train(config, cpu),
            }
        });
    }

    /// Whether the run watched can go on.
    pub fn can_go_on(self) -> bool {
        let run = self.watch.run.get();
        let can_go_on =
            |run: &String| self.library.with(|library| library.as_ref().is_some_and(|library| can_go_on(library, run)));
        match self.watch.phase.get() {
            Phase::Stopped => run.is_some(),
            phase => !phase.is_busy() && run.as_ref().is_some_and(can_go_on),
        }
    }

    /// Tells the run under way what to do.
    pub fn command(self, command: Command) {
        let before = self.watch.phase.get_untracked();
        match command {
            Command::Pause => self.watch.phase.set(Phase::Pausing),
            Command::Stop => self.watch.phase.set(Phase::Stopping),
            Command::Resume | Command::StepOnce | Command::Checkpoint => (),
        }
        spawn_local(async move {
            if let Err(fault) = self.link.ask(Request::Control(command)).await {
                self.watch.phase.set(before);
                self.toasts.fault(&fault);
            }
        });
    }

    /// Ends an import or a preparation.
    pub fn cancel(self) {
        spawn_local(async move {
            if let Err(fault) = self.link.ask(Request::Cancel).await {
                self.toasts.fault(&fault);
            }
        });
    }

    /// Asks before something is done that cannot be undone.
    pub fn confirm(
        self,
        title: impl Into<String>,
        text: impl Into<String>,
        action: impl Into<String>,
        on_yes: impl Fn() + Send + Sync + 'static,
    ) {
        let on_yes = Callback::new(move |()| on_yes());
        self.question.set(Some(Question { title: title.into(), text: text.into(), action: action.into(), on_yes }));
    }
}

/// Whether a run was stopped or interrupted where it can go on.
fn can_go_on(library: &Library, run: &str) -> bool {
    library.runs.iter().any(|line| line.name == run && line.status == RunStatus::Resumable)
}
