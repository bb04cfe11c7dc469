//! The server, asked by a client that sends what it is told, byte for byte.

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    path::Path,
    thread,
};

use tempfile::TempDir;

use super::{PAGE, ServeError, Server};

const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A page that is served as long as the tests run.
struct Page {
    folder: TempDir,
    address: SocketAddr,
}

struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Page {
    /// Serves the folder `dist`, beside which lies a file that is nobody's business.
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        write(folder.path(), "secret.txt", "secret");
        write(folder.path(), "dist/index.html", "<!doctype html>");
        for (path, content) in files {
            write(&folder.path().join("dist"), path, content);
        }
        let server = Server::bind(&folder.path().join("dist"), LOCALHOST, 0).unwrap();
        let address = server.address;
        assert_eq!(server.url(), format!("http://{address}/"));
        thread::spawn(move || server.run());
        Self { folder, address }
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).unwrap()
    }

    fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Answer {
        let mut stream = self.connect();
        let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        write!(stream, "{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{lines}\r\n").unwrap();
        Answer::read(stream)
    }

    fn get(&self, target: &str) -> Answer {
        self.ask("GET", target, &[])
    }
}

impl Answer {
    fn read(mut stream: TcpStream) -> Self {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.map(|line| line.split_once(": ").unwrap());
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        Self { status, headers, body: bytes[end + 4..].to_vec() }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

fn write(folder: &Path, path: &str, content: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

#[test]
fn every_kind_of_file_has_its_type_and_the_page_its_headers() {
    let kinds = [
        ("studio_bg.wasm", "application/wasm"),
        ("studio.js", "text/javascript"),
        ("style.css", "text/css"),
        ("about.html", "text/html"),
        ("icons/icon.svg", "image/svg+xml"),
        ("icons/icon.png", "image/png"),
        ("files.json", "application/json"),
        ("studio.webmanifest", "application/manifest+json"),
    ];
    let page = Page::new(&kinds.map(|(path, _)| (path, path)));
    for (path, kind) in kinds {
        let answer = page.get(&format!("/{path}?version=1"));
        assert_eq!((answer.status, answer.header("content-type")), (200, kind), "{path}");
        assert_eq!(answer.body, path.as_bytes());
    }
    for (target, status) in [("/", 200), ("/gone.js", 404)] {
        let answer = page.get(target);
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(answer.header("cross-origin-embedder-policy"), "require-corp");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cache-control"), "no-cache");
    }
}

#[test]
fn every_answer_has_the_policy_of_the_page_because_workers_have_none_of_their_own() {
    let page = Page::new(&[("worker.js", "")]);
    for target in ["/", "/worker.js", "/gone.js"] {
        let answer = page.get(target);
        let policy = answer.header("content-security-policy").strip_suffix("; frame-ancestors 'none'").unwrap();
        assert!(policy.starts_with("default-src 'none'; ") && policy.contains("worker-src 'self';"), "{policy}");
        assert!(PAGE.contains(&format!("content=\"{policy}\">")), "{policy}");
    }
}

#[test]
fn compressed_files_are_sent_to_those_who_take_them() {
    let page =
        Page::new(&[("a.wasm", "plain"), ("a.wasm.br", "brotli"), ("a.wasm.gz", "gzip"), ("b.js", "only plain")]);
    for (accepted, encoding, body) in [
        ("gzip, deflate, br, zstd", "br", "brotli"),
        ("gzip", "gzip", "gzip"),
        ("br;q=0, gzip", "gzip", "gzip"),
        ("deflate", "", "plain"),
        ("identity", "", "plain"),
    ] {
        let answer = page.ask("GET", "/a.wasm", &[("Accept-Encoding", accepted)]);
        assert_eq!((answer.status, answer.header("content-encoding")), (200, encoding), "{accepted}");
        assert_eq!(answer.header("content-type"), "application/wasm");
        assert_eq!(answer.header("vary").to_ascii_lowercase(), "accept-encoding");
        assert_eq!(answer.body, body.as_bytes());
    }
    let answer = page.ask("GET", "/b.js", &[("Accept-Encoding", "br, gzip")]);
    assert_eq!((answer.header("content-encoding"), &*answer.body), ("", &b"only plain"[..]));
}

#[test]
fn what_a_browser_has_already_is_not_sent_again() {
    let page = Page::new(&[("studio.js", "first"), ("studio.js.br", "first, compressed")]);
    let first = page.get("/studio.js");
    let (tag, date) = (first.header("etag"), first.header("last-modified"));
    assert!(!tag.is_empty() && !date.is_empty());
    for known in [("If-None-Match", tag), ("If-Modified-Since", date)] {
        let again = page.ask("GET", "/studio.js", &[known]);
        assert_eq!((again.status, again.body.len()), (304, 0), "{known:?}");
        assert_eq!(again.header("cache-control"), "no-cache");
    }
    let compressed = page.ask("GET", "/studio.js", &[("Accept-Encoding", "br"), ("If-None-Match", tag)]);
    assert_eq!((compressed.status, &*compressed.body), (200, &b"first, compressed"[..]));
    write(page.folder.path(), "dist/studio.js", "the second");
    let changed = page.ask("GET", "/studio.js", &[("If-None-Match", tag)]);
    assert_eq!((changed.status, &*changed.body), (200, &b"the second"[..]));
}

#[test]
fn nothing_outside_the_folder_is_served() {
    let page = Page::new(&[("assets/a.js", "a")]);
    let secret = page.folder.path().join("secret.txt");
    let secret = secret.to_str().unwrap();
    for target in [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
        "/%252e%252e/secret.txt",
        "/index.html/../../secret.txt",
        &format!("/{secret}"),
        &format!("//{secret}"),
        &secret.replace('/', "%2f"),
        &format!("/{}", secret.replace('/', "%2F")),
        "/secret.txt%00.html",
        "/%ff",
    ] {
        let answer = page.get(target);
        assert!((400..500).contains(&answer.status), "{target}: {}", answer.status);
        assert!(!answer.body.windows(6).any(|window| window == b"secret"), "{target}");
    }
}

#[test]
fn a_head_is_an_answer_without_its_body_and_nothing_can_be_sent() {
    let page = Page::new(&[("studio.js", "a script")]);
    let answer = page.ask("HEAD", "/studio.js", &[]);
    assert_eq!((answer.status, answer.header("content-length"), answer.body.len()), (200, "8", 0));
    for method in ["POST", "PUT", "DELETE"] {
        assert_eq!(page.ask(method, "/studio.js", &[("Content-Length", "0")]).status, 405, "{method}");
    }
    let part = page.ask("GET", "/studio.js", &[("Range", "bytes=2-4")]);
    assert_eq!((part.status, &*part.body), (206, &b"scr"[..]));
}

#[test]
fn nobody_waits_for_others() {
    let content = "0123456789abcdef".repeat(1 << 16);
    let page = Page::new(&[("large.wasm", &content)]);
    let mut half_asked = page.connect();
    write!(half_asked, "GET / HTTP/1.1\r\nHost:").unwrap();
    let ask = |mut stream: TcpStream| {
        write!(stream, "GET /large.wasm HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        stream
    };
    // All have asked before the first answer is read.
    let streams: Vec<_> = (0..64).map(|_| ask(page.connect())).collect();
    for stream in streams.into_iter().rev() {
        let answer = Answer::read(stream);
        assert!(answer.status == 200 && answer.body == content.as_bytes());
    }
    write!(half_asked, " localhost\r\nConnection: close\r\n\r\n").unwrap();
    assert_eq!(Answer::read(half_asked).status, 200);
}

#[test]
fn a_folder_without_a_page_and_a_port_that_is_taken_are_told() {
    let page = Page::new(&[]);
    let dist = page.folder.path().join("dist");
    let error = Server::bind(page.folder.path(), LOCALHOST, 0).unwrap_err();
    assert!(matches!(error, ServeError::NoPage { .. }) && error.to_string().contains("cargo xtask build"), "{error}");
    let error = Server::bind(&dist, LOCALHOST, page.address.port()).unwrap_err();
    assert!(matches!(error, ServeError::Listen { .. }), "{error}");
    assert!(error.to_string().contains(&page.address.to_string()), "{error}");
}

#[test]
fn a_server_on_all_addresses_names_one_that_a_browser_can_open() {
    let page = Page::new(&[]);
    let server = Server::bind(&page.folder.path().join("dist"), IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0).unwrap();
    assert_eq!(server.url(), format!("http://127.0.0.1:{}/", server.address.port()));
    assert!(!server.is_local());
}
