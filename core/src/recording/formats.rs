//! The formats of recordings. One more takes its own file, which implements [`Reader`], its tests, and a line of
//! [`READERS`].

use super::{RecordingError, edf::Edf, eeglab::Eeglab, matlab, reader::Reader};

/// Everything that is read, in the order in which a file is offered to them.
const READERS: [&dyn Reader; 2] = [&Edf, &Eeglab];

/// A kind of file that is known by its content and not read.
struct Unread {
    recognises: fn(&[u8]) -> bool,
    /// What it is, and what to do with it.
    advice: &'static str,
}

const UNREAD: [Unread; 3] = [
    Unread {
        recognises: is_hdf5,
        advice: "this is an HDF5 file (MATLAB 7.3), which is not supported yet; save the dataset from EEGLAB as MATLAB 6 \
                 (pop_saveset with 'version', '6')",
    },
    Unread {
        recognises: matlab::is_matlab4,
        advice: "this is a MATLAB 4 file, which is not read; save the dataset from EEGLAB as MATLAB 6 (pop_saveset with \
                 'version', '6')",
    },
    Unread {
        recognises: |head| head.starts_with(b"Version 3.0\0"),
        advice: "this is a Neuroscan .cnt file, which is not supported yet; convert it to EDF or EEGLAB",
    },
];
/// Extensions of recordings that are not read.
const UNREAD_EXTENSIONS: [&str; 8] = ["cnt", "vhdr", "fif", "gdf", "mff", "nwb", "xdf", "trc"];

/// The reader of a file that starts with `head`.
pub(super) fn reader_of(head: &[u8], path: &str) -> Result<&'static dyn Reader, RecordingError> {
    if let Some(Unread { advice, .. }) = UNREAD.iter().find(|unread| (unread.recognises)(head)) {
        return Err(RecordingError::Unsupported { reason: (*advice).to_owned(), path: path.to_owned() });
    }
    READERS.into_iter().find(|reader| reader.recognises(head)).ok_or_else(|| {
        let reason = if head.is_empty() {
            "the file is empty".to_owned()
        } else if is_text(head) {
            format!("the content is text, where {} was expected", format_names("or"))
        } else {
            format!("the content is none of {}", format_names("and"))
        };
        RecordingError::NotARecording { reason, path: path.to_owned() }
    })
}

fn kinds() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    READERS.into_iter().flat_map(|reader| reader.kinds())
}

/// The formats that are read, in words: `EDF, BDF or EEGLAB`.
#[must_use]
pub fn format_names(conjunction: &str) -> String {
    in_words(kinds().map(|(name, _)| (*name).to_owned()).collect(), conjunction)
}

/// The extensions of the files that are read, in words: `.edf, .bdf or .set`.
#[must_use]
pub fn recording_extensions(conjunction: &str) -> String {
    in_words(kinds().map(|(_, extension)| format!(".{extension}")).collect(), conjunction)
}

fn in_words(mut names: Vec<String>, conjunction: &str) -> String {
    let last = names.pop().unwrap_or_default();
    if names.is_empty() { last } else { format!("{} {conjunction} {last}", names.join(", ")) }
}

/// Whether a file's name is that of a recording which can be read: by its extension, in any letter case.
#[must_use]
pub fn is_recording_name(path: &str) -> bool {
    extension(path).is_some_and(|found| kinds().any(|(_, known)| found.eq_ignore_ascii_case(known)))
}

/// The extension, in small letters, of a file whose name is that of a recording which is not read.
#[must_use]
pub fn unread_extension(path: &str) -> Option<String> {
    extension(path).map(str::to_ascii_lowercase).filter(|found| UNREAD_EXTENSIONS.contains(&found.as_str()))
}

fn extension(path: &str) -> Option<&str> {
    path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, extension)| extension)
}

/// HDF5's signature may follow a MATLAB header of 512 bytes.
fn is_hdf5(head: &[u8]) -> bool {
    const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";
    let is_at = |&start: &usize| head.get(start..).is_some_and(|rest| rest.starts_with(SIGNATURE));
    [0, 512].iter().any(is_at) || head.starts_with(b"MATLAB 7.3")
}

/// Whether the start of a file reads as UTF-8 text; its last character may be cut.
fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.chars().any(|character| character.is_control() && !character.is_whitespace())
}
