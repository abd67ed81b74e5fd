//! `abortUploadTask`: drop an upload in parts, those of an object, or those of a bucket.

use crate::catalogue;
use crate::context::{Context, Event, Owner, Tag};
use crate::error::{Error, headers_value};
use crate::exchange::ATTEMPTS;
use crate::machine::Step;
use crate::request::{Draft, headers};
use crate::response::Reply;
use crate::result;
use crate::value::Value;

/// What is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// One upload id.
    Task,
    /// All of an object.
    File,
    /// All of a bucket.
    Bucket,
}

impl Level {
    /// The level that the parameters name, when they say enough for it.
    ///
    /// # Errors
    /// They do not. The texts are upstream's.
    pub fn of(params: &Value) -> Result<Level, Error> {
        let needs = |name: &str, otherwise: &str| match params.get(name).is_truthy() {
            true => Ok(()),
            false => Err(Error::usage(otherwise)),
        };
        match params.get("Level").to_text().as_str() {
            "" | "task" => {
                needs("UploadId", "abort_upload_task_no_id")?;
                needs("Key", "abort_upload_task_no_key")?;
                Ok(Level::Task)
            }
            "file" => needs("Key", "abort_upload_task_no_key").map(|()| Level::File),
            "bucket" => Ok(Level::Bucket),
            _ => Err(Error::usage("abort_unknown_level")),
        }
    }
}

/// See the module.
#[derive(Debug)]
pub struct Abort {
    call: u32,
    level: Level,
    params: Value,
    parallel: usize,
    /// Key and upload id of what is to be dropped, with whether that has failed.
    uploads: Vec<(String, String, bool)>,
    begun: usize,
    busy: usize,
    /// Where the page of uploads that is asked for begins.
    marker: [Value; 2],
}

impl Abort {
    /// Reads the parameters, which have been checked.
    ///
    /// # Errors
    /// As [`Level::of`].
    pub fn new(call: u32, params: &Value) -> Result<Abort, Error> {
        let limit = params.get("AsyncLimit").as_number().filter(|limit| !limit.is_nan());
        Ok(Abort {
            call,
            level: Level::of(params)?,
            params: params.clone(),
            parallel: limit.unwrap_or(1.0).clamp(1.0, 256.0) as usize,
            uploads: Vec::new(),
            begun: 0,
            busy: 0,
            marker: [Value::Null, Value::Null],
        })
    }

    /// Begins.
    pub fn start(&mut self, cx: &mut Context) -> Step {
        if self.level == Level::Task {
            let text = |name: &str| self.params.get(name).to_text();
            self.uploads.push((text("Key"), text("UploadId"), false));
            return self.go_on(cx);
        }
        self.list(cx);
        Step::Wait
    }

    /// An answer arrived.
    pub fn handle(&mut self, cx: &mut Context, owner: Owner, event: Event) -> Step {
        match (owner.tag, event) {
            (Tag::Uploads, Event::Reply(reply)) => match reply {
                Ok(reply) => self.listed(cx, &reply),
                Err(error) => Step::Done(Err(error)),
            },
            (Tag::Part(number), Event::Reply(reply)) => {
                self.busy -= 1;
                if let Some((_, _, failed)) = self.uploads.get_mut(number as usize) {
                    *failed = reply.is_err();
                }
                self.go_on(cx)
            }
            _ => Step::Wait,
        }
    }

    fn list(&self, cx: &mut Context) {
        let prefix = match self.level {
            Level::File => self.params.get("Key").clone(),
            Level::Task | Level::Bucket => Value::Null,
        };
        let [key, upload_id] = self.marker.clone();
        let draft = Draft::part_of(
            &catalogue::LIST_UPLOADS,
            &self.params,
            &[("Prefix", prefix), ("KeyMarker", key), ("UploadIdMarker", upload_id)],
        );
        cx.send(Owner { call: self.call, tag: Tag::Uploads }, "", draft, ATTEMPTS);
    }

    fn listed(&mut self, cx: &mut Context, reply: &Reply) -> Step {
        let page = result::shape(
            &Draft::part_of(&catalogue::LIST_UPLOADS, &self.params, &[]),
            &cx.options,
            reply,
        );
        let wanted = self.params.get("Key").to_text();
        for upload in page.get("Upload").items() {
            let key = upload.get("Key").to_text();
            // A prefix finds other keys too.
            if wanted.is_empty() || key == wanted {
                self.uploads.push((key, upload.get("UploadId").to_text(), false));
            }
        }
        let next = [page.get("NextKeyMarker").clone(), page.get("NextUploadIdMarker").clone()];
        // A page that leads to itself is the last.
        if page.get("IsTruncated").to_text() == "true" && next != self.marker {
            self.marker = next;
            self.list(cx);
            return Step::Wait;
        }
        self.go_on(cx)
    }

    /// Fills the window, or tells the outcome when nothing is left.
    fn go_on(&mut self, cx: &mut Context) -> Step {
        while self.busy < self.parallel
            && let Some((key, upload_id, _)) = self.uploads.get(self.begun)
        {
            let draft = Draft::part_of(
                &catalogue::ABORT,
                &self.params,
                &[
                    ("Key", key.as_str().into()),
                    ("UploadId", upload_id.as_str().into()),
                    ("Headers", headers_value(&headers(&self.params))),
                ],
            );
            let tag = Tag::Part(self.begun as u32);
            self.begun += 1;
            self.busy += 1;
            cx.send(Owner { call: self.call, tag }, "", draft, ATTEMPTS);
        }
        if self.busy > 0 {
            return Step::Wait;
        }
        let list = |failed: bool| {
            let tasks = self.uploads.iter().filter(|upload| upload.2 == failed);
            let entry = |(key, upload_id, _): &(String, String, bool)| {
                Value::map()
                    .with("Bucket", self.params.get("Bucket").clone())
                    .with("Region", self.params.get("Region").clone())
                    .with("Key", key.as_str())
                    .with("UploadId", upload_id.as_str())
            };
            Value::List(tasks.map(entry).collect())
        };
        let outcome = Value::map().with("successList", list(false)).with("errorList", list(true));
        Step::Done(Ok(outcome))
    }
}
