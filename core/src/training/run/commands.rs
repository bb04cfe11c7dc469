//! What the user asks of a run while it goes.

use super::{halt::Halt, trainer::Trainer};
use crate::training::events::{Command, TrainEvent};

impl Trainer<'_> {
    /// Carries out the commands that have come. While paused, waits for one that lets the run go on.
    pub(super) async fn take_commands(&mut self) -> Result<(), Halt> {
        while !self.commands.has_pending_step {
            match self.commands.next().await {
                None => return Ok(()),
                Some(Command::Stop) => return Err(Halt::Stopped),
                Some(Command::Checkpoint) => self.write_last().await?,
                Some(Command::Pause) if !self.commands.is_paused => {
                    self.commands.is_paused = true;
                    self.tell_position(TrainEvent::Paused);
                }
                Some(Command::StepOnce) => self.commands.has_pending_step = self.commands.is_paused,
                Some(Command::Resume) if self.commands.is_paused => {
                    self.commands.is_paused = false;
                    self.tell_position(TrainEvent::Resumed);
                }
                Some(Command::Pause | Command::Resume) => {}
            }
        }
        Ok(())
    }

    /// As [`Self::take_commands`], between the batches of a pass without updates: a single step goes through the whole pass
    /// that it brings due.
    pub(super) async fn take_commands_within_pass(&mut self) -> Result<(), Halt> {
        if self.commands.is_paused { Ok(()) } else { self.take_commands().await }
    }

    /// An update was made: if it was a single step, the run stands still again.
    pub(super) fn complete_single_step(&mut self) {
        if std::mem::take(&mut self.commands.has_pending_step) {
            // Batches may be left out by who passes events on; where a run stands still must be known.
            self.tell_position(TrainEvent::Paused);
        }
    }
}
