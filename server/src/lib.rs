//! The server of the built page, under the headers that the page needs to run at all. It stands apart from the command
//! line, so that what builds the page can serve it without building the engine.

mod error;
mod page;
#[cfg(test)]
mod tests;

pub use error::ServeError;
pub use page::{INSIDE, Page, PageFile};

use std::{
    convert::Infallible,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::LazyLock,
};

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
    middleware::map_response,
    response::Response,
};
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
};

/// What every answer says. The first two give the page threads and precise clocks; nothing is kept without asking
/// whether it is still the newest, so that a page that was built anew is seen at once; no other site is told where a
/// visitor comes from.
const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-embedder-policy"), HeaderValue::from_static("require-corp")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
];

/// The page as it is written; what is built of it has the same policy.
const PAGE_AS_WRITTEN: &str = include_str!("../../index.html");

/// What the page may do, said of every answer: the policy in the page does not reach its workers. That no other site may
/// show the page within its own can only be said here.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let (_, rest) = PAGE_AS_WRITTEN
        .split_once(r#"http-equiv="Content-Security-Policy" content=""#)
        .expect("the page has a policy, as a test says");
    let policy = rest.split('"').next().unwrap_or_default();
    HeaderValue::from_str(&format!("{policy}; frame-ancestors 'none'")).expect("a policy is one line of plain text")
});

/// A server that listens; browsers that come before [`Self::run`] wait for it.
#[derive(Debug)]
pub struct Server {
    runtime: Runtime,
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
}

impl Server {
    /// Listens on a port of this machine's `address`; 0 is any port that is free.
    ///
    /// # Errors
    /// When there is no page, or the address cannot be had.
    pub fn bind(page: Page, address: IpAddr, port: u16) -> Result<Self, ServeError> {
        let router = page.router()?.layer(map_response(with_headers));
        // One thread passes files on faster than a browser asks for them; reading them has threads of its own.
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let address = SocketAddr::new(address, port);
        let listener = runtime.block_on(TcpListener::bind(address));
        let listener = listener.map_err(|source| ServeError::Listen { address, source })?;
        let address = listener.local_addr()?;
        Ok(Self { runtime, listener, address, router })
    }

    /// The page's address for a browser on this machine.
    #[must_use]
    pub fn url(&self) -> String {
        let host = match self.address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        format!("http://{}/", SocketAddr::new(host, self.address.port()))
    }

    /// Whether only this machine can see the page.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.address.ip().is_loopback()
    }

    /// Serves until the program ends.
    ///
    /// # Errors
    /// When the system no longer lets it.
    pub fn run(self) -> Result<Infallible, ServeError> {
        self.runtime.block_on(axum::serve(self.listener, self.router).into_future())?;
        Err(io::Error::other("it has stopped accepting connections").into())
    }
}

async fn with_headers(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, value);
    }
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, POLICY.clone());
    response
}
