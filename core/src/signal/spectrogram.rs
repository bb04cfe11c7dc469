//! Spectrogram images. A window, one slice of volts a channel, becomes one square [`Image`]: the channels side by side,
//! time to the right within each and low frequencies at the bottom.

use realfft::num_complex::Complex64;

use super::{
    BinSpacing, Image, OutputType, SignalError,
    error::check_window,
    log_stft::LogStft,
    scaling::{Range, decibels},
    stft::Stft,
};

/// The highest resolution that is accepted, in pixels.
pub const MAX_RESOLUTION: usize = 4096;

/// Lower end of the dB range where none is given.
const DEFAULT_MIN_DB: f64 = -130.0;

/// What a spectrogram shows, and how large.
#[derive(Debug, Clone, PartialEq)]
pub struct SpectrogramConfig {
    /// Samples of a window, for each channel.
    pub window_length: usize,
    /// EEG channels.
    pub channels: usize,
    /// Width and height of the image in pixels; also the number of frequency rows.
    pub resolution: usize,
    /// The hop between frames is a multiple of this many samples: 4, or 8 for SEED.
    pub hop_step: usize,
    /// Spacing of the frequency rows.
    pub spacing: BinSpacing,
    /// What the colour channels hold.
    pub output: OutputType,
    /// dB drawn black; -130 when not given.
    pub min_db: Option<f64>,
    /// dB drawn white; each channel's own maximum when not given.
    pub max_db: Option<f64>,
}

impl SpectrogramConfig {
    /// The smallest multiple of the hop step with which the channels' frames fit the image, in samples.
    fn hop(&self) -> Result<usize, SignalError> {
        let Self { channels, resolution, window_length, hop_step, .. } = *self;
        let columns = resolution.checked_div(channels).unwrap_or(0);
        if columns == 0 {
            return Err(SignalError::ChannelCount { channels, resolution });
        }
        if hop_step == 0 {
            return Err(SignalError::HopStep);
        }
        let steps = window_length.div_ceil(columns.saturating_mul(hop_step)).max(1);
        Ok(steps.saturating_mul(hop_step))
    }

    /// The dB range, as far as it is known before a channel is seen.
    fn db_range(&self) -> Result<(f64, Option<f64>), SignalError> {
        let min_db = self.min_db.unwrap_or(DEFAULT_MIN_DB);
        let max_db = self.max_db.unwrap_or(f64::MAX);
        if !min_db.is_finite() || !max_db.is_finite() || max_db <= min_db {
            return Err(SignalError::DbRange { min_db, max_db });
        }
        Ok((min_db, self.max_db))
    }
}

/// A plan that renders windows of one shape: made once, shared by threads.
pub struct Spectrogram {
    config: SpectrogramConfig,
    transform: Transform,
    hop: usize,
    frames: usize,
    min_db: f64,
    max_db: Option<f64>,
}

enum Transform {
    Linear(Stft),
    Log(LogStft),
}

impl Spectrogram {
    /// Plans the transform and its layout.
    ///
    /// # Errors
    /// A [`SignalError`] that names the setting with which there is no image: an empty window, a resolution outside
    /// 2 to [`MAX_RESOLUTION`], no or too many channels, a hop step of 0, frames that are wider than the image, with log
    /// spacing a hop that is larger than the frame, or a dB range without extent.
    pub fn new(config: SpectrogramConfig) -> Result<Self, SignalError> {
        let SpectrogramConfig { window_length, channels, resolution, .. } = config;
        if window_length == 0 {
            return Err(SignalError::EmptyWindow);
        }
        if !(2..=MAX_RESOLUTION).contains(&resolution) {
            return Err(SignalError::Resolution { resolution, max: MAX_RESOLUTION });
        }
        let hop = config.hop()?;
        let (min_db, max_db) = config.db_range()?;
        let frames = match config.spacing {
            BinSpacing::Linear => Stft::frames(window_length, hop),
            BinSpacing::Log => {
                let frame = 2 * resolution - 1;
                if hop > frame {
                    return Err(SignalError::HopExceedsFrame { hop, frame });
                }
                LogStft::frames(window_length, hop)
            }
        };
        if channels * frames > resolution {
            return Err(SignalError::TooWide { channels, frames, resolution, hop });
        }
        let transform = match config.spacing {
            BinSpacing::Linear => Transform::Linear(Stft::new(resolution, hop)),
            BinSpacing::Log => Transform::Log(LogStft::new(resolution, hop, config.output != OutputType::DbOnly)),
        };
        Ok(Self { config, transform, hop, frames, min_db, max_db })
    }

