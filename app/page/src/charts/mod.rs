//! Charts: lines that grow while a run goes on, confusion matrices, predicted against true; each also says in words
//! what it shows. Lines are drawn on canvases of our own, as no charting crate draws a hundred thousand points
//! interactively without JavaScript.

mod axes;
mod confusion;
mod gestures;
mod line_chart;
mod paint;
mod painter;
mod plot;
mod readout;
mod scatter;
mod strokes;
mod surface;
mod theme;

pub use self::confusion::ConfusionMatrix;
pub use self::line_chart::LineChart;
pub use self::scatter::ScatterChart;
pub use self::surface::{Frame, Surface};
pub use signal_studio_app_shared::drawing::series::Series;
