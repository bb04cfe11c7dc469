//! How the program ends, as the shell that started it sees it.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All was done.
    Done,
    /// What was asked for did not work out.
    Failed,
    /// The user asked for something impossible.
    Refused,
    /// The user ended it before it was done, as a shell tells of a program that Ctrl-C ended.
    Interrupted,
}

impl Exit {
    /// The exit status.
    pub fn code(self) -> i32 {
        u8::from(self).into()
    }
}

impl From<Exit> for u8 {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Refused => 2,
            Exit::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(u8::from(exit))
    }
}
