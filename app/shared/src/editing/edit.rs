//! What the keyboard does to the text beyond typing: lines are indented, taken back, continued and commented out. Each
//! is one [`Edit`], so that undo takes it back at once.

use std::ops::Range;

use super::position::{line_end, line_start};

/// One step of indentation.
const INDENT: &str = "  ";

/// A change of the text, and what is selected after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The bytes that go.
    pub range: Range<usize>,
    /// What comes in their place.
    pub insert: String,
    /// What is selected then, in bytes of the new text.
    pub select: Range<usize>,
}

impl Edit {
    /// The edit that puts a text in the place of another, with the caret behind it.
    #[must_use]
    pub fn replacing(range: Range<usize>, insert: String) -> Self {
        let caret = range.start + insert.len();
        Self { range, insert, select: caret..caret }
    }

    /// The text after the edit.
    #[must_use]
    pub fn applied(&self, text: &str) -> String {
        let before = text.get(..self.range.start).unwrap_or(text);
        let after = text.get(self.range.end..).unwrap_or_default();
        [before, &self.insert, after].concat()
    }
}

/// What Tab does: indents the selected lines, or inserts two spaces.
#[must_use]
pub fn indent(text: &str, selection: &Range<usize>) -> Edit {
    if text.get(selection.clone()).is_none_or(|selected| !selected.contains('\n')) {
        return Edit::replacing(selection.clone(), INDENT.to_owned());
    }
    change_lines(text, selection, |line| if line.is_empty() { String::new() } else { format!("{INDENT}{line}") })
}

/// What Shift+Tab does: takes one step of indentation from the selected lines; `None` if none has any.
#[must_use]
pub fn outdent(text: &str, selection: &Range<usize>) -> Option<Edit> {
    let edit = change_lines(text, selection, |line| {
        let spaces = line.bytes().take(INDENT.len()).take_while(|&byte| byte == b' ').count();
        line.strip_prefix('\t').or_else(|| line.get(spaces..)).unwrap_or(line).to_owned()
    });
    (text.get(edit.range.clone()) != Some(edit.insert.as_str())).then_some(edit)
}

/// What Enter does: the new line is indented as the one it continues; `None` if that one is not indented.
#[must_use]
pub fn new_line(text: &str, selection: &Range<usize>) -> Option<Edit> {
    let before = text.get(line_start(text, selection.start)..selection.start)?;
    let blank = before.len() - before.trim_start_matches([' ', '\t']).len();
    let indentation = before.get(..blank).filter(|indentation| !indentation.is_empty())?;
    Some(Edit::replacing(selection.clone(), format!("\n{indentation}")))
}

/// What Ctrl+/ does: comments the selected lines out, or in again if all of them are comments.
#[must_use]
pub fn toggle_comment(text: &str, selection: &Range<usize>) -> Edit {
    let lines = text.get(lines_of(text, selection)).unwrap_or_default();
    let written = || lines.lines().filter(|line| !line.trim().is_empty());
    if written().next().is_some() && written().all(|line| line.trim_start().starts_with('#')) {
        return change_lines(text, selection, |line| match line.split_once('#') {
            Some((blank, rest)) => format!("{blank}{}", rest.strip_prefix(' ').unwrap_or(rest)),
            None => line.to_owned(),
        });
    }
    let indentation = written().map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let only_blank = written().next().is_none();
    change_lines(text, selection, |line| match line.split_at_checked(indentation) {
        Some((blank, rest)) if !rest.trim().is_empty() || only_blank => format!("{blank}# {rest}"),
        _ => line.to_owned(),
    })
}

/// The lines that a selection touches; one that it only reaches the start of is not touched.
fn lines_of(text: &str, selection: &Range<usize>) -> Range<usize> {
    let last = if selection.end > selection.start && text.get(..selection.end).is_some_and(|text| text.ends_with('\n'))
    {
        selection.end - 1
    } else {
        selection.end
    };
    line_start(text, selection.start)..line_end(text, last)
}

/// Changes each of the lines that a selection touches. A caret keeps its place in its line; a selection then holds the
/// lines.
fn change_lines(text: &str, selection: &Range<usize>, change: impl Fn(&str) -> String) -> Edit {
    let range = lines_of(text, selection);
    let old = text.get(range.clone()).unwrap_or_default();
    let lines: Vec<_> = old.split('\n').map(change).collect();
    let insert = lines.join("\n");
    let end = range.start + insert.len();
    let select = if selection.is_empty() {
        let from_end = range.end - selection.start;
        let caret = end.saturating_sub(from_end).max(range.start);
        caret..caret
    } else {
        range.start..end
    };
    Edit { range, insert, select }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tab_inserts_spaces_or_indents_lines() {
        assert_eq!(indent("ab", &(1..1)).applied("ab"), "a  b");
        let text = "a\n\nb\nc";
        let edit = indent(text, &(0..4));
        assert_eq!(edit.applied(text), "  a\n\n  b\nc");
        assert_eq!(&edit.applied(text)[edit.select], "  a\n\n  b");
        assert_eq!(indent(text, &(0..3)).applied(text), "  a\n\nb\nc");
    }

    #[test]
    fn shift_tab_takes_one_step_back() {
        let text = "    a\n b\nc";
        let edit = outdent(text, &(0..text.len())).unwrap();
        assert_eq!(edit.applied(text), "  a\nb\nc");
        assert_eq!(outdent("c", &(0..1)), None);
        let edit = outdent("  ab", &(3..3)).unwrap();
        assert_eq!((edit.applied("  ab").as_str(), edit.select), ("ab", 1..1));
    }

    #[test]
    fn enter_keeps_the_indentation() {
        let text = "  a = 1";
        assert_eq!(new_line(text, &(7..7)).unwrap().applied(text), "  a = 1\n  ");
        assert_eq!(new_line("a", &(1..1)), None);
    }

    #[test]
    fn comments_come_and_go_at_the_lines_indentation() {
        let text = "  a = 1\n\n    b = 2\nc = 3";
        let edit = toggle_comment(text, &(3..12));
        let commented = edit.applied(text);
        assert_eq!(commented, "  # a = 1\n\n  #   b = 2\nc = 3");
        assert_eq!(toggle_comment(&commented, &edit.select).applied(&commented), text);
        let edit = toggle_comment("a = 1", &(2..2));
        assert_eq!((edit.applied("a = 1").as_str(), edit.select), ("# a = 1", 4..4));
    }
}
