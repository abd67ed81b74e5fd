//! One request from draft to reply: authorize, send, judge, and try again where it can help.

mod authorize;
mod traffic;
mod verdict;

pub(crate) use authorize::{signed_headers, validity};
pub(crate) use traffic::Traffic;
pub use traffic::Usage;

use crate::catalogue::Repeat;

use crate::context::{Context, Event, Owner, Waiter};
use crate::credential::{Extras, Scope};
use crate::effect::{Body, Effect, HttpRequest};
use crate::endpoint::{host_of, is_ci_host, standby_url};
use crate::error::{Error, Retry};
use crate::options::Options;
use crate::report::Trace;
use crate::request::{Draft, drop_header, header, set_header};
use crate::response;
use crate::value::Value;

/// How often a request is sent at most, the first time included: as often as upstream does. Attempts
/// count from the last progress of its call.
pub const ATTEMPTS: u32 = 4;

/// How often a request for a part is sent at most: `ChunkRetryTimes` rounds more.
pub fn part_attempts(options: &Options) -> u32 {
    ATTEMPTS * (options.chunk_retry_times.min(20) + 1)
}

/// Milliseconds for which the standby host is preferred once it has answered instead of the other.
const STANDBY: f64 = 300_000.0;

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
    /// How often it may be sent without progress, and how often of that from now on.
    attempts: u32,
    attempts_left: u32,
    attempt: u32,
    /// Bytes that an attempt has sent at most.
    progressed: f64,
    /// Whether COS may have carried out an attempt without our knowing.
    uncertain: bool,
    refreshed: bool,
    clock_fixed: bool,
    on_standby: bool,
    /// The other host did not answer.
    failed_over: bool,
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
            on_standby: purpose == Purpose::Request && self.now < self.standby_until,
            draft,
            purpose,
            attempts: attempts.max(1),
            attempts_left: attempts.max(1),
            attempt: 0,
            progressed: 0.0,
            uncertain: false,
            refreshed: false,
            clock_fixed: false,
            failed_over: false,
            signed_with: String::new(),
            signed_elsewhere: false,
            expires,
            began: f64::INFINITY,
            sent: [self.now, 0.0],
        };
        let room = exchange.draft.room;
        self.exchanges.insert(id, exchange);
        if room > 0.0 {
            self.await_room(id, owner.call, room, None);
        } else {
            self.enqueue(id);
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
                drop_header(&mut draft.headers, "Content-Length");
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
        self.traffic.sending += 1;
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
        let Some(found) = self.exchanges.get(&exchange) else { return };
        let (sent, owner, failed_over) = (found.sent[0], found.owner, found.failed_over);
        let outcome = response::read(&found.draft, id, status, headers, body);
        self.is_online(sent);
        match outcome {
            Ok(reply) => {
                if failed_over {
                    self.standby_until = self.now + STANDBY;
                }
                self.learn_clock(&reply.headers, &Value::Null);
                self.progress(owner);
                self.finish(exchange, Ok(reply));
            }
            Err(mut error) => {
                // Whoever answers without an id of COS's is not COS, unless it knows clocks and keys.
                if self.options.auto_switch_host
                    && matches!(error.retry, Retry::Never | Retry::Backoff)
                    && status >= 300
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

    fn finish(&mut self, id: u32, outcome: Result<response::Reply, Error>) {
        let Some(exchange) = self.exchanges.remove(&id) else { return };
        self.free(id);
        let outcome = outcome.map_err(|mut error| {
            error.answer.uncertain = exchange.uncertain;
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
    /// Whether it does no harm to send it again while nobody knows what became of an attempt.
    fn may_repeat(&self) -> bool {
        self.draft.operation.repeat != Repeat::Once || self.draft.method != "POST"
    }

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
