//! Where the page is: in a folder, or in this program.

use std::{
    borrow::Cow,
    future::{Ready, ready},
    io::{self, Cursor, Read, SeekFrom},
    path::{Path, PathBuf},
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::Router;
use flate2::read::GzDecoder;
use tokio::io::{AsyncRead, AsyncSeek, ReadBuf};
use tower_http::services::{ServeDir, fs};

use crate::error::ServeError;

/// The file that a browser starts from.
const START_PAGE: &str = "index.html";

/// The page in this program, which the feature `page` puts there.
pub const INSIDE: Option<Page> = inside();

#[cfg(feature = "page")]
const fn inside() -> Option<Page> {
    const FILES: &[PageFile] = include!(concat!(env!("OUT_DIR"), "/page.rs"));
    Some(Page::Inside(FILES))
}

#[cfg(not(feature = "page"))]
const fn inside() -> Option<Page> {
    None
}

/// A built page.
#[derive(Debug, Clone)]
pub enum Page {
    /// The files in a folder, as they are when they are asked for.
    Folder(PathBuf),
    /// Files in the program's memory.
    Inside(&'static [PageFile]),
}

/// A file of a page in the program's memory.
#[derive(Debug)]
pub struct PageFile {
    /// Its path in the page's folder, with `/`.
    pub name: &'static str,
    /// Its bytes.
    pub content: &'static [u8],
    /// Whether they are compressed, as the file `name.gz` would be.
    pub is_gzip: bool,
    /// When it was built, since 1970.
    pub modified: Duration,
}

impl Page {
    /// Answers requests for the page's files, compressed ones where there are any and the browser takes them.
    ///
    /// # Errors
    /// When there is no page in the folder.
    pub(crate) fn router(self) -> Result<Router, ServeError> {
        match self {
            Self::Folder(folder) if !folder.join(START_PAGE).is_file() => Err(ServeError::NoPage { folder }),
            Self::Folder(folder) => {
                Ok(Router::new().fallback_service(ServeDir::new(folder).precompressed_br().precompressed_gzip()))
            }
            Self::Inside(files) => {
                Ok(Router::new().fallback_service(ServeDir::with_backend("", Files(files)).precompressed_gzip()))
            }
        }
    }
}

/// Files in memory as a file system: each under its name and, compressed, with `.gz` behind it.
#[derive(Debug, Clone, Copy)]
struct Files(&'static [PageFile]);

impl Files {
    fn find(self, path: &Path) -> io::Result<Found> {
        // A path begins with `.` here, and a name has `/` everywhere.
        let parts: Vec<_> = path.iter().skip(1).map(|part| part.to_str().unwrap_or_default()).collect();
        let name = parts.join("/");
        for file in self.0 {
            match file.name.strip_prefix(&*name) {
                Some("") => return Ok(Found::File { file, is_plain: true }),
                Some(rest) if name.is_empty() || rest.starts_with('/') => return Ok(Found::Folder),
                _ if file.is_gzip && name.strip_suffix(".gz") == Some(file.name) => {
                    return Ok(Found::File { file, is_plain: false });
                }
                _ => {}
            }
        }
        Err(io::ErrorKind::NotFound.into())
    }
}

/// What there is under a path.
#[derive(Debug, Clone, Copy)]
enum Found {
    Folder,
    File {
        file: &'static PageFile,
        /// Whether it is asked for as it is, not compressed.
        is_plain: bool,
    },
}

impl Found {
    fn content(self) -> io::Result<Cow<'static, [u8]>> {
        match self {
            Self::Folder => Err(io::ErrorKind::IsADirectory.into()),
            Self::File { file, is_plain: true } if file.is_gzip => {
                let mut plain = Vec::new();
                GzDecoder::new(file.content).read_to_end(&mut plain)?;
                Ok(plain.into())
            }
            Self::File { file, .. } => Ok(file.content.into()),
        }
    }
}

impl fs::Metadata for Found {
    fn is_dir(&self) -> bool {
        matches!(self, Self::Folder)
    }

    fn modified(&self) -> io::Result<SystemTime> {
        match self {
            Self::Folder => Err(io::ErrorKind::Unsupported.into()),
            Self::File { file, .. } => Ok(UNIX_EPOCH + file.modified),
        }
    }

    fn len(&self) -> u64 {
        match self {
            Self::Folder => 0,
            // Compressed by gzip, a file ends with its length.
            Self::File { file: PageFile { content: [.., a, b, c, d], is_gzip: true, .. }, is_plain: true } => {
                u32::from_le_bytes([*a, *b, *c, *d]).into()
            }
            Self::File { file, .. } => file.content.len() as u64,
        }
    }
}

/// A file that is read.
#[derive(Debug)]
struct Opened {
    found: Found,
    content: Cursor<Cow<'static, [u8]>>,
}

impl fs::Backend for Files {
    type File = Opened;
    type Metadata = Found;
    type OpenFuture = Ready<io::Result<Opened>>;
    type MetadataFuture = Ready<io::Result<Found>>;

    fn open(&self, path: PathBuf) -> Self::OpenFuture {
        let opened = self.find(&path).and_then(|found| Ok(Opened { found, content: Cursor::new(found.content()?) }));
        ready(opened)
    }

    fn metadata(&self, path: PathBuf) -> Self::MetadataFuture {
        ready(self.find(&path))
    }
}

impl fs::File for Opened {
    type Metadata = Found;
    type MetadataFuture<'a> = Ready<io::Result<Found>>;

    fn metadata(&self) -> Self::MetadataFuture<'_> {
        ready(Ok(self.found))
    }
}

impl AsyncRead for Opened {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.content).poll_read(context, to)
    }
}

impl AsyncSeek for Opened {
    fn start_seek(mut self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        Pin::new(&mut self.content).start_seek(position)
    }

    fn poll_complete(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Pin::new(&mut self.content).poll_complete(context)
    }
}
