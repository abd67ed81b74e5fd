//! What happens to requests: on their way, at COS, and on the way back.

use cos_core::digest::crc64_text;
use cos_core::effect::{Body, HttpRequest};
use cos_core::value::Value;

use super::{CUSTOMER_HEADER, CUSTOMER_KEY, Event, Fault, Goal, Part, World};
use crate::answer::{Answer, error, status};
use crate::client::{START, temporary};
use crate::content::Content;
use crate::signature::{header, query_of, verify};

/// What `wx.request` says of a request that was under way when the app was stopped.
pub(super) const INTERRUPTED: &str = "request:fail interrupted";

/// Requests that a mini program may have under way.
const MOST_REQUESTS: usize = 10;

/// What it says without a network.
const OFFLINE: &str = "request:fail net::ERR_INTERNET_DISCONNECTED";

impl World {
    /// A request leaves the phone.
    pub(super) fn send(
        &mut self,
        at: usize,
        id: u32,
        call: u32,
        request: HttpRequest,
    ) -> Result<(), String> {
        self.tally.requests += 1;
        let wanted = self.wanted.iter().find(|wanted| wanted.client == at && wanted.call == call);
        let Some(wanted) = wanted else { return Err(format!("call {call} is nobody's")) };
        let is_load = wanted.goal == Goal::Download;
        let body = match &request.body {
            Body::Read(read) => self.clients[at].buffers.get(read).cloned(),
            Body::Caller => wanted.versions.first().map(Content::whole),
            Body::Form { path, .. } => self.disk.content(path).cloned(),
            Body::None | Body::Text(_) => None,
        };
        if wanted.params.get(CUSTOMER_KEY).is_truthy()
            && (matches!(request.body, Body::Read(_)) || request.method == "HEAD" || is_load)
            && header(&request, CUSTOMER_HEADER).is_none()
        {
            return Err(format!("call {call} sends no customer's key"));
        }
        self.note_part(at, id, call, &request, &body)?;
        self.note_append(at, id, call, &request)?;
        let under_way: usize =
            self.clients.iter().map(|client| client.ledger.sending().len()).sum();
        if under_way > MOST_REQUESTS {
            return Err(format!("{under_way} requests at a time, not {MOST_REQUESTS}"));
        }
        let delay = 10.0 + self.dice.time(400);
        if self.network == "none" {
            self.schedule(5.0, at, Event::Fail { id, why: OFFLINE });
        } else if self.strikes(Fault::RequestLost) {
            // At once, or after a minute.
            let (delay, why) = match self.dice.percent(50) {
                true => (delay, "request:fail"),
                false => (60_000.0, "request:fail timeout"),
            };
            self.schedule(delay, at, Event::Fail { id, why });
        } else {
            let lost = self.strikes(Fault::AnswerLost);
            self.schedule(delay, at, Event::Arrive { id, request: Box::new(request), body, lost });
        }
        Ok(())
    }

    /// A part that COS has confirmed is not sent again, and not too many are under way.
    fn note_part(
        &mut self,
        at: usize,
        id: u32,
        call: u32,
        request: &HttpRequest,
        body: &Option<Content>,
    ) -> Result<(), String> {
        if !request.url.contains("partNumber=") {
            return Ok(());
        }
        let query = query_of(&request.url);
        let param = |name: &str| {
            let found = query.iter().find(|(key, _)| key == name);
            found.map_or(String::new(), |(_, value)| value.clone())
        };
        let place = (param("uploadId"), param("partNumber"));
        let sent = body.clone().unwrap_or_default();
        if self.confirmed.get(&place).is_some_and(|confirmed| confirmed.same(&sent)) {
            return Err(format!("part {} of {} is sent again", place.1, place.0));
        }
        let client = &mut self.clients[at];
        client.parts.insert(id, Part { call, place, body: body.clone() });
        let busy = client.parts.values().filter(|part| part.call == call).count();
        if busy > client.limits[0] {
            return Err(format!("{busy} parts at a time, not {}", client.limits[0]));
        }
        Ok(())
    }

