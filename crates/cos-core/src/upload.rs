//! An upload in parts: find what an earlier attempt left, send the rest, complete, compare.
//!
//! ```text
//! Load record --known--> list parts --+--> verify --> send parts --> complete --> done
//!       \--unknown--> list uploads ---+       \          ^             |
//!                          \--none--> init ----\--------/           confirm (answer lost)
//! ```

mod resume;

use crate::catalogue::{self, Operation};
use crate::context::{Context, Event, Owner, Stat, Tag};
use crate::digest::{PartSums, base64, hex};
use crate::effect::{Body, Source};
use crate::error::Error;
use crate::machine::Step;
use crate::multipart::{Manner, Multipart, Next, Stage, TRANSFORMS};
use crate::parts::Listed;
use crate::progress::{Measure, Meter};
use crate::record;
use crate::request::{Draft, drop_header};
use crate::response::Reply;
use crate::value::{Value, number_text};

/// Times a part is sent again because COS stored other bytes.
const INTEGRITY_RETRIES: u32 = 3;

/// Headers that COS wants with every part: the limits, and the key of SSE-C.
const PART_HEADERS: [&str; 3] =
    ["x-cos-traffic-limit", "x-cos-mime-limit", "x-cos-server-side-encryption"];

static MANNER: Manner = Manner {
    other_bytes: ["the object at COS has CRC64 ", ", the file ", ": upload again"],
    gone: "the upload id is gone and the object is not this file: upload again",
    completion: &["x-cos-meta-", "x-cos-forbid-overwrite", TRANSFORMS],
};

