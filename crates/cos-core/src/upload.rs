//! An upload in parts: find what an earlier attempt left, send the rest, complete, compare.
//!
//! ```text
//! Load record --known--> list parts --+--> verify --> send parts --> complete --> done
//!       \--unknown--> list uploads ---+       \          ^             |
//!                          \--none--> init ----\--------/           confirm (answer lost)
//! ```

use crate::machine::Step;
mod complete;
mod resume;

use crate::catalogue::{self, Operation};
use crate::context::{Context, Event, Owner, Stat, Tag};
use crate::digest::{PartSums, base64, hex};
use crate::effect::{Body, Source};
use crate::error::{Error, ErrorKind};
use crate::exchange::ATTEMPTS;
use crate::parts::{Parts, part_size};
use crate::progress::{Measure, Meter};
use crate::record::{self, Record};
use crate::request::{Draft, headers};
use crate::response::Reply;
use crate::value::Value;

/// Times an upload begins again because its upload id is gone.
const RESTARTS: u32 = 2;

/// Times a part is sent again because COS stored other bytes.
const INTEGRITY_RETRIES: u32 = 3;

/// A part that COS says it has.
#[derive(Clone, Debug)]
struct Listed {
    number: u32,
    etag: String,
    size: f64,
}

/// Where an upload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Looking for an upload id to continue, or getting a new one.
    Seeking,
    /// Sending parts.
    Sending,
    /// Completing, or finding out whether that has happened.
    Completing,
}

/// See the module.
#[derive(Debug)]
pub struct PartUpload {
    call: u32,
    task: String,
    params: Value,
    path: String,
    stat: Stat,
    parts: Parts,
    parallel: usize,
    attempts: u32,
    stage: Stage,
    upload_id: String,
    record: Record,
    /// The record was found here, so its parts need no proof.
    from_record: bool,
    candidates: Vec<String>,
    pages: u32,
    listed: Vec<Listed>,
    to_verify: Vec<Listed>,
    restarts_left: u32,
    integrity_left: u32,
    meter: Meter,
    hash_meter: Meter,
    hashed: f64,
}

impl PartUpload {
    /// An upload of the file that `stat` describes, of at least one byte.
    pub fn new(
        cx: &Context,
        operation: &Operation,
        call: u32,
        task: &str,
        params: &Value,
        stat: Stat,
    ) -> PartUpload {
        let wanted = |name: &str| {
            params.get(name).as_number().filter(|size| size.is_finite() && *size > 0.0)
        };
        // For uploadFile, SliceSize is the size from which parts are used, not theirs.
        let own_slice_size =
            (operation.name == "sliceUploadFile").then(|| wanted("SliceSize")).flatten();
        let size = part_size(
            stat.size,
            wanted("ChunkSize").or(own_slice_size).unwrap_or(cx.options.chunk_size),
            cx.options.max_part_number,
        );
        let path = params.get("FilePath").to_text();
        let (bucket, key) = (params.get("Bucket").to_text(), params.get("Key").to_text());
        let region = params.get("Region").to_text();
        let parallel = wanted("AsyncLimit")
            .map_or(cx.options.chunk_parallel_limit, |limit| limit.clamp(1.0, 256.0) as usize);
        PartUpload {
            call,
            task: task.to_owned(),
            params: params.clone(),
            record: Record::new(&[&path, &bucket, &region, &key], stat, size),
            path,
            stat,
            parts: Parts::new(stat.size, size),
            parallel,
            attempts: ATTEMPTS * (cx.options.chunk_retry_times.min(20) + 1),
            stage: Stage::Seeking,
            upload_id: String::new(),
            from_record: false,
            candidates: Vec::new(),
            pages: 0,
            listed: Vec::new(),
            to_verify: Vec::new(),
            restarts_left: RESTARTS,
            integrity_left: INTEGRITY_RETRIES,
            meter: Meter::new(call, Measure::Upload, stat.size, cx.now),
            hash_meter: Meter::new(call, Measure::Hash, stat.size, cx.now),
            hashed: 0.0,
        }
    }

    /// The upload id in use; empty before there is one.
    pub fn upload_id(&self) -> &str {
        &self.upload_id
    }

    /// The file that is being uploaded, as it was at the start.
    pub fn file(&self) -> Stat {
        self.stat
    }

    /// Begins: looks for a record of an earlier attempt.
    pub fn start(&mut self, cx: &mut Context) {
        cx.load(self.owner(Tag::Only), &self.record.key);
    }

    /// Stops for a pause: confirmed parts stay confirmed.
    pub fn stop(&mut self, cx: &mut Context) {
        self.parts.stop();
        self.meter.forget_timer();
        self.hash_meter.forget_timer();
        if self.stage != Stage::Seeking {
            self.record.save(cx, &self.parts);
        }
    }

