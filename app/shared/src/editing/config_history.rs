//! Run files of the user's own that others have taken the place of: a preset, that of a link, that of a run. They can
//! be had back, the latest first.

use serde::{Deserialize, Serialize};

/// Run files that are kept; of more, the oldest make way.
const MOST: usize = 10;

/// Run files of the user's own that others have taken the place of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigHistory {
    /// The next to be had back is the last.
    kept: Vec<String>,
    /// What took the place of the latest. As long as it is not changed it is not the user's own.
    given: Option<String>,
}

impl ConfigHistory {
    /// Whether there is anything to be had back.
    #[must_use]
    pub fn has_any(&self) -> bool {
        !self.kept.is_empty()
    }

    /// The run file `given` takes the place of `before`, which is kept if it is the user's own.
    pub fn put(&mut self, before: &str, is_preset: bool, given: &str) {
        if before == given {
            return;
        }
        if self.is_own(before, is_preset) {
            if self.kept.len() == MOST {
                self.kept.remove(0);
            }
            self.kept.push(before.to_owned());
        }
        let is_kept = self.holds(given);
        self.kept.retain(|kept| kept != given);
        self.given = (!is_kept).then(|| given.to_owned());
    }

    /// The latest of them, to take the place of `current`, which is kept if it is the user's own.
    pub fn take_back(&mut self, current: &str, is_preset: bool) -> Option<String> {
        let back = self.kept.pop()?;
        if self.is_own(current, is_preset) {
            // All others come before it: who goes back again and again sees every one.
            self.kept.insert(0, current.to_owned());
        }
        self.given = None;
        Some(back)
    }

    /// Forgets all of them.
    pub fn forget(&mut self) {
        self.kept.clear();
    }

    fn is_own(&self, text: &str, is_preset: bool) -> bool {
        !is_preset && !text.trim().is_empty() && self.given.as_deref() != Some(text) && !self.holds(text)
    }

    fn holds(&self, text: &str) -> bool {
        self.kept.iter().any(|kept| kept == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_user_wrote_can_be_had_back() {
        let mut history = ConfigHistory::default();
        history.put("mine", false, "demo");
        assert!(history.has_any());
        assert_eq!(history.take_back("demo", true).as_deref(), Some("mine"));
        assert!(!history.has_any());
        // It is the user's own as before.
        history.put("mine", false, "demo");
        assert_eq!(history.take_back("demo", true).as_deref(), Some("mine"));
    }

    #[test]
    fn presets_and_what_was_only_given_are_not_kept() {
        let mut history = ConfigHistory::default();
        history.put("demo", true, "link");
        history.put("link", false, "other link");
        history.put(" \n", false, "demo");
        assert!(!history.has_any());
    }

    #[test]
    fn the_original_outlives_what_comes_after_it() {
        let mut history = ConfigHistory::default();
        history.put("mine", false, "link");
        history.put("link", false, "other link");
        assert_eq!(history.clone().take_back("other link", false).as_deref(), Some("mine"));
        history.put("other link, changed", false, "demo");
        assert_eq!(history.take_back("demo", true).as_deref(), Some("other link, changed"));
        assert_eq!(history.take_back("other link, changed", false).as_deref(), Some("mine"));
        assert_eq!(history.take_back("mine", false).as_deref(), Some("other link, changed"));
    }

    #[test]
    fn what_is_there_again_is_not_offered() {
        let mut history = ConfigHistory::default();
        history.put("mine", false, "link");
        history.put("link", false, "mine");
        assert!(!history.has_any());
        history.put("mine", false, "demo");
        assert!(history.has_any());
        history.forget();
        assert_eq!(history.take_back("demo", true), None);
    }

    #[test]
    fn only_so_many_are_kept() {
        let mut history = ConfigHistory::default();
        for number in 0..2 * MOST {
            history.put(&format!("mine {number}"), false, "demo");
        }
        assert_eq!(history.kept.len(), MOST);
        assert_eq!(history.kept.last().map(String::as_str), Some("mine 19"));
    }
}
