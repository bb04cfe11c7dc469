//! A config file checked against its table of keys: every value that fits is found under its path, and everything
//! that does not is noted, so that one reading names all mistakes.

use std::{collections::BTreeMap, ops::Range, str::FromStr};

use super::{
    document::{Located, Raw, Table},
    keys::{KeyDoc, KeyKind, in_sentence, nearest, number, word},
    problem::{ConfigProblem, Location, Notice},
};

/// Keys and items of lists that a file may have. What is wrong with each of them, and what was meant, is looked up among
/// the others: a link with a hundred thousand would stop a browser.
const MOST_ENTRIES: usize = 4096;

/// The values of a config file by path, and what was wrong or worth saying so far.
pub(super) struct Fields<'t> {
    text: &'t str,
    values: BTreeMap<String, Field>,
    tables: BTreeMap<String, TableSeen>,
    pub problems: Vec<ConfigProblem>,
    notices: Vec<Notice>,
}

/// A key of the file. Its value is `None` if it does not fit the key.
#[derive(Clone)]
struct Field {
    name: Located<String>,
    span: Range<usize>,
    value: Option<Raw>,
}

struct TableSeen {
    parent: String,
    name: Located<String>,
}

impl<'t> Fields<'t> {
    /// Checks a file's tables against the keys it may have.
    pub fn read(text: &'t str, root: Table, keys: &[KeyDoc]) -> Self {
        let mut fields =
            Self { text, values: BTreeMap::new(), tables: BTreeMap::new(), problems: Vec::new(), notices: Vec::new() };
        if entries(&root) > MOST_ENTRIES {
            let message = format!("this has more than {MOST_ENTRIES} keys and items of lists, which no config needs");
            fields.problem_at(0..0, "", message, None);
            return fields;
        }
        fields.read_table("", root, &keys.iter().collect::<Vec<_>>(), 0, keys);
        fields.note_missing(keys);
        fields
    }

    /// Reads a table; `candidates` are the keys whose first `depth` segments are the table's path.
    fn read_table(&mut self, path: &str, table: Table, candidates: &[&KeyDoc], depth: usize, keys: &[KeyDoc]) {
        let segment = |doc: &&KeyDoc| doc.path.split('.').nth(depth);
        for (key, value) in table {
            let key_path = join(path, &key.value);
            let mut matching: Vec<_> =
                candidates.iter().copied().filter(|doc| segment(doc) == Some(key.value.as_str())).collect();
            if matching.is_empty() {
                let siblings = candidates.iter().filter_map(segment).filter(|name| *name != "*");
                let meant = nearest(&key.value, siblings).map(str::to_owned);
                matching = candidates.iter().copied().filter(|doc| segment(doc) == Some("*")).collect();
                if matching.is_empty() || meant.is_some() {
                    self.note_unknown(&key, &key_path, meant.as_deref(), keys);
                    if let Some(meant) = meant {
                        // What was misspelt is not missing as well.
                        let field = Field { span: key.span.clone(), name: key, value: None };
                        self.values.entry(join(path, &meant)).or_insert(field);
                    }
                    continue;
                }
            }
            if let Some(doc) = matching.iter().find(|doc| doc.path.split('.').count() == depth + 1) {
                self.read_value(doc, &key, key_path, value);
            } else if let Raw::Table(inner) = value.value {
                let seen = TableSeen { parent: path.to_owned(), name: key };
                self.tables.insert(key_path.clone(), seen);
                self.read_table(&key_path, inner, &matching, depth + 1, keys);
            } else {
                let message = format!("{key_path} must be a table, [{key_path}], not {}", value.value.describe());
                self.problem_at(value.span.clone(), &key_path, message, None);
                self.values.insert(key_path, Field { name: key, span: value.span, value: None });
            }
        }
    }

    fn read_value(&mut self, doc: &KeyDoc, key: &Located<String>, path: String, value: Located<Raw>) {
        let empty_text = matches!(&value.value, Raw::Text(text) if text.trim().is_empty());
        if empty_text && matches!(doc.kind, KeyKind::Text | KeyKind::Device) && !doc.required {
            return;
        }
        if let Some(meaning) = doc.notice {
            self.notices.push(Notice::new(&Location::of(self.text, key.span.clone()), &path, meaning.to_owned()));
        }
        let checked = match doc.kind.check(&value.value) {
            Ok(()) if empty_text && doc.required => {
                self.problem_at(value.span.clone(), &path, format!("{path} must not be empty"), None);
                None
            }
            Ok(()) => Some(value.value),
            Err(misfit) => {
                let message = format!("{path} must be {}, not {}", misfit.expected, value.value.describe());
                self.problem_at(value.span.clone(), &path, message, misfit.suggestion);
                None
            }
        };
        self.values.insert(path, Field { name: key.clone(), span: value.span, value: checked });
    }

