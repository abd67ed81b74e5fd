//! A call of one request: digest the body if there is one, send, compare what COS stored.

use crate::catalogue::{self, BodyShape, Course, ResultShape};
use crate::context::{Context, Event, Owner, Stat, Tag};
use crate::digest::{PartSums, base64, crc64_combine, decimal, hex};
use crate::effect::{Body, Source};
use crate::error::{Error, ErrorKind};
use crate::exchange::ATTEMPTS;
use crate::machine::Step;
use crate::options::MIB;
use crate::progress::{Measure, Meter};
use crate::request::{CUSTOMER, Draft, chosen, set_header};
use crate::response::{self, Reply};
use crate::result;
use crate::text::{cut_last, replace};
use crate::value::Value;

/// Times a body is sent again because COS stored other bytes, or none.
const INTEGRITY_RETRIES: u32 = 2;

/// The range of all bytes there are.
const ALL: [f64; 2] = [0.0, -1.0];

/// The operation that must not be repeated blindly.
const APPEND: &str = "appendObject";

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
    stat: Option<Stat>,
    read: Option<u32>,
    sums: Option<PartSums>,
    meter: Option<Meter>,
    integrity_retries: u32,
    /// What a request failed with that may have been carried out: the object is looked at.
    unknown: Option<Error>,
}

