//! The upload queue: which files wait, go up, pause, or are over.

use crate::catalogue::Operation;
use crate::context::Stat;
use crate::effect::Progress;
use crate::error::Error;
use crate::idmap::IdMap;
use crate::value::Value;

/// Where a task is. The names are upstream's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// Its turn has not come.
    Waiting,
    /// Its turn has come; nothing is sent yet.
    Checking,
    /// Bytes are on their way.
    Uploading,
    /// Stopped by `pauseTask`; `restartTask` continues it.
    Paused,
    /// Over: the object is stored.
    Success,
    /// Over: `restartTask` tries again.
    Error,
    /// Over: stopped by `cancelTask`.
    Canceled,
}

impl TaskState {
    /// The name in `getTaskList`.
    pub fn name(self) -> &'static str {
        match self {
            TaskState::Waiting => "waiting",
            TaskState::Checking => "checking",
            TaskState::Uploading => "uploading",
            TaskState::Paused => "paused",
            TaskState::Success => "success",
            TaskState::Error => "error",
            TaskState::Canceled => "canceled",
        }
    }

    /// Whether it holds one of the places for running files.
    pub fn is_running(self) -> bool {
        matches!(self, TaskState::Checking | TaskState::Uploading)
    }

    /// Whether it has succeeded or is canceled, so that nothing can be continued.
    pub fn is_over(self) -> bool {
        matches!(self, TaskState::Success | TaskState::Canceled)
    }

    fn may_be_dropped(self) -> bool {
        self.is_over() || self == TaskState::Error
    }
}

/// One upload.
#[derive(Debug)]
pub struct Task {
    /// Its id, a UUID.
    pub id: String,
    /// The call it works for; a restart after an error gives it a new one.
    pub call: u32,
    /// What it runs.
    pub operation: &'static Operation,
    /// Its parameters, as long as it may be started.
    pub params: Value,
    /// Where it is.
    pub state: TaskState,
    /// Bytes in all.
    pub size: f64,
    /// Whether its size is known, so that it may start.
    pub measured: bool,
    /// How far it is.
    pub progress: Progress,
    /// Share of the file digested to recognize an earlier upload, 0 to 1.
    pub hash_percent: f64,
    /// Why it failed.
    pub error: Option<Error>,
    /// When it was added, milliseconds since 1970.
    pub begun: f64,
    /// Its file, once it has been looked at.
    pub stat: Option<Stat>,
    /// Whether a later life of the program finds it in storage.
    pub kept: bool,
}

impl Task {
    /// The task as `getTaskList` and `onTaskStart` show it.
    pub fn to_value(&self) -> Value {
        let param = |name: &str| self.params.get(name).clone();
        Value::map()
            .with("id", self.id.as_str())
            .with("Bucket", param("Bucket"))
            .with("Region", param("Region"))
            .with("Key", param("Key"))
            .with("FilePath", self.params.get("FilePath").to_text())
            .with("state", self.state.name())
            .with("loaded", self.progress.loaded)
            .with("size", self.size)
            .with("speed", self.progress.speed)
            .with("percent", self.progress.percent)
            .with("hashPercent", self.hash_percent)
            .with("error", self.error.as_ref().map_or(Value::Null, Error::to_value))
    }
}

/// All tasks of a client, in the order they were added.
#[derive(Debug, Default)]
pub struct Tasks {
    /// By serial number.
    tasks: IdMap<u32, Task>,
    serials: IdMap<String, u32>,
    by_call: IdMap<u32, u32>,
    waiting: IdMap<u32, ()>,
    running: usize,
    /// How many may be dropped.
    over: usize,
    last: u32,
}

impl Tasks {
    /// Adds a task.
    pub fn add(&mut self, task: Task) {
        self.last += 1;
        self.serials.insert(task.id.clone(), self.last);
        self.by_call.insert(task.call, self.last);
        if task.state == TaskState::Waiting && task.measured {
            self.waiting.insert(self.last, ());
        }
        self.tasks.insert(self.last, task);
    }

