//! `downloadFile`: an object into a partial file, in ranges, which takes its place once its bytes are
//! proven.
//!
//! ```text
//! first range --> record --known--> digest the ranges that are there --\
//!                     \--unknown--> make the partial file --------------> other ranges --> compare --> rename
//! ```
//!
//! The first range tells what the object is; every other one is asked for with its ETag, so that an
//! object that changes meanwhile is fetched anew instead of mixed. What has no known size, such as the
//! result of image processing, is fetched whole.

use crate::catalogue;
use crate::context::{Context, Event, Owner, Stat, Tag};
use crate::digest::{PartSums, crc64_text, hex, md5, parse_decimal};
use crate::effect::{Effect, Source};
use crate::error::{Error, ErrorKind, Retry};
use crate::exchange::part_attempts;
use crate::machine::Step;
use crate::parts::{LARGEST_FILE, Parts, part_size};
use crate::progress::{Measure, Meter};
use crate::record::Record;
use crate::request::{Draft, drop_header, set_header};
use crate::response::Reply;
use crate::result;
use crate::text::cut;
use crate::value::{Value, number_text};

/// Times everything is fetched anew because the object has changed or its bytes were damaged.
const RESTARTS: u32 = 2;

/// Answers in a row that may be cut short.
const SHORT_ANSWERS: u32 = 8;

/// Ranges of one object, at most.
const MOST_RANGES: f64 = 10_000.0;

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Asking what the object is, and looking at what an earlier attempt left of it.
    Seeking,
    /// Filling the partial file, whose size is the object's.
    Filling,
    /// The partial file is complete and gets its name.
    Renaming,
}

/// See the module.
#[derive(Debug)]
pub struct Download {
    call: u32,
    task: String,
    /// The request, without a range.
    draft: Draft,
    path: String,
    /// Path of the partial file, which names what is downloaded, so that no two objects share one.
    partial: String,
    /// Whether the partial file is this call's.
    holds: bool,
    /// What is in the partial file; its upload id is the object's ETag.
    record: Record,
    /// Bytes of a range.
    part_size: f64,
    parallel: usize,
    attempts: u32,
    /// Whether there is one request for everything.
    whole: bool,
    /// Whether the bytes are those of the object, as COS stores it.
    plain: bool,
    /// The answer that told what the object is.
    reply: Option<Reply>,
    parts: Parts,
    stage: Stage,
    /// The object is another one now: nothing is asked for until everything begins again.
    stale: bool,
    restarts_left: u32,
    short_left: u32,
    meter: Meter,
}

impl Download {
    /// Of a call, and of a task.
    pub fn new(cx: &Context, call: u32, task: &str, params: &Value) -> Download {
        let wanted = |name: &str| {
            params.get(name).as_number().filter(|number| number.is_finite() && *number > 0.0)
        };
        let mut draft = Draft::new(&catalogue::GET_OBJECT, params);
        draft.response_type = "arraybuffer".to_owned();
        drop_header(&mut draft.headers, "Range");
        let is_plain = |(name, _): &(String, String)| {
            name.starts_with("response-") || name.eq_ignore_ascii_case("versionId")
        };
        let plain = draft.raw_query.is_empty() && draft.query.iter().all(is_plain);
        let path = params.get("FilePath").to_text();
        let version = params.get("VersionId").to_text();
        let identity = [&path, &draft.bucket, &draft.region, &draft.key, &version];
        let name = hex(&md5(identity.map(String::as_str).join("\n").as_bytes()));
        let part_size = part_size(1.0, wanted("ChunkSize").unwrap_or(cx.options.chunk_size), 1.0);
        let parallel = wanted("AsyncLimit").or_else(|| wanted("ParallelLimit"));
        let mut record = Record::new("", Stat { size: 0.0, modified: 0.0 }, part_size);
        record.key = ["cos-download-", &name].concat();
        Download {
            call,
            task: task.to_owned(),
            partial: [&path, ".", name.get(..8).unwrap_or_default(), ".cos-download"].concat(),
            path,
            holds: false,
            record,
            part_size,
            parallel: parallel
                .map_or(cx.options.chunk_parallel_limit, |limit| limit.clamp(1.0, 256.0) as usize),
            attempts: part_attempts(&cx.options),
            // What a query makes of an object has another size.
            whole: !plain,
            plain,
            draft,
            reply: None,
            parts: Parts::new(0.0, part_size),
            stage: Stage::Seeking,
            stale: false,
            restarts_left: RESTARTS,
            short_left: SHORT_ANSWERS,
            meter: Meter::new(call, Measure::Upload, 0.0, cx.now),
        }
    }