    /// Continues after a pause.
    pub fn resume(&mut self, cx: &mut Context) {
        match self.stage {
            Stage::Seeking => {
                self.leave(cx);
                self.parts.reset();
                self.candidates.clear();
                self.pages = 0;
                self.hashed = 0.0;
                self.start(cx);
            }
            Stage::Sending => self.go_on(cx),
            Stage::Completing => self.complete(cx),
        }
    }

    /// Lets other calls have the upload id.
    pub fn leave(&mut self, cx: &mut Context) {
        cx.uploads_in_use.retain(|used| *used != self.upload_id);
    }

    /// An answer arrived.
    pub fn handle(&mut self, cx: &mut Context, owner: Owner, event: Event) -> Step {
        match (owner.tag, event) {
            (Tag::Progress, Event::Timer) => self.meter.handle_timer(cx),
            (Tag::HashProgress, Event::Timer) => self.hash_meter.handle_timer(cx),
            (Tag::Only, Event::Record(found)) => self.record_loaded(cx, &found),
            (Tag::Index, Event::Record(found)) => self.record.enter(cx, &found),
            (Tag::Uploads, Event::Reply(reply)) => self.uploads_listed(cx, reply),
            (Tag::Parts, Event::Reply(reply)) => return self.parts_listed(cx, reply),
            (Tag::Verify(number), Event::Read(read)) => return self.verified(cx, number, read),
            (Tag::Init, Event::Reply(reply)) => return self.initiated(cx, reply),
            (Tag::Part(number), Event::Read(read)) => return self.part_read(cx, number, read),
            (Tag::Part(number), Event::Reply(reply)) => return self.part_sent(cx, number, reply),
            (Tag::Complete, Event::Reply(reply)) => return self.completed(cx, reply),
            (Tag::Confirm, Event::Reply(reply)) => return self.confirmed(cx, reply),
            _ => {}
        }
        Step::Wait
    }

    fn owner(&self, tag: Tag) -> Owner {
        Owner { call: self.call, tag }
    }

    /// A request for this object with these parameters besides.
    fn draft(&self, operation: &'static Operation, extra: &[(&str, Value)]) -> Draft {
        let mut params = Value::map();
        for name in ["Bucket", "Region", "Key"] {
            params.set(name, self.params.get(name).clone());
        }
        for (name, value) in extra {
            params.set(name, value.clone());
        }
        Draft::new(operation, &params)
    }

    fn request(&self, cx: &mut Context, tag: Tag, draft: Draft, attempts: u32) {
        cx.send(self.owner(tag), &self.task, draft, attempts);
    }

    // Getting an upload id.

    fn init(&mut self, cx: &mut Context) {
        let mut params = self.params.clone();
        for name in ["Body", "ContentLength", "ContentMD5"] {
            params.take(name);
        }
        let mut draft = Draft::new(&catalogue::INIT, &params);
        draft.headers.retain(|(name, _)| {
            !name.eq_ignore_ascii_case("Content-Length")
                && !name.eq_ignore_ascii_case("Content-MD5")
        });
        self.request(cx, Tag::Init, draft, ATTEMPTS);
    }

    fn initiated(&mut self, cx: &mut Context, reply: Result<Reply, Error>) -> Step {
        let reply = match reply {
            Ok(reply) => reply,
            Err(error) => return self.fail(cx, error),
        };
        self.upload_id = reply.body.get("InitiateMultipartUploadResult").get("UploadId").to_text();
        if self.upload_id.is_empty() {
            let error = Error::new(ErrorKind::Server, "COS_INCOMPLETE_ANSWER", "no upload id");
            return self.fail(cx, error);
        }
        if cx.uploads_in_use.contains(&self.upload_id) && self.restarts_left > 0 {
            // Another call found it in a list of uploads before this answer came: it is theirs.
            self.restarts_left -= 1;
            self.upload_id.clear();
            self.init(cx);
            return Step::Wait;
        }
        cx.uploads_in_use.push(self.upload_id.clone());
        self.begin_sending(cx);
        Step::Wait
    }

    // Sending parts.

    fn begin_sending(&mut self, cx: &mut Context) {
        self.stage = Stage::Sending;
        self.record.begin(&self.upload_id, cx.now);
        self.record.save(cx, &self.parts);
        cx.load(self.owner(Tag::Index), record::INDEX);
        self.meter = Meter::new(self.call, Measure::Upload, self.stat.size, cx.now);
        self.meter.advance(cx, self.parts.confirmed(), self.stat.size);
        self.meter.tell_now(cx);
        self.go_on(cx);
    }

