//! What every call needs before anything is sent. The texts are upstream's, since applications
//! compare them.

use crate::catalogue::{BodyShape, Operation, Target};
use crate::endpoint::simplify_path;
use crate::error::Error;
use crate::options::Options;
use crate::text::{contains, cut_last};
use crate::value::Value;

/// Parameters that passed: the bucket complete, the key without its leading slash.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The parameters.
    pub params: Value,
    /// What to warn the developer about.
    pub warnings: Vec<String>,
}

/// Checks what every operation needs.
///
/// # Errors
/// [`ErrorKind::Usage`](crate::error::ErrorKind::Usage), naming the parameter.
pub fn check(
    operation: &Operation,
    mut params: Value,
    options: &Options,
) -> Result<Checked, Error> {
    let mut warnings = Vec::new();
    let needed: &[&str] = match operation.target {
        Target::Service => return Ok(Checked { params, warnings }),
        Target::Any if params.get("Url").is_truthy() => &[],
        Target::Any | Target::Bucket => &["Bucket", "Region"],
        Target::Object => &["Bucket", "Region", "Key"],
    };
    for name in needed {
        if !params.get(name).is_truthy() {
            return Err(Error::missing(name));
        }
    }
    match operation.body {
        BodyShape::Xml(document) => {
            if let Some(name) = document.missing(&params) {
                return Err(Error::missing(name));
            }
        }
        BodyShape::Json(name) => match params.get(name) {
            Value::Null => return Err(Error::missing(name)),
            text if !text.is_truthy() => {
                return Err(Error::usage([name, " format error"].concat()));
            }
            _ => {}
        },
        BodyShape::None | BodyShape::Caller | BodyShape::Form => {}
    }
    if params.get("Region").is_truthy() {
        check_region(&params.get("Region").to_text(), options, &mut warnings)?;
    }
    if params.get("Bucket").is_truthy() {
        complete_bucket(&mut params, options, &mut warnings)?;
    }
    if let Some(key) = params.get("Key").as_str().and_then(|key| key.strip_prefix('/')) {
        let key = key.to_owned();
        params.set("Key", key);
    }
    if matches!(operation.name, "getObject" | "downloadFile")
        && options.key_simplify_check
        && simplify_path(&params.get("Key").to_text()) == "/"
    {
        let mut error = Error::usage("The Getobject Key is illegal");
        error.detail = Value::map().with("message", error.message.as_str()).with("code", "Error");
        return Err(error);
    }
    Ok(Checked { params, warnings })
}

fn check_region(region: &str, options: &Options, warnings: &mut Vec<String>) -> Result<(), Error> {
    if contains(region, "cos.") {
        return Err(Error::usage("param Region should not be start with \"cos.\""));
    }
    if !is_name(region) {
        return Err(Error::usage("Region format error."));
    }
    let known = region.contains('-') || matches!(region, "yfb" | "default" | "accelerate");
    if !known && !options.compatibility_mode {
        let advice =
            "\" looks unusual; a region is written like \"ap-guangzhou\" (document 436/6224)";
        warnings.push(["Region \"", region, advice].concat());
    }
    Ok(())
}

fn complete_bucket(
    params: &mut Value,
    options: &Options,
    warnings: &mut Vec<String>,
) -> Result<(), Error> {
    let bucket = params.get("Bucket").to_text();
    if !has_app_id(&bucket) {
        let app_id = match params.get("AppId").to_text() {
            given if given.is_empty() => options.app_id.clone(),
            given => given,
        };
        if app_id.is_empty() {
            return Err(Error::usage("Bucket should format as \"test-1250000000\"."));
        }
        params.set("Bucket", [bucket.as_str(), "-", &app_id].concat());
        warnings.push(
            "AppId is deprecated: write it at the end of Bucket, as in \"test-1250000000\""
                .to_owned(),
        );
    }
    Ok(())
}

/// Whether a text is made of lower-case letters, digits and `-` only.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Whether a bucket ends in `-` and digits.
fn has_app_id(bucket: &str) -> bool {
    cut_last(bucket, b'-').is_some_and(|(name, app_id)| {
        is_name(name) && !app_id.is_empty() && app_id.bytes().all(|byte| byte.is_ascii_digit())
    })
}
