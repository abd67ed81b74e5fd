//! [`Client`]: COS on this computer, carried out for cos-core with files, HTTP and a folder of
//! records.
//!
//! One thread owns the core's engine and does what it asks for: requests and files on the tokio
//! runtime that the client was made in, resume records itself, in order. Any number of calls may be
//! under way at once; the engine lets as many files and parts run as its options say, and of all
//! requests 64 are on the line.
//!
//! What is different from the host in a mini program:
//! - Small files go up by PUT (`SimpleUploadMethod: 'putObject'` is always set), since
//!   `wx.uploadFile`, which sends a form, is not there. `postObject` is refused.
//! - Several files are several [`upload`](Client::upload)s at once; `uploadFiles` is refused.
//! - Reports of calls and the list of tasks have nobody to read them here.

mod driver;
mod file;
mod records;
mod task;
mod transport;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use cos_core::effect::Progress;
use cos_core::error::{Error, ErrorKind};
use cos_core::value::Value;
use tokio::sync::{mpsc, oneshot};

use crate::credential::Credential;
use driver::{Driver, Input};
use task::{Settled, Task};
pub(crate) use transport::{cause, http, web_url};

/// Resume records kept in the folder; the engine's default of 50 is made for phones.
const RECORDS: f64 = 1000.0;

/// How a client reaches COS, and what it keeps.
#[derive(Clone)]
pub struct Settings {
    /// What requests are signed with; without one, what everybody may read can be read.
    pub credential: Option<Credential>,
    /// `http://HOST:PORT` of a server that stands for COS, such as cos-local: every request goes
    /// there, whatever host its URL names, in plain HTTP. Without one, requests go where their URLs
    /// say, through the proxies of `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`.
    pub endpoint: Option<String>,
    /// The folder of resume records, made when it is needed; `None` keeps none. Then an upload that
    /// was interrupted goes on too, but has to ask COS what there is, and to read the file again.
    pub state: Option<PathBuf>,
    /// Told what the developer should know, one sentence each, from another thread.
    pub warn: Arc<dyn Fn(&str) + Send + Sync>,
}

impl Default for Settings {
    /// No credential, no endpoint, no records; warnings go to standard error.
    fn default() -> Settings {
        Settings {
            credential: None,
            endpoint: None,
            state: None,
            warn: Arc::new(|message| eprintln!("warning: {message}")),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Settings")
            .field("credential", &self.credential)
            .field("endpoint", &self.endpoint)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// A COS client. Clones are the same client.
///
/// A call begins when its future is first polled, and dropping the future cancels it: its requests
/// are aborted, and what an upload has achieved stays at COS and in its record, so that the same
/// upload goes on there next time.
///
/// ```no_run
/// # use cos_core::value::Value;
/// # use cos_materials::client::{Client, Settings};
/// # async fn example() -> Result<(), cos_core::error::Error> {
/// let client = Client::new(&Value::map(), Settings::default())?;
/// let place = Value::map()
///     .with("Bucket", "examplebucket-1250000000")
///     .with("Region", "ap-guangzhou")
///     .with("Key", "a.txt");
/// let head = client.call("headObject", place).await?;
/// println!("{:?}", head.get("ETag"));
/// client.close().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    inputs: mpsc::UnboundedSender<Input>,
    tickets: Arc<AtomicU64>,
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Client {
    /// A client. `options` are those of `new COS(options)`, the credential and the protocol excepted,
    /// which follow from `settings`.
    ///
    /// # Errors
    /// The endpoint is no URL, the system's certificates cannot be read, or there is no tokio
    /// runtime.
    pub fn new(options: &Value, settings: Settings) -> Result<Client, Error> {
        let mut options = options.to_map();
        options.set("SimpleUploadMethod", "putObject");
        if options.get("UploadIdCacheLimit").is_null() {
            options.set("UploadIdCacheLimit", RECORDS);
        }
        if settings.endpoint.is_some() {
            options.set("Protocol", "http:");
        }
        match &settings.credential {
            Some(Credential::Keys { id, key, token }) => {
                options.set("SecretId", id.reveal());
                options.set("SecretKey", key.reveal());
                options.set("SecurityToken", token.as_ref().map_or("", |token| token.reveal()));
            }
            Some(Credential::Sts(_)) => options.set("getAuthorization", true),
            None => {}
        }
        let (inputs, received) = mpsc::unbounded_channel();
        Driver::start(&options, settings, &inputs, received)?;
        Ok(Client { inputs, tickets: Arc::default() })
    }

    /// Any operation, such as `getBucket` or `deleteObject`, with the parameters of cos-wx-sdk-v5. A
    /// text as `Body` is sent as UTF-8; an answer's `Body` has to be text.
    ///
    /// # Errors
    /// As the engine says; [`ErrorKind::Usage`] for an answer that is no text, which [`get`](Self::get)
    /// and [`download`](Self::download) take.
    pub async fn call(&self, operation: &str, params: Value) -> Result<Value, Error> {
        let settled = self.begin(operation, params, Task::default()).await?;
        let mut data = settled.data;
        if let Some(body) = settled.body {
            let text = String::from_utf8(body.into()).map_err(|_| {
                Error::usage(format!(
                    "{operation}: the answer is no text; take its bytes with get or download"
                ))
            })?;
            data.set("Body", text);
        }
        Ok(data)
    }

    /// Any operation that sends bytes, such as `putObject`: `body` is its `Body`.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn put(&self, operation: &str, params: Value, body: Bytes) -> Result<Value, Error> {
        let task = Task { body: Some(body), ..Task::default() };
        self.begin(operation, params, task).await.map(|settled| settled.data)
    }

    /// `getObject`, with the bytes in memory.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn get(&self, params: Value) -> Result<(Value, Bytes), Error> {
        let settled = self.begin("getObject", params, Task::default()).await?;
        Ok((settled.data, settled.body.unwrap_or_default()))
    }

    /// `downloadFile`: `Key` goes to the file `FilePath`, which is there once all of it has arrived and
    /// its CRC64 is the object's; what was there before stays until then. Goes on where an earlier
    /// download of it was interrupted. `on_progress` is told now and then, from another thread, and must
    /// return at once.
    ///
    /// # Errors
    /// As the engine says; [`ErrorKind::Integrity`] for other bytes than COS has.
    pub async fn download(
        &self,
        params: Value,
        on_progress: impl FnMut(Progress) + Send + 'static,
    ) -> Result<Value, Error> {
        let task = Task { on_progress: Some(Box::new(on_progress)), ..Task::default() };
        self.begin("downloadFile", params, task).await.map(|settled| settled.data)
    }

    /// `uploadFile`: the file `FilePath` goes to `Key`, in parts when it is larger than `SliceSize`,
    /// and goes on where an earlier upload of it was interrupted. `on_progress` is told now and then,
    /// from another thread, and must return at once.
    ///
    /// # Errors
    /// As the engine says.
    pub async fn upload(
        &self,
        params: Value,
        on_progress: impl FnMut(Progress) + Send + 'static,
    ) -> Result<Value, Error> {
        let task = Task { on_progress: Some(Box::new(on_progress)), ..Task::default() };
        self.begin("uploadFile", params, task).await.map(|settled| settled.data)
    }

    /// Cancels what is under way and returns once its records are stored: for a graceful end, on
    /// Ctrl-C too. Later calls, of clones as well, are refused as [`ErrorKind::Canceled`].
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.inputs.send(Input::Close(done)).is_ok() {
            let _ = closed.await;
        }
    }

