//! Checkpoints by the clock, `training.checkpoint_minutes`: they bound what a crash costs.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use signal_studio_core::training::{Command, Control};

/// Asks for a checkpoint whenever the interval has passed, and passes on the commands of another control, which come first.
pub struct PeriodicCheckpoints<C> {
    control: C,
    interval: Option<Duration>,
    latest: Instant,
}

impl<C> PeriodicCheckpoints<C> {
    /// Without an interval, no checkpoint is asked for.
    pub fn new(control: C, interval: Option<Duration>) -> Self {
        Self { control, interval, latest: Instant::now() }
    }
}

#[async_trait(?Send)]
impl<C: Control> Control for PeriodicCheckpoints<C> {
    async fn poll(&mut self) -> Option<Command> {
        let command = self.control.poll().await;
        let is_due = self.interval.is_some_and(|interval| self.latest.elapsed() >= interval);
        if command.is_some() || !is_due {
            return command;
        }
        self.latest = Instant::now();
        Some(Command::Checkpoint)
    }

    async fn wait(&mut self) -> Command {
        self.control.wait().await
    }
}

#[cfg(test)]
mod tests {
    use signal_studio_core::training::Uninterrupted;

    use super::*;

    fn poll(mut control: impl Control) -> Option<Command> {
        pollster::block_on(control.poll())
    }

    #[test]
    fn a_checkpoint_is_asked_for_when_its_time_has_come() {
        assert_eq!(poll(PeriodicCheckpoints::new(Uninterrupted, Some(Duration::ZERO))), Some(Command::Checkpoint));
        assert_eq!(poll(PeriodicCheckpoints::new(Uninterrupted, Some(Duration::from_secs(3600)))), None);
        assert_eq!(poll(PeriodicCheckpoints::new(Uninterrupted, None)), None);
    }

    #[test]
    fn the_users_commands_come_first() {
        struct Stopped;
        #[async_trait(?Send)]
        impl Control for Stopped {
            async fn poll(&mut self) -> Option<Command> {
                Some(Command::Stop)
            }
            async fn wait(&mut self) -> Command {
                Command::Stop
            }
        }
        assert_eq!(poll(PeriodicCheckpoints::new(Stopped, Some(Duration::ZERO))), Some(Command::Stop));
    }
}
