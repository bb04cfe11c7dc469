//! From what core takes for meant to the edit that writes it: in quotes where the place wants a text, without them where
//! it wants a key, a number or a switch.

use std::ops::Range;

use signal_studio_core::config::{ConfigProblem, KeyKind};

use super::{
    edit::Edit,
    outline::Outline,
    schema::{self, quoted, quoted_key},
};

/// The edit that writes what was probably meant. `cures` tells whether an edit leaves nothing of the
/// problem.
pub(super) fn fix(
    text: &str,
    outline: &Outline,
    problem: &ConfigProblem,
    meant: &str,
    cures: impl Fn(&Edit) -> bool,
) -> Option<Edit> {
    let span = problem.span.clone();
    let is_key = outline.entries.iter().flat_map(|entry| &entry.parts).any(|part| *part == span)
        || outline.headers.iter().any(|header| header.name.start <= span.start && span.end <= header.name.end);
    if is_key {
        return Some(Edit::replacing(span, quoted_key(meant)));
    }
    let entry =
        outline.entries.iter().rev().find(|entry| entry.span.start <= span.start && span.end <= entry.span.end)?;
    let kind = schema::key(&entry.path, schema::backbone(outline))?.kind;
    let as_text = match kind {
        KeyKind::Text | KeyKind::Texts | KeyKind::Choice(_) | KeyKind::Device => true,
        KeyKind::WordOrTable { words, .. } | KeyKind::CountOrWord { words, .. } => words.contains(&meant),
        _ => false,
    };
    let written = text.get(span.clone())?;
    if kind == KeyKind::Texts && written.contains(',') {
        return comma_parts(written)
            .map(|part| Edit::replacing(span.start + part.start..span.start + part.end, meant.to_owned()))
            .find(cures);
    }
    Some(Edit::replacing(span, if as_text { quoted(meant) } else { meant.to_owned() }))
}

/// The parts between commas of a text in quotes, without quotes and the space around them.
fn comma_parts(written: &str) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    written.split(',').map(move |part| {
        let begin = start + part.len() - part.trim_start_matches([' ', '"', '\'']).len();
        let end = start + part.trim_end_matches([' ', '"', '\'']).len();
        start += part.len() + 1;
        begin..end.max(begin)
    })
}
