//! From text to the parser's events and to colours. TOML's own parser reads on after a mistake, so that text which is
//! still being written is coloured as well. One thing it cannot know: a list that is not closed yet would swallow the
//! rest of the file. Where a line follows that cannot stand in a list, a table's header or `key =`, the list is taken to
//! end, and reading starts afresh. That never happens in a file that is TOML.

use std::ops::Range;

use toml_parser::{
    ParseError, Source, Span,
    decoder::ScalarKind,
    lexer::{Token, TokenKind},
    parser::{Event, EventKind, RecursionGuard, parse_document},
};

/// What a stretch of the text is, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// The header of a table, with its brackets.
    Table,
    /// A key.
    Key,
    /// A text in quotes.
    Text,
    /// A number.
    Number,
    /// A date or time.
    Date,
    /// `true` or `false`.
    Switch,
    /// A comment.
    Comment,
    /// `=`, `.`, `,` and brackets.
    Punctuation,
}

/// A text as its parser sees it.
#[derive(Debug, Clone, Default)]
pub struct Syntax {
    pub(super) events: Vec<Event>,
}

/// Deepest nesting that is followed, as deep as files are read.
const MAX_DEPTH: u32 = 80;

impl Syntax {
    /// Reads a text as far as it goes.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let source = Source::new(text);
        let tokens = source.lex().into_vec();
        let mut events: Vec<Event> = Vec::with_capacity(tokens.len());
        for part in parts(source, &tokens) {
            let mut guard = RecursionGuard::new(&mut events, MAX_DEPTH);
            parse_document(part, &mut guard, &mut ());
        }
        Self { events }
    }

    /// The coloured stretches of the text, in order; none is empty and none overlaps another.
    #[must_use]
    pub fn inks(&self, text: &str) -> Vec<(Range<usize>, Ink)> {
        let source = Source::new(text);
        let mut inks: Vec<(Range<usize>, Ink)> = Vec::with_capacity(self.events.len());
        let mut in_header = false;
        for event in &self.events {
            let ink = match event.kind() {
                EventKind::StdTableOpen | EventKind::ArrayTableOpen => {
                    in_header = true;
                    Ink::Table
                }
                EventKind::StdTableClose | EventKind::ArrayTableClose => {
                    in_header = false;
                    Ink::Table
                }
                EventKind::Newline => {
                    in_header = false;
                    continue;
                }
                EventKind::SimpleKey | EventKind::KeySep if in_header => Ink::Table,
                EventKind::SimpleKey => Ink::Key,
                EventKind::Scalar => match scalar_ink(source, event) {
                    Some(ink) => ink,
                    None => continue,
                },
                EventKind::Comment => Ink::Comment,
                EventKind::KeySep
                | EventKind::KeyValSep
                | EventKind::ValueSep
                | EventKind::ArrayOpen
                | EventKind::ArrayClose
                | EventKind::InlineTableOpen
                | EventKind::InlineTableClose => Ink::Punctuation,
                EventKind::Whitespace | EventKind::Error => continue,
            };
            let range = range(event.span());
            if !range.is_empty() && inks.last().is_none_or(|(last, _)| last.end <= range.start) {
                inks.push((range, ink));
            }
        }
        inks
    }
}

/// The bytes of a span.
pub(super) fn range(span: Span) -> Range<usize> {
    span.start()..span.end()
}

/// The colour of a value; none where it is no value at all.
fn scalar_ink(source: Source<'_>, event: &Event) -> Option<Ink> {
    if event.encoding().is_some() {
        return Some(Ink::Text);
    }
    let mut error: Option<ParseError> = None;
    let kind = source.get(event)?.decode_scalar(&mut (), &mut error);
    error.is_none().then_some(match kind {
        ScalarKind::String => Ink::Text,
        ScalarKind::Boolean(_) => Ink::Switch,
        ScalarKind::DateTime => Ink::Date,
        ScalarKind::Float | ScalarKind::Integer(_) => Ink::Number,
    })
}

/// The tokens, cut where a value that is not closed is taken to end.
fn parts<'t>(source: Source<'_>, tokens: &'t [Token]) -> Vec<&'t [Token]> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut open: Vec<TokenKind> = Vec::new();
    let mut in_value = false;
    for (index, token) in tokens.iter().enumerate() {
        match token.kind() {
            TokenKind::Equals => in_value = true,
            kind @ (TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket) if in_value => open.push(kind),
            TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => {
                open.pop();
            }
            TokenKind::Newline => {
                let line = tokens.get(index + 1..).unwrap_or_default();
                let cut = match open.last() {
                    None => {
                        in_value = false;
                        false
                    }
                    Some(TokenKind::LeftCurlyBracket) => is_header(source, line),
                    Some(_) => is_header(source, line) || is_assignment(line),
                };
                if cut {
                    parts.extend(tokens.get(start..=index));
                    start = index + 1;
                    open.clear();
                    in_value = false;
                }
            }
            _ => {}
        }
    }
    parts.extend(tokens.get(start..));
    parts
}