    async fn begin(
        &self,
        operation: &str,
        mut params: Value,
        mut task: Task,
    ) -> Result<Settled, Error> {
        if let Some(instead) = match operation {
            "postObject" => Some("putObject"),
            "uploadFiles" => Some("several uploads at once"),
            _ => None,
        } {
            return Err(Error::usage(format!(
                "{operation} is made for mini programs: use {instead}"
            )));
        }
        describe_body(&mut params, &mut task);
        if let Some(path) = params.get("FilePath").as_str().filter(|path| !path.is_empty()) {
            // Records are found by the path, wherever a later run begins.
            let absolute = std::path::absolute(path)
                .ok()
                .and_then(|path| path.into_os_string().into_string().ok());
            if let Some(absolute) = absolute {
                params.set("FilePath", absolute);
            }
        }
        let ticket =
            Ticket { number: self.tickets.fetch_add(1, Ordering::Relaxed), inputs: &self.inputs };
        let (settle, settled) = oneshot::channel();
        task.settle = Some(settle);
        let begin =
            Input::Begin { ticket: ticket.number, operation: operation.to_owned(), params, task };
        if self.inputs.send(begin).is_err() {
            return Err(Error::canceled());
        }
        let stopped = |_| Error::new(ErrorKind::Internal, "INTERNAL", "the engine has stopped");
        settled.await.map_err(stopped)?
    }
}

/// A call under way: dropped with its future, which cancels what is not over.
struct Ticket<'a> {
    number: u64,
    inputs: &'a mpsc::UnboundedSender<Input>,
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        let _ = self.inputs.send(Input::Cancel(self.number));
    }
}

/// Takes the bytes out of the parameters: the core is told of their kind and size only.
fn describe_body(params: &mut Value, task: &mut Task) {
    let described = match (&task.body, params.take("Body")) {
        (Some(body), _) => Value::map().with("kind", "buffer").with("size", body.len() as f64),
        (None, Value::String(text)) => {
            task.body = Some(text.into());
            Value::map().with("kind", "text")
        }
        (None, Value::Null) => return,
        // Of no kind that can be sent: the core says so.
        (None, _) => Value::map(),
    };
    params.set("Body", described);
}