    /// Fills the window, or completes when nothing is left.
    fn go_on(&mut self, cx: &mut Context) {
        if self.parts.complete() {
            return self.complete(cx);
        }
        while self.parts.busy() < self.parallel {
            let Some(number) = self.parts.start_next() else { return };
            let (offset, length) = self.parts.range(number);
            let owner = self.owner(Tag::Part(number));
            cx.read(owner, Source::File(self.path.clone()), offset, length, true);
        }
    }

    fn part_read(
        &mut self,
        cx: &mut Context,
        number: u32,
        read: Result<(u32, PartSums), Error>,
    ) -> Step {
        let (read, sums) = match read {
            Ok(read) => read,
            Err(error) => return self.fail(cx, error),
        };
        let (_, length) = self.parts.range(number);
        if sums.length as f64 != length {
            let message = format!(
                "{} changed while it was being uploaded: part {number} has {} bytes instead of {}",
                self.path, sums.length, length as u64
            );
            return self.fail(cx, Error::new(ErrorKind::Conflict, "COS_FILE_CHANGED", message));
        }
        let mut draft = self.draft(
            &catalogue::UPLOAD_PART,
            &[
                ("PartNumber", number.into()),
                ("UploadId", self.upload_id.as_str().into()),
                ("ContentLength", length.into()),
                ("ContentMD5", base64(&sums.md5.unwrap_or_default()).into()),
            ],
        );
        draft.headers.extend(self.headers_for(&PART_HEADERS));
        draft.body = Body::Read(read);
        // The sums wait with the part for the answer.
        self.parts.note(number, read, sums);
        self.request(cx, Tag::Part(number), draft, self.attempts);
        Step::Wait
    }

    fn part_sent(&mut self, cx: &mut Context, number: u32, reply: Result<Reply, Error>) -> Step {
        let Some((read, sums)) = self.parts.noted(number) else { return Step::Wait };
        cx.release(read);
        let reply = match reply {
            Ok(reply) => reply,
            Err(error) if error.code == "NoSuchUpload" && self.restarts_left > 0 => {
                self.begin_again(cx);
                return Step::Wait;
            }
            Err(error) => return self.fail(cx, error),
        };
        if let Some(stored) = reply.crc64()
            && stored != sums.crc64
        {
            if self.integrity_left == 0 {
                let message = format!(
                    "COS stored other bytes for part {number} than were sent: upload again"
                );
                return self.fail(cx, Error::integrity(message));
            }
            self.integrity_left -= 1;
            self.parts.reject(number);
            self.go_on(cx);
            return Step::Wait;
        }
        let etag = match reply.etag() {
            // A host that hides the header: without encryption the ETag is the MD5.
            etag if etag.is_empty() => ["\"", &hex(&sums.md5.unwrap_or_default()), "\""].concat(),
            etag => etag,
        };
        self.parts.confirm(number, etag, Some(sums.crc64));
        self.meter.advance(cx, self.parts.confirmed(), self.stat.size);
        self.record.save_sometimes(cx, &self.parts);
        self.go_on(cx);
        Step::Wait
    }

    /// The upload id is gone: everything from the start, with a new one.
    fn begin_again(&mut self, cx: &mut Context) {
        self.restarts_left -= 1;
        cx.abandon(self.call);
        self.leave(cx);
        self.meter.forget_timer();
        self.hash_meter.forget_timer();
        self.parts.reset();
        self.record.remove(cx);
        self.record.forget_sums();
        self.stage = Stage::Seeking;
        self.init(cx);
    }

    fn fail(&mut self, cx: &mut Context, mut error: Error) -> Step {
        cx.abandon(self.call);
        self.leave(cx);
        self.parts.stop();
        if self.stage != Stage::Seeking && error.kind != ErrorKind::Integrity {
            self.record.save(cx, &self.parts);
        }
        self.meter.forget_timer();
        self.meter.tell_now(cx);
        error.upload_id = self.upload_id.clone();
        Step::Done(Err(error))
    }

    /// The caller's headers whose lower-case name starts with one of `prefixes`.
    fn headers_for(&self, prefixes: &[&str]) -> impl Iterator<Item = (String, String)> {
        let wanted: Vec<(String, String)> = headers(&self.params)
            .into_iter()
            .filter(|(name, _)| {
                let name = name.to_ascii_lowercase();
                prefixes.iter().any(|prefix| name.starts_with(prefix))
            })
            .collect();
        wanted.into_iter()
    }
}

/// Headers that COS wants with every part: the limits, and the key of SSE-C.
const PART_HEADERS: [&str; 3] =
    ["x-cos-traffic-limit", "x-cos-mime-limit", "x-cos-server-side-encryption"];
