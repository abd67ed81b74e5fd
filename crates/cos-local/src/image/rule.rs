//! Reading rules such as `imageMogr2/thumbnail/!50p/format/png|imageMogr2/rotate/90`.

use image::ImageFormat;

use super::FORMATS;
use super::geometry::{Change, Gravity, Thumbnail};
use crate::error::Error;

/// What to do with a picture, in this order.
#[derive(Debug, PartialEq)]
pub(crate) struct Rule {
    pub(crate) steps: Vec<Step>,
}

/// One step of a [`Rule`].
#[derive(Debug, PartialEq)]
pub(crate) enum Step {
    Format(ImageFormat),
    Quality(Quality),
    /// Turns the picture as its EXIF data say.
    AutoOrient,
    Change(Change),
}

/// The quality of the resulting JPEG, from 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Quality {
    Absolute(u8),
    /// In percent of the source's.
    Relative(u8),
    /// At least this, unless the source has less.
    Least(u8),
}

impl Quality {
    /// The quality for a source of this one.
    pub(crate) fn of(self, source: Option<u8>) -> u8 {
        let source = source.unwrap_or(100);
        match self {
            Self::Absolute(quality) => quality,
            Self::Relative(percent) => {
                let quality = u16::from(source) * u16::from(percent) / 100;
                u8::try_from(quality).unwrap_or(100).max(1)
            }
            Self::Least(quality) => quality.min(source),
        }
    }
}

impl Rule {
    /// Reads a rule of which the parts stand between `|`.
    ///
    /// # Errors
    /// `InvalidArgument` for a parameter that is unknown, or has no such value.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let mut steps = Vec::new();
        for part in text.split('|') {
            let (name, parameters) = part.split_once('/').unwrap_or((part, ""));
            let mut words = parameters.split('/').filter(|word| !word.is_empty());
            match name {
                "imageMogr2" => mogr(&mut words, &mut steps)?,
                "imageView2" => view(&mut words, &mut steps)?,
                _ => return Err(unknown(name)),
            }
        }
        Ok(Self { steps })
    }
}

/// `imageMogr2/<parameter>/<value>/…`
fn mogr<'a>(words: &mut impl Iterator<Item = &'a str>, steps: &mut Vec<Step>) -> Result<(), Error> {
    let mut gravity = None;
    let first = steps.len();
    while let Some(name) = words.next() {
        if name == "strip" {
            // Nothing of the source but its pixels gets into the result.
            continue;
        }
        let value = words.next().ok_or_else(|| invalid(name, "needs a value"))?;
        match name {
            "auto-orient" => steps.push(Step::AutoOrient),
            "format" => steps.push(Step::Format(format(value)?)),
            "quality" | "rquality" | "lquality" => steps.push(Step::Quality(quality(name, value)?)),
            "thumbnail" => {
                let thumbnail = Thumbnail::parse(value).ok_or_else(|| bad(name, value))?;
                steps.push(Step::Change(Change::Thumbnail(thumbnail)));
            }
            "crop" => {
                let (width, height) = pair(value).ok_or_else(|| bad(name, value))?;
                steps.push(Step::Change(Change::Crop { width, height, gravity: Gravity::Center }));
            }
            "gravity" => {
                gravity = Some(Gravity::parse(value).ok_or_else(|| bad(name, value))?);
            }
            "cut" => {
                let numbers: Option<Vec<u32>> =
                    value.split('x').map(|number| number.parse().ok()).collect();
                let Some([width @ 1..=u32::MAX, height @ 1..=u32::MAX, x, y]) = numbers.as_deref()
                else {
                    return Err(bad(name, value));
                };
                let (width, height, x, y) = (*width, *height, *x, *y);
                steps.push(Step::Change(Change::Cut { x, y, width, height }));
            }
            "rotate" => steps.push(Step::Change(Change::Rotate(number(name, value, 0, 360)?))),
            "flip" if value == "vertical" => steps.push(Step::Change(Change::FlipVertically)),
            "flip" if value == "horizontal" => steps.push(Step::Change(Change::FlipHorizontally)),
            "grayscale" => {
                if number(name, value, 0, 1)? == 1 {
                    steps.push(Step::Change(Change::Grayscale));
                }
            }
            "blur" => {
                let (Some(1..=50), Some(sigma @ 1..)) =
                    pair(value).ok_or_else(|| bad(name, value))?
                else {
                    return Err(bad(name, value));
                };
                steps.push(Step::Change(Change::Blur { sigma }));
            }
            "bright" | "contrast" => {
                let amount: i32 = value.parse().map_err(|_| bad(name, value))?;
                if !(-100..=100).contains(&amount) {
                    return Err(bad(name, value));
                }
                steps.push(Step::Change(match name {
                    "bright" => Change::Brighten(amount),
                    _ => Change::Contrast(amount),
                }));
            }
            "sharpen" => {
                steps.push(Step::Change(Change::Sharpen(number(name, value, 10, 300)?)));
            }
            // Both say how to write a file, in ways that do not change the picture.
            "interlace" | "ignore-error" => {
                number(name, value, 0, 1)?;
            }
            _ => return Err(unknown(name)),
        }
    }
    for step in steps.iter_mut().skip(first) {
        if let (Step::Change(Change::Crop { gravity: place, .. }), Some(gravity)) = (step, gravity)
        {
            *place = gravity;
        }
    }
    Ok(())
}