impl Single {
    /// Prepares a call. `stat` is the file's, where it can be looked at.
    ///
    /// # Errors
    /// A body or file that the operation needs is missing.
    pub fn new(
        cx: &Context,
        call: u32,
        task: &str,
        mut draft: Draft,
        params: &Value,
        stat: Option<Stat>,
    ) -> Result<Single, Error> {
        let size = stat.map(|stat| stat.size);
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
                return Err(Error::usage(
                    ["Body of ", draft.operation.name, " should be a string or an ArrayBuffer"]
                        .concat(),
                ));
            }
            BodyShape::Caller | BodyShape::None | BodyShape::Xml(_) | BodyShape::Json(_) => {}
        }
        let is_upload = draft.operation.course == Course::SimpleUpload;
        Ok(Single {
            owner: Owner { call, tag: Tag::Only },
            task: task.to_owned(),
            // Of what is appended to other bytes COS tells the sum of all.
            digests: draft.operation.result == ResultShape::Stored
                || matches!(draft.operation.name, "multipartUpload" | APPEND),
            draft,
            path,
            body_is_text: given.get("kind").as_str() == Some("text"),
            adds_md5: is_upload
                && (cx.options.add_meta_md5 || params.get("UploadAddMetaMd5").is_truthy()),
            checks_md5: cx.options.check_content_md5
                || params.get("UploadCheckContentMd5").is_truthy(),
            size,
            stat,
            read: None,
            sums: None,
            meter: is_upload
                .then(|| Meter::new(call, Measure::Upload, size.unwrap_or(0.0), cx.now)),
            integrity_retries: INTEGRITY_RETRIES,
            unknown: None,
        })
    }

    /// Begins, or begins anew after a pause.
    pub fn start(&mut self, cx: &mut Context) {
        self.sums = None;
        self.unknown = None;
        let wants_md5 = self.adds_md5 || self.checks_md5;
        match (&self.draft.body, self.draft.operation.body) {
            (Body::Form { .. }, _) => match self.size {
                Some(size) if size > 0.0 => self.read_next_window(cx),
                _ => self.send(cx),
            },
            (Body::Caller, _) if self.digests => {
                cx.read(self.owner, Source::Caller, ALL, 0.0, wants_md5)
            }
            (_, BodyShape::Caller) if !self.path.is_empty() => {
                let bytes = self.size.unwrap_or(0.0);
                cx.read(self.owner, Source::File(self.path.clone()), ALL, bytes, wants_md5);
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
            Event::Reply(outcome) => match self.unknown.take() {
                Some(error) => self.looked(cx, error, outcome),
                None => self.replied(cx, outcome),
            },
            // COS has other bytes than were digested: are they still those of the file?
            Event::Stat(stat) => {
                if stat.ok() != self.stat {
                    return Step::Done(Err(Error::file_changed(&self.path)));
                }
                self.send(cx);
                Step::Wait
            }
            Event::Written(_) | Event::Record(_) | Event::Grant(_) | Event::Timer => Step::Wait,
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
            set_header(headers, "Content-Length", decimal(sums.length));
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
        cx.read(self.owner, Source::File(self.path.clone()), [offset, length], length, false);
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

    /// Looks at what COS has of the object, since it is not known what became of the request.
    fn look(&mut self, cx: &mut Context, error: Error) -> Step {
        self.unknown = Some(error);
        let params = Value::map()
            .with("Bucket", self.draft.bucket.as_str())
            .with("Region", self.draft.region.as_str())
            .with("Key", self.key());
        let mut draft = Draft::new(&catalogue::HEAD_OBJECT, &params);
        draft.headers.extend(chosen(&self.draft.headers, &[CUSTOMER]));
        cx.send(Owner { call: self.owner.call, tag: Tag::Confirm }, &self.task, draft, ATTEMPTS);
        Step::Wait
    }

    /// What COS has decides: the request was carried out, or was not and is sent again, or somebody
    /// else has written meanwhile.
    fn looked(&mut self, cx: &mut Context, mut error: Error, head: Result<Reply, Error>) -> Step {
        let (sum, sent) = self.sums.map_or((0, 0.0), |sums| (sums.crc64, sums.length as f64));
        let missing = matches!(&head, Err(error) if error.kind == ErrorKind::NotFound);
        let number = |name: &str| Value::from(head.as_ref().ok()?.header(name)?).as_number();
        let same = head.as_ref().is_ok_and(|head| head.crc64() == Some(sum));
        if self.draft.operation.name != APPEND {
            return match head {
                Ok(head) if same => self.end(cx, Ok(Reply { body: Value::map(), ..head })),
                _ => self.end(cx, Err(error)),
            };
        }
        let position = self.position();
        let length = number("x-cos-next-append-position").or_else(|| number("content-length"));
        match (length, head) {
            // What was there before is not known, unless that was nothing.
            (Some(length), Ok(head)) if length == position + sent && (position > 0.0 || same) => {
                return self.end(cx, Ok(Reply { body: Value::map(), ..head }));
            }
            (length, _)
                if (length == Some(position) || missing && position == 0.0)
                    && self.integrity_retries > 0 =>
            {
                self.integrity_retries -= 1;
                self.send(cx);
                return Step::Wait;
            }
            (Some(length), _) => {
                let length = Value::from(length).to_text();
                error.message += &["; the object has ", &length, " bytes now"].concat();
            }
            _ => {}
        }
        self.end(cx, Err(error))
    }

    fn position(&self) -> f64 {
        let position = self.draft.query.iter().find(|(name, _)| name == "position");
        position.map_or(0.0, |(_, at)| Value::from(at.as_str()).as_number().unwrap_or(0.0))
    }

    fn replied(&mut self, cx: &mut Context, outcome: Result<Reply, Error>) -> Step {
        let outcome = match outcome {
            Ok(reply) => match (self.sums, reply.crc64()) {
                (Some(sums), Some(stored)) if sums.crc64 != stored && self.compares() => {
                    // What was appended cannot be appended again.
                    if self.integrity_retries > 0 && self.draft.operation.name != APPEND {
                        self.integrity_retries -= 1;
                        if self.draft.is_form() {
                            cx.stat(self.owner, &self.path);
                        } else {
                            self.send(cx);
                        }
                        return Step::Wait;
                    }
                    let mut error = Error::integrity(
                        [
                            "COS stored CRC64 ",
                            &decimal(stored),
                            ", ",
                            &decimal(sums.crc64),
                            " was sent: upload again",
                        ]
                        .concat(),
                    );
                    error.answer = response::answer(reply.status, reply.headers);
                    Err(error)
                }
                _ => Ok(reply),
            },
            // A condition that an earlier attempt has changed refuses the next one.
            Err(error)
                if error.answer.uncertain
                    && (self.draft.operation.name == APPEND
                        || error.kind == ErrorKind::Conflict && self.sums.is_some()) =>
            {
                return self.look(cx, error);
            }
            Err(error) => Err(error),
        };
        self.end(cx, outcome)
    }

    fn end(&mut self, cx: &mut Context, outcome: Result<Reply, Error>) -> Step {
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

    /// Whether the answer's CRC64 is that of the bytes sent: image processing stores others, and what is
    /// appended comes after others.
    fn compares(&self) -> bool {
        crate::request::header(&self.draft.headers, "Pic-Operations").is_none()
            && self.position() == 0.0
    }

    /// The key that a form is stored under holds the name of the file.
    fn key(&self) -> String {
        if !self.draft.is_form() {
            return self.draft.key.clone();
        }
        let file_name = cut_last(&self.path, b'/').map_or(self.path.as_str(), |(_, name)| name);
        replace(&self.draft.key, "${filename}", file_name)
    }

    fn result(&self, cx: &Context, reply: &Reply) -> Value {
        let mut draft = self.draft.clone();
        draft.key = self.key();
        result::shape(&draft, &cx.options, reply)
    }
}
