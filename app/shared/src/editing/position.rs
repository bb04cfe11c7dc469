//! Places in a text: bytes here, UTF-16 units in a browser; and what becomes of a place when the text around it changes.

use std::ops::Range;

/// The place in UTF-16 units of a place in bytes; a place past the end is the end.
#[must_use]
pub fn utf16_of(text: &str, byte: usize) -> usize {
    if text.is_ascii() {
        return byte.min(text.len());
    }
    let before = text.get(..floor_boundary(text, byte)).unwrap_or(text);
    before.chars().map(char::len_utf16).sum()
}

/// The place in bytes of a place in UTF-16 units; a place past the end is the end.
#[must_use]
pub fn byte_of(text: &str, utf16: usize) -> usize {
    if text.is_ascii() {
        return utf16.min(text.len());
    }
    let mut units = 0;
    for (byte, character) in text.char_indices() {
        if units >= utf16 {
            return byte;
        }
        units += character.len_utf16();
    }
    text.len()
}

/// The start of the character in which a byte lies.
pub(super) fn floor_boundary(text: &str, byte: usize) -> usize {
    let byte = byte.min(text.len());
    (0..=byte).rev().find(|&place| text.is_char_boundary(place)).unwrap_or(0)
}

/// The start of the line in which a place lies.
pub(super) fn line_start(text: &str, place: usize) -> usize {
    text.get(..place).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

/// The end of the line in which a place lies, before its line break.
pub(super) fn line_end(text: &str, place: usize) -> usize {
    text.get(place..).and_then(|after| after.find('\n')).map_or(text.len(), |newline| place + newline)
}

/// A stretch of a text and what took its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The bytes of the old text that went.
    pub old: Range<usize>,
    /// The bytes of the new text that came.
    pub new: Range<usize>,
}

/// The smallest single change that makes the new text of the old one.
#[must_use]
pub fn change_between(old: &str, new: &str) -> Change {
    let (before, after) = (old.as_bytes(), new.as_bytes());
    let mut start = before.iter().zip(after).take_while(|(old, new)| old == new).count();
    while !old.is_char_boundary(start) || !new.is_char_boundary(start) {
        start -= 1;
    }
    let (before, after) = (before.get(start..).unwrap_or_default(), after.get(start..).unwrap_or_default());
    let mut end = before.iter().rev().zip(after.iter().rev()).take_while(|(old, new)| old == new).count();
    while !old.is_char_boundary(old.len() - end) || !new.is_char_boundary(new.len() - end) {
        end -= 1;
    }
    Change { old: start..old.len() - end, new: start..new.len() - end }
}

/// Where a stretch of the old text stands after a change.
#[must_use]
pub fn moved(span: &Range<usize>, change: &Change) -> Range<usize> {
    let place = |place: usize| {
        if place <= change.old.start {
            place
        } else if place >= change.old.end {
            place - change.old.end + change.new.end
        } else {
            change.new.end
        }
    };
    place(span.start)..place(span.end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn characters_outside_the_basic_plane_are_two_units_and_four_bytes() {
        let text = "µV 🧠 x";
        assert_eq!(utf16_of(text, text.find('x').unwrap()), 6);
        assert_eq!(byte_of(text, 6), text.find('x').unwrap());
        assert_eq!((utf16_of(text, 99), byte_of(text, 99)), (7, text.len()));
    }

    #[test]
    fn a_mark_behind_the_change_moves_with_its_text() {
        let (old, new) = ("a = 1\nbad = 2\n", "a = 100\nbad = 2\n");
        let change = change_between(old, new);
        let span = old.find("bad").unwrap()..old.find("bad").unwrap() + 3;
        assert_eq!(&new[moved(&span, &change)], "bad");
    }

    proptest! {
        #[test]
        fn a_change_makes_the_new_text_of_the_old(old in "[aµ🧠\n]{0,12}", new in "[aµ🧠\n]{0,12}") {
            let Change { old: gone, new: came } = change_between(&old, &new);
            let mut made = old.clone();
            made.replace_range(gone, &new[came]);
            prop_assert_eq!(made, new);
        }

        #[test]
        fn units_and_bytes_are_there_and_back(text in "[aµ🧠\n]{0,12}") {
            for (byte, _) in text.char_indices() {
                prop_assert_eq!(byte_of(&text, utf16_of(&text, byte)), byte);
            }
        }
    }
}
