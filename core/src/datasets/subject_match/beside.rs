//! What a path says beside the name of a subject: nothing about who was recorded, the same, or somebody else.

use std::collections::BTreeSet;

use super::names::{SUBJECT_PREFIXES, canonical, is_letter, is_number, mentions, without_other_keys};

/// Words that say how or what was recorded, and not of whom. Words of groups are none of them: patients and controls may be
/// numbered apart.
const OF_RECORDINGS: [&str; 66] = [
    "eeg",
    "ieeg",
    "meg",
    "edf",
    "bdf",
    "set",
    "bids",
    "raw",
    "data",
    "recording",
    "recordings",
    "record",
    "records",
    "rec",
    "file",
    "files",
    "signal",
    "signals",
    "original",
    "export",
    "exported",
    "clean",
    "cleaned",
    "filtered",
    "preprocessed",
    "converted",
    "source",
    "all",
    "subjects",
    "participants",
    "rest",
    "resting",
    "restingstate",
    "state",
    "ruhe",
    "task",
    "tasks",
    "baseline",
    "eyes",
    "open",
    "closed",
    "eyesopen",
    "eyesclosed",
    "eo",
    "ec",
    "sleep",
    "wake",
    "night",
    "day",
    "nap",
    "motor",
    "imagery",
    "math",
    "arithmetic",
    "pre",
    "post",
    "before",
    "after",
    "oddball",
    "p300",
    "mmn",
    "asr",
    "ica",
    "ssvep",
    "erp",
    "copy",
];
/// Words whose numbers count sessions, runs and the like, beside those of [`OF_RECORDINGS`].
const COUNTED: [&str; 24] = [
    "run",
    "ses",
    "sess",
    "session",
    "sitzung",
    "trial",
    "block",
    "visit",
    "take",
    "part",
    "segment",
    "version",
    "ver",
    "time",
    "timepoint",
    "wave",
    "epoch",
    "stage",
    "level",
    "condition",
    "cond",
    "acq",
    "split",
    "no",
];
/// Letters that count the same, but only behind a subject's name: before it they may be a person's.
const COUNTED_BEHIND: [&str; 4] = ["r", "t", "v", "b"];
/// What follows a number that measures something.
const UNITS: [&str; 8] = ["hz", "khz", "s", "sec", "min", "h", "uv", "ch"];
/// Numbers of fewer digits come up in paths as sessions, days and years, too.
const DIGITS_OF_ITS_OWN: usize = 5;
/// What is counted has numbers of fewer digits than years have.
const DIGITS_OF_YEARS: usize = 4;
/// Codes of fewer letters and digits come up in paths as sessions, too.
const CODE_OF_ITS_OWN: usize = 5;

/// What a path says beside the name of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Beside {
    /// Nothing about who was recorded.
    Nothing,
    /// A name that the table does not have, of the same number: `VP05` beside `5`.
    Same(String),
    /// A name or number of somebody else, or of nothing known.
    Other(String),
}

/// How much a subject's name says when it is found in a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A short number or a letter, which may as well be a session, a run, a month or a group.
    Bare,
    /// A word of letters, which may as well be a group or a condition.
    Word,
    /// Letters with digits, or a long number.
    Code,
}

impl Kind {
    fn of(subject: &str) -> Self {
        let has_digit = subject.chars().any(char::is_numeric);
        if is_bare_number(subject) || is_letter(subject) {
            Self::Bare
        } else if has_digit {
            Self::Code
        } else {
            Self::Word
        }
    }
}

/// What a word says of who was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Nothing,
    /// A number that counts nothing known.
    Number,
    /// A word of which nothing is known.
    Word,
    /// Letters and digits, as people are called.
    Person,
}

fn is_bare_number(name: &str) -> bool {
    is_number(name) && name.len() < DIGITS_OF_ITS_OWN
}

/// The letters and the number that a name begins with, without what separates them: `s` and `1` of `S001R02` or `S-1`.
pub(super) fn family(name: &str) -> Option<(String, String)> {
    let plain: String = name.chars().filter(|letter| letter.is_alphanumeric()).collect();
    let digits = plain.find(|letter: char| letter.is_ascii_digit())?;
    let (letters, rest) = plain.split_at(digits);
    let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    let is_family = !letters.is_empty() && letters.chars().all(char::is_alphabetic);
    is_family.then(|| (letters.to_owned(), canonical(&rest[..end], &[])))
}

