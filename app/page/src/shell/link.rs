//! The page's end of the line to the worker. Every request gives a future of its answer; what the worker reports of
//! its own accord goes to one listener. When a worker dies, everything still open is answered with a fault, and
//! [`Restarts`] says whether another takes its place.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::{Rc, Weak},
    time::Duration,
};

use futures_channel::oneshot;
use js_sys::{Array, JsString};
use leptos::prelude::*;
use signal_studio_app_shared::{
    protocol::{Event, Fault, FaultKind, Level, Message, Numbered, Reply, Request, silent_end},
    shell::restarts::{Restarts, RunUnderWay},
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::browser::{describe, now_ms};

/// The worker's loader, beside the page.
const LOADER: &str = "worker.js";

/// What is answered to requests that another worker's start cuts short.
const STARTED_AGAIN: &str = "The training engine is being started again. Please try once more.";

/// What is answered to a question at which workers died.
const NOT_AGAIN: &str = "The training engine stopped when it was asked for this, and is not asked again by itself. Reload \
                         the page to try once more.";

/// The answer to a request, and what was attached to it.
pub type Answer = Result<(Reply, Vec<JsValue>), Fault>;

/// How the worker stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkerState {
    /// It is being read; a total of 0 is not known.
    Loading {
        /// Bytes read.
        done: u64,
        /// Bytes there are.
        total: u64,
    },
    /// It answers.
    Ready,
    /// It could not be started, or has died and no other takes its place; and why.
    Dead(String),
}

/// What the worker reports of its own accord.
#[derive(Debug, Clone, PartialEq)]
pub enum WorkerEvent {
    /// It answers from now on.
    Ready,
    /// Something happened.
    Event(Event),
    /// It died of this. The link's state says whether another takes its place.
    Died(String),
}

/// A handle to the worker; copies are the same worker.
#[derive(Clone, Copy)]
pub struct Link {
    line: StoredValue<Rc<Line>, LocalStorage>,
    state: RwSignal<WorkerState>,
}

impl Link {
    /// A line without a worker yet: see [`Self::start`].
    pub fn new() -> Self {
        let state = RwSignal::new(WorkerState::Loading { done: 0, total: 0 });
        Self { line: StoredValue::new_local(Line::new(state)), state }
    }

    /// Starts the worker; all it reports of its own accord goes to `listener`.
    pub fn start(self, listener: impl Fn(WorkerEvent) + 'static) {
        let line = self.line.get_value();
        line.listener.replace(Some(Rc::new(listener)));
        line.start();
    }

    /// Starts the worker once more: after it could not be started, or to have one without the devices that this one has
    /// lost.
    pub fn restart(self) {
        let line = self.line.get_value();
        line.restarts.borrow_mut().forget();
        line.end(STARTED_AGAIN);
        line.start();
    }

    /// Lets everything be asked again, also what workers have died of.
    pub fn allow_all(self) {
        self.line.get_value().restarts.borrow_mut().forget();
    }

    /// How the worker stands.
    pub fn state(self) -> Signal<WorkerState> {
        self.state.into()
    }

    /// Whether the worker answers.
    pub fn is_ready(self) -> bool {
        self.state.with(|state| *state == WorkerState::Ready)
    }

    /// Asks the worker, at once; it answers when it is ready.
    pub fn request(self, request: Request) -> impl Future<Output = Answer> + 'static {
        self.request_with(request, Vec::new())
    }

    /// Asks the worker; `attachments` travel beside the request.
    pub fn request_with(self, request: Request, attachments: Vec<JsValue>) -> impl Future<Output = Answer> + 'static {
        let sent = self.line.get_value().send(request, &attachments);
        async move {
            // A sender is only dropped together with the page.
            sent?.await.unwrap_or_else(|oneshot::Canceled| Err(failed("The page is being closed.")))
        }
    }

    /// As [`Self::request`], for the reply alone.
    pub async fn ask(self, request: Request) -> Result<Reply, Fault> {
        Ok(self.request(request).await?.0)
    }
}

type Listener = Rc<dyn Fn(WorkerEvent)>;

struct Line {
    worker: RefCell<Option<Worker>>,
    open: RefCell<BTreeMap<u64, (Request, oneshot::Sender<Answer>)>>,
    next_id: Cell<u64>,
    /// When this worker was ready: one that dies before is not started again and again.
    ready_ms: Cell<Option<f64>>,
    run: Cell<RunUnderWay>,
    restarts: RefCell<Restarts>,
    /// Counts the workers, so that one that is to start later does not when another has been started meanwhile.
    workers: Cell<u64>,
    this: Weak<Self>,
    /// What the worker reported last as an error: a panic is reported before the trap, which itself says little.
    last_error: RefCell<Option<String>>,
    listener: RefCell<Option<Listener>>,
    state: RwSignal<WorkerState>,
    on_message: Closure<dyn FnMut(MessageEvent)>,
    on_error: Closure<dyn FnMut(ErrorEvent)>,
}

impl Line {
    fn new(state: RwSignal<WorkerState>) -> Rc<Self> {
        Rc::new_cyclic(|line: &Weak<Self>| Self {
            worker: RefCell::default(),
            open: RefCell::default(),
            next_id: Cell::default(),
            ready_ms: Cell::default(),
            run: Cell::default(),
            restarts: RefCell::default(),
            workers: Cell::default(),
            this: line.clone(),
            last_error: RefCell::default(),
            listener: RefCell::default(),
            state,
            on_message: {
                let line = line.clone();
                Closure::new(move |event: MessageEvent| {
                    if let Some(line) = line.upgrade() {
                        line.receive(&event);
                    }
                })
            },
            on_error: {
                let line = line.clone();
                Closure::new(move |event: ErrorEvent| {
                    if let Some(line) = line.upgrade() {
                        event.prevent_default();
                        line.die(event.message());
                    }
                })
            },
        })
    }

