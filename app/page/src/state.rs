//! What the page knows, as signals: what is kept in the browser, the devices, the run file in the editor, and the run
//! under way. The worker's news flow in here; the views read from here, and every action of theirs starts here.

use leptos::{prelude::*, task::spawn_local};
use signal_studio_app_shared::{
    editing::Replaced,
    protocol::{Devices, Event, Fault, FaultKind, Level, Library, Reply, Request, Run, RunStatus},
    training::{
        phase::Phase,
        run_state::{CPU, RunState},
    },
};
use signal_studio_core::training::{Command, TrainEvent};
use wasm_bindgen_futures::JsFuture;

use super::{
    browser::{CONTENT, catch_focus, focus_on},
    link::{Link, News, WorkerState},
    memory::Memory,
    progress::{Timed, now_ms},
    toasts::Toasts,
    watch::Watch,
};

/// The run file that a first visit finds in the editor.
pub const DEMO_CONFIG: &str = include_str!("../../../configs/classification/demo.toml");

/// Short messages shown at once, beyond which warnings go to the log only: nobody reads dozens of them.
const MOST_WARNINGS: usize = 3;

/// Milliseconds after which the end of an epoch is worth asking again what is kept: to look at all of it takes time that
/// a run under way would have.
const LIBRARY_AGE_MS: f64 = 5000.0;

/// The id of the heading of the run under way.
pub const RUN_TITLE: &str = "run-title";

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
}

