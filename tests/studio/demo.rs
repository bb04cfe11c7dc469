//! The demo, from the first button to its run's files.

use crate::{
    answer,
    browser::{Studio, alone_in_browser, at},
    command_line::CommandLineRun,
    files::{Archive, layout},
    looks::{audit, loaded_picture, repainted_when_restored},
    losses::assert_close,
    runs::{WHOLE_RUN, finished_run},
};

/// From this length on, a task of the page is felt.
const LONGEST_TASK_MS: f64 = 50.0;

/// WebDriver's name of the key.
const ENTER: &str = "\u{e007}";

#[test]
fn the_demo_trains_to_its_end_on_the_cpu() {
    alone_in_browser("demo", async |studio: &mut Studio| {
        studio.click("train-demo").await;
        let first_step = marked_after_training_began(studio).await;
        println!("from opening the page to the demo's first training step: {:.1} s", first_step / 1000.0);
        studio.screenshot("training").await;
        let run = finished_run(studio, WHOLE_RUN).await;
        let end = studio.now().await;
        let felt: Vec<[f64; 2]> = studio
            .long_tasks()
            .await
            .into_iter()
            .filter(|[start, length]| *length > LONGEST_TASK_MS && *start > first_step && *start < end)
            .collect();
        let longest = felt.iter().map(|[_, length]| *length).fold(0.0, f64::max);
        println!("tasks of the page of over 50 ms while training: {}, the longest {longest} ms", felt.len());

        for title in ["Loss", "Learning rate"] {
            let chart = at("chart").with("data-title", title);
            assert_ne!(studio.attribute(chart, "data-points").await, "0", "{title}");
        }
        repainted_when_restored(studio, at("chart").with("data-title", "Loss")).await;
        for task in ["gender", "health"] {
            studio.wait_for(at("confusion-matrix").with("data-task", task)).await;
        }
        studio.wait_for(at("scatter").with("data-task", "age")).await;
        loaded_picture(studio, at("worst-sample")).await;
        audit(studio, "trained").await;

        // It is kept.
        studio.reload().await;
        studio.click("nav-runs").await;
        let row = at("run-row").with("data-run", &run);
        assert_eq!(studio.attribute(row.clone(), "data-status").await, "complete");
        studio.click(row.clone().inside("run-open")).await;
        studio.wait_for(at("run-detail").with("data-run", &run)).await;
        studio.wait_for(at("run-detail").inside("chart")).await;
        audit(studio, "run").await;

        // To press where one is leads back to all.
        studio.click("nav-runs").await;
        studio.click(row.clone().inside("run-rename")).await;
        studio.paste(at("run-title-input"), "The first run").await;
        studio.type_keys(ENTER).await;
        studio.wait_for_text(row.clone().inside("run-title"), "The first run").await;

        // As on the command line: files, losses by epoch.
        studio.click(row.clone().inside("run-download")).await;
        let archive = Archive::open(&studio.downloaded("zip").await);
        assert_eq!(archive.folder, run);
        let twin = CommandLineRun::train(studio.folder(), "demo", &archive.text("config.toml"));
        assert_eq!(layout(&archive.files), layout(&twin.files()));
        let ours = archive.json("history.json");
        let theirs = twin.json("history.json");
        assert_eq!(ours.as_array().unwrap().len(), 20);
        for (ours, theirs) in ours.as_array().unwrap().iter().zip(theirs.as_array().unwrap()) {
            for key in ["train_loss", "val_loss"] {
                assert_close(&ours[key], &theirs[key], 1e-2, &format!("{key} of epoch {}", ours["epoch"]));
            }
        }

        // The command line's run can be looked at here.
        studio.click("nav-data").await;
        studio.give_files("drop-folder", std::slice::from_ref(&twin.folder)).await;
        studio.wait_for(at("run-detail").with("data-run", twin.name())).await;
        studio.screenshot("command-line-run").await;
        answer::is_that_of_the_command_line(studio, &twin.folder).await;
        studio.click("all-runs").await;
        studio.wait_for(at("run-row").with("data-run", twin.name())).await;

        studio.click(row.clone().inside("run-delete")).await;
        studio.click("confirm").await;
        studio.wait_until_gone(row).await;
    });
}

async fn marked_after_training_began(studio: &Studio) -> f64 {
    studio.wait_long_for(at("run").with("data-state", "training"), WHOLE_RUN).await;
    studio.marked_at("studio:first-step").await
}
