//! The label columns that preprocessing writes for a table of subjects: all columns of the table as they are, and
//! before them `gender`, `health` and `age` in the words of the other datasets, where a column means them.

use std::collections::BTreeSet;

use super::{Table, subjects::PARKINSONS};
use crate::labels::vocabulary::{self, Words, is_missing};

const GENDER_COLUMNS: [&str; 2] = ["gender", "sex"];
const HEALTH_COLUMNS: [&str; 4] = ["health", "group", "diagnosis", "disease"];
const AGE_COLUMNS: [&str; 3] = ["age", "age_years", "age_at_scan"];
/// More than anyone's age; 999 stands for one that is not known.
const MOST_YEARS: f32 = 130.0;
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
    /// A column of ages in years.
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
            let Some(column) = told_column(table, rows, candidates) else { continue };
            let cells = Cells { table, rows, column };
            match cells.first_without(|cell| code(codes, cell).is_some()) {
                None => columns.push((name.to_owned(), Source::Coded(column, codes))),
                Some(place) => warnings.push(format!(
                    "{place}, which is not known to mean {} or {}, so that `{name}` cannot be learnt as it is; a table \
                     [labels.{name}] in the run file can say what the cells mean",
                    codes.codes[0], codes.codes[1],
                )),
            }
        }
        if let Some(column) = told_column(table, rows, &AGE_COLUMNS) {
            columns.push(("age".to_owned(), Source::Years(column)));
            let cells = Cells { table, rows, column };
            if let Some(place) = cells.first_without(|cell| years(cell).is_some()) {
                let without = cells.count_without(|cell| years(cell).is_some());
                warnings.push(format!(
                    "{place}, which is no age; {without} of {} rows say such, and are left out of `age`",
                    rows.len()
                ));
            }
        }
        for (name, source) in &columns {
            let (Source::Coded(column, _) | Source::Years(column) | Source::Column(column)) = source;
            let missing = Cells { table, rows, column: *column }.missing();
            if missing > 0 {
                warnings.push(format!(
                    "{}: {missing} of {} rows have no value in column `{}`, and are left out of `{name}`",
                    table.file(),
                    rows.len(),
                    table.headers()[*column],
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
        for (_, source) in &columns {
            if let Source::Column(column) = source {
                warnings.extend(Cells { table, rows, column: *column }.doubt());
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

/// Years, as text.
fn years(cell: &str) -> Option<String> {
    let years = vocabulary::number(cell).filter(|years| (0.0..=MOST_YEARS).contains(years))?;
    Some(years.to_string())
}

/// The first of these columns that says anything in the rows used; the first there is if none does.
fn told_column(table: &Table, rows: &[usize], candidates: &[&str]) -> Option<usize> {
    let present: Vec<usize> = candidates.iter().filter_map(|candidate| table.column(candidate)).collect();
    let says_something = |column: &&usize| rows.iter().any(|&row| !is_missing(table.value(row, **column)));
    present.iter().find(says_something).or(present.first()).copied()
}

/// The cells of a column in the rows that are used.
#[derive(Clone, Copy)]
struct Cells<'a> {
    table: &'a Table,
    rows: &'a [usize],
    column: usize,
}

impl Cells<'_> {
    /// Where the first cell is that says something else than is known, and what.
    fn first_without(self, is_known: impl Fn(&str) -> bool) -> Option<String> {
        let Self { table, rows, column } = self;
        let unknown = |&&row: &&usize| !is_missing(table.value(row, column)) && !is_known(table.value(row, column));
        let row = *rows.iter().find(unknown)?;
        let (file, line, cell) = (table.file(), table.line(row), table.value(row, column));
        Some(format!("{file}, line {line}: column `{}` says `{cell}`", table.headers()[column]))
    }

    /// How many cells say something else than is known.
    fn count_without(self, is_known: impl Fn(&str) -> bool) -> usize {
        let cells = self.rows.iter().map(|&row| self.table.value(row, self.column));
        cells.filter(|cell| !is_missing(cell) && !is_known(cell)).count()
    }

    /// What is said of cells that may stand for missing values, and do not count as such.
    fn doubt(self) -> Option<String> {
        let Self { table, rows, column } = self;
        let cells = || rows.iter().map(|&row| table.value(row, column)).filter(|cell| !is_missing(cell));
        let (file, name) = (table.file(), &table.headers()[column]);
        if let Some(code) = vocabulary::missing_code(cells()) {
            return Some(format!(
                "{file}: column `{name}` says `{code}`, which may mean that there is no value: its numbers are not learnt \
                 until such cells are empty, or a table [labels] in the run file says what they mean, as in missing = \
                 [\"{code}\"]"
            ));
        }
        let cell = cells().find(|cell| vocabulary::may_be_missing(cell))?;
        Some(format!(
            "{file}: column `{name}` says `{cell}`, which counts as a class of its own; if it means that there is no \
             value, empty the cell, or say so in a table [labels] of the run file, as in missing = [\"{cell}\"]"
        ))
    }

    /// How many cells say nothing.
    fn missing(self) -> usize {
        self.rows.iter().filter(|&&row| is_missing(self.table.value(row, self.column))).count()
    }
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
        assert_eq!(first, ["F", "H", "61.7", "a", "female", "Control", "29"]);
        assert!(warnings.is_empty(), "{warnings:?}");
    }

    #[test]
    fn a_column_of_the_labels_own_name_is_replaced() {
        let (names, first, _) = labels("id,Gender,split\na,female,x\nb,m,y\n");
        assert_eq!((names.join(","), first.join(",")), ("gender,id".to_owned(), "F,a".to_owned()));
    }

    #[test]
    fn nothing_is_guessed() {
        let (names, first, warnings) = labels("id,sex,group,age\na,1,AD,old\nb,2,Control,50\n");
        assert_eq!(names, ["age", "id", "sex", "group"]);
        assert_eq!(first, ["", "a", "1", "AD"]);
        assert_eq!(warnings.len(), 3, "{warnings:?}");
        assert!(warnings[1].starts_with("t.csv, line 2: column `group` says `AD`"), "{warnings:?}");
        assert!(warnings[2].contains("1 of 2 rows say such"), "{warnings:?}");
    }

    #[test]
    fn a_cell_without_a_value_takes_its_row_out_of_that_label_only() {
        let (names, first, warnings) = labels("id,sex,group,age\na,n/a,,NaN\nb,F,PD,50\nc,M,H,60\n");
        assert_eq!(names, ["gender", "health", "age", "id", "sex", "group"]);
        assert_eq!(first, ["", "", "", "a", "n/a", ""]);
        assert_eq!(warnings.len(), 3, "{warnings:?}");
        assert_eq!(warnings[0], "t.csv: 1 of 3 rows have no value in column `sex`, and are left out of `gender`");
    }

    #[test]
    fn what_may_be_missing_is_told() {
        let (_, _, warnings) = labels("id,age,score,mood,site\na,20,3,low,-\nb,999,-999,unknown,+\nc,40,5,high,+\n");
        assert_eq!(warnings.len(), 4, "{warnings:?}");
        assert!(warnings[0].starts_with("t.csv, line 3: column `age` says `999`, which is no age"), "{warnings:?}");
        assert_eq!(
            warnings[1],
            "t.csv: column `score` says `-999`, which may mean that there is no value: its numbers are not learnt until such \
             cells are empty, or a table [labels] in the run file says what they mean, as in missing = [\"-999\"]"
        );
        assert!(warnings[2].contains("`mood` says `unknown`, which counts as a class"), "{warnings:?}");
    }

    #[test]
    fn the_column_that_says_something_is_taken() {
        let (_, first, warnings) = labels("id,gender,sex\na,n/a,F\nb,,M\n");
        assert_eq!((first[0].as_str(), warnings.len()), ("F", 0), "{warnings:?}");
    }
}