    /// What may have been appended is not sent again before somebody has looked.
    fn note_append(
        &mut self,
        at: usize,
        id: u32,
        call: u32,
        request: &HttpRequest,
    ) -> Result<(), String> {
        let client = &mut self.clients[at];
        if request.method == "HEAD" {
            client.uncertain.remove(&call);
        } else if request.url.contains("?append&") {
            if client.uncertain.contains(&call) {
                return Err(format!("call {call} appends blindly"));
            }
            client.appending.insert(id, call);
        }
        Ok(())
    }

    /// A request reaches COS.
    pub(super) fn arrives(
        &mut self,
        alive: bool,
        at: usize,
        id: u32,
        request: &HttpRequest,
        body: Option<Content>,
        lost: bool,
    ) -> Result<(), String> {
        // What cannot be read cannot be compared, as with forms; parts and small bodies can.
        // What nobody waits for any more is not repeated either, so it arrives as it was.
        let is_awaited = alive && self.clients[at].ledger.pending().contains_key(&id);
        let is_read = matches!(request.body, Body::Read(_));
        let body = if is_awaited && is_read && self.strikes(Fault::BodyDamaged) {
            body.map(Content::damaged)
        } else {
            body
        };
        let (mut answer, mut bytes) = self.at_cos(request, body.clone())?;
        if self.strikes(Fault::RequestTwice) {
            self.at_cos(request, body)?;
        }
        if !alive {
            return Ok(());
        }
        if lost {
            self.schedule(60_000.0, at, Event::Fail { id, why: "request:fail timeout" });
            return Ok(());
        }
        if let Value::String(text) = &answer.body
            && self.strikes(Fault::AnswerCut)
        {
            // Keys and markup are ASCII here.
            let end = self.dice.below(text.len().max(1) as u64) as usize;
            answer.body = text[..end].into();
        }
        if let Some(content) = &mut bytes {
            if self.strikes(Fault::AnswerCut) {
                *content = content.part(0, self.dice.below(content.length() as u64 + 1) as usize);
            }
            if self.strikes(Fault::BodyDamaged) {
                *content = content.clone().damaged();
            }
        }
        let delay = 10.0 + self.dice.time(300);
        if self.strikes(Fault::AnswerTwice) {
            let (answer, bytes) = (answer.clone(), bytes.clone());
            self.schedule(delay * 3.0, at, Event::Answer { id, answer, bytes });
        }
        self.schedule(delay, at, Event::Answer { id, answer, bytes });
        Ok(())
    }

    /// What COS makes of a request, if it gets as far as COS itself.
    fn at_cos(
        &mut self,
        request: &HttpRequest,
        body: Option<Content>,
    ) -> Result<(Answer, Option<Content>), String> {
        if let Some(refusal) = self.before_cos(request) {
            return Ok((refusal, None));
        }
        let length = match (&request.body, &body) {
            (Body::Text(text), _) => text.len(),
            (_, Some(body)) => body.length(),
            _ => 0,
        };
        let signed = verify(request, length as u64)?;
        let server = START + self.now;
        let seconds = server / 1000.0;
        let refusal = if (signed.valid.1 as f64) < seconds - 1.0 {
            Some(error(403, "AccessDenied", "Request has expired"))
        } else if signed.valid.0 as f64 > seconds + 900.0 {
            Some(error(403, "RequestTimeTooSkewed", "clock"))
        } else if self.expiry.get(&signed.secret_id).is_some_and(|end| *end < server) {
            Some(error(403, "ExpiredToken", "the token has expired"))
        } else if self.strikes(Fault::PermissionLost) {
            Some(error(403, "AccessDenied", "Access Denied."))
        } else {
            None
        };
        if let Some(refusal) = refusal {
            return Ok((self.dated(refusal), None));
        }
        let (answer, bytes) = self.cos.receive(request, body);
        Ok((self.dated(answer), bytes))
    }

