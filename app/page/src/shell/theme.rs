//! Light or dark. A choice is an attribute of the document's root element, where the style sheets read it, and is
//! kept; without one the system decides.

use leptos::prelude::*;

use super::local_text::LocalText;

/// What decides about the colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// The system.
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// All of them, in the order of the choice.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// Its name in attributes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Auto => "Theme: system",
            Self::Light => "Theme: light",
            Self::Dark => "Theme: dark",
        }
    }

    /// The theme of that name; the system's for any other.
    pub fn of_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|theme| theme.name() == name).unwrap_or(Self::Auto)
    }

    /// The theme that was chosen last.
    pub fn chosen() -> Self {
        LocalText::Theme.read().map_or(Self::Auto, |name| Self::of_name(&name))
    }

    /// Colours the page, now and when it is opened again.
    pub fn apply(self) {
        let Some(root) = document().document_element() else { return };
        // Setting an attribute of a fixed, valid name does not fail.
        match self {
            Self::Auto => root.remove_attribute("data-theme").ok(),
            Self::Light | Self::Dark => root.set_attribute("data-theme", self.name()).ok(),
        };
        LocalText::Theme.write((self != Self::Auto).then(|| self.name()));
    }
}
