//! What COS answers, in its own words.

use cos_core::digest::{crc64, crc64_text, hex, md5};
use cos_core::value::Value;

/// An HTTP answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers, in the case COS writes them in.
    pub headers: Vec<(String, String)>,
    /// A text, or null.
    pub body: Value,
}

/// An answer without headers and body.
pub fn status(status: u16) -> Answer {
    Answer { status, headers: Vec::new(), body: Value::Null }
}

/// A success with this body.
pub fn xml(body: &str) -> Answer {
    status(200).body(body)
}

/// A refusal: `<Error>` with a code and a message.
pub fn error(code: u16, name: &str, message: &str) -> Answer {
    status(code).body(&format!(
        "<?xml version='1.0' encoding='utf-8' ?>\n<Error>\n\t<Code>{name}</Code>\n\
         \t<Message>{message}</Message>\n</Error>\n"
    ))
}

/// What COS says of bytes it has stored.
pub fn stored(bytes: &[u8]) -> Answer {
    status(200)
        .header("ETag", &etag(bytes))
        .header("x-cos-hash-crc64ecma", &crc64_text(crc64(bytes)))
}

/// The ETag of bytes stored without encryption.
pub fn etag(bytes: &[u8]) -> String {
    format!("\"{}\"", hex(&md5(bytes)))
}

/// A new upload id.
pub fn initiated(upload_id: &str) -> Answer {
    xml(&format!(
        "<InitiateMultipartUploadResult><UploadId>{upload_id}</UploadId>\
         </InitiateMultipartUploadResult>"
    ))
}

/// Upload ids of a key, the oldest first.
pub fn uploads(key: &str, upload_ids: &[&str]) -> Answer {
    let uploads: String = upload_ids
        .iter()
        .map(|id| format!("<Upload><Key>{key}</Key><UploadId>{id}</UploadId></Upload>"))
        .collect();
    xml(&format!(
        "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>{uploads}\
         </ListMultipartUploadsResult>"
    ))
}

/// Parts of an upload id: number, ETag and size.
pub fn parts<'a>(parts: impl IntoIterator<Item = (u32, &'a str, u64)>) -> Answer {
    let parts: String = parts
        .into_iter()
        .map(|(number, etag, size)| {
            format!(
                "<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag><Size>{size}</Size>\
                 </Part>"
            )
        })
        .collect();
    xml(&format!("<ListPartsResult><IsTruncated>false</IsTruncated>{parts}</ListPartsResult>"))
}

/// A completed upload of these bytes, whose ETag is not an MD5.
pub fn completed(bytes: &[u8]) -> Answer {
    xml("<CompleteMultipartUploadResult><Location>x</Location><ETag>\"e-3\"</ETag>\
         </CompleteMultipartUploadResult>")
    .header("x-cos-hash-crc64ecma", &crc64_text(crc64(bytes)))
}

impl Answer {
    /// The same with a header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Answer {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with this text as its body.
    #[must_use]
    pub fn body(mut self, text: &str) -> Answer {
        self.body = text.into();
        self
    }
}