    /// What somebody between the phone and COS answers, or COS when it cannot.
    fn before_cos(&mut self, request: &HttpRequest) -> Option<Answer> {
        if self.strikes(Fault::ServerError) {
            // What takes long may fail after it has begun to answer.
            let takes_long = request.url.contains("?uploadId=") && request.method == "POST"
                || header(request, "x-cos-copy-source").is_some();
            return Some(match self.dice.below(4) {
                0 => status(500),
                1 => error(400, "IncompleteBody", "the body is too short"),
                2 if takes_long => error(200, "InternalError", "try again"),
                _ => error(500, "InternalError", "try again"),
            });
        }
        if self.strikes(Fault::Throttled) {
            let answer = match self.dice.below(2) {
                0 => error(503, "SlowDown", "slow down"),
                _ => status(429),
            };
            return Some(match self.dice.below(3) {
                0 => answer.header("Retry-After", &self.dice.below(20).to_string()),
                _ => answer,
            });
        }
        None
    }

    /// With the server's clock; START is a Tuesday, at 22:13:20.
    fn dated(&self, answer: Answer) -> Answer {
        let seconds = self.now as u64 / 1000 + 22 * 3600 + 13 * 60 + 20;
        let (day, seconds) = (14 + seconds / 86_400, seconds % 86_400);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let date = format!("Tue, {day} Nov 2023 {hour:02}:{minute:02}:{second:02} GMT");
        answer.header("Date", &date)
    }

    /// An answer reaches the phone.
    pub(super) fn answered(&mut self, at: usize, id: u32, answer: Answer, bytes: Option<Content>) {
        let clock = self.clock();
        let client = &mut self.clients[at];
        client.ledger.received(id);
        // The first word on a request counts.
        client.appending.remove(&id);
        if let Some(Part { place, body: Some(body), .. }) = client.parts.remove(&id)
            && answer.status == 200
            && stores(&answer, &body)
        {
            self.confirmed.insert(place, body);
        }
        if let Some(bytes) = bytes {
            client.kept.insert(id, bytes);
        }
        self.engine(at).handle_response(id, answer.status, answer.headers, answer.body, clock);
    }

    /// The application's server hands out a key.
    pub(super) fn grant(&mut self, at: usize, id: u32) {
        let clock = self.clock();
        self.clients[at].ledger.answered(id);
        if self.strikes(Fault::CallbackFails) {
            return self.engine(at).handle_credential(id, Err("no network".to_owned()), clock);
        }
        self.keys += 1;
        let name = format!("TMP{}", self.keys);
        let server = START + self.now;
        // Without trouble one key is enough, whatever the clock says.
        let life = if self.trouble == 0 { 7200.0 } else { 70.0 + self.dice.time(200) };
        let end = (server / 1000.0).floor() + life;
        let real_end = if self.strikes(Fault::KeyRevoked) { server + 1000.0 } else { end * 1000.0 };
        self.expiry.insert(name.clone(), real_end);
        let mut key = temporary(&name, server).with("ExpiredTime", end);
        if self.dice.percent(50) {
            key.set("StartTime", (server / 1000.0).floor());
        }
        if self.trouble > 0 && self.dice.percent(20) {
            key.set("ScopeLimit", true);
        }
        if self.strikes(Fault::CallbackTwice) {
            self.engine(at).handle_credential(id, Ok(key.clone()), clock);
        }
        self.engine(at).handle_credential(id, Ok(key), clock);
    }

    /// The network goes, comes, or becomes another one.
    pub(super) fn network(&mut self, kind: &'static str) {
        if self.network == kind {
            return;
        }
        self.tally.count(Fault::NetworkChanged);
        self.network = kind;
        if self.tells && self.asleep.is_none() {
            let clock = self.clock();
            for at in 0..self.clients.len() {
                self.engine(at).handle_network(kind, clock);
            }
        }
        for at in 0..self.clients.len() {
            for id in self.clients[at].ledger.sending() {
                if kind == "none" || self.dice.percent(50) {
                    self.schedule(5.0, at, Event::Fail { id, why: OFFLINE });
                }
            }
        }
    }
}

/// Whether COS says that it has stored these very bytes.
fn stores(answer: &Answer, bytes: &Content) -> bool {
    let expected = crc64_text(bytes.crc64());
    answer.headers.iter().any(|(name, value)| name == "x-cos-hash-crc64ecma" && *value == expected)
}