/// `imageView2/<mode>/w/<width>/h/<height>/format/<format>/q/<quality>`
fn view<'a>(words: &mut impl Iterator<Item = &'a str>, steps: &mut Vec<Step>) -> Result<(), Error> {
    let mode = words.next().unwrap_or_default();
    let (mut width, mut height) = (None, None);
    let mut rest = Vec::new();
    while let Some(name) = words.next() {
        let value = words.next().ok_or_else(|| invalid(name, "needs a value"))?;
        match name {
            "w" => width = Some(number(name, value, 1, 9999)?),
            "h" => height = Some(number(name, value, 1, 9999)?),
            "format" => rest.push(Step::Format(format(value)?)),
            "q" => rest.push(Step::Quality(quality("quality", value)?)),
            "interlace" | "ignore-error" => {
                number(name, value, 0, 1)?;
            }
            _ => return Err(unknown(name)),
        }
    }
    let either = width.or(height).ok_or_else(|| invalid("imageView2", "needs w or h"))?;
    let (wide, high) = (width.unwrap_or(either), height.unwrap_or(either));
    steps.push(Step::Change(match mode {
        "1" => Change::Crop { width: Some(wide), height: Some(high), gravity: Gravity::Center },
        "2" => Change::Thumbnail(Thumbnail::Within { width, height }),
        "3" => Change::Thumbnail(Thumbnail::Cover { width: wide, height: high }),
        "4" => Change::Thumbnail(Thumbnail::CoverEdges { long: wide, short: high }),
        "5" => Change::CropEdges { long: wide, short: high },
        _ => return Err(invalid("imageView2", "takes the modes 1 to 5")),
    }));
    steps.append(&mut rest);
    Ok(())
}

fn format(name: &str) -> Result<ImageFormat, Error> {
    let found = FORMATS.iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
    found.map(|(_, format)| *format).ok_or_else(|| bad("format", name))
}

fn quality(name: &str, value: &str) -> Result<Quality, Error> {
    let number = number(name, value.trim_end_matches('!'), 1, 100)?;
    let number = u8::try_from(number).map_err(|_| bad(name, value))?;
    Ok(match name {
        "quality" => Quality::Absolute(number),
        "rquality" => Quality::Relative(number),
        _ => Quality::Least(number),
    })
}

/// `<width>x<height>`, of which one may be missing.
pub(super) fn pair(value: &str) -> Option<(Option<u32>, Option<u32>)> {
    let (first, second) = value.split_once('x')?;
    let side = |text: &str| match text {
        "" => Some(None),
        text => text.parse().ok().filter(|side| *side > 0).map(Some),
    };
    let sides = (side(first)?, side(second)?);
    (sides != (None, None)).then_some(sides)
}

fn number(name: &str, value: &str, least: u32, most: u32) -> Result<u32, Error> {
    let number = value.parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| invalid(name, &format!("has to be between {least} and {most}")))
}

fn bad(name: &str, value: &str) -> Error {
    invalid(name, &format!("cannot be {value}"))
}

fn unknown(name: &str) -> Error {
    invalid(name, "is not known here")
}

fn invalid(name: &str, what: &str) -> Error {
    Error::invalid(format!("The image processing parameter {name} {what}."))
}
