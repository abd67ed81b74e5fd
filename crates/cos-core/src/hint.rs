//! What to do about an error, in one sentence.

use crate::endpoint::{host_of, is_ci_host, without_scheme};
use crate::error::{Error, ErrorKind};
use crate::text::{contains, replace};

/// Hints by code. `{host}`, `{resource}` and `{action}` are those of the request.
const BY_CODE: [(&str, &str); 14] = [
    ("AccessDenied", DENIED),
    ("RequestTimeTooSkewed", CLOCK),
    ("SignatureDoesNotMatch", "SecretKey is not that of SecretId, or a proxy changed the request."),
    ("InvalidAccessKeyId", "COS does not know this SecretId: it is mistyped, disabled or deleted."),
    ("ExpiredToken", TOKEN),
    ("InvalidToken", TOKEN),
    ("InvalidSecurityToken", TOKEN),
    (
        "PathStyleDomainForbidden",
        "COS refuses path-style access: remove ForcePathStyle, and list the domains of the buckets.",
    ),
    (
        "InvalidObjectState",
        "The object is archived: call restoreObject, and read it once it is restored.",
    ),
    ("NoSuchBucket", BUCKET),
    ("PermanentRedirect", BUCKET),
    ("NoSuchKey", "Check Key: it is case-sensitive and has no leading slash."),
    ("NoSuchUpload", "The upload was completed, aborted or dropped by COS: upload again."),
    (
        "COS_CREDENTIAL",
        "getAuthorization has to call back TmpSecretId, TmpSecretKey, SecurityToken and ExpiredTime.",
    ),
];

const DENIED: &str =
    "Allow {action} for {resource} in the policy of the key, or in the one that STS is asked with.";
const CLOCK: &str =
    "The clock of this device is wrong: let getAuthorization call back the server's StartTime.";
const TOKEN: &str = "The temporary key has expired, or SecurityToken is that of another: see how long your server caches it.";
const BUCKET: &str = "No such bucket at {host}: Region has to be that of the bucket, and Bucket ends with the APPID.";

/// Hints by words of the message.
const BY_MESSAGE: [(&str, &str); 9] = [
    ("no such file", "FilePath names no file, or one in a folder that is not there."),
    ("permission denied", "Files can be written in wx.env.USER_DATA_PATH only."),
    ("storage limit", "A mini program may keep 200 MB, 100 MB a file: remove others first."),
    (
        "domain list",
        "Add https://{host} to the {api} domains of the mini program (Development > Server domain names).",
    ),
    ("NAME_NOT_RESOLVED", HOST),
    ("hostname could not", HOST),
    ("missing param", "Pass this parameter; names are case-sensitive."),
    ("Bucket should", "Bucket ends with the APPID of its owner: \"examplebucket-1250000000\"."),
    ("Region", "Region is written like \"ap-guangzhou\", without \"cos.\"."),
];

const HOST: &str = "There is no {host}: check Region and Bucket, and the connection.";

impl Error {
    /// What to do; empty when there is nothing to say.
    pub fn hint(&self) -> String {
        let url = without_scheme(&self.answer.url);
        let template = self.template();
        if template.is_empty() {
            return String::new();
        }
        let action = match self.answer.action.as_str() {
            "" => "the action",
            action => action,
        };
        let api = if self.message.starts_with("uploadFile") { "uploadFile" } else { "request" };
        [("{host}", host_of(url)), ("{resource}", url), ("{action}", action), ("{api}", api)]
            .into_iter()
            .fold(template.to_owned(), |hint, (name, value)| replace(&hint, name, value))
    }

    fn template(&self) -> &'static str {
        let own = matches!(self.kind, ErrorKind::Usage | ErrorKind::Network);
        let by_message = BY_MESSAGE.iter().find(|(part, _)| own && contains(&self.message, part));
        if let Some((_, hint)) = by_message {
            return hint;
        }
        if self.kind == ErrorKind::Credential && self.code == "AccessDenied" {
            return CLOCK;
        }
        if let Some((_, hint)) = BY_CODE.iter().find(|(code, _)| *code == self.code) {
            return hint;
        }
        match self.kind {
            ErrorKind::Denied | ErrorKind::NotFound | ErrorKind::Usage
                if is_ci_host(&self.answer.url) =>
            {
                "Enable Cloud Infinite and this feature for the bucket in the COS console, and allow {action}."
            }
            ErrorKind::NotFound if (300..400).contains(&self.answer.status) => BUCKET,
            ErrorKind::Network => "No answer came from {host}: check the connection.",
            ErrorKind::Denied => DENIED,
            ErrorKind::NotFound => "Check Bucket, Region and Key.",
            ErrorKind::Throttled | ErrorKind::Server => "COS is busy or at fault: try again later.",
            ErrorKind::Integrity => "The bytes were damaged on their way: upload again.",
            ErrorKind::Internal => "Please report this, with the message.",
            ErrorKind::Usage
            | ErrorKind::Credential
            | ErrorKind::Conflict
            | ErrorKind::Canceled => "",
        }
    }
}
