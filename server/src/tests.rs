//! The server, asked by a client that sends what it is told, byte for byte.

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    path::Path,
    thread,
    time::{Duration, UNIX_EPOCH},
};

use flate2::{Compression, write::GzEncoder};
use tempfile::TempDir;

use super::{INSIDE, PAGE_AS_WRITTEN, Page, PageFile, ServeError, Server};

const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A page that is served as long as the tests run.
struct Served {
    folder: TempDir,
    address: SocketAddr,
}

#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Served {
    /// Serves the folder `dist`, beside which lies a file that is nobody's business.
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        write(folder.path(), "secret.txt", "secret");
        write(folder.path(), "dist/index.html", "<!doctype html>");
        for (path, content) in files {
            write(&folder.path().join("dist"), path, content);
        }
        let address = serve(Page::Folder(folder.path().join("dist")));
        Self { folder, address }
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).unwrap()
    }

    fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Answer {
        ask(self.address, method, target, headers)
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

/// Serves a page from now on.
fn serve(page: Page) -> SocketAddr {
    let server = Server::bind(page, LOCALHOST, 0).unwrap();
    let address = server.address;
    assert_eq!(server.url(), format!("http://{address}/"));
    thread::spawn(move || server.run());
    address
}

fn ask(address: SocketAddr, method: &str, target: &str, headers: &[(&str, &str)]) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    write!(stream, "{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{lines}\r\n").unwrap();
    Answer::read(stream)
}

fn write(folder: &Path, path: &str, content: impl AsRef<[u8]>) {
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
    let page = Served::new(&kinds.map(|(path, _)| (path, path)));
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
    let page = Served::new(&[("worker.js", "")]);
    for target in ["/", "/worker.js", "/gone.js"] {
        let answer = page.get(target);
        let policy = answer.header("content-security-policy").strip_suffix("; frame-ancestors 'none'").unwrap();
        assert!(policy.starts_with("default-src 'none'; ") && policy.contains("worker-src 'self';"), "{policy}");
        assert!(PAGE_AS_WRITTEN.contains(&format!("content=\"{policy}\">")), "{policy}");
    }
}

#[test]
fn compressed_files_are_sent_to_those_who_take_them() {
    let page =
        Served::new(&[("a.wasm", "plain"), ("a.wasm.br", "brotli"), ("a.wasm.gz", "gzip"), ("b.js", "only plain")]);
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
    let page = Served::new(&[("studio.js", "first"), ("studio.js.br", "first, compressed")]);
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
    let page = Served::new(&[("assets/a.js", "a")]);
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
    let page = Served::new(&[("studio.js", "a script")]);
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
    let page = Served::new(&[("large.wasm", &content)]);
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
    let page = Served::new(&[]);
    let dist = Page::Folder(page.folder.path().join("dist"));
    let error = Server::bind(Page::Folder(page.folder.path().to_owned()), LOCALHOST, 0).unwrap_err();
    assert!(matches!(error, ServeError::NoPage { .. }) && error.to_string().contains("cargo xtask build"), "{error}");
    let error = Server::bind(dist, LOCALHOST, page.address.port()).unwrap_err();
    assert!(matches!(error, ServeError::Listen { .. }), "{error}");
    assert!(error.to_string().contains(&page.address.to_string()), "{error}");
}

#[test]
fn a_server_on_all_addresses_names_one_that_a_browser_can_open() {
    let server = Server::bind(Page::Inside(&[]), IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0).unwrap();
    assert_eq!(server.url(), format!("http://127.0.0.1:{}/", server.address.port()));
    assert!(!server.is_local());
}

#[test]
fn a_page_inside_the_program_answers_as_its_folder_does() {
    let compressed = |text: &str| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let modified = Duration::new(1_800_000_000, 123_456_789);
    let folder = TempDir::new().unwrap();
    let script = "let studio = 'a script';\n".repeat(1000);
    let mut files = Vec::new();
    for (name, text, is_gzip) in [
        ("icons/icon.png", "not compressed", false),
        ("index.html", "<!doctype html>", true),
        ("studio.js", &script, true),
    ] {
        let gzip = compressed(text);
        write(folder.path(), name, text);
        fs::File::open(folder.path().join(name)).unwrap().set_modified(UNIX_EPOCH + modified).unwrap();
        if is_gzip {
            let twin = format!("{name}.gz");
            write(folder.path(), &twin, &gzip);
            fs::File::open(folder.path().join(twin)).unwrap().set_modified(UNIX_EPOCH + modified).unwrap();
        }
        let content: &[u8] = Vec::leak(if is_gzip { gzip } else { text.into() });
        files.push(PageFile { name, content, is_gzip, modified });
    }
    let of_folder = serve(Page::Folder(folder.path().to_owned()));
    let inside = serve(Page::Inside(Vec::leak(files)));

    let gzip = ("Accept-Encoding", "gzip, deflate");
    let tag = ask(of_folder, "GET", "/studio.js", &[gzip]).header("etag").to_owned();
    assert!(!tag.is_empty());
    for method in ["GET", "HEAD", "POST"] {
        for target in [
            "/",
            "/index.html",
            "/studio.js?v=1",
            "/studio.js.gz",
            "/icons/icon.png",
            "/icons",
            "/icons/",
            "/icon",
            "/studio.js/",
            "/studio.js/a",
            "/gone.js",
            "/../studio.js",
            "/%2e%2e/studio.js",
            "/%ff",
        ] {
            for headers in [
                &[][..],
                &[gzip],
                &[("Accept-Encoding", "br, gzip;q=0")],
                &[gzip, ("If-None-Match", &tag)],
                &[("If-Modified-Since", "Fri, 15 Jan 2027 08:00:00 GMT")],
                &[("Range", "bytes=4-9")],
            ] {
                let [mut expected, mut found] =
                    [of_folder, inside].map(|address| ask(address, method, target, headers));
                for answer in [&mut expected, &mut found] {
                    answer.headers.remove("date");
                }
                assert_eq!(found, expected, "{method} {target} {headers:?}");
            }
        }
    }
    let script_inside = ask(inside, "GET", "/studio.js", &[]);
    assert!((script_inside.status, &*script_inside.body) == (200, script.as_bytes()));
}

/// Tried with the feature `page`.
#[test]
fn the_page_inside_is_the_one_that_was_built() {
    let Some(page) = INSIDE else { return };
    let address = serve(page);
    for target in ["/", "/studio_bg.wasm", "/studio-worker_bg.wasm", "/offline.js"] {
        let answer = ask(address, "GET", target, &[]);
        assert!(answer.status == 200 && !answer.body.is_empty(), "{target}: {}", answer.status);
        let compressed = ask(address, "GET", target, &[("Accept-Encoding", "gzip")]);
        assert_eq!((compressed.status, compressed.header("content-encoding")), (200, "gzip"), "{target}");
    }
}
