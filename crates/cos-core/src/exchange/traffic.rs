//! What is sent now and what waits: for room among the host's requests, for the app to be shown, for
//! the network.

use crate::context::{Context, Tag, Waiter};
use crate::effect::Effect;
use crate::exchange::Exchange;
use crate::idmap::IdMap;

/// Requests that a mini program may have under way at the same time, uploads and downloads included
/// (developers.weixin.qq.com, "network"). A question for a credential counts as one: the application
/// makes a request to answer it.
const MOST_REQUESTS: u32 = 10;

/// Milliseconds after which what is held back is tried all the same: an event that the host does not
/// tell must not hold up a call for ever.
const PROBE: f64 = 30_000.0;

/// Milliseconds in the background after which WeChat ends requests.
const GRACE: f64 = 5_000.0;

/// What a client has under way, or several have.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Requests sent and not answered.
    pub requests: u32,
    /// Bytes in buffers.
    pub bytes: f64,
    /// Whether something waits for room.
    pub waits: bool,
}

impl Usage {
    /// What both have under way.
    #[must_use]
    pub fn and(self, other: Usage) -> Usage {
        Usage {
            requests: self.requests + other.requests,
            bytes: self.bytes + other.bytes,
            waits: self.waits | other.waits,
        }
    }
}

/// See the module.
#[derive(Default)]
pub(crate) struct Traffic {
    /// Exchanges that may be sent as soon as there is room, the oldest first.
    ready: IdMap<u32, ()>,
    /// Requests sent and not answered.
    pub(crate) sending: u32,
    /// Whether one was ready and there was no room.
    waits: bool,
    others: Usage,
    /// Since when the app has been in the background; 0 when it is shown.
    hidden: f64,
    offline: bool,
    /// What the host called the network last; empty when that is not known.
    network: String,
    /// The timer that ends the holding back for a try; 0 when none runs.
    probe: u32,
    /// It has: nothing is held back until a request fails again.
    probing: bool,
}

impl Context {
    /// What this client has under way.
    pub(crate) fn usage(&self) -> Usage {
        Usage {
            requests: self.traffic.sending + self.credentials.questions(),
            bytes: self.held,
            waits: self.traffic.waits || self.awaits_room(),
        }
    }

    /// What the other clients have under way that share the host's requests.
    pub(crate) fn share(&mut self, others: Usage) {
        self.held_elsewhere = others.bytes;
        self.traffic.others = others;
    }

    /// Lets an exchange take its turn; what is not to be sent need not wait for one.
    pub(crate) fn enqueue(&mut self, id: u32) {
        if self.exchanges.get(&id).is_some_and(Exchange::is_for_url) {
            return self.authorize(id);
        }
        self.traffic.ready.insert(id, ());
        self.advance();
    }

    /// An exchange was dropped.
    pub(crate) fn dequeue(&mut self, id: u32) {
        self.traffic.ready.remove(&id);
    }

    /// Sends what may be sent, in order, while there is room. Whether that was anything.
    pub(crate) fn advance(&mut self) -> bool {
        let (mut began, mut held, mut next) = (false, false, 0);
        self.traffic.waits = false;
        while let Some(id) = self.traffic.ready.at_or_after(&next).copied() {
            if self.exchanges.get(&id).is_some_and(|exchange| self.holds(exchange)) {
                held = true;
                // In the background every other one waits as well.
                if self.traffic.hidden > 0.0 {
                    break;
                }
                next = id + 1;
            } else if !self.has_room() {
                self.traffic.waits = true;
                break;
            } else {
                self.traffic.ready.remove(&id);
                self.authorize(id);
                began = true;
            }
        }
        if held && self.traffic.probe == 0 {
            self.traffic.probe = self.await_answer(Waiter::Probe);
            self.emit(Effect::Timer { id: self.traffic.probe, delay: PROBE });
        } else if !held {
            self.end_probe();
        }
        began
    }

    /// A client that has more under way than all others leaves room to those that wait.
    fn has_room(&self) -> bool {
        let (own, others) = (self.usage().requests, self.traffic.others);
        own + others.requests < MOST_REQUESTS && !(others.waits && own > others.requests)
    }

    /// Whether a request that fails now fails because of the background or the network: then it costs
    /// no attempt.
    pub(super) fn is_suspended(&self, exchange: &Exchange) -> bool {
        !exchange.is_for_url() && (self.traffic.hidden > 0.0 || self.is_cut_off(exchange))
    }

    /// Whether an exchange had better wait for the network. A single request is no such thing: whoever
    /// made it wants to hear that there is none.
    fn is_cut_off(&self, exchange: &Exchange) -> bool {
        let lasts = !exchange.task.is_empty() || exchange.owner.tag != Tag::Only;
        self.traffic.offline && lasts
    }

    pub(super) fn holds(&self, exchange: &Exchange) -> bool {
        !self.traffic.probing && self.is_suspended(exchange)
    }

    /// Whether a credential that cannot be had now is worth waiting for. The application's own errors
    /// reach the caller in the end even if the host never says that the app is shown again.
    pub(super) fn awaits_credential(&self, exchange: &Exchange) -> bool {
        self.holds(exchange) || self.is_cut_off(exchange)
    }

    /// A request has failed because of the background or the network: it waits.
    pub(super) fn hold(&mut self, id: u32) {
        self.traffic.probing = false;
        self.enqueue(id);
    }

    pub(crate) fn probe(&mut self) {
        self.traffic.probe = 0;
        self.traffic.probing = true;
    }

    fn end_probe(&mut self) {
        let probe = std::mem::take(&mut self.traffic.probe);
        self.stop(probe);
    }

    /// The network has answered a request that was sent at `sent`.
    pub(super) fn is_online(&mut self, sent: f64) {
        let traffic = &mut self.traffic;
        if std::mem::take(&mut traffic.offline) {
            traffic.network.clear();
        }
        // In the background it could not have been sent.
        if sent > traffic.hidden + GRACE {
            traffic.hidden = 0.0;
        }
    }

    pub(crate) fn handle_hide(&mut self) {
        if self.traffic.hidden == 0.0 {
            self.traffic.hidden = self.now;
        }
        self.traffic.probing = false;
    }

    pub(crate) fn handle_show(&mut self) {
        let since = std::mem::take(&mut self.traffic.hidden);
        if since > 0.0 && self.now - since > GRACE {
            self.send_again();
        }
    }

    pub(crate) fn handle_network(&mut self, kind: &str) {
        if self.traffic.network == kind {
            return;
        }
        kind.clone_into(&mut self.traffic.network);
        self.traffic.offline = kind == "none";
        self.traffic.probing = false;
        if !self.traffic.offline {
            self.send_again();
        }
    }

    /// The connections of what is under way are gone, whether the host knows it or not. What must not
    /// be repeated goes on, and is judged when it ends.
    fn send_again(&mut self) {
        let mut again = Vec::new();
        for (id, waiter) in self.waiting.iter() {
            if let Waiter::Send(exchange) = waiter
                && self.exchanges.get(exchange).is_some_and(Exchange::may_repeat)
            {
                again.push((*id, *exchange));
            }
        }
        for (id, exchange) in again {
            self.stop(id);
            self.traffic.sending -= 1;
            if let Some(exchange) = self.exchanges.get_mut(&exchange) {
                exchange.uncertain = true;
                exchange.attempts_left += 1;
            }
            self.traffic.ready.insert(exchange, ());
        }
    }
}