    /// Begins.
    pub fn start(&mut self, cx: &mut Context) -> Step {
        if cx.uploads_in_use.contains(&self.partial) {
            let message = "this object is on its way to FilePath already: wait for that task";
            return Step::Done(Err(Error::new(ErrorKind::Conflict, "COS_IN_USE", message)));
        }
        cx.uploads_in_use.push(self.partial.clone());
        self.holds = true;
        self.begin(cx)
    }

    /// Stops for a pause: confirmed ranges stay confirmed.
    pub fn stop(&mut self, cx: &mut Context) {
        self.meter.forget_timer();
        self.parts.stop();
        self.save(cx);
    }

    /// Continues after a pause.
    pub fn resume(&mut self, cx: &mut Context) -> Step {
        if self.stage == Stage::Seeking || self.stale {
            return self.begin(cx);
        }
        self.look(cx)
    }

    /// Lets other calls have the partial file, which goes with a canceled call.
    pub fn leave(&mut self, cx: &mut Context, canceled: bool) {
        if self.holds {
            cx.leave(&self.partial);
            if canceled {
                self.discard(cx);
            }
        }
    }

    /// Removes the partial file and its record.
    fn discard(&mut self, cx: &mut Context) {
        self.record.remove(cx);
        cx.emit(Effect::Unlink { path: self.partial.clone() });
    }

    /// An answer arrived.
    pub fn handle(&mut self, cx: &mut Context, owner: Owner, event: Event) -> Step {
        self.react(cx, owner.tag, event).unwrap_or_else(|error| self.fail(cx, error))
    }

    fn react(&mut self, cx: &mut Context, tag: Tag, event: Event) -> Result<Step, Error> {
        match (tag, event) {
            (Tag::Progress, Event::Timer) => self.meter.handle_timer(cx),
            (Tag::Part(number), Event::Reply(Ok(reply))) => {
                return self.answered(cx, number, reply);
            }
            (Tag::Part(number), Event::Reply(Err(error))) => {
                return self.refused(cx, number, error);
            }
            (Tag::Part(number), Event::Read(read)) => return self.digested(cx, number, read?),
            (Tag::Only, Event::Record(found)) => {
                let etag = self.record.recall(&found, cx.now);
                let is_cut_alike = self.record.parts().range(1) == self.parts.range(1);
                if etag == self.reply.as_ref().map(Reply::etag) && is_cut_alike {
                    return Ok(self.look(cx));
                }
                self.record.of(Stat { size: self.parts.size(), modified: 0.0 }, self.part_size);
                self.record.forget_sums();
                return self.write(cx, 1);
            }
            (Tag::Only, Event::Stat(stat)) => return self.measured(cx, stat.ok()),
            (Tag::Verify(number), Event::Read(read)) => {
                if let Ok((read, sums)) = read {
                    cx.release(read);
                    if self.record.sum(number) == Some(sums.crc64) {
                        self.parts.confirm(number, String::new(), Some(sums.crc64));
                    }
                }
                return self.verify_after(cx, number);
            }
            (Tag::Part(number), Event::Written(written)) => {
                written?;
                return self.written(cx, number);
            }
            (Tag::Complete, Event::Written(renamed)) => {
                renamed?;
                return Ok(self.done(cx));
            }
            _ => {}
        }
        Ok(Step::Wait)
    }

    fn owner(&self, tag: Tag) -> Owner {
        Owner { call: self.call, tag }
    }

