//! Random changes of windows, `[channels, samples]`, that make training samples of them: each of the formulas that
//! Braindecode's `braindecode.augmentation` has, and a shift in time. What is random is drawn from the generator given, so
//! that it repeats. Which windows are changed is not decided here.

mod band_stop;
mod channels_dropout;
mod frequency_shift;
mod gaussian_noise;
mod mixup;
mod sign_flip;
mod smooth_time_mask;
mod time_reverse;
mod time_shift;

pub use band_stop::BandStop;
pub use channels_dropout::drop_channels;
pub use frequency_shift::FrequencyShift;
pub use gaussian_noise::add_gaussian_noise;
pub use mixup::Mixup;
pub use sign_flip::flip_sign;
pub use smooth_time_mask::mask_time_smoothly;
pub use time_reverse::reverse_time;
pub use time_shift::shift_time;