    /// Samples from one frame to the next.
    pub fn hop(&self) -> usize {
        self.hop
    }

    /// What the plan was made for.
    pub fn config(&self) -> &SpectrogramConfig {
        &self.config
    }

    /// Draws `window`, `[channels, window_length]` in volts, as an image of `resolution` by `resolution` pixels. Columns
    /// left over are black and on both sides.
    ///
    /// # Errors
    /// [`SignalError::Channels`], [`SignalError::Length`] or [`SignalError::NonFinite`] when `window` is not what the
    /// plan was made for.
    pub fn render(&self, window: &[&[f64]]) -> Result<Image, SignalError> {
        let SpectrogramConfig { window_length, channels, resolution, output, .. } = self.config;
        let found = check_window(window, channels)?;
        if found != window_length {
            return Err(SignalError::Length { channel: 0, expected: window_length, found });
        }
        let mut image = Image::black(resolution, resolution, output.channels());
        let mut coefficients = vec![Complex64::ZERO; self.frames * resolution];
        let mut polar = Vec::with_capacity(coefficients.len());
        let left = (resolution - channels * self.frames) / 2;
        for (channel, samples) in window.iter().enumerate() {
            match &self.transform {
                Transform::Linear(stft) => stft.transform(samples, &mut coefficients),
                Transform::Log(stft) => stft.transform(samples, &mut coefficients),
            }
            self.draw(&coefficients, &mut polar, &mut image, left + channel * self.frames);
        }
        Ok(image)
    }

    /// Draws one channel's coefficients, `[frames, rows]`, from column `left` on. `polar` is room for as many values.
    fn draw(&self, coefficients: &[Complex64], polar: &mut Vec<Polar>, image: &mut Image, left: usize) {
        let with_phase = self.config.output == OutputType::DbPolar;
        polar.clear();
        polar.extend(coefficients.iter().map(|z| Polar::of(z, with_phase)));
        let high = self.max_db.unwrap_or_else(|| Range::of(polar.iter().map(|value| value.decibels)).high);
        let decibels = Range { low: self.min_db, high };
        let red = polar.iter().map(|value| decibels.level(value.decibels));
        match self.config.output {
            OutputType::DbOnly => self.paint(image, left, red.map(|red| [red])),
            OutputType::DbIq => {
                let range = Range::of(coefficients.iter().flat_map(|z| [z.re, z.im]));
                let pixels = red.zip(coefficients).map(|(red, z)| [red, range.level(z.re), range.level(z.im)]);
                self.paint(image, left, pixels);
            }
            OutputType::DbPolar => {
                let magnitudes = Range::of(polar.iter().map(|value| value.magnitude));
                let phases = Range::of(polar.iter().map(|value| value.phase));
                let pixels = red
                    .zip(polar.iter())
                    .map(|(red, value)| [red, magnitudes.level(value.magnitude), phases.level(value.phase)]);
                self.paint(image, left, pixels);
            }
        }
    }

    /// Sets a channel's pixels, which come by column and, within each, from the bottom up.
    fn paint<const COLOURS: usize>(
        &self,
        image: &mut Image,
        left: usize,
        mut pixels: impl Iterator<Item = [u8; COLOURS]>,
    ) {
        for column in left..left + self.frames {
            for row in image.pixels.chunks_exact_mut(image.width * COLOURS).rev() {
                if let Some(pixel) = pixels.next() {
                    row[column * COLOURS..][..COLOURS].copy_from_slice(&pixel);
                }
            }
        }
    }
}

/// A coefficient as it is drawn.
struct Polar {
    /// In volts.
    magnitude: f64,
    decibels: f64,
    /// In radians from -π to π; 0 where it is not drawn.
    phase: f64,
}

