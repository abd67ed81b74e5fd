//! [`Multipart`]: one upload id on its way to an object, whether a file or a copy fills its parts.
//! Joining the parts is here too, also when the answer to that is lost.

use crate::catalogue::{self, Operation};
use crate::context::{Context, Event, Owner, Stat, Tag};
use crate::digest::{crc64_text, decimal};
use crate::error::{Error, ErrorKind};
use crate::exchange::{ATTEMPTS, part_attempts};
use crate::machine::Step;
use crate::options::MIB;
use crate::parts::{Listed, Parts, part_size};
use crate::progress::{Measure, Meter};
use crate::record::{self, Record};
use crate::request::{CUSTOMER, Draft, chosen, headers};
use crate::response::{self, Reply};
use crate::result;
use crate::value::Value;

/// Times everything begins again because the upload id is gone.
const RESTARTS: u32 = 2;

/// What an upload id begins with while the call that has it is paused; the call and another one
/// follow. COS gives none like that.
const LENT: char = '~';

/// The upload id that is lent under this name.
fn lent(name: &str) -> Option<&str> {
    name.strip_prefix(LENT)?.split_once(LENT).map(|(_, upload_id)| upload_id)
}

/// The header that makes COS store other bytes than were sent.
pub const TRANSFORMS: &str = "pic-operations";

/// What an upload and a copy say and send differently.
#[derive(Debug)]
pub struct Manner {
    /// The error of an object that is not what its parts sum up to: before the CRC64 it has, before
    /// the one it should have, and after that.
    pub other_bytes: [&'static str; 3],
    /// The error of an upload id that keeps vanishing.
    pub gone: &'static str,
    /// How the caller's headers begin that the completion carries, in lower case.
    pub completion: &'static [&'static str],
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Looking for an upload id to continue, or getting a new one.
    Seeking,
    /// Filling parts.
    Sending,
    /// Completing, or finding out whether that has happened.
    Completing,
}

/// What an answer leads to.
pub enum Next {
    /// Nothing yet.
    Wait,
    /// There is a new upload id: fill its parts.
    Send,
    /// The object is there.
    Done(Value),
}

/// See the module.
#[derive(Debug)]
pub struct Multipart {
    /// The call.
    pub call: u32,
    /// Its parameters.
    pub params: Value,
    /// What of them becomes a header.
    pub given: Vec<(String, String)>,
    /// The request for a new upload id.
    pub init: Draft,
    /// The plan.
    pub parts: Parts,
    /// What a later call can continue from.
    pub record: Record,
    /// The upload id in use; empty before there is one.
    pub upload_id: String,
    /// The parts that COS has of it, as far as they are listed.
    pub listed: Vec<Listed>,
    /// How far it is.
    pub stage: Stage,
    /// CRC64 of the bytes, where it is known before they are read.
    pub expected: Option<u64>,
    /// Bytes in confirmed parts.
    pub meter: Meter,
    /// What a completion failed with that may have been carried out.
    unknown: Option<Error>,
    task: String,
    parallel: usize,
    attempts: u32,
    restarts_left: u32,
    manner: &'static Manner,
}

impl Multipart {
    /// Of a call, and of a task where `task` names one; `parallel` parts are under way at the same
    /// time, at most. Nothing is planned yet.
    pub fn new(
        cx: &Context,
        manner: &'static Manner,
        call: u32,
        task: &str,
        params: &Value,
        parallel: usize,
    ) -> Multipart {
        Multipart {
            call,
            params: params.clone(),
            given: headers(params),
            init: Draft::part_of(&catalogue::INIT, params, &[]),
            meter: Meter::new(call, Measure::Upload, 0.0, cx.now),
            parts: Parts::new(0.0, MIB),
            parallel,
            record: Record::new("", Stat { size: 0.0, modified: 0.0 }, MIB),
            upload_id: String::new(),
            listed: Vec::new(),
            stage: Stage::Seeking,
            expected: None,
            unknown: None,
            task: task.to_owned(),
            attempts: part_attempts(&cx.options),
            restarts_left: RESTARTS,
            manner,
        }
    }

