//! What the editor of run files knows, without anything that a person sees: the text's colours ([`layout`]), what is
//! wrong with it ([`check`]), what could be written at the caret ([`complete`]), what a key means ([`help_at`]), the
//! [`Edit`]s behind the keyboard, and the run files that others have taken the place of ([`ConfigHistory`]). Text that
//! is no TOML, which is what most text is while it is typed, is read as far as it goes. Places are bytes of the text;
//! [`byte_of`] and [`utf16_of`] translate a browser's.

mod caret_context;
mod check;
mod completion;
mod config_history;
mod edit;
mod fix;
mod help;
mod lines;
mod outline;
mod position;
mod schema;
mod syntax;

pub use check::{Checked, Problem, Severity, builtin_settings, check};
pub use completion::{Completion, Suggestion, complete};
pub use config_history::ConfigHistory;
pub use edit::{Edit, indent, new_line, outdent, toggle_comment};
pub use help::{Fact, Help, help_at};
pub use lines::{Layout, Line, Piece, layout};
pub use outline::Outline;
pub use position::{Change, byte_of, change_between, moved, utf16_of};
pub use syntax::{Ink, Syntax};
