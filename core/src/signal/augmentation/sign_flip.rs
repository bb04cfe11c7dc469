/// Gives all values the other sign.
pub fn flip_sign(values: &mut [f32]) {
    values.iter_mut().for_each(|value| *value = -*value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_the_other_sign() {
        let mut values = [1.0, -2.0];
        flip_sign(&mut values);
        assert_eq!(values, [-1.0, 2.0]);
    }
}
