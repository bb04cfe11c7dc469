//! `cargo xtask studio`: builds the studio, serves it to this machine and opens it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};

use anyhow::{Context, Result, bail};
use signal_studio_server::{Page, ServeError, Server};

use crate::dist::{self, Purpose};

/// The port to which share links lead unless they are told otherwise.
const PORT: u16 = 8080;

/// How the studio is served.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    port: u16,
    opens_page: bool,
}

impl Options {
    /// Reads `--port N` and `--no-open`.
    pub fn parse(words: &[&str]) -> Result<Self> {
        let mut options = Self { port: PORT, opens_page: true };
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            match word {
                "--no-open" => options.opens_page = false,
                "--port" => {
                    let port = words.next().context("--port needs a number")?;
                    options.port = port.parse().with_context(|| format!("no port: {port}"))?;
                }
                _ => bail!("`studio` takes --port N and --no-open, not {word}"),
            }
        }
        Ok(options)
    }
}

/// Builds, serves and opens the studio, until it is interrupted.
pub fn run(options: &Options) -> Result<()> {
    check_port(options.port)?;
    let dist = dist::build(Purpose::Local)?;
    let server = Server::bind(Page::Folder(dist), IpAddr::V4(Ipv4Addr::LOCALHOST), options.port)?;
    let url = server.url();
    eprintln!("\nSignal Studio is at {url}\nCtrl-C ends it. Nothing leaves this machine.");
    if options.opens_page
        && let Err(error) = open::that_detached(&url)
    {
        eprintln!("No browser could be opened ({error}): open {url} yourself.");
    }
    let Err(error) = server.run();
    Err(error.into())
}

/// Fails when the port is in use, which is better known before minutes of building than after. Port 0 never is.
fn check_port(port: u16) -> Result<(), ServeError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpListener::bind(address).map(drop).map_err(|source| ServeError::Listen { address, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_in_use_is_named() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let message = check_port(port).unwrap_err().to_string();
        assert!(message.starts_with(&format!("cannot listen on 127.0.0.1:{port}: ")), "{message}");
        drop(listener);
        check_port(0).unwrap();
    }

    #[test]
    fn options_are_read_in_any_order() {
        assert_eq!(Options::parse(&[]).unwrap(), Options { port: PORT, opens_page: true });
        let options = Options::parse(&["--no-open", "--port", "0"]).unwrap();
        assert_eq!(options, Options { port: 0, opens_page: false });
    }

    #[test]
    fn what_is_no_option_is_named() {
        for (words, part) in
            [(&["--prot", "1"][..], "--prot"), (&["--port"], "needs a number"), (&["--port", "x"], "x")]
        {
            let message = Options::parse(words).unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        }
    }
}
