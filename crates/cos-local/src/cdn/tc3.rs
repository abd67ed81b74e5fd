//! The signature of Tencent Cloud's API 3.0, `TC3-HMAC-SHA256` (document 1278/55259).

use jiff::Timestamp;
use jiff::tz::Offset;

use super::api::Refusal;
use crate::call::Call;
use crate::credential::{Caller, Keyring};
use crate::digest::{hex, hmac_sha256, same, sha256_hex};

const ALGORITHM: &str = "TC3-HMAC-SHA256";

/// How far a request's time may be from the server's, in seconds.
const TOLERANCE: u64 = 300;

/// Headers that have to be signed.
const SIGNED: [&str; 2] = ["content-type", "host"];

/// Makes sure that a request is signed by keys that are good for everything.
///
/// # Errors
/// `AuthFailure.…` in the words of the API.
pub(super) fn verify(call: &Call, body: &[u8], keyring: &Keyring, now: i64) -> Result<(), Refusal> {
    let header = call.header("authorization").unwrap_or_default();
    let malformed = || {
        Refusal::new(
            "AuthFailure.InvalidAuthorization",
            "Authorization has to be: TC3-HMAC-SHA256 Credential=ID/DATE/SERVICE/tc3_request, \
             SignedHeaders=content-type;host, Signature=HEX.",
        )
    };
    let signature = Signature::parse(header).ok_or_else(malformed)?;
    let time: i64 =
        call.header("x-tc-timestamp").and_then(|time| time.parse().ok()).ok_or_else(|| {
            Refusal::new("MissingParameter", "X-TC-Timestamp has to be seconds since 1970.")
        })?;
    if time.abs_diff(now) > TOLERANCE {
        let message = format!("X-TC-Timestamp is more than {TOLERANCE} seconds from {now}.");
        return Err(Refusal::new("AuthFailure.SignatureExpire", message));
    }
    let date = Timestamp::from_second(time).map(|time| Offset::UTC.to_datetime(time).date());
    if !date.is_ok_and(|date| date.to_string() == signature.date) {
        let message = "The date of the credential is not that of X-TC-Timestamp in UTC.";
        return Err(Refusal::new("AuthFailure.SignatureFailure", message));
    }
    // The SDKs take the service from the first label of the host, whatever that is.
    let label = call.target.host.split('.').next().unwrap_or_default();
    if signature.service != "cdn" && signature.service != label {
        let message = "The service of the credential has to be cdn.";
        return Err(Refusal::new("AuthFailure.SignatureFailure", message));
    }
    let unknown = || {
        let message = "The server knows no such secret id, or it is not good for the CDN.";
        Refusal::new("AuthFailure.SecretIdNotFound", message)
    };
    let secret_key = match keyring.find(signature.secret_id, call.header("x-tc-token")) {
        Ok((secret_key, Caller::Owner { bucket: None })) => secret_key,
        _ => return Err(unknown()),
    };
    let signed = call
        .target
        .sign_hosts
        .iter()
        .filter_map(|host| signature.expected(call, host, body, time, &secret_key))
        .fold(false, |found, expected| found | same(&expected, signature.hex));
    match signed {
        true => Ok(()),
        false => {
            let message = "The signature is not that of the request and the secret key.";
            Err(Refusal::new("AuthFailure.SignatureFailure", message))
        }
    }
}

/// An `Authorization` taken apart.
struct Signature<'a> {
    secret_id: &'a str,
    date: &'a str,
    service: &'a str,
    headers: &'a str,
    hex: &'a str,
}

impl<'a> Signature<'a> {
    fn parse(header: &'a str) -> Option<Self> {
        let mut fields = header.strip_prefix(ALGORITHM)?.split(',').map(str::trim);
        let mut field = |name: &str| fields.next()?.strip_prefix(name);
        let mut scope = field("Credential=")?.split('/');
        let found = Self {
            secret_id: scope.next()?,
            date: scope.next()?,
            service: scope.next()?,
            headers: field("SignedHeaders=")?,
            hex: field("Signature=")?,
        };
        let complete = scope.next() == Some("tc3_request")
            && SIGNED.iter().all(|name| found.headers.split(';').any(|signed| signed == *name));
        complete.then_some(found)
    }