    fn start(&self) {
        self.state.set(WorkerState::Loading { done: 0, total: 0 });
        self.workers.set(self.workers.get() + 1);
        self.ready_ms.set(None);
        self.run.set(RunUnderWay::None);
        self.last_error.replace(None);
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        match Worker::new_with_options(LOADER, &options) {
            Ok(worker) => {
                worker.set_onmessage(Some(self.on_message.as_ref().unchecked_ref()));
                worker.set_onerror(Some(self.on_error.as_ref().unchecked_ref()));
                self.worker.replace(Some(worker));
            }
            Err(error) => self.die(format!("The browser did not start the worker: {}", describe(&error))),
        }
    }

    /// Starts another worker after a while, unless one has been started by then.
    fn start_in(&self, delay: Duration) {
        self.state.set(WorkerState::Loading { done: 0, total: 0 });
        let (line, workers) = (self.this.clone(), self.workers.get());
        let start = move || {
            if let Some(line) = line.upgrade().filter(|line| line.workers.get() == workers) {
                line.start();
            }
        };
        set_timeout(start, delay);
    }

    fn send(&self, request: Request, attachments: &[JsValue]) -> Result<oneshot::Receiver<Answer>, Fault> {
        if self.restarts.borrow().refuses(&request) {
            return Err(failed(NOT_AGAIN));
        }
        let worker = self.worker.borrow();
        let Some(worker) = worker.as_ref() else {
            if self.state.with_untracked(|state| matches!(state, WorkerState::Loading { .. })) {
                return Err(failed(STARTED_AGAIN));
            }
            return Err(failed("The training engine is not running. Reload the page to start it again."));
        };
        let id = self.next_id.replace(self.next_id.get() + 1);
        let numbered = Numbered { id, request };
        let text = serde_json::to_string(&numbered)
            .map_err(|error| failed(&format!("The request cannot be written: {error}.")))?;
        let message = Array::of1(&JsValue::from_str(&text));
        for attachment in attachments {
            message.push(attachment);
        }
        worker
            .post_message(&message)
            .map_err(|error| failed(&format!("The request cannot be sent to the worker: {}.", describe(&error))))?;
        let (sender, receiver) = oneshot::channel();
        self.open.borrow_mut().insert(id, (numbered.request, sender));
        Ok(receiver)
    }

    fn receive(&self, event: &MessageEvent) {
        let message = Array::from(&event.data());
        let Ok(text) = message.get(0).dyn_into::<JsString>() else {
            return self.die("The worker sent a message that has no text.".to_owned());
        };
        match String::from(text).as_str() {
            "loading" => {
                let number = |index| message.get(index).as_f64().unwrap_or_default() as u64;
                self.state.set(WorkerState::Loading { done: number(1), total: number(2) });
            }
            "stray" => {
                let what = message.get(1).as_string().unwrap_or_default();
                let message = format!("Something failed in the browser that nothing waited for; work goes on: {what}");
                self.notify(WorkerEvent::Event(Event::Log { level: Level::Warning, message }));
            }
            "failed" => self.die(message.get(1).as_string().unwrap_or_default()),
            text => match serde_json::from_str(text) {
                Ok(message_read) => self.handle(message_read, &message),
                Err(error) => self.die(format!("The worker sent a message that cannot be read: {error}.")),
            },
        }
    }

    fn handle(&self, message: Message, whole: &Array) {
        self.run.set(self.run.get().after(&message));
        match message {
            Message::Ready => {
                self.state.set(WorkerState::Ready);
                self.ready_ms.set(Some(now_ms()));
                self.notify(WorkerEvent::Ready);
            }
            Message::Reply { id, result } => {
                let attachments = (1..whole.length()).map(|index| whole.get(index)).collect();
                if let Some((_, sender)) = self.open.borrow_mut().remove(&id) {
                    // Whoever asked may no longer wait.
                    sender.send(result.map(|reply| (reply, attachments))).ok();
                }
            }
            Message::Event(event) => {
                if let Event::Log { level: Level::Error, message } = &event {
                    self.last_error.replace(Some(message.clone()));
                }
                self.notify(WorkerEvent::Event(event));
            }
        }
    }

    /// The worker is of no use any more: `reason` is what the browser says about it.
    fn die(&self, reason: String) {
        let message = self.last_error.take().unwrap_or_else(|| silent_end(&reason));
        let open = self.open.borrow().values().map(|(request, _)| request.clone()).collect();
        if !self.end(&message) {
            self.state.set(WorkerState::Dead(message));
            return;
        }
        let lived_ms = self.ready_ms.get().map(|ready_ms| now_ms() - ready_ms);
        let next = self.restarts.borrow_mut().died(lived_ms, open, self.run.get().may_end_worker());
        match next {
            Some(0) => self.start(),
            Some(delay_ms) => self.start_in(Duration::from_millis(delay_ms.into())),
            None => self.state.set(WorkerState::Dead(message.clone())),
        }
        self.notify(WorkerEvent::Died(message));
    }

    /// Ends the worker, and answers everything still open with why; says whether there was one.
    fn end(&self, why: &str) -> bool {
        let Some(worker) = self.worker.take() else { return false };
        worker.set_onmessage(None);
        worker.set_onerror(None);
        worker.terminate();
        for (_, sender) in self.open.take().into_values() {
            sender.send(Err(failed(why))).ok();
        }
        true
    }

    fn notify(&self, event: WorkerEvent) {
        let listener = self.listener.borrow().clone();
        if let Some(listener) = listener {
            listener(event);
        }
    }
}

fn failed(message: &str) -> Fault {
    Fault { kind: FaultKind::Failed, message: message.to_owned() }
}
