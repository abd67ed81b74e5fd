//! Content-Type by file name, for objects stored without one.

use crate::text::{cut, cut_last, split};

/// Media types and their extensions, by common beginning: a line with a slash begins the types of
/// the lines that follow, each with its extensions, `=` for the last word of the type (`xdp` of
/// `adobe.xdp+xml`). A line without any has just that one. Those of the IANA registry and those in wide use,
/// in the choice of npm `mime` 2.6.0, which decides in cos-wx-sdk-v5.
static TYPES: &str = include_str!("mime.txt");

/// What an object is when its name does not tell.
pub const UNKNOWN: &str = "application/octet-stream";

/// The Content-Type for a key or path, by its extension; [`UNKNOWN`] for extensions not listed.
pub fn content_type(name: &str) -> String {
    let after = |text, separator| cut_last(text, separator).map_or(text, |(_, after)| after);
    let file = after(after(name, b'/'), b'\\');
    let (stem, extension) = cut_last(file, b'.').unwrap_or(("", file));
    // A path needs a name before the extension; a bare name may be an extension alone.
    if extension.is_empty() || (stem.is_empty() && file.len() < name.len()) {
        return UNKNOWN.to_owned();
    }
    let extension = extension.to_ascii_lowercase();
    let mut beginning = "";
    for line in split(TYPES, b'\n') {
        if cut(line, b'/').is_some() {
            beginning = line;
            continue;
        }
        let (end, extensions) = cut(line, b' ').unwrap_or((line, "="));
        let word = after(after(cut(end, b'+').map_or(end, |(word, _)| word), b'.'), b'-');
        let spelled = |known| if known == "=" { word } else { known };
        if split(extensions, b' ').any(|known| spelled(known) == extension) {
            return [beginning, end].concat();
        }
    }
    UNKNOWN.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_decides() {
        for (name, expected) in [
            ("a/b.C.JPG", "image/jpeg"),
            ("图片.png", "image/png"),
            ("archive.tar.gz", "application/gzip"),
            ("a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            ("a.css", "text/css"),
            ("a.7z", "application/x-7z-compressed"),
            ("png", "image/png"),
            ("a/png", UNKNOWN),
            ("a/.png", UNKNOWN),
            ("a.b/none", UNKNOWN),
            ("a.=", UNKNOWN),
            ("", UNKNOWN),
        ] {
            assert_eq!(content_type(name), expected, "{name}");
        }
    }
}
