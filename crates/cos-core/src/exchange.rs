//! One request from draft to reply: authorize, send, judge, and try again where it can help.

use crate::context::{Context, Event, Owner, Waiter};
use crate::credential::{Extras, Grant, Keys, Question, Scope, question};
use crate::effect::{Body, Effect, HttpRequest};
use crate::endpoint::{host_of, is_ci_host, standby_url};
use crate::error::{Error, ErrorKind, Retry, headers_value};
use crate::request::{Draft, header, set_header};
use crate::response::{self, parse_date};
use crate::sign::{self, Unsigned, is_signed_header, key_time};
use crate::value::{Value, number_text};

/// How often a request is sent at most, the first time included: as often as upstream does.
pub const ATTEMPTS: u32 = 4;

/// The pause before attempt n is drawn from 0 to `FIRST_PAUSE * 2^(n-1)`, at most `LONGEST_PAUSE`
/// milliseconds ("full jitter").
const FIRST_PAUSE: f64 = 400.0;
const LONGEST_PAUSE: f64 = 10_000.0;

/// Clocks that differ by less than this many milliseconds are taken as equal.
const SKEW: f64 = 30_000.0;

/// Validity of a signature made with a permanent key, seconds.
const VALIDITY: f64 = 900.0;

/// What an exchange is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// To be sent.
    Request,
    /// Only to be authorized, for a URL.
    Presign,
}

/// A request under way.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) owner: Owner,
    task: String,
    draft: Draft,
    purpose: Purpose,
    attempts_left: u32,
    attempt: u32,
    refreshed: bool,
    clock_fixed: bool,
    on_standby: bool,
    signed_with: String,
    /// The application signed, so the host cannot be changed.
    signed_elsewhere: bool,
    expires: Option<f64>,
}

/// The secrets for one signature, and what travels along.
struct Signer<'a> {
    secret_id: &'a str,
    secret_key: &'a str,
    token: &'a str,
    extras: Extras,
    key_time: String,
}

impl Context {
    /// Sends a request; the owner gets [`Event::Reply`]. `task` names the task it works for, empty
    /// for none, and `attempts` is how often it is sent at most.
    pub fn send(&mut self, owner: Owner, task: &str, draft: Draft, attempts: u32) {
        self.begin(owner, task, draft, attempts, Purpose::Request, None);
    }

    /// Only authorizes a request; the owner gets [`Event::Grant`].
    pub fn presign(&mut self, owner: Owner, draft: Draft, expires: Option<f64>) {
        self.begin(owner, "", draft, 1, Purpose::Presign, expires);
    }

    fn begin(
        &mut self,
        owner: Owner,
        task: &str,
        draft: Draft,
        attempts: u32,
        purpose: Purpose,
        expires: Option<f64>,
    ) {
        let id = self.next_id();
        let exchange = Exchange {
            owner,
            task: task.to_owned(),
            draft,
            purpose,
            attempts_left: attempts.max(1),
            attempt: 0,
            refreshed: false,
            clock_fixed: false,
            on_standby: false,
            signed_with: String::new(),
            signed_elsewhere: false,
            expires,
        };
        self.exchanges.insert(id, exchange);
        self.authorize(id);
    }

    /// Gets a credential for an exchange and, once there is one, sends it.
    pub(crate) fn authorize(&mut self, id: u32) {
        let Some(exchange) = self.exchanges.get(&id) else { return };
        let scope = exchange.scope();
        if !self.options.asks_application {
            self.sign_with_options(id);
        } else if let Some(keys) = self.credentials.find(&scope, self.now) {
            self.sign_with_keys(id, &keys);
        } else if !self.credentials.join(&scope, id) {
            self.ask_application(id, scope);
        }
    }

    fn ask_application(&mut self, id: u32, scope: Scope) {
        let Some(exchange) = self.exchanges.get(&id) else { return };
        let draft = &exchange.draft;
        let headers = signed_headers(draft, &exchange.host(&self.options), &self.options);
        let path = draft.signed_path(&self.options);
        let request = question(&scope)
            .with("Method", draft.method.as_str())
            .with("Key", path.strip_prefix('/').unwrap_or_default())
            .with("Pathname", path.as_str())
            .with("Query", headers_value(&draft.signed_query()))
            .with("Headers", headers_value(&headers))
            .with("SystemClockOffset", self.options.clock_offset)
            .with("ForceSignHost", self.options.force_sign_host);
        let answer = self.await_answer(Waiter::Credential);
        self.credentials.ask(answer, scope, id);
        self.emit(Effect::Authorize { id: answer, request });
    }

