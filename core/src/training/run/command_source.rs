//! Where the user's commands come from.

use crate::training::events::{Command, Control};

/// Where commands come from, and those that hold for longer than a moment.
pub(super) struct CommandSource<'a> {
    control: &'a mut dyn Control,
    pub(super) is_paused: bool,
    /// Whether the update of a single step is still to be made.
    pub(super) has_pending_step: bool,
}

impl<'a> CommandSource<'a> {
    pub(super) fn new(control: &'a mut dyn Control) -> Self {
        Self { control, is_paused: false, has_pending_step: false }
    }

    /// The next one; while the run is paused, waits for it.
    pub(super) async fn next(&mut self) -> Option<Command> {
        if self.is_paused { Some(self.control.wait().await) } else { self.control.poll().await }
    }
}
