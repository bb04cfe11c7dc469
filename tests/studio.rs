//! The studio in a real browser: what it promises to a person is done here as a person does it, and seen as a person sees
//! it; what it computes is compared with the command line. Pictures of it all are left in `screenshots` of the target
//! folder.

mod browser;
#[path = "studio/killed.rs"]
mod killed;

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{Read, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::Value;
use signal_studio_core::config::RunConfig;
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

use browser::{
    PATIENCE, SUBJECTS, Spot, Studio, alone_in_browser, at, command_line, in_browser, in_browser_with, recordings,
    samples,
};

/// How long the demo may take on a slow machine.
const WHOLE_RUN: Duration = Duration::from_secs(240);

/// How long a few steps may take where the GPU is simulated.
const SIMULATED_GPU: Duration = Duration::from_secs(180);

/// From this length on, a task of the page is felt.
const LONGEST_TASK_MS: f64 = 50.0;

/// WebDriver's name of the key.
const ENTER: &str = "\u{e007}";

const DEMO: &str = include_str!("../configs/classification/demo.toml");

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
        studio.click("all-runs").await;
        studio.wait_for(at("run-row").with("data-run", twin.name())).await;

        studio.click(row.clone().inside("run-delete")).await;
        studio.click("confirm").await;
        studio.wait_until_gone(row).await;
    });
}

#[test]
fn the_first_steps_are_those_of_the_command_line() {
    in_browser("steps", async |studio: &mut Studio| {
        let config = demo_with("log_every_batches = 1\nmax_steps = 20");
        let run = train(studio, &config, "cpu", WHOLE_RUN).await;
        let twin = CommandLineRun::train(studio.folder(), "demo", &config);
        let (ours, theirs) = (losses_in_browser(studio, &run).await, twin.losses());
        assert_eq!(ours.len(), 20);
        for (step, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            assert_close(ours, theirs, 1e-4, &format!("the loss of step {}", step + 1));
        }
        assert_eq!(ours.len(), theirs.len());
    });
}

#[test]
fn a_gpu_in_software_is_used_when_it_is_asked_for_and_only_then() {
    in_browser("webgpu", async |studio: &mut Studio| {
        drop_samples(studio).await;
        audit(studio, "samples").await;

        studio.wait_for_text("device-chip", "CPU").await;
        let config = run_file("log_every_batches = 1\nmax_steps = 10");
        let run = train(studio, &config, "wgpu:0", SIMULATED_GPU).await;
        studio.screenshot("trained").await;
        let (ours, theirs) =
            (losses_in_browser(studio, &run).await, CommandLineRun::train(studio.folder(), "run", &config).losses());
        assert_eq!((ours.len(), theirs.len()), (10, 10));
        for (step, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            assert_close(ours, theirs, 1e-3, &format!("the loss of step {}", step + 1));
        }
    });
}

#[test]
fn a_run_whose_gpu_is_lost_goes_on_with_the_cpu() {
    in_browser("gpu-lost", async |studio: &mut Studio| {
        drop_samples(studio).await;
        start(studio, &run_file("epochs = 100000"), "wgpu:0").await;
        studio.wait_long_for(at("run").with("data-state", "training"), SIMULATED_GPU).await;
        let run = studio.attribute("run", "data-run").await;
        let state = format!("runs/{run}/checkpoints/last.optimizer.safetensors");
        studio.until("a checkpoint", SIMULATED_GPU, async || studio.is_stored(&state).await.then_some(())).await;

        // The browser tells of it as well.
        studio.forgive("external Instance reference no longer exists");
        studio.crash_gpu().await;
        studio.wait_for(at("run").with("data-state", "failed")).await;
        studio.wait_for_text("run", "the device was lost").await;
        studio.wait_for_text("continue-on-cpu", "Continue").await;
        painted_chart(studio, at("chart").with("data-title", "Loss")).await;
        audit(studio, "failed").await;
        let step_reached = step(studio).await;
        studio.click("continue-on-cpu").await;
        studio.wait_for(at("run").with("data-state", "training").with("data-run", &run)).await;
        step_after(studio, step_reached).await;
        studio.wait_for_text("device-chip", "CPU").await;
        studio.click("stop").await;
        studio.wait_for(at("run").with("data-state", "stopped")).await;
    });
}

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

