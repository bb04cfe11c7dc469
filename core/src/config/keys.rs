//! What a key of a config file may hold. The same tables of [`KeyDoc`]s check files and document them.

use std::collections::BTreeSet;

use super::{
    DeviceChoice,
    document::{Located, Raw},
};

/// The notice of keys of other programs, whatever they mean there.
pub(super) const NOT_USED: &str = "not used here";

/// A key of a config file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeyDoc {
    /// The key as `table.key`; `*` stands for any name.
    pub path: &'static str,
    /// What it may hold.
    pub kind: KeyKind,
    /// Whether a file must have it.
    pub required: bool,
    /// One line on what it means.
    pub doc: &'static str,
    /// For a key that is accepted without the meaning it has elsewhere: what to know about that.
    pub notice: Option<&'static str>,
    /// The one backbone that has the key, by its word; `None` for a key that does not belong to one.
    pub backbone: Option<&'static str>,
}

impl KeyDoc {
    /// [`Self::doc`], and which backbone the key belongs to.
    #[must_use]
    pub fn help(&self) -> String {
        match self.backbone {
            Some(backbone) => format!("{backbone}: {}", in_sentence(self.doc)),
            None => self.doc.to_owned(),
        }
    }
}

/// Words as they go on behind others: without the capital letter of a first word that is no abbreviation.
pub(super) fn in_sentence(words: &str) -> String {
    let mut letters = words.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => first.to_lowercase().chain(letters).collect(),
        _ => words.to_owned(),
    }
}

/// What a key may hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum KeyKind {
    /// `true` or `false`.
    Switch,
    /// A text; an empty one is the same as no key.
    Text,
    /// A list of texts, or one text with commas.
    Texts,
    /// One of these words, in any letter case.
    Choice(&'static [&'static str]),
    /// A list of any of these words, in any letter case; it may be empty.
    Choices(&'static [&'static str]),
    /// A device, as [`DeviceChoice`] reads it.
    Device,
    /// A whole number in a range.
    Count {
        /// The smallest.
        min: u32,
        /// The largest.
        max: u32,
    },
    /// A whole number of at least `min`, or one of some words, in any letter case.
    CountOrWord {
        /// The smallest number.
        min: u32,
        /// The words.
        words: &'static [&'static str],
    },
    /// A whole number of at least 1, or −1 for no limit.
    Limit,
    /// A whole number of at least 0, of up to 63 bits.
    Seed,
    /// A list of such numbers, at least one, and none of them twice.
    Seeds,
    /// A number in a range.
    Number(Bounds),
    /// A list of two numbers in a range.
    Pair(Bounds),
    /// A list of numbers in a range, at least one.
    Numbers(Bounds),
    /// A list of three shares that add up to 1.
    Fractions,
    /// One of some words, in any letter case, or a table.
    WordOrTable {
        /// The words.
        words: &'static [&'static str],
        /// What the table holds, with an example.
        table: &'static str,
    },
    /// A list of classes: each a text, or `{ name = "…", values = ["…", …] }`.
    Classes,
    /// Anything.
    Anything,
}

/// A range of numbers, all of them finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bounds {
    /// Any number.
    Finite,
    /// > 0.
    Positive,
    /// ≥ 0.
    NotNegative,
    /// From 0 to 1, both included.
    UnitClosed,
    /// From 0 to 1, 1 excluded.
    UnitOpen,
}

impl Bounds {
    fn contains(self, number: f64) -> bool {
        number.is_finite()
            && match self {
                Self::Finite => true,
                Self::Positive => number > 0.0,
                Self::NotNegative => number >= 0.0,
                Self::UnitClosed => (0.0..=1.0).contains(&number),
                Self::UnitOpen => (0.0..1.0).contains(&number),
            }
    }

    const fn describe(self) -> &'static str {
        match self {
            Self::Finite => "a finite number",
            Self::Positive => "a number above 0",
            Self::NotNegative => "a number of at least 0",
            Self::UnitClosed => "a number from 0 to 1",
            Self::UnitOpen => "a number from 0 up to but not including 1",
        }
    }
}

