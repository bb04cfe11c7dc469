//! The words that tables have for genders and health, and how a cell is read as a number.

/// A class's name and the words that mean it beside its name, in small letters.
pub(crate) type Words = (&'static str, &'static [&'static str]);

/// The classes of `gender`. Numbers and truth values mean none of them: what 1 stands for differs from study to study.
pub(crate) const GENDERS: [Words; 2] = [("male", &["m", "man"]), ("female", &["f", "w", "woman"])];

/// The classes of `health`, by words alone as those of [`GENDERS`].
pub(crate) const HEALTHS: [Words; 2] = [
    ("healthy", &["h", "hc", "healthy control", "control", "ctl", "cn"]),
    ("parkinsons", &["pd", "parkinson", "parkinson's", "parkinson's disease"]),
];

/// The class that a cell means by a word.
pub(crate) fn class_of_word(classes: &[Words], cell: &str) -> Option<usize> {
    let cell = cell.trim().to_lowercase();
    classes.iter().position(|(name, words)| *name == cell || words.contains(&cell.as_str()))
}

/// What stands in cells that say nothing, in small letters: BIDS has `n/a`, R `NA`, pandas `NaN` and `<NA>`, SAS a point,
/// databases `NULL`, spreadsheets `#N/A` and other errors.
const MISSING: [&str; 20] = [
    "",
    "n/a",
    "na",
    "n.a.",
    "n.a",
    "nan",
    "<na>",
    "#n/a",
    "null",
    "<null>",
    "?",
    "??",
    "--",
    ".",
    "missing",
    "not available",
    "#value!",
    "#ref!",
    "#null!",
    "#div/0!",
];

/// What may be an answer or the want of one: `none` is one where medication is asked for, `-` where a test was done.
const MAY_BE_MISSING: [&str; 7] = ["-", "–", "unknown", "unk", "not known", "none", "nil"];

/// Whether a cell may say nothing; it counts as saying something.
pub(crate) fn may_be_missing(cell: &str) -> bool {
    MAY_BE_MISSING.contains(&cell.trim().to_lowercase().as_str())
}

/// A number among a column's cells that is written as codes of missing values are, as 999, -99 and -9, and that stands
/// apart from all others. `None` where there is none.
pub(crate) fn missing_code<'a>(cells: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let is_code = |cell: &str| {
        let digits = cell.trim().trim_start_matches('-');
        let is_repeated = ["7", "8", "9"].iter().any(|digit| digits.replace(digit, "").is_empty());
        is_repeated && (digits.len() > 1 || (digits.len() == 1 && cell.trim().starts_with('-')))
    };
    let numbers = cells.filter_map(|cell| Some((without_zero_decimals(cell), number(cell)?)));
    let (codes, others): (Vec<_>, Vec<_>) = numbers.partition(|(cell, _)| is_code(cell));
    let least = others.iter().map(|(_, number)| *number).reduce(f32::min)?;
    let most = others.iter().map(|(_, number)| *number).reduce(f32::max)?;
    let span = most - least;
    let is_apart = |number: f32| number > most + span || number < least - span || (number < 0.0 && least >= 0.0);
    codes.into_iter().find(|(_, number)| span > 0.0 && is_apart(*number)).map(|(cell, _)| cell)
}

/// Whether a cell says nothing.
#[must_use]
pub fn is_missing(cell: &str) -> bool {
    MISSING.contains(&cell.trim().to_lowercase().as_str())
}

/// The number in a cell. `89+`, as ages are written that could tell who somebody is, is 89. A comma is that of decimals;
/// where it could be one of thousands as well, as in `1,234`, there is no number.
pub(crate) fn number(cell: &str) -> Option<f32> {
    let cell = cell.trim();
    let cell = cell.strip_suffix('+').unwrap_or(cell);
    let Some((whole, decimals)) = cell.split_once(',') else { return cell.parse().ok() };
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = whole.strip_prefix(['-', '+']).unwrap_or(whole);
    let is_ambiguous = decimals.len() == 3 && !unsigned.starts_with('0');
    let is_decimal = are_digits(unsigned) && are_digits(decimals) && !is_ambiguous;
    if is_decimal { format!("{whole}.{decimals}").parse().ok() } else { None }
}

/// A whole number without the zeros behind its point or comma; any other text as it is.
pub(crate) fn without_zero_decimals(text: &str) -> &str {
    match text.split_once(['.', ',']) {
        // `1,000` may be a thousand.
        Some((whole, zeros)) if matches!(zeros, "0" | "00") || (text.contains('.') && is_zeros(zeros)) => {
            if whole.parse::<i64>().is_ok() { whole } else { text }
        }
        _ => text,
    }
}

fn is_zeros(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_may_say_nothing_in_many_words() {
        for cell in
            ["", " ", "n/a", "N/A", "NA", "NaN", "nan", "<NA>", "#N/A", "NULL", "\u{a0}", "?", "missing", "N.A."]
        {
            assert!(is_missing(cell), "{cell:?}");
        }
        // An answer, no want of one.
        for cell in ["0", "none", "no", "-", "unknown", "nana"] {
            assert!(!is_missing(cell), "{cell:?}");
        }
    }

    #[test]
    fn a_number_apart_from_the_others_may_be_no_value() {
        let code = |cells: &'static str| missing_code(cells.split(' '));
        assert_eq!(code("20 35 90 -999"), Some("-999"));
        assert_eq!(code("20 35 90 999.0"), Some("999"));
        assert_eq!(code("20 35 90 -9"), Some("-9"));
        assert_eq!(code("0 12 30 99"), Some("99"));
        for cells in ["20 35 90 99", "-12 -9 3 9", "800 1200 999", "20 35 90 200", "999", "20 999", "a -999 b", "1 9 2"]
        {
            assert_eq!(code(cells), None, "{cells}");
        }
    }

    #[test]
    fn numbers_have_points_or_commas_that_cannot_be_those_of_thousands() {
        let numbers = [
            ("31,5", 31.5),
            ("-0,125", -0.125),
            ("32,0", 32.0),
            ("1234,5678", 1234.5678),
            ("89+", 89.0),
            ("1e3", 1000.0),
        ];
        for (cell, expected) in numbers {
            assert_eq!(number(cell), Some(expected), "{cell}");
        }
        for cell in ["1,234", "-12,345", "1,234,567", "1.234,5", "1,2,3", ",5", "5,", "a,b", "1,5e3", "+", "89++", ""] {
            assert_eq!(number(cell), None, "{cell}");
        }
    }

    #[test]
    fn whole_numbers_lose_their_zeros() {
        let pairs =
            [("1.0", "1"), ("1.000", "1"), ("-2,0", "-2"), ("1,000", "1,000"), ("1.5", "1.5"), ("v1.0", "v1.0")];
        for (text, plain) in pairs {
            assert_eq!(without_zero_decimals(text), plain);
        }
    }
}