    fn note_unknown(&mut self, key: &Located<String>, path: &str, meant: Option<&str>, keys: &[KeyDoc]) {
        let same_name =
            || keys.iter().filter(|doc| doc.path.rsplit_once('.').is_some_and(|(_, name)| name == key.value));
        let (message, suggestion) = match (meant, same_name().next()) {
            (None, Some(doc)) if same_name().count() == 1 => {
                let table = doc.path.rsplit_once('.').map_or("", |(table, _)| table);
                (format!("unknown key {path}; {} belongs in [{table}]", key.value), None)
            }
            (meant, _) => (format!("unknown key {path}"), meant.map(str::to_owned)),
        };
        self.problem_at(key.span.clone(), path, message, suggestion);
    }

    fn note_missing(&mut self, keys: &[KeyDoc]) {
        keys.iter().filter(|doc| doc.required).for_each(|doc| self.must_have(doc));
    }

    /// Reports a key that the file lacks.
    pub fn must_have(&mut self, doc: &KeyDoc) {
        let table = doc.path.rsplit_once('.').map_or("", |(table, _)| table);
        if !self.given(doc.path) && !self.given(table) {
            let what = in_sentence(doc.doc);
            self.missing(doc.path, &format!("{} is missing: {what}; {}", doc.path, doc.kind.describe()));
        }
    }

    /// Whether the file has the key, even misspelt or with a value that does not fit.
    pub fn given(&self, path: &str) -> bool {
        self.values.contains_key(path)
    }

    /// Whether none of these keys has a value that does not fit.
    pub fn sound(&self, paths: &[&str]) -> bool {
        paths.iter().all(|path| self.values.get(*path).is_none_or(|field| field.value.is_some()))
    }

    /// The names of the tables directly below a table, with their paths.
    pub fn tables_in(&self, parent: &str) -> Vec<(String, String)> {
        let inside = self.tables.iter().filter(|(_, table)| table.parent == parent);
        inside.map(|(path, table)| (table.name.value.clone(), path.clone())).collect()
    }

    /// The names of the values directly below a table, with their paths.
    pub fn values_in(&self, parent: &str) -> Vec<(String, String)> {
        let inside = self.values.iter().filter(|(path, field)| **path == join(parent, &field.name.value));
        inside.map(|(path, field)| (field.name.value.clone(), path.clone())).collect()
    }

    /// The values of a table that is one of several of any names, below the path that stands for all of them.
    pub fn within(&self, table: &str, any: &str) -> Self {
        let start = format!("{table}.");
        let inside = self.values.range(start.clone()..).take_while(|(path, _)| path.starts_with(&start));
        let values = inside.map(|(path, field)| (format!("{any}.{}", &path[start.len()..]), field.clone()));
        let (tables, problems, notices) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { text: self.text, values: values.collect(), tables, problems, notices }
    }

    fn value(&self, path: &str) -> Option<&Raw> {
        self.values.get(path)?.value.as_ref()
    }

    pub fn switch(&self, path: &str) -> Option<bool> {
        match self.value(path)? {
            Raw::Switch(switch) => Some(*switch),
            _ => None,
        }
    }

    pub fn count(&self, path: &str) -> Option<usize> {
        self.whole(path).and_then(|number| usize::try_from(number).ok())
    }

    pub fn whole(&self, path: &str) -> Option<i64> {
        match self.value(path)? {
            Raw::Whole(number) => Some(*number),
            _ => None,
        }
    }

    pub fn wholes(&self, path: &str) -> Option<Vec<i64>> {
        let whole = |item: &Located<Raw>| match item.value {
            Raw::Whole(number) => Some(number),
            _ => None,
        };
        self.list(path)?.iter().map(whole).collect()
    }

    pub fn number(&self, path: &str) -> Option<f64> {
        number(self.value(path)?)
    }

    pub fn numbers(&self, path: &str) -> Option<Vec<f64>> {
        self.list(path)?.iter().map(|item| number(&item.value)).collect()
    }