/// Why a value does not fit its key: what would, and a guess at what was meant.
pub(super) struct Misfit {
    pub expected: String,
    pub suggestion: Option<String>,
}

impl KeyKind {
    /// A whole number of at least 1.
    pub(super) const COUNT: Self = Self::Count { min: 1, max: u32::MAX };

    /// Channels and layer widths.
    pub(super) const WIDTH: Self = Self::Count { min: 1, max: 65_536 };

    /// What the key may hold, in words.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Self::Switch => "true or false".to_owned(),
            Self::Text => "a text in quotes".to_owned(),
            Self::Texts => "a list of texts such as [\"a\", \"b\"], or one text with commas".to_owned(),
            Self::Choice(&[only]) => format!("\"{only}\""),
            Self::Choice(words) => format!("one of \"{}\"", words.join("\", \"")),
            Self::Choices(words) => format!("a list of any of \"{}\"", words.join("\", \"")),
            Self::Device => "\"auto\", \"cpu\", \"wgpu\", \"wgpu:<number>\", \"cuda\" or \"cuda:<number>\"".to_owned(),
            Self::Count { min, max: u32::MAX } => format!("a whole number of at least {min}"),
            Self::Count { min, max } => format!("a whole number from {min} to {max}"),
            Self::CountOrWord { min, words } => {
                format!("a whole number of at least {min}, or \"{}\"", words.join("\" or \""))
            }
            Self::Limit => "a whole number of at least 1, or -1 for no limit".to_owned(),
            Self::Seed => "a whole number of at least 0".to_owned(),
            Self::Seeds => "a list of whole numbers of at least 0, none of them twice".to_owned(),
            Self::Number(bounds) => bounds.describe().to_owned(),
            Self::Pair(bounds) => format!("a list of two numbers, each {}", bounds.describe()),
            Self::Numbers(bounds) => format!("a list of numbers, each {}", bounds.describe()),
            Self::Fractions => "a list of three numbers from 0 to 1 that add up to 1".to_owned(),
            Self::Classes => {
                "a list of at least two classes, each a text or { name = \"…\", values = [\"…\"] }".to_owned()
            }
            Self::WordOrTable { words, table } => format!("\"{}\", or {table}", words.join("\", \"")),
            Self::Anything => "anything".to_owned(),
        }
    }

    /// Whether a value fits.
    pub(super) fn check(self, value: &Raw) -> Result<(), Misfit> {
        let fits = match (self, value) {
            (Self::Anything, _) | (Self::Switch, Raw::Switch(_)) | (Self::Text | Self::Texts, Raw::Text(_)) => true,
            (Self::Texts, Raw::List(list)) => list.iter().all(|item| matches!(item.value, Raw::Text(_))),
            (Self::Choice(words), Raw::Text(text)) => words.contains(&word(text).as_str()),
            (Self::Choices(words), Raw::List(list)) => {
                list.iter().all(|item| Self::Choice(words).check(&item.value).is_ok())
            }
            (Self::Device, Raw::Text(text)) => text.trim().is_empty() || word(text).parse::<DeviceChoice>().is_ok(),
            (Self::Count { min, max }, Raw::Whole(number)) => (i64::from(min)..=i64::from(max)).contains(number),
            (Self::CountOrWord { min, .. }, Raw::Whole(number)) => {
                (i64::from(min)..=i64::from(u32::MAX)).contains(number)
            }
            (Self::CountOrWord { words, .. }, Raw::Text(text)) => words.contains(&word(text).as_str()),
            (Self::Limit, Raw::Whole(number)) => *number == -1 || (1..=i64::from(u32::MAX)).contains(number),
            (Self::Seed, Raw::Whole(number)) => *number >= 0,
            (Self::Seeds, Raw::List(list)) => {
                let seed = |item: &Located<Raw>| match item.value {
                    Raw::Whole(number) if number >= 0 => Some(number),
                    _ => None,
                };
                let seeds: Option<BTreeSet<i64>> = list.iter().map(seed).collect();
                !list.is_empty() && seeds.is_some_and(|seeds| seeds.len() == list.len())
            }
            (Self::Number(bounds), value) => number(value).is_some_and(|number| bounds.contains(number)),
            (Self::Pair(bounds), Raw::List(list)) => {
                list.len() == 2
                    && list.iter().all(|item| number(&item.value).is_some_and(|number| bounds.contains(number)))
            }
            (Self::Numbers(bounds), Raw::List(list)) => {
                !list.is_empty()
                    && list.iter().all(|item| number(&item.value).is_some_and(|number| bounds.contains(number)))
            }
            (Self::Fractions, Raw::List(list)) => {
                let numbers: Option<Vec<f64>> = list.iter().map(|item| number(&item.value)).collect();
                numbers.is_some_and(|shares| {
                    shares.len() == 3
                        && shares.iter().all(|share| Bounds::UnitClosed.contains(*share))
                        && (shares.iter().sum::<f64>() - 1.0).abs() < 1e-6
                })
            }
            (Self::Classes, Raw::List(list)) => list.len() >= 2,
            (Self::WordOrTable { words, .. }, Raw::Text(text)) => words.contains(&word(text).as_str()),
            (Self::WordOrTable { .. }, Raw::Table(_)) => true,
            _ => false,
        };
        if fits { Ok(()) } else { Err(Misfit { expected: self.describe(), suggestion: self.guess(value) }) }
    }

    /// What may have been meant by a value that does not fit.
    fn guess(self, value: &Raw) -> Option<String> {
        let whole_wanted = matches!(self, Self::Count { .. } | Self::CountOrWord { .. } | Self::Limit | Self::Seed);
        match (self, value) {
            (Self::WordOrTable { words, .. }, value) => Self::Choice(words).guess(value),
            (Self::Choice(words), Raw::Text(text)) => nearest(&word(text), words.iter().copied()).map(str::to_owned),
            // One word alone is meant as a list of it.
            (Self::Choices(words), Raw::Text(text)) => {
                let choice = Self::Choice(words);
                let meant = choice.check(value).map_or_else(|misfit| misfit.suggestion, |()| Some(word(text)));
                meant.map(|meant| format!("[\"{meant}\"]"))
            }
            (_, Raw::Number(number)) if whole_wanted && number.fract() == 0.0 && number.abs() < 1e15 => {
                let whole = format!("{number:.0}").parse().ok()?;
                self.check(&Raw::Whole(whole)).is_ok().then(|| whole.to_string())
            }
            (Self::Switch, Raw::Text(text)) => word(text).parse::<bool>().ok().map(|switch| switch.to_string()),
            (_, Raw::Text(text)) if whole_wanted => match (text.trim().parse(), self) {
                (Ok(whole), _) => self.check(&Raw::Whole(whole)).is_ok().then(|| whole.to_string()),
                (Err(_), Self::CountOrWord { words, .. }) => Self::Choice(words).guess(value),
                (Err(_), _) => None,
            },
            (Self::Number(bounds), Raw::Text(text)) => {
                let number: f64 = text.trim().parse().ok()?;
                bounds.contains(number).then(|| text.trim().to_owned())
            }
            _ => None,
        }
    }
}

/// A word as choices are compared: without spaces around it, in small letters.
pub(super) fn word(text: &str) -> String {
    text.trim().to_lowercase()
}

/// A whole or other number as a number.
#[expect(clippy::cast_precision_loss, reason = "settings are far below 2^53")]
pub(super) fn number(value: &Raw) -> Option<f64> {
    match value {
        Raw::Whole(number) => Some(*number as f64),
        Raw::Number(number) => Some(*number),
        _ => None,
    }
}

/// The name most like the one given, if one is like it at all.
pub(super) fn nearest<'a>(given: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// Jaro–Winkler similarity from which on two names are taken for the same one misspelt.
    const ALIKE: f64 = 0.88;
    let likeness = |name: &str| {
        let contained = given.len() >= 4 && name.split('_').any(|part| part == given);
        if contained { ALIKE } else { strsim::jaro_winkler(given, name) }
    };
    let scored = names.into_iter().map(|name| (likeness(name), name)).filter(|(score, _)| *score >= ALIKE);
    scored.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, name)| name)
}
