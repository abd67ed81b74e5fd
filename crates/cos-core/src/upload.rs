//! An upload in parts: find what an earlier attempt left, send the rest, complete, compare.
//!
//! ```text
//! Load record --known--> list parts --+--> verify --> send parts --> complete --> done
//!       \--unknown--> list uploads ---+       \          ^             |
//!                          \--none--> init ----\--------/           confirm (answer lost)
//! ```

use crate::call::Step;
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
use crate::response::{self, Reply};
use crate::value::Value;

/// Times an upload begins again because its upload id is gone.
const RESTARTS: u32 = 2;

/// Times a part is sent again because COS stored other bytes.
const INTEGRITY_RETRIES: u32 = 3;

/// Pages of upload ids looked through for one to resume.
const MOST_PAGES: u32 = 10;

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

    // Finding an upload id.

    fn record_loaded(&mut self, cx: &mut Context, found: &Value) {
        match self.record.recall(found, cx.now) {
            Some(upload_id) if !cx.uploads_in_use.contains(&upload_id) => {
                self.from_record = true;
                self.list_parts(cx, upload_id);
            }
            _ => self.list_uploads(cx, &Value::map()),
        }
    }

    fn list_uploads(&mut self, cx: &mut Context, page: &Value) {
        self.from_record = false;
        let draft = self.draft(
            &catalogue::LIST_UPLOADS,
            &[
                ("Prefix", self.params.get("Key").clone()),
                ("KeyMarker", page.get("NextKeyMarker").clone()),
                ("UploadIdMarker", page.get("NextUploadIdMarker").clone()),
            ],
        );
        self.request(cx, Tag::Uploads, draft, ATTEMPTS);
    }

    fn uploads_listed(&mut self, cx: &mut Context, reply: Result<Reply, Error>) {
        // Not being allowed to list only costs the chance to resume.
        let Ok(reply) = reply else { return self.next_candidate(cx) };
        let page = response::shape(&self.draft(&catalogue::LIST_UPLOADS, &[]), &cx.options, &reply);
        let class = self.params.get("StorageClass").to_text();
        for upload in page.get("Upload").items() {
            let same_class = class.is_empty()
                || upload.get("StorageClass").to_text().eq_ignore_ascii_case(&class);
            let upload_id = upload.get("UploadId").to_text();
            if same_class
                && upload.get("Key").to_text() == self.params.get("Key").to_text()
                && !upload_id.is_empty()
                && !cx.uploads_in_use.contains(&upload_id)
            {
                self.candidates.push(upload_id);
            }
        }
        self.pages += 1;
        if page.get("IsTruncated").to_text() == "true" && self.pages < MOST_PAGES {
            self.list_uploads(cx, &page);
        } else {
            self.next_candidate(cx);
        }
    }

    /// Tries the youngest upload id not tried yet, or gets a new one.
    fn next_candidate(&mut self, cx: &mut Context) {
        self.leave(cx);
        self.upload_id.clear();
        while let Some(upload_id) = self.candidates.pop() {
            if !cx.uploads_in_use.contains(&upload_id) {
                return self.list_parts(cx, upload_id);
            }
        }
        self.init(cx);
    }

    fn list_parts(&mut self, cx: &mut Context, upload_id: String) {
        self.listed.clear();
        cx.uploads_in_use.push(upload_id.clone());
        self.upload_id = upload_id;
        self.list_parts_from(cx, Value::Null);
    }

    fn list_parts_from(&mut self, cx: &mut Context, marker: Value) {
        let draft = self.draft(
            &catalogue::LIST_PARTS,
            &[("UploadId", self.upload_id.as_str().into()), ("PartNumberMarker", marker)],
        );
        self.request(cx, Tag::Parts, draft, ATTEMPTS);
    }

    fn parts_listed(&mut self, cx: &mut Context, reply: Result<Reply, Error>) -> Step {
        let reply = match reply {
            Ok(reply) => reply,
            Err(error) if self.from_record => {
                return match error.kind {
                    ErrorKind::NotFound if self.record.was_completing() => {
                        self.confirm(cx);
                        Step::Wait
                    }
                    ErrorKind::NotFound | ErrorKind::Denied => {
                        self.leave(cx);
                        self.record.remove(cx);
                        self.list_uploads(cx, &Value::map());
                        Step::Wait
                    }
                    _ => self.fail(cx, error),
                };
            }
            Err(_) => {
                self.next_candidate(cx);
                return Step::Wait;
            }
        };
        let page = response::shape(&self.draft(&catalogue::LIST_PARTS, &[]), &cx.options, &reply);
        for part in page.get("Part").items() {
            self.listed.push(Listed {
                number: part.get("PartNumber").as_number().unwrap_or(0.0) as u32,
                etag: part.get("ETag").to_text(),
                size: part.get("Size").as_number().unwrap_or(-1.0),
            });
        }
        let marker = page.get("NextPartNumberMarker");
        let goes_on = page.get("IsTruncated").to_text() == "true"
            && marker.is_truthy()
            && self.listed.len() < self.parts.count() as usize;
        if goes_on {
            let marker = marker.clone();
            self.list_parts_from(cx, marker);
        } else {
            self.adopt(cx);
        }
        Step::Wait
    }

    /// All parts of an upload id are known: which of them are those of this file?
    fn adopt(&mut self, cx: &mut Context) {
        let fits = self.listed.iter().all(|part| {
            (1..=self.parts.count()).contains(&part.number)
                && self.parts.range(part.number).1 == part.size
        });
        if !fits {
            self.record.forget_sums();
            if self.from_record {
                self.leave(cx);
                return self.list_uploads(cx, &Value::map());
            }
            return self.next_candidate(cx);
        }
        self.to_verify.clear();
        for part in std::mem::take(&mut self.listed) {
            match self.record.sum(part.number) {
                Some(crc64) if self.from_record => {
                    self.parts.confirm(part.number, part.etag, Some(crc64));
                }
                _ => self.to_verify.push(part),
            }
        }
        self.to_verify.reverse();
        self.verify_next(cx);
    }

    fn verify_next(&mut self, cx: &mut Context) {
        match self.to_verify.last() {
            Some(part) => {
                let (offset, length) = self.parts.range(part.number);
                let owner = self.owner(Tag::Verify(part.number));
                cx.read(owner, Source::File(self.path.clone()), offset, length, true);
            }
            None => {
                if self.hashed > 0.0 {
                    self.hash_meter.tell_now(cx);
                }
                self.begin_sending(cx);
            }
        }
    }

    fn verified(
        &mut self,
        cx: &mut Context,
        number: u32,
        read: Result<(u32, PartSums), Error>,
    ) -> Step {
        let sums = match read {
            Ok((read, sums)) => {
                cx.release(read);
                sums
            }
            Err(error) => return self.fail(cx, error),
        };
        let Some(part) = self.to_verify.pop() else { return Step::Wait };
        self.hashed += sums.length as f64;
        self.hash_meter.advance(cx, self.hashed, self.stat.size);
        if sums.length as f64 == part.size && etag_matches(&part.etag, &sums) {
            self.parts.confirm(number, part.etag, Some(sums.crc64));
        } else if !self.from_record {
            // Another file under the same key: none of its parts are ours.
            self.parts.reset();
            self.to_verify.clear();
            self.next_candidate(cx);
            return Step::Wait;
        }
        self.verify_next(cx);
        Step::Wait
    }

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

    // Completing.

    fn complete(&mut self, cx: &mut Context) {
        self.stage = Stage::Completing;
        self.record.note_completing();
        self.record.save(cx, &self.parts);
        let list: Vec<Value> = self
            .parts
            .etags()
            .map(|(number, etag)| Value::map().with("PartNumber", number).with("ETag", etag))
            .collect();
        let mut draft = self.draft(
            &catalogue::COMPLETE,
            &[("UploadId", self.upload_id.as_str().into()), ("Parts", list.into())],
        );
        draft.headers.extend(self.headers_for(&COMPLETE_HEADERS));
        self.request(cx, Tag::Complete, draft, self.attempts);
    }

    fn completed(&mut self, cx: &mut Context, reply: Result<Reply, Error>) -> Step {
        match reply {
            Ok(reply) => {
                let result =
                    response::shape(&self.draft(&catalogue::COMPLETE, &[]), &cx.options, &reply);
                self.finish(cx, &reply, result)
            }
            // An earlier attempt whose answer was lost may have completed it.
            Err(error) if error.code == "NoSuchUpload" => {
                self.confirm(cx);
                Step::Wait
            }
            Err(error) => self.fail(cx, error),
        }
    }

    fn confirm(&mut self, cx: &mut Context) {
        let draft = self.draft(&catalogue::HEAD_OBJECT, &[]);
        self.request(cx, Tag::Confirm, draft, ATTEMPTS);
    }

    /// HEAD decides: the object is there with this file's CRC64, or the upload begins again.
    fn confirmed(&mut self, cx: &mut Context, reply: Result<Reply, Error>) -> Step {
        let expected = self.parts.crc64().or_else(|| self.record.whole_sum(&self.parts));
        match reply {
            Ok(reply) if expected.is_some() && reply.crc64() == expected => {
                let draft = self.draft(&catalogue::COMPLETE, &[]);
                let mut result = Value::map()
                    .with("Location", response::location(&draft, &cx.options))
                    .with("Bucket", draft.bucket.as_str())
                    .with("Key", draft.key.as_str())
                    .with("ETag", reply.etag());
                response::attach_answer(&mut result, reply.status, &reply.headers);
                self.finish(cx, &reply, result)
            }
            Ok(_) | Err(Error { kind: ErrorKind::NotFound, .. }) if self.restarts_left > 0 => {
                self.begin_again(cx);
                Step::Wait
            }
            Ok(_) => {
                let message = "the upload id is gone and the object is not this file: upload again";
                self.fail(cx, Error::new(ErrorKind::NotFound, "NoSuchUpload", message))
            }
            Err(error) => self.fail(cx, error),
        }
    }

    fn finish(&mut self, cx: &mut Context, reply: &Reply, mut result: Value) -> Step {
        let transformed = self.headers_for(&["pic-operations"]).next().is_some();
        if let (Some(stored), Some(sent), false) = (reply.crc64(), self.parts.crc64(), transformed)
            && stored != sent
        {
            self.record.remove(cx);
            let message =
                format!("the object at COS has CRC64 {stored}, the file {sent}: upload again");
            return self.fail(cx, Error::integrity(message));
        }
        self.record.remove(cx);
        self.leave(cx);
        self.meter.complete(cx);
        result.set("UploadId", self.upload_id.as_str());
        Step::Done(Ok(result))
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

/// Headers that COS wants with the completion.
const COMPLETE_HEADERS: [&str; 3] = ["x-cos-meta-", "x-cos-forbid-overwrite", "pic-operations"];

/// Whether an ETag of a part is the MD5 of these bytes.
fn etag_matches(etag: &str, sums: &PartSums) -> bool {
    sums.md5.is_some_and(|md5| etag.trim_matches('"').eq_ignore_ascii_case(&hex(&md5)))
}