    /// What is stored, in which parts, and how its record is named.
    pub fn plan(&mut self, cx: &Context, name: &str, bytes: Stat, wanted: f64) {
        let part_size = part_size(bytes.size, wanted, cx.options.max_part_number);
        self.record = Record::new(name, bytes, part_size);
        self.parts = self.record.parts();
        self.meter = Meter::new(self.call, Measure::Upload, bytes.size, cx.now);
    }

    /// An answer arrived that has to do with the upload id as a whole.
    ///
    /// # Errors
    /// The call has failed.
    pub fn handle(&mut self, cx: &mut Context, owner: Owner, event: Event) -> Result<Next, Error> {
        match (owner.tag, event) {
            (Tag::Progress, Event::Timer) => self.meter.handle_timer(cx),
            (Tag::Index, Event::Record(index)) => self.record.enter(cx, &index),
            (Tag::Init, Event::Reply(reply)) => return self.initiated(cx, &reply?),
            (Tag::Complete, Event::Reply(reply)) => return self.completed(cx, reply),
            (Tag::Confirm, Event::Reply(reply)) => return self.confirmed(cx, reply),
            _ => {}
        }
        Ok(Next::Wait)
    }

    /// The call, asking this.
    pub fn owner(&self, tag: Tag) -> Owner {
        Owner { call: self.call, tag }
    }

    /// A request for the object with these parameters besides.
    pub fn draft(&self, operation: &'static Operation, extra: &[(&str, Value)]) -> Draft {
        Draft::part_of(operation, &self.params, extra)
    }

    /// Sends a request.
    pub fn request(&self, cx: &mut Context, tag: Tag, draft: Draft) {
        cx.send(self.owner(tag), &self.task, draft, ATTEMPTS);
    }

    /// Sends a request that moves parts.
    pub fn request_often(&self, cx: &mut Context, tag: Tag, draft: Draft) {
        cx.send(self.owner(tag), &self.task, draft, self.attempts);
    }

    /// The caller's headers whose lower-case name starts with one of `prefixes`.
    pub fn headers_for(&self, prefixes: &[&str]) -> Vec<(String, String)> {
        chosen(&self.given, prefixes)
    }

    // The upload id.

    /// Takes up the upload id of a record, if it is of the same bytes and nobody's; whether it is.
    pub fn recall(&mut self, cx: &mut Context, stored: &Value) -> bool {
        match self.record.recall(stored, cx.now) {
            Some(upload_id) if !cx.uploads_in_use.contains(&upload_id) => {
                self.parts = self.record.parts();
                self.list_parts(cx, upload_id);
                true
            }
            _ => false,
        }
    }

    /// Takes up this upload id and asks for its parts.
    pub fn list_parts(&mut self, cx: &mut Context, upload_id: String) {
        self.listed.clear();
        self.hold(cx, upload_id);
        self.list_parts_from(cx, Value::Null);
    }

    fn list_parts_from(&self, cx: &mut Context, marker: Value) {
        let draft = self.draft(
            &catalogue::LIST_PARTS,
            &[("UploadId", self.upload_id.as_str().into()), ("PartNumberMarker", marker)],
        );
        self.request(cx, Tag::Parts, draft);
    }

    /// Takes in a page of parts and asks for the next one; whether it was the last.
    pub fn parts_listed(&mut self, cx: &mut Context, reply: &Reply) -> bool {
        let page = result::shape(&self.draft(&catalogue::LIST_PARTS, &[]), &cx.options, reply);
        let marker = self.parts.read_page(&page, &mut self.listed);
        let was_last = marker.is_none();
        if let Some(marker) = marker {
            self.list_parts_from(cx, marker);
        }
        was_last
    }

    /// Gets a new upload id.
    pub fn init(&self, cx: &mut Context) {
        self.request(cx, Tag::Init, self.init.clone());
    }

    fn initiated(&mut self, cx: &mut Context, reply: &Reply) -> Result<Next, Error> {
        let upload_id = reply.body.get("InitiateMultipartUploadResult").get("UploadId").to_text();
        if upload_id.is_empty() {
            return Err(Error::new(ErrorKind::Server, "COS_INCOMPLETE_ANSWER", "no upload id"));
        }
        if cx.uploads_in_use.contains(&upload_id) && self.may_restart() {
            // Another call found it in a list of uploads before this answer came: it is theirs.
            self.init(cx);
            return Ok(Next::Wait);
        }
        self.hold(cx, upload_id);
        Ok(Next::Send)
    }

