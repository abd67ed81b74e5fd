//! `sliceCopyFile`: look at the source, copy it in one request or in parts, complete, compare.
//!
//! ```text
//! HEAD source --small--> copy --> done
//!      \--large--> load record --known--> list parts --+--> copy parts --> complete --> done
//!                        \--unknown--> init -----------/          ^          |
//!                                       ^-- upload id is gone -----+       confirm (answer lost)
//! ```

mod source;

pub use source::Source;

use crate::catalogue;
use crate::context::{Context, Event, Owner, Stat, Tag};
use crate::error::{Error, ErrorKind, headers_value};
use crate::machine::Step;
use crate::multipart::{Manner, Multipart, Next, Stage};
use crate::progress::{Measure, Meter};
use crate::record;
use crate::request::{CUSTOMER, Draft, header, set_header};
use crate::response::Reply;
use crate::result;
use crate::value::{Value, number_text};

/// Headers of the source that its copy gets; its metadata besides.
const KEPT: [&str; 6] = [
    "Cache-Control",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Type",
    "Expires",
    "x-cos-storage-class",
];

const METADATA: &str = "x-cos-meta-";

/// Headers that speak of the source, which only the requests that read it may carry.
const OF_SOURCE: &str = "x-cos-copy-source";

/// What of the caller's goes along with every part: conditions on the source, and the keys of both
/// objects.
const PART_HEADERS: [&str; 2] = ["x-cos-copy-source-", CUSTOMER];

static MANNER: Manner = Manner {
    other_bytes: ["the copy has CRC64 ", ", the source had ", ": copy again"],
    gone: "the upload id is gone and the object is no copy of the source: copy again",
    completion: &["x-cos-forbid-overwrite"],
};

/// See the module.
#[derive(Debug)]
pub struct ObjectCopy {
    multipart: Multipart,
    source: Source,
}

impl ObjectCopy {
    /// A copy; its parts are planned once the size of the source is known.
    ///
    /// # Errors
    /// `CopySource` is of no known form.
    pub fn new(cx: &Context, call: u32, params: &Value) -> Result<ObjectCopy, Error> {
        let parallel = cx.options.copy_parallel_limit;
        Ok(ObjectCopy {
            source: Source::of(params)?,
            multipart: Multipart::new(cx, &MANNER, call, "", params, parallel),
        })
    }

    /// Begins: how large is the source?
    pub fn start(&self, cx: &mut Context) {
        let draft = Draft::new(&catalogue::HEAD_OBJECT, &self.source.params());
        self.multipart.request(cx, Tag::Source, draft);
    }

    /// Lets other calls have the upload id.
    pub fn leave(&self, cx: &mut Context) {
        self.multipart.leave(cx);
    }

    /// An answer arrived.
    pub fn handle(&mut self, cx: &mut Context, owner: Owner, event: Event) -> Step {
        self.react(cx, owner, event).unwrap_or_else(|error| match self.multipart.stage {
            Stage::Seeking => Step::Done(Err(error)),
            Stage::Sending | Stage::Completing => self.multipart.fail(cx, error),
        })
    }

    fn react(&mut self, cx: &mut Context, owner: Owner, event: Event) -> Result<Step, Error> {
        match (owner.tag, event) {
            (Tag::Source, Event::Reply(reply)) => self.found(cx, reply)?,
            (Tag::Copy, Event::Reply(reply)) => return self.copied(cx, reply),
            (Tag::Only, Event::Record(stored)) => {
                if !self.multipart.recall(cx, &stored) {
                    self.multipart.init(cx);
                }
            }
            (Tag::Parts, Event::Reply(reply)) => self.parts_listed(cx, reply),
            (Tag::Part(number), Event::Reply(reply)) => {
                return self.part_copied(cx, number, reply);
            }
            (_, event) => match self.multipart.handle(cx, owner, event)? {
                Next::Wait => {}
                Next::Send => self.begin_copying(cx),
                Next::Done(result) => return Ok(Step::Done(Ok(result))),
            },
        }
        Ok(Step::Wait)
    }

    // The source.

    fn found(&mut self, cx: &mut Context, reply: Result<Reply, Error>) -> Result<(), Error> {
        let reply = reply.map_err(|mut error| {
            if error.answer.status == 404 {
                // As upstream words it, and where.
                error.message = [&self.source.key, " Not Exist"].concat();
                error.detail = error.message.as_str().into();
                error.answer.error_status.clone_from(&error.message);
            }
            error
        })?;
        let length = Value::from(reply.header("content-length").unwrap_or_default());
        let Some(size) = length.as_number() else {
            return Err(Error::new(
                ErrorKind::Server,
                "COS_INCOMPLETE_ANSWER",
                "get Content-Length error, please add \"Content-Length\" to CORS ExposeHeader setting.",
            ));
        };
        let multipart = &mut self.multipart;
        multipart.meter = Meter::new(multipart.call, Measure::Upload, size, cx.now);
        multipart.expected = reply.crc64();
        let params = &multipart.params;
        let number = |name: &str| params.get(name).as_number().filter(|size| size.is_finite());
        if size <= number("CopySliceSize").unwrap_or(cx.options.copy_slice_size).max(0.0) {
            let mut draft = Draft::new(&catalogue::PUT_OBJECT_COPY, params);
            if header(&draft.headers, "x-cos-metadata-directive").is_none_or(str::is_empty) {
                set_header(&mut draft.headers, "x-cos-metadata-directive", "Copy".to_owned());
            }
            multipart.request(cx, Tag::Copy, draft);
            return Ok(());
        }
        let class = reply.header("x-cos-storage-class").unwrap_or_default();
        let restored = reply.header("x-cos-restore").unwrap_or_default();
        if matches!(class, "ARCHIVE" | "DEEP_ARCHIVE")
            && (restored.is_empty() || restored.starts_with("ongoing-request=\"true\""))
        {
            return Err(Error::new(
                ErrorKind::Conflict,
                "InvalidObjectState",
                "Unrestored archive object is not allowed to be copied",
            ));
        }
        let wanted = number("CopyChunkSize").filter(|size| *size > 0.0);
        self.plan(cx, &reply, size, wanted.unwrap_or(cx.options.copy_chunk_size));
        cx.load(self.multipart.owner(Tag::Only), &self.multipart.record.key);
        Ok(())
    }