/// Whether a line is a table's header that could be no part of a list: it starts with a word, which is no value.
fn is_header(source: Source<'_>, line: &[Token]) -> bool {
    let mut tokens = line.iter().filter(|token| token.kind() != TokenKind::Whitespace).peekable();
    if tokens.next_if(|token| token.kind() == TokenKind::LeftSquareBracket).is_none() {
        return false;
    }
    let _second_of_two = tokens.next_if(|token| token.kind() == TokenKind::LeftSquareBracket);
    let is_word = |token: &&Token| {
        let word = source.get(*token).map_or("", |raw| raw.as_str());
        let value = matches!(word, "true" | "false" | "inf" | "nan");
        token.kind() == TokenKind::Atom && word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && !value
    };
    if tokens.next_if(is_word).is_none() {
        return false;
    }
    let mut rest = tokens.skip_while(|token| matches!(token.kind(), TokenKind::Dot | TokenKind::Atom));
    rest.next().is_some_and(|token| token.kind() == TokenKind::RightSquareBracket)
}

/// Whether a line starts with `key =`.
fn is_assignment(line: &[Token]) -> bool {
    let is_key =
        |kind| matches!(kind, TokenKind::Atom | TokenKind::BasicString | TokenKind::LiteralString | TokenKind::Dot);
    let mut kinds = line.iter().map(Token::kind).filter(|kind| *kind != TokenKind::Whitespace).peekable();
    kinds.next_if(|kind| is_key(*kind)).is_some()
        && kinds.find(|kind| !is_key(*kind)).is_some_and(|kind| kind == TokenKind::Equals)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn coloured(text: &str) -> Vec<(&str, Ink)> {
        Syntax::of(text).inks(text).into_iter().map(|(range, ink)| (&text[range], ink)).collect()
    }

    #[test]
    fn every_kind_of_value_has_its_colour() {
        let text =
            "a = \"x\"\nb = 'x'\nc = \"\"\"x\ny\"\"\"\nd = '''x'''\ne = 1_0\nf = 1e-3\ng = true\nh = 2026-11-23\n";
        let inks: Vec<_> = coloured(text).into_iter().filter(|(_, ink)| *ink != Ink::Punctuation).collect();
        let values: Vec<_> = inks.iter().filter(|(_, ink)| *ink != Ink::Key).copied().collect();
        assert_eq!(
            values,
            [
                ("\"x\"", Ink::Text),
                ("'x'", Ink::Text),
                ("\"\"\"x\ny\"\"\"", Ink::Text),
                ("'''x'''", Ink::Text),
                ("1_0", Ink::Number),
                ("1e-3", Ink::Number),
                ("true", Ink::Switch),
                ("2026-11-23", Ink::Date),
            ]
        );
    }

    #[test]
    fn headers_keys_and_comments_are_told_apart() {
        assert_eq!(
            coloured("[model.extras] # why\nwidth.max = { a = 1 }"),
            [
                ("[", Ink::Table),
                ("model", Ink::Table),
                (".", Ink::Table),
                ("extras", Ink::Table),
                ("]", Ink::Table),
                ("# why", Ink::Comment),
                ("width", Ink::Key),
                (".", Ink::Punctuation),
                ("max", Ink::Key),
                ("=", Ink::Punctuation),
                ("{", Ink::Punctuation),
                ("a", Ink::Key),
                ("=", Ink::Punctuation),
                ("1", Ink::Number),
                ("}", Ink::Punctuation),
            ]
        );
    }

    #[test]
    fn what_is_no_value_has_no_colour() {
        assert_eq!(coloured("a = yes"), [("a", Ink::Key), ("=", Ink::Punctuation)]);
    }

    #[test]
    fn a_list_that_is_not_closed_ends_where_the_next_key_or_table_starts() {
        for (text, last) in [("a = [1,\nb = 2", ("2", Ink::Number)), ("a = [\n  \"x\",\n[model]\n", ("]", Ink::Table))]
        {
            assert_eq!(coloured(text).last(), Some(&last));
            assert!(coloured(text).iter().any(|piece| *piece == ("b", Ink::Key) || *piece == ("model", Ink::Table)));
        }
    }

    #[test]
    fn lists_of_lists_are_not_taken_for_headers() {
        for text in
            ["a = [\n[1]\n]\nb = 1", "a = [\n[true]\n]\nb = 1", "a = [\n[inf],\n]\nb = 1", "a = [\n[\"x\"]\n]\nb = 1"]
        {
            assert!(!coloured(text).iter().any(|(_, ink)| *ink == Ink::Table), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_coloured_in_order(text in "[a\\[\\]{}=.,\"'#\\\\ \nµ1-]{0,60}") {
            let mut end = 0;
            for (range, _) in Syntax::of(&text).inks(&text) {
                prop_assert!(range.start >= end && range.start < range.end);
                prop_assert!(text.get(range.clone()).is_some());
                end = range.end;
            }
        }
    }
}