    fn hold(&mut self, cx: &mut Context, upload_id: String) {
        // Whoever has paused with it does not have it any more.
        cx.uploads_in_use.retain(|used| lent(used) != Some(&upload_id));
        cx.uploads_in_use.extend([upload_id.clone(), self.record.key.clone()]);
        self.upload_id = upload_id;
    }

    /// Lets other calls have the upload id for as long as this one is paused.
    pub fn lend(&mut self, cx: &mut Context) {
        if self.upload_id.is_empty() || lent(&self.upload_id).is_some() {
            return;
        }
        let lent = ["~", &decimal(self.call.into()), "~", &self.upload_id].concat();
        for used in &mut cx.uploads_in_use {
            if *used == self.upload_id {
                used.clone_from(&lent);
            }
        }
        self.upload_id = lent;
    }

    /// After [`lend`](Self::lend): has the upload id again, unless another call has had it meanwhile.
    pub fn take_back(&mut self, cx: &mut Context) -> bool {
        let upload_id = self.own_id(cx).to_owned();
        if !upload_id.is_empty() {
            self.hold(cx, upload_id);
            return true;
        }
        self.drop_id(cx);
        false
    }

    /// The upload id, if there is one that no other call has; also of a paused one.
    pub fn own_id(&self, cx: &Context) -> &str {
        match lent(&self.upload_id) {
            Some(_) if !cx.uploads_in_use.contains(&self.upload_id) => "",
            lent => lent.unwrap_or(&self.upload_id),
        }
    }

    /// Lets other calls have the upload id.
    pub fn leave(&self, cx: &mut Context) {
        cx.leave(&self.upload_id);
        cx.leave(&self.record.key);
    }

    /// Lets other calls have the upload id, and has none any more.
    pub fn drop_id(&mut self, cx: &mut Context) {
        self.leave(cx);
        self.upload_id.clear();
    }

    /// Has no upload id and no parts, and is going to look for some.
    pub fn seek(&mut self, cx: &mut Context) {
        self.drop_id(cx);
        self.parts.reset();
        self.stage = Stage::Seeking;
    }

    /// Takes one of the times that everything may begin again, if any is left.
    pub fn may_restart(&mut self) -> bool {
        let may = self.restarts_left > 0;
        self.restarts_left -= u32::from(may);
        may
    }

    /// The upload id is gone, or its parts are none of ours: everything from the start, with a new
    /// one.
    pub fn begin_again(&mut self, cx: &mut Context) {
        cx.abandon(self.call);
        self.seek(cx);
        self.meter.forget_timer();
        self.record.remove(cx);
        self.record.forget_sums();
        self.init(cx);
    }

    // The parts.

    /// Parts are going to be filled.
    pub fn begin_sending(&mut self, cx: &mut Context) {
        self.stage = Stage::Sending;
        self.record.begin(&self.upload_id, cx.now);
        self.record.save(cx, &self.parts);
        cx.load(self.owner(Tag::Index), record::INDEX);
    }

    /// The next part to fill, while there is room for it. Completes when nothing is left.
    pub fn next_part(&mut self, cx: &mut Context) -> Option<u32> {
        if self.parts.complete() {
            self.complete(cx);
            return None;
        }
        if self.parts.busy() < self.parallel { self.parts.start_next() } else { None }
    }

    /// COS has a part.
    pub fn confirm_part(&mut self, cx: &mut Context, number: u32, etag: String, sum: Option<u64>) {
        self.parts.confirm(number, etag, sum);
        self.meter.advance(cx, self.parts.confirmed(), self.parts.size());
        self.record.save_sometimes(cx, &self.parts);
    }

    /// A part was refused: begins again where that helps.
    ///
    /// # Errors
    /// It does not.
    pub fn refused(&mut self, cx: &mut Context, error: Error) -> Result<Step, Error> {
        if error.code != "NoSuchUpload" || !self.may_restart() {
            return Err(error);
        }
        self.begin_again(cx);
        Ok(Step::Wait)
    }

    /// Stops for a pause: confirmed parts stay confirmed.
    pub fn stop(&mut self, cx: &mut Context) {
        self.parts.stop();
        self.meter.forget_timer();
        if self.stage != Stage::Seeking {
            self.record.save(cx, &self.parts);
        }
    }

