//! `getObjectUrl`: URLs that carry their own authorization (436/14114).

use crate::catalogue::GET_OBJECT_URL;
use crate::context::{Context, Event, Owner, Tag};
use crate::endpoint::encode_query;
use crate::error::Error;
use crate::exchange::validity;
use crate::machine::Step;
use crate::options::Options;
use crate::request::Draft;
use crate::sign::{self, PresignForm, SigningKeyCache, Unsigned, is_signed_header};
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
        let method = params.get("Method").to_text().to_ascii_uppercase();
        if !method.is_empty() {
            draft.method = method;
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
        let mut query = encode_query(&draft.query, false);
        if !draft.raw_query.is_empty() {
            if !query.is_empty() {
                query.push('&');
            }
            query.push_str(&draft.raw_query);
        }
        let sign = params.get("Sign");
        let force_sign_host = match params.get("ForceSignHost") {
            Value::Bool(false) => false,
            _ => options.force_sign_host,
        };
        // What is signed must be what the URL says, also where these parameters differ from the
        // client's options.
        let host = crate::endpoint::host_of(&url).to_owned();
        if force_sign_host && crate::request::header(&draft.headers, "host").is_none() {
            draft.headers.push(("Host".to_owned(), host));
        }
        Presign {
            draft,
            url,
            query,
            signed: sign.is_null() || sign.is_truthy(),
            expires: params.get("Expires").as_number(),
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
            let query = sign::presigned_query(
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
        if !self.signed || options.asks_application || options.secret_key.is_empty() {
            return self.join("");
        }
        let validity = validity(
            now + options.clock_offset,
            options.start_time,
            options.expired_time,
            self.expires,
        );
        let mut headers = sign::borrowed(&self.draft.headers);
        headers.retain(|(name, value)| is_signed_header(name) && !value.is_empty());
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
        self.join(&sign::presigned_query(
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
