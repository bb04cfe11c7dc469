//! Answers that follow what is asked: whenever signals change a request, the worker is asked anew. At most one request
//! is under way: what is asked meanwhile waits, and only the latest of it is sent, so that a slider cannot flood the
//! worker.

use leptos::{prelude::*, task::spawn_local};
use signal_studio_app_shared::protocol::{Fault, FaultKind, Reply, Request};
use wasm_bindgen::JsValue;

use super::link::Link;
use crate::browser::focus_on;

/// Where an answer stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Load<T> {
    /// Nothing has come yet.
    Waiting,
    /// The latest answer.
    Ready(T),
    /// The latest request failed.
    Failed(Fault),
}

impl<T> Load<T> {
    /// The answer if there is one.
    pub fn ready(&self) -> Option<&T> {
        if let Self::Ready(value) = self { Some(value) } else { None }
    }

    /// What went wrong, if something did.
    pub fn fault(&self) -> Option<&Fault> {
        if let Self::Failed(fault) = self { Some(fault) } else { None }
    }
}

/// An answer that follows its request.
pub struct Loaded<T: 'static> {
    /// The latest answer; an older one stands until the next is there.
    pub state: RwSignal<Load<T>, LocalStorage>,
    /// Whether a request is under way.
    pub is_busy: RwSignal<bool>,
    wanted: StoredValue<Option<Request>, LocalStorage>,
    link: Link,
    read: fn(Reply, Vec<JsValue>) -> Option<T>,
}

impl<T> Clone for Loaded<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Loaded<T> {}

impl<T: 'static> Loaded<T> {
    /// Asks for what `request` says, each time that it says something new; `read` takes the answer out of the reply.
    pub fn new(
        link: Link,
        request: impl Fn() -> Option<Request> + 'static,
        read: fn(Reply, Vec<JsValue>) -> Option<T>,
    ) -> Self {
        let loaded = Self {
            state: RwSignal::new_local(Load::Waiting),
            is_busy: RwSignal::new(false),
            wanted: StoredValue::new_local(None),
            link,
            read,
        };
        Effect::new(move |before: Option<Option<Request>>| {
            let request = request();
            if let Some(request) = &request
                && before.flatten().as_ref() != Some(request)
            {
                loaded.ask(request.clone());
            }
            request
        });
        loaded
    }

    /// Asks again whenever the library says something else of what is shown.
    pub fn follow<L>(self, line: Memo<Option<L>>, request: Request)
    where
        L: Clone + PartialEq + Send + Sync + 'static,
    {
        Effect::new(move |before: Option<Option<L>>| {
            let (before, now) = (before.flatten(), line.get());
            if before.is_some() && now.is_some() && before != now {
                self.ask(request.clone());
            }
            now.or(before)
        });
    }

    /// Moves the focus to the heading of what is shown as soon as it is there: what was pressed to see it is gone.
    pub fn lead_to(self, heading: &'static str) {
        Effect::new(move |was_there: Option<bool>| {
            let was_there = was_there == Some(true);
            let is_there = was_there || self.state.with(|state| state.ready().is_some());
            if is_there && !was_there {
                focus_on(heading);
            }
            is_there
        });
    }

    /// Asks, now or when the request under way has been answered.
    pub fn ask(self, request: Request) {
        self.wanted.set_value(Some(request));
        if !self.is_busy.get_untracked() {
            self.is_busy.set(true);
            spawn_local(self.work());
        }
    }

    async fn work(self) {
        // The values are gone when whoever showed them has been left meanwhile.
        while let Some(request) = self.wanted.try_update_value(Option::take).flatten() {
            let answer = self.link.request(request).await;
            let state = match answer {
                Ok((reply, attachments)) => (self.read)(reply, attachments).map_or_else(unexpected, Load::Ready),
                Err(fault) => Load::Failed(fault),
            };
            self.state.try_set(state);
        }
        self.is_busy.try_set(false);
    }
}

fn unexpected<T>() -> Load<T> {
    Load::Failed(Fault {
        kind: FaultKind::Failed,
        message: "The worker answered with something else than what was asked. Reload the page: it and its worker may \
                  be of different versions."
            .to_owned(),
    })
}
