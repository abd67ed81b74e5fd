//! One request from draft to reply: authorize, send, judge, and try again where it can help.

mod authorize;

pub(crate) use authorize::{signed_headers, validity};

use crate::context::{Context, Event, Owner, Waiter};
use crate::credential::{Extras, Scope};
use crate::effect::{Body, Effect, HttpRequest};
use crate::endpoint::{host_of, is_ci_host, standby_url};
use crate::error::{Error, Retry};
use crate::options::Options;
use crate::report::Trace;
use crate::request::{Draft, header, set_header};
use crate::response::{self, parse_date};
use crate::value::Value;

/// How often a request is sent at most, the first time included: as often as upstream does.
pub const ATTEMPTS: u32 = 4;

/// How often a request for a part is sent at most: `ChunkRetryTimes` rounds more.
pub fn part_attempts(options: &Options) -> u32 {
    ATTEMPTS * (options.chunk_retry_times.min(20) + 1)
}

/// The pause before attempt n is drawn from 0 to `FIRST_PAUSE * 2^(n-1)`, at most `LONGEST_PAUSE`
/// milliseconds ("full jitter").
const FIRST_PAUSE: f64 = 400.0;
const LONGEST_PAUSE: f64 = 10_000.0;

/// Clocks that differ by less than this many milliseconds are taken as equal.
const SKEW: f64 = 30_000.0;

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
    /// When the attempt began that has not been sent yet; infinite when there is none.
    began: f64,
    /// When the last attempt was sent, and the milliseconds it took to get a signature.
    sent: [f64; 2],
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
            began: f64::INFINITY,
            sent: [self.now, 0.0],
        };
        self.exchanges.insert(id, exchange);
        self.authorize(id);
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
            self.events.push((owner, Event::Grant(Ok(grant))));
            return;
        }
        exchange.attempt += 1;
        exchange.sent = [self.now, self.now - exchange.began];
        exchange.began = f64::INFINITY;
        exchange.attempts_left = exchange.attempts_left.saturating_sub(1);
        let url = exchange.url(&self.options);
        let mut draft = exchange.draft.clone();
        for (name, value) in [
            ("Authorization", authorization),
            ("token", &extras.token),
            ("clientIP", &extras.client_ip),
            ("clientUA", &extras.client_ua),
        ] {
            if !value.is_empty() {
                set_header(&mut draft.headers, name, value.to_owned());
            }
        }
        if !token.is_empty() {
            let name =
                if is_ci_host(&url) { "x-ci-security-token" } else { "x-cos-security-token" };
            set_header(&mut draft.headers, name, token.to_owned());
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
            url: draft.with_query(url),
            query: draft.query,
            keep_body: draft.keeps_body,
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
        let Some(draft) = self.exchanges.get(&exchange).map(|exchange| &exchange.draft) else {
            return;
        };
        match response::read(draft, id, status, headers, body) {
            Ok(reply) => {
                self.learn_clock(&reply.headers, &Value::Null);
                self.finish(exchange, Ok(reply));
            }
            Err(mut error) => {
                // Whoever answers without an id of COS's is not COS, unless it speaks like COS.
                if self.options.auto_switch_host
                    && error.retry == Retry::Never
                    && (300..500).contains(&status)
                    && header(&error.answer.headers, "x-cos-request-id").is_none()
                {
                    error.retry = Retry::SwitchHost;
                }
                let skew = self.learn_clock(&error.answer.headers, &error.detail);
                self.judge(exchange, error, skew);
            }
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

    /// Follows the server's clock where it differs; says whether it did. `detail` is the `<Error>`
    /// element of a refusal.
    fn learn_clock(&mut self, headers: &[(String, String)], detail: &Value) -> bool {
        if !self.options.correct_clock_skew {
            return false;
        }
        let server_time = detail.get("ServerTime");
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
                    && standby_url(&exchange.draft.address(&self.options)).is_some()
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
                let mut actions: Vec<&str> = Vec::new();
                for needed in &exchange.draft.permissions {
                    if !actions.contains(&needed.action.as_str()) {
                        actions.push(&needed.action);
                    }
                }
                error.answer.action = actions.join(", ");
                error.answer.url = exchange.draft.told_url(exchange.url(&self.options));
            }
            error
        });
        if let Some(report) = self.reports_of.get_mut(&exchange.owner.call)
            && exchange.purpose == Purpose::Request
        {
            let trace = exchange.trace(&self.options, self.now, &outcome);
            if let Some(fields) = report.add(&trace, self.options.reports_parts, self.now) {
                self.emit(Effect::Report { fields });
            }
        }
        let event = match exchange.purpose {
            Purpose::Request => Event::Reply(outcome),
            Purpose::Presign => Event::Grant(outcome.map(|_| Value::Null)),
        };
        self.events.push((exchange.owner, event));
    }
}

impl Exchange {
    fn is_for_url(&self) -> bool {
        self.purpose == Purpose::Presign
    }

    fn scope(&self) -> Scope {
        Scope {
            bucket: self.draft.bucket.clone(),
            region: self.draft.region.clone(),
            permissions: self.draft.permissions.clone(),
        }
    }

    /// What reporters are told of it; nothing was sent when its URL is empty.
    fn trace<'a>(
        &'a self,
        options: &Options,
        now: f64,
        outcome: &'a Result<response::Reply, Error>,
    ) -> Trace<'a> {
        let [sent, signing] = self.sent;
        Trace {
            operation: self.draft.operation.name,
            method: &self.draft.method,
            url: match self.attempt {
                0 => String::new(),
                _ => self.draft.reported_url(self.url(options)),
            },
            query: &self.draft.query,
            retries: self.attempt.saturating_sub(1),
            signing,
            sending: now - sent,
            outcome,
        }
    }

    /// The URL without its query, on the host this exchange currently uses.
    fn url(&self, options: &Options) -> String {
        let url = self.draft.address(options);
        if self.on_standby { standby_url(&url).unwrap_or(url) } else { url }
    }

    fn host(&self, options: &Options) -> String {
        host_of(&self.url(options)).to_owned()
    }
}
