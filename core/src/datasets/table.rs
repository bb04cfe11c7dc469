//! CSV and TSV files as named columns and rows that know their line. Participant tables and the metadata of
//! preprocessed folders are read by the same code.

use csv::{ErrorKind, ReaderBuilder};

use super::{DatasetError, TableError};
use crate::{labels::MetadataRow, storage::Storage};

/// A table in memory: a header and rows of text, all trimmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    file: String,
    headers: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    line: u64,
    values: Vec<String>,
}

impl Table {
    /// Reads the table at `path`.
    ///
    /// # Errors
    /// [`DatasetError::Storage`] when the file cannot be read, [`DatasetError::Table`] when it is not a table.
    pub async fn read(storage: &dyn Storage, path: &str) -> Result<Self, DatasetError> {
        Ok(Self::parse(&storage.read(path).await?, path)?)
    }

    /// Reads a table from bytes; `file` is its name in messages. Where a name ends in `.tsv` and the header has a tab,
    /// tabs separate; else whichever of comma, semicolon and tab the header has most of. Quotes around a cell are no part
    /// of it. A line such as `sep=;` before the header, made for spreadsheets, says what separates. A byte order mark, empty
    /// lines, and empty cells behind the last column are skipped.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn parse(bytes: &[u8], file: &str) -> Result<Self, TableError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || bytes.contains(&0) {
            return Err(TableError::NotText { file: file.to_owned() });
        }
        let (bytes, declared) = without_declaration(bytes);
        let is_tsv = file.to_ascii_lowercase().ends_with(".tsv") && first_line(bytes).contains(&b'\t');
        // A quote in the free text of a .tsv is not always meant to be closed.
        let is_quoted = !is_tsv || bytes.split(|&byte| byte == b'\n').all(|line| quotes(line).is_multiple_of(2));
        let mut lines = Lines { bytes, at: 0, line: if declared.is_some() { 2 } else { 1 } };
        let mut records = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .delimiter(declared.unwrap_or_else(|| if is_tsv { b'\t' } else { delimiter(bytes) }))
            .quoting(is_quoted)
            .from_reader(bytes)
            .into_records();
        let headers = match records.next() {
            None => return Err(TableError::Empty { file: file.to_owned() }),
            Some(record) => fields(&record.map_err(|error| table_error(error, &mut lines, file))?, is_quoted),
        };
        let mut rows = Vec::new();
        for record in records {
            let record = record.map_err(|error| table_error(error, &mut lines, file))?;
            let line = lines.of(record.position());
            let values = fields(&record, is_quoted);
            let found = values.len() as u64;
            let values = fitted(values, &headers).ok_or_else(|| TableError::FieldCount {
                file: file.to_owned(),
                line,
                found,
                expected: headers.len() as u64,
            })?;
            rows.push(Row { line, values });
        }
        // A quote that is never closed takes everything behind it into the last cell.
        let is_open = |row: &&Row| row.values.last().is_some_and(|cell| cell.contains(['\n', '\r']));
        if let Some(&Row { line, .. }) = rows.last().filter(is_open)
            && !bytes.trim_ascii_end().ends_with(b"\"")
        {
            return Err(TableError::OpenQuote { file: file.to_owned(), line });
        }
        let table = Self { file: file.to_owned(), headers, rows };
        table.check_names()?;
        Ok(table)
    }

    /// Checks that columns of one name say the same.
    fn check_names(&self) -> Result<(), TableError> {
        for (column, name) in self.headers.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            let first = self.column(name).filter(|&first| first != column);
            let Some(first) = first else { continue };
            if let Some(row) = self.rows.iter().find(|row| row.values[first] != row.values[column]) {
                let (file, name) = (self.file.clone(), name.clone());
                return Err(TableError::DuplicateColumn { file, line: row.line, name });
            }
        }
        Ok(())
    }

    /// The table's name, as in messages.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The names of the columns, as written.
    #[must_use]
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// Number of rows below the header.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is nothing below the header.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row at `index`, counted from 0 below the header.
    ///
    /// # Panics
    /// When `index` is not below [`len`](Self::len).
    #[must_use]
    pub fn row(&self, index: usize) -> MetadataRow<'_> {
        let row = &self.rows[index];
        MetadataRow::new(&self.headers, &row.values, &self.file, row.line)
    }

    /// Every row below the header, in the file's order.
    pub fn rows(&self) -> impl Iterator<Item = MetadataRow<'_>> {
        (0..self.len()).map(|index| self.row(index))
    }

    /// The line of the row at `index`.
    ///
    /// # Panics
    /// When `index` is not below [`len`](Self::len).
    #[must_use]
    pub fn line(&self, index: usize) -> u64 {
        self.rows[index].line
    }

    /// The text of one field.
    ///
    /// # Panics
    /// When `row` is not below [`len`](Self::len) or `column` not one of the header's.
    #[must_use]
    pub fn value(&self, row: usize, column: usize) -> &str {
        &self.rows[row].values[column]
    }

    /// The index of the column of that name, whatever its letter case.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.headers.iter().position(|header| header.eq_ignore_ascii_case(name))
    }

    /// The index of a column that has to be there.
    ///
    /// # Errors
    /// [`TableError::MissingColumn`], which names the columns there are.
    pub fn require_column(&self, name: &str) -> Result<usize, TableError> {
        self.column(name).ok_or_else(|| TableError::MissingColumn {
            file: self.file.clone(),
            wanted: name.to_owned(),
            found: self.headers.clone(),
        })
    }

    /// The table without the rows that `keep` refuses.
    #[must_use]
    pub fn filtered(mut self, keep: impl Fn(&[String]) -> bool) -> Self {
        self.rows.retain(|row| keep(&row.values));
        self
    }
}

