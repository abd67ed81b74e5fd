//! What rules do to the pixels of a picture.

use image::imageops::FilterType;
use image::{DynamicImage, Rgba, RgbaImage};

use super::rule::pair;
use crate::error::Error;

/// A change of the pixels.
#[derive(Debug, PartialEq)]
pub(crate) enum Change {
    Thumbnail(Thumbnail),
    /// Scales until the picture covers both sides, and cuts off the rest; with one side given, only
    /// cuts.
    Crop {
        width: Option<u32>,
        height: Option<u32>,
        gravity: Gravity,
    },
    /// As [`Change::Crop`], with the sides given by their length.
    CropEdges {
        long: u32,
        short: u32,
    },
    Cut {
        x: u32,
        y: u32,
        width: u32,
        height: u32,
    },
    /// Clockwise, in degrees.
    Rotate(u32),
    FlipVertically,
    FlipHorizontally,
    Grayscale,
    Blur {
        sigma: u32,
    },
    /// From -100 to 100.
    Brighten(i32),
    /// From -100 to 100.
    Contrast(i32),
    /// From 10 to 300.
    Sharpen(u32),
}

/// The size of a scaled picture.
#[derive(Debug, PartialEq)]
pub(crate) enum Thumbnail {
    /// In percent of each side.
    Percent { width: u32, height: u32 },
    /// At most this, in proportion.
    Within { width: Option<u32>, height: Option<u32> },
    /// At least this, in proportion.
    Cover { width: u32, height: u32 },
    /// At least this, in proportion, with the sides given by their length.
    CoverEdges { long: u32, short: u32 },
    /// Out of proportion.
    Exactly { width: u32, height: u32 },
    /// At most this many pixels, in proportion.
    Area(u32),
}

/// The part of a picture that a crop keeps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Gravity {
    NorthWest,
    North,
    NorthEast,
    West,
    Center,
    East,
    SouthWest,
    South,
    SouthEast,
}

impl Gravity {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "northwest" => Self::NorthWest,
            "north" => Self::North,
            "northeast" => Self::NorthEast,
            "west" => Self::West,
            "center" => Self::Center,
            "east" => Self::East,
            "southwest" => Self::SouthWest,
            "south" => Self::South,
            "southeast" => Self::SouthEast,
            _ => return None,
        })
    }

    /// Where the kept part begins when `spare` pixels are cut off across and down.
    fn offset(self, (across, down): (u32, u32)) -> (u32, u32) {
        let x = match self {
            Self::NorthWest | Self::West | Self::SouthWest => 0,
            Self::North | Self::Center | Self::South => across / 2,
            Self::NorthEast | Self::East | Self::SouthEast => across,
        };
        let y = match self {
            Self::NorthWest | Self::North | Self::NorthEast => 0,
            Self::West | Self::Center | Self::East => down / 2,
            Self::SouthWest | Self::South | Self::SouthEast => down,
        };
        (x, y)
    }
}

impl Thumbnail {
    /// Reads the value of `thumbnail`.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        let percent = |text: &str| text.parse().ok().filter(|percent| (1..1000).contains(percent));
        let both = |text: &str| match pair(text)? {
            (Some(width), Some(height)) => Some((width, height)),
            _ => None,
        };
        if let Some(area) = value.strip_suffix('@') {
            return area.parse().ok().filter(|area| *area > 0).map(Self::Area);
        }
        if let Some(sides) = value.strip_suffix('!') {
            return both(sides).map(|(width, height)| Self::Exactly { width, height });
        }
        let Some(value) = value.strip_prefix('!') else {
            return pair(value).map(|(width, height)| Self::Within { width, height });
        };
        if let Some(sides) = value.strip_suffix('r') {
            return both(sides).map(|(width, height)| Self::Cover { width, height });
        }
        let (width, height) = if let Some(width) = value.strip_suffix("px") {
            (percent(width)?, 100)
        } else {
            let scale = value.strip_suffix('p')?;
            match scale.strip_prefix('x') {
                Some(height) => (100, percent(height)?),
                None => (percent(scale)?, percent(scale)?),
            }
        };
        Some(Self::Percent { width, height })
    }

    /// The sides of a picture that had these.
    fn size(&self, width: u32, height: u32) -> (u32, u32) {
        let (w, h) = (f64::from(width), f64::from(height));
        let scaled = |scale: f64| (w * scale, h * scale);
        let cover = |wide: u32, high: u32| scaled((f64::from(wide) / w).max(f64::from(high) / h));
        let (w, h) = match *self {
            Self::Percent { width, height } => {
                (w * f64::from(width) / 100.0, h * f64::from(height) / 100.0)
            }
            Self::Within { width, height } => {
                let across = width.map_or(f64::INFINITY, |width| f64::from(width) / w);
                let down = height.map_or(f64::INFINITY, |height| f64::from(height) / h);
                scaled(across.min(down))
            }
            Self::Cover { width, height } => cover(width, height),
            Self::CoverEdges { long, short } => {
                let (wide, high) = edges(width, height, long, short);
                cover(wide, high)
            }
            Self::Exactly { width, height } => (f64::from(width), f64::from(height)),
            Self::Area(area) => scaled((f64::from(area) / (w * h)).sqrt().min(1.0)),
        };
        (side(w), side(h))
    }
}

