//! `signal-studio serve`.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
};

use clap::Args;
use serde_json::json;
use signal_studio_server::{INSIDE, Page, Server};

use crate::{failure::Failure, interrupt, output};

/// What `serve` is asked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  signal-studio serve --open
  signal-studio serve dist --port 0 --json

Prints the page's address as soon as a browser can open it, and serves until Ctrl-C. Recordings are not sent here: the
page works on them in the browser.")]
pub struct Arguments {
    /// The folder of the built page [default: the page in this program, or dist where there is none]
    dir: Option<PathBuf>,
    /// The port; 0 takes one that is free
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    port: u16,
    /// Which of this machine's addresses to listen on; 0.0.0.0 is all of them
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,
    /// Open the page in the browser
    #[arg(long)]
    open: bool,
    /// Print the address as JSON
    #[arg(long)]
    json: bool,
}

/// Serves the page until Ctrl-C.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let page = match &arguments.dir {
        Some(dir) => Page::Folder(dir.clone()),
        None => INSIDE.unwrap_or_else(|| Page::Folder("dist".into())),
    };
    let dir = if let Page::Folder(dir) = &page { Some(dir.clone()) } else { None };
    let server = Server::bind(page, arguments.address, arguments.port)?;
    interrupt::install_as_the_end()?;
    let url = server.url();
    if arguments.json {
        output::json_line(&json!({ "event": "serving", "url": url, "dir": dir }));
    } else {
        output::result(&url);
    }
    if !server.is_local() {
        output::note(
            "other machines can see the page, but over http their browsers will refuse it storage and GPU: for them, \
             serve it over https",
        );
    }
    if arguments.open
        && let Err(error) = open::that_detached(&url)
    {
        output::note(&format!("no browser could be opened ({error}); open {url} yourself"));
    }
    let Err(error) = server.run();
    Err(error.into())
}

#[cfg(test)]
mod tests {
    use clap::FromArgMatches;
    use signal_studio_core::share::DEFAULT_BASE_URL;

    use super::*;

    #[test]
    fn links_lead_to_where_the_page_is_served() {
        let matches = Arguments::augment_args(clap::Command::new("serve")).get_matches_from(["serve"]);
        let arguments = Arguments::from_arg_matches(&matches).unwrap();
        assert_eq!(format!("http://{}:{}/", arguments.address, arguments.port), DEFAULT_BASE_URL);
    }
}
