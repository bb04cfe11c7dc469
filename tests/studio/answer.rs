//! How good a run's model is, as the run's page tells it.

use std::path::Path;

use serde_json::Value;

use crate::{
    browser::{Studio, at, command_line},
    looks::audit,
    losses::assert_close,
};

/// WebDriver's names of the keys.
const ARROW_LEFT: &str = "\u{e012}";
const ARROW_RIGHT: &str = "\u{e014}";

/// Opens the answer of the run that is shown, whose folder on disk this is: its scores are those that the command line
/// tells. The run was not tested.
pub async fn is_that_of_the_command_line(studio: &mut Studio, folder: &Path) {
    let output = command_line(&["evaluate", folder.to_str().unwrap(), "--json"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let tasks = told["assessment"]["tasks"].as_array().unwrap();
    assert_eq!(tasks.len(), 3);

    studio.click("run-tab-answer").await;
    studio.wait_for("answer-validation").await;
    assert_eq!(studio.count("answer-test").await, 0);
    for (key, tab) in [(ARROW_RIGHT, "run-tab-config"), (ARROW_LEFT, "run-tab-answer")] {
        studio.type_keys(key).await;
        studio.wait_for(at(tab).with("aria-selected", "true")).await;
    }
    // In the words of the page and of the command line.
    for (shown, level) in [("person", "subject"), ("window", "window")] {
        studio.click(at("answer-level").with("value", shown)).await;
        for task in tasks {
            let name = task["task"].as_str().unwrap();
            let theirs = task["levels"].as_array().unwrap().iter().find(|known| known["level"] == level).unwrap();
            scores_are(studio, name, theirs["scores"].as_array().unwrap(), level).await;
        }
    }
    let first = &tasks[0]["levels"][0]["scores"][0];
    assert_eq!(first["score"], "balanced_accuracy");
    let percent = format!("{:.1}", 100.0 * first["value"].as_f64().unwrap());
    studio.wait_for_text(at("answer-task").with("data-task", "gender").inside("answer-sentence"), &percent).await;

    for task in ["gender", "age"] {
        let card = at("answer-task").with("data-task", task);
        studio.wait_for(card.clone().inside("whiskers")).await;
        studio.wait_for(card.clone().inside("people")).await;
        let show = "document.querySelector(arguments[0]).scrollIntoView()";
        studio.run_script(show, vec![card.css().into()]).await;
        audit(studio, &format!("answer-{task}")).await;
    }
    // What stands above the tabs would be behind the page's header.
    studio.run_script("scrollTo(0, 0)", vec![]).await;
}

/// Compares the scores that are shown of a task, one after the other.
async fn scores_are(studio: &Studio, task: &str, theirs: &[Value], level: &str) {
    let rows = at("answer-task").with("data-task", task).inside("answer-score");
    let script = "return [...document.querySelectorAll(arguments[0])].map(row => Number(row.dataset.value))";
    let shown = studio.run_script(script, vec![rows.css().into()]).await;
    let ours = shown.as_array().unwrap();
    assert_eq!(ours.len(), theirs.len(), "{task} by {level}");
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert_close(ours, &theirs["value"], 1e-9, &format!("{} of {task} by {level}", theirs["score"]));
    }
}
