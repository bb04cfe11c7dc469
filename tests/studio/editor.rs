//! Run files in the editor: as they are typed, and as they come in links.

use std::fs;

use signal_studio_core::config::RunConfig;

use crate::{
    browser::{Studio, at, command_line, in_browser},
    looks::audit,
    run_files::{DEMO, run_file},
};

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