#[test]
fn a_mistake_is_underlined_and_explained_while_typing() {
    in_browser("mistake", async |studio: &mut Studio| {
        studio.ready().await;
        audit(studio, "first-visit").await;
        studio.paste("editor-text", DEMO).await;
        studio.put_caret_after("editor-text", "learning_rate").await;
        studio.type_keys("s").await;
        studio.wait_for_text("problem-entry", "learning_rates").await;
        assert_eq!(studio.text("problem").await, "learning_rates");
        let text = studio.value("editor-text").await;
        let problems = RunConfig::parse(&text, "config.toml").unwrap_err().problems;
        assert_eq!(problems.len(), 1);
        studio.wait_for_text("problem-entry", &problems[0].message).await;
        studio.wait_for(at("train-button").disabled()).await;
        audit(studio, "underlined").await;
        studio.click("problem-fix").await;
        studio.wait_until_gone("problem-entry").await;
        assert_eq!(studio.value("editor-text").await, DEMO);
    });
}

#[test]
fn a_run_is_paused_stepped_saved_stopped_and_gone_on_with() {
    in_browser("control", async |studio: &mut Studio| {
        let folder = studio.folder().join("samples");
        samples(&folder);
        let zipped = zip_folder(&folder);
        studio.click("nav-data").await;
        studio.give_files("drop-files", &[zipped]).await;
        studio.wait_for(at("dataset").with("data-name", "./samples")).await;
        studio.click("nav-train").await;
        studio
            .paste("editor-text", &run_file("epochs = 100000\ncheckpoint_strategy = \"none\"\ncheckpoint_minutes = 0"))
            .await;
        studio.choose("device-select", "cpu").await;
        studio.click("train-button").await;
        let run = studio.attribute(at("run").with("data-state", "training"), "data-run").await;
        step_after(studio, 0).await;

        studio.click("pause").await;
        studio.wait_for(at("run").with("data-state", "paused")).await;
        audit(studio, "paused").await;
        let paused_at = step(studio).await;
        studio.click("step-once").await;
        assert_eq!(step_after(studio, paused_at).await, paused_at + 1);
        studio.wait_for(at("run").with("data-state", "paused")).await;
        let last = format!("runs/{run}/checkpoints/last.safetensors");
        assert!(!studio.is_stored(&last).await);
        studio.click("checkpoint").await;
        studio.until("the checkpoint", PATIENCE, async || studio.is_stored(&last).await.then_some(())).await;

        studio.click("resume").await;
        step_after(studio, paused_at + 1).await;
        studio.click("stop").await;
        studio.wait_for(at("run").with("data-state", "stopped")).await;
        let stopped_at = step(studio).await;
        audit(studio, "stopped").await;
        studio.click("go-on").await;
        step_after(studio, stopped_at).await;

        // A page that is closed in the middle of a run loses nothing that was saved.
        studio.reload().await;
        studio.click("nav-runs").await;
        let row = at("run-row").with("data-run", &run);
        assert_eq!(studio.attribute(row.clone(), "data-status").await, "resumable");
        studio.click(row.inside("run-go-on")).await;
        step_after(studio, stopped_at).await;
        studio.click("nav-train").await;
        studio.click("stop").await;
        studio.wait_for(at("run").with("data-state", "stopped")).await;
    });
}

