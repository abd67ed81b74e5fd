//! What happens to requests: on their way, at COS, and on the way back.

use std::sync::Arc;

use cos_core::digest::crc64_text;
use cos_core::effect::{Body, HttpRequest};
use cos_tests::answer::{Answer, error, status};
use cos_tests::client::{MIB, START, temporary};
use cos_tests::model::Slice;
use cos_tests::signature::{header, query_of, verify};

use super::{Event, World};

impl World {
    /// A request leaves the phone.
    pub(super) fn send(&mut self, id: u32, call: u32, request: HttpRequest) -> Result<(), String> {
        let Some(wanted) = self.wanted.iter().find(|wanted| wanted.call == call) else {
            return Err(format!("call {call} is nobody's"));
        };
        let query = query_of(&request.url);
        let param = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, v)| v.clone());
        let mut body = None;
        if let (Some(part), Some(upload)) = (param("partNumber"), param("uploadId")) {
            if self.confirmed.contains(&(upload.clone(), part.clone())) {
                return Err(format!("part {part} of {upload} is sent again"));
            }
            if header(&request, "x-cos-copy-source").is_none() {
                body = Some(slice_of(&wanted.file, &part));
            }
            self.sending.insert(id, (call, upload, part));
            let busy = self.sending.values().filter(|(other, ..)| *other == call).count();
            if busy > self.parallel {
                return Err(format!("{busy} parts at a time, not {}", self.parallel));
            }
        } else if matches!(request.body, Body::Read(_) | Body::Form { .. }) {
            body = Some(Slice::whole(&wanted.file));
        }
        let delay = 10.0 + self.dice.below(400) as f64;
        if self.goes_wrong() {
            // The request is lost, at once or after a minute.
            let delay = if self.dice.percent(50) { delay } else { 60_000.0 };
            self.schedule(delay, Event::Fail { id });
        } else {
            let lost = self.goes_wrong();
            self.schedule(
                delay,
                Event::Arrive { id, call, request: Box::new(request), body, lost },
            );
        }
        Ok(())
    }

    /// What COS makes of a request, if it gets as far as COS itself.
    pub(super) fn at_cos(
        &mut self,
        call: u32,
        request: &HttpRequest,
        body: Option<Slice>,
    ) -> Result<Answer, String> {
        if self.goes_wrong() {
            return Ok(match self.dice.below(3) {
                0 => status(500),
                1 => error(503, "SlowDown", "slow down"),
                _ => status(429),
            });
        }
        let length = match (&request.body, &body) {
            (Body::Text(text), _) => text.len() as u64,
            (_, Some(slice)) => slice.length as u64,
            _ => 0,
        };
        let signed = verify(request, length).map_err(|why| format!("call {call}: {why}"))?;
        let server = START + self.now;
        let seconds = server / 1000.0;
        if (signed.valid.1 as f64) < seconds - 1.0 {
            let refusal = error(403, "AccessDenied", "Request has expired");
            return Ok(self.dated(refusal));
        }
        if signed.valid.0 as f64 > seconds + 900.0 {
            return Ok(self.dated(error(403, "RequestTimeTooSkewed", "clock")));
        }
        if self.expiry.get(&signed.secret_id).is_some_and(|end| *end < server) {
            return Ok(error(403, "ExpiredToken", "the token has expired"));
        }
        // What cannot be read cannot be compared, as with forms; parts and small bodies can.
        let body = if matches!(request.body, Body::Read(_)) && self.goes_wrong() {
            body.map(|slice| Slice { damaged: true, ..slice })
        } else {
            body
        };
        let answer = self.cos.receive(request, body);
        Ok(self.dated(answer))
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
    pub(super) fn answered(&mut self, id: u32, answer: Answer) {
        self.ledger.answered(id);
        if let Some((call, upload, part)) = self.sending.remove(&id) {
            let file = self.wanted.iter().find(|wanted| wanted.call == call);
            let right = answer.status == 200
                && file.is_some_and(|wanted| part_is_right(&wanted.file, &part, &answer));
            if right {
                self.confirmed.insert((upload, part));
            }
        }
        self.engine.handle_response(id, answer.status, answer.headers, answer.body, self.clock());
    }

    /// The application's server hands out a key.
    pub(super) fn grant(&mut self, id: u32) {
        self.ledger.answered(id);
        if self.goes_wrong() {
            return self.engine.handle_credential(id, Err("no network".to_owned()), self.clock());
        }
        self.keys += 1;
        let name = format!("TMP{}", self.keys);
        let server = START + self.now;
        let life = 70.0 + self.dice.below(200) as f64;
        let end = (server / 1000.0).floor() + life;
        // Now and then a key is revoked before its time.
        let real_end = if self.goes_wrong() { server + 1000.0 } else { end * 1000.0 };
        self.expiry.insert(name.clone(), real_end);
        let mut key = temporary(&name, server).with("ExpiredTime", end);
        if self.dice.percent(50) {
            key.set("StartTime", (server / 1000.0).floor());
        }
        if self.dice.percent(20) {
            key.set("ScopeLimit", true);
        }
        self.engine.handle_credential(id, Ok(key), self.clock());
    }
}

/// Part `number` of a file, as it is cut when nobody wishes otherwise.
fn slice_of(file: &Arc<Vec<u8>>, number: &str) -> Slice {
    let number: usize = number.parse().expect("parts have numbers");
    let offset = (number - 1) * MIB;
    let length = (file.len() - offset).min(MIB);
    Slice { file: file.clone(), offset, length, damaged: false }
}

/// Whether COS says that it has stored the very bytes of this part.
fn part_is_right(file: &Arc<Vec<u8>>, number: &str, answer: &Answer) -> bool {
    let expected = slice_of(file, number).crc64();
    answer
        .headers
        .iter()
        .any(|(name, value)| name == "x-cos-hash-crc64ecma" && *value == crc64_text(expected))
}
