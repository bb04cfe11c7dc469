//! What stands where in a run file: tables and keys with their paths, and the regions from which the place of the caret
//! is told.

use std::{cmp::Reverse, ops::Range};

use toml_parser::{
    Source,
    parser::{Event, EventKind},
};

use super::syntax::{Syntax, range};

/// What stands where in a run file.
#[derive(Debug, Clone, Default)]
pub struct Outline {
    pub(super) headers: Vec<Header>,
    pub(super) entries: Vec<Entry>,
    pub(super) regions: Vec<(Range<usize>, Region)>,
}

/// The header of a table.
#[derive(Debug, Clone, Default)]
pub(super) struct Header {
    /// The table's path.
    pub path: Vec<String>,
    /// The path's bytes, without brackets.
    pub name: Range<usize>,
    /// From here on, lines belong to the table.
    pub end: usize,
}

/// A key and its value.
#[derive(Debug, Clone, Default)]
pub(super) struct Entry {
    /// The path from the root.
    pub path: Vec<String>,
    /// How many parts of the path are those of the table it is written in.
    pub table: usize,
    /// The parts of the key as they are written.
    pub parts: Vec<Range<usize>>,
    /// The values in it that hold no others.
    pub scalars: Vec<Scalar>,
    /// Whether `=` follows the key.
    pub assigned: bool,
    /// From the key to the end of the value.
    pub span: Range<usize>,
}

/// A value that holds no others.
#[derive(Debug, Clone)]
pub(super) struct Scalar {
    pub span: Range<usize>,
    /// What it says, if it is a text.
    pub text: Option<String>,
}

/// What a stretch of the text is for; regions that start later lie in those that start earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Region {
    Comment,
    /// The header of this number, between its brackets.
    Header(usize),
    /// The key of the entry of this number.
    Key(usize),
    /// The value of the entry of this number.
    Value(usize),
    /// The list in the value of the entry of this number.
    List(usize),
    /// The inside of an inline table that is the value of the entry of this number, or an item of it.
    Inline(usize),
}

impl Outline {
    /// The outline of a text.
    #[must_use]
    pub fn of(text: &str, syntax: &Syntax) -> Self {
        let mut reader = Reader { source: Source::new(text), outline: Self::default(), open: Vec::new(), header: None };
        for event in &syntax.events {
            reader.read(event);
        }
        reader.end_of_line(text.len());
        reader.outline.regions.sort_by_key(|(range, _)| (range.start, Reverse(range.end)));
        reader.outline
    }

    /// The text that is the value of a key, if it is one.
    pub(super) fn text_of(&self, path: &[&str]) -> Option<&str> {
        let entry = self.entries.iter().find(|entry| entry.path == path)?;
        entry.scalars.first()?.text.as_deref()
    }

    /// Where a key and its value stand.
    pub(super) fn span_of(&self, path: &[&str]) -> Option<Range<usize>> {
        Some(self.entries.iter().find(|entry| entry.path == path)?.span.clone())
    }

    /// The tasks that the file names.
    pub(super) fn tasks(&self) -> Vec<&str> {
        let entry = self.entries.iter().find(|entry| entry.path == ["dataset", "tasks"]);
        let texts = entry.into_iter().flat_map(|entry| &entry.scalars).filter_map(|scalar| scalar.text.as_deref());
        texts.flat_map(|text| text.split(',')).map(str::trim).filter(|task| !task.is_empty()).collect()
    }

    /// The path of the table to which a line at this place would belong.
    pub(super) fn table_at(&self, place: usize) -> &[String] {
        let header = self.headers.iter().rev().find(|header| header.end <= place);
        header.map_or(&[], |header| header.path.as_slice())
    }
}

/// A value that has begun and not ended.
#[derive(Debug)]
enum Open {
    /// The entry of this number.
    Entry(usize),
    /// A list in the value of an entry, and where it begins.
    List(usize, usize),
    /// An inline table in the value of an entry, and where it begins.
    Inline(usize, usize),
}

struct Reader<'t> {
    source: Source<'t>,
    outline: Outline,
    open: Vec<Open>,
    header: Option<Header>,
}

