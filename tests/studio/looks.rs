//! What can be seen: pictures and charts once they are there, and the page in light, in dark and on a phone.

use serde_json::Value;

use crate::browser::{PATIENCE, Spot, Studio};

/// Clears a chart's canvases and tells them that they can be painted again, as after the browser's GPU was lost; waits
/// until they are painted.
pub async fn repainted_when_restored(studio: &Studio, chart: Spot) {
    let lose = "const canvases = [...document.querySelectorAll(`${arguments[0]} canvas`)];
        canvases[0].scrollIntoView({ block: 'nearest' });
        for (const canvas of canvases) {
            canvas.getContext('2d').reset();
            canvas.dispatchEvent(new Event('contextrestored'));
        }
        return canvases.length";
    assert_ne!(studio.run_script(lose, vec![chart.css().into()]).await, 0);
    painted_chart(studio, chart).await;
}

/// Waits until there is something on a chart's canvases.
pub async fn painted_chart(studio: &Studio, chart: Spot) {
    // Chromium warns of a canvas that is read more than once, so copies are read.
    let is_painted = "return [...document.querySelectorAll(`${arguments[0]} canvas`)].some(canvas => {
            if (canvas.width === 0) return false;
            const { width, height } = canvas;
            const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
            copy.drawImage(canvas, 0, 0);
            return copy.getImageData(0, 0, width, height).data.some(value => value > 0);
        })";
    let look = async || studio.run_script(is_painted, vec![chart.css().into()]).await.as_bool()?.then_some(());
    studio.until("something to be painted", PATIENCE, look).await;
}

/// Waits until a picture is displayed and has been read.
pub async fn loaded_picture(studio: &Studio, spot: Spot) {
    studio.wait_for(spot.clone()).await;
    let script = "const found = document.querySelector(arguments[0]);
        const image = found.querySelector('img') ?? found;
        return image instanceof HTMLCanvasElement || (image.complete && image.naturalWidth > 0)";
    let is_loaded = async || {
        let arguments = vec![Value::from(spot.css())];
        studio.run_script(script, arguments).await.as_bool()?.then_some(())
    };
    studio.until(spot.css(), PATIENCE, is_loaded).await;
}

/// Takes pictures in light and dark, and checks accessibility in both; then looks at it on a phone.
pub async fn audit(studio: &mut Studio, what: &str) {
    for theme in ["light", "dark"] {
        studio.set_theme(theme).await;
        studio.screenshot(&format!("{what}-{theme}")).await;
        studio.check_accessibility(&format!("{what}, {theme}")).await;
    }
    studio.check_phone(what).await;
}
