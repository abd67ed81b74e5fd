//! Joining the parts, also when the answer to that is lost.

use super::{PartUpload, Stage};
use crate::catalogue;
use crate::context::{Context, Tag};
use crate::error::{Error, ErrorKind};
use crate::exchange::ATTEMPTS;
use crate::machine::Step;
use crate::response::{self, Reply};
use crate::value::Value;

/// Headers that COS wants with the completion.
const COMPLETE_HEADERS: [&str; 3] = ["x-cos-meta-", "x-cos-forbid-overwrite", "pic-operations"];

impl PartUpload {
    pub(super) fn complete(&mut self, cx: &mut Context) {
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

    pub(super) fn completed(&mut self, cx: &mut Context, reply: Result<Reply, Error>) -> Step {
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

    pub(super) fn confirm(&mut self, cx: &mut Context) {
        let draft = self.draft(&catalogue::HEAD_OBJECT, &[]);
        self.request(cx, Tag::Confirm, draft, ATTEMPTS);
    }

    /// HEAD decides: the object is there with this file's CRC64, or the upload begins again.
    pub(super) fn confirmed(&mut self, cx: &mut Context, reply: Result<Reply, Error>) -> Step {
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
            // Without leave to look, sending again is the only way to be sure.
            Ok(_) | Err(Error { kind: ErrorKind::NotFound | ErrorKind::Denied, .. })
                if self.restarts_left > 0 =>
            {
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
}
