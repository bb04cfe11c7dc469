/// Reverses the order of the samples of each channel, `[channels, samples]`.
pub fn reverse_time(values: &mut [f32], samples: usize) {
    values.chunks_exact_mut(samples).for_each(<[f32]>::reverse);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_channel_is_reversed() {
        let mut values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        reverse_time(&mut values, 3);
        assert_eq!(values, [3.0, 2.0, 1.0, 6.0, 5.0, 4.0]);
    }
}
