//! The page's colours and a canvas' type as its context takes them, which knows nothing of style sheets.

use leptos::prelude::window;
use wasm_bindgen::JsValue;
use web_sys::{CssStyleDeclaration, HtmlCanvasElement};

/// How many colours the palette has.
pub const PALETTE: usize = 8;

/// Colours of the theme that is on.
pub struct ChartColors {
    /// The palette's colours, in order.
    pub series: Vec<String>,
    /// Of what is read when it is looked for.
    pub muted: String,
    /// Of hairlines.
    pub border: String,
    /// What lies behind.
    pub surface: String,
    /// Of what is selected.
    pub accent: String,
}

impl ChartColors {
    /// What the style sheets say at this canvas.
    ///
    /// # Errors
    /// What the browser says when it does not tell an element's style.
    pub fn read(canvas: &HtmlCanvasElement) -> Result<Self, JsValue> {
        let computed = computed_style(canvas)?;
        let own = canvas.style();
        // A custom property may hold an expression; a colour that is computed from it is one that every canvas takes.
        let color = |token: &str| -> Result<String, JsValue> {
            own.set_property("color", &format!("var({token})"))?;
            computed.get_property_value("color")
        };
        let theme = Self {
            series: (1..=PALETTE).map(|i| color(&format!("--series-{i}"))).collect::<Result<_, _>>()?,
            muted: color("--text-muted")?,
            border: color("--border")?,
            surface: color("--surface")?,
            accent: color("--accent")?,
        };
        own.remove_property("color")?;
        Ok(theme)
    }

    /// A colour of the palette, which starts over at its end.
    pub fn series(&self, color: usize) -> &str {
        &self.series[color % PALETTE]
    }
}

/// A canvas' type as `font` takes it.
///
/// # Errors
/// As for [`ChartColors::read`].
pub fn font_of(canvas: &HtmlCanvasElement) -> Result<String, JsValue> {
    let computed = computed_style(canvas)?;
    Ok(format!("{} {}", computed.get_property_value("font-size")?, computed.get_property_value("font-family")?))
}

fn computed_style(canvas: &HtmlCanvasElement) -> Result<CssStyleDeclaration, JsValue> {
    Ok(window().get_computed_style(canvas)?.ok_or("a canvas has no style")?)
}
