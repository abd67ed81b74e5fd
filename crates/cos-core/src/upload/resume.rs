//! Continuing what an earlier attempt left: by the record of this device, or by what COS knows of
//! the key and the bytes of the parts.

use super::PartUpload;
use crate::catalogue;
use crate::context::{Context, Tag};
use crate::digest::{PartSums, hex};
use crate::error::{Error, ErrorKind};
use crate::response::Reply;
use crate::result;
use crate::text::replace;
use crate::value::Value;

/// Pages of upload ids looked through for one to resume.
const MOST_PAGES: u32 = 10;

impl PartUpload {
    pub(super) fn record_loaded(&mut self, cx: &mut Context, found: &Value) {
        self.from_record = self.multipart.recall(cx, found);
        if !self.from_record {
            self.list_uploads(cx, &Value::map());
        }
    }

    /// Looks for an upload id to continue once more, from the start.
    pub(super) fn search_uploads(&mut self, cx: &mut Context) {
        self.candidates.clear();
        self.pages = 0;
        self.list_uploads(cx, &Value::map());
    }

    pub(super) fn list_uploads(&mut self, cx: &mut Context, page: &Value) {
        self.from_record = false;
        let draft = self.multipart.draft(
            &catalogue::LIST_UPLOADS,
            &[
                ("Prefix", self.multipart.params.get("Key").clone()),
                ("KeyMarker", page.get("NextKeyMarker").clone()),
                ("UploadIdMarker", page.get("NextUploadIdMarker").clone()),
            ],
        );
        self.multipart.request(cx, Tag::Uploads, draft);
    }

    pub(super) fn uploads_listed(&mut self, cx: &mut Context, reply: Result<Reply, Error>) {
        // Not being allowed to list only costs the chance to resume.
        let Ok(reply) = reply else { return self.next_candidate(cx) };
        let draft = self.multipart.draft(&catalogue::LIST_UPLOADS, &[]);
        let page = result::shape(&draft, &cx.options, &reply);
        let params = &self.multipart.params;
        let (key, class) = (params.get("Key").to_text(), params.get("StorageClass").to_text());
        for upload in page.get("Upload").items() {
            let same_class = class.is_empty()
                || upload.get("StorageClass").to_text().eq_ignore_ascii_case(&class);
            let upload_id = upload.get("UploadId").to_text();
            if same_class
                && upload.get("Key").to_text() == key
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
        self.multipart.drop_id(cx);
        while let Some(upload_id) = self.candidates.pop() {
            if !cx.uploads_in_use.contains(&upload_id) {
                return self.multipart.list_parts(cx, upload_id);
            }
        }
        self.multipart.init(cx);
    }

    pub(super) fn parts_listed(
        &mut self,
        cx: &mut Context,
        reply: Result<Reply, Error>,
    ) -> Result<(), Error> {
        match reply {
            Ok(reply) => {
                if self.multipart.parts_listed(cx, &reply) {
                    self.adopt(cx);
                }
            }
            Err(error) if self.from_record => match error.kind {
                ErrorKind::NotFound if self.multipart.record.was_completing() => {
                    self.multipart.confirm(cx);
                }
                ErrorKind::NotFound | ErrorKind::Denied => {
                    self.multipart.leave(cx);
                    self.multipart.record.remove(cx);
                    self.list_uploads(cx, &Value::map());
                }
                _ => return Err(error),
            },
            Err(_) => self.next_candidate(cx),
        }
        Ok(())
    }

    /// All parts of an upload id are known: which of them are those of this file?
    fn adopt(&mut self, cx: &mut Context) {
        let multipart = &mut self.multipart;
        if !multipart.parts.fit(&multipart.listed) {
            multipart.record.forget_sums();
            if self.from_record {
                multipart.leave(cx);
                return self.list_uploads(cx, &Value::map());
            }
            return self.next_candidate(cx);
        }
        self.to_verify.clear();
        for part in std::mem::take(&mut multipart.listed) {
            match multipart.record.sum(part.number) {
                Some(crc64) if self.from_record => {
                    multipart.parts.confirm(part.number, part.etag, Some(crc64));
                }
                _ => self.to_verify.push(part),
            }
        }
        self.to_verify.reverse();
        self.verify_next(cx);
    }

    fn verify_next(&mut self, cx: &mut Context) {
        match self.to_verify.last() {
            Some(part) => self.read(cx, Tag::Verify(part.number), part.number),
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
        (read, sums): (u32, PartSums),
    ) {
        cx.release(read);
        let Some(part) = self.to_verify.pop() else { return };
        // Of several candidates, each is digested from its start.
        self.hashed = (self.hashed + sums.length as f64).min(self.stat.size);
        self.hash_meter.advance(cx, self.hashed, self.stat.size);
        if sums.length as f64 == part.size && etag_matches(&part.etag, &sums) {
            self.multipart.parts.confirm(number, part.etag, Some(sums.crc64));
        } else if !self.from_record {
            // Another file under the same key: none of its parts are ours.
            self.multipart.parts.reset();
            self.to_verify.clear();
            return self.next_candidate(cx);
        }
        self.verify_next(cx);
    }
}

/// Whether an ETag of a part is the MD5 of these bytes.
fn etag_matches(etag: &str, sums: &PartSums) -> bool {
    sums.md5.is_some_and(|md5| replace(etag, "\"", "").eq_ignore_ascii_case(&hex(&md5)))
}