    /// The source is known: what its copy is to be, and in which parts.
    fn plan(&mut self, cx: &Context, source: &Reply, size: f64, wanted: f64) {
        let multipart = &mut self.multipart;
        let text = |name: &str| multipart.params.get(name).to_text();
        let modified = source.header("last-modified").unwrap_or_default();
        let identity = [
            &text("CopySource"),
            &source.etag(),
            modified,
            &text("Bucket"),
            &text("Region"),
            &text("Key"),
        ];
        multipart.plan(cx, &record::name(&identity), Stat { size, modified: 0.0 }, wanted);
        let mut headers = Vec::new();
        let replaced = header(&multipart.given, "x-cos-metadata-directive")
            .is_some_and(|directive| directive.eq_ignore_ascii_case("Replaced"));
        let of_source = KEPT.iter().map(|name| (*name, source.header(name))).chain(
            source
                .headers
                .iter()
                .filter(|(name, _)| name.starts_with(METADATA) && name.len() > METADATA.len())
                .map(|(name, value)| (name.as_str(), Some(value.as_str()))),
        );
        for (name, value) in of_source {
            if let Some(value) = value
                && (!replaced || name == "x-cos-storage-class")
            {
                set_header(&mut headers, name, value.to_owned());
            }
        }
        for (name, value) in &multipart.given {
            let lower = name.to_ascii_lowercase();
            let is_ours = if replaced {
                !matches!(lower.as_str(), "content-length" | "content-md5")
            } else {
                // What is no metadata counts in either case: access, encryption, storage class.
                lower.starts_with("x-cos-") && !lower.starts_with(METADATA)
            };
            if is_ours && lower != "x-cos-metadata-directive" && !lower.starts_with(OF_SOURCE) {
                set_header(&mut headers, name, value.clone());
            }
        }
        multipart.init = multipart.draft(&catalogue::INIT, &[("Headers", headers_value(&headers))]);
    }

    // In one request.

    fn copied(&mut self, cx: &mut Context, reply: Result<Reply, Error>) -> Result<Step, Error> {
        if reply.is_err() {
            self.multipart.meter.tell_now(cx);
        }
        let reply = reply?;
        self.multipart.compare(&reply)?;
        self.multipart.meter.complete(cx);
        let draft = self.multipart.draft(&catalogue::PUT_OBJECT_COPY, &[]);
        Ok(Step::Done(Ok(result::shape(&draft, &cx.options, &reply))))
    }

    // In parts.

    fn parts_listed(&mut self, cx: &mut Context, reply: Result<Reply, Error>) {
        let multipart = &mut self.multipart;
        match reply {
            Ok(reply) => {
                if !multipart.parts_listed(cx, &reply) {
                    return;
                }
                if !multipart.parts.fit(&multipart.listed) {
                    return multipart.begin_again(cx);
                }
                for part in std::mem::take(&mut multipart.listed) {
                    let sum = multipart.record.sum(part.number);
                    multipart.parts.confirm(part.number, part.etag, sum);
                }
                self.begin_copying(cx);
            }
            // The answer to its completion may be all that is missing.
            Err(error)
                if error.kind == ErrorKind::NotFound && multipart.record.was_completing() =>
            {
                multipart.confirm(cx);
            }
            Err(_) => multipart.begin_again(cx),
        }
    }

    fn begin_copying(&mut self, cx: &mut Context) {
        self.multipart.begin_sending(cx);
        self.go_on(cx);
    }

    /// Fills the window, or completes when nothing is left.
    fn go_on(&mut self, cx: &mut Context) {
        let multipart = &mut self.multipart;
        while let Some(number) = multipart.next_part(cx) {
            let (offset, length) = multipart.parts.range(number);
            let (first, last) = (number_text(offset), number_text(offset + length - 1.0));
            let mut draft = multipart.draft(
                &catalogue::UPLOAD_PART_COPY,
                &[
                    ("PartNumber", number.into()),
                    ("UploadId", multipart.upload_id.as_str().into()),
                    ("CopySourceRange", ["bytes=", &first, "-", &last].concat().into()),
                ],
            );
            draft.headers.extend(multipart.headers_for(&PART_HEADERS));
            multipart.request_often(cx, Tag::Part(number), draft);
        }
    }

    fn part_copied(
        &mut self,
        cx: &mut Context,
        number: u32,
        reply: Result<Reply, Error>,
    ) -> Result<Step, Error> {
        let reply = match reply {
            Ok(reply) => reply,
            Err(error) => return self.multipart.refused(cx, error),
        };
        let etag = reply.body.get("CopyPartResult").get("ETag").to_text();
        self.multipart.confirm_part(cx, number, etag, reply.crc64());
        self.go_on(cx);
        Ok(Step::Wait)
    }
}
