//! The EEG of a made-up person, in 20 channels: a 1/f background that neighbouring electrodes share, blinks, and a rhythm for
//! each label. Each component has a place on the head from which it fades, and none depends on the label of another.
//!
//! - `health`: a beta rhythm near 20 Hz over the motor cortex that waxes and wanes. Everyone has it; with the label it is
//!   stronger on average, while the strengths of single windows overlap.
//! - `gender`: a theta rhythm near 6 Hz over the forehead that is stronger in women.
//! - `age`: the alpha rhythm at the back of the head, which slows and weakens over the years, as in people: from 11 Hz at 20
//!   by 0.046 Hz a year, and to half its strength in 25 years, more clearly than in people.
//!
//! Everyone's signal has a gain of its own, so total power says little.
//!
//! Rhythms are narrow-band noise, a complex autoregressive process of order one, and the background is a sum of real
//! ones: both need only additions and multiplications for a sample, so that native and browser builds round to the same
//! 16-bit values.

use std::f64::consts::TAU;

use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};

use crate::datasets::MONTAGE_CHANNELS;

/// Rate of the generated recordings in Hz: that of windows, so that nobody waits for samples that are then left out.
pub(super) const RATE_HZ: u32 = 125;
/// Where the imagined amplifier saturates, in volts.
pub(super) const SATURATION_V: f64 = 1e-3;

const MICROVOLT: f64 = 1e-6;

/// Electrode positions of [`Math::MONTAGE`](super::Math::MONTAGE), seen from above: right and forward, in
/// radii of the head. The last channel is the difference of the ears, far from every source.
const POSITIONS: [(f64, f64); MONTAGE_CHANNELS] = [
    (-0.3, 0.9),
    (0.3, 0.9),
    (-0.4, 0.5),
    (0.4, 0.5),
    (0.0, 0.5),
    (-0.75, 0.55),
    (0.75, 0.55),
    (-0.5, 0.0),
    (0.5, 0.0),
    (0.0, 0.0),
    (-0.4, -0.5),
    (0.4, -0.5),
    (0.0, -0.5),
    (-0.3, -0.9),
    (0.3, -0.9),
    (-0.95, 0.0),
    (0.95, 0.0),
    (-0.75, -0.55),
    (0.75, -0.55),
    (1.3, -0.3),
];

/// Centres of the sources of the shared background.
const BACKGROUND_SOURCES: [(f64, f64); 5] = [(0.0, 0.7), (-0.6, 0.0), (0.6, 0.0), (0.0, 0.0), (0.0, -0.7)];

/// Who is recorded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Person {
    /// Age in years, of which the alpha rhythm tells.
    pub age: u32,
    /// Whether the theta rhythm is strong.
    pub female: bool,
    /// Whether the beta rhythm is strong.
    pub patient: bool,
}

/// The EEG of a person in volts, `[20][seconds * RATE_HZ]`.
pub(super) fn synthesize(person: Person, seconds: usize, random: &mut impl Rng) -> [Vec<f64>; MONTAGE_CHANNELS] {
    let length = seconds * RATE_HZ as usize;
    let mut signal: [Vec<f64>; MONTAGE_CHANNELS] = std::array::from_fn(|_| vec![0.0; length]);

    for channel in &mut signal {
        let own = background(length, random);
        channel.iter_mut().zip(own).for_each(|(sample, value)| *sample += 5.0 * value);
    }
    for centre in BACKGROUND_SOURCES {
        let shared = background(length, random);
        add(&mut signal, &shared, 6.0, centre, 0.5);
    }

    let adult_years = f64::from(person.age) - 20.0;
    let alpha_uv = 28.0 * (-adult_years / 25.0).exp2() * varied(0.1, random);
    let alpha = rhythm(11.0 - 0.046 * adult_years + 0.15 * normal(random), 1.0, length, random);
    add(&mut signal, &alpha, alpha_uv, (0.0, -0.9), 0.5);

    let theta_uv = if person.female { 12.0 } else { 1.5 } * varied(0.15, random);
    let theta = rhythm(6.0 + 0.3 * normal(random), 1.5, length, random);
    add(&mut signal, &theta, theta_uv, (0.0, 0.55), 0.45);

    let beta_uv = if person.patient { 10.0 } else { 1.5 } * varied(0.1, random);
    let mut beta = rhythm(20.0 + 0.5 * normal(random), 2.5, length, random);
    wax_and_wane(&mut beta, random);
    add(&mut signal, &beta, beta_uv, (0.0, 0.05), 0.5);

    let blinks = blinks(length, random);
    add(&mut signal, &blinks, 70.0 * varied(0.2, random), (0.0, 1.1), 0.35);

    let gain = varied(0.35, random) * MICROVOLT;
    for sample in signal.iter_mut().flatten() {
        *sample = (*sample * gain).clamp(-SATURATION_V, SATURATION_V);
    }
    signal
}

