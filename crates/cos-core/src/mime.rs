//! Content-Type by file name, for objects stored without one.

/// Types and the extensions they stand for. Ordered by how often mini programs store them.
static TYPES: &[(&str, &str)] = &[
    ("image/jpeg", "jpg jpeg jpe"),
    ("image/png", "png"),
    ("image/gif", "gif"),
    ("image/webp", "webp"),
    ("image/svg+xml", "svg svgz"),
    ("image/bmp", "bmp"),
    ("image/avif", "avif"),
    ("image/heic", "heic"),
    ("image/heif", "heif"),
    ("image/tiff", "tif tiff"),
    ("image/vnd.microsoft.icon", "ico"),
    ("image/apng", "apng"),
    ("image/vnd.adobe.photoshop", "psd"),
    ("video/mp4", "mp4 mp4v mpg4"),
    ("video/quicktime", "mov qt"),
    ("video/x-m4v", "m4v"),
    ("video/webm", "webm"),
    ("video/x-msvideo", "avi"),
    ("video/x-matroska", "mkv mk3d mks"),
    ("video/x-flv", "flv"),
    ("video/x-ms-wmv", "wmv"),
    ("video/mpeg", "mpeg mpg mpe m1v m2v"),
    ("video/mp2t", "ts"),
    ("video/3gpp", "3gp 3gpp"),
    ("video/ogg", "ogv"),
    ("audio/mpeg", "mp3 mpga mp2 mp2a m2a m3a"),
    ("audio/mp4", "m4a mp4a"),
    ("audio/wav", "wav"),
    ("audio/aac", "aac"),
    ("audio/x-aac", "adts"),
    ("audio/ogg", "ogg oga spx opus"),
    ("audio/x-flac", "flac"),
    ("audio/amr", "amr"),
    ("audio/x-ms-wma", "wma"),
    ("audio/midi", "mid midi kar rmi"),
    ("audio/x-aiff", "aif aiff aifc"),
    ("audio/webm", "weba"),
    ("text/plain", "txt text conf def list log in ini"),
    ("text/html", "html htm shtml"),
    ("text/css", "css"),
    ("text/csv", "csv"),
    ("text/markdown", "md markdown"),
    ("text/xml", "xml"),
    ("text/vtt", "vtt"),
    ("text/calendar", "ics ifb"),
    ("text/vcard", "vcard"),
    ("text/yaml", "yaml yml"),
    ("application/javascript", "js mjs"),
    ("application/json", "json map"),
    ("application/json5", "json5"),
    ("application/wasm", "wasm"),
    ("application/pdf", "pdf"),
    ("application/zip", "zip"),
    ("application/gzip", "gz"),
    ("application/x-tar", "tar"),
    ("application/x-7z-compressed", "7z"),
    ("application/x-bzip2", "bz2 boz"),
    ("application/x-rar-compressed", "rar"),
    ("application/vnd.android.package-archive", "apk"),
    ("application/java-archive", "jar war ear"),
    ("application/msword", "doc dot"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("application/vnd.ms-excel", "xls xlm xla xlc xlt xlw"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("application/vnd.ms-powerpoint", "ppt pps pot"),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
    ("application/rtf", "rtf"),
    ("application/epub+zip", "epub"),
    ("application/vnd.apple.mpegurl", "m3u8"),
    ("application/dash+xml", "mpd"),
    ("application/x-shockwave-flash", "swf"),
    ("application/xhtml+xml", "xhtml xht"),
    ("font/woff", "woff"),
    ("font/woff2", "woff2"),
    ("font/ttf", "ttf"),
    ("font/otf", "otf"),
    ("font/collection", "ttc"),
    ("application/vnd.ms-fontobject", "eot"),
    ("model/gltf+json", "gltf"),
    ("model/gltf-binary", "glb"),
    (
        "application/octet-stream",
        "bin dms lrf mar so dist pkg dump buffer exe dll deb dmg iso img msi msp msm",
    ),
];

/// What an object is when its name does not tell.
pub const UNKNOWN: &str = "application/octet-stream";

/// The Content-Type for a key or path, by its extension; [`UNKNOWN`] for extensions not listed.
pub fn content_type(name: &str) -> &'static str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let extension = file.rsplit('.').next().unwrap_or(file).to_ascii_lowercase();
    TYPES
        .iter()
        .find(|(_, extensions)| extensions.split(' ').any(|known| known == extension))
        .map_or(UNKNOWN, |(content_type, _)| content_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_decides() {
        assert_eq!(content_type("a/b.C.JPG"), "image/jpeg");
        assert_eq!(content_type("图片.png"), "image/png");
        assert_eq!(content_type("a.b/none"), UNKNOWN);
        assert_eq!(content_type("archive.tar.gz"), "application/gzip");
        assert_eq!(content_type(""), UNKNOWN);
    }
}
