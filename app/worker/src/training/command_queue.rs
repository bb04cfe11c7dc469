//! The commands of the run under way, which core's loop asks for between batches.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    future::poll_fn,
    task::{Poll, Waker},
};

use signal_studio_core::training::Command;

/// CommandQueue that wait for the run.
#[derive(Default)]
pub struct CommandQueue {
    waiting: RefCell<VecDeque<Command>>,
    waker: RefCell<Option<Waker>>,
    are_awaited: Cell<bool>,
}

impl CommandQueue {
    /// Whether the run does nothing but wait for a command.
    pub fn are_awaited(&self) -> bool {
        self.are_awaited.get()
    }

    /// Adds a command.
    pub fn push(&self, command: Command) {
        self.are_awaited.set(false);
        self.waiting.borrow_mut().push_back(command);
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }

    /// The next command, if there is one.
    pub fn try_next(&self) -> Option<Command> {
        self.waiting.borrow_mut().pop_front()
    }

    /// Waits for the next command.
    pub async fn next(&self) -> Command {
        poll_fn(|context| match self.try_next() {
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