/// A table without the line before its header that names the separator, and that separator.
fn without_declaration(bytes: &[u8]) -> (&[u8], Option<u8>) {
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let (line, rest) = bytes.split_at(bytes.iter().position(is_end).unwrap_or(bytes.len()));
    match line.to_ascii_lowercase().trim_ascii() {
        [b'"', b's', b'e', b'p', b'=', by, b'"'] | [b's', b'e', b'p', b'=', by] if by.is_ascii_punctuation() => {
            (rest.strip_prefix(b"\r\n").or(rest.get(1..)).unwrap_or_default(), Some(*by))
        }
        _ => (bytes, None),
    }
}

/// The separator that the header line has most of; a comma when it has none.
fn delimiter(bytes: &[u8]) -> u8 {
    let header = first_line(bytes);
    let count = |separator: u8| header.iter().filter(|&&byte| byte == separator).count();
    // The last of equals wins.
    [b'\t', b';', b','].into_iter().max_by_key(|&separator| count(separator)).unwrap_or(b',')
}

fn first_line(bytes: &[u8]) -> &[u8] {
    let mut lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r'));
    lines.find(|line| !line.trim_ascii().is_empty()).unwrap_or_default()
}

fn quotes(line: &[u8]) -> usize {
    line.iter().filter(|&&byte| byte == b'"').count()
}

/// The cells of a record, without the quotes around them, which the reader has taken off already where it knows of them.
fn fields(record: &csv::StringRecord, is_quoted: bool) -> Vec<String> {
    let whole = |cell: &str| {
        let within = cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')).filter(|_| !is_quoted);
        within.map_or_else(|| cell.to_owned(), |within| within.replace("\"\"", "\""))
    };
    record.iter().map(whole).collect()
}

/// As many cells as there are columns: empty ones behind the last column do not count, nor do missing ones of columns
/// without a name. `None` where there are others too many or too few.
fn fitted(mut cells: Vec<String>, headers: &[String]) -> Option<Vec<String>> {
    let beyond = cells.get(headers.len()..).unwrap_or_default();
    let lacking = headers.get(cells.len()..).unwrap_or_default();
    if !beyond.iter().chain(lacking).all(String::is_empty) {
        return None;
    }
    cells.resize(headers.len(), String::new());
    Some(cells)
}

