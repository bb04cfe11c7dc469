//! A table of subjects flows in, the label columns that preprocessing writes flow out: all columns of the table as they
//! are, and before them `gender`, `health` and `age` in the words of the other datasets, where a column means them.

use std::collections::BTreeSet;

use super::{Table, subjects::PARKINSONS};
use crate::labels::vocabulary::{self, Words};

const GENDER_COLUMNS: [&str; 2] = ["gender", "sex"];
const HEALTH_COLUMNS: [&str; 4] = ["health", "group", "diagnosis", "disease"];
const AGE_COLUMNS: [&str; 3] = ["age", "age_years", "age_at_scan"];
/// How preprocessing writes the classes of [`vocabulary::GENDERS`] and [`vocabulary::HEALTHS`].
const GENDERS: Codes = Codes { classes: &vocabulary::GENDERS, codes: ["M", "F"] };
const HEALTHS: Codes = Codes { classes: &vocabulary::HEALTHS, codes: ["H", PARKINSONS] };

/// The classes of a label, and how each is written.
#[derive(Clone, Copy)]
struct Codes {
    classes: &'static [Words],
    codes: [&'static str; 2],
}
/// Columns that preprocessing writes itself.
const OWN_COLUMNS: [&str; 2] = ["file_name", "split"];

/// Label columns and how their cells are found.
pub(super) struct LabelColumns<'a> {
    table: &'a Table,
    columns: Vec<(String, Source)>,
}

/// Where a label comes from.
enum Source {
    /// A column of the table, as it is.
    Column(usize),
    /// A column of the table, in other words.
    Coded(usize, Codes),
    /// A column of ages; of completed years only.
    Years(usize),
}

impl<'a> LabelColumns<'a> {
    /// The label columns of a table, of which `rows` are used. A column that only seems to mean gender or health is left
    /// as it is, with a warning.
    pub fn new(table: &'a Table, rows: &[usize], warnings: &mut Vec<String>) -> Self {
        let mut columns: Vec<(String, Source)> = Vec::new();
        for (name, candidates, codes) in
            [("gender", &GENDER_COLUMNS[..], GENDERS), ("health", &HEALTH_COLUMNS[..], HEALTHS)]
        {
            let Some(column) = candidates.iter().find_map(|candidate| table.column(candidate)) else { continue };
            let unknown = rows.iter().find(|&&row| code(codes, table.value(row, column)).is_none());
            match unknown {
                None => columns.push((name.to_owned(), Source::Coded(column, codes))),
                Some(&row) => warnings.push(format!(
                    "{}, line {}: column `{}` says `{}`, which is not known to mean {} or {}, so that `{name}` cannot be \
                     learnt as it is; a table [labels.{name}] in the run file can say what the cells mean",
                    table.file(),
                    table.line(row),
                    table.headers()[column],
                    table.value(row, column),
                    codes.codes[0],
                    codes.codes[1],
                )),
            }
        }
        if let Some(column) = AGE_COLUMNS.iter().find_map(|candidate| table.column(candidate)) {
            columns.push(("age".to_owned(), Source::Years(column)));
            let unreadable: Vec<_> = rows.iter().filter(|&&row| years(table.value(row, column)).is_none()).collect();
            if let Some(&&row) = unreadable.first() {
                warnings.push(format!(
                    "{}, line {}: column `{}` says `{}`, which is no age; {} of {} subjects have none, and are left out \
                     of `age`",
                    table.file(),
                    table.line(row),
                    table.headers()[column],
                    table.value(row, column),
                    unreadable.len(),
                    rows.len(),
                ));
            }
        }
        let mut taken: BTreeSet<String> = columns.iter().map(|(name, _)| name.clone()).collect();
        taken.extend(OWN_COLUMNS.map(str::to_owned));
        for (column, header) in table.headers().iter().enumerate() {
            if !header.is_empty() && taken.insert(header.to_lowercase()) {
                columns.push((header.clone(), Source::Column(column)));
            }
        }
        Self { table, columns }
    }