    pub fn text(&self, path: &str) -> Option<String> {
        match self.value(path)? {
            Raw::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// A word that stands for one of a type's values.
    pub fn choice<T: FromStr>(&self, path: &str) -> Option<T> {
        word(&self.text(path)?).parse().ok()
    }

    /// A list of such words.
    pub fn choices<T: FromStr>(&self, path: &str) -> Option<Vec<T>> {
        let choice = |item: &Located<Raw>| match &item.value {
            Raw::Text(text) => word(text).parse().ok(),
            _ => None,
        };
        self.list(path)?.iter().map(choice).collect()
    }

    pub fn list(&self, path: &str) -> Option<&[Located<Raw>]> {
        match self.value(path)? {
            Raw::List(list) => Some(list),
            _ => None,
        }
    }

    pub fn table(&self, path: &str) -> Option<&Table> {
        match self.value(path)? {
            Raw::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The texts of a list, or of a text with commas, each with its place.
    pub fn texts(&self, path: &str) -> Option<Vec<Located<String>>> {
        let field = self.values.get(path)?;
        let located = |text: &str, span: &Range<usize>| Located { value: text.trim().to_owned(), span: span.clone() };
        let texts: Vec<_> = match field.value.as_ref()? {
            Raw::Text(text) => text.split(',').map(|part| located(part, &field.span)).collect(),
            Raw::List(list) => list
                .iter()
                .filter_map(|item| match &item.value {
                    Raw::Text(text) => Some(located(text, &item.span)),
                    _ => None,
                })
                .collect(),
            _ => return None,
        };
        Some(texts.into_iter().filter(|text| !text.value.is_empty()).collect())
    }

    /// What was accepted although it has no effect, in the order of the file.
    pub fn into_notices(mut self) -> Vec<Notice> {
        self.notices.sort_by_key(|notice| (notice.line, notice.column));
        self.notices
    }

    /// Where every key of the file has its value. Goes through the text once: looking up each place from the start would
    /// take the square of the text's length.
    pub fn locations(&self) -> BTreeMap<String, Location> {
        let mut fields: Vec<_> = self.values.iter().collect();
        fields.sort_by_key(|(_, field)| field.span.start);
        let (mut line, mut line_start, mut seen) = (1, 0, 0);
        let place = |(path, field): (&String, &Field)| {
            let passed = self.text.get(seen..field.span.start).unwrap_or_default();
            line += passed.bytes().filter(|&byte| byte == b'\n').count();
            line_start = passed.rfind('\n').map_or(line_start, |newline| seen + newline + 1);
            seen = field.span.start;
            let column = self.text.get(line_start..seen).unwrap_or_default().chars().count() + 1;
            (path.clone(), Location { line, column, span: field.span.clone() })
        };
        fields.into_iter().map(place).collect()
    }

    /// Notes that the value of a key is wrong.
    pub fn problem(&mut self, path: &str, message: String, suggestion: Option<String>) {
        let span = self.span(path);
        self.problem_at(span, path, message, suggestion);
    }

    /// Notes that a key is missing, at the header of the table that should have it.
    pub fn missing(&mut self, path: &str, message: &str) {
        let table = path.rsplit_once('.').map_or("", |(table, _)| table);
        let span = self.span(table);
        self.problem_at(span, path, message.to_owned(), None);
    }

    pub fn problem_at(&mut self, span: Range<usize>, path: &str, message: String, suggestion: Option<String>) {
        self.problems.push(ConfigProblem::new(Location::of(self.text, span), path, message, suggestion));
    }

    /// Notes what a key means here.
    pub fn notice(&mut self, path: &str, message: &str) {
        self.notices.push(Notice::new(&Location::of(self.text, self.span(path)), path, message.to_owned()));
    }

    /// Where the name of a key stands.
    pub fn key_span(&self, path: &str) -> Range<usize> {
        self.values.get(path).map_or(0..0, |field| field.name.span.clone())
    }

    /// Where a key's value or a table's header stands; else the header of the table around it; else the start.
    fn span(&self, path: &str) -> Range<usize> {
        let field = self.values.get(path).map(|field| &field.span);
        let found = field.or_else(|| self.tables.get(path).map(|table| &table.name.span));
        match (found, path.rsplit_once('.')) {
            (Some(span), _) => span.clone(),
            (None, Some((parent, _))) => self.span(parent),
            (None, None) => 0..0,
        }
    }
}

/// The keys of a table, and the items of the lists in it, at any depth.
fn entries(table: &Table) -> usize {
    fn of(value: &Raw) -> usize {
        match value {
            Raw::List(items) => items.iter().map(|item| 1 + of(&item.value)).sum(),
            Raw::Table(table) => entries(table),
            _ => 0,
        }
    }
    table.iter().map(|(_, value)| 1 + of(&value.value)).sum()
}

/// A key below a table's path; a key that TOML would quote is quoted, so that paths stay unambiguous.
pub(super) fn join(path: &str, key: &str) -> String {
    let bare = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    let key = if bare { key.to_owned() } else { format!("{key:?}") };
    if path.is_empty() { key } else { format!("{path}.{key}") }
}