/// Whether a word is a subject's name, or begins with it and goes on with letters, as `S001R02` does with `S1`.
fn begins_with(word: &str, subject: &str) -> bool {
    let plain: String = subject.chars().filter(|letter| letter.is_alphanumeric()).collect();
    let is_family = plain.trim_start_matches(char::is_alphabetic).chars().all(|digit| digit.is_ascii_digit());
    let goes_on = |rest: &str| !rest.starts_with(|next: char| next.is_ascii_digit());
    (is_family && family(subject).is_some() && family(word) == family(subject))
        || word.strip_prefix(plain.as_str()).is_some_and(|rest| family(subject).is_some() && goes_on(rest))
}

/// What the parts of a path, the top folder first, say beside a subject that some of them name. `families` are the letters
/// that subjects of the table begin with.
pub(super) fn beside(subject: &str, parts: &[&str], families: &BTreeSet<String>) -> Beside {
    let kind = Kind::of(subject);
    let is_own = |word: &str| canonical(word, &[]) == subject || begins_with(word, subject);
    let is_whole = |part: &str| canonical(part, &SUBJECT_PREFIXES) == subject;
    let naming = parts.iter().filter(|part| is_whole(part) || mentions(part, subject).next().is_some()).count();
    let letters = subject.chars().filter(|letter| letter.is_alphanumeric()).count();
    let is_sure = naming > 1 || (kind == Kind::Code && letters >= CODE_OF_ITS_OWN);

    let mut same = None;
    let mut is_behind = false;
    for part in parts {
        if is_whole(part) {
            is_behind = true;
            continue;
        }
        let mut counts = false;
        for word in words(&without_other_keys(part), families) {
            let of_word = family(&word);
            if is_own(&word) {
                (is_behind, counts) = (true, false);
                continue;
            }
            if of_word.as_ref().is_some_and(|(letters, _)| families.contains(letters)) {
                return Beside::Other(word);
            }
            let says = says(&word, counts, is_behind && kind != Kind::Bare);
            counts = says == Says::Nothing;
            match (kind, says) {
                (_, Says::Nothing) | (Kind::Word | Kind::Code, Says::Number | Says::Word) => {}
                (Kind::Word | Kind::Code, Says::Person) if is_sure => {}
                (Kind::Bare, Says::Person) if of_word.is_some_and(|(_, number)| number == subject) => same = Some(word),
                _ => return Beside::Other(word),
            }
        }
    }
    same.map_or(Beside::Nothing, Beside::Same)
}

/// The words of a text. Letters and a number behind them are one word where a dash joins them, or they are called so as
/// subjects of the table are.
fn words(text: &str, families: &BTreeSet<String>) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut between = String::new();
    let runs = text.split_inclusive(|letter: char| !letter.is_alphanumeric());
    for run in runs {
        let word = run.trim_end_matches(|letter: char| !letter.is_alphanumeric());
        if !word.is_empty() {
            let joins = |last: &&mut String| {
                let is_pair =
                    last.chars().all(char::is_alphabetic) && word.starts_with(|first: char| first.is_ascii_digit());
                is_pair && (between == "-" || (between.chars().count() == 1 && families.contains(last.as_str())))
            };
            match words.last_mut().filter(joins) {
                Some(last) => last.push_str(word),
                None => words.push(word.to_owned()),
            }
            between.clear();
        }
        between.push_str(&run[word.len()..]);
    }
    words
}

/// What a word says; a number says nothing where the word before it `counts`.
fn says(word: &str, counts: bool, is_behind: bool) -> Says {
    let Some(digit) = word.find(char::is_numeric) else {
        let is_known = OF_RECORDINGS.contains(&word) || COUNTED.contains(&word);
        return if is_known { Says::Nothing } else { Says::Word };
    };
    let (letters, number) = word.split_at(digit);
    let rest = number.trim_start_matches(char::is_numeric);
    match (letters, rest) {
        ("", "") if counts && number.len() < DIGITS_OF_YEARS => Says::Nothing,
        ("", "") => Says::Number,
        ("", rest) if UNITS.contains(&rest) => Says::Nothing,
        ("", _) => Says::Word,
        _ if OF_RECORDINGS.contains(&word) => Says::Nothing,
        (letters, rest) => {
            let is_counted = OF_RECORDINGS.contains(&letters)
                || COUNTED.contains(&letters)
                || (is_behind && COUNTED_BEHIND.contains(&letters));
            let is_count = number.len() - rest.len() < DIGITS_OF_YEARS && rest.chars().count() <= 1;
            if is_counted && is_count { Says::Nothing } else { Says::Person }
        }
    }
}
