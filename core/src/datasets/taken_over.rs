//! Recordings that a preparation need not write, since an earlier one of the same has written all of their samples before it
//! was killed or stopped.

use std::collections::BTreeMap;

use super::{
    DatasetPlan,
    output::{Output, Row},
    unfinished::Written,
    windows::Renderer,
};

/// How many windows there are of each subject and tag.
pub(super) type Numbers = BTreeMap<(String, String), usize>;

/// Recordings that are taken over.
pub(super) struct TakenOver {
    /// By their place in the plan.
    pub recordings: Vec<(usize, Written)>,
    /// How their windows are numbered.
    pub numbers: Numbers,
    /// The place of the first recording that is not taken over.
    pub next: usize,
}

/// Takes over the rows of recordings whose samples are there. Windows are numbered one recording after the other, so that
/// the first one of use of which something is missing ends it. `split_of` gives the split of a recording of use.
pub(super) fn take_over(
    output: &mut Output<'_>,
    plan: &DatasetPlan,
    renderer: &Renderer,
    split_of: impl Fn(usize) -> Option<&'static str>,
) -> TakenOver {
    let mut taken = TakenOver { recordings: Vec::new(), numbers: Numbers::new(), next: plan.recordings.len() };
    for index in 0..plan.recordings.len() {
        let Some(split) = split_of(index) else { continue };
        let rows = output.unfinished.written(index).cloned().and_then(|written| {
            let (rows, numbers) = rows_of(index, &written, output, plan, renderer, split, &taken.numbers)?;
            Some((written, rows, numbers))
        });
        let Some((written, rows, numbers)) = rows else {
            taken.next = index;
            break;
        };
        output.rows.extend(rows);
        taken.numbers.extend(numbers);
        taken.recordings.push((index, written));
    }
    taken
}

/// The rows of a recording, and the numbers that come after; `None` where not all of its samples are there as they were
/// written.
fn rows_of(
    index: usize,
    written: &Written,
    output: &Output<'_>,
    plan: &DatasetPlan,
    renderer: &Renderer,
    split: &'static str,
    before: &Numbers,
) -> Option<(Vec<Row>, Numbers)> {
    let recording = &plan.recordings[index];
    if written.starts.len() != recording.segments.len() {
        return None;
    }
    let (mut rows, mut after, mut bytes) = (Vec::new(), Numbers::new(), 0);
    for (position, (segment, starts)) in recording.segments.iter().zip(&written.starts).enumerate() {
        let key = (recording.subject.clone(), segment.tag.clone());
        let first = before.get(&key).copied().unwrap_or_default();
        let number = after.entry(key).or_insert(first);
        for &start in starts {
            let file = renderer.file_name(&segment.tag, *number);
            let row = Row::new(&file, split, plan, (index, position), start);
            bytes += output.size_before(&row)?;
            rows.push(row);
            *number += 1;
        }
    }
    (bytes == written.bytes).then_some((rows, after))
}
