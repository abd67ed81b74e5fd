//! The user: asks for transfers, tries them again, pauses and cancels them.

use cos_core::value::Value;

use super::{CUSTOMER_KEY, Event, Fault, Goal, State, Wanted, World};

impl World {
    pub(super) fn submit(&mut self, number: usize) {
        let wanted = &self.wanted[number];
        let is_under_way = wanted.state == State::Open && wanted.call > 0;
        if is_under_way || matches!(wanted.state, State::Canceling | State::Dropped | State::Over) {
            return;
        }
        let batch =
            self.wanted[..number].iter().rfind(|other| matches!(other.goal, Goal::Batch(_)));
        if wanted.goal == Goal::UploadInBatch
            && batch.is_some_and(|batch| batch.state == State::Open && batch.call == 0)
        {
            return;
        }
        let (clock, at) = (self.clock(), wanted.client);
        let files = match wanted.goal {
            Goal::Batch(files) => files,
            _ => 0,
        };
        if wanted.goal == Goal::Append && self.catch_up(number) {
            return;
        }
        let mut params = self.wanted[number].params.clone();
        if files > 0 {
            let files = &self.wanted[number + 1..=number + files];
            let files: Vec<_> = files.iter().map(|file| file.params.clone()).collect();
            params.set("files", files);
        }
        let operation = self.wanted[number].operation;
        let call = self.engine(at).submit(operation, params, clock);
        let client = &mut self.clients[at];
        let batch = call;
        for (call, number) in (call..).zip(number..=number + files) {
            let wanted = &mut self.wanted[number];
            wanted.call = call;
            wanted.batch = if call > batch { batch } else { 0 };
            wanted.task.clear();
            wanted.state = State::Open;
            let body = if wanted.goal == Goal::Append { wanted.versions[0].len() } else { 0 };
            client.ledger.submitted(call, body as u64);
        }
    }

    /// An application that does not know whether something was appended looks at the object.
    /// Whether it was.
    fn catch_up(&mut self, number: usize) -> bool {
        let wanted = &mut self.wanted[number];
        let end = self.cos.object(&wanted.key).map_or(0, crate::content::Content::length);
        if end > 0 {
            wanted.state = State::Over;
        }
        end > 0
    }

    /// The app asks what its former life has left unfinished.
    pub(super) fn restore(&mut self, at: usize) {
        let clock = self.clock();
        let keys = self.disk.records.keys().map(|key| Value::from(key.as_str()));
        let keys = Value::List(keys.collect());
        let live: String = self.clients.iter().map(|client| client.engine.unfinished()).collect();
        let call = self.engine(at).restore(&keys, &live, clock);
        let client = &mut self.clients[at];
        client.restoring = call;
        client.ledger.submitted(client.restoring, 0);
    }

    /// What it left: the app continues what was this client's.
    pub(super) fn restored(&mut self, at: usize, found: &Value) -> Result<(), String> {
        for offer in found.get("uploads").items() {
            // What has ended meanwhile is stored no more, and the host does not tell of it.
            let key = ["cos-task-", &offer.get("name").to_text()].concat();
            let is_lost = offer.get("lost").is_truthy();
            if !is_lost && !self.disk.records.contains_key(&key) {
                continue;
            }
            let is_of = |wanted: &Wanted| {
                ["Key", "FilePath"].iter().all(|name| wanted.params.get(name) == offer.get(name))
            };
            let mut twins = self.wanted.iter().filter(|wanted| is_of(wanted));
            // What is lost is told of, not offered.
            if !is_lost && twins.clone().all(|wanted| wanted.state == State::Over) {
                return Err(format!("{} is offered again", offer.get("Key").to_text()));
            }
            if twins.all(|wanted| wanted.params.get(CUSTOMER_KEY).is_truthy()) {
                return Err(format!("{} is offered without its key", offer.get("Key").to_text()));
            }
            let number = self.wanted.iter().position(|wanted| {
                is_of(wanted)
                    && wanted.client == at
                    && wanted.call == 0
                    && wanted.state != State::Over
                    // What is encrypted is no offer: this is of a twin.
                    && !wanted.params.get(CUSTOMER_KEY).is_truthy()
            });
            if let Some(number) = number.filter(|_| !is_lost) {
                let wanted = &self.wanted[number];
                let own = (wanted.operation, wanted.params.clone());
                let operation = cos_core::catalogue::names()
                    .find(|name| offer.get("operation").as_str() == Some(name));
                self.wanted[number].operation =
                    operation.ok_or("an offer names no operation".to_owned())?;
                self.wanted[number].params = offer.get("params").clone();
                self.submit(number);
                (self.wanted[number].operation, self.wanted[number].params) = own;
            }
        }
        Ok(())
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
        let (clock, at, task) = (self.clock(), wanted.client, wanted.task.clone());
        let call = self.engine(at).restart(&task, clock);
        if call == 0 {
            return false;
        }
        let client = &mut self.clients[at];
        client.ledger.restarted(&task, call);
        let wanted = &mut self.wanted[number];
        if wanted.call != call && wanted.state == State::Open {
            wanted.former.push(wanted.call);
        }
        wanted.call = call;
        wanted.state = State::Open;
        true
    }

