//! POST policies: what a signed form allows (document 436/14690).

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use crate::clock::{Clock, parse_iso};
use crate::digest::{hmac_sha1_hex, same, sha1_hex};
use crate::error::{Code, Error};
use crate::signature::{KeyTime, expired};

/// Form fields by lower-case name.
pub(crate) type Fields = BTreeMap<String, String>;

/// The least and most bytes that the file may have.
pub(crate) type SizeRange = (u64, u64);

#[derive(Deserialize)]
struct Policy {
    expiration: String,
    conditions: Vec<Value>,
}

/// A policy that a form carries.
pub(crate) struct SignedPolicy {
    json: Vec<u8>,
    policy: Policy,
    key_time: KeyTime,
}

impl SignedPolicy {
    /// Reads the field `policy` and what belongs to it; `None` for a form without.
    pub(crate) fn read(fields: &Fields) -> Result<Option<Self>, Error> {
        let Some(encoded) = fields.get("policy") else { return Ok(None) };
        let invalid = |message: &'static str| Error::new(Code::InvalidPolicyDocument, message);
        let json = STANDARD
            .decode(encoded.trim())
            .map_err(|_| invalid("The field policy has to be base64."))?;
        let policy = serde_json::from_slice(&json)
            .map_err(|_| invalid("A policy has to be JSON with an expiration and conditions."))?;
        let key_time = KeyTime::parse(fields.get("q-key-time").map_or("", String::as_str))?;
        Ok(Some(Self { json, policy, key_time }))
    }

    /// # Errors
    /// `AccessDenied` once the signature or the policy has expired.
    pub(crate) fn check_time(&self, clock: &Clock) -> Result<(), Error> {
        self.key_time.check(clock)?;
        let message = "A policy's expiration has to be an ISO 8601 time.";
        let end = parse_iso(&self.policy.expiration);
        match end.ok_or_else(|| Error::new(Code::InvalidPolicyDocument, message))? < clock.now() {
            true => Err(expired(clock.now())),
            false => Ok(()),
        }
    }

    /// # Errors
    /// `SignatureDoesNotMatch`.
    pub(crate) fn verify(&self, signature: &str, secret_key: &str) -> Result<(), Error> {
        let string_to_sign = sha1_hex(&self.json);
        let sign_key = self.key_time.sign_key(secret_key);
        if same(&hmac_sha1_hex(sign_key.as_bytes(), string_to_sign.as_bytes()), signature) {
            return Ok(());
        }
        let message = "The signature does not fit the policy.";
        Err(Error::new(Code::SignatureDoesNotMatch, message).with("StringToSign", string_to_sign))
    }

    /// Compares the conditions with the form and returns the allowed range of sizes.
    ///
    /// # Errors
    /// `AccessDenied` with the first condition that does not hold.
    pub(crate) fn check(
        &self,
        bucket: &str,
        key: &str,
        fields: &Fields,
    ) -> Result<SizeRange, Error> {
        let actual = |name: &str| match name.to_ascii_lowercase().as_str() {
            "bucket" => bucket.to_owned(),
            "key" => key.to_owned(),
            "q-sign-time" => fields.get("q-key-time").cloned().unwrap_or_default(),
            name => fields.get(name).cloned().unwrap_or_default(),
        };
        let mut sizes = (0, u64::MAX);
        for condition in &self.policy.conditions {
            let holds = match condition {
                Value::Object(pairs) => {
                    pairs.iter().all(|(name, value)| value.as_str() == Some(&actual(name)))
                }
                Value::Array(items) => match items.as_slice() {
                    [Value::String(kind), Value::Number(least), Value::Number(most)]
                        if kind == "content-length-range" =>
                    {
                        sizes = (least.as_u64().unwrap_or(0), most.as_u64().unwrap_or(0));
                        true
                    }
                    [Value::String(kind), Value::String(name), Value::String(value)] => {
                        let actual = actual(name.trim_start_matches('$'));
                        match kind.as_str() {
                            "eq" => actual == *value,
                            "starts-with" => actual.starts_with(value.as_str()),
                            _ => return Err(unknown(condition)),
                        }
                    }
                    _ => return Err(unknown(condition)),
                },
                _ => return Err(unknown(condition)),
            };
            if !holds {
                let message = format!("The form breaks the policy's condition {condition}.");
                return Err(Error::new(Code::AccessDenied, message));
            }
        }
        Ok(sizes)
    }
}

