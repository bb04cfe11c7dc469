//! What of the Data and Runs views is open, and the files being added. The worker is asked to keep what was dropped or
//! picked, and what that turns out to be is opened.

use leptos::{prelude::*, task::spawn_local};
use signal_studio_app_shared::{
    protocol::{Fault, FaultKind, Reply, Request},
    training::obstacle::Work,
};
use wasm_bindgen::JsValue;

use super::{
    link::{Answer, WorkerState},
    studio::{Studio, studio},
    view::View,
};
use crate::datasets::drop::Picked;

/// What the Data view shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DataPage {
    /// No dataset is open.
    All,
    /// The dataset of that name.
    Dataset(String),
    /// A recording of a dataset.
    Recording {
        /// The dataset.
        dataset: String,
        /// Its path.
        path: String,
    },
}

impl DataPage {
    /// The dataset that is open.
    pub fn dataset(&self) -> Option<&str> {
        match self {
            Self::All => None,
            Self::Dataset(dataset) | Self::Recording { dataset, .. } => Some(dataset),
        }
    }
}

/// What is open. Copies are the same.
#[derive(Clone, Copy)]
pub struct Selection {
    studio: Studio,
    /// In the Data view.
    pub data_page: RwSignal<DataPage>,
    /// The run open in the Runs view.
    pub run: RwSignal<Option<String>>,
    /// What is being added, by its title.
    pub adding: RwSignal<Option<String>>,
    /// Why the last files could not be added.
    pub refused: RwSignal<Option<Fault>>,
    /// The dataset whose samples are being made, other than for a run.
    pub preparing: RwSignal<Option<String>>,
}

/// What is open, for a component.
pub fn selection() -> Selection {
    expect_context::<Selection>()
}

impl Selection {
    /// Nothing is open yet; for all components below the caller.
    pub fn provide() -> Self {
        let selection = Self {
            studio: studio(),
            data_page: RwSignal::new(DataPage::All),
            run: RwSignal::new(None),
            adding: RwSignal::new(None),
            refused: RwSignal::new(None),
            preparing: RwSignal::new(None),
        };
        provide_context(selection);
        selection
    }

    /// Whether files are being added or samples made, other than for a run: no run begins meanwhile.
    pub fn is_at_work(self) -> bool {
        self.adding.with(Option::is_some) || self.preparing.with(Option::is_some)
    }

    /// Why no run can be begun now, or go on.
    pub fn obstacle(self) -> Memo<Option<String>> {
        Memo::new(move |_| {
            let (adding, preparing) = (self.adding.get(), self.preparing.get());
            let work = Work {
                has_run: self.studio.current_run.is_busy(),
                adding: adding.as_deref(),
                preparing: preparing.as_deref(),
                is_dead: self.studio.link.state().with(|state| matches!(state, WorkerState::Dead(_))),
            };
            work.obstacle()
        })
    }

    /// Shows a view; one that is shown already, as it is before anything in it is opened.
    pub fn visit(self, view: View) {
        if self.studio.view.get_untracked() == view {
            match view {
                View::Train => {}
                View::Data => self.data_page.set(DataPage::All),
                View::Runs => self.run.set(None),
            }
        }
        self.studio.go_to(view);
    }

    /// Copies files into the browser's storage and opens what they are.
    pub fn import(self, picked: Picked) {
        let Picked { title, files } = picked;
        let (paths, files): (Vec<_>, Vec<_>) = files.into_iter().unzip();
        let request = Request::Import { title: title.clone(), paths };
        self.add(title, request, files.into_iter().map(JsValue::from).collect());
    }

    /// Generates the built-in demo's recordings and opens them.
    pub fn make_demo(self) {
        self.add("the demo".to_owned(), Request::MakeDemo, Vec::new());
    }

    /// Makes the samples of a dataset that a run file needs.
    pub fn prepare(self, dataset: String, config: String) {
        self.preparing.set(Some(dataset));
        self.studio.preparing.set(None);
        spawn_local(async move {
            let answer = self.studio.link.ask(Request::Prepare { config }).await;
            self.preparing.set(None);
            self.studio.preparing.set(None);
            match answer {
                Ok(Reply::Dataset(dataset)) => {
                    self.studio.toasts.info(format!("The samples of “{}” are made.", dataset.name));
                }
                Ok(reply) => self.studio.unexpected(&reply),
                Err(fault) if fault.kind == FaultKind::Cancelled => {
                    self.studio.toasts.info("Cancelled. What was made so far is not kept.");
                }
                Err(fault) => self.studio.toasts.fault(&fault),
            }
            self.studio.refresh_library().await;
        });
    }

    /// Says that files could not be read.
    pub fn refuse(self, message: String) {
        self.refused.set(Some(Fault { kind: FaultKind::Failed, message }));
        self.studio.go_to(View::Data);
    }

    fn add(self, title: String, request: Request, files: Vec<JsValue>) {
        if self.adding.with_untracked(Option::is_some) {
            return self
                .studio
                .toasts
                .warning("Other files are being added. Please drop these again when that is done.");
        }
        self.adding.set(Some(title));
        self.refused.set(None);
        self.studio.importing.set(None);
        self.studio.preparing.set(None);
        self.studio.go_to(View::Data);
        self.data_page.set(DataPage::All);
        spawn_local(async move {
            let answer = self.studio.link.request_with(request, files).await;
            self.adding.set(None);
            self.studio.importing.set(None);
            self.studio.preparing.set(None);
            self.added(answer);
            self.studio.refresh_library().await;
        });
    }

    fn added(self, answer: Answer) {
        match answer {
            Ok((Reply::Dataset(dataset), _)) => {
                self.studio.toasts.info(format!("“{}” is kept in this browser now.", dataset.name));
                self.data_page.set(DataPage::Dataset(dataset.name));
            }
            Ok((Reply::Run(run), _)) => {
                self.studio.toasts.info(format!("The run “{}” is kept in this browser now.", run.line.title));
                self.run.set(Some(run.line.name));
                self.studio.go_to(View::Runs);
            }
            Ok((reply, _)) => self.studio.unexpected(&reply),
            Err(fault) if fault.kind == FaultKind::Cancelled => {
                self.studio.toasts.info("Cancelled; nothing of it was kept.");
            }
            Err(fault) => self.refused.set(Some(fault)),
        }
    }
}