    /// The application answered, or failed to.
    pub(crate) fn handle_credential(&mut self, id: u32, answer: Result<Value, String>) {
        if self.take(id, |waiter| matches!(waiter, Waiter::Credential)).is_none() {
            return;
        }
        let Some(Question { scope, waiting, .. }) = self.credentials.answered(id) else { return };
        let grant = match answer {
            Ok(answer) => self.credentials.accept(&scope, &answer, self.now),
            Err(message) => Err(Error::new(ErrorKind::Credential, "COS_CREDENTIAL", message)),
        };
        match grant {
            Ok(Grant::Keys(keys)) => {
                for (at, exchange) in waiting.into_iter().enumerate() {
                    // The others look again: the key may be limited to the scope of the first.
                    if at == 0 {
                        self.sign_with_keys(exchange, &keys);
                    } else {
                        self.authorize(exchange);
                    }
                }
            }
            Ok(Grant::Signature { authorization, token, extras }) => {
                let mut waiting = waiting.into_iter();
                if let Some(first) = waiting.next() {
                    self.use_signature(first, &authorization, &token, &extras);
                }
                for exchange in waiting {
                    self.authorize(exchange);
                }
            }
            Err(error) => {
                for exchange in waiting {
                    self.finish(exchange, Err(error.clone()));
                }
            }
        }
    }

    fn sign_with_options(&mut self, id: u32) {
        let options = &self.options;
        let (secret_id, secret_key) = (options.secret_id.clone(), options.secret_key.clone());
        if secret_id.is_empty() || secret_key.is_empty() {
            let name = if secret_id.is_empty() { "SecretId" } else { "SecretKey" };
            let message = format!(
                "missing param {name}: give the client SecretId and SecretKey, or getAuthorization"
            );
            let error = Error::new(ErrorKind::Credential, "COS_CREDENTIAL", message);
            return self.finish(id, Err(error));
        }
        let token = options.security_token.clone();
        let Some(exchange) = self.exchanges.get(&id) else { return };
        let key_time = self.validity(options.start_time, options.expired_time, exchange.expires);
        let signer = Signer {
            secret_id: &secret_id,
            secret_key: &secret_key,
            token: &token,
            extras: Extras::default(),
            key_time,
        };
        self.sign_and_send(id, signer);
    }

    fn sign_with_keys(&mut self, id: u32, keys: &Keys) {
        let Some(exchange) = self.exchanges.get(&id) else { return };
        let signer = Signer {
            secret_id: &keys.secret_id,
            secret_key: &keys.secret_key,
            token: &keys.token,
            extras: keys.extras.clone(),
            key_time: self.validity(keys.start, keys.expired, exchange.expires),
        };
        self.sign_and_send(id, signer);
    }

    /// The validity of a signature: the key's own when it tells its start, from now otherwise.
    fn validity(&self, start: f64, expired: f64, expires: Option<f64>) -> String {
        let end = match expires {
            Some(expires) => start + expires,
            None => expired,
        };
        if start > 0.0 && end > 0.0 {
            [&number_text(start), ";", &number_text(end)].concat()
        } else {
            key_time(self.server_now(), expires.unwrap_or(VALIDITY))
        }
    }

    fn sign_and_send(&mut self, id: u32, signer: Signer<'_>) {
        let Some(exchange) = self.exchanges.get_mut(&id) else { return };
        exchange.signed_with = signer.secret_id.to_owned();
        let draft = &exchange.draft;
        let headers = signed_headers(draft, &exchange.host(&self.options), &self.options)
            .into_iter()
            .filter(|(name, _)| is_signed_header(name))
            .collect::<Vec<_>>();
        let query = draft.signed_query();
        let authorization = sign::sign(
            &mut self.signing_keys,
            signer.secret_id,
            signer.secret_key,
            &signer.key_time,
            &Unsigned {
                method: &draft.method,
                path: &draft.signed_path(&self.options),
                query: &query,
                headers: &headers,
            },
        );
        self.dispatch(id, &authorization, signer.token, &signer.extras);
    }

