//! Small parts that every view is made of. What they show comes in as properties; nothing here knows the page's state.

mod empty;
mod icon;
mod notice;
mod progress;
mod question;
mod tabs;
mod toasts;

pub use self::empty::Empty;
pub use self::icon::{Glyph, Icon};
pub use self::notice::Notice;
pub use self::progress::{ProgressBar, WorkProgress};
pub use self::question::QuestionDialog;
pub use self::tabs::{Tab, Tabs};
pub use self::toasts::ToastList;
