//! [`Effect`]: everything a host can be asked to do.
//!
//! The engine decides, the host performs, and answers with one of the `handle_*` inputs under the
//! same id. Ids are never reused; an answer to an id the engine no longer waits for is ignored.

use crate::error::{Error, headers_value};
use crate::value::Value;

/// Where the bytes of a request body come from. They never pass through the core.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// No body.
    None,
    /// A text made by the core, such as an XML document.
    Text(String),
    /// The `Body` parameter of the call, as the caller gave it.
    Caller,
    /// The buffer that the read with this id produced.
    Read(u32),
    /// A file sent as a multipart form by `wx.uploadFile`, with these form fields before it.
    Form {
        /// Path of the file.
        path: String,
        /// Form fields, in order.
        fields: Vec<(String, String)>,
    },
}

/// One HTTP request, signed and complete.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpRequest {
    /// Upper-case method.
    pub method: String,
    /// Absolute URL with its query.
    pub url: String,
    /// The query parameters that `url` ends with, not encoded.
    pub query: Vec<(String, String)>,
    /// Headers in the case they are to be sent in.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
    /// `arraybuffer` to receive bytes, `text` otherwise.
    pub response_type: String,
    /// The response body stays with the host when it is a success, and becomes `data.Body`.
    pub keep_body: bool,
    /// Milliseconds; 0 leaves the host's own limit.
    pub timeout: f64,
}

/// Which bytes to read.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A file.
    File(String),
    /// The `Body` parameter of the call.
    Caller,
    /// The body of the answer to the send with this id, which the host has kept. It is under the id of
    /// the read from then on.
    Answer(u32),
}

/// Progress of an upload as upstream reports it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// Bytes sent and confirmed.
    pub loaded: f64,
    /// Bytes in all.
    pub total: f64,
    /// Bytes per second since the previous report, two decimals.
    pub speed: f64,
    /// 0 to 1, two decimals.
    pub percent: f64,
}

impl Progress {
    /// As a value for the host.
    pub fn to_value(self) -> Value {
        Value::map()
            .with("loaded", self.loaded)
            .with("total", self.total)
            .with("speed", self.speed)
            .with("percent", self.percent)
    }
}

/// One thing for the host to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Find out size and modification time of a file: answer with `handle_stat`.
    Stat {
        /// Id of the answer.
        id: u32,
        /// Path of the file.
        path: String,
    },
    /// Read bytes, feed them to `handle_window` in windows of at most 256 KiB when `digest` is set,
    /// keep the buffer under `id`, and answer with `handle_read`.
    Read {
        /// Id of the answer and of the buffer.
        id: u32,
        /// The call whose `Body` is meant by [`Source::Caller`].
        call: u32,
        /// Which bytes.
        source: Source,
        /// First byte.
        offset: f64,
        /// How many bytes; all there are when negative.
        length: f64,
        /// Whether the core wants to see the bytes.
        digest: bool,
    },
    /// The buffer of this read, or the kept body of the answer to this send, is not needed any more.
    Release {
        /// Id of the read or the send.
        id: u32,
    },
    /// Write the buffer of a read into a file: answer with `handle_write`.
    Write {
        /// Id of the answer.
        id: u32,
        /// Id of the read.
        read: u32,
        /// Path of the file.
        path: String,
        /// Where its first byte goes.
        offset: f64,
        /// Make the file before that, of this many bytes, in place of what is there; negative for a
        /// file that exists.
        size: f64,
    },
    /// Give a file another path, in place of what is there: answer with `handle_write`.
    Rename {
        /// Id of the answer.
        id: u32,
        /// Its path.
        path: String,
        /// Its path from then on.
        to: String,
    },
    /// Remove a file, if there is one.
    Unlink {
        /// Its path.
        path: String,
    },
    /// Send a request: answer with `handle_response` or `handle_failure`.
    Send {
        /// Id of the answer.
        id: u32,
        /// The call it belongs to.
        call: u32,
        /// The task it belongs to; empty for calls that are no tasks.
        task: String,
        /// The request.
        request: HttpRequest,
    },
    /// Stop the request or the timer with this id; its answer, if one still comes, is ignored.
    Abort {
        /// Id of the send or the timer.
        id: u32,
    },
    /// Ask the application for a credential: answer with `handle_credential`.
    Authorize {
        /// Id of the answer.
        id: u32,
        /// What upstream hands to `getAuthorization`.
        request: Value,
    },
    /// Read a stored record: answer with `handle_record`.
    Load {
        /// Id of the answer.
        id: u32,
        /// Its key.
        key: String,
    },
    /// Store a record; failure to do so costs a resume, never an upload.
    Save {
        /// Its key.
        key: String,
        /// The record.
        record: Value,
    },
    /// Remove a stored record.
    Remove {
        /// Its key.
        key: String,
    },
    /// Answer with `handle_timer` once this many milliseconds have passed.
    Timer {
        /// Id of the answer.
        id: u32,
        /// Milliseconds.
        delay: f64,
    },
    /// Call the call's `onTaskReady`.
    TaskReady {
        /// The call.
        call: u32,
        /// Id of the task.
        task: String,
    },
    /// Call the call's `onTaskStart`.
    TaskStart {
        /// The call.
        call: u32,
        /// The task as `getTaskList` shows it.
        info: Value,
    },
    /// The task list has changed: emit `list-update`.
    TasksChanged,
    /// Call the call's `onProgress`.
    Progress {
        /// The call.
        call: u32,
        /// How far it is.
        progress: Progress,
    },
    /// Call the call's `onHashProgress`.
    HashProgress {
        /// The call.
        call: u32,
        /// How far it is.
        progress: Progress,
    },
    /// Tell the developer something, on the console.
    Warn {
        /// One sentence.
        message: String,
    },
    /// Tell the reporters. Only for clients that have any.
    Report {
        /// The fields of cos-wx-sdk-v5, those excepted that only the host knows.
        fields: Value,
    },
    /// The call is over. Exactly one for every accepted call.
    Settle {
        /// The call.
        call: u32,
        /// Its result.
        outcome: Result<Value, Error>,
        /// The send whose kept response body becomes `data.Body`.
        body: Option<u32>,
    },
    /// Call the `onFileFinish` of `uploadFiles` with what became of a file, whose call has settled.
    FileFinish {
        /// The call of `uploadFiles`.
        call: u32,
        /// Which of its files, from 0.
        file: u32,
    },
    /// The call cannot be restarted any more: its callbacks and `Body` may go.
    Forget {
        /// The call.
        call: u32,
    },
}