    // The object.

    /// Asks for the first range, or for everything: the answer tells what the object is.
    fn begin(&mut self, cx: &mut Context) -> Step {
        self.stage = Stage::Seeking;
        self.stale = false;
        self.reply = None;
        self.parts = Parts::new(self.part_size, self.part_size);
        self.parts.start_next();
        self.request(cx, 1);
        Step::Wait
    }

    /// Everything again, as soon as no answer and no write is under way; `error` when that was tried
    /// often enough.
    fn begin_again(&mut self, cx: &mut Context, error: Error) -> Result<Step, Error> {
        self.stale = true;
        if self.parts.busy() > 0 {
            return Ok(Step::Wait);
        }
        if self.restarts_left == 0 {
            return Err(error);
        }
        self.restarts_left -= 1;
        cx.abandon(self.call);
        self.meter.forget_timer();
        self.record.remove(cx);
        Ok(self.begin(cx))
    }

    fn request(&self, cx: &mut Context, number: u32) {
        let mut draft = self.draft.clone();
        if !self.whole {
            let (offset, length) = self.parts.range(number);
            draft.room = length;
            let last = number_text(offset + length - 1.0);
            let range = ["bytes=", &number_text(offset), "-", &last].concat();
            draft.headers.push(("Range".to_owned(), range));
        }
        if let Some(etag) = self.reply.as_ref().map(Reply::etag)
            && !etag.is_empty()
        {
            set_header(&mut draft.headers, "If-Match", etag);
        }
        cx.send(self.owner(Tag::Part(number)), &self.task, draft, self.attempts);
    }

    fn answered(&mut self, cx: &mut Context, number: u32, reply: Reply) -> Result<Step, Error> {
        let total = range_total(&reply);
        match (&self.reply, total) {
            (Some(known), _) => {
                if total != Some(self.parts.size()) || reply.etag() != known.etag() {
                    cx.emit(Effect::Release { id: reply.send });
                    return self.changed(cx, number);
                }
            }
            (None, Some(size)) if !self.whole && !is_encoded(&reply) => {
                let part_size = part_size(size, self.part_size, MOST_RANGES);
                if part_size > self.part_size {
                    // Too many ranges: the first one is asked for again, as long as the others.
                    self.part_size = part_size;
                    cx.emit(Effect::Release { id: reply.send });
                    return Ok(self.begin(cx));
                }
                self.record.begin(&reply.etag(), cx.now);
                self.plan(cx, size);
            }
            (None, _) if !self.whole && reply.status == 206 => {
                // A range of what has no size, or of what the host decodes, is no use.
                cx.emit(Effect::Release { id: reply.send });
                self.whole = true;
                return Ok(self.begin(cx));
            }
            (None, _) => self.whole = true,
        }
        // How much a whole object is nobody knows before it is here.
        let length = if self.whole { -1.0 } else { self.parts.range(number).1 };
        let source = Source::Answer(reply.send);
        cx.read(self.owner(Tag::Part(number)), source, [0.0, length], length.max(0.0), false);
        self.reply.get_or_insert(reply);
        Ok(Step::Wait)
    }

    fn refused(&mut self, cx: &mut Context, number: u32, error: Error) -> Result<Step, Error> {
        match error.answer.status {
            412 | 416 if self.reply.is_some() => self.changed(cx, number),
            // Nothing has no ranges.
            416 if !self.whole => {
                self.whole = true;
                Ok(self.begin(cx))
            }
            _ => match result::forgiven(&self.draft, &cx.options, &error) {
                Some(result) => Ok(Step::Done(Ok(result))),
                None => Err(error),
            },
        }
    }

    /// The object is not the one that the other ranges are of.
    fn changed(&mut self, cx: &mut Context, number: u32) -> Result<Step, Error> {
        self.stale = true;
        self.parts.reject(number);
        self.fill(cx)
    }

