//! `getObjectUrl`: URLs that carry their own authorization (436/14114).

use crate::catalogue::GET_OBJECT_URL;
use crate::context::{Context, Event, Owner, Tag};
use crate::endpoint::{encode_query, host_of, percent_encode};
use crate::error::Error;
use crate::exchange::{signed_headers, validity};
use crate::machine::Step;
use crate::options::Options;
use crate::request::{Draft, texts};
use crate::sign::{self, SigningKeyCache, Unsigned};
use crate::text::{contains, cut, split_once};
use crate::value::Value;

/// A URL waiting for its credential.
#[derive(Debug)]
pub struct Presign {
    draft: Draft,
    url: String,
    query: String,
    signed: bool,
    expires: Option<f64>,
}

impl Presign {
    /// Reads the parameters, which have been checked.
    pub fn new(params: &Value, options: &Options) -> Presign {
        let mut draft = Draft::new(&GET_OBJECT_URL, params);
        // What the parameters stand for elsewhere means something else here, like `Expires`.
        draft.headers = texts(params.get("Headers"));
        draft.method = match params.get("Method").to_text() {
            method if method.is_empty() => "get".to_owned(),
            method => method,
        };
        if draft.method.eq_ignore_ascii_case("put")
            && let Some(needed) = draft.permissions.first_mut()
        {
            needed.action = "name/cos:PutObject".to_owned();
        }
        let mut endpoint = options.endpoint.clone();
        for (target, name) in
            [(&mut endpoint.protocol, "Protocol"), (&mut endpoint.domain, "Domain")]
        {
            if params.get(name).is_truthy() {
                *target = params.get(name).to_text();
            }
        }
        let accelerate = params.get("UseAccelerate");
        if !accelerate.is_null() {
            endpoint.use_accelerate = accelerate.is_truthy();
        }
        let url = endpoint.object_url(&draft.bucket, &draft.region, &draft.key);
        let mut query = encode_query(&draft.query);
        if !draft.raw_query.is_empty() {
            if !query.is_empty() {
                query.push('&');
            }
            query.push_str(&draft.raw_query);
        }
        let sign = params.get("Sign");
        draft.leaves_host_out = params.get("ForceSignHost") == &Value::Bool(false);
        // What is signed must be what the URL says, also where these parameters differ from the
        // client's options.
        draft.headers = signed_headers(&draft, host_of(&url), options);
        Presign {
            draft,
            url,
            query,
            signed: sign.is_null() || sign.is_truthy(),
            expires: match params.get("Expires") {
                Value::Null => None,
                expires => Some(expires.as_number().unwrap_or(0.0)),
            },
        }
    }

    /// Begins: an unsigned URL is ready at once.
    pub fn start(&mut self, cx: &mut Context, call: u32) -> Step {
        if !self.signed {
            return Step::Done(Ok(Value::map().with("Url", self.join(""))));
        }
        cx.presign(Owner { call, tag: Tag::Only }, self.draft.clone(), self.expires);
        Step::Wait
    }

    /// The credential arrived.
    pub fn handle(&mut self, event: Event) -> Step {
        let Event::Grant(grant) = event else { return Step::Wait };
        Step::Done(grant.map(|grant| {
            let text = |name: &str| grant.get(name).to_text();
            let query = presigned_query(
                &text("Authorization"),
                PresignForm::CalledBack,
                &[
                    ("x-cos-security-token", &text("SecurityToken")),
                    ("clientIP", &text("ClientIP")),
                    ("clientUA", &text("ClientUA")),
                    ("token", &text("Token")),
                ],
            );
            Value::map().with("Url", self.join(&query))
        }))
    }

