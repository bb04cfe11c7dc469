//! Names of subjects, and where texts hold them.

/// Columns that name subjects wherever they stand, the likeliest first.
pub(in crate::datasets) const SUBJECT_COLUMNS: [&str; 6] =
    ["participant_id", "subject_id", "subject", "participant", "patient_id", "patient"];
/// Begins the names of subjects in BIDS.
pub(super) const BIDS_PREFIX: &str = "sub-";
/// Keys of BIDS names whose values never say who was recorded.
const OTHER_KEYS: [&str; 14] = [
    "ses",
    "run",
    "task",
    "acq",
    "rec",
    "proc",
    "desc",
    "space",
    "split",
    "echo",
    "dir",
    "recording",
    "session",
    "date",
];

/// What begins a subject's label.
pub(super) const SUBJECT_PREFIXES: [&str; 2] = [BIDS_PREFIX, "subj-"];

/// A name without what makes no difference: letter case, one of the prefixes, and of a number leading zeros and `.0`.
pub(super) fn canonical(name: &str, prefixes: &[&str]) -> String {
    let name = name.trim().to_lowercase();
    let name = prefixes.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(&name);
    let whole = name.strip_suffix(".0").filter(|whole| is_number(whole)).unwrap_or(name);
    if !is_number(whole) {
        return whole.to_owned();
    }
    match whole.trim_start_matches('0') {
        "" => "0".to_owned(),
        digits => digits.to_owned(),
    }
}

/// A subject's name without what makes no difference: `sub-01` and `1` are the same one.
#[must_use]
pub fn canonical_subject(name: &str) -> String {
    canonical(name, &SUBJECT_PREFIXES)
}

pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The labels in a file's or folder's name that follow one of the prefixes: `01` of `sub-01_task-rest_eeg`.
pub(super) fn labels_of<'a>(name: &'a str, prefixes: &'a [&str]) -> impl Iterator<Item = &'a str> {
    let words = name.split(|letter: char| letter == '_' || letter.is_whitespace());
    words
        .filter_map(|word| prefixes.iter().find_map(|prefix| word.strip_prefix(prefix)))
        .filter(|label| !label.is_empty())
}

/// A name without the parts that say something else than who was recorded, such as `run-1`.
pub(super) fn without_other_keys(name: &str) -> String {
    let is_other = |part: &&str| part.split_once('-').is_some_and(|(key, _)| OTHER_KEYS.contains(&key));
    name.split('_').filter(|part| !is_other(part)).collect::<Vec<_>>().join("_")
}

/// Whether a text contains a name; a single letter counts as its first word only, for elsewhere it may be a condition.
pub(super) fn names(text: &str, name: &str) -> bool {
    let is_first = |start: usize| start == 0 || !is_letter(name);
    mentions(text, name).any(is_first)
}

/// Where a text contains a name that neither letters nor digits continue, nor a number behind a dash or dot: `p1-2` may
/// be someone else than `p1`.
pub(super) fn mentions<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = usize> {
    text.match_indices(name).map(|(start, _)| start).filter(move |&start| {
        let before = text[..start].chars().next_back();
        let mut after = text[start + name.len()..].chars();
        let (next, second) = (after.next(), after.next());
        let goes_on = next.is_some_and(|letter| "-.".contains(letter)) && second.is_some_and(char::is_numeric);
        !before.is_some_and(char::is_alphanumeric) && !next.is_some_and(char::is_alphanumeric) && !goes_on
    })
}

/// Whether a name is a single letter.
pub(super) fn is_letter(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none()
}