    fn use_signature(&mut self, id: u32, authorization: &str, token: &str, extras: &Extras) {
        if let Some(exchange) = self.exchanges.get_mut(&id) {
            exchange.signed_elsewhere = true;
            self.dispatch(id, authorization, token, extras);
        }
    }

    /// The request has its credential: send it, or hand it out when only a URL was asked for.
    fn dispatch(&mut self, id: u32, authorization: &str, token: &str, extras: &Extras) {
        let Some(exchange) = self.exchanges.get_mut(&id) else { return };
        if exchange.purpose == Purpose::Presign {
            let owner = exchange.owner;
            self.exchanges.remove(&id);
            let grant = Value::map()
                .with("Authorization", authorization)
                .with("SecurityToken", token)
                .with("Token", extras.token.as_str())
                .with("ClientIP", extras.client_ip.as_str())
                .with("ClientUA", extras.client_ua.as_str());
            self.events.push_back((owner, Event::Grant(Ok(grant))));
            return;
        }
        exchange.attempt += 1;
        exchange.attempts_left = exchange.attempts_left.saturating_sub(1);
        let url = exchange.url(&self.options);
        let mut draft = exchange.draft.clone();
        set_header(&mut draft.headers, "Authorization", authorization.to_owned());
        for (name, value) in [
            ("token", &extras.token),
            ("clientIP", &extras.client_ip),
            ("clientUA", &extras.client_ua),
        ] {
            if !value.is_empty() {
                set_header(&mut draft.headers, name, value.clone());
            }
        }
        if !token.is_empty() {
            let name =
                if is_ci_host(&url) { "x-ci-security-token" } else { "x-cos-security-token" };
            set_header(&mut draft.headers, name, token.to_owned());
        }
        if exchange.attempt > 1 {
            set_header(&mut draft.headers, "x-cos-sdk-retry", "true".to_owned());
        }
        let body = match &draft.body {
            Body::Form { path, .. } => {
                Body::Form { path: path.clone(), fields: draft.form_fields(authorization) }
            }
            body => {
                // The host computes the length itself and refuses to be told.
                draft.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("Content-Length"));
                body.clone()
            }
        };
        let (call, task) = (exchange.owner.call, exchange.task.clone());
        let request = HttpRequest {
            method: draft.method.clone(),
            // The key of a form upload is a field; its URL is the bucket's.
            url: if draft.is_form() { url } else { draft.with_query(url) },
            keep_body: draft.operation.result == crate::catalogue::ResultShape::Raw,
            headers: draft.headers,
            body,
            response_type: draft.response_type,
            timeout: self.options.timeout,
        };
        let send = self.await_answer(Waiter::Send(id));
        self.emit(Effect::Send { id: send, call, task, request });
    }

    pub(crate) fn handle_response(
        &mut self,
        id: u32,
        status: u16,
        headers: Vec<(String, String)>,
        body: Value,
    ) {
        let Some(Waiter::Send(exchange)) =
            self.take(id, |waiter| matches!(waiter, Waiter::Send(_)))
        else {
            return;
        };
        let skew = self.learn_clock(&headers, &body);
        let Some(draft) = self.exchanges.get(&exchange).map(|exchange| &exchange.draft) else {
            return;
        };
        match response::read(draft, id, status, headers, body) {
            Ok(reply) => self.finish(exchange, Ok(reply)),
            Err(error) => self.judge(exchange, error, skew),
        }
    }

    pub(crate) fn handle_failure(&mut self, id: u32, message: &str) {
        if let Some(Waiter::Send(exchange)) =
            self.take(id, |waiter| matches!(waiter, Waiter::Send(_)))
        {
            let error = response::failure(message, &self.options);
            self.judge(exchange, error, false);
        }
    }

    /// Follows the server's clock where it differs; says whether it did.
    fn learn_clock(&mut self, headers: &[(String, String)], body: &Value) -> bool {
        if !self.options.correct_clock_skew {
            return false;
        }
        let server_time = body.get("Error").get("ServerTime");
        let date = header(headers, "date").or_else(|| server_time.as_str()).and_then(parse_date);
        match date {
            Some(date) if (date - self.server_now()).abs() >= SKEW => {
                self.options.clock_offset = date - self.now;
                true
            }
            _ => false,
        }
    }

    /// An attempt failed: try again, or report.
    fn judge(&mut self, id: u32, error: Error, clock_moved: bool) {
        let now = self.now;
        let Some(exchange) = self.exchanges.get_mut(&id) else { return };
        let may_repeat = exchange.attempts_left > 0;
        match error.retry {
            Retry::FixClock if clock_moved && !exchange.clock_fixed => {
                exchange.clock_fixed = true;
                exchange.attempts_left = exchange.attempts_left.max(1);
                self.authorize(id);
            }
            Retry::FixClock | Retry::RefreshCredential
                if self.options.asks_application
                    && !exchange.refreshed
                    && !exchange.signed_elsewhere =>
            {
                exchange.refreshed = true;
                exchange.attempts_left = exchange.attempts_left.max(1);
                let refused = exchange.signed_with.clone();
                // Another exchange may have brought a new key meanwhile.
                if self
                    .credentials
                    .find(&exchange.scope(), now)
                    .is_some_and(|keys| keys.secret_id == refused)
                {
                    self.credentials.invalidate(&refused);
                }
                self.authorize(id);
            }
            Retry::SwitchHost if may_repeat => {
                if !exchange.on_standby
                    && !exchange.signed_elsewhere
                    && standby_url(&exchange.draft.object_url(&self.options)).is_some()
                {
                    exchange.on_standby = true;
                }
                self.pause(id);
            }
            Retry::Backoff if may_repeat => self.pause(id),
            _ => self.finish(id, Err(error)),
        }
    }

    fn pause(&mut self, id: u32) {
        let Some(exchange) = self.exchanges.get(&id) else { return };
        let longest =
            (FIRST_PAUSE * f64::from(1u32 << (exchange.attempt - 1).min(10))).min(LONGEST_PAUSE);
        let delay = (longest * f64::from(self.random()) / f64::from(u32::MAX)).round();
        let timer = self.await_answer(Waiter::Retry(id));
        self.emit(Effect::Timer { id: timer, delay });
    }

    fn finish(&mut self, id: u32, outcome: Result<response::Reply, Error>) {
        let Some(exchange) = self.exchanges.remove(&id) else { return };
        let outcome = outcome.map_err(|mut error| {
            if exchange.attempt > 0 {
                error.answer.method = exchange.draft.method.clone();
                error.answer.url = exchange.url(&self.options);
            }
            error
        });
        let event = match exchange.purpose {
            Purpose::Request => Event::Reply(outcome),
            Purpose::Presign => Event::Grant(outcome.map(|_| Value::Null)),
        };
        self.events.push_back((exchange.owner, event));
    }
}

impl Exchange {
    fn scope(&self) -> Scope {
        Scope {
            bucket: self.draft.bucket.clone(),
            region: self.draft.region.clone(),
            action: ["name/cos:", self.draft.operation.action].concat(),
            prefix: self.draft.resource.clone(),
        }
    }

    /// The URL without its query, on the host this exchange currently uses.
    fn url(&self, options: &crate::options::Options) -> String {
        let url = self.draft.object_url(options);
        if self.on_standby { standby_url(&url).unwrap_or(url) } else { url }
    }

    fn host(&self, options: &crate::options::Options) -> String {
        host_of(&self.url(options)).to_owned()
    }
}

/// The headers that count for a signature: those with a value, Content-Type and Cache-Control left
/// out since proxies change them, and the host.
fn signed_headers(
    draft: &Draft,
    host: &str,
    options: &crate::options::Options,
) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = draft
        .headers
        .iter()
        .filter(|(name, value)| {
            !value.is_empty()
                && !name.eq_ignore_ascii_case("content-type")
                && !name.eq_ignore_ascii_case("cache-control")
        })
        .cloned()
        .collect();
    if options.force_sign_host && header(&headers, "host").is_none() {
        headers.push(("Host".to_owned(), host.to_owned()));
    }
    headers
}
