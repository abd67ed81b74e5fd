//! A call of one request: digest the body if there is one, send, compare what COS stored.

use crate::catalogue::{BodyShape, Course, ResultShape};
use crate::context::{Context, Event, Owner, Tag};
use crate::digest::{PartSums, base64, crc64_combine, hex};
use crate::effect::{Body, Source};
use crate::error::Error;
use crate::exchange::ATTEMPTS;
use crate::machine::Step;
use crate::options::MIB;
use crate::progress::{Measure, Meter};
use crate::request::{Draft, set_header};
use crate::response::{self, Reply};
use crate::result;
use crate::text::replace;
use crate::value::Value;

/// Times a body is sent again because COS stored other bytes.
const INTEGRITY_RETRIES: u32 = 2;

/// See the module.
#[derive(Debug)]
pub struct Single {
    owner: Owner,
    task: String,
    draft: Draft,
    path: String,
    body_is_text: bool,
    adds_md5: bool,
    checks_md5: bool,
    /// Whether COS answers with the CRC64 of what this request carries.
    digests: bool,
    size: Option<f64>,
    read: Option<u32>,
    sums: Option<PartSums>,
    meter: Option<Meter>,
    integrity_retries: u32,
}

impl Single {
    /// Prepares a call. `size` is that of the file, where it is known.
    ///
    /// # Errors
    /// A body or file that the operation needs is missing.
    pub fn new(
        cx: &Context,
        call: u32,
        task: &str,
        mut draft: Draft,
        params: &Value,
        size: Option<f64>,
    ) -> Result<Single, Error> {
        let path = params.get("FilePath").to_text();
        let given = params.get("Body");
        match draft.operation.body {
            BodyShape::Form => {
                if path.is_empty() {
                    return Err(Error::missing("FilePath"));
                }
                draft.body = Body::Form { path: path.clone(), fields: Vec::new() };
            }
            BodyShape::Caller if given.is_null() => {
                if draft.operation.course == Course::SimpleUpload && path.is_empty() {
                    return Err(Error::missing("Body"));
                }
                draft.body = Body::None;
            }
            BodyShape::Caller if given.get("kind").is_null() => {
                return Err(Error::usage(format!(
                    "Body of {} should be a string or an ArrayBuffer",
                    draft.operation.name
                )));
            }
            BodyShape::Caller | BodyShape::None | BodyShape::Xml(_) | BodyShape::Json(_) => {}
        }
        let is_upload = draft.operation.course == Course::SimpleUpload;
        Ok(Single {
            owner: Owner { call, tag: Tag::Only },
            task: task.to_owned(),
            digests: matches!(draft.operation.result, ResultShape::Stored | ResultShape::ETag),
            draft,
            path,
            body_is_text: given.get("kind").as_str() == Some("text"),
            adds_md5: is_upload
                && (cx.options.add_meta_md5 || params.get("UploadAddMetaMd5").is_truthy()),
            checks_md5: cx.options.check_content_md5
                || params.get("UploadCheckContentMd5").is_truthy(),
            size,
            read: None,
            sums: None,
            meter: is_upload
                .then(|| Meter::new(call, Measure::Upload, size.unwrap_or(0.0), cx.now)),
            integrity_retries: INTEGRITY_RETRIES,
        })
    }

    /// Begins, or begins anew after a pause.
    pub fn start(&mut self, cx: &mut Context) {
        self.sums = None;
        let wants_md5 = self.adds_md5 || self.checks_md5;
        match (&self.draft.body, self.draft.operation.body) {
            (Body::Form { .. }, _) => match self.size {
                Some(size) if size > 0.0 => self.read_next_window(cx),
                _ => self.send(cx),
            },
            (Body::Caller, _) if self.digests => {
                cx.read(self.owner, Source::Caller, 0.0, -1.0, wants_md5)
            }
            (_, BodyShape::Caller) if !self.path.is_empty() => {
                cx.read(self.owner, Source::File(self.path.clone()), 0.0, -1.0, wants_md5);
            }
            _ => self.send(cx),
        }
    }

    /// Stops for a pause.
    pub fn stop(&mut self) {
        self.read = None;
        if let Some(meter) = &mut self.meter {
            meter.forget_timer();
        }
    }

    /// Bytes that `wx.uploadFile` says it has sent.
    pub fn handle_progress(&mut self, cx: &mut Context, sent: f64, total: f64) {
        if let Some(meter) = &mut self.meter {
            meter.advance(cx, sent, total);
        }
    }

