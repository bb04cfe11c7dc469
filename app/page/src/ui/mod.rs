//! Small parts that every view is made of. What they show comes in as properties; nothing here knows the page's state.

mod empty;
mod icon;
mod notice;
mod progress;
mod question;
mod toasts;

pub use empty::Empty;
pub use icon::{Glyph, Icon};
pub use notice::Notice;
pub use progress::{ProgressBar, WorkProgress};
pub use question::QuestionDialog;
pub use toasts::ToastList;