impl Effect {
    /// The id under which the host is to answer this effect, when a call waits for the answer.
    pub(crate) fn asks(&self) -> Option<u32> {
        match self {
            Effect::Stat { id, .. }
            | Effect::Read { id, .. }
            | Effect::Write { id, .. }
            | Effect::Rename { id, .. }
            | Effect::Load { id, .. }
            | Effect::Send { id, .. }
            | Effect::Timer { id, .. } => Some(*id),
            _ => None,
        }
    }

    /// The effect as the object `{type, ...}` that the shim switches on.
    pub fn to_value(&self) -> Value {
        let tagged = |name: &str| Value::map().with("type", name);
        match self {
            Effect::Stat { id, path } => tagged("stat").with("id", *id).with("path", path.as_str()),
            Effect::Read { id, call, source, offset, length, digest } => {
                let read = tagged("read")
                    .with("id", *id)
                    .with("call", *call)
                    .with("offset", *offset)
                    .with("length", *length)
                    .with("digest", *digest);
                match source {
                    Source::File(path) => read.with("path", path.as_str()),
                    Source::Caller => read,
                    Source::Answer(send) => read.with("body", *send),
                }
            }
            Effect::Release { id } => tagged("release").with("id", *id),
            Effect::Write { id, read, path, offset, size } => tagged("write")
                .with("id", *id)
                .with("body", *read)
                .with("path", path.as_str())
                .with("offset", *offset)
                .with("length", *size),
            Effect::Rename { id, path, to } => {
                tagged("rename").with("id", *id).with("path", path.as_str()).with("to", to.as_str())
            }
            Effect::Unlink { path } => tagged("unlink").with("path", path.as_str()),
            Effect::Send { id, call, task, request } => tagged("send")
                .with("id", *id)
                .with("call", *call)
                .with("task", task.as_str())
                .with("request", request.to_value()),
            Effect::Abort { id } => tagged("abort").with("id", *id),
            Effect::Authorize { id, request } => {
                tagged("authorize").with("id", *id).with("request", request.clone())
            }
            Effect::Load { id, key } => tagged("load").with("id", *id).with("key", key.as_str()),
            Effect::Save { key, record } => {
                tagged("save").with("key", key.as_str()).with("record", record.clone())
            }
            Effect::Remove { key } => tagged("remove").with("key", key.as_str()),
            Effect::Timer { id, delay } => tagged("timer").with("id", *id).with("delay", *delay),
            Effect::TaskReady { call, task } => {
                tagged("taskReady").with("call", *call).with("task", task.as_str())
            }
            Effect::TaskStart { call, info } => {
                tagged("taskStart").with("call", *call).with("info", info.clone())
            }
            Effect::TasksChanged => tagged("tasksChanged"),
            Effect::Progress { call, progress } => {
                tagged("progress").with("call", *call).with("progress", progress.to_value())
            }
            Effect::HashProgress { call, progress } => {
                tagged("hashProgress").with("call", *call).with("progress", progress.to_value())
            }
            Effect::Warn { message } => tagged("warn").with("message", message.as_str()),
            Effect::Report { fields } => tagged("report").with("fields", fields.clone()),
            Effect::Settle { call, outcome, body } => {
                let settle = tagged("settle").with("call", *call);
                match outcome {
                    Ok(data) => settle
                        .with("data", data.clone())
                        .with("body", body.map_or(Value::Null, Value::from)),
                    Err(error) => settle.with("error", error.to_value()),
                }
            }
            Effect::FileFinish { call, file } => {
                tagged("fileFinish").with("call", *call).with("file", *file)
            }
            Effect::Forget { call } => tagged("forget").with("call", *call),
        }
    }
}

impl HttpRequest {
    fn to_value(&self) -> Value {
        let request = Value::map()
            .with("method", self.method.as_str())
            .with("url", self.url.as_str())
            .with("qs", headers_value(&self.query))
            .with("headers", headers_value(&self.headers))
            .with("responseType", self.response_type.as_str())
            .with("keepBody", self.keep_body)
            .with("timeout", self.timeout);
        match &self.body {
            Body::None => request,
            Body::Text(text) => request.with("text", text.as_str()),
            Body::Caller => request.with("caller", true),
            Body::Read(id) => request.with("read", *id),
            Body::Form { path, fields } => {
                request.with("filePath", path.as_str()).with("form", headers_value(fields))
            }
        }
    }
}
