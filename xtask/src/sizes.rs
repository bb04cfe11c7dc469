//! The built files, compressed: `.gz` and `.br` are put beside each file that gets smaller, for hosts that serve
//! precompressed files. What page and worker weigh on the way to a browser is compared with what they may.

use std::{
    ffi::OsStr,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use flate2::{Compression, write::GzEncoder};
use rayon::prelude::*;

/// What the page may weigh, compressed by gzip, which every host can do.
const PAGE_LIMIT: u64 = 1_500_000;

/// What the worker may weigh, compressed by gzip.
const WORKER_LIMIT: u64 = 6_000_000;

/// The worker's files; all others are the page's.
const WORKER_FILES: [&str; 3] = ["worker.js", "studio-worker.js", "studio-worker_bg.wasm"];

/// Files that have been compressed, or are in themselves.
const NOT_COMPRESSED: [&str; 6] = ["br", "gz", "png", "webp", "woff2", "ico"];

/// Nine tenths of the gain of the highest quality in a tenth of its time.
const BROTLI_QUALITY: i32 = 9;
/// The largest window that browsers accept.
const BROTLI_WINDOW: i32 = 24;

/// Bytes of some files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Weight {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// What the studio weighs.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    page: Weight,
    worker: Weight,
}

/// Compresses the files of a built studio.
pub fn compress(dist: &Path) -> Result<Sizes> {
    let mut files = Vec::new();
    list(dist, &mut files)?;
    let weights: Vec<Weight> = files.par_iter().map(|path| weigh(path)).collect::<Result<_>>()?;
    let mut sizes = Sizes::default();
    for (path, weight) in files.iter().zip(weights) {
        let is_worker = path.file_name().is_some_and(|name| WORKER_FILES.iter().any(|file| name == *file));
        let sum = if is_worker { &mut sizes.worker } else { &mut sizes.page };
        sum.raw += weight.raw;
        sum.gzip += weight.gzip;
        sum.brotli += weight.brotli;
    }
    Ok(sizes)
}

impl Sizes {
    /// Says what page and worker weigh.
    pub fn print(&self) {
        for (name, weight, limit) in self.limits() {
            let Weight { raw, gzip, brotli } = *weight;
            let (raw, gzip, brotli, limit) = (megabytes(raw), megabytes(gzip), megabytes(brotli), megabytes(limit));
            eprintln!("  {name:<7} {raw} MB, by brotli {brotli} MB, by gzip {gzip} MB (at most {limit} MB)");
        }
    }

    /// Fails when something is larger than it may be.
    pub fn check(&self) -> Result<()> {
        for (name, weight, limit) in self.limits() {
            if weight.gzip > limit {
                let (size, limit) = (megabytes(weight.gzip), megabytes(limit));
                bail!("the {name} has grown too large: {size} MB compressed, {limit} MB at most");
            }
        }
        Ok(())
    }

    fn limits(&self) -> [(&'static str, &Weight, u64); 2] {
        [("page", &self.page, PAGE_LIMIT), ("worker", &self.worker, WORKER_LIMIT)]
    }
}

#[expect(clippy::cast_precision_loss, reason = "it is rounded to tens of kilobytes")]
fn megabytes(bytes: u64) -> String {
    format!("{:.2}", bytes as f64 / 1e6)
}

/// Adds the files below a folder, without the compressed twins of others.
pub fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        if path.is_dir() {
            list(&path, files)?;
        } else if !["br", "gz"].contains(&extension) {
            files.push(path);
        }
    }
    Ok(())
}

fn weigh(path: &Path) -> Result<Weight> {
    let content = fs::read(path).with_context(|| path.display().to_string())?;
    let raw = content.len() as u64;
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    if NOT_COMPRESSED.contains(&extension) {
        return Ok(Weight { raw, gzip: raw, brotli: raw });
    }
    let (gzip, brotli) = rayon::join(|| gzip(&content), || brotli(&content));
    Ok(Weight { raw, gzip: keep(path, "gz", raw, &gzip?)?, brotli: keep(path, "br", raw, &brotli?)? })
}

/// Puts a compressed file beside the one it was made of, unless that is as small; gives what travels.
fn keep(path: &Path, extension: &str, raw: u64, compressed: &[u8]) -> Result<u64> {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    let size = compressed.len() as u64;
    if size < raw {
        fs::write(&name, compressed).with_context(|| Path::new(&name).display().to_string())?;
    }
    Ok(size.min(raw))
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW,
        size_hint: content.len(),
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*content, &mut compressed, &parameters)?;
    Ok(compressed)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn files_get_compressed_twins_and_are_weighed() {
        let folder = tempfile::tempdir().unwrap();
        let text = b"(module)".repeat(1000);
        fs::create_dir(folder.path().join("assets")).unwrap();
        fs::write(folder.path().join("assets/page.js"), &text).unwrap();
        fs::write(folder.path().join("studio-worker_bg.wasm"), &text).unwrap();
        fs::write(folder.path().join("icon.png"), b"icon").unwrap();
        fs::write(folder.path().join("tiny.css"), b"a").unwrap();
        let sizes = compress(folder.path()).unwrap();
        assert_eq!(sizes.worker.raw, 8000);
        assert_eq!(sizes.page.raw, 8005);
        // The icon and the tiny file travel as they are.
        assert_eq!(sizes.page.gzip, sizes.worker.gzip + 5);
        assert!(!folder.path().join("icon.png.gz").exists() && !folder.path().join("tiny.css.br").exists());

        let gzip = fs::read(folder.path().join("assets/page.js.gz")).unwrap();
        let mut content = Vec::new();
        flate2::read::GzDecoder::new(&gzip[..]).read_to_end(&mut content).unwrap();
        assert_eq!(content, text);
        let brotli = fs::read(folder.path().join("assets/page.js.br")).unwrap();
        let mut content = Vec::new();
        brotli::BrotliDecompress(&mut &brotli[..], &mut content).unwrap();
        assert_eq!(content, text);

        // Its own products are not compressed again.
        assert_eq!(compress(folder.path()).unwrap(), sizes);
    }

    #[test]
    fn a_page_that_is_too_large_is_an_error() {
        let fits = Sizes { page: Weight { gzip: PAGE_LIMIT, ..Weight::default() }, worker: Weight::default() };
        fits.check().unwrap();
        let too_large = Sizes { page: Weight { gzip: PAGE_LIMIT + 10_000, ..Weight::default() }, ..fits };
        let message = too_large.check().unwrap_err().to_string();
        assert_eq!(message, "the page has grown too large: 1.51 MB compressed, 1.50 MB at most");
    }
}