/// What the page knows. Copies are the same; views get theirs by [`studio`].
#[derive(Clone, Copy)]
pub struct Studio {
    /// The worker.
    pub link: Link,
    /// Whether the page has been opened in this browser before.
    pub was_here: bool,
    /// The part of the page that is shown.
    pub view: RwSignal<View>,
    /// Why the worker is not ready yet, when it waits for something: another tab that has the studio open.
    pub waiting: RwSignal<Option<String>>,
    /// What is kept in the browser, once the worker has told.
    pub library: RwSignal<Option<Library>>,
    /// Why it could not tell when it was asked last.
    pub library_fault: RwSignal<Option<Fault>>,
    listed_ms: StoredValue<f64>,
    /// The devices, once the worker has told.
    pub devices: RwSignal<Option<Devices>>,
    /// Why it could not tell when it was asked last.
    pub devices_fault: RwSignal<Option<Fault>>,
    /// The run file in the editor.
    pub config: RwSignal<String>,
    /// The device that it names, as long as it has no mistake.
    pub own_device: RwSignal<Option<String>>,
    /// The user's own run files that others have taken the place of.
    pub replaced: RwSignal<Replaced>,
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
        let remembered = Memory::Config.read();
        let was_here = remembered.is_some();
        let config = remembered.filter(|text| !text.trim().is_empty());
        let replaced = Memory::Replaced.read().and_then(|json| serde_json::from_str(&json).ok());
        let studio = Self {
            link: Link::new(),
            was_here,
            view: RwSignal::new(View::Train),
            waiting: RwSignal::new(None),
            library: RwSignal::new(None),
            library_fault: RwSignal::new(None),
            listed_ms: StoredValue::new(f64::NEG_INFINITY),
            devices: RwSignal::new(None),
            devices_fault: RwSignal::new(None),
            config: RwSignal::new(config.unwrap_or_else(|| DEMO_CONFIG.to_owned())),
            own_device: RwSignal::new(None),
            replaced: RwSignal::new(replaced.unwrap_or_default()),
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

    /// Remembers the run file, those before it and the device as they change.
    pub fn remember(self) {
        Effect::new(move || self.config.with(|text| Memory::Config.write(Some(text))));
        Effect::new(move || {
            // A value of texts can always be written.
            let json = self.replaced.with(|replaced| serde_json::to_string(replaced).ok());
            Memory::Replaced.write(json.as_deref());
        });
        Effect::new(move || self.device.with(|device| Memory::Device.write(device.as_deref())));
    }

    fn hear(self, news: News) {
        match news {
            News::Ready => {
                super::browser::mark("studio:worker-ready");
                self.end_waiting();
                spawn_local(self.find_devices());
                spawn_local(self.refresh_library());
                super::browser::keep_for_offline();
            }
            News::Event(Event::Waiting { message }) => {
                self.toasts.warning(message.clone());
                self.waiting.set(Some(message));
            }
            News::Event(Event::Importing(progress)) => {
                self.importing.update(|timed| *timed = Some(Timed::next(timed.take(), progress)));
            }
            News::Event(Event::Preparing(progress)) => {
                self.preparing.update(|timed| *timed = Some(Timed::next(timed.take(), progress)));
            }
            News::Event(Event::Train { run, elapsed_s, event }) => {
                self.preparing.set(None);
                let is_epoch = matches!(event, TrainEvent::Epoch(_));
                let has_ended = self.watch.update(|state| state.hear(&run, elapsed_s, event));
                if has_ended || (is_epoch && self.shows_old_runs()) {
                    spawn_local(self.refresh_library());
                }
            }
            News::Event(Event::RunFailed { run, fault }) => self.run_failed(&run, fault),
            News::Event(Event::Log { level, message }) => self.note(level, message),
            News::Died(message) => {
                self.forget_work();
                let ended_run = self.watch.phase.get_untracked().is_busy();
                if ended_run {
                    let kind = if self.watch.is_on_gpu() { FaultKind::Device } else { FaultKind::Failed };
                    self.watch.update(|state| state.fail_current(Fault { kind, message: message.clone() }));
                }
                if self.link.state().with_untracked(|state| !matches!(state, WorkerState::Dead(_))) {
                    match ended_run {
                        // The run says why.
                        true => self.toasts.info("The training engine was started again."),
                        false => self
                            .toasts
                            .error(format!("The training engine was started again after it had stopped. {message}")),
                    }
                }
            }
        }
    }

    /// What the worker waited for has come, or it waits no more.
    fn end_waiting(self) {
        let Some(message) = self.waiting.get_untracked() else { return };
        self.waiting.set(None);
        let toast = self
            .toasts
            .shown()
            .with_untracked(|shown| shown.iter().find(|toast| toast.message == message).map(|toast| toast.id));
        if let Some(id) = toast {
            self.toasts.dismiss(id);
        }
    }

    /// What the worker was doing has ended with it.
    fn forget_work(self) {
        self.end_waiting();
        self.importing.set(None);
        self.preparing.set(None);
    }

    /// The run of that name has ended early.
    fn run_failed(self, run: &str, fault: Fault) {
        self.preparing.set(None);
        if fault.kind == FaultKind::Cancelled {
            self.run_cancelled();
        } else {
            // A worker opens a GPU once, and cannot leave one that was lost.
            let has_lost_gpu = fault.kind == FaultKind::Device && self.watch.is_on_gpu();
            self.watch.update(|state| state.fail(run, fault));
            if has_lost_gpu {
                self.forget_work();
                self.link.restart();
            }
        }
        spawn_local(self.refresh_library());
    }

    /// The user has stopped the run before it trained.
    fn run_cancelled(self) {
        self.watch.update(RunState::cancel);
        self.toasts.info("The run was cancelled before it began to train.");
    }

    /// Notes down what the worker says. Without a run under way nobody looks at the log.
    fn note(self, level: Level, message: String) {
        let is_busy = self.watch.phase.get_untracked().is_busy();
        let is_room = self.toasts.shown().with_untracked(|shown| shown.len() < MOST_WARNINGS);
        match level {
            Level::Error if !is_busy => self.toasts.error(message),
            Level::Warning if !is_busy && is_room => self.toasts.warning(message),
            _ => self.watch.update(|state| state.add_line(level, message)),
        }
    }

    /// Asks which devices there are.
    pub async fn find_devices(self) {
        match self.link.ask(Request::FindDevices).await {
            Ok(Reply::Devices(devices)) => {
                self.devices_fault.set(None);
                self.devices.set(Some(devices));
            }
            Ok(reply) => self.unexpected(&reply),
            Err(fault) => {
                self.toasts.fault(&fault);
                self.devices_fault.set(Some(fault));
            }
        }
    }

    /// Asks what is kept in the browser; after every change of it.
    pub async fn refresh_library(self) {
        self.listed_ms.set_value(now_ms());
        match self.link.ask(Request::Library).await {
            Ok(Reply::Library(library)) => {
                let known = self.library.with_untracked(|known| known.as_ref().map(entries));
                if !library.is_persistent && known.is_some_and(|known| entries(&library) > known) {
                    spawn_local(self.ask_to_keep());
                }
                self.library_fault.set(None);
                self.library.set(Some(library));
            }
            Ok(reply) => self.unexpected(&reply),
            Err(fault) => {
                self.toasts.fault(&fault);
                self.library_fault.set(Some(fault));
            }
        }
    }

    /// Asks once more for what could not be told; a worker that could not be started is started once more.
    pub fn ask_again(self) {
        if self.link.state().with_untracked(|state| matches!(state, WorkerState::Dead(_))) {
            return self.link.restart();
        }
        spawn_local(self.find_devices());
        spawn_local(self.refresh_library());
    }

    /// Whether a list of runs is seen that no longer says how far the run under way is.
    fn shows_old_runs(self) -> bool {
        self.view.get_untracked() == View::Runs && now_ms() - self.listed_ms.get_value() > LIBRARY_AGE_MS
    }

    /// Asks the browser not to remove by itself what is kept, now that there is something more. Some browsers ask the
    /// user, others decide by themselves; where the answer is no, everything goes on as before.
    async fn ask_to_keep(self) {
        let asked = async { JsFuture::from(window().navigator().storage().persist()?).await };
        if asked.await.is_ok_and(|answer| answer.is_truthy()) {
            self.library.update(|library| {
                if let Some(library) = library {
                    library.is_persistent = true;
                }
            });
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
        catch_focus(CONTENT);
        if let Ok(history) = window().history() {
            // Without the entry the view is shown all the same.
            history.push_state(&view.name().into(), "").ok();
        }
    }

    /// Puts a run file into the editor and shows it there.
    pub fn use_config(self, text: String) {
        self.replace_config(text);
        self.shared.set(None);
        self.go_to(View::Train);
    }

    /// Starts a run with this run file.
    pub fn train(self, config: String, device: Option<String>) {
        self.watch.update(|state| state.prepare(config.clone()));
        self.preparing.set(None);
        self.show_run();
        spawn_local(async move { self.begun(self.link.ask(Request::Start { config, device }).await).await });
    }

    /// Goes on with a run that was stopped; `config` is its run file.
    pub fn resume(self, run: String, config: String, device: Option<String>) {
        self.watch.update(|state| state.resume(run.clone(), config));
        self.preparing.set(None);
        self.show_run();
        spawn_local(async move { self.begun(self.link.ask(Request::Resume { run, device }).await).await });
    }

    /// Goes on with a run that is kept; what it has told so far is shown again.
    pub fn resume_kept(self, run: Run) {
        self.watch.update(|state| state.recall(&run));
        self.resume(run.line.name, run.config, None);
    }

    fn show_run(self) {
        self.go_to(View::Train);
        super::browser::scroll_to_top();
        focus_on(RUN_TITLE);
    }

    async fn begun(self, answer: Result<Reply, Fault>) {
        match answer {
            Ok(Reply::Started { run, devices }) => {
                self.watch.update(|state| state.begin(run, devices));
                self.refresh_library().await;
            }
            Ok(reply) => self.unexpected(&reply),
            Err(fault) if fault.kind == FaultKind::Cancelled => self.run_cancelled(),
            Err(fault) => self.watch.update(|state| state.fail_current(fault)),
        }
        self.preparing.set(None);
    }

    /// Goes on with the run that failed, or begins it again, on the CPU.
    pub fn continue_on_cpu(self) {
        let config = self.watch.config.get_untracked();
        let cpu = Some(CPU.to_owned());
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
        let told = self.watch.update(|state| state.command(command));
        spawn_local(async move {
            if let Err(fault) = self.link.ask(Request::Control(command)).await {
                self.watch.update(|state| state.command_failed(told));
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

/// How much is kept.
fn entries(library: &Library) -> usize {
    library.datasets.len() + library.runs.len()
}

/// Whether a run was stopped or interrupted where it can go on.
fn can_go_on(library: &Library, run: &str) -> bool {
    library.runs.iter().any(|line| line.name == run && line.status == RunStatus::Resumable)
}