#[test]
fn a_link_holds_a_config_and_nothing_runs_by_itself() {
    in_browser("link", async |studio: &mut Studio| {
        studio.ready().await;
        let config = run_file("epochs = 3");
        studio.paste("editor-text", &config).await;
        studio.click("copy-link").await;
        let link = studio.attribute("copy-link", "data-link").await;
        studio.wait_for(at("toast").with("data-level", "info")).await;
        let file = studio.folder().join("run.toml");
        fs::write(&file, &config).unwrap();
        let arguments = ["share", file.to_str().unwrap(), "--base-url", studio.address()];
        let printed = command_line(&arguments).output().unwrap();
        assert_eq!(String::from_utf8(printed.stdout).unwrap().trim(), link);

        let fragment = link.strip_prefix(studio.address()).unwrap();
        studio.paste("editor-text", DEMO).await;
        studio.go(fragment).await;
        studio.wait_for(at("share-banner").with("data-state", "ok")).await;
        assert_eq!(studio.value("editor-text").await, config);
        studio.ready().await;
        assert_eq!(studio.count("run").await, 0);
        audit(studio, "opened").await;
        studio.click("share-dismiss").await;
        studio.wait_until_gone("share-banner").await;

        let (key, text) = fragment.split_once("1.").unwrap();
        let middle = text.len() / 2;
        let other = if text.as_bytes()[middle] == b'A' { "B" } else { "A" };
        let damaged = [
            ("damaged", format!("{key}1.{}{other}{}", &text[..middle], &text[middle + 1..])),
            ("truncated", format!("{key}1.{}", &text[..middle])),
            ("newer", format!("{key}9.{text}")),
            ("oversized", format!("{key}1.{}", "A".repeat(1_100_000))),
        ];
        for (what, fragment) in damaged {
            studio.go(&fragment).await;
            studio.wait_for(at("share-banner").with("data-state", "error")).await;
            assert_eq!(studio.value("editor-text").await, DEMO, "{what}");
            studio.screenshot(what).await;
        }
    });
}

#[test]
fn after_the_first_visit_no_network_is_needed() {
    in_browser("offline", async |studio: &mut Studio| {
        studio.ready().await;
        let cached = "const cached = await caches.match(arguments[0]); return cached !== undefined";
        for file in ["./", "studio_bg.wasm", "studio-worker_bg.wasm"] {
            let arguments = || vec![Value::from(file)];
            studio
                .until(file, PATIENCE, async || studio.run_async(cached, arguments()).await.as_bool()?.then_some(()))
                .await;
        }
        studio.stop_server();
        studio.forgive("net::ERR_CONNECTION_REFUSED");
        studio.reload().await;
        studio.ready().await;
        let config = demo_with("max_steps = 1");
        train(studio, &config, "cpu", WHOLE_RUN).await;
        studio.screenshot("trained").await;
    });
}

#[test]
fn a_worker_that_runs_out_of_memory_is_reported_and_replaced() {
    // A quarter of a gigabyte, in pages of 64 KiB: what follows is soon too much.
    in_browser_with("worker-dies", &["--js-flags=--wasm-max-mem-pages=4096"], async |studio: &mut Studio| {
        drop_samples(studio).await;
        // The console may tell it in any way.
        studio.forgive("");
        let config = run_file("epochs = 1").replace("embedding_dim = 8", "embedding_dim = 2048");
        start(studio, &config, "cpu").await;
        studio.wait_long_for(at("run").with("data-state", "failed"), WHOLE_RUN).await;
        studio.wait_for_text("run", "memory").await;
        audit(studio, "failed").await;
        studio.ready().await;
        train(studio, &run_file("epochs = 1"), "cpu", WHOLE_RUN).await;
    });
}

/// The demo's run file, with these lines in its `[training]` table.
fn demo_with(training: &str) -> String {
    const LINE: &str = "log_every_batches = 5";
    assert_eq!(DEMO.matches(LINE).count(), 1);
    DEMO.replace(LINE, training)
}