    pub(super) fn pause(&mut self, number: usize) {
        let (clock, wanted) = (self.clock(), &self.wanted[number]);
        let (at, call, task) = (wanted.client, wanted.call, wanted.task.clone());
        if self.engine(at).pause(&task, clock) {
            self.clients[at].ledger.halt(call, true);
            self.tally.count(Fault::Paused);
        }
    }

    pub(super) fn cancel(&mut self, number: usize) {
        let clock = self.clock();
        let wanted = &self.wanted[number];
        let (at, call, task) = (wanted.client, wanted.call, wanted.task.clone());
        let has_failed = self.shown_as(number) == "error";
        let doomed = self.files_under_way(number);
        let canceled = if task.is_empty() {
            self.engine(at).cancel_call(call, clock)
        } else {
            self.engine(at).cancel(&task, false, clock).is_some()
        };
        if canceled {
            let wanted = &mut self.wanted[number];
            self.tally.count(Fault::Canceled);
            wanted.state = match wanted.state {
                State::Open if has_failed => State::Dropped,
                State::Open => State::Canceling,
                State::Failed => State::Over,
                state => state,
            };
            // Nothing of it is begun from here on, nor of any of its files.
            let ledger = &mut self.clients[at].ledger;
            ledger.halt(call, true);
            for file in doomed {
                let file = &mut self.wanted[file];
                file.state = State::Canceling;
                ledger.halt(file.call, true);
            }
        }
    }

    /// The state of its task in the list, empty when it has none.
    fn shown_as(&self, number: usize) -> String {
        let wanted = &self.wanted[number];
        let tasks = self.clients[wanted.client].engine.task_list();
        let is_of = |task: &&Value| task.get("id").as_str() == Some(&wanted.task);
        tasks.items().iter().find(is_of).map_or(String::new(), |task| task.get("state").to_text())
    }

    /// The files of a batch that have not ended; what has is still to be heard of, perhaps.
    fn files_under_way(&self, number: usize) -> Vec<usize> {
        let Wanted { client, call, .. } = self.wanted[number];
        let is_of = |file: &usize| {
            let file = &self.wanted[*file];
            call > 0 && file.client == client && file.batch == call && file.state == State::Open
        };
        let files = (0..self.wanted.len()).filter(is_of);
        files.filter(|file| !matches!(&*self.shown_as(*file), "success" | "error")).collect()
    }

    /// A callback of the application does something with a task.
    pub(super) fn interfere(&mut self, at: usize, call: u32) {
        let is_of =
            |number: &usize| self.wanted[*number].client == at && self.wanted[*number].call == call;
        let mut number = (0..self.wanted.len()).find(is_of).unwrap_or(0);
        if self.dice.percent(20) {
            number = self.dice.below(self.wanted.len() as u64) as usize;
        }
        let does = self.dice.below(10);
        if self.told {
            let what =
                ["cancel", "pause", "pause", "pause", "pause and restart", "submit", "restart"];
            let what = what[does.min(6) as usize];
            self.trace.push(format!("          {what} {number}, says a callback"));
        }
        match does {
            0 => self.cancel(number),
            1..=3 => {
                self.pause(number);
                let later = self.dice.time(5000);
                self.schedule(later, 0, Event::Restart(number));
            }
            4 => {
                self.pause(number);
                self.restart(number);
            }
            5 => self.submit(number),
            _ => drop(self.restart(number)),
        }
    }

    /// After the trouble, whatever is paused goes on and whatever failed gets another chance.
    pub(super) fn start_what_has_failed(&mut self) -> bool {
        self.now = self.now.max(super::TROUBLE);
        let mut started = false;
        for number in 0..self.wanted.len() {
            let wanted = &mut self.wanted[number];
            match wanted.state {
                State::Failed if wanted.chances > 0 => wanted.chances -= 1,
                State::Open => {}
                State::Failed | State::Canceling | State::Dropped | State::Over => continue,
            }
            started |= self.restart(number);
        }
        started
    }
}
