//! Why a page is not served.

use std::{io, net::SocketAddr, path::PathBuf};

/// Why a page is not served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The folder is not that of a page.
    #[error(
        "there is no page in this folder, it has no index.html: {folder}; `cargo xtask build` makes one in dist, and \
         `cargo xtask install` a signal-studio that holds one"
    )]
    NoPage {
        /// The folder.
        folder: PathBuf,
    },
    /// The address cannot be had.
    #[error("cannot listen on {address}: {source}; port 0 takes a port that is free")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The system gives no means to serve, or takes them away.
    #[error("the server cannot run: {0}")]
    System(#[from] io::Error),
}