impl Change {
    /// The sides that the result will have, where the change can make it larger.
    pub(crate) fn size(&self, width: u32, height: u32) -> Option<(u32, u32)> {
        match self {
            Self::Thumbnail(thumbnail) => Some(thumbnail.size(width, height)),
            Self::Crop { width: Some(wide), height: Some(high), .. } => {
                Some(Thumbnail::Cover { width: *wide, height: *high }.size(width, height))
            }
            Self::CropEdges { long, short } => {
                Some(Thumbnail::CoverEdges { long: *long, short: *short }.size(width, height))
            }
            _ => None,
        }
    }

    /// # Errors
    /// `InvalidArgument` where nothing of the picture would be left.
    pub(crate) fn apply(&self, picture: DynamicImage) -> Result<DynamicImage, Error> {
        let (width, height) = (picture.width(), picture.height());
        Ok(match self {
            Self::Thumbnail(thumbnail) => resize(&picture, thumbnail.size(width, height)),
            Self::Crop { width: Some(wide), height: Some(high), gravity } => {
                let size = Thumbnail::Cover { width: *wide, height: *high }.size(width, height);
                crop(&resize(&picture, size), *wide, *high, *gravity)
            }
            Self::Crop { width: wide, height: high, gravity } => {
                crop(&picture, wide.unwrap_or(width), high.unwrap_or(height), *gravity)
            }
            Self::CropEdges { long, short } => {
                let size = Thumbnail::CoverEdges { long: *long, short: *short }.size(width, height);
                let (wide, high) = edges(width, height, *long, *short);
                crop(&resize(&picture, size), wide, high, Gravity::Center)
            }
            Self::Cut { x, y, .. } if *x >= width || *y >= height => {
                return Err(Error::invalid("cut begins outside of the image."));
            }
            Self::Cut { x, y, width, height } => picture.crop_imm(*x, *y, *width, *height),
            Self::Rotate(degrees) => rotate(picture, *degrees),
            Self::FlipVertically => picture.flipv(),
            Self::FlipHorizontally => picture.fliph(),
            Self::Grayscale => picture.grayscale(),
            Self::Blur { sigma } => picture.fast_blur(*sigma as f32),
            Self::Brighten(amount) => picture.brighten(amount * 255 / 100),
            Self::Contrast(amount) => picture.adjust_contrast(*amount as f32),
            Self::Sharpen(amount) => picture.unsharpen(*amount as f32 / 100.0, 1),
        })
    }
}

fn side(length: f64) -> u32 {
    length.round().clamp(1.0, f64::from(u32::MAX)) as u32
}

/// The sides across and down when they are given by their length.
fn edges(width: u32, height: u32, long: u32, short: u32) -> (u32, u32) {
    if width >= height { (long, short) } else { (short, long) }
}

fn resize(picture: &DynamicImage, (width, height): (u32, u32)) -> DynamicImage {
    picture.resize_exact(width, height, FilterType::Triangle)
}

fn crop(picture: &DynamicImage, width: u32, height: u32, gravity: Gravity) -> DynamicImage {
    let spare = (picture.width().saturating_sub(width), picture.height().saturating_sub(height));
    let (x, y) = gravity.offset(spare);
    picture.crop_imm(x, y, width, height)
}

/// Turns clockwise. What a slanted picture leaves free is white.
fn rotate(picture: DynamicImage, degrees: u32) -> DynamicImage {
    match degrees % 360 {
        0 => return picture,
        90 => return picture.rotate90(),
        180 => return picture.rotate180(),
        270 => return picture.rotate270(),
        _ => {}
    }
    let (sin, cos) = f64::from(degrees).to_radians().sin_cos();
    let (w, h) = (f64::from(picture.width()), f64::from(picture.height()));
    let (width, height) =
        (side(w * cos.abs() + h * sin.abs()), side(w * sin.abs() + h * cos.abs()));
    let source = picture.to_rgba8();
    let turned = RgbaImage::from_fn(width, height, |x, y| {
        let dx = f64::from(x) + 0.5 - f64::from(width) / 2.0;
        let dy = f64::from(y) + 0.5 - f64::from(height) / 2.0;
        let (u, v) = (cos * dx + sin * dy + w / 2.0, cos * dy - sin * dx + h / 2.0);
        match u >= 0.0 && v >= 0.0 && u < w && v < h {
            true => *source.get_pixel(u as u32, v as u32),
            false => Rgba([255; 4]),
        }
    });
    turned.into()
}
