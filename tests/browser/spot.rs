//! Where something is on the page.

use std::fmt::Write;

/// A place on the page: elements by their `data-testid`, by further attributes, within others.
#[derive(Debug, Clone)]
pub struct Spot(String);

/// The elements with this `data-testid`.
pub fn at(id: &str) -> Spot {
    Spot(format!("[data-testid=\"{id}\"]"))
}

impl Spot {
    /// Those of them whose attribute has this value.
    pub fn with(mut self, attribute: &str, value: &str) -> Self {
        write!(self.0, "[{attribute}=\"{value}\"]").unwrap();
        self
    }

    /// The elements with this `data-testid` inside of them.
    pub fn inside(mut self, id: &str) -> Self {
        write!(self.0, " {}", at(id).0).unwrap();
        self
    }

    /// Those of them that nothing can be done with.
    pub fn disabled(mut self) -> Self {
        self.0 += ":is(:disabled, [aria-disabled=true])";
        self
    }

    /// Those of them that something can be done with.
    pub fn enabled(mut self) -> Self {
        self.0 += ":not(:disabled, [aria-disabled=true])";
        self
    }

    /// As a CSS selector.
    pub fn css(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Spot {
    fn from(id: &str) -> Self {
        at(id)
    }
}