fn unknown(condition: &Value) -> Error {
    Error::new(
        Code::InvalidPolicyDocument,
        format!("The policy's condition {condition} is of no known form."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(policy: &str, more: &[(&str, &str)]) -> Fields {
        let own = [
            ("policy", STANDARD.encode(policy)),
            ("q-key-time", "1567150692;1567157892".to_owned()),
        ];
        let more = more.iter().map(|(name, value)| (*name, (*value).to_owned()));
        own.into_iter().chain(more).map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn check(conditions: &str, more: &[(&str, &str)]) -> Result<SizeRange, Code> {
        let policy =
            format!(r#"{{"expiration":"2019-08-30T09:38:12.414Z","conditions":{conditions}}}"#);
        let fields = fields(&policy, more);
        let policy = SignedPolicy::read(&fields)?;
        let policy = policy.ok_or(Code::InternalError)?;
        Ok(policy.check("b-1", "folder/file.png", &fields)?)
    }

    impl From<Error> for Code {
        fn from(error: Error) -> Self {
            error.code
        }
    }

    #[test]
    fn conditions_bind_the_form() {
        let form = [("content-type", "image/png"), ("acl", "private")];
        let everything = r#"[{"acl":"private","bucket":"b-1"},["starts-with","$key","folder/"],
            ["starts-with","$Content-Type","image/"],["eq","$key","folder/file.png"],
            {"q-sign-time":"1567150692;1567157892"},["content-length-range",1,10]]"#;
        assert_eq!(check(everything, &form), Ok((1, 10)));
        for broken in [
            r#"[{"acl":"public-read"}]"#,
            r#"[["starts-with","$key","other/"]]"#,
            r#"[{"bucket":"b-2"}]"#,
        ] {
            assert_eq!(check(broken, &form), Err(Code::AccessDenied), "{broken}");
        }
        for unknown in [r#"[["ends-with","$key","png"]]"#, r#"["key"]"#, r#"[["eq"]]"#] {
            assert_eq!(check(unknown, &form), Err(Code::InvalidPolicyDocument), "{unknown}");
        }
    }

    #[test]
    fn the_documented_signature_fits_its_policy() {
        let policy = "{\n    \"expiration\": \"2019-08-30T09:38:12.414Z\",\n    \"conditions\": [\n        \
            { \"acl\": \"default\" },\n        { \"bucket\": \"examplebucket-1250000000\" },\n        \
            [ \"starts-with\", \"$key\", \"folder/subfolder/\" ],\n        \
            [ \"starts-with\", \"$Content-Type\", \"image/\" ],\n        \
            [ \"starts-with\", \"$success_action_redirect\", \"https://my.website/\" ],\n        \
            [ \"eq\", \"$x-cos-server-side-encryption\", \"AES256\" ],\n        \
            { \"q-sign-algorithm\": \"sha1\" },\n        \
            { \"q-ak\": \"AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q\" },\n        \
            { \"q-sign-time\": \"1567150692;1567157892\" }\n    ]\n}";
        let signed = SignedPolicy::read(&fields(policy, &[])).ok().flatten().expect("a policy");
        let signature = "7758dc9a832e9d301dca704cacbf9d9f8172fdef";
        assert!(signed.verify(signature, "BQYIM75p8x0iWVFSIgqEKwFprpRSVHlz").is_ok());
        assert!(signed.verify(signature, "another").is_err());
    }
}