impl Reader<'_> {
    fn read(&mut self, event: &Event) {
        let span = range(event.span());
        match event.kind() {
            EventKind::StdTableOpen | EventKind::ArrayTableOpen => {
                self.end_of_line(span.start);
                self.header = Some(Header { path: Vec::new(), name: span.end..span.end, end: span.end });
            }
            EventKind::StdTableClose | EventKind::ArrayTableClose => self.end_header(span.start, span.end),
            EventKind::SimpleKey => self.key_part(event, span),
            EventKind::KeyValSep => self.key_ended(span),
            EventKind::Scalar => self.scalar(event, span),
            EventKind::ArrayOpen => {
                if let Some(entry) = self.entry() {
                    self.open.push(Open::List(entry, span.end));
                }
            }
            EventKind::InlineTableOpen => {
                if let Some(entry) = self.entry() {
                    self.open.push(Open::Inline(entry, span.end));
                }
            }
            EventKind::ArrayClose | EventKind::InlineTableClose => self.close(span),
            EventKind::ValueSep => self.end_inner_entry(span.start),
            EventKind::Comment => self.outline.regions.push((span.start + 1..span.end, Region::Comment)),
            EventKind::Newline => {
                if !self.open.iter().any(|open| matches!(open, Open::List(..) | Open::Inline(..))) {
                    self.end_of_line(span.start);
                }
            }
            EventKind::KeySep | EventKind::Whitespace | EventKind::Error => {}
        }
    }

    /// The entry in whose value the next value stands.
    fn entry(&self) -> Option<usize> {
        self.open.last().map(|open| match open {
            Open::Entry(entry) | Open::List(entry, _) | Open::Inline(entry, _) => *entry,
        })
    }

    fn key_part(&mut self, event: &Event, span: Range<usize>) {
        let mut name = String::new();
        if let Some(raw) = self.source.get(event) {
            raw.decode_key(&mut name, &mut ());
        }
        if let Some(header) = &mut self.header {
            header.path.push(name);
            header.name.end = span.end.max(header.name.end);
            return;
        }
        let begun = match self.open.last() {
            Some(Open::Entry(entry)) => Some(*entry),
            _ => None,
        };
        let index = match begun.and_then(|index| Some((index, self.outline.entries.get(index)?))) {
            Some((index, entry)) if !entry.assigned => index,
            Some((_, entry)) => {
                self.end_entry(entry.span.end);
                self.begin_entry(span.start)
            }
            None => self.begin_entry(span.start),
        };
        if let Some(entry) = self.outline.entries.get_mut(index) {
            entry.path.push(name);
            entry.span.end = span.end;
            entry.parts.push(span);
        }
    }

    fn begin_entry(&mut self, start: usize) -> usize {
        let path = match self.open.last() {
            Some(Open::Inline(around, _)) => {
                self.outline.entries.get(*around).map_or_else(Vec::new, |entry| entry.path.clone())
            }
            _ => self.outline.headers.last().map_or_else(Vec::new, |header| header.path.clone()),
        };
        let table = path.len();
        self.outline.entries.push(Entry { path, table, span: start..start, ..Entry::default() });
        let index = self.outline.entries.len() - 1;
        self.open.push(Open::Entry(index));
        index
    }

    fn key_ended(&mut self, equals: Range<usize>) {
        // Where an inline table ends after a key, the parser speaks of an empty `=`.
        if equals.is_empty() {
            return;
        }
        if let Some(Open::Entry(index)) = self.open.last()
            && let Some(entry) = self.outline.entries.get_mut(*index)
        {
            entry.assigned = true;
            entry.span.end = equals.end;
            let key = entry.span.start..entry.parts.last().map_or(entry.span.start, |part| part.end);
            self.outline.regions.push((key, Region::Key(*index)));
        }
    }

    fn scalar(&mut self, event: &Event, span: Range<usize>) {
        let text = event.encoding().and_then(|_| {
            let mut text = String::new();
            let _always_a_text = self.source.get(event)?.decode_scalar(&mut text, &mut ());
            Some(text)
        });
        if let Some(entry) = self.entry().and_then(|entry| self.outline.entries.get_mut(entry)) {
            entry.span.end = span.end;
            // Where a value is missing, the parser speaks of an empty one.
            if !span.is_empty() {
                entry.scalars.push(Scalar { span, text });
            }
        }
    }

    /// The end of a list or of an inline table; one that the text leaves open has an empty span.
    fn close(&mut self, span: Range<usize>) {
        self.end_inner_entry(span.start);
        let (entry, start, region) = match self.open.last() {
            Some(Open::List(entry, start)) => (*entry, *start, Region::List(*entry)),
            Some(Open::Inline(entry, start)) => (*entry, *start, Region::Inline(*entry)),
            _ => return,
        };
        self.open.pop();
        // What is typed next belongs into a list that is still open.
        let end = if span.is_empty() { self.next_content(span.end) } else { span.start };
        self.outline.regions.push((start..end.max(start), region));
        if let Some(entry) = self.outline.entries.get_mut(entry) {
            entry.span.end = span.end.max(end);
        }
    }

    /// Where the white space after a place ends, before the line of what follows it.
    fn next_content(&self, place: usize) -> usize {
        let rest = self.source.input().get(place..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start().len();
        let line = rest.get(..blank).and_then(|blank| blank.rfind('\n'));
        place + if blank == rest.len() { blank } else { line.unwrap_or(blank) }
    }

    /// Ends the entry of an inline table that is under way.
    fn end_inner_entry(&mut self, place: usize) {
        let inner = self.open.len() > 1 && matches!(self.open.last(), Some(Open::Entry(_)));
        if inner {
            self.end_entry(place);
        }
    }

    fn end_entry(&mut self, place: usize) {
        let Some(Open::Entry(index)) = self.open.pop() else { return };
        let Some(entry) = self.outline.entries.get_mut(index) else { return };
        let key_end = entry.parts.last().map_or(entry.span.start, |part| part.end);
        if entry.assigned {
            let text = self.source.input();
            let start =
                text.get(key_end..).and_then(|rest| rest.find('=')).map_or(key_end, |equals| key_end + equals + 1);
            let end = if entry.scalars.is_empty() { entry.span.end.max(place) } else { entry.span.end };
            self.outline.regions.push((start..end.max(start), Region::Value(index)));
        } else {
            self.outline.regions.push((entry.span.start..key_end, Region::Key(index)));
        }
    }

    fn end_header(&mut self, name_end: usize, end: usize) {
        let Some(mut header) = self.header.take() else { return };
        header.name.end = name_end;
        header.end = end;
        let index = self.outline.headers.len();
        self.outline.regions.push((header.name.clone(), Region::Header(index)));
        self.outline.headers.push(header);
    }

    /// The end of a line, or of the text, on which something may have been left open.
    fn end_of_line(&mut self, place: usize) {
        self.end_header(place, place);
        while let Some(open) = self.open.last() {
            match open {
                Open::Entry(_) => self.end_entry(place),
                Open::List(..) | Open::Inline(..) => self.close(place..place),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(text: &str) -> Outline {
        Outline::of(text, &Syntax::of(text))
    }

    fn paths(text: &str) -> Vec<String> {
        outline(text).entries.iter().map(|entry| entry.path.join(".")).collect()
    }

    #[test]
    fn entries_have_the_path_of_their_table() {
        let text = "a = 1\n[model]\ndepth = 3\nextras.\"pool ing\" = \"mean\"\n[labels.mood]\nclasses = [\"x\", { name = \"y\", values = [\"1\"] }]\n";
        assert_eq!(
            paths(text),
            [
                "a",
                "model.depth",
                "model.extras.pool ing",
                "labels.mood.classes",
                "labels.mood.classes.name",
                "labels.mood.classes.values"
            ]
        );
    }

    #[test]
    fn what_is_still_being_written_is_there_too() {
        assert_eq!(paths("[model]\nback"), ["model.back"]);
        assert_eq!(paths("[model\ndepth ="), ["model.depth"]);
        assert_eq!(
            paths("[dataset]\ntasks = [\"a\",\nname = \"math\"\n[model]\ndepth = 1"),
            ["dataset.tasks", "dataset.name", "model.depth"]
        );
    }

    #[test]
    fn texts_are_read_from_lists_and_from_commas() {
        assert_eq!(outline("[dataset]\ntasks = [\"gender\", 'age']").tasks(), ["gender", "age"]);
        assert_eq!(outline("[dataset]\ntasks = \"gender, age\"").tasks(), ["gender", "age"]);
        assert_eq!(outline("[dataset]\nname = \"math\"").text_of(&["dataset", "name"]), Some("math"));
    }
}