impl Polar {
    fn of(z: &Complex64, with_phase: bool) -> Self {
        // Squares of volts neither overflow nor vanish, so this is as exact as a hypotenuse, and cheaper.
        let magnitude = z.norm_sqr().sqrt();
        // Adding zero makes negative zeros positive: the phase of nothing is then 0, and of negative numbers π.
        let phase = if with_phase { (z.im + 0.0).atan2(z.re + 0.0) } else { 0.0 };
        Self { magnitude, decibels: decibels(magnitude), phase }
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use proptest::prelude::*;

    use super::*;

    fn config(spacing: BinSpacing, output: OutputType) -> SpectrogramConfig {
        SpectrogramConfig {
            window_length: 2048,
            channels: 20,
            resolution: 256,
            hop_step: 4,
            spacing,
            output,
            min_db: None,
            max_db: None,
        }
    }

    fn log() -> SpectrogramConfig {
        config(BinSpacing::Log, OutputType::DbOnly)
    }

    fn refusal(config: SpectrogramConfig) -> SignalError {
        match Spectrogram::new(config) {
            Err(error) => error,
            Ok(_) => unreachable!("the plan should be refused"),
        }
    }

    #[test]
    fn plans_are_shared_by_threads() {
        fn shared<T: Send + Sync>(_: &T) {}
        shared(&Spectrogram::new(log()).unwrap());
    }

    #[test]
    fn the_hop_is_the_smallest_that_fits() {
        assert_eq!(Spectrogram::new(log()).unwrap().hop(), 172);
        assert_eq!(Spectrogram::new(SpectrogramConfig { hop_step: 8, ..log() }).unwrap().hop(), 176);
        assert_eq!(Spectrogram::new(SpectrogramConfig { channels: 5, ..log() }).unwrap().hop(), 44);
        let short = SpectrogramConfig { window_length: 3, channels: 1, ..log() };
        assert_eq!(Spectrogram::new(short).unwrap().hop(), 4);
    }

    #[test]
    fn plans_without_an_image_are_refused() {
        assert_eq!(refusal(SpectrogramConfig { window_length: 0, ..log() }), SignalError::EmptyWindow);
        assert_eq!(refusal(SpectrogramConfig { hop_step: 0, ..log() }), SignalError::HopStep);
        for resolution in [0, 1, MAX_RESOLUTION + 1] {
            let refused = refusal(SpectrogramConfig { resolution, channels: 1, ..log() });
            assert_eq!(refused, SignalError::Resolution { resolution, max: MAX_RESOLUTION });
        }
        for channels in [0, 257] {
            let refused = refusal(SpectrogramConfig { channels, ..log() });
            assert_eq!(refused, SignalError::ChannelCount { channels, resolution: 256 });
        }
        let refused = refusal(SpectrogramConfig { resolution: 64, ..log() });
        assert_eq!(refused, SignalError::HopExceedsFrame { hop: 684, frame: 127 });
        let linear = config(BinSpacing::Linear, OutputType::DbOnly);
        assert!(Spectrogram::new(SpectrogramConfig { resolution: 64, ..linear }).is_ok());
        let refused = refusal(SpectrogramConfig { window_length: 12 * 172, ..log() });
        assert_eq!(refused, SignalError::TooWide { channels: 20, frames: 13, resolution: 256, hop: 172 });
        for (min_db, max_db) in [(Some(-50.0), Some(-50.0)), (None, Some(-131.0)), (Some(f64::NAN), None)] {
            let refused = refusal(SpectrogramConfig { min_db, max_db, ..log() });
            assert!(matches!(refused, SignalError::DbRange { .. }), "{refused}");
        }
    }

    #[test]
    fn windows_of_another_shape_are_refused() {
        let spectrogram = Spectrogram::new(SpectrogramConfig { window_length: 2040, channels: 2, ..log() }).unwrap();
        let good = [0.0; 2040];
        let mut gap = good;
        gap[9] = f64::NAN;
        assert_eq!(spectrogram.render(&[&good]), Err(SignalError::Channels { expected: 2, found: 1 }));
        let short = SignalError::Length { channel: 1, expected: 2040, found: 2039 };
        assert_eq!(spectrogram.render(&[&good, &good[1..]]), Err(short));
        let short = SignalError::Length { channel: 0, expected: 2040, found: 2039 };
        assert_eq!(spectrogram.render(&[&good[1..], &good[1..]]), Err(short));
        let refused = spectrogram.render(&[&good, &gap]);
        assert!(matches!(refused, Err(SignalError::NonFinite { channel: 1, sample: 9, .. })));
    }

    #[test]
    fn silence_is_black() {
        let silence = vec![3e-5; 2048];
        for output in [OutputType::DbOnly, OutputType::DbIq, OutputType::DbPolar] {
            let plan =
                SpectrogramConfig { min_db: Some(-80.0), max_db: Some(-40.0), ..config(BinSpacing::Log, output) };
            let image = Spectrogram::new(plan).unwrap().render(&[silence.as_slice(); 20]).unwrap();
            let red_above_the_mean = image.pixels[..255 * 256 * image.channels].iter().step_by(image.channels);
            assert!(red_above_the_mean.copied().all(|level| level == 0), "{output}");
        }
        let image = Spectrogram::new(log()).unwrap().render(&[[0.0; 2048].as_slice(); 20]).unwrap();
        assert!(image.pixels.iter().all(|&level| level == 0), "without a range, zeros are below -130 dB");
    }

    /// A tone in the second of two channels lights the row of its frequency, within that channel's columns.
    #[test]
    fn a_tone_is_where_it_should_be() {
        let tone: Vec<_> = (0..500).map(|i| 1e-4 * (2.0 * PI * 0.1 * f64::from(i)).sin()).collect();
        let silence = [0.0; 500];
        for (spacing, expected) in [
            // 0.1 of 0 to 0.5 cycles per sample, in steps of 1/511.
            (BinSpacing::Linear, 511 / 10),
            // The lowest of 255 log-spaced rows, 0.001 cycles per sample, lies above that of the mean.
            (BinSpacing::Log, 1 + (254.0 * 100_f64.ln() / 500_f64.ln()).round() as usize),
        ] {
            let plan = SpectrogramConfig {
                window_length: 500,
                channels: 2,
                hop_step: 64,
                min_db: Some(-100.0),
                ..config(spacing, OutputType::DbOnly)
            };
            let spectrogram = Spectrogram::new(plan).unwrap();
            assert_eq!((spectrogram.hop(), spectrogram.frames), (64, 8));
            let image = spectrogram.render(&[&silence, &tone]).unwrap();
            let columns =
                |row: usize| image.pixels[row * 256..][..256].iter().enumerate().filter(|(_, level)| **level > 0);
            assert!((0..256).flat_map(columns).all(|(column, _)| (128..136).contains(&column)));
            let column = 128 + 3;
            let brightest = (0..256).max_by_key(|row| image.pixels[row * 256 + column]).unwrap();
            assert!((255 - expected).abs_diff(brightest) <= 2, "{spacing}: row {brightest}, not {}", 255 - expected);
        }
    }

    proptest! {
        #[test]
        fn any_plan_renders_or_says_why_not(
            window_length in 0_usize..300,
            channels in 0_usize..8,
            resolution in 0_usize..48,
            hop_step in 0_usize..10,
            log in any::<bool>(),
            polar in any::<bool>(),
            scale in prop_oneof![Just(1e-5), Just(0.0), Just(1e300)],
        ) {
            let spacing = if log { BinSpacing::Log } else { BinSpacing::Linear };
            let output = if polar { OutputType::DbPolar } else { OutputType::DbIq };
            let plan =
                SpectrogramConfig { window_length, channels, resolution, hop_step, ..config(spacing, output) };
            if let Ok(spectrogram) = Spectrogram::new(plan) {
                let samples: Vec<_> = (0..window_length).map(|i| scale * (i as f64).sin()).collect();
                let image = spectrogram.render(&vec![samples.as_slice(); channels]).unwrap();
                prop_assert_eq!(image.pixels.len(), resolution * resolution * 3);
            }
        }
    }
}