/// Adds a source to every channel, with a weight that falls with the distance from `centre` as a Gaussian of width
/// `spread`.
fn add(signal: &mut [Vec<f64>; MONTAGE_CHANNELS], source: &[f64], amplitude: f64, centre: (f64, f64), spread: f64) {
    for (channel, position) in signal.iter_mut().zip(POSITIONS) {
        let (right, forward) = (position.0 - centre.0, position.1 - centre.1);
        let weight = amplitude * (-(right * right + forward * forward) / (2.0 * spread * spread)).exp();
        channel.iter_mut().zip(source).for_each(|(sample, value)| *sample += weight * value);
    }
}

/// Noise of unit variance whose power falls roughly as 1/f from 0.25 Hz: low passes whose corners are four times apart,
/// all of the same white noise, so that a sample costs one draw.
fn background(length: usize, random: &mut impl Rng) -> Vec<f64> {
    const CORNERS_HZ: [f64; 5] = [0.25, 1.0, 4.0, 16.0, 64.0];
    const RUN_IN: usize = 2 * RATE_HZ as usize;
    let poles = CORNERS_HZ.map(|corner| (-TAU * corner / f64::from(RATE_HZ)).exp());
    let drives = poles.map(|pole| (1.0 - pole * pole).sqrt());
    let covariances = poles.iter().zip(&drives).flat_map(|(pole, drive)| {
        poles.iter().zip(&drives).map(move |(other, other_drive)| drive * other_drive / (1.0 - pole * other))
    });
    let scale = 1.0 / covariances.sum::<f64>().sqrt();
    let mut states = [0.0; CORNERS_HZ.len()];
    let mut next = || {
        let white = normal(random);
        for ((state, pole), drive) in states.iter_mut().zip(poles).zip(drives) {
            *state = pole * *state + drive * white;
        }
        scale * states.iter().sum::<f64>()
    };
    // Until the slowest has forgotten that it began at rest.
    (0..RUN_IN).for_each(|_| {
        next();
    });
    (0..length).map(|_| next()).collect()
}

/// Noise of unit variance in a band of `width_hz` around `centre_hz`.
fn rhythm(centre_hz: f64, width_hz: f64, length: usize, random: &mut impl Rng) -> Vec<f64> {
    let radius = (-0.5 * TAU * width_hz / f64::from(RATE_HZ)).exp();
    let drive = (1.0 - radius * radius).sqrt();
    let angle = TAU * centre_hz / f64::from(RATE_HZ);
    let (turn_re, turn_im) = (radius * angle.cos(), radius * angle.sin());
    let (mut re, mut im) = (normal(random), normal(random));
    (0..length)
        .map(|_| {
            (re, im) = (
                turn_re * re - turn_im * im + drive * normal(random),
                turn_im * re + turn_re * im + drive * normal(random),
            );
            re
        })
        .collect()
}

/// Lets a rhythm rise and fall between 0.6 and 1.4 of its strength within 4 to 8 seconds.
fn wax_and_wane(rhythm: &mut [f64], random: &mut impl Rng) {
    let step = TAU / (random.random_range(4.0..8.0) * f64::from(RATE_HZ));
    let (turn_re, turn_im) = (step.cos(), step.sin());
    let phase: f64 = random.random_range(0.0..TAU);
    let (mut re, mut im) = (phase.cos(), phase.sin());
    for sample in rhythm {
        *sample *= 1.0 + 0.4 * re;
        (re, im) = (turn_re * re - turn_im * im, turn_im * re + turn_re * im);
    }
}

/// Eyelids closing for 0.3 s, every 5 s on average, of height 1.
fn blinks(length: usize, random: &mut impl Rng) -> Vec<f64> {
    let duration = RATE_HZ as usize * 3 / 10;
    let mut signal = vec![0.0; length];
    let mut start = random.random_range(0..10 * RATE_HZ as usize);
    while start + duration < length {
        for offset in 0..duration {
            signal[start + offset] = 0.5 - 0.5 * (TAU * offset as f64 / duration as f64).cos();
        }
        start += random.random_range(RATE_HZ as usize..9 * RATE_HZ as usize);
    }
    signal
}

/// A factor around 1 whose logarithm has the given standard deviation.
fn varied(deviation: f64, random: &mut impl Rng) -> f64 {
    (deviation * normal(random)).exp()
}

fn normal(random: &mut impl Rng) -> f64 {
    StandardNormal.sample(random)
}
