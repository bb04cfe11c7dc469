//! The page's icons, drawn for it on a grid of 20 with one line width.

use leptos::prelude::*;

/// Which icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyph {
    /// A tick.
    Check,
    /// A cross.
    Close,
    /// An arrow into a tray.
    Download,
    /// An i in a circle.
    Info,
    /// Two links of a chain.
    Link,
    /// Two bars.
    Pause,
    /// A triangle.
    Play,
    /// An open circle with an arrow.
    Again,
    /// A triangle and a bar.
    StepOnce,
    /// A square.
    Stop,
    /// A flag on a pole.
    Checkpoint,
    /// A chip with legs.
    Device,
    /// Three discs.
    Storage,
    /// A bin.
    Trash,
    /// A pencil.
    Pencil,
    /// A triangle with an exclamation mark.
    Warning,
    /// An arrow to the left.
    Left,
    /// An arrow to the right.
    Right,
}

impl Glyph {
    /// The lines, and whether the shape is filled.
    fn path(self) -> (&'static str, bool) {
        match self {
            Self::Check => ("M4 10.5l4 4 8-9", false),
            Self::Close => ("M5 5l10 10M15 5L5 15", false),
            Self::Download => ("M10 3v9M6.5 8.8L10 12.3l3.5-3.5M3.5 13v3.5h13V13", false),
            Self::Info => ("M10 17.5a7.5 7.5 0 100-15 7.5 7.5 0 000 15zM10 9v5M10 6.2v.3", false),
            Self::Link => (
                "M8.5 11.5a3 3 0 004.3 0l3-3a3 3 0 00-4.3-4.3l-1 1M11.5 8.5a3 3 0 00-4.3 0l-3 3a3 3 0 004.3 4.3l1-1",
                false,
            ),
            Self::Pause => ("M6 4h3v12H6zM11 4h3v12h-3z", true),
            Self::Play => ("M6 3.5v13l10.5-6.5z", true),
            Self::Again => ("M15.7 7A6.5 6.5 0 1016.5 11M16.5 3.5V7.5h-4", false),
            Self::StepOnce => ("M4.5 4v12l8.5-6zM14 4h2.5v12H14z", true),
            Self::Stop => ("M5 5h10v10H5z", true),
            Self::Checkpoint => ("M5 17.5V3M5 3.5h10.5l-2.5 3.7 2.5 3.8H5", false),
            Self::Device => {
                ("M5.5 5.5h9v9h-9zM8 5.5V3M12 5.5V3M8 17v-2.5M12 17v-2.5M5.5 8H3M5.5 12H3M17 8h-2.5M17 12h-2.5", false)
            }
            Self::Storage => ("M3.5 5c0-3 13-3 13 0s-13 3-13 0v10c0 3 13 3 13 0V5M3.5 10c0 3 13 3 13 0", false),
            Self::Trash => ("M3.5 5.5h13M8 5.5V3h4v2.5M5 5.5l.8 11.5h8.4L15 5.5M8.3 8.5v5.5M11.7 8.5v5.5", false),
            Self::Pencil => ("M3 17l1-4L13.5 3.5l3 3L7 16zM11.5 5.5l3 3", false),
            Self::Warning => ("M10 3L1.8 17h16.4zM10 8.2v4.3M10 14.6v.3", false),
            Self::Left => ("M12.5 4.5L7 10l5.5 5.5", false),
            Self::Right => ("M7.5 4.5L13 10l-5.5 5.5", false),
        }
    }
}

/// An icon beside a text that says the same; screen readers pass it over.
#[component]
pub fn Icon(
    /// Which.
    glyph: Glyph,
) -> impl IntoView {
    let (path, is_filled) = glyph.path();
    let class = if is_filled { "icon icon--filled" } else { "icon" };
    view! {
        <svg class=class viewBox="0 0 20 20" width="18" height="18" aria-hidden="true" focusable="false">
            <path d=path></path>
        </svg>
    }
}
