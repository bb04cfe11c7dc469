//! Where the caret is, in the terms of a run file.

use std::ops::Range;

use super::{
    outline::{Outline, Region},
    position::{line_end, line_start},
};

/// Where the caret is, and what would be replaced there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CaretContext {
    /// In the header of a table.
    Header { replace: Range<usize> },
    /// In a key or where one could begin. `table` is the path of what it is in, with the parts before the caret.
    Key { table: Vec<String>, replace: Range<usize>, assigned: bool, begins_line: bool },
    /// In the value of the key with this path.
    Value { path: Vec<String>, replace: Range<usize>, in_list: bool },
}

/// Where the caret is; `None` where nothing could be completed.
pub(super) fn caret_context(text: &str, outline: &Outline, caret: usize) -> Option<CaretContext> {
    let containing = outline.regions.iter().rev().find(|(range, _)| range.start <= caret && caret <= range.end);
    match containing.map(|(range, region)| (range, *region)) {
        Some((_, Region::Comment)) => None,
        Some((range, Region::Header(_))) => Some(CaretContext::Header { replace: range.clone() }),
        Some((_, Region::Key(index))) => {
            let entry = outline.entries.get(index)?;
            let at = entry.parts.iter().position(|part| part.start <= caret && caret <= part.end)?;
            Some(CaretContext::Key {
                table: entry.path.get(..entry.table + at)?.to_vec(),
                replace: entry.parts.get(at)?.clone(),
                assigned: entry.assigned,
                begins_line: at == 0 && text.get(line_start(text, caret)..entry.span.start)?.trim().is_empty(),
            })
        }
        Some((range, region @ (Region::Value(index) | Region::List(index)))) => {
            let entry = outline.entries.get(index)?;
            let in_list = matches!(region, Region::List(_));
            let touched = entry.scalars.iter().find(|scalar| scalar.span.start <= caret && caret <= scalar.span.end);
            let replace = match touched {
                Some(scalar) => word(text, &scalar.span, caret),
                None if in_list || text.get(range.clone())?.trim().is_empty() => caret..caret,
                None => return None,
            };
            Some(CaretContext::Value { path: entry.path.clone(), replace, in_list })
        }
        Some((_, Region::Inline(index))) => {
            let entry = outline.entries.get(index)?;
            let replace = caret..caret;
            Some(CaretContext::Key { table: entry.path.clone(), replace, assigned: false, begins_line: false })
        }
        None => {
            let line = text.get(line_start(text, caret)..line_end(text, caret))?;
            let table = outline.table_at(caret).to_vec();
            let key = CaretContext::Key { table, replace: caret..caret, assigned: false, begins_line: true };
            line.trim().is_empty().then_some(key)
        }
    }
}

/// What of a value would be replaced: all of it, unless its closing quote is missing: then only what is before the
/// caret, since what follows may not belong to it.
fn word(text: &str, scalar: &Range<usize>, caret: usize) -> Range<usize> {
    let written = text.get(scalar.clone()).unwrap_or_default();
    let open = ['"', '\'']
        .into_iter()
        .any(|quote| written.starts_with(quote) && (written.len() == 1 || !written.ends_with(quote)));
    if open { scalar.start..caret } else { scalar.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editing::Syntax;

    /// The place of `|` in a text.
    fn at(marked: &str) -> Option<CaretContext> {
        let caret = marked.find('|').unwrap();
        let text = marked.replacen('|', "", 1);
        caret_context(&text, &Outline::of(&text, &Syntax::of(&text)), caret)
    }

    fn table_of(marked: &str) -> String {
        match at(marked) {
            Some(CaretContext::Key { table, .. }) => table.join("."),
            other => panic!("{marked}: {other:?}"),
        }
    }

    fn value_of(marked: &str) -> (String, bool) {
        match at(marked) {
            Some(CaretContext::Value { path, in_list, .. }) => (path.join("."), in_list),
            other => panic!("{marked}: {other:?}"),
        }
    }

    #[test]
    fn keys_belong_to_the_table_around_them() {
        assert_eq!(table_of("|"), "");
        assert_eq!(table_of("[model]\n|"), "model");
        assert_eq!(table_of("[model]\nde|pth = 3\n[data]\n"), "model");
        assert_eq!(table_of("[model]\nextras.pool|"), "model.extras");
        assert_eq!(table_of("[model]\nextras = { |"), "model.extras");
        assert_eq!(table_of("[model]\nextras = { pool| }\n"), "model.extras");
    }

    #[test]
    fn values_belong_to_their_key() {
        assert_eq!(value_of("[model]\nbackbone = |"), ("model.backbone".to_owned(), false));
        assert_eq!(value_of("[model]\nbackbone =|\ndepth = 1"), ("model.backbone".to_owned(), false));
        assert_eq!(value_of("[model]\nbackbone = \"cnn|\"\n"), ("model.backbone".to_owned(), false));
        assert_eq!(value_of("[dataset]\ntasks = [|]"), ("dataset.tasks".to_owned(), true));
        assert_eq!(value_of("[dataset]\ntasks = [\n  \"a\",\n  |\n]"), ("dataset.tasks".to_owned(), true));
        assert_eq!(value_of("[dataset]\ntasks = [\"a\"\n|\n[model]\n"), ("dataset.tasks".to_owned(), true));
        assert_eq!(value_of("[dataset]\ntasks = [\"a\", \"|\n[model]\n"), ("dataset.tasks".to_owned(), true));
    }

    #[test]
    fn nothing_is_completed_in_comments_or_behind_a_value() {
        assert_eq!(at("# de|"), None);
        assert_eq!(at("a = 1 # |"), None);
        assert_eq!(at("a = 1 |"), None);
        assert_eq!(at("[model] |"), None);
    }

    #[test]
    fn a_text_without_its_closing_quote_is_replaced_up_to_the_caret() {
        let what = |marked: &str| match at(marked) {
            Some(CaretContext::Value { replace, .. }) => marked.replacen('|', "", 1)[replace].to_owned(),
            other => panic!("{marked}: {other:?}"),
        };
        assert_eq!(what("tasks = [\"gen|]"), "\"gen");
        assert_eq!(what("tasks = [\"gen|der\"]"), "\"gender\"");
        assert_eq!(what("name = ma|th"), "math");
    }
}
