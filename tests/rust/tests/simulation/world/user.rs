//! The user: asks for uploads and copies, tries them again, closes and opens the app.

use cos_core::engine::Engine;
use cos_tests::client::START;
use cos_tests::ledger::Ledger;
use cos_tests::line::Names;

use super::{Event, State, World};

impl World {
    pub(super) fn submit(&mut self, number: usize) {
        let wanted = &mut self.wanted[number];
        let is_under_way = wanted.state == State::Open && wanted.call > 0;
        if is_under_way || matches!(wanted.state, State::Canceling | State::Over) {
            return;
        }
        let clock = START + self.now + self.skew;
        wanted.call = self.engine.submit(wanted.operation, wanted.params.clone(), clock);
        wanted.task.clear();
        wanted.state = State::Open;
        self.ledger.submitted(wanted.call, 0);
    }

    pub(super) fn restart(&mut self, number: usize) -> bool {
        let wanted = &self.wanted[number];
        if wanted.task.is_empty() {
            if wanted.state == State::Failed {
                self.submit(number);
                return true;
            }
            return false;
        }
        let task = wanted.task.clone();
        let call = self.engine.restart(&task, self.clock());
        if call == 0 {
            return false;
        }
        self.ledger.restarted(&task, call);
        let wanted = &mut self.wanted[number];
        wanted.call = call;
        wanted.state = State::Open;
        true
    }

    /// The app is closed and opened again; the user asks for what is missing.
    pub(super) fn kill(&mut self) {
        self.life += 1;
        self.ledger = Ledger::default();
        self.sending.clear();
        self.names = Names::default();
        let seed = self.dice.next() as u32;
        self.engine = Engine::new(&self.options, seed, self.clock());
        for number in 0..self.wanted.len() {
            let wanted = &mut self.wanted[number];
            if wanted.state == State::Canceling {
                wanted.state = State::Over;
            }
            wanted.call = 0;
            wanted.task.clear();
            let at = self.dice.below(2000) as f64;
            self.schedule(at, Event::Submit(number));
        }
    }
}
