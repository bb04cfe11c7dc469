//! What the page knows, as signals: what is kept in the browser, the devices, the run file in the editor, and the run
//! under way. The views read from here; what the worker reports is entered by `worker_events.rs`.

use leptos::{prelude::*, task::spawn_local};
use signal_studio_app_shared::{
    editing::ConfigHistory,
    protocol::{Devices, Fault, Library, Reply, Request},
    shell::progress::Timed,
};

use super::{link::Link, local_text::LocalText, toasts::Toasts, view::View};
use crate::{
    browser::{CONTENT, catch_focus, scroll_to_top},
    training::run_signals::RunSignals,
};

/// The run file that a first visit finds in the editor.
pub const DEMO_CONFIG: &str = include_str!("../../../../configs/classification/demo.toml");

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
    /// When it was asked what is kept, in milliseconds since the page was opened.
    pub listed_ms: StoredValue<f64>,
    /// When it was asked for what is shown of it.
    pub shown_ms: StoredValue<f64>,
    /// The devices, once the worker has told.
    pub devices: RwSignal<Option<Devices>>,
    /// Why it could not tell when it was asked last.
    pub devices_fault: RwSignal<Option<Fault>>,
    /// The run file in the editor.
    pub config: RwSignal<String>,
    /// What another tab that has the studio open has made of the run file; none once the user has chosen.
    pub other_config: RwSignal<Option<String>>,
    /// Whether the run file outlives the page.
    pub config_is_kept: StoredValue<bool>,
    /// The device that it names, as long as it has no mistake.
    pub own_device: RwSignal<Option<String>>,
    /// The user's own run files that others have taken the place of.
    pub config_history: RwSignal<ConfigHistory>,
    /// The device chosen beside it, as a run file names it; none: the run file's own.
    pub device: RwSignal<Option<String>>,
    /// The link with which the run file came.
    pub shared: RwSignal<Option<Shared>>,
    /// The import under way.
    pub importing: RwSignal<Option<Timed>>,
    /// The preparation under way, asked for by itself or by a run.
    pub preparing: RwSignal<Option<Timed>>,
    /// The run under way, or the last one.
    pub current_run: RunSignals,
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
        let kept = LocalText::Config.read();
        let was_here = kept.is_some();
        let config = kept.filter(|text| !text.trim().is_empty());
        let config_history = LocalText::ConfigHistory.read().and_then(|json| serde_json::from_str(&json).ok());
        let studio = Self {
            link: Link::new(),
            was_here,
            view: RwSignal::new(View::Train),
            waiting: RwSignal::new(None),
            library: RwSignal::new(None),
            library_fault: RwSignal::new(None),
            listed_ms: StoredValue::new(f64::NEG_INFINITY),
            shown_ms: StoredValue::new(f64::NEG_INFINITY),
            devices: RwSignal::new(None),
            devices_fault: RwSignal::new(None),
            config: RwSignal::new(config.unwrap_or_else(|| DEMO_CONFIG.to_owned())),
            other_config: RwSignal::new(None),
            config_is_kept: StoredValue::new(true),
            own_device: RwSignal::new(None),
            config_history: RwSignal::new(config_history.unwrap_or_default()),
            device: RwSignal::new(LocalText::Device.read()),
            shared: RwSignal::new(None),
            importing: RwSignal::new(None),
            preparing: RwSignal::new(None),
            current_run: RunSignals::new(),
            toasts: Toasts::new(),
            question: RwSignal::new(None),
        };
        studio.link.start(move |event| studio.handle(event));
        studio
    }

    /// Keeps the run file, those before it and the device as they change.
    pub fn keep_texts(self) {
        Effect::new(move || {
            // What another tab has written stays until the user has chosen between the two.
            let may_write = self.other_config.with(Option::is_none);
            let is_kept = self.config.with(|text| may_write && LocalText::Config.write(Some(text)));
            self.config_is_kept.set_value(is_kept);
        });
        Effect::new(move || {
            // A value of texts can always be written.
            let json = self.config_history.with(|history| serde_json::to_string(history).ok());
            LocalText::ConfigHistory.write(json.as_deref());
        });
        Effect::new(move || {
            self.device.with(|device| LocalText::Device.write(device.as_deref()));
        });
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
        scroll_to_top();
        catch_focus(CONTENT);
        if let Ok(history) = window().history() {
            // Without the entry the view is shown all the same.
            history.push_state(&view.name().into(), "").ok();
        }
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
