//! Continuing what an earlier attempt left: by the record of this device, or by what COS knows of
//! the key and the bytes of the parts.

use super::{Listed, PartUpload};
use crate::catalogue;
use crate::context::{Context, Tag};
use crate::digest::{PartSums, hex};
use crate::effect::Source;
use crate::error::{Error, ErrorKind};
use crate::exchange::ATTEMPTS;
use crate::machine::Step;
use crate::response::{self, Reply};
use crate::value::Value;

/// Pages of upload ids looked through for one to resume.
const MOST_PAGES: u32 = 10;

impl PartUpload {
    pub(super) fn record_loaded(&mut self, cx: &mut Context, found: &Value) {
        match self.record.recall(found, cx.now) {
            Some(upload_id) if !cx.uploads_in_use.contains(&upload_id) => {
                self.from_record = true;
                self.list_parts(cx, upload_id);
            }
            _ => self.list_uploads(cx, &Value::map()),
        }
    }

    pub(super) fn list_uploads(&mut self, cx: &mut Context, page: &Value) {
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

    pub(super) fn uploads_listed(&mut self, cx: &mut Context, reply: Result<Reply, Error>) {
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

    pub(super) fn parts_listed(&mut self, cx: &mut Context, reply: Result<Reply, Error>) -> Step {
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
        let found = page.get("Part").items();
        for part in found {
            self.listed.push(Listed {
                number: part.get("PartNumber").as_number().unwrap_or(0.0) as u32,
                etag: part.get("ETag").to_text(),
                size: part.get("Size").as_number().unwrap_or(-1.0),
            });
        }
        let marker = page.get("NextPartNumberMarker");
        let goes_on = page.get("IsTruncated").to_text() == "true"
            && marker.is_truthy()
            && !found.is_empty()
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

    pub(super) fn verified(
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
        // Of several candidates, each is digested from its start.
        self.hashed = (self.hashed + sums.length as f64).min(self.stat.size);
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
}

/// Whether an ETag of a part is the MD5 of these bytes.
fn etag_matches(etag: &str, sums: &PartSums) -> bool {
    sums.md5.is_some_and(|md5| etag.trim_matches('"').eq_ignore_ascii_case(&hex(&md5)))
}
