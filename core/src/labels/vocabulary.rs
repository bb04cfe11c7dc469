//! The words that tables have for genders and health, and how a cell is read as a number.

/// A class's name and the words that mean it beside its name and number, in small letters.
pub(crate) type Words = (&'static str, &'static [&'static str]);

/// The classes of `gender`.
pub(crate) const GENDERS: [Words; 2] = [("male", &["m", "man", "false"]), ("female", &["f", "w", "woman", "true"])];

/// The classes of `health`.
pub(crate) const HEALTHS: [Words; 2] = [
    ("healthy", &["h", "hc", "healthy control", "control", "ctl", "cn", "false"]),
    ("parkinsons", &["pd", "parkinson", "parkinson's", "parkinson's disease", "true"]),
];

/// The class that a cell means by a word. Numbers and truth values are not words: what 1 stands for differs from study to
/// study.
pub(crate) fn class_of_word(classes: &[Words], cell: &str) -> Option<usize> {
    let cell = cell.trim().to_lowercase();
    let is_word = !matches!(cell.as_str(), "true" | "false");
    classes.iter().position(|(name, words)| is_word && (*name == cell || words.contains(&cell.as_str())))
}

/// The number in a cell. `89+`, as ages are written that could tell who somebody is, is 89.
pub(crate) fn number(cell: &str) -> Option<f32> {
    let cell = cell.trim();
    cell.strip_suffix('+').unwrap_or(cell).parse().ok()
}
