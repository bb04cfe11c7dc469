//! Channels drawn one below the other: where each is centred, how much of its unit a row spans, and which stretch of
//! pixels each column covers, all from the `[lowest, highest]` pairs of [`signal_studio_core::recording::extremes`];
//! and which stretches of a recording can be shown.

/// What a row can be made to span, in the channel's unit times its prefix: the steps of EEG viewers.
pub const SPANS: [f64; 13] = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4];

/// Stretches of a recording that can be shown, in seconds.
const LENGTHS_S: [f64; 7] = [1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0];

/// The longest stretch that is shown at first: a page of an EEG viewer.
const FIRST_LENGTH_S: f64 = 10.0;

/// The stretches that can be shown of a recording of `whole_s` seconds, rising; all of it is one of them unless it is
/// longer than the longest.
#[must_use]
pub fn lengths(whole_s: Option<f64>) -> Vec<f64> {
    let whole_s = whole_s.filter(|whole_s| *whole_s > 0.0).unwrap_or(f64::INFINITY);
    let longest = LENGTHS_S[LENGTHS_S.len() - 1];
    let shorter = LENGTHS_S.into_iter().filter(|length| *length < whole_s);
    shorter.chain((whole_s <= longest).then_some(whole_s)).collect()
}

/// The one of them that is shown at first.
#[must_use]
pub fn first_length(whole_s: Option<f64>) -> f64 {
    lengths(whole_s).into_iter().rfind(|length| *length <= FIRST_LENGTH_S).unwrap_or(FIRST_LENGTH_S)
}

/// The mean of the values, around which a channel is drawn: electrodes have offsets that would push it off its row.
#[must_use]
pub fn centre(extremes: &[[f32; 2]]) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for [low, high] in extremes.iter().filter(|[low, high]| low.is_finite() && high.is_finite()) {
        sum += (f64::from(*low) + f64::from(*high)) / 2.0;
        count += 1.0;
    }
    if count == 0.0 { 0.0 } else { sum / count }
}

/// From the lowest to the highest value, single outliers left out: the span of the middle 98 % of the columns.
#[must_use]
pub fn spread(extremes: &[[f32; 2]]) -> f64 {
    let mut lows: Vec<f32> = extremes.iter().map(|[low, _]| *low).filter(|low| low.is_finite()).collect();
    let mut highs: Vec<f32> = extremes.iter().map(|[_, high]| *high).filter(|high| high.is_finite()).collect();
    if lows.is_empty() || highs.is_empty() {
        return 0.0;
    }
    let cut = lows.len().min(highs.len()) / 100;
    let (_, low, _) = lows.select_nth_unstable_by(cut, f32::total_cmp);
    let from_top = highs.len() - 1 - cut;
    let (_, high, _) = highs.select_nth_unstable_by(from_top, f32::total_cmp);
    (f64::from(*high) - f64::from(*low)).max(0.0)
}

/// The place in [`SPANS`] of the smallest span that holds the middle one of the channels' spreads.
#[must_use]
pub fn fitting_span(mut spreads: Vec<f64>) -> usize {
    spreads.retain(|spread| *spread > 0.0);
    if spreads.is_empty() {
        return SPANS.iter().position(|span| *span == 100.0).unwrap_or_default();
    }
    let middle = spreads.len() / 2;
    let (_, typical, _) = spreads.select_nth_unstable_by(middle, f64::total_cmp);
    SPANS.iter().position(|span| span >= typical).unwrap_or(SPANS.len() - 1)
}

/// One column's stretch of pixels, from top to bottom; none where there is no value. Traces may cross into the rows
/// beside theirs, as on paper, but not further than `reach` pixels.
#[must_use]
pub fn stretch(extremes: [f32; 2], centre: f64, pixels_per_unit: f64, middle: f64, reach: f64) -> Option<(f64, f64)> {
    let [low, high] = extremes.map(f64::from);
    if !(low.is_finite() && high.is_finite()) {
        return None;
    }
    let y = |value: f64| middle - ((value - centre) * pixels_per_unit).clamp(-reach, reach);
    Some((y(high), y(low)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_a_short_recording_can_be_shown() {
        assert_eq!(lengths(Some(7.3)), [1.0, 2.0, 5.0, 7.3]);
        assert_eq!(lengths(Some(0.4)), [0.4]);
        assert_eq!(lengths(Some(10.0)), [1.0, 2.0, 5.0, 10.0]);
        assert_eq!(lengths(Some(3600.0)), LENGTHS_S);
        assert_eq!(lengths(None), LENGTHS_S);
        assert_eq!(lengths(Some(0.0)), LENGTHS_S);
        assert_eq!([Some(7.3), Some(0.4), Some(12.0), None].map(first_length), [7.3, 0.4, 10.0, 10.0]);
    }

    #[test]
    fn a_channel_is_centred_on_its_values_and_gaps_do_not_count() {
        assert_eq!(centre(&[[1.0, 3.0], [f32::NAN, f32::NAN], [3.0, 5.0]]), 3.0);
        assert_eq!(centre(&[]), 0.0);
    }

    #[test]
    fn an_outlier_does_not_flatten_the_rest() {
        let mut extremes = vec![[-20.0, 20.0]; 200];
        extremes[7] = [-5e3, 5e3];
        assert_eq!(spread(&extremes), 40.0);
        assert_eq!(spread(&[[f32::NAN, f32::NAN]]), 0.0);
    }

    #[test]
    fn the_span_is_the_next_step_above_the_typical_spread() {
        assert_eq!(SPANS[fitting_span(vec![30.0, 40.0, 4e3])], 50.0);
        assert_eq!(SPANS[fitting_span(vec![0.0, 0.0])], 100.0);
        assert_eq!(SPANS[fitting_span(vec![1e9])], 1e4);
    }

    #[test]
    fn high_values_are_drawn_above_low_ones_and_stay_within_reach() {
        assert_eq!(stretch([-1.0, 1.0], 0.0, 10.0, 100.0, 50.0), Some((90.0, 110.0)));
        assert_eq!(stretch([-1.0, 1e6], 0.0, 10.0, 100.0, 50.0), Some((50.0, 110.0)));
        assert_eq!(stretch([f32::NAN, 1.0], 0.0, 10.0, 100.0, 50.0), None);
    }
}
