//! What tests of this module share.

/// That a score is this, to a billionth.
#[track_caller]
pub(super) fn assert_close(found: Option<f64>, expected: f64) {
    assert!(found.is_some_and(|found| (found - expected).abs() < 1e-9), "{found:?} is not {expected}");
}
