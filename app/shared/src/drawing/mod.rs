//! What a chart computes before it draws: the few points that a screen can show, axes with their ticks, numbers as
//! people read them. Nothing here knows a browser; the page paints it.

pub mod axis;
pub mod decimation;
pub mod numbers;
pub mod scale;
pub mod series;
pub mod slots;
pub mod smoothing;
pub mod span;
pub mod stacked;
pub mod ticks;
