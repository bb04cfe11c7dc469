//! The commands of the run under way, which core's loop asks for between batches, and the time that it has trained.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    future::poll_fn,
    task::{Poll, Waker},
};

use signal_studio_core::training::Command;

use crate::shell::scope::now_ms;

/// Commands that wait for the run.
#[derive(Default)]
pub struct Commands {
    waiting: RefCell<VecDeque<Command>>,
    waker: RefCell<Option<Waker>>,
    are_awaited: Cell<bool>,
}

impl Commands {
    /// Whether the run does nothing but wait for a command.
    pub fn are_awaited(&self) -> bool {
        self.are_awaited.get()
    }

    /// Adds a command.
    pub fn give(&self, command: Command) {
        self.are_awaited.set(false);
        self.waiting.borrow_mut().push_back(command);
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }

    /// The next command, if there is one.
    pub fn take(&self) -> Option<Command> {
        self.waiting.borrow_mut().pop_front()
    }

    /// Waits for the next command.
    pub async fn next(&self) -> Command {
        poll_fn(|context| match self.take() {
            Some(command) => Poll::Ready(command),
            None => {
                self.are_awaited.set(true);
                *self.waker.borrow_mut() = Some(context.waker().clone());
                Poll::Pending
            }
        })
        .await
    }
}

/// Counts the seconds of training, pauses left out.
#[derive(Default)]
pub struct Stopwatch {
    counted_ms: Cell<f64>,
    going_since_ms: Cell<Option<f64>>,
}

impl Stopwatch {
    /// One that has counted already.
    pub fn starting_at(seconds: f64) -> Self {
        Self { counted_ms: Cell::new(seconds * 1e3), going_since_ms: Cell::new(None) }
    }

    /// Counts from now on.
    pub fn go(&self) {
        if self.going_since_ms.get().is_none() {
            self.going_since_ms.set(Some(now_ms()));
        }
    }

    /// Counts no more.
    pub fn stop(&self) {
        self.counted_ms.set(self.seconds() * 1e3);
        self.going_since_ms.set(None);
    }

    /// What it has counted.
    pub fn seconds(&self) -> f64 {
        let going_ms = self.going_since_ms.get().map_or(0.0, |since| now_ms() - since);
        (self.counted_ms.get() + going_ms) / 1e3
    }
}