fn table_error(error: csv::Error, lines: &mut Lines<'_>, file: &str) -> TableError {
    let file = file.to_owned();
    let line = lines.of(error.position());
    match error.kind() {
        ErrorKind::Utf8 { .. } => TableError::NotUtf8 { file, line },
        _ => TableError::Malformed { file, reason: error.to_string() },
    }
}

/// Counts lines. The reader's own count is of no use: it gives the place where it stopped reading the record before,
/// which is ahead of empty lines and within a line end of two characters.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the first character of a record. Records have to be asked for in order.
    fn of(&mut self, position: Option<&csv::Position>) -> u64 {
        let start = position.and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(self.at);
        let rest = self.bytes.get(start..).unwrap_or_default();
        let start = start + rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        while self.at < start {
            let next = self.bytes.get(self.at + 1);
            self.line += u64::from(match self.bytes.get(self.at) {
                Some(b'\n') => true,
                Some(b'\r') => next != Some(&b'\n'),
                _ => false,
            });
            self.at += 1;
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rows_know_their_line() {
        let table = Table::parse(b"\xef\xbb\xbfName, Age\r\n\r\na,1\r\n\"b\nc\", 2 \nd,3\r", "t.csv").unwrap();
        assert_eq!(table.headers(), ["Name", "Age"]);
        let lines: Vec<_> = (0..table.len()).map(|row| (table.line(row), table.value(row, 1))).collect();
        assert_eq!(lines, [(3, "1"), (4, "2"), (6, "3")]);
        assert_eq!(table.value(1, 0), "b\nc");
        assert_eq!(table.row(0).get("AGE"), Some("1"));
    }

    #[test]
    fn every_kind_of_line_end_counts() {
        for end in ["\n", "\r\n", "\r"] {
            let table = Table::parse(["a,b", "1,2", "", "3,4", "5,6"].join(end).as_bytes(), "t.csv").unwrap();
            assert_eq!((0..3).map(|row| table.line(row)).collect::<Vec<_>>(), [2, 4, 5], "{end:?}");
            let error = Table::parse(["a,b", "1,2", "3"].join(end).as_bytes(), "t.csv").unwrap_err();
            assert!(matches!(error, TableError::FieldCount { line: 3, .. }), "{end:?}: {error}");
        }
    }

    fn cells(bytes: &[u8], file: &str) -> Vec<Vec<String>> {
        let table = Table::parse(bytes, file).unwrap_or_else(|error| panic!("{error}"));
        let row = |row: usize| (0..table.headers().len()).map(|column| table.value(row, column).to_owned()).collect();
        std::iter::once(table.headers().to_vec()).chain((0..table.len()).map(row)).collect()
    }

    #[test]
    fn quotes_around_cells_are_read_and_others_are_text() {
        let expected = [["id", "note, free"], ["sub-01", "a \"b\""], ["sub-02", "plain"]];
        assert_eq!(cells(b"\"id\"\t\"note, free\"\n\"sub-01\"\t\"a \"\"b\"\"\"\nsub-02\tplain\n", "p.TSV"), expected);
        // One is not closed: the others count still.
        let expected = [["id", "note"], ["sub-01", "\"half a quote"], ["sub-02", "3\" wide"]];
        assert_eq!(cells(b"\"id\"\tnote\n\"sub-01\"\t\"half a quote\n\"sub-02\"\t3\" wide\n", "p.tsv"), expected);
        assert_eq!(cells(b"id\tnote\n1\t\"with a\ttab\"\n", "p.tsv")[1], ["1", "with a\ttab"]);
    }

    #[test]
    fn separators_are_what_the_header_has() {
        let expected = [["id", "age"], ["1", "20,5"]];
        assert_eq!(cells(b"id;age\n1;20,5\n", "p.csv"), expected);
        assert_eq!(cells(b"id\tage\n1\t20,5\n", "p.csv"), expected);
        assert_eq!(cells(b"id;age\r\n1;20,5\r\n", "participants.tsv"), expected);
    }

    #[test]
    fn a_line_for_spreadsheets_names_the_separator() {
        let expected = [["id", "age"], ["1", "20,5"]];
        for text in ["sep=;\nid;age\n1;20,5\n", "\u{feff}SEP=;\r\nid;age\r\n1;20,5\r\n", "\"sep=;\"\nid;age\n1;20,5\n"]
        {
            assert_eq!(cells(text.as_bytes(), "t.csv"), expected, "{text}");
        }
        let table = Table::parse(b"sep=;\r\nid;age\r\n\r\n1;20\r\n", "t.csv").unwrap();
        assert_eq!(table.line(0), 4);
        assert_eq!(cells(b"sep=,age\n1,20\n", "t.csv")[0], ["sep=", "age"]);
        assert!(Table::parse(b"sep=;", "t.csv").is_err());
    }

    #[test]
    fn empty_cells_behind_the_last_column_are_skipped() {
        assert_eq!(cells(b"id,age\n1,20,,\n2,30\n", "t.csv"), [["id", "age"], ["1", "20"], ["2", "30"]]);
        assert_eq!(cells(b"id,age,\n1,20\n2,30,\n", "t.csv"), [["id", "age", ""], ["1", "20", ""], ["2", "30", ""]]);
        let error = Table::parse(b"id,age\n1,20,x\n", "t.csv").unwrap_err();
        assert!(matches!(error, TableError::FieldCount { line: 2, found: 3, expected: 2, .. }), "{error}");
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        let message = |bytes: &[u8]| Table::parse(bytes, "t.csv").unwrap_err().to_string();
        let utf16: Vec<u8> = "id,age\n1,20\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [utf16.clone(), [&[0xff, 0xfe], utf16.as_slice()].concat()] {
            assert!(message(&bytes).contains("UTF-16"), "{}", message(&bytes));
        }
        assert_eq!(
            message(b"id,note\n1,a\n2,\"half\n3,b\n"),
            "t.csv, line 3: a quote (\") is opened and never closed; close it or remove it"
        );
        assert_eq!(
            message(b"id,age,Age\n1,20,20\n2,30,31\n"),
            "t.csv, line 3: there are two columns `Age`, which say different things; rename one of them"
        );
        Table::parse(b"id,age,age\n1,20,20\n", "t.csv").unwrap();
        Table::parse(b"id,note\n1,\"two\nlines\"\n", "t.csv").unwrap();
    }

    #[test]
    fn what_is_wrong_is_said_with_the_line() {
        let message = |bytes: &[u8]| Table::parse(bytes, "t.csv").unwrap_err().to_string();
        assert_eq!(message(b""), "t.csv is empty; its first line must name the columns");
        assert_eq!(message(b"a,b\n1,2\n3\n"), "t.csv, line 3: 1 fields where the header names 2 columns");
        assert_eq!(
            message(b"a,b\n1,\xff\n"),
            "t.csv, line 2: the text is not UTF-8; save the table with that encoding"
        );
        let table = Table::parse(b"path,age\nx,1\n", "t.csv").unwrap();
        let error = table.require_column("file_name").unwrap_err();
        assert_eq!(error.to_string(), "t.csv has no column `file_name`; its columns are: path, age");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, tsv: bool) {
            if let Ok(table) = Table::parse(&bytes, if tsv { "t.tsv" } else { "t.csv" }) {
                for row in 0..table.len() {
                    prop_assert!(table.line(row) > 1);
                }
            }
        }

        #[test]
        fn what_the_csv_writer_writes_is_read_back(rows in prop::collection::vec(prop::array::uniform3("[a-z,;\"\t]{1,6}[a-z]"), 1..8)) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(["one", "two", "three"]).unwrap();
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let table = Table::parse(&writer.into_inner().unwrap(), "t.csv").unwrap();
            for (index, row) in rows.iter().enumerate() {
                for (column, value) in row.iter().enumerate() {
                    prop_assert_eq!(table.value(index, column), value.trim());
                }
            }
        }
    }
}