/// See the module.
#[derive(Debug)]
pub struct PartUpload {
    multipart: Multipart,
    path: String,
    stat: Stat,
    /// The record was found here, so its parts need no proof.
    from_record: bool,
    candidates: Vec<String>,
    pages: u32,
    to_verify: Vec<Listed>,
    integrity_left: u32,
    hash_meter: Meter,
    hashed: f64,
    /// What the call fails with once COS has answered to the end of its upload id.
    verdict: Option<Error>,
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
        let size = wanted("ChunkSize").or(own_slice_size).unwrap_or(cx.options.chunk_size);
        let parallel = wanted("AsyncLimit")
            .map_or(cx.options.chunk_parallel_limit, |limit| limit.clamp(1.0, 256.0) as usize);
        let mut multipart = Multipart::new(cx, &MANNER, call, task, params, parallel);
        let path = params.get("FilePath").to_text();
        multipart.plan(cx, &record::name_of(params), stat, size);
        let mut init = params.clone();
        for name in ["Body", "ContentLength", "ContentMD5"] {
            init.take(name);
        }
        multipart.init = Draft::new(&catalogue::INIT_ONCE, &init);
        for name in ["Content-Length", "Content-MD5"] {
            drop_header(&mut multipart.init.headers, name);
        }
        PartUpload {
            multipart,
            path,
            stat,
            from_record: false,
            candidates: Vec::new(),
            pages: 0,
            to_verify: Vec::new(),
            integrity_left: INTEGRITY_RETRIES,
            hash_meter: Meter::new(call, Measure::Hash, stat.size, cx.now),
            hashed: 0.0,
            verdict: None,
        }
    }

    /// The upload id, which other calls may have from now on; empty when there is none, or when
    /// another call has it already.
    pub fn leave(&self, cx: &mut Context) -> &str {
        let upload_id = self.multipart.own_id(cx);
        self.multipart.leave(cx);
        upload_id
    }

    /// The upload id; empty when there is none, or when another call has it.
    pub fn upload_id(&self, cx: &Context) -> &str {
        self.multipart.own_id(cx)
    }

    /// The file that is being uploaded, as it was at the start.
    pub fn file(&self) -> Stat {
        self.stat
    }

    /// Begins: looks for a record of an earlier attempt.
    pub fn start(&mut self, cx: &mut Context) {
        cx.load(self.multipart.owner(Tag::Only), &self.multipart.record.key);
    }

    /// Stops for a pause: confirmed parts stay confirmed, also for another upload of the file.
    pub fn stop(&mut self, cx: &mut Context) {
        self.hash_meter.forget_timer();
        self.multipart.stop(cx);
        self.multipart.lend(cx);
    }

    /// Continues after a pause.
    pub fn resume(&mut self, cx: &mut Context) {
        let has_id = self.multipart.take_back(cx);
        match self.multipart.stage {
            Stage::Sending if has_id => self.go_on(cx),
            Stage::Completing if has_id => self.multipart.complete(cx),
            _ => {
                self.multipart.seek(cx);
                self.candidates.clear();
                self.pages = 0;
                self.hashed = 0.0;
                self.start(cx);
            }
        }
    }

    /// An answer arrived.
    pub fn handle(&mut self, cx: &mut Context, owner: Owner, event: Event) -> Step {
        self.react(cx, owner, event).unwrap_or_else(|error| self.multipart.fail(cx, error))
    }

    fn react(&mut self, cx: &mut Context, owner: Owner, event: Event) -> Result<Step, Error> {
        match (owner.tag, event) {
            (Tag::HashProgress, Event::Timer) => self.hash_meter.handle_timer(cx),
            (Tag::Only, Event::Record(found)) => self.record_loaded(cx, &found),
            (Tag::Only, Event::Stat(stat)) => {
                if stat? == self.stat {
                    self.multipart.complete(cx);
                } else {
                    self.changed(cx);
                }
            }
            (Tag::Only, Event::Reply(_)) => return self.verdict.take().map_or(Ok(Step::Wait), Err),
            (Tag::Uploads, Event::Reply(reply)) => self.uploads_listed(cx, reply),
            (Tag::Parts, Event::Reply(reply)) => self.parts_listed(cx, reply)?,
            // COS may have made an upload id: it is in the list, without parts.
            (Tag::Init, Event::Reply(Err(error)))
                if error.answer.uncertain && self.multipart.may_restart() =>
            {
                self.search_uploads(cx);
            }
            (Tag::Verify(number), Event::Read(read)) => self.verified(cx, number, read?),
            (Tag::Part(number), Event::Read(read)) => self.part_read(cx, number, read?),
            (Tag::Part(number), Event::Reply(reply)) => return self.part_sent(cx, number, reply),
            (_, event) => match self.multipart.handle(cx, owner, event)? {
                Next::Wait => {}
                Next::Send => self.begin_sending(cx),
                Next::Done(result) => {
                    let upload_id = self.multipart.upload_id.as_str();
                    return Ok(Step::Done(Ok(result.with("UploadId", upload_id))));
                }
            },
        }
        Ok(Step::Wait)
    }

    fn begin_sending(&mut self, cx: &mut Context) {
        let multipart = &mut self.multipart;
        multipart.begin_sending(cx);
        multipart.meter = Meter::new(multipart.call, Measure::Upload, self.stat.size, cx.now);
        multipart.meter.advance(cx, multipart.parts.confirmed(), self.stat.size);
        multipart.meter.tell_now(cx);
        self.go_on(cx);
    }

    /// Fills the window. When nothing is left, a last look at the file tells whether its parts are
    /// those of one file.
    fn go_on(&mut self, cx: &mut Context) {
        if self.multipart.parts.complete() {
            return cx.stat(self.multipart.owner(Tag::Only), &self.path);
        }
        while let Some(number) = self.multipart.next_part(cx) {
            self.read(cx, Tag::Part(number), number);
        }
    }

    /// The file is another one now: what COS has of it goes, then the call fails.
    fn changed(&mut self, cx: &mut Context) {
        self.verdict = Some(Error::file_changed(&self.path));
        let multipart = &mut self.multipart;
        cx.abandon(multipart.call);
        multipart.meter.forget_timer();
        multipart.record.remove(cx);
        // Nothing is left to be saved.
        multipart.stage = Stage::Seeking;
        let upload_id = multipart.upload_id.as_str().into();
        let draft = multipart.draft(&catalogue::ABORT, &[("UploadId", upload_id)]);
        multipart.request(cx, Tag::Only, draft);
        multipart.drop_id(cx);
    }

    fn read(&self, cx: &mut Context, tag: Tag, number: u32) {
        let (offset, length) = self.multipart.parts.range(number);
        let owner = self.multipart.owner(tag);
        cx.read(owner, Source::File(self.path.clone()), [offset, length], length, true);
    }

    fn part_read(&mut self, cx: &mut Context, number: u32, (read, sums): (u32, PartSums)) {
        let multipart = &mut self.multipart;
        let (_, length) = multipart.parts.range(number);
        if sums.length as f64 != length {
            self.changed(cx);
            return;
        }
        let mut draft = multipart.draft(
            &catalogue::UPLOAD_PART,
            &[
                ("PartNumber", number.into()),
                ("UploadId", multipart.upload_id.as_str().into()),
                ("ContentLength", length.into()),
                ("ContentMD5", base64(&sums.md5.unwrap_or_default()).into()),
            ],
        );
        draft.headers.extend(multipart.headers_for(&PART_HEADERS));
        draft.body = Body::Read(read);
        // The sums wait with the part for the answer.
        multipart.parts.note(number, read, sums);
        multipart.request_often(cx, Tag::Part(number), draft);
    }

    fn part_sent(
        &mut self,
        cx: &mut Context,
        number: u32,
        reply: Result<Reply, Error>,
    ) -> Result<Step, Error> {
        let multipart = &mut self.multipart;
        let Some((read, sums)) = multipart.parts.noted(number) else { return Ok(Step::Wait) };
        cx.release(read);
        let reply = match reply {
            Ok(reply) => reply,
            Err(error) => return multipart.refused(cx, error),
        };
        if reply.crc64().is_some_and(|stored| stored != sums.crc64) {
            if self.integrity_left == 0 {
                let part = number_text(number.into());
                return Err(Error::integrity(
                    ["COS stored other bytes for part ", &part, " than were sent: upload again"]
                        .concat(),
                ));
            }
            self.integrity_left -= 1;
            multipart.parts.reject(number);
        } else {
            let etag = match reply.etag() {
                // A host that hides the header: without encryption the ETag is the MD5.
                etag if etag.is_empty() => {
                    ["\"", &hex(&sums.md5.unwrap_or_default()), "\""].concat()
                }
                etag => etag,
            };
            multipart.confirm_part(cx, number, etag, Some(sums.crc64));
        }
        self.go_on(cx);
        Ok(Step::Wait)
    }
}