    /// The ranges of `size` bytes, the first of which has been asked for.
    fn plan(&mut self, cx: &mut Context, size: f64) {
        self.record.of(Stat { size, modified: 0.0 }, self.part_size);
        self.parts = Parts::new(size, self.part_size);
        self.parts.start_next();
        self.meter = Meter::new(self.call, Measure::Upload, size, cx.now);
        self.meter.tell_now(cx);
    }

    // What an earlier attempt left.

    /// Looks at the partial file.
    fn look(&self, cx: &mut Context) -> Step {
        cx.stat(self.owner(Tag::Only), &self.partial);
        Step::Wait
    }

    /// The partial file as it is now: continued where it is still the one that was left.
    fn measured(&mut self, cx: &mut Context, stat: Option<Stat>) -> Result<Step, Error> {
        let is_left = stat.is_some_and(|stat| stat.size == self.parts.size());
        match (is_left, self.stage == Stage::Seeking) {
            (true, true) => {
                // While it is held there may be no room for what is to be digested, itself included.
                if let Some((read, _)) = self.parts.noted(1) {
                    cx.release(read);
                }
                self.parts.reject(1);
                self.verify_after(cx, 0)
            }
            (true, false) => self.fill(cx),
            (false, true) => self.write(cx, 1),
            (false, false) => Ok(self.begin(cx)),
        }
    }

    /// Digests the next range after this one that the record tells of: ranges are believed for what is
    /// in the file.
    fn verify_after(&mut self, cx: &mut Context, number: u32) -> Result<Step, Error> {
        for number in number + 1..=self.parts.count() {
            if self.record.sum(number).is_some() {
                let (offset, length) = self.parts.range(number);
                let source = Source::File(self.partial.clone());
                cx.read(self.owner(Tag::Verify(number)), source, [offset, length], length, false);
                return Ok(Step::Wait);
            }
        }
        self.stage = Stage::Filling;
        self.fill(cx)
    }

    // The ranges.

    /// Fills the window, or compares when nothing is left.
    fn fill(&mut self, cx: &mut Context) -> Result<Step, Error> {
        if self.stale {
            let message = "the object keeps changing while it is downloaded: try again later";
            let error = Error::new(ErrorKind::Conflict, "COS_OBJECT_CHANGED", message);
            return self.begin_again(cx, error);
        }
        if self.parts.complete() {
            return self.compare(cx);
        }
        while self.parts.busy() < self.parallel
            && let Some(number) = self.parts.start_next()
        {
            self.request(cx, number);
        }
        Ok(Step::Wait)
    }

    fn digested(
        &mut self,
        cx: &mut Context,
        number: u32,
        (read, sums): (u32, PartSums),
    ) -> Result<Step, Error> {
        let length = sums.length as f64;
        let told = self.reply.as_ref().and_then(told_length);
        let expected = if self.whole { told.unwrap_or(length) } else { self.parts.range(number).1 };
        if self.stale || expected != length {
            cx.release(read);
            if self.stale {
                return self.changed(cx, number);
            }
            return self.cut_short(cx, number, length);
        }
        if self.whole {
            self.part_size = length.max(1.0);
            self.plan(cx, length);
        }
        self.parts.note(number, read, sums);
        if self.stage == Stage::Seeking && self.parts.count() > 1 {
            cx.load(self.owner(Tag::Only), &self.record.key);
            return Ok(Step::Wait);
        }
        self.write(cx, number)
    }

    /// An answer has other bytes than it says.
    fn cut_short(&mut self, cx: &mut Context, number: u32, length: f64) -> Result<Step, Error> {
        if self.short_left == 0 {
            let message =
                ["answers end after ", &number_text(length), " bytes, again and again"].concat();
            let mut error = Error::new(ErrorKind::Network, "COS_INCOMPLETE_ANSWER", message);
            error.retry = Retry::Backoff;
            return Err(error);
        }
        self.short_left -= 1;
        if self.stage == Stage::Seeking {
            return Ok(self.begin(cx));
        }
        self.parts.reject(number);
        self.fill(cx)
    }

