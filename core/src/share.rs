//! Share links, whose fragment holds the text of a run file: `#config=1.…`. Browsers keep a fragment to themselves, so
//! the server that a link names never sees the config.
//!
//! The number is that of the format. After the dot follow, in base64url without padding, the text as raw deflate (RFC
//! 1951) and the text's CRC-32, four bytes, the lowest first.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use flate2::Crc;
// Not through flate2, whose compressor is the one that another dependency asks for: page and command line are to give
// the same link.
use miniz_oxide::{
    deflate::compress_to_vec,
    inflate::{TINFLStatus, decompress_to_vec_with_limit},
};
use percent_encoding::percent_decode_str;

/// The page that links lead to unless one's own host is given: where `signal-studio serve` has it.
pub const DEFAULT_BASE_URL: &str = "http://127.0.0.1:8080/";

/// The longest text that a link holds, in bytes.
pub const MAX_TEXT_BYTES: usize = 256 * 1024;

/// The longest link that is read, in bytes. No text that is short enough gives a longer one, even if much of it is
/// percent-encoded on the way.
const MAX_LINK_BYTES: usize = 1024 * 1024;

/// The key in the fragment.
const KEY: &str = "config=";

/// The format that is written, and the only one so far.
const FORMAT: u32 = 1;

/// Bytes of the checksum.
const CHECKSUM_BYTES: usize = 4;

/// The compressor's greatest effort: run files are short.
const COMPRESSION_LEVEL: u8 = 10;

/// Why there is no link, or no text in a link.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// The text is no link to a config.
    #[error("this is not a link to a config: such a link contains `#config=`; ask for the link again")]
    NoConfig,
    /// The link does not hold what it once held.
    #[error(
        "this link is damaged or incomplete, as links are that a mail or chat program has cut: copy the whole link, or \
         ask for it again"
    )]
    Damaged,
    /// The link is of a format that is not known yet.
    #[error(
        "this link comes from a newer Signal Studio (link format {format}, and this one reads {FORMAT}): update this one, \
         or ask for the config as a file"
    )]
    Newer {
        /// The link's format.
        format: u32,
    },
    /// The link, or the text in it, is larger than links are.
    #[error(
        "this link holds more than {} KiB of text, which no config needs, and is not opened: ask for the config as a file",
        MAX_TEXT_BYTES / 1024
    )]
    Oversized,
    /// The link holds something other than text.
    #[error("what this link holds is not UTF-8 text, so it is no config: ask for the link again")]
    NotText,
    /// The config is too long for a link.
    #[error("the config has {bytes} bytes, and a link holds at most {MAX_TEXT_BYTES}: pass it on as a file")]
    TooLong {
        /// The config's length.
        bytes: usize,
    },
    /// Links cannot lead there.
    #[error(
        "a link needs the address of a Signal Studio page, such as {DEFAULT_BASE_URL}, which starts with http:// or \
         https:// and has no spaces: `{base_url}`"
    )]
    BaseUrl {
        /// The address given.
        base_url: String,
    },
}

/// A text as the fragment of a link, without the `#`. [`decode`] reads it if it is no longer than [`MAX_TEXT_BYTES`],
/// which [`link`] checks.
#[must_use]
pub fn encode(toml: &str) -> String {
    format!("{KEY}{FORMAT}.{}", pack(toml.as_bytes()))
}

/// A link to the page at `base_url` that holds a run file. A fragment that the address has already is replaced.
///
/// # Errors
/// [`ShareError::TooLong`] and [`ShareError::BaseUrl`].
pub fn link(base_url: &str, toml: &str) -> Result<String, ShareError> {
    let page = base_url.split('#').next().unwrap_or_default();
    let host = after_scheme(page).unwrap_or_default();
    if host.trim_start_matches('/').is_empty() || page.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(ShareError::BaseUrl { base_url: base_url.to_owned() });
    }
    if toml.len() > MAX_TEXT_BYTES {
        return Err(ShareError::TooLong { bytes: toml.len() });
    }
    Ok(format!("{page}#{}", encode(toml)))
}