    /// The columns' names.
    pub fn names(&self) -> Vec<String> {
        self.columns.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The labels of a row; empty where the table says nothing that could be read.
    pub fn cells(&self, row: usize) -> Vec<String> {
        let cell = |(_, source): &(String, Source)| match *source {
            Source::Column(column) => self.table.value(row, column).to_owned(),
            Source::Coded(column, codes) => code(codes, self.table.value(row, column)).unwrap_or_default().to_owned(),
            Source::Years(column) => years(self.table.value(row, column)).unwrap_or_default(),
        };
        self.columns.iter().map(cell).collect()
    }
}

/// Whether a cell is known to mean a class of `gender` or `health`; of other labels, any is.
pub(super) fn is_known_word(label: &str, cell: &str) -> bool {
    match label {
        "gender" => code(GENDERS, cell).is_some(),
        "health" => code(HEALTHS, cell).is_some(),
        _ => true,
    }
}

/// Whether a cell says nothing: it is empty, or `n/a`, as BIDS has it.
pub(super) fn is_missing(cell: &str) -> bool {
    cell.is_empty() || cell.eq_ignore_ascii_case("n/a")
}

/// Whether a column is one that a label is made from.
pub(super) fn means(label: &str, column: &str) -> bool {
    let columns: &[&str] = match label {
        "gender" => &GENDER_COLUMNS,
        "health" => &HEALTH_COLUMNS,
        "age" => &AGE_COLUMNS,
        _ => &[],
    };
    columns.iter().any(|name| name.eq_ignore_ascii_case(column))
}

/// The code of a cell.
fn code(codes: Codes, cell: &str) -> Option<&'static str> {
    vocabulary::class_of_word(codes.classes, cell).and_then(|class| codes.codes.get(class).copied())
}

/// Completed years, as text.
fn years(cell: &str) -> Option<String> {
    let years = vocabulary::number(cell).filter(|years| years.is_finite() && *years >= 0.0)?;
    Some(years.floor().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(table: &str) -> (Vec<String>, Vec<String>, Vec<String>) {
        let table = Table::parse(table.as_bytes(), "t.csv").unwrap();
        let rows: Vec<usize> = (0..table.len()).collect();
        let mut warnings = Vec::new();
        let columns = LabelColumns::new(&table, &rows, &mut warnings);
        (columns.names(), columns.cells(0), warnings)
    }

    #[test]
    fn columns_that_mean_a_label_are_put_in_its_words() {
        let (names, first, warnings) = labels("id,SEX,Group,AGE,MMSE\na,female,Control,61.7,29\nb,M,pd,70,20\n");
        assert_eq!(names, ["gender", "health", "age", "id", "SEX", "Group", "MMSE"]);
        assert_eq!(first, ["F", "H", "61", "a", "female", "Control", "29"]);
        assert!(warnings.is_empty(), "{warnings:?}");
    }

    #[test]
    fn a_column_of_the_labels_own_name_is_replaced() {
        let (names, first, _) = labels("id,Gender,split\na,female,x\nb,m,y\n");
        assert_eq!((names.join(","), first.join(",")), ("gender,id".to_owned(), "F,a".to_owned()));
    }

    #[test]
    fn nothing_is_guessed() {
        let (names, first, warnings) = labels("id,sex,group,age\na,1,AD,n/a\nb,2,Control,50\n");
        assert_eq!(names, ["age", "id", "sex", "group"]);
        assert_eq!(first, ["", "a", "1", "AD"]);
        assert_eq!(warnings.len(), 3, "{warnings:?}");
        assert!(warnings[1].starts_with("t.csv, line 2: column `group` says `AD`"), "{warnings:?}");
        assert!(warnings[2].contains("1 of 2 subjects have none"), "{warnings:?}");
    }
}
