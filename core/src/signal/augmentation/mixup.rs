use rand::{Rng, seq::SliceRandom};
use rand_distr::{Beta, Distribution};

/// How the windows of a batch are mixed with each other (Zhang et al. 2018): each becomes λ·x + (1 − λ)·x′, where x′ is
/// another window of the batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Mixup {
    /// Which window each is mixed with: a permutation.
    pub partners: Vec<usize>,
    /// λ of each, from ½ to 1: of two windows that are mixed with λ and 1 − λ, the larger share is called the first, which
    /// changes no batch.
    pub shares: Vec<f32>,
}

impl Mixup {
    /// Draws how a batch of so many windows is mixed: λ from Beta(`alpha`, `alpha`), once for all or for each.
    #[must_use]
    pub fn draw(windows: usize, alpha: f64, is_per_window: bool, random: &mut impl Rng) -> Self {
        let mut share = || {
            // Parameters that are no distribution's, infinite ones, mix in halves.
            let drawn = Beta::new(alpha, alpha).map_or(0.5, |beta| beta.sample(random));
            // Nor do parameters next to 0, where nothing is mixed, always give a number.
            if drawn.is_nan() { 1.0 } else { drawn.max(1.0 - drawn) as f32 }
        };
        let shares = if is_per_window { (0..windows).map(|_| share()).collect() } else { vec![share(); windows] };
        let mut partners: Vec<usize> = (0..windows).collect();
        partners.shuffle(random);
        Self { partners, shares }
    }

    /// Mixes windows of one length.
    pub fn apply(&self, windows: &mut [&mut [f32]]) {
        let before: Vec<Vec<f32>> = windows.iter().map(|window| window.to_vec()).collect();
        for ((window, &partner), &share) in windows.iter_mut().zip(&self.partners).zip(&self.shares) {
            for (value, other) in window.iter_mut().zip(&before[partner]) {
                *value = share * *value + (1.0 - share) * other;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    #[test]
    fn windows_are_mixed_by_the_formula() {
        let mixup = Mixup { partners: vec![1, 2, 0], shares: vec![0.75, 0.5, 1.0] };
        let mut windows = [[1.0, 2.0], [5.0, 6.0], [7.0, 10.0]];
        mixup.apply(&mut windows.each_mut().map(|window| &mut window[..]));
        assert_eq!(windows, [[2.0, 3.0], [6.0, 8.0], [7.0, 10.0]]);
    }

    #[test]
    fn partners_are_a_permutation_and_shares_those_of_the_distribution() {
        let mut random = stream(0, Purpose::Augmentation, 0);
        let each = Mixup::draw(4000, 0.2, true, &mut random);
        let mut sorted = each.partners.clone();
        sorted.sort_unstable();
        assert!(sorted.into_iter().eq(0..4000));
        assert!(each.shares.iter().all(|share| (0.5..=1.0).contains(share)));
        // Of Beta(0.2, 0.2), the expected λ² + (1 − λ)² is 1 − 2·α/(2·(2α + 1)).
        let mean = each.shares.iter().map(|share| share * share + (1.0 - share) * (1.0 - share)).sum::<f32>() / 4000.0;
        assert!((mean - (1.0 - 0.2 / 1.4)).abs() < 0.01, "{mean}");
        let together = Mixup::draw(8, 0.2, false, &mut random);
        assert!(together.shares.iter().all(|&share| share == together.shares[0]));
        assert_ne!(Mixup::draw(8, 0.2, false, &mut random).shares, together.shares);
    }
}
