//! Image processing: `imageMogr2` (document 436/44879 and after), `imageView2` and `imageInfo`, done
//! by the `image` crate. Of an animation it is the first picture that counts.

mod geometry;
mod rule;

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use serde::Serialize;

use crate::digest::{hex, md5};
use crate::error::{Code, Error};
pub(crate) use rule::{Rule, Step};

/// The most bytes of a picture to process.
pub(crate) const LARGEST_INPUT: u64 = 32 << 20;

/// The most pixels along a side of a picture to process, and of a result.
const LONGEST_INPUT_SIDE: u32 = 30_000;
const LONGEST_SIDE: u32 = 9999;

/// The most bytes of a decoded picture: 250 million pixels of four bytes.
const LARGEST_DECODED: u64 = 1 << 30;

/// The quality of a JPEG where neither the request nor the source says one.
const DEFAULT_QUALITY: u8 = 85;

/// Formats by the names of the interface.
const FORMATS: [(&str, ImageFormat); 6] = [
    ("jpg", ImageFormat::Jpeg),
    ("jpeg", ImageFormat::Jpeg),
    ("png", ImageFormat::Png),
    ("webp", ImageFormat::WebP),
    ("gif", ImageFormat::Gif),
    ("bmp", ImageFormat::Bmp),
];

/// A picture and what its file says about it.
pub(crate) struct Picture {
    pixels: DynamicImage,
    format: ImageFormat,
    orientation: Orientation,
    /// Of a JPEG, from 1 to 100.
    quality: Option<u8>,
}

/// A picture as it is answered or stored.
pub(crate) struct Encoded {
    pub(crate) bytes: Vec<u8>,
    pub(crate) format: ImageFormat,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) quality: u8,
}

impl Encoded {
    /// Such as `png`.
    pub(crate) fn format_name(&self) -> &'static str {
        format_name(self.format)
    }
}

impl Picture {
    /// # Errors
    /// `InvalidImageFormat` for content that is no picture of a known format, or too large a one.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader =
            ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(Error::internal)?;
        let known = |format: &ImageFormat| FORMATS.iter().any(|(_, known)| known == format);
        let format = reader.format().filter(known).ok_or_else(|| not_an_image("its format"))?;
        let mut limits = Limits::default();
        limits.max_image_width = Some(LONGEST_INPUT_SIDE);
        limits.max_image_height = Some(LONGEST_INPUT_SIDE);
        limits.max_alloc = Some(LARGEST_DECODED);
        reader.limits(limits);
        let mut decoder = reader.into_decoder().map_err(not_an_image)?;
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let pixels = DynamicImage::from_decoder(decoder).map_err(not_an_image)?;
        let quality = (format == ImageFormat::Jpeg).then(|| jpeg_quality(bytes)).flatten();
        Ok(Self { pixels, format, orientation, quality })
    }

    /// Carries out a rule.
    ///
    /// # Errors
    /// `InvalidArgument` where the result would be empty or too large.
    pub(crate) fn process(mut self, rule: &Rule) -> Result<Encoded, Error> {
        let (mut format, mut quality) = (self.format, None);
        for step in &rule.steps {
            match step {
                Step::Format(other) => format = *other,
                Step::Quality(wanted) => quality = Some(wanted.of(self.quality)),
                Step::AutoOrient => {
                    self.pixels.apply_orientation(self.orientation);
                    self.orientation = Orientation::NoTransforms;
                }
                Step::Change(change) => {
                    let target = change.size(self.pixels.width(), self.pixels.height());
                    if target.is_some_and(|(width, height)| width.max(height) > LONGEST_SIDE) {
                        return Err(Error::invalid(format!(
                            "A processed image has at most {LONGEST_SIDE} pixels along a side."
                        )));
                    }
                    self.pixels = change.apply(self.pixels)?;
                }
            }
        }
        let quality = quality.or(self.quality).unwrap_or(DEFAULT_QUALITY);
        encode(&self.pixels, format, quality)
    }

    pub(crate) fn info(&self) -> Info {
        Info {
            format: format_name(self.format),
            width: self.pixels.width(),
            height: self.pixels.height(),
            quality: self.quality.unwrap_or(100),
            average: average(&self.pixels),
            orientation: self.orientation.to_exif(),
        }
    }
}

