//! One's own recordings.

use crate::{
    browser::{SUBJECTS, Studio, at, in_browser, recordings},
    looks::{audit, loaded_picture},
    run_files::with_epochs,
    runs::{WHOLE_RUN, train},
};

#[test]
fn recordings_are_dropped_looked_at_and_trained_on() {
    in_browser("recordings", async |studio: &mut Studio| {
        let folder = studio.folder().join("my-lab");
        recordings(&folder);
        studio.click("nav-data").await;
        audit(studio, "no-data").await;
        studio.give_files("drop-folder", &[folder]).await;
        studio.wait_for(at("dataset").with("data-name", "./my-lab").with("data-kind", "recordings")).await;
        assert_eq!(studio.count("recording-row").await, SUBJECTS);
        studio.wait_for_text("dataset-problem", "sub-11_eeg.edf").await;
        audit(studio, "dataset").await;

        studio.click(at("recording-row").with("data-path", "sub-03_eeg.edf")).await;
        studio.wait_for(at("traces").with("data-state", "ready").with("data-channels", "21")).await;
        loaded_picture(studio, at("window-image").with("data-window", "0")).await;
        studio.click("window-next").await;
        loaded_picture(studio, at("window-image").with("data-window", "1")).await;
        audit(studio, "recording").await;

        studio.click(at("dataset-row").with("data-name", "./my-lab")).await;
        studio.click("use-in-run").await;
        studio.wait_for("view-train").await;
        let preset = studio.value("editor-text").await;
        assert!(preset.contains("my-lab") && preset.contains("health"), "{preset}");
        assert_eq!(studio.count("problem").await, 0);
        start_and_cancel(studio).await;
        let run = train(studio, &with_epochs(&preset, 2), "cpu", WHOLE_RUN).await;
        studio.wait_for_text("epoch", "2 of 2").await;
        studio.wait_for_text("run", "Test on the split \u{201c}test\u{201d}").await;
        audit(studio, "trained").await;

        // Nothing is lost when the page is loaded again.
        studio.reload().await;
        studio.click("nav-data").await;
        studio.click(at("dataset-row").with("data-name", "./my-lab")).await;
        studio.wait_for_text(at("label-counts").with("data-label", "health"), "health").await;
        studio.wait_for_text(at("split-subjects").with("data-split", "train"), "sub-").await;
        audit(studio, "prepared").await;
        studio.click("nav-runs").await;
        assert_eq!(studio.attribute(at("run-row").with("data-run", &run), "data-status").await, "complete");
        audit(studio, "runs").await;

        studio.click("nav-data").await;
        studio.click("dataset-delete").await;
        studio.screenshot("delete").await;
        studio.click("confirm").await;
        studio.wait_until_gone(at("dataset-row").with("data-name", "./my-lab")).await;
    });
}

/// Starts a run and cancels it at once, while its samples are still to be made: it leaves nothing and is no error.
async fn start_and_cancel(studio: &Studio) {
    studio.ready().await;
    studio.wait_for(at("train-button").enabled()).await;
    let script = "document.querySelector('[data-testid=train-button]').click();
        await new Promise(requestAnimationFrame);
        document.querySelector('[data-testid=prepare-cancel]').click();";
    studio.run_async(script, vec![]).await;
    studio.wait_for_text(at("toast").with("data-level", "info"), "cancelled before it began to train").await;
    studio.wait_until_gone("run").await;
    studio.click("nav-runs").await;
    assert_eq!(studio.count("run-row").await, 0);
}