    /// An answer arrived.
    pub fn handle(&mut self, cx: &mut Context, owner: Owner, event: Event) -> Step {
        match event {
            Event::Timer if owner.tag == Tag::Progress => {
                if let Some(meter) = &mut self.meter {
                    meter.handle_timer(cx);
                }
                Step::Wait
            }
            Event::Read(Ok((read, sums))) => self.digested(cx, read, sums),
            Event::Read(Err(error)) => {
                if self.draft.is_form() {
                    // wx.uploadFile may read what the file system refuses to show; then COS's sum
                    // has nothing to be compared with.
                    self.sums = None;
                    self.send(cx);
                    Step::Wait
                } else {
                    Step::Done(Err(error))
                }
            }
            Event::Reply(outcome) => self.replied(cx, outcome),
            Event::Stat(_) | Event::Record(_) | Event::Grant(_) | Event::Timer => Step::Wait,
        }
    }

    fn digested(&mut self, cx: &mut Context, read: u32, sums: PartSums) -> Step {
        if self.draft.is_form() {
            cx.release(read);
            let whole = match self.sums {
                None => sums,
                Some(before) => PartSums {
                    md5: None,
                    crc64: crc64_combine(before.crc64, sums.crc64, sums.length),
                    length: before.length + sums.length,
                },
            };
            self.sums = Some(whole);
            if sums.length > 0 && (whole.length as f64) < self.size.unwrap_or(0.0) {
                self.read_next_window(cx);
            } else {
                self.send(cx);
            }
            return Step::Wait;
        }
        self.sums = Some(sums);
        if self.draft.body == Body::Caller {
            cx.release(read);
        } else {
            self.draft.body = Body::Read(read);
            self.read = Some(read);
        }
        let headers = &mut self.draft.headers;
        if let Some(md5) = sums.md5 {
            if self.checks_md5 {
                set_header(headers, "Content-MD5", base64(&md5));
            }
            if self.adds_md5 {
                set_header(headers, "x-cos-meta-md5", hex(&md5));
            }
        }
        if !self.body_is_text && self.draft.operation.course == Course::SimpleUpload {
            set_header(headers, "Content-Length", sums.length.to_string());
        }
        if let Some(meter) = &mut self.meter {
            *meter = Meter::new(self.owner.call, Measure::Upload, sums.length as f64, cx.now);
        }
        self.send(cx);
        Step::Wait
    }

    fn read_next_window(&mut self, cx: &mut Context) {
        let offset = self.sums.map_or(0.0, |sums| sums.length as f64);
        let length = (self.size.unwrap_or(0.0) - offset).min(MIB);
        cx.read(self.owner, Source::File(self.path.clone()), offset, length, false);
    }

    fn send(&mut self, cx: &mut Context) {
        // Of a form the host tells what is sent.
        if let Some(meter) = &mut self.meter
            && !self.draft.is_form()
        {
            meter.tell_now(cx);
        }
        cx.send(self.owner, &self.task, self.draft.clone(), ATTEMPTS);
    }

    fn replied(&mut self, cx: &mut Context, outcome: Result<Reply, Error>) -> Step {
        let outcome = match outcome {
            Ok(reply) => match (self.sums, reply.crc64()) {
                (Some(sums), Some(stored)) if sums.crc64 != stored && self.compares() => {
                    if self.integrity_retries > 0 {
                        self.integrity_retries -= 1;
                        self.send(cx);
                        return Step::Wait;
                    }
                    let mut error = Error::integrity(format!(
                        "COS stored CRC64 {stored}, {} was sent: upload again",
                        sums.crc64
                    ));
                    error.answer = response::answer(reply.status, reply.headers);
                    Err(error)
                }
                _ => Ok(reply),
            },
            Err(error) => Err(error),
        };
        if let Some(read) = self.read.take() {
            cx.release(read);
        }
        if let Some(meter) = &mut self.meter {
            match &outcome {
                Ok(_) => meter.complete(cx),
                Err(_) => meter.tell_now(cx),
            }
        }
        match outcome {
            Ok(reply) => {
                let kept = self.draft.keeps_body.then_some(reply.send);
                Step::DoneWith(self.result(cx, &reply), kept)
            }
            Err(error) => match result::forgiven(&self.draft, &cx.options, &error) {
                Some(result) => Step::Done(Ok(result)),
                None => Step::Done(Err(error)),
            },
        }
    }

    /// Whether the answer's CRC64 is that of the bytes sent: image processing stores others.
    fn compares(&self) -> bool {
        crate::request::header(&self.draft.headers, "Pic-Operations").is_none()
    }

    fn result(&self, cx: &Context, reply: &Reply) -> Value {
        let mut draft = self.draft.clone();
        if draft.is_form() {
            let file_name = self.path.rsplit('/').next().unwrap_or_default();
            draft.key = replace(&draft.key, "${filename}", file_name);
        }
        result::shape(&draft, &cx.options, reply)
    }
}
