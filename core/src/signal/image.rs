//! Images: pixels to PNG bytes and back, and to the numbers a model takes.

use std::io::Cursor;

/// Pixels of a grey or colour image, 8 bits a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Pixels of a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// 1 (grey) or 3 (red, green, blue).
    pub channels: usize,
    /// The pixels, `[height, width, channels]`, from the top left.
    pub pixels: Vec<u8>,
}

/// Why an image could not be read, written or converted.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The bytes are not a PNG image, or a damaged one.
    #[error("cannot read the PNG image: {0}")]
    Decode(#[from] png::DecodingError),
    /// The image cannot be written as PNG.
    #[error("cannot write the PNG image: {0}")]
    Encode(#[from] png::EncodingError),
    /// An image that is too large to be a spectrogram.
    #[error("an image of {width} x {height} pixels is too large: at most {max} pixels are read")]
    TooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Pixels at most.
        max: usize,
    },
    /// Pixels that are not opaque, for which models have no input.
    #[error("the image has transparent pixels: save it without an alpha channel")]
    Transparent,
    /// Neither grey nor colour.
    #[error("an image has 1 or 3 channels, not {channels}")]
    Channels {
        /// Channels given.
        channels: usize,
    },
    /// Pixels that do not make up the image's size.
    #[error("an image of {width} x {height} pixels and {channels} channels does not have {found} values")]
    PixelCount {
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
        /// Channels.
        channels: usize,
        /// Values given.
        found: usize,
    },
    /// A destination that has not the image's size.
    #[error("the image has {expected} values, the destination has room for {found}")]
    Destination {
        /// Values of the image.
        expected: usize,
        /// Values there is room for.
        found: usize,
    },
}

impl Image {
    /// Pixels that are read at most: 64 times a spectrogram of 1024 x 1024.
    const MAX_PIXELS: usize = 1 << 26;

    /// An image with every pixel black.
    pub(super) fn black(width: usize, height: usize, channels: usize) -> Self {
        Self { width, height, channels, pixels: vec![0; width * height * channels] }
    }