    /// The task with this id.
    pub fn find(&self, id: &str) -> Option<&Task> {
        self.tasks.get(self.serials.get(id)?)
    }

    /// The task that works for a call.
    pub fn of_call(&mut self, call: u32) -> Option<&mut Task> {
        self.entry(call).map(|(_, task)| task)
    }

    /// The task with this serial number, to be changed.
    pub fn get_mut(&mut self, serial: u32) -> Option<&mut Task> {
        self.tasks.get_mut(&serial)
    }

    /// The task that works for a call, and its serial number.
    pub fn entry(&mut self, call: u32) -> Option<(u32, &mut Task)> {
        let serial = *self.by_call.get(&call)?;
        Some((serial, self.get_mut(serial)?))
    }

    /// The size of a call's file is known: its task may start.
    pub fn measured(&mut self, call: u32, size: f64) {
        if let Some(serial) = self.by_call.get(&call)
            && let Some(task) = self.tasks.get_mut(serial)
        {
            task.size = size;
            task.measured = true;
            if task.state == TaskState::Waiting {
                self.waiting.insert(*serial, ());
            }
        }
    }

    /// Moves a call's task to another state.
    pub fn set_state(&mut self, call: u32, state: TaskState) {
        let Some(serial) = self.by_call.get(&call) else { return };
        let Some(task) = self.tasks.get_mut(serial) else { return };
        self.running -= usize::from(task.state.is_running());
        self.running += usize::from(state.is_running());
        self.over -= usize::from(task.state.may_be_dropped());
        self.over += usize::from(state.may_be_dropped());
        task.state = state;
        if state == TaskState::Waiting && task.measured {
            self.waiting.insert(*serial, ());
        } else {
            self.waiting.remove(serial);
        }
    }

    /// A task goes on under another call.
    pub fn rebind(&mut self, from: u32, to: u32) {
        if let Some(serial) = self.by_call.remove(&from) {
            self.by_call.insert(to, serial);
            if let Some(task) = self.tasks.get_mut(&serial) {
                task.call = to;
                // Its file is looked at (again) when its turn comes.
                task.measured = true;
            }
        }
    }

    /// The call of the next task to start, while there are fewer than `limit` running.
    pub fn next(&self, limit: usize) -> Option<u32> {
        if self.running >= limit {
            return None;
        }
        let (serial, ()) = self.waiting.iter().next()?;
        self.tasks.get(serial).map(|task| task.call)
    }

    /// Whether anything is running or waiting.
    pub fn is_busy(&self) -> bool {
        self.running > 0 || !self.waiting.is_empty()
    }

    /// Drops the oldest finished tasks while there are more than `limit`. Returns the calls of those
    /// that could have been restarted.
    pub fn trim(&mut self, limit: usize) -> Vec<u32> {
        let mut dropped = Vec::new();
        let mut excess = self.over.min(self.tasks.len().saturating_sub(limit));
        if excess == 0 {
            return dropped;
        }
        self.over -= excess;
        let (serials, by_call) = (&mut self.serials, &mut self.by_call);
        self.tasks.retain(|_, task| {
            if excess == 0 || !task.state.may_be_dropped() {
                return true;
            }
            excess -= 1;
            serials.remove(&task.id);
            by_call.remove(&task.call);
            if task.state == TaskState::Error {
                dropped.push(task.call);
            }
            false
        });
        dropped
    }

    /// All tasks as `getTaskList` shows them.
    pub fn to_value(&self) -> Value {
        Value::List(self.tasks.iter().map(|(_, task)| task.to_value()).collect())
    }
}

/// A task id in the form of a UUID, from 128 pseudo-random bits.
pub fn task_id(bits: [u32; 4]) -> String {
    let hex = crate::digest::hex(&bits.map(u32::to_be_bytes).concat());
    let mut id = String::with_capacity(36);
    for (at, digit) in hex.chars().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            id.push('-');
        }
        id.push(digit);
    }
    id
}
