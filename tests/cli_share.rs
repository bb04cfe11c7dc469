//! Links and the page's server, on the command line: a config shared and trained on, links that are broken, and the page
//! as a browser gets it.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Stdio},
};

use serde_json::Value;
use signal_studio_tests::{SMALL_WINDOWS, Studio, contains, json};

const RUN: &str = "# to be passed on\n[settings]\nconfig = \"../of/the/sender.toml\"\n[dataset]\nname = \"demo\"\n\
                   tasks = \"health, age\"\n[model]\nbackbone = \"cnn_light\"\ninput_channels = 1\nembedding_dim = 8\n\
                   depth = 2\nlayer_repeats = 1\n[training]\nseed = 1\ndevice = \"cpu\"\nmax_steps = 1\n";

/// A link to [`RUN`].
fn shared(studio: &Studio) -> String {
    studio.write("run.toml", RUN);
    studio.succeed(&["share", "run.toml"]).trim_end().to_owned()
}

/// The server's process; it ends with the test.
struct Served {
    child: Child,
    /// What it printed first.
    line: String,
}

impl Served {
    fn new(studio: &Studio, arguments: &[&str]) -> Self {
        studio.write("dist/index.html", "<!doctype html>");
        let mut command = studio.command(&[&["serve", "--port", "0"], arguments].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, line: line.trim_end().to_owned() }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The answer to a request, head and body.
fn get(url: &str, path: &str) -> String {
    let address = url.strip_prefix("http://").unwrap().strip_suffix('/').unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_shared_config_is_trained_on_with_the_settings_of_who_opens_it() {
    let studio = Studio::new();
    // The usual place of settings, which a link's own relative path does not override.
    studio
        .write("configs/default.toml", "[data]\nroot = \"../raw\"\noutput_root = \"../processed\"\n[datasets.demo]\n");
    studio.succeed(&[&["preprocess", "demo"], &SMALL_WINDOWS[..]].concat());
    let link = shared(&studio);
    assert!(link.starts_with("http://127.0.0.1:8080/#config=1.") && !link.contains(char::is_whitespace), "{link}");

    contains(&studio.succeed(&["inspect", &link]), &["the link", "cnn_light", "processed/demo (there)"]);
    studio.succeed(&["train", &link, "--output-dir", "runs"]);
    let run = studio.only_run("runs");
    assert_eq!(fs::read_to_string(run.join("config.toml")).unwrap(), RUN);
    assert_eq!(json(&run.join("summary.json"))["global_step"], 1);
    studio.succeed(&["train", "--resume", run.to_str().unwrap(), "--max-steps", "2"]);
}

#[test]
fn a_link_leads_to_the_host_it_is_asked_for() {
    let studio = Studio::new();
    let link = shared(&studio);
    let (_, fragment) = link.split_once('#').unwrap();
    let other = "https://studio.example/eeg/";
    for config in ["run.toml", &link] {
        let moved = studio.succeed(&["share", config, "--base-url", other]);
        assert_eq!(moved, format!("{other}#{fragment}\n"));
    }
    contains(&studio.fail(2, &["share", "run.toml", "--base-url", "studio.example"]), &["studio.example", "https://"]);
}

#[test]
fn only_a_config_without_mistakes_is_shared() {
    let studio = Studio::new();
    studio.write("bad.toml", RUN.replace("cnn_light", "cnn_ligt").replace("seed = 1", "seed = \"one\""));
    let message = studio.fail(2, &["share", "bad.toml"]);
    contains(&message, &["bad.toml:8:", "cnn_light", "bad.toml:14:"]);
    assert!(studio.run(&["share", "bad.toml"]).stdout.is_empty());
    // What only the settings tell: there is no such dataset.
    studio.write("unknown.toml", RUN.replace("\"demo\"", "\"weather\""));
    contains(&studio.fail(2, &["share", "unknown.toml"]), &["unknown.toml:5:", "weather"]);
    contains(&studio.fail(2, &["share", "nowhere.toml"]), &["nowhere.toml"]);
}

#[test]
fn a_link_does_not_hold_samples_and_says_so() {
    let studio = Studio::new();
    studio.write("run.toml", RUN.replace("\"demo\"", "\"./data\""));
    let output = studio.run(&["share", "run.toml"]);
    assert_eq!((output.status.code(), output.stdout.iter().filter(|&&byte| byte == b'\n').count()), (Some(0), 1));
    contains(&String::from_utf8(output.stderr).unwrap(), &["./data", "samples"]);
}

#[test]
fn links_that_are_broken_are_told_and_nothing_is_made() {
    let studio = Studio::new();
    let link = shared(&studio);
    let (page, fragment) = link.split_once('#').unwrap();
    let newer = fragment.replace("config=1.", "config=2.");
    for (link, part) in [
        (&link[..link.len() - 5], "damaged or incomplete"),
        (&link.replace("config=1.", "config=1.x"), "damaged or incomplete"),
        (page, "not a link to a config"),
        (&format!("{page}#{newer}"), "newer Signal Studio"),
        (&format!("#{newer}"), "newer Signal Studio"),
        (&format!("{link}{}", "A".repeat(10_000)), "damaged or incomplete"),
    ] {
        for command in ["train", "inspect", "share"] {
            contains(&studio.fail(2, &[command, link]), &[part]);
        }
    }
    assert!(!studio.path("runs").exists());
}

#[test]
fn mistakes_in_a_link_have_their_places_in_it() {
    let studio = Studio::new();
    // Shared here, where the dataset is a folder; opened where it is none.
    studio.write("run.toml", RUN.replace("\"demo\"", "\"weather\""));
    studio.write("weather/metadata.csv", "file_name,health,age\n");
    let link = studio.succeed(&["share", "run.toml"]);
    let elsewhere = Studio::new();
    contains(&elsewhere.fail(2, &["train", link.trim_end()]), &["the link:5:", "weather"]);
}

#[test]
fn the_page_is_served_until_the_end() {
    let studio = Studio::new();
    let served = Served::new(&studio, &[]);
    assert!(served.line.starts_with("http://127.0.0.1:"), "{}", served.line);
    let answer = get(&served.line, "/");
    contains(&answer, &["HTTP/1.1 200", "cross-origin-embedder-policy: require-corp", "<!doctype html>"]);
    contains(&get(&served.line, "/../settings.toml"), &["HTTP/1.1 404"]);
    contains(&get(&served.line, "/gone.js"), &["HTTP/1.1 404"]);

    let as_json = Served::new(&studio, &["dist", "--json"]);
    let line: Value = serde_json::from_str(&as_json.line).unwrap();
    assert_eq!((&line["event"], &line["dir"]), (&Value::from("serving"), &Value::from("dist")));
    contains(&get(line["url"].as_str().unwrap(), "/index.html"), &["HTTP/1.1 200"]);
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_server_and_is_no_error() {
    let studio = Studio::new();
    for signal in ["-INT", "-TERM"] {
        let mut served = Served::new(&studio, &[]);
        // A browser that keeps its connection does not hold the program back.
        let address = served.line.strip_prefix("http://").unwrap().trim_end_matches('/');
        let _connection = TcpStream::connect(address).unwrap();
        std::process::Command::new("kill").args([signal, &served.child.id().to_string()]).status().unwrap();
        assert_eq!(served.child.wait().unwrap().code(), Some(0), "{signal}");
    }
}

#[test]
fn a_page_that_is_not_built_is_told_with_what_to_do() {
    let studio = Studio::new();
    contains(&studio.fail(2, &["serve"]), &["dist", "index.html", "cargo xtask build"]);
    let served = Served::new(&studio, &[]);
    let port = served.line.trim_end_matches('/').rsplit(':').next().unwrap();
    contains(&studio.fail(1, &["serve", "--port", port]), &[port, "port 0"]);
}
