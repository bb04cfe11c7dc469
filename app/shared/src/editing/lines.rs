//! From a text, its colours and its problems to what is drawn: lines, each cut into pieces that look alike.

use std::ops::Range;

use super::{
    check::{Problem, Severity},
    position::{floor_boundary, line_end},
    syntax::Ink,
};

/// A text cut into lines and pieces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    /// The lines, at least one.
    pub lines: Vec<Line>,
    pieces: Vec<Piece>,
}

/// A line, without its line break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its bytes of the text.
    pub span: Range<usize>,
    /// The worst problem that begins in it.
    pub mark: Option<Severity>,
    pieces: Range<usize>,
}

/// A stretch of a line that looks the same throughout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its bytes, counted from the start of the line. Empty only for a mark at the end of a line.
    pub span: Range<usize>,
    /// Its colour; none for what has no meaning.
    pub ink: Option<Ink>,
    /// The worst problem here.
    pub mark: Option<Severity>,
}

impl Layout {
    /// The pieces of a line, in order; together they are the line.
    #[must_use]
    pub fn pieces(&self, line: &Line) -> &[Piece] {
        self.pieces.get(line.pieces.clone()).unwrap_or_default()
    }

    /// The number of the line in which a place lies.
    #[must_use]
    pub fn line_of(&self, place: usize) -> usize {
        self.lines.partition_point(|line| line.span.start <= place).saturating_sub(1)
    }
}

/// Cuts a text into lines and pieces.
#[must_use]
pub fn layout(text: &str, inks: &[(Range<usize>, Ink)], problems: &[Problem]) -> Layout {
    let mut marks: Vec<_> = problems.iter().map(|problem| (visible(text, &problem.span), problem.severity)).collect();
    marks.sort_by_key(|(span, _)| span.start);
    let mut layout = Layout { lines: Vec::new(), pieces: Vec::with_capacity(inks.len() * 2) };
    let mut inks = inks.iter().peekable();
    let mut start = 0;
    for line in text.split('\n') {
        let span = start..start + line.len();
        let first = layout.pieces.len();
        let begins_here = |mark: &Range<usize>| span.start <= mark.start && mark.start <= span.end;
        let touches = |mark: &Range<usize>| begins_here(mark) || (mark.start < span.end && span.start < mark.end);
        let marks: Vec<_> = marks.iter().filter(|(mark, _)| touches(mark)).collect();
        let mut at = span.start;
        while at < span.end {
            while inks.next_if(|(ink, _)| ink.end <= at).is_some() {}
            let (ink, ink_end) = match inks.peek() {
                Some((range, ink)) if range.start <= at => (Some(*ink), range.end),
                Some((range, _)) => (None, range.start),
                None => (None, span.end),
            };
            let mut end = ink_end.min(span.end);
            let mut mark = None;
            for (range, severity) in &marks {
                if range.start <= at && at < range.end {
                    mark = mark.max(Some(*severity));
                    end = end.min(range.end);
                } else if at < range.start {
                    end = end.min(range.start);
                }
            }
            layout.pieces.push(Piece { span: at - span.start..end - span.start, ink, mark });
            at = end;
        }
        let at_end = marks.iter().filter(|(mark, _)| mark.is_empty() && mark.start == span.end);
        if let Some(severity) = at_end.map(|(_, severity)| *severity).max() {
            let end = line.len();
            layout.pieces.push(Piece { span: end..end, ink: None, mark: Some(severity) });
        }
        let mark = marks.iter().filter(|(mark, _)| begins_here(mark)).map(|(_, severity)| *severity).max();
        layout.lines.push(Line { span: span.clone(), mark, pieces: first..layout.pieces.len() });
        start = span.end + 1;
    }
    layout
}

/// The bytes under which a problem is drawn: at least one character, unless the line has none there.
fn visible(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = floor_boundary(text, span.start);
    let end = floor_boundary(text, span.end).max(start);
    if start < end {
        return start..end;
    }
    let character = text.get(start..line_end(text, start)).and_then(|rest| rest.chars().next());
    start..start + character.map_or(0, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::editing::{Syntax, check};

    fn drawn(text: &str) -> Layout {
        layout(text, &Syntax::of(text).inks(text), &check(text, &[]).problems)
    }

    fn marked(text: &str) -> Vec<&str> {
        let layout = drawn(text);
        let pieces = layout.lines.iter().flat_map(|line| layout.pieces(line).iter().map(move |piece| (line, piece)));
        pieces
            .filter(|(_, piece)| piece.mark.is_some())
            .map(|(line, piece)| &text[line.span.start + piece.span.start..line.span.start + piece.span.end])
            .collect()
    }

    #[test]
    fn what_is_wrong_is_marked_and_nothing_else() {
        let text = "[dataset]\nname = \"µ-demo🧠\"\ntasks = [\"gender\"]\n[model]\nbackbone = \"cnn_lite\"\ninput_channels = 1\n";
        assert_eq!(marked(text), ["\"cnn_lite\""]);
    }

    #[test]
    fn what_is_missing_is_marked_where_it_should_be() {
        assert_eq!(marked(""), ["",]);
        let text = "[dataset]\nname = ";
        let layout = drawn(text);
        assert_eq!(layout.lines[1].mark, Some(Severity::Error));
    }

    #[test]
    fn a_text_of_several_lines_is_coloured_in_each() {
        let text = "a = \"\"\"x\ny\"\"\"";
        let layout = drawn(text);
        assert_eq!(layout.pieces(&layout.lines[1])[0].ink, Some(Ink::Text));
    }

    #[test]
    fn the_line_of_a_place() {
        let layout = drawn("a\n\nb");
        assert_eq!([0, 1, 2, 3, 9].map(|place| layout.line_of(place)), [0, 0, 1, 2, 2]);
    }

    proptest! {
        #[test]
        fn the_pieces_make_up_the_text(text in "[a\\[\\]{}=.,\"'#\\\\ \nµ1-]{0,60}") {
            let layout = drawn(&text);
            let lines: Vec<String> = layout.lines.iter().map(|line| {
                layout.pieces(line).iter().map(|piece| {
                    &text[line.span.start + piece.span.start..line.span.start + piece.span.end]
                }).collect()
            }).collect();
            prop_assert_eq!(lines.join("\n"), text);
        }
    }
}