/// What is known of a picture without changing it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Info {
    pub(crate) format: &'static str,
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// From 1 to 100; 100 for what is not a JPEG.
    pub(crate) quality: u8,
    /// The average colour, as `0x736246`.
    #[serde(rename = "Ave")]
    pub(crate) average: String,
    /// As in EXIF, from 1 to 8.
    pub(crate) orientation: u8,
}

impl Info {
    /// The answer to `imageInfo`.
    ///
    /// # Errors
    /// None that a client can cause.
    pub(crate) fn to_json(&self, bytes: &[u8]) -> Result<String, Error> {
        #[derive(Serialize)]
        struct Json<'a> {
            format: &'a str,
            width: String,
            height: String,
            size: String,
            md5: String,
            photo_rgb: &'a str,
        }
        Ok(serde_json::to_string(&Json {
            format: self.format,
            width: self.width.to_string(),
            height: self.height.to_string(),
            size: bytes.len().to_string(),
            md5: hex(&md5(bytes)),
            photo_rgb: &self.average,
        })?)
    }
}

fn encode(pixels: &DynamicImage, format: ImageFormat, quality: u8) -> Result<Encoded, Error> {
    let (width, height) = (pixels.width(), pixels.height());
    let mut bytes = Vec::new();
    let written = match format {
        // The formats below take eight bits a channel; a JPEG has no transparency.
        ImageFormat::Jpeg => {
            pixels.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality))
        }
        ImageFormat::Bmp => pixels.to_rgb8().write_to(&mut Cursor::new(&mut bytes), format),
        ImageFormat::WebP | ImageFormat::Gif => {
            pixels.to_rgba8().write_to(&mut Cursor::new(&mut bytes), format)
        }
        _ => pixels.write_to(&mut Cursor::new(&mut bytes), format),
    };
    written.map_err(Error::internal)?;
    let quality = if format == ImageFormat::Jpeg { quality } else { 100 };
    Ok(Encoded { bytes, format, width, height, quality })
}

fn not_an_image(reason: impl std::fmt::Display) -> Error {
    let message = format!("The object is not an image that can be processed: {reason}.");
    Error::new(Code::InvalidImageFormat, message)
}

fn format_name(format: ImageFormat) -> &'static str {
    match format {
        ImageFormat::Jpeg => "jpeg",
        other => FORMATS.iter().find(|(_, known)| *known == other).map_or("", |(name, _)| name),
    }
}

fn average(pixels: &DynamicImage) -> String {
    let pixels = pixels.to_rgb8();
    let count = u64::from(pixels.width()) * u64::from(pixels.height());
    let mut sums = [0; 3];
    for pixel in pixels.pixels() {
        for (sum, value) in sums.iter_mut().zip(pixel.0) {
            *sum += u64::from(value);
        }
    }
    let [red, green, blue] = sums.map(|sum| sum / count.max(1));
    format!("0x{red:02x}{green:02x}{blue:02x}")
}