/// A tiny run file over the folder `samples`, with these lines in its `[training]` table.
fn run_file(training: &str) -> String {
    format!(
        "[dataset]\nname = \"./samples\"\ntasks = [\"gender\", \"health\"]\nbatch_size = 4\n\n[model]\n\
         backbone = \"cnn_light\"\ninput_channels = 1\nembedding_dim = 8\ndepth = 2\nlayer_repeats = 1\n\n[training]\n\
         seed = 5\n{training}\n"
    )
}

/// The run file with this number of epochs.
fn with_epochs(config: &str, epochs: usize) -> String {
    let line = |line: &str| if line.starts_with("epochs") { format!("epochs = {epochs}") } else { line.to_owned() };
    let mut text = config.lines().map(line).collect::<Vec<_>>().join("\n");
    text.push('\n');
    text
}

/// Makes the folder `samples` and drops it.
async fn drop_samples(studio: &Studio) {
    let folder = studio.folder().join("samples");
    samples(&folder);
    studio.click("nav-data").await;
    studio.give_files("drop-folder", &[folder]).await;
    studio.wait_for(at("dataset").with("data-name", "./samples").with("data-kind", "prepared")).await;
}

/// Starts a run on a device.
async fn start(studio: &Studio, config: &str, device: &str) {
    studio.click("nav-train").await;
    studio.paste("editor-text", config).await;
    studio.choose("device-select", device).await;
    studio.click("train-button").await;
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

/// Trains to the end; gives the run's name.
async fn train(studio: &Studio, config: &str, device: &str, patience: Duration) -> String {
    start(studio, config, device).await;
    finished_run(studio, patience).await
}

/// The run under way, when it has ended well.
async fn finished_run(studio: &Studio, patience: Duration) -> String {
    let ended = studio.until("the run to end", patience, async || {
        for state in ["complete", "failed"] {
            if studio.is_there(at("run").with("data-state", state)).await {
                return Some(state);
            }
        }
        None
    });
    assert_eq!(ended.await, "complete", "{}", studio.text("status").await);
    studio.attribute("run", "data-run").await
}

async fn marked_after_training_began(studio: &Studio) -> f64 {
    studio.wait_long_for(at("run").with("data-state", "training"), WHOLE_RUN).await;
    studio.marked_at("studio:first-step").await
}

/// Updates done by the run under way.
async fn step(studio: &Studio) -> u64 {
    studio.attribute("run", "data-step").await.parse().unwrap()
}

/// Updates done as soon as there are more than these.
async fn step_after(studio: &Studio, step_before: u64) -> u64 {
    let what = format!("an update after {step_before}");
    studio
        .until(&what, PATIENCE, async || {
            let step = step(studio).await;
            (step > step_before).then_some(step)
        })
        .await
}

/// Clears a chart's canvases and tells them that they can be painted again, as after the browser's GPU was lost; waits
/// until they are painted.
async fn repainted_when_restored(studio: &Studio, chart: Spot) {
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
async fn painted_chart(studio: &Studio, chart: Spot) {
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
async fn loaded_picture(studio: &Studio, spot: Spot) {
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
async fn audit(studio: &mut Studio, what: &str) {
    for theme in ["light", "dark"] {
        studio.set_theme(theme).await;
        studio.screenshot(&format!("{what}-{theme}")).await;
        studio.check_accessibility(&format!("{what}, {theme}")).await;
    }
    studio.check_phone(what).await;
}

/// The losses that a run in the browser told, step by step.
async fn losses_in_browser(studio: &Studio, run: &str) -> Vec<Value> {
    let journal = studio.stored_text(&format!("notes/{run}.events.jsonl")).await;
    let events = journal.lines().map(|line| serde_json::from_str::<(f64, Value)>(line).unwrap().1);
    step_losses(events)
}

fn step_losses(events: impl Iterator<Item = Value>) -> Vec<Value> {
    events.filter(|event| event["event"] == "step").map(|event| event["loss"].clone()).collect()
}

#[track_caller]
fn assert_close(ours: &Value, theirs: &Value, tolerance: f64, what: &str) {
    let (ours, theirs) = (ours.as_f64().unwrap(), theirs.as_f64().unwrap());
    let apart = (ours - theirs).abs();
    assert!(apart <= tolerance * theirs.abs(), "{what}: {ours} in the browser, {theirs} on the command line");
}

/// A run of the same run file on the command line's CPU.
struct CommandLineRun {
    folder: PathBuf,
    events: Vec<Value>,
}

impl CommandLineRun {
    fn train(folder: &Path, name: &str, config: &str) -> Self {
        let config_path = folder.join(format!("{name}.toml"));
        fs::write(&config_path, config).unwrap();
        let settings = folder.join("settings.toml");
        fs::write(&settings, include_str!("../configs/default.toml").replace("../data", "data")).unwrap();
        let mut command = command_line(&["train", "--json", "--device", "cpu", "--output-dir", "runs"]);
        let output = command.arg("--settings").arg(&settings).arg(&config_path).current_dir(folder).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let events: Vec<Value> =
            String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let run = events.iter().find_map(|event| event["run_dir"].as_str()).unwrap();
        Self { folder: folder.join(run), events }
    }

    fn name(&self) -> &str {
        self.folder.file_name().unwrap().to_str().unwrap()
    }

    /// The paths of its files.
    fn files(&self) -> BTreeSet<String> {
        let mut files = BTreeSet::new();
        list(&self.folder, &self.folder, &mut files);
        files
    }

    fn json(&self, path: &str) -> Value {
        serde_json::from_slice(&fs::read(self.folder.join(path)).unwrap()).unwrap()
    }

    fn losses(&self) -> Vec<Value> {
        step_losses(self.events.iter().cloned())
    }
}

fn list(root: &Path, folder: &Path, files: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(root, &path, files);
        } else {
            files.insert(path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/"));
        }
    }
}

/// The paths of a run's files; those of TensorBoard have the time in their names.
fn layout(files: &BTreeSet<String>) -> BTreeSet<&str> {
    const EVENTS: &str = "tensorboard/events.out.tfevents.";
    // The command line's lock of a folder that it writes.
    let kept = files.iter().filter(|path| !path.starts_with('.'));
    kept.map(|path| if path.starts_with(EVENTS) { EVENTS } else { path }).collect()
}

/// A downloaded run.
struct Archive {
    path: PathBuf,
    folder: String,
    files: BTreeSet<String>,
}

impl Archive {
    fn open(path: &Path) -> Self {
        let archive = ZipArchive::new(File::open(path).unwrap()).unwrap();
        let names: Vec<(String, String)> = archive
            .file_names()
            .map(|name| name.unwrap().into_owned())
            .filter(|name| !name.ends_with('/'))
            .map(|name| name.split_once('/').map(|(folder, file)| (folder.to_owned(), file.to_owned())).unwrap())
            .collect();
        let folders: BTreeSet<&String> = names.iter().map(|(folder, _)| folder).collect();
        assert_eq!(folders.len(), 1, "{folders:?}");
        let folder = names[0].0.clone();
        Self { path: path.to_owned(), folder, files: names.into_iter().map(|(_, file)| file).collect() }
    }

    fn text(&self, file: &str) -> String {
        let mut archive = ZipArchive::new(File::open(&self.path).unwrap()).unwrap();
        let mut text = String::new();
        archive.by_name(&format!("{}/{file}", self.folder)).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    fn json(&self, file: &str) -> Value {
        serde_json::from_str(&self.text(file)).unwrap()
    }
}

/// Packs a folder into a `.zip` beside it.
fn zip_folder(folder: &Path) -> PathBuf {
    let path = folder.with_extension("zip");
    let mut archive = ZipWriter::new(File::create(&path).unwrap());
    let mut files = BTreeSet::new();
    list(folder, folder, &mut files);
    for file in files {
        let name = format!("{}/{file}", folder.file_name().unwrap().to_str().unwrap());
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(&fs::read(folder.join(file)).unwrap()).unwrap();
    }
    archive.finish().unwrap();
    path
}