    // The object.

    /// Joins the parts.
    pub fn complete(&mut self, cx: &mut Context) {
        self.stage = Stage::Completing;
        self.record.note_completing();
        self.record.save(cx, &self.parts);
        let mut draft = self.draft(
            &catalogue::COMPLETE,
            &[("UploadId", self.upload_id.as_str().into()), ("Parts", self.parts.completion())],
        );
        draft.headers.extend(self.headers_for(self.manner.completion));
        self.request_often(cx, Tag::Complete, draft);
    }

    fn completed(&mut self, cx: &mut Context, reply: Result<Reply, Error>) -> Result<Next, Error> {
        match reply {
            Ok(reply) => {
                let draft = self.draft(&catalogue::COMPLETE, &[]);
                let result = result::shape(&draft, &cx.options, &reply);
                self.finish(cx, &reply, result)
            }
            // An attempt whose answer was lost may have completed it.
            Err(error) if error.code == "NoSuchUpload" || response::is_unknown(&error) => {
                self.confirm(cx);
                self.unknown = (error.code != "NoSuchUpload").then_some(error);
                Ok(Next::Wait)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether the object is there already.
    pub fn confirm(&self, cx: &mut Context) {
        let mut draft = self.draft(&catalogue::HEAD_OBJECT, &[]);
        draft.headers.extend(self.headers_for(&[CUSTOMER]));
        self.request(cx, Tag::Confirm, draft);
    }

    /// HEAD decides: the object is there with the CRC64 it must have, or all begins again.
    fn confirmed(&mut self, cx: &mut Context, reply: Result<Reply, Error>) -> Result<Next, Error> {
        match reply {
            Ok(reply) if reply.crc64().is_some() && reply.crc64() == self.sum() => {
                let draft = self.draft(&catalogue::COMPLETE, &[]);
                let result = result::completion(&draft, &cx.options, &reply);
                self.finish(cx, &reply, result)
            }
            // The upload id is still there: a later call completes it.
            _ if self.unknown.is_some() => self.unknown.take().map_or(Ok(Next::Wait), Err),
            // Without leave to look, sending again is the only way to be sure.
            Ok(_) | Err(Error { kind: ErrorKind::NotFound | ErrorKind::Denied, .. })
                if self.may_restart() =>
            {
                self.begin_again(cx);
                Ok(Next::Wait)
            }
            Ok(_) => Err(Error::new(ErrorKind::NotFound, "NoSuchUpload", self.manner.gone)),
            Err(error) => Err(error),
        }
    }

    /// The CRC64 that the object must have, as far as that is known.
    fn sum(&self) -> Option<u64> {
        let of_parts = || self.parts.crc64().or_else(|| self.record.whole_sum(&self.parts));
        self.expected.or_else(of_parts)
    }

    fn finish(&mut self, cx: &mut Context, reply: &Reply, result: Value) -> Result<Next, Error> {
        self.record.remove(cx);
        self.compare(reply)?;
        self.meter.complete(cx);
        Ok(Next::Done(result))
    }

    /// Whether the object that an answer tells of has the bytes it must have, as far as both are known.
    ///
    /// # Errors
    /// It has others.
    pub fn compare(&self, reply: &Reply) -> Result<(), Error> {
        let transforms = self.headers_for(self.manner.completion);
        let transforms = transforms.iter().any(|(name, _)| name.eq_ignore_ascii_case(TRANSFORMS));
        if let (Some(stored), Some(expected), false) = (reply.crc64(), self.sum(), transforms)
            && stored != expected
        {
            let [has, should_have, advice] = self.manner.other_bytes;
            let message =
                [has, &crc64_text(stored), should_have, &crc64_text(expected), advice].concat();
            return Err(Error::integrity(message));
        }
        Ok(())
    }

    /// The call has failed. What COS has is kept for the next one, unless it is wrong.
    pub fn fail(&mut self, cx: &mut Context, error: Error) -> Step {
        cx.abandon(self.call);
        if self.stage != Stage::Seeking && error.kind != ErrorKind::Integrity {
            self.record.save(cx, &self.parts);
        }
        self.meter.forget_timer();
        self.meter.tell_now(cx);
        Step::Done(Err(error))
    }
}