    /// Writes the image as PNG, 8-bit grey or RGB.
    ///
    /// # Errors
    /// [`ImageError::Channels`] or [`ImageError::PixelCount`] when the fields contradict each other,
    /// [`ImageError::Encode`] for an image without pixels.
    pub fn encode_png(&self) -> Result<Vec<u8>, ImageError> {
        self.check()?;
        let colour = if self.channels == 1 { png::ColorType::Grayscale } else { png::ColorType::Rgb };
        let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
        let mut bytes = Vec::with_capacity(self.pixels.len());
        let mut encoder = png::Encoder::new(&mut bytes, side(self.width), side(self.height));
        encoder.set_color(colour);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::Fast);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.pixels)?;
        writer.finish()?;
        Ok(bytes)
    }

    /// Reads a PNG image of any colour type and bit depth: palettes are resolved, grey stays grey, 16 bits become 8, and
    /// an alpha channel is dropped where every pixel is opaque.
    ///
    /// # Errors
    /// [`ImageError::Decode`] for bytes that are no PNG image, [`ImageError::TooLarge`],
    /// [`ImageError::Transparent`].
    pub fn decode_png(bytes: &[u8]) -> Result<Self, ImageError> {
        let mut decoder = png::Decoder::new(Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info()?;
        let (width, height) = (reader.info().width, reader.info().height);
        let too_large = ImageError::TooLarge { width, height, max: Self::MAX_PIXELS };
        let size = match reader.output_buffer_size() {
            Some(size) if u64::from(width) * u64::from(height) <= Self::MAX_PIXELS as u64 => size,
            _ => return Err(too_large),
        };
        let mut pixels = vec![0; size];
        let frame = reader.next_frame(&mut pixels)?;
        pixels.truncate(frame.buffer_size());
        let channels = match frame.color_type.samples() {
            with_alpha @ (2 | 4) => {
                pixels = without_alpha(&pixels, with_alpha)?;
                with_alpha - 1
            }
            channels => channels,
        };
        Ok(Self { width: frame.width as usize, height: frame.height as usize, channels, pixels })
    }

    /// Writes what a model takes into `out`, `[channels, height, width]`: each value as `(x / 255 - 0.5) / 0.5`, from -1
    /// to 1.
    ///
    /// # Errors
    /// [`ImageError::Destination`] when `out` has another length; [`ImageError::Channels`] or
    /// [`ImageError::PixelCount`] when the fields contradict each other.
    pub fn write_normalized(&self, out: &mut [f32]) -> Result<(), ImageError> {
        self.check()?;
        if out.len() != self.pixels.len() {
            return Err(ImageError::Destination { expected: self.pixels.len(), found: out.len() });
        }
        let plane = (self.width * self.height).max(1);
        for (channel, values) in out.chunks_exact_mut(plane).enumerate() {
            for (value, &level) in values.iter_mut().zip(self.pixels.iter().skip(channel).step_by(self.channels)) {
                *value = (f32::from(level) / 255.0 - 0.5) / 0.5;
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), ImageError> {
        let Self { width, height, channels, ref pixels } = *self;
        if channels != 1 && channels != 3 {
            return Err(ImageError::Channels { channels });
        }
        let values = width.checked_mul(height).and_then(|size| size.checked_mul(channels));
        if values != Some(pixels.len()) {
            return Err(ImageError::PixelCount { width, height, channels, found: pixels.len() });
        }
        Ok(())
    }
}

/// The colours of pixels whose last of `channels` values is their opacity.
fn without_alpha(pixels: &[u8], channels: usize) -> Result<Vec<u8>, ImageError> {
    let mut colours = Vec::with_capacity(pixels.len() / channels * (channels - 1));
    for pixel in pixels.chunks_exact(channels) {
        match pixel.split_last() {
            Some((&u8::MAX, colour)) => colours.extend_from_slice(colour),
            _ => return Err(ImageError::Transparent),
        }
    }
    Ok(colours)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A PNG file with pixels as given, palette and transparency included.
    fn png_of(colour: png::ColorType, depth: png::BitDepth, width: u32, height: u32, data: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(colour);
        encoder.set_depth(depth);
        if colour == png::ColorType::Indexed {
            encoder.set_palette(vec![0, 0, 0, 10, 20, 30]);
        }
        encoder.write_header().unwrap().write_image_data(data).unwrap();
        bytes
    }

    #[test]
    fn every_colour_type_is_read() {
        use png::{BitDepth::*, ColorType::*};
        let cases: [(_, _, &[u8], usize, &[u8]); 7] = [
            (Grayscale, Eight, &[7, 200], 1, &[7, 200]),
            (Grayscale, One, &[0b0100_0000], 1, &[0, 255]),
            (Grayscale, Sixteen, &[7, 99, 200, 99], 1, &[7, 200]),
            (GrayscaleAlpha, Eight, &[7, 255, 200, 255], 1, &[7, 200]),
            (Rgb, Eight, &[1, 2, 3, 4, 5, 6], 3, &[1, 2, 3, 4, 5, 6]),
            (Rgba, Eight, &[1, 2, 3, 255, 4, 5, 6, 255], 3, &[1, 2, 3, 4, 5, 6]),
            (Indexed, One, &[0b0100_0000], 3, &[0, 0, 0, 10, 20, 30]),
        ];
        for (colour, depth, data, channels, pixels) in cases {
            let image = Image::decode_png(&png_of(colour, depth, 2, 1, data)).unwrap();
            assert_eq!(image, Image { width: 2, height: 1, channels, pixels: pixels.to_vec() }, "{colour:?} {depth:?}");
        }
    }

    #[test]
    fn transparent_pixels_are_refused() {
        let bytes = png_of(png::ColorType::Rgba, png::BitDepth::Eight, 1, 1, &[1, 2, 3, 254]);
        assert!(matches!(Image::decode_png(&bytes), Err(ImageError::Transparent)));
    }

    #[test]
    fn a_small_file_with_a_huge_image_is_refused() {
        let mut bytes = Vec::new();
        let encoder = png::Encoder::new(&mut bytes, 1 << 20, 1 << 20);
        encoder.write_header().unwrap().write_chunk(png::chunk::IDAT, &[0; 8]).unwrap();
        assert!(matches!(Image::decode_png(&bytes), Err(ImageError::TooLarge { .. })));
    }

    #[test]
    fn contradicting_fields_are_errors() {
        let image = Image { width: 2, height: 2, channels: 1, pixels: vec![0; 3] };
        assert!(matches!(image.encode_png(), Err(ImageError::PixelCount { found: 3, .. })));
        assert!(matches!(image.write_normalized(&mut [0.0; 3]), Err(ImageError::PixelCount { .. })));
        let image = Image { width: 1, height: 1, channels: 2, pixels: vec![0; 2] };
        assert!(matches!(image.encode_png(), Err(ImageError::Channels { channels: 2 })));
        assert!(matches!(Image::black(0, 0, 1).encode_png(), Err(ImageError::Encode(_))));
        let small = Image::black(2, 2, 1).write_normalized(&mut [0.0; 3]);
        assert!(matches!(small, Err(ImageError::Destination { expected: 4, found: 3 })));
    }

    #[test]
    fn model_input_is_planar_and_from_minus_one_to_one() {
        let image = Image { width: 2, height: 1, channels: 3, pixels: vec![0, 255, 51, 255, 0, 102] };
        let mut out = [0.0; 6];
        image.write_normalized(&mut out).unwrap();
        assert_eq!(out[..4], [-1.0, 1.0, 1.0, -1.0]);
        assert!((out[4] + 0.6).abs() < 1e-6 && (out[5] + 0.2).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn png_round_trip(width in 1_usize..40, height in 1_usize..40, colour in any::<bool>(), seed in any::<u8>()) {
            let channels = if colour { 3 } else { 1 };
            let pixels = (0..width * height * channels).map(|i| (i as u8).wrapping_mul(seed)).collect();
            let image = Image { width, height, channels, pixels };
            prop_assert_eq!(&Image::decode_png(&image.encode_png().unwrap()).unwrap(), &image);
        }

        #[test]
        fn damaged_files_never_panic(at in 0_usize..400, value in any::<u8>(), cut in 0_usize..400) {
            let mut bytes = Image::black(16, 16, 3).encode_png().unwrap();
            let at = at % bytes.len();
            bytes[at] = value;
            bytes.truncate(bytes.len().min(cut.max(at + 1)));
            let _ = Image::decode_png(&bytes);
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Image::decode_png(&bytes).is_err());
        }
    }
}