/// Whether a text that could name a file is meant as a link, be it a sound one or not.
#[must_use]
pub fn is_link(text: &str) -> bool {
    let text = text.trim_start();
    after_scheme(text).is_some() || text.contains("#config=")
}

/// The run file in a link: a whole address, its fragment, or its fragment without the `#`. Line breaks and
/// percent-encoding that a mail program has put into it are taken out.
///
/// # Errors
/// What is wrong with the link; all but [`ShareError::TooLong`] and [`ShareError::BaseUrl`].
pub fn decode(text: &str) -> Result<String, ShareError> {
    if text.len() > MAX_LINK_BYTES {
        return Err(ShareError::Oversized);
    }
    let text: String = text.split_whitespace().collect();
    let text = percent_decode_str(&text).decode_utf8().map_err(|_| ShareError::Damaged)?;
    // Decoded as a whole, this also finds a link inside the link of a service that checks mails for harmful ones.
    let value = text.split(['#', '&']).find_map(|part| part.strip_prefix(KEY)).ok_or(ShareError::NoConfig)?;
    let (format, content) = value.split_once('.').ok_or(ShareError::Damaged)?;
    match format.parse() {
        Ok(FORMAT) => String::from_utf8(unpack(content)?).map_err(|_| ShareError::NotText),
        Ok(format) if format > FORMAT => Err(ShareError::Newer { format }),
        _ => Err(ShareError::Damaged),
    }
}

/// What follows `http://` or `https://`.
fn after_scheme(text: &str) -> Option<&str> {
    ["http://", "https://"].into_iter().find_map(|scheme| {
        let (start, rest) = text.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    })
}

fn pack(text: &[u8]) -> String {
    let mut packed = compress_to_vec(text, COMPRESSION_LEVEL);
    packed.extend(checksum(text));
    URL_SAFE_NO_PAD.encode(packed)
}

fn unpack(content: &str) -> Result<Vec<u8>, ShareError> {
    let packed = URL_SAFE_NO_PAD.decode(content).map_err(|_| ShareError::Damaged)?;
    let (compressed, expected) = packed.split_last_chunk::<CHECKSUM_BYTES>().ok_or(ShareError::Damaged)?;
    let text = decompress_to_vec_with_limit(compressed, MAX_TEXT_BYTES).map_err(|error| match error.status {
        TINFLStatus::HasMoreOutput => ShareError::Oversized,
        _ => ShareError::Damaged,
    })?;
    if checksum(&text) == *expected { Ok(text) } else { Err(ShareError::Damaged) }
}

