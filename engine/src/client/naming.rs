//! File names for what strangers sent.
//!
//! A name has only letters, digits, `.`, `_` and `-`, does not start with a dot, is at most 100
//! octets long and never contains a path separator, so it cannot leave its folder.

use crate::model::Sha256;

/// Longest name, octets.
const MAX_NAME_BYTES: usize = 100;
/// Digits of the digest added where two objects claim one name.
const CLASH_DIGITS: usize = 8;

/// Extensions by media type.
const EXTENSIONS: &[(&str, &str)] = &[
    ("application/fdt+xml", "xml"),
    ("application/json", "json"),
    ("application/octet-stream", "bin"),
    ("application/pdf", "pdf"),
    ("application/sdp", "sdp"),
    ("application/vnd.wap.coc", "coc"),
    ("application/vnd.wap.sic", "sic"),
    ("application/vnd.wap.slc", "slc"),
    ("application/xml", "xml"),
    ("application/zip", "zip"),
    ("audio/mpeg", "mp3"),
    ("image/gif", "gif"),
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("image/svg+xml", "svg"),
    ("text/css", "css"),
    ("text/csv", "csv"),
    ("text/html", "html"),
    ("text/plain", "txt"),
    ("text/vnd.wap.co", "co"),
    ("text/vnd.wap.si", "si"),
    ("text/vnd.wap.sl", "sl"),
    ("text/xml", "xml"),
    ("video/mp4", "mp4"),
];

/// A safe name: the last segment of the `filename` of a Content-Disposition if there is one, else
/// of the Content-Location; with an extension for the type unless it has one.
pub fn file_name(disposition: Option<&str>, location: &str, content_type: &str) -> String {
    let filename = disposition.and_then(disposition_filename);
    let last = filename
        .as_deref()
        .map_or_else(|| location_segment(location), last_segment);
    let mut name = sanitised(last);
    let has_extension = name
        .rsplit_once('.')
        .is_some_and(|(stem, extension)| !stem.is_empty() && (1..=5).contains(&extension.len()));
    if !has_extension {
        let media_type = content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        let known = EXTENSIONS.iter().find(|(known, _)| *known == media_type);
        let extension = known.map_or("bin", |(_, extension)| extension);
        name.truncate(MAX_NAME_BYTES - extension.len() - 1);
        name.push('.');
        name.push_str(extension);
    }
    name
}

/// The same name made different by the first digits of a digest.
pub fn with_digest(name: &str, sha256: Sha256) -> String {
    let hex = sha256.to_hex();
    let (stem, extension) = name
        .rsplit_once('.')
        .map_or((name, ""), |(stem, _)| (stem, &name[stem.len()..]));
    let room = MAX_NAME_BYTES - CLASH_DIGITS - 1 - extension.len();
    let stem = &stem[..stem.len().min(room)];
    format!("{stem}-{}{extension}", &hex[..CLASH_DIGITS])
}

fn last_segment(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or_default()
}

/// Last path segment of a URI; of a URN the part after the last colon.
fn location_segment(location: &str) -> &str {
    let path = location.split(['?', '#']).next().unwrap_or_default();
    let segment = last_segment(path);
    segment.rsplit(':').next().unwrap_or_default()
}

/// The filename parameter, quoted or not.
fn disposition_filename(disposition: &str) -> Option<String> {
    disposition.split(';').skip(1).find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (key.trim().eq_ignore_ascii_case("filename") && !value.is_empty()).then(|| value.to_owned())
    })
}

fn sanitised(text: &str) -> String {
    let mut name: String = text
        .chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() || "._-".contains(character) {
                character
            } else {
                '_'
            }
        })
        .collect();
    name.truncate(MAX_NAME_BYTES);
    let visible = name.trim_start_matches('.');
    if visible.is_empty() {
        "object".to_owned()
    } else {
        visible.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_come_from_disposition_or_location() {
        assert_eq!(
            file_name(None, "http://a.example/x/flood.xml?v=2", "text/xml"),
            "flood.xml"
        );
        assert_eq!(
            file_name(
                Some("attachment; filename=\"a b.png\""),
                "urn:x",
                "image/png"
            ),
            "a_b.png"
        );
        assert_eq!(
            file_name(
                None,
                "urn:pushcast:ppg:0123abcd",
                "text/plain; charset=utf-8"
            ),
            "0123abcd.txt"
        );
        assert_eq!(
            file_name(None, "urn:pushcast:ppg:0123abcd", "x/unknown"),
            "0123abcd.bin"
        );
    }

    #[test]
    fn hostile_names_stay_in_their_folder() {
        for (location, expected) in [
            ("../../etc/passwd", "passwd.txt"),
            ("/", "object.txt"),
            ("..", "object.txt"),
            ("a\\..\\..\\b", "b.txt"),
            ("%2e%2e%2fetc", "_2e_2e_2fetc.txt"),
            (".bashrc", "bashrc.txt"),
            ("nul\0byte", "nul_byte.txt"),
        ] {
            assert_eq!(
                file_name(None, location, "text/plain"),
                expected,
                "{location:?}"
            );
        }
        assert_eq!(
            file_name(Some("inline; filename=../x/../.."), "y", "text/plain"),
            "object.txt"
        );
    }

    #[test]
    fn a_clash_is_resolved_by_the_digest() {
        assert_eq!(with_digest("a.txt", Sha256([0xAB; 32])), "a-abababab.txt");
        assert!(with_digest(&"x".repeat(100), Sha256([0; 32])).len() <= MAX_NAME_BYTES);
    }

    proptest! {
        #[test]
        fn every_name_is_harmless(disposition in proptest::option::of(".{0,200}"), location in ".{0,5000}", media in ".{0,50}") {
            let name = file_name(disposition.as_deref(), &location, &media);
            prop_assert!(!name.is_empty() && name.len() <= MAX_NAME_BYTES);
            prop_assert!(!name.starts_with('.'));
            prop_assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)));
            let other = with_digest(&name, Sha256([7; 32]));
            prop_assert!(other.len() <= MAX_NAME_BYTES && !other.starts_with('.'));
        }
    }
}