    /// The signature that the request should have if its signer called this server `host`.
    fn expected(
        &self,
        call: &Call,
        host: &str,
        body: &[u8],
        time: i64,
        secret_key: &str,
    ) -> Option<String> {
        let mut headers = String::new();
        for name in self.headers.split(';') {
            let value = if name == "host" { host } else { call.header(name)? };
            headers.push_str(&format!("{name}:{}\n", value.trim().to_ascii_lowercase()));
        }
        let Self { date, service, headers: names, .. } = self;
        let body = sha256_hex(body);
        let request = format!("{}\n/\n\n{headers}\n{names}\n{body}", call.method);
        let scope = format!("{date}/{service}/tc3_request");
        let text = format!("{ALGORITHM}\n{time}\n{scope}\n{}", sha256_hex(request.as_bytes()));
        let key = hmac_sha256(format!("TC3{secret_key}").as_bytes(), date.as_bytes());
        let key = hmac_sha256(&hmac_sha256(&key, service.as_bytes()), b"tc3_request");
        Some(hex(&hmac_sha256(&key, text.as_bytes())))
    }
}

#[cfg(test)]
mod tests {
    use hyper::Method;
    use hyper::header::{HeaderMap, HeaderName, HeaderValue};

    use super::*;
    use crate::call::Content;
    use crate::clock::Clock;
    use crate::credential::Credential;
    use crate::host::{Query, Target};

    const TIME: i64 = 1_551_113_065;
    const BODY: &str =
        r#"{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}"#;

    /// The code of the refusal of the document's example, changed.
    fn refused(change: impl Fn(&str) -> String, body: &str, now: i64) -> Option<&'static str> {
        let credential = Credential {
            secret_id: "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE".into(),
            secret_key: "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE".into(),
        };
        let authorization = change(
            "TC3-HMAC-SHA256 \
             Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, \
             SignedHeaders=content-type;host, \
             Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168",
        );
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("authorization", authorization.as_str()),
            ("content-type", "application/json; charset=utf-8"),
            ("x-tc-timestamp", "1551113065"),
        ] {
            let value = HeaderValue::from_str(value).expect("a value");
            headers.insert(HeaderName::from_static(name), value);
        }
        let call = Call {
            method: Method::POST,
            target: Target::resolve("cvm.tencentcloudapi.com", 80, "/").expect("a path"),
            query: Query::default(),
            headers,
            body: Content::none(),
            caller: Caller::Anonymous,
        };
        let keyring = Keyring::new(credential, Clock::new(0));
        verify(&call, body.as_bytes(), &keyring, now).err().map(|refusal| refusal.code)
    }

    #[test]
    fn the_example_of_the_document_is_let_in_and_nothing_beside_it() {
        let same = |text: &str| text.to_owned();
        assert_eq!(refused(same, BODY, TIME), None);
        let forged = Some("AuthFailure.SignatureFailure");
        assert_eq!(refused(same, "{}", TIME), forged);
        assert_eq!(refused(|text| text.replace("25168", "25169"), BODY, TIME), forged);
        assert_eq!(refused(|text| text.replace("02-25", "02-26"), BODY, TIME), forged);
        assert_eq!(refused(|text| text.replace("cvm", "cdn"), BODY, TIME), forged);
        let unknown = Some("AuthFailure.SecretIdNotFound");
        assert_eq!(refused(|text| text.replace("AKID", "AKIE"), BODY, TIME), unknown);
        let late = Some("AuthFailure.SignatureExpire");
        assert_eq!(refused(same, BODY, TIME + 300), None);
        assert_eq!(
            (refused(same, BODY, TIME + 301), refused(same, BODY, TIME - 301)),
            (late, late)
        );
        let malformed = Some("AuthFailure.InvalidAuthorization");
        for (part, other) in [("TC3", "TC4"), (";host", ""), ("tc3_request", "x"), ("Sig", "sig")] {
            assert_eq!(refused(|text| text.replace(part, other), BODY, TIME), malformed, "{part}");
        }
    }
}