fn checksum(text: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut crc = Crc::new();
    crc.update(text);
    crc.sum().to_le_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RUN: &str = "[dataset]\nname = \"demo\"\ntasks = [\"gender\", \"health\", \"age\"]\nbatch_size = 16\n\n\
                       [model]\nbackbone = \"cnn_light\"\ninput_channels = 1\n\n# µV, größer, 年齢\n[training]\nseed = 7\n";

    /// [`RUN`] as Python's `zlib`, `struct` and `base64` put it into a link. Links are kept in mails and papers: this one
    /// has to stay readable.
    const WRITTEN_ELSEWHERE: &str = "config=1.HYy7DcIwEIb7m8IybZo0ULEGjRVFF_tkW3EuyD4alkFiBkCioCGzULAFMd3__IxDwULSAeNEaq-0o2nWsIZjWa3RnthR1o3S\
         gTBJqAo96Q4GFBv6Es_1124BzDQ7SrWw4zDzH2eZ-xR9EA2RjyfpbUBmShXeAmzU-35olM_LY7lQbtTnefu-rmAkY-TIvoNC\
         5NbxDn6MBhGn";

    /// A damaged link must not pass for another one.
    fn is_refused_or_the_same(link: &str, text: &str) {
        if let Ok(decoded) = decode(link) {
            assert_eq!(decoded, text, "{link}");
        }
    }

    fn with_character(text: &str, index: usize, instead: &str) -> String {
        let mut characters: Vec<String> = text.chars().map(String::from).collect();
        characters[index] = instead.to_owned();
        characters.concat()
    }

    #[test]
    fn a_link_is_read_whole_and_in_parts() {
        let fragment = encode(RUN);
        for link in [
            link("https://studio.example/eeg/", RUN).unwrap(),
            link("HTTP://[::1]:8080/?theme=dark#old", RUN).unwrap(),
            format!("#{fragment}"),
            format!("#view=train&{fragment}&theme=dark"),
            fragment.clone(),
        ] {
            assert_eq!(decode(&link).as_deref(), Ok(RUN), "{link}");
        }
        let own = link(DEFAULT_BASE_URL, RUN).unwrap();
        assert_eq!(own, format!("{DEFAULT_BASE_URL}#{fragment}"));
        assert!(fragment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"=.-_".contains(&byte)), "{fragment}");
        assert!(encode(&RUN.repeat(8)).len() < 2 * RUN.len());
    }

    #[test]
    fn the_format_is_the_one_that_is_documented() {
        assert_eq!(decode(WRITTEN_ELSEWHERE).as_deref(), Ok(RUN));
    }

    #[test]
    fn what_mail_programs_do_to_links_is_undone() {
        let link = link(DEFAULT_BASE_URL, RUN).unwrap();
        let escape =
            |byte: u8, escaped: String| if byte.is_ascii_alphanumeric() { char::from(byte).into() } else { escaped };
        let encoded: String = link.bytes().map(|byte| escape(byte, format!("%{byte:02X}"))).collect();
        assert_eq!(decode(&encoded).as_deref(), Ok(RUN));
        let in_lower_case: String = link.bytes().map(|byte| escape(byte, format!("%{byte:02x}"))).collect();
        assert_eq!(decode(&in_lower_case).as_deref(), Ok(RUN));
        let checked = format!("https://links.example/?url={encoded}&data=05%7C01&reserved=0");
        assert_eq!(decode(&checked).as_deref(), Ok(RUN));
        let wrapped: String =
            link.char_indices().map(|(i, c)| if i % 72 == 71 { format!("{c}\r\n") } else { c.into() }).collect();
        assert_eq!(decode(&format!("  {wrapped}\n")).as_deref(), Ok(RUN));
    }

    #[test]
    fn any_one_character_that_is_changed_or_lost_is_noticed() {
        let fragment = encode(RUN);
        let alphabet: Vec<String> = (0x20..0x7f).map(|byte: u8| char::from(byte).to_string()).collect();
        for index in 0..fragment.len() {
            is_refused_or_the_same(&with_character(&fragment, index, ""), RUN);
            for instead in &alphabet {
                is_refused_or_the_same(&with_character(&fragment, index, instead), RUN);
            }
        }
    }

    #[test]
    fn a_link_that_is_cut_anywhere_is_refused() {
        let fragment = encode(RUN);
        for length in 0..KEY.len() {
            assert_eq!(decode(&fragment[..length]), Err(ShareError::NoConfig));
        }
        for length in KEY.len()..fragment.len() {
            assert_eq!(decode(&fragment[..length]), Err(ShareError::Damaged), "{length}");
        }
        assert_eq!(decode(&format!("{fragment}AAAA")), Err(ShareError::Damaged));
    }

    #[test]
    fn texts_up_to_the_limit_have_links() {
        // Hardly compressible: the longest link there can be.
        let letter = |i: u64| {
            let mixed = i.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            char::from(b'0' + ((mixed ^ (mixed >> 31)).wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 58) as u8)
        };
        let text: String = (0..).map(letter).take(MAX_TEXT_BYTES).collect();
        let fragment = encode(&text);
        assert_eq!(decode(&fragment).as_deref(), Ok(&*text));
        assert!(2 * fragment.len() < MAX_LINK_BYTES, "{} characters", fragment.len());
        let bytes = text.len() + 1;
        assert_eq!(link(DEFAULT_BASE_URL, &format!("{text}x")), Err(ShareError::TooLong { bytes }));
    }

    #[test]
    fn more_than_the_limit_is_not_unpacked() {
        assert_eq!(decode(&encode(&"a".repeat(MAX_TEXT_BYTES))).map(|text| text.len()), Ok(MAX_TEXT_BYTES));
        assert_eq!(decode(&encode(&"a".repeat(MAX_TEXT_BYTES + 1))), Err(ShareError::Oversized));
        // 64 MiB in a short link.
        let bomb = encode(&"a".repeat(64 << 20));
        assert!(bomb.len() < MAX_LINK_BYTES);
        assert_eq!(decode(&bomb), Err(ShareError::Oversized));
        assert_eq!(decode(&format!("{}{}", encode(RUN), " ".repeat(MAX_LINK_BYTES))), Err(ShareError::Oversized));
    }

    #[test]
    fn a_format_from_the_future_is_told_apart_from_damage() {
        let content = pack(RUN.as_bytes());
        assert_eq!(decode(&format!("#config=2.{content}")), Err(ShareError::Newer { format: 2 }));
        assert_eq!(decode("#config=17.what/ever?it=is"), Err(ShareError::Newer { format: 17 }));
        for format in ["0", "", "-1", "x", "99999999999999999999"] {
            assert_eq!(decode(&format!("#config={format}.{content}")), Err(ShareError::Damaged), "{format}");
        }
    }

    #[test]
    fn what_is_no_text_is_no_config() {
        assert_eq!(decode(&format!("config=1.{}", pack(&[b'a', 0xff, b'b']))), Err(ShareError::NotText));
        for text in ["", "#", "https://studio.example/", "configs/demo.toml", "#configuration=1.AAAA"] {
            assert_eq!(decode(text), Err(ShareError::NoConfig), "{text}");
        }
    }

    #[test]
    fn links_lead_to_pages_only() {
        for base_url in
            ["", "studio.example", "ftp://studio.example/", "file:///dist/", "http://", "https:///", "http://a b/"]
        {
            assert_eq!(link(base_url, RUN), Err(ShareError::BaseUrl { base_url: base_url.to_owned() }));
        }
    }

    #[test]
    fn links_are_told_from_files() {
        for text in ["http://127.0.0.1:8080/", "HTTPS://studio.example/#config=1.x", "#config=1.x", " http://a/"] {
            assert!(is_link(text), "{text}");
        }
        for text in ["configs/demo.toml", "http", "http:/a", "https", "C:\\runs\\a.toml", "größer", ""] {
            assert!(!is_link(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in any::<String>(), repeats in 1..50_usize) {
            let text = text.repeat(repeats);
            prop_assert_eq!(decode(&encode(&text)), Ok(text.clone()));
            prop_assert_eq!(decode(&link(DEFAULT_BASE_URL, &text).unwrap()), Ok(text));
        }

        #[test]
        fn any_damage_to_any_link_is_noticed(
            text in "\\PC{0,80}",
            place in any::<prop::sample::Index>(),
            instead in "\\PC{0,2}",
        ) {
            let link = link(DEFAULT_BASE_URL, &text).unwrap();
            is_refused_or_the_same(&with_character(&link, place.index(link.len()), &instead), &text);
        }

        #[test]
        fn any_input_is_read_or_refused(text in any::<String>(), content in "[A-Za-z0-9_-]{0,200}") {
            let _ = (decode(&text), is_link(&text), link(&text, &text));
            let _ = decode(&format!("#config=1.{content}"));
        }
    }
}
