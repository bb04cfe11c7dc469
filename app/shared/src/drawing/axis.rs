//! From numbers to pixels and back.

use super::span::Span;

/// A stretch of numbers laid along a stretch of pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis {
    /// The numbers shown.
    pub span: Span,
    /// The pixel of the first number.
    pub from: f64,
    /// The pixel of the last number: before [`from`](Self::from) when the axis points up.
    pub to: f64,
}

impl Axis {
    /// The pixel of a number.
    pub fn pixel(&self, number: f64) -> f64 {
        self.from + (number - self.span.start) * self.scale()
    }

    /// The number at a pixel.
    pub fn number(&self, pixel: f64) -> f64 {
        self.span.start + (pixel - self.from) / self.scale()
    }

    /// Pixels for one unit.
    pub fn scale(&self) -> f64 {
        (self.to - self.from) / self.span.width()
    }

    /// A pixel moved onto the axis.
    pub fn clamped(&self, pixel: f64) -> f64 {
        pixel.clamp(self.from.min(self.to), self.from.max(self.to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn up_and_to_the_right() {
        let span = Span { start: -1.0, end: 1.0 };
        let x = Axis { span, from: 10.0, to: 110.0 };
        let y = Axis { span, from: 200.0, to: 0.0 };
        assert_eq!((x.pixel(-1.0), x.pixel(0.0), x.pixel(1.0)), (10.0, 60.0, 110.0));
        assert_eq!((y.pixel(-1.0), y.pixel(0.5), y.pixel(1.0)), (200.0, 50.0, 0.0));
        assert_eq!((x.number(60.0), y.number(50.0)), (0.0, 0.5));
        assert_eq!((y.clamped(-3.0), y.clamped(300.0)), (0.0, 200.0));
    }
}