    /// The URL that `getObjectUrl` returns at once: signed when the client has its own key.
    pub fn returned(&self, options: &Options, now: f64) -> String {
        let unsigned = !self.signed || options.asks_application || options.secret_key.is_empty();
        if unsigned || options.check_times(self.expires).is_err() {
            return self.join("");
        }
        let validity = validity(
            now + options.clock_offset,
            options.start_time,
            options.expired_time,
            self.expires,
        );
        let mut headers = sign::borrowed(&self.draft.headers);
        sign::keep_signed(&mut headers);
        let authorization = sign::sign(
            &mut SigningKeyCache::default(),
            &options.secret_id,
            &options.secret_key,
            &validity,
            &Unsigned {
                method: &self.draft.method,
                path: &self.draft.signed_path(options),
                query: &sign::borrowed(&self.draft.query),
                headers: &headers,
            },
        );
        self.join(&presigned_query(
            &authorization,
            PresignForm::Returned,
            &[("x-cos-security-token", &options.security_token)],
        ))
    }

    fn join(&self, authorization: &str) -> String {
        let mut url = self.url.clone();
        for (at, piece) in
            [authorization, &self.query].into_iter().filter(|piece| !piece.is_empty()).enumerate()
        {
            url.push(if at == 0 { '?' } else { '&' });
            url.push_str(piece);
        }
        url
    }
}

/// Which of its two forms `getObjectUrl` returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresignForm {
    /// The return value: the authorization as it is.
    Returned,
    /// The callback's: `q-url-param-list` is encoded once more, so that names with reserved
    /// characters, as image processing has them, survive the decoding of the URL.
    CalledBack,
}

/// The query of a presigned URL: the authorization and what comes with it.
///
/// `extras` are further credentials of the request, such as `x-cos-security-token`; those with an
/// empty value are left out. An authorization that is not a COS V5 signature travels as `sign`.
pub fn presigned_query(authorization: &str, form: PresignForm, extras: &[(&str, &str)]) -> String {
    let mut query = match form {
        PresignForm::Returned => authorization.to_owned(),
        PresignForm::CalledBack if contains(authorization, "q-signature") => {
            encode_param_list(authorization)
        }
        PresignForm::CalledBack => ["sign=", &percent_encode(authorization)].concat(),
    };
    for (name, value) in extras {
        if !value.is_empty() {
            query.push('&');
            query.push_str(name);
            query.push('=');
            query.push_str(&percent_encode(value));
        }
    }
    query
}

/// Encodes the value of `q-url-param-list` once more.
fn encode_param_list(authorization: &str) -> String {
    const NAME: &str = "q-url-param-list=";
    let Some((before, after)) = split_once(authorization, NAME) else {
        return authorization.to_owned();
    };
    let (value, separator, rest) =
        cut(after, b'&').map_or((after, "", ""), |(value, rest)| (value, "&", rest));
    [before, NAME, &percent_encode(value).to_ascii_lowercase(), separator, rest].concat()
}

/// `COS.getAuthorization`; see [`cos_sign::description::authorization`].
///
/// # Errors
/// `SecretId` or `SecretKey` is missing.
pub fn authorization(
    description: &str,
    defaults: [&str; 2],
    now: f64,
    keys: &mut SigningKeyCache,
) -> Result<String, Error> {
    cos_sign::description::authorization(description, defaults, now, keys).map_err(Error::missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presigned_urls_come_in_two_forms() {
        let authorization = "q-ak=A&q-url-param-list=imagemogr2%2fa;b&q-signature=0";
        let token = [("x-cos-security-token", "a+/="), ("token", "")];
        assert_eq!(
            presigned_query(authorization, PresignForm::Returned, &token),
            [authorization, "&x-cos-security-token=a%2B%2F%3D"].concat()
        );
        assert_eq!(
            presigned_query(authorization, PresignForm::CalledBack, &token),
            "q-ak=A&q-url-param-list=imagemogr2%252fa%3bb&q-signature=0\
             &x-cos-security-token=a%2B%2F%3D"
        );
        assert_eq!(presigned_query("a=b", PresignForm::CalledBack, &[]), "sign=a%3Db");
    }
}