/// The quality that the encoder was given, from the sum of the first quantization table: the
/// reference encoder scales a fixed table (ITU T.81, annex K) by it.
fn jpeg_quality(bytes: &[u8]) -> Option<u8> {
    const SUM_AT_50: f64 = 3688.0;
    let mut rest = bytes.strip_prefix(&[0xff, 0xd8])?;
    loop {
        let [0xff, marker, high, low, after @ ..] = rest else { return None };
        let length = usize::from(u16::from_be_bytes([*high, *low])).checked_sub(2)?;
        let (segment, next) = after.split_at_checked(length)?;
        if let (0xdb, [0, table @ ..]) = (marker, segment) {
            let sum: u32 = table.get(..64)?.iter().copied().map(u32::from).sum();
            let scale = f64::from(sum) * 100.0 / SUM_AT_50;
            let quality = if scale <= 100.0 { (200.0 - scale) / 2.0 } else { 5000.0 / scale };
            return Some(quality.round().clamp(1.0, 100.0) as u8);
        }
        rest = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage};

    /// Wide, with a left half in red and a right half in blue.
    fn halves() -> DynamicImage {
        RgbImage::from_fn(80, 40, |x, _| Rgb(if x < 40 { [255, 0, 0] } else { [0, 0, 255] })).into()
    }

    fn png() -> Vec<u8> {
        encode(&halves(), ImageFormat::Png, 0).expect("a picture").bytes
    }

    #[test]
    fn the_quality_of_a_jpeg_is_found_again() {
        for quality in [20, 50, 75, 90] {
            let bytes = encode(&halves(), ImageFormat::Jpeg, quality).expect("a picture").bytes;
            let found = jpeg_quality(&bytes).expect("a table");
            assert!(found.abs_diff(quality) <= 1, "{quality}: {found}");
        }
        assert_eq!(jpeg_quality(b"\xff\xd8\xff\xdb\0\x09\0"), None);
    }

    #[test]
    fn a_picture_is_described() {
        let picture = Picture::decode(&png()).expect("a picture");
        let info = picture.info();
        assert_eq!((info.format, info.width, info.height), ("png", 80, 40));
        assert_eq!(info.average, "0x7f007f");
    }

    #[test]
    fn rules_change_format_and_size() {
        for (rule, format, size) in [
            ("imageMogr2/thumbnail/!50p", "png", (40, 20)),
            ("imageMogr2/thumbnail/!50px", "png", (40, 40)),
            ("imageMogr2/thumbnail/!x50p", "png", (80, 20)),
            ("imageMogr2/thumbnail/20x", "png", (20, 10)),
            ("imageMogr2/thumbnail/x20", "png", (40, 20)),
            ("imageMogr2/thumbnail/20x20", "png", (20, 10)),
            ("imageMogr2/thumbnail/!20x20r", "png", (40, 20)),
            ("imageMogr2/thumbnail/20x20!", "png", (20, 20)),
            ("imageMogr2/thumbnail/800@", "png", (40, 20)),
            ("imageMogr2/crop/20x20", "png", (20, 20)),
            ("imageMogr2/cut/10x5x40x0", "png", (10, 5)),
            ("imageMogr2/rotate/90", "png", (40, 80)),
            ("imageMogr2/format/jpg/quality/60", "jpeg", (80, 40)),
            ("imageMogr2/thumbnail/!50p|imageMogr2/rotate/270/format/webp", "webp", (20, 40)),
            ("imageMogr2/strip/interlace/1/format/gif", "gif", (80, 40)),
            ("imageMogr2/grayscale/1/blur/3x2/format/bmp", "bmp", (80, 40)),
            ("imageView2/1/w/30/h/30", "png", (30, 30)),
            ("imageView2/2/w/40", "png", (40, 20)),
            ("imageView2/3/w/20/h/20/format/jpg/q/70", "jpeg", (40, 20)),
        ] {
            let parsed = Rule::parse(rule).expect(rule);
            let encoded =
                Picture::decode(&png()).and_then(|picture| picture.process(&parsed)).expect(rule);
            assert_eq!((encoded.format_name(), (encoded.width, encoded.height)), (format, size));
            let again = Picture::decode(&encoded.bytes).expect(rule).info();
            assert_eq!((again.format, (again.width, again.height)), (format, size), "{rule}");
        }
    }

    #[test]
    fn a_cut_takes_the_pixels_it_names() {
        let rule = Rule::parse("imageMogr2/cut/40x40x40x0").expect("a rule");
        let encoded =
            Picture::decode(&png()).and_then(|picture| picture.process(&rule)).expect("a result");
        let info = Picture::decode(&encoded.bytes).expect("a picture").info();
        assert_eq!(info.average, "0x0000ff");
    }

    #[test]
    fn what_cannot_be_done_is_refused() {
        for rule in [
            "imageMogr2/thumbnail/big",
            "imageMogr2/thumbnail/0x10",
            "imageMogr2/rotate/400",
            "imageMogr2/format/tiff",
            "imageMogr2/quality/0",
            "imageMogr2/dance/1",
            "imageMogr2/thumbnail",
            "imageView2/9/w/10",
            "imageView2/1",
            "watermark/1",
        ] {
            assert!(Rule::parse(rule).is_err(), "{rule}");
        }
        let huge = Rule::parse("imageMogr2/thumbnail/20000x").expect("a rule");
        let refused = Picture::decode(&png()).and_then(|picture| picture.process(&huge)).err();
        assert_eq!(refused.map(|error| error.code), Some(Code::InvalidArgument));
        let text = Picture::decode(b"just text").err().map(|error| error.code);
        assert_eq!(text, Some(Code::InvalidImageFormat));
        let broken = Picture::decode(&png()[..60]).err().map(|error| error.code);
        assert_eq!(broken, Some(Code::InvalidImageFormat));
    }
}