    /// Writes a range; the first one of a new file makes it, as large as the object.
    fn write(&mut self, cx: &mut Context, number: u32) -> Result<Step, Error> {
        if let Some((read, _)) = self.parts.noted(number) {
            let (offset, _) = self.parts.range(number);
            let size = if self.stage == Stage::Seeking { self.parts.size() } else { -1.0 };
            let path = self.partial.clone();
            cx.change(self.owner(Tag::Part(number)), |id| Effect::Write {
                id,
                read,
                path,
                offset,
                size,
            });
        }
        Ok(Step::Wait)
    }

    fn written(&mut self, cx: &mut Context, number: u32) -> Result<Step, Error> {
        self.stage = Stage::Filling;
        if let Some((read, sums)) = self.parts.noted(number) {
            cx.release(read);
            self.parts.confirm(number, String::new(), Some(sums.crc64));
            self.short_left = SHORT_ANSWERS;
            self.meter.advance(cx, self.parts.confirmed(), self.parts.size());
            if self.parts.count() > 1 {
                self.record.save_sometimes(cx, &self.parts);
            }
        }
        self.fill(cx)
    }

    // The file.

    /// The CRC64 of the object, where COS tells it and the bytes are the object's.
    fn expected(&self) -> Option<u64> {
        let reply = self.reply.as_ref().filter(|reply| self.plain && !is_encoded(reply));
        reply.and_then(Reply::crc64)
    }

    fn compare(&mut self, cx: &mut Context) -> Result<Step, Error> {
        if let (Some(stored), Some(sum)) = (self.expected(), self.parts.crc64())
            && stored != sum
        {
            let (stored, sum) = (crc64_text(stored), crc64_text(sum));
            let message = ["the object has CRC64 ", &stored, ", what arrived ", &sum].concat();
            return self.begin_again(cx, Error::integrity(message));
        }
        self.stage = Stage::Renaming;
        let (path, to) = (self.partial.clone(), self.path.clone());
        cx.change(self.owner(Tag::Complete), |id| Effect::Rename { id, path, to });
        Ok(Step::Wait)
    }

    fn done(&mut self, cx: &mut Context) -> Step {
        self.record.remove(cx);
        self.meter.complete(cx);
        let Some(reply) = &self.reply else { return Step::Wait };
        Step::Done(Ok(result::shape(&self.draft, &cx.options, reply)
            .with("FilePath", self.path.as_str())
            .with("size", self.parts.size())
            .with("crc64", crc64_text(self.parts.crc64().unwrap_or_default()))
            .with("verified", self.expected().is_some())))
    }

    /// What can be continued is kept; what is wrong goes.
    fn fail(&mut self, cx: &mut Context, error: Error) -> Step {
        cx.abandon(self.call);
        self.meter.forget_timer();
        if self.stale || (self.stage == Stage::Seeking && self.reply.is_some()) {
            self.discard(cx);
        } else {
            self.save(cx);
        }
        self.meter.tell_now(cx);
        Step::Done(Err(error))
    }

    fn save(&mut self, cx: &mut Context) {
        if self.stage != Stage::Seeking && self.parts.count() > 1 && !self.stale {
            self.record.save(cx, &self.parts);
        }
    }
}

/// The size of the object that an answer is a range of.
fn range_total(reply: &Reply) -> Option<f64> {
    let range = reply.header("content-range").filter(|_| reply.status == 206)?;
    let (_, total) = cut(range, b'/')?;
    parse_decimal(total).map(|total| total as f64).filter(|total| *total <= LARGEST_FILE)
}

/// How many bytes an answer says it has, as far as they are those that the host hands over.
fn told_length(reply: &Reply) -> Option<f64> {
    let length = reply.header("content-length").filter(|_| !is_encoded(reply))?;
    parse_decimal(length).map(|length| length as f64)
}

/// Whether hosts decode the bytes before they hand them over.
fn is_encoded(reply: &Reply) -> bool {
    reply.header("content-encoding").is_some_and(|encoding| !matches!(encoding, "" | "identity"))
}
