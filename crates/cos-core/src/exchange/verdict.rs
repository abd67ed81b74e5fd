//! What becomes of an attempt: whether the request is sent again, when, where, and with which key.

use crate::catalogue::Repeat;
use crate::context::{Context, Owner, Tag, Waiter};
use crate::effect::Effect;
use crate::endpoint::standby_url;
use crate::error::{Error, ErrorKind, Retry};
use crate::request::header;
use crate::response::{self, Reply, parse_date};
use crate::value::Value;

/// The pause before attempt n is drawn from 0 to `FIRST_PAUSE * 2^(n-1)`, at most `LONGEST_PAUSE`
/// milliseconds ("full jitter"); where COS asks for a pause, it comes on top of that.
const FIRST_PAUSE: f64 = 400.0;
const LONGEST_PAUSE: f64 = 10_000.0;

/// The longest pause that `Retry-After` may ask for, milliseconds.
const LONGEST_REQUEST: f64 = 120_000.0;

/// Clocks that differ by less than this many milliseconds are taken as equal.
const SKEW: f64 = 30_000.0;

/// Milliseconds for which a key is trusted against a refusal that gives no reason.
const TRIED: f64 = 60_000.0;

impl Context {
    /// A call of several requests has got further: all of its requests have their attempts back.
    pub(super) fn progress(&mut self, owner: Owner) {
        if owner.tag != Tag::Only {
            self.exchanges.each(|exchange| {
                if exchange.owner.call == owner.call {
                    exchange.attempts_left = exchange.attempts;
                }
            });
        }
    }

    /// The host tells how many bytes of a request it has sent. The call that it works for.
    pub(crate) fn handle_progress(&mut self, id: u32, sent: f64) -> Option<u32> {
        let Some(Waiter::Send(exchange)) = self.waiting.get(&id) else { return None };
        let exchange = self.exchanges.get_mut(exchange)?;
        // More than ever before, so that this comes to an end.
        if sent > exchange.progressed {
            exchange.progressed = sent;
            exchange.attempts_left = exchange.attempts;
        }
        Some(exchange.owner.call)
    }

    /// Follows the server's clock where it differs; says whether it did. `detail` is the `<Error>`
    /// element of a refusal.
    pub(super) fn learn_clock(&mut self, headers: &[(String, String)], detail: &Value) -> bool {
        if !self.options.correct_clock_skew || response::is_cached(headers) {
            return false;
        }
        let server_time = detail.get("ServerTime");
        let date = header(headers, "date").or_else(|| server_time.as_str()).and_then(parse_date);
        match date {
            Some(date) if (date - self.server_now()).abs() >= SKEW => {
                self.options.clock_offset = date - self.now;
                self.credentials.set_clock(self.now, date);
                true
            }
            _ => false,
        }
    }

    /// An attempt failed: try again, or report.
    pub(super) fn judge(&mut self, id: u32, mut error: Error, clock_moved: bool) {
        let now = self.now;
        let Some(exchange) = self.exchanges.get(&id) else { return };
        let suspended = error.answer.status == 0 && self.is_suspended(exchange);
        let (scope, is_unknown) = (exchange.scope(), response::is_unknown(&error));
        let Some(exchange) = self.exchanges.get_mut(&id) else { return };
        if let Repeat::Done(code) = exchange.draft.operation.repeat
            && exchange.uncertain
            && error.code == code
        {
            let headers = error.answer.headers;
            let reply = Reply { status: 200, headers, body: Value::map(), send: 0 };
            return self.finish(id, Ok(reply));
        }
        exchange.uncertain |= is_unknown;
        if is_unknown && !exchange.may_repeat() {
            error.message += "; COS may have carried it out: look before you call again";
            return self.finish(id, Err(error));
        }
        let may_repeat = exchange.attempts_left > 0;
        match error.retry {
            Retry::Backoff | Retry::SwitchHost if suspended => {
                exchange.attempts_left += 1;
                self.hold(id);
            }
            Retry::FixClock if clock_moved && !exchange.clock_fixed => {
                exchange.clock_fixed = true;
                exchange.attempts_left = exchange.attempts_left.max(1);
                self.enqueue(id);
            }
            Retry::FixClock | Retry::RefreshCredential
                if self.options.asks_application
                    && !exchange.refreshed
                    && !exchange.signed_elsewhere
                    && self.credentials.dismiss(
                        &scope,
                        &exchange.signed_with,
                        now,
                        if error.kind == ErrorKind::Denied { TRIED } else { 0.0 },
                    ) =>
            {
                exchange.refreshed = true;
                exchange.attempts_left = exchange.attempts_left.max(1);
                self.enqueue(id);
            }
            Retry::SwitchHost if may_repeat => {
                if !exchange.signed_elsewhere
                    && standby_url(&exchange.draft.address(&self.options)).is_some()
                {
                    exchange.on_standby = !exchange.on_standby;
                    exchange.failed_over = exchange.on_standby;
                    if !exchange.on_standby {
                        self.standby_until = 0.0;
                    }
                }
                self.pause(id, &error);
            }
            Retry::Backoff if may_repeat => self.pause(id, &error),
            _ => {
                if error.kind == ErrorKind::Denied {
                    error.retry = Retry::Never;
                }
                self.finish(id, Err(error));
            }
        }
    }

    fn pause(&mut self, id: u32, error: &Error) {
        let Some(exchange) = self.exchanges.get(&id) else { return };
        let failures = (exchange.attempts - exchange.attempts_left).clamp(1, 11) - 1;
        let longest = (FIRST_PAUSE * f64::from(1u32 << failures)).min(LONGEST_PAUSE);
        let jitter = (longest * f64::from(self.random()) / f64::from(u32::MAX)).round();
        let asked = response::retry_after(&error.answer.headers, self.server_now());
        let timer = self.await_answer(Waiter::Retry(id));
        self.emit(Effect::Timer { id: timer, delay: asked.min(LONGEST_REQUEST) + jitter });
    }
}
